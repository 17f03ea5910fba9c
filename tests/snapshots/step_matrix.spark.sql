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
), scoped_visits AS (
  SELECT
    *
  FROM visits
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), stays AS (
  SELECT
    session_key,
    visit_no AS place,
    CASE
      WHEN page LIKE :group_1_1 ESCAPE '!'
      OR (
        page LIKE :group_1_2 ESCAPE '!' AND page NOT LIKE :group_1_2_deeper
      )
      THEN :group_name_1
      WHEN (
        page LIKE :group_2 ESCAPE '!' AND page RLIKE :group_2_regex
      )
      THEN :group_name_2
      ELSE page
    END AS item,
    entered_ms AS at_ms
  FROM scoped_visits
  WHERE
    viewed
), kept AS (
  SELECT
    session_key,
    place,
    item,
    at_ms
  FROM stays
  WHERE
    TRUE
), placed AS (
  SELECT
    session_key,
    session_key AS unit,
    CAST(0 AS BIGINT) AS begun,
    place,
    item,
    at_ms
  FROM kept
), items AS (
  SELECT
    *
  FROM placed
), numbered AS (
  SELECT
    session_key,
    unit,
    item AS item,
    ROW_NUMBER() OVER (
      PARTITION BY unit
      ORDER BY begun NULLS LAST, session_key NULLS LAST, place NULLS LAST
    ) AS step
  FROM items
), whole AS (
  SELECT
    unit,
    MAX(step) AS last,
    MAX_BY(session_key, step) AS session_key
  FROM numbered
  GROUP BY
    unit
), cells AS (
  SELECT
    session_key,
    step,
    item
  FROM numbered
  WHERE
    step <= :steps
  UNION ALL
  SELECT
    session_key,
    number AS step,
    :end AS item
  FROM whole
  CROSS JOIN (
    SELECT
      EXPLODE(SEQUENCE(2, :steps)) AS number
  ) AS numbers
  WHERE
    number > last
), of_person AS (
  SELECT
    person,
    step,
    item,
    CAST(COUNT(*) AS DOUBLE) AS n
  FROM cells
  JOIN (
    SELECT
      session_key AS key_,
      user_key AS person
    FROM scoped_sessions
  ) AS whose
    ON key_ = session_key
  GROUP BY
    person,
    step,
    item
), beside AS (
  SELECT
    *,
    SUM(CASE WHEN step = 1 THEN n ELSE 0 END) OVER (PARTITION BY person) AS m
  FROM of_person
)
SELECT
  step,
  item,
  SUM(n) AS total,
  SUM(n * n) AS squares,
  SUM(n * m) AS crosses,
  COUNT(DISTINCT person) AS people
FROM beside
GROUP BY
  GROUPING SETS (
    (step, item),
    ()
  )
ORDER BY
  step NULLS LAST,
  total DESC,
  item NULLS LAST
