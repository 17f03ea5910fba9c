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
scoped_visits AS NOT MATERIALIZED (
    SELECT * FROM visits
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
found_likely AS MATERIALIZED (
    SELECT session_key, events, duration_ms
    FROM scoped_sessions
    WHERE coalesce(name_string, '') LIKE ('%' || (SELECT max(symbol) FROM codes WHERE kind = 'name' AND value = $found_name_1))
      AND coalesce(page_string, '') LIKE ('%' || (SELECT max(symbol) FROM codes WHERE kind = 'page' AND value = $found_page_1) || '%_%')
      AND session_key IN (SELECT session_key FROM scoped_visits WHERE viewed AND (page LIKE $found_needed_2_1 ESCAPE '!'))
),
found_places AS (
    SELECT
        session_key,
        position,
        min(ms) AS ms,
        bool_or(is_1) AS is_1,
        bool_or(is_2) AS is_2,
        bool_or(not_2) AS not_2,
        bool_or(is_3) AS is_3,
        bool_or(is_4) AS is_4
    FROM (
        SELECT
            session_key,
            position,
            offset_ms AS ms,
            false AS is_1,
            false AS is_2,
            name = $found_3_name AS not_2,
            name = $found_4_name AS is_3,
            false AS is_4
        FROM scoped
        WHERE session_key IN (SELECT session_key FROM found_likely) AND (name = $found_3_name OR name = $found_4_name)
        UNION ALL
        SELECT
            session_key,
            first_position AS position,
            entered_ms AS ms,
            page = $found_1_name AS is_1,
            page LIKE $found_2_name ESCAPE '!' AS is_2,
            false AS not_2,
            false AS is_3,
            false AS is_4
        FROM scoped_visits
        WHERE session_key IN (SELECT session_key FROM found_likely) AND viewed AND (page = $found_1_name OR page LIKE $found_2_name ESCAPE '!')
    ) AS together
    GROUP BY session_key, position
    UNION ALL
    SELECT
        session_key,
        events + 1 AS position,
        duration_ms AS ms,
        false AS is_1,
        false AS is_2,
        false AS not_2,
        false AS is_3,
        true AS is_4
    FROM found_likely
),
found_marks AS (
    SELECT
        *,
        coalesce(max(CASE WHEN not_2 THEN position END) OVER before, 0) AS spoilt_2
    FROM found_places
    WINDOW before AS (PARTITION BY session_key ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
found_step_1 AS (
    SELECT *
    FROM (
        SELECT
            session_key,
            position,
            ms,
            is_2,
            spoilt_2,
            is_3,
            is_4,
            (is_1) AS reached,
            ms * 16777216 + position AS begun
        FROM found_marks
    ) AS seen
    WHERE reached OR is_2 OR is_3 OR is_4
),
found_step_2 AS (
    SELECT *
    FROM (
        SELECT
            session_key,
            position,
            ms,
            is_3,
            is_4,
            (is_2 AND came % 16777216 >= spoilt_2 AND ms - came // 16777216 <= 600000) AS reached,
            came_begun AS begun
        FROM (
            SELECT
                *,
                max(CASE WHEN reached THEN ms * 16777216 + position END) OVER before AS came,
                max(CASE WHEN reached THEN begun END) OVER before AS came_begun
            FROM found_step_1
            WINDOW before AS (PARTITION BY session_key ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) AS looked
        WHERE came IS NOT NULL
    ) AS seen
    WHERE reached OR is_3 OR is_4
),
found_step_3 AS (
    SELECT *
    FROM (
        SELECT
            session_key,
            position,
            ms,
            is_4,
            (is_3 AND ms - came_begun // 16777216 <= 3600000) AS reached,
            came_begun AS begun
        FROM (
            SELECT
                *,
                max(CASE WHEN reached THEN ms * 16777216 + position END) OVER before AS came,
                max(CASE WHEN reached THEN begun END) OVER before AS came_begun
            FROM found_step_2
            WINDOW before AS (PARTITION BY session_key ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) AS looked
        WHERE came IS NOT NULL
    ) AS seen
    WHERE reached OR is_4
),
found_step_4 AS (
    SELECT *
    FROM (
        SELECT
            session_key,
            position,
            ms,
            (is_4 AND came % 16777216 >= position - 1) AS reached,
            came_begun AS begun
        FROM (
            SELECT
                *,
                max(CASE WHEN reached THEN ms * 16777216 + position END) OVER before AS came,
                max(CASE WHEN reached THEN begun END) OVER before AS came_begun
            FROM found_step_3
            WINDOW before AS (PARTITION BY session_key ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) AS looked
        WHERE came IS NOT NULL
    ) AS seen
    WHERE reached
),
found_ends AS (
    SELECT session_key, begun % 16777216 AS from_position, begun // 16777216 AS from_ms, position, ms
    FROM found_step_4
    WHERE reached
),
found AS MATERIALIZED (
    SELECT
        session_key,
        min(from_position) AS from_position, min(from_ms) AS from_ms,
        min(position) AS to_position, min(ms) AS to_ms
    FROM found_ends
    GROUP BY session_key
)
SELECT session_id, from_position, from_ms, to_position, to_ms, count(*) OVER () AS total
FROM found JOIN scoped_sessions ON scoped_sessions.session_key = found.session_key
ORDER BY start DESC, session_id
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
scoped_visits AS NOT MATERIALIZED (
    SELECT * FROM visits
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
found_likely AS MATERIALIZED (
    SELECT session_key, events, duration_ms
    FROM scoped_sessions
    WHERE coalesce(name_string, '') LIKE ('%' || (SELECT max(symbol) FROM codes WHERE kind = 'name' AND value = $found_name_1))
      AND coalesce(page_string, '') LIKE ('%' || (SELECT max(symbol) FROM codes WHERE kind = 'page' AND value = $found_page_1) || '%_%')
      AND session_key IN (SELECT session_key FROM scoped_visits WHERE viewed AND (page LIKE $found_needed_2_1 ESCAPE '!'))
),
found_places AS (
    SELECT
        session_key,
        position,
        min(ms) AS ms,
        bool_or(is_1) AS is_1,
        bool_or(is_2) AS is_2,
        bool_or(not_2) AS not_2,
        bool_or(is_3) AS is_3,
        bool_or(is_4) AS is_4
    FROM (
        SELECT
            session_key,
            position,
            offset_ms AS ms,
            false AS is_1,
            false AS is_2,
            name = $found_3_name AS not_2,
            name = $found_4_name AS is_3,
            false AS is_4
        FROM scoped
        WHERE session_key IN (SELECT session_key FROM found_likely) AND (name = $found_3_name OR name = $found_4_name)
        UNION ALL
        SELECT
            session_key,
            first_position AS position,
            entered_ms AS ms,
            page = $found_1_name AS is_1,
            page LIKE $found_2_name ESCAPE '!' AS is_2,
            false AS not_2,
            false AS is_3,
            false AS is_4
        FROM scoped_visits
        WHERE session_key IN (SELECT session_key FROM found_likely) AND viewed AND (page = $found_1_name OR page LIKE $found_2_name ESCAPE '!')
    ) AS together
    GROUP BY session_key, position
    UNION ALL
    SELECT
        session_key,
        events + 1 AS position,
        duration_ms AS ms,
        false AS is_1,
        false AS is_2,
        false AS not_2,
        false AS is_3,
        true AS is_4
    FROM found_likely
),
found_marks AS (
    SELECT
        *,
        coalesce(max(CASE WHEN not_2 THEN position END) OVER before, 0) AS spoilt_2
    FROM found_places
    WINDOW before AS (PARTITION BY session_key ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
found_step_1 AS (
    SELECT *
    FROM (
        SELECT
            session_key,
            position,
            ms,
            is_2,
            spoilt_2,
            is_3,
            is_4,
            (is_1) AS reached,
            ms * 16777216 + position AS begun
        FROM found_marks
    ) AS seen
    WHERE reached OR is_2 OR is_3 OR is_4
),
found_step_2 AS (
    SELECT *
    FROM (
        SELECT
            session_key,
            position,
            ms,
            is_3,
            is_4,
            (is_2 AND came % 16777216 >= spoilt_2 AND ms - came // 16777216 <= 600000) AS reached,
            came_begun AS begun
        FROM (
            SELECT
                *,
                max(CASE WHEN reached THEN ms * 16777216 + position END) OVER before AS came,
                max(CASE WHEN reached THEN begun END) OVER before AS came_begun
            FROM found_step_1
            WINDOW before AS (PARTITION BY session_key ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) AS looked
        WHERE came IS NOT NULL
    ) AS seen
    WHERE reached OR is_3 OR is_4
),
found_step_3 AS (
    SELECT *
    FROM (
        SELECT
            session_key,
            position,
            ms,
            is_4,
            (is_3 AND ms - came_begun // 16777216 <= 3600000) AS reached,
            came_begun AS begun
        FROM (
            SELECT
                *,
                max(CASE WHEN reached THEN ms * 16777216 + position END) OVER before AS came,
                max(CASE WHEN reached THEN begun END) OVER before AS came_begun
            FROM found_step_2
            WINDOW before AS (PARTITION BY session_key ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) AS looked
        WHERE came IS NOT NULL
    ) AS seen
    WHERE reached OR is_4
),
found_step_4 AS (
    SELECT *
    FROM (
        SELECT
            session_key,
            position,
            ms,
            (is_4 AND came % 16777216 >= position - 1) AS reached,
            came_begun AS begun
        FROM (
            SELECT
                *,
                max(CASE WHEN reached THEN ms * 16777216 + position END) OVER before AS came,
                max(CASE WHEN reached THEN begun END) OVER before AS came_begun
            FROM found_step_3
            WINDOW before AS (PARTITION BY session_key ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) AS looked
        WHERE came IS NOT NULL
    ) AS seen
    WHERE reached
),
found_ends AS (
    SELECT session_key, begun % 16777216 AS from_position, begun // 16777216 AS from_ms, position, ms
    FROM found_step_4
    WHERE reached
),
found AS MATERIALIZED (
    SELECT
        session_key,
        min(from_position) AS from_position, min(from_ms) AS from_ms,
        min(position) AS to_position, min(ms) AS to_ms
    FROM found_ends
    GROUP BY session_key
)
SELECT count(*) AS total
FROM found
