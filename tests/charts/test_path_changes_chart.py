"""Two scopes in one Sankey: on both sides what comes to a node goes on or leaves, and only what is sure is coloured."""

from collections import Counter
from dataclasses import fields

import pytest

from analytics.analyses import path_changes, path_sessions, paths, values
from analytics.analyses.path_changes import PathChanges
from analytics.analyses.paths import Paths
from analytics.charts import flow as flows
from analytics.charts import path_changes as chart
from analytics.charts import sankey
from analytics.charts.theme import LIGHT
from analytics.conditions import Matcher
from analytics.path_sql import Walk
from analytics.scope import Scope

GROUPS = ("/product/*", "/category/*")
EARLY, LATE = Scope(releases=("1.0",)), Scope(releases=("1.1",))
NAMES = ("release 1.0", "release 1.1")


def compared(store, params, before=EARLY, after=LATE):
    stored = values.run(store, values.Values(params.level), Scope()).values
    shown = flows.shown(params, [paths.run(store, params, scope) for scope in (before, after)])
    asked = PathChanges(**{one.name: getattr(params, one.name) for one in fields(Walk)}, shown=shown)
    there, here = (path_changes.run(store, asked, scope) for scope in (before, after))
    return chart.difference(params, there, here, flows.order(stored, params.groups), NAMES)


QUESTIONS = [
    Paths(groups=GROUPS),
    Paths(groups=GROUPS, start=Matcher(page="/cart"), steps=4),
    Paths(groups=GROUPS, end=Matcher(name="order"), steps=3),
    Paths(groups=GROUPS, around=Matcher(page="/checkout/payment"), before=3, steps=3),
    Paths("event", around=Matcher(name="order"), occurrence="every", before=2, steps=3),
]


@pytest.mark.parametrize("params", QUESTIONS, ids=str)
def test_on_both_sides_what_comes_goes(sample, params):
    one = compared(sample, params)
    for side in (0, 1):
        into, out = Counter(), Counter()
        for stream in one.flow.streams:
            out[stream.source] += one.changes[stream].counts[side]
            into[stream.target] += one.changes[stream].counts[side]
        for node in one.flow.nodes:
            count = one.changes[node].counts[side]
            if node.kind == "began" or (node.depth == 1 and node.kind != "left"):
                assert into[node] == 0
            else:
                assert into[node] == count, node
            if node.kind in ("item", "other"):
                assert out[node] <= count
        pivot = [node for node in one.flow.nodes if node.depth == params.pivot and node.kind in ("item", "other")]
        assert sum(one.changes[node].counts[side] for node in pivot) == one.sizes[side]
    for node in one.flow.nodes:  # both sides together
        went = sum(stream.paths for stream in one.flow.streams if stream.source == node)
        if node.kind in ("item", "other") and node.depth < max(node.depth for node in one.flow.nodes):
            assert went + node.cut == node.paths


def test_a_side_s_sessions_are_as_many_as_its_figure(sample):
    params = QUESTIONS[3]
    one = compared(sample, params)
    for drawn in (*one.flow.nodes[::3], *one.flow.streams[::5]):
        asked = flows.behind(drawn, one.flow)
        for side, scope in enumerate((EARLY, LATE)):
            assert path_sessions.run(sample, asked, scope).total == one.changes[drawn].counts[side]


def test_colour_is_for_what_is_more_than_noise(sample):
    one = compared(sample, QUESTIONS[3])
    made = chart.drawing(LIGHT, one)
    clear = [change.clear for change in (one.changes[stream] for stream in one.flow.streams)]
    assert any(clear) and not all(clear)
    for strand, sure, stream in zip(made.strands, clear, one.flow.streams, strict=True):
        assert (strand.colour == LIGHT.context) != sure
        assert (strand.opacity == chart.FULL) == sure
        if sure:
            more = LIGHT.changes.index(strand.colour) >= len(LIGHT.changes) // 2
            assert more == (one.changes[stream].change > 0)
    assert sum(bool(strand.mark) for strand in made.strands) <= chart.MARKED
    spec = sankey.echarts(LIGHT, made)["series"][0]
    assert len({node["name"] for node in spec["data"]}) == len(one.flow.nodes)
    assert sankey.figure(LIGHT, made).data[0].link.value == tuple(strand.value for strand in made.strands)


def test_what_release_1_1_broke_is_said_with_both_figures(sample):
    one = compared(sample, QUESTIONS[3])
    text = chart.sentence(one, str).replace("\u00a0", " ")
    assert text.startswith("In release 1.1 **")
    assert " of all go from **/checkout/payment** to **/checkout/done**, in release 1.0 **" in text
    first = chart.rows(one)[0]
    assert (first["From"], first["To"], first["In words"]) == ("/checkout/payment", "/checkout/done", "less")
    assert first["Points"].startswith("\u2212")
    assert chart.figures(one)[0]["count_before"] == one.links[0][1].counts[0]


def test_the_same_scope_twice_has_no_difference(sample):
    one = compared(sample, QUESTIONS[1], EARLY, EARLY)
    assert chart.sentence(one, str).startswith("**No way** is clearly more or less usual")
    assert {strand.colour for strand in chart.drawing(LIGHT, one).strands} == {LIGHT.context}


def test_too_few_to_say(journeys):
    one = compared(journeys("/a /b", "/a /c"), Paths(), Scope(), Scope())
    assert chart.sentence(one, str).startswith("Too few sessions to say")
    assert {row["In words"] for row in chart.rows(one)} == {"too few to say"}


def test_what_only_one_side_has_is_drawn(journeys):
    store = journeys(*["/a /b"] * 12, *["/a /c"] * 12)
    one = compared(store, Paths(), Scope(pattern="page:/a -> page:/b"), Scope(pattern="page:/a -> page:/c"))
    found = {node.item: one.changes[node].counts for node in one.flow.nodes if node.depth == 2}
    assert found == {"/b": (12, 0), "/c": (0, 12)}
