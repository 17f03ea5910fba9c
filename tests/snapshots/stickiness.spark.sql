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
    LOCATE(symbol, name_string) > 0 AND day >= :range_begin AND day < :range_over
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
), spread AS (
  SELECT
    unit,
    CAST((
      (
        DATEDIFF(DAY, CAST('1900-01-01' AS DATE), CAST(active_on AS DATE)) + 0
      ) DIV 7
    ) - :first_no AS INT) AS place,
    BIT_COUNT(
      BIT_OR(
        SHIFTLEFT(
          CAST(1 AS BIGINT),
          CAST((
            (
              DATEDIFF(DAY, CAST('1900-01-01' AS DATE), active_on) + 0
            ) % 7
          ) AS INT)
        )
      )
    ) AS days
  FROM active
  GROUP BY
    unit,
    CAST((
      (
        DATEDIFF(DAY, CAST('1900-01-01' AS DATE), CAST(active_on AS DATE)) + 0
      ) DIV 7
    ) - :first_no AS INT)
)
SELECT
  place,
  CAST(days AS INT) AS days,
  COUNT(*) AS people
FROM spread
GROUP BY
  place,
  days
ORDER BY
  place NULLS LAST,
  days NULLS LAST
;
WITH all_events AS (
  SELECT
    *
  FROM events
)
SELECT
  MAX(local) AS latest
FROM all_events
