"""Retention in two pictures: the triangle of cohorts, a row each, and the share that comes back as time passes.

A cell whose interval is not over is hatched: what is still to come is no fall. The curve is the mean over the cells
that are over, each cohort by its size.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import plotly.graph_objects as go

from analytics import stats, words
from analytics.analyses.retention import Breakdown, Cohort, Point, Retention, RetentionResult
from analytics.charts import base
from analytics.charts.theme import Palette, device_colours

MOST_ROWS = 62  # cohorts that are drawn
ROW, DENSE, DENSEST = 27, 19, 13  # px: up to 16 rows, 32, more
LEFT, LEFT_OF_HOURS, TOP = 106, 158, 46  # px: room for a row's name and size
CURVE = 300
UNITS = {"hour": "hour", "day": "day", "week": "week", "month": "month"}
GAP = 0.06  # of a cell, between cells


@dataclass(frozen=True)
class Cell:
    """The cohort of row `place` and how many of it came back in `slot`; 0 is the cohort itself."""

    place: int
    slot: int
    cohort: Cohort

    @property
    def people(self) -> int:
        """Who came back."""
        return self.cohort.returned[self.slot]

    @property
    def share(self) -> float | None:
        """Of the cohort; None of a cohort of nobody."""
        return self.people / self.cohort.size if self.cohort.size else None

    @property
    def over(self) -> bool:
        """Whether it is over, and in the scope's range whole."""
        return self.slot < self.cohort.settled

    def as_link(self, came: bool = True) -> dict[str, object]:
        """As a link's selection holds it."""
        return {"cohort": self.cohort.start, "after": self.slot} | ({} if came else {"came": False})


def cells(cohorts: Sequence[Cohort]) -> list[Cell]:
    """Every cell that is drawn, row by row."""
    return [
        Cell(place, slot, cohort)
        for place, cohort in enumerate(cohorts)
        if place >= len(cohorts) - MOST_ROWS
        for slot in range(len(cohort.returned))
    ]


def usual(found: Sequence[Cell]) -> int:
    """The cell that is looked at before any is chosen: the last settled cohort with people, one interval after."""
    settled = [n for n, cell in enumerate(found) if cell.slot == 1 and cell.over and cell.people]
    return settled[-1] if settled else next((n for n, cell in enumerate(found) if cell.cohort.size), 0)


def clicked(points: Sequence[Mapping[str, Any]], found: Sequence[Cell]) -> int | None:
    """Which of the cells a click means."""
    data = points[0].get("customdata") if points else None
    if not isinstance(data, Sequence) or len(data) < 2:
        return None
    return next((n for n, cell in enumerate(found) if [cell.place, cell.slot] == list(data[:2])), None)


def named(start: str, period: str, year: bool = False) -> str:
    """A cohort's interval: "3 Aug" (a week by its first day), "August 2026", "3 Aug, 14:00"."""
    time = datetime.fromisoformat(start)
    if period == "month":
        return f"{time:%b %Y}"
    day = words.day(time.date(), year=year)
    return f"{day}, {time:%H:%M}" if period == "hour" else day


def after(slot: int, params: Retention) -> str:
    """What a column counts: "1 week later", "3 to 6 weeks later", of a rolling one "1 week later or after that"."""
    unit = UNITS[params.period]
    ends = (0, *params.reach[1:]) if params.brackets else tuple(range(slot + 1))
    since, till = ends[slot - 1] + 1, ends[slot]
    text = words.many(since, unit) if since == till else f"{since} to {till} {unit}s"
    return f"{text} later{' or after that' * params.rolling}"


def when(start: str, period: str, year: bool = False) -> str:
    """An interval in a sentence: "in the week of 3 Aug", "on 3 Aug", "in Aug 2026"."""
    how = {"hour": "in the hour from", "day": "on", "week": "in the week of", "month": "in"}[period]
    return f"{how} {named(start, period, year)}"


