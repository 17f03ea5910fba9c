"""The choices of the transitions page: what is followed, how links are counted, what is left out."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from analytics import vocabulary
from analytics.analyses.transitions import Transitions
from analytics.charts import paths as paths_chart
from analytics.charts import transitions as chart
from analytics.charts.transitions import Drawn
from analytics.conditions import Matcher
from analytics.path_items import OTHER, AnyGroup
from pages.journeys import against, grouped, moves_drawn, steps, view
from pages.journeys.ways import Stored
from pages.shared import key, read_params, write_params

SHAPES = {"matrix": "Matrix", "graph": "Graph", "steps": "Step by step"}
PATHS = {"session": "One session", "user": "All of a person"}
LETTERS = 40


def choose(known: Stored) -> tuple[Transitions, str, against.Pair | None, tuple[str, ...]]:
    """Draws the choices, keeps them in the link, and returns the question, which picture is wanted, what it is
    compared with, and what stands first in it."""
    usual = (
        Transitions("page", norm="from", groups=grouped.usual()) if known.page else Transitions("event", norm="from")
    )
    given = read_params(usual)
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
        shape = st.segmented_control(
            "As",
            list(SHAPES),
            default=view.read("as") if view.read("as") in SHAPES else "matrix",
            format_func=SHAPES.__getitem__,
            required=True,
            key=key("shape"),
        )
        view.keep("as", shape, "matrix")
        level = given.level
        if known.page:
            level = st.segmented_control(
                "Follow",
                ["page", "event"],
                default=given.level,
                format_func=lambda level: f"{level.capitalize()}s",
                required=True,
                key=key("level"),
            )
        norm = given.norm
        if shape != "steps":
            norms = chart.norms(given.by)
            norm = st.selectbox(
                "Count",
                list(norms),
                list(norms).index(given.norm),
                format_func=norms.__getitem__,
                key=key(f"norm-{given.by}"),
                width=190,
            )
        by = st.selectbox(
            "A path is",
            list(PATHS),
            list(PATHS).index(given.by),
            format_func=PATHS.__getitem__,
            key=key("by"),
            width=170,
            help="Of a person: all their sessions, one after another.",
        )
        groups = given.groups if level == "page" else ()
        out = left_out(known, level, groups, given.exclude)
        repeats = st.toggle("Repeats", not given.collapse_repeats, key=key("repeats"), help="The same again, counted")
        if level == "page":
            groups = grouped.choose(given.groups)
        pinned: tuple[str, ...] = ()
        if shape != "steps":
            pinned = moves_drawn.choose_pinned(paths_chart.items(known.of(level), groups), level)
        pair = against.choose()
    params = replace(
        given, level=level, norm=norm, exclude=out, groups=groups, collapse_repeats=not repeats, by=by,
        shown=(), times=False,
    )  # fmt: skip
    write_params(params, usual, always=("groups",) if known.page else ())
    return params, shape, pair, pinned


def left_out(known: Stored, level: str, groups: Sequence[AnyGroup], given: Sequence[str]) -> tuple[str, ...]:
    """Draws the choice of what is left out."""
    found = st.multiselect(
        "Leave out",
        list(dict.fromkeys([*paths_chart.items(known.of(level), groups), *given])),
        given,
        format_func=lambda item: paths_chart.short(paths_chart.called(item, level), LETTERS),
        placeholder="Nothing",
        key=key(f"out-{level}"),
        width=180,
    )
    return tuple(found)


def most_repeated(drawn: Drawn) -> Matcher | None:
    """The item that most often follows upon itself; None where none does, or where it stands for many."""
    loops = [link for link in drawn.links if link.source == link.target != OTHER]
    if not loops:
        return None
    item = max(loops, key=lambda link: (link.count, link.source)).source
    if drawn.params.level == "event":
        return Matcher(name=item)
    known = {value.value for value in steps.seen("event")}
    viewed = vocabulary.PAGE_VIEW if vocabulary.PAGE_VIEW in known else None
    return replace(steps.place(item, drawn.params.groups), name=viewed)
