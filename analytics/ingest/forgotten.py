"""Whom was the store asked to forget, and what arrives of them again? It is passed over, unless they are to come back.

Of a forgotten id nothing is kept but a keyed hash (`addresses`), to which the key beside the store belongs. Passed over
are rows with such a user id; rows with an anonymous id of theirs alone, or one that they shared, from and until when it
was theirs; rows with nothing but the id of a session of theirs; recordings of sessions they took part in. An anonymous
id that now arrives with them, and never with anybody else, is theirs too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from analytics import words
from analytics.ingest.addresses import HASHED, Key
from analytics.store.bulk import Bulk

INSTEAD = "[forgotten]"  # of the text of a refused row

TABLE = """
CREATE TABLE IF NOT EXISTS forgotten (kind VARCHAR, hash VARCHAR, since TIMESTAMP, until TIMESTAMP)
"""
"""As in schema.sql, for a store that was begun before it had one."""
IS_THERE = (
    "SELECT count(*) > 0 FROM duckdb_tables() WHERE database_name = current_database() AND table_name = 'forgotten'"
)
REMEMBERED = """
SELECT kind, hash, CAST(since AS TIMESTAMP) AS since, CAST(until AS TIMESTAMP) AS until
FROM (SELECT unnest($kinds) AS kind, unnest($hashes) AS hash, unnest($since) AS since, unnest($until) AS until)
EXCEPT SELECT kind, hash, since, until FROM forgotten
"""


def _of(kind: str, id: str) -> str:
    """The hash of an id in SQL; `Forgettable.hash` computes the same."""
    return HASHED.format(f"'forgotten {kind} ' || {id}")


def _hashes(kind: str, id: str) -> tuple[str, str]:
    return _of(kind, id), _of(kind, f"'id-' || {HASHED.format(id)}")


def _forms(kind: str, id: str) -> str:
    """The hashes by which an id may be remembered: as it is, and as redaction leaves it."""
    return f"[{', '.join(_hashes(kind, id))}]"


def _is_forgotten(kind: str, id: str) -> str:
    remembered = f"(SELECT hash FROM forgotten WHERE kind = '{kind}')"
    return f"({' OR '.join(f'{form} IN {remembered}' for form in _hashes(kind, id))})"


USERS = f"""
CREATE OR REPLACE TEMP TABLE forgotten_users AS
SELECT user_id_key, user_id FROM (SELECT DISTINCT user_id, user_id_key FROM arriving WHERE user_id IS NOT NULL)
WHERE {_is_forgotten("user", "user_id")}
"""
ANONYMOUS = f"""
CREATE OR REPLACE TEMP TABLE forgotten_anonymous AS
SELECT DISTINCT anonymous_key, anonymous_id, f.since, f.until
FROM (
  SELECT anonymous_key, anonymous_id, unnest({_forms("anonymous", "anonymous_id")}) AS hash
  FROM (SELECT DISTINCT anonymous_key, anonymous_id FROM arriving WHERE anonymous_id IS NOT NULL)) AS a
JOIN (SELECT hash, since, until FROM forgotten WHERE kind = 'anonymous') AS f USING (hash)
"""
ALSO_THEIRS = """
SELECT anonymous_key, anonymous_id, CAST(NULL AS TIMESTAMP), CAST(NULL AS TIMESTAMP)
FROM (
  SELECT anonymous_key, anonymous_id, bool_and(user_id_key IN (SELECT user_id_key FROM forgotten_users)) AS only_theirs
  FROM arriving WHERE anonymous_id IS NOT NULL AND user_id IS NOT NULL GROUP BY ALL)
WHERE only_theirs AND anonymous_key NOT IN (SELECT anonymous_key FROM identity_links)
  AND anonymous_key NOT IN (SELECT anonymous_key FROM forgotten_anonymous)
"""
REMEMBER_ALSO = f"""
SELECT 'anonymous', hash, CAST(NULL AS TIMESTAMP), CAST(NULL AS TIMESTAMP)
FROM (SELECT DISTINCT {_of("anonymous", "anonymous_id")} AS hash FROM forgotten_anonymous)
WHERE hash NOT IN (SELECT hash FROM forgotten WHERE kind = 'anonymous')
"""
SESSIONS = f"""
CREATE OR REPLACE TEMP TABLE forgotten_sessions AS
SELECT session_id FROM (
  SELECT DISTINCT session_id FROM arriving WHERE session_id IS NOT NULL AND user_id IS NULL AND anonymous_id IS NULL)
WHERE {_is_forgotten("session", "session_id")}
"""
NO_RECORDINGS = "CREATE OR REPLACE TEMP TABLE forgotten_recordings (session_id VARCHAR)"
RECORDINGS = f"""
CREATE OR REPLACE TEMP TABLE forgotten_recordings AS
SELECT session_id FROM (SELECT DISTINCT session_id FROM read_parquet($recordings) WHERE session_id IS NOT NULL)
WHERE {_is_forgotten("recording", "session_id")}
"""
# read once: a key is a hash of a text, which every scan of the view would make again
PASSED_OVER = """
SELECT a."row", a.import_id FROM arriving AS a SEMI JOIN forgotten_users USING (user_id_key)
UNION ALL
SELECT a."row", a.import_id FROM arriving AS a
SEMI JOIN forgotten_anonymous AS f ON f.anonymous_key = a.anonymous_key
  AND (f.since IS NULL OR a.time >= f.since) AND (f.until IS NULL OR a.time < f.until)
