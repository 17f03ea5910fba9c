"""Sessions: the list behind a figure, one row each, with what is needed to choose one to look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import with_config

from analytics.analyses.event_sessions import Total, check_page
from analytics.conditions import STRICT, Condition, Matcher, Where, merged
from analytics.errors import InvalidQuestion
from analytics.metrics import FunnelGoal, Goal
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

# The order is found on the few columns it needs; only the rows of the page are then read whole.
SQL = """{kept}shown AS (
    SELECT session_key, {column} AS ranked, count(*) OVER () AS total
    FROM listed
    ORDER BY ranked {direction} NULLS LAST, start, session_id
    LIMIT $limit OFFSET $offset
)
SELECT
    session_id,
    (SELECT max(id) FROM users WHERE users.user_key = whole.user_key) AS user,
    start, stop AS "end", start_local, events, page_views, clicks, errors,
    duration_ms / 1e3 AS duration_s, active_ms / 1e3 AS active_s,
    bounce, value, entry_page, exit_page, device, browser, os, country, release, campaign, total
FROM shown JOIN sessions AS whole ON whole.session_key = shown.session_key
ORDER BY ranked {direction} NULLS LAST, start, session_id
"""
COUNT = """{kept}counted AS (
    SELECT count(*) AS total FROM listed
)
SELECT total FROM counted
"""
KEPT = """WITH {ctes}listed AS NOT MATERIALIZED (
    SELECT * FROM scoped_sessions{tests}
),
"""
NAMED = (
    "coalesce(strpos(name_string, (SELECT max(symbol) FROM codes WHERE kind = 'name' AND value = ${name})) > 0, false)"
)
ON_PAGE = "session_key IN (SELECT session_key FROM scoped_visits WHERE {test})"
WITH_EVENT = "session_key IN (SELECT session_key FROM scoped WHERE {test})"
THROUGH = "session_key IN (SELECT unit FROM reached WHERE furthest = {last})"
WATCHED = "session_id {negation}IN (SELECT session_id FROM workspace.watched)"

Order = Literal[
    "start", "-start", "user", "-user", "release", "-release", "device", "-device", "browser", "-browser", "os", "-os",
    "country", "-country", "campaign", "-campaign", "duration_s", "-duration_s", "active_s", "-active_s",
    "page_views", "-page_views", "events", "-events", "clicks", "-clicks", "errors", "-errors", "value", "-value",
    "entry_page", "-entry_page", "exit_page", "-exit_page",
]  # fmt: skip
COLUMNS = {  # that are called otherwise in the list
    "duration_s": "duration_ms",
    "active_s": "active_ms",
    "user": "(SELECT max(id) FROM users WHERE users.user_key = listed.user_key)",
}


@with_config(STRICT)
@dataclass(frozen=True)
class Among:
    """Which sessions of the scope are listed: those that pass all of `where` (as in a scope) and reach every goal of
    `did` and none of `did_not`.

    A goal is an event that a matcher picks, or the steps of a funnel; of the latter a list takes one. With `watched`
    only those that somebody has marked as watched, with `"watched": false` only those that nobody has.
    """

    where: tuple[Where, ...] = ()
    did: tuple[Goal, ...] = ()
    did_not: tuple[Goal, ...] = ()
    watched: bool | None = None

    def __post_init__(self) -> None:
        steps = sum(isinstance(goal, FunnelGoal) for goal in (*self.did, *self.did_not))
        if steps > 1:
            raise InvalidQuestion(f"A list of sessions takes one goal of steps; this one has {steps}. Leave one out.")


@with_config(STRICT)
@dataclass(frozen=True)
class Sessions(Among):
    """The question: sessions of the scope, `limit` of them after the first `offset`; `-` means largest first."""

    order_by: Order = "-start"
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_page(self.limit, self.offset)


@dataclass(frozen=True)
class Row:
    """One session. Times are UTC, `start_local` is the wall clock of the reporting zone; durations are in seconds."""

    session_id: str
    user: str | None
    start: datetime
    end: datetime
    start_local: datetime
    events: int
    page_views: int
    clicks: int
    errors: int
    duration_s: float
    active_s: float
    bounce: bool | None
    value: float | None
    entry_page: str | None
    exit_page: str | None
    device: str | None
    browser: str | None
    os: str | None
    country: str | None
    release: str | None
    campaign: str | None
    total: int


@dataclass(frozen=True)
class SessionsResult:
    """The answer: one page of the list, and how many there are in all."""

    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = Sessions(did=(Matcher(name="add_to_cart"),), did_not=(Matcher(name="order"),), order_by="-errors", limit=20)


def kept(among: Among) -> Condition:
    """The CTE `listed`, with `WITH` in front and a comma behind: the sessions of the scope (that has `among.where`
    already) which are listed."""
    ctes, tests = [], []
    for prefix, goals in (("did", among.did), ("not", among.did_not)):
        for n, goal in enumerate(goals, 1):
            if isinstance(goal, FunnelGoal):
                steps = goal.reached()
                ctes.append(steps)
                test = Condition(THROUGH.format(last=len(goal.steps)), {}, goal.label)
            else:
                test = reached(goal, f"{prefix}_{n}")
            tests.append(test if prefix == "did" else test._replace(sql=f"NOT {test.sql}"))
    if among.watched is not None:
        tests.append(Condition(WATCHED.format(negation="" if among.watched else "NOT "), {}, ""))
    front = "".join(f"{one.sql},\n" for one in ctes)
    where = "\n    WHERE " + "\n        AND ".join(test.sql for test in tests) if tests else ""
    return Condition(
        KEPT.format(ctes=front, tests=where), merged(condition.params for condition in (*ctes, *tests)), ""
    )


def reached(goal: Matcher, prefix: str) -> Condition:
    """Whether a session holds an event that `goal` picks, over one row of `scoped_sessions`.

    A name is looked for in the session's string of names, a page among its stays, and only the rest among the events.
    """
    names = list(_names(goal, prefix))
    if names:
        sql = " OR ".join(NAMED.format(name=name) for name, _ in names)
        return Condition(f"({sql})" if len(names) > 1 else sql, dict(names), goal.label)
    test = goal.test(prefix)
    template = ON_PAGE if goal.only_page else WITH_EVENT
    return test._replace(sql=template.format(test=test.sql))


def _names(goal: Matcher, prefix: str) -> Iterator[tuple[str, str]]:
    """The names that it asks for, if it asks for nothing else."""
    if goal == Matcher(name=goal.name) and type(goal) is Matcher and goal.name is not None:
        for n, name in enumerate((goal.name,) if isinstance(goal.name, str) else goal.name, 1):
            yield f"{prefix}_name_{n}", name


def queries(params: Sessions, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, and the count that also holds when that page is empty."""
    narrowed, chosen = scope.also(params.where), kept(params)
    name, descending = params.order_by.lstrip("-"), params.order_by.startswith("-")
    sql = SQL.format(kept=chosen.sql, column=COLUMNS.get(name, name), direction="DESC" if descending else "ASC")
    listed = narrowed.query(sql, limit=params.limit, offset=params.offset, **chosen.params)
    return listed, narrowed.query(COUNT.format(kept=chosen.sql), **chosen.params)


def run(store: Store, params: Sessions, scope: Scope) -> SessionsResult:
    """Ask `store`; an empty scope gives an empty list."""
    listed, counted = asked = queries(params, scope)
    rows = tuple(store.rows(listed, Row))
    total = rows[0].total if rows else store.rows(counted, Total)[0].total
    return SessionsResult(rows, total, asked)
