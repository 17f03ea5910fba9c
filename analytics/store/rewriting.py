"""How does a file lose what was deleted from it? By being written anew.

DuckDB marks deleted rows and leaves them in their places, and freed blocks keep what was in them until they are used
again. So what must not be readable any more is left behind in the old file, and a copy takes its place.
"""

import shutil
from contextlib import suppress
from pathlib import Path

import duckdb

from analytics.errors import UnreadableSource
from analytics.store.bulk import MislaidRows

DUE = "rewrite_due"
"""A line of `settings`: something was deleted that must not be readable, and the file was not written anew since."""
MARK_DUE = "INSERT INTO settings (key, value) VALUES ($due, 'true') ON CONFLICT DO NOTHING"
IS_DUE = "SELECT count(*) > 0 FROM settings WHERE key = $due"
DONE = "DELETE FROM written_anew.settings WHERE key = $due"
TABLES = """
SELECT database_name = current_database() AS is_own, schema_name, table_name FROM duckdb_tables()
WHERE database_name IN (current_database(), 'written_anew') ORDER BY ALL
"""


def is_due(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the file still has to be written anew."""
    row = connection.execute(IS_DUE, {"due": DUE}).fetchone()
    return bool(row and row[0])


def mark_due(cursor: duckdb.DuckDBPyConnection) -> None:
    """To be written anew, from now on, however this process ends."""
    cursor.execute(MARK_DUE, {"due": DUE})


def written_anew(cursor: duckdb.DuckDBPyConnection, file: Path, spool: Path) -> Path:
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
        (own,) = cursor.execute("SELECT current_database()").fetchone() or ("",)
        name = str(own).replace('"', '""')
        cursor.execute(f'COPY FROM DATABASE "{name}" TO written_anew')
        _demand_equal(cursor, name)
        cursor.execute(DONE, {"due": DUE})
        cursor.execute("CHECKPOINT written_anew")
    except BaseException:
        with suppress(duckdb.Error):
            cursor.execute("DETACH written_anew")
        _remove(anew)
        raise
    cursor.execute("DETACH written_anew")
    return anew


def _demand_equal(cursor: duckdb.DuckDBPyConnection, own: str) -> None:
    """Counts both sides, as after every bulk write."""
    tables = cursor.execute(TABLES).fetchall()
    names = {
        is_own: [(schema, table) for owned, schema, table in tables if owned == is_own] for is_own in (True, False)
    }
    if names[True] != names[False]:
        raise MislaidRows("The copy of the store lacks a table; the store is as it was.")
    for schema, table in names[True]:
        counts = {
            cursor.execute(f'SELECT count(*) FROM "{database}"."{schema}"."{table}"').fetchone()  # noqa: S608 - our tables
            for database in (own, "written_anew")
        }
        if len(counts) > 1:
            raise MislaidRows(f"The copy of {table} does not hold the rows of {table}; the store is as it was.")


def _remove(file: Path) -> None:
    for left in (file, file.with_name(file.name + ".wal")):
        left.unlink(missing_ok=True)
