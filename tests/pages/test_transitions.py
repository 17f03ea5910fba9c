"""The page of transitions: what it says, what a click opens, what the link keeps."""

import json
import re
from dataclasses import replace

import pytest

from analytics import registry
from analytics.analyses import step_matrix, transition_sessions, transitions
from analytics.analyses.step_matrix import StepMatrix
from analytics.analyses.transition_sessions import TransitionSessions
from analytics.analyses.transitions import Transitions
from analytics.conditions import Filter
from analytics.scope import Scope
from tests.pages.conftest import HOSTILE, link
from tests.pages.test_journeys import answer, control, listed, params, plain, title

PAGE = "journeys/transitions.py"
PROPOSED = ["/admin/customers/*", "/product/*", "/category/*"]


def figure(at):
    return json.loads(at.get("plotly_chart")[0].proto.spec)


def test_opens_on_the_sample_with_figures(opened, sample):
    at = opened(sample, PAGE)
    found = re.match(
        r"Of ([\d,]+) steps from one page to the next, most go from /category/\* to /product/\*", answer(at)
    )
    links = transitions.run(sample, Transitions(), Scope()).links
    inner = sum(one.count for one in links if one.source != "(start)" and one.target != "(end)")
    assert int(found[1].replace(",", "")) == inner
    assert params(at) == {"groups": PROPOSED}
    assert {trace["type"] for trace in figure(at)["data"]} == {"bar"}


def test_the_list_is_as_long_as_the_analysis_says(opened, sample):
    at = opened(sample, PAGE, sel=json.dumps({"from": "/cart", "to": "/checkout/address"}))
    assert title(at).startswith("/cart → /checkout/address: ")
    asked = TransitionSessions(Transitions(), "/cart", "/checkout/address", limit=0)
    assert listed(at) == transition_sessions.run(sample, asked, Scope()).total


def test_every_choice_is_in_the_link(opened, sample):
    at = opened(sample, PAGE)
    control(at, "selectbox", "Count").select("sessions").run()
    control(at, "toggle", "Repeats").set_value(False).run()
    assert not at.exception
    assert params(at) == {"norm": "sessions", "collapse_repeats": True, "groups": PROPOSED}
    again = opened(sample, PAGE, **link(at))
    assert answer(again) == answer(at)
    assert "repeat the page" not in answer(at)


def test_the_graph_draws_what_it_says(opened, sample):
    at = opened(sample, PAGE, view=json.dumps({"as": "graph", "least": 0.02}))
    marks = figure(at)["data"][-1]["customdata"]
    said = next(plain(one.value) for one in at.caption if "drawn" in one.value)
    assert int(re.match(r"(\d+) links drawn", said)[1]) == len(marks)


def test_events_without_pages(opened, journeys):
    at = opened(journeys("a b a b", "a a"), PAGE)
    assert answer(at).startswith("Of 4 steps from one event to the next, most go from A to B: 2")


def test_one_item_a_session(opened, journeys):
    at = opened(journeys("/a", "/b"), PAGE)
    assert answer(at) == "2 paths, and none of them has a second page."


def test_everything_left_out(opened, journeys):
    at = opened(journeys("/a /b"), PAGE, p=json.dumps({"exclude": ["*"]}))
    assert answer(at).startswith("No session has a page here")


@pytest.mark.parametrize("shape", ["matrix", "graph"])
def test_names_are_text(opened, store_of, shape):
    rows = [
        {"timestamp": f"2026-03-02T09:{n:02}:00", "event": name, "user_id": "u", "session_id": "s"}
        for n, name in enumerate([*HOSTILE.values(), *HOSTILE.values()])
    ]
    at = opened(store_of(rows), PAGE, view=json.dumps({"as": shape}))
    assert not at.exception
    assert "<img" not in at.get("plotly_chart")[0].proto.spec


