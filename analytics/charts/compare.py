"""Before and after: all metrics as a forest plot that is also a table.

Relative changes stand on a ratio scale, where twice as much and half as much are equally far from nothing. A verdict is
always a colour and a shape.
"""

import datetime as dt
import math
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from analytics import words
from analytics.analyses.compare import Change, Compare, CompareResult
from analytics.charts import base
from analytics.charts.theme import Palette
from analytics.scope import Scope

GLYPHS = {"worse": "◆", "better": "●", "changed": "■", "no clear change": "○", "not enough data": "–"}
"""The verdicts in the order in which they are shown, each with its shape."""
SYMBOLS = {"worse": "diamond", "better": "circle", "changed": "square", "no clear change": "circle-open"}
CLEAR = ("worse", "better", "changed")

ROW, LEFT, RIGHT = 37, 226, 138  # px: a metric's height, the columns beside the plot
AT_FIRST = 8  # metrics that are shown even if none changed clearly
NEAREST, FURTHEST = 0.34, 3.2  # doublings the axis shows at least and at most; a longer interval ends in an arrow
SCALES = ((2.0, 1.0), (1.0, 0.585), (0.585, 0.3219), (0.3219, 0.1375))  # doublings: a labelled line, one between
Note = dict[str, Any]


# ---------------------------------------------------------------------------------------------------------- words


def name(side: Scope, other: Scope | None = None) -> str:
    """What a side is called: "1.1", or its days, without the year when `other` is in the same."""
    if side.releases and side == Scope(releases=side.releases):
        return words.listed(side.releases, "or")
    if side.start and side.stop and side == Scope(start=side.start, stop=side.stop):
        last = side.stop - dt.timedelta(days=1)
        ends = {day.year for day in (side.start, last, *((other.start, other.stop) if other else ())) if day}
        if other is None or len(ends) > 1:
            return words.days(side.start, last)
        return words.day(last) if last == side.start else f"{words.day(side.start)} to {words.day(last)}"
    return side.describe()


def written(unit: str, value: float | None) -> str:
    """A metric's value: 4.9 %, 3 m 20 s, 4.2, 26.43; a dash where there is none."""
    if value is None:
        return "–"
    if unit == "share":
        return words.percent(value, 2 if 0 < value < 0.00995 else 1)
    if unit == "seconds":
        return words.duration(value)
    return words.number(value, 2 if unit == "value" else _digits(value) if abs(value) < 0.95 else 1)


def apart(unit: str, value: float) -> str:
    """A difference in the metric's own unit, with its sign: −1.5 points."""
    if unit == "share":
        return f"{words.signed(100 * value)}{words.SPACE}points"
    if unit == "seconds":
        return f"{words.signed(value)}{words.SPACE}s"
    return words.signed(value, 2 if unit == "value" else _digits(value))


def _digits(value: float) -> int:
    """After the point: two, of a small value so many that two of them say something; 0.0042 has four."""
    return min(6, max(2, 1 - math.floor(math.log10(abs(value))))) if value else 1


def percents(change: Change) -> tuple[str, str, str] | None:
    """Relative change, low and high in percent with sign, without the unit; None where there are none.

    What is counted cannot fall below nothing, so low ends at −100.
    """
    if change.relative is None or change.relative_low is None or change.relative_high is None:
        return None
    digits = 1 if change.relative_high - change.relative_low < 0.02 else 0
    bounds = (change.relative, max(change.relative_low, -1.0), change.relative_high)
    relative, low, high = (words.signed(100 * bound, digits) for bound in bounds)
    return relative, low, high


def chance(p: float | None) -> str:
    """A p- or q-value: 0.32, 0.041, below 0.001."""
    return "–" if p is None else "below 0.001" if p < 0.001 else words.number(p, 3 if p < 0.0995 else 2)


def ordered(changes: Iterable[Change]) -> list[Change]:
    """Worst news first, then good, then what changed without judgement, then unclear; the clear by size, those without
    a relative change first, the others in the order of the metrics."""
    ranks = list(GLYPHS)

    def size(change: Change) -> float:
        if change.verdict not in CLEAR:
            return 0
        return -math.inf if change.relative is None else -abs(_doublings(change.relative))

    return sorted(changes, key=lambda change: (ranks.index(change.verdict), size(change)))


def foremost(changes: Iterable[Change], keep: Collection[str]) -> list[Change]:
    """In the order of `ordered`, those that changed clearly and those called in `keep`; where these are few, the first
    of the others that could be compared as well."""
    rows = ordered(changes)
    wanted = {row.metric for row in rows if row.verdict in CLEAR} | {*keep}
    unclear = [row.metric for row in rows if row.verdict == "no clear change" and row.metric not in wanted]
    wanted |= {*unclear[: max(0, AT_FIRST - len(wanted))]}
    return [row for row in rows if row.metric in wanted]


