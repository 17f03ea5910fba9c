"""Step matrix: peers' cases, sums that add up, lists as long as the cells, and what differs."""

import json
from collections import Counter

import pytest

from analytics.analyses import path_sessions, step_matrix
from analytics.analyses.path_sessions import PathSessions
from analytics.analyses.paths import Paths
from analytics.analyses.step_matrix import StepMatrix, changed
from analytics.errors import InvalidQuestion
from analytics.registry import parse
from analytics.scope import Scope
from analytics.transition_sql import END, OTHER
from tests.analyses.test_transitions import cases

ALL = Scope()


@pytest.mark.parametrize("case", cases("retentioneering_steps.json"))
def test_as_retentioneering_counts_them(store_of, case):
    rows = [event | {"user_id": event["user"], "session_id": event["session"]} for event in case["events"]]
    scope = parse(Scope, json.dumps(case["scope"]), "the scope")
    result = step_matrix.run(store_of(rows), StepMatrix(level="event", steps=case["steps"]), scope)
    found = {(cell.step, cell.item): cell.share for cell in result.cells}
    for item, shares in case["shares"].items():
        for step, share in enumerate(shares, 1):
            assert found.get((step, END if item == "path_end" else item), 0) == pytest.approx(share), (item, step)


@pytest.mark.parametrize("shown", [(), ("/cart", "/product/*")])
def test_every_step_adds_up_and_lists_are_as_long_as_cells(sample, shown):
    params = StepMatrix(groups=("/product/*",), shown=shown, steps=5)
    result = step_matrix.run(sample, params, ALL)
    per_step = Counter()
    for cell in result.cells:
        per_step[cell.step] += cell.sessions
    assert set(per_step.values()) == {result.sessions}
    asked = Paths(groups=params.groups, steps=5, collapse_repeats=False)
    for cell in result.cells[:: max(1, len(result.cells) // 8)]:
        if cell.item != END:
            item, others = (None, shown) if cell.item == OTHER else (cell.item, ())
            behind = PathSessions(asked, cell.step, item, other_than=others, limit=0)
            assert path_sessions.run(sample, behind, ALL).total == cell.sessions


def test_what_differs_between_releases(sample):
    params = StepMatrix(groups=("/product/*", "/category/*"))
    one, other = (step_matrix.run(sample, params, Scope(releases=(release,))) for release in ("1.0", "1.1"))
    assert not any(each.clear for each in changed(one, one))
    assert all(each.low <= each.change <= each.high for each in changed(one, other) if each.q is not None)


def test_nothing_and_what_cannot_be_asked(journeys):
    result = step_matrix.run(journeys("/a"), StepMatrix(), Scope(countries=("XX",)))
    assert (result.cells, result.sessions) == ((), 0)
    assert changed(result, result) == ()
    with pytest.raises(InvalidQuestion, match="2 to 20"):
        StepMatrix(steps=1)
