"""Notes: what happened outside the data, and on which day. "Newsletter to all customers", on 14 September.

Two notes on one day may not say the same; on two days they may.
"""

import datetime as dt
from dataclasses import dataclass

from analytics import words
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.store import DuckStore, Store
from analytics.workspace import saved

LONGEST = saved.LONGEST - len("2026-01-01 ")  # letters: what is kept is named by day and text
LISTED = """
SELECT id, kind, name, body, created, changed, "by"
FROM workspace.saved
WHERE kind = 'note'
ORDER BY name, id
"""


@dataclass(frozen=True)
class Note:
    """`by` is who wrote it (None: nobody was signed in)."""

    id: str
    day: dt.date
    text: str
    by: str | None = None


def known(store: Store) -> tuple[Note, ...]:
    """All of them in the order of time; raises `InvalidQuestion` for one that another version wrote."""
    found = []
    for one in store.rows(Query(LISTED, {}), saved.Saved):
        try:
            body = one.value
            found.append(Note(one.id, dt.date.fromisoformat(body["day"]), str(body["text"]), one.by))
        except (KeyError, TypeError, ValueError):
            raise InvalidQuestion(
                f"The note {one.name!r} was saved by another version and cannot be read; write it anew."
            ) from None
    return tuple(found)


def add(store: DuckStore, day: dt.date, text: str, *, by: str | None = None) -> str:
    """Keeps it and returns its id; raises `InvalidQuestion` for no text, too much of it, or the same again."""
    text = " ".join(text.split())
    if not 1 <= len(text) <= LONGEST:
        said = f"this one has {words.count(len(text))}" if text else "this one says nothing"
        raise InvalidQuestion(f"A note has 1 to {LONGEST} letters; {said}.")
    body = {"day": day.isoformat(), "text": text}
    try:
        return saved.save(store, "note", f"{day.isoformat()} {text}", body, by=by)
    except saved.Taken:
        raise InvalidQuestion(f"There is a note {text!r} on {words.day(day, year=True)} already.") from None


def remove(store: DuckStore, id: str) -> None:
    """Forgets it, if it is still there."""
    saved.remove(store, id)
