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
    WHERE following = item
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
spelled AS (
    SELECT session_key, string_agg(item, $between ORDER BY nth) AS path
    FROM items
    GROUP BY session_key
),
members AS (
    SELECT session_key
    FROM spelled
    WHERE path = $path
)
, found AS (
    SELECT session_id, start, count(*) OVER () AS total
    FROM scoped_sessions
    WHERE session_key IN (SELECT session_key FROM members)
)
SELECT session_id, total
FROM found
ORDER BY start DESC, session_id
LIMIT $limit OFFSET $offset
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
    WHERE following = item
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
spelled AS (
    SELECT session_key, string_agg(item, $between ORDER BY nth) AS path
    FROM items
    GROUP BY session_key
),
members AS (
    SELECT session_key
    FROM spelled
    WHERE path = $path
)
SELECT count(*) AS total
FROM scoped_sessions
WHERE session_key IN (SELECT session_key FROM members)
