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
    COALESCE(page LIKE :on_page_1 ESCAPE '!' OR page = :on_page_2, FALSE)
    AND NOT element_key IS NULL
  GROUP BY
    element_key
), pressed AS (
  SELECT
    called,
    page,
    SUM(clicks) AS clicks,
    MIN(first_seen) AS first_seen,
    MAX(last_seen) AS last_seen,
    MIN(element) AS element,
    MAX(element) AS other_element,
    COUNT(CASE WHEN called <> ruled THEN 1 END) AS given,
    MIN(text) AS text,
    MAX(text) AS other_text,
    MAX(element_tag) AS element_tag,
    MAX(
      CASE
        WHEN COALESCE(element_tag, '') IN ('input', 'textarea', 'select')
        THEN 1
        ELSE 0
      END
    ) AS field,
    MAX(
      CASE
        WHEN LOCATE(LOWER(:search), LOWER(REPLACE(REPLACE(called, '-', ' '), '_', ' '))) > 0
        OR LOCATE(LOWER(:search), LOWER(REPLACE(REPLACE(element, '-', ' '), '_', ' '))) > 0
        OR LOCATE(LOWER(:search), LOWER(called)) > 0
        OR LOCATE(LOWER(:search), LOWER(element)) > 0
        OR LOCATE(
          LOWER(:search),
          LOWER(
            CASE
              WHEN NOT COALESCE(element_tag, '') IN ('input', 'textarea', 'select')
              THEN text
            END
          )
        ) > 0
        THEN 1
        ELSE 0
      END
    ) AS found
  FROM by_key
  JOIN elements
    USING (element_key)
  GROUP BY
    called,
    page
), stays AS (
  SELECT
    page,
    COUNT(*) AS views
  FROM scoped_visits
  WHERE
    NOT page IS NULL
  GROUP BY
    page
), known AS (
  SELECT
    called,
    CASE WHEN MIN(element) = MAX(other_element) THEN MIN(element) ELSE called END AS element,
    SUM(given) > 0 AS is_given,
    MAX(element_tag) AS element_tag,
    CASE WHEN MIN(text) = MAX(other_text) AND MAX(field) = 0 THEN MIN(text) END AS text,
    CASE WHEN MIN(page) = MAX(page) THEN MIN(page) END AS page,
    COUNT(page) AS pages,
    CAST(SUM(clicks) AS BIGINT) AS clicks,
    MIN(first_seen) AS first_seen,
    MAX(last_seen) AS last_seen,
    CAST(COALESCE(SUM(views), 0) AS BIGINT) AS views
  FROM pressed
  LEFT JOIN stays
    USING (page)
  GROUP BY
    called
  HAVING
    MAX(found) = 1
), listed AS (
  SELECT
    *,
    COUNT(*) OVER () AS total,
    ROW_NUMBER() OVER (ORDER BY clicks DESC, called NULLS LAST) AS place
  FROM known
  ORDER BY
    clicks DESC,
    called NULLS LAST
  LIMIT :limit
  OFFSET :offset
), marked AS (
  SELECT
    element_key,
    CAST(FLOOR((
      place - 1
    ) / 60) AS INT) AS block,
    CAST(POWER(2, (
      place - 1
    ) % 60) AS BIGINT) AS bit
  FROM listed
  JOIN elements
    ON elements.called = listed.called
), presses AS (
  SELECT
    session_key,
    visit_no,
    user_key,
    page,
    block,
    bit
  FROM scoped_clicks
  JOIN marked
    USING (element_key)
  WHERE
    COALESCE(page LIKE :on_page_1 ESCAPE '!' OR page = :on_page_2, FALSE)
), by_stay AS (
  SELECT
    session_key,
    visit_no,
    block,
    BIT_OR(bit) AS bits,
    BIT_OR(CASE WHEN page IS NULL THEN CAST(0 AS BIGINT) ELSE bit END) AS paged
  FROM presses
  GROUP BY
    session_key,
    visit_no,
    block
), by_session AS (
  SELECT
    session_key,
    block,
    BIT_OR(bits) AS bits
  FROM by_stay
  GROUP BY
    session_key,
    block
), by_person AS (
  SELECT
    user_key,
    block,
    BIT_OR(bit) AS bits
  FROM presses
  GROUP BY
    user_key,
    block
), counted AS (
  SELECT
    block,
    paged AS bits,
    COUNT(*) AS viewed,
    0 AS sessions,
    0 AS people
  FROM by_stay
  GROUP BY
    block,
    paged
  UNION ALL
  SELECT
    block,
    bits,
    0 AS viewed,
    COUNT(*) AS sessions,
    0 AS people
  FROM by_session
  GROUP BY
    block,
    bits
  UNION ALL
  SELECT
    block,
    bits,
    0 AS viewed,
    0 AS sessions,
    COUNT(*) AS people
  FROM by_person
  GROUP BY
    block,
    bits
), bits_of AS (
  SELECT
    called,
    CAST(FLOOR((
      place - 1
    ) / 60) AS INT) AS block,
    CAST(POWER(2, (
      place - 1
    ) % 60) AS BIGINT) AS bit
  FROM listed
), reached AS (
  SELECT
    bits_of.called,
    CAST(SUM(viewed) AS BIGINT) AS viewed,
    CAST(SUM(sessions) AS BIGINT) AS sessions,
    CAST(SUM(people) AS BIGINT) AS people
  FROM counted
  JOIN bits_of
    ON counted.block = bits_of.block AND (
      counted.bits & bits_of.bit
    ) > 0
  GROUP BY
    bits_of.called
)
SELECT
  element,
  listed.called,
  is_given,
  element_tag,
  text,
  page,
  pages,
  clicks,
  sessions,
  people,
  viewed,
  views,
  first_seen,
  last_seen,
  total
