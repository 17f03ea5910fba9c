"""Logs and exports of real products, read from $SESSIONSCOPE_REAL_DATA and never copied here."""

import csv
import gzip
import os
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import duckdb
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
    ("name", "format", "figures"),
    [
        ("weblogs/common.log", "access-log", (1, 0, 0, 0, 1)),  # a redirect, as the three after it
        ("weblogs/common_complete.log", "access-log", (1, 0, 0, 0, 1)),
        ("weblogs/common_vhost.log", "access-log", (1, 0, 0, 0, 1)),
        ("weblogs/common_encoding_big5.log", "access-log", (1, 0, 0, 0, 1)),
        ("weblogs/common.log.gz", "access-log", (1, 1, 0, 0, 0)),
        ("weblogs/iis.log", "w3c-log", (5, 1, 0, 0, 4)),  # 4 comments
        ("weblogs/alb.log", "balancer-log", (1, 1, 0, 0, 0)),
        ("weblogs/caddy_json.log", "caddy-log", (3, 1, 0, 0, 2)),  # a style and a script
        ("weblogs/nginx_json.log", "matomo-requests", (2, 2, 0, 0, 0)),
        ("matomo/fake_logs_nginx_json.log", "nginx-log", (2, 2, 0, 0, 0)),
        ("matomo/windows-1252.log", "access-log", (1, 1, 0, 0, 0)),
        ("matomo/fake_logs_visits_in_reverse_chronological_order.log", "access-log", (3, 3, 0, 0, 0)),
        # 5 comments, 2 files, 2 redirects, a HEAD without a name, a line without a request
        ("matomo/fake_logs.log", "access-log", (30, 19, 0, 0, 11)),
        ("matomo/fake_logs_replay.log", "matomo-requests", (31, 24, 0, 0, 7)),  # 5 comments, 2 other requests
    ],
)
def test_small_logs(store, folder, name, format, figures):
    assert counted(store, folder / name) == (format, *figures)


def events(store, columns):
    with store.reading_cursor() as cursor:
        return cursor.execute(f"SELECT {columns} FROM events ORDER BY line").fetchall()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("iis.log", [("page_view", "/foo/bar", "example.com")]),
        ("alb.log", [("page_view", "/path/index.html", "www.example.com")]),
        ("caddy_json.log", [("page_view", "/beta", "example.com")]),
        ("common.log.gz", [("post", "/form", None)]),
        (
            "nginx_json.log",
            [
                ("page_view", "/", "clearcode.cc"),
                (
                    "page_view",
                    "/case/adviserbrief-track-your-investments-and-plan-financial-future",
                    "clearcode.cc",
                ),
            ],
        ),
    ],
)
def test_what_small_logs_say(store, folder, name, expected):
    counted(store, folder / "weblogs" / name)
    assert events(store, "name, page, json_extract_string(properties, '$.host')") == expected


def test_calls_of_a_tracker_in_a_log(store, folder):
    """The words of the calls, cut out of the file by plain Python."""
    path = folder / "matomo" / "fake_logs_replay.log"
    counted(store, path)
    calls = [
        line for line in path.read_text(encoding="utf-8").splitlines() if re.search(r"(piwik|matomo)[.]php[?]", line)
    ]
    assert len(calls) == 24
    assert names(store) == {
        "click": sum(_has("link", call) for call in calls),
        "download": sum(_has("download", call) for call in calls),
        "page_view": sum(not _has("link", call) and not _has("download", call) for call in calls),
    }
    named = [re.search(r"[?&]_id=([0-9a-f]{16})[& ]", call) for call in calls]
    visitors = {
        found[1] if found else (call.split()[0], call.split('"')[5]) for found, call in zip(named, calls, strict=True)
    }
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM users").fetchone()[0] == len(visitors)


def _has(name, call):
    return re.search(f"[?&]{name}=", call) is not None


def test_lines_of_windows_1252(store, folder):
    counted(store, folder / "matomo" / "windows-1252.log")
    assert events(store, "page, json_extract_string(properties, '$.host')") == [
        ("/\u00e4\u00f6\u00fc\u00df\u00a7$%", "matomo.org")
    ]


@pytest.mark.parametrize(
    ("name", "visits"),
    [
        ("test_ManyVisitorsOneWebsiteTest__Live.getLastVisitsDetails_month.xml.gz", 10),
        ("test_ImportLogs__Live.getLastVisitsDetails_range.xml.gz", 56),
    ],
)
def test_matomos_visits_as_xml(store, folder, name, visits):
    """Its times were taken out, so one is set; actions by kind as an XML tree of plain Python has them."""
    path = folder / "matomo" / name
    with gzip.open(path) as file:
        rows = ElementTree.parse(file).getroot().findall("row")
    actions = [action for row in rows for action in row.find("actionDetails").findall("row")]
    assert counted(store, path)[2:] == (0, 0, len(actions), 0)
    options = ingest.Options(constants={"timestamp": "2010-01-03 12:00:00"}, source="again")
    (one,) = ingest.load(store, [path], options).imports
    kinds = Counter(action.findtext("type") for action in actions)
    assert (one.rows_read, one.events_added, one.duplicates, one.sessions) == (len(actions), len(actions), 0, visits)
    found = names(store)
    assert found["page_view"] == kinds["action"] and found.get("click", 0) == kinds["outlink"]
    assert found.get("download", 0) == kinds["download"] and found.get("search", 0) == kinds["search"]
    goals = Counter(action.findtext("goalName") for action in actions if action.findtext("type") == "goal")
    assert {name: found[name] for name in goals} == goals
    with store.reading_cursor() as cursor:
        per_visit = cursor.execute("SELECT events FROM sessions ORDER BY session_id").fetchall()
    assert Counter(per_visit) == Counter((len(row.find("actionDetails").findall("row")),) for row in rows)


