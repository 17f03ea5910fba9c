"""Who is on which side of a comparison: counted person by person, and listed session by session."""

from datetime import date, datetime, timedelta

import pytest

from analytics.analyses import compare_people
from analytics.analyses.compare_people import ComparePeople, Part
from analytics.errors import InvalidQuestion
from analytics.scope import Scope

OLD, NEW = Scope(releases=("1.0",)), Scope(releases=("1.1",))


@pytest.fixture
def store(store_of):
    """Sessions as "person release", one a day from 2 Mar 2026."""
    told = ["ann 1.0", "ann 1.0", "ann 1.1", "bob 1.0", "cy 1.1", "cy 1.1", "dee 1.1", "eve 0.9"]
    rows = []
    for n, (user, release) in enumerate(one.split() for one in told):
        start = datetime(2026, 3, 2, 9) + timedelta(days=n)
        rows.append(
            {"timestamp": start, "event": "page_view", "user_id": user, "session_id": f"{user}{n}"}
            | {"release": release}
        )
    return store_of(rows)


def listed(store, **more):
    found = compare_people.run(store, ComparePeople(OLD, NEW, **more), Scope())
    assert found.total == len(found.rows)
    return [row.session_id for row in found.rows]


def test_people_of_each_part_and_their_sessions_on_each_side(store):
    parts = compare_people.run(store, ComparePeople(OLD, NEW), Scope()).parts
    assert parts == (Part("before", 1, 1, 1, 0), Part("both", 1, 3, 2, 1), Part("after", 2, 3, 0, 3))


@pytest.mark.parametrize(
    ("more", "sessions"),
    [
        pytest.param({"who": "before"}, ["bob3"], id="only before"),
        pytest.param({"who": "after"}, ["dee6", "cy5", "cy4"], id="only after, latest first"),
        pytest.param({"who": "both"}, ["ann2", "ann1", "ann0"], id="both, all they did"),
        pytest.param({"who": "both", "side": "before"}, ["ann1", "ann0"], id="both, what they did before"),
        pytest.param({"who": "both", "side": "after"}, ["ann2"], id="both, what they did after"),
    ],
)
def test_the_list_is_as_long_as_the_figure(store, more, sessions):
    assert listed(store, **more) == sessions


def test_a_session_on_both_sides_counts_on_each_and_is_listed_once(store):
    week = Scope(date(2026, 3, 2), date(2026, 3, 6))
    asked = ComparePeople(week, Scope(date(2026, 3, 4), date(2026, 3, 10)))
    found = compare_people.run(store, asked, Scope())
    assert found.parts[1] == Part("both", 2, 4, 4, 2)  # ann three times and bob once, of which ann2 and bob3 on both
    assert found.total == 4


def test_an_empty_side_has_nobody(store):
    found = compare_people.run(store, ComparePeople(OLD, Scope(releases=("9.9",))), Scope())
    assert found.parts == (Part("before", 2, 3, 3, 0), Part("both", 0, 0, 0, 0), Part("after", 0, 0, 0, 0))
    assert (found.rows, found.total) == ((), 0)


def test_pages_of_the_list(store):
    found = compare_people.run(store, ComparePeople(OLD, NEW, who="after", limit=2, offset=2), Scope())
    assert ([row.session_id for row in found.rows], found.total) == (["cy4"], 3)
    beyond = compare_people.run(store, ComparePeople(OLD, NEW, who="after", limit=2, offset=9), Scope())
    assert (beyond.rows, beyond.total) == ((), 3)


def test_the_same_sessions_twice_are_no_question():
    with pytest.raises(InvalidQuestion, match="the same sessions"):
        ComparePeople(OLD, OLD)
