"""Elements: every clicked element, how often and by how many it is clicked, how usual that is where it stands, and
since when.

An element is what `analytics.element_names` calls it, whatever the page. Days are those of sessions. `views` are stays
on the pages of the question where the element was clicked at all, `viewed` those of them in which it was: the share
says how many of those who could have clicked it did. Clicks that name no page count in everything but these two.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pydantic import with_config

from analytics.conditions import STRICT, Condition, Matcher, merged
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

Pages = str | tuple[str, ...] | None
MOST = 10_000
ORDERS = {"clicks": "clicks DESC", "newest": "first_seen DESC, clicks DESC", "silent": "last_seen, clicks DESC"}

FIELD = "coalesce(element_tag, '') IN ('input', 'textarea', 'select')"  # what it says may have been typed by somebody

# What is known of an element is looked up once per way to call it, not per click. Of one that says different things no
# text is its name.
KNOWN = """
WITH by_key AS (
    SELECT element_key, count(*) AS clicks, min(day) AS first_seen, max(day) AS last_seen
    FROM scoped_clicks
    WHERE {test} AND element_key IS NOT NULL
    GROUP BY element_key
),
pressed AS (
    SELECT called, page, sum(clicks) AS clicks, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
        min(element) AS element, max(element) AS other_element,
        count(CASE WHEN called <> ruled THEN 1 END) AS given,
        min(text) AS text, max(text) AS other_text, max(element_tag) AS element_tag,
        max(CASE WHEN {field} THEN 1 ELSE 0 END) AS field{found}
    FROM by_key JOIN elements USING (element_key)
    GROUP BY called, page
),
stays AS (
    SELECT page, count(*) AS views
    FROM scoped_visits
    WHERE page IS NOT NULL
    GROUP BY page
),
known AS (
    SELECT called,
        CASE WHEN min(element) = max(other_element) THEN min(element) ELSE called END AS element,
        sum(given) > 0 AS is_given,
        max(element_tag) AS element_tag,
        CASE WHEN min(text) = max(other_text) AND max(field) = 0 THEN min(text) END AS text,
        CASE WHEN min(page) = max(page) THEN min(page) END AS page,
        count(page) AS pages,
        CAST(sum(clicks) AS BIGINT) AS clicks,
        min(first_seen) AS first_seen,
        max(last_seen) AS last_seen,
        CAST(coalesce(sum(views), 0) AS BIGINT) AS views
    FROM pressed LEFT JOIN stays USING (page)
    GROUP BY called{having}
),
listed AS (
    SELECT *, count(*) OVER () AS total, row_number() OVER (ORDER BY {order}, called) AS place
    FROM known
    ORDER BY {order}, called
    LIMIT $limit OFFSET $offset
)"""
FOUND = """,
        max(CASE WHEN strpos(lower(replace(replace(called, '-', ' '), '_', ' ')), lower($search)) > 0
            OR strpos(lower(replace(replace(element, '-', ' '), '_', ' ')), lower($search)) > 0
            OR strpos(lower(called), lower($search)) > 0 OR strpos(lower(element), lower($search)) > 0
            OR strpos(lower(CASE WHEN NOT {field} THEN text END), lower($search)) > 0
            THEN 1 ELSE 0 END) AS found"""

# Sixty elements are the bits of one number, so that stays, sessions and people are each gone through once, not once per
# element: half the work of counting distinct ones
REACHED = """,
marked AS (
    SELECT element_key, CAST(floor((place - 1) / 60) AS INTEGER) AS block,
        CAST(pow(2, (place - 1) % 60) AS BIGINT) AS bit
    FROM listed JOIN elements ON elements.called = listed.called
),
presses AS (
    SELECT session_key, visit_no, user_key, page, block, bit
    FROM scoped_clicks JOIN marked USING (element_key)
    WHERE {test}
),
by_stay AS (
    SELECT session_key, visit_no, block, bit_or(bit) AS bits,
        bit_or(CASE WHEN page IS NULL THEN CAST(0 AS BIGINT) ELSE bit END) AS paged
    FROM presses
    GROUP BY session_key, visit_no, block
),
by_session AS (
    SELECT session_key, block, bit_or(bits) AS bits
    FROM by_stay
    GROUP BY session_key, block
),
by_person AS (
    SELECT user_key, block, bit_or(bit) AS bits
    FROM presses
    GROUP BY user_key, block
),
counted AS (
    SELECT block, paged AS bits, count(*) AS viewed, 0 AS sessions, 0 AS people
    FROM by_stay
    GROUP BY block, paged
    UNION ALL
    SELECT block, bits, 0 AS viewed, count(*) AS sessions, 0 AS people
    FROM by_session
    GROUP BY block, bits
    UNION ALL
    SELECT block, bits, 0 AS viewed, 0 AS sessions, count(*) AS people
    FROM by_person
    GROUP BY block, bits
),
bits_of AS (
    SELECT called, CAST(floor((place - 1) / 60) AS INTEGER) AS block, CAST(pow(2, (place - 1) % 60) AS BIGINT) AS bit
    FROM listed
),
reached AS (
    SELECT bits_of.called,
        CAST(sum(viewed) AS BIGINT) AS viewed,
        CAST(sum(sessions) AS BIGINT) AS sessions,
        CAST(sum(people) AS BIGINT) AS people
    FROM counted JOIN bits_of ON counted.block = bits_of.block AND (counted.bits & bits_of.bit) > 0
    GROUP BY bits_of.called
)
SELECT element, listed.called, is_given, element_tag, text, page, pages, clicks, sessions, people, viewed, views,
    first_seen, last_seen, total
