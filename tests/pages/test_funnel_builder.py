"""The step builder: what its edits make of a funnel, and what the page does with them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.analyses import event_sessions
from analytics.analyses.event_sessions import EventSessions
from analytics.analyses.funnel import PRESETS, Excluded, Funnel, Histogram, OptionalStep
from analytics.conditions import Filter, Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope
from pages.journeys import steps
from pages.journeys.builder import anyof, edits

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
    import itertools
    import json

    from analytics import ingest
    from analytics.store import DuckStore

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
