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
goal AS (
    SELECT session_key AS goal_session, min(offset_ms) AS goal_ms
    FROM scoped
    WHERE name = $goal_name
    GROUP BY session_key
),
measured AS NOT MATERIALIZED (
    SELECT scoped_sessions.*, first_seen, refusal, goal_ms
    FROM scoped_sessions
    LEFT JOIN (SELECT user_key AS person, first_seen FROM users) AS persons ON person = user_key
    CROSS JOIN (
        SELECT max(CASE WHEN value = $refusal THEN symbol END) AS refusal FROM codes WHERE kind = 'name'
    ) AS refusals
    LEFT JOIN goal ON goal_session = session_key
),
by_day AS (
    SELECT day, sum(1) AS n_1, sum(CASE WHEN goal_ms IS NOT NULL THEN 1e0 ELSE 0e0 END) AS total_1, sum(1) AS weight_1,
        sum(1) AS n_2, sum(CASE WHEN value IS NOT NULL THEN value ELSE 0e0 END) AS total_2, sum(1) AS weight_2,
        sum(1) AS n_3, sum(CASE WHEN value IS NOT NULL THEN 1e0 ELSE 0e0 END) AS total_3, sum(1) AS weight_3,
        sum(CASE WHEN value IS NOT NULL THEN 1e0 ELSE 0e0 END) AS n_4, sum(CASE WHEN value IS NOT NULL THEN value ELSE 0e0 END) AS total_4, sum(CASE WHEN value IS NOT NULL THEN 1e0 ELSE 0e0 END) AS weight_4,
        sum(CASE WHEN bounce IS NOT NULL THEN 1e0 ELSE 0e0 END) AS n_5, sum(CASE WHEN bounce IS NOT NULL THEN CASE WHEN bounce THEN 1e0 ELSE 0e0 END ELSE 0e0 END) AS total_5, sum(CASE WHEN bounce IS NOT NULL THEN 1e0 ELSE 0e0 END) AS weight_5,
        sum(1) AS n_6, sum(CASE WHEN page_views = 1 THEN 1e0 ELSE 0e0 END) AS total_6, sum(1) AS weight_6,
        sum(1) AS n_7, sum(CASE WHEN errors > 0 THEN 1e0 ELSE 0e0 END) AS total_7, sum(1) AS weight_7,
        sum(1) AS n_8, sum(CAST(errors AS DOUBLE)) AS total_8, sum(1) AS weight_8,
        sum(1) AS n_9, sum(CAST(errors AS DOUBLE)) AS total_9, sum(CAST(page_views AS DOUBLE)) AS weight_9,
        sum(1) AS n_10, sum(CASE WHEN strpos(name_string, refusal) > 0 THEN 1e0 ELSE 0e0 END) AS total_10, sum(1) AS weight_10,
        sum(1) AS n_11, sum(CASE WHEN clicks > 0 THEN 1e0 ELSE 0e0 END) AS total_11, sum(1) AS weight_11,
        sum(1) AS n_12, sum(CASE WHEN duration_ms > 600000 THEN 1e0 ELSE 0e0 END) AS total_12, sum(1) AS weight_12,
        sum(1) AS n_13, sum(CASE WHEN events <= 2 THEN 1e0 ELSE 0e0 END) AS total_13, sum(1) AS weight_13,
        sum(1) AS n_14, sum(CASE WHEN first_seen = start THEN 1e0 ELSE 0e0 END) AS total_14, sum(1) AS weight_14,
        sum(1) AS n_15, sum(duration_ms / 1e3) AS total_15, sum(1) AS weight_15,
        sum(1) AS n_16, sum(active_ms / 1e3) AS total_16, sum(1) AS weight_16,
        sum(1) AS n_17, sum(active_ms / 1e3) AS total_17, sum(duration_ms / 1e3) AS weight_17,
        sum(1) AS n_18, sum(active_ms / 1e3) AS total_18, sum(CAST(page_views AS DOUBLE)) AS weight_18,
        sum(1) AS n_19, sum(CAST(page_views AS DOUBLE)) AS total_19, sum(1) AS weight_19,
        sum(1) AS n_20, sum(CAST(clicks AS DOUBLE)) AS total_20, sum(1) AS weight_20,
        sum(1) AS n_21, sum(CAST(clicks AS DOUBLE)) AS total_21, sum(CAST(page_views AS DOUBLE)) AS weight_21,
        sum(1) AS n_22, sum(CAST(events AS DOUBLE)) AS total_22, sum(1) AS weight_22
    FROM measured
    GROUP BY day
)
SELECT
    metric,
    day,
    CAST(CASE number WHEN 1 THEN n_1 WHEN 2 THEN n_2 WHEN 3 THEN n_3 WHEN 4 THEN n_4 WHEN 5 THEN n_5 WHEN 6 THEN n_6 WHEN 7 THEN n_7 WHEN 8 THEN n_8 WHEN 9 THEN n_9 WHEN 10 THEN n_10 WHEN 11 THEN n_11 WHEN 12 THEN n_12 WHEN 13 THEN n_13 WHEN 14 THEN n_14 WHEN 15 THEN n_15 WHEN 16 THEN n_16 WHEN 17 THEN n_17 WHEN 18 THEN n_18 WHEN 19 THEN n_19 WHEN 20 THEN n_20 WHEN 21 THEN n_21 WHEN 22 THEN n_22 END AS BIGINT) AS n,
    CAST(CASE number WHEN 1 THEN total_1 WHEN 2 THEN total_2 WHEN 3 THEN total_3 WHEN 4 THEN total_4 WHEN 5 THEN total_5 WHEN 6 THEN total_6 WHEN 7 THEN total_7 WHEN 8 THEN total_8 WHEN 9 THEN total_9 WHEN 10 THEN total_10 WHEN 11 THEN total_11 WHEN 12 THEN total_12 WHEN 13 THEN total_13 WHEN 14 THEN total_14 WHEN 15 THEN total_15 WHEN 16 THEN total_16 WHEN 17 THEN total_17 WHEN 18 THEN total_18 WHEN 19 THEN total_19 WHEN 20 THEN total_20 WHEN 21 THEN total_21 WHEN 22 THEN total_22 END AS DOUBLE) AS total,
    CAST(CASE number WHEN 1 THEN weight_1 WHEN 2 THEN weight_2 WHEN 3 THEN weight_3 WHEN 4 THEN weight_4 WHEN 5 THEN weight_5 WHEN 6 THEN weight_6 WHEN 7 THEN weight_7 WHEN 8 THEN weight_8 WHEN 9 THEN weight_9 WHEN 10 THEN weight_10 WHEN 11 THEN weight_11 WHEN 12 THEN weight_12 WHEN 13 THEN weight_13 WHEN 14 THEN weight_14 WHEN 15 THEN weight_15 WHEN 16 THEN weight_16 WHEN 17 THEN weight_17 WHEN 18 THEN weight_18 WHEN 19 THEN weight_19 WHEN 20 THEN weight_20 WHEN 21 THEN weight_21 WHEN 22 THEN weight_22 END AS DOUBLE) AS weight
FROM by_day CROSS JOIN (VALUES (1, 'conversion'), (2, 'value_per_session'), (3, 'valued'), (4, 'value_per_buyer'), (5, 'bounce_rate'), (6, 'one_page'), (7, 'error_rate'), (8, 'errors'), (9, 'errors_per_view'), (10, 'refused'), (11, 'clicked'), (12, 'long'), (13, 'hardly'), (14, 'new'), (15, 'duration'), (16, 'active_time'), (17, 'active_share'), (18, 'seconds_per_view'), (19, 'page_views'), (20, 'clicks'), (21, 'clicks_per_view'), (22, 'events')) AS names (number, metric)
ORDER BY number, day
