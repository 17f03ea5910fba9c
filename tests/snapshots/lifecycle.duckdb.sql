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
all_events AS NOT MATERIALIZED (
    SELECT * FROM events
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
    WHERE strpos(name_string, symbol) > 0 AND day >= $range_begin AND day < $range_over AND (day >= $since OR day < $since_begin)
    UNION ALL
    SELECT user_key, CAST(local AS DATE)
    FROM scoped
    WHERE name = $event_name AND session_key IN (SELECT session_key FROM moved) AND local >= $range_begin AND local < $range_over AND (day >= $since OR local < $since_begin)
),
pairs AS (
    SELECT DISTINCT unit, CAST(((date_diff('day', DATE '1900-01-01', CAST(active_on AS DATE)) + 0) // 7) - $first_no AS INTEGER) AS place
    FROM active
),
turns AS MATERIALIZED (
    SELECT unit, place,
        lag(place) OVER (PARTITION BY unit ORDER BY place) AS place_before,
        lead(place) OVER (PARTITION BY unit ORDER BY place) AS place_after
    FROM pairs
),
firsts AS (
    SELECT unit, CAST(((date_diff('day', DATE '1900-01-01', CAST(first_local AS DATE)) + 0) // 7) - $first_no AS INTEGER) AS first_place
    FROM (
        SELECT user_key AS unit, arg_min(local, time) AS first_local
        FROM all_events
        WHERE name = $event_name
        GROUP BY unit
    ) AS ever
),
kinds AS (
    SELECT turns.unit, place,
        CASE
            WHEN place = first_place THEN 'new'
            WHEN place_before = place - 1 THEN 'returning'
            ELSE 'resurrected'
        END AS kind
    FROM turns LEFT JOIN firsts ON firsts.unit = turns.unit
    WHERE place > 0
    UNION ALL
    SELECT unit, place + 1, 'dormant'
    FROM turns
    WHERE place < 8 AND (place_after IS NULL OR place_after > place + 1)
)
SELECT place, kind, count(*) AS people
FROM kinds
GROUP BY place, kind
ORDER BY place, kind
;
WITH all_events AS NOT MATERIALIZED (
    SELECT * FROM events
)
SELECT max(local) AS latest FROM all_events
