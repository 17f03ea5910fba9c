"""What an import brought: what became of every row, when it happened, how full the fields are, what was refused."""

import csv
import datetime as dt
import io
import json
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from analytics import words
from analytics.charts import bring as chart
from analytics.ingest import fields
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import DuckStore
from pages.data import gate, mending
from pages.data.naming import LABELS, label, why
from pages.shared import escape, extent, link_of, link_to, palette, plotly, store, zone
from pages.shared.waiting import answer

IMPORTS = """
SELECT import_id, load_id, file, format, rows_read, events_added, duplicates, rejected, not_events, sessions, users,
    seconds, started, first_event, last_event, repeats, details
FROM imports
ORDER BY import_id
"""
REASONS = """
SELECT reason, count(*) AS rows, arg_min(file, rejects.import_id * 1e12 + line) AS file, min(line) AS line,
    arg_min("row", rejects.import_id * 1e12 + line) AS "row"
FROM rejects JOIN imports USING (import_id)
WHERE load_id = $load
GROUP BY reason
ORDER BY rows DESC, reason
LIMIT 50
"""
REFUSED = """
SELECT file, line, reason, "row"
FROM rejects JOIN imports USING (import_id)
WHERE load_id = $load
ORDER BY rejects.import_id, line
"""
HOURS = """
SELECT date_trunc($grain, local) AS start, count(*) AS events
FROM events
WHERE list_contains($imports, import_id)
GROUP BY start
ORDER BY start
"""
HOURS_UP_TO = dt.timedelta(days=21)
CAME, HERE, NONE, REFUSED_ROWS = "Came in", "Here already", "No event of a person", "Refused"

NEEDED_FOR = {
    "timestamp": "everything",
    "event": "everything",
    "session_id": "sessions as they were; else cut at pauses",
    "user_id": "people over several devices",
    "anonymous_id": "people who are not signed in",
    "page": "paths, funnels, heatmaps",
    "element": "what is clicked; rage and dead clicks",
    "text": "what people read there",
    "x": "heatmaps",
    "y": "heatmaps",
    "viewport_width": "heatmaps by screen",
    "scroll_depth": "how far people read",
    "value": "what a session is worth",
    "device": "splits by device",
    "country": "splits by country",
    "release": "before and after",
    "campaign": "what brought people",
    "ip": "security",
    "user_agent": "security, bots",
}
WORTH_HAVING = {
    "page": "paths by page, heatmaps",
    "element": "what is clicked",
    "device": "splits by device",
    "release": "before and after a release",
}


@dataclass(frozen=True)
class Import:
    """A line of the table `imports`; times are UTC, `details` JSON text."""

    import_id: int
    load_id: int
    file: str
    format: str
    rows_read: int
    events_added: int
    duplicates: int
    rejected: int
    not_events: int
    sessions: int
    users: int
    seconds: float
    started: dt.datetime
    first_event: dt.datetime | None
    last_event: dt.datetime | None
    repeats: int | None
    details: str


@dataclass(frozen=True)
class Reason:
    """Rows refused for one reason, and the first of them."""

    reason: str
    rows: int
    file: str
    line: int
    row: str


@dataclass(frozen=True)
class Moment:
    """Events that began in an hour or on a day of the store's zone."""

    start: dt.datetime
    events: int


def imports() -> tuple[Import, ...]:
    """Every file that was brought in, the first one first."""
    return answer("imports-all", lambda reader: tuple(reader.rows(Query(IMPORTS, {}), Import)))


def of_load(load: int) -> list[Import]:
    """The files that came together."""
    return [one for one in imports() if one.load_id == load]


def sentence(files: list[Import], reasons: tuple[Reason, ...], holes: list[tuple[dt.datetime, dt.datetime]]) -> str:
    """The report's answer."""
    read, came = sum(one.rows_read for one in files), sum(one.events_added for one in files)
    refused, here = sum(one.rejected for one in files), sum(one.duplicates for one in files)
    days = [_local(time).date() for one in files for time in (one.first_event, one.last_event) if time]
    reach = f", {words.days(min(days), max(days))}" if days else ""
    parts = [f"**{words.count(came)} of {words.many(read, 'row')} came in**{reach}."]
    if here and here == read:
        parts.append("All of them were here already.")
    if refused:
        was = "was" if refused == 1 else "were"
        most = "" if len(reasons) == 1 else ", most of them"
        because = f"{most} because {escape(why(reasons[0].reason), 120)}" if reasons else ""
        parts.append(f"**{words.count(refused)}** {was} refused{because}.")
    if holes:
        parts.append(f"There are {chart.said(*holes[0])}; a part of the data may be missing.")
    return " ".join(parts)


