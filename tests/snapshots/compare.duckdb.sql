WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
      AND coalesce(list_contains($scope_where_3_value, release), false)
),
scoped AS NOT MATERIALIZED (
    SELECT * FROM events
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
of_person AS (
    SELECT user_key, count(CASE WHEN session_key IN (SELECT session_key FROM scoped WHERE name = $goal_name) THEN 1e0 ELSE 0e0 END) AS n_1, sum(CASE WHEN session_key IN (SELECT session_key FROM scoped WHERE name = $goal_name) THEN 1e0 ELSE 0e0 END) AS s_1, sum((CASE WHEN session_key IN (SELECT session_key FROM scoped WHERE name = $goal_name) THEN 1e0 ELSE 0e0 END) * (CASE WHEN session_key IN (SELECT session_key FROM scoped WHERE name = $goal_name) THEN 1e0 ELSE 0e0 END)) AS q_1,
        count(CASE WHEN bounce IS NULL THEN NULL WHEN bounce THEN 1e0 ELSE 0e0 END) AS n_2, sum(CASE WHEN bounce IS NULL THEN NULL WHEN bounce THEN 1e0 ELSE 0e0 END) AS s_2, sum((CASE WHEN bounce IS NULL THEN NULL WHEN bounce THEN 1e0 ELSE 0e0 END) * (CASE WHEN bounce IS NULL THEN NULL WHEN bounce THEN 1e0 ELSE 0e0 END)) AS q_2,
        count(CASE WHEN errors > 0 IS NULL THEN NULL WHEN errors > 0 THEN 1e0 ELSE 0e0 END) AS n_3, sum(CASE WHEN errors > 0 IS NULL THEN NULL WHEN errors > 0 THEN 1e0 ELSE 0e0 END) AS s_3, sum((CASE WHEN errors > 0 IS NULL THEN NULL WHEN errors > 0 THEN 1e0 ELSE 0e0 END) * (CASE WHEN errors > 0 IS NULL THEN NULL WHEN errors > 0 THEN 1e0 ELSE 0e0 END)) AS q_3,
        count(coalesce(value, 0e0)) AS n_4, sum(coalesce(value, 0e0)) AS s_4, sum((coalesce(value, 0e0)) * (coalesce(value, 0e0))) AS q_4,
        count(value) AS n_5, sum(value) AS s_5, sum((value) * (value)) AS q_5,
        count(duration_ms / 1e3) AS n_6, sum(duration_ms / 1e3) AS s_6, sum((duration_ms / 1e3) * (duration_ms / 1e3)) AS q_6,
        count(active_ms / 1e3) AS n_7, sum(active_ms / 1e3) AS s_7, sum((active_ms / 1e3) * (active_ms / 1e3)) AS q_7,
        count(CAST(page_views AS DOUBLE)) AS n_8, sum(CAST(page_views AS DOUBLE)) AS s_8, sum((CAST(page_views AS DOUBLE)) * (CAST(page_views AS DOUBLE))) AS q_8,
        count(CAST(clicks AS DOUBLE)) AS n_9, sum(CAST(clicks AS DOUBLE)) AS s_9, sum((CAST(clicks AS DOUBLE)) * (CAST(clicks AS DOUBLE))) AS q_9,
        count(CAST(events AS DOUBLE)) AS n_10, sum(CAST(events AS DOUBLE)) AS s_10, sum((CAST(events AS DOUBLE)) * (CAST(events AS DOUBLE))) AS q_10,
        count(CASE WHEN page_views = 1 IS NULL THEN NULL WHEN page_views = 1 THEN 1e0 ELSE 0e0 END) AS n_11, sum(CASE WHEN page_views = 1 IS NULL THEN NULL WHEN page_views = 1 THEN 1e0 ELSE 0e0 END) AS s_11, sum((CASE WHEN page_views = 1 IS NULL THEN NULL WHEN page_views = 1 THEN 1e0 ELSE 0e0 END) * (CASE WHEN page_views = 1 IS NULL THEN NULL WHEN page_views = 1 THEN 1e0 ELSE 0e0 END)) AS q_11
    FROM scoped_sessions
    GROUP BY user_key
),
totals AS (
    SELECT CAST(sum(n_1) AS BIGINT) AS n_1, sum(s_1) AS s_1, sum(q_1) AS q_1,
        count(CASE WHEN n_1 > 0 THEN 1 END) AS people_1, sum(s_1 * s_1) AS ss_1, sum(s_1 * n_1) AS sn_1,
        sum(CAST(n_1 AS DOUBLE) * n_1) AS nn_1,
        CAST(sum(n_2) AS BIGINT) AS n_2, sum(s_2) AS s_2, sum(q_2) AS q_2,
        count(CASE WHEN n_2 > 0 THEN 1 END) AS people_2, sum(s_2 * s_2) AS ss_2, sum(s_2 * n_2) AS sn_2,
        sum(CAST(n_2 AS DOUBLE) * n_2) AS nn_2,
        CAST(sum(n_3) AS BIGINT) AS n_3, sum(s_3) AS s_3, sum(q_3) AS q_3,
        count(CASE WHEN n_3 > 0 THEN 1 END) AS people_3, sum(s_3 * s_3) AS ss_3, sum(s_3 * n_3) AS sn_3,
        sum(CAST(n_3 AS DOUBLE) * n_3) AS nn_3,
        CAST(sum(n_4) AS BIGINT) AS n_4, sum(s_4) AS s_4, sum(q_4) AS q_4,
        count(CASE WHEN n_4 > 0 THEN 1 END) AS people_4, sum(s_4 * s_4) AS ss_4, sum(s_4 * n_4) AS sn_4,
        sum(CAST(n_4 AS DOUBLE) * n_4) AS nn_4,
        CAST(sum(n_5) AS BIGINT) AS n_5, sum(s_5) AS s_5, sum(q_5) AS q_5,
        count(CASE WHEN n_5 > 0 THEN 1 END) AS people_5, sum(s_5 * s_5) AS ss_5, sum(s_5 * n_5) AS sn_5,
        sum(CAST(n_5 AS DOUBLE) * n_5) AS nn_5,
        CAST(sum(n_6) AS BIGINT) AS n_6, sum(s_6) AS s_6, sum(q_6) AS q_6,
        count(CASE WHEN n_6 > 0 THEN 1 END) AS people_6, sum(s_6 * s_6) AS ss_6, sum(s_6 * n_6) AS sn_6,
        sum(CAST(n_6 AS DOUBLE) * n_6) AS nn_6,
        CAST(sum(n_7) AS BIGINT) AS n_7, sum(s_7) AS s_7, sum(q_7) AS q_7,
        count(CASE WHEN n_7 > 0 THEN 1 END) AS people_7, sum(s_7 * s_7) AS ss_7, sum(s_7 * n_7) AS sn_7,
        sum(CAST(n_7 AS DOUBLE) * n_7) AS nn_7,
        CAST(sum(n_8) AS BIGINT) AS n_8, sum(s_8) AS s_8, sum(q_8) AS q_8,
        count(CASE WHEN n_8 > 0 THEN 1 END) AS people_8, sum(s_8 * s_8) AS ss_8, sum(s_8 * n_8) AS sn_8,
        sum(CAST(n_8 AS DOUBLE) * n_8) AS nn_8,
        CAST(sum(n_9) AS BIGINT) AS n_9, sum(s_9) AS s_9, sum(q_9) AS q_9,
        count(CASE WHEN n_9 > 0 THEN 1 END) AS people_9, sum(s_9 * s_9) AS ss_9, sum(s_9 * n_9) AS sn_9,
        sum(CAST(n_9 AS DOUBLE) * n_9) AS nn_9,
        CAST(sum(n_10) AS BIGINT) AS n_10, sum(s_10) AS s_10, sum(q_10) AS q_10,
        count(CASE WHEN n_10 > 0 THEN 1 END) AS people_10, sum(s_10 * s_10) AS ss_10, sum(s_10 * n_10) AS sn_10,
        sum(CAST(n_10 AS DOUBLE) * n_10) AS nn_10,
        CAST(sum(n_11) AS BIGINT) AS n_11, sum(s_11) AS s_11, sum(q_11) AS q_11,
        count(CASE WHEN n_11 > 0 THEN 1 END) AS people_11, sum(s_11 * s_11) AS ss_11, sum(s_11 * n_11) AS sn_11,
        sum(CAST(n_11 AS DOUBLE) * n_11) AS nn_11
    FROM of_person
)
SELECT
    metric,
    coalesce(CASE metric WHEN 1 THEN n_1 WHEN 2 THEN n_2 WHEN 3 THEN n_3 WHEN 4 THEN n_4 WHEN 5 THEN n_5 WHEN 6 THEN n_6 WHEN 7 THEN n_7 WHEN 8 THEN n_8 WHEN 9 THEN n_9 WHEN 10 THEN n_10 WHEN 11 THEN n_11 END, 0) AS n,
    coalesce(CASE metric WHEN 1 THEN s_1 WHEN 2 THEN s_2 WHEN 3 THEN s_3 WHEN 4 THEN s_4 WHEN 5 THEN s_5 WHEN 6 THEN s_6 WHEN 7 THEN s_7 WHEN 8 THEN s_8 WHEN 9 THEN s_9 WHEN 10 THEN s_10 WHEN 11 THEN s_11 END, 0e0) AS total,
    coalesce(CASE metric WHEN 1 THEN q_1 WHEN 2 THEN q_2 WHEN 3 THEN q_3 WHEN 4 THEN q_4 WHEN 5 THEN q_5 WHEN 6 THEN q_6 WHEN 7 THEN q_7 WHEN 8 THEN q_8 WHEN 9 THEN q_9 WHEN 10 THEN q_10 WHEN 11 THEN q_11 END, 0e0) AS squares,
    CASE metric WHEN 1 THEN people_1 WHEN 2 THEN people_2 WHEN 3 THEN people_3 WHEN 4 THEN people_4 WHEN 5 THEN people_5 WHEN 6 THEN people_6 WHEN 7 THEN people_7 WHEN 8 THEN people_8 WHEN 9 THEN people_9 WHEN 10 THEN people_10 WHEN 11 THEN people_11 END AS people,
    coalesce(CASE metric WHEN 1 THEN ss_1 WHEN 2 THEN ss_2 WHEN 3 THEN ss_3 WHEN 4 THEN ss_4 WHEN 5 THEN ss_5 WHEN 6 THEN ss_6 WHEN 7 THEN ss_7 WHEN 8 THEN ss_8 WHEN 9 THEN ss_9 WHEN 10 THEN ss_10 WHEN 11 THEN ss_11 END, 0e0) AS person_squares,
    coalesce(CASE metric WHEN 1 THEN sn_1 WHEN 2 THEN sn_2 WHEN 3 THEN sn_3 WHEN 4 THEN sn_4 WHEN 5 THEN sn_5 WHEN 6 THEN sn_6 WHEN 7 THEN sn_7 WHEN 8 THEN sn_8 WHEN 9 THEN sn_9 WHEN 10 THEN sn_10 WHEN 11 THEN sn_11 END, 0e0) AS person_cross,
    coalesce(CASE metric WHEN 1 THEN nn_1 WHEN 2 THEN nn_2 WHEN 3 THEN nn_3 WHEN 4 THEN nn_4 WHEN 5 THEN nn_5 WHEN 6 THEN nn_6 WHEN 7 THEN nn_7 WHEN 8 THEN nn_8 WHEN 9 THEN nn_9 WHEN 10 THEN nn_10 WHEN 11 THEN nn_11 END, 0e0) AS person_counts
FROM totals CROSS JOIN (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)) AS numbers (metric)
ORDER BY metric
;
WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
      AND coalesce(list_contains($scope_where_3_value, release), false)
),
scoped AS NOT MATERIALIZED (
    SELECT * FROM events
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
of_person AS (
    SELECT user_key, count(CASE WHEN session_key IN (SELECT session_key FROM scoped WHERE name = $goal_name) THEN 1e0 ELSE 0e0 END) AS n_1, sum(CASE WHEN session_key IN (SELECT session_key FROM scoped WHERE name = $goal_name) THEN 1e0 ELSE 0e0 END) AS s_1, sum((CASE WHEN session_key IN (SELECT session_key FROM scoped WHERE name = $goal_name) THEN 1e0 ELSE 0e0 END) * (CASE WHEN session_key IN (SELECT session_key FROM scoped WHERE name = $goal_name) THEN 1e0 ELSE 0e0 END)) AS q_1,
        count(CASE WHEN bounce IS NULL THEN NULL WHEN bounce THEN 1e0 ELSE 0e0 END) AS n_2, sum(CASE WHEN bounce IS NULL THEN NULL WHEN bounce THEN 1e0 ELSE 0e0 END) AS s_2, sum((CASE WHEN bounce IS NULL THEN NULL WHEN bounce THEN 1e0 ELSE 0e0 END) * (CASE WHEN bounce IS NULL THEN NULL WHEN bounce THEN 1e0 ELSE 0e0 END)) AS q_2,
        count(CASE WHEN errors > 0 IS NULL THEN NULL WHEN errors > 0 THEN 1e0 ELSE 0e0 END) AS n_3, sum(CASE WHEN errors > 0 IS NULL THEN NULL WHEN errors > 0 THEN 1e0 ELSE 0e0 END) AS s_3, sum((CASE WHEN errors > 0 IS NULL THEN NULL WHEN errors > 0 THEN 1e0 ELSE 0e0 END) * (CASE WHEN errors > 0 IS NULL THEN NULL WHEN errors > 0 THEN 1e0 ELSE 0e0 END)) AS q_3,
        count(coalesce(value, 0e0)) AS n_4, sum(coalesce(value, 0e0)) AS s_4, sum((coalesce(value, 0e0)) * (coalesce(value, 0e0))) AS q_4,
        count(value) AS n_5, sum(value) AS s_5, sum((value) * (value)) AS q_5,
        count(duration_ms / 1e3) AS n_6, sum(duration_ms / 1e3) AS s_6, sum((duration_ms / 1e3) * (duration_ms / 1e3)) AS q_6,
        count(active_ms / 1e3) AS n_7, sum(active_ms / 1e3) AS s_7, sum((active_ms / 1e3) * (active_ms / 1e3)) AS q_7,
        count(CAST(page_views AS DOUBLE)) AS n_8, sum(CAST(page_views AS DOUBLE)) AS s_8, sum((CAST(page_views AS DOUBLE)) * (CAST(page_views AS DOUBLE))) AS q_8,
        count(CAST(clicks AS DOUBLE)) AS n_9, sum(CAST(clicks AS DOUBLE)) AS s_9, sum((CAST(clicks AS DOUBLE)) * (CAST(clicks AS DOUBLE))) AS q_9,
        count(CAST(events AS DOUBLE)) AS n_10, sum(CAST(events AS DOUBLE)) AS s_10, sum((CAST(events AS DOUBLE)) * (CAST(events AS DOUBLE))) AS q_10,
        count(CASE WHEN page_views = 1 IS NULL THEN NULL WHEN page_views = 1 THEN 1e0 ELSE 0e0 END) AS n_11, sum(CASE WHEN page_views = 1 IS NULL THEN NULL WHEN page_views = 1 THEN 1e0 ELSE 0e0 END) AS s_11, sum((CASE WHEN page_views = 1 IS NULL THEN NULL WHEN page_views = 1 THEN 1e0 ELSE 0e0 END) * (CASE WHEN page_views = 1 IS NULL THEN NULL WHEN page_views = 1 THEN 1e0 ELSE 0e0 END)) AS q_11
    FROM scoped_sessions
    GROUP BY user_key
),
totals AS (
    SELECT CAST(sum(n_1) AS BIGINT) AS n_1, sum(s_1) AS s_1, sum(q_1) AS q_1,
        count(CASE WHEN n_1 > 0 THEN 1 END) AS people_1, sum(s_1 * s_1) AS ss_1, sum(s_1 * n_1) AS sn_1,
        sum(CAST(n_1 AS DOUBLE) * n_1) AS nn_1,
        CAST(sum(n_2) AS BIGINT) AS n_2, sum(s_2) AS s_2, sum(q_2) AS q_2,
        count(CASE WHEN n_2 > 0 THEN 1 END) AS people_2, sum(s_2 * s_2) AS ss_2, sum(s_2 * n_2) AS sn_2,
        sum(CAST(n_2 AS DOUBLE) * n_2) AS nn_2,
        CAST(sum(n_3) AS BIGINT) AS n_3, sum(s_3) AS s_3, sum(q_3) AS q_3,
        count(CASE WHEN n_3 > 0 THEN 1 END) AS people_3, sum(s_3 * s_3) AS ss_3, sum(s_3 * n_3) AS sn_3,
        sum(CAST(n_3 AS DOUBLE) * n_3) AS nn_3,
        CAST(sum(n_4) AS BIGINT) AS n_4, sum(s_4) AS s_4, sum(q_4) AS q_4,
        count(CASE WHEN n_4 > 0 THEN 1 END) AS people_4, sum(s_4 * s_4) AS ss_4, sum(s_4 * n_4) AS sn_4,
        sum(CAST(n_4 AS DOUBLE) * n_4) AS nn_4,
        CAST(sum(n_5) AS BIGINT) AS n_5, sum(s_5) AS s_5, sum(q_5) AS q_5,
        count(CASE WHEN n_5 > 0 THEN 1 END) AS people_5, sum(s_5 * s_5) AS ss_5, sum(s_5 * n_5) AS sn_5,
        sum(CAST(n_5 AS DOUBLE) * n_5) AS nn_5,
        CAST(sum(n_6) AS BIGINT) AS n_6, sum(s_6) AS s_6, sum(q_6) AS q_6,
        count(CASE WHEN n_6 > 0 THEN 1 END) AS people_6, sum(s_6 * s_6) AS ss_6, sum(s_6 * n_6) AS sn_6,
        sum(CAST(n_6 AS DOUBLE) * n_6) AS nn_6,
        CAST(sum(n_7) AS BIGINT) AS n_7, sum(s_7) AS s_7, sum(q_7) AS q_7,
        count(CASE WHEN n_7 > 0 THEN 1 END) AS people_7, sum(s_7 * s_7) AS ss_7, sum(s_7 * n_7) AS sn_7,
        sum(CAST(n_7 AS DOUBLE) * n_7) AS nn_7,
        CAST(sum(n_8) AS BIGINT) AS n_8, sum(s_8) AS s_8, sum(q_8) AS q_8,
        count(CASE WHEN n_8 > 0 THEN 1 END) AS people_8, sum(s_8 * s_8) AS ss_8, sum(s_8 * n_8) AS sn_8,
        sum(CAST(n_8 AS DOUBLE) * n_8) AS nn_8,
        CAST(sum(n_9) AS BIGINT) AS n_9, sum(s_9) AS s_9, sum(q_9) AS q_9,
        count(CASE WHEN n_9 > 0 THEN 1 END) AS people_9, sum(s_9 * s_9) AS ss_9, sum(s_9 * n_9) AS sn_9,
        sum(CAST(n_9 AS DOUBLE) * n_9) AS nn_9,
        CAST(sum(n_10) AS BIGINT) AS n_10, sum(s_10) AS s_10, sum(q_10) AS q_10,
        count(CASE WHEN n_10 > 0 THEN 1 END) AS people_10, sum(s_10 * s_10) AS ss_10, sum(s_10 * n_10) AS sn_10,
        sum(CAST(n_10 AS DOUBLE) * n_10) AS nn_10,
        CAST(sum(n_11) AS BIGINT) AS n_11, sum(s_11) AS s_11, sum(q_11) AS q_11,
        count(CASE WHEN n_11 > 0 THEN 1 END) AS people_11, sum(s_11 * s_11) AS ss_11, sum(s_11 * n_11) AS sn_11,
        sum(CAST(n_11 AS DOUBLE) * n_11) AS nn_11
    FROM of_person
)
SELECT
    metric,
    coalesce(CASE metric WHEN 1 THEN n_1 WHEN 2 THEN n_2 WHEN 3 THEN n_3 WHEN 4 THEN n_4 WHEN 5 THEN n_5 WHEN 6 THEN n_6 WHEN 7 THEN n_7 WHEN 8 THEN n_8 WHEN 9 THEN n_9 WHEN 10 THEN n_10 WHEN 11 THEN n_11 END, 0) AS n,
    coalesce(CASE metric WHEN 1 THEN s_1 WHEN 2 THEN s_2 WHEN 3 THEN s_3 WHEN 4 THEN s_4 WHEN 5 THEN s_5 WHEN 6 THEN s_6 WHEN 7 THEN s_7 WHEN 8 THEN s_8 WHEN 9 THEN s_9 WHEN 10 THEN s_10 WHEN 11 THEN s_11 END, 0e0) AS total,
    coalesce(CASE metric WHEN 1 THEN q_1 WHEN 2 THEN q_2 WHEN 3 THEN q_3 WHEN 4 THEN q_4 WHEN 5 THEN q_5 WHEN 6 THEN q_6 WHEN 7 THEN q_7 WHEN 8 THEN q_8 WHEN 9 THEN q_9 WHEN 10 THEN q_10 WHEN 11 THEN q_11 END, 0e0) AS squares,
    CASE metric WHEN 1 THEN people_1 WHEN 2 THEN people_2 WHEN 3 THEN people_3 WHEN 4 THEN people_4 WHEN 5 THEN people_5 WHEN 6 THEN people_6 WHEN 7 THEN people_7 WHEN 8 THEN people_8 WHEN 9 THEN people_9 WHEN 10 THEN people_10 WHEN 11 THEN people_11 END AS people,
    coalesce(CASE metric WHEN 1 THEN ss_1 WHEN 2 THEN ss_2 WHEN 3 THEN ss_3 WHEN 4 THEN ss_4 WHEN 5 THEN ss_5 WHEN 6 THEN ss_6 WHEN 7 THEN ss_7 WHEN 8 THEN ss_8 WHEN 9 THEN ss_9 WHEN 10 THEN ss_10 WHEN 11 THEN ss_11 END, 0e0) AS person_squares,
    coalesce(CASE metric WHEN 1 THEN sn_1 WHEN 2 THEN sn_2 WHEN 3 THEN sn_3 WHEN 4 THEN sn_4 WHEN 5 THEN sn_5 WHEN 6 THEN sn_6 WHEN 7 THEN sn_7 WHEN 8 THEN sn_8 WHEN 9 THEN sn_9 WHEN 10 THEN sn_10 WHEN 11 THEN sn_11 END, 0e0) AS person_cross,
    coalesce(CASE metric WHEN 1 THEN nn_1 WHEN 2 THEN nn_2 WHEN 3 THEN nn_3 WHEN 4 THEN nn_4 WHEN 5 THEN nn_5 WHEN 6 THEN nn_6 WHEN 7 THEN nn_7 WHEN 8 THEN nn_8 WHEN 9 THEN nn_9 WHEN 10 THEN nn_10 WHEN 11 THEN nn_11 END, 0e0) AS person_counts
FROM totals CROSS JOIN (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)) AS numbers (metric)
ORDER BY metric
