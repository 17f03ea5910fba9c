"""One small story per product, with exact numbers: what becomes of its rows, and that nothing of them is lost."""

import csv
import datetime as dt
import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import ingest
from analytics.errors import UnreadableSource
from analytics.ingest.fields import BY_NAME, SOMEBODY
from analytics.ingest.readers import PRODUCTS, READERS, said
from analytics.ingest.readers.declared import paths_of
from analytics.store import DuckStore

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


def test_a_mix_of_two_products_is_read_as_the_one_that_is_named(store, file):
    path = file("a", lines(*POSTHOG, *SEGMENT[:2]))
    with pytest.raises(UnreadableSource, match="may come from PostHog or Segment"):
        ingest.load(store, [path])
    (one,) = ingest.load(store, [path], ingest.Options(format="posthog")).imports
    assert (one.rows_read, one.events_added, one.rejected) == (4, 2, 2)


def test_a_file_that_breaks_off_is_refused_whole(store, file):
    packed = gzip.compress(lines(*POSTHOG * 200).encode())
    with pytest.raises(UnreadableSource, match="it breaks off in the middle"):
        ingest.load(store, [file("a", packed[:-20])])
    assert format_of(store) is None


def test_one_bad_line_in_many(events, store):
    content = lines(*[POSTHOG[0] | {"uuid": f"u{n}"} for n in range(5_000)]) + "{}}\n" + lines(POSTHOG[1])
    assert len(events(content, name="a")) == 5_001
    assert format_of(store) == ("posthog", 5_002, 1, 0)


