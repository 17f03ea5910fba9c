WITH sided_sessions AS (
  SELECT
    *,
    0 AS side
  FROM sessions
  WHERE
    day >= :before_start
    AND day < :before_stop
    AND COALESCE(ARRAY_CONTAINS(:before_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:before_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :before_start
        AND day < :before_stop
        AND COALESCE(name = :before_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :before_start
          AND day < :before_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:before_where_2_1_key], '') = :before_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :before_where_2_2_value, FALSE)
    )
    AND COALESCE(ARRAY_CONTAINS(:before_where_3_value, release), FALSE)
  UNION ALL
  SELECT
    *,
    1 AS side
  FROM sessions
  WHERE
    day >= :after_start
    AND day < :after_stop
    AND COALESCE(ARRAY_CONTAINS(:after_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:after_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :after_start
        AND day < :after_stop
        AND COALESCE(name = :after_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :after_start
          AND day < :after_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:after_where_2_1_key], '') = :after_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :after_where_2_2_value, FALSE)
    )
    AND COALESCE(ARRAY_CONTAINS(:after_where_3_value, release), FALSE)
), of_person AS (
  SELECT
    user_key,
    COUNT(DISTINCT session_key) AS sessions,
    COUNT(CASE WHEN side = 0 THEN 1 END) AS sessions_before,
    COUNT(CASE WHEN side = 1 THEN 1 END) AS sessions_after
  FROM sided_sessions
  GROUP BY
    user_key
), named AS (
  SELECT
    CASE
      WHEN sessions_after = 0
      THEN 'before'
      WHEN sessions_before = 0
      THEN 'after'
      ELSE 'both'
    END AS who,
    sessions,
    sessions_before,
    sessions_after
  FROM of_person
)
SELECT
  who,
  COUNT(*) AS people,
  CAST(SUM(sessions) AS BIGINT) AS sessions,
  CAST(SUM(sessions_before) AS BIGINT) AS sessions_before,
  CAST(SUM(sessions_after) AS BIGINT) AS sessions_after
FROM named
GROUP BY
  who
ORDER BY
  who NULLS LAST
;
WITH sided_sessions AS (
  SELECT
    *,
    0 AS side
  FROM sessions
  WHERE
    day >= :before_start
    AND day < :before_stop
    AND COALESCE(ARRAY_CONTAINS(:before_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:before_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :before_start
        AND day < :before_stop
        AND COALESCE(name = :before_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :before_start
          AND day < :before_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:before_where_2_1_key], '') = :before_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :before_where_2_2_value, FALSE)
    )
    AND COALESCE(ARRAY_CONTAINS(:before_where_3_value, release), FALSE)
  UNION ALL
  SELECT
    *,
    1 AS side
  FROM sessions
  WHERE
    day >= :after_start
    AND day < :after_stop
    AND COALESCE(ARRAY_CONTAINS(:after_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:after_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :after_start
        AND day < :after_stop
        AND COALESCE(name = :after_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :after_start
          AND day < :after_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:after_where_2_1_key], '') = :after_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :after_where_2_2_value, FALSE)
    )
    AND COALESCE(ARRAY_CONTAINS(:after_where_3_value, release), FALSE)
), scoped_sessions AS (
  SELECT
    *
  FROM sessions
  WHERE
    (
      (
        day >= :before_start
        AND day < :before_stop
        AND COALESCE(ARRAY_CONTAINS(:before_release, release), FALSE)
        AND COALESCE(ARRAY_CONTAINS(:before_device, device), FALSE)
        AND NOT session_key IN (
          SELECT
            session_key
          FROM events
          WHERE
            day >= :before_start
            AND day < :before_stop
            AND COALESCE(name = :before_where_1_value, FALSE)
        )
        AND (
          session_key IN (
            SELECT
              session_key
            FROM events
            WHERE
              day >= :before_start
              AND day < :before_stop
              AND COALESCE(
                NULLIF(FROM_JSON(properties, 'map<string,string>')[:before_where_2_1_key], '') = :before_where_2_1_value,
                FALSE
              )
          )
          OR COALESCE(duration_ms / 1e3 > :before_where_2_2_value, FALSE)
        )
        AND COALESCE(ARRAY_CONTAINS(:before_where_3_value, release), FALSE)
      )
      OR (
        day >= :after_start
        AND day < :after_stop
        AND COALESCE(ARRAY_CONTAINS(:after_release, release), FALSE)
        AND COALESCE(ARRAY_CONTAINS(:after_device, device), FALSE)
        AND NOT session_key IN (
          SELECT
            session_key
          FROM events
          WHERE
            day >= :after_start
            AND day < :after_stop
            AND COALESCE(name = :after_where_1_value, FALSE)
        )
        AND (
          session_key IN (
            SELECT
              session_key
            FROM events
            WHERE
              day >= :after_start
              AND day < :after_stop
              AND COALESCE(
                NULLIF(FROM_JSON(properties, 'map<string,string>')[:after_where_2_1_key], '') = :after_where_2_1_value,
                FALSE
              )
          )
          OR COALESCE(duration_ms / 1e3 > :after_where_2_2_value, FALSE)
        )
        AND COALESCE(ARRAY_CONTAINS(:after_where_3_value, release), FALSE)
      )
    )
), of_person AS (
  SELECT
    user_key,
    COUNT(DISTINCT session_key) AS sessions,
    COUNT(CASE WHEN side = 0 THEN 1 END) AS sessions_before,
    COUNT(CASE WHEN side = 1 THEN 1 END) AS sessions_after
  FROM sided_sessions
  GROUP BY
    user_key
), members AS (
  SELECT DISTINCT
    session_key
  FROM sided_sessions
  WHERE
    user_key IN (
      SELECT
        user_key
      FROM of_person
      WHERE
        sessions_before > 0 AND sessions_after > 0
    )
), found AS (
  SELECT
    session_id,
    start,
    COUNT(*) OVER () AS total
  FROM scoped_sessions
  WHERE
    session_key IN (
      SELECT
        session_key
      FROM members
    )
)
SELECT
  session_id,
  total
