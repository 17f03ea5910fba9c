WITH scoped_sessions AS (
  SELECT
    *
  FROM sessions
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND COALESCE(ARRAY_CONTAINS(:scope_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:scope_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :scope_start
        AND day < :scope_stop
        AND COALESCE(name = :scope_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :scope_start
          AND day < :scope_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:scope_where_2_1_key], '') = :scope_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :scope_where_2_2_value, FALSE)
    )
), scoped AS (
  SELECT
    *
  FROM events
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), reached AS (
  SELECT
    session_key,
    MIN(CASE WHEN (
      name = :before_name
    ) THEN position END) AS reached_at
  FROM scoped
  WHERE
    (
      name = :repeated_name AND COALESCE(page LIKE :repeated_page ESCAPE '!', FALSE)
    )
    OR (
      name = :before_name
    )
  GROUP BY
    session_key
), counted AS (
  SELECT
    events.session_key,
    MAX(CASE WHEN reached_at IS NULL THEN 0 ELSE 1 END) AS reached,
    COUNT(
      CASE
        WHEN (
          name = :repeated_name AND COALESCE(page LIKE :repeated_page ESCAPE '!', FALSE)
        )
        AND (
          reached_at IS NULL OR position < reached_at
        )
        THEN 1
      END
    ) AS times
  FROM scoped AS events
  JOIN reached
    ON reached.session_key = events.session_key
  GROUP BY
    events.session_key
)
SELECT
  reached,
  times,
  COUNT(*) AS sessions,
  CAST(SUM(times) AS BIGINT) AS total,
  MEDIAN(CASE WHEN times > 0 THEN times END) AS median
FROM counted
GROUP BY
  GROUPING SETS (
    (reached, times),
    (
      reached
    )
  )
ORDER BY
  reached DESC,
  times NULLS LAST
