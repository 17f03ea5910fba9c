"""Which sessions are listed: a menu that adds a filter, and those that are set, each with a way out.

They live in the link alone: a change opens the page anew with another question.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import streamlit as st

from analytics import vocabulary, words
from analytics.analyses import error_messages, values
from analytics.analyses.error_messages import ErrorMessages
from analytics.analyses.sessions import Sessions
from analytics.conditions import Filter, Matcher, Where
from analytics.metrics import FunnelGoal, Goal
from analytics.path_items import name_of, pages_of
from analytics.scope import Scope
from pages.changes import kept_goals
from pages.journeys import grouped, steps
from pages.shared import ask, escape, key, open_params
from pages.shared.scope import said
from pages.shared.text import spoken

Field = Literal["where", "did", "did_not", "watched"]
Part = tuple[Field, Any]
OFTEN: dict[str, Part] = {
    "With an error": ("where", Filter("errors", "gt", 0)),
    "Not watched yet": ("watched", False),
    "Left after one page": ("where", Filter("bounce", "is", True)),
    "With a value": ("where", Filter("session.value", "gt", 0)),
    "Five minutes or longer": ("where", Filter("duration_s", "gte", 300)),
}
"""What is asked most, one press away."""
PLAIN: dict[Part, str] = {part: label[:1].lower() + label[1:] for label, part in OFTEN.items()} | {
    ("watched", True): "watched",
    ("where", Filter("errors", "is", 0)): "without an error",
}
ANY_ERROR = "Any error"
MENU = "list-filter"
WIDTH = 330  # px


def goals() -> dict[str, Goal]:
    """What may be a goal, by name: the product's own events, then the saved funnels."""
    names = [value.value for value in ask(values, values.Values("event"), Scope()).values]
    own = {spoken(name): Matcher(name=name) for name in names if name not in vocabulary.CANONICAL_EVENTS}
    return {**own, **kept_goals.kept()}


# ---------------------------------------------------------------------------------------------------------- the words


def called(goal: Goal) -> str:
    """A goal of the list in words, plain text: "order", "an error “Card declined”", "a visit of /help/*"."""
    if isinstance(goal, FunnelGoal):
        known = next((name for name, one in kept_goals.kept().items() if one == goal), None)
        return known or goal.label
    if goal.only_name:
        return f"“{spoken(goal.only_name)}”"
    if goal.only_page:
        pages = (goal.page,) if isinstance(goal.page, str) else goal.page or ()
        group = next((name_of(one) for one in grouped.usual() if pages_of(one) == pages), None)
        return f"a visit of {group or words.listed(pages, 'or')}"
    last = goal.where[-1] if goal.where else None
    if goal.name == vocabulary.ERROR and isinstance(last, Filter) and last.op == "is":
        return f"the error “{last.value}”"
    return goal.label


def told(field: Field, value: Any) -> str:
    """A filter in words, plain text."""
    if (field, value) in PLAIN:
        return PLAIN[field, value]
    if field == "did":
        return f"with {called(value)}"
    if field == "did_not":
        return f"without {called(value)}"
    if isinstance(value, Filter) and value.field == "duration_s" and isinstance(value.value, int | float):
        ends = {"gte": "at least", "lte": "at most", "gt": "longer than", "lt": "shorter than"}
        if value.op in ends:
            return f"{ends[value.op]} {words.duration(value.value)} long"
    return said(value)


def parts(asked: Sessions, leave: Sequence[Where] = ()) -> list[Part]:
    """The filters that are set; `leave` are shown elsewhere."""
    found: list[Part] = [("where", one) for one in asked.where if one not in leave]
    found += [("did", one) for one in asked.did] + [("did_not", one) for one in asked.did_not]
    return found if asked.watched is None else [*found, ("watched", asked.watched)]


def without(asked: Sessions, field: Field, value: Any) -> Sessions:
    """The question without that filter, from its first page."""
    rest = None if field == "watched" else tuple(one for one in getattr(asked, field) if one != value)
    return replace(asked, offset=0, **{field: rest})


def also(asked: Sessions, *more: Part) -> Sessions:
    """The question with further filters, from its first page; one that is there already is there once."""
    for field, value in more:
        now = value if field == "watched" else tuple(dict.fromkeys((*getattr(asked, field), value)))
        asked = replace(asked, offset=0, **{field: now})
    return asked


# ------------------------------------------------------------------------------------------------------------ drawing


