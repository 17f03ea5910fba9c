"""What does the import need to know of a format? Whoever adds one writes one module with a `Reader` and lists it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import duckdb

from analytics.ingest.files import Sample

FLOATS = ("FLOAT", "DOUBLE")  # types of columns


@dataclass(frozen=True)
class Column:
    """A column of a foreign table: its name there, the expression that reads it, and the type it then has.

    `is_assumed`: nothing looked at so far has it, but something further down may.
    """

    name: str
    sql: str
    type: str = "VARCHAR"
    is_assumed: bool = False


@dataclass(frozen=True)
class Table:
    """A foreign file as rows that SQL can read.

    `relation` stands behind FROM and may name `values`; `inputs` are its own columns, of which the expressions of
    `columns` and of `raw` are made. `raw` is a row as it came, `broken` why it is none (or NULL),
    `blank` whether it is no row at all. `rest` yields JSON objects, the later ones winning: what the columns of the
    given names do not hold. `first_line` is the number of the first row. `notes` are said in the report. `lines` is how
    many lines the rows must come from, if the format has lines: the engine drops some in silence (see `staging`).
    `not_events` counts what was understood and is no row. `recordings` is a Parquet file in the columns of the store's
    table of that name.
    """

    relation: str
    columns: tuple[Column, ...]
    raw: str
    inputs: tuple[str, ...]
    values: dict[str, object] = field(default_factory=dict)
    broken: str = "NULL"
    blank: str = "false"
    first_line: int = 1
    notes: tuple[str, ...] = ()
    refusals: str | None = None  # reason in words, where the engine itself refuses rows into its table reject_errors
    lines: int | None = None
    whole: Path | None = None  # a Parquet file that may be taken as it is
    not_events: int = 0
    recordings: Path | None = None
    declared: Mapping[str, Column] = field(default_factory=dict)
    passed: tuple[tuple[str, str], ...] = ()

    def rest(self, used: Sequence[str], *, by_name: bool = False) -> tuple[str, ...]:
        """`by_name`: over the file's own names of columns (for a file that is taken as it is)."""
        raise NotImplementedError

    def column(self, name: str) -> Column | None:
        """The column of that name: exactly, else the only one that differs by case."""
        exact = [column for column in self.columns if column.name == name]
        like = [column for column in self.columns if column.name.lower() == name.lower()]
        return exact[0] if exact else like[0] if len(like) == 1 else None


@dataclass(frozen=True)
class Workbench:
    """Where a reader works: the staging connection, and a `folder` for what must be rewritten.

    A preview limits how much of a file is read to about `most_bytes`; `check` raises when the import is cancelled.
    """

    connection: duckdb.DuckDBPyConnection
    folder: Path
    most_bytes: int | None
    check: Callable[[], None]


class Reader(Protocol):
    """One format."""

    @property
    def name(self) -> str:
        """What `--format` and the report call it."""
        ...

    def recognises(self, sample: Sample) -> bool:
        """Whether a file that begins so is of this format; by its signature, never by its name."""
        ...

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        """The file as rows. Raises `UnreadableSource`."""
        ...


def text(column: Column) -> str:
    """A value as text: 12.0 in a column of floats is 12, as ids often are; nested values are JSON."""
    kind, sql = column.type, column.sql
    if kind == "VARCHAR":
        return sql
    if kind in FLOATS:
        whole = f"CASE WHEN {sql} = floor({sql}) AND abs({sql}) < 1e18 THEN CAST(CAST({sql} AS BIGINT) AS VARCHAR)"
        return f"CASE WHEN isfinite({sql}) THEN {whole} ELSE CAST({sql} AS VARCHAR) END END"
    if kind == "BLOB":
        return f"lower(hex({sql}))"
    if kind.startswith(("STRUCT", "MAP", "UNION", "JSON", "VARIANT")) or kind.endswith("]"):
        return f"CAST(to_json({sql}) AS VARCHAR)"
    return f"CAST({sql} AS VARCHAR)"


def identifier(name: str) -> str:
    """A foreign column's name as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A foreign text as a quoted literal, where the engine takes no `$name`."""
    return "'" + text.replace("'", "''") + "'"


def without_empty(pairs: str) -> str:
    """A JSON object of `pairs` (as for json_object) without the keys that hold nothing."""
    return f"CAST(json_merge_patch('{{}}', json_object({pairs})) AS VARCHAR)"
