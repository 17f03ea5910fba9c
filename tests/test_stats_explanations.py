"""What else could explain a difference: mix, trend and placebo against published examples and plain oracles."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats as scipy_stats

from analytics.stats import Crossing, Sums, overlapping
from analytics.stats.difference import Z
from analytics.stats.kitagawa import Part, design_effect, kitagawa
from analytics.stats.placebo import Windows, placebo
from analytics.stats.trend import Day, trend

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def part(values, weights=None):
    """Of each session's numerator and denominator."""
    weights = weights or [1] * len(values)
    pairs = list(zip(values, weights, strict=True))
    return Part(
        n=len(pairs),
        total=math.fsum(x for x, _ in pairs),
        weight=math.fsum(y for _, y in pairs),
        squares=math.fsum(x * x for x, _ in pairs),
        cross=math.fsum(x * y for x, y in pairs),
        weight_squares=math.fsum(y * y for _, y in pairs),
    )


def of_rates(sizes, rates):
    """As tables of rates are printed."""
    return [Part(1000, size * rate, size, 0, 0, 0) for size, rate in zip(sizes, rates, strict=True)]


# --- Mix and within ---------------------------------------------------------------------------------------------------

# Das Gupta (1993), Standardization and Decomposition of Rates: A User's Manual, example 5.1: household headship rates
# per 100 in the United States by age, 1970 and 1985; and example 5.3, death rates per 1,000 by race and age.
HEADS_1970 = (
    (12.9, 10.9, 9.5, 8.0, 7.8, 8.4, 8.6, 7.8, 7.0, 5.9, 4.7, 3.6, 4.9),
    (1.9, 25.8, 45.7, 49.6, 51.2, 51.6, 51.8, 54.9, 58.7, 60.4, 62.8, 66.6, 66.8),
)
HEADS_1985 = (
    (10.1, 11.2, 11.6, 10.9, 9.4, 7.7, 6.3, 6.0, 6.3, 5.9, 5.1, 4.0, 5.5),
    (2.2, 24.3, 45.8, 52.5, 56.1, 55.6, 56.0, 57.4, 57.2, 61.2, 63.9, 68.6, 72.2),
)
DEATHS_1970 = (
    (2968, 11484, 34614, 30992, 21983, 20314, 20928, 16897, 11339, 5720, 1315,
     535, 2162, 6120, 4781, 3096, 2718, 2363, 1767, 1149, 448, 117),
    (18.469, 0.751, 0.391, 1.146, 1.287, 2.672, 6.636, 15.691, 34.723, 79.763, 176.837,
     36.993, 1.352, 0.541, 2.040, 3.523, 6.746, 12.967, 24.471, 45.091, 74.902, 123.205),
)  # fmt: skip
DEATHS_1985 = (
    (3041, 11577, 27450, 32711, 35480, 27411, 19555, 19795, 15254, 8022, 2472,
     707, 2692, 6473, 6841, 6547, 4352, 3034, 2540, 1749, 804, 236),
    (9.163, 0.462, 0.248, 0.929, 1.084, 1.810, 4.715, 12.187, 27.728, 64.068, 157.570,
     17.208, 0.738, 0.328, 1.103, 2.045, 3.724, 8.052, 17.812, 34.128, 68.276, 125.161),
)  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "mix", "within", "difference"),
    [
        pytest.param(HEADS_1970, HEADS_1985, 1.2269, 1.7403, 2.9672, id="heads of households"),
        pytest.param(DEATHS_1970, DEATHS_1985, 1.5415096, -2.2277254, -0.6862158, id="deaths"),
    ],
)
def test_mix_and_within_as_published(before, after, mix, within, difference):
    found = kitagawa(of_rates(*before), of_rates(*after))
    digits = 5e-5 if abs(difference) > 1 else 5e-7
    assert (found.mix, found.within, found.difference) == pytest.approx((mix, within, difference), abs=digits)


