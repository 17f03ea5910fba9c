"""Paths: which way sessions go, page after page or event after event, as links from one item to the next.

A path is one session's items: the pages of its page views (of all its stays in a session without any), or the names of
all its events. In this order: groups rename an item to the first pattern it matches; `include` keeps and `exclude`
drops items; equal neighbours collapse to one, at the time of the last; `start` drops paths without it and what lies
before its first occurrence, `end` likewise what lies after, `around` what lies far from it; `steps` limits the number
of items. Links join item k to item k + 1.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from pydantic import with_config

from analytics import path_sql
from analytics.conditions import STRICT, Condition, Matcher
from analytics.errors import InvalidQuestion
from analytics.path_items import HIDDEN as HIDDEN
from analytics.path_sql import Walk
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

# A goal counts from the moment an item is entered. The last time it is met says so for all of a session's items.
MET = """,
met AS (
    SELECT session_key, max(offset_ms) AS met_ms
    FROM scoped
    WHERE {test}
    GROUP BY session_key
),
aimed AS (
    SELECT hops.*,
        CASE WHEN met_ms >= at_ms THEN 1 ELSE 0 END AS met_here,
        CASE WHEN met_ms >= at_ms + ms THEN 1 ELSE 0 END AS met_next
    FROM hops
    LEFT JOIN met ON met.session_key = hops.session_key
)"""

# By session, and with one path of each: counted once and added up. `folded` = 0 is a link, 1 all of an item, 2 all of
# a column; an item's own row without a target is no link.
FEW = """,
few AS (
    SELECT depth, item, following, onward, count(*) AS paths, sum(ms) AS ms, {median} AS median_ms,
        {began} AS began, {earlier} AS earlier, {met_here} AS met_here, {met_next} AS met_next
    FROM {hops}
    GROUP BY depth, item, following, onward
),
told AS (
    SELECT few.*, CASE WHEN onward THEN following END AS target
    FROM few
)"""
ADDED_UP = """
SELECT depth, item AS source, target, grouping(item) + grouping(target) AS folded,
    CAST(sum(paths) AS BIGINT) AS sessions, CAST(sum(paths) AS BIGINT) AS paths,
    sum(ms) * 1e0 / sum(paths) AS mean_ms, max(median_ms) AS median_ms,
    CAST(sum(CASE WHEN following IS NULL THEN paths ELSE 0 END) AS BIGINT) AS "left",
    CAST(sum(CASE WHEN following IS NOT NULL AND NOT onward THEN paths ELSE 0 END) AS BIGINT) AS cut,
    CAST(sum(began) AS BIGINT) AS began, CAST(sum(earlier) AS BIGINT) AS earlier,
    CAST(sum(met_here) AS BIGINT) AS met_here, CAST(sum(met_next) AS BIGINT) AS met_next
FROM told
GROUP BY GROUPING SETS ((depth, item, target), (depth, item), (depth))"""
# Whoever has several paths counts once.
DISTINCT = """
SELECT depth, item AS source, target, grouping(item) + grouping(target) AS folded,
    count(DISTINCT {unit}) AS sessions, count(*) AS paths,
    avg(ms) AS mean_ms, {median} AS median_ms,
    count(CASE WHEN following IS NULL THEN 1 END) AS "left",
    count(CASE WHEN following IS NOT NULL AND NOT onward THEN 1 END) AS cut,
    {began} AS began, {earlier} AS earlier,
    {met_here} AS met_here, {met_next} AS met_next
