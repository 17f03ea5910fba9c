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
    coalesce(fixed, false) AS is_fixed,
    count(*) AS events,
    count(DISTINCT session_key) AS sessions
FROM scoped_clicks
WHERE page = $page AND viewport_width BETWEEN $narrow AND $wide AND true AND x IS NOT NULL AND y IS NOT NULL
GROUP BY column_no, row_no, is_fixed
ORDER BY events DESC, row_no, column_no, is_fixed
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
),
names AS (
    SELECT element_key, dense_rank() OVER (ORDER BY called) AS element_no, called, called <> ruled AS is_given,
        element, element_tag, text
    FROM elements
    WHERE page = $page
),
by_key AS (
    SELECT element_key FROM scoped_clicks WHERE page = $page AND viewport_width BETWEEN $narrow AND $wide AND true GROUP BY element_key
),
acts AS (
    SELECT element_no, session_key, x, y, fixed
    FROM scoped_clicks JOIN names USING (element_key)
    WHERE page = $page AND viewport_width BETWEEN $narrow AND $wide AND true
),
described AS (
    SELECT element_no, min(called) AS called, count(CASE WHEN is_given THEN 1 END) > 0 AS is_given,
        min(element) AS element, max(element) AS other_element, max(element_tag) AS element_tag,
        max(text) AS text, count(DISTINCT text) AS texts
    FROM names JOIN by_key USING (element_key)
    GROUP BY element_no
),
placed AS (
    SELECT
        element_no,
        count(*) AS events,
        count(DISTINCT session_key) AS sessions,
        count(CASE WHEN fixed THEN 1 END) AS fixed_events,
        median(x) AS x,
        median(y) AS y,
        quantile_cont(x, 0.05) AS x_low,
        quantile_cont(x, 0.95) AS x_high,
        quantile_cont(y, 0.05) AS y_low,
        quantile_cont(y, 0.95) AS y_high
    FROM acts
    GROUP BY element_no
)
SELECT
    CASE WHEN element = other_element THEN element ELSE called END AS element,
    called, is_given, element_tag, text, texts, events, sessions, 2 * fixed_events > events AS is_fixed,
    x, y, x_low, x_high, y_low, y_high
FROM placed JOIN described USING (element_no)
ORDER BY events DESC, called
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
scoped_visits AS NOT MATERIALIZED (
    SELECT * FROM visits
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
    FROM scoped_visits
    WHERE page = $page AND viewport_width BETWEEN $narrow AND $wide
),
chosen AS (
    SELECT
        count(*) AS events,
        count(CASE WHEN x IS NOT NULL AND y IS NOT NULL THEN 1 END) AS placed,
        count(CASE WHEN x IS NOT NULL AND y IS NOT NULL AND fixed THEN 1 END) AS fixed,
        count(DISTINCT session_key) AS sessions,
        max(page_height) AS page_height,
        min(viewport_width) AS narrowest,
        max(viewport_width) AS widest
    FROM scoped_clicks
    WHERE page = $page AND viewport_width BETWEEN $narrow AND $wide AND true
)
SELECT viewers, events, placed, fixed, sessions, page_height, narrowest, widest
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
    count(CASE WHEN x IS NOT NULL AND y IS NOT NULL THEN 1 END) AS placed,
    count(DISTINCT session_key) AS sessions,
    CAST(floor(median(viewport_width)) AS INTEGER) AS usual_width
FROM scoped_clicks
WHERE page = $page AND true
GROUP BY screen
ORDER BY events DESC, screen
