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
scoped_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
its_keys AS (
    SELECT element_key FROM elements WHERE called = $element
),
its_clicks AS (
    SELECT session_key, position, page, day
    FROM scoped_clicks
    WHERE element_key IN (SELECT element_key FROM its_keys) AND coalesce(page LIKE $on_page ESCAPE '!', false)
),
pressed AS (
    SELECT its_clicks.session_key, its_clicks.position, offset_ms
    FROM its_clicks JOIN scoped
        ON scoped.session_key = its_clicks.session_key AND scoped.position = its_clicks.position
),
later AS (
    SELECT pressed.session_key, pressed.position, min(scoped.position) AS next_position
    FROM pressed JOIN scoped ON scoped.session_key = pressed.session_key
        AND scoped.position > pressed.position
        AND scoped.offset_ms <= pressed.offset_ms + $within_ms
    WHERE scoped.name NOT IN ('scroll', 'move', 'page_leave')
    GROUP BY pressed.session_key, pressed.position
),
followed AS (
    SELECT later.session_key, later.position, name, scoped.page, called AS element, scoped.element_tag, scoped.text,
        offset_ms
    FROM later JOIN scoped ON scoped.session_key = later.session_key AND scoped.position = later.next_position
    LEFT JOIN elements ON name = 'click' AND elements.element = scoped.element
        AND elements.page IS NOT DISTINCT FROM scoped.page AND elements.text IS NOT DISTINCT FROM scoped.text
        AND elements.element_tag IS NOT DISTINCT FROM scoped.element_tag
),
outcomes AS (
    SELECT pressed.session_key,
        CASE
            WHEN name IS NULL THEN 'nothing'
            WHEN name = 'page_view' THEN 'page'
            WHEN name = 'click' AND element = $element THEN 'again'
            WHEN name = 'click' THEN 'element'
            ELSE 'event'
        END AS kind,
        CASE WHEN name = 'page_view' THEN page WHEN name = 'click' THEN element ELSE name END AS thing,
        CASE WHEN name = 'click' THEN text END AS text,
        CASE WHEN name = 'click' THEN element_tag END AS element_tag,
        followed.offset_ms - pressed.offset_ms AS ms
    FROM pressed LEFT JOIN followed
        ON followed.session_key = pressed.session_key AND followed.position = pressed.position
)
SELECT kind, thing, CASE WHEN min(text) = max(text) THEN min(text) END AS text, max(element_tag) AS element_tag,
    count(*) AS clicks, count(DISTINCT session_key) AS sessions, median(ms) AS median_ms,
    CAST(sum(count(*)) OVER (PARTITION BY kind) AS BIGINT) AS of_kind
FROM outcomes
GROUP BY kind, thing
ORDER BY clicks DESC, kind, thing
LIMIT $limit
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
scoped_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
)
SELECT count(*) AS clicks, count(DISTINCT session_key) AS sessions, min(day) AS first_seen,
    max(day) AS last_seen
FROM scoped_clicks
WHERE coalesce(page LIKE $on_page ESCAPE '!', false) AND element_key IN (SELECT element_key FROM elements WHERE called = $element)
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
scoped_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
)
SELECT page, count(*) AS clicks, count(DISTINCT session_key) AS sessions
FROM scoped_clicks
WHERE coalesce(page LIKE $on_page ESCAPE '!', false) AND element_key IN (SELECT element_key FROM elements WHERE called = $element)
GROUP BY page
ORDER BY clicks DESC, page
LIMIT 50
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
scoped_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
)
SELECT CAST(date_trunc($unit, day) AS DATE) AS start, count(*) AS clicks,
    count(DISTINCT session_key) AS sessions
FROM scoped_clicks
WHERE coalesce(page LIKE $on_page ESCAPE '!', false) AND element_key IN (SELECT element_key FROM elements WHERE called = $element)

GROUP BY 1
ORDER BY 1
;
WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
)
SELECT min(day) AS first_day, max(day) AS last_day
FROM scoped_sessions
