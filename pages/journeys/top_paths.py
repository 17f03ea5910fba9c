"""Top paths: the most usual whole sessions, the costly ones, and how long sessions are."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from analytics.analyses import top_path_sessions, top_paths, values
from analytics.analyses.top_path_sessions import TopPathSessions
from analytics.analyses.top_paths import TopPaths
from analytics.charts import top_paths as chart
from analytics.scope import Scope
from pages.journeys import grouped, moves, ways
from pages.overview import goals
from pages.shared import ask, end, escape, head, key, palette, plotly, read_params, sessions_behind, write_params
from pages.shared.lists import ROW
from pages.shared.picking import pick

COSTLY = 20  # sessions that a costly path needs, unless fewer are chosen
LEAST = (1, 2, 5, 20, 100)


def choose(known: ways.Stored) -> TopPaths:
    """Draws the choices, keeps them in the link, and returns the question."""
    names = [value.value for value in ask(values, values.Values("event"), Scope()).values]
    groups = grouped.usual() if known.page else ()
    usual = TopPaths("page" if known.page else "event", groups=groups, goal=goals.likely(names))
    given = read_params(usual)
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
        rank = st.segmented_control(
            "Rank",
            list(chart.RANKS),
            default=given.rank,
            format_func=chart.RANKS.__getitem__,
            required=True,
            key=key("rank"),
        )
        usual_least = COSTLY if rank != "usual" else 1
        now = given.least if given.rank == rank else usual_least
        floors = sorted({*LEAST, now})
        least = st.selectbox(
            "Of at least",
            floors,
            floors.index(now),
            format_func=lambda number: "Any number" if number == 1 else f"{number} sessions",
            key=key(f"least-{rank}"),
            help="Rare ones that cost much come up when fewer are enough; figures of few sessions say little.",
            width=140,
        )
        level = given.level
        if known.page:
            level = st.segmented_control(
                "Follow",
                ["page", "event"],
                default=given.level,
                format_func=lambda level: f"{level.capitalize()}s",
                required=True,
                key=key("level"),
            )
        goal = goals.offer(given.goal, names)
        groups = given.groups if level == "page" else ()
        out = moves.left_out(known, level, groups, given.exclude)
        repeats = st.toggle(
            "Repeats", not given.collapse_repeats, key=key("repeats"), help="The same again, told apart"
        )
        if level == "page":
            groups = grouped.choose(given.groups)
    params = replace(
        given, level=level, groups=groups, exclude=out, collapse_repeats=not repeats, goal=goal, rank=rank,
        least=least,
    )  # fmt: skip
    write_params(params, usual, always=("groups",) if known.page else ())
    return params


page = head("What do whole sessions look like?")
params = choose(ways.stored())
result = ask(top_paths, params)
if not result.paths:
    few = f" in {params.least} sessions or more" if params.least > 1 and result.sessions else ""
    page.answer(f"**No path** is there{few}. Leave out less, or rank by what is most usual.")
    page.actions(result.queries)
    end()

goal = goals.said(params.goal)
page.answer(chart.sentence(result, params, goal, lambda text: escape(text, 140)))
grid = st.grid(2, min_column_width=320, gap="medium")
with grid.cell():
    plotly(chart.lengths(palette(), result.spread, params.level), key("lengths"), alt="Sessions by length")
with grid.cell():
    plotly(chart.times(palette(), result.spread), key("times"), alt="Sessions by time")
table = chart.rows(result, params)
event = st.dataframe(
    pd.DataFrame(table),
    key=key(f"top-{params.rank}"),
    hide_index=True,
    row_height=ROW,
    height=ROW * min(len(table), 15) + 32,
    on_select="rerun",
    selection_mode="single-row",
    column_config={"Path": st.column_config.TextColumn(width=430)},
    alt="Paths, one a row",
)
those = f"paths with {params.least} sessions or more" if params.least > 1 else "all paths, however rare"
how = {
    "usual": "Ranked by how many sessions consist of just these items.",
    "time": f"Ranked by the median time, of {those}.",
    "errors": f"Ranked by errors a session, of {those}.",
}
brackets = " In brackets Wilson's 95 % interval." if params.goal else ""
st.caption(f"{how[params.rank]} Select a row for its sessions.{brackets}")
chosen = event["selection"]["rows"]
path = result.paths[
    pick(
        "Sessions of",
        [{"path": list(path.items)} for path in result.paths],
        [chart.text(path, params.level, 120) for path in result.paths],
        chosen[0] if chosen and chosen[0] < len(result.paths) else None,
        width=620,
    )
]
asked = TopPathSessions(replace(params, goal=None, rank="usual", least=1), path.items)
listed = sessions_behind("top-paths", escape(chart.text(path, params.level, 120), 130), top_path_sessions, asked)
page.actions(
    (*result.queries, *listed.queries),
    chart.table(result),
    "top-paths",
    chart.lengths(palette(), result.spread, params.level),
)
