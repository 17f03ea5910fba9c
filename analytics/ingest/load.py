"""How do files get into the store? One call is one transaction over all of them: all there, or nothing."""

import datetime as dt
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from analytics import words
from analytics.errors import AnalyticsError, InvalidQuestion, UnreadableSource
from analytics.ingest import addresses, arrivals, derive, events, forgotten, report, sources
from analytics.ingest.addresses import Key
from analytics.ingest.arrivals import Arrival
from analytics.ingest.options import Options
from analytics.ingest.report import CameBefore, FileReport, Reject, Report, Skipped
from analytics.ingest.room import is_lacking, room
from analytics.ingest.rules import RULES, SETTING, chosen, kept, said
from analytics.ingest.sources import Place
from analytics.ingest.staging import Staged, Staging
from analytics.ingest.watch import Progress, Watch
from analytics.store.bulk import Bulk, MislaidRows
from analytics.store.duck import DuckStore

DEFAULT_TIMEOUT_S = 1800
STAGING_SHARES = {True: 0.1, False: 0.5}  # of a load's time, for its progress: of Parquet, of text
BYTES_A_FILE = 600_000  # that could be read while one file is opened and looked at
OWN_LOADS = f"load-{uuid.uuid4().hex[:8]}-"  # of this process

NUMBERS = "SELECT coalesce(max(import_id), 0), coalesce(max(load_id), 0), count(*) FROM imports"
CAME_BEFORE = """
SELECT import_id, file, started FROM imports
WHERE sha256 = $sha256 AND source = $source AND events_added + duplicates > 0
ORDER BY import_id LIMIT 1
"""
REMAINING = "CREATE OR REPLACE TEMP VIEW remaining AS SELECT * FROM events"
NOTHING_GONE = "CREATE OR REPLACE TEMP TABLE gone (session_key INTEGER, anonymous_key BIGINT, user_id_key BIGINT)"
REJECTS = 'SELECT $import_id, line, reason, "row" FROM read_parquet($bad_rows)'
REASONS = """
SELECT reason, count(*) FROM rejects WHERE import_id > $before GROUP BY reason ORDER BY count(*) DESC, reason LIMIT 20
"""
FIRST_REJECTS = (
    'SELECT import_id, line, reason, "row" FROM rejects WHERE import_id > $before ORDER BY import_id, line LIMIT $shown'
)
SKIPPED = 'SELECT CAST("row" >> 40 AS INTEGER), count(*) FROM skipped GROUP BY ALL'
# The same recording may come in another file: it is kept once, and only where its session is.
RECORDINGS = """
SELECT r.session_id, r.first, r.last, r.events, r.bytes, r.sha256, r.packed, CAST($import_id AS INTEGER) AS import_id
FROM read_parquet($recordings) AS r
WHERE r.session_id IN (SELECT session_id FROM sessions WHERE given)
  AND (r.session_id, r.sha256) NOT IN (SELECT (session_id, sha256) FROM recordings)
  AND r.session_id NOT IN (SELECT session_id FROM forgotten_recordings)
"""
ADDED = """
SELECT import_id, count(*), count(DISTINCT session_key), count(DISTINCT user_key), min(time), max(time)
FROM events WHERE import_id > $before GROUP BY import_id
"""
IMPORT = """
INSERT INTO imports BY NAME SELECT $import_id AS import_id, $load_id AS load_id, $file AS file, $format AS format,
  $source AS source, $sha256 AS sha256, $bytes AS bytes, $repeats AS repeats, $rows_read AS rows_read,
  $events_added AS events_added, $duplicates AS duplicates, $rejected AS rejected, $not_events AS not_events,
  $sessions AS sessions, $users AS users, $seconds AS seconds, $started AS started, $first_event AS first_event,
  $last_event AS last_event, $details AS details
"""
SET = "INSERT INTO settings (key, value) VALUES ($key, $value) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


def load(
    store: DuckStore,
    paths: Sequence[Path | str],
    options: Options | None = None,
    *,
    progress: Callable[[Progress], None] = lambda progress: None,
    cancelled: Callable[[], bool] = lambda: False,
    part_events: int = derive.PART_EVENTS,
) -> Report:
    """Imports `paths` in one transaction and says what it did.

    They are files, folders, and archives of files; as a text, also patterns and addresses, see `sources.places`.
    `progress` is called now and then, from other threads too; when `cancelled` answers true the load stops soon.
    Raises `UnreadableSource` for a file that cannot be read, `InvalidQuestion` for options that do not fit the store,
    `DiskFull`, `ImportCancelled`; the store is then as it was.
    """
    options = options or Options()
    watch = Watch(progress, cancelled)
    began = time.perf_counter()
    if not paths:
        raise InvalidQuestion("There is no file to import.")
    files = list(sources.places(paths, _is_own(store)))
    _fitting(store.setting, options)
    rules = chosen(store.setting(SETTING), options.redact)
    options = replace(options, redact={rule: rule in rules for rule in RULES})
    with room(store.spool), _spool(store) as folder:
        key = _KeyRing(store)
        staged, skipped = _stage(files, Staging(folder, options, watch), key)
        if not staged:
            raise UnreadableSource("; ".join(file.reason.rstrip(".") for file in skipped) + ".")
        return _Load(store, options, watch, part_events, key).run(staged, skipped, began)


