"""How much of a difference comes of a changed mix, and how much of changes within the same values.

Kitagawa (1955), Components of a Difference Between Two Rates, Journal of the American Statistical Association 50,
1168-1194: two components, each weighted with the average of the two sides, which leaves no third that nobody can read.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.stats.difference import Z


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

    @property
    def spread(self) -> float | None:
        """The variance of x - rate * y over sessions; None below two."""
        if self.n < 2 or not self.weight:
            return None
        rate = self.total / self.weight
        residuals = self.squares - 2 * rate * self.cross + rate**2 * self.weight_squares
        return max(0.0, residuals) / (self.n - 1)


@dataclass(frozen=True)
class Decomposition:
    """`difference` = `mix` + `within`, after minus before: what the mix alone makes, and the change at the same mix.

    `moved` is the place of the part whose share of the weight changed most, from `share_before` to `share_after`.
    """

    difference: float
    mix: float
    within: float
    low: float  # the 95 % interval of `within`
    high: float
    moved: int
    share_before: float
    share_after: float


def kitagawa(before: Sequence[Part], after: Sequence[Part], design_effect: float = 1.0) -> Decomposition | None:
    """The parts of both sides, the same value at the same place; None where a side has no weight at all.

    A value that one side lacks has no change within, so all that it does is mix. The interval takes the mix as given:
    the variances of the parts, added up with the squares of the averaged weights, times `design_effect`, how many
    times larger the whole difference's variance is because sessions of one person resemble each other.
    """
    sums = sum(part.weight for part in before), sum(part.weight for part in after)
    if min(sums) <= 0:
        return None
    difference = sum(part.total for part in after) / sums[1] - sum(part.total for part in before) / sums[0]
    mix, within, variance = 0.0, 0.0, 0.0
    shares = [(one.weight / sums[0], other.weight / sums[1]) for one, other in zip(before, after, strict=True)]
    for one, other, (share, other_share) in zip(before, after, shares, strict=True):
        if one.weight and other.weight:
            rate, other_rate = one.total / one.weight, other.total / other.weight
            average = (share + other_share) / 2
            mix += (other_share - share) * (rate + other_rate) / 2
            within += average * (other_rate - rate)
            variance += average**2 * (_variance(one, other) + _variance(other, one))
        else:
            mix += other.total / sums[1] - one.total / sums[0]
    reach = Z * math.sqrt(variance * design_effect)
    moved = max(range(len(shares)), key=lambda n: abs(shares[n][1] - shares[n][0]))
    return Decomposition(difference, mix, within, within - reach, within + reach, moved, *shares[moved])


def _variance(part: Part, twin: Part) -> float:
    """Of the part's rate; a single session has no spread of its own and is taken to have its twin's."""
    spread = part.spread if part.spread is not None else twin.spread
    return (spread or 0.0) * part.n / part.weight**2