WHERE a.user_id_key IS NULL
UNION ALL
SELECT a."row", a.import_id FROM arriving AS a SEMI JOIN forgotten_sessions USING (session_id)
WHERE a.user_id_key IS NULL AND a.anonymous_key IS NULL
"""
NONE_PASSED_OVER = 'CREATE OR REPLACE TEMP TABLE passed_over ("row" BIGINT, import_id INTEGER)'
OTHERS = """
CREATE OR REPLACE TEMP VIEW arriving AS SELECT * FROM everybody_arriving ANTI JOIN passed_over USING ("row")
"""
ROWS = "SELECT import_id, count(*) FROM passed_over GROUP BY import_id"
# whole values of a row in any format: what stands in quotation marks, in a cell, or between marks of any kind
WORDS = (r'"([^"]*)"', r"[^,;\t|\r\n]+", r"""[^\s"',;|=:&/()\[\]{}<>]+""")
REJECTS = f"""
UPDATE rejects SET "row" = '{INSTEAD}'
WHERE import_id > $before AND (import_id, line) IN (
  SELECT (import_id, line)
  FROM (
    SELECT import_id, line, unnest(regexp_extract_all("row", '{WORDS[0]}', 1) || regexp_extract_all("row", '{WORDS[1]}')
      || regexp_extract_all("row", '{WORDS[2].replace("'", "''")}')) AS word
    FROM rejects WHERE import_id > $before)
  WHERE {_of("user", "word")} IN (SELECT hash FROM forgotten WHERE kind = 'user')
    OR {_of("anonymous", "word")} IN (SELECT hash FROM forgotten WHERE kind = 'anonymous'))
"""
BACK = f"""
(kind = 'user' AND hash IN (SELECT unnest({_forms("user", "user_id")}) FROM forgotten_users))
OR (kind = 'anonymous' AND hash IN (SELECT unnest({_forms("anonymous", "anonymous_id")}) FROM forgotten_anonymous))
OR (kind = 'session' AND hash IN (SELECT unnest({_forms("session", "session_id")}) FROM forgotten_sessions))
OR (kind = 'recording' AND hash IN (SELECT unnest({_forms("recording", "session_id")}) FROM forgotten_recordings))
"""


@dataclass(frozen=True)
class Forgettable:
    """What is remembered of an id; `since` and `until` (UTC): when an anonymous id was theirs, None: always."""

    kind: str  # user, anonymous, session, recording
    hash: str
    since: object = None
    until: object = None

    @classmethod
    def of(cls, key: Key, kind: str, id: str, since: object = None, until: object = None) -> "Forgettable":
        return cls(kind, key.hash(f"forgotten {kind} {id}"), since, until)


def remember(cursor: duckdb.DuckDBPyConnection, bulk: Bulk, ids: Iterable[Forgettable]) -> None:
    """Keeps the hashes, so that what comes again is known."""
    cursor.execute(TABLE)
    rows = sorted(set(ids), key=lambda one: (one.kind, one.hash))
    values: dict[str, object] = {
        "kinds": [one.kind for one in rows],
        "hashes": [one.hash for one in rows],
        "since": [one.since for one in rows],
        "until": [one.until for one in rows],
    }
    bulk.insert("forgotten", REMEMBERED, values)


def pass_over(
    cursor: duckdb.DuckDBPyConnection,
    bulk: Bulk,
    key: Callable[[], Key],
    recordings: Sequence[Path],
    before: int,
    *,
    comes_back: bool,
) -> Mapping[int, int]:
    """Takes what is theirs out of `arriving`, and out of the rejects of imports after `before`; rows by import.

    `comes_back`: nothing is taken out, and who arrives is no longer forgotten. Afterwards `forgotten_recordings` holds
    the sessions whose recordings are not to be kept.
    """
    cursor.execute(NO_RECORDINGS)
    if not any_forgotten(cursor):
        return {}
    hashed = key().values
    cursor.execute(USERS, hashed)
    cursor.execute(ANONYMOUS, hashed)
    cursor.execute(SESSIONS, hashed)
    if recordings:
        cursor.execute(RECORDINGS, {**hashed, "recordings": [str(file) for file in recordings]})
    if comes_back:
        bulk.delete("forgotten", BACK, hashed)
        cursor.execute(NO_RECORDINGS)
        return {}
    bulk.insert("forgotten_anonymous", ALSO_THEIRS)
    bulk.insert("forgotten", REMEMBER_ALSO, hashed)
    cursor.execute(REJECTS, {**hashed, "before": before})
    cursor.execute(NONE_PASSED_OVER)
    if not bulk.insert("passed_over", PASSED_OVER):
        return {}
    cursor.execute("ALTER VIEW arriving RENAME TO everybody_arriving")
    cursor.execute(OTHERS)
    return dict(cursor.execute(ROWS).fetchall())


def any_forgotten(cursor: duckdb.DuckDBPyConnection) -> bool:
    """Whether the store was ever asked to forget anybody who is not back."""
    there = cursor.execute(IS_THERE).fetchone()
    if not (there and there[0]):
        return False
    some = cursor.execute("SELECT count(*) > 0 FROM forgotten").fetchone()
    return bool(some and some[0])


def note(rows: int) -> str:
    """What a report says of the rows that were passed over."""
    are = "is" if rows == 1 else "are"
    return f"{words.many(rows, 'row')} {are} of people whom this store was asked to forget, and passed over."
