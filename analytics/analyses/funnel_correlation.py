"""Funnel correlation: what those who stopped after a step of a funnel had done or been more or less often than those
who went on.

Looked at is what lies strictly later than the step and strictly earlier than the next one: for who went on until they
did it, for who stopped until the end of their session (or of the funnel's window, or `within_s` after the step). Events
by name (but for leaving a page, which is the stopping itself), errors by what they said, pages, elements that were
clicked, and fields: of the session, or of the events from the step's own on. Whoever stays longer does more of
everything: how long both were looked at is part of the answer.

The odds ratio says how much more often those with the thing stopped: above 1 it goes with stopping, below 1 with going
on. It is an association; what caused what it cannot say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import with_config

from analytics import stats
from analytics.analyses import funnel
from analytics.conditions import STRICT, Column, Condition, column, merged
from analytics.errors import InvalidQuestion
from analytics.funnel_sql import MOMENT
from analytics.query import Query
from analytics.scope import Scope
from analytics.stats import Sums
from analytics.store import Store

LEAST_EXPECTED = 5  # in each of the four cells; Cochran (1954)
EVER = 4_611_686_018_427_387_904  # microseconds: later than any event
FIELDS = ("device", "browser", "os", "country", "release", "campaign", "entry_page", "session.referrer")

# Who is compared: `person` is whose sessions are alike, `since` and `until` bound what is looked at.
SESSIONS = """,
population AS MATERIALIZED (
    SELECT unit, user_key AS person, stopped, since, least(until, {limits}) AS until{fields}
    FROM ({came}
    ) AS came
    JOIN scoped_sessions ON session_key = unit
)"""
PEOPLE = """,
population AS MATERIALIZED (
    SELECT unit, unit AS person, stopped, since, least(until, {limits}) AS until
    FROM ({came}
    ) AS came
)"""
CAME = """
        SELECT unit, CASE WHEN furthest = {step} THEN 1 ELSE 0 END AS stopped, moment_{step} AS since,
            {after} AS until, {window} AS window_end
        FROM reached
        WHERE moment_{step} IS NOT NULL"""
HAPPENED = """,
happened AS MATERIALIZED (
    SELECT unit, stopped, {moment} > since AS later, name, page, element, text{fields}
    FROM scoped JOIN population ON {key} = unit AND {moment} >= since AND {moment} < until
)"""
EACH = "SELECT DISTINCT unit, stopped, '{kind}' AS kind, {value} AS value\n    FROM happened\n    WHERE later"
KINDS = {
    "event": EACH.format(kind="event", value="name") + " AND name <> 'page_leave'",
    "page": EACH.format(kind="page", value="page") + " AND page IS NOT NULL",
    "element": EACH.format(kind="element", value="element") + " AND element IS NOT NULL AND name = 'click'",
    "error": EACH.format(kind="error", value="text") + " AND text IS NOT NULL AND name IN ('error', 'form_error')",
}
OF_EVENTS = """SELECT DISTINCT unit, stopped, ${field}_name AS kind, {field} AS value
    FROM happened
    WHERE {field} IS NOT NULL"""
OF_SESSIONS = """SELECT unit, stopped, ${field}_name AS kind, {field} AS value
    FROM population
    WHERE {field} IS NOT NULL"""
# of a person the session that came to the step; two at once count both
OF_PEOPLE = """SELECT DISTINCT unit, stopped, ${field}_name AS kind, {sql} AS value
    FROM scoped_sessions JOIN population ON user_key = unit AND {start} <= since AND {stop} >= since
    WHERE {sql} IS NOT NULL"""
HAD = """,
had AS (
    {branches}
)"""
# A thing that all had parts nobody. `enough`: no cell of its table is expected to hold fewer than five.
JUDGED = """,
of_person AS (
    SELECT person, count(*) AS n, sum(stopped) AS s
    FROM population
    GROUP BY person
),
totals AS (
    SELECT coalesce(sum(n), 0) AS reached, coalesce(sum(s), 0) AS all_stopped, count(*) AS people,
        coalesce(sum(CAST(s AS DOUBLE) * s), 0) AS squares, coalesce(sum(CAST(s AS DOUBLE) * n), 0) AS crosses,
        coalesce(sum(CAST(n AS DOUBLE) * n), 0) AS counts
    FROM of_person
),
looked AS (
    SELECT median(CASE WHEN stopped = 1 THEN until - since END) AS stopped_us,
        median(CASE WHEN stopped = 0 THEN until - since END) AS went_on_us
    FROM population
),
found AS (
    SELECT kind, value, sum(stopped) AS stopped, sum(1 - stopped) AS went_on
    FROM had
    GROUP BY kind, value
),
counted AS (
    SELECT kind, value, stopped, went_on,
        CAST(least(stopped + went_on, reached - stopped - went_on) AS DOUBLE)
            * least(all_stopped, reached - all_stopped) >= {least} * reached AS enough,
        pow(CAST(stopped AS DOUBLE) * reached - CAST(stopped + went_on AS DOUBLE) * all_stopped, 2)
            / (CAST(stopped + went_on AS DOUBLE) * (reached - stopped - went_on)) AS apart
    FROM found CROSS JOIN totals
    WHERE stopped + went_on < reached
),
ranked AS (
    SELECT *, sum(CASE WHEN enough THEN 1 ELSE 0 END) OVER () AS tried,
        sum(CASE WHEN enough THEN 0 ELSE 1 END) OVER () AS too_few,
        row_number() OVER (ORDER BY enough DESC, apart DESC, kind, value) AS nth
    FROM counted
)
SELECT
    kind,
    value,
    CAST(stopped AS BIGINT) AS stopped,
    CAST(went_on AS BIGINT) AS went_on,
    coalesce(enough, false) AS enough,
    CAST(coalesce(tried, 0) AS BIGINT) AS tried,
    CAST(coalesce(too_few, 0) AS BIGINT) AS too_few,
    CAST(reached AS BIGINT) AS reached,
    CAST(all_stopped AS BIGINT) AS all_stopped,
    people,
    squares,
    crosses,
    counts,
    stopped_us / 1e6 AS stopped_seconds,
    went_on_us / 1e6 AS went_on_seconds
