"""Compare: what changed between two scopes, metric by metric, and whether chance could have done it.

One statement adds up all metrics of both scopes. By person (the default) people are independent and their sessions are
not, and somebody on both sides is one person; by session every session stands by itself. Better or worse is said where
q is below 0.05 and the interval leaves out zero.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import with_config

from analytics import metrics, stats, words
from analytics.conditions import STRICT, Matcher
from analytics.metrics import Goal, Metric
from analytics.query import Query
from analytics.scope import Scope
from analytics.stats import Bounded, Crossing, Difference, Relative, Sums
from analytics.stats.difference import Z
from analytics.store import Store
from analytics.two_sides import TwoSides, check_sides

Verdict = Literal["better", "worse", "changed", "no clear change", "not enough data"]
ENOUGH = 10  # people (sessions) a side with the thing counted, below which normal approximations mislead

# One pass: of the sides' sessions what the metrics need, added up by person, then over people. What several metrics
# need (the number of sessions, the page views) is added up once.
NUMBERS = """,
numbers AS {materialized} (
    SELECT {cluster} AS who, side, {numbers}
    FROM measured
)"""
MARKS = """,
marks AS MATERIALIZED (
    SELECT side AS of_side, {marks}
    FROM numbers
    GROUP BY side
)"""
OF_PERSON = """,
of_person AS MATERIALIZED (
    SELECT who, side, {sums}
    FROM numbers{marked}
    GROUP BY who, side
),
totals AS (
    SELECT side, count(*) AS everyone, {totals}
    FROM of_person
    GROUP BY side
),
crossings AS (
    SELECT count(*) AS both_people, {crossings}
    FROM (SELECT * FROM of_person WHERE side = 0) AS one
    JOIN (SELECT * FROM of_person WHERE side = 1) AS other ON one.who = other.who
)
SELECT
    metric,
    totals.side,
    everyone,
    both_people,
    {columns}
FROM totals{with_marks}
CROSS JOIN crossings
CROSS JOIN (VALUES {metrics}) AS names (metric)
ORDER BY metric, totals.side
"""
# over people: how many count, their sums, and the sums of squares and products
OVER_PEOPLE = {
    "sessions": "CAST(sum({k}) AS DOUBLE)",
    "counted": "CAST(sum({n}) AS DOUBLE)",
    "total": "CAST(sum({s}) AS DOUBLE)",
    "people": "count(CASE WHEN {n} > 0 THEN 1 END)",
    "hits": "count(CASE WHEN {s} <> 0 THEN 1 END)",
    "person_squares": "sum({s} * {s})",
    "person_cross": "sum({s} * {n})",
    "person_counts": "sum({n} * {n})",
}
OVER_BOTH = {
    "totals": "sum(one.{s} * other.{s})",
    "total_count": "sum(one.{s} * other.{n})",
    "count_total": "sum(one.{n} * other.{s})",
    "counts": "sum(one.{n} * other.{n})",
}
# The ends of the intervals of quantiles, a row each.
ENDS = """,
numbers AS (
    SELECT side, {numbers}
    FROM measured
),
found AS (
    SELECT {quantiles}
    FROM numbers
)
SELECT nth, CASE nth {ends} END AS value
FROM found CROSS JOIN (VALUES {names}) AS names (nth)
ORDER BY nth
"""
QUANTILE = "quantile_cont({of}, {at})"
PEOPLE = """
SELECT
    count(CASE WHEN first_side = 0 AND last_side = 0 THEN 1 END) AS before_only,
    count(CASE WHEN first_side = 1 AND last_side = 1 THEN 1 END) AS after_only,
    count(CASE WHEN first_side < last_side THEN 1 END) AS both
