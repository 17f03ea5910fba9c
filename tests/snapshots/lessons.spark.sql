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
), listed AS (
  SELECT
    *
  FROM scoped_sessions
), aimed AS (
  SELECT
    session_key,
    page_string,
    active_ms,
    COALESCE(
      LOCATE(
        (
          SELECT
            MAX(symbol)
          FROM codes
          WHERE
            kind = 'name' AND value = :goal_name_1
        ),
        name_string
      ) > 0,
      FALSE
    ) AS reaches
  FROM scoped_sessions
), most_viewed AS (
  SELECT
    symbol,
    COUNT(*) AS reaching,
    SUM(place) AS places
  FROM (
    SELECT
      session_key,
      SUBSTRING(page_string, nth, 1) AS symbol,
      MIN(nth) AS place
    FROM (
      SELECT
        session_key,
        page_string,
        EXPLODE(SEQUENCE(1, LENGTH(page_string))) AS nth
      FROM aimed
      WHERE
        reaches AND LENGTH(page_string) > 0
    ) AS views
    GROUP BY ALL
  ) AS viewed_pages
  GROUP BY
    symbol
  ORDER BY
    reaching DESC,
    symbol NULLS LAST
  LIMIT 8
), forecasts AS (
  SELECT
    symbol,
    MAX(reaching) AS reaching,
    MAX(places) AS places,
    COUNT(*) AS viewing
  FROM most_viewed
  JOIN aimed
    ON LOCATE(symbol, page_string) > 0
  GROUP BY
    symbol
), gates AS (
  SELECT
    MAX(symbol) AS gate,
    MAX(value) AS gate_page,
    MAX(long_from) AS long_from
  FROM (
    SELECT
      codes.symbol,
      codes.value,
      0 AS long_from
    FROM (
      SELECT
        symbol
      FROM forecasts
      CROSS JOIN (
        SELECT
          COUNT(*) AS sessions,
          COUNT(CASE WHEN reaches THEN 1 END) AS successes
        FROM aimed
      ) AS base
      WHERE
        viewing - reaching >= :lost_at_least * viewing
        AND reaching * sessions >= :better * successes * viewing
      ORDER BY
        reaching * 1e0 / (
          viewing + successes
        ) DESC,
        places * 1e0 / reaching DESC,
        symbol NULLS LAST
      LIMIT 1
    ) AS best
    JOIN codes
      ON codes.kind = 'page' AND codes.symbol = best.symbol
    UNION ALL
    SELECT
      NULL,
      NULL,
      PERCENTILE(active_ms, :longest)
    FROM aimed
  ) AS parts
), troubled AS (
  SELECT
    session_key,
    COUNT(CASE WHEN name = :error THEN 1 END) AS met,
    COUNT(CASE WHEN name = :form_error THEN 1 END) AS refused_forms,
    COUNT(CASE WHEN name = :login_failed THEN 1 END) AS failed_logins,
    NULLIF(MIN_BY(COALESCE(page, ''), CASE WHEN name = :error THEN position END), '') AS error_page,
    MIN(CASE WHEN name = :error THEN offset_ms END) AS error_ms,
    NULLIF(MIN_BY(COALESCE(page, ''), CASE WHEN name <> :error THEN position END), '') AS refused_page,
    MIN(CASE WHEN name <> :error THEN offset_ms END) AS refused_ms
  FROM scoped
  WHERE
    name IN (:error, :form_error, :login_failed)
  GROUP BY
    session_key
), moves AS (
  SELECT
    session_key,
    pages,
    SUBSTRING(page_string, nth, 2) AS move
  FROM (
    SELECT
      session_key,
      page_string,
      LENGTH(page_string) AS pages,
      EXPLODE(SEQUENCE(1, LENGTH(page_string) - 1)) AS nth
    FROM scoped_sessions
    WHERE
      LENGTH(page_string) BETWEEN :fewest AND :most
  ) AS places
), odds AS (
  SELECT
    move,
    CAST(ROUND(-1000 * LOG(2, often / SUM(often) OVER (PARTITION BY SUBSTRING(move, 1, 1)))) AS BIGINT) AS bits
  FROM (
    SELECT
      move,
      CAST(COUNT(*) AS DOUBLE) AS often
    FROM moves
    GROUP BY
      move
  ) AS counted_moves
), surprises AS (
  SELECT
    session_key,
    pages,
    SUM(bits) AS bits
  FROM moves
  JOIN odds
    ON odds.move = moves.move
  GROUP BY
    session_key,
    pages
), unusual AS (
  SELECT
    session_key,
    share_as_unusual
  FROM (
    SELECT
      session_key,
      CUME_DIST() OVER (PARTITION BY pages ORDER BY bits DESC) AS share_as_unusual
    FROM surprises
  ) AS ranked_ways
  WHERE
    share_as_unusual * :rare <= 1
), judged AS (
  SELECT
    listed.session_key,
    listed.session_id,
    listed.start,
    listed.entry_page,
    listed.exit_page,
    COALESCE(met, 0) AS errors,
    error_page,
    error_ms,
    COALESCE(refused_forms, 0) AS refused_forms,
    COALESCE(failed_logins, 0) AS failed_logins,
    refused_page,
    refused_ms,
    NOT reaches AND COALESCE(LOCATE(gate, page_string) > 0, FALSE) AS lost,
    NOT reaches AND active_ms > long_from AS long,
    share_as_unusual,
    LENGTH(page_string) AS page_views,
    active_ms
  FROM (
    SELECT
      *,
      COALESCE(
        LOCATE(
          (
            SELECT
              MAX(symbol)
            FROM codes
            WHERE
              kind = 'name' AND value = :goal_name_1
          ),
          name_string
        ) > 0,
        FALSE
      ) AS reaches
    FROM listed
    CROSS JOIN gates
  ) AS listed
  LEFT JOIN troubled
    ON troubled.session_key = listed.session_key
  LEFT JOIN unusual
    ON unusual.session_key = listed.session_key
), pointed AS (
  SELECT
    *,
    CASE WHEN errors > 0 THEN LEAST(150 + 50 * errors, 400) ELSE 0 END AS of_errors,
    CASE WHEN lost THEN 300 ELSE 0 END AS of_loss,
    CASE
      WHEN refused_forms + failed_logins > 0
      THEN LEAST(100 + 50 * (
        refused_forms + failed_logins
      ), 300)
      ELSE 0
    END AS of_refusals,
    CASE
      WHEN NOT share_as_unusual IS NULL
      THEN LEAST(CAST(FLOOR(-100 * LOG(10, share_as_unusual)) AS INT), 300)
      ELSE 0
    END AS of_way,
    CASE WHEN long THEN 100 ELSE 0 END AS of_length
  FROM judged
), reasoned AS (
  SELECT
    *,
    of_errors + of_loss + of_refusals + of_way + of_length AS points,
    CASE GREATEST(of_errors, of_loss, of_refusals, of_way, of_length)
      WHEN 0
      THEN NULL
      WHEN of_errors
      THEN 'error'
      WHEN of_loss
      THEN 'lost'
      WHEN of_refusals
      THEN 'refused'
      WHEN of_way
      THEN 'unusual'
      ELSE 'long'
    END AS reason
  FROM pointed
), taught AS (
  SELECT
    *
  FROM reasoned
  WHERE
    NOT reason IS NULL
), turns AS (
  SELECT
    session_key,
    session_id,
    start,
    points,
    reason,
    page,
    ROW_NUMBER() OVER (
      PARTITION BY reason, CASE
        WHEN page LIKE :group_1 ESCAPE '!'
        THEN :group_name_1
        WHEN page LIKE :group_2 ESCAPE '!'
        THEN :group_name_2
        ELSE page
      END
      ORDER BY points DESC, start DESC, session_id NULLS LAST
    ) AS turn
  FROM (
    SELECT
      *,
      CASE reason
        WHEN 'error'
        THEN error_page
        WHEN 'refused'
        THEN refused_page
        WHEN 'lost'
        THEN (
          SELECT
            MAX(gate_page)
          FROM gates
        )
        WHEN 'unusual'
        THEN entry_page
        ELSE exit_page
      END AS page
    FROM taught
  ) AS placed
), chosen AS (
  SELECT
    session_key AS chosen_key,
    points AS all_points,
    page,
    turn,
    COUNT(*) OVER () AS total
  FROM turns
  ORDER BY
    turn NULLS LAST,
    points DESC,
    start DESC,
    session_id NULLS LAST
  LIMIT :limit
  OFFSET :offset
)
SELECT
  session_id,
  points,
  reason,
  page,
  turn,
  errors,
  error_page,
  error_ms,
  refused_forms,
  failed_logins,
  refused_page,
  refused_ms,
  CASE WHEN lost THEN (
    SELECT
      MAX(gate_page)
    FROM gates
  ) END AS lost_page,
  CASE
    WHEN lost
    THEN (
      SELECT
        MAX(entered_ms)
      FROM scoped_visits
      WHERE
        scoped_visits.session_key = chosen_key
        AND scoped_visits.page = (
          SELECT
            MAX(gate_page)
          FROM gates
        )
    )
  END AS lost_ms,
  1 / share_as_unusual AS one_in,
  page_views,
  CASE WHEN long THEN active_ms END AS long_ms,
  total
