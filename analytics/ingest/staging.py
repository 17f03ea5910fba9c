"""What do foreign files hold? Each is read once, checked, and left as Parquet in canonical columns.

Foreign files are read by a connection of their own, in memory and with its own limits; what it leaves in the spool is
all that the store's connection may read. A Parquet file whose every row is an event as it stands is copied instead.
"""

import itertools
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from analytics import words
from analytics.errors import UnreadableSource
from analytics.ingest import as_is, canonical, mapping, order, times
from analytics.ingest.addresses import Key
from analytics.ingest.fields import FIELDS, Field
from analytics.ingest.files import Digest, Sample, sample
from analytics.ingest.mapping import Found
from analytics.ingest.options import Options
from analytics.ingest.readers import reader_for
from analytics.ingest.readers.base import Table, Workbench, identifier, literal
from analytics.ingest.redaction import IN_PAGE_ADDRESS, Redaction, recorded
from analytics.ingest.rules import REFUSED as REFUSED_FIELD
from analytics.ingest.rules import Redacted, chosen
from analytics.ingest.sources import Source
from analytics.ingest.watch import Watch

ROW_GROUP = 200_000
FEW_ROWS = 20_000
LONGEST_HEADER = 100_000
SPECIAL = {"event_id": "id, id_text", "timestamp": "timestamp AS time", "event": "event AS name"}
STAGED = ", ".join(SPECIAL.get(item.name, item.name) for item in FIELDS)
REWRITE = f"""
COPY (
  SELECT {STAGED}, user_id_key, anonymous_key, context_hash, CAST(way AS TINYINT) AS way, worded, reason, raw,
    CAST({{origin}} AS BIGINT) AS origin
  FROM ({{rows}})
) TO $target (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE {ROW_GROUP})
"""
REDACT = f"COPY ({{rows}}) TO $target (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE {ROW_GROUP})"
COUNTS = """
SELECT count(CASE WHEN reason IS NULL THEN 1 END), count(CASE WHEN reason <> '' THEN 1 END), count(CASE WHEN reason IS NOT NULL THEN 1 END),
  count(CASE WHEN worded AND reason IS NULL THEN 1 END), coalesce(max(scroll_depth) > 1, false),
  count(CASE WHEN reason = '' AND way < 0 THEN 1 END)
FROM read_parquet($staged)
"""  # noqa: E501
PASSED = (
    "SELECT -way, count(*) FROM read_parquet($staged) WHERE reason = '' AND way < 0 GROUP BY way ORDER BY 2 DESC, 1"
)
WAYS = "SELECT way, count(*) FROM read_parquet($staged) WHERE reason IS NULL GROUP BY way ORDER BY count(*) DESC, way"
PARQUET_ROWS = "SELECT CAST(sum(num_rows) AS BIGINT) FROM parquet_file_metadata($file)"
FILLED = """
SELECT path_in_schema, CAST(sum(num_values) - sum(stats_null_count) AS BIGINT), CAST(sum(num_values) AS BIGINT)
FROM parquet_metadata($staged) GROUP BY path_in_schema
"""
# a bad line may be refused for several reasons, in one row each
REFUSED = """
CREATE OR REPLACE TEMP TABLE refused AS
SELECT line, string_agg(DISTINCT {refusals}, ', ') AS reason, {raw} AS raw,
  any_value(1 + len(regexp_extract_all(rtrim(csv_line, chr(10)), '\\n+'))) AS lines
FROM reject_errors GROUP BY line
"""
LINES_WITHIN = "SELECT sum(len(regexp_extract_all({raw}, '\\n+'))) FROM {relation} WHERE contains({raw}, chr(10))"
NONE_REFUSED = "CREATE OR REPLACE TEMP TABLE refused (line BIGINT, reason VARCHAR, raw VARCHAR, lines BIGINT)"
NEW_REFUSALS = "DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans"
REFUSED_ROWS = """
CREATE OR REPLACE TEMP TABLE refused_rows AS
SELECT n, line, reason, {told}
FROM (
  SELECT file_row_number AS n, NULL AS line, * FROM read_parquet($staged, file_row_number = true) WHERE reason <> '')
UNION ALL BY NAME
SELECT NULL AS n, line, reason, {untold} FROM refused
"""
# Rows that were read are numbered without those the engine refused, so the refused ones before them are added.
BAD_ROWS = """
COPY (
  SELECT coalesce(line, n + $first + count(line) OVER (ORDER BY n, line NULLS LAST ROWS UNBOUNDED PRECEDING)) AS line,
    reason, raw AS "row"
  FROM (
    SELECT n, line, reason, raw FROM refused_rows WHERE n IS NOT NULL
    UNION ALL
    SELECT line - $first - (row_number() OVER (ORDER BY line) - 1), line, reason, raw FROM refused_rows WHERE n IS NULL)
  ORDER BY 1
) TO $target (FORMAT parquet)
"""


