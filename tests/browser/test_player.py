"""The player of one session in a browser: by button, key and mouse, and a link to a moment."""

import re

import duckdb
import pytest

from analytics.demo import SAMPLE

pytestmark = pytest.mark.browser

# A phone on the broken release that pressed "Pay now" again and again, and got nowhere
UNLUCKY = """
    SELECT session_id
    FROM read_parquet($events)
    GROUP BY session_id
    HAVING max(release) = '1.1' AND max(device) = 'phone' AND count(*) < 80
    ORDER BY count(*) FILTER (WHERE element = 'button#pay-now' AND event = 'click') DESC, session_id
    LIMIT 1
"""


@pytest.fixture(scope="module")
def unlucky():
    with duckdb.connect() as connection:
        found = connection.execute(UNLUCKY, {"events": str(SAMPLE / "events.parquet")}).fetchone()
    return found[0]


@pytest.fixture
def player(visitor, unlucky):
    """The visitor at that session, with words for its parts."""

    def go(query="", **more):
        came = visitor(**more)
        came.open(f"/session?session={unlucky}{query}")
        came.page.wait_for_selector(".player .events .now")
        return came

    return go


def now(came):
    """The event that the player shows: its clock and its words."""
    return came.page.locator(".player .events .now").inner_text().split("\n")


def clock(came):
    return came.page.inner_text(".player .clock").partition(" of ")[0]


def test_buttons_and_keys_go_event_by_event(player):
    came = player()
    first = now(came)
    assert first[0] == "0:00"
    came.page.click(".player .next")
    second = now(came)
    assert second != first
    came.page.keyboard.press("ArrowLeft")
    assert now(came) == first
    came.page.keyboard.press("End")
    at, _, whole = came.page.inner_text(".player .clock").partition(" of ")
    assert at == whole
    came.page.wait_for_url(re.compile(r"[?&]at=\d+"))
    came.settle()
    assert clock(came) == whole, "the page has run again, and the player is where it was"
    came.page.keyboard.press("Home")  # and has the keys
    assert now(came) == first


def test_flags_forwards_and_back(player):
    came = player()
    came.page.focus(".player")
    seen = []
    for _ in range(4):
        came.page.keyboard.press("f")
        seen.append(now(came))
    for before in reversed(seen[:-1]):
        came.page.keyboard.press("Shift+F")
        assert now(came) == before


def test_the_next_flag_is_a_moment_that_a_link_keeps(player):
    came = player()
    came.page.focus(".player")
    for _ in range(30):
        came.page.keyboard.press("f")
        if "pressed again and again" in now(came):
            break
    there = now(came)
    assert "Tapped Pay now" in there
    came.page.wait_for_url(re.compile(r"[?&]at=\d+"))
    came.settle()
    moment = re.search(r"at=(\d+)", came.page.url)[1]
    copied = player(f"&at={moment}")
    assert now(copied) == there
    assert clock(copied) == clock(came)


def test_a_copied_link_finds_the_same_second_elsewhere(player, visitor):
    came = player()
    came.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    axis = came.page.locator(".player .axis")
    axis.click(position={"x": axis.bounding_box()["width"] * 0.7, "y": 45})
    came.page.click(".player .copy")
    came.page.wait_for_selector(".player .copy:has-text('Copied')")
    link = came.page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"http://localhost:\d+/session\?session=\w+&at=\d+", link)
    other = visitor()
    other.open(link)
    other.page.wait_for_selector(".player .events .now")
    assert (clock(other), now(other)) == (clock(came), now(came))
    assert other.page.inner_text(".player .play") == "Play", "it opens at rest"


def test_without_a_clipboard_the_link_can_be_taken_by_hand(player):
    came = player("&at=60000")
    came.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    came.page.focus(".player")
    came.page.keyboard.press("l")
    field = came.page.locator(".player .address input")
    field.wait_for()
    assert field.input_value().endswith("&at=60000")
    assert field.evaluate("field => field.selectionEnd - field.selectionStart") == len(field.input_value())
    came.page.keyboard.press("Escape")
    field.wait_for(state="hidden")


def test_it_plays_and_pauses(player):
    came = player()
    came.page.click(".player .speeds button[value='16']")
    came.page.click(".player .play")
    assert came.page.inner_text(".player .play") == "Pause"
    began = clock(came)
    for _ in range(50):
        came.page.wait_for_timeout(100)
        if clock(came) != began:
            break
    came.page.keyboard.press(" ")  # on the button, or on the player
    assert came.page.inner_text(".player .play") == "Play"
    stopped = clock(came)
    assert stopped != began
    came.page.wait_for_timeout(300)
    assert clock(came) == stopped


