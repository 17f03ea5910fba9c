"""Visits of Matomo's API in each of their writings: an action is an event, a visit a session."""

import csv
import io
import json
from xml.sax.saxutils import escape

import pytest

from analytics import ingest
from analytics.errors import UnreadableSource
from analytics.ingest.preview import preview

VISITS = [
    {
        "idSite": "1", "idVisit": "7", "visitIp": "203.0.113.7", "visitorId": "a1b2c3d4e5f60718", "userId": "ann",
        "referrerType": "campaign", "referrerName": "spring", "referrerUrl": "https://example.org/", "countryCode": "de",
        "deviceType": "Desktop", "browserName": "Firefox", "operatingSystemName": "Linux", "browserIcon": "x.png",
        "customVariables": [{"customVariableName1": "plan", "customVariableValue1": "pro"}],
        "actionDetails": [
            {"type": "action", "url": "https://shop.example/a?x=1", "pageTitle": "A & B", "pageId": "11",
             "timestamp": "1709287200", "icon": "a.png", "timeSpent": "5",
             "customVariables": [{"customVariablePageName1": "k", "customVariablePageValue1": "v"}]},
            {"type": "event", "url": "https://shop.example/a", "pageId": "12", "timestamp": "1709287205",
             "eventCategory": "video", "eventAction": "play", "eventName": "intro", "eventValue": "2.5"},
            {"type": "outlink", "url": "https://elsewhere.example/", "pageId": "13", "timestamp": "1709287206"},
            {"type": "goal", "goalName": "sign up", "goalId": "3", "goalPageId": "11", "revenue": "10",
             "url": "https://shop.example/a", "timestamp": "1709287206", "referrerType": "direct"},
            {"type": "search", "url": "", "siteSearchKeyword": "tents", "pageId": "14", "timestamp": "1709287210"},
        ],
    },
    {
        "idSite": "1", "idVisit": "8", "visitorId": "ffff", "userId": "", "countryCode": "xx", "actionDetails": [
            {"type": "action", "url": "https://shop.example/b", "pageId": "15", "timestamp": "1709290800"}],
    },
    {"idSite": "2", "idVisit": "8", "visitorId": "ffff", "userId": "", "actionDetails": []},
    {
        "idSite": "2", "idVisit": "9", "visitorId": "ffff", "userId": "", "actionDetails": [
            {"type": "download", "url": "https://shop.example/c.pdf", "pageId": "15", "timestamp": "1709290900"},
            {"type": "action", "url": "https://shop.example/d", "pageId": "16"}],
    },
]  # fmt: skip
"""8 actions, one of them without a time; one visit has none."""


def as_xml(value, name="row") -> str:
    if isinstance(value, list):
        return "".join(as_xml(item) for item in value)
    if isinstance(value, dict):
        inside = "".join(
            f"<{key}>\n\t{as_xml(item) if isinstance(item, list) else escape(item)}</{key}>\n" if item else f"<{key} />"
            for key, item in value.items()
        )
        return f"\n<{name}>\n{inside}</{name}>"
    return str(value)


def as_csv() -> bytes:
    rows = []
    for visit in VISITS:
        row = {key: value for key, value in visit.items() if not isinstance(value, list)}
        for place, action in enumerate(visit["actionDetails"]):
            row |= {f"actionDetails_{place}_{key}": v for key, v in action.items() if not isinstance(v, list)}
        rows.append(row)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-16")


WRITINGS = {
    "json": json.dumps(VISITS),
    "jsonl": "".join(json.dumps(visit) + "\n" for visit in VISITS),
    "xml": f'<?xml version="1.0" encoding="utf-8" ?>\n<result>{as_xml(VISITS)}\n</result>',
    "xml-utf16": f'<?xml version="1.0" encoding="utf-16" ?>\n<result>{as_xml(VISITS)}\n</result>'.encode("utf-16"),
    "csv": as_csv(),
}


