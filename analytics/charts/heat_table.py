"""A heat table: rows by columns, each cell a ground, a short text and a tooltip; cells can be clicked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analytics.charts import base
from analytics.charts.theme import Palette

ROW, GAP = 27, 0.05  # px; of a cell, between cells
LETTERS = 22  # of a label; the tooltip has them all
SLANT = -35  # degrees of the columns' labels where they need more than their cell


@dataclass(frozen=True)
class Cell:
    """The cell of row `row` and column `column`, numbers from 0. `about`: lines of its tooltip, plain text."""

    row: int
    column: int
    ground: str
    ink: str
    text: str
    about: tuple[str, ...]


def amount(palette: Palette, share: float, top: float) -> tuple[str, str]:
    """Ground and ink of a share where `top` is the largest."""
    step = min(int(share / (top or 1) * (len(palette.amounts) - 3)), len(palette.amounts) - 3)
    return palette.amounts[step], palette.paper if step >= 6 else palette.ink


def change(palette: Palette, difference: float, top: float) -> tuple[str, str]:
    """Ground and ink of a difference where `top` is the largest in size: less, nothing, more."""
    half = len(palette.changes) // 2
    step = min(int(abs(difference) / (top or 1) * half), half - 1)
    ground = palette.changes[half + step] if difference >= 0 else palette.changes[half - 1 - step]
    return ground, palette.paper if step >= 3 else palette.ink


def figure(
    palette: Palette, rows: Sequence[str], columns: Sequence[str], cells: Sequence[Cell], head: str
) -> go.Figure:
    """The table; `head` stands in its corner. A cell's customdata begins with its row and column."""
    left = 16 + 6.6 * max((min(len(row), LETTERS) for row in (*rows, head)), default=8)
    slanted = max((len(column) for column in columns), default=0) > 6
    top = 40 + (4.4 * max(min(len(column), LETTERS) for column in columns) if slanted else 0)
    picture = base.new(
        palette,
        round(top + 8 + ROW * max(len(rows), 1)),
        margin={"l": left, "r": 40 if slanted else 8, "t": top, "b": 8},
        bargap=0,
        barmode="overlay",
        clickmode="event+select",
        hovermode="closest",
    )
    picture.add_bar(
        x=[cell.column for cell in cells],
        y=[1 - 2 * GAP] * len(cells),
        base=[cell.row - 0.5 + GAP for cell in cells],
        width=[1 - GAP] * len(cells),
        marker={"color": [cell.ground for cell in cells], "line": {"width": 0}},
        text=[cell.text for cell in cells],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        textfont={"size": base.SMALL, "color": [cell.ink for cell in cells]},
        customdata=[[c.row, c.column, "<br>".join(base.plain(line, 160) for line in c.about)] for c in cells],
        hovertemplate="%{customdata[2]}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
    picture.update_layout(
        xaxis={
            "side": "top",
            "range": [-0.5, len(columns) - 0.5],
            "tickvals": list(range(len(columns))),
            "ticktext": [base.plain(column, LETTERS) for column in columns],
            "tickfont": {"color": palette.ink},
            "tickangle": SLANT if slanted else 0,
        },
        yaxis={
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": [base.plain(row, LETTERS) for row in rows],
            "tickfont": {"color": palette.ink},
            "showgrid": False,
        },
    )
    base.heading(picture, head, palette, xshift=8 - left)
    return picture


def clicked(points: Sequence[Mapping[str, Any]]) -> tuple[int, int] | None:
    """Row and column of the cell that a click means."""
    data = points[0].get("customdata") if points else None
    if not isinstance(data, Sequence) or isinstance(data, str) or len(data) < 2:
        return None
    return (data[0], data[1]) if all(isinstance(one, int) for one in data[:2]) else None
