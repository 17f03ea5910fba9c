"""Paths as a Sankey: page groups in colours, or how many convert, leaving in grey, ↺ for those who had been there."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from analytics import grouping, words
from analytics.charts import sankey
from analytics.charts.flow import (
    Flow,
    Node,
    Order,
    Stream,
    as_link,
    behind,
    clicked,
    fingerprint,
    flow,
    items,
    order,
    shown,
    widest,
)
from analytics.charts.paths_words import (
    AGAIN,
    WORTH_A_MARK,
    about,
    again,
    balance,
    between,
    called,
    conversion,
    goal,
    head,
    links,
    name,
    note,
    nothing,
    place,
    sentence,
    short,
    table,
    title,
    unit,
)
from analytics.charts.sankey import Drawing, Knot, Strand
from analytics.charts.theme import Palette

__all__ = [
    "AGAIN", "Flow", "Node", "Order", "Stream", "about", "as_link", "balance", "behind", "between", "called", "clicked",
    "conversion", "echarts", "figure", "fingerprint", "flow", "goal", "head", "items", "legend", "links", "name",
    "note", "nothing", "order", "place", "section_colours", "sentence", "short", "shown", "size", "table", "title",
    "unit", "widest",
]  # fmt: skip

COLOURED = 6  # sections with a colour of their own
WORTH_A_LOOP = 0.02  # share of the paths on a stream to the same item that gets a mark


def section_colours(palette: Palette, order: Order) -> dict[str, str]:
    """The sections with most traffic in the series' colours; all others are context."""
    return dict(zip(order.sections, palette.series[:COLOURED], strict=False))


def legend(palette: Palette, flow: Flow, order: Order) -> list[tuple[str, str]]:
    """The sections that are drawn in a colour of their own, and what grey is."""
    drawn = {grouping.section(node.item) for node in flow.nodes if node.item is not None}
    found = [(section, colour) for section, colour in section_colours(palette, order).items() if section in drawn]
    return [
        *((short(called(section, flow.params.level), 40), colour) for section, colour in found),
        ("all else, and those who left" + (" or began" if flow.params.around else ""), palette.context),
    ]


def highest(flow: Flow) -> float:
    """The largest share that converts, rare streams aside: the end of the scale of colours."""
    usual: tuple[Node | Stream, ...] = (*flow.nodes, *(one for one in flow.streams if one.paths >= flow.least))
    return max((conversion(one) or 0.0 for one in usual), default=0.0)


def drawing(palette: Palette, flow: Flow, order: Order, by_goal: bool = False) -> Drawing:
    """The marks; `by_goal` colours by the share that meets the goal from there on, if it was asked for."""
    colours, top = section_colours(palette, order), highest(flow)

    def of_goal(one: Node | Stream) -> str:
        share = conversion(one)
        if share is None:
            return palette.context
        ramp = palette.amounts[2:]  # the palest would not be seen
        return ramp[min(len(ramp) - 1, int(share / top * len(ramp)))] if top else ramp[0]

    number = {node: n for n, node in enumerate(flow.nodes)}
    knots = [
        Knot(
            node.depth,
            node.paths,
            of_goal(node) if by_goal else _fill(node, colours, palette),
            name(node, flow.params),
            _figure(node, by_goal),
            about(node, flow),
        )
        for node in flow.nodes
    ]
    strands = [
        Strand(
            number[stream.source],
            number[stream.target],
            stream.paths,
            of_goal(stream) if by_goal else _stroke(stream, colours, palette),
            0.6 if by_goal and conversion(stream) is not None else 0.3,
            f"{name(stream.source, flow.params)} → {name(stream.target, flow.params)}",
            between(stream, flow),
            AGAIN if again(stream) and stream.paths >= WORTH_A_LOOP * flow.paths else "",
        )
        for stream in flow.streams
    ]
    columns = max((node.depth for node in flow.nodes), default=1)
    return Drawing([head(depth, flow.params) for depth in range(1, columns + 1)], knots, strands)


def size(flow: Flow) -> tuple[int, int]:
    """Height and least width in pixels that leave each node room for its label."""
    columns = max((node.depth for node in flow.nodes), default=1)
    return Drawing([""] * columns, [Knot(node.depth, 1, "", "", "", ()) for node in flow.nodes], ()).size


def echarts(palette: Palette, flow: Flow, order: Order, by_goal: bool = False) -> dict[str, Any]:
    """The spec for `st.echarts_chart`; its nodes and edges are numbered like `flow.nodes` and `flow.streams`."""
    return sankey.echarts(palette, drawing(palette, flow, order, by_goal))


def figure(palette: Palette, flow: Flow, order: Order, by_goal: bool = False) -> go.Figure:
    """The same flow for a file, a report, a notebook."""
    return sankey.figure(palette, drawing(palette, flow, order, by_goal))


def _figure(node: Node, by_goal: bool) -> str:
    if by_goal and (share := conversion(node)) is not None:
        return f"{words.count(node.paths)} · {words.percent(share)}"
    return words.count(node.paths) + sankey.returning(node.paths, node.returning, WORTH_A_MARK)


def _fill(node: Node, colours: Mapping[str, str], palette: Palette) -> str:
    return colours.get(grouping.section(node.item), palette.context) if node.item is not None else palette.context


def _stroke(stream: Stream, colours: Mapping[str, str], palette: Palette) -> str:
    """Streams have the colour of where they come from; leaving and what is folded step back."""
    return _fill(stream.source, colours, palette) if stream.target.kind == "item" else palette.context
