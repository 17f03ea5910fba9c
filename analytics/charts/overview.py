"""Pictures of the overview: how many sessions reach the goal over time, and the small graphics of what stands out."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from analytics import stats, words
from analytics.analyses.overview import Point
from analytics.charts import base, theme
from analytics.charts.theme import Palette, with_alpha

HEIGHT = 396
TOP, BOTTOM, LEFT, RIGHT = 34, 26, 40, 86  # px around the plot
LABEL_GAP = 17  # px between the names at the lines' ends
Lines = Mapping[str, Sequence[Point]]


def course(
    palette: Palette,
    lines: Lines,
    colours: Mapping[str, str],
    releases: Mapping[str, dt.date],
    days: tuple[dt.date, dt.date],
    grain: str,
    goal: bool,
) -> go.Figure:
    """A line per name of `lines`: the share of sessions with the goal and its 95 % band, else the sessions themselves.

    `days` are the first and the last day of the scope; a week that they cut is hollow. A point's `customdata` begins
    with its line's name and its first day.
    """
    first, last = days
    figure = base.new(
        palette, HEIGHT, hovermode="closest", margin={"l": LEFT, "r": RIGHT, "t": TOP, "b": BOTTOM}, clickmode="event"
    )
    top = 0.0
    ends: list[tuple[float, str]] = []
    for name, points in lines.items():
        middles = [_middle(point.start, grain, first, last) for point in points]
        values = [_value(point, goal) for point in points]
        if goal:
            low, high = zip(*(_band(point) for point in points), strict=True) if points else ((), ())
            _filled(figure, middles, low, high, colours[name])
            top = max([top, *(value for value in high if value < 60 or min(high) > 30)])
        top = max([top, *values])
        figure.add_scatter(
            x=middles,
            y=values,
            mode="lines+markers",
            line={"color": colours[name], "width": 2},
            marker={
                "size": 7,
                "color": [
                    palette.paper if is_cut(point.start, grain, first, last) else colours[name] for point in points
                ],
                "line": {"color": colours[name], "width": 2},
            },
            selected={"marker": {"size": 12}},
            unselected={"marker": {"opacity": 1}},
            name=base.plain(name, 30),
            customdata=[[name, point.start.isoformat(), *_said(point, name, grain, first, last)] for point in points],
            hovertemplate="%{customdata[2]}<br>%{customdata[3]}<extra></extra>",
        )
        if values:
            ends.append((values[-1], name))
    top = top or 1.0
    step = _step(top)
    figure.update_yaxes(range=[0, top * 1.04], dtick=step, ticksuffix=" %" if goal else "", tickformat=",~g")
    end = max((_middle(points[-1].start, grain, first, last) for points in lines.values() if points), default=None)
    for at, shift, name in _spread(ends, top * 1.04):
        if len(lines) > 1:
            base.label(figure, end, at, base.plain(named(name), 12), colours[name], palette.ink, xshift=9, yshift=shift)
    base.time_axis(figure, first, last + dt.timedelta(days=1), 8)
    inside = {name: day for name, day in releases.items() if first < day <= last}
    base.released(figure, palette, inside)
    return figure


def named(device: str) -> str:
    """A device as the name of its line: phone is "Phone", a name of the product's own stays as it is."""
    return device.capitalize() if device in theme.KNOWN_DEVICES or device in theme.SAME_DEVICE else device


def _value(point: Point, goal: bool) -> float:
    if not goal:
        return float(point.sessions)
    return 100 * (point.converted_sessions or 0) / point.sessions if point.sessions else 0.0


def _band(point: Point) -> tuple[float, float]:
    low, high = stats.wilson(point.converted_sessions or 0, point.sessions)
    return 100 * low, 100 * high


def _filled(
    figure: go.Figure, x: Sequence[dt.datetime], low: Sequence[float], high: Sequence[float], colour: str
) -> None:
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*high, *reversed(low)],
        fill="toself",
        fillcolor=with_alpha(colour, 0.14),
        mode="lines",
        line={"width": 0},
        hoverinfo="skip",
    )


def _said(point: Point, name: str, grain: str, first: dt.date, last: dt.date) -> tuple[str, str]:
    when = span(point.start, grain, first, last)
    head = f"<b>{base.plain(named(name), 40)}</b>, {when}" if name else f"<b>{when}</b>"
    if point.converted_sessions is None:
        return head, words.many(point.sessions, "session")
    share = words.percent(point.converted_sessions / point.sessions)
    low, high = _band(point)
    return head, (
        f"{share} ({words.interval(low, high, 1)}): "
        f"{words.count(point.converted_sessions)} of {words.many(point.sessions, 'session')}"
    )


