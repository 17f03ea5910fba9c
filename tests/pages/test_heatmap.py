"""The heatmap page beyond the map: attention, what stays in the window, what changed, names of elements, pictures."""

import io
import json
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from analytics.analyses import attention, heatmap, heatmap_changes, heatmap_sessions, scroll
from analytics.analyses.heatmap import Heatmap
from analytics.analyses.heatmap_changes import HeatmapChanges
from analytics.analyses.heatmap_sessions import HeatmapSessions
from analytics.charts import heatmap as maps
from analytics.charts import heatmap_changes as changes
from analytics.charts.theme import DARK, LIGHT
from analytics.path_items import Group
from analytics.scope import Scope
from analytics.workspace import groups, pictures, remaps
from tests.conftest import START
from tests.pages.conftest import link
from tests.pages.conftest import said as told

PAGE = "attention/heatmap.py"


def said(at):
    """What the page says, with plain spaces and without the signs that keep text from being markup."""
    return told(at).replace("\u00a0", " ").replace("\\", "")


def stay(n, *events, release="1", page="/pay"):
    """A session of one person on a page two windows high; an event is (seconds, name, {...})."""
    own = {
        "session_id": f"s{n:03}", "user_id": f"u{n:03}", "release": release, "page": page, "viewport_width": 1280,
        "viewport_height": 600, "page_height": 1200,
    }  # fmt: skip
    start = START + timedelta(hours=n)
    return [own | {"timestamp": start, "event": "page_view"}] + [
        own | {"timestamp": start + timedelta(seconds=at), "event": name, **more} for at, name, more in events
    ]


def press(at, element, x=100, y=100, **more):
    return at, "click", {"element": element, "text": element.strip("#").title(), "x": x, "y": y} | more


@pytest.fixture
def busy(store_of):
    """Under release 1 everybody clicks #pay four times and #help once, under release 2 #pay once; #bar is fixed."""
    rows = []
    for n in range(60):
        release = "1" if n < 30 else "2"
        clicks = [press(2 + k, "#pay", 200, 900) for k in range(4 if release == "1" else 1)]
        clicks += [press(8, "#help", 600, 300)] if release == "1" or n % 2 else []
        clicks += [press(9, "#bar", 500, 580, fixed=True)] if n % 3 == 0 else []
        rows += stay(n, (1, "scroll", {"scroll_depth": 1.0}), *clicks, release=release)
    return store_of(rows)


def test_the_page_says_where_views_stop_and_what_they_see_longest(opened, busy):
    at = opened(busy, PAGE)
    assert not at.exception
    text = said(at)
    assert "Of 60 views half came down to 100 % of the page (the first screen ends at 50 % on average)" in text
    assert "in the window longest" in text


def test_what_is_fixed_is_counted_in_the_window(opened, busy):
    at = opened(busy, PAGE)
    assert "In the window, wherever the page is scrolled to" in said(at)
    assert "20 clicks were on what stays in the window" in said(at)
    result = heatmap.run(busy, Heatmap("/pay", cell=10), Scope())
    page, window = maps.of_page(result), maps.of_window(result)
    drawn = maps.sheet(Heatmap("/pay", cell=10), page, None, "desktop")
    assert (drawn.outside, window.totals.placed, page.totals.placed) == (0, 20, result.totals.placed - 20)
    assert [one.called for one in window.elements] == ["#bar"]
    fixed = opened(busy, PAGE, sel=json.dumps({"region": [490, 510, 570, 590], "fixed": True}))
    assert "Clicked within 20 × 20 px: 20 sessions" in said(fixed)
    assert "Elements in this region, by clicks" in said(fixed)
    loose = opened(busy, PAGE, sel=json.dumps({"region": [490, 510, 570, 590]}))
    assert "Clicked within 20 × 20 px: 0 sessions" in said(loose)


def test_the_panels_stand_on_the_page_s_own_scale(busy):
    params = Heatmap("/pay", cell=10)
    result = heatmap.run(busy, params, Scope())
    reach, times = (
        module.run(busy, asked, Scope())
        for module, asked in ((scroll, scroll.Scroll("/pay")), (attention, attention.Attention("/pay", bands=4)))
    )
    drawn = maps.sheet(params, maps.of_page(result), None, "desktop")
    figure = maps.figure(LIGHT, params, maps.of_page(result), drawn, reach=reach, attention=times)
    bars = next(trace for trace in figure.data if trace.type == "bar")
    assert list(bars.x) == [band.seconds for band in times.bands if band.top * drawn.height < drawn.height]
    assert figure.layout.yaxis3.range == figure.layout.yaxis.range
    bare = maps.figure(DARK, params, maps.of_page(result), drawn, spread=0, strength=0.5)
    density = next(trace for trace in bare.data if trace.type == "heatmap")
    assert density.zsmooth is False
    assert float(np.square(density.z).sum()) == pytest.approx(result.totals.placed - result.totals.fixed)


