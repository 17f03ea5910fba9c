from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.analyses import element_outcomes, elements, event_sessions, outcome_sessions
from analytics.analyses.element_outcomes import ElementOutcomes
from analytics.analyses.elements import Elements
from analytics.analyses.outcome_sessions import OutcomeSessions
from analytics.conditions import Filter, Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope

NINE = datetime(2026, 3, 2, 9)  # a Monday


@pytest.fixture
def told(store_of):
    """`told(("a", 0, "click", "/pay", "#pay"), ...)`: session, milliseconds since nine, event, page, element, more."""

    def make(*events):
        rows = []
        for session, ms, name, page, element, *more in events:
            row = {"session_id": session, "user_id": f"of-{session}", "timestamp": NINE + timedelta(milliseconds=ms)}
            row |= {"event": name, "page": page, "element": element, **(more[0] if more else {})}
            rows.append({key: value for key, value in row.items() if value is not None})
        return store_of(rows)

    return make


def listed(store, scope=None, **params):
    return elements.run(store, Elements(**params), scope or Scope())


def after(store, element="#pay", **params):
    result = element_outcomes.run(store, ElementOutcomes(element, **params), Scope())
    assert sum(one.clicks for one in result.outcomes) == result.totals.clicks
    return {(one.kind, one.thing): one.clicks for one in result.outcomes}


# ----------------------------------------------------------------------------------------------------------- the list


def test_clicks_sessions_people_and_views(told):
    store = told(
        ("a", 0, "page_view", "/pay", None),
        ("a", 1000, "click", "/pay", "#pay"),
        ("a", 2000, "click", "/pay", "#pay"),
        ("a", 3000, "page_view", "/pay", None),  # a reload is another view
        ("a", 4000, "click", "/pay", "#pay"),
        ("a", 5000, "click", "/pay", "#help", {"user_id": "somebody else"}),
        ("b", 0, "page_view", "/pay", None, {"user_id": "of-a"}),
        ("b", 1000, "click", "/pay", "#pay", {"user_id": "of-a"}),
        ("c", 0, "page_view", "/pay", None),
        ("c", 1000, "page_view", "/home", None),
        ("c", 2000, "click", "/home", "#help"),
    )
    pay, help_ = listed(store).elements
    assert (pay.element, pay.clicks, pay.sessions, pay.people) == ("#pay", 4, 2, 1)
    assert (pay.viewed, pay.views, pay.share) == (3, 4, 0.75), "of the four views of /pay"
    assert (pay.page, pay.pages) == ("/pay", 1)
    assert (help_.clicks, help_.sessions, help_.people) == (2, 2, 2)
    assert (help_.viewed, help_.views, help_.page, help_.pages) == (2, 5, None, 2), "of all views of both pages"
    (there,) = listed(store, page="/home").elements
    assert (there.element, there.clicks, there.viewed, there.views) == ("#help", 1, 1, 1)


def test_the_pages_asked(told):
    store = told(*((f"s{n}", n, "click", page, "#x") for n, page in enumerate(("/a", "/a/b", "/c", None))))
    assert [listed(store, page=page).totals.clicks for page in (None, "/a", "/a*", ("/a", "/c"), (), "/no")] == [
        4, 1, 2, 2, 0, 0,
    ]  # fmt: skip
    (everywhere,) = listed(store).elements
    assert (everywhere.clicks, everywhere.pages, everywhere.viewed, everywhere.views) == (4, 3, 3, 3)


def test_clicks_that_name_no_page(told):
    store = told(("a", 0, "click", None, "#x"), ("a", 1, "click", None, None))
    result = listed(store, unit="day")
    (one,) = result.elements
    assert (one.clicks, one.sessions, one.people, one.pages, one.views, one.share) == (1, 1, 1, 0, 0, None)
    assert (one.course, result.totals.unnamed) == ((1,), 1)


def test_an_element_is_called_what_it_always_says(told):
    store = told(
        ("a", 0, "click", "/", "#same", {"text": "Buy"}),
        ("a", 1, "click", "/a", "#same", {"text": "Buy"}),
        ("a", 2, "click", "/", "#other", {"text": "Red"}),
        ("a", 3, "click", "/a", "#other", {"text": "Blue"}),
        ("a", 4, "click", "/", "input#card", {"text": "4111"}),
    )
    assert {one.element: one.text for one in listed(store).elements} == {
        "#same": "Buy", "#other": None, "input#card": None,
    }  # fmt: skip
    assert listed(store, search="4111").totals.elements == 0, "what may have been typed is not found either"


@pytest.mark.parametrize(
    ("search", "found"),
    [("PAY", 2), ("pay now", 1), ("pay-now", 1), ("buy", 1), ("%", 0), ("_", 1), ("'", 0), ("ü", 1), ("#", 3)],
)
def test_finding_one(told, search, found):
    store = told(
        ("a", 0, "click", "/", "#pay-now"), ("a", 1, "click", "/", "#pay_", {"text": "Für alle"}),
        ("a", 2, "click", "/", "#b", {"text": "Buy it"}), ("a", 2, "click", "/", "#b", {"text": "Buy two"}),
    )  # fmt: skip
    result = listed(store, search=search)
    assert len(result.elements) == result.totals.elements == found


