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
), daily AS (
  SELECT
    day,
    release,
    COUNT(*) AS sessions
  FROM scoped_sessions
  GROUP BY
    day,
    release
), usual AS (
  SELECT
    release AS known
  FROM daily
  WHERE
    NOT release IS NULL
  GROUP BY
    release
  ORDER BY
    SUM(sessions) DESC,
    release NULLS LAST
  LIMIT :limit
)
SELECT
  day,
  known AS release,
  CAST(SUM(sessions) AS BIGINT) AS sessions,
  CAST(SUM(CASE WHEN release IS NULL THEN sessions ELSE 0 END) AS BIGINT) AS without
FROM daily
LEFT JOIN usual
  ON known = release
GROUP BY
  day,
  known
ORDER BY
  day NULLS LAST,
  sessions DESC,
  release NULLS LAST
