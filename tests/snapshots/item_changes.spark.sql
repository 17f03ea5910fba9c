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
), looked AS (
  SELECT
    session_key AS key_,
    side,
    user_key AS person,
    device AS part,
    1 AS weight,
    page_string,
    name_string
  FROM sided_sessions
), first_1 AS (
  SELECT
    session_key AS unit,
    MIN(position) AS place,
    MIN(time) AS time_1
  FROM scoped
  WHERE
    name = :step_1_name
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
    position > place AND name = :step_2_name AND COALESCE(page = :step_2_page, FALSE)
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
    position > place AND name = :step_3_name
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
    FROM first_3
  ) AS later
    ON session_key = unit
  WHERE
    position < place AND name = :step_2_name AND COALESCE(page = :step_2_page, FALSE)
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
    position < place AND name = :step_1_name
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
    position > place AND name = :step_2_name AND COALESCE(page = :step_2_page, FALSE)
  GROUP BY
    unit
), walked AS (
  SELECT
    first_2.unit,
    CASE WHEN NOT first_3.unit IS NULL THEN 3 ELSE 2 END AS furthest,
    DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), back_1.time_1) AS moment_1,
    DATEDIFF(
      MICROSECOND,
      CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ),
      COALESCE(timed_2.time_2, first_2.time_2)
    ) AS moment_2,
    DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), first_3.time_3) AS moment_3
  FROM first_2
  JOIN back_1
    ON back_1.unit = first_2.unit
  LEFT JOIN first_3
    ON first_3.unit = first_2.unit
  LEFT JOIN timed_2
    ON timed_2.unit = first_2.unit
  UNION ALL
  SELECT
    unit,
    1 AS furthest,
    DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), time_1) AS moment_1,
    CAST(NULL AS BIGINT) AS moment_2,
    CAST(NULL AS BIGINT) AS moment_3
  FROM first_1
  ANTI JOIN first_2
    USING (unit)
), reached AS (
  SELECT
    *
  FROM walked
), letters AS (
  SELECT
    kind AS of_kind,
    symbol,
    BIT_LENGTH(symbol) > 8 AS rare,
    CASE
      WHEN kind = 'name'
      THEN value
      ELSE CASE
        WHEN value LIKE :group_1 ESCAPE '!'
        THEN :group_name_1
        WHEN value LIKE :group_2 ESCAPE '!'
        THEN :group_name_2
        ELSE value
      END
    END AS called
  FROM codes
  WHERE
    kind = 'page' OR NOT value IN (:page_view, :click)
), pages_seen AS (
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    EXPLODE(ARRAY_DISTINCT(SPLIT(page_string, CONCAT('\\Q', '', '\\E')))) AS letter
  FROM looked
), rare_names AS (
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    EXPLODE(ARRAY_DISTINCT(SPLIT(name_string, CONCAT('\\Q', '', '\\E')))) AS letter
  FROM looked
  WHERE
    BIT_LENGTH(name_string) > 8 * LENGTH(name_string)
), acts AS (
  SELECT
    session_key,
    CASE WHEN name = :click THEN 'element' ELSE 'error' END AS kind,
    CASE
      WHEN name = :click
      THEN element
      ELSE COALESCE(text, NULLIF(FROM_JSON(properties, 'map<string,string>')[:message_key], ''))
    END AS item,
    CASE WHEN name = :click THEN text END AS text
  FROM scoped
  WHERE
    (
      name = :click AND NOT element IS NULL
    )
    OR (
      name = :error
      AND NOT COALESCE(text, NULLIF(FROM_JSON(properties, 'map<string,string>')[:message_key], '')) IS NULL
    )
), seen AS (
  SELECT DISTINCT
    key_,
    side,
    person,
    part,
    weight,
    'page' AS kind,
    called AS item
  FROM pages_seen
  JOIN letters
    ON of_kind = 'page' AND symbol = letter
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'event' AS kind,
    called AS item
  FROM looked
  JOIN letters
    ON of_kind = 'name' AND NOT rare AND LOCATE(symbol, name_string) > 0
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'event' AS kind,
    called AS item
  FROM rare_names
  JOIN letters
    ON of_kind = 'name' AND rare AND symbol = letter
  UNION ALL
  SELECT DISTINCT
    key_,
    side,
    person,
    part,
    weight,
    kind,
    item
  FROM acts
  JOIN looked
    ON session_key = key_
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'step' AS kind,
    CAST(number AS STRING) AS item
  FROM looked
  JOIN reached
    ON unit = key_
  JOIN VALUES
    (1),
    (2),
    (3) AS numbers(number)
    ON number <= furthest
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'all' AS kind,
    '' AS item
  FROM looked
), counted AS (
  SELECT
    kind,
    item,
    part,
    GROUPING(part) AS whole,
    SUM(1 - side) AS before,
    SUM(side) AS after
  FROM seen
  GROUP BY
    GROUPING SETS (
      (kind, item),
      (kind, item, part)
    )
), usual AS (
  SELECT
    *,
    MAX(CASE WHEN whole = 1 THEN before + after END) OVER (PARTITION BY kind, item) AS sessions
  FROM counted
), placed AS (
  SELECT
    *,
    DENSE_RANK() OVER (PARTITION BY kind ORDER BY sessions DESC, item NULLS LAST) AS place
  FROM usual
)
SELECT
  kind,
  item,
  part,
  whole,
  CAST(before AS BIGINT) AS before,
  CAST(after AS BIGINT) AS after,
  known
