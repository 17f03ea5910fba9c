"""Two pictures of a funnel and time: how long it takes from one step to another, and how conversion changes by day or
week of entry."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from analytics import stats, words
from analytics.analyses.funnel import Bar, Period
from analytics.charts import base
from analytics.charts.theme import Palette

HEIGHT = 260
DAY_S = 86_400


def shown(bars: Sequence[Bar]) -> list[tuple[int, Bar]]:
    """The bars by number, from 1, without the empty ones before the first and after the last."""
    numbers = [n for n, bar in enumerate(bars, 1) if bar.count]
    return [(n, bar) for n, bar in enumerate(bars, 1) if numbers and numbers[0] <= n <= numbers[-1]]


def edge(seconds: float) -> str:
    """A round duration, short: 45 s, 1.5 m, 3 h, 7 d."""
    for size, unit in ((DAY_S, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds / size:g}{words.SPACE}{unit}"
    return f"{seconds:g}{words.SPACE}s"


def between(bars: Sequence[Bar], number: int) -> str:
    """Which times a bar holds: "30 s to 45 s", "90 d or longer"."""
    low = edge(bars[number - 1].seconds)
    return f"{low} to {edge(bars[number].seconds)}" if number < len(bars) else f"{low} or longer"


def histogram(palette: Palette, bars: Sequence[Bar], following: int, median: float, counted: str) -> go.Figure:
    """`following`: seconds at which the bar after the last would begin. A bar's customdata begins with its number."""
    drawn = shown(bars)
    whole = sum(bar.count for bar in bars)
    figure = base.new(palette, HEIGHT, bargap=0.06, clickmode="event+select", hovermode="closest")
    figure.update_layout(margin={"l": 44, "r": 24, "t": 30, "b": 30})
    ends = [*(bar.seconds for _, bar in drawn[1:]), following]
    about = [
        [
            n,
            f"{edge(bar.seconds)} to {edge(end)}: "
            f"{words.count(bar.count)} {counted}, {words.percent(bar.count / whole)}",
        ]
        for (n, bar), end in zip(drawn, ends, strict=True)
    ]
    many = len(drawn) > 14
    figure.add_bar(
        x=list(range(len(drawn))),
        y=[bar.count for _, bar in drawn],
        marker={"color": palette.series[0], "line": {"width": 0}},
        text=["" if many or not bar.count else words.count(bar.count) for _, bar in drawn],
        textposition="outside",
        textfont={"size": base.SMALL, "color": palette.ink},
        textangle=0,
        cliponaxis=False,
        customdata=about,
        hovertemplate="%{customdata[1]}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0.45}, "textfont": {"color": palette.ink}},
    )
    step = max(1, -(-len(drawn) // 12))  # so many labels fit on a narrow screen
    ticks = [*(bar.seconds for _, bar in drawn), following]
    places = list(range(0, len(ticks), step))
    figure.update_xaxes(
        tickvals=[place - 0.5 for place in places],
        ticktext=[edge(ticks[place]) for place in places],
        range=[-0.6, len(drawn) - 0.4],
    )
    top = max(bar.count for _, bar in drawn)
    figure.update_yaxes(range=[0, 1.3 * top], nticks=4, tickformat=",d")
    base.heading(figure, f"{counted.capitalize()} by the time they took; bars widen to the right", palette)
    at = _place_of(median, [bar.seconds for _, bar in drawn], following)
    figure.add_shape(
        type="line", x0=at, x1=at, y0=0, y1=1, yref="paper", line={"width": 1, "color": palette.muted, "dash": "dot"}
    )
    left = at > 0.6 * len(drawn)
    base.note(
        figure, at, 1, f"half within {words.duration(median)}", palette.ink, yref="paper", yanchor="top",
        xanchor="right" if left else "left", xshift=-5 if left else 5, bgcolor=palette.paper,
    )  # fmt: skip
    return figure


def _place_of(seconds: float, starts: Sequence[float], following: float) -> float:
    ends = [*starts[1:], following]
    for n, (low, high) in enumerate(zip(starts, ends, strict=True)):
        if seconds < high or n == len(starts) - 1:
            return n - 0.5 + min(1.0, max(0.0, (seconds - low) / max(high - low, 1)))
    return 0.0


def trend(palette: Palette, periods: Sequence[Period], counted: str, grain: str) -> go.Figure:
    """The share that reached the last step by day or week of entry, with its interval; a point's customdata begins with
    the period's number. What is not over yet is hollow and no line leads to it: it is no fall."""
    figure = base.new(palette, HEIGHT, clickmode="event+select", hovermode="closest")
    figure.update_layout(margin={"l": 44, "r": 12, "t": 30, "b": 30})
    colour = palette.series[0]
    for complete in (True, False):
        some = [(n, period) for n, period in enumerate(periods) if period.complete == complete and period.counts[0]]
        if not some:
            continue
        ends = [stats.wilson(period.counts[-1], period.counts[0]) for _, period in some]
        shares = [period.counts[-1] / period.counts[0] for _, period in some]
        figure.add_scatter(
            x=[dt.datetime.combine(period.start, dt.time()) for _, period in some],
            y=[100 * share for share in shares],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [100 * (high - share) for (_, high), share in zip(ends, shares, strict=True)],
                "arrayminus": [100 * (share - low) for (low, _), share in zip(ends, shares, strict=True)],
                "color": colour,
                "thickness": 1.2,
                "width": 0,
            },
            mode="lines+markers" if complete else "markers",
            line={"width": 1.5, "color": colour},
            marker={
                "size": 8,
                "color": colour if complete else palette.paper,
                "line": {"width": 1.5, "color": palette.paper if complete else colour},
            },
            customdata=[[n, _about(period, grain, counted)] for n, period in some],
            hovertemplate="%{customdata[1]}<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 0.6}},
        )
    first, last = periods[0].start, periods[-1].start
    pad = dt.timedelta(days=4 if grain == "week" else 1)
    base.time_axis(figure, first - pad, last + pad)
    # a period of a handful has an interval as high as the picture: it may leave it
    top = max((period.counts[-1] / period.counts[0] for period in periods if period.counts[0]), default=0)
    figure.update_yaxes(range=[0, min(104, max(1, 220 * top))], nticks=5, ticksuffix=f"{words.SPACE}%")
    when = f"{'on' if grain == 'day' else 'in'} that {grain}"
    base.heading(
        figure,
        f"Went all the way, share of the {counted} that began {when}, 95{words.SPACE}% interval",
        palette,
    )
    return figure


def said(period: Period, grain: str) -> str:
    """A day or week in words."""
    return f"{'week of ' if grain == 'week' else ''}{words.day(period.start, year=True)}"


def _about(period: Period, grain: str, counted: str) -> str:
    share = period.counts[-1] / period.counts[0]
    low, high = stats.wilson(period.counts[-1], period.counts[0])
    when = said(period, grain)
    text = (
        f"{when[:1].upper()}{when[1:]}: {words.percent(share)} ({words.percent(low)} to {words.percent(high)})<br>"
        f"{words.count(period.counts[-1])} of {words.count(period.counts[0])} {counted}"
    )
    return text if period.complete else f"{text}<br>not over yet"


def clicked(points: Sequence[Mapping[str, Any]]) -> int | None:
    """The number that a selected mark carries."""
    data = points[0].get("customdata") if points else None
    return data[0] if isinstance(data, Sequence) and data and isinstance(data[0], int) else None
