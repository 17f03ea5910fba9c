"""Transitions as a matrix and as a graph: what follows straight upon what, loops and steps back told apart.

Items stand in one order, that of the whole store, in both pictures and whatever the scope. The graph's items are lines
from top to bottom: steps down the order go by the right, steps back up by the left, loops are rings.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analytics import grouping, words
from analytics.analyses.transitions import Link, Transitions, TransitionsResult
from analytics.charts import base, heat_table
from analytics.charts.paths import Order, called, section_colours, short
from analytics.charts.theme import Palette, with_alpha
from analytics.transition_sql import END, OTHER, START

MOST = 14  # items that stand by themselves
NORMS = {
    "from": "Share of what leaves",
    "to": "Share of what arrives",
    "count": "How often",
    "sessions": "Sessions",
}
WHO = {"session": ("session", "sessions"), "user": ("person", "people")}
LINE, BAND = 34, 0.34  # px of an item in the graph; half the width of the column of names, of the picture's half


def norms(by: str) -> dict[str, str]:
    """What a link's value may be, in words; by user, people are counted."""
    return NORMS | ({"sessions": "People"} if by == "user" else {})


@dataclass(frozen=True)
class Drawn:
    """All links among the items drawn, which stand in our order; what is not drawn by itself is one item."""

    params: Transitions
    items: tuple[str, ...]
    links: tuple[Link, ...]
    steps: int

    @property
    def rows(self) -> tuple[str, ...]:
        """Where links come from."""
        return tuple(item for item in (START, *self.items) if any(link.source == item for link in self.links))

    @property
    def columns(self) -> tuple[str, ...]:
        """Where links go to."""
        return tuple(item for item in (*self.items, END) if any(link.target == item for link in self.links))

    def place(self, item: str) -> int:
        """From the top, the start being 0."""
        return (START, *self.items, END).index(item)

    def way(self, link: Link) -> str:
        """A loop, a step back in the order, or one on."""
        source, target = self.place(link.source), self.place(link.target)
        return "loop" if source == target else "on" if target > source else "back"


def shown(
    order: Order, items: Sequence[str], excluded: Sequence[str] = (), pinned: Sequence[str] = ()
) -> tuple[str, ...]:
    """The items that stand by themselves, in our order: what is pinned, then the most frequent of the store; `items`
    are in that order.

    Empty where all of them can.
    """
    left = [item for item in items if not any(grouping.matches(item, pattern) for pattern in excluded)]
    first = [item for item in pinned if item in left]
    usual = [item for item in left if item not in first][: max(MOST - len(first), 0)]
    return tuple(sorted([*first, *usual], key=order.key)) if len(left) > MOST else ()


def arranged(params: Transitions, links: Sequence[Link], order: Order, pinned: Sequence[str]) -> tuple[str, ...]:
    """The items of `links`: what is pinned first, in its order, then ours; all others together last.

    Items that are chosen to be shown keep their place in a scope that has none of them.
    """
    items = {end for link in links for end in (link.source, link.target)}.union(params.shown) - {START, END}
    first = [item for item in pinned if item in items]
    known = sorted(items - {OTHER, *first}, key=order.key)
    return (*first, *known, *[OTHER] * (OTHER in items and OTHER not in first))


def drawn(params: Transitions, result: TransitionsResult, order: Order, pinned: Sequence[str] = ()) -> Drawn:
    """What both pictures show of `result`."""
    return Drawn(params, arranged(params, result.links, order, pinned), result.links, result.steps)


# ---------------------------------------------------------------------------------------------------------- words


def name(item: str, level: str) -> str:
    """An item as a person says it."""
    if item in (START, END):
        return "(start)" if item == START else "(end)"
    if item == OTHER:
        return "Other pages" if level == "page" else "Other events"
    return called(item, level)


def title(link: Link, level: str, said: Callable[[str], str] = str) -> str:
    """A link in words, names through `said`."""
    source, target = said(name(link.source, level)), said(name(link.target, level))
    if link.source == START:
        return f"Begin with {target}"
    return f"End with {source}" if link.target == END else f"{source} → {target}"


def value(link: Link, norm: str, precise: bool = True) -> str:
    """A link's value in its norm."""
    if norm in ("from", "to"):
        if precise or 0 < link.value < 0.005:
            return words.percent(link.value) if precise else "·"
        return f"{100 * link.value:.0f}{words.SPACE}%"
    return words.count(link.value)


