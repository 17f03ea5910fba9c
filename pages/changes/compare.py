"""Before and after: did a release help, by how much, and could chance have done it."""

import streamlit as st

from analytics import words
from analytics.analyses import compare, values
from analytics.scope import Scope
from pages.shared import ask, escape, head, read_params, write_params

releases = sorted(value.value for value in ask(values, values.Values("release"), Scope()).values)
page = head("Did it help?")
if len(releases) < 2:
    page.answer("There are not two releases to compare.")
    st.stop()
usual = compare.Compare(Scope(releases=(releases[-2],)), Scope(releases=(releases[-1],)))
params = read_params(usual)
result = ask(compare, params, Scope())
write_params(params, usual)
page.answer(f"**{sum(change.verdict == 'worse' for change in result.metrics)}** metrics are worse.")
for change in result.metrics:
    relative = words.percent(change.relative) if change.relative is not None else change.note or "no relative change"
    st.markdown(f"{escape(change.label)}: {relative}, {change.verdict}")
page.actions(result.queries, [vars(change) for change in result.metrics], "before-after")
