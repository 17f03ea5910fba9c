"""The player on sessions of any shape: turned and zoomed windows, pages without end, one event, 200,000 of them."""

import csv
import shutil
from datetime import datetime, timedelta

import pytest

from analytics import demo, ingest

pytestmark = pytest.mark.browser
NINE = datetime(2026, 3, 2, 9, 0)
SIDE = {"viewport_width": 664, "viewport_height": 390}
UPRIGHT = {"viewport_width": 390, "viewport_height": 664}
ODD = {
    "turned": [
        (0, "page_view", {"page": "/a", "page_height": 100_000} | UPRIGHT),
        (500, "click", {"page": "/a", "element": "a#top", "x": 50, "y": 60} | UPRIGHT),
        (1000, "click", {"page": "/a", "element": "a#far", "x": 500, "y": 99_000, "page_height": 100_000} | SIDE),
        (1500, "click", {"page": "/a", "element": "a#off", "x": -40, "y": 99_900, "page_height": 100_000} | SIDE),
        (2000, "move", {"page": "/a", "x": 100_000, "y": 99_900, "page_height": 100_000} | SIDE),
        (2500, "click", {"page": "/a", "element": "a#zoom", "x": 100, "y": 50_000, "viewport_width": 195,
                         "viewport_height": 332}),
    ],
    "single": [(0, "click", {"page": "/a", "element": "a#only", "x": 5, "y": 5})],
    "pageless": [(0, "signup", {}), (900_000, "click", {"element": "b#go", "x": 5, "y": 900}), (900_001, "error", {})],
    "bare": [(0, "signup", {}), (20_000, "plan_chosen", {"value": 12})],
}  # fmt: skip
COLUMNS = ["timestamp", "session_id", "user_id", "event", "page", "element", "x", "y", "viewport_width"]
COLUMNS += ["viewport_height", "page_height", "value", "scroll_depth", "text"]
OPENS_S, FRAMES = (
    30,
    10,
)  # on a machine that others are busy on; one that is free opens in 2 s and draws 50 frames a second


def long_session(count):
    for n in range(count):
        kind = "page_view" if n % 2000 == 0 else "click" if n % 20 == 0 else "scroll" if n % 9 == 0 else "move"
        row = {
            "timestamp": (NINE + timedelta(milliseconds=40 * n + (n // 5000) * 30_000)).isoformat(),
            "session_id": "long", "user_id": "long", "event": kind, "page": f"/p{n // 2000 % 12}",
            "x": n * 7 % 1280, "y": n * 3 % 4000, "viewport_width": 1280, "viewport_height": 800, "page_height": 4000,
        }  # fmt: skip
        yield (
            row
            | ({"element": f"button#b{n % 30}", "text": f"Button {n % 30}"} if kind == "click" else {})
            | ({"scroll_depth": n % 100 / 100} if kind == "scroll" else {})
        )


@pytest.fixture(scope="module")
def sample_folder(sample_folder, tmp_path_factory):
    """The sample shop's folder, its store with these sessions in it."""
    folder = shutil.copytree(sample_folder, tmp_path_factory.mktemp("odd"), dirs_exist_ok=True)
    file = folder / "odd.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        for session, events in ODD.items():
            for ms, name, more in events:
                who = {"session_id": session, "user_id": session, "event": name}
                writer.writerow(who | more | {"timestamp": (NINE + timedelta(milliseconds=ms)).isoformat()})
        writer.writerows(long_session(200_000))
    store = demo.open_demo(folder / "demo.duckdb")
    ingest.load(store, [file], ingest.Options())
    store.close()
    return folder


@pytest.fixture
def player(visitor):
    def go(session, query="", **more):
        came = visitor(**more)
        came.open(f"/session?session={session}{query}")
        came.page.wait_for_selector(".player .events .now")
        return came

    return go


# What the canvas holds, as shares of its size: the part that is no paper, by its first and last pixels
INKED = """canvas => {
    const { width, height } = canvas, pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    const at = (x, y) => pixels.slice(4 * (y * width + x), 4 * (y * width + x) + 3).join();
    const paper = at(0, 0);
    let left = width, right = -1, top = height, bottom = -1;
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (at(x, y) !== paper) {
        left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = Math.max(bottom, y);
    }
    return [left / width, right / width, top / height, bottom / height];
}"""


def test_a_window_that_is_turned_and_zoomed_is_drawn_whole(player):
    came = player("turned")
    canvas = came.page.locator(".player canvas")
    said = lambda: came.page.inner_text(".player .where .screen")  # noqa: E731
    came.page.focus(".player")
    shapes = []
    for _ in range(6):
        shapes.append((said(), canvas.bounding_box()["height"]))
        came.page.keyboard.press("ArrowRight")
    assert [shape for shape, _ in shapes] == ["390 × 664"] * 2 + ["664 × 390"] * 3 + ["195 × 332"]
    assert len({height for _, height in shapes}) == 1, "the stage does not jump"
    came.page.keyboard.press("Home")
    left, right, top, bottom = canvas.evaluate(INKED)
    assert left > 0.1
    assert right < 0.9
    assert top < 0.02
    assert bottom > 0.98
    assert "beside the page" in came.page.inner_text(".player .events")


@pytest.mark.parametrize("session", ["single", "pageless", "bare"])
def test_sessions_with_little_in_them(player, session):
    came = player(session)
    came.page.focus(".player")
    for key in ("ArrowRight", "End", "Home", "f", "g", " ", " ", "Shift+ArrowLeft", "ArrowLeft"):
        came.page.keyboard.press(key)
    axis = came.page.locator(".player .axis")
    axis.click(position={"x": axis.bounding_box()["width"] / 2, "y": 45})
    came.page.keyboard.press("End")
    at, _, whole = came.page.inner_text(".player .clock").partition(" of ")
    assert at == whole
    assert came.page.is_visible(".player canvas") == (session != "bare")


def test_a_session_of_200_000_events_opens_whole_and_plays(player, visitor):
    player("single")  # the server is awake
    came = visitor()
    came.page.goto(f"{came.url}/session?session=long")
    came.page.wait_for_selector(".player .events .now", timeout=OPENS_S * 1000)
    came.settle()
    assert came.page.inner_text(".player .clock").endswith("2\u00a0h 32\u00a0m")
    assert came.page.get_attribute(".player .events li:not(.spacer, .pause)", "aria-setsize") == "200000"
    came.page.focus(".player")
    came.page.keyboard.press("End")
    assert "2:32" in came.page.locator(".player .events .now time").inner_text()
    came.page.keyboard.press("Home")
    came.page.fill(".player .find input", "button 20")
    came.page.keyboard.press("Enter")
    assert came.page.inner_text(".player .found").startswith("1 of ")
    came.page.click(".player .speeds button[value='16']")
    came.page.click(".player .play")
    frames = came.page.evaluate(
        """() => new Promise(done => {
            let count = 0, began = 0;
            const frame = now => {
                began ||= now;
                count++;
                if (now - began < 2000) requestAnimationFrame(frame);
                else done(1000 * (count - 1) / (now - began));
            };
            requestAnimationFrame(frame);
        })"""
    )
    came.page.click(".player .play")
    assert frames > FRAMES
