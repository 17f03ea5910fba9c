"""Funnel: how many sessions or people reach each step of a list of events, and how long they take.

An attempt begins with one event of step 1 (unordered: of any step) and takes each further step at the earliest event it
can; one event serves one step. Every start is an attempt, the furthest progress counts: the count of step n is those
that reached at least step n.

    ordered     anything may happen between steps; with `simultaneous_s`, events at most so far apart in any order
    strict      the next step is the very next event
    unordered   step n means n different steps done by n different events
    window      from the attempt's first step (or the previous one) to each later one, inclusive
    exclusion   spoils an attempt when it happens between two of its steps; whose furthest progress no clean attempt
                reaches is dropped (unordered: the furthest clean attempt counts, else step 1)
    optional    a step that may be left out: it counts where the attempt did it on its way
    pattern     a step done by the event that completes a pattern within its session, wherever that began

Timed is the clean attempt that first reaches the furthest step; of several the one begun last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from textwrap import indent
from typing import Any, Literal

from pydantic import MISSING, with_config

from analytics import funnel_sql, patterns, words
from analytics.conditions import STRICT, Condition, Matcher, column, exact, merged
from analytics.errors import InvalidQuestion
from analytics.funnel_sql import Exclusion, Shape
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

MOST_STEPS = 20
MOST_SHARING = 5  # unordered: steps that one event may match; each set of them costs a join
DAY_S = 86_400

Order = Literal["ordered", "strict", "unordered"]
Preset = Literal["posthog", "mixpanel", "amplitude", "clickhouse", "retentioneering"]
Attribution = Literal["first_touch", "last_touch", "all_steps", "step"]

PRESETS: dict[Preset, dict[str, Any]] = {
    "posthog": {"by": "user", "window_s": 14 * DAY_S, "simultaneous_s": 0},
    "mixpanel": {"by": "user", "window_s": 7 * DAY_S, "simultaneous_s": 2},
    "amplitude": {"by": "user", "window_s": DAY_S, "simultaneous_s": 1},
    "clickhouse": {"by": "user"},
    "retentioneering": {"by": "user"},
}
"""What the products do unless told otherwise. ClickHouse's windowFunnel also lets one event serve several steps."""
NOT_GIVEN: Any = MISSING  # until the question is made: then a preset or the default has filled it
DEFAULTS: dict[str, Any] = {"by": "session", "window_s": None, "simultaneous_s": None}

# One pass over those who began, then a row per step.
FIGURES = """,
figures AS MATERIALIZED (
    SELECT {value}
        {figures}
    FROM {source}{by}
)"""
FIGURE = "count(moment_{n}) AS count_{n}, median({us}) / 1e6 AS median_{n}, avg({us}) / 1e6 AS mean_{n}"
FIRST_FIGURE = "count(moment_1) AS count_1, CAST(NULL AS DOUBLE) AS median_1, CAST(NULL AS DOUBLE) AS mean_1"
BY_VALUE = """
    GROUP BY {sets}
    HAVING count(moment_1) > 0"""
COUNTED = """
SELECT {value}{n} AS step, count_{n} AS count, median_{n} AS median_seconds, mean_{n} AS mean_seconds
FROM figures"""
# Of many values only those travel that most began with; the counts of the rest follow from those of all together.
MOST_BEGUN = """,
counted AS ({counts}
),
began AS (
    SELECT *, max(CASE WHEN step = 1 THEN count END) OVER (PARTITION BY whole, value) AS began
    FROM counted
),
ranked AS (
    SELECT *, dense_rank() OVER (PARTITION BY whole ORDER BY began DESC, value IS NULL, value) AS nth
    FROM began
)
SELECT value, whole, step, count, median_seconds, mean_seconds, max(nth) OVER (PARTITION BY whole) AS values_in_all
FROM ranked
QUALIFY whole = 1 OR nth <= $breakdown_limit
ORDER BY whole, value, step
"""
# empty text is missing, so it can stand for the value that is none
MOST_VALUES = """,
most_values AS (
    SELECT coalesce(value, '') AS value
    FROM valued
    GROUP BY value
    ORDER BY count(moment_1) DESC, value IS NULL, value
    LIMIT $breakdown_limit
)"""

