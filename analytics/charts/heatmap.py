"""Heatmap: clicks or moves over the picture of a page, or over the page drawn from where its elements were clicked;
beside it how far views came down, and how long each band was in the window.

Everything is placed in CSS pixels of the page, its top left being (0, 0), whatever the size on the glass.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
from scipy.ndimage import gaussian_filter

from analytics import words
from analytics.analyses.attention import AttentionResult
from analytics.analyses.heatmap import Element, Heatmap, HeatmapResult
from analytics.analyses.heatmap_changes import ElementChange
from analytics.analyses.scroll import ScrollResult
from analytics.charts import base
from analytics.charts.theme import Palette, with_alpha
from analytics.charts.timeline import label, named
from analytics.workspace.pictures import Picture

MOST_HEIGHT = 6000  # CSS pixels of a page that are drawn; longer pages are cut, and the page says so
MOST_SQUARES = 1200  # that can be clicked
MOST_NAMES = 60  # elements drawn where there is no picture
WIDTHS = {"phone": 320, "tablet": 400, "desktop": 440}  # on the glass, in pixels
GAP, REACH, TIMES = 14, 104, 112  # likewise: between the page and the panels beside it, and their widths
HEAD = 40  # for the words above them
WHATS = {"click": ("click", "clicks"), "move": ("move", "moves")}


@dataclass(frozen=True)
class Sheet:
    """The page as it is drawn: `width` and `height` in CSS pixels, `scale` glass pixels for one of them; `outside`
    events lie beside or below it."""

    width: int
    height: int
    scale: float
    picture: Picture | None
    outside: int = 0
    cut: bool = False


@dataclass(frozen=True)
class Region:
    """A part of the page in CSS pixels: `left <= x < right`, `top <= y < bottom`."""

    left: int
    right: int
    top: int
    bottom: int


# --------------------------------------------------------------------------------------------------- what is drawn


def sheet(
    params: Heatmap, result: HeatmapResult, picture: Picture | None, screen: str, across: int | None = None
) -> Sheet:
    """How large the page is: its picture's size, else what is known of it from events on `screen`. On the glass it is
    at most `across` px wide; None: as usual for the screen."""
    if picture:
        width, height = picture.width, picture.height
    else:
        usual = next((found.usual_width for found in result.screens if found.screen == screen), None)
        right, bottom = (_far(result, axis) * params.cell for axis in ("column_no", "row_no"))
        width = max(200, min(usual or right, 4000))
        height = max(200, min(result.totals.page_height or bottom + 60, bottom + 60))
    shown = min(height, MOST_HEIGHT)
    scale = min(1.0, (across or WIDTHS.get(screen, WIDTHS["desktop"])) / width)
    made = Sheet(width, shown, scale, picture, cut=height > shown)
    return replace(made, outside=result.totals.placed - int(grid(params, result, made).sum()))


def _far(result: HeatmapResult, axis: str) -> int:
    """The square up to which 99 in 100 events lie, one more for a margin: a stray click must not stretch the page."""
    counts = sorted((max(0, int(getattr(cell, axis))), cell.events) for cell in result.cells)
    total = sum(events for _, events in counts)
    so_far = 0
    for place, events in counts:
        so_far += events
        if so_far >= 0.99 * total:
            return place + 2
    return 10


def of_window(result: HeatmapResult) -> HeatmapResult:
    """What is fixed to the window, as if the window were a page."""
    elements = tuple(element for element in result.elements if element.is_fixed)
    totals = replace(result.totals, placed=result.totals.fixed, fixed=0, page_height=None)
    return replace(result, cells=result.fixed, fixed=(), elements=elements, totals=totals)


def of_page(result: HeatmapResult) -> HeatmapResult:
    """The rest: what scrolls with the page."""
    elements = tuple(element for element in result.elements if not element.is_fixed)
    totals = replace(result.totals, placed=result.totals.placed - result.totals.fixed, fixed=0)
    return replace(result, fixed=(), elements=elements, totals=totals)


def grid(params: Heatmap, result: HeatmapResult, drawn: Sheet) -> np.ndarray:
    """Events per square, rows from the top; only those on the sheet."""
    rows, columns = -(-drawn.height // params.cell), -(-drawn.width // params.cell)
    counts = np.zeros((rows, columns), dtype="float32")
    for cell in result.cells:
        if 0 <= cell.row_no < rows and 0 <= cell.column_no < columns:
            counts[cell.row_no, cell.column_no] = cell.events
    return counts


def name_of(element: Element | ElementChange) -> str:
    """As people read it: its text where it always says the same; a field goes by its selector, as what it says may have
    been typed."""
    if element.is_given:
        return element.called
    if element.texts > 1:
        name = f"{named(element.element)} (any of {words.count(element.texts)})"
    else:
        name = label(element.element, element.text, element.element_tag)
    return name[:1].upper() + name[1:]


def place_of(element: Element) -> Region | None:
    """The box in which nine in ten of its events lie, with a little around."""
    if None in (element.x_low, element.x_high, element.y_low, element.y_high):
        return None
    left, right, top, bottom = (
        float(edge or 0) for edge in (element.x_low, element.x_high, element.y_low, element.y_high)
    )
    wide, high = max(0.0, 44 - (right - left)) / 2 + 6, max(0.0, 28 - (bottom - top)) / 2 + 5
    return Region(round(left - wide), round(right + wide), round(top - high), round(bottom + high))


# ----------------------------------------------------------------------------------------------------- the picture


def ramp(palette: Palette, strength: float = 1.0) -> list[str]:
    """The amounts from clear to solid: few events let the page shine through, with less `strength` all do."""
    solid = (0.0, 0.35, 0.6, 0.75, 0.82, 0.86, 0.9, 0.92, 0.94, 0.96)
    return [
        with_alpha(colour, round(alpha * strength, 3)) for colour, alpha in zip(palette.amounts, solid, strict=True)
    ]


def figure(
    palette: Palette,
    params: Heatmap,
    result: HeatmapResult,
    drawn: Sheet,
    spread: int = 13,
    marked: Element | Region | None = None,
    reach: ScrollResult | None = None,
    attention: AttentionResult | None = None,
    strength: float = 1.0,
) -> go.Figure:
    """Density over the page, smoothed by a Gaussian of `spread` CSS pixels (0: bare squares), of `strength` 0 to 1;
    `marked` gets a frame. With `reach` the share of views that came this far stands beside it on the same scale, with
    `attention` the seconds that each band was in the window.

    Unseen squares take clicks and boxes, since a heatmap itself gives no selection.
    """
    across, tall = round(drawn.width * drawn.scale), round(drawn.height * drawn.scale)
    panels = []
    if reach is not None and reach.scrolled > 0:
        panels.append(REACH)
    if attention is not None and any(band.seconds for band in attention.bands):
        panels.append(TIMES)
    whole = across + sum(GAP + panel for panel in panels)
    quiet = {"showgrid": False, "showticklabels": False, "zeroline": False, "fixedrange": True}
    made = base.new(
        palette,
        tall + HEAD + 4,
        width=whole + 4,
        margin={"l": 2, "r": 2, "t": HEAD, "b": 2},
        dragmode="select",
        clickmode="event+select",
        newselection={"line": {"color": palette.ink, "width": 1.5, "dash": "solid"}},
        activeselection={"fillcolor": "rgba(0,0,0,0)"},
    )
    made.update_layout(
        xaxis=quiet | {"range": [0, drawn.width], "domain": [0, across / whole]},
        yaxis=quiet | {"range": [drawn.height, 0]},
    )
    ground(made, palette, result, drawn)
    counts = grid(params, result, drawn)
    smooth = gaussian_filter(counts, spread / params.cell, mode="constant") if spread else counts
    density = np.sqrt(smooth)
    most = float(density.max()) or 1.0
    made.add_heatmap(
        z=density.astype("float32"),
        x0=params.cell / 2,
        dx=params.cell,
        y0=params.cell / 2,
        dy=params.cell,
        zsmooth="fast"
        if spread
        else False,  # the browser scales the picture up; "best" does it in script, which takes seconds
        showscale=False,
        hoverinfo="skip",
        zmin=0.05 * most,
        zmax=most,
        colorscale=[[n / 9, colour] for n, colour in enumerate(ramp(palette, strength))],
    )
    _squares(made, params, counts, drawn)
    _mark(made, palette, params, marked)
    _above(
        made, palette, 0, f"{WHATS[params.kind][1].capitalize()}, page {words.count(drawn.width)}{words.SPACE}px wide"
    )
    left = across
    if reach is not None and REACH in panels:
        made.update_layout(
            xaxis2=quiet | {"domain": [(left + GAP) / whole, (left + GAP + REACH) / whole], "range": [0, 100]},
            yaxis2=quiet | {"range": [drawn.height, 0], "anchor": "x2"},
        )
        _reached(made, palette, drawn, reach)
        _above(made, palette, (left + GAP) / whole, "Views that came<br>this far")
        left += GAP + REACH
    if attention is not None and TIMES in panels:
        longest = max(band.seconds for band in attention.bands)
        made.update_layout(
            xaxis3=quiet | {"domain": [(left + GAP) / whole, 1], "range": [0, longest * 1.55]},
            yaxis3=quiet | {"range": [drawn.height, 0], "anchor": "x3"},
        )
        _attended(made, palette, drawn, attention)
        _above(made, palette, (left + GAP) / whole, "Time in the window,<br>mean per view")
    return made


def _above(made: go.Figure, palette: Palette, x: float, text: str) -> None:
    base.note(made, x, 1, text, palette.muted, xref="paper", yref="paper", yanchor="bottom", yshift=4, align="left")


def _reached(made: go.Figure, palette: Palette, drawn: Sheet, reach: ScrollResult) -> None:
    full = drawn.picture.height if drawn.picture else drawn.height
    depths = [one.depth * full for one in reach.reached if one.depth * full <= drawn.height]
    shares = [100 * one.views / reach.views for one in reach.reached[: len(depths)]]
    panel = {"xaxis": "x2", "yaxis": "y2", "mode": "lines"}
    made.add_scatter(
        x=[*shares, 0, 0],
        y=[*depths, depths[-1], 0],
        fill="toself",
        fillcolor=with_alpha(palette.series[0], 0.22),
        line={"width": 0},
        hoverinfo="skip",
        **panel,
    )
    made.add_scatter(
        x=shares,
        y=depths,
        line={"color": palette.series[0], "width": 1.5},
        hovertemplate="%{x:.0f} % of views came to %{y:,.0f} px<extra></extra>",
        **panel,
    )
    place = {"xref": "x2", "yref": "y2"}
    for n in range(0, len(depths), 5):
        if n == 0 or (reach.at_once or 0) * full > depths[n] + 40 / drawn.scale:
            continue  # all who came saw that
        made.add_shape(
            type="line", x0=0, x1=100, y0=depths[n], y1=depths[n], line={"width": 1, "color": palette.rule}, **place
        )
        base.note(made, 4, depths[n], words.percent(shares[n] / 100, 0), palette.ink, yanchor="bottom", **place)
    if reach.at_once and reach.at_once * full < 0.97 * drawn.height:
        fold = reach.at_once * full
        made.add_shape(
            type="line", x0=0, x1=1, y0=fold, y1=fold, xref="paper", yref="y",
            line={"width": 1, "color": palette.ink, "dash": "dot"},
        )  # fmt: skip
        base.note(made, 4, fold, "first screen", palette.muted, yanchor="bottom", **place)


def _attended(made: go.Figure, palette: Palette, drawn: Sheet, attention: AttentionResult) -> None:
    full = drawn.picture.height if drawn.picture else drawn.height
    bands = [band for band in attention.bands if band.top * full < drawn.height]
    longest = max(bands, key=lambda band: band.seconds)
    made.add_bar(
        x=[band.seconds for band in bands],
        y=[(band.top + band.bottom) / 2 * full for band in bands],
        width=[0.82 * (band.bottom - band.top) * full for band in bands],
        orientation="h",
        marker_color=[palette.ink if band is longest else palette.context for band in bands],
        customdata=[words.duration(band.seconds) for band in bands],
        hovertemplate="%{customdata} in the window, mean per view<extra></extra>",
        xaxis="x3",
        yaxis="y3",
    )
    every = max(1, round(44 / ((bands[0].bottom - bands[0].top) * full * drawn.scale)))  # px between two labels
    for n, band in enumerate(bands):
        if band is longest or (
            n % every == 0 and not any(other is longest for other in bands[n + 1 - every : n + every])
        ):
            base.note(
                made, band.seconds, (band.top + band.bottom) / 2 * full, words.duration(band.seconds),
                palette.ink if band is longest else palette.muted, xshift=4, xref="x3", yref="y3",
            )  # fmt: skip


def ground(made: go.Figure, palette: Palette, result: HeatmapResult, drawn: Sheet) -> None:
    frame = {"type": "rect", "x0": 0, "x1": drawn.width, "y0": 0, "y1": drawn.height, "layer": "below"}
    made.add_shape(**frame, line={"width": 1, "color": palette.rule}, fillcolor=palette.panel)
    if drawn.picture:
        made.add_layout_image(
            source=drawn.picture.uri,
            xref="x",
            yref="y",
            x=0,
            y=0,
            sizex=drawn.picture.width,
            sizey=drawn.picture.height,
            sizing="stretch",
            layer="below",
            opacity=1 if drawn.picture.media.endswith("svg+xml") else 0.6,  # a photographed page is too loud a ground
        )
        return
    taken: list[Region] = []
    for element in result.elements[:MOST_NAMES]:
        box = place_of(element)
        if box is None or box.right < 0 or box.left > drawn.width or box.bottom < 0 or box.top > drawn.height:
            continue
        made.add_shape(
            type="rect", x0=box.left, x1=box.right, y0=box.top, y1=box.bottom, layer="below",
            line={"width": 1, "color": palette.context}, opacity=0.7,
        )  # fmt: skip
        name = name_of(element)
        wide, high = len(name) * 6.6 / drawn.scale, 15 / drawn.scale
        middle = (box.left + box.right) / 2
        middle = min(max(middle, wide / 2 + 4), drawn.width - wide / 2 - 4)
        text = Region(round(middle - wide / 2), round(middle + wide / 2), round(box.top - high), box.top)
        if text.top < 0 or any(_overlap(text, other) for other in taken):
            continue  # rather no name than two on each other; the table has them all
        taken.append(text)
        base.note(
            made, middle, box.top, base.plain(name), palette.muted, xanchor="center", yanchor="bottom",
        )  # fmt: skip


def _overlap(one: Region, other: Region) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


def squares(params: Heatmap, drawn: Sheet) -> int:
    """The side of a square that can be clicked, in CSS pixels: a multiple of the cell, so that counts add up."""
    side = 2 * params.cell
    while -(-drawn.width // side) * -(-drawn.height // side) > MOST_SQUARES:
        side += params.cell
    return side


def _squares(made: go.Figure, params: Heatmap, counts: np.ndarray, drawn: Sheet) -> None:
    side = squares(params, drawn)
    each = side // params.cell
    rows, columns = -(-counts.shape[0] // each), -(-counts.shape[1] // each)
    padded = np.zeros((rows * each, columns * each), dtype="float32")
    padded[: counts.shape[0], : counts.shape[1]] = counts
    sums = padded.reshape(rows, each, columns, each).sum(axis=(1, 3))
    ys, xs = np.mgrid[0:rows, 0:columns]
    unseen = {"marker": {"opacity": 0.001}}
    made.add_scatter(
        x=(xs.ravel() * side + side / 2).astype("float32"),
        y=(ys.ravel() * side + side / 2).astype("float32"),
        mode="markers",
        marker={"size": max(4, round(side * drawn.scale)), "symbol": "square", "opacity": 0.001},
        customdata=sums.ravel().astype("int32"),
        hovertemplate=f"%{{customdata:,}} {WHATS[params.kind][1]} in {side} × {side} px<extra></extra>",
        selected=unseen,
        unselected=unseen,
    )


def _mark(made: go.Figure, palette: Palette, params: Heatmap, marked: Element | Region | None) -> None:
    box = place_of(marked) if isinstance(marked, Element) else marked
    if box is None:
        return
    made.add_shape(
        type="rect", x0=box.left, x1=box.right, y0=box.top, y1=box.bottom, line={"width": 1.5, "color": palette.ink},
        fillcolor="rgba(0,0,0,0)",
    )  # fmt: skip
    if isinstance(marked, Element):
        what = words.many(marked.events, *WHATS[params.kind])
        left = box.left < (made.layout.xaxis.range[1] or 0) / 2
        base.note(
            made, box.left if left else box.right, box.top, f"{base.plain(name_of(marked))}: {what}", palette.ink,
            xanchor="left" if left else "right", yanchor="bottom", yshift=2,
            font={"size": base.SMALL, "color": palette.ink, "weight": 600}, bgcolor=with_alpha(palette.paper, 0.85),
            borderpad=2,
        )  # fmt: skip


def region(side: int, points: Sequence[dict[str, float]], boxes: Sequence[dict[str, list[float]]]) -> Region | None:
    """What was chosen on the figure: the last box, else the squares around the points; None for nothing."""
    if boxes:
        (left, right), (top, bottom) = (sorted(boxes[-1][axis]) for axis in ("x", "y"))
        return Region(int(left // 1), int(-(-right // 1)), int(top // 1), int(-(-bottom // 1)))
    if points:
        xs, ys = [point["x"] for point in points], [point["y"] for point in points]
        half = side / 2
        return Region(int(min(xs) - half), int(max(xs) + half), int(min(ys) - half), int(max(ys) + half))
    return None


# --------------------------------------------------------------------------------------- where no event has a place


def element_map(palette: Palette, params: Heatmap, result: HeatmapResult, most: int = 30) -> go.Figure:
    """The page by its elements alone, the busiest first, a bar each."""
    shown = result.elements[:most][::-1]
    made = base.new(palette, 26 * len(shown) + 48, margin={"l": 8, "r": 70, "t": 4, "b": 44}, bargap=0.3)
    top = max((element.events for element in shown), default=1)
    colours = [palette.amounts[2 + round(6 * (element.events / top) ** 0.5)] for element in shown]
    what = WHATS[params.kind][1].capitalize()
    made.add_bar(
        x=[element.events for element in shown],
        y=list(range(len(shown))),
        orientation="h",
        marker_color=colours,
        customdata=[[words.count(element.events), words.count(element.sessions)] for element in shown],
        hovertemplate=f"%{{customdata[0]}} {what.lower()} of %{{customdata[1]}} sessions<extra></extra>",
    )
    for n, element in enumerate(shown):
        text = f"{base.plain(name_of(element))}  {words.count(element.events)}"
        base.note(made, element.events, n, text, palette.ink, xshift=6)
    made.update_layout(
        yaxis={"showticklabels": False, "showgrid": False},
        xaxis={"title": {"text": f"{what} of the element"}, "range": [0, top * 1.6], "tickformat": ",d", "nticks": 6},
    )
    return made


# ------------------------------------------------------------------------------------------------------------ words


def story(params: Heatmap, result: HeatmapResult, escape: Callable[[str], str]) -> str:
    """What the picture says, in one sentence of Markdown; `escape` makes text from data safe for it."""
    totals, (one, many) = result.totals, WHATS[params.kind]
    if not totals.events:
        seen = f" in {words.many(totals.viewers, 'session')} that saw it" if totals.viewers else ""
        return f"**No {one}** on {escape(where(params.page))}{seen}."
    if not result.elements:
        return (
            f"**{words.many(totals.events, one)}** in {words.many(totals.sessions, 'session')}; none says what was hit."
        )
    first = result.elements[0]
    share = words.percent(first.events / totals.events, 0)
    of = f" of the {words.count(totals.viewers)} that saw the page" if totals.viewers >= first.sessions else ""
    return (
        f"**“{escape(name_of(first))}” gets {share} of {words.count(totals.events)} {many}**, "
        f"from {words.many(first.sessions, 'session')}{of}."
    )


def reading(reach: ScrollResult, attention: AttentionResult | None = None) -> str:
    """What the panels beside the page say, in plain sentences; nothing where no view tells."""
    parts = []
    if reach.views and reach.scrolled:
        half = max((one.depth for one in reach.reached if 2 * one.views >= reach.views), default=0.0)
        stops = [
            (above.views - below.views, above.depth, below.depth)
            for above, below in pairwise(reach.reached)
            if below.depth
        ]
        most, top, bottom = max(stops, key=lambda stop: (stop[0], -stop[1]))
        parts.append(f"Of {words.many(reach.views, 'view')} half came down to {words.percent(half, 0)} of the page")
        if reach.at_once is not None and reach.at_once < 1:
            parts[-1] += f" (the first screen ends at {words.percent(reach.at_once, 0)} on average)"
        if most and top < 1:
            where = words.interval(100 * top, 100 * bottom)
            parts.append(f"most stop at {where}{words.SPACE}%, {words.count(most)} of them")
    if attention and attention.bands:
        longest = max(attention.bands, key=lambda band: band.seconds)
        where = words.interval(100 * longest.top, 100 * longest.bottom)
        parts.append(
            f"the band at {where}{words.SPACE}% was in the window longest, {words.duration(longest.seconds)} per view"
        )
        if attention.views + attention.unknown < attention.of:
            parts[-1] += f" (mean of {words.count(attention.views)} of {words.many(attention.of, 'view')})"
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def where(page: str | tuple[str, ...]) -> str:
    """The pages of a question, in words; plain text."""
    return page if isinstance(page, str) else words.listed(page or ("no page",), "or")


def left_out(params: Heatmap, result: HeatmapResult, drawn: Sheet) -> str:
    """What is counted and cannot be drawn, in a sentence; nothing when all is."""
    totals, what = result.totals, WHATS[params.kind]
    parts = []
    if unplaced := totals.events - totals.placed:
        parts.append(f"{words.many(unplaced, *what)} without a place on the page, counted by element only")
    if drawn.outside:
        below = f" or below the first {words.count(drawn.height)}{words.SPACE}px" if drawn.cut else ""
        parts.append(f"{words.many(drawn.outside, *what)} beside the page{below}")
    unknown = next((screen.events for screen in result.screens if screen.screen == "unknown"), 0)
    if params.viewport and unknown:
        parts.append(f"{words.count(unknown)} from windows of unknown width, which are not among these")
    return f"Not drawn: {'; '.join(parts)}." if parts else ""
