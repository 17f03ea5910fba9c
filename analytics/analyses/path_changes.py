"""Path changes: which share of all paths takes each link and passes each item, and what tells how sure that is.

Every share is of all paths in scope: of an item at its place, of a link, of those that end, begin or go on undrawn
there. So at every item the shares in and out add up, as the counts do. Shares are ratios of sums over people, whose
sessions are not independent of each other; two scopes are compared by the delta method (`stats.by_person`), and q
corrects for all links compared, as it does for all items. Too few is said where a side has fewer than ten people with a
path, or both sides together fewer than ten such paths.
"""

import re
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

# What is not shown by itself has no name; it is folded after counting, when there are far fewer rows.
FOLDED = """,
counted AS (
    SELECT {whose}depth, item, following, onward, {came} AS came, count(*) AS n
    FROM {hops}
    GROUP BY {whose}depth, item, following, onward, {came}
),
folded AS (
    SELECT {whose}depth, {source} AS source, came, CASE WHEN onward THEN {target} END AS target,
        CASE WHEN following IS NULL THEN 'left' WHEN onward THEN 'link' ELSE 'cut' END AS went, CAST(n AS DOUBLE) AS n
    FROM counted
)"""
# Of all; every path ends once.
TOTALS = """
SELECT depth, source, {kept} AS came, went, target, grouping(source) AS any_source,
    CASE WHEN grouping(depth) = 1 THEN sum(CASE WHEN went = 'link' THEN 0 ELSE n END) ELSE sum(n) END AS total
FROM folded
GROUP BY GROUPING SETS ((), (depth, source), (depth, source, went, target), (depth, went){begun})
ORDER BY depth, any_source, total DESC, source, came, went, target
"""
# Who has very many sessions is always looked at; whoever else is stands for others too.
SOME = """
WITH some_people AS (
    SELECT session_key AS key_, scoped_sessions.user_key,
        CASE WHEN often.user_key IS NULL THEN $one_of ELSE 1 END AS weight
    FROM scoped_sessions
    LEFT JOIN (SELECT user_key FROM users WHERE sessions > $often) AS often ON often.user_key = scoped_sessions.user_key
    WHERE often.user_key IS NOT NULL OR scoped_sessions.user_key % $one_of = 0
),
"""
THEIRS = """some_{0} AS NOT MATERIALIZED (
    SELECT * FROM scoped{1} WHERE session_key IN (SELECT key_ FROM some_people)
),
"""
# Of a person, n paths do this, of m in all.
SUMS = """,
beside AS (
    SELECT *, sum(CASE WHEN went = 'link' THEN 0 ELSE n END) OVER (PARTITION BY user_key) AS m
    FROM folded
),
at_once AS (
    SELECT user_key, max(weight) AS weight, depth, source, {kept} AS came, went, target,
        grouping(source) AS any_source, CASE WHEN depth IS NULL THEN max(m) ELSE sum(n) END AS n, max(m) AS m
    FROM beside
    GROUP BY GROUPING SETS (
        (user_key), (user_key, depth, source), (user_key, depth, source, went, target), (user_key, depth, went){begun}
    )
)
SELECT depth, source, came, went, target, any_source, sum(weight * n) AS theirs, sum(weight * n * n) AS squares,
    sum(weight * n * m) AS crosses, sum(weight) * 1e0 AS people
FROM at_once
GROUP BY depth, source, came, went, target, any_source
ORDER BY depth, any_source, theirs DESC, source, came, went, target
"""
BEGUN = ", ({0}depth, source, came), ({0}depth, came)"
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
class Total:
    """As the first statement gives it: how many paths do one thing; all paths without `depth`, None of none."""

    depth: int | None
    source: str | None
    came: str | None
    went: str | None
    target: str | None
    any_source: int
    total: float | None


