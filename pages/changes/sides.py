"""What is compared with what: two releases, two ranges of days, or whatever a link says; and how to choose it."""

import datetime as dt
from dataclasses import dataclass, replace
from itertools import pairwise

import streamlit as st

from analytics import words
from analytics.analyses import values
from analytics.analyses.compare import Compare
from analytics.charts.compare import name
from analytics.conditions import AllOf, AnyOf, Filter, Matcher, Where
from analytics.query import Query
from analytics.scope import Scope
from analytics.vocabulary import CANONICAL_EVENTS
from pages.overview.goals import likely
from pages.shared import ask, current_scope, escape, extent, key, zone
from pages.shared.waiting import answer

# In the order in which most sessions had them: one that was tried out early does not come first.
RELEASES = """
SELECT release AS name, count(*) AS sessions
FROM sessions
WHERE release IS NOT NULL
GROUP BY release
ORDER BY median(start), name
"""
REACH = """
SELECT count(*) AS sessions, count(DISTINCT user_key) AS people, min(day) AS first, max(day) AS last
FROM scoped_sessions
"""
PAIRS = 3  # of releases that are one click away
LENGTHS = (1, 2, 4, 8)  # weeks
OTHER, DATES, LINK, OWN = "Other releases", "Dates", "As linked", "Own days"
NO_GOAL = "No goal"
BY = {"user": "Person", "session": "Session"}
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Release:
    """A release that sessions had."""

    name: str
    sessions: int


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
    def of_segment(self) -> bool:
        """The side after is a segment, the one before all other sessions."""
        named = self.after.segment
        return bool(named) and (self.before, self.after) == (Scope(outside=named), Scope(segment=named))

    @property
    def within(self) -> Scope:
        """The sidebar's scope without what the sides choose themselves."""
        base = current_scope()
        if not self.of_segment:
            base = replace(base, start=None, stop=None)
        if any(side.segment or side.outside for side in vars(self).values()):
            base = replace(base, segment=None, outside=None)
        if any(side.pattern for side in vars(self).values()):
            base = replace(base, pattern=None)
        if any(side.cluster for side in vars(self).values()):
            base = replace(base, cluster=None)
        return replace(base, releases=()) if self.of_releases else base

    @property
    def either(self) -> Scope | None:
        """The sessions on at least one side; None where no scope can say that."""
        if self.of_segment:
            return Scope()
        further = [(one.segment, one.outside, one.pattern, one.cluster, one.imports) for one in vars(self).values()]
        if any(map(any, further)):
            return None
        return Scope(where=(AnyOf(tuple(AllOf(tuple(_filters(side))) for side in vars(self).values())),))

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
        where = f"release {name(found[0])}" if self.of_releases else _days(found[0])
        text = f"**No session {escape('of ' + where if self.of_releases else where, 200)}** to compare"
        if len(found) == 2:
            text = "**No session on either side** to compare"
        last = extent().last
        if self.of_days and last and any(side.start and side.start > last for side in found):
            return f"{text}: the last session began on {words.day(last, year=True)}."
        if self.within != Scope():
            return f"{text} that fits the sidebar's filters ({escape(self.within.describe(), 200)}). Take one out."
        return f"{text}. Choose other {'releases' if self.of_releases else 'days'}."

    @property
    def title(self) -> str:
        """The question of the page."""
        if self.of_releases:
            return f"Did release {name(self.after)} help?"
        return f"Was it better from {name(self.after)}?" if self.of_days else "Which of the two is better?"

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
        found = ["days"] if cut and not self.of_segment else []
        if (base.segment, base.outside) != (self.within.segment, self.within.outside):
            found.append("segments")
        return words.listed([*found, *(["releases"] if base.releases and self.of_releases else [])])


def _side(side: Scope, held: Reach, first: bool) -> str:
    sessions = words.many(held.sessions, "session") if first else words.count(held.sessions)
    if side.releases and held.first and held.last:
        return f"{sessions} of release {name(side)} ({words.days(held.first, held.last)})"
    if side.releases:
        return f"{sessions} of release {name(side)}"
    if side.segment or side.outside:
        return f"{sessions} {'of ' if side.segment else ''}{side.describe()}"
    return f"{sessions} {_days(side)}"


def _days(side: Scope) -> str:
    """With "from" where a range begins it."""
    return f"{'from ' if side.start and side.stop else ''}{side.describe()}"


def _filters(side: Scope) -> list[Where]:
    """A scope as filters. Days compare as text, which ISO dates may."""
    found: list[Where] = [
        Filter(field, "in", given)
        for field, given in (("release", side.releases), ("device", side.devices), ("country", side.countries))
        if given
    ]
    if side.start:
        found.append(Filter("day", "gte", side.start.isoformat()))
    if side.stop:
        found.append(Filter("day", "lt", side.stop.isoformat()))
    return [*found, *side.where]


def reach(scope: Scope) -> Reach:
    """How far a side goes."""
    asked = scope.query(REACH)
    return answer(("reach", asked.key), lambda reader: reader.rows(asked, Reach)[0])


# ------------------------------------------------------------------------------------------------------------ usual


def releases() -> list[str]:
    """The store's releases in the order of time."""
    found = answer("releases", lambda reader: reader.rows(Query(RELEASES, {}), Release))
    return [release.name for release in found]


def goals() -> dict[str, Matcher | None]:
    """What may be the goal, by name: the product's own events before those every tool knows."""
    names = [value.value for value in ask(values, values.Values("event"), Scope()).values]
    ranked = sorted(names, key=lambda each: each in CANONICAL_EVENTS)
    return {NO_GOAL: None} | {each: Matcher(name=each) for each in ranked}


