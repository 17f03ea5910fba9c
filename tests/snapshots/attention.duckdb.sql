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
seen AS (
    SELECT session_key, visit_no, first_screen
    FROM scoped_visits
    WHERE viewed AND page = $page AND viewport_width BETWEEN $narrow AND $wide
),
counted AS (
    SELECT count(*) AS views FROM seen
),
some_views AS (
    SELECT session_key, visit_no, first_screen
    FROM seen CROSS JOIN counted
    WHERE session_key % greatest(1, CAST(floor(counted.views / $most) AS INTEGER)) = 0
),
told AS (
    SELECT session_key, visit_no, position, page, offset_ms,
        CASE WHEN viewport_height > 0 AND page_height > 0
            THEN CASE WHEN viewport_height < page_height THEN viewport_height * 1e0 / page_height ELSE 1e0 END
        END AS tall,
        CASE WHEN name = 'scroll' THEN scroll_depth END AS depth
    FROM scoped
    WHERE session_key IN (SELECT session_key FROM some_views)
),
timed AS (
    SELECT session_key, visit_no,
        lead(offset_ms) OVER (PARTITION BY session_key ORDER BY position) - offset_ms AS ms,
        last_value(tall IGNORE NULLS) OVER up_to_now AS tall,
        last_value(depth IGNORE NULLS) OVER up_to_now AS depth
    FROM told
    WINDOW up_to_now AS (
        PARTITION BY session_key, visit_no ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
),
windows AS (
    SELECT CASE WHEN ms < $pause THEN ms ELSE $pause END AS ms,
        coalesce(timed.tall, first_screen) AS tall,
        CASE WHEN coalesce(depth, 0) > coalesce(timed.tall, first_screen) THEN depth
            ELSE coalesce(timed.tall, first_screen) END AS bottom
    FROM timed JOIN some_views USING (session_key, visit_no)
    WHERE ms > 0 AND first_screen IS NOT NULL
),
bands AS (
    SELECT ms, CAST(ceil($bands * (bottom - tall) - 0.5000001) AS INTEGER) AS first_band,
        CAST(floor($bands * bottom - 0.4999999) AS INTEGER) AS last_band
    FROM windows
)
SELECT first_band, last_band, CAST(sum(ms) AS BIGINT) AS ms
FROM bands
GROUP BY first_band, last_band
ORDER BY first_band, last_band
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
seen AS (
    SELECT session_key, first_screen
    FROM scoped_visits
    WHERE viewed AND page = $page AND viewport_width BETWEEN $narrow AND $wide
),
counted AS (
    SELECT count(*) AS views FROM seen
)
SELECT count(*) AS views, count(CASE WHEN first_screen IS NULL THEN 1 END) AS unknown, max(counted.views) AS of_views
FROM seen CROSS JOIN counted
WHERE session_key % greatest(1, CAST(floor(counted.views / $most) AS INTEGER)) = 0