def draw(load: int, files: list[Import]) -> tuple[tuple[Reason, ...], list[tuple[dt.datetime, dt.datetime]]]:
    """The report of one load; returns what its sentence needs."""
    reasons = answer(("reasons", load), lambda reader: tuple(reader.rows(Query(REASONS, {"load": load}), Reason)))
    grid = st.grid(2, min_column_width=430, gap="medium")
    with grid.cell():
        rows = {
            CAME: sum(one.events_added for one in files),
            HERE: sum(one.duplicates for one in files),
            NONE: sum(one.not_events for one in files),
            REFUSED_ROWS: sum(one.rejected for one in files),
        }
        st.subheader(f"What became of the {words.many(sum(rows.values()), 'row')}", anchor=False)
        plotly(chart.outcome(palette(), rows, CAME, REFUSED_ROWS), f"outcome-{load}", alt="Rows by what became of them")
        holes = _when(files)
    with grid.cell():
        _coverage(files)
        _notes(files)
    checks = st.container()
    _refused(load, files, reasons, rows[REFUSED_ROWS])
    with checks:
        gate.draw(load, [_brought(one) for one in files], [gate.said_hole(*hole) for hole in holes], label)
    return reasons, holes


def _brought(one: Import) -> gate.Brought:
    return gate.Brought(
        one.import_id,
        one.file,
        one.rows_read,
        one.events_added,
        one.duplicates,
        one.repeats is not None,
        _details(one),
    )


def _when(files: list[Import]) -> list[tuple[dt.datetime, dt.datetime]]:
    numbers = [one.import_id for one in files]
    times = [time for one in files for time in (one.first_event, one.last_event) if time]
    if not times:
        return []
    grain = "hour" if max(times) - min(times) <= HOURS_UP_TO else "day"
    query = Query(HOURS, {"grain": grain, "imports": numbers})
    counts = [(one.start, one.events) for one in answer(("when", query.key), lambda reader: reader.rows(query, Moment))]
    if not counts:
        return []
    st.subheader(f"Events by {grain}", anchor=False)
    figure = (chart.by_hour if grain == "hour" else chart.by_day)(palette(), counts)
    plotly(figure, f"when-{numbers[0]}", alt=f"Events by {grain}")
    return chart.gaps(counts) if grain == "hour" else []


def _coverage(files: list[Import]) -> None:
    filled: dict[str, float] = {}
    rows = sum(one.rows_read for one in files) or 1
    for one in files:
        for found in _details(one).get("fields", []):
            filled[found["field"]] = filled.get(found["field"], 0.0) + found["filled"] * one.rows_read / rows
    if not filled:
        return
    st.subheader("How full the fields are, and what needs them", anchor=False)
    names = [name for name in fields.BY_NAME if name in filled]
    table = pd.DataFrame(
        {
            "Field": [LABELS[name] for name in names],
            "Filled": [100 * min(filled[name], 1.0) for name in names],
            "Needed for": [NEEDED_FOR.get(name, "") for name in names],
        }
    )
    bar = st.column_config.ProgressColumn(
        format="%.1f %%", min_value=0, max_value=100, width=140, color=palette().series[0]
    )
    st.dataframe(
        table,
        hide_index=True,
        row_height=30,
        height=32 + 30 * min(len(table), 14),
        alt="Share of rows with each field",
        column_config={"Field": st.column_config.TextColumn(width=135), "Filled": bar},
    )
    if lacking := [f"{LABELS[name].lower()} ({use})" for name, use in WORTH_HAVING.items() if name not in filled]:
        st.caption(f"Not in these files: {words.listed(lacking)}.")


