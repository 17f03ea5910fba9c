"""Paths, transitions, whole sessions and patterns where data is large or odd, against plain counting."""

import gzip
import itertools
import os
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics import grouping, ingest
from analytics.analyses import paths, pattern, step_matrix, top_paths, transitions
from analytics.analyses.paths import Paths
from analytics.analyses.pattern import Pattern
from analytics.analyses.step_matrix import StepMatrix
from analytics.analyses.top_paths import TopPaths
from analytics.analyses.transitions import Transitions
from analytics.conditions import Matcher
from analytics.scope import Scope
from analytics.store import DuckStore

ALL = Scope()
BEGIN = datetime(1999, 9, 28)


def stored(folder, sequences):
    """A store of these sessions, a page a second."""
    file = folder / "events.parquet"
    schema = pa.schema(
        [("timestamp", pa.timestamp("us")), ("event", pa.string()), ("page", pa.string()), ("session_id", pa.string())]
    )
    with pq.ParquetWriter(file, schema) as writer:
        for first in range(0, len(sequences), 50_000):
            some = enumerate(sequences[first : first + 50_000], first)
            rows = [(BEGIN + timedelta(seconds=n), page, f"s{key}") for key, seq in some for n, page in enumerate(seq)]
            times, pages, sessions = zip(*rows, strict=True)
            columns = [times, ["page_view"] * len(rows), pages, sessions]
            writer.write_table(pa.table([pa.array(one) for one in columns], schema=schema))
    store = DuckStore.open(folder / "store.duckdb")
    ingest.load(store, [file])
    return store


def assert_as_counted(store, sequences, most, shown=()):
    """Links of the first `most` items, neighbours and whole sessions are those of plain Python."""
    links, moves, whole, ended = Counter(), Counter(), Counter(), Counter()
    for sequence in sequences:
        items = [item for item, _ in itertools.groupby(sequence)]
        links.update((depth, *pair) for depth, pair in enumerate(itertools.pairwise(items[:most]), 1))
        called = [item if not shown or item in shown else "(other)" for item in sequence]
        moves.update(itertools.pairwise(["(start)", *called, "(end)"]))
        ended[len(items)] += 1
        whole[tuple(items)] += 1
    found = paths.run(store, Paths(steps=most), ALL)
    assert {(link.depth, link.source, link.target): link.sessions for link in found.links} == links
    assert [total.left for total in found.totals[:most]] == [ended[n] for n in range(1, most + 1) if n <= max(ended)]
    counted = transitions.run(store, Transitions(shown=shown), ALL)
    assert {(link.source, link.target): link.count for link in counted.links} == moves
    usual = top_paths.run(store, TopPaths(limit=100), ALL)
    assert [path.sessions for path in usual.paths] == [count for _, count in whole.most_common(100)]
    assert all(whole[path.items] == path.sessions for path in usual.paths)
    assert usual.sessions == len(sequences)


@pytest.mark.real_data
def test_a_day_of_a_news_site(tmp_path):
    place = os.environ.get("SESSIONSCOPE_REAL_DATA")
    if not place or not (file := Path(place) / "msnbc990928.seq.gz").exists():
        pytest.skip("SESSIONSCOPE_REAL_DATA names no folder with it")
    with gzip.open(file, "rt") as lines:
        read = [line.split() for line in lines if line.strip() and not line.startswith("%")]
    names, sequences = read[0], read[1:]
    assert (len(names), len(sequences), sum(map(len, sequences))) == (17, 989_818, 4_698_794)
    assert max(map(len, sequences)) == 14_795
    sequences = [[f"/{names[int(category) - 1]}" for category in sequence] for sequence in sequences]
    store = stored(tmp_path, sequences)
    assert_as_counted(store, sequences, 5)

    in_order = sum(
        "/sports" in sequence[sequence.index("/news") + 1 :] if "/news" in sequence else 0 for sequence in sequences
    )
    assert pattern.run(store, Pattern("page:/news -> page:/sports"), ALL).sessions == in_order
    at = Counter(sequence[2] if len(sequence) > 2 else "(end)" for sequence in sequences)
    cells = step_matrix.run(store, StepMatrix(steps=5), ALL).cells
    assert {cell.item: cell.sessions for cell in cells if cell.step == 3} == at
    around = paths.run(store, Paths(around=Matcher(page="/weather"), occurrence="every", collapse_repeats=False), ALL)
    assert around.paths == sum(sequence.count("/weather") for sequence in sequences)
    assert around.sessions == sum("/weather" in sequence for sequence in sequences)
    store.close()


def test_an_endless_session_and_a_site_of_many_addresses(tmp_path):
    endless = [f"/product/{n % 150_000}" if n % 3 else "/search" for n in range(200_000)]
    sequences = [endless, *([f"/blog/{n}", f"/product/{n}"] for n in range(5_000)), ["/search", "/search"], ["/"]]
    store = stored(tmp_path, sequences)
    assert_as_counted(store, sequences, 20, shown=("/search", "/product/1"))
    groups = grouping.propose({page for sequence in sequences for page in sequence})
    grouped = paths.run(store, Paths(steps=20, groups=groups), ALL)
    assert len({node.item for node in grouped.nodes}) <= 6
    assert sum(node.paths for node in grouped.nodes if node.depth == 1) == grouped.paths == len(sequences)
    assert pattern.run(store, Pattern("page:/search -> page:/product/* => (end)"), ALL).sessions == 1
    for asked in (
        Paths(start=Matcher(page="/nowhere")),
        Paths(around=Matcher(page="/nowhere")),
        Paths(end=Matcher(name="nothing")),
    ):
        assert paths.run(store, asked, ALL).sessions == 0
    store.close()