CARRIED = """,
valued AS (
    SELECT *
    FROM reached
)"""
OF_LANE = """,
valued AS (
    SELECT *, nullif(lane, '') AS value
    FROM reached
)"""
OF_TOUCH = """,
valued AS (
    SELECT reached.*, value
    FROM reached LEFT JOIN touched ON touched.unit = reached.unit
)"""

SPENT = """,
spent AS (
    SELECT *, greatest(moment_{to_step} - moment_{from_step}, 0) AS us
    FROM reached
    WHERE moment_{to_step} IS NOT NULL AND moment_{from_step} IS NOT NULL
)"""
# Whole seconds from the shortest time; equal bins, and one more for the longest.
EVEN = """,
ends AS (
    SELECT min(us) // 1000000 AS lowest, (max(us) + 999999) // 1000000 AS highest, {bins} AS bins
    FROM spent
),
widths AS (
    SELECT lowest, bins,
        CASE WHEN highest > lowest THEN (highest - lowest + bins - 1) // bins ELSE 60 END AS width
    FROM ends
),
binned AS (
    SELECT spent.*, lowest, width, bins, (us - lowest * 1000000) // (width * 1000000) + 1 AS bin
    FROM spent CROSS JOIN widths
)"""
CUBE_ROOT = "greatest(CAST(ceil(pow(count(*), 1.0 / 3) - 0.000000001) AS BIGINT), 1)"  # of a cube: itself
# Round durations in seconds, each about half as long again as the one before: a long tail stays readable.
ROUND = (
    0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 45,
    *(60 * n for n in (1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 45)),
    *(3600 * n for n in (1, 1.5, 2, 3, 6, 12)),
    *(DAY_S * n for n in (1, 2, 3, 5, 7, 14, 30, 60, 90, 180, 365)),
)  # fmt: skip
LADDER = """,
binned AS (
    SELECT *, 0 AS lowest, 0 AS width, 0 AS bins, {bin} AS bin
    FROM spent
)"""
BARS = """
SELECT lowest, width, bins, bin, count, mean_seconds, median_seconds
FROM (
    SELECT lowest, width, bins, bin, count(*) AS count
    FROM binned
    GROUP BY lowest, width, bins, bin
) AS bars
CROSS JOIN (SELECT avg(us) / 1e6 AS mean_seconds, median(us) / 1e6 AS median_seconds FROM spent) AS times
ORDER BY bin
"""

SCOPED = patterns.Tables("scoped_sessions", "scoped", "scoped_visits")
DONE_BY = """(session_key, position) IN (
        WITH {ctes}
        {done_at}
    )"""
COMPLETED = "SELECT session_key, position FROM {0}"
LAST_EVENT = "SELECT session_key, events FROM scoped_sessions WHERE session_key IN (SELECT session_key FROM {0})"

BEGUN = """
SELECT period AS start, {n} AS step, count(*) AS count
FROM reached
WHERE moment_{n} IS NOT NULL
GROUP BY period"""
LATEST = "SELECT max(local) AS latest FROM all_events"


@with_config(STRICT)
@dataclass(frozen=True)
class OptionalStep(Matcher):
    """A step that may be left out (`optional` false: one like any other)."""

    optional: bool = True


@with_config(STRICT)
@dataclass(frozen=True)
class PatternStep(OptionalStep):
    """A step done by each event that completes a pattern of docs/patterns.md: `{"pattern": "search -> page:/cart"}`.

    The pattern is looked for within one session and may have begun before the step before. One that ends with `(end)`
    is completed by the session's last event.
    """

    optional: bool = False
    _: KW_ONLY
    pattern: str

    def __post_init__(self) -> None:
        patterns.parse(self.pattern)  # refused where it is written
        if (self.name, self.page, self.element, self.where, self.first_time) != (None, None, None, (), False):
            raise InvalidQuestion(f"The step {self.pattern} is a pattern; what else it has to be belongs into it.")

    def test(self, prefix: str) -> Condition:
        """Over one row of `scoped`; values are named after `prefix`."""
        parsed = patterns.parse(self.pattern)
        found = patterns.matches(parsed, SCOPED, f"{prefix}_pattern")
        done_at = LAST_EVENT if not parsed.steps[-1].choice else COMPLETED
        sql = DONE_BY.format(
            ctes=indent(patterns.listed(found.ctes[:-1]), " " * 8).strip(), done_at=done_at.format(found.ends)
        )
        return Condition(sql, found.params, self.label)

    @property
    def label(self) -> str:
        """In words."""
        return patterns.parse(self.pattern).words


