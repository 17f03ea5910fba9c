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
), listed AS (
  SELECT
    session_id,
    start,
    COUNT(*) OVER () AS total,
    (
      moment_3 - DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), start)
    ) DIV 1000 AS at_ms
  FROM reached
  JOIN scoped_sessions
    ON scoped_sessions.session_key = unit
  WHERE
    furthest = 3
)
SELECT
  session_id,
  total,
  at_ms
FROM listed
ORDER BY
  start DESC,
  session_id NULLS LAST,
  at_ms NULLS LAST
LIMIT :limit
OFFSET :offset
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
)
SELECT
  COUNT(*) AS total
FROM reached
WHERE
  furthest = 3
