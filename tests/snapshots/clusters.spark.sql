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
), sample AS (
  SELECT
    session_key AS sample_key
  FROM scoped_sessions
  ORDER BY
    MD5(session_id) NULLS LAST,
    session_id NULLS LAST
  LIMIT :sample
), seen AS (
  SELECT
    'event' AS kind,
    name AS item,
    COUNT(DISTINCT session_key) AS sessions
  FROM scoped
  WHERE
    session_key IN (
      SELECT
        sample_key
      FROM sample
    )
  GROUP BY
    name
  UNION ALL
  SELECT
    'page' AS kind,
    item,
    COUNT(DISTINCT session_key) AS sessions
  FROM (
    SELECT
      CASE
        WHEN page LIKE :group_1 ESCAPE '!'
        THEN :group_name_1
        WHEN page LIKE :group_2 ESCAPE '!'
        THEN :group_name_2
        ELSE page
      END AS item,
      session_key
    FROM scoped_visits
    WHERE
      viewed AND session_key IN (
        SELECT
          sample_key
        FROM sample
      )
  ) AS stays
  WHERE
    NOT item IS NULL
  GROUP BY
    item
)
SELECT
  kind,
  item,
  sessions
FROM (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY kind ORDER BY sessions DESC, item NULLS LAST) AS place
  FROM seen
) AS ranked
WHERE
  place <= :most
ORDER BY
  kind NULLS LAST,
  sessions DESC,
  item NULLS LAST
