"""Groups of pages: which pages the team looks at as one place, in which order, and what else could be one."""

from collections.abc import Callable, Sequence

import streamlit as st

from analytics import words
from analytics.errors import AnalyticsError
from analytics.grouping import Proposal
from analytics.path_items import AnyGroup, Group, name_of, pages_of
from analytics.workspace import groups as kept
from analytics.workspace import saved
from analytics.workspace.groups import Kept
from pages.journeys import grouped
from pages.shared import escape, head, store
from pages.shared.segments import groups_of_pages
from pages.shared.waiting import answer

SCOPE = "They apply to paths, transitions, whole sessions and what funnels offer, wherever nothing else is chosen."
VARYING = {
    "number": "numbers",
    "code": "codes",
    "date": "dates",
    "name": "names",
    "language": "languages",
}
PAGES_HELP = "One a line. `*` stands for anything, `:id` for one part between slashes, as in `/user/:id/orders`."
MOST = 60  # proposals that are drawn


def trying(what: Callable[..., None]) -> Callable[..., None]:
    """`what`, with a refusal said on the page. For callbacks."""

    def run(*args: object) -> None:
        try:
            what(*args)
        except AnalyticsError as error:
            st.session_state[grouped.REFUSED] = str(error)

    return run


def sentence(team: Sequence[Kept], offered: Sequence[Proposal], counts: dict[str, tuple[int, int]]) -> str:
    """How far the pages come together."""
    pages = sum(count for count, _ in counts.values())
    places = counts[""][0] + sum(name != "" and count > 0 for name, (count, _) in counts.items())
    if team:
        number, who = len(team), f"**{words.many(len(team), 'group')}** of the team"
    elif offered:
        number, who = len(offered), f"The team keeps no group yet. **{words.many(len(offered), 'proposal')}**"
    else:
        return "**No group** is kept, and the addresses of these pages propose none."
    return (
        f"{who} {'makes' if number == 1 else 'make'} **{words.many(places, 'place')}** of {words.many(pages, 'page')}."
    )


def draft(name: str, pages: str) -> Group:
    """As the fields have it; raises `InvalidQuestion` for what cannot be."""
    lines = tuple(dict.fromkeys(line.strip() for line in pages.splitlines() if line.strip()))
    return Group(" ".join(name.split()) or (lines[0] if len(lines) == 1 else ""), lines)


def change(one: Kept) -> None:
    """For a button beside the fields of `one`."""
    kept.change(
        store(), one.id, draft(st.session_state[f"group-name-{one.id}"], st.session_state[f"group-of-{one.id}"])
    )


def make() -> None:
    """For the button beside the fields of a new one."""
    kept.save(store(), draft(st.session_state["group-name-new"], st.session_state["group-of-new"]))
    st.session_state["group-name-new"] = st.session_state["group-of-new"] = ""


def fields(id: str, group: Group | None) -> None:
    """Name and pages, to be written."""
    st.text_input("Name", group.name if group else "", max_chars=saved.LONGEST, key=f"group-name-{id}",
                  placeholder="Such as: Products")  # fmt: skip
    st.text_area("Pages", "\n".join(group.pages) if group else "", key=f"group-of-{id}", height=110,
                 placeholder="/product/*", help=PAGES_HELP)  # fmt: skip


def row(one: Kept, team: Sequence[Kept], counts: dict[str, tuple[int, int]], before: str | None) -> None:
    """A group of the team, with what may be done."""
    group, ids = one.group, [each.id for each in team]
    at = ids.index(one.id)
    pages, events = counts.get(group.name, (0, 0))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"group-row-{one.id}"):
        of = "" if group.pages == (group.name,) else f"  \n:gray[{escape(', '.join(group.pages), 160)}]"
        st.markdown(f"{at + 1}. **{escape(group.name, 80)}**{of}", width="stretch")
        st.caption(f"{words.many(pages, 'page')}, {words.many(events, 'event')}", width="content")
        if not store().read_only:
            buttons(one, ids, at)
    if before:
        st.caption(f"It is asked before {escape(before, 60)}, which all its pages fit.")
    elif not pages:
        st.caption("No page belongs to it: none fits, or each fits a group above.")


