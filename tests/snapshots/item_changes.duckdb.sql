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
looked AS (
    SELECT session_key AS key_, side, user_key AS person, device AS part, 1 AS weight, page_string, name_string
    FROM sided_sessions
),
first_1 AS MATERIALIZED (
    SELECT session_key AS unit, min(position) AS place, min(time) AS time_1
    FROM scoped
    WHERE name = $step_1_name
    GROUP BY session_key
),
first_2 AS MATERIALIZED (
    SELECT unit, min(position) AS place, min(time) AS time_2
    FROM scoped JOIN (SELECT unit, place FROM first_1) AS earlier ON session_key = unit
    WHERE position > place AND name = $step_2_name AND coalesce(page = $step_2_page, false)
    GROUP BY unit
),
first_3 AS MATERIALIZED (
    SELECT unit, min(position) AS place, min(time) AS time_3
    FROM scoped JOIN (SELECT unit, place FROM first_2) AS earlier ON session_key = unit
    WHERE position > place AND name = $step_3_name
    GROUP BY unit
),
back_2 AS (
    SELECT unit, max(position) AS place, max(time) AS time_2
    FROM scoped JOIN (
        SELECT unit, place FROM first_3
    ) AS later ON session_key = unit
    WHERE position < place AND name = $step_2_name AND coalesce(page = $step_2_page, false)
    GROUP BY unit
),
back_1 AS (
    SELECT unit, max(position) AS place, max(time) AS time_1
    FROM scoped JOIN (
        SELECT unit, place FROM back_2
        UNION ALL
        SELECT unit, place FROM first_2 ANTI JOIN first_3 USING (unit)
    ) AS later ON session_key = unit
    WHERE position < place AND name = $step_1_name
    GROUP BY unit
),
timed_2 AS (
    SELECT unit, min(position) AS place, min(time) AS time_2
    FROM scoped JOIN (
        SELECT unit, place FROM back_1 SEMI JOIN first_2 USING (unit)
    ) AS earlier ON session_key = unit
    WHERE position > place AND name = $step_2_name AND coalesce(page = $step_2_page, false)
    GROUP BY unit
),
walked AS MATERIALIZED (
    SELECT first_2.unit, CASE WHEN first_3.unit IS NOT NULL THEN 3 ELSE 2 END AS furthest, date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', back_1.time_1) AS moment_1, date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', coalesce(timed_2.time_2, first_2.time_2)) AS moment_2, date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', first_3.time_3) AS moment_3
    FROM first_2
    JOIN back_1 ON back_1.unit = first_2.unit
    LEFT JOIN first_3 ON first_3.unit = first_2.unit
    LEFT JOIN timed_2 ON timed_2.unit = first_2.unit
    UNION ALL
    SELECT unit, 1 AS furthest, date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', time_1) AS moment_1, CAST(NULL AS BIGINT) AS moment_2, CAST(NULL AS BIGINT) AS moment_3
    FROM first_1 ANTI JOIN first_2 USING (unit)
),
reached AS (
    SELECT *
    FROM walked
),
letters AS (
    SELECT kind AS of_kind, symbol, bit_length(symbol) > 8 AS rare,
        CASE WHEN kind = 'name' THEN value ELSE CASE WHEN value LIKE $group_1 ESCAPE '!' THEN $group_name_1 WHEN value LIKE $group_2 ESCAPE '!' THEN $group_name_2 ELSE value END END AS called
    FROM codes
    WHERE kind = 'page' OR value NOT IN ($page_view, $click)
),
pages_seen AS (
    SELECT key_, side, person, part, weight, unnest(list_distinct(string_split(page_string, ''))) AS letter
    FROM looked
),
rare_names AS (
    SELECT key_, side, person, part, weight, unnest(list_distinct(string_split(name_string, ''))) AS letter
    FROM looked
    WHERE bit_length(name_string) > 8 * length(name_string)
),
acts AS (
    SELECT session_key, CASE WHEN name = $click THEN 'element' ELSE 'error' END AS kind,
        CASE WHEN name = $click THEN element ELSE coalesce(text, nullif(properties ->> $message_key, '')) END AS item,
        CASE WHEN name = $click THEN text END AS text
    FROM scoped
    WHERE (name = $click AND element IS NOT NULL) OR (name = $error AND coalesce(text, nullif(properties ->> $message_key, '')) IS NOT NULL)
),
seen AS (
    SELECT DISTINCT key_, side, person, part, weight, 'page' AS kind, called AS item
    FROM pages_seen JOIN letters ON of_kind = 'page' AND symbol = letter
    UNION ALL
    SELECT key_, side, person, part, weight, 'event' AS kind, called AS item
    FROM looked JOIN letters ON of_kind = 'name' AND NOT rare AND strpos(name_string, symbol) > 0
    UNION ALL
    SELECT key_, side, person, part, weight, 'event' AS kind, called AS item
    FROM rare_names JOIN letters ON of_kind = 'name' AND rare AND symbol = letter
    UNION ALL
    SELECT DISTINCT key_, side, person, part, weight, kind, item
    FROM acts JOIN looked ON session_key = key_
    UNION ALL
    SELECT key_, side, person, part, weight, 'step' AS kind, CAST(number AS VARCHAR) AS item
    FROM looked JOIN reached ON unit = key_ JOIN (VALUES (1), (2), (3)) AS numbers (number) ON number <= furthest
    UNION ALL
    SELECT key_, side, person, part, weight, 'all' AS kind, '' AS item
    FROM looked
),
counted AS (
    SELECT kind, item, part, grouping(part) AS whole, sum(1 - side) AS before, sum(side) AS after
    FROM seen
    GROUP BY GROUPING SETS ((kind, item), (kind, item, part))
),
usual AS (
    SELECT *, max(CASE WHEN whole = 1 THEN before + after END) OVER (PARTITION BY kind, item) AS sessions
    FROM counted
),
placed AS (
    SELECT *, dense_rank() OVER (PARTITION BY kind ORDER BY sessions DESC, item) AS place
    FROM usual
)
SELECT kind, item, part, whole, CAST(before AS BIGINT) AS before, CAST(after AS BIGINT) AS after, known
FROM (SELECT *, max(place) OVER (PARTITION BY kind) AS known FROM placed) AS every
WHERE place <= $most AND (whole = 1 OR (part IS NOT NULL AND before + after >= $enough))
ORDER BY kind, place, whole DESC, part
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
looked AS (
    SELECT session_key AS key_, side, sided_sessions.user_key AS person, device AS part,
        CASE WHEN often.user_key IS NULL THEN $one_of ELSE 1 END AS weight, page_string, name_string
    FROM sided_sessions
    LEFT JOIN (SELECT user_key FROM users WHERE sessions > $often) AS often ON often.user_key = sided_sessions.user_key
    WHERE often.user_key IS NOT NULL OR sided_sessions.user_key % $one_of = 0
),
some_events AS NOT MATERIALIZED (
    SELECT * FROM scoped WHERE session_key IN (SELECT key_ FROM looked)
),
first_1 AS MATERIALIZED (
    SELECT session_key AS unit, min(position) AS place, min(time) AS time_1
    FROM some_events
    WHERE name = $step_1_name
    GROUP BY session_key
),
first_2 AS MATERIALIZED (
    SELECT unit, min(position) AS place, min(time) AS time_2
    FROM some_events JOIN (SELECT unit, place FROM first_1) AS earlier ON session_key = unit
    WHERE position > place AND name = $step_2_name AND coalesce(page = $step_2_page, false)
    GROUP BY unit
),
first_3 AS MATERIALIZED (
    SELECT unit, min(position) AS place, min(time) AS time_3
    FROM some_events JOIN (SELECT unit, place FROM first_2) AS earlier ON session_key = unit
    WHERE position > place AND name = $step_3_name
    GROUP BY unit
),
back_2 AS (
    SELECT unit, max(position) AS place, max(time) AS time_2
    FROM some_events JOIN (
        SELECT unit, place FROM first_3
    ) AS later ON session_key = unit
    WHERE position < place AND name = $step_2_name AND coalesce(page = $step_2_page, false)
    GROUP BY unit
),
back_1 AS (
    SELECT unit, max(position) AS place, max(time) AS time_1
    FROM some_events JOIN (
        SELECT unit, place FROM back_2
        UNION ALL
        SELECT unit, place FROM first_2 ANTI JOIN first_3 USING (unit)
    ) AS later ON session_key = unit
    WHERE position < place AND name = $step_1_name
    GROUP BY unit
),
timed_2 AS (
    SELECT unit, min(position) AS place, min(time) AS time_2
    FROM some_events JOIN (
        SELECT unit, place FROM back_1 SEMI JOIN first_2 USING (unit)
    ) AS earlier ON session_key = unit
    WHERE position > place AND name = $step_2_name AND coalesce(page = $step_2_page, false)
    GROUP BY unit
),
walked AS MATERIALIZED (
    SELECT first_2.unit, CASE WHEN first_3.unit IS NOT NULL THEN 3 ELSE 2 END AS furthest, date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', back_1.time_1) AS moment_1, date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', coalesce(timed_2.time_2, first_2.time_2)) AS moment_2, date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', first_3.time_3) AS moment_3
    FROM first_2
    JOIN back_1 ON back_1.unit = first_2.unit
    LEFT JOIN first_3 ON first_3.unit = first_2.unit
    LEFT JOIN timed_2 ON timed_2.unit = first_2.unit
    UNION ALL
    SELECT unit, 1 AS furthest, date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', time_1) AS moment_1, CAST(NULL AS BIGINT) AS moment_2, CAST(NULL AS BIGINT) AS moment_3
    FROM first_1 ANTI JOIN first_2 USING (unit)
),
reached AS (
    SELECT *
    FROM walked
),
letters AS (
    SELECT kind AS of_kind, symbol, bit_length(symbol) > 8 AS rare,
        CASE WHEN kind = 'name' THEN value ELSE CASE WHEN value LIKE $group_1 ESCAPE '!' THEN $group_name_1 WHEN value LIKE $group_2 ESCAPE '!' THEN $group_name_2 ELSE value END END AS called
    FROM codes
    WHERE kind = 'page' OR value NOT IN ($page_view, $click)
),
pages_seen AS (
    SELECT key_, side, person, part, weight, unnest(list_distinct(string_split(page_string, ''))) AS letter
    FROM looked
),
rare_names AS (
    SELECT key_, side, person, part, weight, unnest(list_distinct(string_split(name_string, ''))) AS letter
    FROM looked
    WHERE bit_length(name_string) > 8 * length(name_string)
),
acts AS (
    SELECT session_key, CASE WHEN name = $click THEN 'element' ELSE 'error' END AS kind,
        CASE WHEN name = $click THEN element ELSE coalesce(text, nullif(properties ->> $message_key, '')) END AS item,
        CASE WHEN name = $click THEN text END AS text
    FROM some_events
    WHERE (name = $click AND element IS NOT NULL) OR (name = $error AND coalesce(text, nullif(properties ->> $message_key, '')) IS NOT NULL)
),
seen AS (
    SELECT DISTINCT key_, side, person, part, weight, 'page' AS kind, called AS item
    FROM pages_seen JOIN letters ON of_kind = 'page' AND symbol = letter
    UNION ALL
    SELECT key_, side, person, part, weight, 'event' AS kind, called AS item
    FROM looked JOIN letters ON of_kind = 'name' AND NOT rare AND strpos(name_string, symbol) > 0
    UNION ALL
    SELECT key_, side, person, part, weight, 'event' AS kind, called AS item
    FROM rare_names JOIN letters ON of_kind = 'name' AND rare AND symbol = letter
    UNION ALL
    SELECT DISTINCT key_, side, person, part, weight, kind, item
    FROM acts JOIN looked ON session_key = key_
    UNION ALL
    SELECT key_, side, person, part, weight, 'step' AS kind, CAST(number AS VARCHAR) AS item
    FROM looked JOIN reached ON unit = key_ JOIN (VALUES (1), (2), (3)) AS numbers (number) ON number <= furthest
    UNION ALL
    SELECT key_, side, person, part, weight, 'all' AS kind, '' AS item
    FROM looked
),
own AS (
    SELECT person AS whose, part AS of_part, grouping(part) AS of_whole, CAST(sum(1 - side) AS DOUBLE) AS m,
        CAST(sum(side) AS DOUBLE) AS n
    FROM looked
    GROUP BY GROUPING SETS ((person), (person, part))
),
of_person AS (
    SELECT person, weight, kind, item, part, grouping(part) AS whole, CAST(sum(1 - side) AS DOUBLE) AS b,
        CAST(sum(side) AS DOUBLE) AS a
    FROM seen
    GROUP BY GROUPING SETS ((person, weight, kind, item), (person, weight, kind, item, part))
),
said AS (
    SELECT item AS about, CASE WHEN min(text) = max(text) THEN max(text) END AS text
    FROM acts
    WHERE kind = 'element'
    GROUP BY item
)
SELECT kind, item, part, whole, max(CASE WHEN kind = 'element' THEN text END) AS text,
    sum(weight * b) AS before, sum(weight * a) AS after,
    sum(weight * b * b) AS before_squares, sum(weight * a * a) AS after_squares,
    sum(weight * b * m) AS before_cross, sum(weight * a * n) AS after_cross,
    sum(CASE WHEN m > 0 THEN weight ELSE 0 END) * 1e0 AS before_people,
    sum(CASE WHEN n > 0 THEN weight ELSE 0 END) * 1e0 AS after_people,
    sum(weight * b * a) AS totals, sum(weight * b * n) AS total_count, sum(weight * m * a) AS count_total
FROM of_person JOIN own ON whose = person AND of_whole = whole AND coalesce(of_part, '') = coalesce(part, '')
LEFT JOIN said ON about = item
WHERE whole = 1 OR part IS NOT NULL
GROUP BY kind, item, part, whole
ORDER BY before + after DESC, kind, item, whole, part
LIMIT 50000
