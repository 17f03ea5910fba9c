"""What a store holds, by the ids of the data: comparable with the oracle and with another store."""

from typing import Any

from analytics.ingest import addresses
from analytics.store import DuckStore
from tests.ingest.import_oracle import Expected

EVENTS = """
SELECT import_id, line, i.kind, i.id, session_id, position, time, local, offset_ms, gap_ms, visit_no, e.day, name, page, element,
  element_tag, x, e.referrer, coalesce(event_id_text, CAST(event_id AS VARCHAR)), scroll_depth, e.value
FROM events AS e JOIN sessions USING (session_key) JOIN identities AS i ON i.identity_key = e.user_key
"""
SESSIONS = """
SELECT session_id, i.kind, i.id, day, given, start, stop, start_local, weekday, hour, duration_ms, active_ms, people, events, page_views,
  visits, clicks, errors, bounce, value, entry_page, exit_page, referrer, device, browser, os, country, release, campaign, user_agent,
  address, page_string, name_string, event_times
FROM sessions AS s JOIN identities AS i ON i.identity_key = s.user_key
"""
VISITS = """
SELECT session_id, v.day, visit_no, position_in_path, from_end, viewed, page, entered_ms, dwell_ms, to_next_ms, previous_page,
  next_page, first_position, v.events, v.clicks, deepest_scroll, first_screen, viewport_width
FROM visits AS v JOIN sessions USING (session_key)
"""
CLICKS = """
SELECT c.page, c.day, session_id, position, visit_no, i.kind, i.id, reacts_ms, x, y, element, element_tag, text
FROM clicks AS c JOIN sessions USING (session_key) JOIN identities AS i ON i.identity_key = c.user_key
LEFT JOIN elements AS e ON e.element_key = c.element_key AND e.page IS NOT DISTINCT FROM c.page
"""
COUNTS = """
SELECT CAST(sum(rows_read) AS BIGINT), CAST(sum(events_added) AS BIGINT), CAST(sum(duplicates) AS BIGINT), CAST(sum(rejected) AS BIGINT)
FROM imports
"""


def dump(store: DuckStore, offsets: dict[int, int]) -> Expected:
    """`offsets`: import -> rows read before it, so that (import, line) is a place among all rows."""
    with store.reading_cursor() as cursor:

        def rows(statement: str) -> list[tuple[Any, ...]]:
            return cursor.execute(statement).fetchall()

        symbols = {(kind, symbol): value for kind, value, symbol in rows("SELECT kind, value, symbol FROM codes")}
        key = addresses.read_key(addresses.key_file(store.path, store.spool))
        hashes = {key.hash(ip): ip for ip in ("10.0.0.1", "10.0.0.2")} if key else {}
        out = Expected(rows(COUNTS)[0])
        out.events = {
            (offsets[number] + line - 1, session, position, *times, (kind, person), *rest)
            for number, line, kind, person, session, position, *values in rows(EVENTS)
            for times, rest in [(values[:5], values[5:])]
        }
        for session, kind, person, day, given, *values, address, pages, names, times in rows(SESSIONS):
            out.sessions[session] = (
                day, given, (kind, person), *values, hashes.get(address),
                tuple(symbols["page", symbol] for symbol in pages) if pages else None,
                tuple(symbols["name", symbol] for symbol in names), tuple(times),
            )  # fmt: skip
        out.visits, out.clicks = set(rows(VISITS)), set(rows(CLICKS))
        assert rows("SELECT count(*) FROM clicks")[0][0] == len(out.clicks)
        users = rows("SELECT kind, id, first_seen, last_seen, events, sessions, properties FROM users")
        out.users = {(kind, person): tuple(rest) for kind, person, *rest in users}
        for kind, person, names, times in rows(
            "SELECT kind, id, name_string, event_times FROM journeys JOIN users USING (user_key)"
        ):
            out.journeys[kind, person] = tuple(symbols["name", symbol] for symbol in names), tuple(times)
        for table, found in (
            ("events", out.events),
            ("sessions", out.sessions),
            ("visits", out.visits),
            ("users", out.users),
            ("journeys", out.journeys),
        ):
            assert rows(f"SELECT count(*) FROM {table}")[0][0] == len(found), table
        assert rows("SELECT count(*) FROM sessions ANTI JOIN events USING (session_key)") == [(0,)]
        keys = rows("SELECT session_key FROM sessions ORDER BY day, start, session_id")
        assert rows("SELECT session_key FROM sessions ORDER BY day, start, session_key, session_id") or not keys
    return out


def differences(one: Expected, other: Expected) -> list[str]:
    """What is in one only, table by table; empty when both are the same."""
    found = []
    for table in ("counts", "events", "sessions", "visits", "clicks", "users", "journeys"):
        left, right = getattr(one, table), getattr(other, table)
        if left == right:
            continue
        if isinstance(left, tuple):
            found.append(f"{table}: {left} {right}")
            continue
        left, right = (set(side.items()) if isinstance(side, dict) else side for side in (left, right))
        found += [f"{table}, left only: {row}" for row in sorted(left - right, key=str)]
        found += [f"{table}, right only: {row}" for row in sorted(right - left, key=str)]
    return found
