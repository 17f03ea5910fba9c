from datetime import date, datetime, timedelta

import pytest

from analytics.analyses import event_sessions, heatmap
from analytics.analyses.heatmap import Heatmap
from analytics.conditions import Filter, Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope

NINE = datetime(2026, 3, 2, 9, 0)


def click(session, x=None, y=None, page="/pay", width=390, **more):
    """A click of person and session `session`, the n-th a second after the one before."""
    return {"session": session, "event": "click", "x": x, "y": y, "page": page, "viewport_width": width} | more


@pytest.fixture
def clicks(store_of):
    def make(*events):
        rows = []
        for n, event in enumerate(events):
            session = event.pop("session")
            named = {"user_id": session, "session_id": session, "timestamp": NINE + timedelta(seconds=n)}
            rows.append(named | {key: value for key, value in event.items() if value is not None})
        return store_of(rows)

    return make


def cells(store, scope=None, **params):
    result = heatmap.run(store, Heatmap("/pay", **params), scope or Scope())
    return {(cell.column_no, cell.row_no): (cell.events, cell.sessions) for cell in result.cells}


@pytest.mark.parametrize(
    ("x", "y", "square"),
    [
        pytest.param(0, 0, (0, 0), id="squares are numbered from 0"),
        pytest.param(19, 19, (0, 0), id="the last pixel of a square"),
        pytest.param(20, 40, (1, 2), id="the first pixel of the next"),
        pytest.param(-1, -20, (-1, -1), id="left of the page and above it"),
        pytest.param(2_000_000, 9_000_000, (100_000, 450_000), id="far outside"),
    ],
)
def test_the_square_of_a_click(clicks, x, y, square):
    assert cells(clicks(click("a", x, y))) == {square: (1, 1)}


def test_a_session_counts_once_per_square(clicks):
    store = clicks(click("a", 5, 5), click("a", 6, 6), click("b", 7, 7), click("b", 25, 5))
    assert cells(store) == {(0, 0): (3, 2), (1, 0): (1, 1)}
    assert cells(store, cell=100) == {(0, 0): (4, 2)}


def test_only_clicks_on_the_page_count(clicks):
    store = clicks(
        click("a", 5, 5),
        click("a", 5, 5, page="/pay/now"),
        click("a", 5, 5, page=None),
        click("a", 5, 5, event="page_view"),
        click("a", 5, 5, event="move"),
    )
    assert cells(store) == {(0, 0): (1, 1)}
    assert cells(store, kind="move") == {(0, 0): (1, 1)}
    both = heatmap.run(store, Heatmap("/pay*"), Scope())
    assert both.totals.events == 2


def test_a_viewport_holds_both_its_ends(clicks):
    store = clicks(*(click("a", 5, 5, width=width) for width in (None, 319, 320, 480, 481)))
    result = heatmap.run(store, Heatmap("/pay", viewport=(320, 480)), Scope())
    assert (result.totals.events, result.totals.narrowest, result.totals.widest) == (2, 320, 480)
    assert heatmap.run(store, Heatmap("/pay"), Scope()).totals.events == 5


def test_kinds_of_windows(clicks):
    store = clicks(
        click("a", 1, 1, width=599), click("a", width=390), click("b", 1, 1, width=390), click("b", 1, 1, width=600),
        click("b", 1, 1, width=1023), click("c", 1, 1, width=1024), click("c", 1, 1, width=None),
    )  # fmt: skip
    screens = heatmap.run(store, Heatmap("/pay", viewport=(1, 400)), Scope()).screens
    assert [(of.screen, of.events, of.placed, of.sessions, of.usual_width) for of in screens] == [
        ("phone", 3, 2, 2, 390), ("tablet", 2, 2, 1, 811), ("desktop", 1, 1, 1, 1024), ("unknown", 1, 1, 1, None)
    ]  # fmt: skip


