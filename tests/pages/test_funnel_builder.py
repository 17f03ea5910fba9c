"""The step builder: what its edits make of a funnel, and what the page does with them."""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from analytics import ingest
from analytics.analyses import event_sessions, funnel
from analytics.analyses.event_sessions import EventSessions
from analytics.analyses.funnel import PRESETS, Excluded, Funnel, Histogram, OptionalStep, PatternStep
from analytics.conditions import Filter, Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope
from analytics.store import DuckStore
from analytics.store.duck import DuckReader
from analytics.workspace import saved
from pages.journeys import steps
from pages.journeys.builder import anyof, edits
from tests.pages.conftest import HOSTILE, link, marks, said
from tests.pages.test_journeys import FUNNEL, answer, control, params, plain, rows

A, B, C, D = (Matcher(name=name) for name in "abcd")
MAYBE = OptionalStep(name="b")

# --- Any of several ---------------------------------------------------------------------------------------------------

TEXTS = st.sampled_from(["a", "/x", "/x/*", "*", "a.b*(c)", "it's [1]\n", "\\d+.*", "/ä b/*"])
THINGS = st.builds(
    Matcher,
    name=st.none() | st.sampled_from(["a", "page_view", "it's"]),
    page=st.none() | TEXTS,
    element=st.none() | TEXTS,
)
KEPT = Matcher(where=(Filter("value", "gt", 5),), first_time="name")


@settings(max_examples=200, deadline=None)
@given(st.lists(THINGS, min_size=1, max_size=4, unique=True))
def test_a_step_of_several_things_tells_them(things):
    step = anyof.joined(things, KEPT)
    assert anyof.parts(step) == tuple(things)
    assert anyof.filters(step) == KEPT.where
    assert step.first_time == "name"
    assert anyof.joined(anyof.parts(step)[:1], step) == anyof.joined(things[:1], KEPT)
    Funnel((A, step)).overlaps  # noqa: B018 - it has an answer


