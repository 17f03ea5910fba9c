"""Paths: which way sessions go, page after page or event after event, as links from one item to the next.

A path is one session's items: the pages of its page views (of all its stays in a session without any), or the names of
all its events. In this order: groups rename an item to the first pattern it matches; `include` keeps and `exclude`
drops items; equal neighbours collapse to one, at the time of the last; `start` drops paths without it and what lies
before its first occurrence, `end` likewise what lies after; `steps` limits the number of items. Links join item k to
item k + 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics import path_items
from analytics.conditions import STRICT, Condition, Matcher, merged
from analytics.errors import InvalidQuestion
from analytics.path_items import HIDDEN as HIDDEN
from analytics.path_items import Groups, check_groups, renamed
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

# What a path is made of: `place` orders a session's items, `at_ms` is the time since its start.
PAGES = """
WITH stays AS (
    SELECT session_key, visit_no AS place, page AS item, entered_ms AS at_ms{marks}
    FROM scoped_visits
    WHERE viewed
)"""
EVENTS = """
WITH stays AS (
    SELECT session_key, position AS place, name AS item, offset_ms AS at_ms{marks}
    FROM scoped
)"""
MARK_PAGE = "(session_key, visit_no) IN (SELECT session_key, visit_no FROM scoped WHERE {test})"

NAMED = """,
named AS (
    SELECT session_key, place, {item} AS item, at_ms, starts, ends
    FROM stays
),
kept AS (
    SELECT session_key, place, item, at_ms, starts, ends
    FROM named
    WHERE {kept}
)"""

# Of equal neighbours the last stays: its time counts. `hops` has one row per session and drawn item, numbered `depth`
# from 1, with the next item; `more` says that the session goes on after it, drawn or not.
COLLAPSED = """,
items AS (
    SELECT session_key, place, item, at_ms, starts, ends
    FROM (
        SELECT *, lead(item) OVER (PARTITION BY session_key ORDER BY place) AS following
        FROM kept
    ) AS neighbours
    WHERE following IS NULL OR following <> item
)"""
REPEATED = """,
items AS (
    SELECT * FROM kept
)"""
HOPS = """,
hops AS (
    SELECT session_key, depth, item, following IS NOT NULL AS more,
        CASE WHEN depth < $steps THEN following END AS target,
        CASE WHEN depth < $steps THEN ms END AS ms
    FROM (
        SELECT session_key, item,
            row_number() OVER by_place AS depth,
            lead(item) OVER by_place AS following,
            -at_ms + lead(at_ms) OVER by_place AS ms
        FROM items
        WINDOW by_place AS (PARTITION BY session_key ORDER BY place)
    ) AS numbered
    WHERE depth <= $steps
)"""

# Where nothing is left out, a stay's neighbours are known since the import, and so is its number unless equal ones
# collapse before it. Only the sessions where that happens within the first $steps items are numbered anew.
STORED = """
WITH viewed AS (
    SELECT session_key, position_in_path AS place, {page} AS item, {next} AS following,
        entered_ms AS at_ms, to_next_ms AS ms
    FROM scoped_visits
    WHERE viewed
),
repeating AS (
    SELECT DISTINCT session_key
    FROM viewed
    WHERE place <= $steps AND following = item
),
items AS (
    SELECT session_key, place, item, at_ms
    FROM viewed
    WHERE session_key IN (SELECT session_key FROM repeating) AND (following IS NULL OR following <> item)
)"""
STORED_HOPS = """,
hops AS (
    SELECT session_key, depth, item, more, target, ms
    FROM renumbered
    UNION ALL
    SELECT session_key, place AS depth, item, following IS NOT NULL AS more,
        CASE WHEN place < $steps THEN following END AS target,
        CASE WHEN place < $steps THEN ms END AS ms
    FROM viewed
    WHERE place <= $steps AND session_key NOT IN (SELECT session_key FROM repeating)
)"""

# With a start or an end: an item matches when any of its events does, so equal neighbours are joined, not dropped.
RUNS = """,
runs AS (
    SELECT session_key, item, at_ms, starts, ends, {run} AS run
    FROM (
        SELECT *, lag(item) OVER (PARTITION BY session_key ORDER BY place) AS before
        FROM kept
    ) AS neighbours
),
items AS (
    SELECT session_key, run AS nth, max(item) AS item, max(at_ms) AS at_ms, max(starts) AS starts, max(ends) AS ends
    FROM runs
    GROUP BY session_key, run
)"""
BY_CHANGE = "sum(CASE WHEN before = item THEN 0 ELSE 1 END) OVER (PARTITION BY session_key ORDER BY place)"
BY_PLACE = "row_number() OVER (PARTITION BY session_key ORDER BY place)"

# first and last: the items between which a path is looked at; whole: how many the session has
CUT_START = """,
chosen AS (
    SELECT session_key, min(CASE WHEN starts = 1 THEN nth END) AS first, max(nth) AS last, max(nth) AS whole
    FROM items
    GROUP BY session_key
    HAVING max(starts) = 1
)"""
CUT_END = """,
chosen AS (
    SELECT session_key, 1 AS first, min(CASE WHEN ends = 1 THEN nth END) AS last, max(nth) AS whole
    FROM items
    GROUP BY session_key
    HAVING max(ends) = 1
)"""
CUT_BOTH = """,
started AS (
    SELECT session_key, min(nth) AS first
    FROM items
    WHERE starts = 1
    GROUP BY session_key
),
chosen AS (
    SELECT items.session_key, max(started.first) AS first,
        min(CASE WHEN ends = 1 AND nth > started.first THEN nth END) AS last, max(nth) AS whole
    FROM items JOIN started ON started.session_key = items.session_key
    GROUP BY items.session_key
    HAVING count(CASE WHEN ends = 1 AND nth > started.first THEN 1 END) > 0
)"""
FIRST_ITEMS = """,
drawn AS (
    SELECT items.session_key, nth - first + 1 AS depth, item, at_ms, nth < whole AS more
    FROM items JOIN chosen ON chosen.session_key = items.session_key
    WHERE nth BETWEEN first AND least(last, first + $steps - 1)
)"""
LAST_ITEMS = """,
drawn AS (
    SELECT items.session_key, nth - greatest(first, last - $steps + 1) + 1 AS depth, item, at_ms, nth < whole AS more
    FROM items JOIN chosen ON chosen.session_key = items.session_key
    WHERE nth BETWEEN greatest(first, last - $steps + 1) AND last
)"""
BOTH_ENDS = """,
drawn AS (
    SELECT items.session_key,
        CASE
            WHEN last - first + 1 <= $steps OR nth < first + $half THEN nth - first + 1
            WHEN nth = first + $half THEN $half + 1
            ELSE nth - last + 2 * $half + 1
        END AS depth,
        CASE WHEN last - first + 1 > $steps AND nth = first + $half THEN $hidden ELSE item END AS item,
        at_ms, nth < whole AS more
    FROM items JOIN chosen ON chosen.session_key = items.session_key
    WHERE nth BETWEEN first AND last
        AND (last - first + 1 <= $steps OR nth <= first + $half OR nth > last - $half)
)"""
ANCHORED_HOPS = """,
hops AS (
    SELECT session_key, depth, item, more,
        lead(item) OVER by_depth AS target,
        -at_ms + lead(at_ms) OVER by_depth AS ms
    FROM drawn
    WINDOW by_depth AS (PARTITION BY session_key ORDER BY depth)
)"""

LINKS = """
SELECT
    depth, item AS source, target, grouping(item) + grouping(target) AS folded,
    {people} AS sessions,
    avg(ms) AS mean_ms,
    {people_left} AS "left",
    {people_cut} AS cut