FROM listed JOIN reached ON reached.called = listed.called
ORDER BY place
"""
COURSE = """,
times AS (
    SELECT element_key, CAST(date_trunc($unit, day) AS DATE) AS start, count(*) AS clicks
    FROM scoped_clicks
    WHERE {test} AND element_key IS NOT NULL
    GROUP BY 1, 2
)
SELECT elements.called, start, CAST(sum(times.clicks) AS BIGINT) AS clicks
FROM times JOIN elements USING (element_key) JOIN listed ON listed.called = elements.called
GROUP BY elements.called, start
ORDER BY elements.called, start
"""
TOTALS = """
first_and_last AS (
    SELECT min(day) AS first_day, max(day) AS last_day
    FROM scoped_sessions
),
nameless AS (
    SELECT count(*) AS unnamed
    FROM scoped_clicks
    WHERE {test} AND element_key IS NULL
),
named AS (
    {named}
)
SELECT elements, clicks, unnamed, first_day, last_day
FROM named CROSS JOIN nameless CROSS JOIN first_and_last
"""
NAMED = """SELECT count(DISTINCT called) AS elements, CAST(coalesce(sum(clicks), 0) AS BIGINT) AS clicks
    FROM (
        SELECT element_key, count(*) AS clicks
        FROM scoped_clicks
        WHERE {test} AND element_key IS NOT NULL
        GROUP BY element_key
    ) AS by_key JOIN elements USING (element_key)"""
SEARCHED = """SELECT count(*) AS elements, CAST(coalesce(sum(clicks), 0) AS BIGINT) AS clicks
    FROM known"""


@with_config(STRICT)
@dataclass(frozen=True)
class Elements:
    """The question: clicked elements on `page` (a glob, or several; None: anywhere) whose selector or text has `search`
    in it, whatever its case.

    `clicks` ranks the most clicked first, `newest` those first clicked latest, `silent` those last clicked longest ago.
    With `unit` each has its clicks by day or week.
    """

    page: Pages = None
    search: str = ""
    order_by: Literal["clicks", "newest", "silent"] = "clicks"
    unit: Literal["day", "week"] | None = None
    limit: int = 50
    offset: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MOST or self.offset < 0:
            raise InvalidQuestion(
                f"A list of elements has a limit from 1 to 10,000 and an offset from 0; "
                f"these are {self.limit} and {self.offset}."
            )
        if self.unit and self.limit > 200:
            raise InvalidQuestion(f"Clicks by {self.unit} are told of 200 elements at most, not {self.limit:,}.")


@dataclass(frozen=True)
class Row:
    """As the statement gives it."""

    element: str
    called: str
    is_given: bool
    element_tag: str | None
    text: str | None
    page: str | None
    pages: int
    clicks: int
    sessions: int
    people: int
    viewed: int
    views: int
    first_seen: date
    last_seen: date
    total: int


@dataclass(frozen=True)
class Clicked:
    """An element. `element` is what clicks call it; where they call it different things, it is `called`, which names it
    in other questions; `is_given`: by people. `text` is what it says, where it always says the same and is no field;
    `page` the one it is on, where `pages` is 1; `share` is `viewed / views`, None where no click names a page; `course`
    its clicks by unit of time."""

    element: str
    called: str
    is_given: bool
    element_tag: str | None
    text: str | None
    page: str | None
    pages: int
    clicks: int
    sessions: int
    people: int
    viewed: int
    views: int
    share: float | None
    first_seen: date
    last_seen: date
    course: tuple[int, ...] = ()


@dataclass(frozen=True)
class Count:
    """Clicks of one element in the day or week that begins at `start`."""

    called: str
    start: date
    clicks: int


@dataclass(frozen=True)
class Totals:
    """`elements` fit the question, with `clicks`; as many as `unnamed` clicks there name no element. The days are the
    first and the last that sessions in scope began on."""

    elements: int
    clicks: int
    unnamed: int
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True)
class ElementsResult:
    """The answer: one page of the list, its totals, and the first days of the units that each `course` goes through."""

    elements: tuple[Clicked, ...]
    totals: Totals
    starts: tuple[date, ...]
    queries: tuple[Query, ...]


EXAMPLE = Elements(page=("/checkout/*", "/cart"), search="a", unit="week", limit=20)


def clicks_on(page: Pages) -> Condition:
    """The test of a click's page, over a row of `scoped_clicks`."""
    return Matcher(page=page).test("on")