def test_order_pages_and_total(told):
    day = 86_400_000
    store = told(
        *(("a", n, "click", "/", "#often") for n in range(3)),
        ("b", 5 * day, "click", "/", "#new"),
        ("c", 2 * day, "click", "/", "#middle"),
        ("d", 6 * day, "click", "/", "#middle"),
    )

    def names(**params):
        return [one.element for one in listed(store, **params).elements]

    assert names() == ["#often", "#middle", "#new"]
    assert names(order_by="newest") == ["#new", "#middle", "#often"]
    assert names(order_by="silent") == ["#often", "#new", "#middle"]
    assert names(limit=1, offset=1) == ["#middle"]
    beyond = listed(store, limit=1, offset=9)
    assert (beyond.elements, beyond.totals.elements, beyond.totals.clicks) == ((), 3, 6)
    middle = next(one for one in listed(store).elements if one.element == "#middle")
    assert (middle.first_seen, middle.last_seen) == (date(2026, 3, 4), date(2026, 3, 8))


def test_clicks_by_time(told):
    day = 86_400_000
    store = told(
        ("a", 2 * day, "click", "/", "#x"), ("b", 2 * day, "click", "/", "#x"), ("c", 4 * day, "click", "/", "#x"),
        ("d", 9 * day, "page_view", "/", None),
    )  # fmt: skip
    daily, weekly = listed(store, unit="day"), listed(store, unit="week")
    assert daily.elements[0].course == (2, 0, 1, 0, 0, 0, 0, 0), "up to the scope's last day"
    assert weekly.starts == (date(2026, 3, 2), date(2026, 3, 9))
    assert weekly.elements[0].course == (3, 0)
    course = element_outcomes.run(store, ElementOutcomes("#x", unit="week"), Scope()).course
    assert [(span.start, span.clicks, span.sessions) for span in course] == [
        (date(2026, 3, 2), 3, 3), (date(2026, 3, 9), 0, 0),
    ]  # fmt: skip


def test_more_elements_than_one_number_has_bits(told):
    """They are counted sixty at a time."""
    store = told(*((f"s{n % 7}", n, "click", "/", f"#e{n:03}") for n in range(200)))
    assert all((one.sessions, one.people, one.viewed) == (1, 1, 1) for one in listed(store, limit=200).elements)


def test_nothing_clicked_is_an_answer(told):
    result = listed(told(("a", 0, "page_view", "/", None)), unit="day")
    assert (result.elements, result.totals.elements, result.totals.clicks) == ((), 0, 0)
    nothing = element_outcomes.run(told(), ElementOutcomes("#x"), Scope())
    assert (nothing.outcomes, nothing.course, nothing.totals.clicks) == ((), (), 0)


@pytest.mark.parametrize("element", ["x" * 10_000, "<b>%s</b>", "it's; DROP TABLE clicks", "$element", "a\nb", "🛒"])
def test_elements_of_any_kind(told, element):
    store = told(("a", 0, "click", "/", element))
    (one,) = listed(store).elements
    assert (one.element, one.sessions) == (element, 1)
    assert after(store, element) == {("nothing", None): 1}


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 10_001}, {"offset": -1}, {"unit": "day", "limit": 201}]
)  # fmt: skip
def test_lists_that_cannot_be(params):
    with pytest.raises(InvalidQuestion):
        Elements(**params)


@pytest.mark.parametrize("params", [{"within_ms": -1}, {"within_ms": 3_600_001}, {"limit": 0}])
def test_outcomes_that_cannot_be_asked(params):
    with pytest.raises(InvalidQuestion):
        ElementOutcomes("#x", **params)


# ---------------------------------------------------------------------------------------------- what happened next


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([(1, "page_view", "/done", None)], ("page", "/done")),
        ([(1, "page_view", "/pay", None)], ("page", "/pay")),
        ([(1, "click", "/pay", "#help")], ("element", "#help")),
        ([(1, "click", "/pay", None)], ("element", None)),
        ([(1, "order", "/pay", None)], ("event", "order")),
        ([(1, "error", "/pay", "#pay")], ("event", "error")),
        ([(10_000, "order", "/pay", None)], ("event", "order")),
        ([(10_001, "order", "/pay", None)], ("nothing", None)),
        ([(1, "scroll", "/pay", None), (2, "move", "/pay", None), (3, "page_leave", "/pay", None)], ("nothing", None)),
        ([(1, "scroll", "/pay", None), (2, "order", "/pay", None)], ("event", "order")),
        ([(0, "order", "/pay", None)], ("event", "order")),
        ([], ("nothing", None)),
    ],
)
def test_the_next_thing(told, events, outcome):
    store = told(
        ("a", 0, "click", "/pay", "#pay"), *(("a", ms, *event) for ms, *event in events), ("b", 1, "order", "/", None)
    )
    assert after(store) == {outcome: 1}


