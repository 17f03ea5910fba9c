"""Odds ratio of a table of two by two: how much more often those with a thing are in the one group than in the other.

          in the group   not
with it        a          b
without        c          d
"""

import math
from dataclasses import dataclass

from scipy import stats

from analytics.stats.difference import Z


@dataclass(frozen=True)
class Odds:
    """`ratio` with its 95 % interval, and the two-sided p that there is no association."""

    ratio: float
    low: float
    high: float
    p: float


def expected_least(a: int, b: int, c: int, d: int) -> float:
    """The smallest count that the table would have without an association; below 5 a test of it misleads (Cochran 1954,
    Biometrics 10, 417-451)."""
    whole = a + b + c + d
    return min(a + b, c + d) * min(a + c, b + d) / whole if whole else 0.0


def odds_ratio(a: int, b: int, c: int, d: int, design_effect: float = 1.0) -> Odds:
    """Woolf's interval (1955, Annals of Human Genetics 19, 251-253); p of the score test (Pearson's chi-squared, no
    continuity correction). With an empty cell half is added to each for the ratio (Haldane 1956; Anscombe 1956).

    `design_effect` above 1: rows are not independent, and both variances are that much larger (Rao and Scott 1981, JASA
    76, 221-230, first order). Needs a row and a column that are not empty. 189 and 10,845 against 104 and 10,933, as in
    the physicians' aspirin study (Agresti 2007, 2.3.1): 1.83 (1.44 to 2.33).
    """
    cells = [float(cell) for cell in (a, b, c, d)]
    if 0 in cells:
        cells = [cell + 0.5 for cell in cells]
    log = math.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    reach = Z * math.sqrt(design_effect * sum(1 / cell for cell in cells))
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    chi = (a + b + c + d) * (a * d - b * c) ** 2 / margins / design_effect if margins else 0.0
    return Odds(math.exp(log), math.exp(log - reach), math.exp(log + reach), float(stats.chi2.sf(chi, 1)))