FROM (SELECT user_key, min(side) AS first_side, max(side) AS last_side FROM sided_sessions GROUP BY user_key) AS people
"""
SAME = """
SELECT count(*) AS sessions
FROM (SELECT session_key FROM sided_sessions GROUP BY session_key HAVING count(*) > 1) AS twice
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Compare:
    """The question: `metrics` (null: all) `after` against `before`; a `goal` adds the metrics `conversion` and
    `time_to_goal`."""

    before: Scope
    after: Scope
    metrics: tuple[str, ...] | None = None
    by: Literal["user", "session"] = "user"
    goal: Goal | None = None

    def __post_init__(self) -> None:
        check_sides(self.before, self.after)
        metrics.chosen(self.metrics, self.goal)

    def sides(self, scope: Scope) -> TwoSides:
        """Both within `scope`."""
        return TwoSides.within(self.before, self.after, scope)


@dataclass(frozen=True)
class Row:
    """As the statement gives it: `metric` is its number, from 1, `side` 0 before and 1 after. Of the people (sessions)
    of this side: how many there are at all, and the sums of those that count; of both sides: the cross sums. `mark` is
    the quantile, whose sums are of the sessions up to it."""

    metric: int
    side: int
    everyone: int
    both_people: int
    sessions: float
    counted: float
    total: float
    people: int
    hits: int
    person_squares: float
    person_cross: float
    person_counts: float
    totals: float
    total_count: float
    count_total: float
    counts: float
    mark: float | None

    @property
    def sums(self) -> Sums:
        """`squares` hold where every cluster is one session."""
        return Sums(
            n=self.counted,
            total=self.total,
            squares=self.person_squares,
            people=self.people,
            person_squares=self.person_squares,
            person_cross=self.person_cross,
            person_counts=self.person_counts,
        )

    @property
    def crossing(self) -> Crossing:
        """With the other side."""
        return Crossing(self.totals, self.total_count, self.count_total, self.counts)


NOTHING = Row(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, None)


@dataclass(frozen=True)
class End:
    """One end of the interval of a quantile, from 1."""

    nth: int
    value: float | None


@dataclass(frozen=True)
class Same:
    """Sessions that are on both sides."""

    sessions: int


@dataclass(frozen=True)
class Side:
    """`value` is per session, of a ratio per its denominator, of a quantile the value (None: nothing to divide by),
    with its 95 % interval (None: too little); `n` the sessions with a value, `people` theirs."""

    value: float | None
    n: int
    people: int
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Change:
    """One metric: both sides, after minus before in its own unit, and relative to before (from -1), each with interval.

    What could not be computed is None and `note` says why.
    """

    metric: str
    label: str
    unit: str
    kind: str
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
class People:
    """How many have sessions only before, only after, on both sides."""

    before_only: int
    after_only: int
    both: int


@dataclass(frozen=True)
class CompareResult:
    """The answer, in the order of the metrics; `same_sessions` are on both sides; `caveats` are sentences that speak
    against the comparison as a whole."""

    metrics: tuple[Change, ...]
    people: People
    same_sessions: int
    caveats: tuple[str, ...]
    queries: tuple[Query, ...]


EXAMPLE = Compare(
    before=Scope(releases=("1.0",)),
    after=Scope(releases=("1.1",)),
    metrics=("conversion", "time_to_goal", "value_per_session", "bounce_rate", "refused", "new", "clicks_per_view"),
    goal=Matcher(name="order"),
)


def queries(params: Compare, scope: Scope) -> tuple[Query, ...]:
    """What is asked first: the sums; and where they are not known from it, who and what is on both sides. The intervals
    of quantiles are asked after it."""
    wanted = metrics.chosen(params.metrics, params.goal)
    sides = params.sides(scope)
    asked = [_sums(wanted, params, sides)]
    if params.by == "session":
        asked.append(sides.query(PEOPLE))
    if not sides.disjoint:
        asked.append(sides.query(SAME))
    return tuple(asked)


