"""Sessions: every session in scope, to be sorted, narrowed and opened."""

from dataclasses import replace

import streamlit as st

from analytics import words
from analytics.analyses import overview, sessions
from analytics.conditions import AnyOf, Filter, Where
from pages.shared import ask, current_scope, escape, head, key, page_of, read_params, write_params
from pages.shared.lists import LIST_SIZE, list_key, pages, session_table
from pages.shared.scope import said

ORDERS = {
    "Latest first": "-start",
    "Earliest first": "start",
    "Longest first": "-duration_s",
    "Shortest first": "duration_s",
    "Most errors first": "-errors",
    "Most clicks first": "-clicks",
    "Most pages first": "-page_views",
    "Most events first": "-events",
    "Highest value first": "-value",
}
ONLY: dict[str, Where] = {
    "with an error": Filter("errors", "gt", 0),
    "that bounced": Filter("bounce", "is", True),
    "of five minutes or more": Filter("duration_s", "gte", 300),
    "with a value": Filter("session.value", "gt", 0),
}
USUAL = sessions.Sessions(limit=LIST_SIZE)


def found(text: str) -> AnyOf:
    """Sessions of a person, or with a page or an event, that the text occurs in."""
    return AnyOf(
        (*(Filter(field, "contains", text) for field in ("user", "page", "event")), Filter("session_id", "is", text))
    )


def searched(where: tuple[Where, ...]) -> str:
    """The text that `found` made a filter of; empty if none of them is."""
    for one in where:
        if (
            isinstance(one, AnyOf)
            and one.any
            and isinstance(one.any[-1], Filter)
            and one == found(str(one.any[-1].value))
        ):
            return str(one.any[-1].value)
    return ""


page = head("Which sessions were there?")
given = read_params(USUAL)
text = searched(given.where)
own = (*ONLY.values(), found(text))
with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
    order = st.selectbox(
        "Order",
        list(ORDERS),
        list(ORDERS.values()).index(given.order_by) if given.order_by in ORDERS.values() else 0,
        key=key("order"),
        width=190,
    )
    only = st.multiselect(
        "Only those",
        list(ONLY),
        [name for name, where in ONLY.items() if where in given.where],
        key=key("only"),
        placeholder="All of them",
        width=300,
    )
    text = st.text_input(
        "Find", text, key=key("find"), placeholder="Part of a person, page or event; a session's id", width=320
    ).strip()
    rest = [
        where
        for n, where in enumerate(one for one in given.where if one not in own)
        if st.checkbox(escape(said(where), 80), True, key=key(f"rest-{n}"))
    ]
where = (*rest, *(ONLY[name] for name in only), *((found(text),) if text else ()))
asked = replace(USUAL, where=where, order_by=ORDERS[order])

first = given.offset // LIST_SIZE + 1 if replace(given, offset=0) == asked else 1
listed = list_key(key("list"), asked)
asked = replace(asked, offset=LIST_SIZE * (page_of(listed, first) - 1))
result = ask(sessions, asked)
if not result.rows and result.total:  # a link to a page that the list no longer has
    asked, first = replace(asked, offset=0), 1
    result = ask(sessions, asked)
write_params(asked, USUAL)

whole = result.total
if not whole:
    page.answer("**No session** in scope is like that.")
else:
    totals = ask(overview, overview.Overview(grain="week"), current_scope().also(where)).totals
    parts = [f"**{words.percent(totals.sessions_with_error / whole)}** met an error"]
    if totals.bounce_rate is not None:
        parts.insert(0, f"**{words.percent(totals.bounce_rate)}** left at once after one page")
    page.answer(
        f"**{words.many(whole, 'session')}** of **{words.many(totals.people, 'person', 'people')}**, "
        f"**{words.duration(totals.mean_duration_s)}** long on average; {words.listed(parts)}."
    )
    session_table(listed, result.rows, ("First page", "Last page", "Value"))
    pages(listed, whole, first=first)
everything = sessions.queries(replace(asked, limit=None, offset=0), current_scope())[0]
page.actions(result.queries[:1], everything, "sessions")
