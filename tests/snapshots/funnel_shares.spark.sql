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
), first_1 AS (
  SELECT
    session_key AS unit,
    MIN(position) AS place,
    MIN(time) AS time_1
  FROM scoped
  WHERE
    name = :step_1_name AND COALESCE(page LIKE :step_1_page ESCAPE '!', FALSE)
  GROUP BY
    session_key
), first_2 AS (
  SELECT
    unit,
    MIN(position) AS place,
    MIN(time) AS time_2
  FROM scoped
  JOIN (
    SELECT
      unit,
      place
    FROM first_1
  ) AS earlier
    ON session_key = unit
  WHERE
    position > place AND name = :step_2_name
  GROUP BY
    unit
), first_3 AS (
  SELECT
    unit,
    MIN(position) AS place,
    MIN(time) AS time_3
  FROM scoped
  JOIN (
    SELECT
      unit,
      place
    FROM first_2
  ) AS earlier
    ON session_key = unit
  WHERE
    position > place AND name = :step_3_name AND COALESCE(page = :step_3_page, FALSE)
  GROUP BY
    unit
), first_4 AS (
  SELECT
    unit,
    MIN(position) AS place,
    MIN(time) AS time_4
  FROM scoped
  JOIN (
    SELECT
      unit,
      place
    FROM first_3
  ) AS earlier
    ON session_key = unit
  WHERE
    position > place AND name = :step_4_name
  GROUP BY
    unit
), back_3 AS (
  SELECT
    unit,
    MAX(position) AS place,
    MAX(time) AS time_3
  FROM scoped
  JOIN (
    SELECT
      unit,
      place
    FROM first_4
  ) AS later
    ON session_key = unit
  WHERE
    position < place AND name = :step_3_name AND COALESCE(page = :step_3_page, FALSE)
  GROUP BY
    unit
), back_2 AS (
  SELECT
    unit,
    MAX(position) AS place,
    MAX(time) AS time_2
  FROM scoped
  JOIN (
    SELECT
      unit,
      place
    FROM back_3
    UNION ALL
    SELECT
      unit,
      place
    FROM first_3
    ANTI JOIN first_4
      USING (unit)
  ) AS later
    ON session_key = unit
  WHERE
    position < place AND name = :step_2_name
  GROUP BY
    unit
), back_1 AS (
  SELECT
    unit,
    MAX(position) AS place,
    MAX(time) AS time_1
  FROM scoped
  JOIN (
    SELECT
      unit,
      place
    FROM back_2
    UNION ALL
    SELECT
      unit,
      place
    FROM first_2
    ANTI JOIN first_3
      USING (unit)
  ) AS later
    ON session_key = unit
  WHERE
    position < place
    AND name = :step_1_name
    AND COALESCE(page LIKE :step_1_page ESCAPE '!', FALSE)
  GROUP BY
    unit
), timed_2 AS (
  SELECT
    unit,
    MIN(position) AS place,
    MIN(time) AS time_2
  FROM scoped
  JOIN (
    SELECT
      unit,
      place
    FROM back_1
    SEMI JOIN first_2
      USING (unit)
  ) AS earlier
    ON session_key = unit
  WHERE
    position > place AND name = :step_2_name
  GROUP BY
    unit
), timed_3 AS (
  SELECT
    unit,
    MIN(position) AS place,
    MIN(time) AS time_3
  FROM scoped
  JOIN (
    SELECT
      unit,
      place
    FROM timed_2
    SEMI JOIN first_3
      USING (unit)
  ) AS earlier
    ON session_key = unit
  WHERE
    position > place AND name = :step_3_name AND COALESCE(page = :step_3_page, FALSE)
  GROUP BY
    unit
), walked AS (
  SELECT
    first_2.unit,
    CASE
      WHEN NOT first_4.unit IS NULL
      THEN 4
      WHEN NOT first_3.unit IS NULL
      THEN 3
      ELSE 2
    END AS furthest,
    DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), back_1.time_1) AS moment_1,
    DATEDIFF(
      MICROSECOND,
      CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ),
      COALESCE(timed_2.time_2, first_2.time_2)
    ) AS moment_2,
    DATEDIFF(
      MICROSECOND,
      CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ),
      COALESCE(timed_3.time_3, first_3.time_3)
    ) AS moment_3,
    DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), first_4.time_4) AS moment_4
  FROM first_2
  JOIN back_1
    ON back_1.unit = first_2.unit
  LEFT JOIN first_3
    ON first_3.unit = first_2.unit
  LEFT JOIN first_4
    ON first_4.unit = first_2.unit
  LEFT JOIN timed_2
    ON timed_2.unit = first_2.unit
  LEFT JOIN timed_3
    ON timed_3.unit = first_2.unit
  UNION ALL
  SELECT
    unit,
    1 AS furthest,
    DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), time_1) AS moment_1,
    CAST(NULL AS BIGINT) AS moment_2,
    CAST(NULL AS BIGINT) AS moment_3,
    CAST(NULL AS BIGINT) AS moment_4
  FROM first_1
  ANTI JOIN first_2
    USING (unit)
), reached AS (
  SELECT
    *
  FROM walked
), touched AS (
  SELECT
    session_key AS unit,
    NULLIF(device, '') AS value
  FROM scoped_sessions
), valued AS (
  SELECT
    reached.*,
    value
  FROM reached
  LEFT JOIN touched
    ON touched.unit = reached.unit
), of_person AS (
  SELECT
    user_key AS person,
    value,
    0 AS rest,
    COUNT(moment_1) AS n_1,
    COUNT(CASE WHEN NOT moment_1 IS NULL AND NOT moment_4 IS NULL THEN 1 END) AS s_1,
    COUNT(moment_3) AS n_2,
    COUNT(CASE WHEN NOT moment_3 IS NULL AND NOT moment_4 IS NULL THEN 1 END) AS s_2
  FROM valued
  JOIN (
    SELECT
      session_key,
      user_key
    FROM scoped_sessions
  ) AS whose
    ON session_key = unit
  GROUP BY
    user_key,
    value
), beside AS (
  SELECT
    *,
    SUM(n_1) OVER (PARTITION BY person) AS a_1,
    SUM(s_1) OVER (PARTITION BY person) AS b_1,
    SUM(n_2) OVER (PARTITION BY person) AS a_2,
    SUM(s_2) OVER (PARTITION BY person) AS b_2,
    ROW_NUMBER() OVER (
      PARTITION BY person
      ORDER BY rest NULLS LAST, value IS NULL NULLS LAST, value NULLS LAST
    ) AS nth
  FROM of_person
)
SELECT
  1 AS pair,
  value,
  rest,
  CAST(SUM(n_1) AS BIGINT) AS n,
  CAST(SUM(s_1) AS BIGINT) AS went,
  COUNT(CASE WHEN n_1 > 0 THEN 1 END) AS people,
  COUNT(CASE WHEN nth = 1 AND a_1 > 0 THEN 1 END) AS people_first_here,
  COUNT(CASE WHEN n_1 > 0 AND a_1 > n_1 THEN 1 END) AS people_elsewhere,
  SUM(CAST(s_1 AS DOUBLE) * s_1) AS squares,
  SUM(CAST(s_1 AS DOUBLE) * n_1) AS crosses,
  SUM(CAST(n_1 AS DOUBLE) * n_1) AS counts,
  SUM(CAST(s_1 AS DOUBLE) * b_1) AS squares_all,
  SUM(CAST(s_1 AS DOUBLE) * a_1) AS cross_all,
  SUM(CAST(n_1 AS DOUBLE) * b_1) AS all_cross,
  SUM(CAST(n_1 AS DOUBLE) * a_1) AS counts_all
