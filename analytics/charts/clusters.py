"""Kinds of sessions: a row each, with its size, its conversion and how it differs from all; and how clear they are."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from analytics import words
from analytics.analyses.clusters import FEWEST, WEAK, ClustersResult, Kind
from analytics.charts import base, heat_table
from analytics.charts.theme import Palette
from analytics.cluster_names import Trait
from analytics.clustering import Feature

ROW, NAMES, LINE = 54, 215, 30  # px of a row and of the names beside it; letters of a name's line
SIZES, GOALS, STRIP = (0, 0.17), (0.24, 0.44), (0.5, 1)  # what of the width each part has
STRIP_ALONE = (0.24, 1)
TOP = 2.0  # scales above the average at which the colour is full
CURVE = 190  # px
ABOVE = 0.16  # of a row, that a mark stands above its words
FAINT = 0.05  # of a silhouette that lies in view


def sentence(result: ClustersResult, goal: str, asked: int | None, said: Callable[[str], str]) -> str:
    """What the picture shows, in markdown; names go through `said`, `goal` has."""
    if not result.kinds:
        if result.sample < FEWEST:
            few = words.many(result.sample, "session")
            return f"**Too few sessions** to tell kinds apart: {few} are here, and {FEWEST} are needed."
        return "**All sessions are alike**: nothing that is compared tells them apart."
    first = result.kinds[0]
    share = words.percent(first.sessions / result.sessions)
    count = words.many(len(result.kinds), "kind")
    how = "are asked for" if asked else "are told apart best"
    text = (
        f"**{count} of sessions** {how}. The largest is **{said(first.name)}**: "
        f"{words.many(first.sessions, 'session')}, **{share}**."
    )
    best = max(result.kinds, key=lambda kind: (kind.converted or 0) / kind.sessions)
    if goal and best.converted:
        reach = words.percent(best.converted / best.sessions)
        text += f" Of **{said(best.name)}**, **{reach}** reach {goal}, most of all kinds."
    if (result.silhouette or 0) < WEAK:
        text += (
            " But they **shade into one another**: sessions here do not fall into clear groups, so take the borders "
            "as drawn through a whole."
        )
    return text


def figure(palette: Palette, result: ClustersResult, goal: str, chosen: int | None = None) -> go.Figure:
    """The rows; `goal` in plain words, empty for none. A mark's customdata begins with the place of its kind."""
    kinds, strip = result.kinds, STRIP if goal else STRIP_ALONE
    labels = [base.cut(feature.words, heat_table.LETTERS) for feature in result.features]
    top = 30 + 3.8 * max(map(len, labels), default=0)
    picture = base.new(
        palette,
        round(top + 12 + ROW * len(kinds)),
        margin={"l": NAMES, "r": 52, "t": top, "b": 12},
        bargap=0,
        barmode="overlay",
        clickmode="event+select",
        hovermode="closest",
    )
    _sizes(picture, palette, result)
    if goal:
        _goals(picture, palette, kinds)
    _strip(picture, palette, result)
    hidden = {"showgrid": False, "zeroline": False, "showticklabels": False, "showline": False, "fixedrange": True}
    most = max(kind.sessions / result.sessions for kind in kinds)
    high = max((kind.high or 0 for kind in kinds), default=0) or 1
    picture.update_layout(
        xaxis=hidden | {"domain": SIZES, "range": [0, most * 1.02]},
        xaxis2=hidden | {"domain": GOALS, "range": [-0.02 * high, high * 1.45], "anchor": "y"},
        xaxis3=hidden
        | {
            "domain": strip,
            "anchor": "y",
            "side": "top",
            "range": [-0.5, len(labels) - 0.5],
            "tickvals": list(range(len(labels))),
            "ticktext": [base.plain(label) for label in labels],
            "tickangle": heat_table.SLANT,
            "tickfont": {"color": palette.ink, "size": base.SMALL},
            "showticklabels": True,
        },
        yaxis={
            "range": [len(kinds) - 0.5, -0.5],
            "tickvals": list(range(len(kinds))),
            "ticktext": [_two_lines(kind.name, bold=n == chosen) for n, kind in enumerate(kinds)],
            "tickfont": {"color": palette.ink, "size": base.NORMAL},
            "ticklabelstandoff": 8,
            "showgrid": False,
            "showline": False,
        },
    )
    heads = [(SIZES[0], "Sessions")] + ([(GOALS[0], f"Reach {base.plain(goal, 24)}")] if goal else [])
    for at, head in heads:
        base.note(picture, at, 1, head, palette.muted, xref="paper", yref="paper", yanchor="bottom", yshift=6)
    return picture


