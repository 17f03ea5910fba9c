"""The list of sessions by mouse: narrowed, opened at the third, on to the next, marked as watched, and back."""

import re
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser
ROW, HEAD, OPEN = 30, 32, 45  # px of the table: a row, its head, the middle of the column that opens a session
BAR = ".st-key-quiet-playlist"


def sessions(visitor):
    """How many the sentence counts."""
    said = visitor.page.locator(".st-key-answer").inner_text().replace("\u00a0", " ")
    return int(re.match(r"([\d,]+) session", said)[1].replace(",", ""))


def button(visitor, label):
    return visitor.page.locator('[data-testid="stMain"]').get_by_role("button", name=label, exact=True)


def press(visitor, label):
    button(visitor, label).click()
    visitor.settle()


def menu(visitor):
    return visitor.page.locator('[data-testid="stPopoverBody"]')


def choose(visitor, label, text):
    """Writes into a choice and takes what it offers first, or what was written."""
    field = visitor.page.get_by_role("combobox", name=label, exact=True)
    field.click()
    field.fill(text)
    field.press("Enter")
    visitor.settle()


def add(visitor, kind, label, text, which=None):
    press(visitor, "Add a filter")
    choose(visitor, "Or by", kind)
    if which:
        visitor.page.get_by_role("radio", name=which, exact=True).click()
        visitor.settle()
    choose(visitor, label, text)
    menu(visitor).get_by_role("button", name="Only these sessions").click()
    visitor.settle()


def open_row(visitor, row):
    """Opens the session in that row of the table, from 1."""
    table = visitor.page.locator('[data-testid="stDataFrame"] canvas').first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    visitor.page.mouse.click(box["x"] + OPEN, box["y"] + HEAD + ROW * row - ROW // 2)
    visitor.page.wait_for_url("**/session?**")
    visitor.settle()


def bar(visitor):
    return " ".join(visitor.page.locator(BAR).inner_text().split())


def named(visitor):
    """Which session the page shows."""
    return re.search(r"session=([^&]+)", visitor.page.url)[1]


def test_from_the_list_through_the_sessions_and_back(visitor):
    me = visitor()
    me.open("/sessions")
    everything = sessions(me)
    add(me, "Event", "Event", "Add to cart")
    with_cart = sessions(me)
    add(me, "Page", "Page", "/checkout/*")
    at_checkout = sessions(me)
    add(me, "Goal", "Goal", "order", which="Not reached")
    count = sessions(me)
    assert everything > with_cart > at_checkout > count > 3
    press(me, "Add a filter")
    menu(me).get_by_role("button", name="Not watched yet").click()
    me.settle()
    assert sessions(me) == count

    open_row(me, 3)
    assert f"3 of {count:,}" in bar(me)
    third = named(me)
    press(me, "Next")
    fourth = named(me)
    assert f"4 of {count:,}" in bar(me)
    assert fourth != third
    press(me, "Previous")
    assert named(me) == third
    press(me, "Next")

    copied = urlsplit(me.page.url)
    other = visitor()
    other.open(f"{copied.path}?{copied.query}")
    assert named(other) == fourth
    assert f"4 of {count:,}" in bar(other)
    press(other, "Previous")
    assert named(other) == third

    press(me, "Mark as watched")
    assert f"No longer in its list of {count - 1:,} sessions" in bar(me)
    press(other, "Next")
    assert f"4 of {count - 1:,}" in bar(other)
    assert named(other) != fourth

    me.page.get_by_role("link", name="Back to the list").click()
    me.page.wait_for_url("**/sessions?**")
    me.settle()
    assert sessions(me) == count - 1
    press(me, "not watched yet")
    assert sessions(me) == count
    open_row(me, 4)
    assert named(me) == fourth
    assert button(me, "Watched").count() == 1


def test_what_sessions_teach_opens_where_it_went_wrong(visitor):
    me = visitor(theme="dark")
    me.open("/sessions?view=%7B%22order%22%3A%22lessons%22%7D")
    said = me.page.locator(".st-key-answer").inner_text()
    count = re.match(r"([\d,]+) of", said.replace("\u00a0", " "))[1]
    open_row(me, 1)
    assert f"1 of {count}" in bar(me)
    assert int(re.search(r"[?&]at=(\d+)", me.page.url)[1]) > 0
    me.page.get_by_role("link", name="Back to the list").click()
    me.page.wait_for_url("**/sessions?**")
    me.settle()
    assert me.page.locator(".st-key-answer").inner_text() == said


def test_a_narrow_window_holds_it_all(visitor):
    me = visitor(width=800)
    me.open("/sessions?p=%7B%22did%22%3A%5B%7B%22name%22%3A%22order%22%7D%5D%7D")
    open_row(me, 2)
    box = me.page.locator(BAR).bounding_box()
    assert box["x"] + box["width"] <= 800


def test_a_list_behind_a_figure_leads_back_to_it(visitor):
    me = visitor()
    me.open("/transitions?device=tablet")
    table = me.page.locator('[data-testid="stDataFrame"]').filter(has_text="Watch").last
    table.scroll_into_view_if_needed()
    me.page.wait_for_timeout(300)
    box = table.bounding_box()
    me.page.mouse.click(box["x"] + OPEN, box["y"] + HEAD + ROW * 2 - ROW // 2)
    me.page.wait_for_url("**/session?**")
    me.settle()
    count = re.search(r"2 of ([\d,]+)", bar(me))[1]
    second = named(me)
    press(me, "Previous")
    assert f"1 of {count}" in bar(me)
    assert button(me, "Previous").is_disabled()
    press(me, "Next")
    assert named(me) == second
    me.page.get_by_role("link", name="Back to Transitions").click()
    me.page.wait_for_url("**/transitions?**")
    me.settle()
    assert f": {count} sessions" in me.text.replace("\u00a0", " ")
