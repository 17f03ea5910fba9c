"""The store of the sample shop: made once from the files that ship with the program, and again when these change.

It is built in a folder of its own and moved into place whole, under a lock that the next process waits for: two that
start at once build one store, and one that is killed on the way leaves nothing but a folder that the next one clears.
"""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import analytics
from analytics import element_names, ingest, places
from analytics.errors import UnreadableSource
from analytics.store import DuckStore
from analytics.workspace import pictures

SAMPLE = Path(analytics.__file__).resolve().parent.parent / "sample_data"  # in a checkout as in an installed package
ZONE = "Europe/Berlin"
MADE_OF = "made_of_sample"  # the setting that holds the fingerprint
MARK = "INSERT INTO settings (key, value) VALUES ($key, $value)"
# What people wrote, by table: read from the store that goes, written into the one that comes
WRITTEN = {
    "saved": ("id", "kind", "name", "body", "created", "changed", '"by"'),
    "watched": ("session_id", '"at"', '"by"'),
    "pictures": ("page", "min_width", "media", "bytes", "width", "height"),
}
OF_SAMPLE = "SELECT page, min_width FROM workspace.pictures"
Written = dict[str, list[dict[str, object]]]


def open_demo(path: Path | None = None) -> DuckStore:
    """The sample's store at `path`, by default `demo.duckdb` in the user's data folder; ready to be asked.

    Takes some seconds when it has to be made. What people saved in it outlives a new sample. Raises `StoreBusy` when
    another process has it open.
    """
    store = (path or places.demo_store()).absolute()
    store.parent.mkdir(parents=True, exist_ok=True)
    with _alone(store):
        wanted = fingerprint()
        written: Written = {}
        if store.exists():
            found = _opened(store)
            if found and found.setting(MADE_OF) == wanted:
                return found
            if found:
                written = _written(found)
                found.close()
        _build(store, wanted, written)
        return DuckStore.open(store)


def fingerprint() -> str:
    """Of all that the store is made of: the events, the pictures, and the schema that holds them."""
    digest = hashlib.sha256()
    schema = Path(analytics.__file__).parent / "schema.sql"
    for file in (SAMPLE / "events.parquet", *sorted((SAMPLE / "pictures").iterdir()), schema):
        content = file.read_bytes()
        digest.update(f"{file.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def add_pictures(store: DuckStore) -> None:
    """The sample's wireframes, each for its pages and windows, as `pictures/index.json` lists them."""
    folder = SAMPLE / "pictures"
    for entry in json.loads((folder / "index.json").read_text(encoding="utf-8")):
        content = (folder / entry["file"]).read_bytes()
        pictures.add(store, entry["page"], content, min_width=entry["min_width"], width=entry["width"])


def _build(path: Path, made_of: str, written: Written) -> None:
    folder = path.with_name(path.name + ".new")
    shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed
    folder.mkdir()
    store = DuckStore.open(folder / path.name)
    try:
        options = ingest.Options(format="parquet", reporting_zone=ZONE, source="sample")
        ingest.load(store, [SAMPLE / "events.parquet"], options)
        add_pictures(store)
        with store.writing() as cursor:
            for table, columns in WRITTEN.items():
                values = ", ".join("$" + column.strip('"') for column in columns)
                ours = cursor.execute(OF_SAMPLE).fetchall() if table == "pictures" else ()
                for row in written.get(table, ()):
                    if table == "pictures" and (row["page"], row["min_width"]) in ours:
                        continue  # most likely the sample's of before
                    cursor.execute(f"INSERT INTO workspace.{table} ({', '.join(columns)}) VALUES ({values})", row)  # noqa: S608
            cursor.execute(element_names.AGAIN)
            cursor.execute(MARK, {"key": MADE_OF, "value": made_of})  # last: without it the store is made again
    finally:
        store.close()
    path.with_name(path.name + ".wal").unlink(missing_ok=True)  # of the store that goes
    # The store itself comes last: until then the old one is found, and found to be old.
    for file in sorted(folder.iterdir(), key=lambda file: file.name == path.name):
        if file.is_file():
            os.replace(file, path.with_name(file.name))
    shutil.rmtree(folder, ignore_errors=True)


def _opened(path: Path) -> DuckStore | None:
    """None for a file that is no store (any more): it is made again."""
    try:
        return DuckStore.open(path)
    except UnreadableSource:
        return None


def _written(store: DuckStore) -> Written:
    found: Written = {}
    with store.reading_cursor() as cursor:
        for table, columns in WRITTEN.items():
            rows = cursor.execute(f"SELECT {', '.join(columns)} FROM workspace.{table}").fetchall()  # noqa: S608
            names = [column.strip('"') for column in columns]
            found[table] = [dict(zip(names, row, strict=True)) for row in rows]
    return found


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time; the others wait. The system lifts the lock of a process that is killed."""
    with path.with_name(path.name + ".lock").open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt
            import time

            while True:
                try:
                    file.seek(0)
                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                    break
                except OSError:
                    time.sleep(0.2)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