FROM chosen
JOIN taught
  ON session_key = chosen_key
ORDER BY
  turn NULLS LAST,
  points DESC,
  start DESC,
  session_id NULLS LAST
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
), listed AS (
  SELECT
    *
  FROM scoped_sessions
), aimed AS (
  SELECT
    session_key,
    page_string,
    active_ms,
    COALESCE(
      LOCATE(
        (
          SELECT
            MAX(symbol)
          FROM codes
          WHERE
            kind = 'name' AND value = :goal_name_1
        ),
        name_string
      ) > 0,
      FALSE
    ) AS reaches
  FROM scoped_sessions
), most_viewed AS (
  SELECT
    symbol,
    COUNT(*) AS reaching,
    SUM(place) AS places
  FROM (
    SELECT
      session_key,
      SUBSTRING(page_string, nth, 1) AS symbol,
      MIN(nth) AS place
    FROM (
      SELECT
        session_key,
        page_string,
        EXPLODE(SEQUENCE(1, LENGTH(page_string))) AS nth
      FROM aimed
      WHERE
        reaches AND LENGTH(page_string) > 0
    ) AS views
    GROUP BY ALL
  ) AS viewed_pages
  GROUP BY
    symbol
  ORDER BY
    reaching DESC,
    symbol NULLS LAST
  LIMIT 8
), forecasts AS (
  SELECT
    symbol,
    MAX(reaching) AS reaching,
    MAX(places) AS places,
    COUNT(*) AS viewing
  FROM most_viewed
  JOIN aimed
    ON LOCATE(symbol, page_string) > 0
  GROUP BY
    symbol
), gates AS (
  SELECT
    MAX(symbol) AS gate,
    MAX(value) AS gate_page,
    MAX(long_from) AS long_from
  FROM (
    SELECT
      codes.symbol,
      codes.value,
      0 AS long_from
    FROM (
      SELECT
        symbol
      FROM forecasts
      CROSS JOIN (
        SELECT
          COUNT(*) AS sessions,
          COUNT(CASE WHEN reaches THEN 1 END) AS successes
        FROM aimed
      ) AS base
      WHERE
        viewing - reaching >= :lost_at_least * viewing
        AND reaching * sessions >= :better * successes * viewing
      ORDER BY
        reaching * 1e0 / (
          viewing + successes
        ) DESC,
        places * 1e0 / reaching DESC,
        symbol NULLS LAST
      LIMIT 1
    ) AS best
    JOIN codes
      ON codes.kind = 'page' AND codes.symbol = best.symbol
    UNION ALL
    SELECT
      NULL,
      NULL,
      PERCENTILE(active_ms, :longest)
    FROM aimed
  ) AS parts
), troubled AS (
  SELECT
    session_key,
    COUNT(CASE WHEN name = :error THEN 1 END) AS met,
    COUNT(CASE WHEN name = :form_error THEN 1 END) AS refused_forms,
    COUNT(CASE WHEN name = :login_failed THEN 1 END) AS failed_logins,
    NULLIF(MIN_BY(COALESCE(page, ''), CASE WHEN name = :error THEN position END), '') AS error_page,
    MIN(CASE WHEN name = :error THEN offset_ms END) AS error_ms,
    NULLIF(MIN_BY(COALESCE(page, ''), CASE WHEN name <> :error THEN position END), '') AS refused_page,
    MIN(CASE WHEN name <> :error THEN offset_ms END) AS refused_ms
  FROM scoped
  WHERE
    name IN (:error, :form_error, :login_failed)
  GROUP BY
    session_key
), moves AS (
  SELECT
    session_key,
    pages,
    SUBSTRING(page_string, nth, 2) AS move
  FROM (
    SELECT
      session_key,
      page_string,
      LENGTH(page_string) AS pages,
      EXPLODE(SEQUENCE(1, LENGTH(page_string) - 1)) AS nth
    FROM scoped_sessions
    WHERE
      LENGTH(page_string) BETWEEN :fewest AND :most
  ) AS places
), odds AS (
  SELECT
    move,
    CAST(ROUND(-1000 * LOG(2, often / SUM(often) OVER (PARTITION BY SUBSTRING(move, 1, 1)))) AS BIGINT) AS bits
  FROM (
    SELECT
      move,
      CAST(COUNT(*) AS DOUBLE) AS often
    FROM moves
    GROUP BY
      move
  ) AS counted_moves
), surprises AS (
  SELECT
    session_key,
    pages,
    SUM(bits) AS bits
  FROM moves
  JOIN odds
    ON odds.move = moves.move
  GROUP BY
    session_key,
    pages
), unusual AS (
  SELECT
    session_key,
    share_as_unusual
  FROM (
    SELECT
      session_key,
      CUME_DIST() OVER (PARTITION BY pages ORDER BY bits DESC) AS share_as_unusual
    FROM surprises
  ) AS ranked_ways
  WHERE
    share_as_unusual * :rare <= 1
), judged AS (
  SELECT
    listed.session_key,
    listed.session_id,
    listed.start,
    listed.entry_page,
    listed.exit_page,
    COALESCE(met, 0) AS errors,
    error_page,
    error_ms,
    COALESCE(refused_forms, 0) AS refused_forms,
    COALESCE(failed_logins, 0) AS failed_logins,
    refused_page,
    refused_ms,
    NOT reaches AND COALESCE(LOCATE(gate, page_string) > 0, FALSE) AS lost,
    NOT reaches AND active_ms > long_from AS long,
    share_as_unusual,
    LENGTH(page_string) AS page_views,
    active_ms
  FROM (
    SELECT
      *,
      COALESCE(
        LOCATE(
          (
            SELECT
              MAX(symbol)
            FROM codes
            WHERE
              kind = 'name' AND value = :goal_name_1
          ),
          name_string
        ) > 0,
        FALSE
      ) AS reaches
    FROM listed
    CROSS JOIN gates
  ) AS listed
  LEFT JOIN troubled
    ON troubled.session_key = listed.session_key
  LEFT JOIN unusual
    ON unusual.session_key = listed.session_key
), pointed AS (
  SELECT
    *,
    CASE WHEN errors > 0 THEN LEAST(150 + 50 * errors, 400) ELSE 0 END AS of_errors,
    CASE WHEN lost THEN 300 ELSE 0 END AS of_loss,
    CASE
      WHEN refused_forms + failed_logins > 0
      THEN LEAST(100 + 50 * (
        refused_forms + failed_logins
      ), 300)
      ELSE 0
    END AS of_refusals,
    CASE
      WHEN NOT share_as_unusual IS NULL
      THEN LEAST(CAST(FLOOR(-100 * LOG(10, share_as_unusual)) AS INT), 300)
      ELSE 0
    END AS of_way,
    CASE WHEN long THEN 100 ELSE 0 END AS of_length
  FROM judged
), reasoned AS (
  SELECT
    *,
    of_errors + of_loss + of_refusals + of_way + of_length AS points,
    CASE GREATEST(of_errors, of_loss, of_refusals, of_way, of_length)
      WHEN 0
      THEN NULL
      WHEN of_errors
      THEN 'error'
      WHEN of_loss
      THEN 'lost'
      WHEN of_refusals
      THEN 'refused'
      WHEN of_way
      THEN 'unusual'
      ELSE 'long'
    END AS reason
  FROM pointed
), taught AS (
  SELECT
    *
  FROM reasoned
  WHERE
    NOT reason IS NULL
), counted_lessons AS (
  SELECT
    COUNT(*) AS total
  FROM taught
)
SELECT
  total
FROM counted_lessons
