"""Flags are checked as a string: one letter an event, `.` for none, R rage, D dead, E error, U u-turn."""

from datetime import date, datetime, timedelta

import pytest

from analytics.analyses import timeline
from analytics.analyses.timeline import Dead, Error, Rage, Timeline, UTurn
from analytics.errors import InvalidQuestion
from analytics.scope import Scope

NINE = datetime(2026, 3, 2, 9, 0)
BUTTON = "button#pay"


def at(ms, event, session="s1", **more):
    return {"ms": ms, "event": event, "session": session} | more


def click(ms, x=None, y=None, element=BUTTON, page="/pay", **more):
    return at(ms, "click", x=x, y=y, element=element, page=page, **more)


def view(ms, page, **more):
    return at(ms, "page_view", page=page, **more)


@pytest.fixture
def story(store_of):
    """A store of these events; session s1 begins at nine, every other one an hour later."""

    def make(*events):
        rows = []
        for event in events:
            event = dict(event)
            session, ms = event.pop("session"), event.pop("ms")
            time = NINE + timedelta(hours=int(session[1:]) - 1, milliseconds=ms)
            named = {"timestamp": time.isoformat(), "user_id": session, "session_id": session}
            rows.append(named | {key: value for key, value in event.items() if value is not None})
        return store_of(rows)

    return make


def flags(store, scope=None, **params):
    result = timeline.run(store, Timeline("s1", **params), scope or Scope())
    return "".join("+".join(flag[0].upper() for flag in event.flags) or "." for event in result.events)


def test_events_come_in_order_with_what_they_say(story):
    store = story(
        view(0, "/", viewport_width=390, viewport_height=664, page_height=1030),
        at(1500, "scroll", page="/", scroll_depth=0.5),
        click(2000, 10, 20, page="/", text="Pay now"),
        at(2000, "order", value=12.5, page="/"),
        view(0, "/elsewhere", session="s2"),
    )
    result = timeline.run(store, Timeline("s1"), Scope())
    assert [(event.position, event.event, event.offset_ms, event.gap_ms) for event in result.events] == [
        (1, "page_view", 0, None),
        (2, "scroll", 1500, 1500),
        (3, "click", 2000, 500),
        (4, "order", 2000, 0),
    ]
    first, scroll, press, order = result.events
    assert (first.page, first.viewport_width, first.viewport_height, first.page_height) == ("/", 390, 664, 1030)
    assert (scroll.scroll_depth, press.x, press.y, press.text, order.value) == (0.5, 10, 20, "Pay now", 12.5)
    assert (first.timestamp, first.local, result.total) == (NINE, NINE, 4)


def test_a_page_of_a_long_session_keeps_the_flags(story):
    store = story(*(click(100 * n, 5, 5) for n in range(5)))
    result = timeline.run(store, Timeline("s1", limit=2, offset=2), Scope())
    assert ([event.position for event in result.events], result.total) == ([3, 4], 5)
    assert result.events[0].flags == ("rage",)
    beyond = timeline.run(store, Timeline("s1", offset=9), Scope())
    assert (beyond.events, beyond.total) == ((), 5)
    assert timeline.run(store, Timeline("s1", limit=5), Scope()).total == 5


def test_a_session_out_of_scope_has_no_events(story):
    store = story(view(0, "/"))
    assert timeline.run(store, Timeline("s1"), Scope(date(1999, 1, 1), date(1999, 1, 2))).total == 0
    assert timeline.run(store, Timeline("no such session"), Scope()).events == ()


@pytest.mark.parametrize("more", [{"limit": 0}, {"limit": 1_000_001}, {"offset": -1}])
def test_a_list_has_limits(more):
    with pytest.raises(InvalidQuestion):
        Timeline("s1", **more)


# ---------------------------------------------------------------------------------------------------------- rage

# From posthog-js (Apache-2.0), packages/browser/src/__tests__/extensions/rageclick.test.ts: (ms, x, y) and the flags
POSTHOG = {
    "identifies some": ([(10, 0, 0), (20, 10, 10), (40, 5, 5), (50, 5, 5)], "..R.", Rage()),
    "begins anew after a distance": (
        [(10, 0, 0), (20, 10, 10), (40, 5, 5), (80, 5, 5), (100, 5, 5), (110, 5, 5), (120, 36, 5), (130, 36, 5),
         (140, 36, 5)],
        "..R.....R",
        Rage(),
    ),
    "not too far apart": ([(10, 0, 0), (20, 10, 10), (40, 50, 10)], "...", Rage()),
    "respects another timeout": ([(0, 0, 0), (50, 0, 0), (500, 0, 0)], "...", Rage(within_ms=100)),
    "falls back to defaults": ([(0, 0, 0), (100, 10, 10), (200, 5, 5)], "..R", Rage()),
}  # fmt: skip


