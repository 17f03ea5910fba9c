WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
),
daily AS (
    SELECT day, release, count(*) AS sessions
    FROM scoped_sessions
    GROUP BY day, release
),
usual AS (
    SELECT release AS known
    FROM daily
    WHERE release IS NOT NULL
    GROUP BY release
    ORDER BY sum(sessions) DESC, release
    LIMIT $limit
)
SELECT day, known AS release, CAST(sum(sessions) AS BIGINT) AS sessions,
    CAST(sum(CASE WHEN release IS NULL THEN sessions ELSE 0 END) AS BIGINT) AS without
FROM daily LEFT JOIN usual ON known = release
GROUP BY day, known
ORDER BY day, sessions DESC, release
