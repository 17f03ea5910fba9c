"""Clicked elements: how they are called, what is said of them in one sentence, and what happened after a click."""

from collections.abc import Callable, Sequence
from typing import Literal

import plotly.graph_objects as go

from analytics import vocabulary, words
from analytics.analyses.element_outcomes import ElementOutcomesResult, Outcome, Span
from analytics.analyses.elements import Clicked, Elements, ElementsResult
from analytics.charts import base
from analytics.charts.theme import Palette
from analytics.charts.timeline import label, own

Escape = Callable[[str], str]
SHOWN = 10  # outcomes drawn
BAR, COURSE = 30, 190  # px: a bar with its words; the picture of clicks by time
KINDS = {
    "page": "a page",
    "again": "the same element again",
    "element": "another element",
    "event": "something else",
    "nothing": "nothing",
}
EVENTS = {
    vocabulary.FOCUS: "Went into a field",
    vocabulary.CHANGE: "Filled in a field",
    vocabulary.SUBMIT: "Sent a form",
    vocabulary.FORM_ERROR: "A form was refused",
    vocabulary.ERROR: "An error",
    vocabulary.LOGIN: "Logged in",
    vocabulary.LOGIN_FAILED: "Could not log in",
    vocabulary.LOGOUT: "Logged out",
}


def name_of(element: str, text: str | None, tag: str | None) -> str:
    """As people read it; plain text. A field goes by its selector, as what it says may have been typed."""
    name = label(element, text, tag)
    return name[:1].upper() + name[1:]


def called(one: Clicked) -> str:
    """The name that people gave it, else as `name_of`; plain text."""
    return one.called if one.is_given else name_of(one.element, one.text, one.element_tag)


def said(outcome: Outcome, within_ms: int) -> str:
    """What happened next, in words; plain text."""
    thing = outcome.thing
    match outcome.kind:
        case "nothing":
            return f"Nothing within {words.limit(within_ms)}"
        case "again":
            return "The same element again"
        case "page":
            return base.cut(f"Saw {thing}", 60) if thing else "Saw a page without a name"
        case "element":
            name = name_of(thing, outcome.text, outcome.element_tag) if thing else ""
            return f"Clicked “{name}”" if name else "Clicked something without a name"
    return EVENTS.get(thing or "") or own(thing or "")


def story(params: Elements, result: ElementsResult, where: str, escape: Escape) -> str:
    """The table in one sentence of Markdown. `where`: "on /cart", or nothing; plain text."""
    totals = result.totals
    at = f" {escape(where)}" if where else ""
    if not totals.elements:
        if params.search:
            return f"**No clicked element**{at} has “{escape(params.search)}” in its name."
        if totals.unnamed:
            return f"**{words.many(totals.unnamed, 'click')}**{at}, and none says what was hit."
        return f"**No click**{at}."
    if totals.elements == 1:
        head = f"**One element**{at} got **{words.many(totals.clicks, 'click')}**"
    else:
        head = f"**{words.count(totals.elements)} elements**{at} got **{words.many(totals.clicks, 'click')}**"
    if params.search:
        head += f" and {'has' if totals.elements == 1 else 'have'} “{escape(params.search)}” in the name"
    if not result.elements or params.offset:
        return f"{head}."
    first = result.elements[0]
    name = f"“{escape(called(first))}”"
    by = f"{words.many(first.people, 'person', 'people')} in {words.many(first.sessions, 'session')}"
    if params.order_by == "newest":
        return f"{head}; the newest is {name}, first clicked on **{words.day(first.first_seen, year=True)}**."
    if params.order_by == "silent":
        return f"{head}; longest without a click is {name}, last on **{words.day(first.last_seen, year=True)}**."
    share = words.percent(first.clicks / totals.clicks, 0)
    return f"{head}; {name} got **{share}** of them, from {by}."


