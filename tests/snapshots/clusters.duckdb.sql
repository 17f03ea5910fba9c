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
scoped_visits AS NOT MATERIALIZED (
    SELECT * FROM visits
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
sample AS MATERIALIZED (
    SELECT session_key AS sample_key
    FROM scoped_sessions
    ORDER BY md5(session_id), session_id
    LIMIT $sample
),
seen AS (
    SELECT 'event' AS kind, name AS item, count(DISTINCT session_key) AS sessions
    FROM scoped
    WHERE session_key IN (SELECT sample_key FROM sample)
    GROUP BY name
    UNION ALL
    SELECT 'page' AS kind, item, count(DISTINCT session_key) AS sessions
    FROM (
        SELECT CASE WHEN page LIKE $group_1 ESCAPE '!' THEN $group_name_1 WHEN page LIKE $group_2 ESCAPE '!' THEN $group_name_2 ELSE page END AS item, session_key
        FROM scoped_visits
        WHERE viewed AND session_key IN (SELECT sample_key FROM sample)
    ) AS stays
    WHERE item IS NOT NULL
    GROUP BY item
)
SELECT kind, item, sessions
FROM (SELECT *, row_number() OVER (PARTITION BY kind ORDER BY sessions DESC, item) AS place FROM seen) AS ranked
WHERE place <= $most
ORDER BY kind, sessions DESC, item
