"""Paths in SQL: one row per item of a path that is drawn, with the one straight after it.

`items` are all of a session, renamed, left out and collapsed, numbered from 1. `hops` are those of them that a picture
shows: the first ones, or what lies around a start, an end or an event. Two ways lead to the items: from stored
neighbours, where only sessions in which equal ones collapse are numbered anew, or by a window over what is left.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics import path_items
from analytics.conditions import STRICT, Condition, Matcher, merged
from analytics.errors import InvalidQuestion
from analytics.path_items import HIDDEN, Groups, check_groups, renamed

MOST_ITEMS = 20  # of one picture

# What a path is made of: `place` orders a session's items, `at_ms` is the time since its start, `starts` and `ends`
# tell whether an item is where paths begin or end.
PAGES = """
WITH stays AS (
    SELECT session_key, visit_no AS place, page AS item, entered_ms AS at_ms{marks}
    FROM scoped_visits
    WHERE viewed{having_it}
)"""
EVENTS = """
WITH stays AS (
    SELECT session_key, position AS place, name AS item, offset_ms AS at_ms{marks}
    FROM scoped{having_it}
)"""
MARK = ", CASE WHEN {test} THEN 1 ELSE 0 END AS {name}"
NO_MARK = ", 0 AS {name}"
# a page is where an event happened; whether it is a certain page it says itself
OF_EVENTS = "(session_key, visit_no) IN (SELECT session_key, visit_no FROM scoped WHERE {test})"
HAVING_IT = """
        AND session_key IN (SELECT session_key FROM {table} WHERE {test})"""

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
# Of equal neighbours the last stays: its time counts.
LAST_OF_EQUALS = """,
joined AS (
    SELECT session_key, place, item, at_ms, starts, ends
    FROM (
        SELECT *, lead(item) OVER (PARTITION BY session_key ORDER BY place) AS after_it
        FROM kept
    ) AS neighbours
    WHERE after_it IS NULL OR after_it <> item
)"""
# They are one item that starts or ends a path when any of them does.
RUNS = """,
runs AS (
    SELECT session_key, place, item, at_ms, starts, ends,
        sum(CASE WHEN before_it = item THEN 0 ELSE 1 END) OVER (PARTITION BY session_key ORDER BY place) AS run
    FROM (
        SELECT *, lag(item) OVER (PARTITION BY session_key ORDER BY place) AS before_it
        FROM kept
    ) AS neighbours
),
joined AS (
    SELECT session_key, run AS place, max(item) AS item, max(at_ms) AS at_ms, max(starts) AS starts, max(ends) AS ends
    FROM runs
    GROUP BY session_key, run
)"""
ALL = """,
joined AS (
    SELECT * FROM kept
)"""
NUMBERED = """,
{items} AS (
    SELECT session_key, item, at_ms, starts, ends,
        row_number() OVER by_place AS nth,
        lead(item) OVER by_place AS following,
        -at_ms + lead(at_ms) OVER by_place AS ms
    FROM joined
    WINDOW by_place AS (PARTITION BY session_key ORDER BY place)
)"""

VIEWED = """
WITH viewed AS (
    SELECT session_key, position_in_path AS place, {page} AS item, {next_page} AS following,
        entered_ms AS at_ms, to_next_ms AS ms{marks}
    FROM scoped_visits
    WHERE viewed{having_it}
)"""
REPEATING = """,
repeating AS (
    SELECT DISTINCT session_key
    FROM viewed
    WHERE following = item{early}
),
kept AS (
    SELECT session_key, place, item, following, at_ms, starts, ends
    FROM viewed
    WHERE session_key IN (SELECT session_key FROM repeating)
)"""
STORED_LAST_OF_EQUALS = """,
joined AS (
    SELECT session_key, place, item, at_ms, starts, ends
    FROM kept
    WHERE following IS NULL OR following <> item
)"""
STORED_ITEMS = """,
items AS (
    SELECT session_key, item, at_ms, starts, ends, nth, following, ms
    FROM renumbered
    UNION ALL
    SELECT session_key, item, at_ms, starts, ends, place AS nth, following, ms
    FROM viewed
    WHERE session_key NOT IN (SELECT session_key FROM repeating)
)"""

OTHER_THAN_NEXT = "viewed WHERE following IS NULL OR following <> item"
LENGTHS = """,
lengths AS (
    SELECT session_key, count(*) AS items
    FROM {rows}
    GROUP BY session_key
)"""

EARLY = " AND place <= $steps"  # no other sessions' first items are numbered otherwise

# Of each path, `first` and `last` say which items are drawn; `walk` tells the paths of one session apart.
FROM_START = """,
chosen AS (
    SELECT session_key, 0 AS walk, min(nth) AS first, min(nth) + $steps - 1 AS last, min(nth) - 1 AS before_first
    FROM items
    WHERE starts = 1
    GROUP BY session_key
)"""
TO_END = """,
chosen AS (
    SELECT session_key, 0 AS walk, greatest(1, min(nth) - $steps + 1) AS first, min(nth) AS last,
        greatest(1, min(nth) - $steps + 1) - 1 AS before_first
    FROM items
    WHERE ends = 1
    GROUP BY session_key
)"""
BETWEEN = """,
started AS (
    SELECT session_key, min(nth) AS first
    FROM items
    WHERE starts = 1
    GROUP BY session_key
),
chosen AS (
    SELECT items.session_key, 0 AS walk, min(started.first) AS first, min(nth) AS last
    FROM items JOIN started ON started.session_key = items.session_key
    WHERE ends = 1 AND nth > started.first
    GROUP BY items.session_key
)"""
AROUND_ONE = """,
chosen AS (
    SELECT session_key, 0 AS walk, greatest(1, {which}(nth) - $before) AS first, {which}(nth) + $steps - 1 AS last,
        {which}(nth) - $before - 1 AS before_first
    FROM items
    WHERE starts = 1
    GROUP BY session_key
)"""
AROUND_EVERY = """,
chosen AS (
    SELECT session_key, nth AS walk, greatest(1, nth - $before) AS first, nth + $steps - 1 AS last,
        nth - $before - 1 AS before_first
    FROM items
    WHERE starts = 1
)"""

# One row per path and drawn item, `depth` counting columns from 1, with the item that follows in the session (NULL: it
# ends there) and how long until then. `onward` says whether that one is drawn too; a CASE over texts costs more.
FIRST_HOPS = """,
hops AS (
    SELECT session_key, 0 AS walk, nth AS depth, nth, item, at_ms, following, ms, nth < $steps AS onward
    FROM items
    WHERE nth <= $steps
)"""
CHOSEN_HOPS = """,
hops AS (
    SELECT items.session_key, walk, nth - before_first AS depth, nth, item, at_ms, following, ms, nth < last AS onward
    FROM items JOIN chosen ON chosen.session_key = items.session_key
    WHERE nth BETWEEN first AND last
)"""
# Too long a way between a start and an end: its first and its last half around one item that stands for the rest.
HALVES = """,
drawn AS (
    SELECT items.session_key, walk,
        CASE
            WHEN last - first + 1 <= $steps OR nth < first + $half THEN nth - first + 1
            WHEN nth = first + $half THEN $half + 1
            ELSE nth - last + 2 * $half + 1
        END AS depth,
        nth, CASE WHEN last - first + 1 > $steps AND nth = first + $half THEN $hidden ELSE item END AS item,
        at_ms, following
    FROM items JOIN chosen ON chosen.session_key = items.session_key
    WHERE nth BETWEEN first AND last
        AND (last - first + 1 <= $steps OR nth <= first + $half OR nth > last - $half)
),
hops AS (
    SELECT session_key, walk, depth, nth, item, at_ms,
        coalesce(lead(item) OVER by_depth, following) AS following,
        -at_ms + lead(at_ms) OVER by_depth AS ms,
        lead(item) OVER by_depth IS NOT NULL AS onward
    FROM drawn
    WINDOW by_depth AS (PARTITION BY session_key ORDER BY depth)
)"""


@with_config(STRICT)
@dataclass(frozen=True)
class Walk:
    """What a path is made of and which part of it is drawn: `steps` items, 2 to 20.

    Without `start` and `end` those are a session's first ones. `around` draws up to `before` items (0 to 10), the item
    of an event, and `steps` - 1 after it: around the event's `first` or `last` occurrence in a session, or around every
    one, each of them a path of its own.
    """

    level: Literal["page", "event"] = "page"
    start: Matcher | None = None
    end: Matcher | None = None
    steps: int = 5
    collapse_repeats: bool = True
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    groups: Groups = ()
    around: Matcher | None = None
    occurrence: Literal["first", "last", "every"] = "first"
    before: int = 3

    def __post_init__(self) -> None:
        check_groups(self.groups)
        if not 2 <= self.steps <= MOST_ITEMS:
            raise InvalidQuestion(f"A path is drawn with 2 to {MOST_ITEMS} items, not {self.steps}.")
        if self.around is None:
            return
        if self.start or self.end:
            raise InvalidQuestion("A path lies around an event, or between a start and an end; leave out one of them.")
        if not 0 <= self.before <= 10 or self.columns > MOST_ITEMS:
            raise InvalidQuestion(
                f"Around an event are 0 to 10 items before it and {MOST_ITEMS} in all, not {self.before} before it and "
                f"{self.columns} in all."
            )

    @property
    def pivot(self) -> int:
        """The column that every path has: that of the event, or the first."""
        return self.before + 1 if self.around else 1

    @property
    def columns(self) -> int:
        """How many there may be."""
        return self.pivot - 1 + self.steps

    @property
    def stored(self) -> bool:
        """Whether stored neighbours are an item's neighbours, but for equal ones."""
        return self.level == "page" and self.collapse_repeats and not (self.include or self.exclude)

    @property
    def whole(self) -> bool:
        """Whether paths are drawn from a session's first item on."""
        return not (self.start or self.end or self.around)


