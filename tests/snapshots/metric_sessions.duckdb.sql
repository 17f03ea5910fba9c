WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
),
measured AS NOT MATERIALIZED (
    SELECT scoped_sessions.*
    FROM scoped_sessions
),
numbers AS (
    SELECT session_id, start, CASE WHEN errors > 0 THEN 1e0 ELSE 0e0 END AS value
    FROM measured
),
listed AS (
    SELECT session_id, start, value, count(*) OVER () AS total
    FROM numbers
    WHERE value > 0
)

SELECT session_id, total
FROM listed
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
measured AS NOT MATERIALIZED (
    SELECT scoped_sessions.*
    FROM scoped_sessions
),
numbers AS (
    SELECT session_id, start, CASE WHEN errors > 0 THEN 1e0 ELSE 0e0 END AS value
    FROM measured
),
listed AS (
    SELECT session_id, start, value, count(*) OVER () AS total
    FROM numbers
    WHERE value > 0
)

SELECT count(*) AS total
FROM listed
