"""FullStory, XES, PostHog's heatmaps within events, Snowplow's SDK, pipelines of Mixpanel, Amplitude's archive."""

import gzip
import io
import json
import zipfile

import pytest

from analytics import ingest
from analytics.errors import UnreadableSource


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def told(store, columns):
    with store.reading_cursor() as cursor:
        return cursor.execute(
            f"SELECT {columns} FROM events JOIN sessions USING (session_key) ORDER BY line"
        ).fetchall()


def figures(report):
    (one,) = report.imports
    return one.format, one.rows_read, one.events_added, one.rejected, one.not_events


# -------------------------------------------------------------------------------------------------------- FullStory

STORY = {
    "IndvId": 11, "UserId": 21, "SessionId": 31, "PageId": 1, "EventStart": "2024-03-01T10:00:00.25Z", "EventType": "navigate",
    "PageUrl": "https://shop.example/a?x=1", "PageIp": "203.0.113.7", "PageDevice": "Desktop", "PageBrowser": "Chrome",
    "PageOperatingSystem": "Windows", "PageViewportWidth": 1200, "PageMaxScrollDepthPercent": 40, "UserAppKey": "ann",
    "UserEmail": "ann@shop.example", "PageDuration": 900,
}  # fmt: skip


def test_fullstorys_export(store, file):
    rows = [
        STORY,
        STORY | {"EventType": "click", "EventTargetText": "Buy", "EventTargetSelector": "button#buy"},
        STORY | {"EventType": "change", "EventTargetText": "4111 1111", "EventTargetSelector": "input#card"},
        STORY | {"EventType": "custom", "EventCustomName": "Order", "evt_total_real": 2.5},
        STORY | {"EventType": "exception", "EventTargetText": "is not a function"},
    ]
    report = ingest.load(store, [file("story.json", json.dumps(rows))])
    assert figures(report) == ("fullstory", 5, 5, 0, 0)
    assert told(store, "name, page, element, text, viewport_width, scroll_depth") == [
        ("page_view", "/a", None, None, 1200, 0.4),
        ("click", "/a", "button#buy", "Buy", 1200, 0.4),
        ("change", "/a", "input#card", None, 1200, 0.4),
        ("Order", "/a", None, None, 1200, 0.4),
        ("error", "/a", None, "is not a function", 1200, 0.4),
    ]
    assert told(store, "DISTINCT session_id, device, browser, os")[:1] == [("21:31", "Desktop", "Chrome", "Windows")]
    (properties, person) = told(store, "properties, user_properties")[0]
    assert json.loads(person) == {"email": "ann@shop.example"}
    assert json.loads(properties)["PageDuration"] == 900
    assert not [word for word in ("203.0.113", "ann@", "4111") if word in str(told(store, "properties"))]


def test_fullstorys_later_events(store, file):
    row = {
        "device_id": "17", "session_id": "59", "view_id": "43", "event_time": "2024-04-03T17:06:12.290Z", "event_id": "e1",
        "event_type": "navigate", "event_properties": {"navigate_reason": "navigate"}, "source_type": "web",
        "source_properties": {
            "user_agent": {"browser": "Chrome", "device": "Desktop", "operating_system": "OS X"},
            "url": {"full_url": "https://shop.example/a"}, "location": {"country": "US", "ip_address": "203.0.113.7"},
        },
    }  # fmt: skip
    other = row | {"event_id": "e2", "event_type": "custom", "event_properties": {"event_name": "Order", "total": 2}}
    assert figures(ingest.load(store, [file("a", lines(row, other, row))])) == ("fullstory-events", 3, 2, 0, 0)
    assert told(store, "name, page, session_id, browser, country") == [
        ("page_view", "/a", "17:59", "Chrome", "US"),
        ("Order", "/a", "17:59", "Chrome", "US"),
    ]


# -------------------------------------------------------------------------------------------------------------- XES

