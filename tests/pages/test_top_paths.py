"""The page of whole sessions: its answer, its choices, its lists."""

import json
import re

from analytics.analyses import top_paths
from analytics.analyses.top_paths import TopPaths
from analytics.conditions import Matcher
from analytics.scope import Scope
from tests.pages.conftest import HOSTILE, link
from tests.pages.test_journeys import answer, control, listed, params, plain, title

PAGE = "journeys/top_paths.py"


def test_opens_on_the_sample(opened, sample):
    at = opened(sample, PAGE)
    found = re.match(r"The most usual whole session is .+: ([\d,]+) sessions, [\d.]+ %", answer(at))
    assert listed(at) == int(found[1].replace(",", ""))
    assert params(at) == {"groups": ["/admin/customers/*", "/product/*", "/category/*"]}
    assert len(at.get("plotly_chart")) == 2


def test_costly_ones_say_how_they_are_ranked(opened, sample):
    at = opened(sample, PAGE, p=json.dumps({"rank": "errors", "least": 20}))
    assert re.match(r"Of paths with 20 sessions or more, .+ has most errors: [\d.]+ a session", answer(at))
    assert any("Ranked by errors a session" in plain(one.value) for one in at.caption)


def test_rare_ones_come_up_when_few_sessions_are_enough(opened, sample):
    at = opened(sample, PAGE)
    control(at, "button_group", "Rank").set_value("time").run()
    assert params(at)["least"] == 20
    control(at, "selectbox", "Of at least").select(1).run()
    assert params(at)["rank"] == "time" and "least" not in params(at)
    assert re.match(r"Of all paths, .+ takes longest: .+ in the median, in \d+ sessions?\.", answer(at))
    again = opened(sample, PAGE, **link(at))
    assert answer(again) == answer(at)


def test_a_path_in_the_link_opens_its_sessions(opened, sample):
    asked = TopPaths(level="event", goal=Matcher(name="order"))
    path = top_paths.run(sample, asked, Scope()).paths[3]
    at = opened(sample, PAGE, p=json.dumps({"level": "event"}), sel=json.dumps({"path": list(path.items)}))
    assert not at.exception
    assert listed(at) == path.sessions
    control(at, "toggle", "Repeats").set_value(True).run()
    assert params(at)["collapse_repeats"] is False
    again = opened(sample, PAGE, **link(at))
    assert answer(again) == answer(at)


def test_names_are_text(opened, store_of):
    rows = [
        {"timestamp": f"2026-03-02T09:{n:02}:00", "event": name, "user_id": "u", "session_id": f"s{n}"}
        for n, name in enumerate(HOSTILE.values())
    ]
    at = opened(store_of(rows), PAGE)
    assert not at.exception and title(at)


def test_nothing_is_left(opened, journeys):
    at = opened(journeys("/a"), PAGE, p=json.dumps({"exclude": ["*"]}))
    assert answer(at).startswith("No path is there.")
