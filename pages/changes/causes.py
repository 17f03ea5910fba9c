"""What else could explain it: a line for each way in which the two sides differ beside the change itself."""

from collections.abc import Sequence

import streamlit as st

from analytics import words
from analytics.alternatives import Explanation
from analytics.analyses import explanations
from analytics.analyses.compare import Change, Compare
from analytics.analyses.explanations import Explanations, ExplanationsResult, Happened
from analytics.workspace import notes, releases
from pages.changes.sides import Sides
from pages.shared import ask, escape
from pages.shared.waiting import answer

BADGES = {"matters": ":orange-badge[matters]", "unknown": ":orange-badge[unknown]", "does not": ":gray-badge[does not]"}
HOW = (
    "What makes at least a quarter of a clear change matters; of one that is not clear, what makes at least half the "
    "width of its interval. So does a change as large at one earlier date in twenty or more, and traffic that doubles "
    "or halves. Intervals at the same mix follow from how much each value varies, widened by how much sessions of one "
    "person resemble each other."
)


def causes(params: Compare, change: Change) -> ExplanationsResult:
    """Those of `change`, one metric of what `params` compare."""
    named = [Happened(one.day, f"release {one.name}") for one in answer("named-releases", releases.known) if one.day]
    happened = (*named, *(Happened(note.day, note.text) for note in answer("notes", notes.known)))
    asked = Explanations(params.before, params.after, change.metric, params.by, params.goal, happened)
    found: ExplanationsResult = ask(explanations, asked, Sides(params.before, params.after).within)
    return found


def draw(found: ExplanationsResult) -> None:
    """A line each; those that do not matter folded away, but for weeks that are not whole, which one can mend."""
    folded = [one for one in found.explanations if one.weight == "does not" and not _cut(one)]
    shown = [one for one in found.explanations if one not in folded]
    _lines(shown, "shown")
    if not shown:
        st.markdown("Nothing that these sessions can tell.")
    if folded:
        titles = words.listed([one.title.lower() for one in folded])
        many = f"{words.count(len(folded))} {'does' if len(folded) == 1 else 'do'} not matter"
        with st.expander(f"{many}: {escape(titles)}", key="quiet-folded-causes"):
            _lines(folded, "folded")
            st.caption(HOW)


def _cut(one: Explanation) -> bool:
    """Told of weeks that are not whole."""
    return one.about == "weekdays" and one.effect is not None


def _lines(found: Sequence[Explanation], where: str) -> None:
    for n, one in enumerate(found):
        with st.container(horizontal=True, key=f"quiet-cause-{where}-{n}", gap="xsmall"):
            st.markdown(BADGES[one.weight], width=76)
            st.container(gap=None).markdown(f"**{one.title}:** {escape(one.said)}")
