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
views AS (
    SELECT
        count(scroll_depth) > 0 AS scrolled,
        max(scroll_depth) AS deepest,
        max(CASE WHEN viewport_height < page_height THEN viewport_height * 1.0 / page_height ELSE 1.0 END)
            FILTER (WHERE viewport_height > 0 AND page_height > 0) AS at_once
    FROM scoped
    WHERE page = $page AND viewport_width BETWEEN $narrow AND $wide
    GROUP BY session_key, visit_no
    HAVING count(*) FILTER (WHERE name = 'page_view') > 0
)
SELECT
    CAST(floor(100 * greatest(coalesce(deepest, 0), coalesce(at_once, 0)) + 0.001) AS INTEGER) AS depth,
    deepest IS NULL AND at_once IS NULL AS unknown,
    count(*) AS views,
    count(*) FILTER (WHERE scrolled) AS scrolled,
    count(at_once) AS windows,
    sum(at_once) AS at_once
FROM views
GROUP BY 1, 2
ORDER BY 2, 1
