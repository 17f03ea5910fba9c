"""Funnels as small stories with exact numbers."""

import pytest

from analytics import registry
from analytics.analyses import funnel
from analytics.analyses.funnel import Excluded, Funnel, Histogram, OptionalStep
from analytics.conditions import Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope

EVERYTHING = Scope()


def steps(words):
    return tuple(Matcher(name=word) for word in words.split())


def counts(store, params):
    return tuple(step.count for step in funnel.run(store, params, EVERYTHING).steps)


def medians(store, params):
    return tuple(step.median_seconds for step in funnel.run(store, params, EVERYTHING).steps)


@pytest.mark.parametrize("by", ["session", "user"])
@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        pytest.param("home cart pay", (3, 2, 1), id="how far each gets"),
        pytest.param("home pay", (3, 1), id="what happens in between does not matter"),
        pytest.param("pay home", (2, 0), id="order matters"),
        pytest.param("home home", (3, 1), id="a repeated step needs a second event"),
        pytest.param("home cart lost", (3, 2, 0), id="an event nobody sent reaches nobody"),
        pytest.param("o'brien pay", (0, 0), id="a quote is part of the name"),
    ],
)
def test_how_many_reach_each_step(journeys, asked, reached, by):
    store = journeys("home cart pay", "home home cart", "home", "pay cart")
    assert counts(store, Funnel(steps(asked), by=by)) == reached


def test_a_late_start_counts_when_the_first_ran_out_of_time(journeys):
    store = journeys("home x x home cart")
    assert counts(store, Funnel(steps("home cart"), window_s=60)) == (1, 1)
    assert counts(store, Funnel(steps("home cart"), window_s=59)) == (1, 0)


def test_the_window_counts_from_the_first_step(journeys):
    store = journeys("home cart pay")
    assert counts(store, Funnel(steps("home cart pay"), window_s=120)) == (1, 1, 1)
    assert counts(store, Funnel(steps("home cart pay"), window_s=119)) == (1, 1, 0)


@pytest.mark.parametrize("window_s", [None, 3600])
def test_timed_is_the_start_nearest_to_where_the_furthest_step_was_first_reached(journeys, window_s):
    # from the second home it is a minute to the cart; the payment follows two minutes after that; the rest is too late
    store = journeys("home home cart x pay home cart pay")
    assert medians(store, Funnel(steps("home cart pay"), window_s=window_s)) == (None, 60.0, 120.0)


def test_the_median_of_two_is_their_mean(journeys):
    store = journeys("home cart", "home x x cart", "home")
    step = funnel.run(store, Funnel(steps("home cart")), EVERYTHING).steps[1]
    assert (step.count, step.median_seconds, step.mean_seconds) == (2, 120.0, 120.0)


def test_people_go_on_in_another_session(store_of):
    rows = [
        {"timestamp": "2026-03-02T09:00:00", "event": "home", "user_id": "ann", "session_id": "s1"},
        {"timestamp": "2026-03-03T09:00:00", "event": "cart", "user_id": "ann", "session_id": "s2"},
    ]
    store = store_of(rows)
    assert counts(store, Funnel(steps("home cart"))) == (1, 0)
    assert counts(store, Funnel(steps("home cart"), by="user")) == (1, 1)
    assert counts(store, Funnel(steps("home cart"), by="user", window_s=86_400)) == (1, 1)
    assert counts(store, Funnel(steps("home cart"), by="user", window_s=86_399)) == (1, 0)


def test_an_empty_store_reaches_nothing(store_of):
    result = funnel.run(store_of([]), Funnel(steps("home cart")), EVERYTHING)
    assert [(step.count, step.median_seconds) for step in result.steps] == [(0, None), (0, None)]
    assert [step.label for step in result.steps] == ["home", "cart"]


def test_one_step_is_a_funnel_too(journeys):
    assert counts(journeys("home cart", "home home", "cart"), Funnel(steps("home"))) == (2,)


def test_no_step_is_none():
    with pytest.raises(InvalidQuestion, match="this one has 0"):
        Funnel(())


# --- Orders, windows, exclusions -------------------------------------------------------------------------------------


def test_strict_takes_the_very_next_event_whatever_its_name(journeys):
    store = journeys("home cart pay", "home x cart pay", "home home cart")
    assert counts(store, Funnel(steps("home cart pay"), order="strict")) == (3, 2, 1)


