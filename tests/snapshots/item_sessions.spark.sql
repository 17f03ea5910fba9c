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
    CASE WHEN kind = 'name' THEN 'event' ELSE 'page' END AS kind,
    symbol,
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
), strings AS (
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'page' AS of_kind,
    EXPLODE(ARRAY_DISTINCT(SPLIT(page_string, CONCAT('\\Q', '', '\\E')))) AS letter
  FROM looked
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'event' AS of_kind,
    EXPLODE(ARRAY_DISTINCT(SPLIT(name_string, CONCAT('\\Q', '', '\\E')))) AS letter
  FROM looked
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
    kind,
    called AS item,
    CAST(NULL AS STRING) AS text
  FROM strings
  JOIN letters
    ON kind = of_kind AND symbol = letter
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    kind,
    item,
    MAX(text) AS text
  FROM acts
  JOIN looked
    ON session_key = key_
  GROUP BY
    key_,
    side,
    person,
    part,
    weight,
    kind,
    item
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'all' AS kind,
    '' AS item,
    CAST(NULL AS STRING) AS text
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
    CASE WHEN kind = 'name' THEN 'event' ELSE 'page' END AS kind,
    symbol,
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
), strings AS (
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'page' AS of_kind,
    EXPLODE(ARRAY_DISTINCT(SPLIT(page_string, CONCAT('\\Q', '', '\\E')))) AS letter
  FROM looked
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'event' AS of_kind,
    EXPLODE(ARRAY_DISTINCT(SPLIT(name_string, CONCAT('\\Q', '', '\\E')))) AS letter
  FROM looked
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
    kind,
    called AS item,
    CAST(NULL AS STRING) AS text
  FROM strings
  JOIN letters
    ON kind = of_kind AND symbol = letter
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    kind,
    item,
    MAX(text) AS text
  FROM acts
  JOIN looked
    ON session_key = key_
  GROUP BY
    key_,
    side,
    person,
    part,
    weight,
    kind,
    item
  UNION ALL
  SELECT
    key_,
    side,
    person,
    part,
    weight,
    'all' AS kind,
    '' AS item,
    CAST(NULL AS STRING) AS text
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
