"""What can be measured of a session: each metric is declared once, for comparisons, trends and (later) segments.

Adding a metric is adding a declaration here. What its SQL needs beside the session's own columns comes from `source`:
CTEs after which every statement reads `measured`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics import funnel_sql, vocabulary
from analytics.conditions import STRICT, Condition, Filter, Matcher, Where
from analytics.errors import InvalidQuestion
from analytics.funnel_sql import Shape

Unit = Literal["share", "seconds", "count", "value"]
Kind = Literal["share", "mean", "ratio", "quantile"]

MEASURED = """measured AS NOT MATERIALIZED (
    SELECT {sessions}.*{columns}
    FROM {sessions}{joins}
)"""
WITH_PERSON = """
    LEFT JOIN (SELECT user_key AS person, first_seen FROM users) AS persons ON person = user_key"""
WITH_REFUSAL = """
    CROSS JOIN (
        SELECT max(CASE WHEN value = $refusal THEN symbol END) AS refusal FROM codes WHERE kind = 'name'
    ) AS refusals"""
WITH_GOAL = """
    LEFT JOIN goal ON goal_session = session_key"""
REACHED = """goal AS (
    SELECT session_key AS goal_session, min(offset_ms) AS goal_ms
    FROM scoped
    WHERE {test}
    GROUP BY session_key
)"""
THROUGH = """goal AS (
    SELECT unit AS goal_session, (moment_{last} - {start}) // 1000 AS goal_ms
    FROM reached JOIN scoped_sessions ON scoped_sessions.session_key = unit
    WHERE furthest = {last}
)"""


@dataclass(frozen=True)
class Metric:
    """`sql` is a number over a row of `measured`; only sessions that fit `known` count (None: all do).

    share, mean    sum of it over the number of sessions; a share is 0 or 1 in each
    ratio          sum of it over the sum of `per`, a number over the same sessions
    quantile       the value that a share of `at` of the sessions does not exceed

    `higher_is_better` is None where a change is neither good nor bad by itself. `shown_by`: the filters that keep the
    sessions which show it (those counted in a share).
    """

    name: str
    words: str
    unit: Unit
    kind: Kind
    higher_is_better: bool | None
    sql: str
    known: str | None = None
    per: str | None = None
    at: float | None = None
    shown_by: tuple[Where, ...] = ()

    @property
    def numerator(self) -> str:
        """What is summed up: 0 where it is not known."""
        return f"CASE WHEN {self.known} THEN {self.sql} ELSE 0e0 END" if self.known else self.sql

    @property
    def denominator(self) -> str:
        """What the sum is divided by is the sum of this."""
        return self.per or self.sessions

    @property
    def sessions(self) -> str:
        """Summed up, the sessions that count."""
        return _flag(self.known) if self.known else "1"

    @property
    def value(self) -> str:
        """A session's own value, NULL where it is not known."""
        return f"CASE WHEN {self.known} THEN {self.sql} END" if self.known else self.sql


def _flag(test: str) -> str:
    return f"CASE WHEN {test} THEN 1e0 ELSE 0e0 END"


def _share(name: str, label: str, better: bool | None, test: str, *shown_by: Where, known: str | None = None) -> Metric:
    return Metric(name, label, "share", "share", better, _flag(test), known, shown_by=shown_by)


def _mean(name: str, label: str, unit: Unit, better: bool | None, sql: str, known: str | None = None) -> Metric:
    shown = (Filter("session.value", "is_set"),) if known == VALUED else ()
    return Metric(name, label, unit, "mean", better, sql, known, shown_by=shown)


def _ratio(name: str, label: str, unit: Unit, better: bool | None, sql: str, per: str) -> Metric:
    return Metric(name, label, unit, "ratio", better, sql, per=per)


def _quantile(
    name: str, label: str, unit: Unit, better: bool | None, sql: str, at: float, known: str | None = None
) -> Metric:
    return Metric(name, label, unit, "quantile", better, sql, known, at=at)


# What several metrics are made of is written once, in the same words: a comparison then adds it up once.
VALUED = "value IS NOT NULL"
VALUE = f"CASE WHEN {VALUED} THEN value ELSE 0e0 END"
SECONDS, ACTIVE = "duration_ms / 1e3", "active_ms / 1e3"
VIEWS, CLICKS, ERRORS, EVENTS = (f"CAST({name} AS DOUBLE)" for name in ("page_views", "clicks", "errors", "events"))
LONG_S, FEW_EVENTS = 600, 2

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _mean("value_per_session", "Value per session", "value", True, VALUE),
        _share("valued", "Sessions with a value", True, VALUED, Filter("session.value", "is_set")),
        _mean("value_per_buyer", "Value where there is one, mean", "value", True, "value", VALUED),
        _quantile("value_median", "Value where there is one, median", "value", True, "value", 0.5, VALUED),
        _share("bounce_rate", "Bounces", False, "bounce", Filter("bounce", "is", True), known="bounce IS NOT NULL"),
        _share("one_page", "Sessions of one page view", False, "page_views = 1", Filter("page_views", "is", 1)),
        _share("error_rate", "Sessions with an error", False, "errors > 0", Filter("errors", "gt", 0)),
        _mean("errors", "Errors per session", "count", False, ERRORS),
        _ratio("errors_per_view", "Errors per page view", "count", False, ERRORS, VIEWS),
        _share(
            "refused", "Sessions with a refused form", False, "strpos(name_string, refusal) > 0",
            Filter("event", "is", vocabulary.FORM_ERROR),
        ),
        _share("clicked", "Sessions with a click", None, "clicks > 0", Filter("clicks", "gt", 0)),
        _share(
            "long", "Sessions over 10 minutes", None, f"duration_ms > {LONG_S}000", Filter("duration_s", "gt", LONG_S)
        ),
        _share(
            "hardly", f"Sessions of at most {FEW_EVENTS} events", None, f"events <= {FEW_EVENTS}",
            Filter("events", "lte", FEW_EVENTS),
        ),
        _share("new", "Sessions of new people", None, "first_seen = start", Filter("new", "is", True)),
        _mean("duration", "Duration, mean", "seconds", None, SECONDS),
        _quantile("duration_median", "Duration, median", "seconds", None, SECONDS, 0.5),
        _quantile("duration_p90", "Duration, 90th percentile", "seconds", None, SECONDS, 0.9),
        _mean("active_time", "Active time, mean", "seconds", None, ACTIVE),
        _quantile("active_median", "Active time, median", "seconds", None, ACTIVE, 0.5),
        _ratio("active_share", "Share of the time that is active", "share", None, ACTIVE, SECONDS),
        _ratio("seconds_per_view", "Active time per page view", "seconds", None, ACTIVE, VIEWS),
        _mean("page_views", "Page views per session", "count", None, VIEWS),
        _mean("clicks", "Clicks per session", "count", None, CLICKS),
        _ratio("clicks_per_view", "Clicks per page view", "count", None, CLICKS, VIEWS),
        _mean("events", "Events per session", "count", None, EVENTS),
    )
}  # fmt: skip

