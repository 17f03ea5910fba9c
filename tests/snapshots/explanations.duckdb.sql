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
    SELECT sided_sessions.*, goal_ms
    FROM sided_sessions
    LEFT JOIN goal ON goal_session = session_key
),
numbers AS NOT MATERIALIZED (
    SELECT user_key AS who, side, CAST(CASE WHEN goal_ms IS NOT NULL THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_1
    FROM measured
),
of_person AS MATERIALIZED (
    SELECT who, side, count(*) * 1e0 AS s_1,
        count(nullif(v_1, 0e0)) * 1e0 AS s_2
    FROM numbers
    GROUP BY who, side
),
totals AS (
    SELECT side, count(*) AS everyone, CAST(sum(s_1) AS DOUBLE) AS t_1,
        CAST(sum(s_2) AS DOUBLE) AS t_2,
        count(CASE WHEN s_1 > 0 THEN 1 END) AS t_3,
        count(CASE WHEN s_2 <> 0 THEN 1 END) AS t_4,
        sum(s_2 * s_2) AS t_5,
        sum(s_2 * s_1) AS t_6,
        sum(s_1 * s_1) AS t_7
    FROM of_person
    GROUP BY side
),
crossings AS (
    SELECT count(*) AS both_people, sum(one.s_2 * other.s_2) AS x_1,
        sum(one.s_2 * other.s_1) AS x_2,
        sum(one.s_1 * other.s_2) AS x_3,
        sum(one.s_1 * other.s_1) AS x_4
    FROM (SELECT * FROM of_person WHERE side = 0) AS one
    JOIN (SELECT * FROM of_person WHERE side = 1) AS other ON one.who = other.who
)
SELECT
    metric,
    totals.side,
    everyone,
    both_people,
    CASE metric WHEN 1 THEN t_1 END AS sessions,
    CASE metric WHEN 1 THEN t_1 END AS counted,
    CASE metric WHEN 1 THEN t_2 END AS total,
    CASE metric WHEN 1 THEN t_3 END AS people,
    CASE metric WHEN 1 THEN t_4 END AS hits,
    CASE metric WHEN 1 THEN t_5 END AS person_squares,
    CASE metric WHEN 1 THEN t_6 END AS person_cross,
    CASE metric WHEN 1 THEN t_7 END AS person_counts,
    coalesce(CASE metric WHEN 1 THEN x_1 END, 0e0) AS totals,
    coalesce(CASE metric WHEN 1 THEN x_2 END, 0e0) AS total_count,
    coalesce(CASE metric WHEN 1 THEN x_3 END, 0e0) AS count_total,
    coalesce(CASE metric WHEN 1 THEN x_4 END, 0e0) AS counts,
    CAST(NULL AS DOUBLE) AS mark
FROM totals
CROSS JOIN crossings
CROSS JOIN (VALUES (1)) AS names (metric)
ORDER BY metric, totals.side
;
WITH sided_sessions AS NOT MATERIALIZED (
    SELECT *, 0 AS side FROM sessions WHERE day >= $before_start AND day < $before_stop AND coalesce(list_contains($before_release, release), false) AND coalesce(list_contains($before_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(name = $before_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(nullif(properties ->> $before_where_2_1_key, '') = $before_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $before_where_2_2_value, false)) AND coalesce(list_contains($before_where_3_value, release), false)
    UNION ALL
    SELECT *, 1 AS side FROM sessions WHERE day >= $after_start AND day < $after_stop AND coalesce(list_contains($after_release, release), false) AND coalesce(list_contains($after_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(name = $after_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(nullif(properties ->> $after_where_2_1_key, '') = $after_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $after_where_2_2_value, false)) AND coalesce(list_contains($after_where_3_value, release), false)
)
SELECT count(*) AS sessions
FROM (SELECT session_key FROM sided_sessions GROUP BY session_key HAVING count(*) > 1) AS twice
;
WITH sided_sessions AS NOT MATERIALIZED (
    SELECT *, 0 AS side FROM sessions WHERE day >= $before_start AND day < $before_stop AND coalesce(list_contains($before_release, release), false) AND coalesce(list_contains($before_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(name = $before_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(nullif(properties ->> $before_where_2_1_key, '') = $before_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $before_where_2_2_value, false)) AND coalesce(list_contains($before_where_3_value, release), false)
    UNION ALL
    SELECT *, 1 AS side FROM sessions WHERE day >= $after_start AND day < $after_stop AND coalesce(list_contains($after_release, release), false) AND coalesce(list_contains($after_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(name = $after_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(nullif(properties ->> $after_where_2_1_key, '') = $after_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $after_where_2_2_value, false)) AND coalesce(list_contains($after_where_3_value, release), false)
)
SELECT side, day, count(*) AS sessions
FROM sided_sessions
GROUP BY side, day
ORDER BY side, day
;
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
    SELECT sided_sessions.*, first_seen, goal_ms
    FROM sided_sessions
    LEFT JOIN (SELECT user_key AS person, first_seen FROM users) AS persons ON person = user_key
    LEFT JOIN goal ON goal_session = session_key
),
held AS (
    SELECT
        side,
        coalesce(device, '') AS of_device,
        coalesce(release, '') AS of_release,
        coalesce(country, '') AS of_country,
        coalesce(entry_page, '') AS of_entry_page,
        CASE WHEN first_seen = start THEN 'new' ELSE 'returning' END AS of_new,
        coalesce(campaign, '') AS of_campaign,
        coalesce(browser, '') AS of_browser,
        CAST(weekday AS VARCHAR) AS of_weekday,
        1 AS n,
        CASE WHEN goal_ms IS NOT NULL THEN 1e0 ELSE 0e0 END AS x,
        1 AS y
    FROM measured
),
by_value AS (
    SELECT side, of_device, of_release, of_country, of_entry_page, of_new, of_campaign, of_browser, of_weekday,
        sum(n) AS n, sum(x) AS total, sum(y) AS weight, sum(CAST(x AS DOUBLE) * x) AS squares,
        sum(CAST(x AS DOUBLE) * y) AS products, sum(CAST(y AS DOUBLE) * y) AS weight_squares
    FROM held
    GROUP BY GROUPING SETS (
        (side, of_device),
        (side, of_release),
        (side, of_country),
        (side, of_entry_page),
        (side, of_new),
        (side, of_campaign),
        (side, of_browser),
        (side, of_weekday)
    )
),
named AS (
    SELECT
        side,
        CASE
            WHEN of_device IS NOT NULL THEN 'device'
            WHEN of_release IS NOT NULL THEN 'release'
            WHEN of_country IS NOT NULL THEN 'country'
            WHEN of_entry_page IS NOT NULL THEN 'entry_page'
            WHEN of_new IS NOT NULL THEN 'new'
            WHEN of_campaign IS NOT NULL THEN 'campaign'
            WHEN of_browser IS NOT NULL THEN 'browser'
            WHEN of_weekday IS NOT NULL THEN 'weekday'
        END AS field,
        coalesce(of_device, of_release, of_country, of_entry_page, of_new, of_campaign, of_browser, of_weekday) AS value,
        n, total, weight, squares, products, weight_squares
    FROM by_value
),
totalled AS (
    SELECT *, sum(n) OVER (PARTITION BY field, value) AS both_sides
    FROM named
),
ranked AS (
    SELECT *, dense_rank() OVER (PARTITION BY field ORDER BY both_sides DESC, value) AS place
    FROM totalled
)
SELECT
    side,
    field,
    CASE WHEN place <= $limit THEN value END AS value,
    CAST(sum(n) AS BIGINT) AS n,
    CAST(sum(total) AS DOUBLE) AS total,
    CAST(sum(weight) AS DOUBLE) AS weight,
    sum(squares) AS squares,
    sum(products) AS products,
    sum(weight_squares) AS weight_squares
FROM ranked
GROUP BY side, field, CASE WHEN place <= $limit THEN value END
ORDER BY field, value NULLS LAST, side
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
daily AS (
    SELECT day, release, count(*) AS sessions
    FROM scoped_sessions
    GROUP BY day, release
),
usual AS (
    SELECT release AS known
    FROM daily
    WHERE release IS NOT NULL
    GROUP BY release
    ORDER BY sum(sessions) DESC, release
    LIMIT $limit
)
SELECT day, known AS release, CAST(sum(sessions) AS BIGINT) AS sessions,
    CAST(sum(CASE WHEN release IS NULL THEN sessions ELSE 0 END) AS BIGINT) AS without
FROM daily LEFT JOIN usual ON known = release
GROUP BY day, known
ORDER BY day, sessions DESC, release
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
    SELECT scoped_sessions.*, goal_ms
    FROM scoped_sessions
    LEFT JOIN goal ON goal_session = session_key
),
by_day AS (
    SELECT day, sum(1) AS n_1, sum(CASE WHEN goal_ms IS NOT NULL THEN 1e0 ELSE 0e0 END) AS total_1, sum(1) AS weight_1
    FROM measured
    GROUP BY day
)
SELECT
    metric,
    day,
    CAST(CASE number WHEN 1 THEN n_1 END AS BIGINT) AS n,
    CAST(CASE number WHEN 1 THEN total_1 END AS DOUBLE) AS total,
    CAST(CASE number WHEN 1 THEN weight_1 END AS DOUBLE) AS weight
FROM by_day CROSS JOIN (VALUES (1, 'conversion')) AS names (number, metric)
ORDER BY number, day