@dataclass(frozen=True)
class Some:
    """The same of the people looked at: `theirs` are paths, the rest sums over `people`, all of them weighted."""

    depth: int | None
    source: str | None
    came: str | None
    went: str | None
    target: str | None
    any_source: int
    theirs: float
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
    """How many paths do what; then how those of a person go together."""
    ctes = path_sql.hops(params)
    shown = {f"shown_{n}": list(items) for n, items in enumerate(params.shown, 1)}
    parts = {
        "came": CAME if params.around else "'came'",
        "kept": "came" if params.around else "CAST(NULL AS VARCHAR)",
        "source": _folded("item", "depth", params.shown),
        "target": _folded("following", "depth + 1", params.shown),
    }
    begun = BEGUN if params.around else ""
    totals = (FOLDED + TOTALS).format(whose="", hops="hops", begun=begun.format(""), **parts)
    theirs = FOLDED.format(
        whose="user_key, weight, ", hops="hops JOIN some_people ON key_ = session_key", **parts
    ) + SUMS.format(begun=begun.format("user_key, "), **parts)
    own = re.sub(r"\bscoped(_visits)?\b", lambda found: "some_visits" if found[1] else "some_events", ctes.sql)
    some = SOME + "".join(
        THEIRS.format(name, table) for name, table in (("visits", "_visits"), ("events", "")) if f"some_{name}" in own
    )
    return (
        scope.query(ctes.sql + totals, **shown, **ctes.params),
        scope.query(
            some + own.strip().removeprefix("WITH ") + theirs, often=OFTEN, one_of=params.one_of, **shown, **ctes.params
        ),
    )


def _folded(column: str, place: str, shown: tuple[tuple[str, ...], ...]) -> str:
    """The item in `column`, null if it does not stand by itself in the picture's column `place`."""
    if not shown:
        return column
    whens = (f"WHEN {n} THEN list_contains($shown_{n}, {column})" for n, _ in enumerate(shown, 1))
    return f"CASE WHEN CASE {place} {' '.join(whens)} END THEN {column} END"


def run(store: Store, params: PathChanges, scope: Scope) -> PathChangesResult:
    """Ask `store`; an empty scope has no shares."""
    asked = queries(params, scope)
    rows = {_key(row): row for row in store.rows(asked[0], Total)}
    some = {_key(row): row for row in store.rows(asked[1], Some)}
    whole = next((key for key, row in rows.items() if row.depth is None and row.total), None)
    if whole is None:
        return PathChangesResult((), Sums(0, 0, 0, 0, 0, 0, 0), asked)
    base = rows[whole].total or 0.0
    shares = (
        Share(
            Way(row.depth, row.source, how, row.target),
            round(row.total),
            _sums(row.total, some.get(key), base, some.get(whole)),
        )
        for key, row in rows.items()
        if row.depth is not None and row.total and (how := _how(row)) is not None
    )
    return PathChangesResult(tuple(shares), _sums(base, some.get(whole), base, some.get(whole)), asked)


def _key(row: Total | Some) -> tuple[object, ...]:
    return row.depth, row.source, row.came, row.went, row.target, row.any_source


def _how(row: Total) -> How | None:
    """What a row of the statement is of; None for what is no way of its own."""
    if row.any_source:
        return "gone" if row.went == "left" else "entered" if row.came == "began" else None
    how = row.went or row.came or "pass"
    return None if how == "came" else how  # type: ignore[return-value]  # the statement's words


def _sums(total: float, some: Some | None, base: float, whole: Some | None) -> Sums:
    """Over all people. What stands for them is weighted, then scaled so that its counts are those of all.

    A ratio estimate (Cochran 1977, Sampling Techniques, chapter 6) of the sum of (n - share * m) squared, whose share
    is that of the same people. A way that none of them took is taken to be as spread as all paths are.
    """
    if whole is None:  # nobody was looked at
        return Sums(round(base), total, total, 0, 0, 0, 0)
    larger = base / whole.theirs
    people, spread = round(whole.people * larger), whole.squares * larger
    if some is None:
        each = total * whole.squares / whole.theirs
        return Sums(round(base), total, total, people, each, each, spread)
    more = total / some.theirs
    return Sums(round(base), total, total, people, some.squares * more, some.crosses * larger, spread * larger / more)


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
    links = stats.corrected(each for each in found if each.way.how not in OF_ITEMS)
    items = stats.corrected(each for each in found if each.way.how in OF_ITEMS)
    return tuple(sorted([*links, *items], key=_surest))


OF_ITEMS = ("pass", "gone", "entered")  # sums of links, which are corrected for by themselves


def _surest(each: Changed) -> tuple[object, ...]:
    way = each.way
    return not each.clear, -abs(each.change), way.depth, way.source or "", way.how, way.target or ""
