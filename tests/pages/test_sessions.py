"""The list of sessions: sorted, narrowed, paged, opened."""

import json
import re
from dataclasses import replace

import pytest

from analytics import registry
from analytics.analyses import event_sessions, lessons, sessions
from analytics.analyses.event_sessions import EventSessions
from analytics.analyses.sessions import Sessions
from analytics.conditions import Filter, Matcher
from analytics.scope import Scope
from analytics.workspace import saved, watched
from pages.attention import columns, narrowing, playlist
from pages.shared import lists
from pages.shared.lists import COLUMNS
from pages.shared.page import as_csv
from pages.shared.text import escape
from tests.pages.conftest import HOSTILE, link, marks, said

SESSIONS, SESSION = "attention/sessions.py", "attention/session.py"


def table(at):
    return at.dataframe[0].value


def test_the_latest_come_first_and_the_page_says_how_many_there_are(opened, shop):
    at = opened(shop, SESSIONS)
    assert not at.exception
    assert len(table(at)) == 50
    assert list(table(at)["Started"]) == sorted(table(at)["Started"], reverse=True)
    assert "1 to 50 of 360" in [one.value for one in at.caption]
    assert "**360\u00a0sessions** of **360\u00a0people**" in said(at)


def test_a_page_of_the_list_is_in_the_link(opened, shop):
    at = opened(shop, SESSIONS, p=['{"offset":350}'])
    assert len(table(at)) == 10
    assert "351 to 360 of 360" in [one.value for one in at.caption]
    assert json.loads(link(at)["p"][0]) == {"offset": 350}


def test_a_page_that_is_no_more_shows_the_first(opened, shop):
    at = opened(shop, SESSIONS, p=['{"offset":5000}'])
    assert not at.exception
    assert len(table(at)) == 50


@pytest.fixture
def with_menu(opened):
    """As `opened`, with the menu of filters open."""

    def make(store, *page, **query):
        return unfold(opened(store, *page, **query))

    return make


def unfold(at):
    """Opens the menu of filters, which a press in it closes."""
    at.session_state[narrowing.MENU] = True
    return at.run()


def press(at, label):
    next(one for one in at.button if one.label == label).click().run()
    assert not at.exception


def choose(at, label, value):
    next(one for one in at.selectbox if one.label == label).set_value(value).run()
    assert not at.exception


def counted(at):
    """How many sessions the sentence counts."""
    found = re.search(r"\*\*([\d,]+)\u00a0sessions?\*\*", said(at))
    return int(found[1].replace(",", "")) if found else 0


@pytest.mark.parametrize(
    ("label", "told", "sessions"),
    [
        ("With an error", "with an error", 6),
        ("With a value", "with a value", 90),
        ("Five minutes or longer", "five minutes or longer", 0),
        ("Left after one page", "left after one page", 0),
        ("Not watched yet", "not watched yet", 360),
    ],
)
def test_what_is_asked_most_is_one_press_away(with_menu, shop, label, told, sessions):
    at = with_menu(shop, SESSIONS)
    press(at, label)
    assert counted(at) == sessions
    again = with_menu(shop, SESSIONS, **link(at))
    assert counted(again) == sessions
    press(again, told)
    assert counted(again) == 360
    assert not link(again).get("p")


def test_filters_are_added_one_by_one_and_all_hold(with_menu, shop):
    at = with_menu(shop, SESSIONS)
    choose(at, "Or by", "Goal")
    choose(at, "Goal", "order")
    press(at, "Only these sessions")
    assert counted(at) == 90
    unfold(at)
    choose(at, "Or by", "Page")
    choose(at, "Page", "/home, 360\u00a0sessions")
    press(at, "Only these sessions")
    assert counted(at) == 90
    unfold(at)
    choose(at, "Or by", "Length")
    next(one for one in at.number_input if one.label == "To, seconds").set_value(30).run()
    press(at, "Only these sessions")
    assert counted(at) == 0
    assert json.loads(link(at)["p"][0]) == {
        "where": [{"field": "duration_s", "op": "lte", "value": 30}],
        "did": [{"name": "order"}, {"page": "/home"}],
    }
    press(at, "with “order”")
    assert counted(at) == 270
    press(at, "Take all out")
    assert counted(at) == 360


