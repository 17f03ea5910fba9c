"""Recorded pages in a browser: they play, and nothing of them runs or is fetched, whatever was recorded."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import pytest

from analytics import recordings_player
from tests.browser.conftest import ROOT, App, wait_for
from tests.ingest.recorded import as_json, hostile, purchase

pytestmark = pytest.mark.browser

INNER = "frame.contentDocument.querySelector('iframe')"
RECORDED = f"(frame) => {INNER}.contentDocument.body.innerText"
RAN = f"(frame) => [window, frame.contentWindow, {INNER}.contentWindow].some((one) => one.ran !== undefined)"
SANDBOX = f"(frame) => {INNER}.getAttribute('sandbox')"
AS_IT_CAME = "UPDATE recordings SET packed = $packed WHERE session_id = $session_id"


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """A data folder with rrweb's player, fetched as a person would; without a way to npm there is no test."""
    folder = tmp_path_factory.mktemp("recorded")
    environment = {**os.environ, "SESSIONSCOPE_DATA": str(folder)}
    command = [sys.executable, "-m", "analytics", "player", "install"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if "cannot be fetched" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def sessions() -> dict[str, str]:
    """Session ids by the names of their files."""
    return {}


class Elsewhere(ThreadingHTTPServer):
    """A server that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), Listener)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Listener(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def app(data: Path, elsewhere: Elsewhere, sessions: dict[str, str]) -> Iterator[App]:
    """The app on a store of recordings; `raw` is as hostile as it came, as if nothing had been taken out."""
    store = data / "recorded.duckdb"
    raw = hostile(elsewhere.url)
    for name, events in (("purchase", purchase()), ("hostile", hostile()), ("raw", raw)):
        (data / f"{name}.json").write_text(as_json(events), encoding="utf-8")
    files = [str(data / f"{name}.json") for name in ("purchase", "hostile", "raw")]
    command = [sys.executable, "-m", "analytics", "import", *files, "--store", str(store)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with duckdb.connect(str(store)) as connection:
        for (session,) in connection.execute("SELECT session_id FROM sessions").fetchall():
            sessions[session.rpartition("-")[0]] = session
        packed = zlib.compress(json.dumps(raw).encode())
        connection.execute(AS_IT_CAME, {"packed": packed, "session_id": sessions["raw"]})
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "SESSIONSCOPE_DATA": str(data), "SESSIONSCOPE_HEADLESS": "1"}
    with (data / "app.log").open("w") as log:
        command = [sys.executable, "-m", "analytics", "run", "--store", str(store), "--port", str(port), "--no-browser"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        url = f"http://localhost:{port}"
        try:
            wait_for(url, process, data / "app.log")
            yield App(url, data)
        finally:
            process.terminate()
            process.wait(20)


def opened(came, session, query=""):
    came.open(f"/session?session={session}{query}")
    came.page.wait_for_selector(".recording .play:enabled", timeout=30_000)
    return came


def clock(came):
    return came.page.inner_text(".recording .clock").partition(" of ")[0]


def told(page, what):
    return page.locator(".recording .stage > iframe").evaluate(what)


def seen(came):
    return told(came.page, RECORDED)


def test_a_hostile_page_is_shown_and_does_nothing(visitor, sessions):
    """`visitor` fails for any error in the console and for any request to another host."""
    came = opened(visitor(), sessions["hostile"])
    assert "Still here" in seen(came)
    came.page.click(".recording .speeds button[value='4']")
    came.page.click(".recording .play")
    came.page.wait_for_timeout(2_000)
    assert clock(came) == "0:03"  # to its end, past everything that somebody could have put there
    assert came.page.inner_text(".recording .play") == "Play"
    assert "Still here" in seen(came)
    assert told(came.page, RAN) is False
    assert told(came.page, SANDBOX) == "allow-same-origin"
    assert "secret" not in seen(came)


def test_a_moment_of_a_hostile_page_can_be_linked(visitor, sessions):
    """The player goes through all that is before the moment at once, which is another way through it."""
    came = opened(visitor(), sessions["hostile"], "&at=2000")
    assert clock(came) == "0:02"
    assert "Still here" in seen(came)


def test_the_frame_holds_what_the_import_might_have_missed(browser, app, elsewhere, sessions):
    """The recording as it came, with its scripts and pictures: the policy refuses them one by one, and says so."""
    context = browser.new_context()
    page = context.new_page()
    refused = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.goto(f"{app.url}/session?session={sessions['raw']}")
    page.wait_for_selector(".recording .play:enabled", timeout=30_000)
    page.click(".recording .play")
    page.wait_for_timeout(4_000)
    assert "Still here" in told(page, RECORDED)
    assert told(page, RAN) is False
    assert elsewhere.asked == []
    assert any("Content Security Policy" in text for text in refused)  # else the recording was not the raw one
    context.close()


def test_it_plays_seeks_and_keeps_the_moment_in_the_link(visitor, sessions):
    came = opened(visitor(), sessions["purchase"], "&at=4000")
    assert clock(came) == "0:04"
    assert "A warm hat" in seen(came)
    came.page.focus(".recording")
    came.page.keyboard.press("ArrowRight")
    assert clock(came) == "0:09"
    came.page.wait_for_url("**at=9000*")
    came.page.keyboard.press("Home")
    came.page.click(".recording .speeds button[value='16']")
    came.page.focus(".recording")
    came.page.keyboard.press("Space")
    for _ in range(50):
        came.page.wait_for_timeout(100)
        if came.page.inner_text(".recording .play") == "Play":
            break
    assert clock(came) == "0:10"
    came.settle()
    copied = opened(visitor(), sessions["purchase"], "&at=9000")
    assert clock(copied) == "0:09"


def test_it_fills_the_screen(visitor, sessions):
    came = opened(visitor(), sessions["purchase"])
    frame = came.page.locator(".recording .stage > iframe")
    before = frame.bounding_box()["width"]
    came.page.click(".recording .full")
    came.page.wait_for_function("() => document.fullscreenElement !== null")
    came.page.wait_for_timeout(500)
    assert frame.bounding_box()["width"] > before
    came.page.click(".recording .full")
    came.page.wait_for_function("() => document.fullscreenElement === null")
    came.page.wait_for_timeout(500)
    assert frame.bounding_box()["width"] == before


def test_the_events_beside_it_follow_and_lead(visitor, sessions):
    came = opened(visitor(), sessions["purchase"], "&at=4060")
    assert came.page.inner_text(".recording .events .now").split("\n") == ["0:04", "Clicked Pay now, an error followed"]
    came.page.click(".recording .events li:has-text('A warm hat')")
    assert clock(came) == "0:07"
    assert came.page.inner_text(".recording .events .now").split("\n") == ["0:07", "Clicked A warm hat"]
    came.page.wait_for_url("**at=7000*")
    came.settle()


def test_the_sketch_is_one_click_away(visitor, sessions):
    came = opened(visitor(width=800, theme="dark"), sessions["purchase"])
    came.page.get_by_text("Sketch", exact=True).click()
    came.settle()
    came.page.wait_for_selector(".player .events .now")
    assert not came.page.locator(".recording").count()


def test_without_the_player_the_page_says_how_to_get_it(visitor, app, sessions):
    kept = recordings_player.SCRIPT
    shutil.move(app.data / "player" / kept, app.data / kept)
    try:
        came = visitor()
        came.open(f"/session?session={sessions['purchase']}")
        came.page.wait_for_selector(".player .events .now")
        assert "sessionscope player install" in came.text
    finally:
        shutil.move(app.data / kept, app.data / "player" / kept)
