WITH sided_sessions AS NOT MATERIALIZED (
    SELECT *, 0 AS side FROM sessions WHERE day >= $before_start AND day < $before_stop AND coalesce(list_contains($before_release, release), false) AND coalesce(list_contains($before_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(name = $before_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $before_start AND day < $before_stop AND coalesce(nullif(properties ->> $before_where_2_1_key, '') = $before_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $before_where_2_2_value, false)) AND coalesce(list_contains($before_where_3_value, release), false)
    UNION ALL
    SELECT *, 1 AS side FROM sessions WHERE day >= $after_start AND day < $after_stop AND coalesce(list_contains($after_release, release), false) AND coalesce(list_contains($after_device, device), false) AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(name = $after_where_1_value, false)) AND (session_key IN (SELECT session_key FROM events WHERE day >= $after_start AND day < $after_stop AND coalesce(nullif(properties ->> $after_where_2_1_key, '') = $after_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $after_where_2_2_value, false)) AND coalesce(list_contains($after_where_3_value, release), false)
),
of_person AS (
    SELECT
        user_key,
        count(DISTINCT session_key) AS sessions,
        count(CASE WHEN side = 0 THEN 1 END) AS sessions_before,
        count(CASE WHEN side = 1 THEN 1 END) AS sessions_after
    FROM sided_sessions
    GROUP BY user_key
),
named AS (
    SELECT
        CASE WHEN sessions_after = 0 THEN 'before' WHEN sessions_before = 0 THEN 'after' ELSE 'both' END AS who,
        sessions,
        sessions_before,
        sessions_after
    FROM of_person
)
SELECT
    who,
    count(*) AS people,
    CAST(sum(sessions) AS BIGINT) AS sessions,
    CAST(sum(sessions_before) AS BIGINT) AS sessions_before,
    CAST(sum(sessions_after) AS BIGINT) AS sessions_after
FROM named
GROUP BY who
ORDER BY who
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
of_person AS (
    SELECT
        user_key,
        count(DISTINCT session_key) AS sessions,
        count(CASE WHEN side = 0 THEN 1 END) AS sessions_before,
        count(CASE WHEN side = 1 THEN 1 END) AS sessions_after
    FROM sided_sessions
    GROUP BY user_key
),
members AS (
    SELECT DISTINCT session_key
    FROM sided_sessions
    WHERE user_key IN (SELECT user_key FROM of_person WHERE sessions_before > 0 AND sessions_after > 0)
)
, found AS (
    SELECT session_id, start, count(*) OVER () AS total
    FROM scoped_sessions
    WHERE session_key IN (SELECT session_key FROM members)
)
SELECT session_id, total
FROM found
ORDER BY start DESC, session_id
LIMIT $limit OFFSET $offset
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
of_person AS (
    SELECT
        user_key,
        count(DISTINCT session_key) AS sessions,
        count(CASE WHEN side = 0 THEN 1 END) AS sessions_before,
        count(CASE WHEN side = 1 THEN 1 END) AS sessions_after
    FROM sided_sessions
    GROUP BY user_key
),
members AS (
    SELECT DISTINCT session_key
    FROM sided_sessions
    WHERE user_key IN (SELECT user_key FROM of_person WHERE sessions_before > 0 AND sessions_after > 0)
)
SELECT count(*) AS total
FROM scoped_sessions
WHERE session_key IN (SELECT session_key FROM members)
