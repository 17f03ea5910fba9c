WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
),
scoped_visits AS NOT MATERIALIZED (
    SELECT * FROM visits
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
scoped_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
by_key AS (
    SELECT element_key, count(*) AS clicks, min(day) AS first_seen, max(day) AS last_seen
    FROM scoped_clicks
    WHERE coalesce(page LIKE $on_page_1 ESCAPE '!' OR page = $on_page_2, false) AND element_key IS NOT NULL
    GROUP BY element_key
),
pressed AS (
    SELECT called, page, sum(clicks) AS clicks, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
        min(element) AS element, max(element) AS other_element,
        count(CASE WHEN called <> ruled THEN 1 END) AS given,
        min(text) AS text, max(text) AS other_text, max(element_tag) AS element_tag,
        max(CASE WHEN coalesce(element_tag, '') IN ('input', 'textarea', 'select') THEN 1 ELSE 0 END) AS field,
        max(CASE WHEN strpos(lower(replace(replace(called, '-', ' '), '_', ' ')), lower($search)) > 0
            OR strpos(lower(replace(replace(element, '-', ' '), '_', ' ')), lower($search)) > 0
            OR strpos(lower(called), lower($search)) > 0 OR strpos(lower(element), lower($search)) > 0
            OR strpos(lower(CASE WHEN NOT coalesce(element_tag, '') IN ('input', 'textarea', 'select') THEN text END), lower($search)) > 0
            THEN 1 ELSE 0 END) AS found
    FROM by_key JOIN elements USING (element_key)
    GROUP BY called, page
),
stays AS (
    SELECT page, count(*) AS views
    FROM scoped_visits
    WHERE page IS NOT NULL
    GROUP BY page
),
known AS (
    SELECT called,
        CASE WHEN min(element) = max(other_element) THEN min(element) ELSE called END AS element,
        sum(given) > 0 AS is_given,
        max(element_tag) AS element_tag,
        CASE WHEN min(text) = max(other_text) AND max(field) = 0 THEN min(text) END AS text,
        CASE WHEN min(page) = max(page) THEN min(page) END AS page,
        count(page) AS pages,
        CAST(sum(clicks) AS BIGINT) AS clicks,
        min(first_seen) AS first_seen,
        max(last_seen) AS last_seen,
        CAST(coalesce(sum(views), 0) AS BIGINT) AS views
    FROM pressed LEFT JOIN stays USING (page)
    GROUP BY called
    HAVING max(found) = 1
),
listed AS (
    SELECT *, count(*) OVER () AS total, row_number() OVER (ORDER BY clicks DESC, called) AS place
    FROM known
    ORDER BY clicks DESC, called
    LIMIT $limit OFFSET $offset
),
marked AS (
    SELECT element_key, CAST(floor((place - 1) / 60) AS INTEGER) AS block,
        CAST(pow(2, (place - 1) % 60) AS BIGINT) AS bit
    FROM listed JOIN elements ON elements.called = listed.called
),
presses AS (
    SELECT session_key, visit_no, user_key, page, block, bit
    FROM scoped_clicks JOIN marked USING (element_key)
    WHERE coalesce(page LIKE $on_page_1 ESCAPE '!' OR page = $on_page_2, false)
),
by_stay AS (
    SELECT session_key, visit_no, block, bit_or(bit) AS bits,
        bit_or(CASE WHEN page IS NULL THEN CAST(0 AS BIGINT) ELSE bit END) AS paged
    FROM presses
    GROUP BY session_key, visit_no, block
),
by_session AS (
    SELECT session_key, block, bit_or(bits) AS bits
    FROM by_stay
    GROUP BY session_key, block
),
by_person AS (
    SELECT user_key, block, bit_or(bit) AS bits
    FROM presses
    GROUP BY user_key, block
),
counted AS (
    SELECT block, paged AS bits, count(*) AS viewed, 0 AS sessions, 0 AS people
    FROM by_stay
    GROUP BY block, paged
    UNION ALL
    SELECT block, bits, 0 AS viewed, count(*) AS sessions, 0 AS people
    FROM by_session
    GROUP BY block, bits
    UNION ALL
    SELECT block, bits, 0 AS viewed, 0 AS sessions, count(*) AS people
    FROM by_person
    GROUP BY block, bits
),
bits_of AS (
    SELECT called, CAST(floor((place - 1) / 60) AS INTEGER) AS block, CAST(pow(2, (place - 1) % 60) AS BIGINT) AS bit
    FROM listed
),
reached AS (
    SELECT bits_of.called,
        CAST(sum(viewed) AS BIGINT) AS viewed,
        CAST(sum(sessions) AS BIGINT) AS sessions,
        CAST(sum(people) AS BIGINT) AS people
    FROM counted JOIN bits_of ON counted.block = bits_of.block AND (counted.bits & bits_of.bit) > 0
    GROUP BY bits_of.called
)
SELECT element, listed.called, is_given, element_tag, text, page, pages, clicks, sessions, people, viewed, views,
    first_seen, last_seen, total
FROM listed JOIN reached ON reached.called = listed.called
ORDER BY place
;
WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
),
scoped_visits AS NOT MATERIALIZED (
    SELECT * FROM visits
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
scoped_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
by_key AS (
    SELECT element_key, count(*) AS clicks, min(day) AS first_seen, max(day) AS last_seen
    FROM scoped_clicks
    WHERE coalesce(page LIKE $on_page_1 ESCAPE '!' OR page = $on_page_2, false) AND element_key IS NOT NULL
    GROUP BY element_key
),
pressed AS (
    SELECT called, page, sum(clicks) AS clicks, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
        min(element) AS element, max(element) AS other_element,
        count(CASE WHEN called <> ruled THEN 1 END) AS given,
        min(text) AS text, max(text) AS other_text, max(element_tag) AS element_tag,
        max(CASE WHEN coalesce(element_tag, '') IN ('input', 'textarea', 'select') THEN 1 ELSE 0 END) AS field,
        max(CASE WHEN strpos(lower(replace(replace(called, '-', ' '), '_', ' ')), lower($search)) > 0
            OR strpos(lower(replace(replace(element, '-', ' '), '_', ' ')), lower($search)) > 0
            OR strpos(lower(called), lower($search)) > 0 OR strpos(lower(element), lower($search)) > 0
            OR strpos(lower(CASE WHEN NOT coalesce(element_tag, '') IN ('input', 'textarea', 'select') THEN text END), lower($search)) > 0
            THEN 1 ELSE 0 END) AS found
    FROM by_key JOIN elements USING (element_key)
    GROUP BY called, page
),
stays AS (
    SELECT page, count(*) AS views
    FROM scoped_visits
    WHERE page IS NOT NULL
    GROUP BY page
),
known AS (
    SELECT called,
        CASE WHEN min(element) = max(other_element) THEN min(element) ELSE called END AS element,
        sum(given) > 0 AS is_given,
        max(element_tag) AS element_tag,
        CASE WHEN min(text) = max(other_text) AND max(field) = 0 THEN min(text) END AS text,
        CASE WHEN min(page) = max(page) THEN min(page) END AS page,
        count(page) AS pages,
        CAST(sum(clicks) AS BIGINT) AS clicks,
        min(first_seen) AS first_seen,
        max(last_seen) AS last_seen,
        CAST(coalesce(sum(views), 0) AS BIGINT) AS views
    FROM pressed LEFT JOIN stays USING (page)
    GROUP BY called
    HAVING max(found) = 1
),
listed AS (
    SELECT *, count(*) OVER () AS total, row_number() OVER (ORDER BY clicks DESC, called) AS place
    FROM known
    ORDER BY clicks DESC, called
    LIMIT $limit OFFSET $offset
),
first_and_last AS (
    SELECT min(day) AS first_day, max(day) AS last_day
    FROM scoped_sessions
),
nameless AS (
    SELECT count(*) AS unnamed
    FROM scoped_clicks
    WHERE coalesce(page LIKE $on_page_1 ESCAPE '!' OR page = $on_page_2, false) AND element_key IS NULL
),
named AS (
    SELECT count(*) AS elements, CAST(coalesce(sum(clicks), 0) AS BIGINT) AS clicks
    FROM known
)
SELECT elements, clicks, unnamed, first_day, last_day
FROM named CROSS JOIN nameless CROSS JOIN first_and_last
;
WITH scoped_sessions AS NOT MATERIALIZED (
    SELECT * FROM sessions
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND coalesce(list_contains($scope_release, release), false)
      AND coalesce(list_contains($scope_device, device), false)
      AND session_key NOT IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(name = $scope_where_1_value, false))
      AND (session_key IN (SELECT session_key FROM events WHERE day >= $scope_start AND day < $scope_stop AND coalesce(nullif(properties ->> $scope_where_2_1_key, '') = $scope_where_2_1_value, false)) OR coalesce(duration_ms / 1e3 > $scope_where_2_2_value, false))
),
scoped_visits AS NOT MATERIALIZED (
    SELECT * FROM visits
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
scoped_clicks AS NOT MATERIALIZED (
    SELECT * FROM clicks
    WHERE day >= $scope_start
      AND day < $scope_stop
      AND session_key IN (SELECT session_key FROM scoped_sessions)
),
by_key AS (
    SELECT element_key, count(*) AS clicks, min(day) AS first_seen, max(day) AS last_seen
    FROM scoped_clicks
    WHERE coalesce(page LIKE $on_page_1 ESCAPE '!' OR page = $on_page_2, false) AND element_key IS NOT NULL
    GROUP BY element_key
),
pressed AS (
    SELECT called, page, sum(clicks) AS clicks, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
        min(element) AS element, max(element) AS other_element,
        count(CASE WHEN called <> ruled THEN 1 END) AS given,
        min(text) AS text, max(text) AS other_text, max(element_tag) AS element_tag,
        max(CASE WHEN coalesce(element_tag, '') IN ('input', 'textarea', 'select') THEN 1 ELSE 0 END) AS field,
        max(CASE WHEN strpos(lower(replace(replace(called, '-', ' '), '_', ' ')), lower($search)) > 0
            OR strpos(lower(replace(replace(element, '-', ' '), '_', ' ')), lower($search)) > 0
            OR strpos(lower(called), lower($search)) > 0 OR strpos(lower(element), lower($search)) > 0
            OR strpos(lower(CASE WHEN NOT coalesce(element_tag, '') IN ('input', 'textarea', 'select') THEN text END), lower($search)) > 0
            THEN 1 ELSE 0 END) AS found
    FROM by_key JOIN elements USING (element_key)
    GROUP BY called, page
),
stays AS (
    SELECT page, count(*) AS views
    FROM scoped_visits
    WHERE page IS NOT NULL
    GROUP BY page
),
known AS (
    SELECT called,
        CASE WHEN min(element) = max(other_element) THEN min(element) ELSE called END AS element,
        sum(given) > 0 AS is_given,
        max(element_tag) AS element_tag,
        CASE WHEN min(text) = max(other_text) AND max(field) = 0 THEN min(text) END AS text,
        CASE WHEN min(page) = max(page) THEN min(page) END AS page,
        count(page) AS pages,
        CAST(sum(clicks) AS BIGINT) AS clicks,
        min(first_seen) AS first_seen,
        max(last_seen) AS last_seen,
        CAST(coalesce(sum(views), 0) AS BIGINT) AS views
    FROM pressed LEFT JOIN stays USING (page)
    GROUP BY called
    HAVING max(found) = 1
),
listed AS (
    SELECT *, count(*) OVER () AS total, row_number() OVER (ORDER BY clicks DESC, called) AS place
    FROM known
    ORDER BY clicks DESC, called
    LIMIT $limit OFFSET $offset
),
times AS (
    SELECT element_key, CAST(date_trunc($unit, day) AS DATE) AS start, count(*) AS clicks
    FROM scoped_clicks
    WHERE coalesce(page LIKE $on_page_1 ESCAPE '!' OR page = $on_page_2, false) AND element_key IS NOT NULL
    GROUP BY 1, 2
)
SELECT elements.called, start, CAST(sum(times.clicks) AS BIGINT) AS clicks
FROM times JOIN elements USING (element_key) JOIN listed ON listed.called = elements.called
GROUP BY elements.called, start
ORDER BY elements.called, start
