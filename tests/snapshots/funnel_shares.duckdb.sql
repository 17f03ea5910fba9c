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
first_1 AS MATERIALIZED (
    SELECT session_key AS unit, min(position) AS place, min(time) AS time_1
    FROM scoped
    WHERE name = $step_1_name AND coalesce(page LIKE $step_1_page ESCAPE '!', false)
    GROUP BY session_key
),
first_2 AS MATERIALIZED (
    SELECT unit, min(position) AS place, min(time) AS time_2
    FROM scoped JOIN (SELECT unit, place FROM first_1) AS earlier ON session_key = unit
    WHERE position > place AND name = $step_2_name
    GROUP BY unit
),
first_3 AS MATERIALIZED (
    SELECT unit, min(position) AS place, min(time) AS time_3
    FROM scoped JOIN (SELECT unit, place FROM first_2) AS earlier ON session_key = unit
    WHERE position > place AND name = $step_3_name AND coalesce(page = $step_3_page, false)
    GROUP BY unit
),
first_4 AS MATERIALIZED (
    SELECT unit, min(position) AS place, min(time) AS time_4
    FROM scoped JOIN (SELECT unit, place FROM first_3) AS earlier ON session_key = unit
    WHERE position > place AND name = $step_4_name
    GROUP BY unit
),
back_3 AS (
    SELECT unit, max(position) AS place, max(time) AS time_3
    FROM scoped JOIN (
        SELECT unit, place FROM first_4
    ) AS later ON session_key = unit
    WHERE position < place AND name = $step_3_name AND coalesce(page = $step_3_page, false)
    GROUP BY unit
),
back_2 AS (
    SELECT unit, max(position) AS place, max(time) AS time_2
    FROM scoped JOIN (
        SELECT unit, place FROM back_3
        UNION ALL
        SELECT unit, place FROM first_3 ANTI JOIN first_4 USING (unit)
    ) AS later ON session_key = unit
    WHERE position < place AND name = $step_2_name
    GROUP BY unit
),
back_1 AS (
    SELECT unit, max(position) AS place, max(time) AS time_1
    FROM scoped JOIN (
        SELECT unit, place FROM back_2
        UNION ALL
        SELECT unit, place FROM first_2 ANTI JOIN first_3 USING (unit)
    ) AS later ON session_key = unit
    WHERE position < place AND name = $step_1_name AND coalesce(page LIKE $step_1_page ESCAPE '!', false)
    GROUP BY unit
),
timed_2 AS (
    SELECT unit, min(position) AS place, min(time) AS time_2
    FROM scoped JOIN (
        SELECT unit, place FROM back_1 SEMI JOIN first_2 USING (unit)
    ) AS earlier ON session_key = unit
    WHERE position > place AND name = $step_2_name
    GROUP BY unit
),
timed_3 AS (
    SELECT unit, min(position) AS place, min(time) AS time_3
    FROM scoped JOIN (
        SELECT unit, place FROM timed_2 SEMI JOIN first_3 USING (unit)
    ) AS earlier ON session_key = unit
    WHERE position > place AND name = $step_3_name AND coalesce(page = $step_3_page, false)
    GROUP BY unit
),
walked AS MATERIALIZED (
    SELECT first_2.unit, CASE WHEN first_4.unit IS NOT NULL THEN 4 WHEN first_3.unit IS NOT NULL THEN 3 ELSE 2 END AS furthest, date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', back_1.time_1) AS moment_1, date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', coalesce(timed_2.time_2, first_2.time_2)) AS moment_2, date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', coalesce(timed_3.time_3, first_3.time_3)) AS moment_3, date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', first_4.time_4) AS moment_4
    FROM first_2
    JOIN back_1 ON back_1.unit = first_2.unit
    LEFT JOIN first_3 ON first_3.unit = first_2.unit
    LEFT JOIN first_4 ON first_4.unit = first_2.unit
    LEFT JOIN timed_2 ON timed_2.unit = first_2.unit
    LEFT JOIN timed_3 ON timed_3.unit = first_2.unit
    UNION ALL
    SELECT unit, 1 AS furthest, date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', time_1) AS moment_1, CAST(NULL AS BIGINT) AS moment_2, CAST(NULL AS BIGINT) AS moment_3, CAST(NULL AS BIGINT) AS moment_4
    FROM first_1 ANTI JOIN first_2 USING (unit)
),
reached AS (
    SELECT *
    FROM walked
),
touched AS (
    SELECT session_key AS unit, nullif(device, '') AS value
    FROM scoped_sessions
),
valued AS (
    SELECT reached.*, value
    FROM reached LEFT JOIN touched ON touched.unit = reached.unit
),
of_person AS (
    SELECT user_key AS person, value, 0 AS rest, count(moment_1) AS n_1, count(CASE WHEN moment_1 IS NOT NULL AND moment_4 IS NOT NULL THEN 1 END) AS s_1,
        count(moment_3) AS n_2, count(CASE WHEN moment_3 IS NOT NULL AND moment_4 IS NOT NULL THEN 1 END) AS s_2
    FROM valued
    JOIN (SELECT session_key, user_key FROM scoped_sessions) AS whose ON session_key = unit
    GROUP BY user_key, value
),
beside AS (
    SELECT *, sum(n_1) OVER (PARTITION BY person) AS a_1, sum(s_1) OVER (PARTITION BY person) AS b_1,
        sum(n_2) OVER (PARTITION BY person) AS a_2, sum(s_2) OVER (PARTITION BY person) AS b_2,
        row_number() OVER (PARTITION BY person ORDER BY rest, value IS NULL, value) AS nth
    FROM of_person
)
SELECT 1 AS pair, value, rest,
    CAST(sum(n_1) AS BIGINT) AS n,
    CAST(sum(s_1) AS BIGINT) AS went,
    count(CASE WHEN n_1 > 0 THEN 1 END) AS people,
    count(CASE WHEN nth = 1 AND a_1 > 0 THEN 1 END) AS people_first_here,
    count(CASE WHEN n_1 > 0 AND a_1 > n_1 THEN 1 END) AS people_elsewhere,
    sum(CAST(s_1 AS DOUBLE) * s_1) AS squares,
    sum(CAST(s_1 AS DOUBLE) * n_1) AS crosses,
    sum(CAST(n_1 AS DOUBLE) * n_1) AS counts,
    sum(CAST(s_1 AS DOUBLE) * b_1) AS squares_all,
    sum(CAST(s_1 AS DOUBLE) * a_1) AS cross_all,
    sum(CAST(n_1 AS DOUBLE) * b_1) AS all_cross,
    sum(CAST(n_1 AS DOUBLE) * a_1) AS counts_all
FROM beside
GROUP BY value, rest
UNION ALL
SELECT 2 AS pair, value, rest,
    CAST(sum(n_2) AS BIGINT) AS n,
    CAST(sum(s_2) AS BIGINT) AS went,
    count(CASE WHEN n_2 > 0 THEN 1 END) AS people,
    count(CASE WHEN nth = 1 AND a_2 > 0 THEN 1 END) AS people_first_here,
    count(CASE WHEN n_2 > 0 AND a_2 > n_2 THEN 1 END) AS people_elsewhere,
    sum(CAST(s_2 AS DOUBLE) * s_2) AS squares,
    sum(CAST(s_2 AS DOUBLE) * n_2) AS crosses,
    sum(CAST(n_2 AS DOUBLE) * n_2) AS counts,
    sum(CAST(s_2 AS DOUBLE) * b_2) AS squares_all,
    sum(CAST(s_2 AS DOUBLE) * a_2) AS cross_all,
    sum(CAST(n_2 AS DOUBLE) * b_2) AS all_cross,
    sum(CAST(n_2 AS DOUBLE) * a_2) AS counts_all
FROM beside
GROUP BY value, rest
ORDER BY pair, rest, value
