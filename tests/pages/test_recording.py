"""A session whose pages were recorded, on its page: what is asked for, what is said, without a browser."""

import base64
import json
import zlib

import pytest

from analytics import ingest, recordings_player
from analytics.recordings_player import Player
from analytics.store import DuckStore
from pages.attention.recording import HERE
from tests.ingest.recorded import purchase


@pytest.fixture
def store(tmp_path):
    store = DuckStore.open(":memory:", threads=1)
    (tmp_path / "r.json").write_text(json.dumps({"session_id": "s", "events": purchase()}), encoding="utf-8")
    event = {"timestamp": "2026-03-02T10:00:00Z", "event": "login", "session_id": "other", "user_id": "u"}
    (tmp_path / "e.json").write_text(json.dumps([event]), encoding="utf-8")
    ingest.load(store, [tmp_path / "r.json", tmp_path / "e.json"])
    yield store
    store.close()


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setattr(recordings_player, "installed", lambda: Player("the script", "the style"))


def components(at):
    return [json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.json]


def test_the_recorded_page_is_asked_for_at_the_moment_of_the_link(opened, store, installed):
    at = opened(store, "attention/session.py", session="s", at="4000")
    assert not at.exception
    [drawn] = [one for one in components(at) if "packed" in one]
    assert (drawn["starts"], drawn["start"], drawn["script"], drawn["style"]) == (0, 4_000, "the script", "the style")
    events = json.loads(zlib.decompress(base64.b64decode(drawn["packed"])))
    assert [event["type"] for event in events[:4]] == [0, 1, 4, 2]


def test_its_events_are_listed_without_the_pointers_ways(opened, store, installed):
    [drawn] = [one for one in components(opened(store, "attention/session.py", session="s")) if "packed" in one]
    told = [(ms, what) for ms, what, *_ in drawn["events"]]
    assert len(told) == 12
    assert told[0] == (0, "/checkout")
    assert (7_000, "Clicked A warm hat") in told


def test_of_two_windows_each_can_be_chosen(opened, tmp_path, installed):
    two = DuckStore.open(":memory:", threads=1)
    later = [event | {"timestamp": event["timestamp"] + 60_000} for event in purchase()]
    windows = {"snapshotsByWindowId": {"a": purchase(), "b": later}}
    (tmp_path / "two.json").write_text(json.dumps({"session_id": "s", "data": windows}), encoding="utf-8")
    ingest.load(two, [tmp_path / "two.json"])
    at = opened(two, "attention/session.py", session="s")
    assert at.selectbox(key="recorded-s").options == ["0:00 to 0:10", "1:00 to 1:10"]
    at.selectbox(key="recorded-s").select_index(1).run()
    assert not at.exception
    [drawn] = [one for one in components(at) if "packed" in one]
    assert drawn["starts"] == 60_000
    two.close()


def test_the_sketch_instead(opened, store, installed):
    at = opened(store, "attention/session.py", session="s")
    at.segmented_control(key="shown-as").set_value("Sketch").run()
    assert not at.exception
    assert not [one for one in components(at) if "packed" in one]
    assert at.get("bidi_component"), "the sketch is drawn"


def test_without_the_player_one_line_says_how_to_get_it(opened, store, monkeypatch):
    monkeypatch.setattr(recordings_player, "installed", lambda: None)
    at = opened(store, "attention/session.py", session="s")
    assert any(recordings_player.COMMAND in caption.value for caption in at.caption)
    assert not [one for one in components(at) if "packed" in one]


def test_a_session_that_was_not_recorded_says_nothing_of_it(opened, store, monkeypatch):
    monkeypatch.setattr(recordings_player, "installed", lambda: None)
    at = opened(store, "attention/session.py", session="other")
    assert not at.exception
    assert not any(recordings_player.COMMAND in caption.value for caption in at.caption)


def test_nothing_recorded_becomes_markup_of_our_page():
    script = (HERE / "recording.js").read_text(encoding="utf-8")
    assert "innerHTML" not in script
    assert "postMessage" not in script
    assert "unsafe-eval" not in script
