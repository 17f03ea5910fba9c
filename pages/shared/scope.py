"""The scope bar: which sessions every page counts. It stands in the sidebar and in the link, and stays across pages.

In the link: `range` twice, the first and the last day inside; `segment`, the name of a saved one, and `outside`, of one
that is left out; `release`, `device`, `country` and `imports`, once per value; `pattern`, what a session has to do;
`kind`, which kind of sessions it is, and `w`, further filters, as JSON. A link that carries any of them says all of
them; one that carries none (a click in the navigation) leaves the scope as it is.
"""

from dataclasses import replace

import streamlit as st

from analytics.errors import AnalyticsError
from analytics.scope import Scope
from pages.shared import links, segments
from pages.shared.bar import choosing, filters, link
from pages.shared.bar.choice import LISTS, NAMES, STATE, Bar, Choice, Extent, bar, choose, extent
from pages.shared.bar.filters import add_filter, said
from pages.shared.bar.link import MOST, link_of
from pages.shared.text import escape

__all__ = ["add_filter", "current_scope", "draw", "extent", "link_of", "reset", "said", "without_bar"]


def current_scope() -> Scope:
    """What the sidebar says in this run; everything on a page without it."""
    bar: Bar | None = st.session_state.get(STATE)
    return bar.now if bar else Scope()


def without_bar() -> None:
    """For a page that counts no sessions: what is chosen waits, and the question is of everything."""
    bar().now = Scope()


def draw() -> None:
    """Reads the link, draws the bar, settles the scope of this run, and writes it into the link."""
    now = bar()
    whole = extent()
    options = {name: link.options(name) for name in LISTS}
    given = link.given()
    if given and given != now.link:
        choose(link.read(given, whole, options))
    _settle_segment(now)
    with st.sidebar:
        _days(now, whole)
        choosing.segment(now.choice)
        choosing.refusal()
        for name, label in LISTS.items():
            _list(now, name, label, options[name])
        filters.chips(now.choice)
        filters.further()
        choosing.menu(now.choice, whole)
    now.now = segments.resolved(now.choice.scope(whole))
    links.write({name: [] for name in NAMES} | link_of(now.now))
    now.link = link.given()


def reset() -> None:
    """Back to everything; for callbacks."""
    choose(Choice())


def _settle_segment(now: Bar) -> None:
    """One that was deleted, or lost what it builds on, since it was chosen is said and left out."""
    for field in ("segment", "outside"):
        try:
            segments.resolved(Scope(segment=getattr(now.choice, field)))
        except AnalyticsError as error:
            link.say(f"{escape(error, 300)} It is left out.")
            choose(replace(now.choice, **{field: None}))


def _days(bar: Bar, whole: Extent) -> None:
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


def _list(bar: Bar, name: str, label: str, options: list[str]) -> None:
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
