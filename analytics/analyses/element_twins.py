"""Element twins: two names on one page that look like one element whose markup has changed.

Both always say the same one text (fields never do: theirs is what somebody typed), and one came as the other went: the
later is first clicked at most `overlap_days` before the earlier is clicked last, and the earlier no more after that.
What is clicked side by side for longer are two elements. Days are those of sessions.
"""

from dataclasses import dataclass
from datetime import date

from pydantic import with_config

from analytics.conditions import STRICT
from analytics.element_names import FIELD_TAGS
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

SQL = """
WITH by_key AS (
    SELECT element_key, count(*) AS clicks, min(day) AS first_seen, max(day) AS last_seen
    FROM scoped_clicks
    WHERE element_key IS NOT NULL AND page IS NOT NULL
    GROUP BY element_key
),
speaking AS (
    SELECT page, called, min(text) AS text,
        CAST(sum(clicks) AS BIGINT) AS clicks, min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM by_key JOIN elements USING (element_key)
    GROUP BY page, called
    HAVING min(text) = max(text) AND count(text) = count(*)
        AND max(CASE WHEN list_contains($fields, coalesce(element_tag, '')) THEN 1 ELSE 0 END) = 0
)
SELECT earlier.page, earlier.text, earlier.called AS earlier, later.called AS later,
    earlier.clicks AS earlier_clicks, later.clicks AS later_clicks,
    earlier.last_seen AS last_seen, later.first_seen AS first_seen
FROM speaking AS earlier JOIN speaking AS later
    ON earlier.page = later.page AND earlier.text = later.text AND earlier.called <> later.called
WHERE earlier.first_seen < later.first_seen AND earlier.last_seen < later.last_seen
    AND date_diff('day', later.first_seen, earlier.last_seen) <= $overlap_days
    AND earlier.clicks >= $least AND later.clicks >= $least
ORDER BY earlier.clicks + later.clicks DESC, earlier.page, earlier, later
LIMIT $limit
"""


@with_config(STRICT)
@dataclass(frozen=True)
class ElementTwins:
    """The question: pairs of which either has at least `least` clicks, the most clicked first."""

    overlap_days: int = 3
    least: int = 10
    limit: int = 20

    def __post_init__(self) -> None:
        if self.overlap_days < 0 or self.least < 1 or not 1 <= self.limit <= 1000:
            raise InvalidQuestion(
                "Twins overlap by 0 or more days, have at least one click and are 1 to 1,000; these are "
                f"{self.overlap_days} days, {self.least} clicks and {self.limit}."
            )


@dataclass(frozen=True)
class Twin:
    """On `page`, what was called `earlier` until `last_seen` is called `later` since `first_seen`; both say `text`."""

    page: str
    text: str
    earlier: str
    later: str
    earlier_clicks: int
    later_clicks: int
    last_seen: date
    first_seen: date


@dataclass(frozen=True)
class ElementTwinsResult:
    """The answer."""

    twins: tuple[Twin, ...]
    queries: tuple[Query, ...]


EXAMPLE = ElementTwins()


def queries(params: ElementTwins, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    values = {"overlap_days": params.overlap_days, "least": params.least, "limit": params.limit}
    return (scope.query(SQL, fields=list(FIELD_TAGS), **values),)


def run(store: Store, params: ElementTwins, scope: Scope) -> ElementTwinsResult:
    """Ask `store`; an empty scope has none."""
    asked = queries(params, scope)
    return ElementTwinsResult(tuple(store.rows(asked[0], Twin)), asked)
