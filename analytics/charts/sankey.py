"""A Sankey, drawn twice from the same marks: by ECharts, which can be clicked, and by Plotly, for files and notebooks.

Both keep the order that they are given, stack it alike and say names as text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

import plotly.graph_objects as go

from analytics import words
from analytics.charts import base
from analytics.charts.paths_words import short
from analytics.charts.theme import Palette, with_alpha

GHOST = "\u200b"  # tells nodes of one name apart and shows nothing
ROW, WIDE, TOP, BOTTOM = 15, 11, 30, 6  # pixels: between two nodes (enough for a label), of a node, around the picture
TITLE = 500  # letters of a name in a tooltip


@dataclass(frozen=True)
class Knot:
    """A node: in which column (from 1), how high, its colour, its words. A label cuts `name`; `lines` are ours."""

    column: int
    value: float
    colour: str
    name: str
    figure: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Strand:
    """A stream between the nodes of these numbers. `mark` is written on it."""

    source: int
    target: int
    value: float
    colour: str
    opacity: float
    title: str
    lines: Sequence[str]
    mark: str = ""


@dataclass(frozen=True)
class Drawing:
    """All marks, nodes column by column from top to bottom, and what stands above each column."""

    heads: Sequence[str]
    knots: Sequence[Knot]
    strands: Sequence[Strand]

    @property
    def size(self) -> tuple[int, int]:
        """Height and least width in pixels that leave each node room for its label."""
        tallest = max((len(list(knots)) for _, knots in groupby(self.knots, lambda knot: knot.column)), default=1)
        columns = len(self.heads)
        each = 150 if columns <= 7 else 185  # up to seven fit a usual window, more scroll and need not be tight
        return max(360, 190 + 24 * tallest), max(920, each * columns)

    @property
    def room(self) -> float:
        """Percent of the least width that the labels right of the last column need."""
        last = (knot for knot in self.knots if knot.column == len(self.heads))
        letters = max((len(short(knot.name)) * 6.9 + len(knot.figure) * 5.8 for knot in last), default=0)
        return round(100 * (letters + 22) / self.size[1], 1)


def echarts(palette: Palette, drawing: Drawing) -> dict[str, Any]:
    """The spec for `st.echarts_chart`; its nodes and edges are numbered like the drawing's."""
    right, columns = drawing.room, len(drawing.heads)
    halo = {"textBorderColor": palette.paper, "textBorderWidth": 3}
    ids = [f"{knot.name}{GHOST * knot.column}" for knot in drawing.knots]
    seen: set[str] = set()
    for n, own in enumerate(ids):  # an item may be called as another kind of node is
        while own in seen:
            own += GHOST * (columns + 1)
        seen.add(own)
        ids[n] = own
    return {
        "animation": False,
        "title": [
            {
                "text": _plain(text),
                "left": f"{n * (100 - right - 1.1) / max(columns - 1, 1):.2f}%",
                "top": 0,
                "padding": [4, 0, 0, 0],
                "textStyle": {"fontFamily": base.FONT, "fontSize": 12, "fontWeight": 400, "color": palette.muted},
            }
            for n, text in enumerate(drawing.heads)
        ],
        "tooltip": {
            "trigger": "item",
            "confine": True,
            "appendTo": "body",  # a picture that scrolls sideways would cut it
            "backgroundColor": palette.panel,
            "borderColor": palette.rule,
            "padding": [6, 10],
            "textStyle": {"fontFamily": base.FONT, "fontSize": 13, "color": palette.ink},
            "extraCssText": "max-width:440px;white-space:normal;overflow-wrap:anywhere",
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
                        "name": ids[n],
                        "depth": knot.column - 1,
                        "value": knot.value,
                        "itemStyle": {"color": knot.colour, "borderWidth": 0},
                        "label": {"formatter": _label(knot)},
                        "tooltip": {"formatter": _tip(knot.name, knot.lines)},
                    }
                    for n, knot in enumerate(drawing.knots)
                ],
                "links": [
                    {
                        "source": ids[strand.source],
                        "target": ids[strand.target],
                        "value": strand.value,
                        "lineStyle": {"color": strand.colour, "opacity": strand.opacity, "curveness": 0.5},
                        "tooltip": {"formatter": _tip(strand.title, strand.lines)},
                        **({"edgeLabel": _mark(strand, palette)} if strand.mark else {}),
                    }
                    for strand in drawing.strands
                ],
            }
        ],
    }


