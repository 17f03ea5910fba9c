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
), all_events AS (
  SELECT
    *
  FROM events
), moved AS (
  SELECT
    session_key
  FROM scoped
  WHERE
    CAST(local AS DATE) <> day
  UNION
  SELECT
    session_key
  FROM scoped_sessions
  WHERE
    people > 1
), active AS (
  SELECT
    user_key AS unit,
    day AS active_on
  FROM scoped_sessions
  ANTI JOIN moved
    USING (session_key)
  CROSS JOIN (
    SELECT
      symbol
    FROM codes
    WHERE
      kind = 'name' AND value = :event_name
  ) AS code
  WHERE
    LOCATE(symbol, name_string) > 0
    AND day >= :range_begin
    AND day < :range_over
    AND (
      day >= :since OR day < :since_begin
    )
  UNION ALL
  SELECT
    user_key,
    CAST(local AS DATE)
  FROM scoped
  WHERE
    name = :event_name
    AND session_key IN (
      SELECT
        session_key
      FROM moved
    )
    AND local >= :range_begin
    AND local < :range_over
    AND (
      day >= :since OR local < :since_begin
    )
), pairs AS (
  SELECT DISTINCT
    unit,
    CAST((
      (
        DATEDIFF(DAY, CAST('1900-01-01' AS DATE), CAST(active_on AS DATE)) + 0
      ) DIV 7
    ) - :first_no AS INT) AS place
  FROM active
), turns AS (
  SELECT
    unit,
    place,
    LAG(place) OVER (PARTITION BY unit ORDER BY place NULLS LAST) AS place_before,
    LEAD(place) OVER (PARTITION BY unit ORDER BY place NULLS LAST) AS place_after
  FROM pairs
), firsts AS (
  SELECT
    unit,
    CAST((
      (
        DATEDIFF(DAY, CAST('1900-01-01' AS DATE), CAST(first_local AS DATE)) + 0
      ) DIV 7
    ) - :first_no AS INT) AS first_place
  FROM (
    SELECT
      user_key AS unit,
      MIN_BY(local, time) AS first_local
    FROM all_events
    WHERE
      name = :event_name
    GROUP BY
      unit
  ) AS ever
), kinds AS (
  SELECT
    turns.unit,
    place,
    CASE
      WHEN place = first_place
      THEN 'new'
      WHEN place_before = place - 1
      THEN 'returning'
      ELSE 'resurrected'
    END AS kind
  FROM turns
  LEFT JOIN firsts
    ON firsts.unit = turns.unit
  WHERE
    place > 0
  UNION ALL
  SELECT
    unit,
    place + 1,
    'dormant'
  FROM turns
  WHERE
    place < 8 AND (
      place_after IS NULL OR place_after > place + 1
    )
)
SELECT
  place,
  kind,
  COUNT(*) AS people
FROM kinds
GROUP BY
  place,
  kind
ORDER BY
  place NULLS LAST,
  kind NULLS LAST
;
WITH all_events AS (
  SELECT
    *
  FROM events
)
SELECT
  MAX(local) AS latest
FROM all_events