def usual() -> Compare:
    """What a bare link asks: the last two releases, else the sidebar's range or the last weeks."""
    names = releases()
    goal = likely([each for each in goals() if each != NO_GOAL])
    if len(names) > 1:
        return Compare(Scope(releases=(names[-2],)), Scope(releases=(names[-1],)), goal=goal)
    base, whole = current_scope(), extent()
    if base.start and base.stop and base.start > whole.first:
        return Compare(*_adjacent(base.start, (base.stop - base.start).days), goal=goal)
    for weeks in reversed(LENGTHS[:-1]):
        if begins := mondays(weeks):
            return Compare(*_adjacent(begins[0], 7 * weeks), goal=goal)
    half = max(1, ((whole.last - whole.first).days + 1) // 2)
    return Compare(*_adjacent(whole.last + DAY - half * DAY, half), goal=goal)


def mondays(weeks: int) -> list[dt.date]:
    """The days, latest first, on which `weeks` whole weeks begin that the store holds, with as many before them."""
    whole = extent()
    first = whole.first + dt.timedelta(weeks=weeks)
    first += (-first.weekday() % 7) * DAY
    number = ((whole.last + DAY - first).days - 7 * weeks) // 7 + 1
    return [first + dt.timedelta(weeks=n) for n in reversed(range(max(0, number)))]


def _adjacent(begin: dt.date, days: int) -> tuple[Scope, Scope]:
    length = days * DAY
    return Scope(start=begin - length, stop=begin), Scope(start=begin, stop=begin + length)


# ---------------------------------------------------------------------------------------------------------- controls


def choose_sides(given: Compare) -> Sides:
    """Draws what the two sides are chosen with; they begin as `given`."""
    names = releases()
    pairs = {" → ".join(pair): pair for pair in list(pairwise(names))[-PAIRS:]}
    now = Sides(given.before, given.after)
    options = [*pairs, *([OTHER] if len(names) > 2 else []), DATES]
    begin = DATES if now.of_days else LINK
    if now.of_releases:
        linked = f"{now.before.releases[0]} → {now.after.releases[0]}"
        begin = linked if linked in pairs else OTHER
    how = st.segmented_control(
        "Compare",
        list(dict.fromkeys([*options, begin])),
        default=begin,
        required=True,
        format_func=lambda option: escape(option, 40),
        key=key("how"),
    )
    if how in pairs:
        return Sides(*(Scope(releases=(each,)) for each in pairs[how]))
    return {OTHER: _two_releases, DATES: _two_ranges, LINK: lambda same, _: same}[how](now, names)


def _two_releases(now: Sides, names: list[str]) -> Sides:
    sides = []
    for label, side, nth in (("Before", now.before, -2), ("After", now.after, -1)):
        wanted = side.releases[0] if now.of_releases else names[nth]
        options = list(dict.fromkeys([*names, wanted]))
        sides.append(st.selectbox(label, options, options.index(wanted), key=key(label), width=150))
    return Sides(*(Scope(releases=(each,)) for each in sides))


def _two_ranges(now: Sides, _: list[str]) -> Sides:
    lengths: list[int | str] = [weeks for weeks in LENGTHS if mondays(weeks)]
    weeks, begin = _as_weeks(now) if now.of_days else (lengths[-1] if lengths else OWN, None)
    chosen = st.selectbox(
        "Length",
        [*lengths, OWN],
        [*lengths, OWN].index(weeks if weeks in lengths else OWN),
        format_func=lambda each: each if isinstance(each, str) else words.many(each, "week"),
        key=key("length"),
        width=120,
    )
    if chosen == OWN:
        return _own_days(now)
    options = mondays(int(chosen))
    starts = st.selectbox(
        "After begins on",
        options,
        options.index(begin) if begin in options else 0,
        format_func=lambda day: f"Mon, {words.day(day, year=True)}",
        help="Before is as long, and ends the day before.",
        key=key(f"begins-{chosen}"),
        width=150,
    )
    return Sides(*_adjacent(starts, 7 * int(chosen)))


def _as_weeks(now: Sides) -> tuple[int | str, dt.date | None]:
    before, after = now.before, now.after
    days = (after.stop - after.start).days
    whole = (before, after) == _adjacent(after.start, days) and days % 7 == 0 and after.start.weekday() == 0
    return (days // 7 if whole and after.start in mondays(days // 7) else OWN), after.start


def _own_days(now: Sides) -> Sides:
    whole = extent()
    sides = []
    begin = now if now.of_days else Sides(*_adjacent(whole.last, 1))
    for label, side in (("Before", begin.before), ("After", begin.after)):
        first, last = side.start, side.stop - DAY
        shown = st.date_input(
            label,
            (first, last),
            min_value=min(first, whole.first),
            max_value=max(last, whole.last),
            format="YYYY-MM-DD",
            key=key(f"days-{label}"),
            width=210,
        )
        complete = isinstance(shown, tuple) and len(shown) == 2  # else the second day is still to come
        sides.append(Scope(start=shown[0], stop=shown[1] + DAY) if complete else side)
    return Sides(*sides)


def choose_by(given: Compare) -> str:
    """Draws the choice of what is counted."""
    return st.segmented_control(
        "Count by",
        list(BY),
        default=given.by,
        required=True,
        format_func=BY.get,
        help="One person's sessions resemble each other. By person the intervals know that; by session they do not.",
        key=key("by"),
    )


def choose_goal(given: Compare) -> Matcher | None:
    """Draws the choice of the goal."""
    options = goals()
    if given.goal not in options.values() and given.goal is not None:
        options |= {given.goal.label: given.goal}
    begin = next(label for label, goal in options.items() if goal == given.goal)
    chosen = st.selectbox(
        "Goal", list(options), list(options).index(begin), key=key("goal"), help="What counts as success.", width=170
    )
    return options[chosen]
