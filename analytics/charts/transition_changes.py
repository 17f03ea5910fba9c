"""Two scopes' transitions in one matrix: each share after minus before, faint where it is within noise."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from analytics import words
from analytics.analyses.transition_shares import Changed
from analytics.analyses.transitions import Link, Transitions
from analytics.charts import heat_table, transitions
from analytics.charts.funnel_shares import chance
from analytics.charts.paths import Order, short
from analytics.charts.theme import Palette
from analytics.charts.transitions import Drawn, name, title

OF = {"from": "what leaves", "to": "what arrives", "count": "all steps", "sessions": "all sessions"}


def drawn(params: Transitions, changes: Sequence[Changed], order: Order, pinned: Sequence[str] = ()) -> Drawn:
    """The links of either scope, counted on both; numbered like `changes`."""
    links = tuple(Link(each.source, each.target, sum(each.counts), sum(each.counts)) for each in changes)
    return Drawn(params, transitions.arranged(params, links, order, pinned), links, sum(link.count for link in links))


def of(params: Transitions) -> str:
    """What a share is a share of."""
    return "all people" if (params.norm, params.by) == ("sessions", "user") else OF[params.norm]


def as_link(change: Changed) -> Link:
    """As the other pictures know it."""
    return Link(change.source, change.target, sum(change.counts), sum(change.counts))


def points(change: Changed) -> str:
    """A difference in points: "+1.2", or a dash."""
    return "–" if change.change is None else words.signed(100 * change.change)


def about(change: Changed, level: str, names: tuple[str, str]) -> tuple[str, ...]:
    """What a tooltip says."""
    lines = [title(as_link(change), level)]
    for side, share, count in zip(names, (change.before, change.after), change.counts, strict=True):
        lines.append(f"{words.percent(share) if share is not None else '–'} ({words.count(count)}): {side}")
    lines.append(f"{points(change)} points, {verdict(change)}")
    return tuple(lines)


def verdict(change: Changed) -> str:
    """What the figures allow to say."""
    if change.q is None:
        return "too few to say"
    return ("more" if (change.change or 0) > 0 else "less") if change.clear else "within noise"


def matrix(palette: Palette, drawn: Drawn, changes: Sequence[Changed], names: tuple[str, str]) -> go.Figure:
    """The heat table in the colours of change."""
    level = drawn.params.level
    top = max((abs(each.change or 0) for each in changes if each.clear), default=0.0)
    cells = []
    for each in changes:
        if each.change is None:
            continue
        if each.clear:
            ground, ink = heat_table.change(palette, each.change, top)
            text = words.signed(100 * each.change)
        else:
            ground, ink, text = palette.panel, palette.muted, words.signed(100 * each.change)
        place = drawn.rows.index(each.source), drawn.columns.index(each.target)
        cells.append(heat_table.Cell(*place, ground, ink, text, about(each, level, names)))
    heads = [name(item, level) for item in drawn.rows], [name(item, level) for item in drawn.columns]
    return heat_table.figure(palette, *heads, cells, "From ↓  to →")


def graph(
    palette: Palette, drawn: Drawn, changes: Sequence[Changed], order: Order, least: float, names: tuple[str, str]
) -> go.Figure:
    """The graph in the colours of change; a link's width is how often it is taken on both sides together."""

    def look(n: int) -> tuple[str, float]:
        change = changes[n]
        if not change.clear:
            return palette.context, 0.2
        return (palette.changes[-3] if (change.change or 0) > 0 else palette.changes[2]), 0.8

    return transitions.graph(palette, drawn, order, least, look, lambda n: about(changes[n], drawn.params.level, names))


def rows(changes: Sequence[Changed], level: str, names: tuple[str, str]) -> list[dict[str, str]]:
    """The table of changes, the surest and largest first; the words are ready to be shown."""
    before, after = (text[:1].upper() + text[1:] for text in names)
    return [
        {
            "Step": title(as_link(each), level, lambda text: short(text, 40)),
            before: words.percent(each.before) if each.before is not None else "–",
            after: words.percent(each.after) if each.after is not None else "–",
            "Points": points(each),
            "95 % interval": "–"
            if each.low is None or each.high is None
            else f"{words.signed(100 * each.low)} to {words.signed(100 * each.high)}",
            "q": chance(each.q),
            "In words": verdict(each),
        }
        for each in changes
    ]


def sentence(
    changes: Sequence[Changed], params: Transitions, names: tuple[str, str], said: Callable[[str], str]
) -> str:
    """What differs, in markdown; names go through `said`."""
    clear = [each for each in changes if each.clear]
    tested = sum(each.q is not None for each in changes)
    before, after = (said(text) for text in names)
    if not clear:
        return (
            f"**No step** is clearly more or less usual in {after} than in {before}: all {words.count(tested)} "
            "differences are within noise."
        )
    first = clear[0]
    of = f"of {OF[params.norm]}"
    return (
        f"**{words.count(len(clear))} of {words.count(tested)} steps** differ by more than noise. Most of all "
        f"**{title(as_link(first), params.level, lambda text: said(short(text, 60)))}**: "
        f"{words.percent(first.before)} {of} in {before}, **{words.percent(first.after)}** in {after}."
    )
