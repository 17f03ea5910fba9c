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
), seen AS (
  SELECT
    session_key,
    visit_no,
    first_screen
  FROM scoped_visits
  WHERE
    viewed AND page = :page AND viewport_width BETWEEN :narrow AND :wide
), counted AS (
  SELECT
    COUNT(*) AS views
  FROM seen
), some_views AS (
  SELECT
    session_key,
    visit_no,
    first_screen
  FROM seen
  CROSS JOIN counted
  WHERE
    session_key % GREATEST(1, CAST(FLOOR(counted.views / :most) AS INT)) = 0
), told AS (
  SELECT
    session_key,
    visit_no,
    position,
    page,
    offset_ms,
    CASE
      WHEN viewport_height > 0 AND page_height > 0
      THEN CASE
        WHEN viewport_height < page_height
        THEN viewport_height * 1e0 / page_height
        ELSE 1e0
      END
    END AS tall,
    CASE WHEN name = 'scroll' THEN scroll_depth END AS depth
  FROM scoped
  WHERE
    session_key IN (
      SELECT
        session_key
      FROM some_views
    )
), timed AS (
  SELECT
    session_key,
    visit_no,
    LEAD(offset_ms) OVER (PARTITION BY session_key ORDER BY position NULLS LAST) - offset_ms AS ms,
    LAST_VALUE(tall) IGNORE NULLS OVER up_to_now AS tall,
    LAST_VALUE(depth) IGNORE NULLS OVER up_to_now AS depth
  FROM told
  WINDOW up_to_now AS (
    PARTITION BY session_key, visit_no
    ORDER BY position NULLS LAST
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  )
), windows AS (
  SELECT
    CASE WHEN ms < :pause THEN ms ELSE :pause END AS ms,
    COALESCE(timed.tall, first_screen) AS tall,
    CASE
      WHEN COALESCE(depth, 0) > COALESCE(timed.tall, first_screen)
      THEN depth
      ELSE COALESCE(timed.tall, first_screen)
    END AS bottom
  FROM timed
  JOIN some_views
    USING (session_key, visit_no)
  WHERE
    ms > 0 AND NOT first_screen IS NULL
), bands AS (
  SELECT
    ms,
    CAST(CEIL(:bands * (
      bottom - tall
    ) - 0.5000001) AS INT) AS first_band,
    CAST(FLOOR(:bands * bottom - 0.4999999) AS INT) AS last_band
  FROM windows
)
SELECT
  first_band,
  last_band,
  CAST(SUM(ms) AS BIGINT) AS ms
FROM bands
GROUP BY
  first_band,
  last_band
ORDER BY
  first_band NULLS LAST,
  last_band NULLS LAST
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
), seen AS (
  SELECT
    session_key,
    first_screen
  FROM scoped_visits
  WHERE
    viewed AND page = :page AND viewport_width BETWEEN :narrow AND :wide
), counted AS (
  SELECT
    COUNT(*) AS views
  FROM seen
)
SELECT
  COUNT(*) AS views,
  COUNT(CASE WHEN first_screen IS NULL THEN 1 END) AS unknown,
  MAX(counted.views) AS of_views
FROM seen
CROSS JOIN counted
WHERE
  session_key % GREATEST(1, CAST(FLOOR(counted.views / :most) AS INT)) = 0
