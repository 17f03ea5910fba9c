"""Segments: filters that the team keeps under a name, to be asked of in any question.

A scope says `"segment": NAME`, or `"outside": NAME` for all other sessions. Before it is asked, `resolved` puts what is
saved under the name behind it, so a question always means the segment as it is now. A segment may build on another one.
Days are no part of it.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from analytics import words
from analytics.errors import InvalidQuestion
from analytics.scope import Scope, Segment
from analytics.store import DuckStore, Store
from analytics.workspace import saved
from analytics.workspace.lookup import replaced
from analytics.workspace.saved import Saved

T = TypeVar("T")
Known = Mapping[str, Saved]
EVERYTHING = Scope()
_SCOPES = TypeAdapter(Scope)


def known(store: Store) -> dict[str, Saved]:
    """Every segment by name."""
    return {one.name: one for one in saved.all_of(store, "segment")}


def resolved(asked: T, known: Callable[[], Known]) -> T:
    """A scope, or parameters that hold some, with each segment looked up; `known` is asked if there is a bare name.

    Raises `InvalidQuestion` for one that is not there, cannot be read, or comes back to itself.
    """
    return replaced(asked, Scope, lambda scope: _looked_up(scope, known, ()))


def members(one: Saved) -> Scope:
    """What is saved, its own segment still a name; raises `InvalidQuestion` if another version wrote it."""
    try:
        return _SCOPES.validate_json(one.body)
    except (ValidationError, InvalidQuestion):
        raise InvalidQuestion(
            f"The segment {one.name!r} was saved by another version and cannot be read; save it anew."
        ) from None


def save(store: DuckStore, name: str, scope: Scope, *, replace: bool = False, by: str | None = None) -> str:
    """Keeps the filters of `scope`, without its days, and returns the id.

    With `replace` the one of that name is changed; filters that build on it itself are then added to what it says.
    Raises `InvalidQuestion` for no filter at all, and for one that would come back to itself.
    """
    there, name = known(store), " ".join(name.split())
    wanted = _without_days(scope)
    if replace and name in there and wanted.segment == name:
        wanted = members(there[name]).narrowed(dataclasses.replace(wanted, segment=None))
    if wanted == EVERYTHING:
        raise InvalidQuestion("A segment needs a filter; days alone are no segment, since every question has its own.")
    _looked_up(wanted, lambda: there, (name,))
    body = {key: value for key, value in _SCOPES.dump_python(wanted, mode="json").items() if value not in (None, [])}
    return saved.save(store, "segment", name, body, replace=replace, by=by)


def _found(name: str, known: Known, above: tuple[str, ...]) -> Segment:
    if name in above:
        way = " builds on ".join(f"{each!r}" for each in (*above[above.index(name) :], name))
        raise InvalidQuestion(f"A segment cannot build on itself: {way}.")
    if name not in known:
        names = words.listed([repr(each) for each in known]) if known else ""
        there = f"there {'are' if len(known) > 1 else 'is'} {names}" if known else "none is saved yet"
        who = f", which {above[-1]!r} builds on" if above else ""
        raise InvalidQuestion(f"There is no segment {name!r}{who}; {there}.")
    return Segment(name, _looked_up(_without_days(members(known[name])), lambda: known, (*above, name)))


def _looked_up(scope: Scope, known: Callable[[], Known], above: tuple[str, ...]) -> Scope:
    def found(name: str | None) -> str | None:
        return name if name is None or isinstance(name, Segment) else _found(name, known(), above)

    segment, outside = found(scope.segment), found(scope.outside)
    same = segment is scope.segment and outside is scope.outside
    return scope if same else dataclasses.replace(scope, segment=segment, outside=outside)


def _without_days(scope: Scope) -> Scope:
    return dataclasses.replace(scope, start=None, stop=None)
