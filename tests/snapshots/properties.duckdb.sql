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
)
SELECT level, name, count(*) AS events
FROM (
    SELECT 'event' AS level, unnest(json_keys(properties)) AS name
    FROM scoped
    WHERE properties IS NOT NULL AND session_key % $every = 0
    UNION ALL
    SELECT 'person' AS level, unnest(json_keys(user_properties)) AS name
    FROM scoped
    WHERE user_properties IS NOT NULL AND session_key % $every = 0
) AS named
GROUP BY level, name
ORDER BY events DESC, level, name
LIMIT $limit