def _notes(files: list[Import]) -> None:
    for one in files:
        details = _details(one)
        for note in [details.get("times", ""), *details.get("notes", [])]:
            if note and not note.startswith("Redacted before"):  # a check of its own says so
                st.caption(escape(f"{one.file}: {note}" if len(files) > 1 else note, 400))


def _refused(load: int, files: list[Import], reasons: tuple[Reason, ...], refused: int) -> None:
    if not reasons:
        return
    st.subheader(f"{words.many(refused, 'row')} {'was' if refused == 1 else 'were'} refused", anchor=False)
    table = pd.DataFrame(
        {
            "Reason": [_capital(why(one.reason)) for one in reasons],
            "Rows": [one.rows for one in reasons],
            "First in line": [one.line for one in reasons],
            "File": [one.file for one in reasons],
            "The row as it came": [one.row[:2000] for one in reasons],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        row_height=30,
        height=32 + 30 * min(len(table), 10),
        alt="Refused rows by reason",
        column_config={
            "Reason": st.column_config.TextColumn(width=300),
            "Rows": st.column_config.NumberColumn(format="%,d", width=70),
            "First in line": st.column_config.NumberColumn(format="%,d", width=95),
            "File": st.column_config.TextColumn(width=150),
        },
    )
    here = store()
    st.download_button(
        "Download the refused rows",
        lambda: refused_rows(here, load),
        f"refused-rows-{load}.csv",
        "text/csv",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )
    mending.draw({one.import_id: one.file for one in files if one.rejected}, lambda reason: _capital(why(reason)))


def refused_rows(source: DuckStore, load: int) -> bytes:
    """All of them as CSV, each as it came."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for batch in source.batches(Query(REFUSED, {"load": load})):
        writer.writerows(batch)
    return text.getvalue().encode()


def history() -> None:
    """Every import so far, the last one first; each row opens its report."""
    loads = sorted({one.load_id for one in imports()}, reverse=True)
    if not loads:
        return
    st.subheader("What was brought in before", anchor=False)
    together = {load: of_load(load) for load in loads[:50]}
    table = pd.DataFrame(
        {
            "When (UTC)": [files[0].started for files in together.values()],
            "Files": [words.listed([one.file for one in files[:3]]) for files in together.values()],
            "Rows": [sum(one.rows_read for one in files) for files in together.values()],
            "Came in": [sum(one.events_added for one in files) for files in together.values()],
            "Refused": [sum(one.rejected for one in files) for files in together.values()],
            "Took": [words.duration(sum(one.seconds for one in files)) for files in together.values()],
            "Open": ":material/summarize: Report",
        }
    )
    number = st.column_config.NumberColumn(format="%,d", width=85)
    st.dataframe(
        table,
        key="imports-table",
        hide_index=True,
        row_height=30,
        height=32 + 30 * min(len(table), 10),
        alt="Imports so far",
        column_config={
            "When (UTC)": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", width=140),
            "Files": st.column_config.TextColumn(width=360),
            "Rows": number,
            "Came in": number,
            "Refused": number,
            "Took": st.column_config.TextColumn(width=80, alignment="right"),
            "Open": st.column_config.ButtonColumn("", key="imports-open", on_click=_ignored, type="tertiary", width=90),
        },
    )
    clicked = st.session_state.get("imports-open")
    if clicked is not None and clicked.row is not None and clicked.row < len(table):
        st.query_params["load"] = str(list(together)[clicked.row])
        st.rerun()


def _ignored() -> None:
    """The click is read after the table."""


def ways_on(files: list[Import]) -> None:
    """Where to look next."""
    numbers = [str(one.import_id) for one in files if one.events_added]
    if numbers:
        reach = extent()
        link_to("overview", "See what these files say", {"imports": numbers}, icon=":material/filter_alt:")
        everything = Scope(start=reach.first, stop=reach.last + dt.timedelta(days=1) if reach.last else None)
        link_to("overview", "See everything in the store", link_of(everything))


def _local(time: dt.datetime) -> dt.datetime:
    return time.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone()))


def _details(one: Import) -> dict[str, Any]:
    try:
        found = json.loads(one.details or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
