"""What is known of a session, a visit, a click and a person once the events are there? Computed per part, or per person.

Everything reads events that were written a moment ago and are still warm; the range of `session_key` prunes the rest.
"""  # noqa: E501

from analytics import element_names
from analytics.vocabulary import CANONICAL_EVENTS, CLICK, ERROR, MOVE, PAGE_LEAVE, PAGE_VIEW, SCROLL, SUBMIT

ACTIVE_MS = 30_000  # a longer pause counts as this much active time
BOUNCE_MS = 10_000
_RANGE = "session_key BETWEEN $low AND $high"
_CANONICAL = ", ".join(f"'{name}'" for name in CANONICAL_EVENTS)
_IS_ACT = f"value IN ('{CLICK}', '{SUBMIT}') OR value NOT IN ({_CANONICAL})"

# Sorted twice: by number, where the next visit ends a stay; then the viewed ones of each session first, which makes
# neighbours of a path neighbours in the window. What is not viewed comes behind its session's path and has none.
VISITS = f"""
WITH stays AS MATERIALIZED (
  SELECT session_key, visit_no, any_value(day) AS day, min(page) AS page, min(offset_ms) AS entered_ms,
    max(offset_ms) AS last_ms, min(position) AS first_position, count(*) AS events,
    count(CASE WHEN name = '{CLICK}' THEN 1 END) AS clicks, max(scroll_depth) AS deepest_scroll,
    max(least(viewport_height / page_height, 1.0)) FILTER (viewport_height > 0 AND page_height > 0) AS first_screen,
    arg_min(viewport_width, position) AS viewport_width,
    bool_or(name = '{PAGE_VIEW}' AND page IS NOT NULL) AS holds_view
  FROM events WHERE {_RANGE} AND visit_no > 0
  GROUP BY session_key, visit_no),
totals AS (
  SELECT session_key, max(visit_no) AS visits, count(CASE WHEN holds_view THEN 1 END) AS views
  FROM stays GROUP BY session_key),
ordered AS (
  SELECT *, holds_view OR views = 0 AS viewed, CASE WHEN views > 0 THEN views ELSE visits END AS path_length,
    CASE WHEN visit_no < visits THEN next_ms ELSE last_ms END - entered_ms AS dwell_ms
  FROM (
    SELECT *, lead(entered_ms) OVER () AS next_ms
    FROM (SELECT * FROM stays JOIN totals USING (session_key) ORDER BY session_key, visit_no))),
paths AS (
  SELECT *, CASE WHEN viewed
    THEN nth - max(CASE WHEN session_before IS DISTINCT FROM session_key THEN nth - 1 END) OVER (ROWS UNBOUNDED PRECEDING)
    END AS place
  FROM (
    SELECT *, row_number() OVER () AS nth, lag(session_key) OVER () AS session_before, lag(page) OVER () AS page_before,
      lead(page) OVER () AS page_after, lead(entered_ms) OVER () AS entered_after
    FROM (SELECT * FROM ordered ORDER BY session_key, viewed DESC, visit_no)))
SELECT day, session_key, visit_no, CAST(place AS INTEGER) AS position_in_path,
  CAST(path_length - place + 1 AS INTEGER) AS from_end, viewed, page, entered_ms, dwell_ms,
  CASE WHEN place < path_length THEN entered_after - entered_ms END AS to_next_ms,
  CASE WHEN place > 1 THEN page_before END AS previous_page,
  CASE WHEN place < path_length THEN page_after END AS next_page, first_position,
  CAST(events AS INTEGER) AS events, CAST(clicks AS INTEGER) AS clicks, deepest_scroll, first_screen, viewport_width
FROM paths
"""  # noqa: E501
ANY_VISIT = f"SELECT count(*) > 0 FROM (SELECT 1 FROM events WHERE {_RANGE} AND visit_no > 0 LIMIT 1)"


def _string(position: str, code: str) -> str:
    """Symbols in order. Sorting packed integers costs a third of string_agg(... ORDER BY ...)."""
    packed = f"list_sort(list((CAST({position} AS BIGINT) << 21) + {code}))"
    return f"array_to_string(list_transform({packed}, lambda v: chr(CAST(v & 2097151 AS INTEGER))), '')"


