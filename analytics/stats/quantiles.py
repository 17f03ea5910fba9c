"""Quantiles of what people do in several sessions each: intervals between order statistics, and their difference.

Which values a quantile lies between is asked of the share of sessions up to it, whose variance is by person (Deng,
Knoblich and Lu 2018, KDD, section 4.2; Woodruff 1952, JASA 47, 635-646). Two such intervals, which need not lie
evenly about their quantile, are put together by the method of variance estimates recovery (Zou and Donner 2008,
Statistics in Medicine 27, 1693-1702; of ratios Donner and Zou 2012, Statistical Methods in Medical Research 21,
347-359).
"""

import math
from dataclasses import dataclass

from scipy import stats

from analytics.stats.clusters import Crossing, shared
from analytics.stats.difference import POWER_Z, Difference, Relative, Z
from analytics.stats.sums import Sums


@dataclass(frozen=True)
class Bounded:
    """A value and its 95 % interval."""

    value: float
    low: float
    high: float


def fractions(sums: Sums, at: float) -> tuple[float, float] | None:
    """The shares of the sessions, from 0 to 1, whose quantiles are the ends of the interval of the quantile `at`.

    `sums` are of whether a session's value is at most the quantile. None where there are too few to bound it.
    """
    reach = Z * math.sqrt(sums.mean_variance_by_person)
    low, high = at - reach, at + reach
    return (low, high) if low > 0 and high < 1 else None


def correlation(before: Sums, after: Sums, crossing: Crossing) -> float:
    """Of the two shares, by the people who are on both sides; from -1 to 1."""
    both = math.sqrt(before.mean_variance_by_person * after.mean_variance_by_person)
    return max(-1.0, min(1.0, shared(before, after, crossing) / both)) if both else 0.0


def between(before: Bounded, after: Bounded, correlation: float = 0.0) -> Difference:
    """After minus before. The p is that of a normal error as large as the interval's half that faces zero."""
    change = after.value - before.value
    before_down, before_up = before.value - before.low, before.high - before.value
    after_down, after_up = after.value - after.low, after.high - after.value
    low = change - _joined(after_down, before_up, correlation)
    high = change + _joined(after_up, before_down, correlation)
    facing = change - low if change > 0 else high - change
    if facing == 0:
        return Difference(change, low, high, 1.0 if change == 0 else 0.0, 0.0)
    p = float(2 * stats.norm.sf(Z * abs(change) / facing))
    return Difference(change, low, high, p, (Z + POWER_Z) * (high - low) / (2 * Z))


def ratio(before: Bounded, after: Bounded, correlation: float = 0.0) -> Relative | None:
    """After over before, less 1. None where `before` is not clearly above zero: then no such interval exists."""
    if before.low <= 0:
        return None
    whole = after.value * before.value
    down = whole - correlation * (after.value - after.low) * (before.high - before.value)
    up = whole - correlation * (after.high - after.value) * (before.value - before.low)
    upper, lower = before.high * (2 * before.value - before.high), before.low * (2 * before.value - before.low)
    if upper <= 0:
        return None
    below = down**2 - after.low * (2 * after.value - after.low) * upper
    above = up**2 - after.high * (2 * after.value - after.high) * lower
    low, high = (down - math.sqrt(max(0.0, below))) / upper, (up + math.sqrt(max(0.0, above))) / lower
    return Relative(after.value / before.value - 1, low - 1, high - 1)


def _joined(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(0.0, one**2 + other**2 - 2 * correlation * one * other))
