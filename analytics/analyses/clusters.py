"""Clusters: which kinds of sessions there are, how many are of each, and how they fare.

Sessions are compared in what they do: how long they are, how many pages, clicks and errors they have, how often they
turn back, which events and which parts of the product they have. What hardly differs, or says the same as another, is
left out, and so is the goal's own event. Kinds are found by k-means in a sample of the sessions, the same one each
time; as many as are told apart best (by the silhouette), unless a number is asked for. Then every session is of the
kind whose centre is nearest.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from pydantic import with_config

from analytics import clustering, grouping, stats, vocabulary
from analytics.cluster_names import Trait, naming
from analytics.clustering import Cluster, Feature
from analytics.conditions import STRICT, Condition, Matcher, merged
from analytics.errors import InvalidQuestion
from analytics.path_items import Groups, check_groups, group_values, name_of, pages_of, renamed
from analytics.query import Query
from analytics.scope import Scope
from analytics.stats import Sums, kinds
from analytics.stats.kinds import Matrix, Silhouette
from analytics.store import Store

SAMPLE, FEWEST = 20_000, 50  # sessions
OFFERED = {"event": 12, "page": 8}  # the most usual ones, that are measured in the sample
TAKEN = {"event": 4, "page": 3}  # of these, the ones that differ most
ALWAYS = ("duration", "pages", "clicks", "errors", "turns", "events")
# said by other features, or no act of a person
NOT_NAMES = {getattr(vocabulary, name) for name in "PAGE_VIEW CLICK ERROR MOVE FOCUS PAGE_LEAVE".split()}
WEAK = 0.25  # of a silhouette

SAMPLED = """
WITH sample AS MATERIALIZED (
    SELECT session_key AS sample_key
    FROM scoped_sessions
    ORDER BY md5(session_id), session_id
    LIMIT $sample
)"""
CANDIDATES = """,
seen AS (
    SELECT 'event' AS kind, name AS item, count(DISTINCT session_key) AS sessions
    FROM scoped
    WHERE session_key IN (SELECT sample_key FROM sample)
    GROUP BY name
    UNION ALL
    SELECT 'page' AS kind, item, count(DISTINCT session_key) AS sessions
    FROM (
        SELECT {item} AS item, session_key
        FROM scoped_visits
        WHERE viewed AND session_key IN (SELECT sample_key FROM sample)
    ) AS stays
    WHERE item IS NOT NULL
    GROUP BY item
)
SELECT kind, item, sessions
FROM (SELECT *, row_number() OVER (PARTITION BY kind ORDER BY sessions DESC, item) AS place FROM seen) AS ranked
WHERE place <= $most
ORDER BY kind, sessions DESC, item
"""
MEASURES = """,
of_sample AS (
    SELECT *
    FROM scoped_sessions
    WHERE session_key IN (SELECT sample_key FROM sample)
),
stays_of_sample AS (
    SELECT *
    FROM scoped_visits
    WHERE session_key IN (SELECT sample_key FROM sample)
),
measured AS ({measured}
)
SELECT {measures}
FROM measured
ORDER BY md5(session_id), session_id
"""
FIGURES = """
WITH reached AS (
    SELECT DISTINCT session_key AS reached_key
    FROM scoped
    WHERE {goal}
),
placed AS ({nearest}
),
told AS MATERIALIZED (
    SELECT nearest AS number, user_key, duration_ms, page_views, events, errors,
        CASE WHEN reached_key IS NULL THEN 0 ELSE 1 END AS converted
    FROM placed
    LEFT JOIN reached ON reached_key = session_key
),
persons AS (
    SELECT number, count(*) AS n, sum(converted) AS s
    FROM told
    GROUP BY number, user_key
),
sums AS (
    SELECT number AS of_number, count(*) AS people, CAST(sum(s * s) AS BIGINT) AS squares,
        CAST(sum(s * n) AS BIGINT) AS crosses, CAST(sum(n * n) AS BIGINT) AS counts
    FROM persons
    GROUP BY number
)
SELECT number, count(*) AS sessions, max(people) AS people, CAST(sum(converted) AS BIGINT) AS converted,
    max(squares) AS squares, max(crosses) AS crosses, max(counts) AS counts, median(duration_ms) AS median_ms,
    median(page_views) AS median_pages, median(events) AS median_events, CAST(sum(errors) AS BIGINT) AS errors,
    count(CASE WHEN errors > 0 THEN 1 END) AS with_error
