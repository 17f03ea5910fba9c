"""Funnel shares: which share of those at one step of a funnel reached another, how sure that is, and where a value of
the breakdown differs from all the others.

Where sessions are counted and people come back, a person's sessions are not taken as independent: intervals and tests
are by person (`stats.clusters`), as they are where one person may stand under several values. Else each share has
Wilson's interval, each difference Newcombe's, and p is that of the two-proportion test. q corrects for having asked of
every value. Too few is said where a side has fewer than ten people, or a cell of the table of two by two is expected to
hold fewer than five.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import with_config

from analytics import stats
from analytics.analyses import funnel
from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.stats import Crossing, Difference, Sums
from analytics.store import Store

ENOUGH = 10  # people a side
LEAST_EXPECTED = 5  # in each cell

WHOLE = """,
of_person AS (
    SELECT {person} AS person, CAST(NULL AS VARCHAR) AS value, 0 AS rest, {counts}
    FROM reached{joined}
    GROUP BY {person}
)"""
BY_VALUE = """,
of_person AS (
    SELECT {person} AS person, value, 0 AS rest, {counts}
    FROM valued{joined}
    GROUP BY {person}, value
)"""
BY_MOST = """,
shown AS (
    SELECT valued.*, CASE WHEN most_values.value IS NULL THEN 1 ELSE 0 END AS rest
    FROM valued LEFT JOIN most_values ON most_values.value = coalesce(valued.value, '')
),
of_person AS (
    SELECT {person} AS person, CASE WHEN rest = 0 THEN value END AS value, rest, {counts}
    FROM shown{joined}
    GROUP BY {person}, CASE WHEN rest = 0 THEN value END, rest
)"""
PERSON_OF = "\n    JOIN (SELECT session_key, user_key FROM scoped_sessions) AS whose ON session_key = unit"
# n_k of the person's (under the value) came to the one step, s_k of these to the other; a_k and b_k under any value.
COUNTS = (
    "count(moment_{a}) AS n_{k}, count(CASE WHEN moment_{a} IS NOT NULL AND moment_{b} IS NOT NULL THEN 1 END) AS s_{k}"
)
BESIDE = """,
beside AS (
    SELECT *, {totals},
        row_number() OVER (PARTITION BY person ORDER BY rest, value IS NULL, value) AS nth
    FROM of_person
)"""
TOTALS = "sum(n_{k}) OVER (PARTITION BY person) AS a_{k}, sum(s_{k}) OVER (PARTITION BY person) AS b_{k}"
SUMMED = """
SELECT {k} AS pair, value, rest,
    CAST(sum(n_{k}) AS BIGINT) AS n,
    CAST(sum(s_{k}) AS BIGINT) AS went,
    count(CASE WHEN n_{k} > 0 THEN 1 END) AS people,
    count(CASE WHEN nth = 1 AND a_{k} > 0 THEN 1 END) AS people_first_here,
    count(CASE WHEN n_{k} > 0 AND a_{k} > n_{k} THEN 1 END) AS people_elsewhere,
    sum(CAST(s_{k} AS DOUBLE) * s_{k}) AS squares,
    sum(CAST(s_{k} AS DOUBLE) * n_{k}) AS crosses,
    sum(CAST(n_{k} AS DOUBLE) * n_{k}) AS counts,
    sum(CAST(s_{k} AS DOUBLE) * b_{k}) AS squares_all,
    sum(CAST(s_{k} AS DOUBLE) * a_{k}) AS cross_all,
    sum(CAST(n_{k} AS DOUBLE) * b_{k}) AS all_cross,
    sum(CAST(n_{k} AS DOUBLE) * a_{k}) AS counts_all