@pytest.mark.parametrize(("clicks", "expected", "rule"), POSTHOG.values(), ids=POSTHOG)
def test_rage_clicks_as_posthog_finds_them(story, clicks, expected, rule):
    assert flags(story(*(click(ms, x, y, element=None) for ms, x, y in clicks)), rage=rule) == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([click(0, 5, 5), click(999, 5, 5), click(1998, 5, 5)], "..R", id="each just under a second"),
        pytest.param([click(0, 5, 5), click(999, 5, 5), click(1999, 5, 5)], "...", id="a whole second is too late"),
        pytest.param([click(0, 5, 5), click(10, 20, 19), click(20, 5, 5)], "..R", id="29 px in both directions"),
        pytest.param([click(0, 5, 5), click(10, 20, 20), click(20, 5, 5)], "...", id="30 px are too far"),
        pytest.param([click(0), click(10), click(20)], "..R", id="no places: the same element is the same spot"),
        pytest.param([click(0), click(10, element="b"), click(20)], "...", id="no places: another element is far"),
        pytest.param([click(n, element=None) for n in range(3)], "...", id="neither place nor element"),
        pytest.param([click(0, 5, 5), click(10), click(20, 5, 5)], "..R", id="one without a place, same element"),
        pytest.param(
            [click(0, 5, 5), click(10, 5, 5), click(20, 5, 5, page="/next")], "...", id="another page begins anew"
        ),
        pytest.param([click(n, 5, 5, page=None) for n in range(3)], "..R", id="no page at all is one page"),
        pytest.param([click(10 * n, 5, 5) for n in range(7)], "..R....", id="once per burst"),
        pytest.param(
            [click(0, 5, 5), click(10, 5, 5), at(15, "scroll", page="/pay"), click(20, 5, 5)], "...R",
            id="what is no click does not matter",
        ),
        pytest.param([click(n, 5, 5, element="input#card") for n in range(3)], "...", id="inputs are left out"),
        pytest.param([click(n, 5, 5, element="textarea") for n in range(3)], "...", id="text areas too"),
        pytest.param(
            [click(n, 5, 5, element="#card", element_tag="INPUT") for n in range(3)], "...", id="a tag as given"
        ),
        pytest.param([click(n, 5, 5, text=" Next ") for n in range(3)], "...", id="paging is meant to be fast"),
        pytest.param([click(n, 5, 5, text="−") for n in range(3)], "...", id="so is counting down"),
        pytest.param(
            [click(0, 5, 5), click(10, 5, 5), click(20, 5, 5, element="input"), click(30, 5, 5)], "...R",
            id="a click left out does not part its neighbours",
        ),
        pytest.param(
            [click(0, -2_147_483_648, 5), click(10, 2_147_483_647, 5), click(20, 5, 5)], "...", id="ends of the world"
        ),
    ],
)  # fmt: skip
def test_rage_clicks(story, events, expected):
    assert flags(story(*events)) == expected


# ---------------------------------------------------------------------------------------------------------- dead


def usual(n=3, then="order", element=BUTTON, page="/pay"):
    """`n` other sessions in which the click does something, at once."""
    return [
        event
        for k in range(n)
        for event in (click(0, 5, 5, element, page, session=f"s{k + 2}"), at(100, then, session=f"s{k + 2}", page=page))
    ]


