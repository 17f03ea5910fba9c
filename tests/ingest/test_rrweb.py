"""Recordings of rrweb: what they tell as events, and what of them is kept to be played."""

import gzip
import json
import time
import zlib

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import ingest
from analytics.errors import UnreadableSource
from analytics.ingest.readers import recording_safe, rrweb
from analytics.ingest.readers.recording_page import Page
from tests.ingest.conftest import asked
from tests.ingest.recorded import START, Numbers, as_json, at, does, hostile, page, purchase, shop

TOLD = """
SELECT epoch_ms(time) - 1772442000000, name, page, element, text, x, y, viewport_width
FROM events ORDER BY line
"""
KEPT = "SELECT session_id, events, packed FROM recordings ORDER BY session_id, first"


def loaded(store, path, **options):
    (report,) = ingest.load(store, [path], ingest.Options(**options)).imports
    assert report.rows_read == report.events_added + report.duplicates + report.rejected + report.not_events
    return report


def kept(store):
    return [(session, json.loads(zlib.decompress(packed))) for session, _, packed in asked(store, KEPT)]


def test_every_source_tells_its_story(store, file):
    report = loaded(store, file("checkout.json", as_json(purchase())))
    assert report.format == "rrweb"
    assert asked(store, TOLD) == [
        (0, "page_view", "/checkout", None, None, None, None, 1200),
        (400, "move", "/checkout", "body", None, 10, 20, 1200),
        (450, "move", "/checkout", "body", None, 30, 40, 1200),
        (1_000, "scroll", "/checkout", None, None, None, None, 1200),
        (1_500, "scroll", "/checkout", "div.terms", None, None, None, 1200),
        (2_000, "focus", "/checkout", 'input[name="mail"]', None, None, None, 1200),
        (2_200, "change", "/checkout", 'input[name="mail"]', None, None, None, 1200),  # one, however many letters
        (3_100, "change", "/checkout", "textarea", None, None, None, 1200),
        (4_060, "click", "/checkout", "button#pay-now", "Pay now", 100, 500, 1200),  # the icon's button; 300 px down
        (4_100, "error", "/checkout", None, "No connection", None, None, 1200),
        (5_100, "click", "/checkout", "button#pay-again", "Pay now", 101, 501, 900),  # a tap is one click
        (7_000, "click", "/checkout", "a.card", "A warm hat", 5, 306, 900),  # and one that no Click follows too
        (9_000, "coupon", "/checkout", None, None, None, None, 900),
        (10_000, "page_view", "/thanks", None, None, None, None, 900),
    ]
    # the loads, the snapshot, the first letter, blur, the page's own change, the mouse's button twice, what the
    # console logged, the resize, the mutation, two touches of the tap and the end of the other: 14
    assert (report.rows_read, report.events_added, report.not_events) == (28, 14, 14)
    assert asked(store, "SELECT count(*), any_value(given), any_value(clicks), any_value(errors) FROM sessions") == [
        (1, True, 3, 1)
    ]


def test_no_letter_that_was_typed_is_stored(store, file):
    loaded(store, file("checkout.json", as_json(purchase())))
    stored = str(asked(store, "SELECT * FROM events")) + str(kept(store))
    for secret in ("anna", "third floor", "ring twice"):
        assert secret not in stored
    [(_, events)] = kept(store)
    assert [event["data"]["text"] for event in events if event["data"].get("source") == 5] == [
        "*",
        "*" * 16,
        "*" * 11,
        "on",
    ]


def test_properties_of_custom_events_scrolls_and_pointers(store, file):
    loaded(store, file("checkout.json", as_json(purchase())))
    found = asked(
        store,
        "SELECT name, properties ->> '$.percent', properties ->> '$.scroll_y', properties ->> '$.pointer', properties ->> '$.inputs' FROM events WHERE name IN ('coupon', 'scroll', 'click', 'change') ORDER BY line",
    )
    assert found == [
        ("scroll", None, "300", None, None),
        ("scroll", None, "50", None, None),
        ("change", None, None, None, "2"),
        ("change", None, None, None, "1"),
        ("click", None, None, None, None),
        ("click", None, None, "touch", None),
        ("click", None, None, "touch", None),
        ("coupon", "10", None, None, None),
    ]