@dataclass(frozen=True)
class FoundField:
    """A field of a file: `column` says where it comes from, `filled` in which share of the rows it is, 0 to 1."""

    field: str
    column: str
    filled: float


@dataclass(frozen=True)
class Read:
    """What lies in the spool: `rows` good ones at `path`, `rejected` listed at `bad_rows`.

    A file that was copied as it is has `expressions` (field -> SQL), a rewritten one has the canonical columns.
    """

    path: Path
    rows: int
    rejected: int = 0
    bad_rows: Path | None = None
    has_bad_rows: bool = False  # rows at `path` that are to be passed over
    is_percent: bool = False  # scroll_depth is to be divided by 100
    expressions: Mapping[str, str] | None = None
    notes: tuple[str, ...] = ()
    not_events: int = 0
    redacted: tuple[Redacted, ...] = ()
    place: str = order.PLACE  # the column that says where in the file a row lay, from 0


@dataclass(frozen=True)
class Staged:
    """One file of a load; `number` counts them from 0."""

    number: int
    name: str
    format: str
    sha256: str
    bytes: int
    read: Read
    fields: tuple[FoundField, ...]
    others: tuple[str, ...]
    times: str
    notes: tuple[str, ...]
    has_addresses: bool
    seconds: float
    not_events: int = 0
    recordings: Path | None = None
    header: str = ""


@dataclass(frozen=True)
class Examined:
    """What is known of a file before it is read."""

    file: Path
    sample: Sample
    format: str
    table: Table
    found: Found


