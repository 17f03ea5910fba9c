"""How would a file be read? Its columns, what each means, and the first rows as events; nothing is stored.

Of a text only the head is looked at, so a preview of a large file takes no longer than one of a small file.
"""

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from analytics import words
from analytics.errors import UnreadableSource
from analytics.ingest import addresses, canonical, mapping, sources, times
from analytics.ingest.fields import FIELDS
from analytics.ingest.options import Options
from analytics.ingest.readers.base import literal
from analytics.ingest.room import room
from analytics.ingest.rules import RULES, Redacted
from analytics.ingest.sources import Place, Source
from analytics.ingest.staging import Examined, Staging, named
from analytics.ingest.watch import Watch

HEAD_BYTES = 4_000_000
SAMPLE_ROWS = 1000
EXAMPLES = 3
SUGGESTIONS = {
    "pageview": "page_view",
    "$pageview": "page_view",
    "page view": "page_view",
    "page viewed": "page_view",
    "pageviewed": "page_view",
    "view": "page_view",
    "pv": "page_view",
    "$autocapture": "click",
    "tap": "click",
    "exception": "error",
    "$exception": "error",
    "js_error": "error",
    "sign_in": "login",
    "signin": "login",
    "sign_out": "logout",
    "login_failure": "login_failed",
    "form_submit": "submit",
    "$pageleave": "page_leave",
}
"""Event names of other tools that usually mean a canonical one; offered, never applied unasked."""


@dataclass(frozen=True)
class PreviewColumn:
    """A column of the file; `field` is what it is read as, None: it goes into properties. `filled` of the sample, 0 to 1."""  # noqa: E501

    name: str
    field: str | None
    filled: float
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """`rows` are the first ones as events (field -> text), with `reason` where one would be refused.

    `found` says where each field comes from, as one would write it in `--map`. `missing` names fields without which
    nothing can be imported. `refused` of the `sampled` rows looked at would be refused. `total` is the file's number of
    rows where that is known without reading it. `private` is what every rule of redaction finds in the sample, whether
    it is on or not; what is shown is as the rules that are on leave it.
    """

    file: str
    format: str
    columns: tuple[PreviewColumn, ...]
    found: dict[str, str]
    rows: tuple[dict[str, str], ...]
    missing: tuple[str, ...]
    sampled: int
    refused: int
    reasons: tuple[tuple[str, int], ...]
    total: int | None
    times: str
    names: tuple[tuple[str, int], ...]
    warnings: tuple[str, ...]
    private: tuple[Redacted, ...] = ()


def preview(path: Path, options: Options | None = None, rows: int = 3) -> Preview:
    """Looks at the head of `path`, or of an archive's first file. Raises `UnreadableSource` when it holds no events."""
    folder = Path(tempfile.mkdtemp(prefix="sessionscope-preview-"))
    watch = Watch(lambda progress: None, lambda: False)
    staging = Staging(folder, options or Options(), watch)
    try:
        with room(folder), closing(sources.read(Place(path.name, path), folder, watch)) as found:
            source = next((source for source in found if not source.is_left_out), None)
            if source is None:
                raise UnreadableSource(f"There is no file in {path.name}.")
            with source.told(), named(source.path):
                examined = staging.examine(source.path, HEAD_BYTES)
                return _Look(staging, source, examined, rows).preview()
    finally:
        staging.close()
        shutil.rmtree(folder, ignore_errors=True)


