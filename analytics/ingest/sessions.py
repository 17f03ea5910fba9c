"""Which sessions are there, in which order, and which stored ones change by what is new or gone?

A session is the export's own id, or the events of a person that have none, cut where the pause is longer than the
timeout. A session changes when it gets or loses an event, when an event of it changes its person, and, without an id of
its own, when anything new comes within the timeout of it. Such sessions are recalled: their events become rows again
(`old`), everything about them is deleted, and they are made again together with what is new.
"""

import duckdb

from analytics.ingest.canonical import SESSION_PERSON_KEY
from analytics.ingest.identity import AT
from analytics.store.bulk import Bulk

PERSON = "coalesce({0}.user_id_key, s.user_key, {0}.anonymous_key)"

# stored anonymous events that now belong to somebody else
MOVED = f"""
CREATE OR REPLACE TEMP TABLE moved AS
SELECT e.session_key, e.time, e.user_key AS before, coalesce(s.user_key, e.anonymous_key) AS person
FROM (
  SELECT *, (CAST(import_id AS BIGINT) << 40) + line AS "row" FROM remaining SEMI JOIN relinked USING (anonymous_key)
  WHERE user_id_key IS NULL) AS e
LEFT JOIN spans AS s ON {AT.format("e")}
WHERE coalesce(s.user_key, e.anonymous_key) <> e.user_key
"""
RECALL = """
CREATE OR REPLACE TEMP TABLE recall AS
SELECT session_key FROM sessions
WHERE given AND session_id IN (SELECT session_id FROM arriving WHERE session_id IS NOT NULL)
UNION SELECT session_key FROM moved
UNION SELECT session_key FROM gone
"""
# spells in which something of a person without session id arrives or moves, widened by the timeout
ARRIVALS = """
CREATE OR REPLACE TEMP TABLE arrivals AS
SELECT person, min(time) - to_microseconds($timeout) AS first, max(time) + to_microseconds($timeout) AS last
FROM (
  SELECT *, sum(apart) OVER (PARTITION BY person ORDER BY time ROWS UNBOUNDED PRECEDING) AS spell
  FROM (
    SELECT person, time,
      CAST(coalesce(epoch_us(time) - epoch_us(lag(time) OVER (PARTITION BY person ORDER BY time)) > $timeout, true) AS INTEGER) AS apart
    FROM (
      SELECT person, time FROM loose
      UNION ALL
      SELECT person, time FROM moved SEMI JOIN (SELECT session_key FROM sessions WHERE NOT given) USING (session_key))))
GROUP BY person, spell
"""  # noqa: E501
RECALL_LOOSE = """
SELECT DISTINCT s.session_key
FROM sessions AS s JOIN arrivals AS a ON a.person = s.user_key AND s.start <= a.last AND s.stop >= a.first
WHERE NOT s.given AND s.session_key NOT IN (SELECT session_key FROM recall)
"""
OLD = """
CREATE OR REPLACE TEMP TABLE old AS
SELECT (CAST(e.import_id AS BIGINT) << 40) + e.line AS "row", CASE WHEN s.given THEN s.session_id END AS session_id, e.*
FROM remaining AS e SEMI JOIN recall USING (session_key)
JOIN (SELECT session_key, session_id, given FROM sessions) AS s USING (session_key)
"""
NO_OLD = 'CREATE OR REPLACE TEMP TABLE old AS SELECT CAST(0 AS BIGINT) AS "row", CAST(NULL AS VARCHAR) AS session_id, * FROM events WHERE false'  # noqa: E501
# whoever leaves a session is counted again
LEAVERS = """
CREATE OR REPLACE TEMP TABLE leavers AS
SELECT user_key FROM events SEMI JOIN recall USING (session_key)
UNION SELECT user_key FROM sessions SEMI JOIN recall USING (session_key)
"""
NO_LEAVERS = "CREATE OR REPLACE TEMP TABLE leavers (user_key BIGINT)"
OF_RECALLED = "session_key IN (SELECT session_key FROM recall)"