def test_many_items_fold_into_a_rest_that_adds_up(opened, journeys):
    store = journeys(*(f"/{chr(97 + n)}{n}x /z" for n in range(20)))
    opened(store, PAGE)
    whole = Transitions(groups=())
    shown = tuple(f"/{chr(97 + n)}{n}x" for n in range(5))
    folded = transitions.run(store, replace(whole, shown=shown), Scope())
    assert folded.steps == transitions.run(store, whole, Scope()).steps
    assert {one.source for one in folded.links} == {"(start)", "(other)", *shown}


@pytest.mark.parametrize("shape", ["matrix", "graph"])
def test_two_releases_compared(opened, sample, shape):
    at = opened(sample, PAGE, view=json.dumps({"as": shape, "with": '{"releases":["1.1"]}'}))
    assert re.match(
        r"\d+ of \d+ steps differ by more than noise\. Most of all /checkout/payment → /checkout/done: 49\.\d % of "
        r"what leaves in release 1\.1, 7\d\.\d % in every other release\.",
        answer(at),
    )
    rows = at.dataframe[0].value
    assert list(rows.columns[:3]) == ["Step", "Release 1.1", "Every other release"]
    assert rows["In words"].iloc[0] == "more" and "within noise" in set(rows["In words"])


def test_repeats_before_a_goal(opened, sample):
    at = opened(sample, PAGE, view=json.dumps({"show": "repeats"}))
    assert not at.exception
    said = next(plain(one.value) for one in at.markdown if one.value.startswith("Before "))
    assert re.match(r"Before .+, /product/\* comes [\d.]+ times on average, in the median \d", said)
    table = at.dataframe[0].value
    assert table["Sessions"].str.startswith("Reached").iloc[0]
    more = int(listed(at))
    assert more == sum(int(table[name].iloc[0].replace(",", "")) for name in ("2×", "3×", "4×", "5× or more"))


def test_repeats_of_a_thing_before_itself(opened, journeys):
    same = '{"name": "a"}'
    at = opened(journeys("a b a"), PAGE, view=json.dumps({"show": "repeats", "repeated": same, "before": same}))
    assert not at.exception
    assert any("Choose two different things" in one.value for one in at.markdown)


@pytest.mark.parametrize("other", [{}, {"with": '{"releases":["1.1"]}'}])
def test_step_by_step(opened, sample, other):
    at = opened(sample, PAGE, view=json.dumps({"as": "steps", "steps": 5} | other))
    said = (
        r"\d+ of \d+ cells differ|No step clearly differs" if other else r"39\.\d % of 25,570 sessions begin with /prod"
    )
    assert re.match(said, answer(at))
    assert max(cell[1] for cell in figure(at)["data"][0]["customdata"]) == 4


def test_the_list_behind_a_cell_of_the_step_matrix(opened, sample):
    at = opened(sample, PAGE, view=json.dumps({"as": "steps"}), sel=json.dumps({"step": 3, "at": "/cart"}))
    cell = next(row for row in figure(at)["data"][0]["customdata"] if row[2].startswith("Step 3: /cart<br>"))
    assert title(at).startswith("Step 3: /cart: ")
    assert listed(at) == int(re.search(r"<br>([\d,]+)", cell[2])[1].replace(",", ""))


def test_those_who_reached_the_goal_against_all_others(opened, sample):
    at = opened(sample, PAGE)
    offered = control(at, "selectbox", "Compare with").options
    assert "Sessions with Order" in offered and "Sessions with Add to cart" in offered
    control(at, "selectbox", "Compare with").select("Sessions with Order").run()
    assert re.match(
        r"\d+ of \d+ steps differ by more than noise\. Most of all .+ in sessions with Order, [\d.]+ % in sessions "
        r"without Order\.",
        answer(at),
    )
    again = opened(sample, PAGE, **link(at))
    assert answer(again) == answer(at)
    pair = [Scope(where=(Filter("event", op, "order"),)) for op in ("is", "is_not")]
    counts = [registry.sessions_in(sample, scope) for scope in (*pair, Scope())]
    assert counts[0] + counts[1] == counts[2]
    inside = opened(sample, PAGE, w=json.dumps([{"field": "event", "op": "is", "value": "order"}]))
    assert "Sessions with Order" not in control(inside, "selectbox", "Compare with").options


