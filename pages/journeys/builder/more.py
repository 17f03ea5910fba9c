"""What is chosen rarely for a funnel: behind one button that says what is set differently from usual."""

from typing import Any

import streamlit as st

from analytics import words
from analytics.analyses.funnel import DAY_S, PRESETS, Excluded, Funnel, Preset
from analytics.conditions import Matcher
from pages.journeys import steps
from pages.journeys.builder import edits, fields
from pages.journeys.builder.draft import Draft, say_refused
from pages.shared import escape, key

PRODUCTS: dict[str, Preset | None] = {
    "Sessionscope": None,
    "PostHog": "posthog",
    "Mixpanel": "mixpanel",
    "Amplitude": "amplitude",
    "ClickHouse windowFunnel": "clickhouse",
    "Retentioneering": "retentioneering",
}
FROM = {"the first step": "first", "the step before": "previous"}
ATTRIBUTIONS = {
    "The first value on the way": "first_touch",
    "The last value on the way": "last_touch",
    "Each value, with its own events only": "all_steps",
    "The value at one step": "step",
}
NEITHER, PLACE = "No", "more"
LONGEST = 44  # letters of the button


def draw(draft: Draft) -> None:
    """The button and what is behind it; what was refused is said beside it."""
    set_now = told(draft.params)
    text = words.listed(set_now)
    short = text if len(text) <= LONGEST else f"{len(set_now)} set"
    label = f"More: {short}" if set_now else "More"
    with st.popover(
        escape(label),
        icon=":material/tune:",
        type="tertiary",
        key="funnel-more",
        width="content",
        help=escape(text, 200) if short != text else None,
    ):
        _count_like(draft)
        _exclusions(draft)
        with st.container(horizontal=True, gap="small"):
            _field(draft, "Hold constant", "constant", fields.splitting(), "All steps must carry the same value of it.")
            _counted(draft)
        with st.container(horizontal=True, gap="small"):
            _limit_from(draft)
            _equal_times(draft)
        _attribution(draft)


def told(params: Funnel) -> list[str]:
    """What is set, each in a few words."""
    found = []
    if params.count_like:
        found.append(f"like {_product(params.count_like)}")
    if params.exclusions:
        found.append(words.many(len(params.exclusions), "exclusion"))
    if params.constant:
        found.append(f"one {fields.said(params.constant).lower()} throughout")
    if params.by not in ("session", "user"):
        found.append(f"counted by {fields.said(params.by).lower()}")
    if params.window_from == "previous":
        found.append("limit from the step before")
    if params.simultaneous_s is not None and not params.count_like:
        found.append(f"{words.number(params.simultaneous_s, 0)} s in any order")
    if params.attribution != "first_touch":
        found.append("another attribution")
    return found


def preset_in_words(preset: Preset | None) -> str:
    """What counting like that product means: what is set, and what a share is of."""
    if preset is None:
        return "Sessions or people as chosen; steps in their order unless told otherwise; no limit unless one is set."
    usual = PRESETS[preset]
    days = usual.get("window_s", 0) // DAY_S
    limit = f"within {words.many(days, 'day')} of the first" if days else "without a limit"
    apart = usual.get("simultaneous_s")
    times = ""
    if apart is not None:
        times = f" Events up to {apart} s apart count in any order." if apart else " Equal times count in any order."
    if preset == "clickhouse":
        times = " One event may serve several steps."
    return f"People, steps in their order, {limit}.{times} Shares are of the people who did the first step."


def _product(preset: Preset | None) -> str:
    return next(name for name, one in PRODUCTS.items() if one == preset)


def _count_like(draft: Draft) -> None:
    name, labels = key("count-like"), list(PRODUCTS)
    now = _product(draft.params.count_like)

    def chosen() -> None:
        preset = PRODUCTS[st.session_state[name]]
        draft.make(lambda params: edits.like(params, preset), PLACE)

    st.selectbox("Count like", labels, labels.index(now), key=name, on_change=chosen, width=320)
    st.caption(escape(preset_in_words(draft.params.count_like)))


