"""An import goes on without its window, is seen by everybody from every page, can be cancelled, and taken back."""

import urllib.request

import pytest

pytestmark = pytest.mark.browser

ROWS = 400_000  # some seconds of work
HEADER, ROW = 31, 30  # px of a table's rows


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "large.csv"
    with path.open("w") as file:
        file.write("timestamp,event,user_id,page\n")
        file.writelines(
            f"2026-05-{1 + n % 28:02d} 09:00:00,page_view,u{n % 50_000},/p/{n % 100}\n" for n in range(ROWS)
        )
    return path


def bring(one, file) -> None:
    one.open("/import")
    one.page.locator('input[type="file"]').set_input_files(str(file))
    one.page.wait_for_selector("text=What the columns mean")
    one.settle()
    one.page.get_by_role("button", name=f"Bring in {file.name}").click()
    one.page.wait_for_selector("text=It goes on when you leave this page")


def sessions(app) -> int:
    with urllib.request.urlopen(app.url + "/api/health") as answer:
        return int(answer.read().split(b'"sessions":')[1].rstrip(b"} "))


def left_over(app) -> list[str]:
    """Files that people dropped, or that a load was writing."""
    return [
        path.name
        for path in app.data.rglob("*")
        if path.is_file() and ("uploads" in path.parts or "load-" in str(path))
    ]


def test_cancelled_by_somebody_else_the_store_is_as_it_was(visitor, app, large):
    """First, since it leaves the store of one's own empty: both still look at the sample."""
    one, other = visitor(), visitor()
    bring(one, large)
    before = sessions(app)
    other.page.goto(app.url + "/page-groups")
    other.page.wait_for_selector("text=See how far it is, or cancel")
    assert "Bringing in large.csv" in other.page.inner_text('[data-testid="stSidebar"]')
    other.page.get_by_text("See how far it is, or cancel").click()
    other.page.get_by_role("button", name="Cancel").click()
    for each in (one, other):
        each.page.wait_for_selector("text=It was cancelled; the store is as it was.", timeout=60_000)
    assert sessions(app) == before
    one.settle()
    assert "large.csv is CSV" in one.text, "what was dropped is still there, to be brought in otherwise"
    one.page.get_by_role("button", name="Leave it out: large.csv").click()
    one.page.wait_for_selector("text=Drop an export")
    assert left_over(app) == []


def test_it_goes_on_when_the_window_is_closed_and_is_taken_back(visitor, app, large):
    one, other = visitor(), visitor()
    bring(one, large)
    one.page.close()
    other.page.goto(app.url + "/page-groups")
    other.page.wait_for_selector("text=large.csv: done.", timeout=120_000)
    other.page.get_by_text("See what came in").click()
    other.page.wait_for_url("**load=1**")
    other.settle()
    assert f"{ROWS:,} of {ROWS:,} rows came in" in other.text.replace("\u00a0", " ")
    assert left_over(app) == []

    other.page.locator('[data-testid="stSidebarNavLink"]').filter(has_text="Data sources").click()
    other.page.wait_for_selector("text=Where days begin")
    other.settle()
    assert f"1 file brought {ROWS:,} events" in other.text.replace("\u00a0", " ")
    box = other.page.locator('[data-testid="stDataFrame"]').first.bounding_box()
    other.page.mouse.click(box["x"] + 16, box["y"] + HEADER + ROW // 2)
    other.page.get_by_role("button", name="Take large.csv back").click()
    other.page.get_by_role("button", name="Take back now").click()
    other.page.wait_for_selector(f"text=The import was taken back: {ROWS:,}", timeout=60_000)
    assert sessions(app) == 0
