"""Top path sessions: which sessions consist of just these items, in this order. The list behind a top path."""

from dataclasses import dataclass

from pydantic import with_config

from analytics.analyses import event_sessions
from analytics.analyses.event_sessions import COUNTED, LISTED, Row, check_page
from analytics.analyses.top_paths import BETWEEN, TopPaths, spelled
from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

MEMBERS = """,
members AS (
    SELECT session_key
    FROM spelled
    WHERE path = $path
)"""


@with_config(STRICT)
@dataclass(frozen=True)
class TopPathSessions:
    """The question: sessions whose whole path is `items`, latest first."""

    paths: TopPaths
    items: tuple[str, ...]
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)
        if not self.items:
            raise InvalidQuestion("A path has at least one item; name the items of the path.")


@dataclass(frozen=True)
class TopPathSessionsResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = TopPathSessions(TopPaths(groups=("/product/*", "/category/*")), ("/", "/category/*", "/product/*"), limit=20)


def queries(params: TopPathSessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    ctes = spelled(params.paths)
    members = ctes.sql + MEMBERS
    values = {**ctes.params, "path": BETWEEN.join(params.items)}
    page = scope.query(members + LISTED, limit=params.limit, offset=params.offset, **values)
    return page, scope.query(members + COUNTED, **values)


def run(store: Store, params: TopPathSessions, scope: Scope) -> TopPathSessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    asked = queries(params, scope)
    return TopPathSessionsResult(*event_sessions.listing(store, asked), asked)