def settings_of(cursor: duckdb.DuckDBPyConnection, part_events: int = derive.PART_EVENTS) -> derive.Settings:
    """What the store's first load wrote down."""
    timeout_s = int(_setting(cursor, "session_timeout_s") or DEFAULT_TIMEOUT_S)
    return derive.Settings(timeout_s * 1_000_000, _setting(cursor, "reporting_zone") or "UTC", part_events)


def _setting(cursor: duckdb.DuckDBPyConnection, key: str) -> str | None:
    found = cursor.execute("SELECT value FROM settings WHERE key = $key", {"key": key}).fetchone()
    return str(found[0]) if found else None


class _Load:
    """The transaction of one load."""

    def __init__(self, store: DuckStore, options: Options, watch: Watch, part_events: int, key: "_KeyRing") -> None:
        self.store, self.options, self.watch, self.part_events, self.key = store, options, watch, part_events, key

    def run(self, staged: Sequence[Staged], skipped: Sequence[Skipped], began: float) -> Report:
        started = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        reached = self.watch.share
        self.watch.begin("waiting for the store", reached, reached)
        with self.store.writing() as cursor, self.watch.over(cursor):
            settings = self._settle(cursor)
            last_import, last_load, imports = first_row(cursor, NUMBERS)
            arriving = [self._arrival(cursor, last_import + 1 + file.number, file, staged) for file in staged]
            bulk = Bulk(cursor)
            rows = sum(file.read.rows for file in staged)
            self.watch.begin("looking for repeats", reached, reached + 0.05)
            for arrival in arriving:
                if bad_rows := arrival.staged.read.bad_rows:
                    bulk.insert(
                        "rejects", REJECTS, {"import_id": arrival.import_id, "bad_rows": str(bad_rows)}, some=True
                    )
            cursor.execute(REMAINING)
            cursor.execute(NOTHING_GONE)
            arrivals.arrive(cursor, arriving)
            passed_over = forgotten.pass_over(
                cursor,
                bulk,
                self.key,
                [file.recordings for file in staged if file.recordings],
                last_import,
                comes_back=self.options.bring_back,
            )
            has_addresses = any(file.has_addresses for file in staged)
            events.learn_contexts(cursor, bulk, self.key().values if has_addresses else addresses.NO_KEY)
            arrivals.skip_repeats(cursor, bulk, arriving, self.options.dedupe == "exact", is_stored=imports > 0)
            self.watch.begin("making sessions", reached + 0.05, 0.97, rows=rows)
            derive.derive(cursor, bulk, settings, self.watch, is_stored=imports > 0, has_addresses=has_addresses)
            for arrival in arriving:
                if recordings := arrival.staged.recordings:
                    bulk.insert(
                        "recordings BY NAME",
                        RECORDINGS,
                        {"import_id": arrival.import_id, "recordings": str(recordings)},
                    )
            self.watch.begin("checking", 0.97, 1.0)
            figures = self._figures(cursor, arriving, passed_over, last_import, began)
            for file in figures:
                cursor.execute(IMPORT, _import_row(file, last_load + 1, started, arriving, self.options))
            rejects = self._rejects(cursor, figures, last_import)
            reasons = tuple(cursor.execute(REASONS, {"before": last_import}).fetchall())
            bulk.verify()
            self.watch.check()
        self.watch.reached(1.0)
        return Report(
            last_load + 1, figures, rejects, reasons, tuple(skipped), settings.zone, time.perf_counter() - began
        )

    def _settle(self, cursor: duckdb.DuckDBPyConnection) -> derive.Settings:
        """The store's zone and timeout, written down by its first load."""

        zone, timeout_s = _fitting(lambda key: _setting(cursor, key), self.options)
        cursor.execute(SET, {"key": "reporting_zone", "value": zone})
        cursor.execute(SET, {"key": "session_timeout_s", "value": str(timeout_s)})
        cursor.execute(SET, {"key": SETTING, "value": kept(rule for rule, on in self.options.redact.items() if on)})
        return derive.Settings(timeout_s * 1_000_000, zone, self.part_events)

    def _arrival(
        self, cursor: duckdb.DuckDBPyConnection, import_id: int, file: Staged, staged: Sequence[Staged]
    ) -> Arrival:
        source = self.options.source or file.format
        before = cursor.execute(CAME_BEFORE, {"sha256": file.sha256, "source": source}).fetchone()
        twin = next(
            (o for o in staged[: file.number] if (o.sha256, o.format) == (file.sha256, file.format) and o.read.rows),
            None,
        )
        repeats = None
        if before:
            repeats = CameBefore(*before)
        elif twin:
            repeats = CameBefore(
                import_id - file.number + twin.number, twin.name, dt.datetime.now(dt.UTC).replace(tzinfo=None)
            )
        return Arrival(import_id, file, source, repeats)

    def _figures(
        self,
        cursor: duckdb.DuckDBPyConnection,
        arriving: Sequence[Arrival],
        passed_over: Mapping[int, int],
        before: int,
        began: float,
    ) -> tuple[FileReport, ...]:
        skipped = dict(cursor.execute(SKIPPED).fetchall())
        added = {row[0]: row[1:] for row in cursor.execute(ADDED, {"before": before}).fetchall()}
        staging = sum(arrival.staged.seconds for arrival in arriving)
        rows = sum(arrival.staged.read.rows for arrival in arriving) or 1
        rest = time.perf_counter() - began - staging
        figures = []
        for arrival in arriving:
            file = arrival.staged
            events, sessions, users, first, last = added.get(arrival.import_id, (0, 0, 0, None, None))
            duplicates = skipped.get(arrival.import_id, 0)
            passed = passed_over.get(arrival.import_id, 0)
            if events + duplicates + passed != file.read.rows:
                raise MislaidRows(
                    f"{file.name} has {file.read.rows:,} good rows, but {events:,} were stored and {duplicates:,} are "
                    "repeats; nothing was stored."
                )
            figures.append(
                FileReport(
                    import_id=arrival.import_id,
                    file=file.name,
                    format=file.format,
                    rows_read=file.read.rows + file.read.rejected + file.not_events,
                    events_added=events,
                    duplicates=duplicates,
                    rejected=file.read.rejected,
                    not_events=file.not_events + passed,
                    sessions=sessions,
                    users=users,
                    seconds=file.seconds + rest * file.read.rows / rows,
                    source=arrival.source,
                    came_before=arrival.repeats,
                    first_event=first,
                    last_event=last,
                    fields=file.fields,
                    other_columns=file.others,
                    times=file.times,
                    redacted=file.read.redacted,
                    notes=(*_notes(arrival), *([forgotten.note(passed)] if passed else [])),
                )
            )
        return tuple(figures)

    @staticmethod
    def _rejects(cursor: duckdb.DuckDBPyConnection, files: Sequence[FileReport], before: int) -> tuple[Reject, ...]:
        names = {file.import_id: file.file for file in files}
        rows = cursor.execute(FIRST_REJECTS, {"before": before, "shown": report.SHOWN_REJECTS}).fetchall()
        return tuple(Reject(names[import_id], line, reason, row) for import_id, line, reason, row in rows)


