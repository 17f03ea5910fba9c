"""Each value of the breakdown against all the others together, and who is behind it."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from analytics import words
from analytics.analyses import funnel_shares
from analytics.analyses.dropouts import Dropouts
from analytics.analyses.funnel import Funnel
from analytics.analyses.funnel_shares import FunnelShares
from analytics.charts import funnel_shares as chart
from analytics.charts.funnel import MOST as MOST_DRAWN
from analytics.query import Query
from pages.journeys import stopped, view
from pages.shared import ask, escape, key
from pages.shared.lists import ROW
from pages.shared.picking import pick

MOST = 20  # values of the table; all others are its last row


def draw(params: Funnel, names: list[str], counted: str, others: int) -> tuple[Query, ...]:
    """The table for two steps that are chosen here, and the list behind one of its rows. `others`: values that are not
    drawn above."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-split"):
        between = view.step_pair(names, "split", (1, len(names)))
    asked = replace(params, breakdown_limit=MOST, histogram=None, trend=None)
    result = ask(funnel_shares, FunnelShares(**vars(asked), pairs=(between,)))
    came, went = (escape(names[n - 1], 60) for n in between)
    shares = [share for share in result.shares if share.kind != "whole"]
    drawn = sum(share.kind == "value" for share in shares)
    rest = max(0, others + MOST_DRAWN - drawn)
    st.markdown(f"From {came} to {went}: {chart.said_of_values(result, lambda text: escape(text, 40))}")
    rows = chart.values(result, rest)
    st.dataframe(
        pd.DataFrame(rows),
        key=key("funnel-values"),
        hide_index=True,
        row_height=ROW,
        height=ROW * len(rows) + 32,
        alt="Values of the breakdown against the others",
        column_config={"Went": st.column_config.TextColumn(f"Went on, of {counted}", alignment="right")},
    )
    how = (
        "Sessions of one person are not independent, so intervals and tests are by person."
        if result.by_person
        else "Intervals by Wilson and Newcombe."
    )
    st.caption(
        f"{how} q: how often chance alone would give so large a difference, corrected for "
        f"{words.many(len(shares), 'row')} at once. A difference is clear where q is below 0.05 and its "
        f"95{words.SPACE}% interval leaves out zero."
    )
    if not shares:
        return result.queries
    things = [(share, step) for share in shares for step in between]
    said = [f"{chart.value_name(share, rest)}: reached {names[step - 1]}" for share, step in things]
    place = pick(
        f"Which {counted}",
        [
            {"reached": step, **({"rest": True} if share.kind == "rest" else {"of": share.value}), "table": True}
            for share, step in things
        ],
        said,
        None,
        1,
        width=430,
    )
    share, step = things[place]
    of = {"rest": True} if share.kind == "rest" else {"value": share.value}
    listed = stopped.behind(Dropouts(**vars(asked), step=step, converted=True, **of), escape(said[place], 120))
    return (*result.queries, *listed.queries)