def test_absurd_times_are_told(events, store):
    at = ["1969-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "3000-01-01T00:00:00Z", "-5", None]
    rows = [POSTHOG[0] | {"uuid": f"u{n}", "timestamp": time} for n, time in enumerate(at)]
    assert events(lines(POSTHOG[1], *rows), "year(time)", name="a") == [(2024,), (1969,), (2100,)]
    with store.reading_cursor() as cursor:
        reasons = cursor.execute("SELECT reason FROM rejects ORDER BY line").fetchall()
    assert reasons == [("unreadable timestamp",), ("unreadable timestamp",), ("no time",)]


def test_utf_16_and_other_encodings(events):
    row = POSTHOG[0] | {"properties": {"$session_id": "s", "$current_url": "https://shop.example/café", "$os": "Ünix"}}
    for n, encoding in enumerate(("utf-16", "utf-8-sig", "cp1252")):
        content = (
            json.dumps(row | {"uuid": encoding}, ensure_ascii=False).encode(encoding)
            + "\n".encode(encoding)[-2 if n == 0 else -1 :]
        )
        assert events(content, "page, os", name=encoding)[-1] == ("/café", "Ünix")


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


# ----------------------------------------------------------------------------------------------------- Segment

SEGMENT = [
    {
        "messageId": "m1",
        "type": "page",
        "anonymousId": "a1",
        "userId": None,
        "name": "Home",
        "timestamp": "2024-03-01T10:00:00.250Z",
        "properties": {"url": "https://shop.example/home/", "title": "Home"},
        "context": {
            "ip": "203.0.113.7",
            "userAgent": "Firefox",
            "page": {"url": "https://shop.example/home/", "title": "Home"},
            "library": {"name": "analytics.js"},
            "campaign": {"name": "spring"},
        },
    },
    {
        "messageId": "m2",
        "type": "identify",
        "anonymousId": "a1",
        "userId": "ann",
        "timestamp": "2024-03-01T10:00:01Z",
        "traits": {"plan": "pro"},
        "context": {},
    },
    {
        "messageId": "m3",
        "type": "track",
        "event": "Order Completed",
        "anonymousId": "a1",
        "userId": "ann",
        "timestamp": "2024-03-01T10:00:02Z",
        "properties": {"revenue": 12.5, "items": [1, 2]},
        "context": {"app": {"version": "2.1"}},
    },
    {
        "messageId": "m4",
        "type": "screen",
        "name": "Cart",
        "userId": "ann",
        "timestamp": "2024-03-01T10:00:03Z",
        "context": {},
    },
]


@pytest.mark.parametrize(
    "make",
    [lines, table, json.dumps, lambda *rows: json.dumps({"batch": rows})],
    ids=["lines", "csv", "array", "batch"],
)
def test_segment(events, store, make):
    content = make(SEGMENT) if make is json.dumps else make(*SEGMENT)
    assert events(content, "name, page, e.value, release, campaign", name="a") == [
        ("page_view", "/home", None, "2.1", "spring"),
        ("identify", None, None, "2.1", "spring"),
        ("Order Completed", None, 12.5, "2.1", "spring"),
        ("page_view", "Cart", None, "2.1", "spring"),
    ]
    assert format_of(store) == ("segment", 4, 0, 0)
    with store.reading_cursor() as cursor:
        ((person, said),) = cursor.execute("SELECT id, properties FROM users").fetchall()
        assert (person, json.loads(said)) == ("ann", {"plan": "pro"})
        told = [json.loads(row[0]) for row in cursor.execute("SELECT properties FROM events ORDER BY line").fetchall()]
    assert told[0]["context"]["library"] == {"name": "analytics.js"} and told[0]["title"] == "Home"
    assert "203.0.113" not in json.dumps(told) and told[2]["items"] == [1, 2]


def test_segments_table_of_pages(events, store):
    content = (
        "id,anonymous_id,user_id,received_at,sent_at,timestamp,url,path,title\n"
        "ajs-1,a1,,2024-03-01 10:00:01,2024-03-01 10:00:00,2024-03-01 10:00:00,https://shop.example/p?x=1,/p,P\n"
    )
    assert events(content, "name, page, CAST(time AS VARCHAR)", timezone="Asia/Tokyo") == [
        ("page_view", "/p", "2024-03-01 10:00:00")
    ]
    assert format_of(store)[0] == "segment-warehouse"


# ------------------------------------------------------------------------------------------- Mixpanel, Amplitude


@pytest.mark.parametrize(
    ("time", "read"), [(1709287200, "2024-03-01 10:00:00"), (1709287200250, "2024-03-01 10:00:00.25")]
)
def test_mixpanel(events, store, time, read):
    page = {
        "event": "$mp_web_page_view",
        "properties": {
            "time": time,
            "distinct_id": "d",
            "$insert_id": "i1",
            "$device_id": "dev",
            "current_url_path": "/a",
        },
    }
    click = {
        "event": "$mp_click",
        "properties": {"time": time, "distinct_id": "ann", "$user_id": "ann", "$device_id": "dev", "$insert_id": "i2"}
        | {"$pageX": 10.7, "$pageY": 20, "$viewportWidth": 800, "$el_tag_name": "BUTTON", "mp_country_code": "DE"},
    }
    assert events(
        lines(page, click, page), "name, page, x, y, element_tag, viewport_width, CAST(time AS VARCHAR)", name="a"
    ) == [
        ("page_view", "/a", None, None, None, None, read),
        ("click", None, 10, 20, "button", 800, read),
    ]
    assert format_of(store) == ("mixpanel", 3, 0, 0)
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT count(*), count(DISTINCT user_key) FROM sessions").fetchone() == (1, 1)


def test_amplitude(events, store):
    click = {
        "uuid": "u1",
        "event_type": "[Amplitude] Element Clicked",
        "event_time": "2024-03-01 10:00:00.123456",
        "amplitude_id": 99,
        "device_id": "dev",
        "user_id": None,
        "session_id": 1709287200000,
        "platform": "Web",
        "os_name": "Chrome",
        "event_properties": {
            "[Amplitude] Page Location": "https://shop.example/a",
            "[Amplitude] Element Tag": "button",
            "[Amplitude] Element ID": "buy",
            "[Amplitude] Element Text": "Buy",
            "[Amplitude] Viewport Width": 900,
            "colour": "red",
        },
        "user_properties": {"utm_campaign": "spring", "plan": "pro"},
        "ip_address": "203.0.113.7",
    }
    outside = click | {"uuid": "u2", "event_type": "Push", "session_id": -1, "event_time": "2024-03-01T12:00:00Z"}
    columns = COLUMNS + ", browser, campaign, user_properties"
    assert events(lines(click, outside), columns, name="a", timezone="Asia/Tokyo") == [
        (
            *(
                "click",
                "2024-03-01 10:00:00.123456",
                "/a",
                "dev 1709287200000",
                "button#buy",
                "Buy",
                900,
                "Chrome",
                "spring",
            ),
            '{"utm_campaign":"spring","plan":"pro"}',
        ),
        (
            *(
                "Push",
                "2024-03-01 12:00:00",
                "/a",
                "dev 2024-03-01T12:00:00.000000",
                "button#buy",
                "Buy",
                900,
                "Chrome",
            ),
            *("spring", '{"utm_campaign":"spring","plan":"pro"}'),
        ),
    ]
    assert format_of(store) == ("amplitude", 2, 0, 0)
    with store.reading_cursor() as cursor:
        told = json.loads(cursor.execute("SELECT properties FROM events ORDER BY line").fetchone()[0])
    assert told["colour"] == "red" and "ip_address" not in told and "user_properties" not in told


# -------------------------------------------------------------------------------------- Umami, Rybbit, Plausible


def test_umami(events, store):
    row = {"website_id": "w", "session_id": "visitor", "visit_id": "v1", "event_id": "e1", "hostname": "shop.example"}
    row |= {"url_path": "/a", "url_query": "utm_campaign=x", "event_type": 1, "event_name": "", "distinct_id": ""}
    row |= {"created_at": "2024-03-01 10:00:00", "browser": "firefox", "referrer_domain": "", "country": "DE"}
    other = row | {"event_id": "e2", "event_type": 2, "event_name": "signup", "distinct_id": "ann"}
    assert events(
        table(row, other), "name, page, session_id, campaign, CAST(time AS VARCHAR)", timezone="Asia/Tokyo"
    ) == [
        ("page_view", "/a", "v1", "x", "2024-03-01 10:00:00"),
        ("signup", "/a", "v1", "x", "2024-03-01 10:00:00"),
    ]
    assert format_of(store) == ("umami", 2, 0, 0)


def test_rybbit(events, store):
    row = {
        "site_id": 1,
        "timestamp": "2024-03-01 10:00:00",
        "session_id": "s",
        "user_id": "u",
        "identified_user_id": "",
    }
    row |= {
        "hostname": "shop.example",
        "pathname": "/a",
        "querystring": "?x=1",
        "type": "pageview",
        "event_name": "",
        "props": {},
    }
    other = row | {
        "type": "custom_event",
        "event_name": "signup",
        "props": {"plan": "pro"},
        "timestamp_ms": "1709287200500",
    }
    assert events(
        lines(row, other), "name, page, CAST(time AS VARCHAR), json_extract_string(properties, '$.plan')", name="a"
    ) == [
        ("page_view", "/a", "2024-03-01 10:00:00", None),
        ("signup", "/a", "2024-03-01 10:00:00.5", "pro"),
    ]
    assert format_of(store) == ("rybbit", 2, 0, 0)


def test_plausible(events, store):
    row = {
        "name": "pageview",
        "site_id": 1,
        "hostname": "shop.example",
        "pathname": "/a",
        "user_id": 17446744073709551615,
    }
    row |= {"session_id": 9446744073709551615, "timestamp": "2024-03-01 10:00:00", "browser": "Firefox"}
    assert events(table(row, row | {"name": "Signup"}), "name, page, session_id, browser") == [
        ("page_view", "/a", "9446744073709551615", "Firefox"),
        ("Signup", "/a", "9446744073709551615", "Firefox"),
    ]
    assert format_of(store) == ("plausible", 2, 0, 0)


# ------------------------------------------------------------------------------------------------- GA4, Snowplow


def ga4(name: str, at: int, **params: Any) -> dict[str, Any]:
    given = [
        {"key": key, "value": {("int_value" if isinstance(v, int) else "string_value"): str(v)}}
        for key, v in params.items()
    ]
    return {
        "event_timestamp": str(at),
        "event_name": name,
        "event_params": given,
        "user_pseudo_id": "c.1",
        "user_id": None,
        "stream_id": "77",
        "user_properties": [{"key": "plan", "value": {"string_value": "pro", "set_timestamp_micros": "1"}}],
        "device": {"category": "mobile", "web_info": {"browser": "Chrome", "hostname": "shop.example"}},
        "geo": {"country": "Germany", "city": "Berlin"},
    }


def test_ga4_from_bigquery(events, store, tmp_path):
    at = 1_709_287_200_123_456
    rows = [
        ga4("page_view", at, ga_session_id=5, page_location="https://shop.example/a?x=1", engaged="1"),
        ga4("scroll", at, ga_session_id=5, page_location="https://shop.example/a", percent_scrolled=90),
        ga4("page_view", at, page_location="https://shop.example/b"),
    ]
    columns = "name, page, session_id, scroll_depth, device, browser, country, CAST(time AS VARCHAR)"
    context = ("mobile", "Chrome", "Germany", "2024-03-01 10:00:00.123456")
    read = [
        ("page_view", "/a", "c.1 77 5", None, *context),
        ("scroll", "/a", "c.1 77 5", 0.9, *context),
        ("page_view", "/b", "c.1 2024-03-01T10:00:00.123456", None, *context),
    ]
    assert events(lines(*rows), columns, name="a") == read
    with store.reading_cursor() as cursor:
        (properties, person) = cursor.execute("SELECT properties, user_properties FROM events ORDER BY line").fetchone()
    assert json.loads(person) == {"plan": "pro"}
    told = json.loads(properties)
    assert (
        told["engaged"] == "1"
        and told["device"] == {"web_info": {"hostname": "shop.example"}}
        and told["geo"] == {"city": "Berlin"}
    )
    typed = pa.table(
        {
            "event_timestamp": pa.array([int(row["event_timestamp"]) for row in rows], pa.int64()),
            "event_params": [
                [{"key": p["key"], "value": {"string_value": p["value"].get("string_value"), "int_value": int(p["value"].get("int_value", 0)) or None}} for p in row["event_params"]]
                for row in rows
            ],
        }
        | {name: [row[name] for row in rows] for name in ("event_name", "user_pseudo_id", "stream_id", "device", "geo")}
    )  # fmt: skip
    pq.write_table(typed, tmp_path / "typed")
    assert events((tmp_path / "typed").read_bytes(), columns, name="b", source="typed")[-3:] == read
    assert format_of(store) == ("ga4", 3, 0, 0)


def snowplow(**given: str) -> str:
    from analytics.ingest.readers.snowplow import COLUMNS as NAMES

    assert len(NAMES) == 131
    return "\t".join(given.get(name, "") for name in NAMES) + "\n"


def test_snowplow_enriched(events, store):
    given = {
        "event_id": "e1",
        "event": "page_view",
        "event_name": "page_view",
        "collector_tstamp": "2024-03-01 10:00:01.5",
    }
    given |= {"derived_tstamp": "2024-03-01 10:00:00.250", "domain_userid": "d", "domain_sessionid": "s"}
    given |= {"page_url": "https://shop.example/a?x=1", "br_viewwidth": "800", "user_ipaddress": "203.0.113.7"}
    told = {
        "schema": "iglu:…/unstruct_event",
        "data": {"schema": "iglu:…/link_click", "data": {"elementId": "buy", "elementContent": 'Buy "it"'}},
    }
    click = given | {
        "event_id": "e2",
        "event": "unstruct",
        "event_name": "link_click",
        "unstruct_event": json.dumps(told),
    }
    struct = given | {
        "event_id": "e3",
        "event": "struct",
        "event_name": "event",
        "se_action": "add",
        "se_value": "2.5",
        "derived_tstamp": "",
    }
    content = snowplow(**given) + snowplow(**click) + "too\tshort\n" + snowplow(**struct) + snowplow(**given)
    assert events(content, COLUMNS + ", e.value", name="a", timezone="Asia/Tokyo") == [
        ("page_view", "2024-03-01 10:00:00.25", "/a", "s", None, None, 800, None),
        ("click", "2024-03-01 10:00:00.25", "/a", "s", "#buy", 'Buy "it"', 800, None),
        ("add", "2024-03-01 10:00:01.5", "/a", "s", None, None, 800, 2.5),
    ]  # fmt: skip
    assert format_of(store) == ("snowplow", 5, 1, 0)
    header = table(*[{**given, "event_vendor": "v"}])
    assert events(header, COLUMNS, name="b", source="atomic")[-1][:4] == (
        "page_view",
        "2024-03-01 10:00:00.25",
        "/a",
        "s",
    )


# -------------------------------------------------------------------------------------------------- what is declared


@pytest.mark.parametrize("reader", PRODUCTS, ids=lambda reader: reader.name)
def test_a_declaration_names_fields_that_there_are(reader):
    assert set(reader.fields) <= set(BY_NAME) - {"properties"}
    assert {"timestamp", "event"} <= set(reader.fields) and set(SOMEBODY) & set(reader.fields)
    read = {path for given in reader.fields.values() for path in paths_of(given)}
    assert set(reader.kept) <= read | {path for sql in reader.made.values() for path in paths_of(sql)}


def test_the_table_of_formats_is_whole():
    text = (Path(__file__).parent.parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `([a-z][a-z0-9-]*)` \|", text, re.MULTILINE)) == sorted(
        reader.name for reader in (*READERS, *PRODUCTS)
    )


LOGS = ("access-log", "w3c-log", "balancer-log", "caddy-log", "nginx-log", "matomo-requests", "auth-log")
WORDS = {"csv": "CSV", "json": "JSON", "jsonl": "JSON lines", "parquet": "Parquet", "rrweb": "rrweb", "xes": "XES"}


def test_the_readmes_table_names_what_is_read():
    """Each format by its product's name, without the kind of its rows; and no product that nothing reads."""
    text = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
    table = text.split("## What goes in")[1].split("\n\n")[1]
    products = {reader.product.split("'s ")[0] for reader in PRODUCTS if reader.name not in (*LOGS, "xes")}
    wanted = {{"Google Analytics 4": "GA4"}.get(product, product) for product in products} | set(WORDS.values())
    assert {name for name in wanted if name not in table} == set()
    (row,) = (line for line in table.splitlines() if line.startswith("| products' exports"))
    named = re.sub(r"\([^)]*\)", "", row.split("|")[2].split(":")[0])
    assert {name.strip() for name in named.replace(" and ", ",").split(",") if name.strip()} <= wanted


@pytest.mark.parametrize("reader", PRODUCTS, ids=lambda reader: reader.name)
def test_the_table_of_formats_says_the_signature(reader):
    """A path that tells a product stands in its row."""
    text = (Path(__file__).parent.parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
    (row,) = (line for line in text.splitlines() if line.startswith(f"| `{reader.name}` |"))
    said = row.split("|")[3 if row.count("|") > 5 else 2]
    parts = {part for paths in reader.signatures for path in paths for part in path.split(".")}
    assert not [part for part in parts if f"`{part}`" not in said]


def test_every_way_of_amplitudes_names_is_its_own(file):
    shown = ingest.preview(file("a", SAMPLES["amplitude"][0] + "\n"))
    assert len({column.name for column in shown.columns}) == len(shown.columns)


# ---------------------------------------------------------------------------------------------------- two at once


def test_a_file_that_fits_two_products_asks(store, file):
    row = SEGMENT[0] | {"uuid": "x", "event": "e", "distinct_id": "d"}
    with pytest.raises(
        UnreadableSource,
        match=r"a may come from PostHog or Segment: say which with --format posthog or --format segment\.",
    ):
        ingest.load(store, [file("a", lines(row))])
    (report,) = ingest.load(store, [file("a", lines(row))], ingest.Options(format="segment")).imports
    assert (report.format, report.events_added) == ("segment", 1)


# ------------------------------------------------------------------------------------------------ anything may come

LOG = '1.2.3.4 - - [12/Mar/2024:10:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "Firefox"'
SAMPLES = {
    "posthog": [json.dumps(row) for row in POSTHOG],
    "segment": [json.dumps(row) for row in SEGMENT],
    "mixpanel": [
        json.dumps({"event": "$mp_click", "properties": {"time": 1709287200, "distinct_id": "d", "$pageX": 1}})
    ],
    "amplitude": [
        json.dumps({"event_type": "a", "event_time": "2024-03-01", "amplitude_id": 1, "event_properties": {"k": 1}})
    ],
    "ga4": [json.dumps(ga4("scroll", 1_709_287_200_123_456, ga_session_id=5, percent_scrolled=90))],
    "snowplow": [
        snowplow(event_id="e", event="struct", collector_tstamp="2024-03-01 10:00:00", user_id="u").rstrip("\n")
    ],
    "access-log": [LOG],
}
SPOILT = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=6), st.lists(st.none(), max_size=2), st.just({"a": {}})
)


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, str]:
    """The rows of a product, some of them broken in some way, and the format."""
    name = draw(st.sampled_from(sorted(SAMPLES)))
    rows = []
    for row in draw(st.lists(st.sampled_from(SAMPLES[name]), min_size=1, max_size=5)):
        kind = draw(st.sampled_from(["whole", "cut", "inserted", "changed"]))
        place = draw(st.integers(0, len(row)))
        if kind == "cut":
            row = row[:place]
        elif kind == "inserted":
            row = (
                row[:place]
                + draw(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=4))
                + row[place:]
            )
        elif kind == "changed" and row.startswith("{"):
            given = json.loads(row)
            key = draw(st.sampled_from(sorted(given)))
            if draw(st.booleans()) and isinstance(given[key], dict) and given[key]:
                given[key][draw(st.sampled_from(sorted(given[key])))] = draw(SPOILT)
            else:
                given[key] = draw(SPOILT)
            row = json.dumps(given)
        rows.append(row)
    return "\n".join([*SAMPLES[name], *rows]) + "\n", name


@given(spoilt())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_is_counted_once_whatever_comes(tmp_path, content):
    text, name = content
    path = tmp_path / "a"
    path.write_text(text, encoding="utf-8")
    store = DuckStore.open(":memory:", threads=2)
    try:
        (one,) = ingest.load(store, [path], ingest.Options(format=name)).imports
    except UnreadableSource as error:  # most of its lines are broken
        assert str(error).endswith(".")
        return
    finally:
        store.close()
    assert one.rows_read == one.events_added + one.duplicates + one.rejected + one.not_events
    blank = "" if name == "snowplow" else " " if name == "access-log" else " \t"
    assert one.rows_read == sum(line.strip(blank) != "" if blank else line != "" for line in text.split("\n")[:-1])


def test_every_format_has_words():
    assert said("csv") == "CSV"
    assert said("posthog") == "an export of PostHog"
    assert said("access-log") == "a web server's log"
    assert said("rrweb") == "a recording"
