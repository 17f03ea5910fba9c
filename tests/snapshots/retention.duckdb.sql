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
started_on AS (
    SELECT user_key AS unit, day AS active_on
    FROM scoped_sessions ANTI JOIN moved USING (session_key)
        CROSS JOIN (SELECT symbol FROM codes WHERE kind = 'name' AND value = $start_name) AS code
    WHERE strpos(name_string, symbol) > 0 AND day >= $range_begin AND day < $range_over
    UNION ALL
    SELECT user_key, CAST(local AS DATE)
    FROM scoped
    WHERE name = $start_name AND session_key IN (SELECT session_key FROM moved) AND local >= $range_begin AND local < $range_over
),
started_at AS (
    SELECT unit, CAST(((date_diff('day', DATE '1900-01-01', CAST(active_on AS DATE)) + 0) // 7) - $first_no AS INTEGER) AS place
    FROM started_on
),
starters AS (
    SELECT unit,
        bit_or(CAST(1 AS BIGINT) << place) AS starts_1
    FROM started_at
    GROUP BY unit
),
returned_on AS (
    SELECT user_key AS unit, day AS active_on
    FROM scoped_sessions ANTI JOIN moved USING (session_key)
        CROSS JOIN (SELECT symbol FROM codes WHERE kind = 'name' AND value = $return_name) AS code
    WHERE strpos(name_string, symbol) > 0 AND day >= $range_begin AND day < $range_over
    UNION ALL
    SELECT user_key, CAST(local AS DATE)
    FROM scoped
    WHERE name = $return_name AND session_key IN (SELECT session_key FROM moved) AND local >= $range_begin AND local < $range_over
),
returned_at AS (
    SELECT unit, CAST(((date_diff('day', DATE '1900-01-01', CAST(active_on AS DATE)) + 0) // 7) - $first_no AS INTEGER) AS place
    FROM returned_on
),
returners AS (
    SELECT unit,
        bit_or(CAST(1 AS BIGINT) << place) AS back_1
    FROM returned_at
    GROUP BY unit
),
people AS (
    SELECT starters.*,
        coalesce(back_1, 0) AS returns_1
    FROM starters LEFT JOIN returners ON returners.unit = starters.unit
),
patterns AS MATERIALIZED (
    SELECT starts_1, returns_1, count(*) AS people
    FROM people
    GROUP BY starts_1, returns_1
),
places AS (
    SELECT place,
        CAST(1 AS BIGINT) << place AS bit_1
    FROM (SELECT CAST(number_ AS INTEGER) AS place FROM (SELECT unnest(generate_series(0, 7)) AS number_) AS numbers) AS of_place
),
valued AS (
    SELECT user_key AS unit, CAST(((date_diff('day', DATE '1900-01-01', CAST(local AS DATE)) + 0) // 7) - $first_no AS INTEGER) AS at_place, coalesce(valued_text, '') AS value
    FROM scoped
    LEFT JOIN (SELECT session_key AS valued_of, nullif(device, '') AS valued_text FROM scoped_sessions) AS valued ON valued_of = session_key
    WHERE (name = $start_name) AND user_key IS NOT NULL AND local >= $range_begin AND local < $range_over
    QUALIFY row_number() OVER (PARTITION BY user_key, CAST(((date_diff('day', DATE '1900-01-01', CAST(local AS DATE)) + 0) // 7) - $first_no AS INTEGER) ORDER BY time, import_id, line) = 1
),
kept AS MATERIALIZED (
    SELECT people.*, place, value
    FROM people
        JOIN valued ON valued.unit = people.unit
        JOIN places ON place = at_place
    WHERE (starts_1 & bit_1) <> 0
),
ranked AS (
    SELECT value, row_number() OVER (ORDER BY number DESC, value = '', value) AS rank, count(*) OVER () AS known
    FROM (SELECT value, count(*) AS number FROM kept GROUP BY value) AS counted_values
),
started AS (
    SELECT CAST(least(rank, 3) AS INTEGER) AS lane, place, returns_1, count(*) AS people
    FROM kept JOIN ranked ON ranked.value = kept.value
    GROUP BY CAST(least(rank, 3) AS INTEGER), place, returns_1
),
slots AS (
    SELECT 0 AS slot, 0 AS since, 0 AS till
    UNION ALL
    SELECT slot, slot AS since, slot AS till
    FROM (SELECT CAST(number_ AS INTEGER) AS slot FROM (SELECT unnest(generate_series(1, 7)) AS number_) AS numbers) AS of_slot
),
bounds AS (
    SELECT place AS of_place, slot, place + since AS begin_place, least(place + till, 7) AS end_place
    FROM places CROSS JOIN slots
    WHERE place + since <= 7
),
cells AS (
    SELECT of_place,
        slot,
        CASE WHEN begin_place <= least(end_place, 61) THEN ((CAST(1 AS BIGINT) << (least(end_place, 61) - begin_place + 1)) - 1) << (begin_place - 0) ELSE 0 END AS mask_1
    FROM bounds
),
lanes AS MATERIALIZED (
    SELECT 0 AS lane, starts_1, returns_1, people
    FROM patterns
    UNION ALL
    SELECT lane, starts_1, returns_1, count(*)
    FROM (
        SELECT unit, CAST(least(rank, 3) AS INTEGER) AS lane, bit_or(CAST(1 AS BIGINT) << place) AS starts_1, max(returns_1) AS returns_1
        FROM kept JOIN ranked ON ranked.value = kept.value
        GROUP BY unit, CAST(least(rank, 3) AS INTEGER)
    ) AS of_lanes
    GROUP BY lane, starts_1, returns_1
),
ended AS (
    SELECT CAST(least(greatest(((date_diff('day', DATE '1900-01-01', CAST(latest AS DATE)) + 0) // 7) - $first_no, 0), 8) AS INTEGER) AS over_place
    FROM (SELECT max(local) AS latest FROM all_events) AS stored
),
tried AS (
    SELECT lane, slot AS slot, people,
        CAST(bit_count(starts_1 & ((CAST(1 AS BIGINT) << greatest(over_place - slot, 0)) - 1)) AS BIGINT) AS m,
        CAST(bit_count(starts_1 & ((CAST(1 AS BIGINT) << greatest(over_place - slot, 0)) - 1) & (returns_1 >> slot)) AS BIGINT) AS x
    FROM lanes CROSS JOIN ended CROSS JOIN (SELECT CAST(number_ AS INTEGER) AS slot FROM (SELECT unnest(generate_series(1, 7)) AS number_) AS numbers) AS of_slot
),
curve AS (
    SELECT lane, slot, CAST(sum(people) AS BIGINT) AS people, CAST(sum(people * x) AS BIGINT) AS total,
        CAST(sum(people * m) AS BIGINT) AS of, CAST(sum(people * x * x) AS BIGINT) AS squares,
        CAST(sum(people * x * m) AS BIGINT) AS crosses, CAST(sum(people * m * m) AS BIGINT) AS counts
    FROM tried
    WHERE m > 0
    GROUP BY lane, slot
),
cohorts AS (
    SELECT lane, of_place, slot, CAST(sum(people) AS BIGINT) AS people
    FROM started JOIN cells ON of_place = place AND (slot = 0 OR (returns_1 & mask_1) <> 0)
    GROUP BY lane, of_place, slot
)
SELECT lane, nullif(value, '') AS value, CAST(known AS INTEGER) AS known, of_place AS place, slot, people,
    0 AS total, 0 AS of, 0 AS squares, 0 AS crosses, 0 AS counts
FROM cohorts LEFT JOIN ranked ON rank = lane
UNION ALL
SELECT lane, CAST(NULL AS VARCHAR), 0, -1, slot, people, total, of, squares, crosses, counts
FROM curve
ORDER BY lane, place, slot
;
WITH all_events AS NOT MATERIALIZED (
    SELECT * FROM events
)
SELECT max(local) AS latest FROM all_events