FROM (SELECT theirs.*, CASE WHEN onward THEN following END AS target FROM {hops} AS theirs) AS told
GROUP BY GROUPING SETS ((depth, item, target), (depth, item), (depth))"""
WITH_PEOPLE = "(SELECT {0}.*, user_key FROM {0} JOIN scoped_sessions USING (session_key))"
BEGAN = "count(CASE WHEN nth = 1 THEN 1 END)"
EARLIER = "count(CASE WHEN depth = 1 AND nth > 1 THEN 1 END)"
DISTINCT_MET = "count(DISTINCT CASE WHEN {1} = 1 THEN {0} END)"
MEDIAN = "median(ms)"
NO_MEDIAN, NO_GOAL = "CAST(NULL AS DOUBLE)", "CAST(NULL AS BIGINT)"
OFTEN = """
HAVING grouping(item) + grouping(target) > 0 OR {sessions} >= $min_sessions"""
IN_ORDER = """
ORDER BY depth, sessions DESC, source, target
"""
# A shop of 30,000 pages has more items than anybody can draw: what is rare at its place is left to the totals.
USUAL = """,
counted AS ({links}
),
usual AS (
    SELECT depth, source AS item
    FROM counted
    WHERE folded = 1 AND sessions >= $min_item_sessions
)
SELECT counted.*
FROM counted
LEFT JOIN usual AS here ON here.depth = counted.depth AND here.item = source
LEFT JOIN usual AS there ON there.depth = counted.depth + 1 AND there.item = target
WHERE folded = 2
    OR (folded = 1 AND here.item IS NOT NULL)
    OR (here.item IS NOT NULL AND there.item IS NOT NULL AND counted.sessions >= $min_sessions)"""

# How many of an item's paths had been on it before, within what is drawn
RETURNS = """
SELECT depth, item, count(CASE WHEN again > 1 THEN 1 END) AS returning
FROM (
    SELECT depth, item, row_number() OVER (PARTITION BY session_key, walk, item ORDER BY depth) AS again
    FROM hops
) AS seen
GROUP BY depth, item
HAVING count(*) >= $min_item_sessions
ORDER BY depth, item
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Paths(Walk):
    """The question. `steps` counts items, 2 to 20; links of fewer than `min_sessions` are left out of `links` only.

    An item that fewer than `min_item_sessions` have at its place is left out of `links` and `nodes`; the totals count
    it. `returns` also counts how many had been on an item before, by session. `goal` counts who meets it from an item
    on; `medians` adds the median time of links.
    """

    min_sessions: int = 1
    by: Literal["session", "user"] = "session"
    min_item_sessions: int = 1
    returns: bool = False
    goal: Matcher | None = None
    medians: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.returns and self.by != "session":
            raise InvalidQuestion("Who had been on an item before is counted by session; leave out returns or by.")


class Row(NamedTuple):
    """As the statement gives it: a link (`folded` = 0), all of an item (1), all items of a depth (2).

    A tuple, as there may be very many.
    """

    depth: int
    source: str | None
    target: str | None
    folded: int
    sessions: int
    paths: int
    mean_ms: float | None
    median_ms: float | None
    left: int
    cut: int
    began: int
    earlier: int
    met_here: int | None
    met_next: int | None


@dataclass(frozen=True)
class Returned:
    """`returning` paths whose item `depth` is `item` had it before too, as an item that is drawn."""

    depth: int
    item: str
    returning: int


@dataclass(frozen=True)
class Link:
    """`sessions` (or people) went from `source`, their item `depth`, straight to `target`, on average in `mean_ms`.

    `paths` of theirs did. `goals` of them meet the goal from `target` on; None where no goal was asked for.
    """

    depth: int
    source: str
    target: str
    sessions: int
    mean_ms: float
    paths: int
    median_ms: float | None = None
    goals: int | None = None


@dataclass(frozen=True)
class Node:
    """An item at one depth. Its links out, `left` (the session ended there) and `cut` (it goes on, undrawn) add up to
    `paths`; so do its links in, `began` (the session began there) and `earlier` (it came from what is not drawn).

    By session a session is one path, unless it is drawn around every occurrence of an event. `returning` had been on
    the item before, `goals` meet the goal from there on; None where that was not asked.
    """

    depth: int
    item: str
    sessions: int
    left: int
    cut: int
    returning: int | None = None
    paths: int = 0
    began: int = 0
    earlier: int = 0
    goals: int | None = None


