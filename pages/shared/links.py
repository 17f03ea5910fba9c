"""What a page keeps in its link: `p`, the parameters of its question, and `sel`, what is selected on it.

A page reads its parameters, draws its widgets from them and writes back what they say. Streamlit drops both when the
page is changed; the frame remembers them by page and writes them again when one comes back.
"""

import json
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st

from analytics import registry
from analytics.errors import AnalyticsError
from pages.shared.text import escape

T = TypeVar("T")
PARAMS, SELECTION = "p", "sel"
STATE = "page-links"


@dataclass
class _Links:
    """`kept` per page; `generation` counts how often a page's link was changed from outside (opened, or Back)."""

    page: str = ""
    kept: dict[str, dict[str, str]] = field(default_factory=dict)
    generation: dict[str, int] = field(default_factory=dict)


def entered(page: str) -> None:
    """The frame says which page runs. On a change its link is written again, unless it came with one of its own."""
    links = _links()
    now = _now()
    if page != links.page and not now and page in links.kept:
        for name, text in links.kept[page].items():
            st.query_params[name] = text
    elif now != links.kept.get(page, {}):
        links.kept[page] = now
        links.generation[page] = links.generation.get(page, 0) + 1
    links.page = page


def key(name: str) -> str:
    """A widget's key that begins anew when the link was changed from outside, so that the widget follows it."""
    links = _links()
    return f"{links.page}-{name}-{links.generation.get(links.page, 0)}"


def read_params(default: T) -> T:
    """The parameters in the link, else `default`; one that cannot be read gets a sentence and is `default`."""
    text = st.query_params.get(PARAMS)
    if not text:
        return default
    try:
        given = json.loads(text)
        if not isinstance(given, dict):
            raise ValueError("no object")
        whole = json.dumps(registry.dump(default) | given)
        read: T = registry.parse(type(default), whole, "the link")
    except AnalyticsError as error:
        st.warning(f"{escape(error, 300)} The page shows its default.", icon=":material/link_off:")
    except (ValueError, TypeError, RecursionError):
        st.warning(
            f"The link's part {escape(PARAMS)}={escape(text, 60)} cannot be read; the page shows its default.",
            icon=":material/link_off:",
        )
    else:
        return read
    return default


def write_params(params: Any, default: Any = None) -> None:
    """Puts `params` into the link: what differs from `default`, by default from the question's own defaults."""
    dumped = registry.dump(params)
    usual = registry.dump(default) if default is not None else _defaults(type(params))
    own = {name: value for name, value in dumped.items() if name not in usual or usual[name] != value}
    _write(PARAMS, json.dumps(own, ensure_ascii=False, separators=(",", ":")) if own else "")


def read_selection() -> dict[str, Any] | None:
    """What is selected on the page; None for nothing, or for what cannot be read."""
    text = st.query_params.get(SELECTION)
    if not text:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        st.warning("The link's selection cannot be read, so nothing is selected.", icon=":material/link_off:")
        return None
    return found


def write_selection(selected: dict[str, Any] | None) -> None:
    """Puts what is selected into the link; None takes it out."""
    _write(SELECTION, json.dumps(selected, ensure_ascii=False, separators=(",", ":")) if selected else "")


def _write(name: str, text: str) -> None:
    links = _links()
    kept = links.kept.setdefault(links.page, {})
    if st.query_params.get(name, "") != text:
        if text:
            st.query_params[name] = text
        else:
            st.query_params.pop(name, None)
    if text:
        kept[name] = text
    else:
        kept.pop(name, None)


def _now() -> dict[str, str]:
    return {name: st.query_params[name] for name in (PARAMS, SELECTION) if st.query_params.get(name)}


def _links() -> _Links:
    return st.session_state.setdefault(STATE, _Links())


def _defaults(kind: Any) -> dict[str, Any]:
    try:
        return registry.dump(kind())
    except TypeError:  # a field without a default: then all are written
        return {}
