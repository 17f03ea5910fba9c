"""Forgetting a person leaves the store that an import without them makes, and nothing of theirs in it."""

import datetime as dt
import os
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from analytics import ingest
from analytics.errors import InvalidQuestion, UnreadableSource
from analytics.ingest import mend
from analytics.ingest.load import key_ring
from analytics.query import Query
from analytics.store import DuckStore
from analytics.workspace import saved, watched
from tests.ingest.conftest import asked
from tests.ingest.import_dump import differences, dump
from tests.ingest.import_oracle import expected
from tests.ingest.test_derivation import Loads, events

PLACE, OWNER = 0, 8  # of a row of `Expected.events`


@given(st.lists(events, min_size=2, max_size=24), st.data())
@settings(
    max_examples=int(os.environ.get("EXAMPLES", "12")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
def test_it_equals_an_import_without_the_person(rows, data):
    with tempfile.TemporaryDirectory() as folder:
        loads = Loads(Path(folder), data.draw(st.sampled_from([3, 1000])), "Europe/Berlin")
        loads.load([rows[::2]], "shop")
        loads.load([rows[1::2]], "app")
        everything = expected(loads.rows, loads.zone).events
        assume(everything)
        kind, id = data.draw(st.sampled_from(sorted({event[OWNER] for event in everything})))
        theirs = {event[PLACE] for event in everything if event[OWNER] == (kind, id)}
        forgotten = ingest.forget(loads.store, id, kind=kind, part_events=loads.part_events)
        assert forgotten.events == len(theirs)
        kept = {event[PLACE] for event in everything} - theirs
        nothing = dict.fromkeys(loads.rows[0])
        want = expected([row if place in kept else nothing for place, row in enumerate(loads.rows)], loads.zone)
        got = dump(loads.store, loads.offsets)
        want.counts = got.counts
        assert differences(want, got) == []
        left = {(kind, id) for kind, id in asked(loads.store, "SELECT kind, id FROM identities")}
        named = {("user", loads.rows[place]["user_id"]) for place in kept}
        named |= {("anonymous", loads.rows[place]["anonymous_id"]) for place in kept}
        assert (kind, id) not in left - named
        loads.store.close()


SHOP = """\
timestamp,event,user_id,anonymous_id,session_id,page,element,text,device,event_id
2026-03-02 09:00:00,page_view,,a1,s1,/,,,phone,e1
2026-03-02 09:01:00,page_view,zoe@shop.org,a1,s1,/account/zoe,,,phone,e2
2026-03-02 09:02:00,click,zoe@shop.org,a1,s1,/account/zoe,#hello,Hello Zoe,phone,e3
2026-03-02 09:03:00,page_view,bob,a2,s1,/,,,desktop,e4
2026-03-02 11:00:00,zoe_waved,zoe@shop.org,a3,,/,,,phone,e5
2026-03-02 12:00:00,page_view,bob,a3,s3,/,,,desktop,e6
soon,page_view,zoe@shop.org,a1,s1,/,,,phone,e7
soon,page_view,bob,a2,s1,/,,,desktop,e8
"""


def everything(store):
    """Every text in every table of the store, as one."""
    with store.reading_cursor() as cursor:
        tables = cursor.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal"
        ).fetchall()
        return "\n".join(str(row) for (table,) in tables for row in cursor.execute(f"FROM {table}").fetchall())


def test_nothing_of_the_person_is_left(store, file):
    ingest.load(store, [file("shop.csv", SHOP)])
    watched.mark(store, "s1")
    watched.mark(store, "zoe@shop.org 2026-03-02T11:00:00.000000")
    assert "zoe" in everything(store)
    assert ingest.person(store, "a1") == ingest.Person("user", "zoe@shop.org", events=4, sessions=2)
    forgotten = ingest.forget(store, "zoe@shop.org")
    assert forgotten == ingest.Forgotten(events=4, sessions=1, ids=2)
    left = everything(store)
    for theirs in ("zoe", "Zoe", "'a1'", "phone", "#hello"):
        assert theirs not in left
    # a session with others stays, as theirs, and so do marks on it and an id that they share
    assert asked(store, "SELECT session_id, events, entry_page FROM sessions ORDER BY 1") == [
        ("s1", 1, "/"),
        ("s3", 1, "/"),
    ]
    assert asked(store, "SELECT session_id FROM workspace.watched") == [("s1",)]
    assert asked(store, "SELECT id FROM identities ORDER BY 1") == [("a2",), ("a3",), ("bob",)]
    assert asked(store, "SELECT line, \"row\" LIKE '%bob%' FROM rejects ORDER BY line") == [(8, False), (9, True)]
    assert ingest.person(store, "a3").id == "bob"


def test_a_symbol_is_never_given_twice(store, file):
    ingest.load(store, [file("shop.csv", SHOP)])
    ingest.forget(store, "zoe@shop.org")
    ingest.load(store, [file("more.csv", SHOP.splitlines()[0] + "\n2026-03-03,eve_waved,eve,,,/account/eve,,,,e9\n")])
    assert asked(store, "SELECT count(*) - count(DISTINCT (kind, symbol)) FROM codes") == [(0,)]
    assert asked(store, "SELECT kind, value FROM codes ORDER BY 1, 2") == [
        ("name", "eve_waved"), ("name", "page_view"), ("name", None), ("name", None), ("page", "/"), ("page", "/account/eve"), ("page", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("user", "kind", "said"),
    [
        pytest.param(
            "carl", None, "Nobody in this store is called 'carl'; write the id as the export has it", id="unknown"
        ),
        pytest.param("a3", None, "'a3' belongs to 2 users, 'bob' and 'zoe@shop.org'; name one of them", id="shared"),
        pytest.param(
            "7", None, "'7' is called so as anonymous id and user id, which are different people", id="two kinds"
        ),
        pytest.param("bob", "boss", "An id is one of user, anonymous or session, not 'boss'", id="no kind"),
    ],
)
def test_who_is_not_one_person_is_refused(store, file, user, kind, said):
    ingest.load(store, [file("shop.csv", SHOP + "2026-03-03,x,7,,,/,,,,\n2026-03-04,x,,7,,/,,,,\n")])
    before, version = everything(store), store.version
    with pytest.raises(InvalidQuestion, match=said):
        ingest.forget(store, user, kind=kind)
    assert (everything(store), store.version) == (before, version)
    assert ingest.person(store, "7", "anonymous") == ingest.Person("anonymous", "7", 1, 1)


def test_a_short_id_is_found_as_a_whole_value_only(store, file):
    rows = [
        "2026-01-12,view,12,,,/12,,,,",
        "soon,view,12,,,,,,,",
        "soon,view,120,,,/12a,,,,",
        '2026-01-12T12:12:12x,view,"b",,,,,,,',
    ]
    ingest.load(store, [file("few.csv", SHOP.splitlines()[0] + "\n" + "\n".join(rows) + "\n")])
    assert ingest.forget(store, "12").ids == 1
    assert [row.startswith("[") for (row,) in asked(store, 'SELECT "row" FROM rejects ORDER BY line')] == [
        True,
        False,
        False,
    ]


def test_what_the_team_saved_is_named_and_stays(store, file):
    ingest.load(store, [file("shop.csv", SHOP)])
    saved.save(store, "segment", "Zoe", {"where": [{"field": "user_id", "op": "is", "value": "zoe@shop.org"}]})
    saved.save(store, "segment", "Bob", {"where": [{"field": "user_id", "op": "is", "value": "bob"}]})
    assert ingest.forget(store, "a1").named_in == (("segment", "Zoe"),)
    assert len(saved.all_of(store, "segment")) == 2


def test_a_recording_of_a_session_they_took_part_in_goes(store, file):
    ingest.load(store, [file("shop.csv", SHOP)])
    with store.writing() as cursor:
        cursor.execute("INSERT INTO recordings (session_id, sha256, import_id) VALUES ('s1', 'x', 1), ('s3', 'y', 1)")
    ingest.forget(store, "zoe@shop.org")
    assert asked(store, "SELECT session_id FROM recordings") == [("s3",)]


def test_nothing_of_them_can_be_read_in_the_files(tmp_path, file):
    (tmp_path / "shop").mkdir()
    store = DuckStore.open(tmp_path / "shop" / "s.duckdb")
    ingest.load(store, [file("shop.csv", SHOP)])
    with store.writing() as cursor:
        cursor.execute("UPDATE users SET properties = properties")  # so that there is something in the log
    (store.spool / "load-killed").mkdir()
    (store.spool / "load-killed" / "0.parquet").write_text("zoe@shop.org")
    ingest.forget(store, "zoe@shop.org")
    lasting = [path for path in (tmp_path / "shop").rglob("*") if path.is_file()]
    assert [path.name for path in lasting] != []
    for path in lasting:
        for theirs in (b"zoe", b"Zoe", b"phone", b"#hello"):
            assert theirs not in path.read_bytes(), path.name
    # and the store goes on: it is asked, written, closed and opened
    assert asked(store, "SELECT count(*) FROM events") == [(2,)]
    more = file("more.csv", SHOP.replace("bob", "eve").replace("zoe", "joe").replace("a1", "a9"))
    assert ingest.load(store, [more], ingest.Options(source="more")).events_added == 6
    store.close()
    store = DuckStore.open(tmp_path / "shop" / "s.duckdb")
    assert asked(store, "SELECT count(*) FROM events") == [(8,)]
    store.close()


def test_a_file_that_could_not_be_written_anew_is_when_it_is_opened_next(tmp_path, file, monkeypatch):
    path = tmp_path / "s.duckdb"
    store = DuckStore.open(path)
    ingest.load(store, [file("shop.csv", SHOP)])
    with monkeypatch.context() as narrow:
        narrow.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=1_000_000))
        forgotten = ingest.forget(store, "zoe@shop.org")
    assert "cannot be written anew: that takes" in forgotten.still_in_file
    assert "Their bytes stay in the file" in forgotten.text()
    assert asked(store, "SELECT count(*) FROM events") == [(2,)]
    store.close()
    assert b"zoe" in path.read_bytes()
    store = DuckStore.open(path)
    assert b"zoe" not in path.read_bytes()
    assert store.setting("rewrite_due") is None
    assert asked(store, "SELECT count(*) FROM events") == [(2,)]
    store.close()


