"""The funnel in two panels on one axis: how many reach a step, and which share goes on to it from the step before.

The first is what people look for; the second shows where parts (devices, releases) differ, with the interval that says
how sure that is.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from analytics import stats, words
from analytics.analyses.funnel import FunnelResult, Step
from analytics.charts import base
from analytics.charts.theme import KNOWN_DEVICES, SAME_DEVICE, Palette, device_colours

HEIGHT = 440
TALLEST = 118  # percent: the upper panel's end, with room for the numbers
MOST = 4  # parts of a split; more bars a step are none to tell apart
EVERYBODY = "Everybody"
GAP = 0.13  # of the height, between the panels
UPPER = 0.47  # of the height without the gap


@dataclass(frozen=True)
class Part:
    """One funnel of the picture: everybody, or those of one device, whose `value` that is (None: unknown).

    `rest`: those of all values that are not drawn.
    """

    name: str
    steps: tuple[Step, ...]
    value: str | None = None
    rest: bool = False

    def reached(self, step: int) -> float | None:
        """The share of those at step 1 that reach `step`; None where nobody began."""
        first = self.steps[0].count
        return self.steps[step - 1].count / first if first else None

    def stopped(self, step: int) -> int:
        """How many stopped exactly after `step`; at the last one: went all the way."""
        after = self.steps[step].count if step < len(self.steps) else 0
        return self.steps[step - 1].count - after

    def passed(self, step: int) -> "Passed | None":
        """Who went on to `step` from the one before; None at the first, and where nobody was to go on."""
        before = self.steps[step - 2].count if step > 1 else 0
        return Passed(self.steps[step - 1].count, before) if before else None


@dataclass(frozen=True)
class Bar:
    """What a list can stand behind: those of `part` that reached `step`, or that stopped exactly after it."""

    part: Part
    step: int
    reached: bool
    said: str
    split: bool

    def as_link(self) -> dict[str, object]:
        """As a link's selection holds it."""
        of: dict[str, object] = {"of": self.part.value} if self.split else {}
        if self.part.rest:
            of = {"rest": True}
        return {"step": self.step, **of, **({"reached": True} if self.reached else {})}


