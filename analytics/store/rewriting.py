"""How does a file lose what was deleted from it? By being written anew.

DuckDB marks deleted rows and leaves them in their places, and freed blocks keep what was in them until they are used
again. So what must not be readable any more is left behind in the old file, and a copy takes its place.
"""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from analytics.errors import UnreadableSource
from analytics.store.bulk import Bulk

POLL_S = 0.2
DUE = "rewrite_due"
"""A line of `settings`: something was deleted that must not be readable, and the file was not written anew since."""
MARK_DUE = "INSERT INTO settings (key, value) VALUES ($due, 'true') ON CONFLICT DO NOTHING"
IS_DUE = "SELECT count(*) > 0 FROM settings WHERE key = $due"
DONE = "DELETE FROM written_anew.settings WHERE key = $due"
TABLES = """
SELECT schema_name, table_name, (estimated_size + 1) * column_count AS work FROM duckdb_tables()
WHERE database_name = current_database() ORDER BY schema_name, table_name
"""
TO_KNOW_PROGRESS = "SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET progress_bar_time = 0"


def is_due(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the file still has to be written anew."""
    row = connection.execute(IS_DUE, {"due": DUE}).fetchone()
    return bool(row and row[0])


def mark_due(cursor: duckdb.DuckDBPyConnection) -> None:
    """To be written anew, from now on, however this process ends."""
    cursor.execute(MARK_DUE, {"due": DUE})


def written_anew(cursor: duckdb.DuckDBPyConnection, file: Path, spool: Path, progress: Callable[[float], None]) -> Path:
    """A copy of the store's `file` in its spool, the only folder where the store may write. Nobody may write meanwhile.

    Raises `UnreadableSource` when the disk has no room for it.
    """
    anew = spool / "anew.duckdb"
    _remove(anew)
    free, size = shutil.disk_usage(spool).free, file.stat().st_size
    if free < size + (64 << 20):
        raise UnreadableSource(
            f"{file} cannot be written anew: that takes {size / 1e6:,.0f} MB of room, the disk has {free / 1e6:,.0f}."
        )
    place = str(anew).replace("'", "''")
    cursor.execute(f"ATTACH '{place}' AS written_anew")
    try:
        _copy(cursor, progress)
        cursor.execute(DONE, {"due": DUE})
        cursor.execute("CHECKPOINT written_anew")
    except BaseException:
        with suppress(duckdb.Error):
            cursor.execute("DETACH written_anew")
        _remove(anew)
        raise
    cursor.execute("DETACH written_anew")
    return anew


def _copy(cursor: duckdb.DuckDBPyConnection, progress: Callable[[float], None]) -> None:
    (own,) = cursor.execute("SELECT current_database()").fetchone() or ("",)
    name = str(own).replace('"', '""')
    cursor.execute(f'COPY FROM DATABASE "{name}" TO written_anew (SCHEMA)')
    tables = cursor.execute(TABLES).fetchall()
    whole, done = sum(work for *_, work in tables), 0
    cursor.execute(TO_KNOW_PROGRESS)
    bulk = Bulk(cursor)
    for schema, table, work in tables:
        with _polled(cursor, progress, done / whole, work / whole):
            bulk.insert(f"written_anew.{schema}.{table}", f'SELECT * FROM "{name}".{schema}.{table}')  # noqa: S608 - ours
        done += work
    bulk.verify()


@contextmanager
def _polled(
    cursor: duckdb.DuckDBPyConnection, progress: Callable[[float], None], start: float, part: float
) -> Iterator[None]:
    """Inside, the progress of the statement that runs is told as a part of the whole.

    What the engine tells is how far it has read; writing goes on for as long again.
    """
    done = threading.Event()

    def poll() -> None:
        while not done.wait(POLL_S):
            with suppress(duckdb.Error):
                progress(start + part / 2 * min(max(cursor.query_progress() / 100, 0.0), 1.0))

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _remove(file: Path) -> None:
    for left in (file, file.with_name(file.name + ".wal")):
        left.unlink(missing_ok=True)
