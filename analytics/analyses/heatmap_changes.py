"""Heatmap changes: where on a page, and on which of its elements, people click more or less after than before.

By `share` a square's or element's clicks are compared as a share of all clicks on the page: where attention moved. As
shares add up to one, what loses many clicks makes every other share larger. `rate` compares clicks per session that saw
the page instead: a change in one place is none in another. What is fixed to the window is compared by element only.

Clicks of one person are not independent of each other, and people may be on both sides: intervals are by person
(delta method, `stats.overlapping`), and q corrects for all squares compared, as it does for all elements. Too few is
said where a side has fewer than ten people who saw the page (by share: clicked on it), or both sides together fewer
than ten clicks there.
"""

from dataclasses import dataclass, replace
from typing import Literal, Required, TypedDict

from pydantic import with_config

from analytics import stats
from analytics.analyses.heatmap import Heatmap, chosen
from analytics.conditions import STRICT
from analytics.query import Query
from analytics.scope import Scope
from analytics.stats import Crossing, Sums
from analytics.store import Store
from analytics.two_sides import TwoSides, check_sides

ENOUGH = 10
ACROSS = 1_000_000  # more columns than any page has squares

ACTS = """
WITH sides AS (
    SELECT session_key AS sided_key, side, user_key AS person
    FROM sided_sessions
),
names AS (
    SELECT element_key, dense_rank() OVER (ORDER BY called) AS element_no, called, called <> ruled AS is_given,
        element, element_tag, text
    FROM elements
    WHERE {page}
),
acts AS (
    SELECT side, person, sided_key, element_no,
        CASE WHEN x >= 0 AND y >= 0 AND NOT coalesce(fixed, false)
            THEN CAST(floor(y / $cell) AS BIGINT) * {across} + CAST(floor(x / $cell) AS BIGINT) END AS square
    FROM scoped_clicks JOIN sides ON sided_key = session_key
    LEFT JOIN names USING (element_key)
    WHERE {test}
),"""
# Of a person, what all clicks there are a share of: m before, n after
OF_CLICKS = """
own AS (
    SELECT person, CAST(sum(1 - side) AS DOUBLE) AS m, CAST(sum(side) AS DOUBLE) AS n
    FROM acts
    GROUP BY person
),"""
OF_VIEWERS = """
viewers AS (
    SELECT DISTINCT sided_key, side, person
    FROM scoped_visits JOIN sides ON sided_key = session_key
    WHERE {views}
    UNION
    SELECT sided_key, side, person FROM acts
),
own AS (
    SELECT person, CAST(sum(1 - side) AS DOUBLE) AS m, CAST(sum(side) AS DOUBLE) AS n
    FROM viewers
    GROUP BY person
),"""
# Of a person, so many clicks there before (b) and after (a)
SUMMED = """
placed AS (
    SELECT 'square' AS kind, square AS item, side, person FROM acts WHERE square IS NOT NULL
    UNION ALL
    SELECT 'element' AS kind, element_no AS item, side, person FROM acts WHERE element_no IS NOT NULL
),
theirs AS (
    SELECT kind, item, person, CAST(sum(1 - side) AS DOUBLE) AS b, CAST(sum(side) AS DOUBLE) AS a
    FROM placed
    GROUP BY kind, item, person
)
SELECT kind, item, sum(b) AS before, sum(a) AS after, sum(b * b) AS before_squares, sum(a * a) AS after_squares,
    sum(b * m) AS before_cross, sum(a * n) AS after_cross, sum(b * a) AS totals, sum(b * n) AS total_count,
    sum(m * a) AS count_total, 0 AS before_people, 0 AS after_people
FROM theirs JOIN own USING (person)
GROUP BY kind, item
UNION ALL
SELECT 'all' AS kind, 0 AS item, sum(m) AS before, sum(n) AS after, sum(m * m) AS before_squares,
    sum(n * n) AS after_squares, 0 AS before_cross, 0 AS after_cross, sum(m * n) AS totals, 0 AS total_count,
    0 AS count_total, count(CASE WHEN m > 0 THEN 1 END) AS before_people, count(CASE WHEN n > 0 THEN 1 END) AS after_people
FROM own
ORDER BY kind, item
"""  # noqa: E501
NAMES = """
described AS (
    SELECT element_no FROM acts GROUP BY element_no
)
SELECT element_no AS item, CASE WHEN min(element) = max(element) THEN min(element) ELSE min(called) END AS element,
    min(called) AS called, count(CASE WHEN is_given THEN 1 END) > 0 AS is_given, max(element_tag) AS element_tag,
    max(text) AS text, count(DISTINCT text) AS texts
FROM names JOIN described USING (element_no)
GROUP BY element_no
ORDER BY element_no
"""


@with_config(STRICT)
@dataclass(frozen=True)
class HeatmapChanges:
    """The question: clicks on `page` (a glob, or several) in squares of `cell` CSS pixels, from the sessions `before`
    to those `after`. `viewport` is the window's width in CSS pixels, both ends inside."""

    page: str | tuple[str, ...]
    before: Scope
    after: Scope
    measure: Literal["share", "rate"] = "rate"
    cell: int = 40
    viewport: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        check_sides(self.before, self.after)
        self.heatmap  # noqa: B018 - what a heatmap refuses is refused here

    @property
    def heatmap(self) -> Heatmap:
        """The same of one scope."""
        return Heatmap(self.page, "click", self.cell, self.viewport)


