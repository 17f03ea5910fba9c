"""How is a person forgotten? Everything that is theirs goes, and what others have with them is made again without them.

A person is a user with the anonymous ids that are theirs alone, an anonymous id that never met a user, or a session
with neither. Gone are their events with all that follows from these, their ids, what their devices say, the names of
pages and elements that only they saw, recordings of sessions they took part in, marks on their sessions, and the text
of refused rows that hold an id of theirs.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import duckdb

from analytics import words
from analytics.errors import AnalyticsError, InvalidQuestion, UnreadableSource
from analytics.ingest import addresses, arrivals, derive, forgotten
from analytics.ingest.addresses import Key
from analytics.ingest.forgotten import INSTEAD, Forgettable
from analytics.ingest.load import first_row, key_ring, settings_of, sweep
from analytics.ingest.room import room
from analytics.ingest.watch import Progress, Watch
from analytics.store.bulk import Bulk
from analytics.store.duck import DuckStore
from analytics.store.rewriting import mark_due

KINDS = {"user": "user id", "anonymous": "anonymous id", "session": "session without a person"}
LONG_ID = 8  # letters from which on an id is looked for anywhere in a text, not only as a whole value

CALLED = """
SELECT DISTINCT named.kind AS named, person.identity_key, person.kind, person.id
FROM (
  SELECT identity_key, kind FROM identities WHERE id = $user AND ($kind IS NULL OR kind = $kind)) AS named
LEFT JOIN identity_links AS link ON link.anonymous_key = named.identity_key
JOIN identities AS person ON person.identity_key = coalesce(link.user_key, named.identity_key)
ORDER BY named, person.kind, person.id
"""
SEEN = """
SELECT coalesce(CAST(sum(events) AS BIGINT), 0), coalesce(CAST(sum(sessions) AS BIGINT), 0)
FROM users WHERE list_contains($people, user_key)
"""

# more than one key where ids were redacted from some import on: the id, and its hash
PERSON = "CREATE OR REPLACE TEMP TABLE forgotten_person AS SELECT CAST(unnest($people) AS BIGINT) AS user_key"
GONE = """
CREATE OR REPLACE TEMP TABLE gone AS
SELECT session_key, anonymous_key, user_id_key, context_key, page, name FROM events
SEMI JOIN forgotten_person USING (user_key)
"""
REMAINING = "CREATE OR REPLACE TEMP VIEW remaining AS SELECT * FROM events ANTI JOIN forgotten_person USING (user_key)"
THEIR_SESSIONS = """
CREATE OR REPLACE TEMP TABLE their_sessions AS
SELECT session_id, given, user_key IN (SELECT user_key FROM forgotten_person) AS is_owner
FROM sessions SEMI JOIN gone USING (session_key)
"""
# from when until when an anonymous id was theirs
THEIR_SPANS = """
CREATE OR REPLACE TEMP TABLE their_spans AS
SELECT anonymous_key, nullif(since, TIMESTAMP '-infinity') AS since, until
FROM (
  SELECT anonymous_key, user_key, since,
    lead(since) OVER (PARTITION BY anonymous_key ORDER BY since, since_row) AS until
  FROM identity_links WHERE anonymous_key IN (SELECT anonymous_key FROM gone))
