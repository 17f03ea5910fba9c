"""How is a person forgotten? Everything that is theirs goes, and what others have with them is made again without them.

A person is a user with the anonymous ids that are theirs alone, an anonymous id that never met a user, or a session
with neither. Gone are their events with all that follows from these, their ids, what their devices say, the names of
pages and elements that only they saw, recordings of sessions they took part in, marks on their sessions, and the text
of refused rows that hold an id of theirs.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from analytics import words
from analytics.errors import AnalyticsError, InvalidQuestion
from analytics.ingest import arrivals, derive
from analytics.ingest.load import settings_of
from analytics.ingest.watch import Progress, Watch
from analytics.store.bulk import Bulk
from analytics.store.duck import DuckStore
from analytics.store.rewriting import mark_due

KINDS = {"user": "user id", "anonymous": "anonymous id", "session": "session without a person"}
LONG_ID = 8  # letters from which on an id is looked for anywhere in a text, not only as a whole value
INSTEAD = "[forgotten]"

CALLED = """
SELECT DISTINCT named.kind AS named, person.identity_key, person.kind, person.id
FROM (
  SELECT identity_key, kind FROM identities WHERE id = $user AND ($kind IS NULL OR kind = $kind)) AS named
LEFT JOIN identity_links AS link ON link.anonymous_key = named.identity_key
JOIN identities AS person ON person.identity_key = coalesce(link.user_key, named.identity_key)
ORDER BY named, person.kind, person.id
"""
SEEN = "SELECT events, sessions FROM users WHERE user_key = $person"

PERSON = "CREATE OR REPLACE TEMP TABLE forgotten_person AS SELECT CAST($person AS BIGINT) AS user_key"
GONE = """
CREATE OR REPLACE TEMP TABLE gone AS
SELECT session_key, anonymous_key, user_id_key, context_key, page, name FROM events
WHERE user_key = $person
"""
REMAINING = "CREATE OR REPLACE TEMP VIEW remaining AS SELECT * FROM events ANTI JOIN forgotten_person USING (user_key)"
THEIR_SESSIONS = """
CREATE OR REPLACE TEMP TABLE their_sessions AS
SELECT session_id, given, user_key = $person AS is_owner FROM sessions SEMI JOIN gone USING (session_key)
"""
THEIR_ELEMENTS = """
CREATE OR REPLACE TEMP TABLE their_elements AS
SELECT DISTINCT element_key FROM clicks WHERE user_key = $person AND element_key IS NOT NULL
"""
# an id that others share, as of a device at the counter, is not theirs alone and stays
THEIR_IDS = """
CREATE OR REPLACE TEMP TABLE their_ids AS
WITH candidates AS MATERIALIZED (
  SELECT user_key AS identity_key FROM forgotten_person
  UNION SELECT user_id_key FROM gone
  UNION SELECT anonymous_key FROM gone),
kept AS (
  SELECT user_key AS identity_key FROM events SEMI JOIN candidates ON candidates.identity_key = events.user_key
  UNION SELECT user_id_key FROM events SEMI JOIN candidates ON candidates.identity_key = events.user_id_key
  UNION SELECT anonymous_key FROM events SEMI JOIN candidates ON candidates.identity_key = events.anonymous_key)
SELECT identity_key, kind, id FROM identities
SEMI JOIN candidates USING (identity_key)
ANTI JOIN kept USING (identity_key)
"""
OF_THEIR_IDS = "identity_key IN (SELECT identity_key FROM their_ids)"
UNUSED_CONTEXTS = """
context_key IN (SELECT context_key FROM gone)
  AND context_key NOT IN (SELECT context_key FROM events WHERE context_key IN (SELECT context_key FROM gone))
"""
UNUSED_ELEMENTS = """
element_key IN (SELECT element_key FROM their_elements)
  AND element_key NOT IN (SELECT element_key FROM clicks WHERE element_key IN (SELECT element_key FROM their_elements))
