"""Which event counts as success, and how the overview is asked."""

import re
from collections.abc import Sequence

import streamlit as st

from analytics.analyses import event_sessions, overview, values
from analytics.conditions import Filter, Matcher
from analytics.scope import Scope
from analytics.vocabulary import CANONICAL_EVENTS
from pages.shared import ask, escape, key, read_params, write_params
from pages.shared.text import spoken

LIKELY = (
    r"order|purchase|transaction|buy|bought|sale",
    r"checkout_?(done|complete|success)|paid|payment",
    r"subscri|book|sign_?up|register|trial|activat|convert|conversion|lead|donat|download",
)
WEEKS_FROM = 28  # days of a scope from which on weeks say more than days
NONE = "No goal"


def choose(scope: Scope) -> overview.Overview:
    """Draws the choice of goal and grain, keeps it in the link, and returns the question."""
    names = [value.value for value in ask(values, values.Values("event"), Scope()).values]
    long = not scope.start or not scope.stop or (scope.stop - scope.start).days >= WEEKS_FROM
    usual = overview.Overview(grain="week" if long else "day", goal=likely(names))
    given = read_params(usual)
    known = [NONE, *sorted(names, key=lambda name: name in CANONICAL_EVENTS)]
    at = NONE if given.goal is None else given.goal.label
    options = known if at in known else [at, *known]
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
        chosen = st.selectbox(
            "Goal",
            options,
            options.index(at),
            format_func=lambda name: name if name == NONE or name not in names else spoken(name),
            key=key("goal"),
            help="The event that counts as success.",
            width=230,
        )
        grain = st.segmented_control(
            "By", ["day", "week"], default=given.grain, format_func=str.capitalize, required=True, key=key("grain")
        )
    goal = given.goal if chosen == at else None if chosen == NONE else Matcher(name=chosen)
    params = overview.Overview(grain=grain or usual.grain, goal=goal)
    write_params(params, usual)
    return params


def offer(given: Matcher | None, names: Sequence[str], why: str | None = None) -> Matcher | None:
    """Draws the choice of a goal among the events `names`, beside what a link says."""
    at = NONE if given is None else given.label
    options = list(dict.fromkeys([NONE, at, *names]))
    chosen = st.selectbox(
        "Goal",
        options,
        options.index(at),
        format_func=lambda name: name if name == NONE or name not in names else spoken(name),
        key=key("goal"),
        width=190,
        help=why,
    )
    return given if chosen == at else None if chosen == NONE else Matcher(name=chosen)


def likely(names: Sequence[str]) -> Matcher | None:
    """The event that looks most like success: by its name, else the rarest of the product's own that has a value."""
    own = [name for name in names if name not in CANONICAL_EVENTS]
    for pattern in LIKELY:
        if named := [name for name in own if re.search(pattern, name, re.IGNORECASE)]:
            return Matcher(name=min(named, key=len))
    worth = [name for name in own[:20] if _has_value(name)]
    return Matcher(name=(worth or own)[-1]) if own else None


def said(goal: Matcher | None) -> str:
    """The goal in words, set off from the sentence, for markdown: “add to cart”; empty for none."""
    if goal is None:
        return ""
    by_name = isinstance(goal.name, str) and goal == Matcher(name=goal.name)
    return f"“{escape(spoken(str(goal.name)) if by_name else goal.label, 60)}”"


def _has_value(name: str) -> bool:
    asked = event_sessions.EventSessions(Matcher(name=name, where=(Filter("value", "is_set"),)), limit=0)
    return bool(ask(event_sessions, asked, Scope()).total)