SEMI JOIN forgotten_person USING (user_key)
"""
SHARED_SPANS = """
SELECT 'anonymous', id, since, until FROM their_spans JOIN identities ON identity_key = anonymous_key
WHERE identity_key NOT IN (SELECT identity_key FROM their_ids)
"""
SESSIONS_TO_REMEMBER = """
SELECT 'recording', session_id FROM their_sessions WHERE given
UNION ALL
SELECT 'session', session_id FROM their_sessions WHERE given AND is_owner
"""
THEIR_ELEMENTS = """
CREATE OR REPLACE TEMP TABLE their_elements AS
SELECT DISTINCT element_key FROM clicks SEMI JOIN forgotten_person USING (user_key) WHERE element_key IS NOT NULL
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
    `not_remembered`: why no hash of an id could be kept, so that a later import may bring them back unnoticed.
    """

    events: int
    sessions: int
    ids: int
    named_in: tuple[tuple[str, str], ...] = ()
    still_in_file: str | None = None
    not_remembered: str | None = None

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
        if self.not_remembered:
            sentences.append(f"A later import may bring them back. {self.not_remembered}")
        return " ".join(sentences)


def person(store: DuckStore, user: str, kind: str | None = None) -> Person:
    """Who is called `user`; raises `InvalidQuestion` when that is nobody, or more than one."""
    with store.reading_cursor() as cursor:
        people = _called(cursor, _names(store, user), kind)
        seen = cursor.execute(SEEN, {"people": list(people)}).fetchone() or (0, 0)
    kind, id = next(iter(people.values()))
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
    watch = Watch(progress, cancelled, "Forgetting")
    with room(store.spool), store.writing() as cursor, watch.over(cursor):
        mark_due(cursor)
        people = _called(cursor, _names(store, user), kind)
        key, lost = _key(store)
        _set_apart(cursor, list(people))
        bulk = Bulk(cursor)
        watch.begin("making sessions again", 0.0, 0.5)
        settings = settings_of(cursor, part_events)
        derive.derive(cursor, bulk, settings, watch, is_stored=True, has_addresses=False, is_removal=True)
        watch.begin("looking for what is left", 0.5, 0.6)
        gone = replace(_clear(cursor, bulk, user, key), not_remembered=lost)
        bulk.verify()
        watch.check()
    watch = Watch(progress, lambda: False)  # it is done; what follows only makes it unreadable
    watch.begin("writing the file anew", 0.6, 1.0)
    sweep(store)
    try:
        store.rewrite(watch.reached)
    except (AnalyticsError, duckdb.Error, OSError) as error:
        gone = replace(gone, still_in_file=str(error))
    watch.reached(1.0)
    return gone


def _key(store: DuckStore) -> tuple[Key | None, str | None]:
    """The key of hashes; or why there is none, which must not keep anybody from being forgotten."""
    try:
        return key_ring(store)(), None
    except UnreadableSource as error:
        return None, str(error)


def _names(store: DuckStore, user: str) -> list[str]:
    """What the store may call `user`: so, or by the keyed hash that redaction leaves of an id."""
    key = addresses.read_key(addresses.key_file(store.path, store.spool))
    return [user, redacted(key, user)] if key else [user]


def redacted(key: Key, id: str) -> str:
    """As `redaction.hashed_id`."""
    return f"id-{key.hash(id)}"


def _called(cursor: duckdb.DuckDBPyConnection, names: Sequence[str], kind: str | None) -> dict[int, tuple[str, str]]:
    """Kind and id of the person called so, by key; each name may lead to one."""
    if kind not in (None, *KINDS):
        raise InvalidQuestion(f"An id is one of {words.listed(list(KINDS), 'or')}, not {kind!r}.")
    people: dict[int, tuple[str, str]] = {}
    for name in names:
        found = cursor.execute(CALLED, {"user": name, "kind": kind}).fetchall()
        these = {key: (kind, id) for _, key, kind, id in found}
        if len(these) > 1:
            raise InvalidQuestion(_who_of_them(names[0], dict.fromkeys(row[0] for row in found), list(these.values())))
        people |= these
    if not people:
        raise InvalidQuestion(f"Nobody in this store is called {names[0]!r}; write the id as the export has it.")
    return people


def _who_of_them(user: str, named: Iterable[str], people: Sequence[tuple[str, str]]) -> str:
    kinds = [KINDS[kind] for kind in named]
    if len(kinds) > 1:
        return f"{user!r} is called so as {words.listed(kinds)}, which are different people; say which kind is meant."
    return f"{user!r} belongs to {len(people)} users, {words.listed([repr(id) for _, id in people])}; name one of them."


def _set_apart(cursor: duckdb.DuckDBPyConnection, people: list[int]) -> None:
    cursor.execute(PERSON, {"people": people})
    for statement in (GONE, THEIR_SESSIONS, THEIR_SPANS, THEIR_ELEMENTS, REMAINING, arrivals.NOTHING, arrivals.SKIPPED):
        cursor.execute(statement)


def _clear(cursor: duckdb.DuckDBPyConnection, bulk: Bulk, user: str, key: Key | None) -> Forgotten:
    """Takes away what follows from no event, so that derivation leaves it, and remembers the ids as hashes."""
    cursor.execute(THEIR_IDS)
    ids = cursor.execute("SELECT kind, id FROM their_ids ORDER BY kind, id").fetchall()
    bulk.delete("contexts", UNUSED_CONTEXTS)
    bulk.delete("elements", UNUSED_ELEMENTS)
    cursor.execute(UNUSED_CODES)
    bulk.delete("recordings", OF_THEIR_SESSIONS)
    bulk.delete("workspace.watched", MARKS)
    pattern = _anywhere({user, *(id for _, id in ids)})
    cursor.execute(REJECTS, {"instead": INSTEAD, "pattern": pattern})
    named_in = tuple(cursor.execute(NAMED_IN, {"pattern": pattern}).fetchall())
    if key:
        forgotten.remember(cursor, bulk, _to_remember(cursor, ids, user, key))
    bulk.delete("identities", OF_THEIR_IDS)
    (events,) = first_row(cursor, "SELECT count(*) FROM gone")
    (sessions,) = first_row(cursor, LOST_SESSIONS)
    return Forgotten(events, sessions, len(ids), named_in)


def _to_remember(
    cursor: duckdb.DuckDBPyConnection, ids: Sequence[tuple[str, str]], user: str, key: Key
) -> Iterator[Forgettable]:
    """Each id as it was and as redaction would leave it, so that it is known again whatever rules are on."""
    everywhere = [*ids, *cursor.execute(SESSIONS_TO_REMEMBER).fetchall()]
    everywhere += [(kind, user) for kind, id in ids if id == redacted(key, user)]
    for kind, id, *span in [*everywhere, *cursor.execute(SHARED_SPANS).fetchall()]:
        for form in (id, redacted(key, id)):
            yield Forgettable.of(key, kind, form, *span)


def _anywhere(ids: Iterable[str]) -> str:
    """A pattern that finds an id in a row of any format: a short one as a whole value, a long one anywhere."""
    written = {form for id in ids for form in (id, json.dumps(id)[1:-1], id.replace('"', '""'))}
    long = [_literally(form) for form in written if len(form) >= LONG_ID]
    short = [_literally(form) for form in written if len(form) < LONG_ID]
    wholes = rf"(^|[\s\"',;|=:&/(\[{{>])({'|'.join(short)})($|[\s\"',;|&/)\]}}<])" if short else ""
    return "|".join(filter(None, [*sorted(long), wholes]))


def _literally(text: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else f"\\x{{{ord(char):x}}}" for char in text)
