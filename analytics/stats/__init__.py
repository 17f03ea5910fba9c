"""Intervals, tests and corrections: pure functions of sufficient statistics, each with its source."""

from analytics.stats.difference import Difference, Relative, by_person, of_means, of_shares, q_values, relative, wilson
from analytics.stats.sums import Sums

__all__ = ["Difference", "Relative", "Sums", "by_person", "of_means", "of_shares", "q_values", "relative", "wilson"]