def test_two_releases_are_compared(opened, busy):
    with_release = json.dumps({"with": '{"releases":["1"]}'})
    at = opened(busy, PAGE, view=with_release, release="2")
    assert not at.exception
    text = said(at)
    assert "went from **4.00 to 1.00 clicks** per session that saw the page" in text
    assert "What gained and lost, element by element" in text
    at = opened(busy, PAGE, view=json.dumps({"with": '{"releases":["1"]}', "by": "share"}), release="2")
    assert "of all clicks on the page" in said(at)


def test_the_list_is_of_the_side_that_is_chosen(opened, busy):
    view = {"with": '{"releases":["1"]}', "side": "there"}
    at = opened(busy, PAGE, view=json.dumps(view), sel=json.dumps({"element": "#help"}), release="2")
    assert "Clicked “Help”, release 1: 30 sessions" in said(at)
    at = opened(busy, PAGE, view=json.dumps(view | {"side": "here"}), sel=json.dumps({"element": "#help"}), release="2")
    assert ": 15 sessions" in said(at)


def test_a_side_without_the_page_is_said(opened, store_of):
    store = store_of(stay(1, press(1, "#a")) + stay(2, press(1, "#a"), page="/other", release="2"))
    at = opened(
        store, PAGE, p=json.dumps({"page": "/other"}), view=json.dumps({"with": '{"releases":["1"]}'}), release="2"
    )
    assert "**Nothing to compare**" in said(at)
    assert "nobody saw /other" in said(at)


def test_only_clear_changes_are_drawn(busy):
    params = HeatmapChanges("/pay", Scope(releases=("1",)), Scope(releases=("2",)))
    result = heatmap_changes.run(busy, params, Scope())
    both = heatmap.run(busy, params.heatmap, Scope())
    drawn = maps.sheet(params.heatmap, maps.of_page(both), None, "desktop")
    figure = changes.figure(LIGHT, params, result, both, drawn)
    z = np.array(next(trace for trace in figure.data if trace.type == "heatmap").z)
    assert z.min() < 0
    assert z[0, 0] == pytest.approx(0, abs=1e-6)
    none = heatmap_changes.HeatmapChangesResult(result.elements, (), result.sizes, result.people, ())
    blank = changes.figure(DARK, params, none, both, drawn)
    assert np.abs(np.array(next(trace for trace in blank.data if trace.type == "heatmap").z)).max() == 0


@pytest.mark.parametrize(("value", "measure", "sign", "text"), [
    (0.052, "rate", False, "5.2"), (-0.052, "rate", True, "−5.2"), (0.5, "share", False, "50.0\u00a0%"),
    (0.051, "share", True, "+5.1\u00a0%"),
])  # fmt: skip
def test_amounts(value, measure, sign, text):
    assert changes.amount(value, measure, sign) == text


def test_an_element_gets_a_name_and_loses_it(opened, store_of):
    store = store_of(stay(1, press(1, "#pay")) + stay(2, press(1, "#pay-2"), press(2, "#pay-2")))
    at = opened(store, PAGE, sel=json.dumps({"element": "#pay-2"}))
    next(one for one in at.text_input if one.label == "Name").set_value("Pay button")
    next(one for one in at.multiselect if one.label == "And these").set_value(["#pay"])
    at = next(one for one in at.button if one.label == "Keep it for the team").click().run()
    assert not at.exception
    assert [(one.name, one.elements, one.page) for one in remaps.known(store)] == [
        ("Pay button", ("#pay-2", "#pay"), None)
    ]
    assert "“Pay button” gets 100 % of 3 clicks" in said(at)
    named = opened(store, PAGE, sel=json.dumps({"element": "Pay button"}))
    assert "stands for" in said(named)
    assert "Clicked “Pay button”: 2 sessions" in said(named)
    next(one for one in named.button if one.label == "Forget the name").click().run()
    assert remaps.known(store) == ()


def test_a_name_that_is_taken_is_said(opened, store_of):
    store = store_of(stay(1, press(1, "#a"), press(2, "#b")))
    remaps.save(store, "Taken", ["#z"])
    at = opened(store, PAGE, sel=json.dumps({"element": "#a"}))
    next(one for one in at.text_input if one.label == "Name").set_value("Taken")
    at = next(one for one in at.button if one.label == "Keep it for the team").click().run()
    assert "There is a name of elements called 'Taken' already" in said(at)


