"""How do rows become events in their sessions? One part of a load at a time: sort once, then look around.

A part holds whole sessions, in the order of their numbers. After its sort a row's position is a subtraction (its
session's first row is known), and gaps, the page before and the number of the visit come from windows without PARTITION
and ORDER over the sorted rows, which DuckDB streams. That a subquery's order holds in such a window is DuckDB's habit,
not SQL's promise: `summaries.SESSIONS` checks every session it makes.

A page and its place are looked back for as one integer: place << 21 | code of the page.
"""

import string

import duckdb

from analytics.errors import AnalyticsError, UnreadableSource
from analytics.ingest.canonical import ADDRESS
from analytics.store.bulk import Bulk
from analytics.vocabulary import PAGE_VIEW

# one byte for the most frequent ones: a text of ASCII alone is searched and cut fastest
USUAL_SYMBOLS = string.ascii_letters + string.digits
FIRST_SYMBOL, FEW, FIRST_RARE_SYMBOL, LAST_SYMBOL = 0x4E00, 20_000, 0x20000, 0x10FFFD
MOST_CODES = FEW + LAST_SYMBOL - FIRST_RARE_SYMBOL

NEW_CODES = """
CREATE OR REPLACE TEMP TABLE new_codes AS
SELECT kind, value, (SELECT count(*) FROM codes AS c WHERE c.kind = v.kind) + row_number() OVER (PARTITION BY kind ORDER BY uses DESC, value) AS n
FROM (
  SELECT 'page' AS kind, page AS value, count(*) AS uses FROM arriving ANTI JOIN skipped USING ("row") WHERE page IS NOT NULL GROUP BY page
  UNION ALL
  SELECT 'name', name, count(*) FROM arriving ANTI JOIN skipped USING ("row") GROUP BY name) AS v
ANTI JOIN codes USING (kind, value)
"""  # noqa: E501
CODES = f"""
SELECT kind, value, CASE WHEN n <= {len(USUAL_SYMBOLS)} THEN substr('{USUAL_SYMBOLS}', CAST(n AS INTEGER), 1)
  ELSE chr(CAST(CASE WHEN n <= {FEW} THEN {FIRST_SYMBOL - 1} + n ELSE {FIRST_RARE_SYMBOL - FEW - 1} + n END AS INTEGER)) END
FROM new_codes
"""  # noqa: E501
NAME_CODES = (
    "CREATE OR REPLACE TEMP TABLE name_codes AS SELECT value, unicode(symbol) AS code FROM codes WHERE kind = 'name'"
)
PAGE_CODES = (
    "CREATE OR REPLACE TEMP TABLE page_codes AS SELECT value, unicode(symbol) AS code FROM codes WHERE kind = 'page'"
)

CONTEXTS_ARRIVING = f"""
CREATE OR REPLACE TEMP TABLE arriving_contexts AS
SELECT context_hash, CAST(hash(device, browser, os, country, release, campaign, user_agent, address) >> 1 AS BIGINT) AS context_key,
  CAST(hash(device, browser, os, country, release, campaign, user_agent, address, 1) >> 1 AS BIGINT) AS fingerprint,
  device, browser, os, country, release, campaign, user_agent, address
FROM (
  SELECT context_hash, device, browser, os, country, release, campaign, user_agent,
    CASE WHEN ip IS NOT NULL THEN {ADDRESS.format("ip")} END AS address
  FROM (
    SELECT DISTINCT context_hash, device, browser, os, country, release, campaign, user_agent, ip FROM arriving))
"""  # noqa: E501
CONTEXTS = """
SELECT DISTINCT context_key, fingerprint, device, browser, os, country, release, campaign, user_agent, address
FROM arriving_contexts ANTI JOIN contexts USING (context_key, fingerprint)
"""
CONTEXT_CLASHES = """
SELECT (SELECT count(*) - count(DISTINCT context_key) FROM contexts)
  + (SELECT count(*) - count(DISTINCT context_hash) FROM arriving_contexts)
"""

_TAKEN = """element, element_tag, text, x, y, fixed, viewport_width, viewport_height, page_height, scroll_depth, value, referrer,
  properties, user_properties"""  # noqa: E501
