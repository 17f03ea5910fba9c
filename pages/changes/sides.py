"""What is compared with what: two releases, two ranges of days, two segments, or whatever a link says."""

import datetime as dt
from dataclasses import dataclass, replace

from analytics import words
from analytics.analyses import releases as of_releases
from analytics.analyses import values
from analytics.analyses.compare import Compare
from analytics.charts.base import cut
from analytics.charts.compare import name
from analytics.conditions import Matcher
from analytics.scope import Scope
from analytics.vocabulary import CANONICAL_EVENTS
from pages.changes.ranges import DAY, adjacent, mondays
from pages.overview.goals import likely
from pages.shared import ask, current_scope, escape, extent, zone
from pages.shared.waiting import answer

REACH = """
SELECT count(*) AS sessions, count(DISTINCT user_key) AS people, min(day) AS first, max(day) AS last
FROM scoped_sessions
"""
LENGTHS = (1, 2, 4, 8)  # weeks
SHORT = 28  # letters of a name in a picture
NO_GOAL = "No goal"
BY = {"user": "Person", "session": "Session"}


@dataclass(frozen=True)
class Reach:
    """What a side holds, and its first and last day with a session."""

    sessions: int
    people: int
    first: dt.date | None
    last: dt.date | None


@dataclass(frozen=True)
class Sides:
    """What is asked, before it is known to be a question: the two sides may be the same."""

    before: Scope
    after: Scope

    @property
    def of_releases(self) -> bool:
        """Each side is a release and nothing else."""
        return all(len(side.releases) == 1 and side == Scope(releases=side.releases) for side in vars(self).values())

    @property
    def of_days(self) -> bool:
        """Each side is a range and nothing else."""
        return all(
            side.start is not None and side.stop is not None and side == Scope(start=side.start, stop=side.stop)
            for side in vars(self).values()
        )

    @property
    def of_segments(self) -> bool:
        """The side after is a segment and nothing else; the one before is another, or everybody else."""
        named, other = self.after.segment, self.before.segment
        return (
            bool(named)
            and self.after == Scope(segment=named)
            and (self._against_rest or self.before == Scope(segment=other or ""))
        )

    @property
    def _against_rest(self) -> bool:
        return self.before == Scope(outside=self.after.segment)

    @property
    def of_time(self) -> bool:
        """One side follows the other and is like it else, so that a difference is a change."""
        rest = [replace(side, releases=(), start=None, stop=None) for side in (self.before, self.after)]
        both = self.before, self.after
        return rest[0] == rest[1] and (all(side.releases for side in both) or all(side.start for side in both))

    @property
    def names(self) -> tuple[str, str]:
        """What the sides are called in a picture, short: a release or segment by its name. Plain text."""
        if self.of_releases:
            return name(self.before), name(self.after)
        if self.of_segments:
            return ("Others" if self._against_rest else str(self.before.segment)), str(self.after.segment)
        if self.of_time:
            return "Before", "After"
        before, after = (cut(side.describe(), SHORT) for side in (self.before, self.after))
        return (before, after) if before != after else ("Before", "After")

    @property
    def inline(self) -> tuple[str, str]:
        """The same inside a sentence or a label."""
        before, after = self.names
        ours = ("Before", "After", "Others")
        return before.lower() if before in ours else before, after.lower() if after in ours[:2] else after

    @property
    def where(self) -> tuple[str, str]:
        """Behind a number of sessions: on which side they are. Markdown."""
        if self.of_time:
            return "before", "after"
        before, after = (escape(each, 40) for each in self.inline)
        return (f"of {before}", f"of {after}") if self.of_segments else (before, after)

    @property
    def within(self) -> Scope:
        """The sidebar's scope without what the sides choose themselves."""
        base = current_scope()
        if self._own_days:
            base = replace(base, start=None, stop=None)
        if any(side.segment or side.outside for side in vars(self).values()):
            base = replace(base, segment=None, outside=None)
        if any(side.pattern for side in vars(self).values()):
            base = replace(base, pattern=None)
        if any(side.cluster for side in vars(self).values()):
            base = replace(base, cluster=None)
        return replace(base, releases=()) if self.of_releases else base

    @property
    def _own_days(self) -> bool:
        return self.of_releases or any(side.start or side.stop for side in vars(self).values())

    @property
    def days_after(self) -> int:
        """How many days the side after covers."""
        held = reach(self.after.narrowed(self.within))
        return (held.last - held.first).days + 1 if held.first and held.last else 0

    def empty(self) -> str:
        """In words (markdown) which side holds no session and what to do about it; nothing if both do."""
        found = [side for side in (self.before, self.after) if not reach(side.narrowed(self.within)).sessions]
        if not found:
            return ""
        text = f"**No session {escape(_of(found[0]), 200)}** to compare"
        if len(found) == 2:
            text = "**No session on either side** to compare"
        last = extent().last
        if self.of_days and last and any(side.start and side.start > last for side in found):
            return f"{text}: the last session began on {words.day(last, year=True)}."
        if self.within != Scope():
            return f"{text} that fits the sidebar's filters ({escape(self.within.describe(), 200)}). Take one out."
        other = "releases" if self.of_releases else "segments" if self.of_segments else "days"
        return f"{text}. Choose other {other}."

    @property
    def title(self) -> str:
        """The question of the page."""
        if self.of_releases:
            return f"Did release {name(self.after)} help?"
        if self.of_days:
            return f"Was it better {_of(self.after)}?"
        if not self.of_segments:
            return "Did it get better?" if self.of_time else "Which of the two is better?"
        before, after = self.names
        return (
            f"How does “{after}” differ from everybody else?"
            if self._against_rest
            else f"How does “{after}” differ from “{before}”?"
        )

    def describe(self, by: str, metrics: int) -> str:
        """The scope line, plain text."""
        before, after = (reach(side.narrowed(self.within)) for side in (self.before, self.after))
        sides = f"{_side(self.before, before, True)} against {_side(self.after, after, False)}"
        rest = self.within.describe() if self.within != Scope() else ""
        parts = [sides + (f", {rest}" if rest else ""), f"By {BY[by].lower()}, {words.many(metrics, 'metric')} at once"]
        if ignored := self._ignored():
            parts.append(f"The {ignored} of the sidebar do not apply here")
        return ". ".join([*parts, f"Times in {zone()}."])

    def _ignored(self) -> str:
        base, whole = current_scope(), extent()
        cut = base.start != whole.first or (base.stop and whole.last and base.stop <= whole.last)
        found = ["days"] if cut and self._own_days else []
        if (base.segment, base.outside) != (self.within.segment, self.within.outside):
            found.append("segments")
        return words.listed([*found, *(["releases"] if base.releases and self.of_releases else [])])


