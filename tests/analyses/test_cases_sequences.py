"""Other products' own tests of sequences: the facts of them, asked in our pattern language."""

import json
from pathlib import Path

import pytest

from analytics import registry
from analytics.analyses import pattern, pattern_sessions
from analytics.analyses.pattern import Pattern
from analytics.analyses.pattern_sessions import PatternSessions
from analytics.scope import Scope

CASES = Path(__file__).parents[1] / "cases"


def every_case():
    for file in sorted(CASES.glob("*_sequences.json")):
        for case in json.loads(file.read_text(encoding="utf-8"))["cases"]:
            yield pytest.param(case, id=case["id"])


@pytest.mark.parametrize("case", list(every_case()))
def test_finds_what_they_find(store_of, case):
    store = store_of(case["events"])
    expected = case["expected"]
    listed = pattern_sessions.run(store, PatternSessions(case["pattern"]), Scope())
    figures = pattern.run(store, Pattern(case["pattern"], every=True), Scope())
    assert figures.sessions == listed.total == registry.sessions_in(store, Scope(pattern=case["pattern"]))
    if "sessions" in expected:
        assert sorted(row.session_id for row in listed.rows) == expected["sessions"]
    if "matches" in expected:
        assert figures.matches == expected["matches"]
    if "count" in expected:
        assert listed.total == expected["count"]
        assert pattern.run(store, Pattern(case["begun"]), Scope()).sessions == expected["begun"]
