WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
),
scoped_visits AS NOT MATERIALIZED (
    SELECT * FROM visits
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
viewed AS (
    SELECT session_key, position_in_path AS place, CASE WHEN page LIKE $group_1 ESCAPE '!' THEN $group_name_1 WHEN page LIKE $group_2 ESCAPE '!' THEN $group_name_2 ELSE page END AS item, CASE WHEN next_page LIKE $group_1 ESCAPE '!' THEN $group_name_1 WHEN next_page LIKE $group_2 ESCAPE '!' THEN $group_name_2 ELSE next_page END AS following,
        entered_ms AS at_ms, to_next_ms AS ms
    FROM scoped_visits
    WHERE viewed
),
repeating AS (
    SELECT DISTINCT session_key
    FROM viewed
    WHERE place <= $steps AND following = item
),
items AS (
    SELECT session_key, place, item, at_ms
    FROM viewed
    WHERE session_key IN (SELECT session_key FROM repeating) AND (following IS NULL OR following <> item)
),
renumbered AS (
    SELECT session_key, depth, item, following IS NOT NULL AS more,
        CASE WHEN depth < $steps THEN following END AS target,
        CASE WHEN depth < $steps THEN ms END AS ms
    FROM (
        SELECT session_key, item,
            row_number() OVER by_place AS depth,
            lead(item) OVER by_place AS following,
            -at_ms + lead(at_ms) OVER by_place AS ms
        FROM items
        WINDOW by_place AS (PARTITION BY session_key ORDER BY place)
    ) AS numbered
    WHERE depth <= $steps
),
hops AS (
    SELECT session_key, depth, item, more, target, ms
    FROM renumbered
    UNION ALL
    SELECT session_key, place AS depth, item, following IS NOT NULL AS more,
        CASE WHEN place < $steps THEN following END AS target,
        CASE WHEN place < $steps THEN ms END AS ms
    FROM viewed
    WHERE place <= $steps AND session_key NOT IN (SELECT session_key FROM repeating)
),
counted AS (
    SELECT
        depth, item AS source, target, grouping(item) + grouping(target) AS folded,
        count(*) AS sessions,
        avg(ms) AS mean_ms,
        count(CASE WHEN target IS NULL AND NOT more THEN 1 END) AS "left",
        count(CASE WHEN target IS NULL AND more THEN 1 END) AS cut
    FROM hops
    GROUP BY GROUPING SETS ((depth, item, target), (depth, item), (depth))
),
usual AS (
    SELECT depth, source AS item
    FROM counted
    WHERE folded = 1 AND sessions >= $min_item_sessions
)
SELECT counted.*
FROM counted
LEFT JOIN usual AS here ON here.depth = counted.depth AND here.item = source
LEFT JOIN usual AS there ON there.depth = counted.depth + 1 AND there.item = target
WHERE folded = 2
    OR (folded = 1 AND here.item IS NOT NULL)
    OR (here.item IS NOT NULL AND there.item IS NOT NULL AND counted.sessions >= $min_sessions)
ORDER BY depth, sessions DESC, source, target
;
WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
),
scoped_visits AS NOT MATERIALIZED (
    SELECT * FROM visits
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
viewed AS (
    SELECT session_key, position_in_path AS place, CASE WHEN page LIKE $group_1 ESCAPE '!' THEN $group_name_1 WHEN page LIKE $group_2 ESCAPE '!' THEN $group_name_2 ELSE page END AS item, CASE WHEN next_page LIKE $group_1 ESCAPE '!' THEN $group_name_1 WHEN next_page LIKE $group_2 ESCAPE '!' THEN $group_name_2 ELSE next_page END AS following,
        entered_ms AS at_ms, to_next_ms AS ms
    FROM scoped_visits
    WHERE viewed
),
repeating AS (
    SELECT DISTINCT session_key
    FROM viewed
    WHERE place <= $steps AND following = item
),
items AS (
    SELECT session_key, place, item, at_ms
    FROM viewed
    WHERE session_key IN (SELECT session_key FROM repeating) AND (following IS NULL OR following <> item)
),
renumbered AS (
    SELECT session_key, depth, item, following IS NOT NULL AS more,
        CASE WHEN depth < $steps THEN following END AS target,
        CASE WHEN depth < $steps THEN ms END AS ms
    FROM (
        SELECT session_key, item,
            row_number() OVER by_place AS depth,
            lead(item) OVER by_place AS following,
            -at_ms + lead(at_ms) OVER by_place AS ms
        FROM items
        WINDOW by_place AS (PARTITION BY session_key ORDER BY place)
    ) AS numbered
    WHERE depth <= $steps
),
hops AS (
    SELECT session_key, depth, item, more, target, ms
    FROM renumbered
    UNION ALL
    SELECT session_key, place AS depth, item, following IS NOT NULL AS more,
        CASE WHEN place < $steps THEN following END AS target,
        CASE WHEN place < $steps THEN ms END AS ms
    FROM viewed
    WHERE place <= $steps AND session_key NOT IN (SELECT session_key FROM repeating)
)
SELECT depth, item, count(CASE WHEN nth > 1 THEN 1 END) AS returning
FROM (
    SELECT depth, item, row_number() OVER (PARTITION BY session_key, item ORDER BY depth) AS nth
    FROM hops
) AS seen
GROUP BY depth, item
HAVING count(*) >= $min_item_sessions
ORDER BY depth, item
