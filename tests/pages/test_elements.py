"""The page of clicked elements: its words, its pictures as data, and the page on the sample and on bad input."""

import json
from datetime import date, datetime, timedelta

import pytest

from analytics.analyses import element_outcomes, elements, outcome_sessions
from analytics.analyses.element_outcomes import ElementOutcomes, ElementOutcomesResult, Outcome, Span
from analytics.analyses.elements import Clicked, Elements, ElementsResult, Totals
from analytics.analyses.outcome_sessions import OutcomeSessions
from analytics.charts import elements as chart
from analytics.charts.theme import DARK, LIGHT
from analytics.scope import Scope
from analytics.workspace import remaps
from tests.conftest import START

from .conftest import HOSTILE, link, marks, said

PAGE = "attention/elements.py"
EVIL = HOSTILE["html"]
NINE = datetime(2026, 3, 2, 9)
DAY = date(2026, 3, 2)


# -------------------------------------------------------------------------------------------------------------- words


def clicked(element="button#pay-now", **more):
    figures = {"clicks": 3, "sessions": 2, "people": 1, "viewed": 2, "views": 4, "share": 0.5, "pages": 1}
    seen = {"first_seen": DAY, "last_seen": DAY, "element_tag": None, "text": None, "page": "/pay"}
    return Clicked(**{"element": element, "called": element, "is_given": False} | figures | seen | more)


def answer(*found, unnamed=0, clicks=12):
    return ElementsResult(found, Totals(len(found), clicks if found else 0, unnamed, DAY, DAY), (), ())


@pytest.mark.parametrize(
    ("params", "result", "where", "sentence"),
    [
        ({}, answer(), "", "**No click**."),
        ({}, answer(), "on /pay", "**No click** on /pay."),
        ({}, answer(unnamed=4), "", "**4 clicks**, and none says what was hit."),
        ({"search": "pay"}, answer(), "", "**No clicked element** has “pay” in its name."),
        ({}, answer(clicked(), clicked("#b")), "on /pay",
         "**2 elements** on /pay got **12 clicks**; “Pay now” got **25 %** of them, from 1 person in 2 sessions."),
        ({"search": "a"}, answer(clicked(), clicks=3), "",
         "**One element** got **3 clicks** and has “a” in the name; “Pay now” got **100 %** of them, from 1 person in "
         "2 sessions."),
        ({"order_by": "newest"}, answer(clicked()), "",
         "**One element** got **12 clicks**; the newest is “Pay now”, first clicked on **2 Mar 2026**."),
        ({"order_by": "silent"}, answer(clicked()), "",
         "**One element** got **12 clicks**; longest without a click is “Pay now”, last on **2 Mar 2026**."),
    ],
)  # fmt: skip
def test_the_table_in_a_sentence(params, result, where, sentence):
    assert chart.story(Elements(**params), result, where, str).replace("\u00a0", " ") == sentence


def outcome(kind, thing=None, clicks=1, of_kind=None, ms=None, **more):
    return Outcome(kind, thing, more.get("text"), more.get("tag"), clicks, clicks, ms, of_kind or clicks)


@pytest.mark.parametrize(
    ("happened", "words"),
    [
        (outcome("nothing"), "Nothing within 10 s"),
        (outcome("again", "#pay"), "The same element again"),
        (outcome("page", "/done"), "Saw /done"),
        (outcome("page"), "Saw a page without a name"),
        (outcome("element", "#help-me"), "Clicked “Help me”"),
        (outcome("element", "#x", text="Go on"), "Clicked “Go on”"),
        (outcome("element", "input#card", text="4111", tag="input"), "Clicked “Card”"),
        (outcome("element"), "Clicked something without a name"),
        (outcome("event", "add_to_cart"), "Add to cart"),
        (outcome("event", "form_error"), "A form was refused"),
        (outcome("event", "change"), "Filled in a field"),
    ],
)
def test_what_happened_in_words(happened, words):
    assert chart.said(happened, 10_000).replace("\u00a0", " ") == words


def followed(*found, clicks=10):
    totals = element_outcomes.Totals(clicks, clicks, DAY, DAY)
    return ElementOutcomesResult(found, totals, (), (Span(DAY, clicks, clicks),), ())