def _side(side: Scope, held: Reach, first: bool) -> str:
    sessions = words.many(held.sessions, "session") if first else words.count(held.sessions)
    days = f" ({words.days(held.first, held.last)})" if side.releases and held.first and held.last else ""
    return f"{sessions} {_of(side)}{days}"


def _of(side: Scope) -> str:
    """A side behind the word sessions: of release 1.1, of segment buyers, from 2 Mar to 8 Mar 2026, on phone."""
    if side.start and side.stop:
        return f"{'on' if side.stop - side.start == DAY else 'from'} {side.describe()}"
    return f"{'of ' if side.releases or side.segment else ''}{side.describe()}"


def reach(scope: Scope) -> Reach:
    """How far a side goes."""
    asked = scope.query(REACH)
    return answer(("reach", asked.key), lambda reader: reader.rows(asked, Reach)[0])


def releases(led: bool = False) -> list[str]:
    """The store's releases in the order in which they took over; with `led` without those that were only tried out,
    unless that leaves less than two."""
    found = ask(of_releases, of_releases.Releases(), Scope()).releases
    took_over = [one.release for one in found if one.took_over]
    return took_over if led and len(took_over) > 1 else [one.release for one in found]


def goals() -> dict[str, Matcher | None]:
    """What may be the goal, by name: the product's own events before those every tool knows."""
    names = [value.value for value in ask(values, values.Values("event"), Scope()).values]
    ranked = sorted(names, key=lambda each: each in CANONICAL_EVENTS)
    return {NO_GOAL: None} | {each: Matcher(name=each) for each in ranked}


def usual() -> Compare:
    """What a bare link asks: the last two releases, else the sidebar's range or the last weeks."""
    names = releases(led=True)
    goal = likely([each for each in goals() if each != NO_GOAL])
    if len(names) > 1:
        return Compare(Scope(releases=(names[-2],)), Scope(releases=(names[-1],)), goal=goal)
    base, whole = current_scope(), extent()
    if base.start and base.stop and base.start > whole.first:
        return Compare(*adjacent(base.start, (base.stop - base.start).days), goal=goal)
    for weeks in reversed(LENGTHS[:-1]):
        if begins := begin_days(weeks):
            return Compare(*adjacent(begins[0], 7 * weeks), goal=goal)
    half = max(1, ((whole.last - whole.first).days + 1) // 2)
    return Compare(*adjacent(whole.last + DAY - half * DAY, half), goal=goal)


def begin_days(weeks: int) -> list[dt.date]:
    """The Mondays, latest first, on which `weeks` whole weeks begin that the store holds, with as many before them."""
    whole = extent()
    return mondays(weeks, whole.first + dt.timedelta(weeks=weeks), whole.last)