def test_what_did_not_happen_is_the_rest(opened, shop):
    at = opened(shop, SESSIONS, p=['{"did_not":[{"name":"order"}]}'])
    assert counted(at) == 270
    assert "without “order”" in said(at)


def test_an_error_is_chosen_by_what_it_says(with_menu, hostile):
    at = with_menu(hostile, SESSIONS)
    choose(at, "Or by", "Error")
    box = next(one for one in at.selectbox if one.label == "Error")
    assert len(box.options) == 1 + 8
    box.set_value(next(one for one in box.options if "click me" in one)).run()
    press(at, "Only these sessions")
    assert counted(at) == 1
    assert marks(at) == []


def test_a_saved_funnel_is_a_goal(with_menu, shop):
    saved.save(shop, "funnel", "To the end", {"steps": [{"page": "/home"}, {"name": "order"}]})
    at = with_menu(shop, SESSIONS)
    choose(at, "Or by", "Goal")
    choose(at, "Goal", "Funnel To the end")
    press(at, "Only these sessions")
    assert counted(at) == 90
    assert "with Funnel To the end" in said(at)


def test_every_column_can_sort_both_ways_and_says_so(opened, shop):
    at = opened(shop, SESSIONS)
    choose(at, "Order by", "Length")
    assert json.loads(link(at)["p"][0]) == {"order_by": "-duration_s"}
    next(one for one in at.segmented_control if one.label == "Which way round").set_value("Shortest first").run()
    assert json.loads(link(at)["p"][0]) == {"order_by": "duration_s"}
    choose(at, "Order by", "Country")
    assert json.loads(link(at)["p"][0]) == {"order_by": "country"}
    assert set(columns.FIELDS) == set(COLUMNS)


def test_columns_are_chosen_and_kept_in_the_link(opened, shop):
    at = opened(shop, SESSIONS)
    assert list(table(at).columns)[1:] == list(columns.SHOWN)
    next(box for box in at.checkbox if box.label == "Release").uncheck().run()
    next(box for box in at.checkbox if box.label == "Campaign").check().run()
    shown = [name for name in COLUMNS if name in {*columns.SHOWN, "Campaign"} - {"Release"}]
    assert list(table(at).columns)[1:] == shown
    again = opened(shop, SESSIONS, **link(at))
    assert list(table(again).columns)[1:] == shown


def test_events_without_pages_have_other_columns(opened, journeys):
    at = opened(journeys("a b", "a"), SESSIONS)
    assert [name for name in table(at).columns if name in ("Pages", "Clicks", "Events")] == ["Events"]


def test_what_sessions_teach_comes_with_its_reason(opened, shop):
    at = opened(shop, SESSIONS)
    choose(at, "Order by", "What they teach")
    assert next(iter(table(at)["Why"])) == "1\u00a0error on /home after 9.0\u00a0s"
    assert "**6** of **360\u00a0sessions**" in said(at)
    assert len(table(at)) == 6
    again = opened(shop, SESSIONS, **link(at))
    assert list(table(again)["Why"]) == list(table(at)["Why"])
    assert next(box for box in again.selectbox if box.label == "Goal").value == "order"


def test_watched_sessions_are_marked_and_can_be_left_out(opened, shop):
    watched.mark(shop, "s5-0")
    at = opened(shop, SESSIONS, p=['{"order_by":"user"}'])
    shown = dict(zip(table(at)["Person"], table(at)["Open"], strict=True))
    assert "Watched" not in "".join(shown.values())
    at = opened(shop, SESSIONS, p=['{"watched":true}'])
    assert list(table(at)["Open"]) == [lists.SEEN]
    assert counted(opened(shop, SESSIONS, p=['{"watched":false}'])) == 359


# ------------------------------------------------------------------------------------------------ from list to session


def session(opened, store, session_id, **named):
    """The page of a session that was opened from a list."""
    return opened(store, SESSION, session=session_id, list=json.dumps(named))


def labels(at):
    return {one.label: one for one in at.button}


def whole(store, **asked):
    found = sessions.run(store, Sessions(limit=None, **asked), Scope())
    return [row.session_id for row in found.rows]


