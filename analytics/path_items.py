"""The items of a path, a page or an event's name each: what groups call them, and which ones are left out.

A group is a pattern, which is its own name (`/product/*`), or a `Group` with a name and any patterns. The first group
that an item fits gives it its name, once: a name is never looked up again, so groups may name each other's pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Discriminator, Tag, with_config

from analytics.conditions import STRICT, Condition, glob, merged
from analytics.errors import InvalidQuestion

START, END, OTHER, HIDDEN = "(start)", "(end)", "(other)", "..."  # of a path; no group may be called so


@with_config(STRICT)
@dataclass(frozen=True)
class Group:
    """Pages that are one place: `{"name": "Products", "pages": ["/product/*", "/p/*"]}`.

    In `pages`, `*` stands for any text, and a segment like `:id` for any one segment.
    """

    name: str
    pages: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InvalidQuestion(f"A group needs a name; the one of {', '.join(self.pages) or 'no pages'} has none.")
        if not self.pages or not all(self.pages):
            raise InvalidQuestion(f'The group {self.name!r} needs pages, as in "pages": ["/product/*"].')


@with_config(STRICT)
@dataclass(frozen=True)
class KeptGroup:
    """A group that the team keeps, by its name: `{"page_group": "Products"}`; looked up before it is asked."""

    page_group: str


def _which(value: object) -> str:
    if isinstance(value, str):
        return "glob"
    return "kept" if isinstance(value, KeptGroup) or (isinstance(value, dict) and "page_group" in value) else "group"


AnyGroup = str | Group | KeptGroup
Groups = tuple[
    Annotated[
        Annotated[str, Tag("glob")] | Annotated[Group, Tag("group")] | Annotated[KeptGroup, Tag("kept")],
        Discriminator(_which),
    ],
    ...,
]


def name_of(group: AnyGroup) -> str:
    """What paths call its items."""
    if isinstance(group, KeptGroup):
        return group.page_group
    return group if isinstance(group, str) else group.name


def pages_of(group: AnyGroup) -> tuple[str, ...]:
    """Its patterns; raises `InvalidQuestion` for one that nobody has looked up."""
    if isinstance(group, KeptGroup):
        raise InvalidQuestion(f"The pages of the group {group.page_group!r} are kept in the store; ask it first.")
    return (group,) if isinstance(group, str) else group.pages


def check_groups(groups: Sequence[AnyGroup]) -> None:
    """Raises `InvalidQuestion` for a name that paths use themselves, and for one that stands for two things."""
    known: dict[str, tuple[str, ...]] = {}
    for group in groups:
        name = name_of(group)
        if not name.strip():
            raise InvalidQuestion("A group without a pattern has no pages; write one, as in '/product/*'.")
        if name in (START, END, OTHER, HIDDEN):
            raise InvalidQuestion(f"{name} is not an item of a path; it has that meaning already.")
        pages = () if isinstance(group, KeptGroup) else pages_of(group)
        if known.setdefault(name, pages) != pages:
            raise InvalidQuestion(f"Two groups are called {name!r}; put their pages into one, or rename one of them.")


def renamed(groups: Sequence[AnyGroup], column: str) -> str:
    """A page or name as paths call it: the first group that it fits, else itself. Its values are `group_values`."""
    whens = [
        f"WHEN {' OR '.join(test.sql for test in _tests(group, n, column))} THEN $group_name_{n}"
        for n, group in enumerate(groups, 1)
    ]
    return f"CASE {' '.join(whens)} ELSE {column} END" if whens else column


def group_values(groups: Sequence[AnyGroup]) -> dict[str, object]:
    """The values that `renamed` names."""
    named: dict[str, object] = {f"group_name_{n}": name_of(group) for n, group in enumerate(groups, 1)}
    tests = [test.params for n, group in enumerate(groups, 1) for test in _tests(group, n, "item")]
    return merged([*tests, named])


def _tests(group: AnyGroup, n: int, column: str) -> list[Condition]:
    if isinstance(group, str):
        return [glob(column, group, f"group_{n}")]
    return [glob(column, pattern, f"group_{n}_{m}") for m, pattern in enumerate(pages_of(group), 1)]


def kept(include: Sequence[str], exclude: Sequence[str]) -> Condition:
    """Whether `item` is one of `include` (if any are given) and none of `exclude`; names or globs, after grouping."""
    tests, values = [], []
    for word, patterns in (("include", include), ("exclude", exclude)):
        some = [glob("item", pattern, f"{word}_{n}") for n, pattern in enumerate(patterns, 1)]
        if some:
            joined = "(" + " OR ".join(test.sql for test in some) + ")"
            tests.append(joined if word == "include" else f"NOT {joined}")
            values += [test.params for test in some]
    return Condition(" AND ".join(tests) or "true", merged(values), "")
