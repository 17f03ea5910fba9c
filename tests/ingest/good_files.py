"""A small whole file of every format that is read, as bytes: what a test of all readers begins with.

A key is a format's name, with the writing behind it where a format has several.
"""

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.ingest.readers.snowplow import COLUMNS as SNOWPLOW
from tests.ingest.recorded import as_json, purchase

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
TIMES = [f"2024-03-01T10:0{n}:00.000Z" for n in range(4)]
BARE = [
    {"timestamp": at, "event": name, "user_id": f"u{n % 2}", "page": "/a", "x": n, "properties": {"k": [n, "é"]}}
    for n, (at, name) in enumerate(zip(TIMES, ("page_view", "click", "Buy; \"it\"", "page_view"), strict=True))
]  # fmt: skip


def lines(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def table(*rows: dict[str, Any]) -> bytes:
    """CSV, objects as JSON text."""

    def cell(value: Any) -> str:
        said = json.dumps(value) if isinstance(value, (dict, list)) else str(value)
        return '"' + said.replace('"', '""') + '"'

    names = list(dict.fromkeys(key for row in rows for key in row))
    written = [",".join(names), *(",".join(cell(row.get(name, "")) for name in names) for row in rows)]
    return "\n".join([*written, ""]).encode()


def parquet(*rows: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([{**row, "properties": json.dumps(row["properties"])} for row in rows]), out)
    return out.getvalue()


def each(**fields: Any) -> list[dict[str, Any]]:
    """Four rows: a text with {n} gets the row's number, {at} its time."""

    def filled(value: Any, n: int) -> Any:
        if isinstance(value, str):
            return value.replace("{n}", str(n)).replace("{at}", TIMES[n])
        if isinstance(value, dict):
            return {key: filled(one, n) for key, one in value.items()}
        if isinstance(value, list):
            return [filled(one, n) for one in value]
        return value

    return [filled(fields, n) for n in range(len(TIMES))]


def log(line: str) -> bytes:
    return "".join(
        line.replace("{n}", str(n)).replace("{agent}", FIREFOX).replace("{plus}", FIREFOX.replace(" ", "+")) + "\n"
        for n in range(4)
    ).encode()


VISIT = {
    "idSite": "1", "idVisit": "{n}", "visitorId": "a1b2c3d4e5f6071{n}", "visitIp": "203.0.113.7", "userId": "",
    "actionDetails": [
        {"type": "action", "url": "https://shop.example/a", "pageId": "1{n}", "timestamp": "170928720{n}"},
        {"type": "event", "eventAction": "play", "pageId": "2{n}", "timestamp": "170928720{n}"},
    ],
}  # fmt: skip
CALL = "GET /matomo.php?idsite=1&rec=1&url=https%3A%2F%2Fshop.example%2Fa&_id=a1b2c3d4e5f60718&e_a=play"

GOOD: dict[str, bytes] = {
    "parquet": parquet(*BARE),
    "jsonl": lines(*BARE),
    "json": json.dumps(BARE).encode(),
    "csv": table(*BARE),
    "rrweb": as_json(purchase()).encode(),
    "posthog": lines(
        *each(
            uuid="u{n}",
            event="$pageview",
            distinct_id="d",
            timestamp="{at}",
            elements_chain='button.a:text="Buy; now"attr__id="x"',
            properties={"$session_id": "s", "$current_url": "https://shop.example/a", "$is_identified": False},
        )
    ),
    "posthog-heatmaps": table(
        *each(
            session_id="s",
            distinct_id="d",
            x=3,
            y=4,
            scale_factor=16,
            viewport_width=100,
            viewport_height=50,
            current_url="https://shop.example/a",
            timestamp="{at}",
            type="click",
        )
    ),
    "segment": lines(
        *each(messageId="m{n}", type="track", event="Buy", anonymousId="a", timestamp="{at}", properties={"revenue": 2})
    ),
    "segment-warehouse": table(
        *each(id="i{n}", anonymous_id="a", received_at="{at}", sent_at="{at}", timestamp="{at}", url="/a")
    ),
    "mixpanel": lines(*each(event="$mp_click", properties={"time": "170928720{n}", "distinct_id": "d", "$pageX": 1})),
    "amplitude": lines(
        *each(
            event_type="Buy",
            event_time="2024-03-01 10:00:0{n}.000000",
            amplitude_id=1,
            uuid="u{n}",
            event_properties={"k": 1},
        )
    ),
    "umami": table(
        *each(
            website_id="w",
            session_id="p",
            visit_id="v",
            event_id="e{n}",
            url_path="/a",
            event_type="1",
            created_at="2024-03-01 10:00:0{n}",
        )
    ),
    "rybbit": lines(
        *each(site_id=1, timestamp="{at}", session_id="s", user_id="u", pathname="/a", type="pageview", props={"k": 1})
    ),
    "plausible": table(
        *each(
            name="pageview",
            site_id=1,
            hostname="shop.example",
            pathname="/a",
            user_id=7,
            session_id=8,
            timestamp="2024-03-01 10:00:0{n}",
        )
    ),
    "ga4": lines(
        *each(
            event_timestamp="170928720{n}123456",
            event_name="page_view",
            user_pseudo_id="c",
            event_params=[{"key": "ga_session_id", "value": {"int_value": "5"}}],
        )
    ),
    "snowplow": "".join(
        "\t".join(
            {"event_id": f"e{n}", "event": "struct", "collector_tstamp": TIMES[n], "user_id": "u"}.get(name, "")
            for name in SNOWPLOW
        )
        + "\n"
        for n in range(4)
    ).encode(),
    "matomo": json.dumps(each(**VISIT)).encode(),
    "access-log": log(
        '203.0.113.7 - - [12/Mar/2024:10:00:0{n} +0000] "GET /a HTTP/1.1" 200 5 "https://a.example/" "{agent}"'
    ),
    "w3c-log": b"#Fields: date time c-ip cs-method cs-uri-stem cs(User-Agent) sc-status\n"
    + log("2024-03-12 10:00:0{n} 203.0.113.7 GET /a {plus} 200"),
    "balancer-log": log(
        "https 2024-03-12T10:00:0{n}.5Z app/a 203.0.113.7:99 10.0.0.1:80 0.001 0.102 0.000 200 200 9 5 "
        '"GET https://shop.example:443/a HTTP/1.1" "{agent}" A TLSv1.2 arn "Root=1" "shop.example"'
    ),
    "caddy-log": lines(
        *each(
            ts="171023760{n}",
            status=200,
            request={"remote_ip": "203.0.113.7", "method": "GET", "uri": "/a", "headers": {"User-Agent": [FIREFOX]}},
        )
    ),
    "nginx-log": lines(
        *each(
            remote_addr="203.0.113.7",
            status="200",
            request="GET /a HTTP/1.1",
            http_user_agent=FIREFOX,
            time_iso8601="{at}",
        )
    ),
    "matomo-requests": log(f'203.0.113.7 - - [12/Mar/2024:10:00:0{{n}} +0000] "{CALL} HTTP/1.1" 200 5 "-" "{{agent}}"'),
    "auth-log": "".join(
        f"Mar {n + 1:2} 10:00:0{n} host sshd[{n}]: {said} password for ann from 203.0.113.{n} port 99 ssh2\n"
        for n, said in enumerate(("Failed", "Accepted", "Failed", "Accepted"))
    ).encode(),
    "matomo (XML)": (
        "<result>"
        + "".join(
            f"<row><idSite>1</idSite><idVisit>{n}</idVisit><visitorId>a{n}</visitorId><actionDetails><row><type>action</type>"
            f"<url>https://shop.example/a?b&amp;c</url><pageId>{n}</pageId><timestamp>170928720{n}</timestamp></row>"
            "</actionDetails></row>\n"
            for n in range(4)
        )
        + "</result>"
    ).encode(),
    "matomo (CSV)": table(
        *each(
            idSite="1",
            idVisit="{n}",
            visitorId="a",
            actionDetails_0_type="action",
            actionDetails_0_pageId="{n}",
            actionDetails_0_timestamp="170928720{n}",
            actionDetails_1_type="",
        )
    )
    .decode()
    .encode("utf-16"),
    "fullstory": json.dumps(
        each(UserId=1, SessionId=2, EventStart="{at}", EventType="navigate", PageUrl="https://shop.example/a")
    ).encode(),
    "fullstory-events": lines(
        *each(
            device_id="1",
            session_id="2",
            view_id="3",
            event_id="{n}",
            event_time="{at}",
            event_type="custom",
            event_properties={"event_name": "Buy"},
            source_type="web",
        )
    ),
    "xes": (
        '<log xes.version="1.0">\n<trace><string key="concept:name" value="case"/>\n'
        + "".join(
            f'<event><string key="concept:name" value="e{n}"/><date key="time:timestamp" value="{TIMES[n]}"/></event>\n'
            for n in range(4)
        )
        + "</trace></log>"
    ).encode(),
    "snowplow (JSON)": lines(
        *each(
            event_id="e{n}",
            event_name="link_click",
            event_vendor="v",
            collector_tstamp="{at}",
            user_id="u",
            contexts={"data": [{"schema": "iglu:a/client_session/b/1", "data": {"sessionId": "s"}}]},
            unstruct_event_com_snowplowanalytics_snowplow_link_click_1={"elementId": "go"},
        )
    ),
    "posthog (heatmaps)": lines(
        *each(
            uuid="u{n}",
            event="$$heatmap",
            distinct_id="d",
            timestamp="{at}",
            properties={"$heatmap_data": {"https://shop.example/a": [{"x": 1, "y": 2, "type": "click"}]}},
        )
    ),
}
