"""Heatmap: where on a page people click (or move), by square and by element.

Squares are `cell` CSS pixels wide, counted from the page's top left: column_no = floor(x / cell), row_no = floor(y /
cell). What stays in the window when the page scrolls (`events.fixed`) has no place on the page: it is counted apart, in
squares of the window. Events without a place count by element only. A session counts once per square and element,
however often it comes back. The same page looks different on a phone and on a desk, so `screens` says how many events
came from windows of each kind; `viewport` chooses one.

Clicked elements go by what `analytics.element_names` calls them, moves by what the event says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import with_config

from analytics.analyses.scroll import check_viewport, on_page
from analytics.conditions import STRICT, Condition, merged
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

SOURCES = {"click": ("scoped_clicks", "true"), "move": ("scoped", "name = 'move'")}
SCREENS = {"phone": (0, 599), "tablet": (600, 1023), "desktop": (1024, 100_000)}
"""Kinds of windows by their width in CSS pixels, both ends inside."""

INSIDE = "x >= $left AND x < $right AND y >= $top AND y < $bottom AND coalesce(fixed, false) = $fixed"
CELLS = """
SELECT
    CAST(floor(x / $cell) AS INTEGER) AS column_no,
    CAST(floor(y / $cell) AS INTEGER) AS row_no,
    coalesce(fixed, false) AS is_fixed,
    count(*) AS events,
    count(DISTINCT session_key) AS sessions
FROM {source}
WHERE {test} AND x IS NOT NULL AND y IS NOT NULL
GROUP BY column_no, row_no, is_fixed
ORDER BY events DESC, row_no, column_no, is_fixed
LIMIT 50000
"""

# What is known of an element is looked up once per element, not per event; numbers are quicker to count by than names.
CLICKED = """
WITH names AS (
    SELECT element_key, dense_rank() OVER (ORDER BY called) AS element_no, called, called <> ruled AS is_given,
        element, element_tag, text
    FROM elements
    WHERE {page}
),
by_key AS (
    SELECT element_key FROM scoped_clicks WHERE {test} GROUP BY element_key
),
acts AS (
    SELECT element_no, session_key, x, y, fixed
    FROM scoped_clicks JOIN names USING (element_key)
    WHERE {test}
),
described AS (
    SELECT element_no, min(called) AS called, count(CASE WHEN is_given THEN 1 END) > 0 AS is_given,
        min(element) AS element, max(element) AS other_element, max(element_tag) AS element_tag,
        max(text) AS text, count(DISTINCT text) AS texts
    FROM names JOIN by_key USING (element_key)
    GROUP BY element_no
),"""
MOVED = """
WITH acts AS (
    SELECT element AS element_no, element_tag, text, session_key, x, y, fixed
    FROM scoped
    WHERE {test} AND element IS NOT NULL
),
described AS (
    SELECT element_no, element_no AS called, false AS is_given, element_no AS element,
        element_no AS other_element, max(element_tag) AS element_tag, max(text) AS text, count(DISTINCT text) AS texts
    FROM acts
    GROUP BY element_no
),"""
# Nine in ten of an element's events lie between the quantiles: its box, where no picture shows it
ELEMENTS = """
placed AS (
    SELECT
        element_no,
        count(*) AS events,
        count(DISTINCT session_key) AS sessions,
        count(CASE WHEN fixed THEN 1 END) AS fixed_events,
        median(x) AS x,
        median(y) AS y,
        quantile_cont(x, 0.05) AS x_low,
        quantile_cont(x, 0.95) AS x_high,
        quantile_cont(y, 0.05) AS y_low,
        quantile_cont(y, 0.95) AS y_high
    FROM acts
    GROUP BY element_no
)
SELECT
    CASE WHEN element = other_element THEN element ELSE called END AS element,
    called, is_given, element_tag, text, texts, events, sessions, 2 * fixed_events > events AS is_fixed,
    x, y, x_low, x_high, y_low, y_high
FROM placed JOIN described USING (element_no)
ORDER BY events DESC, called
LIMIT 1000
"""

TOTALS = """
WITH seen AS (
    SELECT count(DISTINCT session_key) AS viewers
    FROM scoped_visits
    WHERE {views}
),
chosen AS (
    SELECT
        count(*) AS events,
        count(CASE WHEN x IS NOT NULL AND y IS NOT NULL THEN 1 END) AS placed,
        count(CASE WHEN x IS NOT NULL AND y IS NOT NULL AND fixed THEN 1 END) AS fixed,
        count(DISTINCT session_key) AS sessions,
        max(page_height) AS page_height,
        min(viewport_width) AS narrowest,
        max(viewport_width) AS widest
    FROM {source}
    WHERE {test}
)
SELECT viewers, events, placed, fixed, sessions, page_height, narrowest, widest
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
    count(CASE WHEN x IS NOT NULL AND y IS NOT NULL THEN 1 END) AS placed,
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
    """The question: events of `kind` on `page` (a glob, or several). `viewport` is the window's width in CSS pixels,
    both ends inside; with one, events of unknown width are left out. `region` is (left, right, top, bottom) in CSS
    pixels of the page, of the window with `fixed`: only events in it count; left and top are inside, right and bottom
    are not."""

    page: str | tuple[str, ...]
    kind: Literal["click", "move"] = "click"
    cell: int = 20
    viewport: tuple[int, int] | None = None
    region: tuple[int, int, int, int] | None = None
    fixed: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.cell <= 1000:
            raise InvalidQuestion(f"A square is 1 to 1,000 pixels wide, not {self.cell}.")
        check_viewport(self.viewport)
        check_region(self.region)


