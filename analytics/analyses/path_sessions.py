"""Path sessions: which sessions took a link of the paths, or came by one of its items. The list behind a Sankey."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics.analyses import event_sessions
from analytics.analyses.event_sessions import COUNTED, LISTED, Row, check_page
from analytics.analyses.paths import Paths
from analytics.conditions import STRICT, Condition, merged
from analytics.errors import InvalidQuestion
from analytics.path_sql import hops
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

MEMBERS = """,
members AS (
    SELECT DISTINCT session_key
    FROM hops
    WHERE {conditions}
)"""
THEN = {
    "link": "onward AND following IS NOT NULL",
    "left": "following IS NULL",
    "cut": "following IS NOT NULL AND NOT onward",
    "began": "nth = 1",
    "earlier": "depth = 1 AND nth > 1",
}


@with_config(STRICT)
@dataclass(frozen=True)
class PathSessions:
    """The question: sessions of `paths` whose item number `depth` is `source` (null: any), latest first.

    `then` narrows to those that went straight on ("link"; to `target`, if one is given), ended there ("left"), go on
    undrawn ("cut"), began there ("began"), or came from what is not drawn ("earlier"). `other_than` and
    `target_other_than` are what a picture draws by itself: without these items the rest that it draws as one is left.
    """

    paths: Paths
    depth: int
    source: str | None = None
    then: Literal["link", "left", "cut", "began", "earlier"] | None = None
    target: str | None = None
    other_than: tuple[str, ...] = ()
    target_other_than: tuple[str, ...] = ()
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)
        if self.depth < 1:
            raise InvalidQuestion(f"Items of a path are numbered from 1; there is no item {self.depth}.")
        if self.then != "link" and (self.target is not None or self.target_other_than):
            raise InvalidQuestion("Only those that went on, with then = link, have a target.")

    def conditions(self) -> Iterator[Condition]:
        """Over one row of `hops`."""
        yield Condition("depth = $depth", {"depth": self.depth}, "")
        if self.source is not None:
            yield Condition("item = $source", {"source": self.source}, "")
        if self.other_than:
            yield Condition("NOT list_contains($other_than, item)", {"other_than": list(self.other_than)}, "")
        if self.then is not None:
            yield Condition(THEN[self.then], {}, "")
        if self.target is not None:
            yield Condition("following = $target", {"target": self.target}, "")
        if self.target_other_than:
            others = list(self.target_other_than)
            yield Condition("NOT list_contains($target_other_than, following)", {"target_other_than": others}, "")


@dataclass(frozen=True)
class PathSessionsResult:
    """The answer: one page of the list, latest first, and its whole length."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = PathSessions(Paths(groups=("/product/*", "/category/*")), 1, "/", "link", "/category/*", limit=20)


def queries(params: PathSessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    ctes = hops(params.paths)
    conditions = list(params.conditions())
    members = ctes.sql + MEMBERS.format(conditions=" AND ".join(condition.sql for condition in conditions))
    values = merged([ctes.params, *(condition.params for condition in conditions)])
    page = scope.query(members + LISTED, limit=params.limit, offset=params.offset, **values)
    return page, scope.query(members + COUNTED, **values)


def run(store: Store, params: PathSessions, scope: Scope) -> PathSessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    asked = queries(params, scope)
    return PathSessionsResult(*event_sessions.listing(store, asked), asked)
