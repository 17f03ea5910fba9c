"""What changed on a page: squares that are clicked less or more than before, over the page, and the table of its
elements. What is within noise is not drawn.
"""

from collections.abc import Callable, Mapping

import numpy as np
import plotly.graph_objects as go
from scipy.ndimage import gaussian_filter

from analytics import words
from analytics.analyses.heatmap import HeatmapResult
from analytics.analyses.heatmap_changes import Change, ElementChange, HeatmapChanges, HeatmapChangesResult
from analytics.charts import base, heatmap
from analytics.charts.funnel_shares import chance
from analytics.charts.heatmap import Region, Sheet, name_of
from analytics.charts.theme import Palette, with_alpha

Escape = Callable[[str], str]
SPREAD = 0.45  # of a square: the Gaussian that softens its edges
OF = {"rate": "per session that saw the page", "share": "of all clicks on the page"}


def ramp(palette: Palette) -> list[list[object]]:
    """From less over nothing, which is clear, to more."""
    solid = (0.95, 0.9, 0.82, 0.7, 0.4, 0.4, 0.7, 0.82, 0.9, 0.95)
    colours = [with_alpha(colour, alpha) for colour, alpha in zip(palette.changes, solid, strict=True)]
    places = (0, 0.12, 0.24, 0.36, 0.47, 0.53, 0.64, 0.76, 0.88, 1)
    ends = [[place, colour] for place, colour in zip(places, colours, strict=True)]
    clear = [[0.4999, with_alpha(palette.changes[4], 0)], [0.5001, with_alpha(palette.changes[5], 0)]]
    return sorted([*ends, *clear], key=lambda end: float(str(end[0])))