def check_region(region: tuple[int, int, int, int] | None) -> None:
    """Raises `InvalidQuestion` for one that has no area."""
    if region and (region[0] >= region[1] or region[2] >= region[3]):
        raise InvalidQuestion(f"A region is [left, right, top, bottom] with an area; {list(region)} has none.")


def inside(region: tuple[int, int, int, int] | None, fixed: bool) -> Iterator[Condition]:
    """The test of an event in the region, if there is one."""
    if region:
        edges = dict(zip(("left", "right", "top", "bottom"), region, strict=True))
        yield Condition(INSIDE, {**edges, "fixed": fixed}, "")


@dataclass(frozen=True)
class Row:
    """A square as the statement gives it, of the window where `is_fixed`."""

    column_no: int
    row_no: int
    is_fixed: bool
    events: int
    sessions: int


@dataclass(frozen=True)
class Cell:
    """A square whose top left corner is `(column_no * cell, row_no * cell)` CSS pixels."""

    column_no: int
    row_no: int
    events: int
    sessions: int


@dataclass(frozen=True)
class Element:
    """What was acted on. `element` is what events call it; where they call it different things, it is `called`, which
    names it in other questions; `is_given`: by people. `text` is what it says there, one of `texts` different ones; `x`
    and `y` are the middle of its events in CSS pixels of the page (of the window where it `is_fixed`), nine in ten lie
    between the lows and highs (None: no places)."""

    element: str
    called: str
    is_given: bool
    element_tag: str | None
    text: str | None
    texts: int
    events: int
    sessions: int
    is_fixed: bool | None
    x: float | None
    y: float | None
    x_low: float | None
    x_high: float | None
    y_low: float | None
    y_high: float | None


@dataclass(frozen=True)
class Totals:
    """`viewers`: sessions that were on the page (with a viewport: in such a window); `placed`: events with a place,
    `fixed` of them in the window; `sessions`: with an event."""

    viewers: int
    events: int
    placed: int
    fixed: int
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
    busiest elements), and the kinds of windows. `fixed` are squares of the window."""

    cells: tuple[Cell, ...]
    fixed: tuple[Cell, ...]
    elements: tuple[Element, ...]
    totals: Totals
    screens: tuple[Screen, ...]
    queries: tuple[Query, ...]


EXAMPLE = Heatmap(page="/checkout/payment", cell=20, viewport=(320, 480))


def chosen(params: Heatmap) -> tuple[str, Condition, Condition]:
    """Where the events of the question are read, the test of one, and that of a stay on the page in such a window."""
    source, named = SOURCES[params.kind]
    views = on_page(params.page, params.viewport)
    tests = [views, *inside(params.region, params.fixed)]
    sql = " AND ".join([*(test.sql for test in tests), named])
    return source, Condition(sql, merged(test.params for test in tests), ""), views


def queries(params: Heatmap, scope: Scope) -> tuple[Query, ...]:
    """Squares, elements, totals, kinds of windows."""
    source, test, views = chosen(params)
    _, anywhere, page = chosen(replace(params, viewport=None))
    acts = (CLICKED if params.kind == "click" else MOVED).format(test=test.sql, page=page.sql)
    return (
        scope.query(CELLS.format(source=source, test=test.sql), cell=params.cell, **test.params),
        scope.query(acts + ELEMENTS, **test.params),
        scope.query(TOTALS.format(source=source, test=test.sql, views=views.sql), **test.params),
        scope.query(
            BY_SCREEN.format(source=source, test=anywhere.sql),
            phone=SCREENS["phone"][1],
            tablet=SCREENS["tablet"][1],
            **anywhere.params,
        ),
    )


def run(store: Store, params: Heatmap, scope: Scope) -> HeatmapResult:
    """Ask `store`; an empty scope gives no squares and zeros."""
    asked = queries(params, scope)
    squares = store.rows(asked[0], Row)
    page, window = (
        tuple(Cell(row.column_no, row.row_no, row.events, row.sessions) for row in squares if row.is_fixed == fixed)
        for fixed in (False, True)
    )
    return HeatmapResult(
        page,
        window,
        tuple(store.rows(asked[1], Element)),
        store.rows(asked[2], Totals)[0],
        tuple(store.rows(asked[3], Screen)),
        asked,
    )
