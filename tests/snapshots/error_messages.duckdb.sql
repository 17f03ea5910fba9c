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
said AS (
    SELECT session_key, CASE WHEN text IS NOT NULL THEN 'text' WHEN nullif(properties ->> $said_2_key, '') IS NOT NULL THEN 'properties.message' WHEN nullif(properties ->> $said_3_key, '') IS NOT NULL THEN 'properties.reason' WHEN nullif(properties ->> $said_4_key, '') IS NOT NULL THEN 'properties.error' WHEN nullif(properties ->> $said_5_key, '') IS NOT NULL THEN 'properties.description' END AS field, coalesce(text, nullif(properties ->> $said_2_key, ''), nullif(properties ->> $said_3_key, ''), nullif(properties ->> $said_4_key, ''), nullif(properties ->> $said_5_key, '')) AS message
    FROM scoped
    WHERE name = $error
)
SELECT field, message, count(DISTINCT session_key) AS sessions
FROM said
WHERE message IS NOT NULL
GROUP BY field, message
ORDER BY sessions DESC, message, field
LIMIT $limit
