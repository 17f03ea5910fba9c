"""Groups of like rows: k-means, with as many groups as are told apart best.

The same rows in the same order give the same answer, on one thread, with a fixed seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST = 8  # groups
STARTS, SEED = 4, 0
TRIED, JUDGED = 5000, 2500  # rows: that each number of groups is tried on, and whose silhouette is taken
CLOSE = 0.01  # of silhouettes
LEAST_SPREAD, RARE, SAME = 0.5, 0.02, 0.9  # a scale; a share of rows; a correlation

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Silhouette:
    """How well `k` groups are told apart: the mean of a row's distance from its own and from the next group, -1 to 1.

    Rousseeuw (1987), Journal of Computational and Applied Mathematics 20, 53-65. Kaufman and Rousseeuw (1990), Finding
    Groups in Data, take up to 0.25 for no substantial structure, and more than 0.5 for a reasonable one.
    """

    k: int
    value: float


def telling(rows: Matrix, limits: Sequence[str], most: dict[str, int]) -> list[int]:
    """The columns that tell rows apart: not constant, not zero in nearly all, not another one over again.

    `limits` gives each column a kind. Columns of a kind in `most` come in the order of their spread, at most so many of
    them; the others come first, in their own order.
    """
    if not len(rows):
        return []
    spread = rows.std(axis=0)
    order = [n for n, kind in enumerate(limits) if kind not in most]
    order += sorted((n for n, kind in enumerate(limits) if kind in most), key=lambda n: (-round(spread[n], 9), n))
    kept: list[int] = []
    taken = dict.fromkeys(most, 0)
    for n in order:
        if spread[n] < 1e-9 or (rows[:, n] != 0).mean() < RARE or taken.get(limits[n], -1) == most.get(limits[n], 0):
            continue
        if any(abs(np.corrcoef(rows[:, n], rows[:, other])[0, 1]) > SAME for other in kept):
            continue
        kept.append(n)
        if limits[n] in most:
            taken[limits[n]] += 1
    return sorted(kept)


def scales(rows: Matrix) -> Matrix:
    """Each column's standard deviation, but at least `LEAST_SPREAD`: what hardly any row has is not to decide."""
    found: Matrix = np.maximum(rows.std(axis=0), LEAST_SPREAD)
    return found


def silhouettes(rows: Matrix, most: int = MOST) -> tuple[Silhouette, ...]:
    """Of 2, 3, ... groups of the first `TRIED` rows; at most as many groups as there are different rows."""
    from sklearn.metrics import pairwise_distances, silhouette_score

    tried, judged = rows[:TRIED], rows[:JUDGED]
    different = len(np.unique(tried, axis=0))
    with _one_thread():
        apart = pairwise_distances(judged)
        np.fill_diagonal(apart, 0)
        found = []
        for k in range(2, min(most, different) + 1):
            groups = _k_means(tried, k).labels_[:JUDGED]
            if 1 < len(np.unique(groups)) < len(judged):
                found.append(Silhouette(k, float(silhouette_score(apart, groups, metric="precomputed"))))
    return tuple(found)


def clearest(found: Sequence[Silhouette]) -> int:
    """The number of groups with the largest silhouette; the smallest one of those that come within `CLOSE` of it.

    2 where nothing was tried.
    """
    largest = max((one.value for one in found), default=0)
    return min((one.k for one in found if one.value >= largest - CLOSE), default=2)


def centres(rows: Matrix, k: int) -> Matrix:
    """The centres of `k` groups, that of the most rows first; there must be as many different rows."""
    with _one_thread():
        fitted = _k_means(rows, k)
    sizes = np.bincount(fitted.labels_, minlength=k)
    order = sorted(range(k), key=lambda n: (-sizes[n], tuple(fitted.cluster_centers_[n])))
    found: Matrix = fitted.cluster_centers_[order]
    return found


def nearest(rows: Matrix, centres: Matrix) -> NDArray[np.intp]:
    """Each row's nearest centre, from 0; of two equally near the first."""
    squares = ((rows[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    found: NDArray[np.intp] = np.argmax(squares <= squares.min(axis=1, keepdims=True) + 2e-9, axis=1)
    return found


def different(rows: Matrix) -> int:
    """How many different rows there are."""
    return len(np.unique(rows, axis=0)) if len(rows) else 0


def _k_means(rows: Matrix, k: int) -> Any:
    from sklearn.cluster import KMeans  # a second to import, and few pages need it

    return KMeans(k, n_init=STARTS, random_state=SEED).fit(rows)


def _one_thread() -> Any:
    """Threads would add in another order each time."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)
