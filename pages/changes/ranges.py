"""Two ranges of days: what is wrong with them, and the nearest whole weeks."""

import datetime as dt
from itertools import product

from analytics import words
from analytics.scope import Scope

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
NEAR = 60  # Mondays that are tried for each side
Pair = tuple[Scope, Scope]


def length(side: Scope) -> int:
    """In days."""
    return (side.stop - side.start).days if side.start and side.stop else 0


def adjacent(begin: dt.date, days: int) -> Pair:
    """So many days from `begin`, and as many before them."""
    reach = days * DAY
    return Scope(start=begin - reach, stop=begin), Scope(start=begin, stop=begin + reach)


def mondays(weeks: int, first: dt.date, last: dt.date) -> list[dt.date]:
    """The days, latest first, on which `weeks` whole weeks begin that lie from `first` to `last`."""
    begin = first + (-first.weekday() % 7) * DAY
    number = ((last + DAY - begin).days - 7 * weeks) // 7 + 1
    return [begin + n * WEEK for n in reversed(range(max(0, number)))]


def whole_weeks(before: Scope, after: Scope, first: dt.date, last: dt.date) -> Pair | None:
    """The nearest two ranges of as many whole weeks, Monday to Sunday, in the order of these, which share no day and
    lie from `first` to `last`; None where nothing of the kind is there."""
    if not (before.start and after.start):
        return None
    for weeks in range(max(1, round(min(length(before), length(after)) / 7)), 0, -1):
        reach, found = weeks * WEEK, mondays(weeks, first, last)
        near = [
            sorted(found, key=lambda day: (abs(day - wanted), day))[:NEAR] for wanted in (before.start, after.start)
        ]
        pairs = [
            (abs(one - before.start) + abs(other - after.start), other, one)
            for one, other in product(*near)
            if abs(one - other) >= reach and (one < other) == (before.start <= after.start)
        ]
        if pairs:
            _, begin, begin_before = min(pairs)
            return Scope(start=begin_before, stop=begin_before + reach), Scope(start=begin, stop=begin + reach)
    return None


def remarks(before: Scope, after: Scope) -> list[str]:
    """What may mislead in sentences: weeks that are cut, lengths that differ, days that both have."""
    lengths = [length(side) for side in (before, after)]
    before_after = f"Before covers {words.many(lengths[0], 'day')}, after {words.count(lengths[1])}"
    found = []
    if all(days % 7 for days in lengths):
        both = f"Both cover {words.many(lengths[0], 'day')}" if lengths[0] == lengths[1] else before_after
        found.append(f"{both}: not whole weeks, so weekdays may weigh differently.")
    elif any(days % 7 for days in lengths):
        cut = "before" if lengths[0] % 7 else "after"
        found.append(f"{before_after}: {cut} is not whole weeks, so weekdays may weigh differently.")
    elif lengths[0] != lengths[1]:
        found.append(f"{before_after}: both are whole weeks, but one range is longer.")
    if shared := shared_days(before, after):
        found.append(f"{words.many(shared, 'day is', 'days are')} in both ranges; their sessions count on both sides.")
    return found


def shared_days(before: Scope, after: Scope) -> int:
    """How many days both have."""
    if not (before.start and before.stop and after.start and after.stop):
        return 0
    return max(0, (min(before.stop, after.stop) - max(before.start, after.start)).days)
