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
),
moves AS (
    SELECT session_key, session_key AS unit, CASE WHEN page LIKE $group_1 ESCAPE '!' THEN $group_name_1 WHEN page LIKE $group_2 ESCAPE '!' THEN $group_name_2 ELSE page END AS source, CASE WHEN next_page LIKE $group_1 ESCAPE '!' THEN $group_name_1 WHEN next_page LIKE $group_2 ESCAPE '!' THEN $group_name_2 ELSE next_page END AS target, to_next_ms AS ms, 1 AS steps
    FROM scoped_visits
    WHERE viewed
    UNION ALL
    SELECT session_key, session_key AS unit, NULL AS source, CASE WHEN page LIKE $group_1 ESCAPE '!' THEN $group_name_1 WHEN page LIKE $group_2 ESCAPE '!' THEN $group_name_2 ELSE page END AS target, NULL AS ms, 1 AS steps
    FROM scoped_visits
    WHERE position_in_path = 1
),
steps AS (
    SELECT session_key, unit, 
        CASE WHEN source IS NULL THEN $start ELSE source END AS source,
        CASE WHEN target IS NULL THEN $end ELSE target END AS target,
        steps
    FROM moves
),
of_person AS (
    SELECT person, source, target, CAST(sum(steps) AS DOUBLE) AS n
    FROM steps
    JOIN (SELECT session_key AS key_, user_key AS person FROM scoped_sessions) AS whose ON key_ = session_key
    GROUP BY person, source, target
),
beside AS (
    SELECT person, source, target, n, sum(n) OVER (PARTITION BY person, source) AS m
    FROM of_person
)
SELECT source, target, grouping(source) + grouping(target) AS whole,
    sum(n) AS total, sum(n * n) AS squares, sum(n * m) AS crosses, count(DISTINCT person) AS people
FROM beside
GROUP BY GROUPING SETS ((source, target), (source))
ORDER BY whole, total DESC, source, target
