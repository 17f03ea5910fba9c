"""One small story per product, with exact numbers: what becomes of its rows, and that nothing of them is lost."""

import csv
import datetime as dt
import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics import ingest
from analytics.errors import UnreadableSource

COLUMNS = "name, CAST(time AS VARCHAR), page, session_id, element, text, viewport_width"


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def table(*rows: dict[str, Any]) -> str:
    """CSV, objects as JSON text."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {key: json.dumps(value) if isinstance(value, (dict, list)) else value for key, value in row.items()}
        )
    return out.getvalue()


def parquet(path, *rows: dict[str, Any]) -> bytes:
    """Parquet, objects as JSON text and `timestamp` as a time."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    columns = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if name == "timestamp":
            columns[name] = pa.array([dt.datetime.fromisoformat(value) for value in values], pa.timestamp("us", "UTC"))
        else:
            columns[name] = [json.dumps(v) if isinstance(v, (dict, list)) else v for v in values]
    pq.write_table(pa.table(columns), path)
    return path.read_bytes()


def format_of(store) -> tuple[Any, ...]:
    with store.reading_cursor() as cursor:
        return cursor.execute(
            "SELECT format, rows_read, rejected, not_events FROM imports ORDER BY import_id DESC"
        ).fetchone()


# ------------------------------------------------------------------------------------------------------ PostHog

CHAIN = (
    'button.btn.btn-primary:attr__data-note="a;b:c=\\"q\\" "attr__id="buy"attr_id="buy"nth-child="2"text="Buy; \\"now\\"";'
    'div:nth-child="1"text="outer"'
)
POSTHOG = [
    {
        "uuid": "0190aaaa-0000-7000-8000-000000000001",
        "event": "$pageview",
        "distinct_id": "d1",
        "person_id": "p1",
        "properties": {
            "$session_id": "s1",
            "$device_id": "dev",
            "$is_identified": False,
            "$current_url": "https://shop.example/a?x=1",
            "$viewport_width": 1200,
            "$referrer": "$direct",
            "plan": "pro",
            "deep": {"k": [1, None]},
        },
        "person_properties": {"plan": "pro"},
        "elements_chain": "",
        "timestamp": "2024-03-01T10:00:00+00:00",
    },
    {
        "uuid": "0190aaaa-0000-7000-8000-000000000002",
        "event": "$autocapture",
        "distinct_id": "ann",
        "person_id": "p1",
        "properties": {"$session_id": "s1", "$device_id": "dev", "$is_identified": True, "$event_type": "click"},
        "person_properties": {},
        "elements_chain": CHAIN,
        "timestamp": "2024-03-01T10:00:05.123456+00:00",
    },
]
POSTHOG_READ = [
    ("page_view", "2024-03-01 10:00:00", "/a", "s1", None, None, 1200),
    ("click", "2024-03-01 10:00:05.123456", None, "s1", "button#buy", 'Buy; "now"', None),
]


@pytest.mark.parametrize("container", ["lines", "array", "csv", "parquet"])
def test_posthog_in_all_its_clothes(events, store, tmp_path, container):
    content = {
        "lines": lambda: lines(*POSTHOG),
        "array": lambda: json.dumps(POSTHOG),
        "csv": lambda: table(*POSTHOG),
        "parquet": lambda: parquet(tmp_path / "made", *POSTHOG),
    }[container]()
    assert events(content, COLUMNS, name="a") == POSTHOG_READ
    assert format_of(store) == ("posthog", 2, 0, 0)
    with store.reading_cursor() as cursor:
        (first, second) = cursor.execute("SELECT properties FROM events ORDER BY line").fetchall()
        assert cursor.execute("SELECT id, kind FROM users").fetchall() == [("ann", "user")]
    told = json.loads(first[0])
    assert told["plan"] == "pro" and told["deep"] == {"k": [1, None]} and told["event"] == "$pageview"
    assert json.loads(second[0])["elements_chain"] == CHAIN
    assert "$current_url" not in told and "$session_id" not in told


def test_posthog_from_the_sql_editor(events, store):
    rows = [
        {
            "event": "$pageview",
            "timestamp": "2024-08-17 05:19:58.284000+02:00",
            "distinct_id": "d1",
            "$session_id": "s9",
            "properties": {"$pathname": "/b", "$os": "Linux"},
        }
    ]
    assert events(table(*rows), COLUMNS + ", os") == [
        ("page_view", "2024-08-17 03:19:58.284", "/b", "s9", None, None, None, "Linux")
    ]
    assert format_of(store)[0] == "posthog"


