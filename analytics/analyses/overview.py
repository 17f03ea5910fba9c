"""Overview: how many sessions and people came, how they fared, and how many reached the goal, over time.

A session belongs to the day (week) on which it began; people are counted by their events. The goal is any event that
the matcher picks; a person converted who did it at least once, a session in which it happened.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import with_config

from analytics.conditions import STRICT, Matcher
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

# People come from the sessions where those are one person's (nearly all), else from the events.
SESSIONS = """
WITH own AS (
    SELECT CAST(date_trunc($grain, day) AS DATE) AS start, user_key
    FROM scoped_sessions
    WHERE people = 1
    UNION ALL
    SELECT CAST(date_trunc($grain, day) AS DATE) AS start, user_key
    FROM scoped
    WHERE session_key IN (SELECT session_key FROM scoped_sessions WHERE people > 1)
),
persons AS (
    SELECT start, grouping(start) AS whole, count(DISTINCT user_key) AS people
    FROM own
    GROUP BY GROUPING SETS ((start), ())
),
figures AS (
    SELECT
        CAST(date_trunc($grain, day) AS DATE) AS start,
        events, page_views, errors, bounce, duration_ms, active_ms
    FROM scoped_sessions
),
totals AS (
    SELECT
        start,
        grouping(start) AS whole,
        count(*) AS sessions,
        CAST(sum(events) AS BIGINT) AS events,
        CAST(sum(page_views) AS BIGINT) AS page_views,
        CAST(sum(errors) AS BIGINT) AS errors,
        count(CASE WHEN errors > 0 THEN 1 END) AS sessions_with_error,
        count(CASE WHEN bounce THEN 1 END) AS bounces,
        count(bounce) AS sessions_with_bounce_value,
        CAST(sum(duration_ms) AS BIGINT) AS duration_ms,
        CAST(sum(active_ms) AS BIGINT) AS active_ms
    FROM figures
    GROUP BY GROUPING SETS ((start), ())
)
SELECT
    totals.start, sessions, coalesce(people, 0) AS people, coalesce(events, 0) AS events,
    coalesce(page_views, 0) AS page_views, coalesce(errors, 0) AS errors, sessions_with_error, bounces,
    sessions_with_bounce_value, coalesce(duration_ms, 0) AS duration_ms, coalesce(active_ms, 0) AS active_ms
FROM totals
LEFT JOIN persons ON persons.whole = totals.whole AND persons.start IS NOT DISTINCT FROM totals.start
ORDER BY totals.whole DESC, totals.start
"""

GOALS = """
WITH reached AS (
    SELECT CAST(date_trunc($grain, day) AS DATE) AS start, user_key, session_key
    FROM scoped
    WHERE {goal}
)
SELECT
    start,
    count(*) AS conversions,
    count(DISTINCT session_key) AS converted_sessions,
    count(DISTINCT user_key) AS converted_people
FROM reached
GROUP BY GROUPING SETS ((start), ())
ORDER BY grouping(start) DESC, start
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Overview:
    """The question: figures by `grain`, with those of the goal if there is one."""

    grain: Literal["day", "week"] = "day"
    goal: Matcher | None = None


@dataclass(frozen=True)
class Figures:
    """What happened in the sessions that began in one day or week; the totals have no `start`. Sums in milliseconds."""

    start: date | None
    sessions: int
    people: int
    events: int
    page_views: int
    errors: int
    sessions_with_error: int
    bounces: int
    sessions_with_bounce_value: int
    duration_ms: int
    active_ms: int


@dataclass(frozen=True)
class Goals:
    """Events that are the goal, and the sessions and people that had one."""

    start: date | None
    conversions: int
    converted_sessions: int
    converted_people: int


@dataclass(frozen=True)
class Totals:
    """Rates are None where there is nothing to divide by; those of the goal also where no goal was asked for.

    `bounce_rate` is of the sessions that have a bounce value, `conversion_rate` of people; both from 0 to 1.
    """

    sessions: int
    people: int
    events: int
    page_views: int
    errors: int
    sessions_with_error: int
    bounces: int
    sessions_with_bounce_value: int
    bounce_rate: float | None
    mean_duration_s: float | None
    mean_active_s: float | None
    conversions: int | None
    converted_sessions: int | None
    converted_people: int | None
    conversion_rate: float | None


@dataclass(frozen=True)
class Point(Totals):
    """The same for one day or week; `start` is its first day. A week of the range's edge may be cut by it."""

    start: date


@dataclass(frozen=True)
class OverviewResult:
    """The answer: `series` has the days or weeks in which a session began, in order."""

    totals: Totals
    series: tuple[Point, ...]
    queries: tuple[Query, ...]


EXAMPLE = Overview(grain="week", goal=Matcher(name="order"))


def queries(params: Overview, scope: Scope) -> tuple[Query, ...]:
    """The sessions' figures and, if there is a goal, its own."""
    sessions = scope.query(SESSIONS, grain=params.grain)
    if params.goal is None:
        return (sessions,)
    goal = params.goal.test("goal")
    return sessions, scope.query(GOALS.format(goal=goal.sql), grain=params.grain, **goal.params)


def run(store: Store, params: Overview, scope: Scope) -> OverviewResult:
    """Ask `store`; an empty scope gives zeros and no series."""
    asked = queries(params, scope)
    figures = store.rows(asked[0], Figures)
    goals = {row.start: row for row in store.rows(asked[1], Goals)} if params.goal else None
    series = tuple(Point(start=row.start, **vars(_rates(row, goals))) for row in figures if row.start)
    return OverviewResult(_rates(figures[0], goals), series, asked)


def _rates(row: Figures, goals: dict[date | None, Goals] | None) -> Totals:
    goal = None if goals is None else goals.get(row.start, Goals(row.start, 0, 0, 0))
    return Totals(
        sessions=row.sessions,
        people=row.people,
        events=row.events,
        page_views=row.page_views,
        errors=row.errors,
        sessions_with_error=row.sessions_with_error,
        bounces=row.bounces,
        sessions_with_bounce_value=row.sessions_with_bounce_value,
        bounce_rate=_share(row.bounces, row.sessions_with_bounce_value),
        mean_duration_s=_share(row.duration_ms / 1000, row.sessions),
        mean_active_s=_share(row.active_ms / 1000, row.sessions),
        conversions=goal.conversions if goal else None,
        converted_sessions=goal.converted_sessions if goal else None,
        converted_people=goal.converted_people if goal else None,
        conversion_rate=_share(goal.converted_people, row.people) if goal else None,
    )


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
