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
), viewed AS (
  SELECT
    session_key,
    position_in_path AS place,
    CASE
      WHEN page LIKE :group_1 ESCAPE '!'
      THEN :group_name_1
      WHEN page LIKE :group_2 ESCAPE '!'
      THEN :group_name_2
      ELSE page
    END AS item,
    CASE
      WHEN next_page LIKE :group_1 ESCAPE '!'
      THEN :group_name_1
      WHEN next_page LIKE :group_2 ESCAPE '!'
      THEN :group_name_2
      ELSE next_page
    END AS following,
    entered_ms AS at_ms,
    to_next_ms AS ms,
    0 AS starts,
    0 AS ends
  FROM scoped_visits
  WHERE
    viewed
), repeating AS (
  SELECT DISTINCT
    session_key
  FROM viewed
  WHERE
    following = item
), kept AS (
  SELECT
    session_key,
    place,
    item,
    following,
    at_ms,
    starts,
    ends
  FROM viewed
  WHERE
    session_key IN (
      SELECT
        session_key
      FROM repeating
    )
), joined AS (
  SELECT
    session_key,
    place,
    item,
    at_ms,
    starts,
    ends
  FROM kept
  WHERE
    following IS NULL OR following <> item
), renumbered AS (
  SELECT
    session_key,
    item,
    at_ms,
    starts,
    ends,
    ROW_NUMBER() OVER by_place AS nth,
    LEAD(item) OVER by_place AS following,
    -at_ms + LEAD(at_ms) OVER by_place AS ms
  FROM joined
  WINDOW by_place AS (PARTITION BY session_key ORDER BY place NULLS LAST)
), items AS (
  SELECT
    session_key,
    item,
    at_ms,
    starts,
    ends,
    nth,
    following,
    ms
  FROM renumbered
  UNION ALL
  SELECT
    session_key,
    item,
    at_ms,
    starts,
    ends,
    place AS nth,
    following,
    ms
  FROM viewed
  WHERE
    NOT session_key IN (
      SELECT
        session_key
      FROM repeating
    )
), keyed AS (
  SELECT
    session_key,
    BIT_XOR(XXHASH64(XXHASH64(item, nth))) AS path_key,
    COUNT(*) AS items
  FROM items
  GROUP BY
    session_key
), timed AS (
  SELECT
    keyed.*,
    duration_ms,
    errors
  FROM keyed
  JOIN scoped_sessions
    ON scoped_sessions.session_key = keyed.session_key
), first_ones AS (
  SELECT
    path_key,
    items,
    COUNT(*) AS sessions,
    MIN(session_key) AS example,
    COUNT(*) AS place
  FROM keyed
  GROUP BY
    path_key,
    items
  HAVING
    COUNT(*) >= :least
  ORDER BY
    place DESC,
    sessions DESC,
    example NULLS LAST
  LIMIT :limit
), spelled AS (
  SELECT
    session_key,
    LISTAGG(item, :between) WITHIN GROUP (ORDER BY
      nth NULLS LAST) AS path
  FROM items
  WHERE
    session_key IN (
      SELECT
        example
      FROM first_ones
    )
  GROUP BY
    session_key
), reached AS (
  SELECT DISTINCT
    session_key AS reached_key
  FROM scoped
  WHERE
    name = :goal_name
), told AS (
  SELECT
    example,
    sessions,
    place,
    timed.items,
    duration_ms,
    errors,
    CASE WHEN reached_key IS NULL THEN 0 ELSE 1 END AS converted
  FROM timed
  JOIN first_ones
    ON first_ones.path_key = timed.path_key AND first_ones.items = timed.items
  LEFT JOIN reached
    ON reached_key = session_key
)
SELECT
  path,
  MAX(items) AS items,
  MAX(sessions) AS sessions,
  MEDIAN(duration_ms) AS median_ms,
  CAST(SUM(errors) AS BIGINT) AS errors,
  CAST(SUM(converted) AS BIGINT) AS converted
FROM told
JOIN spelled
  ON session_key = example
GROUP BY
  path,
  example
ORDER BY
  MAX(place) DESC,
  sessions DESC,
  example NULLS LAST
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
), viewed AS (
  SELECT
    session_key,
    position_in_path AS place,
    CASE
      WHEN page LIKE :group_1 ESCAPE '!'
      THEN :group_name_1
      WHEN page LIKE :group_2 ESCAPE '!'
      THEN :group_name_2
      ELSE page
    END AS item,
    CASE
      WHEN next_page LIKE :group_1 ESCAPE '!'
      THEN :group_name_1
      WHEN next_page LIKE :group_2 ESCAPE '!'
      THEN :group_name_2
      ELSE next_page
    END AS following,
    entered_ms AS at_ms,
    to_next_ms AS ms
  FROM scoped_visits
  WHERE
    viewed
), lengths AS (
  SELECT
    session_key,
    COUNT(*) AS items
  FROM viewed
  WHERE
    following IS NULL OR following <> item
  GROUP BY
    session_key
)
SELECT
  LEAST(items, :long) AS items,
  CASE
    WHEN duration_ms < 10000
    THEN 0
    WHEN duration_ms < 30000
    THEN 1
    WHEN duration_ms < 60000
    THEN 2
    WHEN duration_ms < 180000
    THEN 3
    WHEN duration_ms < 600000
    THEN 4
    WHEN duration_ms < 1800000
    THEN 5
    ELSE 6
  END AS span,
  COUNT(*) AS sessions
FROM lengths
JOIN (
  SELECT
    session_key AS key_,
    duration_ms
  FROM scoped_sessions
) AS whole
  ON key_ = session_key
GROUP BY
  LEAST(items, :long),
  CASE
    WHEN duration_ms < 10000
    THEN 0
    WHEN duration_ms < 30000
    THEN 1
    WHEN duration_ms < 60000
    THEN 2
    WHEN duration_ms < 180000
    THEN 3
    WHEN duration_ms < 600000
    THEN 4
    WHEN duration_ms < 1800000
    THEN 5
    ELSE 6
  END
ORDER BY
  items NULLS LAST,
  span NULLS LAST
