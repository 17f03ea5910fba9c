"""The Sankey: what is drawn adds up, stands in one order, and says names as they are."""

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.analyses import path_sessions, paths, values
from analytics.analyses.paths import Paths
from analytics.analyses.values import Value
from analytics.charts import paths as chart
from analytics.charts.theme import DARK, LIGHT
from analytics.conditions import Matcher
from analytics.scope import Scope

ALL = Scope()
GROUPS = ("/product/*", "/category/*")


def drawn(store, params=None, scope=ALL, field="page"):
    params = params or Paths()
    stored = values.run(store, values.Values(field), ALL).values
    order = chart.order(stored, params.groups)
    return chart.flow(params, paths.run(store, params, scope), order), order


def said(node):
    return node.item if node.kind == "item" else f"({node.kind})"


def balance(flow):
    """What arrives at and leaves each node, by the streams."""
    into, out = Counter(), Counter()
    for stream in flow.streams:
        out[stream.source] += stream.paths
        into[stream.target] += stream.paths
    return into, out


def assert_adds_up(flow):
    into, out = balance(flow)
    last = max(node.depth for node in flow.nodes)
    for node in flow.nodes:
        assert node.paths > 0
        if node.depth > 1 and node.kind != "began":
            assert into[node] == node.paths, node
            assert node.earlier == 0
        if node.kind == "left":
            assert out[node] == 0
        elif node.kind == "began":
            assert (into[node], out[node]) == (0, node.paths)
        elif node.depth < last:
            assert out[node] + node.cut == node.paths, node
        else:
            assert node.left + node.cut == node.paths, node
    pivot = flow.params.pivot
    at_pivot = [node for node in flow.nodes if node.depth == pivot and node.kind in ("item", "other")]
    assert sum(node.paths for node in at_pivot) == flow.paths
    for row in chart.balance(flow):
        figures = list(row.values())[2:]
        assert sum(figures[:3]) == figures[3] == sum(figures[4:])


def test_a_small_flow(journeys):
    flow, _ = drawn(journeys("/a /b", "/a /b /c", "/b"), Paths(steps=2))
    assert [(node.depth, said(node), node.paths, node.left, node.cut) for node in flow.nodes] == [
        (1, "/b", 1, 1, 0),  # three views of /b in the store, two of /a
        (1, "/a", 2, 0, 0),
        (2, "/b", 2, 1, 1),
        (2, "(left)", 1, 0, 0),
    ]
    assert [(said(stream.source), said(stream.target), stream.paths) for stream in flow.streams] == [
        ("/b", "(left)", 1),
        ("/a", "/b", 2),
    ]


def test_rare_items_are_drawn_as_one_and_counted(journeys):
    store = journeys(*["/a /b"] * 150, *[f"/a /rare{n} /b" for n in range(2)], "/x /y")
    flow, _ = drawn(store)
    assert flow.least == 2  # one percent of 153
    assert [(node.depth, said(node), node.paths) for node in flow.nodes if node.kind == "other"] == [
        (1, "(other)", 1),
        (2, "(other)", 3),
    ]
    assert (flow.folded, flow.items) == (4, 308)
    assert "drawn as one: 4 of 308 pages of these paths (1.3\u00a0%)" in chart.note(flow)
    assert_adds_up(flow)


@pytest.fixture(scope="module")
def questions(sample):
    """Some questions of the sample that show every kind of node."""
    return [
        Paths(groups=GROUPS),
        Paths(groups=GROUPS, steps=3, min_item_sessions=12, returns=True),
        Paths(steps=4),
        Paths(groups=GROUPS, start=Matcher(page="/cart"), steps=6),
        Paths(groups=GROUPS, end=Matcher(page="/checkout/payment"), steps=4),
        Paths(groups=GROUPS, start=Matcher(page="/product/*"), end=Matcher(name="order"), steps=4),
        Paths("event", steps=6, exclude=("scroll",)),
        Paths(groups=GROUPS, collapse_repeats=False),
        Paths(groups=GROUPS, around=Matcher(page="/cart"), before=2, steps=3, goal=Matcher(name="order")),
        Paths(groups=GROUPS, around=Matcher(page="/category/*"), before=3, steps=2, occurrence="every"),
        Paths("event", around=Matcher(name="order"), before=4, steps=2, occurrence="last"),
    ]


def test_at_every_node_the_sums_agree(sample, questions):
    for params in questions:
        flow, _ = drawn(sample, params, field=params.level)
        assert_adds_up(flow)


def test_a_list_is_as_long_as_its_node_or_stream(sample, questions):
    for params in (*questions[1:6:2], *questions[-3:]):
        flow, _ = drawn(sample, params, Scope(devices=("tablet",)), params.level)
        began = [one for one in (*flow.nodes, *flow.streams) if "began" in str(chart.as_link(one))]
        for one in (*flow.nodes[::4], *flow.streams[::9], *began[:2]):
            asked = chart.behind(one, flow)
            listed = path_sessions.run(sample, asked, Scope(devices=("tablet",)))
            assert listed.total == one.sessions or (one.sessions is None and listed.total <= one.paths)


