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
    SELECT * FROM placed
),
numbered AS (
    SELECT session_key, unit, item AS item,
        row_number() OVER (PARTITION BY unit ORDER BY begun, session_key, place) AS step
    FROM items
),
whole AS (
    SELECT unit, max(step) AS last, arg_max(session_key, step) AS session_key
    FROM numbered
    GROUP BY unit
),
cells AS (
    SELECT session_key, step, item
    FROM numbered
    WHERE step <= $steps
    UNION ALL
    SELECT session_key, number AS step, $end AS item
    FROM whole CROSS JOIN (SELECT unnest(generate_series(2, $steps)) AS number) AS numbers
    WHERE number > last
),
members AS (
    SELECT DISTINCT session_key
    FROM cells
    WHERE step = $step AND item = $item
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
    SELECT * FROM placed
),
numbered AS (
    SELECT session_key, unit, item AS item,
        row_number() OVER (PARTITION BY unit ORDER BY begun, session_key, place) AS step
    FROM items
),
whole AS (
    SELECT unit, max(step) AS last, arg_max(session_key, step) AS session_key
    FROM numbered
    GROUP BY unit
),
cells AS (
    SELECT session_key, step, item
    FROM numbered
    WHERE step <= $steps
    UNION ALL
    SELECT session_key, number AS step, $end AS item
    FROM whole CROSS JOIN (SELECT unnest(generate_series(2, $steps)) AS number) AS numbers
    WHERE number > last
),
members AS (
    SELECT DISTINCT session_key
    FROM cells
    WHERE step = $step AND item = $item
)
SELECT count(*) AS total
FROM scoped_sessions
WHERE session_key IN (SELECT session_key FROM members)
