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
)
SELECT
  level,
  name,
  COUNT(*) AS events
FROM (
  SELECT
    'event' AS level,
    EXPLODE(JSON_OBJECT_KEYS(properties)) AS name
  FROM scoped
  WHERE
    NOT properties IS NULL AND session_key % :every = 0
  UNION ALL
  SELECT
    'person' AS level,
    EXPLODE(JSON_OBJECT_KEYS(user_properties)) AS name
  FROM scoped
  WHERE
    NOT user_properties IS NULL AND session_key % :every = 0
) AS named
GROUP BY
  level,
  name
ORDER BY
  events DESC,
  level NULLS LAST,
  name NULLS LAST
LIMIT :limit