def said(cell: Cell, params: Retention, came: bool = True) -> str:
    """What stands behind a cell, for a choice and above a list."""
    began = f"Began {when(cell.cohort.start, params.period)}"
    if cell.slot == 0:
        return began
    return f"{began}, {'came back' if came else 'did not come back'} {after(cell.slot, params)}"


def triangle(palette: Palette, params: Retention, cohorts: Sequence[Cohort], counted: str = "people") -> go.Figure:
    """The cells as shares of their cohort. A cell's customdata begins with its row and slot: what a click says."""
    found = cells(cohorts)
    rows = sorted({cell.place for cell in found})
    slots = 1 + max((cell.slot for cell in found), default=0)
    left = LEFT_OF_HOURS if params.period == "hour" else LEFT
    high = ROW if len(rows) <= 16 else DENSE if len(rows) <= 32 else DENSEST
    figure = base.new(
        palette,
        TOP + 8 + high * max(len(rows), 1),
        margin={"l": left, "r": 8, "t": TOP, "b": 8},
        bargap=0,
        barmode="overlay",
        clickmode="event+select",
        hovermode="closest",
    )
    top = max((cell.share or 0.0 for cell in found if cell.slot), default=0.0) or 1.0
    looks = [_look(cell, top, palette) for cell in found]
    figure.add_bar(
        x=[cell.slot for cell in found],
        y=[1 - 2 * GAP] * len(found),
        base=[cell.place - 0.5 + GAP for cell in found],
        width=[1 - GAP] * len(found),
        marker={
            "color": [ground for ground, _ in looks],
            "line": {"width": 0},
            "pattern": {
                "shape": ["" if cell.over or not cell.cohort.size or not cell.slot else "/" for cell in found],
                "fgcolor": palette.context,
                "fgopacity": 0.55,
                "size": 6,
                "solidity": 0.18,
                "fillmode": "overlay",
            },
        },
        text=[_written(cell, slots) for cell in found],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        textfont={"size": base.SMALL, "color": [ink for _, ink in looks]},
        customdata=[[cell.place, cell.slot, _about(cell, params, counted)] for cell in found],
        hovertemplate="%{customdata[2]}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
    every = max(1, -(-slots // 16))
    figure.update_layout(
        xaxis={
            "side": "top",
            "range": [-0.5, slots - 0.5],
            "tickvals": list(range(0, slots, every)),
            "ticktext": [head(slot, params) for slot in range(0, slots, every)],
            "tickfont": {"color": palette.muted},
            "tickangle": 0,
        },
        yaxis={
            "range": [rows[-1] + 0.5, rows[0] - 0.5] if rows else [0.5, -0.5],
            "tickvals": rows if high > DENSEST else rows[:: max(1, len(rows) // 20)],
            "ticktext": [
                _row(cohorts[n], params) for n in (rows if high > DENSEST else rows[:: max(1, len(rows) // 20)])
            ],
            "showgrid": False,
        },
    )
    base.heading(figure, f"{UNITS[params.period].capitalize()}s later", palette, yshift=24)
    base.heading(figure, f"{UNITS[params.period].capitalize()}, {counted}", palette, yshift=24, xshift=4 - left)
    return figure


def _row(cohort: Cohort, params: Retention) -> str:
    return f"{named(cohort.start, params.period)}   {words.count(cohort.size)}"


def head(slot: int, params: Retention) -> str:
    """What stands above a column: "1", "3–6"."""
    if slot == 0 or not params.brackets:
        return str(slot)
    ends = (0, *params.reach[1:])
    since, till = ends[slot - 1] + 1, ends[slot]
    return str(since) if since == till else f"{since}–{till}"


def _look(cell: Cell, top: float, palette: Palette) -> tuple[str, str]:
    """Ground and ink of a cell."""
    if not cell.cohort.size:
        return "rgba(0,0,0,0)", palette.muted
    if not cell.slot:
        return palette.panel, palette.ink
    step = min(int((cell.share or 0.0) / top * (len(palette.amounts) - 3)), len(palette.amounts) - 3)
    return palette.amounts[step], palette.paper if step >= 6 else palette.ink


def _written(cell: Cell, slots: int) -> str:
    if cell.share is None or slots > 26:
        return ""
    number = f"{100 * cell.share:.0f}"
    return number if slots > 14 else f"{number}{words.SPACE}%"


def _about(cell: Cell, params: Retention, counted: str) -> str:
    began = f"{words.count(cell.cohort.size)} {counted} began {when(cell.cohort.start, params.period, year=True)}"
    if cell.share is None:
        return f"Nobody began {when(cell.cohort.start, params.period, year=True)}"
    if not cell.slot:
        return began
    low, high = (words.percent(end) for end in stats.wilson(cell.people, cell.cohort.size))
    lines = [
        began,
        f"{words.count(cell.people)} came back {after(cell.slot, params)}",
        f"{words.percent(cell.share)} ({low} to {high})",
    ]
    return "<br>".join([*lines, *([] if cell.over else ["not over yet, or only in part in the range"])])


def drawn(params: Retention, result: RetentionResult) -> list[tuple[str, Breakdown | None, tuple[Point, ...]]]:
    """The curves: everybody's, or one per value (the rest last), with their names."""
    if params.breakdown is None:
        return [("Everybody", None, result.curve)]
    return [(value_of(part), part, part.curve) for part in result.breakdowns]


def value_of(part: Breakdown) -> str:
    """A value as it is called."""
    if part.others:
        return words.many(part.others, "other value")
    return "unknown" if part.value is None else part.value


def colours(palette: Palette, params: Retention, result: RetentionResult) -> dict[str, str]:
    """A colour per curve: devices in theirs, the rest grey."""
    parts = drawn(params, result)
    names = [name for name, part, _ in parts if part is None or not part.others]
    found = device_colours(palette, names) if params.breakdown == "device" else {}
    found = found or {name: palette.series[n % len(palette.series)] for n, name in enumerate(names)}
    return found | {name: palette.context for name, part, _ in parts if part is not None and part.others}


def curve(palette: Palette, params: Retention, result: RetentionResult) -> go.Figure:
    """The share that comes back, by intervals after the start; each with its 95 % interval as a band."""
    figure = base.new(palette, CURVE, margin={"l": 44, "r": 110, "t": 26, "b": 40}, hovermode="closest")
    hues = colours(palette, params, result)
    top, last = 0.0, 1
    ends: list[tuple[float, int, str, str]] = []
    for name, _, points in drawn(params, result):
        shown = [point for point in points if point.share is not None]
        if not shown:
            continue
        colour = hues[name]
        xs = [point.slot for point in shown]
        ys = [100 * (point.share or 0.0) for point in shown]
        figure.add_scatter(
            x=xs,
            y=ys,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 7, "color": colour, "line": {"width": 1.5, "color": palette.paper}},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [
                    100 * (point.high - (point.share or 0.0)) if point.high is not None else 0 for point in shown
                ],
                "arrayminus": [
                    100 * ((point.share or 0.0) - point.low) if point.low is not None else 0 for point in shown
                ],
                "color": colour,
                "thickness": 1.5,
                "width": 0,
            },
            customdata=[_pointed(name, point, params) for point in shown],
            hovertemplate="%{customdata}<extra></extra>",
        )
        top = max([top, *ys, *(100 * point.high for point in shown if point.high is not None)])
        last = max(last, xs[-1])
        ends.append((ys[-1], xs[-1], name, colour))
    figure.update_layout(
        xaxis={
            "range": [0.5, last + 0.5],
            "tickvals": _ticks(last),
            "ticktext": [head(n, params) for n in _ticks(last)],
        },
        yaxis={"range": [0, max(top * 1.08, 1)], "ticksuffix": f"{words.SPACE}%", "nticks": 6},
    )
    if params.breakdown is not None:
        _label_ends(figure, palette, ends, max(top * 1.08, 1), last)
    base.heading(figure, "Came back, mean of the cohorts, with 95" + words.SPACE + "% interval", palette, xshift=-40)
    base.note(
        figure,
        1,
        0,
        f"{UNITS[params.period]}s after the start",
        palette.muted,
        xref="paper",
        yref="paper",
        xanchor="right",
        yanchor="top",
        yshift=-20,
    )
    return figure


def _label_ends(
    figure: go.Figure, palette: Palette, ends: Sequence[tuple[float, int, str, str]], top: float, last: int
) -> None:
    """Names at the right, each as high as its line ends, moved apart where they would lie on one another."""
    room = top * 18 / (CURVE - 66)
    at = -room
    for y, _, name, colour in sorted(ends):
        at = max(y, at + room)
        base.label(figure, last + 0.5, at, base.plain(name, 16), colour, palette.ink, xshift=4)


def _ticks(last: int) -> list[int]:
    every = max(1, -(-last // 12))
    return list(range(every, last + 1, every))


def _pointed(name: str, point: Point, params: Retention) -> str:
    how = f"{words.percent(point.share)}"
    if point.low is not None and point.high is not None:
        how += f" ({words.percent(point.low)} to {words.percent(point.high)})"
    of = f"{words.count(point.returned)} of {words.count(point.of)} in {words.many(point.cohorts, 'cohort')}"
    return f"{base.plain(name, 40)}: {how} came back {after(point.slot, params)}<br>{of} that had the time"


def sentence(params: Retention, result: RetentionResult, said: Callable[[str], str], counted: str = "people") -> str:
    """What the pictures show, in markdown; values from data go through `said`."""
    began = sum(cohort.size for cohort in result.cohorts)
    if not began:
        return f"**Nobody** did the start event in these {len(result.cohorts)} {UNITS[params.period]}s."
    first = next((point for point in result.curve if point.slot == 1), None)
    if first is None or first.share is None:
        unit = UNITS[params.period]
        return (
            f"**{words.count(began)}** {counted} began, and no {unit} after that is over yet: "
            f"a longer range or shorter intervals would show who comes back."
        )
    text = f"**{words.percent(first.share)}**{_within(first)} come back {after(1, params)}"
    settled = [point for point in result.curve if point.share is not None]
    last = settled[-1]
    if last.slot > 1:
        text += f", **{words.percent(last.share)}**{_within(last)} {after(last.slot, params)}"
    text += (
        f"; mean of {words.many(first.cohorts, 'cohort')} of {words.count(round(first.of / first.cohorts))} {counted}."
    )
    parts = [(part, point) for part in result.breakdowns if not part.others for point in part.curve if point.slot == 1]
    known = sorted((one for one in parts if one[1].share is not None), key=lambda one: one[1].share or 0.0)
    if len(known) > 1:
        (least, low), (most, high) = known[0], known[-1]
        if low.high is not None and high.low is not None and low.high < high.low:
            text += (
                f" Most of {said(value_of(most))} do (**{words.percent(high.share)}**), "
                f"fewest of {said(value_of(least))} (**{words.percent(low.share)}**)."
            )
        else:
            text += " Between the values no difference is clear."
    return text


def _within(point: Point) -> str:
    if point.low is None or point.high is None:
        return ""
    return f" ({100 * point.low:.1f} to {words.percent(point.high)})"


def table(params: Retention, result: RetentionResult) -> list[dict[str, object]]:
    """What is drawn as rows: every cohort (and value) with each of its values, share and interval."""
    whole: list[tuple[str | None, Sequence[Cohort]]] = [(None, result.cohorts)]
    if params.breakdown is not None:
        whole = [(value_of(part), part.cohorts) for part in result.breakdowns]
    rows: list[dict[str, object]] = []
    for name, cohorts in whole:
        for cell in cells(cohorts):
            low, high = stats.wilson(cell.people, cell.cohort.size) if cell.cohort.size else (None, None)
            own = {params.breakdown: name} if params.breakdown is not None else {}
            rows.append(
                {
                    **own,
                    "cohort": cell.cohort.start,
                    "size": cell.cohort.size,
                    "after": head(cell.slot, params),
                    "returned": cell.people,
                    "share": cell.share,
                    "low": low,
                    "high": high,
                    "over": cell.over,
                }
            )
    return rows
