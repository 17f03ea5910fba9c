"""Elements that the team calls by one name, whatever their clicks call them.

A remap is a name and what it stands for: patterns (`*` is any text) of what clicks call an element, or of what the rule
of `analytics.element_names` makes of that, on the pages that another pattern fits, or on any. Where an element fits
several, the one kept first names it. Every question sees the names at once, and so does whatever is imported later.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.errors import InvalidQuestion
from analytics.store import DuckStore, Store
from analytics.workspace import saved

LONGEST = 1000  # letters of a pattern


@dataclass(frozen=True)
class Remap:
    """What fits one of `elements` on `page` (None: any) is called `name`."""

    id: str
    name: str
    elements: tuple[str, ...]
    page: str | None = None
    by: str | None = None


def known(store: Store) -> tuple[Remap, ...]:
    """All of them by name; raises `InvalidQuestion` for one that another version wrote."""
    found = []
    for one in saved.all_of(store, "remap"):
        try:
            elements, page = one.value["elements"], one.value["page"]
            if not isinstance(elements, list) or not (page is None or isinstance(page, str)):
                raise TypeError("a list and a text")
            found.append(Remap(one.id, one.name, tuple(map(str, elements)), page, one.by))
        except (KeyError, TypeError):
            raise InvalidQuestion(
                f"The name {one.name!r} of elements was saved by another version and cannot be read; save it anew."
            ) from None
    return tuple(found)


def save(
    store: DuckStore, name: str, elements: Sequence[str], page: str | None = None, *, by: str | None = None
) -> str:
    """Keeps it and returns its id. Raises `InvalidQuestion` for a name that is taken and for no element."""
    return saved.save(store, "remap", name, _body(name, elements, page), by=by)


def change(
    store: DuckStore, id: str, name: str, elements: Sequence[str], page: str | None = None, *, by: str | None = None
) -> None:
    """Gives it another name, other elements and another page. Raises as `save`, and where it is not there any more."""
    saved.change(store, id, name, _body(name, elements, page), by=by)


def remove(store: DuckStore, id: str) -> None:
    """Forgets it, if it is still there: its elements go by the rule again."""
    saved.remove(store, id)


def _body(name: str, elements: Sequence[str], page: str | None) -> dict[str, object]:
    patterns = list(dict.fromkeys(one.strip() for one in elements if one.strip()))
    if not patterns:
        raise InvalidQuestion(f"The name {name.strip()!r} needs elements to stand for, one a line.")
    if long := next((one for one in (*patterns, page or "") if len(one) > LONGEST), None):
        raise InvalidQuestion(f"An element or page has at most 1,000 letters; {long[:40]!r}… has {len(long):,}.")
    return {"page": (page or "").strip() or None, "elements": patterns}