@pytest.mark.parametrize("place", [1, 2, 49, 50, 51, 100, 359, 360])
def test_neighbours_are_those_of_the_list(opened, shop, place):
    ids = whole(shop, order_by="-clicks")
    at = session(opened, shop, ids[place - 1], of="sessions", p={"order_by": "-clicks"}, n=place)
    assert not at.exception
    assert f"**{place}** of 360" in said(at)
    assert labels(at)["Previous"].disabled == (place == 1)
    assert labels(at)["Next"].disabled == (place == 360)
    found = playlist.read(json.dumps({"of": "sessions", "p": {"order_by": "-clicks"}, "n": place}))
    holder_rows = [playlist_row(shop, found[0], n) for n in (place - 1, place, place + 1)]
    assert holder_rows == [ids[n - 1] if 1 <= n <= 360 else None for n in (place - 1, place, place + 1)]


def playlist_row(store, one, place):
    asked = replace(one.params, limit=1, offset=max(0, place - 1))
    rows = one.module.run(store, asked, one.scope).rows if place else ()
    return rows[0].session_id if rows else None


def test_next_goes_to_the_next_also_over_the_edge_of_a_page(opened, shop):
    ids = whole(shop)
    at = session(opened, shop, ids[49], of="sessions", n=50)
    labels(at)["Next"].click().run()
    assert link(at)["session"] == [ids[50]]
    assert json.loads(link(at)["list"][0])["n"] == 51
    assert "**51** of 360" in said(at)
    labels(at)["Previous"].click().run()
    assert link(at)["session"] == [ids[49]]


def test_a_list_behind_a_figure_is_one_too(opened, shop):
    asked = {"of": "event_sessions", "p": {"matcher": {"name": "order"}}, "in": {"releases": ["2"]}, "n": 3}
    found = event_sessions.run(shop, EventSessions(Matcher(name="order"), limit=None), Scope(releases=("2",)))
    at = session(opened, shop, found.rows[2].session_id, **asked)
    assert f"**3** of {found.total}" in said(at)
    labels(at)["Next"].click().run()
    assert link(at)["session"] == [found.rows[3].session_id]


def test_the_reason_stands_beside_a_session_that_would_teach(opened, shop):
    found = lessons.run(shop, lessons.Lessons(), Scope()).rows
    at = session(opened, shop, found[1].session_id, of="lessons", n=2)
    assert "**2** of 6" in said(at)
    assert f"Why it is listed: {escape(found[1].why)}." in said(at)
    labels(at)["Next"].click().run()
    assert link(at)["session"] == [found[2].session_id]
    assert link(at)["at"] == ["9000"], "it opens where it went wrong"


def test_a_session_that_is_elsewhere_in_its_list_is_found(opened, shop):
    ids = whole(shop)
    at = session(opened, shop, ids[250], of="sessions", n=7)
    assert "**251** of 360" in said(at)


def test_a_list_that_no_longer_has_the_session_goes_on_where_it_was(opened, shop):
    ids = whole(shop)
    at = session(opened, shop, ids[2], of="sessions", p={"watched": False}, n=3)
    assert "**3** of 360" in said(at)
    press(at, "Mark as watched")
    assert "No longer in its list of 359\u00a0sessions" in said(at)
    assert "Watched" in labels(at)
    labels(at)["Next"].click().run()
    assert link(at)["session"] == [ids[3]]
    assert "**3** of 359" in said(at)


def test_the_mark_is_set_and_taken_away_without_a_list(opened, shop):
    at = opened(shop, SESSION, session="s0-1")
    assert "Next" not in labels(at)
    press(at, "Mark as watched")
    assert set(watched.among(shop, ["s0-1"])) == {"s0-1"}
    press(at, "Watched")
    assert watched.among(shop, ["s0-1"]) == {}


def test_a_store_for_reading_only_shows_marks_and_sets_none(opened, shop):
    watched.mark(shop, "s0-1")
    shop.read_only = True
    at = opened(shop, SESSION, session="s0-1")
    assert ":material/check: Watched" in said(at)
    assert "Watched" not in labels(at)
    assert "Mark as watched" not in labels(opened(shop, SESSION, session="s0-2"))


