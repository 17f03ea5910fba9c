"""One metric of a comparison: its days, each side's mean, and the sessions behind it."""

from collections.abc import Sequence
from typing import Any, get_args

import streamlit as st

from analytics import metrics, registry, words
from analytics.analyses import compare, metric_series, metric_sessions
from analytics.analyses.compare import Change, Compare
from analytics.analyses.compare_people import Who
from analytics.charts import compare as chart
from analytics.charts import compare_days
from analytics.query import Query
from pages.changes import people, verdict
from pages.changes.sides import Sides, reach
from pages.shared import ask, escape, key, palette, plotly, read_selection, sessions_behind, write_selection

MOST_DAYS = 120  # beyond that, weeks
METRIC, LISTED, OTHERS = "metric", "of", "others"


def chosen(rows: Sequence[Change]) -> str:
    """Which metric is looked at, as far as is known before its choice is drawn: by a click, else by the link, else the
    goal, else the first of `rows`."""
    known = [row.metric for row in rows]
    wanted = st.session_state.get(key(METRIC)) or (read_selection() or {}).get(METRIC)
    return next(name for name in (wanted, metrics.GOAL, known[0]) if name in known)


def clicked(widget: str) -> None:
    """A mark was clicked in the picture `widget`: the choice below says its metric from now on."""
    points = st.session_state[widget].selection.points
    if points and points[0].get("customdata"):
        st.session_state[key(METRIC)] = points[0]["customdata"][0]


def choose(rows: Sequence[Change], begin: str) -> Change:
    """Draws the choice, for keyboards and for metrics without a mark."""
    labels = {row.metric: row.label for row in rows}
    name = st.selectbox(
        "Metric by day",
        list(labels),
        list(labels).index(begin),
        format_func=lambda name: escape(labels[name], 80),
        key=key(METRIC),
    )
    return next(row for row in rows if row.metric == name)


def draw_days(params: Compare, sides: Sides, change: Change) -> tuple[Query, ...]:
    """The picture by day, and what it counts in words; returns what was asked."""
    scopes = [side.narrowed(sides.within) for side in (params.before, params.after)]
    ends = [day for scope in scopes for day in (reach(scope).first, reach(scope).last) if day]
    weekly = (max(ends) - min(ends)).days > MOST_DAYS
    asked = metric_series.MetricSeries(change.metric, "week" if weekly else "day", params.goal)
    found = [ask(metric_series, asked, scope) for scope in scopes]
    queries = (*found[0].queries, *found[1].queries)
    if not any(point.sessions for each in found for point in each.series):
        st.caption("No session on either side has this value.")
        return queries
    drawn = [
        compare_days.Side(
            name, f"Release {name}" if sides.of_releases else name, one.series, side.value, _interval(side)
        )
        for name, one, side in zip(sides.names, found, (change.before, change.after), strict=True)
    ]
    figure = compare_days.figure(palette(), change, *drawn, weekly)
    plotly(figure, key=f"days-{change.metric}", alt=f"{change.label} by {'week' if weekly else 'day'}")
    st.caption(" ".join(filter(None, (verdict.seen(change, sides.where), _left_out(drawn, weekly)))))
    return queries


def _left_out(drawn: Sequence[compare_days.Side], weekly: bool) -> str:
    thin = compare_days.thin(drawn)
    if not thin:
        return ""
    most = words.many(max(point.sessions for point in thin), "session")
    is_are = "is" if len(thin) == 1 else "are"
    return f"{words.many(len(thin), 'week' if weekly else 'day')} of at most {most} {is_are} not drawn."


def _interval(side: compare.Side) -> tuple[float, float] | None:
    return None if side.low is None or side.high is None else (side.low, side.high)


def listed() -> str:
    """Whose sessions are listed, as far as is known before the choice is drawn: a side, or `only_`, a part of the
    people."""
    wanted = st.session_state.get(key(LISTED)) or (read_selection() or {}).get(LISTED)
    return wanted if wanted in _LISTS else "after"


_LISTS = ("before", "after", *(f"only_{who}" for who in get_args(Who)))


def draw_behind(params: Compare, sides: Sides, change: Change, usual: str) -> None:
    """The sessions that the metric counts, of the side that is chosen, or those of a part of the people. `usual` is the
    metric that a bare link opens."""
    names = {"before": chart.name(params.before, params.after), "after": chart.name(params.after, params.before)}
    options = {side: escape(name, 40) for side, name in zip(names, sides.names, strict=True)}
    options |= {f"only_{who}": escape(name, 40) for who, name in people.names(sides).items()}
    others = False
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-behind"):
        which = st.segmented_control(
            "Sessions of", _LISTS, default=listed(), required=True, format_func=options.get, key=key(LISTED)
        )
        if change.kind == "share" and which in names:
            others = st.segmented_control(
                "Which",
                [False, True],
                default=bool((read_selection() or {}).get(OTHERS)),
                required=True,
                format_func=lambda others: "All others" if others else "Those that count",
                key=key(OTHERS),
            )
    selected = {METRIC: change.metric} if change.metric != usual else {}
    selected |= {LISTED: which} if which != "after" else {}
    write_selection(selected | ({OTHERS: True} if others else {}) or None)
    if which not in names:
        people.draw_behind(params, sides, which.removeprefix("only_"))
        return
    scope = {"before": params.before, "after": params.after}[which].narrowed(sides.within)
    held = f"release {escape(names[which], 40)}" if sides.of_releases else escape(names[which], 80)
    label = escape(change.label, 80)
    title = f"{'Not among ' + label[:1].lower() + label[1:] if others else label}, {held}"
    asked = metric_sessions.MetricSessions(change.metric, params.goal, others)
    sessions_behind("behind", title, metric_sessions, asked, scope)


def rows(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """The table as CSV holds it, a column per figure."""
    found = []
    for change in changes:
        flat: dict[str, Any] = {}
        for name, value in registry.plain(change).items():
            flat |= {f"{name}_{part}": of for part, of in value.items()} if isinstance(value, dict) else {name: value}
        found.append(flat)
    return found
