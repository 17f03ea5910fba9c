"""Other products' exports, read from $SESSIONSCOPE_REAL_DATA and never copied here. Figures were counted by hand."""

import csv
import gzip
import json
import os
import re
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


NO_EVENTS = {
    "README.md": "a list of the files",
    "msnbc990928.seq.gz": "sequences without times: test_readers_real makes a table of them",
    "rrweb/hover.json": "times of 0",
    "rrweb/video-playback.json": "times of January 1970",
    "snowplow/snowplow_unified_session_context.csv.gz": "contexts, to be joined to events",
    "snowplow/snowplow_unified_sessions_expected.csv.gz": "sessions",
    "snowplow/snowplow_unified_users_expected.csv.gz": "people",
    "snowplow/snowplow_unified_views_expected.csv.gz": "views",
}
DECISIONS = {
    "captcha_mouse_human_vs_bot.csv.gz": {},
    "diginetica_sample_item_views.csv.gz": {
        "mapping": {"timestamp": "eventdate+timeframe:ms", "page": "item_id"},
        "constants": {"event": "page_view"},
    },
    "matomo/test_ImportLogs__Live.getLastVisitsDetails_range.xml.gz": {"constants": {"timestamp": "2010-01-03"}},
    "matomo/test_ManyVisitorsOneWebsiteTest__Live.getLastVisitsDetails_month.xml.gz": {
        "constants": {"timestamp": "2010-01-03"}
    },
}
"""What a person has to say of a file before it can be read."""

EMPTY_ROWS = {"snowplow/snowplow_unified_web_vital_events.csv.gz": 1}


def test_every_file_that_holds_events_is_read(store, folder):
    """With the figures of the tests by file beside this one; none is left out here, and none gets lost."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and "cases" not in path.parts)
    names = [path.relative_to(folder).as_posix() for path in files]
    assert set(NO_EVENTS) | set(DECISIONS) <= set(names)
    for name, path in zip(names, files, strict=True):
        if name in NO_EVENTS:
            continue
        (one,) = ingest.load(store, [path], ingest.Options(**DECISIONS.get(name, {}), source=name)).imports
        assert one.rows_read == one.events_added + one.duplicates + one.rejected + one.not_events
        assert one.rejected == EMPTY_ROWS.get(name, 0) and one.events_added + one.not_events > 0, name


@pytest.mark.parametrize("name", [name for name in NO_EVENTS if not name.startswith("snowplow/")])
def test_what_holds_no_events_gets_a_sentence(store, folder, name):
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


LISTED = re.compile(r"`((?:phs|rts|ddb_sessionize|mt|sp|hl)_[\w-]+)`")
SESSIONS = """
SELECT CAST(start AS VARCHAR), CAST(start + to_milliseconds(duration_ms) AS VARCHAR), events, page_views,
  epoch(date_trunc('second', start + to_milliseconds(duration_ms))) - epoch(date_trunc('second', start))
FROM sessions
"""
OTHER_VIEWS = ("sp_05_bca0fa0e-853", "sp_07_c6cb06d3-601")


def listed(title: str) -> set[str]:
    """The cases under a heading of the list."""
    text = (Path(__file__).parents[2] / "docs" / "session-cases.md").read_text(encoding="utf-8")
    return set(LISTED.findall(text.split(f"## {title}")[1].split("\n## ")[0]))


def test_the_list_of_session_cases_is_whole(folder):
    names = (
        "posthog_sessions",
        "retentioneering_sessions",
        "matomo_visits",
        "snowplow_unified_sessions",
        "highlight_active_time",
    )
    known = {case["id"] for name in names for case in cases(folder, name)}
    same, other = listed("The same figures"), listed("Another definition")
    assert same | other == known
    assert same & other == set(OTHER_VIEWS)


def loaded(store, file, case):
    rows = [
        {
            "timestamp": event["ts"], "event": {"screen_view": "page_view"}.get(event["event"], event["event"]),
            "user_id": event["user"], "session_id": event.get("session"), "event_id": event["props"].get("event_id"),
        }
        for event in case["events"]
    ]  # fmt: skip
    path = file(f"{case['id']}.json", json.dumps(rows))
    ingest.load(store, [path], ingest.Options(session_timeout_s=case["params"].get("timeout_s")))


@pytest.mark.parametrize("name", sorted(name for name in listed("The same figures") if name.startswith("sp_")))
def test_snowplows_sessions(store, folder, file, name):
    case = next(case for case in cases(folder, "snowplow_unified_sessions") if case["id"] == name)
    loaded(store, file, case)
    ((start, end, events, views, seconds),) = asked(store, SESSIONS)
    expected = case["expected"]
    assert [start, end] == [
        expected[at].replace("T", " ").removesuffix("Z").removesuffix(".000") for at in ("start", "end")
    ]
    assert (events, seconds) == (expected["total_events"], expected["absolute_time_s"])
    assert (views == expected["views"]) is (name not in OTHER_VIEWS)


@pytest.mark.parametrize("name", sorted(name for name in listed("The same figures") if name.startswith("hl_")))
def test_highlights_sessions(store, folder, file, name):
    case = next(case for case in cases(folder, "highlight_active_time") if case["id"] == name)
    loaded(store, file, case)
    ((duration, active),) = asked(store, "SELECT duration_ms / 1000, active_ms / 1000 FROM sessions")
    assert case["expected"] in ({"active_s": active}, {"length_s": duration})


def test_a_pause_of_exactly_half_an_hour_stays(store, folder, file):
    case = next(
        case for case in cases(folder, "retentioneering_sessions") if case["id"] == "rts_timeout_30m_exact_gap_stays"
    )
    loaded(store, file, case)
    numbers = """
    SELECT id, list(number ORDER BY line) FROM (
      SELECT e.line, e.user_key, dense_rank() OVER (PARTITION BY e.user_key ORDER BY s.start) AS number
      FROM events AS e JOIN sessions AS s USING (session_key))
    JOIN identities ON identity_key = user_key GROUP BY id
    """
    assert dict(asked(store, numbers)) == case["expected"]["per_user"]