def span(start: dt.date, grain: str, first: dt.date, last: dt.date) -> str:
    """The days that a point counts, in words: "7 to 13 Sep", or the part of them that `first` and `last` leave."""
    if grain == "day":
        return f"{start:%a} {words.day(start)}"
    begin, end = max(start, first), min(start + dt.timedelta(days=6), last)
    if begin == end:
        return words.day(begin)
    head = str(begin.day) if begin.month == end.month else words.day(begin)
    return f"{head} to {words.day(end)}"


def is_cut(start: dt.date, grain: str, first: dt.date, last: dt.date) -> bool:
    return grain == "week" and (start < first or start + dt.timedelta(days=6) > last)


def _middle(start: dt.date, grain: str, first: dt.date, last: dt.date) -> dt.datetime:
    begin, end = (start, start) if grain == "day" else (max(start, first), min(start + dt.timedelta(days=6), last))
    noon = dt.datetime.combine(begin, dt.time(12))
    return noon + (end - begin) / 2


def _step(top: float) -> float:
    """The smallest round distance of gridlines that leaves at most six of them below `top`."""
    power = float(10 ** math.floor(math.log10(top / 6)))
    return next((power * nice for nice in (1, 2, 5) if top / (power * nice) <= 6), power * 10)


def _spread(ends: Sequence[tuple[float, str]], top: float) -> list[tuple[float, float, str]]:
    """Where each line ends, and by how many px its name must give way so that no two overlap."""
    per_px = top / (HEIGHT - TOP - BOTTOM)
    placed: list[tuple[float, float, str]] = []
    below = -math.inf
    for value, name in sorted(ends):
        wanted = value / per_px
        at = max(wanted, below + LABEL_GAP)
        placed.append((value, at - wanted, name))
        below = at
    return placed


def week_bars(palette: Palette, values: Sequence[float | None], width: int = 128) -> str:
    """A bar a week, from zero to the tallest, as SVG; None is a week without anything to measure."""
    tallest = max((value for value in values if value is not None), default=0) or 1
    step = min(width / max(len(values), 1), 14)
    bars = "".join(
        f'<rect x="{n * step:.1f}" y="{34 - max(30 * value / tallest, 0.8):.1f}" width="{step * 0.82:.1f}" '
        f'height="{max(30 * value / tallest, 0.8):.1f}" fill="{palette.context}"/>'
        for n, value in enumerate(values)
        if value is not None
    )
    return _svg(width, f'<path d="M0 34.5H{width}" stroke="{palette.rule}"/>{bars}')


RATIOS = {"÷4": -0.75, "÷2": -0.5, "=": 0.0, "×2": 1.0, "×4": 3.0}


def _at(share: float, width: int) -> float:
    doublings = math.log2(max(1 + share, 1e-9)) / 3
    return width / 2 + (width / 2 - 7) * max(-1.0, min(1.0, doublings))


def scale(palette: Palette, width: int = 128) -> str:
    """The head of a column of `change`: what its marks mean, as HTML."""
    marks = "".join(
        f'<span style="position:absolute;left:{_at(share, width):.0f}px;transform:translateX(-50%)">{text}</span>'
        for text, share in RATIOS.items()
    )
    return f'<div style="position:relative;height:1.3em;font-size:12px;color:{palette.muted}">{marks}</div>'


def change(palette: Palette, low: float, relative: float, high: float, good: bool | None, width: int = 128) -> str:
    """A relative change (-0.5 is half) with its interval, on a scale where half and twice are equally far from none.

    As SVG, from an eighth to eightfold; what lies beyond is drawn at the end.
    """

    def at(share: float) -> float:
        return _at(share, width)

    colour = palette.muted if good is None else palette.good if good else palette.bad
    shape = (
        f'<circle cx="{at(relative):.1f}" cy="19" r="5" fill="{colour}"/>'
        if good is not False
        else f'<path d="M{at(relative):.1f} 13l6 6-6 6-6-6z" fill="{colour}"/>'
    )
    ticks = "".join(f'<path d="M{at(share):.1f} 32V35" stroke="{palette.context}"/>' for share in RATIOS.values())
    return _svg(
        width,
        f'<path d="M{width / 2} 3V35" stroke="{palette.muted}"/>{ticks}'
        f'<path d="M{at(low):.1f} 19H{at(high):.1f}M{at(low):.1f} 14V24M{at(high):.1f} 14V24" '
        f'stroke="{colour}" stroke-width="2"/>{shape}',
    )


def _svg(width: int, inside: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="38" viewBox="0 0 {width} 38">{inside}</svg>'
    )
