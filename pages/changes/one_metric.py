"""One metric of a comparison: its days, each side's mean, and the sessions behind it."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from analytics import metrics, registry, words
from analytics.analyses import compare, event_sessions, metric_series, sessions
from analytics.analyses.compare import Change, Compare
from analytics.charts import compare as chart
from analytics.conditions import Matcher
from analytics.query import Query
from analytics.scope import Scope
from pages.changes import verdict
from pages.changes.sides import Sides, reach
from pages.shared import ask, escape, key, palette, plotly, read_selection, sessions_behind, write_selection

MOST_DAYS = 120  # beyond that, weeks
METRIC = "metric"
MOST_FIRST = {
    "value_per_session": "-value",
    "duration": "-duration_s",
    "active_time": "-active_s",
    "page_views": "-page_views",
    "clicks": "-clicks",
    "events": "-events",
}


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
        "Metric by day", list(labels), list(labels).index(begin), format_func=labels.get, key=key(METRIC)
    )
    usual = metrics.GOAL if metrics.GOAL in labels else rows[0].metric
    write_selection(None if name == usual else {METRIC: name})
    return next(row for row in rows if row.metric == name)


def draw_days(params: Compare, change: Change) -> tuple[Query, ...]:
    """The picture by day, and what it counts in words; returns what was asked."""
    sides = Sides(params.before, params.after)
    scopes = [side.narrowed(sides.within) for side in (params.before, params.after)]
    ends = [day for scope in scopes for day in (reach(scope).first, reach(scope).last) if day]
    weekly = (max(ends) - min(ends)).days > MOST_DAYS
    asked = metric_series.MetricSeries(change.metric, "week" if weekly else "day", params.goal)
    found = [ask(metric_series, asked, scope) for scope in scopes]
    queries = (*found[0].queries, *found[1].queries)
    if not any(point.n for each in found for point in each.series):
        st.caption("No session on either side has this value.")
        return queries
    named = [_names(side, label, sides) for side, label in ((params.before, "Before"), (params.after, "After"))]
    bounds = [_interval(side) for side in (change.before, change.after)]
    drawn = [
        chart.Side(*names, one.series, side.value, interval)
        for names, one, side, interval in zip(named, found, (change.before, change.after), bounds, strict=True)
    ]
    figure = chart.days(palette(), change, *drawn, weekly)
    plotly(figure, key=f"days-{change.metric}", alt=f"{change.label} by {'week' if weekly else 'day'}")
    st.caption(" ".join(filter(None, (verdict.seen(change), _left_out(drawn, weekly)))))
    return queries


def _names(side: Scope, label: str, sides: Sides) -> tuple[str, str]:
    """Short and long."""
    return (chart.name(side), f"Release {chart.name(side)}") if sides.of_releases else (label, label)


def _left_out(drawn: Sequence[chart.Side], weekly: bool) -> str:
    thin = chart.thin(drawn)
    if not thin:
        return ""
    most = words.many(max(point.n for point in thin), "session")
    is_are = "is" if len(thin) == 1 else "are"
    return f"{words.many(len(thin), 'week' if weekly else 'day')} of at most {most} {is_are} not drawn."


def _interval(side: compare.Side) -> tuple[float, float] | None:
    return None if side.low is None or side.high is None else (side.low, side.high)


def draw_behind(params: Compare, change: Change) -> None:
    """The sessions that the metric counts, of the side that is chosen."""
    sides = Sides(params.before, params.after)
    names = {"before": chart.name(params.before, params.after), "after": chart.name(params.after, params.before)}
    which = st.segmented_control(
        "Sessions of",
        list(names),
        default="after",
        required=True,
        format_func=lambda side: f"{side.capitalize()}: {escape(names[side], 40)}",
        key=key("behind"),
    )
    scope = {"before": params.before, "after": params.after}[which].narrowed(sides.within)
    held = f"release {escape(names[which], 40)}" if sides.of_releases else escape(names[which], 80)
    title = f"{escape(change.label, 80)}, {held}"
    if change.metric in metrics.OF_GOAL and isinstance(params.goal, Matcher):
        sessions_behind("behind", title, event_sessions, event_sessions.EventSessions(params.goal), scope)
        return
    metric = metrics.METRICS[change.metric]
    order: Any = MOST_FIRST.get(change.metric, "-value" if metric.unit == "value" else "-start")
    sessions_behind("behind", title, sessions, sessions.Sessions(metric.shown_by, order), scope)


def rows(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """The table as CSV holds it, a column per figure."""
    found = []
    for change in changes:
        flat: dict[str, Any] = {}
        for name, value in registry.plain(change).items():
            flat |= {f"{name}_{part}": of for part, of in value.items()} if isinstance(value, dict) else {name: value}
        found.append(flat)
    return found
