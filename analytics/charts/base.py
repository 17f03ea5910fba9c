"""The house style of every Plotly picture: the page's own type, hairlines, no box, units on the axis, labels in place.

Colours are already those of the viewer's theme, so pages draw with `theme=None`, and the same figure goes unchanged
into a download.
"""

import datetime as dt
import html
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from analytics import words
from analytics.charts.theme import Palette

FONT = "'Source Sans', 'Source Sans 3', 'Source Sans Pro', 'Helvetica Neue', Arial, sans-serif"
SMALL, NORMAL = 12, 13  # px: axes and notes; names of categories
LETTER, NARROW = 6.2, 440  # px: a letter of small text, on average; a plot in a window of 800
CONFIG = {"displayModeBar": False, "responsive": True}


def cut(text: object, most: int) -> str:
    """On one line, at most so many letters, the last one then an ellipsis."""
    line = " ".join(str(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def plain(text: object, most: int = 10_000) -> str:
    """Text from data for a Plotly label, which would else read tags and entities; cut to `most` letters.

    Never put it into a `hovertemplate`: `%{...}` is read there. Hand it over as `customdata`.
    """
    return html.escape(cut(text, most), quote=False)


def new(palette: Palette, height: int, **layout: Any) -> go.Figure:
    """An empty figure in the house style, `height` px tall; `layout` as in Plotly, merged over it."""
    axis = {
        "gridcolor": palette.rule,
        "linecolor": palette.rule,
        "zerolinecolor": palette.rule,
        "ticks": "",
        "automargin": False,
        "tickfont": {"size": SMALL, "color": palette.muted},
        "title": {"font": {"size": SMALL, "color": palette.muted}},
        "fixedrange": True,
    }
    text = {"family": FONT, "size": SMALL, "color": palette.ink}
    figure = go.Figure(layout={"template": "none"})
    figure.update_layout(
        height=height,
        margin={"l": 44, "r": 8, "t": 8, "b": 28},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font=text,
        colorway=palette.series,
        showlegend=False,
        hoverlabel={"bgcolor": palette.panel, "bordercolor": palette.rule, "font": text, "align": "left"},
        dragmode=False,
        xaxis=axis | {"showgrid": False, "zeroline": False},
        yaxis=axis | {"zeroline": False},
    )
    figure.update_layout(**layout)
    return figure


def words_at(x: Any, y: Any, text: str, colour: str, **more: Any) -> dict[str, Any]:
    """Words inside the picture. `text` is ours, or has gone through `plain`; `more` as in a Plotly annotation.

    For many of them: Plotly checks all annotations again with each that is added, so they go in together.
    """
    style: dict[str, Any] = {"showarrow": False, "xanchor": "left", "yanchor": "middle"}
    style["font"] = {"size": SMALL, "color": colour}
    return style | {"x": x, "y": y, "text": text} | more


def note(figure: go.Figure, x: Any, y: Any, text: str, colour: str, **more: Any) -> None:
    """Puts one such note into `figure`."""
    figure.add_annotation(**words_at(x, y, text, colour, **more))


def label(figure: go.Figure, x: Any, y: Any, text: str, colour: str, ink: str, **more: Any) -> None:
    """A series' name where the series ends: its colour in a square, the words in ink."""
    note(figure, x, y, f'<span style="color:{colour}">■</span> {text}', ink, **more)


def heading(figure: go.Figure, text: str, palette: Palette, **more: Any) -> None:
    """What the vertical axis counts, in words above its top: never a rotated title."""
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "yanchor": "bottom", "yshift": 6, "xshift": 4}
    note(figure, 0, 1, text, palette.muted, **(place | more))


def released(figure: go.Figure, palette: Palette, releases: Mapping[str, dt.date], **more: Any) -> None:
    """A dotted line on the day a release took over, with its name and date above the picture where there is room.

    Room is reckoned for a plot of `NARROW` px, on the range that `time_axis` has set before.
    """
    first, last = figure.layout.xaxis.range or (None, None)
    taken = -1.0
    for name, day in releases.items():
        at = dt.datetime.combine(day, dt.time())  # a bare date cannot be drawn as a line
        figure.add_vline(x=at, line={"width": 1, "color": palette.muted, "dash": "dot"})
        text = f"Release {plain(name, 24)}, {words.day(day)}"
        place: dict[str, Any] = {"yref": "paper", "yanchor": "bottom", "xshift": -2, "yshift": 4}
        if first is not None:
            width = LETTER * len(text) / NARROW
            start = (at - first) / (last - first)
            if start + width > 1.1:  # it would leave the picture
                start -= width
                place |= {"xanchor": "right", "xshift": 2}
            if start < taken:
                continue
            taken = start + width
        note(figure, at, 1, text, palette.muted, **(place | more))


def days_apart(first: dt.date, last: dt.date, most: int = 7) -> list[dt.date]:
    """Dates for a time axis: every so many days, weeks, months or years that at most `most` of them fit, Mondays for
    weeks, the first of January for years."""
    span = (last - first).days + 1
    for years in (5, 10, 20, 50, 100):
        if span > 728 * most and span / (365 * years) <= most:
            return [dt.date(year, 1, 1) for year in range(first.year + 1, last.year + 1) if year % years == 0]
    for step in (1, 2, 7, 14, 28, 56, 91, 182, 364, 728):
        if span / step <= most:
            break
    start = first if step < 7 else first + dt.timedelta(days=(7 - first.weekday()) % 7)
    return [start + dt.timedelta(days=n) for n in range(0, max((last - start).days, 0) + 1, step)]


def time_axis(figure: go.Figure, first: dt.date, last: dt.date, most: int = 7) -> None:
    """The horizontal axis from `first` to `last`, both shown whole, ticks named like "7 Sep", or by year."""
    ticks = days_apart(first, last, most)
    years = first.year != last.year
    is_far = len(ticks) > 1 and (ticks[1] - ticks[0]).days > 728
    figure.update_xaxes(
        tickvals=[dt.datetime.combine(day, dt.time()) for day in ticks],
        ticktext=[
            str(day.year) if is_far else words.day(day, year=years and (n == 0 or day.year != ticks[n - 1].year))
            for n, day in enumerate(ticks)
        ],
        range=[dt.datetime.combine(first, dt.time()), dt.datetime.combine(last, dt.time())],
        ticklabelstandoff=5,  # clear of the lowest mark of the other axis
    )
