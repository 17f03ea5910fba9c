WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
),
scoped AS NOT MATERIALIZED (
    SELECT * FROM events
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
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
keyed AS MATERIALIZED (
    SELECT session_key, bit_xor(hash(hash(item, nth))) AS path_key, count(*) AS items
    FROM items
    GROUP BY session_key
),
timed AS (
    SELECT keyed.*, duration_ms, errors
    FROM keyed JOIN scoped_sessions ON scoped_sessions.session_key = keyed.session_key
),
first_ones AS MATERIALIZED (
    SELECT path_key, items, count(*) AS sessions, min(session_key) AS example, count(*) AS place
    FROM keyed
    GROUP BY path_key, items
    HAVING count(*) >= $least
    ORDER BY place DESC, sessions DESC, example
    LIMIT $limit
),
spelled AS (
    SELECT session_key, string_agg(item, $between ORDER BY nth) AS path
    FROM items
    WHERE session_key IN (SELECT example FROM first_ones)
    GROUP BY session_key
),
reached AS (
    SELECT DISTINCT session_key AS reached_key
    FROM scoped
    WHERE name = $goal_name
),
told AS (
    SELECT example, sessions, place, timed.items, duration_ms, errors,
        CASE WHEN reached_key IS NULL THEN 0 ELSE 1 END AS converted
    FROM timed
    JOIN first_ones ON first_ones.path_key = timed.path_key AND first_ones.items = timed.items
    LEFT JOIN reached ON reached_key = session_key
)
SELECT path, max(items) AS items, max(sessions) AS sessions, median(duration_ms) AS median_ms,
    CAST(sum(errors) AS BIGINT) AS errors, CAST(sum(converted) AS BIGINT) AS converted
FROM told JOIN spelled ON session_key = example
GROUP BY path, example
ORDER BY max(place) DESC, sessions DESC, example
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
lengths AS (
    SELECT session_key, count(*) AS items
    FROM viewed WHERE following IS NULL OR following <> item
    GROUP BY session_key
)
SELECT least(items, $long) AS items, CASE WHEN duration_ms < 10000 THEN 0 WHEN duration_ms < 30000 THEN 1 WHEN duration_ms < 60000 THEN 2 WHEN duration_ms < 180000 THEN 3 WHEN duration_ms < 600000 THEN 4 WHEN duration_ms < 1800000 THEN 5 ELSE 6 END AS span, count(*) AS sessions
FROM lengths
JOIN (SELECT session_key AS key_, duration_ms FROM scoped_sessions) AS whole ON key_ = session_key
GROUP BY least(items, $long), CASE WHEN duration_ms < 10000 THEN 0 WHEN duration_ms < 30000 THEN 1 WHEN duration_ms < 60000 THEN 2 WHEN duration_ms < 180000 THEN 3 WHEN duration_ms < 600000 THEN 4 WHEN duration_ms < 1800000 THEN 5 ELSE 6 END
ORDER BY items, span
