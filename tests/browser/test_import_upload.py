"""Files on their way from a real Chromium: lost connections, a page loaded again, second thoughts."""

import http.client
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SLICE = 8 << 20
HEAD = b"timestamp,event,user_id\n"
ROW = b"2026-05-04 09:00:00,page_view,user%06d\n"


@pytest.fixture
def large(tmp_path) -> Path:
    """Three slices and a bit."""
    path = tmp_path / "large.csv"
    path.write_bytes(HEAD + b"".join(ROW % n for n in range(3 * SLICE // len(ROW % 0) + 1000)))
    return path


@pytest.fixture(autouse=True)
def nothing_left(app):
    """Each test begins with a new browser, and ends with nothing of its own on the disk."""
    yield
    for left in arrived(app):
        left.unlink()


def arrived(app, name: str = "*") -> list[Path]:
    return [path for path in (app.data / "uploads").rglob(name) if path.is_file()]


def start(visitor):
    one = visitor()
    one.page.on("dialog", lambda dialog: dialog.accept())
    one.open("/import")
    return one


def offer(one, *files: Path) -> None:
    one.page.locator('input[type="file"]').set_input_files([str(file) for file in files])


def lost(one) -> None:
    """The browser itself reports every connection that we cut, and a slice that was begun at the wrong place."""
    one.wrong[:] = [text for text in one.wrong if "net::ERR_" not in text and "409" not in text]


def cut(one, *, after: int, times: int = 10**6) -> list[int]:
    """Cuts the connection of slices, from the one after `after`; the offsets of those that came through."""
    through: list[int] = []
    left = [times]

    def serve(route, request):
        if request.method != "PUT" or len(through) < after or not left[0]:
            if request.method == "PUT":
                through.append(int(re.search(r"offset=(\d+)", request.url)[1]))
            route.continue_()
        else:
            left[0] -= 1
            route.abort("connectionreset")

    one.page.route("**/api/upload/**", serve)
    return through


def test_it_goes_on_after_a_lost_connection(visitor, app, large):
    one = start(visitor)
    through = cut(one, after=1, times=2)
    offer(one, large)
    one.page.wait_for_selector("text=What the columns mean", timeout=60_000)
    assert through == [0, SLICE, 2 * SLICE, 3 * SLICE]
    [there] = arrived(app, "large.csv")
    assert there.read_bytes() == large.read_bytes()
    lost(one)


def test_it_goes_on_after_the_page_was_loaded_again(visitor, app, large):
    one = start(visitor)
    cut(one, after=2)
    offer(one, large)
    one.page.wait_for_selector("text=The connection is lost")
    one.page.reload()
    one.page.unroute("**/api/upload/**")
    one.page.wait_for_selector("text=are here: drop it again, and it goes on")
    through = cut(one, after=100)
    offer(one, large)
    one.page.wait_for_selector("text=What the columns mean", timeout=60_000)
    assert through == [2 * SLICE, 3 * SLICE]
    [there] = arrived(app, "large.csv")
    assert there.read_bytes() == large.read_bytes()
    one.page.reload()
    one.page.wait_for_selector("text=What the columns mean")  # whole files need not be dropped again
    lost(one)


def test_it_goes_on_while_another_page_is_looked_at(visitor, app, large):
    one = start(visitor)
    cut(one, after=1, times=3)
    offer(one, large)
    one.page.wait_for_selector("text=The connection is lost")
    one.page.locator('[data-testid="stSidebarNavLink"]').filter(has_text="Groups of pages").click()
    one.page.wait_for_url("**/page-groups")
    one.settle()
    one.page.wait_for_function("() => !globalThis.sessionscopeUploads.running", timeout=60_000)
    [there] = arrived(app, "large.csv")
    assert there.read_bytes() == large.read_bytes()
    one.page.locator('[data-testid="stSidebarNavLink"]').filter(has_text="Import").click()
    one.page.wait_for_selector("text=What the columns mean")
    lost(one)


def test_second_thoughts(visitor, app, large, tmp_path):
    """One is cancelled on its way, the next goes on, and a whole one is left out again."""
    small = tmp_path / "small.csv"
    small.write_bytes(HEAD + ROW % 1)
    one = start(visitor)
    cut(one, after=1)
    offer(one, large, small)
    one.page.wait_for_selector("text=The connection is lost")
    assert arrived(app, "large.csv")
    one.page.get_by_role("button", name="Cancel: large.csv").click()
    one.page.unroute("**/api/upload/**")
    one.page.wait_for_selector("text=What the columns mean")
    assert not arrived(app, "large.csv")
    one.settle()
    assert "small.csv is CSV" in one.text
    one.page.get_by_role("button", name="Leave it out: small.csv").click()
    one.page.wait_for_selector("text=Drop an export")
    assert not arrived(app)
    lost(one)


def test_a_folder_is_dropped_with_all_that_is_in_it(visitor, app, tmp_path):
    for name in ("a.csv", "march/b.csv", "march/week 2/c.csv", ".hidden/d.csv", "march/.e.csv"):
        path = tmp_path / "export" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(HEAD + ROW % len(name))
    one = start(visitor)
    box = one.page.get_by_text("Drop files or folders here").bounding_box()
    drag = {"items": [], "files": [str(tmp_path / "export")], "dragOperationsMask": 1}
    devtools = one.page.context.new_cdp_session(one.page)
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": box["x"] + 5, "y": box["y"] + 5, "data": drag})
    one.page.wait_for_selector("text=Bring in", timeout=30_000)
    one.settle()
    assert sorted(path.name for path in arrived(app)) == ["a.csv", "b.csv", "c.csv"]


def test_many_files_at_once(visitor, app, tmp_path):
    files = []
    for n in range(120):
        files.append(tmp_path / f"day-{n:03d}.csv")
        files[-1].write_bytes(HEAD + ROW % n)
    one = start(visitor)
    offer(one, *files)
    one.page.wait_for_selector("text=Bring in 120 files", timeout=60_000)
    assert sorted(path.name for path in arrived(app)) == [file.name for file in files]
    one.settle()


def test_a_proxy_may_take_less_at_once(visitor, app, large):
    one = start(visitor)
    sizes: list[int] = []

    def proxy(route, request):
        length = int(request.headers.get("content-length") or len(request.post_data_buffer or b""))
        if request.method == "PUT" and length > 1 << 20:
            return route.fulfill(status=413, content_type="text/html", body="<h1>413 Request Entity Too Large</h1>")
        sizes.append(length)
        return route.continue_()

    one.page.route("**/api/upload/**", proxy)
    offer(one, large)
    one.page.wait_for_selector("text=What the columns mean", timeout=60_000)
    assert max(sizes) <= 1 << 20
    [there] = arrived(app, "large.csv")
    assert there.read_bytes() == large.read_bytes()
    one.wrong[:] = [text for text in one.wrong if "413" not in text]


def test_what_cannot_be_taken_is_said_beside_the_file(visitor, app, large):
    one = start(visitor)
    one.page.route(
        "**/api/upload", lambda route: route.fulfill(json={"files": [{"error": "large.csv has 40 GB, too much."}]})
    )
    offer(one, large)
    one.page.wait_for_selector("text=large.csv has 40 GB, too much.")
    one.page.get_by_role("button", name="Leave it out: large.csv").click()
    one.page.wait_for_selector("text=too much", state="hidden")
    assert not arrived(app)


def test_a_slice_that_breaks_off_is_kept_as_far_as_it_came(visitor, app, large):
    one = start(visitor)
    cut(one, after=0)
    offer(one, large)
    one.page.wait_for_selector("text=The connection is lost")
    ticket, number = one.page.evaluate("() => [sessionscopeUploads.ticket, sessionscopeUploads.rows[0].id]")
    host = app.url.removeprefix("http://")
    headers = {"X-Sessionscope-Ticket": ticket}
    broken = http.client.HTTPConnection(host)
    broken.putrequest("PUT", f"/api/upload/{number}?offset=0")
    for name, value in (headers | {"Content-Length": str(SLICE)}).items():
        broken.putheader(name, value)
    broken.endheaders(large.read_bytes()[:300_000])
    one.page.wait_for_timeout(500)
    broken.close()
    one.page.wait_for_timeout(500)
    asked = http.client.HTTPConnection(host)
    asked.request("GET", f"/api/upload/{number}", headers=headers)
    assert b'"received":300000' in asked.getresponse().read()
    one.page.unroute("**/api/upload/**")
    one.page.wait_for_selector("text=What the columns mean", timeout=60_000)
    [there] = arrived(app, "large.csv")
    assert there.read_bytes() == large.read_bytes()
    lost(one)