XES = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- a comment -->
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="undefined"/></global>
  <string key="concept:name" value="a log"/>
  <trace>
    <string key="concept:name" value="case 1"/>
    <string key="channel" value="web &amp; phone"/>
    <event>
      <string key="concept:name" value="register"/>
      <date key="time:timestamp" value="2024-03-01T11:00:00.250+01:00"/>
      <string key="org:resource" value="Ellen"/>
      <float key="cost:total" value="2.5"/>
    </event>
    <event>
      <string key="concept:name" value="decide"/>
      <date key="time:timestamp" value="2024-03-01T10:00:05Z"/>
      <boolean key="late" value="true"/>
      <list key="checks"><values><string key="by" value="Sue"/><int key="n" value="3"/></values></list>
    </event>
    <event><string key="concept:name" value="no time"/></event>
  </trace>
  <trace>
    <string key="concept:name" value="case 2"/>
    <event>
      <string key="concept:name" value="register"/><date key="time:timestamp" value="2024-03-02T10:00:00Z"/>
    </event>
  </trace>
</log>
"""


@pytest.mark.parametrize("packed", [False, True])
def test_traces_are_sessions(store, file, packed):
    content = gzip.compress(XES.encode()) if packed else XES
    assert figures(ingest.load(store, [file("a.xes", content)])) == ("xes", 4, 3, 1, 0)
    assert told(store, "name, session_id, CAST(time AS VARCHAR), events.value") == [
        ("register", "case 1", "2024-03-01 10:00:00.25", 2.5),
        ("decide", "case 1", "2024-03-01 10:00:05", None),
        ("register", "case 2", "2024-03-02 10:00:00", None),
    ]
    first, second = (json.loads(row[0]) for row in told(store, "properties")[:2])
    assert first == {"org:resource": "Ellen", "cost:total": 2.5, "case:channel": "web & phone"}
    assert second == {"late": True, "checks": {"values": [{"by": "Sue"}, {"n": 3}]}, "case:channel": "web & phone"}


def test_a_table_of_pm4py(store, file):
    text = "case:concept:name,concept:name,time:timestamp,org:resource\n1,register,2024-03-01 10:00:00+00:00,Ellen\n"
    assert figures(ingest.load(store, [file("a.csv", text)])) == ("xes", 1, 1, 0, 0)
    assert told(store, "name, session_id") == [("register", "1")]


def test_an_event_log_with_entities_is_refused(store, file):
    bomb = (
        '<!DOCTYPE log [<!ENTITY a "aaaa">]>\n<log xes.version="1.0"><trace><string key="x" value="&a;"/></trace></log>'
    )
    with pytest.raises(UnreadableSource, match="declares entities of its own"):
        ingest.load(store, [file("a.xes", bomb)])


# ---------------------------------------------------------------------------------------------- PostHog's heatmaps


def test_a_heatmap_within_an_event_is_an_event_for_each_place(store, file):
    view = {
        "uuid": "0190aaaa-0000-7000-8000-000000000001", "event": "$pageview", "distinct_id": "d", "timestamp": "2024-03-01T10:00:00Z",
        "properties": {"$session_id": "s", "$current_url": "https://shop.example/a", "$viewport_width": 900},
    }  # fmt: skip
    places = {
        "https://shop.example/a/~b?x=1": [
            {"x": 10, "y": 20.5, "target_fixed": False, "type": "click"},
            {"x": 11, "y": 21, "target_fixed": True, "type": "mousemove"},
            {"x": 0, "y": 900, "target_fixed": False, "type": "scrolldepth"},
        ],
        "https://shop.example/c": [{"x": 1, "y": 2, "target_fixed": False, "type": "rageclick"}],
    }
    heat = view | {"uuid": "0190aaaa-0000-7000-8000-000000000002", "event": "$$heatmap"}
    heat["properties"] = view["properties"] | {"$heatmap_data": places, "plan": "pro"}
    empty = heat | {"uuid": "0190aaaa-0000-7000-8000-000000000003", "properties": {"$session_id": "s"}}
    content = lines(view, heat, empty)
    assert figures(ingest.load(store, [file("a", content)])) == ("posthog", 6, 4, 0, 2)
    assert told(store, "name, page, x, y, fixed, viewport_width, session_id") == [
        ("page_view", "/a", None, None, None, 900, "s"),
        ("click", "/a/~b", 10, 20, False, 900, "s"),
        ("move", "/a/~b", 11, 21, True, 900, "s"),
        ("$rageclick", "/c", 1, 2, False, 900, "s"),
    ]
    assert json.loads(told(store, "properties")[1][0])["plan"] == "pro"
    assert "heatmap_data" not in str(told(store, "properties"))
    (again,) = ingest.load(store, [file("b", content + "\n")]).imports
    assert (again.events_added, again.duplicates) == (0, 4)


# --------------------------------------------------------------------------------------------- Snowplow, GA4, others


def test_snowplows_rows_of_the_sdk(store, file):
    own = "com_snowplowanalytics_snowplow"
    row = {
        "event_id": "c6ef3124-b53a-4b13-a233-0088f79dcbcb", "event": "unstruct", "event_name": "link_click",
        "event_vendor": "com.snowplowanalytics.snowplow", "collector_tstamp": "2024-03-01T10:00:00.5Z", "page_url": "https://shop.example/a",
        f"contexts_{own}_client_session_1": [{"userId": "device", "sessionId": "s1"}],
        "contexts_nl_basjes_yauaa_context_1": [{"deviceClass": "Phone", "agentName": "Chrome", "operatingSystemName": "Android"}],
        "contexts_com_snowplowanalytics_mobile_application_1": [{"version": "2.1"}],
        f"unstruct_event_{own}_link_click_1": {"targetUrl": "https://shop.example/b", "elementId": "go", "elementContent": "Go"},
    }  # fmt: skip
    assert figures(ingest.load(store, [file("a", lines(row))])) == ("snowplow", 1, 1, 0, 0)
    assert told(store, "name, page, element, text, session_id, device, browser, os, release") == [
        ("click", "/a", "#go", "Go", "s1", "Phone", "Chrome", "Android", "2.1")
    ]


def test_snowplows_self_describing_contexts(store, file):
    def described(name, data):
        return {"schema": f"iglu:com.snowplowanalytics.snowplow/{name}/jsonschema/1-0-2", "data": data}

    row = {
        "event_id": "c6ef3124-b53a-4b13-a233-0088f79dcbcb", "event": "unstruct", "event_name": "button_click", "event_vendor": "v",
        "collector_tstamp": "2024-03-01 10:00:00.5", "domain_userid": "d",
        "contexts": json.dumps(described("contexts", [described("client_session", {"sessionId": "s1"})])),
        "unstruct_event": json.dumps(described("unstruct_event", described("button_click", {"id": "buy", "label": "Buy"}))),
    }  # fmt: skip
    assert figures(ingest.load(store, [file("a", lines(row))])) == ("snowplow", 1, 1, 0, 0)
    assert told(store, "name, element, text, session_id") == [("click", "#buy", "Buy", "s1")]


def test_rows_of_ga4_without_their_place_in_a_batch_are_told(store, file):
    row = {"event_timestamp": "1709287200123456", "event_name": "page_view", "user_pseudo_id": "c", "event_params": []}
    (report,) = ingest.load(store, [file("a", lines(row, row))]).imports
    assert report.events_added == 2 and "--dedupe exact" in report.notes[0]
    (report,) = ingest.load(store, [file("b", lines(row | {"batch_event_index": "1"}))]).imports
    assert not report.notes


def test_mixpanels_pipelines(store, file):
    row = {
        "event_name": "$mp_click", "distinct_id": "d", "device_id": "dev", "user_id": "ann", "insert_id": "i1",
        "time": "2024-03-01 10:00:00.000000 UTC", "properties": json.dumps({"$current_url": "https://shop.example/a", "$pageX": 3}),
    }  # fmt: skip
    assert figures(ingest.load(store, [file("a", lines(row, row))])) == ("mixpanel", 2, 1, 0, 0)
    assert told(store, "name, page, x, CAST(time AS VARCHAR)") == [("click", "/a", 3, "2024-03-01 10:00:00")]


def test_amplitudes_archive(store, file):
    rows = [
        {"event_type": "Buy", "event_time": f"2024-03-01 1{n}:00:00.5", "amplitude_id": 1, "uuid": f"u{n}"}
        for n in range(2)
    ]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        for n, row in enumerate(rows):
            out.writestr(f"187520/187520_2024-03-01_1{n}#1.json.gz", gzip.compress(lines(row).encode()))
    report = ingest.load(store, [file("export.zip", archive.getvalue())])
    assert [(one.format, one.events_added) for one in report.imports] == [("amplitude", 1), ("amplitude", 1)]
    assert told(store, "name, CAST(time AS VARCHAR)") == [
        ("Buy", "2024-03-01 10:00:00.5"),
        ("Buy", "2024-03-01 11:00:00.5"),
    ]