def run(store: Store, params: Compare, scope: Scope) -> CompareResult:
    """Ask `store`; an empty side is "not enough data", not an error."""
    wanted = metrics.chosen(params.metrics, params.goal)
    sides, asked = params.sides(scope), queries(params, scope)
    found = {(row.metric, row.side): row for row in store.rows(asked[0], Row)}
    pairs = [(found.get((n, 0), NOTHING), found.get((n, 1), NOTHING)) for n, _ in enumerate(wanted, 1)]
    if params.by == "session":
        people = store.rows(asked[1], People)[0]
    else:
        before, after = pairs[0]
        both = before.both_people
        people = People(before.everyone - both, after.everyone - both, both)
    same = 0 if sides.disjoint else store.rows(asked[-1], Same)[0].sessions
    places = _places(wanted, pairs)
    bounds: dict[tuple[int, int, bool], float | None] = {}
    if places:
        ends = _ends(wanted, params, sides, places)
        asked += (ends,)
        values = {row.nth: row.value for row in store.rows(ends, End)}
        bounds = {place: values.get(nth) for nth, place in enumerate(places, 1)}
    changes = [
        change(metric, pair, params.by, [_bounded(n, side, pair[side], bounds) for side in (0, 1)])
        for n, (metric, pair) in enumerate(zip(wanted, pairs, strict=True), 1)
    ]
    judged = judge(changes)
    return CompareResult(judged, people, same, tuple(_caveats(params, scope, same)), asked)


# ------------------------------------------------------------------------------------------------------------- asked


class _Columns(dict[str, str]):
    """Expressions, each once, and the names of their columns."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.prefix = prefix

    def name(self, expression: str) -> str:
        """The column that holds it."""
        return self.setdefault(expression, f"{self.prefix}_{len(self) + 1}")

    @property
    def sql(self) -> str:
        """All of them, for a SELECT."""
        return ",\n        ".join(f"{expression} AS {name}" for expression, name in self.items())


def _sums(wanted: Sequence[Metric], params: Compare, sides: TwoSides) -> Query:
    numbers, sums, totals, crossings = (_Columns(prefix) for prefix in ("v", "s", "t", "x"))
    marks, columns = {}, dict[str, dict[int, str]]()

    def added(expression: str, flag: bool = False) -> str:
        if expression == "1":
            return sums.name("count(*) * 1e0")
        column = numbers.name(f"CAST({expression} AS DOUBLE)")
        return sums.name(f"count(nullif({column}, 0e0)) * 1e0" if flag else f"sum({column})")  # half as much to keep

    for nth, metric in enumerate(wanted, 1):
        parts = {"k": added(metric.sessions, True), "n": added(metric.denominator, metric.per is None)}
        if metric.kind == "quantile":
            value = numbers.name(metric.value)
            marks[nth] = QUANTILE.format(at=metric.at, of=value)
            parts["s"] = sums.name(f"sum(CASE WHEN {value} <= mark_{nth} THEN 1e0 ELSE 0e0 END)")
            columns.setdefault("mark", {})[nth] = f"mark_{nth}"
        else:
            parts["s"] = added(metric.numerator, metric.kind == "share")
        for names, over in ((totals, OVER_PEOPLE), (crossings, OVER_BOTH)):
            for column, expression in over.items():
                columns.setdefault(column, {})[nth] = names.name(expression.format(**parts))
    source = metrics.source(wanted, params.goal, "sided_sessions")
    on_marks = "{} JOIN marks ON of_side = {}"
    sql = NUMBERS + (MARKS if marks else "") + OF_PERSON
    filled = sql.format(
        cluster="user_key" if params.by == "user" else "session_key",
        materialized="MATERIALIZED" if marks else "NOT MATERIALIZED",
        numbers=numbers.sql or "1 AS v_1",
        marks=", ".join(f"{quantile} AS mark_{nth}" for nth, quantile in marks.items()),
        marked=on_marks.format("", "side") if marks else "",
        with_marks=on_marks.format("", "totals.side") if marks else "",
        sums=sums.sql,
        totals=totals.sql,
        crossings=crossings.sql,
        columns=_by_metric(columns),
        metrics=", ".join(f"({nth})" for nth, _ in enumerate(wanted, 1)),
    )
    return sides.query(f"WITH {source.ctes}{filled}", **source.params)


def _by_metric(columns: Mapping[str, Mapping[int, str]]) -> str:
    """Each column of a row: that of its metric. Cross sums of nobody are nothing."""
    found = []
    for column in (*OVER_PEOPLE, *OVER_BOTH, "mark"):  # as Row has them, whichever metric comes first
        whens = " ".join(f"WHEN {nth} THEN {name}" for nth, name in columns.get(column, {}).items())
        value = f"CASE metric {whens} END" if whens else "CAST(NULL AS DOUBLE)"
        found.append(f"{f'coalesce({value}, 0e0)' if column in OVER_BOTH else value} AS {column}")
    return ",\n    ".join(found)


def _places(wanted: Sequence[Metric], pairs: Sequence[tuple[Row, Row]]) -> dict[tuple[int, int, bool], float]:
    """The shares whose quantiles bound each quantile: by metric, side, and whether it is the upper one."""
    found: dict[tuple[int, int, bool], float] = {}
    for nth, (metric, pair) in enumerate(zip(wanted, pairs, strict=True), 1):
        for side, row in enumerate(pair):
            if metric.kind == "quantile" and row.people >= ENOUGH:
                ends = stats.fractions(row.sums, metric.at or 0.5)
                found |= {(nth, side, upper): ends[upper] for upper in (False, True)} if ends else {}
    return found


def _ends(
    wanted: Sequence[Metric], params: Compare, sides: TwoSides, places: Mapping[tuple[int, int, bool], float]
) -> Query:
    numbers, asked = _Columns("v"), [wanted[metric - 1] for metric, _, _ in places]
    quantiles = [
        QUANTILE.format(at=f"$end_{nth}", of=f"CASE WHEN side = {side} THEN {numbers.name(metric.value)} END")
        for nth, (metric, (_, side, _)) in enumerate(zip(asked, places, strict=True), 1)
    ]
    source = metrics.source(asked, params.goal, "sided_sessions")
    sql = (
        "WITH "
        + source.ctes
        + ENDS.format(
            numbers=numbers.sql,
            quantiles=",\n        ".join(f"{quantile} AS end_{nth}" for nth, quantile in enumerate(quantiles, 1)),
            ends=" ".join(f"WHEN {nth} THEN end_{nth}" for nth, _ in enumerate(places, 1)),
            names=", ".join(f"({nth})" for nth, _ in enumerate(places, 1)),
        )
    )
    values = {f"end_{nth}": fraction for nth, fraction in enumerate(places.values(), 1)}
    return sides.query(sql, **values, **source.params)


# ------------------------------------------------------------------------------------------------------------- judged


def change(metric: Metric, pair: tuple[Row, Row], by: str, bounded: Sequence[Bounded | None]) -> Change:
    """One metric of two sides, not yet judged; `bounded` are the quantiles of a quantile metric."""
    return _quantile(metric, *pair, bounded, by) if metric.kind == "quantile" else _change(metric, *pair, by)


def judge(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The same with q and verdict: all of them were asked about at once."""
    return tuple(_judged(one) for one in stats.corrected(changes))


