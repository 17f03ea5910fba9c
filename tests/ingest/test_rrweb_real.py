"""rrweb's own recordings, read from $SESSIONSCOPE_REAL_DATA and never copied here. Figures were counted by hand."""

import json
import os
import zlib
from pathlib import Path

import pytest

from analytics import ingest, registry
from analytics.errors import UnreadableSource
from analytics.scope import Scope
from tests.ingest.conftest import asked

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def folder() -> Path:
    place = Path(os.environ.get("SESSIONSCOPE_REAL_DATA", ""), "rrweb")
    if not os.environ.get("SESSIONSCOPE_REAL_DATA") or not place.is_dir():
        pytest.skip("SESSIONSCOPE_REAL_DATA names no folder with one named rrweb")
    return place


@pytest.fixture
def demo(store, folder):
    (report,) = ingest.load(store, [folder / "player_demo_recording.json"]).imports
    assert report.rows_read == report.events_added + report.not_events == 272 - 18 + 87  # 18 batches of 87 places
    return store


def test_the_players_demo(demo):
    counts = dict(asked(demo, "SELECT name, count(*) FROM events GROUP BY name"))
    assert counts == {"page_view": 1, "click": 3, "scroll": 12, "focus": 2, "move": 87, "page_leave": 1}
    [(session, length, packed)] = asked(
        demo, "SELECT session_id, epoch_ms(last) - epoch_ms(first), packed FROM recordings"
    )
    assert (session, length) == ("8dda0c07-b950-47ec-a5ea-3d25746042bf", 81_080)
    events = json.loads(zlib.decompress(packed))
    assert len(events) == 272
    assert asked(demo, "SELECT duration_ms FROM sessions") == [(81_080,)]
    clicks = asked(
        demo,
        "SELECT epoch_ms(time) - 1544756766750, element_tag, text, x, y FROM events WHERE name = 'click' ORDER BY time",
    )
    assert clicks == [
        (1_725, "pre", "render() {", 757, 268),
        (46_924, "pre", "}", 387, 463),
        (70_966, "a", "ReactHooks.js", 105, 23),
    ]


def answer(store, name, **params):
    module = registry.analysis(name)
    return module.run(store, registry.params(module, json.dumps(params)), Scope())


def test_its_clicks_are_on_the_heatmap_and_in_the_timeline(demo):
    seen = answer(demo, "timeline", session_id="8dda0c07-b950-47ec-a5ea-3d25746042bf")
    assert [event.event for event in seen.events].count("click") == 3
    assert [event.event for event in seen.events].count("scroll") == 12
    clicked = answer(demo, "heatmap", page="/e/react")
    assert sum(cell.events for cell in clicked.cells) == 3
    moved = answer(demo, "heatmap", page="/e/react", kind="move")
    assert sum(cell.events for cell in moved.cells) == 87


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("document-replacement", {"page_view": 1, "page_leave": 1}),
        ("iframe", {"page_view": 1, "page_leave": 1}),
        ("input", {"page_view": 1, "change": 2, "page_leave": 1}),
        ("rrvideo_example", {"page_view": 1, "change": 1}),
        ("scroll", {"page_view": 1, "scroll": 2, "page_leave": 1}),
        ("selection", {"page_view": 1, "page_leave": 1}),
        ("shadow-dom", {"page_view": 1, "page_leave": 1}),
    ],
)
def test_each_other_recording(store, folder, name, names):
    ingest.load(store, [folder / f"{name}.json"])
    assert dict(asked(store, "SELECT name, count(*) FROM events GROUP BY name")) == names
    assert asked(store, "SELECT count(*) FROM recordings") == [(1,)]


@pytest.mark.parametrize("name", ["hover", "video-playback"])
def test_times_that_are_none_are_refused_in_a_sentence(store, folder, name):
    """Made by hand for rrweb's own tests, with times of 0 and of 1900000001 ms, which is January 1970."""
    with pytest.raises(UnreadableSource, match="time"):
        ingest.load(store, [folder / f"{name}.json"])
