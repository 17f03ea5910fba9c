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
figures AS MATERIALIZED (
    SELECT 
        count(moment_1) AS count_1, CAST(NULL AS DOUBLE) AS median_1, CAST(NULL AS DOUBLE) AS mean_1,
        count(moment_2) AS count_2, median(moment_2 - moment_1) / 1e6 AS median_2, avg(moment_2 - moment_1) / 1e6 AS mean_2,
        count(moment_3) AS count_3, median(moment_3 - moment_2) / 1e6 AS median_3, avg(moment_3 - moment_2) / 1e6 AS mean_3,
        count(moment_4) AS count_4, median(moment_4 - moment_3) / 1e6 AS median_4, avg(moment_4 - moment_3) / 1e6 AS mean_4
    FROM reached
)
SELECT 1 AS step, count_1 AS count, median_1 AS median_seconds, mean_1 AS mean_seconds
FROM figures
UNION ALL
SELECT 2 AS step, count_2 AS count, median_2 AS median_seconds, mean_2 AS mean_seconds
FROM figures
UNION ALL
SELECT 3 AS step, count_3 AS count, median_3 AS median_seconds, mean_3 AS mean_seconds
FROM figures
UNION ALL
SELECT 4 AS step, count_4 AS count, median_4 AS median_seconds, mean_4 AS mean_seconds
FROM figures
ORDER BY step
