"""The list of sessions: sorted, narrowed, paged, opened."""

import json

import pytest

from pages.shared.page import as_csv
from tests.pages.conftest import link, marks, said

SESSIONS = "attention/sessions.py"


def table(at):
    return at.dataframe[0].value


def test_the_latest_come_first_and_the_page_says_how_many_there_are(opened, shop):
    at = opened(shop, SESSIONS)
    assert not at.exception
    assert len(table(at)) == 50
    assert list(table(at)["Started"]) == sorted(table(at)["Started"], reverse=True)
    assert "1 to 50 of 360" in [one.value for one in at.caption]
    assert "**360\u00a0sessions** of **360\u00a0people**" in said(at)


def test_a_page_of_the_list_is_in_the_link(opened, shop):
    at = opened(shop, SESSIONS, p=['{"offset":350}'])
    assert len(table(at)) == 10
    assert "351 to 360 of 360" in [one.value for one in at.caption]
    assert json.loads(link(at)["p"][0]) == {"offset": 350}


def test_a_page_that_is_no_more_shows_the_first(opened, shop):
    at = opened(shop, SESSIONS, p=['{"offset":5000}'])
    assert not at.exception
    assert len(table(at)) == 50


@pytest.mark.parametrize(
    ("chosen", "sessions"), [("with an error", "6"), ("with a value", "90"), ("of five minutes or more", None)]
)
def test_only_those(opened, shop, chosen, sessions):
    at = opened(shop, SESSIONS)
    next(box for box in at.multiselect if box.label == "Only those").set_value([chosen]).run()
    assert not at.exception
    if sessions:
        assert f"**{sessions}\u00a0sessions**" in said(at)
    else:
        assert "No session" in said(at)


@pytest.mark.parametrize(
    ("text", "sessions"), [("u3-59", 1), ("DONE", 90), ("order", 90), ("s0-1", 1), ("nobody", 0), ("%", 0)]
)
def test_find_looks_in_people_pages_events_and_ids(opened, shop, text, sessions):
    at = opened(shop, SESSIONS)
    next(box for box in at.text_input if box.label == "Find").set_value(text).run()
    assert not at.exception
    assert (f"**{sessions}\u00a0session" if sessions else "**No session**") in said(at)
    again = opened(shop, SESSIONS, **link(at))
    assert next(box for box in again.text_input if box.label == "Find").value == text


def test_a_filter_of_the_link_can_be_taken_out(opened, shop):
    at = opened(shop, SESSIONS, p=['{"where":[{"field":"country","op":"is","value":"AT"}]}'])
    assert "**120\u00a0sessions**" in said(at)
    next(box for box in at.checkbox if "AT" in box.label).uncheck().run()
    assert "**360\u00a0sessions**" in said(at)
    assert not link(at).get("p")


def test_hostile_text_stands_in_the_table_as_it_is(opened, hostile):
    at = opened(hostile, SESSIONS)
    assert not at.exception
    assert "[click me](https://evil.example/steal)" in set(table(at)["Person"])
    assert marks(at) == []


def test_the_download_is_the_whole_list_and_no_formula(opened, shop):
    rows = [{"a": "=1+1", "b": None}, {"a": "x", "c": -1.5}]
    assert as_csv(rows, shop).decode() == "a,b,c\n'=1+1,,\nx,,-1.5\n"
