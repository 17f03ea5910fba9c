"""Repeats: how often one thing was done before another was first reached, and how often where it never was.

Counted by session, among those that did either. What comes at the very event that reaches the other is not before it.
"""

from dataclasses import dataclass

from pydantic import with_config

from analytics.conditions import STRICT, Condition, Matcher, merged
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

# of a session: 1 if it reached the other thing, and how often it did the one before that
COUNTED = """
WITH reached AS (
    SELECT session_key, min(CASE WHEN {before} THEN position END) AS reached_at
    FROM scoped
    WHERE {repeated} OR {before}
    GROUP BY session_key
),
counted AS (
    SELECT events.session_key, max(CASE WHEN reached_at IS NULL THEN 0 ELSE 1 END) AS reached,
        count(CASE WHEN {repeated} AND (reached_at IS NULL OR position < reached_at) THEN 1 END) AS times
    FROM scoped AS events JOIN reached ON reached.session_key = events.session_key
    GROUP BY events.session_key
)"""
SUMMED = """
SELECT reached, times, count(*) AS sessions, CAST(sum(times) AS BIGINT) AS total,
    median(CASE WHEN times > 0 THEN times END) AS median
FROM counted
GROUP BY GROUPING SETS ((reached, times), (reached))
ORDER BY reached DESC, times
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Repeats:
    """The question: how often `repeated` was done before `before`."""

    repeated: Matcher
    before: Matcher

    def __post_init__(self) -> None:
        if self.repeated == self.before:
            raise InvalidQuestion(f"Repeats are counted before something else; both are {self.repeated.label!r}.")


@dataclass(frozen=True)
class Row:
    """As the statement gives it; `times` is None for all of a side together."""

    reached: int
    times: int | None
    sessions: int
    total: int
    median: float | None


@dataclass(frozen=True)
class Side:
    """Sessions that `reached` the other thing, or never did, by how `times` often they did the one before."""

    reached: bool
    times: tuple[tuple[int, int], ...]
    median: float | None

    @property
    def without(self) -> int:
        """Those that did not do it at all."""
        return dict(self.times).get(0, 0)

    @property
    def sessions(self) -> int:
        """Those that did it once or more: what mean, median and share are of."""
        return sum(sessions for times, sessions in self.times if times)

    @property
    def twice(self) -> int:
        """Those that did it twice or more."""
        return sum(sessions for times, sessions in self.times if times > 1)

    @property
    def mean(self) -> float | None:
        """Of those that did it."""
        total = sum(times * sessions for times, sessions in self.times)
        return total / self.sessions if self.sessions else None


@dataclass(frozen=True)
class RepeatsResult:
    """The answer: those that reached the other thing first; a side without a session is left out."""

    sides: tuple[Side, ...]
    queries: tuple[Query, ...]


EXAMPLE = Repeats(Matcher(name="page_view", page="/product/*"), Matcher(name="order"))


def counted(params: Repeats) -> Condition:
    """The CTEs up to `counted`, a row per session, and their values."""
    tests = params.repeated.test("repeated"), params.before.test("before")
    sql = COUNTED.format(repeated=f"({tests[0].sql})", before=f"({tests[1].sql})")
    return Condition(sql, merged([test.params for test in tests]), "")


def queries(params: Repeats, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    ctes = counted(params)
    return (scope.query(ctes.sql + SUMMED, **ctes.params),)


def run(store: Store, params: Repeats, scope: Scope) -> RepeatsResult:
    """Ask `store`; an empty scope has no sides."""
    asked = queries(params, scope)
    rows = list(store.rows(asked[0], Row))
    sides = []
    for whole in (row for row in rows if row.times is None):
        times = sorted(
            (row.times, row.sessions) for row in rows if row.reached == whole.reached and row.times is not None
        )
        sides.append(Side(bool(whole.reached), tuple(times), whole.median))
    return RepeatsResult(tuple(sides), asked)
