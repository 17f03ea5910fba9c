"""Compare people: who is on one side of a comparison alone and who is on both, and the sessions of each."""

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics.analyses.event_sessions import COUNTED, LISTED, Row, check_page, listing
from analytics.conditions import STRICT
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store
from analytics.two_sides import TwoSides, check_sides

Who = Literal["before", "both", "after"]
OF_PERSON = """
WITH of_person AS (
    SELECT
        user_key,
        {each} AS sessions,
        count(CASE WHEN side = 0 THEN 1 END) AS sessions_before,
        count(CASE WHEN side = 1 THEN 1 END) AS sessions_after
    FROM sided_sessions
    GROUP BY user_key
)"""
PARTS = """,
named AS (
    SELECT
        CASE WHEN sessions_after = 0 THEN 'before' WHEN sessions_before = 0 THEN 'after' ELSE 'both' END AS who,
        sessions,
        sessions_before,
        sessions_after
    FROM of_person
)
SELECT
    who,
    count(*) AS people,
    CAST(sum(sessions) AS BIGINT) AS sessions,
    CAST(sum(sessions_before) AS BIGINT) AS sessions_before,
    CAST(sum(sessions_after) AS BIGINT) AS sessions_after
FROM named
GROUP BY who
ORDER BY who
"""
MEMBERS = """,
members AS (
    SELECT DISTINCT session_key
    FROM sided_sessions
    WHERE user_key IN (SELECT user_key FROM of_person WHERE {who}){side}
)"""
WHO: dict[Who, str] = {
    "before": "sessions_after = 0",
    "both": "sessions_before > 0 AND sessions_after > 0",
    "after": "sessions_before = 0",
}


@with_config(STRICT)
@dataclass(frozen=True)
class ComparePeople:
    """The question, and whose sessions are listed, latest first: `who` is people of one side alone or of both, `side`
    which sessions of theirs (null: of either side, each once)."""

    before: Scope
    after: Scope
    who: Who = "both"
    side: Literal["before", "after"] | None = None
    limit: int | None = 100
    offset: int = 0

    def __post_init__(self) -> None:
        check_page(self.limit, self.offset)
        check_sides(self.before, self.after)


@dataclass(frozen=True)
class Part:
    """People of one side alone, or of both, and how many sessions they have, on either side and on each. One that is on
    both sides counts on each."""

    who: Who
    people: int
    sessions: int
    sessions_before: int
    sessions_after: int


@dataclass(frozen=True)
class ComparePeopleResult:
    """The answer: before alone, both, after alone; one page of the list, and its whole length."""

    parts: tuple[Part, Part, Part]
    rows: tuple[Row, ...]
    total: int
    queries: tuple[Query, ...]


EXAMPLE = ComparePeople(Scope(releases=("1.0",)), Scope(releases=("1.1",)), limit=20)


def queries(params: ComparePeople, scope: Scope) -> tuple[Query, ...]:
    """The parts, the page asked for, and the count that also holds when that page is empty."""
    sides = TwoSides.within(params.before, params.after, scope)
    of_person = OF_PERSON.format(each="count(*)" if sides.disjoint else "count(DISTINCT session_key)")
    members = of_person + MEMBERS.format(
        who=WHO[params.who],
        side=f" AND side = {('before', 'after').index(params.side)}" if params.side else "",
    )
    page = sides.query(members + LISTED, limit=params.limit, offset=params.offset)
    return sides.query(of_person + PARTS), page, sides.query(members + COUNTED)


def run(store: Store, params: ComparePeople, scope: Scope) -> ComparePeopleResult:
    """Ask `store`; where nobody is, a part holds zeros."""
    asked = queries(params, scope)
    found = {part.who: part for part in store.rows(asked[0], Part)}
    before, both, after = (found.get(who, Part(who, 0, 0, 0, 0)) for who in WHO)
    rows, total = listing(store, asked[1:])
    return ComparePeopleResult((before, both, after), rows, total, asked)