def test_questions_go_on_while_the_file_is_written_anew(tmp_path, file):
    """Those that run end first; one that nobody ends is closed, and the next ones see the new file."""
    store = DuckStore.open(tmp_path / "s.duckdb")
    ingest.load(store, [file("shop.csv", SHOP)])
    asking, over = [], threading.Event()

    def ask() -> None:
        while not over.is_set():
            asking.append(asked(store, "SELECT count(*) FROM events")[0][0])

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for thread in askers:
        thread.start()
    ingest.forget(store, "zoe@shop.org")
    before = len(asking)
    while len(asking) < before + 10:
        time.sleep(0.01)
    over.set()
    for thread in askers:
        thread.join()
    assert set(asking) == {6, 2}
    assert asking[-1] == 2
    store.close()


def test_a_download_that_was_left_does_not_hold_it_up(tmp_path, file, monkeypatch):
    monkeypatch.setattr("analytics.store.duck.PATIENCE_S", 0.2)
    store = DuckStore.open(tmp_path / "s.duckdb")
    ingest.load(store, [file("shop.csv", SHOP)])
    download = store.batches(Query("SELECT * FROM events", {}), size=1)
    next(download)
    assert ingest.forget(store, "zoe@shop.org").still_in_file is None
    with pytest.raises(duckdb.Error):
        list(download)
    assert asked(store, "SELECT count(*) FROM events") == [(2,)]
    store.close()


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_cancelled_it_leaves_the_store_as_it_was(store, file, share):
    ingest.load(store, [file("shop.csv", SHOP)])
    before, version = everything(store), store.version
    reached = []
    with pytest.raises(ingest.ImportCancelled, match="Forgetting was cancelled; the store is as it was."):
        ingest.forget(
            store,
            "zoe@shop.org",
            progress=lambda step: reached.append(step.share),
            cancelled=lambda: bool(reached) and reached[-1] >= share,
        )
    assert (everything(store), store.version) == (before, version)


