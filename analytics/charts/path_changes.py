"""Paths of two scopes in one Sankey: width is the mean of both shares, colour the change, faint within noise.

Shares are of all paths of their side, so on either side what comes to a node is what goes on from it or leaves. Pages
are grey here: colour can mean one thing at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics import words
from analytics.analyses.path_changes import Changed, PathChangesResult, Way, changed
from analytics.analyses.paths import Paths
from analytics.charts.flow import Flow, Node, Order, Stream
from analytics.charts.funnel_shares import chance
from analytics.charts.paths_words import Said, head, name, short, title, unit
from analytics.charts.sankey import Drawing, Knot, Strand
from analytics.charts.theme import Palette

MARKED = 3  # changes that are written into the picture, the largest ones
LEAST_MARKED = 0.01  # of the paths
FAINT, FULL = 0.16, 0.65  # opacity


@dataclass(frozen=True)
class Difference:
    """Two scopes in one flow, whose counts are those of both together, and what changed at each node and stream."""

    flow: Flow
    changes: Mapping[Node | Stream, Changed]
    names: tuple[str, str]
    sizes: tuple[int, int]  # paths of each side

    @property
    def links(self) -> list[tuple[Stream, Changed]]:
        """The streams, the surest and largest changes first."""
        found = [(one, change) for one, change in self.changes.items() if isinstance(one, Stream)]
        return sorted(found, key=lambda pair: (not pair[1].clear, -abs(pair[1].change)))


def difference(
    params: Paths, before: PathChangesResult, after: PathChangesResult, order: Order, names: tuple[str, str]
) -> Difference:
    """What is drawn of both sides, in the order of the plain picture."""
    found = {each.way: each for each in changed(before, after)}
    counts = {way: sum(each.counts) for way, each in found.items()}
    changes: dict[Node | Stream, Changed] = {}
    nodes: dict[tuple[int, str, str | None], Node] = {}

    def add(node: Node, change: Changed) -> None:
        nodes[node.depth, node.kind, node.item] = node
        changes[node] = change

    for way, each in found.items():
        if way.how == "pass":
            left, cut, began, earlier = (
                counts.get(Way(way.depth, way.source, how), 0) for how in ("left", "cut", "began", "earlier")
            )
            kind = "other" if way.source is None else "item"
            add(Node(way.depth, kind, way.source, counts[way], None, left, cut, began, earlier), each)  # type: ignore[arg-type]
    columns = {depth for depth, _, _ in nodes}
    for way, each in found.items():
        if way.how == "gone" and (way.depth + 1 in columns or way.depth < params.columns):
            add(Node(way.depth + 1, "left", None, counts[way]), each)
        if way.how == "entered" and way.depth > 1:
            add(Node(way.depth - 1, "began", None, counts[way]), each)
    kinds = ("item", "other", "left", "began")
    ordered = sorted(nodes.values(), key=lambda node: (node.depth, kinds.index(node.kind), order.key(node.item)))
    place = {node: n for n, node in enumerate(ordered)}
    for way, each in found.items():
        source = nodes.get((way.depth, "other" if way.source is None else "item", way.source))
        target = None
        if way.how == "link":
            target = nodes.get((way.depth + 1, "other" if way.target is None else "item", way.target))
        elif way.how == "left":
            target = nodes.get((way.depth + 1, "left", None))
        elif way.how == "began":
            source, target = nodes.get((way.depth - 1, "began", None)), source
        if source and target:
            changes[Stream(source, target, counts[way])] = each
    streams = [one for one in changes if isinstance(one, Stream)]
    streams.sort(key=lambda stream: (place[stream.source], place[stream.target]))
    sizes = round(before.base.n), round(after.base.n)
    whole = sum(sizes)
    flow = Flow(params, tuple(ordered), tuple(streams), whole, whole, 0)
    return Difference(flow, changes, names, sizes)


def drawing(palette: Palette, one: Difference) -> Drawing:
    """The marks; `one.flow` numbers its nodes and streams alike."""
    params = one.flow.params
    number = {node: n for n, node in enumerate(one.flow.nodes)}
    top = max((abs(change.change) for _, change in one.links if change.clear), default=0.0)
    marked = {
        stream: change for stream, change in one.links[:MARKED] if change.clear and abs(change.change) >= LEAST_MARKED
    }
    knots = [
        Knot(
            node.depth,
            _mean(one.changes[node]),
            palette.context,
            name(node, params),
            f"{_whole(one.changes[node].before)} → {_whole(one.changes[node].after)}",
            about(node, one),
        )
        for node in one.flow.nodes
    ]
    strands = [
        Strand(
            number[stream.source],
            number[stream.target],
            _mean(change),
            colour(palette, change, top),
            FULL if change.clear else FAINT,
            f"{name(stream.source, params)} → {name(stream.target, params)}",
            about(stream, one),
            f"{words.signed(100 * change.change)} points" if stream in marked else "",
        )
        for stream in one.flow.streams
        for change in [one.changes[stream]]
    ]
    columns = max((node.depth for node in one.flow.nodes), default=1)
    return Drawing([head(depth, params) for depth in range(1, columns + 1)], knots, strands)


def _mean(change: Changed) -> float:
    return 50 * (change.before + change.after)


def _whole(share: float) -> str:
    return words.percent(share, 1 if 0 < share < 0.095 else 0)


def colour(palette: Palette, change: Changed, top: float) -> str:
    """Less or more, stronger towards `top`, the largest change; grey within noise."""
    if not change.clear:
        return palette.context
    half = len(palette.changes) // 2
    step = min(half - 1, 2 + int(abs(change.change) / (top or 1) * (half - 2)))  # the palest look like the page
    return palette.changes[half + step] if change.change > 0 else palette.changes[half - 1 - step]


def about(drawn: Node | Stream, one: Difference) -> list[str]:
    """Both shares with their counts, the change with its interval, and whether it is more than noise."""
    change, noun = one.changes[drawn], unit(one.flow.params)
    sides = zip(one.names, (change.before, change.after), change.counts, one.sizes, strict=True)
    lines = [
        f"{_upper(short(side, 60))}: {words.percent(share)}, {words.count(count)} of {words.many(size, noun)}"
        for side, share, count, size in sides
    ]
    if change.q is None:
        return [*lines, f"{points(change)} points, too few to say"]
    return [*lines, f"{points(change)} points ({interval(change)}), q {chance(change.q)}: {verdict(change)}"]


def points(change: Changed) -> str:
    """The difference: "+1.2"."""
    return words.signed(100 * change.change)


def interval(change: Changed) -> str:
    """Its 95 % interval in points, or a dash."""
    if change.low is None or change.high is None:
        return "–"
    return f"{words.signed(100 * change.low)} to {words.signed(100 * change.high)}"


def verdict(change: Changed) -> str:
    """What the figures allow to say."""
    if change.q is None:
        return "too few to say"
    return ("more" if change.change > 0 else "less") if change.clear else "within noise"


def rows(one: Difference) -> list[dict[str, str]]:
    """The table of changes, the surest and largest first; the words are ready to be shown."""
    params = one.flow.params
    before, after = (_upper(short(text, 40)) for text in one.names)
    return [
        {
            "From": name(stream.source, params),
            "To": name(stream.target, params),
            "Place": f"{head(stream.source.depth, params)} → {head(stream.target.depth, params)}",
            before: words.percent(change.before),
            after: words.percent(change.after),
            "Points": points(change),
            "95 % interval": interval(change),
            "q": chance(change.q),
            "In words": verdict(change),
        }
        for stream, change in one.links
    ]


def figures(one: Difference) -> list[dict[str, object]]:
    """The same for a file, in full."""
    params = one.flow.params
    return [
        {
            "place": stream.source.depth,
            "from": name(stream.source, params),
            "to": name(stream.target, params),
            "share_before": change.before,
            "share_after": change.after,
            "count_before": change.counts[0],
            "count_after": change.counts[1],
            "change": change.change,
            "low": change.low,
            "high": change.high,
            "p": change.p,
            "q": change.q,
            "verdict": verdict(change),
        }
        for stream, change in one.links
    ]


def sentence(one: Difference, said: Said) -> str:
    """What differs most, with both figures, in markdown; names go through `said`."""
    params = one.flow.params
    noun = unit(params)
    before, after = (said(text) for text in one.names)
    tested = sum(change.q is not None for _, change in one.links)
    clear = [(stream, change) for stream, change in one.links if change.clear]
    if not clear:
        return (
            f"**No way** is clearly more or less usual in {after} than in {before}: all {words.count(tested)} "
            "differences are within noise."
            if tested
            else f"Too few {noun}s to say whether {after} and {before} differ."
        )
    of_items = [pair for pair in clear if "other" not in (pair[0].source.kind, pair[0].target.kind)]
    stream, change = (of_items or clear)[0]
    source, target = (said(short(name(node, params), 60)) for node in (stream.source, stream.target))
    if stream.target.kind == "left":
        what = f"end with **{source}**"
    elif stream.source.kind == "began":
        what = f"begin with **{target}**"
    else:
        what = f"go from **{source}** to **{target}**"
    place = title(stream, params, said).partition(":")[0].lower()
    return (
        f"In {after} **{words.percent(change.after)}** of all {what}, in {before} **{words.percent(change.before)}** "
        f"({place}; {points(change)} points, {interval(change)}). "
        f"{words.count(len(clear))} of {words.count(tested)} ways differ by more than noise."
    )


def note(one: Difference) -> str:
    """How the picture is to be read."""
    return (
        f"Widths are the mean of both sides' shares of all their {unit(one.flow.params)}s, so on each side who "
        "arrives goes on, leaves, or goes on beyond the picture. Sessions of one person are not independent: intervals "
        "are by person. q: how often chance alone would give so large a difference, corrected for all ways at once; "
        "faint is 0.05 or more."
    )


def entries(palette: Palette, names: Sequence[str]) -> list[tuple[str, str]]:
    """The legend."""
    return [
        (f"less in {short(names[1], 40)}", palette.changes[1]),
        (f"more in {short(names[1], 40)}", palette.changes[-2]),
        ("within noise, or too few to say", palette.context),
    ]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