def draw(asked: Sessions, usual: Sessions, leave: Sequence[Where] = ()) -> None:
    """The menu, and the filters that are set. `usual` is the question of a bare link."""
    set_now = parts(asked, leave)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="quiet-chips"):
        with (
            st.popover("Add a filter", icon=":material/add:", type="tertiary", key=MENU, on_change="rerun") as place,
            st.container(width=WIDTH),
        ):
            if place.open:  # what it offers is asked for when it is wanted
                _menu(asked, usual)
        for n, (field, value) in enumerate(set_now):
            st.button(
                escape(told(field, value), 90),
                key=f"list-chip-{n}",
                icon=":material/close:",
                help="Take this filter out",
                on_click=open_params,
                args=(without(asked, field, value), usual),
            )
        if len(set_now) > 1:
            nothing = replace(asked, where=tuple(leave), did=(), did_not=(), watched=None, offset=0)
            st.button(
                "Take all out", key="list-chips-none", type="tertiary", on_click=open_params, args=(nothing, usual)
            )


def _menu(asked: Sessions, usual: Sessions) -> None:
    set_now = parts(asked)
    with st.container(horizontal=True, gap="xsmall"):
        for label, part in OFTEN.items():
            if part not in set_now:
                st.button(
                    label,
                    key=f"list-often-{label}",
                    on_click=_added,
                    args=(asked, usual, (part,)),
                )
    kind = st.selectbox("Or by", list(KINDS), key=key("filter-kind"))
    chosen = KINDS[kind]()
    st.button(
        "Only these sessions",
        key="list-add",
        type="primary",
        disabled=not chosen,
        on_click=_added,
        args=(asked, usual, chosen),
    )


def _added(asked: Sessions, usual: Sessions, chosen: Sequence[Part]) -> None:
    open_params(also(asked, *chosen), usual)
    st.session_state[MENU] = False


def _either(name: str, yes: str, no: str) -> Field:
    """Draws whether it happened or did not."""
    chosen = st.segmented_control(
        "Which", [yes, no], default=yes, required=True, label_visibility="collapsed", key=key(f"filter-{name}-which")
    )
    return "did" if chosen == yes else "did_not"


def _one_of(label: str, name: str, options: Mapping[Any, str], placeholder: str, more: bool = False) -> Any:
    return st.selectbox(
        label,
        list(options),
        None,
        format_func=lambda one: options.get(one, str(one)),
        placeholder=placeholder,
        accept_new_options=more,
        key=key(f"filter-{name}"),
    )


def _goal() -> list[Part]:
    offered = goals()
    field = _either("goal", "Reached", "Not reached")
    name = _one_of("Goal", "goal", {one: one for one in offered}, "Choose or search")
    return [(field, offered[name])] if name in offered else []


def _event() -> list[Part]:
    field = _either("event", "Happened", "Did not happen")
    event = _one_of("Event", "event", steps.events(), "Choose or search")
    return [(field, event)] if event is not None else []


def _page() -> list[Part]:
    field = _either("page", "Visited", "Not visited")
    page = _one_of("Page", "page", steps.pages(grouped.usual(), by_view=False), "Choose, or write /help/*", more=True)
    if isinstance(page, str):
        page = Matcher(page=page.strip()) if page.strip() else None
    return [(field, page)] if page is not None else []


def _length() -> list[Part]:
    with st.container(horizontal=True, gap="small"):
        low, high = (
            st.number_input(
                label, 0, None, None, step=10, key=key(f"filter-{label}"), placeholder="Any", width="stretch"
            )
            for label in ("From, seconds", "To, seconds")
        )
    found: list[Part] = [("where", Filter("duration_s", "gte", low))] if low else []
    return found + ([("where", Filter("duration_s", "lte", high))] if high is not None else [])


def _error() -> list[Part]:
    field = _either("error", "With", "Without")
    messages = ask(error_messages, ErrorMessages(), Scope()).messages
    offered: dict[Any, str] = {ANY_ERROR: ANY_ERROR}
    for one in messages:
        offered[one.matcher] = f"{escape_less(one.message)}, {words.many(one.sessions, 'session')}"
    chosen = _one_of("Error", "error", offered, "Choose or search")
    if chosen == ANY_ERROR:
        return [("where", Filter("errors", "gt", 0) if field == "did" else Filter("errors", "is", 0))]
    return [(field, chosen)] if chosen is not None else []


def escape_less(text: str, most: int = 60) -> str:
    """On one line, cut: options of a choice are shown as they are."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _watched() -> list[Part]:
    chosen = st.segmented_control(
        "Watched", ["Not watched yet", "Watched"], default="Not watched yet", required=True, key=key("filter-watched"),
        label_visibility="collapsed",
    )  # fmt: skip
    return [("watched", chosen == "Watched")]


KINDS: dict[str, Callable[[], list[Part]]] = {
    "Event": _event,
    "Page": _page,
    "Goal": _goal,
    "Error": _error,
    "Length": _length,
    "Watched or not": _watched,
}
