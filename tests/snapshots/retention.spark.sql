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
), patterns AS (
  SELECT
    starts_1,
    returns_1,
    COUNT(*) AS people
  FROM people
  GROUP BY
    starts_1,
    returns_1
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
), valued AS (
  SELECT
    unit,
    at_place,
    value
  FROM (
    SELECT
      user_key AS unit,
      CAST((
        (
          DATEDIFF(DAY, CAST('1900-01-01' AS DATE), CAST(local AS DATE)) + 0
        ) DIV 7
      ) - :first_no AS INT) AS at_place,
      COALESCE(valued_text, '') AS value,
      ROW_NUMBER() OVER (
        PARTITION BY user_key, CAST((
          (
            DATEDIFF(DAY, CAST('1900-01-01' AS DATE), CAST(local AS DATE)) + 0
          ) DIV 7
        ) - :first_no AS INT)
        ORDER BY time NULLS LAST, import_id NULLS LAST, line NULLS LAST
      ) AS _w
    FROM scoped
    LEFT JOIN (
      SELECT
        session_key AS valued_of,
        NULLIF(device, '') AS valued_text
      FROM scoped_sessions
    ) AS valued
      ON valued_of = session_key
    WHERE
      (
        name = :start_name
      )
      AND NOT user_key IS NULL
      AND local >= :range_begin
      AND local < :range_over
  ) AS _t
  WHERE
    _w = 1
), kept AS (
  SELECT
    people.*,
    place,
    value
  FROM people
  JOIN valued
    ON valued.unit = people.unit
  JOIN places
    ON place = at_place
  WHERE
    (
      starts_1 & bit_1
    ) <> 0
), ranked AS (
  SELECT
    value,
    ROW_NUMBER() OVER (ORDER BY number DESC, value = '' NULLS LAST, value NULLS LAST) AS rank,
    COUNT(*) OVER () AS known
  FROM (
    SELECT
      value,
      COUNT(*) AS number
    FROM kept
    GROUP BY
      value
  ) AS counted_values
), started AS (
  SELECT
    CAST(LEAST(rank, 3) AS INT) AS lane,
    place,
    returns_1,
    COUNT(*) AS people
  FROM kept
  JOIN ranked
    ON ranked.value = kept.value
  GROUP BY
    CAST(LEAST(rank, 3) AS INT),
    place,
    returns_1
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
), lanes AS (
  SELECT
    0 AS lane,
    starts_1,
    returns_1,
    people
  FROM patterns
  UNION ALL
  SELECT
    lane,
    starts_1,
    returns_1,
    COUNT(*)
  FROM (
    SELECT
      unit,
      CAST(LEAST(rank, 3) AS INT) AS lane,
      BIT_OR(SHIFTLEFT(CAST(1 AS BIGINT), place)) AS starts_1,
      MAX(returns_1) AS returns_1
    FROM kept
    JOIN ranked
      ON ranked.value = kept.value
    GROUP BY
      unit,
      CAST(LEAST(rank, 3) AS INT)
  ) AS of_lanes
  GROUP BY
    lane,
    starts_1,
    returns_1
), ended AS (
  SELECT
    CAST(LEAST(
      GREATEST(
        (
          (
            DATEDIFF(DAY, CAST('1900-01-01' AS DATE), CAST(latest AS DATE)) + 0
          ) DIV 7
        ) - :first_no,
        0
      ),
      8
    ) AS INT) AS over_place
  FROM (
    SELECT
      MAX(local) AS latest
    FROM all_events
  ) AS stored
), tried AS (
  SELECT
    lane,
    slot AS slot,
    people,
    CAST(BIT_COUNT(
      starts_1 & (
        (
          SHIFTLEFT(CAST(1 AS BIGINT), GREATEST(over_place - slot, 0))
        ) - 1
      )
    ) AS BIGINT) AS m,
    CAST(BIT_COUNT(
      starts_1 & (
        (
          SHIFTLEFT(CAST(1 AS BIGINT), GREATEST(over_place - slot, 0))
        ) - 1
      ) & (
        SHIFTRIGHT(returns_1, slot)
      )
    ) AS BIGINT) AS x
  FROM lanes
  CROSS JOIN ended
  CROSS JOIN (
    SELECT
      CAST(number_ AS INT) AS slot
    FROM (
      SELECT
        EXPLODE(SEQUENCE(1, 7)) AS number_
    ) AS numbers
  ) AS of_slot
), curve AS (
  SELECT
    lane,
    slot,
    CAST(SUM(people) AS BIGINT) AS people,
    CAST(SUM(people * x) AS BIGINT) AS total,
    CAST(SUM(people * m) AS BIGINT) AS of,
    CAST(SUM(people * x * x) AS BIGINT) AS squares,
    CAST(SUM(people * x * m) AS BIGINT) AS crosses,
    CAST(SUM(people * m * m) AS BIGINT) AS counts
  FROM tried
  WHERE
    m > 0
  GROUP BY
    lane,
    slot
), cohorts AS (
  SELECT
    lane,
    of_place,
    slot,
    CAST(SUM(people) AS BIGINT) AS people
  FROM started
  JOIN cells
    ON of_place = place AND (
      slot = 0 OR (
        returns_1 & mask_1
      ) <> 0
    )
  GROUP BY
    lane,
    of_place,
    slot
)
SELECT
  lane,
  NULLIF(value, '') AS value,
  CAST(known AS INT) AS known,
  of_place AS place,
  slot,
  people,
  0 AS total,
  0 AS of,
  0 AS squares,
  0 AS crosses,
  0 AS counts
FROM cohorts
LEFT JOIN ranked
  ON rank = lane
UNION ALL
SELECT
  lane,
  CAST(NULL AS STRING),
  0,
  -1,
  slot,
  people,
  total,
  of,
  squares,
  crosses,
  counts
FROM curve
ORDER BY
  lane NULLS LAST,
  place NULLS LAST,
  slot NULLS LAST
;
WITH all_events AS (
  SELECT
    *
  FROM events
)
SELECT
  MAX(local) AS latest
FROM all_events
