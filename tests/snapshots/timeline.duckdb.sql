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
mine AS MATERIALIZED (  -- found once: no order of the sessions helps to find an id
    SELECT *
    FROM scoped
    WHERE session_key IN (SELECT session_key FROM scoped_sessions WHERE session_id = $session_id)
),
waiting AS (
    SELECT position
    FROM (
        SELECT name, position, offset_ms, element,
            min(CASE WHEN name <> 'click' THEN offset_ms END)
                OVER (ORDER BY position DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS next_ms
        FROM mine
        WHERE name NOT IN ('scroll', 'move', 'page_leave')
    ) AS answers
    WHERE name = 'click' AND element IS NOT NULL AND coalesce(next_ms - offset_ms > $dead_within_ms, true)
),
failed AS (
    SELECT position
    FROM (
        SELECT name, position, offset_ms,
            min(CASE WHEN name = 'error' THEN offset_ms END)
                OVER (PARTITION BY page ORDER BY position DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                AS error_ms
        FROM mine
        WHERE name IN ('click', 'error')
    ) AS failures
    WHERE name = 'click' AND error_ms - offset_ms <= $error_within_ms
),
eligible AS (
    SELECT position, offset_ms, page, element, x, y,
        lag(offset_ms) OVER by_position AS before_ms,
        lag(page) OVER by_position AS before_page,
        lag(element) OVER by_position AS before_element,
        lag(CAST(x AS BIGINT)) OVER by_position AS before_x,  -- wide enough to subtract from
        lag(CAST(y AS BIGINT)) OVER by_position AS before_y
    FROM mine
    WHERE name = 'click'
        AND coalesce(element_tag, '') NOT IN ('input', 'textarea')
        AND coalesce(lower(trim(text)), '') NOT IN ('next', 'previous', 'prev', '<', '>', '+', '-', '−', '–')
    WINDOW by_position AS (ORDER BY position)
),
bursts AS (
    SELECT position, sum(CASE WHEN goes_on THEN 0 ELSE 1 END) OVER (ORDER BY position) AS burst
    FROM (
        SELECT position,
            coalesce(
                offset_ms - before_ms < $rage_within_ms AND page IS NOT DISTINCT FROM before_page
                    AND CASE
                        WHEN x IS NULL OR y IS NULL OR before_x IS NULL OR before_y IS NULL
                            THEN element = before_element
                        ELSE abs(x - before_x) + abs(y - before_y) < $rage_within_px
                    END,
                false
            ) AS goes_on
        FROM eligible
    ) AS steps
),
raging AS (
    SELECT position
    FROM (SELECT position, row_number() OVER (PARTITION BY burst ORDER BY position) AS nth FROM bursts) AS counted
    WHERE nth = $rage_clicks
),
stays AS (
    SELECT position, offset_ms, page
    FROM (
        SELECT position, offset_ms, page, lag(page) OVER (ORDER BY position) AS before
        FROM mine
        WHERE name = 'page_view' AND page IS NOT NULL
    ) AS views
    WHERE before IS NULL OR before <> page
),
turned AS (
    SELECT position
    FROM (
        SELECT position, offset_ms,
            lag(page) OVER (ORDER BY position) AS before,
            lead(page) OVER (ORDER BY position) AS after,
            lead(offset_ms) OVER (ORDER BY position) AS after_ms
        FROM stays
    ) AS neighbours
    WHERE before = after AND after_ms - offset_ms < $u_turn_within_ms
),
flagged AS (
    SELECT position, CAST(sum(bit) AS INTEGER) AS flags
    FROM (
        SELECT position, 1 AS bit FROM raging
        UNION ALL SELECT position, 2 AS bit FROM waiting
        UNION ALL SELECT position, 4 AS bit FROM failed
        UNION ALL SELECT position, 8 AS bit FROM turned
    ) AS bits
    GROUP BY position
)
SELECT
    mine.position, time AS timestamp, local, offset_ms, gap_ms, visit_no,
    name AS event, page, element, element_tag, text, x, y, fixed,
    viewport_width, viewport_height, page_height, scroll_depth, value, properties,
    coalesce(flags, 0) AS flags
FROM mine LEFT JOIN flagged ON flagged.position = mine.position
ORDER BY mine.position
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
all_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
),
waiting AS (
    SELECT DISTINCT page, element
    FROM (
        SELECT name, page, element, offset_ms,
            min(CASE WHEN name <> 'click' THEN offset_ms END)
                OVER (ORDER BY position DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS next_ms
        FROM scoped
        WHERE session_key IN (SELECT session_key FROM scoped_sessions WHERE session_id = $session_id)
            AND name NOT IN ('scroll', 'move', 'page_leave')
    ) AS answers
    WHERE name = 'click' AND element IS NOT NULL AND coalesce(next_ms - offset_ms > $dead_within_ms, true)
),
pressed AS (
    SELECT element_key, elements.page, elements.element
    FROM elements JOIN waiting
        ON waiting.page IS NOT DISTINCT FROM elements.page AND waiting.element = elements.element
)
SELECT page, element
FROM (
    SELECT pressed.page, pressed.element, reacts_ms
    FROM all_clicks JOIN pressed ON pressed.page = all_clicks.page AND pressed.element_key = all_clicks.element_key
    UNION ALL
    SELECT pressed.page, pressed.element, reacts_ms
    FROM all_clicks JOIN pressed ON pressed.element_key = all_clicks.element_key
    WHERE pressed.page IS NULL AND all_clicks.page IS NULL
) AS presses
GROUP BY page, element
HAVING 2 * count(CASE WHEN reacts_ms <= $dead_within_ms THEN 1 END) > count(*)
ORDER BY page, element
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
)
SELECT count(*) AS total
FROM scoped
WHERE session_key IN (SELECT session_key FROM scoped_sessions WHERE session_id = $session_id)