def test_the_order_does_not_follow_the_scope(sample):
    params = Paths(groups=GROUPS)
    order = drawn(sample, params)[1]
    for scope in (ALL, Scope(devices=("phone",)), Scope(releases=("1.1",), countries=("AT",))):
        flow = chart.flow(params, paths.run(sample, params, scope), order)
        for depth in range(1, 6):
            column = [node for node in flow.nodes if node.depth == depth]
            kinds = [node.kind for node in column]
            assert kinds == sorted(kinds, key=("item", "other", "left").index)
            ranks = [order.rank[node.item] for node in column if node.item is not None]
            assert ranks == sorted(ranks)


def test_sections_keep_their_colours_and_the_rest_is_grey(sample):
    params = Paths(groups=GROUPS)
    flow, order = drawn(sample, params)
    colours = chart.section_colours(LIGHT, order)
    assert list(colours.values()) == list(LIGHT.series[: chart.COLOURED])
    spec = chart.echarts(LIGHT, flow, order)["series"][0]
    for node, made in zip(flow.nodes, spec["data"], strict=True):
        section = "/" + (node.item or "/").split("/")[1].replace("*", "")
        expected = colours.get(section, LIGHT.context) if node.item else LIGHT.context
        assert made["itemStyle"]["color"] == expected


def test_both_pictures_are_drawn_from_one_flow(sample):
    flow, order = drawn(sample, Paths(groups=GROUPS, returns=True))
    spec = chart.echarts(DARK, flow, order)["series"][0]
    sankey = chart.figure(DARK, flow, order).data[0]
    assert [made["value"] for made in spec["data"]] == [node.paths for node in flow.nodes]
    assert [made["value"] for made in spec["links"]] == list(sankey.link.value)
    assert [made["itemStyle"]["color"] for made in spec["data"]] == list(sankey.node.color)
    names = [made["name"] for made in spec["data"]]
    assert len(set(names)) == len(names)  # ECharts knows nodes by their names
    assert [names[n] for n in sankey.link.source] == [made["source"] for made in spec["links"]]
    ys = {}
    for node, y in zip(flow.nodes, sankey.node.y, strict=True):
        assert y > ys.get(node.depth, 0)
        ys[node.depth] = y


@pytest.mark.parametrize(
    "name", ["/{id}", "/{b}<b>x</b>", "/a|b}c", "/<img src=x onerror=alert(1)>", "/%{x}", "/" + "long" * 40, "/☃/é"]
)
def test_a_name_is_text_in_every_picture(journeys, name):
    store = journeys("/a /b")
    node = chart.Node(2, "item", name, 1)
    first = chart.Node(1, "item", "/a", 1)
    flow = chart.Flow(Paths(), (first, node), (chart.Stream(first, node, 1),), 1, 1, 1)
    order = drawn(store)[1]
    made = chart.echarts(LIGHT, flow, order)["series"][0]["data"][1]
    label, tip = made["label"]["formatter"], made["tooltip"]["formatter"]
    assert "<b>x" not in tip and "<img" not in tip
    assert "{b}" not in label and "{b}" not in tip and "{id}" not in label
    assert len(label) < 60
    figure = json.loads(chart.figure(LIGHT, flow, order).to_json())
    for text in (*figure["data"][0]["node"]["customdata"], *(n["text"] for n in figure["layout"]["annotations"])):
        assert "<img" not in text and "<b>x" not in text


def test_what_a_link_holds_finds_its_node_again(sample):
    flow, _ = drawn(sample, Paths(groups=GROUPS))
    things = [chart.as_link(one) for one in (*flow.nodes, *flow.streams)]
    assert len({json.dumps(thing) for thing in things}) == len(things)
    assert things[0] == {"place": 1, "at": flow.nodes[0].item}
    assert json.loads(json.dumps(things)) == things


@pytest.mark.parametrize(
    ("selection", "number"),
    [
        ({"selected": [{"data_type": "node", "data_indices": [1]}]}, 1),
        ({"selected": [{"data_type": "edge", "data_indices": [0]}]}, 3),
        ({"selected": [{"data_type": "node", "data_indices": [99]}]}, None),
        ({"selected": [{"data_type": "node", "data_indices": []}]}, None),
        ({"selected": []}, None),
        ({}, None),
    ],
)
def test_what_was_clicked(journeys, selection, number):
    flow, _ = drawn(journeys("/a /b", "/a"), Paths(steps=2))  # nodes: /a, /b, left
    assert len(flow.nodes) == 3
    assert chart.clicked(selection, flow) == number


def test_the_answer_says_who_leaves_and_where_most_go(journeys):
    flow, _ = drawn(journeys("/a /b", "/a /b /a", "/a", "/c"), Paths(returns=True))
    text = chart.sentence(flow, str).replace("\u00a0", " ")
    assert text.startswith("**50.0 %** leave after their first page. The widest way on is from **/a** to **/b**: ")
    assert "**2 sessions**, 67 % of those that begin there." in text
    assert text.endswith("Of those whose third page is /a, **100 %** had been there before.")


