"""Releases that the team has named: what the data calls one, under a better name, or a day on which something went out.

The data say when a release took over (`analyses.releases`). A release that they do not know is a name and a day: before
it and from it on are ranges of days.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from analytics.errors import InvalidQuestion
from analytics.store import DuckStore, Store
from analytics.workspace import saved


@dataclass(frozen=True)
class Named:
    """Either the `value` that sessions carry is called `name`, or `name` went out on `day`."""

    id: str
    name: str
    value: str | None = None
    day: dt.date | None = None
    by: str | None = None


def known(store: Store) -> tuple[Named, ...]:
    """All of them by name; raises `InvalidQuestion` for one that another version wrote."""
    found = []
    for one in saved.all_of(store, "release"):
        try:
            body = one.value
            day, value = body.get("day"), body.get("value")
            if (day is None) == (value is None):
                raise ValueError("one of the two")
            on = None if day is None else dt.date.fromisoformat(day)
            found.append(Named(one.id, one.name, None if value is None else str(value), on, one.by))
        except (AttributeError, TypeError, ValueError):
            raise InvalidQuestion(
                f"The release {one.name!r} was saved by another version and cannot be read; save it anew."
            ) from None
    return tuple(found)


def define(store: DuckStore, name: str, day: dt.date, *, by: str | None = None) -> str:
    """Keeps a release that went out on `day` and returns its id; a name that is taken raises `InvalidQuestion`."""
    return saved.save(store, "release", name, {"day": day.isoformat()}, by=by)


def name(store: DuckStore, value: str, called: str, others: Collection[str] = (), *, by: str | None = None) -> None:
    """Calls the release that the data know as `value` something else; its own name, or none, takes that back.

    Raises `InvalidQuestion` for a name that another release has, be it one of the `others` that the data know.
    """
    called = " ".join(called.split())
    if called in ("", value):
        for one in known(store):
            if one.value == value:
                saved.remove(store, one.id)
        return
    if called in others:
        raise InvalidQuestion(f"The data know another release as {called!r} already; choose another name.")
    saved.call(store, "release", {"value": value}, called, by=by)


def change(store: DuckStore, id: str, called: str, day: dt.date, *, by: str | None = None) -> None:
    """Gives a release of a day another name, another day, or both.

    Raises `InvalidQuestion` for a name that is taken, and where it is not there any more.
    """
    saved.change(store, id, called, {"day": day.isoformat()}, by=by)


def remove(store: DuckStore, id: str) -> None:
    """Forgets the name, or the release of a day, if it is still there."""
    saved.remove(store, id)
