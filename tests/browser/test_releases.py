"""Releases by mouse: 1.1 broke something on phones; the error, its sessions, a note, a name, and the pair."""

import pytest

pytestmark = pytest.mark.browser


def said(visitor):
    return visitor.page.locator(".st-key-answer").first.inner_text().replace("\u00a0", " ")


def read(visitor):
    return visitor.text.replace("\u00a0", " ")


def test_what_broke_with_a_release(visitor):
    me = visitor()
    me.open("/releases")
    assert me.page.get_by_role("heading", name="What did release 1.2 change?").is_visible()
    assert said(me).startswith("Yes. Sessions with order rose by ")

    me.page.locator(".st-key-quiet-controls").get_by_role("combobox").first.click()
    me.page.get_by_role("option", name="1.1").first.click()
    me.settle()
    assert me.page.get_by_role("heading", name="What did release 1.1 change?").is_visible()
    assert said(me).startswith("No. Sessions with order fell by ")
    assert "on phones sessions with the error TypeError: form is null: 77 sessions in 1.1, none in 1.0" in said(me)
    assert "Event order, phones: 30 sessions" in read(me)
    lines = me.page.get_by_test_id("stDataFrame").nth(1)  # the fourth line is the error
    box = lines.bounding_box()
    lines.click(position={"x": 18, "y": box["height"] - 30 * 8 + 30 * 3 + 13})
    me.settle()
    assert "Error TypeError: form is null, phones: 77 sessions" in read(me)

    me.page.get_by_role("button", name="Add a note").click()
    me.page.get_by_label("What happened").fill("Newsletter to all")
    me.page.get_by_label("What happened").press("Enter")
    me.page.get_by_role("button", name="Keep it").first.click()
    me.settle()
    me.page.keyboard.press("Escape")
    assert "Newsletter to all" in read(me)

    other = visitor()
    other.open(me.page.url)  # the same view by its link, with what the team has noted
    assert said(other) == said(me)
    assert "Newsletter to all" in read(other)
    other.page.get_by_role("link", name="Before and after").last.click()
    other.page.wait_for_url("**/compare**")
    other.settle()
    assert other.page.get_by_role("heading", name="Did release 1.1 help?").is_visible()