def about(link: Link, drawn: Drawn) -> tuple[str, ...]:
    """What a tooltip says of a link."""
    level = drawn.params.level
    out = sum(other.count for other in drawn.links if other.source == link.source)
    into = sum(other.count for other in drawn.links if other.target == link.target)
    source, target = name(link.source, level), name(link.target, level)
    lines = [title(link, level), words.many(link.count, "time")]
    lines.append(f"{words.percent(link.count / out)} of the {words.count(out)} steps from {source}")
    lines.append(f"{words.percent(link.count / into)} of the {words.count(into)} steps to {target}")
    if link.sessions is not None:
        lines.append(words.many(link.sessions, *WHO[drawn.params.by]))
    if link.median_ms is not None:
        lines.append(f"half of them after at most {words.duration(link.median_ms / 1000)}")
    return tuple(lines)


def sentence(drawn: Drawn, said: Callable[[str], str]) -> str:
    """What the pictures show, in markdown; names go through `said`."""
    level = drawn.params.level
    inner = [link for link in drawn.links if link.source != START and link.target != END]
    ends = sum(link.count for link in drawn.links if link.target == END)
    if not inner:
        return f"**{words.many(ends, 'path')}**, and none of them has a second {level}."

    def called(item: str) -> str:
        return said(short(name(item, level), 60))

    kinds: Counter[str] = Counter()
    for link in inner:
        kinds[drawn.way(link)] += link.count
    total = kinds.total()
    real = [link for link in inner if OTHER not in (link.source, link.target)] or inner
    first = max(real, key=lambda link: (link.count, link.source, link.target))
    out = sum(link.count for link in drawn.links if link.source == first.source)
    text = (
        f"Of **{words.count(total)} steps** from one {level} to the next, most go from **{called(first.source)}** to "
        f"**{called(first.target)}**: {words.count(first.count)}, "
        f"**{words.percent(first.count / out)}** of what leaves {called(first.source)}."
    )
    loops = [link for link in real if drawn.way(link) == "loop"]
    if loops:
        most = max(loops, key=lambda link: (link.count, link.source))
        text += (
            f" **{words.percent(kinds['loop'] / total)}** repeat the {level} they are on, most often "
            f"{called(most.source)}."
        )
    pairs = {(link.source, link.target): link.count for link in real if link.source != link.target}
    back = {pair: min(count, pairs.get(pair[::-1], 0)) for pair, count in pairs.items() if pair[0] < pair[1]}
    if back and (most_back := max(back, key=lambda pair: (back[pair], pair))) and back[most_back]:
        one, other = most_back
        text += (
            f" Most to and fro is between {called(one)} and {called(other)}: {words.count(pairs[one, other])} there, "
            f"{words.count(pairs[other, one])} back."
        )
    return text


def table(drawn: Drawn) -> list[dict[str, object]]:
    """The figures, for a file."""
    return [
        {
            "from": link.source,
            "to": link.target,
            "steps": link.count,
            drawn.params.norm if drawn.params.norm != "count" else "value": link.value,
            "median seconds": None if link.median_ms is None else link.median_ms / 1000,
        }
        for link in drawn.links
    ]


def as_link(link: Link) -> dict[str, object]:
    """As a link's selection holds it."""
    return {"from": link.source, "to": link.target}


# ------------------------------------------------------------------------------------------------------- pictures


def matrix(palette: Palette, drawn: Drawn) -> go.Figure:
    """The heat table: from the row's item to the column's."""
    rows, columns, level, norm = drawn.rows, drawn.columns, drawn.params.level, drawn.params.norm
    top = max((link.value for link in drawn.links), default=1.0)
    if norm in ("count", "sessions"):  # one very large cell would leave all others pale
        values = sorted(link.value for link in drawn.links)
        top = values[int(0.97 * (len(values) - 1))] if values else 1.0
    cells = []
    for link in drawn.links:
        ground, ink = heat_table.amount(palette, link.value, top)
        text = value(link, norm, precise=False) if norm in ("from", "to") else compact(link.value)
        place = rows.index(link.source), columns.index(link.target)
        cells.append(heat_table.Cell(*place, ground, ink, text, about(link, drawn)))
    heads = [name(item, level) for item in rows], [name(item, level) for item in columns]
    return heat_table.figure(palette, *heads, cells, "From ↓  to →")


def compact(number: float) -> str:
    """A count that fits into a cell: 987, 12.3k, 1.2M."""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.1f}{unit}" if number < 100 * size else f"{number / size:.0f}{unit}"
    return words.count(number)


def cell_clicked(points: Sequence[Mapping[str, Any]], drawn: Drawn) -> int | None:
    """Which of the links a click in the matrix means."""
    place = heat_table.clicked(points)
    if place is None:
        return None
    found = ((drawn.rows.index(link.source), drawn.columns.index(link.target)) for link in drawn.links)
    return next((n for n, there in enumerate(found) if there == place), None)


def strong(drawn: Drawn, least: float) -> list[int]:
    """The numbers of the links that carry at least the share `least` of all steps."""
    return [n for n, link in enumerate(drawn.links) if link.count >= least * drawn.steps]


