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
), found_likely AS (
  SELECT
    session_key,
    events,
    duration_ms
  FROM scoped_sessions
  WHERE
    COALESCE(name_string, '') LIKE (
      '%' || (
        SELECT
          MAX(symbol)
        FROM codes
        WHERE
          kind = 'name' AND value = :found_name_1
      )
    )
    AND COALESCE(page_string, '') LIKE (
      '%' || (
        SELECT
          MAX(symbol)
        FROM codes
        WHERE
          kind = 'page' AND value = :found_page_1
      ) || '%_%'
    )
    AND session_key IN (
      SELECT
        session_key
      FROM scoped_visits
      WHERE
        viewed AND (
          page LIKE :found_needed_2_1 ESCAPE '!'
        )
    )
), found_places AS (
  SELECT
    session_key,
    position,
    MIN(ms) AS ms,
    BOOL_OR(is_1) AS is_1,
    BOOL_OR(is_2) AS is_2,
    BOOL_OR(not_2) AS not_2,
    BOOL_OR(is_3) AS is_3,
    BOOL_OR(is_4) AS is_4
  FROM (
    SELECT
      session_key,
      position,
      offset_ms AS ms,
      FALSE AS is_1,
      FALSE AS is_2,
      name = :found_3_name AS not_2,
      name = :found_4_name AS is_3,
      FALSE AS is_4
    FROM scoped
    WHERE
      session_key IN (
        SELECT
          session_key
        FROM found_likely
      )
      AND (
        name = :found_3_name OR name = :found_4_name
      )
    UNION ALL
    SELECT
      session_key,
      first_position AS position,
      entered_ms AS ms,
      page = :found_1_name AS is_1,
      page LIKE :found_2_name ESCAPE '!' AS is_2,
      FALSE AS not_2,
      FALSE AS is_3,
      FALSE AS is_4
    FROM scoped_visits
    WHERE
      session_key IN (
        SELECT
          session_key
        FROM found_likely
      )
      AND viewed
      AND (
        page = :found_1_name OR page LIKE :found_2_name ESCAPE '!'
      )
  ) AS together
  GROUP BY
    session_key,
    position
  UNION ALL
  SELECT
    session_key,
    events + 1 AS position,
    duration_ms AS ms,
    FALSE AS is_1,
    FALSE AS is_2,
    FALSE AS not_2,
    FALSE AS is_3,
    TRUE AS is_4
  FROM found_likely
), found_marks AS (
  SELECT
    *,
    COALESCE(MAX(CASE WHEN not_2 THEN position END) OVER before, 0) AS spoilt_2
  FROM found_places
  WINDOW before AS (
    PARTITION BY session_key
    ORDER BY position NULLS LAST
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  )
), found_step_1 AS (
  SELECT
    *
  FROM (
    SELECT
      session_key,
      position,
      ms,
      is_2,
      spoilt_2,
      is_3,
      is_4,
      (
        is_1
      ) AS reached,
      ms * 16777216 + position AS begun
    FROM found_marks
  ) AS seen
  WHERE
    reached OR is_2 OR is_3 OR is_4
), found_step_2 AS (
  SELECT
    *
  FROM (
    SELECT
      session_key,
      position,
      ms,
      is_3,
      is_4,
      (
        is_2 AND came % 16777216 >= spoilt_2 AND ms - came DIV 16777216 <= 600000
      ) AS reached,
      came_begun AS begun
    FROM (
      SELECT
        *,
        MAX(CASE WHEN reached THEN ms * 16777216 + position END) OVER before AS came,
        MAX(CASE WHEN reached THEN begun END) OVER before AS came_begun
      FROM found_step_1
      WINDOW before AS (
        PARTITION BY session_key
        ORDER BY position NULLS LAST
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    ) AS looked
    WHERE
      NOT came IS NULL
  ) AS seen
  WHERE
    reached OR is_3 OR is_4
), found_step_3 AS (
  SELECT
    *
  FROM (
    SELECT
      session_key,
      position,
      ms,
      is_4,
      (
        is_3 AND ms - came_begun DIV 16777216 <= 3600000
      ) AS reached,
      came_begun AS begun
    FROM (
      SELECT
        *,
        MAX(CASE WHEN reached THEN ms * 16777216 + position END) OVER before AS came,
        MAX(CASE WHEN reached THEN begun END) OVER before AS came_begun
      FROM found_step_2
      WINDOW before AS (
        PARTITION BY session_key
        ORDER BY position NULLS LAST
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    ) AS looked
    WHERE
      NOT came IS NULL
  ) AS seen
  WHERE
    reached OR is_4
), found_step_4 AS (
  SELECT
    *
  FROM (
    SELECT
      session_key,
      position,
      ms,
      (
        is_4 AND came % 16777216 >= position - 1
      ) AS reached,
      came_begun AS begun
    FROM (
      SELECT
        *,
        MAX(CASE WHEN reached THEN ms * 16777216 + position END) OVER before AS came,
        MAX(CASE WHEN reached THEN begun END) OVER before AS came_begun
      FROM found_step_3
      WINDOW before AS (
        PARTITION BY session_key
        ORDER BY position NULLS LAST
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    ) AS looked
    WHERE
      NOT came IS NULL
  ) AS seen
  WHERE
    reached
), found_ends AS (
  SELECT
    session_key,
    begun % 16777216 AS from_position,
    begun DIV 16777216 AS from_ms,
    position,
    ms
  FROM found_step_4
  WHERE
    reached
), found AS (
  SELECT
    session_key,
    MIN(from_position) AS from_position,
    MIN(from_ms) AS from_ms,
    MIN(position) AS to_position,
    MIN(ms) AS to_ms
  FROM found_ends
  GROUP BY
    session_key
), in_scope AS (
  SELECT
    COUNT(*) AS sessions,
    COUNT(DISTINCT user_key) AS people
  FROM scoped_sessions
), matching AS (
  SELECT
    COUNT(*) AS sessions,
    COUNT(DISTINCT user_key) AS people,
    AVG(to_ms - from_ms) AS mean_ms,
    PERCENTILE(to_ms - from_ms, 0.25) AS quarter_ms,
    MEDIAN(to_ms - from_ms) AS median_ms,
    PERCENTILE(to_ms - from_ms, 0.75) AS three_quarters_ms
  FROM found
  JOIN scoped_sessions
    ON scoped_sessions.session_key = found.session_key
)
SELECT
  matching.sessions,
  matching.people,
  in_scope.sessions AS of_sessions,
  in_scope.people AS of_people,
  mean_ms,
  quarter_ms,
  median_ms,
  three_quarters_ms
FROM matching
CROSS JOIN in_scope
