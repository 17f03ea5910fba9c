"""What of a web server's log is an event, whose it is, and what is not."""

import json

import pytest

from analytics import ingest
from analytics.errors import UnreadableSource
from analytics.ingest import addresses
from analytics.ingest.preview import preview

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def line(request, status=200, at="10:00:00", address="203.0.113.7", user="-", agent=FIREFOX, referrer="-", host=""):
    when = f"12/Mar/2024:{at} +0100"
    return f'{host}{address} - {user} [{when}] "{request}" {status} 512 "{referrer}" "{agent}"\n'


VISIT = [
    line("GET /shop/?utm_campaign=spring+sale&token=abc HTTP/1.1", referrer="https://example.org/"),
    line("GET /style.css HTTP/1.1", at="10:00:01"),
    line("GET /shop/cart HTTP/1.1", 301, at="10:00:02"),
    line("POST /shop/cart/ HTTP/1.1", at="10:00:03"),
    line("GET /gone HTTP/1.1", 404, at="10:00:04"),
    line("GET /shop/ HTTP/1.1", 304, at="11:00:00"),
    line("GET /shop/ HTTP/1.1", agent=GOOGLE),
    line("GET /shop/ HTTP/1.1", agent="-"),
    line("HEAD /shop/ HTTP/1.1"),
    line("\\x16\\x03\\x01", 400),
    "# a comment\n",
    "\n",
    line("GET / HTTP/1.1", agent="Other/1 (a browser)", at="10:00:05"),
    line('GET /say/\\"hi\\" HTTP/1.0', user="frank", agent='Fire\\"fox', at="10:00:06"),
]


def test_a_log_becomes_page_views_errors_and_sessions(store, file):
    (report,) = ingest.load(store, [file("a.log", "".join(VISIT))]).imports
    assert (report.format, report.rows_read, report.events_added, report.rejected, report.not_events) == (
        "access-log",
        13,
        6,
        0,
        7,
    )
    assert report.notes == (
        "7\N{NO-BREAK SPACE}rows are no events: requests of bots and other programs (2), comments (1), "
        "lines without a request (1), requests of files (1), HEAD, OPTIONS and the like (1) and redirects (1).",
    )
    with store.reading_cursor() as cursor:
        rows = cursor.execute(
            "SELECT name, page, CAST(time AS VARCHAR), e.referrer, campaign, properties FROM events AS e "
            "JOIN sessions USING (session_key) ORDER BY line"
        ).fetchall()
        assert [row[:3] for row in rows] == [
            ("page_view", "/shop", "2024-03-12 09:00:00"),
            ("post", "/shop/cart", "2024-03-12 09:00:03"),
            ("error", "/gone", "2024-03-12 09:00:04"),
            ("page_view", "/shop", "2024-03-12 10:00:00"),
            ("page_view", "/", "2024-03-12 09:00:05"),
            ("page_view", '/say/\\"hi\\"', "2024-03-12 09:00:06"),
        ]
        assert rows[0][3:5] == ("https://example.org/", "spring sale")
        told = {"status": 200, "bytes": 512, "query": "?utm_campaign=spring+sale&token=…"}
        assert json.loads(rows[0][5]) == told
        assert json.loads(rows[2][5])["status"] == 404
        # one browser came twice with an hour between, another once, and frank signed in
        assert cursor.execute("SELECT count(*), count(DISTINCT user_key) FROM sessions").fetchone() == (4, 3)
        assert cursor.execute("SELECT count(*) FROM users WHERE kind = 'user'").fetchone() == (1,)


def test_no_address_is_kept_and_the_visitor_is_a_keyed_hash(store, file):
    broken = "203.0.113.9 wrote nonsense\n"
    ingest.load(store, [file("a.log", "".join([*VISIT, broken]))])
    with store.reading_cursor() as cursor:
        tables = [
            row[0] for row in cursor.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
        ]
        for table in tables:
            (said,) = cursor.execute(
                f"SELECT coalesce(string_agg(CAST(t AS VARCHAR)), '') FROM {table} AS t"
            ).fetchone()
            assert "203.0.113" not in said, table
        (rejected,) = cursor.execute('SELECT reason, "row" FROM rejects').fetchall()
    assert rejected == ("not a line of an access log", "[address] wrote nonsense")


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        pytest.param('1.2.3.4 - - [12/Mar/2024:10:00:00 +0000] "GET /a HTTP/1.1" 200 -\n', [("/a", None)], id="common"),
        pytest.param(
            'shop.example 1.2.3.4 - - [12/Mar/2024:10:00:00 +0000] "GET /a/?x=1 HTTP/1.1" 200 5\n',
            [("/a", "shop.example")],
            id="a virtual host",
        ),
        pytest.param(line("GET http://shop.example/a HTTP/1.1"), [("/a", "shop.example")], id="a whole address"),
        pytest.param('"' + line("GET /a HTTP/1.1").rstrip() + '"\n', [("/a", None)], id="each line quoted"),
        pytest.param(line("GET /a HTTP/1.1").rstrip() + " 0.012 extra\n", [("/a", None)], id="more at the end"),
        pytest.param(
            line("GET /a HTTP/1.1", address="2001:db8::1").encode("utf-16"), [("/a", None)], id="UTF-16, IPv6"
        ),
        pytest.param(line("GET /caf\xe9 HTTP/1.1").encode("latin-1"), [("/café", None)], id="Windows-1252"),
    ],
)
def test_the_forms_of_a_line(events, content, rows):
    assert events(content, "page, json_extract_string(properties, '$.host')", name="a.log") == rows


def test_the_same_log_again_adds_nobody_new(store, file):
    path = file("a.log", "".join(VISIT))
    ingest.load(store, [path])
    ingest.load(store, [path])
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM users").fetchone() == (3,)


def test_a_hash_is_hmac_of_address_and_browser(store, file, tmp_path):
    text = line("GET /a HTTP/1.1")
    assert preview(file("a.log", text)).rows[0]["anonymous_id"] == addresses.Key(b"preview").hash(
        f"203.0.113.7 {FIREFOX}"
    )


def test_a_log_without_addresses_needs_another_person(store, file):
    path = file("a.log", line("GET /a HTTP/1.1"))
    ingest.load(store, [path], ingest.Options(mapping={"ip": ""}))
    with pytest.raises(UnreadableSource, match="person or session"):
        ingest.load(store, [path], ingest.Options(mapping={"anonymous_id": "", "user_id": ""}))


def test_the_preview_shows_the_parts_of_a_line(file):
    shown = preview(file("a.log", "".join(VISIT)))
    assert {"timestamp", "event", "anonymous_id", "page", "referrer", "ip", "user_agent"} <= set(shown.found)
    assert shown.sampled == 6 and not shown.refused
    assert [column.examples for column in shown.columns if column.field == "ip"] == [()]