@with_config(STRICT)
@dataclass(frozen=True)
class Excluded:
    """An event that spoils an attempt between the steps `from_step` and `to_step`, numbered from 1."""

    matcher: Matcher
    from_step: int
    to_step: int

    def __post_init__(self) -> None:
        if isinstance(self.matcher, PatternStep):
            raise InvalidQuestion("What spoils an attempt is an event, a page or a click, not a pattern.")


@with_config(STRICT)
@dataclass(frozen=True)
class Histogram:
    """How long it takes from one step to another; `bins` None is the cube root of the number counted, rounded up.

    Not `even`: bars begin at round durations, the longer the further apart (0 s, 1 s, ... 1 h, ... 1 year).
    """

    from_step: int
    to_step: int
    bins: int | None = None
    even: bool = True


@with_config(STRICT)
@dataclass(frozen=True)
class Funnel:
    """The question: `steps` from first to last, up to twenty; a step may repeat.

    `window_s` None is no limit. `by` is `session`, `user` or a field whose values are counted. `constant` is a field
    of which all of an attempt's events carry one value. `trend` counts by the first day or week of attempts.
    `count_like` fills what is not given with what another product does. `breakdown_limit`: only so many values, those
    that most began with; the others are counted together as the rest.
    """

    steps: tuple[Matcher | OptionalStep | PatternStep, ...]
    order: Order = "ordered"
    window_s: int | None = NOT_GIVEN
    window_from: Literal["first", "previous"] = "first"
    simultaneous_s: float | None = NOT_GIVEN
    constant: str | None = None
    trend: Literal["day", "week"] | None = None
    by: str = NOT_GIVEN
    count_like: Preset | None = None
    exclusions: tuple[Excluded, ...] = ()
    breakdown: str | None = None
    attribution: Attribution = "first_touch"
    attribution_step: int | None = None
    histogram: Histogram | None = None
    breakdown_limit: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= MOST_STEPS:
            raise InvalidQuestion(f"A funnel has one to {MOST_STEPS} steps; this one has {len(self.steps)}.")
        preset = PRESETS[self.count_like] if self.count_like else {}
        for name, default in DEFAULTS.items():
            if getattr(self, name) is NOT_GIVEN:
                # frozen, and filled once: what is shown and kept is what was asked
                object.__setattr__(self, name, preset.get(name, default) if self._may(name) else default)
        self._check()

    def _may(self, name: str) -> bool:
        return name != "simultaneous_s" or (self.order != "strict" and not self.optional)

    def _check(self) -> None:
        for name in ("window_s", "simultaneous_s"):
            if (value := getattr(self, name)) is not None and value < 0:
                raise InvalidQuestion(f"{name} is 0 seconds or more, not {value}.")
        if self.simultaneous_s is not None and (self.order == "strict" or self.optional):
            what = "A strict funnel" if self.order == "strict" else "A funnel with optional steps"
            raise InvalidQuestion(f"{what} takes events in their order; leave out simultaneous_s.")
        if self.optional and (self.order != "ordered" or 1 in self.optional or self.count_like == "clickhouse"):
            why = "its first step must be done" if 1 in self.optional else "only an ordered funnel has optional steps"
            raise InvalidQuestion(f"Step {self.optional[0]} cannot be optional: {why}.")
        if self.count_like == "clickhouse" and (self.order != "ordered" or self.simultaneous_s is not None):
            raise InvalidQuestion("Counting like ClickHouse is for ordered funnels, without simultaneous_s.")
        for excluded in self.exclusions:
            self._pair("An exclusion", excluded.from_step, excluded.to_step)
            if {excluded.from_step, excluded.to_step} & set(self.optional):
                raise InvalidQuestion("An exclusion lies between steps that must be done, not at an optional one.")
        if self.histogram:
            self._pair("A histogram", self.histogram.from_step, self.histogram.to_step)
            if self.histogram.bins is not None and not 1 <= self.histogram.bins <= 1000:
                raise InvalidQuestion(f"A histogram has 1 to 1,000 bins, not {self.histogram.bins}.")
            if self.histogram.bins is not None and not self.histogram.even:
                raise InvalidQuestion(f"Only even bins have a number; leave out bins ({self.histogram.bins}) or even.")
        if self.breakdown_limit is not None and not 1 <= self.breakdown_limit <= 1000:
            raise InvalidQuestion(f"A breakdown shows 1 to 1,000 values, not {self.breakdown_limit}.")
        if (self.attribution == "step") != (self.attribution_step is not None):
            raise InvalidQuestion("The attribution 'step' needs attribution_step, and only it has one.")
        if self.attribution_step is not None and not 1 <= self.attribution_step <= len(self.steps):
            raise InvalidQuestion(f"There is no step {self.attribution_step} to attribute to.")
        if self.breakdown is None and self.attribution != "first_touch":
            raise InvalidQuestion(f"The attribution {self.attribution!r} needs a breakdown.")
        for field in (self.breakdown, self.constant, None if self.by in ("session", "user") else self.by):
            if field is not None:
                column(field, "x")
        if self.order == "unordered" and (size := max(map(len, self.overlaps))) > MOST_SHARING:
            raise InvalidQuestion(
                f"One event could do any of {size} of these steps; without an order at most {MOST_SHARING} may overlap."
            )

    def _pair(self, what: str, from_step: int, to_step: int) -> None:
        if not 1 <= from_step < to_step <= len(self.steps):
            steps = words.many(len(self.steps), "step")
            raise InvalidQuestion(
                f"{what} lies between an earlier and a later of the {steps}, not {from_step} and {to_step}."
            )

    @property
    def optional(self) -> tuple[int, ...]:
        """The steps that may be left out, by number."""
        return tuple(n for n, step in enumerate(self.steps, 1) if isinstance(step, OptionalStep) and step.optional)

    @property
    def overlaps(self) -> tuple[tuple[int, ...], ...]:
        """The steps in groups: an event that serves one cannot match a step of another group."""
        groups: list[set[int]] = []
        for n, step in enumerate(self.steps, 1):
            mine = [group for group in groups if any(not _disjoint(step, self.steps[m - 1]) for m in group)]
            groups = [group for group in groups if group not in mine] + [{n}.union(*mine)]
        return tuple(sorted(tuple(sorted(group)) for group in groups))


