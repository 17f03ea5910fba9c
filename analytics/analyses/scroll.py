"""Scroll: how far down a page its views came.

A view is a viewed stay on the page. It came as deep as its deepest scroll, and at least as deep as its window shows at
once; a view that tells neither is left out and counted as unknown. Depths are shares of the page's height, 0 its top
and 1 its end. A stay whose window changes size is one of its first size.
"""

from dataclasses import dataclass

from pydantic import with_config

from analytics.conditions import STRICT, Condition, any_page, merged
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

# A little more than the depth is floored: 0.7 comes as 0.69999999 from exports that keep four bytes
SQL = """
SELECT
    CAST(floor(100 * greatest(coalesce(deepest_scroll, 0), coalesce(first_screen, 0)) + 0.001) AS INTEGER) AS depth,
    deepest_scroll IS NULL AND first_screen IS NULL AS unknown,
    count(*) AS views,
    count(deepest_scroll) AS scrolled,
    count(first_screen) AS windows,
    sum(first_screen) AS at_once
FROM scoped_visits
WHERE viewed AND {test}
GROUP BY 1, 2
ORDER BY 2, 1
"""
STEP = 5  # percent of the page


def check_viewport(viewport: tuple[int, int] | None) -> None:
    """Raises `InvalidQuestion` for one that runs backwards."""
    if viewport and viewport[0] > viewport[1]:
        narrow, wide = viewport
        raise InvalidQuestion(f"The window's width runs from small to large, not from {narrow} to {wide}.")


@with_config(STRICT)
@dataclass(frozen=True)
class Scroll:
    """The question: views of `page` (a glob, or several). `viewport` is the window's width in CSS pixels, both ends
    inside."""

    page: str | tuple[str, ...]
    viewport: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        check_viewport(self.viewport)


@dataclass(frozen=True)
class Row:
    """As the statement gives it: views that came to `depth` percent and no further; `at_once` summed over `windows`."""

    depth: int
    unknown: bool
    views: int
    scrolled: int
    windows: int
    at_once: float | None


@dataclass(frozen=True)
class Reach:
    """`views` came at least to `depth`, a share of the page's height."""

    depth: float
    views: int


@dataclass(frozen=True)
class ScrollResult:
    """The answer: from the top in steps of 5 %. `views` is the denominator, `unknown` those that tell no depth,
    `scrolled` those that scrolled, `at_once` the share of the page that a window shows at once (None: unknown)."""

    reached: tuple[Reach, ...]
    views: int
    scrolled: int
    unknown: int
    at_once: float | None
    queries: tuple[Query, ...]


EXAMPLE = Scroll(page="/checkout/payment", viewport=(320, 480))


def on_page(page: str | tuple[str, ...], viewport: tuple[int, int] | None) -> Condition:
    """Stays on the page in such a window, over one row of visits."""
    there = any_page(page)
    if not viewport:
        return there
    narrow, wide = viewport
    sql = f"{there.sql} AND viewport_width BETWEEN $narrow AND $wide"
    return Condition(sql, merged([there.params, {"narrow": narrow, "wide": wide}]), "")


def queries(params: Scroll, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    test = on_page(params.page, params.viewport)
    return (scope.query(SQL.format(test=test.sql), **test.params),)


def run(store: Store, params: Scroll, scope: Scope) -> ScrollResult:
    """Ask `store`; a page that nobody viewed was reached nowhere."""
    asked = queries(params, scope)
    rows = store.rows(asked[0], Row)
    known = [row for row in rows if not row.unknown]
    steps = range(0, 100 + STEP, STEP)
    reached = tuple(Reach(step / 100, sum(row.views for row in known if row.depth >= step)) for step in steps)
    windows = sum(row.windows for row in known)
    shown = sum(row.at_once or 0.0 for row in known)
    return ScrollResult(
        reached,
        sum(row.views for row in known),
        sum(row.scrolled for row in known),
        sum(row.views for row in rows if row.unknown),
        shown / windows if windows else None,
        asked,
    )
