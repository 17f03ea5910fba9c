"""JSON lines: one object per line. And what all JSON has in common: an object's keys are a row's columns."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from analytics.errors import UnreadableSource
from analytics.ingest.fields import FIELDS
from analytics.ingest.files import Sample, is_json, plain_text
from analytics.ingest.readers.base import Column, Table, Workbench, identifier, literal

LONGEST_LINE = 64_000_000
KEYS_FROM = 200_000  # rows looked at for names of columns; what comes later is kept in properties
KEYS = """
SELECT key, min(place) AS place FROM (
  SELECT unnest(keys) AS key, generate_subscripts(keys, 1) AS place
  FROM (SELECT try(json_keys(doc)) AS keys FROM {relation} LIMIT {rows}))
GROUP BY key ORDER BY min(place), key LIMIT 2000
"""


@dataclass(frozen=True)
class ObjectTable(Table):
    """Rows that are JSON objects; a column is a top-level key, or a path of keys joined by points."""

    def rest(self, used: Sequence[str], *, by_name: bool = False) -> tuple[str, ...]:
        """The object without the used keys. A key beyond `KEYS_FROM` rows is one of the rest, so it is never lost."""
        gone = json.dumps(dict.fromkeys(used))
        return (f"CASE WHEN row_ok THEN CAST(json_merge_patch(doc, {literal(gone)}) AS VARCHAR) END",)

    def column(self, name: str) -> Column | None:
        found = super().column(name)
        if found is None and "." in name and super().column(name.split(".")[0]):
            pointer = "".join("/" + escaped(key) for key in name.split("."))
            return Column(name, f"try(json_extract_string(doc, {literal(pointer)}))")
        return found


class JsonLines:
    name = "jsonl"

    def recognises(self, sample: Sample) -> bool:
        lines = [line for line in sample.lines[:50] if line.strip()]
        if not lines or not lines[0].lstrip().startswith("{"):
            return False
        if len(lines) == 1 and holds_rows(lines[0]):
            return False
        whole = sum(is_json(line) for line in lines)
        return whole > 0 and whole >= len(lines) / 2

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        text = plain_text(path, sample, bench.folder, bench.check, bench.most_bytes)
        table = objects(path, lines_of(text.path), bench.connection, text.notes)
        return table if bench.most_bytes is not None else replace(table, lines=text.lines)


def lines_of(file: Path) -> str:
    """The lines of a text in UTF-8 as a relation of one column, `doc`."""
    # read as a CSV of one column whose delimiter, quote and escape never occur in JSON
    return (
        f"(SELECT doc FROM read_csv({literal(str(file))}, columns = {{'doc': 'VARCHAR'}}, delim = '\x01', quote = '', "
        f"escape = '', header = false, auto_detect = false, new_line = '\\n', max_line_size = {LONGEST_LINE}, "
        f"buffer_size = {2 * LONGEST_LINE}, null_padding = true, ignore_errors = true))"
    )


def objects(path: Path, rows: str, staging: duckdb.DuckDBPyConnection, notes: tuple[str, ...]) -> ObjectTable:
    """A table of the relation `rows`, whose only column `doc` holds JSON texts."""
    try:
        found = staging.execute(KEYS.format(relation=rows, rows=KEYS_FROM)).fetchall()
    except duckdb.Error as error:
        raise UnreadableSource(f"{path.name} cannot be read as JSON: {str(error).splitlines()[0]}.") from error
    there = [row[0] for row in found]
    like = {name.lower() for name in there}
    assumed = [field.name for field in FIELDS if field.name not in like]  # they may yet come further down
    names = [*there, *assumed]
    # one pass reads a struct; but the names of its fields differ by more than their case
    twins = Counter(name.lower() for name in names)
    alone = [name for name in names if not name or twins[name.lower()] > 1]
    wanted = json.dumps({name: "VARCHAR" for name in names if name not in alone})
    read = [f"try(json_transform(clean, {literal(wanted)})) AS v"]
    if alone:
        read.append(
            f"try(json_extract_string(clean, [{', '.join(literal('/' + escaped(name)) for name in alone)}])) AS w"
        )
    sql = {name: f"v.{identifier(name)}" for name in names} | {name: f"w[{n}]" for n, name in enumerate(alone, 1)}
    # \u0000 is a legal escape and no legal text in most programs
    relation = f"""(
  SELECT *, v IS NOT NULL AND starts_with(ltrim(doc, ' ' || chr(9)), '{{') AS row_ok
  FROM (SELECT doc, {", ".join(read)} FROM (SELECT doc, replace(doc, '\\u0000', '\\ufffd') AS clean FROM {rows})))"""
    columns = tuple(Column(name, sql[name], is_assumed=place > len(there)) for place, name in enumerate(names, 1))
    return ObjectTable(
        relation,
        columns,
        "doc",
        ("doc", "v", *(["w"] if alone else ()), "row_ok"),
        broken="CASE WHEN NOT row_ok THEN 'not a JSON object' END",
        blank="NOT coalesce(regexp_matches(doc, '[^ \\t\\r]'), false)",  # trim() of characters walks the whole text
        notes=notes,
    )


def holds_rows(text: str) -> str | None:
    """The only key of a JSON object that holds an array of objects; None for anything else."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    lists = [key for key, value in document.items() if isinstance(value, list) and value and isinstance(value[0], dict)]
    return lists[0] if len(lists) == 1 else None


def escaped(key: str) -> str:
    """A key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")
