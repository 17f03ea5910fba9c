"""What else could explain a change, in words: each way in which two sides differ beside the change itself.

Everything here is worked out from counts and sums; `analyses/explanations.py` asks for them. Sentences are plain text
and may hold values of the data.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from analytics import words
from analytics.stats.kitagawa import Decomposition
from analytics.stats.placebo import Placebo, Windows
from analytics.stats.trend import Trend

Weight = Literal["matters", "does not", "unknown"]

# What is smaller leaves the answer as it is: the change keeps its sign and about its size. Of a change that is not
# clear there is no size to take a quarter of; there a part matters that could hide or make one: half the interval.
QUARTER = 0.25
RARE = (
    0.05  # the share of earlier dates below which a change as large is unusual: the level of the intervals, once more
)
FEWEST_DATES = 10  # with fewer, one of them more or less moves the share by more than a tenth
FEWEST_DAYS = 14  # of a trend: each weekday twice
MANY_TIMES = 2.0  # sessions a day that double or halve are other people, or counted in another way
IN_COMMON = 0.5  # with values that both sides have; with less the change at the same mix is that of a minority
SEVERAL = 1.1  # sessions a person: with fewer nearly every session is another person's

TITLES = {
    "device": "Devices",
    "release": "Releases",
    "country": "Countries",
    "entry_page": "Entry pages",
    "new": "New people",
    "campaign": "Campaigns",
    "browser": "Browsers",
}
LACKING = {"device": "a device", "release": "a release", "country": "a country", "entry_page": "a page"}
NEW = {"new": "New people (first seen in this data)", "returning": "Returning people (seen earlier in this data)"}


@dataclass(frozen=True)
class Explanation:
    """One line: whether it `matters`, `said` in a plain sentence, and the figures in it.

    `effect` is what it alone makes of the difference, `rest` the difference without it with its interval, all in the
    metric's own unit. `before` and `after` are shares of `value`, or sessions a day; `part` of `whole` are dates,
    people or sessions.
    """

    about: Literal["data", "time", "weekdays", "mix", "trend", "placebo", "releases", "notes", "traffic", "people"]
    title: str
    weight: Weight
    said: str
    field: str | None = None
    value: str | None = None
    before: float | None = None
    after: float | None = None
    effect: float | None = None
    rest: float | None = None
    rest_low: float | None = None
    rest_high: float | None = None
    part: int | None = None
    whole: int | None = None


@dataclass(frozen=True)
class Seen:
    """The change that is to be explained: after minus `before` with its interval, in `unit`."""

    unit: str
    before: float
    difference: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """The interval leaves out zero."""
        return not self.low <= 0 <= self.high

    def weigh(self, effect: float) -> Weight:
        """Whether something that alone makes `effect` of it matters: see QUARTER."""
        half = (self.high - self.low) / 2
        least = QUARTER * abs(self.difference) if self.clear else half
        noise = 1e-9 * max(abs(self.difference), half)  # sums in another order
        return "matters" if abs(effect) > noise and abs(effect) >= least else "does not"

    def possible(self, effect: float) -> float:
        """As far as values go: nothing that is counted falls below 0, no share rises above 1."""
        least = -self.before if self.before >= 0 else -math.inf
        most = 1 - self.before if self.unit == "share" else math.inf
        return min(max(effect, least), most)

    def amount(self, value: float) -> str:
        """A difference in the unit, without it: −1.41."""
        return words.signed(value * self._scale, self._digits)

    def amounts(self, value: float, low: float, high: float) -> str:
        """With its interval: −1.41 points (−1.92 to −0.90)."""
        return f"{self.amount(value)}{self.unit_words} ({self.amount(low)} to {self.amount(high)})"

    def without(self, rest: float, low: float, high: float) -> str:
        """What is left of it: the difference is −1.39 points (−1.92 to −0.86) instead of −1.41"""
        now = self.amounts(rest, low, high)
        if self.amount(self.difference) == self.amount(rest) or self.amount(self.difference - rest) == self.amount(0):
            return f"the difference stays {now}"
        return f"the difference is {now} instead of {self.amount(self.difference)}"

    def told(self, found: Decomposition, alone: str, same: str) -> str:
        """What the mix makes, unless it is nothing, and what is left: a sentence or two."""
        rest = f"t the same {same} {self.without(found.within, found.low, found.high)}."
        makes = self.amount(found.mix)
        return f"A{rest}" if makes == self.amount(0) else f"{alone} {makes}{self.unit_words}; a{rest}"

    @property
    def unit_words(self) -> str:
        """What stands behind a number."""
        return {"share": f"{words.SPACE}points", "seconds": f"{words.SPACE}s"}.get(self.unit, "")

    @property
    def _scale(self) -> float:
        return 100.0 if self.unit == "share" else 1.0

    @property
    def _digits(self) -> int:
        """Three that say something."""
        size = self._scale * max(abs(self.difference), (self.high - self.low) / 2)
        return min(4, max(0, 2 - math.floor(math.log10(size)))) if size > 0 else 0


# --------------------------------------------------------------------------------------------------------------- mix


def mixed(field: str, value: str | None, found: Decomposition, seen: Seen, counted: str) -> Explanation:
    """By one field; `counted` is what the shares are of."""
    shares = f"{_who(field, value)} {words.percent(found.share_before)} of {counted} before and "
    shares += f"{words.percent(found.share_after)} after"
    if found.common < IN_COMMON:
        shifted = abs(found.share_after - found.share_before) >= QUARTER
        few = f"the sides have too few {TITLES[field].lower()} in common" if shifted else "most have too few sessions"
        said = f"{shares}; {few} to tell this and the change apart."
        moved = field, value, found.share_before, found.share_after
        return Explanation("mix", TITLES[field], "matters" if shifted else "unknown", said, *moved)
    said = f"{shares}, the largest shift. {seen.told(found, 'The mix alone makes', 'mix')}"
    return Explanation(
        "mix", TITLES[field], seen.weigh(found.mix), said, field, value, found.share_before, found.share_after,
        found.mix, found.within, found.low, found.high,
    )  # fmt: skip


def _who(field: str, value: str | None) -> str:
    """Subject and verb of a sentence about a value's share."""
    if value is None:
        return "All others together are"
    if not value:
        return f"Those without {LACKING.get(field, f'a {field}')} are"
    return f"{NEW[value]} have" if field == "new" else f"{_short(value)} has"


