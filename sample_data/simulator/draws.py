"""Random draws, many at a time."""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .parameters import SEED

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def stream(name: str) -> np.random.Generator:
    """The random numbers of one part: changing how one draws leaves the others as they are."""
    return np.random.default_rng([SEED, zlib.crc32(name.encode())])


def pick(random: np.random.Generator, weights: Sequence[float] | Floats, n: int) -> Ints:
    """`n` times the number of one of the weights."""
    bounds = np.cumsum(np.asarray(weights, float))
    return np.searchsorted(bounds / bounds[-1], random.random(n), side="right").clip(max=len(bounds) - 1)


def pick_rows(random: np.random.Generator, rows: Floats) -> Ints:
    """For each row of weights the number of one of its columns."""
    bounds = np.cumsum(rows, axis=1)
    return (random.random((len(rows), 1)) * bounds[:, -1:] >= bounds).sum(axis=1).clip(max=rows.shape[1] - 1)


def around(random: np.random.Generator, median_spread: tuple[float, float], n: int) -> Floats:
    """`n` draws of a lognormal given by its median and the standard deviation of its logarithm."""
    median, spread = median_spread
    return median * np.exp(random.normal(0, spread, n))
