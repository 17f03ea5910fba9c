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
), scoped_clicks AS (
  SELECT
    *
  FROM clicks
  WHERE
    day >= :scope_start
    AND day < :scope_stop
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_sessions
    )
), by_key AS (
  SELECT
    element_key,
    COUNT(*) AS clicks,
    MIN(day) AS first_seen,
    MAX(day) AS last_seen
  FROM scoped_clicks
  WHERE
    NOT element_key IS NULL AND NOT page IS NULL
  GROUP BY
    element_key
), speaking AS (
  SELECT
    page,
    called,
    MIN(text) AS text,
    CAST(SUM(clicks) AS BIGINT) AS clicks,
    MIN(first_seen) AS first_seen,
    MAX(last_seen) AS last_seen
  FROM by_key
  JOIN elements
    USING (element_key)
  GROUP BY
    page,
    called
  HAVING
    MIN(text) = MAX(text)
    AND COUNT(text) = COUNT(*)
    AND MAX(CASE WHEN ARRAY_CONTAINS(:fields, COALESCE(element_tag, '')) THEN 1 ELSE 0 END) = 0
)
SELECT
  earlier.page,
  earlier.text,
  earlier.called AS earlier,
  later.called AS later,
  earlier.clicks AS earlier_clicks,
  later.clicks AS later_clicks,
  earlier.last_seen AS last_seen,
  later.first_seen AS first_seen
FROM speaking AS earlier
JOIN speaking AS later
  ON earlier.page = later.page
  AND earlier.text = later.text
  AND earlier.called <> later.called
WHERE
  earlier.first_seen < later.first_seen
  AND earlier.last_seen < later.last_seen
  AND DATEDIFF(DAY, later.first_seen, earlier.last_seen) <= :overlap_days
  AND earlier.clicks >= :least
  AND later.clicks >= :least
ORDER BY
  earlier.clicks + later.clicks DESC,
  earlier.page NULLS LAST,
  earlier NULLS LAST,
  later NULLS LAST
LIMIT :limit
