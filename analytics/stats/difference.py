"""After minus before, with its 95 % interval and p-value: pure functions of sufficient statistics."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from scipy import stats

from analytics.stats.sums import Sums

T = TypeVar("T")

Z = float(stats.norm.ppf(0.975))
POWER_Z = float(stats.norm.ppf(0.8))


@dataclass(frozen=True)
class Difference:
    """`change` = after - before in the metric's unit, with the interval from `low` to `high` and the two-sided p.

    `smallest` is the smallest true change that would have been seen in 80 of 100 such measurements.
    """

    change: float
    low: float
    high: float
    p: float
    smallest: float


@dataclass(frozen=True)
class Relative:
    """The change relative to before, with its interval, from -1."""

    change: float
    low: float
    high: float


def wilson(successes: float, trials: float) -> tuple[float, float]:
    """95 % interval of a share; (0, 1) of no trials. Wilson (1927), as scipy has it. 15 of 50: 0.1910 to 0.4375."""
    if trials == 0:
        return 0.0, 1.0
    whole = round(successes)  # written out: a picture asks for hundreds, and scipy's takes milliseconds
    share, square = whole / trials, Z**2 / trials
    centre, reach = share + square / 2, Z * math.sqrt((share * (1 - share) + square / 4) / trials)
    low, high = (centre - reach) / (1 + square), (centre + reach) / (1 + square)
    return (low if whole else 0.0), (high if whole < trials else 1.0)


def of_shares(before: Sums, after: Sums) -> Difference:
    """Newcombe (1998), Statistics in Medicine 17, 873-890, method 10; p of the pooled two-proportion z-test.

    56 of 70 after 48 of 80 gives 0.2000 (0.0524 to 0.3339).
    """
    p, q = before.mean, after.mean
    (p_low, p_high), (q_low, q_high) = wilson(before.total, before.n), wilson(after.total, after.n)
    change = q - p
    low = change - math.hypot(q - q_low, p_high - p)
    high = change + math.hypot(q_high - q, p - p_low)
    pooled = (before.total + after.total) / (before.n + after.n)
    error = math.sqrt(pooled * (1 - pooled) * (1 / before.n + 1 / after.n))
    return Difference(change, low, high, _two_sided(change, error), (Z + POWER_Z) * error)


def of_means(before: Sums, after: Sums) -> Difference:
    """Welch's t-test (1947); needs two values a side."""
    parts = before.variance / before.n, after.variance / after.n
    error = math.sqrt(sum(parts))
    change = after.mean - before.mean
    if error == 0:
        return Difference(change, change, change, 1.0 if change == 0 else 0.0, 0.0)
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (before.n - 1) + parts[1] ** 2 / (after.n - 1))
    reach = float(stats.t.ppf(0.975, freedom)) * error
    p = float(2 * stats.t.sf(abs(change) / error, freedom))
    return Difference(change, change - reach, change + reach, p, (Z + POWER_Z) * error)


def by_person(before: Sums, after: Sums) -> Difference:
    """Of shares and means where people come back: variances by person, the sides taken as independent."""
    error = math.sqrt(before.mean_variance_by_person + after.mean_variance_by_person)
    change = after.mean - before.mean
    return Difference(change, change - Z * error, change + Z * error, _two_sided(change, error), (Z + POWER_Z) * error)


def relative(
    before: float, after: float, before_variance: float, after_variance: float, covariance: float = 0.0
) -> Relative | None:
    """After / before - 1 with Fieller's interval (1954, J. R. Stat. Soc. B 16, 175-185); variances are of the two
    means. None where `before` is not clearly above zero: then no such interval exists."""
    leading = before**2 - Z**2 * before_variance
    if before <= 0 or leading <= 0:
        return None
    # (after - ratio * before)**2 = Z**2 * (after_variance - 2 * ratio * covariance + ratio**2 * before_variance)
    middle = before * after - Z**2 * covariance
    last = after**2 - Z**2 * after_variance
    reach = math.sqrt(max(0.0, middle**2 - leading * last))
    return Relative(after / before - 1, (middle - reach) / leading - 1, (middle + reach) / leading - 1)


def smallest_increase(variance: float, after_variance: float, after: float) -> float:
    """The smallest true increase that would have been seen in 80 of 100 such measurements, by a difference of that
    `variance`.

    What is counted more often varies more: the variance of the mean `after` is taken to grow in proportion to it, as
    that of rare events does (Poisson). Without that, power at a large increase is overstated: 66 instead of 80 of 100
    where it nearly doubles. A decrease is seen a little sooner.
    """
    reach = (Z + POWER_Z) ** 2
    slope = reach * after_variance / after if after > 0 else 0.0
    return (slope + math.sqrt(slope**2 + 4 * reach * variance)) / 2


def q_values(ps: Sequence[float]) -> tuple[float, ...]:
    """Benjamini and Hochberg (1995): each p corrected for having asked about all of them."""
    return tuple(float(q) for q in stats.false_discovery_control(ps)) if ps else ()


def corrected(changes: Iterable[T]) -> list[T]:
    """The same dataclasses with `q`: each `p` corrected for all that are there; None where there is no `p`."""
    found = list(changes)
    qs = iter(q_values([each.p for each in found if each.p is not None]))  # type: ignore[attr-defined]
    return [replace(each, q=next(qs)) if each.p is not None else each for each in found]  # type: ignore[attr-defined, type-var]


def _two_sided(change: float, error: float) -> float:
    if error == 0:
        return 1.0 if change == 0 else 0.0
    return float(2 * stats.norm.sf(abs(change) / error))
