"""A pattern in the scope bar: written, pointed at when wrong, shown, kept in the link, taken out."""

import pytest

SESSIONS = "attention/sessions.py"


def link(at):
    return {name: texts for name, texts in at.query_params.items() if texts}


@pytest.fixture
def store(journeys):
    return journeys("/cart pay", "/cart help pay", "pay /cart", "/cart")


def test_a_pattern_narrows_the_scope(opened, store):
    at = opened(store, SESSIONS)
    at.text_input(key="filter-pattern").set_value("page:/cart => pay").run()
    assert not at.exception
    at.button(key="pattern-add").click().run()
    assert link(at)["pattern"] == "page:/cart => pay"
    assert at.caption[0].value.startswith("1\u00a0session")
    chip = at.button(key="scope-remove-pattern")
    assert "right after it pay" in chip.label
    chip.click().run()
    assert "pattern" not in link(at)
    assert not at.exception


def test_a_mistake_is_pointed_at(opened, store):
    at = opened(store, SESSIONS)
    at.text_input(key="filter-pattern").set_value("page:/cart -> within 10m").run()
    assert at.button(key="pattern-add").disabled
    assert any(code.value == "page:/cart -> within 10m\n" + " " * 14 + "^" for code in at.code)
    assert any("At character 15" in caption.value for caption in at.caption)


def test_a_link_with_a_pattern(opened, store):
    at = opened(store, SESSIONS, pattern="page:/cart -> pay within 60s")
    assert not at.exception
    assert link(at)["pattern"] == "page:/cart -> pay within 60s"
    wrong = opened(store, SESSIONS, pattern="-> pay")
    assert not wrong.exception
    assert any("left out" in warning.value for warning in wrong.warning)
    assert "pattern" not in link(wrong)