@dataclass(frozen=True)
class Counted:
    """As the statement gives it: `count` reached `step`; the seconds are from the step before."""

    step: int
    count: int
    median_seconds: float | None
    mean_seconds: float | None


@dataclass(frozen=True)
class CountedOf:
    """The same for those of one `value` (None: those without one), or for all of them (`whole` 1)."""

    value: str | None
    whole: int
    step: int
    count: int
    median_seconds: float | None
    mean_seconds: float | None


@dataclass(frozen=True)
class CountedMost(CountedOf):
    """The same where only some of the `values_in_all` are asked for."""

    values_in_all: int


@dataclass(frozen=True)
class Binned:
    """`count` took from `lowest + (bin - 1) * width` seconds on; `bins` equal ones and one more (0: `ROUND`).

    The mean and median are of all.
    """

    lowest: int
    width: int
    bins: int
    bin: int
    count: int
    mean_seconds: float
    median_seconds: float


@dataclass(frozen=True)
class Begun:
    """`count` reached `step` in an attempt begun in the day or week from `start`."""

    start: date
    step: int
    count: int


@dataclass(frozen=True)
class Latest:
    """The last stored event on a clock of the reporting zone."""

    latest: datetime | None


@dataclass(frozen=True)
class Step:
    """`count` sessions, people or values reached `step` (from 1), called `label`; the seconds are from the step before.

    They are None on the first step and on one that nobody reached. After an optional step they are from the last step
    that was done.
    """

    step: int
    label: str
    count: int
    median_seconds: float | None
    mean_seconds: float | None


@dataclass(frozen=True)
class Breakdown:
    """The funnel of those of one `value`; None is what has none."""

    value: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Rest:
    """The `values` that are not among those shown, counted together; how long they take is not known."""

    values: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Spent:
    """How long those in the histogram took."""

    count: int
    mean_seconds: float
    median_seconds: float


