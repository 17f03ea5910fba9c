"""Before and after: formulas against their sources and scipy, planted changes found, thin data left alone."""

import json
import math
import random
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from scipy import stats as scipy_stats

from analytics import demo, metrics, stats
from analytics.analyses import compare, event_sessions, metric_series, sessions
from analytics.analyses.compare import Compare
from analytics.analyses.event_sessions import EventSessions
from analytics.analyses.metric_series import MetricSeries
from analytics.analyses.sessions import Sessions
from analytics.conditions import Filter, Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope
from analytics.stats import Sums

ORDER = Matcher(name="order")
OLD, NEW, MENDED = (Scope(releases=(name,)) for name in ("1.0", "1.1", "1.2"))


def share(successes, trials):
    """One session a person, `successes` of them with the thing."""
    return Sums(trials, successes, successes, trials, successes, successes, trials)


def sums(people):
    """Of lists of values, one list a person."""
    values = np.array([value for own in people for value in own], dtype=float)
    totals, counts = np.array([sum(own) for own in people], dtype=float), np.array([len(own) for own in people])
    return Sums(
        n=len(values),
        total=float(values.sum()),
        squares=float((values**2).sum()),
        people=len(people),
        person_squares=float((totals**2).sum()),
        person_cross=float((totals * counts).sum()),
        person_counts=float((counts**2).sum()),
    )


# --- Formulas ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "before", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10
        pytest.param((56, 70), (48, 80), 0.0524, 0.3339, id="a"),
        pytest.param((9, 10), (3, 10), 0.1705, 0.8090, id="b"),
        pytest.param((6, 7), (2, 7), 0.0582, 0.8062, id="c"),
        pytest.param((5, 56), (0, 29), -0.0381, 0.1926, id="d"),
        pytest.param((0, 10), (0, 20), -0.1611, 0.2775, id="e"),
        pytest.param((0, 10), (0, 10), -0.2775, 0.2775, id="f"),
        pytest.param((10, 10), (0, 20), 0.6791, 1.0, id="g"),
        pytest.param((10, 10), (0, 10), 0.6075, 1.0, id="h"),
    ],
)
def test_difference_of_shares_as_newcombe_published_it(after, before, low, high):
    found = stats.of_shares(share(*before), share(*after))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_p_of_two_shares_is_that_of_the_chi_square_test():
    found = stats.of_shares(share(48, 80), share(56, 70))
    table = [[48, 32], [56, 14]]
    assert found.p == pytest.approx(scipy_stats.chi2_contingency(table, correction=False).pvalue, rel=1e-6)


def test_difference_of_means_is_welchs():
    dice = np.random.default_rng(3)
    before, after = dice.gamma(2, 30, 41), dice.gamma(2, 45, 27)
    found = stats.of_means(sums([[value] for value in before]), sums([[value] for value in after]))
    welch = scipy_stats.ttest_ind(after, before, equal_var=False)
    interval = welch.confidence_interval()
    assert (found.p, found.low, found.high) == pytest.approx((welch.pvalue, interval.low, interval.high), rel=1e-6)


def test_variance_by_person_is_that_of_the_residuals():
    people = [[1, 0, 0], [1, 1], [0], [0, 0, 0, 1], [1]]
    side = sums(people)
    mean = side.total / side.n
    residuals = [sum(own) - mean * len(own) for own in people]  # they add up to nothing
    variance = len(people) / (len(people) - 1) * sum(r * r for r in residuals) / side.n**2
    assert side.mean_variance_by_person == pytest.approx(variance, rel=1e-9)


def test_one_session_a_person_makes_both_ways_of_counting_alike():
    dice = random.Random(1)
    before, after = ([[float(dice.random() < p)] for _ in range(400)] for p in (0.2, 0.3))
    person, session = (how(sums(before), sums(after)) for how in (stats.by_person, stats.of_means))
    assert person.change == session.change
    assert (person.low, person.high, person.p) == pytest.approx((session.low, session.high, session.p), abs=2e-3)


def test_the_relative_interval_solves_fiellers_equation():
    found = stats.relative(0.05, 0.036, 4e-6, 3.3e-6)
    assert found.change == pytest.approx(-0.28)
    for bound in (found.low, found.high):
        ratio = 1 + bound
        assert (0.036 - ratio * 0.05) ** 2 == pytest.approx(stats.difference.Z**2 * (3.3e-6 + ratio**2 * 4e-6))


@pytest.mark.parametrize(("before", "variance"), [(0.0, 1e-6), (-1.0, 1e-6), (0.01, 1e-4)])
def test_no_relative_change_of_what_is_not_clearly_above_zero(before, variance):
    assert stats.relative(before, 0.02, variance, 1e-6) is None


