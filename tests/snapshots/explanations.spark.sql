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
), scoped AS (
  SELECT
    *
  FROM events
  WHERE
    day >= :either_start
    AND day < :either_stop
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
    sided_sessions.*,
    goal_ms
  FROM sided_sessions
  LEFT JOIN goal
    ON goal_session = session_key
), numbers AS (
  SELECT
    user_key AS who,
    side,
    CAST(CASE WHEN NOT goal_ms IS NULL THEN 1e0 ELSE 0e0 END AS DOUBLE) AS v_1
  FROM measured
), of_person AS (
  SELECT
    who,
    side,
    COUNT(*) * 1e0 AS s_1,
    COUNT(NULLIF(v_1, 0e0)) * 1e0 AS s_2
  FROM numbers
  GROUP BY
    who,
    side
), totals AS (
  SELECT
    side,
    COUNT(*) AS everyone,
    CAST(SUM(s_1) AS DOUBLE) AS t_1,
    CAST(SUM(s_2) AS DOUBLE) AS t_2,
    COUNT(CASE WHEN s_1 > 0 THEN 1 END) AS t_3,
    COUNT(CASE WHEN s_2 <> 0 THEN 1 END) AS t_4,
    SUM(s_2 * s_2) AS t_5,
    SUM(s_2 * s_1) AS t_6,
    SUM(s_1 * s_1) AS t_7
  FROM of_person
  GROUP BY
    side
), crossings AS (
  SELECT
    COUNT(*) AS both_people,
    SUM(one.s_2 * other.s_2) AS x_1,
    SUM(one.s_2 * other.s_1) AS x_2,
    SUM(one.s_1 * other.s_2) AS x_3,
    SUM(one.s_1 * other.s_1) AS x_4
  FROM (
    SELECT
      *
    FROM of_person
    WHERE
      side = 0
  ) AS one
  JOIN (
    SELECT
      *
    FROM of_person
    WHERE
      side = 1
  ) AS other
    ON one.who = other.who
)
SELECT
  metric,
  totals.side,
  everyone,
  both_people,
  CASE metric WHEN 1 THEN t_1 END AS sessions,
  CASE metric WHEN 1 THEN t_1 END AS counted,
  CASE metric WHEN 1 THEN t_2 END AS total,
  CASE metric WHEN 1 THEN t_3 END AS people,
  CASE metric WHEN 1 THEN t_4 END AS hits,
  CASE metric WHEN 1 THEN t_5 END AS person_squares,
  CASE metric WHEN 1 THEN t_6 END AS person_cross,
  CASE metric WHEN 1 THEN t_7 END AS person_counts,
  COALESCE(CASE metric WHEN 1 THEN x_1 END, 0e0) AS totals,
  COALESCE(CASE metric WHEN 1 THEN x_2 END, 0e0) AS total_count,
  COALESCE(CASE metric WHEN 1 THEN x_3 END, 0e0) AS count_total,
  COALESCE(CASE metric WHEN 1 THEN x_4 END, 0e0) AS counts,
  CAST(NULL AS DOUBLE) AS mark
FROM totals
CROSS JOIN crossings
CROSS JOIN VALUES
  (1) AS names(metric)
ORDER BY
  metric NULLS LAST,
  totals.side NULLS LAST
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
)
SELECT
  COUNT(*) AS sessions
FROM (
  SELECT
    session_key
  FROM sided_sessions
  GROUP BY
    session_key
  HAVING
    COUNT(*) > 1
) AS twice
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
)
SELECT
  side,
  day,
  COUNT(*) AS sessions
FROM sided_sessions
GROUP BY
  side,
  day
