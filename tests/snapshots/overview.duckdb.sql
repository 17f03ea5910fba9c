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
own AS (
    SELECT CAST(date_trunc($grain, day) AS DATE) AS start, user_key
    FROM scoped_sessions
    WHERE people = 1
    UNION ALL
    SELECT CAST(date_trunc($grain, day) AS DATE) AS start, user_key
    FROM scoped
    WHERE session_key IN (SELECT session_key FROM scoped_sessions WHERE people > 1)
),
persons AS (
    SELECT start, grouping(start) AS whole, count(DISTINCT user_key) AS people
    FROM own
    GROUP BY GROUPING SETS ((start), ())
),
figures AS (
    SELECT
        CAST(date_trunc($grain, day) AS DATE) AS start,
        events, page_views, errors, bounce, duration_ms, active_ms
    FROM scoped_sessions
),
totals AS (
    SELECT
        start,
        grouping(start) AS whole,
        count(*) AS sessions,
        CAST(sum(events) AS BIGINT) AS events,
        CAST(sum(page_views) AS BIGINT) AS page_views,
        CAST(sum(errors) AS BIGINT) AS errors,
        count(CASE WHEN errors > 0 THEN 1 END) AS sessions_with_error,
        count(CASE WHEN bounce THEN 1 END) AS bounces,
        count(bounce) AS sessions_with_bounce_value,
        CAST(sum(duration_ms) AS BIGINT) AS duration_ms,
        CAST(sum(active_ms) AS BIGINT) AS active_ms
    FROM figures
    GROUP BY GROUPING SETS ((start), ())
)
SELECT
    totals.start, sessions, coalesce(people, 0) AS people, coalesce(events, 0) AS events,
    coalesce(page_views, 0) AS page_views, coalesce(errors, 0) AS errors, sessions_with_error, bounces,
    sessions_with_bounce_value, coalesce(duration_ms, 0) AS duration_ms, coalesce(active_ms, 0) AS active_ms
FROM totals
LEFT JOIN persons ON persons.whole = totals.whole AND persons.start IS NOT DISTINCT FROM totals.start
ORDER BY totals.whole DESC, totals.start
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
reached AS (
    SELECT CAST(date_trunc($grain, day) AS DATE) AS start, user_key, session_key
    FROM scoped
    WHERE name = $goal_name
)
SELECT
    start,
    count(*) AS conversions,
    count(DISTINCT session_key) AS converted_sessions,
    count(DISTINCT user_key) AS converted_people
FROM reached
GROUP BY GROUPING SETS ((start), ())
ORDER BY grouping(start) DESC, start
