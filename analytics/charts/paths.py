"""Paths as a Sankey: the flow over a session's first items, computed once and drawn twice.

A column is a place in the path, a node an item there. What few sessions have at a place is one node, "other", and who
left is one too, so at every node what arrives is what goes on, leaves, or goes on undrawn. Items stand in one order,
that of the whole store, so that two pictures of different scopes can be compared by eye. ECharts draws what can be
clicked; Plotly draws the same for files and notebooks.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby
from typing import Any, Literal

import plotly.graph_objects as go

from analytics import grouping, words
from analytics.analyses.path_sessions import PathSessions
from analytics.analyses.paths import HIDDEN, Paths, PathsResult
from analytics.analyses.values import Value
from analytics.charts import base
from analytics.charts.theme import Palette, with_alpha
from analytics.charts.timeline import own
from analytics.conditions import Matcher

MOST = 10  # items of a column
LEAST = 0.01  # of the sessions, below which an item is part of "other"
COLOURED = 6  # sections with a colour of their own
WORTH_A_MARK = 0.1  # share of returning sessions that the picture mentions
GHOST = "\u200b"  # tells nodes of one name apart and shows nothing
LONGEST = 24  # letters of a label; the tooltip has them all
NUMBERS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
ROW, WIDE, TOP, BOTTOM = 15, 11, 30, 6  # pixels: between two nodes (enough for a label), of a node, around the picture


@dataclass(frozen=True)
class Order:
    """The items of the whole store from top to bottom, and the sections (first path segments) by their traffic."""

    rank: Mapping[str, int]
    sections: tuple[str, ...]

    def key(self, item: str | None) -> tuple[int, str]:
        """What to sort by; an item the store did not hold when it was asked comes last."""
        return self.rank.get(item or "", len(self.rank)), item or ""


@dataclass(frozen=True)
class Node:
    """`sessions` have `item` as their item `depth`; what is neither `left` nor `cut` goes on to the next column.

    Of kind "other" it is all that is not drawn by itself, of kind "left" those whose item before was the last.
    """

    depth: int
    kind: Literal["item", "other", "left"]
    item: str | None
    sessions: int
    left: int = 0
    cut: int = 0
    returning: int | None = None


@dataclass(frozen=True)
class Stream:
    """`sessions` go from one node straight to another, on average in `mean_ms` (None: they are of several items)."""

    source: Node
    target: Node
    sessions: int
    mean_ms: float | None = None


@dataclass(frozen=True)
class Flow:
    """All that is drawn, in the order in which it is drawn, of `sessions` paths."""

    params: Paths
    nodes: tuple[Node, ...]
    streams: tuple[Stream, ...]
    sessions: int
    least: int  # sessions that an item needs at its place to be drawn by itself

    @property
    def items(self) -> int:
        """Items of all paths, in the columns drawn."""
        return sum(node.sessions for node in self.nodes if node.kind != "left")

    @property
    def folded(self) -> int:
        """Those of `items` that are part of an "other"."""
        return sum(node.sessions for node in self.nodes if node.kind == "other")

    def named(self, depth: int) -> tuple[str, ...]:
        """The items of a column that are drawn by themselves."""
        return tuple(node.item for node in self.nodes if node.depth == depth and node.item is not None)


def items(values: Iterable[Value], groups: Sequence[str]) -> list[str]:
    """What paths of these pages or names are made of, the most frequent first."""
    traffic = _traffic(values, groups)
    return sorted(traffic, key=lambda item: (-traffic[item], item))


def _traffic(values: Iterable[Value], groups: Sequence[str]) -> Counter[str]:
    traffic: Counter[str] = Counter()
    for value in values:
        traffic[grouping.named(value.value, groups)] += value.events
    return traffic


def order(values: Iterable[Value], groups: Sequence[str]) -> Order:
    """The order of items by the traffic of the whole store, section after section; `values` are its pages or names."""
    traffic = _traffic(values, groups)
    of_section: Counter[str] = Counter()
    for item, events in traffic.items():
        of_section[grouping.section(item)] += events
    sections = sorted(of_section, key=lambda section: (-of_section[section], section))
    place = {section: n for n, section in enumerate(sections)}
    items = sorted(traffic, key=lambda item: (place[grouping.section(item)], -traffic[item], item))
    return Order({item: n for n, item in enumerate(items)}, tuple(sections))


def section_colours(palette: Palette, order: Order) -> dict[str, str]:
    """The sections with most traffic in the series' colours; all others are context."""
    return dict(zip(order.sections, palette.series[:COLOURED], strict=False))


