"""Before and after: one metric by day, each side's mean with its interval, and where after begins."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import plotly.graph_objects as go

from analytics import words
from analytics.analyses.compare import Change
from analytics.analyses.metric_series import Point
from analytics.charts import base
from analytics.charts.compare import colours, written
from analytics.charts.theme import Palette, with_alpha

FEW = 0.1  # of a usual day's sessions: below that a day's value is noise that would squeeze all others


@dataclass(frozen=True)
class Side:
    """One side of a metric by day, or by week: its points, its mean and the interval of that, None where there is
    none. `title` names it where there is room."""

    name: str
    title: str
    points: Sequence[Point]
    mean: float | None
    interval: tuple[float, float] | None


def thin(sides: Iterable[Side]) -> list[Point]:
    """The days (weeks) with so few sessions that their value is noise."""
    points = [point for side in sides for point in side.points if point.value is not None]
    usual = median(point.sessions for point in points) if points else 0
    return [point for point in points if point.sessions < FEW * usual]


def turn(before: Side, after: Side) -> dt.date | None:
    """The day from which after has more sessions than before; None where they ran side by side."""
    counts = [{point.start: point.sessions for point in side.points} for side in (before, after)]
    days = sorted(counts[0].keys() | counts[1].keys())
    ahead = [counts[1].get(day, 0) > counts[0].get(day, 0) for day in days]
    if True not in ahead or False not in ahead or False in ahead[ahead.index(True) :]:
        return None
    return days[ahead.index(True)]


def figure(palette: Palette, change: Change, before: Side, after: Side, weekly: bool = False) -> go.Figure:
    """The metric by day as points (without those of `thin`), each side's mean as a line in the band of its interval,
    and where after begins; of sides that ran side by side, points in the colour of each. At least one has points."""
    drawn = base.new(palette, 262, margin={"l": 46, "r": 72, "t": 26, "b": 32}, hovermode="closest")
    scale, suffix = _scale(change)
    length = dt.timedelta(days=7 if weekly else 1)
    left_out = thin((before, after))
    begins = turn(before, after)
    beside = begins is None and bool(before.points) and bool(after.points)
    own = palette.series[0] if beside else palette.ink
    judged = colours(palette)[change.verdict] if change.verdict in ("worse", "better") else own
    known = [(side, point, point.value) for side in (before, after) for point in side.points if point.value is not None]
    kept = [(side, point, scale * value) for side, point, value in known if point not in left_out]
    drawn.add_scatter(
        x=[_at(point.start) + length / 2 for _, point, _ in kept],
        y=[value for _, _, value in kept],
        mode="markers",
        marker={
            "size": 7 if weekly else 5,
            "color": [with_alpha(judged, 0.6) if beside and side is after else palette.context for side, _, _ in kept],
        },
        customdata=[[_day(change, point, weekly, side.name if beside else "")] for side, point, _ in kept],
        hovertemplate="%{customdata[0]}<extra></extra>",
    )
    for side, colour, at_end in ((before, palette.ink, False), (after, judged, True)):
        if side.points and side.mean is not None:
            _mean(drawn, palette, side, (scale, length, colour), written(change.unit, side.mean), at_end)
    starts = [point.start for side in (before, after) for point in side.points]
    first, last = min(starts), max(starts)
    base.time_axis(drawn, first, last, 5)
    drawn.update_xaxes(ticklabelstandoff=5)
    drawn.update_xaxes(range=[_at(first) - dt.timedelta(hours=12), _at(last) + length + dt.timedelta(hours=12)])
    if begins:
        _begins(
            drawn, palette, f"{after.title}, {'week of ' if weekly else ''}{words.day(begins)}", begins, first, last
        )
    tops = [scale * side.interval[1] for side in (before, after) if side.interval]
    top = max([*(value for _, _, value in kept), *tops], default=0)
    drawn.update_yaxes(range=[0, 1.12 * top or 1], nticks=5, ticksuffix=suffix)
    return drawn


def _scale(change: Change) -> tuple[float, str]:
    """What values are multiplied with for the axis, and its unit."""
    if change.unit == "share":
        return 100, f"{words.SPACE}%"
    if change.unit == "seconds":
        long = max(change.before.value or 0, change.after.value or 0) >= 120
        return (1 / 60, f"{words.SPACE}m") if long else (1, f"{words.SPACE}s")
    return 1, ""


def _at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())


def _day(change: Change, point: Point, weekly: bool, side: str) -> str:
    value = f"{written(change.unit, point.value)} of {words.many(point.sessions, 'session')}"
    day = f"{'Week of ' if weekly else ''}{words.day(point.start)}"
    return f"{base.plain(side, 40)}, {day}: {value}" if side else f"{day}: {value}"


def _mean(
    drawn: go.Figure,
    palette: Palette,
    side: Side,
    look: tuple[float, dt.timedelta, str],
    value: str,
    at_end: bool,
) -> None:
    scale, length, colour = look
    mean = scale * (side.mean or 0.0)
    starts = [point.start for point in side.points]
    ends = {"x0": _at(min(starts)), "x1": _at(max(starts)) + length}
    if side.interval:
        low, high = (scale * bound for bound in side.interval)
        band = {"y0": max(low, 0), "y1": high, "fillcolor": with_alpha(colour, 0.14)}
        drawn.add_shape(type="rect", line_width=0, layer="below", **ends, **band)
    drawn.add_shape(type="line", y0=mean, y1=mean, line={"width": 2, "color": colour}, **ends)
    place: dict[str, Any] = {"font": {"size": base.SMALL, "weight": 600, "color": colour}}
    tag = base.plain(side.name, 10)
    if at_end:
        base.note(drawn, 1, mean, f"{tag}:<br>{value}", colour, xref="paper", xshift=6, align="left", **place)
    else:
        place |= {"yanchor": "bottom", "yshift": 9, "bgcolor": with_alpha(palette.paper, 0.75)}
        base.note(drawn, ends["x0"], mean, f"{tag}: {value}", colour, **place)


def _begins(drawn: go.Figure, palette: Palette, text: str, day: dt.date, first: dt.date, last: dt.date) -> None:
    late = (day - first).days > 0.6 * max((last - first).days, 1)
    drawn.add_vline(x=_at(day), line={"width": 1, "color": palette.muted, "dash": "dot"})
    place: dict[str, Any] = {"xanchor": "right" if late else "left", "xshift": 3 if late else -3}
    base.note(
        drawn, _at(day), 1, base.plain(text, 40), palette.muted, yref="paper", yanchor="bottom", yshift=4, **place
    )
