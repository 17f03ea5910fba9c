"""Heatmap: where on a page people click (or move), by square and by element.

Squares are `cell` CSS pixels wide, counted from the page's top left: column_no = floor(x / cell), row_no = floor(y /
cell). Events without a place count by element only. A session counts once per square and element, however often it
comes back.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics.conditions import STRICT, Condition, glob, merged
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

PLACES = {"click": ("scoped_clicks", "true"), "move": ("scoped", "name = 'move'")}

CELLS = """
SELECT
    CAST(floor(x / $cell) AS INTEGER) AS column_no,
    CAST(floor(y / $cell) AS INTEGER) AS row_no,
    count(*) AS events,
    count(DISTINCT session_key) AS sessions
FROM {source}
WHERE {test} AND x IS NOT NULL AND y IS NOT NULL
GROUP BY column_no, row_no
ORDER BY events DESC, row_no, column_no
"""

ELEMENTS = """
SELECT
    element,
    max(text) AS text,
    count(*) AS events,
    count(DISTINCT session_key) AS sessions,
    median(x) AS x,
    median(y) AS y
FROM {source}
WHERE {test} AND element IS NOT NULL
GROUP BY element
ORDER BY events DESC, element
LIMIT 1000
"""

TOTALS = """
WITH seen AS (
    SELECT count(DISTINCT session_key) AS viewers
    FROM scoped_visits
    WHERE {page}
)
SELECT
    viewers,
    count(*) AS events,
    count(x + y) AS placed,
    count(DISTINCT session_key) AS sessions,
    max(page_height) AS page_height,
    min(viewport_width) AS narrowest,
    max(viewport_width) AS widest
FROM seen LEFT JOIN (SELECT * FROM {source} WHERE {test}) AS chosen ON true
GROUP BY viewers
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Heatmap:
    """The question: events of `kind` on `page` (a glob). `viewport` is the window's width in CSS pixels, both ends
    inside; with one, events of unknown width are left out."""

    page: str
    kind: Literal["click", "move"] = "click"
    cell: int = 20
    viewport: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.cell <= 1000:
            raise InvalidQuestion(f"A square is 1 to 1,000 pixels wide, not {self.cell}.")
        if self.viewport and self.viewport[0] > self.viewport[1]:
            raise InvalidQuestion(f"The window's width runs from small to large, not {self.viewport}.")


@dataclass(frozen=True)
class Cell:
    """A square whose top left corner is `(column_no * cell, row_no * cell)` CSS pixels."""

    column_no: int
    row_no: int
    events: int
    sessions: int


@dataclass(frozen=True)
class Element:
    """What was acted on; `text` is what it says there, `x` and `y` the middle of its events (None: no places)."""

    element: str
    text: str | None
    events: int
    sessions: int
    x: float | None
    y: float | None


@dataclass(frozen=True)
class Totals:
    """`viewers`: sessions that were on the page, of any window; `placed`: events with a place; `sessions`: with an
    event."""

    viewers: int
    events: int
    placed: int
    sessions: int
    page_height: int | None
    narrowest: int | None
    widest: int | None


@dataclass(frozen=True)
class HeatmapResult:
    """The answer: squares and elements with at least one event, busiest first (the 1,000 busiest elements)."""

    cells: tuple[Cell, ...]
    elements: tuple[Element, ...]
    totals: Totals
    queries: tuple[Query, ...]


EXAMPLE = Heatmap(page="/checkout/payment", cell=20, viewport=(320, 480))


def queries(params: Heatmap, scope: Scope) -> tuple[Query, ...]:
    """Squares, elements, totals."""
    source, named = PLACES[params.kind]
    page = glob("page", params.page, "page")
    tests = [page, Condition(named, {}, "")]
    if params.viewport:
        narrow, wide = params.viewport
        tests.append(
            Condition("viewport_width BETWEEN $narrow AND $wide", {"narrow": narrow, "wide": wide}, "window's width")
        )
    test, values = " AND ".join(condition.sql for condition in tests), merged(condition.params for condition in tests)
    return (
        scope.query(CELLS.format(source=source, test=test), cell=params.cell, **values),
        scope.query(ELEMENTS.format(source=source, test=test), **values),
        scope.query(TOTALS.format(source=source, test=test, page=page.sql), **values),
    )


def run(store: Store, params: Heatmap, scope: Scope) -> HeatmapResult:
    """Ask `store`; an empty scope gives no squares and zeros."""
    asked = queries(params, scope)
    return HeatmapResult(
        tuple(store.rows(asked[0], Cell)),
        tuple(store.rows(asked[1], Element)),
        store.rows(asked[2], Totals)[0],
        asked,
    )
