"""What is kept under a name: saved, changed, renamed, deleted, and never at the price of a stale answer."""

import pytest

from analytics.errors import InvalidQuestion
from analytics.store import DuckStore
from analytics.workspace import saved

BODY = {"steps": [{"name": "a"}, {"name": "it's"}], "window_s": None}


def names(store, kind="funnel"):
    return [one.name for one in saved.all_of(store, kind)]


def test_what_is_saved_is_found_again(journeys):
    store = journeys("a b")
    made = saved.save(store, "funnel", "  The  way\nto an order ", BODY, by="ada")
    (one,) = saved.all_of(store, "funnel")
    assert (one.id, one.kind, one.name, one.value, one.by) == (made, "funnel", "The way to an order", BODY, "ada")
    assert one.created == one.changed
    assert names(store, "segment") == []


def test_a_name_is_taken_once_within_its_kind(journeys):
    store = journeys("a b")
    made = saved.save(store, "funnel", "orders", BODY)
    saved.save(store, "segment", "orders", {})
    with pytest.raises(InvalidQuestion, match="There is a funnel called 'orders' already"):
        saved.save(store, "funnel", "orders", {})
    assert saved.save(store, "funnel", "orders", {"steps": []}, replace=True) == made
    (one,) = saved.all_of(store, "funnel")
    assert one.value == {"steps": []} and one.changed >= one.created
    with pytest.raises(InvalidQuestion, match="a page group called 'x'"):
        saved.save(store, "page_group", "x", {})
        saved.save(store, "page_group", "x", {})


def test_renamed_and_deleted(journeys):
    store = journeys("a b")
    one, other = (saved.save(store, "funnel", name, BODY) for name in ("one", "Other"))
    saved.rename(store, one, "zero")
    assert names(store) == ["Other", "zero"]
    saved.rename(store, one, "zero")  # its own name is no clash
    with pytest.raises(InvalidQuestion, match="'Other' already"):
        saved.rename(store, one, "Other")
    saved.remove(store, other)
    saved.remove(store, other)
    assert names(store) == ["zero"]
    with pytest.raises(InvalidQuestion, match="somebody has deleted it"):
        saved.rename(store, other, "back")


@pytest.mark.parametrize("name", ["", "  \n ", "x" * 81])
def test_a_name_has_1_to_80_letters(journeys, name):
    store = journeys("a b")
    with pytest.raises(InvalidQuestion, match="1 to 80 letters"):
        saved.save(store, "funnel", name, BODY)
    saved.save(store, "funnel", "x" * 80, BODY)


def test_what_was_answered_before_is_asked_again(journeys):
    store = journeys("a b")

    def read():
        return store.answer("saved", lambda reader: tuple(one.name for one in saved.all_of(reader, "funnel")))

    assert read() == ()
    made = saved.save(store, "funnel", "orders", BODY)
    assert read() == ("orders",)
    saved.rename(store, made, "sales")
    assert read() == ("sales",)
    saved.remove(store, made)
    assert read() == ()


def test_a_store_for_reading_only_keeps_nothing(tmp_path):
    DuckStore.open(tmp_path / "s.duckdb").close()
    store = DuckStore.open(tmp_path / "s.duckdb", read_only=True)
    assert names(store) == []
    for write in (lambda: saved.save(store, "funnel", "x", BODY), lambda: saved.remove(store, "x")):
        with pytest.raises(InvalidQuestion, match="for reading only"):
            write()
    store.close()


def test_it_stays_when_the_store_is_opened_again(tmp_path):
    store = DuckStore.open(tmp_path / "s.duckdb")
    saved.save(store, "funnel", "orders", BODY)
    store.close()
    store = DuckStore.open(tmp_path / "s.duckdb")
    assert [one.value for one in saved.all_of(store, "funnel")] == [BODY]
    store.close()
