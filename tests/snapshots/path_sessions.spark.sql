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
), viewed AS (
  SELECT
    session_key,
    position_in_path AS place,
    CASE
      WHEN page LIKE :group_1 ESCAPE '!'
      THEN :group_name_1
      WHEN page LIKE :group_2 ESCAPE '!'
      THEN :group_name_2
      ELSE page
    END AS item,
    CASE
      WHEN next_page LIKE :group_1 ESCAPE '!'
      THEN :group_name_1
      WHEN next_page LIKE :group_2 ESCAPE '!'
      THEN :group_name_2
      ELSE next_page
    END AS following,
    entered_ms AS at_ms,
    to_next_ms AS ms
  FROM scoped_visits
  WHERE
    viewed
), repeating AS (
  SELECT DISTINCT
    session_key
  FROM viewed
  WHERE
    place <= :steps AND following = item
), items AS (
  SELECT
    session_key,
    place,
    item,
    at_ms
  FROM viewed
  WHERE
    session_key IN (
      SELECT
        session_key
      FROM repeating
    )
    AND (
      following IS NULL OR following <> item
    )
), renumbered AS (
  SELECT
    session_key,
    depth,
    item,
    NOT following IS NULL AS more,
    CASE WHEN depth < :steps THEN following END AS target,
    CASE WHEN depth < :steps THEN ms END AS ms
  FROM (
    SELECT
      session_key,
      item,
      ROW_NUMBER() OVER by_place AS depth,
      LEAD(item) OVER by_place AS following,
      -at_ms + LEAD(at_ms) OVER by_place AS ms
    FROM items
    WINDOW by_place AS (PARTITION BY session_key ORDER BY place NULLS LAST)
  ) AS numbered
  WHERE
    depth <= :steps
), hops AS (
  SELECT
    session_key,
    depth,
    item,
    more,
    target,
    ms
  FROM renumbered
  UNION ALL
  SELECT
    session_key,
    place AS depth,
    item,
    NOT following IS NULL AS more,
    CASE WHEN place < :steps THEN following END AS target,
    CASE WHEN place < :steps THEN ms END AS ms
  FROM viewed
  WHERE
    place <= :steps
    AND NOT session_key IN (
      SELECT
        session_key
      FROM repeating
    )
), members AS (
  SELECT DISTINCT
    session_key
  FROM hops
  WHERE
    depth = :depth AND item = :source AND NOT target IS NULL AND target = :target
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
), viewed AS (
  SELECT
    session_key,
    position_in_path AS place,
    CASE
      WHEN page LIKE :group_1 ESCAPE '!'
      THEN :group_name_1
      WHEN page LIKE :group_2 ESCAPE '!'
      THEN :group_name_2
      ELSE page
    END AS item,
    CASE
      WHEN next_page LIKE :group_1 ESCAPE '!'
      THEN :group_name_1
      WHEN next_page LIKE :group_2 ESCAPE '!'
      THEN :group_name_2
      ELSE next_page
    END AS following,
    entered_ms AS at_ms,
    to_next_ms AS ms
  FROM scoped_visits
  WHERE
    viewed
), repeating AS (
  SELECT DISTINCT
    session_key
  FROM viewed
  WHERE
    place <= :steps AND following = item
), items AS (
  SELECT
    session_key,
    place,
    item,
    at_ms
  FROM viewed
  WHERE
    session_key IN (
      SELECT
        session_key
      FROM repeating
    )
    AND (
      following IS NULL OR following <> item
    )
), renumbered AS (
  SELECT
    session_key,
    depth,
    item,
    NOT following IS NULL AS more,
    CASE WHEN depth < :steps THEN following END AS target,
    CASE WHEN depth < :steps THEN ms END AS ms
  FROM (
    SELECT
      session_key,
      item,
      ROW_NUMBER() OVER by_place AS depth,
      LEAD(item) OVER by_place AS following,
      -at_ms + LEAD(at_ms) OVER by_place AS ms
    FROM items
    WINDOW by_place AS (PARTITION BY session_key ORDER BY place NULLS LAST)
  ) AS numbered
  WHERE
    depth <= :steps
), hops AS (
  SELECT
    session_key,
    depth,
    item,
    more,
    target,
    ms
  FROM renumbered
  UNION ALL
  SELECT
    session_key,
    place AS depth,
    item,
    NOT following IS NULL AS more,
    CASE WHEN place < :steps THEN following END AS target,
    CASE WHEN place < :steps THEN ms END AS ms
  FROM viewed
  WHERE
    place <= :steps
    AND NOT session_key IN (
      SELECT
        session_key
      FROM repeating
    )
), members AS (
  SELECT DISTINCT
    session_key
  FROM hops
  WHERE
    depth = :depth AND item = :source AND NOT target IS NULL AND target = :target
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
