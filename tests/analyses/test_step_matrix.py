"""Step matrix: peers' cases, sums that add up, lists as long as the cells, and what differs."""

import json
from collections import Counter

import pytest

from analytics.analyses import path_sessions, step_matrix, step_sessions
from analytics.analyses.path_sessions import PathSessions
from analytics.analyses.paths import Paths
from analytics.analyses.step_matrix import StepMatrix, changed
from analytics.analyses.step_sessions import StepSessions
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
    some = [*result.cells[:: max(1, len(result.cells) // 8)], *(cell for cell in result.cells if cell.item == END)]
    for cell in some:
        assert (
            step_sessions.run(sample, StepSessions(params, cell.step, cell.item, limit=0), ALL).total == cell.sessions
        )
        if cell.item != END:  # paths say the same
            item, others = (None, shown) if cell.item == OTHER else (cell.item, ())
            behind = PathSessions(asked, cell.step, item, other_than=others, limit=0)
            assert path_sessions.run(sample, behind, ALL).total == cell.sessions


def test_by_person_the_sessions_are_one_path(store_of):
    """u1 has two sessions, u2 one, and u1's second begins before u2's."""
    rows = [
        {"timestamp": f"2026-03-02T{hour:02}:00:00", "event": event, "user_id": user, "session_id": session}
        for hour, event, user, session in (
            (9, "a", "u1", "s1"), (10, "b", "u1", "s1"), (12, "c", "u1", "s2"), (14, "a", "u2", "s3"),
        )
    ]  # fmt: skip
    store = store_of(rows)
    params = StepMatrix("event", "user", steps=4)
    result = step_matrix.run(store, params, ALL)
    assert {(cell.step, cell.item): cell.sessions for cell in result.cells} == {
        (1, "a"): 2, (2, "b"): 1, (2, END): 1, (3, "c"): 1, (3, END): 1, (4, END): 2
    }  # fmt: skip
    assert result.sessions == 2
    listed = {
        (cell.step, cell.item): [
            row.session_id for row in step_sessions.run(store, StepSessions(params, cell.step, cell.item), ALL).rows
        ]
        for cell in result.cells
    }
    assert listed == {
        (1, "a"): ["s3", "s1"], (2, "b"): ["s1"], (2, END): ["s3"],
        (3, "c"): ["s2"], (3, END): ["s3"], (4, END): ["s3", "s2"],
    }  # fmt: skip


def test_by_person_adds_up_in_the_sample(sample):
    params = StepMatrix(by="user", groups=("/product/*",), steps=4)
    result = step_matrix.run(sample, params, ALL)
    per_step = Counter()
    for cell in result.cells:
        per_step[cell.step] += cell.sessions
    assert set(per_step.values()) == {result.sessions}
    for cell in result.cells[:: max(1, len(result.cells) // 4)]:
        assert (
            step_sessions.run(sample, StepSessions(params, cell.step, cell.item, limit=0), ALL).total == cell.sessions
        )


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
    with pytest.raises(InvalidQuestion, match="there is no step 7"):
        StepSessions(StepMatrix(steps=6), 7, "/a")
