"""What a Sankey of paths draws, computed once: nodes in columns and the streams between them.

A column is a place in the path, a node an item there. What few paths have at a place is one node, "other"; those that
ended before it are one too, "left", and around an event those that begin after it, "began". So at every node what comes
is what goes: links, and what begins there or came from beyond the picture; links, and what left or goes on beyond it.
Items stand in one order, that of the whole store, so that two pictures of different scopes can be compared by eye.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from analytics import grouping
from analytics.analyses.path_sessions import PathSessions
from analytics.analyses.paths import HIDDEN, Link, Paths, PathsResult
from analytics.analyses.values import Value
from analytics.path_items import Groups

MOST = 10  # items of a column
LEAST = 0.01  # of the paths, below which an item is part of "other"


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
    """`paths` have `item` as their item `depth`; what is neither `left` nor `cut` goes on to the next column.

    Of kind "other" it is all that is not drawn by itself, of kind "left" those whose item before was the last, of kind
    "began" those whose first item stands in the next column. `began` and `earlier` are those that no link brings here.
    `sessions` are different ones; None where only paths are known.
    """

    depth: int
    kind: Literal["item", "other", "left", "began"]
    item: str | None
    paths: int
    sessions: int | None = None
    left: int = 0
    cut: int = 0
    began: int = 0
    earlier: int = 0
    returning: int | None = None
    goals: int | None = None


@dataclass(frozen=True)
class Stream:
    """`paths` go from one node straight to another. Times and goals are None where a node is of several items."""

    source: Node
    target: Node
    paths: int
    sessions: int | None = None
    mean_ms: float | None = None
    median_ms: float | None = None
    goals: int | None = None


@dataclass(frozen=True)
class Flow:
    """All that is drawn, in the order in which it is drawn, of `paths` paths of `sessions` sessions."""

    params: Paths
    nodes: tuple[Node, ...]
    streams: tuple[Stream, ...]
    paths: int
    sessions: int
    least: int  # paths that an item needs at its place to be drawn by itself

    @property
    def items(self) -> int:
        """Items of all paths, in the columns drawn."""
        return sum(node.paths for node in self.nodes if node.kind in ("item", "other"))

    @property
    def folded(self) -> int:
        """Those of `items` that are part of an "other"."""
        return sum(node.paths for node in self.nodes if node.kind == "other")

    def named(self, depth: int) -> tuple[str, ...]:
        """The items of a column that are drawn by themselves."""
        return tuple(node.item for node in self.nodes if node.depth == depth and node.item is not None)


def items(values: Iterable[Value], groups: Groups) -> list[str]:
    """What paths of these pages or names are made of, the most frequent first."""
    traffic = _traffic(values, groups)
    return sorted(traffic, key=lambda item: (-traffic[item], item))


def _traffic(values: Iterable[Value], groups: Groups) -> Counter[str]:
    traffic: Counter[str] = Counter()
    for value in values:
        traffic[grouping.named(value.value, groups)] += value.events
    return traffic


def order(values: Iterable[Value], groups: Groups) -> Order:
    """The order of items by the traffic of the whole store, section after section; `values` are its pages or names."""
    traffic = _traffic(values, groups)
    of_section: Counter[str] = Counter()
    for item, events in traffic.items():
        of_section[grouping.section(item)] += events
    sections = sorted(of_section, key=lambda section: (-of_section[section], section))
    place = {section: n for n, section in enumerate(sections)}
    items = sorted(traffic, key=lambda item: (place[grouping.section(item)], -traffic[item], item))
    return Order({item: n for n, item in enumerate(items)}, tuple(sections))


def flow(params: Paths, result: PathsResult, order: Order) -> Flow:
    """The picture of `result`, asked by session. Rare items of each column are folded into one."""
    least = max(params.min_item_sessions, round(LEAST * result.paths))
    several = params.occurrence == "every" and params.around is not None  # paths of one session
    columns: dict[int, list[Node]] = {}
    others: dict[int, Node] = {}
    for total in result.totals:
        usual = [node for node in result.nodes if node.depth == total.depth and node.paths >= least]
        usual = sorted(usual, key=lambda node: -node.paths)[:MOST]
        shown = [
            Node(n.depth, "item", n.item, n.paths, n.sessions, n.left, n.cut, n.began, n.earlier, n.returning, n.goals)
            for n in usual
        ]
        columns[total.depth] = sorted(shown, key=lambda node: order.key(node.item))
        rest, left, cut, began, earlier = (
            getattr(total, name) - sum(getattr(node, name) for node in shown)
            for name in ("paths", "left", "cut", "began", "earlier")
        )
        if rest:
            one = Node(total.depth, "other", None, rest, None if several else rest, left, cut, began, earlier)
            others[total.depth] = one
            columns[total.depth].append(one)
    drawn = {(node.depth, node.item): node for column in columns.values() for node in column if node.item is not None}
    streams = [
        _stream(drawn[link.depth, link.source], drawn[link.depth + 1, link.target], link)
        for link in result.links
        if (link.depth, link.source) in drawn and (link.depth + 1, link.target) in drawn
    ]
    streams += _to_others(columns, others, streams, several)
    streams += _ends(columns, params, several)
    nodes = tuple(node for depth in sorted(columns) for node in columns[depth])
    place = {node: n for n, node in enumerate(nodes)}
    streams.sort(key=lambda stream: (place[stream.source], place[stream.target]))
    return Flow(params, nodes, tuple(streams), result.paths, result.sessions, least)


def _stream(source: Node, target: Node, link: Link) -> Stream:
    return Stream(source, target, link.paths, link.sessions, link.mean_ms, link.median_ms, link.goals)


def _to_others(
    columns: Mapping[int, list[Node]], others: Mapping[int, Node], streams: list[Stream], several: bool
) -> list[Stream]:
    """What the streams between items leave of each node goes to, or comes from, the "other" beside them."""
    out: Counter[Node] = Counter()
    into: Counter[Node] = Counter()
    for stream in streams:
        out[stream.source] += stream.paths
        into[stream.target] += stream.paths
    found = []

    def add(source: Node, target: Node, paths: int) -> None:
        found.append(Stream(source, target, paths, None if several else paths))

    for depth, column in columns.items():
        other = others.get(depth + 1)
        for node in column:
            onward = node.paths - node.left - node.cut - out[node]
            if node.kind == "item" and other and onward:
                add(node, other, onward)
        if source := others.get(depth):
            rest = source.paths - source.left - source.cut
            for target in columns.get(depth + 1, []):
                arrived = target.paths - target.began - target.earlier - into[target]
                if target.kind == "item" and arrived:
                    add(source, target, arrived)
                    rest -= arrived
            if other and rest:
                add(source, other, rest)
    return found


def _ends(columns: dict[int, list[Node]], params: Paths, several: bool) -> list[Stream]:
    """Puts the nodes of those who left, and of those who begin later than in the first column, into `columns`."""
    found = []
    for depth, column in list(columns.items()):
        left = sum(node.left for node in column)
        if left and (depth + 1 in columns or depth < params.columns):
            gone = Node(depth + 1, "left", None, left, None if several else left)
            columns.setdefault(depth + 1, []).append(gone)
            found += [Stream(node, gone, node.left, gone.sessions and node.left) for node in column if node.left]
    for depth, column in list(columns.items()):
        real = [node for node in column if node.kind in ("item", "other") and node.began]
        if real and depth > 1:
            paths = sum(node.began for node in real)
            new = Node(depth - 1, "began", None, paths, None if several else paths)
            columns.setdefault(depth - 1, []).append(new)
            found += [Stream(new, node, node.began, new.sessions and node.began) for node in real]
    return found


def shown(params: Paths, results: Sequence[PathsResult]) -> tuple[tuple[str, ...], ...]:
    """Which items of each column stand by themselves in a picture of several answers: the usual ones of all together.

    Each answer counts alike, however many paths it has.
    """
    columns = []
    for depth in range(1, params.columns + 1):
        share: Counter[str] = Counter()
        for result in results:
            for node in result.nodes:
                if node.depth == depth and result.paths:
                    share[node.item] += node.paths / result.paths / len(results)  # type: ignore[assignment]
        usual = sorted((item for item in share if share[item] >= LEAST), key=lambda item: (-share[item], item))
        columns.append(tuple(usual[:MOST]))
    return tuple(columns)


def behind(drawn: Node | Stream, flow: Flow) -> PathSessions:
    """The question for the sessions of a node or a stream: exactly as many as it says."""
    asked = replace(flow.params, min_item_sessions=1, returns=False, goal=None, medians=False)
    if isinstance(drawn, Stream) and drawn.source.kind == "began":
        return replace(behind(drawn.target, flow), then="began")
    node = drawn if isinstance(drawn, Node) else drawn.source
    if node.kind == "left":
        return PathSessions(asked, node.depth - 1, then="left")
    if node.kind == "began":
        return PathSessions(asked, node.depth + 1, then="began")
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
    """What is looked at before anything is chosen: the way that most paths take, else where all are."""
    real = [
        s
        for s in flow.streams
        if s.source.kind == s.target.kind == "item" and HIDDEN not in (s.source.item, s.target.item)
    ]
    return max(real, key=lambda stream: stream.paths, default=flow.nodes[0])


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