FROM listed
JOIN reached
  ON reached.called = listed.called
ORDER BY
  place NULLS LAST
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
    COALESCE(page LIKE :on_page_1 ESCAPE '!' OR page = :on_page_2, FALSE)
    AND NOT element_key IS NULL
  GROUP BY
    element_key
), pressed AS (
  SELECT
    called,
    page,
    SUM(clicks) AS clicks,
    MIN(first_seen) AS first_seen,
    MAX(last_seen) AS last_seen,
    MIN(element) AS element,
    MAX(element) AS other_element,
    COUNT(CASE WHEN called <> ruled THEN 1 END) AS given,
    MIN(text) AS text,
    MAX(text) AS other_text,
    MAX(element_tag) AS element_tag,
    MAX(
      CASE
        WHEN COALESCE(element_tag, '') IN ('input', 'textarea', 'select')
        THEN 1
        ELSE 0
      END
    ) AS field,
    MAX(
      CASE
        WHEN LOCATE(LOWER(:search), LOWER(REPLACE(REPLACE(called, '-', ' '), '_', ' '))) > 0
        OR LOCATE(LOWER(:search), LOWER(REPLACE(REPLACE(element, '-', ' '), '_', ' '))) > 0
        OR LOCATE(LOWER(:search), LOWER(called)) > 0
        OR LOCATE(LOWER(:search), LOWER(element)) > 0
        OR LOCATE(
          LOWER(:search),
          LOWER(
            CASE
              WHEN NOT COALESCE(element_tag, '') IN ('input', 'textarea', 'select')
              THEN text
            END
          )
        ) > 0
        THEN 1
        ELSE 0
      END
    ) AS found
  FROM by_key
  JOIN elements
    USING (element_key)
  GROUP BY
    called,
    page
), stays AS (
  SELECT
    page,
    COUNT(*) AS views
  FROM scoped_visits
  WHERE
    NOT page IS NULL
  GROUP BY
    page
), known AS (
  SELECT
    called,
    CASE WHEN MIN(element) = MAX(other_element) THEN MIN(element) ELSE called END AS element,
    SUM(given) > 0 AS is_given,
    MAX(element_tag) AS element_tag,
    CASE WHEN MIN(text) = MAX(other_text) AND MAX(field) = 0 THEN MIN(text) END AS text,
    CASE WHEN MIN(page) = MAX(page) THEN MIN(page) END AS page,
    COUNT(page) AS pages,
    CAST(SUM(clicks) AS BIGINT) AS clicks,
    MIN(first_seen) AS first_seen,
    MAX(last_seen) AS last_seen,
    CAST(COALESCE(SUM(views), 0) AS BIGINT) AS views
  FROM pressed
  LEFT JOIN stays
    USING (page)
  GROUP BY
    called
  HAVING
    MAX(found) = 1
), listed AS (
  SELECT
    *,
    COUNT(*) OVER () AS total,
    ROW_NUMBER() OVER (ORDER BY clicks DESC, called NULLS LAST) AS place
  FROM known
  ORDER BY
    clicks DESC,
    called NULLS LAST
  LIMIT :limit
  OFFSET :offset
), first_and_last AS (
  SELECT
    MIN(day) AS first_day,
    MAX(day) AS last_day
  FROM scoped_sessions
), nameless AS (
  SELECT
    COUNT(*) AS unnamed
  FROM scoped_clicks
  WHERE
    COALESCE(page LIKE :on_page_1 ESCAPE '!' OR page = :on_page_2, FALSE)
    AND element_key IS NULL
), named AS (
  SELECT
    COUNT(*) AS elements,
    CAST(COALESCE(SUM(clicks), 0) AS BIGINT) AS clicks
  FROM known
)
SELECT
  elements,
  clicks,
  unnamed,
  first_day,
  last_day
