"""What a page keeps in its link: `p`, the parameters of its question, `view`, how it shows the answer, and `sel`, what
is selected on it.

A page reads its parameters, draws its widgets from them and writes back what they say. Streamlit drops both when the
page is changed; the frame remembers them by page and writes them again when one comes back.

What is written in a run goes to the browser at its end, in one message: each message is a step of the browser's Back,
and one that comes early would still be taken for the page that is being left.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, TypeVar

import streamlit as st

from analytics import registry
from analytics.errors import AnalyticsError
from pages.shared import segments
from pages.shared.text import escape

T = TypeVar("T")
PARAMS, SELECTION, VIEW = "p", "sel", "view"
STATE = "page-links"


@dataclass
class _Links:
    """`kept` per page; `generation` counts how often a page's link was changed from outside (opened, or Back)."""

    page: str = ""
    kept: dict[str, dict[str, str]] = field(default_factory=dict)
    generation: dict[str, int] = field(default_factory=dict)
    pending: dict[str, list[str]] = field(default_factory=dict)


def entered(page: str) -> None:
    """The frame says which page runs. A bare link gets what the page had when it was left."""
    links = _links()
    changed, links.page = page != links.page, page
    if changed:
        links.pending = {}
    kept = links.kept.setdefault(page, {})
    now = {name: texts[-1] for name in (PARAMS, SELECTION, VIEW) if (texts := given(name))}
    if (changed and not now) or not st.query_params.to_dict():
        write({name: [text] for name, text in kept.items()})
    elif now != kept:
        links.kept[page] = now
        links.generation[page] = links.generation.get(page, 0) + 1


def given(name: str) -> list[str]:
    """The texts of a part of the link, as this run has left them."""
    pending = _links().pending
    return pending[name] if name in pending else st.query_params.get_all(name)


def write(wanted: Mapping[str, Sequence[str]]) -> None:
    """Puts these into the link at the end of the run; an empty list takes one out."""
    _links().pending |= {name: list(texts) for name, texts in wanted.items()}


def flush() -> None:
    """Sends what was written; the frame calls it when the page is drawn."""
    pending, _links().pending = _links().pending, {}
    changes = {name: texts for name, texts in pending.items() if st.query_params.get_all(name) != texts}
    if changes:
        st.query_params.update(changes)


def key(name: str) -> str:
    """A widget's key that begins anew when the link was changed from outside, so that the widget follows it."""
    links = _links()
    return f"{links.page}-{name}-{links.generation.get(links.page, 0)}"


def read_params(default: T) -> T:
    """The parameters in the link, else `default`; one that cannot be read gets a sentence and is `default`."""
    text = "".join(given(PARAMS)[-1:])
    if not text:
        return default
    try:
        own = json.loads(text)
        if not isinstance(own, dict):
            raise ValueError("no object")
        whole = json.dumps(registry.dump(default) | own)
        read: T = segments.resolved(registry.parse(type(default), whole, "the link"))
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


def names(field: str) -> bool:
    """Whether the parameters in the link say anything of `field`; they may be none that can be read."""
    with suppress(ValueError, TypeError, RecursionError):
        return field in json.loads("".join(given(PARAMS)[-1:]))
    return False


def write_params(params: Any, default: Any = None, always: Collection[str] = ()) -> None:
    """Puts `params` into the link: what differs from `default`, by default from the question's own defaults.

    Fields in `always` are there in any case: their default may become another one, and a link stays what it is.
    """
    _write(PARAMS, _text(params, default, always))


def open_params(params: Any, default: Any = None) -> None:
    """As if a link with `params` had been opened: the widgets follow it. For callbacks."""
    write_params(params, default)
    links = _links()
    links.generation[links.page] = links.generation.get(links.page, 0) + 1


def read_selection() -> dict[str, Any] | None:
    """What is selected on the page; None for nothing, or for what cannot be read."""
    return _read(SELECTION, "The link's selection cannot be read, so nothing is selected.")


def read_view() -> dict[str, Any]:
    """How the page shows its answer, as the link has it; a page checks what it finds there."""
    return _read(VIEW, "How the link wants this shown cannot be read; the page shows its default.") or {}


def write_view(view: dict[str, Any]) -> None:
    """Puts how the page shows its answer into the link; an empty view takes it out."""
    _write(VIEW, json.dumps(view, ensure_ascii=False, separators=(",", ":")) if view else "")


def _read(name: str, unreadable: str) -> dict[str, Any] | None:
    text = "".join(given(name)[-1:])
    if not text:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        st.warning(unreadable, icon=":material/link_off:")
        return None
    return found


def write_selection(selected: dict[str, Any] | None) -> None:
    """Puts what is selected into the link; None takes it out."""
    _write(SELECTION, json.dumps(selected, ensure_ascii=False, separators=(",", ":")) if selected else "")


def _write(name: str, text: str) -> None:
    links = _links()
    kept = links.kept.setdefault(links.page, {})
    write({name: [text] if text else []})
    if text:
        kept[name] = text
    else:
        kept.pop(name, None)


def _links() -> _Links:
    return st.session_state.setdefault(STATE, _Links())


def _text(params: Any, default: Any, always: Collection[str] = ()) -> str:
    if default is None:
        own = lean(params)
    else:
        now, usual = registry.dump(params), registry.dump(default)
        named = zip(fields(params), now, strict=True)  # in JSON a field may have another name
        own = {
            name: lean(getattr(params, field.name))
            for field, name in named
            if name in always or now[name] != usual[name]
        }
    return json.dumps(own, ensure_ascii=False, separators=(",", ":")) if own else ""


def lean(value: Any) -> Any:
    """As JSON, without what is as usual all the way down.

    What a dataclass adds to the one it extends always stays: it is what tells the two apart.
    """
    if isinstance(value, tuple | list):
        return [lean(item) for item in value]
    if not is_dataclass(value) or isinstance(value, type):
        return registry.dump(value)
    inherited = {field.name for base in type(value).__bases__ if is_dataclass(base) for field in fields(base)}
    return {
        name: lean(now)
        for field, name in zip(fields(value), registry.dump(value), strict=True)
        if (now := getattr(value, field.name)) != field.default or (inherited and field.name not in inherited)
    }
