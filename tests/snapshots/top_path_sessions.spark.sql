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
), scoped_visits AS (
  SELECT
    *
  FROM visits
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), stays AS (
  SELECT
    session_key,
    visit_no AS place,
    CASE
      WHEN page LIKE :group_1 ESCAPE '!'
      THEN :group_name_1
      WHEN page LIKE :group_2 ESCAPE '!'
      THEN :group_name_2
      ELSE page
    END AS item,
    entered_ms AS at_ms
  FROM scoped_visits
  WHERE
    viewed
), kept AS (
  SELECT
    session_key,
    place,
    item,
    at_ms
  FROM stays
  WHERE
    TRUE
), placed AS (
  SELECT
    session_key,
    session_key AS unit,
    CAST(0 AS BIGINT) AS begun,
    place,
    item,
    at_ms
  FROM kept
), items AS (
  SELECT
    session_key,
    unit,
    begun,
    place,
    item,
    at_ms
  FROM (
    SELECT
      *,
      LEAD(item) OVER (
        PARTITION BY unit
        ORDER BY begun NULLS LAST, session_key NULLS LAST, place NULLS LAST
      ) AS following
    FROM placed
  ) AS neighbours
  WHERE
    following IS NULL OR following <> item
), walked AS (
  SELECT
    session_key,
    LISTAGG(item, :between) WITHIN GROUP (ORDER BY
      place NULLS LAST) AS path,
    COUNT(*) AS items
  FROM items
  GROUP BY
    session_key
), members AS (
  SELECT
    session_key
  FROM walked
  WHERE
    path = :path
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
), scoped_visits AS (
  SELECT
    *
  FROM visits
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), stays AS (
  SELECT
    session_key,
    visit_no AS place,
    CASE
      WHEN page LIKE :group_1 ESCAPE '!'
      THEN :group_name_1
      WHEN page LIKE :group_2 ESCAPE '!'
      THEN :group_name_2
      ELSE page
    END AS item,
    entered_ms AS at_ms
  FROM scoped_visits
  WHERE
    viewed
), kept AS (
  SELECT
    session_key,
    place,
    item,
    at_ms
  FROM stays
  WHERE
    TRUE
), placed AS (
  SELECT
    session_key,
    session_key AS unit,
    CAST(0 AS BIGINT) AS begun,
    place,
    item,
    at_ms
  FROM kept
), items AS (
  SELECT
    session_key,
    unit,
    begun,
    place,
    item,
    at_ms
  FROM (
    SELECT
      *,
      LEAD(item) OVER (
        PARTITION BY unit
        ORDER BY begun NULLS LAST, session_key NULLS LAST, place NULLS LAST
      ) AS following
    FROM placed
  ) AS neighbours
  WHERE
    following IS NULL OR following <> item
), walked AS (
  SELECT
    session_key,
    LISTAGG(item, :between) WITHIN GROUP (ORDER BY
      place NULLS LAST) AS path,
    COUNT(*) AS items
  FROM items
  GROUP BY
    session_key
), members AS (
  SELECT
    session_key
  FROM walked
  WHERE
    path = :path
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