def legend(palette: Palette, flow: Flow, order: Order) -> list[tuple[str, str]]:
    """The sections that are drawn in a colour of their own, and what grey is."""
    shown = {grouping.section(node.item) for node in flow.nodes if node.item is not None}
    found = [(s, c) for s, c in section_colours(palette, order).items() if s in shown]
    return [
        *((short(called(section, flow.params.level), 40), colour) for section, colour in found),
        ("all else, and those who left", palette.context),
    ]


def flow(params: Paths, result: PathsResult, order: Order) -> Flow:
    """The picture of `result`, asked by session. Rare items of each column are folded into one."""
    least = max(params.min_item_sessions, round(LEAST * result.sessions))
    columns: dict[int, list[Node]] = {}
    others: dict[int, Node] = {}
    for total in result.totals:
        usual = [node for node in result.nodes if node.depth == total.depth and node.sessions >= least]
        usual = sorted(usual, key=lambda node: -node.sessions)[:MOST]
        shown = [Node(n.depth, "item", n.item, n.sessions, n.left, n.cut, n.returning) for n in usual]
        columns[total.depth] = sorted(shown, key=lambda node: order.key(node.item))
        rest = total.sessions - sum(node.sessions for node in shown)
        if rest:
            left = total.left - sum(node.left for node in shown)
            cut = total.cut - sum(node.cut for node in shown)
            others[total.depth] = Node(total.depth, "other", None, rest, left, cut)
            columns[total.depth].append(others[total.depth])
    drawn = {(node.depth, node.item): node for column in columns.values() for node in column if node.item is not None}
    streams = [
        Stream(drawn[link.depth, link.source], drawn[link.depth + 1, link.target], link.sessions, link.mean_ms)
        for link in result.links
        if (link.depth, link.source) in drawn and (link.depth + 1, link.target) in drawn
    ]
    streams += _to_others(columns, others, streams)
    for depth, column in list(columns.items()):
        left = sum(node.left for node in column if node.kind != "left")
        if left and (depth + 1 in columns or depth < params.steps):
            gone = Node(depth + 1, "left", None, left)
            columns.setdefault(depth + 1, []).append(gone)
            streams += [Stream(node, gone, node.left) for node in column if node.kind != "left" and node.left]
    nodes = tuple(node for depth in sorted(columns) for node in columns[depth])
    place = {node: n for n, node in enumerate(nodes)}
    streams.sort(key=lambda stream: (place[stream.source], place[stream.target]))
    return Flow(params, nodes, tuple(streams), result.sessions, least)


def _to_others(columns: Mapping[int, list[Node]], others: Mapping[int, Node], streams: list[Stream]) -> list[Stream]:
    """What the streams between items leave of each node goes to, or comes from, the "other" beside them."""
    out: Counter[Node] = Counter()
    into: Counter[Node] = Counter()
    for stream in streams:
        out[stream.source] += stream.sessions
        into[stream.target] += stream.sessions
    found = []
    for depth, column in columns.items():
        other = others.get(depth + 1)
        for node in column:
            onward = node.sessions - node.left - node.cut - out[node]
            if node.kind == "item" and other and onward:
                found.append(Stream(node, other, onward))
        if source := others.get(depth):
            rest = source.sessions - source.left - source.cut
            for target in columns.get(depth + 1, []):
                arrived = target.sessions - into[target]
                if target.kind == "item" and arrived:
                    found.append(Stream(source, target, arrived))
                    rest -= arrived
            if other and rest:
                found.append(Stream(source, other, rest))
    return found


# ---------------------------------------------------------------------------------------------------------- words


def name(node: Node, params: Paths) -> str:
    """What a node is called: its item, "Other pages", "Left"."""
    if node.kind == "left":
        return "Left"
    if node.kind == "other":
        return "Other pages" if params.level == "page" else "Other events"
    return called(node.item or "", params.level)


def called(item: str, level: str) -> str:
    """An item as a person says it: event names without underscores, and a site's root by what it is."""
    if item == HIDDEN:
        return "(in between)"
    if level == "event":
        return own(item)
    return "/ (home)" if item == "/" else item


