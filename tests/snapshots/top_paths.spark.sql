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
), reached AS (
  SELECT DISTINCT
    session_key AS reached_key
  FROM scoped
  WHERE
    name = :goal_name
), told AS (
  SELECT
    path,
    items,
    duration_ms,
    errors,
    CASE WHEN reached_key IS NULL THEN 0 ELSE 1 END AS converted
  FROM walked
  JOIN (
    SELECT
      session_key AS key_,
      duration_ms,
      errors
    FROM scoped_sessions
  ) AS whole
    ON key_ = session_key
  LEFT JOIN reached
    ON reached_key = session_key
)
SELECT
  path,
  MAX(items) AS items,
  COUNT(*) AS sessions,
  MEDIAN(duration_ms) AS median_ms,
  CAST(SUM(errors) AS BIGINT) AS errors,
  CAST(SUM(converted) AS BIGINT) AS converted
FROM told
GROUP BY
  path
HAVING
  COUNT(*) >= :least
ORDER BY
  COUNT(*) DESC,
  sessions DESC,
  path NULLS LAST
LIMIT :limit
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
)
SELECT
  LEAST(items, :long) AS items,
  CASE
    WHEN duration_ms < 10000
    THEN 0
    WHEN duration_ms < 30000
    THEN 1
    WHEN duration_ms < 60000
    THEN 2
    WHEN duration_ms < 180000
    THEN 3
    WHEN duration_ms < 600000
    THEN 4
    WHEN duration_ms < 1800000
    THEN 5
    ELSE 6
  END AS span,
  COUNT(*) AS sessions
FROM walked
JOIN (
  SELECT
    session_key AS key_,
    duration_ms
  FROM scoped_sessions
) AS whole
  ON key_ = session_key
GROUP BY
  LEAST(items, :long),
  CASE
    WHEN duration_ms < 10000
    THEN 0
    WHEN duration_ms < 30000
    THEN 1
    WHEN duration_ms < 60000
    THEN 2
    WHEN duration_ms < 180000
    THEN 3
    WHEN duration_ms < 600000
    THEN 4
    WHEN duration_ms < 1800000
    THEN 5
    ELSE 6
  END
ORDER BY
  items NULLS LAST,
  span NULLS LAST
