"""Who a period's people are, stacked: new, returning, resurrected; below zero those who did not come again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analytics import words
from analytics.analyses.lifecycle import Kind, Lifecycle, LifecycleResult, Stage
from analytics.charts import base
from analytics.charts.retention import named, when
from analytics.charts.theme import Palette

HEIGHT = 400
KINDS: tuple[Kind, ...] = ("returning", "resurrected", "new", "dormant")
WORDS: dict[Kind, str] = {
    "new": "New",
    "returning": "Returning",
    "resurrected": "Back after a pause",
    "dormant": "Did not come again",
}


@dataclass(frozen=True)
class Bar:
    """The people of one kind in one period."""

    stage: Stage
    kind: Kind

    @property
    def people(self) -> int:
        """How many."""
        return int(getattr(self.stage, self.kind))

    def as_link(self) -> dict[str, object]:
        """As a link's selection holds it."""
        return {"period": self.stage.start, "kind": self.kind}


def colours(palette: Palette) -> dict[Kind, str]:
    """A colour per kind; those who stayed away are grey."""
    return {
        "returning": palette.series[0],
        "resurrected": palette.series[2],
        "new": palette.series[1],
        "dormant": palette.context,
    }


def bars(result: LifecycleResult) -> list[Bar]:
    """Every bar with somebody in it, period by period."""
    return [bar for stage in result.stages for kind in KINDS if (bar := Bar(stage, kind)).people]


def usual(found: Sequence[Bar]) -> int:
    """The bar that is looked at before any is chosen: who did not come again in the last period that is over."""
    over = [n for n, bar in enumerate(found) if bar.stage.complete and bar.kind == "dormant"]
    return over[-1] if over else len(found) - 1


def said(bar: Bar, params: Lifecycle) -> str:
    """What stands behind a bar."""
    return f"{WORDS[bar.kind]} {when(bar.stage.start, params.period)}"


def clicked(points: Sequence[Mapping[str, Any]], found: Sequence[Bar]) -> int | None:
    """Which of the bars a click means."""
    data = points[0].get("customdata") if points else None
    if not isinstance(data, Sequence) or len(data) < 2:
        return None
    return next((n for n, bar in enumerate(found) if [bar.stage.start, bar.kind] == list(data[:2])), None)


def figure(palette: Palette, params: Lifecycle, result: LifecycleResult) -> go.Figure:
    """A bar's customdata begins with its period and kind, which is what a click says. Not over yet: hatched."""
    figure = base.new(
        palette,
        HEIGHT,
        margin={"l": 56, "r": 8, "t": 26, "b": 28},
        bargap=0.28,
        barmode="relative",
        clickmode="event+select",
        hovermode="closest",
    )
    hues = colours(palette)
    xs = list(range(len(result.stages)))
    for kind in KINDS:
        people = [Bar(stage, kind).people for stage in result.stages]
        figure.add_bar(
            x=xs,
            y=[-count if kind == "dormant" else count for count in people],
            marker={
                "color": hues[kind],
                "line": {"width": 0},
                "pattern": {
                    "shape": ["" if stage.complete else "/" for stage in result.stages],
                    "fgcolor": palette.paper,
                    "fillmode": "overlay",
                    "size": 6,
                    "solidity": 0.3,
                },
            },
            customdata=[_about(stage, kind, params) for stage in result.stages],
            hovertemplate="%{customdata[2]}<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    every = max(1, -(-len(xs) // 12))
    high = max((stage.people for stage in result.stages), default=1)
    low = max((stage.dormant for stage in result.stages), default=0)
    figure.update_layout(
        xaxis={
            "tickvals": xs[::every],
            "ticktext": [named(stage.start, params.period) for stage in result.stages[::every]],
            "range": [-0.6, max(len(xs) - 0.4, 0.6)],
        },
        yaxis={"range": [-low * 1.08, max(high * 1.08, 1)], "nticks": 7, "tickformat": ",d", "zeroline": True},
    )
    figure.update_yaxes(zerolinecolor=palette.muted)
    base.heading(
        figure, "People; below zero those who came in the period before and not in this one", palette, xshift=-52
    )
    return figure


def _about(stage: Stage, kind: Kind, params: Lifecycle) -> list[object]:
    bar = Bar(stage, kind)
    text = f"{said(bar, params)}: {words.many(bar.people, 'person', 'people')}"
    if kind != "dormant" and stage.people:
        text += f", {words.percent(bar.people / stage.people)} of {words.count(stage.people)}"
    return [stage.start, kind, text + ("" if stage.complete else "<br>not over yet: this may change")]


def sentence(params: Lifecycle, result: LifecycleResult) -> str:
    """What the picture shows, in markdown: the last period that is over against the one before it."""
    over = [stage for stage in result.stages if stage.complete and (stage.people or stage.dormant)]
    if not over:
        return f"No {params.period} with anybody in it is over yet."
    last = over[-1]
    begun = when(last.start, params.period)
    gained = last.new + last.resurrected
    text = (
        f"{begun[:1].upper()}{begun[1:]}, the last that is over, **{words.count(gained)}** people came anew or again "
        f"after a pause and "
        f"**{words.count(last.dormant)}** of the {params.period} before stayed away"
    )
    if last.dormant:
        text += f": {words.number(gained / last.dormant, 2)} for each who left"
    stayed = last.returning + last.dormant
    share = f" **{words.percent(last.returning / stayed)}** of the {params.period} before returned." if stayed else ""
    return f"{text}.{share}"


def table(result: LifecycleResult) -> list[dict[str, object]]:
    """What is drawn as rows."""
    return [
        {"period": stage.start, **{kind: Bar(stage, kind).people for kind in KINDS}, "over": stage.complete}
        for stage in result.stages
    ]