FROM beside
GROUP BY value, rest"""

Note = Literal["too few"]


@with_config(STRICT)
@dataclass(frozen=True)
class FunnelShares(funnel.Funnel):
    """The question: a funnel, and of which `pairs` of steps the share is asked that got from the one to the other.

    None: from the first to every other, and from each to the next.
    """

    pairs: tuple[tuple[int, int], ...] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.steps) < 2:
            raise InvalidQuestion("A share is of those at one step that reach another; this funnel has one step.")
        for from_step, to_step in self.pairs or ():
            self._pair("A share", from_step, to_step)

    @property
    def asked(self) -> tuple[tuple[int, int], ...]:
        """The pairs, each once."""
        steps = range(2, len(self.steps) + 1)
        usual = [*((1, step) for step in steps), *((step - 1, step) for step in steps)]
        return tuple(dict.fromkeys(usual if self.pairs is None else self.pairs))


@dataclass(frozen=True)
class Summed:
    """As the statement gives it, per pair of steps and value; `all`: products with what the person has under any value.

    `people_first_here` add up to all people; `people_elsewhere` stand under another value too.
    """

    pair: int
    value: str | None
    rest: int
    n: int
    went: int
    people: int
    people_first_here: int
    people_elsewhere: int
    squares: float
    crosses: float
    counts: float
    squares_all: float
    cross_all: float
    all_cross: float
    counts_all: float

    @property
    def sums(self) -> Sums:
        """Of this value alone."""
        return Sums(self.n, self.went, self.went, self.people, self.squares, self.crosses, self.counts)


@dataclass(frozen=True)
class Against:
    """This value against all others together: `went` of their `n`; `difference` is this minus theirs, with p and q.

    With too few on a side the `note` says so and there are no figures.
    """

    n: int
    went: int
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    note: Note | None

    @property
    def clear(self) -> bool:
        """Not chance alone: q is below 0.05 and the interval leaves out zero."""
        return _clear(self.low, self.high, self.q)


@dataclass(frozen=True)
class Share:
    """`went` of the `n` at `from_step` reached `to_step`: `share` with its interval (None of nobody).

    `value` is of the breakdown, or `kind` says that it is the rest of the values, or the whole. `sums` are what a
    comparison with another scope needs.
    """

    from_step: int
    to_step: int
    kind: Literal["value", "rest", "whole"]
    value: str | None
    n: int
    went: int
    people: int
    share: float | None
    low: float
    high: float
    others: Against | None
    sums: Sums


@dataclass(frozen=True)
class FunnelSharesResult:
    """The answer per pair of steps: the whole first, then the values that most began with, then the rest.

    `by_person`: intervals and tests know that people come back.
    """

    shares: tuple[Share, ...]
    by_person: bool
    queries: tuple[Query, ...]


@dataclass(frozen=True)
class Changed:
    """One share on two scopes, `before` and `after`; figures as in `Against`, after minus before."""

    before: Share
    after: Share
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    note: Note | None

    @property
    def clear(self) -> bool:
        """Not chance alone: q is below 0.05 and the interval leaves out zero."""
        return _clear(self.low, self.high, self.q)


EXAMPLE = FunnelShares(funnel.EXAMPLE.steps, breakdown="device", pairs=((1, 4), (3, 4)))


def queries(params: FunnelShares, scope: Scope) -> tuple[Query, ...]:
    """One statement: sums over people, per pair and value."""
    own: dict[str, object] = {}
    if params.breakdown is None:
        ctes, form = funnel.reached(params), WHOLE
    elif params.breakdown_limit is None:
        ctes, form = funnel.valued(params), BY_VALUE
    else:
        ctes, form = funnel.with_most(params), BY_MOST
    by_session = params.by == "session"
    pairs = list(enumerate(params.asked, 1))
    sql = ctes.sql + form.format(
        person="user_key" if by_session else "unit",
        joined=PERSON_OF if by_session else "",
        counts=",\n        ".join(COUNTS.format(k=k, a=a, b=b) for k, (a, b) in pairs),
    )
    sql += BESIDE.format(totals=",\n        ".join(TOTALS.format(k=k) for k, _ in pairs))
    sql += "\nUNION ALL".join(SUMMED.format(k=k) for k, _ in pairs) + "\nORDER BY pair, rest, value\n"
    return (scope.query(sql, **ctes.params, **own),)


def run(store: Store, params: FunnelShares, scope: Scope) -> FunnelSharesResult:
    """Ask `store`; an empty scope gives shares of nobody."""
    asked = queries(params, scope)
    rows = store.rows(asked[0], Summed)
    shares: list[Share] = []
    by_person = False
    for k, pair in enumerate(params.asked, 1):
        mine = [row for row in rows if row.pair == k]
        whole = _whole(mine)
        by_person = by_person or whole.people < whole.n
        shares.append(_share(pair, "whole", None, whole, None))
        if params.breakdown is not None:
            shares += _parts(pair, mine, whole)
    return FunnelSharesResult(tuple(shares), by_person, asked)


def _whole(rows: Sequence[Summed]) -> Sums:
    """Of all values together: a person's sum is that of the products with what it has under any value."""
    went = sum(row.went for row in rows)
    return Sums(
        n=sum(row.n for row in rows),
        total=went,
        squares=went,
        people=sum(row.people_first_here for row in rows),
        person_squares=sum(row.squares_all for row in rows),
        person_cross=sum(row.cross_all for row in rows),
        person_counts=sum(row.counts_all for row in rows),
    )