ORDER BY
  side NULLS LAST,
  day NULLS LAST
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
), scoped AS (
  SELECT
    *
  FROM events
  WHERE
    day >= :either_start
    AND day < :either_stop
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
    sided_sessions.*,
    first_seen,
    goal_ms
  FROM sided_sessions
  LEFT JOIN (
    SELECT
      user_key AS person,
      first_seen
    FROM users
  ) AS persons
    ON person = user_key
  LEFT JOIN goal
    ON goal_session = session_key
), held AS (
  SELECT
    side,
    COALESCE(device, '') AS of_device,
    COALESCE(release, '') AS of_release,
    COALESCE(country, '') AS of_country,
    COALESCE(entry_page, '') AS of_entry_page,
    CASE WHEN first_seen = start THEN 'new' ELSE 'returning' END AS of_new,
    COALESCE(campaign, '') AS of_campaign,
    COALESCE(browser, '') AS of_browser,
    CAST(weekday AS STRING) AS of_weekday,
    1 AS n,
    CASE WHEN NOT goal_ms IS NULL THEN 1e0 ELSE 0e0 END AS x,
    1 AS y
  FROM measured
), by_value AS (
  SELECT
    side,
    of_device,
    of_release,
    of_country,
    of_entry_page,
    of_new,
    of_campaign,
    of_browser,
    of_weekday,
    SUM(n) AS n,
    SUM(x) AS total,
    SUM(y) AS weight,
    SUM(CAST(x AS DOUBLE) * x) AS squares,
    SUM(CAST(x AS DOUBLE) * y) AS products,
    SUM(CAST(y AS DOUBLE) * y) AS weight_squares
  FROM held
  GROUP BY
    GROUPING SETS (
      (side, of_device),
      (side, of_release),
      (side, of_country),
      (side, of_entry_page),
      (side, of_new),
      (side, of_campaign),
      (side, of_browser),
      (side, of_weekday)
    )
), named AS (
  SELECT
    side,
    CASE
      WHEN NOT of_device IS NULL
      THEN 'device'
      WHEN NOT of_release IS NULL
      THEN 'release'
      WHEN NOT of_country IS NULL
      THEN 'country'
      WHEN NOT of_entry_page IS NULL
      THEN 'entry_page'
      WHEN NOT of_new IS NULL
      THEN 'new'
      WHEN NOT of_campaign IS NULL
      THEN 'campaign'
      WHEN NOT of_browser IS NULL
      THEN 'browser'
      WHEN NOT of_weekday IS NULL
      THEN 'weekday'
    END AS field,
    COALESCE(of_device, of_release, of_country, of_entry_page, of_new, of_campaign, of_browser, of_weekday) AS value,
    n,
    total,
    weight,
    squares,
    products,
    weight_squares
  FROM by_value
), totalled AS (
  SELECT
    *,
    SUM(n) OVER (PARTITION BY field, value) AS both_sides
  FROM named
), ranked AS (
  SELECT
    *,
    DENSE_RANK() OVER (PARTITION BY field ORDER BY both_sides DESC, value NULLS LAST) AS place
  FROM totalled
)
SELECT
  side,
  field,
  CASE WHEN place <= :limit THEN value END AS value,
  CAST(SUM(n) AS BIGINT) AS n,
  CAST(SUM(total) AS DOUBLE) AS total,
  CAST(SUM(weight) AS DOUBLE) AS weight,
  SUM(squares) AS squares,
  SUM(products) AS products,
  SUM(weight_squares) AS weight_squares
FROM ranked
GROUP BY
  side,
  field,
  CASE WHEN place <= :limit THEN value END
ORDER BY
  field NULLS LAST,
  value NULLS LAST,
  side NULLS LAST
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
), daily AS (
  SELECT
    day,
    release,
    COUNT(*) AS sessions
  FROM scoped_sessions
  GROUP BY
    day,
    release
), usual AS (
  SELECT
    release AS known
  FROM daily
  WHERE
    NOT release IS NULL
  GROUP BY
    release
  ORDER BY
    SUM(sessions) DESC,
    release NULLS LAST
  LIMIT :limit
)
SELECT
  day,
  known AS release,
  CAST(SUM(sessions) AS BIGINT) AS sessions,
  CAST(SUM(CASE WHEN release IS NULL THEN sessions ELSE 0 END) AS BIGINT) AS without
FROM daily
LEFT JOIN usual
  ON known = release
GROUP BY
  day,
  known
ORDER BY
  day NULLS LAST,
  sessions DESC,
  release NULLS LAST
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
    goal_ms
  FROM scoped_sessions
  LEFT JOIN goal
    ON goal_session = session_key
), by_day AS (
  SELECT
    day,
    SUM(1) AS n_1,
    SUM(CASE WHEN NOT goal_ms IS NULL THEN 1e0 ELSE 0e0 END) AS total_1,
    SUM(1) AS weight_1
  FROM measured
  GROUP BY
    day
)
SELECT
  metric,
  day,
  CAST(CASE number WHEN 1 THEN n_1 END AS BIGINT) AS n,
  CAST(CASE number WHEN 1 THEN total_1 END AS DOUBLE) AS total,
  CAST(CASE number WHEN 1 THEN weight_1 END AS DOUBLE) AS weight
FROM by_day
CROSS JOIN VALUES
  (1, 'conversion') AS names(number, metric)
ORDER BY
  number NULLS LAST,
  day NULLS LAST
