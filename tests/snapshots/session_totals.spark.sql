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
), persons_listed AS (
  SELECT
    user_key
  FROM listed
  WHERE
    people = 1
  UNION ALL
  SELECT
    user_key
  FROM scoped
  WHERE
    session_key IN (
      SELECT
        session_key
      FROM listed
      WHERE
        people > 1
    )
)
SELECT
  COUNT(*) AS sessions,
  (
    SELECT
      COUNT(DISTINCT user_key)
    FROM persons_listed
  ) AS people,
  COUNT(CASE WHEN errors > 0 THEN 1 END) AS with_error,
  COUNT(CASE WHEN bounce THEN 1 END) AS bounces,
  COUNT(bounce) AS with_bounce_value,
  COALESCE(CAST(SUM(duration_ms) AS BIGINT), 0) AS duration_ms
FROM listed
