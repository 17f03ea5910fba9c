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
), goal AS (
  SELECT
    session_key AS goal_session,
    MIN(offset_ms) AS goal_ms
  FROM scoped
  WHERE
    name = :goal_name
  GROUP BY
    session_key
), measured AS (
  SELECT
    scoped_sessions.*,
    first_seen,
    refusal,
    goal_ms
  FROM scoped_sessions
  LEFT JOIN (
    SELECT
      user_key AS person,
      first_seen
    FROM users
  ) AS persons
    ON person = user_key
  CROSS JOIN (
    SELECT
      MAX(CASE WHEN value = :refusal THEN symbol END) AS refusal
    FROM codes
    WHERE
      kind = 'name'
  ) AS refusals
  LEFT JOIN goal
    ON goal_session = session_key
), by_day AS (
  SELECT
    day,
    SUM(1) AS n_1,
    SUM(CASE WHEN NOT goal_ms IS NULL THEN 1e0 ELSE 0e0 END) AS total_1,
    SUM(1) AS weight_1,
    SUM(1) AS n_2,
    SUM(CASE WHEN NOT value IS NULL THEN value ELSE 0e0 END) AS total_2,
    SUM(1) AS weight_2,
    SUM(1) AS n_3,
    SUM(CASE WHEN NOT value IS NULL THEN 1e0 ELSE 0e0 END) AS total_3,
    SUM(1) AS weight_3,
    SUM(CASE WHEN NOT value IS NULL THEN 1e0 ELSE 0e0 END) AS n_4,
    SUM(CASE WHEN NOT value IS NULL THEN value ELSE 0e0 END) AS total_4,
    SUM(CASE WHEN NOT value IS NULL THEN 1e0 ELSE 0e0 END) AS weight_4,
    SUM(CASE WHEN NOT bounce IS NULL THEN 1e0 ELSE 0e0 END) AS n_5,
    SUM(
      CASE
        WHEN NOT bounce IS NULL
        THEN CASE WHEN bounce THEN 1e0 ELSE 0e0 END
        ELSE 0e0
      END
    ) AS total_5,
    SUM(CASE WHEN NOT bounce IS NULL THEN 1e0 ELSE 0e0 END) AS weight_5,
    SUM(1) AS n_6,
    SUM(CASE WHEN page_views = 1 THEN 1e0 ELSE 0e0 END) AS total_6,
    SUM(1) AS weight_6,
    SUM(1) AS n_7,
    SUM(CASE WHEN errors > 0 THEN 1e0 ELSE 0e0 END) AS total_7,
    SUM(1) AS weight_7,
    SUM(1) AS n_8,
    SUM(CAST(errors AS DOUBLE)) AS total_8,
    SUM(1) AS weight_8,
    SUM(1) AS n_9,
    SUM(CAST(errors AS DOUBLE)) AS total_9,
    SUM(CAST(page_views AS DOUBLE)) AS weight_9,
    SUM(1) AS n_10,
    SUM(CASE WHEN LOCATE(refusal, name_string) > 0 THEN 1e0 ELSE 0e0 END) AS total_10,
    SUM(1) AS weight_10,
    SUM(1) AS n_11,
    SUM(CASE WHEN clicks > 0 THEN 1e0 ELSE 0e0 END) AS total_11,
    SUM(1) AS weight_11,
    SUM(1) AS n_12,
    SUM(CASE WHEN duration_ms > 600000 THEN 1e0 ELSE 0e0 END) AS total_12,
    SUM(1) AS weight_12,
    SUM(1) AS n_13,
    SUM(CASE WHEN events <= 2 THEN 1e0 ELSE 0e0 END) AS total_13,
    SUM(1) AS weight_13,
    SUM(1) AS n_14,
    SUM(CASE WHEN first_seen = start THEN 1e0 ELSE 0e0 END) AS total_14,
    SUM(1) AS weight_14,
    SUM(1) AS n_15,
    SUM(duration_ms / 1e3) AS total_15,
    SUM(1) AS weight_15,
    SUM(1) AS n_16,
    SUM(active_ms / 1e3) AS total_16,
    SUM(1) AS weight_16,
    SUM(1) AS n_17,
    SUM(active_ms / 1e3) AS total_17,
    SUM(duration_ms / 1e3) AS weight_17,
    SUM(1) AS n_18,
    SUM(active_ms / 1e3) AS total_18,
    SUM(CAST(page_views AS DOUBLE)) AS weight_18,
    SUM(1) AS n_19,
    SUM(CAST(page_views AS DOUBLE)) AS total_19,
    SUM(1) AS weight_19,
    SUM(1) AS n_20,
    SUM(CAST(clicks AS DOUBLE)) AS total_20,
    SUM(1) AS weight_20,
    SUM(1) AS n_21,
    SUM(CAST(clicks AS DOUBLE)) AS total_21,
    SUM(CAST(page_views AS DOUBLE)) AS weight_21,
    SUM(1) AS n_22,
    SUM(CAST(events AS DOUBLE)) AS total_22,
    SUM(1) AS weight_22
  FROM measured
  GROUP BY
    day
)
SELECT
  metric,
  day,
  CAST(CASE number
    WHEN 1
    THEN n_1
    WHEN 2
    THEN n_2
    WHEN 3
    THEN n_3
    WHEN 4
    THEN n_4
    WHEN 5
    THEN n_5
    WHEN 6
    THEN n_6
    WHEN 7
    THEN n_7
    WHEN 8
    THEN n_8
    WHEN 9
    THEN n_9
    WHEN 10
    THEN n_10
    WHEN 11
    THEN n_11
    WHEN 12
    THEN n_12
    WHEN 13
    THEN n_13
    WHEN 14
    THEN n_14
    WHEN 15
    THEN n_15
    WHEN 16
    THEN n_16
    WHEN 17
    THEN n_17
    WHEN 18
    THEN n_18
    WHEN 19
    THEN n_19
    WHEN 20
    THEN n_20
    WHEN 21
    THEN n_21
    WHEN 22
    THEN n_22
  END AS BIGINT) AS n,
  CAST(CASE number
    WHEN 1
    THEN total_1
    WHEN 2
    THEN total_2
    WHEN 3
    THEN total_3
    WHEN 4
    THEN total_4
    WHEN 5
    THEN total_5
    WHEN 6
    THEN total_6
    WHEN 7
    THEN total_7
    WHEN 8
    THEN total_8
    WHEN 9
    THEN total_9
    WHEN 10
    THEN total_10
    WHEN 11
    THEN total_11
    WHEN 12
    THEN total_12
    WHEN 13
    THEN total_13
    WHEN 14
    THEN total_14
    WHEN 15
    THEN total_15
    WHEN 16
    THEN total_16
    WHEN 17
    THEN total_17
    WHEN 18
    THEN total_18
    WHEN 19
    THEN total_19
    WHEN 20
    THEN total_20
    WHEN 21
    THEN total_21
    WHEN 22
    THEN total_22
  END AS DOUBLE) AS total,
  CAST(CASE number
    WHEN 1
    THEN weight_1
    WHEN 2
    THEN weight_2
    WHEN 3
    THEN weight_3
    WHEN 4
    THEN weight_4
    WHEN 5
    THEN weight_5
    WHEN 6
    THEN weight_6
    WHEN 7
    THEN weight_7
    WHEN 8
    THEN weight_8
    WHEN 9
    THEN weight_9
    WHEN 10
    THEN weight_10
    WHEN 11
    THEN weight_11
    WHEN 12
    THEN weight_12
    WHEN 13
    THEN weight_13
    WHEN 14
    THEN weight_14
    WHEN 15
    THEN weight_15
    WHEN 16
    THEN weight_16
    WHEN 17
    THEN weight_17
    WHEN 18
    THEN weight_18
    WHEN 19
    THEN weight_19
    WHEN 20
    THEN weight_20
    WHEN 21
    THEN weight_21
    WHEN 22
    THEN weight_22
  END AS DOUBLE) AS weight
FROM by_day
CROSS JOIN VALUES
  (1, 'conversion'),
  (2, 'value_per_session'),
  (3, 'valued'),
  (4, 'value_per_buyer'),
  (5, 'bounce_rate'),
  (6, 'one_page'),
  (7, 'error_rate'),
  (8, 'errors'),
  (9, 'errors_per_view'),
  (10, 'refused'),
  (11, 'clicked'),
  (12, 'long'),
  (13, 'hardly'),
  (14, 'new'),
  (15, 'duration'),
  (16, 'active_time'),
  (17, 'active_share'),
  (18, 'seconds_per_view'),
  (19, 'page_views'),
  (20, 'clicks'),
  (21, 'clicks_per_view'),
  (22, 'events') AS names(number, metric)
ORDER BY
  number NULLS LAST,
  day NULLS LAST