def test_the_value_whose_share_moved_most():
    found = kitagawa(of_rates((20, 30, 50), (1, 1, 1)), of_rates((10, 30, 60), (1, 1, 1)))
    assert (found.moved, found.share_before, found.share_after) == (2, 0.5, 0.6)  # of two the one that rose
    assert (found.mix, found.within) == pytest.approx((0, 0))


def test_only_the_mix_changed():
    """Phones convert one in ten, desktops three in ten, on both sides; phones become more."""
    phone, desktop = [1] + [0] * 9, [1, 1, 1] + [0] * 7
    found = kitagawa([part(phone), part(desktop * 3)], [part(phone * 3), part(desktop)])
    assert (found.difference, found.mix, found.within) == pytest.approx((-0.1, -0.1, 0))
    assert found.low < 0 < found.high


def test_a_value_of_one_side_only_is_mix():
    half, whole = [0, 1] * 5, [1] * 10
    found = kitagawa([part(half), part([])], [part(half), part(whole)])
    assert (found.difference, found.mix, found.within, found.common) == pytest.approx((0.25, 0.25, 0, 0.5))


def test_nine_sessions_of_a_value_are_no_rate():
    """Phones went from 5 of 10 to 9 of 9: of ten that were a change within, of nine it is the mix."""
    desktop = [0, 1] * 20
    found = kitagawa([part(desktop), part([0, 1] * 5)], [part(desktop), part([1] * 9)])
    assert found.within == 0
    assert found.mix == pytest.approx(found.difference)
    ten = kitagawa([part(desktop), part([0, 1] * 5)], [part(desktop), part([1] * 10)])
    assert (ten.mix, ten.within) == pytest.approx((0, ten.difference))


def test_values_that_come_and_go_change_as_the_others_do():
    """One newsletter is over, the next one converts like it, and everybody converts twice as often: that is no mix."""
    before = [part([0, 0, 0, 1] * 10), part([0, 1] * 10), part([])]
    after = [part([0, 1] * 20), part([]), part([0, 1, 1, 1] * 5)]
    found = kitagawa(before, after)
    assert (found.difference, found.mix, found.within) == pytest.approx((0.25, 0, 0.25))
    assert found.common == pytest.approx(2 / 3)


def test_with_nothing_in_common_all_is_mix():
    found = kitagawa([part([0, 1] * 10), part([])], [part([]), part([1] * 20)])
    assert (found.mix, found.within, found.low, found.high, found.common) == (0.5, 0, -math.inf, math.inf, 0)


def test_a_side_without_weight_is_no_difference():
    assert kitagawa([part([])], [part([1, 0])]) is None
    assert kitagawa([], []) is None


def test_the_interval_of_one_value_is_that_of_two_means():
    dice = np.random.default_rng(2)
    before, after = dice.gamma(2, 3, 50), dice.gamma(2, 4, 40)
    found = kitagawa([part(list(before))], [part(list(after))])
    error = math.sqrt(before.var(ddof=1) / 50 + after.var(ddof=1) / 40)
    assert found.high - found.within == pytest.approx(scipy_stats.norm.ppf(0.975) * error)
    wider = kitagawa([part(list(before))], [part(list(after))], design_effect=4.0)
    assert wider.high - wider.within == pytest.approx(2 * (found.high - found.within))


def test_the_interval_within_covers_what_is_there():
    """95 of 100 times, where the mix shifts, rates differ by value and a ratio has denominators of its own."""
    dice = np.random.default_rng(7)
    covered, runs = 0, 300
    for _ in range(runs):
        sides = []
        for size, rise in ((300, 0.0), (200, 0.5)):
            parts = []
            for share, rate in ((0.5, 1.0), (0.3, 2.0), (0.2, 4.0)):
                weights = 1 + dice.poisson(3, int(size * share))
                parts.append(part(list(dice.poisson((rate + rise) * weights)), list(weights)))
            sides.append(parts)
        found = kitagawa(*sides)
        covered += found.low <= 0.5 <= found.high
    assert 0.92 <= covered / runs <= 0.98