def test_q_values_as_benjamini_and_hochberg_published_them():
    # J. R. Statist. Soc. B 57 (1995), section 3.2: of 15 tests, four are rejected at 0.05
    ps = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
          0.7590, 1.0]  # fmt: skip
    qs = stats.q_values(ps)
    assert [q < 0.05 for q in qs] == [True] * 4 + [False] * 11
    assert qs[:4] == pytest.approx((0.0015, 0.003, 0.0095, 0.035625))


def test_an_interval_without_a_change_covers_zero_19_times_of_20():
    dice = np.random.default_rng(20)
    covered, runs = 0, 400
    for _ in range(runs):
        sides = []
        for _ in range(2):
            inclined = dice.beta(1, 9, 300)  # some people always buy, so their sessions are not independent
            sides.append(sums([list(dice.random(1 + dice.poisson(2)) < p) for p in inclined]))
        found = stats.by_person(*sides)
        covered += found.low <= 0 <= found.high
    assert 0.925 <= covered / runs <= 0.975


# --- Stories ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(store_of):
    """`shop((before, of), (after, of))`: orders among sessions of one page view under release 1.0, then under 1.1."""

    def make(before, after, errors=(0, 0)):
        rows = []
        for release, (orders, number), failing, week in (
            ("1.0", before, errors[0], 0),
            ("1.1", after, errors[1], 1),
        ):
            for n in range(number):
                time = datetime(2026, 3, 2, 9) + timedelta(weeks=week, minutes=7 * n)
                names = ["page_view"] + ["order"] * (n < orders) + ["error"] * (n < failing)
                for minute, name in enumerate(names):
                    row = {"timestamp": time + timedelta(minutes=minute), "event": name, "release": release}
                    row |= {"user_id": f"{release}-{n}", "session_id": f"{release}-{n}"}
                    rows.append(row | {"page_view": {"page": "/"}, "order": {"value": 20}}.get(name, {}))

        return store_of(rows)

    return make


def of(result, name):
    return next(change for change in result.metrics if change.metric == name)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        pytest.param((20, 200), (60, 200), "better", id="a tenth to three tenths"),
        pytest.param((60, 200), (20, 200), "worse", id="and back"),
        pytest.param((60, 200), (61, 200), "no clear change", id="one more of sixty"),
        pytest.param((2, 200), (7, 200), "not enough data", id="nine orders in all"),
    ],
)
def test_what_happened_to_the_goal(shop, before, after, verdict):
    change = of(compare.run(shop(before, after), Compare(OLD, NEW, goal=ORDER), Scope()), "conversion")
    assert change.verdict == verdict
    assert (change.before.value, change.before.n, change.before.people) == (before[0] / 200, 200, 200)
    assert change.after.value == after[0] / 200
    assert (change.difference is None) == (verdict == "not enough data")


