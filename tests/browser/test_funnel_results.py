"""What the funnel shows, by mouse: releases compared, a bar of the times opened, the link copied to somebody else."""

import re

import pytest

pytestmark = pytest.mark.browser
FUNNEL = "/funnel?release=1.1"


def choose(visitor, label, option):
    """An option of a select box, by mouse."""
    page = visitor.page
    page.get_by_label(label, exact=True).first.click()
    page.get_by_role("option", name=option).first.click()
    visitor.settle()


def section(visitor, name):
    """Opens a section below the picture."""
    visitor.page.get_by_role("radio", name=name).click()
    visitor.settle()


def length(visitor):
    """How many the list says it has, and its title."""
    headings = [text.replace("\u00a0", " ") for text in visitor.page.locator("h3").all_inner_texts()]
    heading = next(text for text in reversed(headings) if re.search(r": [\d,]+ session", text))
    return int(re.search(r": ([\d,]+) session", heading)[1].replace(",", "")), heading


def test_two_releases_and_the_times_behind_a_link(visitor):
    me = visitor()
    me.open(FUNNEL)
    choose(me, "Compare with", "Release 1.0")
    text = me.text.replace("\u00a0", " ")
    assert re.search(r"sessions of release 1\.1 that began with .* reached Order, .* of release 1\.0: −", text)
    assert "What differs, step by step" in text

    section(me, "How long it takes")
    bars = me.page.locator('[data-testid="stPlotlyChart"]').nth(1).locator(".barlayer .point")
    counts = [int(each.replace(",", "")) for each in bars.locator("text").all_text_contents()]
    number = max(range(len(counts)), key=counts.__getitem__) - 1  # one that is not open already
    bars.nth(number).locator("path").click(force=True)
    me.settle()
    shown, heading = length(me)
    assert (shown, heading.startswith("Took ")) == (counts[number], True)

    me.page.mouse.move(2, 2)  # away from the bar, whose words come and go
    me.settle()
    link = me.page.url
    assert "view=" in link and "sel=" in link
    other = visitor()
    other.open(link)
    assert length(other) == (shown, heading)
    assert other.text.replace("\u00a0", " ").split("Watch")[0] == me.text.replace("\u00a0", " ").split("Watch")[0]


def test_a_session_opens_at_the_step(visitor):
    me = visitor()
    me.open(f"{FUNNEL}&view=%7B%22show%22%3A%22time%22%7D")
    chart = me.page.locator('[data-testid="stPlotlyChart"]').first
    chart.locator(".barlayer .trace").first.locator(".point path").nth(1).click(force=True)
    me.settle()
    assert "stopped after" in length(me)[1]  # a bar opens who stopped there, whatever was shown below

    section(me, "What happened instead")
    assert "An association, not a cause." in me.text
    assert length(me)[0] > 0
    table = me.page.locator('[data-testid="stDataFrame"]').last
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    me.page.mouse.click(box["x"] + 40, box["y"] + 47)  # the first row's Watch
    me.page.wait_for_url("**/session?**")
    me.settle()
    assert int(re.search(r"at=(\d+)", me.page.url)[1]) > 0
