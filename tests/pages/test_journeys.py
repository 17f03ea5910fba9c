"""The pages of paths and of the funnel: what they say, what a click opens, what the link keeps."""

import json
import re

import pytest

from analytics.analyses import dropouts, funnel, path_sessions, paths
from analytics.analyses.dropouts import Dropouts
from analytics.analyses.funnel import Funnel
from analytics.analyses.path_sessions import PathSessions
from analytics.analyses.paths import Paths
from analytics.conditions import Matcher
from analytics.scope import Scope
from tests.pages.conftest import link, said

PATHS, FUNNEL = "journeys/paths.py", "journeys/funnel.py"
PERIOD = {"range": ["2026-08-03", "2026-10-25"]}


def plain(text):
    return text.replace("\\", "").replace("**", "").replace("\u00a0", " ").replace("\u2060", "")


def answer(at):
    assert not at.exception
    return plain(at.markdown[0].value)


def title(at):
    """What the list below is of."""
    return plain(at.subheader[0].value)


def listed(at):
    return int(re.search(r": ([\d,]+) (?:session|people|person)", title(at))[1].replace(",", ""))


def control(at, kind, label):
    return next(one for one in at.get(kind) if one.label == label)


def params(at):
    return json.loads("".join(link(at).get("p", [])) or "{}")


def sankey(at):
    return json.loads(at.get("echarts_chart")[0].proto.spec)["series"][0]


def bars(at):
    spec = json.loads(at.get("plotly_chart")[0].proto.spec)
    return [trace for trace in spec["data"] if trace["type"] == "bar" and trace.get("text")]


def rows(at):
    """What the rows of the steps are drawn from."""
    drawn = next(one.proto for one in at.get("bidi_component") if "funnel_steps" in one.proto.component_name)
    return json.loads(drawn.json)


def _key(identity):
    """The key that a picture's selection goes by."""
    return identity.removeprefix("$$ID-").split("-", 1)[1]


# --- Paths ------------------------------------------------------------------------------------------------------------


def test_paths_open_on_the_sample(opened, sample):
    at = opened(sample, PATHS)
    assert re.match(r"4\d\.\d % leave after their first page\. The widest way on is from ", answer(at))
    groups = control(at, "multiselect", "Pages that are one place").value
    assert "/product/*" in groups and "/category/*" in groups
    shown = sum(node["value"] for node in sankey(at)["data"] if node["depth"] == 0)
    assert shown == paths.run(sample, Paths(), Scope()).sessions
    assert set(params(at)) == {"groups"}


def test_a_node_that_is_clicked_opens_its_sessions(opened, sample):
    at = opened(sample, PATHS)
    drawn = sankey(at)
    number = next(n for n, node in enumerate(drawn["data"]) if node["depth"] == 1 and node["name"].startswith("/cart"))
    at.session_state[_key(at.get("echarts_chart")[0].proto.id)] = {
        "selection": {"selected": [{"data_type": "node", "data_indices": [number]}], "areas": []}
    }
    at.run()
    assert title(at).startswith("Second: /cart: ")
    assert listed(at) == drawn["data"][number]["value"]
    assert json.loads("".join(link(at)["sel"])) == {"place": 2, "at": "/cart"}


def test_every_choice_of_the_list_is_as_long_as_it_says(opened, sample):
    at = opened(sample, PATHS, device="tablet")
    drawn = sankey(at)
    sizes = [one["value"] for one in (*drawn["data"], *drawn["links"])]
    choice = control(at, "selectbox", "Sessions of")
    assert len(choice.options) == len(sizes)
    for number in (0, len(drawn["data"]) - 1, len(drawn["data"]), len(sizes) - 1):
        control(at, "selectbox", "Sessions of").set_value(number).run()
        assert listed(at) == sizes[number]


def test_a_path_begins_where_a_node_says(opened, sample):
    at = opened(sample, PATHS, sel=json.dumps({"place": 2, "at": "/cart"}))
    control(at, "button", r"Start at \/cart").click().run()
    assert params(at)["start"]["page"] == "/cart"
    first = [node for node in sankey(at)["data"] if node["depth"] == 0]
    assert [node["value"] for node in first] == [
        paths.run(sample, Paths(start=Matcher(page="/cart")), Scope()).sessions
    ]
    assert "come by /cart" in answer(at)
    control(at, "button", "Leave it out").click().run()
    assert params(at)["exclude"] == ["/checkout/address"]
    assert all("/checkout/address" not in node["name"] for node in sankey(at)["data"])