def test_clicks_without_a_place_count_by_element(clicks):
    store = clicks(
        click("a", element="button#pay", text="Pay now"),
        click("a", 10, None, element="button#pay", text="Pay now"),
        click("b", 10, 30, element="button#pay", text="Pay"),
        click("b", 3, 3),
    )
    result = heatmap.run(store, Heatmap("/pay"), Scope())
    assert [(cell.column_no, cell.row_no) for cell in result.cells] == [(0, 0), (0, 1)]
    (pay,) = result.elements
    assert (pay.element, pay.text, pay.texts, pay.events, pay.sessions, pay.y) == ("button#pay", "Pay now", 2, 3, 2, 30)
    assert (result.totals.events, result.totals.placed, result.totals.sessions) == (4, 2, 2)


def test_where_an_element_is(clicks):
    store = clicks(*(click("a", x, 100, element="a#help") for x in range(0, 101)))
    (element,) = heatmap.run(store, Heatmap("/pay"), Scope()).elements
    assert (element.x, element.x_low, element.x_high, element.y_low, element.y_high) == (50, 5, 95, 100, 100)


def test_who_saw_the_page(clicks):
    view = {"event": "page_view"}
    store = clicks(
        click("a", **view), click("a", 1, 1), click("b", **view), click("c", page="/home", **view),
        click("d", **view, width=1400), click("e", **view, width=None),
    )  # fmt: skip
    everybody = heatmap.run(store, Heatmap("/pay"), Scope()).totals
    assert (everybody.viewers, everybody.sessions) == (4, 1)
    phones = heatmap.run(store, Heatmap("/pay", viewport=(0, 599)), Scope()).totals
    assert (phones.viewers, phones.sessions) == (2, 1)


def test_nothing_in_scope_is_an_answer(clicks):
    """Once a page without a click had one: the join of viewers and clicks counted its own empty row."""
    store = clicks(click("a", event="page_view"))
    result = heatmap.run(store, Heatmap("/pay"), Scope())
    assert (result.cells, result.elements, result.screens) == ((), (), ())
    assert (result.totals.viewers, result.totals.events, result.totals.placed) == (1, 0, 0)
    nothing = heatmap.run(store, Heatmap("/pay"), Scope(date(1999, 1, 1), date(1999, 1, 2)))
    assert (nothing.totals.viewers, nothing.totals.events, nothing.totals.page_height) == (0, 0, None)


def test_places_at_the_ends_of_an_integer_are_counted(clicks):
    """Once x + y was asked for, which overflows."""
    store = clicks(click("a", 2_147_483_647, 2_147_483_647, element="b"))
    assert heatmap.run(store, Heatmap("/pay"), Scope()).totals.placed == 1


@pytest.mark.parametrize(("cell", "viewport"), [(0, None), (1001, None), (20, (480, 320))])
def test_questions_that_cannot_be_answered(cell, viewport):
    with pytest.raises(InvalidQuestion):
        Heatmap("/pay", cell=cell, viewport=viewport)


def test_the_list_of_every_square_and_element_is_as_long_as_it_says(sample):
    params, scope = heatmap.EXAMPLE, Scope(devices=("phone",))
    narrow, wide = params.viewport
    window = (Filter("viewport_width", "gte", narrow), Filter("viewport_width", "lte", wide))
    result = heatmap.run(sample, params, scope)
    assert result.totals.events > 1000

    def listed(**matcher):
        where = (*window, *matcher.pop("where", ()))
        asked = Matcher(name="click", page=params.page, where=where, **matcher)
        found = event_sessions.run(sample, event_sessions.EventSessions(asked, limit=None), scope)
        assert len(found.rows) == found.total
        return found.total

    assert listed() == result.totals.sessions
    for element in result.elements:
        assert listed(element=element.element) == element.sessions
    for cell in (*result.cells[:10], *result.cells[-10:]):
        left, top = cell.column_no * params.cell, cell.row_no * params.cell
        corners = (
            ("x", "gte", left),
            ("x", "lt", left + params.cell),
            ("y", "gte", top),
            ("y", "lt", top + params.cell),
        )
        assert listed(where=tuple(Filter(*corner) for corner in corners)) == cell.sessions