def picture(kind="PNG"):
    made = io.BytesIO()
    Image.new("RGB", (640, 900), "white").save(made, kind)
    return made.getvalue()


def test_a_picture_is_uploaded_and_removed(opened, busy):
    at = opened(busy, PAGE)
    assert "No picture fits" in said(at)
    at.file_uploader[0].upload("page.png", picture(), "image/png").run()
    at = next(one for one in at.button if one.label == "Use it").click().run()
    assert not at.exception
    (kept,) = pictures.kept(busy)
    assert (kept.page, kept.min_width, kept.width, kept.height) == ("/pay", 1024, 1280, 1800)
    assert "Drawn on the picture of /pay" in said(at)
    assert "The picture is 1,800 px high, and events say that the page is up to 1,200 px" in said(at)
    next(one for one in at.button if one.label == "Remove the present one").click().run()
    assert pictures.kept(busy) == []


@pytest.mark.parametrize("content", [b"GIF89a" + b"\0" * 99, b"<svg><script>alert(1)</script></svg>", b""])
def test_what_is_no_picture_is_refused_in_a_sentence(opened, busy, content):
    at = opened(busy, PAGE)
    at.file_uploader[0].upload("page.png", content, "image/png").run()
    at = next(one for one in at.button if one.label == "Use it").click().run()
    assert len(at.error) == 1
    assert pictures.kept(busy) == []


@pytest.mark.parametrize("sel", [{"region": [5, 5, 5, 5]}, {"region": [9, 1, 0, 3]}, {"fixed": True}, {"element": 5}])
def test_a_selection_that_is_none_is_none(opened, busy, sel):
    at = opened(busy, PAGE, sel=json.dumps(sel))
    assert not at.exception
    assert "Clicked anything here: 60 sessions" in said(at)


places = st.tuples(st.integers(-5, 60), st.integers(-5, 60), st.booleans(), st.integers(1, 4))
edges = st.tuples(st.integers(-5, 40), st.integers(1, 30), st.integers(-5, 40), st.integers(1, 30), st.booleans())


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(places, min_size=1, max_size=12), st.lists(edges, min_size=8, max_size=8))
def test_every_region_equals_its_list(store_of, clicks, regions):
    """Events and sessions of any box are those of the clicks in it, and the cells of that box add up to them."""
    rows = []
    for n, (x, y, fixed, session) in enumerate(clicks):
        rows += stay(session, (n + 1, "click", {"x": x, "y": y, "fixed": fixed, "element": "#a"}))
    store = store_of(rows)
    cells = heatmap.run(store, Heatmap("/pay", cell=1), Scope())
    for left, wide, top, high, fixed in regions:
        box = (left, left + wide, top, top + high)
        found = heatmap_sessions.run(store, HeatmapSessions("/pay", region=box, fixed=fixed), Scope())
        inside = [
            session for x, y, is_fixed, session in clicks
            if is_fixed == fixed and left <= x < left + wide and top <= y < top + high
        ]  # fmt: skip
        assert (found.total, found.events) == (len(set(inside)), len(inside))
        within = heatmap.run(store, Heatmap("/pay", cell=1, region=box, fixed=fixed), Scope())
        assert (within.totals.sessions, within.totals.events) == (found.total, found.events)
        assert sum(one.events for one in within.elements) == found.events
        squares = cells.fixed if fixed else cells.cells
        assert found.events == sum(
            one.events for one in squares if left <= one.column_no < left + wide and top <= one.row_no < top + high
        )


def test_what_a_link_holds_stays(opened, busy):
    at = opened(busy, PAGE, view=json.dumps({"with": '{"releases":["1"]}', "by": "share"}), release="2")
    assert json.loads(link(at)["view"][0]) == {"with": '{"releases":["1"]}', "by": "share"}


def test_a_group_of_the_team_is_a_place_too(opened, store_of):
    store = store_of(stay(1, press(1, "#a")) + stay(2, press(1, "#a"), page="/help/x") + stay(3, page="/other"))
    groups.save(store, Group("Pages", ("/pay", "/help/*")))
    at = opened(store, PAGE, p=json.dumps({"page": ["/pay", "/help/*"]}))
    assert not at.exception
    assert "Pages, 2 pages as one" in next(one for one in at.selectbox if one.label == "Page").options[-1].replace(
        "\u00a0", " "
    )
    assert "Clicked anything here: 2 sessions" in said(at)
