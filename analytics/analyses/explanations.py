"""Explanations: what else, beside what was changed, could explain that a metric differs between two scopes.

Lines that say whether each matters, with its figure: a shifted mix (Kitagawa), weekdays, a trend before, the same
comparison at earlier dates, other releases and notes in these days, traffic, and people or sessions on both sides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pydantic import with_config

from analytics import alternatives, metrics, side_days
from analytics.alternatives import Explanation, Seen
from analytics.analyses import compare, metric_days, mix, releases
from analytics.analyses.compare import Change, Compare
from analytics.analyses.metric_days import MetricDay, MetricDays
from analytics.analyses.mix import Mix
from analytics.analyses.releases import Releases
from analytics.conditions import STRICT, Matcher
from analytics.metrics import Goal, Metric
from analytics.query import Query
from analytics.scope import Scope
from analytics.side_days import Sides
from analytics.stats.difference import Z
from analytics.stats.kitagawa import FEWEST, Decomposition, Part, design_effect, kitagawa, together
from analytics.stats.placebo import Windows, placebo
from analytics.stats.trend import Day, trend
from analytics.store import Store

TREND_DAYS = 28  # a trend is looked for in the days of the side before, and at least in so many up to its last
BY_SIDE = """
SELECT side, day, count(*) AS sessions
FROM sided_sessions
GROUP BY side, day
ORDER BY side, day
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Happened:
    """Something that people know of a day, such as the start of a sale."""

    day: date
    what: str


@with_config(STRICT)
@dataclass(frozen=True)
class Explanations:
    """The question: why `metric` (`conversion` needs the `goal`) differs; before, after and by as in `compare`."""

    before: Scope
    after: Scope
    metric: str
    by: Literal["user", "session"] = "user"
    goal: Goal | None = None
    happened: tuple[Happened, ...] = ()

    def __post_init__(self) -> None:
        self.compared()
        self.measured()

    def compared(self) -> Compare:
        """The comparison that is explained."""
        return Compare(self.before, self.after, (self.metric,), self.by, self.goal)

    def measured(self) -> Metric:
        """The metric."""
        return metrics.chosen((self.metric,), self.goal)[0]


@dataclass(frozen=True)
class SideDay:
    """Sessions that began on a day, of the side before (0) or after (1)."""

    side: int
    day: date
    sessions: int


@dataclass(frozen=True)
class ExplanationsResult:
    """The answer: `explanations`, those that matter first, of the `change`."""

    explanations: tuple[Explanation, ...]
    change: Change
    queries: tuple[Query, ...]


PER = {metrics.VIEWS: "page views", metrics.SECONDS: "the time"}  # denominators of ratios in words
NOBODY = Part(0, 0.0, 0.0, 0.0, 0.0, 0.0)
EXAMPLE = Explanations(
    Scope(releases=("1.0",)), Scope(releases=("1.1",)), "conversion", goal=Matcher(name="order"),
    happened=(Happened(date(2026, 9, 12), "newsletter"),),
)  # fmt: skip


def queries(params: Explanations, scope: Scope) -> tuple[Query, ...]:
    """The comparison, the sides' days, the mix, and by day what both sides have in common: its metric and releases."""
    compared = params.compared()
    asked = [*compare.queries(compared, scope), compared.sides(scope).query(BY_SIDE)]
    adds = params.measured().kind != "quantile"
    if adds:
        asked += mix.queries(_mix(params), scope)
    if (alike := _alike(params, scope)) is not None:
        asked += releases.queries(Releases(), alike)
        if adds:
            asked += metric_days.queries(_days(params), alike)
    return tuple(asked)


def run(store: Store, params: Explanations, scope: Scope) -> ExplanationsResult:
    """Ask `store`; of too little data the only line says so."""
    compared, asked = params.compared(), queries(params, scope)
    result = compare.run(store, compared, scope)
    (change,) = result.metrics
    before, difference, low, high = change.before.value, change.difference, change.low, change.high
    if before is None or difference is None or low is None or high is None:
        said = change.note or "There is not enough data."
        return ExplanationsResult((Explanation("data", "Too little data", "unknown", said),), change, asked)
    seen = Seen(change.unit, before, difference, low, high)
    weeks, found = _mixes(store, params, scope, seen)
    by_side: tuple[dict[date, int], dict[date, int]] = ({}, {})
    for row in store.rows(compared.sides(scope).query(BY_SIDE), SideDay):
        by_side[row.side][row.day] = row.sessions
    together = side_days.overlap(*by_side)
    if together >= side_days.SIDE_BY_SIDE:
        found += [alternatives.weekdays(None, weeks, seen), alternatives.alike(together)]
    else:
        found += _of_time(store, params, scope, by_side, (weeks, seen))
    both, smaller = result.people.both, min(result.people.before_only, result.people.after_only) + result.people.both
    sizes = [sum(side.values()) for side in by_side]
    often = max(
        size / (alone + both)
        for size, alone in zip(sizes, (result.people.before_only, result.people.after_only), strict=True)
    )
    found.append(alternatives.people(both, smaller, often, params.by))
    found += alternatives.sessions(result.same_sessions, min(sizes))
    return ExplanationsResult(alternatives.ordered(found), change, asked)


def _alike(params: Explanations, scope: Scope) -> Scope | None:
    shared = side_days.common(params.before, params.after)
    return shared.narrowed(scope) if shared is not None else None