def _sizes(picture: go.Figure, palette: Palette, result: ClustersResult) -> None:
    shares = [kind.sessions / result.sessions for kind in result.kinds]
    told = [f"{words.count(kind.sessions)} · {words.percent(kind.sessions / result.sessions)}" for kind in result.kinds]
    about = [
        f"{words.many(kind.sessions, 'session')} of {words.many(kind.people, 'person', 'people')}, "
        f"{words.percent(share)} of all sessions"
        for kind, share in zip(result.kinds, shares, strict=True)
    ]
    picture.add_bar(
        x=shares,
        y=[n - ABOVE for n in range(len(shares))],
        width=0.3,
        orientation="h",
        marker={"color": palette.series[0], "line": {"width": 0}},
        customdata=[[n, base.plain(text)] for n, text in enumerate(about)],
        hovertemplate="%{customdata[1]}<extra></extra>",
        **_steady(),
    )
    for n, text in enumerate(told):
        base.note(picture, 0, n, text, palette.ink, yshift=-13)


def _goals(picture: go.Figure, palette: Palette, kinds: Sequence[Kind]) -> None:
    shares = [(kind.converted or 0) / kind.sessions for kind in kinds]
    ends = [(kind.low or 0.0, kind.high or 0.0) for kind in kinds]
    picture.add_scatter(
        x=shares,
        y=[n - ABOVE for n in range(len(kinds))],
        xaxis="x2",
        mode="markers",
        cliponaxis=False,
        marker={"size": 9, "color": palette.series[0]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - share for share, (_, high) in zip(shares, ends, strict=True)],
            "arrayminus": [share - low for share, (low, _) in zip(shares, ends, strict=True)],
            "color": palette.series[0],
            "thickness": 1.5,
            "width": 3,
        },
        customdata=[
            [
                n,
                f"{words.count(kind.converted or 0)} of {words.many(kind.sessions, 'session')}: "
                f"{words.percent(share)}, {100 * low:.1f} to {words.percent(high)}",
            ]
            for n, (kind, share, (low, high)) in enumerate(zip(kinds, shares, ends, strict=True))
        ],
        hovertemplate="%{customdata[1]}<extra></extra>",
        **_steady(),
    )
    for n, (share, (low, high)) in enumerate(zip(shares, ends, strict=True)):
        text = f"{words.percent(share)} ({100 * low:.1f} to {100 * high:.1f})"
        base.note(picture, 0, n, text, palette.ink, xref="x2", yshift=-13)


def _strip(picture: go.Figure, palette: Palette, result: ClustersResult) -> None:
    cells = [
        (row, column, kind.traits[column])
        for row, kind in enumerate(result.kinds)
        for column in range(len(result.features))
    ]
    colours = [heat_table.change(palette, max(-TOP, min(TOP, trait.above)), TOP) for _, _, trait in cells]
    picture.add_bar(
        x=[column for _, column, _ in cells],
        y=[0.86] * len(cells),
        base=[row - 0.43 for row, _, _ in cells],
        width=[0.94] * len(cells),
        xaxis="x3",
        marker={"color": [ground for ground, _ in colours], "line": {"width": 0}},
        text=[amount(result.features[column], trait.mean) for _, column, trait in cells],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        textfont={"size": base.SMALL, "color": [ink for _, ink in colours]},
        customdata=[
            [row, _about(result.kinds[row], result.features[column], trait, result.average[column])]
            for row, column, trait in cells
        ],
        hovertemplate="%{customdata[1]}<extra></extra>",
        **_steady(),
    )


def _steady() -> dict[str, Any]:
    return {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}


def amount(feature: Feature, mean: float) -> str:
    """A mean in few letters: seconds or minutes, else a number."""
    if feature.of == "duration":
        return f"{mean:.0f} s" if mean < 99.5 else f"{mean / 60:.0f} m" if mean < 5970 else f"{mean / 3600:.0f} h"
    return words.number(mean, 1) if mean < 9.95 else words.count(mean)


