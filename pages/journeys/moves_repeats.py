"""How often one thing was repeated before another was first reached, and the sessions of each row."""

import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics import registry, stats, words
from analytics.analyses import repeat_sessions, repeats, values
from analytics.analyses.repeat_sessions import RepeatSessions
from analytics.analyses.repeats import Repeats, Side
from analytics.conditions import Matcher
from analytics.errors import InvalidQuestion
from analytics.path_items import AnyGroup
from analytics.query import Query
from analytics.scope import Scope
from pages.journeys import steps, view
from pages.overview import goals
from pages.shared import ask, escape, key, sessions_behind
from pages.shared.lists import ROW

ROWS = {"reached": "that reached it", "never": "that never did"}


def draw(groups: Sequence[AnyGroup], usual: Matcher | None) -> tuple[Query, ...]:
    """The choice of the two things, the table, and a row's sessions. `usual`: what is most often repeated."""
    offered = steps.labels(steps.pages(groups) | steps.events(), ())
    names = [value.value for value in ask(values, values.Values("event"), Scope()).values]
    goal = goals.likely(names) or next(reversed(offered), Matcher(name="order"))
    first = usual or next(iter(offered), Matcher(name="page_view"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-repeats"):
        repeated = _choose("repeated", "Repeats of", offered, first)
        before = _choose("before", "Before", offered, goal)
        rows = view.choose("of", "Sessions", {name: f"Those {text}" for name, text in ROWS.items()}, "reached", 210)
        least = view.choose(
            "times", "Times", {1: "Once or more", 2: "Twice or more", 3: "3 or more", 5: "5 or more"}, 2, 150
        )
    try:
        params = Repeats(repeated, before)
    except InvalidQuestion:
        st.markdown(f"Choose two different things: both are **{escape(steps.said(before), 80)}**.")
        return ()
    result = ask(repeats, params)
    what, goal_said = escape(steps.said(repeated), 60), escape(steps.said(before), 60)
    st.markdown(_sentence(result.sides, what, goal_said))
    if result.sides:
        table = [_row(side, steps.said(before)) for side in result.sides]
        st.dataframe(
            pd.DataFrame(table),
            key=key("repeats"),
            hide_index=True,
            row_height=ROW,
            height=ROW * len(table) + 32,
            alt="How often it was repeated, where the other was reached and where not",
        )
        st.caption("Mean, median and shares are of the sessions with it at all. In brackets Wilson's 95 % interval.")
    asked = RepeatSessions(params, rows == "reached", least)
    listed = sessions_behind(
        "repeats", f"{what} {words.many(least, 'time')} or more, {ROWS[rows]} ({goal_said})", repeat_sessions, asked
    )
    return (*result.queries, *listed.queries)


def _choose(name: str, label: str, offered: dict[Matcher, str], usual: Matcher) -> Matcher:
    given = view.read(name)
    known = steps.labels(offered, (usual,))
    if isinstance(given, str):
        try:
            known = steps.labels(known, (registry.parse(Matcher, given, "the link"),))
        except InvalidQuestion:
            given = None
    texts = {_text(matcher): matcher for matcher in known}
    chosen = view.choose(name, label, {text: known[matcher] for text, matcher in texts.items()}, _text(usual), 260)
    return texts[chosen]


def _text(matcher: Matcher) -> str:
    own = {name: value for name, value in registry.dump(matcher).items() if value not in (None, [], False)}
    return json.dumps(own, ensure_ascii=False, sort_keys=True)


def _sentence(sides: tuple[Side, ...], what: str, goal: str) -> str:
    reached = next((side for side in sides if side.reached and side.sessions), None)
    if reached is None:
        return f"**No session** has {what} before {goal}."
    text = (
        f"Before {goal}, {what} comes **{words.number(reached.mean or 0)} times** on average, in the median "
        f"{words.number(reached.median or 0)}; **{words.percent(reached.twice / reached.sessions)}** of "
        f"{words.many(reached.sessions, 'session')} have it twice or more."
    )
    never = next((side for side in sides if not side.reached and side.sessions), None)
    if never:
        text += (
            f" Where {goal} is never reached: {words.number(never.mean or 0)} times, "
            f"{words.percent(never.twice / never.sessions)} twice or more."
        )
    return text


def _row(side: Side, goal: str) -> dict[str, str]:
    low, high = (100 * end for end in stats.wilson(side.twice, side.sessions))
    share = words.percent(side.twice / side.sessions) + f" ({low:.1f} to {high:.1f})" if side.sessions else "–"
    times = dict(side.times)
    more = sum(count for number, count in side.times if number >= 5)
    return {
        "Sessions": f"Reached {goal}" if side.reached else f"Never reached {goal}",
        "With it": words.count(side.sessions),
        "Mean": words.number(side.mean, 2) if side.mean is not None else "–",
        "Median": words.number(side.median) if side.median is not None else "–",
        "Twice or more": share,
        **{f"{number}×": words.count(times.get(number, 0)) for number in (1, 2, 3, 4)},
        "5× or more": words.count(more),
        "Without it": words.count(side.without),
    }
