"""Segments, and groups of pages, as pages ask for them: a name in a question gets what is saved under it."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from analytics.workspace import groups, segments
from analytics.workspace.groups import Kept
from analytics.workspace.saved import Saved
from pages.shared.waiting import answer

T = TypeVar("T")


def known() -> Mapping[str, Saved]:
    """Every segment by name."""
    return answer("segments", segments.known)


def resolved(asked: T) -> T:
    """`asked` with every name looked up in this store; raises `InvalidQuestion` for one that is not there."""
    return groups.resolved(segments.resolved(asked, known), groups_of_pages)


def groups_of_pages() -> Sequence[Kept]:
    """Those that the team keeps, in their order."""
    return answer("page-groups", groups.known)