def test_the_interval_within_covers_where_people_come_back():
    """Some people always order, phones less, and phones become more: without a change within, 95 of 100 cover 0."""
    dice = np.random.default_rng(11)
    covered, runs, people = 0, 300, 500
    for _ in range(runs):
        phone = dice.random(people) < 0.5
        inclined = np.where(phone, dice.beta(0.2, 3.8, people), dice.beta(0.6, 3.4, people))
        sides, parts = [], []
        for often in (np.full(people, 1.5), np.where(phone, 2.5, 1.0)):
            who = np.repeat(np.arange(people), dice.poisson(often))
            orders = (dice.random(len(who)) < inclined[who]).astype(float)
            sides.append([np.bincount(who, values, people) for values in (orders, np.ones(len(who)))])
            parts.append([part(list(orders[phone[who] == kind])) for kind in (True, False)])
        (s, n), (t, m) = sides
        before, after = (
            Sums(int(n.sum()), s.sum(), s.sum(), int((n > 0).sum()), (s * s).sum(), (s * n).sum(), (n * n).sum())
            for s, n in sides
        )
        whole = overlapping(before, after, Crossing((s * t).sum(), (s * m).sum(), (n * t).sum(), (n * m).sum()))
        found = kitagawa(*parts, design_effect(*parts, error=(whole.high - whole.low) / 2 / Z))
        covered += found.low <= 0 <= found.high
    assert 0.92 <= covered / runs <= 0.985


SIDE = some.lists(
    some.lists(some.tuples(some.floats(-50, 50), some.integers(0, 5)), min_size=8, max_size=14), min_size=2, max_size=2
)


@given(SIDE, SIDE)
@settings(max_examples=150, deadline=None)
def test_mix_and_within_are_the_whole_difference(before, after):
    sides = [[part([x for x, _ in of], [y for _, y in of]) for of in side] for side in (before, after)]
    found = kitagawa(*sides)
    sums = [sum(y for of in side for _, y in of) for side in (before, after)]
    if not all(sums):
        assert found is None
        return
    means = [sum(x for of in side for x, _ in of) / whole for side, whole in zip((before, after), sums, strict=True)]
    assert found.difference == pytest.approx(means[1] - means[0], abs=1e-9)
    assert found.mix + found.within == pytest.approx(found.difference, abs=1e-9)
    assert found.low <= found.within <= found.high
    if all(len(of) >= 10 and sum(y for _, y in of) for side in (before, after) for of in side):  # nothing is lacking
        assert found.mix == pytest.approx(mix_of(before, after), abs=1e-9)


def mix_of(before, after):
    """Kitagawa's first component as her formula says."""
    sides = [[(sum(y for _, y in of), sum(x for x, _ in of)) for of in side] for side in (before, after)]
    sums = [sum(y for y, _ in side) for side in sides]
    return sum(
        (y_after / sums[1] - y_before / sums[0]) * (x_before / y_before + x_after / y_after) / 2
        for (y_before, x_before), (y_after, x_after) in zip(*sides, strict=True)
    )


def test_the_design_effect_is_how_much_wider_the_interval_by_person_is():
    dice = np.random.default_rng(3)
    sides = [[part(list(dice.normal(0, 1, 200))), part(list(dice.normal(0, 1, 300)))] for _ in range(2)]
    alone = sum(
        np.var(values, ddof=1) / 500
        for values in ([*dice.normal(0, 1, 500)], [*dice.normal(0, 1, 500)])  # about what the sides have
    )
    assert design_effect(*sides, error=2 * math.sqrt(alone)) == pytest.approx(4, rel=0.2)
    assert design_effect([part([1] * 20)], [part([1] * 20)], error=0.0) == 1.0  # nothing varies


# --- Trend ------------------------------------------------------------------------------------------------------------

# NIST, Statistical Reference Datasets, Norris: x and y, certified slope and its standard deviation
NORRIS = (
    (0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777.0, 558.2, 0.4, 0.6, 775.5, 666.9, 338.0, 447.5,
     11.6, 556.0, 228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8, 339.1, 887.2, 999.0, 779.0, 11.1, 118.3, 229.2,
     669.1, 448.9, 0.5),
    (0.1, 338.8, 118.1, 888.0, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1, 778.1, 668.8, 339.3, 448.9,
     10.8, 557.7, 228.3, 998.0, 888.8, 119.6, 0.3, 0.6, 557.6, 339.3, 888.0, 998.5, 778.9, 10.2, 117.6, 228.9,
     668.4, 449.2, 0.2),
)  # fmt: skip


