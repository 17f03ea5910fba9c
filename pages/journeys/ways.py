"""The choices of the paths page: what is followed, from where to where, how far, and what is left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from analytics import grouping
from analytics.analyses import values
from analytics.analyses.paths import HIDDEN, Paths
from analytics.analyses.values import Value
from analytics.charts import paths as chart
from analytics.conditions import Matcher
from analytics.scope import Scope
from pages.journeys import steps
from pages.shared import ask, escape, key, read_params, write_params

LENGTHS = (3, 4, 5, 6, 7, 8, 10, 12)
ANYWHERE = ""  # not None, which a choice would offer to clear
START, END, OUT = "start", "end", "out"


@dataclass(frozen=True)
class Stored:
    """The pages and event names of the whole store: what the picture's order comes from, whatever the scope."""

    page: Sequence[Value]
    event: Sequence[Value]

    def of(self, level: str) -> Sequence[Value]:
        """Those that a path of that level is made of."""
        return self.page if level == "page" else self.event


def stored() -> Stored:
    """Asked once per state of the store."""
    return Stored(*(ask(values, values.Values(field, 10_000), Scope()).values for field in ("page", "event")))


def choose(known: Stored) -> Paths:
    """Draws the choices, keeps them in the link, and returns the question, counted by session."""
    proposed = grouping.propose(value.value for value in known.page)
    usual = Paths("page", groups=proposed) if known.page else Paths("event")
    given = read_params(usual)
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
        level = _level(given) if known.page else "event"
        groups = given.groups if level == "page" else ()
        places = steps.labels(steps.pages(groups, by_view=False) | steps.events(), (given.start, given.end))
        start = _anchor(START, "From", "Start of the session", given.start, places)
        end = _anchor(END, "To", "Wherever they go", given.end, places)
        lengths = sorted({*LENGTHS, given.steps})
        length = st.selectbox(
            "Length",
            lengths,
            lengths.index(given.steps),
            format_func=lambda number: f"{number} {level}s",
            key=key("length"),
            width=105,
        )
        out = st.multiselect(
            "Leave out",
            list(dict.fromkeys([*chart.items(known.of(level), groups), *given.exclude])),
            given.exclude,
            format_func=lambda item: chart.short(chart.called(item, level), steps.LONGEST),
            placeholder="Nothing",
            key=key(OUT),
            width=180,
        )
        if level == "page":
            groups = _groups(given, proposed)
    params = replace(
        given, level=level, start=start, end=end, steps=length, exclude=tuple(out), groups=groups, by="session",
        min_sessions=1, min_item_sessions=1, returns=False,
    )  # fmt: skip
    write_params(params, usual)
    return params


def _level(given: Paths) -> str:
    level: str = st.segmented_control(
        "Follow",
        ["page", "event"],
        default=given.level,
        format_func=lambda level: f"{level.capitalize()}s",
        required=True,
        key=key("level"),
    )
    return level


def _anchor(name: str, label: str, none: str, given: Matcher | None, places: dict[Matcher, str]) -> Matcher | None:
    options = [ANYWHERE, *places]
    chosen: Matcher | str = st.selectbox(
        label,
        options,
        options.index(given or ANYWHERE),
        format_func=lambda place: none if isinstance(place, str) else places[place],
        key=key(name),
        width=200,
    )
    return None if isinstance(chosen, str) else chosen


def _groups(given: Paths, proposed: Sequence[str]) -> tuple[str, ...]:
    with st.popover("Groups", icon=":material/category:", type="tertiary", help="Pages that are looked at as one"):
        found = st.multiselect(
            "Pages that are one place",
            list(dict.fromkeys([*proposed, *given.groups])),
            given.groups,
            accept_new_options=True,
            placeholder="/blog/*",
            key=key("groups"),
            help="An asterisk stands for anything. A page belongs to the first group that it fits.",
        )
    return tuple(found)


def offer(node: chart.Node, params: Paths) -> None:
    """Buttons that begin, end or shorten the paths at a node; nothing for a node of many items."""
    if node.item is None or node.item == HIDDEN:
        return
    name = escape(chart.short(chart.name(node, params)))
    place = Matcher(page=node.item) if params.level == "page" else Matcher(name=node.item)
    for label, icon, widget, value in (
        (f"Start at {name}", "start", START, place),
        (f"End at {name}", "flag", END, place),
        (f"Leave out {name}", "visibility_off", OUT, [*params.exclude, node.item]),
    ):
        st.button(
            label,
            key=f"ways-{widget}",
            icon=f":material/{icon}:",
            type="tertiary",
            on_click=_set,
            args=(key(widget), value),
        )


def _set(widget: str, value: object) -> None:
    st.session_state[widget] = value