def test_snowplows_atomic_events(store, folder):
    path = folder / "snowplow" / "snowplow_unified_events.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = {row["event_id"]: row for row in csv.DictReader(file)}
    assert counted(store, path) == ("snowplow", 284, len(rows), 284 - len(rows), 0, 0)
    given = Counter(row["event_name"] for row in rows.values())
    assert names(store)["page_view"] == given["page_view"] + given["screen_view"]
    assert names(store)["page_ping"] == given["page_ping"]


def test_snowplows_web_vitals(store, folder):
    path = folder / "snowplow" / "snowplow_unified_web_vital_events.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = {row["event_id"]: row for row in csv.DictReader(file)}
    assert len(rows) == 1_001 and not rows.pop("")["collector_tstamp"]  # the last line holds a context and nothing else
    assert counted(store, path) == ("snowplow", 1_001, 1_000, 0, 1, 0)
    assert names(store) == {
        {"screen_view": "page_view"}.get(name, name): count
        for name, count in Counter(row["event_name"] for row in rows.values()).items()
    }


def test_three_weeks_of_who_signed_in(store, folder):
    """Against the words that stand in the lines; the list of the data says 717, 226 and 178 of the first three."""
    path = folder / "elastic_auth_suspicious_login.log.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    expected = {
        "login_failed": sum(" Failed " in line for line in lines),
        "login": sum(" Accepted " in line for line in lines),
        "invalid_user": sum(": Invalid user " in line for line in lines),
        "logout": sum("(sshd:session): session closed" in line for line in lines),
        "sudo": sum("COMMAND=" in line for line in lines),
    }
    assert list(expected.values())[:3] == [717, 226, 178]
    found = sum(expected.values())
    assert counted(store, path) == ("auth-log", 7_121, found, 0, 0, 7_121 - found)
    assert names(store) == expected
    addresses = {found[1] for line in lines if (found := re.search(r" (?:Failed|Accepted) .* from (\S+) port", line))}
    addresses |= {found[1] for line in lines if (found := re.search(r": Invalid user .* from (\S+)", line))}
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT count(DISTINCT anonymous_key) FROM events").fetchone() == (len(addresses),)


def test_every_visitor_of_a_day_from_sequences_without_times(store, folder, tmp_path):
    """msnbc.com's visitors of one day as numbers of categories, without times: a second is given to each step."""
    path, made = folder / "msnbc990928.seq.gz", tmp_path / "msnbc.parquet"
    with gzip.open(path, "rt") as file:
        head = [next(file) for _ in range(7)]
    categories = head[2].split()
    assert len(categories) == 17
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as connection:
        connection.execute(
            """
            COPY (
              SELECT make_timestamp(938476800000000 + place * 1000000) AS "timestamp", 'page_view' AS event,
                visitor AS anonymous_id, $categories[CAST(step AS INTEGER)] AS page
              FROM (
                SELECT CAST(row_number() OVER () AS VARCHAR) AS visitor,
                  unnest(steps) AS step, generate_subscripts(steps, 1) AS place
                FROM (SELECT string_split(trim(line), ' ') AS steps
                  FROM read_csv($file, columns = {'line': 'VARCHAR'}, delim = '', header = false, skip = 7,
                    auto_detect = false)
                  WHERE line <> ''))
            ) TO $made (FORMAT parquet)
            """,
            {"file": str(path), "made": str(made), "categories": categories},
        )
    with gzip.open(path, "rt") as file:
        lines = list(file)[7:]
    views, visitors = sum(len(line.split()) for line in lines), sum(bool(line.strip()) for line in lines)
    assert (visitors, views) == (989_818, 4_698_794)
    assert counted(store, made) == ("parquet", views, views, 0, 0, 0)
    with store.reading_cursor() as cursor:
        pages = dict(cursor.execute("SELECT page, count(*) FROM events GROUP BY page").fetchall())
        assert cursor.execute("SELECT count(*) FROM users").fetchone() == (visitors,)
        assert cursor.execute("SELECT max(events) FROM sessions").fetchone()[0] == max(
            len(line.split()) for line in lines
        )
    assert pages == Counter(categories[int(step) - 1] for line in lines for step in line.split())


def test_segments_pages(store, folder):
    assert counted(store, folder / "segment_example_pages.csv") == ("segment-warehouse", 1, 1, 0, 0, 0)
    assert names(store) == {"page_view": 1}
