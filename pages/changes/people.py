"""Who is on which side: the people of one side alone and those of both, and the sessions of each."""

from collections.abc import Sequence

import streamlit as st

from analytics import words
from analytics.analyses import compare_people
from analytics.analyses.compare import Compare
from analytics.analyses.compare_people import ComparePeople, Part, Who
from analytics.charts import compare_people as chart
from analytics.query import Query
from pages.changes.sides import Sides
from pages.shared import ask, escape, key, palette, plotly, sessions_behind


def draw(params: Compare, sides: Sides, control: str) -> tuple[Query, ...]:
    """The picture; a click on a bar lists its sessions by the widget `control`. Returns what was asked."""
    result = ask(compare_people, _asked(params, "both"), sides.within)
    st.subheader("Who is on which side", anchor=False)
    widget = key(f"people-{st.session_state.get(control)}")  # one per choice: a second click on a bar is heard again
    plotly(
        chart.figure(palette(), result.parts, names(sides)),
        widget,
        lambda: clicked(widget, control),
        alt="People on one side alone and on both; the sessions of each are listed by the control below",
    )
    st.caption(_said(result.parts, sides.where))
    return (result.queries[0],)


def names(sides: Sides) -> dict[str, str]:
    """What the parts are called, plain text."""
    return chart.names(sides.inline)


def draw_behind(params: Compare, sides: Sides, who: Who) -> None:
    """The sessions of a part of the people, on either side."""
    before, after = (escape(name, 40) for name in sides.names)
    title = {
        "before": f"People with sessions of “{before}” alone",
        "both": f"People with sessions of both “{before}” and “{after}”",
        "after": f"People with sessions of “{after}” alone",
    }[who]
    sessions_behind(f"behind-{who}", title, compare_people, _asked(params, who), sides.within)


def clicked(widget: str, control: str) -> None:
    """A bar was clicked in the picture `widget`: its sessions are those of the list from now on."""
    points = st.session_state[widget].selection.points
    if points and points[0].get("customdata"):
        st.session_state[control] = f"only_{points[0]['customdata'][0]}"


def _asked(params: Compare, who: Who, limit: int = 0) -> ComparePeople:
    return ComparePeople(params.before, params.after, who, limit=limit)


def _said(parts: Sequence[Part], where: tuple[str, str]) -> str:
    everybody, both = sum(part.people for part in parts), parts[1]
    who = f"{words.count(both.people)} of {words.many(everybody, 'person', 'people')}"
    if not both.people:
        return f"{who} are on both sides."
    share = words.percent(both.people / everybody)
    one, other = where
    sessions = f"{words.many(both.sessions_before, 'session')} {one} and {words.count(both.sessions_after)} {other}"
    verb = "is" if both.people == 1 else "are"
    return f"{who} ({share}) {verb} on both sides, with {sessions}. Click a bar for its sessions."