def _bounded(nth: int, side: int, row: Row, bounds: Mapping[tuple[int, int, bool], float | None]) -> Bounded | None:
    low, high = (bounds.get((nth, side, upper)) for upper in (False, True))
    return None if row.mark is None or low is None or high is None else Bounded(row.mark, low, high)


def _quantile(metric: Metric, before: Row, after: Row, bounded: Sequence[Bounded | None], by: str) -> Change:
    sides = [
        Side(row.mark, round(row.sessions), row.people, found.low if found else None, found.high if found else None)
        for row, found in zip((before, after), bounded, strict=True)
    ]
    note = _too_few(before, after, by)
    one, other = bounded
    if note is None and (one is None or other is None):
        counted = "people" if by == "user" else "sessions"
        note = f"Too few {counted} {'before' if one is None else 'after'} to say between which values it lies."
    if note is None and one and other and one.low == one.high == other.low == other.high:
        note = ALIKE
    if note is not None or one is None or other is None:
        return _unjudged(metric, sides, note)
    correlation = stats.correlation(before.sums, after.sums, before.crossing)
    difference, relative = stats.between(one, other, correlation), stats.ratio(one, other, correlation)
    return _unjudged(metric, sides, None, difference, relative)


def _change(metric: Metric, before: Row, after: Row, by: str) -> Change:
    sides = [_side(metric, row, by) for row in (before, after)]
    note = _too_few(before, after, by) or _too_rare(metric, before, after) or _alike(before.sums, after.sums)
    if note is not None:
        return _unjudged(metric, sides, note)
    one, other = before.sums, after.sums
    covariance = stats.shared(one, other, before.crossing)
    if by == "session" and metric.kind in ("share", "mean") and not before.crossing.counts:
        difference = (stats.of_shares if metric.kind == "share" else stats.of_means)(one, other)
    else:
        difference = stats.overlapping(one, other, before.crossing)
    variances = one.mean_variance_by_person, other.mean_variance_by_person
    whole = max(0.0, sum(variances) - 2 * covariance)
    difference = replace(difference, smallest=stats.smallest_increase(whole, variances[1], other.mean))
    return _unjudged(metric, sides, None, difference, stats.relative(one.mean, other.mean, *variances, covariance))


