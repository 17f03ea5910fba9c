WITH scoped_sessions AS (
  SELECT
    *
  FROM sessions
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND COALESCE(ARRAY_CONTAINS(:scope_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:scope_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :scope_start
        AND day < :scope_stop
        AND COALESCE(name = :scope_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :scope_start
          AND day < :scope_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:scope_where_2_1_key], '') = :scope_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :scope_where_2_2_value, FALSE)
    )
), scoped AS (
  SELECT
    *
  FROM events
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), mine AS (
  SELECT
    *
  FROM scoped
  WHERE
    session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
      WHERE
        session_id = :session_id
    )
), waiting AS (
  SELECT
    position
  FROM (
    SELECT
      name,
      position,
      offset_ms,
      element,
      MIN(CASE WHEN name <> 'click' THEN offset_ms END) OVER (ORDER BY position DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS next_ms
    FROM mine
    WHERE
      NOT name IN ('scroll', 'move', 'page_leave')
  ) AS answers
  WHERE
    name = 'click'
    AND NOT element IS NULL
    AND COALESCE(next_ms - offset_ms > :dead_within_ms, TRUE)
), failed AS (
  SELECT
    position
  FROM (
    SELECT
      name,
      position,
      offset_ms,
      MIN(CASE WHEN name = 'error' THEN offset_ms END) OVER (
        PARTITION BY page
        ORDER BY position DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ) AS error_ms
    FROM mine
    WHERE
      name IN ('click', 'error')
  ) AS failures
  WHERE
    name = 'click' AND error_ms - offset_ms <= :error_within_ms
), eligible AS (
  SELECT
    position,
    offset_ms,
    page,
    element,
    x,
    y,
    LAG(offset_ms) OVER by_position AS before_ms,
    LAG(page) OVER by_position AS before_page,
    LAG(element) OVER by_position AS before_element,
    LAG(CAST(x AS BIGINT)) OVER by_position AS before_x, /* wide enough to subtract from */
    LAG(CAST(y AS BIGINT)) OVER by_position AS before_y
  FROM mine
  WHERE
    name = 'click'
    AND NOT COALESCE(element_tag, '') IN ('input', 'textarea')
    AND NOT COALESCE(LOWER(TRIM(text)), '') IN ('next', 'previous', 'prev', '<', '>', '+', '-', '−', '–')
  WINDOW by_position AS (ORDER BY position NULLS LAST)
), bursts AS (
  SELECT
    position,
    SUM(CASE WHEN goes_on THEN 0 ELSE 1 END) OVER (ORDER BY position NULLS LAST) AS burst
  FROM (
    SELECT
      position,
      COALESCE(
        offset_ms - before_ms < :rage_within_ms
        AND page IS NOT DISTINCT FROM before_page
        AND CASE
          WHEN x IS NULL OR y IS NULL OR before_x IS NULL OR before_y IS NULL
          THEN element = before_element
          ELSE ABS(x - before_x) + ABS(y - before_y) < :rage_within_px
        END,
        FALSE
      ) AS goes_on
    FROM eligible
  ) AS steps
), raging AS (
  SELECT
    position
  FROM (
    SELECT
      position,
      ROW_NUMBER() OVER (PARTITION BY burst ORDER BY position NULLS LAST) AS nth
    FROM bursts
  ) AS counted
  WHERE
    nth = :rage_clicks
), stays AS (
  SELECT
    position,
    offset_ms,
    page
  FROM (
    SELECT
      position,
      offset_ms,
      page,
      LAG(page) OVER (ORDER BY position NULLS LAST) AS before
    FROM mine
    WHERE
      name = 'page_view' AND NOT page IS NULL
  ) AS views
  WHERE
    before IS NULL OR before <> page
), turned AS (
  SELECT
    position
  FROM (
    SELECT
      position,
      offset_ms,
      LAG(page) OVER (ORDER BY position NULLS LAST) AS before,
      LEAD(page) OVER (ORDER BY position NULLS LAST) AS after,
      LEAD(offset_ms) OVER (ORDER BY position NULLS LAST) AS after_ms
    FROM stays
  ) AS neighbours
  WHERE
    before = after AND after_ms - offset_ms < :u_turn_within_ms
), flagged AS (
  SELECT
    position,
    CAST(SUM(bit) AS INT) AS flags
  FROM (
    SELECT
      position,
      1 AS bit
    FROM raging
    UNION ALL
    SELECT
      position,
      2 AS bit
    FROM waiting
    UNION ALL
    SELECT
      position,
      4 AS bit
    FROM failed
    UNION ALL
    SELECT
      position,
      8 AS bit
    FROM turned
  ) AS bits
  GROUP BY
    position
)
SELECT
  mine.position,
  time AS timestamp,
  local,
  offset_ms,
  gap_ms,
  visit_no,
  name AS event,
  page,
  element,
  element_tag,
  text,
  x,
  y,
  fixed,
  viewport_width,
  viewport_height,
  page_height,
  scroll_depth,
  value,
  properties,
  COALESCE(flags, 0) AS flags
FROM mine
LEFT JOIN flagged
  ON flagged.position = mine.position
ORDER BY
  mine.position NULLS LAST
LIMIT :limit
OFFSET :offset
;
WITH scoped_sessions AS (
  SELECT
    *
  FROM sessions
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND COALESCE(ARRAY_CONTAINS(:scope_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:scope_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :scope_start
        AND day < :scope_stop
        AND COALESCE(name = :scope_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :scope_start
          AND day < :scope_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:scope_where_2_1_key], '') = :scope_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :scope_where_2_2_value, FALSE)
    )
), scoped AS (
  SELECT
    *
  FROM events
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), all_clicks AS (
  SELECT
    *
  FROM clicks
), waiting AS (
  SELECT DISTINCT
    page,
    element
  FROM (
    SELECT
      name,
      page,
      element,
      offset_ms,
      MIN(CASE WHEN name <> 'click' THEN offset_ms END) OVER (ORDER BY position DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS next_ms
    FROM scoped
    WHERE
      session_key IN (
        SELECT
          session_key
        FROM scoped_sessions
        WHERE
          session_id = :session_id
      )
      AND NOT name IN ('scroll', 'move', 'page_leave')
  ) AS answers
  WHERE
    name = 'click'
    AND NOT element IS NULL
    AND COALESCE(next_ms - offset_ms > :dead_within_ms, TRUE)
), pressed AS (
  SELECT
    element_key,
    elements.page,
    elements.element
  FROM elements
  JOIN waiting
    ON waiting.page IS NOT DISTINCT FROM elements.page
    AND waiting.element = elements.element
)
SELECT
  page,
  element
FROM (
  SELECT
    pressed.page,
    pressed.element,
    reacts_ms
  FROM all_clicks
  JOIN pressed
    ON pressed.page = all_clicks.page AND pressed.element_key = all_clicks.element_key
  UNION ALL
  SELECT
    pressed.page,
    pressed.element,
    reacts_ms
  FROM all_clicks
  JOIN pressed
    ON pressed.element_key = all_clicks.element_key
  WHERE
    pressed.page IS NULL AND all_clicks.page IS NULL
) AS presses
GROUP BY
  page,
  element
HAVING
  2 * COUNT(CASE WHEN reacts_ms <= :dead_within_ms THEN 1 END) > COUNT(*)
ORDER BY
  page NULLS LAST,
  element NULLS LAST
;
WITH scoped_sessions AS (
  SELECT
    *
  FROM sessions
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND COALESCE(ARRAY_CONTAINS(:scope_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:scope_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :scope_start
        AND day < :scope_stop
        AND COALESCE(name = :scope_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :scope_start
          AND day < :scope_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:scope_where_2_1_key], '') = :scope_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :scope_where_2_2_value, FALSE)
    )
), scoped AS (
  SELECT
    *
  FROM events
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
)
SELECT
  COUNT(*) AS total
FROM scoped
WHERE
  session_key IN (
    SELECT
      session_key
    FROM scoped_sessions
    WHERE
      session_id = :session_id
  )