_NEW = f"""
SELECT n.session_key, n.before, n.person AS session_person, n.start_us, a.time, a."row", m.code AS name_code, p.code AS page_code,
  {_TAKEN.replace(" value,", " a.value,")}, {{context}} AS context_key, a.user_id_key, a.anonymous_key, a.id, a.id_text
FROM arriving AS a ANTI JOIN skipped USING ("row")
{{place}}
JOIN name_codes AS m ON m.value = a.name
LEFT JOIN page_codes AS p ON p.value = a.page{{contexts}}
WHERE {{found}}
"""  # noqa: E501
_OLD = f"""
SELECT n.session_key, n.before, n.person AS session_person, n.start_us, a.time, a."row", m.code, p.code,
  {_TAKEN.replace(" value,", " a.value,")}, a.context_key, a.user_id_key, a.anonymous_key, a.event_id, a.event_id_text
FROM old AS a
{{place}}
JOIN name_codes AS m ON m.value = a.name
LEFT JOIN page_codes AS p ON p.value = a.page
WHERE {{found}}
"""
# How a row finds its session: by the session's own id, by its place, or, in one reading of the rows, by either.
_FINDINGS = {
    (True, False): {"place": "JOIN part AS n ON n.session_id = a.session_id", "found": "a.session_id IS NOT NULL"},
    (False, True): {
        "place": """JOIN (SELECT "row" AS place, part.* FROM places JOIN part USING (session_key)) AS n
  ON n.place = a."row\"""",
        "found": "a.session_id IS NULL",
    },
    (True, True): {
        "place": """JOIN (
  SELECT session_id AS place, * FROM part WHERE given
  UNION ALL
  SELECT CAST("row" AS VARCHAR), part.* FROM places JOIN part USING (session_key)) AS n
  ON n.place = CASE WHEN a.session_id IS NULL THEN CAST(a."row" AS VARCHAR) ELSE a.session_id END
  AND n.given = (a.session_id IS NOT NULL)""",
        "found": "true",
    },
}  # fmt: skip

PART = """
CREATE OR REPLACE TEMP TABLE part AS
SELECT session_key, session_id, person_id, person, start, stop, start_local, day, events, before - $before AS before,
  session_id IS NOT NULL AS given, epoch_us(start) AS start_us
FROM numbered WHERE session_key BETWEEN $low AND $high
"""
EVENTS = f"""
WITH placed AS MATERIALIZED (
  SELECT session_key, position, time, start_us, offset_us, previous_us,
    CAST(starts_seen - max(CASE WHEN position = 1 THEN starts_seen - CAST(starts AS BIGINT) END) OVER (ROWS UNBOUNDED PRECEDING)
      AS INTEGER) AS visit_no,
    user_key, name_code, page_code, {_TAKEN}, context_key, user_id_key, anonymous_key, id, id_text, "row"
  FROM (
    SELECT *, count(CASE WHEN starts THEN 1 END) OVER (ROWS UNBOUNDED PRECEDING) AS starts_seen
    FROM (
      SELECT *, page_code IS NOT NULL AND (
        coalesce(page_seen >> 21, 0) <= before OR (page_seen & 2097151) <> page_code
        OR (name_code = $view AND view_seen >> 21 > before AND (view_seen & 2097151) = page_code)) AS starts
      FROM (
        SELECT *, CAST(nth - before AS INTEGER) AS position, lag(offset_us) OVER () AS previous_us,
          lag(last_page) OVER () AS page_seen, lag(last_view) OVER () AS view_seen
        FROM (
          SELECT *,
            max(CASE WHEN page_code IS NOT NULL THEN (nth << 21) + page_code END) OVER (ROWS UNBOUNDED PRECEDING) AS last_page,
            max(CASE WHEN page_code IS NOT NULL AND name_code = $view THEN (nth << 21) + page_code END)
              OVER (ROWS UNBOUNDED PRECEDING) AS last_view
          FROM (
            SELECT *, row_number() OVER () AS nth, epoch_us(time) - start_us AS offset_us
            FROM (
              SELECT r.*, coalesce(r.user_id_key, s.user_key, r.anonymous_key, r.session_person) AS user_key
              FROM (SELECT * FROM part_rows WHERE time BETWEEN $first AND $last) AS r
              LEFT JOIN spans AS s ON s.anonymous_key = r.anonymous_key AND r.user_id_key IS NULL
                AND (r.time, r."row") >= (s.since, s.since_row) AND (r.time, r."row") < (s.until, s.until_row)
              ORDER BY r.session_key, r.time, r."row")))))))
SELECT CAST(local_time(make_timestamp(start_us)) AS DATE) AS day, session_key, position, time, local_time(time) AS local,
  offset_us // 1000 AS offset_ms, CASE WHEN position > 1 THEN offset_us // 1000 - previous_us // 1000 END AS gap_ms, visit_no, user_key,
  n.value AS name, p.value AS page, {_TAKEN.replace(" value,", " placed.value,")}, context_key, user_id_key, anonymous_key,
  id AS event_id, id_text AS event_id_text, CAST("row" >> 40 AS INTEGER) AS import_id, "row" & 1099511627775 AS line
FROM placed
JOIN name_codes AS n ON n.code = name_code
LEFT JOIN page_codes AS p ON p.code = page_code
"""  # noqa: E501


