"""Transitions of two scopes: one picture of what differs, the table of changes, and a change's sessions."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from analytics import words
from analytics.analyses import transition_sessions, transition_shares
from analytics.analyses.transition_sessions import TransitionSessions
from analytics.analyses.transition_shares import TransitionShares
from analytics.analyses.transitions import Transitions
from analytics.charts import paths as paths_chart
from analytics.charts import transition_changes as chart
from analytics.charts.transitions import as_link, title
from pages.journeys import against, moves_drawn
from pages.journeys.against import Pair
from pages.shared import Page, ask, escape, key, legend, palette, sessions_behind
from pages.shared.lists import ROW
from pages.shared.picking import pick


def draw(
    page: Page, params: Transitions, shape: str, pair: Pair, order: paths_chart.Order, pinned: Sequence[str]
) -> None:
    """The whole page below its choices."""
    asked = TransitionShares(**vars(replace(params, times=False)))
    there, here = ask(transition_shares, asked, pair.there), ask(transition_shares, asked, pair.here)
    names = pair.there_name, pair.here_name
    changes = transition_shares.changed(there, here)
    queries = (*there.queries, *here.queries)
    if not there.shares or not here.shares:
        empty = names[0] if not there.shares else names[1]
        page.answer(f"**No session** to compare: {escape(empty)} has none with these choices.")
        page.actions(queries)
        return
    page.answer(chart.sentence(changes, params, names, lambda text: escape(text, 80)))
    drawn = chart.drawn(params, changes, order, pinned)
    less, more = palette().changes[2], palette().changes[-3]
    legend(
        [(f"less in {names[1]}", less), (f"more in {names[1]}", more), ("within noise", palette().context)],
        f"Points of the share of {chart.of(params)}, against {names[0]}. Click for sessions.",
    )
    if shape == "graph":
        least = moves_drawn.choose_least()
        picture = chart.graph(palette(), drawn, changes, order, least, names)
        clicked = moves_drawn.graph(picture, drawn, least, "-changed")
    else:
        picture = chart.matrix(palette(), drawn, changes, names)
        clicked = moves_drawn.matrix(picture, drawn, "-changed")
    rows = chart.rows(changes, params.level, names)
    st.subheader("What differs, step by step", anchor=False)
    st.dataframe(
        pd.DataFrame(rows),
        key=key("moves-changed"),
        hide_index=True,
        row_height=ROW,
        height=ROW * min(len(rows), 14) + 32,
        alt="Each step's share on both sides with its difference",
    )
    st.caption(
        "Sessions of one person are not independent: intervals are by person. q: how often chance alone would give so "
        f"large a difference, corrected for {words.many(transition_shares.compared(changes), 'step')} at once."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        one = changes[
            pick(
                "Sessions of",
                [as_link(link) for link in drawn.links],
                [title(link, params.level, lambda text: paths_chart.short(text, 40)) for link in drawn.links],
                clicked,
                0,
                width=430,
            )
        ]
        scope, side = against.side(pair)
    behind = TransitionSessions(replace(params, times=False, norm="count"), one.source, one.target)
    said = title(chart.as_link(one), params.level, lambda text: escape(text, 80))
    said = f"{said}, {escape(side)}{moves_drawn.one_each(params.by)}"
    listed = sessions_behind("transitions", said, transition_sessions, behind, scope)
    page.actions((*queries, *listed.queries), rows, "transitions-changed", picture)
