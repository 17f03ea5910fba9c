"""Releases: which releases sessions had, when each took over, and its share of the sessions of every day.

A release takes over on the first day on which more sessions have it than any other; until then, and if it never does,
it is tried out. Their order is that of taking over, not that of names.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import with_config

from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

SQL = """
WITH daily AS (
    SELECT day, release, count(*) AS sessions
    FROM scoped_sessions
    GROUP BY day, release
),
usual AS (
    SELECT release AS known
    FROM daily
    WHERE release IS NOT NULL
    GROUP BY release
    ORDER BY sum(sessions) DESC, release
    LIMIT $limit
)
SELECT day, known AS release, CAST(sum(sessions) AS BIGINT) AS sessions,
    CAST(sum(CASE WHEN release IS NULL THEN sessions ELSE 0 END) AS BIGINT) AS without
FROM daily LEFT JOIN usual ON known = release
GROUP BY day, known
ORDER BY day, sessions DESC, release
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Releases:
    """The question: the `limit` releases that most sessions have; those of all others count as sessions alone."""

    limit: int = 100

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= 1000:
            raise InvalidQuestion(f"Releases are listed up to a limit from 1 to 1,000, not {self.limit}.")


@dataclass(frozen=True)
class Row:
    """As the statement gives it; without `release`: of no release, or of one beyond the limit."""

    day: dt.date
    release: str | None
    sessions: int
    without: int


@dataclass(frozen=True)
class Release:
    """`took_over` is None of one that was only tried out; `peak` its largest share of a day's sessions, on `peak_day`.

    `before` is the one that led until it came: None where there was none.
    """

    release: str
    sessions: int
    first: dt.date
    last: dt.date
    took_over: dt.date | None
    days_led: int
    peak: float
    peak_day: dt.date
    before: str | None


@dataclass(frozen=True)
class Day:
    """How many sessions began on a day, and how many of them have which release, most first."""

    day: dt.date
    sessions: int
    releases: tuple[tuple[str, int], ...]

    def share(self, release: str) -> float:
        """Of the day's sessions."""
        return dict(self.releases).get(release, 0) / self.sessions


@dataclass(frozen=True)
class ReleasesResult:
    """The answer, in the order of taking over; `without` is how many of `sessions` have no release."""

    releases: tuple[Release, ...]
    days: tuple[Day, ...]
    sessions: int
    without: int
    queries: tuple[Query, ...]


EXAMPLE = Releases()


def queries(params: Releases, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    return (scope.query(SQL, limit=params.limit),)


def run(store: Store, params: Releases, scope: Scope) -> ReleasesResult:
    """Ask `store`; an empty scope has no release."""
    asked = queries(params, scope)
    rows = store.rows(asked[0], Row)
    of_day: dict[dt.date, list[Row]] = defaultdict(list)
    for row in rows:
        of_day[row.day].append(row)
    days = tuple(
        Day(
            day,
            sum(row.sessions for row in there),
            tuple((row.release, row.sessions) for row in there if row.release is not None),
        )
        for day, there in of_day.items()
    )
    return ReleasesResult(
        _releases(days), days, sum(day.sessions for day in days), sum(row.without for row in rows), asked
    )


def _releases(days: tuple[Day, ...]) -> tuple[Release, ...]:
    leaders = _leaders(days)
    took_over: dict[str, dt.date] = {}
    for day, leader in leaders.items():
        took_over.setdefault(leader, day)
    found = []
    for name in dict.fromkeys(name for day in days for name, _ in day.releases):
        had = [day for day in days if day.share(name)]
        peak = max(had, key=lambda day: day.share(name))
        found.append(
            Release(
                name,
                sum(dict(day.releases)[name] for day in had),
                had[0].day,
                had[-1].day,
                took_over.get(name),
                sum(leader == name for leader in leaders.values()),
                peak.share(name),
                peak.day,
                _before(name, had, took_over, leaders),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.took_over or one.peak_day, one.took_over is None, one.release)))


def _leaders(days: tuple[Day, ...]) -> dict[dt.date, str]:
    """Of each day on which a session has a release, that of most; of equals the one of the day before."""
    found: dict[dt.date, str] = {}
    leader = ""
    for day in days:
        most = [name for name, sessions in day.releases if sessions == day.releases[0][1]]
        if most:
            leader = leader if leader in most else most[0]
            found[day.day] = leader
    return found


def _before(name: str, had: list[Day], took_over: Mapping[str, dt.date], leaders: Mapping[dt.date, str]) -> str | None:
    """The last that took over before `name` did; beside one that never did, whatever led on most of its days."""
    if name in took_over:
        earlier = [other for other, day in took_over.items() if day < took_over[name]]
        return earlier[-1] if earlier else None
    beside = Counter(leaders[day.day] for day in had)
    return beside.most_common(1)[0][0]
