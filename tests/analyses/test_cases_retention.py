"""Other products' own retention tests: the facts of them that our meaning of retention shares."""

import json
from pathlib import Path

import pytest

from analytics import registry
from analytics.analyses import retention

CASES = Path(__file__).parents[1] / "cases"


def every_case():
    for file in sorted(CASES.glob("*_retention.json")):
        for case in json.loads(file.read_text(encoding="utf-8"))["cases"]:
            yield pytest.param(case, id=case["id"])


@pytest.mark.parametrize("case", list(every_case()))
def test_the_triangle_is_theirs(store_of, case):
    scope = registry.scope(json.dumps(case["scope"]))
    params = registry.params(retention, json.dumps(case["params"]))
    cohorts = retention.run(store_of(case["events"]), params, scope).cohorts
    expected = case["expected"]
    if "matrix" in expected:
        assert [list(cohort.returned) for cohort in cohorts] == expected["matrix"]
    if "first_row" in expected:  # the first day, and it together with each later one
        assert list(cohorts[0].returned) == expected["first_row"]
    if "first_interval" in expected:
        assert cohorts[0].start.startswith(expected["first_interval"])
    if "interval_starts" in expected:
        assert [cohort.start for cohort in cohorts] == expected["interval_starts"]