def test_what_is_pinned_stands_first_in_the_picture_and_in_the_link(opened, sample):
    at = opened(sample, PAGE, view=json.dumps({"as": "graph"}))
    control(at, "multiselect", "Pinned on top, in this order").set_value(["/cart", "/help"]).run()
    drawn = [note["text"] for note in figure(at)["layout"]["annotations"] if note["text"].startswith("<b>")]
    assert [re.match(r"<b>(.+?)</b>", text)[1] for text in drawn[:3]] == ["(start)", "/cart", "/help"]
    again = opened(sample, PAGE, **link(at))
    assert figure(again)["layout"]["annotations"] == figure(at)["layout"]["annotations"]
    fewer = opened(sample, PAGE, **link(at), device="phone")  # another scope, the same order
    places = [note["text"].split("</b>")[0] for note in figure(fewer)["layout"]["annotations"] if "<b>" in note["text"]]
    assert places == [text.split("</b>")[0] for text in drawn]


@pytest.mark.parametrize("shape", ["matrix", "steps"])
def test_both_sides_of_a_difference_have_their_list(opened, sample, shape):
    sel = {"from": "/cart", "to": "/checkout/address"} if shape == "matrix" else {"step": 3, "at": "/cart"}
    at = opened(sample, PAGE, view=json.dumps({"as": shape, "with": '{"releases":["1.1"]}'}), sel=json.dumps(sel))

    def heading():
        return next(plain(one.value) for one in at.subheader if plain(one.value).endswith("sessions"))

    def length():
        return int(re.search(r": ([\d,]+) session", heading())[1].replace(",", ""))

    here = length()
    assert ", every other release: " in heading()
    control(at, "button_group", "On which side").set_value("there").run()
    assert ", release 1.1: " in heading()
    for op, found in (("is_not", here), ("is", length())):
        scope = Scope(where=(Filter("release", op, "1.1"),))
        if shape == "matrix":
            behind = TransitionSessions(Transitions(groups=tuple(PROPOSED)), "/cart", "/checkout/address", limit=0)
            assert transition_sessions.run(sample, behind, scope).total == found
        else:
            cells = step_matrix.run(sample, StepMatrix(groups=tuple(PROPOSED)), scope).cells
            assert next(cell.sessions for cell in cells if (cell.step, cell.item) == (3, "/cart")) == found


def test_those_who_have_ended_are_listed(opened, sample):
    at = opened(sample, PAGE, view=json.dumps({"as": "steps"}), sel=json.dumps({"step": 3, "at": "(end)"}))
    assert title(at).startswith("Ended before step 3: ")
    cells = step_matrix.run(sample, StepMatrix(groups=tuple(PROPOSED)), Scope()).cells
    assert listed(at) == next(cell.sessions for cell in cells if (cell.step, cell.item) == (3, "(end)"))


@pytest.mark.parametrize("shape", ["matrix", "graph", "steps"])
def test_a_path_may_be_all_of_a_person(opened, sample, shape):
    at = opened(sample, PAGE, view=json.dumps({"as": shape}))
    control(at, "selectbox", "A path is").select("user").run()
    assert not at.exception
    assert params(at)["by"] == "user"
    assert ", one session each: " in title(at)
    if shape == "steps":
        assert re.search(r"% of [\d,]+ people begin with", answer(at))
    compared = opened(sample, PAGE, **link(at) | {"view": json.dumps({"as": shape, "with": '{"releases":["1.1"]}'})})
    assert "differ by more than noise" in answer(compared)