FROM beside
GROUP BY
  value,
  rest
UNION ALL
SELECT
  2 AS pair,
  value,
  rest,
  CAST(SUM(n_2) AS BIGINT) AS n,
  CAST(SUM(s_2) AS BIGINT) AS went,
  COUNT(CASE WHEN n_2 > 0 THEN 1 END) AS people,
  COUNT(CASE WHEN nth = 1 AND a_2 > 0 THEN 1 END) AS people_first_here,
  COUNT(CASE WHEN n_2 > 0 AND a_2 > n_2 THEN 1 END) AS people_elsewhere,
  SUM(CAST(s_2 AS DOUBLE) * s_2) AS squares,
  SUM(CAST(s_2 AS DOUBLE) * n_2) AS crosses,
  SUM(CAST(n_2 AS DOUBLE) * n_2) AS counts,
  SUM(CAST(s_2 AS DOUBLE) * b_2) AS squares_all,
  SUM(CAST(s_2 AS DOUBLE) * a_2) AS cross_all,
  SUM(CAST(n_2 AS DOUBLE) * b_2) AS all_cross,
  SUM(CAST(n_2 AS DOUBLE) * a_2) AS counts_all
FROM beside
GROUP BY
  value,
  rest
ORDER BY
  pair NULLS LAST,
  rest NULLS LAST,
  value NULLS LAST
