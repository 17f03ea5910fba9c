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
looked AS (
    SELECT session_key AS key_, 0 AS side, user_key AS person, CAST(NULL AS VARCHAR) AS part, 1 AS weight, page_string,
        name_string
    FROM scoped_sessions
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
    SELECT key_, side, person, part, weight, 'all' AS kind, '' AS item
    FROM looked
),
members AS (
    SELECT key_ AS session_key
    FROM seen
    WHERE kind = $kind AND item = $item
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
looked AS (
    SELECT session_key AS key_, 0 AS side, user_key AS person, CAST(NULL AS VARCHAR) AS part, 1 AS weight, page_string,
        name_string
    FROM scoped_sessions
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
    SELECT key_, side, person, part, weight, 'all' AS kind, '' AS item
    FROM looked
),
members AS (
    SELECT key_ AS session_key
    FROM seen
    WHERE kind = $kind AND item = $item
)
SELECT count(*) AS total
FROM scoped_sessions
WHERE session_key IN (SELECT session_key FROM members)
