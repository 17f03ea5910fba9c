"""Transitions and their lists: small stories, peers' cases, an oracle of plain Python, and sums that add up."""

import json
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.analyses import transition_sessions, transitions
from analytics.analyses.transition_sessions import TransitionSessions
from analytics.analyses.transitions import Transitions
from analytics.conditions import Filter
from analytics.errors import InvalidQuestion
from analytics.grouping import matches, named
from analytics.scope import Scope
from analytics.transition_sql import END, OTHER, START
from tests.analyses.test_paths import many, stays

__all__ = ["many"]
CASES = Path(__file__).parents[1] / "cases"
ALL = Scope()


def values(result):
    return {(link.source, link.target): link.value for link in result.links}


# --- Stories ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        pytest.param(
            Transitions(),
            {(START, "/a"): 2, ("/a", "/b"): 2, ("/b", "/b"): 1, ("/b", "/a"): 1, ("/b", END): 1, ("/a", END): 1},
            id="loops and ways back count",
        ),
        pytest.param(
            Transitions(collapse_repeats=True),
            {(START, "/a"): 2, ("/a", "/b"): 2, ("/b", "/a"): 1, ("/b", END): 1, ("/a", END): 1},
            id="equal neighbours are one, when asked so",
        ),
        pytest.param(
            Transitions(norm="from"),
            {(START, "/a"): 1, ("/a", "/b"): 2 / 3, ("/a", END): 1 / 3}
            | {("/b", "/b"): 1 / 3, ("/b", "/a"): 1 / 3, ("/b", END): 1 / 3},
            id="of all that leaves, the end included",
        ),
        pytest.param(
            Transitions(norm="to"),
            {(START, "/a"): 2 / 3, ("/b", "/a"): 1 / 3, ("/a", "/b"): 2 / 3, ("/b", "/b"): 1 / 3}
            | {("/b", END): 1 / 2, ("/a", END): 1 / 2},
            id="of all that arrives, the start included",
        ),
        pytest.param(
            Transitions(exclude=("/b",)),
            {(START, "/a"): 2, ("/a", "/a"): 1, ("/a", END): 2},
            id="what is left out joins its neighbours",
        ),
        pytest.param(
            Transitions(shown=("/b",)),
            {(START, OTHER): 2, (OTHER, "/b"): 2, ("/b", "/b"): 1, ("/b", OTHER): 1, ("/b", END): 1, (OTHER, END): 1},
            id="the rest is one, and adds up",
        ),
        pytest.param(
            Transitions(groups=("/*",), norm="sessions"),
            {(START, "/*"): 2, ("/*", "/*"): 2, ("/*", END): 2},
            id="sessions count once",
        ),
        pytest.param(
            Transitions(level="event"),
            {(START, "page_view"): 2, ("page_view", "page_view"): 4, ("page_view", "pay"): 1}
            | {("pay", END): 1, ("page_view", END): 1},
            id="by event",
        ),
    ],
)
def test_links(journeys, params, expected):
    store = journeys("/a /b /b pay", "/a /b /a")
    assert values(transitions.run(store, params, ALL)) == pytest.approx(expected)


def test_a_step_takes_until_the_last_of_equal_neighbours_when_they_collapse(journeys):
    store = journeys("/a /a /b /b /c")
    plain = transitions.run(store, Transitions(times=True), ALL)
    one = transitions.run(store, Transitions(times=True, collapse_repeats=True), ALL)
    assert {link.median_ms for link in plain.links} == {60_000, None}
    assert {(link.source, link.target): link.median_ms for link in one.links} == {
        (START, "/a"): None, ("/a", "/b"): 120_000, ("/b", "/c"): 60_000, ("/c", END): None
    }  # fmt: skip


@pytest.mark.parametrize("by", ["session", "user"])
def test_the_list_behind_a_link_is_as_long_as_the_figure(sample, by):
    params = Transitions(by=by, norm="sessions", groups=("/product/*", "/category/*"))
    for link in transitions.run(sample, params, ALL).links[::40]:
        behind = TransitionSessions(params, link.source, link.target, limit=0)
        assert transition_sessions.run(sample, behind, ALL).total == link.value


def test_an_empty_scope_is_an_answer(journeys):
    result = transitions.run(journeys("/a /b"), Transitions(level="event"), Scope(countries=("XX",)))
    assert (result.links, result.steps) == ((), 0)


def test_what_cannot_be_asked():
    with pytest.raises(InvalidQuestion, match=r"\(end\) is not an item"):
        Transitions(groups=("(end)",))
    with pytest.raises(InvalidQuestion, match="name one"):
        TransitionSessions(Transitions())


# --- Peers' cases -----------------------------------------------------------------------------------------------------


def cases(file):
    return [pytest.param(case, id=case["id"]) for case in json.loads((CASES / file).read_text("utf-8"))["cases"]]