def test_keys_for_speed_and_help(player):
    came = player()
    came.page.focus(".player")
    for key, speed in (("+", "4"), ("+", "8"), ("+", "16"), ("+", "16"), ("-", "8")):
        came.page.keyboard.press(key)
        assert came.page.get_attribute(".player .speeds [aria-pressed='true']", "value") == speed
    came.page.keyboard.press("?")
    assert "event before, next event" in came.page.inner_text(".player .help")
    came.page.keyboard.press("Escape")
    came.page.wait_for_selector(".player .help", state="hidden")


def test_the_axis_and_the_list_are_there_for_the_mouse(player):
    came = player()
    axis = came.page.locator(".player .axis")
    box = axis.bounding_box()
    axis.click(position={"x": box["width"] / 2, "y": 45})
    middle = clock(came)
    assert middle != "0.0\u00a0s"
    came.page.locator(".player .events li.view").first.click()
    assert clock(came) != middle or now(came)[1] in ("■", "↩")


def test_pauses_to_scale_are_remembered(player, visitor):
    came = player()
    axis = came.page.locator(".player .axis")
    middle = {"x": axis.bounding_box()["width"] / 2, "y": 45}
    axis.click(position=middle)
    folded = clock(came)
    came.page.click(".player .gaps button")
    assert came.page.inner_text(".player .gaps").startswith("Pauses are to scale.")
    axis.click(position=middle)
    assert clock(came) != folded
    came.page.reload()
    came.page.wait_for_selector(".player .events .now")
    assert came.page.inner_text(".player .gaps").startswith("Pauses are to scale.")
    assert "folded" in player().page.inner_text(".player .gaps"), "another browser's choice is its own"


def test_finding_in_the_events(player):
    came = player()
    came.page.focus(".player")
    came.page.keyboard.press("/")
    came.page.keyboard.type("pay now")
    whole = int(came.page.inner_text(".player .found"))
    assert whole > 2
    found = []
    for nth in range(1, whole + 1):
        came.page.keyboard.press("Enter")
        assert came.page.inner_text(".player .found") == f"{nth} of {whole}"
        assert "Tapped Pay now" in now(came)
        found.append(clock(came))
    came.page.keyboard.press("Enter")  # around
    assert came.page.inner_text(".player .found") == f"1 of {whole}"
    came.page.keyboard.press("Shift+Enter")
    assert clock(came) == found[-1]
    came.page.keyboard.press("Escape")
    assert came.page.locator(".player .events .hit").count() == 0
    came.page.keyboard.type("rcs nowhere")  # keys of the page and of the player are letters here
    assert came.page.inner_text(".player .found") == "none"
    assert came.page.locator('[role="dialog"]:visible').count() == 0


def test_full_screen_and_back(player):
    came = player()
    came.page.focus(".player")
    came.page.keyboard.press("s")
    came.page.wait_for_function("document.fullscreenElement !== null")
    came.page.wait_for_timeout(300)
    box = came.page.locator(".player .axis").bounding_box()
    height = came.page.evaluate("window.innerHeight")
    assert box["y"] + box["height"] <= height
    canvas = came.page.locator(".player canvas").bounding_box()
    assert canvas["height"] > 0.6 * height
    came.page.keyboard.press("End")
    assert clock(came) in came.page.inner_text(".player .clock").partition(" of ")[2]
    came.page.keyboard.press("s")
    came.page.wait_for_function("document.fullscreenElement === null")


def test_where_full_screen_is_forbidden_there_is_no_button(visitor, unlucky):
    came = visitor()
    came.page.add_init_script("Object.defineProperty(Document.prototype, 'fullscreenEnabled', {get: () => false})")
    came.open(f"/session?session={unlucky}")
    came.page.wait_for_selector(".player .events .now")
    assert not came.page.is_visible(".player .full")


@pytest.mark.parametrize("at", ["-5", "1e12", "1000000000000", "99999999999999999999", "x"])
def test_a_moment_beyond_the_session(player, at):
    came = player(f"&at={at}")
    _, _, whole = came.page.inner_text(".player .clock").partition(" of ")
    assert clock(came) == (whole if at == "1000000000000" else "0.0\u00a0s")


def test_only_the_rows_that_are_seen_exist(player):
    came = player()
    rows = came.page.locator(".player .events li:not(.spacer)").count()
    assert 10 < rows < 70


def test_the_summary_for_a_ticket(player, visitor):
    came = player()
    came.page.get_by_text("Summary for a ticket").click()
    came.page.wait_for_selector('[data-testid="stCode"] code')
    written = came.page.inner_text('[data-testid="stCode"] code')
    assert written.startswith("## Session of ")
    assert "Tapped `Pay now`" in written
    link, moment = re.search(r"\]\((http://\S+at=(\d+))\) Tapped `Pay now`", written).groups()
    other = visitor()
    other.open(link)
    other.page.wait_for_selector(".player .events .now")
    assert "Tapped Pay now" in now(other)
    assert moment in other.page.url
    came.page.get_by_text("Plain text").click()
    came.settle()
    assert came.page.inner_text('[data-testid="stCode"] code').startswith("Session of ")