def figure(
    palette: Palette,
    params: HeatmapChanges,
    result: HeatmapChangesResult,
    both: HeatmapResult,
    drawn: Sheet,
    marked: Region | None = None,
) -> go.Figure:
    """The clear changes over the page; the pointer reads any square. `both` is the heatmap of the two sides, which
    draws the page where there is no picture of it."""
    across, tall = round(drawn.width * drawn.scale), round(drawn.height * drawn.scale)
    quiet = {"showgrid": False, "showticklabels": False, "zeroline": False, "fixedrange": True}
    made = base.new(
        palette,
        tall + 4,
        width=across + 4,
        margin={"l": 2, "r": 2, "t": 2, "b": 2},
        dragmode="select",
        clickmode="event+select",
        newselection={"line": {"color": palette.ink, "width": 1.5, "dash": "solid"}},
        activeselection={"fillcolor": "rgba(0,0,0,0)"},
    )
    made.update_layout(
        xaxis=quiet | {"range": [0, drawn.width]},
        yaxis=quiet | {"range": [drawn.height, 0]},
    )
    heatmap.ground(made, palette, both, drawn)
    cell = params.cell
    rows, columns = -(-drawn.height // cell), -(-drawn.width // cell)
    inside = [one for one in result.squares if one.row_no < rows and one.column_no < columns]
    fine = 4  # parts of a square's side, so that its edge can be soft
    changes = np.zeros((rows * fine, columns * fine))
    for one in inside:
        if one.clear:
            top, left = one.row_no * fine, one.column_no * fine
            changes[top : top + fine, left : left + fine] = one.change
    soft = gaussian_filter(changes, SPREAD * fine, mode="constant")
    most = float(np.abs(soft).max()) or 1.0
    made.add_heatmap(
        z=soft.astype("float32"), x0=cell / fine / 2, dx=cell / fine, y0=cell / fine / 2, dy=cell / fine,
        zsmooth="fast", showscale=False, hoverinfo="skip", zmin=-most, zmax=most, colorscale=ramp(palette),
    )  # fmt: skip
    unseen = {"marker": {"opacity": 0.001}}
    made.add_scatter(
        x=[one.column_no * cell + cell / 2 for one in inside],
        y=[one.row_no * cell + cell / 2 for one in inside],
        mode="markers",
        marker={"size": max(4, round(cell * drawn.scale)), "symbol": "square", "opacity": 0.001},
        customdata=[[said(one, params.measure), verdict(one)] for one in inside],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
        selected=unseen,
        unselected=unseen,
    )
    if marked:
        made.add_shape(
            type="rect", x0=marked.left, x1=marked.right, y0=marked.top, y1=marked.bottom,
            line={"width": 1.5, "color": palette.ink}, fillcolor="rgba(0,0,0,0)",
        )  # fmt: skip
    return made


def amount(value: float, measure: str, sign: bool = False) -> str:
    """A share in percent; a rate in clicks per 100 sessions, which are easier to read than 0.05 clicks."""
    if measure == "share":
        return f"{words.signed(100 * value)}{words.SPACE}%" if sign else words.percent(value)
    return words.signed(100 * value) if sign else words.number(100 * value, 1)


def said(one: Change, measure: str) -> str:
    """Both sides and the change: "530 to 79 clicks per 100 sessions"."""
    unit = "of clicks" if measure == "share" else "clicks per 100 sessions"
    return f"{amount(one.before, measure)} to {amount(one.after, measure)} {unit}"


def verdict(one: Change) -> str:
    """Whether it is more than noise, in words."""
    if one.q is None:
        return "too few to say"
    return "clear" if one.clear else "within noise"


def story(params: HeatmapChanges, result: HeatmapChangesResult, names: tuple[str, str], escape: Escape) -> str:
    """What the picture says, in Markdown; `names` are those of before and after, plain text."""
    if 0 in result.sizes:
        missing = names[0] if result.sizes[0] == 0 else names[1]
        what = "clicked on" if params.measure == "share" else "saw"
        return f"**Nothing to compare**: in {escape(missing)} nobody {what} {escape(heatmap.where(params.page))}."
    clear = [one for one in result.elements if one.clear]
    tested = sum(one.q is not None for one in result.elements)
    if not clear:
        of = f"None of {words.many(tested, 'element')} changed" if tested else "Too few clicks to say what changed"
        return f"**{of} clearly** from {escape(names[0])} to {escape(names[1])}." if tested else f"**{of}**."
    first = clear[0]
    of = OF[params.measure]
    if params.measure == "share":
        figures = f"**{amount(first.before, 'share')} to {amount(first.after, 'share')}** {of}"
    else:
        figures = f"**{words.number(first.before, 2)} to {words.number(first.after, 2)} clicks** {of}"
    scale, unit = (100, f"{words.SPACE}points") if params.measure == "share" else (1, "")
    change, low, high = (words.signed(scale * (value or 0.0), 2) for value in (first.change, first.low, first.high))
    figures += f" ({change}{unit}, 95{words.SPACE}% interval {low} to {high})"
    rest = len(clear) - 1
    more = (
        f"; **{words.many(rest, 'other element')}** changed clearly" if rest else "; no other element changed clearly"
    )
    return (
        f"“{escape(name_of(first))}” went from {figures}{more}, of {words.many(tested, 'element')} compared, "
        f"from {escape(names[0])} to {escape(names[1])}."
    )


def rows(result: HeatmapChangesResult, measure: str) -> list[Mapping[str, object]]:
    """The table of elements, as text: both sides, change, interval, chance."""
    unit = "share of clicks" if measure == "share" else "per 100 sessions"
    return [
        {
            "Element": name_of(one),
            "Clicks before": words.count(one.counts[0]),
            "Clicks after": words.count(one.counts[1]),
            f"Before, {unit}": amount(one.before, measure),
            f"After, {unit}": amount(one.after, measure),
            "Change": _interval(one, measure),
            "q": "too few" if one.q is None else chance(one.q),
        }
        for one in result.elements
    ]


def _interval(one: ElementChange, measure: str) -> str:
    change = amount(one.change, measure, sign=True)
    if one.low is None or one.high is None:
        return change
    return f"{change} ({amount(one.low, measure, sign=True)} to {amount(one.high, measure, sign=True)})"
