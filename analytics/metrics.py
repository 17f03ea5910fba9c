"""What can be measured of a session: each metric is declared once, for comparisons, trends and (later) segments.

`sql` is a number over one row of `scoped_sessions`, NULL where the session has no such value and is left out of its
denominator; a share is 0 or 1. Adding a metric is adding a line here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analytics.conditions import Condition, Filter, Matcher, Where
from analytics.errors import InvalidQuestion

Unit = Literal["share", "seconds", "count", "value"]
Kind = Literal["share", "mean"]


@dataclass(frozen=True)
class Metric:
    """`higher_is_better` is None where a change is neither good nor bad by itself. `shown_by`: the filters that keep
    the sessions which show it (those counted in a share)."""

    name: str
    words: str
    unit: Unit
    kind: Kind
    higher_is_better: bool | None
    sql: str
    shown_by: tuple[Where, ...] = ()


def _share(test: str, known: str | None = None) -> str:
    return f"CASE WHEN {known or test} IS NULL THEN NULL WHEN {test} THEN 1e0 ELSE 0e0 END"


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("bounce_rate", "Bounces", "share", "share", False, _share("bounce"), (Filter("bounce", "is", True),)),
        Metric(
            "error_rate", "Sessions with an error", "share", "share", False, _share("errors > 0"),
            (Filter("errors", "gt", 0),),
        ),
        Metric("value_per_session", "Value per session", "value", "mean", True, "coalesce(value, 0e0)"),
        Metric(
            "value_per_buyer", "Value per session that has one", "value", "mean", True, "value",
            (Filter("session.value", "gt", 0),),
        ),
        Metric("duration", "Duration, mean", "seconds", "mean", None, "duration_ms / 1e3"),
        Metric("active_time", "Active time, mean", "seconds", "mean", None, "active_ms / 1e3"),
        Metric("page_views", "Page views per session", "count", "mean", None, "CAST(page_views AS DOUBLE)"),
        Metric("clicks", "Clicks per session", "count", "mean", None, "CAST(clicks AS DOUBLE)"),
        Metric("events", "Events per session", "count", "mean", None, "CAST(events AS DOUBLE)"),
        Metric(
            "one_page", "Sessions of one page view", "share", "share", False, _share("page_views = 1"),
            (Filter("page_views", "is", 1),),
        ),
    )
}  # fmt: skip

GOAL = "conversion"
REACHED = "CASE WHEN session_key IN (SELECT session_key FROM scoped WHERE {test}) THEN 1e0 ELSE 0e0 END"


def chosen(names: Iterable[str] | None, goal: Matcher | None) -> tuple[Metric, ...]:
    """The metrics called `names` (None: all), `conversion` being that to `goal`. Raises `InvalidQuestion`."""
    known = METRICS if goal is None else {GOAL: conversion(goal).metric} | METRICS
    if names is None:
        return tuple(known.values())
    wanted = tuple(names)
    if unknown := [name for name in wanted if name not in known]:
        hint = "it needs a goal" if unknown[0] == GOAL else f"there are {', '.join(known)}"
        raise InvalidQuestion(f"There is no metric {unknown[0]!r}; {hint}.")
    return tuple(known[name] for name in wanted)


@dataclass(frozen=True)
class Conversion:
    """Sessions that reach a goal, as a metric and the values its SQL needs."""

    metric: Metric
    condition: Condition


def conversion(goal: Matcher) -> Conversion:
    """The metric of a goal: the share of sessions with at least one such event."""
    test = goal.test("goal")
    label = f"Sessions with {goal.label}"
    return Conversion(Metric(GOAL, label, "share", "share", True, REACHED.format(test=test.sql)), test)
