"""Sessionscope's own side: the import of the file, and the questions through the analyses that the pages use."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from analytics import ingest
from analytics.analyses import (
    compare,
    elements,
    funnel,
    heatmap,
    metric_days,
    overview,
    paths,
    pattern,
    retention,
    scroll,
    top_paths,
    transitions,
)
from analytics.conditions import Matcher
from analytics.scope import Scope
from analytics.store import DuckStore
from benchmarks import measure, questions

# What other engines start from: cleaned, ordered and numbered, so that they answer the same without doing that.
PREPARED = {
    "events": """
        SELECT events.day, events.session_key, events.position, events.offset_ms, events.gap_ms, events.user_key,
            events.name, events.page, events.element, events.text, events.x, events.y, events.viewport_width,
            events.page_height, events.viewport_height, events.scroll_depth, events.visit_no,
            sessions.country, epoch_ms(events.time) AS time_ms,
            row_number() OVER (PARTITION BY events.user_key ORDER BY time, import_id, line) AS person_place
        FROM events JOIN sessions USING (session_key)
        ORDER BY session_key, position""",
    "visits": """
        SELECT day, session_key, visit_no, viewed, page, entered_ms, previous_page, next_page, deepest_scroll,
            first_screen
        FROM visits
        ORDER BY session_key, visit_no""",
    "clicks": """
        SELECT clicks.page, day, session_key, user_key, x, y, viewport_width, page_height, element, text
        FROM clicks LEFT JOIN elements USING (element_key)
        WHERE clicks.page IS NOT NULL
        ORDER BY clicks.page, session_key, position""",
    "sessions": """
        SELECT day, session_key, user_key, people, events, page_views, errors, bounce, duration_ms, active_ms, country
        FROM sessions
        ORDER BY session_key""",
}


def load(events: Path, store: Path) -> dict[str, Any]:
    """The import, everything prepared, into a new store."""

    def work() -> Any:
        opened = DuckStore.open(store)
        try:
            return ingest.load(opened, [events])
        finally:
            opened.close()  # writes what the log still holds

    report, cost = measure.once(work)
    (told,) = json.loads(json.dumps(report.to_json()))["imports"]
    return {"rows": told["rows_read"], "report": told, "bytes": store.stat().st_size, **cost}


def export(store: Path, folder: Path) -> dict[str, Any]:
    """The prepared tables as Parquet files, for the other engines."""
    connection = duckdb.connect(str(store), read_only=True, config={"temp_directory": str(folder / "export.spill")})
    connection.execute("SET enable_progress_bar = false")
    rows = {}
    for table, select in PREPARED.items():
        file = folder / f"{table}.parquet"
        connection.execute(f"COPY ({select}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
        (rows[table],) = connection.execute(f"SELECT count(*) FROM '{file}'").fetchone() or (0,)
    connection.close()
    return {"rows": rows}


def ask(store: Path, times: int) -> dict[str, Any]:
    """Every question over every slice, as the pages ask it, on an open store."""
    opened = DuckStore.open(store, read_only=True)
    try:
        return {
            name: {one.name: _asked(opened, name, one, times) for one in questions.SLICES}
            for name in questions.QUESTIONS
        }
    finally:
        opened.close()


def _asked(store: DuckStore, name: str, one: questions.Slice, times: int) -> dict[str, Any]:
    module, params = _question(name, one)
    scope = scope_of(one)
    result, cost = measure.warm(lambda: module.run(store, params, scope), times)
    return {**cost, "answer": answer(name, result)}


def _question(name: str, one: questions.Slice) -> tuple[Any, Any]:
    if name in questions.FUNNELS:
        return funnel, funnel.Funnel(
            tuple(Matcher(name=step) for step in questions.FUNNEL),
            window_s=questions.WINDOW_S.get(name),
            by="user" if name in questions.BY_PERSON else "session",
            breakdown="country" if name == "funnel breakdown" else None,
        )
    first, turn, last = map(date.fromisoformat, questions.sides(one))
    goal = Matcher(name=questions.GOAL)
    return {
        "compare": (compare, compare.Compare(Scope(first, turn), Scope(turn, last), goal=goal)),
        "placebo": (metric_days, metric_days.MetricDays(goal=goal)),
        "overview": (overview, overview.Overview()),
        "heatmap": (heatmap, heatmap.Heatmap(page=questions.PAGE, cell=questions.CELL)),
        "scroll": (scroll, scroll.Scroll(page=questions.PAGE)),
        "elements": (elements, elements.Elements(limit=1000)),
        "paths": (paths, paths.Paths(steps=questions.ITEMS)),
        "paths around": (
            paths,
            paths.Paths(steps=questions.ITEMS, around=Matcher(page=questions.PAGE), before=questions.BEFORE),
        ),
        "moves": (transitions, transitions.Transitions(collapse_repeats=True)),
        "whole": (top_paths, top_paths.TopPaths(limit=questions.MOST)),
        "pattern": (pattern, pattern.Pattern(" -> ".join(questions.FUNNEL))),
        "retention": (retention, retention.Retention(period="week", intervals=questions.WEEKS)),
    }[name]


def scope_of(one: questions.Slice) -> Scope:
    return Scope(
        start=date.fromisoformat(one.start) if one.start else None,
        stop=date.fromisoformat(one.stop) if one.stop else None,
        countries=(one.country,) if one.country else (),
    )


def answer(name: str, result: Any) -> questions.Answer:
    """An analysis's result in the form in which answers are compared."""
    if name == "overview":
        days = [(None, result.totals), *((point.start, point) for point in result.series)]
        return questions.overview((day, *_figures(point)) for day, point in days)
    if name == "heatmap":
        cells = [(cell.column_no, cell.row_no, cell.events, cell.sessions) for cell in result.cells]
        return questions.heatmap(cells, [(one.element, one.events, one.sessions) for one in result.elements])
    if name == "scroll":
        left = [(round(100 * one.depth), one.views) for one in result.reached]
        further = [*(views for _, views in left[1:]), 0]
        return questions.scroll((depth, views - more) for (depth, views), more in zip(left, further, strict=True))
    if name == "elements":
        return questions.elements((one.element, one.clicks, one.sessions, one.people) for one in result.elements)
    if name == "moves":
        return questions.moves((link.source, link.target, link.count) for link in result.links)
    if name == "whole":
        return questions.whole((path.items, path.sessions) for path in result.paths)
    if name == "pattern":
        return questions.pattern(result.sessions)
    if name in questions.PATHS:
        links = [(link.depth, link.source, link.target, link.sessions) for link in result.links]
        return questions.paths(links, [(node.depth, node.item, node.sessions, node.left) for node in result.nodes])
    if name == "compare":
        people = result.people.before_only, result.people.after_only, result.people.both
        found = {change.metric: change for change in result.metrics}
        return questions.compare(people, [_side(found[metric], n) for metric in questions.METRICS for n in (0, 1)])
    if name == "placebo":
        return questions.placebo(
            (day.metric, day.day, day.n, round(day.total * SCALE.get(day.metric, 1)))
            for day in result.days
            if day.metric in questions.METRICS
        )
    if name == "retention":
        return questions.retention(
            ((date.fromisoformat(cohort.start) - questions.FIRST_WEEK).days // 7, later, people)
            for cohort in result.cohorts
            for later, people in enumerate(cohort.returned)
        )
    if name == "funnel breakdown":
        return questions.funnels((one.value, *(step.count for step in one.steps)) for one in result.breakdowns)
    return questions.funnel(step.count for step in result.steps)


def _side(change: compare.Change, side: int) -> tuple[str, int, int, int, int]:
    of = (change.before, change.after)[side]
    return change.metric, side, of.n, of.people, round((of.value or 0) * of.n * SCALE.get(change.metric, 1))


SCALE = {"duration": 1000}  # in milliseconds


def _figures(point: Any) -> list[int]:
    of = asdict(point)
    counted = [of[name] for name in ("sessions", "people", "events", "page_views", "errors", "bounces")]
    sums = [round((of[name] or 0) * 1000 * of["sessions"]) for name in ("mean_duration_s", "mean_active_s")]
    return [*counted, *sums]
