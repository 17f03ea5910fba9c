"""Which product wrote these rows, and what do its columns mean? A product's reader only declares it.

A declaration reads JSON lines, a JSON document, CSV and Parquet alike. A **path** names a column, or a key in the
objects of a column: `properties.$current_url`; the objects may be there as JSON text. A field is a path, several paths
of which the first known counts, or SQL in which each path stands in backticks. A path that is read is taken out of what
is kept; whatever the declaration does not name stays in the event's properties.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from analytics import words
from analytics.errors import UnreadableSource
from analytics.ingest.fields import SOMEBODY
from analytics.ingest.files import Sample
from analytics.ingest.readers.base import Column, Table, Workbench, literal, text
from analytics.ingest.readers.json_lines import ObjectTable, escaped
from analytics.ingest.readers.shape import Shape, shape_of

Reading = str | tuple[str, ...]
PATH = re.compile(r"`([^`]+)`")
NEEDED = ("timestamp", "event", *SOMEBODY)
ZONE = r"(Z|z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$"
IN_UTC = f"CASE WHEN regexp_matches({{0}}, '^[0-9]{{{{4}}}}-.*:') AND NOT regexp_matches({{0}}, '{ZONE.replace('{', '{{').replace('}', '}}')}') THEN {{0}} || 'Z' ELSE {{0}} END"  # noqa: E501
UNFOLDS = "u1"
UNFOLDED = """(SELECT *{without}, unnest(CASE WHEN len(unfolding) > 0 THEN unfolding ELSE [NULL] END) AS {name}
  FROM (SELECT *, {parts} AS unfolding FROM {relation}))"""
ONE_PART = """CASE WHEN {part} IS NULL THEN doc ELSE
  CAST(json_merge_patch(doc, json_object({within}, json_array(CAST({part} AS JSON)))) AS VARCHAR) END"""


@dataclass(frozen=True)
class Unfolded:
    """What a row holds several of, each a row of its own: the column of the name `name` has one of them, as JSON text.

    `parts`: SQL over columns in backticks, a list of JSON texts; a row of which it is NULL or empty stays one row.
    `within`: the column that is the list, if it is one: a row of objects then has only its own part there.
    """

    name: str
    parts: str
    within: str | None = None


@dataclass(frozen=True)
class Declared:
    """The reader of a product's rows.

    `signatures`: paths that all are there in a file of this product, or those of the next one. `opened` columns hold
    objects whose keys become properties of their own. `made` columns are SQL over the file's own paths, read before
    `fields` are. `kept` paths are read and yet stay in properties; `dropped` ones never do. `passed` rows are no
    events: what they are, in words, and the SQL that tells. A time without a zone is UTC when `in_utc`, else in the
    zone the import is told. `called`: what a file is, when it is no export of the product.
    """

    name: str
    product: str
    signatures: tuple[tuple[str, ...], ...]
    fields: Mapping[str, Reading]
    opened: tuple[str, ...] = ()
    made: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    unfolds: Unfolded | None = None
    passed: tuple[tuple[str, str], ...] = ()
    called: str = ""
    in_utc: bool = True
    note: str | None = None

    def knows(self, shape: Shape, sample: Sample) -> bool:
        """Whether a file of this shape is one of the product's."""
        return shape.container is not None and any(shape.fits(paths) for paths in self.signatures)

    @property
    def said(self) -> str:
        """What a file of this product is, in words."""
        return self.called or f"an export of {self.product}"

    def recognises(self, sample: Sample) -> bool:
        return self.knows(shape_of(Path(), sample), sample) if sample.head[:4] != b"PAR1" else False

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        """The product's rows. Raises `UnreadableSource`."""
        shape = shape_of(path, sample)
        if shape.container is None:
            raise UnreadableSource(f"{path.name} is no export of {self.product}: it has neither columns nor keys.")
        inner = shape.container.table(path, sample, bench)
        if self.unfolds:
            demand_every_line(path, inner, bench)
        return self.over(inner, shape)

    def over(self, inner: Table, shape: Shape) -> "DeclaredTable":
        """The rows of `inner`, as this declaration reads them."""
        return _Compiling(self, inner, shape).table()