def test_the_answer_from_a_start(journeys):
    flow, _ = drawn(journeys("/x /a /b", "/a /b", "/a"), Paths(start=Matcher(page="/a")))
    text = chart.sentence(flow, str).replace("\u00a0", " ")
    assert text == (
        "**3 sessions** come by **/a**; **33.3 %** end there, and **66.7 %** go from /a straight on to **/b**."
    )


def test_the_answer_to_an_end(journeys):
    flow, _ = drawn(journeys("/x /a /b /c", "/a /b", "/x /b", "/a"), Paths(end=Matcher(page="/b")))
    text = chart.sentence(flow, str).replace("\u00a0", " ")
    assert text == "**3 sessions** come to **/b**. **67 %** of them come straight from **/a**."


@pytest.mark.parametrize(
    ("matcher", "words"),
    [
        (Matcher(name="add_to_cart"), "Add to cart"),
        (Matcher(page="/"), "/ (home)"),
        (Matcher(name="page_view", page="/cart"), "/cart"),
        (Matcher(name="click", element="button#pay"), "click on button#pay"),
    ],
)
def test_a_start_or_an_end_in_words(matcher, words):
    assert chart.place(matcher) == words


def test_what_lies_between_a_start_and_an_end_is_named(journeys):
    params = Paths(start=Matcher(page="/1"), end=Matcher(page="/7"), steps=4)
    flow, _ = drawn(journeys("/1 /2 /3 /4 /5 /6 /7"), params)
    assert [chart.name(node, params) for node in flow.nodes] == ["/1", "/2", "(in between)", "/6", "/7", "Left"][:5]
    assert chart.widest(flow).source.item != paths.HIDDEN


def test_rows_for_a_file(journeys):
    flow, _ = drawn(journeys("/a /b", "/a"), Paths(steps=2))
    assert chart.table(flow) == [
        {"place": 1, "from": "/a", "to": "/b", "sessions": 1, "share_of_from": 0.5, "mean_seconds": 60.0},
        {"place": 1, "from": "/a", "to": "Left", "sessions": 1, "share_of_from": 0.5, "mean_seconds": None},
    ]


def test_an_empty_flow_has_nothing_to_draw(journeys):
    flow, order = drawn(journeys("/a /b"), scope=Scope(countries=("XX",)))
    assert (flow.nodes, flow.streams, flow.sessions) == ((), (), 0)
    assert chart.size(flow)[0] > 0
    chart.figure(LIGHT, flow, order)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=80), st.integers(8, 40))
def test_a_short_name_keeps_its_ends(text, most):
    shown = chart.short(text, most)
    whole = " ".join(text.split())
    assert len(shown) <= most
    assert shown == whole or (shown[0] == whole[0] and shown[-1] == whole[-1] and "…" in shown)


def test_items_by_traffic():
    found = [Value("/p/1", 3, 5, None), Value("/p/2", 3, 4, None), Value("/", 9, 8, None)]
    assert chart.items(found, ("/p/*",)) == ["/p/*", "/"]
    assert chart.order(found, ("/p/*",)).sections == ("/p", "/")


def test_the_same_page_again_is_told_from_coming_back(journeys):
    flow, order = drawn(journeys("/a /a /b /a"), Paths(collapse_repeats=False, returns=True))
    links = chart.echarts(LIGHT, flow, order)["series"][0]["links"]
    assert [link.get("edgeLabel", {}).get("formatter") for link in links] == [chart.AGAIN, None, None, None]
    assert "the same page again" in links[0]["tooltip"]["formatter"]
    assert [node.returning for node in flow.nodes if node.kind == "item"] == [0, 1, 0, 1]


def test_a_tooltip_adds_up_and_says_who_converts(journeys):
    store = journeys("/x /a pay /b /c", "/a /b", "/a", "/y /x /a pay")
    params = Paths(around=Matcher(page="/a"), before=1, steps=2, goal=Matcher(name="pay"), medians=True)
    flow, order = drawn(store, params)
    [node] = [node for node in flow.nodes if node.item == "/a"]
    tip = [line.replace("\u00a0", " ") for line in chart.about(node, flow)]
    assert tip == [
        "4 sessions, 100.0 % of the paths",
        "In: 2 from the page before, 2 began here",
        "Out: 2 went on, 2 left",
        "2 of 4 come to Pay from here on: 50.0 % (15.0 % to 85.0 %)",
    ]
    [stream] = [one for one in flow.streams if one.target.item == "/b"]
    assert "after 1 m 30 s on average, half of them within 1 m 30 s" in [
        line.replace("\u00a0", " ") for line in chart.between(stream, flow)
    ]
    [row] = [row for row in chart.links(flow) if row["To"] == "/b"]
    assert (row["Converted"], row["Rate, 95 % interval"]) == ("0 of 2", "0.0\u00a0% (0.0 to 65.8)")
    assert chart.table(flow)[0].keys() >= {"median_seconds", "met_goal"}
    ramp = {node["itemStyle"]["color"] for node in chart.echarts(LIGHT, flow, order, True)["series"][0]["data"]}
    assert ramp & set(LIGHT.amounts)
