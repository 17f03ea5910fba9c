"""The figures beside the overview's picture: each with its course, and against as many days before, if there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from analytics import vocabulary, words
from analytics.analyses import overview
from analytics.scope import Scope
from pages.shared import ask, extent


@dataclass(frozen=True)
class Figure:
    """`of` reads it from totals or from one point; a share is from 0 to 1. `better` is None where more is neither."""

    name: str
    of: Callable[[overview.Totals], float | None]
    shown: Callable[[float | None], str]
    better: bool | None
    help: str | None = None


def _share(part: float | None, whole: float) -> float | None:
    return part / whole if part is not None and whole else None


def _count(value: float | None) -> str:
    return "–" if value is None else words.count(value)


def chosen(params: overview.Overview) -> list[Figure]:
    """Six at most: without a goal, and of what the events do not tell, fewer."""
    found = [
        Figure("Sessions", lambda one: one.sessions, _count, None, vocabulary.GLOSSARY["session"]),
        Figure("People", lambda one: one.people, _count, None, vocabulary.GLOSSARY["person"]),
        Figure("Bounced", lambda one: one.bounce_rate, words.percent, False, vocabulary.GLOSSARY["bounce"]),
        Figure("With an error", lambda one: _share(one.sessions_with_error, one.sessions), words.percent, False),
        Figure("Active time", lambda one: one.mean_active_s, words.duration, None, vocabulary.GLOSSARY["active time"]),
    ]
    if params.goal:
        reached = Figure(
            "Reached the goal", lambda one: one.conversion_rate, words.percent, True, vocabulary.GLOSSARY["conversion"]
        )
        found.insert(2, reached)
    return found


def draw(params: overview.Overview, totals: overview.Totals, course: Sequence[overview.Point], scope: Scope) -> None:
    """Two a row. `course` leaves out weeks that the scope cuts."""
    before = previous(scope)
    earlier = ask(overview, params, before).totals if before else None
    with st.grid(2, min_column_width=108, gap="small"):
        for figure in chosen(params):
            now, then = figure.of(totals), figure.of(earlier) if earlier else None
            if now is None:  # nothing in the scope has such a value
                continue
            line = [figure.of(point) or 0.0 for point in course]
            st.metric(
                figure.name,
                figure.shown(now),
                _change(now, then, figure.shown is words.percent),
                chart_data=line if len(set(line)) > 1 else None,
                delta_color=_colour(now, then, figure.better),
                delta_arrow="off",
                help=figure.help,
            )
    if before and scope.start and scope.stop:
        st.caption(f"Changes: against the {words.many((scope.stop - scope.start).days, 'day')} before.")


def previous(scope: Scope) -> Scope | None:
    """As many days before, when the store has them all."""
    first = extent().first
    if not scope.start or not scope.stop or not first:
        return None
    days = scope.stop - scope.start
    return replace(scope, start=scope.start - days, stop=scope.start) if scope.start - days >= first else None


def _change(now: float | None, then: float | None, share: bool) -> str | None:
    if now is None or then is None:
        return None
    if share:
        return f"{words.signed(100 * (now - then))} points"
    return f"{words.signed(100 * (now - then) / then)}{words.SPACE}%" if then else None


def _colour(now: float | None, then: float | None, better: bool | None) -> str:
    if now is None or then is None or better is None or now == then:
        return "off"
    return "green" if (now > then) == better else "red"
