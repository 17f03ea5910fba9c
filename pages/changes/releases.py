"""Releases: when each took over, whether it helped, and what changed most with it."""

import json
from dataclasses import replace

import streamlit as st

from analytics import metrics, words
from analytics.analyses import compare, item_changes
from analytics.analyses.compare import Compare
from analytics.charts import compare as forest
from analytics.charts import releases as chart
from pages.changes import changed_most, choosing, noting, released, sides, verdict, went_out
from pages.shared import (
    ask,
    end,
    escape,
    head,
    key,
    legend,
    link_to,
    palette,
    plotly,
    read_params,
    write_params,
    write_selection,
)
from pages.shared.links import lean
from pages.shared.picking import pick
from pages.shared.releases import MOST, noted

found, own, there = went_out.detected(), went_out.kept(), noted()
every = went_out.known(found, own)
if not every:
    page = head("What did a release change?", f"{words.many(found.sessions, 'session')}, none with a release.")
    page.answer(
        "**No session says which release it had.** Name a release and the day on which it went out, and the weeks from "
        "then on are compared with as many before."
    )
    noting.refusal()
    noting.draw_define()
    st.subheader("Sessions by day", anchor=False)
    figure = chart.course(palette(), found.days, (), None, {}, there)
    plotly(figure, key("course"), alt="Sessions by day")
    noting.draw_notes(there)
    page.actions(found.queries)
    end()

top = st.container()
usual = sides.usual()
given = read_params(usual)
widget = key("releases-table")
picked = st.session_state[widget].selection.rows if widget in st.session_state else []
with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
    number = pick(
        "Release",
        [one.link for one in every],
        [went_out.with_days(one) for one in every],
        picked[0] if picked and picked[0] < len(every) else None,
        went_out.usual(every),
        width=230,
    )
    goal = choosing.goal(given)
    one = every[number]
    write_selection(one.link)  # also of the usual one: a link stays what it is when another release comes
    noting.draw_name(one, every)
pair = went_out.pair(one, every)
both = pair.sides
base = replace(usual, before=both.before, after=both.after) if both else usual
params = Compare(base.before, base.after, goal=goal)
write_params(params, replace(params, goal=usual.goal))
with top:
    told = both.describe("user", len(metrics.chosen(None, goal))) if both else words.many(found.sessions, "session")
    page = head(f"What did {'release ' if one.value is not None else ''}{one.name} change?", told)
missing = (both.empty() if both else "") or (f"**Nothing to compare.** {escape(pair.why, 300)}" if not both else "")
noting.refusal()

grid = st.grid(5, min_column_width=180, gap="medium")
with grid.cell(column_span=3):
    drawn = released.shown(every, one)
    st.subheader("Share of each day's sessions" if drawn else "Sessions by day", anchor=False)
    marked = [each for each in every if each.day and (each.value in drawn or each.value is None)][: 2 * MOST]
    went = {each.name: each.day for each in reversed(marked)}
    figure = chart.course(palette(), found.days, drawn, one.value, went, there)
    if drawn:
        legend([(one.name, palette().series[0]), ("other releases", palette().context)] if one.value else [])
    plotly(figure, key(f"course-{number}"), alt="Each release's share of sessions by day")
with grid.cell(column_span=2):
    st.subheader(words.many(len(every), "release"), anchor=False)
    released.table(every, widget)
    noting.draw_notes(there)
    with st.expander("A release that the sessions do not know"):
        noting.draw_define()

if missing or both is None:
    page.answer(missing)
    page.actions(found.queries, name="release", figure=figure)
    end()

names = went_out.told(both, one, pair.before)
result = ask(compare, params, both.within)
asked = changed_most.asked(both, goal)
changed = ask(item_changes, asked, both.within)
said = (
    verdict.sentence(result.metrics, both.days_after),
    changed_most.sentence(changed, asked, names),
    escape(pair.remark),
)
page.answer(" ".join(filter(None, said)))

st.subheader(f"What changed most against {escape(pair.before, 60)}", anchor=False)
changed_most.draw(changed, asked, both, names, str(number))

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.subheader("All metrics", anchor=False, width="content")
    link_to("compare", "Before and after", {"p": json.dumps({"goal": None} | lean(params), ensure_ascii=False)})
rows = forest.ordered(result.metrics)
verdicts = {row.verdict for row in rows} | {"worse", "better", "no clear change"}
legend([(name, colour) for name, colour in forest.colours(palette()).items() if name in verdicts], "", forest.GLYPHS)
picture = forest.figure(palette(), params, replace(result, metrics=tuple(forest.foremost(rows, ()))), names=names)
plotly(picture, key(f"forest-{number}"), alt="Relative change of the metrics with intervals")
page.actions((*found.queries, *result.queries, *changed.queries), chart.figures(changed.items), "release", picture)
