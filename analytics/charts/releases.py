"""Releases: their shares of every day's sessions, and what changed most from one to the next, in words."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import plotly.graph_objects as go

from analytics import words
from analytics.analyses.item_changes import Item
from analytics.analyses.releases import Day
from analytics.charts import base
from analytics.charts.compare import chance
from analytics.charts.theme import KNOWN_DEVICES, Palette, with_alpha
from analytics.metrics import FunnelGoal
from analytics.workspace.notes import Note

HEIGHT, WRITTEN = 284, 4  # px; notes that are written out in the picture
KINDS = {"page": "Page", "event": "Event", "element": "Click", "error": "Error", "step": "Step"}
PLURALS = {"page": "pages", "event": "events", "element": "elements", "error": "errors", "step": "steps"}
FEW = 6  # rows that are shown even if nothing is clear


def course(
    palette: Palette,
    days: Sequence[Day],
    shown: Collection[str],
    chosen: str | None,
    went_out: Mapping[str, dt.date],
    notes: Iterable[Note] = (),
) -> go.Figure:
    """The share of each release `shown` by day, that of `chosen` in colour; without any, the sessions of each day.

    `went_out` are the days on which releases took over, by the names that are written there.
    """
    figure = base.new(palette, HEIGHT, hovermode="closest", margin={"l": 44, "r": 12, "t": 30, "b": 28})
    if not days:
        return figure
    first, last = days[0].day, days[-1].day
    inside = [note for note in notes if first <= note.day <= last]
    floor = -0.13 if inside else 0.0  # room below nothing, where notes stand
    if shown:
        for name in sorted(shown, key=lambda each: each == chosen):  # the chosen one on top
            figure.add_trace(_shares(palette, days, name, name == chosen))
        top = 100.0
        figure.update_yaxes(range=[floor * top, top], tick0=0, dtick=25, ticksuffix=f"{words.SPACE}%")
    else:
        top = 1.1 * max(day.sessions for day in days)
        figure.add_bar(
            x=[_noon(day.day) for day in days],
            y=[day.sessions for day in days],
            marker={"color": palette.context, "line": {"width": 0}},
            customdata=[
                f"<b>{words.day(day.day, year=True)}</b><br>{words.many(day.sessions, 'session')}" for day in days
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
        figure.update_yaxes(range=[floor * top, top], tickformat=",d")
    base.time_axis(figure, first, last + dt.timedelta(days=1), 8)
    base.released(figure, palette, {name: day for name, day in went_out.items() if first <= day <= last})
    _noted(figure, palette, inside, floor / 2 * top)
    return figure


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12))


def _shares(palette: Palette, days: Sequence[Day], name: str, chosen: bool) -> go.Scatter:
    colour = palette.series[0] if chosen else palette.context
    counts = [dict(day.releases).get(name, 0) for day in days]
    said = [
        f"<b>Release {base.plain(name, 40)}</b>, {words.day(day.day, year=True)}<br>"
        f"{words.percent(day.share(name))}: {words.count(count)} of {words.many(day.sessions, 'session')}"
        for day, count in zip(days, counts, strict=True)
    ]
    filled = {"fill": "tozeroy", "fillcolor": with_alpha(colour, 0.12)} if chosen else {}
    return go.Scatter(
        x=[_noon(day.day) for day in days],
        y=[100 * day.share(name) for day in days],
        mode="lines",
        line={"color": colour, "width": 2.5 if chosen else 1.5},
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
        **filled,
    )


def _noted(figure: go.Figure, palette: Palette, notes: Sequence[Note], at: float) -> None:
    """Triangles with what is noted, on the height `at`; written out while they are few."""
    if not notes:
        return
    first, last = figure.layout.xaxis.range
    figure.add_scatter(
        x=[_noon(note.day) for note in notes],
        y=[at] * len(notes),
        mode="markers+text" if len(notes) <= WRITTEN else "markers",
        marker={"symbol": "triangle-up", "size": 10, "color": palette.ink},
        text=[f" {base.plain(note.text, 26)} " for note in notes],
        textposition=[
            "middle right" if _noon(note.day) < first + (last - first) / 2 else "middle left" for note in notes
        ],
        textfont={"color": palette.ink, "size": base.SMALL},
        customdata=[f"<b>{words.day(note.day, year=True)}</b><br>{base.plain(note.text, 90)}" for note in notes],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


# ------------------------------------------------------------------------------------------------ what changed most


def among(part: str | None) -> str:
    """The sessions that a row is about, such as those on a phone."""
    if part is None:
        return "everybody"
    return f"{part}s" if part in KNOWN_DEVICES else part


def strongest(items: Iterable[Item]) -> list[Item]:
    """Of each item its first row: everybody, or the part of them, in which the change is surest to be large."""
    found: dict[tuple[str, str], Item] = {}
    for item in items:
        found.setdefault((item.kind, item.item), item)
    return list(found.values())


def foremost(items: Sequence[Item]) -> list[Item]:
    """The clear ones; where these are few, the first of the others."""
    clear = [item for item in items if item.clear]
    return clear if len(clear) >= FEW else list(items[:FEW])


def named(item: Item, funnel: FunnelGoal | None, said: Callable[[str], str] = str) -> str:
    """What changed, as a person calls it: an element by its text, a step by what it asks for. `said` is of an event."""
    if item.kind == "step" and funnel is not None:
        return f"{item.item} of {len(funnel.steps)}: {funnel.steps[int(item.item) - 1].label}"
    if item.kind == "event":
        return said(item.item)
    if item.kind == "element" and item.text:
        return f"{item.text} ({item.item})"
    return item.item


def verdict(item: Item) -> str:
    """What the figures allow to say."""
    if item.q is None:
        return "too few to say"
    if not item.clear:
        return "within noise"
    if 0 in item.counts:
        return "new" if item.counts[0] == 0 else "gone"
    return "more" if item.change > 0 else "less"


def interval(item: Item) -> str:
    """Of the change, in points."""
    if item.low is None or item.high is None:
        return "–"
    return f"{words.signed(100 * item.low)} to {words.signed(100 * item.high)}"


def rows(items: Iterable[Item], funnel: FunnelGoal | None, said: Callable[[str], str] = str) -> list[dict[str, str]]:
    """The table, the words ready to be shown."""
    return [
        {
            "What": base.cut(f"{KINDS[item.kind]} {named(item, funnel, said)}", 120),
            "Among": among(item.part),
            "Points": f"{words.signed(100 * item.change)} ({interval(item)})" if item.q is not None else "–",
            "Before": words.percent(item.before),
            "After": words.percent(item.after),
            "q": chance(item.q),
            "In words": verdict(item),
        }
        for item in items
    ]


def figures(items: Iterable[Item]) -> list[dict[str, object]]:
    """The same for a file, in full."""
    return [
        {
            "kind": item.kind,
            "item": item.item,
            "text": item.text,
            "among": item.part,
            "sessions_before": item.counts[0],
            "of_before": item.sizes[0],
            "sessions_after": item.counts[1],
            "of_after": item.sizes[1],
            "change": item.change,
            "low": item.low,
            "high": item.high,
            "p": item.p,
            "q": item.q,
            "verdict": verdict(item),
        }
        for item in items
    ]