@given(st.lists(events, min_size=2, max_size=20), st.data())
@settings(
    max_examples=int(os.environ.get("EXAMPLES", "8")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
def test_who_was_forgotten_does_not_come_back_with_another_export(rows, data):
    """The same rows under another name: what was theirs is passed over, also on a device that they shared."""
    rows = [
        row | {"event_id": None, "timestamp": row["timestamp"] and row["timestamp"] + dt.timedelta(microseconds=n)}
        for n, row in enumerate(rows)  # at one moment an anonymous id may change hands, which no later import can tell
    ]
    with tempfile.TemporaryDirectory() as folder:
        loads = Loads(Path(folder), 1000, "UTC")
        loads.load([rows], "shop")
        everything = expected(loads.rows, loads.zone).events
        assume(everything)
        kind, id = data.draw(st.sampled_from(sorted({event[OWNER] for event in everything})))
        theirs = {event[PLACE] for event in everything if event[OWNER] == (kind, id)}
        ingest.forget(loads.store, id, kind=kind)
        loads.load([rows[::2], rows[1::2]], "again")
        again = [*range(len(rows))][::2] + [*range(len(rows))][1::2]
        gone = theirs | {len(rows) + place for place, twin in enumerate(again) if twin in theirs}
        nothing = dict.fromkeys(loads.rows[0])
        want = expected([nothing if n in gone else row for n, row in enumerate(loads.rows)], loads.zone)
        got = dump(loads.store, loads.offsets)
        want.counts = got.counts
        assert differences(want, got) == []
        passed = asked(loads.store, "SELECT CAST(sum(not_events) AS INTEGER) FROM imports")
        assert passed == [(len(theirs),)]
        loads.store.close()


def test_an_import_says_whom_it_passed_over_and_brings_back_whom_it_is_told_to(store, file):
    ingest.load(store, [file("shop.csv", SHOP)])
    ingest.forget(store, "zoe@shop.org")
    assert "zoe" not in everything(store)
    later = (
        SHOP.replace("2026-03-02", "2026-03-09").replace("s1", "s7")
        + "2026-03-10,page_view,,a4,,/,,,,\n2026-03-10 00:01:00,login,zoe@shop.org,a4,,/,,,,\n"
    )
    (report,) = ingest.load(store, [file("later.csv", later)], ingest.Options(source="later")).imports
    assert (report.events_added, report.not_events, report.rejected) == (2, 6, 2)
    assert report.notes[-1] == "6\u00a0rows are of people whom this store was asked to forget, and passed over."
    left = everything(store)
    assert not [theirs for theirs in ("zoe", "'a1'", "'a4'") if theirs in left]
    assert asked(store, 'SELECT "row" FROM rejects WHERE import_id = 2 ORDER BY line')[0] == ("[forgotten]",)
    # back they are, and stay
    ingest.undo(store, [2])
    (report,) = ingest.load(store, [file("later.csv", later)], ingest.Options(source="later", bring_back=True)).imports
    assert (report.events_added, report.not_events) == (8, 0)
    assert ingest.person(store, "zoe@shop.org").events == 6
    (report,) = ingest.load(store, [file("last.csv", SHOP)], ingest.Options(source="last")).imports
    assert (report.events_added, report.not_events) == (6, 0)


def test_a_device_that_was_shared_is_theirs_only_while_it_was(store, file):
    rows = [
        "09:00,in,zoe,a1",
        "09:10,view,,a1",
        "09:20,in,bob,a1",
        "09:30,view,,a1",
        "09:40,in,zoe,a1",
        "09:50,view,,a1",
    ]
    text = "timestamp,event,user_id,anonymous_id\n" + "".join(f"2026-03-02 {row}\n" for row in rows)
    ingest.load(store, [file("a.csv", text)])
    assert ingest.forget(store, "zoe").events == 4
    ingest.load(store, [file("b.csv", text)], ingest.Options(source="b"))
    assert asked(store, "SELECT import_id, strftime(time, '%H:%M') FROM events ORDER BY ALL") == [
        (1, "09:20"), (1, "09:30"), (2, "09:20"), (2, "09:30"),
    ]  # fmt: skip


def test_without_its_key_a_store_that_forgot_somebody_takes_nothing(tmp_path, file):
    store = DuckStore.open(tmp_path / "s.duckdb")
    ingest.load(store, [file("shop.csv", SHOP)])
    ingest.forget(store, "zoe@shop.org")
    (tmp_path / "s.duckdb.key").unlink()
    with pytest.raises(UnreadableSource, match="but the key .*s.duckdb.key is gone"):
        ingest.load(store, [file("shop.csv", SHOP)])
    # but whoever asks to be forgotten is, and hears that it may not last
    gone = ingest.forget(store, "bob")
    assert gone.events == 2
    assert "A later import may bring them back. The store was asked to forget people, but the key" in gone.text()
    assert not (tmp_path / "s.duckdb.key").exists()
    store.close()


def test_an_id_that_redaction_made_a_hash_of_is_found_by_the_id(store, file):
    key = key_ring(store)()
    ingest.load(store, [file("shop.csv", SHOP)])
    ingest.load(
        store,
        [file("more.csv", SHOP.replace("zoe@shop.org", f"id-{key.hash('zoe@shop.org')}"))],
        ingest.Options(source="b"),
    )
    assert ingest.person(store, "zoe@shop.org").events == 8
    assert ingest.forget(store, "zoe@shop.org").events == 8
    (report,) = ingest.load(store, [file("last.csv", SHOP)], ingest.Options(source="last")).imports
    assert (report.events_added, report.not_events) == (2, 4)


def test_a_refused_row_that_held_their_id_is_not_offered_to_be_mended(store, file):
    ingest.load(store, [file("shop.csv", SHOP)])
    ingest.forget(store, "zoe@shop.org")
    offered = mend.refused(store, 1)
    assert [(row.line, "bob" in row.text) for row in offered] == [(9, True)]


def test_a_file_that_cannot_be_exchanged_stays_and_goes_on(tmp_path, file, monkeypatch):
    store = DuckStore.open(tmp_path / "s.duckdb")
    ingest.load(store, [file("shop.csv", SHOP)])

    def refuse(*_: object) -> None:
        raise PermissionError("not now")

    with monkeypatch.context() as narrow:
        narrow.setattr("analytics.store.duck.os.replace", refuse)
        assert ingest.forget(store, "zoe@shop.org").still_in_file == "not now"
    assert list(store.spool.rglob("*.duckdb")) == []
    assert asked(store, "SELECT count(*) FROM events") == [(2,)]
    assert ingest.load(store, [file("more.csv", SHOP)], ingest.Options(source="more")).events_added == 2
    assert ingest.forget(store, "bob").still_in_file is None  # and the next one takes both out of it
    store.close()
    assert b"zoe" not in (tmp_path / "s.duckdb").read_bytes()


def test_whose_id_redaction_made_a_hash_of_is_known_again_without_it(store, file):
    hashed = ingest.Options(redact={"user_ids": True})
    ingest.load(store, [file("shop.csv", SHOP)], hashed)
    found = ingest.person(store, "bob")
    assert found.id.startswith("id-")
    assert ingest.forget(store, found.id, kind="user").events == 2
    (report,) = ingest.load(
        store, [file("more.csv", SHOP)], ingest.Options(source="more", redact={"user_ids": False})
    ).imports
    assert (report.events_added, report.not_events) == (4, 2)
    (report,) = ingest.load(
        store, [file("last.csv", SHOP)], ingest.Options(source="last", redact={"user_ids": True}, bring_back=True)
    ).imports
    assert (report.events_added, report.not_events) == (6, 0)
