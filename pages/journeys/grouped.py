"""Groups of pages on a page of journeys: which pages are looked at as one place, as the link has it.

Without a word in the link they are the team's, or, while the team keeps none, what is proposed.
"""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from analytics import grouping, words
from analytics.analyses import values
from analytics.errors import AnalyticsError
from analytics.grouping import Proposal
from analytics.path_items import AnyGroup, Group, check_groups, name_of, pages_of
from analytics.scope import Scope
from analytics.store import Store
from analytics.workspace import groups as kept
from pages.shared import escape, key, link_to, store
from pages.shared.segments import groups_of_pages
from pages.shared.waiting import answer

KNOWN = 10_000  # pages, the most visited ones, that proposals are made of and that are counted
WIDTH, ROWS = 430, 340  # px
REFUSED = "groups-refused"


def usual() -> tuple[AnyGroup, ...]:
    """The groups where nothing else is said."""
    return grouping.ordered([one.asked for one in groups_of_pages()] or proposed())


def proposed() -> list[AnyGroup]:
    """What the addresses propose, as paths take it."""
    return [group for one in proposals() for group in one.groups]


def proposals() -> tuple[Proposal, ...]:
    """What the addresses of all stored pages propose, whatever the scope."""
    return answer("page-proposals", lambda reader: grouping.proposals(viewed(reader)))


def viewed(reader: Store) -> list[tuple[str, int]]:
    """The most visited pages with their events."""
    found = values.run(reader, values.Values("page", KNOWN), Scope()).values
    return [(one.value, one.events) for one in found]


def covered(groups: Sequence[AnyGroup]) -> dict[str, tuple[int, int]]:
    """How many pages, and how many events on them, belong to each group, the first that fits; "" is all others."""
    return answer(("page-groups-cover", tuple(groups)), lambda reader: _covered(reader, groups))


def _covered(reader: Store, groups: Sequence[AnyGroup]) -> dict[str, tuple[int, int]]:
    names = {name_of(group) for group in groups}
    pages, events = Counter[str](), Counter[str]()
    for page, count in viewed(reader):
        name = grouping.named(page, groups)
        name = name if name in names else ""
        pages[name] += 1
        events[name] += count
    return {name: (pages[name], events[name]) for name in (*names, "")}


def choose(given: Sequence[AnyGroup]) -> tuple[AnyGroup, ...]:
    """Draws the menu, and returns the groups that are chosen in it, the more special ones first."""
    team = [one.asked for one in groups_of_pages()]
    offered = {name_of(group): group for group in (*proposed(), *team, *given)}
    order = dict.fromkeys(name_of(group) for group in (*given, *team, *proposed()))
    place = st.popover(
        "Groups",
        icon=":material/category:",
        type="tertiary",
        help="Pages that are looked at as one",
        on_change="rerun",
        key="page-groups-menu",
    )
    with place, st.container(width=WIDTH, gap="small"):
        names = st.multiselect(
            "Pages that are one place",
            list(order),
            [name_of(group) for group in given],
            accept_new_options=True,
            placeholder="/blog/*",
            key=key("groups"),
            help="Write another: * stands for anything, :id for one part between slashes, as in /user/:id/orders.",
        )
        chosen = grouping.ordered(_checked([offered.get(name, name) for name in names]))
        if place.open:
            _explain(chosen, [group for group in team if group not in chosen])
        _keep(chosen, team)
    return chosen


def _checked(groups: Sequence[AnyGroup]) -> list[AnyGroup]:
    found: list[AnyGroup] = []
    for group in groups:
        try:
            check_groups((*found, group))
        except AnalyticsError as error:
            st.caption(f":red[{escape(error, 200)}]")
        else:
            found.append(group)
    return found


def _explain(chosen: Sequence[AnyGroup], off: Sequence[AnyGroup]) -> None:
    """What each covers, and what is not applied."""
    counts = covered(chosen)
    rows = [(escape(name, 60), *counts[name]) for name in map(name_of, chosen)]
    rows.append(("*Each by itself*", *counts[""]))
    table = [f"| {name} | {words.count(pages)} | {words.count(events)} |" for name, pages, events in rows]
    with st.container(height=ROWS if len(rows) > 8 else "content", border=False):
        st.markdown("\n".join(["| Group | Pages | Events |", "| --- | ---: | ---: |", *table]))
    waiting = [*off, *(group for group in proposed() if group not in chosen and group not in off)]
    if waiting:
        said = ", ".join(escape(name_of(group), 60) for group in waiting[:10])
        st.caption(f"Not applied: {said}{' …' if len(waiting) > 10 else ''}")
    if sum(pages for pages, _ in counts.values()) >= KNOWN:
        st.caption(f"Counted are the {words.count(KNOWN)} most visited pages.")


def _keep(chosen: Sequence[AnyGroup], team: Sequence[AnyGroup]) -> None:
    """Draws how the team keeps them."""
    if refused := st.session_state.pop(REFUSED, ""):
        st.warning(escape(refused, 300), icon=":material/error:")
    new = [group for group in chosen if group not in team]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if new and not store().read_only:
            st.button(
                "Keep for the team" if not team else f"Keep {words.many(len(new), 'new group')}",
                key="page-groups-keep",
                icon=":material/save:",
                type="tertiary",
                on_click=keep,
                args=(new,),
                help="They are then applied wherever nothing else is chosen.",
            )
        link_to("page-groups", "Edit the team's groups" if team else "All proposals")


def keep(groups: Sequence[AnyGroup]) -> None:
    """Keeps them for the team, after those that it has; a refusal is said in the next run. For callbacks."""
    try:
        there = [one.group for one in groups_of_pages()]
        for group in (Group(name_of(group), pages_of(group)) for group in groups):
            if group not in there:
                kept.save(store(), group)
    except AnalyticsError as error:
        st.session_state[REFUSED] = str(error)
