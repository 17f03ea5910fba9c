"""Funnels as small stories with exact numbers."""

import pytest

from analytics.analyses import funnel
from analytics.analyses.funnel import Funnel
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
