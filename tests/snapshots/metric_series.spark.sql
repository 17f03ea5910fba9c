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
), measured AS (
  SELECT
    scoped_sessions.*
  FROM scoped_sessions
), numbers AS (
  SELECT
    CAST(DATE_TRUNC(:grain, day) AS DATE) AS start,
    1 AS counted,
    1 AS n,
    CASE WHEN errors > 0 THEN 1e0 ELSE 0e0 END AS x
  FROM measured
)
SELECT
  start,
  CAST(SUM(counted) AS BIGINT) AS sessions,
  CAST(SUM(n) AS DOUBLE) AS n,
  COALESCE(SUM(x), 0e0) AS total,
  COALESCE(SUM(x * x), 0e0) AS squares,
  SUM(x) / NULLIF(SUM(n), 0) AS value
FROM numbers
GROUP BY
  start
ORDER BY
  start NULLS LAST
