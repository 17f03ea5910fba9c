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
    to_next_ms AS ms,
    0 AS starts,
    0 AS ends
  FROM scoped_visits
  WHERE
    viewed
), repeating AS (
  SELECT DISTINCT
    session_key
  FROM viewed
  WHERE
    following = item AND place <= :steps
), kept AS (
  SELECT
    session_key,
    place,
    item,
    following,
    at_ms,
    starts,
    ends
  FROM viewed
  WHERE
    session_key IN (
      SELECT
        session_key
      FROM repeating
    )
), joined AS (
  SELECT
    session_key,
    place,
    item,
    at_ms,
    starts,
    ends
  FROM kept
  WHERE
    following IS NULL OR following <> item
), renumbered AS (
  SELECT
    session_key,
    item,
    at_ms,
    starts,
    ends,
    ROW_NUMBER() OVER by_place AS nth,
    LEAD(item) OVER by_place AS following,
    -at_ms + LEAD(at_ms) OVER by_place AS ms
  FROM joined
  WINDOW by_place AS (PARTITION BY session_key ORDER BY place NULLS LAST)
), items AS (
  SELECT
    session_key,
    item,
    at_ms,
    starts,
    ends,
    nth,
    following,
    ms
  FROM renumbered
  UNION ALL
  SELECT
    session_key,
    item,
    at_ms,
    starts,
    ends,
    place AS nth,
    following,
    ms
  FROM viewed
  WHERE
    NOT session_key IN (
      SELECT
        session_key
      FROM repeating
    )
), hops AS (
  SELECT
    session_key,
    0 AS walk,
    nth AS depth,
    nth,
    item,
    at_ms,
    following,
    ms,
    nth < :steps AS onward
  FROM items
  WHERE
    nth <= :steps
), few AS (
  SELECT
    depth,
    item,
    following,
    onward,
    COUNT(*) AS paths,
    SUM(ms) AS ms,
    CAST(NULL AS DOUBLE) AS median_ms,
    CASE WHEN depth = 1 THEN COUNT(*) ELSE 0 END AS began,
    0 AS earlier,
    CAST(NULL AS BIGINT) AS met_here,
    CAST(NULL AS BIGINT) AS met_next
  FROM hops
  GROUP BY
    depth,
    item,
    following,
    onward
), told AS (
  SELECT
    few.*,
    CASE WHEN onward THEN following END AS target
  FROM few
), counted AS (
  SELECT
    depth,
    item AS source,
    target,
    GROUPING(item) + GROUPING(target) AS folded,
    CAST(SUM(paths) AS BIGINT) AS sessions,
    CAST(SUM(paths) AS BIGINT) AS paths,
    SUM(ms) * 1e0 / SUM(paths) AS mean_ms,
    MAX(median_ms) AS median_ms,
    CAST(SUM(CASE WHEN following IS NULL THEN paths ELSE 0 END) AS BIGINT) AS `left`,
    CAST(SUM(CASE WHEN NOT following IS NULL AND NOT onward THEN paths ELSE 0 END) AS BIGINT) AS cut,
    CAST(SUM(began) AS BIGINT) AS began,
    CAST(SUM(earlier) AS BIGINT) AS earlier,
    CAST(SUM(met_here) AS BIGINT) AS met_here,
    CAST(SUM(met_next) AS BIGINT) AS met_next
  FROM told
  GROUP BY
    GROUPING SETS (
      (depth, item, target),
      (depth, item),
      (
        depth
      )
    )
), usual AS (
  SELECT
    depth,
    source AS item
  FROM counted
  WHERE
    folded = 1 AND sessions >= :min_item_sessions
)
SELECT
  counted.*
FROM counted
LEFT JOIN usual AS here
  ON here.depth = counted.depth AND here.item = source
LEFT JOIN usual AS there
  ON there.depth = counted.depth + 1 AND there.item = target
WHERE
  folded = 2
  OR (
    folded = 1 AND NOT here.item IS NULL
  )
  OR (
    NOT here.item IS NULL
    AND NOT there.item IS NULL
    AND counted.sessions >= :min_sessions
  )
ORDER BY
  depth NULLS LAST,
  sessions DESC,
  source NULLS LAST,
  target NULLS LAST
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
    to_next_ms AS ms,
    0 AS starts,
    0 AS ends
  FROM scoped_visits
  WHERE
    viewed
), repeating AS (
  SELECT DISTINCT
    session_key
  FROM viewed
  WHERE
    following = item AND place <= :steps
), kept AS (
  SELECT
    session_key,
    place,
    item,
    following,
    at_ms,
    starts,
    ends
  FROM viewed
  WHERE
    session_key IN (
      SELECT
        session_key
      FROM repeating
    )
), joined AS (
  SELECT
    session_key,
    place,
    item,
    at_ms,
    starts,
    ends
  FROM kept
  WHERE
    following IS NULL OR following <> item
), renumbered AS (
  SELECT
    session_key,
    item,
    at_ms,
    starts,
    ends,
    ROW_NUMBER() OVER by_place AS nth,
    LEAD(item) OVER by_place AS following,
    -at_ms + LEAD(at_ms) OVER by_place AS ms
  FROM joined
  WINDOW by_place AS (PARTITION BY session_key ORDER BY place NULLS LAST)
), items AS (
  SELECT
    session_key,
    item,
    at_ms,
    starts,
    ends,
    nth,
    following,
    ms
  FROM renumbered
  UNION ALL
  SELECT
    session_key,
    item,
    at_ms,
    starts,
    ends,
    place AS nth,
    following,
    ms
  FROM viewed
  WHERE
    NOT session_key IN (
      SELECT
        session_key
      FROM repeating
    )
), hops AS (
  SELECT
    session_key,
    0 AS walk,
    nth AS depth,
    nth,
    item,
    at_ms,
    following,
    ms,
    nth < :steps AS onward
  FROM items
  WHERE
    nth <= :steps
)
SELECT
  depth,
  item,
  COUNT(CASE WHEN again > 1 THEN 1 END) AS returning
FROM (
  SELECT
    depth,
    item,
    ROW_NUMBER() OVER (PARTITION BY session_key, walk, item ORDER BY depth NULLS LAST) AS again
  FROM hops
) AS seen
GROUP BY
  depth,
  item
HAVING
  COUNT(*) >= :min_item_sessions
ORDER BY
  depth NULLS LAST,
  item NULLS LAST