def _mark(strand: Strand, palette: Palette) -> dict[str, Any]:
    return {
        "show": True,
        "formatter": strand.mark,
        "fontFamily": base.FONT,
        "fontSize": 12,
        "fontWeight": 600,
        "color": palette.ink,
        "textBorderColor": palette.paper,
        "textBorderWidth": 3,
        "offset": [40, 0],
    }


def _plain(text: str) -> str:
    return text.replace("{", "{" + GHOST)


def _label(knot: Knot) -> str:
    """In ECharts' template language, in which braces of a name would be commands."""
    text = short(knot.name)
    if "{" in text or "}" in text:
        return f"{_plain(text)} {knot.figure}"
    return f"{{name|{text}}} {knot.figure}"


def _tip(title: str, lines: Sequence[str]) -> str:
    """A tooltip is HTML with `{b}` and the like replaced: names from data are written so that neither happens."""
    texts = [escape(text).replace("{", "&#123;").replace("}", "&#125;") for text in (short(title, TITLE), *lines)]
    return f"<b>{texts[0]}</b><br>" + "<br>".join(texts[1:])


def figure(palette: Palette, drawing: Drawing) -> go.Figure:
    """The same for a file, a report, a notebook."""
    columns = len(drawing.heads)
    height, width = drawing.size
    middles = _middles(drawing.knots, height - TOP - BOTTOM)
    across = [(knot.column - 1) / max(columns - 1, 1) for knot in drawing.knots]
    right = width * drawing.room / 100
    picture = base.new(palette, height, width=width, margin={"l": 4, "r": right, "t": TOP, "b": BOTTOM})
    picture.add_sankey(
        arrangement="fixed",
        node={
            "x": [min(max(x, 0.001), 0.999) for x in across],  # Plotly takes 0 and 1 for "not told"
            "y": [min(max(y, 0.001), 0.999) for y in middles],
            "pad": ROW,
            "thickness": WIDE,
            "line": {"width": 0},
            "color": [knot.colour for knot in drawing.knots],
            "customdata": [_hover(knot.name, knot.lines) for knot in drawing.knots],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        link={
            "source": [strand.source for strand in drawing.strands],
            "target": [strand.target for strand in drawing.strands],
            "value": [strand.value for strand in drawing.strands],
            "color": [with_alpha(strand.colour, strand.opacity) for strand in drawing.strands],
            "customdata": [_hover(strand.title, strand.lines) for strand in drawing.strands],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    )
    inside = {"xref": "paper", "yref": "paper"}
    ground = {"bgcolor": with_alpha(palette.paper, 0.6), "borderpad": 1}
    notes = []
    for knot, x, y in zip(drawing.knots, across, middles, strict=True):
        text = f"<b>{base.plain(short(knot.name))}</b> {knot.figure}"
        notes.append(base.words_at(x, 1 - y, text, palette.ink, **inside, **ground, xshift=13 - 9 * x))
    for n, text in enumerate(drawing.heads):
        x = n / max(columns - 1, 1)
        above = {"xshift": -9 * x, "yanchor": "bottom", "yshift": 6}
        notes.append(base.words_at(x, 1, base.plain(text), palette.muted, **inside, **above))
    picture.update_layout(annotations=notes)
    return picture


def _hover(title: str, lines: Sequence[str]) -> str:
    return "<br>".join([f"<b>{base.plain(title, 120)}</b>", *(base.plain(line) for line in lines)])


def _middles(knots: Sequence[Knot], inside: int) -> list[float]:
    """The middle of each node from 0 to 1, from the top, stacked in our order as high as the fullest column allows."""
    columns = [list(some) for _, some in groupby(knots, lambda knot: knot.column)]
    scale = min(((inside - ROW * (len(some) - 1)) / sum(knot.value for knot in some) for some in columns), default=1.0)
    found = []
    for some in columns:
        top = 0.0
        for knot in some:
            found.append((top + scale * knot.value / 2) / inside)
            top += scale * knot.value + ROW
    return found


def returning(paths: int, back: int | None, least: float) -> str:
    """What a label says of those who had been there before: " ↺ 12 %", or nothing."""
    share = (back or 0) / paths
    return f" ↺{words.SPACE}{words.percent(share, 0)}" if share >= least else ""