def buttons(one: Kept, ids: Sequence[str], at: int) -> None:
    """Up, down, change, delete."""
    for name, icon, other, word in (
        ("up", "arrow_upward", at - 1, "earlier"),
        ("down", "arrow_downward", at + 1, "later"),
    ):
        swapped = list(ids)
        if 0 <= other < len(ids):
            swapped[at], swapped[other] = swapped[other], swapped[at]
        st.button(
            "", key=f"group-{name}-{one.id}", icon=f":material/{icon}:", type="tertiary", disabled=swapped == list(ids),
            help=f"Ask it {word}: a page belongs to the first group that it fits.",
            on_click=trying(lambda order: kept.arrange(store(), order)), args=(swapped,),
        )  # fmt: skip
    with st.popover("Change", icon=":material/edit:", type="tertiary"), st.container(width=360):
        fields(one.id, one.group)
        st.button("Save changes", key=f"group-change-{one.id}", icon=":material/save:", type="tertiary",
                  on_click=trying(change), args=(one,))  # fmt: skip
        users = answer(
            ("group-users", one.group.name), lambda reader: tuple(saved.users_of(reader, "page_group", one.group.name))
        )
        if users:
            st.caption(f"It is named by {escape(words.listed([user.name for user in users]), 160)}, which follows.")
    st.button("", key=f"group-delete-{one.id}", icon=":material/delete:", type="tertiary",
              help=f"Delete {escape(one.group.name, 60)}. Links that hold it stay as they are.",
              on_click=trying(lambda id: saved.remove(store(), id)), args=(one.id,))  # fmt: skip


def proposal(one: Proposal) -> None:
    """A proposal with what it covers."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"proposal-{one.pattern}"):
        st.markdown(
            f"**{escape(one.pattern, 80)}**  \n:gray[such as {escape(', '.join(one.examples), 150)}]", width="stretch"
        )
        st.caption(
            f"{VARYING[one.varying]}, {words.many(one.pages, 'page')}, {words.many(one.views, 'event')}",
            width="content",
        )
        if not store().read_only:
            st.button("Keep", key=f"keep-{one.pattern}", icon=":material/save:", type="tertiary",
                      on_click=grouped.keep, args=(one.groups,))  # fmt: skip
    if one.apart:
        st.caption(
            f"Beside {escape(words.listed(one.apart[:6]), 200)}{' …' if len(one.apart) > 6 else ''}, kept apart."
        )


def moved(groups: Sequence[AnyGroup], asked: Sequence[AnyGroup]) -> dict[str, str]:
    """Of each group that is asked earlier than it stands: the name of the next one."""
    names, order = [name_of(group) for group in groups], [name_of(group) for group in asked]
    found = {}
    for name in names:
        following = order[order.index(name) + 1 :]
        if any(names.index(other) < names.index(name) for other in following):
            found[name] = following[0]
    return found


page = head("Which pages are one place?", SCOPE)
page.actions()
if refused := st.session_state.pop(grouped.REFUSED, ""):
    st.warning(escape(refused, 300), icon=":material/error:")
team = groups_of_pages()
asked = grouped.usual()
counts = grouped.covered(asked)
known = {pattern for one in team for pattern in pages_of(one.group)}
offered = [one for one in grouped.proposals() if one.pattern not in known]
page.answer(sentence(team, offered, counts))

if team:
    st.subheader("The team's groups", anchor=False)
    st.caption("A page belongs to the first that it fits.")
    earlier = moved([one.group for one in team], [Group(name_of(group), pages_of(group)) for group in asked])
    for one in team:
        row(one, team, counts, earlier.get(one.group.name))
if offered:
    st.subheader("Proposed" if team else "Proposed, and applied", anchor=False)
    st.caption("From what varies in the addresses. Keep what is one place to you; then only the team's groups apply.")
    for one in offered[:MOST]:
        proposal(one)
    if len(offered) > 1 and not store().read_only:
        every = [group for one in offered for group in one.groups]
        st.button("Keep all of them", key="keep-all", icon=":material/save:", type="tertiary",
                  on_click=grouped.keep, args=(every,))  # fmt: skip
if store().read_only:
    st.caption("This store was opened for reading only, so nothing can be kept in it.")
else:
    st.subheader("Another group", anchor=False)
    with st.container(width=420):
        fields("new", None)
        st.button("Keep it", key="group-make", icon=":material/add:", type="tertiary", on_click=trying(make))
