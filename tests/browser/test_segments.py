"""Segments by mouse: filters get a name, stand for themselves in the funnel, in a link, and are deleted knowingly."""

import re

import pytest

pytestmark = pytest.mark.browser
NAME = "Phones that paid"


def menu(visitor):
    """Opens the menu of segments."""
    visitor.page.get_by_role("button", name="Segments").click()
    visitor.settle()


def press(visitor, label):
    visitor.page.get_by_role("button", name=label, exact=True).click()
    visitor.settle()


def sessions(visitor):
    """How many sessions the line under the title counts, and what it says of them."""
    line = visitor.page.locator('[data-testid="stCaptionContainer"]', has_text="Times in").first.inner_text()
    line = line.replace("\u00a0", " ")
    return int(re.match(r"([\d,]+) session", line)[1].replace(",", "")), line


def save(visitor, name):
    menu(visitor)
    field = visitor.page.get_by_label("Name", exact=True)
    field.fill(name)
    field.press("Enter")
    visitor.settle()
    press(visitor, "Save" if visitor.page.get_by_role("button", name="Save", exact=True).count() else "Save as new")
    visitor.page.keyboard.press("Escape")
    visitor.settle()


def test_filters_become_a_segment_of_the_funnel(visitor):
    me = visitor()
    me.open("/sessions?device=phone&pattern=page%3A%2Fcheckout%2Fpayment%20-%3E%20order")
    count, _ = sessions(me)
    assert count > 0
    save(me, NAME)
    assert sessions(me)[0] == count
    assert f"segment {NAME}" in sessions(me)[1]

    me.page.get_by_role("button", name="Clear", exact=False).first.click()
    me.settle()
    assert sessions(me)[0] > count
    me.page.get_by_role("link", name="Funnel").click()
    me.page.wait_for_url("**/funnel**")
    me.settle()
    me.page.get_by_label("Segment", exact=True).first.click()
    me.page.get_by_role("option", name=NAME).click()
    me.settle()
    assert sessions(me)[0] == count
    menu(me)
    assert f"{count:,}" in me.page.locator('[data-testid="stPopoverBody"]').inner_text()
    me.page.keyboard.press("Escape")

    link = me.page.url
    assert "segment=Phones" in link and "pattern" not in link
    other = visitor()
    other.open(link)
    assert sessions(other) == sessions(me)

    # another one builds on it, so deleting says what it takes away
    me.open(link + "&release=1.1")
    save(me, "In 1.1")
    me.open(link)
    menu(me)
    body = me.page.locator('[data-testid="stPopoverBody"]')
    assert "It is used by the segment “In 1.1”" in body.inner_text().replace("\u00a0", " ")
    press(me, "Delete all the same")
    assert "segment" not in me.page.url
    assert sessions(me)[0] > count
    assert NAME not in me.page.inner_text('[data-testid="stSidebar"]')

    gone = visitor()
    gone.page.goto(link)
    gone.page.get_by_text("It is left out.").wait_for()
    assert f"There is no segment '{NAME}'; there is 'In 1.1'." in gone.text


def test_a_pattern_with_a_mistake_becomes_a_segment_of_the_funnel(visitor):
    me = visitor()
    me.open("/paths")
    everything, _ = sessions(me)
    me.page.get_by_role("button", name="Add a filter").click()
    me.settle()
    field = me.page.get_by_role("textbox", name="Or: what happened, in which order")
    field.fill("page:/cart -> within 10m")
    field.press("Enter")
    me.settle()
    body = me.page.locator('[data-testid="stPopoverBody"]')
    told = body.inner_text().replace("\u00a0", " ")
    assert "At character 15, after '->'" in told and "not 'within'" in told
    assert "\n" + " " * 14 + "^" in told  # and pointed at
    assert me.page.get_by_role("button", name="Only sessions with this").is_disabled()

    field.fill("page:/cart -> !order -> page:/help* within 30m")
    field.press("Enter")
    me.settle()
    press(me, "Only sessions with this")
    me.page.keyboard.press("Escape")
    me.settle()
    count, said = sessions(me)
    assert 0 < count < everything and "pattern" in said
    save(me, "Asked for help")
    me.page.get_by_role("link", name="Funnel").click()
    me.page.wait_for_url("**/funnel**")
    me.settle()
    assert sessions(me) == (count, sessions(me)[1]) and "segment Asked for help" in sessions(me)[1]
    other = visitor()
    other.open(me.page.url)
    assert sessions(other) == sessions(me)