def packed(event):
    return zlib.compress(json.dumps(event | {"v": "v1"}).encode()).decode("latin-1")


def compressed(event):
    """As PostHog sends it: the snapshot, or a mutation's parts, packed one by one."""
    pack = lambda value: gzip.compress(json.dumps(value).encode()).decode("latin-1")  # noqa: E731
    if event["type"] == 2:
        return event | {"data": pack(event["data"]), "cv": "2024-10"}
    if event["data"].get("source") == 0:
        return event | {
            "data": event["data"]
            | {key: pack(event["data"][key]) for key in ("texts", "attributes", "removes", "adds")},
            "cv": "2024-10",
        }
    return event


def lines(values):
    return "".join(json.dumps(value) + "\n" for value in values)


FORMS = {
    "an array": lambda events: json.dumps(events),
    "an array of many lines": lambda events: json.dumps(events, indent=1),
    "lines": lines,
    "an object of events": lambda events: json.dumps({"events": events}),
    "lines of objects": lambda events: lines([{"events": events[:9]}, {"events": events[9:]}]),
    "packed": lambda events: json.dumps([packed(event) for event in events]),
    "packed, not escaped": lambda events: json.dumps([packed(event) for event in events], ensure_ascii=False),
    "packed lines": lambda events: lines([packed(event) for event in events]),
    "PostHog 2023": lambda events: json.dumps({"version": "2023-04-28", "data": {"snapshots": events}}),
    "PostHog 2022": lambda events: json.dumps({"version": "2022-12-02", "data": {"snapshotsByWindowId": {"w": events}}}),
    "PostHog's lines": lambda events: lines([{"windowId": "w", "data": events}]),
    "PostHog's pairs": lambda events: lines([["w", event] for event in events]),
    "PostHog's parts": lambda events: lines([["w", compressed(event)] for event in events]),
    "in another order": lambda events: json.dumps(sorted(events, key=lambda event: -event["timestamp"])),
    "twice": lambda events: json.dumps([*events, *events]),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_one_recording(store, file, form):
    report = loaded(store, file("r.json", FORMS[form](purchase())))
    assert (report.format, report.rejected) == ("rrweb", 0)
    clicks = asked(store, "SELECT count(*) FROM events WHERE name = 'click'")
    assert (report.events_added, clicks) == (14, [(3,)])
    assert len(kept(store)) == 1


@pytest.mark.parametrize(
    ("content", "format"),
    [
        pytest.param('[{"type": 3, "timestamp": 1772442000000, "data": {"x": 1}, "event": "a", "user_id": "u"}]', "json", id="three common names are no recording"),
        pytest.param('{"type": "track", "timestamp": "2026-03-02T09:00:00Z", "event": "a", "user_id": "u"}\n', "jsonl", id="Segment's type is a word"),
        pytest.param('{"event": "a", "timestamp": 1772442000000, "user_id": "u", "events": [1]}\n', "jsonl", id="events that are none"),
    ],
)  # fmt: skip
def test_other_json_is_left_to_others(store, file, content, format):
    assert loaded(store, file("r.json", content)).format == format


def test_sessions_people_and_windows_come_from_around_the_events(store, file):
    document, _ = shop()
    events = page("https://shop.example/", document)
    later = [event | {"timestamp": event["timestamp"] + 60_000} for event in events]
    loaded(
        store,
        file(
            "r.jsonl",
            lines(
                [
                    {"session_id": "s1", "distinct_id": "anna", "events": events},
                    {"session_id": "s1", "windowId": "second", "events": later},
                    {"session_id": "s2", "person": {"distinct_ids": ["ben"]}, "events": events},
                    {"session_id": "s3", "events": events},
                ]
            ),
        ),
    )
    assert asked(store, "SELECT session_id, page_views, u.kind, u.id FROM sessions JOIN users AS u USING (user_key) ORDER BY 1") == [
        ("s1", 2, "user", "anna"),
        ("s2", 1, "user", "ben"),
        ("s3", 1, "session", "s3"),
    ]  # fmt: skip
    assert [session for session, _ in kept(store)] == ["s1", "s1", "s2", "s3"]


def test_posthogs_recording_is_called_as_its_session(store, file):
    document, _ = shop()
    events = page("https://shop.example/", document)
    data = {"id": "0190-session", "person": {"id": 7, "distinct_ids": ["anna"]}, "snapshots": events}
    loaded(store, file("r.json", json.dumps({"version": "2023-04-28", "data": data})))
    assert asked(store, "SELECT session_id, u.id FROM sessions JOIN users AS u USING (user_key)") == [
        ("0190-session", "anna")
    ]


def test_a_snapshot_longer_than_what_is_looked_at_is_known_too(store, file):
    """Its first event does not fit into the sample by which formats are told."""
    document, _ = shop()
    document["childNodes"][0]["childNodes"][1]["childNodes"] += [
        {"type": 3, "textContent": "long " * 20_000, "id": 900}
    ]
    _, snapshot = page("https://shop.example/", document)
    meta = at(1, 4, href="https://shop.example/", width=9, height=9)
    for content in (json.dumps([snapshot, meta]), lines([snapshot, meta]), json.dumps({"events": [snapshot, meta]})):
        assert loaded(store, file("r.json", content)).format == "rrweb"


def test_a_recording_without_an_id_keeps_its_own(store, file):
    """By its name and its first moment, so that a longer export of it adds what is new, and only that."""
    events = purchase()
    loaded(store, file("a/visit.json", as_json(events[:20])))
    report = loaded(store, file("b/visit.json", as_json(events)))
    assert report.duplicates > 5
    assert report.events_added + report.duplicates == 14
    [(session,)] = asked(store, "SELECT session_id FROM sessions")
    assert session.startswith("visit-")


def test_the_same_again_adds_nothing_and_undo_takes_it_away(store, file):
    path = file("checkout.json", as_json(purchase()))
    loaded(store, path)
    again = loaded(store, path)
    assert (again.events_added, again.duplicates, again.not_events) == (0, 14, 14)
    assert len(kept(store)) == 1
    ingest.undo(store, [1, 2])
    for table in ("recordings", "events", "sessions"):
        assert asked(store, f"SELECT count(*) FROM {table}") == [(0,)]


def test_a_new_picture_of_the_same_page_is_no_page_view(store, file):
    document, _ = shop()
    events = [
        *page("https://shop.example/a", document),
        *page("https://shop.example/a", document, ms=1_000),  # a checkpoint
        at(2_000, 0),
        *page("https://shop.example/a", document, ms=2_010),  # loaded again
        at(3_000, 5, tag="$pageview", payload={"href": "https://shop.example/b"}),
        at(3_001, 5, tag="$url_changed", payload={"href": "https://shop.example/b"}),
        at(3_002, 5, tag="$posthog_config", payload={}),
    ]
    loaded(store, file("r.json", as_json(events)))
    assert asked(store, "SELECT page FROM events ORDER BY line") == [
        ("/a",),
        ("/a",),
        ("/b",),
        ("/b",),
    ]  # and it is left


@pytest.mark.parametrize(
    ("silent_ms", "leaves"),
    [
        pytest.param(7_000, [7_500], id="the recorder stopped a little later"),
        pytest.param(31_000, [], id="nobody may have looked any more"),
        pytest.param(0, [], id="the last thing recorded is something done"),
    ],
)
def test_a_page_is_left_when_its_recording_ends(store, file, silent_ms, leaves):
    """The page's last seconds were seen too, unless they are many: a forgotten window ticks on for hours."""
    document, n = shop()
    events = [*page("https://a.example/", document), does(500, 2, type=2, id=n["pay"], x=1, y=2)]
    if silent_ms:
        ticks = [
            does(500 + ms, 0, texts=[], attributes=[], removes=[], adds=[]) for ms in range(1000, silent_ms + 1, 1000)
        ]
        events += ticks
    report = loaded(store, file("r.json", as_json(events)))
    found = asked(store, "SELECT offset_ms FROM events WHERE name = 'page_leave'")
    assert [offset for (offset,) in found] == leaves
    assert report.rows_read == len(events)


def test_places_in_a_frame_are_none_of_the_pages(store, file):
    new = Numbers()
    frame = new.element("iframe")
    inner = new.element("button", "Inside")
    document = new.document(new.element("html", new.element("body", frame)))
    framed = new.document(new.element("html", inner))
    events = [
        *page("https://shop.example/", document, top=40),
        does(10, 0, texts=[], attributes=[], removes=[], adds=[{"parentId": frame["id"], "nextId": None, "node": framed}]),
        does(20, 2, type=2, id=inner["id"], x=5, y=6),
        does(30, 2, type=2, id=frame["id"], x=5, y=6),
    ]  # fmt: skip
    loaded(store, file("r.json", as_json(events)))
    assert asked(store, "SELECT element, text, x, y FROM events WHERE name = 'click' ORDER BY line") == [
        ("button", "Inside", None, None),
        ("iframe", None, 5, 46),
    ]


def test_very_many_places_are_thinned_and_said(store, file):
    document, n = shop()
    positions = [{"x": i, "y": i, "id": n["body"], "timeOffset": i - 1000} for i in range(1000)]  # one a millisecond
    report = loaded(
        store, file("r.json", as_json([*page("https://a.example/", document), does(1_000, 1, positions=positions)]))
    )
    assert asked(store, "SELECT count(*) FROM events WHERE name = 'move'") == [(50,)]
    assert (report.rows_read, report.not_events) == (1_002, 951)
    assert any("at most 50 a second" in note and "950" in note for note in report.notes)


# ------------------------------------------------------------------------------------------------- what is kept


def test_nothing_of_a_hostile_page_runs_or_loads(store, file):
    loaded(store, file("r.json", as_json(hostile())))
    [(_, events)] = kept(store)
    text = json.dumps(events)
    for gone in ("elsewhere", "javascript:", "script", "onerror", "onload", "onclick", "srcdoc", "@import", "secret", "top.ran"):  # fmt: skip
        assert gone not in text, gone
    assert "Still here" in text
    numbers = []
    stack = [event["data"]["node"] for event in events if event["type"] == 2]
    while stack:
        node = stack.pop()
        numbers.append(node["id"])
        stack += node.get("childNodes", [])
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("p { color: red }", "p { color: red }", id="nothing to do"),
        pytest.param("a { background: url(http://x/y.png) }", 'a { background: url("data:,") }', id="an address"),
        pytest.param("a { background: URL( 'x.png' ) no-repeat }", 'a { background: url("data:,") no-repeat }', id="relative, in quotes"),
        pytest.param("a { background: \\75\\72 l(x.png) }", 'a { background: url("data:,") }', id="escaped"),
        pytest.param("a { background: u\\rl(x.png) }", 'a { background: url("data:,") }', id="escaped otherwise"),
        pytest.param("a { background: url(x.png", 'a { background: url("data:,")', id="never closed"),
        pytest.param('a { background: url("x)y.png") }', 'a { background: url("data:,") }', id="a bracket in quotes"),
        pytest.param("a { background: url(data:image/png;base64,AAA=) }", "a { background: url(data:image/png;base64,AAA=) }", id="the picture itself"),
        pytest.param("a { background: url(data:text/html,x) }", 'a { background: url("data:,") }', id="a page is no picture"),
        pytest.param("a { fill: url(#g) }", "a { fill: url(#g) }", id="within the page"),
        pytest.param("@import url(x.css); b { color: red }", "@media not all{} b { color: red }", id="import"),
        pytest.param("@imp\\6frt 'x.css'", "@media not all{}", id="import, escaped"),
        pytest.param("@font-face { src: url(x.woff) } b { top: 0 }", "@media not all{} b { top: 0 }", id="a font from elsewhere"),
        pytest.param("a { background: -webkit-image-set('x.png' 1x) }", "a { background: none }", id="a set of pictures"),
        pytest.param('a::after { content: "\\2014" }', 'a::after { content: "\\2014" }', id="other escapes stay"),
    ],
)  # fmt: skip
def test_style_sheets(given, expected):
    assert recording_safe.css(given) == expected