def test_slope_and_its_error_as_nist_certifies_them():
    found = trend(Day(x, y, 1.0) for x, y in zip(*NORRIS, strict=True))
    error = (found.high - found.low) / 2 / scipy_stats.t.ppf(0.975, 34)
    assert found.slope == pytest.approx(1.00211681802045, rel=1e-12)
    assert error == pytest.approx(0.429796848199937e-03, rel=1e-9)
    assert (found.days, found.clear) == (36, True)


def test_a_line_through_days_is_scipys():
    dice = np.random.default_rng(4)
    x, y = np.arange(20.0), dice.normal(3, 1, 20)
    found, other = trend(Day(*pair, 2.0) for pair in zip(x, y, strict=True)), scipy_stats.linregress(x, y)
    assert (found.slope, found.p) == pytest.approx((other.slope, other.pvalue), rel=1e-9)


def test_weights_and_weekdays_are_those_of_the_full_model():
    """The normal equations with a column per weekday, written out."""
    dice = np.random.default_rng(5)
    x, weights = np.arange(35.0), dice.integers(5, 60, 35).astype(float)
    kinds = x.astype(int) % 7
    y = 0.4 - 0.002 * x + 0.1 * (kinds == 5) + dice.normal(0, 0.05, 35) / np.sqrt(weights / 30)
    design = np.column_stack([x, *(kinds == kind for kind in range(7))]).astype(float)
    gram = np.linalg.inv(design.T @ (weights[:, None] * design))
    beta = gram @ design.T @ (weights * y)
    scatter = float(weights @ (y - design @ beta) ** 2) / (35 - 8)
    reach = scipy_stats.t.ppf(0.975, 27) * math.sqrt(scatter * gram[0, 0])
    found = trend(Day(*row) for row in zip(x, y, weights, kinds, strict=True))
    assert (found.slope, found.low, found.high) == pytest.approx((beta[0], beta[0] - reach, beta[0] + reach), rel=1e-9)


def test_weekdays_alone_are_no_trend():
    """Friday to Thursday, quiet weekends: without a level for each weekday the line would rise."""
    values = [5, 1, 1, 5, 5, 5, 5] * 2 + [5, 1, 1, 5, 5]
    assert trend(Day(n, value, 10, n % 7) for n, value in enumerate(values)).slope == pytest.approx(0)
    assert trend(Day(n, value, 10) for n, value in enumerate(values)).slope != pytest.approx(0)


@pytest.mark.parametrize(
    "days",
    [
        pytest.param([], id="no day"),
        pytest.param([Day(0, 1, 5), Day(1, 2, 5)], id="two days fit any line"),
        pytest.param([Day(0, 1, 5), Day(1, 2, 5), Day(2, 9, 0)], id="a day without sessions is none"),
        pytest.param([Day(n, n, 1, n) for n in range(9)], id="each weekday once"),
        pytest.param([Day(3, 1, 1), Day(3, 2, 1), Day(3, 3, 1)], id="all on one day"),
    ],
)
def test_no_trend_of_too_little(days):
    assert trend(days) is None


def test_a_straight_line_without_scatter_is_certain():
    found = trend(Day(n, 2 * n, 1) for n in range(5))
    assert (found.slope, found.low, found.high, found.p, found.clear) == (2, 2, 2, 0, True)
    flat = trend(Day(n, 2, 1) for n in range(5))
    assert (flat.slope, flat.p, flat.clear) == (0, 1, False)


# --- Placebo ----------------------------------------------------------------------------------------------------------


def days_of(values, weight=10, start=MONDAY):
    return {start + n * DAY: (value * weight, weight) for n, value in enumerate(values)}


