"""Top paths: which whole sessions are the most usual, page by page or event by event, and what becomes of them.

With each its share, how long it takes, how many errors it has and how many reach the goal; and how sessions are spread
over lengths and times. Costly paths are ranked by their median time or their errors per session.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics import path_sql
from analytics.conditions import STRICT, Condition, Matcher, merged
from analytics.errors import InvalidQuestion
from analytics.path_sql import Walk
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store
from analytics.transition_sql import Items

BETWEEN = "\x1f"  # the unit separator, which no name holds
LONG = 20  # items, from which on lengths are one
SPANS = (10, 30, 60, 180, 600, 1800)  # seconds: upper ends of the classes of time, the last one open

# A session's path as one text, where few are wanted, and as a number: which items stand where, hashed twice, as a hash
# of several values is made of theirs by xor, too. Of a million paths two are taken for one in a store of ten million.
SPELLED = """,
spelled AS (
    SELECT session_key, string_agg(item, $between ORDER BY nth) AS path
    FROM items{among}
    GROUP BY session_key
)"""
KEYED = """,
keyed AS MATERIALIZED (
    SELECT session_key, bit_xor(hash(hash(item, nth))) AS path_key, count(*) AS items
    FROM items
    GROUP BY session_key
),
timed AS (
    SELECT keyed.*, duration_ms, errors
    FROM keyed JOIN scoped_sessions ON scoped_sessions.session_key = keyed.session_key
),
first_ones AS MATERIALIZED (
    SELECT path_key, items, count(*) AS sessions, min(session_key) AS example, {rank} AS place
    FROM {ranked}
    GROUP BY path_key, items
    HAVING count(*) >= $least
    ORDER BY place DESC, sessions DESC, example
    LIMIT $limit
)"""
AMONG = "\n    WHERE session_key IN (SELECT example FROM first_ones)"
TOLD = """,
reached AS (
    SELECT DISTINCT session_key AS reached_key
    FROM scoped
    WHERE {goal}
),
told AS (
    SELECT example, sessions, place, timed.items, duration_ms, errors,
        CASE WHEN reached_key IS NULL THEN 0 ELSE 1 END AS converted
    FROM timed
    JOIN first_ones ON first_ones.path_key = timed.path_key AND first_ones.items = timed.items
    LEFT JOIN reached ON reached_key = session_key
)
SELECT path, max(items) AS items, max(sessions) AS sessions, median(duration_ms) AS median_ms,
    CAST(sum(errors) AS BIGINT) AS errors, CAST(sum(converted) AS BIGINT) AS converted
FROM told JOIN spelled ON session_key = example
GROUP BY path, example
ORDER BY max(place) DESC, sessions DESC, example
"""
SPREAD = """
SELECT least(items, $long) AS items, {span} AS span, count(*) AS sessions
FROM lengths
JOIN (SELECT session_key AS key_, duration_ms FROM scoped_sessions) AS whole ON key_ = session_key
GROUP BY least(items, $long), {span}
ORDER BY items, span
"""
RANKS = {"usual": "count(*)", "time": "median(duration_ms)", "errors": "sum(errors) * 1e0 / count(*)"}
SPAN = "CASE {whens} ELSE {last} END".format(
    whens=" ".join(f"WHEN duration_ms < {1000 * end} THEN {n}" for n, end in enumerate(SPANS)), last=len(SPANS)
)


@with_config(STRICT)
@dataclass(frozen=True)
class TopPaths(Items):
    """The question: the `limit` first paths by `rank`, of at least `least` sessions each; `goal` counts as success."""

    collapse_repeats: bool = True
    goal: Matcher | None = None
    rank: Literal["usual", "time", "errors"] = "usual"
    least: int = 1
    limit: int = 50

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.by != "session" or self.shown:
            raise InvalidQuestion("A path is a whole session with all its items; leave out by and shown.")
        if not 1 <= self.limit <= 1000 or self.least < 1:
            raise InvalidQuestion(
                f"1 to 1,000 paths of at least 1 session are listed, not {self.limit} of {self.least} or more."
            )


@dataclass(frozen=True)
class Row:
    """As the statement gives it."""

    path: str
    items: int
    sessions: int
    median_ms: float
    errors: int
    converted: int


@dataclass(frozen=True)
class Path:
    """`sessions` consist of just these `items`; `errors` are all of theirs together, `converted` reach the goal."""

    items: tuple[str, ...]
    sessions: int
    median_ms: float
    errors: int
    converted: int

    @property
    def text(self) -> str:
        """As a person reads it."""
        return " > ".join(self.items)


@dataclass(frozen=True)
class Spread:
    """`sessions` have `items` items (from `LONG` on all that have more) and a time in class `span` of `SPANS`."""

    items: int
    span: int
    sessions: int


@dataclass(frozen=True)
class TopPathsResult:
    """The answer; `sessions` counts all paths, those that are not listed too."""

    paths: tuple[Path, ...]
    spread: tuple[Spread, ...]
    sessions: int
    queries: tuple[Query, ...]


EXAMPLE = TopPaths(groups=("/product/*", "/category/*"), goal=Matcher(name="order"), limit=10)


def spelled(params: TopPaths) -> Condition:
    """The CTEs up to `spelled`, each session's path as one text, and their values."""
    ctes = path_sql.items(_walk(params))
    return Condition(ctes.sql + SPELLED.format(among=""), merged([ctes.params, {"between": BETWEEN}]), "")


def _walk(params: TopPaths) -> Walk:
    return Walk(
        params.level, collapse_repeats=params.collapse_repeats, include=params.include, exclude=params.exclude,
        groups=params.groups,
    )  # fmt: skip


def queries(params: TopPaths, scope: Scope) -> tuple[Query, ...]:
    """The paths, and how lengths and times are spread."""
    ctes, lengths = path_sql.items(_walk(params)), path_sql.lengths(_walk(params))
    goal = params.goal.test("goal") if params.goal else Condition("false", {}, "")
    keyed = KEYED.format(rank=RANKS[params.rank], ranked="keyed" if params.rank == "usual" else "timed")
    ranked = ctes.sql + keyed + SPELLED.format(among=AMONG) + TOLD.format(goal=goal.sql)
    values = merged([ctes.params, goal.params, {"between": BETWEEN, "least": params.least, "limit": params.limit}])
    spread = lengths.sql + SPREAD.format(span=SPAN)
    return scope.query(ranked, **values), scope.query(spread, long=LONG, **lengths.params)


def run(store: Store, params: TopPaths, scope: Scope) -> TopPathsResult:
    """Ask `store`; an empty scope has no paths."""
    asked = queries(params, scope)
    paths = tuple(
        Path(tuple(row.path.split(BETWEEN)), row.sessions, row.median_ms, row.errors, row.converted)
        for row in store.rows(asked[0], Row)
    )
    spread = tuple(store.rows(asked[1], Spread))
    return TopPathsResult(paths, spread, sum(one.sessions for one in spread), asked)