_FIRSTS = ", ".join(
    f"arg_min({name}, position) AS {name}"
    for name in ("device", "browser", "os", "country", "release", "campaign", "user_agent", "address")
)
_CONTEXT = ", ".join(
    f"coalesce(c.{name}, m.{name}) AS {name}"
    for name in ("device", "browser", "os", "country", "release", "campaign", "user_agent", "address")
)
SESSIONS = f"""
WITH facts AS MATERIALIZED (
  SELECT session_key, arg_min(user_key, position) AS user_key, min(user_key) AS one_person, max(user_key) AS other_person,
    max(offset_ms) AS duration_ms, min(gap_ms) AS least_gap, max(position) AS last_position,
    CAST(sum(least(coalesce(gap_ms, 0), {ACTIVE_MS})) AS BIGINT) AS active_ms, count(*) AS events,
    count(CASE WHEN k.is_view THEN 1 END) AS page_views, count(CASE WHEN k.is_click THEN 1 END) AS clicks, count(CASE WHEN k.is_error THEN 1 END) AS errors, count(CASE WHEN k.is_act THEN 1 END) AS acts,
    sum(e.value) AS value, arg_min(referrer, position) FILTER (visit_no <= 1) AS referrer, max(visit_no) AS visits,
    min(context_key) AS one_context, max(context_key) AS other_context, {_string("position", "k.code")} AS name_string, list_sort(list(time)) AS event_times
  FROM events AS e
  JOIN (
    SELECT value, code, value = '{PAGE_VIEW}' AS is_view, value = '{CLICK}' AS is_click, value = '{ERROR}' AS is_error, {_IS_ACT} AS is_act
    FROM name_codes) AS k ON k.value = e.name
  WHERE {_RANGE} GROUP BY session_key),
crowds AS (
  SELECT session_key, count(DISTINCT user_key) AS people FROM events
  WHERE {_RANGE} AND session_key IN (SELECT session_key FROM facts WHERE one_person <> other_person)
  GROUP BY session_key),
paths AS (
  SELECT session_key, arg_min(page, visit_no) AS entry_page, arg_max(page, visit_no) AS exit_page, {_string("visit_no", "k.code")} AS page_string
  FROM visits JOIN page_codes AS k ON k.value = page
  WHERE {_RANGE} AND viewed GROUP BY session_key),
mixed AS (
  SELECT session_key, {_FIRSTS}
  FROM events JOIN contexts USING (context_key)
  WHERE {_RANGE} AND session_key IN (SELECT session_key FROM facts WHERE one_context <> other_context)
  GROUP BY session_key)
SELECT p.day, p.session_key,
  coalesce(p.session_id, p.person_id || ' ' || strftime(p.start, '%Y-%m-%dT%H:%M:%S.%f')) AS session_id, p.given, f.user_key,
  p.start, p.stop, p.start_local, CAST(isodow(p.start_local) AS INTEGER) AS weekday, CAST(hour(p.start_local) AS INTEGER) AS hour,
  f.duration_ms, f.active_ms, CAST(coalesce(w.people, 1) AS INTEGER) AS people,
  CASE WHEN f.events = p.events AND f.last_position = p.events AND coalesce(f.least_gap, 0) >= 0 THEN CAST(f.events AS INTEGER)
    ELSE error('session ' || p.session_key || ' is out of order') END AS events,
  CAST(f.page_views AS INTEGER) AS page_views, f.visits, CAST(f.clicks AS INTEGER) AS clicks, CAST(f.errors AS INTEGER) AS errors,
  CASE WHEN f.page_views > 0 THEN f.page_views = 1 AND f.acts = 0 AND f.duration_ms < {BOUNCE_MS} END AS bounce,
  f.value, v.entry_page, v.exit_page, f.referrer, {_CONTEXT}, v.page_string, f.name_string, f.event_times
FROM part AS p
JOIN facts AS f USING (session_key)
LEFT JOIN crowds AS w USING (session_key)
LEFT JOIN paths AS v USING (session_key)
LEFT JOIN (SELECT * FROM contexts WHERE context_key IN (SELECT one_context FROM facts)) AS c
  ON c.context_key = f.one_context AND f.one_context = f.other_context
LEFT JOIN mixed AS m ON m.session_key = p.session_key
"""  # noqa: E501
_NOTHING = f"'{SCROLL}', '{MOVE}', '{PAGE_LEAVE}'"  # what follows a click without being caused by it
# What follows a click is found by number: the acts that are no clicks, counted in order, and the next one joined.
CLICKS = f"""
WITH acts AS MATERIALIZED (
  SELECT session_key, position, offset_ms, is_click, count(CASE WHEN NOT is_click THEN 1 END) OVER (ROWS UNBOUNDED PRECEDING) AS others
  FROM (
    SELECT session_key, position, offset_ms, name = '{CLICK}' AS is_click
    FROM events WHERE {_RANGE} AND name NOT IN ({_NOTHING}) ORDER BY session_key, position)),
reactions AS (
  SELECT c.session_key, c.position, n.offset_ms - c.offset_ms AS reacts_ms
  FROM (SELECT * FROM acts WHERE is_click) AS c
  LEFT JOIN (SELECT * FROM acts WHERE NOT is_click) AS n ON n.others = c.others + 1 AND n.session_key = c.session_key)
SELECT page, day, session_key, position, visit_no, user_key,
  CASE WHEN element IS NOT NULL THEN {element_names.KEY} END AS element_key, reacts_ms, x, y, fixed, viewport_width, page_height
FROM (SELECT * FROM events WHERE {_RANGE} AND name = '{CLICK}') JOIN reactions USING (session_key, position)
ORDER BY page, session_key, position
"""  # noqa: E501
ANY_CLICK = f"SELECT count(*) > 0 FROM (SELECT 1 FROM events WHERE {_RANGE} AND name = '{CLICK}' LIMIT 1)"

