"""The releases of this store: those that sessions carry, and those that the team has defined by a day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from analytics import words
from analytics.analyses import releases
from analytics.analyses.releases import Release, ReleasesResult
from analytics.scope import Scope
from analytics.workspace import releases as named
from analytics.workspace.releases import Named
from pages.changes.ranges import adjacent
from pages.changes.sides import Sides
from pages.shared import ask, extent
from pages.shared.waiting import answer

WEEKS = 8  # at most, on either side of a day


@dataclass(frozen=True)
class WentOut:
    """One release. `value` is what sessions carry, None of one that is only a day; `day` None of one that was only
    tried out. `id` is that of the name, or of the definition, that the team has kept."""

    name: str
    day: dt.date | None
    value: str | None = None
    found: Release | None = None
    id: str | None = None

    @property
    def link(self) -> dict[str, str]:
        """As a link says it."""
        return {"release": self.value} if self.value is not None else {"went_out": self.name}

    @property
    def since(self) -> dt.date:
        """The day by which it stands in the list."""
        return self.day or (self.found.peak_day if self.found else dt.date.min)


@dataclass(frozen=True)
class Pair:
    """A release against what was before it, or, in `why` (plain text), why there is nothing to compare.

    `remark`: what has to be known of the two sides.
    """

    sides: Sides | None
    before: str = ""
    why: str = ""
    remark: str = ""


def detected() -> ReleasesResult:
    """What the sessions say, whatever the sidebar narrows."""
    found: ReleasesResult = ask(releases, releases.Releases(), Scope())
    return found


def kept() -> Sequence[Named]:
    """What the team has named and defined."""
    return answer("releases-named", named.known)


def known(found: ReleasesResult, own: Sequence[Named]) -> list[WentOut]:
    """All releases, the latest first."""
    names = {one.value: one for one in own if one.value is not None}
    every = [
        WentOut(one.release, one.took_over, one.release, one)
        if one.release not in names
        else WentOut(names[one.release].name, one.took_over, one.release, one, names[one.release].id)
        for one in found.releases
    ]
    every += [WentOut(one.name, one.day, id=one.id) for one in own if one.day is not None]
    return sorted(every, key=lambda one: one.since, reverse=True)


def name_of(value: str, every: Sequence[WentOut]) -> str:
    """What the team calls the release that sessions carry as `value`."""
    return next((one.name for one in every if one.value == value), value)


def pair(one: WentOut, every: Sequence[WentOut]) -> Pair:
    """What it is compared with."""
    if one.found is not None:
        if one.found.before is None:
            return Pair(
                None, why=f"Release {one.name} is the first in this store, so there is nothing to compare with."
            )
        before = Sides(Scope(releases=(one.found.before,)), Scope(releases=(one.found.release,)))
        remark = ""
        if one.day is None:
            remark = (
                f"It was only tried out: on no day did most sessions have it, on {words.day(one.found.peak_day)} "
                f"{words.percent(one.found.peak)} did."
            )
        return Pair(before, name_of(one.found.before, every), remark=remark)
    whole = extent()
    if one.day is None or whole.first is None or whole.last is None:
        return Pair(None, why=f"No session tells what was before {one.name}.")
    return weeks_around(one, every, whole.first, whole.last)


def weeks_around(one: WentOut, every: Sequence[WentOut], first: dt.date, last: dt.date) -> Pair:
    """As many whole weeks before a day as from it on: up to the releases next to it, unless these are nearer than a
    week; `first` and `last` are the days with sessions."""
    day = one.day or first
    others = [other.day for other in every if other.day and other != one and other.value is None]
    begin, end = first, last + dt.timedelta(days=1)
    reached = min((day - begin).days, (end - day).days) // 7
    if reached < 1:
        side, days = ("before", (day - begin).days) if day - begin < end - day else ("from it on", (end - day).days)
        held = f"{'is' if days == 1 else 'are'} {words.many(days, 'day')}" if days > 0 else "is no day"
        return Pair(None, why=f"{one.name} went out on {words.day(day, year=True)}: there {held} with sessions "
                              f"{side}, and a comparison needs a whole week.")  # fmt: skip
    earlier = max((other for other in others if other <= day), default=begin)
    later = min((other for other in others if other > day), default=end)
    room = min((day - earlier).days, (later - day).days) // 7
    weeks = min(reached, room or 1, WEEKS)
    before, after = adjacent(day, 7 * weeks)
    within = [other for other in others if before.start and after.stop and before.start < other < after.stop]
    remark = "" if room or not within else "Another release went out in these weeks as well."
    return Pair(
        Sides(before, after),
        "the week before" if weeks == 1 else f"the {words.many(weeks, 'week')} before",
        remark=remark,
    )


def told(sides: Sides, one: WentOut, before: str) -> tuple[str, str]:
    """What the two sides are called, plain text."""
    return (before, one.name) if sides.of_releases else ("before", "after")


def with_days(one: WentOut) -> str:
    """For a choice: "1.1, 7 Sep 2026"."""
    when = words.day(one.day, year=True) if one.day else "tried out"
    return f"{one.name}, {when}"


def usual(every: Sequence[WentOut]) -> int:
    """The one that a bare link shows: the latest that took over from another."""
    for number, one in enumerate(every):
        if one.day and pair(one, every).sides:
            return number
    return 0
