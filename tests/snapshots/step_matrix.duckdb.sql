WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
),
scoped_visits AS NOT MATERIALIZED (
    SELECT * FROM visits
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
stays AS (
    SELECT session_key, visit_no AS place, CASE WHEN page LIKE $group_1_1 ESCAPE '!' OR (page LIKE $group_1_2 ESCAPE '!' AND page NOT LIKE $group_1_2_deeper) THEN $group_name_1 WHEN (page LIKE $group_2 ESCAPE '!' AND regexp_matches(page, $group_2_regex)) THEN $group_name_2 ELSE page END AS item, entered_ms AS at_ms
    FROM scoped_visits
    WHERE viewed
),
kept AS (
    SELECT session_key, place, item, at_ms
    FROM stays
    WHERE true
),
placed AS (
    SELECT session_key, session_key AS unit, CAST(0 AS BIGINT) AS begun, place, item, at_ms
    FROM kept
),
items AS (
    SELECT * FROM placed
),
numbered AS (
    SELECT session_key, unit, item AS item,
        row_number() OVER (PARTITION BY unit ORDER BY begun, session_key, place) AS step
    FROM items
),
whole AS (
    SELECT unit, max(step) AS last, arg_max(session_key, step) AS session_key
    FROM numbered
    GROUP BY unit
),
cells AS (
    SELECT session_key, step, item
    FROM numbered
    WHERE step <= $steps
    UNION ALL
    SELECT session_key, number AS step, $end AS item
    FROM whole CROSS JOIN (SELECT unnest(generate_series(2, $steps)) AS number) AS numbers
    WHERE number > last
),
of_person AS (
    SELECT person, step, item, CAST(count(*) AS DOUBLE) AS n
    FROM cells
    JOIN (SELECT session_key AS key_, user_key AS person FROM scoped_sessions) AS whose ON key_ = session_key
    GROUP BY person, step, item
),
beside AS (
    SELECT *, sum(CASE WHEN step = 1 THEN n ELSE 0 END) OVER (PARTITION BY person) AS m
    FROM of_person
)
SELECT step, item, sum(n) AS total, sum(n * n) AS squares, sum(n * m) AS crosses, count(DISTINCT person) AS people
FROM beside
GROUP BY GROUPING SETS ((step, item), ())
ORDER BY step, total DESC, item
