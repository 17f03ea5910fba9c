"""Data sources: every import with what it brought; taking back, forgetting a person, and the zone of the days."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics import ingest, words
from analytics.errors import AnalyticsError
from analytics.ingest.readers import said
from analytics.query import Query
from pages.data import choosing, jobs, under_way
from pages.data.brought import IMPORTS, Brought, days, imports
from pages.shared import escape, go_to, head, link_to, store, zone

TITLE = "What is in this store?"
SCOPE = "Every file that was brought in. What is taken back or forgotten leaves every figure of every page."
KINDS = {"user": "Person, signed in", "anonymous": "Browser or device id", "session": "Session without a person"}
ANY_KIND = "Any id"
FOUND = "forget-found"
TURN = "forget-turn"


def sentence(files: Sequence[Brought]) -> str:
    """How much came, from where, and of when."""
    if not files:
        return "**Nothing** has been brought in yet."
    events, origins = sum(one.events_added for one in files), {one.source for one in files}
    where = f" from {words.many(len(origins), 'source')}" if len(origins) > 1 else ""
    when = f", {days(files)}" if events else ""
    return f"**{words.many(len(files), 'file')}**{where} brought **{words.many(events, 'event')}**{when}."


def listing(files: Sequence[Brought]) -> list[Brought]:
    """Draws them, and returns those that are chosen."""
    table = pd.DataFrame(
        {
            "File": [one.file for one in files],
            "Open": ":material/summarize: Report",
            "Source": [one.source for one in files],
            "Read as": [said(one.format) for one in files],
            "Events": [one.events_added for one in files],
            "Repeats": [one.duplicates for one in files],
            "Refused": [one.rejected for one in files],
            "Days": [days([one]) for one in files],
            "Size": [words.size(one.bytes) for one in files],
            "Brought in (UTC)": [one.started for one in files],
        }
    )
    number = st.column_config.NumberColumn(format="%,d", width=84)
    longest = max((len(one.file) for one in files), default=0)
    chosen = st.dataframe(
        table,
        key=f"sources-{files[0].import_id}-{len(files)}",  # chosen are rows: another list, nothing chosen
        hide_index=True,
        row_height=30,
        height=32 + 30 * min(len(table), 14),
        alt="What was brought in",
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "File": st.column_config.TextColumn(width=min(max(150, 24 + 7 * longest), 330)),
            "Source": st.column_config.TextColumn(width=80, help="An event's own id counts once within it."),
            "Read as": st.column_config.TextColumn(width=90),
            "Events": number,
            "Repeats": st.column_config.NumberColumn(format="%,d", width=78, help="Rows that were here already."),
            "Refused": st.column_config.NumberColumn(format="%,d", width=78),
            "Days": st.column_config.TextColumn(width=150),
            "Size": st.column_config.TextColumn(width=76, alignment="right"),
            "Brought in (UTC)": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", width=140),
            "Open": st.column_config.ButtonColumn("", key="sources-open", on_click=_ignored, type="tertiary", width=90),
        },
    )
    clicked = st.session_state.get("sources-open")
    if clicked is not None and clicked.row is not None and clicked.row < len(files):
        go_to("import", {"load": str(files[clicked.row].load_id)})
    return [files[row] for row in chosen.selection.rows if row < len(files)]


def _ignored() -> None:
    """The click is read after the table."""


def take_back(chosen: Sequence[Brought], files: Sequence[Brought]) -> None:
    """Draws the way to take the chosen imports back."""
    if not chosen:
        st.caption("Choose files in the table to take them back.")
        return
    numbers = [one.import_id for one in chosen]
    events = sum(one.events_added for one in chosen)
    names = words.listed([one.file for one in chosen]) if len(chosen) <= 3 else words.many(len(chosen), "file")
    with st.popover(f"Take {escape(names, 80)} back", icon=":material/undo:"), st.container(width=380):
        st.markdown(
            f"**{words.many(events, 'event')}** leave the store, and the sessions they were in are made again from "
            "what the other files say."
        )
        if any(one.duplicates for one in files if one.import_id not in numbers):
            st.markdown(
                "Rows of other files that were left out as repeats of these do not come back by themselves: bring "
                "those files in again."
            )
        st.button(
            "Take back now",
            icon=":material/undo:",
            on_click=under_way.begin,
            args=(f"Taking {names} back", jobs.take_back(numbers)),
        )


def find() -> None:
    """For the button beside the id: who that is, or why nobody can be told by it."""
    turn = st.session_state.get(TURN, 0)
    user, kind = st.session_state[f"forget-id-{turn}"].strip(), st.session_state[f"forget-kind-{turn}"]
    wanted = next((name for name, label in KINDS.items() if label == kind), None)
    try:
        st.session_state[FOUND] = ingest.person(store(), user, wanted) if user else None
    except AnalyticsError as error:
        st.session_state[FOUND] = str(error)


def forget_now(person: ingest.Person) -> None:
    """For the button that means it."""
    st.session_state.pop(FOUND, None)
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    under_way.begin("Forgetting a person", jobs.forget(person.id, person.kind))


def forgetting() -> None:
    """Draws the way to forget a person: who is meant first, then what would go."""
    st.subheader("Forget a person", anchor=False)
    st.caption(
        "Their events, ids and recordings go, sessions they shared are made again, and the store's file is written "
        "anew without them. What files that you bring in later hold of theirs is passed over, and said."
    )
    turn = st.session_state.get(TURN, 0)
    with st.form("forget", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Their id, as the export has it", key=f"forget-id-{turn}", width=340)
        st.selectbox("It is", [ANY_KIND, *KINDS.values()], key=f"forget-kind-{turn}", width=210)
        st.form_submit_button("Find them", icon=":material/person_search:", on_click=find)
    found = st.session_state.get(FOUND)
    if isinstance(found, str):
        st.warning(escape(found, 400), icon=":material/person_off:")
    elif found is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{escape(found.id, 120)}** ({KINDS[found.kind].lower()}): {words.many(found.events, 'event')} in "
                f"{words.many(found.sessions, 'session')}.",
                width="content",
            )
            with st.popover("Forget them", icon=":material/person_remove:"), st.container(width=340):
                st.markdown("This cannot be undone.")
                st.button("Forget them now", icon=":material/person_remove:", on_click=forget_now, args=(found,))


def zone_of_days() -> None:
    """Draws the way to cut days elsewhere."""
    st.subheader("Where days begin", anchor=False)
    here = zone()
    names = choosing.zones()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.selectbox(
            "Days begin at midnight in",
            names if here in names else [here, *names],
            names.index(here) if here in names else 0,
            key=f"sources-zone-{here}",
            help="Where days, weeks and hours are cut, for all that this store holds.",
            width=260,
        )
        st.button(
            f"Move the store to {escape(wanted)}" if wanted != here else "Move the store",
            icon=":material/schedule:",
            disabled=wanted == here,
            on_click=under_way.begin,
            args=(f"Moving the store to {wanted}", jobs.rezone(wanted)),
        )


def whole(brought: int | None) -> None:
    """The page while nothing changes; `brought`: the load that has just come in, for this browser."""
    page = head(TITLE, SCOPE)
    under_way.ended()
    if brought is not None:
        link_to("import", "See what came in", {"load": str(brought)}, icon=":material/summarize:")
    files = imports()
    page.answer(sentence(files))
    page.actions([Query(IMPORTS, {})], [vars(one) for one in files], "imports")
    if not files:
        link_to("import", "Bring in events")
        return
    chosen = listing(files)
    if choosing.is_sample():
        st.caption("This is the sample, which stays as it is. Bring in data of your own, and it can be managed here.")
        link_to("import", "Bring in events")
    elif store().read_only:
        st.caption("This store was opened for reading only, so nothing can be changed in it.")
    else:
        take_back(chosen, files)
        zone_of_days()
        forgetting()


running = jobs.running()
if running is not None:
    under_way.draw(head(TITLE, SCOPE), running)
else:
    whole(under_way.came_in())