@dataclass(frozen=True)
class Total:
    """All items at one depth together."""

    depth: int
    sessions: int
    left: int
    cut: int
    paths: int
    began: int
    earlier: int


@dataclass(frozen=True)
class PathsResult:
    """The answer; `sessions` counts those that have a path (by user: the people), without a link too."""

    links: tuple[Link, ...]
    nodes: tuple[Node, ...]
    totals: tuple[Total, ...]
    sessions: int
    paths: int
    queries: tuple[Query, ...]


EXAMPLE = Paths(steps=5, groups=("/product/*", "/category/*"), min_item_sessions=2, returns=True)


def queries(params: Paths, scope: Scope) -> tuple[Query, ...]:
    """One statement: links and items together. A second one counts returns, if they are asked for."""
    ctes = path_sql.hops(params)
    goal = params.goal.test("goal") if params.goal else Condition("", {}, "")
    values = ctes.params | goal.params | {"min_sessions": params.min_sessions}
    sql = ctes.sql + (MET.format(test=goal.sql) if params.goal else "")
    before, links, often = _links(params)
    if params.min_item_sessions > 1:
        links = USUAL.format(links=links.replace("\n", "\n    "))
        values["min_item_sessions"] = params.min_item_sessions
    else:
        links += often

    asked = scope.query(sql + before + links + IN_ORDER, **values)
    if not params.returns:
        return (asked,)
    return asked, scope.query(ctes.sql + RETURNS, min_item_sessions=params.min_item_sessions, **ctes.params)


def _links(params: Paths) -> tuple[str, str, str]:
    """The CTEs after `hops`, the statement over them, and what leaves rare links out of it."""
    hops, median = ("aimed" if params.goal else "hops"), (MEDIAN if params.medians else NO_MEDIAN)
    if params.by == "session" and params.occurrence != "every":
        goals = {name: f"sum({name})" if params.goal else NO_GOAL for name in ("met_here", "met_next")}
        ends = {
            "began": "CASE WHEN depth = 1 THEN count(*) ELSE 0 END" if params.whole else BEGAN,
            "earlier": "0" if params.whole else EARLIER,
        }
        return FEW.format(hops=hops, median=median, **ends, **goals), ADDED_UP, OFTEN.format(sessions="sum(paths)")
    unit = "user_key" if params.by == "user" else "session_key"
    goals = {name: DISTINCT_MET.format(unit, name) if params.goal else NO_GOAL for name in ("met_here", "met_next")}
    theirs = WITH_PEOPLE.format(hops) if params.by == "user" else hops
    links = DISTINCT.format(hops=theirs, median=median, unit=unit, began=BEGAN, earlier=EARLIER, **goals)
    return "", links, OFTEN.format(sessions=f"count(DISTINCT {unit})")


def run(store: Store, params: Paths, scope: Scope) -> PathsResult:
    """Ask `store`; an empty scope gives no links."""
    asked = queries(params, scope)
    rows = store.rows(asked[0], Row)
    back = {(row.depth, row.item): row.returning for row in store.rows(asked[1], Returned)} if params.returns else None
    links = tuple(
        Link(
            row.depth, row.source, row.target, row.sessions, row.mean_ms or 0.0, row.paths, row.median_ms, row.met_next
        )
        for row in rows
        if row.folded == 0 and row.source is not None and row.target is not None
    )
    nodes = tuple(
        Node(
            row.depth, row.source, row.sessions, row.left, row.cut,
            None if back is None else back.get((row.depth, row.source), 0),
            row.paths, row.began, row.earlier, row.met_here,
        )
        for row in rows
        if row.folded == 1 and row.source is not None
    )  # fmt: skip
    totals = tuple(
        Total(row.depth, row.sessions, row.left, row.cut, row.paths, row.began, row.earlier)
        for row in rows
        if row.folded == 2
    )
    all_of_them = next((total for total in totals if total.depth == params.pivot), None)
    sessions, paths = (all_of_them.sessions, all_of_them.paths) if all_of_them else (0, 0)
    return PathsResult(links, nodes, totals, sessions, paths, asked)
