WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
),
scoped_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
members AS (
    SELECT DISTINCT session_key
    FROM scoped_clicks
    WHERE true AND page = $page AND viewport_width BETWEEN $narrow AND $wide AND element_key IN (SELECT element_key FROM elements WHERE called = $element)
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
scoped_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
members AS (
    SELECT DISTINCT session_key
    FROM scoped_clicks
    WHERE true AND page = $page AND viewport_width BETWEEN $narrow AND $wide AND element_key IN (SELECT element_key FROM elements WHERE called = $element)
)
SELECT count(*) AS total
FROM scoped_sessions
WHERE session_key IN (SELECT session_key FROM members)
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
scoped_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
)
SELECT count(*) AS events
FROM scoped_clicks
WHERE true AND page = $page AND viewport_width BETWEEN $narrow AND $wide AND element_key IN (SELECT element_key FROM elements WHERE called = $element)
