WITH sided_sessions AS NOT MATERIALIZED (
    SELECT *, 0 AS side FROM sessions WHERE day >= $before_start AND day < $before_stop AND coalesce(list_contains($before_release, release), false) AND coalesce(list_contains($before_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(name = $before_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(nullif(properties ->> $before_where_2_1_key, '') = $before_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $before_where_2_2_value, false)) AND coalesce(list_contains($before_where_3_value, release), false)
    UNION ALL
    SELECT *, 1 AS side FROM sessions WHERE day >= $after_start AND day < $after_stop AND coalesce(list_contains($after_release, release), false) AND coalesce(list_contains($after_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(name = $after_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(nullif(properties ->> $after_where_2_1_key, '') = $after_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $after_where_2_2_value, false)) AND coalesce(list_contains($after_where_3_value, release), false)
),
scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE ((day >= $before_start AND day < $before_stop AND coalesce(list_contains($before_release, release), false) AND coalesce(list_contains($before_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(name = $before_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(nullif(properties ->> $before_where_2_1_key, '') = $before_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $before_where_2_2_value, false)) AND coalesce(list_contains($before_where_3_value, release), false)) OR (day >= $after_start AND day < $after_stop AND coalesce(list_contains($after_release, release), false) AND coalesce(list_contains($after_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(name = $after_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(nullif(properties ->> $after_where_2_1_key, '') = $after_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $after_where_2_2_value, false)) AND coalesce(list_contains($after_where_3_value, release), false)))
),
scoped AS NOT MATERIALIZED (
    SELECT * FROM events
    WHERE day >= $either_start
      AND day < $either_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
goal AS (
    SELECT session_key AS goal_session, min(offset_ms) AS goal_ms
    FROM scoped
    WHERE name = $goal_name
    GROUP BY session_key
),
measured AS NOT MATERIALIZED (
    SELECT sided_sessions.*, first_seen, refusal, goal_ms
    FROM sided_sessions
    LEFT JOIN (SELECT user_key AS person, first_seen FROM users) AS persons ON person = user_key
    CROSS JOIN (
        SELECT max(CASE WHEN value = $refusal THEN symbol END) AS refusal FROM codes WHERE kind = 'name'
    ) AS refusals
    LEFT JOIN goal ON goal_session = session_key
),
numbers AS MATERIALIZED (
    SELECT user_key AS who, side, CAST(CASE WHEN goal_ms IS NOT NULL THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_1,
        CASE WHEN goal_ms IS NOT NULL THEN goal_ms / 1e3 END AS v_2,
        CAST(CASE WHEN value IS NOT NULL THEN value ELSE 0e0 END AS DOUBLE) AS v_3,
        CAST(CASE WHEN bounce IS NOT NULL THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_4,
        CAST(CASE WHEN bounce IS NOT NULL THEN CASE WHEN bounce THEN 1e0 ELSE 0e0 END ELSE 0e0 END AS DOUBLE) AS v_5,
        CAST(CASE WHEN strpos(name_string, refusal) > 0 THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_6,
        CAST(CASE WHEN first_seen = start THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_7,
        CAST(CAST(page_views AS DOUBLE) AS DOUBLE) AS v_8,
        CAST(CAST(clicks AS DOUBLE) AS DOUBLE) AS v_9
    FROM measured
),
marks AS MATERIALIZED (
    SELECT side AS of_side, quantile_cont(v_2, 0.5) AS mark_2
    FROM numbers
    GROUP BY side
),
of_person AS MATERIALIZED (
    SELECT who, side, count(*) * 1e0 AS s_1,
        count(nullif(v_1, 0e0)) * 1e0 AS s_2,
        sum(CASE WHEN v_2 <= mark_2 THEN 1e0 ELSE 0e0 END) AS s_3,
        sum(v_3) AS s_4,
        count(nullif(v_4, 0e0)) * 1e0 AS s_5,
        count(nullif(v_5, 0e0)) * 1e0 AS s_6,
        count(nullif(v_6, 0e0)) * 1e0 AS s_7,
        count(nullif(v_7, 0e0)) * 1e0 AS s_8,
        sum(v_8) AS s_9,
        sum(v_9) AS s_10
    FROM numbers JOIN marks ON of_side = side
    GROUP BY who, side
),
totals AS (
    SELECT side, count(*) AS everyone, CAST(sum(s_1) AS DOUBLE) AS t_1,
        CAST(sum(s_2) AS DOUBLE) AS t_2,
        count(CASE WHEN s_1 > 0 THEN 1 END) AS t_3,
        count(CASE WHEN s_2 <> 0 THEN 1 END) AS t_4,
        sum(s_2 * s_2) AS t_5,
        sum(s_2 * s_1) AS t_6,
        sum(s_1 * s_1) AS t_7,
        CAST(sum(s_3) AS DOUBLE) AS t_8,
        count(CASE WHEN s_2 > 0 THEN 1 END) AS t_9,
        count(CASE WHEN s_3 <> 0 THEN 1 END) AS t_10,
        sum(s_3 * s_3) AS t_11,
        sum(s_3 * s_2) AS t_12,
        CAST(sum(s_4) AS DOUBLE) AS t_13,
        count(CASE WHEN s_4 <> 0 THEN 1 END) AS t_14,
        sum(s_4 * s_4) AS t_15,
        sum(s_4 * s_1) AS t_16,
        CAST(sum(s_5) AS DOUBLE) AS t_17,
        CAST(sum(s_6) AS DOUBLE) AS t_18,
        count(CASE WHEN s_5 > 0 THEN 1 END) AS t_19,
        count(CASE WHEN s_6 <> 0 THEN 1 END) AS t_20,
        sum(s_6 * s_6) AS t_21,
        sum(s_6 * s_5) AS t_22,
        sum(s_5 * s_5) AS t_23,
        CAST(sum(s_7) AS DOUBLE) AS t_24,
        count(CASE WHEN s_7 <> 0 THEN 1 END) AS t_25,
        sum(s_7 * s_7) AS t_26,
        sum(s_7 * s_1) AS t_27,
        CAST(sum(s_8) AS DOUBLE) AS t_28,
        count(CASE WHEN s_8 <> 0 THEN 1 END) AS t_29,
        sum(s_8 * s_8) AS t_30,
        sum(s_8 * s_1) AS t_31,
        CAST(sum(s_9) AS DOUBLE) AS t_32,
        CAST(sum(s_10) AS DOUBLE) AS t_33,
        count(CASE WHEN s_9 > 0 THEN 1 END) AS t_34,
        count(CASE WHEN s_10 <> 0 THEN 1 END) AS t_35,
        sum(s_10 * s_10) AS t_36,
        sum(s_10 * s_9) AS t_37,
        sum(s_9 * s_9) AS t_38
    FROM of_person
    GROUP BY side
),
crossings AS (
    SELECT count(*) AS both_people, sum(one.s_2 * other.s_2) AS x_1,
        sum(one.s_2 * other.s_1) AS x_2,
        sum(one.s_1 * other.s_2) AS x_3,
        sum(one.s_1 * other.s_1) AS x_4,
        sum(one.s_3 * other.s_3) AS x_5,
        sum(one.s_3 * other.s_2) AS x_6,
        sum(one.s_2 * other.s_3) AS x_7,
        sum(one.s_4 * other.s_4) AS x_8,
        sum(one.s_4 * other.s_1) AS x_9,
        sum(one.s_1 * other.s_4) AS x_10,
        sum(one.s_6 * other.s_6) AS x_11,
        sum(one.s_6 * other.s_5) AS x_12,
        sum(one.s_5 * other.s_6) AS x_13,
        sum(one.s_5 * other.s_5) AS x_14,
        sum(one.s_7 * other.s_7) AS x_15,
        sum(one.s_7 * other.s_1) AS x_16,
        sum(one.s_1 * other.s_7) AS x_17,
        sum(one.s_8 * other.s_8) AS x_18,
        sum(one.s_8 * other.s_1) AS x_19,
        sum(one.s_1 * other.s_8) AS x_20,
        sum(one.s_10 * other.s_10) AS x_21,
        sum(one.s_10 * other.s_9) AS x_22,
        sum(one.s_9 * other.s_10) AS x_23,
        sum(one.s_9 * other.s_9) AS x_24
    FROM (SELECT * FROM of_person WHERE side = 0) AS one
    JOIN (SELECT * FROM of_person WHERE side = 1) AS other ON one.who = other.who
)
SELECT
    metric,
    totals.side,
    everyone,
    both_people,
    CASE metric WHEN 1 THEN t_1 WHEN 2 THEN t_2 WHEN 3 THEN t_1 WHEN 4 THEN t_17 WHEN 5 THEN t_1 WHEN 6 THEN t_1 WHEN 7 THEN t_1 END AS sessions,
    CASE metric WHEN 1 THEN t_1 WHEN 2 THEN t_2 WHEN 3 THEN t_1 WHEN 4 THEN t_17 WHEN 5 THEN t_1 WHEN 6 THEN t_1 WHEN 7 THEN t_32 END AS counted,
    CASE metric WHEN 1 THEN t_2 WHEN 2 THEN t_8 WHEN 3 THEN t_13 WHEN 4 THEN t_18 WHEN 5 THEN t_24 WHEN 6 THEN t_28 WHEN 7 THEN t_33 END AS total,
    CASE metric WHEN 1 THEN t_3 WHEN 2 THEN t_9 WHEN 3 THEN t_3 WHEN 4 THEN t_19 WHEN 5 THEN t_3 WHEN 6 THEN t_3 WHEN 7 THEN t_34 END AS people,
    CASE metric WHEN 1 THEN t_4 WHEN 2 THEN t_10 WHEN 3 THEN t_14 WHEN 4 THEN t_20 WHEN 5 THEN t_25 WHEN 6 THEN t_29 WHEN 7 THEN t_35 END AS hits,
    CASE metric WHEN 1 THEN t_5 WHEN 2 THEN t_11 WHEN 3 THEN t_15 WHEN 4 THEN t_21 WHEN 5 THEN t_26 WHEN 6 THEN t_30 WHEN 7 THEN t_36 END AS person_squares,
    CASE metric WHEN 1 THEN t_6 WHEN 2 THEN t_12 WHEN 3 THEN t_16 WHEN 4 THEN t_22 WHEN 5 THEN t_27 WHEN 6 THEN t_31 WHEN 7 THEN t_37 END AS person_cross,
    CASE metric WHEN 1 THEN t_7 WHEN 2 THEN t_5 WHEN 3 THEN t_7 WHEN 4 THEN t_23 WHEN 5 THEN t_7 WHEN 6 THEN t_7 WHEN 7 THEN t_38 END AS person_counts,
    coalesce(CASE metric WHEN 1 THEN x_1 WHEN 2 THEN x_5 WHEN 3 THEN x_8 WHEN 4 THEN x_11 WHEN 5 THEN x_15 WHEN 6 THEN x_18 WHEN 7 THEN x_21 END, 0e0) AS totals,
    coalesce(CASE metric WHEN 1 THEN x_2 WHEN 2 THEN x_6 WHEN 3 THEN x_9 WHEN 4 THEN x_12 WHEN 5 THEN x_16 WHEN 6 THEN x_19 WHEN 7 THEN x_22 END, 0e0) AS total_count,
    coalesce(CASE metric WHEN 1 THEN x_3 WHEN 2 THEN x_7 WHEN 3 THEN x_10 WHEN 4 THEN x_13 WHEN 5 THEN x_17 WHEN 6 THEN x_20 WHEN 7 THEN x_23 END, 0e0) AS count_total,
    coalesce(CASE metric WHEN 1 THEN x_4 WHEN 2 THEN x_1 WHEN 3 THEN x_4 WHEN 4 THEN x_14 WHEN 5 THEN x_4 WHEN 6 THEN x_4 WHEN 7 THEN x_24 END, 0e0) AS counts,
    CASE metric WHEN 2 THEN mark_2 END AS mark
FROM totals JOIN marks ON of_side = totals.side
CROSS JOIN crossings
CROSS JOIN (VALUES (1), (2), (3), (4), (5), (6), (7)) AS names (metric)
ORDER BY metric, totals.side
;
WITH sided_sessions AS NOT MATERIALIZED (
    SELECT *, 0 AS side FROM sessions WHERE day >= $before_start AND day < $before_stop AND coalesce(list_contains($before_release, release), false) AND coalesce(list_contains($before_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(name = $before_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(nullif(properties ->> $before_where_2_1_key, '') = $before_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $before_where_2_2_value, false)) AND coalesce(list_contains($before_where_3_value, release), false)
    UNION ALL
    SELECT *, 1 AS side FROM sessions WHERE day >= $after_start AND day < $after_stop AND coalesce(list_contains($after_release, release), false) AND coalesce(list_contains($after_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(name = $after_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(nullif(properties ->> $after_where_2_1_key, '') = $after_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $after_where_2_2_value, false)) AND coalesce(list_contains($after_where_3_value, release), false)
)
SELECT count(*) AS sessions
FROM (SELECT session_key FROM sided_sessions GROUP BY session_key HAVING count(*) > 1) AS twice
