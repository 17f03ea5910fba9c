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
SELECT
    CAST(floor(x / $cell) AS INTEGER) AS column_no,
    CAST(floor(y / $cell) AS INTEGER) AS row_no,
    count(*) AS events,
    count(DISTINCT session_key) AS sessions
FROM scoped_clicks
WHERE page = $page AND true AND viewport_width BETWEEN $narrow AND $wide AND x IS NOT NULL AND y IS NOT NULL
GROUP BY column_no, row_no
ORDER BY events DESC, row_no, column_no
LIMIT 50000
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
SELECT
    element,
    max(element_tag) AS element_tag,
    max(text) AS text,
    count(DISTINCT text) AS texts,
    count(*) AS events,
    count(DISTINCT session_key) AS sessions,
    median(x) AS x,
    median(y) AS y,
    quantile_cont(x, 0.05) AS x_low,
    quantile_cont(x, 0.95) AS x_high,
    quantile_cont(y, 0.05) AS y_low,
    quantile_cont(y, 0.95) AS y_high
FROM scoped_clicks
WHERE page = $page AND true AND viewport_width BETWEEN $narrow AND $wide AND element IS NOT NULL
GROUP BY element
ORDER BY events DESC, element
LIMIT 1000
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
scoped_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
seen AS (
    SELECT count(DISTINCT session_key) AS viewers
    FROM scoped
    WHERE page = $page AND viewport_width BETWEEN $narrow AND $wide
),
chosen AS (
    SELECT
        count(*) AS events,
        count(*) FILTER (WHERE x IS NOT NULL AND y IS NOT NULL) AS placed,
        count(DISTINCT session_key) AS sessions,
        max(page_height) AS page_height,
        min(viewport_width) AS narrowest,
        max(viewport_width) AS widest
    FROM scoped_clicks
    WHERE page = $page AND true AND viewport_width BETWEEN $narrow AND $wide
)
SELECT viewers, events, placed, sessions, page_height, narrowest, widest
FROM seen CROSS JOIN chosen
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
SELECT
    CASE
        WHEN viewport_width IS NULL THEN 'unknown'
        WHEN viewport_width <= $phone THEN 'phone'
        WHEN viewport_width <= $tablet THEN 'tablet'
        ELSE 'desktop'
    END AS screen,
    count(*) AS events,
    count(*) FILTER (WHERE x IS NOT NULL AND y IS NOT NULL) AS placed,
    count(DISTINCT session_key) AS sessions,
    CAST(floor(median(viewport_width)) AS INTEGER) AS usual_width
FROM scoped_clicks
WHERE page = $page AND true
GROUP BY screen
ORDER BY events DESC, screen
