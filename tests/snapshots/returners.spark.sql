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
), started_on AS (
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
      kind = 'name' AND value = :start_name
  ) AS code
  WHERE
    LOCATE(symbol, name_string) > 0 AND day >= :range_begin AND day < :range_over
  UNION ALL
  SELECT
    user_key,
    CAST(local AS DATE)
  FROM scoped
  WHERE
    name = :start_name
    AND session_key IN (
      SELECT
        session_key
      FROM moved
    )
    AND local >= :range_begin
    AND local < :range_over
), started_at AS (
  SELECT
    unit,
    CAST((
      (
        DATEDIFF(DAY, CAST('1900-01-01' AS DATE), CAST(active_on AS DATE)) + 0
      ) DIV 7
    ) - :first_no AS INT) AS place
  FROM started_on
), starters AS (
  SELECT
    unit,
    BIT_OR(SHIFTLEFT(CAST(1 AS BIGINT), place)) AS starts_1
  FROM started_at
  GROUP BY
    unit
), returned_on AS (
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
      kind = 'name' AND value = :return_name
  ) AS code
  WHERE
    LOCATE(symbol, name_string) > 0 AND day >= :range_begin AND day < :range_over
  UNION ALL
  SELECT
    user_key,
    CAST(local AS DATE)
  FROM scoped
  WHERE
    name = :return_name
    AND session_key IN (
      SELECT
        session_key
      FROM moved
    )
    AND local >= :range_begin
    AND local < :range_over
), returned_at AS (
  SELECT
    unit,
    CAST((
      (
        DATEDIFF(DAY, CAST('1900-01-01' AS DATE), CAST(active_on AS DATE)) + 0
      ) DIV 7
    ) - :first_no AS INT) AS place
  FROM returned_on
), returners AS (
  SELECT
    unit,
    BIT_OR(SHIFTLEFT(CAST(1 AS BIGINT), place)) AS back_1
  FROM returned_at
  GROUP BY
    unit
), people AS (
  SELECT
    starters.*,
    COALESCE(back_1, 0) AS returns_1
  FROM starters
  LEFT JOIN returners
    ON returners.unit = starters.unit
), places AS (
  SELECT
    place,
    SHIFTLEFT(CAST(1 AS BIGINT), place) AS bit_1
  FROM (
    SELECT
      CAST(number_ AS INT) AS place
    FROM (
      SELECT
        EXPLODE(SEQUENCE(0, 7)) AS number_
    ) AS numbers
  ) AS of_place
), started AS (
  SELECT
    unit,
    0 AS lane,
    place,
    returns_1,
    1 AS people
  FROM people
  JOIN places
    ON (
      starts_1 & bit_1
    ) <> 0
), slots AS (
  SELECT
    0 AS slot,
    0 AS since,
    0 AS till
  UNION ALL
  SELECT
    slot,
    slot AS since,
    slot AS till
  FROM (
    SELECT
      CAST(number_ AS INT) AS slot
    FROM (
      SELECT
        EXPLODE(SEQUENCE(1, 7)) AS number_
    ) AS numbers
  ) AS of_slot
), bounds AS (
  SELECT
    place AS of_place,
    slot,
    place + since AS begin_place,
    LEAST(place + till, 7) AS end_place
  FROM places
  CROSS JOIN slots
  WHERE
    place + since <= 7
), cells AS (
  SELECT
    of_place,
    slot,
    CASE
      WHEN begin_place <= LEAST(end_place, 61)
      THEN SHIFTLEFT(
        (
          (
            SHIFTLEFT(CAST(1 AS BIGINT), (
              LEAST(end_place, 61) - begin_place + 1
            ))
          ) - 1
        ),
        (
          begin_place - 0
        )
      )
      ELSE 0
    END AS mask_1
  FROM bounds
), chosen AS (
  SELECT
    unit
  FROM started
  JOIN cells
    ON of_place = place
  WHERE
    place = CAST(:start_no - :first_no AS INT)
    AND slot = 1
    AND (
      (
        returns_1 & mask_1
      ) <> 0
    )
), listed AS (
  SELECT
    id AS user,
    last_seen,
    COUNT(*) OVER () AS total
  FROM chosen
  JOIN users
    ON users.user_key = unit
)
SELECT
  user,
  total
