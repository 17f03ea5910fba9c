"""Kinds of sessions by mouse: the list of one is as long as its bar says, and it becomes a segment of the funnel."""

import re

import pytest

pytestmark = pytest.mark.browser
NAME = "Those who fill in"


def sessions(visitor):
    """How many sessions the line under the title counts."""
    line = visitor.page.locator('[data-testid="stCaptionContainer"]', has_text="Times in").first.inner_text()
    return int(re.match(r"([\d,]+)\s+session", line)[1].replace(",", ""))


def shown(visitor):
    """The sessions that the picture counts, kind by kind."""
    words = visitor.page.locator(".st-key-wide-kinds .annotation-text").all_text_contents()
    counts = [re.match(r"([\d,]+) · [\d.]+\s%", text) for text in words]
    return [int(found[1].replace(",", "")) for found in counts if found]


def test_a_kind_is_clicked_and_kept(visitor):
    me = visitor()
    me.open("/")
    me.page.get_by_role("link", name="Kinds of sessions").click()
    me.page.wait_for_url("**/kinds**")
    me.settle()
    whole, counts = sessions(me), shown(me)
    assert len(counts) >= 2 and sum(counts) == whole

    # the last row's bars: a click anywhere on the row chooses its kind
    bars = me.page.locator(".st-key-wide-kinds .barlayer .trace").first.locator(".point")
    bars.nth(len(counts) - 1).click(force=True)
    me.settle()
    title = me.page.locator("h3").last.inner_text()
    assert int(re.search(r": ([\d,]+)\s+session", title)[1].replace(",", "")) == counts[-1]
    assert "sel=" in me.page.url

    # a click on another number of kinds shows so many
    curve = me.page.locator('[class*="clearness"] .scatterlayer .point')
    curve.nth(3).click(force=True)
    me.settle()
    assert me.text.replace("\u00a0", " ").count("5 kinds of sessions are asked for") == 1
    assert len(shown(me)) == 5 and sum(shown(me)) == whole
    me.page.go_back()
    me.settle()
    assert shown(me) == counts

    me.page.get_by_role("button", name="Save as a segment").click()
    field = me.page.get_by_label("Name", exact=True)
    field.fill(NAME)
    field.press("Enter")
    me.settle()
    me.page.get_by_role("button", name="Save", exact=True).click()
    me.settle()
    assert f"Saved as the segment “{NAME}”" in me.text

    me.page.keyboard.press("Escape")
    me.page.get_by_role("link", name="Funnel").click()
    me.page.wait_for_url("**/funnel**")
    me.settle()
    me.page.get_by_label("Segment", exact=True).first.click()
    me.page.get_by_role("option", name=NAME).click()
    me.settle()
    assert sessions(me) == counts[-1]

    other = visitor(theme="dark")
    other.open(me.page.url)
    assert sessions(other) == counts[-1]
