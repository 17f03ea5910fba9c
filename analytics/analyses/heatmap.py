"""Heatmap: where on a page people click (or move), by square and by element.

Squares are `cell` CSS pixels wide, counted from the page's top left: column_no = floor(x / cell), row_no = floor(y /
cell). Events without a place count by element only. A session counts once per square and element, however often it
comes back. The same page looks different on a phone and on a desk, so `screens` says how many events came from
windows of each kind; `viewport` chooses one.
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
SCREENS = {"phone": (0, 599), "tablet": (600, 1023), "desktop": (1024, 100_000)}
"""Kinds of windows by their width in CSS pixels, both ends inside."""

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
LIMIT 50000
"""

# Nine in ten of an element's events lie between the quantiles: its box, where no picture shows it
ELEMENTS = """
SELECT
    element,
    max(element_tag) AS element_tag,
    max(text) AS text,
    count(DISTINCT text) AS texts,
    count(*) AS events,
    count(DISTINCT session_key) AS sessions,
    median(x) AS x,
    median(y) AS y,
    quantile_cont(x, 0.05) AS x_low,
    quantile_cont(x, 0.95) AS x_high,
    quantile_cont(y, 0.05) AS y_low,
    quantile_cont(y, 0.95) AS y_high
FROM {source}
WHERE {test} AND element IS NOT NULL
GROUP BY element
ORDER BY events DESC, element
LIMIT 1000
"""

TOTALS = """
WITH seen AS (
    SELECT count(DISTINCT session_key) AS viewers
    FROM {seen}
    WHERE {views}
),
chosen AS (
    SELECT
        count(*) AS events,
        count(*) FILTER (WHERE x IS NOT NULL AND y IS NOT NULL) AS placed,
        count(DISTINCT session_key) AS sessions,
        max(page_height) AS page_height,
        min(viewport_width) AS narrowest,
        max(viewport_width) AS widest
    FROM {source}
    WHERE {test}
)
SELECT viewers, events, placed, sessions, page_height, narrowest, widest
FROM seen CROSS JOIN chosen
"""

BY_SCREEN = """
SELECT
    CASE
        WHEN viewport_width IS NULL THEN 'unknown'
        WHEN viewport_width <= $phone THEN 'phone'
        WHEN viewport_width <= $tablet THEN 'tablet'
        ELSE 'desktop'
    END AS screen,
    count(*) AS events,
    count(*) FILTER (WHERE x IS NOT NULL AND y IS NOT NULL) AS placed,
    count(DISTINCT session_key) AS sessions,
    CAST(floor(median(viewport_width)) AS INTEGER) AS usual_width
FROM {source}
WHERE {test}
GROUP BY screen
ORDER BY events DESC, screen
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
            narrow, wide = self.viewport
            raise InvalidQuestion(f"The window's width runs from small to large, not from {narrow} to {wide}.")


@dataclass(frozen=True)
class Cell:
    """A square whose top left corner is `(column_no * cell, row_no * cell)` CSS pixels."""

    column_no: int
    row_no: int
    events: int
    sessions: int


@dataclass(frozen=True)
class Element:
    """What was acted on. `text` is what it says there, one of `texts` different ones; `x` and `y` are the middle of its
    events in CSS pixels of the page, nine in ten lie between the lows and highs (None: no places)."""

    element: str
    element_tag: str | None
    text: str | None
    texts: int
    events: int
    sessions: int
    x: float | None
    y: float | None
    x_low: float | None
    x_high: float | None
    y_low: float | None
    y_high: float | None


@dataclass(frozen=True)
class Totals:
    """`viewers`: sessions that were on the page, with a viewport those with an event there in such a window; `placed`:
    events with a place; `sessions`: with an event."""

    viewers: int
    events: int
    placed: int
    sessions: int
    page_height: int | None
    narrowest: int | None
    widest: int | None


@dataclass(frozen=True)
class Screen:
    """Events of one kind of window (a name of `SCREENS`, or `unknown`), whatever the viewport asked for."""

    screen: str
    events: int
    placed: int
    sessions: int
    usual_width: int | None


@dataclass(frozen=True)
class HeatmapResult:
    """The answer: squares and elements with at least one event, busiest first (the 50,000 busiest squares, the 1,000
    busiest elements), and the kinds of windows."""

    cells: tuple[Cell, ...]
    elements: tuple[Element, ...]
    totals: Totals
    screens: tuple[Screen, ...]
    queries: tuple[Query, ...]


EXAMPLE = Heatmap(page="/checkout/payment", cell=20, viewport=(320, 480))


def queries(params: Heatmap, scope: Scope) -> tuple[Query, ...]:
    """Squares, elements, totals, kinds of windows."""
    source, named = PLACES[params.kind]
    page = glob("page", params.page, "page")
    anywhere = f"{page.sql} AND {named}"
    test, views, seen, values = anywhere, page.sql, "scoped_visits", page.params
    if params.viewport:
        narrow, wide = params.viewport
        window = Condition("viewport_width BETWEEN $narrow AND $wide", {"narrow": narrow, "wide": wide}, "")
        test, views, seen = f"{anywhere} AND {window.sql}", f"{page.sql} AND {window.sql}", "scoped"
        values = merged([page.params, window.params])
    return (
        scope.query(CELLS.format(source=source, test=test), cell=params.cell, **values),
        scope.query(ELEMENTS.format(source=source, test=test), **values),
        scope.query(TOTALS.format(source=source, test=test, seen=seen, views=views), **values),
        scope.query(
            BY_SCREEN.format(source=source, test=anywhere),
            phone=SCREENS["phone"][1],
            tablet=SCREENS["tablet"][1],
            **page.params,
        ),
    )


def run(store: Store, params: Heatmap, scope: Scope) -> HeatmapResult:
    """Ask `store`; an empty scope gives no squares and zeros."""
    asked = queries(params, scope)
    return HeatmapResult(
        tuple(store.rows(asked[0], Cell)),
        tuple(store.rows(asked[1], Element)),
        store.rows(asked[2], Totals)[0],
        tuple(store.rows(asked[3], Screen)),
        asked,
    )
