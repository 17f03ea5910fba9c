"""The page of what is in the store: what came from where, taking it back, forgetting a person, moving the days."""

import datetime as dt
from dataclasses import dataclass

import pytest

from analytics import ingest, places
from analytics.ingest import Options
from analytics.query import Query
from analytics.store import DuckStore, holder
from pages.data import jobs
from pages.data.brought import Brought, days
from tests.pages.conftest import HOSTILE, marks, said

SOURCES = "data/sources.py"
HEAD = "event_id,timestamp,event,user_id\n"
FIRST = (
    HEAD + "1,2026-03-02 09:00:00,page_view,ada\n2,2026-03-02 09:01:00,order,ada\n3,2026-03-04 23:30:00,page_view,bob\n"
)
SECOND = HEAD + "2,2026-03-02 09:01:00,order,ada\n4,2026-03-07 08:00:00,page_view,cleo\nx,never,order,cleo\n"


@dataclass(frozen=True)
class Counted:
    events: int


def events(store) -> int:
    return store.rows(Query("SELECT count(*) AS events FROM events", {}), Counted)[0].events


def texts(at) -> str:
    return said(at).replace("\u00a0", " ").replace("\\", "").replace("**", "").replace("\u2060", "")


def button(at, label: str):
    return next(one for one in at.button if one.label.replace("\\", "").startswith(label))


def finished(at):
    """Waits for the job, then runs the page as the browser would."""
    at.session_state["import-job"].ended.wait(60)
    return at.run()


def choose(at, *rows: int):
    at.session_state["sources-2-2"] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return at.run()


@pytest.fixture
def two_files(tmp_path):
    """Two loads: the second repeats a row of the first and holds one that is refused."""
    store = DuckStore.open(tmp_path / "two.duckdb", threads=1)
    for name, content, source in (("first.csv", FIRST, "shop"), ("second.csv", SECOND, "shop")):
        (tmp_path / name).write_text(content)
        ingest.load(store, [tmp_path / name], Options(source=source))
    yield store
    store.close()


def test_every_file_is_there_with_what_it_brought(opened, two_files):
    at = opened(two_files, SOURCES)
    assert not at.exception
    assert "2 files brought 4 events, 2 Mar to 7 Mar 2026." in texts(at)
    table = at.dataframe[0].value
    assert list(table["File"]) == ["second.csv", "first.csv"]
    assert [list(table[name]) for name in ("Events", "Repeats", "Refused")] == [[1, 3], [1, 0], [1, 0]]
    assert [text.replace("\u00a0", " ") for text in table["Days"]] == ["7 Mar 2026", "2 Mar to 4 Mar 2026"]
    assert list(table["Read as"]) == ["CSV", "CSV"]


def test_a_file_is_taken_back(opened, two_files):
    at = opened(two_files, SOURCES)
    assert "Choose files in the table to take them back." in texts(at)
    choose(at, 1)
    assert "3 events leave the store" in texts(at)
    assert "bring those files in again" in texts(at), "the second file's repeat of it is not stored twice"
    button(at, "Take back now").click().run()
    finished(at)
    assert not at.exception
    assert "The import was taken back: 3 events left the store." in texts(at)
    assert list(at.dataframe[0].value["File"]) == ["second.csv"]
    assert events(two_files) == 1


def test_several_are_taken_back_together(opened, two_files):
    at = choose(opened(two_files, SOURCES), 0, 1)
    button(at, "Take back now").click().run()
    finished(at)
    assert "2 imports were taken back: 4 events left the store." in texts(at)
    assert "Nothing has been brought in yet." in texts(at)
    assert not at.dataframe


def test_a_person_is_looked_for_and_then_forgotten(opened, two_files):
    at = opened(two_files, SOURCES)
    at.text_input(key="forget-id-0").set_value("ada")
    button(at, "Find them").click().run()
    assert "ada (person, signed in): 2 events in 1 session." in texts(at)
    assert events(two_files) == 4, "nothing goes before it is meant"
    button(at, "Forget them now").click().run()
    finished(at)
    assert not at.exception
    assert "Forgotten: 2 events, 1 session, 1 id." in texts(at)
    assert events(two_files) == 2


@pytest.mark.parametrize("user", ["nobody", "[x](https://evil.example)", "x' OR 1=1"])
def test_nobody_is_nobody(opened, two_files, user):
    at = opened(two_files, SOURCES)
    at.text_input(key="forget-id-0").set_value(user)
    button(at, "Find them").click().run()
    assert not at.exception
    assert "Nobody in this store is called" in texts(at)
    assert marks(at) == []