def test_by_session_the_figures_are_the_published_ones(shop):
    asked = Compare(OLD, NEW, metrics=("conversion",), by="session", goal=ORDER)
    (change,) = compare.run(shop((48, 80), (56, 70)), asked, Scope()).metrics
    assert change.difference == pytest.approx(0.2)
    assert (change.low, change.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert change.q == change.p == pytest.approx(stats.of_shares(share(48, 80), share(56, 70)).p)


def test_fewer_errors_are_better_and_longer_sessions_neither(shop):
    result = compare.run(shop((0, 300), (0, 300), errors=(90, 30)), Compare(OLD, NEW), Scope())
    assert of(result, "error_rate").verdict == "better"
    assert of(result, "duration").verdict == "changed"


def test_a_side_without_sessions_is_not_enough_data(shop):
    result = compare.run(shop((5, 50), (0, 0)), Compare(OLD, NEW, goal=ORDER), Scope())
    assert {change.verdict for change in result.metrics} == {"not enough data"}
    change = of(result, "conversion")
    assert change.after == compare.Side(None, 0, 0, None, None)
    assert (change.difference, change.p, change.q) == (None, None, None)
    assert change.note == "Only 0 people after; 10 are needed."


def test_nine_people_are_too_few_however_much_they_do(shop):
    change = of(compare.run(shop((9, 9), (0, 200)), Compare(OLD, NEW, goal=ORDER), Scope()), "conversion")
    assert (change.verdict, change.note) == ("not enough data", "Only 9 people before; 10 are needed.")


def test_from_nothing_there_is_no_relative_change(shop):
    change = of(compare.run(shop((0, 200), (60, 200)), Compare(OLD, NEW, goal=ORDER), Scope()), "conversion")
    assert (change.verdict, change.relative) == ("better", None)


def test_q_counts_every_metric_that_was_tested(shop):
    result = compare.run(shop((20, 200), (60, 200)), Compare(OLD, NEW, goal=ORDER), Scope())
    tested = [change for change in result.metrics if change.p is not None]
    assert [change.q for change in tested] == pytest.approx(stats.q_values([change.p for change in tested]))


def test_the_scope_of_the_page_narrows_both_sides(shop):
    store = shop((20, 200), (60, 200))
    half = Scope(where=(Filter("event", "is", "order"),))
    change = of(compare.run(store, Compare(OLD, NEW, goal=ORDER), half), "conversion")
    assert (change.before.n, change.after.n, change.before.value, change.after.value) == (20, 60, 1, 1)


def test_cut_weeks_are_a_caveat(shop):
    week, days = Scope(date(2026, 3, 2), date(2026, 3, 9)), Scope(date(2026, 3, 9), date(2026, 3, 12))
    result = compare.run(shop((20, 200), (60, 200)), Compare(week, days), Scope())
    assert [caveat.replace("\u00a0", " ") for caveat in result.caveats] == [
        "After covers 3 days, which is not whole weeks: weekdays may weigh differently."
    ]


def test_mistakes_are_told():
    with pytest.raises(InvalidQuestion, match="the same sessions"):
        Compare(OLD, OLD)
    with pytest.raises(InvalidQuestion, match="no metric 'speed'"):
        Compare(OLD, NEW, metrics=("speed",))
    with pytest.raises(InvalidQuestion, match="needs a goal"):
        Compare(OLD, NEW, metrics=("conversion",))


def test_days_add_up_to_the_side(shop):
    store = shop((20, 200), (60, 200))
    (change,) = compare.run(store, Compare(OLD, NEW, metrics=("conversion",), goal=ORDER), Scope()).metrics
    series = metric_series.run(store, MetricSeries("conversion", "day", ORDER), NEW).series
    assert [point.start for point in series] == sorted({point.start for point in series})
    assert sum(point.n for point in series) == change.after.n
    assert sum(point.total for point in series) / change.after.n == pytest.approx(change.after.value)
    assert all(point.squares == point.total for point in series)


# --- The sample shop --------------------------------------------------------------------------------------------------


def test_the_planted_harm_and_its_repair_are_found_with_the_truth_in_their_intervals(sample):
    truth = json.loads((demo.SAMPLE / "truth.json").read_text(encoding="utf-8"))
    lost = truth["planted"]["pay_now"]["measured"][
        "orders_lost"
    ]  # orders that release 1.1 cost, of all it would have had
    worse = of(compare.run(sample, Compare(OLD, NEW, goal=ORDER), Scope()), "conversion")
    ordered = worse.after.value * worse.after.n
    assert (worse.verdict, worse.relative < 0) == ("worse", True)
    assert worse.relative_low < -lost / (ordered + lost) < worse.relative_high
    better = of(compare.run(sample, Compare(NEW, MENDED, goal=ORDER), Scope()), "conversion")
    assert (better.verdict, better.relative > 0) == ("better", True)
    assert better.relative_low < lost / ordered < better.relative_high
    phones = Scope(devices=("phone",))
    there = of(compare.run(sample, Compare(OLD, NEW, goal=ORDER), phones), "conversion")
    assert (
        there.relative_low < -lost / (truth["planted"]["pay_now"]["measured"]["orders_expected"]) < there.relative_high
    )


def test_a_week_without_a_change_is_none(sample):
    weeks = [Scope(start=date(2026, 8, day), stop=date(2026, 8, day + 7)) for day in (17, 24)]
    found = compare.run(sample, Compare(*weeks, goal=ORDER), Scope())
    assert {change.verdict for change in found.metrics} == {"no clear change"}
    assert len(found.metrics) == len(metrics.METRICS) + 2


@pytest.mark.parametrize("metric", [metric for metric in metrics.METRICS.values() if metric.kind == "share"])
def test_the_sessions_shown_are_those_counted(sample, metric):
    (change,) = compare.run(sample, Compare(OLD, NEW, metrics=(metric.name,)), Scope()).metrics
    listed = sessions.run(sample, Sessions(where=metric.shown_by, limit=1), OLD)
    assert listed.total == round(change.before.value * change.before.n)


def test_the_sessions_of_the_goal_are_those_counted(sample):
    (change,) = compare.run(sample, Compare(OLD, NEW, metrics=("conversion",), goal=ORDER), Scope()).metrics
    listed = event_sessions.run(sample, EventSessions(ORDER, limit=1), NEW)
    assert listed.total == round(change.after.value * change.after.n)


def test_every_metric_is_a_number_or_says_why_not(sample):
    for change in compare.run(sample, Compare(OLD, NEW, goal=ORDER), Scope()).metrics:
        figures = (change.difference, change.low, change.high, change.p, change.q, change.smallest_detectable)
        assert all(figure is not None and math.isfinite(figure) for figure in figures) == (change.note is None)