def graph(
    palette: Palette,
    drawn: Drawn,
    order: Order,
    least: float,
    look: Callable[[int], tuple[str, float]] | None = None,
    said: Callable[[int], tuple[str, ...]] | None = None,
) -> go.Figure:
    """Items from top to bottom, an arc per link; a link's customdata is its number.

    `look`: colour and opacity of the link of a number, and `said` its tooltip, where it is not about one scope.
    """
    items, level = (START, *drawn.items, END), drawn.params.level
    colours = section_colours(palette, order)
    through: Counter[str] = Counter()
    for link in drawn.links:
        through[link.source] += link.count
        through[link.target] += link.count * (link.target == END)
    figure = base.new(
        palette,
        24 + LINE * len(items),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        clickmode="event+select",
        hovermode="closest",
    )
    figure.update_xaxes(visible=False, range=[-1.3, 1.3])
    figure.update_yaxes(visible=False, range=[len(items) - 0.5, -0.5])
    numbers = strong(drawn, least)
    told = said or (lambda n: about(drawn.links[n], drawn))
    most = max((drawn.links[n].count for n in numbers), default=1)
    apexes: list[tuple[float, float, str, str, int]] = []
    notes = []
    for n in sorted(numbers, key=lambda n: drawn.links[n].count):
        link = drawn.links[n]
        own = colours.get(grouping.section(link.source), palette.context), 0.45
        colour, opacity = look(n) if look else own
        width = 1 + 9 * math.sqrt(link.count / most)
        source, target, way = drawn.place(link.source), drawn.place(link.target), drawn.way(link)
        if way == "loop":
            apexes.append((BAND - 0.03, source, colour, "circle-open", n))
            text = words.percent(link.count / through[link.source], 0)
            notes.append(base.words_at(BAND - 0.03, source, text, palette.muted, xanchor="right", xshift=-10))
            continue
        side = 1 if way == "on" else -1
        reach = 0.14 + 0.78 * abs(target - source) / len(items)
        turns = [math.pi * t / 24 for t in range(25)]
        xs = [side * (BAND + reach * math.sin(turn)) for turn in turns]
        ys = [(source + target) / 2 - (target - source) / 2 * math.cos(turn) for turn in turns]
        figure.add_scatter(
            x=xs,
            y=ys,
            mode="lines",
            line={"width": width, "color": with_alpha(colour, opacity)},
            hoverinfo="skip",
        )
        apexes.append((xs[12], ys[12], colour, "triangle-down" if target > source else "triangle-up", n))
    figure.add_scatter(
        x=[x for x, *_ in apexes],
        y=[y for _, y, *_ in apexes],
        mode="markers",
        marker={
            "symbol": [symbol for *_, symbol, _ in apexes],
            "size": 11,
            "color": [colour for _, _, colour, _, _ in apexes],
            "line": {"width": [3 if symbol == "circle-open" else 1 for *_, symbol, _ in apexes],
                     "color": [colour if symbol == "circle-open" else palette.paper
                               for _, _, colour, symbol, _ in apexes]},
        },
        customdata=[
            [n, "<br>".join(base.plain(line, 160) for line in told(n))] for *_, n in apexes
        ],
        hovertemplate="%{customdata[1]}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )  # fmt: skip
    for n, item in enumerate(items):
        text = f"{base.plain(short(name(item, level)))}"
        number = f'<span style="color:{palette.muted}">{compact(through[item])}</span>'
        notes.append(
            base.words_at(
                0, n, f"<b>{text}</b> {number}", palette.ink, xanchor="center", hovertext=base.plain(item, 160)
            )
        )
    figure.update_layout(annotations=notes)
    return figure


def usual(drawn: Drawn) -> int:
    """What is looked at before anything is chosen: the most frequent link between two items."""
    return next((n for n, link in enumerate(drawn.links) if link.source != START and link.target != END), 0)


def arc_clicked(points: Sequence[Mapping[str, Any]], drawn: Drawn) -> int | None:
    """Which of the links a click in the graph means."""
    data = points[0].get("customdata") if points else None
    if not isinstance(data, Sequence) or isinstance(data, str) or not data or not isinstance(data[0], int):
        return None
    return data[0] if 0 <= data[0] < len(drawn.links) else None


def note(drawn: Drawn, least: float) -> str:
    """What is folded, and that it adds up."""
    numbers = set(strong(drawn, least))
    weak = [link.count for n, link in enumerate(drawn.links) if n not in numbers]
    if not weak:
        return f"All {words.many(len(drawn.links), 'link')} are drawn."
    share = words.percent(sum(weak) / drawn.steps)
    return (
        f"{words.many(len(numbers), 'link')} drawn; {words.many(len(weak), 'weaker one')} with {share} of all steps "
        "not drawn."
    )