def items(walk: Walk) -> Condition:
    """The CTEs up to `items`, all of every session (item, nth from 1, following, ms), and their values."""
    chosen = path_items.kept(walk.include, walk.exclude)
    marks = "".join(NO_MARK.format(name=name) for name in ("starts", "ends"))
    sql = "".join(_items(walk, marks, "", chosen.sql, ""))
    return Condition(sql, merged([path_items.group_values(walk.groups), chosen.params]), "")


def lengths(walk: Walk) -> Condition:
    """The CTEs up to `lengths`, how many `items` each session has, and their values."""
    ctes = items(walk)
    if not walk.stored:
        return Condition(ctes.sql + LENGTHS.format(rows="items"), ctes.params, "")
    page, next_page = (renamed(walk.groups, column) for column in ("page", "next_page"))
    sql = VIEWED.format(page=page, next_page=next_page, marks="", having_it="")
    return Condition(sql + LENGTHS.format(rows=OTHER_THAN_NEXT), ctes.params, "")


def hops(walk: Walk) -> Condition:
    """The CTEs up to `hops`, and their values."""
    marks, having_it, values = "", "", []
    for name, matcher in (("starts", walk.start or walk.around), ("ends", walk.end)):
        if matcher is None:
            marks += NO_MARK.format(name=name)
            continue
        test = matcher.test(name)
        by_visit = walk.level == "page" and matcher.only_page
        hit = f"({test.sql})" if by_visit or walk.level == "event" else OF_EVENTS.format(test=test.sql)
        marks += MARK.format(test=hit, name=name)
        having_it += HAVING_IT.format(table="scoped_visits" if by_visit else "scoped", test=test.sql)
        values.append(test.params)
    chosen = path_items.kept(walk.include, walk.exclude)
    size: dict[str, object] = {"steps": walk.steps}
    if walk.around:
        size["before"] = walk.before
    if walk.start and walk.end:
        size |= {"half": walk.steps // 2, "hidden": HIDDEN}
    early = EARLY if walk.whole else ""
    sql = "".join((*_items(walk, marks, having_it, chosen.sql, early), *_drawn(walk)))
    return Condition(sql, merged([*values, path_items.group_values(walk.groups), chosen.params, size]), "")


def _items(walk: Walk, marks: str, having_it: str, kept: str, early: str) -> Iterator[str]:
    if walk.stored:
        page, next_page = (renamed(walk.groups, column) for column in ("page", "next_page"))
        yield VIEWED.format(page=page, next_page=next_page, marks=marks, having_it=having_it)
        yield REPEATING.format(early=early)
        yield STORED_LAST_OF_EQUALS if walk.whole else RUNS
        yield NUMBERED.format(items="renumbered")
        yield STORED_ITEMS
        return
    if walk.level == "page":
        yield PAGES.format(marks=marks, having_it=having_it)
    else:
        yield EVENTS.format(marks=marks, having_it=having_it.replace("    AND", "WHERE", 1))
    yield NAMED.format(item=renamed(walk.groups, "item"), kept=kept)
    yield ALL if not walk.collapse_repeats else LAST_OF_EQUALS if walk.whole else RUNS
    yield NUMBERED.format(items="items")


def _drawn(walk: Walk) -> Iterator[str]:
    if walk.whole:
        yield FIRST_HOPS
    elif walk.start and walk.end:
        yield BETWEEN
        yield HALVES
    else:
        around = AROUND_ONE.format(which={"first": "min", "last": "max"}.get(walk.occurrence))
        around = AROUND_EVERY if walk.occurrence == "every" else around
        yield around if walk.around else FROM_START if walk.start else TO_END
        yield CHOSEN_HOPS
