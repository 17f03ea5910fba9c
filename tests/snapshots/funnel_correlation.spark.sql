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
), population AS (
  SELECT
    unit,
    user_key AS person,
    stopped,
    since,
    LEAST(
      until,
      window_end,
      DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), stop) + 1
    ) AS until,
    NULLIF(device, '') AS field_1,
    NULLIF(browser, '') AS field_2,
    NULLIF(os, '') AS field_3,
    NULLIF(country, '') AS field_4,
    NULLIF(release, '') AS field_5,
    NULLIF(campaign, '') AS field_6,
    NULLIF(entry_page, '') AS field_7,
    NULLIF(referrer, '') AS field_8
  FROM (
    SELECT
      unit,
      CASE WHEN furthest = 3 THEN 1 ELSE 0 END AS stopped,
      moment_3 AS since,
      COALESCE(moment_4, 4611686018427387904) AS until,
      4611686018427387904 AS window_end
    FROM reached
    WHERE
      NOT moment_3 IS NULL
  ) AS came
  JOIN scoped_sessions
    ON session_key = unit
), happened AS (
  SELECT
    unit,
    stopped,
    DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), time) > since AS later,
    name,
    page,
    element,
    text
  FROM scoped
  JOIN population
    ON session_key = unit
    AND DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), time) >= since
    AND DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), time) < until
), had AS (
  SELECT DISTINCT
    unit,
    stopped,
    'event' AS kind,
    name AS value
  FROM happened
  WHERE
    later AND name <> 'page_leave'
  UNION ALL
  SELECT DISTINCT
    unit,
    stopped,
    'page' AS kind,
    page AS value
  FROM happened
  WHERE
    later AND NOT page IS NULL
  UNION ALL
  SELECT DISTINCT
    unit,
    stopped,
    'element' AS kind,
    element AS value
  FROM happened
  WHERE
    later AND NOT element IS NULL AND name = 'click'
  UNION ALL
  SELECT DISTINCT
    unit,
    stopped,
    'error' AS kind,
    text AS value
  FROM happened
  WHERE
    later AND NOT text IS NULL AND name IN ('error', 'form_error')
  UNION ALL
  SELECT
    unit,
    stopped,
    :field_1_name AS kind,
    field_1 AS value
  FROM population
  WHERE
    NOT field_1 IS NULL
  UNION ALL
  SELECT
    unit,
    stopped,
    :field_2_name AS kind,
    field_2 AS value
  FROM population
  WHERE
    NOT field_2 IS NULL
  UNION ALL
  SELECT
    unit,
    stopped,
    :field_3_name AS kind,
    field_3 AS value
  FROM population
  WHERE
    NOT field_3 IS NULL
  UNION ALL
  SELECT
    unit,
    stopped,
    :field_4_name AS kind,
    field_4 AS value
  FROM population
  WHERE
    NOT field_4 IS NULL
  UNION ALL
  SELECT
    unit,
    stopped,
    :field_5_name AS kind,
    field_5 AS value
  FROM population
  WHERE
    NOT field_5 IS NULL
  UNION ALL
  SELECT
    unit,
    stopped,
    :field_6_name AS kind,
    field_6 AS value
  FROM population
  WHERE
    NOT field_6 IS NULL
  UNION ALL
  SELECT
    unit,
    stopped,
    :field_7_name AS kind,
    field_7 AS value
  FROM population
  WHERE
    NOT field_7 IS NULL
  UNION ALL
  SELECT
    unit,
    stopped,
    :field_8_name AS kind,
    field_8 AS value
  FROM population
  WHERE
    NOT field_8 IS NULL
), of_person AS (
  SELECT
    person,
    COUNT(*) AS n,
    SUM(stopped) AS s
  FROM population
  GROUP BY
    person
), totals AS (
  SELECT
    COALESCE(SUM(n), 0) AS reached,
    COALESCE(SUM(s), 0) AS all_stopped,
    COUNT(*) AS people,
    COALESCE(SUM(CAST(s AS DOUBLE) * s), 0) AS squares,
    COALESCE(SUM(CAST(s AS DOUBLE) * n), 0) AS crosses,
    COALESCE(SUM(CAST(n AS DOUBLE) * n), 0) AS counts
  FROM of_person
), looked AS (
  SELECT
    MEDIAN(CASE WHEN stopped = 1 THEN until - since END) AS stopped_us,
    MEDIAN(CASE WHEN stopped = 0 THEN until - since END) AS went_on_us
  FROM population
), found AS (
  SELECT
    kind,
    value,
    SUM(stopped) AS stopped,
    SUM(1 - stopped) AS went_on
  FROM had
  GROUP BY
    kind,
    value
), counted AS (
  SELECT
    kind,
    value,
    stopped,
    went_on,
    CAST(LEAST(stopped + went_on, reached - stopped - went_on) AS DOUBLE) * LEAST(all_stopped, reached - all_stopped) >= 5 * reached AS enough,
    POWER(
      CAST(stopped AS DOUBLE) * reached - CAST(stopped + went_on AS DOUBLE) * all_stopped,
      2
    ) / (
      CAST(stopped + went_on AS DOUBLE) * (
        reached - stopped - went_on
      )
    ) AS apart
  FROM found
  CROSS JOIN totals
  WHERE
    stopped + went_on < reached
), ranked AS (
  SELECT
    *,
    SUM(CASE WHEN enough THEN 1 ELSE 0 END) OVER () AS tried,
    SUM(CASE WHEN enough THEN 0 ELSE 1 END) OVER () AS too_few,
    ROW_NUMBER() OVER (ORDER BY enough DESC, apart DESC, kind NULLS LAST, value NULLS LAST) AS nth
  FROM counted
)
SELECT
  kind,
  value,
  CAST(stopped AS BIGINT) AS stopped,
  CAST(went_on AS BIGINT) AS went_on,
  COALESCE(enough, FALSE) AS enough,
  CAST(COALESCE(tried, 0) AS BIGINT) AS tried,
  CAST(COALESCE(too_few, 0) AS BIGINT) AS too_few,
  CAST(reached AS BIGINT) AS reached,
  CAST(all_stopped AS BIGINT) AS all_stopped,
  people,
  squares,
  crosses,
  counts,
  stopped_us / 1e6 AS stopped_seconds,
  went_on_us / 1e6 AS went_on_seconds
FROM totals
CROSS JOIN looked
LEFT JOIN ranked
  ON nth <= :most
ORDER BY
  nth NULLS LAST
