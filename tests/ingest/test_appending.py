"""Files that overlap, come late, in no order of time, in any format: in the end the store is that of one import."""

import csv
import datetime as dt
import gzip
import json
import os
import random
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import ingest
from analytics.store import DuckStore
from tests.ingest.import_dump import differences, dump
from tests.ingest.import_oracle import Row, expected
from tests.ingest.test_derivation import ARROW, events
from tests.ingest.test_transaction import contents, made

NAMES = ARROW.names


def as_text(value: Any) -> Any:
    return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else value


def as_csv(path: Path, rows: list[Row], delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow(NAMES)
        writer.writerows([as_text(row[name]) for name in NAMES] for row in rows)
    return path


def as_lines(path: Path, rows: list[Row]) -> Path:
    path.write_text("".join(json.dumps({name: as_text(row[name]) for name in NAMES}) + "\n" for row in rows), "utf-8")
    return path


def as_array(path: Path, rows: list[Row]) -> Path:
    path.write_text(json.dumps([{name: as_text(row[name]) for name in NAMES} for row in rows], indent=1), "utf-8")
    return path


def as_gzip(path: Path, rows: list[Row]) -> Path:
    path.write_bytes(gzip.compress(as_lines(path, rows).read_bytes()))
    return path


def as_zip(path: Path, rows: list[Row]) -> Path:
    inner = as_csv(path.with_suffix(".inner"), rows, ";")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.write(inner, "events.csv")
    inner.unlink()
    return path


def as_parquet(path: Path, rows: list[Row]) -> Path:
    pq.write_table(pa.Table.from_pylist(rows, schema=ARROW), path)
    return path


FORMATS: dict[str, tuple[Callable[[Path, list[Row]], Path], int]] = {
    "csv": (as_csv, 1),
    "jsonl": (as_lines, 0),
    "json": (as_array, 0),
    "jsonl.gz": (as_gzip, 0),
    "zip": (as_zip, 1),
    "parquet": (as_parquet, 0),
}
"""How rows are written down, and after how many lines the first of them comes."""


class Files:
    """Files of rows, to be imported at once or one after the other; each a format, a source and its rows."""

    def __init__(self, folder: Path, files: list[tuple[str, str, list[Row]]]) -> None:
        self.paths, self.sources, self.offsets, self.rows = [], [], {}, []
        for number, (format, source, rows) in enumerate(files, 1):
            write, header = FORMATS[format]
            self.paths.append(write(folder / f"{number}.{format}", rows))
            self.sources.append(source)
            self.offsets[number] = len(self.rows) - header
            self.rows += [dict(row, source=source) for row in rows]

    def imported(self, calls: list[list[int]], part_events: int) -> DuckStore:
        """A store in memory; each of `calls` names files, by place, that are imported in one transaction."""
        store = DuckStore.open(":memory:", threads=1, memory_limit="1GB")
        for call in calls:
            options = ingest.Options(source=self.sources[call[0]], reporting_zone="Europe/Berlin")
            ingest.load(store, [self.paths[place] for place in call], options, part_events=part_events)
        return store


@given(st.data())
@settings(
    max_examples=int(os.environ.get("EXAMPLES", "10")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
def test_overlapping_late_and_unordered_files_of_any_format_are_one_import(data: st.DataObject) -> None:
    rows = data.draw(st.lists(events, min_size=2, max_size=20))
    homes = st.sets(st.integers(0, 3), min_size=1, max_size=3)  # a row may come in several files
    pieces: list[list[Row]] = [[] for _ in range(4)]
    for row in rows:
        for home in sorted(data.draw(homes)):
            pieces[home].append(row)
    files = [
        (data.draw(st.sampled_from(sorted(FORMATS))), data.draw(st.sampled_from(["shop", "shop", "app"])), data.draw(st.permutations(piece)))
        for piece in pieces
        if piece
    ]  # fmt: skip
    part_events = data.draw(st.sampled_from([3, 1000]))
    with tempfile.TemporaryDirectory() as folder:
        given = Files(Path(folder), files)
        places = list(range(len(files)))
        apart = given.imported([[place] for place in places], part_events)
        want, got = expected(given.rows, "Europe/Berlin"), dump(apart, given.offsets)
        if not repeats(apart):  # the same bytes again are repeats without any id, which the plain reading does not know
            assert differences(want, got) == []
        together: list[list[int]] = []
        for place in places:
            if together and given.sources[together[-1][0]] == given.sources[place] and data.draw(st.booleans()):
                together[-1].append(place)
            else:
                together.append([place])
        at_once = given.imported(together, part_events)
        assert differences(got, dump(at_once, given.offsets)) == []
        apart.close()
        at_once.close()


def repeats(store: DuckStore) -> int:
    with store.reading_cursor() as cursor:
        return cursor.execute("SELECT count(*) FROM imports WHERE repeats IS NOT NULL").fetchone()[0]


ROWS = 120_000
SHUFFLED = "COPY (SELECT * FROM read_parquet($all) WHERE hash(event_id, $seed) % 10 < 4 ORDER BY hash(event_id, $seed, 1)) TO $file"


def test_so_they_are_at_bulk_size(tmp_path):
    """Four files of 40 % of the events each, by lot and in no order, then what none of them had: as all in one file."""
    everything = made(tmp_path, "all.parquet", last=ROWS)
    files = []
    for seed, format in enumerate(["csv", "json", "csv.gz", "parquet"]):
        files.append(tmp_path / f"{seed}.{format}")
        how = {"json": "(FORMAT json)", "parquet": "(FORMAT parquet)"}.get(format, "(FORMAT csv, HEADER)")
        duckdb.execute(f"{SHUFFLED} {how}", {"all": str(everything), "seed": seed, "file": str(files[-1])})
    files.append(everything)
    random.Random(7).shuffle(files)
    one, many = DuckStore.open(":memory:"), DuckStore.open(":memory:")
    shop = ingest.Options(source="shop")
    assert ingest.load(one, [everything], shop).events_added == ROWS
    added = [ingest.load(many, [file], shop, part_events=50_000).events_added for file in files]
    assert sum(added) == ROWS
    assert contents(many) == contents(one)
    for store in (one, many):
        store.close()
