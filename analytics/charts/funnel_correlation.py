"""What parts those who stopped from those who went on: per thing the share of either that had it, on one axis."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from analytics import words
from analytics.analyses.funnel_correlation import FunnelCorrelationResult, Thing
from analytics.charts import base
from analytics.charts.paths import called
from analytics.charts.theme import Palette
from analytics.charts.timeline import named, own
from analytics.conditions import column

ROW = 34  # px
MOST = 8  # things drawn


def drawn(result: FunnelCorrelationResult) -> list[Thing]:
    """The clearest ones that chance alone would not do, without the way on itself; several that are one and the same to
    the last count, once."""
    found: dict[tuple[int, int], Thing] = {}
    for thing in result.things:
        if thing.clear and thing.went_on < result.went_on:
            found.setdefault((thing.stopped, thing.went_on), thing)
    return list(found.values())[:MOST]


def way_on(result: FunnelCorrelationResult) -> list[Thing]:
    """What everybody had who went on: hardly a reason, rather the way to the next step."""
    return [thing for thing in result.things if thing.went_on == result.went_on]


def said(thing: Thing, most: int = 60) -> str:
    """A thing in words, plain text: "Clicked on Pay now", "Was on /cart", "Country: DE"."""
    value = base.cut(thing.value, most)
    if thing.kind == "event":
        return f"Event {own(value)}" if own(value) else value
    if thing.kind == "page":
        return f"Was on {called(value, 'page')}"
    if thing.kind == "element":
        return f"Clicked on {named(value)}"
    if thing.kind == "error":
        return f"Error: {value}"
    name = column(thing.kind, "x").words.removesuffix(" of the session")
    return f"{name[:1].upper()}{name[1:]}: {value}"


def odds(thing: Thing) -> str:
    """The odds ratio with its interval, read from above 1: who had it was how many times likelier (by odds) to stop."""
    towards = "stop" if thing.ratio >= 1 else "go on"
    ratio, low, high = (
        (thing.ratio, thing.low, thing.high) if thing.ratio >= 1 else (1 / thing.ratio, 1 / thing.high, 1 / thing.low)
    )
    return f"odds to {towards} × {_times(ratio)} ({_times(low)} to {_times(high)})"


def _times(ratio: float) -> str:
    return words.number(ratio, 1) if ratio < 100 else words.count(ratio) if ratio < 10_000 else "10,000+"


def shares(thing: Thing, result: FunnelCorrelationResult) -> tuple[float, float]:
    """The share that had it, of those who stopped and of those who went on; both sides hold somebody."""
    return thing.stopped / result.stopped, thing.went_on / result.went_on


def figure(palette: Palette, things: Sequence[Thing], result: FunnelCorrelationResult) -> go.Figure:
    """A row per thing; a mark's customdata begins with its number."""
    figure = base.new(palette, ROW * len(things) + 52, clickmode="event+select", hovermode="closest")
    figure.update_layout(margin={"l": 8, "r": 14, "t": 26, "b": 4})
    ys = list(range(len(things)))
    pairs = [shares(thing, result) for thing in things]
    for y, (stopped, went) in zip(ys, pairs, strict=True):
        figure.add_shape(
            type="line", x0=100 * stopped, x1=100 * went, y0=y, y1=y, layer="below",
            line={"width": 2, "color": palette.rule},
        )  # fmt: skip
    about = [
        [
            n,
            f"{base.plain(said(thing))}<br>{words.count(thing.stopped)} of {words.count(result.stopped)} who stopped, "
            f"{words.count(thing.went_on)} of {words.count(result.went_on)} who went on<br>{odds(thing)}",
        ]
        for n, thing in enumerate(things)
    ]
    for which, colour, shape in ((0, palette.series[1], "diamond"), (1, palette.series[0], "circle")):
        figure.add_scatter(
            x=[100 * pair[which] for pair in pairs],
            y=ys,
            mode="markers",
            marker={"size": 11, "color": colour, "symbol": shape, "line": {"width": 1.5, "color": palette.paper}},
            customdata=about,
            hovertemplate="%{customdata[1]}<extra></extra>",
            cliponaxis=False,
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    for y, thing in zip(ys, things, strict=True):
        text = f"{base.plain(said(thing), 46)}  <span style='color:{palette.muted}'>{odds(thing)}</span>"
        base.note(figure, 0, y, text, palette.ink, yanchor="bottom", yshift=6, xshift=2)
    figure.update_yaxes(visible=False, range=[len(things) - 0.6, -0.9])
    figure.update_xaxes(
        range=[-1.5, 101.5],
        tickvals=[0, 25, 50, 75, 100],
        ticktext=[f"{n}{words.SPACE}%" for n in (0, 25, 50, 75, 100)],
        side="top",
        showgrid=True,
        zeroline=False,
    )
    return figure


def sides(palette: Palette, result: FunnelCorrelationResult, counted: str) -> dict[str, str]:
    """The two groups with their sizes, and the colour of each."""
    return {
        f"of the {words.count(result.stopped)} {counted} that stopped": palette.series[1],
        f"of the {words.count(result.went_on)} that went on": palette.series[0],
    }


def clicked(points: Sequence[Mapping[str, Any]], things: Sequence[Thing]) -> int | None:
    """Which of `things` a selected mark is of."""
    data = points[0].get("customdata") if points else None
    number = data[0] if isinstance(data, Sequence) and data else None
    return number if isinstance(number, int) and 0 <= number < len(things) else None


def table(result: FunnelCorrelationResult) -> list[dict[str, object]]:
    """All that was compared and listed, as rows."""
    return [
        vars(thing) | {"stopped_in_all": result.stopped, "went_on_in_all": result.went_on} for thing in result.things
    ]
