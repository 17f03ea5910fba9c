"""How often a figure changed as much when nothing was done: the same comparison at every earlier date.

After Abadie, Diamond and Hainmueller (2015), Comparative Politics and the Synthetic Control Method, American Journal of
Political Science 59, 495-510, who call such dates placebos in time.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Windows:
    """What is compared: `after_days` days from `after` on with `before_days` days from `before` on."""

    before: dt.date
    before_days: int
    after: dt.date
    after_days: int

    @property
    def whole_weeks(self) -> bool:
        """Both hold each weekday equally often."""
        return self.before_days % 7 == 0 and self.after_days % 7 == 0


@dataclass(frozen=True)
class Placebo:
    """Of the `dates` at which both windows lie before the change, `as_large` saw at least as large a difference.

    `largest` is the largest of them, 0 of no date.
    """

    dates: int
    as_large: int
    largest: float

    @property
    def share(self) -> float:
        """From 0 to 1; only where there are dates."""
        return self.as_large / self.dates


def placebo(days: Mapping[dt.date, tuple[float, float]], windows: Windows, difference: float) -> Placebo:
    """`days`: each day's sums of numerator and denominator; days that are missing have none.

    Both windows of a date lie within the days there are and end before `windows.after`. Unless both are whole weeks,
    only dates on the same weekday count. Dates with an empty window do not. Dates near each other share most of their
    days, so few of them are worth less than their number.
    """
    if not days:
        return Placebo(0, 0, 0.0)
    first, lead = min(days), windows.after - windows.before
    length = max(0, (windows.after - first).days)
    each = [days.get(first + n * DAY, (0.0, 0.0)) for n in range(length)]
    totals, weights = ([0.0, *accumulate(sums[n] for sums in each)] for n in (0, 1))

    def mean(start: int, number: int) -> float | None:
        weight = weights[start + number] - weights[start]
        return (totals[start + number] - totals[start]) / weight if weight > 0 else None

    step = 1 if windows.whole_weeks else 7
    found = []
    for start in range(length - windows.after_days, max(lead.days, 0) - 1, -1):  # the day that would be the change
        if (length - start) % step == 0 and start - lead.days + windows.before_days <= length:
            before, after = mean(start - lead.days, windows.before_days), mean(start, windows.after_days)
            if before is not None and after is not None:
                found.append(abs(after - before))
    least = abs(difference) * (1 - 1e-9)  # what is added up in another order is still as large
    return Placebo(len(found), sum(each >= least for each in found), max(found, default=0.0))
