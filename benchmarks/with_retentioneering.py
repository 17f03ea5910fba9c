"""Retentioneering 5, the Python library for the same questions: its funnel, its Sankey's steps, its transitions.

It has no heatmap and no overview, and its Sankey says how many paths are at each item, not how many went on to which
next. Its streams are made from the sessions and visits that Sessionscope has settled, equal neighbours already as one;
slices are taken by its own `filter_events`, which is part of the time.
"""

import os

os.environ["RETENTIONEERING_NO_TRACK"] = "1"  # before the import: it reports each call to its makers otherwise

from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
from retentioneering.eventstream.eventstream import Eventstream

from benchmarks import measure, questions

# Pages in order, equal neighbours as one: the last of them, as its time counts.
VISITED = """
SELECT session_key, visit_no, page, entered_ms, day
FROM (
    SELECT *, lead(page) OVER (PARTITION BY session_key ORDER BY visit_no) AS following
    FROM read_parquet($visits)
    WHERE viewed
)
WHERE following IS NULL OR following <> page"""


def run(prepared: Path, folder: Path, times: int) -> dict[str, Any]:
    """Makes one stream of events and one of pages, and asks both; one after the other, for memory's sake."""
    found: dict[str, Any] = {"version": version("retentioneering"), "tables": {}}
    stream, found["load"] = measure.once(lambda: _stream(_events(prepared)))
    found["tables"]["funnel"] = {one.name: _asked(stream, _funnel, one, times) for one in questions.SLICES}
    del stream
    stream, found["load_pages"] = measure.once(lambda: _stream(_pages(prepared, folder)))
    found["tables"]["paths"] = {one.name: _asked(stream, _steps, one, times) for one in questions.SLICES}
    found["tables"]["moves"] = {one.name: _asked(stream, _moves, one, times) for one in questions.SLICES}
    return found


def _events(prepared: Path) -> pd.DataFrame:
    columns = ["session_key", "offset_ms", "name", "day", "country"]
    table = pq.read_table(prepared / "events.parquet", columns=columns, read_dictionary=["name", "country"])
    return table.to_pandas().rename(columns={"name": "event"})


def _pages(prepared: Path, folder: Path) -> pd.DataFrame:
    """As a file first: handing tables from one library to the other in memory is what some versions get wrong."""
    file = folder / "pages.parquet"
    countries = f"SELECT session_key, country FROM read_parquet('{prepared / 'sessions.parquet'}')"
    with duckdb.connect() as connection:
        joined = f"SELECT pages.*, country FROM ({VISITED}) AS pages JOIN ({countries}) AS of USING (session_key)"
        text = joined.replace("$visits", f"'{prepared / 'visits.parquet'}'")
        connection.execute(f"COPY ({text} ORDER BY session_key, visit_no) TO '{file}' (FORMAT parquet)")
    return pq.read_table(file, read_dictionary=["page", "country"]).to_pandas().rename(columns={"page": "event"})


def _stream(events: pd.DataFrame) -> Eventstream:
    """Paths are sessions. The rows are in order, and the library's sort keeps the order of equal times."""
    ms = events["offset_ms"] if "offset_ms" in events else events["entered_ms"]
    frame = events[["session_key", "event", "country"]].assign(
        timestamp=pd.Timestamp("2026-01-01") + pd.to_timedelta(ms, unit="ms"),
        day=events["day"].astype(str).astype("category"),
    )
    schema = {"path_cols": ["session_key"], "event_col": "event", "segment_cols": ["country", "day"]}
    return Eventstream(frame, schema)


def _asked(stream: Eventstream, ask: Any, one: questions.Slice, times: int) -> dict[str, Any]:
    answer, cost = measure.warm(lambda: ask(_sliced(stream, one)), times)
    return {**cost, "answer": answer}


def _sliced(stream: Eventstream, one: questions.Slice) -> Eventstream:
    if one.country:
        return stream.filter_events(keep={"country": [one.country]})
    if one.start and one.stop:
        days = [day for day in stream.df["day"].cat.categories if one.start <= day < one.stop]
        return stream.filter_events(keep={"day": days})
    return stream


def _funnel(stream: Eventstream) -> questions.Answer:
    steps = stream.funnel_data(steps=list(questions.FUNNEL))["steps"]
    return questions.funnel(step["unique_paths"] for step in steps)


def _steps(stream: Eventstream) -> questions.Answer:
    matrix = stream.step_sankey_data(max_steps=questions.ITEMS)
    paths = stream.df["session_key"].nunique()
    at = matrix.drop(index=["path_start", "path_end"])[list(range(1, questions.ITEMS + 1))] * paths
    return {
        questions.key("item", depth, item): [round(count)]
        for item, counts in at.iterrows()
        for depth, count in counts.items()
        if round(count)
    }


def _moves(stream: Eventstream) -> questions.Answer:
    counts = stream.transition_graph_data(edge_weight="count")
    pairs = counts.stack()
    return questions.moves(
        (source, target, count)
        for (source, target), count in pairs[pairs > 0].items()
        if source != "path_start" and target != "path_end"
    )
