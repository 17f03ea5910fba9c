"""Element outcomes: what happens next after a click on one element, on which pages it is clicked, and when.

Next is the first event of the session after the click, at most `within_ms` later, whatever its page: a page viewed, the
same element again, another element, or any other event. Scrolls, moves and leaving the page are nothing, so a click
that only these follow in time has no next thing. Every click has one outcome; they add up to all clicks.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import with_config

from analytics.analyses.elements import Pages, clicks_on, starts
from analytics.conditions import STRICT, Condition, merged
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

WITHIN_MS = 10_000
MOST = 50  # pages

# Names of what follows are looked up as they are told: what is no click is called by itself
AFTER = """
WITH its_keys AS (
    SELECT element_key FROM elements WHERE called = $element
),
its_clicks AS (
    SELECT session_key, position, page, day
    FROM scoped_clicks
    WHERE element_key IN (SELECT element_key FROM its_keys) AND {test}
),
pressed AS (
    SELECT its_clicks.session_key, its_clicks.position, offset_ms
    FROM its_clicks JOIN scoped
        ON scoped.session_key = its_clicks.session_key AND scoped.position = its_clicks.position
),
later AS (
    SELECT pressed.session_key, pressed.position, min(scoped.position) AS next_position
    FROM pressed JOIN scoped ON scoped.session_key = pressed.session_key
        AND scoped.position > pressed.position
        AND scoped.offset_ms <= pressed.offset_ms + $within_ms
    WHERE scoped.name NOT IN ('scroll', 'move', 'page_leave')
    GROUP BY pressed.session_key, pressed.position
),
followed AS (
    SELECT later.session_key, later.position, name, scoped.page, called AS element, scoped.element_tag, scoped.text,
        offset_ms
    FROM later JOIN scoped ON scoped.session_key = later.session_key AND scoped.position = later.next_position
    LEFT JOIN elements ON name = 'click' AND elements.element = scoped.element
        AND elements.page IS NOT DISTINCT FROM scoped.page AND elements.text IS NOT DISTINCT FROM scoped.text
        AND elements.element_tag IS NOT DISTINCT FROM scoped.element_tag
),
outcomes AS (
    SELECT pressed.session_key,
        CASE
            WHEN name IS NULL THEN 'nothing'
            WHEN name = 'page_view' THEN 'page'
            WHEN name = 'click' AND element = $element THEN 'again'
            WHEN name = 'click' THEN 'element'
            ELSE 'event'
        END AS kind,
        CASE WHEN name = 'page_view' THEN page WHEN name = 'click' THEN element ELSE name END AS thing,
        CASE WHEN name = 'click' THEN text END AS text,
        CASE WHEN name = 'click' THEN element_tag END AS element_tag,
        followed.offset_ms - pressed.offset_ms AS ms
    FROM pressed LEFT JOIN followed
        ON followed.session_key = pressed.session_key AND followed.position = pressed.position
)"""
COUNTED = """
SELECT kind, thing, CASE WHEN min(text) = max(text) THEN min(text) END AS text, max(element_tag) AS element_tag,
    count(*) AS clicks, count(DISTINCT session_key) AS sessions, median(ms) AS median_ms,
    CAST(sum(count(*)) OVER (PARTITION BY kind) AS BIGINT) AS of_kind
FROM outcomes
GROUP BY kind, thing
ORDER BY clicks DESC, kind, thing
LIMIT $limit
"""
ITS = """
FROM scoped_clicks
WHERE {test} AND element_key IN (SELECT element_key FROM elements WHERE called = $element)
"""
TOTALS = f"""
SELECT count(*) AS clicks, count(DISTINCT session_key) AS sessions, min(day) AS first_seen,
    max(day) AS last_seen{ITS}"""
PAGES = f"""
SELECT page, count(*) AS clicks, count(DISTINCT session_key) AS sessions{ITS}GROUP BY page
ORDER BY clicks DESC, page
LIMIT {MOST}
"""
COURSE = f"""
SELECT CAST(date_trunc($unit, day) AS DATE) AS start, count(*) AS clicks,
    count(DISTINCT session_key) AS sessions{ITS}
