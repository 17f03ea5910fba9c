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
    following = item AND place <= :steps
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
), hops AS (
  SELECT
    session_key,
    0 AS walk,
    nth AS depth,
    nth,
    item,
    at_ms,
    following,
    ms,
    nth < :steps AS onward
  FROM items
  WHERE
    nth <= :steps
), counted AS (
  SELECT
    depth,
    item,
    following,
    onward,
    'came' AS came,
    COUNT(*) AS n
  FROM hops
  GROUP BY
    depth,
    item,
    following,
    onward,
    'came'
), folded AS (
  SELECT
    depth,
    CASE
      WHEN CASE depth
        WHEN 1
        THEN ARRAY_CONTAINS(:shown_1, item)
        WHEN 2
        THEN ARRAY_CONTAINS(:shown_2, item)
        WHEN 3
        THEN ARRAY_CONTAINS(:shown_3, item)
        WHEN 4
        THEN ARRAY_CONTAINS(:shown_4, item)
      END
      THEN item
    END AS source,
    came,
    CASE
      WHEN onward
      THEN CASE
        WHEN CASE depth + 1
          WHEN 1
          THEN ARRAY_CONTAINS(:shown_1, following)
          WHEN 2
          THEN ARRAY_CONTAINS(:shown_2, following)
          WHEN 3
          THEN ARRAY_CONTAINS(:shown_3, following)
          WHEN 4
          THEN ARRAY_CONTAINS(:shown_4, following)
        END
        THEN following
      END
    END AS target,
    CASE WHEN following IS NULL THEN 'left' WHEN onward THEN 'link' ELSE 'cut' END AS went,
    CAST(n AS DOUBLE) AS n
  FROM counted
)
SELECT
  depth,
  source,
  CAST(NULL AS STRING) AS came,
  went,
  target,
  GROUPING(source) AS any_source,
  CASE
    WHEN GROUPING(depth) = 1
    THEN SUM(CASE WHEN went = 'link' THEN 0 ELSE n END)
    ELSE SUM(n)
  END AS total
FROM folded
GROUP BY
  GROUPING SETS (
    (),
    (depth, source),
    (depth, source, went, target),
    (depth, went)
  )
ORDER BY
  depth NULLS LAST,
  any_source NULLS LAST,
  total DESC,
  source NULLS LAST,
  came NULLS LAST,
  went NULLS LAST,
  target NULLS LAST
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
), some_people AS (
  SELECT
    session_key AS key_,
    scoped_sessions.user_key,
    CASE WHEN often.user_key IS NULL THEN :one_of ELSE 1 END AS weight
  FROM scoped_sessions
  LEFT JOIN (
    SELECT
      user_key
    FROM users
    WHERE
      sessions > :often
  ) AS often
    ON often.user_key = scoped_sessions.user_key
  WHERE
    NOT often.user_key IS NULL OR scoped_sessions.user_key % :one_of = 0
), some_visits AS (
  SELECT
    *
  FROM scoped_visits
  WHERE
    session_key IN (
      SELECT
        key_
      FROM some_people
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
  FROM some_visits
  WHERE
    viewed
), repeating AS (
  SELECT DISTINCT
    session_key
  FROM viewed
  WHERE
    following = item AND place <= :steps
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
), hops AS (
  SELECT
    session_key,
    0 AS walk,
    nth AS depth,
    nth,
    item,
    at_ms,
    following,
    ms,
    nth < :steps AS onward
  FROM items
  WHERE
    nth <= :steps
), counted AS (
  SELECT
    user_key,
    weight,
    depth,
    item,
    following,
    onward,
    'came' AS came,
    COUNT(*) AS n
  FROM hops
  JOIN some_people
    ON key_ = session_key
  GROUP BY
    user_key,
    weight,
    depth,
    item,
    following,
    onward,
    'came'
), folded AS (
  SELECT
    user_key,
    weight,
    depth,
    CASE
      WHEN CASE depth
        WHEN 1
        THEN ARRAY_CONTAINS(:shown_1, item)
        WHEN 2
        THEN ARRAY_CONTAINS(:shown_2, item)
        WHEN 3
        THEN ARRAY_CONTAINS(:shown_3, item)
        WHEN 4
        THEN ARRAY_CONTAINS(:shown_4, item)
      END
      THEN item
    END AS source,
    came,
    CASE
      WHEN onward
      THEN CASE
        WHEN CASE depth + 1
          WHEN 1
          THEN ARRAY_CONTAINS(:shown_1, following)
          WHEN 2
          THEN ARRAY_CONTAINS(:shown_2, following)
          WHEN 3
          THEN ARRAY_CONTAINS(:shown_3, following)
          WHEN 4
          THEN ARRAY_CONTAINS(:shown_4, following)
        END
        THEN following
      END
    END AS target,
    CASE WHEN following IS NULL THEN 'left' WHEN onward THEN 'link' ELSE 'cut' END AS went,
    CAST(n AS DOUBLE) AS n
  FROM counted
), beside AS (
  SELECT
    *,
    SUM(CASE WHEN went = 'link' THEN 0 ELSE n END) OVER (PARTITION BY user_key) AS m
  FROM folded
), at_once AS (
  SELECT
    user_key,
    MAX(weight) AS weight,
    depth,
    source,
    CAST(NULL AS STRING) AS came,
    went,
    target,
    GROUPING(source) AS any_source,
    CASE WHEN depth IS NULL THEN MAX(m) ELSE SUM(n) END AS n,
    MAX(m) AS m
  FROM beside
  GROUP BY
    GROUPING SETS (
      (
        user_key
      ),
      (user_key, depth, source),
      (user_key, depth, source, went, target),
      (user_key, depth, went)
    )
)
SELECT
  depth,
  source,
  came,
  went,
  target,
  any_source,
  SUM(weight * n) AS theirs,
  SUM(weight * n * n) AS squares,
  SUM(weight * n * m) AS crosses,
  SUM(weight) * 1e0 AS people
FROM at_once
GROUP BY
  depth,
  source,
  came,
  went,
  target,
  any_source
ORDER BY
  depth NULLS LAST,
  any_source NULLS LAST,
  theirs DESC,
  source NULLS LAST,
  came NULLS LAST,
  went NULLS LAST,
  target NULLS LAST