def follows(result: ElementOutcomesResult, within_ms: int, escape: Escape) -> str:
    """What happens after a click on the element, in one sentence of Markdown."""
    clicks = result.totals.clicks
    if not clicks or not result.outcomes:
        return "Nobody clicked it."
    kinds = sorted({(-one.of_kind, one.kind) for one in result.outcomes})
    parts = [f"{KINDS[kind]} (**{words.percent(-count / clicks)}**)" for count, kind in kinds]
    came = f"Within {words.limit(within_ms)} of {words.many(clicks, 'click')} came {words.listed(parts, 'or')}."
    most = next((one for one in result.outcomes if one.kind in ("page", "element", "event")), None)
    if most is None or most.clicks == clicks:
        return came
    share = words.percent(most.clicks / clicks)
    often = "Most often" if most is result.outcomes[0] else "Else most often"
    return f"{came} {often}: {escape(said(most, within_ms))} ({share}, half of the time {_soon(most)})."


def _soon(outcome: Outcome) -> str:
    """How long half of them took at most."""
    ms = outcome.median_ms or 0
    return f"within {words.duration(ms / 1000)}" if ms >= 50 else "at once"


def rarer(result: ElementOutcomesResult) -> str:
    """What the bars leave out, in a sentence; nothing when that is nothing."""
    rest = result.totals.clicks - sum(one.clicks for one in result.outcomes[:SHOWN])
    return f"Not drawn: {words.many(rest, 'click')} with rarer things after them." if rest else ""


def outcomes(palette: Palette, result: ElementOutcomesResult, within_ms: int) -> go.Figure:
    """A bar per thing that happened next, the most usual on top; its words stand over it. A bar's `y` is its number."""
    shown = result.outcomes[:SHOWN]
    figure = base.new(palette, BAR * len(shown) + 40, margin={"l": 4, "r": 8, "t": 14, "b": 26}, bargap=0.68)
    clicks = result.totals.clicks or 1
    colours = [palette.context if one.kind == "nothing" else palette.series[0] for one in shown]
    figure.add_bar(
        x=[100 * one.clicks / clicks for one in shown],
        y=list(range(len(shown))),
        orientation="h",
        marker={"color": colours},
        customdata=[
            f"{words.many(one.clicks, 'click')} in {words.many(one.sessions, 'session')}, "
            f"{words.percent(one.clicks / clicks)}"
            + ("" if one.median_ms is None else f"<br>half of them {_soon(one)}")
            for one in shown
        ],
        hovertemplate="%{customdata}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
    top = max((100 * one.clicks / clicks for one in shown), default=1)
    figure.update_layout(
        annotations=[
            base.words_at(
                0, n, f"{base.plain(said(one, within_ms), 52)}  <b>{words.percent(one.clicks / clicks)}</b>",
                palette.ink, yshift=12,
            )
            for n, one in enumerate(shown)
        ]
    )  # fmt: skip
    figure.update_yaxes(showticklabels=False, showgrid=False, range=[len(shown) - 0.5, -0.9])
    figure.update_xaxes(range=[0, max(top * 1.02, 1)], ticksuffix=f"{words.SPACE}%", nticks=5, rangemode="tozero")
    return figure


def course(palette: Palette, spans: Sequence[Span], unit: Literal["day", "week"]) -> go.Figure:
    """Clicks on the element by day or week."""
    figure = base.new(palette, COURSE, margin={"l": 48, "r": 8, "t": 30, "b": 28}, bargap=0.15)
    figure.add_bar(
        x=list(range(len(spans))),
        y=[span.clicks for span in spans],
        marker={"color": palette.series[0]},
        customdata=[
            f"{'Week of ' if unit == 'week' else ''}{words.day(span.start, year=True)}: "
            f"{words.many(span.clicks, 'click')} in {words.many(span.sessions, 'session')}"
            for span in spans
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    step = -(-len(spans) // 7) or 1
    named = list(range(0, len(spans), step))
    figure.update_xaxes(tickvals=named, ticktext=[words.day(spans[n].start) for n in named], tickangle=0)
    figure.update_yaxes(rangemode="tozero", nticks=4, tickformat=",d")
    base.heading(figure, f"Clicks by {unit}" + (", from Monday" if unit == "week" else ""), palette, xshift=-44)
    return figure