def place(matcher: Matcher) -> str:
    """Where a path starts or ends, in words."""
    if isinstance(matcher.name, str) and matcher == Matcher(name=matcher.name):
        return own(matcher.name)
    return called(matcher.page, "page") if matcher.page is not None and not matcher.where else matcher.label


def head(depth: int, params: Paths) -> str:
    """What stands above a column."""
    noun = params.level
    if depth > 1:
        return NUMBERS[depth - 1] if depth <= len(NUMBERS) else f"{depth}th"
    return "From here" if params.start else f"First {noun} shown" if params.end else f"First {noun}"


def about(node: Node, flow: Flow) -> list[str]:
    """Who is at a node and what becomes of them, in lines."""
    number = words.many(node.sessions, "session")
    if node.kind == "left":
        return [f"{number} ended with the {flow.params.level} before"]
    onward = node.sessions - node.left - node.cut
    parts = [f"{words.count(onward)} went on"] * bool(onward)
    parts += [f"{words.count(node.left)} left"] * bool(node.left)
    parts += [f"{words.count(node.cut)} go on beyond the picture"] * bool(node.cut)
    lines = [f"{number}, {words.percent(node.sessions / flow.sessions)} of the paths", ", ".join(parts)]
    if node.returning:
        lines.append(f"{words.percent(node.returning / node.sessions, 0)} had been here before")
    return lines


def between(stream: Stream) -> list[str]:
    """Who takes a stream, in lines."""
    share = words.percent(stream.sessions / stream.source.sessions)
    lines = [f"{words.many(stream.sessions, 'session')}, {share} of those at its start"]
    if stream.mean_ms is not None:
        lines.append(f"after {words.duration(stream.mean_ms / 1000)} on average")
    return lines


def title(drawn: Node | Stream, params: Paths, said: Callable[[str], str] = str) -> str:
    """A node or a stream in words, names through `said`: "Second: /cart", "Second to third: /cart → /checkout"."""
    if isinstance(drawn, Node):
        place = (
            head(drawn.depth, params) if drawn.kind != "left" else f"After the {head(drawn.depth - 1, params).lower()}"
        )
        return f"{place}: {said(name(drawn, params))}"
    places = f"{head(drawn.source.depth, params)} to {head(drawn.target.depth, params).lower()}"
    source, target = (said(name(node, params)) for node in (drawn.source, drawn.target))
    return f"{places}: {source} → {target}"


def sentence(flow: Flow, said: Callable[[str], str]) -> str:
    """What the picture shows, in markdown; names from data go through `said`."""
    params = flow.params
    first = [node for node in flow.nodes if node.depth == 1]

    def called(node: Node) -> str:
        return said(short(name(node, params), 60))

    if params.end is not None:
        return _arrivals(flow, said)
    left = sum(node.left for node in first)
    share = words.percent(left / flow.sessions)
    onward = [s for s in flow.streams if s.source.depth == 1 and s.target.kind == "item" and s.source.kind == "item"]
    widest = max(onward, key=lambda stream: stream.sessions, default=None)
    if params.start is not None:
        parts = [
            f"**{words.many(flow.sessions, 'session')}** come by **{said(place(params.start))}**; **{share}** end there"
        ]
        if widest:
            way = words.percent(widest.sessions / flow.sessions)
            parts.append(f"**{way}** go from {called(widest.source)} straight on to **{called(widest.target)}**")
        return f"{', and '.join(parts)}."
    noun = "page" if params.level == "page" else "event"
    text = f"**{share}** leave after their first {noun}."
    if widest:
        way = words.percent(widest.sessions / widest.source.sessions, 0)
        text += (
            f" The widest way on is from **{called(widest.source)}** to **{called(widest.target)}**: "
            f"**{words.many(widest.sessions, 'session')}**, {way} of those that begin there."
        )
    back = max((node for node in flow.nodes if node.returning), key=lambda node: node.returning or 0, default=None)
    if params.level == "page" and back and back.returning and back.returning / back.sessions >= 0.3:
        again = words.percent(back.returning / back.sessions, 0)
        which = head(back.depth, params).lower()
        text += f" Of those whose {which} {noun} is {called(back)}, **{again}** had been there before."
    return text


