"""Attention: seconds per band of a page, in stories small enough to do by hand and against a plain reading."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.analyses import attention
from analytics.analyses.attention import Attention
from analytics.errors import InvalidQuestion
from analytics.scope import Scope
from tests.conftest import START


def story(*events, session="s1", page="/long", window=500, height=2000):
    """(seconds, name, scroll depth) of one session on a page four windows high."""
    return [
        {
            "timestamp": START + timedelta(seconds=at), "event": name, "session_id": session, "page": page,
            "scroll_depth": depth, "viewport_height": window, "page_height": height, "viewport_width": 390,
        }
        for at, name, depth in events
    ]  # fmt: skip


def seconds(store, bands=4, **more):
    return [one.seconds for one in attention.run(store, Attention("/long", bands=bands, **more), Scope()).bands]


def test_the_window_stands_where_the_last_scroll_left_it(store_of):
    store = store_of(story((0, "page_view", None), (4, "scroll", 0.5), (10, "scroll", 1.0), (11, "click", None)))
    assert seconds(store) == [4, 6, 0, 1], "4 s at the top, 6 s one window down, 1 s at the end"


def test_a_pause_counts_thirty_seconds_and_the_end_none(store_of):
    store = store_of(story((0, "page_view", None), (900, "click", None)))
    assert seconds(store) == [30, 0, 0, 0]


def test_until_the_next_page_the_time_belongs_to_this_one(store_of):
    later = [event | {"page": "/next"} for event in story((7, "page_view", None), (9, "click", None))]
    assert seconds(store_of(story((0, "page_view", None)) + later)) == [7, 0, 0, 0]


def test_means_are_per_view_and_views_without_sizes_are_told(store_of):
    silent = [
        event | {"viewport_height": None, "page_height": None}
        for event in story((0, "page_view", None), (9, "click", None), session="s3")
    ]
    seen = [*story((0, "page_view", None), (8, "click", None)), *story((0, "page_view", None), session="s2")]
    result = attention.run(store_of(seen + silent), Attention("/long", bands=2), Scope())
    assert [one.seconds for one in result.bands] == [4, 0], "8 s of two views; a band counts by its middle"
    assert (result.views, result.unknown, result.of) == (2, 1, 3)


def test_a_window_that_shows_all_shows_all(store_of):
    store = store_of(story((0, "page_view", None), (5, "click", None), window=3000))
    assert seconds(store) == [5, 5, 5, 5]


def test_of_very_many_views_some_are_read(store_of):
    rows = [
        event for n in range(1, 41) for event in story((0, "page_view", None), (n, "click", None), session=f"s{n:02}")
    ]
    result = attention.run(store_of(rows), Attention("/long", bands=4, most=10), Scope())
    assert (result.views, result.of) == (10, 40)
    assert attention.run(store_of(rows), Attention("/long", bands=4), Scope()).views == 40


@pytest.mark.parametrize(("params", "said"), [({"bands": 0}, "0 of 50000"), ({"viewport": (9, 3)}, "from 9 to 3")])
def test_what_cannot_be_asked_is_said(params, said):
    with pytest.raises(InvalidQuestion, match=said):
        Attention("/long", **params)


def plainly(visits, bands, heights):
    """`visits`: one list of (ms, name, depth) per session."""
    window, page = heights
    total = [0.0] * bands
    for events in visits:
        tall = min(window / page, 1.0)
        bottom = tall
        for (at, name, depth), (later, *_) in pairwise(events):
            if name == "scroll" and depth is not None:
                bottom = max(depth, tall)
            for band in range(bands):
                middle = (band + 0.5) / bands
                if bottom - tall - 1e-8 <= middle <= bottom + 1e-8:
                    total[band] += min(later - at, 30_000) / 1000
    return [one / len(visits) for one in total]


moments = st.tuples(
    st.integers(1, 40_000), st.sampled_from(["scroll", "scroll", "click"]), st.sampled_from([None, 0.1, 0.5, 0.7, 1.0])
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(moments, max_size=6), min_size=1, max_size=4),
    st.integers(1, 7),
    st.sampled_from([(500, 2000), (700, 1000), (900, 300)]),
)
def test_equals_a_plain_reading(store_of, sessions, bands, heights):
    visits, rows = [], []
    for n, steps in enumerate(sessions):
        at, events = 0, [(0, "page_view", None)]
        for gap, name, depth in steps:
            at += gap
            events.append((at, name, depth))
        visits.append(events)
        times = [(ms / 1000, name, depth) for ms, name, depth in events]
        rows += story(*times, session=f"s{n}", window=heights[0], height=heights[1])
    assert seconds(store_of(rows), bands) == pytest.approx(plainly(visits, bands, heights))