FROM told JOIN sums ON of_number = number
GROUP BY number
ORDER BY number
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Clusters:
    """The question: the kinds of sessions, `k` of them or as many as are told apart best; `goal` counts as success.

    `groups` are pages that are one place.
    """

    goal: Matcher | None = None
    groups: Groups = ()
    k: int | None = None

    def __post_init__(self) -> None:
        check_groups(self.groups)
        if self.k is not None and not 2 <= self.k <= kinds.MOST:
            raise InvalidQuestion(f"2 to {kinds.MOST} kinds of sessions can be told apart, not {self.k}.")


@dataclass(frozen=True)
class Candidate:
    """An event's name or a place, and in how many sessions of the sample it is."""

    kind: Literal["event", "page"]
    item: str
    sessions: int


@dataclass(frozen=True)
class Figures:
    """As the statement gives it."""

    number: int
    sessions: int
    people: int
    converted: int
    squares: int
    crosses: int
    counts: int
    median_ms: float
    median_pages: float
    median_events: float
    errors: int
    with_error: int


@dataclass(frozen=True)
class Kind:
    """Sessions whose nearest centre is `number`, from 1, the kind of most sessions of the sample first.

    `converted` reach the goal, and `low` to `high` is the 95 % interval of their share; None without a goal. One trait
    for each feature of the answer.
    """

    number: int
    name: str
    sessions: int
    people: int
    converted: int | None
    low: float | None
    high: float | None
    median_ms: float
    median_pages: float
    median_events: float
    errors: int
    with_error: int
    traits: tuple[Trait, ...]


@dataclass(frozen=True)
class ClustersResult:
    """The answer: no kinds where there are too few sessions (`FEWEST`) or where all are alike.

    `average` has a trait for each feature over the whole sample. `cluster` is the rule, its `number` that of any kind.
    """

    kinds: tuple[Kind, ...]
    features: tuple[Feature, ...]
    average: tuple[Trait, ...]
    silhouettes: tuple[Silhouette, ...]
    sample: int
    cluster: Cluster | None
    queries: tuple[Query, ...]

    @property
    def sessions(self) -> int:
        """Of all kinds."""
        return sum(kind.sessions for kind in self.kinds)

    @property
    def silhouette(self) -> float | None:
        """Of as many kinds as there are."""
        return next((one.value for one in self.silhouettes if one.k == len(self.kinds)), None)

    def rule(self, kind: Kind) -> Cluster:
        """The kind as a filter of a scope."""
        return cast(Cluster, self.cluster).of(kind.number, kind.name)


EXAMPLE = Clusters(goal=Matcher(name="order"), groups=("/product/*", "/category/*"))


def queries(params: Clusters, scope: Scope) -> tuple[Query, ...]:
    """The first statement: what the others measure depends on its answer. The result has all of them."""
    sql = SAMPLED + CANDIDATES.format(item=renamed(params.groups, "page"))
    return (scope.query(sql, sample=SAMPLE, most=1000, **group_values(params.groups)),)


def run(store: Store, params: Clusters, scope: Scope) -> ClustersResult:
    """Ask `store`; an empty scope has no kinds."""
    [asked] = queries(params, scope)
    offered = _offered(store.rows(asked, Candidate), params)
    sampled = measures(offered, scope)
    rows = np.array([row for batch in _after_head(store, sampled) for row in batch], dtype=float)
    rows = rows.reshape(-1, len(offered))
    kept = kinds.telling(rows, [feature.of for feature in offered], TAKEN) if len(rows) >= FEWEST else []
    features, rows = tuple(offered[n] for n in kept), rows[:, kept]
    if not features:
        return ClustersResult((), (), (), (), len(rows), None, (asked, sampled))
    scales = kinds.scales(rows).round(4)
    scaled = rows / scales
    found = kinds.silhouettes(scaled)
    k = min(params.k or kinds.clearest(found), kinds.different(scaled))
    centres = kinds.centres(scaled, k).round(4)
    rule = Cluster(features, tuple(map(float, scales)), tuple(tuple(map(float, one)) for one in centres), 1)
    traits, average = _traits(rows, scales, kinds.nearest(scaled, centres), k)
    names = naming(features, traits, average)
    told = figures(rule, params.goal, scope)
    answer = tuple(
        _kind(row, names[row.number - 1], params.goal is not None, traits[row.number - 1])
        for row in store.rows(told, Figures)
    )
    return ClustersResult(answer, features, average, found, len(rows), rule, (asked, sampled, told))