@pytest.mark.parametrize("case", cases("retentioneering_transitions.json"))
def test_as_retentioneering_counts_them(store_of, case):
    store = store_of([event | {"user_id": event["user"], "session_id": event["session"]} for event in case["events"]])
    norm = {"to": "to", "from": "from"}.get(case["value"], "sessions" if "sessions" in case["value"] else "count")
    asked = Transitions(level="event", by=case["by"], norm=norm)
    found = defaultdict(float)
    for sign, side in zip((1, -1), case.get("minus", [[]]), strict=False):
        scope = Scope(where=(Filter("user", "in", tuple(side)),)) if side else ALL
        result = transitions.run(store, asked, scope)
        for link, value in values(result).items():
            found[link] += sign * value
    paths = sum(link.sessions or link.count for link in result.links if link.source == START)
    if not case.get("ends", True):
        found = {link: value for link, value in found.items() if START not in link and END not in link}
    if case["value"].endswith("per path"):
        found = {link: value / paths for link, value in found.items()}
    if case["value"] == "share of all":
        found = {link: value / result.steps for link, value in found.items()}
    if case["value"] == "from, without (end)":
        out = Counter()
        for (source, _), value in found.items():
            out[source] += value
        found = {link: value / out[link[0]] for link, value in found.items()}
    expected = {(source, target): value for source, target, value in case["links"]}
    near = pytest.approx(expected, abs=10 ** -case.get("precision", 9))
    assert {link: value for link, value in found.items() if value} == near


# --- An oracle --------------------------------------------------------------------------------------------------------


def walked(sessions, params):
    """(unit, source, target, ms) of each step, as the semantics say it."""
    people = defaultdict(list)
    for n, (session, user, _, events) in enumerate(sessions):
        raw = [(page, ms) for page, ms, _ in stays(events)] if params.level == "page" else [
            (event.name, event.ms) for event in events
        ]  # fmt: skip
        found = []
        for item, ms in ((named(item, params.groups), ms) for item, ms in raw):
            if params.include and not any(matches(item, pattern) for pattern in params.include):
                continue
            if any(matches(item, pattern) for pattern in params.exclude):
                continue
            found.append((item, ms + 3_600_000 * n))
        people[user if params.by == "user" else session] += found
    for unit, items in people.items():
        if params.collapse_repeats:
            items = [one for one, after in pairwise([*items, (None, 0)]) if one[0] != after[0]]
        ends = [(START, None), *items, (END, None)] if items else []
        for (source, since), (target, until) in pairwise(ends):
            yield unit, source, target, None if since is None or until is None else until - since


ANY = st.builds(
    Transitions,
    level=st.sampled_from(["page", "event"]),
    norm=st.sampled_from(["count", "from", "to", "sessions"]),
    by=st.sampled_from(["session", "user"]),
    collapse_repeats=st.booleans(),
    groups=st.sampled_from([(), ("/p/*",), ("*",), ("page*",)]),
    include=st.sampled_from([(), ("/p*", "go", "page_view")]),
    exclude=st.sampled_from([(), ("/cart", "click")]),
    shown=st.sampled_from([(), ("/", "click")]),
    times=st.booleans(),
)


@settings(max_examples=40, deadline=None)
@given(ANY)
def test_equal_to_the_oracle_and_adds_up(many, params):
    sessions, store = many
    result = transitions.run(store, params, ALL)
    count, units, times = Counter(), defaultdict(set), defaultdict(list)
    shown = {START, END, *params.shown}
    for unit, source, target, ms in walked(sessions, params):
        link = tuple(one if one in shown or not params.shown else OTHER for one in (source, target))
        count[link] += 1
        units[link].add(unit)
        if ms is not None:
            times[link].append(ms)
    assert {(link.source, link.target): link.count for link in result.links} == count
    assert result.steps == count.total()
    if params.norm == "sessions":
        assert values(result) == {link: len(those) for link, those in units.items()}
    if params.times:
        found = {(link.source, link.target): link.median_ms for link in result.links if link.median_ms is not None}
        assert found == {link: median(those) for link, those in times.items()}
    out, into, shares = Counter(), Counter(), Counter()
    for link in result.links:
        out[link.source] += link.count
        into[link.target] += link.count
        shares[link.source if params.norm == "from" else link.target] += link.value
    for item in {*out, *into} - {START, END}:
        assert into[item] == out[item], f"what comes to {item} leaves it"
    assert out[START] == into[END]
    if params.norm in ("from", "to"):
        assert dict(shares) == pytest.approx(dict.fromkeys(shares, 1.0))


@settings(max_examples=15, deadline=None)
@given(ANY, st.integers(0, 1000))
def test_the_list_is_as_long_as_the_cell(many, params, number):
    _, store = many
    asked = Transitions(**vars(params) | {"norm": "sessions", "by": "session", "times": False})
    links = transitions.run(store, asked, ALL).links
    if not links:  # everything was left out
        return
    link = links[number % len(links)]
    listed = transition_sessions.run(store, TransitionSessions(asked, link.source, link.target, None), ALL)
    assert len(listed.rows) == listed.total == link.sessions
