"""Heatmap sessions: who clicked (or moved) in a region of a page, or on an element. The list behind a spot of a heatmap
and behind an element, as long as its figure.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics.analyses.event_sessions import COUNTED, LISTED, Row, check_page, listing
from analytics.analyses.heatmap import SOURCES, check_region, inside
from analytics.analyses.scroll import check_viewport
from analytics.conditions import STRICT, Condition, any_page, merged
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

OF_ELEMENT = {
    "click": "element_key IN (SELECT element_key FROM elements WHERE called = $element)",
    "move": "coalesce(element = $element, false)",
}
MEMBERS = """
WITH members AS (
    SELECT DISTINCT session_key
    FROM {source}
    WHERE {test}
)"""
EVENTS = """
SELECT count(*) AS events
FROM {source}
WHERE {test}
"""


@with_config(STRICT)
@dataclass(frozen=True)
class HeatmapSessions:
    """The question: sessions with an event of `kind` on `page` (a glob, or several; None: anywhere), latest first.

    `region` is (left, right, top, bottom) in CSS pixels of the page, of the window with `fixed`; left and top are
    inside, right and bottom are not. `element` is what a heatmap `called` it. `viewport` as there.
    """

    page: str | tuple[str, ...] | None = None
    kind: Literal["click", "move"] = "click"
    viewport: tuple[int, int] | None = None
    region: tuple[int, int, int, int] | None = None
    fixed: bool = False
    element: str | None = None
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)
        check_viewport(self.viewport)
        check_region(self.region)


@dataclass(frozen=True)
class Events:
    """How many there are in all."""

    events: int


@dataclass(frozen=True)
class HeatmapSessionsResult:
    """The answer: one page of the list, its whole length, and how many `events` the sessions did there."""

    rows: tuple[Row, ...]
    total: int
    events: int
    queries: tuple[Query, ...]


EXAMPLE = HeatmapSessions("/checkout/payment", viewport=(320, 480), element="button#pay-now", limit=20)


def queries(params: HeatmapSessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, the count that also holds when that page is empty, and the events."""
    source, named = SOURCES[params.kind]
    tests = [any_page(params.page)] if params.page is not None else []
    if params.viewport:
        narrow, wide = params.viewport
        tests.append(Condition("viewport_width BETWEEN $narrow AND $wide", {"narrow": narrow, "wide": wide}, ""))
    tests += inside(params.region, params.fixed)
    if params.element is not None:
        tests.append(Condition(OF_ELEMENT[params.kind], {"element": params.element}, ""))
    at = {"source": source, "test": " AND ".join([named, *(test.sql for test in tests)])}
    values = merged(test.params for test in tests)
    members = MEMBERS.format(**at)
    return (
        scope.query(members + LISTED, limit=params.limit, offset=params.offset, **values),
        scope.query(members + COUNTED, **values),
        scope.query(EVENTS.format(**at), **values),
    )


def run(store: Store, params: HeatmapSessions, scope: Scope) -> HeatmapSessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    asked = queries(params, scope)
    return HeatmapSessionsResult(*listing(store, asked), store.rows(asked[2], Events)[0].events, asked)