"""
# a symbol is never given twice, so its row stays, without what it stood for
UNUSED_CODES = """
UPDATE codes SET value = NULL
WHERE (kind = 'page' AND value IN (SELECT page FROM gone)
    AND value NOT IN (SELECT page FROM visits WHERE page IN (SELECT page FROM gone)))
  OR (kind = 'name' AND value IN (SELECT name FROM gone)
    AND value NOT IN (SELECT name FROM events WHERE name IN (SELECT name FROM gone)))
"""
OF_THEIR_SESSIONS = "session_id IN (SELECT session_id FROM their_sessions)"
# a session without an id of its own is called by person and start, also one that since has another name
MARKS = """
session_id NOT IN (SELECT session_id FROM sessions) AND (session_id IN (SELECT session_id FROM their_sessions)
  OR EXISTS (SELECT 1 FROM their_ids WHERE starts_with(session_id, id || ' ')))
"""
REJECTS = 'UPDATE rejects SET "row" = $instead WHERE regexp_matches("row", $pattern)'
LOST_SESSIONS = "SELECT count(*) FROM their_sessions ANTI JOIN sessions USING (session_id)"
NAMED_IN = """
SELECT kind, name FROM workspace.saved
WHERE regexp_matches(body, $pattern) OR regexp_matches(name, $pattern) ORDER BY kind, name
"""


@dataclass(frozen=True)
class Person:
    """Somebody as the store knows them; `kind` (user, anonymous or session) says what `id` is."""

    kind: str
    id: str
    events: int
    sessions: int


@dataclass(frozen=True)
class Forgotten:
    """What went: `events`, the `sessions` that held nothing else, and `ids` of the person.

    `named_in`: kind and name of what the team saved that still names one of the ids. It is the team's, and stays.
    `still_in_file`: why the file could not be written anew. No question finds the person any more, but their bytes stay
    in the file until it is: the store tries again whenever it is opened.
    """

    events: int
    sessions: int
    ids: int
    named_in: tuple[tuple[str, str], ...] = ()
    still_in_file: str | None = None

    def text(self) -> str:
        """What went, in a sentence, and in another what still names them."""
        gone = ", ".join(
            (words.many(self.events, "event"), words.many(self.sessions, "session"), words.many(self.ids, "id"))
        )
        named = words.listed([f"the {kind} {name!r}" for kind, name in self.named_in])
        sentences = [f"Forgotten: {gone}."]
        if named:
            sentences.append(f"What you saved still names them, in {named}.")
        if self.still_in_file:
            sentences.append(f"Their bytes stay in the file until it is opened the next time: {self.still_in_file}")
        return " ".join(sentences)


def person(store: DuckStore, user: str, kind: str | None = None) -> Person:
    """Who is called `user`; raises `InvalidQuestion` when that is nobody, or more than one."""
    with store.reading_cursor() as cursor:
        key, kind, id = _called(cursor, user, kind)
        seen = cursor.execute(SEEN, {"person": key}).fetchone() or (0, 0)
    return Person(kind, id, *seen)


def forget(
    store: DuckStore,
    user: str,
    *,
    kind: str | None = None,
    progress: Callable[[Progress], None] = lambda progress: None,
    cancelled: Callable[[], bool] = lambda: False,
    part_events: int = derive.PART_EVENTS,
) -> Forgotten:
    """Forgets the person whom an id of the data names, in one transaction, and writes the store's file anew.

    `kind`: which of user, anonymous and session the id is, where two people have the same. Raises `InvalidQuestion`
    when it names nobody, or more than one; `ImportCancelled`. The store is then as it was.
    """
    watch = Watch(progress, cancelled)
    with store.writing() as cursor, watch.over(cursor):
        mark_due(cursor)
        key, _, _ = _called(cursor, user, kind)
        _set_apart(cursor, key)
        bulk = Bulk(cursor)
        watch.begin("making sessions again", 0.0, 0.5)
        settings = settings_of(cursor, part_events)
        derive.derive(cursor, bulk, settings, watch, is_stored=True, has_addresses=False, is_removal=True)
        watch.begin("looking for what is left", 0.5, 0.6)
        forgotten = _clear(cursor, bulk)
        bulk.verify()
        watch.check()
    watch = Watch(progress, lambda: False)  # it is done; what follows only makes it unreadable
    watch.begin("writing the file anew", 0.6, 1.0)
    try:
        store.rewrite()
    except (AnalyticsError, duckdb.Error, OSError) as error:
        forgotten = replace(forgotten, still_in_file=str(error))
    watch.reached(1.0)
    return forgotten


def _called(cursor: duckdb.DuckDBPyConnection, user: str, kind: str | None) -> tuple[int, str, str]:
    """Key, kind and id of the person called `user`."""
    if kind not in (None, *KINDS):
        raise InvalidQuestion(f"An id is one of {words.listed(list(KINDS), 'or')}, not {kind!r}.")
    found = cursor.execute(CALLED, {"user": user, "kind": kind}).fetchall()
    people = {row[1]: row[2:] for row in found}
    if not people:
        raise InvalidQuestion(f"Nobody in this store is called {user!r}; write the id as the export has it.")
    if len(people) > 1 and len({named for named, *_ in found}) > 1:
        kinds = words.listed([KINDS[named] for named in dict.fromkeys(named for named, *_ in found)])
        raise InvalidQuestion(f"{user!r} is called so as {kinds}, which are different people; say which kind is meant.")
    if len(people) > 1:
        owners = words.listed([repr(id) for _, id in people.values()])
        raise InvalidQuestion(f"{user!r} belongs to {len(people)} users, {owners}; name one of them.")
    ((key, (kind, id)),) = people.items()
    return key, kind, id


def _set_apart(cursor: duckdb.DuckDBPyConnection, key: int) -> None:
    for statement in (PERSON, GONE, THEIR_SESSIONS, THEIR_ELEMENTS):
        cursor.execute(statement, {"person": key})
    for statement in (REMAINING, arrivals.NOTHING, arrivals.SKIPPED):
        cursor.execute(statement)


def _clear(cursor: duckdb.DuckDBPyConnection, bulk: Bulk) -> Forgotten:
    """What derivation leaves of a person, since it follows from no event."""
    cursor.execute(THEIR_IDS)
    ids = [row[0] for row in cursor.execute("SELECT DISTINCT id FROM their_ids").fetchall()]
    bulk.delete("contexts", UNUSED_CONTEXTS)
    bulk.delete("elements", UNUSED_ELEMENTS)
    cursor.execute(UNUSED_CODES)
    bulk.delete("recordings", OF_THEIR_SESSIONS)
    bulk.delete("workspace.watched", MARKS)
    named_in: tuple[tuple[str, str], ...] = ()
    if ids:
        pattern = _anywhere(ids)
        cursor.execute(REJECTS, {"instead": INSTEAD, "pattern": pattern})
        named_in = tuple(cursor.execute(NAMED_IN, {"pattern": pattern}).fetchall())
    bulk.delete("identities", OF_THEIR_IDS)
    (events,) = _row(cursor, "SELECT count(*) FROM gone")
    (sessions,) = _row(cursor, LOST_SESSIONS)
    (count,) = _row(cursor, "SELECT count(*) FROM their_ids")
    return Forgotten(events, sessions, count, named_in)


def _anywhere(ids: Iterable[str]) -> str:
    """A pattern that finds an id in a row of any format: a short one as a whole value, a long one anywhere."""
    written = {form for id in ids for form in (id, json.dumps(id)[1:-1], id.replace('"', '""'))}
    long = [_literally(form) for form in written if len(form) >= LONG_ID]
    short = [_literally(form) for form in written if len(form) < LONG_ID]
    wholes = rf"(^|[\s\"',;|=:&/(\[{{>])({'|'.join(short)})($|[\s\"',;|&/)\]}}<])" if short else ""
    return "|".join(filter(None, [*sorted(long), wholes]))


def _literally(text: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else f"\\x{{{ord(char):x}}}" for char in text)


def _row(cursor: duckdb.DuckDBPyConnection, statement: str) -> tuple[Any, ...]:
    row = cursor.execute(statement).fetchone()
    assert row is not None  # noqa: S101 - each counts
    return tuple(row)
