"""The overview: its goal, its picture, what is selected on it, and what it finds."""

import json
from urllib.parse import parse_qs

import pytest

from pages.overview import goals
from tests.pages.conftest import link, marks


def chart(at) -> dict:
    return json.loads(at.get("plotly_chart")[0].proto.spec)


def texts(at) -> list[str]:
    return [
        element.value.replace("\u00a0", " ").replace("\\", "") for element in (*at.markdown, *at.subheader, *at.caption)
    ]


def test_the_answer_counts_the_goal_and_says_what_changed(opened, shop):
    at = opened(shop)
    assert not at.exception
    answer = next(text for text in texts(at) if "reached" in text)
    # 20 of 60 sessions a week for three weeks, then the 10 on desktops only
    assert answer.startswith("**25.0 %** of the sessions reached “order”: **90** of 360.")
    assert "It fell on phones with release 2 from **33.3 %** to **0.0 %**." in answer
    assert "No clear change on desktops." in answer


def test_the_picture_has_a_line_per_device_and_the_release(opened, shop):
    figure = chart(opened(shop))
    lines = {trace["name"]: trace["customdata"] for trace in figure["data"] if trace.get("name")}
    assert set(lines) == {"phone", "desktop"}
    assert [row[0] for row in lines["phone"]] == ["phone"] * 6
    assert [row[3] for row in lines["phone"]][-1] == "0.0\u00a0% (0.0 to 11.4): 0 of 30\u00a0sessions"
    assert any("Release 2, 23\u00a0Mar" in note["text"] for note in figure["layout"]["annotations"])


def test_a_point_opens_as_many_sessions_as_it_says(opened, shop):
    at = opened(shop, sel=['{"start":"2026-03-02","device":"phone"}'])
    assert "2 to 8 Mar on phones: 30 sessions" in texts(at)
    at = opened(shop, sel=['{"start":"2026-03-02","device":"phone","goal":true}'])
    assert "2 to 8 Mar on phones, with “order”: 10 sessions" in texts(at)


@pytest.mark.parametrize(
    ("params", "label"),
    [
        ('{"goal":null}', "No goal"),
        ('{"goal":{"name":"click"}}', "click"),
        ('{"goal":{"name":"page_view","page":"/done"}}', "/done"),
        ('{"grain":"day"}', "order"),
    ],
)
def test_goal_and_grain_are_in_the_link(opened, shop, params, label):
    at = opened(shop, p=[params])
    assert not at.exception
    assert next(box for box in at.selectbox if box.label == "Goal").value == label
    assert set(json.loads(link(at)["p"][0])) == set(json.loads(params))


def test_choosing_no_goal_draws_the_sessions(opened, shop):
    at = opened(shop)
    next(box for box in at.selectbox if box.label == "Goal").set_value("No goal").run()
    assert not at.exception
    assert "Sessions, by week" in texts(at)
    assert json.loads(link(at)["p"][0]) == {"goal": None}


@pytest.mark.parametrize(
    ("names", "goal"),
    [
        (["page_view", "search", "order", "reorder_hint"], "order"),
        (["page_view", "sign_up_started", "sign_up"], "sign_up"),
        (["click", "checkout_done", "checkout_started"], "checkout_done"),
        (["click", "page_view"], None),
    ],
)
def test_the_likely_goal(opened, shop, names, goal):
    found = goals.likely(names)
    assert (found.name if found else None) == goal


def test_on_the_sample_it_tells_what_was_planted(opened, sample):
    at = opened(sample)
    assert not at.exception
    answer = next(text for text in texts(at) if "reached" in text)
    assert "It fell on phones with release 1.1" in answer
    assert "with release 1.2 it went back" in answer
    assert any("Refused forms on /cart" in text for text in texts(at))


def test_what_stands_out_opens_as_many_sessions_as_it_says(opened, sample):
    at = opened(sample, sel=['{"event":"form_error","page":"/cart"}'])
    found = next(text for text in texts(at) if "had a field refused there" in text)
    counted = found.split("\n")[1].split("**")[1]
    assert any(text.startswith(f"Form error on /cart: {counted} sessions") for text in texts(at))


def test_text_from_data_is_shown_as_text(opened, hostile):
    at = opened(hostile)
    assert not at.exception
    assert marks(at) == []
    spec = at.get("plotly_chart")[0].proto.spec
    assert "<img" not in spec.replace("\\u003c", "<") or "customdata" in spec


def test_a_change_leads_to_its_comparison(opened, sample):
    at = opened(sample)
    ways = [proto.proto for proto in at.get("page_link") if proto.proto.label == "Compare"]
    assert ways
    query = parse_qs(ways[0].query_string)
    assert json.loads(query["p"][0])["before"] == {"releases": ["1.0"]}
    assert query["device"] == ["phone"]
    there = opened(sample, "changes/compare.py", **query)
    assert not there.exception
    assert not there.warning
    assert link(there)["device"] == ["phone"]