def test_a_recording_that_never_shows_the_page_is_told_and_not_kept(store, file):
    report = loaded(
        store,
        file(
            "r.json", as_json([at(0, 4, href="https://a.example/", width=1, height=1), does(5, 4, width=900, height=9)])
        ),
    )
    assert (report.events_added, report.not_events, kept(store)) == (2, 0, [])  # seen and left
    assert any("never shows the whole page" in note for note in report.notes)


# ------------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(as_json(purchase())[:-300], "breaks off at character", id="cut"),
        pytest.param(as_json(purchase())[:-1], "breaks off at character", id="cut by one"),
        pytest.param(json.dumps([packed(event) for event in purchase()])[:-40], "breaks off at character", id="packed and cut"),
        pytest.param('[{"type":4,"data":{"href":"","width":1,"height":1},"timestamp":0}]', "timestamp", id="no time"),
        pytest.param(as_json([does(0, 14, ranges=[])]), "nothing that a person did", id="nothing in it"),
        pytest.param('[{"type":2,"timestamp":1772442000000,"data":{"node":' + '{"type":2,"tagName":"a","childNodes":[' * 60_000, "too deep", id="too deep"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_sentence(store, file, content, why):
    with pytest.raises(UnreadableSource, match=why) as refused:
        ingest.load(store, [file("r.json", content)])
    assert str(refused.value).startswith("r.json ")
    assert asked(store, "SELECT count(*) FROM imports") == [(0,)]


def test_what_is_no_event_among_others_is_refused_alone(store, file):
    document, _ = shop()
    events = [*page("https://a.example/", document), {"type": 3, "data": {}, "timestamp": "soon"}, 7, {"type": 99, "timestamp": START}]  # fmt: skip
    text = "".join(json.dumps(event) + "\n" for event in events) + '{"type": 3, "data": {"source": 5, "te'
    report = loaded(store, file("r.jsonl", text))
    assert (report.events_added, report.rejected, report.not_events) == (1, 4, 1)
    assert {reason for (reason,) in asked(store, "SELECT reason FROM rejects")} == {"no event of rrweb", "no JSON"}


def test_a_small_file_that_unpacks_to_an_immense_one(store, file):
    bomb = zlib.compress(b'{"type":3,"timestamp":1772442000000,"data":{"source":3,"x":"' + b"0" * 140_000_000 + b'"}}').decode("latin-1")  # fmt: skip
    document, _ = shop()
    first = packed(page("https://a.example/", document)[0])
    with pytest.raises(UnreadableSource, match="unpacks to more than"):
        ingest.load(store, [file("r.json", json.dumps([first, bomb]))])


def grown(count, deep):
    """A mutation that adds `count` nodes, one beside or one within the other."""
    return [{"parentId": 1_000 + i - 1 if deep and i else 2, "nextId": None, "node": {"type": 2, "tagName": "div", "attributes": {}, "childNodes": [], "id": 1_000 + i}} for i in range(count)]  # fmt: skip


@pytest.mark.parametrize("deep", [False, True])
def test_an_immense_mutation_takes_seconds_and_is_not_kept(store, file, deep):
    new = Numbers()
    document = {
        "type": 0,
        "id": 1,
        "childNodes": [{"type": 2, "tagName": "html", "attributes": {}, "childNodes": [], "id": 2}],
    }
    assert new
    events = [
        *page("https://a.example/", document),
        does(10, 0, texts=[], attributes=[], removes=[], adds=grown(400_000, deep)),
        does(20, 2, type=2, id=1_000 + 399_999, x=1, y=2),
        does(30, 2, type=2, id=2, x=1, y=2),
        does(40, 0, texts=[], attributes=[], removes=[{"parentId": 2, "id": 1_000}], adds=[]),
    ]
    path = file("r.json", as_json(events))
    began = time.perf_counter()
    report = loaded(store, path)
    assert time.perf_counter() - began < 30
    assert asked(store, "SELECT element FROM events WHERE name = 'click' ORDER BY line") == [("div",), ("html",)]
    assert kept(store) == []
    assert any("cannot be played" in note for note in report.notes)


def test_a_node_put_into_itself(store, file):
    document, n = shop()
    inner = {"type": 2, "tagName": "div", "attributes": {}, "id": n["body"], "childNodes": []}
    events = [
        *page("https://a.example/", document),
        does(10, 0, texts=[], attributes=[], removes=[], adds=[{"parentId": n["pay"], "nextId": None, "node": inner}, {"parentId": n["body"], "nextId": n["body"], "node": inner}]),
        does(20, 2, type=2, id=n["pay"], x=1, y=2),
    ]  # fmt: skip
    assert loaded(store, file("r.json", as_json(events))).events_added == 2


def test_a_recording_that_came_again_with_nothing_new_goes_with_its_session(store, file):
    """Its events were all told by another file, so undoing that one takes the session; the recording must not stay."""
    events = purchase()
    loaded(store, file("a/visit.json", as_json(events)))
    [(session,)] = asked(store, "SELECT session_id FROM sessions")
    again = [*events, does(4_350, 0, texts=[], attributes=[], removes=[], adds=[])]
    assert loaded(store, file("b/visit.json", as_json(again))).events_added == 0
    assert [kept_session for kept_session, _ in kept(store)] == [session, session]
    ingest.undo(store, [1])
    assert kept(store) == []


# --------------------------------------------------------------------------------------- anything at all, quickly

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 60) | st.floats() | st.sampled_from(["", "on", "script", "url(http://x)", "\0", "\ud800", "contenteditable"]),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "node", "attributes", "childNodes", "style", "tagName"]), inside, max_size=3),
    max_leaves=5,
)  # fmt: skip


