from datetime import date, datetime, timedelta

import pytest

from analytics.analyses import scroll
from analytics.analyses.scroll import Scroll
from analytics.errors import InvalidQuestion
from analytics.scope import Scope

NINE = datetime(2026, 3, 2, 9, 0)


@pytest.fixture
def views(store_of):
    """Each argument is a view of /pay in a session of its own: the depths of its scrolls, and what its page view
    says."""

    def make(*stories):
        rows = []
        for n, (depths, more) in enumerate(stories, 1):
            events = [{"event": "page_view"}, *({"event": "scroll", "scroll_depth": depth} for depth in depths)]
            for m, event in enumerate(events):
                time = NINE + timedelta(hours=n, seconds=m)
                named = {"page": "/pay", "user_id": f"u{n}", "session_id": f"s{n}", "timestamp": time}
                rows.append(named | event | more)
        return store_of(rows)

    return make


SCREEN = {"viewport_width": 390, "viewport_height": 500, "page_height": 1000}


def asked(store, scope=None, **params):
    result = scroll.run(store, Scroll("/pay", **params), scope or Scope())
    return {round(100 * reach.depth): reach.views for reach in result.reached}, result


def test_a_view_came_as_deep_as_its_deepest_scroll(views):
    reached, result = asked(views(([0.3, 0.7, 0.4], {}), ([1], {}), ([0.05], {})))
    assert (reached[0], reached[5], reached[10], reached[70], reached[75], reached[100]) == (3, 3, 2, 2, 1, 1)
    assert (result.views, result.scrolled, result.unknown, result.at_once) == (3, 3, 0, None)


def test_what_the_window_shows_at_once_was_seen_without_scrolling(views):
    reached, result = asked(views(([], SCREEN), ([0.6], SCREEN), ([], SCREEN | {"page_height": 400})))
    assert (reached[50], reached[55], reached[60], reached[65], reached[100]) == (3, 2, 2, 1, 1)
    assert (result.views, result.scrolled) == (3, 1)
    assert result.at_once == pytest.approx((0.5 + 0.5 + 1) / 3)


def test_a_view_that_tells_no_depth_is_unknown(views):
    reached, result = asked(views(([], {}), ([0.5], {})))
    assert (reached[0], result.views, result.unknown) == (1, 1, 1)


def test_only_views_in_windows_of_that_width(views):
    store = views(([0.5], SCREEN), ([1], SCREEN | {"viewport_width": 1400}))
    assert asked(store, viewport=(390, 599))[0][100] == 0
    assert asked(store)[0][100] == 1


def test_coming_back_is_another_view(store_of):
    events = [("/pay", None), ("/pay", 0.9), ("/home", None), ("/pay", None), ("/pay", 0.2)]
    rows = [
        {
            "event": "scroll" if depth else "page_view", "page": page, "user_id": "u",
            "timestamp": NINE + timedelta(seconds=n),
        } | ({"scroll_depth": depth} if depth else {})
        for n, (page, depth) in enumerate(events)
    ]  # fmt: skip
    reached, result = asked(store_of(rows))
    assert (result.views, reached[20], reached[90]) == (2, 2, 1)


def test_nobody_was_there(views):
    reached, result = asked(views(([1], {})), Scope(date(1999, 1, 1), date(1999, 1, 2)))
    assert (set(reached.values()), result.views, result.at_once) == ({0}, 0, None)


def test_a_window_that_cannot_be():
    with pytest.raises(InvalidQuestion):
        Scroll("/pay", (480, 320))
