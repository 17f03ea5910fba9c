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
by_key AS (
    SELECT element_key, count(*) AS clicks, min(day) AS first_seen, max(day) AS last_seen
    FROM scoped_clicks
    WHERE element_key IS NOT NULL AND page IS NOT NULL
    GROUP BY element_key
),
speaking AS (
    SELECT page, called, min(text) AS text,
        CAST(sum(clicks) AS BIGINT) AS clicks, min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM by_key JOIN elements USING (element_key)
    GROUP BY page, called
    HAVING min(text) = max(text) AND count(text) = count(*)
        AND max(CASE WHEN list_contains($fields, coalesce(element_tag, '')) THEN 1 ELSE 0 END) = 0
)
SELECT earlier.page, earlier.text, earlier.called AS earlier, later.called AS later,
    earlier.clicks AS earlier_clicks, later.clicks AS later_clicks,
    earlier.last_seen AS last_seen, later.first_seen AS first_seen
FROM speaking AS earlier JOIN speaking AS later
    ON earlier.page = later.page AND earlier.text = later.text AND earlier.called <> later.called
WHERE earlier.first_seen < later.first_seen AND earlier.last_seen < later.last_seen
    AND date_diff('day', later.first_seen, earlier.last_seen) <= $overlap_days
    AND earlier.clicks >= $least AND later.clicks >= $least
ORDER BY earlier.clicks + later.clicks DESC, earlier.page, earlier, later
LIMIT $limit
