"""Transitions in SQL: one row per step from an item to the next, the first with no source, the last with no target.

A path's items are those of `analyses/paths.py`. Three ways lead to the steps, the cheapest that can answer is taken:
counted from stored successors (pages) or from sessions as strings (events); one by one from stored successors; or one
by one by a window over what is left after leaving items out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics import path_items
from analytics.conditions import STRICT, Condition, merged
from analytics.errors import InvalidQuestion
from analytics.funnel_sql import MOMENT
from analytics.path_items import END as END
from analytics.path_items import OTHER as OTHER
from analytics.path_items import START as START
from analytics.path_items import Groups, check_groups, renamed

PAGES = """
WITH stays AS (
    SELECT session_key, visit_no AS place, {item} AS item, entered_ms AS at_ms
    FROM scoped_visits
    WHERE viewed
),"""
EVENTS = """
WITH stays AS (
    SELECT session_key, position AS place, {item} AS item, offset_ms AS at_ms
    FROM scoped
),"""
KEPT = """
kept AS (
    SELECT session_key, place, item, at_ms
    FROM stays
    WHERE {kept}
)"""

# Counted, pages: the few different pairs are renamed, not the many steps.
PAIRS_OF_PAGES = """
WITH pairs AS (
    SELECT page, next_page, count(*) AS steps
    FROM scoped_visits
    WHERE viewed
    GROUP BY page, next_page
    UNION ALL
    SELECT CAST(NULL AS VARCHAR) AS page, page AS next_page, count(*) AS steps
    FROM scoped_visits
    WHERE position_in_path = 1
    GROUP BY page
),
moves AS (
    SELECT {page} AS source, {next_page} AS target, steps
    FROM pairs
)"""
# Counted, events: four neighbours at a time, so that three steps cost one row; those are few different ones.
PAIRS_OF_EVENTS = """
WITH blocks AS (
    SELECT block, count(*) AS steps
    FROM (
        SELECT substr(name_string, CAST(place AS INTEGER), 4) AS block
        FROM (
            SELECT name_string, unnest(generate_series(1, length(name_string), 3)) AS place
            FROM scoped_sessions
        ) AS cut
    ) AS neighbours
    GROUP BY block
),
symbols AS (
    SELECT substr(block, 1, 1) AS first, substr(block, 2, 1) AS second, steps FROM blocks
    UNION ALL
    SELECT substr(block, 2, 1) AS first, substr(block, 3, 1) AS second, steps FROM blocks WHERE length(block) > 1
    UNION ALL
    SELECT substr(block, 3, 1) AS first, substr(block, 4, 1) AS second, steps FROM blocks WHERE length(block) > 2
    UNION ALL
    SELECT '' AS first, substr(name_string, 1, 1) AS second, count(*) AS steps
    FROM scoped_sessions
    GROUP BY substr(name_string, 1, 1)
),
names AS (
    SELECT symbol, {item} AS item
    FROM (SELECT symbol, value AS item FROM codes WHERE kind = 'name') AS known
),
moves AS (
    SELECT source.item AS source, target.item AS target, steps
    FROM symbols
    LEFT JOIN names AS source ON source.symbol = first
    LEFT JOIN names AS target ON target.symbol = second
)"""

STORED = """
WITH moves AS (
    SELECT session_key, session_key AS unit, {page} AS source, {next_page} AS target, to_next_ms AS ms, 1 AS steps
    FROM scoped_visits
    WHERE viewed
    UNION ALL
    SELECT session_key, session_key AS unit, NULL AS source, {page} AS target, NULL AS ms, 1 AS steps
    FROM scoped_visits
    WHERE position_in_path = 1
)"""

OF_SESSIONS = """,
placed AS (
    SELECT session_key, session_key AS unit, CAST(0 AS BIGINT) AS begun, place, item, at_ms
    FROM kept
)"""
OF_PEOPLE = """,
placed AS (
    SELECT kept.session_key, user_key AS unit, begun + at_ms AS begun, place, item, begun + at_ms AS at_ms
    FROM kept
    JOIN (SELECT session_key, user_key, {begun} // 1000 AS begun FROM scoped_sessions) AS whose
        ON whose.session_key = kept.session_key
)"""
LAST_OF_EQUALS = """,
items AS (
    SELECT session_key, unit, begun, place, item, at_ms
    FROM (
        SELECT *, lead(item) OVER (PARTITION BY unit ORDER BY begun, session_key, place) AS following
        FROM placed
    ) AS neighbours
    WHERE following IS NULL OR following <> item
)"""
ALL = """,
items AS (
    SELECT * FROM placed
)"""
ONE_BY_ONE = """,
stepped AS (
    SELECT session_key, unit, item,
        lag(item) OVER in_order AS before, lead(item) OVER in_order AS following,
        -at_ms + lead(at_ms) OVER in_order AS ms
    FROM items
    WINDOW in_order AS (PARTITION BY unit ORDER BY begun, session_key, place)
),
moves AS (
    SELECT session_key, unit, item AS source, following AS target, ms, 1 AS steps FROM stepped
    UNION ALL
    SELECT session_key, unit, NULL AS source, item AS target, NULL AS ms, 1 AS steps FROM stepped WHERE before IS NULL
)"""

# Items that stand for themselves; all others are one. The ends of a path get their names.
LABELLED = """,
steps AS (
    SELECT {columns}
        CASE WHEN source IS NULL THEN $start WHEN {source_shown} THEN source ELSE $other END AS source,
        CASE WHEN target IS NULL THEN $end WHEN {target_shown} THEN target ELSE $other END AS target,
        steps
    FROM moves{collapsed}
)"""
COLLAPSED = "\n    WHERE source IS NULL OR target IS NULL OR source <> target"


@with_config(STRICT)
@dataclass(frozen=True)
class Items:
    """What paths are made of. `shown` items stand for themselves, all others are one; empty: all do.

    By user, a person's sessions one after another are one path.
    """

    level: Literal["page", "event"] = "page"
    by: Literal["session", "user"] = "session"
    collapse_repeats: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    groups: Groups = ()
    shown: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_groups(self.groups)
        if taken := {START, END, OTHER}.intersection(self.shown):
            raise InvalidQuestion(f"{sorted(taken)[0]} is not an item of a path; it has that meaning already.")

    @property
    def plain(self) -> bool:
        """Whether stored neighbours are neighbours: nothing is left out, and paths end with the session."""
        return self.by == "session" and not self.include and not self.exclude


def steps(items: Items, columns: Sequence[str] = (), each: bool = False, timed: bool = False) -> Condition:
    """The CTEs up to `steps` (source, target, steps, and `columns` of session_key, unit, ms), and their values.

    Without `each`, rows may stand for several steps and have no columns. `timed`: `ms` is exact where repeats collapse
    too, from the last of equal items to the last of equal items.
    """
    values = [path_items.group_values(items.groups)]
    if items.plain and not each:
        template = PAIRS_OF_PAGES if items.level == "page" else PAIRS_OF_EVENTS
        sql = template.format(**{name: renamed(items.groups, name) for name in ("page", "next_page", "item")})
        collapse = items.collapse_repeats
    elif items.plain and items.level == "page" and not (timed and items.collapse_repeats):
        sql = STORED.format(page=renamed(items.groups, "page"), next_page=renamed(items.groups, "next_page"))
        collapse = items.collapse_repeats
    else:
        ctes = one_by_one(items)
        sql, collapse = ctes.sql + ONE_BY_ONE, False
        values = [ctes.params]
    names: dict[str, object] = {"start": START, "end": END, "other": OTHER}
    if items.shown:
        names["shown"] = list(items.shown)
    sql += LABELLED.format(
        columns="".join(f"{column}, " for column in columns),
        source_shown="list_contains($shown, source)" if items.shown else "true",
        target_shown="list_contains($shown, target)" if items.shown else "true",
        collapsed=COLLAPSED if collapse else "",
    )
    if not items.shown:  # a value that no statement names is refused
        sql = sql.replace("WHEN true THEN source ELSE $other", "ELSE source")
        sql = sql.replace("WHEN true THEN target ELSE $other", "ELSE target")
        del names["other"]
    return Condition(sql, merged([*values, names]), "")


def one_by_one(items: Items) -> Condition:
    """The CTEs up to `items`: one row per item of each path, in the order of (begun, session_key, place)."""
    kept = path_items.kept(items.include, items.exclude)
    source, column = (PAGES, "page") if items.level == "page" else (EVENTS, "name")
    sql = source.format(item=renamed(items.groups, column)) + KEPT.format(kept=kept.sql)
    sql += OF_SESSIONS if items.by == "session" else OF_PEOPLE.format(begun=MOMENT.replace("time)", "start)"))
    sql += LAST_OF_EQUALS if items.collapse_repeats else ALL
    return Condition(sql, merged([path_items.group_values(items.groups), kept.params]), "")
