"""Watched: which sessions somebody of the team has already looked at.

A mark belongs to a session's id, which stays the same when its files are imported again; a mark of a session that is
not in the store does no harm. The team shares the marks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.store import DuckStore, Store

MARKED = """
SELECT session_id, "at", "by"
FROM workspace.watched
WHERE session_id IN (SELECT unnest($ids))
ORDER BY session_id
"""
MARK = """
INSERT INTO workspace.watched (session_id, "at", "by") VALUES ($session_id, $now, $who)
ON CONFLICT DO NOTHING
"""
UNMARK = "DELETE FROM workspace.watched WHERE session_id = $session_id"


@dataclass(frozen=True)
class Watched:
    """A mark; `at` is UTC, `by` who set it (None: nobody was signed in)."""

    session_id: str
    at: datetime
    by: str | None


def among(store: Store, ids: Sequence[str]) -> dict[str, Watched]:
    """The marks of those of the sessions `ids` that have one, by id."""
    if not ids:
        return {}
    return {one.session_id: one for one in store.rows(Query(MARKED, {"ids": list(ids)}), Watched)}


def mark(store: DuckStore, session_id: str, *, by: str | None = None) -> None:
    """Marks it as watched; one that is marked stays as it is. Raises `InvalidQuestion` in a store for reading only."""
    _may_write(store)
    with store.writing() as cursor:
        cursor.execute(MARK, {"session_id": session_id, "now": datetime.now(UTC).replace(tzinfo=None), "who": by})


def unmark(store: DuckStore, session_id: str) -> None:
    """Takes the mark away, if there is one. Raises as `mark`."""
    _may_write(store)
    with store.writing() as cursor:
        cursor.execute(UNMARK, {"session_id": session_id})


def _may_write(store: DuckStore) -> None:
    if store.read_only:
        raise InvalidQuestion("This store was opened for reading only, so nothing can be marked in it.")