PEOPLE = """
CREATE OR REPLACE TEMP TABLE people AS
SELECT user_key FROM leavers
UNION SELECT user_key FROM events WHERE session_key > $base
UNION SELECT user_key FROM sessions WHERE session_key > $base
"""
_USERS = """
SELECT user_key, i.kind, i.id, e.first_seen, e.last_seen, e.events, coalesce(s.sessions, 0) AS sessions, e.properties
FROM (
  SELECT user_key, min(time) AS first_seen, max(time) AS last_seen, count(*) AS events,
    arg_max(user_properties, (time, import_id, line)) FILTER (user_properties IS NOT NULL) AS properties
  FROM events{only} GROUP BY user_key) AS e
JOIN identities AS i ON i.identity_key = e.user_key
LEFT JOIN (SELECT user_key, count(*) AS sessions FROM sessions{only} GROUP BY user_key) AS s USING (user_key)
ORDER BY user_key
"""
USERS = _USERS.format(only="")
USERS_AGAIN = _USERS.format(only=" SEMI JOIN people USING (user_key)")
# Whose sessions are their own, one after another: then the order of their events is that of the sessions.
_APART = """
CREATE OR REPLACE TEMP TABLE apart AS
SELECT user_key
FROM (
  SELECT user_key, sum(events) AS events, bool_and(people = 1 AND (stop_before IS NULL OR stop_before < start)) AS is_apart
  FROM (
    SELECT user_key, people, events, start, lag(stop) OVER (PARTITION BY user_key ORDER BY start) AS stop_before
    FROM sessions{only})
  GROUP BY user_key) AS s
JOIN users USING (user_key)
WHERE is_apart AND users.events = s.events
"""  # noqa: E501
APART = _APART.format(only="")
APART_AGAIN = _APART.format(only=" SEMI JOIN people USING (user_key)")
JOURNEYS = """
SELECT user_key, string_agg(name_string, '' ORDER BY start) AS name_string, flatten(list(event_times ORDER BY start)) AS event_times
FROM sessions SEMI JOIN apart USING (user_key)
WHERE user_key % $parts = $part
GROUP BY user_key
"""  # noqa: E501
ANY_APART = "SELECT count(*) > 0 FROM apart WHERE user_key % $parts = $part"
OF_PEOPLE = "user_key IN (SELECT user_key FROM people)"