def test_without_an_order_different_steps_are_done_by_different_events(journeys):
    store = journeys("pay home cart", "cart cart", "x", "home pay")
    assert counts(store, Funnel(steps("home cart pay"), order="unordered")) == (3, 2, 1)
    assert counts(store, Funnel(steps("cart cart"), order="unordered")) == (2, 1)


def test_an_event_that_could_do_two_steps_does_the_one_that_helps(journeys):
    either = Matcher(name=("home", "cart"))
    store = journeys("home cart", "cart home", "home home")
    # "home" then "cart": home does the second step, so that cart, which can do no other, does the first
    asked = Funnel((either, Matcher(name="home")), order="unordered")
    assert counts(store, asked) == (3, 3)


def test_a_window_from_the_previous_step(journeys):
    store = journeys("home cart x pay")
    assert counts(store, Funnel(steps("home cart pay"), window_s=120)) == (1, 1, 0)
    assert counts(store, Funnel(steps("home cart pay"), window_s=120, window_from="previous")) == (1, 1, 1)


def test_an_exclusion_drops_those_whose_furthest_progress_it_spoils(journeys):
    excluded = (Excluded(Matcher(name="help"), 1, 2),)
    store = journeys("home cart", "home help cart", "home help", "home help cart home cart", "home cart help")
    # the fourth gets there again without help; the last asked for help only after the second step
    assert counts(store, Funnel(steps("home cart"), exclusions=excluded)) == (3, 3)
    # without an order they stay at step 1
    assert counts(store, Funnel(steps("home cart"), order="unordered", exclusions=excluded)) == (5, 3)


def test_an_optional_step_counts_where_it_was_done_on_the_way(journeys):
    asked = Funnel((Matcher(name="home"), OptionalStep(name="cart"), Matcher(name="pay")))
    store = journeys("home cart pay", "home x pay", "home cart", "home pay cart")
    assert counts(store, asked) == (4, 2, 3)
    assert medians(store, asked) == (None, 60.0, 60.0)  # from the last step done: 60, 120 (from home) and 60


def test_events_of_one_moment_may_serve_in_any_order(store_of):
    def event(name, second, user):
        return {"timestamp": f"2026-03-02T09:00:{second:02}", "event": name, "user_id": user, "session_id": user}

    store = store_of(
        [
            event("cart", 0, "at once"),
            event("home", 0, "at once"),
            event("cart", 0, "a second before"),
            event("home", 1, "a second before"),
        ]
    )
    assert counts(store, Funnel(steps("home cart"))) == (2, 0)
    assert counts(store, Funnel(steps("home cart"), simultaneous_s=0)) == (2, 1)
    assert counts(store, Funnel(steps("home cart"), simultaneous_s=1)) == (2, 2)


# --- Who is counted, and split by what -------------------------------------------------------------------------------


@pytest.fixture
def plans(store_of):
    """ann looks at free and pays for pro; bob does both with pro; cid has no plan and pays nothing."""

    def event(name, minute, user, plan):
        time = f"2026-03-02T09:{minute:02}:00"
        return {"timestamp": time, "event": name, "user_id": user, "session_id": user} | (
            {"plan": plan} if plan else {}
        )

    return store_of(
        [
            event("home", 0, "ann", "free"),
            event("home", 1, "bob", "pro"),
            event("home", 2, "cid", None),
            event("pay", 3, "ann", "pro"),
            event("pay", 4, "bob", "pro"),
        ]
    )


def test_by_a_field_counts_its_values(plans):
    # pro begins with bob's home; ann's, of free, is followed by nothing of free
    assert counts(plans, Funnel(steps("home pay"), by="properties.plan")) == (2, 1)


def test_a_constant_keeps_one_value_through_an_attempt(plans):
    assert counts(plans, Funnel(steps("home pay"))) == (3, 2)
    assert counts(plans, Funnel(steps("home pay"), constant="properties.plan")) == (2, 1)


@pytest.mark.parametrize(
    ("attribution", "step", "split"),
    [
        ("first_touch", None, {"free": (1, 1), "pro": (1, 1), None: (1, 0)}),
        ("last_touch", None, {"pro": (2, 2), None: (1, 0)}),
        ("all_steps", None, {"free": (1, 0), "pro": (1, 1), None: (1, 0)}),
        ("step", 1, {"free": (1, 1), "pro": (1, 1), None: (1, 0)}),
        ("step", 2, {"pro": (2, 2), None: (1, 0)}),
    ],
)
def test_breakdown(plans, attribution, step, split):
    asked = Funnel(steps("home pay"), breakdown="properties.plan", attribution=attribution, attribution_step=step)
    result = funnel.run(plans, asked, EVERYTHING)
    assert {one.value: tuple(step.count for step in one.steps) for one in result.breakdowns} == split
    assert tuple(step.count for step in result.steps) == (3, 2)
    begun = [one.steps[0].count for one in result.breakdowns]
    assert begun == sorted(begun, reverse=True)


