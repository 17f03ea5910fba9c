"""The store's promises: one owner, many readers, answers remembered once and never stale."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import duckdb
import pytest

from analytics.errors import InvalidQuestion, StoreBusy, UnreadableSource
from analytics.query import JsonKey, Query
from analytics.store import DuckStore
from analytics.store.answers import Answers
from analytics.store.duck import app_file

SLOW = "SELECT count(*) FROM range(30000) AS a, range(40000) AS b WHERE (a.range * b.range) % 7 = 3"


@dataclass(frozen=True)
class Number:
    n: int


class Left(BaseException):
    """What Streamlit raises in a page that was left."""


@pytest.fixture
def store():
    store = DuckStore.open(":memory:")
    yield store
    store.close()


def test_rows_are_their_select_list(store):
    assert store.rows(Query("SELECT 7 AS n", {}), Number) == [Number(7)]
    with pytest.raises(TypeError, match="Number and its statement differ"):
        store.rows(Query("SELECT 7 AS m", {}), Number)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_store_of_another_version_is_refused(tmp_path, read_only):
    path = tmp_path / "old.duckdb"
    store = DuckStore.open(path)
    with store.writing() as cursor:
        cursor.execute("UPDATE settings SET value = '1' WHERE key = 'format'")
    store.close()
    with pytest.raises(UnreadableSource, match=r"old\.duckdb was made by another version of Sessionscope; import"):
        DuckStore.open(path, read_only=read_only)


def test_values_never_become_text(store):
    hostile = "x'; DROP TABLE events; --"
    query = Query("SELECT length($text) AS n", {"text": hostile})
    assert store.rows(query, Number) == [Number(len(hostile))]
    assert "''" in query.text()


@pytest.mark.parametrize("name", ["plain", "a.b", "a/b", "a~b", "$a", 'a"b', ""])
def test_a_json_key_is_literal(name, store):
    query = Query("SELECT CAST($json ->> $key AS INTEGER) AS n", {"json": json.dumps({name: 7}), "key": JsonKey(name)})
    assert store.rows(query, Number) == [Number(7)]


def test_a_pattern_that_is_none_is_told(store):
    with pytest.raises(InvalidQuestion, match="missing"):
        store.rows(Query("SELECT CAST(regexp_matches('a', $p) AS INTEGER) AS n", {"p": "(("}), Number)


def test_too_many_rows_are_refused_and_can_be_streamed(store):
    query = Query("SELECT range AS n FROM range(100001)", {})
    with pytest.raises(InvalidQuestion, match="more than 100,000 rows"):
        store.rows(query, Number)
    names, *batches = store.batches(query, size=40_000)
    assert names == [("n",)]
    assert [len(batch) for batch in batches] == [40_000, 40_000, 20_001]


def test_an_exception_leaves_the_store_as_it_was(store):
    before = store.version
    with pytest.raises(ZeroDivisionError), store.writing() as cursor:
        cursor.execute("INSERT INTO settings VALUES ('a', 'b')")
        1 / 0  # noqa: B018
    assert (store.setting("a"), store.version) == (None, before)
    with store.writing() as cursor:
        cursor.execute("INSERT INTO settings VALUES ('a', 'b')")
    assert (store.setting("a"), store.version) == ("b", before + 1)


def test_reading_sees_one_state(store):
    count = Query("SELECT CAST(count(*) AS INTEGER) AS n FROM settings", {})
    with store.reading() as reader:
        before = reader.rows(count, Number)
        with store.writing() as cursor:
            cursor.execute("INSERT INTO settings VALUES ('a', 'b')")
        assert reader.rows(count, Number) == before
    assert store.rows(count, Number) == [Number(before[0].n + 1)]


def test_an_answer_is_remembered_until_data_changes(store):
    asked = []
    ask = lambda: store.answer("key", lambda reader: asked.append(1) or len(asked))  # noqa: E731
    assert (ask(), ask()) == (1, 1)
    with store.writing():
        pass
    assert ask() == 2


def test_readers_cannot_write_or_look_around(store, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for sql in (
        f"SELECT * FROM read_csv('{secret}')",
        f"COPY settings TO '{tmp_path / 'out.csv'}'",
        "SET enable_external_access = true",
        "DELETE FROM settings",
    ):
        with pytest.raises((duckdb.Error, InvalidQuestion)):
            store.rows(Query(sql, {}), Number)


def test_another_process_is_told_who_has_the_store(tmp_path):
    path = tmp_path / "s.duckdb"
    store = DuckStore.open(path)
    code = f"from analytics.store import DuckStore; DuckStore.open({str(path)!r}, read_only=True)"
    taken = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert f"StoreBusy: {path} is in use by another process ({os.getpid()})" in taken.stderr
    app_file(path).write_text(json.dumps({"pid": os.getpid(), "url": "http://localhost:8501"}))
    taken = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "in use by the Sessionscope app at http://localhost:8501" in taken.stderr
    store.close()
    DuckStore.open(path, read_only=True).close()
    assert StoreBusy.exit_code == 1


def test_what_is_no_store_is_told(tmp_path):
    with pytest.raises(UnreadableSource, match="There is no store at"):
        DuckStore.open(tmp_path / "none.duckdb", read_only=True)
    file = tmp_path / "text.duckdb"
    file.write_text("hello " * 10_000)
    with pytest.raises(UnreadableSource, match=r"text\.duckdb"):
        DuckStore.open(file)
    assert file.read_text().startswith("hello")


# Answers


@pytest.fixture
def answers():
    connection = duckdb.connect(config={"threads": 2})

    def cursor():
        made = connection.cursor()
        for setting in ("enable_progress_bar = true", "enable_progress_bar_print = false", "progress_bar_time = 0"):
            made.execute(f"SET {setting}")
        return made

    return Answers(cursor, limit=1 << 20)


def slow(runs):
    def run(cursor):
        runs.append(1)
        return cursor.execute(SLOW).fetchone()

    return run


def together(n, work):
    out = []
    threads = [threading.Thread(target=lambda i=i: out.append(work(i))) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return out


def test_many_ask_and_one_runs(answers):
    runs, seen = [], []
    got = together(8, lambda i: answers.ask("k", slow(runs), seen.append))
    assert len(runs) == 1
    assert len(set(got)) == 1
    assert seen, "those who wait are told"
    assert answers.ask("k", slow(runs)) == got[0]
    assert len(runs) == 1


def test_one_who_leaves_does_not_stop_the_others(answers):
    runs = []

    def work(i):
        def waiting(share):
            if i:
                raise Left

        try:
            return answers.ask("k", slow(runs), waiting)
        except Left:
            return None

    got = together(4, work)
    assert len(runs) == 1
    assert sum(answer is not None for answer in got) == 1


def test_when_the_last_leaves_it_stops_and_nothing_is_kept(answers):
    runs = []

    def waiting(share):
        raise Left

    for _ in range(5):
        with pytest.raises(Left):
            answers.ask("k", slow(runs), waiting)
    assert not answers.kept
    assert not answers.jobs
    deadline = time.monotonic() + 5
    while any(thread.name.startswith("question") for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "a stopped question goes on"
        time.sleep(0.05)


def test_an_error_reaches_everybody_and_is_not_kept(answers):
    def run(cursor):
        return cursor.execute("SELECT error('no such page')").fetchall()

    def work(i):
        with pytest.raises(duckdb.Error, match="no such page"):
            answers.ask("k", run)
        return True

    assert together(4, work) == [True] * 4
    assert not answers.kept
    assert not answers.jobs


def test_size_is_bounded_and_the_last_asked_stay(answers):
    for i in range(100):
        answers.ask(i, lambda cursor: "x" * 50_000)
    assert answers.size <= 1 << 20
    assert 99 in answers.kept
    assert 0 not in answers.kept


def test_a_huge_answer_is_given_but_not_kept(answers):
    assert len(answers.ask("k", lambda cursor: "x" * 900_000)) == 900_000
    assert not answers.kept