def test_what_happened_in_a_sentence():
    mixed = followed(outcome("page", "/a", 5, 7, 1500.0), outcome("nothing", None, 3), outcome("page", "/b", 2, 7))
    assert chart.follows(mixed, 10_000, str).replace("\u00a0", " ") == (
        "Within 10 s of 10 clicks came a page (**70.0 %**) or nothing (**30.0 %**). Most often: Saw /a (50.0 %, half "
        "of the time within 1.5 s)."
    )
    again = followed(outcome("again", "#x", 6), outcome("event", "submit", 4, None, 0.0))
    assert chart.follows(again, 10_000, str).endswith(
        "Else most often: Sent a form (40.0\u00a0%, half of the time at once)."
    )
    silent = followed(outcome("nothing", None, 10))
    assert chart.follows(silent, 10_000, str).replace("\u00a0", " ") == (
        "Within 10 s of 10 clicks came nothing (**100.0 %**)."
    )
    assert chart.follows(followed(clicks=0), 10_000, str) == "Nobody clicked it."


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_pictures(palette):
    found = followed(*(outcome("page", f"/{n}<b>", 2) for n in range(12)), clicks=24)
    bars = json.loads(chart.outcomes(palette, found, 10_000).to_json())
    assert len(bars["data"][0]["customdata"]) == chart.SHOWN == len(bars["layout"]["annotations"])
    assert "<b>8.3" in bars["layout"]["annotations"][0]["text"]
    assert "&lt;b&gt;" in bars["layout"]["annotations"][0]["text"]
    assert chart.rarer(found).replace("\u00a0", " ") == "Not drawn: 4 clicks with rarer things after them."
    course = json.loads(chart.course(palette, found.course, "week").to_json())
    assert course["data"][0]["customdata"] == ["Week of 2\u00a0Mar\u00a02026: 24\u00a0clicks in 24\u00a0sessions"]
    assert chart.course(palette, (), "day").data[0].y == ()


# ----------------------------------------------------------------------------------------------------------- the page


def plain(text):
    return text.replace("\\", "").replace("**", "").replace("\u00a0", " ").replace("\u2060", "")


def headings(at):
    assert not at.exception
    return [plain(one.value) for one in at.subheader]


def texts(at):
    assert not at.exception
    return [plain(one.value) for kind in ("markdown", "caption") for one in at.get(kind)]


def rows(at):
    return at.dataframe[0].value.to_dict("records")


def control(at, label):
    return next(one for kind in ("text_input", "selectbox") for one in getattr(at, kind) if one.label == label)


def test_the_sample(opened, sample):
    at = opened(sample, PAGE)
    result = elements.run(sample, Elements(), Scope())
    first = result.elements[0]
    shown = rows(at)
    assert len(shown) == 50
    assert (shown[0]["Clicks"], shown[0]["Sessions"], shown[0]["People"]) == (
        first.clicks, first.sessions, first.people,
    )  # fmt: skip
    assert sum(shown[0]["Course"]) == first.clicks
    name = chart.called(first)
    assert headings(at) == [f"“{name}”: what happened next", f"Clicked “{name}”: {first.sessions:,} sessions"]


def test_the_link_chooses_page_words_element_and_outcome(opened, sample):
    pay = {"element": "button#pay-now", "then": ["nothing", None]}
    asked = {"page": "/checkout/payment", "search": "pay", "order_by": "newest"}
    at = opened(sample, PAGE, p=json.dumps(asked), sel=json.dumps(pay), release="1.1")
    scope = Scope(releases=("1.1",))
    question = OutcomeSessions(ElementOutcomes("button#pay-now", "/checkout/payment"), "nothing")
    total = outcome_sessions.run(sample, question, scope).total
    assert total > 0
    assert headings(at)[-1] == f"Clicked “Pay now”, then: Nothing within 10 s: {total:,} sessions"
    assert (control(at, "Find").value, control(at, "Sort by").value) == ("pay", "newest")
    assert {row["Where"] for row in rows(at)} == {"/checkout/payment"}


def test_the_controls_keep_themselves_in_the_link(opened, sample):
    at = opened(sample, PAGE)
    control(at, "Find").set_value("pay").run()
    control(at, "On").set_value("/checkout/payment").run()
    assert json.loads(link(at)["p"][-1]) == {"page": "/checkout/payment", "search": "pay"}
    found = elements.run(sample, Elements("/checkout/payment", "pay"), Scope()).elements
    assert [row["Clicks"] for row in rows(at)] == [one.clicks for one in found]
    picker = control(at, "Sessions of clicks with")
    picker.set_value(1).run()
    assert json.loads(link(at)["sel"][-1])["then"]
    assert ", then: " in headings(at)[-1]
    control(at, "Find").set_value("no such thing").run()
    assert "No clicked element on /checkout/payment has “no such thing” in its name." in texts(at)