GROUP BY 1
ORDER BY 1
"""
DAYS = """
SELECT min(day) AS first_day, max(day) AS last_day
FROM scoped_sessions
"""


@with_config(STRICT)
@dataclass(frozen=True)
class ElementOutcomes:
    """The question: clicks on what is called `element` on `page` (a glob, or several; None: anywhere) and what follows
    within `within_ms`, both ends inside; the `limit` most usual things. `unit` is that of its course."""

    element: str
    page: Pages = None
    within_ms: int = WITHIN_MS
    limit: int = 100
    unit: Literal["day", "week"] = "week"

    def __post_init__(self) -> None:
        if not 0 <= self.within_ms <= 3_600_000:
            raise InvalidQuestion(f"What happens next is looked for up to an hour, not {self.within_ms:,} ms.")
        if not 1 <= self.limit <= 1000:
            raise InvalidQuestion(f"A list of outcomes has a limit from 1 to 1,000, not {self.limit}.")


@dataclass(frozen=True)
class Outcome:
    """After `clicks`, in `sessions`: `thing` is the page, the element or the event's name (None: nothing, or it has no
    name), `text` what the element says; `median_ms` until then. `of_kind` clicks have any thing of this kind next."""

    kind: Literal["page", "again", "element", "event", "nothing"]
    thing: str | None
    text: str | None
    element_tag: str | None
    clicks: int
    sessions: int
    median_ms: float | None
    of_kind: int


@dataclass(frozen=True)
class Totals:
    """All clicks on the element that the question is of."""

    clicks: int
    sessions: int
    first_seen: date | None
    last_seen: date | None


@dataclass(frozen=True)
class OnPage:
    """Clicks on the element on one page (None: they name none)."""

    page: str | None
    clicks: int
    sessions: int


@dataclass(frozen=True)
class Span:
    """Clicks on the element in the day or week that begins at `start`."""

    start: date
    clicks: int
    sessions: int


@dataclass(frozen=True)
class Days:
    """The first and the last day that sessions in scope began on."""

    first_day: date | None
    last_day: date | None


@dataclass(frozen=True)
class ElementOutcomesResult:
    """The answer: outcomes and pages, most usual first (the 50 most usual pages), and the course without gaps."""

    outcomes: tuple[Outcome, ...]
    totals: Totals
    pages: tuple[OnPage, ...]
    course: tuple[Span, ...]
    queries: tuple[Query, ...]


EXAMPLE = ElementOutcomes("button#pay-now", "/checkout/*")


def after(params: ElementOutcomes) -> Condition:
    """CTEs of which the last, `outcomes`, has a row per click."""
    test = clicks_on(params.page)
    own: dict[str, object] = {"element": params.element, "within_ms": params.within_ms}
    return Condition(AFTER.format(test=test.sql), merged([test.params, own]), "")


def queries(params: ElementOutcomes, scope: Scope) -> tuple[Query, ...]:
    """Outcomes, totals, pages, course, and the days in scope."""
    test = clicks_on(params.page)
    outcomes = after(params)
    values = {**test.params, "element": params.element}
    return (
        scope.query(outcomes.sql + COUNTED, limit=params.limit, **outcomes.params),
        scope.query(TOTALS.format(test=test.sql), **values),
        scope.query(PAGES.format(test=test.sql), **values),
        scope.query(COURSE.format(test=test.sql), unit=params.unit, **values),
        scope.query(DAYS),
    )


def run(store: Store, params: ElementOutcomes, scope: Scope) -> ElementOutcomesResult:
    """Ask `store`; an element that is not clicked has no outcomes."""
    asked = queries(params, scope)
    days = store.rows(asked[4], Days)[0]
    spans = {span.start: span for span in store.rows(asked[3], Span)}
    times = starts(days.first_day, days.last_day, params.unit)
    return ElementOutcomesResult(
        tuple(store.rows(asked[0], Outcome)),
        store.rows(asked[1], Totals)[0],
        tuple(store.rows(asked[2], OnPage)),
        tuple(spans.get(start, Span(start, 0, 0)) for start in times),
        asked,
    )
