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
places AS (
    SELECT place,
        CAST(1 AS BIGINT) << place AS bit_1
    FROM (SELECT CAST(number_ AS INTEGER) AS place FROM (SELECT unnest(generate_series(0, 7)) AS number_) AS numbers) AS of_place
),
started AS (
    SELECT unit, 0 AS lane, place, returns_1, 1 AS people
    FROM people JOIN places ON (starts_1 & bit_1) <> 0
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
chosen AS (
    SELECT unit
    FROM started JOIN cells ON of_place = place
    WHERE place = CAST($start_no - $first_no AS INTEGER) AND slot = 1 AND ((returns_1 & mask_1) <> 0)
),
listed AS (
    SELECT id AS user, last_seen, count(*) OVER () AS total
    FROM chosen JOIN users ON users.user_key = unit
)
SELECT user, total
FROM listed
ORDER BY last_seen DESC, user
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
places AS (
    SELECT place,
        CAST(1 AS BIGINT) << place AS bit_1
    FROM (SELECT CAST(number_ AS INTEGER) AS place FROM (SELECT unnest(generate_series(0, 7)) AS number_) AS numbers) AS of_place
),
started AS (
    SELECT unit, 0 AS lane, place, returns_1, 1 AS people
    FROM people JOIN places ON (starts_1 & bit_1) <> 0
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
chosen AS (
    SELECT unit
    FROM started JOIN cells ON of_place = place
    WHERE place = CAST($start_no - $first_no AS INTEGER) AND slot = 1 AND ((returns_1 & mask_1) <> 0)
)
SELECT count(*) AS total
FROM chosen
