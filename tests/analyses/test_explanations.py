"""What else could explain a change: small stories in which one thing and nothing else is the reason."""

import json
from datetime import date, datetime, timedelta

import pytest

from analytics import alternatives, registry, side_days
from analytics.alternatives import Seen
from analytics.analyses import explanations
from analytics.analyses.explanations import Explanations, Happened
from analytics.conditions import Filter, Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope
from analytics.side_days import Sides
from analytics.stats.placebo import Windows

ORDER = Matcher(name="order")
MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def days(first, number):
    """A range, its first day counted from Monday, 2 March."""
    return Scope(start=MONDAY + first * DAY, stop=MONDAY + (first + number) * DAY)


OLD, NEW = Scope(releases=("1.0",)), Scope(releases=("1.1",))
WEEK_BEFORE, WEEK_AFTER = days(0, 7), days(7, 7)


@pytest.fixture
def shop(store_of):
    """`shop((day, sessions, orders, fields), ...)`: so many sessions of one page view on a day, the first ones with an
    order, each of another person."""

    def make(*groups, person=lambda day, n: f"u{day}-{n}"):
        rows = []
        for group, (day, sessions, orders, fields) in enumerate(groups):
            for n in range(sessions):
                time = datetime(2026, 3, 2, 8) + timedelta(days=day, minutes=n)
                session = {"user_id": person(day, f"{group}-{n}"), "session_id": f"{day}-{group}-{n}"} | fields
                rows.append(session | {"timestamp": time, "event": "page_view", "page": "/"})
                if n < orders:
                    rows.append(session | {"timestamp": time + timedelta(seconds=20), "event": "order"})
        return store_of(rows)

    return make


def lines(store, before, after, scope=Scope(), **more):  # noqa: B008  frozen
    """By title."""
    asked = Explanations(before, after, **({"metric": "conversion", "goal": ORDER} | more))
    found = explanations.run(store, asked, scope)
    return {line.title: line for line in found.explanations}


def said(line):
    return line.said.replace("\u00a0", " ").replace("\u2212", "-")


# --- Mix --------------------------------------------------------------------------------------------------------------


def test_a_shift_of_devices_and_nothing_else(shop):
    """One phone in ten orders, three desktops in ten, both weeks; phones go from a quarter to three quarters."""
    phone, desktop = {"device": "phone"}, {"device": "desktop"}
    store = shop((0, 100, 10, phone), (0, 300, 90, desktop), (7, 300, 30, phone), (7, 100, 30, desktop))
    found = lines(store, WEEK_BEFORE, WEEK_AFTER)
    line = found["Devices"]
    assert (line.weight, line.value, line.before, line.after) == ("matters", "phone", 0.25, 0.75)
    assert (line.effect, line.rest) == pytest.approx((-0.1, 0))
    assert line.rest_low < 0 < line.rest_high
    assert said(line).startswith(
        "phone has 25.0 % of sessions before and 75.0 % after, the largest shift. The mix alone makes -10.0 points; "
        "at the same mix the difference is 0.0 points ("
    )
    assert said(line).endswith(") instead of -10.0.")
    assert next(iter(found)) == "Devices"


def test_the_same_mix_leaves_the_difference(shop):
    phone, desktop = {"device": "phone"}, {"device": "desktop"}
    store = shop((0, 100, 10, phone), (0, 100, 30, desktop), (7, 100, 30, phone), (7, 100, 50, desktop))
    line = lines(store, WEEK_BEFORE, WEEK_AFTER)["Devices"]
    assert (line.weight, line.effect, line.rest) == ("does not", pytest.approx(0), pytest.approx(0.2))
    assert "At the same mix the difference stays +20.0 points (" in said(line)


def test_what_the_sides_differ_by_on_purpose_is_no_explanation(shop):
    phone, desktop = {"device": "phone", "country": "DE"}, {"device": "desktop", "country": "FR"}
    store = shop((0, 100, 10, phone), (0, 100, 30, desktop))
    found = lines(store, Scope(devices=("phone",)), Scope(devices=("desktop",)))
    assert "Devices" not in found
    assert found["Countries"].weight == "matters"
    assert (found["Countries"].effect, found["Countries"].rest) == (None, None)  # nothing in common
    where = lines(store, *(Scope(where=(Filter("country", "is", name),)) for name in ("DE", "FR")))
    assert "Countries" not in where


