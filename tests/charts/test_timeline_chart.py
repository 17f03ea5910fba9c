"""What the player of a session is given to draw: columns, an entry an event, and everything else as JSON."""

import json
from datetime import datetime, timedelta

import numpy as np
import pytest

from analytics.analyses.timeline import Event
from analytics.charts import session_player
from analytics.charts import timeline as told
from analytics.charts.theme import DARK, LIGHT
from analytics.workspace.pictures import Picture

NINE = datetime(2026, 3, 2, 9, 0)
PHONE = Picture("/pay", 0, "image/svg+xml", b"<svg/>", 390, 976)
SCREEN = {"viewport_width": 390, "viewport_height": 600, "page_height": 976, "page": "/pay"}


def event(name, ms=0, flags=(), **more):
    fields = dict.fromkeys(Event.__dataclass_fields__) | {"visit_no": 1} | more
    time = NINE + timedelta(milliseconds=ms)
    return Event(**fields | {
        "position": 1, "timestamp": time, "local": time, "offset_ms": ms, "event": name, "flags": tuple(flags),
    })  # fmt: skip


def player(*events, pictures=None, sections=None, device="phone"):
    drawn = session_player.player(LIGHT, events, device, pictures or {}, sections or {})
    return drawn, {name: column.tolist() for name, column in drawn["columns"].items()}


def test_what_the_player_draws():
    drawn, columns = player(
        event("page_view", 0, **SCREEN),
        event("scroll", 1000, scroll_depth=0.9, **SCREEN),
        event("click", 2000, x=100, y=820, element="button#pay-now", text="Pay now", flags=("rage", "dead"), **SCREEN),
        event("page_view", 3000, page="/done"),
        event("click", 4000, page="/done", x=10, y=2000, element="a#home", text="Home"),
        pictures={"/pay": PHONE},
        sections={"/pay": "#123456"},
    )
    rest = {name: value for name, value in drawn.items() if name != "columns"}
    assert json.loads(json.dumps(rest))["pages"] == rest["pages"], "all but the columns is JSON"
    assert columns["t"] == [0, 1000, 2000, 3000, 4000]
    assert [drawn["kinds"][kind] for kind in columns["kind"]] == ["view", "scroll", "click", "view", "click"]
    assert [drawn["words"][word] for word in columns["say"]][2] == "Tapped Pay now"
    assert columns["flag"] == [-1, -1, 0, -1, -1], "the worst of them"
    assert columns["x"] == [session_player.NOWHERE, session_player.NOWHERE, 100, session_player.NOWHERE, 10]
    assert columns["top"] == [0, 278, 278, 0, 1640], (
        "scrolled by depth, at the top of a new page, to where a tap landed"
    )
    assert (columns["beside"], drawn["views"]) == ([0] * 5, [(390, 600, 390, 600)])
    pay, done = drawn["pages"]
    assert (pay["picture"], pay["colour"], pay["sketch"]) == (0, "#123456", [])
    assert (done["picture"], done["colour"]) == (None, LIGHT.context)
    assert done["sketch"] == [[-30, 1982, 80, 36, "Home"]]
    assert (drawn["pictures"], drawn["stage"], drawn["screen"]) == ([PHONE.uri], True, (390, 600))


def test_without_places_and_pictures_there_is_no_stage():
    assert player(event("click", page="/a", element="b"))[0]["stage"] is False


def test_no_event_is_nothing_to_draw():
    drawn, columns = player()
    assert (columns["t"], drawn["pages"]) == ([], [])


def test_a_page_wider_than_the_window_is_seen_whole():
    wide = Picture("/pay", 0, "image/png", b"", 780, 2000)
    seen = event("page_view", page="/pay", viewport_width=390, viewport_height=600)
    drawn, _ = player(seen, pictures={"/pay": wide})
    assert drawn["views"] == [(780, 1200, 390, 600)]


def test_a_window_that_is_turned_and_zoomed():
    drawn, columns = player(
        event("page_view", 0, page="/a", viewport_width=390, viewport_height=600),
        event("click", 1, page="/a", x=5, y=5, viewport_width=600, viewport_height=390),
        event("click", 2, page="/a", x=5, y=5),
        event("move", 3, page="/a", x=5, y=5, viewport_width=300, viewport_height=195),
        event("move", 4, page="/a", x=5, y=5, viewport_width=0, viewport_height=-4),
        event("move", 5, page="/a", x=5, y=5, viewport_width=10**9, viewport_height=10**9),
    )
    views = [drawn["views"][view] for view in columns["view"]]
    assert [view[0] for view in views] == [390, 600, 600, 300, 300, 300], "what cannot be is as before"
    assert [view[1] for view in views] == [600, 390, 390, 195, 195, 195]


