"""Other forms of web servers' logs: one visit in each of them is the same events of the same people."""

import json

import pytest

from analytics import ingest
from analytics.errors import UnreadableSource
from analytics.ingest.preview import preview

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1)"
VISIT = [
    ("10:00:00", "GET", "/shop/?utm_campaign=spring+sale&token=abc", 200, FIREFOX),
    ("10:00:01", "GET", "/style.css", 200, FIREFOX),
    ("10:00:02", "GET", "/moved", 301, FIREFOX),
    ("10:00:03", "POST", "/shop/cart", 200, FIREFOX),
    ("10:00:04", "GET", "/gone", 404, FIREFOX),
    ("10:00:05", "GET", "/shop/", 200, GOOGLE),
    ("10:00:06", "GET", "/matomo.php?idsite=1&rec=1", 200, FIREFOX),
    ("10:00:07", "HEAD", "/shop/", 200, FIREFOX),
]
EXPECTED = [
    ("page_view", "/shop", "2024-03-12 10:00:00"),
    ("post", "/shop/cart", "2024-03-12 10:00:03"),
    ("error", "/gone", "2024-03-12 10:00:04"),
]


def w3c() -> str:
    head = "#Software: IIS\n#Fields: date time cs-method cs-uri-stem cs-uri-query cs-username c-ip cs(User-Agent) cs(Cookie) cs-host sc-status sc-bytes\n"
    rows = []
    for at, method, target, status, agent in VISIT:
        path, _, query = target.partition("?")
        said = agent.replace(" ", "+")
        rows.append(
            f"2024-03-12 {at} {method} {path} {query or '-'} - 203.0.113.7 {said} a=b shop.example {status} 5\n"
        )
    return head + "".join(rows)


def balancer() -> str:
    return "".join(
        f"https 2024-03-12T{at}.000000Z app/a 203.0.113.7:2817 10.0.0.1:80 0.001 0.102 0.000 {status} {status} 9 5 "
        f'"{method} https://shop.example:443{target} HTTP/1.1" "{agent}" ECDHE TLSv1.2 arn "Root=1" "shop.example"\n'
        for at, method, target, status, agent in VISIT
    )


def classic() -> str:
    return "".join(
        f"2024-03-12T{at}.000000Z lb 203.0.113.7:2817 10.0.0.1:80 0.001 0.102 0.000 {status} {status} 9 5 "
        f'"{method} http://shop.example:80{target} HTTP/1.1" "{agent}" - -\n'
        for at, method, target, status, agent in VISIT
    )


def caddy() -> str:
    def row(at, method, target, status, agent):
        second = 1_710_237_600 + int(at[-2:])
        headers = {"User-Agent": [agent], "Cookie": ["secret"], "Accept": ["*/*"]}
        asked = {
            "remote_ip": "203.0.113.7",
            "method": method,
            "host": "shop.example",
            "uri": target,
            "headers": headers,
        }
        return {"level": "info", "ts": second, "request": asked, "user_id": "", "size": 5, "status": status}

    return "".join(json.dumps(row(*one)) + "\n" for one in VISIT)


def nginx() -> str:
    return "".join(
        json.dumps(
            {
                "time_iso8601": f"2024-03-12T{at}+00:00", "remote_addr": "203.0.113.7", "http_host": "shop.example",
                "request": f"{method} {target} HTTP/1.1", "status": str(status), "body_bytes_sent": "5",
                "http_user_agent": agent, "http_referrer": "-", "remote_user": "-",
            }
        )
        + "\n"
        for at, method, target, status, agent in VISIT
    )  # fmt: skip


LOGS = {"w3c-log": w3c(), "balancer-log": balancer(), "classic": classic(), "caddy-log": caddy(), "nginx-log": nginx()}


@pytest.mark.parametrize("form", LOGS)
def test_a_visit_is_the_same_in_every_form(store, file, form):
    (report,) = ingest.load(store, [file("a.log", LOGS[form])]).imports
    assert report.format == ("balancer-log" if form == "classic" else form)
    comments = 2 * (form == "w3c-log")
    assert (report.rows_read, report.events_added, report.rejected, report.not_events) == (
        *(8 + comments, 3, 0, 5 + comments),
    )
    with store.reading_cursor() as cursor:
        rows = cursor.execute(
            "SELECT name, page, CAST(time AS VARCHAR), campaign, properties FROM events "
            "JOIN sessions USING (session_key) ORDER BY line"
        ).fetchall()
        assert [row[:3] for row in rows] == EXPECTED
        assert {row[3] for row in rows} == {"spring sale"}
        first = json.loads(rows[0][4])
        assert (first["host"], first["status"], first["bytes"]) == ("shop.example", 200, 5)
        assert "token=…" in first["url"]
        assert cursor.execute("SELECT count(*), count(DISTINCT user_key) FROM sessions").fetchone() == (1, 1)
        for table in ("events", "identities", "contexts"):
            (said,) = cursor.execute(f"SELECT string_agg(CAST(t AS VARCHAR)) FROM {table} AS t").fetchone()
            assert not [secret for secret in ("203.0.113", "abc", "a=b", "secret") if secret in said], table


