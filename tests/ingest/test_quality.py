"""What is doubtful about a load: each fact counted by hand, sessions by our rule against an import without theirs."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import ingest
from analytics.ingest import quality
from analytics.ingest.rules import USUAL
from analytics.store import DuckStore

HEAD = "timestamp,event,user_id,session_id,page,note\n"


def loaded(store, file, *rows: str, name: str = "a.csv", **options) -> list[int]:
    report = ingest.load(store, [file(name, HEAD + "\n".join(rows) + "\n")], ingest.Options(**options))
    return list(report.numbers)


def test_times_are_counted(store, file):
    imports = loaded(
        store,
        file,
        "2026-03-02 00:00:00,a,u1,s1,,",
        "2026-03-02 02:30:00.5,a,u1,s1,,",
        "2026-03-02 12:30:00,a,u1,s1,,",
        "2026-03-03 00:30:01,a,u1,s1,,",
        "1970-01-01 00:00:00,a,u2,s2,,",
        "2099-01-01 00:00:00.001,a,u3,s3,,",
    )
    assert quality.times(store, imports) == quality.Times(
        events=6, ancient=1, future=1, midnight=2, whole_seconds=4, night=1, noon=1, jumps=1
    )


def test_only_the_load_that_is_asked_for_counts(store, file):
    loaded(store, file, "2026-03-02 00:00:00,a,u1,s1,/a@b.de,")
    imports = loaded(store, file, "2026-03-02 10:00:00,b,u1,s1,,jane@b.de", name="b.csv")
    assert quality.times(store, imports).events == 1
    assert [(one.field, one.rows) for one in quality.private(store, imports, USUAL)] == [("properties", 1)]


def test_personal_data_is_found_in_texts_and_ids(store, file):
    imports = loaded(
        store,
        file,
        "2026-03-02 10:00:00,a,jane@example.com,s1,/u/jane%40example.com,",
        "2026-03-02 10:00:01,a,jane@example.com,s1,/x,from 10.1.2.3",
        "2026-03-02 10:00:02,a,u2,s2,/x?token=abc,4111 1111 1111 1111",
        redact={"cards": False, "secrets": False},
    )
    found = quality.private(store, imports, ())
    assert [(one.rule, one.field, one.rows) for one in found] == [
        ("email", "user", 2),
        ("addresses", "properties", 1),
        ("cards", "properties", 1),
        ("email", "page", 1),
        ("secrets", "page", 1),
    ]
    assert quality.private(store, imports, ("cards", "secrets", "email", "addresses")) == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("jane.doe@example.com", "j•••.d••@e••••••.c••"),
        (" 4111 1111 1111 1111", "4••• 1••• 1••• 1•••"),
        ("?token=abc", "?t••••=a••"),
        ("", ""),
    ],
)
def test_an_example_does_not_tell_whose_it_is(text, shown):
    assert quality.veiled(text) == shown


@pytest.mark.parametrize(
    ("rows", "is_round"), [(10_000, True), (50_000, True), (10_001, False), (100, False), (0, False)]
)
def test_exports_stop_at_round_numbers(rows, is_round):
    assert quality.is_round(rows) == is_round


def test_sessions_by_a_pause_against_theirs(store, file):
    imports = loaded(
        store,
        file,
        "2026-03-02 09:00:00,a,u1,s1,,",
        "2026-03-02 09:10:00,a,u1,s1,,",
        "2026-03-02 09:30:00,a,u1,s2,,",  # no longer pause: one of ours
        "2026-03-02 11:00:00,a,u1,s2,,",  # a longer one within theirs
        "2026-03-04 11:00:01,a,u2,s3,,",
        "2026-03-02 11:00:00,a,u2,s3,,",
    )
    assert quality.sessions(store, imports, 1800) == quality.Sessions(
        sessions=3, theirs=3, ours=4, paused=2, long=1, of_one_event=0
    )


MINUTES = st.integers(0, 400)
ROWS = st.lists(st.tuples(MINUTES, st.sampled_from("ab"), st.sampled_from("xyz")), min_size=1, max_size=25)


@settings(max_examples=25, deadline=None)
@given(ROWS)
def test_ours_are_those_of_an_import_without_their_ids(tmp_path_factory, rows):
    start = dt.datetime(2026, 3, 2)
    lines = [f"{start + dt.timedelta(minutes=at)},e,{user},{user}{session},," for at, user, session in rows]
    path = tmp_path_factory.mktemp("rows") / "a.csv"
    path.write_text(HEAD + "\n".join(lines) + "\n")
    counts = []
    for mapping in ({}, {"session_id": ""}):
        store = DuckStore.open(":memory:", threads=1)
        try:
            ingest.load(store, [path], ingest.Options(mapping=mapping))
            counts.append(quality.sessions(store, [1], 1800))
        finally:
            store.close()
    assert counts[0].ours == counts[1].sessions