def queries(params: Elements, scope: Scope) -> tuple[Query, ...]:
    """The page asked for, the totals, and with a unit the clicks by time."""
    test = clicks_on(params.page)
    searched: dict[str, object] = {"search": params.search} if params.search else {}
    known = KNOWN.format(
        test=test.sql,
        order=ORDERS[params.order_by],
        field=FIELD,
        found=FOUND.format(field=FIELD) if searched else "",
        having="\n    HAVING max(found) = 1" if searched else "",
    )
    values = merged([test.params, searched, {"limit": params.limit, "offset": params.offset}])
    front, named = (f"{known},", SEARCHED) if searched else ("WITH", NAMED)
    counts = front + TOTALS.format(named=named.format(test=test.sql), test=test.sql)
    asked = [
        scope.query(known + REACHED.format(test=test.sql), **values),
        scope.query(counts, **(values if searched else test.params)),
    ]
    if params.unit:
        asked.append(scope.query(known + COURSE.format(test=test.sql), unit=params.unit, **values))
    return tuple(asked)


def starts(first: date | None, last: date | None, unit: str) -> tuple[date, ...]:
    """The first days of the days or weeks (from Monday) from `first` to `last`."""
    if first is None or last is None:
        return ()
    step = 7 if unit == "week" else 1
    begin = first - timedelta(days=first.weekday()) if step == 7 else first
    return tuple(begin + timedelta(days=n) for n in range(0, (last - begin).days + 1, step))


def run(store: Store, params: Elements, scope: Scope) -> ElementsResult:
    """Ask `store`; an empty scope gives no elements and zeros."""
    asked = queries(params, scope)
    totals = store.rows(asked[1], Totals)[0]
    times = starts(totals.first_day, totals.last_day, params.unit) if params.unit else ()
    clicks: dict[str, dict[date, int]] = defaultdict(dict)
    for count in store.rows(asked[2], Count) if params.unit else ():
        clicks[count.called][count.start] = count.clicks
    found = tuple(
        Clicked(
            row.element, row.called, row.is_given, row.element_tag, row.text, row.page, row.pages, row.clicks,
            row.sessions, row.people, row.viewed, row.views, row.viewed / row.views if row.views else None,
            row.first_seen, row.last_seen,
            tuple(clicks[row.called].get(start, 0) for start in times),
        )
        for row in store.rows(asked[0], Row)
    )  # fmt: skip
    return ElementsResult(found, totals, times, asked)