def colours(palette: Palette) -> dict[str, str]:
    """A colour per verdict: judgement is coloured, nothing else."""
    return {
        "worse": palette.bad,
        "better": palette.good,
        "changed": palette.ink,
        "no clear change": palette.muted,
        "not enough data": palette.muted,
    }


def _doublings(relative: float) -> float:
    """0.5 more is 0.58 doublings; nothing left is further than any axis reaches."""
    return math.log2(1 + relative) if relative > -1 else -math.inf


# ------------------------------------------------------------------------------------------------------- all metrics


def figure(
    palette: Palette, params: Compare, result: CompareResult, chosen: str = "", names: tuple[str, str] | None = None
) -> go.Figure:
    """One row per metric in the order of `ordered`; that of the metric `chosen` is underlaid. `names` are those of the
    sides, by default of releases and else "before" and "after". A mark's customdata begins with its metric's name."""
    rows = ordered(result.metrics)
    reach = _reach(rows)
    shapes = [_across(y - 0.5, y + 0.5, fillcolor=palette.panel) for y, row in enumerate(rows) if row.metric == chosen]
    for y, (above, below) in enumerate(pairwise(rows)):
        if above.verdict != below.verdict:
            shapes.append(_across(y + 0.5, y + 0.5, line={"width": 1, "color": palette.rule}))
    far, near = next((scale for scale in SCALES if scale[0] <= 0.97 * reach), SCALES[-1])
    less, more = (f"{words.signed(100 * (2**at - 1), 0)}{words.SPACE}%" for at in (-far, far))
    notes = [
        note
        for y, row in enumerate(rows)
        for note in _row(palette, y, row, palette.panel if row.metric == chosen else palette.paper)
    ]
    drawn = base.new(
        palette,
        ROW * len(rows) + 64,
        margin={"l": LEFT, "r": RIGHT, "t": 36, "b": 28},
        clickmode="event+select",
        hovermode="closest",
        # all at once: Plotly checks every one again with each that is added
        annotations=[*_heads(palette, params, names), *notes],
        shapes=shapes,
    )
    marks = [mark for verdict in SYMBOLS for mark in _marks(palette, verdict, rows, reach)]
    drawn.add_traces([_zero(palette, rows), *marks])
    drawn.update_xaxes(
        tickvals=[-far, -near, 0, near, far],
        ticktext=[less, "", "0", "", more],
        range=[-reach, reach],
        showgrid=True,
        tickangle=0,
    )
    drawn.update_yaxes(range=[len(rows) - 0.4, -0.6], visible=False)
    return drawn


def _reach(rows: Sequence[Change]) -> float:
    """How far the axis goes to both sides of nothing, in doublings."""
    bounds = [bound for row in rows for bound in (row.relative_low, row.relative_high) if bound is not None]
    return max([NEAREST, *(1.06 * min(abs(_doublings(bound)), FURTHEST) for bound in bounds)])


def _note(x: float, y: float, text: str, colour: str, size: int = base.SMALL, weight: int = 400, **more: Any) -> Note:
    """Words as `base.note` writes them."""
    font = {"size": size, "color": colour, "weight": weight}
    usual = {"showarrow": False, "xanchor": "left", "yanchor": "middle", "font": font}
    return usual | {"x": x, "y": y, "text": text} | more


def _row(palette: Palette, y: int, change: Change, ground: str) -> list[Note]:
    """Name and values to the left, change and interval to the right, or words where there are none."""
    colour = colours(palette)[change.verdict]
    weight = 600 if change.verdict in CLEAR else 400
    left: dict[str, Any] = {"xref": "paper", "xshift": 6 - LEFT}
    values = f"{written(change.unit, change.before.value)} → {written(change.unit, change.after.value)}"
    found = [
        _note(0, y, base.plain(change.label, 40), palette.ink, base.NORMAL, weight, yshift=8, **left),
        _note(0, y, values, palette.muted, yshift=-8, **left),
    ]
    shown = percents(change)
    if shown is None:
        words_instead = _instead(change, colour)
        return [*found, _note(0, y, words_instead, palette.muted, xref="paper", xshift=8, align="left", bgcolor=ground)]
    relative, low, high = shown
    right: dict[str, Any] = {"xref": "paper", "xanchor": "right"}
    return [
        *found,
        _note(1, y, f"{relative}{words.SPACE}%", colour, base.NORMAL, weight, xshift=52, **right),
        _note(1, y, f"{low} to {high}", palette.muted, xshift=RIGHT - 6, **right),
    ]