@pytest.mark.parametrize(
    "sel", ['{"element": "no such"}', '{"element": 5}', '{"then": 1}', "[]", '{"element": "#x", "then": ["page"]}']
)
def test_a_selection_that_is_not_there_is_the_first(opened, told_by, sel):
    at = opened(told_by(("a", 0, "click", {"page": "/", "element": "#x"})), PAGE, sel=sel)
    assert headings(at) == ["“X”: what happened next", "Clicked “X”: 1 session"]


@pytest.fixture
def told_by(store_of):
    """A small store: `told_by((session, ms, event, {...}), ...)`."""

    def make(*events):
        return store_of(
            [
                {"session_id": session, "user_id": session, "event": name, **more,
                 "timestamp": NINE + timedelta(milliseconds=ms)}
                for session, ms, name, more in events
            ]
        )  # fmt: skip

    return make


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ([("a", 0, "page_view", {"page": "/"})], "No click."),
        ([("a", 0, "click", {"page": "/", "x": 5, "y": 5})], "1 click, and none says what was hit."),
        ([("a", 0, "click", {"element": "#x"})],
         "One element got 1 click; “X” got 100 % of them, from 1 person in 1 session."),
    ],
)  # fmt: skip
def test_little_to_show_in_words(opened, told_by, events, sentence):
    at = opened(told_by(*events), PAGE)
    assert sentence in texts(at)


def test_clicks_that_name_no_element_are_told(opened, told_by):
    at = opened(told_by(("a", 0, "click", {"page": "/", "element": "#x"}), ("a", 1, "click", {"page": "/"})), PAGE)
    assert any("1 more click names no element." in text for text in texts(at))


def test_what_data_says_is_text(opened, told_by):
    events = [
        (f"s{n}", 100 * n, "click", {"page": text, "element": text, "text": text})
        for n, text in enumerate(HOSTILE.values())
    ]
    store = told_by(*events, *((f"s{n}", 5000, text, {"page": text}) for n, text in enumerate(HOSTILE.values())))
    for text in HOSTILE.values():
        at = opened(store, PAGE, sel=json.dumps({"element": text}), p=json.dumps({"search": text[:50]}))
        assert not at.exception
        assert marks(at) == []
        assert len(said(at)) < 20_000
        spec = json.loads(at.get("plotly_chart")[0].proto.spec)
        assert not any("<img" in note["text"] for note in spec["layout"]["annotations"])


@pytest.mark.parametrize("asked", [{"search": "x" * 5000}, {"page": []}, {"page": "/no*where"}, {"page": EVIL}])
def test_questions_without_an_answer(opened, told_by, asked):
    at = opened(told_by(("a", 0, "click", {"page": "/", "element": "#x"})), PAGE, p=json.dumps(asked))
    assert any(text.startswith("No click") for text in texts(at))
    assert marks(at) == []


def test_a_question_that_cannot_be_read_is_the_default(opened, told_by):
    at = opened(told_by(("a", 0, "click", {"page": "/", "element": "#x"})), PAGE, p='{"page": 5}')
    assert any("The page shows its default" in one.value for one in at.warning)
    assert headings(at)[0] == "“X”: what happened next"


def test_two_names_of_one_element_are_made_one(opened, store_of):
    rows = [
        {
            "timestamp": START + timedelta(days=day), "event": "click", "session_id": f"s{day}", "user_id": "u",
            "page": "/pay", "element": "#pay" if day < 15 else "#pay-now", "text": "Pay now",
        }
        for day in range(30)
    ]  # fmt: skip
    store = store_of(rows)
    at = opened(store, "attention/elements.py")
    assert [one.label for one in at.expander] == ["1\u00a0element may have changed its markup"]
    at = next(one for one in at.button if one.label == "Make them one").click().run()
    assert not at.exception
    assert [(one.name, one.elements, one.page) for one in remaps.known(store)] == [
        ("Pay now", ("#pay", "#pay-now"), "/pay")
    ]
    assert "“Pay now” got **100" in said(at)
    assert [one.label for one in at.expander] == ["Names of the team, 1"]
    at = next(one for one in at.button if str(one.key).startswith("name-delete")).click().run()
    assert remaps.known(store) == ()