def mean(feature: Feature, value: float) -> str:
    """A mean as it stands in a sentence."""
    return words.duration(value) if feature.of == "duration" else words.number(value, 2)


def _about(kind: Kind, feature: Feature, own: Trait, average: Trait) -> str:
    name = base.plain(feature.words[:1].upper() + feature.words[1:], 60)
    lines = [
        base.plain(kind.name, 80),
        f"<b>{name}</b>: {mean(feature, own.mean)} a session in the mean, all sessions {mean(feature, average.mean)}",
        f"{words.percent(own.share)} have any, of all sessions {words.percent(average.share)}",
    ]
    return "<br>".join(lines)


def _two_lines(name: str, bold: bool) -> str:
    lines, text = [""], base.cut(name, 2 * LINE + 8)
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + len(word) >= LINE and len(lines) < 2:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    shown = "<br>".join(base.plain(line, LINE + 4) for line in lines)
    return f"<b>{shown}</b>" if bold else shown


def clicked(points: Sequence[Mapping[str, Any]]) -> int | None:
    """What a mark's customdata begins with: the place of a kind, or a number of kinds."""
    data = points[0].get("customdata") if points else None
    return data[0] if isinstance(data, Sequence) and data and isinstance(data[0], int) else None


def clearness(palette: Palette, result: ClustersResult) -> go.Figure:
    """How well 2, 3, ... kinds are told apart, and how many are shown."""
    picture = base.new(
        palette, CURVE, margin={"l": 52, "r": 8, "t": 30, "b": 28}, clickmode="event+select", hovermode="closest"
    )
    ks = [one.k for one in result.silhouettes]
    values = [one.value for one in result.silhouettes]
    shown = len(result.kinds)
    picture.add_scatter(
        x=ks,
        y=values,
        mode="lines+markers",
        line={"color": palette.series[0], "width": 1.5},
        marker={
            "size": [11 if k == shown else 7 for k in ks],
            "color": [palette.series[0] if k == shown else palette.paper for k in ks],
            "line": {"color": palette.series[0], "width": 1.5},
        },
        customdata=[
            [k, f"{words.many(k, 'kind')}: {words.number(value, 2)}, {'shown' if k == shown else 'click to show them'}"]
            for k, value in zip(ks, values, strict=True)
        ],
        hovertemplate="%{customdata[1]}<extra></extra>",
        **_steady(),
    )
    picture.add_hline(y=WEAK, line={"width": 1, "color": palette.muted, "dash": "dot"})
    low, high = min([*values, 0.0]), max([*values, WEAK]) + FAINT
    picture.update_xaxes(tickvals=ks, ticktext=[str(k) for k in ks], range=[min(ks) - 0.4, max(ks) + 0.4])
    picture.update_yaxes(range=[low - (FAINT if low < 0 else 0), high], nticks=5, tickformat=".1f")
    base.note(picture, 1, WEAK, "below: no clear groups", palette.muted, xref="paper", xanchor="right", yshift=-9)
    base.heading(picture, "How clearly kinds are apart, by their number (silhouette)", palette, xshift=-48)
    return picture


def rows(result: ClustersResult) -> list[dict[str, str]]:
    """What the picture does not say of the kinds, as a table; the words are ready to be shown."""
    paged = any(kind.median_pages for kind in result.kinds)
    return [
        {
            "Kind": kind.name,
            "People": words.count(kind.people),
            "Median length": words.duration(kind.median_ms / 1000),
            f"Median {'pages' if paged else 'events'}": _median(kind.median_pages if paged else kind.median_events),
            "With an error": words.percent(kind.with_error / kind.sessions),
        }
        for kind in result.kinds
    ]


def _median(value: float) -> str:
    return words.number(value, 1 if value % 1 else 0)


def table(result: ClustersResult) -> list[dict[str, object]]:
    """The figures, for a file."""
    return [
        {
            "kind": kind.name,
            "sessions": kind.sessions,
            "share": kind.sessions / result.sessions,
            "people": kind.people,
            "reach the goal": kind.converted,
            "median seconds": kind.median_ms / 1000,
            "median pages": kind.median_pages,
            "median events": kind.median_events,
            "errors": kind.errors,
        }
        | {
            f"mean {feature.words}": round(trait.mean, 4)
            for feature, trait in zip(result.features, kind.traits, strict=True)
        }
        for kind in result.kinds
    ]