FROM named
CROSS JOIN nameless
CROSS JOIN first_and_last
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
    COALESCE(page LIKE :on_page_1 ESCAPE '!' OR page = :on_page_2, FALSE)
    AND NOT element_key IS NULL
  GROUP BY
    element_key
), pressed AS (
  SELECT
    called,
    page,
    SUM(clicks) AS clicks,
    MIN(first_seen) AS first_seen,
    MAX(last_seen) AS last_seen,
    MIN(element) AS element,
    MAX(element) AS other_element,
    COUNT(CASE WHEN called <> ruled THEN 1 END) AS given,
    MIN(text) AS text,
    MAX(text) AS other_text,
    MAX(element_tag) AS element_tag,
    MAX(
      CASE
        WHEN COALESCE(element_tag, '') IN ('input', 'textarea', 'select')
        THEN 1
        ELSE 0
      END
    ) AS field,
    MAX(
      CASE
        WHEN LOCATE(LOWER(:search), LOWER(REPLACE(REPLACE(called, '-', ' '), '_', ' '))) > 0
        OR LOCATE(LOWER(:search), LOWER(REPLACE(REPLACE(element, '-', ' '), '_', ' '))) > 0
        OR LOCATE(LOWER(:search), LOWER(called)) > 0
        OR LOCATE(LOWER(:search), LOWER(element)) > 0
        OR LOCATE(
          LOWER(:search),
          LOWER(
            CASE
              WHEN NOT COALESCE(element_tag, '') IN ('input', 'textarea', 'select')
              THEN text
            END
          )
        ) > 0
        THEN 1
        ELSE 0
      END
    ) AS found
  FROM by_key
  JOIN elements
    USING (element_key)
  GROUP BY
    called,
    page
), stays AS (
  SELECT
    page,
    COUNT(*) AS views
  FROM scoped_visits
  WHERE
    NOT page IS NULL
  GROUP BY
    page
), known AS (
  SELECT
    called,
    CASE WHEN MIN(element) = MAX(other_element) THEN MIN(element) ELSE called END AS element,
    SUM(given) > 0 AS is_given,
    MAX(element_tag) AS element_tag,
    CASE WHEN MIN(text) = MAX(other_text) AND MAX(field) = 0 THEN MIN(text) END AS text,
    CASE WHEN MIN(page) = MAX(page) THEN MIN(page) END AS page,
    COUNT(page) AS pages,
    CAST(SUM(clicks) AS BIGINT) AS clicks,
    MIN(first_seen) AS first_seen,
    MAX(last_seen) AS last_seen,
    CAST(COALESCE(SUM(views), 0) AS BIGINT) AS views
  FROM pressed
  LEFT JOIN stays
    USING (page)
  GROUP BY
    called
  HAVING
    MAX(found) = 1
), listed AS (
  SELECT
    *,
    COUNT(*) OVER () AS total,
    ROW_NUMBER() OVER (ORDER BY clicks DESC, called NULLS LAST) AS place
  FROM known
  ORDER BY
    clicks DESC,
    called NULLS LAST
  LIMIT :limit
  OFFSET :offset
), times AS (
  SELECT
    element_key,
    CAST(DATE_TRUNC(:unit, day) AS DATE) AS start,
    COUNT(*) AS clicks
  FROM scoped_clicks
  WHERE
    COALESCE(page LIKE :on_page_1 ESCAPE '!' OR page = :on_page_2, FALSE)
    AND NOT element_key IS NULL
  GROUP BY
    1,
    2
)
SELECT
  elements.called,
  start,
  CAST(SUM(times.clicks) AS BIGINT) AS clicks
FROM times
JOIN elements
  USING (element_key)
JOIN listed
  ON listed.called = elements.called
GROUP BY
  elements.called,
  start
ORDER BY
  elements.called NULLS LAST,
  start NULLS LAST
