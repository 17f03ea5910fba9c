"""Lists of sessions: what stands behind a figure, each row one click from its timeline."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import pandas as pd
import streamlit as st

from analytics import words
from analytics.analyses import sessions
from analytics.conditions import Filter
from analytics.scope import Scope
from pages.shared.asking import ask
from pages.shared.navigation import go_to, registered

LIST_SIZE = 50
ROW = 30  # px
TALL = 25  # rows in view


def session_list(key: str, ids: Sequence[str], total: int, title: str) -> None:
    """The sessions `ids`, in this order, out of `total` behind what `title` names (markdown: text from data escaped).

    Each row opens the session. Says so when these are only the first of them.
    """
    st.subheader(f"{title}: {words.many(total, 'session')}", anchor=False)
    if not ids:
        st.caption("No session to show.")
        return
    if len(ids) < total:
        st.caption(f"The first {words.count(len(ids))} of them.")
    session_table(key, _details(ids))


def sessions_behind(
    key: str, title: str, module: ModuleType, params: Any, scope: Scope | None = None, rows: int = TALL
) -> Any:
    """The list that an analysis of sessions gives, page by page: `module` answers `rows` of session ids and `total`.

    `rows` of a page are in view, the others by scrolling. Returns the answer shown.
    """
    listed = list_key(key, (params, scope))
    asked = replace(params, limit=LIST_SIZE, offset=LIST_SIZE * (page_of(listed) - 1))
    found = ask(module, asked, scope)
    st.subheader(f"{title}: {words.many(found.total, 'session')}", anchor=False)
    if not found.total:
        st.caption("No session to show.")
        return found
    moments = {row.session_id: getattr(row, "at_ms", None) for row in found.rows}
    session_table(listed, _details([row.session_id for row in found.rows]), rows_in_view=rows, moments=moments)
    pages(listed, found.total)
    return found


def list_key(key: str, question: object) -> str:
    """A key of the list that answers `question`: another question's list begins at its beginning."""
    return f"{key}-{zlib.crc32(repr(question).encode()):08x}"


def page_of(key: str, first: int = 1) -> int:
    """Which page of the list `key` is shown, counted from 1; `first` until `pages` has been drawn and used."""
    return int(st.session_state.get(f"{key}-page") or first)


def pages(key: str, total: int, size: int = LIST_SIZE, first: int = 1) -> None:
    """Draws the choice of a page, and which rows it holds; nothing when all fit on one."""
    if total <= size:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        last_page = -(-total // size)
        shown = st.pagination(last_page, default=min(first, last_page), key=f"{key}-page")
        begin = size * (shown - 1) + 1
        end = min(begin + size - 1, total)
        st.caption(f"{words.count(begin)} to {words.count(end)} of {words.count(total)}", width="content")


def _details(ids: Sequence[str]) -> list[sessions.Row]:
    if not ids:
        return []
    asked = sessions.Sessions((Filter("session_id", "in", tuple(ids)),), limit=len(ids))
    rows = {row.session_id: row for row in ask(sessions, asked, Scope()).rows}
    return [rows[one] for one in ids if one in rows]


def session_table(
    key: str,
    rows: Sequence[sessions.Row],
    further: Sequence[str] = (),
    rows_in_view: int = TALL,
    moments: Mapping[str, int | None] | None = None,
) -> None:
    """The table itself. `further` are columns of `FURTHER` beside the usual ones.

    `moments`: at how many milliseconds after its start a session opens, by id; by default at its start.
    """
    columns: dict[str, list[Any]] = {
        "Started": [row.start_local for row in rows],
        "Person": [row.user or "unknown" for row in rows],
        "Release": [row.release for row in rows],
        "Device": [row.device for row in rows],
        "Length": [words.duration(row.duration_s) for row in rows],
        "Pages": [row.page_views for row in rows],
        "Clicks": [row.clicks for row in rows],
        "Errors": [row.errors for row in rows],
    }
    if not any(columns["Pages"]):  # events without pages
        del columns["Pages"], columns["Clicks"]
        columns["Events"] = [row.events for row in rows]
    columns |= {name: [getattr(row, FURTHER[name]) for row in rows] for name in further}
    table = pd.DataFrame({name: column for name, column in columns.items() if any(v is not None for v in column)})
    watch = f"{key}-watch"
    if "session" in registered():
        table.insert(0, WATCH, ":material/play_arrow: Watch")
    st.dataframe(
        table,
        key=f"{key}-table",
        hide_index=True,
        row_height=ROW,
        height=ROW * min(len(table), rows_in_view) + 32,
        alt="Sessions, one a row",
        column_config={
            "Started": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", width=130),
            "Person": st.column_config.TextColumn(width=92),
            "Release": st.column_config.TextColumn(width=62),
            "Device": st.column_config.TextColumn(width=70),
            "Length": st.column_config.TextColumn(width=84, alignment="right"),
            "Pages": st.column_config.NumberColumn(format="%,d", width=56),
            "Clicks": st.column_config.NumberColumn(format="%,d", width=56),
            "Errors": st.column_config.NumberColumn(format="%,d", width=56),
            "Events": st.column_config.NumberColumn(format="%,d", width=70),
            "Value": st.column_config.NumberColumn(format="%,.2f", width=76),
            "First page": st.column_config.TextColumn(width=150),
            "Last page": st.column_config.TextColumn(width=150),
            WATCH: st.column_config.ButtonColumn(
                "", key=watch, on_click=_ignored, type="tertiary", width=78, pinned=True
            ),
        },
    )
    clicked = st.session_state.get(watch)
    if clicked is not None and clicked.row is not None and clicked.row < len(rows):
        session_id = rows[clicked.row].session_id
        at = (moments or {}).get(session_id)
        go_to("session", {"session": session_id} | ({"at": str(at)} if at else {}))


WATCH = "Open"
FURTHER = {
    "Events": "events",
    "Value": "value",
    "First page": "entry_page",
    "Last page": "exit_page",
    "Country": "country",
}


def _ignored() -> None:
    """The click is read after the table, where the page may be left."""
