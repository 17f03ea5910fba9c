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
), said AS (
  SELECT
    session_key,
    CASE
      WHEN NOT text IS NULL
      THEN 'text'
      WHEN NOT NULLIF(FROM_JSON(properties, 'map<string,string>')[:said_2_key], '') IS NULL
      THEN 'properties.message'
      WHEN NOT NULLIF(FROM_JSON(properties, 'map<string,string>')[:said_3_key], '') IS NULL
      THEN 'properties.reason'
      WHEN NOT NULLIF(FROM_JSON(properties, 'map<string,string>')[:said_4_key], '') IS NULL
      THEN 'properties.error'
      WHEN NOT NULLIF(FROM_JSON(properties, 'map<string,string>')[:said_5_key], '') IS NULL
      THEN 'properties.description'
    END AS field,
    COALESCE(
      text,
      NULLIF(FROM_JSON(properties, 'map<string,string>')[:said_2_key], ''),
      NULLIF(FROM_JSON(properties, 'map<string,string>')[:said_3_key], ''),
      NULLIF(FROM_JSON(properties, 'map<string,string>')[:said_4_key], ''),
      NULLIF(FROM_JSON(properties, 'map<string,string>')[:said_5_key], '')
    ) AS message
  FROM scoped
  WHERE
    name = :error
)
SELECT
  field,
  message,
  COUNT(DISTINCT session_key) AS sessions
FROM said
WHERE
  NOT message IS NULL
GROUP BY
  field,
  message
ORDER BY
  sessions DESC,
  message NULLS LAST,
  field NULLS LAST
LIMIT :limit
