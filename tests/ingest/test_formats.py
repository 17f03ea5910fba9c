"""Every way a table of events may be written down, and what is read of it."""

import bz2
import datetime as dt
import gzip
import json
import lzma

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics import ingest
from analytics.errors import InvalidQuestion, UnreadableSource

TABLE = "timestamp,event,user_id,page\n2024-01-01 10:00:00,page_view,u1,/a\n2024-01-01 10:00:05,click,u1,/a\n"
READ = [("page_view", "/a", "u1 2024-01-01T10:00:00.000000"), ("click", "/a", "u1 2024-01-01T10:00:00.000000")]
COLUMNS = "name, page, session_id"
OBJECTS = [
    {"timestamp": "2024-01-01 10:00:00", "event": "page_view", "user_id": "u1", "page": "/a"},
    {"timestamp": "2024-01-01 10:00:05", "event": "click", "user_id": "u1", "page": "/a"},
]
LINES = "".join(json.dumps(item) + "\n" for item in OBJECTS)


@pytest.mark.parametrize(
    ("content", "format"),
    [
        pytest.param(TABLE, "csv", id="commas"),
        pytest.param(TABLE.replace(",", ";"), "csv", id="semicolons"),
        pytest.param(TABLE.replace(",", "\t"), "csv", id="tabs"),
        pytest.param(TABLE.replace(",", "|"), "csv", id="bars"),
        pytest.param(TABLE.replace(",", "^"), "csv", id="carets"),
        pytest.param(TABLE.replace(",", "\x01"), "csv", id="a control character, as Hive writes"),
        pytest.param(TABLE.replace(",", ", "), "csv", id="a space behind every comma"),
        pytest.param(TABLE.replace("\n", "\r\n"), "csv", id="lines of Windows"),
        pytest.param(TABLE.replace("\n", "\r"), "csv", id="lines of an old Mac"),
        pytest.param(TABLE.rstrip("\n"), "csv", id="no line end at the end"),
        pytest.param("\ufeff" + TABLE, "csv", id="a byte order mark"),
        pytest.param('"' + TABLE.replace(",", '","').replace("\n", '"\n"')[:-1], "csv", id="every value quoted"),
        pytest.param(TABLE.encode("utf-16"), "csv", id="UTF-16 with a mark"),
        pytest.param(TABLE.encode("utf-16-le"), "csv", id="UTF-16 without a mark"),
        pytest.param(TABLE.encode("utf-32"), "csv", id="UTF-32"),
        pytest.param(gzip.compress(TABLE.encode()), "csv", id="gzip"),
        pytest.param(gzip.compress(TABLE[:60].encode()) + gzip.compress(TABLE[60:].encode()), "csv", id="gzip in two pieces"),
        pytest.param(bz2.compress(TABLE.encode()), "csv", id="bzip2"),
        pytest.param(lzma.compress(TABLE.encode()), "csv", id="xz"),
        pytest.param(pa.compress(TABLE.encode(), codec="zstd", asbytes=True), "csv", id="zstd"),
        pytest.param(LINES, "jsonl", id="JSON lines"),
        pytest.param("\n" + LINES.replace("\n", "\r\n\r\n"), "jsonl", id="JSON lines with blank lines between"),
        pytest.param(gzip.compress(LINES.encode()), "jsonl", id="JSON lines in gzip"),
        pytest.param(json.dumps(OBJECTS), "json", id="an array"),
        pytest.param(json.dumps(OBJECTS, indent=2), "json", id="an indented array"),
        pytest.param(gzip.compress(json.dumps(OBJECTS).encode()), "json", id="an array in gzip"),
        pytest.param(json.dumps({"total": 2, "events": OBJECTS}), "json", id="an object that holds the array"),
        pytest.param(json.dumps(OBJECTS[0], indent=2) + json.dumps(OBJECTS[1], indent=2), "json", id="objects one after the other"),
    ],
)  # fmt: skip
def test_the_same_events_in_any_clothes(events, store, content, format):
    assert events(content, COLUMNS, name="no-extension") == READ
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT format, rows_read, rejected FROM imports").fetchone() == (format, 2, 0)


def test_parquet(events, tmp_path):
    table = pa.table({name: [row[name] for row in OBJECTS] for name in OBJECTS[0]})
    times = pa.array([dt.datetime.fromisoformat(row["timestamp"]) for row in OBJECTS], pa.timestamp("us"))
    for column in (times, times.cast(pa.timestamp("ns")), times.cast(pa.timestamp("ms", "UTC")), table["timestamp"]):
        file = tmp_path / "table"
        pq.write_table(table.set_column(0, "timestamp", column), file)
        assert events(file.read_bytes(), COLUMNS, source=str(column.type))[-2:] == READ