@pytest.mark.parametrize("writing", WRITINGS)
def test_actions_are_events_of_their_visit(store, file, writing):
    (report,) = ingest.load(store, [file("visits", WRITINGS[writing])]).imports
    assert (report.format, report.rows_read, report.events_added, report.rejected, report.not_events) == (
        *("matomo", 9, 7, 1, 1),
    )
    with store.reading_cursor() as cursor:
        rows = cursor.execute(
            "SELECT name, page, element, events.value, session_id, CAST(time AS VARCHAR) FROM events "
            "JOIN sessions USING (session_key) ORDER BY line"
        ).fetchall()
        assert rows == [
            ("page_view", "/a", None, None, "1 7", "2024-03-01 10:00:00"),
            ("play", "/a", None, 2.5, "1 7", "2024-03-01 10:00:05"),
            ("click", None, "https://elsewhere.example/", None, "1 7", "2024-03-01 10:00:06"),
            ("sign up", "/a", None, 10.0, "1 7", "2024-03-01 10:00:06"),
            ("search", None, None, None, "1 7", "2024-03-01 10:00:10"),
            ("page_view", "/b", None, None, "1 8", "2024-03-01 11:00:00"),
            ("download", None, "https://shop.example/c.pdf", None, "2 9", "2024-03-01 11:01:40"),
        ]
        people = cursor.execute("SELECT count(*), count(CASE WHEN kind = 'user' THEN 1 END) FROM users").fetchone()
        assert people == (2, 1)
        session = "SELECT device, browser, os, country, campaign, referrer FROM sessions WHERE session_id = '1 7'"
        assert cursor.execute(session).fetchone() == (
            *("Desktop", "Firefox", "Linux", "de", "spring", "https://example.org/"),
        )
        assert cursor.execute("SELECT country FROM sessions WHERE session_id = '1 8'").fetchone() == (None,)
        assert cursor.execute("SELECT reason FROM rejects").fetchall() == [("no time",)]
        first, event, _, goal, *_ = (
            json.loads(row[0]) for row in cursor.execute("SELECT properties FROM events ORDER BY line").fetchall()
        )
    assert (first["pageTitle"], first["url"], first["referrerType"]) == (
        *("A & B", "https://shop.example/a?x=1", "campaign"),
    )
    assert not {"icon", "browserIcon", "timestamp", "actionDetails"} & first.keys()
    assert (event["eventCategory"], event["eventName"]) == ("video", "intro")
    assert (goal["referrerType"], goal["goalReferrerType"]) == ("campaign", "direct")
    if writing != "csv":
        assert first["customVariables"] == [{"customVariableName1": "plan", "customVariableValue1": "pro"}]
        assert first["actionCustomVariables"] == [{"customVariablePageName1": "k", "customVariablePageValue1": "v"}]


@pytest.mark.parametrize("writing", ["json", "xml"])
def test_a_rejected_action_is_its_visit_with_nothing_else_and_can_be_imported_when_mended(store, file, writing):
    ingest.load(store, [file("visits", WRITINGS[writing])])
    with store.reading_cursor() as cursor:
        ((row,),) = cursor.execute('SELECT "row" FROM rejects').fetchall()
    visit = json.loads(row)
    (action,) = visit["actionDetails"]
    assert (visit["idVisit"], action["url"]) == ("9", "https://shop.example/d")
    action["timestamp"] = "1709290901"
    (report,) = ingest.load(store, [file("mended", json.dumps([visit]))]).imports
    assert (report.rows_read, report.events_added) == (1, 1)


def test_actions_numbered_with_gaps(store, file):
    """PHP writes a list as an object when a number is missing in it."""
    visit = VISITS[0] | {"actionDetails": dict(enumerate(VISITS[0]["actionDetails"], 3))}
    (report,) = ingest.load(store, [file("visits", json.dumps([visit]))]).imports
    assert (report.rows_read, report.events_added) == (5, 5)


def test_a_tag_without_an_end_is_not_kept_waiting_for(store, file, monkeypatch):
    monkeypatch.setattr("analytics.ingest.readers.markup.LARGEST_RECORD", 3_000_000)
    with pytest.raises(UnreadableSource, match="has a name or a value of more than 3 MB"):
        ingest.load(store, [file("visits", f'<result>{VISIT}</row><row x="{"a" * 6_000_000}"/></result>')])


def test_the_writings_know_each_others_events(store, file):
    """Ids are the same in all of them, so the second adds nothing."""
    ingest.load(store, [file("a.json", WRITINGS["json"])])
    for writing in ("xml", "csv", "jsonl"):
        (report,) = ingest.load(store, [file(f"a.{writing}", WRITINGS[writing])]).imports
        assert (report.events_added, report.duplicates) == (0, 7)


@pytest.mark.parametrize("writing", WRITINGS)
def test_the_preview_shows_actions(file, writing):
    shown = preview(file("visits", WRITINGS[writing]))
    assert shown.format == "matomo" and shown.refused == 1
    assert {"timestamp", "event", "user_id", "anonymous_id", "session_id", "page", "element", "ip"} <= set(shown.found)


BOMB = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
VISIT = "<row><idVisit>1</idVisit><idSite>1</idSite><actionDetails><row><type>action</type></row></actionDetails>"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(f"{BOMB}<result>{VISIT}<x>&b;</x></row></result>", "declares entities", id="a bomb of entities"),
        pytest.param(f"{OUTSIDE}<result>{VISIT}<x>&a;</x></row></result>", "declares entities", id="another file"),
        pytest.param(f"<result>{VISIT}</row>", "no element found in line 1", id="broken off"),
        pytest.param(f"<result>{VISIT}<x>&nbsp;</x></row></result>", "undefined entity", id="an unknown entity"),
        pytest.param(f"<result>{VISIT}</wrong></result>", "mismatched tag", id="tags that do not fit"),
        pytest.param(f"<result>{VISIT}{'<x>' * 200}", "more than 100 deep", id="too deep"),
        pytest.param("<html><body>a,b,c</body></html>", "XML or HTML of no kind known here", id="a web page"),
    ],
)
def test_markup_that_is_refused(store, file, text, sentence):
    with pytest.raises(UnreadableSource, match=sentence):
        ingest.load(store, [file("visits.xml", text)])