def _exclusions(draft: Draft) -> None:
    params = draft.params
    for n, one in enumerate(params.exclusions):
        rest = params.exclusions[:n] + params.exclusions[n + 1 :]
        st.button(
            f"Not {escape(steps.said(one.matcher), 50)} between step {one.from_step} and {one.to_step}",
            key=key(f"without-exclusion-{n}"),
            icon=":material/close:",
            type="tertiary",
            help="Take this exclusion out",
            on_click=draft.make,
            args=(lambda params, rest=rest: edits.changed(params, exclusions=rest), PLACE),
        )
    many = len(params.steps)
    offered = steps.labels(steps.events() | steps.elements() | steps.pages(), ())
    what, start, stop = (key(f"exclusion-{name}") for name in ("what", "from", "to"))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen: Any = st.selectbox(
            "Leave out who, on the way, did",
            list(offered),
            None,
            format_func=lambda one: offered.get(one, str(one)) if isinstance(one, Matcher) else str(one),
            key=what,
            accept_new_options=True,
            filter_mode="contains",
            placeholder="An event, a page, a click",
            width=230,
        )
        st.number_input("after step", 1, 20, 1, key=start, width=85)
        st.number_input("before step", 1, 20, max(many, 2), key=stop, width=85)

        def added() -> None:
            if chosen is None:
                return

            def excluding(params: Funnel) -> Funnel:
                matcher = steps.chosen(chosen, offered)
                further = Excluded(matcher, st.session_state[start], st.session_state[stop])
                return edits.changed(params, exclusions=(*params.exclusions, further))

            if draft.make(excluding, PLACE):
                st.session_state[what] = None

        st.button("Exclude", key=key("exclusion-add"), disabled=chosen is None, on_click=added)
    say_refused(PLACE)


def _field(draft: Draft, label: str, name: str, offered: list[str], why: str) -> None:
    now = getattr(draft.params, name)
    labels = {NEITHER: None} | {fields.said(field): field for field in ([now] if now else []) + offered}
    widget = key(name)

    def chosen() -> None:
        value = labels[st.session_state[widget]]
        draft.make(lambda params: edits.changed(params, **{name: value}), PLACE)

    st.selectbox(label, list(labels), list(labels.values()).index(now), key=widget, help=why, width=215,
                 on_change=chosen)  # fmt: skip


def _counted(draft: Draft) -> None:
    now = None if draft.params.by in ("session", "user") else draft.params.by
    labels = {NEITHER: None} | {fields.said(field): field for field in ([now] if now else []) + fields.counting()}
    widget = key("by-field")

    def chosen() -> None:
        by = labels[st.session_state[widget]] or "session"
        draft.make(lambda params: edits.changed(params, by=by), PLACE)

    st.selectbox(
        "Count something else",
        list(labels),
        list(labels.values()).index(now),
        key=widget,
        width=215,
        help="Each value is followed on its own: an order number, an account, a person's id.",
        on_change=chosen,
    )


def _limit_from(draft: Draft) -> None:
    widget, labels = key("window-from"), list(FROM)

    def chosen() -> None:
        begins = FROM[st.session_state[widget]]
        draft.make(lambda params: edits.changed(params, window_from=begins), PLACE)

    st.selectbox(
        "Time limit is from",
        labels,
        list(FROM.values()).index(draft.params.window_from),
        key=widget,
        width=215,
        disabled=draft.params.window_s is None,
        help="There is no time limit." if draft.params.window_s is None else None,
        on_change=chosen,
    )


def _equal_times(draft: Draft) -> None:
    params, widget = draft.params, key("simultaneous")
    possible = params.order != "strict" and not params.optional

    def chosen() -> None:
        seconds = st.session_state[widget]
        draft.make(lambda params: edits.changed(params, simultaneous_s=seconds), PLACE)

    st.number_input(
        "Any order within, s",
        0.0,
        3600.0,
        None if params.simultaneous_s is None else float(params.simultaneous_s),
        key=widget,
        placeholder="Exact order",
        width=215,
        disabled=not possible,
        format="%g",
        help="Events at most so many seconds apart may serve steps in any order."
        if possible
        else "Steps right after one another, and steps that may be left out, need the exact order.",
        on_change=chosen,
    )


def _attribution(draft: Draft) -> None:
    params, widget, at = draft.params, key("attribution"), key("attribution-step")
    labels = list(ATTRIBUTIONS)
    split = params.breakdown is not None

    def chosen() -> None:
        which: Any = ATTRIBUTIONS[st.session_state[widget]]
        step = st.session_state.get(at)
        draft.make(lambda params: edits.changed(params, attribution=which, attribution_step=step), PLACE)

    with st.container(horizontal=True, gap="small"):
        st.selectbox(
            "The value that splits is",
            labels,
            list(ATTRIBUTIONS.values()).index(params.attribution),
            key=widget,
            width=300,
            disabled=not split,
            help="Of fields that may change on the way, such as a page." if split else "Nothing is split.",
            on_change=chosen,
        )
        if params.attribution == "step":
            st.number_input(
                "at step", 1, len(params.steps), params.attribution_step, key=at, width=85, on_change=chosen
            )