def test_all_forms_tell_one_visitor(store, file):
    """Address and browser are the same in all of them: one person, whose sessions are told by the pause."""
    for form, text in LOGS.items():
        ingest.load(store, [file(f"{form}.log", text)])
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM users").fetchone() == (1,)
        assert cursor.execute("SELECT count(*), sum(events) FROM sessions").fetchone() == (1, 15)


@pytest.mark.parametrize("form", LOGS)
def test_a_line_that_is_none_is_rejected(store, file, form):
    (report,) = ingest.load(store, [file("a.log", LOGS[form] + "nonsense of 203.0.113.9\n")]).imports
    assert (report.events_added, report.rejected) == (3, 1)
    with store.reading_cursor() as cursor:
        ((row,),) = cursor.execute('SELECT "row" FROM rejects').fetchall()
    assert row == "nonsense of [address]"


@pytest.mark.parametrize("form", LOGS)
def test_the_preview_shows_the_parts(file, form):
    shown = preview(file("a.log", LOGS[form]))
    assert {"timestamp", "event", "anonymous_id", "page", "ip", "user_agent"} <= set(shown.found)
    assert [column.examples for column in shown.columns if column.field == "ip"] == [()]


def test_the_columns_of_a_w3c_log_may_change(store, file):
    head, shorter = (
        "#Fields: date time c-ip cs-method cs-uri-stem sc-status\n",
        "#Fields: time date c-ip cs-method cs-uri-stem\n",
    )
    first, second = "2024-03-12 10:00:00 1.2.3.4 GET /a 200\n", "10:00:09 2024-03-12 1.2.3.4 GET /b\n"
    (report,) = ingest.load(store, [file("a.log", head + first + shorter + second)]).imports
    assert (report.rows_read, report.events_added, report.not_events) == (4, 2, 2)
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT page, CAST(time AS VARCHAR) FROM events ORDER BY line").fetchall() == [
            ("/a", "2024-03-12 10:00:00"),
            ("/b", "2024-03-12 10:00:09"),
        ]
    other = "#Fields: date time c-ip cs-method sc-status cs-uri-stem\n"
    with pytest.raises(UnreadableSource, match="names its 6 columns in two ways"):
        ingest.load(store, [file("b.log", head + first + other)])


CALLS = [
    "/matomo.php?idsite=1&rec=1&url=https%3A%2F%2Fshop.example%2Fa%3Fmtm_campaign%3Dspring&_id=a1b2c3d4e5f60718&action_name=A+%26+B",
    "/matomo.php?idsite=1&rec=1&url=https%3A%2F%2Fshop.example%2Fa&_id=a1b2c3d4e5f60718&uid=ann&e_c=video&e_a=play&e_n=x&e_v=2.5",
    "/matomo.php?idsite=1&rec=1&url=https%3A%2F%2Fshop.example%2Fa&_id=a1b2c3d4e5f60718&link=https%3A%2F%2Felse.example%2F&token_auth=s3cret&cip=9.9.9.9",
    "/matomo.php?idsite=1&rec=1&url=https%3A%2F%2Fshop.example%2Fa&_id=a1b2c3d4e5f60718&ping=1&dup=1&dup=2",
    "/matomo.js",
]


def test_calls_of_matomos_tracker_are_what_they_say(store, file):
    lines = [
        f'203.0.113.7 - - [12/Mar/2024:10:00:0{n} +0000] "GET {call} HTTP/1.1" 200 5 "-" "{FIREFOX}"\n'
        for n, call in enumerate(CALLS)
    ]
    (report,) = ingest.load(store, [file("a.log", "".join(lines))]).imports
    assert (report.format, report.rows_read, report.events_added, report.not_events) == ("matomo-requests", 5, 4, 1)
    with store.reading_cursor() as cursor:
        rows = cursor.execute(
            "SELECT name, page, element, events.value, campaign, properties FROM events "
            "JOIN sessions USING (session_key) ORDER BY line"
        ).fetchall()
        assert [row[:5] for row in rows] == [
            ("page_view", "/a", None, None, "spring"),
            ("play", "/a", None, 2.5, "spring"),
            ("click", "/a", "https://else.example/", None, "spring"),
            ("page_ping", "/a", None, None, "spring"),
        ]
        assert cursor.execute("SELECT count(*) FROM users WHERE kind = 'user'").fetchone() == (1,)
        said = [json.loads(row[5]) for row in rows]
    assert (said[0]["action_name"], said[1]["e_c"], said[3]["dup"]) == ("A & B", "video", "2")
    assert "s3cret" not in str(said) and "9.9.9.9" not in str(said)


def test_bytes_that_nginx_escapes_are_read(events):
    row = nginx().splitlines()[0].replace("/shop/", "/f\\xFAtbol/")
    assert events(nginx() + row + "\n", "page", name="a.log")[-1] == ("/fútbol",)
