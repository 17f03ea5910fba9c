"""Segments as pages ask for them: every scope with a name in it gets what is saved under the name."""

from collections.abc import Mapping
from typing import TypeVar

from analytics.workspace import segments
from analytics.workspace.saved import Saved
from pages.shared.waiting import answer

T = TypeVar("T")


def known() -> Mapping[str, Saved]:
    """Every segment by name."""
    return answer("segments", segments.known)


def resolved(asked: T) -> T:
    """`segments.resolved` in this store; raises `InvalidQuestion` for a segment that is not there."""
    return segments.resolved(asked, known)
