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
    session_id,
    start,
    CASE WHEN errors > 0 THEN 1e0 ELSE 0e0 END AS value
  FROM measured
), listed AS (
  SELECT
    session_id,
    start,
    value,
    COUNT(*) OVER () AS total
  FROM numbers
  WHERE
    value > 0
)
SELECT
  session_id,
  total
FROM listed
ORDER BY
  start DESC,
  session_id NULLS LAST
LIMIT :limit
OFFSET :offset
;
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
    session_id,
    start,
    CASE WHEN errors > 0 THEN 1e0 ELSE 0e0 END AS value
  FROM measured
), listed AS (
  SELECT
    session_id,
    start,
    value,
    COUNT(*) OVER () AS total
  FROM numbers
  WHERE
    value > 0
)
SELECT
  COUNT(*) AS total
FROM listed
