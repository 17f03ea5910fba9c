"""Pictures of an import's report: what became of every row, and whether a stretch of time is missing."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median

import plotly.graph_objects as go

from analytics import words
from analytics.charts import base
from analytics.charts.theme import Palette

ROW = 34  # px
HOUR = dt.timedelta(hours=1)
BUSY = 10  # events that an hour usually has before its silence is called a hole
SHOWN_HOLES = 3
Counts = Sequence[tuple[dt.datetime, int]]


def outcome(palette: Palette, rows: Mapping[str, int], good: str, bad: str) -> go.Figure:
    """Every row once, by what became of it; the parts are the whole. `good` and `bad` name two of the outcomes."""
    total = sum(rows.values())
    colours = {good: palette.series[0], bad: palette.bad}
    figure = base.new(palette, ROW * len(rows), margin={"l": 150, "r": 150, "t": 0, "b": 0}, bargap=0.5)
    figure.add_bar(
        y=list(rows),
        x=list(rows.values()),
        orientation="h",
        marker_color=[colours.get(name, palette.context) for name in rows],
        hoverinfo="skip",
    )
    for name, count in rows.items():
        share = words.percent(count / total if total else None)
        for text, colour, weight, shift in (
            (words.count(count), palette.ink, 600, 80),
            (share, palette.muted, 400, 146),
        ):
            font = {"size": base.NORMAL, "color": colour, "weight": weight}
            base.note(figure, 1, name, text, colour, xref="paper", xanchor="right", xshift=shift, font=font)
    figure.update_xaxes(visible=False, range=[0, max(rows.values(), default=0) or 1])
    figure.update_yaxes(
        autorange="reversed", showgrid=False, tickfont={"size": base.NORMAL, "color": palette.ink}, ticklabelstandoff=4
    )
    return figure


def by_hour(palette: Palette, counts: Counts) -> go.Figure:
    """Events by hour of the store's zone, holes called out: nothing else shows that a part of the data is missing."""
    holes = gaps(counts)
    first, last = counts[0][0], counts[-1][0] + HOUR
    figure = base.new(palette, 190, margin={"l": 48, "r": 8, "t": 24, "b": 26}, bargap=0.12)
    figure.add_bar(
        x=[hour + HOUR / 2 for hour, _ in counts],
        y=[events for _, events in counts],
        width=3_600_000 * 0.88,
        marker_color=palette.series[0],
        customdata=[
            f"{words.day(hour.date())}, {hour:%H:%M}: {words.many(events, 'event')}" for hour, events in counts
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    for start, stop in holes[:SHOWN_HOLES]:
        figure.add_vrect(x0=start, x1=stop, fillcolor=palette.bad, opacity=0.25, line_width=0)
    if holes:
        start, stop = holes[0]
        font = {"size": base.SMALL, "color": palette.bad, "weight": 600}
        place = {"yref": "paper", "yanchor": "bottom", "yshift": 3, "font": font}
        late = start > first + (last - first) / 2
        base.note(figure, start, 1, said(start, stop), palette.bad, xanchor="right" if late else "left", **place)
    figure.update_yaxes(rangemode="tozero", nticks=4, tickformat=",d")
    base.time_axis(figure, first.date(), last.date(), 8)
    figure.update_xaxes(range=[first, last])
    return figure


def by_day(palette: Palette, counts: Counts) -> go.Figure:
    """Events by day, for what reaches over more than a few weeks; a day without any stays empty."""
    first, last = counts[0][0].date(), counts[-1][0].date()
    figure = base.new(palette, 190, margin={"l": 48, "r": 8, "t": 10, "b": 26}, bargap=0.12)
    figure.add_bar(
        x=[day + dt.timedelta(hours=12) for day, _ in counts],
        y=[events for _, events in counts],
        width=86_400_000 * 0.88,
        marker_color=palette.series[0],
        customdata=[f"{words.day(day.date(), year=True)}: {words.many(events, 'event')}" for day, events in counts],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.update_yaxes(rangemode="tozero", nticks=4, tickformat=",d")
    base.time_axis(figure, first, last + dt.timedelta(days=1), 8)
    return figure


def gaps(counts: Counts) -> list[tuple[dt.datetime, dt.datetime]]:
    """Stretches of hours without an event at times of day that usually have at least `BUSY`; the longest first."""
    if not counts:
        return []
    filled = _filled(counts)
    of_hour: defaultdict[int, list[int]] = defaultdict(list)
    for at, events in filled:
        of_hour[at.hour].append(events)
    usual = {hour: median(events) for hour, events in of_hour.items()}
    empty = [at for at, events in filled if not events and usual[at.hour] >= BUSY]
    stretches: list[list[dt.datetime]] = []
    for at in empty:
        if stretches and at - stretches[-1][-1] == HOUR:
            stretches[-1].append(at)
        else:
            stretches.append([at])
    return sorted(((one[0], one[-1] + HOUR) for one in stretches), key=lambda one: (one[0] - one[1], one[0]))


def _filled(counts: Counts) -> list[tuple[dt.datetime, int]]:
    there = dict(counts)
    hours = int((counts[-1][0] - counts[0][0]) / HOUR) + 1
    return [(at := counts[0][0] + n * HOUR, there.get(at, 0)) for n in range(hours)]


def said(start: dt.datetime, stop: dt.datetime) -> str:
    """A hole in words: no events, 22 Oct, 02:00 to 05:00"""
    end = f"{stop:%H:%M}" if stop.date() == start.date() else f"{words.day(stop.date())}, {stop:%H:%M}"
    return f"no events, {words.day(start.date())}, {start:%H:%M} to {end}"