@pytest.mark.parametrize(
    ("x", "y", "at"),
    [
        (-1, 50, (0, 50, 1)),
        (390, 976, (390, 976, 0)),
        (391, 50, (390, 50, 1)),
        (50, -2_147_483_648, (50, 0, 1)),
        (2_147_483_647, 2_147_483_647, (390, 976, 1)),
        (None, 50, (session_player.NOWHERE, session_player.NOWHERE, 0)),
    ],
)
def test_a_place_off_the_page_is_at_its_edge(x, y, at):
    _, columns = player(event("page_view", **SCREEN), event("click", 1, x=x, y=y, **SCREEN))
    assert (columns["x"][1], columns["y"][1], columns["beside"][1]) == at
    assert 0 <= columns["top"][1] <= 376


def test_a_page_without_end_is_scrolled_to_where_they_were():
    tall = SCREEN | {"page_height": 100_000}
    _, columns = player(
        event("page_view", **tall),
        event("scroll", 1, scroll_depth=1.0, **tall),
        event("click", 2, x=5, y=50_000, **tall),
    )
    assert columns["top"] == [0, 99_400, 49_640]


def test_the_height_of_a_page_is_remembered_while_it_is_seen():
    _, columns = player(
        event("page_view", **SCREEN),
        event("click", 1, page="/pay", x=5, y=5000),
        event("page_view", 2, page="/b"),
        event("click", 3, page="/b", x=5, y=5000),
    )
    assert (columns["beside"], columns["y"][1::2]) == ([0, 1, 0, 0], [976, 5000])


def test_what_is_fixed_goes_with_the_window():
    _, columns = player(
        event("page_view", **SCREEN),
        event("scroll", 1, scroll_depth=0.9, **SCREEN),
        event("click", 2, x=10, y=20, fixed=True, **SCREEN),
    )
    assert (columns["top"], columns["y"][2]) == ([0, 278, 278], 298)


def test_events_without_any_page_are_on_one_page():
    drawn, columns = player(event("click", x=10, y=20, element="a#b"), event("click", 9, x=10, y=900, element="a#c"))
    assert [page["name"] for page in drawn["pages"]] == [""]
    assert [name for *_, name in drawn["pages"][0]["sketch"]] == ["B", "C"]
    assert columns["page"] == [0, 0]


def test_alike_is_told_once():
    moves = [event("move", n, page="/a", x=n, y=n) for n in range(500)]
    clicks = [event("click", 500 + n, page=f"/{n % 7}", element="a#b", x=1, y=1) for n in range(500)]
    drawn, columns = player(*moves, *clicks)
    assert drawn["words"] == ["Moved the pointer", "Tapped B"]
    assert (len(columns["t"]), len(drawn["pages"])) == (1000, 8)


def test_a_download_is_read_when_it_is_wanted():
    asked = []

    def read():
        asked.append(1)
        return [event("click", n, text="Pay", element="button#pay") for n in range(3)]

    rows = told.Rows(3, read, "phone")
    assert (bool(rows), len(rows), asked) == (True, 3, [])
    assert [row["what"] for row in rows] == ["Tapped Pay"] * 3
    assert (rows[0]["offset_ms"], rows[-1]["offset_ms"], asked) == (0, 2, [1])


@pytest.mark.parametrize(
    ("events", "names"),
    [
        ([event("click")], ()),
        ([event("click", flags=("dead", "error"))], ("Dead click", "Click with an error")),
        ([event("click", flags=("error",)), event("error")], ("Error, or a click with one",)),
        ([event("error"), event("form_error")], ("Error", "Refused")),
        ([event("login_failed"), event("page_view", flags=("u_turn",))], ("U-turn", "Refused")),
    ],
)
def test_the_legend_names_what_went_wrong(events, names):
    assert told.marks(events) == names
    assert set(names) <= told.mark_looks(DARK).keys()


@pytest.mark.parametrize(
    ("gaps", "kind"), [([5, 6], "u1"), ([300], "u2"), ([70_000], "i4"), ([10**12], "f8"), ([2**31], "f8")]
)
def test_columns_travel_in_few_bytes(gaps, kind):
    moments = np.cumsum([0, *gaps]).tolist()
    drawn, columns = player(*(event("click", ms) for ms in moments))
    packed = session_player.packed(drawn["columns"])
    assert (packed["gap"].tolist(), packed["gap"].dtype.str[1:]) == ([0, *gaps], kind)
    assert {name: column.tolist() for name, column in packed.items() if name != "gap"} == {
        name: column for name, column in columns.items() if name != "t"
    }
