"""Before and after: how many people are on one side alone and how many on both, as bars that are also a table."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from analytics import words
from analytics.analyses.compare_people import Part
from analytics.charts import base
from analytics.charts.theme import Palette

ROW, LEFT, RIGHT = 30, 132, 190  # px


def names(sides: tuple[str, str]) -> dict[str, str]:
    """What the parts are called, plain text."""
    before, after = sides
    return {"before": f"Only {before}", "both": "Both", "after": f"Only {after}"}


def figure(palette: Palette, parts: Sequence[Part], named: Mapping[str, str]) -> go.Figure:
    """A bar per part; its customdata begins with what the part is called in questions. Somebody is on some side."""
    everybody = sum(part.people for part in parts)
    colours = {"before": palette.ink, "both": palette.context, "after": palette.series[0]}
    drawn = base.new(
        palette,
        ROW * len(parts) + 26,
        margin={"l": LEFT, "r": RIGHT, "t": 22, "b": 4},
        clickmode="event+select",
        hovermode="closest",
        bargap=0.45,
    )
    drawn.add_bar(
        x=[part.people for part in parts],
        y=[*range(len(parts))],
        orientation="h",
        marker={"color": [colours[part.who] for part in parts]},
        customdata=[[part.who, _hover(part, base.plain(named[part.who], 60))] for part in parts],
        hovertemplate="%{customdata[1]}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
    for y, part in enumerate(parts):
        base.note(drawn, 0, y, base.plain(named[part.who], 19), palette.ink, xref="paper", xshift=6 - LEFT)
        share = f"{words.count(part.people)} ({words.percent(part.people / everybody)})"
        base.note(drawn, 1, y, share, palette.ink, xref="paper", xanchor="right", xshift=108)
        sessions = words.count(part.sessions)
        base.note(drawn, 1, y, sessions, palette.muted, xref="paper", xanchor="right", xshift=RIGHT - 6)
    for text, shift in (("People", 108), ("Sessions", RIGHT - 6)):
        base.note(
            drawn, 1, 1, text, palette.muted, xref="paper", yref="paper", xanchor="right", xshift=shift,
            yanchor="bottom", yshift=3,
        )  # fmt: skip
    drawn.update_xaxes(range=[0, max(1, *(part.people for part in parts))], visible=False)
    drawn.update_yaxes(range=[len(parts) - 0.5, -0.5], visible=False)
    return drawn


def _hover(part: Part, name: str) -> str:
    where = f"{words.many(part.sessions_before, 'session')} before, {words.count(part.sessions_after)} after"
    return f"{name}: {words.many(part.people, 'person', 'people')}<br>{where}"
