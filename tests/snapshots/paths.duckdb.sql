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
        entered_ms AS at_ms, to_next_ms AS ms, 0 AS starts, 0 AS ends
    FROM scoped_visits
    WHERE viewed
),
repeating AS (
    SELECT DISTINCT session_key
    FROM viewed
    WHERE following = item AND place <= $steps
),
kept AS (
    SELECT session_key, place, item, following, at_ms, starts, ends
    FROM viewed
    WHERE session_key IN (SELECT session_key FROM repeating)
),
joined AS (
    SELECT session_key, place, item, at_ms, starts, ends
    FROM kept
    WHERE following IS NULL OR following <> item
),
renumbered AS (
    SELECT session_key, item, at_ms, starts, ends,
        row_number() OVER by_place AS nth,
        lead(item) OVER by_place AS following,
        -at_ms + lead(at_ms) OVER by_place AS ms
    FROM joined
    WINDOW by_place AS (PARTITION BY session_key ORDER BY place)
),
items AS (
    SELECT session_key, item, at_ms, starts, ends, nth, following, ms
    FROM renumbered
    UNION ALL
    SELECT session_key, item, at_ms, starts, ends, place AS nth, following, ms
    FROM viewed
    WHERE session_key NOT IN (SELECT session_key FROM repeating)
),
hops AS (
    SELECT session_key, 0 AS walk, nth AS depth, nth, item, at_ms, following, ms, nth < $steps AS onward
    FROM items
    WHERE nth <= $steps
),
few AS (
    SELECT depth, item, following, onward, count(*) AS paths, sum(ms) AS ms, CAST(NULL AS DOUBLE) AS median_ms,
        CASE WHEN depth = 1 THEN count(*) ELSE 0 END AS began, 0 AS earlier, CAST(NULL AS BIGINT) AS met_here, CAST(NULL AS BIGINT) AS met_next
    FROM hops
    GROUP BY depth, item, following, onward
),
told AS (
    SELECT few.*, CASE WHEN onward THEN following END AS target
    FROM few
),
counted AS (
    SELECT depth, item AS source, target, grouping(item) + grouping(target) AS folded,
        CAST(sum(paths) AS BIGINT) AS sessions, CAST(sum(paths) AS BIGINT) AS paths,
        sum(ms) * 1e0 / sum(paths) AS mean_ms, max(median_ms) AS median_ms,
        CAST(sum(CASE WHEN following IS NULL THEN paths ELSE 0 END) AS BIGINT) AS "left",
        CAST(sum(CASE WHEN following IS NOT NULL AND NOT onward THEN paths ELSE 0 END) AS BIGINT) AS cut,
        CAST(sum(began) AS BIGINT) AS began, CAST(sum(earlier) AS BIGINT) AS earlier,
        CAST(sum(met_here) AS BIGINT) AS met_here, CAST(sum(met_next) AS BIGINT) AS met_next
    FROM told
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
        entered_ms AS at_ms, to_next_ms AS ms, 0 AS starts, 0 AS ends
    FROM scoped_visits
    WHERE viewed
),
repeating AS (
    SELECT DISTINCT session_key
    FROM viewed
    WHERE following = item AND place <= $steps
),
kept AS (
    SELECT session_key, place, item, following, at_ms, starts, ends
    FROM viewed
    WHERE session_key IN (SELECT session_key FROM repeating)
),
joined AS (
    SELECT session_key, place, item, at_ms, starts, ends
    FROM kept
    WHERE following IS NULL OR following <> item
),
renumbered AS (
    SELECT session_key, item, at_ms, starts, ends,
        row_number() OVER by_place AS nth,
        lead(item) OVER by_place AS following,
        -at_ms + lead(at_ms) OVER by_place AS ms
    FROM joined
    WINDOW by_place AS (PARTITION BY session_key ORDER BY place)
),
items AS (
    SELECT session_key, item, at_ms, starts, ends, nth, following, ms
    FROM renumbered
    UNION ALL
    SELECT session_key, item, at_ms, starts, ends, place AS nth, following, ms
    FROM viewed
    WHERE session_key NOT IN (SELECT session_key FROM repeating)
),
hops AS (
    SELECT session_key, 0 AS walk, nth AS depth, nth, item, at_ms, following, ms, nth < $steps AS onward
    FROM items
    WHERE nth <= $steps
)
SELECT depth, item, count(CASE WHEN again > 1 THEN 1 END) AS returning
FROM (
    SELECT depth, item, row_number() OVER (PARTITION BY session_key, walk, item ORDER BY depth) AS again
    FROM hops
) AS seen
GROUP BY depth, item
HAVING count(*) >= $min_item_sessions
ORDER BY depth, item