def test_the_share_of_new_people_is_not_explained_by_new_people(sample):
    found = lines(sample, OLD, NEW, metric="new")
    assert "New people" not in found
    assert found["Trend before"].weight == "matters"  # everybody is new when the data begin


def test_a_field_that_never_varies_is_left_out(shop):
    same = {"device": "phone"}
    assert (
        not {"Devices", "Browsers"} & lines(shop((0, 50, 9, same), (7, 50, 19, same)), WEEK_BEFORE, WEEK_AFTER).keys()
    )


def test_a_release_within_ranges_of_days_cannot_be_told_apart(shop):
    store = shop((0, 100, 30, {"release": "1.0"}), (7, 100, 10, {"release": "1.1"}))
    line = lines(store, WEEK_BEFORE, WEEK_AFTER)["Releases"]
    assert (line.weight, line.rest) == ("matters", None)
    assert said(line) == (
        "1.1 has 0.0 % of sessions before and 100.0 % after; the sides have too few releases in common to tell this "
        "and the change apart."
    )


def test_many_small_values_say_nothing(shop):
    """Thirty campaigns of three sessions: together they are one."""
    groups = [(day, 3, 1, {"campaign": f"c{n}"}) for day in (0, 7) for n in range(30)]
    line = lines(shop(*groups), WEEK_BEFORE, WEEK_AFTER).get("Campaigns")
    assert line is None or line.weight == "does not"


def test_values_of_the_data_are_shortened_to_a_line(shop):
    odd = "![x](https://elsewhere.example)\n" + "y" * 500
    store = shop((0, 100, 10, {"campaign": odd}), (0, 50, 9, {}), (7, 60, 10, {"campaign": odd}), (7, 90, 9, {}))
    line = lines(store, WEEK_BEFORE, WEEK_AFTER)["Campaigns"]
    assert "\n" not in line.said
    assert len(line.said) < 400
    assert said(line).startswith("Those without a campaign are 33.3 % of sessions before and 60.0 % after")
    back = lines(store, WEEK_AFTER, WEEK_BEFORE)["Campaigns"]
    assert said(back).startswith(f"![x](https://elsewhere.example) {27 * 'y'}… has 40.0 % of sessions before")


def test_a_quantile_has_no_parts(sample):
    found = lines(sample, OLD, NEW, metric="duration_median")
    line = found["Mix, trend, earlier dates"]
    assert (line.weight, line.effect) == ("unknown", None)
    assert not any(sign.isdigit() for sign in line.said)
    assert not {"Devices", "Trend before", "Earlier dates"} & found.keys()


def test_a_ratio_is_weighted_with_its_denominator(shop):
    phone = {"device": "phone"}
    store = shop((0, 90, 9, phone), (0, 90, 9, {}), (7, 90, 9, phone), (7, 30, 9, {}))
    found = lines(store, WEEK_BEFORE, WEEK_AFTER, metric="seconds_per_view")
    assert "% of page views before" in said(found["Devices"])
    assert found["Devices"].effect + found["Devices"].rest == pytest.approx(20 * 18 / 120 - 20 * 18 / 180)


# --- Days -------------------------------------------------------------------------------------------------------------


def test_weekdays_of_ranges_that_are_no_weeks(shop):
    """Nobody orders at the weekend; the side after ends on Friday."""
    weeks = [(day, 60, 0 if day % 7 > 4 else 18, {}) for day in range(12)]
    line = lines(shop(*weeks), WEEK_BEFORE, days(7, 5))["Weekdays"]
    assert line.weight == "matters"
    assert (line.effect, line.rest) == pytest.approx((0.3 - 3 / 14, 0))
    assert said(line).startswith(
        "The sides are not whole weeks: 7 days before and 5 after. The weekdays alone make +8.57 points; at the same "
        "weekdays the difference is 0.00 points ("
    )


def test_whole_weeks_do_not_matter(shop):
    found = lines(shop(*[(day, 20, 5 + (day > 6), {}) for day in range(14)]), WEEK_BEFORE, WEEK_AFTER)
    assert found["Weekdays"].weight == "does not"
    assert said(found["Weekdays"]) == "Both sides are whole weeks: 7 days before and 7 after."


def test_weekdays_without_one_in_common(shop):
    line = lines(shop((0, 40, 9, {}), (1, 40, 19, {})), days(0, 1), days(1, 1))["Weekdays"]
    assert (line.weight, line.effect) == ("matters", None)
    assert said(line).endswith("few weekdays in common, so these and the change cannot be told apart.")


