"""Step counts: in how many sessions, and of how many people, there is an event that each of several matchers picks."""

from dataclasses import dataclass

from pydantic import with_config

from analytics.conditions import STRICT, Matcher, merged
from analytics.errors import InvalidQuestion
from analytics.patterns.strings import SYMBOL
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

MOST = 50
# A name alone is looked for in each session's string of names.
HELD = """,
held AS MATERIALIZED (
    SELECT {held}
    FROM scoped_sessions
)"""
HELD_N = "count(CASE WHEN strpos(name_string, {symbol}) > 0 THEN 1 END) AS sessions_{n}"
COUNTED_BY_NAME = "SELECT {n} AS step, sessions_{n} AS sessions, CAST(NULL AS BIGINT) AS people\nFROM held"
FOUND = """,
found AS (
    SELECT {who},{marks}
    FROM scoped
    WHERE {either}
    GROUP BY {who}
)"""
# a person's events may lie in somebody else's session, so both are counted apart
COUNTED = """SELECT {n} AS step, count(DISTINCT session_key) AS sessions, {people} AS people
FROM found
WHERE did_{n} = 1"""


@with_config(STRICT)
@dataclass(frozen=True)
class StepCounts:
    """The question: how usual each of `steps` is by itself, whatever came before it; up to fifty of them.

    Without `people` only sessions are counted, which takes less time.
    """

    steps: tuple[Matcher, ...]
    people: bool = True

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= MOST:
            raise InvalidQuestion(f"Counts are made of 1 to {MOST} steps at once, not of {len(self.steps)}.")


@dataclass(frozen=True)
class Count:
    """`sessions` hold an event that step number `step` picks, done by `people` (None: not asked for)."""

    step: int
    sessions: int
    people: int | None


@dataclass(frozen=True)
class StepCountsResult:
    """The answer: one `Count` per step, in their order."""

    steps: tuple[Count, ...]
    queries: tuple[Query, ...]


EXAMPLE = StepCounts((Matcher(name="page_view", page="/product/*"), Matcher(name="add_to_cart"), Matcher(name="order")))


def queries(params: StepCounts, scope: Scope) -> tuple[Query, ...]:
    """One statement: the events are read once for all steps, and not at all for names without people."""
    steps = dict(enumerate(params.steps, 1))
    named = [n for n, step in steps.items() if step.only_name is not None and not params.people]
    tests = {n: step.test(f"step_{n}") for n, step in steps.items()}
    others = [n for n in steps if n not in named]
    sql = ""
    if named:
        symbols = {n: SYMBOL.format(kind="name", value=f"step_{n}_name") for n in named}
        sql += HELD.format(held=", ".join(HELD_N.format(symbol=symbol, n=n) for n, symbol in symbols.items()))
    if others:
        marks = ",".join(f"\n        max(CASE WHEN {tests[n].sql} THEN 1 ELSE 0 END) AS did_{n}" for n in others)
        either = "\n        OR ".join(f"({tests[n].sql})" for n in others)
        who = "session_key, user_key" if params.people else "session_key"
        sql += FOUND.format(who=who, marks=marks, either=either)
    people = "count(DISTINCT user_key)" if params.people else "CAST(NULL AS BIGINT)"
    counts = [COUNTED_BY_NAME.format(n=n) if n in named else COUNTED.format(n=n, people=people) for n in steps]
    sql = "WITH " + sql.removeprefix(",\n") + "\n" + "\nUNION ALL\n".join(counts) + "\nORDER BY step"
    return (scope.query(sql, **merged(test.params for test in tests.values())),)


def run(store: Store, params: StepCounts, scope: Scope) -> StepCountsResult:
    """Ask `store`; a step that nobody did counts nothing."""
    asked = queries(params, scope)
    return StepCountsResult(tuple(store.rows(asked[0], Count)), asked)