def test_an_empty_id_asks_nothing(opened, two_files):
    at = opened(two_files, SOURCES)
    button(at, "Find them").click().run()
    assert not at.exception
    assert not at.warning


def test_the_days_are_moved(opened, two_files):
    at = opened(two_files, SOURCES)
    assert button(at, "Move the store").disabled
    at.selectbox(key="sources-zone-UTC").set_value("Asia/Tokyo").run()
    button(at, "Move the store to Asia/Tokyo").click().run()
    finished(at)
    assert not at.exception
    assert "Days are cut in Asia/Tokyo now, not in UTC: 1 session lies on another day than before." in texts(at)
    assert two_files.setting("reporting_zone") == "Asia/Tokyo"


def test_an_empty_store_says_so(opened):
    store = DuckStore.open(":memory:", threads=1)
    at = opened(store, SOURCES)
    assert not at.exception
    assert "Nothing has been brought in yet." in texts(at)
    store.close()


def test_the_sample_stays_as_it_is(opened, tmp_path, monkeypatch):
    monkeypatch.setenv("SESSIONSCOPE_DATA", str(tmp_path))
    (tmp_path / "first.csv").write_text(FIRST)
    store = DuckStore.open(places.demo_store(), threads=1)
    ingest.load(store, [tmp_path / "first.csv"])
    at = opened(store, SOURCES)
    assert not at.exception
    assert "This is the sample, which stays as it is." in texts(at)
    assert not at.text_input
    store.close()


def test_text_in_names_is_shown_as_text(opened, tmp_path):
    store = DuckStore.open(tmp_path / "bad.duckdb", threads=1)
    (tmp_path / "[x](https:evil.example) $x$ :red[x].csv").write_text(FIRST)
    ingest.load(store, [tmp_path / "[x](https:evil.example) $x$ :red[x].csv"], Options(source=HOSTILE["link"]))
    at = opened(store, SOURCES)
    at.session_state["sources-1-1"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    assert not at.exception
    assert "Take" in texts(at)
    assert marks(at) == []
    store.close()


def test_whoever_watches_hears_how_it_ended(opened, two_files):
    """Two browsers: one takes a file back, the other sees it on the way and at the end."""
    one, other = opened(two_files, SOURCES), opened(two_files, SOURCES)
    choose(one, 0)
    with two_files.writing():  # so that it cannot end before it is seen
        button(one, "Take back now").click().run()
        other.run()
        assert "Taking second.csv back" in texts(other)
        assert "It goes on when you leave this page" in texts(other)
    finished(one)
    other.run()
    for at in (one, other):
        assert "The import was taken back: 1 event left the store." in texts(at)


def test_an_import_that_has_just_ended_is_one_click_away(opened, two_files, tmp_path):
    at = opened(two_files, SOURCES)
    (tmp_path / "third.csv").write_text(HEAD + "9,2026-03-09 09:00:00,order,dan\n")
    job = jobs.start("Bringing in third.csv", jobs.bring([tmp_path / "third.csv"], Options(source="shop"), None))
    at.run()
    job.ended.wait(60)
    at.session_state["import-job"] = job  # it may have ended before the page saw it
    at.run()
    assert not at.exception
    assert "3 files brought 5 events" in texts(at)
    assert [link.proto.label for link in at.get("page_link")] == ["See what came in"]
    assert at.run().get("page_link") == [], "once"


def test_a_line_on_every_page_says_how_far_it_is(opened, two_files):
    at = opened(two_files, SOURCES)
    choose(at, 0)
    elsewhere = opened(two_files, "data/groups.py")
    assert "second.csv" not in texts(elsewhere)
    with two_files.writing():
        button(at, "Take back now").click().run()
        elsewhere.run()
        assert "Taking second\\.csv back" in "".join(bar.proto.text for bar in elsewhere.get("progress"))
    finished(at)
    elsewhere.run()
    assert "Taking second.csv back: done." in texts(elsewhere)
    assert holder.current() is two_files


def test_the_days_of_nothing_are_a_dash():
    assert days([]) == "–"
    assert days([Brought(1, 1, "a", "csv", "s", 1, None, 1, 1, 0, 0, 0, dt.datetime(2026, 1, 1), None, None)]) == "–"
