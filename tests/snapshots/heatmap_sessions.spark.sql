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
), scoped_clicks AS (
  SELECT
    *
  FROM clicks
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), members AS (
  SELECT DISTINCT
    session_key
  FROM scoped_clicks
  WHERE
    TRUE
    AND page = :page
    AND viewport_width BETWEEN :narrow AND :wide
    AND element_key IN (
      SELECT
        element_key
      FROM elements
      WHERE
        called = :element
    )
), found AS (
  SELECT
    session_id,
    start,
    COUNT(*) OVER () AS total
  FROM scoped_sessions
  WHERE
    session_key IN (
      SELECT
        session_key
      FROM members
    )
)
SELECT
  session_id,
  total
FROM found
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
), scoped_clicks AS (
  SELECT
    *
  FROM clicks
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), members AS (
  SELECT DISTINCT
    session_key
  FROM scoped_clicks
  WHERE
    TRUE
    AND page = :page
    AND viewport_width BETWEEN :narrow AND :wide
    AND element_key IN (
      SELECT
        element_key
      FROM elements
      WHERE
        called = :element
    )
)
SELECT
  COUNT(*) AS total
FROM scoped_sessions
WHERE
  session_key IN (
    SELECT
      session_key
    FROM members
  )
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
), scoped_clicks AS (
  SELECT
    *
  FROM clicks
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
)
SELECT
  COUNT(*) AS events
FROM scoped_clicks
WHERE
  TRUE
  AND page = :page
  AND viewport_width BETWEEN :narrow AND :wide
  AND element_key IN (
    SELECT
      element_key
    FROM elements
    WHERE
      called = :element
  )