def key_ring(store: DuckStore) -> Callable[[], Key]:
    """Gives the key of the store's hashes, made when first needed; raises `UnreadableSource` when it is lost."""
    return _KeyRing(store)


class _KeyRing:
    """The key of the store's addresses, made when first needed."""

    def __init__(self, store: DuckStore) -> None:
        self._store = store
        self._key: Key | None = None

    def __call__(self) -> Key:
        if self._key is None:
            file = addresses.key_file(self._store.path, self._store.spool)
            self._key = addresses.read_key(file)
            if self._key is None:
                self._refuse_lost(file)
                self._key = addresses.make_key(file)
        return self._key

    def _refuse_lost(self, file: Path) -> None:
        with self._store.reading_cursor() as cursor:
            hashed = first_row(cursor, "SELECT count(*) FROM contexts WHERE address IS NOT NULL")[0]
            if forgotten.any_forgotten(cursor):
                raise UnreadableSource(
                    f"The store was asked to forget people, but the key {file} is gone: nobody could tell whether they "
                    "come again. Put it back, or import into a new store."
                )
        if hashed:
            raise UnreadableSource(
                f"The store holds hashed network addresses, but their key {file} is gone: old and new addresses could not be "  # noqa: E501
                "compared. Put it back, or leave the address out with --map ip=."
            )


def _is_own(store: DuckStore) -> Callable[[Path], bool]:
    """Whether a file is one of the store's own: it may lie in the very folder that is imported."""
    if store.path is None:
        return lambda file: False
    own = str(store.path)
    return lambda file: str(file.absolute()) == own or str(file.absolute()).startswith(f"{own}.")


