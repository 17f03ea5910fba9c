"""Funnels that are kept under a name, and one that is proposed from the data."""

from collections.abc import Sequence

import streamlit as st

from analytics import registry, words
from analytics.analyses.funnel import Funnel
from analytics.conditions import Matcher
from analytics.errors import AnalyticsError
from analytics.path_items import AnyGroup
from analytics.workspace import saved
from analytics.workspace.saved import Saved
from pages.journeys import steps, usual
from pages.journeys.builder import edits
from pages.journeys.builder.draft import Draft, refuse, say_refused
from pages.overview import goals
from pages.shared import escape, key, store
from pages.shared.links import lean
from pages.shared.waiting import answer

NAME, PLACE, PROPOSAL = "funnel-saved-id", "saved", "proposal"
LONGEST = 34  # letters of the button


def draw(draft: Draft, groups: Sequence[AnyGroup]) -> None:
    """The two buttons."""
    _saved(draft)
    _propose(draft, groups)


def _saved(draft: Draft) -> None:
    kept = answer("saved-funnels", lambda reader: tuple(saved.all_of(reader, "funnel")))
    now = _opened(draft, kept)
    changed = now is not None and _read(now) != draft.params
    label = "Saved funnels" if now is None else escape(now.name, LONGEST) + (", changed" if changed else "")
    with st.popover(label, icon=":material/bookmark:", type="tertiary", key="funnel-saved", width="content"):
        if kept:
            _open(draft, kept, now)
        else:
            st.caption("Nothing is saved yet. Give this funnel a name and it can be opened again, by everyone here.")
        if store().read_only:
            st.caption("This store was opened for reading only, so nothing can be saved in it.")
        else:
            _write(draft, now, changed)
        say_refused(PLACE)


def _open(draft: Draft, kept: Sequence[Saved], now: Saved | None) -> None:
    by_name = {one.name: one for one in kept}
    widget = key("saved-open")

    def chosen() -> None:
        one = by_name.get(st.session_state[widget] or "")
        if one is None:
            return
        read = _read(one)
        if read is None:
            refuse(PLACE, f"“{one.name}” was saved by another version and cannot be read; save it anew.")
            return
        st.session_state[NAME] = one.id
        draft.open(read)

    at = list(by_name).index(now.name) if now else None
    st.selectbox("Open", list(by_name), at, key=widget, placeholder=words.many(len(kept), "saved funnel"),
                 on_change=chosen, width=320)  # fmt: skip


def _write(draft: Draft, now: Saved | None, changed: bool) -> None:
    body = lean(draft.params)
    widget = key(f"saved-name-{now.id if now else ''}")

    def keep(name: str, replace: bool) -> None:
        try:
            st.session_state[NAME] = saved.save(store(), "funnel", name, body, replace=replace)
        except AnalyticsError as error:
            refuse(PLACE, str(error))

    def rename() -> None:
        try:
            saved.rename(store(), st.session_state[NAME], st.session_state[widget])
        except AnalyticsError as error:
            refuse(PLACE, str(error))

    def delete() -> None:
        try:
            saved.remove(store(), st.session_state.pop(NAME))
        except AnalyticsError as error:
            refuse(PLACE, str(error))

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input("Name", now.name if now else "", max_chars=saved.LONGEST, key=widget, width=230,
                      placeholder="Such as: the way to an order")  # fmt: skip
        name = st.session_state[widget]
        other = now is None or name.strip() != now.name
        st.button("Save as new" if now else "Save", key=key("saved-new"), disabled=not (other and name.strip()),
                  on_click=keep, args=(name, False))  # fmt: skip
    if now is None:
        return
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Save changes", key=key("saved-changes"), icon=":material/save:", type="tertiary",
                  disabled=not changed, on_click=keep, args=(now.name, True))  # fmt: skip
        st.button("Rename", key=key("saved-rename"), icon=":material/edit:", type="tertiary",
                  disabled=not (other and name.strip()), on_click=rename)  # fmt: skip
        st.button("Delete", key=key("saved-delete"), icon=":material/delete:", type="tertiary", on_click=delete)


def _opened(draft: Draft, kept: Sequence[Saved]) -> Saved | None:
    """The one that was opened or saved here, else one that asks exactly this: a link carries no name."""
    number = st.session_state.get(NAME)
    found = next((one for one in kept if one.id == number), None)
    if found is None:
        st.session_state.pop(NAME, None)
        found = next((one for one in kept if _read(one) == draft.params), None)
        if found:
            st.session_state[NAME] = found.id
    return found


def _read(one: Saved) -> Funnel | None:
    try:
        read: Funnel = registry.parse(Funnel, one.body, f"the saved funnel {one.name}")
    except AnalyticsError:  # of another version: it stays, and can be saved anew
        return None
    return read


def _propose(draft: Draft, groups: Sequence[AnyGroup]) -> None:
    with st.popover(
        "Propose a funnel", icon=":material/auto_awesome:", type="tertiary", key="funnel-propose", on_change="rerun"
    ) as place:
        if not place.open:
            return
        offered = steps.events() | steps.pages(groups)
        likely = goals.likely([str(one.name) for one in steps.events()])
        goal: Matcher | None = st.selectbox(
            "The way to",
            list(offered),
            list(offered).index(likely) if likely in offered else 0,
            format_func=lambda one: offered.get(one, ""),
            key=key("propose-goal"),
            width=320,
            help="An event or a page that counts as success.",
        )

        def proposed() -> None:
            way = usual.way(groups, goal)
            if len(way) < 2:
                refuse(PROPOSAL, "Nothing that most of them do comes before it, so there is no funnel to propose.")
                return
            st.session_state.pop(NAME, None)
            draft.open(edits.changed(draft.params, steps=way, exclusions=(), histogram=None, attribution="first_touch"))

        st.button("Show the most usual way", key=key("propose-go"), disabled=goal is None, on_click=proposed)
        st.caption("The steps that most of those who reached it had taken before, in their order.")
        say_refused(PROPOSAL)
