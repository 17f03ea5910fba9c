"""The event store: one DuckDB file, many readers with a cursor each, one writer at a time."""

import json
import os
import re
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from analytics import words
from analytics.errors import AnalyticsError, InvalidQuestion, StoreBusy, UnreadableSource
from analytics.query import Query
from analytics.store.answers import Answers, Waiting
from analytics.store.base import MOST_ROWS, Row, Store
from analytics.store.rewriting import is_due, written_anew

T = TypeVar("T")
SCHEMA = Path(__file__).parent.parent / "schema.sql"
FORMAT = "3"  # of the tables in schema.sql; another one is not read
TIME_LIMIT_MS = 120_000
PATIENCE_S = 10  # for questions that run, before the file is exchanged under them
CURSOR_SETTINGS = (
    "max_execution_time",
    "operator_memory_limit",
    "enable_progress_bar",
    "enable_progress_bar_print",
    "progress_bar_time",
)


class DuckReader:
    """Answers statements on one cursor."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def rows(self, query: Query, row: type[Row]) -> list[Row]:
        """See `Store.rows`."""
        self._execute(query)
        names = [column[0] for column in self._cursor.description or ()]
        values = self._cursor.fetchmany(MOST_ROWS + 1)
        if len(values) > MOST_ROWS:
            raise InvalidQuestion(f"The answer has more than {words.count(MOST_ROWS)} rows; ask with a limit.")
        known = getattr(row, "_fields", None) or [field.name for field in fields(row)]  # type: ignore[arg-type]
        if names != list(known):
            raise TypeError(f"{row.__name__} and its statement differ: {names}")
        return [row(*value) for value in values]

    def batches(self, query: Query, size: int = 10_000) -> Iterator[list[tuple[object, ...]]]:
        """See `Store.batches`."""
        self._execute(query)
        yield [tuple(column[0] for column in self._cursor.description or ())]
        while batch := self._cursor.fetchmany(size):
            yield batch

    def _execute(self, query: Query) -> None:
        try:
            self._cursor.execute(query.sql, query.to_duckdb())
        except duckdb.InvalidInputException as error:  # a pattern that is no regular expression
            raise InvalidQuestion(f"The question cannot be answered: {_plain(error)}.") from error


class DuckStore:
    """One DuckDB file. The process that opens it owns it; `close` gives it back.

    `version` changes with every committed change; `spool` is the only folder whose files the store may read.
    """

    def __init__(self, path: Path | None, connection: duckdb.DuckDBPyConnection, spool: Path, read_only: bool) -> None:
        self.path, self.spool, self.read_only = path, spool, read_only
        self.version = 0
        self._connection = connection
        self._config: dict[str, Any] = {}
        self._writer = threading.RLock()
        self._gate = threading.Lock()  # held while the file is exchanged: no cursor is made meanwhile
        self._readers: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()
        self._answers = Answers(self._reading_cursor)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        read_only: bool = False,
        memory_limit: str = "3GB",
        threads: int | None = None,
    ) -> "DuckStore":
        """Opens the file at `path`, made when missing (unless `read_only`); `:memory:` keeps nothing.

        Raises `StoreBusy` when another process has it, `UnreadableSource` when it is missing or no store.
        """
        if str(path) == ":memory:":
            file, home = None, Path(tempfile.mkdtemp(prefix="sessionscope-"))
            spool = home
        else:
            file = Path(path).absolute()
            spool = file.with_name(file.name + ".spool")
            if read_only and not file.exists():
                raise UnreadableSource(
                    f"There is no store at {path}; 'sessionscope import FILE --store {path}' makes one."
                )
        config: dict[str, Any] = {
            "threads": threads or os.cpu_count() or 2,
            "memory_limit": memory_limit,
            "temp_directory": str(spool / "spill"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if not read_only:
            spool.mkdir(parents=True, exist_ok=True)
        try:
            connection = duckdb.connect(
                str(file or ":memory:"), read_only=read_only and file is not None, config=config
            )
        except duckdb.IOException as error:
            raise _why_not(file, error) from error
        except duckdb.Error as error:
            raise UnreadableSource(f"{path} is no Sessionscope store: {_plain(error)}.") from error
        try:
            _prepare(connection, spool, read_only)
        except duckdb.Error as error:
            connection.close()
            raise UnreadableSource(f"{path} is no Sessionscope store: {_plain(error)}.") from error
        except UnreadableSource as error:
            connection.close()
            raise UnreadableSource(f"{path} {error}") from None
        store = cls(file, connection, spool, read_only)
        store._config = config
        if not read_only and is_due(connection):  # who was to be forgotten may still be read in the file's free places
            with suppress(AnalyticsError, duckdb.Error, OSError):
                store.rewrite()
        return store

    def rows(self, query: Query, row: type[Row]) -> list[Row]:
        """See `Store.rows`; on a cursor of its own, as threads may not share one."""
        with self.reading() as reader:
            return reader.rows(query, row)

    def batches(self, query: Query, size: int = 10_000) -> Iterator[list[tuple[object, ...]]]:
        """See `Store.batches`."""
        with self.reading() as reader:
            yield from reader.batches(query, size)

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """Several statements that see one state of the data."""
        cursor = self._reading_cursor()
        try:
            with _transaction(cursor):
                yield DuckReader(cursor)
        finally:
            cursor.close()

    def answer(self, key: Hashable, run: Callable[[Store], T], waiting: Waiting = lambda share: None) -> T:
        """What `run` says, remembered under `key` and the data's version; see `Answers.ask` for `waiting`."""

        def work(cursor: duckdb.DuckDBPyConnection) -> T:
            with _transaction(cursor):
                return run(DuckReader(cursor))

        answer: T = self._answers.ask((self.version, key), work, waiting)
        return answer

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor in a transaction: committed at the end, rolled back by any exception. One writer at a time."""
        with self._writer:
            cursor = self._connection.cursor()
            try:
                cursor.execute("BEGIN TRANSACTION")
                try:
                    yield cursor
                    cursor.execute("COMMIT")
                except BaseException:
                    with suppress(duckdb.Error):  # a failed commit has already ended the transaction
                        cursor.execute("ROLLBACK")
                    raise
                self.version += 1
            finally:
                cursor.close()

    def rewrite(self, progress: Callable[[float], None] = lambda share: None) -> None:
        """Writes the file anew, without the places of what was deleted, and forgets what was answered before.

        Questions go on meanwhile; at the end they wait for a moment, and one that runs longer than that is stopped.
        `progress` is told the share done, 0 to 1, from another thread.
        Raises `UnreadableSource` when the disk has no room for a second file; the store is then as it was.
        """
        with self._writer:
            if self.path is not None:
                cursor = self._connection.cursor()
                try:
                    anew = written_anew(cursor, self.path, self.spool, progress)
                finally:
                    cursor.close()
                with self._gate:
                    self._end_questions()
                    self._exchange(self.path, anew)
            self._answers.clear()
            self.version += 1

    def _end_questions(self) -> None:
        """Waits for the cursors that are out, then stops them: each keeps the file that is to go."""
        began = time.monotonic()
        while open_ones := [cursor for cursor in self._readers if _is_open(cursor)]:
            waited = time.monotonic() - began
            for cursor in open_ones:
                if waited > 2 * PATIENCE_S:
                    cursor.close()  # nobody reads on: a download that was left
                elif waited > PATIENCE_S:
                    cursor.interrupt()
            time.sleep(0.02)

    def _exchange(self, path: Path, anew: Path) -> None:
        self._connection.close()  # writes what is in the log into the file
        try:
            if path.with_name(path.name + ".wal").exists():
                raise UnreadableSource(f"{path} could not be put in order, so it was not written anew.")
            shutil.copymode(path, anew)
            os.replace(anew, path)
            _sync(path.parent)
        finally:
            anew.unlink(missing_ok=True)
            self._connection = duckdb.connect(str(path), config=self._config)
            _prepare(self._connection, self.spool, self.read_only)

    def setting(self, key: str) -> str | None:
        """A line of the table `settings`, such as `reporting_zone`; None when it was never written."""
        with self.reading_cursor() as cursor:
            found = cursor.execute("SELECT value FROM settings WHERE key = $key", {"key": key}).fetchone()
        return found[0] if found else None

    @contextmanager
    def reading_cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A bare cursor, for what is no analysis: dumps and settings."""
        cursor = self._reading_cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        """Gives the file back; waits for a writer, not for readers."""
        with self._writer:
            self._connection.close()
        if self.path is None:
            shutil.rmtree(self.spool, ignore_errors=True)

    def _reading_cursor(self) -> duckdb.DuckDBPyConnection:
        with self._gate:
            cursor = self._connection.cursor()
            self._readers.add(cursor)
        for name, value in (
            ("enable_progress_bar", "true"),
            ("enable_progress_bar_print", "false"),
            ("progress_bar_time", "0"),
            ("max_execution_time", str(TIME_LIMIT_MS)),
        ):
            cursor.execute(f"SET {name} = {value}")
        return cursor


