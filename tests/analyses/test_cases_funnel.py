"""Other products' own funnel tests: the facts of them that our meaning of a funnel shares."""

import json
from pathlib import Path

import pytest

from analytics import registry
from analytics.analyses import dropouts, funnel

CASES = Path(__file__).parents[1] / "cases"


def every_case():
    for file in sorted(CASES.glob("*_funnels.json")):
        for case in json.loads(file.read_text(encoding="utf-8"))["cases"]:
            yield pytest.param(case, id=case["id"])


@pytest.mark.parametrize("case", list(every_case()))
def test_counts_what_they_count(store_of, case):
    store = store_of(case["events"])
    scope = registry.scope(json.dumps(case["scope"]))
    result = funnel.run(store, registry.params(funnel, json.dumps(case["params"])), scope)
    expected = case["expected"]
    if "counts" in expected:
        assert [step.count for step in result.steps] == expected["counts"]
    for name in ("mean_seconds", "median_seconds"):
        for step, seconds in expected.get(name, {}).items():
            assert getattr(result.steps[int(step) - 1], name) == pytest.approx(seconds)
    for step, people in expected.get("people", {}).items():
        asked = case["params"] | {"step": int(step), "converted": True, "limit": None}
        rows = dropouts.run(store, registry.params(dropouts, json.dumps(asked)), scope).rows
        assert sorted(row.user for row in rows) == sorted(people)
    if "breakdowns" in expected:
        found = {one.value: [step.count for step in one.steps] for one in result.breakdowns}
        assert found == expected["breakdowns"]
    if "histogram" in expected:
        assert [[bar.seconds, bar.count] for bar in result.histogram] == expected["histogram"]
    for step, counts in expected.get("trend", {}).items():
        assert [period.counts[int(step) - 1] for period in result.trend] == counts
    if "shares_of_all" in expected:
        everybody = len({event["user_id"] for event in case["events"]})
        assert [step.count / everybody for step in result.steps] == pytest.approx(expected["shares_of_all"])
