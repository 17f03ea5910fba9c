"""What a page keeps in its link: read, written, remembered while one looks elsewhere."""

import json

import pytest

from pages.shared import navigation
from tests.pages.conftest import link, marks, said

SESSIONS = "attention/sessions.py"


def test_only_what_is_not_as_usual_is_written(opened, shop):
    at = opened(shop, SESSIONS)
    assert "p" not in link(at)
    order = next(box for box in at.selectbox if box.label == "Order")
    order.set_value("Longest first").run()
    assert json.loads(link(at)["p"][0]) == {"order_by": "-duration_s"}


def test_a_page_gets_its_link_back_when_one_returns(opened, shop):
    at = opened(shop, SESSIONS, p=['{"order_by":"-errors"}'])
    at.switch_page(str(navigation.PAGES / "overview/summary.py")).run()
    assert "p" not in link(at)
    at.switch_page(str(navigation.PAGES / SESSIONS)).run()
    assert json.loads(link(at)["p"][0]) == {"order_by": "-errors"}
    assert next(box for box in at.selectbox if box.label == "Order").value == "Most errors first"


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "[1]",
        "null",
        '"x"',
        '{"order_by":"nonsense"}',
        '{"unknown":1}',
        '{"limit":-1}',
        "{" * 3000,
        '{"where":[{}]}',
    ],
)
def test_parameters_that_cannot_be_read_are_said_and_usual(opened, shop, text):
    at = opened(shop, SESSIONS, p=[text])
    assert not at.exception
    assert len(at.warning) == 1
    assert "default" in at.warning[0].value
    assert next(box for box in at.selectbox if box.label == "Order").value == "Latest first"


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "[]",
        '{"start":"never"}',
        '{"start":"2030-01-01"}',
        '{"event":1}',
        '{"start":"2026-03-02","device":"toaster"}',
    ],
)
def test_a_selection_that_cannot_be_read_selects_nothing(opened, shop, text):
    at = opened(shop, sel=[text])
    assert not at.exception
    assert at.title[0].value == "How is it going?"


def test_a_link_with_bad_text_shows_it_as_text(opened, shop):
    at = opened(
        shop, SESSIONS, p=['{"order_by":"![x](https://evil.example/p.png)<b>"}'], device=["[a](https://evil.example)"]
    )
    assert not at.exception
    assert "evil" in said(at)
    assert marks(at) == []
