"""Parquet: typed columns; a file in canonical columns is taken as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from analytics.errors import UnreadableSource
from analytics.ingest.files import Sample, plainly_named
from analytics.ingest.readers.base import Column, Table, Workbench, identifier, literal


@dataclass(frozen=True)
class ParquetTable(Table):
    def rest(self, used: Sequence[str], *, by_name: bool = False) -> tuple[str, ...]:
        others = [column for column in self.columns if column.name not in used]
        if not others:
            return ()
        pairs = ", ".join(f"{literal(c.name)}: {identifier(c.name) if by_name else c.sql}" for c in others)
        return (f"CAST(json_merge_patch('{{}}', to_json({{{pairs}}})) AS VARCHAR)",)


class Parquet:
    name = "parquet"

    def recognises(self, sample: Sample) -> bool:
        return sample.head[:4] == b"PAR1"

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        relation = f"read_parquet({literal(str(plainly_named(path, bench.folder)))})"
        try:
            described = bench.connection.execute(f"DESCRIBE FROM {relation}").fetchall()
        except duckdb.Error as error:
            raise UnreadableSource(
                f"{path.name} is no whole Parquet file: {str(error).splitlines()[0].split(': ', 1)[-1].rstrip('. ')}."
            ) from error
        own = [f"p{number}" for number in range(1, len(described) + 1)]
        columns = tuple(Column(name, p, kind) for p, (name, kind, *_) in zip(own, described, strict=True))
        everything = ", ".join(f"{literal(column.name)}: {column.sql}" for column in columns)
        named = ", ".join(f"{identifier(column.name)} AS {column.sql}" for column in columns)
        return ParquetTable(
            f"(SELECT {named} FROM {relation})",
            columns,
            f"CAST(to_json({{{everything}}}) AS VARCHAR)",
            tuple(own),
            whole=path,
        )
