"""Heatmap changes: squares and elements of two scopes, against a plain reading and on the sample's known repair."""

import math
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.analyses import heatmap, heatmap_changes, heatmap_sessions
from analytics.analyses.heatmap_changes import HeatmapChanges
from analytics.errors import InvalidQuestion
from analytics.scope import Scope
from tests.conftest import START

BEFORE, AFTER = Scope(releases=("1",)), Scope(releases=("2",))
SAMPLE_BEFORE, SAMPLE_AFTER = Scope(releases=("1.1",)), Scope(releases=("1.2",))


def visit(n, person, release, *clicks):
    """A session that sees /pay and clicks (x, y, element)."""
    at = {"session_id": f"s{n}", "user_id": person, "release": release, "page": "/pay", "viewport_width": 390}
    rows = [at | {"timestamp": START + timedelta(hours=n), "event": "page_view"}]
    for second, (x, y, element) in enumerate(clicks, 1):
        time = START + timedelta(hours=n, seconds=second)
        rows.append(at | {"timestamp": time, "event": "click", "x": x, "y": y, "element": element})
    return rows


def asked(store, **params):
    return heatmap_changes.run(store, HeatmapChanges("/pay", BEFORE, AFTER, **params), Scope())


def test_clicks_by_session_that_saw_the_page_and_by_click(store_of):
    rows = visit(1, "a", "1", (5, 5, "#a"), (5, 5, "#a"), (100, 5, "#b")) + visit(2, "b", "1")
    rows += visit(3, "a", "2", (5, 50, "#a"))
    result = asked(store_of(rows))
    assert result.sizes == (2, 1)
    assert {(one.called, one.before, one.after) for one in result.elements} == {("#a", 1, 1), ("#b", 0.5, 0)}
    assert {(one.column_no, one.row_no, one.counts) for one in result.squares} == {
        (0, 0, (2, 0)), (2, 0, (1, 0)), (0, 1, (0, 1)),
    }  # fmt: skip
    shares = asked(store_of(rows), measure="share")
    assert shares.sizes == (3, 1)
    assert {(one.called, round(one.before, 3), one.after) for one in shares.elements} == {
        ("#a", 0.667, 1), ("#b", 0.333, 0),
    }  # fmt: skip
    assert all(one.p is None for one in (*result.elements, *result.squares)), "two people tell nothing"


def test_an_empty_side_is_too_little_to_say(store_of):
    result = asked(store_of(visit(1, "a", "1", (5, 5, "#a"))))
    assert (result.sizes, [one.q for one in result.elements]) == ((1, 0), [None])
    nothing = heatmap_changes.run(store_of(visit(1, "a", "9")), HeatmapChanges("/none", BEFORE, AFTER), Scope())
    assert (nothing.elements, nothing.squares, nothing.sizes) == ((), (), (0, 0))


def test_what_is_fixed_is_no_square_of_the_page(store_of):
    rows = visit(1, "a", "1", (5, 5, "#a"), (5, 700, "#help"))
    rows[-1] |= {"fixed": True}
    result = asked(store_of(rows + visit(2, "a", "2")))
    assert [(one.column_no, one.row_no) for one in result.squares] == [(0, 0)]
    assert {one.called for one in result.elements} == {"#a", "#help"}


def test_the_same_on_both_sides_is_refused():
    with pytest.raises(InvalidQuestion, match="the same sessions"):
        HeatmapChanges("/pay", BEFORE, BEFORE)


people = st.lists(
    st.tuples(
        st.sampled_from("abcdefghijklm"), st.sampled_from("12"), st.lists(st.sampled_from(["#a", "#b"]), max_size=4)
    ),
    min_size=30,
    max_size=50,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people, st.sampled_from(["share", "rate"]))