def test_histogram_in_whole_seconds_from_the_shortest(journeys):
    store = journeys("home cart", "home x cart", "home x x x x x cart", "home")
    asked = Funnel(steps("home cart"), histogram=Histogram(1, 2))
    bars = funnel.run(store, asked, EVERYTHING).histogram
    # three people: two bins of 150 s from 60 s on, and one more for the longest
    assert [(bar.seconds, bar.count) for bar in bars] == [(60, 2), (210, 0), (360, 1)]


def test_nobody_has_no_histogram(journeys):
    asked = Funnel(steps("home cart"), histogram=Histogram(1, 2))
    assert funnel.run(journeys("home"), asked, EVERYTHING).histogram == ()


def test_trend_counts_attempts_by_the_day_they_began(store_of):
    def event(name, day, hour):
        return {"timestamp": f"2026-03-{day:02}T{hour:02}:00:00", "event": name, "user_id": "ann"}

    store = store_of([event("home", 2, 9), event("cart", 2, 20), event("home", 4, 9), event("x", 5, 12)])
    asked = Funnel(steps("home cart"), by="user", window_s=86_400, trend="day")
    trend = funnel.run(store, asked, EVERYTHING).trend
    assert [(period.start.day, period.counts, period.complete) for period in trend] == [
        (2, (1, 1), True),
        (3, (0, 0), True),
        (4, (1, 0), False),  # who began at its end would have had until the end of the fifth
    ]


# --- Presets and refusals --------------------------------------------------------------------------------------------


def test_a_preset_fills_only_what_is_not_given():
    asked = Funnel(steps("home cart"), count_like="posthog")
    assert (asked.by, asked.window_s, asked.simultaneous_s) == ("user", 14 * 86_400, 0)
    asked = registry.params(
        funnel, '{"steps": [{"name": "home"}], "count_like": "mixpanel", "window_s": null, "by": "session"}'
    )
    assert (asked.by, asked.window_s, asked.simultaneous_s) == ("session", None, 2)
    assert (Funnel(steps("home")).by, Funnel(steps("home")).window_s) == ("session", None)


def test_like_clickhouse_one_event_serves_several_steps(journeys):
    store = journeys("home", "home home")
    assert counts(store, Funnel(steps("home home"))) == (2, 1)
    assert counts(store, Funnel(steps("home home"), count_like="clickhouse")) == (2, 2)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"window_s": -1}, "window_s is 0 seconds or more"),
        ({"order": "strict", "simultaneous_s": 0}, "leave out simultaneous_s"),
        ({"exclusions": (Excluded(Matcher(name="x"), 2, 1),)}, "not 2 and 1"),
        ({"histogram": Histogram(1, 3)}, "of the 2\u00a0steps, not 1 and 3"),
        ({"histogram": Histogram(1, 2, 0)}, "1 to 1,000 bins, not 0"),
        ({"attribution": "step"}, "needs attribution_step"),
        ({"attribution": "last_touch"}, "needs a breakdown"),
        ({"breakdown": "device", "attribution": "step", "attribution_step": 3}, "no step 3"),
        ({"breakdown": "devise"}, "did you mean 'device'"),
        ({"by": "person"}, "no field 'person'"),
        ({"count_like": "clickhouse", "order": "unordered"}, "for ordered funnels"),
    ],
)
def test_what_cannot_be_answered_is_refused(asked, says):
    with pytest.raises(InvalidQuestion, match=says):
        Funnel(steps("home cart"), **asked)


def test_an_optional_step_is_not_the_first_nor_without_order():
    with pytest.raises(InvalidQuestion, match="first step must be done"):
        Funnel((OptionalStep(name="home"), Matcher(name="cart")))
    with pytest.raises(InvalidQuestion, match="only an ordered funnel"):
        Funnel((Matcher(name="home"), OptionalStep(name="cart")), order="unordered")


def test_without_an_order_few_steps_may_overlap():
    with pytest.raises(InvalidQuestion, match="any of 6 of these steps"):
        Funnel((Matcher(),) * 6, order="unordered")
