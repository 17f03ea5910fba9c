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
stays AS (
    SELECT session_key, visit_no AS place, CASE WHEN page LIKE $group_1 ESCAPE '!' THEN $group_name_1 WHEN page LIKE $group_2 ESCAPE '!' THEN $group_name_2 ELSE page END AS item, entered_ms AS at_ms
    FROM scoped_visits
    WHERE viewed
),
kept AS (
    SELECT session_key, place, item, at_ms
    FROM stays
    WHERE true
),
placed AS (
    SELECT session_key, session_key AS unit, CAST(0 AS BIGINT) AS begun, place, item, at_ms
    FROM kept
),
items AS (
    SELECT session_key, unit, begun, place, item, at_ms
    FROM (
        SELECT *, lead(item) OVER (PARTITION BY unit ORDER BY begun, session_key, place) AS following
        FROM placed
    ) AS neighbours
    WHERE following IS NULL OR following <> item
),
walked AS (
    SELECT session_key, string_agg(item, $between ORDER BY place) AS path, count(*) AS items
    FROM items
    GROUP BY session_key
),
reached AS (
    SELECT DISTINCT session_key AS reached_key
    FROM scoped
    WHERE name = $goal_name
),
told AS (
    SELECT path, items, duration_ms, errors, CASE WHEN reached_key IS NULL THEN 0 ELSE 1 END AS converted
    FROM walked
    JOIN (SELECT session_key AS key_, duration_ms, errors FROM scoped_sessions) AS whole ON key_ = session_key
    LEFT JOIN reached ON reached_key = session_key
)
SELECT path, max(items) AS items, count(*) AS sessions, median(duration_ms) AS median_ms,
    CAST(sum(errors) AS BIGINT) AS errors, CAST(sum(converted) AS BIGINT) AS converted
FROM told
GROUP BY path
HAVING count(*) >= $least
ORDER BY count(*) DESC, sessions DESC, path
LIMIT $limit
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
stays AS (
    SELECT session_key, visit_no AS place, CASE WHEN page LIKE $group_1 ESCAPE '!' THEN $group_name_1 WHEN page LIKE $group_2 ESCAPE '!' THEN $group_name_2 ELSE page END AS item, entered_ms AS at_ms
    FROM scoped_visits
    WHERE viewed
),
kept AS (
    SELECT session_key, place, item, at_ms
    FROM stays
    WHERE true
),
placed AS (
    SELECT session_key, session_key AS unit, CAST(0 AS BIGINT) AS begun, place, item, at_ms
    FROM kept
),
items AS (
    SELECT session_key, unit, begun, place, item, at_ms
    FROM (
        SELECT *, lead(item) OVER (PARTITION BY unit ORDER BY begun, session_key, place) AS following
        FROM placed
    ) AS neighbours
    WHERE following IS NULL OR following <> item
),
walked AS (
    SELECT session_key, string_agg(item, $between ORDER BY place) AS path, count(*) AS items
    FROM items
    GROUP BY session_key
)
SELECT least(items, $long) AS items, CASE WHEN duration_ms < 10000 THEN 0 WHEN duration_ms < 30000 THEN 1 WHEN duration_ms < 60000 THEN 2 WHEN duration_ms < 180000 THEN 3 WHEN duration_ms < 600000 THEN 4 WHEN duration_ms < 1800000 THEN 5 ELSE 6 END AS span, count(*) AS sessions
FROM walked
JOIN (SELECT session_key AS key_, duration_ms FROM scoped_sessions) AS whole ON key_ = session_key
GROUP BY least(items, $long), CASE WHEN duration_ms < 10000 THEN 0 WHEN duration_ms < 30000 THEN 1 WHEN duration_ms < 60000 THEN 2 WHEN duration_ms < 180000 THEN 3 WHEN duration_ms < 600000 THEN 4 WHEN duration_ms < 1800000 THEN 5 ELSE 6 END
ORDER BY items, span
