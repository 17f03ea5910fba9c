"""Path changes: which share of all paths takes each link and passes each item, and what tells how sure that is.

Every share is of all paths in scope: of an item at its place, of a link, of those that end, begin or go on undrawn
there. So at every item the shares in and out add up, as the counts do. Shares are ratios of sums over people, whose
sessions are not independent of each other; two scopes are compared by the delta method (`stats.by_person`), and q
corrects for all links compared, as it does for all items. Too few is said where a side has fewer than ten people with a
path, or both sides together fewer than ten such paths.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import with_config

from analytics import path_sql, stats
from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.path_sql import Walk
from analytics.query import Query
from analytics.scope import Scope
from analytics.stats import Sums
from analytics.store import Store

ENOUGH = 10
OFTEN = 20  # stored sessions of a person

# Rows without a person are of all. Of a person, n paths do this, of m in all: each path ends once. Who has very many
# sessions is always looked at; whoever else is stands for others too. What is not shown by itself has no name; it is
# folded after counting, when there are far fewer rows.
SUMMED = """,
some_people AS (
    SELECT session_key AS key_, scoped_sessions.user_key,
        CASE WHEN often.user_key IS NULL THEN $one_of ELSE 1 END AS weight
    FROM scoped_sessions
    LEFT JOIN (SELECT user_key FROM users WHERE sessions > $often) AS often ON often.user_key = scoped_sessions.user_key
    WHERE often.user_key IS NOT NULL OR scoped_sessions.user_key % $one_of = 0
),
counted AS (
    SELECT CAST(NULL AS BIGINT) AS user_key, 0 AS weight, depth, item, following, onward, {came} AS came, count(*) AS n
    FROM hops
    GROUP BY depth, item, following, onward, {came}
    UNION ALL
    SELECT user_key, weight, depth, item, following, onward, {came} AS came, count(*) AS n
    FROM hops JOIN some_people ON key_ = session_key
    GROUP BY user_key, weight, depth, item, following, onward, {came}
),
folded AS (
    SELECT user_key, weight, depth, {source} AS source, came, CASE WHEN onward THEN {target} END AS target,
        CASE WHEN following IS NULL THEN 'left' WHEN onward THEN 'link' ELSE 'cut' END AS went, CAST(n AS DOUBLE) AS n
    FROM counted
),
beside AS (
    SELECT *, sum(CASE WHEN went = 'link' THEN 0 ELSE n END) OVER (PARTITION BY user_key) AS m
    FROM folded
),
at_once AS (
    SELECT user_key, max(weight) AS weight, depth, source, {kept} AS came, went, target,
        grouping(source) AS any_source, CASE WHEN depth IS NULL THEN max(m) ELSE sum(n) END AS n, max(m) AS m
    FROM beside
    GROUP BY GROUPING SETS (
        (user_key), (user_key, depth, source), (user_key, depth, source, went, target), (user_key, depth, went){sets}
    )
)
SELECT depth, source, came, went, target, any_source,
    sum(CASE WHEN user_key IS NULL THEN n ELSE 0 END) AS total,
    sum(CASE WHEN user_key IS NULL THEN 0 ELSE weight * n END) AS some,
    sum(CASE WHEN user_key IS NULL THEN 0 ELSE weight * n * n END) AS squares,
    sum(CASE WHEN user_key IS NULL THEN 0 ELSE weight * n * m END) AS crosses,
    sum(CASE WHEN user_key IS NULL THEN 0e0 ELSE weight END) AS people
