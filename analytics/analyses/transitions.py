"""Transitions: how often each item is followed straight by each other, repeats and ways back included.

A link joins an item to the next of the same path, `(start)` to the first and the last to `(end)`. By user, a person's
sessions one after another are one path.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics.conditions import STRICT
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store
from analytics.transition_sql import Items, steps

LINKS = """
SELECT source, target, CAST(sum(steps) AS BIGINT) AS count{sessions}{median}
FROM steps
GROUP BY source, target
ORDER BY count DESC, source, target
"""
SESSIONS = ", count(DISTINCT unit) AS sessions"
MEDIAN = ", median(ms) AS median_ms"


@with_config(STRICT)
@dataclass(frozen=True)
class Transitions(Items):
    """The question. `norm` says what a link's value is: its count; its share of all that leaves its source (from), or
    of all that arrives at its target (to), the ends of paths included; or how many sessions (by user: people) have it.

    `times` also asks how long the step takes.
    """

    norm: Literal["count", "from", "to", "sessions"] = "count"
    times: bool = False


@dataclass(frozen=True)
class Counted:
    """As the statement gives it."""

    source: str
    target: str
    count: int


@dataclass(frozen=True)
class OfSessions(Counted):
    """With the number of paths that have the link."""

    sessions: int


@dataclass(frozen=True)
class Timed(Counted):
    """With the time of the step."""

    median_ms: float | None


@dataclass(frozen=True)
class TimedOfSessions(OfSessions):
    """With both."""

    median_ms: float | None


@dataclass(frozen=True)
class Link:
    """From `source` straight to `target`: `count` times, `value` in the norm asked.

    `sessions` is None unless they are the norm; `median_ms` unless times were asked, and at a path's ends.
    """

    source: str
    target: str
    value: float
    count: int
    sessions: int | None = None
    median_ms: float | None = None


@dataclass(frozen=True)
class TransitionsResult:
    """The answer, the most frequent link first. `steps` is the sum of all counts."""

    links: tuple[Link, ...]
    steps: int
    queries: tuple[Query, ...]


EXAMPLE = Transitions(norm="from", groups=("/product/*", "/category/*"), times=True)


def queries(params: Transitions, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    of_sessions = params.norm == "sessions"
    columns = ["unit"] * of_sessions + ["ms"] * params.times
    ctes = steps(params, columns, each=bool(columns), timed=params.times)
    sql = ctes.sql + LINKS.format(sessions=SESSIONS * of_sessions, median=MEDIAN * params.times)
    return (scope.query(sql, **ctes.params),)


def run(store: Store, params: Transitions, scope: Scope) -> TransitionsResult:
    """Ask `store`; an empty scope gives no links."""
    asked = queries(params, scope)
    kind: type[Counted] = {
        (False, False): Counted, (True, False): OfSessions, (False, True): Timed, (True, True): TimedOfSessions
    }[params.norm == "sessions", params.times]  # fmt: skip
    rows = store.rows(asked[0], kind)
    out: dict[str, int] = {}
    into: dict[str, int] = {}
    for row in rows:
        out[row.source] = out.get(row.source, 0) + row.count
        into[row.target] = into.get(row.target, 0) + row.count
    links = []
    for row in rows:
        sessions = row.sessions if isinstance(row, OfSessions) else None
        value: float = row.count if sessions is None else sessions
        if params.norm == "from":
            value = row.count / out[row.source]
        elif params.norm == "to":
            value = row.count / into[row.target]
        median = row.median_ms if isinstance(row, Timed | TimedOfSessions) else None
        links.append(Link(row.source, row.target, value, row.count, sessions, median))
    return TransitionsResult(tuple(links), sum(row.count for row in rows), asked)