@dataclass(frozen=True)
class Bar:
    """`count` took `seconds` or longer, but less than the next bar's."""

    seconds: int
    count: int


@dataclass(frozen=True)
class Period:
    """What came of attempts begun in the day or week from `start`: `counts` per step.

    `complete`: the last of them had its whole window (without a window: the period is over) at the last stored event.
    """

    start: date
    counts: tuple[int, ...]
    complete: bool


@dataclass(frozen=True)
class FunnelResult:
    """The answer: one `Step` per step asked for, also where nobody got; the others are empty unless asked for.

    `breakdowns` begins with the value that most began with; `trend` has every day or week from the first to the last.
    """

    steps: tuple[Step, ...]
    breakdowns: tuple[Breakdown, ...]
    histogram: tuple[Bar, ...]
    trend: tuple[Period, ...]
    queries: tuple[Query, ...]
    rest: Rest | None = None
    spent: Spent | None = None


EXAMPLE = Funnel(
    (
        Matcher(name="page_view", page="/product/*"),
        Matcher(name="add_to_cart"),
        Matcher(name="page_view", page="/checkout/payment"),
        Matcher(name="order"),
    )
)


def _disjoint(one: Matcher, other: Matcher) -> bool:
    """Whether no event can match both, as far as names, pages and elements tell."""
    if one.name is not None and other.name is not None:
        names = [
            {matcher.name} if isinstance(matcher.name, str) else set(matcher.name or ()) for matcher in (one, other)
        ]
        if not names[0] & names[1]:
            return True
    pairs = ((_listed(one.page), _listed(other.page)), (_listed(one.element), _listed(other.element)))
    return any(a and b and not set(a) & set(b) and all(map(exact, (*a, *b))) for a, b in pairs)


