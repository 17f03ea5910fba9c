"""Groups of pages that the team keeps, in an order: a page belongs to the first one that it fits.

Links and saved questions hold the groups themselves, so that they say the same after a change. The command line may
name one, `{"page_group": NAME}`: `resolved` puts what is kept under the name in its place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from analytics import words
from analytics.errors import InvalidQuestion
from analytics.path_items import AnyGroup, Group, KeptGroup, check_groups
from analytics.store import DuckStore, Store
from analytics.workspace import saved
from analytics.workspace.lookup import replaced

T = TypeVar("T")


@dataclass(frozen=True)
class Kept:
    """One of them, with its place in the order, from 1."""

    id: str
    place: int
    group: Group

    @property
    def asked(self) -> AnyGroup:
        """As a question has it: a pattern that is its own name is just that."""
        return self.group.name if self.group.pages == (self.group.name,) else self.group


def known(store: Store) -> tuple[Kept, ...]:
    """All of them, in their order; raises `InvalidQuestion` for one that another version wrote."""
    found = []
    for one in saved.all_of(store, "page_group"):
        try:
            body = one.value
            found.append(Kept(one.id, int(body["place"]), Group(one.name, tuple(map(str, body["pages"])))))
        except (KeyError, TypeError, ValueError, InvalidQuestion):
            raise InvalidQuestion(
                f"The group of pages {one.name!r} was saved by another version and cannot be read; save it anew."
            ) from None
    return tuple(sorted(found, key=lambda one: (one.place, one.group.name)))


def save(store: DuckStore, group: Group, *, replace: bool = False, by: str | None = None) -> str:
    """Keeps it after all others and returns its id.

    A name that is taken raises `InvalidQuestion`, unless `replace`: then that one gets these pages, at its place.
    """
    check_groups((group,))
    there = known(store)
    own = next((one.place for one in there if one.group.name == group.name), None)
    place = own or max((one.place for one in there), default=0) + 1
    return saved.save(store, "page_group", group.name, _body(group, place), replace=replace, by=by)


def change(store: DuckStore, id: str, group: Group, *, by: str | None = None) -> None:
    """Gives it this name and these pages, at its place; what names it follows.

    Raises `InvalidQuestion` for a name that cannot be, or is taken, and where it is not there any more.
    """
    check_groups((group,))
    place = next((one.place for one in known(store) if one.id == id), 1)
    saved.change(store, id, group.name, _body(group, place), by=by)


def arrange(store: DuckStore, ids: Sequence[str]) -> None:
    """Puts them into this order, those that are not named last."""
    places = {id: place for place, id in enumerate(ids, 1)}
    there = sorted(known(store), key=lambda one: (places.get(one.id, len(ids) + 1), one.place))
    saved.rewrite(store, {one.id: _body(one.group, place) for place, one in enumerate(there, 1)})


def resolved(asked: T, known: Callable[[], Sequence[Kept]]) -> T:
    """Parameters with each group that is only named looked up; `known` is asked if there is one.

    Raises `InvalidQuestion` for one that is not kept.
    """
    return replaced(asked, KeptGroup, lambda named: _found(named.page_group, known()))


def _found(name: str, kept: Sequence[Kept]) -> AnyGroup:
    for one in kept:
        if one.group.name == name:
            return one.asked
    names = words.listed([repr(one.group.name) for one in kept]) or "no other"
    raise InvalidQuestion(f"There is no group of pages {name!r}; there {'are' if len(kept) > 1 else 'is'} {names}.")


def _body(group: Group, place: int) -> dict[str, Any]:
    return {"pages": list(group.pages), "place": place}