@dataclass(frozen=True)
class DeclaredTable(Table):
    """`reads`: the paths behind a column's name; `texts`: the columns of JSON objects, by name."""

    inner: Table | None = None
    declaration: Declared | None = None
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def rest(self, used: Sequence[str], *, by_name: bool = False) -> tuple[str, ...]:
        """What `inner` has, without the paths behind the used columns, the opened objects laid open."""
        assert self.inner is not None and self.declaration is not None  # noqa: S101
        kept, made = self.declaration.kept, self.declaration.made
        paths = {path for name in used for path in self.reads.get(name, (name,)) if path not in kept}
        paths |= set(self.declaration.dropped)
        there = {column.name for column in self.inner.columns}
        within: dict[str, list[list[str]]] = {name: [] for name in self.declaration.opened if name in self.texts}
        gone = {path for path in paths if path in there}
        for path in paths - gone:
            head, *keys = path.split(".")
            if keys and head in self.texts and (head not in made or head in within):
                within.setdefault(head, []).append(keys)
            elif not keys:
                gone |= set(PATH.findall(made[path])) if path in made else {path}
        within = {head: keys for head, keys in within.items() if head not in gone or head in self.declaration.opened}
        for head in within:
            gone |= set(PATH.findall(made[head])) if head in made else {head}
        opened = self.declaration.opened
        objects = [self._object(head, without, is_open=head in opened) for head, without in within.items()]
        return (*self.inner.rest(sorted(gone)), *objects)

    def _object(self, head: str, without: list[list[str]], *, is_open: bool) -> str:
        """The object in the column `head` without some paths, to be merged; a text that is none is kept as it is."""
        given = self.texts[head]
        left = f"try(json_merge_patch({given}, {literal(json.dumps(_nulls(without)))}))"
        if not is_open:
            left = (
                f"CASE WHEN CAST({left} AS VARCHAR) <> '{{}}' THEN json_object({literal(head)}, {left}) ELSE '{{}}' END"
            )
        whole = f"json_object({literal(head)}, {given})"
        read = f"CASE WHEN starts_with(ltrim({given}), '{{') THEN coalesce({left}, {whole}) ELSE {whole} END"
        return f"CASE WHEN coalesce({given}, '') <> '' THEN {read} END"

    def column(self, name: str) -> Column | None:
        found = super().column(name)
        return found or (self.inner.column(name) if self.inner else None)


