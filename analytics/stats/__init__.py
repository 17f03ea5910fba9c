"""Intervals, tests and corrections: pure functions of sufficient statistics, each with its source."""

from analytics.stats.clusters import Crossing, design_effect, overlapping, share_interval, shared
from analytics.stats.difference import (
    Difference,
    Relative,
    by_person,
    corrected,
    of_means,
    of_shares,
    q_values,
    relative,
    smallest_increase,
    wilson,
)
from analytics.stats.odds import Odds, expected_least, odds_ratio
from analytics.stats.quantiles import Bounded, between, correlation, fractions, ratio
from analytics.stats.sums import Sums

__all__ = [
    "Bounded",
    "Crossing",
    "Difference",
    "Odds",
    "Relative",
    "Sums",
    "between",
    "by_person",
    "corrected",
    "correlation",
    "design_effect",
    "expected_least",
    "fractions",
    "odds_ratio",
    "of_means",
    "of_shares",
    "overlapping",
    "q_values",
    "ratio",
    "relative",
    "share_interval",
    "shared",
    "smallest_increase",
    "wilson",
]
