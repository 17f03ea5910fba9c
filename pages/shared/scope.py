"""The scope bar: which sessions every page counts. It stands in the sidebar and in the link, and stays across pages.

In the link: `range` twice, the first and the last day inside; `release`, `device`, `country` and `imports`, once per
value; `pattern`, what a session has to do; `w`, further filters as JSON. A link that carries any of them says all of
them; one that carries none (a click in the navigation) leaves the scope as it is.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from analytics import patterns, registry, words
from analytics.analyses import values
from analytics.conditions import Filter, Where
from analytics.errors import AnalyticsError, InvalidPattern
from analytics.query import Query
from analytics.scope import Scope
from pages.shared import links
from pages.shared.stores import store
from pages.shared.text import escape
from pages.shared.waiting import answer

RANGE, IMPORTS, WHERE, PATTERN = "range", "imports", "w", "pattern"
LISTS = {"release": "Release", "device": "Device", "country": "Country"}
NAMES = (RANGE, *LISTS, IMPORTS, WHERE, PATTERN)
MOST = 1000  # values offered; a value beyond them is taken from a link as it is
EXTENT = "SELECT min(day) AS first, max(day) AS last, count(*) AS sessions FROM sessions"
OF_IMPORT = "SELECT import_id, file FROM imports ORDER BY import_id"
STATE = "scope"
EVERYTHING = Scope()


@dataclass(frozen=True)
class Extent:
    """The first and last day with a session (None in an empty store), and the number of sessions."""

    first: dt.date | None
    last: dt.date | None
    sessions: int


@dataclass(frozen=True)
class Import:
    """A file that was brought in."""

    import_id: int
    file: str


@dataclass(frozen=True)
class Choice:
    """What the bar says. `days` is None for the whole store, so that it grows with it."""

    days: tuple[dt.date, dt.date] | None = None
    release: tuple[str, ...] = ()
    device: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    imports: tuple[int, ...] = ()
    where: tuple[Where, ...] = ()
    pattern: str | None = None

    def scope(self, whole: Extent) -> Scope:
        """As a question takes it; the range always has both ends."""
        first, last = self.days or (whole.first, whole.last)
        return Scope(
            start=first,
            stop=last + dt.timedelta(days=1) if last else None,
            imports=self.imports,
            releases=self.release,
            devices=self.device,
            countries=self.country,
            where=self.where,
            pattern=self.pattern,
        )


@dataclass
class _Bar:
    """Between runs: what was chosen, in which store, and what the link said when the last run ended."""

    choice: Choice
    store: str
    link: dict[str, list[str]] | None = None
    now: Scope = EVERYTHING


def current_scope() -> Scope:
    """What the sidebar says in this run; everything on a page without it."""
    bar: _Bar | None = st.session_state.get(STATE)
    return bar.now if bar else Scope()


def extent() -> Extent:
    """How far the store reaches."""
    return answer("extent", lambda reader: reader.rows(Query(EXTENT, {}), Extent)[0])


def link_of(scope: Scope) -> dict[str, list[str]]:
    """`scope` as parameters of a link, for `link_to` and `go_to`."""
    last = scope.stop - dt.timedelta(days=1) if scope.stop else None
    found = {
        RANGE: [day.isoformat() for day in (scope.start, last) if day],
        "release": list(scope.releases),
        "device": list(scope.devices),
        "country": list(scope.countries),
        IMPORTS: [str(number) for number in scope.imports],
        WHERE: [json.dumps(registry.plain(scope.where), ensure_ascii=False, separators=(",", ":"))]
        if scope.where
        else [],
        PATTERN: [scope.pattern] if scope.pattern else [],
    }
    return {name: given for name, given in found.items() if given}


def add_filter(further: Where) -> None:
    """Puts one more filter into the scope; for callbacks, so that the whole page follows."""
    bar = _bar()
    if further not in bar.choice.where:
        _choose(replace(bar.choice, where=(*bar.choice.where, further)))


def without_bar() -> None:
    """For a page that counts no sessions: what is chosen waits, and the question is of everything."""
    _bar().now = Scope()


def draw() -> None:
    """Reads the link, draws the bar, settles the scope of this run, and writes it into the link."""
    bar = _bar()
    whole = extent()
    options = {name: _options(name) for name in LISTS}
    given = _link()
    if given and given != bar.link:
        _choose(_read(given, whole, options))
    with st.sidebar:
        _days(bar, whole)
        for name, label in LISTS.items():
            _list(bar, name, label, options[name])
        _chips(bar)
        _further(bar)
    bar.now = bar.choice.scope(whole)
    links.write({name: [] for name in NAMES} | link_of(bar.now))
    bar.link = _link()


def reset() -> None:
    """Back to everything; for callbacks."""
    _choose(Choice())


def _bar() -> _Bar:
    here = str(store().path or id(store()))
    bar: _Bar | None = st.session_state.get(STATE)
    if bar is None or bar.store != here:  # another store has other releases and other days
        bar = st.session_state[STATE] = _Bar(Choice(), here, bar.link if bar else None)
        _forget()
    return bar


def _choose(choice: Choice) -> None:
    _bar().choice = choice
    _forget()


def _forget() -> None:
    for name in (RANGE, *LISTS):  # the widgets then begin with what is chosen
        st.session_state.pop(f"scope-{name}", None)


# ------------------------------------------------------------------------------------------------------- the widgets


def _days(bar: _Bar, whole: Extent) -> None:
    first, last = bar.choice.days or (whole.first, whole.last)
    st.session_state.setdefault("scope-range", (first, last))
    shown = st.date_input(
        "Sessions from",
        key="scope-range",
        min_value=min(first, whole.first),
        max_value=max(last, whole.last),
        format="YYYY-MM-DD",
        on_change=_days_chosen,
        args=(whole,),
    )
    if isinstance(shown, tuple) and len(shown) == 2:  # one day: the second is still to come
        bar.choice = replace(bar.choice, days=None if shown == (whole.first, whole.last) else shown)


def _days_chosen(whole: Extent) -> None:
    if not st.session_state.get("scope-range"):  # cleared
        st.session_state["scope-range"] = (whole.first, whole.last)


def _list(bar: _Bar, name: str, label: str, options: list[str]) -> None:
    chosen = [value for value in getattr(bar.choice, name) if value in options or len(options) >= MOST]
    if not options and not chosen:
        return
    st.session_state.setdefault(f"scope-{name}", chosen)
    found = st.multiselect(
        label,
        list(dict.fromkeys([*options, *chosen])),
        key=f"scope-{name}",
        placeholder=f"Any {label.lower()}",
    )
    bar.choice = replace(bar.choice, **{name: tuple(found)})


def _chips(bar: _Bar) -> None:
    choice = bar.choice
    if not choice.imports and not choice.where and not choice.pattern:
        return
    with st.container(key="scope-chips", gap="xsmall"):
        if choice.imports:
            files = _files(choice.imports)
            st.caption(f"Only sessions that {escape(words.listed(files), 80)} brought in.")
            _chip("Show all imports", "imports", replace(choice, imports=()))
        for n, where in enumerate(choice.where):
            rest = choice.where[:n] + choice.where[n + 1 :]
            _chip(escape(said(where), 80), f"where-{n}", replace(choice, where=rest))
        if choice.pattern:
            _chip(escape(patterns.parse(choice.pattern).words, 160), "pattern", replace(choice, pattern=None))


def _chip(label: str, name: str, without: Choice) -> None:
    st.button(
        label,
        key=f"scope-remove-{name}",
        icon=":material/close:",
        type="tertiary",
        help="Take this out of the scope",
        on_click=_choose,
        args=(without,),
    )


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


def _further(bar: _Bar) -> None:
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
    _choose(replace(_bar().choice, pattern=text))
    st.session_state["filter-pattern"] = ""


# --------------------------------------------------------------------------------------------------------- the link


def _link() -> dict[str, list[str]]:
    return {name: texts for name in NAMES if (texts := links.given(name))}


def _read(given: Mapping[str, list[str]], whole: Extent, options: Mapping[str, list[str]]) -> Choice:
    """The choice in a link; what cannot be read, or is not in this store, is said and left out."""
    return Choice(
        days=_read_part(given, RANGE, lambda texts: _read_days(texts, whole), None),
        imports=_read_part(given, IMPORTS, _read_imports, ()),
        where=_read_part(given, WHERE, _read_where, ()),
        pattern=_read_part(given, PATTERN, _read_pattern, None),
        **{name: _read_values(given.get(name, []), label, options[name]) for name, label in LISTS.items()},
    )


def _read_part(given: Mapping[str, list[str]], name: str, read: Callable[[list[str]], Any], usual: Any) -> Any:
    if name not in given:
        return usual
    try:
        return read(given[name])
    except AnalyticsError as error:
        _say(f"{escape(error, 300)} It is left out.")
    except (ValueError, TypeError, RecursionError):
        what = {RANGE: "range of days", IMPORTS: "list of imports", WHERE: "list of filters", PATTERN: "pattern"}[name]
        _say(f"The link's {what}, {escape(' to '.join(given[name]), 80)}, cannot be read, so it is left out.")
    return usual


def _read_days(texts: list[str], whole: Extent) -> tuple[dt.date, dt.date] | None:
    first, last = dt.date.fromisoformat(texts[0]), dt.date.fromisoformat(texts[-1])
    if last < first or len(texts) > 2:
        raise ValueError("the last day is before the first")
    return None if (first, last) == (whole.first, whole.last) else (first, last)


def _read_imports(texts: list[str]) -> tuple[int, ...]:
    wanted = tuple(int(text) for text in texts)
    known = {one.import_id for one in _imports()}
    if strange := [number for number in wanted if number not in known]:
        many = words.listed([str(number) for number in strange])
        _say(f"This store has no import {escape(many, 80)}, so it is left out.")
    return tuple(number for number in wanted if number in known)


def _read_where(texts: list[str]) -> tuple[Where, ...]:
    found: tuple[Where, ...] = registry.parse(tuple[Where, ...], texts[-1], "the link's filters")
    Scope(where=found).query("SELECT 1 FROM scoped_sessions")  # what no statement can be made of is refused here
    return found


def _read_pattern(texts: list[str]) -> str:
    patterns.parse(texts[-1])
    return texts[-1]


def _read_values(texts: list[str], label: str, options: list[str]) -> tuple[str, ...]:
    strange = [text for text in texts if text not in options and len(options) < MOST]
    if strange:
        many = words.listed([escape(text, 60) for text in strange[:5]], "or")
        _say(f"No session in this store has the {label.lower()} {many}, so it is left out.")
    return tuple(text for text in dict.fromkeys(texts) if text not in strange)


def _say(sentence: str) -> None:
    st.warning(sentence, icon=":material/link_off:")


# --------------------------------------------------------------------------------------------------- what there is


def _options(name: str) -> list[str]:
    asked = values.Values(name, limit=MOST)
    found = answer(("values", name), lambda reader: values.run(reader, asked, Scope()).values)
    texts = [value.value for value in found]
    return sorted(texts, key=_natural) if name == "release" else texts


def _natural(text: str) -> list[tuple[bool, int, str]]:
    """1.9 before 1.10"""
    parts = text.replace("-", ".").replace("+", ".").split(".")
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def _imports() -> tuple[Import, ...]:
    return answer("imports", lambda reader: tuple(reader.rows(Query(OF_IMPORT, {}), Import)))


def _files(numbers: tuple[int, ...]) -> list[str]:
    return [one.file for one in _imports() if one.import_id in numbers] or ["an import"]


def said(where: Where) -> str:
    """A filter in words: "page contains cart"."""
    condition = next(iter(Scope(where=(where,)).filters()))
    return condition.words.removeprefix("(").removesuffix(")")