def _parts(pair: tuple[int, int], rows: Sequence[Summed], whole: Sums) -> list[Share]:
    ordered = sorted(rows, key=lambda row: (row.rest, -row.n, row.value is None, row.value or ""))
    found = [
        _share(pair, "rest" if row.rest else "value", row.value, row.sums, _against(row, whole)) for row in ordered
    ]
    tested = [share.others.p for share in found if share.others and share.others.p is not None]
    qs = iter(stats.q_values(tested))
    return [
        replace(share, others=replace(share.others, q=next(qs)))
        if share.others and share.others.p is not None
        else share
        for share in found
    ]


def _share(
    pair: tuple[int, int],
    kind: Literal["value", "rest", "whole"],
    value: str | None,
    sums: Sums,
    others: Against | None,
) -> Share:
    low, high = stats.share_interval(sums) if sums.people < sums.n else stats.wilson(sums.total, sums.n)
    mean = sums.mean if sums.n else None
    return Share(*pair, kind, value, round(sums.n), round(sums.total), sums.people, mean, low, high, others, sums)


def _against(row: Summed, whole: Sums) -> Against:
    mine = row.sums
    # of the others a person has what it has in all without what it has here
    others = Sums(
        n=whole.n - mine.n,
        total=whole.total - mine.total,
        squares=whole.total - mine.total,
        people=whole.people - mine.people + row.people_elsewhere,
        person_squares=whole.person_squares - 2 * row.squares_all + mine.person_squares,
        person_cross=whole.person_cross - row.cross_all - row.all_cross + mine.person_cross,
        person_counts=whole.person_counts - 2 * row.counts_all + mine.person_counts,
    )
    crossing = Crossing(
        totals=row.squares_all - mine.person_squares,
        total_count=row.all_cross - mine.person_cross,
        count_total=row.cross_all - mine.person_cross,
        counts=row.counts_all - mine.person_counts,
    )
    figures = _difference(others, mine, crossing if whole.people < whole.n else None)
    counted, went = round(others.n), round(others.total)
    if figures is None:
        return Against(counted, went, None, None, None, None, None, "too few")
    return Against(counted, went, figures.change, figures.low, figures.high, figures.p, None, None)


def _difference(before: Sums, after: Sums, crossing: Crossing | None) -> Difference | None:
    """After minus before; `crossing`: by person. None of too few."""
    cells = [round(cell) for side in (before, after) for cell in (side.total, side.n - side.total)]
    if min(before.people, after.people, before.n, after.n) < ENOUGH or stats.expected_least(*cells) < LEAST_EXPECTED:
        return None
    return stats.of_shares(before, after) if crossing is None else stats.overlapping(before, after, crossing)


def changed(before: Iterable[Share], after: Iterable[Share]) -> tuple[Changed, ...]:
    """The same shares of the whole on two scopes, their differences corrected for how many there are.

    People on both sides are taken as others, which makes the intervals a little too wide where they are many.
    """
    found = []
    for one, other in zip(
        *([share for share in side if share.kind == "whole"] for side in (before, after)), strict=True
    ):
        repeated = one.people < one.n or other.people < other.n
        figures = _difference(one.sums, other.sums, Crossing(0, 0, 0, 0) if repeated else None)
        if figures is None:
            found.append(Changed(one, other, None, None, None, None, None, "too few"))
        else:
            found.append(Changed(one, other, figures.change, figures.low, figures.high, figures.p, None, None))
    return tuple(stats.corrected(found))


def _clear(low: float | None, high: float | None, q: float | None) -> bool:
    return q is not None and low is not None and high is not None and q < 0.05 and not low <= 0 <= high
