"""On how many days of a week or month people come: a bar per number of days, and the mean over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analytics import stats, words
from analytics.analyses.stickiness import Spread, Stickiness, StickinessResult
from analytics.charts import base
from analytics.charts.retention import named
from analytics.charts.theme import Palette

HEIGHT, OVER_TIME = 320, 190


@dataclass(frozen=True)
class Bar:
    """The people of `spread` that were active on `days` days."""

    spread: Spread
    days: int

    @property
    def people(self) -> int:
        """How many."""
        return self.spread.days[self.days - 1]

    def as_link(self) -> dict[str, object]:
        """As a link's selection holds it."""
        return {"period": self.spread.start, "days": self.days}


def usual(result: StickinessResult) -> Spread | None:
    """The period that is shown before any is chosen: the last one that is over, else the last with anybody."""
    found = [one for one in result.periods if one.people]
    return next((one for one in reversed(found) if one.complete), found[-1] if found else None)


def mean_days(spread: Spread) -> float | None:
    """Days per active person."""
    return sum(n * people for n, people in enumerate(spread.days, 1)) / spread.people if spread.people else None


def bars(spread: Spread) -> list[Bar]:
    """The bars of a period."""
    return [Bar(spread, n) for n in range(1, len(spread.days) + 1)]


def said(bar: Bar, params: Stickiness) -> str:
    """What stands behind a bar."""
    return f"Active on {words.many(bar.days, 'day')} of the {titled(bar.spread, params)}"


def titled(spread: Spread, params: Stickiness) -> str:
    """A period in words: "week of 3 Aug"; one that is not over says so."""
    return f"{params.period} of {named(spread.start, 'day')}" if params.period == "week" else _month(spread)


def _month(spread: Spread) -> str:
    return f"month {named(spread.start, 'month')}"


def clicked(points: Sequence[Mapping[str, Any]], found: Sequence[Bar]) -> int | None:
    """Which of the bars a click means."""
    data = points[0].get("customdata") if points else None
    days = data[0] if isinstance(data, Sequence) and data else None
    return next((n for n, bar in enumerate(found) if bar.days == days), None)


def figure(palette: Palette, params: Stickiness, result: StickinessResult, spread: Spread) -> go.Figure:
    """The people of one period by their number of days, each as a share with its interval; grey: the mean of all.

    A bar's customdata begins with its number of days, which is what a click says.
    """
    figure = base.new(
        palette,
        HEIGHT,
        margin={"l": 44, "r": 8, "t": 26, "b": 40},
        bargap=0.35,
        barmode="overlay",
        clickmode="event+select",
        hovermode="closest",
    )
    found = bars(spread)
    whole = max(spread.people, 1)
    ends = [stats.wilson(bar.people, spread.people) for bar in found]
    top = max([100 * high for (_, high), bar in zip(ends, found, strict=True) if bar.people], default=1.0) * 1.12
    about = [
        [
            bar.days,
            f"{words.count(bar.people)} of {words.count(spread.people)} people were active on "
            f"{words.many(bar.days, 'day')}: {words.percent(bar.people / whole)} "
            f"({words.percent(low)} to {words.percent(high)})",
        ]
        for bar, (low, high) in zip(found, ends, strict=True)
    ]
    hover = "%{customdata[1]}<extra></extra>"
    keep = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}
    figure.add_bar(  # an unseen one of full height takes the click
        x=[bar.days for bar in found],
        y=[top] * len(found),
        marker={"color": palette.rule, "opacity": 0},
        customdata=about,
        hovertemplate=hover,
        selected={"marker": {"opacity": 0.6}},
        unselected={"marker": {"opacity": 0}},
    )
    figure.add_bar(
        x=[bar.days for bar in found],
        y=[100 * bar.people / whole for bar in found],
        marker={
            "color": palette.series[0],
            "line": {"width": 0},
            "pattern": {
                "shape": "" if spread.complete else "/",
                "fgcolor": palette.paper,
                "size": 6,
                "solidity": 0.25,
                "fillmode": "overlay",
            },
        },
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [100 * (high - bar.people / whole) for bar, (_, high) in zip(found, ends, strict=True)],
            "arrayminus": [100 * (bar.people / whole - low) for bar, (low, _) in zip(found, ends, strict=True)],
            "color": palette.ink,
            "thickness": 1.2,
            "width": 0,
        },
        customdata=about,
        hovertemplate=hover,
        **keep,
    )
    means = _mean(result, len(found))
    if means:
        figure.add_scatter(
            x=[bar.days for bar in found],
            y=[100 * share for share in means],
            mode="markers",
            marker={"symbol": "line-ew", "size": 26, "line": {"width": 2, "color": palette.context}},
            customdata=[f"Mean of all {params.period}s that are over: {words.percent(share)}" for share in means],
            hovertemplate="%{customdata}<extra></extra>",
            **keep,
        )
    every = 1 if len(found) <= 7 else 3
    figure.update_layout(
        xaxis={"tickvals": list(range(1, len(found) + 1, every)), "range": [0.4, len(found) + 0.6]},
        yaxis={"range": [0, top], "ticksuffix": f"{words.SPACE}%", "nticks": 6},
    )
    base.heading(
        figure, f"Share of the {words.many(spread.people, 'active person', 'active people')}", palette, xshift=-40
    )
    base.note(
        figure, 1, 0, f"days of the {params.period}", palette.muted,
        xref="paper", yref="paper", xanchor="right", yanchor="top", yshift=-20,
    )  # fmt: skip
    return figure


