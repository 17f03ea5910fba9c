"""The page of paths: around an event, goals, two scopes against each other, and sites that are hard to draw."""

import json
import re
import time
from datetime import datetime, timedelta

import pytest

from analytics.analyses import path_sessions, paths
from analytics.analyses.path_sessions import PathSessions
from analytics.analyses.paths import Paths
from analytics.conditions import Matcher
from analytics.scope import Scope
from tests.pages.conftest import HOSTILE, link, marks
from tests.pages.test_journeys import PATHS as PAGE
from tests.pages.test_journeys import answer, control, listed, params, plain, sankey, title

GROUPS = ["/product/*", "/category/*"]
AROUND = {"around": {"page": "/checkout/payment"}, "before": 2, "steps": 3, "groups": GROUPS}
AGAINST = json.dumps({"with": '{"releases":["1.0"]}'})


def heads(at):
    return [one["text"] for one in json.loads(at.get("echarts_chart")[0].proto.spec)["title"]]


def names(at):
    return [node["name"].rstrip("\u200b") for node in sankey(at)["data"]]


def test_around_a_page(opened, sample):
    at = opened(sample, PAGE, p=json.dumps(AROUND))
    assert heads(at) == ["2 before", "1 before", "At /checkout/payment", "1 after", "2 after"]
    sessions = paths.run(sample, Paths(around=Matcher(page="/checkout/payment")), Scope()).sessions
    assert answer(at).startswith(f"{sessions:,} sessions come by /checkout/payment. Seen for the first time there, ")
    control(at, "selectbox", "Which").select("every").run()
    assert params(at)["occurrence"] == "every"
    assert re.match(r"/checkout/payment is seen [\d,]+ times in [\d,]+ sessions\. Each time, ", answer(at))
    control(at, "selectbox", "Before").select(0).run()
    assert heads(at)[0] == "At /checkout/payment"
    again = opened(sample, PAGE, **link(at))
    assert (answer(again), title(again), sankey(again)) == (answer(at), title(at), sankey(at))


def test_from_between_to_around_and_back(opened, sample):
    at = opened(sample, PAGE, p=json.dumps({"groups": GROUPS}))
    control(at, "button_group", "Look").set_value("around").run()
    assert params(at)["around"]["name"] == "order"  # the likely goal
    control(at, "button_group", "Look").set_value("between").run()
    assert params(at) == {"groups": GROUPS}


def test_those_who_begin_before_an_event_stand_beside_it(opened, journeys):
    at = opened(journeys("/a /b /c", "/b /c", "/x /a /b"), PAGE, p=json.dumps({"around": {"page": "/b"}, "before": 2}))
    assert "Began" in names(at)
    number = names(at).index("Began")
    choice = control(at, "selectbox", "Sessions of")
    assert choice.options[number] == "Before 1 before: Began"
    choice.set_value(number).run()
    assert listed(at) == 1
    assert "1 session have" not in answer(at)


def test_a_goal_colours_the_picture_and_is_in_its_words(opened, sample):
    asked = AROUND | {"goal": {"name": "order"}}
    at = opened(sample, PAGE, p=json.dumps(asked), view=json.dumps({"colour": "goal"}))
    first = next(node for node in sankey(at)["data"] if node["name"].startswith("/checkout/payment"))
    assert re.search(r"[\d,]+ of [\d,]+ come to Order from here on: \d+\.\d\u00a0%", first["tooltip"]["formatter"])
    plainly = opened(sample, PAGE, p=json.dumps(asked))
    colours = [[node["itemStyle"]["color"] for node in sankey(page)["data"]] for page in (at, plainly)]
    assert colours[0] != colours[1]


