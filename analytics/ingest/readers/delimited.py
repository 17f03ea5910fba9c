"""CSV and its kin: any delimiter, quoted line feeds, a header line."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.ingest.fields import FIELDS, plain
from analytics.ingest.files import Sample, plain_text
from analytics.ingest.readers.base import Column, Table, Workbench, literal, without_empty

USUAL = (",", "\t", ";", "|")
LONGEST_LINE = 20_000_000
KNOWN_NAMES = frozenset(plain(name) for field in FIELDS for name in (field.name, *field.synonyms))
REASONS = """
CASE error_type
  WHEN 'MISSING COLUMNS' THEN 'too few columns'
  WHEN 'TOO MANY COLUMNS' THEN 'too many columns'
  WHEN 'UNQUOTED VALUE' THEN 'a quote is not closed, or something follows it'
  WHEN 'LINE SIZE OVER MAXIMUM' THEN 'a line of more than 20 MB'
  ELSE lower(CAST(error_type AS VARCHAR)) END
"""


@dataclass(frozen=True)
class Dialect:
    delimiter: str
    escape: str
    names: tuple[str, ...]
    is_spaced: bool  # a space follows every delimiter of the header: values are trimmed


@dataclass(frozen=True)
class DelimitedTable(Table):
    def rest(self, used: Sequence[str], *, by_name: bool = False) -> tuple[str, ...]:
        others = [column for column in self.columns if column.name not in used]
        if not others:
            return ()
        return (without_empty(", ".join(f"{literal(column.name)}, nullif({column.sql}, '')" for column in others)),)


class Delimited:
    name = "csv"

    def recognises(self, sample: Sample) -> bool:
        return len(dialect(sample).names) > 1

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        """Every column as text, named c1, c2, ... inside, so that a foreign name is never part of a statement."""
        text = plain_text(path, sample, bench.folder, bench.check, bench.most_bytes)
        found = dialect(sample)
        own = [f"c{number}" for number in range(1, len(found.names) + 1)]
        columns = tuple(
            Column(name, f"trim({c})" if found.is_spaced else c) for name, c in zip(found.names, own, strict=True)
        )
        types = ", ".join(f"'{c}': 'VARCHAR'" for c in own)
        relation = (
            f"read_csv({literal(str(text.path))}, columns = {{{types}}}, delim = {literal(found.delimiter)}, quote = '\"', "  # noqa: E501
            f"escape = {literal(found.escape)}, header = true, auto_detect = false, new_line = '\\n', store_rejects = true, "  # noqa: E501
            f"max_line_size = {LONGEST_LINE}, buffer_size = {2 * LONGEST_LINE})"
        )
        raw = " || {} || ".join(_quoted(c, found.delimiter) for c in own).replace("{}", literal(found.delimiter))
        header = 1 + sum(name.count("\n") for name in found.names)
        return DelimitedTable(
            relation,
            columns,
            raw,
            tuple(own),
            first_line=2,
            notes=text.notes,
            refusals=REASONS,
            lines=text.lines - text.blank_lines - header if bench.most_bytes is None else None,
        )


def dialect(sample: Sample) -> Dialect:
    """The delimiter under which the first lines fall into equally many columns with names we know, and the header."""
    lines = sample.lines[:200]
    head = "\n".join(lines)
    header = next((line for line in lines if line.strip()), "")
    others = sorted(
        {char for char in header if not char.isalnum() and char not in "\"'_-.$ ()[]{}" and char not in USUAL}
    )
    escape = "\\" if '\\"' in head and '""' not in head.replace(',""', "").replace('"",', "") else '"'
    best, delimiter, names = (False, 0.0, 0), ",", [header]
    for candidate in (*USUAL, *others):
        try:
            rows = [row for row in rows_of(head, candidate, escape) if row]
        except csv.Error:
            continue
        if not rows or len(rows[0]) < 2:
            continue
        alike = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        known = any(plain(name) in KNOWN_NAMES for name in rows[0])
        score = (known, round(alike, 1), len(rows[0]))
        if score > best:
            best, delimiter, names = score, candidate, rows[0]
    is_spaced = len(names) > 1 and all(name.startswith(" ") for name in names[1:])
    return Dialect(delimiter, escape, _unique(names), is_spaced)


def rows_of(text: str, delimiter: str, escape: str) -> list[list[str]]:
    """The rows of a text, each as its values. Raises csv.Error."""
    csv.field_size_limit(2**31 - 1)
    if escape == '"':
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, escapechar=escape, doublequote=False))


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    unique = []
    for place, given in enumerate(names, 1):
        name = given.strip() or f"column {place}"
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return tuple(unique)


def _quoted(column: str, delimiter: str) -> str:
    """A value as it stood in the file: quoted where it had to be."""
    needs = " OR ".join(f"contains({column}, {mark})" for mark in ("'\"'", "chr(10)", literal(delimiter)))
    return f"CASE WHEN {column} IS NULL THEN '' WHEN {needs} THEN '\"' || replace({column}, '\"', '\"\"') || '\"' ELSE {column} END"  # noqa: E501
