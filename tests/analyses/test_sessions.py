"""The list of sessions: which are listed, in which order, and that its sentence counts the same ones."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import registry
from analytics.analyses import event_sessions, session_totals, sessions
from analytics.analyses.event_sessions import EventSessions
from analytics.analyses.session_totals import SessionTotals
from analytics.analyses.sessions import Among, Sessions
from analytics.conditions import Filter, Matcher
from analytics.errors import InvalidQuestion
from analytics.metrics import FunnelGoal
from analytics.scope import Scope
from analytics.workspace import watched

EVERYTHING = Scope()
WALKS = ("/ /cart order", "/ /help", "/cart error pay", "order /", "/help/faq error order")


def ids(store, scope=EVERYTHING, **asked):
    asked.setdefault("order_by", "start")
    return [row.session_id for row in sessions.run(store, Sessions(**asked), scope).rows]


@pytest.mark.parametrize(
    ("did", "did_not", "listed"),
    [
        pytest.param([{"name": "order"}], [], "s1 s4 s5", id="an event"),
        pytest.param([], [{"name": "order"}], "s2 s3", id="without it"),
        pytest.param([{"name": "nobody sent this"}], [], "", id="an event that nobody sent"),
        pytest.param([], [{"name": "nobody sent this"}], "s1 s2 s3 s4 s5", id="without an event that nobody sent"),
        pytest.param([{"name": ["pay", "order"]}], [], "s1 s3 s4 s5", id="one or another event"),
        pytest.param([{"page": "/cart"}], [], "s1 s3", id="a page"),
        pytest.param([{"page": "/help*"}], [], "s2 s5", id="pages by a glob"),
        pytest.param([{"page": ["/cart", "/help"]}], [], "s1 s2 s3", id="the pages of a group"),
        pytest.param([], [{"page": "/"}], "s3 s5", id="not on a page"),
        pytest.param(
            [{"name": "error", "page": "/cart"}], [], "", id="an event says nothing of a page it did not name"
        ),
        pytest.param([{"name": "order"}, {"page": "/cart"}], [], "s1", id="all of them"),
        pytest.param([{"name": "order"}], [{"name": "error"}], "s1 s4", id="and none of these"),
        pytest.param([{"steps": [{"page": "/"}, {"name": "order"}]}], [], "s1", id="the steps of a funnel"),
        pytest.param([], [{"steps": [{"name": "error"}, {"name": "order"}]}], "s1 s2 s3 s4", id="not those steps"),
        pytest.param([{"name": "o'brien"}], [], "", id="a quote is part of the name"),
    ],
)
def test_which_are_listed(journeys, did, did_not, listed):
    store = journeys(*WALKS)
    text = registry.json.dumps({"did": did, "did_not": did_not, "order_by": "start"})
    asked = registry.params(sessions, text)
    result = sessions.run(store, asked, EVERYTHING)
    assert [row.session_id for row in result.rows] == listed.split()
    among = Among(did=asked.did, did_not=asked.did_not)
    totals = session_totals.run(store, SessionTotals(among), EVERYTHING).of_all
    assert totals.sessions == totals.people == result.total == len(listed.split())


def test_the_error_that_was_meant(store_of):
    rows = [
        {"timestamp": "2026-03-02T09:00", "session_id": "a", "event": "error", "text": "Card declined"},
        {"timestamp": "2026-03-02T10:00", "session_id": "b", "event": "click", "text": "Card declined"},
        {"timestamp": "2026-03-02T11:00", "session_id": "c", "event": "error", "message": "Card declined"},
    ]
    store = store_of(rows)
    said = Matcher(name="error", where=(Filter("text", "is", "Card declined"),))
    assert ids(store, did=(said,)) == ["a"]
    assert ids(store, did_not=(said,)) == ["b", "c"]
    assert ids(store, did=(Matcher(name="error", where=(Filter("properties.message", "is", "Card declined"),)),)) == [
        "c"
    ]


def test_filters_go_together_with_the_scope_and_with_each_other(journeys):
    store = journeys(*WALKS)
    asked = {"where": (Filter("duration_s", "gte", 120),), "did": (Matcher(name="order"),)}
    assert ids(store, **asked) == ["s1", "s5"]
    assert ids(store, Scope(where=(Filter("errors", "gt", 0),)), **asked) == ["s5"]


def test_a_list_takes_one_goal_of_steps():
    steps = FunnelGoal((Matcher(name="order"),))
    with pytest.raises(InvalidQuestion, match="this one has 2"):
        Sessions(did=(steps,), did_not=(steps,))


ORDERS = set(Sessions.__annotations__["order_by"].__args__)


@pytest.mark.parametrize("order", sorted(ORDERS))
def test_every_order_is_that_of_its_column_and_the_same_page_by_page(sample, order):
    scope = Scope(devices=("tablet",), countries=("AT",))
    whole = sessions.run(sample, Sessions(order_by=order, limit=None), scope)
    values = [getattr(row, order.lstrip("-")) for row in whole.rows]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=order.startswith("-"))
    assert values[len(known) :] == [None] * (len(values) - len(known)), "what is not known comes last"
    pages = [
        sessions.run(sample, Sessions(order_by=order, limit=40, offset=n), scope) for n in range(0, whole.total, 40)
    ]
    assert [row for page in pages for row in page.rows] == list(whole.rows)
    assert whole.total == len(whole.rows) > 100


def test_a_page_beyond_the_end_still_knows_how_many_there_are(journeys):
    result = sessions.run(journeys("a", "b"), Sessions(offset=10), EVERYTHING)
    assert (result.rows, result.total) == ((), 2)


def test_those_that_somebody_has_watched(journeys):
    store = journeys("a", "b", "c")
    watched.mark(store, "s2")
    assert ids(store, watched=True) == ["s2"]
    assert ids(store, watched=False) == ["s1", "s3"]
    assert session_totals.run(store, SessionTotals(Among(watched=False)), EVERYTHING).of_all.sessions == 2


walks = st.lists(
    st.lists(st.sampled_from(["/a", "/b", "/a/c", "x", "y", "click"]), min_size=1, max_size=5), min_size=1, max_size=6
)
matchers = st.builds(
    Matcher,
    name=st.none() | st.sampled_from(["x", "click", "page_view", "z"]) | st.just(("x", "y")),
    page=st.none() | st.sampled_from(["/a", "/a*", "/b", "/z"]) | st.just(("/b", "/a/c")),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walks, matchers)
def test_names_and_stays_tell_what_the_events_tell(journeys, many, matcher):
    """The quick ways (a name in the session's string, a page among its stays) against the events themselves."""
    store = journeys(*(" ".join(one) for one in many))
    events = event_sessions.run(store, EventSessions(matcher, limit=None), EVERYTHING)
    quick = sessions.run(store, Sessions(did=(matcher,), limit=None), EVERYTHING)
    assert {row.session_id for row in quick.rows} == {row.session_id for row in events.rows}
    rest = sessions.run(store, Sessions(did_not=(matcher,), limit=None), EVERYTHING)
    assert quick.total + rest.total == len(many)


def test_the_sentence_counts_as_the_overview_does(sample):
    from analytics.analyses import overview

    scope = Scope(devices=("phone",))
    totals = session_totals.run(sample, SessionTotals(), scope).of_all
    other = overview.run(sample, overview.Overview(grain="week"), scope).totals
    assert (totals.sessions, totals.people, totals.with_error) == (
        other.sessions,
        other.people,
        other.sessions_with_error,
    )
    assert (totals.bounces, totals.with_bounce_value) == (other.bounces, other.sessions_with_bounce_value)
    assert totals.duration_ms / totals.sessions == pytest.approx(1000 * other.mean_duration_s)
