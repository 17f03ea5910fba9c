"""Marks of sessions that were watched: set, taken away, shared, and still there when the data come again."""

import pytest

from analytics import ingest
from analytics.errors import InvalidQuestion
from analytics.store import DuckStore
from analytics.workspace import watched

ROW = '{"timestamp": "2026-03-02T09:00", "user_id": "u1", "event": "a"}\n'


def test_a_mark_is_set_once_and_taken_away(journeys):
    store = journeys("a", "b")
    watched.mark(store, "s1", by="ann")
    first = watched.among(store, ["s1", "s2"])
    watched.mark(store, "s1", by="bob")
    assert watched.among(store, ["s1", "s2"]) == first, "who came first is remembered"
    assert [(one.session_id, one.by) for one in first.values()] == [("s1", "ann")]
    watched.unmark(store, "s1")
    watched.unmark(store, "s1")
    assert watched.among(store, ["s1", "s2"]) == {}
    assert watched.among(store, []) == {}


def test_an_id_is_text(journeys):
    store = journeys("a")
    strange = "o'brien \u202e$x; DROP TABLE"
    watched.mark(store, strange)
    assert set(watched.among(store, [strange, "s1"])) == {strange}


def test_it_stays_when_the_files_come_again(tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_text(ROW)
    with_store = DuckStore.open(tmp_path / "store.duckdb")
    ingest.load(with_store, [file])
    [name] = ids(with_store)
    watched.mark(with_store, name)
    ingest.undo(with_store, [1])
    assert ids(with_store) == []
    earlier = tmp_path / "earlier.jsonl"
    earlier.write_text(ROW.replace("u1", "u0").replace("03-02", "03-01"))
    ingest.load(with_store, [earlier, file])
    assert name in ids(with_store)
    assert set(watched.among(with_store, [name])) == {name}
    with_store.close()
    again = DuckStore.open(tmp_path / "store.duckdb", read_only=True)
    assert set(watched.among(again, [name])) == {name}
    for change in (watched.mark, watched.unmark):
        with pytest.raises(InvalidQuestion, match="for reading only"):
            change(again, name)
    again.close()


def ids(store):
    with store.reading_cursor() as cursor:
        return [one for (one,) in cursor.execute("SELECT session_id FROM sessions ORDER BY session_id").fetchall()]