def test_the_same_again_and_its_time(told):
    store = told(
        ("a", 0, "click", "/pay", "#pay"), ("a", 3000, "click", "/pay", "#pay"), ("a", 4000, "click", "/cart", "#pay"),
        ("a", 4500, "order", "/cart", None),
    )  # fmt: skip
    assert after(store) == {("again", "#pay"): 2, ("event", "order"): 1}
    assert after(store, page="/pay") == {("again", "#pay"): 2}, "the second one on another page"
    again = element_outcomes.run(store, ElementOutcomes("#pay"), Scope()).outcomes[0]
    assert (again.sessions, again.median_ms) == (1, 2000)
    pages = element_outcomes.run(store, ElementOutcomes("#pay"), Scope()).pages
    assert [(one.page, one.clicks, one.sessions) for one in pages] == [("/pay", 2, 1), ("/cart", 1, 1)]


def test_time_allowed(told):
    store = told(("a", 0, "click", "/pay", "#pay"), ("a", 600, "order", "/pay", None))
    assert after(store, within_ms=599) == {("nothing", None): 1}
    assert after(store, within_ms=600) == {("event", "order"): 1}


# -------------------------------------------------------------------------------------------------- against an oracle

NAMES = st.sampled_from(["click", "click", "click", "page_view", "scroll", "order", "page_leave"])
EVENTS = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.integers(0, 30), NAMES, st.sampled_from(["/x", "/y", None]),
        st.sampled_from(["#p", "#q", None]),
    ),
    max_size=25,
)  # fmt: skip


def by_hand(events, page):
    """The list and the outcomes of `#p`, event by event."""
    figures, next_things = defaultdict(lambda: [0, set(), set(), set()]), Counter()
    stays_on, behind = defaultdict(set), defaultdict(set)
    for session in "abc":
        own = sorted((event for event in events if event[0] == session), key=lambda event: event[1])
        stay, at, viewed = 0, None, False
        for place, (_, seconds, name, on, element) in enumerate(own):
            if on is not None and (on != at or (name == "page_view" and viewed)):
                stay, at, viewed = stay + 1, on, False
            viewed = viewed or (name == "page_view" and on is not None)
            if on is not None:
                stays_on[on].add((session, stay))
            if name != "click" or element is None or page not in (None, on):
                continue
            figure = figures[element]
            figure[0] += 1
            figure[1].add(session)
            if on is not None:
                figure[2].add((session, stay))
                figure[3].add(on)
            if element == "#p":
                later = [e for e in own[place + 1 :] if e[2] not in ("scroll", "page_leave") and e[1] <= seconds + 10]
                what = ("nothing", None)
                if later:
                    _, _, name, to, hit = later[0]
                    what = {
                        "page_view": ("page", to), "click": ("again" if hit == "#p" else "element", hit),
                    }.get(name, ("event", name))  # fmt: skip
                next_things[what] += 1
                behind[what].add(session)
    rows = {
        element: (clicks, len(sessions), len(viewed), sum(len(stays_on[on]) for on in pages))
        for element, (clicks, sessions, viewed, pages) in figures.items()
    }
    return rows, next_things, {what: len(sessions) for what, sessions in behind.items()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS, st.sampled_from([None, "/x"]))
def test_the_same_as_by_hand(told, events, page):
    store = told(*((session, 1000 * s, name, on, element) for session, s, name, on, element in events))
    rows, next_things, behind = by_hand(events, page)
    result = listed(store, page=page)
    assert {one.element: (one.clicks, one.sessions, one.viewed, one.views) for one in result.elements} == rows
    assert all(one.people == one.sessions for one in result.elements), "each session is a person's own"
    assert after(store, "#p", page=page) == next_things
    outcomes = element_outcomes.run(store, ElementOutcomes("#p", page), Scope()).outcomes
    assert {(one.kind, one.thing): one.sessions for one in outcomes} == behind
    of_kinds = Counter()
    for (kind, _), clicks in next_things.items():
        of_kinds[kind] += clicks
    assert {one.kind: one.of_kind for one in outcomes} == of_kinds


# ---------------------------------------------------------------------------------------------------------- the lists


@pytest.mark.parametrize("page", [None, "/checkout/*"])
def test_every_list_is_as_long_as_its_figure(sample, page):
    scope = Scope(devices=("phone",))
    result = listed(sample, scope, page=page)
    assert result.totals.clicks > 1000
    for one in result.elements[:5]:
        matcher = Matcher(name="click", page=page, where=(Filter("element", "is", one.element),))
        found = event_sessions.run(sample, event_sessions.EventSessions(matcher, limit=None), scope)
        assert len(found.rows) == found.total == one.sessions
        assert one.clicks >= one.viewed >= one.sessions >= one.people
        assert one.views >= one.viewed
    asked = ElementOutcomes(result.elements[0].element, page, limit=1000)
    answer = element_outcomes.run(sample, asked, scope)
    assert answer.totals.clicks == result.elements[0].clicks == sum(one.clicks for one in answer.outcomes)
    for outcome in answer.outcomes[:8]:
        question = OutcomeSessions(asked, outcome.kind, outcome.thing, limit=None)
        found = outcome_sessions.run(sample, question, scope)
        assert len(found.rows) == found.total == outcome.sessions