def _arrivals(flow: Flow, said: Callable[[str], str]) -> str:
    """Of paths that end at an item: how many, and where the last step came from."""
    params = flow.params
    begun = f" from **{said(place(params.start))}**" if params.start else ""
    target = said(place(params.end)) if params.end else ""
    text = f"**{words.many(flow.sessions, 'session')}** come to **{target}**{begun}."
    onward = {stream.source for stream in flow.streams if stream.target.kind != "left"}
    last: Counter[str] = Counter()
    for stream in flow.streams:
        if stream.target.kind == "item" and stream.target not in onward and stream.source.kind == "item":
            last[said(short(name(stream.source, params), 60))] += stream.sessions
    if last:
        ((source, sessions),) = last.most_common(1)
        text += f" **{words.percent(sessions / flow.sessions, 0)}** of them come straight from **{source}**."
    return text


def note(flow: Flow) -> str:
    """What is drawn together, and how the picture adds up."""
    noun = "page" if flow.params.level == "page" else "event"
    text = "In every column, those who arrive go on, leave, or go on beyond the picture."
    if not flow.folded:
        return f"{text} Every {noun} of these paths is drawn."
    folded = f"{words.count(flow.folded)} of {words.count(flow.items)} {noun}s of these paths"
    return f"{text} The rarest of each column are drawn as one: {folded} ({words.percent(flow.folded / flow.items)})."


def table(flow: Flow) -> list[dict[str, object]]:
    """What is drawn as rows: every stream with its place, its sessions and its mean time."""
    return [
        {
            "place": stream.source.depth,
            "from": name(stream.source, flow.params),
            "to": name(stream.target, flow.params),
            "sessions": stream.sessions,
            "share_of_from": round(stream.sessions / stream.source.sessions, 6),
            "mean_seconds": None if stream.mean_ms is None else round(stream.mean_ms / 1000, 3),
        }
        for stream in flow.streams
    ]


# ------------------------------------------------------------------------------------------------------- sessions


def behind(drawn: Node | Stream, flow: Flow) -> PathSessions:
    """The question for the sessions of a node or a stream: exactly as many as it says."""
    asked = replace(flow.params, min_item_sessions=1, returns=False)
    node = drawn if isinstance(drawn, Node) else drawn.source
    if node.kind == "left":
        return PathSessions(asked, node.depth - 1, then="left")
    found = PathSessions(
        asked, node.depth, node.item, other_than=() if node.item is not None else flow.named(node.depth)
    )
    if isinstance(drawn, Node):
        return found
    if drawn.target.kind == "left":
        return replace(found, then="left")
    others = () if drawn.target.item is not None else flow.named(drawn.target.depth)
    return replace(found, then="link", target=drawn.target.item, target_other_than=others)


def widest(flow: Flow) -> Node | Stream:
    """What is looked at before anything is chosen: the way that most sessions take, else where all are."""
    real = [
        s
        for s in flow.streams
        if s.source.kind == s.target.kind == "item" and HIDDEN not in (s.source.item, s.target.item)
    ]
    return max(real, key=lambda stream: stream.sessions, default=flow.nodes[0])


def fingerprint(flow: Flow) -> str:
    """Tells flows of other nodes or streams apart."""
    drawn = [*map(as_link, flow.nodes), *map(as_link, flow.streams)]
    return hashlib.sha256(json.dumps(drawn).encode()).hexdigest()[:12]


def clicked(selection: Mapping[str, Any], flow: Flow) -> int | None:
    """Which of `flow.nodes` and `flow.streams` together an ECharts selection names."""
    for part in selection.get("selected") or []:
        numbers = part.get("data_indices") or []
        if numbers and part.get("data_type") in ("node", "edge"):
            among = flow.nodes if part["data_type"] == "node" else flow.streams
            if 0 <= numbers[0] < len(among):
                return int(numbers[0]) + (0 if part["data_type"] == "node" else len(flow.nodes))
    return None


def as_link(drawn: Node | Stream) -> dict[str, object]:
    """A node or a stream as a link's selection holds it."""
    if isinstance(drawn, Stream):
        return as_link(drawn.source) | {"to": as_link(drawn.target)["at"]}
    return {"place": drawn.depth, "at": drawn.item if drawn.item is not None else {"rest": drawn.kind}}


