WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
)
SELECT
    CAST(date_trunc($grain, day) AS DATE) AS start,
    count(x) AS n,
    coalesce(sum(x), 0e0) AS total,
    coalesce(sum(x * x), 0e0) AS squares
FROM (SELECT day, CASE WHEN errors > 0 IS NULL THEN NULL WHEN errors > 0 THEN 1e0 ELSE 0e0 END AS x FROM scoped_sessions) AS measured
GROUP BY start
ORDER BY start
