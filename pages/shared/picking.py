"""One thing of several is looked at: chosen by a click in a picture, by a widget for keyboards, or by the link."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.shared.links import key, read_selection, write_selection


def pick(
    label: str, things: Sequence[dict[str, Any]], said: Sequence[str], clicked: int | None, usual: int = 0, **more: Any
) -> int:
    """Draws a choice among `things` and returns the number of the one that is looked at.

    A thing is what the link's `sel` holds for it; `said` are its words, plain text. `clicked` is the one that the
    picture has selected in this run: a new click wins over what was chosen before. A selection that is not there (any
    more) gives way to `usual`. `more` as in `st.selectbox`.
    """
    name = key(f"picked-{label}")
    now = None if clicked is None else things[clicked]
    if now != st.session_state.get(f"{name}-clicked"):
        st.session_state[f"{name}-clicked"] = now
        if now is not None:
            write_selection(now)
    wanted = read_selection()
    place = things.index(wanted) if wanted in things else usual
    st.session_state[name] = place  # before the widget is drawn, so that it says what is looked at

    def chosen() -> None:
        write_selection(things[st.session_state[name]])

    st.selectbox(label, range(len(things)), format_func=said.__getitem__, key=name, on_change=chosen, **more)
    return place