def _mix(params: Explanations) -> Mix:
    return Mix(params.before, params.after, params.metric, goal=params.goal)


def _days(params: Explanations) -> MetricDays:
    return MetricDays((params.metric,), params.goal)


# --------------------------------------------------------------------------------------------------------------- mix


def _mixes(
    store: Store, params: Explanations, scope: Scope, seen: Seen
) -> tuple[Decomposition | None, list[Explanation]]:
    """The weekdays, and a line for every other field that says something and that the sides do not choose."""
    metric = params.measured()
    if metric.kind == "quantile":
        return None, [alternatives.not_added()]
    purpose = side_days.chosen(params.before, params.after) | {params.metric}  # `new` is a metric too
    fields: dict[str, dict[str | None, list[Part]]] = {}
    for share in mix.run(store, _mix(params), scope).shares:
        parts = fields.setdefault(share.field, {}).setdefault(share.value, [NOBODY, NOBODY])
        parts[share.side] = Part(
            share.n, share.total, share.weight, share.squares, share.products, share.weight_squares
        )
    weeks, found = None, []
    counted = "sessions" if metric.known is None else "the sessions that count"
    counted = PER.get(metric.per, "what it is divided by") if metric.per else counted
    for field, each in fields.items():
        values = _folded(each)
        before, after = ([pair[side] for pair in values.values()] for side in (0, 1))
        parted = kitagawa(before, after, design_effect(before, after, (seen.high - seen.low) / 2 / Z))
        if parted is None:
            continue
        if field == "weekday":
            weeks = parted
        elif field not in purpose and len(values) > 1:
            value = list(values)[parted.moved]
            found.append(alternatives.mixed(field, value, parted, seen, counted))
    order = list(alternatives.TITLES)
    return weeks, sorted(found, key=lambda one: order.index(one.field or ""))


def _folded(values: dict[str | None, list[Part]]) -> dict[str | None, list[Part]]:
    """With the values that are rare on both sides among the others: their rates are left to chance."""
    found: dict[str | None, list[Part]] = {}
    for value, (before, after) in values.items():
        name = None if before.n + after.n < 2 * FEWEST else value
        one, other = found.get(name, (NOBODY, NOBODY))
        found[name] = [together([one, before]), together([other, after])]
    return found


# -------------------------------------------------------------------------------------------------------------- time


def _of_time(
    store: Store,
    params: Explanations,
    scope: Scope,
    by_side: tuple[side_days.Days, side_days.Days],
    known: tuple[Decomposition | None, Seen],
) -> Iterator[Explanation]:
    """Of sides that are of different days."""
    alike = _alike(params, scope)
    found = releases.run(store, Releases(), alike) if alike is not None else None
    every = {day.day: day.sessions for day in found.days} if found else {}
    windows = Sides(params.before, params.after, *by_side, every).windows()
    yield alternatives.weekdays(windows, *known)
    if windows.after <= windows.before:
        yield alternatives.backwards()
        return
    took_over = {one.release: one.took_over for one in found.releases if one.took_over} if found else {}
    arrivals = {name: day for name, day in took_over.items() if day != min(every)}  # the first one was there before
    if alike is None:
        yield alternatives.unlike()
    elif params.measured().kind != "quantile":
        days = metric_days.run(store, _days(params), alike).days
        yield from _earlier(windows, days, arrivals, known[1])
    if took_over:
        stop = windows.after + timedelta(windows.after_days)
        own = {*params.before.releases, *params.after.releases}
        others = {name: day for name, day in arrivals.items() if windows.before < day < stop and name not in own}
        yield alternatives.others(others, windows)
    yield from alternatives.noted(((note.day, note.what) for note in params.happened), windows)
    before, after = (every, every) if every else by_side
    yield alternatives.traffic(
        side_days.within(before, windows.before, windows.before_days) / windows.before_days,
        side_days.within(after, windows.after, windows.after_days) / windows.after_days,
    )


def _earlier(
    windows: Windows, days: Sequence[MetricDay], arrivals: dict[str, date], seen: Seen
) -> Iterator[Explanation]:
    """The trend and the placebo dates."""
    last = min(windows.before + timedelta(windows.before_days), windows.after)
    first = last - timedelta(max(windows.before_days, TREND_DAYS))
    line = [_point(day) for day in days if first <= day.day < last and day.weight]
    middles = [
        _middle(days, start, number)
        for start, number in ((windows.before, windows.before_days), (windows.after, windows.after_days))
    ]
    yield alternatives.trended(trend(line), middles[1] - middles[0], len(line), seen)
    sums = {day.day: (day.total, day.weight) for day in days}
    earliest = min(sums, default=windows.after)
    before = {name: day for name, day in arrivals.items() if earliest < day < windows.after}
    yield alternatives.placebos(placebo(sums, windows, seen.difference), windows, before)


def _point(day: MetricDay) -> Day:
    return Day(day.day.toordinal(), day.total / day.weight, day.weight, day.day.isoweekday())


def _middle(days: Sequence[MetricDay], start: date, number: int) -> float:
    inside = [day for day in days if start <= day.day < start + timedelta(number)]
    weight = sum(day.weight for day in inside)
    return sum(day.day.toordinal() * day.weight for day in inside) / weight if weight else float(start.toordinal())
