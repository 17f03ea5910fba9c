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
reached AS (
    SELECT session_key, min(CASE WHEN (name = $before_name) THEN position END) AS reached_at
    FROM scoped
    WHERE (name = $repeated_name AND coalesce(page LIKE $repeated_page ESCAPE '!', false)) OR (name = $before_name)
    GROUP BY session_key
),
counted AS (
    SELECT events.session_key, max(CASE WHEN reached_at IS NULL THEN 0 ELSE 1 END) AS reached,
        count(CASE WHEN (name = $repeated_name AND coalesce(page LIKE $repeated_page ESCAPE '!', false)) AND (reached_at IS NULL OR position < reached_at) THEN 1 END) AS times
    FROM scoped AS events JOIN reached ON reached.session_key = events.session_key
    GROUP BY events.session_key
)
SELECT reached, times, count(*) AS sessions, CAST(sum(times) AS BIGINT) AS total,
    median(CASE WHEN times > 0 THEN times END) AS median
FROM counted
GROUP BY GROUPING SETS ((reached, times), (reached))
ORDER BY reached DESC, times
