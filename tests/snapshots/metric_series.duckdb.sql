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
    SELECT CAST(date_trunc($grain, day) AS DATE) AS start, 1 AS counted, 1 AS n, CASE WHEN errors > 0 THEN 1e0 ELSE 0e0 END AS x
    FROM measured
)
SELECT
    start,
    CAST(sum(counted) AS BIGINT) AS sessions,
    CAST(sum(n) AS DOUBLE) AS n,
    coalesce(sum(x), 0e0) AS total,
    coalesce(sum(x * x), 0e0) AS squares,
    sum(x) / nullif(sum(n), 0) AS value
FROM numbers
GROUP BY start
ORDER BY start
