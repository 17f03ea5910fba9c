"""Mix: the sums that a metric is made of, by the values of several fields, on both sides of a comparison.

All fields are counted in one pass. `stats.kitagawa` tells from them what a changed mix alone makes of a difference.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics import metrics
from analytics.conditions import STRICT, Matcher
from analytics.errors import InvalidQuestion
from analytics.metrics import Goal
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store
from analytics.two_sides import TwoSides

Field = Literal["device", "release", "country", "entry_page", "new", "campaign", "browser", "weekday"]
FIELDS: dict[Field, str] = {  # as texts; what is missing is the empty text, which no value is
    "device": "coalesce(device, '')",
    "release": "coalesce(release, '')",
    "country": "coalesce(country, '')",
    "entry_page": "coalesce(entry_page, '')",
    "new": "CASE WHEN first_seen = start THEN 'new' ELSE 'returning' END",
    "campaign": "coalesce(campaign, '')",
    "browser": "coalesce(browser, '')",
    "weekday": "CAST(weekday AS VARCHAR)",
}
SQL = """
WITH {source},
held AS (
    SELECT
        side,
        {columns},
        {sessions} AS n,
        {numerator} AS x,
        {denominator} AS y
    FROM measured
),
by_value AS (
    SELECT side, {fields},
        sum(n) AS n, sum(x) AS total, sum(y) AS weight, sum(CAST(x AS DOUBLE) * x) AS squares,
        sum(CAST(x AS DOUBLE) * y) AS products, sum(CAST(y AS DOUBLE) * y) AS weight_squares
    FROM held
    GROUP BY GROUPING SETS (
        {sets}
    )
),
named AS (
    SELECT
        side,
        CASE
            {which}
        END AS field,
        coalesce({fields}) AS value,
        n, total, weight, squares, products, weight_squares
    FROM by_value
),
totalled AS (
    SELECT *, sum(n) OVER (PARTITION BY field, value) AS both_sides
    FROM named
),
ranked AS (
    SELECT *, dense_rank() OVER (PARTITION BY field ORDER BY both_sides DESC, value) AS place
    FROM totalled
)
SELECT
    side,
    field,
    CASE WHEN place <= $limit THEN value END AS value,
    CAST(sum(n) AS BIGINT) AS n,
    CAST(sum(total) AS DOUBLE) AS total,
    CAST(sum(weight) AS DOUBLE) AS weight,
    sum(squares) AS squares,
    sum(products) AS products,
    sum(weight_squares) AS weight_squares
FROM ranked
GROUP BY side, field, CASE WHEN place <= $limit THEN value END
ORDER BY field, value NULLS LAST, side
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Mix:
    """The question: `metric` of the sessions `before` and `after`, by the `limit` most usual values of each field."""

    before: Scope
    after: Scope
    metric: str
    fields: tuple[Field, ...] = tuple(FIELDS)
    goal: Goal | None = None
    limit: int = 50

    def __post_init__(self) -> None:
        if not self.fields:
            raise InvalidQuestion("A mix needs at least one field.")
        if not 1 <= self.limit <= 1000:
            raise InvalidQuestion(f"A mix has from 1 to 1,000 values of a field, not {self.limit}.")
        (metric,) = metrics.chosen([self.metric], self.goal)
        if metric.kind == "quantile":
            raise InvalidQuestion(f"The metric {self.metric!r} is a quantile, which no mix adds up to.")


@dataclass(frozen=True)
class Share:
    """The `n` sessions with the metric of one `side` (0 before, 1 after) that have `value`: the sums of `stats.Part`.

    An empty `value` is what no session says, None all values beyond the most usual.
    """

    side: int
    field: str
    value: str | None
    n: int
    total: float
    weight: float
    squares: float
    products: float
    weight_squares: float


@dataclass(frozen=True)
class MixResult:
    """The answer, a field after the other; a value that a side lacks is not there."""

    shares: tuple[Share, ...]
    queries: tuple[Query, ...]


EXAMPLE = Mix(Scope(releases=("1.0",)), Scope(releases=("1.1",)), "conversion", goal=Matcher(name="order"))


def queries(params: Mix, scope: Scope) -> tuple[Query, ...]:
    """One statement over both sides, each narrowed to `scope`."""
    (metric,) = metrics.chosen([params.metric], params.goal)
    also = (metrics.METRICS["new"],) if "new" in params.fields else ()
    source = metrics.source((metric, *also), params.goal, sessions="sided_sessions")
    sql = SQL.format(
        source=source.ctes,
        columns=",\n        ".join(f"{FIELDS[field]} AS of_{field}" for field in params.fields),
        sessions=metric.sessions,
        numerator=metric.numerator,
        denominator=metric.denominator,
        fields=", ".join(f"of_{field}" for field in params.fields),
        sets=",\n        ".join(f"(side, of_{field})" for field in params.fields),
        which="\n            ".join(f"WHEN of_{field} IS NOT NULL THEN '{field}'" for field in params.fields),
    )
    sides = TwoSides.within(params.before, params.after, scope)
    return (sides.query(sql, limit=params.limit, **source.params),)


def run(store: Store, params: Mix, scope: Scope) -> MixResult:
    """Ask `store`; empty sides have no values."""
    asked = queries(params, scope)
    return MixResult(tuple(store.rows(asked[0], Share)), asked)
