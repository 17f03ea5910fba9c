"""Whether a figure was already on its way: the straight line through its days."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class Day:
    """`value` is the mean over `weight` of the day `at`, a number; `kind` is what repeats, such as its weekday."""

    at: float
    value: float
    weight: float
    kind: int = 0


@dataclass(frozen=True)
class Trend:
    """`slope` a day, with its 95 % interval and two-sided p, of `days` days."""

    slope: float
    low: float
    high: float
    p: float
    days: int

    @property
    def clear(self) -> bool:
        """Whether chance alone would hardly give such a slope."""
        return not self.low <= 0 <= self.high


def trend(days: Iterable[Day]) -> Trend | None:
    """Weighted least squares with a level of its own for each kind; None of too few days, or of all on one.

    Each kind's weighted means are taken off first, which leaves the same slope (Frisch and Waugh 1933, Econometrica 1,
    387-401). The interval is Student's with the scatter around the line, days less kinds less one degrees of freedom.
    """
    kinds: dict[int, list[Day]] = defaultdict(list)
    for day in days:
        if day.weight > 0:
            kinds[day.kind].append(day)
    points = [point for of_kind in kinds.values() for point in _centred(of_kind)]
    freedom = len(points) - len(kinds) - 1
    spread = math.fsum(weight * x * x for x, _, weight in points)
    if freedom < 1 or spread <= 0:
        return None
    slope = math.fsum(weight * x * y for x, y, weight in points) / spread
    scatter = math.fsum(weight * (y - slope * x) ** 2 for x, y, weight in points) / freedom
    error = math.sqrt(scatter / spread)
    reach = float(stats.t.ppf(0.975, freedom)) * error
    p = float(2 * stats.t.sf(abs(slope) / error, freedom)) if error else float(slope == 0)
    return Trend(slope, slope - reach, slope + reach, p, len(points))


def _centred(days: list[Day]) -> list[tuple[float, float, float]]:
    """Time and value less their weighted means, and the weight."""
    whole = math.fsum(day.weight for day in days)
    at = math.fsum(day.weight * day.at for day in days) / whole
    value = math.fsum(day.weight * day.value for day in days) / whole
    return [(day.at - at, day.value - value, day.weight) for day in days]
