"""Repeats of one thing before another: stories, and lists as long as the figures."""

import pytest

from analytics.analyses import repeat_sessions, repeats
from analytics.analyses.repeat_sessions import RepeatSessions
from analytics.analyses.repeats import EXAMPLE, Repeats
from analytics.conditions import Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope

A, B = Matcher(name="a"), Matcher(name="b")


def sides(store, params=None):
    return {side.reached: side for side in repeats.run(store, params or Repeats(A, B), Scope()).sides}


def test_only_what_came_before_the_first_counts(journeys):
    found = sides(journeys("a a b a a b", "a b", "b a", "a a a", "c"))
    assert found[True].times == ((0, 1), (1, 1), (2, 1))
    assert (found[True].sessions, found[True].without, found[True].twice) == (2, 1, 1)
    assert (found[True].mean, found[True].median) == (1.5, 1.5)
    assert found[False].times == ((3, 1),)
    assert (found[False].mean, found[False].median, found[False].twice) == (3, 3, 1)


def test_nothing_to_count(journeys):
    assert sides(journeys("c d")) == {}
    assert sides(journeys("b"))[True].mean is None


def test_both_alike():
    with pytest.raises(InvalidQuestion, match="before something else"):
        Repeats(A, A)
    with pytest.raises(InvalidQuestion, match="2 to 1"):
        RepeatSessions(Repeats(A, B), least=2, most=1)


def test_lists_are_as_long_as_the_figures(sample):
    for side in repeats.run(sample, EXAMPLE, Scope()).sides:
        for asked, count in (
            (RepeatSessions(EXAMPLE, side.reached, limit=None), side.sessions),
            (RepeatSessions(EXAMPLE, side.reached, 2, limit=None), side.twice),
            (RepeatSessions(EXAMPLE, side.reached, 0, 0, limit=0), side.without),
            (RepeatSessions(EXAMPLE, side.reached, 3, 3, limit=0), dict(side.times).get(3, 0)),
        ):
            found = repeat_sessions.run(sample, asked, Scope())
            assert found.total == count
            assert len(found.rows) == (count if asked.limit is None else 0)
