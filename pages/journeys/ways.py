"""The choices of the paths page: what is followed, from where to where or around what, how far, what is left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from analytics.analyses import values
from analytics.analyses.paths import HIDDEN, Paths
from analytics.analyses.values import Value
from analytics.charts import paths as chart
from analytics.conditions import Matcher
from analytics.path_sql import MOST_ITEMS
from analytics.scope import Scope
from pages.journeys import against, grouped, steps, view
from pages.overview.goals import likely
from pages.shared import ask, escape, key, open_params, read_params, write_params

ANYWHERE = ""  # not None, which a choice would offer to clear
WAYS = {"between": "From and to", "around": "Around"}
TIMES = {"first": "The first time", "last": "The last time", "every": "Every time"}
MOST_BEFORE = 10
COLOURS = {"group": "Page groups", "goal": "Who converts"}


@dataclass(frozen=True)
class Stored:
    """The pages and event names of the whole store: what the picture's order comes from, whatever the scope."""

    page: Sequence[Value]
    event: Sequence[Value]

    def of(self, level: str) -> Sequence[Value]:
        """Those that a path of that level is made of."""
        return self.page if level == "page" else self.event


@dataclass(frozen=True)
class Chosen:
    """The question, what it is where nothing is said, what it is compared with, and what colours say."""

    params: Paths
    usual: Paths
    pair: against.Pair | None
    colour: str


def stored() -> Stored:
    """Asked once per state of the store."""
    return Stored(*(ask(values, values.Values(field, 10_000), Scope()).values for field in ("page", "event")))


def choose(known: Stored) -> Chosen:
    """Draws the choices, keeps them in the link, and returns the question, counted by session."""
    usual = Paths("page", groups=grouped.usual()) if known.page else Paths("event")
    given = read_params(usual)
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-controls"):
        level = _level(given) if known.page else "event"
        groups = given.groups if level == "page" else ()
        places = steps.pages(groups, by_view=False) | steps.events()
        params = _part(given, level, steps.labels(places, (given.start, given.end, given.around)))
        out = _items("Leave out", "out", known, level, groups, given.exclude)
        if level == "page":
            groups = grouped.choose(given.groups)
        only, collapse, goal, colour, medians = _more(given, known, level, groups)
        pair = against.choose()
    params = replace(
        params, level=level, exclude=out, include=only, groups=groups, collapse_repeats=collapse, goal=goal,
        medians=medians, by="session", min_sessions=1, min_item_sessions=1, returns=False,
    )  # fmt: skip
    write_params(params, usual, always=("groups",) if known.page else ())
    return Chosen(params, usual, pair, colour)


def _level(given: Paths) -> str:
    level: str = st.segmented_control(
        "Follow",
        ["page", "event"],
        default=given.level,
        format_func=lambda level: f"{level.capitalize()}s",
        required=True,
        key=key("level"),
    )
    return level


def _part(given: Paths, level: str, places: dict[Matcher, str]) -> Paths:
    """Draws which part of a session is looked at: its first items, what lies between two, or around an event."""
    way = st.segmented_control(
        "Look",
        list(WAYS),
        default="around" if given.around else "between",
        format_func=WAYS.__getitem__,
        required=True,
        key=key("way"),
    )
    if way == "around":
        around = _anchor("around", "Around", None, given.around or given.start or given.end or _first(places), places)
        occurrence = _of(list(TIMES), TIMES, "Which", "occurrence", given.occurrence, 115)
        spans = {number: f"{number} {level}{'s' * (number != 1)}" for number in range(MOST_ITEMS)}
        before = _of(list(range(MOST_BEFORE + 1)), spans, "Before", "before", given.before, 100)
        after = list(range(1, MOST_ITEMS - before))
        steps_after = given.steps - 1 if given.around else 3
        length = 1 + _of(after, spans, "After", "after", min(steps_after, after[-1]), 100)
        return replace(
            given, around=around, occurrence=occurrence, before=before, steps=length, start=None, end=None, level=level
        )
    start = _anchor("start", "From", "Start of the session", given.start, places)
    end = _anchor("end", "To", "Wherever they go", given.end, places)
    lengths = {number: f"{number} {level}s" for number in range(2, MOST_ITEMS + 1)}
    length = _of(list(lengths), lengths, "Length", "length", given.steps if not given.around else 5, 105)
    return replace(given, around=None, occurrence="first", before=3, start=start, end=end, steps=length, level=level)