@dataclass(frozen=True)
class Row:
    """As the statement gives it: sums over people of one square, element, or of all ("all")."""

    kind: str
    item: int
    before: float
    after: float
    before_squares: float
    after_squares: float
    before_cross: float
    after_cross: float
    totals: float
    total_count: float
    count_total: float
    before_people: int
    after_people: int


@dataclass(frozen=True)
class Name:
    """How an element is called; as in a heatmap."""

    item: int
    element: str
    called: str
    is_given: bool
    element_tag: str | None
    text: str | None
    texts: int


class Figures(TypedDict, total=False):
    """Fields of a `Change`."""

    counts: Required[tuple[int, int]]
    sizes: Required[tuple[int, int]]
    low: float
    high: float
    p: float


@dataclass(frozen=True, kw_only=True)
class Change:
    """`counts` are clicks, `sizes` what they are a share of, before and after; no p where it is too little to say."""

    counts: tuple[int, int]
    sizes: tuple[int, int]
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None

    @property
    def before(self) -> float:
        """Clicks per click, or per session that saw the page; 0 of none."""
        return self.counts[0] / self.sizes[0] if self.sizes[0] else 0.0

    @property
    def after(self) -> float:
        """Likewise."""
        return self.counts[1] / self.sizes[1] if self.sizes[1] else 0.0

    @property
    def change(self) -> float:
        """After minus before."""
        return self.after - self.before

    @property
    def clear(self) -> bool:
        """Whether it is more than noise."""
        return (
            self.q is not None and self.q < 0.05 and self.low is not None and self.high is not None
            and not self.low <= 0 <= self.high
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Square(Change):
    """A square of the page, as in a heatmap."""

    column_no: int
    row_no: int


@dataclass(frozen=True, kw_only=True)
class ElementChange(Change):
    """An element, named as in a heatmap."""

    element: str
    called: str
    is_given: bool
    element_tag: str | None
    text: str | None
    texts: int


@dataclass(frozen=True)
class HeatmapChangesResult:
    """The answer: elements, clear changes and large ones first; squares from the top. `sizes` is what counts are a
    share of: clicks, or sessions that saw the page."""

    elements: tuple[ElementChange, ...]
    squares: tuple[Square, ...]
    sizes: tuple[int, int]
    people: tuple[int, int]
    queries: tuple[Query, ...]


EXAMPLE = HeatmapChanges(
    "/checkout/payment", Scope(releases=("1.1",)), Scope(releases=("1.2",)), viewport=(0, 599), cell=40
)


def queries(params: HeatmapChanges, scope: Scope) -> tuple[Query, ...]:
    """Sums over people of all that is compared, and the names of the elements. Both sides are narrowed to `scope`."""
    sides = TwoSides.within(params.before, params.after, scope)
    _, test, views = chosen(params.heatmap)
    page = chosen(replace(params.heatmap, viewport=None))[2]
    acts = ACTS.format(page=page.sql, test=test.sql, across=ACROSS)
    own = OF_CLICKS if params.measure == "share" else OF_VIEWERS.format(views=views.sql)
    values = {**test.params, "cell": params.cell}
    return sides.query(acts + own + SUMMED, **values), sides.query(acts + NAMES, **values)


def run(store: Store, params: HeatmapChanges, scope: Scope) -> HeatmapChangesResult:
    """Ask `store`; where a side is empty, everything is too little to say."""
    asked = queries(params, scope)
    rows = store.rows(asked[0], Row)
    names = {name.item: name for name in store.rows(asked[1], Name)}
    whole = next((row for row in rows if row.kind == "all"), None)
    if whole is None or not (whole.before or whole.after):
        return HeatmapChangesResult((), (), (0, 0), (0, 0), asked)
    squares = [
        Square(column_no=row.item % ACROSS, row_no=row.item // ACROSS, **_compared(row, whole))
        for row in rows
        if row.kind == "square"
    ]
    elements = [
        ElementChange(
            element=name.element, called=name.called, is_given=name.is_given, element_tag=name.element_tag,
            text=name.text, texts=name.texts, **_compared(row, whole),
        )
        for row in rows
        if row.kind == "element" and (name := names[row.item])
    ]  # fmt: skip
    return HeatmapChangesResult(
        tuple(sorted(stats.corrected(elements), key=lambda one: (not one.clear, -abs(one.change), one.called))),
        tuple(stats.corrected(squares)),
        (round(whole.before), round(whole.after)),
        (whole.before_people, whole.after_people),
        asked,
    )


def _compared(row: Row, whole: Row) -> Figures:
    """What a `Change` says of one square or element."""
    counts, sizes = (round(row.before), round(row.after)), (round(whole.before), round(whole.after))
    found: Figures = {"counts": counts, "sizes": sizes}
    if min(sizes) == 0 or min(whole.before_people, whole.after_people) < ENOUGH or sum(counts) < ENOUGH:
        return found
    before, after = (
        Sums(size, total, squares, people, squares, cross, counts)
        for size, total, squares, people, cross, counts in (
            (whole.before, row.before, row.before_squares, whole.before_people, row.before_cross, whole.before_squares),
            (whole.after, row.after, row.after_squares, whole.after_people, row.after_cross, whole.after_squares),
        )
    )
    figures = stats.overlapping(before, after, Crossing(row.totals, row.total_count, row.count_total, whole.totals))
    return found | {"low": figures.low, "high": figures.high, "p": figures.p}