@dataclass
class Staging:
    """Reads foreign files into `folder`, which belongs to one load."""

    folder: Path
    options: Options
    watch: Watch
    connection: duckdb.DuckDBPyConnection = field(init=False)
    redaction: Redaction = field(init=False)

    def __post_init__(self) -> None:
        self.texts = self.folder / "texts"  # of the file that is being read
        self.texts.mkdir(parents=True, exist_ok=True)
        self.redaction = Redaction(chosen(None, self.options.redact), _column)
        self.connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": "1500MB",
                "temp_directory": str(self.folder / "spill"),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "preserve_insertion_order": True,  # the place in the file is the order of events
            },
        )
        self.connection.execute(f"SET TimeZone = {literal(self.options.timezone)}")
        self.connection.execute("SET enable_progress_bar = true")
        self.connection.execute("SET enable_progress_bar_print = false")
        self.connection.execute("SET progress_bar_time = 0")

    def close(self) -> None:
        self.connection.close()

    def examine(self, path: Path, most_bytes: int | None = None) -> Examined:
        """Format, columns and fields of `path`; of a text at most about `most_bytes` are looked at."""
        head = sample(path)
        reader = reader_for(path, head, self.options.format)
        table = reader.table(path, head, Workbench(self.connection, self.texts, most_bytes, self.watch.check))
        return Examined(path, head, reader.name, table, mapping.find(path, table, self.options))

    def stage(self, source: Source, number: int, key: Callable[[], Key]) -> Staged:
        """Reads a file whole. Raises `UnreadableSource`."""
        began = time.perf_counter()
        path = source.path
        digest = Digest(path)
        with (
            self._own_texts(),
            source.told(),
            _unchanged(path),
            named(path),
            self.watch.over(self.connection, statement_is_work=True),
        ):
            examined = self.examine(path)
            found = examined.found
            mapping.demand(path, examined.table, found)
            self.watch.over_rows(self._rows(examined.table))
            read = self._as_it_is(examined, number, key) or self._rewritten(examined, number, key)
            read = self._in_order(found, read)
            fields = self._coverage(read, found)
            recordings, redacted, said = self._recorded(examined)
            read = replace(read, redacted=(*read.redacted, *redacted), notes=(*read.notes, *said))
            staged = Staged(
                number=number,
                name=source.name,
                format=examined.format,
                sha256=digest.hex(),
                bytes=digest.size,
                read=read,
                fields=fields,
                others=found.others,
                times=self._times(read, found),
                notes=(*examined.table.notes, *found.warnings, *read.notes),
                has_addresses=any(item.field == "ip" and item.filled for item in fields),
                seconds=time.perf_counter() - began,
                not_events=examined.table.not_events + read.not_events,
                recordings=recordings,
                header=_header(examined),
            )
        return staged

    def _recorded(self, examined: Examined) -> tuple[Path | None, tuple[Redacted, ...], tuple[str, ...]]:
        """The file's recorded pages as they may be kept, what was taken out of them, and what is to be said of it."""
        path = examined.table.recordings
        if path is None or not examined.found.keeps("session_id"):
            return None, (), ()
        if "free_text" in self.redaction.rules:
            return None, (), ("Its recorded pages were not kept: they show free text.",)
        return path, recorded(self.connection, self.redaction, path), ()

    @contextmanager
    def _own_texts(self) -> Iterator[None]:
        """What a file was rewritten to goes when it is read."""
        try:
            yield
        finally:
            for rest in self.texts.glob("*.text"):
                rest.unlink()

    def _rows(self, table: Table) -> int | None:
        """How many rows there will be to read, where that is known before."""
        return self._one(PARQUET_ROWS, file=str(table.whole))[0] if table.whole else table.lines

    def _in_order(self, found: Found, read: Read) -> Read:
        time = found.sources["timestamp"].parts[0].column.name if read.expressions else "time"
        rows = read.rows + read.rejected + read.not_events
        by_day = order.lay_by_day(self.connection, read.path, time, rows)
        return replace(read, path=by_day, place=order.OWN_PLACE) if by_day else read

    def _as_it_is(self, examined: Examined, number: int, key: Callable[[], Key]) -> Read | None:
        table, found = examined.table, examined.found
        expressions = as_is.expressions(table, found, self.options)
        if expressions is None or table.whole is None:
            return None
        target = self.folder / f"{number:06d}.parquet"
        shutil.copyfile(table.whole, target)  # what is checked is what is read, even if somebody writes to the file
        doubtful, rows, is_percent, private = self._one(as_is.doubts(table, found, self.redaction), file=str(target))
        redacted: list[Redacted] | None = []
        if private and not doubtful:
            redacted = self._redacted_as_it_is(target, table, found, key)
        if doubtful or redacted is None:
            target.unlink()
            return None
        return Read(
            target,
            rows,
            expressions=expressions,
            is_percent=bool(is_percent),
            notes=(BEYOND_ONE,) if is_percent else (),
            redacted=tuple(redacted),
        )

    def _redacted_as_it_is(
        self, target: Path, table: Table, found: Found, key: Callable[[], Key]
    ) -> list[Redacted] | None:
        """Applies the rules of redaction to a file that is taken as it is; None: it must be rewritten for them."""
        column = as_is.columns(found)
        redaction = replace(self.redaction, column=lambda field: column[field])
        (in_others,) = self._one(as_is.private_others(table, found, redaction), file=str(target))
        if in_others or len(set(column.values())) < len(column):
            return None
        relation, fields = "read_parquet($staged)", redaction.fields(column)
        candidates = self._one(redaction.candidates(fields, relation), staged=str(target))
        counts, asked = redaction.counts([f for f, n in zip(fields, candidates, strict=False) if n], relation)
        by_rule = zip(asked, self._one(counts, staged=str(target)), strict=False)
        redacted = [Redacted(rule, field, rows) for (rule, field), rows in by_rule if rows]
        if redacted:
            hit = [field for field in fields if any(one.field == field.name for one in redacted)]
            self._replaced(target, f"{redaction.values(hit)} FROM {relation}", key)
        return redacted

    def _replaced(self, staged: Path, statement: str, key: Callable[[], Key]) -> None:
        """Writes what `statement` yields of the file `$staged` in its place."""
        clean = staged.with_suffix(".clean.parquet")
        values = {"staged": str(staged), "target": str(clean), **_key_of(statement, key)}
        self.connection.execute(REDACT.format(rows=statement), values)
        clean.replace(staged)

    def _rewritten(self, examined: Examined, number: int, key: Callable[[], Key]) -> Read:
        table, found = examined.table, examined.found
        target, bad = self.folder / f"{number:06d}.parquet", self.folder / f"{number:06d}.bad.parquet"
        rows = canonical.rows(table, found, self.options.renames)
        values: dict[str, object] = {**rows.values, "target": str(target)}
        has_addresses = "ip" in found.sources
        if "$inner" in rows.select:
            values |= key().values
        self.connection.execute(NEW_REFUSALS)
        self.connection.execute(REWRITE.format(origin=(number << 40) + table.first_line, rows=rows.select), values)
        good, rejected, passed_over, worded, is_percent, not_events = self._one(COUNTS, staged=str(target))
        refused = self._refused(table, has_addresses)
        self._demand_every_line(examined, good + passed_over)
        redacted: list[Redacted] = []
        if rejected + refused:
            redacted += self._refused_rows(target, key)
            self.connection.execute(BAD_ROWS, {"target": str(bad), "first": table.first_line})
        redacted = [*self._redacted(target, found, key, good, has_bad_rows=bool(passed_over)), *redacted]
        notes = []
        if worded:
            notes.append(
                f"An id that is a word for a missing value, such as NA, was read as missing in {words.many(worded, 'row')}."  # noqa: E501
            )
        if is_percent:
            notes.append(BEYOND_ONE)
        if not_events:
            kinds = self.connection.execute(PASSED, {"staged": str(target)}).fetchall()
            said = words.listed([f"{table.passed[place - 1][0]} ({words.count(rows)})" for place, rows in kinds])
            are = "is no event" if not_events == 1 else "are no events"
            notes.append(f"{words.many(not_events, 'row')} {are}: {said}.")
        return Read(
            target,
            good,
            rejected + refused,
            bad if rejected + refused else None,
            bool(passed_over),
            bool(is_percent),
            notes=tuple(notes),
            not_events=not_events,
            redacted=tuple(redacted),
        )

    def _redacted(
        self, staged: Path, found: Found, key: Callable[[], Key], rows: int, *, has_bad_rows: bool
    ) -> list[Redacted]:
        """Applies the rules of redaction to the good rows at `staged`, where they find anything."""
        relation = "read_parquet($staged)" + (" WHERE reason IS NULL" if has_bad_rows else "")
        redaction, has_page = self.redaction, "page" in found.sources
        fields = redaction.fields({*found.sources, "properties", *(["campaign"] if has_page else [])})
        hit = self._candidates(fields, relation, staged, rows)
        in_address = 0
        if has_page and "secrets" in redaction.rules:
            (in_address,) = self._one(
                f"SELECT count(CASE WHEN {IN_PAGE_ADDRESS} THEN 1 END) FROM {relation}", staged=str(staged)
            )
        if not hit:
            return [Redacted("secrets", "page", in_address)] if in_address else []
        counts, asked = redaction.counts(hit, relation)
        by_rule = dict(zip(asked, self._one(counts, staged=str(staged)), strict=True))
        if in_address:
            by_rule[("secrets", "page")] = by_rule.get(("secrets", "page"), 0) + in_address
        self._replaced(staged, redaction.rows(hit, "read_parquet($staged)"), key)
        return [Redacted(rule, field, rows) for (rule, field), rows in by_rule.items() if rows]

    def _candidates(self, fields: Sequence[Field], relation: str, staged: Path, rows: int) -> list[Field]:
        """Those of the fields in which a rule may change something."""
        if rows < FEW_ROWS:
            (some,) = self._one(self.redaction.candidate(fields, relation), staged=str(staged))
            if not some:
                return []
        counts = self._one(self.redaction.candidates(fields, relation), staged=str(staged))
        return [field for field, count in zip(fields, counts, strict=False) if count]

    def _refused_rows(self, staged: Path, key: Callable[[], Key]) -> Iterator[Redacted]:
        """Makes `refused_rows`, of which the rules of redaction were applied."""
        redaction = self.redaction
        told, untold = (redaction.refused(has_columns=has_columns) for has_columns in (True, False))
        statement = REFUSED_ROWS.format(told=told, untold=untold)
        self.connection.execute(statement, {"staged": str(staged), **_key_of(statement, key)})
        for rule in redaction.rules:
            (rows,) = self._one(f"SELECT count(CASE WHEN by_{rule} THEN 1 END) FROM refused_rows")
            if rows:
                yield Redacted(rule, REFUSED_FIELD, rows)

    def _refused(self, table: Table, has_addresses: bool) -> int:
        if table.refusals is None or not self._one("SELECT count(*) FROM reject_errors")[0]:
            self.connection.execute(NONE_REFUSED)
            return 0
        raw = f"left(any_value(csv_line), {canonical.LONGEST_RAW})"
        raw = canonical.without_addresses(raw) if has_addresses else raw
        self.connection.execute(REFUSED.format(refusals=table.refusals, raw=raw))
        (refused,) = self._one("SELECT count(*) FROM refused")
        return int(refused)

    def _demand_every_line(self, examined: Examined, rows: int) -> None:
        """Raises `UnreadableSource` when the rows do not come from as many lines as the file has.

        The engine drops, without a word, a row larger than its buffer and what follows a quote that is never closed.
        """
        table = examined.table
        if table.lines is None:
            return
        refused, first = self._one("SELECT coalesce(sum(lines), 0), min(line) FROM refused")
        lost = table.lines - rows - int(refused)
        if lost > 0 and table.refusals is not None:
            (inside,) = self._one(LINES_WITHIN.format(raw=table.raw, relation=table.relation), **table.values)
            lost -= int(inside or 0)
        if lost > 0:
            where = (
                f" Look at line {first}: a quote may not be closed."
                if first
                else " One of them may be larger than 20 MB."
            )
            raise UnreadableSource(
                f"{examined.file.name} cannot be read whole: {words.many(lost, 'line')} would be lost.{where}"
            )

    def _coverage(self, read: Read, found: Found) -> tuple[FoundField, ...]:
        filled = {
            name: (there, of)
            for name, there, of in self.connection.execute(FILLED, {"staged": str(read.path)}).fetchall()
        }
        fields = []
        for name, source in found.sources.items():
            if source.constant is not None:
                share = 1.0
            else:
                column = source.parts[0].column.name if read.expressions else STORED_AS.get(name, name)
                there, of = filled.get(column, (None, 0))
                if there is None:  # the file keeps no statistics of this column
                    there, of = self._one(
                        f"SELECT count({identifier(column)}), count(*) FROM read_parquet($staged)",
                        staged=str(read.path),
                    )
                share = there / of if of else 0.0
                if source.is_assumed and not there:
                    continue
            fields.append(FoundField(name, source.words, share))
        return tuple(fields)

    def _times(self, read: Read, found: Found) -> str:
        """How the times were written and read, in one sentence."""
        if read.expressions:
            return f"Times are timestamps without a zone, read as {self.options.timezone}."
        ways = self.connection.execute(WAYS, {"staged": str(read.path)}).fetchall()
        return times.sentence(ways, self.options.timezone)

    def _one(self, statement: str, **values: object) -> tuple[int, ...]:
        row = self.connection.execute(statement, values).fetchone()
        assert row is not None  # noqa: S101
        return tuple(row)