def test_one_document_is_one_event(events):
    assert events(json.dumps(OBJECTS[0], indent=2), COLUMNS) == READ[:1]


@pytest.mark.parametrize("format", ["csv", "json", "jsonl", "parquet", "rrweb"])
def test_a_format_can_be_demanded(file, store, format):
    with pytest.raises(UnreadableSource):
        ingest.load(store, [file("a", "no such thing")], ingest.Options(format=format))


def test_an_unknown_format_is_a_mistake_of_the_caller(file, store):
    with pytest.raises(InvalidQuestion, match="no format 'xlsx'; there are parquet, rrweb, jsonl, json, csv"):
        ingest.load(store, [file("a", TABLE)], ingest.Options(format="xlsx"))


def test_quotes_line_feeds_and_delimiters_inside_values(events):
    content = 'timestamp,event,user_id\n2024-01-01 10:00:00,"say ""hi"", twice\nor more",u1\n2024-01-01 10:00:01,b,u1\n'
    assert events(content) == [('say "hi", twice\nor more',), ("b",)]


def test_backslash_as_escape(events):
    content = 'timestamp\tevent\tuser_id\tproperties\n2024-01-01\ta\tu\t"{\\"k\\": 1}"\n'
    assert events(content, "properties") == [('{"k": 1}',)]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        pytest.param("2024-01-01 10:00:00", "2024-01-01 10:00:00", id="without a zone: UTC unless told"),
        pytest.param("2024-01-01T10:00:00.123456Z", "2024-01-01 10:00:00.123456", id="Z"),
        pytest.param("2024-01-01T10:00:00.123456789Z", "2024-01-01 10:00:00.123456", id="nanoseconds are cut"),
        pytest.param("2024-01-01T10:00:00+02:00", "2024-01-01 08:00:00", id="an offset"),
        pytest.param("2024-01-01 10:00:00-0530", "2024-01-01 15:30:00", id="an offset without a colon"),
        pytest.param("2024-01-01 10:00:00 UTC", "2024-01-01 10:00:00", id="UTC by name"),
        pytest.param("2024-07-01 10:00:00 Europe/Berlin", "2024-07-01 08:00:00", id="a zone by name"),
        pytest.param("2024-01-01 10:00:00,250", "2024-01-01 10:00:00.250000", id="a comma before the fraction"),
        pytest.param("2024-01-01", "2024-01-01 00:00:00", id="a day"),
        pytest.param("17/May/2015:10:05:03 +0200", "2015-05-17 08:05:03", id="as in access logs"),
        pytest.param("1704103200", "2024-01-01 10:00:00", id="10 digits are seconds"),
        pytest.param("1704103200.25", "2024-01-01 10:00:00.250000", id="seconds with a fraction"),
        pytest.param("1704103200250", "2024-01-01 10:00:00.250000", id="13 digits are milliseconds"),
        pytest.param("1704103200250.5", "2024-01-01 10:00:00.250500", id="milliseconds with a fraction"),
        pytest.param("1704103200250001", "2024-01-01 10:00:00.250001", id="16 digits are microseconds"),
        pytest.param("1704103200250001999", "2024-01-01 10:00:00.250001", id="19 digits are nanoseconds"),
    ],
)
def test_times(events, written, utc):
    line = f'"{written}",a,u\n'
    assert events("timestamp,event,user_id\n" + line, "time") == [(dt.datetime.fromisoformat(utc),)]
    as_json = json.dumps(
        {
            "timestamp": float(written) if written.count(".") and written[:4] == "1704" else written,
            "event": "a",
            "user_id": "u",
        }
    )
    assert events(as_json, "time", source="again")[-1] == (dt.datetime.fromisoformat(utc),)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("yesterday", "unreadable timestamp"),
        ("", "no time"),
        ("NULL", "no time"),
        ("12:30", "unreadable timestamp"),
        ("01/02/2024 10:00", "unreadable timestamp"),  # a day or a month: nobody knows
        ("infinity", "unreadable timestamp"),
        ("epoch", "unreadable timestamp"),
        ("290000-01-01", "unreadable timestamp"),
        ("1001-01-01", "unreadable timestamp"),
        ("2024-02-30", "unreadable timestamp"),
        ("20240101", "timestamp is a number of 8 digits, not of 10, 13, 16 or 19"),
        ("170410320025", "timestamp is a number of 12 digits, not of 10, 13, 16 or 19"),
        ("9999999999", "unreadable timestamp"),  # of the year 2286
        ("-1704103200", "unreadable timestamp"),
    ],
)
def test_what_is_no_time(store, file, written, reason):
    report = ingest.load(store, [file("a.csv", f"timestamp,event,user_id\n{written},a,u\n2024-01-01,b,u\n")])
    assert [(reject.line, reject.reason, reject.row) for reject in report.rejects] == [(2, reason, f"{written},a,u")]
    assert report.events_added == 1


