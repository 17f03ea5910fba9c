"""Timeline: one session, event by event, with the moments at which something went wrong.

Flags: `rage` on the click that completes a burst, `dead` on a click after which nothing happened although that element
usually does something, `error` on a click that an error followed, `u_turn` on the view of a page that was left at once
for the page before. The rules are parameters; their defaults are the product's (docs/semantics.md).
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from typing import Any

from pydantic import with_config

from analytics import words
from analytics.analyses.event_sessions import Total
from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

# What one session tells by itself; `waiting` is a click on an element after which nothing happened, and is dead if that
# element usually does something. `flags` has a bit for each of FLAGS.
SQL = """
WITH mine AS MATERIALIZED (  -- found once: no order of the sessions helps to find an id
    SELECT *
    FROM scoped
    WHERE session_key IN (SELECT session_key FROM scoped_sessions WHERE session_id = $session_id)
),
waiting AS (
    SELECT position
    FROM (
        SELECT name, position, offset_ms, element,
            min(CASE WHEN name <> 'click' THEN offset_ms END)
                OVER (ORDER BY position DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS next_ms
        FROM mine
        WHERE name NOT IN ('scroll', 'move', 'page_leave')
    ) AS answers
    WHERE name = 'click' AND element IS NOT NULL AND coalesce(next_ms - offset_ms > $dead_within_ms, true)
),
failed AS (
    SELECT position
    FROM (
        SELECT name, position, offset_ms,
            min(CASE WHEN name = 'error' THEN offset_ms END)
                OVER (PARTITION BY page ORDER BY position DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                AS error_ms
        FROM mine
        WHERE name IN ('click', 'error')
    ) AS failures
    WHERE name = 'click' AND error_ms - offset_ms <= $error_within_ms
),
eligible AS (
    SELECT position, offset_ms, page, element, x, y,
        lag(offset_ms) OVER by_position AS before_ms,
        lag(page) OVER by_position AS before_page,
        lag(element) OVER by_position AS before_element,
        lag(CAST(x AS BIGINT)) OVER by_position AS before_x,  -- wide enough to subtract from
        lag(CAST(y AS BIGINT)) OVER by_position AS before_y
    FROM mine
    WHERE name = 'click'
        AND coalesce(element_tag, '') NOT IN ('input', 'textarea')
        AND coalesce(lower(trim(text)), '') NOT IN ('next', 'previous', 'prev', '<', '>', '+', '-', '−', '–')
    WINDOW by_position AS (ORDER BY position)
),
bursts AS (
    SELECT position, sum(CASE WHEN goes_on THEN 0 ELSE 1 END) OVER (ORDER BY position) AS burst
    FROM (
        SELECT position,
            coalesce(
                offset_ms - before_ms < $rage_within_ms AND page IS NOT DISTINCT FROM before_page
                    AND CASE
                        WHEN x IS NULL OR y IS NULL OR before_x IS NULL OR before_y IS NULL
                            THEN element = before_element
                        ELSE abs(x - before_x) + abs(y - before_y) < $rage_within_px
                    END,
                false
            ) AS goes_on
        FROM eligible
    ) AS steps
),
raging AS (
    SELECT position
    FROM (SELECT position, row_number() OVER (PARTITION BY burst ORDER BY position) AS nth FROM bursts) AS counted
    WHERE nth = $rage_clicks
),
stays AS (
    SELECT position, offset_ms, page
    FROM (
        SELECT position, offset_ms, page, lag(page) OVER (ORDER BY position) AS before
        FROM mine
        WHERE name = 'page_view' AND page IS NOT NULL
    ) AS views
    WHERE before IS NULL OR before <> page
),
turned AS (
    SELECT position
    FROM (
        SELECT position, offset_ms,
            lag(page) OVER (ORDER BY position) AS before,
            lead(page) OVER (ORDER BY position) AS after,
            lead(offset_ms) OVER (ORDER BY position) AS after_ms
        FROM stays
    ) AS neighbours
    WHERE before = after AND after_ms - offset_ms < $u_turn_within_ms
),
flagged AS (
    SELECT position, CAST(sum(bit) AS INTEGER) AS flags
    FROM (
        SELECT position, 1 AS bit FROM raging
        UNION ALL SELECT position, 2 AS bit FROM waiting
        UNION ALL SELECT position, 4 AS bit FROM failed
        UNION ALL SELECT position, 8 AS bit FROM turned
    ) AS bits
    GROUP BY position
)
SELECT
    mine.position, time AS timestamp, local, offset_ms, gap_ms, visit_no,
    name AS event, page, element, element_tag, text, x, y, fixed,
    viewport_width, viewport_height, page_height, scroll_depth, value, properties,
    coalesce(flags, 0) AS flags
FROM mine LEFT JOIN flagged ON flagged.position = mine.position
ORDER BY mine.position
LIMIT $limit OFFSET $offset
"""

# Which elements of the clicks that wait usually do something: more than half of all stored clicks on them. Asked only
# where any click waits: those of all people on these elements have to be looked at, wherever they are.
USUAL = """
WITH waiting AS (
    SELECT DISTINCT page, element
    FROM (
        SELECT name, page, element, offset_ms,
            min(CASE WHEN name <> 'click' THEN offset_ms END)
                OVER (ORDER BY position DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS next_ms
        FROM scoped
        WHERE session_key IN (SELECT session_key FROM scoped_sessions WHERE session_id = $session_id)
            AND name NOT IN ('scroll', 'move', 'page_leave')
    ) AS answers
    WHERE name = 'click' AND element IS NOT NULL AND coalesce(next_ms - offset_ms > $dead_within_ms, true)
),
pressed AS (
    SELECT element_key, elements.page, elements.element
    FROM elements JOIN waiting
        ON waiting.page IS NOT DISTINCT FROM elements.page AND waiting.element = elements.element
)
SELECT page, element
FROM (
    SELECT pressed.page, pressed.element, reacts_ms
    FROM all_clicks JOIN pressed ON pressed.page = all_clicks.page AND pressed.element_key = all_clicks.element_key
    UNION ALL
    SELECT pressed.page, pressed.element, reacts_ms
    FROM all_clicks JOIN pressed ON pressed.element_key = all_clicks.element_key
    WHERE pressed.page IS NULL AND all_clicks.page IS NULL
) AS presses
GROUP BY page, element
HAVING 2 * count(CASE WHEN reacts_ms <= $dead_within_ms THEN 1 END) > count(*)
ORDER BY page, element
"""
TOTAL = """
SELECT count(*) AS total
FROM scoped
WHERE session_key IN (SELECT session_key FROM scoped_sessions WHERE session_id = $session_id)
"""

MOST = 1_000_000  # events of one answer; a page shows fewer


@with_config(STRICT)
@dataclass(frozen=True)
class Rage:
    """At least `clicks` in a row, each less than `within_ms` and less than `within_px` (|dx| + |dy|) from the one
    before."""

    clicks: int = 3
    within_ms: int = 1000
    within_px: int = 30


@with_config(STRICT)
@dataclass(frozen=True)
class Dead:
    """Nothing happens up to `within_ms` after the click, inclusive."""

    within_ms: int = 2500


@with_config(STRICT)
@dataclass(frozen=True)
class Error:
    """An error on the same page at most `within_ms` after the click."""

    within_ms: int = 2000


@with_config(STRICT)
@dataclass(frozen=True)
class UTurn:
    """Back on the page before less than `within_ms` after entering."""

    within_ms: int = 7000


@with_config(STRICT)
@dataclass(frozen=True)
class Timeline:
    """The question: events of the session, `limit` of them after the first `offset`, and the rules of the flags."""

    session_id: str
    rage: Rage = Rage()
    dead: Dead = Dead()
    error: Error = Error()
    u_turn: UTurn = UTurn()
    limit: int = 20_000
    offset: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MOST or self.offset < 0:
            raise InvalidQuestion(
                f"A timeline has a limit from 1 to {words.count(MOST)} and an offset from 0; "
                f"these are {self.limit} and {self.offset}."
            )


@dataclass(slots=True)  # not frozen: of a long session 200,000 are made, in a third of the time
class Event:
    """One event. `timestamp` is UTC, `local` the wall clock of the reporting zone, `offset_ms` since the session's
    start, `x` and `y` CSS pixels from the page's top left (`y` from the window's top where what was acted on is `fixed`
    there), `scroll_depth` from 0 to 1, `properties` JSON text."""

    position: int
    timestamp: datetime
    local: datetime
    offset_ms: int
    gap_ms: int | None
    visit_no: int
    event: str
    page: str | None
    element: str | None
    element_tag: str | None
    text: str | None
    x: int | None
    y: int | None
    fixed: bool | None
    viewport_width: int | None
    viewport_height: int | None
    page_height: int | None
    scroll_depth: float | None
    value: float | None
    properties: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class TimelineResult:
    """The answer: events by position; `total` counts those before and after this page of them too."""

    events: tuple[Event, ...]
    total: int
    queries: tuple[Query, ...]


@dataclass(frozen=True)
class Usual:
    """An element that usually does something when it is clicked."""

    page: str | None
    element: str


EXAMPLE = Timeline(session_id="s11469")
FLAGS = ("rage", "dead", "error", "u_turn")
DEAD = 1 << FLAGS.index("dead")
NAMES = [tuple(flag for bit, flag in enumerate(FLAGS) if code >> bit & 1) for code in range(1 << len(FLAGS))]
"""One tuple for all events that are alike, by the bits of the statement."""


def queries(params: Timeline, scope: Scope) -> tuple[Query, ...]:
    """The events; which of the elements whose clicks wait usually do something; how many events there are in all."""
    waits = {"session_id": params.session_id, "dead_within_ms": params.dead.within_ms}
    events = scope.query(
        SQL,
        **waits,
        rage_clicks=params.rage.clicks,
        rage_within_ms=params.rage.within_ms,
        rage_within_px=params.rage.within_px,
        error_within_ms=params.error.within_ms,
        u_turn_within_ms=params.u_turn.within_ms,
        limit=params.limit,
        offset=params.offset,
    )
    return events, scope.query(USUAL, **waits), scope.query(TOTAL, session_id=params.session_id)


def run(store: Store, params: Timeline, scope: Scope) -> TimelineResult:
    """Ask `store`; a session that is not in scope gives no events.

    Say the session's day in `scope` where it is known: the session is found four times as fast. Only the first
    statement is asked of a session in which no click waits and that is told whole.
    """
    listed, usually, counted = asked = queries(params, scope)
    batches = store.batches(listed)
    next(batches)  # the names of the columns, which are those of `Event`
    with unswept():
        events: list[Any] = [event for batch in batches for event in starmap(Event, batch)]
    waiting: list[tuple[Event, int]] = []
    for event in events:
        code = event.flags
        event.flags = NAMES[code & ~DEAD]
        if code & DEAD:
            waiting.append((event, code))
    usual = {(one.page, one.element) for one in store.rows(usually, Usual)} if waiting else set()
    for event, code in waiting:
        if (event.page, event.element) in usual:
            event.flags = NAMES[code]
    total = len(events)
    if params.offset or total == params.limit:
        total = store.rows(counted, Total)[0].total
    return TimelineResult(tuple(events), total, asked)


@contextmanager
def unswept() -> Iterator[None]:
    """No sweep for garbage meanwhile: each would walk through 200,000 new events once more."""
    swept = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if swept:
            gc.enable()
