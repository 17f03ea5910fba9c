"""Shares of sessions whose people come back: intervals and differences that know that a person's sessions are alike."""

import math
from dataclasses import dataclass

from scipy import stats

from analytics.stats.difference import POWER_Z, Difference, Z
from analytics.stats.sums import Sums


@dataclass(frozen=True)
class Crossing:
    """Two groups of the same people's sessions: person i has n_i of them with the sum s_i in the one, m_i with t_i in
    the other. The sums over all people are s_i * t_i, s_i * m_i, n_i * t_i and n_i * m_i.
    """

    totals: float
    total_count: float
    count_total: float
    counts: float


def design_effect(sums: Sums) -> float:
    """How many times larger the variance of a share is than if every session were of another person; at least 1.

    Kish (1965), Survey Sampling. Of a share of 0 or 1, which shows no variance, it is taken as if all sessions of a
    person agreed: the sum of n_i squared over the sum of n_i. Of fewer than two people: 1.
    """
    if sums.people < 2 or sums.n == 0:
        return 1.0
    share = sums.mean
    if 0 < share < 1:
        return max(1.0, sums.mean_variance_by_person * sums.n / (share * (1 - share)))
    return max(1.0, sums.person_counts / sums.n)


def share_interval(sums: Sums) -> tuple[float, float]:
    """95 % interval of a share by person: Wilson's with n over the design effect; (0, 1) of no sessions.

    Korn and Graubard (1998), Survey Methodology 24, 193-201, for the effective size; Dean and Pagano (2015), Journal of
    Survey Statistics and Methodology 3, 484-503, for Wilson's form. 15 of 50, each of another person: 0.1901 to 0.4389.
    """
    if sums.n == 0:
        return 0.0, 1.0
    size, share = sums.n / design_effect(sums), sums.mean
    centre = share + Z**2 / (2 * size)
    reach = Z * math.sqrt(share * (1 - share) / size + Z**2 / (4 * size**2))
    whole = 1 + Z**2 / size
    return max(0.0, (centre - reach) / whole), min(1.0, (centre + reach) / whole)


def shared(before: Sums, after: Sums, crossing: Crossing) -> float:
    """The covariance of the two means that the same people on both sides bring; `crossing` is of before with after."""
    p, q = before.mean, after.mean
    found = crossing.totals - q * crossing.total_count - p * crossing.count_total + p * q * crossing.counts
    if min(before.people, after.people) > 1:  # unbiased like the variances
        found *= math.sqrt(before.people / (before.people - 1) * after.people / (after.people - 1))
    return found / (before.n * after.n)


def overlapping(before: Sums, after: Sums, crossing: Crossing) -> Difference:
    """After minus before, by person, where the same people may have sessions on both sides.

    Both means are ratios of sums over people; the variance of their difference by the delta method, the covariance of
    the sides included (Deng, Knoblich and Lu 2018, KDD, section 4). `crossing` is of before with after.
    """
    variance = before.mean_variance_by_person + after.mean_variance_by_person - 2 * shared(before, after, crossing)
    error = math.sqrt(max(0.0, variance))
    change = after.mean - before.mean
    if error == 0:
        return Difference(change, change, change, 1.0 if change == 0 else 0.0, 0.0)
    p_value = float(2 * stats.norm.sf(abs(change) / error))
    return Difference(change, change - Z * error, change + Z * error, p_value, (Z + POWER_Z) * error)
