"""Funnel: how many sessions or people reach each step of a list of events, and how long they take.

An attempt begins with one event of step 1 and takes each further step at the earliest event after the one before;
anything may happen in between, and one event serves one step. Every start is an attempt, the furthest progress counts:
the count of step n is those that reached at least step n. `window_s` limits the time from an attempt's first step to
each later one, inclusive. Timed is the attempt that first reaches the furthest step; of several the one begun last.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics import funnel_sql
from analytics.conditions import STRICT, Condition, Matcher
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

MOST_STEPS = 20

STEP_1 = """
SELECT 1 AS step, count(*) AS count, CAST(NULL AS DOUBLE) AS median_seconds, CAST(NULL AS DOUBLE) AS mean_seconds
FROM reached"""
STEP_N = """
UNION ALL
SELECT {n}, count(*), median(us) / 1000000.0, avg(us) / 1000000.0
FROM (
    SELECT date_diff('microsecond', moment_{before}, moment_{n}) AS us
    FROM reached
    WHERE furthest >= {n}
) AS made_{n}"""
IN_ORDER = """
ORDER BY step"""


@with_config(STRICT)
@dataclass(frozen=True)
class Funnel:
    """The question: `steps` from first to last, two to twenty; a step may repeat. `window_s` None is no limit."""

    steps: tuple[Matcher, ...]
    window_s: int | None = None
    by: Literal["session", "user"] = "session"

    def __post_init__(self) -> None:
        if not 2 <= len(self.steps) <= MOST_STEPS:
            raise InvalidQuestion(f"A funnel has two to {MOST_STEPS} steps; this one has {len(self.steps)}.")
        if self.window_s is not None and self.window_s < 0:
            raise InvalidQuestion(f"A window is 0 seconds or more, not {self.window_s}.")


@dataclass(frozen=True)
class Counted:
    """`count` sessions or people reached `step`; the seconds are from the step before and None on the first."""

    step: int
    count: int
    median_seconds: float | None
    mean_seconds: float | None


@dataclass(frozen=True)
class Step:
    """`count` sessions or people reached `step` (from 1), called `label`; the seconds are from the step before.

    They are None on the first step and on one that nobody reached.
    """

    step: int
    label: str
    count: int
    median_seconds: float | None
    mean_seconds: float | None


@dataclass(frozen=True)
class FunnelResult:
    """The answer: one `Step` per step asked for, also where nobody got."""

    steps: tuple[Step, ...]
    queries: tuple[Query, ...]


EXAMPLE = Funnel(
    (
        Matcher(name="page_view", page="/product/*"),
        Matcher(name="add_to_cart"),
        Matcher(name="page_view", page="/checkout/payment"),
        Matcher(name="order"),
    )
)


def reached(params: Funnel) -> Condition:
    """The CTEs up to `reached`, one row per session or person that did step 1; see `funnel_sql`."""
    tests = [step.test(f"step_{n}") for n, step in enumerate(params.steps, 1)]
    return funnel_sql.reached(tests, params.by, None if params.window_s is None else params.window_s * 1_000_000)


def queries(params: Funnel, scope: Scope) -> tuple[Query, ...]:
    """One statement: all steps, with their times."""
    ctes = reached(params)
    counts = "".join(STEP_N.format(n=n, before=n - 1) for n in range(2, len(params.steps) + 1))
    return (scope.query(ctes.sql + STEP_1 + counts + IN_ORDER, **ctes.params),)


def run(store: Store, params: Funnel, scope: Scope) -> FunnelResult:
    """Ask `store`; an empty scope gives zeros."""
    asked = queries(params, scope)
    counted = store.rows(asked[0], Counted)
    steps = (
        Step(row.step, matcher.label, row.count, row.median_seconds, row.mean_seconds)
        for matcher, row in zip(params.steps, counted, strict=True)
    )
    return FunnelResult(tuple(steps), asked)