def test_a_link_opens_the_same_paths(opened, sample):
    asked = {"level": "event", "steps": 4, "start": {"name": "add_to_cart"}, "exclude": ["scroll"]}
    at = opened(sample, PATHS, p=json.dumps(asked), device="phone", **PERIOD)
    given = params(at)
    assert (given["level"], given["steps"], given["start"]["name"], given["exclude"]) == (
        "event", 4, "add_to_cart", ["scroll"],
    )  # fmt: skip
    again = opened(sample, PATHS, **link(at))
    assert (answer(again), title(again)) == (answer(at), title(at))
    assert sankey(again) == sankey(at)


def test_nobody_goes_this_way(opened, journeys):
    asked = json.dumps({"start": {"page": "/b"}, "end": {"page": "/a"}})
    at = opened(journeys("/a /b", "/a"), PATHS, p=asked)
    assert answer(at).startswith("No session goes from /b to /a.")
    assert not at.get("echarts_chart")


def test_without_pages_events_are_followed(opened, journeys):
    at = opened(journeys("go stop", "go stay"), PATHS)
    assert "first event" in answer(at)
    assert [node["name"].rstrip("\u200b") for node in sankey(at)["data"]][:2] == ["Go", "Stay"]


def test_a_link_that_cannot_be_read_is_said(opened, journeys):
    at = opened(journeys("/a /b"), PATHS, p='{"steps": 99}', sel='{"place": 7, "at": "/gone"}')
    assert not at.exception
    assert any("2 to 20 items" in plain(one.value) for one in at.warning)
    assert title(at).startswith("First page to second: /a → /b: 1 session")


def test_groups_can_be_made_anew(opened, sample):
    at = opened(sample, PATHS)
    control(at, "multiselect", "Pages that are one place").set_value(["/checkout/*", "/product/*"]).run()
    assert params(at)["groups"] == ["/checkout/*", "/product/*"]
    names = {node["name"].rstrip("\u200b") for node in sankey(at)["data"]}
    assert "/checkout/*" in names and "/checkout/address" not in names


# --- Funnel -----------------------------------------------------------------------------------------------------------


def test_the_funnel_opens_on_the_way_to_the_goal(opened, sample):
    at = opened(sample, FUNNEL)
    chosen = [step["name"] for step in rows(at)["steps"]]
    assert (chosen[0], chosen[1], chosen[-1]) == ("/product/*", "Add to cart", "Order")
    assert 4 <= len(chosen) <= 6
    assert re.match(r"\d\.\d % of the [\d,]+ sessions that began with /product/\* reached Order\.", answer(at))
    assert params(at) == {}


def test_the_sample_parts_its_devices_at_the_order(opened, sample):
    at = opened(sample, FUNNEL, release="1.1", **PERIOD)
    assert "They part most before Order: " in answer(at)
    assert re.search(r"1\d % go on for phone, 8\d % for desktop\.", answer(at))
    assert title(at).startswith("phone: stopped after /checkout/payment: ")


@pytest.mark.parametrize("by", ["session", "user"])
def test_every_bar_opens_as_many_as_it_says(opened, sample, by):
    at = opened(sample, FUNNEL, p=json.dumps({"by": by}), release="1.1", **PERIOD)
    drawn = bars(at)
    assert [trace["name"] for trace in drawn] == ["desktop", "phone", "tablet"]
    chart = _key(at.get("plotly_chart")[0].proto.id)
    for part, step in ((1, 2), (0, 1), (2, len(drawn[0]["text"]))):
        data = drawn[part]["customdata"][step - 1]
        at.session_state[chart] = {"selection": {"points": [{"customdata": data}], "point_indices": [], "box": []}}
        at.run()
        counts = [int(text.replace(",", "")) for text in drawn[part]["text"]]
        after = counts[step] if step < len(counts) else 0
        assert listed(at) == counts[step - 1] - after


