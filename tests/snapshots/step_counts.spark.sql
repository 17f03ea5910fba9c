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
), found AS (
  SELECT
    session_key,
    user_key,
    MAX(
      CASE
        WHEN name = :step_1_name AND COALESCE(page LIKE :step_1_page ESCAPE '!', FALSE)
        THEN 1
        ELSE 0
      END
    ) AS did_1,
    MAX(CASE WHEN name = :step_2_name THEN 1 ELSE 0 END) AS did_2,
    MAX(CASE WHEN name = :step_3_name THEN 1 ELSE 0 END) AS did_3
  FROM scoped
  WHERE
    (
      name = :step_1_name AND COALESCE(page LIKE :step_1_page ESCAPE '!', FALSE)
    )
    OR (
      name = :step_2_name
    )
    OR (
      name = :step_3_name
    )
  GROUP BY
    session_key,
    user_key
)
SELECT
  1 AS step,
  COUNT(DISTINCT session_key) AS sessions,
  COUNT(DISTINCT user_key) AS people
FROM found
WHERE
  did_1 = 1
UNION ALL
SELECT
  2 AS step,
  COUNT(DISTINCT session_key) AS sessions,
  COUNT(DISTINCT user_key) AS people
FROM found
WHERE
  did_2 = 1
UNION ALL
SELECT
  3 AS step,
  COUNT(DISTINCT session_key) AS sessions,
  COUNT(DISTINCT user_key) AS people
FROM found
WHERE
  did_3 = 1
ORDER BY
  step NULLS LAST
