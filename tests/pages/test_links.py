"""What a page keeps in its link: read, written, remembered while one looks elsewhere."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from analytics.analyses.funnel import Excluded, Funnel, Histogram, OptionalStep
from analytics.analyses.paths import Paths
from analytics.conditions import AllOf, AnyOf, Filter, Matcher
from pages.shared import navigation
from pages.shared.links import lean
from tests.pages.conftest import link, marks, said

SESSIONS = "attention/sessions.py"


def test_only_what_is_not_as_usual_is_written(opened, shop):
    at = opened(shop, SESSIONS)
    assert "p" not in link(at)
    order = next(box for box in at.selectbox if box.label == "Order by")
    order.set_value("Length").run()
    assert json.loads(link(at)["p"][0]) == {"order_by": "-duration_s"}


def test_a_page_gets_its_link_back_when_one_returns(opened, shop):
    at = opened(shop, SESSIONS, p=['{"order_by":"-errors"}'])
    at.switch_page(str(navigation.PAGES / "overview/summary.py")).run()
    assert "p" not in link(at)
    at.switch_page(str(navigation.PAGES / SESSIONS)).run()
    assert json.loads(link(at)["p"][0]) == {"order_by": "-errors"}
    assert next(box for box in at.selectbox if box.label == "Order by").value == "Errors"


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
    assert next(box for box in at.selectbox if box.label == "Order by").value == "Started"


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


FILTER = Filter("properties.it's", "in", ("a", 1.5))
STEPS = (
    Matcher(name="a"),
    OptionalStep(name=("b", "c"), page="/x*"),
    OptionalStep(name="d", optional=False),
    Matcher(page="/y", where=(FILTER, AnyOf((Filter("value", "is_set"), AllOf((FILTER,))))), first_time="name"),
    Matcher(),
)


@pytest.mark.parametrize(
    "asked",
    [
        Funnel(STEPS),
        Funnel(STEPS[:1] + STEPS[3:], exclusions=(Excluded(STEPS[3], 1, 2),), breakdown=None, by="user"),
        Funnel(STEPS[:1], count_like="posthog", window_s=None, histogram=None),
        Funnel(STEPS, histogram=Histogram(1, 4), attribution="step", attribution_step=2, breakdown="country"),
        Paths(start=STEPS[3], groups=("/x/*",)),
    ],
)
@pytest.mark.parametrize("page_default", [None, Funnel(STEPS[:2], breakdown="device", by="user", window_s=60)])
def test_a_short_link_says_the_same(asked, page_default):
    """Through a page of its own, as AppTest runs it."""
    default = page_default if isinstance(asked, Funnel) else None

    def script(asked, default):
        import streamlit as st

        from pages.shared import links

        links.entered("x")
        links.write_params(asked, default)
        links.flush()
        st.session_state["read"] = links.read_params(default or asked)

    at = AppTest.from_function(script, args=(asked, default)).run()
    assert not at.exception and not at.warning
    assert at.session_state["read"] == asked


def test_nested_defaults_are_not_written():
    assert lean(STEPS[:3]) == [
        {"name": "a"}, {"name": ["b", "c"], "page": "/x*", "optional": True}, {"name": "d", "optional": False},
    ]  # fmt: skip
