"""The editor of one step: what it is any of, its filters, whether only a first time counts, whether it may be left
out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from analytics import words
from analytics.analyses import values
from analytics.analyses.funnel import PatternStep
from analytics.conditions import Filter, Matcher, Op
from analytics.errors import AnalyticsError, InvalidQuestion
from pages.journeys import steps
from pages.journeys.builder import anyof, edits, fields
from pages.journeys.builder.draft import Draft, open_step, opened, refuse, say_refused, serial
from pages.shared import ask, escape, key

TESTS: dict[str, dict[str, Op]] = {
    "text": {
        "is": "is",
        "is not": "is_not",
        "contains": "contains",
        "does not contain": "not_contains",
        "is at least": "gte",
        "is at most": "lte",
        "is known": "is_set",
        "is unknown": "is_not_set",
    },
    "number": {
        "is at least": "gte",
        "is at most": "lte",
        "is": "is",
        "is not": "is_not",
        "is known": "is_set",
        "is unknown": "is_not_set",
    },
}
ORDERED: tuple[Op, ...] = ("gte", "lte")
NOTHING: tuple[Op, ...] = ("is_set", "is_not_set")  # tests that take no value
FIRST = {"Every time": False, "Only the first time ever": True, "Only the first of its name": "name"}
PLACE = "editor"


def draw(draft: Draft, offered: Mapping[Matcher, str]) -> None:
    """The editor of the step that is open, under the rows."""
    n = opened()
    if n is None or not 1 <= n <= len(draft.params.steps):
        return
    step = draft.params.steps[n - 1]
    with st.container(key="quiet-step", gap="xsmall"):
        if isinstance(step, PatternStep):
            _pattern(draft, n, step)
            _optional(draft, n, step)
        else:
            _things(draft, n, step, offered)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                _first_time(draft, n, step)
                _optional(draft, n, step)
                _filters(draft, n, step)
        say_refused(PLACE)
        _buttons(draft, n)


def _key(name: str) -> str:
    return key(f"edit-{serial()}-{name}")


def _things(draft: Draft, n: int, step: Matcher, offered: Mapping[Matcher, str]) -> None:
    now = anyof.parts(step)
    name = _key("things")
    labels = steps.labels(offered, now)

    def chosen() -> None:
        found = st.session_state[name]
        if not found:
            refuse(PLACE, "A step needs at least one thing that it is.")
            draft.make(lambda params: params, PLACE)
            open_step(n)
            return
        if not draft.make(lambda params: edits.put(params, n, _made(found, step, offered)), PLACE):
            open_step(n)

    st.multiselect(
        f"Step {n} is any of",
        list(labels),
        list(now),
        format_func=lambda one: labels.get(one) or steps.said(one) if isinstance(one, Matcher) else str(one),
        key=name,
        accept_new_options=True,
        filter_mode="contains",
        select_all=False,
        placeholder="Pages, events, things clicked on",
        help="Write a pattern such as /help/\\* to take every page that fits it.",
        on_change=chosen,
    )


def _made(found: Sequence[Matcher | str], step: Matcher, offered: Mapping[Matcher, str]) -> Matcher:
    things = [steps.chosen(one, offered) for one in found]
    pattern = next((one for one in things if isinstance(one, PatternStep)), None)
    if pattern and len(things) > 1:
        raise InvalidQuestion("A step is things or a pattern; write all of it as a pattern, with commas in brackets.")
    return edits.with_flag(pattern, edits.may_be_left_out(step)) if pattern else anyof.joined(things, step)


def _pattern(draft: Draft, n: int, step: PatternStep) -> None:
    name = _key("pattern")

    def chosen() -> None:
        text = st.session_state[name]
        if not draft.make(lambda params: edits.put(params, n, replace(step, pattern=text)), PLACE):
            open_step(n)

    st.text_input(
        f"Step {n} is done when this is complete, within one session",
        step.pattern,
        key=name,
        help="The language of patterns: search -> page:/cart within 10m. It may have begun before the step before.",
        on_change=chosen,
    )


def _first_time(draft: Draft, n: int, step: Matcher) -> None:
    name, labels = _key("first"), list(FIRST)

    def chosen() -> None:
        flag: Any = FIRST[st.session_state[name]]
        draft.make(lambda params: edits.put(params, n, replace(step, first_time=flag)), PLACE)

    st.selectbox(
        "When it counts",
        labels,
        list(FIRST.values()).index(step.first_time),
        key=name,
        width=205,
        label_visibility="collapsed",
        on_change=chosen,
        help="First ever looks at everything in the store, also before these days. Only the first of its name: the "
        "person's first event of that name counts, if it fits the rest.",
    )


def _optional(draft: Draft, n: int, step: Matcher) -> None:
    name = _key("optional")
    why = "The first step must be done." if n == 1 else "Only steps in their order may be left out."
    possible = n > 1 and draft.params.order == "ordered"

    def chosen() -> None:
        made = edits.with_flag(step, st.session_state[name])
        if not draft.make(lambda params: edits.put(params, n, made), PLACE):
            open_step(n)

    st.checkbox(
        "May be left out",
        edits.may_be_left_out(step),
        key=name,
        disabled=not possible,
        help="Who goes on without it still goes on." if possible else why,
        on_change=chosen,
    )


def _filters(draft: Draft, n: int, step: Matcher) -> None:
    own = anyof.filters(step)
    head = step.where[: len(step.where) - len(own)]
    for m, where in enumerate(own):
        rest = (*head, *own[:m], *own[m + 1 :])
        st.button(
            escape(steps.filtered(where), 60),
            key=_key(f"without-{m}"),
            icon=":material/close:",
            type="tertiary",
            help="Take this filter out",
            on_click=draft.make,
            args=(lambda params, rest=rest: edits.put(params, n, replace(step, where=rest)), PLACE),
        )
    with st.popover(
        "Only where", icon=":material/filter_alt:", type="tertiary", key=_key("where"), on_change="rerun"
    ) as place:
        if place.open:
            _new_filter(draft, n, step)


def _new_filter(draft: Draft, n: int, step: Matcher) -> None:
    field = st.selectbox("What", fields.filtering(), format_func=fields.said, key=_key("field"))
    kind = fields.kind(field)
    test = TESTS[kind][st.selectbox("How", list(TESTS[kind]), key=_key(f"test-{kind}"))]
    value: Any = None
    if test in ORDERED or (kind == "number" and test not in NOTHING):
        value = st.number_input("Number", value=None, key=_key(f"number-{field}"), placeholder="A number")
    elif test not in NOTHING:
        value = st.selectbox(
            "Value",
            _known(field),
            None,
            key=_key(f"value-{field}"),
            accept_new_options=True,
            filter_mode="contains",
            placeholder="One that exists, or write it",
        )
    missing = test not in NOTHING and value in (None, "")

    def added() -> None:
        try:
            made = Filter(field, test, int(value) if isinstance(value, float) and value.is_integer() else value)
        except AnalyticsError as error:
            refuse(PLACE, str(error))
            return
        if draft.make(lambda params: edits.put(params, n, replace(step, where=(*step.where, made))), PLACE):
            open_step(n)  # the form begins anew

    st.button("Add this filter", key=_key("add-filter"), disabled=missing, on_click=added)


def _known(field: str) -> list[str]:
    if field.startswith("user."):
        return []
    return [one.value for one in ask(values, values.Values(field, 200)).values]


def _buttons(draft: Draft, n: int) -> None:
    many = len(draft.params.steps)
    with st.container(horizontal=True, gap="xsmall"):
        for label, icon, to in (("Earlier", "arrow_upward", n - 1), ("Later", "arrow_downward", n + 1)):
            st.button(
                label,
                key=f"step-{label.lower()}",
                icon=f":material/{icon}:",
                type="tertiary",
                disabled=not 1 <= to <= many,
                on_click=act,
                args=(draft, "move", n, to),
            )
        st.button("Twice", key="step-copy", icon=":material/content_copy:", type="tertiary",
                  on_click=act, args=(draft, "copy", n, n))  # fmt: skip
        st.button("Remove", key="step-drop", icon=":material/delete:", type="tertiary",
                  on_click=act, args=(draft, "drop", n, n))  # fmt: skip
        st.button("Done", key="step-done", icon=":material/check:", type="tertiary", on_click=open_step, args=(None,))


def act(draft: Draft, what: str, n: int, to: int) -> None:
    """For callbacks: what was done with a row. The open editor stays with its step."""
    many, now = len(draft.params.steps), opened()
    if not (1 <= n <= many and 1 <= to <= many):  # a click on rows that have changed meanwhile
        return
    if what == "open":
        open_step(None if now == n else n)
    elif what == "move":
        if draft.make(lambda params: edits.move(params, n, to), "steps") and now is not None:
            order = list(range(1, many + 1))
            order.insert(to - 1, order.pop(n - 1))
            open_step(order.index(now) + 1)
    elif what == "copy":
        if draft.make(lambda params: edits.copy(params, n), "steps") and now is not None:
            open_step(now + (now > n))
    elif what == "drop" and draft.make(lambda params: edits.drop(params, n), "steps") and now is not None:
        open_step(None if now == n else now - (now > n))


def notes(step: Matcher) -> str:
    """What a row says of a step besides its name."""
    found = [steps.filtered(where) for where in anyof.filters(step)]
    if step.first_time:
        found.append(steps.FIRST[step.first_time])
    if edits.may_be_left_out(step):
        found.append("may be left out")
    return ", ".join(found)


def name(step: Matcher) -> str:
    """A row's name: the things it is any of."""
    if isinstance(step, PatternStep):
        return step.label
    return words.listed([steps.said(one) for one in anyof.parts(step)], "or")