def test_a_choice_of_the_list_also_opens_who_reached_a_step(opened, sample):
    at = opened(sample, FUNNEL, p='{"breakdown": null}')
    counts = [int(text.replace(",", "")) for text in bars(at)[0]["text"]]
    choice = control(at, "selectbox", "Which sessions")
    number = choice.options.index("Reached Add to cart")
    choice.set_value(number).run()
    assert listed(at) == counts[1]
    assert title(at).startswith("Reached Add to cart")
    assert json.loads("".join(link(at)["sel"])) == {"step": 2, "reached": True}


def test_steps_may_be_moved_and_taken_twice(opened, journeys):
    store = journeys("a b a c", "a b", "b a")
    at = opened(store, FUNNEL, p=json.dumps({"steps": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}))
    assert [trace["text"] for trace in bars(at)] == [["3", "2", "1"]]
    at.session_state["funnel-open-step"] = 2
    at.run().button(key="step-earlier").click().run()
    assert [step["name"] for step in params(at)["steps"]] == ["b", "a", "a"]
    assert [trace["text"] for trace in bars(at)] == [["3", "2", "0"]]


def test_one_step_is_no_funnel(opened, journeys):
    at = opened(journeys("a b"), FUNNEL, p=json.dumps({"steps": [{"name": "a"}]}))
    assert answer(at).startswith("Choose at least two steps")


def test_nobody_did_the_first_step(opened, journeys):
    at = opened(journeys("a b"), FUNNEL, p=json.dumps({"steps": [{"name": "gone"}, {"name": "b"}]}))
    assert answer(at) == "None of the sessions did the first step, Gone."


def test_a_time_limit_and_its_link(opened, journeys):
    store = journeys("a b", "a x x x x x x x x x x x x b")
    at = opened(store, FUNNEL, p=json.dumps({"steps": [{"name": "a"}, {"name": "b"}]}))
    assert bars(at)[0]["text"] == ["2", "2"]
    control(at, "selectbox", "Time limit").set_value("10 minutes").run()
    assert params(at)["window_s"] == 600
    assert bars(at)[0]["text"] == ["2", "1"]
    again = opened(store, FUNNEL, **link(at))
    assert (answer(again), title(again)) == (answer(at), title(at))


def test_the_answers_of_the_page_are_those_of_the_analysis(opened, sample):
    steps = [{"name": "page_view", "page": "/cart"}, {"name": "order"}]
    at = opened(sample, FUNNEL, p=json.dumps({"steps": steps, "breakdown": None}))
    asked = Funnel((Matcher(name="page_view", page="/cart"), Matcher(name="order")))
    counts = [f"{step.count:,}" for step in funnel.run(sample, asked, Scope()).steps]
    assert bars(at)[0]["text"] == counts
    stopped = dropouts.run(sample, Dropouts(**vars(asked), step=1), Scope())
    assert listed(at) == stopped.total


# --- Both -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [PATHS, FUNNEL])
@pytest.mark.parametrize("level", ["page", "event"])
def test_what_events_say_is_text(opened, hostile, page, level):
    asked = {"level": level} if page == PATHS else {"by": "user" if level == "event" else "session"}
    at = opened(hostile, page, p=json.dumps(asked))
    assert not at.exception
    text = said(at)
    assert "<img src=x" not in text and "](https://" not in text and "![x](" not in text


@pytest.mark.parametrize("page", [PATHS, FUNNEL])
def test_no_session_in_scope_is_a_sentence(opened, sample, page):
    at = opened(sample, page, w=json.dumps([{"field": "page", "op": "is", "value": "/nowhere"}]), **PERIOD)
    assert "No session began on these days and fits these filters." in answer(at)


def test_a_list_of_the_paths_is_that_of_the_analysis(opened, sample):
    at = opened(sample, PATHS, p='{"groups": []}', sel='{"place": 1, "at": "/", "to": {"rest": "left"}}')
    asked = PathSessions(Paths(), 1, "/", "left", limit=0)
    assert listed(at) == path_sessions.run(sample, asked, Scope()).total