FROM found
ORDER BY
  start DESC,
  session_id NULLS LAST
LIMIT :limit
OFFSET :offset
;
WITH sided_sessions AS (
  SELECT
    *,
    0 AS side
  FROM sessions
  WHERE
    day >= :before_start
    AND day < :before_stop
    AND COALESCE(ARRAY_CONTAINS(:before_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:before_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :before_start
        AND day < :before_stop
        AND COALESCE(name = :before_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :before_start
          AND day < :before_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:before_where_2_1_key], '') = :before_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :before_where_2_2_value, FALSE)
    )
    AND COALESCE(ARRAY_CONTAINS(:before_where_3_value, release), FALSE)
  UNION ALL
  SELECT
    *,
    1 AS side
  FROM sessions
  WHERE
    day >= :after_start
    AND day < :after_stop
    AND COALESCE(ARRAY_CONTAINS(:after_release, release), FALSE)
    AND COALESCE(ARRAY_CONTAINS(:after_device, device), FALSE)
    AND NOT session_key IN (
      SELECT
        session_key
      FROM events
      WHERE
        day >= :after_start
        AND day < :after_stop
        AND COALESCE(name = :after_where_1_value, FALSE)
    )
    AND (
      session_key IN (
        SELECT
          session_key
        FROM events
        WHERE
          day >= :after_start
          AND day < :after_stop
          AND COALESCE(
            NULLIF(FROM_JSON(properties, 'map<string,string>')[:after_where_2_1_key], '') = :after_where_2_1_value,
            FALSE
          )
      )
      OR COALESCE(duration_ms / 1e3 > :after_where_2_2_value, FALSE)
    )
    AND COALESCE(ARRAY_CONTAINS(:after_where_3_value, release), FALSE)
), scoped_sessions AS (
  SELECT
    *
  FROM sessions
  WHERE
    (
      (
        day >= :before_start
        AND day < :before_stop
        AND COALESCE(ARRAY_CONTAINS(:before_release, release), FALSE)
        AND COALESCE(ARRAY_CONTAINS(:before_device, device), FALSE)
        AND NOT session_key IN (
          SELECT
            session_key
          FROM events
          WHERE
            day >= :before_start
            AND day < :before_stop
            AND COALESCE(name = :before_where_1_value, FALSE)
        )
        AND (
          session_key IN (
            SELECT
              session_key
            FROM events
            WHERE
              day >= :before_start
              AND day < :before_stop
              AND COALESCE(
                NULLIF(FROM_JSON(properties, 'map<string,string>')[:before_where_2_1_key], '') = :before_where_2_1_value,
                FALSE
              )
          )
          OR COALESCE(duration_ms / 1e3 > :before_where_2_2_value, FALSE)
        )
        AND COALESCE(ARRAY_CONTAINS(:before_where_3_value, release), FALSE)
      )
      OR (
        day >= :after_start
        AND day < :after_stop
        AND COALESCE(ARRAY_CONTAINS(:after_release, release), FALSE)
        AND COALESCE(ARRAY_CONTAINS(:after_device, device), FALSE)
        AND NOT session_key IN (
          SELECT
            session_key
          FROM events
          WHERE
            day >= :after_start
            AND day < :after_stop
            AND COALESCE(name = :after_where_1_value, FALSE)
        )
        AND (
          session_key IN (
            SELECT
              session_key
            FROM events
            WHERE
              day >= :after_start
              AND day < :after_stop
              AND COALESCE(
                NULLIF(FROM_JSON(properties, 'map<string,string>')[:after_where_2_1_key], '') = :after_where_2_1_value,
                FALSE
              )
          )
          OR COALESCE(duration_ms / 1e3 > :after_where_2_2_value, FALSE)
        )
        AND COALESCE(ARRAY_CONTAINS(:after_where_3_value, release), FALSE)
      )
    )
), of_person AS (
  SELECT
    user_key,
    COUNT(DISTINCT session_key) AS sessions,
    COUNT(CASE WHEN side = 0 THEN 1 END) AS sessions_before,
    COUNT(CASE WHEN side = 1 THEN 1 END) AS sessions_after
  FROM sided_sessions
  GROUP BY
    user_key
), members AS (
  SELECT DISTINCT
    session_key
  FROM sided_sessions
  WHERE
    user_key IN (
      SELECT
        user_key
      FROM of_person
      WHERE
        sessions_before > 0 AND sessions_after > 0
    )
)
SELECT
  COUNT(*) AS total
FROM scoped_sessions
WHERE
  session_key IN (
    SELECT
      session_key
    FROM members
  )
