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
), own AS (
  SELECT
    CAST(DATE_TRUNC(:grain, day) AS DATE) AS start,
    user_key
  FROM scoped_sessions
  WHERE
    people = 1
  UNION ALL
  SELECT
    CAST(DATE_TRUNC(:grain, day) AS DATE) AS start,
    user_key
  FROM scoped
  WHERE
    session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
      WHERE
        people > 1
    )
), persons AS (
  SELECT
    start,
    GROUPING(start) AS whole,
    COUNT(DISTINCT user_key) AS people
  FROM own
  GROUP BY
    GROUPING SETS (
      (
        start
      ),
      ()
    )
), figures AS (
  SELECT
    CAST(DATE_TRUNC(:grain, day) AS DATE) AS start,
    events,
    page_views,
    errors,
    bounce,
    duration_ms,
    active_ms
  FROM scoped_sessions
), totals AS (
  SELECT
    start,
    GROUPING(start) AS whole,
    COUNT(*) AS sessions,
    CAST(SUM(events) AS BIGINT) AS events,
    CAST(SUM(page_views) AS BIGINT) AS page_views,
    CAST(SUM(errors) AS BIGINT) AS errors,
    COUNT(CASE WHEN errors > 0 THEN 1 END) AS sessions_with_error,
    COUNT(CASE WHEN bounce THEN 1 END) AS bounces,
    COUNT(bounce) AS sessions_with_bounce_value,
    CAST(SUM(duration_ms) AS BIGINT) AS duration_ms,
    CAST(SUM(active_ms) AS BIGINT) AS active_ms
  FROM figures
  GROUP BY
    GROUPING SETS (
      (
        start
      ),
      ()
    )
)
SELECT
  totals.start,
  sessions,
  COALESCE(people, 0) AS people,
  COALESCE(events, 0) AS events,
  COALESCE(page_views, 0) AS page_views,
  COALESCE(errors, 0) AS errors,
  sessions_with_error,
  bounces,
  sessions_with_bounce_value,
  COALESCE(duration_ms, 0) AS duration_ms,
  COALESCE(active_ms, 0) AS active_ms
FROM totals
LEFT JOIN persons
  ON persons.whole = totals.whole AND persons.start IS NOT DISTINCT FROM totals.start
ORDER BY
  totals.whole DESC,
  totals.start NULLS LAST
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
), reached AS (
  SELECT
    CAST(DATE_TRUNC(:grain, day) AS DATE) AS start,
    user_key,
    session_key
  FROM scoped
  WHERE
    name = :goal_name
)
SELECT
  start,
  COUNT(*) AS conversions,
  COUNT(DISTINCT session_key) AS converted_sessions,
  COUNT(DISTINCT user_key) AS converted_people
FROM reached
GROUP BY
  GROUPING SETS (
    (
      start
    ),
    ()
  )
ORDER BY
  GROUPING(start) DESC,
  start NULLS LAST