def _marks(palette: Palette, verdict: str, rows: Sequence[Change], reach: float) -> list[go.Scatter]:
    """The intervals and marks of one verdict; what lies beyond the axis ends in an arrow at its end."""
    placed = [(y, row) for y, row in enumerate(rows) if row.verdict == verdict and row.relative is not None]
    if not placed:
        return []
    colour = colours(palette)[verdict]
    line = {"color": colour, "width": 2}
    ends: tuple[list[float | None], list[float | None]] = [], []
    arrows: list[tuple[float, int, str]] = []
    for y, row in placed:
        low, high = (_doublings(bound or 0.0) for bound in (row.relative_low, row.relative_high))
        ends[0].extend([max(low, -reach), min(high, reach), None])
        ends[1].extend([y, y, None])
        arrows += [(-reach, y, "triangle-left")] * (low < -reach) + [(reach, y, "triangle-right")] * (high > reach)
    traces = [go.Scatter(x=ends[0], y=ends[1], mode="lines", line=line, hoverinfo="skip")]
    if arrows:
        x, at, symbols = zip(*arrows, strict=True)
        mark = {"symbol": symbols, "size": 9, "color": colour}
        traces.append(go.Scatter(x=x, y=at, mode="markers", marker=mark, hoverinfo="skip", cliponaxis=False))
    marks = go.Scatter(
        x=[min(max(_doublings(row.relative or 0.0), -reach), reach) for _, row in placed],
        y=[y for y, _ in placed],
        mode="markers",
        marker={"size": 11, "symbol": SYMBOLS[verdict], "color": colour, "line": line},
        customdata=[[row.metric, _hover(row)] for _, row in placed],
        hovertemplate="%{customdata[1]}<extra></extra>",
        selected={"marker": {"size": 13}},
        unselected={"marker": {"opacity": 1}},
        cliponaxis=False,
    )
    return [*traces, marks]


def _hover(change: Change) -> str:
    lines = [f"{base.plain(change.label, 80)}: {change.verdict}"]
    for when, side in (("before", change.before), ("after", change.after)):
        counted = f"{words.many(side.n, 'session')} of {words.many(side.people, 'person', 'people')}"
        lines.append(f"{written(change.unit, side.value)} {when}: {counted}")
    return "<br>".join([*lines, f"{difference(change)}; p {chance(change.p)}, q {chance(change.q)}"])


def difference(change: Change) -> str:
    """The change in the metric's own unit with its interval: −1.5 points (−2.1 to −0.9); empty where there is none."""
    if change.difference is None or change.low is None or change.high is None:
        return ""
    whole, low, high = (apart(change.unit, value) for value in (change.difference, change.low, change.high))
    unit = f"{words.SPACE}points" if change.unit == "share" else f"{words.SPACE}s" if change.unit == "seconds" else ""
    return f"{whole} ({low.removesuffix(unit)} to {high.removesuffix(unit)})"


def _instead(change: Change, colour: str) -> str:
    """What stands in the place of a mark and its figures."""
    if change.difference is None:
        return _folded(change.note or "There is nothing to compare.", 44)
    mark = f'<span style="color:{colour}">{GLYPHS[change.verdict]}</span>'
    return f"{mark} {difference(change)}<br>Too little before for a change in percent."


def _folded(text: str, most: int) -> str:
    """On two lines at most."""
    if len(text) <= most:
        return base.plain(text)
    cut = text.rfind(" ", 0, most)
    return f"{base.plain(text[:cut])}<br>{base.plain(text[cut:], most)}"


def _across(low: float, high: float, **look: Any) -> dict[str, Any]:
    """A box, or a line, over the plot and both columns: far beyond the plot, which the picture's edge then cuts."""
    kind, usual = ("line", {}) if low == high else ("rect", {"line": {"width": 0}})
    place = {"xref": "paper", "x0": -3, "x1": 3, "y0": low, "y1": high, "layer": "below"}
    return {"type": kind, **place, **usual, **look}


def _zero(palette: Palette, rows: Sequence[Change]) -> go.Scatter:
    """No change, from the top to the last mark; a trace, since a shape would lie over the marks or under the grid."""
    last = max((y for y, row in enumerate(rows) if row.relative is not None), default=-1)
    line = {"width": 1, "color": palette.ink}
    end = last + (0.6 if last == len(rows) - 1 else 0.5)
    return go.Scatter(x=[0, 0], y=[-0.6, end], mode="lines", line=line, hoverinfo="skip")


def _heads(palette: Palette, params: Compare, names: tuple[str, str] | None) -> list[Note]:
    above: dict[str, Any] = {"yref": "paper", "yanchor": "bottom", "yshift": 3}
    right: dict[str, Any] = {"xref": "paper", "xanchor": "right", **above}
    if names is None:
        of_releases = params.before.releases and params.after.releases
        names = (name(params.before), name(params.after)) if of_releases else ("before", "after")
    sides = " → ".join(base.plain(each, 12) for each in names)
    return [
        _note(0, 1, "← less", palette.muted, xanchor="right", xshift=-7, **above),
        _note(0, 1, "more →", palette.muted, xshift=7, **above),
        _note(0, 1, f"Metric, {sides}", palette.muted, xref="paper", xshift=6 - LEFT, **above),
        _note(1, 1, "Change", palette.muted, xshift=52, **right),
        _note(1, 1, f"95{words.SPACE}% interval", palette.muted, xshift=RIGHT - 6, **right),
    ]
