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
), views AS (
  SELECT
    COUNT(scroll_depth) > 0 AS scrolled,
    MAX(scroll_depth) AS deepest,
    MAX(
      CASE
        WHEN viewport_height < page_height
        THEN viewport_height * 1.0 / page_height
        ELSE 1.0
      END
    ) FILTER(WHERE
      viewport_height > 0 AND page_height > 0) AS at_once
  FROM scoped
  WHERE
    page = :page AND viewport_width BETWEEN :narrow AND :wide
  GROUP BY
    session_key,
    visit_no
  HAVING
    COUNT(*) FILTER(WHERE
      name = 'page_view') > 0
)
SELECT
  CAST(FLOOR(100 * GREATEST(COALESCE(deepest, 0), COALESCE(at_once, 0)) + 0.001) AS INT) AS depth,
  deepest IS NULL AND at_once IS NULL AS unknown,
  COUNT(*) AS views,
  COUNT(*) FILTER(WHERE
    scrolled) AS scrolled,
  COUNT(at_once) AS windows,
  SUM(at_once) AS at_once
FROM views
GROUP BY
  1,
  2
ORDER BY
  2 NULLS LAST,
  1 NULLS LAST