def test_hostile_text_in_reasons_and_filters_is_text(opened, hostile):
    at = opened(hostile, SESSIONS, view=['{"order":"lessons"}'])
    assert any("[click me](https://evil.example/steal)" in why for why in table(at)["Why"])
    assert marks(at) == []
    found = lessons.run(hostile, lessons.Lessons(), Scope()).rows
    for n, one in enumerate(found, 1):
        at = session(opened, hostile, one.session_id, of="lessons", n=n)
        assert not at.exception
        assert marks(at) == []
    for text in HOSTILE.values():
        part = {"did": [{"name": text}, {"page": text}], "did_not": [{"name": "x", "element": text}]}
        at = opened(hostile, SESSIONS, p=[json.dumps(part)])
        assert not at.exception
        assert marks(at) == []


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        '{"of":"sessions"}',
        '{"of":"sessions","n":0}',
        '{"of":"sessions","n":100000000000000000000000000}',
        '{"of":"no_such","n":1}',
        '{"of":"timeline","p":{"session_id":"s0-1"},"n":1}',
        '{"of":"values","p":{"field":"page"},"n":1}',
        '{"of":"sessions","p":{"order_by":"name; DROP"},"n":1}',
        '{"of":"sessions","in":{"segment":"nobody keeps it"},"n":1}',
        '{"of":"os","n":1}',
        '{"of":"dropouts","p":{"steps":[{"name":"page_view"},{"name":"order"}],"step":1,"by":"user"},"n":1}',
    ],
)
def test_a_link_of_no_list_is_said_and_harmless(opened, shop, text):
    at = opened(shop, SESSION, session="s0-1", list=text)
    assert not at.exception
    assert "cannot be read" in said(at)
    assert "Next" not in labels(at)


def test_a_list_too_long_for_a_link_is_no_playlist():
    among = Sessions(where=(Filter("session_id", "in", tuple(f"session-{n}" for n in range(1000))),))
    assert lists.Playlist(sessions, among, Scope()).text(1) is None
    assert lists.Playlist(sessions, Sessions(), Scope()).text(7) == '{"of":"sessions","p":{"order_by":"-start"},"n":7}'


LISTS = [name for name, module in registry.modules().items() if playlist._lists_sessions(module)]


def test_lists_of_sessions_are_playlists_and_nothing_else_is():
    assert set(LISTS) >= {"sessions", "lessons", "event_sessions", "path_sessions", "dropouts", "correlated"}
    assert not set(LISTS) & {"timeline", "elements", "values", "returners", "overview"}


@pytest.mark.parametrize("module", LISTS)
def test_a_list_survives_its_link(module):
    found = registry.analysis(module)
    scope = Scope(devices=("phone",), where=(Filter("errors", "gt", 0),))
    text = lists.Playlist(found, found.EXAMPLE, scope).text(5)
    named = json.loads(text)
    asked = registry.params(found, json.dumps(named["p"]))
    assert replace(asked, limit=found.EXAMPLE.limit) == found.EXAMPLE
    assert (registry.scope(json.dumps(named["in"])), named["n"]) == (scope, 5)
    assert playlist.read(text[:-1] + ',"on":"funnel"}')[0].on == "funnel"
    assert playlist.read(text[:-1] + ',"on":"https://evil.example"}')[0].on == ""


@pytest.mark.parametrize(
    ("text", "sessions"), [("u3-59", 1), ("DONE", 90), ("order", 90), ("s0-1", 1), ("nobody", 0), ("%", 0)]
)
def test_find_looks_in_people_pages_events_and_ids(opened, shop, text, sessions):
    at = opened(shop, SESSIONS)
    next(box for box in at.text_input if box.label == "Find").set_value(text).run()
    assert not at.exception
    assert (f"**{sessions}\u00a0session" if sessions else "**No session**") in said(at)
    again = opened(shop, SESSIONS, **link(at))
    assert next(box for box in again.text_input if box.label == "Find").value == text


def test_a_filter_of_the_link_can_be_taken_out(opened, shop):
    at = opened(shop, SESSIONS, p=['{"where":[{"field":"country","op":"is","value":"AT"}]}'])
    assert "**120\u00a0sessions**" in said(at)
    press(at, "country is AT")
    assert "**360\u00a0sessions**" in said(at)
    assert not link(at).get("p")


def test_hostile_text_stands_in_the_table_as_it_is(opened, hostile):
    at = opened(hostile, SESSIONS)
    assert not at.exception
    assert "[click me](https://evil.example/steal)" in set(table(at)["Person"])
    assert marks(at) == []


def test_the_download_is_the_whole_list_and_no_formula(opened, shop):
    rows = [{"a": "=1+1", "b": None}, {"a": "x", "c": -1.5}]
    assert as_csv(rows, shop).decode() == "a,b,c\n'=1+1,,\nx,,-1.5\n"
