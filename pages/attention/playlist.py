"""The list that a session was opened from: the ones before and after it there, and the mark that it was watched.

The link of the session holds the list's question and the session's place, so that a copied one has the same
neighbours. They come from the page of the list that the session stands on, which the list itself has asked already.
"""

import datetime as dt
import json
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from analytics import registry, words
from analytics.analyses import lessons, sessions
from analytics.errors import AnalyticsError
from analytics.workspace import watched
from pages.shared import ask, escape, go_to, link_of, link_to, segments, store, zone
from pages.shared.links import PARAMS, VIEW, lean
from pages.shared.lists import LIST, LIST_SIZE, LONGEST_LINK, Playlist, link_of_session, marks
from pages.shared.navigation import registered

SEARCHED = 5000  # rows in which a session is looked for that is not where it was
FURTHEST = 10**9
REFUSED = "watched-refused"


@dataclass(frozen=True)
class Place:
    """Where a session stands in its list, from 1; not `there` any more: number `at` is now another one."""

    at: int
    total: int
    there: bool


def read(text: str) -> tuple[Playlist, int] | None:
    """The list that a link names, and the session's place; None for what is no list of sessions."""
    try:
        found = json.loads(text)
        module = registry.analysis(str(found["of"]))
        params = registry.params(module, json.dumps(found.get("p", {})))
        scope = registry.scope(json.dumps(found.get("in", {})))
        params, scope = segments.resolved((params, scope))
        place = int(found["n"])
        module.queries(params, scope)  # what no statement can be made of is refused here
    except (AnalyticsError, ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None
    if not 1 <= place <= FURTHEST or not _lists_sessions(module) or len(text) > LONGEST_LINK:
        return None
    on = found.get("on")
    return Playlist(module, params, scope, on if isinstance(on, str) and on in registered() else ""), place


def _lists_sessions(module: ModuleType) -> bool:
    """By its form: pages of rows with a session's id each, and how many there are in all."""
    asked = module.EXAMPLE.__dataclass_fields__
    told = getattr(module.run.__annotations__["return"], "__dataclass_fields__", {})
    rows = any("session_id" in getattr(one, "__dataclass_fields__", {}) for one in vars(module).values())
    return {"limit", "offset"} <= asked.keys() and rows and {"rows", "total"} <= told.keys()


def place_of(session_id: str, playlist: Playlist, place: int) -> Place:
    """Where the session is now; first where the link says, then around there, then among the first of the list."""
    at = _page(place)
    here = playlist.page(at)
    for page in dict.fromkeys((at, max(1, at - 1), at + 1)):
        ids = [row.session_id for row in (here if page == at else playlist.page(page)).rows]
        if session_id in ids:
            return Place(LIST_SIZE * (page - 1) + ids.index(session_id) + 1, here.total, True)
    if not _has_left(session_id, playlist):
        first = ask(playlist.module, replace(playlist.params, limit=SEARCHED, offset=0), playlist.scope)
        ids = [row.session_id for row in first.rows]
        if session_id in ids:
            return Place(ids.index(session_id) + 1, first.total, True)
    return Place(min(place, here.total + 1), here.total, False)


def _has_left(session_id: str, playlist: Playlist) -> bool:
    """It was marked, in a list of those that nobody has watched: it need not be looked for."""
    among = getattr(playlist.params, "among", playlist.params)
    return getattr(among, "watched", None) is (session_id not in marks([session_id]))


def _page(place: int) -> int:
    return (place - 1) // LIST_SIZE + 1


def row_at(playlist: Playlist, place: int) -> Any | None:
    """The row of that place, if the list has one."""
    if place < 1:
        return None
    rows = playlist.page(_page(place)).rows
    n = (place - 1) % LIST_SIZE
    return rows[n] if n < len(rows) else None


def bar(session_id: str) -> None:
    """Draws the session's place in its list with the ways to the ones before and after it, and its mark."""
    text = st.query_params.get(LIST, "")
    found = read(text) if text else None
    if found is not None and not all(hasattr(row, "session_id") for row in found[0].page(_page(found[1])).rows):
        found = None  # people, or whatever else the analysis can list
    if text and found is None:
        st.caption("The list that this link names cannot be read, so there is no next session here.")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="quiet-playlist"):
        now = _steps(session_id, *found) if found is not None else None
        _mark(session_id)
    if found is not None and now is not None and now.there:
        why = getattr(row_at(found[0], now.at), "why", "")
        if why:
            st.caption(f"Why it is listed: {escape(why, 400)}.")
    if refused := st.session_state.pop(REFUSED, ""):
        st.warning(escape(refused, 300), icon=":material/error:")


def _steps(session_id: str, playlist: Playlist, place: int) -> Place:
    now = place_of(session_id, playlist, place)
    before, after = now.at - 1, now.at + 1 if now.there else now.at
    for label, icon, to in (("Previous", "chevron_left", before), ("Next", "chevron_right", after)):
        pressed = st.button(
            label,
            key=f"playlist-{label}",
            icon=f":material/{icon}:",
            icon_position="left" if to == before else "right",
            disabled=not 1 <= to <= now.total,
        )
        if pressed and (row := row_at(playlist, to)) is not None:
            go_to("session", link_of_session(row.session_id, getattr(row, "at_ms", None), playlist.text(to)))
    said = f"**{words.count(now.at)}** of {words.count(now.total)}"
    if not now.there:
        said = f"No longer in its list of {words.many(now.total, 'session')}"
    st.markdown(said, width="content")
    _back(playlist, now.at)
    return now


def _back(playlist: Playlist, place: int) -> None:
    """The way back: to the list of sessions, on the page where this one stands, or to the figure it is behind."""
    if entry := registered().get(playlist.on):
        link_to(entry.url, f"Back to {entry.title}", width="content")
        return
    offset = LIST_SIZE * (_page(place) - 1)
    view: dict[str, Any] = {}
    if playlist.module is sessions:
        asked = {name: value for name, value in lean(playlist.params).items() if name != "limit"}
    elif playlist.module is lessons:
        asked, params = lean(playlist.params.among), playlist.params
        view = {"order": "lessons", "goal": lean(params.goal) if params.goal is not None else None}
    else:
        return
    asked = asked | {"offset": offset}
    query = {
        **link_of(playlist.scope),
        PARAMS: json.dumps(asked, ensure_ascii=False, separators=(",", ":")),
        **({VIEW: json.dumps(view, ensure_ascii=False, separators=(",", ":"))} if view else {}),
    }
    link_to("sessions", "Back to the list", query, width="content")


def _mark(session_id: str) -> None:
    marked = marks([session_id]).get(session_id)
    if store().read_only:
        if marked:
            st.caption(":material/check: Watched")
        return
    by = f" by {escape(marked.by, 40)}" if marked and marked.by else ""
    st.button(
        "Watched" if marked else "Mark as watched",
        key=f"watched-{session_id}",
        icon=":material/check_circle:" if marked else ":material/radio_button_unchecked:",
        type="tertiary",
        help=f"Marked{by}, {_moment(marked.at)}. Press to take the mark away." if marked else
             "For the team: lists show which sessions were watched, and can leave them out.",
        on_click=_toggled,
        args=(session_id, marked is not None),
    )  # fmt: skip


def _moment(at: dt.datetime) -> str:
    return words.moment(at.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone())))


def _toggled(session_id: str, was: bool) -> None:
    try:
        (watched.unmark if was else watched.mark)(store(), session_id)
    except AnalyticsError as error:
        st.session_state[REFUSED] = str(error)