class _Look:
    def __init__(self, staging: Staging, source: Source, examined: Examined, rows: int) -> None:
        self.staging, self.source, self.examined, self.shown = staging, source, examined, rows
        self.connection = staging.connection

    def preview(self) -> Preview:
        table, found = self.examined.table, self.examined.found
        canonical_rows = canonical.rows(table, found, self.staging.options.renames)
        values = {**canonical_rows.values, **_key(canonical_rows.select)}
        select = f"CREATE TEMP TABLE given AS SELECT * FROM ({canonical_rows.select}) LIMIT {SAMPLE_ROWS}"
        self.connection.execute(select, values)
        self.connection.execute("DELETE FROM given WHERE reason = ''")
        redaction = replace(self.staging.redaction, column=lambda field: {"event_id": "id_text"}.get(field, field))
        fields = redaction.fields(field.name for field in FIELDS)
        everything = replace(redaction, rules=tuple(RULES))
        hits = self._row(everything.candidates(fields, "given"))
        fields = [field for field, hit in zip(fields, hits, strict=True) if hit]
        select = f"CREATE TEMP TABLE looked AS {redaction.rows(fields, 'given')}"
        self.connection.execute(select, _key(select))
        counts, asked = everything.counts(fields, "given")
        private = [Redacted(*what, rows) for what, rows in zip(asked, self._row(counts), strict=False) if rows]
        reasons = self._pairs(
            "SELECT reason, count(*) FROM looked WHERE reason IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1 LIMIT 10"
        )
        names = self._pairs(
            "SELECT event, count(*) FROM looked WHERE event IS NOT NULL GROUP BY event ORDER BY 2 DESC, 1 LIMIT 30"
        )
        ways = self._pairs("SELECT way, count(*) FROM looked WHERE reason IS NULL GROUP BY way ORDER BY 2 DESC, 1")
        (sampled,) = self.connection.execute("SELECT count(*) FROM looked").fetchone() or (0,)
        return Preview(
            file=self.source.name,
            format=self.examined.format,
            columns=self._columns(),
            found={name: source.words for name, source in found.sources.items() if not source.is_assumed},
            rows=self._rows(),
            missing=tuple(found.missing()),
            sampled=sampled,
            refused=sum(count for _, count in reasons),
            reasons=tuple(reasons),
            total=self._total(),
            times=times.sentence([(int(way), count) for way, count in ways], self.staging.options.timezone),
            names=tuple(names),
            warnings=self._warnings([name for name, _ in names]),
            private=tuple(private),
        )

    def _row(self, statement: str) -> tuple[int, ...]:
        return tuple(self.connection.execute(statement).fetchone() or ())

    def _pairs(self, statement: str) -> list[tuple[str, int]]:
        return self.connection.execute(statement).fetchall()

    def _rows(self) -> tuple[dict[str, str], ...]:
        """The first rows, of every field that any of them has."""
        wanted = [field.name for field in FIELDS if field.name != "event_id"]
        columns = ", ".join(f"CAST({name} AS VARCHAR)" for name in wanted)
        event_id = "coalesce(id_text, CAST(id AS VARCHAR))"
        shown = self.connection.execute(
            f"SELECT {columns}, {event_id}, reason FROM looked LIMIT {self.shown}"
        ).fetchall()
        return tuple(
            {
                name: value[:500]
                for name, value in zip([*wanted, "event_id", "reason"], row, strict=True)
                if value is not None
            }
            for row in shown
        )

    def _columns(self) -> tuple[PreviewColumn, ...]:
        table, found = self.examined.table, self.examined.found
        meant = {part.column.name: name for name, source in found.sources.items() for part in source.parts}
        texts = [f"nullif({canonical.text(column)}, '') AS c{place}" for place, column in enumerate(table.columns)]
        head = f"CREATE TEMP TABLE head AS SELECT {', '.join(texts)} FROM {table.relation} LIMIT {SAMPLE_ROWS}"
        self.connection.execute(head, {**table.values, **_key(head)})
        columns = []
        for place, column in enumerate(table.columns):
            if column.is_assumed:
                continue
            field = meant.get(column.name)
            facts = self.connection.execute(
                f"SELECT count(*), count(c{place}), list(DISTINCT left(c{place}, 2000)) FILTER (c{place} IS NOT NULL) FROM head"  # noqa: E501
            ).fetchone()
            total, filled, examples = facts or (0, 0, None)
            chosen = sorted(examples or [], key=len)[:EXAMPLES]
            shown = () if self.staging.redaction.hides(field, column.name) else tuple(chosen)
            columns.append(PreviewColumn(column.name, field, filled / total if total else 0.0, shown))
        return self._redacted(columns)

    def _redacted(self, columns: Sequence[PreviewColumn]) -> tuple[PreviewColumn, ...]:
        """With their examples as the rules of redaction leave them, all in one statement."""
        given = [example for column in columns for example in column.examples]
        shown = iter(
            self.connection.execute(self.staging.redaction.shown(), {"texts": given}).fetchall() if given else ()
        )
        return tuple(
            replace(column, examples=tuple(next(shown)[0][:100] for _ in column.examples)) for column in columns
        )

    def _total(self) -> int | None:
        whole = self.examined.table.whole
        if whole is None:
            return None
        counted = self.connection.execute(f"SELECT count(*) FROM read_parquet({literal(str(whole))})").fetchone()
        return int(counted[0]) if counted else None

    def _warnings(self, names: list[str]) -> tuple[str, ...]:
        table, found = self.examined.table, self.examined.found
        warnings = [*table.notes, *found.warnings]
        try:
            with self.source.told():
                mapping.demand(self.source.path, table, found)
        except UnreadableSource as error:
            warnings.append(str(error))
        meant = [f"{name} as {SUGGESTIONS[name.lower()]}" for name in names if name.lower() in SUGGESTIONS]
        if meant:
            warnings.append(
                f"Event names may be those of another tool: {words.listed(meant)}? Say so with --rename OLD=NEW."
            )
        return tuple(warnings)


def _key(statement: str) -> dict[str, object]:
    """A key for a statement that hashes addresses: of a preview nothing is kept."""
    return addresses.Key(b"preview").values if "$inner" in statement else {}