FROM totals CROSS JOIN looked LEFT JOIN ranked ON nth <= $most
ORDER BY nth
"""


@with_config(STRICT)
@dataclass(frozen=True)
class FunnelCorrelation(funnel.Funnel):
    """The question: a funnel of sessions or people, and after which `step` (from 1) they stopped or went on.

    The `most` things that part the two most clearly are listed. `fields` of sessions or events are compared value by
    value; `within_s`: what happened longer after the step is left out.
    """

    step: int = 1
    fields: tuple[str, ...] = FIELDS
    within_s: int | None = None
    most: int = 200

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.by not in ("session", "user"):
            raise InvalidQuestion(f"Compared are sessions or people, not values of {self.by!r}.")
        if not 1 <= self.step < len(self.steps):
            raise InvalidQuestion(
                f"One goes on from step 1 to {len(self.steps) - 1}; there is no going on from step {self.step}."
            )
        if self.step in self.optional:
            raise InvalidQuestion(f"Step {self.step} may be left out, so nobody stops after it; choose another one.")
        if self.within_s is not None and self.within_s < 1:
            raise InvalidQuestion(f"within_s is 1 second or more, not {self.within_s}.")
        if not 1 <= self.most <= 10_000:
            raise InvalidQuestion(f"Listed are 1 to 10,000 things, not {self.most}.")
        for field in self.fields:
            if column(field, "x").level == "person":
                raise InvalidQuestion(f"Fields of events and sessions are compared; {field!r} belongs to a person.")


@dataclass(frozen=True)
class Found:
    """As the statement gives it: a row per thing with the figures of all; without any, one row without a thing."""

    kind: str | None
    value: str | None
    stopped: int | None
    went_on: int | None
    enough: bool
    tried: int
    too_few: int
    reached: int
    all_stopped: int
    people: int
    squares: float
    crosses: float
    counts: float
    stopped_seconds: float | None
    went_on_seconds: float | None


@dataclass(frozen=True)
class Thing:
    """`stopped` of those who stopped and `went_on` of those who went on had it.

    `kind` is event, page, element, error, or a field; `value` its name, address, selector, words or value. `ratio` is
    that of the odds to stop with and without it, from `low` to `high` (95 %).
    """

    kind: str
    value: str
    stopped: int
    went_on: int
    ratio: float
    low: float
    high: float
    p: float
    q: float

    @property
    def clear(self) -> bool:
        """Not chance alone: q is below 0.05 and the interval leaves out 1."""
        return self.q < 0.05 and not self.low <= 1 <= self.high


@dataclass(frozen=True)
class FunnelCorrelationResult:
    """The answer, clearest first: of the `stopped` and the `went_on`, `tried` things were compared.

    A further `too_few` were too rare to say. The seconds are the medians of how long was looked at (None: without an
    end). `design_effect`: how much wider all is because sessions of one person are alike.
    """

    things: tuple[Thing, ...]
    stopped: int
    went_on: int
    tried: int
    too_few: int
    stopped_seconds: float | None
    went_on_seconds: float | None
    design_effect: float
    queries: tuple[Query, ...]


EXAMPLE = FunnelCorrelation(funnel.EXAMPLE.steps, step=3)


def compared(params: FunnelCorrelation, only: str | None = None) -> Condition:
    """The CTEs up to `had`: each session or person once per kind and value it had. With `only`, of that kind."""
    ctes = funnel.reached(params)
    key = "session_key" if params.by == "session" else "user_key"
    fields = {f"field_{n}": column(name, f"field_{n}") for n, name in enumerate(params.fields, 1)}
    named = {name: f"{name}_name" for name in fields}
    values: list[dict[str, object]] = [ctes.params]
    branches = [sql for kind, sql in KINDS.items() if only in (None, kind)]
    of_events, of_sessions = [], []
    for (name, field), of in zip(fields.items(), params.fields, strict=True):
        if only not in (None, of):
            continue
        values += [field.params, {named[name]: of}]
        if field.level == "event":
            of_events.append(f", {field.text} AS {name}")
            branches.append(OF_EVENTS.format(field=name))
        elif params.by == "session":
            of_sessions.append(f", {_known_text(field)} AS {name}")
            branches.append(OF_SESSIONS.format(field=name))
        else:
            at = {word: MOMENT.replace("time)", f"{word})") for word in ("start", "stop")}
            branches.append(OF_PEOPLE.format(field=name, sql=_known_text(field), **at))
    if not branches:
        raise InvalidQuestion(f"{only!r} is none of the kinds and fields that are compared.")
    sql = ctes.sql + _population(params, "".join(of_sessions))
    if any("FROM happened" in branch for branch in branches):
        sql += HAPPENED.format(key=key, moment=MOMENT, fields="".join(of_events))
    sql += HAD.format(branches="\n    UNION ALL\n    ".join(branches))
    own = {"within_us": params.within_s * 1_000_000} if params.within_s is not None else {}
    if params.window_s is not None:
        own["window_us"] = params.window_s * 1_000_000
    values.append({name: value for name, value in own.items() if name not in ctes.params})
    return Condition(sql, merged(values), "")


def _known_text(field: Column) -> str:
    return f"nullif({field.text}, '')"  # empty text is missing


def _population(params: FunnelCorrelation, fields: str) -> str:
    after = [f"moment_{n}" for n in range(params.step + 1, len(params.steps) + 1)]
    window = str(EVER)
    if params.window_s is not None:
        since = 1 if params.window_from == "first" else params.step
        window = f"moment_{since} + $window_us + 1"  # the window's last moment still counts
    limits = ["window_end"]
    if params.within_s is not None:
        limits.append("since + $within_us + 1")
    if params.by == "session":
        limits.append(MOMENT.replace("time)", "stop)") + " + 1")
    until = f"coalesce({', '.join([*after, str(EVER)])})"
    came = CAME.format(step=params.step, after=until, window=window)
    form = SESSIONS if params.by == "session" else PEOPLE
    return form.format(came=came, limits=", ".join(limits), fields=fields)


def queries(params: FunnelCorrelation, scope: Scope) -> tuple[Query, ...]:
    """One statement over everything that is compared."""
    ctes = compared(params)
    return (scope.query(ctes.sql + JUDGED.format(least=LEAST_EXPECTED), most=params.most, **ctes.params),)


def run(store: Store, params: FunnelCorrelation, scope: Scope) -> FunnelCorrelationResult:
    """Ask `store`; where nobody reached the step nothing is compared."""
    asked = queries(params, scope)
    rows = store.rows(asked[0], Found)
    whole = rows[0]
    n, stopped = whole.reached, whole.all_stopped
    sums = Sums(n, stopped, stopped, whole.people, whole.squares, whole.crosses, whole.counts)
    effect = stats.design_effect(sums) if whole.people < n else 1.0
    return FunnelCorrelationResult(
        things=tuple(_things(rows, effect)),
        stopped=stopped,
        went_on=n - stopped,
        tried=whole.tried,
        too_few=whole.too_few,
        stopped_seconds=_known(whole.stopped_seconds),
        went_on_seconds=_known(whole.went_on_seconds),
        design_effect=effect,
        queries=asked,
    )


def _things(rows: Sequence[Found], effect: float) -> Iterator[Thing]:
    found = []
    for row in rows:
        if row.kind is None or row.value is None or row.stopped is None or row.went_on is None or not row.enough:
            continue
        rest = row.all_stopped - row.stopped, row.reached - row.all_stopped - row.went_on
        found.append(
            (row.kind, row.value, row.stopped, row.went_on, stats.odds_ratio(row.stopped, row.went_on, *rest, effect))
        )
    # those that are not listed are less clear: at worst they show nothing at all
    unlisted = [1.0] * (rows[0].tried - len(found))
    qs = stats.q_values([odds.p for *_, odds in found] + unlisted)
    for (kind, value, stopped, went_on, odds), q in zip(found, qs, strict=False):
        yield Thing(kind, value, stopped, went_on, odds.ratio, odds.low, odds.high, odds.p, q)


def _known(seconds: float | None) -> float | None:
    return None if seconds is None or seconds > EVER / 2e6 else seconds