def short(text: str, most: int = LONGEST) -> str:
    """A name cut in its middle: ways into a page often differ at their end."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most // 2]}…{text[len(text) - most // 2 + 1 :]}"


# ------------------------------------------------------------------------------------------------------- pictures


def _fill(node: Node, colours: Mapping[str, str], palette: Palette) -> str:
    return colours.get(grouping.section(node.item), palette.context) if node.item is not None else palette.context


def size(flow: Flow) -> tuple[int, int]:
    """Height and least width in pixels that leave each node room for its label."""
    tallest = max((len(list(nodes)) for _, nodes in groupby(flow.nodes, lambda node: node.depth)), default=1)
    columns = max((node.depth for node in flow.nodes), default=1)
    each = 150 if columns <= 7 else 185  # up to seven fit a usual window, more scroll and need not be tight
    return max(360, 190 + 24 * tallest), max(920, each * columns)


def echarts(palette: Palette, flow: Flow, order: Order) -> dict[str, Any]:
    """The spec for `st.echarts_chart`; its nodes and edges are numbered like `flow.nodes` and `flow.streams`."""
    colours = section_colours(palette, order)
    columns = max((node.depth for node in flow.nodes), default=1)
    right = _room(flow, columns)
    halo = {"textBorderColor": palette.paper, "textBorderWidth": 3}
    ids = {
        node: f"{name(node, flow.params)}{GHOST * node.depth}{node.kind[0] * (node.kind != 'item')}"
        for node in flow.nodes
    }
    return {
        "animation": False,
        "title": [
            {
                "text": head(depth, flow.params),
                "left": f"{(depth - 1) * (100 - right - 1.1) / max(columns - 1, 1):.2f}%",
                "top": 0,
                "padding": [4, 0, 0, 0],
                "textStyle": {"fontFamily": base.FONT, "fontSize": 12, "fontWeight": 400, "color": palette.muted},
            }
            for depth in range(1, columns + 1)
        ],
        "tooltip": {
            "trigger": "item",
            "confine": True,
            "backgroundColor": palette.panel,
            "borderColor": palette.rule,
            "padding": [6, 10],
            "textStyle": {"fontFamily": base.FONT, "fontSize": 13, "color": palette.ink},
        },
        "series": [
            {
                "type": "sankey",
                "left": 0,
                "right": f"{right}%",
                "top": TOP,
                "bottom": BOTTOM,
                "nodeWidth": WIDE,
                "nodeGap": ROW,
                "nodeAlign": "left",
                "layoutIterations": 0,
                "draggable": False,
                "selectedMode": "single",
                "label": {
                    "position": "right",
                    "distance": 5,
                    "fontFamily": base.FONT,
                    "fontSize": 12,
                    "color": palette.ink,
                    **halo,
                    "rich": {"name": {"fontSize": 12.5, "fontWeight": 600, "color": palette.ink, **halo}},
                },
                "emphasis": {"focus": "adjacency"},
                "blur": {"itemStyle": {"opacity": 0.5}, "lineStyle": {"opacity": 0.1}, "label": {"opacity": 0.75}},
                "select": {"itemStyle": {"borderColor": palette.ink, "borderWidth": 2}, "lineStyle": {"opacity": 0.9}},
                "data": [
                    {
                        "name": ids[node],
                        "depth": node.depth - 1,
                        "value": node.sessions,
                        "itemStyle": {"color": _fill(node, colours, palette), "borderWidth": 0},
                        "label": {"formatter": _label(node, flow.params)},
                        "tooltip": {"formatter": _tip(name(node, flow.params), about(node, flow))},
                    }
                    for node in flow.nodes
                ],
                "links": [
                    {
                        "source": ids[stream.source],
                        "target": ids[stream.target],
                        "value": stream.sessions,
                        "lineStyle": {
                            "color": _stroke(stream, colours, palette),
                            "opacity": 0.3,
                            "curveness": 0.5,
                        },
                        "tooltip": {"formatter": _tip(_from_to(stream, flow.params), between(stream))},
                    }
                    for stream in flow.streams
                ],
            }
        ],
    }


def _from_to(stream: Stream, params: Paths) -> str:
    return f"{name(stream.source, params)} → {name(stream.target, params)}"


def _room(flow: Flow, columns: int) -> float:
    """Percent of the least width that the labels right of the last column need."""
    last = (node for node in flow.nodes if node.depth == columns)
    letters = max((len(short(name(node, flow.params))) * 6.9 + len(_number(node)) * 5.8 for node in last), default=0)
    return round(100 * (letters + 22) / size(flow)[1], 1)


def _number(node: Node) -> str:
    share = (node.returning or 0) / node.sessions
    back = f" ↺{words.SPACE}{words.percent(share, 0)}" if share >= WORTH_A_MARK else ""
    return words.count(node.sessions) + back


def _label(node: Node, params: Paths) -> str:
    """In ECharts' template language, in which braces of a name would be commands."""
    text, number = short(name(node, params)), _number(node)
    if "{" in text or "}" in text:
        return f"{text.replace('{', '{' + GHOST)} {number}"
    return f"{{name|{text}}} {number}"


