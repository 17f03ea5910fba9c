"""Segments in the scope bar: saved, chosen, kept in the link, changed, renamed, deleted; gone ones are said."""

import json

import pytest

from analytics.conditions import Filter
from analytics.scope import Scope
from analytics.workspace import saved, segments

SESSIONS, FUNNEL = "attention/sessions.py", "journeys/funnel.py"
PAID = Scope(where=(Filter("event", "is", "pay"),))


def link(at):
    return {name: texts for name, texts in at.query_params.items() if texts}


def head(at):
    """The line under the title."""
    return next(each.value.replace("\u00a0", " ") for each in at.caption if "Times in" in each.value)


def told(at):
    """What the warnings and captions say, without the escapes of markdown."""
    return [each.value.replace("\\", "").replace("\u00a0", " ") for each in (*at.warning, *at.caption)]


@pytest.fixture
def store(journeys):
    return journeys("/cart pay", "/cart help pay", "pay /cart", "/cart")


def test_the_filters_are_saved_and_stand_for_themselves(opened, store):
    at = opened(store, SESSIONS, pattern="page:/cart -> pay")
    before = head(at)
    assert before.startswith("2 sessions")
    at.text_input(key="segment-name-").set_value(" paid  after the cart ").run()
    at.button(key="segment-save").click().run()
    assert not at.exception
    assert link(at)["segment"] == "paid after the cart"
    assert "pattern" not in link(at)
    assert head(at).startswith("2 sessions, ") and "segment paid after the cart" in head(at)
    assert at.selectbox(key="scope-segment").value == "paid after the cart"
    at.selectbox(key="scope-segment").set_value(None).run()
    assert head(at).startswith("4 sessions")
    assert "segment" not in link(at)
    at.selectbox(key="scope-segment").set_value("paid after the cart").run()
    assert head(at).startswith("2 sessions")


def test_a_link_with_a_segment(opened, store):
    segments.save(store, "paid", PAID)
    at = opened(store, SESSIONS, segment="paid", pattern="(start) -> page:/cart")
    assert not at.exception and not at.warning
    assert head(at).startswith("3 sessions")
    gone = opened(store, SESSIONS, segment="bought", pattern="help")
    assert not gone.exception
    assert told(gone)[:1] == ["There is no segment 'bought'; there is 'paid'. It is left out."]
    assert head(gone).startswith("1 session,")
    assert "segment" not in link(gone)


def test_one_that_was_deleted_meanwhile_is_left_out(opened, store):
    made = segments.save(store, "paid", PAID)
    at = opened(store, SESSIONS, segment="paid")
    saved.remove(store, made)
    at.run()
    assert not at.exception
    assert any("There is no segment 'paid'" in each for each in told(at))
    assert head(at).startswith("4 sessions")


def test_changed_renamed_deleted(opened, store):
    segments.save(store, "paid", PAID)
    at = opened(store, SESSIONS, segment="paid", pattern="help")
    at.button(key="segment-change").click().run()  # what was added is now part of it
    assert head(at).startswith("1 session,")
    assert "pattern" not in link(at)

    at.button(key="segment-edit").click().run()  # its filters, to be changed
    assert "segment" not in link(at) and link(at)["pattern"] == "help"
    at.button(key="scope-remove-pattern").click().run()
    at.button(key="segment-change").click().run()
    assert head(at).startswith("3 sessions") and link(at)["segment"] == "paid"

    (one,) = saved.all_of(store, "segment")
    at.text_input(key=f"segment-name-{one.id}").set_value("payers").run()
    at.button(key="segment-rename").click().run()
    assert link(at)["segment"] == "payers" and head(at).startswith("3 sessions")

    segments.save(store, "helped payers", Scope(segment="payers", pattern="help"))
    at.run()
    assert any("It is used by the segment “helped payers”" in each for each in told(at))
    at.button(key="segment-delete").click().run()
    assert not at.exception
    assert "segment" not in link(at) and head(at).startswith("4 sessions")
    at.selectbox(key="scope-segment").set_value("helped payers").run()
    assert any("'payers', which 'helped payers' builds on" in each for each in told(at))
    assert head(at).startswith("4 sessions")
    assert at.selectbox(key="scope-segment").value is None