def places(value, here=()):
    """Every place within a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield (*here, key)
        yield from places(one, (*here, key))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_anywhere_is_read_or_refused(tmp_path, data):
    """The reader alone: whatever stands in the place of anything, it ends with a table or a sentence."""
    events = data.draw(st.sampled_from([purchase, hostile]))()
    for _ in range(data.draw(st.integers(1, 6))):
        path = data.draw(st.sampled_from(list(places(events))))
        holder = events
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = data.draw(VALUES)
    reading = rrweb._Reading(tmp_path / "r.json", lambda: None)
    try:
        reading.read(json.dumps(events))
        table = reading.table(tmp_path)
    except UnreadableSource as refused:
        assert str(refused).startswith("r.json")
        return
    if table.recordings:
        [packed] = pq.read_table(table.recordings)["packed"].to_pylist()
        text = zlib.decompress(packed).decode()
        json.loads(text, parse_constant=pytest.fail)
        for gone in ("elsewhere", "javascript:", "onerror", "srcdoc", "@import"):
            assert gone not in text


class Tree:
    """The page in the plainest way: every node with its list of children."""

    def __init__(self) -> None:
        self.children: dict[int, list[int]] = {1: []}

    def parent(self, number):
        return next((one for one, inside in self.children.items() if number in inside), None)

    def remove(self, number):
        if number == 1 or number not in self.children:
            return
        for child in list(self.children[number]):
            self.remove(child)
        if (parent := self.parent(number)) is not None:
            self.children[parent].remove(number)
        del self.children[number]

    def add(self, parent, before, number):
        if parent not in self.children or number in (1, parent):
            return
        self.remove(number)
        if parent not in self.children:  # it stood within what was added
            return
        inside = self.children[parent]
        inside.insert(inside.index(before) if before in inside else len(inside), number)
        self.children[number] = []


NUMBER = st.integers(1, 9)


@given(steps=st.lists(st.tuples(st.sampled_from(["add", "add", "remove"]), NUMBER, NUMBER, NUMBER), max_size=40))
def test_the_page_against_plain_lists(steps):
    page_map, tree = Page(), Tree()
    page_map.reset({"type": 0, "id": 1, "childNodes": []})
    for what, number, parent, before in steps:
        if what == "remove" and number != 1:
            page_map.mutate({"removes": [{"id": number}]})
            tree.remove(number)
        elif what == "add" and number != 1:
            node = {"type": 2, "tagName": "div", "id": number}
            page_map.mutate({"adds": [{"parentId": parent, "nextId": before, "node": node}]})
            tree.add(parent, before, number)
    assert {number: [child.id for child in node.children()] for number, node in page_map.nodes.items()} == tree.children
    for number, node in page_map.nodes.items():
        assert (node.parent.id if node.parent else None) == tree.parent(number)
