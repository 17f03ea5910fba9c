"""The list behind a bar of a funnel has one row per thing counted."""

import pytest

from analytics.analyses import dropouts, funnel
from analytics.analyses.dropouts import Dropouts
from analytics.conditions import Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope

EVERYTHING = Scope()
STEPS = (Matcher(name="home"), Matcher(name="cart"), Matcher(name="pay"))
STORIES = ("home cart pay", "home cart", "home x", "home", "pay cart", "home home cart pay")


def listed(store, **asked):
    return dropouts.run(store, Dropouts(STEPS, **asked), EVERYTHING)


def test_sessions_that_stopped_exactly_after_a_step_latest_first(journeys):
    store = journeys(*STORIES)
    assert [row.session_id for row in listed(store, step=1).rows] == ["s4", "s3"]
    assert [row.session_id for row in listed(store, step=2).rows] == ["s2"]
    assert [row.session_id for row in listed(store, step=2, converted=True).rows] == ["s6", "s2", "s1"]


def test_people(journeys):
    assert [row.user for row in listed(journeys(*STORIES), step=1, by="user").rows] == ["u4", "u3"]


@pytest.mark.parametrize("by", ["session", "user"])
@pytest.mark.parametrize("window_s", [None, 60])
def test_a_list_is_as_long_as_its_bar(journeys, by, window_s):
    store = journeys(*STORIES)
    bars = [step.count for step in funnel.run(store, funnel.Funnel(STEPS, window_s=window_s, by=by), EVERYTHING).steps]
    for step, bar in enumerate(bars, 1):
        reached = listed(store, by=by, window_s=window_s, step=step, converted=True, limit=None)
        stopped = listed(store, by=by, window_s=window_s, step=step, limit=None)
        assert len(reached.rows) == reached.total == bar
        assert len(stopped.rows) == stopped.total == bar - (bars[step] if step < len(bars) else 0)


def test_a_page_beyond_the_end_still_knows_the_total(journeys):
    beyond = listed(journeys(*STORIES), step=1, limit=10, offset=10)
    assert (beyond.rows, beyond.total) == ((), 2)


def test_a_step_must_be_one_of_the_funnel():
    with pytest.raises(InvalidQuestion, match="no step 4"):
        Dropouts(STEPS, step=4)


def test_the_list_behind_a_value_and_behind_a_bin(store_of):
    def event(name, minute, user, plan=None):
        time = f"2026-03-02T09:{minute:02}:00"
        return {"timestamp": time, "event": name, "user_id": user, "session_id": user} | (
            {"plan": plan} if plan else {}
        )

    store = store_of(
        [
            event("home", 0, "ann", "free"),
            event("cart", 1, "ann", "pro"),
            event("home", 2, "bob"),
            event("cart", 9, "bob"),
            event("home", 10, "cid"),
        ]
    )
    asked = {"breakdown": "properties.plan", "histogram": funnel.Histogram(1, 2, 2)}
    assert [row.session_id for row in listed(store, step=2, **asked).rows] == ["bob", "ann"]
    assert [row.session_id for row in listed(store, step=2, value="free", **asked).rows] == ["ann"]
    assert [row.session_id for row in listed(store, step=1, value=None, converted=True, **asked).rows] == ["cid", "bob"]
    # 60 s and 420 s: two bins of 180 s from 60 s, and one more for the longest
    assert [row.session_id for row in listed(store, bin=1, **asked).rows] == ["ann"]
    assert [row.session_id for row in listed(store, bin=3, **asked).rows] == ["bob"]


def test_values_that_are_counted(store_of):
    rows = [
        {"timestamp": f"2026-03-02T09:0{n}:00", "event": "home", "user_id": "ann", "plan": plan}
        for n, plan in enumerate(["free", "pro", None, "pro"])
    ]
    assert [row.value for row in listed(store_of(rows), step=1, by="properties.plan").rows] == ["pro", "free"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "name its step, or its bin"),
        ({"step": 1, "bin": 1}, "name its step, or its bin"),
        ({"bin": 1}, "one of a histogram"),
        ({"step": 1, "value": "free"}, "none of a breakdown"),
        ({"step": 1, "limit": -1}, "limit and an offset from 0"),
    ],
)
def test_a_list_without_its_bar_is_refused(asked, says):
    with pytest.raises(InvalidQuestion, match=says):
        Dropouts(STEPS, **asked)
