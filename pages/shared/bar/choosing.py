"""Segments in the scope bar: one is chosen, counted, saved, changed, renamed, deleted."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from analytics import registry, words
from analytics.errors import AnalyticsError
from analytics.scope import Scope
from analytics.store import Store
from analytics.workspace import saved
from analytics.workspace import segments as kept
from analytics.workspace.saved import Saved
from pages.shared import segments
from pages.shared.bar.choice import Choice, Extent, bar, choose, forget
from pages.shared.stores import store
from pages.shared.text import escape
from pages.shared.waiting import answer

WIDGET, REFUSED = "scope-segment", "segment-refused"
NAMING = ("segment", "outside", "edited")  # of a choice, what holds a segment's name
MOST = 30  # segments that the menu counts
WIDTH = 400


def segment(choice: Choice) -> None:
    """Draws the choice, if there is one to choose, and says what the chosen one is."""
    known = segments.known()
    if not known:
        return
    st.session_state.setdefault(WIDGET, choice.segment)
    st.selectbox("Segment", list(known), None, key=WIDGET, placeholder="Any segment",
                 on_change=_trying(_choose))  # fmt: skip
    if choice.segment is not None:
        st.caption(escape(kept.members(known[choice.segment]).describe(), 200))


def refusal() -> None:
    """Says what could not be done."""
    if refused := st.session_state.pop(REFUSED, ""):
        st.warning(escape(refused, 300), icon=":material/error:")


def menu(choice: Choice, whole: Extent) -> None:
    """Draws what may be done with segments and with the filters that are chosen."""
    known = segments.known()
    now = known.get(choice.edited or choice.segment or "")
    scope = choice.scope(whole)
    own = replace(scope, start=None, stop=None)
    with (
        st.popover("Segments", icon=":material/bookmark:", type="tertiary", on_change="rerun", key="segments") as place,
        st.container(width=WIDTH),
    ):
        if place.open and known:
            _counts(list(known), scope)
        if store().read_only:
            st.caption("This store was opened for reading only, so nothing can be saved in it.")
        elif own != Scope():
            _write(choice, own, scope if place.open else None, now)
        else:
            st.caption("Choose filters above, and they can be saved under a name for everyone here.")


def _counts(names: list[str], scope: Scope) -> None:
    """How many sessions each has on the days of the bar, asked in one go."""
    days = Scope(start=scope.start, stop=scope.stop)
    found = {}
    for name in names[:MOST]:
        try:
            found[name] = segments.resolved(replace(days, segment=name))
        except AnalyticsError:
            continue  # what it builds on is gone: choosing it says so
    counts = answer(
        ("segment-counts", tuple(each.query(registry.COUNT).key for each in found.values())),
        lambda reader: _asked(reader, list(found.values())),
    )
    rows = [f"| {escape(name, 40)} | {words.count(count)} |" for name, count in zip(found, counts, strict=True)]
    st.markdown("\n".join(["| Segment | Sessions |", "| --- | ---: |", *rows]))
    if len(names) > MOST:
        st.caption(f"These are the first {MOST} of {words.many(len(names), 'segment')}.")


def _asked(reader: Store, scopes: list[Scope]) -> tuple[int, ...]:
    return tuple(registry.sessions_in(reader, scope) for scope in scopes)


def _write(choice: Choice, own: Scope, counted: Scope | None, now: Saved | None) -> None:
    chosen = now is not None and choice.segment == now.name
    changed = now is not None and (own != Scope(segment=now.name) if chosen else own != kept.members(now))
    widget = f"segment-name-{now.id if now else ''}"
    if counted is not None and (changed or now is None):
        sessions = _count(counted)
        st.caption(f"The filters that are set: {words.many(sessions, 'session')} on the days chosen.")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input("Name", now.name if now else "", max_chars=saved.LONGEST, key=widget, width=210,
                      placeholder="Such as: buyers on a phone")  # fmt: skip
        name = " ".join(st.session_state[widget].split())
        other = bool(name) and (now is None or name != now.name)
        st.button("Save as new" if now else "Save", key="segment-save", disabled=not other or (chosen and not changed),
                  on_click=_trying(_keep), args=(choice, own, name, False))  # fmt: skip
    st.caption("Saved are the filters, without the days: every question has its own.")
    if now is not None:
        _manage(choice, own, now, name, other, chosen, changed)


def _manage(choice: Choice, own: Scope, now: Saved, name: str, other: bool, chosen: bool, changed: bool) -> None:
    users = answer(("segment-users", now.name), lambda reader: tuple(saved.users_of(reader, "segment", now.name)))
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Save changes", key="segment-change", icon=":material/save:", type="tertiary", disabled=not changed,
                  on_click=_trying(_keep), args=(choice, own, now.name, True))  # fmt: skip
        if chosen:
            st.button("Edit its filters", key="segment-edit", icon=":material/tune:", type="tertiary",
                      on_click=_trying(_unfold), args=(choice, own, now))  # fmt: skip
            st.button("All others", key="segment-turn", icon=":material/swap_horiz:", type="tertiary",
                      on_click=_turn, args=(choice, now), help="The sessions that are not in it.")  # fmt: skip
        st.button("Rename", key="segment-rename", icon=":material/edit:", type="tertiary", disabled=not other,
                  on_click=_trying(_rename), args=(choice, now, name))  # fmt: skip
        st.button("Delete all the same" if users else "Delete", key="segment-delete", icon=":material/delete:",
                  type="tertiary", on_click=_trying(_delete), args=(choice, now))  # fmt: skip
    if users:
        named = words.listed([f"the {one.kind.replace('_', ' ')} “{escape(one.name, 60)}”" for one in users])
        st.caption(f"It is used by {named}. Renamed, they follow; deleted, they cannot be asked any more.")


def _count(scope: Scope) -> int:
    within = segments.resolved(scope)
    key = ("sessions", within.query(registry.COUNT).key)
    return answer(key, lambda reader: registry.sessions_in(reader, within))


# ------------------------------------------------------------------------------------------------------ the callbacks


def _trying(what: Callable[..., None]) -> Callable[..., None]:
    """`what`, with a refusal said in the menu."""

    def run(*args: object) -> None:
        try:
            what(*args)
        except AnalyticsError as error:
            st.session_state[REFUSED] = str(error)
            forget()

    return run


def _choose() -> None:
    name = st.session_state[WIDGET]
    segments.resolved(Scope(segment=name))
    choose(replace(bar().choice, segment=name, edited=None))  # the lists below may have changed since it was drawn


def _keep(choice: Choice, own: Scope, name: str, again: bool) -> None:
    kept.save(store(), name, own, replace=again)
    choose(Choice(days=choice.days, segment=" ".join(name.split())))  # in place of its filters


def _rename(choice: Choice, now: Saved, name: str) -> None:
    saved.rename(store(), now.id, name)
    new = {field: name for field in NAMING if getattr(choice, field) == now.name}
    choose(replace(choice, **new))


def _delete(choice: Choice, now: Saved) -> None:
    saved.remove(store(), now.id)
    choose(replace(choice, **{field: None for field in NAMING if getattr(choice, field) == now.name}))


def _turn(choice: Choice, now: Saved) -> None:
    choose(replace(choice, segment=None, outside=now.name))


def _unfold(choice: Choice, own: Scope, now: Saved) -> None:
    """Its filters in place of its name, to be changed."""
    whole = replace(own, segment=None).narrowed(kept.members(now))
    choose(Choice.of(whole, days=choice.days, edited=now.name))
