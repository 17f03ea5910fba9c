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
)
SELECT
    CAST(floor(100 * greatest(coalesce(deepest_scroll, 0), coalesce(first_screen, 0)) + 0.001) AS INTEGER) AS depth,
    deepest_scroll IS NULL AND first_screen IS NULL AS unknown,
    count(*) AS views,
    count(deepest_scroll) AS scrolled,
    count(first_screen) AS windows,
    sum(first_screen) AS at_once
FROM scoped_visits
WHERE viewed AND page = $page AND viewport_width BETWEEN $narrow AND $wide
GROUP BY 1, 2
ORDER BY 2, 1
