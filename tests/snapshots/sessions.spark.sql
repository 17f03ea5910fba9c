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
), listed AS (
  SELECT
    *
  FROM scoped_sessions
  WHERE
    COALESCE(
      LOCATE(
        (
          SELECT
            MAX(symbol)
          FROM codes
          WHERE
            kind = 'name' AND value = :did_1_name_1
        ),
        name_string
      ) > 0,
      FALSE
    )
    AND NOT COALESCE(
      LOCATE(
        (
          SELECT
            MAX(symbol)
          FROM codes
          WHERE
            kind = 'name' AND value = :not_1_name_1
        ),
        name_string
      ) > 0,
      FALSE
    )
), shown AS (
  SELECT
    session_key,
    errors AS ranked,
    COUNT(*) OVER () AS total
  FROM listed
  ORDER BY
    ranked DESC,
    start NULLS LAST,
    session_id NULLS LAST
  LIMIT :limit
  OFFSET :offset
)
SELECT
  session_id,
  (
    SELECT
      MAX(id)
    FROM users
    WHERE
      users.user_key = whole.user_key
  ) AS user,
  start,
  stop AS `end`,
  start_local,
  events,
  page_views,
  clicks,
  errors,
  duration_ms / 1e3 AS duration_s,
  active_ms / 1e3 AS active_s,
  bounce,
  value,
  entry_page,
  exit_page,
  device,
  browser,
  os,
  country,
  release,
  campaign,
  total
FROM shown
JOIN sessions AS whole
  ON whole.session_key = shown.session_key
ORDER BY
  ranked DESC,
  start NULLS LAST,
  session_id NULLS LAST
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
), listed AS (
  SELECT
    *
  FROM scoped_sessions
  WHERE
    COALESCE(
      LOCATE(
        (
          SELECT
            MAX(symbol)
          FROM codes
          WHERE
            kind = 'name' AND value = :did_1_name_1
        ),
        name_string
      ) > 0,
      FALSE
    )
    AND NOT COALESCE(
      LOCATE(
        (
          SELECT
            MAX(symbol)
          FROM codes
          WHERE
            kind = 'name' AND value = :not_1_name_1
        ),
        name_string
      ) > 0,
      FALSE
    )
), counted AS (
  SELECT
    COUNT(*) AS total
  FROM listed
)
SELECT
  total
FROM counted
