"""A pattern as a step of a funnel: stories, and equal to trying everything on random sessions."""

import pytest
from hypothesis import HealthCheck, given, settings

from analytics import patterns
from analytics.analyses import funnel
from analytics.analyses.funnel import Excluded, Funnel, PatternStep
from analytics.conditions import Matcher
from analytics.errors import InvalidPattern, InvalidQuestion
from analytics.registry import parse
from analytics.scope import Scope
from tests.analyses.test_pattern_oracle import texts, world

__all__ = ["world"]
A, C = Matcher(name="a"), Matcher(name="c")


def counts(store, *steps, **more):
    return [step.count for step in funnel.run(store, Funnel(steps, **more), Scope()).steps]


def test_it_is_done_when_the_pattern_is_complete(journeys):
    store = journeys("/a go /b", "go /a /b", "/a /b go", "/b /a")
    step = PatternStep(pattern="page:/a -> page:/b")
    assert counts(store, Matcher(name="go"), step) == [3, 2]  # also where it began before
    assert counts(store, step, Matcher(name="go")) == [3, 1]
    assert counts(store, Matcher(name="go"), PatternStep(pattern="page:/b => (end)")) == [3, 2]
    assert counts(store, Matcher(name="go"), step, by="user") == [3, 2]


def test_its_time_is_that_of_the_completing_event(journeys):
    (_, second) = funnel.run(
        journeys("go /a /b /c"), Funnel((Matcher(name="go"), PatternStep(pattern="page:/a -> page:/b"))), Scope()
    ).steps
    assert second.median_seconds == 120


def test_it_says_itself_and_what_is_wrong_with_it():
    step = parse(Funnel, '{"steps": [{"name": "a"}, {"pattern": "a -> b", "optional": true}]}', "the question").steps[1]
    assert step == PatternStep(pattern="a -> b", optional=True)
    assert step.label == patterns.parse("a -> b").words
    with pytest.raises(InvalidPattern, match="At character 5"):
        PatternStep(pattern="a ->")
    with pytest.raises(InvalidQuestion, match="belongs into it"):
        PatternStep(pattern="a -> b", name="c")
    with pytest.raises(InvalidQuestion, match="not a pattern"):
        Excluded(step, 1, 2)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts())
def test_counts_what_trying_everything_counts(world, text):
    pattern = patterns.parse(text)
    expected = [0, 0, 0]
    for session in world.sessions.values():
        last = session.end - 1
        ends = {min(way[-1][1], last) for way in session.ways(pattern)}
        done = {name: [n for n, event in enumerate(session.events, 1) if event.name == name] for name in "ac"}
        later = [end for end in ends if done["a"] and done["a"][0] < end]
        expected[0] += bool(done["a"])
        expected[1] += bool(later)
        expected[2] += bool(later and done["c"] and min(later) < done["c"][-1])
    assert counts(world.store, A, PatternStep(pattern=text), C) == expected
    assert counts(world.store, A, PatternStep(pattern=text), C, by="user")[0] <= 50
