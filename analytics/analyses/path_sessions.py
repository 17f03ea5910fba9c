"""Path sessions: which sessions took a link of the paths, or came by one of its items. The list behind a Sankey."""

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics.analyses import event_sessions
from analytics.analyses.event_sessions import COUNTED, LISTED, Row, check_page
from analytics.analyses.paths import Paths, drawn
from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

MEMBERS = """,
members AS (
    SELECT DISTINCT session_key
    FROM hops
    WHERE depth = $depth AND item = $source AND {then}
)"""
THEN = {
    None: "true",
    "link": "target = $target",
    "left": "target IS NULL AND NOT more",
    "cut": "target IS NULL AND more",
}


@with_config(STRICT)
@dataclass(frozen=True)
class PathSessions:
    """The question: sessions of `paths` whose item number `depth` is `source`.

    `then` narrows to those that went straight to `target` ("link"), ended there ("left"), or go on undrawn ("cut").
    """

    paths: Paths
    depth: int
    source: str
    then: Literal["link", "left", "cut"] | None = None
    target: str | None = None
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)
        if (self.then == "link") != (self.target is not None):
            raise InvalidQuestion("A link needs its target, and only a link has one.")


@dataclass(frozen=True)
class PathSessionsResult:
    """The answer: one page of the list, latest first, and its whole length."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = PathSessions(Paths(groups=("/product/*", "/category/*")), 1, "/", "link", "/category/*", limit=20)


def queries(params: PathSessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    ctes = drawn(params.paths)
    members = ctes.sql + MEMBERS.format(then=THEN[params.then])
    values = ctes.params | {"depth": params.depth, "source": params.source}
    if params.target is not None:
        values["target"] = params.target
    page = scope.query(members + LISTED, limit=params.limit, offset=params.offset, **values)
    return page, scope.query(members + COUNTED, **values)


def run(store: Store, params: PathSessions, scope: Scope) -> PathSessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    asked = queries(params, scope)
    return PathSessionsResult(*event_sessions.listing(store, asked), asked)