def _fitting(stored: Callable[[str], str | None], options: Options) -> tuple[str, int]:
    """Zone and timeout of a load. Raises `InvalidQuestion` when the store was begun with others."""
    zone, timeout = stored("reporting_zone"), stored("session_timeout_s")
    if zone and options.reporting_zone and options.reporting_zone != zone:
        raise InvalidQuestion(
            f"This store cuts its days in {zone}, not in {options.reporting_zone}; leave the reporting zone out, "
            "or move the store with 'sessionscope rezone'."
        )
    if timeout and options.session_timeout_s and options.session_timeout_s != int(timeout):
        raise InvalidQuestion(
            f"This store ends sessions after a pause of {words.duration(int(timeout))}, not of "
            f"{words.duration(options.session_timeout_s)}; leave the session timeout out, or begin a new store."
        )
    return zone or options.reporting_zone or "UTC", int(
        timeout
    ) if timeout else options.session_timeout_s or DEFAULT_TIMEOUT_S


def sweep(store: DuckStore) -> None:
    """Takes away what killed loads left in the spool."""
    for left in store.spool.glob("load-*"):  # this process owns the store, so another's loads are over
        if not left.name.startswith(OWN_LOADS):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _spool(store: DuckStore) -> Iterator[Path]:
    """A folder of this load in the spool. What a killed load left behind goes first: it holds people's data."""
    store.spool.mkdir(parents=True, exist_ok=True)
    sweep(store)
    folder = store.spool / f"{OWN_LOADS}{uuid.uuid4().hex}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stage(files: Sequence[Place], staging: Staging, key: _KeyRing) -> tuple[list[Staged], list[Skipped]]:
    staged: list[Staged] = []
    skipped: list[Skipped] = []

    def refuse(name: str, error: UnreadableSource) -> None:
        if not staging.options.skip_unreadable or is_lacking(error):
            raise error
        skipped.append(Skipped(name, str(error)))

    done, total = 0, sum(place.bytes for place in files) or 1
    share = _staging_share(files)
    try:
        for place in files:
            try:
                for source in sources.read(place, staging.folder, staging.watch):
                    if source.is_left_out:
                        skipped.append(Skipped(source.name, source.is_left_out))
                        continue
                    reached = [share * (done + part * place.bytes) / total for part in (source.start, source.stop)]
                    staging.watch.begin(f"reading {source.name}", *reached, goes_on=bool(staged))
                    try:
                        staged.append(staging.stage(source, len(staged), key))
                    except UnreadableSource as error:
                        refuse(source.name, error)
            except UnreadableSource as error:  # of an archive or an address
                refuse(place.name, error)
            done += place.bytes
    finally:
        staging.close()
    return staged, skipped


def _staging_share(files: Sequence[Place]) -> float:
    """Which share of the load's time the reading will take, as far as sizes and names tell."""
    bytes = sum(place.bytes for place in files)
    reading = sum(STAGING_SHARES[place.path.suffix == ".parquet"] * place.bytes for place in files)
    opening = BYTES_A_FILE * len(files)
    return min((reading + opening) / (bytes + opening), 0.9) if files else 0.0


def _notes(arrival: Arrival) -> tuple[str, ...]:
    redacted = said(arrival.staged.read.redacted)
    notes = (*arrival.staged.notes, *([redacted] if redacted else []))
    if arrival.repeats is None:
        return notes
    before = arrival.repeats
    return (
        f"The same bytes came before, as {before.file} on {words.moment(before.started)} (UTC): nothing was added.",
        *notes,
    )


def _import_row(
    file: FileReport, load_id: int, started: dt.datetime, arriving: Sequence[Arrival], options: Options
) -> dict[str, object]:
    staged = next(arrival.staged for arrival in arriving if arrival.import_id == file.import_id)
    return {
        "import_id": file.import_id,
        "load_id": load_id,
        "file": file.file,
        "format": file.format,
        "source": file.source,
        "sha256": staged.sha256,
        "bytes": staged.bytes,
        "repeats": file.came_before.import_id if file.came_before else None,
        "rows_read": file.rows_read,
        "events_added": file.events_added,
        "duplicates": file.duplicates,
        "rejected": file.rejected,
        "not_events": file.not_events,
        "sessions": file.sessions,
        "users": file.users,
        "seconds": file.seconds,
        "started": started,
        "first_event": file.first_event,
        "last_event": file.last_event,
        "details": report.details(staged, file.notes, options),
    }


def first_row(cursor: duckdb.DuckDBPyConnection, statement: str) -> tuple[Any, ...]:
    """The only row of a statement that counts."""
    row = cursor.execute(statement).fetchone()
    assert row is not None  # noqa: S101
    return tuple(row)


__all__ = ["AnalyticsError", "load"]
