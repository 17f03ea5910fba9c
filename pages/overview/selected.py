"""What is selected on the overview: some days of a device, or an event on a page; and the sessions behind it.

In the link: `{"start": "2026-09-07", "device": "phone", "goal": true}` or `{"event": "error", "page": "/cart"}`.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import streamlit as st

from analytics.analyses import event_sessions, overview, sessions
from analytics.charts.overview import span
from analytics.conditions import Filter, Matcher
from analytics.errors import AnalyticsError
from analytics.scope import Scope
from pages.overview import goals
from pages.shared import escape, read_selection, sessions_behind, write_selection
from pages.shared.text import many_of, spoken

WHICH = "overview-which"


@dataclass(frozen=True)
class Behind:
    """A list: what it is called, and the question that gives it."""

    title: str
    scope: Scope
    module: ModuleType
    params: Any


def picked(chart: str) -> None:
    """For the picture with the key `chart`: the point that was clicked becomes the selection."""
    points = st.session_state[chart].selection.points
    if points:
        device, start = points[0]["customdata"][:2]
        write_selection({"start": start} | ({"device": device} if device else {}))


def of_page(name: str, page: str) -> Matcher:
    """Events `name` on exactly this page, whatever marks its address holds."""
    return Matcher(name=name, where=(Filter("page", "is", page),))


def draw(params: overview.Overview, scope: Scope, days: tuple[dt.date, dt.date]) -> None:
    """The list of what is selected, and how to close it; nothing when nothing is."""
    select = read_selection()
    if not select:
        return
    try:
        behind = meant(select, params, scope, days)
    except (ValueError, KeyError, TypeError, AnalyticsError):
        st.warning("The link's selection is not in this scope, so nothing is selected.", icon=":material/link_off:")
        return
    if params.goal is not None and "start" in select:
        st.segmented_control(
            "Which",
            ["all", "goal"],
            default="goal" if select.get("goal") else "all",
            format_func=lambda one: "Every session" if one == "all" else f"With {goals.said(params.goal)}",
            required=True,
            label_visibility="collapsed",
            key=f"{WHICH}-{select.get('goal', False)}",
            on_change=_which,
            args=(select,),
        )
    sessions_behind("overview-list", behind.title, behind.module, behind.params, behind.scope, rows=10)
    st.button("Close the list", icon=":material/close:", type="tertiary", on_click=write_selection, args=(None,))


def meant(select: Mapping[str, Any], params: overview.Overview, scope: Scope, days: tuple[dt.date, dt.date]) -> Behind:
    """A selection as a list; raises an error of whatever kind for one that is none."""
    if "start" not in select:
        event, page = str(select["event"]), str(select["page"])
        title = f"{escape(spoken(event).capitalize(), 40)} on {escape(page, 80)}"
        return Behind(title, scope, event_sessions, event_sessions.EventSessions(of_page(event, page)))
    start = dt.date.fromisoformat(str(select["start"]))
    stop = start + dt.timedelta(days=7 if params.grain == "week" else 1)
    device = str(select.get("device") or "")
    within = Scope(start=start, stop=stop, devices=(device,) if device else ()).narrowed(scope)
    title = span(start, params.grain, *days) + (f" on {many_of(device)}" if device else "")
    if params.goal is not None and select.get("goal"):
        return Behind(
            f"{title}, with {goals.said(params.goal)}",
            within,
            event_sessions,
            event_sessions.EventSessions(params.goal),
        )
    return Behind(title, within, sessions, sessions.Sessions())


def _which(select: Mapping[str, Any]) -> None:
    rest = {name: value for name, value in select.items() if name != "goal"}
    write_selection(rest if select.get("goal") else rest | {"goal": True})
