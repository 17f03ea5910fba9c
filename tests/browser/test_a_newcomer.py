"""What a new user does first, in a real Chromium: look, narrow, follow a figure to a session, bring data of one's own.

The fixture fails the test on any error box, any error in the browser's console, and any request to another host.
"""

import re
from urllib.parse import parse_qs, urlparse

import pytest

pytestmark = pytest.mark.browser

PAGES = {
    "Overview": "How is it going?",
    "Funnel": "Where do people stop?",
    "Paths": "Which way do people go?",
    "Heatmap": "Where do people click?",
    "Before and after": "Did release",
}
HEADER, ROW = 31, 30  # px of a table's rows
EVENTS = """\
time,event_name,uid,sid,url,amount
2026-05-04 09:00:00,page_view,ada,x1,https://shop.example/?utm_campaign=spring,
2026-05-04 09:00:20,page_view,ada,x1,https://shop.example/cart,
2026-05-04 09:01:00,order,ada,x1,https://shop.example/done,30
2026-05-04 10:00:00,page_view,bob,x2,https://shop.example/,
2026-05-05 10:00:00,page_view,cleo,x3,https://shop.example/<b>sale</b>,
never,page_view,dan,x4,https://shop.example/,
"""


def title(one) -> str:
    return one.page.locator("h1").first.inner_text()


def number_in(heading: str) -> int:
    return int(re.search(r"([\d,]+)\s+(?:session|person|people)", heading).group(1).replace(",", ""))


def open_row(one, row: int = 0) -> None:
    """Clicks "Watch" in a row of the sessions' table, its first column."""
    table = one.page.locator('[data-testid="stDataFrame"]').filter(has_text="Watch").first
    table.scroll_into_view_if_needed()
    one.page.wait_for_timeout(300)
    box = table.bounding_box()
    one.page.mouse.click(box["x"] + 40, box["y"] + HEADER + ROW * row + ROW // 2)
    one.page.wait_for_url("**/session?**")
    one.settle()


def choose(one, label: str, option: str) -> None:
    """Takes an option of one of the scope's lists."""
    field = one.page.locator('[data-testid="stMultiSelect"]').filter(has_text=label).locator("input")
    field.click()
    field.fill(option)
    one.page.keyboard.press("Enter")
    one.page.keyboard.press("Escape")
    one.settle()


def test_from_the_overview_to_one_session(visitor):
    one = visitor()
    one.open("/")
    assert title(one) == PAGES["Overview"]
    assert "25,570" in one.text.replace("\u00a0", " ")
    assert "order" in one.text

    choose(one, "Device", "phone")
    assert "on phone" in one.text
    assert "device=phone" in one.page.url
    narrowed = re.search(r"([\d,]+)\ssessions", one.text.replace("\u00a0", " ")).group(1)

    for name, question in PAGES.items():
        one.page.locator('[data-testid="stSidebarNavLink"]').filter(has_text=name).click()
        one.settle()
        assert title(one).startswith(question)
        assert "on phone" in one.text or name == "Before and after", f"{name} keeps the scope"
        assert one.page.locator("canvas, svg.main-svg").count(), f"{name} draws a picture"

    # A step of the funnel opens exactly those whom its bar counts
    one.page.locator('[data-testid="stSidebarNavLink"]').filter(has_text="Funnel").click()
    one.settle()
    bars = one.page.locator(".js-plotly-plot .barlayer .point path")
    assert bars.count() >= 3
    before = one.page.locator("h3").first.inner_text()
    bars.nth(1).click(force=True)
    one.settle()
    heading = next(text for text in one.page.locator("h3").all_inner_texts() if "session" in text)
    assert "sel=" in one.page.url
    assert number_in(heading) > 0, before

    # The same link shows the same to somebody else
    other = visitor()
    other.open(one.page.url)
    assert title(other) == PAGES["Funnel"]
    assert heading in other.page.locator("h3").all_inner_texts()
    assert narrowed in other.text.replace("\u00a0", " ")

    open_row(one)
    assert parse_qs(urlparse(one.page.url).query)["session"]
    assert "What happened here?" in title(one)
    assert "Started" in one.text or "phone" in one.text.lower()


def test_own_data_goes_into_a_store_of_its_own(visitor, app):
    one = visitor()
    one.open("/import")
    file = {"name": "shop.csv", "mimeType": "text/csv", "buffer": EVENTS.encode()}
    one.page.locator('input[type="file"]').set_input_files(file)
    one.page.wait_for_selector("text=What the columns mean")
    one.settle()
    assert "store of your own" in one.text
    assert "6\u00a0rows" in one.text or "6 rows" in one.text
    one.page.get_by_role("button", name="Bring in shop.csv").click()
    one.page.wait_for_url("**load=**", timeout=60_000)
    one.settle()
    text = one.text.replace("\u00a0", " ")
    assert "5 of 6 rows" in text
    assert "never" in one.page.content()
    assert (app.data / "sessionscope.duckdb").exists()

    one.page.locator('[data-testid="stSidebarNavLink"]').filter(has_text="Overview").click()
    one.settle()
    text = one.text.replace("\u00a0", " ")
    assert "3 sessions" in text
    assert "4 May to 5 May 2026" in text
    one.open("/paths")
    assert "<b>sale</b>" not in one.page.inner_html('[data-testid="stMain"]')  # shown as text, never as markup