def test_a_trend_that_goes_on_explains_it(shop):
    """Orders rise by one a day of 100 sessions: a week later they are seven more."""
    store = shop(*[(day, 100, 20 + day, {}) for day in range(35)])
    line = lines(store, days(21, 7), days(28, 7))["Trend before"]
    assert (line.weight, line.part) == ("matters", 28)
    assert (line.effect, line.rest) == pytest.approx((0.07, 0), abs=1e-9)
    assert said(line).startswith("In the 28 days before the change, it went +7.00 points (+7.00 to +7.00) a week.")


def test_no_trend_goes_on_below_nothing(shop):
    """Orders fall by two a day from 60 of 100: after thirty days there are none, whatever the line says."""
    store = shop(
        *[(day, 100, max(0, 60 - 2 * day), {}) for day in range(28)], *[(day, 100, 9, {}) for day in range(56, 63)]
    )
    line = lines(store, days(0, 28), days(56, 7))["Trend before"]
    assert line.effect == pytest.approx(-sum(60 - 2 * day for day in range(28)) / 2800)
    assert "Going on like that makes at most -33.0 points" in said(line)


def test_a_level_that_jumps_is_no_trend(shop):
    store = shop(*[(day, 100, 20 + (day >= 28) * 20 + day % 3, {}) for day in range(35)])
    line = lines(store, days(21, 7), days(28, 7))["Trend before"]
    assert (line.weight, line.effect) == ("does not", None)
    assert "there was no clear trend" in line.said


def test_too_few_days_for_a_trend(shop):
    store = shop(*[(day, 100, 20 + day, {}) for day in range(14)])
    line = lines(store, WEEK_BEFORE, WEEK_AFTER)["Trend before"]
    assert (line.weight, line.part) == ("unknown", 7)
    assert said(line) == "Only 7 days before the change have sessions; a trend needs 14."


