"""Releases in the scope, and the day on which each took over: the dotted lines of every picture over time."""

import datetime as dt
from dataclasses import replace

from analytics.analyses import overview, values
from analytics.scope import Scope
from pages.shared.asking import ask

MOST = 8  # lines in a picture; more would be a fence


def takeovers(scope: Scope) -> dict[str, dt.date]:
    """The first day on which each release has more sessions than any other, in that order; the first one began it all.

    Whatever else `scope` narrows, a release took over when it did: only its days and releases count here.
    """
    within = Scope(start=scope.start, stop=scope.stop, releases=scope.releases)
    names = [value.value for value in ask(values, values.Values("release", limit=MOST), within).values]
    daily = {
        name: {point.start: point.sessions for point in ask(overview, DAILY, replace(within, releases=(name,))).series}
        for name in names
    }
    found: dict[str, dt.date] = {}
    for day in sorted({day for counts in daily.values() for day in counts}):
        leader = max(names, key=lambda name: daily[name].get(day, 0))
        found.setdefault(leader, day)
    return found


DAILY = overview.Overview(grain="day")
