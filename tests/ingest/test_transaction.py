"""All there or not at all: cancelled, failed, killed; and at a size where the engine takes its other paths."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from analytics import ingest
from analytics.store import DuckStore
from analytics.store.bulk import Bulk

ROOT = Path(__file__).parents[2]
EVENTS = 600_000
MADE = """
COPY (
  SELECT 'e' || i AS event_id, TIMESTAMP '2026-01-01' + to_milliseconds(i * 400 + hash(i) % 90000) AS timestamp,
    ['page_view', 'click', 'scroll', 'order'][1 + CAST(hash(i, 1) % 4 AS INTEGER)] AS event,
    CASE WHEN i % 3 = 0 THEN 'u' || (i // 60) END AS user_id, 'a' || (i // 30) AS anonymous_id,
    CASE WHEN i % 10 < 9 THEN 's' || (i // 25) END AS session_id, '/p' || hash(i, 2) % 50 AS page, 'phone' AS device
  FROM range($first, $last) AS r(i) WHERE hash(i, 3) % 2 = $half OR $half = 2)
TO $file (FORMAT parquet)
"""
SUMS = {
    "events": "session_id, position, time, visit_no, gap_ms, i.id, name",
    "sessions": "session_id, i.id, start, events, active_ms, people, bounce, entry_page, exit_page",
    "visits": "session_id, visit_no, position_in_path, from_end, page, dwell_ms, previous_page, next_page",
}


def made(folder: Path, name: str, first: int = 0, last: int = EVENTS, half: int = 2) -> Path:
    duckdb.execute(MADE, {"file": str(folder / name), "first": first, "last": last, "half": half})
    return folder / name


def contents(store: DuckStore) -> dict[str, tuple[int, int]]:
    """Per table its rows and one sum over their facts, by ids of the data."""
    found = {}
    with store.reading_cursor() as cursor:
        for table, facts in SUMS.items():
            people = "JOIN identities AS i ON i.identity_key = t.user_key" if "i.id" in facts else ""
            named = (
                "sessions AS t"
                if table == "sessions"
                else f"(SELECT * FROM {table}) AS t JOIN (SELECT session_key, session_id FROM sessions) USING (session_key)"
            )
            facts = facts.replace("events", "t.events") if table == "sessions" else facts
            found[table] = cursor.execute(
                f"SELECT count(*), CAST(sum(hash({facts})) AS VARCHAR) FROM {named} {people}"
            ).fetchone()
    return found


def test_pieces_equal_one_import_at_bulk_size(tmp_path):
    halves = [made(tmp_path, f"{n}.parquet", half=n) for n in (0, 1)]
    one, two, small = (DuckStore.open(tmp_path / f"{n}.duckdb") for n in ("one", "two", "small"))
    try:
        assert ingest.load(one, halves).events_added == EVENTS
        assert [ingest.load(two, [half]).events_added for half in halves] == [
            duckdb.execute("SELECT count(*) FROM read_parquet($f)", {"f": str(half)}).fetchone()[0] for half in halves
        ]
        ingest.load(small, halves, part_events=90_000)
        assert contents(one) == contents(two) == contents(small)
        assert contents(one)["events"][0] == EVENTS
        ingest.undo(two, [2])
        only = DuckStore.open(tmp_path / "only.duckdb")
        ingest.load(only, halves[:1])
        assert contents(two) == contents(only)
        only.close()
    finally:
        for store in (one, two, small):
            store.close()


def test_without_the_guard_such_an_import_does_not_pass_unnoticed(tmp_path, monkeypatch):
    """Rows are mislaid by a bulk write past the ledger: the read-back stops the load, and the store is empty."""
    store = DuckStore.open(":memory:")
    verify = Bulk.verify

    def lose(self: Bulk) -> None:
        self.cursor.execute("DELETE FROM visits WHERE session_key = 1")
        verify(self)

    monkeypatch.setattr(Bulk, "verify", lose)
    with pytest.raises(Exception, match=r"visits should hold [\d,]+ rows and reads as [\d,]+; nothing was stored"):
        ingest.load(store, [made(tmp_path, "a.parquet", last=5000)])
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM imports)").fetchone() == (
            0,
        )
    store.close()


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9])
def test_a_cancelled_import_leaves_the_store_as_it_was(tmp_path, share):
    store = DuckStore.open(tmp_path / "s.duckdb")
    ingest.load(store, [made(tmp_path, "a.parquet", last=50_000)])
    before, version = contents(store), store.version
    reached: list[float] = []

    def progress(step: ingest.Progress) -> None:
        reached.append(step.share)

    more = made(tmp_path, "b.parquet", first=40_000, last=300_000)
    with pytest.raises(ingest.ImportCancelled, match="The import was cancelled; the store is as it was."):
        ingest.load(
            store,
            [more],
            progress=progress,
            cancelled=lambda: bool(reached) and reached[-1] >= share,
            part_events=40_000,
        )
    assert (contents(store), store.version) == (before, version)
    assert list(store.spool.glob("load-*")) == []
    assert ingest.load(store, [more]).events_added == 250_000
    store.close()


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_cancelled_undo_leaves_the_store_as_it_was(tmp_path, share):
    store = DuckStore.open(tmp_path / "s.duckdb")
    ingest.load(
        store, [made(tmp_path, "a.parquet", last=20_000), made(tmp_path, "b.parquet", first=20_000, last=60_000)]
    )
    before, version = contents(store), store.version
    reached: list[float] = []
    with pytest.raises(ingest.ImportCancelled, match="Taking back was cancelled; the store is as it was."):
        ingest.undo(
            store,
            [2],
            progress=lambda step: reached.append(step.share),
            cancelled=lambda: bool(reached) and reached[-1] >= share,
        )
    assert (contents(store), store.version) == (before, version)
    assert ingest.undo(store, [2]) == 40_000
    store.close()


def test_progress_never_falls_and_ends_at_one(tmp_path):
    store = DuckStore.open(":memory:")
    shares: list[float] = []
    ingest.load(
        store,
        [made(tmp_path, "a.parquet", last=20_000)],
        progress=lambda step: shares.append(step.share),
        part_events=4000,
    )
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    store.close()


KILLED = """
import sys
from pathlib import Path
from analytics import ingest
from analytics.store import DuckStore
store = DuckStore.open(sys.argv[1])
ingest.load(store, [Path(sys.argv[2])], progress=lambda step: print(step.share, flush=True), part_events=60_000)
print("done", flush=True)
store.close()
"""


@pytest.mark.parametrize("share", [0.1, 0.45, 0.7, 0.97])
def test_a_killed_import_leaves_the_store_as_it_was(tmp_path, share):
    path = tmp_path / "s.duckdb"
    store = DuckStore.open(path)
    ingest.load(store, [made(tmp_path, "a.parquet", last=50_000)])
    before = contents(store)
    store.close()
    more = made(tmp_path, "b.parquet", first=40_000, last=400_000)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path), str(more)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stdout:
        if line.strip() == "done" or float(line) >= share:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    began = time.monotonic()
    store = DuckStore.open(path)
    assert time.monotonic() - began < 10
    assert contents(store) == before
    assert ingest.load(store, [more]).events_added == 350_000
    assert list(store.spool.glob("load-*")) == []  # what the killed one left holds people's data
    store.close()


def test_another_writer_waits_its_turn(tmp_path):
    store = DuckStore.open(":memory:")
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"timestamp": "2024-01-01", "event": name, "user_id": "u"}))
    import threading

    threads = [threading.Thread(target=ingest.load, args=(store, [tmp_path / f"{n}.jsonl"])) for n in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT count(*), count(DISTINCT session_key) FROM events").fetchone() == (2, 1)
    store.close()