FROM (
  SELECT
    *,
    MAX(place) OVER (PARTITION BY kind) AS known
  FROM placed
) AS every
WHERE
  place <= :most
  AND (
    whole = 1 OR (
      NOT part IS NULL AND before + after >= :enough
    )
  )
ORDER BY
  kind NULLS LAST,
  place NULLS LAST,
  whole DESC,
  part NULLS LAST
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
), looked AS (
  SELECT
    session_key AS key_,
    side,
    sided_sessions.user_key AS person,
    device AS part,
    CASE WHEN often.user_key IS NULL THEN :one_of ELSE 1 END AS weight,
    page_string,
    name_string
  FROM sided_sessions
  LEFT JOIN (
    SELECT
      user_key
    FROM users
    WHERE
      sessions > :often
  ) AS often
    ON often.user_key = sided_sessions.user_key
  WHERE
    NOT often.user_key IS NULL OR sided_sessions.user_key % :one_of = 0
), some_events AS (
  SELECT
    *
  FROM scoped
  WHERE
    session_key IN (
      SELECT
        key_
      FROM looked
    )
), first_1 AS (
  SELECT
    session_key AS unit,
    MIN(position) AS place,
    MIN(time) AS time_1
  FROM some_events
  WHERE
    name = :step_1_name
  GROUP BY
    session_key
), first_2 AS (
  SELECT
    unit,
    MIN(position) AS place,
    MIN(time) AS time_2
  FROM some_events
  JOIN (
    SELECT
      unit,
      place
    FROM first_1
  ) AS earlier
    ON session_key = unit
  WHERE
    position > place AND name = :step_2_name AND COALESCE(page = :step_2_page, FALSE)
  GROUP BY
    unit
), first_3 AS (
  SELECT
    unit,
    MIN(position) AS place,
    MIN(time) AS time_3
  FROM some_events
  JOIN (
    SELECT
      unit,
      place
    FROM first_2
  ) AS earlier
    ON session_key = unit
  WHERE
    position > place AND name = :step_3_name
  GROUP BY
    unit
), back_2 AS (
  SELECT
    unit,
    MAX(position) AS place,
    MAX(time) AS time_2
  FROM some_events
  JOIN (
    SELECT
      unit,
      place
    FROM first_3
  ) AS later
    ON session_key = unit
  WHERE
    position < place AND name = :step_2_name AND COALESCE(page = :step_2_page, FALSE)
  GROUP BY
    unit
), back_1 AS (
  SELECT
    unit,
    MAX(position) AS place,
    MAX(time) AS time_1
  FROM some_events
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
    position < place AND name = :step_1_name
  GROUP BY
    unit
), timed_2 AS (
  SELECT
    unit,
    MIN(position) AS place,
    MIN(time) AS time_2
  FROM some_events
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
    position > place AND name = :step_2_name AND COALESCE(page = :step_2_page, FALSE)
  GROUP BY
    unit
), walked AS (
  SELECT
    first_2.unit,
    CASE WHEN NOT first_3.unit IS NULL THEN 3 ELSE 2 END AS furthest,
    DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), back_1.time_1) AS moment_1,
    DATEDIFF(
      MICROSECOND,
      CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ),
      COALESCE(timed_2.time_2, first_2.time_2)
    ) AS moment_2,
    DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), first_3.time_3) AS moment_3
  FROM first_2
  JOIN back_1
    ON back_1.unit = first_2.unit
  LEFT JOIN first_3
    ON first_3.unit = first_2.unit
  LEFT JOIN timed_2
    ON timed_2.unit = first_2.unit
  UNION ALL
  SELECT
    unit,
    1 AS furthest,
    DATEDIFF(MICROSECOND, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ), time_1) AS moment_1,
    CAST(NULL AS BIGINT) AS moment_2,
    CAST(NULL AS BIGINT) AS moment_3
  FROM first_1
  ANTI JOIN first_2
    USING (unit)
), reached AS (
  SELECT
    *
  FROM walked
), letters AS (
  SELECT
    kind AS of_kind,
    symbol,
    BIT_LENGTH(symbol) > 8 AS rare,
    CASE
      WHEN kind = 'name'
      THEN value
      ELSE CASE
        WHEN value LIKE :group_1 ESCAPE '!'
        THEN :group_name_1
        WHEN value LIKE :group_2 ESCAPE '!'
        THEN :group_name_2
        ELSE value
      END
    END AS called
  FROM codes
  WHERE
    kind = 'page' OR NOT value IN (:page_view, :click)
), pages_seen AS (
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    EXPLODE(ARRAY_DISTINCT(SPLIT(page_string, CONCAT('\\Q', '', '\\E')))) AS letter
  FROM looked
), rare_names AS (
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    EXPLODE(ARRAY_DISTINCT(SPLIT(name_string, CONCAT('\\Q', '', '\\E')))) AS letter
  FROM looked
  WHERE
    BIT_LENGTH(name_string) > 8 * LENGTH(name_string)
), acts AS (
  SELECT
    session_key,
    CASE WHEN name = :click THEN 'element' ELSE 'error' END AS kind,
    CASE
      WHEN name = :click
      THEN element
      ELSE COALESCE(text, NULLIF(FROM_JSON(properties, 'map<string,string>')[:message_key], ''))
    END AS item,
    CASE WHEN name = :click THEN text END AS text
  FROM some_events
  WHERE
    (
      name = :click AND NOT element IS NULL
    )
    OR (
      name = :error
      AND NOT COALESCE(text, NULLIF(FROM_JSON(properties, 'map<string,string>')[:message_key], '')) IS NULL
    )
), seen AS (
  SELECT DISTINCT
    key_,
    side,
    person,
    part,
    weight,
    'page' AS kind,
    called AS item
  FROM pages_seen
  JOIN letters
    ON of_kind = 'page' AND symbol = letter
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'event' AS kind,
    called AS item
  FROM looked
  JOIN letters
    ON of_kind = 'name' AND NOT rare AND LOCATE(symbol, name_string) > 0
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'event' AS kind,
    called AS item
  FROM rare_names
  JOIN letters
    ON of_kind = 'name' AND rare AND symbol = letter
  UNION ALL
  SELECT DISTINCT
    key_,
    side,
    person,
    part,
    weight,
    kind,
    item
  FROM acts
  JOIN looked
    ON session_key = key_
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'step' AS kind,
    CAST(number AS STRING) AS item
  FROM looked
  JOIN reached
    ON unit = key_
  JOIN VALUES
    (1),
    (2),
    (3) AS numbers(number)
    ON number <= furthest
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'all' AS kind,
    '' AS item
  FROM looked
), own AS (
  SELECT
    person AS whose,
    part AS of_part,
    GROUPING(part) AS of_whole,
    CAST(SUM(1 - side) AS DOUBLE) AS m,
    CAST(SUM(side) AS DOUBLE) AS n
  FROM looked
  GROUP BY
    GROUPING SETS (
      (
        person
      ),
      (person, part)
    )
), of_person AS (
  SELECT
    person,
    weight,
    kind,
    item,
    part,
    GROUPING(part) AS whole,
    CAST(SUM(1 - side) AS DOUBLE) AS b,
    CAST(SUM(side) AS DOUBLE) AS a
  FROM seen
  GROUP BY
    GROUPING SETS (
      (person, weight, kind, item),
      (person, weight, kind, item, part)
    )
), said AS (
  SELECT
    item AS about,
    CASE WHEN MIN(text) = MAX(text) THEN MAX(text) END AS text
  FROM acts
  WHERE
    kind = 'element'
  GROUP BY
    item
)
SELECT
  kind,
  item,
  part,
  whole,
  MAX(CASE WHEN kind = 'element' THEN text END) AS text,
  SUM(weight * b) AS before,
  SUM(weight * a) AS after,
  SUM(weight * b * b) AS before_squares,
  SUM(weight * a * a) AS after_squares,
  SUM(weight * b * m) AS before_cross,
  SUM(weight * a * n) AS after_cross,
  SUM(CASE WHEN m > 0 THEN weight ELSE 0 END) * 1e0 AS before_people,
  SUM(CASE WHEN n > 0 THEN weight ELSE 0 END) * 1e0 AS after_people,
  SUM(weight * b * a) AS totals,
  SUM(weight * b * n) AS total_count,
  SUM(weight * m * a) AS count_total
FROM of_person
JOIN own
  ON whose = person AND of_whole = whole AND COALESCE(of_part, '') = COALESCE(part, '')
LEFT JOIN said
  ON about = item
WHERE
  whole = 1 OR NOT part IS NULL
GROUP BY
  kind,
  item,
  part,
  whole
ORDER BY
  before + after DESC,
  kind NULLS LAST,
  item NULLS LAST,
  whole NULLS LAST,
  part NULLS LAST
LIMIT 50000