def _first(places: dict[Matcher, str]) -> Matcher:
    """Around what, where nothing is said: the likely goal, else whatever is offered first."""
    goal = likely([value.value for value in steps.seen("event")])
    return goal if goal in places else next(iter(places))


def _anchor(
    name: str, label: str, none: str | None, given: Matcher | None, places: dict[Matcher, str]
) -> Matcher | None:
    options: list[Matcher | str] = [*([] if none is None else [ANYWHERE]), *places]
    given = given if given in places else None
    chosen: Matcher | str = st.selectbox(
        label,
        options,
        options.index(given or ANYWHERE),
        format_func=lambda place: none if isinstance(place, str) else places[place],
        key=key(name),
        width=200,
    )
    return None if isinstance(chosen, str) else chosen


def _of(options: list, said: dict, label: str, name: str, given: object, width: int):  # type: ignore[no-untyped-def,type-arg]
    """Draws the choice of one of a few."""
    return st.selectbox(label, options, options.index(given), format_func=said.__getitem__, key=key(name), width=width)


def _items(
    label: str, name: str, known: Stored, level: str, groups: Sequence[object], given: Sequence[str], width: int = 180
) -> tuple[str, ...]:
    """Draws the choice of some items."""
    found = st.multiselect(
        label,
        list(dict.fromkeys([*chart.items(known.of(level), tuple(groups))[: steps.MOST], *given])),
        given,
        format_func=lambda item: chart.short(chart.called(item, level), steps.LONGEST),
        placeholder="Nothing" if name == "out" else "All of them",
        accept_new_options=True,
        key=key(f"{name}-{level}"),
        width=width,
    )
    return tuple(found)


def _more(
    given: Paths, known: Stored, level: str, groups: Sequence[object]
) -> tuple[tuple[str, ...], bool, Matcher | None, str, bool]:
    """Draws what few need: the only items wanted, repeats, the goal, what colours say, median times."""
    with st.popover("Options", icon=":material/tune:", type="tertiary", help="Goal, colours, repeats, only some items"):
        goal = _goal(given)
        colour = "group"
        if goal is not None:
            begin = view.read("colour")
            colour = st.segmented_control(
                "Colour by",
                list(COLOURS),
                default=begin if begin in COLOURS else "group",
                format_func=COLOURS.__getitem__,
                required=True,
                key=key("colour"),
            )
        view.keep("colour", colour, "group")
        only = _items(f"Only these {level}s", "only", known, level, groups, given.include, 300)
        repeats = st.toggle(
            "Repeats",
            not given.collapse_repeats,
            key=key("repeats"),
            help=f"The same {level} again, straight after itself, is a step of its own.",
        )
        medians = st.toggle(
            "Median times",
            given.medians,
            key=key("medians"),
            help="Also the time within which half of a stream's sessions go on. Takes longer than the mean.",
        )
    return only, not repeats, goal, colour, medians


def _goal(given: Paths) -> Matcher | None:
    """Draws the choice of what converts; the likely goal is offered first."""
    names = [value.value for value in steps.seen("event")]
    best = likely(names)
    offered = {best: f"{steps.said(best)} (likely)"} if best else {}
    places = steps.labels(offered | steps.events() | steps.pages(by_view=False) | offered, (given.goal,))
    return _anchor("goal", "Goal", "No goal", given.goal, places)


def offer(node: chart.Node, chosen: Chosen) -> None:
    """Buttons that begin, end, centre or shorten the paths at a node; nothing for a node of many items."""
    params = chosen.params
    if node.item is None or node.item == HIDDEN:
        return
    name = escape(chart.short(chart.name(node, params)))
    place = steps.place(node.item, params.groups) if params.level == "page" else Matcher(name=node.item)
    around = {"around": None, "occurrence": "first", "before": 3}
    for label, icon, word, more in (
        (f"Start at {name}", "start", "start", {**around, "start": place}),
        ("End there", "flag", "end", {**around, "end": place}),
        ("Around it", "center_focus_strong", "around", {"around": place, "start": None, "end": None, "steps": 4}),
        ("Leave it out", "visibility_off", "out", {"exclude": (*params.exclude, node.item)}),
    ):
        st.button(
            label,
            key=f"ways-{word}",
            icon=f":material/{icon}:",
            type="tertiary",
            on_click=open_params,
            args=(replace(params, **more), chosen.usual),
        )