@dataclass(frozen=True)
class Passed:
    """`went` of `of` went on, with the 95 % interval of that share (Wilson)."""

    went: int
    of: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.went / self.of

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end."""
        return _wilson(self.went, self.of)


@functools.lru_cache(4096)
def _wilson(went: int, of: int) -> tuple[float, float]:
    # a picture asks for each several times, and scipy takes a millisecond
    return stats.wilson(went, of)


def parts(result: FunnelResult, breakdown: str | None) -> list[Part]:
    """What is drawn: everybody, or the values most began with in one order, and after them all others as one."""
    if breakdown is None:
        return [Part(EVERYBODY, result.steps)] if result.steps and result.steps[0].count else []
    began = [one for one in result.breakdowns if one.steps and one.steps[0].count]
    drawn = sorted(began, key=lambda one: -one.steps[0].count)[:MOST]
    drawn.sort(key=lambda one: (one.value is None, _place(one.value or "", breakdown)))
    found = [Part("unknown" if one.value is None else one.value, one.steps, one.value) for one in drawn]
    if result.rest and result.rest.steps[0].count:
        name = words.many(result.rest.values, "other value")
        found.append(Part(name, result.rest.steps, rest=True))
    return found


def _place(value: str, breakdown: str) -> tuple[int, list[tuple[bool, int, str]]]:
    """Devices as everywhere, all else by name, 1.9 before 1.10."""
    kind = SAME_DEVICE.get(value.lower(), value.lower())
    known = KNOWN_DEVICES.index(kind) if breakdown == "device" and kind in KNOWN_DEVICES else len(KNOWN_DEVICES)
    pieces = value.replace("-", ".").split(".")
    return known, [(not piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece) for piece in pieces]


def colours(palette: Palette, parts: Sequence[Part], breakdown: str | None) -> dict[str, str]:
    """A colour per part: devices in theirs, else the series in order."""
    names = [part.name for part in parts if not part.rest]
    found = device_colours(palette, names) if breakdown == "device" else dict(zip(names, palette.series, strict=False))
    return found | {part.name: palette.context for part in parts if part.rest}


def bars(parts: Sequence[Part], names: Sequence[str], split: bool) -> list[Bar]:
    """Everything a list can stand behind: for each bar those who stopped there, and all who reached it."""
    found = []
    for part in parts:
        whose = f"{part.name}: " if split else ""
        for step, name in enumerate(names, 1):
            last = step == len(names)
            words_of = (
                ((False, f"stopped after {name}"), (True, f"reached {name}"))
                if not last
                else ((True, f"went all the way to {name}"),)
            )
            for reached, text in words_of:
                found.append(Bar(part, step, reached, whose + (text if split else text[:1].upper() + text[1:]), split))
    return found


def clicked(points: Sequence[Mapping[str, Any]], parts: Sequence[Part], bars: Sequence[Bar]) -> int | None:
    """Which of `bars` a click in the picture means: those who stopped after the step, or came to the last one."""
    data = points[0].get("customdata") if points else None
    if not isinstance(data, Sequence) or len(data) < 2 or not isinstance(data[0], int) or not 0 <= data[0] < len(parts):
        return None
    return _first(bars, parts[data[0]], int(data[1]))


def usual(parts: Sequence[Part], bars: Sequence[Bar]) -> int:
    """The bar that is looked at before any is chosen: those who stop where it matters most."""
    found = widest_gap(parts)
    return (_first(bars, found[0], found[1] - 1) if found else None) or 0


def _first(bars: Sequence[Bar], part: Part, step: int) -> int | None:
    return next((n for n, bar in enumerate(bars) if bar.part is part and bar.step == step), None)


def table(parts: Sequence[Part], names: Sequence[str]) -> list[dict[str, object]]:
    """What is drawn as rows: every part and step with its count, shares and times."""
    return [
        {
            "part": part.name,
            "step": step.step,
            "name": name,
            "count": step.count,
            "share_of_first": part.reached(step.step),
            "share_of_before": passed.share if passed else None,
            "low": passed.interval[0] if passed else None,
            "high": passed.interval[1] if passed else None,
            "median_seconds": step.median_seconds,
        }
        for part in parts
        for step, name in zip(part.steps, names, strict=True)
        for passed in [part.passed(step.step)]
    ]


def widest_gap(parts: Sequence[Part]) -> tuple[Part, int] | None:
    """The part and step furthest below the best part at that step, where chance alone would not do it.

    Of one part alone: the step before which most stop.
    """
    numbers = range(2, len(parts[0].steps) + 1) if parts else range(0)
    if len(parts) == 1:
        lost = {step: parts[0].stopped(step - 1) for step in numbers}
        step = max(lost, key=lambda step: lost[step], default=0)
        return (parts[0], step) if step and lost[step] else None
    gaps: dict[tuple[int, int], float] = {}
    for step in numbers:
        passed = {n: found for n, part in enumerate(parts) if (found := part.passed(step))}
        if not passed:
            continue
        best = max(passed.values(), key=lambda one: one.share)
        gaps |= {(n, step): best.share - one.share for n, one in passed.items() if one.interval[1] < best.interval[0]}
    if not gaps:
        return None
    n, step = max(gaps, key=lambda key: gaps[key])
    return parts[n], step


def figure(
    palette: Palette, parts: Sequence[Part], names: Sequence[str], colours: Mapping[str, str], counted: str = "sessions"
) -> go.Figure:
    """`names` are the steps', `colours` the parts'. A bar's customdata begins with the part's number (0) and the step
    (1), which is what a click says."""
    steps = len(names)
    figure = base.new(
        palette,
        HEIGHT,
        margin={"l": 44, "r": 8, "t": 24, "b": 44},
        barmode="overlay",
        bargap=0,
        clickmode="event+select",
        hovermode="closest",
    )
    figure.update_layout(xaxis2=figure.layout.xaxis, yaxis2=figure.layout.yaxis)
    lower = (1 - GAP) * (1 - UPPER)
    width = 0.72 / max(len(parts), 1)
    for n, part in enumerate(parts):
        colour = colours[part.name]
        xs = [step + (n - (len(parts) - 1) / 2) * width for step in range(1, steps + 1)]
        _bars(figure, palette, part, n, xs, width, colour, counted)
        _points(figure, palette, part, xs, colour, names, counted)
    across = {"range": [0.5, steps + 0.5], "tickvals": list(range(1, steps + 1))}
    letters = max(9, int(70 / max(steps, 1)))  # what fits on a narrow screen
    figure.update_layout(
        yaxis={
            "domain": [lower + GAP, 1],
            "range": [0, TALLEST],
            "tick0": 0,
            "dtick": 50,
            "ticksuffix": f"{words.SPACE}%",
        },
        yaxis2={"domain": [0, lower], "range": [0, 112], "tick0": 0, "dtick": 25, "ticksuffix": f"{words.SPACE}%"},
        xaxis=across | {"ticktext": [""] * steps, "anchor": "y"},
        xaxis2=across
        | {
            "ticktext": [wrapped(name, letters) for name in names],
            "anchor": "y2",
            "tickangle": 0,
            "tickfont": {"size": base.NORMAL, "color": palette.ink},
        },
    )
    for left, _ in pairwise(range(1, steps + 1)):
        edge = {"x0": left + 0.5, "x1": left + 0.5, "y0": 0, "y1": 1, "yref": "paper"}
        figure.add_shape(type="line", **edge, line={"width": 1, "color": palette.rule}, layer="below")
    base.heading(figure, f"Reached the step, share of the {counted} at the first one", palette)
    place = {"xref": "paper", "yref": "paper", "yanchor": "bottom", "yshift": 6, "xshift": 4}
    base.note(figure, 0, lower, f"Went on from the step before, with 95{words.SPACE}% interval", palette.muted, **place)

    _call_out(figure, palette, parts, names, counted)
    return figure


def _short(count: int) -> str:
    """A number for a narrow bar: 1,627 is 1.6k."""
    return words.count(count) if count < 1000 else f"{words.number(count / 1000, 1 if count < 10_000 else 0)}k"


def _bars(
    figure: go.Figure, palette: Palette, part: Part, n: int, xs: list[float], width: float, colour: str, counted: str
) -> None:
    many = width < 0.72 / MOST
    shares = [part.reached(step.step) or 0.0 for step in part.steps]
    about = [
        [n, step.step, base.plain(part.name), f"{words.count(step.count)} {counted}, {words.percent(share)}"]
        for step, share in zip(part.steps, shares, strict=True)
    ]
    hover = "%{customdata[2]}: %{customdata[3]}<extra></extra>"
    # A bar of two pixels cannot be hit: an unseen one behind it, of full height, takes the click and marks the choice.
    figure.add_bar(
        x=xs,
        y=[TALLEST] * len(xs),
        width=width,
        marker={"color": palette.rule, "opacity": 0, "line": {"width": 0}},
        customdata=about,
        hovertemplate=hover,
        selected={"marker": {"opacity": 0.75}},
        unselected={"marker": {"opacity": 0}},
    )
    figure.add_bar(
        x=xs,
        y=[100 * share for share in shares],
        width=width * 0.92,
        name=base.plain(part.name),
        marker={"color": colour, "line": {"width": 0}},
        text=[_short(step.count) if many else words.count(step.count) for step in part.steps],
        textposition="outside",
        textfont={"size": base.SMALL, "color": palette.ink},
        textangle=0,
        constraintext="none",
        cliponaxis=False,
        customdata=about,
        hovertemplate=hover,
        selected={"marker": {"opacity": 1}, "textfont": {"color": palette.ink}},
        unselected={"marker": {"opacity": 1}, "textfont": {"color": palette.ink}},
    )


def _points(
    figure: go.Figure, palette: Palette, part: Part, xs: list[float], colour: str, names: Sequence[str], counted: str
) -> None:
    shown = [(x, step, passed) for x, step in zip(xs, part.steps, strict=True) if (passed := part.passed(step.step))]
    figure.add_scatter(
        x=[x for x, _, _ in shown],
        y=[100 * passed.share for _, _, passed in shown],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [100 * (passed.interval[1] - passed.share) for _, _, passed in shown],
            "arrayminus": [100 * (passed.share - passed.interval[0]) for _, _, passed in shown],
            "color": colour,
            "thickness": 2,
            "width": 0,
        },
        mode="markers",
        marker={"size": 9, "color": colour, "line": {"width": 1.5, "color": palette.paper}},
        xaxis="x2",
        yaxis="y2",
        customdata=[
            "<br>".join(_about(part, step, passed, names[step.step - 1], counted)) for _, step, passed in shown
        ],
        hovertemplate="%{customdata}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
    figure.add_scatter(
        x=[x for x, _, _ in shown],
        y=[100 * passed.interval[1] + 2 for _, _, passed in shown],
        mode="text",
        text=[f"{100 * passed.share:.0f}" for _, _, passed in shown],
        textposition="top center",
        textfont={"size": base.SMALL, "color": palette.ink},
        xaxis="x2",
        yaxis="y2",
        cliponaxis=False,
        hoverinfo="skip",
        unselected={"textfont": {"color": palette.ink}},
    )


def _about(part: Part, step: Step, passed: Passed, name: str, counted: str) -> list[str]:
    low, high = (words.percent(end) for end in passed.interval)
    lines = [
        f"{base.plain(part.name)}: {words.percent(passed.share)} ({low} to {high}) went on to {base.plain(name, 60)}",
        f"{words.count(passed.went)} of {words.count(passed.of)} {counted}",
    ]
    if step.median_seconds is not None:
        lines.append(f"half of them within {words.duration(step.median_seconds)}")
    return lines


def _call_out(figure: go.Figure, palette: Palette, parts: Sequence[Part], names: Sequence[str], counted: str) -> None:
    """The one thing to see, in words, beside its point."""
    found = widest_gap(parts)
    passed = found[0].passed(found[1]) if found else None
    if found is None or passed is None:
        return
    part, step = found
    n = next(n for n, other in enumerate(parts) if other is part)
    width = 0.72 / len(parts)
    x = step + (n - (len(parts) - 1) / 2) * width
    whose = f"{base.plain(part.name, 20)}: " if len(parts) > 1 else ""
    text = (
        f"{whose}{words.count(passed.of - passed.went)} of {words.count(passed.of)}<br>"
        f"stop before {base.plain(names[step - 1], 24)}"
    )

    high = passed.share > 0.35  # the others' points are above it, and there is room below
    place = {"yanchor": "top", "yshift": -10} if high else {"yanchor": "bottom", "yshift": 17}
    at = 100 * passed.interval[0 if high else 1]
    colour = palette.bad if len(parts) > 1 else palette.ink
    font = {"size": base.SMALL, "color": colour, "weight": 600}
    edges = {"xref": "x2", "yref": "y2", "xanchor": "center", "bgcolor": palette.paper, "borderpad": 1}
    base.note(figure, x, at, text, colour, **edges, **place, font=font)


def sentence(
    whole: Sequence[Step], parts: Sequence[Part], names: Sequence[str], said: Callable[[str], str], counted: str
) -> str:
    """What the picture shows, in markdown; names from data go through `said`. `whole`: the steps of all together."""
    first, last = whole[0].count, whole[-1].count
    text = (
        f"**{words.percent(last / first)}** of the {words.count(first)} {counted} that began with {said(names[0])} "
        f"reached {said(names[-1])}."
    )
    found = widest_gap(parts)
    if found is None:
        return text
    part, step = found
    passed = part.passed(step)
    if passed is None:
        return text
    if len(parts) == 1:
        lost = words.count(passed.of - passed.went)
        share = words.percent(1 - passed.share, 0)
        return f"{text} Most stop before {said(names[step - 1])}: **{lost}**, {share} of those who came that far."
    best = max((other for other in parts if other.passed(step)), key=lambda other: _share(other, step))
    here, there = words.percent(passed.share, 0), words.percent(_share(best, step), 0)
    return (
        f"{text} They part most before {said(names[step - 1])}: **{here}** go on for {said(part.name)}, "
        f"**{there}** for {said(best.name)}."
    )


def _share(part: Part, step: int) -> float:
    passed = part.passed(step)
    return passed.share if passed else 0.0


def instead(palette: Palette, rows: Sequence[tuple[str, int]], whole: int) -> go.Figure:
    """What those who stopped did next, as shares of `whole`: one grey, since they are one group."""
    figure = base.new(palette, 32 * len(rows) + 8, margin={"l": 8, "r": 8, "t": 0, "b": 0}, bargap=0.62)
    figure.add_bar(
        y=list(range(len(rows))),
        x=[number / whole for _, number in rows],
        orientation="h",
        marker={"color": palette.context, "line": {"width": 0}},
        customdata=[[base.plain(name), words.many(number, "session")] for name, number in rows],
        hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
    )
    for n, (name, number) in enumerate(rows):
        text = f"{base.plain(name, 30)} <b>{words.percent(number / whole, 0)}</b>"
        base.note(figure, 0, n, text, palette.ink, yanchor="bottom", yshift=4)
    figure.update_xaxes(visible=False, range=[0, max((number for _, number in rows), default=1) / whole * 1.02])
    figure.update_yaxes(visible=False, range=[len(rows) - 0.6, -0.9])
    return figure


def wrapped(name: str, letters: int, lines: int = 2) -> str:
    """A step's name below the picture: broken between words (or after a slash), at most so many lines."""
    found = [""]
    for word in name.replace("/", "/\u200b").replace("\u200b", " \u200b").split(" "):
        glue = "" if word.startswith("\u200b") or not found[-1] else " "
        word = word.lstrip("\u200b")
        if found[-1] and len(found[-1]) + len(glue) + len(word) > letters:
            found.append(word)
        else:
            found[-1] += glue + word
    if len(found) > lines:
        found = [*found[: lines - 1], " ".join(found[lines - 1 :])]
    return "<br>".join(base.plain(line, letters + 4) for line in found)
