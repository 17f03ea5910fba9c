"""What changed most between two sides, from stories told by hand."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from analytics import stats
from analytics.analyses import item_changes, item_sessions
from analytics.analyses.item_changes import ItemChanges
from analytics.analyses.item_sessions import ItemSessions
from analytics.conditions import Matcher
from analytics.errors import InvalidQuestion
from analytics.metrics import FunnelGoal
from analytics.scope import Scope
from analytics.stats import Crossing, Sums

BEFORE, AFTER = Scope(releases=("1",)), Scope(releases=("2",))
FUNNEL = FunnelGoal((Matcher(name="cart"), Matcher(name="order")))
START = datetime(2026, 3, 2, 9)
# person: sessions as "release device: events"; a slash views a page, # clicks, ! is an error's message
STORY = {
    "ada": ["1 phone: /a /a #pay cart order", "2 phone: /a #pay cart !boom !boom"],
    "bob": ["1 desktop: /a /p/1 /p/2 cart", "1 desktop: /a order", "2 desktop: /a order cart"],
    "cid": ["2 phone: /p/3 #pay !boom"],
    "dan": ["1 phone: open"],
}


@pytest.fixture
def told(store_of):
    def make(story):
        rows, n = [], 0
        for person, sessions in story.items():
            for session in sessions:
                n += 1
                head, _, events = session.partition(": ")
                release, device = head.split()
                own = {"user_id": person, "session_id": f"s{n}", "release": release, "device": device}
                for minute, word in enumerate(events.split()):
                    time = START + timedelta(hours=n, minutes=minute)
                    rows.append(own | {"timestamp": time} | event(word))
        return store_of(rows)

    return make


def event(word):
    if word.startswith("/"):
        return {"event": "page_view", "page": word}
    if word.startswith("#"):
        return {"event": "click", "page": "/x", "element": word, "text": "Pay now"}
    return {"event": "error", "text": word[1:]} if word.startswith("!") else {"event": word}


def counts(store, scope=Scope(), **params):  # noqa: B008
    found = item_changes.run(store, ItemChanges(BEFORE, AFTER, **params), scope)
    return {(item.kind, item.item): item.counts for item in found.items if item.part is None}


def test_each_session_counts_once_for_what_it_holds(told):
    assert counts(told(STORY), funnel=FUNNEL) == {
        ("page", "/a"): (3, 2),
        ("page", "/p/1"): (1, 0),
        ("page", "/p/2"): (1, 0),
        ("page", "/p/3"): (0, 1),
        ("element", "#pay"): (1, 2),
        ("error", "boom"): (0, 2),
        ("event", "cart"): (2, 2),
        ("event", "order"): (2, 1),
        ("event", "open"): (1, 0),
        ("event", "error"): (0, 2),
        ("step", "1"): (2, 2),
        ("step", "2"): (1, 0),  # bob orders in another session, or before the cart
    }


def test_an_error_is_told_by_its_message_wherever_it_stands(store_of):
    own = {"event": "error", "user_id": "ada", "timestamp": START}
    rows = [
        own | {"session_id": "s1", "release": "1", "text": "boom", "properties": {"message": "other"}},
        own | {"session_id": "s2", "release": "2", "properties": {"message": "boom"}},
        own | {"session_id": "s3", "release": "2", "properties": {"message": ""}},
    ]
    assert counts(store_of(rows)) == {("error", "boom"): (1, 1), ("event", "error"): (1, 2)}


def test_two_pages_of_a_group_are_one(told):
    found = counts(told(STORY), groups=("/p/*",))
    assert found["page", "/p/*"] == (1, 1)
    assert ("page", "/p/1") not in found


def test_shares_are_of_all_sessions_of_the_side(told):
    found = item_changes.run(told(STORY), ItemChanges(BEFORE, AFTER), Scope())
    pay = next(item for item in found.items if item.item == "#pay")
    assert found.sessions == pay.sizes == (4, 3)
    assert (pay.before, pay.after, pay.text) == (1 / 4, 2 / 3, "Pay now")
    assert pay.p is None  # three sessions of one element are too few


def test_parts_are_shares_of_themselves(told):
    twelve = {f"{person}{n}": sessions for n in range(12) for person, sessions in STORY.items()}
    found = item_changes.run(told(twelve), ItemChanges(BEFORE, AFTER, split="device"), Scope())
    of = {(item.item, item.part): item for item in found.items}
    assert (of["#pay", None].counts, of["#pay", None].sizes) == ((12, 24), (48, 36))
    assert (of["#pay", "phone"].counts, of["#pay", "phone"].sizes) == ((12, 24), (24, 24))
    assert ("#pay", "desktop") not in of  # nobody did
    assert (of["/a", "desktop"].counts, of["/a", "desktop"].sizes) == ((24, 12), (24, 12))


def test_intervals_know_who_is_on_both_sides(told):
    """As the same sums by hand: person i has b of m sessions before, a of n after."""
    people = [(1, 1, 1, 1), (2, 2, 1, 1), (0, 0, 0, 1), (0, 1, 0, 0)]  # ada, bob, cid, dan: b, m, a, n of /a
    twelve = {f"{person}{n}": sessions for n in range(12) for person, sessions in STORY.items()}
    found = item_changes.run(told(twelve), ItemChanges(BEFORE, AFTER), Scope())
    item = next(each for each in found.items if (each.kind, each.item) == ("page", "/a"))

    def total(of):
        return 12 * sum(of(*person) for person in people)

    before = Sums(48, 36, 36, 36, *(total(of) for of in (
        lambda b, m, a, n: b * b, lambda b, m, a, n: b * m, lambda b, m, a, n: m * m,
    )))  # fmt: skip
    after = Sums(36, 24, 24, 36, *(total(of) for of in (
        lambda b, m, a, n: a * a, lambda b, m, a, n: a * n, lambda b, m, a, n: n * n,
    )))  # fmt: skip
    assert item.counts == (36, 24)
    crossing = Crossing(
        total(lambda b, m, a, n: a * b),
        total(lambda b, m, a, n: b * n),
        total(lambda b, m, a, n: m * a),
        total(lambda b, m, a, n: m * n),
    )
    wanted = stats.overlapping(before, after, crossing)
    assert (item.low, item.high, item.p) == pytest.approx((wanted.low, wanted.high, wanted.p))


def test_q_is_over_the_whole_list(told):
    many = {f"{person}{n}": sessions for n in range(12) for person, sessions in STORY.items()}
    found = item_changes.run(told(many), ItemChanges(BEFORE, AFTER, funnel=FUNNEL, split="device"), Scope())
    tested = [item for item in found.items if item.p is not None]
    assert [item.q for item in tested] == pytest.approx(stats.q_values([item.p for item in tested]))
    assert item_changes.compared(found.items) == len(tested) > 10
    clear = [item.clear for item in found.items]
    assert clear == sorted(clear, reverse=True)
    assert found.items[0].clear


def test_the_lists_are_as_long_as_the_figures(told):
    store = told(STORY)
    groups = ("/p/*",)
    found = item_changes.run(store, ItemChanges(BEFORE, AFTER, funnel=FUNNEL, groups=groups), Scope())
    for item in found.items:
        asked = ItemSessions(item.kind, item.item, groups, FUNNEL, limit=None)
        lists = [item_sessions.run(store, asked, side) for side in (BEFORE, AFTER)]
        assert tuple(one.total for one in lists) == tuple(len(one.rows) for one in lists) == item.counts


def test_a_list_is_latest_first_and_in_pages(told):
    store = told(STORY)
    page = item_sessions.run(store, ItemSessions("page", "/a", limit=2), Scope())
    assert ([row.session_id for row in page.rows], page.total) == (["s5", "s4"], 5)
    beyond = item_sessions.run(store, ItemSessions("page", "/a", limit=2, offset=9), Scope())
    assert (beyond.rows, beyond.total) == ((), 5)


def test_only_the_most_usual_are_compared_and_how_many_there_are_is_said(told):
    found = item_changes.run(told(STORY), ItemChanges(BEFORE, AFTER, most=1), Scope())
    assert {(item.kind, item.item) for item in found.items} == {
        ("page", "/a"), ("event", "cart"), ("element", "#pay"), ("error", "boom"),
    }  # fmt: skip
    assert {one.kind: one.items for one in found.known} == {"page": 4, "event": 4, "element": 1, "error": 1}


def test_a_side_without_sessions_says_nothing(told):
    story = {"ada": STORY["ada"]}
    found = item_changes.run(told(story), ItemChanges(BEFORE, Scope(releases=("3",))), Scope())
    assert found.sessions == (1, 0)
    assert {item.p for item in found.items} == {None}
    assert {(item.after, item.change) for item in found.items} == {(None, 0.0)}
    nothing = item_changes.run(told({}), ItemChanges(BEFORE, AFTER, funnel=FUNNEL), Scope())
    assert (nothing.items, nothing.sessions) == ((), (0, 0))


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"after": BEFORE}, "the same sessions"),
        ({"most": 0}, "1 to 1,000, not 0"),
        ({"one_of": 0}, "At least one of 1"),
        ({"split": "page"}, "'page' does not"),
        ({"split": "devise"}, "did you mean 'device'"),
        ({"groups": ("(start)",)}, "not an item"),
    ],
)
def test_what_cannot_be_asked(params, said):
    with pytest.raises(InvalidQuestion, match=said):
        ItemChanges(**({"before": BEFORE, "after": AFTER} | params))


@pytest.mark.parametrize(
    ("funnel", "item", "said"), [(None, "1", "no steps, as none is given"), (FUNNEL, "3", "steps 1 to 2")]
)
def test_there_is_no_such_step(funnel, item, said):
    with pytest.raises(InvalidQuestion, match=said):
        ItemSessions("step", item, funnel=funnel)


def test_some_people_stand_for_all(sample):
    """Counts are the same; intervals about as wide."""
    asked = replace(item_changes.EXAMPLE, split=None)
    every, some = (item_changes.run(sample, replace(asked, one_of=n), Scope()) for n in (1, 4))
    of = {(item.kind, item.item): item for item in some.items}
    ratios = []
    for item in every.items:
        other = of[item.kind, item.item]
        assert (other.counts, other.sizes) == (item.counts, item.sizes)
        if item.p is not None and sum(item.counts) > 500:
            ratios.append((other.high - other.low) / (item.high - item.low))
    assert len(ratios) > 20
    assert all(0.75 < ratio < 1.3 for ratio in ratios)


def test_on_the_sample_what_broke_leads(sample):
    """Release 1.1: on phones the button to pay did nothing."""
    found = item_changes.run(sample, item_changes.EXAMPLE, Scope())
    clear = [item for item in found.items if item.clear]
    worst = {(item.kind, item.item, item.part): item for item in clear}
    order = worst["event", "order", "phone"]
    assert order.high < -0.02
    assert worst["step", "3", "phone"].high < 0
    assert ("event", "order", "desktop") not in worst
    for scope, count in zip((BEFORE, AFTER), order.counts, strict=True):
        side = Scope(releases=("1.0",) if scope == BEFORE else ("1.1",), devices=("phone",))
        assert item_sessions.run(sample, ItemSessions("event", "order", limit=0), side).total == count
