"""Logs and exports of real products, read from $SESSIONSCOPE_REAL_DATA and never copied here."""

import csv
import gzip
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from analytics import ingest

pytestmark = pytest.mark.real_data
FILES = tuple(
    f".{end}" for end in "png jpg jpeg gif css js ico pdf gz zip txt xml svg rss mp3 json tgz xz rpm deb jar".split()
)


@pytest.fixture(scope="module")
def folder() -> Path:
    place = os.environ.get("SESSIONSCOPE_REAL_DATA")
    if not place or not Path(place).is_dir():
        pytest.skip("SESSIONSCOPE_REAL_DATA names no folder")
    return Path(place)


def counted(store, path):
    (one,) = ingest.load(store, [path]).imports
    assert one.rows_read == one.events_added + one.duplicates + one.rejected + one.not_events
    return one.format, one.rows_read, one.events_added, one.duplicates, one.rejected, one.not_events


def names(store):
    with store.reading_cursor() as cursor:
        return dict(cursor.execute("SELECT name, count(*) FROM events GROUP BY name").fetchall())


def test_four_days_of_a_server(store, folder):
    path = folder / "elastic_apache_access_2015.log.gz"
    assert counted(store, path) == ("access-log", 10_000, 1_859, 0, 0, 8_141)
    assert names(store) == {"page_view": 1_824, "error": 34, "post": 1}
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
        lines = [re.split(r'"', line) for line in file]
    paths = [(parts[1].split(" ")[1].split("?")[0], int(parts[2].split()[0])) for parts in lines if " " in parts[1]]
    with store.reading_cursor() as cursor:
        kept = cursor.execute("SELECT page, json_extract(properties, '$.status') FROM events").fetchall()
    there = Counter((path.rstrip("/") or "/", status) for path, status in paths)
    assert not Counter((page, int(status)) for page, status in kept) - there
    assert not [page for page, _ in kept if page.lower().endswith(FILES)]


def test_a_scanner_with_every_line_in_quotes(store, folder):
    assert counted(store, folder / "weblog_attack_acunetix.log.gz") == ("access-log", 6_539, 6_418, 0, 0, 121)
    assert names(store) == {"post": 4_889, "error": 966, "page_view": 563}


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("weblogs/common.log", (1, 0, 0, 0, 1)),
        ("weblogs/common_complete.log", (1, 0, 0, 0, 1)),
        ("weblogs/common_vhost.log", (1, 0, 0, 0, 1)),
        ("weblogs/common_encoding_big5.log", (1, 0, 0, 0, 1)),
        ("matomo/windows-1252.log", (1, 1, 0, 0, 0)),
        ("matomo/fake_logs_visits_in_reverse_chronological_order.log", (3, 3, 0, 0, 0)),
    ],
)
def test_small_logs(store, folder, name, figures):
    assert counted(store, folder / name) == ("access-log", *figures)


def test_snowplows_atomic_events(store, folder):
    path = folder / "snowplow" / "snowplow_unified_events.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = {row["event_id"]: row for row in csv.DictReader(file)}
    assert counted(store, path) == ("snowplow", 284, len(rows), 284 - len(rows), 0, 0)
    given = Counter(row["event_name"] for row in rows.values())
    assert names(store)["page_view"] == given["page_view"] + given["screen_view"]
    assert names(store)["page_ping"] == given["page_ping"]


def test_segments_pages(store, folder):
    assert counted(store, folder / "segment_example_pages.csv") == ("segment-warehouse", 1, 1, 0, 0, 0)
    assert names(store) == {"page_view": 1}