class _Compiling:
    """Turns a declaration into SQL over one table."""

    def __init__(self, declaration: Declared, inner: Table, shape: Shape) -> None:
        self.declaration, self.inner, self.shape = declaration, inner, shape
        self.there = {column.name: column for column in inner.columns}
        self.made: dict[str, str] = {}  # name -> column of the relation
        self.pointers: dict[str, list[str]] = {}

    def table(self) -> DeclaredTable:
        declaration, inner = self.declaration, self.inner
        relation, raw = inner.relation, inner.raw
        if unfolds := declaration.unfolds:
            without = ""
            if unfolds.within and isinstance(inner, ObjectTable):
                gone = literal(json.dumps({unfolds.within: None}))
                doc = f"CASE WHEN row_ok THEN CAST(json_merge_patch(doc, {gone}) AS VARCHAR) ELSE doc END"
                without, raw = f" REPLACE ({doc} AS doc)", ONE_PART.format(part=UNFOLDS, within=literal(unfolds.within))
            parts = self._sql(unfolds.parts)
            relation = UNFOLDED.format(parts=parts, name=UNFOLDS, relation=relation, without=without)
            self.made[unfolds.name] = UNFOLDS
        made = [(f"m{n}", name, self._sql(sql)) for n, (name, sql) in enumerate(declaration.made.items())]
        self.made |= {name: m for m, name, _ in made}
        for head in (*declaration.opened, *(path.split(".")[0] for path in declaration.dropped if "." in path)):
            self.pointers.setdefault(head, [])
        declared: dict[str, Column] = {}
        for name, given in declaration.fields.items():
            if column := self._column(name, given):
                if any(column.name == other.name for other in declared.values()):
                    column = replace(column, name=f"{column.name} ({name})")
                declared[name] = column
        passed = tuple((said, f"NOT ({inner.blank}) AND ({self._sql(sql)})") for said, sql in declaration.passed)
        heads = {head: self._text(head) for head in self.pointers}
        texts = {head: sql for head, sql in heads.items() if sql is not None}
        heads_made = {name for _, name, _ in made}
        for is_made in (False, True):
            if is_made and made:
                relation = f"(SELECT *, {', '.join(f'{sql} AS {m}' for m, _, sql in made)} FROM {relation})"
            read = [
                f"try(json_extract_string({sql}, [{', '.join(map(literal, pointers))}])) AS {self._name(head)}"
                for head, sql in texts.items()
                if (head in heads_made) is is_made and (pointers := self.pointers[head])
            ]
            if read:
                relation = f"(SELECT *, {', '.join(read)} FROM {relation})"
        reads = {column.name: paths_of(declaration.fields[name]) for name, column in declared.items()}
        taken = {path for paths in reads.values() for path in paths} | set(declaration.opened) | set(texts)
        taken |= set(declaration.dropped)
        taken |= {path for head in declaration.opened for path in PATH.findall(declaration.made.get(head, ""))}
        others = tuple(column for column in inner.columns if column.name not in taken and not column.is_assumed)
        return DeclaredTable(
            relation,
            (*declared.values(), *others),
            raw,
            (*inner.inputs, *self.made.values(), *(self._name(head) for head in texts if self.pointers[head])),
            values=inner.values,
            broken=inner.broken,
            blank=inner.blank,
            first_line=inner.first_line,
            notes=(*inner.notes, declaration.note) if declaration.note else inner.notes,
            refusals=inner.refusals,
            lines=None if unfolds else inner.lines,
            declared=declared,
            passed=passed,
            inner=inner,
            declaration=declaration,
            reads=reads,
            texts=texts,
        )

    def _column(self, name: str, given: Reading) -> Column | None:
        """The column of a field; None when the file cannot have it."""
        paths = paths_of(given)
        if paths and name != "event" and not any(self._may_be(path) for path in paths):
            return None
        is_assumed = name not in NEEDED and bool(paths) and not any(self._is_shown(path) for path in paths)
        said = " or ".join([path for path in paths if self._is_shown(path)] or paths) or name
        if isinstance(given, str) and given in self.there and self.there[given].type != "VARCHAR":
            return replace(self.there[given], is_assumed=is_assumed)
        if isinstance(given, str) and "`" in given:
            sql = self._sql(given)
        else:
            read = [f"nullif({sql}, '')" for path in paths if (sql := self._path(path)) != "NULL"]
            sql = read[0] if len(read) == 1 else f"coalesce({', '.join(read)})"
        return Column(
            said, IN_UTC.format(sql) if name == "timestamp" and self.declaration.in_utc else sql, is_assumed=is_assumed
        )

    def _is_shown(self, path: str) -> bool:
        """Whether the first rows have it, or what it is made of."""
        head, unfolds = path.split(".")[0], self.declaration.unfolds
        made = unfolds.parts if unfolds and head == unfolds.name else self.declaration.made.get(head)
        return any(self.shape.has(source) for source in (PATH.findall(made) if made else [path]))

    def _sql(self, given: str) -> str:
        return PATH.sub(lambda path: self._path(path[1]), given)

    def _may_be(self, path: str) -> bool:
        return self._text(path) is not None or self._text(path.split(".")[0]) is not None

    def _path(self, path: str) -> str:
        """A path as SQL."""
        if (whole := self._text(path)) is not None:
            return whole
        head, *keys = path.split(".")
        if not keys or self._text(head) is None:
            return "NULL"
        pointers = self.pointers.setdefault(head, [])
        pointer = "".join("/" + escaped(key) for key in keys)
        if pointer not in pointers:
            pointers.append(pointer)
        return f"{self._name(head)}[{pointers.index(pointer) + 1}]"

    def _name(self, head: str) -> str:
        return f"n{list(self.pointers).index(head)}"

    def _text(self, head: str) -> str | None:
        """A column as text; None when there is none."""
        if head in self.made:
            return self.made[head]
        if head in self.there:
            return text(self.there[head])
        if isinstance(self.inner, ObjectTable) and "." not in head:  # its keys may come beyond those looked at
            return f"try(json_extract_string(doc, {literal('/' + escaped(head))}))"
        return None


def demand_every_line(path: Path, table: Table, bench: Workbench) -> None:
    """Raises `UnreadableSource` when rows that are going to be unfolded are fewer than the lines they come from."""
    if table.lines is None or table.refusals is not None:
        return
    (rows,) = bench.connection.execute(f"SELECT count(*) FROM {table.relation}").fetchall()[0]
    if (lost := table.lines - rows) > 0:
        raise UnreadableSource(f"{path.name} cannot be read whole: {words.many(lost, 'line')} would be lost.")


def paths_of(given: Reading) -> tuple[str, ...]:
    """The paths that a declared field is read from."""
    if isinstance(given, tuple):
        return given
    return tuple(dict.fromkeys(PATH.findall(given))) if "`" in given else (given,)


def _nulls(paths: list[list[str]]) -> dict[str, object]:
    """A patch that takes the paths away; with a place in a list the whole list goes."""
    patch: dict[str, object] = {}
    paths = [keys[:-1] if keys[-1].isdigit() and len(keys) > 1 else keys for keys in paths]
    for keys in sorted(paths, key=len, reverse=True):
        inner = patch
        for key in keys[:-1]:
            deeper = inner.setdefault(key, {})
            if not isinstance(deeper, dict):
                break
            inner = deeper
        inner[keys[-1]] = None
    return patch