def _side(metric: Metric, row: Row, by: str) -> Side:
    sums, low, high = row.sums, None, None
    if row.people >= ENOUGH:
        if metric.kind == "share":
            low, high = stats.share_interval(sums) if by == "user" else stats.wilson(sums.total, sums.n)
        else:
            reach = Z * math.sqrt(sums.mean_variance_by_person)
            low, high = sums.mean - reach, sums.mean + reach
    return Side(sums.mean if sums.n else None, round(row.sessions), row.people, low, high)


def _unjudged(
    metric: Metric,
    sides: Sequence[Side],
    note: str | None,
    difference: Difference | None = None,
    relative: Relative | None = None,
) -> Change:
    return Change(
        metric=metric.name,
        label=metric.words,
        unit=metric.unit,
        kind=metric.kind,
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


HAD, NEVER = "had it", "It never happened."
ALIKE = "It is the same for all sessions of both sides, so nothing can be said of chance."


def _too_few(before: Row, after: Row, by: str) -> str | None:
    if before.everyone and after.everyone and not before.people + after.people:
        return NEVER
    counted = "people" if by == "user" else "sessions"
    for name, row in (("before", before), ("after", after)):
        if row.people < ENOUGH:
            return f"Only {words.count(row.people)} {counted} {name}; {ENOUGH} are needed."
    return None


def _too_rare(metric: Metric, before: Row, after: Row) -> str | None:
    """Of what hardly anybody has (or lacks) the normal approximation misleads."""
    counts = [(before.hits + after.hits, HAD)]
    if metric.kind == "share":
        counts.append(
            (round(before.sessions + after.sessions - before.total - after.total), "sessions were without it")
        )
    number, what = min(counts)
    if number >= ENOUGH:
        return None
    if not number:
        return NEVER if what == HAD else ALIKE
    return f"Only {words.count(number)} {what} on both sides together; {ENOUGH} are needed."


def _alike(before: Sums, after: Sums) -> str | None:
    return ALIKE if before.mean_variance_by_person == after.mean_variance_by_person == 0 else None


def _judged(change: Change) -> Change:
    if change.p is None or change.q is None or change.low is None or change.high is None or change.difference is None:
        return change
    verdict: Verdict = "no clear change"
    if change.q < 0.05 and not change.low <= 0 <= change.high:
        better = (change.difference > 0) == change.higher_is_better
        verdict = "changed" if change.higher_is_better is None else "better" if better else "worse"
    return replace(change, verdict=verdict)


def _caveats(params: Compare, scope: Scope, same: int) -> Iterable[str]:
    for name, side in (("Before", params.before.narrowed(scope)), ("After", params.after.narrowed(scope))):
        if side.start and side.stop and (days := (side.stop - side.start).days) % 7:
            yield f"{name} covers {words.many(days, 'day')}, which is not whole weeks: weekdays may weigh differently."
    if same:
        held = words.many(same, "session is", "sessions are")
        yield f"{held} on both sides, so a difference looks smaller than it is."
