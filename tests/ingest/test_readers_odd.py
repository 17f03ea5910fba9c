"""One odd row does not take the others with it: each good file with a row of oddities at its end."""

import json
import re

import pytest

from analytics import ingest
from analytics.errors import UnreadableSource
from tests.ingest.good_files import GOOD, lines, table

BROKEN = "{broken"
ROW = {"uuid": "x", "event": "$pageview", "distinct_id": "d", "timestamp": "2024-03-01T10:00:00Z"}
CALL = '203.0.113.7 - - [12/Mar/2024:10:00:00 +0000] "GET {} HTTP/1.1" {} 5 "-" "Firefox on Linux"\n'
SNOWPLOW = {
    "event_id": "x",
    "event_name": "a",
    "event_vendor": "v",
    "collector_tstamp": "2024-03-01 10:00:00",
    "user_id": "u",
}
CADDY = {
    "ts": 1709287200,
    "request": {"uri": "/a", "method": "GET", "remote_ip": "1.2.3.4", "headers": {"User-Agent": "x"}},
}
ODD: dict[str, tuple[str, bytes]] = {
    "a campaign that is no text": ("csv", table({**dict.fromkeys(("timestamp", "event", "user_id", "page", "x", "properties"), ""), "page": "https://a.example/?utm_campaign=%E9%zz%"}).split(b"\n", 1)[1]),
    "a heatmap of anything": ("posthog", lines(ROW | {"event": "$$heatmap", "properties": {"$heatmap_data": {"a": [1, None, {"x": "y"}], "": {}, "b/~c": [[]]}}})),
    "a heatmap of no places": ("posthog", lines(ROW | {"event": "$$heatmap", "properties": {"$heatmap_data": "none"}})),
    "properties that are a text": ("posthog", lines(ROW | {"properties": BROKEN, "elements_chain": 'a:b="c\\"'})),
    "clicks that are none": ("amplitude", lines({"event_type": "a", "event_time": "2024-03-01", "amplitude_id": 1, "event_properties": {"[Amplitude] Clicks": BROKEN}})),
    "parameters that are none": ("ga4", lines({"event_timestamp": "1709287200123456", "event_name": "a", "user_pseudo_id": "c", "event_params": BROKEN, "user_properties": [1]})),
    "a parameter twice": ("ga4", lines({"event_timestamp": "1709287200123456", "event_name": "a", "user_pseudo_id": "c", "event_params": [{"key": "a", "value": {}}] * 2})),
    "contexts that are none": ("snowplow (JSON)", lines(SNOWPLOW | {"contexts": BROKEN, "derived_contexts": "[{", "unstruct_event": "}"})),
    "contexts of another kind": ("snowplow (JSON)", lines(SNOWPLOW | {"contexts": {"data": 1}, "derived_contexts": [1], "unstruct_event": 7})),
    "properties of a pipeline": ("mixpanel", lines({"event": "a", "properties": BROKEN})),
    "a campaign in a log": ("access-log", CALL.format("/a?utm_campaign=%E9%zz%&b=%00", 200).encode()),
    "no answer there is": ("access-log", CALL.format("/a", 999).encode()),
    "a call of nothing": ("matomo-requests", CALL.format("/matomo.php?idsite=1&url=%E9%zz&_id=&e_v=abc&=x&a&b=%00&cid=%zz", 200).encode()),
    "a browser that is no text": ("w3c-log", b"2024-03-12 10:00:00 203.0.113.7 GET /a%zz%% Mozilla%zz%E9 200\n"),
    "an answer beyond numbers": ("caddy-log", lines(CADDY | {"status": 1e300})),
    "an answer in words": ("caddy-log", lines(CADDY | {"status": "ok"})),
    "a request of lists": ("caddy-log", lines(CADDY | {"status": [1], "request": {"uri": ["a"], "method": {"x": 1}}})),
    "no such day": ("auth-log", b"Feb 30 10:00:00 host sshd[1]: Accepted password for ann from 203.0.113.7 port 1 ssh2\n"),
    "no such moment": ("auth-log", b"Jan 99 99:99:99 host sshd[1]: Accepted password for ann from 203.0.113.7 port 1 ssh2\n"),
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_the_rows_before_it_are_imported(store, file, odd):
    name, row = ODD[odd]
    (good,) = ingest.load(store, [file("good", GOOD[name])]).imports
    (both,) = ingest.load(store, [file("both", GOOD[name] + row)], ingest.Options(source="other")).imports
    assert both.format == good.format
    assert both.rows_read == both.events_added + both.duplicates + both.rejected + both.not_events
    assert both.events_added + both.duplicates >= good.events_added + good.duplicates
    assert both.rows_read > good.rows_read
    ingest.preview(file("both", GOOD[name] + row))


EVENT = (
    '<event><string key="concept:name" value="odd"/>{}<date key="time:timestamp" value="2024-03-01T10:00:00Z"/></event>'
)


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param(f'<int key="n" value="{"9" * 5_000}"/><int key="m" value="many"/>', id="numbers beyond numbers"),
        pytest.param('<float key="f" value="nan"/><float key="g" value="-1e999"/>', id="numbers that are none"),
        pytest.param('<string key="concept:name" value="twice"/>', id="a name twice"),
        pytest.param('<string value="x"/><string key="k"/><list key="l"/>', id="attributes without a key or a value"),
        pytest.param("<event/>text<?do it?><![CDATA[<event>]]>", id="what has no place there"),
    ],
)
def test_an_odd_event_of_an_event_log(store, file, inside):
    text = GOOD["xes"].decode().replace("</trace>", EVENT.format(inside) + "</trace>")
    (report,) = ingest.load(store, [file("a.xes", text)]).imports
    assert (report.rows_read, report.events_added) == (5, 5)
    with store.reading_cursor() as cursor:
        rows = cursor.execute("SELECT properties FROM events WHERE properties IS NOT NULL").fetchall()
    assert all(isinstance(json.loads(row), dict) and not re.search("NaN|Infinity", row) for (row,) in rows)


def test_a_word_said_of_a_million_events_is_not_written_a_million_times(store, file, monkeypatch):
    monkeypatch.setattr("analytics.ingest.files.RATIO_FROM", 1_000_000)
    case = f'<string key="a" value="{"x" * 100_000}"/>'
    text = (
        GOOD["xes"].decode().replace("<trace>", f"<trace>{case}").replace("</trace>", "<event/>" * 5_000 + "</trace>")
    )
    with pytest.raises(UnreadableSource, match="would unpack to more than"):
        ingest.load(store, [file("a.xes", text)])