def test_every_earlier_date_is_compared_in_the_same_way():
    """Eight quiet weeks, then a week at twice the level: no earlier week changed at all."""
    days = days_of([1.0] * 56 + [2.0] * 7)
    found = placebo(days, Windows(MONDAY + 49 * DAY, 7, MONDAY + 56 * DAY, 7), 1.0)
    assert (found.dates, found.as_large, found.largest) == (43, 0, 0.0)  # the first on day 7, the last on day 49


def test_a_date_that_changed_as_much_counts():
    days = days_of([1.0] * 14 + [2.0] * 14)
    found = placebo(days, Windows(MONDAY + 21 * DAY, 7, MONDAY + 28 * DAY, 7), -1.0)
    assert (found.dates, found.as_large, found.largest) == (15, 1, 1.0)  # a rise is as large as a fall


def test_days_that_are_no_weeks_are_compared_with_the_same_weekdays():
    """Thursday and Friday against Tuesday and Wednesday: every week by itself."""
    days = days_of([1, 1, 1, 3, 3, 0, 0] * 5)
    windows = Windows(MONDAY + 29 * DAY, 2, MONDAY + 31 * DAY, 2)
    found = placebo(days, windows, 2.0)
    assert (found.dates, found.as_large, found.share) == (4, 4, 1.0)


def test_windows_without_sessions_are_no_dates():
    days = days_of([1.0] * 7) | days_of([1.0] * 21, start=MONDAY + 21 * DAY)
    found = placebo(days, Windows(MONDAY + 35 * DAY, 7, MONDAY + 42 * DAY, 7), 0.5)
    whole = placebo(days_of([1.0] * 42), Windows(MONDAY + 35 * DAY, 7, MONDAY + 42 * DAY, 7), 0.5)
    assert found.dates < whole.dates == 29


@pytest.mark.parametrize(
    "windows",
    [
        pytest.param(Windows(MONDAY, 7, MONDAY + 7 * DAY, 7), id="nothing before"),
        pytest.param(Windows(MONDAY - 70 * DAY, 7, MONDAY - 63 * DAY, 7), id="before the data"),
        pytest.param(Windows(MONDAY, 7, MONDAY + 7 * DAY, 14), id="windows longer than what was before"),
    ],
)
def test_no_earlier_date(windows):
    assert placebo(days_of([1.0] * 28), windows, 1.0).dates == 0
    assert placebo({}, windows, 1.0).dates == 0


def plainly(days, windows, difference):
    """Day by day, by the calendar."""
    dates = as_large = 0
    for n in range(-200, 200):
        move = n * DAY
        if windows.after + move + windows.after_days * DAY > windows.after:
            continue
        ranges = [
            [start + move + k * DAY for k in range(length)]
            for start, length in ((windows.before, windows.before_days), (windows.after, windows.after_days))
        ]
        if ranges[0][0] < min(days) or ranges[1][0] < min(days) or ranges[0][-1] >= windows.after:
            continue
        if not windows.whole_weeks and n % 7:
            continue
        sums = [[sum(days.get(day, (0, 0))[k] for day in of) for k in (0, 1)] for of in ranges]
        if sums[0][1] and sums[1][1]:
            dates += 1
            as_large += abs(sums[1][0] / sums[1][1] - sums[0][0] / sums[0][1]) >= abs(difference) - 1e-9
    return dates, as_large


@given(
    some.lists(some.tuples(some.integers(0, 4), some.integers(0, 3)), min_size=1, max_size=40),
    some.integers(1, 14),
    some.integers(1, 14),
    some.integers(0, 15),
    some.integers(0, 45),
    some.sampled_from([0.0, 0.5, 1.0]),
)
@settings(max_examples=150, deadline=None)
def test_placebos_are_those_that_a_calendar_gives(sums, before_days, after_days, lead, after, difference):
    days = {MONDAY + n * DAY: pair for n, pair in enumerate(sums) if pair[1] or n == 0}
    change = MONDAY + after * DAY
    windows = Windows(change - lead * DAY, before_days, change, after_days)
    found = placebo(days, windows, difference)
    assert (found.dates, found.as_large) == plainly(days, windows, difference)