FROM {hops}
GROUP BY GROUPING SETS ((depth, item, target), (depth, item), (depth))"""
OFTEN = """
HAVING grouping(item) + grouping(target) > 0 OR {people} >= $min_sessions"""
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

# How many of an item's sessions had been on it before, within what is drawn
RETURNS = """
SELECT depth, item, count(CASE WHEN nth > 1 THEN 1 END) AS returning
FROM (
    SELECT depth, item, row_number() OVER (PARTITION BY session_key, item ORDER BY depth) AS nth
    FROM hops
) AS seen
GROUP BY depth, item
HAVING count(*) >= $min_item_sessions
ORDER BY depth, item
"""
COUNTS = {
    "session": ("hops", "count(*)", "count(CASE WHEN {0} THEN 1 END)"),
    "user": (
        "(SELECT hops.*, user_key FROM hops JOIN scoped_sessions USING (session_key)) AS theirs",
        "count(DISTINCT user_key)",
        "count(DISTINCT CASE WHEN {0} THEN user_key END)",
    ),
}


@with_config(STRICT)
@dataclass(frozen=True)
class Paths:
    """The question. `steps` counts items, 2 to 20; links of fewer than `min_sessions` are left out of `links` only.

    An item that fewer than `min_item_sessions` have at its place is left out of `links` and `nodes`; the totals count
    it. `returns` also counts how many had been on an item before, by session.
    """

    level: Literal["page", "event"] = "page"
    start: Matcher | None = None
    end: Matcher | None = None
    steps: int = 5
    min_sessions: int = 1
    collapse_repeats: bool = True
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    groups: Groups = ()
    by: Literal["session", "user"] = "session"
    min_item_sessions: int = 1
    returns: bool = False

    def __post_init__(self) -> None:
        check_groups(self.groups)
        if self.returns and self.by != "session":
            raise InvalidQuestion("Who had been on an item before is counted by session; leave out returns or by.")
        if not 2 <= self.steps <= 20:
            raise InvalidQuestion(f"A path is drawn with 2 to 20 items, not {self.steps}.")


@dataclass(frozen=True)
class Row:
    """As the statement gives it: a link (`folded` = 0), all of an item (1), all items of a depth (2)."""

    depth: int
    source: str | None
    target: str | None
    folded: int
    sessions: int
    mean_ms: float | None
    left: int
    cut: int


@dataclass(frozen=True)
class Returned:
    """`returning` sessions whose item `depth` is `item` had it before too, as an item that is drawn."""

    depth: int
    item: str
    returning: int


@dataclass(frozen=True)
class Link:
    """`sessions` (or people) went from `source`, their item `depth`, straight to `target`, on average in `mean_ms`."""

    depth: int
    source: str
    target: str
    sessions: int
    mean_ms: float


@dataclass(frozen=True)
class Node:
    """An item at one depth. By session its links out, `left` (the session ended there) and `cut` (it goes on, undrawn)
    add up to `sessions`. `returning` had been on it before; None where that was not asked."""

    depth: int
    item: str
    sessions: int
    left: int
    cut: int
    returning: int | None = None


@dataclass(frozen=True)
class Total:
    """All items at one depth together."""

    depth: int
    sessions: int
    left: int
    cut: int


@dataclass(frozen=True)
class PathsResult:
    """The answer; `sessions` counts the paths (by user: the people), those without a link too."""

    links: tuple[Link, ...]
    nodes: tuple[Node, ...]
    totals: tuple[Total, ...]
    sessions: int
    queries: tuple[Query, ...]


EXAMPLE = Paths(steps=5, groups=("/product/*", "/category/*"), min_item_sessions=2, returns=True)


def drawn(params: Paths) -> Condition:
    """The CTEs up to `hops`: one row per session and drawn item, with the next one; and their values."""
    marks, values = [], []
    for name, matcher in (("starts", params.start), ("ends", params.end)):
        if matcher is None:
            marks.append(f", 0 AS {name}")
            continue
        test = matcher.test(name)
        hit = MARK_PAGE.format(test=test.sql) if params.level == "page" else f"({test.sql})"
        marks.append(f", CASE WHEN {hit} THEN 1 ELSE 0 END AS {name}")
        values.append(test.params)
    chosen = path_items.kept(params.include, params.exclude)
    size: dict[str, object] = {"steps": params.steps}
    if params.start and params.end:
        size |= {"half": params.steps // 2, "hidden": HIDDEN}
    sql = "".join(_ctes(params, "".join(marks), chosen.sql))
    return Condition(sql, merged([*values, path_items.group_values(params.groups), chosen.params, size]), "")


def _ctes(params: Paths, marks: str, kept: str) -> Iterator[str]:
    anchored, left_out = bool(params.start or params.end), bool(params.include or params.exclude)
    if params.level == "page" and params.collapse_repeats and not (anchored or left_out):
        yield STORED.format(page=renamed(params.groups, "page"), next=renamed(params.groups, "next_page"))
        yield HOPS.replace("hops AS", "renumbered AS")
        yield STORED_HOPS
        return
    yield (PAGES if params.level == "page" else EVENTS).format(marks=marks)
    yield NAMED.format(item=renamed(params.groups, "item"), kept=kept)
    if not anchored:
        yield COLLAPSED if params.collapse_repeats else REPEATED
        yield HOPS
        return
    yield RUNS.format(run=BY_CHANGE if params.collapse_repeats else BY_PLACE)
    yield CUT_BOTH if params.start and params.end else CUT_START if params.start else CUT_END
    yield BOTH_ENDS if params.start and params.end else LAST_ITEMS if params.end else FIRST_ITEMS
    yield ANCHORED_HOPS


def queries(params: Paths, scope: Scope) -> tuple[Query, ...]:
    """One statement: links and items together. A second one counts returns, if they are asked for."""
    ctes = drawn(params)
    hops, people, some = COUNTS[params.by]
    links = LINKS.format(
        hops=hops,
        people=people,
        people_left=some.format("target IS NULL AND NOT more"),
        people_cut=some.format("target IS NULL AND more"),
    )
    values = ctes.params | {"min_sessions": params.min_sessions}
    if params.min_item_sessions > 1:
        links = USUAL.format(links=links.replace("\n", "\n    "))
        values["min_item_sessions"] = params.min_item_sessions
    else:
        links += OFTEN.format(people=people)

    asked = scope.query(ctes.sql + links + IN_ORDER, **values)
    if not params.returns:
        return (asked,)
    return asked, scope.query(ctes.sql + RETURNS, min_item_sessions=params.min_item_sessions, **ctes.params)


def run(store: Store, params: Paths, scope: Scope) -> PathsResult:
    """Ask `store`; an empty scope gives no links."""
    asked = queries(params, scope)
    rows = store.rows(asked[0], Row)
    back = {(row.depth, row.item): row.returning for row in store.rows(asked[1], Returned)} if params.returns else None
    links = tuple(
        Link(row.depth, row.source, row.target, row.sessions, row.mean_ms or 0.0)
        for row in rows
        if row.folded == 0 and row.source is not None and row.target is not None
    )
    nodes = tuple(
        Node(
            row.depth, row.source, row.sessions, row.left, row.cut,
            None if back is None else back.get((row.depth, row.source), 0),
        )
        for row in rows
        if row.folded == 1 and row.source is not None
    )  # fmt: skip
    totals = tuple(Total(row.depth, row.sessions, row.left, row.cut) for row in rows if row.folded == 2)
    return PathsResult(links, nodes, totals, sum(total.sessions for total in totals[:1]), asked)
