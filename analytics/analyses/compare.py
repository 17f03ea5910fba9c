"""Compare: what changed between two scopes, metric by metric, and whether chance could have done it.

The same statement is asked of both scopes. By person (the default) people are independent and their sessions are not;
by session every session is. Better or worse is said where q is below 0.05 and the interval leaves out zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics import metrics, stats, words
from analytics.conditions import STRICT, Matcher
from analytics.errors import InvalidQuestion
from analytics.metrics import Metric
from analytics.query import Query
from analytics.scope import Scope
from analytics.stats import Sums
from analytics.store import Store

Verdict = Literal["better", "worse", "changed", "no clear change", "not enough data"]
ENOUGH = 10  # people (sessions) a side with the thing counted, below which normal approximations mislead

# One pass: sums per person, then sums over people in one row, then a row per metric. {n} numbers the metrics.
OF_PERSON = "count({sql}) AS n_{n}, sum({sql}) AS s_{n}, sum(({sql}) * ({sql})) AS q_{n}"
OVER_PEOPLE = """CAST(sum(n_{n}) AS BIGINT) AS n_{n}, sum(s_{n}) AS s_{n}, sum(q_{n}) AS q_{n},
        count(CASE WHEN n_{n} > 0 THEN 1 END) AS people_{n}, sum(s_{n} * s_{n}) AS ss_{n}, sum(s_{n} * n_{n}) AS sn_{n},
        sum(CAST(n_{n} AS DOUBLE) * n_{n}) AS nn_{n}"""
SQL = """
WITH of_person AS (
    SELECT user_key, {of_person}
    FROM scoped_sessions
    GROUP BY user_key
),
totals AS (
    SELECT {over_people}
    FROM of_person
)
SELECT
    metric,
    coalesce({n}, 0) AS n,
    coalesce({s}, 0e0) AS total,
    coalesce({q}, 0e0) AS squares,
    {people} AS people,
    coalesce({ss}, 0e0) AS person_squares,
    coalesce({sn}, 0e0) AS person_cross,
    coalesce({nn}, 0e0) AS person_counts
FROM totals CROSS JOIN (VALUES {numbers}) AS numbers (metric)
ORDER BY metric
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Compare:
    """The question: `metrics` (null: all) `after` against `before`; a `goal` adds the metric `conversion`."""

    before: Scope
    after: Scope
    metrics: tuple[str, ...] | None = None
    by: Literal["user", "session"] = "user"
    goal: Matcher | None = None

    def __post_init__(self) -> None:
        if self.before == self.after:
            raise InvalidQuestion("Before and after are the same sessions; choose two releases or two ranges.")
        metrics.chosen(self.metrics, self.goal)


@dataclass(frozen=True)
class Row:
    """As the statement gives it: `metric` is its number, from 1; the rest is `stats.Sums`."""

    metric: int
    n: int
    total: float
    squares: float
    people: int
    person_squares: float
    person_cross: float
    person_counts: float


@dataclass(frozen=True)
class Side:
    """`value` is per session (None: nothing to divide by), `n` the sessions with a value, `people` theirs."""

    value: float | None
    n: int
    people: int


@dataclass(frozen=True)
class Change:
    """One metric: both sides, after minus before in its own unit, and relative to before (from -1), each with interval.

    What could not be computed is None and `note` says why.
    """

    metric: str
    label: str
    unit: str
    higher_is_better: bool | None
    before: Side
    after: Side
    difference: float | None
    low: float | None
    high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    smallest_detectable: float | None
    p: float | None
    q: float | None
    verdict: Verdict
    note: str | None


@dataclass(frozen=True)
class CompareResult:
    """The answer, in the order of the metrics; `caveats` are sentences that speak against the comparison as a whole."""

    metrics: tuple[Change, ...]
    caveats: tuple[str, ...]
    queries: tuple[Query, ...]


EXAMPLE = Compare(before=Scope(releases=("1.0",)), after=Scope(releases=("1.1",)), goal=Matcher(name="order"))