def test_times_without_a_zone_are_read_in_the_one_given(events):
    content = "timestamp,event,user_id\n2024-07-01 10:00:00,a,u\n2024-07-01 10:00:00Z,b,u\n2024-01-01 10:00:00,c,u\n"
    times = [time for (time,) in events(content, "time", timezone="Europe/Berlin")]
    assert [f"{time:%m-%d %H}" for time in times] == ["07-01 08", "07-01 10", "01-01 09"]


def test_the_report_says_how_times_were_read(store, file):
    def times(*written: str, **options: str) -> str:
        rows = "".join(f"{time},a,u\n" for time in written)
        (report,) = ingest.load(
            store, [file("a.csv", "timestamp,event,user_id\n" + rows)], ingest.Options(**options)
        ).imports
        return report.times

    assert times("1704103200250") == "Times are numbers of 13 digits, read as milliseconds since 1970."
    assert times("2024-01-01", timezone="Asia/Tokyo") == "Times are texts without a zone, read as Asia/Tokyo."
    assert times("2024-01-01T00:00:00Z") == "Times are texts with a zone."
    assert times("1704103200", "1704103201", "2024-01-02") == (
        "Times are 2 numbers of 10 digits, read as seconds since 1970 and 1 texts without a zone, read as UTC."
    )


@pytest.mark.parametrize(
    ("given", "page", "properties"),
    [
        ("/cart?x=1", "/cart?x=1", None),
        ("Home screen", "Home screen", None),
        ("https://Shop.de/Cart/", "/Cart", {"host": "shop.de", "url": "https://Shop.de/Cart/"}),
        ("https://shop.de", "/", {"host": "shop.de", "url": "https://shop.de"}),
        ("https://shop.de/", "/", {"host": "shop.de", "url": "https://shop.de/"}),
        ("HTTP://shop.de:8080/a/b/?q=1#top", "/a/b", {"host": "shop.de:8080", "url": "HTTP://shop.de:8080/a/b/?q=1#top"}),
        ("https://shop.de/#/cart/?tab=2", "/#/cart", {"host": "shop.de", "url": "https://shop.de/#/cart/?tab=2"}),
        ("https://shop.de/app/#!cart", "/app#!cart", {"host": "shop.de", "url": "https://shop.de/app/#!cart"}),
        ("https://shop.de?q=1", "/", {"host": "shop.de", "url": "https://shop.de?q=1"}),
        ("https://me:pw@shop.de/a?token=abc&q=1", "/a", {"host": "shop.de", "url": "https://shop.de/a?token=…&q=1"}),
        ("https://shop.de/u/eve@mail.de?x=eve%40mail.de", "/u/eve@mail.de", {"host": "shop.de", "url": "https://shop.de/u/…?x=…"}),
    ],
)  # fmt: skip
def test_pages_that_are_addresses(events, given, page, properties):
    row = json.dumps({"timestamp": "2024-01-01", "event": "a", "user_id": "u", "page": given})
    ((read, kept),) = events(row, "page, properties")
    assert (read, kept and json.loads(kept)) == (page, properties)


def test_the_campaign_of_an_address_fills_an_empty_one(events):
    content = (
        "timestamp,event,user_id,page,campaign\n"
        "2024-01-01,a,u1,https://s.de/?utm_campaign=spring+sale%21&x=1,\n"
        "2024-01-01,a,u2,https://s.de/?utm_campaign=spring,own\n"
        "2024-01-01,a,u3,/,\n"
    )
    assert events(content, "campaign") == [("spring sale!",), ("own",), (None,)]


def test_pixels_are_floored_and_shares_are_shares(events):
    content = (
        "timestamp,event,user_id,x,y,viewport_width,scroll_depth,value\n"
        "2024-01-01,a,u,10.9,-0.5,1280.0,0.5,1e3\n"
        "2024-01-02,a,u,,,,45%,\n"
        "2024-01-03,a,u,NaN,NULL,,,NA\n"
    )
    columns = "x, y, viewport_width, scroll_depth, e.value"
    assert events(content, columns) == [(10, -1, 1280, 0.5, 1000.0), (None, None, None, 0.45, None), (None,) * 5]


def test_whether_something_is_fixed_is_yes_or_no(store, file):
    content = "timestamp,event,user_id,target_fixed\n" + "".join(
        f"2024-01-0{n},click,u,{word}\n" for n, word in enumerate(["true", "False", "1", "0", "", "perhaps"], 1)
    )
    report = ingest.load(store, [file("a.csv", content)])
    assert [(reject.line, reject.reason) for reject in report.rejects] == [(7, "unreadable fixed")]
    with store.reading_cursor() as cursor:
        found = cursor.execute("SELECT fixed FROM events ORDER BY line").fetchall()
    assert found == [(True,), (False,), (True,), (False,), (None,)]


