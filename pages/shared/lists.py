"""Lists of sessions: what stands behind a figure, each row one click from its timeline."""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import ModuleType
from typing import Any
from urllib.parse import quote, urlsplit

import pandas as pd
import streamlit as st

from analytics import registry, words
from analytics.analyses import sessions
from analytics.conditions import Filter
from analytics.scope import Scope
from analytics.workspace import watched
from pages.shared.asking import ask
from pages.shared.links import lean
from pages.shared.navigation import HOME, go_to, registered
from pages.shared.scope import current_scope
from pages.shared.waiting import answer

LIST_SIZE = 50
ROW = 30  # px
TALL = 25  # rows in view
LIST = "list"  # of a session's link: the list that it was opened from
LONGEST_LINK = 6000  # letters that browsers and what lies between carry without trouble


@dataclass(frozen=True)
class Playlist:
    """The list that an analysis of sessions gives, as a session's link names it. `params` are those of any page.

    `on` is the page that shows it, by its address; empty for the list of sessions, which opens on any question.
    """

    module: ModuleType
    params: Any
    scope: Scope
    on: str = ""

    def text(self, place: int) -> str | None:
        """For the link of its session number `place`, from 1; None if that makes the link too long.

        JSON: `of`, the analysis; `p` and `in`, its parameters and scope without what is as usual; `on`, the page;
        `n`, the place.
        """
        asked = registry.dump(self.params)
        if len(asked) == len(fields(self.params)):  # else one is not told at all, which `lean` does not know
            asked = lean(self.params)
        whole = {
            "of": self.module.__name__.rpartition(".")[2],
            "p": {name: value for name, value in asked.items() if name not in ("limit", "offset")},
            "in": lean(self.scope),
            "on": self.on,
            "n": place,
        }
        text = json.dumps(
            {name: value for name, value in whole.items() if value}, ensure_ascii=False, separators=(",", ":")
        )
        return text if len(quote(text)) <= LONGEST_LINK else None

    def page(self, number: int) -> Any:
        """The answer that holds page `number` of the list, from 1: the very one that the list was drawn from."""
        return ask(self.module, replace(self.params, limit=LIST_SIZE, offset=LIST_SIZE * (number - 1)), self.scope)


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
    session_table(key, details(ids))


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
    playlist = Playlist(module, params, current_scope() if scope is None else scope, _here())
    rows_shown = details([row.session_id for row in found.rows])
    session_table(listed, rows_shown, rows_in_view=rows, moments=moments, playlist=playlist, first=asked.offset + 1)
    pages(listed, found.total)
    return found


def _here() -> str:
    """The address of the page that runs; empty where it is unknown, and for the page of one session."""
    path = urlsplit(str(st.context.url or "")).path.rpartition("/")[2] or HOME
    return path if path in registered() and path != "session" else ""


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


def details(ids: Sequence[str]) -> list[sessions.Row]:
    """What is known of the sessions `ids`, in this order."""
    if not ids:
        return []
    asked = sessions.Sessions((Filter("session_id", "in", tuple(ids)),), limit=len(ids))
    rows = {row.session_id: row for row in ask(sessions, asked, Scope()).rows}
    return [rows[one] for one in ids if one in rows]


@dataclass(frozen=True)
class Column:
    """A column of the table: its value in a row, and how it is shown; `width` in px."""

    value: Callable[[sessions.Row], Any]
    width: int
    config: Callable[..., Any] = st.column_config.TextColumn
    more: Mapping[str, Any] = field(default_factory=dict)


def _number(value: Callable[[sessions.Row], Any], width: int = 56, format: str = "%,d") -> Column:
    return Column(value, width, st.column_config.NumberColumn, {"format": format})


def _length(value: Callable[[sessions.Row], Any]) -> Column:
    return Column(lambda row: words.duration(value(row)), 84, more={"alignment": "right"})