@settings(max_examples=15, deadline=None)
@given(things=st.lists(THINGS, min_size=1, max_size=3, unique=True))
def test_it_happens_where_any_of_them_does(things, mixed):
    found = [
        {row.session_id for row in event_sessions.run(mixed, EventSessions(one, limit=None), Scope()).rows}
        for one in (anyof.joined(things, Matcher()), *things)
    ]
    assert found[0] == set().union(*found[1:])


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Sessions of one event each: every name with every page and element."""
    texts = ["a", "/x", "/x/1", "a.b!(c)", "a.b(c)", "it's [1]\n", "\\d+.", "12", "/ä b/", None]
    rows = [
        {"event": name, "page": page, "element": element, "session_id": f"s{n}", "timestamp": "2026-03-02"}
        for n, (name, page, element) in enumerate(itertools.product(["a", "page_view", "it's"], texts, texts))
    ]
    file = tmp_path_factory.mktemp("mixed") / "events.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    store = DuckStore.open(":memory:", threads=1)
    ingest.load(store, [file], ingest.Options())
    yield store
    store.close()


def test_several_things_are_said():
    pay = Matcher(name="click", element="button#pay-now")
    step = anyof.joined((Matcher(name="page_view", page="/cart"), pay), Matcher(first_time=True))
    assert steps.said(step) == "/cart or Click on Pay now, first time"
    assert steps.said(anyof.joined((A, B, C), Matcher(where=(Filter("value", "gt", 5),)))) == (
        "A, B or C, value is above 5"
    )


# --- Edits ------------------------------------------------------------------------------------------------------------

WHOLE = Funnel(
    (A, MAYBE, C, D),
    exclusions=(Excluded(Matcher(name="error"), 3, 4), Excluded(Matcher(name="exit"), 1, 3)),
    breakdown="device",
    attribution="step",
    attribution_step=4,
    histogram=Histogram(1, 4),
)


def between(params):
    return [(one.matcher.name, one.from_step, one.to_step) for one in params.exclusions]


def test_what_names_a_step_follows_it():
    less = edits.drop(WHOLE, 2)
    assert less.steps == (A, C, D)
    assert between(less) == [("error", 2, 3), ("exit", 1, 2)]
    assert (less.attribution_step, less.histogram) == (3, Histogram(1, 3))
    last = edits.drop(WHOLE, 4)
    assert between(last) == [("exit", 1, 3)]
    assert (last.attribution_step, last.histogram) == (3, Histogram(1, 3))
    more = edits.copy(less, 1)
    assert more.steps == (A, A, C, D)
    assert between(more) == [("error", 3, 4), ("exit", 1, 3)]


def test_a_first_step_is_never_optional():
    assert edits.drop(Funnel((A, MAYBE, C)), 1).steps == (B, C)
    assert edits.move(Funnel((A, C, MAYBE)), 3, 1).steps == (B, A, C)
    assert edits.move(Funnel((A, MAYBE, C)), 3, 2).steps == (A, C, MAYBE)


def test_what_no_longer_fits_goes():
    assert edits.changed(Funnel((A, B), simultaneous_s=1), order="strict").simultaneous_s is None
    assert edits.put(Funnel((A, B), simultaneous_s=1), 2, MAYBE).simultaneous_s is None
    assert edits.changed(WHOLE, breakdown=None).attribution == "first_touch"
    assert edits.changed(WHOLE, attribution="last_touch").attribution_step is None
    assert edits.changed(Funnel((A, B), breakdown="os"), attribution="step").attribution_step == 1
    assert edits.changed(Funnel((A, B), window_s=60, window_from="previous"), window_s=None).window_from == "first"


def test_a_product_is_named_only_while_it_is_counted_like_there():
    begin = Funnel((A, B), order="unordered")
    for preset, usual in PRESETS.items():
        there = edits.like(begin, preset)
        assert there.count_like == preset and there.order == "ordered"
        assert {name: getattr(there, name) for name in usual} == usual
    there = edits.like(begin, "mixpanel")
    assert edits.add(there, C).count_like == "mixpanel"
    assert edits.changed(there, window_s=60).count_like is None
    ours = edits.like(there, None)
    assert (ours.by, ours.window_s, ours.simultaneous_s) == ("session", None, None)


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda: edits.drop(Funnel((A,)), 1), "one to 20 steps; this one has 0"),
        (lambda: edits.add(Funnel((A,) * 20), B), "one to 20 steps; this one has 21"),
        (lambda: edits.put(Funnel((A, B), order="strict"), 2, MAYBE), "only an ordered funnel has optional steps"),
        (lambda: edits.changed(WHOLE, exclusions=(Excluded(A, 3, 3),)), "an earlier and a later of the 4.steps"),
    ],
)
def test_what_cannot_be_is_said(edit, why):
    with pytest.raises(InvalidQuestion, match=why):
        edit()


# --- On the page ------------------------------------------------------------------------------------------------------

OPEN = "funnel-open-step"


def button(at, label):
    return next(one for one in at.button if plain(one.label) == label)


def segmented(at, label):
    return next(one for one in at.get("button_group") if one.label == label)


def test_a_step_is_added_by_search_or_by_pattern(opened, sample):
    at = opened(sample, FUNNEL)
    before = [step["name"] for step in rows(at)["steps"]]
    add = next(box for box in at.selectbox if box.label == "Add a step")
    number = next(n for n, option in enumerate(add.options) if option.startswith("Search, "))
    add.select_index(number).run()
    assert [step["name"] for step in rows(at)["steps"]] == [*before, "Search"]
    assert params(at)["steps"][-1] == {"name": "search"}


def test_counts_beside_the_steps_are_those_of_the_questions(opened, journeys):
    store = journeys("a b", "b a", "b", "c")
    at = opened(store, FUNNEL, p=json.dumps({"steps": [{"name": "a"}, {"name": "b"}, {"name": "gone"}]}))
    drawn = rows(at)
    assert [(step["did"], step["came"], step["share"]) for step in drawn["steps"]] == [
        ("2", "2", "100.0\u00a0%"), ("3", "1", "50.0\u00a0%"), ("0", "0", "0.0\u00a0%"),
    ]  # fmt: skip
    assert drawn["came"] == "Sessions coming here"
    segmented(at, "Count").set_value("user").run()
    assert rows(at)["did"] == "People with it"


def test_a_step_is_changed_in_its_editor(opened, journeys):
    store = journeys("a b", "a c", "a")
    at = opened(store, FUNNEL, p=json.dumps({"steps": [{"name": "a"}, {"name": "b"}]}))
    at.session_state[OPEN] = 2
    at.run()
    control(at, "multiselect", "Step 2 is any of").set_value([B, C]).run()
    assert params(at)["steps"][1] == {"name": ["b", "c"]}
    assert rows(at)["steps"][1]["came"] == "2"
    control(at, "selectbox", "When it counts").set_value("Only the first time ever").run()
    control(at, "checkbox", "May be left out").check().run()
    assert params(at)["steps"][1] == {"name": ["b", "c"], "first_time": True, "optional": True}
    assert rows(at)["steps"][1]["notes"] == "first time, may be left out"
    assert rows(opened(store, FUNNEL, **link(at)))["steps"] == rows(at)["steps"]
    at.button(key="step-drop").click().run()
    assert params(at)["steps"] == [{"name": "a"}]
    assert answer(at).startswith("Choose at least two steps")


def test_a_pattern_is_a_step(opened, journeys):
    store = journeys("a b c", "b a c", "a c b")
    assert steps.typed(" b -> c", {}) == PatternStep(pattern="b -> c")
    at = opened(store, FUNNEL, p=json.dumps({"steps": [{"name": "a"}, {"pattern": "b -> c"}]}))
    assert [(step["name"], step["came"]) for step in rows(at)["steps"]] == [("A", "3"), ("b, later c", "2")]
    at.session_state[OPEN] = 2
    at.run()
    control(at, "text_input", "Step 2 is done when this is complete, within one session").set_value("b => ").run()
    assert "At character 6" in plain(at.warning[0].value)
    assert params(at)["steps"][1] == {"pattern": "b -> c"}
    control(at, "text_input", "Step 2 is done when this is complete, within one session").set_value("b => c").run()
    assert params(at)["steps"][1] == {"pattern": "b => c"}
    assert rows(at)["steps"][1]["came"] == "1"
    assert not at.exception


def test_the_editor_stays_with_its_step(opened, journeys):
    at = opened(journeys("a b c"), FUNNEL, p=json.dumps({"steps": [{"name": name} for name in "abc"]}))
    at.session_state[OPEN] = 3
    at.run().button(key="step-earlier").click().run()
    assert rows(at)["open"] == 2
    at.button(key="step-copy").click().run()
    assert [step["name"] for step in rows(at)["steps"]] == ["A", "C", "C", "B"]
    assert rows(at)["open"] == 2
    at.button(key="step-done").click().run()
    assert rows(at)["open"] is None


def test_an_exclusion_outside_the_funnel_is_said_where_it_is_made(opened, journeys):
    at = opened(journeys("a b", "a x b"), FUNNEL, p=json.dumps({"steps": [{"name": "a"}, {"name": "b"}]}))
    control(at, "selectbox", "Leave out who, on the way, did").set_value(Matcher(name="x")).run()
    control(at, "number_input", "before step").set_value(7).run()
    button(at, "Exclude").click().run()
    assert [plain(one.value) for one in at.warning] == [
        "An exclusion lies between an earlier and a later of the 2 steps, not 1 and 7."
    ]
    assert "exclusions" not in params(at) and rows(at)["steps"][1]["came"] == "2"
    control(at, "selectbox", "Leave out who, on the way, did").set_value(Matcher(name="x")).run()
    button(at, "Exclude").click().run()
    assert not at.warning
    assert params(at)["exclusions"] == [{"matcher": {"name": "x"}, "from_step": 1, "to_step": 2}]
    assert rows(at)["steps"][1]["came"] == "1"
    button(at, "Not X between step 1 and 2").click().run()
    assert rows(at)["steps"][1]["came"] == "2"


def test_a_link_without_steps_keeps_what_is_chosen(opened, sample):
    at = opened(sample, FUNNEL, p='{"exclusions":[{"matcher":{"name":"search"},"from_step":1,"to_step":3}]}')
    assert not at.warning
    came = [step["came"] for step in rows(at)["steps"]]
    assert len(came) > 3 and len(params(at)["steps"]) == len(came)  # a step that is named by its number stays
    button(at, "Not Search between step 1 and 3").click().run()
    assert [step["came"] for step in rows(at)["steps"]] != came
    at = opened(sample, FUNNEL, p='{"window_s":600}')
    assert len(rows(at)["steps"]) == len(came) and params(at) == {"window_s": 600}


def test_counting_like_another_product_sets_and_says_it(opened, journeys):
    at = opened(journeys("a b"), FUNNEL, p=json.dumps({"steps": [{"name": "a"}, {"name": "b"}], "order": "strict"}))
    control(at, "selectbox", "Count like").set_value("Mixpanel").run()
    assert params(at) | {"steps": []} == {
        "steps": [], "window_s": 604_800, "simultaneous_s": 2, "by": "user", "count_like": "mixpanel",
    }  # fmt: skip
    assert segmented(at, "Count").value == "user"
    assert control(at, "selectbox", "Time limit").value == "7 days"
    assert control(at, "selectbox", "Steps happen").value == "In this order"
    assert any("within 7 days of the first" in plain(one.value) for one in at.caption)
    control(at, "selectbox", "Time limit").set_value("1 hour").run()
    assert "count_like" not in params(at)
    assert control(at, "selectbox", "Count like").value == "Sessionscope"


def test_what_needs_an_order_is_refused_and_shown_as_it_was(opened, journeys):
    steps_ = [{"name": "a"}, {"name": "b", "optional": True}, {"name": "c"}]
    at = opened(journeys("a b c", "a c"), FUNNEL, p=json.dumps({"steps": steps_}))
    control(at, "selectbox", "Steps happen").set_value("In any order").run()
    assert "only an ordered funnel has optional steps" in plain(at.warning[0].value)
    assert control(at, "selectbox", "Steps happen").value == "In this order"
    assert [step["came"] for step in rows(at)["steps"]] == ["2", "1", "2"]


@pytest.mark.parametrize(
    ("asked", "came"),
    [
        ({"window_s": 0}, ["2", "0", "0"]),
        ({"order": "unordered"}, ["", "", ""]),
        ({"order": "strict"}, ["2", "2", "1"]),
        ({"steps": [{"name": "a"}] * 20}, ["2"] + ["0"] * 19),
        ({"steps": [{"name": "a"}, {"name": "gone"}, {"name": "a"}]}, ["2", "0", "0"]),
        ({"constant": "user_id", "by": "user"}, ["2", "2", "1"]),
        ({"by": "user_id", "window_s": 77, "window_from": "previous"}, ["2", "2", "1"]),
        ({"breakdown": "page", "attribution": "step", "attribution_step": 3}, None),
    ],
)
def test_whatever_is_asked_there_is_an_answer(opened, journeys, asked, came):
    whole = {"steps": [{"name": name} for name in "abc"]} | asked
    at = opened(journeys("a b c", "a b"), FUNNEL, p=json.dumps(whole))
    assert not at.exception and answer(at)
    if came:
        assert [step["came"] for step in rows(at)["steps"]] == came
    given = params(at)
    assert {name: given.get(name) for name in asked if name != "steps"} == {
        name: value for name, value in asked.items() if name != "steps"
    }


def test_twenty_steps_are_enough(opened, journeys):
    at = opened(journeys("a b"), FUNNEL, p=json.dumps({"steps": [{"name": "a"}] * 20}))
    assert control(at, "selectbox", "Add a step").disabled
    at.session_state[OPEN] = 4
    at.run().button(key="step-copy").click().run()
    assert "one to 20 steps; this one has 21" in plain(at.warning[0].value)
    assert len(rows(at)["steps"]) == 20


def test_a_time_limit_of_ones_own(opened, journeys):
    at = opened(journeys("a b"), FUNNEL, p=json.dumps({"steps": [{"name": "a"}, {"name": "b"}], "window_s": 5400}))
    assert control(at, "number_input", "Amount").value == 90
    assert control(at, "selectbox", "Unit").value == "minutes"
    control(at, "selectbox", "Unit").set_value("seconds").run()
    assert params(at)["window_s"] == 90
    control(at, "number_input", "Amount").set_value(0).run()
    assert params(at)["window_s"] == 0
    assert rows(at)["steps"][1]["came"] == "0"
    control(at, "selectbox", "Time limit is from").set_value("the step before").run()
    assert params(at)["window_from"] == "previous"


def test_a_property_that_is_sometimes_a_number(opened, store_of):
    plans = ["pro", 1, 1.0, True, "", None, "2", {"a": 1}]
    events = [
        {"event": name, "session_id": f"s{n}", "timestamp": f"2026-03-02 09:0{minute}", "properties": {"plan": plan}}
        for n, plan in enumerate(plans)
        for minute, name in enumerate("ab")
    ]
    store = store_of(events)
    step = {"name": "b", "where": [{"field": "properties.plan", "op": "gte", "value": 2}]}
    asked = {"steps": [{"name": "a"}, step], "breakdown": "properties.plan"}
    at = opened(store, FUNNEL, p=json.dumps(asked))
    assert not at.exception
    assert rows(at)["steps"][1]["came"] == "1"
    assert rows(at)["steps"][1]["notes"] == "plan is at least 2"
    assert control(at, "selectbox", "Split by").value == "plan (property)"


def test_a_breakdown_with_50_000_values(opened, store_of):
    events = [
        {"event": name, "session_id": f"s{n}", "timestamp": f"2026-03-02 09:0{minute}", "campaign": f"c{n}"}
        for n in range(50_000)
        for minute, name in enumerate("ab")
    ]
    asked = {"steps": [{"name": "a"}, {"name": "b"}], "breakdown": "campaign"}
    at = opened(store_of(events), FUNNEL, p=json.dumps(asked))
    assert not at.exception and not at.error
    assert "50,000" in answer(at)


# --- Kept under a name ------------------------------------------------------------------------------------------------


def test_a_funnel_is_saved_opened_changed_renamed_and_deleted(opened, journeys):
    store = journeys("a b c", "a c")
    at = opened(store, FUNNEL, p=json.dumps({"steps": [{"name": "a"}, {"name": "b"}], "window_s": 600}))
    control(at, "text_input", "Name").set_value("my way").run()
    button(at, "Save").click().run()
    (kept,) = saved.all_of(store, "funnel")
    assert kept.name == "my way" and kept.value["window_s"] == 600 and "first_time" not in kept.body

    other = opened(store, FUNNEL, p=json.dumps({"steps": [{"name": "c"}, {"name": "a"}], "by": "user"}))
    control(other, "selectbox", "Open").set_value("my way").run()
    assert params(other) == params(at)
    assert segmented(other, "Count").value == "session"
    assert rows(other)["steps"] == rows(at)["steps"]

    control(other, "selectbox", "Steps happen").set_value("In any order").run()
    button(other, "Save changes").click().run()
    assert saved.all_of(store, "funnel")[0].value["order"] == "unordered"
    control(other, "text_input", "Name").set_value("another way").run()
    button(other, "Rename").click().run()
    assert [one.name for one in saved.all_of(store, "funnel")] == ["another way"]
    button(other, "Delete").click().run()
    assert saved.all_of(store, "funnel") == []
    assert params(other)["order"] == "unordered"  # what is looked at stays


def test_a_name_that_is_taken_is_said(opened, journeys):
    store = journeys("a b")
    saved.save(store, "funnel", "[my](way)", {"steps": [{"name": "b"}, {"name": "a"}]})
    saved.save(store, "funnel", "of another version", {"no_such_thing": 1})
    at = opened(store, FUNNEL, p=json.dumps({"steps": [{"name": "a"}, {"name": "b"}]}))
    control(at, "text_input", "Name").set_value("[my](way)").run()
    button(at, "Save").click().run()
    assert "There is a funnel called '[my](way)' already" in plain(at.warning[0].value)
    assert "](way)" not in said(at).replace("\\](", "")
    control(at, "selectbox", "Open").set_value("of another version").run()
    assert "cannot be read" in plain(at.warning[0].value)
    assert [step["name"] for step in rows(at)["steps"]] == ["A", "B"]


def test_a_store_for_reading_only_says_so(opened, tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_text("".join(f'{{"event":"{name}","user_id":"u","timestamp":"2026-03-02"}}\n' for name in "ab"))
    store = DuckStore.open(tmp_path / "s.duckdb", threads=1)
    ingest.load(store, [file], ingest.Options())
    store.close()
    store = DuckStore.open(tmp_path / "s.duckdb", threads=1, read_only=True)
    at = opened(store, FUNNEL, p='{"steps":[{"name":"a"},{"name":"b"}]}')
    assert not at.exception
    assert any("opened for reading only, so nothing can be saved" in plain(one.value) for one in at.caption)
    assert not any(one.label == "Name" for one in at.text_input)
    store.close()


def test_a_way_is_proposed_to_any_goal(sample):
    """Straight from the data: most of those who sign up, or see a page, have taken these steps before."""

    def script(store, goal):
        import streamlit as st

        from analytics import grouping
        from analytics.analyses import values
        from analytics.scope import Scope
        from analytics.store import holder
        from pages.journeys import usual
        from pages.shared import ask

        holder.use(store)
        pages = ask(values, values.Values("page", 10_000), Scope()).values
        st.session_state["way"] = usual.way(grouping.propose(one.value for one in pages), goal)

    for goal in (Matcher(name="order"), Matcher(name="page_view", page="/checkout/*"), Matcher(name="nobody")):
        at = AppTest.from_function(script, args=(sample, goal), default_timeout=60).run()
        assert not at.exception
        way = at.session_state["way"]
        assert way[-1] == goal
        counts = [step.count for step in funnel.run(sample, Funnel(way), Scope()).steps]
        assert len(way) == 1 if goal.name == "nobody" else len(way) >= 3 and counts[-1] > 0.3 * counts[1]


# --- How much is asked, and what texts may do -------------------------------------------------------------------------


def test_a_changed_choice_asks_no_more_than_it_must(opened, sample, monkeypatch):
    at = opened(sample, FUNNEL)
    asked = []
    real = DuckReader.rows

    def rows_of(self, query, row):
        asked.append(row.__module__.rpartition(".")[-1])
        return real(self, query, row)

    monkeypatch.setattr(DuckReader, "rows", rows_of)
    at.run()
    assert asked == []
    control(at, "selectbox", "Time limit").set_value("1 hour").run()
    assert asked.count("funnel") == 1  # the rows and the picture ask the same
    assert set(asked) <= {"funnel", "dropouts", "sessions", "paths"}
    at.session_state[OPEN] = 2
    at.run().button(key="step-later").click().run()
    assert asked.count("step_counts") == 1


def test_what_events_say_is_text_in_the_builder_too(opened, hostile):
    kinds = ["page_view", *HOSTILE.values()]
    steps_ = [{"name": kinds[:3]}, {"name": kinds[1], "where": [{"field": "device", "op": "is", "value": kinds[2]}]}]
    asked = {"steps": steps_, "by": f"properties.{kinds[2]}", "constant": f"properties.{kinds[3]}"}
    asked["exclusions"] = [{"matcher": {"name": kinds[2]}, "from_step": 1, "to_step": 2}]
    saved.save(hostile, "funnel", kinds[3], {"steps": [{"name": "a"}, {"name": "b"}]})
    at = opened(hostile, FUNNEL, p=json.dumps(asked))
    at.session_state[OPEN] = 2
    at.run()
    assert not at.exception
    assert marks(at) == []
