"""When a release took over, by hand."""

import datetime as dt

import pytest

from analytics.analyses import releases
from analytics.errors import InvalidQuestion
from analytics.scope import Scope

FIRST = dt.date(2026, 3, 2)


@pytest.fixture
def days(store_of):
    """`days("aab", "-")`: a string is a day, a letter the release of a session, a dash none."""

    def make(*days):
        rows = [
            {
                "event": "open",
                "timestamp": dt.datetime.combine(FIRST + dt.timedelta(days=n), dt.time(9, minute)),
                "user_id": f"u{n}-{minute}",
                "session_id": f"s{n}-{minute}",
            }
            | ({"release": letter} if letter != "-" else {})
            for n, day in enumerate(days)
            for minute, letter in enumerate(day)
        ]
        return store_of(rows)

    return make


def asked(store, scope=Scope(), **params):  # noqa: B008
    return releases.run(store, releases.Releases(**params), scope)


def day(n):
    return FIRST + dt.timedelta(days=n)


def test_a_release_takes_over_when_most_sessions_have_it(days):
    found = asked(days("aaaa", "aaab", "aabbb", "-bbb", "bb"))
    a, b = found.releases
    assert (a.release, a.sessions, a.first, a.last, a.took_over, a.days_led, a.before) == (
        ("a", 9, day(0), day(2), day(0), 2, None)
    )
    assert (b.release, b.sessions, b.first, b.last, b.took_over, b.days_led, b.before) == (
        ("b", 9, day(1), day(4), day(2), 3, "a")
    )
    assert (a.peak, a.peak_day, b.peak, b.peak_day) == (1.0, day(0), 1.0, day(4))
    assert [(one.day, one.sessions, one.releases) for one in found.days][1:4] == [
        (day(1), 4, (("a", 3), ("b", 1))),
        (day(2), 5, (("b", 3), ("a", 2))),
        (day(3), 4, (("b", 3),)),
    ]
    assert (found.sessions, found.without, found.days[3].share("b"), found.days[3].share("a")) == (19, 1, 0.75, 0)


def test_the_order_is_that_of_taking_over_not_of_names(days):
    found = asked(days("99", "9 10 10".replace(" 10", "x"), "xx", "aa"))
    assert [one.release for one in found.releases] == ["9", "x", "a"]
    assert [one.before for one in found.releases] == [None, "9", "x"]


def test_one_that_never_leads_was_tried_out(days):
    found = asked(days("aaa", "aat", "aaa", "bbb", "bbt", "bbb", "bbt"))
    tried = next(one for one in found.releases if one.release == "t")
    assert (tried.took_over, tried.days_led, tried.sessions, tried.before) == (None, 0, 3, "b")
    assert tried.peak == pytest.approx(1 / 3)
    assert [one.release for one in found.releases] == ["a", "t", "b"]
    assert found.releases[2].before == "a"


def test_of_equals_the_one_before_still_leads(days):
    a, b = asked(days("aa", "ba", "ab", "bba")).releases
    assert (a.took_over, a.days_led, b.took_over, b.days_led) == (day(0), 3, day(3), 1)


def test_a_release_that_comes_back_took_over_once(days):
    a, b = asked(days("aa", "bb", "aa")).releases
    assert (a.took_over, a.days_led, a.last, a.before) == (day(0), 2, day(2), None)
    assert (b.took_over, b.days_led, b.before) == (day(1), 1, "a")


def test_without_a_release_there_is_none(days):
    found = asked(days("--", "-"))
    assert (found.releases, found.sessions, found.without) == ((), 3, 3)
    assert [(one.sessions, one.releases) for one in found.days] == [(2, ()), (1, ())]


def test_those_beyond_the_limit_count_as_sessions(days):
    found = asked(days("aaab", "aabc"), limit=1)
    assert [one.release for one in found.releases] == ["a"]
    assert [(one.sessions, one.releases) for one in found.days] == [(4, (("a", 3),)), (4, (("a", 2),))]
    assert (found.sessions, found.without) == (8, 0)
    assert found.releases[0].peak == 0.75
    with pytest.raises(InvalidQuestion, match="from 1 to 1,000, not 0"):
        releases.Releases(limit=0)


def test_only_what_is_in_scope_counts(days):
    store = days("aaa", "abb", "bbb")
    found = asked(store, Scope(start=day(1), stop=day(2)))
    assert [(one.release, one.took_over, one.sessions) for one in found.releases] == [("b", day(1), 2), ("a", None, 1)]
    assert found.releases[0].before is None


def test_on_the_sample_as_planted(sample):
    found = asked(sample)
    took_over = {one.release: one.took_over for one in found.releases}
    assert took_over == {"1.0": dt.date(2026, 8, 3), "1.1": dt.date(2026, 9, 7), "1.2": dt.date(2026, 10, 5)}
    assert [one.before for one in found.releases] == [None, "1.0", "1.1"]
    assert sum(one.sessions for one in found.releases) == found.sessions
