"""The page of one session: what it says and offers beside the player, and which question it asks of the store."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.analyses import timeline
from analytics.scope import Scope
from analytics.store import holder
from pages.attention import telling

MAIN = Path(__file__).parent.parent.parent / "pages" / "main.py"
NIGHT = datetime(2026, 3, 2, 22, 58)  # 23:58 in Berlin
SECRET = "4111 1111 1111 1111"
EVIL = "<img src=x onerror=alert(1)> ![x](http://evil/p.png) `b`"


@pytest.fixture
def visit(store_of, monkeypatch):
    """`visit([(ms, event, {...}), ...], at="500")`: the page of a session `one` with these events, after one run."""

    def go(events, options=None, **link):
        rows = [
            {"session_id": "one", "user_id": "anna", "event": name, **more,
             "timestamp": (NIGHT + timedelta(milliseconds=ms)).isoformat()}
            for ms, name, more in events
        ]  # fmt: skip
        store = store_of(rows, **(options or {}))
        monkeypatch.setattr(holder, "_stores", [store])
        at = AppTest.from_file(str(MAIN), default_timeout=120)
        for name, value in ({"session": "one"} | link).items():
            at.query_params[name] = value
        at.switch_page("attention/session.py").run()
        assert not at.exception
        return at

    return go


def ticket(at):
    return next(one.value for one in at.get("code") if "Session of" in one.value)


STORY = [
    (0, "page_view", {"page": "/pay", "viewport_width": 390, "viewport_height": 664}),
    (1000, "change", {"page": "/pay", "element": "input#card", "text": SECRET}),
    (240_000, "error", {"page": "/pay", "text": EVIL}),
    (241_000, "page_leave", {"page": "/pay"}),
]


def test_a_session_over_midnight_is_found_and_told_in_the_zone_of_the_store(visit):
    at = visit(STORY, {"reporting_zone": "Europe/Berlin"})
    assert "2 Mar 2026, 23:58 to 00:02. Times in Europe/Berlin." in at.caption[0].value.replace("\u00a0", " ").replace(
        "\\", ""
    )
    assert "2 Mar 2026, 23:58 to 00:02 (Europe/Berlin)" in ticket(at)


def test_the_ticket_has_links_and_nothing_that_was_typed(visit):
    at = visit(STORY)
    text = ticket(at)
    assert "/session?session=one&at=240000) Error: `` <img src=x" in text
    assert SECRET not in text
    control = next(one for one in at.get("segmented_control") if one.label == "Form")
    control.set_value("Plain text").run()
    assert ticket(at).startswith("Session of “anna”, ")
    assert "](" not in ticket(at).replace("![x](", "")


def test_it_asks_only_the_day_of_the_session(visit, monkeypatch):
    asked = []
    real = timeline.run

    def run(store, params, scope):
        asked.append(scope)
        return real(store, params, scope)

    monkeypatch.setattr(timeline, "run", run)
    at = visit(STORY)
    at.run()
    assert [(scope.start, scope.stop) for scope in asked] == [(NIGHT.date(), NIGHT.date() + timedelta(1))]
    assert asked[0] != Scope()


def test_a_long_session_is_told_in_part_and_says_so(visit, monkeypatch):
    monkeypatch.setattr(telling, "MOST_EVENTS", 3)
    at = visit([(n, "click", {"page": "/a"}) for n in range(7)])
    assert any("The first 3 of 7 events." in one.value for one in at.caption)
    assert "Told from the first 3 of 7 events." in ticket(at)


@pytest.mark.parametrize(
    ("at", "start"), [("500", 500), ("0", 0), ("-5", 0), ("1e12", 0), ("٣", 0), ("1" * 12, 241_000), ("9" * 99, 0)]
)
def test_where_a_link_opens(visit, at, start):
    shown = visit(STORY, at=at)
    data = json.loads(mounted(shown)[0].proto.mixed.json)
    assert data["start"] == start


def mounted(at):
    return [one for one in at.get("bidi_component") if one.proto.mixed.json]


def test_only_the_player_gets_the_words_of_the_events(visit):
    at = visit(STORY)
    found = mounted(at)
    assert len(found) == 1
    data = json.loads(found[0].proto.mixed.json)
    assert data["words"][:2] == ["/pay", "Filled in Card"]
    assert SECRET not in found[0].proto.mixed.json