def _listed(given: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else given or ()


def shape(params: Funnel, lanes: bool = False, trend: bool = False, everything: bool = False) -> Shape:
    """The funnel as the statements need it; with `lanes` with the breakdown's value, where that comes at no cost, or a
    funnel per value, where the attribution asks for that. `everything`: the scope leaves out no session."""
    tests = tuple(step.test(f"step_{n}") for n, step in enumerate(params.steps, 1))
    exclusions = tuple(
        Exclusion(excluded.matcher.test(f"out_{n}"), excluded.from_step, excluded.to_step)
        for n, excluded in enumerate(params.exclusions, 1)
    )
    parted = lanes and params.breakdown is not None and params.attribution in ("all_steps", "step")
    by: Any = params.by if params.by in ("session", "user") else column(params.by, "by")
    simultaneous = params.simultaneous_s if params.order == "ordered" else None  # without an order there is no matter
    found = Shape(
        tests,
        by=by,
        order=params.order,
        window_us=_us(params.window_s),
        window_from=params.window_from if params.window_s is not None else "first",
        simultaneous_us=_us(simultaneous),
        shared=params.count_like == "clickhouse",
        optional=params.optional,
        exclusions=exclusions,
        named=not params.optional and all(step.only_name is not None for step in params.steps),
        overlaps=params.overlaps,
        held=column(params.constant, "held") if params.constant else None,
        parted=column(params.breakdown, "lane") if parted and params.breakdown else None,
        parted_step=params.attribution_step if parted else None,
        period=params.trend if trend else None,
        everything=everything,
    )
    if lanes and not parted and params.breakdown and params.by == "session" and found.by_names:
        field = column(params.breakdown, "lane")
        return replace(found, carried=field) if field.level == "session" else found
    return found


def reached(params: Funnel, trend: bool = False, everything: bool = False) -> Condition:
    """The CTEs up to `reached`, one row per session, person or value that did step 1; see `funnel_sql` and `shape`."""
    return funnel_sql.reached(shape(params, trend=trend, everything=everything))


def valued(params: Funnel, everything: bool = False) -> Condition:
    """The CTEs up to `valued`: the same with the breakdown's `value` (several rows where several count)."""
    parted = shape(params, lanes=True, everything=everything)
    ctes = funnel_sql.reached(parted)
    if parted.carried:
        return Condition(ctes.sql + CARRIED, ctes.params, "")
    if parted.parted:
        return Condition(ctes.sql + OF_LANE, ctes.params, "")
    field = column(params.breakdown or "", "lane")
    touched = funnel_sql.touched(parted, field, last=params.attribution == "last_touch")
    return Condition(f"{ctes.sql},\n{touched}{OF_TOUCH}", merged([ctes.params, field.params]), "")


def with_most(params: Funnel) -> Condition:
    """The CTEs up to `most_values`: those that `breakdown_limit` leaves ('' is the missing one)."""
    ctes = valued(params)
    return Condition(ctes.sql + MOST_VALUES, merged([ctes.params, {"breakdown_limit": params.breakdown_limit}]), "")


def binned(params: Funnel, asked: Histogram) -> Condition:
    """The CTEs up to `binned`: who got from the one step to the other, and the bin of the time it took."""
    ctes = reached(params)
    bins: dict[str, object] = {} if asked.bins is None else {"bins": asked.bins}
    if asked.even:
        bars = EVEN.format(bins=CUBE_ROOT if asked.bins is None else "$bins")
    else:
        least = [(n, round(seconds * 1_000_000)) for n, seconds in enumerate(ROUND, 1)]
        whens = " ".join(f"WHEN us >= {us} THEN {n}" for n, us in reversed(least[1:]))
        bars = LADDER.format(bin=f"CASE {whens} ELSE 1 END")
    form = SPENT.format(from_step=asked.from_step, to_step=asked.to_step) + bars
    return Condition(ctes.sql + form, merged([ctes.params, bins]), "")


def queries(params: Funnel, scope: Scope) -> tuple[Query, ...]:
    """All steps with their times, then what else is asked: breakdown, histogram, trend and the last stored event.

    Where everybody has one value, one statement counts them by value and together.
    """
    asked = []
    everything = scope == Scope()
    if not _one_value(params):
        ctes = reached(params, everything=everything)
        figures, counts = _counts(params, by_value=False)
        asked.append(scope.query(f"{ctes.sql}{figures}{counts}\nORDER BY step", **ctes.params))
    if params.breakdown is not None:
        ctes = valued(params, everything=everything)
        figures, counts = _counts(params, by_value=True)
        most: dict[str, object] = {}
        if params.breakdown_limit is None:
            counts += "\nORDER BY whole, value, step"
        else:
            counts, most = MOST_BEGUN.format(counts=indent(counts, "    ")), {"breakdown_limit": params.breakdown_limit}
        asked.append(scope.query(ctes.sql + figures + counts, **ctes.params, **most))
    if params.histogram:
        ctes = binned(params, params.histogram)
        asked.append(scope.query(ctes.sql + BARS, **ctes.params))
    if params.trend:
        ctes = reached(params, trend=True)
        counts = "\nUNION ALL".join(BEGUN.format(n=n) for n in range(1, len(params.steps) + 1))
        asked.append(scope.query(f"{ctes.sql}{counts}\nORDER BY start, step", **ctes.params))
        asked.append(scope.query(LATEST))
    return tuple(asked)


def _one_value(params: Funnel) -> bool:
    return params.breakdown is not None and params.attribution in ("first_touch", "last_touch")


def _counts(params: Funnel, *, by_value: bool) -> tuple[str, str]:
    """The CTE with all figures, and the statement that gives them step by step, by value or not."""
    together = _one_value(params) or params.breakdown_limit is not None  # values of other attributions need no sum
    figures = [FIRST_FIGURE]
    for n in range(2, len(params.steps) + 1):
        before = [f"moment_{n - 1}"]
        while int(before[-1].removeprefix("moment_")) in params.optional:
            before.append(f"moment_{int(before[-1].removeprefix('moment_')) - 1}")
        since = f"coalesce({', '.join(before)})" if len(before) > 1 else before[0]
        us = f"moment_{n} - {since}"
        if params.simultaneous_s is not None:  # then the later step may lie before
            us = f"CASE WHEN moment_{n} IS NOT NULL THEN greatest({us}, 0) END"
        figures.append(FIGURE.format(n=n, us=us))
    text = FIGURES.format(
        value=("value, grouping(value) AS whole," if together else "value, 0 AS whole,") if by_value else "",
        figures=",\n        ".join(figures),
        source="valued" if by_value else "reached",
        by=BY_VALUE.format(sets="GROUPING SETS ((value), ())" if together else "value") if by_value else "",
    )
    value = "value, whole, " if by_value else ""
    return text, "\nUNION ALL".join(COUNTED.format(value=value, n=n) for n in range(1, len(params.steps) + 1))


def run(store: Store, params: Funnel, scope: Scope) -> FunnelResult:
    """Ask `store`; an empty scope gives zeros."""
    asked = queries(params, scope)
    rest = iter(asked)
    steps = () if _one_value(params) else _labelled(params, store.rows(next(rest), Counted))
    breakdowns: tuple[Breakdown, ...] = ()
    others: Rest | None = None
    if params.breakdown is not None:
        rows = store.rows(next(rest), CountedOf if params.breakdown_limit is None else CountedMost)
        breakdowns = _breakdowns(params, [row for row in rows if not row.whole])
        steps = steps or _labelled(params, [row for row in rows if row.whole])
        others = _others(params, rows, breakdowns)
    histogram: tuple[Bar, ...] = ()
    spent: Spent | None = None
    if params.histogram and (times := store.rows(next(rest), Binned)):
        histogram = _bars(times)
        spent = Spent(sum(row.count for row in times), times[0].mean_seconds, times[0].median_seconds)
    trend: tuple[Period, ...] = ()
    if params.trend:
        trend = _periods(params, store.rows(next(rest), Begun), store.rows(next(rest), Latest)[0].latest)
    return FunnelResult(steps, breakdowns, histogram, trend, asked, others, spent)


def _labelled(params: Funnel, rows: Iterable[Counted | CountedOf]) -> tuple[Step, ...]:
    found = {row.step: row for row in rows}
    steps = []
    for n, matcher in enumerate(params.steps, 1):
        row = found.get(n, Counted(n, 0, None, None))  # a value that nobody took this far
        steps.append(Step(n, matcher.label, row.count, row.median_seconds, row.mean_seconds))
    return tuple(steps)


def _breakdowns(params: Funnel, rows: Sequence[CountedOf]) -> tuple[Breakdown, ...]:
    whole = [Breakdown(value, _labelled(params, mine)) for value, mine in groupby(rows, lambda row: row.value)]
    return tuple(sorted(whole, key=lambda one: (-one.steps[0].count, one.value is None, one.value or "")))


def _others(params: Funnel, rows: Sequence[CountedOf], shown: Sequence[Breakdown]) -> Rest | None:
    in_all = max((row.values_in_all for row in rows if isinstance(row, CountedMost) and not row.whole), default=0)
    if in_all <= len(shown):
        return None
    whole = _labelled(params, [row for row in rows if row.whole])
    steps = []
    for n, step in enumerate(whole):
        steps.append(Step(step.step, step.label, step.count - sum(one.steps[n].count for one in shown), None, None))
    return Rest(in_all - len(shown), tuple(steps))


def _bars(rows: Sequence[Binned]) -> tuple[Bar, ...]:
    counts = {row.bin: row.count for row in rows}
    one = rows[0]
    if not one.bins:
        return tuple(Bar(round(ROUND[n - 1]), counts.get(n, 0)) for n in range(1, max(counts) + 1))
    return tuple(Bar(one.lowest + (n - 1) * one.width, counts.get(n, 0)) for n in range(1, one.bins + 2))


def _periods(params: Funnel, rows: Sequence[Begun], latest: datetime | None) -> tuple[Period, ...]:
    if not rows or latest is None:
        return ()
    counts = {(row.start, row.step): row.count for row in rows}
    step = timedelta(days=7 if params.trend == "week" else 1)
    start, last = min(row.start for row in rows), max(row.start for row in rows)
    periods = []
    while start <= last:
        over = datetime.combine(start + step, datetime.min.time()) + timedelta(seconds=params.window_s or 0)
        reached_here = tuple(counts.get((start, n), 0) for n in range(1, len(params.steps) + 1))
        periods.append(Period(start, reached_here, over <= latest))
        start += step
    return tuple(periods)


def _us(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1_000_000)
