"""The choices of the funnel page: its steps, what is counted, how long it may take, and what it is split by."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from analytics import words
from analytics.analyses import funnel, step_counts
from analytics.analyses.funnel import MOST_STEPS, Funnel
from analytics.analyses.step_counts import StepCounts
from analytics.charts import funnel as chart
from analytics.conditions import Matcher
from analytics.path_items import AnyGroup
from analytics.scope import Scope
from analytics.vocabulary import CLICK, PAGE_VIEW
from pages.journeys import grouped, steps, usual
from pages.journeys.builder import editor, edits, fields, keeping, more, rows
from pages.journeys.builder.draft import UNSAID, Draft, opened, say_refused
from pages.shared import ask, escape, key, read_params
from pages.shared.links import names

LIMITS = {
    "No limit": None,
    "10 minutes": 600,
    "1 hour": 3600,
    "1 day": 86_400,
    "7 days": 604_800,
    "14 days": 1_209_600,
    "30 days": 2_592_000,
}
OTHER = "Another…"
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
ORDERS = {"In this order": "ordered", "Right after one another": "strict", "In any order": "unordered"}
COUNTS = {"session": "Sessions", "user": "People"}
ANY = (Matcher(name=PAGE_VIEW), Matcher(name=CLICK))  # where nothing can be proposed
GROUPS = 20  # groups of pages of which the sessions are counted


def choose() -> Funnel | None:
    """Draws the choices, keeps them in the link, and returns the question; None of fewer than two steps."""
    groups = grouped.usual()
    split = "device" if "device" in fields.differing() else None
    default = Funnel(UNSAID if names("steps") else _proposed(groups), breakdown=split)
    params = read_params(default)
    if params.steps == UNSAID:  # the link cannot be read
        default = params = Funnel(_proposed(groups), breakdown=split)
    draft = Draft(params, default)
    offered = _offered(groups)
    grid = st.grid(3, min_column_width=300, gap="medium")
    with grid.cell(column_span=2):
        with st.container(gap="xsmall", key="quiet-steps"):
            _rows(draft)
            _add(draft, offered)
            say_refused("steps")
        editor.draw(draft, offered)
    with grid.cell(), st.container(gap="small", key="quiet-controls"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            _count(draft)
            _order(draft)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            _limit(draft)
            _split(draft)
        say_refused("controls")
        with st.container(horizontal=True, gap="xsmall"):
            more.draw(draft)
            keeping.draw(draft, groups)
    draft.write()
    return params if len(params.steps) > 1 else None


# --------------------------------------------------------------------------------------------------------- the steps


def _proposed(groups: Sequence[AnyGroup]) -> tuple[Matcher, ...]:
    way = usual.way(groups)
    return way if len(way) > 1 else ANY


def _offered(groups: Sequence[AnyGroup]) -> dict[Matcher, str]:
    """Pages, events and things clicked on, with their sessions; groups of pages in front."""
    offered = steps.pages(groups) | steps.events() | steps.elements()
    counted = list(offered)[: min(len(groups), GROUPS)]
    if counted:
        found = ask(step_counts, StepCounts(tuple(counted), people=False), Scope()).steps
        for place, count in zip(counted, found, strict=True):
            offered[place] = f"{offered[place]}, {words.many(count.sessions, 'session')}"
    return offered


def _rows(draft: Draft) -> None:
    params = draft.params
    by_user = params.by == "user"
    counted = {"session": "sessions", "user": "people"}.get(params.by, "values")
    did = ask(step_counts, StepCounts(params.steps, people=by_user)).steps
    # as the page below asks it, so that it is one question
    asked = replace(params, breakdown_limit=chart.MOST if params.breakdown else None, histogram=None, trend=None)
    came = [step.count for step in ask(funnel, asked).steps] if params.order != "unordered" else []
    shown = []
    for n, step in enumerate(params.steps):
        shown.append(
            {
                "name": editor.name(step),
                "notes": editor.notes(step),
                "did": words.count(did[n].people if by_user else did[n].sessions),
                "came": words.count(came[n]) if came else "",
                "share": words.percent(came[n] / came[0]) if came and came[0] else "",
            }
        )
    name = "funnel-rows"

    def acted() -> None:
        done: Mapping[str, Any] | None = st.session_state[name].did
        if done:
            editor.act(draft, str(done["what"]), int(done["n"]), int(done["to"]))

    rows(
        key=name,
        data={
            "steps": shown,
            "open": opened(),
            "did": f"{'People' if by_user else 'Sessions'} with it",
            "came": f"{counted.capitalize()} coming here" if came else "",
        },
        on_did_change=acted,
        height="content",
    )


def _add(draft: Draft, offered: Mapping[Matcher, str]) -> None:
    name = key("add")

    def added() -> None:
        one = st.session_state[name]
        st.session_state[name] = None
        if one is not None:
            draft.make(lambda params: edits.add(params, steps.chosen(one, offered)), "steps")

    full = len(draft.params.steps) >= MOST_STEPS
    st.selectbox(
        "Add a step",
        list(offered),
        None,
        format_func=lambda one: offered.get(one, "") if isinstance(one, Matcher) else str(one),
        key=name,
        accept_new_options=True,
        filter_mode="contains",
        placeholder=f"A funnel has at most {MOST_STEPS} steps"
        if full
        else "Add a step: search pages, events, things clicked on, or write /help/* or login -> page:/cart",
        label_visibility="collapsed",
        disabled=full,
        on_change=added,
    )


# ------------------------------------------------------------------------------------------------------ the controls


def _count(draft: Draft) -> None:
    by, name = draft.params.by, key("by")
    options = [*COUNTS, *([by] if by not in COUNTS else [])]

    def chosen() -> None:
        wanted = st.session_state[name]
        draft.make(lambda params: edits.changed(params, by=wanted), "controls")

    st.segmented_control(
        "Count",
        options,
        default=by,
        format_func=lambda one: COUNTS.get(one) or escape(fields.said(one), 40),
        required=True,
        key=name,
        on_change=chosen,
    )


def _order(draft: Draft) -> None:
    _choice(draft, "Steps happen", ORDERS, "order")


def _split(draft: Draft) -> None:
    now = draft.params.breakdown
    known = [*([now] if now else []), *fields.splitting()]
    _choice(draft, "Split by", {"Nothing": None} | {fields.said(field): field for field in known}, "breakdown")


def _choice(draft: Draft, label: str, options: Mapping[str, Any], field: str) -> None:
    name, labels = key(field), list(options)

    def chosen() -> None:
        value = options[st.session_state[name]]
        draft.make(lambda params: edits.changed(params, **{field: value}), "controls")

    now = list(options.values()).index(getattr(draft.params, field))
    st.selectbox(label, labels, now, key=name, on_change=chosen)


def _limit(draft: Draft) -> None:
    now, name = draft.params.window_s, key("window")
    labels = [*LIMITS, OTHER]

    def chosen() -> None:
        if (label := st.session_state[name]) != OTHER:
            draft.make(lambda params: edits.changed(params, window_s=LIMITS[label]), "controls")

    known = now in LIMITS.values()
    begin = labels.index(OTHER) if not known else list(LIMITS.values()).index(now)
    label = st.selectbox("Time limit", labels, begin, key=name, on_change=chosen)
    if label == OTHER:
        _amount(draft, now)


def _amount(draft: Draft, now: int | None) -> None:
    amount, unit = key("window-amount"), key("window-unit")
    seconds = 3600 if now is None else now
    usual = next((one for one, size in reversed(UNITS.items()) if seconds and seconds % size == 0), "seconds")

    def chosen() -> None:
        limit = st.session_state[amount] * UNITS[st.session_state[unit]]
        draft.make(lambda params: edits.changed(params, window_s=limit), "controls")

    st.number_input("Amount", 0, 10_000_000, seconds // UNITS[usual], key=amount, width=85, on_change=chosen)
    st.selectbox("Unit", list(UNITS), list(UNITS).index(usual), key=unit, width=105, on_change=chosen)