def _mean(result: StickinessResult, days: int) -> list[float]:
    over = [one for one in result.periods if one.complete and one.people]
    people = sum(one.people for one in over)
    if len(over) < 2 or not people:
        return []
    return [sum(one.days[n] for one in over if n < len(one.days)) / people for n in range(days)]


def over_time(palette: Palette, params: Stickiness, result: StickinessResult) -> go.Figure:
    """Days per active person, a point per period; open where the period is not over."""
    shown = [(one, mean) for one in result.periods if (mean := mean_days(one)) is not None]
    figure = base.new(palette, OVER_TIME, margin={"l": 44, "r": 8, "t": 26, "b": 28}, hovermode="closest")
    figure.add_scatter(
        x=[n for n, _ in enumerate(shown)],
        y=[mean for _, mean in shown],
        mode="lines+markers",
        line={"color": palette.series[0], "width": 2},
        marker={
            "size": 8,
            "color": [palette.series[0] if one.complete else palette.paper for one, _ in shown],
            "line": {"width": 1.5, "color": palette.series[0]},
        },
        customdata=[
            f"{titled(one, params)}: {words.number(mean, 2)} days, {words.count(one.people)} people"
            + ("" if one.complete else ", not over yet")
            for one, mean in shown
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    every = max(1, -(-len(shown) // 8))
    figure.update_layout(
        xaxis={
            "tickvals": list(range(0, len(shown), every)),
            "ticktext": [named(one.start, "month" if params.period == "month" else "day") for one, _ in shown[::every]],
            "range": [-0.5, max(len(shown) - 0.5, 0.5)],
        },
        yaxis={"rangemode": "tozero", "nticks": 5},
    )
    base.heading(figure, f"Days per active person, by {params.period}", palette, xshift=-40)
    return figure


def sentence(params: Stickiness, result: StickinessResult) -> str:
    """What the picture shows, in markdown."""
    over = [one for one in result.periods if one.complete and one.people]
    if not over:
        return f"No {params.period} with anybody in it is over yet."
    people = sum(one.people for one in over)
    days = sum(n * count for one in over for n, count in enumerate(one.days, 1))
    most = 4 if params.period == "week" else 8
    often = sum(sum(one.days[most - 1 :]) for one in over)
    return (
        f"Who comes in a {params.period} comes on **{words.number(days / people, 2)} days** of it; "
        f"**{words.percent(often / people)}** come on {most} days or more. "
        f"Mean of {words.many(len(over), params.period)}, {words.count(round(people / len(over)))} people each."
    )


def table(result: StickinessResult) -> list[dict[str, object]]:
    """What is drawn as rows."""
    return [
        {"period": one.start, "people": one.people, "days": n, "active": people, "over": one.complete}
        for one in result.periods
        for n, people in enumerate(one.days, 1)
    ]
