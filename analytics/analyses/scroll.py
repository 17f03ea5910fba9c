"""Scroll: how far down a page its views came.

A view is a stay on the page that holds a page view. It came as deep as its deepest scroll, and at least as deep as its
window shows at once; a view that tells neither is left out and counted as unknown. Depths are shares of the page's
height, 0 its top and 1 its end.
"""

from dataclasses import dataclass

from pydantic import with_config

from analytics.conditions import STRICT, glob
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

# A little more than the depth is floored: 0.7 comes as 0.69999999 from exports that keep four bytes
SQL = """
WITH views AS (
    SELECT
        count(scroll_depth) > 0 AS scrolled,
        max(scroll_depth) AS deepest,
        max(CASE WHEN viewport_height < page_height THEN viewport_height * 1.0 / page_height ELSE 1.0 END)
            FILTER (WHERE viewport_height > 0 AND page_height > 0) AS at_once
    FROM scoped
    WHERE {test}
    GROUP BY session_key, visit_no
    HAVING count(*) FILTER (WHERE name = 'page_view') > 0
)
SELECT
    CAST(floor(100 * greatest(coalesce(deepest, 0), coalesce(at_once, 0)) + 0.001) AS INTEGER) AS depth,
    deepest IS NULL AND at_once IS NULL AS unknown,
    count(*) AS views,
    count(*) FILTER (WHERE scrolled) AS scrolled,
    count(at_once) AS windows,
    sum(at_once) AS at_once
FROM views
GROUP BY 1, 2
ORDER BY 2, 1
"""
STEP = 5  # percent of the page


@with_config(STRICT)
@dataclass(frozen=True)
class Scroll:
    """The question: views of `page` (a glob). `viewport` is the window's width in CSS pixels, both ends inside."""

    page: str
    viewport: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.viewport and self.viewport[0] > self.viewport[1]:
            narrow, wide = self.viewport
            raise InvalidQuestion(f"The window's width runs from small to large, not from {narrow} to {wide}.")


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


def queries(params: Scroll, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    page = glob("page", params.page, "page")
    if not params.viewport:
        return (scope.query(SQL.format(test=page.sql), **page.params),)
    narrow, wide = params.viewport
    test = f"{page.sql} AND viewport_width BETWEEN $narrow AND $wide"
    return (scope.query(SQL.format(test=test), narrow=narrow, wide=wide, **page.params),)


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
