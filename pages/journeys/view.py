"""How the funnel page shows its answer, in the link: which section is open, and what its pictures are of."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.shared import escape, key, read_view, write_view

OPENED = "funnel-opened"  # what a click in the picture has opened


def choose(name: str, label: str, options: Mapping[Any, str], usual: Any, width: int = 190, **more: Any) -> Any:
    """Draws a choice that the link keeps under `name`, and returns the option chosen; `options` have plain words."""
    known = list(options)
    given = read_view().get(name, usual)
    begin = given if given in known else usual
    words = list(options.values())
    chosen = st.selectbox(label, words, known.index(begin), key=key(f"view-{name}"), width=width, **more)
    return keep(name, known[words.index(chosen)] if chosen in words else begin, usual)


def open_section(name: str) -> None:
    """Another section is open from the next run on. For callbacks."""
    st.session_state[OPENED] = name


def section(options: Mapping[str, str], usual: str) -> str:
    """Draws the choice of what stands below the picture."""
    given = read_view().get("show", usual)
    begin = given if given in options else usual
    widget = key(f"view-show-{'-'.join(options)}")
    if (opened := st.session_state.pop(OPENED, None)) in options:
        st.session_state[widget] = begin = opened
    chosen = st.segmented_control(
        "Below the picture",
        list(options),
        default=None if widget in st.session_state else begin,
        required=True,
        format_func=lambda name: escape(options.get(name, name), 40),
        key=widget,
        label_visibility="collapsed",
    )
    return str(keep("show", chosen or begin, usual))


def read(name: str) -> Any:
    """A choice as the link has it; None where it is the usual one."""
    return read_view().get(name)


def keep(name: str, value: Any, usual: Any) -> Any:
    """Puts one choice into the link, or takes it out when it is the usual one."""
    view = read_view()
    now = {**view, name: value} if value != usual else {other: kept for other, kept in view.items() if other != name}
    if now != view:
        write_view(now)
    return value


def step_pair(names: Sequence[str], prefix: str, usual: tuple[int, int]) -> tuple[int, int]:
    """Draws the choice of an earlier and a later step, by number from 1."""
    last = len(names)
    earlier = {n: f"{n}. {name}" for n, name in enumerate(names[:-1], 1)}
    from_step = choose(f"{prefix}-from", "From", earlier, usual[0], 230)
    later = {n: f"{n}. {name}" for n, name in enumerate(names, 1) if n > from_step}
    to_step = choose(f"{prefix}-to", "To", later, usual[1] if usual[1] > from_step else last, 230)
    return from_step, to_step
