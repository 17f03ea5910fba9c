"""What does a file look like from outside: which columns or keys does it have, and what do its first rows hold?"""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.ingest.files import Sample
from analytics.ingest.readers.delimited import Delimited, dialect, rows_of
from analytics.ingest.readers.json_document import JsonDocument
from analytics.ingest.readers.json_lines import JsonLines
from analytics.ingest.readers.parquet import Parquet

Container = Parquet | JsonLines | JsonDocument | Delimited
ROWS = 50
INNER_ARRAY = re.compile(r'"[^"]*"\s*:\s*\[\s*(?=\{)')


@dataclass(frozen=True)
class Shape:
    """`container` reads the bare rows; `names` are its columns. `parquet` is the file whose rows are yet to be read."""

    container: Container | None
    names: frozenset[str] = frozenset()
    first: tuple[dict[str, Any], ...] = ()
    parquet: Path | None = None

    @cached_property
    def rows(self) -> tuple[dict[str, Any], ...]:
        """The first rows."""
        return _rows(self.parquet) if self.parquet else self.first

    def has(self, path: str) -> bool:
        """Whether there is such a column, or such a key in the objects of a column (`properties.$os`)."""
        return path in self.names or (
            path.split(".")[0] in self.names and any(found(row, path) is not None for row in self.rows)
        )

    def fits(self, paths: tuple[str, ...]) -> bool:
        """Whether most of the rows have all `paths`: a file that only mentions them is of another kind."""
        if not {path.split(".")[0] for path in paths if path not in self.names} <= self.names:
            return False
        if all(path in self.names for path in paths):
            having = [] if self.parquet else [all(path in row for path in paths) for row in self.rows]
            return 2 * sum(having) >= len(having)
        having = [all(found(row, path) is not None for path in paths) for row in self.rows]
        return bool(having) and 2 * sum(having) >= len(having)


def shape_of(path: Path, sample: Sample) -> Shape:
    """The shape of a file; without a container when it has no columns."""
    if sample.head[:4] == b"PAR1":
        try:
            return Shape(Parquet(), frozenset(pq.read_schema(path).names), parquet=path)
        except (pa.ArrowException, OSError):  # the reader says what is wrong with it
            return Shape(Parquet())
    if sample.text.lstrip()[:1] in ("{", "["):
        lines = JsonLines().recognises(sample)
        rows = tuple(_lines(sample) if lines else _elements(sample.text))
        names = frozenset(name for row in rows for name in row)
        return Shape(JsonLines() if lines else JsonDocument(), names, rows)
    found = dialect(sample)
    if len(found.names) < 2:
        return Shape(None)
    try:
        values = rows_of("\n".join(sample.lines[: ROWS + 1]), found.delimiter, found.escape)[1:]
    except csv.Error:
        values = []
    rows = tuple(dict(zip(found.names, row, strict=False)) for row in values if len(row) == len(found.names))
    return Shape(Delimited(), frozenset(found.names), rows)


def found(row: dict[str, Any], path: str) -> Any:
    """The value at a path of keys, and of places in lists; an object may be there as its JSON text."""
    value: Any = row
    for place, key in enumerate(keys := path.split(".")):
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                return None
        if isinstance(value, list) and key.isdigit():
            value = value[int(key)] if int(key) < len(value) else None
            continue
        if not isinstance(value, dict):
            return None
        if (rest := ".".join(keys[place:])) in value:
            return value[rest]
        value = value.get(key)
    return value


def _rows(path: Path) -> tuple[dict[str, Any], ...]:
    """The first rows of a Parquet file; none when it cannot be read: its reader says what is wrong with it."""
    with duckdb.connect(":memory:", config={"threads": 1, "autoload_known_extensions": False}) as connection:
        try:
            result = connection.execute(f"SELECT * FROM read_parquet([$path]) LIMIT {ROWS}", {"path": _literally(path)})
            names = [str(column[0]) for column in result.description or ()]
            return tuple(dict(zip(names, row, strict=True)) for row in result.fetchall())
        except (duckdb.Error, ValueError, OverflowError):
            return ()


def _literally(path: Path) -> str:
    """A path that is no pattern to the engine."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def _lines(sample: Sample) -> Iterator[dict[str, Any]]:
    for line in sample.lines[:ROWS]:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def _elements(text: str) -> Iterator[dict[str, Any]]:
    """The first objects of a document: of its array, of the array in its object, or one after the other."""
    decoder, place = json.JSONDecoder(), 0
    text = text.lstrip()
    if text.startswith("["):
        place = 1
    elif inner := INNER_ARRAY.search(text[:20_000]):
        try:
            whole, _ = decoder.raw_decode(text)
            lists = [v for v in whole.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
            place = inner.end() if len(lists) == 1 else 0
        except (ValueError, RecursionError):  # it goes on beyond the sample
            place = inner.end()
    for _ in range(ROWS):
        while text[place : place + 1] in (" ", "\t", "\r", "\n", ","):
            place += 1
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return
        if isinstance(value, dict):
            yield value
