"""Sessions: every session in scope, to be narrowed, sorted, ranked by what it would teach, and opened."""

import json
from dataclasses import replace
from typing import Any

import streamlit as st

from analytics import registry, words
from analytics.analyses import lessons, session_totals, sessions, values
from analytics.analyses.lessons import Lessons
from analytics.analyses.session_totals import SessionTotals
from analytics.analyses.sessions import Among
from analytics.conditions import AnyOf, Filter, Where
from analytics.errors import AnalyticsError
from analytics.metrics import Goal
from analytics.scope import Scope
from pages.attention import columns, narrowing
from pages.journeys import grouped
from pages.overview.goals import likely
from pages.shared import (
    ask,
    current_scope,
    escape,
    head,
    key,
    page_of,
    read_params,
    read_view,
    write_params,
    write_view,
)
from pages.shared.links import lean
from pages.shared.lists import LIST_SIZE, Playlist, details, list_key, pages, session_table

USUAL = sessions.Sessions(limit=LIST_SIZE)
LESSONS, NO_GOAL = "What they teach", "No goal"
EXPLAINED = (
    "The sessions that show most first: errors, forms and logins that were refused, the goal lost at the step before "
    "it, ways that hardly anybody takes, much time without the goal. Each kind of them has its turn."
)


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


def goal_of(view: dict[str, Any], offered: dict[str, Goal]) -> str:
    """The goal that the link's view names, by its name in `offered`; without a word the likely one."""
    if "goal" not in view:
        best = likely([value.value for value in ask(values, values.Values("event"), Scope()).values])
        return next((name for name, goal in offered.items() if goal == best), NO_GOAL)
    try:
        wanted = registry.parse(Lessons, json.dumps({"goal": view["goal"]}), "the link").goal
    except AnalyticsError:
        return NO_GOAL
    if wanted is None:
        return NO_GOAL
    name = next((name for name, goal in offered.items() if goal == wanted), None)
    if name is None:
        name = wanted.label
        offered[name] = wanted
    return name


page = head("Which sessions were there?")
given, view = read_params(USUAL), read_view()
shown = columns.read(view.get("columns"))
text = searched(given.where)
teaching = view.get("order") == "lessons"
goal: Goal | None = None
goal_in_view: Any = None
with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
    column, descending = columns.column_of(given.order_by)
    options = [LESSONS, *columns.FIELDS]
    ranked = st.selectbox(
        "Order by", options, options.index(LESSONS if teaching else column), key=key("order"), width=180,
        help=EXPLAINED if teaching else None,
    )  # fmt: skip
    if ranked == LESSONS:
        offered = narrowing.goals()
        now = goal_of(view, offered)
        names = [NO_GOAL, *offered]
        chosen = st.selectbox(
            "Goal", names, names.index(now), key=key("goal"), width=190, help="What a session should have come to."
        )
        goal = offered.get(chosen)
        goal_in_view = lean(goal) if goal is not None else None
        order = given.order_by
    else:
        ways = columns.directions(ranked)
        usual_way = 1 if ranked in columns.TEXTS else 0
        begin = (0 if descending else 1) if ranked == column else usual_way
        way = st.segmented_control(
            "Which way round", ways, default=ways[begin], required=True, key=key(f"way-{ranked}"),
            label_visibility="collapsed",
        )  # fmt: skip
        order = columns.order(ranked, way == ways[0])
    text = st.text_input(
        "Find", text, key=key("find"), placeholder="Part of a person, page or event; a session's id", width=300
    ).strip()
    shown = columns.choose(shown)
teaching = ranked == LESSONS
own = tuple(one for one in given.where if searched((one,)))
where = (*(one for one in given.where if one not in own), *((found(text),) if text else ()))
asked = replace(given, where=where, order_by=order, limit=LIST_SIZE, offset=0)
write_view(
    ({"order": "lessons", "goal": goal_in_view} if teaching else {})
    | ({"columns": list(shown)} if shown != columns.SHOWN else {})
)
narrowing.draw(asked, USUAL, leave=(found(text),) if text else ())

scope = current_scope()
among = Among(asked.where, asked.did, asked.did_not, asked.watched)
module, params = sessions, asked
if teaching:
    module, params = lessons, Lessons(goal, among, grouped.usual(), LIST_SIZE)
first = given.offset // LIST_SIZE + 1 if replace(given, offset=0, limit=LIST_SIZE) == asked else 1
listed = list_key(key("list"), params)
params = replace(params, offset=LIST_SIZE * (page_of(listed, first) - 1))
result = ask(module, params)
if not result.rows and result.total:  # a link to a page that the list no longer has
    params, first = replace(params, offset=0), 1
    result = ask(module, params)
write_params(replace(asked, offset=params.offset), USUAL)

totals = ask(session_totals, SessionTotals(among)).of_all
if not totals.sessions:
    page.answer("**No session** in scope is like that.")
elif teaching and not result.total:
    page.answer(f"Of **{words.many(totals.sessions, 'session')}** none met an error or went astray.")
else:
    parts = [f"**{words.percent(totals.with_error / totals.sessions)}** met an error"]
    if totals.with_bounce_value:
        parts.insert(0, f"**{words.percent(totals.bounces / totals.with_bounce_value)}** left at once after one page")
    many = f"**{words.many(totals.sessions, 'session')}** of **{words.many(totals.people, 'person', 'people')}**"
    if teaching:
        lost = f"lost “{escape(chosen, 60)}”, " if goal is not None else ""
        page.answer(
            f"**{words.count(result.total)}** of **{words.many(totals.sessions, 'session')}** met an error, were "
            f"refused something, {lost}or went an unusual way; those that show most come first, kind by kind."
        )
    else:
        page.answer(
            f"{many}, **{words.duration(totals.duration_ms / totals.sessions / 1000)}** long on average; "
            f"{words.listed(parts)}."
        )
    playlist = Playlist(module, params, scope)
    if teaching:
        rows = details([row.session_id for row in result.rows])
        session_table(
            listed,
            rows,
            shown if shown != columns.SHOWN else columns.BESIDE_WHY,
            moments={row.session_id: row.at_ms for row in result.rows},
            playlist=playlist,
            first=params.offset + 1,
            known=shown == columns.SHOWN,
            reasons={row.session_id: row.why[:1].upper() + row.why[1:] for row in result.rows},
        )
    else:
        session_table(
            listed,
            result.rows,
            shown,
            playlist=playlist,
            first=params.offset + 1,
            known=shown == columns.SHOWN,
        )
    pages(listed, result.total, first=first)
everything = module.queries(replace(params, limit=None, offset=0), scope)[0]
page.actions(result.queries[:1], everything, "sessions")
