"""Transition shares: which share of the steps from (to, of all) each item a link has, and what tells how sure that is.

Shares are ratios of sums over people: a person's steps are not independent of each other. Two scopes are compared by
the delta method (`stats.by_person`); q corrects for all links compared. Too few is said where a side has fewer than ten
people at the link's base, or both sides together fewer than ten of its steps.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import with_config

from analytics import stats
from analytics.analyses.transitions import Transitions
from analytics.conditions import STRICT
from analytics.query import Query
from analytics.scope import Scope
from analytics.stats import Sums
from analytics.store import Store
from analytics.transition_sql import steps

ENOUGH = 10

# Of a person: n steps of the link, m of its base. Over all rows of a base, the sum of n * m is that of m * m.
SUMMED = """,
of_person AS (
    SELECT person, source, target, CAST({n} AS DOUBLE) AS n
    FROM steps
    JOIN (SELECT session_key AS key_, user_key AS person FROM scoped_sessions) AS whose ON key_ = session_key
    GROUP BY person, source, target
),
beside AS (
    SELECT person, source, target, n, sum({base}) OVER (PARTITION BY person{within}) AS m
    FROM of_person
)
SELECT source, target, grouping(source) + grouping(target) AS whole,
    sum(n) AS total, sum(n * n) AS squares, sum(n * m) AS crosses, count(DISTINCT person) AS people
FROM beside
GROUP BY GROUPING SETS ((source, target), ({within_only}))
ORDER BY whole, total DESC, source, target
"""
BASE = {
    "from": ("n", ", source", "source"),
    "to": ("n", ", target", "target"),
    "count": ("n", "", ""),
    "sessions": ("CASE WHEN source = $start THEN n ELSE 0 END", "", ""),
}


@with_config(STRICT)
@dataclass(frozen=True)
class TransitionShares(Transitions):
    """The question: as transitions. Counts are compared as shares of all steps, sessions (people) as of all of them."""


@dataclass(frozen=True)
class Row:
    """As the statement gives it: a link (`whole` = 0) or the base of links (from an item, to an item, all)."""

    source: str | None
    target: str | None
    whole: int
    total: float
    squares: float
    crosses: float
    people: int


@dataclass(frozen=True)
class Share:
    """`count` of the `base` steps (or sessions) are this link; `sums` are over people."""

    source: str
    target: str
    count: int
    base: int
    sums: Sums

    @property
    def share(self) -> float:
        """Of the base."""
        return self.count / self.base


@dataclass(frozen=True)
class TransitionSharesResult:
    """The answer. `bases` are what shares are of, by item (None: all): a link that a scope lacks has its base still."""

    shares: tuple[Share, ...]
    bases: tuple[tuple[str | None, Sums], ...]
    norm: Literal["count", "from", "to", "sessions"]
    queries: tuple[Query, ...]


@dataclass(frozen=True)
class Changed:
    """One link on two scopes. None where it cannot be said: without a base on a side, or with too few."""

    source: str
    target: str
    before: float | None
    after: float | None
    counts: tuple[int, int]
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None

    @property
    def change(self) -> float | None:
        """After minus before."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def clear(self) -> bool:
        """Whether it is more than noise."""
        return (
            self.q is not None and self.q < 0.05 and self.low is not None and self.high is not None
            and not self.low <= 0 <= self.high
        )  # fmt: skip


EXAMPLE = TransitionShares(norm="from", groups=("/product/*", "/category/*"))


def queries(params: TransitionShares, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    ctes = steps(params, ["session_key", "unit"], each=True)
    base, within, within_only = BASE[params.norm]
    n = "count(DISTINCT unit)" if params.norm == "sessions" else "sum(steps)"
    sql = ctes.sql + SUMMED.format(n=n, base=base, within=within, within_only=within_only)
    return (scope.query(sql, **ctes.params),)


def run(store: Store, params: TransitionShares, scope: Scope) -> TransitionSharesResult:
    """Ask `store`; an empty scope has no shares."""
    asked = queries(params, scope)
    rows = list(store.rows(asked[0], Row))
    links = [row for row in rows if not row.whole]
    bases: dict[str | None, Row] = {row.source or row.target: row for row in rows if row.whole and row.people}
    if params.norm == "sessions" and (whole := bases.get(None)):
        begun = [row for row in links if row.source == "(start)"]
        total, counts = sum(row.total for row in begun), sum(row.crosses for row in begun)
        bases[None] = replace(whole, total=total, crosses=counts)
    shares = []
    for row in links:
        base = bases[_base(row.source, row.target, params.norm)]
        sums = Sums(round(base.total), row.total, row.squares, base.people, row.squares, row.crosses, base.crosses)
        shares.append(Share(row.source or "", row.target or "", round(row.total), round(base.total), sums))
    shares.sort(key=lambda share: (-share.count, share.source, share.target))
    empty = tuple(
        (item, Sums(round(base.total), 0, 0, base.people, 0, 0, base.crosses)) for item, base in bases.items()
    )
    return TransitionSharesResult(tuple(shares), empty, params.norm, asked)


def changed(before: TransitionSharesResult, after: TransitionSharesResult) -> tuple[Changed, ...]:
    """Every link of either scope, the surest and largest changes first."""
    sides = [{(share.source, share.target): share.sums for share in side.shares} for side in (before, after)]
    bases = [dict(side.bases) for side in (before, after)]
    found = []
    for source, target in dict.fromkeys([*sides[0], *sides[1]]):
        at = _base(source, target, before.norm)
        one, other = (side.get((source, target)) or base.get(at) for side, base in zip(sides, bases, strict=True))
        counts = (round(one.total) if one else 0, round(other.total) if other else 0)
        each = Changed(
            source, target, one.mean if one and one.n else None, other.mean if other and other.n else None, counts
        )
        if one and other and one.n and other.n and min(one.people, other.people) >= ENOUGH and sum(counts) >= ENOUGH:
            figures = stats.by_person(one, other)
            each = replace(each, low=figures.low, high=figures.high, p=figures.p)
        found.append(each)
    corrected = stats.corrected(found)
    return tuple(sorted(corrected, key=lambda each: (not each.clear, -abs(each.change or 0), each.source, each.target)))


def _base(source: str | None, target: str | None, norm: str) -> str | None:
    return source if norm == "from" else target if norm == "to" else None


def compared(changes: Iterable[Changed]) -> int:
    """How many of them could be tested."""
    return sum(each.q is not None for each in changes)
