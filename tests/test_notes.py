"""What the team notes, and how it calls its releases."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from analytics.errors import InvalidQuestion
from analytics.workspace import notes, releases, saved

DAY = dt.date(2026, 9, 14)
LATER = dt.date(2026, 9, 21)


def texts(store):
    return [(note.day, note.text) for note in notes.known(store)]


def test_a_note_is_a_day_and_a_text(store_of):
    store = store_of([])
    notes.add(store, LATER, "Newsletter", by="ada")
    first = notes.add(store, DAY, "  Newsletter \n to all ")
    notes.add(store, DAY, "A fair")
    assert texts(store) == [(DAY, "A fair"), (DAY, "Newsletter to all"), (LATER, "Newsletter")]
    assert [note.by for note in notes.known(store)] == [None, None, "ada"]
    notes.remove(store, first)
    notes.remove(store, first)
    assert texts(store) == [(DAY, "A fair"), (LATER, "Newsletter")]


def test_a_note_may_come_again_on_another_day_only(store_of):
    store = store_of([])
    notes.add(store, DAY, "Newsletter")
    notes.add(store, LATER, "Newsletter")
    with pytest.raises(InvalidQuestion, match="There is a note 'Newsletter' on 14\xa0Sep\xa02026 already"):
        notes.add(store, DAY, "Newsletter ")


@pytest.mark.parametrize(("text", "said"), [("  ", "says nothing"), ("ä" * 70, "this one has 70")])
def test_a_note_that_cannot_be(store_of, text, said):
    with pytest.raises(InvalidQuestion, match=f"1 to 69 letters; .*{said}"):
        notes.add(store_of([]), DAY, text)


def test_the_longest_note_is_kept(store_of):
    store = store_of([])
    notes.add(store, DAY, "ä" * notes.LONGEST)
    assert texts(store) == [(DAY, "ä" * 69)]


@pytest.mark.parametrize("body", ['{"day": "soon", "text": "x"}', '{"text": "x"}', "[1]", "null"])
def test_a_note_of_another_version_is_named(store_of, body):
    store = store_of([])
    saved.save(store, "note", "odd", 1)
    with store.writing() as cursor:
        cursor.execute("UPDATE workspace.saved SET body = $body", {"body": body})
    with pytest.raises(InvalidQuestion, match="'odd' was saved by another version"):
        notes.known(store)


def test_a_release_of_the_data_gets_a_name_and_loses_it(store_of):
    store = store_of([])
    releases.name(store, "1.1", "New checkout", by="ada")
    (one,) = releases.known(store)
    assert (one.name, one.value, one.day, one.by) == ("New checkout", "1.1", None, "ada")
    releases.name(store, "1.1", " Second \n checkout ")
    assert [(each.id, each.name) for each in releases.known(store)] == [(one.id, "Second checkout")]
    releases.name(store, "1.1", "1.1")
    assert releases.known(store) == ()
    releases.name(store, "1.1", "")
    assert releases.known(store) == ()


def test_a_release_is_a_name_and_a_day_where_the_data_know_none(store_of):
    store = store_of([])
    id = releases.define(store, "New checkout", DAY)
    assert [(one.name, one.day, one.value) for one in releases.known(store)] == [("New checkout", DAY, None)]
    releases.change(store, id, "Newer checkout", LATER)
    assert [(one.id, one.name, one.day) for one in releases.known(store)] == [(id, "Newer checkout", LATER)]
    releases.remove(store, id)
    assert releases.known(store) == ()
    with pytest.raises(InvalidQuestion, match="not there any more"):
        releases.change(store, id, "Newer checkout", DAY)


def test_names_of_releases_are_their_own(store_of):
    store = store_of([])
    releases.define(store, "Spring", DAY)
    id = releases.define(store, "Summer", LATER)
    for take in (
        lambda: releases.define(store, " Spring ", LATER),
        lambda: releases.change(store, id, "Spring", DAY),
        lambda: releases.name(store, "1.1", "Spring"),
    ):
        with pytest.raises(InvalidQuestion, match="There is a release called 'Spring' already"):
            take()
    with pytest.raises(InvalidQuestion, match="know another release as '1.0'"):
        releases.name(store, "1.1", "1.0", ["1.0", "1.1"])
    assert [(one.name, one.day) for one in releases.known(store)] == [("Spring", DAY), ("Summer", LATER)]


def test_two_who_name_a_release_at_once_leave_one_name(store_of):
    store = store_of([])
    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda n: releases.name(store, "1.1", f"Name {n}"), range(12)))
    assert len(releases.known(store)) == 1


def test_two_who_note_the_same_at_once_leave_one_note(store_of):
    store = store_of([])

    def add(_):
        try:
            notes.add(store, DAY, "Newsletter")
        except InvalidQuestion:
            return 0
        return 1

    with ThreadPoolExecutor(4) as many:
        assert sum(many.map(add, range(12))) == 1
    assert texts(store) == [(DAY, "Newsletter")]


@pytest.mark.parametrize("statement", ["CHANGED", "RENAMED"])
def test_a_change_that_is_cut_off_leaves_all_as_it_was(store_of, monkeypatch, statement):
    store = store_of([])
    id = releases.define(store, "Spring", DAY)
    monkeypatch.setattr(saved, statement, f"{getattr(saved, statement)} AND error('cut off') IS NULL")
    with pytest.raises(duckdb.Error, match="cut off"):
        releases.change(store, id, "Summer", LATER)
    monkeypatch.undo()
    assert [(one.name, one.day) for one in releases.known(store)] == [("Spring", DAY)]
