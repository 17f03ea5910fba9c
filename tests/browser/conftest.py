"""A real Chromium on the real app: `sessionscope run --demo` in a process of its own, as `make run` starts it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
AT_REST = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    const working = ['stStatusWidget', 'stSkeleton', 'stSpinner', 'stProgress'];
    const busy = document.querySelector(working.map(name => `[data-testid="${name}"]`).join());
    return !!app && !busy && app.getAttribute('data-test-script-state') !== 'running';
}"""
# Streamlit asks for its own health below a deep link's path first, and takes the 404 for an answer
HARMLESS = re.compile(r"/_stcore/")


@dataclass
class App:
    """Where the app answers, and the folder of its stores."""

    url: str
    data: Path


@dataclass
class Visitor:
    """A browser window that remembers everything that went wrong in it."""

    page: object
    url: str
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> None:
        """Goes to an address of the app and waits until it is at rest."""
        self.page.goto(path if path.startswith("http") else self.url + path)
        self.settle()

    def settle(self, seconds: float = 60) -> None:
        """Waits until the script has ended and the page stands still."""
        page = self.page
        page.wait_for_selector('[data-testid="stApp"]', timeout=seconds * 1000)
        still, last, deadline = 0, None, time.monotonic() + seconds
        while still < 3:
            assert time.monotonic() < deadline, f"the page does not come to rest: {page.url}"
            seen = (page.evaluate(AT_REST), page.evaluate("() => document.body.innerText.length"))
            still = still + 1 if seen[0] and seen == last else 0
            last = seen
            page.wait_for_timeout(150)
        boxes = page.locator('[data-testid="stException"], [data-testid="stAlertContentError"]')
        self.wrong += [f"error box at {page.url}: {text}" for text in boxes.all_inner_texts()]

    @property
    def text(self) -> str:
        """What a person can read on the page."""
        return self.page.inner_text('[data-testid="stMain"]')


@pytest.fixture(scope="session")
def chromium() -> str:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        if os.environ.get("SESSIONSCOPE_CI"):
            pytest.fail("CI needs a Chromium for the browser tests")
        pytest.skip("no Chromium: set $CHROMIUM or run `make test`, which finds or installs one")
    return found


@pytest.fixture(scope="module")  # a file may bring in data, and then the app is on another store
def app(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    data = shutil.copytree(sample_folder, tmp_path_factory.mktemp("data"), dirs_exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "SESSIONSCOPE_DATA": str(data), "SESSIONSCOPE_HEADLESS": "1"}
    environment.pop("SESSIONSCOPE_STORE", None)
    with (data / "app.log").open("w") as log:
        command = [sys.executable, "-m", "analytics", "run", "--demo", "--port", str(port), "--no-browser"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        url = f"http://localhost:{port}"
        try:
            wait_for(url, process, data / "app.log")
            yield App(url, data)
        finally:
            process.terminate()
            process.wait(20)


def wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url + "/api/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the app did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def browser(chromium: str):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(browser, app: App):
    """`visitor()` is a new browser window with a history of its own; nothing may go wrong in any of them."""
    made: list[tuple[object, Visitor]] = []

    def come(width: int = 1400, theme: str = "light") -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": 1000}, color_scheme=theme, timezone_id="Europe/Berlin"
        )
        page = context.new_page()
        new = Visitor(page, app.url)
        page.on("console", lambda message: new.wrong.append(message.text) if _is_wrong(message) else None)
        page.on("pageerror", lambda error: new.wrong.append(str(error)))
        page.on("request", lambda request: _check_host(request, app.url, new.wrong))
        made.append((context, new))
        return new

    yield come
    wrong = [problem for _, one in made for problem in one.wrong]
    for context, _ in made:
        context.close()
    assert not wrong


def _is_wrong(message) -> bool:
    return message.type == "error" and not HARMLESS.search(message.location.get("url", ""))


def _check_host(request, url: str, wrong: list[str]) -> None:
    if request.url.startswith(("http", "ws")) and not request.url.replace("ws", "http", 1).startswith(url):
        wrong.append(f"asked another host: {request.url}")
