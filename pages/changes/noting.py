"""What the team writes about its releases: a better name, a day on which one went out, notes of what else happened."""

import datetime as dt
from collections.abc import Callable, Sequence

import streamlit as st

from analytics import words
from analytics.errors import AnalyticsError
from analytics.workspace import notes, saved
from analytics.workspace import releases as named
from analytics.workspace.notes import Note
from pages.changes.went_out import WentOut
from pages.shared import escape, extent, store

REFUSED = "release-refused"


def trying(what: Callable[..., None]) -> Callable[..., None]:
    """`what`, with a refusal said on the page. For callbacks."""

    def run(*args: object) -> None:
        try:
            what(*args)
        except AnalyticsError as error:
            st.session_state[REFUSED] = str(error)

    return run


def refusal() -> None:
    """Says what could not be done, once."""
    if refused := st.session_state.pop(REFUSED, ""):
        st.warning(escape(refused, 300), icon=":material/error:")


def draw_name(one: WentOut, others: Sequence[WentOut]) -> None:
    """A name for a release of the data; name, day and an end for one that is only a day."""
    if store().read_only:
        return
    with st.popover("Rename", icon=":material/edit:", type="tertiary"), st.container(width=320):
        st.text_input("Name", one.name, max_chars=saved.LONGEST, key=f"release-name-{one.value}-{one.id}")
        if one.value is not None:
            if one.name != one.value:
                st.caption(f"Sessions call it {escape(one.value, 80)}; without a name it is called so again.")
            values = [other.value for other in others if other.value is not None and other.value != one.value]
            st.button("Save the name", key="release-rename", icon=":material/save:", type="tertiary",
                      on_click=trying(_rename), args=(one, values))  # fmt: skip
            return
        st.date_input("Went out on", one.day, format="YYYY-MM-DD", key=f"release-day-{one.id}")
        st.button("Save changes", key="release-change", icon=":material/save:", type="tertiary",
                  on_click=trying(_change), args=(one,))  # fmt: skip
        st.button("Delete it", key="release-delete", icon=":material/delete:", type="tertiary",
                  on_click=trying(lambda id: named.remove(store(), id)), args=(one.id,))  # fmt: skip


def _rename(one: WentOut, values: Sequence[str]) -> None:
    if one.value is not None:
        named.name(store(), one.value, st.session_state[f"release-name-{one.value}-{one.id}"], values)


def _change(one: WentOut) -> None:
    if one.id is not None:
        day = st.session_state[f"release-day-{one.id}"]
        named.change(store(), one.id, st.session_state[f"release-name-{one.value}-{one.id}"], day)


def draw_define() -> None:
    """The fields of a release that the data do not know."""
    if store().read_only:
        st.caption("This store was opened for reading only, so nothing can be kept in it.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-define"):
        st.text_input("Name of the release", key="release-new", max_chars=saved.LONGEST, width=220,
                      placeholder="Such as: New checkout")  # fmt: skip
        st.date_input("Went out on", extent().last, format="YYYY-MM-DD", key="release-new-day", width=150)
        st.button("Keep it", key="release-define", icon=":material/add:", type="tertiary", on_click=trying(_define))


def _define() -> None:
    named.define(store(), st.session_state["release-new"], st.session_state["release-new-day"])
    st.session_state["release-new"] = ""


def draw_notes(there: Sequence[Note]) -> None:
    """The notes, each with its end, and the fields of a new one."""
    st.subheader("Notes", anchor=False)
    if not there:
        st.caption("What else happened, such as a newsletter or a sale, stands in the picture and beside comparisons.")
    for note in reversed(there):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"quiet-note-{note.id}"):
            by = f" ({escape(note.by, 40)})" if note.by else ""
            st.markdown(f"{words.day(note.day, year=True)}: {escape(note.text)}{by}", width="stretch")
            if not store().read_only:
                st.button("", key=f"note-delete-{note.id}", icon=":material/delete:", type="tertiary",
                          help="Delete this note.", on_click=trying(_forget), args=(note.id,))  # fmt: skip
    if store().read_only:
        return
    with st.popover("Add a note", icon=":material/add:", type="tertiary"), st.container(width=340):
        st.text_input("What happened", key="note-new", max_chars=notes.LONGEST, placeholder="Such as: Newsletter")
        st.date_input("On", extent().last, format="YYYY-MM-DD", key="note-new-day")
        st.button("Keep it", key="note-add", icon=":material/save:", type="tertiary", on_click=trying(_note))


def _note() -> None:
    day: dt.date = st.session_state["note-new-day"]
    notes.add(store(), day, st.session_state["note-new"])
    st.session_state["note-new"] = ""


def _forget(id: str) -> None:
    notes.remove(store(), id)
