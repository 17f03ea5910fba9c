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
), scoped_clicks AS (
  SELECT
    *
  FROM clicks
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
  CAST(FLOOR(x / :cell) AS INT) AS column_no,
  CAST(FLOOR(y / :cell) AS INT) AS row_no,
  COALESCE(fixed, FALSE) AS is_fixed,
  COUNT(*) AS events,
  COUNT(DISTINCT session_key) AS sessions
FROM scoped_clicks
WHERE
  page = :page
  AND viewport_width BETWEEN :narrow AND :wide
  AND TRUE
  AND NOT x IS NULL
  AND NOT y IS NULL
GROUP BY
  column_no,
  row_no,
  is_fixed
ORDER BY
  events DESC,
  row_no NULLS LAST,
  column_no NULLS LAST,
  is_fixed NULLS LAST
LIMIT 50000
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
), scoped_clicks AS (
  SELECT
    *
  FROM clicks
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), names AS (
  SELECT
    element_key,
    DENSE_RANK() OVER (ORDER BY called NULLS LAST) AS element_no,
    called,
    called <> ruled AS is_given,
    element,
    element_tag,
    text
  FROM elements
  WHERE
    page = :page
), by_key AS (
  SELECT
    element_key
  FROM scoped_clicks
  WHERE
    page = :page AND viewport_width BETWEEN :narrow AND :wide AND TRUE
  GROUP BY
    element_key
), acts AS (
  SELECT
    element_no,
    session_key,
    x,
    y,
    fixed
  FROM scoped_clicks
  JOIN names
    USING (element_key)
  WHERE
    page = :page AND viewport_width BETWEEN :narrow AND :wide AND TRUE
), described AS (
  SELECT
    element_no,
    MIN(called) AS called,
    COUNT(CASE WHEN is_given THEN 1 END) > 0 AS is_given,
    MIN(element) AS element,
    MAX(element) AS other_element,
    MAX(element_tag) AS element_tag,
    MAX(text) AS text,
    COUNT(DISTINCT text) AS texts
  FROM names
  JOIN by_key
    USING (element_key)
  GROUP BY
    element_no
), placed AS (
  SELECT
    element_no,
    COUNT(*) AS events,
    COUNT(DISTINCT session_key) AS sessions,
    COUNT(CASE WHEN fixed THEN 1 END) AS fixed_events,
    MEDIAN(x) AS x,
    MEDIAN(y) AS y,
    PERCENTILE(x, 0.05) AS x_low,
    PERCENTILE(x, 0.95) AS x_high,
    PERCENTILE(y, 0.05) AS y_low,
    PERCENTILE(y, 0.95) AS y_high
  FROM acts
  GROUP BY
    element_no
)
SELECT
  CASE WHEN element = other_element THEN element ELSE called END AS element,
  called,
  is_given,
  element_tag,
  text,
  texts,
  events,
  sessions,
  2 * fixed_events > events AS is_fixed,
  x,
  y,
  x_low,
  x_high,
  y_low,
  y_high
FROM placed
JOIN described
  USING (element_no)
ORDER BY
  events DESC,
  called NULLS LAST
LIMIT 1000
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
), scoped_visits AS (
  SELECT
    *
  FROM visits
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), scoped_clicks AS (
  SELECT
    *
  FROM clicks
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), seen AS (
  SELECT
    COUNT(DISTINCT session_key) AS viewers
  FROM scoped_visits
  WHERE
    page = :page AND viewport_width BETWEEN :narrow AND :wide
), chosen AS (
  SELECT
    COUNT(*) AS events,
    COUNT(CASE WHEN NOT x IS NULL AND NOT y IS NULL THEN 1 END) AS placed,
    COUNT(CASE WHEN NOT x IS NULL AND NOT y IS NULL AND fixed THEN 1 END) AS fixed,
    COUNT(DISTINCT session_key) AS sessions,
    MAX(page_height) AS page_height,
    MIN(viewport_width) AS narrowest,
    MAX(viewport_width) AS widest
  FROM scoped_clicks
  WHERE
    page = :page AND viewport_width BETWEEN :narrow AND :wide AND TRUE
)
SELECT
  viewers,
  events,
  placed,
  fixed,
  sessions,
  page_height,
  narrowest,
  widest
FROM seen
CROSS JOIN chosen
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
), scoped_clicks AS (
  SELECT
    *
  FROM clicks
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
  CASE
    WHEN viewport_width IS NULL
    THEN 'unknown'
    WHEN viewport_width <= :phone
    THEN 'phone'
    WHEN viewport_width <= :tablet
    THEN 'tablet'
    ELSE 'desktop'
  END AS screen,
  COUNT(*) AS events,
  COUNT(CASE WHEN NOT x IS NULL AND NOT y IS NULL THEN 1 END) AS placed,
  COUNT(DISTINCT session_key) AS sessions,
  CAST(FLOOR(MEDIAN(viewport_width)) AS INT) AS usual_width
FROM scoped_clicks
WHERE
  page = :page AND TRUE
GROUP BY
  screen
ORDER BY
  events DESC,
  screen NULLS LAST