GOAL, TIME_TO_GOAL = "conversion", "time_to_goal"
OF_GOAL = (GOAL, TIME_TO_GOAL)


@with_config(STRICT)
@dataclass(frozen=True)
class FunnelGoal:
    """Sessions that do all `steps` in their order, anything in between, as a funnel by session counts them.

    With `window_s` within that time of the first step.
    """

    steps: tuple[Matcher, ...]
    window_s: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= 20:
            raise InvalidQuestion(f"A goal of steps has one to 20 of them; this one has {len(self.steps)}.")
        if self.window_s is not None and self.window_s < 0:
            raise InvalidQuestion(f"window_s is 0 seconds or more, not {self.window_s}.")

    @property
    def label(self) -> str:
        """In words: "search, then order"."""
        return ", then ".join(step.label for step in self.steps)

    def reached(self) -> Condition:
        """The CTEs that end in `reached` of `funnel_sql`, by session, joined and without WITH; and their values."""
        tests = tuple(step.test(f"step_{n}") for n, step in enumerate(self.steps, 1))
        window = None if self.window_s is None else self.window_s * 1_000_000
        named = all(step.only_name for step in self.steps)
        found = funnel_sql.reached(Shape(tests, window_us=window, named=named))
        return Condition(found.sql.strip().removeprefix("WITH").strip(), found.params, "")


Goal = Matcher | FunnelGoal


def chosen(names: Iterable[str] | None, goal: Goal | None) -> tuple[Metric, ...]:
    """The metrics called `names` (None: all), those of the goal first. Raises `InvalidQuestion`."""
    known = METRICS if goal is None else {metric.name: metric for metric in _of_goal(goal)} | METRICS
    if names is None:
        return tuple(known.values())
    wanted = tuple(names)
    if unknown := [name for name in wanted if name not in known]:
        hint = "it needs a goal" if unknown[0] in OF_GOAL else f"there are {', '.join(known)}"
        raise InvalidQuestion(f"There is no metric {unknown[0]!r}; {hint}.")
    return tuple(known[name] for name in wanted)


def _of_goal(goal: Goal) -> tuple[Metric, Metric]:
    return (
        _share(GOAL, f"Sessions with {goal.label}", True, "goal_ms IS NOT NULL"),
        _quantile(
            TIME_TO_GOAL, f"Time to {goal.label}, median", "seconds", False, "goal_ms / 1e3", 0.5, "goal_ms IS NOT NULL"
        ),
    )


@dataclass(frozen=True)
class Source:
    """`ctes`, joined by commas and without WITH, after which a statement may read `measured`; and their values."""

    ctes: str
    params: dict[str, object]


def source(wanted: Sequence[Metric], goal: Goal | None, sessions: str = "scoped_sessions") -> Source:
    """`measured`: the rows of `sessions` with what the SQL of the metrics `wanted` reads."""
    text = " ".join(f"{metric.numerator} {metric.denominator}" for metric in wanted)
    ctes, columns, joins = [], [], []
    params: dict[str, object] = {}
    if "first_seen" in text:
        columns.append("first_seen")
        joins.append(WITH_PERSON)
    if "refusal" in text:
        columns.append("refusal")
        joins.append(WITH_REFUSAL)
        params["refusal"] = vocabulary.FORM_ERROR
    if "goal_ms" in text and goal is not None:
        reaching = _reaching(goal)
        ctes.append(reaching.sql)
        params |= reaching.params
        columns.append("goal_ms")
        joins.append(WITH_GOAL)
    ctes.append(
        MEASURED.format(sessions=sessions, columns="".join(f", {column}" for column in columns), joins="".join(joins))
    )
    return Source(",\n".join(ctes), params)


def _reaching(goal: Goal) -> Condition:
    """The CTE `goal`: a row per session that reaches it, with the milliseconds since its start."""
    if isinstance(goal, Matcher):
        test = goal.test("goal")
        return Condition(REACHED.format(test=test.sql), test.params, "")
    found = goal.reached()
    start = funnel_sql.MOMENT.replace("time)", "start)")
    return Condition(f"{found.sql},\n{THROUGH.format(last=len(goal.steps), start=start)}", found.params, "")
