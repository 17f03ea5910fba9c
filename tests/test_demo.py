"""The store of the sample shop: made once, made again when the sample changes, and never half."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from analytics import demo, places
from analytics.errors import StoreBusy
from analytics.workspace import pictures

ROOT = Path(__file__).parent.parent


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A sample of its first 2,000 events and one picture, in place of the real one."""
    folder = tmp_path / "sample_data"
    (folder / "pictures").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (FROM '{demo.SAMPLE}/events.parquet' LIMIT 2000) TO '{folder}/events.parquet' (FORMAT parquet)"
        )
    shutil.copy(demo.SAMPLE / "pictures" / "home-phone.svg", folder / "pictures")
    entry = {"page": "/", "min_width": 0, "width": 390, "height": 1337, "file": "home-phone.svg"}
    (folder / "pictures" / "index.json").write_text(json.dumps([entry]))
    monkeypatch.setattr(demo, "SAMPLE", folder)
    return folder


def count(store, table="events"):
    with store.reading_cursor() as cursor:
        return cursor.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def start(path: Path, sample: Path, then: str = "store.close()") -> subprocess.Popen:
    code = f"""
from pathlib import Path
from analytics import demo
demo.SAMPLE = Path({str(sample)!r})
store = demo.open_demo(Path({str(path)!r}))
print("open", flush=True)
{then}
"""
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_it_holds_the_whole_sample_and_its_pictures(sample):
    """`sample` is `open_demo` in the tests' own folder."""
    truth = json.loads((demo.SAMPLE / "truth.json").read_text(encoding="utf-8"))
    assert (count(sample), count(sample, "sessions"), count(sample, "rejects")) == (
        truth["events"],
        truth["sessions"],
        0,
    )
    assert sample.setting("reporting_zone") == "Europe/Berlin"
    with sample.reading_cursor() as cursor:
        assert cursor.execute("SELECT source FROM imports").fetchall() == [("sample",)]
        days = cursor.execute("SELECT min(day), max(day) FROM sessions").fetchone()
    assert [day.isoformat() for day in days] == [truth["first_day"], truth["last_day"]]
    for page, window, width in (("/product/tent-nacht-2-persons", 390, 390), ("/", 1920, 1280), ("/cart", 834, 820)):
        assert pictures.for_page(sample, page, window).width == width


def test_it_lies_in_the_users_data_folder_whatever_their_own_store_is(small, tmp_path, monkeypatch):
    monkeypatch.setenv("SESSIONSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SESSIONSCOPE_STORE", str(tmp_path / "own.duckdb"))
    with closing(demo.open_demo()) as store:
        assert store.path == places.demo_store() == tmp_path / "data" / "demo.duckdb"
    assert not (tmp_path / "own.duckdb").exists()


def test_the_second_time_it_is_only_opened(small, tmp_path):
    demo.open_demo(tmp_path / "demo.duckdb").close()
    with closing(demo.open_demo(tmp_path / "demo.duckdb")) as store, store.writing() as cursor:
        cursor.execute("INSERT INTO settings VALUES ('seen', 'yes')")
    with closing(demo.open_demo(tmp_path / "demo.duckdb")) as store:
        assert store.setting("seen") == "yes"
        assert count(store) == 2000


def test_another_sample_makes_it_anew_and_what_people_saved_stays(small, tmp_path):
    with closing(demo.open_demo(tmp_path / "demo.duckdb")) as store, store.writing() as cursor:
        cursor.execute("INSERT INTO workspace.saved (id, kind, name, body) VALUES ('x1', 'view', 'Mine', '{}')")
        body = '{"page":null,"elements":["*"]}'
        cursor.execute(f"INSERT INTO workspace.saved (id, kind, name, body) VALUES ('x2', 'remap', 'All', '{body}')")
        cursor.execute("INSERT INTO workspace.watched (session_id) VALUES ('s1')")
        cursor.execute("INSERT INTO workspace.pictures VALUES ('/own', 0, 'image/png', 'x', 10, 20)")
        ours = cursor.execute("SELECT count(*) FROM workspace.pictures").fetchone()[0]
    with duckdb.connect() as connection:
        rows = f"(SELECT * FROM '{small}/events.parquet' LIMIT 700)"
        connection.execute(f"COPY {rows} TO '{small}/new.parquet' (FORMAT parquet)")
    (small / "new.parquet").replace(small / "events.parquet")
    with closing(demo.open_demo(tmp_path / "demo.duckdb")) as store:
        assert (count(store), count(store, "imports")) == (700, 1)
        with store.reading_cursor() as cursor:
            saved = cursor.execute("SELECT id, name FROM workspace.saved ORDER BY id").fetchall()
            assert saved == [("x1", "Mine"), ("x2", "All")]
            assert cursor.execute("SELECT DISTINCT called FROM elements").fetchall() == [("All",)]
            assert cursor.execute("SELECT session_id FROM workspace.watched").fetchall() == [("s1",)]
        assert count(store, "workspace.pictures") == ours


def test_a_file_that_is_no_store_is_made_anew(small, tmp_path):
    (tmp_path / "demo.duckdb").write_bytes(b"half a store" * 1000)
    with closing(demo.open_demo(tmp_path / "demo.duckdb")) as store:
        assert count(store) == 2000


def test_a_store_that_the_app_has_open_is_left_alone(small, tmp_path):
    path = tmp_path / "demo.duckdb"
    app = start(path, small, "import time; time.sleep(60)")
    try:
        assert app.stdout.readline() == "open\n"
        with pytest.raises(StoreBusy, match="in use"):
            demo.open_demo(path)
    finally:
        app.kill()
        app.wait()
    with closing(demo.open_demo(path)) as store:
        assert count(store) == 2000


def test_two_that_start_at_once_make_one(small, tmp_path):
    path = tmp_path / "demo.duckdb"
    both = [start(path, small) for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in both]
    codes = [process.returncode for process in both]
    # The second waits for the first; it may still find the store open for a moment, which it says.
    assert "open\n" in said and set(codes) <= {0, 1}
    with closing(demo.open_demo(path)) as store:
        assert (count(store), count(store, "imports")) == (2000, 1)


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX")
@pytest.mark.parametrize("after_s", [0.0, 1.5])
def test_killed_on_the_way_it_is_made_the_next_time(small, tmp_path, after_s):
    path, building = tmp_path / "demo.duckdb", tmp_path / "demo.duckdb.new"
    whole = ROOT / "sample_data"
    process = start(path, whole)
    while not building.exists():
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not path.exists()
    with closing(demo.open_demo(path)) as store:
        assert count(store) == 2000
    assert not building.exists()