FROM listed
ORDER BY
  last_seen DESC,
  user NULLS LAST
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
), started_on AS (
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
      kind = 'name' AND value = :start_name
  ) AS code
  WHERE
    LOCATE(symbol, name_string) > 0 AND day >= :range_begin AND day < :range_over
  UNION ALL
  SELECT
    user_key,
    CAST(local AS DATE)
  FROM scoped
  WHERE
    name = :start_name
    AND session_key IN (
      SELECT
        session_key
      FROM moved
    )
    AND local >= :range_begin
    AND local < :range_over
), started_at AS (
  SELECT
    unit,
    CAST((
      (
        DATEDIFF(DAY, CAST('1900-01-01' AS DATE), CAST(active_on AS DATE)) + 0
      ) DIV 7
    ) - :first_no AS INT) AS place
  FROM started_on
), starters AS (
  SELECT
    unit,
    BIT_OR(SHIFTLEFT(CAST(1 AS BIGINT), place)) AS starts_1
  FROM started_at
  GROUP BY
    unit
), returned_on AS (
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
      kind = 'name' AND value = :return_name
  ) AS code
  WHERE
    LOCATE(symbol, name_string) > 0 AND day >= :range_begin AND day < :range_over
  UNION ALL
  SELECT
    user_key,
    CAST(local AS DATE)
  FROM scoped
  WHERE
    name = :return_name
    AND session_key IN (
      SELECT
        session_key
      FROM moved
    )
    AND local >= :range_begin
    AND local < :range_over
), returned_at AS (
  SELECT
    unit,
    CAST((
      (
        DATEDIFF(DAY, CAST('1900-01-01' AS DATE), CAST(active_on AS DATE)) + 0
      ) DIV 7
    ) - :first_no AS INT) AS place
  FROM returned_on
), returners AS (
  SELECT
    unit,
    BIT_OR(SHIFTLEFT(CAST(1 AS BIGINT), place)) AS back_1
  FROM returned_at
  GROUP BY
    unit
), people AS (
  SELECT
    starters.*,
    COALESCE(back_1, 0) AS returns_1
  FROM starters
  LEFT JOIN returners
    ON returners.unit = starters.unit
), places AS (
  SELECT
    place,
    SHIFTLEFT(CAST(1 AS BIGINT), place) AS bit_1
  FROM (
    SELECT
      CAST(number_ AS INT) AS place
    FROM (
      SELECT
        EXPLODE(SEQUENCE(0, 7)) AS number_
    ) AS numbers
  ) AS of_place
), started AS (
  SELECT
    unit,
    0 AS lane,
    place,
    returns_1,
    1 AS people
  FROM people
  JOIN places
    ON (
      starts_1 & bit_1
    ) <> 0
), slots AS (
  SELECT
    0 AS slot,
    0 AS since,
    0 AS till
  UNION ALL
  SELECT
    slot,
    slot AS since,
    slot AS till
  FROM (
    SELECT
      CAST(number_ AS INT) AS slot
    FROM (
      SELECT
        EXPLODE(SEQUENCE(1, 7)) AS number_
    ) AS numbers
  ) AS of_slot
), bounds AS (
  SELECT
    place AS of_place,
    slot,
    place + since AS begin_place,
    LEAST(place + till, 7) AS end_place
  FROM places
  CROSS JOIN slots
  WHERE
    place + since <= 7
), cells AS (
  SELECT
    of_place,
    slot,
    CASE
      WHEN begin_place <= LEAST(end_place, 61)
      THEN SHIFTLEFT(
        (
          (
            SHIFTLEFT(CAST(1 AS BIGINT), (
              LEAST(end_place, 61) - begin_place + 1
            ))
          ) - 1
        ),
        (
          begin_place - 0
        )
      )
      ELSE 0
    END AS mask_1
  FROM bounds
), chosen AS (
  SELECT
    unit
  FROM started
  JOIN cells
    ON of_place = place
  WHERE
    place = CAST(:start_no - :first_no AS INT)
    AND slot = 1
    AND (
      (
        returns_1 & mask_1
      ) <> 0
    )
)
SELECT
  COUNT(*) AS total
FROM chosen
