"""Other products' exports, read from $SESSIONSCOPE_REAL_DATA and never copied here. Figures were counted by hand."""

import csv
import gzip
import json
import os
from collections import Counter
from pathlib import Path

import pytest

from analytics import ingest
from analytics.analyses import heatmap, heatmap_sessions
from analytics.errors import AnalyticsError
from analytics.scope import Scope

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def folder() -> Path:
    place = os.environ.get("SESSIONSCOPE_REAL_DATA")
    if not place or not Path(place).is_dir():
        pytest.skip("SESSIONSCOPE_REAL_DATA names no folder")
    return Path(place)


def asked(store, statement, **values):
    with store.reading_cursor() as cursor:
        return cursor.execute(statement, values).fetchall()


def counted(store, path, **options):
    (figures,) = ingest.load(store, [path], ingest.Options(**options)).imports
    assert figures.rows_read == figures.events_added + figures.duplicates + figures.rejected + figures.not_events
    return figures.rows_read, figures.events_added, figures.rejected, figures.sessions, figures.users


def test_a_shop_without_session_ids(store, folder):
    path = folder / "retentioneering_simple_onlineshop.csv.gz"
    assert counted(store, path) == (32_283, 32_283, 0, 6_454, 3_751)
    assert asked(store, "SELECT count(*) FROM events WHERE name = 'payment_done'") == [(706,)]
    first, last = asked(store, "SELECT CAST(min(time) AS VARCHAR), CAST(max(time) AS VARCHAR) FROM events")[0]
    assert (first, last) == ("2019-11-01 17:59:13.273932", "2020-04-29 12:48:06.59539")


def test_a_shop_with_session_ids(store, folder):
    assert counted(store, folder / "retentioneering_ecom.csv.gz") == (31_106, 31_106, 0, 3_605, 600)


def test_item_views_of_days_and_milliseconds(store, folder):
    path = folder / "diginetica_sample_item_views.csv.gz"
    options = {
        "mapping": {"timestamp": "eventdate+timeframe:ms", "page": "item_id"},
        "constants": {"event": "page_view"},
    }
    rows, added, rejected, sessions, _ = counted(store, path, **options)
    assert (rows, added, rejected, sessions) == (12_391, 12_391, 0, 2_986)
    assert asked(store, "SELECT count(*) FROM events WHERE user_id_key IS NULL") == [(7_681,)]
    assert asked(store, "SELECT count(*) FROM users WHERE kind = 'user'") == [(1_270,)]
    assert asked(store, "SELECT count(DISTINCT page) FROM events") == [(7_139,)]


def test_mouse_events_give_maps_of_clicks_and_moves(store, folder):
    """Every square and every region of both maps against the file itself."""
    path = folder / "captcha_mouse_human_vs_bot.csv.gz"
    options = ingest.Options(
        mapping={"x": "page_x", "y": "page_y", "event": "event_type"},
        constants={"page": "/captcha"},
        renames={"mousemove": "move"},
    )
    ingest.load(store, [path], options)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["page_x"] and row["page_y"]]
    for kind, name in (("click", "click"), ("move", "mousemove")):
        points = [
            (float(row["page_x"]), float(row["page_y"]), row["session_id"]) for row in rows if row["event_type"] == name
        ]
        assert len(points) > 50
        found = heatmap.run(store, heatmap.Heatmap("/captcha", kind, cell=20), Scope())
        squares = Counter((int(x // 20), int(y // 20)) for x, y, _ in points)
        assert {(one.column_no, one.row_no): one.events for one in found.cells} == squares
        assert found.totals.sessions == len({session for *_, session in points})
        for box in ((0, 200, 0, 300), (150, 160, 270, 290), (300, 900, 0, 900)):
            left, right, top, bottom = box
            inside = [session for x, y, session in points if left <= x < right and top <= y < bottom]
            asked_for = heatmap_sessions.HeatmapSessions("/captcha", kind, region=box)
            listed = heatmap_sessions.run(store, asked_for, Scope())
            assert (listed.events, listed.total) == (len(inside), len(set(inside)))


def test_mouse_events_with_times_in_milliseconds(store, folder):
    path = folder / "captcha_mouse_human_vs_bot.csv.gz"
    rows, added, rejected, sessions, _ = counted(store, path, mapping={"text": ""})
    assert (rows, added, rejected, sessions) == (6_121, 6_121, 0, 21)
    assert asked(store, "SELECT count(*) FROM events WHERE properties ->> '/label' = 'bot'") == [(476,)]


def test_a_warehouse_table_of_pages(store, folder):
    assert counted(store, folder / "segment_example_pages.csv", constants={"event": "page_view"})[:3] == (1, 1, 0)


def test_atomic_events_with_columns_of_ones_own_choice(store, folder):
    path = folder / "snowplow" / "snowplow_unified_events.csv.gz"
    (figures,) = ingest.load(
        store, [path], ingest.Options(mapping={"timestamp": "derived_tstamp", "page": "page_url"})
    ).imports
    assert figures.rows_read == 284
    assert figures.events_added + figures.duplicates + figures.rejected == 284


@pytest.mark.parametrize("name", ["msnbc990928.seq.gz", "rrweb"])
def test_what_has_no_reader_yet_gets_a_sentence(store, folder, name):
    with pytest.raises(AnalyticsError) as raised:
        ingest.load(store, [folder / name])
    assert str(raised.value).endswith(".")
    assert asked(store, "SELECT count(*) FROM imports") == [(0,)]


def cases(folder: Path, name: str):
    for place in (folder / "cases", folder.parent / "cases"):
        if (place / f"{name}.json").exists():
            return json.loads((place / f"{name}.json").read_text())["cases"]
    pytest.skip(f"there is no {name}.json")


def test_matomos_visits(store, folder, file):
    """Matomo adds a second to a visit of several actions; the time on a page is ours."""
    for case in cases(folder, "matomo_visits"):
        rows = [
            {"timestamp": e["ts"], "event": "page_view", "user_id": e["user"], "page": e["props"]["url"]}
            for e in case["events"]
        ]
        ingest.load(store, [file(f"{case['id']}.json", json.dumps(rows))])
        person = case["events"][0]["user"]
        of = "JOIN identities ON identity_key = user_key WHERE id = $person"
        visits = asked(store, f"SELECT events, duration_ms // 1000 FROM sessions {of} ORDER BY start", person=person)
        expected = [(v["actions"], v["visit_duration_s"] - (v["actions"] > 1)) for v in case["expected"]["visits"]]
        assert visits == expected, case["id"]