def _header(examined: Examined) -> str:
    """What stands in a text before its rows, so that some of them can be written out again; empty: nothing."""
    lines = examined.sample.lines
    comments = "\n".join(itertools.takewhile(lambda line: line.startswith("#"), lines))
    if examined.table.first_line == 1 or comments:
        return comments[:LONGEST_HEADER]
    header = ""
    for line in lines:
        header += line
        if header.strip() and header.count('"') % 2 == 0:
            break
        header += "\n" if header.strip() else ""
    return header[:LONGEST_HEADER]


@contextmanager
def _unchanged(path: Path) -> Iterator[None]:
    """Raises `UnreadableSource` when somebody writes to a file while it is read, or takes it away."""
    before = _state(path)
    error: UnreadableSource | None = None
    try:
        yield
    except UnreadableSource as raised:
        error = raised
    if _state(path) != before:
        raise UnreadableSource(
            f"{path.name} was changed while it was read; import it when nobody writes to it."
        ) from error
    if error:
        raise error


def _state(path: Path) -> tuple[int, int]:
    """Size and time of the last change; what does not exist has none."""
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_size, stat.st_mtime_ns


def _column(field: str) -> str:
    return {"event_id": "id_text"}.get(field) or STORED_AS.get(field, field)


def _key_of(statement: str, key: Callable[[], Key]) -> dict[str, object]:
    """The store's key for a statement that hashes."""
    return key().values if "$inner" in statement else {}