NO_LOOSE = 'CREATE OR REPLACE TEMP TABLE loose ("row" BIGINT, time TIMESTAMP, person BIGINT)'
LOOSE = f"""
SELECT a."row", a.time, {PERSON.format("a")} AS person
FROM (SELECT "row", time, user_id_key, anonymous_key FROM arriving ANTI JOIN skipped USING ("row") WHERE session_id IS NULL) AS a
LEFT JOIN spans AS s ON {AT.format("a")}
"""  # noqa: E501
LOOSE_OLD = f"""
SELECT o."row", o.time, {PERSON.format("o")}
FROM old AS o LEFT JOIN spans AS s ON {AT.format("o")}
WHERE o.session_id IS NULL
"""
SPELLS = """
CREATE OR REPLACE TEMP TABLE spells AS
SELECT "row", person, time, sum(apart) OVER (ORDER BY person, time, "row" ROWS UNBOUNDED PRECEDING) AS spell
FROM (
  SELECT *, CAST(coalesce(
    epoch_us(time) - epoch_us(lag(time) OVER (PARTITION BY person ORDER BY time, "row")) > $timeout, true) AS INTEGER) AS apart
  FROM loose)
"""  # noqa: E501
HEADS = """
CREATE OR REPLACE TEMP TABLE heads AS
SELECT session_id, CAST(NULL AS BIGINT) AS spell, CAST(NULL AS BIGINT) AS person, min(time) AS start, max(time) AS stop,
  count(*) AS events, count(CASE WHEN is_nobody THEN 1 END) AS nobodies
FROM (
  SELECT session_id, time, user_id_key IS NULL AND anonymous_key IS NULL AS is_nobody
  FROM arriving ANTI JOIN skipped USING ("row") WHERE session_id IS NOT NULL
  UNION ALL
  SELECT session_id, time, user_id_key IS NULL AND anonymous_key IS NULL FROM old WHERE session_id IS NOT NULL)
GROUP BY session_id
UNION ALL
SELECT NULL, spell, any_value(person), min(time), max(time), count(*), 0 FROM spells GROUP BY spell
"""
# An event with a session id alone takes the person of the session's first event that has one.
NOBODIES = f"""
CREATE OR REPLACE TEMP TABLE nobodies AS
SELECT session_id, arg_min(person, (time, "row")) AS person
FROM (
  SELECT a.session_id, a.time, a."row", {PERSON.format("a")} AS person
  FROM (
    SELECT session_id, time, "row", user_id_key, anonymous_key FROM arriving ANTI JOIN skipped USING ("row")
    WHERE session_id IN (SELECT session_id FROM heads WHERE nobodies > 0)
    UNION ALL
    SELECT session_id, time, "row", user_id_key, anonymous_key FROM old
    WHERE session_id IN (SELECT session_id FROM heads WHERE nobodies > 0)) AS a
  LEFT JOIN spans AS s ON {AT.format("a")})
GROUP BY session_id
"""
NO_NOBODIES = "CREATE OR REPLACE TEMP TABLE nobodies (session_id VARCHAR, person BIGINT)"
ALONE = f"""
SELECT {SESSION_PERSON_KEY.format("session_id")}, 'session', session_id
FROM nobodies WHERE person IS NULL AND {SESSION_PERSON_KEY.format("session_id")} NOT IN (SELECT identity_key FROM identities)
"""  # noqa: E501
THEMSELVES = f"UPDATE nobodies SET person = {SESSION_PERSON_KEY.format('session_id')} WHERE person IS NULL"
# from here on a session's number is its place in the order of (day, start)
NUMBERED = """
CREATE OR REPLACE TEMP TABLE numbered AS
SELECT CAST($base + row_number() OVER places AS INTEGER) AS session_key, session_id, spell, person_id, person, start, stop,
  start_local, CAST(start_local AS DATE) AS day, events,
  CAST(sum(events) OVER (places ROWS UNBOUNDED PRECEDING) - events AS BIGINT) AS before
FROM (
  SELECT h.session_id, h.spell, i.id AS person_id, coalesce(h.person, n.person) AS person, h.start, h.stop, h.events,
    local_time(h.start) AS start_local
  FROM heads AS h
  LEFT JOIN nobodies AS n USING (session_id)
  LEFT JOIN identities AS i ON h.session_id IS NULL AND i.identity_key = h.person)
WINDOW places AS (ORDER BY CAST(start_local AS DATE), start, session_id, spell)
"""  # noqa: E501
PLACES = """
CREATE OR REPLACE TEMP TABLE places AS
SELECT "row", session_key FROM spells JOIN numbered USING (spell) ORDER BY session_key
"""


def find(cursor: duckdb.DuckDBPyConnection, bulk: Bulk, timeout_us: int, *, is_stored: bool) -> None:
    """Finds the sessions to be made, recalling stored ones; afterwards they are `numbered`, their loose rows in `places`.

    `is_stored`: the store holds anything yet. The macro `local_time` is made between this and `number`.
    """  # noqa: E501
    values = {"timeout": timeout_us}
    cursor.execute(NO_LOOSE)
    bulk.insert("loose", LOOSE)
    if is_stored:
        cursor.execute(MOVED)
        cursor.execute(RECALL)
        cursor.execute(ARRIVALS, values)
        bulk.insert("recall", RECALL_LOOSE)
        cursor.execute(OLD)
        cursor.execute(LEAVERS)
        bulk.insert("loose", LOOSE_OLD)
        for table in ("events", "visits", "clicks", "sessions"):
            bulk.delete(table, OF_RECALLED)
    else:
        cursor.execute(NO_OLD)
        cursor.execute(NO_LEAVERS)
    cursor.execute(SPELLS, values)
    cursor.execute(HEADS)
    some = cursor.execute("SELECT count(*) > 0 FROM heads WHERE nobodies > 0").fetchone()
    if some and some[0]:
        cursor.execute(NOBODIES)
        bulk.insert("identities", ALONE)
        cursor.execute(THEMSELVES)
    else:
        cursor.execute(NO_NOBODIES)


def number(cursor: duckdb.DuckDBPyConnection, base: int) -> None:
    """Numbers the sessions found, behind `base`."""
    cursor.execute(NUMBERED, {"base": base})
    cursor.execute(PLACES)
