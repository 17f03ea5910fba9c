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
moved AS MATERIALIZED (
    SELECT session_key
    FROM scoped
    WHERE CAST(local AS DATE) <> day
    UNION
    SELECT session_key
    FROM scoped_sessions
    WHERE people > 1
),
active AS (
    SELECT user_key AS unit, day AS active_on
    FROM scoped_sessions ANTI JOIN moved USING (session_key)
        CROSS JOIN (SELECT symbol FROM codes WHERE kind = 'name' AND value = $event_name) AS code
    WHERE strpos(name_string, symbol) > 0 AND day >= $range_begin AND day < $range_over
    UNION ALL
    SELECT user_key, CAST(local AS DATE)
    FROM scoped
    WHERE name = $event_name AND session_key IN (SELECT session_key FROM moved) AND local >= $range_begin AND local < $range_over
),
spread AS (
    SELECT unit, CAST(((date_diff('day', DATE '1900-01-01', CAST(active_on AS DATE)) + 0) // 7) - $first_no AS INTEGER) AS place, bit_count(bit_or(CAST(1 AS BIGINT) << CAST(((date_diff('day', DATE '1900-01-01', active_on) + 0) % 7) AS INTEGER))) AS days
    FROM active
    GROUP BY unit, CAST(((date_diff('day', DATE '1900-01-01', CAST(active_on AS DATE)) + 0) // 7) - $first_no AS INTEGER)
)
SELECT place, CAST(days AS INTEGER) AS days, count(*) AS people
FROM spread
GROUP BY place, days
ORDER BY place, days
;
WITH all_events AS NOT MATERIALIZED (
    SELECT * FROM events
)
SELECT max(local) AS latest FROM all_events
