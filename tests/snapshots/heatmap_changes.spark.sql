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
), scoped_visits AS (
  SELECT
    *
  FROM visits
  WHERE
    day >= :either_start
    AND day < :either_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), scoped_clicks AS (
  SELECT
    *
  FROM clicks
  WHERE
    day >= :either_start
    AND day < :either_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), sides AS (
  SELECT
    session_key AS sided_key,
    side,
    user_key AS person
  FROM sided_sessions
), names AS (
  SELECT
    element_key,
    DENSE_RANK() OVER (ORDER BY called NULLS LAST) AS element_no,
    called,
    called <> ruled AS is_given,
    element,
    element_tag,
    text
  FROM elements
  WHERE
    page = :page
), acts AS (
  SELECT
    side,
    person,
    sided_key,
    element_no,
    CASE
      WHEN x >= 0 AND y >= 0 AND NOT COALESCE(fixed, FALSE)
      THEN CAST(FLOOR(y / :cell) AS BIGINT) * 1000000 + CAST(FLOOR(x / :cell) AS BIGINT)
    END AS square
  FROM scoped_clicks
  JOIN sides
    ON sided_key = session_key
  LEFT JOIN names
    USING (element_key)
  WHERE
    page = :page AND viewport_width BETWEEN :narrow AND :wide AND TRUE
), viewers AS (
  SELECT DISTINCT
    sided_key,
    side,
    person
  FROM scoped_visits
  JOIN sides
    ON sided_key = session_key
  WHERE
    page = :page AND viewport_width BETWEEN :narrow AND :wide
  UNION
  SELECT
    sided_key,
    side,
    person
  FROM acts
), own AS (
  SELECT
    person,
    CAST(SUM(1 - side) AS DOUBLE) AS m,
    CAST(SUM(side) AS DOUBLE) AS n
  FROM viewers
  GROUP BY
    person
), placed AS (
  SELECT
    'square' AS kind,
    square AS item,
    side,
    person
  FROM acts
  WHERE
    NOT square IS NULL
  UNION ALL
  SELECT
    'element' AS kind,
    element_no AS item,
    side,
    person
  FROM acts
  WHERE
    NOT element_no IS NULL
), theirs AS (
  SELECT
    kind,
    item,
    person,
    CAST(SUM(1 - side) AS DOUBLE) AS b,
    CAST(SUM(side) AS DOUBLE) AS a
  FROM placed
  GROUP BY
    kind,
    item,
    person
)
SELECT
  kind,
  item,
  SUM(b) AS before,
  SUM(a) AS after,
  SUM(b * b) AS before_squares,
  SUM(a * a) AS after_squares,
  SUM(b * m) AS before_cross,
  SUM(a * n) AS after_cross,
  SUM(b * a) AS totals,
  SUM(b * n) AS total_count,
  SUM(m * a) AS count_total,
  0 AS before_people,
  0 AS after_people
FROM theirs
JOIN own
  USING (person)
GROUP BY
  kind,
  item
UNION ALL
SELECT
  'all' AS kind,
  0 AS item,
  SUM(m) AS before,
  SUM(n) AS after,
  SUM(m * m) AS before_squares,
  SUM(n * n) AS after_squares,
  0 AS before_cross,
  0 AS after_cross,
  SUM(m * n) AS totals,
  0 AS total_count,
  0 AS count_total,
  COUNT(CASE WHEN m > 0 THEN 1 END) AS before_people,
  COUNT(CASE WHEN n > 0 THEN 1 END) AS after_people
FROM own
ORDER BY
  kind NULLS LAST,
  item NULLS LAST
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
), scoped_clicks AS (
  SELECT
    *
  FROM clicks
  WHERE
    day >= :either_start
    AND day < :either_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), sides AS (
  SELECT
    session_key AS sided_key,
    side,
    user_key AS person
  FROM sided_sessions
), names AS (
  SELECT
    element_key,
    DENSE_RANK() OVER (ORDER BY called NULLS LAST) AS element_no,
    called,
    called <> ruled AS is_given,
    element,
    element_tag,
    text
  FROM elements
  WHERE
    page = :page
), acts AS (
  SELECT
    side,
    person,
    sided_key,
    element_no,
    CASE
      WHEN x >= 0 AND y >= 0 AND NOT COALESCE(fixed, FALSE)
      THEN CAST(FLOOR(y / :cell) AS BIGINT) * 1000000 + CAST(FLOOR(x / :cell) AS BIGINT)
    END AS square
  FROM scoped_clicks
  JOIN sides
    ON sided_key = session_key
  LEFT JOIN names
    USING (element_key)
  WHERE
    page = :page AND viewport_width BETWEEN :narrow AND :wide AND TRUE
), described AS (
  SELECT
    element_no
  FROM acts
  GROUP BY
    element_no
)
SELECT
  element_no AS item,
  CASE WHEN MIN(element) = MAX(element) THEN MIN(element) ELSE MIN(called) END AS element,
  MIN(called) AS called,
  COUNT(CASE WHEN is_given THEN 1 END) > 0 AS is_given,
  MAX(element_tag) AS element_tag,
  MAX(text) AS text,
  COUNT(DISTINCT text) AS texts
FROM names
JOIN described
  USING (element_no)
GROUP BY
  element_no
ORDER BY
  element_no NULLS LAST
