"""Intervals, tests and corrections: pure functions of sufficient statistics, each with its source."""

from analytics.stats.clusters import Crossing, design_effect, overlapping, share_interval
from analytics.stats.difference import (
    Difference,
    Relative,
    by_person,
    corrected,
    of_means,
    of_shares,
    q_values,
    relative,
    wilson,
)
from analytics.stats.odds import Odds, expected_least, odds_ratio
from analytics.stats.sums import Sums

__all__ = [
    "Crossing",
    "Difference",
    "Odds",
    "Relative",
    "Sums",
    "by_person",
    "corrected",
    "design_effect",
    "expected_least",
    "odds_ratio",
    "of_means",
    "of_shares",
    "overlapping",
    "q_values",
    "relative",
    "share_interval",
    "wilson",
]
