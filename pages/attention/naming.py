"""What an element is called: a name of the team's for what its clicks call differently, kept for everybody."""

from collections.abc import Sequence

import streamlit as st

from analytics import words
from analytics.analyses import element_twins
from analytics.analyses.element_twins import Twin
from analytics.errors import AnalyticsError
from analytics.workspace import remaps, saved
from analytics.workspace.remaps import Remap
from pages.shared import ask, escape, key, store
from pages.shared.waiting import answer

REFUSED = "naming-refused"  # why the last name was not kept, said once


def draw(called: str, name: str, others: Sequence[str], page: str | None = None) -> None:
    """The element that a question calls `called` and people read as `name`: names it, joins it with `others`, or takes
    its name back. With a `page` the name may be for that page only."""
    there = next((one for one in answer(("remaps",), remaps.known) if one.name == called), None)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if there:
            st.caption(f"“{escape(called, 60)}” stands for {escape(words.listed(there.elements), 200)}.")
        if not store().read_only:
            label = "Change its name" if there else "Name it, or join it with others"
            with st.popover(label, icon=":material/edit:", type="tertiary", key="naming"), st.container(width=360):
                _fields(called, name, there, [one for one in others if one != called], page)
    if refused := st.session_state.pop(REFUSED, None):
        st.error(escape(refused, 400))


def proposals() -> None:
    """What looks like one element under two names, each to be made one by a click; nothing where there is none."""
    twins = ask(element_twins, element_twins.ElementTwins()).twins
    if not twins or store().read_only:
        return
    with st.expander(f"{words.many(len(twins), 'element')} may have changed its markup"
                     if len(twins) == 1 else f"{len(twins)} elements may have changed their markup"):  # fmt: skip
        for n, twin in enumerate(twins):
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.markdown(
                    f"**“{escape(twin.text, 60)}”** on {escape(twin.page, 60)}  \n"
                    f":gray[{escape(twin.earlier, 60)} until {words.day(twin.last_seen, year=True)}, "
                    f"{words.many(twin.earlier_clicks, 'click')}; {escape(twin.later, 60)} since "
                    f"{words.day(twin.first_seen, year=True)}, {words.many(twin.later_clicks, 'click')}]",
                    width="stretch",
                )
                st.button(
                    "Make them one", key=f"twin-{n}", icon=":material/merge:", type="tertiary", on_click=_join,
                    args=(twin,),
                )  # fmt: skip


def names() -> None:
    """The names that the team has given, each with what it stands for; nothing where there is none."""
    known = answer(("remaps",), remaps.known)
    if not known:
        return
    with st.expander(f"Names of the team, {words.count(len(known))}"):
        for one in known:
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                where = f" on {escape(one.page, 60)}" if one.page else ""
                st.markdown(
                    f"**{escape(one.name, 80)}**{where}  \n:gray[{escape(words.listed(one.elements), 200)}]",
                    width="stretch",
                )
                if not store().read_only:
                    st.button(
                        "", key=f"name-delete-{one.id}", icon=":material/delete:", type="tertiary",
                        help=f"Forget {escape(one.name, 60)}: its elements go by their own names again.",
                        on_click=_forget, args=(one.id,),
                    )  # fmt: skip


def _join(twin: Twin) -> None:
    names = [twin.text, f"{twin.text} ({twin.page})"]
    taken = {one.name for one in remaps.known(store())}
    name = next((one for one in names if one[: saved.LONGEST] not in taken), names[-1])
    try:
        remaps.save(store(), name[: saved.LONGEST], [twin.earlier, twin.later], twin.page)
    except AnalyticsError as error:
        st.session_state[REFUSED] = str(error)


def _fields(called: str, name: str, there: Remap | None, others: Sequence[str], page: str | None) -> None:
    st.text_input("Name", there.name if there else name, max_chars=saved.LONGEST, key=key(f"naming-name-{called}"))
    st.text_area(
        "Stands for", "\n".join(there.elements if there else [called]), key=key(f"naming-of-{called}"), height=90,
        help="What clicks call it, one a line; `*` stands for anything. What it was called before goes here too.",
    )  # fmt: skip
    st.multiselect("And these", list(others), key=key(f"naming-join-{called}"), placeholder="None")
    if page:
        st.checkbox("Only on this page", bool(there and there.page), key=key(f"naming-here-{called}"))
    with st.container(horizontal=True, gap="small"):
        st.button("Keep it for the team", icon=":material/check:", on_click=_keep, args=(called, there, page))
        if there:
            st.button("Forget the name", icon=":material/delete:", type="tertiary", on_click=_forget, args=(there.id,))


def _keep(called: str, there: Remap | None, page: str | None) -> None:
    name, of, join = (st.session_state[key(f"naming-{field}-{called}")] for field in ("name", "of", "join"))
    here = page and st.session_state[key(f"naming-here-{called}")]
    where = page if here else there.page if there and not page else None
    elements = [*of.splitlines(), *join]
    try:
        if there:
            remaps.change(store(), there.id, name, elements, where)
        else:
            remaps.save(store(), name, elements, where)
    except AnalyticsError as error:
        st.session_state[REFUSED] = str(error)


def _forget(id: str) -> None:
    try:
        remaps.remove(store(), id)
    except AnalyticsError as error:
        st.session_state[REFUSED] = str(error)
