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
  COUNT(*) AS events,
  COUNT(DISTINCT session_key) AS sessions
FROM scoped_clicks
WHERE
  page = :page
  AND TRUE
  AND viewport_width BETWEEN :narrow AND :wide
  AND NOT x IS NULL
  AND NOT y IS NULL
GROUP BY
  column_no,
  row_no
ORDER BY
  events DESC,
  row_no NULLS LAST,
  column_no NULLS LAST
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
)
SELECT
  element,
  MAX(element_tag) AS element_tag,
  MAX(text) AS text,
  COUNT(DISTINCT text) AS texts,
  COUNT(*) AS events,
  COUNT(DISTINCT session_key) AS sessions,
  MEDIAN(x) AS x,
  MEDIAN(y) AS y,
  PERCENTILE(x, 0.05) AS x_low,
  PERCENTILE(x, 0.95) AS x_high,
  PERCENTILE(y, 0.05) AS y_low,
  PERCENTILE(y, 0.95) AS y_high
FROM scoped_clicks
WHERE
  page = :page
  AND TRUE
  AND viewport_width BETWEEN :narrow AND :wide
  AND NOT element IS NULL
GROUP BY
  element
ORDER BY
  events DESC,
  element NULLS LAST
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
  FROM scoped
  WHERE
    page = :page AND viewport_width BETWEEN :narrow AND :wide
), chosen AS (
  SELECT
    COUNT(*) AS events,
    COUNT(*) FILTER(WHERE
      NOT x IS NULL AND NOT y IS NULL) AS placed,
    COUNT(DISTINCT session_key) AS sessions,
    MAX(page_height) AS page_height,
    MIN(viewport_width) AS narrowest,
    MAX(viewport_width) AS widest
  FROM scoped_clicks
  WHERE
    page = :page AND TRUE AND viewport_width BETWEEN :narrow AND :wide
)
SELECT
  viewers,
  events,
  placed,
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
  COUNT(*) FILTER(WHERE
    NOT x IS NULL AND NOT y IS NULL) AS placed,
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
