"""The page of retention, stickiness and lifecycle: what it says, what a click opens, what the link keeps."""

import json
import re

import pytest

from analytics.analyses import lifecycle, retention, stickiness
from analytics.analyses.lifecycle import Lifecycle
from analytics.analyses.retention import Retention
from analytics.analyses.stickiness import Stickiness
from analytics.scope import Scope
from tests.pages.conftest import link, marks, said

PAGE = "journeys/retention.py"


def plain(text):
    return text.replace("\\", "").replace("**", "").replace("\u00a0", " ").replace("\u2060", "")


def answer(at):
    assert not at.exception
    return plain(at.markdown[0].value)


def heading(at):
    """What the list is of, and how long it says it is."""
    text = plain(at.subheader[0].value)
    return text, int(re.search(r": ([\d,]+) (?:people|person)$", text)[1].replace(",", ""))


def control(at, kind, label):
    return next(one for one in at.get(kind) if one.label == label)


def part(at, name):
    return json.loads("".join(link(at).get(name, [])) or "{}")


def drawn(at, number=0):
    return json.loads(at.get("plotly_chart")[number].proto.spec)["data"]


def click(at, number, trace, point):
    identity = at.get("plotly_chart")[number].proto.id.removeprefix("$$ID-").split("-", 1)[1]
    chosen = {"points": [{"customdata": trace["customdata"][point]}], "point_indices": [point]}
    at.session_state[identity] = {"selection": chosen}
    return at.run()


def view(name, **more):
    return {"view": json.dumps({"show": name}), **more}


def test_the_triangle_is_the_analysis_of_the_whole_range(opened, sample):
    at = opened(sample, PAGE)
    result = retention.run(sample, Retention("week", intervals=12), Scope())
    (cells,) = drawn(at)
    figures = {(row, slot): text for (row, slot, text) in cells["customdata"]}
    for place, cohort in enumerate(result.cohorts):
        for slot, people in enumerate(cohort.returned):
            assert f"{people:,}" in figures[place, slot]
    hatched = [
        tuple(at[:2])
        for at, shape in zip(cells["customdata"], cells["marker"]["pattern"]["shape"], strict=True)
        if shape
    ]
    assert hatched == [(place, len(cohort.returned) - 1) for place, cohort in enumerate(result.cohorts[:-1])]
    first = result.curve[0]
    assert answer(at).startswith(
        f"{100 * first.share:.1f} % ({100 * first.low:.1f} to {100 * first.high:.1f} %) come back"
    )
    assert part(at, "p") == {}


def test_a_cell_that_is_clicked_opens_its_people(opened, sample):
    at = opened(sample, PAGE)
    cohort = retention.run(sample, Retention("week", intervals=12), Scope()).cohorts[2]
    (cells,) = drawn(at)
    number = next(n for n, data in enumerate(cells["customdata"]) if data[:2] == [2, 3])
    click(at, 0, cells, number)
    assert heading(at) == (
        "Began in the week of 17 Aug, came back 3 weeks later: " + f"{cohort.returned[3]:,} people",
        cohort.returned[3],
    )
    assert part(at, "sel") == {"cohort": "2026-08-17", "after": 3}
    again = opened(sample, PAGE, sel=json.dumps({"cohort": "2026-08-17", "after": 3, "came": False}))
    assert heading(again)[1] == cohort.size - cohort.returned[3]


def test_a_link_opens_the_same_question(opened, sample):
    asked = {
        "period": "month",
        "mode": "first_time",
        "breakdown": "device",
        "return": {"name": "order"},
        "intervals": 3,
    }
    at = opened(sample, PAGE, p=json.dumps(asked), view=json.dumps({"of": "=phone"}))
    assert part(at, "p") == {name: value for name, value in asked.items() if name != "intervals"}  # the range has three
    assert control(at, "selectbox", "Came back with").value.name == "order"
    assert control(at, "selectbox", "Cohorts of").value == "phone"
    assert "phone" in heading(at)[0]