def _is_open(cursor: duckdb.DuckDBPyConnection) -> bool:
    try:
        cursor.query_progress()
    except duckdb.ConnectionException:
        return False
    return True


def _sync(folder: Path) -> None:
    """After this a name in the folder outlives a power cut."""
    with suppress(OSError):  # Windows has no such thing
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    cursor.execute("BEGIN TRANSACTION READ ONLY")
    try:
        yield
    finally:
        with suppress(duckdb.Error):  # an interrupted statement has ended it
            cursor.execute("ROLLBACK")


def _prepare(connection: duckdb.DuckDBPyConnection, spool: Path, read_only: bool) -> None:
    made = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'settings'").fetchone()
    if read_only or (made and made[0]):
        row = connection.execute("SELECT max(value) FROM settings WHERE key = 'format'").fetchone()
        if not row or row[0] != FORMAT:
            raise UnreadableSource("was made by another version of Sessionscope; import its files into a new store.")
    else:
        connection.begin()  # with its format or not at all
        connection.execute(SCHEMA.read_text(encoding="utf-8"))
        connection.execute("INSERT INTO settings (key, value) VALUES ('format', $format)", {"format": FORMAT})
        connection.commit()
    allowed = ", ".join(f"'{name}'" for name in CURSOR_SETTINGS)
    folder = str(spool).replace("'", "''")
    connection.execute(f"SET allowed_configs = [{allowed}]")
    connection.execute(f"SET allowed_directories = ['{folder}/']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")  # last: nothing opens the door again


def app_file(store: Path) -> Path:
    """Where a running app says who it is: JSON with `pid` and `url`, beside the store it owns."""
    return store.with_name(store.name + ".app.json")


def _why_not(path: Path | None, error: duckdb.IOException) -> AnalyticsError:
    held = re.search(r"PID (\d+)", str(error))
    if path is None or "lock" not in str(error).lower():
        return UnreadableSource(f"{path} cannot be opened: {_plain(error)}.")
    pid = held.group(1) if held else "unknown"
    app: dict[str, object] = {}
    with suppress(OSError, ValueError):
        app = json.loads(app_file(path).read_text(encoding="utf-8"))
    if str(app.get("pid")) == pid:
        return StoreBusy(
            f"{path} is in use by the Sessionscope app at {app.get('url')} (process {pid}); stop it or use it there."
        )
    return StoreBusy(f"{path} is in use by another process ({pid}); wait until it has ended or stop it.")


def _plain(error: duckdb.Error) -> str:
    """The engine's own words on one line, without its kind, hints and the statement."""
    first = str(error).split("\n\n")[0].split("\nLINE")[0]
    return re.sub(r"^[A-Z][A-Za-z ]+ Error: ", "", first).replace("\n", " ").rstrip(". ")