def queries(params: Compare, scope: Scope) -> tuple[Query, ...]:
    """The same statement for the two sides, each narrowed to `scope`."""
    wanted = metrics.chosen(params.metrics, params.goal)
    goal = metrics.conversion(params.goal).condition.params if _needs_goal(wanted) and params.goal else {}
    numbers = range(1, len(wanted) + 1)
    sql = SQL.format(
        of_person=",\n        ".join(
            OF_PERSON.format(sql=metric.sql, n=n) for n, metric in zip(numbers, wanted, strict=True)
        ),
        over_people=",\n        ".join(OVER_PEOPLE.format(n=n) for n in numbers),
        numbers=", ".join(f"({n})" for n in numbers),
        **{name: _of_metric(name, numbers) for name in ("n", "s", "q", "people", "ss", "sn", "nn")},
    )
    return tuple(side.narrowed(scope).query(sql, **goal) for side in (params.before, params.after))


def run(store: Store, params: Compare, scope: Scope) -> CompareResult:
    """Ask `store`; an empty side is "not enough data", not an error."""
    wanted = metrics.chosen(params.metrics, params.goal)
    asked = queries(params, scope)
    before, after = ([_sums(row) for row in store.rows(query, Row)] for query in asked)
    changes = [_change(*sides, params.by) for sides in zip(wanted, before, after, strict=True)]
    tested = [change.p for change in changes if change.p is not None]
    qs = iter(stats.q_values(tested))
    judged = [_judged(change, next(qs)) if change.p is not None else change for change in changes]
    return CompareResult(tuple(judged), tuple(_caveats(params, scope)), asked)


def _of_metric(column: str, numbers: Iterable[int]) -> str:
    return f"CASE metric {' '.join(f'WHEN {n} THEN {column}_{n}' for n in numbers)} END"


def _needs_goal(wanted: tuple[Metric, ...]) -> bool:
    return any(metric.name == metrics.GOAL for metric in wanted)


def _sums(row: Row) -> Sums:
    return Sums(**{name: getattr(row, name) for name in Sums.__dataclass_fields__})


def _change(metric: Metric, before: Sums, after: Sums, by: str) -> Change:
    sides = [Side(side.mean if side.n else None, side.n, side.people) for side in (before, after)]
    difference, relative, note = None, None, _too_little(metric, before, after, by)
    if note is None:
        if by == "user":
            difference = stats.by_person(before, after)
            variances = before.mean_variance_by_person, after.mean_variance_by_person
        else:
            difference = (stats.of_shares if metric.kind == "share" else stats.of_means)(before, after)
            variances = before.variance / before.n, after.variance / after.n
        relative = stats.relative(before.mean, after.mean, *variances)
    return Change(
        metric=metric.name,
        label=metric.words,
        unit=metric.unit,
        higher_is_better=metric.higher_is_better,
        before=sides[0],
        after=sides[1],
        difference=difference.change if difference else None,
        low=difference.low if difference else None,
        high=difference.high if difference else None,
        relative=relative.change if relative else None,
        relative_low=relative.low if relative else None,
        relative_high=relative.high if relative else None,
        smallest_detectable=difference.smallest if difference else None,
        p=difference.p if difference else None,
        q=None,
        verdict="not enough data",
        note=note,
    )


def _too_little(metric: Metric, before: Sums, after: Sums, by: str) -> str | None:
    counted = "people" if by == "user" else "sessions"
    for name, side in (("before", before), ("after", after)):
        number = side.people if by == "user" else side.n
        if number < ENOUGH:
            return f"Only {words.count(number)} {counted} {name}; {ENOUGH} are needed."
    if metric.kind == "share" and before.total + after.total < ENOUGH:
        return f"It happened {words.count(before.total + after.total)} times in both together; {ENOUGH} are needed."
    return None


def _judged(change: Change, q: float) -> Change:
    verdict: Verdict = "no clear change"
    if change.low is not None and change.high is not None and change.difference is not None:
        clear = q < 0.05 and not change.low <= 0 <= change.high
        if clear and change.higher_is_better is None:
            verdict = "changed"
        elif clear:
            verdict = "better" if (change.difference > 0) == change.higher_is_better else "worse"
    return Change(**{**vars(change), "q": q, "verdict": verdict})


def _caveats(params: Compare, scope: Scope) -> list[str]:
    found = []
    for name, side in (("Before", params.before.narrowed(scope)), ("After", params.after.narrowed(scope))):
        if side.start and side.stop and (days := (side.stop - side.start).days) % 7:
            found.append(
                f"{name} covers {words.many(days, 'day')}, which is not whole weeks: weekdays may weigh differently."
            )
    return found