def learn_contexts(cursor: duckdb.DuckDBPyConnection, bulk: Bulk, key: dict[str, object]) -> None:
    """Keeps what devices say of themselves; `arriving_contexts` then tells the key of each."""
    cursor.execute(CONTEXTS_ARRIVING, key)
    bulk.insert("contexts", CONTEXTS)
    clashes = cursor.execute(CONTEXT_CLASHES).fetchone()
    if clashes and clashes[0]:
        raise AnalyticsError("Two devices have one key, which should never be; nothing was stored.")


def learn_codes(cursor: duckdb.DuckDBPyConnection, bulk: Bulk) -> None:
    """Gives every new page and event name its symbol."""
    cursor.execute(NEW_CODES)
    fullest = cursor.execute("SELECT coalesce(max(n), 0) FROM new_codes").fetchone()
    if fullest and fullest[0] > MOST_CODES:
        raise UnreadableSource(
            f"That would make {fullest[0]:,} different pages or event names; a store holds {MOST_CODES:,}. "
            "Take the column from the page or event that differs in every row."
        )
    bulk.insert("codes", CODES, some="SELECT count(*) > 0 FROM new_codes")


def view_rows(cursor: duckdb.DuckDBPyConnection, *, has_addresses: bool) -> int:
    """Makes the view `part_rows` over what is new and what was recalled; returns the code of a page view, or -1."""
    cursor.execute(NAME_CODES)
    cursor.execute(PAGE_CODES)
    facts = cursor.execute(
        "SELECT count(CASE WHEN spell IS NULL THEN 1 END) > 0, count(CASE WHEN spell IS NOT NULL THEN 1 END) > 0 FROM numbered"  # noqa: E501
    ).fetchone()
    olds = cursor.execute("SELECT count(*) > 0 FROM old").fetchone()
    given, loose = facts or (False, False)
    context = "c.context_key" if has_addresses else "a.context_hash"
    contexts = "\nJOIN arriving_contexts AS c ON c.context_hash = a.context_hash" if has_addresses else ""
    branches = []
    if given or loose:
        finding = _FINDINGS[given, loose]
        branches.append(_NEW.format(**finding, context=context, contexts=contexts))
        if olds and olds[0]:
            branches.append(_OLD.format(**finding))
    if branches:
        cursor.execute(
            "CREATE OR REPLACE TEMP TABLE part AS SELECT *, 0 AS before, true AS given, 0 AS start_us FROM numbered WHERE false"  # noqa: E501
        )
        cursor.execute("CREATE OR REPLACE TEMP VIEW part_rows AS " + "UNION ALL".join(branches))
    view = cursor.execute("SELECT code FROM name_codes WHERE value = $name", {"name": PAGE_VIEW}).fetchone()
    return int(view[0]) if view else -1
