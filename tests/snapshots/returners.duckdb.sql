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
started_at AS (
    SELECT user_key AS unit, CAST(((date_diff('day', DATE '1900-01-01', CAST(local AS DATE)) + 0) // 7) - $first_no AS INTEGER) AS place
    FROM scoped
    WHERE (name = $start_name) AND local >= $range_begin AND local < $range_over
),
starters AS (
    SELECT unit,
        bit_or(CAST(1 AS BIGINT) << place) AS starts_1
    FROM started_at
    GROUP BY unit
),
returned_at AS (
    SELECT user_key AS unit, CAST(((date_diff('day', DATE '1900-01-01', CAST(local AS DATE)) + 0) // 7) - $first_no AS INTEGER) AS place
    FROM scoped
    WHERE (name = $return_name) AND local >= $range_begin AND local < $range_over
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
    FROM (SELECT CAST(unnest(generate_series(0, 7)) AS INTEGER) AS place) AS x
),
started AS (
    SELECT unit, 0 AS lane, place, returns_1, 1 AS people
    FROM people JOIN places ON (starts_1 & bit_1) <> 0
),
slots AS (
    SELECT 0 AS slot, 0 AS since, 0 AS till
    UNION ALL
    SELECT slot, slot AS since, slot AS till
    FROM (SELECT CAST(unnest(generate_series(1, 7)) AS INTEGER) AS slot) AS x
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
started_at AS (
    SELECT user_key AS unit, CAST(((date_diff('day', DATE '1900-01-01', CAST(local AS DATE)) + 0) // 7) - $first_no AS INTEGER) AS place
    FROM scoped
    WHERE (name = $start_name) AND local >= $range_begin AND local < $range_over
),
starters AS (
    SELECT unit,
        bit_or(CAST(1 AS BIGINT) << place) AS starts_1
    FROM started_at
    GROUP BY unit
),
returned_at AS (
    SELECT user_key AS unit, CAST(((date_diff('day', DATE '1900-01-01', CAST(local AS DATE)) + 0) // 7) - $first_no AS INTEGER) AS place
    FROM scoped
    WHERE (name = $return_name) AND local >= $range_begin AND local < $range_over
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
    FROM (SELECT CAST(unnest(generate_series(0, 7)) AS INTEGER) AS place) AS x
),
started AS (
    SELECT unit, 0 AS lane, place, returns_1, 1 AS people
    FROM people JOIN places ON (starts_1 & bit_1) <> 0
),
slots AS (
    SELECT 0 AS slot, 0 AS since, 0 AS till
    UNION ALL
    SELECT slot, slot AS since, slot AS till
    FROM (SELECT CAST(unnest(generate_series(1, 7)) AS INTEGER) AS slot) AS x
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