BEYOND_ONE = "scroll_depth goes beyond 1, so it was read as percent."
STORED_AS = {"event_id": "id", "timestamp": "time", "event": "name"}


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Turns the engine's errors about a foreign file into a sentence with its name."""
    try:
        yield
    except duckdb.InterruptException:
        raise
    except duckdb.OutOfMemoryException as error:
        raise UnreadableSource(
            f"{path.name} cannot be read: it holds a value too large for the memory it may take."
        ) from error
    except duckdb.Error as error:
        raise UnreadableSource(f"{path.name} cannot be read: {_plain(error)}.") from error
    except FileNotFoundError as error:
        raise UnreadableSource(f"There is no file {path}.") from error
    except OSError as error:
        raise UnreadableSource(f"{path.name} cannot be read: {error.strerror or error}.") from error


def _plain(error: duckdb.Error) -> str:
    """The engine's first words, without its kind and without the statement."""
    lines = [line.strip() for line in str(error).split("\n\nLINE")[0].splitlines() if line.strip()]
    text = lines[0].split(": ", 1)[-1] if lines else type(error).__name__
    if text.lower().startswith("csv error on line") and len(lines) > 1:
        text = f"{text.removeprefix('CSV Error on ')}: {lines[1]}" if len(lines[1]) < 200 else text
    with suppress(IndexError):
        text = text.split(" in file ")[0] + text.split('"', 2)[2] if ' in file "' in text else text
    return text[:300].rstrip(". ")
