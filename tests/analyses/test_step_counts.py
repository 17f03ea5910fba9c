"""How usual steps are by themselves, and which properties there are."""

import pytest

from analytics.analyses import event_sessions, properties, step_counts
from analytics.analyses.event_sessions import EventSessions
from analytics.analyses.properties import Properties
from analytics.analyses.step_counts import StepCounts
from analytics.conditions import Filter, Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope


def counts(store, *steps, scope=None):
    return [(one.sessions, one.people) for one in step_counts.run(store, StepCounts(steps), scope or Scope()).steps]


def test_each_step_is_counted_by_itself(journeys):
    store = journeys("a b a", "b", "/x b", "c")
    steps = (Matcher(name="a"), Matcher(name="b"), Matcher(page="/x"), Matcher(name="nobody"), Matcher())
    assert counts(store, *steps) == [(1, 1), (3, 3), (1, 1), (0, 0), (4, 4)]


def test_people_are_counted_by_their_events(store_of):
    rows = [
        {"timestamp": f"2026-03-02 09:0{n}", "event": "a", "user_id": who, "session_id": which}
        for n, (who, which) in enumerate([("ada", "s1"), ("bob", "s1"), ("ada", "s2")])
    ]
    assert counts(store_of(rows), Matcher(name="a")) == [(2, 2)]


@pytest.mark.parametrize("devices", [(), ("phone",)])
def test_sessions_alone_are_the_same(sample, devices):
    steps = (
        Matcher(name="order"),
        Matcher(name="page_view", page="/cart"),
        Matcher(name="nobody"),
        Matcher(name="click"),
    )
    scope = Scope(devices=devices)
    whole, alone = (step_counts.run(sample, StepCounts(steps, people), scope).steps for people in (True, False))
    assert [one.sessions for one in whole] == [one.sessions for one in alone]
    assert alone[0].sessions > 0
    assert {one.people for one in alone} == {None}


def test_a_first_time_is_one_event(journeys):
    store = journeys("a a", "a")
    assert counts(store, Matcher(name="a", first_time=True), Matcher(name="a")) == [(2, 2), (2, 2)]


def test_counts_are_those_of_the_lists(sample):
    steps = (
        Matcher(name="page_view", page="/product/*"),
        Matcher(name=("order", "add_to_cart")),
        Matcher(name="order", where=(Filter("value", "gt", 50),)),
    )
    scope = Scope(devices=("phone",))
    lists = [event_sessions.run(sample, EventSessions(step, limit=0), scope).total for step in steps]
    assert [sessions for sessions, _ in counts(sample, *steps, scope=scope)] == lists


@pytest.mark.parametrize("many", [0, 51])
def test_one_to_fifty(many):
    with pytest.raises(InvalidQuestion, match=f"1 to 50 steps at once, not of {many}"):
        StepCounts((Matcher(),) * many)


def test_properties_by_name(store_of):
    rows = [
        {
            "timestamp": f"2026-03-02 09:0{n}",
            "event": "a",
            "user_id": "ada",
            "properties": {"a.b": 1, "it's": 2} if n else {"a.b": "x"},
            "user_properties": {"plan": "pro"},
        }
        for n in range(3)
    ]
    found = properties.run(store_of(rows), Properties(), Scope()).properties
    assert [(one.field, one.events) for one in found] == [
        ("properties.a.b", 3), ("user.plan", 3), ("properties.it's", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("asked", [{"every": 0}, {"limit": 0}, {"limit": 1001}])
def test_of_one_session_or_more(asked):
    with pytest.raises(InvalidQuestion, match="one session of 1 or more"):
        Properties(**asked)