@pytest.mark.parametrize(
    ("mine", "others", "expected"),
    [
        pytest.param([click(0)], usual(), "D", id="nothing happened"),
        pytest.param([click(0), at(2500, "order")], usual(), "..", id="2.5 s are in time"),
        pytest.param([click(0), at(2501, "order")], usual(), "D.", id="a moment later is not"),
        pytest.param([click(0), view(900, "/next")], usual(), "..", id="a page is something"),
        pytest.param([click(0), at(900, "error", page="/next")], usual(), "..", id="so is an error elsewhere"),
        pytest.param(
            [click(0), at(1, "scroll"), at(2, "move"), at(3, "page_leave"), click(1100)], usual(), "D...D",
            id="scrolling, moving, leaving and clicking again are nothing",
        ),
        pytest.param([click(0)], usual(1), ".", id="half of all clicks is not usual"),
        pytest.param([click(0)], usual(2), "D", id="two in three are"),
        pytest.param([click(0)], [], ".", id="one that never did anything is no surprise"),
        pytest.param([click(0)], usual(element="a#help"), ".", id="another element"),
        pytest.param([click(0)], usual(page="/cart"), ".", id="the same element on another page"),
        pytest.param([click(0, page=None)], usual(page=None), "D", id="a product without pages"),
        pytest.param([click(0, element=None)], usual(element=None), ".", id="no element, no dead click"),
        pytest.param([at(0, "order"), click(0)], usual(), ".D", id="what came before is no answer"),
        pytest.param([click(0), at(0, "order")], usual(), "..", id="what came in the same moment after it is"),
    ],
)  # fmt: skip
def test_dead_clicks(story, mine, others, expected):
    assert flags(story(*mine, *others)) == expected


@pytest.mark.parametrize(
    ("events", "rule"),
    [
        # posthog-js (Apache-2.0), lazy-loaded-dead-clicks-autocapture.test.ts: a scroll after the threshold
        pytest.param([click(900), at(3401, "scroll")], Dead(), id="posthog: a scroll after 2501 ms"),
        # sentry-javascript (MIT), handleClick.test.ts: a mutation after the threshold
        pytest.param([click(0), at(2000, "mutation")], Dead(within_ms=1000), id="sentry: a reaction after 2000 ms"),
    ],
)
def test_dead_clicks_as_peers_find_them(story, events, rule):
    assert flags(story(*events, *usual()), dead=rule) == "D."


# ------------------------------------------------------------------------------------------------- error, u-turn


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([click(0), at(2000, "error", page="/pay")], "E.", id="2 s are near enough"),
        pytest.param([click(0), at(2001, "error", page="/pay")], "..", id="more are not"),
        pytest.param([click(0), click(1500, 90, 90), at(1600, "error", page="/pay")], "EE.", id="every such click"),
        pytest.param([click(0), at(10, "error", page="/next")], "..", id="an error of another page"),
        pytest.param([click(0), at(10, "form_error", page="/pay")], "..", id="a form's error is none of the product's"),
        pytest.param([at(0, "error", page="/pay"), click(0)], "..", id="an error before the click"),
        pytest.param([click(0, page=None), at(10, "error")], "E.", id="a product without pages"),
    ],
)
def test_error_clicks(story, events, expected):
    assert flags(story(*events)) == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([view(0, "/a"), view(1000, "/b"), view(7999, "/a")], ".U.", id="back in under 7 s"),
        pytest.param([view(0, "/a"), view(1000, "/b"), view(8000, "/a")], "...", id="7 s are long enough"),
        pytest.param([view(0, "/a"), view(10, "/b"), view(20, "/c")], "...", id="on to another page"),
        pytest.param(
            [view(0, "/a"), view(10, "/a"), view(20, "/b"), view(30, "/b"), view(40, "/a")], "..U..",
            id="a reload is the same stay",
        ),
        pytest.param(
            [view(0, "/a"), view(1, "/b"), view(6000, "/b"), view(7500, "/a")], "....",
            id="a stay begins at its first view",
        ),
        pytest.param([view(0, "/a"), view(1, "/b"), view(2, "/a"), view(3, "/b")], ".UU.", id="to and fro"),
        pytest.param(
            [view(0, "/a"), view(1, "/b"), at(2, "login", page="/c"), view(3, "/a")], ".U..", id="only views are stays"
        ),
    ],
)  # fmt: skip
def test_u_turns(story, events, expected):
    assert flags(story(*events)) == expected


def test_rules_can_be_asked_anew(story):
    store = story(
        view(0, "/a"), view(2000, "/b"), view(5000, "/a"),
        click(6000, 5, 5, page="/a"), click(6100, 5, 5, page="/a"), at(9000, "error", page="/a"),
    )  # fmt: skip
    assert flags(store) == ".U...."
    assert flags(store, u_turn=UTurn(within_ms=3000)) == "......"
    assert flags(store, rage=Rage(clicks=2), error=Error(within_ms=3000)) == ".U.ER+E."


def test_a_click_can_be_several_things(story):
    store = story(*(click(n) for n in range(3)), at(2600, "error", page="/pay"), *usual(9))
    assert flags(store, error=Error(within_ms=3000)) == "D+ED+ER+D+E."
