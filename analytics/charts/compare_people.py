"""Before and after: how many people are on one side alone and how many on both, as bars that are also a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from analytics import words
from analytics.analyses.compare_people import Part
from analytics.charts import base
from analytics.charts.theme import Palette

ROW, LEFT, RIGHT = 30, 132, 190  # px
PEOPLE = 108  # px: how far right of the bars the column of people ends


def names(sides: tuple[str, str]) -> dict[str, str]:
    """What the parts are called, plain text."""
    before, after = sides
    return {"before": f"Only {before}", "both": "Both", "after": f"Only {after}"}


def figure(palette: Palette, parts: Sequence[Part], named: Mapping[str, str]) -> go.Figure:
    """A bar per part; its customdata begins with what the part is called in questions. Somebody is on some side."""
    everybody = sum(part.people for part in parts)
    colours = {"before": palette.ink, "both": palette.context, "after": palette.series[0]}
    right: dict[str, Any] = {"xref": "paper", "xanchor": "right"}
    above: dict[str, Any] = {"yref": "paper", "yanchor": "bottom", "yshift": 3}
    heads = [
        base.words_at(1, 1, text, palette.muted, xshift=shift, **right, **above)
        for text, shift in (("People", PEOPLE), ("Sessions", RIGHT - 6))
    ]
    notes = [
        note
        for y, part in enumerate(parts)
        for note in (
            base.words_at(0, y, base.plain(named[part.who], 19), palette.ink, xref="paper", xshift=6 - LEFT),
            base.words_at(1, y, _people(part, everybody), palette.ink, xshift=PEOPLE, **right),
            base.words_at(1, y, words.count(part.sessions), palette.muted, xshift=RIGHT - 6, **right),
        )
    ]
    drawn = base.new(
        palette,
        ROW * len(parts) + 26,
        margin={"l": LEFT, "r": RIGHT, "t": 22, "b": 4},
        clickmode="event+select",
        hovermode="closest",
        bargap=0.45,
        annotations=[*heads, *notes],
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
    drawn.update_xaxes(range=[0, max(1, *(part.people for part in parts))], visible=False)
    drawn.update_yaxes(range=[len(parts) - 0.5, -0.5], visible=False)
    return drawn


def _people(part: Part, everybody: int) -> str:
    return f"{words.count(part.people)} ({words.percent(part.people / everybody)})"


def _hover(part: Part, name: str) -> str:
    where = f"{words.many(part.sessions_before, 'session')} before, {words.count(part.sessions_after)} after"
    return f"{name}: {words.many(part.people, 'person', 'people')}<br>{where}"
