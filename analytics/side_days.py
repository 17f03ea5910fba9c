"""Which days the two sides of a comparison cover, and how they lie to each other, from their sessions by day."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from analytics.conditions import AllOf, Filter, Where
from analytics.scope import Scope
from analytics.stats.placebo import DAY, Windows

SIDE_BY_SIDE = 0.8  # of the sessions on the same days: then the sides are of one time
Days = Mapping[dt.date, int]


def common(before: Scope, after: Scope) -> Scope | None:
    """What both sides are beside their days and releases; None where they differ in more."""
    one, other = (replace(side, start=None, stop=None, releases=()) for side in (before, after))
    return one if one == other else None


def chosen(before: Scope, after: Scope) -> set[str]:
    """The fields by which the sides differ on purpose."""
    found = {"release"} if before.releases != after.releases else set()
    found |= {"device"} if before.devices != after.devices else set()
    found |= {"country"} if before.countries != after.countries else set()
    return found | {filter_.field for filter_ in set(_leaves(before.where)) ^ set(_leaves(after.where))}


def _leaves(where: tuple[Where, ...]) -> Iterator[Filter]:
    for each in where:
        if isinstance(each, Filter):
            yield each
        else:
            yield from _leaves(each.all if isinstance(each, AllOf) else each.any)


def overlap(before: Days, after: Days) -> float:
    """The share of the sessions of either side that are of the same days, from 0 to 1; both sides hold some."""
    sums = sum(before.values()), sum(after.values())
    return sum(min(number / sums[0], after.get(day, 0) / sums[1]) for day, number in before.items())


@dataclass(frozen=True)
class Sides:
    """Both scopes as they were asked for; by day their sessions within what else is asked, and those of everybody alike
    (`common`)."""

    before: Scope
    after: Scope
    before_days: Days
    after_days: Days
    days: Days

    def windows(self) -> Windows:
        """The days that each side covers: its range as far as there are data, else from the first to the last day on
        which it had most of the sessions (a release still lingers on while the next one has taken over)."""
        first, stop = self._covered(self.before, self.before_days, self.after_days)
        begin, end = self._covered(self.after, self.after_days, self.before_days)
        return Windows(first, (stop - first).days, begin, (end - begin).days)

    def _covered(self, side: Scope, own: Days, other: Days) -> tuple[dt.date, dt.date]:
        if side.start and side.stop:
            held = self.days or own
            return max(side.start, min(held)), min(side.stop, max(held) + DAY)
        most = [day for day, number in own.items() if 2 * number >= self.days.get(day, 0)] if self.days else []
        found = most or [day for day, number in own.items() if number >= other.get(day, 0)] or list(own)
        return min(found), max(found) + DAY


def within(days: Days, start: dt.date, number: int) -> int:
    """Sessions of `number` days from `start` on."""
    return sum(days.get(start + n * DAY, 0) for n in range(number))
