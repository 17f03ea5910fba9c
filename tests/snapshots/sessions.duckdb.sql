WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
),
listed AS NOT MATERIALIZED (
    SELECT * FROM scoped_sessions
    WHERE coalesce(strpos(name_string, (SELECT max(symbol) FROM codes WHERE kind = 'name' AND value = $did_1_name_1)) > 0, false)
        AND NOT coalesce(strpos(name_string, (SELECT max(symbol) FROM codes WHERE kind = 'name' AND value = $not_1_name_1)) > 0, false)
),
shown AS (
    SELECT session_key, errors AS ranked, count(*) OVER () AS total
    FROM listed
    ORDER BY ranked DESC NULLS LAST, start, session_id
    LIMIT $limit OFFSET $offset
)
SELECT
    session_id,
    (SELECT max(id) FROM users WHERE users.user_key = whole.user_key) AS user,
    start, stop AS "end", start_local, events, page_views, clicks, errors,
    duration_ms / 1e3 AS duration_s, active_ms / 1e3 AS active_s,
    bounce, value, entry_page, exit_page, device, browser, os, country, release, campaign, total
FROM shown JOIN sessions AS whole ON whole.session_key = shown.session_key
ORDER BY ranked DESC NULLS LAST, start, session_id
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
listed AS NOT MATERIALIZED (
    SELECT * FROM scoped_sessions
    WHERE coalesce(strpos(name_string, (SELECT max(symbol) FROM codes WHERE kind = 'name' AND value = $did_1_name_1)) > 0, false)
        AND NOT coalesce(strpos(name_string, (SELECT max(symbol) FROM codes WHERE kind = 'name' AND value = $not_1_name_1)) > 0, false)
),
counted AS (
    SELECT count(*) AS total FROM listed
)
SELECT total FROM counted
