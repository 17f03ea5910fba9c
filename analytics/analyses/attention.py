"""Attention: how long each band of a page was in the window, per view.

A view is a viewed stay on the page. Its window stands at the top until a scroll says otherwise: it then ends at that
event's scroll depth, until the next scroll. Time is active time: from an event to the session's next one, at most 30 s
of a pause (after the last event there is none). A band is in the window when its middle is. Views that tell no size of
window and page are left out and counted.

Means of very many views hardly differ from those of many: of more than `most` views only those of every second, third,
... session are read; `views` and `of` say so.
"""

from dataclasses import dataclass

from pydantic import with_config

from analytics.analyses.scroll import check_viewport, on_page
from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

PAUSE_MS = 30_000

# Time is summed by first and last band in the window, a few hundred sums; which bands lie between is Python's
SQL = """
WITH seen AS (
    SELECT session_key, visit_no, first_screen
    FROM scoped_visits
    WHERE viewed AND {test}
),
counted AS (
    SELECT count(*) AS views FROM seen
),
some_views AS (
    SELECT session_key, visit_no, first_screen
    FROM seen CROSS JOIN counted
    WHERE session_key % greatest(1, CAST(floor(counted.views / $most) AS INTEGER)) = 0
),
told AS (
    SELECT session_key, visit_no, position, page, offset_ms,
        CASE WHEN viewport_height > 0 AND page_height > 0
            THEN CASE WHEN viewport_height < page_height THEN viewport_height * 1e0 / page_height ELSE 1e0 END
        END AS tall,
        CASE WHEN name = 'scroll' THEN scroll_depth END AS depth
    FROM scoped
    WHERE session_key IN (SELECT session_key FROM some_views)
),
timed AS (
    SELECT session_key, visit_no,
        lead(offset_ms) OVER (PARTITION BY session_key ORDER BY position) - offset_ms AS ms,
        last_value(tall IGNORE NULLS) OVER up_to_now AS tall,
        last_value(depth IGNORE NULLS) OVER up_to_now AS depth
    FROM told
    WINDOW up_to_now AS (
        PARTITION BY session_key, visit_no ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
),
windows AS (
    SELECT CASE WHEN ms < $pause THEN ms ELSE $pause END AS ms,
        coalesce(timed.tall, first_screen) AS tall,
        CASE WHEN coalesce(depth, 0) > coalesce(timed.tall, first_screen) THEN depth
            ELSE coalesce(timed.tall, first_screen) END AS bottom
    FROM timed JOIN some_views USING (session_key, visit_no)
    WHERE ms > 0 AND first_screen IS NOT NULL
),
bands AS (
    SELECT ms, CAST(ceil($bands * (bottom - tall) - 0.5000001) AS INTEGER) AS first_band,
        CAST(floor($bands * bottom - 0.4999999) AS INTEGER) AS last_band
    FROM windows
)
SELECT first_band, last_band, CAST(sum(ms) AS BIGINT) AS ms
FROM bands
GROUP BY first_band, last_band
ORDER BY first_band, last_band
"""
VIEWS = """
WITH seen AS (
    SELECT session_key, first_screen
    FROM scoped_visits
    WHERE viewed AND {test}
),
counted AS (
    SELECT count(*) AS views FROM seen
)
SELECT count(*) AS views, count(CASE WHEN first_screen IS NULL THEN 1 END) AS unknown, max(counted.views) AS of_views
FROM seen CROSS JOIN counted
WHERE session_key % greatest(1, CAST(floor(counted.views / $most) AS INTEGER)) = 0
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Attention:
    """The question: views of `page` (a glob, or several), their height cut into `bands`. `viewport` is the window's
    width in CSS pixels, both ends inside. About `most` views are read, up to twice as many."""

    page: str | tuple[str, ...]
    viewport: tuple[int, int] | None = None
    bands: int = 20
    most: int = 50_000

    def __post_init__(self) -> None:
        check_viewport(self.viewport)
        if not 1 <= self.bands <= 200 or self.most < 1:
            raise InvalidQuestion(
                f"A page is cut into 1 to 200 bands, of at least one view; these are {self.bands} of {self.most}."
            )


@dataclass(frozen=True)
class Span:
    """Milliseconds in which the bands from `first_band` to `last_band`, from 0, were in the window."""

    first_band: int
    last_band: int
    ms: int


@dataclass(frozen=True)
class Views:
    """How many views were read, of how many; `unknown` of those read tell no sizes."""

    views: int
    unknown: int
    of_views: int | None


@dataclass(frozen=True)
class Band:
    """The band from `top` to `bottom`, shares of the page's height, was in the window `seconds` per view."""

    top: float
    bottom: float
    seconds: float


@dataclass(frozen=True)
class AttentionResult:
    """The answer, from the top; nothing where no view tells its sizes. `views` is what the means are of, out of `of`
    views of the page; `unknown` views tell no size."""

    bands: tuple[Band, ...]
    views: int
    unknown: int
    of: int
    queries: tuple[Query, ...]


EXAMPLE = Attention(page="/checkout/payment", viewport=(320, 480))


def queries(params: Attention, scope: Scope) -> tuple[Query, ...]:
    """Time by what was in the window, and the views."""
    test = on_page(params.page, params.viewport)
    return (
        scope.query(SQL.format(test=test.sql), bands=params.bands, most=params.most, pause=PAUSE_MS, **test.params),
        scope.query(VIEWS.format(test=test.sql), most=params.most, **test.params),
    )


def run(store: Store, params: Attention, scope: Scope) -> AttentionResult:
    """Ask `store`; a page that nobody viewed has no bands."""
    asked = queries(params, scope)
    spans, views = store.rows(asked[0], Span), store.rows(asked[1], Views)[0]
    known, n = views.views - views.unknown, params.bands
    found = []
    for band in range(n) if known else ():
        ms = sum(span.ms for span in spans if span.first_band <= band <= span.last_band)
        found.append(Band(band / n, (band + 1) / n, ms / 1000 / known))
    return AttentionResult(tuple(found), known, views.unknown, views.of_views or 0, asked)