COLUMNS: dict[str, Column] = {
    "Started": Column(
        lambda row: row.start_local, 130, st.column_config.DatetimeColumn, {"format": "D MMM YYYY, HH:mm"}
    ),
    "Person": Column(lambda row: row.user or "unknown", 92),
    "Release": Column(lambda row: row.release, 62),
    "Device": Column(lambda row: row.device, 70),
    "Browser": Column(lambda row: row.browser, 80),
    "System": Column(lambda row: row.os, 80),
    "Country": Column(lambda row: row.country, 66),
    "Campaign": Column(lambda row: row.campaign, 110),
    "Length": _length(lambda row: row.duration_s),
    "Active": _length(lambda row: row.active_s),
    "Pages": _number(lambda row: row.page_views),
    "Clicks": _number(lambda row: row.clicks),
    "Errors": _number(lambda row: row.errors),
    "Events": _number(lambda row: row.events, 70),
    "Value": _number(lambda row: row.value, 76, "%,.2f"),
    "First page": Column(lambda row: row.entry_page, 150),
    "Last page": Column(lambda row: row.exit_page, 150),
}
"""What the table can show of a session."""
USUAL = ("Started", "Person", "Release", "Device", "Length", "Pages", "Clicks", "Errors")
WATCH = "Open"
TO_WATCH, SEEN = ":material/play_arrow: Watch", ":material/check: Watched"


def session_table(
    key: str,
    rows: Sequence[sessions.Row],
    columns: Sequence[str] = USUAL,
    rows_in_view: int = TALL,
    moments: Mapping[str, int | None] | None = None,
    playlist: Playlist | None = None,
    first: int = 1,
    reasons: Mapping[str, str] | None = None,
    known: bool = True,
) -> None:
    """The table itself: `columns` of `COLUMNS`; with `known`, those that nothing is known of are left out.

    `moments`: at how many milliseconds after its start a session opens, by id; by default at its start. `playlist` is
    the list whose number `first` the first row is. `reasons`: why each is listed, by id.
    """
    if known and not any(row.page_views for row in rows):  # events without pages
        columns = [name for name in COLUMNS if name in columns or name == "Events"]
        columns = [name for name in columns if name not in ("Pages", "Clicks")]
    drawn = {name: [COLUMNS[name].value(row) for row in rows] for name in columns}
    drawn = {name: values for name, values in drawn.items() if not known or any(v is not None for v in values)}
    table = pd.DataFrame(drawn)
    if reasons is not None:
        table.insert(min(1, len(table.columns)), WHY, [reasons.get(row.session_id, "") for row in rows])
    watch = f"{key}-watch"
    if "session" in registered():
        seen = marks([row.session_id for row in rows])
        table.insert(0, WATCH, [SEEN if row.session_id in seen else TO_WATCH for row in rows])
    st.dataframe(
        table,
        key=f"{key}-table",
        hide_index=True,
        row_height=ROW,
        height=ROW * min(len(table), rows_in_view) + 32,
        alt="Sessions, one a row",
        placeholder="",
        column_config={
            **{name: COLUMNS[name].config(width=COLUMNS[name].width, **COLUMNS[name].more) for name in drawn},
            WHY: st.column_config.TextColumn(width=600),
            WATCH: st.column_config.ButtonColumn(
                "", key=watch, on_click=_ignored, type="tertiary", width=88, pinned=True
            ),
        },
    )
    clicked = st.session_state.get(watch)
    if clicked is not None and clicked.row is not None and clicked.row < len(rows):
        session_id = rows[clicked.row].session_id
        at = (moments or {}).get(session_id)
        named = playlist.text(first + clicked.row) if playlist else None
        go_to("session", link_of_session(session_id, at, named))


WHY = "Why"


def link_of_session(session_id: str, at_ms: int | None, named: str | None) -> dict[str, str]:
    """The parameters of a session's link: the moment it opens at, and the list it belongs to (as `Playlist.text`)."""
    return {"session": session_id} | ({"at": str(at_ms)} if at_ms else {}) | ({LIST: named} if named else {})


def marks(ids: Sequence[str]) -> Mapping[str, watched.Watched]:
    """Those of the sessions `ids` that somebody has watched."""
    return answer(("watched", *ids), lambda reader: watched.among(reader, ids))


def _ignored() -> None:
    """The click is read after the table, where the page may be left."""