def _short(text: str) -> str:
    """On one line, at most 60 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"


def weekdays(windows: Windows | None, found: Decomposition | None, seen: Seen) -> Explanation:
    """Of sides side by side (`windows` None) one mix among others; `found` None: the metric does not add up."""
    title, days = "Weekdays", ""
    about: Literal["weekdays", "mix"] = "weekdays" if windows else "mix"
    if windows:
        lengths = f"{words.many(windows.before_days, 'day')} before and {words.count(windows.after_days)} after"
        if windows.whole_weeks:
            return Explanation(about, title, "does not", f"Both sides are whole weeks: {lengths}.", "weekday")
        days = f"The sides are not whole weeks: {lengths}. "
    if found is None:
        said = f"{days}What the weekdays make of a quantile is not known."
        return Explanation(about, title, "unknown", said, "weekday")
    if found.common < IN_COMMON:
        said = f"{days}They have few weekdays in common, so these and the change cannot be told apart."
        return Explanation(about, title, "matters", said, "weekday")
    said = f"{days}{seen.told(found, 'The weekdays alone make', 'weekdays')}"
    return Explanation(
        about, title, seen.weigh(found.mix), said, "weekday", None, None, None,
        found.mix, found.within, found.low, found.high,
    )  # fmt: skip


def not_added() -> Explanation:
    """Of a quantile."""
    said = "A quantile does not add up over values and days, so what these make of it is not known."
    return Explanation("mix", "Mix, trend, earlier dates", "unknown", said)


# -------------------------------------------------------------------------------------------------------------- time


def alike(common: float) -> Explanation:
    """The sides run side by side: `common` of their sessions are of the same days, from 0 to 1."""
    said = f"{words.percent(common, 0)} of the sessions are of the same days, so what else happened reached both sides."
    return Explanation("time", "Time", "does not", said, before=common, after=common)


def backwards() -> Explanation:
    """The side after is the earlier one."""
    said = "The side after is the earlier one, so what was before cannot tell what would have come."
    return Explanation("time", "Time", "unknown", said)


def unlike() -> Explanation:
    """The sides are of different days and differ in their filters too."""
    said = "The sides are of different days and of different sessions, so no earlier date can be compared."
    return Explanation("time", "Time", "unknown", said)


def trended(found: Trend | None, ahead: float, days: int, seen: Seen) -> Explanation:
    """`ahead`: how many days the middle of the side after lies behind that of the side before."""
    title = "Trend before"
    if found is None or found.days < FEWEST_DAYS:
        said = f"Only {words.many(days, 'day')} before the change {'has' if days == 1 else 'have'} sessions; "
        said = said if days else "No day before the change has sessions; "
        return Explanation("trend", title, "unknown", f"{said}a trend needs {FEWEST_DAYS}.", part=days)
    before = f"In the {words.many(found.days, 'day')} before the change"
    week = seen.amounts(7 * found.slope, 7 * found.low, 7 * found.high)
    if not found.clear:
        said = f"{before}, there was no clear trend: {week} a week."
        return Explanation("trend", title, "does not", said, part=found.days)
    on = ahead * found.slope
    effect = seen.possible(on)
    # both are uncertain; what they share of the days before is small against that
    reach = math.hypot(ahead * (found.high - found.low) / 2, (seen.high - seen.low) / 2)
    ends = seen.difference - effect - reach, seen.difference - effect + reach
    rest = seen.without(seen.difference - effect, *ends)
    going_on = f"Going on like that makes {'' if effect == on else 'at most '}{seen.amount(effect)}{seen.unit_words}"
    said = f"{before}, it went {week} a week. {going_on}; without it {rest}."
    return Explanation(
        "trend", title, seen.weigh(effect), said, None, None, None, None,
        effect, seen.difference - effect, ends[0], ends[1], found.days,
    )  # fmt: skip


def placebos(found: Placebo, windows: Windows, arrivals: Mapping[str, dt.date]) -> Explanation:
    """`arrivals` are the releases that took over, with the day, before the change."""
    title = "Earlier dates"
    fit = "as many days before and after" + ("" if windows.whole_weeks else " and the same weekday")
    if found.dates < FEWEST_DATES:
        number = f"Only {words.many(found.dates, 'earlier date has', 'earlier dates have')}"
        number = number if found.dates else "No earlier date has"
        said = f"{number} {fit} in this data; {FEWEST_DATES} are needed."
        return Explanation("placebo", title, "unknown", said, part=None, whole=found.dates)
    weight: Weight = "matters" if found.share >= RARE else "does not"
    said = f"{words.count(found.as_large)} of {words.many(found.dates, 'earlier date')} "
    said += f"({words.percent(found.share)}) changed at least as much."
    if arrivals and found.as_large:
        said += f" {_releases(list(map(_short, arrivals)))} took over among them."
    return Explanation("placebo", title, weight, said, part=found.as_large, whole=found.dates)


def others(arrivals: Mapping[str, dt.date], windows: Windows) -> Explanation:
    """Other releases that took over in the windows, with the day."""
    title = "Other releases"
    if not arrivals:
        return Explanation("releases", title, "does not", "No other release took over in these days.")
    days = [f"{_short(name)} {_when(day, windows.after)}" for name, day in arrivals.items()]
    said = f"{_releases(days)} took over in these days, so what {'it' if len(days) == 1 else 'they'} changed is part of"
    return Explanation("releases", title, "matters", f"{said} the difference.")


def noted(happened: Iterable[tuple[dt.date, str]], windows: Windows) -> list[Explanation]:
    """What people wrote down for days within the windows; nothing where there is no note."""
    stop = windows.after + dt.timedelta(days=windows.after_days)
    found = [
        f"{_short(what)} {_when(day, windows.after)}" for day, what in sorted(happened) if windows.before <= day < stop
    ]
    if not found:
        return []
    said = f"{words.listed(found)}. These sessions cannot tell what that did and what the change did."
    return [Explanation("notes", "Notes", "unknown", said, part=len(found))]


def traffic(before: float, after: float) -> Explanation:
    """Sessions a day on either side."""
    title, times = "Traffic", after / before if before else math.inf
    digits = 1 if min(before, after) < 10 else 0
    pace = f"from {words.number(before, digits)} to {words.number(after, digits)} sessions a day"
    if times >= MANY_TIMES or times <= 1 / MANY_TIMES:
        how = f"rose {words.number(times)} times" if times > 1 else f"fell to {words.percent(times, 0)}"
        said = f"It {how}, {pace}: other people came, or they were counted in another way."
        return Explanation("traffic", title, "matters", said, before=before, after=after)
    said = f"{pace.capitalize()} ({words.signed(100 * (times - 1), 0)}{words.SPACE}%)."
    return Explanation("traffic", title, "does not", said, before=before, after=after)


# ------------------------------------------------------------------------------------------------------------ people


def people(both: int, smaller: int, each: float, by: str) -> Explanation:
    """`each`: sessions a person has on one side."""
    share = words.percent(both / smaller if smaller else 0.0)
    who = f"{words.many(both, 'person is', 'people are')} on both sides ({share} of the smaller one)"
    who = who if both else "Nobody is on both sides"
    if by == "user":
        said = f"{who}{'; the interval counts each of them once' if both else ''}."
        return Explanation("people", "The same people", "does not", said, part=both, whole=smaller)
    weight: Weight = "matters" if each >= SEVERAL else "does not"
    often = f"people have {words.number(each)} sessions each, which intervals by session take for different people's"
    said = f"{who}; {often}{': they are too narrow' if weight == 'matters' else ''}."
    return Explanation("people", "The same people", weight, said, part=both, whole=smaller)


def sessions(both: int, smaller: int) -> list[Explanation]:
    """Sessions that are on both sides; nothing where there is none."""
    if not both:
        return []
    share = both / smaller if smaller else 0.0
    said = f"{words.many(both, 'session is', 'sessions are')} on both sides ({words.percent(share)} of the smaller "
    said += "one), which makes a difference look smaller than it is."
    weight: Weight = "matters" if share >= QUARTER else "does not"
    return [Explanation("people", "The same sessions", weight, said, part=both, whole=smaller)]


def ordered(found: Sequence[Explanation]) -> tuple[Explanation, ...]:
    """What matters first, then what is not known; otherwise as they come."""
    ranks = ("matters", "unknown", "does not")
    return tuple(sorted(found, key=lambda one: ranks.index(one.weight)))


def _releases(names: Sequence[str]) -> str:
    return f"{'Release' if len(names) == 1 else 'Releases'} {words.listed(names)}"


def _when(day: dt.date, change: dt.date) -> str:
    """(7 Sep, 3 days before the change)"""
    apart = (day - change).days
    if apart == 0:
        return f"({words.day(day)}, the day of the change)"
    return f"({words.day(day)}, {words.many(abs(apart), 'day')} {'after' if apart > 0 else 'before'} the change)"
