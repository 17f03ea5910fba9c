"""How do refused rows come in after all? They are mended, written out as the file was, and imported with its options.

A mended row belongs to the import that it came with first: its source and all decisions are that one's, so that what is
here already is not counted twice. It is offered once: the import that holds it says which rows it took (`mends` in
`imports.details`); take that one back, and they can be mended again.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analytics.errors import InvalidQuestion, UnreadableSource
from analytics.ingest.canonical import LONGEST_RAW
from analytics.ingest.forgotten import INSTEAD
from analytics.ingest.load import load
from analytics.ingest.options import Options
from analytics.ingest.preview import Preview, preview
from analytics.ingest.redaction import UNTELLABLE
from analytics.ingest.report import Report
from analytics.ingest.watch import Progress
from analytics.query import Query
from analytics.store.base import Store
from analytics.store.duck import DuckStore

MOST_ROWS = 100_000
IMPORT = "SELECT file, format, source, details FROM imports WHERE import_id = $import_id"
TAKEN = """
SELECT unnest(from_json(json_extract(details, $mended), '["BIGINT"]')) AS line
FROM imports WHERE json_extract(details, $mended) IS NOT NULL
"""
_ROWS = f"""
FROM rejects
WHERE import_id = $import_id AND ($reason IS NULL OR reason = $reason)
  AND "row" <> $untellable AND "row" <> '{INSTEAD}'
  AND strlen("row") < {LONGEST_RAW} AND line NOT IN (SELECT line FROM ({TAKEN}))
"""
ROWS = f'SELECT line, reason, "row" AS text {_ROWS} ORDER BY line LIMIT $limit'
GROUPS = f"SELECT import_id, reason, count(*) AS rows {_ROWS} GROUP BY import_id, reason"


@dataclass(frozen=True)
class Refused:
    """A refused row that can be mended: `line` of its file, why it was refused, and its `text` as it came."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class Group:
    """`rows` of an import that were refused for one reason and can be mended."""

    import_id: int
    reason: str
    rows: int


@dataclass(frozen=True)
class _Brought:
    file: str
    format: str
    source: str
    details: str


def refused(store: Store, import_id: int, reason: str | None = None, limit: int = MOST_ROWS) -> list[Refused]:
    """The rows of an import that were refused, by default for whatever reason, and not mended since; in file order."""
    return store.rows(Query(ROWS, {**_values(import_id, reason), "limit": limit}), Refused)


def groups(store: Store, imports: Sequence[int]) -> list[Group]:
    """What `refused` would list, by import and reason; most rows first."""
    found = [one for number in imports for one in store.rows(Query(GROUPS, _values(number, None)), Group)]
    return sorted(found, key=lambda one: (-one.rows, one.import_id, one.reason))


def document(store: DuckStore, import_id: int, rows: Sequence[Refused]) -> Iterator[str]:
    """The rows as a file of the import's own form, a line at a time: its header first, where it has one."""
    header = _details(_brought(store, import_id)).get("header")
    if header:
        yield f"{header}\n"
    yield from (f"{row.text.rstrip(chr(10))}\n" for row in rows)


def would_be(store: DuckStore, import_id: int, rows: Sequence[Refused]) -> Preview:
    """How mended rows would be read; of many the first ones. Raises `UnreadableSource` when they could not be."""
    with _written(store, import_id, rows) as (path, options):
        try:
            return preview(path, options)
        except UnreadableSource:
            return preview(path, replace(options, format=None))


def mend(
    store: DuckStore,
    import_id: int,
    rows: Sequence[Refused],
    *,
    progress: Callable[[Progress], None] = lambda progress: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:
    """Imports mended rows of an import, with its options; each `text` is what the row should have been.

    What is refused again is listed with the new import. Raises as `load` does.
    """
    with _written(store, import_id, rows) as (path, options):
        try:
            return load(store, [path], options, progress=progress, cancelled=cancelled)
        except UnreadableSource:  # a document's or a table's rows are JSON lines here
            return load(store, [path], replace(options, format=None), progress=progress, cancelled=cancelled)


@contextmanager
def _written(store: DuckStore, import_id: int, rows: Sequence[Refused]) -> Iterator[tuple[Path, Options]]:
    rows = [row for row in rows if row.text.strip()]
    if not rows:
        raise InvalidQuestion("There is no row to bring in: change one first.")
    if len(rows) > MOST_ROWS:
        raise InvalidQuestion(f"{len(rows):,} rows are too many to mend at once; {MOST_ROWS:,} can be.")
    brought = _brought(store, import_id)
    details = _details(brought)
    given = details.get("options", {})
    options = Options(
        format=brought.format,
        mapping=given.get("mapping", {}),
        constants=given.get("constants", {}),
        renames=given.get("renames", {}),
        timezone=given.get("timezone", "UTC"),
        source=brought.source,
        dedupe=given.get("dedupe", "none"),
        mends={import_id: tuple(row.line for row in rows)},
    )
    with tempfile.TemporaryDirectory(prefix="sessionscope-mend-") as folder:
        name = brought.file.replace("\\", "/").rsplit("/", 1)[-1].split(".")[0][:100]
        path = Path(folder) / f"{name or 'rows'} mended.{'csv' if details.get('header') else 'txt'}"
        with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
            file.writelines(document(store, import_id, rows))
        yield path, options


def _brought(store: DuckStore, import_id: int) -> _Brought:
    found = store.rows(Query(IMPORT, {"import_id": import_id}), _Brought)
    if not found:
        raise InvalidQuestion(f"There is no import {import_id}.")
    return found[0]


def _details(brought: _Brought) -> dict[str, Any]:
    found = json.loads(brought.details or "{}")
    return found if isinstance(found, dict) else {}


def _values(import_id: int, reason: str | None) -> dict[str, object]:
    return {"import_id": import_id, "reason": reason, "untellable": UNTELLABLE, "mended": f"/mends/{import_id}"}
