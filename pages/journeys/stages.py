"""The choices of the funnel page: its steps, what is counted, how long it may take, and what it is split by."""

from collections import Counter
from dataclasses import replace

import streamlit as st

from analytics import grouping
from analytics.analyses import values
from analytics.analyses.funnel import Funnel
from analytics.conditions import Matcher
from analytics.scope import Scope
from analytics.vocabulary import CLICK, PAGE_VIEW
from pages.journeys import steps, usual
from pages.shared import ask, escape, key, read_params, write_params

LIMITS = {
    None: "No limit",
    600: "10 minutes",
    3600: "1 hour",
    86_400: "1 day",
    604_800: "7 days",
    1_209_600: "14 days",
    2_592_000: "30 days",
}
ORDERS = {"ordered": "In this order", "strict": "Right after one another", "unordered": "In any order"}
SPLITS = {
    None: "Nothing",
    "device": "Device",
    "release": "Release",
    "country": "Country",
    "browser": "Browser",
    "os": "Operating system",
    "campaign": "Campaign",
}
ANY = (Matcher(name=PAGE_VIEW), Matcher(name=CLICK))
Nth = tuple[Matcher, int]  # a step, and how often it has come by then: the same one may be taken twice


def choose() -> Funnel | None:
    """Draws the choices, keeps them in the link, and returns the question; None of fewer than two steps."""
    groups = grouping.propose(value.value for value in ask(values, values.Values("page", 10_000), Scope()).values)
    default = Funnel(ANY, breakdown="device" if _differs("device") else None)
    given = read_params(default)
    if given.steps == ANY and len(begin := usual.way(groups)) > 1:  # the link names no steps
        default = replace(default, steps=begin)
        given = replace(given, steps=begin)
    chosen = _steps(given, groups)
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
        by = st.segmented_control(
            "Count",
            ["session", "user"],
            default=given.by if given.by in ("session", "user") else "session",
            format_func={"session": "Sessions", "user": "People"}.get,
            required=True,
            key=key("by"),
        )
        window = _one_of("Time limit", LIMITS, given.window_s, "window", 130)
        order = _one_of("Steps happen", ORDERS, given.order, "order", 185)
        held = {field: label for field, label in SPLITS.items() if field in (None, given.breakdown) or _differs(field)}
        split = _one_of("Split by", held, given.breakdown, "split", 150)
        _reorder(chosen)
    if len(chosen) < 2:
        return None
    params = replace(given, steps=tuple(chosen), by=by, window_s=window, order=order, breakdown=split)
    write_params(params, default)
    return params


def _steps(given: Funnel, groups: tuple[str, ...]) -> list[Matcher]:
    offered = steps.labels(steps.pages(groups) | steps.events() | steps.elements(), given.steps)
    begin = _numbered(given.steps)
    taken = st.session_state.get(key("steps"), begin)
    options = dict.fromkeys([*begin, *taken, *((matcher, 1) for matcher in offered)])
    options |= dict.fromkeys((matcher, number + 1) for matcher, number in taken)
    found: list[Nth] = st.multiselect(
        "Steps, first to last",
        list(options),
        begin,
        format_func=lambda step: f"{offered.get(step[0]) or steps.said(step[0])}{', again' * (step[1] > 1)}",
        key=key("steps"),
        placeholder="Pages, events, things clicked on",
    )
    return [matcher for matcher, _ in found]


def _numbered(matchers: tuple[Matcher, ...] | list[Matcher]) -> list[Nth]:
    seen: Counter[Matcher] = Counter()
    found = []
    for matcher in matchers:
        seen[matcher] += 1
        found.append((matcher, seen[matcher]))
    return found


def _one_of(label: str, options: dict, now: object, name: str, width: int) -> object:
    known = options if now in options else options | {now: _other(now)}
    words = list(known.values())  # not the values: of None, a choice would offer to clear it
    chosen = st.selectbox(label, words, list(known).index(now), key=key(name), width=width)
    return list(known)[words.index(chosen)]


def _other(value: object) -> str:
    return f"{value:,} seconds" if isinstance(value, int) else str(value)


def _differs(field: str | None) -> bool:
    return field is None or len(ask(values, values.Values(field, 2)).values) > 1


def _reorder(chosen: list[Matcher]) -> None:
    """Moves a step up or down: a multiselect alone keeps the order of choosing."""
    if len(chosen) < 2:
        return
    with st.popover("Reorder", icon=":material/swap_vert:", type="tertiary"):
        for n, step in enumerate(chosen):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"{n + 1}. {escape(steps.said(step), 60)}", width="stretch")
                for icon, to, word in (("arrow_upward", n - 1, "earlier"), ("arrow_downward", n + 1, "later")):
                    st.button(
                        "",
                        key=f"reorder-{word}-{n}",
                        icon=f":material/{icon}:",
                        type="tertiary",
                        help=f"One step {word}",
                        disabled=not 0 <= to < len(chosen),
                        on_click=_move,
                        args=(chosen, n, to),
                    )


def _move(chosen: list[Matcher], place: int, to: int) -> None:
    moved = list(chosen)
    moved.insert(to, moved.pop(place))
    st.session_state[key("steps")] = _numbered(moved)
