"""Which recorded page belongs to a moment of a session?"""

import json
import zlib

from analytics import ingest, recordings
from analytics.store import DuckStore
from tests.ingest.recorded import START, as_json, page, purchase, shop


def stored(tmp_path, **files):
    store = DuckStore.open(":memory:", threads=1)
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(content, encoding="utf-8")
        ingest.load(store, [tmp_path / f"{name}.json"])
    return store


def test_the_recording_of_a_session_and_its_events(tmp_path):
    store = stored(tmp_path, r=json.dumps({"session_id": "s", "events": purchase()}))
    [recording] = recordings.of_session(store, "s")
    assert (recording.starts_ms, recording.length_ms) == (0, 10_000)
    text = zlib.decompress(recordings.packed(store, recording))
    assert (len(text), len(json.loads(text))) == (recording.bytes, recording.events)
    assert recordings.of_session(store, "t") == ()
    store.close()


def test_moments_are_the_sessions_whatever_else_told_of_it(tmp_path):
    """Events of another export begin the session a minute before the recorder came up."""
    event = {"timestamp": "2026-03-02T08:59:00Z", "event": "login", "session_id": "s", "user_id": "u"}
    store = stored(tmp_path, r=json.dumps({"session_id": "s", "events": purchase()}), e=json.dumps([event]))
    [recording] = recordings.of_session(store, "s")
    assert recording.starts_ms == 60_000
    store.close()


def test_of_several_windows_the_one_that_shows_the_moment(tmp_path):
    document, _ = shop()
    windows = {
        "first": purchase(),
        "second": [*page("https://a.example/", document), *page("https://a.example/b", document, 4_000)],
    }
    for event in windows["second"]:
        event["timestamp"] += 20_000
    assert windows["second"][0]["timestamp"] == START + 20_000
    store = stored(tmp_path, r=json.dumps({"session_id": "s", "data": {"snapshotsByWindowId": windows}}))
    found = recordings.of_session(store, "s")
    assert [one.starts_ms for one in found] == [0, 20_000]
    for moment, starts in ((0, 0), (9_999, 0), (21_000, 20_000), (13_000, 20_000), (99_000, 20_000)):
        assert recordings.at(found, moment).starts_ms == starts
    store.close()


def test_a_session_that_was_never_recorded(tmp_path):
    store = stored(tmp_path, r=as_json(purchase()))
    assert recordings.of_session(store, "") == ()
    store.close()
