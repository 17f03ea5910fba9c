"""From a spot of the heatmap to a moment of the session behind it, as a person clicks; and what changed on a page."""

import json
import re
from urllib.parse import parse_qs, urlencode, urlparse

import pytest

pytestmark = pytest.mark.browser

PAYMENT = {"p": json.dumps({"page": "/checkout/payment", "viewport": [0, 599]})}
CANVAS = '[data-testid="stDataFrameResizable"] canvas[data-testid="data-grid-canvas"]'


def total(came, title):
    """How many sessions a list says it has."""
    found = re.search(rf"{title}: ([\d,]+)\s+sessions?", came.text)
    assert found, came.text[-1500:]
    return int(found[1].replace(",", ""))


def drag(came, left, top, right, bottom):
    """A box over the first picture, in shares of its plot."""
    surface = came.page.locator(".js-plotly-plot .plot-container .nsewdrag").first
    surface.evaluate("plot => plot.scrollIntoView({block: 'center'})")
    came.page.wait_for_timeout(500)
    plot = surface.bounding_box()
    xs, ys = ([plot[start] + share * plot[side] for share in shares] for start, side, shares in (
        ("x", "width", (left, right)), ("y", "height", (top, bottom)),
    ))  # fmt: skip
    came.page.mouse.move(xs[0], ys[0])
    came.page.mouse.down()
    came.page.mouse.move(xs[1], ys[1], steps=8)
    came.page.mouse.up()
    came.settle()


def test_from_a_region_to_a_moment_of_a_session(visitor):
    """Heatmap, region, its elements and sessions, one of them played and sought; its moment in another browser."""
    came = visitor()
    came.open("/heatmap?" + urlencode(PAYMENT))
    everything = total(came, "Clicked anything here")
    drag(came, 0.05, 0.78, 0.95, 0.9)
    assert "Elements in this region" in came.text
    listed = total(came, r"Clicked within \d+ × \d+ px")
    assert 0 < listed < everything
    told = re.search(r"([\d,]+)\s+clicks of ([\d,]+)\s+sessions in this region", came.text)
    assert int(told[2].replace(",", "")) == listed
    region = parse_qs(urlparse(came.page.url).query)["sel"][0]
    assert "region" in json.loads(region)
    other = visitor(width=1000, theme="dark")
    other.open(came.page.url)
    assert total(other, r"Clicked within \d+ × \d+ px") == listed

    table = came.page.locator(CANVAS).last
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    came.page.mouse.click(box["x"] + 40, box["y"] + 28 * 2 + 14)  # "Watch" in the second row
    came.page.wait_for_url("**/session?**")
    came.settle()
    player = came.page.locator(".player")
    player.wait_for()
    player.locator(".play").click()
    came.page.wait_for_timeout(700)
    player.locator(".play").click()
    axis = player.locator("svg.axis").bounding_box()
    came.page.mouse.click(axis["x"] + axis["width"] * 0.5, axis["y"] + 45)
    came.settle()
    came.page.wait_for_timeout(800)
    came.settle()
    at = parse_qs(urlparse(came.page.url).query)["at"][0]
    assert int(at) > 0
    clock = player.locator(".clock").inner_text()
    second = visitor()
    second.open(came.page.url)
    second.page.locator(".player").wait_for()
    assert second.page.locator(".player .clock").inner_text() == clock


def test_what_the_repair_changed(visitor):
    """Release 1.2 beside 1.1: the repaired button first; its list is of the side chosen; a second browser agrees."""
    came = visitor()
    view = json.dumps({"with": '{"releases":["1.1"]}'})
    came.open("/heatmap?" + urlencode(PAYMENT | {"release": "1.2", "view": view}))
    assert "“Pay now” went from 5.30 to 0.79 clicks per session that saw the page" in came.text
    after = total(came, "Clicked “Pay now”, release 1.2")
    came.page.get_by_text("Release 1.1", exact=True).last.click()
    came.settle()
    before = total(came, "Clicked “Pay now”, release 1.1")
    assert before > after
    drag(came, 0.02, 0.01, 0.4, 0.07)
    assert total(came, r"Clicked within \d+ × \d+ px, release 1.1") > 0
    other = visitor(width=900, theme="dark")
    other.open(came.page.url)
    assert total(other, r"Clicked within \d+ × \d+ px, release 1.1") > 0


def test_an_element_is_named_and_its_sessions_stay(visitor):
    """The elements page: what is clicked, what followed, and a name for everybody."""
    came = visitor()
    came.open("/elements?" + urlencode({"sel": json.dumps({"element": "button#pay-now"})}))
    before = total(came, "Clicked “Pay now”")
    came.page.get_by_role("button", name="Name it, or join it with others").click()
    came.page.get_by_label("Name", exact=True).fill("The pay button")
    came.page.get_by_label("Name", exact=True).press("Enter")
    came.settle()
    came.page.get_by_role("button", name="Keep it for the team").click()
    came.settle()
    other = visitor()
    other.open("/elements?" + urlencode({"sel": json.dumps({"element": "The pay button"})}))
    assert total(other, "Clicked “The pay button”") == before