def test_a_scroll_depth_beyond_one_is_percent(store, file):
    content = "timestamp,event,user_id,scroll_depth\n2024-01-01,a,u,1\n2024-01-02,a,u,80\n2024-01-03,a,u,104.5\n"
    (report,) = ingest.load(store, [file("a.csv", content)]).imports
    assert report.notes == ("scroll_depth goes beyond 1, so it was read as percent.",)
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT scroll_depth FROM events ORDER BY line").fetchall() == [(0.01,), (0.8,), (1.0,)]


def test_a_column_called_percent_is_percent(events):
    content = "timestamp,event,user_id,scroll_percent\n2024-01-01,a,u,1\n2024-01-02,a,u,0\n"
    assert events(content, "scroll_depth") == [(0.01,), (0.0,)]


@pytest.mark.parametrize("field", ["x", "y", "viewport_width", "page_height", "scroll_depth", "value"])
def test_a_number_that_is_none_refuses_its_row(store, file, field):
    content = f"timestamp,event,user_id,{field}\n2024-01-01,a,u,far\n2024-01-02,b,u,1\n"
    report = ingest.load(store, [file("a.csv", content)])
    assert [(reject.line, reject.reason) for reject in report.rejects] == [(2, f"unreadable {field}")]
    assert report.events_added == 1


def test_words_for_a_missing_id_are_no_id(store, file):
    content = "timestamp,event,user_id,session_id\n2024-01-01,a,NA,s1\n2024-01-01,b,null,s2\n2024-01-01,c,undefined,\n"
    report = ingest.load(store, [file("a.csv", content)])
    assert [(reject.line, reject.reason) for reject in report.rejects] == [
        (4, "nobody: no user, anonymous or session id")
    ]
    assert report.imports[0].notes == (
        "An id that is a word for a missing value, such as NA, was read as missing in 2\u00a0rows.",
    )
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT kind, id FROM users ORDER BY id").fetchall() == [
            ("session", "s1"),
            ("session", "s2"),
        ]


def test_further_columns_go_into_properties(events):
    content = 'timestamp,event,user_id,Color,size,properties\n2024-01-01,a,u,"re""d",,"{""size"": 3}"\n2024-01-01,a,u,,,oops\n2024-01-01,a,u,,,\n'
    read = [text and json.loads(text) for (text,) in events(content, "properties")]
    assert read == [{"Color": 're"d', "size": 3}, {"properties": "oops"}, None]


def test_nested_objects_stay_objects(events):
    row = {
        "timestamp": 1704103200, "event": "a", "user_id": 7, "context": {"page": {"url": "https://s.de/x"}, "n": 1.0},
        "properties": {"a.b": True, "$c": [1]}, "user_properties": {"plan": "pro"}, "nothing": None,
    }  # fmt: skip
    ((properties, person, user),) = events(
        json.dumps(row), "properties, user_properties, session_id", mapping={"page": "context.page.url"}
    )
    assert json.loads(properties) == {
        "a.b": True, "$c": [1], "context": {"page": {"url": "https://s.de/x"}, "n": 1.0},
        "host": "s.de", "url": "https://s.de/x",
    }  # fmt: skip
    assert json.loads(person) == {"plan": "pro"}
    assert user.startswith("7 ")


def test_typed_columns_of_parquet_keep_their_types(events, tmp_path):
    table = pa.table(
        {
            "timestamp": pa.array([dt.datetime(2024, 1, 1)], pa.timestamp("us")),
            "event": ["a"],
            "user_id": pa.array([12.0]),
            "x": pa.array([3.7]),
            "paid": [True],
            "price": [1.5],
            "tags": [["a", "b"]],
        }
    )
    pq.write_table(table, tmp_path / "typed.parquet")
    ((x, properties, user),) = events((tmp_path / "typed.parquet").read_bytes(), "x, properties, session_id")
    assert (x, json.loads(properties)) == (3, {"paid": True, "price": 1.5, "tags": ["a", "b"]})
    assert user == "12 2024-01-01T00:00:00.000000"


def test_the_tag_of_an_element(events):
    content = "timestamp,event,user_id,element,element_tag\n" + "".join(
        f"2024-01-01,click,u,{element},{tag}\n"
        for element, tag in (("button#pay", ""), ("#pay", ""), ("#pay", "INPUT"), ("A.nav > span", ""), ("", "div"))
    )
    assert events(content, "element_tag") == [("button",), (None,), ("input",), ("a",), ("div",)]
