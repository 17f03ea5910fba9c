"""Filters beyond the lists: shown one by one, taken out, and written: a field compared, or a pattern."""

from dataclasses import replace
from typing import Any

import streamlit as st

from analytics import patterns, words
from analytics.clustering import Cluster
from analytics.conditions import Filter, Where
from analytics.errors import InvalidPattern
from analytics.scope import Scope
from pages.shared.bar.choice import Choice, bar, choose
from pages.shared.bar.link import every_import
from pages.shared.text import escape

FIELDS = {
    "Page visited": ("page", "text"),
    "Event": ("event", "text"),
    "First page": ("entry_page", "text"),
    "Last page": ("exit_page", "text"),
    "Person": ("user", "text"),
    "Length in seconds": ("duration_s", "number"),
    "Page views": ("page_views", "number"),
    "Clicks": ("clicks", "number"),
    "Errors": ("errors", "number"),
    "Browser": ("browser", "text"),
    "Operating system": ("os", "text"),
    "Campaign": ("campaign", "text"),
    "Referrer": ("referrer", "text"),
}
TESTS: dict[str, dict[str, Any]] = {
    "text": {"is": "is", "is not": "is_not", "contains": "contains", "does not contain": "not_contains"},
    "number": {"is at least": "gte", "is at most": "lte", "is": "is"},
}


PATTERN_HELP = """
`a -> b` b later than a; `a => b` b is the very next; `a -> !b -> c` no b in between; `(a | b)` one or the other;
`a{3,}` three or more in a row; `b within 10m` at most that long after the part before; `(start)` and `(end)`.
An event by its name, `page:/product/*`, `element:#pay`, `order[value > 50]`; names with spaces in quotes.
"""


def add_filter(further: Where) -> None:
    """Puts one more filter into the scope; for callbacks, so that the whole page follows."""
    now = bar().choice
    if further not in now.where:
        choose(replace(now, where=(*now.where, further)))


def only_kind(cluster: Cluster) -> None:
    """Puts a kind of sessions into the scope; for callbacks."""
    choose(replace(bar().choice, cluster=cluster))


def chips(choice: Choice) -> None:
    """Draws those that are in the scope, each with a way out."""
    if not (choice.imports or choice.where or choice.pattern or choice.cluster or choice.outside):
        return
    with st.container(key="scope-chips", gap="xsmall"):
        if choice.outside:
            _chip(escape(f"not in segment {choice.outside}", 160), "outside", replace(choice, outside=None))
        if choice.imports:
            files = _files(choice.imports)
            st.caption(f"Only sessions that {escape(words.listed(files), 80)} brought in.")
            _chip("Show all imports", "imports", replace(choice, imports=()))
        for n, where in enumerate(choice.where):
            rest = choice.where[:n] + choice.where[n + 1 :]
            _chip(escape(said(where), 80), f"where-{n}", replace(choice, where=rest))
        if choice.pattern:
            _chip(escape(patterns.parse(choice.pattern).words, 160), "pattern", replace(choice, pattern=None))
        if choice.cluster:
            _chip(escape(choice.cluster.words, 160), "cluster", replace(choice, cluster=None))


def _chip(label: str, name: str, without: Choice) -> None:
    st.button(
        label,
        key=f"scope-remove-{name}",
        icon=":material/close:",
        type="tertiary",
        help="Take this out of the scope",
        on_click=choose,
        args=(without,),
    )


def further() -> None:
    """Draws the menu that adds one."""
    with st.popover("Add a filter", icon=":material/add:", type="tertiary"):
        field, kind = FIELDS[st.selectbox("What", list(FIELDS), key="filter-field")]
        test = TESTS[kind][st.selectbox("How", list(TESTS[kind]), key=f"filter-test-{kind}")]
        value: Any = (
            st.number_input("Number", min_value=0, step=1, key="filter-number")
            if kind == "number"
            else st.text_input("Text", key="filter-text")
        )
        st.button(
            "Only these sessions",
            key="filter-add",
            disabled=value in ("", None),
            on_click=_added,
            args=(field, test, kind),
        )
        _pattern()


def _added(field: str, test: Any, kind: str) -> None:
    value = st.session_state.get(f"filter-{kind}")
    if value not in ("", None):
        add_filter(Filter(field, test, value))
        st.session_state["filter-text"] = ""


def _pattern() -> None:
    """What a session has to do, in the language of docs/patterns.md; a mistake is pointed at."""
    text = st.text_input(
        "Or: what happened, in which order",
        key="filter-pattern",
        placeholder="page:/cart -> !order within 10m",
        help=PATTERN_HELP,
    )
    wrong = None
    if text.strip():
        try:
            patterns.parse(text)
        except InvalidPattern as error:
            wrong = error
            st.code(f"{text}\n{' ' * error.position}^", language=None, wrap_lines=False)
            st.caption(f":red[{escape(error, 300)}]")
    st.button(
        "Only sessions with this",
        key="pattern-add",
        disabled=not text.strip() or wrong is not None,
        on_click=_pattern_added,
    )


def _pattern_added() -> None:
    text = st.session_state.get("filter-pattern", "").strip()
    try:
        patterns.parse(text)
    except InvalidPattern:
        return  # the field says what is wrong with it
    choose(replace(bar().choice, pattern=text))
    st.session_state["filter-pattern"] = ""


def _files(numbers: tuple[int, ...]) -> list[str]:
    return [one.file for one in every_import() if one.import_id in numbers] or ["an import"]


def said(where: Where) -> str:
    """A filter in words: "page contains cart"."""
    condition = next(iter(Scope(where=(where,)).filters()))
    return condition.words.removeprefix("(").removesuffix(")")