def _tip(title: str, lines: list[str]) -> str:
    """A tooltip is HTML with `{b}` and the like replaced: names from data are written so that neither happens."""
    text = escape(short(title, 120)).replace("{", "&#123;").replace("}", "&#125;")
    return f"<b>{text}</b><br>" + "<br>".join(lines)


def figure(palette: Palette, flow: Flow, order: Order) -> go.Figure:
    """The same flow for a file, a report, a notebook."""
    colours = section_colours(palette, order)
    columns = max((node.depth for node in flow.nodes), default=1)
    height, width = size(flow)
    place = {node: n for n, node in enumerate(flow.nodes)}
    middles = _middles(flow, height - TOP - BOTTOM)
    across = [(node.depth - 1) / max(columns - 1, 1) for node in flow.nodes]
    right = width * _room(flow, columns) / 100
    picture = base.new(palette, height, width=width, margin={"l": 4, "r": right, "t": TOP, "b": BOTTOM})
    picture.add_sankey(
        arrangement="fixed",
        node={
            "x": [min(max(x, 0.001), 0.999) for x in across],  # Plotly takes 0 and 1 for "not told"
            "y": [min(max(y, 0.001), 0.999) for y in middles],
            "pad": ROW,
            "thickness": WIDE,
            "line": {"width": 0},
            "color": [_fill(node, colours, palette) for node in flow.nodes],
            "customdata": [_hover(name(node, flow.params), about(node, flow)) for node in flow.nodes],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        link={
            "source": [place[stream.source] for stream in flow.streams],
            "target": [place[stream.target] for stream in flow.streams],
            "value": [stream.sessions for stream in flow.streams],
            "color": [with_alpha(_stroke(stream, colours, palette), 0.3) for stream in flow.streams],
            "customdata": [_hover(_from_to(stream, flow.params), between(stream)) for stream in flow.streams],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    )
    inside = {"xref": "paper", "yref": "paper"}
    ground = {"bgcolor": with_alpha(palette.paper, 0.6), "borderpad": 1}
    notes = []
    for node, x, y in zip(flow.nodes, across, middles, strict=True):
        text = f"<b>{base.plain(short(name(node, flow.params)))}</b> {_number(node)}"
        notes.append(base.words_at(x, 1 - y, text, palette.ink, **inside, **ground, xshift=13 - 9 * x))
    for depth in range(1, columns + 1):
        x = (depth - 1) / max(columns - 1, 1)
        above = {"xshift": -9 * x, "yanchor": "bottom", "yshift": 6}

        notes.append(base.words_at(x, 1, head(depth, flow.params), palette.muted, **inside, **above))
    picture.update_layout(annotations=notes)
    return picture


def _hover(title: str, lines: list[str]) -> str:
    return "<br>".join([f"<b>{base.plain(title, 120)}</b>", *lines])


def _stroke(stream: Stream, colours: Mapping[str, str], palette: Palette) -> str:
    """Streams have the colour of where they come from; leaving and what is folded step back."""
    return _fill(stream.source, colours, palette) if stream.target.kind == "item" else palette.context


def _middles(flow: Flow, inside: int) -> list[float]:
    """The middle of each node from 0 to 1, from the top, stacked in our order as high as the fullest column allows."""
    columns = [list(nodes) for _, nodes in groupby(flow.nodes, lambda node: node.depth)]
    scale = min(
        ((inside - ROW * (len(nodes) - 1)) / sum(node.sessions for node in nodes) for nodes in columns), default=1.0
    )
    found = []
    for nodes in columns:
        top = 0.0
        for node in nodes:
            found.append((top + scale * node.sessions / 2) / inside)
            top += scale * node.sessions + ROW
    return found
