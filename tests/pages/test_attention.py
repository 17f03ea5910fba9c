"""The heatmap and the page of one session: their words, their pictures as data, and the pages on the sample."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from analytics.analyses import event_sessions, heatmap, scroll, sessions, timeline
from analytics.analyses.heatmap import Cell, Element, Heatmap, HeatmapResult, Screen, Totals
from analytics.analyses.timeline import Event, Timeline
from analytics.charts import heatmap as heat
from analytics.charts import session_player
from analytics.charts import timeline as told
from analytics.charts.theme import DARK, LIGHT
from analytics.conditions import Filter, Matcher
from analytics.scope import Scope
from analytics.store import holder
from analytics.workspace.pictures import Picture

MAIN = Path(__file__).parent.parent.parent / "pages" / "main.py"
NINE = datetime(2026, 3, 2, 9, 0)
EVIL = "<img src=x onerror=alert(1)> **b** [l](javascript:alert(1)) %{x}"
PHONE = Picture("/pay", 0, "image/svg+xml", b"<svg/>", 390, 976)


# -------------------------------------------------------------------------------------------------------------- words


def event(name, ms=0, position=1, flags=(), **more):
    fields = dict.fromkeys(Event.__dataclass_fields__) | {"gap_ms": None, "visit_no": 1} | more
    time = NINE + timedelta(milliseconds=ms)
    return Event(**fields | {
        "position": position, "timestamp": time, "local": time, "offset_ms": ms, "event": name, "flags": tuple(flags),
    })  # fmt: skip


@pytest.mark.parametrize(
    ("selector", "name"),
    [
        ("button#pay-now", "Pay now"),
        ("a.card", "Card"),
        ("main > div.list li:nth-child(3) > a#next_page", "Next page"),
        ('input[name="card_number"]', "Card number"),
        ("button[data-test-id='saveAll'].primary", "Save All"),
        ("div > ul li:nth-child(3) a", "a link"),
        ("html", "the page"),
        ("PayButton", "Pay Button"),
        ("///", "///"),
        ('input[value="typed by somebody"]', "a field"),
    ],
)
def test_a_selector_as_a_name(selector, name):
    assert told.named(selector) == name


@pytest.mark.parametrize(
    ("happened", "words"),
    [
        (event("page_view", page="/cart"), "/cart"),
        (event("page_view"), "A page"),
        (event("click", element="button#pay-now", text="Pay now"), "Tapped Pay now"),
        (event("click", element="button#pay-now"), "Tapped Pay now"),
        (event("click"), "Tapped the page"),
        (event("scroll", scroll_depth=0.699), "Scrolled to 70\u00a0%"),
        (event("scroll"), "Scrolled"),
        (event("focus", element="input#coupon"), "Went into Coupon"),
        (event("change", element="input#coupon"), "Filled in Coupon"),
        (event("change", element="select#country"), "Chose Country"),
        (event("submit", element="form#address"), "Sent the form Address"),
        (event("page_leave", page="/cart"), "Left /cart"),
        (event("error", text="TypeError:  x\nis null"), "Error: TypeError: x is null"),
        (event("error", properties='{"message": "no form"}'), "Error: no form"),
        (event("error", properties="no json"), "Error"),
        (
            event("form_error", element="input#coupon", properties='{"reason": "Unknown code."}'),
            "Coupon was refused: Unknown code.",
        ),
        (event("login_failed"), "Could not log in"),
        (event("order", value=182.9), "Order, 182.90"),
        (event("add_to_cart", value=79.0), "Add to cart, 79"),
        (event("planChosen"), "Plan Chosen"),
        (event(EVIL), EVIL[:79].rstrip() + "…" if len(EVIL) > 80 else EVIL),
    ],
)  # fmt: skip
def test_events_as_people_say_them(happened, words):
    teller = told.Teller.of([event("focus", element="input#coupon")], "phone")
    assert teller.say(happened) == words


def test_on_a_desk_people_click():
    assert told.Teller.of([], "desktop").say(event("click", text="Go")) == "Clicked Go"


SECRET = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    "typed",
    [
        event("change", element="input#card", text=SECRET, value=None),
        event("click", element="input#card", text=SECRET),
        event("focus", element="textarea.note", text=SECRET),
        event("click", element="#card", element_tag="input", text=SECRET),
        event("change", element="#card", text=SECRET),
        event("form_error", element="input#card", properties='{"reason": "No such card."}'),
    ],
)
def test_what_may_have_been_typed_is_never_shown(typed):
    drawn = session_player.player(LIGHT, [typed], "phone", {}, {})
    assert SECRET not in json.dumps(drawn, default=str)
    assert SECRET not in told.story([typed, typed], 2, str)
    assert SECRET not in json.dumps(list(told.Rows(1, lambda: [typed], "phone")), default=str)


def rage(ms, **more):
    return event("click", ms, page="/pay", element="button#pay-now", text="Pay now", **more)


PAY = [
    event("page_view", 0, page="/cart"), event("page_view", 1000, page="/pay"),
    rage(2000, flags=("dead",)), rage(3000, flags=("dead",)), rage(3500, flags=("rage", "dead")),
    event("page_leave", 9000, page="/pay"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ([], "This session has no events."),
        ([event("page_view", page="/only")], "A single event: saw **/only**."),
        ([event("signup")], "A single event: **Signup**."),
        (PAY, "Saw 2 pages in 9.0 s, pressed **“Pay now” 3 times in 1.5 s** and nothing happened. Left from **/pay**."),
        (
            [event("page_view", page="/"), event("add_to_cart", 4000, page="/", value=79.0)],
            "Saw only **/** in 4.0 s. Got as far as **Add to cart, 79** and left from **/**.",
        ),
        (
            [event("signup"), event("login_failed", 1000), event("login_failed", 2000)],
            "Did 3 things in 2.0 s, could not log in **2 times**. Got as far as **Signup**.",
        ),
        (
            [event("login_failed"), event("login", 1000)],
            "Did 2 things in 1.0 s.",
        ),
        (
            [event("page_view", page="/pay"), rage(10, flags=("error",)), event("error", 20, page="/pay", text="no")],
            "Saw only **/pay** in 0.0 s, pressed **“Pay now”** and met an error. Left from **/pay**.",
        ),
        (
            [event("page_view", page="/a"), event("page_view", 5, page="/b", flags=("u_turn",)),
             event("error", 6, page="/b", text="no *b*"), event("page_view", 9, page="/a")],
            "Saw 2 pages in 0.0 s, met **1 error** (“no *b*”), turned back at once from **/b**. Left from **/a**.",
        ),
    ],
)  # fmt: skip
def test_a_session_in_a_sentence(events, sentence):
    assert told.story(events, len(events), str).replace("\u00a0", " ") == sentence


def test_the_story_of_a_part_says_so():
    story = told.story(PAY, 30_000, str).replace("\u00a0", " ")
    assert story.startswith("Saw 2 pages in the first 6 of 30,000 events, pressed")
    assert "Left from" not in story


def test_presses_of_one_thing_belong_together():
    late = [rage(20_000, flags=("dead",)), event("click", 20_100, page="/pay", element="a#help", flags=("dead",))]
    found = told.troubles([*PAY, *late])
    assert [(trouble.at, trouble.flag) for trouble in found] == [((2, 3, 4), "rage"), ((6,), "dead"), ((7,), "dead")]


@pytest.mark.parametrize(
    ("gaps", "fold"), [([], 8000), ([9000] * 20, 8000), ([9000] * 21, 15_000), ([10**8] * 30, 3_600_000)]
)
def test_a_session_full_of_pauses_folds_only_the_long_ones(gaps, fold):
    moments = np.cumsum([0, *gaps]).tolist()
    assert told.fold_ms([event("click", ms) for ms in moments]) == fold


# -------------------------------------------------------------------------------------------------- the heat picture


def element(name, x=100.0, y=100.0, events=5, sessions=3, text="Pay now", texts=1, tag="button"):
    edges = (None,) * 6 if x is None else (x, y, x - 30, x + 30, y - 10, y + 10)
    return Element(name, name, False, tag, text, texts, events, sessions, False, *edges)


def answer(cells=((2, 4, 3), (3, 4, 1)), elements=(), screens=(), **totals):
    placed = sum(count for *_, count in cells)
    given = {"viewers": 10, "events": placed, "placed": placed, "fixed": 0, "sessions": 4, "page_height": 900,
             "narrowest": 390, "widest": 390} | totals  # fmt: skip
    return HeatmapResult(
        tuple(Cell(column, row, count, count) for column, row, count in cells), (), tuple(elements), Totals(**given),
        tuple(screens), (),
    )  # fmt: skip


ASKED = Heatmap("/pay", cell=10, viewport=(0, 599))


def test_what_lies_outside_the_picture_is_said():
    result = answer(cells=((2, 4, 3), (-1, 4, 1), (39, 4, 1), (2, 97, 2), (2, 98, 4), (200_000, 10**6, 1)))
    drawn = heat.sheet(ASKED, result, PHONE, "phone")
    assert (drawn.width, drawn.height, drawn.outside) == (390, 976, 7)
    assert heat.grid(ASKED, result, drawn).sum() == 5
    assert heat.left_out(ASKED, result, drawn) == "Not drawn: 7\u00a0clicks beside the page."


def test_a_page_without_end_is_cut():
    result = answer(cells=((2, 4, 99), (2, 5000, 7)), page_height=10**9)
    drawn = heat.sheet(ASKED, result, None, "phone")
    assert (drawn.height, drawn.cut, drawn.outside) == (6000, True, 7)
    assert heat.left_out(ASKED, result, drawn).endswith(
        "7\u00a0clicks beside the page or below the first 6,000\u00a0px."
    )
    assert heat.figure(LIGHT, ASKED, result, drawn).layout.height < 6100


def test_one_stray_click_does_not_stretch_the_page():
    drawn = heat.sheet(ASKED, answer(cells=((2, 4, 999), (2, 400, 1)), page_height=None), None, "phone")
    assert (drawn.height, drawn.outside) == (200, 1)


def test_what_has_no_place_or_no_width_is_said():
    screens = (Screen("phone", 9, 4, 3, 390), Screen("unknown", 5, 5, 2, None))
    result = answer(events=9, screens=screens)
    said = heat.left_out(ASKED, result, heat.sheet(ASKED, result, PHONE, "phone"))
    assert said.startswith("Not drawn: 5\u00a0clicks without a place")
    assert said.endswith("5 from windows of unknown width, which are not among these.")


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (element("button#pay-now"), "Pay now"),
        (element("a.card", text="Tent", texts=8), "Card (any of 8)"),
        (element("input#card", text=SECRET, tag="input"), "Card"),
        (element("#card", text=SECRET, tag="input"), "Card"),
        (element("div > a", text=None, texts=0), "A link"),
    ],
)
def test_elements_by_name(one, name):
    assert heat.name_of(one) == name


def test_the_picture_takes_clicks_everywhere():
    result = answer()
    drawn = heat.sheet(ASKED, result, PHONE, "phone")
    made = heat.figure(LIGHT, ASKED, result, drawn, 13, None, None)
    side = heat.squares(ASKED, drawn)
    squares = next(trace for trace in made.data if trace.type == "scatter")
    assert sum(squares.customdata) == result.totals.placed
    assert len(squares.x) == -(-390 // side) * -(-976 // side) <= heat.MOST_SQUARES
    assert made.layout.images[0].source == PHONE.uri
    assert made.layout.yaxis.range == (976, 0), "the page's top is up"


def test_without_a_picture_the_page_is_drawn_from_its_elements():
    result = answer(elements=[element("button#pay", text=EVIL), element("a#far", x=None), element("a#left", x=-500.0)])
    made = heat.figure(LIGHT, ASKED, result, heat.sheet(ASKED, result, None, "phone"))
    assert len(made.layout.shapes) == 2, "the page and the one element on it"
    assert not made.layout.images
    texts = [note.text for note in made.layout.annotations]
    assert any("&lt;img" in text for text in texts)
    assert not any("<img" in text for text in texts)


@pytest.mark.parametrize("reach", [None, scroll.ScrollResult((), 0, 0, 3, None, ())])
def test_no_scroll_no_panel(reach):
    result = answer()
    made = heat.figure(LIGHT, ASKED, result, heat.sheet(ASKED, result, PHONE, "phone"), reach=reach)
    assert {trace.xaxis for trace in made.data} == {None}


def test_how_far_views_came_stands_on_the_same_scale():
    reached = tuple(scroll.Reach(step / 20, 10 - step // 2) for step in range(21))
    result = answer()
    drawn = heat.sheet(ASKED, result, PHONE, "phone")
    made = heat.figure(DARK, ASKED, result, drawn, reach=scroll.ScrollResult(reached, 10, 6, 0, 0.5, ()))
    assert made.layout.yaxis2.range == made.layout.yaxis.range
    line = made.data[-1]
    assert (line.x[0], line.x[-1], line.y[-1]) == (100, 0, 976)
    fold = next(note for note in made.layout.annotations if note.text == "first screen")
    assert fold.y == 488


@pytest.mark.parametrize(
    ("points", "boxes", "found"),
    [
        ([], [], None),
        ([], [{"x": [30.2, 10.7], "y": [5.0, 9.5]}], heat.Region(10, 31, 5, 10)),
        ([{"x": 15, "y": 25}], [], heat.Region(10, 20, 20, 30)),
        ([{"x": 15, "y": 25}], [{"x": [0, 1], "y": [0, 1]}, {"x": [2, 3], "y": [2, 3]}], heat.Region(2, 3, 2, 3)),
    ],
)
def test_what_was_chosen_on_the_picture(points, boxes, found):
    assert heat.region(10, points, boxes) == found


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (answer(elements=[element("button#pay-now", events=3, sessions=2)]),
         "**“Pay now” gets 75 % of 4 clicks**, from 2 sessions of the 10 that saw the page."),
        (answer(), "**4 clicks** in 4 sessions; none says what was hit."),
        (answer(cells=()), "**No click** on /pay in 10 sessions that saw it."),
        (answer(cells=(), viewers=0), "**No click** on /pay."),
    ],
)  # fmt: skip
def test_a_heatmap_in_a_sentence(result, sentence):
    assert heat.story(ASKED, result, str).replace("\u00a0", " ") == sentence


# ---------------------------------------------------------------------------------------------------------- the pages


class Visit:
    """A page as a reader sees it; texts without the marks of markdown."""

    def __init__(self, file, **link):
        self.at = AppTest.from_file(str(MAIN), default_timeout=120)
        for name, value in link.items():
            self.at.query_params[name] = json.dumps(value) if isinstance(value, dict) else value
        self.at.switch_page(f"attention/{file}.py").run()

    @staticmethod
    def plain(text):
        return text.replace("\\", "").replace("**", "").replace("\u00a0", " ")

    @property
    def texts(self):
        assert not self.at.exception
        return [self.plain(one.value) for kind in ("markdown", "caption", "subheader") for one in self.at.get(kind)]

    @property
    def list(self):
        """The words over the list of sessions, and how many it says there are."""
        title = [self.plain(one.value) for one in self.at.subheader][-1]
        name, _, count = title.rpartition(": ")
        return name, int(count.partition(" ")[0].replace(",", ""))

    def control(self, kind, label):
        return next(one for one in self.at.get(kind) if one.label == label)

    def linked(self, name):
        text = self.at.query_params.get(name, "{}")
        return json.loads(text if isinstance(text, str) else text[-1])

    @property
    def figure(self):
        return json.loads(self.at.get("plotly_chart")[0].proto.spec)


@pytest.fixture
def use(monkeypatch):
    """`use(store)`: the store that the pages show."""

    def now(store):
        monkeypatch.setattr(holder, "_stores", [store])
        return store

    return now


@pytest.fixture
def shop(sample, use):
    return use(sample)


PAYMENT = {"page": "/checkout/payment"}


def test_the_busiest_page_on_the_busiest_screen(shop):
    visit = Visit("heatmap")
    result = heatmap.run(shop, Heatmap("/"), Scope())
    busiest = max(result.screens, key=lambda screen: screen.events)
    assert visit.control("segmented_control", "Screen").value == busiest.screen
    assert visit.control("selectbox", "Page").value == "/"
    assert visit.list == ("Clicked anything here", busiest.sessions)
    assert not any(one.label == "Kind" for one in visit.at.get("segmented_control")), "there are no moves to show"
    assert visit.figure["layout"]["images"], "over the page's picture"


def test_the_link_chooses_page_screen_and_element(shop):
    chosen = {"element": "button#pay-now"}
    visit = Visit("heatmap", p=PAYMENT | {"viewport": [600, 1023]}, sel=chosen, release="1.1")
    scope = Scope(releases=("1.1",))
    result = heatmap.run(shop, Heatmap("/checkout/payment", viewport=(600, 1023)), scope)
    pay = next(one for one in result.elements if one.element == "button#pay-now")
    assert visit.control("segmented_control", "Screen").value == "tablet"
    assert visit.list == ("Clicked “Pay now”", pay.sessions)
    assert any(f"Pay now: {pay.events}" in note["text"] for note in visit.figure["layout"]["annotations"])


def test_another_page_forgets_what_was_selected(shop):
    visit = Visit("heatmap", p=PAYMENT, sel={"element": "button#pay-now"})
    visit.control("selectbox", "Page").set_value("/cart").run()
    assert visit.list[0] == "Clicked anything here"
    assert visit.linked("p")["page"] == "/cart"
    assert not visit.linked("sel")


@pytest.mark.parametrize("region", [[20, 370, 780, 850], [0, 390, 0, 976], [0, 1, 0, 1]])
def test_a_box_lists_its_sessions(shop, region):
    visit = Visit("heatmap", p=PAYMENT | {"viewport": [0, 599]}, sel={"region": region})
    left, right, top, bottom = region
    corners = (
        ("x", "gte", left),
        ("x", "lt", right),
        ("y", "gte", top),
        ("y", "lt", bottom),
        ("viewport_width", "lte", 599),
    )
    asked = Matcher(name="click", page="/checkout/payment", where=tuple(Filter(*corner) for corner in corners))
    total = event_sessions.run(shop, event_sessions.EventSessions(asked), Scope()).total
    assert visit.list == (f"Clicked within {right - left} × {bottom - top} px", total)
    assert next(one for one in visit.at.button if one.label == "Show all clicks").click().run()
    assert visit.list[0] == "Clicked anything here"


@pytest.mark.parametrize("sel", [{"region": [1, 2]}, {"region": "all"}, {"element": "no such"}, {"element": ["x"]}])
def test_a_selection_that_is_not_there_is_none(shop, sel):
    assert Visit("heatmap", p=PAYMENT, sel=sel).list[0] == "Clicked anything here"


def test_a_page_nobody_saw(shop):
    visit = Visit("heatmap", p={"page": "/nowhere"})
    assert "No click on /nowhere." in visit.texts


def test_many_pages_as_one(shop):
    visit = Visit("heatmap", p={"page": "/product/*"})
    assert visit.figure["layout"]["images"]
    assert visit.list[1] > 5000


@pytest.fixture
def told_by(store_of, use):
    """A small store in use: `told_by((session, ms, event, {...}), ...)`."""

    def make(*events):
        rows = [
            {"session_id": session, "user_id": f"person-{session}", "event": name, **more,
             "timestamp": (NINE + timedelta(milliseconds=ms)).isoformat()}
            for session, ms, name, more in events
        ]  # fmt: skip
        return use(store_of(rows))

    return make


def test_clicks_without_places_are_counted_by_element(told_by):
    told_by(*((f"s{n}", n, "click", {"page": "/flat", "element": "a.nav", "text": "Menu"}) for n in range(3)))
    visit = Visit("heatmap")
    assert any("None of these clicks says where" in text for text in visit.texts)
    assert visit.figure["data"][0]["type"] == "bar"
    assert visit.list == ("Clicked anything here", 3)


def test_events_without_pages_have_no_heatmap(told_by):
    told_by(("s", 0, "signup", {}), ("s", 1, "click", {"element": "b"}))
    assert any("name no page" in text for text in Visit("heatmap").texts)


def test_moves_can_be_chosen_where_there_are_some(told_by):
    place = {"page": "/a", "x": 5, "y": 5, "viewport_width": 1400}
    told_by(("s", 0, "page_view", place), ("s", 5, "move", place), ("t", 9, "move", place), ("t", 9, "click", place))
    visit = Visit("heatmap")
    visit.control("segmented_control", "Kind").set_value("move").run()
    assert visit.list == ("Moved over anything here", 2)
    assert visit.linked("p")["kind"] == "move"


def test_names_from_data_are_text_on_the_heatmap(told_by):
    told_by(*(
        (f"s{n}", n, "click", {"page": f"/{EVIL}", "element": f"a#{EVIL}", "text": EVIL, "x": 9, "y": 9})
        for n in range(2)
    ))  # fmt: skip
    visit = Visit("heatmap", sel={"element": f"a#{EVIL}"})
    raw = [one.value for kind in ("markdown", "subheader") for one in visit.at.get(kind)]
    assert any("onerror" in text for text in raw)
    assert not any("<img src" in text and "\\<img" not in text for text in raw if "<style" not in text)
    assert "<img" not in json.dumps([note["text"] for note in visit.figure["layout"]["annotations"]])
    assert visit.list[1] == 2


def longest(shop):
    asked = Filter("release", "is", "1.1"), Filter("device", "is", "phone"), Filter("element", "is", "button#pay-now")
    return sessions.run(shop, sessions.Sessions(asked, order_by="-clicks", limit=1), Scope()).rows[0]


def test_one_session_of_the_sample(shop):
    session = longest(shop)
    visit = Visit("session", session=session.session_id, at="9000")
    result = timeline.run(shop, Timeline(session.session_id), Scope())
    assert visit.plain(visit.at.caption[0].value).startswith(f"Person {session.user}, ")
    assert any(text.startswith("Saw ") and "pressed “Pay now”" in text for text in visit.texts)
    drawn = visit.at.get("bidi_component")
    assert drawn, "the player is mounted"
    assert result.total == session.events


def test_an_unknown_session_offers_others(shop):
    visit = Visit("session", session=f"s-{EVIL}")
    assert any("has no session" in text for text in visit.texts)
    assert visit.list == ("With the most errors first", 25_570)


@pytest.mark.parametrize("at", ["", "nonsense", "-5", "99999999999999999999"])
def test_a_moment_that_cannot_be_read_is_the_beginning(told_by, at):
    told_by(("one", 0, "page_view", {"page": "/only"}))
    visit = Visit("session", session="one", at=at)
    assert "A single event: saw /only." in visit.texts


def test_the_sessions_of_a_person_lead_to_each_other(store_of, use):
    rows = [
        {
            "event": "page_view",
            "page": "/",
            "user_id": "anna",
            "session_id": f"s{n}",
            "timestamp": NINE + timedelta(days=n),
        }
        for n in range(3)
    ]
    use(store_of(rows))
    visit = Visit("session", session="s1")
    assert "Session 2 of 3 of this person." in visit.texts
    next(one for one in visit.at.button if one.label == "Next session").click().run()
    assert "Session 3 of 3 of this person." in visit.texts
    assert not any(one.label == "Next session" for one in visit.at.button)


def test_a_session_without_pages_places_and_pictures(told_by):
    told_by(("s", 0, "signup", {}), ("s", 20_000, "plan_chosen", {"value": 12}))
    visit = Visit("session", session="s")
    assert "Did 2 things in 20 s. Got as far as Plan chosen, 12." in visit.texts
    assert any("there is only the list" in text for text in visit.texts)


def test_the_player_never_makes_markup_of_data():
    script = (MAIN.parent / "attention" / "player" / "player.js").read_text(encoding="utf-8")
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval("):
        assert way not in script
