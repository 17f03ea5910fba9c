"""How much of a difference comes of a changed mix, and how much of changes within the same values.

Kitagawa (1955), Components of a Difference Between Two Rates, Journal of the American Statistical Association 50,
1168-1194: two components, each weighted with the average of the two sides, which leaves no third that nobody can read.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

from analytics.stats.difference import Z

FEWEST = 10  # sessions of a value on a side, below which its rate there is left to chance


@dataclass(frozen=True)
class Part:
    """The sessions of one side that have one value, say phones: sums over each one's numerator x and denominator y.

    Of a share or a mean every y is 1. A part without sessions stands for a value that the side does not have.
    """

    n: int
    total: float  # sum of x
    weight: float  # sum of y
    squares: float  # sum of x * x
    cross: float  # sum of x * y
    weight_squares: float  # sum of y * y


@dataclass(frozen=True)
class Decomposition:
    """`difference` = `mix` + `within`, after minus before: what the mix alone makes, and the change at the same mix.

    `moved` is the place of the part whose share of the weight changed most, from `share_before` to `share_after`.
    `common` is how much of the weight has values that both sides have, on the side where that is less; where it is 0,
    all is mix, and what would be within is anything.
    """

    difference: float
    mix: float
    within: float
    low: float  # the 95 % interval of `within`
    high: float
    moved: int
    share_before: float
    share_after: float
    common: float


def kitagawa(before: Sequence[Part], after: Sequence[Part], design_effect: float = 1.0) -> Decomposition | None:
    """The parts of both sides, the same value at the same place; None where a side has no weight at all.

    A value that a side lacks, or of which it has fewer than FEWEST sessions, shows no change within; it is taken to
    have changed as the others did on average. The interval takes the mix as given: the variances of the parts, added up
    with the squares of the averaged weights, times `design_effect`, how many times larger the whole difference's
    variance is because sessions of one person resemble each other.
    """
    sums = sum(part.weight for part in before), sum(part.weight for part in after)
    if min(sums) <= 0:
        return None
    difference = sum(part.total for part in after) / sums[1] - sum(part.total for part in before) / sums[0]
    shares = [(one.weight / sums[0], other.weight / sums[1]) for one, other in zip(before, after, strict=True)]
    # of two that moved as far the one that rose
    moved = max(
        range(len(shares)), key=lambda n: (round(abs(shares[n][1] - shares[n][0]), 12), shares[n][1] - shares[n][0])
    )
    changes, variance, held = 0.0, 0.0, (0.0, 0.0)
    for one, other, (share, other_share) in zip(before, after, shares, strict=True):
        if min(one.n, other.n) >= FEWEST and one.weight and other.weight:
            average = (share + other_share) / 2
            changes += average * (other.total / other.weight - one.total / one.weight)
            variance += average**2 * (_variance(one) + _variance(other))
            held = held[0] + share, held[1] + other_share
    if not (common := sum(held) / 2):
        return Decomposition(difference, difference, 0.0, -math.inf, math.inf, moved, *shares[moved], 0.0)
    within, reach = changes / common, Z * math.sqrt(variance * design_effect) / common
    return Decomposition(
        difference, difference - within, within, within - reach, within + reach, moved, *shares[moved], min(held)
    )


def design_effect(before: Sequence[Part], after: Sequence[Part], error: float) -> float:
    """For `kitagawa`: how many times larger the variance of the whole difference is, whose standard error by person is
    `error`, than if every session were another person's. Kish (1965), Survey Sampling."""
    alone = _variance(together(before)) + _variance(together(after))
    return error**2 / alone if alone else 1.0


def together(parts: Sequence[Part]) -> Part:
    """The sums of several values as those of one."""
    sums = [[getattr(part, field.name) for part in parts] for field in fields(Part)]
    return Part(*map(sum, sums))


def _variance(part: Part) -> float:
    """Of the part's rate: that of the residuals x - rate * y; 0 where there is none to tell."""
    if part.n < 2 or not part.weight:
        return 0.0
    rate = part.total / part.weight
    residuals = part.squares - 2 * rate * part.cross + rate**2 * part.weight_squares
    return max(0.0, residuals) / (part.n - 1) * part.n / part.weight**2