@pytest.mark.parametrize(
    ("orders", "weight", "as_large"),
    [
        pytest.param(lambda day: 20 + (day >= 49) * 30, "does not", 0, id="nothing like it before"),
        pytest.param(lambda day: 20 + (day // 7 % 2) * 20, "matters", 6, id="every other week"),
    ],
)
def test_earlier_dates(shop, orders, weight, as_large):
    store = shop(*[(day, 60, orders(day), {}) for day in range(56)])
    line = lines(store, days(42, 7), days(49, 7))["Earlier dates"]
    assert (line.weight, line.part, line.whole) == (weight, as_large, 36)


def test_too_few_earlier_dates(shop):
    store = shop(*[(day, 60, 20 + (day >= 21) * 20, {}) for day in range(28)])
    few = lines(store, days(14, 7), days(21, 7))["Earlier dates"]
    assert (few.weight, few.part, few.whole) == ("unknown", None, 8)
    assert said(few) == "Only 8 earlier dates have as many days before and after in this data; 10 are needed."
    none = lines(store, days(0, 14), days(14, 14))["Earlier dates"]
    assert said(none) == "No earlier date has as many days before and after in this data; 10 are needed."


def test_traffic_that_doubles(shop):
    store = shop(*[(day, 20 + (day >= 7) * 30, 9, {}) for day in range(14)])
    line = lines(store, WEEK_BEFORE, WEEK_AFTER)["Traffic"]
    assert (line.weight, line.before, line.after) == ("matters", 20, 50)
    assert said(line).startswith("It rose 2.5 times, from 20 to 50 sessions a day")
    back = lines(shop(*[(day, 20 - (day >= 7) * 5, 9, {}) for day in range(14)]), WEEK_BEFORE, WEEK_AFTER)["Traffic"]
    assert (back.weight, said(back)) == ("does not", "From 20 to 15 sessions a day (-25 %).")


def test_another_release_in_between(shop):
    releases = ["1.0"] * 7 + ["1.1"] * 7 + ["1.2"] * 7
    store = shop(*[(day, 30, 9 + day, {"release": name}) for day, name in enumerate(releases)])
    line = lines(store, OLD, Scope(releases=("1.2",)))["Other releases"]
    assert line.weight == "matters"
    assert said(line) == (
        "Release 1.1 (9 Mar, 7 days before the change) took over in these days, so what it changed is part of the "
        "difference."
    )
    assert lines(store, OLD, NEW)["Other releases"].weight == "does not"


def test_notes_of_these_days(shop):
    store = shop(*[(day, 30, 9 + (day > 6), {}) for day in range(14)])
    happened = (Happened(MONDAY + 7 * DAY, "sale *now*"), Happened(MONDAY + 20 * DAY, "later"))
    line = lines(store, WEEK_BEFORE, WEEK_AFTER, happened=happened)["Notes"]
    assert (line.weight, line.part) == ("unknown", 1)
    assert said(line).startswith("sale *now* (9 Mar, the day of the change). These sessions cannot tell")
    assert "Notes" not in lines(store, WEEK_BEFORE, WEEK_AFTER)


def test_sides_of_the_same_days(shop):
    groups = [
        (day, 40, 9 + 5 * (name == "phone"), {"device": name}) for day in range(14) for name in ("phone", "desktop")
    ]
    found = lines(shop(*groups), Scope(devices=("phone",)), Scope(devices=("desktop",)))
    assert found["Time"].weight == "does not"
    assert said(found["Time"]).startswith("100 % of the sessions are of the same days")
    assert not {"Trend before", "Earlier dates", "Traffic"} & found.keys()


def test_the_earlier_side_after(shop):
    found = lines(shop(*[(day, 40, 9, {}) for day in range(14)]), WEEK_AFTER, WEEK_BEFORE)
    assert found["Time"].weight == "unknown"
    assert "Trend before" not in found


# --- People -----------------------------------------------------------------------------------------------------------


def test_people_on_both_sides(shop):
    store = shop(*[(day, 40, 9, {}) for day in (0, 1, 7, 8)], person=lambda day, n: n.partition("-")[2])
    user = lines(store, WEEK_BEFORE, WEEK_AFTER)["The same people"]
    assert (user.weight, user.part, user.whole) == ("does not", 40, 40)
    session = lines(store, WEEK_BEFORE, WEEK_AFTER, by="session")["The same people"]
    assert session.weight == "matters"
    assert "people have 2.0 sessions each" in said(session)


def test_sessions_on_both_sides(shop):
    store = shop(*[(day, 40, 9 + day, {}) for day in range(10)])
    line = lines(store, days(0, 7), days(4, 6))["The same sessions"]
    assert (line.weight, line.part, line.whole) == ("matters", 120, 240)


# --- Too little -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "more", "why"),
    [
        pytest.param(OLD, Scope(releases=("9",)), {}, "Only 0 people after; 10 are needed.", id="an empty side"),
        pytest.param(OLD, NEW, {"metric": "valued", "goal": None}, "It never happened.", id="what never occurs"),
        pytest.param(days(0, 1), days(1, 1), {}, "Only 0 people after; 10 are needed.", id="a day without sessions"),
        pytest.param(OLD, Scope(start=date(2030, 1, 1)), {}, "Only 0 people after; 10 are needed.", id="the future"),
    ],
)
def test_too_little_is_said_in_words(shop, before, after, more, why):
    store = shop((0, 50, 9, {"release": "1.0"}), (7, 50, 9, {"release": "1.1"}))
    found = lines(store, before, after, **more)
    assert list(found) == ["Too little data"]
    assert (found["Too little data"].weight, said(found["Too little data"])) == ("unknown", why)


def test_one_person_is_not_enough(shop):
    store = shop((0, 50, 9, {}), (7, 50, 19, {}), person=lambda day, n: "somebody")
    assert list(lines(store, WEEK_BEFORE, WEEK_AFTER)) == ["Too little data"]


def test_mistakes_are_told():
    with pytest.raises(InvalidQuestion, match="the same sessions"):
        Explanations(OLD, OLD, "duration")
    with pytest.raises(InvalidQuestion, match="no metric 'speed'"):
        Explanations(OLD, NEW, "speed")
    with pytest.raises(InvalidQuestion, match="needs a goal"):
        Explanations(OLD, NEW, "conversion")


# --- Which days a side covers -----------------------------------------------------------------------------------------


def counts(first, *numbers):
    return {MONDAY + (first + n) * DAY: number for n, number in enumerate(numbers)}


def test_days_of_the_page_do_not_make_ranges_of_releases(shop):
    """Both sides lie within the same days then, and still follow each other."""
    store = shop(*[(day, 40, 9, {"release": f"1.{day // 7}"}) for day in range(28)])
    whole = lines(store, OLD, NEW)
    assert said(whole["Weekdays"]) == "Both sides are whole weeks: 7 days before and 7 after."
    cut = lines(store, OLD, NEW, days(2, 9))
    assert said(cut["Weekdays"]).startswith("The sides are not whole weeks: 5 days before and 4 after.")


def test_a_release_ends_where_the_next_one_has_most_sessions():
    old, new = counts(0, 50, 50, 50, 9, 1), counts(2, 1, 41, 49)
    everybody = counts(0, 50, 50, 51, 50, 50)
    assert Sides(OLD, NEW, old, new, everybody).windows() == Windows(MONDAY, 3, MONDAY + 3 * DAY, 2)


def test_releases_of_several_products_never_have_most_sessions():
    """Web and phones have releases of their own; a side's days are those on which it has more than the other."""
    old, new = counts(0, 9, 9, 2), counts(2, 7, 9)
    assert Sides(OLD, NEW, old, new, counts(0, 30, 30, 30, 30)).windows() == Windows(MONDAY, 2, MONDAY + 2 * DAY, 2)


def test_a_range_reaches_as_far_as_there_are_data():
    sides = Sides(days(-7, 14), days(7, 70), counts(0, 5), counts(7, 5, 5), counts(0, *[5] * 9))
    assert sides.windows() == Windows(MONDAY, 7, MONDAY + 7 * DAY, 2)


def test_what_both_sides_have_in_common():
    phone = {"devices": ("phone",)}
    assert side_days.common(Scope(**phone, releases=("1",)), Scope(**phone, start=MONDAY)) == Scope(**phone)
    assert side_days.common(Scope(**phone), Scope()) is None


# --- Rules and words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "effect", "weight"),
    [
        pytest.param((0.10, 0.05, 0.15), 0.024, "does not", id="less than a quarter of a clear change"),
        pytest.param((0.10, 0.05, 0.15), -0.025, "matters", id="a quarter, whichever way"),
        pytest.param((0.01, -0.04, 0.06), 0.04, "does not", id="less than half the interval of an unclear one"),
        pytest.param((0.01, -0.04, 0.06), 0.05, "matters", id="half the interval"),
        pytest.param((0.0, 0.0, 0.0), 0.0, "does not", id="nothing of nothing"),
        pytest.param((0.10, 0.10, 0.10), 1e-17, "does not", id="a rounding error"),
    ],
)
def test_what_matters(seen, effect, weight):
    assert Seen("share", 0.5, *seen).weigh(effect) == weight


