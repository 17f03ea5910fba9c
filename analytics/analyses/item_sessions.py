"""Item sessions: which sessions hold a page, event, clicked element, error or funnel step. The list
behind item changes."""

from dataclasses import dataclass

from pydantic import with_config

from analytics import changed_items
from analytics.analyses import event_sessions
from analytics.analyses.event_sessions import COUNTED, LISTED, Row, check_page
from analytics.changed_items import Kind
from analytics.conditions import STRICT
from analytics.metrics import FunnelGoal
from analytics.path_items import Groups, check_groups
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

LOOKED = """
WITH looked AS (
    SELECT session_key AS key_, 0 AS side, user_key AS person, CAST(NULL AS VARCHAR) AS part, 1 AS weight, page_string,
        name_string
    FROM scoped_sessions
),
"""
MEMBERS = """,
members AS (
    SELECT key_ AS session_key
    FROM seen
    WHERE kind = $kind AND item = $item
)"""


@with_config(STRICT)
@dataclass(frozen=True)
class ItemSessions:
    """The question: sessions with the item, latest first; `groups` and `funnel` as in item changes."""

    kind: Kind
    item: str
    groups: Groups = ()
    funnel: FunnelGoal | None = None
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)
        check_groups(self.groups)
        changed_items.check(self.kind, self.item, self.funnel)


@dataclass(frozen=True)
class ItemSessionsResult:
    """The answer: one page of the list, and its whole length."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = ItemSessions("page", "/product/*", ("/product/*", "/category/*"), limit=20)


def queries(params: ItemSessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    items = changed_items.seen(params.groups, params.funnel if params.kind == "step" else None)
    sql = LOOKED + items.sql + MEMBERS
    values = {**items.params, "kind": params.kind, "item": params.item}
    page = scope.query(sql + LISTED, limit=params.limit, offset=params.offset, **values)
    return page, scope.query(sql + COUNTED, **values)


def run(store: Store, params: ItemSessions, scope: Scope) -> ItemSessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    asked = queries(params, scope)
    return ItemSessionsResult(*event_sessions.listing(store, asked), asked)
