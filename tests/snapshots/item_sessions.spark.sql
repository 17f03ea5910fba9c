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
), looked AS (
  SELECT
    session_key AS key_,
    0 AS side,
    user_key AS person,
    CAST(NULL AS STRING) AS part,
    1 AS weight,
    page_string,
    name_string
  FROM scoped_sessions
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
    'all' AS kind,
    '' AS item
  FROM looked
), members AS (
  SELECT
    key_ AS session_key
  FROM seen
  WHERE
    kind = :kind AND item = :item
), found AS (
  SELECT
    session_id,
    start,
    COUNT(*) OVER () AS total
  FROM scoped_sessions
  WHERE
    session_key IN (
      SELECT
        session_key
      FROM members
    )
)
SELECT
  session_id,
  total
FROM found
ORDER BY
  start DESC,
  session_id NULLS LAST
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
), looked AS (
  SELECT
    session_key AS key_,
    0 AS side,
    user_key AS person,
    CAST(NULL AS STRING) AS part,
    1 AS weight,
    page_string,
    name_string
  FROM scoped_sessions
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
    'all' AS kind,
    '' AS item
  FROM looked
), members AS (
  SELECT
    key_ AS session_key
  FROM seen
  WHERE
    kind = :kind AND item = :item
)
SELECT
  COUNT(*) AS total
FROM scoped_sessions
WHERE
  session_key IN (
    SELECT
      session_key
    FROM members
  )
