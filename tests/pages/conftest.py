"""The real pages on real stores, without a browser."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from analytics.store import DuckStore, holder
from pages.shared import navigation

ROOT = Path(__file__).parent.parent.parent
MAIN = ROOT / "pages" / "main.py"
HOSTILE = {
    "html": "<img src=x onerror=alert(1)><b>bold</b>",
    "link": "[click me](https://evil.example/steal)",
    "picture": "![x](https://evil.example/pixel.png)",
    "address": "www.evil.example/a https://evil.example a@evil.example",
    "directive": ":red[red] :material/home: :smile: $x^2$ `code`",
    "quotes": """O'Brien "said" {{x}} %{y} \\ \n two lines""",
    "emoji": "🛒 cart 🧑‍🤝‍🧑",
    "long": "ä" * 10_000,
}
"""What an event may say; no page may take it for anything but text."""

Open = Callable[..., AppTest]


@pytest.fixture
def opened() -> Iterator[Open]:
    """`opened(store, "sessions", device="phone")`: the app on that store, as a link opens it."""
    used: list[DuckStore] = []

    def make(store: DuckStore, page: str = "", timezone: str | None = None, **query: Any) -> AppTest:
        if store not in used:
            used.append(holder.use(store))
        at = AppTest.from_file(str(MAIN), default_timeout=60)
        if timezone:
            at.context = {"timezone": timezone}
        for name, value in query.items():
            at.query_params[name] = value
        url = next(
            (entry.url for entry in navigation.ENTRIES if entry.file == page and entry.url != navigation.HOME), ""
        )
        if url:  # by its address, as a link does; `switch_page` knows addresses only after the first run
            at._page_hash = calc_hash(url)
        return at.run()

    yield make
    holder._stores[:] = [store for store in holder._stores if store not in used]  # the stores are their fixtures'


@pytest.fixture
def shop(store_of: Callable[..., DuckStore]) -> DuckStore:
    """Six weeks: 60 people a week view a page, 20 of them order; from the fourth week, release 2, none on a phone."""
    rows = []
    for week in range(6):
        for n in range(60):
            device = "phone" if n % 2 else "desktop"
            start = datetime(2026, 3, 2, 9) + timedelta(weeks=week, days=n % 7, minutes=n)
            own = {
                "user_id": f"u{week}-{n}",
                "session_id": f"s{week}-{n}",
                "device": device,
                "release": "1" if week < 3 else "2",
                "country": "DE" if n % 3 else "AT",
            }
            rows.append(own | {"event": "page_view", "page": "/home", "timestamp": start})
            rows.append(own | {"event": "click", "page": "/home", "timestamp": start + timedelta(seconds=5)})
            if n % 3 == 0 and not (week >= 3 and device == "phone"):
                order = {"event": "order", "page": "/done", "value": 10, "timestamp": start + timedelta(minutes=1)}
                rows.append(own | order)
            if n == 7:
                rows.append(own | {"event": "error", "page": "/home", "timestamp": start + timedelta(seconds=9)})
    return store_of(rows)


@pytest.fixture
def hostile(store_of: Callable[..., DuckStore]) -> DuckStore:
    """Whatever can hold text holds something bad."""
    rows = []
    for n, text in enumerate(HOSTILE.values()):
        time = datetime(2026, 3, 2, 9) + timedelta(days=n)
        own = {"user_id": text, "session_id": f"s{n}", "device": text, "release": text, "country": text, "page": text}
        rows.append(own | {"event": "page_view", "timestamp": time})
        rows.append(own | {"event": text, "timestamp": time + timedelta(seconds=3), "element": text, "text": text})
        rows.append(own | {"event": "error", "timestamp": time + timedelta(seconds=5), "text": text})
    return store_of(rows)


def said(at: AppTest) -> str:
    """Everything that a page says in markdown, headings, captions, warnings and labels of widgets."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "warning", "error", "info")
    parts = [str(element.value) for kind in kinds for element in getattr(at, kind)]
    for kind in ("button", "selectbox", "multiselect", "metric", "checkbox", "text_input"):
        parts += [str(element.label) for element in getattr(at, kind)]
    return "\n".join(parts)


def marks(at: AppTest) -> list[str]:
    """What of the text from data a reader's browser would take for markup, a link, a picture or a symbol."""
    text = re.sub(r"\\.", "", said(at).replace("<style>", ""))  # an escaped mark is a letter like any other
    return [
        bad for bad in ("](", "![", "<img", "<b>", ":red[", ":smile:", "https://evil", "www.evil", "$x") if bad in text
    ]


def link(at: AppTest) -> dict[str, list[str]]:
    """The link as the run has left it."""
    return {name: list(value) if isinstance(value, list) else [value] for name, value in at.query_params.items()}
