"""Comparisons keep what they promise, on few simulated products; `make calibrate` looks at many."""

import pytest

from analytics import stats
from benchmarks import calibration

RUNS, PEOPLE = 150, 1500


@pytest.fixture(scope="module")
def quiet():
    return calibration.quiet(RUNS, seed=5, people=PEOPLE)


@pytest.mark.parametrize("name", calibration.MEASURES)
def test_intervals_hold_no_change_where_there_is_none(quiet, name):
    of = quiet[0][name]
    assert of.runs > 0.9 * RUNS
    least, most = 0.89, 0.99  # 95 % of 150 are 133 to 149 in 99.9 of 100 such tests
    assert least <= of.covered <= most
    assert least <= of.covered_relative <= most
    assert of.called == pytest.approx(1 - of.covered, abs=0.02)  # the test and the interval say the same


def test_few_products_without_a_change_get_a_verdict(quiet):
    assert quiet[1] <= 0.1


def test_eighty_of_a_hundred_changes_of_the_smallest_size_are_seen(quiet):
    grown = {name: 1 + quiet[0][name].smallest for name in ("usual", "rare", "clicks", "per_view", "median")}
    found, false = calibration.planted(grown, 60, seed=6, people=PEOPLE)
    for of in found.values():
        assert 0.6 <= of.power <= 0.95
        assert of.covered >= 0.85
    assert false < 0.12


def test_a_simulated_comparison_counts_like_a_list_of_people():
    import numpy as np

    told = calibration.simulate(np.random.default_rng(2), 40)
    above, below = told.parts["per_view"]
    people = [
        [(above[n], below[n]) for n in np.flatnonzero((told.person == who) & (told.side == 1))] for who in range(40)
    ]
    totals = [(sum(a for a, _ in own), sum(b for _, b in own)) for own in people]
    change = calibration.changes(told, 40)["per_view"]
    mean = sum(s for s, _ in totals) / sum(n for _, n in totals)
    assert change.after.value == pytest.approx(mean)
    spread = sum((s - mean * n) ** 2 for s, n in totals)
    held = sum(n > 0 for _, n in totals)
    error = (spread * held / (held - 1)) ** 0.5 / sum(n for _, n in totals)
    assert change.after.high - change.after.low == pytest.approx(2 * stats.difference.Z * error)
