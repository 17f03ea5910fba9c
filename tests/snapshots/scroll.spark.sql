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
)
SELECT
  CAST(FLOOR(100 * GREATEST(COALESCE(deepest_scroll, 0), COALESCE(first_screen, 0)) + 0.001) AS INT) AS depth,
  deepest_scroll IS NULL AND first_screen IS NULL AS unknown,
  COUNT(*) AS views,
  COUNT(deepest_scroll) AS scrolled,
  COUNT(first_screen) AS windows,
  SUM(first_screen) AS at_once
FROM scoped_visits
WHERE
  viewed AND page = :page AND viewport_width BETWEEN :narrow AND :wide
GROUP BY
  1,
  2
ORDER BY
  2 NULLS LAST,
  1 NULLS LAST
