"""The formulas: published worked examples, other implementations to six digits, and what must hold for any data.

Constants come from the papers named, or were computed once with statsmodels 0.14.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats as scipy_stats

from analytics import stats
from analytics.stats import Sums
from analytics.stats.difference import POWER_Z, Z

BUYERS = [[1, 0, 0], [1, 1], [0], [0, 0, 0, 1], [1], [0, 0], [1, 1, 0]]  # a list a person, a number a session


def share(successes, trials):
    """`trials` people with one session each, `successes` of them with the thing."""
    return Sums(trials, successes, successes, trials, successes, successes, trials)


def sums(people):
    """The sums of values, a list a person, as SQL would send them."""
    values = [value for own in people for value in own]
    return Sums(
        n=len(values),
        total=math.fsum(values),
        squares=math.fsum(value * value for value in values),
        people=len(people),
        person_squares=math.fsum(sum(own) ** 2 for own in people),
        person_cross=math.fsum(sum(own) * len(own) for own in people),
        person_counts=sum(len(own) ** 2 for own in people),
    )


def alone(values):
    """Everybody has one session."""
    return sums([[value] for value in values])


# --- Shares -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [  # the first four: Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3
        (81, 263, 0.255288520, 0.366209577),
        (15, 148, 0.062386400, 0.160487242),
        (0, 20, 0.0, 0.161125158),
        (1, 29, 0.006113214, 0.171755219),
        (15, 50, 0.191035535, 0.437503505),
    ],
)
def test_a_share_has_wilsons_interval(successes, trials, low, high):
    assert stats.wilson(successes, trials) == pytest.approx((low, high), abs=1e-9)


def test_of_no_trials_everything_is_possible():
    assert stats.wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("after", "before", "low", "high", "p"),
    [  # the first four: Newcombe (1998), Statistics in Medicine 17, 873-890, table II a to d, method 10
        ((56, 70), (48, 80), 0.052431472, 0.333872654, 8.045081e-03),
        ((9, 10), (3, 10), 0.170522724, 0.809017974, 6.169899e-03),
        ((6, 7), (2, 7), 0.058227927, 0.806249638, 3.075356e-02),
        ((5, 56), (0, 29), -0.038137148, 0.192560014, 9.718657e-02),
        ((298, 8675), (508, 10334), -0.020464106, -0.009116483, 4.507235e-07),
    ],
)
def test_two_shares_by_newcombe_and_the_pooled_z_test(after, before, low, high, p):
    found = stats.of_shares(share(*before), share(*after))
    assert found.change == pytest.approx(after[0] / after[1] - before[0] / before[1], abs=1e-12)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-8)
    assert found.p == pytest.approx(p, rel=1e-6)


@pytest.mark.parametrize("successes", [0, 40])
def test_nobody_and_everybody_on_both_sides_is_no_change(successes):
    found = stats.of_shares(share(successes, 40), share(successes, 40))
    assert (found.change, found.p, found.smallest) == (0, 1, 0)
    assert found.low == pytest.approx(-found.high)
    assert found.high > 0.08  # forty people are not everyone


# --- Means ------------------------------------------------------------------------------------------------------------


def test_two_means_by_welch_on_the_raw_values():
    before, after = [4.2, 3.1, 5.6, 0.4, 2.2, 7.9, 1.3], [6.1, 9.4, 3.3, 12.8, 5.0]
    found = stats.of_means(alone(before), alone(after))
    assert found.p == pytest.approx(0.09630536453, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((-0.89009262295, 8.47294976581), rel=1e-9)


@pytest.mark.parametrize(("seed", "sizes"), [(1, (12, 9)), (2, (300, 40)), (3, (2, 2)), (4, (2500, 2600))])
def test_two_means_are_scipys(seed, sizes):
    dice = np.random.default_rng(seed)
    before, after = dice.lognormal(3, 1, sizes[0]), dice.lognormal(3.2, 0.8, sizes[1])
    found = stats.of_means(alone(before), alone(after))
    welch = scipy_stats.ttest_ind(after, before, equal_var=False)
    interval = welch.confidence_interval()
    assert (found.p, found.low, found.high) == pytest.approx((welch.pvalue, interval.low, interval.high), rel=1e-6)


def test_without_spread_a_difference_is_certain_and_none_is_none():
    same, other = alone([3.0] * 12), alone([5.0] * 12)
    assert stats.of_means(same, same) == stats.Difference(0, 0, 0, 1, 0)
    assert stats.of_means(same, other) == stats.Difference(2, 2, 2, 0, 0)
    assert stats.by_person(same, same) == stats.Difference(0, 0, 0, 1, 0)


# --- By person --------------------------------------------------------------------------------------------------------


def test_variance_by_person_is_that_of_cluster_robust_least_squares():
    assert sums(BUYERS).mean == 0.4375
    assert sums(BUYERS).mean_variance_by_person == pytest.approx(0.016733805339, rel=1e-9)


def test_variance_by_person_is_that_of_a_plain_loop():
    mean, people, variance = 7 / 16, len(BUYERS), 0.0
    for own in BUYERS:
        variance += (sum(own) - mean * len(own)) ** 2  # what the person's sessions add beyond so many usual ones
    variance *= people / (people - 1) / 16**2
    assert sums(BUYERS).mean_variance_by_person == pytest.approx(variance, rel=1e-12)


def test_variance_by_person_is_that_of_drawing_people_again():
    dice = np.random.default_rng(11)
    people = [list(dice.random(1 + dice.poisson(3)) < inclined) for inclined in dice.beta(1, 4, 400)]
    totals, counts = np.array([sum(own) for own in people]), np.array([len(own) for own in people])
    drawn = dice.integers(0, len(people), (4000, len(people)))
    means = totals[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    side = sums(people)
    assert side.mean_variance_by_person == pytest.approx(means.var(), rel=0.08)
    assert side.variance / side.n < 0.8 * side.mean_variance_by_person  # sessions alone would promise too much


def test_one_person_says_nothing_about_others():
    found = stats.by_person(sums([[1, 0, 1]]), sums(BUYERS))
    assert (found.low, found.high, found.p) == (-math.inf, math.inf, 1)
    assert stats.relative(2 / 3, 0.4375, math.inf, 0.01) is None


# --- Relative changes -------------------------------------------------------------------------------------------------


def test_fiellers_interval_of_an_example_that_can_be_done_by_hand():
    # 5 after 5, each with a standard error of 1 / 1.96: 24 r r - 50 r + 24 = 0 has the roots 3/4 and 4/3
    found = stats.relative(5, 5, 1 / Z**2, 1 / Z**2)
    assert (found.change, found.low, found.high) == pytest.approx((0, -1 / 4, 1 / 3), abs=1e-12)


@given(
    some.floats(0.01, 1000), some.floats(0, 1000), some.floats(0.0001, 0.45), some.floats(0, 0.45)
)  # relative standard errors: before is clearly above zero below 0.51
def test_fiellers_interval_holds_the_ratios_that_a_test_would_not_refuse(before, after, before_error, after_error):
    variances = (before * before_error) ** 2, (before * after_error) ** 2
    found = stats.relative(before, after, *variances)
    quadratic = [before**2 - Z**2 * variances[0], -2 * before * after, after**2 - Z**2 * variances[1]]
    roots = sorted(np.roots(quadratic).real)
    assert (found.low, found.high) == pytest.approx((roots[0] - 1, roots[1] - 1), rel=1e-5, abs=1e-5)
    assert found.low - 1e-9 <= found.change <= found.high + 1e-9


@given(some.floats(1, 100), some.floats(1, 100), some.floats(0.001, 0.4), some.floats(0.001, 0.4))
def test_a_ratio_read_the_other_way_round_is_its_inverse(before, after, before_error, after_error):
    variances = (before * before_error) ** 2, (after * after_error) ** 2
    one, other = stats.relative(before, after, *variances), stats.relative(after, before, *reversed(variances))
    assert 1 + other.change == pytest.approx(1 / (1 + one.change))
    assert (1 + other.low, 1 + other.high) == pytest.approx((1 / (1 + one.high), 1 / (1 + one.low)), rel=1e-6)


@pytest.mark.parametrize(
    ("before", "variance"),
    [
        pytest.param(0.0, 0.0, id="nothing before"),
        pytest.param(-2.0, 0.01, id="less than nothing before"),
        pytest.param(1.0, 1 / Z**2, id="before is just not above zero"),
        pytest.param(1.0, math.inf, id="before is one person"),
    ],
)
def test_there_is_no_relative_change_of_what_may_be_nothing(before, variance):
    assert stats.relative(before, 3.0, variance, 0.01) is None


# --- Many metrics -----------------------------------------------------------------------------------------------------


def test_q_values_of_the_paper():
    # Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57, 289-300, section 3.2: four of the fifteen stand at 0.05
    ps = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
          0.7590, 1.0]  # fmt: skip
    qs = (0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.063857143, 0.063857143, 0.0645, 0.0765, 0.486, 0.581181818,
          0.714875, 0.753230769, 0.813214286, 1.0)  # fmt: skip
    assert stats.q_values(ps) == pytest.approx(qs, abs=1e-9)
    assert stats.q_values([]) == ()


@given(some.lists(some.floats(0, 1), min_size=1, max_size=20))
def test_a_q_value_is_the_least_rate_at_which_the_step_up_test_refuses(ps):
    ranked = sorted(ps)
    for p, q in zip(ps, stats.q_values(ps), strict=True):
        steps = [min(1, other * len(ps) / rank) for rank, other in enumerate(ranked, 1) if other >= p]
        assert q == pytest.approx(min(steps))
        assert p <= q + 1e-12


# --- For any data -----------------------------------------------------------------------------------------------------

values = some.lists(some.floats(0, 1000, width=32), min_size=1, max_size=4)
anybody = some.lists(values, min_size=2, max_size=12)
counted = some.integers(1, 400).flatmap(lambda trials: some.tuples(some.integers(0, trials), some.just(trials)))


@settings(deadline=None)
@given(counted, counted)
def test_shares_swapped_change_their_sign(one, other):
    there, back = stats.of_shares(share(*one), share(*other)), stats.of_shares(share(*other), share(*one))
    assert (there.change, there.low, there.high) == pytest.approx((-back.change, -back.high, -back.low), abs=1e-12)
    assert (there.p, there.smallest) == pytest.approx((back.p, back.smallest))
    assert -1 <= there.low <= there.change + 1e-12 <= there.high + 2e-12 <= 1 + 1e-9


@settings(deadline=None)
@given(anybody, anybody)
def test_means_swapped_change_their_sign(one, other):
    for how in (stats.of_means, stats.by_person):
        there, back = how(sums(one), sums(other)), how(sums(other), sums(one))
        assert (there.change, there.low, there.high) == pytest.approx((-back.change, -back.high, -back.low), abs=1e-6)
        assert there.p == pytest.approx(back.p)
        assert there.low <= there.change <= there.high


@settings(deadline=None)
@given(anybody, anybody)
def test_sums_add_where_people_do_not_overlap(one, other):
    whole, parts = sums(one + other), (sums(one), sums(other))
    for field in Sums.__dataclass_fields__:
        assert getattr(whole, field) == pytest.approx(sum(getattr(part, field) for part in parts))


@settings(deadline=None)
@given(anybody)
def test_sums_hold_what_numpy_finds_in_the_values(people):
    everything = np.array([value for own in people for value in own], dtype=float)
    side = sums(people)
    assert side.mean == pytest.approx(everything.mean())
    assert side.variance == pytest.approx(everything.var(ddof=1) if len(everything) > 1 else 0, abs=1e-3, rel=1e-6)


def test_one_session_a_person_makes_both_variances_the_same():
    side = alone([3.0, 4.5, 1.0, 9.0, 2.5])
    assert side.mean_variance_by_person == pytest.approx(side.variance / side.n)


def test_the_smallest_detectable_change_is_seen_in_four_of_five_measurements():
    found = stats.by_person(sums(BUYERS), sums(BUYERS))
    error = (found.high - found.low) / (2 * Z)
    assert scipy_stats.norm.sf(Z - found.smallest / error) == pytest.approx(0.8)
    assert scipy_stats.norm.cdf(POWER_Z) == pytest.approx(0.8)


# --- Odds ratios; shares of sessions whose people come back ----------------------------------------------------------


def test_the_odds_ratio_of_a_published_table():
    # Agresti (2007), An Introduction to Categorical Data Analysis, 2.3.1: aspirin and heart attacks
    found = stats.odds_ratio(189, 10845, 104, 10933)
    assert (found.ratio, found.low, found.high) == pytest.approx((1.8321, 1.4400, 2.3308), abs=5e-5)


@settings(deadline=None, max_examples=50)
@given(some.lists(some.integers(1, 400), min_size=4, max_size=4))
def test_odds_ratios_are_those_of_scipy(cells):
    a, b, c, d = cells
    found = stats.odds_ratio(a, b, c, d)
    theirs = scipy_stats.contingency.odds_ratio([[a, b], [c, d]], kind="sample")
    interval = theirs.confidence_interval(0.95)
    assert (found.ratio, found.low, found.high) == pytest.approx((theirs.statistic, interval.low, interval.high))
    assert found.p == pytest.approx(scipy_stats.chi2_contingency([[a, b], [c, d]], correction=False).pvalue, abs=1e-12)
    assert stats.expected_least(a, b, c, d) == pytest.approx(
        scipy_stats.contingency.expected_freq([[a, b], [c, d]]).min()
    )


def test_an_empty_cell_gets_half_and_a_test_all_the_same():
    found = stats.odds_ratio(30, 0, 10, 40)
    assert found.ratio == pytest.approx(30.5 * 40.5 / (0.5 * 10.5))
    assert found.low > 1 and found.p < 1e-6
    assert stats.odds_ratio(0, 0, 10, 40).p == 1  # nobody had it: nothing is known
    assert stats.expected_least(0, 0, 0, 0) == 0


def test_rows_that_are_not_independent_say_less():
    plain, wider = stats.odds_ratio(40, 20, 30, 50), stats.odds_ratio(40, 20, 30, 50, design_effect=4.0)
    assert math.log(wider.high / wider.ratio) == pytest.approx(2 * math.log(plain.high / plain.ratio))
    assert scipy_stats.norm.isf(wider.p / 2) == pytest.approx(scipy_stats.norm.isf(plain.p / 2) / 2)


def test_the_interval_of_a_share_by_person():
    alone_ = stats.share_interval(share(15, 50))
    assert alone_ == pytest.approx(stats.wilson(15, 50), abs=2e-3)
    twins = sums([[1, 1]] * 15 + [[0, 0]] * 35)  # each session twice: as much is known as from one of each
    assert stats.design_effect(twins) == pytest.approx(2 * 50 / 49)
    assert stats.share_interval(twins) == pytest.approx(alone_, abs=1e-9)
    assert stats.design_effect(sums([[0, 0, 0], [0]])) == 10 / 4
    low, high = stats.share_interval(sums([[0, 0, 0], [0]] * 5))
    assert low == 0 and high == pytest.approx(stats.wilson(0, 8)[1])
    assert stats.share_interval(share(0, 0)) == (0.0, 1.0)


def test_a_difference_where_people_are_on_both_sides():
    def crossing(one, other):
        return stats.Crossing(
            totals=sum(sum(a) * sum(b) for a, b in zip(one, other, strict=True)),
            total_count=sum(sum(a) * len(b) for a, b in zip(one, other, strict=True)),
            count_total=sum(len(a) * sum(b) for a, b in zip(one, other, strict=True)),
            counts=sum(len(a) * len(b) for a, b in zip(one, other, strict=True)),
        )

    nobody = stats.overlapping(sums(BUYERS), sums(BUYERS[::-1]), stats.Crossing(0, 0, 0, 0))
    apart = stats.by_person(sums(BUYERS), sums(BUYERS[::-1]))
    assert (nobody.low, nobody.high, nobody.p) == pytest.approx((apart.low, apart.high, apart.p))
    same = stats.overlapping(sums(BUYERS), sums(BUYERS), crossing(BUYERS, BUYERS))
    assert same.change == 0 and same.high < 1e-6 * apart.high


def test_the_difference_of_overlapping_sides_covers_the_truth():
    # no difference; each of 300 people has a rate of its own, and sessions of both kinds
    generator = np.random.default_rng(5)
    covered = 0
    for _ in range(400):
        rate = generator.beta(1, 4, 300)
        n = generator.integers(0, 4, (2, 300))
        s = generator.binomial(n, rate)
        sides = [
            Sums(k.sum(), t.sum(), t.sum(), (k > 0).sum(), (t * t).sum(), (t * k).sum(), (k * k).sum())
            for k, t in zip(n, s, strict=True)
        ]
        crossing = stats.Crossing((s[0] * s[1]).sum(), (s[0] * n[1]).sum(), (n[0] * s[1]).sum(), (n[0] * n[1]).sum())
        found = stats.overlapping(*sides, crossing)
        covered += found.low <= 0 <= found.high
    assert 0.92 <= covered / 400 <= 0.98


def crossing(one, other):
    """Of two lists a person, person by person."""
    pairs = list(zip(one, other, strict=True))
    return stats.Crossing(
        totals=math.fsum(sum(a) * sum(b) for a, b in pairs),
        total_count=math.fsum(sum(a) * len(b) for a, b in pairs),
        count_total=math.fsum(len(a) * sum(b) for a, b in pairs),
        counts=sum(len(a) * len(b) for a, b in pairs),
    )


def test_one_session_of_everybody_on_each_side_is_the_paired_t_test():
    generator = np.random.default_rng(8)
    before = generator.gamma(2, 30, 60)
    after = before + generator.normal(4, 15, 60)
    one, other = [[value] for value in before], [[value] for value in after]
    found = stats.overlapping(sums(one), sums(other), crossing(one, other))
    paired = scipy_stats.ttest_rel(after, before)
    assert 2 * Z * found.change / (found.high - found.low) == pytest.approx(paired.statistic, rel=1e-6)
    assert stats.shared(sums(one), sums(other), crossing(one, other)) == pytest.approx(
        np.cov(before, after)[0, 1] / 60, rel=1e-6
    )


# --- Quantiles --------------------------------------------------------------------------------------------------------


def up_to(values, mark):
    """The sums of whether a session's value, a list a person, is at most `mark`."""
    return sums([[float(value <= mark) for value in own] for own in values])


