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
found AS (
    SELECT session_key, user_key,
        max(CASE WHEN name = $step_1_name AND coalesce(page LIKE $step_1_page ESCAPE '!', false) THEN 1 ELSE 0 END) AS did_1,
        max(CASE WHEN name = $step_2_name THEN 1 ELSE 0 END) AS did_2,
        max(CASE WHEN name = $step_3_name THEN 1 ELSE 0 END) AS did_3
    FROM scoped
    WHERE (name = $step_1_name AND coalesce(page LIKE $step_1_page ESCAPE '!', false))
        OR (name = $step_2_name)
        OR (name = $step_3_name)
    GROUP BY session_key, user_key
)
SELECT 1 AS step, count(DISTINCT session_key) AS sessions, count(DISTINCT user_key) AS people
FROM found
WHERE did_1 = 1
UNION ALL
SELECT 2 AS step, count(DISTINCT session_key) AS sessions, count(DISTINCT user_key) AS people
FROM found
WHERE did_2 = 1
UNION ALL
SELECT 3 AS step, count(DISTINCT session_key) AS sessions, count(DISTINCT user_key) AS people
FROM found
WHERE did_3 = 1
ORDER BY step