def test_choices_reach_the_link(opened, sample):
    at = opened(sample, PAGE)
    control(at, "toggle", "Later counts too").set_value(True)
    control(at, "text_input", "Weeks taken together").set_value("1, 2 4").run()
    assert part(at, "p") == {"rolling": True, "brackets": [1, 2, 4]}
    assert "or after that" in answer(at)
    control(at, "text_input", "Weeks taken together").set_value("two").run()
    assert "such as 1, 2, 4" in plain(at.warning[0].value)
    assert not at.exception


def test_stickiness_opens_the_people_of_a_bar(opened, sample):
    at = opened(sample, PAGE, **view("stickiness"))
    week = stickiness.run(sample, Stickiness("week", periods=12), Scope()).periods[-2]
    assert "days of it" in answer(at)
    click(at, 0, drawn(at)[0], 1)
    assert heading(at) == (f"Active on 2 days of the week of 12 Oct: {week.days[1]:,} people", week.days[1])
    again = opened(sample, PAGE, **view("stickiness", sel=json.dumps({"period": "2026-08-03", "days": 1})))
    assert heading(again)[0].startswith("Active on 1 day of the week of 3 Aug")


def test_lifecycle_opens_the_people_of_a_bar(opened, sample):
    at = opened(sample, PAGE, **view("lifecycle"))
    stages = lifecycle.run(sample, Lifecycle("week", intervals=12), Scope()).stages
    by_kind = {trace["customdata"][0][1]: trace for trace in drawn(at)}
    assert [-count for count in by_kind["dormant"]["y"]] == [stage.dormant for stage in stages]
    assert by_kind["new"]["y"] == [stage.new for stage in stages]
    click(at, 0, by_kind["resurrected"], 5)
    assert heading(at)[1] == stages[5].resurrected
    assert part(at, "sel") == {"period": stages[5].start, "kind": "resurrected"}


@pytest.mark.parametrize("name", ["retention", "stickiness", "lifecycle"])
@pytest.mark.parametrize("story", [("home",), ("home", "home cart", "pay")], ids=["one person", "three"])
def test_data_of_one_day(opened, journeys, name, story):
    at = opened(journeys(*story), PAGE, **view(name))
    assert answer(at)
    assert not at.error


@pytest.mark.parametrize("asked", [
    {"breakdown": "device"}, {"breakdown": "page", "top": 3}, {"start": {"name": "error"}, "breakdown": "properties.x"},
])  # fmt: skip
def test_what_data_say_is_only_text(opened, hostile, asked):
    at = opened(hostile, PAGE, p=json.dumps(asked))
    assert answer(at)
    assert marks(at) == []


def test_the_name_of_what_is_counted_is_only_text(opened, store_of):
    name = "[x](https://evil.example)"
    own = {"event": "a", "user_id": "u", "properties": {name: "v"}}
    at = opened(store_of([own | {"timestamp": f"2026-03-0{day} 09:00"} for day in (2, 3, 4)]), PAGE,
                p=json.dumps({"by": f"properties.{name}", "period": "day"}))  # fmt: skip
    assert "values of" in answer(at)
    assert marks(at) == []


def test_a_start_that_nobody_did_is_said(opened, shop):
    at = opened(shop, PAGE, p=json.dumps({"start": {"name": "no such thing"}}))
    assert answer(at).startswith("Nobody did the start event")


def test_nobody_comes_back(opened, shop):
    at = opened(shop, PAGE)  # every week has people of its own
    assert answer(at).startswith("0.0 % (0.0 to ")


def test_a_question_that_cannot_be_is_a_sentence(opened, shop):
    at = opened(shop, PAGE, p=json.dumps({"intervals": 5000}))
    assert "1 to 366 intervals" in plain(said(at))
    assert answer(at)


def test_fifty_thousand_values(opened, store_of):
    rows = [
        {
            "timestamp": f"2026-03-{2 + n % 20:02}T09:00:00",
            "event": "seen",
            "user_id": f"u{n}",
            "plan": f"plan {n % 50_000}",
        }
        for n in range(50_500)
    ]
    store = store_of(rows)
    at = opened(store, PAGE, p=json.dumps({"breakdown": "properties.plan"}))
    assert answer(at)
    assert control(at, "selectbox", "Cohorts of").options[-1] == "49,995\u00a0other values"