def test_two_intervals_make_one_of_the_difference_as_newcombe_published_it():
    # 56 of 70 after 48 of 80, from Wilson's intervals of each: Newcombe (1998), table II, method 10
    before, after = (stats.Bounded(k / n, *stats.wilson(k, n)) for k, n in ((48, 80), (56, 70)))
    found = stats.between(before, after)
    assert (found.change, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize("correlation", [-0.4, 0.0, 0.7])
def test_even_intervals_make_walds_difference_and_fiellers_ratio(correlation):
    errors = 0.6, 0.8
    before, after = (stats.Bounded(v, v - Z * e, v + Z * e) for v, e in zip((10.0, 12.5), errors, strict=True))
    covariance = correlation * math.prod(errors)
    found = stats.between(before, after, correlation)
    error = math.sqrt(errors[0] ** 2 + errors[1] ** 2 - 2 * covariance)
    assert (found.low, found.high) == pytest.approx((2.5 - Z * error, 2.5 + Z * error))
    assert found.p == pytest.approx(2 * scipy_stats.norm.sf(2.5 / error))
    assert found.smallest == pytest.approx((Z + POWER_Z) * error)
    ratio = stats.ratio(before, after, correlation)
    fieller = stats.relative(10.0, 12.5, errors[0] ** 2, errors[1] ** 2, covariance)
    assert (ratio.change, ratio.low, ratio.high) == pytest.approx((fieller.change, fieller.low, fieller.high), rel=1e-6)


def test_the_relative_interval_knows_the_covariance():
    found = stats.relative(0.05, 0.036, 4e-6, 3.3e-6, 2e-6)
    for bound in (found.low, found.high):
        r = 1 + bound
        assert (0.036 - r * 0.05) ** 2 == pytest.approx(Z**2 * (3.3e-6 - 2 * r * 2e-6 + r**2 * 4e-6), rel=1e-6)
    assert found.high - found.low < (apart := stats.relative(0.05, 0.036, 4e-6, 3.3e-6)).high - apart.low


def test_a_quantile_lies_between_the_order_statistics_of_scipy():
    values = np.sort(np.random.default_rng(4).lognormal(4, 1, 500))
    low, high = stats.fractions(up_to([[v] for v in values], np.quantile(values, 0.5)), 0.5)
    exact = scipy_stats.quantile_test(values, q=0, p=0.5).confidence_interval(0.95)
    places = np.searchsorted(values, exact) / 500
    assert (low, high) == pytest.approx(places, abs=2 / 500)


def test_sessions_of_one_person_bound_a_quantile_less():
    values = np.random.default_rng(6).lognormal(4, 1, 200)
    alone_, twins = ([[v] * times for v in values] for times in (1, 2))
    mark = np.quantile(values, 0.5)
    one, other = (stats.fractions(up_to(people, mark), 0.5) for people in (alone_, twins))
    assert one == pytest.approx(other)


def test_too_few_to_bound_a_high_quantile():
    assert stats.fractions(up_to([[float(n)] for n in range(12)], 10.0), 0.9) is None


def test_nothing_to_tell_apart():
    same = stats.Bounded(3.0, 3.0, 3.0)
    assert stats.between(same, same) == stats.Difference(0, 0, 0, 1, 0)
    assert stats.ratio(stats.Bounded(1.0, -0.5, 2.0), same) is None
    assert stats.correlation(share(0, 20), share(5, 20), stats.Crossing(0, 0, 0, 0)) == 0


def test_the_correlation_of_the_same_sessions_is_one():
    assert stats.correlation(sums(BUYERS), sums(BUYERS), crossing(BUYERS, BUYERS)) == pytest.approx(1)
