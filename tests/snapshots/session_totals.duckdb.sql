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
listed AS NOT MATERIALIZED (
    SELECT * FROM scoped_sessions
    WHERE coalesce(strpos(name_string, (SELECT max(symbol) FROM codes WHERE kind = 'name' AND value = $did_1_name_1)) > 0, false)
),
persons_listed AS (
    SELECT user_key
    FROM listed
    WHERE people = 1
    UNION ALL
    SELECT user_key
    FROM scoped
    WHERE session_key IN (SELECT session_key FROM listed WHERE people > 1)
)
SELECT
    count(*) AS sessions,
    (SELECT count(DISTINCT user_key) FROM persons_listed) AS people,
    count(CASE WHEN errors > 0 THEN 1 END) AS with_error,
    count(CASE WHEN bounce THEN 1 END) AS bounces,
    count(bounce) AS with_bounce_value,
    coalesce(CAST(sum(duration_ms) AS BIGINT), 0) AS duration_ms
FROM listed
