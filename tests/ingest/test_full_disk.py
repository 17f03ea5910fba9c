"""A disk without room: one sentence, and the store is as it was and goes on."""

import resource
from contextlib import contextmanager

import duckdb
import pytest

from analytics import ingest
from analytics.ingest.room import DiskFull
from analytics.store import DuckStore

EVENTS = """
COPY (
  SELECT 'e' || i AS event_id, TIMESTAMP '2026-01-01' + to_milliseconds(i * 400) AS timestamp, 'click' AS event,
    'u' || (i // 60) AS user_id, 's' || (i // 25) AS session_id, '/p' || hash(i) % 50 AS page
  FROM range(150000) AS r(i))
TO $file
"""
SMALL = "timestamp,event,user_id\n2020-01-01,a,u\n"


@contextmanager
def files_of_at_most(megabytes: float):
    """The system refuses to let a file grow further, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(megabytes * 1_000_000), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("name", "megabytes"),
    [
        pytest.param("a.parquet", 1, id="the copy of a Parquet file"),
        pytest.param("a.csv", 3, id="what was read of a table"),
        pytest.param("a.csv.gz", 3, id="what was unpacked"),
        pytest.param("a.parquet", 3.5, id="the store itself"),
    ],
)
def test_a_full_disk_is_one_sentence_and_the_store_as_it_was(tmp_path, file, name, megabytes):
    """A file that finds no room is no unreadable one: leaving those out does not help."""
    duckdb.execute(EVENTS, {"file": str(tmp_path / name)})
    store = DuckStore.open(tmp_path / "s.duckdb")
    try:
        ingest.load(store, [file("small.csv", SMALL)])
        with (
            files_of_at_most(megabytes),
            pytest.raises(DiskFull, match=r"^The disk is full: .*s.duckdb.spool has .* left"),
        ):
            ingest.load(store, [tmp_path / name], ingest.Options(skip_unreadable=True))
        assert list(store.spool.glob("load-*")) == []
        with store.reading_cursor() as cursor:
            assert cursor.execute(
                "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM imports)"
            ).fetchall() == [(1, 1)]
        assert ingest.load(store, [tmp_path / name]).events_added == 150_000
    finally:
        store.close()
    DuckStore.open(tmp_path / "s.duckdb").close()


def test_taking_back_without_room_is_the_same_sentence(tmp_path, file):
    duckdb.execute(EVENTS, {"file": str(tmp_path / "a.parquet")})
    store = DuckStore.open(tmp_path / "s.duckdb")
    try:
        ingest.load(store, [tmp_path / "a.parquet"])
        # an event in every session, so that all of them are made again
        late = "timestamp,event,user_id,session_id\n" + "".join(f"2026-02-01,late,u{i},s{i}\n" for i in range(6_000))
        number = ingest.load(store, [file("late.csv", late)]).numbers
        with files_of_at_most(1), pytest.raises(DiskFull, match=r"^The disk is full: .*s.duckdb.spool has .* left"):
            ingest.undo(store, number)
        assert ingest.undo(store, number) == 6_000
    finally:
        store.close()