def test_posthog_heatmaps_are_pixels_again(events, store):
    row = {
        "session_id": "s1",
        "team_id": 1,
        "distinct_id": "d1",
        "x": 10,
        "y": 20,
        "scale_factor": 16,
        "viewport_width": 75,
        "viewport_height": 50,
        "pointer_target_fixed": 1,
        "current_url": "https://shop.example/a",
        "timestamp": "2024-03-01 10:00:00",
        "type": "click",
    }
    content = lines(row, row | {"type": "mousemove", "pointer_target_fixed": False}, row | {"type": "scrolldepth"})
    assert events(content, "name, page, x, y, fixed, viewport_width", timezone="Europe/Berlin") == [
        ("click", "/a", 160, 320, True, 1200),
        ("move", "/a", 160, 320, False, 1200),
    ]
    assert format_of(store) == ("posthog-heatmaps", 3, 0, 1)


@pytest.mark.parametrize(
    ("chain", "read"),
    [
        ("", (None, None)),
        ('a.x:href="/p?a;b"text="t"', ("a.x", "t")),
        ('a:attr__data-attr="go"nth-child="1"', ('a[data-attr="go"]', None)),
        ('a:attr__title=":text=\\"no\\""text="yes"', ("a", "yes")),
        ('span:nth-child="1";a:text="parent"', ("span", None)),
        ('a:text="a"text="twice"', ("a", None)),
        ('a:text="never closed', ("a", None)),
    ],
)
def test_an_elements_chain_is_read_with_its_quotes(events, chain, read):
    assert events(lines(POSTHOG[1] | {"elements_chain": chain}), "element, text", name="a") == [read]


# ----------------------------------------------------------------------------------------------- what all have in common


def test_bad_rows_of_a_product(events, store):
    good = json.dumps(POSTHOG[0])
    content = "\n".join(
        [
            good,
            good[:40],
            json.dumps(POSTHOG[1] | {"timestamp": "soon"}),
            json.dumps(POSTHOG[1] | {"event": None}),
            json.dumps(POSTHOG[1] | {"properties": "no object"}),
            good,
        ]
    )
    read = events(content, "name, properties", name="a")
    assert [name for name, _ in read] == ["page_view", "click"]
    assert json.loads(read[1][1])["properties"] == "no object"
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT rows_read, duplicates FROM imports").fetchone() == (6, 1)
        assert cursor.execute("SELECT line, reason FROM rejects ORDER BY line").fetchall() == [
            (2, "not a JSON object"),
            (3, "unreadable timestamp"),
            (4, "no event name"),
        ]


def test_what_the_person_says_wins_over_the_declaration(events):
    options = {"mapping": {"page": "properties.plan", "release": "properties.deep"}, "renames": {"page_view": "seen"}}
    assert events(lines(POSTHOG[0]), "name, page, release", name="a", **options) == [("seen", "pro", '{"k":[1,null]}')]


def test_a_product_is_read_as_a_bare_table_on_demand(events, store):
    assert events(lines(POSTHOG[0]), "name", name="a", format="jsonl") == [("$pageview",)]
    assert format_of(store)[0] == "jsonl"


def test_the_preview_says_what_is_read_from_where(file):
    shown = ingest.preview(file("a", lines(*POSTHOG)))
    assert shown.format == "posthog" and not shown.missing
    assert shown.found["timestamp"] == "timestamp"
    assert shown.found["viewport_width"] == "properties.$viewport_width"
    assert "country" not in shown.found
    assert [row["event"] for row in shown.rows] == ["page_view", "click"]


@pytest.mark.parametrize(
    ("content", "product"),
    [
        ("date,visitors,pageviews,visits\n2024-01-01,3,5,4\n2024-01-02,3,5,4\n", "Plausible"),
        ("name,visitors,pageviews,bounce_rate\n/a,3,5,4\n/b,3,5,4\n", "Plausible"),
        ('[{"metricName":"Traffic","information":[{"totalSessionCount":"9"}]}]', "Microsoft Clarity"),
        ('{"zip":"UEsDBBQAAAAIAA=="}', "Umami"),
        ("# Account: Shop\n# Start date: 20240101\nPage,Views,Active users\n/a,1,1\n", "Google Analytics"),
        ("Event name,Event count,Total users\npage_view,10,4\nscroll,3,2\n", "Google Analytics"),
    ],
)
def test_sums_are_refused(store, file, content, product):
    with pytest.raises(UnreadableSource, match=f"holds sums of {product}, and events cannot be made from sums"):
        ingest.load(store, [file("a", content)])
