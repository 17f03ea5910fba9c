"""Sufficient statistics: what SQL sends, so that the data itself never travels."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Sums:
    """Of one metric on one side: over its `n` sessions with a value x, and over the `people` they belong to.

    A person i has n_i sessions whose values add up to s_i. Sums add, so strata and days combine by adding fields. Of a
    ratio of sums, `n` and n_i are sums of the denominator.
    """

    n: float
    total: float  # sum of x
    squares: float  # sum of x * x
    people: int
    person_squares: float  # sum of s_i * s_i
    person_cross: float  # sum of s_i * n_i
    person_counts: float  # sum of n_i * n_i

    @property
    def mean(self) -> float:
        """Per session; of a share, the share. Only where `n` > 0."""
        return self.total / self.n

    @property
    def variance(self) -> float:
        """Of the values, unbiased; 0 for a single one."""
        return max(0.0, (self.squares - self.total * self.mean) / (self.n - 1)) if self.n > 1 else 0.0

    @property
    def mean_variance_by_person(self) -> float:
        """Of `mean` when people, not sessions, are independent: the ratio estimator's, by the delta method.

        Deng, Knoblich and Lu (2018), Applying the Delta Method in Metric Analytics, KDD, equation 5. Infinite for one
        person.
        """
        if self.people < 2:
            return math.inf
        spread = self.person_squares - 2 * self.mean * self.person_cross + self.mean**2 * self.person_counts
        return max(0.0, spread) / self.n**2 * self.people / (self.people - 1)