def measures(features: tuple[Feature, ...], scope: Scope) -> Query:
    """The features of the sample, a row per session."""
    inner = clustering.measured(features, "sample", ("session_id",), "of_sample", "stays_of_sample")
    listed = ", ".join(f"measure_{n}" for n in range(1, len(features) + 1))
    return scope.query(SAMPLED + MEASURES.format(measured=inner.sql, measures=listed), sample=SAMPLE, **inner.params)


def figures(rule: Cluster, goal: Matcher | None, scope: Scope) -> Query:
    """What becomes of the sessions of each kind, of all in scope."""
    kept = "session_key user_key duration_ms page_views events errors".split()
    inner = clustering.nearest(rule, "kinds", kept, "scoped_sessions", "scoped_visits")
    reached = goal.test("goal") if goal else Condition("false", {}, "")
    sql = FIGURES.format(goal=reached.sql, nearest=inner.sql)
    return scope.query(sql, **merged([inner.params, reached.params]))


def _after_head(store: Store, query: Query) -> list[list[tuple[object, ...]]]:
    return list(store.batches(query))[1:]


def _offered(candidates: list[Candidate], params: Clusters) -> tuple[Feature, ...]:
    """What is measured in the sample: the always and the most usual events and places."""
    unsaid = NOT_NAMES | {params.goal.only_name if params.goal else None}
    names = [one.item for one in candidates if one.kind == "event" and one.item not in unsaid]
    places = _places({one.item: one.sessions for one in candidates if one.kind == "page"}, params.groups)
    always = [Feature(cast(clustering.Of, of)) for of in ALWAYS]
    events = [Feature("event", name) for name in names[: OFFERED["event"]]]
    return (*always, *events, *places[: OFFERED["page"]])


def _places(pages: dict[str, int], groups: Groups) -> list[Feature]:
    """Groups; of all other pages the sections that hold several, and those that stand alone. The most usual first."""
    known = {name_of(group): pages_of(group) for group in groups}
    below = Counter(grouping.section(page) for page in pages if page not in known)
    count: Counter[str] = Counter()
    for page, sessions in pages.items():
        section = grouping.section(page)
        whole = page not in known and below[section] > 1 and page.startswith(f"{section}/")
        count[f"{section}/*" if whole else page] += sessions
    return [
        Feature("page", place, known.get(place, (place,)))
        for place, _ in sorted(count.items(), key=lambda one: (-one[1], one[0]))
    ]


def _traits(
    rows: Matrix, scales: Matrix, nearest: np.ndarray, k: int
) -> tuple[tuple[tuple[Trait, ...], ...], tuple[Trait, ...]]:
    amounts, middle = np.expm1(rows), rows.mean(axis=0)

    def of(those: np.ndarray) -> tuple[Trait, ...]:
        if not those.any():  # nearest to another one after rounding
            return tuple(Trait(0.0, 0.0, 0.0) for _ in scales)
        above = (rows[those].mean(axis=0) - middle) / scales
        shares = (rows[those] > 0).mean(axis=0)
        means = amounts[those].mean(axis=0)
        return tuple(Trait(*map(float, trait)) for trait in zip(means, shares, above, strict=True))

    return tuple(of(nearest == n) for n in range(k)), of(np.ones(len(rows), dtype=bool))


def _kind(row: Figures, name: str, with_goal: bool, traits: tuple[Trait, ...]) -> Kind:
    low, high = _interval(row) if with_goal else (None, None)
    return Kind(
        row.number, name, row.sessions, row.people, row.converted if with_goal else None, low, high,
        row.median_ms, row.median_pages, row.median_events, row.errors, row.with_error, traits,
    )  # fmt: skip


def _interval(row: Figures) -> tuple[float, float]:
    if row.people == row.sessions:
        return stats.wilson(row.converted, row.sessions)
    return stats.share_interval(
        Sums(row.sessions, row.converted, row.converted, row.people, row.squares, row.crosses, row.counts)
    )