@pytest.mark.parametrize(
    ("unit", "difference", "words"),
    [
        ("share", -0.0141, "−1.41\u00a0points (−1.42 to −1.40)"),
        ("share", 0.2, "+20.0\u00a0points (+19.0 to +21.0)"),
        ("seconds", 31.26, "+31.3\u00a0s (+29.7 to +32.8)"),
        ("count", 0.00121, "+0.0012 (+0.0011 to +0.0013)"),
        ("value", 1234.5, "+1,234 (+1,173 to +1,296)"),
    ],
)
def test_differences_have_three_figures(unit, difference, words):
    size = abs(difference) * (0.05 if unit != "share" or difference > 0 else 0.01)
    seen = Seen(unit, 0.5, difference, difference - size, difference + size)
    assert seen.amounts(difference, seen.low, seen.high) == words


# --- The sample shop --------------------------------------------------------------------------------------------------


def test_the_planted_harm_is_not_explained_by_anything_else(sample):
    found = lines(sample, OLD, NEW)
    assert not [line.title for line in found.values() if line.weight == "matters"]
    for line in found.values():
        if line.about == "mix":
            assert line.effect + line.rest == pytest.approx(-0.0148, abs=5e-5)
            assert line.rest_high < 0  # whichever mix is held, the harm is clear


def test_the_gain_of_the_next_release_is_as_large_as_the_harm_before_it(sample):
    found = lines(sample, NEW, Scope(releases=("1.2",)))
    assert [line.title for line in found.values() if line.weight == "matters"] == ["Earlier dates"]
    assert said(found["Earlier dates"]).endswith("Release 1.1 took over among them.")


def test_the_answer_is_json(sample):
    for asked in (explanations.EXAMPLE, Explanations(OLD, Scope(releases=("none",)), "duration")):
        json.dumps(registry.answer(sample, explanations, asked, Scope()), allow_nan=False)
    ranges = Explanations(Scope(stop=date(2026, 9, 5)), Scope(start=date(2026, 9, 12)), "duration")
    json.dumps(registry.answer(sample, explanations, ranges, Scope()), allow_nan=False)


def test_every_title_is_of_a_field():
    assert set(alternatives.TITLES) == set(explanations.mix.FIELDS) - {"weekday"}