def test_two_releases_in_one_picture(opened, sample):
    at = opened(sample, PAGE, p=json.dumps(AROUND), view=AGAINST, release="1.1")
    text = answer(at)
    assert text.startswith("In release 1.1 ")
    assert " of all go from /checkout/payment to /checkout/done, in release 1.0 " in text
    assert re.search(
        r"\(at /checkout/payment to 1 after; −[\d.]+ points, −[\d.]+ to −[\d.]+\)\. \d+ of \d+ ways differ", text
    )
    asked = Paths(around=Matcher(page="/checkout/payment"), before=2, steps=3, groups=tuple(GROUPS))
    behind = PathSessions(asked, 3, "/checkout/payment", "link", "/checkout/done", limit=0)
    table = at.dataframe[0].value
    assert list(table.columns[:5]) == ["From", "To", "Place", "Release 1.0", "Release 1.1"]
    for side, release in (("after", "1.1"), ("before", "1.0")):
        control(at, "button_group", "In").set_value(side).run()
        sessions = path_sessions.run(sample, behind, Scope(releases=(release,))).total
        assert plain(at.subheader[1].value) == (
            "At /checkout/payment to 1 after: /checkout/payment → /checkout/done, "
            f"release {release}: {sessions:,} sessions"
        )
    again = opened(sample, PAGE, **link(at))
    assert (answer(again), title(again), sankey(again)) == (answer(at), title(at), sankey(at))


def test_a_side_that_never_goes_this_way_is_said(opened, journeys):
    asked = json.dumps({"start": {"page": "/b"}})
    view = json.dumps({"with": json.dumps({"devices": ["phone"]})})
    at = opened(journeys("/a /b", "/a"), PAGE, p=asked, view=view)
    assert answer(at).startswith("Nothing to compare: in device phone no session goes this way.")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"start": {"page": "/gone"}}, "No session comes by /gone. Choose another start or end"),
        ({"start": {"page": "/b"}, "end": {"page": "/b"}}, "No session goes from /b to /b."),
        ({"around": {"name": "gone"}}, "No session comes by Gone. Choose something else"),
        ({"exclude": ["*"]}, "No session has a page here. Leave out less."),
        ({"include": ["/gone"]}, "No session has a page here."),
    ],
)
def test_no_path_is_a_sentence(opened, journeys, asked, said):
    at = opened(journeys("/a /b", "/a"), PAGE, p=json.dumps(asked))
    assert answer(at).startswith(said)
    assert not at.get("echarts_chart")


def test_what_cannot_be_is_said_beside_the_default(opened, journeys):
    at = opened(journeys("/a /b"), PAGE, p=json.dumps({"around": {"page": "/a"}, "start": {"page": "/b"}}))
    assert any("leave out one of them" in plain(one.value) for one in at.warning)
    assert heads(at)[0] == "First page"


def test_twenty_columns(opened, journeys):
    at = opened(journeys(" ".join(f"/{n}" for n in range(30))), PAGE, p='{"steps": 20, "groups": []}')
    assert len(heads(at)) == 20
    assert not at.exception


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_names_around_an_event_are_text(opened, store_of, text):
    rows = [
        {"timestamp": f"2026-03-02T09:{n:02}:00", "event": name, "user_id": "u", "session_id": "s"}
        for n, name in enumerate(["first", text, "last"])
    ]
    asked = {"level": "event", "around": {"name": text}, "goal": {"name": text}}
    at = opened(store_of(rows), PAGE, p=json.dumps(asked))
    assert not at.exception
    assert not marks(at)
    drawn = sankey(at)
    assert not [one for one in (*drawn["data"], *drawn["links"]) if "<img" in one["tooltip"]["formatter"]]


@pytest.fixture
def many_addresses(store_of):
    """20,000 different pages, each seen once, below names that no rule groups; everybody begins on one page."""
    rows, begin = [], datetime(2026, 3, 2, 9)
    for session in range(4000):
        pages = ["/"] + [f"/{'abcdefghij'[n % 10]}-{(session * 5 + n) * 7919 % 1000003:x}.htm" for n in range(5)]
        for minute, page in enumerate(pages):
            time_ = begin + timedelta(minutes=10 * session + minute)
            rows.append(
                {
                    "timestamp": time_,
                    "event": "page_view",
                    "page": page,
                    "user_id": f"u{session}",
                    "session_id": f"s{session}",
                }
            )
    return store_of(rows)


def test_twenty_thousand_pages_are_one_readable_picture(opened, many_addresses):
    begin = time.monotonic()
    at = opened(many_addresses, PAGE, p='{"groups": []}')
    assert time.monotonic() - begin < 30
    assert len(names(at)) < 20
    assert names(at)[:2] == ["/ (home)", "Other pages"]
    notes = [plain(one.value) for one in at.caption]
    assert any("drawn as one: 16,000 of 20,000 pages of these paths (80.0 %)" in one for one in notes)
    grouped = opened(many_addresses, PAGE)  # as the addresses propose
    assert len(names(grouped)) < 30