def test_all_others(opened, store):
    segments.save(store, "paid", PAID)
    at = opened(store, SESSIONS, segment="paid")
    at.button(key="segment-turn").click().run()
    assert not at.exception
    assert link(at)["outside"] == "paid" and "segment" not in link(at)
    assert head(at).startswith("1 session,") and "not in segment paid" in head(at)
    (one,) = saved.all_of(store, "segment")
    saved.remove(store, one.id)
    at.run()
    assert any("There is no segment 'paid'" in each for each in told(at))
    assert head(at).startswith("4 sessions") and "outside" not in link(at)


def test_what_is_chosen_after_the_segment_was_drawn_stays(opened, shop):
    segments.save(shop, "paid", Scope(where=(Filter("event", "is", "order"),)))
    at = opened(shop, SESSIONS)
    at.multiselect(key="scope-device").set_value(["phone"]).run()
    at.selectbox(key="scope-segment").set_value("paid").run()
    assert (link(at)["device"], link(at)["segment"]) == ("phone", "paid")


def test_the_filters_of_a_segment_are_opened_with_those_that_are_set(opened, store):
    segments.save(store, "helped", Scope(pattern="help"))
    at = opened(store, SESSIONS, segment="helped", pattern="pay")
    at.button(key="segment-edit").click().run()
    assert any("A scope has one pattern" in each for each in told(at))
    assert (link(at)["segment"], link(at)["pattern"]) == ("helped", "pay")


def test_a_name_that_is_taken_is_said(opened, store):
    segments.save(store, "paid", PAID)
    at = opened(store, SESSIONS, pattern="help")
    at.text_input(key="segment-name-").set_value("paid").run()
    at.button(key="segment-save").click().run()
    assert any("There is a segment called 'paid' already" in each for each in told(at))
    assert link(at)["pattern"] == "help"


def test_text_of_a_name_is_text(opened, store):
    name = "**bold** [x](https://evil.example) :red[red]"
    segments.save(store, name, PAID)
    at = opened(store, SESSIONS, segment=name)
    assert not at.exception
    assert head(at).startswith("3 sessions")
    assert "segment \\*\\*bold\\*\\*" in head(at)


def test_a_funnel_within_a_segment(opened, store):
    segments.save(store, "helped", Scope(pattern="help"))
    steps = '{"steps": [{"page": "/cart"}, {"name": "pay"}]}'
    at = opened(store, FUNNEL, segment="helped", p=steps)
    assert not at.exception
    assert head(at).startswith("1 session,")


def began(at):
    """By side of the funnel, how many began."""
    drawn = json.loads(at.get("plotly_chart")[0].proto.spec)["data"]
    return {each["name"]: int(each["text"][0]) for each in drawn if each["type"] == "bar" and "name" in each}


def test_a_segment_against_all_others(opened, store):
    """The two sides of the funnel have no session in common, and together they are all."""
    segments.save(store, "helped", Scope(pattern="help"))
    steps = '{"steps": [{"page": "/cart"}, {"name": "pay"}]}'
    at = opened(store, FUNNEL, p=steps)
    next(each for each in at.selectbox if each.label == "Compare with").set_value("Segment helped").run()
    assert not at.exception
    assert json.loads(json.loads(link(at)["view"])["with"]) == {"segment": "helped"}
    assert began(at) == {"segment helped": 1, "all other sessions": 3}

    at = opened(store, FUNNEL, p=steps, segment="helped")
    box = next(each for each in at.selectbox if each.label == "Compare with")
    assert "Segment helped" not in box.options
    box.set_value("All other sessions").run()
    assert not at.exception
    assert began(at) == {"all other sessions": 3, "segment helped": 1}
    shared = link(at)
    assert began(opened(store, FUNNEL, **shared)) == began(at)


def test_before_and_after_by_segments(opened, shop):
    """A link may compare them; the bar's own segment then waits, and who is on both sides is counted."""
    segments.save(shop, "paid", Scope(where=(Filter("event", "is", "order"),)))
    segments.save(shop, "phones", Scope(devices=("phone",)))
    for before in {"outside": "paid"}, {"segment": "phones"}:
        sides = json.dumps({"before": before, "after": {"segment": "paid"}})
        at = opened(shop, "changes/compare.py", p=sides, segment="phones")
        assert not at.exception
        assert json.loads(link(at)["p"])["before"] == before
        assert any(
            "of segment paid" in each and "The segments of the sidebar do not apply" in each for each in told(at)
        )
        assert any("on both sides" in each for each in told(at))
