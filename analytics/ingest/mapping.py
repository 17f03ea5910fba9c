"""Which column of a foreign table means which field, and what was not certain about it?

The order of preference: what the person says (`--map`, `--set`), the exact canonical name, a synonym. Of several
synonyms the likeliest is taken and the others are named in a warning: nothing is guessed in silence.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics import words
from analytics.errors import InvalidQuestion, UnreadableSource
from analytics.ingest.fields import BY_NAME, FIELDS, SOMEBODY, plain
from analytics.ingest.options import Options
from analytics.ingest.readers.base import Column, Table

UNITS_US = {
    "ns": 0.001,
    "us": 1.0,
    "ms": 1_000.0,
    "s": 1_000_000.0,
    "min": 60_000_000.0,
    "h": 3_600_000_000.0,
    "d": 86_400_000_000.0,
}
"""Units of a column in a sum, in microseconds."""


@dataclass(frozen=True)
class Part:
    """One column of what a field is made of; `unit` as in `UNITS_US`, or None: as it says itself."""

    column: Column
    unit: str | None = None


@dataclass(frozen=True)
class Source:
    """Where a field comes from: the sum of `parts`, or a `constant`."""

    field: str
    parts: tuple[Part, ...] = ()
    constant: str | None = None

    @property
    def is_assumed(self) -> bool:
        """Whether nothing looked at so far has it (see `Column`)."""
        return any(part.column.is_assumed for part in self.parts)

    @property
    def words(self) -> str:
        """As one would say it in `--map` or `--set`."""
        if self.constant is not None:
            return f"{self.constant!r}"
        return "+".join(part.column.name + (f":{part.unit}" if part.unit else "") for part in self.parts)


@dataclass(frozen=True)
class Found:
    """The fields found in one table; `warnings` are sentences."""

    sources: Mapping[str, Source]
    warnings: tuple[str, ...]
    others: tuple[str, ...]  # columns that are no field: they go into properties

    def used(self) -> list[str]:
        return [part.column.name for source in self.sources.values() for part in source.parts]

    def keeps(self, name: str) -> bool:
        """Whether a field is the column of its own name: nobody mapped another one to it."""
        source = self.sources.get(name)
        return source is not None and [part.column.name for part in source.parts] == [name]

    def missing(self) -> list[str]:
        """What no event can be made without, as the field to map: timestamp, event, user_id."""
        there = {name for name, source in self.sources.items() if not source.is_assumed}
        lacks = [name for name in ("timestamp", "event") if name not in there]
        return lacks if there.intersection(SOMEBODY) else [*lacks, "user_id"]


def find(file: Path, table: Table, options: Options) -> Found:
    """Raises `UnreadableSource` when the person names a column that is not there."""
    sources: dict[str, Source] = {}
    warnings: list[str] = []
    for name, text in options.constants.items():
        sources[name] = Source(name, constant=text)
    for name, spec in options.mapping.items():
        if spec:
            sources[name] = Source(name, _parts(file, table, name, spec))
    if table.declared:
        for name in table.declared.keys() - sources.keys() - options.mapping.keys():
            sources[name] = Source(name, (Part(table.declared[name]),))
        return _ordered(sources, (), [column.name for column in table.columns if not column.is_assumed])
    claimed = {part.column.name for source in sources.values() for part in source.parts}
    free = {column.name: column for column in table.columns if column.name not in claimed}
    wanted = [field for field in FIELDS if field.name not in sources and field.name not in options.mapping]
    for field in wanted:
        if (column := free.get(field.name)) and not column.is_assumed:
            sources[field.name] = Source(field.name, (Part(free.pop(field.name)),))
    by_plain: dict[str, list[Column]] = {}
    for column in free.values():
        if column.is_assumed:  # only where nothing that is there fits
            continue
        by_plain.setdefault(plain(column.name), []).append(column)
    for field in wanted:
        if field.name in sources:
            continue
        fits = [column for name in (field.name, *field.synonyms) for column in by_plain.get(plain(name), ())]
        fits = [column for column in fits if column.name in free]
        if not fits:
            continue
        sources[field.name] = Source(field.name, (Part(free.pop(fits[0].name)),))
        if len(fits) > 1:
            others = words.listed([column.name for column in fits[1:]], "or")
            warnings.append(
                f"{field.name} is read from {fits[0].name}; {others} would fit too: "
                f"--map {field.name}={fits[1].name} takes that one instead."
            )
    for field in wanted:
        if field.name not in sources and (column := free.pop(field.name, None)):
            sources[field.name] = Source(field.name, (Part(column),))
    return _ordered(sources, warnings, [name for name, column in free.items() if not column.is_assumed])


def _ordered(sources: Mapping[str, Source], warnings: Sequence[str], columns: Sequence[str]) -> Found:
    """`others` are those of `columns` that no field is made of."""
    ordered = {field.name: sources[field.name] for field in FIELDS if field.name in sources}
    used = {part.column.name for source in ordered.values() for part in source.parts}
    return Found(ordered, tuple(warnings), tuple(name for name in columns if name not in used))


def demand(file: Path, table: Table, mapping: Found) -> None:
    """Raises `UnreadableSource` when no row of the table can be an event, saying what to map."""
    if not (lacks := mapping.missing()):
        return
    what = {
        "timestamp": "time ('timestamp')",
        "event": "event's name ('event')",
        "user_id": "person or session ('user_id')",
    }
    there = [column.name for column in table.columns if not column.is_assumed]
    shown = ", ".join(name[:40] for name in there[:30]) + (f" and {len(there) - 30} more" if len(there) > 30 else "")
    way = f"--map {lacks[0]}=COLUMN" + (f" or --set {lacks[0]}=TEXT" if lacks[0] != "timestamp" else "")
    raise UnreadableSource(
        f"{file.name} has no column for the {words.listed([what[name] for name in lacks])}; it has {shown or 'none'}. "
        f"Say which it is: {way}."
    )


def _parts(file: Path, table: Table, field: str, spec: str) -> tuple[Part, ...]:
    """`spec` as columns: one column's name as it is, or names with units joined by plus signs."""
    if column := table.column(spec):
        return (Part(column),)
    parts = []
    for piece in spec.split("+"):
        name, unit = piece, None
        if (match := re.fullmatch(r"(.+):(\w+)", piece)) and not table.column(piece):
            name, unit = match[1], match[2]
        if unit is not None and (unit not in UNITS_US or BY_NAME[field].kind != "time"):
            raise InvalidQuestion(f"{spec!r} has the unit {unit!r}; the units of a time are {', '.join(UNITS_US)}.")
        column = table.column(name)
        if column is None:
            there = ", ".join(other.name for other in table.columns[:40] if not other.is_assumed)
            raise UnreadableSource(f"{file.name} has no column {name!r}; it has {there}.")
        parts.append(Part(column, unit))
    return tuple(parts)