FROM at_once
GROUP BY depth, source, came, went, target, any_source
ORDER BY depth, any_source, total DESC, source, came, went, target
"""
BEGUN = ",\n        (user_key, depth, source, came), (user_key, depth, came)"
CAME = "CASE WHEN nth = 1 THEN 'began' WHEN depth = 1 THEN 'earlier' ELSE 'came' END"


@with_config(STRICT)
@dataclass(frozen=True)
class PathChanges(Walk):
    """The question: as paths, by session. `shown` are the items of column 1, 2, ... that stand by themselves; all
    others of a column are one. Empty: every item stands by itself.

    Counts are of all paths. How a person's paths go together, which the intervals need, is looked up for one of
    `one_of` people, drawn by their keys, and for everybody with more than 20 sessions.
    """

    shown: tuple[tuple[str, ...], ...] = ()
    one_of: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.one_of < 1:
            raise InvalidQuestion(f"One of how many people is looked at? At least one of 1, not one of {self.one_of}.")


@dataclass(frozen=True)
class Row:
    """As the statement gives it: all paths (no `depth`), or those that do one thing; `some` stand for them."""

    depth: int | None
    source: str | None
    came: str | None
    went: str | None
    target: str | None
    any_source: int
    total: float
    some: float
    squares: float
    crosses: float
    people: float


How = Literal["pass", "link", "left", "cut", "began", "earlier", "gone", "entered"]


@dataclass(frozen=True)
class Way:
    """What paths may do in column `depth`, from 1, at the item `source` (null: one that does not stand by itself).

    "pass" it; go straight on by a "link" to `target`; end there ("left") or go on undrawn ("cut"). Around an event
    also: begin there ("began"), or come from what is not drawn ("earlier"). "gone" are all that end in this column,
    "entered" all that begin in it, at whatever item.
    """

    depth: int
    source: str | None
    how: How
    target: str | None = None


@dataclass(frozen=True)
class Share:
    """So many `paths` do this; `sums` are over people."""

    way: Way
    paths: int
    sums: Sums


@dataclass(frozen=True)
class PathChangesResult:
    """The answer, column after column; `base` is all paths, as a share of themselves."""

    shares: tuple[Share, ...]
    base: Sums
    queries: tuple[Query, ...]


@dataclass(frozen=True)
class Changed:
    """One way on two scopes, as a share of all paths of each; without p where there are too few to say."""

    way: Way
    before: float
    after: float
    counts: tuple[int, int]
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None

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


EXAMPLE = PathChanges(
    steps=4, groups=("/product/*", "/category/*"), shown=(("/", "/category/*"), *[("/cart", "/product/*")] * 3)
)


def queries(params: PathChanges, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    ctes = path_sql.hops(params)
    sql = ctes.sql + SUMMED.format(
        came=CAME if params.around else "'came'",
        kept="came" if params.around else "CAST(NULL AS VARCHAR)",
        sets=BEGUN if params.around else "",
        source=_folded("item", "depth", params.shown),
        target=_folded("following", "depth + 1", params.shown),
    )
    shown = {f"shown_{n}": list(items) for n, items in enumerate(params.shown, 1)}
    return (scope.query(sql, often=OFTEN, one_of=params.one_of, **shown, **ctes.params),)


def _folded(column: str, place: str, shown: tuple[tuple[str, ...], ...]) -> str:
    """The item in `column`, null if it does not stand by itself in the picture's column `place`."""
    if not shown:
        return column
    whens = (f"WHEN {n} THEN list_contains($shown_{n}, {column})" for n, _ in enumerate(shown, 1))
    return f"CASE WHEN CASE {place} {' '.join(whens)} END THEN {column} END"


def run(store: Store, params: PathChanges, scope: Scope) -> PathChangesResult:
    """Ask `store`; an empty scope has no shares."""
    asked = queries(params, scope)
    rows = list(store.rows(asked[0], Row))
    base = next((row for row in rows if row.depth is None), None)
    if base is None:
        return PathChangesResult((), Sums(0, 0, 0, 0, 0, 0, 0), asked)
    shares = (
        Share(Way(row.depth, row.source, how, row.target), round(row.total), _sums(row, base))
        for row in rows
        if row.depth is not None and (how := _how(row)) is not None
    )
    return PathChangesResult(tuple(shares), _sums(base, base), asked)


def _how(row: Row) -> How | None:
    """What a row of the statement is of; None for what is no way of its own."""
    if row.any_source:
        return "gone" if row.went == "left" else "entered" if row.came == "began" else None
    how = row.went or row.came or "pass"
    return None if how == "came" else how  # type: ignore[return-value]  # the statement's words


def _sums(row: Row, base: Row) -> Sums:
    """Over all people. What stands for them is weighted, then scaled so that its counts are those of all.

    A ratio estimate (Cochran 1977, Sampling Techniques, chapter 6) of the sum of (n - share * m) squared, whose share
    is that of the same people. A way that none of them took is taken to be as spread as all paths are.
    """
    if not base.some:  # nobody
        return Sums(round(base.total), row.total, row.total, 0, 0, 0, 0)
    whole = base.total / base.some
    spread = base.squares * whole
    if row.some:
        more = row.total / row.some
        squares, crosses, counts = row.squares * more, row.crosses * whole, spread * whole / more
    else:
        squares = crosses = row.total * base.squares / base.some
        counts = spread
    return Sums(round(base.total), row.total, row.total, round(base.people * whole), squares, crosses, counts)


def changed(before: PathChangesResult, after: PathChangesResult) -> tuple[Changed, ...]:
    """Every way of either scope, the surest and largest changes first; nothing where a side has no path."""
    if not (before.base.n and after.base.n):
        return ()
    sides = [{share.way: share.sums for share in side.shares} for side in (before, after)]
    none = [replace(side.base, total=0, squares=0, person_squares=0, person_cross=0) for side in (before, after)]
    found = []
    for way in dict.fromkeys([*sides[0], *sides[1]]):
        one, other = (side.get(way, nothing) for side, nothing in zip(sides, none, strict=True))
        each = Changed(way, one.mean, other.mean, (round(one.total), round(other.total)))
        if min(one.people, other.people) >= ENOUGH and sum(each.counts) >= ENOUGH:
            figures = stats.by_person(one, other)
            each = replace(each, low=figures.low, high=figures.high, p=figures.p)
        found.append(each)
    links = _corrected(each for each in found if each.way.how not in OF_ITEMS)
    items = _corrected(each for each in found if each.way.how in OF_ITEMS)
    return tuple(sorted([*links, *items], key=_surest))


OF_ITEMS = ("pass", "gone", "entered")  # sums of links, which are corrected for by themselves


def _corrected(changes: Iterable[Changed]) -> list[Changed]:
    found = list(changes)
    qs = iter(stats.q_values([each.p for each in found if each.p is not None]))
    return [replace(each, q=next(qs)) if each.p is not None else each for each in found]


def _surest(each: Changed) -> tuple[object, ...]:
    way = each.way
    return not each.clear, -abs(each.change), way.depth, way.source or "", way.how, way.target or ""
