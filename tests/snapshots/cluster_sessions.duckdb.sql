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
placed AS (
SELECT session_key, session_id, start, measure_1, measure_2, measure_3, measure_4, CASE WHEN score_1 >= greatest(score_2, score_3) - 1e-9 THEN 1 WHEN score_2 >= score_3 - 1e-9 THEN 2 ELSE 3 END AS nearest
FROM (
    SELECT *,
        1.6e0 * measure_1 + 0.1e0 * measure_2 + 0.1e0 * measure_3 + 0.5e0 * measure_4 + (-1.415e0) AS score_1,
        2.7e0 * measure_1 + 0.9e0 * measure_2 + 0.5e0 * measure_3 + 1.9e0 * measure_4 + (-5.98e0) AS score_2,
        3.0e0 * measure_1 + 0.8e0 * measure_2 + 3.4e0 * measure_3 + 1.6e0 * measure_4 + (-11.88e0) AS score_3
    FROM (
        SELECT session_key, session_id, start,
            ln(1 + duration_ms / 1e3) / 2.0e0 AS measure_1,
            ln(1 + coalesce(turns, 0)) / 0.5e0 AS measure_2,
            ln(1 + coalesce(length(name_string) - length(replace(name_string, (SELECT max(symbol) FROM codes WHERE kind = 'name' AND value = $kind_feature_3), '')), 0)) / 0.7e0 AS measure_3,
            ln(1 + coalesce(stays_4, 0)) / 0.65e0 AS measure_4
        FROM scoped_sessions
        LEFT JOIN (
            SELECT session_key AS stays_key,
                count(CASE WHEN previous_page = next_page THEN 1 END) AS turns,
                count(CASE WHEN page LIKE $kind_feature_4_1 ESCAPE '!' THEN 1 END) AS stays_4
            FROM scoped_visits
            WHERE viewed AND (previous_page = next_page OR page LIKE $kind_feature_4_1 ESCAPE '!')
            GROUP BY session_key
        ) AS stays ON stays_key = session_key
    ) AS measured
) AS scored
),
members AS (
    SELECT session_id, start, (measure_1 - 3.0e0) * (measure_1 - 3.0e0) + (measure_2 - 0.8e0) * (measure_2 - 0.8e0) + (measure_3 - 3.4e0) * (measure_3 - 3.4e0) + (measure_4 - 1.6e0) * (measure_4 - 1.6e0) AS distance
    FROM placed
    WHERE nearest = $number
)
SELECT session_id, count(*) OVER () AS total
FROM members
ORDER BY round(distance, 9), start DESC, session_id
LIMIT $limit OFFSET $offset
;
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
placed AS (
SELECT session_key, session_id, start, measure_1, measure_2, measure_3, measure_4, CASE WHEN score_1 >= greatest(score_2, score_3) - 1e-9 THEN 1 WHEN score_2 >= score_3 - 1e-9 THEN 2 ELSE 3 END AS nearest
FROM (
    SELECT *,
        1.6e0 * measure_1 + 0.1e0 * measure_2 + 0.1e0 * measure_3 + 0.5e0 * measure_4 + (-1.415e0) AS score_1,
        2.7e0 * measure_1 + 0.9e0 * measure_2 + 0.5e0 * measure_3 + 1.9e0 * measure_4 + (-5.98e0) AS score_2,
        3.0e0 * measure_1 + 0.8e0 * measure_2 + 3.4e0 * measure_3 + 1.6e0 * measure_4 + (-11.88e0) AS score_3
    FROM (
        SELECT session_key, session_id, start,
            ln(1 + duration_ms / 1e3) / 2.0e0 AS measure_1,
            ln(1 + coalesce(turns, 0)) / 0.5e0 AS measure_2,
            ln(1 + coalesce(length(name_string) - length(replace(name_string, (SELECT max(symbol) FROM codes WHERE kind = 'name' AND value = $kind_feature_3), '')), 0)) / 0.7e0 AS measure_3,
            ln(1 + coalesce(stays_4, 0)) / 0.65e0 AS measure_4
        FROM scoped_sessions
        LEFT JOIN (
            SELECT session_key AS stays_key,
                count(CASE WHEN previous_page = next_page THEN 1 END) AS turns,
                count(CASE WHEN page LIKE $kind_feature_4_1 ESCAPE '!' THEN 1 END) AS stays_4
            FROM scoped_visits
            WHERE viewed AND (previous_page = next_page OR page LIKE $kind_feature_4_1 ESCAPE '!')
            GROUP BY session_key
        ) AS stays ON stays_key = session_key
    ) AS measured
) AS scored
),
members AS (
    SELECT session_id, start, (measure_1 - 3.0e0) * (measure_1 - 3.0e0) + (measure_2 - 0.8e0) * (measure_2 - 0.8e0) + (measure_3 - 3.4e0) * (measure_3 - 3.4e0) + (measure_4 - 1.6e0) * (measure_4 - 1.6e0) AS distance
    FROM placed
    WHERE nearest = $number
)
SELECT count(*) AS total
FROM members
