"""Takes the README's pictures again: every page of the navigation, on the sample shop, in the look of the day.

    make screenshots                     all of them, into docs/screenshots/
    make screenshots ARGS="overview"     only pages whose address holds this word

The app runs on a store of its own in a temporary folder, so nobody's data gets into a picture.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlparse
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "screenshots"
WINDOW = {"width": 1400, "height": 1000}
THEMES = ("light", "dark")
COLOURS = 255  # of a picture's palette; flat pages lose nothing one sees, and weigh a third
CHROMIUM = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking".split()
# What a page shows is chosen by its address; these tell the sample shop's story
VIEWS = {
    "/heatmap": {"release": "1.1", "device": "phone", "p": '{"page":"/checkout/payment"}'},
    "/sessions": {"view": '{"order":"lessons"}'},
    "/session": {"session": "s11469", "at": "216000"},
    "/import": {"load": "1"},
    "/compare": {"p": '{"before":{"releases":["1.0"]},"after":{"releases":["1.1"]}}'},
}
# Further pictures, by their name: a page, and what it shows
MORE = {
    "heatmap-changes": (
        "/heatmap",
        {
            "release": "1.2",
            "p": '{"page":"/checkout/payment","viewport":[0,599]}',
            "view": '{"with":"{\\"releases\\":[\\"1.1\\"]}"}',
        },
    ),
}
AT_REST = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    const busy = document.querySelector(
        '[data-testid="stStatusWidget"], [data-testid="stSkeleton"], [data-testid="stSpinner"]');
    return !!app && !busy && app.getAttribute('data-test-script-state') !== 'running';
}"""


def main(words: list[str]) -> None:
    """One picture a page and theme; the names are the addresses."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        app, url = start(Path(data))
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or None, args=CHROMIUM)
        try:
            page = browser.new_page(viewport=WINDOW)
            settle(page, url)
            links = page.locator('[data-testid="stSidebarNavLink"]').all()
            paths = list(
                dict.fromkeys(urlparse(urljoin(url, link.get_attribute("href") or "/")).path for link in links)
            )
            page.close()
            for theme in THEMES:
                shown = [
                    (path.strip("/").replace("/", "-") or "overview", path, VIEWS.get(path)) for path in paths or ["/"]
                ]
                for name, path, query in (*shown, *((name, *what) for name, what in MORE.items())):
                    if words and not any(word in name for word in words):
                        continue
                    page = browser.new_page(viewport=WINDOW, color_scheme=theme)
                    view = f"?{urlencode(query)}" if query else ""
                    settle(page, urljoin(url, path) + view)
                    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
                    file = TARGET / (f"{name}.png" if theme == "light" else f"{name}-{theme}.png")
                    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
                    print(file.relative_to(ROOT))
                    page.close()
        finally:
            browser.close()
            app.terminate()
            app.wait(timeout=20)


def start(data: Path) -> tuple[subprocess.Popen[bytes], str]:
    """The app on a fresh sample shop; its process and its address, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = subprocess.Popen(
        [sys.executable, "-m", "analytics", "run", "--demo", "--port", str(port), "--no-browser"],
        cwd=ROOT,
        env=os.environ | {"SESSIONSCOPE_DATA": str(data)},
        stdout=subprocess.DEVNULL,
    )
    url = f"http://localhost:{port}"
    for _ in range(600):
        try:
            urlopen(f"{url}/api/health", timeout=5).close()
            return app, url
        except OSError:  # nobody there yet, or still starting
            if app.poll() is not None:
                sys.exit("The app did not start; its own words are above.")
            time.sleep(0.2)
    app.terminate()
    sys.exit("The app did not answer within two minutes.")


def settle(page: Page, url: str) -> None:
    """Opens `url` and waits until the script has ended and the page has kept still for a second."""
    page.goto(url)
    page.wait_for_selector('[data-testid="stApp"]', timeout=60_000)
    still, last = 0, -1
    for _ in range(300):
        size = page.evaluate("() => document.querySelectorAll('*').length")
        still = still + 1 if page.evaluate(AT_REST) and size == last else 0
        last = size
        if still >= 5:
            return
        page.wait_for_timeout(200)
    sys.exit(f"{url} did not come to rest within a minute.")


if __name__ == "__main__":
    main(sys.argv[1:])
