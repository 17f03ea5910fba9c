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

    def go(query=""):
        came = visitor()
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
    came.page.keyboard.press("Home")
    assert now(came) == first


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


def test_the_axis_and_the_list_are_there_for_the_mouse(player):
    came = player()
    axis = came.page.locator(".player .axis")
    box = axis.bounding_box()
    axis.click(position={"x": box["width"] / 2, "y": 45})
    middle = clock(came)
    assert middle != "0.0\u00a0s"
    came.page.locator(".player .events li.view").first.click()
    assert clock(came) != middle or now(came)[1] in ("■", "↩")


def test_only_the_rows_that_are_seen_exist(player):
    came = player()
    rows = came.page.locator(".player .events li:not(.spacer)").count()
    assert 10 < rows < 70