def test_intervals_equal_a_plain_reading(store_of, sessions, measure):
    """By person, with what the sides share, as the delta method says."""
    rows = []
    for n, (person, release, clicks) in enumerate(sessions):
        rows += visit(n, person, release, *((5, 5, element) for element in clicks))
    result = asked(store_of(rows), measure=measure)
    own = {person: {"1": [0, 0], "2": [0, 0]} for person in "abcdefghijklm"}  # clicks on #a, what they are of
    for person, release, clicks in sessions:
        own[person][release][0] += clicks.count("#a")
        own[person][release][1] += 1 if measure == "rate" else len(clicks)
    sides = [[own[person][release] for person in own] for release in "12"]
    sizes = [sum(n for _, n in side) for side in sides]
    assert result.sizes == tuple(sizes)
    found = next((one for one in result.elements if one.called == "#a"), None)
    if found is None or found.p is None:
        return
    counts = [sum(a for a, _ in side) for side in sides]
    means = [count / size for count, size in zip(counts, sizes, strict=True)]
    left = [[a - mean * n for a, n in side] for side, mean in zip(sides, means, strict=True)]
    crowd = [sum(n > 0 for _, n in side) for side in sides]
    variance = sum(
        sum(e * e for e in each) / size**2 * m / (m - 1) for each, size, m in zip(left, sizes, crowd, strict=True)
    )
    covariance = sum(e * f for e, f in zip(*left, strict=True)) / (sizes[0] * sizes[1])
    assert found.counts == tuple(counts)
    assert found.change == pytest.approx(means[1] - means[0])
    covariance *= math.prod(math.sqrt(m / (m - 1)) for m in crowd)
    reach = 1.959964 * math.sqrt(max(0.0, variance - 2 * covariance))
    assert (found.high - found.low) / 2 == pytest.approx(reach, abs=1e-6)


def test_the_sample_shows_the_repaired_button_and_what_moved_around_it(sample):
    """1.2 repairs "Pay now" on phones: it is no longer pressed again and again, nor are the terms and the card's fields
    gone through once more, and fewer look for help or go back."""
    around = {"input#terms", "input#expiry", "input#security-code", "input#card-number", "label#pay-card"}
    away = {"a#back-to-cart", "a#help-paying"}
    params = HeatmapChanges("/checkout/payment", SAMPLE_BEFORE, SAMPLE_AFTER, viewport=(0, 599))
    found = heatmap_changes.run(sample, params, Scope())
    clear = [one for one in found.elements if one.clear]
    assert clear[0].called == "button#pay-now"
    assert clear[0].counts == (1033, 141)
    assert {one.called for one in clear} <= {"button#pay-now"} | around | away
    squares = [one for one in found.squares if one.clear]
    worst = min(squares, key=lambda one: one.change)
    assert (worst.column_no, worst.row_no) == (4, 19), "on the button"
    assert all(one.change < 0 for one in squares)


@pytest.mark.parametrize(
    ("page", "viewport"),
    [
        ("/checkout/payment", (1024, 100_000)),
        ("/checkout/payment", (600, 1023)),
        ("/checkout/address", (0, 599)),
        ("/checkout/delivery", (0, 599)),
        ("/cart", (1024, 100_000)),
        ("/", (0, 599)),
    ],
)
def test_the_sample_shows_nothing_where_nothing_was_repaired(sample, page, viewport):
    params = HeatmapChanges(page, SAMPLE_BEFORE, SAMPLE_AFTER, viewport=viewport)
    found = heatmap_changes.run(sample, params, Scope())
    assert [one.called for one in found.elements if one.clear] == []
    assert [(one.column_no, one.row_no) for one in found.squares if one.clear] == []


def test_counts_are_those_of_the_maps_and_lists(sample):
    params = HeatmapChanges("/checkout/payment", SAMPLE_BEFORE, SAMPLE_AFTER, viewport=(0, 599))
    found = heatmap_changes.run(sample, params, Scope())
    for side, scope in enumerate((SAMPLE_BEFORE, SAMPLE_AFTER)):
        own = heatmap.run(sample, params.heatmap, scope)
        assert found.sizes[side] == own.totals.viewers
        events = {one.called: one.events for one in own.elements}
        assert {one.called: one.counts[side] for one in found.elements if one.counts[side]} == events
        squares = {(one.column_no, one.row_no): one.events for one in own.cells}
        assert {(one.column_no, one.row_no): one.counts[side] for one in found.squares if one.counts[side]} == squares
        for one in own.elements:
            listed = heatmap_sessions.HeatmapSessions("/checkout/payment", viewport=(0, 599), element=one.called)
            behind = heatmap_sessions.run(sample, listed, scope)
            assert (behind.total, behind.events) == (one.sessions, one.events)
