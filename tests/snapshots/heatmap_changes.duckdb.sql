WITH sided_sessions AS NOT MATERIALIZED (
    SELECT *, 0 AS side FROM sessions WHERE day >= $before_start AND day < $before_stop AND coalesce(list_contains($before_release, release), false) AND coalesce(list_contains($before_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(name = $before_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(nullif(properties ->> $before_where_2_1_key, '') = $before_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $before_where_2_2_value, false)) AND coalesce(list_contains($before_where_3_value, release), false)
    UNION ALL
    SELECT *, 1 AS side FROM sessions WHERE day >= $after_start AND day < $after_stop AND coalesce(list_contains($after_release, release), false) AND coalesce(list_contains($after_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(name = $after_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(nullif(properties ->> $after_where_2_1_key, '') = $after_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $after_where_2_2_value, false)) AND coalesce(list_contains($after_where_3_value, release), false)
),
scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE ((day >= $before_start AND day < $before_stop AND coalesce(list_contains($before_release, release), false) AND coalesce(list_contains($before_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(name = $before_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(nullif(properties ->> $before_where_2_1_key, '') = $before_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $before_where_2_2_value, false)) AND coalesce(list_contains($before_where_3_value, release), false)) OR (day >= $after_start AND day < $after_stop AND coalesce(list_contains($after_release, release), false) AND coalesce(list_contains($after_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(name = $after_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(nullif(properties ->> $after_where_2_1_key, '') = $after_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $after_where_2_2_value, false)) AND coalesce(list_contains($after_where_3_value, release), false)))
),
scoped_visits AS NOT MATERIALIZED (
    SELECT * FROM visits
    WHERE day >= $either_start
      AND day < $either_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
scoped_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
    WHERE day >= $either_start
      AND day < $either_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
sides AS (
    SELECT session_key AS sided_key, side, user_key AS person
    FROM sided_sessions
),
names AS (
    SELECT element_key, dense_rank() OVER (ORDER BY called) AS element_no, called, called <> ruled AS is_given,
        element, element_tag, text
    FROM elements
    WHERE page = $page
),
acts AS (
    SELECT side, person, sided_key, element_no,
        CASE WHEN x >= 0 AND y >= 0 AND NOT coalesce(fixed, false)
            THEN CAST(floor(y / $cell) AS BIGINT) * 1000000 + CAST(floor(x / $cell) AS BIGINT) END AS square
    FROM scoped_clicks JOIN sides ON sided_key = session_key
    LEFT JOIN names USING (element_key)
    WHERE page = $page AND viewport_width BETWEEN $narrow AND $wide AND true
),
viewers AS (
    SELECT DISTINCT sided_key, side, person
    FROM scoped_visits JOIN sides ON sided_key = session_key
    WHERE page = $page AND viewport_width BETWEEN $narrow AND $wide
    UNION
    SELECT sided_key, side, person FROM acts
),
own AS (
    SELECT person, CAST(sum(1 - side) AS DOUBLE) AS m, CAST(sum(side) AS DOUBLE) AS n
    FROM viewers
    GROUP BY person
),
placed AS (
    SELECT 'square' AS kind, square AS item, side, person FROM acts WHERE square IS NOT NULL
    UNION ALL
    SELECT 'element' AS kind, element_no AS item, side, person FROM acts WHERE element_no IS NOT NULL
),
theirs AS (
    SELECT kind, item, person, CAST(sum(1 - side) AS DOUBLE) AS b, CAST(sum(side) AS DOUBLE) AS a
    FROM placed
    GROUP BY kind, item, person
)
SELECT kind, item, sum(b) AS before, sum(a) AS after, sum(b * b) AS before_squares, sum(a * a) AS after_squares,
    sum(b * m) AS before_cross, sum(a * n) AS after_cross, sum(b * a) AS totals, sum(b * n) AS total_count,
    sum(m * a) AS count_total, 0 AS before_people, 0 AS after_people
FROM theirs JOIN own USING (person)
GROUP BY kind, item
UNION ALL
SELECT 'all' AS kind, 0 AS item, sum(m) AS before, sum(n) AS after, sum(m * m) AS before_squares,
    sum(n * n) AS after_squares, 0 AS before_cross, 0 AS after_cross, sum(m * n) AS totals, 0 AS total_count,
    0 AS count_total, count(CASE WHEN m > 0 THEN 1 END) AS before_people, count(CASE WHEN n > 0 THEN 1 END) AS after_people
FROM own
ORDER BY kind, item
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
scoped_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
    WHERE day >= $either_start
      AND day < $either_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
sides AS (
    SELECT session_key AS sided_key, side, user_key AS person
    FROM sided_sessions
),
names AS (
    SELECT element_key, dense_rank() OVER (ORDER BY called) AS element_no, called, called <> ruled AS is_given,
        element, element_tag, text
    FROM elements
    WHERE page = $page
),
acts AS (
    SELECT side, person, sided_key, element_no,
        CASE WHEN x >= 0 AND y >= 0 AND NOT coalesce(fixed, false)
            THEN CAST(floor(y / $cell) AS BIGINT) * 1000000 + CAST(floor(x / $cell) AS BIGINT) END AS square
    FROM scoped_clicks JOIN sides ON sided_key = session_key
    LEFT JOIN names USING (element_key)
    WHERE page = $page AND viewport_width BETWEEN $narrow AND $wide AND true
),
described AS (
    SELECT element_no FROM acts GROUP BY element_no
)
SELECT element_no AS item, CASE WHEN min(element) = max(element) THEN min(element) ELSE min(called) END AS element,
    min(called) AS called, count(CASE WHEN is_given THEN 1 END) > 0 AS is_given, max(element_tag) AS element_tag,
    max(text) AS text, count(DISTINCT text) AS texts
FROM names JOIN described USING (element_no)
GROUP BY element_no
ORDER BY element_no
