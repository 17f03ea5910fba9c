"""What the team keeps under a name: funnels, goals, segments, views, groups of pages, releases, notes.

A thing has a kind and, within it, a name of its own. Its body is JSON in the form that the command line takes. Links
carry what is saved, never the name, so that they say the same after a change. Segments are the exception: a question
says `"segment": NAME`, and means the segment as it is now; so does what is saved of such a question.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from analytics import element_names, words
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.store import DuckStore, Store

Kind = Literal["funnel", "goal", "segment", "view", "page_group", "remap", "release", "metric", "rule", "note"]
NAMED_BY = {"segment": ("segment", "outside")}  # keys in JSON that name a thing, where it is not the kind alone
KINDS = {"remap": "name of elements"}  # in words, where the kind is none
LONGEST = 80  # letters of a name

ALL = """
SELECT id, kind, name, body, created, changed, "by"
FROM workspace.saved
WHERE kind = $kind
ORDER BY lower(name), name
"""
EVERYTHING = 'SELECT id, kind, name, body, created, changed, "by" FROM workspace.saved ORDER BY kind, lower(name), name'
REWRITTEN = "UPDATE workspace.saved SET body = $body WHERE id = $id"
INSERTED = """
INSERT INTO workspace.saved (id, kind, name, body, created, changed, "by")
VALUES ($id, $kind, $name, $body, $now, $now, $who)
"""
CHANGED = 'UPDATE workspace.saved SET body = $body, changed = $now, "by" = $who WHERE kind = $kind AND name = $name'
OF_BODY = "SELECT id FROM workspace.saved WHERE kind = $kind AND body = $body"
RENAMED = 'UPDATE workspace.saved SET name = $name, changed = $now, "by" = $who WHERE id = $id'
REMOVED = "DELETE FROM workspace.saved WHERE id = $id"
OF_NAME = "SELECT id FROM workspace.saved WHERE kind = $kind AND name = $name"
OF_ID = "SELECT kind, name FROM workspace.saved WHERE id = $id"


class Taken(InvalidQuestion):
    """There is one of that name already."""


@dataclass(frozen=True)
class Saved:
    """One thing that is kept; the times are UTC, `by` is who wrote it last (None: nobody was signed in)."""

    id: str
    kind: str
    name: str
    body: str
    created: datetime
    changed: datetime
    by: str | None

    @property
    def value(self) -> Any:
        """The body as JSON says it."""
        return json.loads(self.body)


def all_of(store: Store, kind: Kind) -> list[Saved]:
    """Everything of a kind, by name."""
    return store.rows(Query(ALL, {"kind": kind}), Saved)


def users_of(store: Store, kind: Kind, name: str) -> list[Saved]:
    """What names it: whose JSON says `{KIND: NAME}` somewhere. A thing that names itself is none."""
    every = store.rows(Query(EVERYTHING, {}), Saved)
    return [one for one in every if (one.kind, one.name) != (kind, name) and _names(one.value, kind, name)]


def save(store: DuckStore, kind: Kind, name: str, body: Any, *, replace: bool = False, by: str | None = None) -> str:
    """Keeps `body` under `name` and returns its id.

    A name that is taken raises `InvalidQuestion`, unless `replace`: then that one gets the new body and stays itself.
    """
    name = _checked(name)
    own = {"kind": kind, "name": name, "body": _text(body), "now": _now(), "who": by}
    with _writing(store) as cursor:
        if taken := cursor.execute(OF_NAME, {"kind": kind, "name": name}).fetchone():
            if not replace:
                raise _taken(kind, name)
            cursor.execute(CHANGED, own)
            return str(taken[0])
        made = secrets.token_hex(6)
        cursor.execute(INSERTED, own | {"id": made})
    return made


def rename(store: DuckStore, id: str, name: str, *, by: str | None = None) -> None:
    """Gives it another name, and whatever is saved and names it the new one too.

    Raises `InvalidQuestion` when the name is taken, or when there is no such thing any more.
    """
    with _writing(store) as cursor:
        _rename(cursor, id, _checked(name), by)


def change(store: DuckStore, id: str, name: str, body: Any, *, by: str | None = None) -> None:
    """As `rename`, with another body at once."""
    with _writing(store) as cursor:
        kind = _rename(cursor, id, _checked(name), by)
        own = {"kind": kind, "name": _checked(name), "body": _text(body), "now": _now(), "who": by}
        cursor.execute(CHANGED, own)


def call(store: DuckStore, kind: Kind, body: Any, name: str, *, by: str | None = None) -> str:
    """Gives what is kept with this very `body` the name, or keeps it under that; returns its id.

    So that a body has one name, whoever names it at once. Raises as `rename`.
    """
    name = _checked(name)
    own = {"kind": kind, "name": name, "body": _text(body), "now": _now(), "who": by}
    with _writing(store) as cursor:
        if there := cursor.execute(OF_BODY, {"kind": kind, "body": own["body"]}).fetchone():
            _rename(cursor, str(there[0]), name, by)
            return str(there[0])
        if cursor.execute(OF_NAME, {"kind": kind, "name": name}).fetchone():
            raise _taken(kind, name)
        made = secrets.token_hex(6)
        cursor.execute(INSERTED, own | {"id": made})
    return made


def rewrite(store: DuckStore, bodies: Mapping[str, Any]) -> None:
    """Gives several things, by id, another body at once; one that is not there any more is passed over."""
    with _writing(store) as cursor:
        for id, body in bodies.items():
            cursor.execute(REWRITTEN, {"id": id, "body": _text(body)})


def remove(store: DuckStore, id: str) -> None:
    """Forgets it, if it is still there."""
    with _writing(store) as cursor:
        cursor.execute(REMOVED, {"id": id})


def _rename(cursor: Any, id: str, name: str, by: str | None) -> str:
    """Its kind."""
    kind, now = _found(cursor, id)
    other = cursor.execute(OF_NAME, {"kind": kind, "name": name}).fetchone()
    if other and other[0] != id:
        raise _taken(kind, name)
    if name != now:
        cursor.execute(RENAMED, {"id": id, "name": name, "now": _now(), "who": by})
        for each, body in cursor.execute("SELECT id, body FROM workspace.saved").fetchall():
            value = json.loads(body)
            if _names(value, kind, now):
                cursor.execute(REWRITTEN, {"id": each, "body": _text(_renamed(value, kind, now, name))})
    return kind


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST:
        raise InvalidQuestion(
            f"A name has 1 to {LONGEST} letters; this one has {words.count(len(name))}."
            if name
            else f"A name is needed, of 1 to {LONGEST} letters."
        )
    return name


def _text(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _names(value: Any, kind: str, name: str) -> bool:
    if isinstance(value, dict):
        named = any(value.get(key) in (name, [name]) for key in NAMED_BY.get(kind, (kind,)))
        return named or any(_names(each, kind, name) for each in value.values())
    return isinstance(value, list) and any(_names(each, kind, name) for each in value)


def _renamed(value: Any, kind: str, now: str, name: str) -> Any:
    """`value` with every `{kind: now}` as `{kind: name}`."""
    if isinstance(value, list):
        return [_renamed(each, kind, now, name) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: _renamed(each, kind, now, name) for key, each in value.items()}
    for key in NAMED_BY.get(kind, (kind,)):
        if found.get(key) in (now, [now]):
            found[key] = name if found[key] == now else [name]
    return found


@contextmanager
def _writing(store: DuckStore) -> Iterator[Any]:
    """A cursor in a transaction. What elements are called follows from the remaps, so it changes with them."""
    if store.read_only:
        raise InvalidQuestion("This store was opened for reading only, so nothing can be kept in it.")
    with store.writing() as cursor:
        before = cursor.execute(ALL, {"kind": "remap"}).fetchall()
        yield cursor
        if cursor.execute(ALL, {"kind": "remap"}).fetchall() != before:
            cursor.execute(element_names.AGAIN)


def _found(cursor: Any, id: str) -> tuple[str, str]:
    row = cursor.execute(OF_ID, {"id": id}).fetchone()
    if row is None:
        raise InvalidQuestion("It is not there any more; somebody has deleted it.")
    return str(row[0]), str(row[1])


def _taken(kind: str, name: str) -> Taken:
    return Taken(f"There is a {KINDS.get(kind, kind.replace('_', ' '))} called {name!r} already; choose another name.")


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
