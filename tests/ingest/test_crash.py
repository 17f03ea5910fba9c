"""kill -9 at random moments: the store opens and is what it was before, or what it was to become. Nothing between.

KILLS=20 pytest -m slow tests/ingest/test_crash.py -s   says how many of the kills left what.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from analytics import ingest
from analytics.ingest.load import key_ring
from analytics.store import DuckStore
from tests.ingest.test_transaction import ROOT, made

KILLS = int(os.environ.get("KILLS", "3"))
SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
CHILD = """
import sys
from pathlib import Path
from analytics import ingest
from analytics.store import DuckStore
what, path, files = sys.argv[1], sys.argv[2], [Path(name) for name in sys.argv[3:]]
store = DuckStore.open(path)
print("begun", flush=True)
if what == "undo":
    ingest.undo(store, [2])
elif what == "forget":
    ingest.forget(store, "u2000")
elif what == "rezone":
    ingest.rezone(store, "Asia/Tokyo")
else:
    ingest.load(store, files, part_events=100_000)
store.close()
"""
TABLES = "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal ORDER BY 1"
CLOCKS = {"main.imports": " EXCLUDE (seconds, started)"}  # what differs from run to run


def facts(path: Path) -> dict[str, tuple[int, str]]:
    """Per table its rows and one sum over everything they say."""
    store = DuckStore.open(path)
    try:
        with store.reading_cursor() as cursor:
            return {
                table: cursor.execute(
                    f"SELECT count(*), CAST(sum(hash(t)) AS VARCHAR) FROM (SELECT *{CLOCKS.get(table, '')} FROM {table}) AS t"
                ).fetchone()
                for (table,) in cursor.execute(TABLES).fetchall()
            }
    finally:
        store.close()


def copied(prepared: Path, to: Path) -> Path:
    """A store of its own with what lies beside it."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(prepared, to)
    return to / "s.duckdb"


def started(what: str, path: Path, files: list[Path]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, what, str(path), *map(str, files)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    return process


@pytest.mark.slow
@pytest.mark.parametrize("what", ["first import", "append", "undo", "forget", "rezone"])
def test_a_killed_change_leaves_before_or_after(tmp_path, what):
    first, more = made(tmp_path, "a.parquet", last=200_000), made(tmp_path, "b.parquet", first=150_000, last=400_000)
    prepared = tmp_path / "prepared"
    prepared.mkdir()
    store = DuckStore.open(prepared / "s.duckdb")
    for file in {"first import": [], "append": [first]}.get(what, [first, more]):
        ingest.load(store, [file])
    key_ring(store)()  # the same for every copy, so that what is remembered of whom is forgotten is the same
    store.close()
    files = [first] if what == "first import" else [more]
    before = facts(copied(prepared, tmp_path / "before"))
    path = copied(prepared, tmp_path / "after")
    process = started(what, path, files)
    began = time.monotonic()
    assert process.wait() == 0
    lasts = time.monotonic() - began
    after = facts(path)
    assert before != after

    chance, left = random.Random(f"{what} {SEED}"), Counter()
    for kill in range(KILLS):
        # every other one near the end, where the transaction is committed and the file put in order
        moment = lasts * (chance.random() if kill % 2 else 0.7 + 0.35 * chance.random())
        path = copied(prepared, tmp_path / "killed")
        process = started(what, path, files)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        began = time.monotonic()
        found = facts(path)
        assert time.monotonic() - began < 30
        assert found in (before, after), f"SEED={SEED}: killed after {moment:.2f} s of {lasts:.2f} s"
        left["after" if found == after else "before", process.returncode == -signal.SIGKILL] += 1
    print(f"\n{what}: {dict(left)} (state, was killed) of {KILLS}, {lasts:.1f} s each, SEED={SEED}")
    if found == before:
        assert started(what, path, files).wait() == 0
        assert facts(path) == after
