"""Refused rows come in after all: mended, in their file's form, with its options, once."""

import json
from dataclasses import replace

import duckdb
import pytest

from analytics import ingest
from analytics.errors import InvalidQuestion
from analytics.ingest import mend
from tests.ingest.conftest import asked

HEAD = "when;what;uid;note\n"
ROWS = [
    '2026-03-02 09:00:00;pageview;u1;"a;b"',
    "never;pageview;u1;x",
    '2026-03-02 25:00:00;pageview;u2;"say ""hi"";\nthere"',
    "2026-03-02 09:00:02;pageview;u2",
    "2026-03-02 09:00:03;pageview;u2;x;y",
]
OPTIONS = ingest.Options(
    mapping={"timestamp": "when", "event": "what"},
    renames={"pageview": "page_view"},
    timezone="Europe/Berlin",
    source="shop",
)


@pytest.fixture
def broken(store, file):
    return ingest.load(store, [file("shop.csv", HEAD + "\n".join(ROWS) + "\n")], OPTIONS)


def mended(store, number: int, was: str, becomes: str) -> list[mend.Refused]:
    """The rows in which something was changed."""
    rows = mend.refused(store, number)
    changed = [replace(row, text=row.text.replace(was, becomes)) for row in rows]
    return [new for old, new in zip(rows, changed, strict=True) if new != old]


def test_refused_rows_are_listed_as_they_came(store, broken):
    assert broken.events_added == 1
    assert [(row.line, row.reason, row.text) for row in mend.refused(store, 1)] == [
        (3, "unreadable timestamp", ROWS[1]),
        (4, "unreadable timestamp", ROWS[2]),
        (5, "too few columns", ROWS[3]),
        (6, "too many columns", ROWS[4]),
    ]
    assert [row.line for row in mend.refused(store, 1, "too few columns")] == [5]
    assert mend.groups(store, [1]) == [
        mend.Group(1, "unreadable timestamp", 2),
        mend.Group(1, "too few columns", 1),
        mend.Group(1, "too many columns", 1),
    ]


def test_a_file_of_them_has_their_header_and_reads_as_they_did(store, broken, file):
    text = "".join(mend.document(store, 1, mend.refused(store, 1)))
    assert text.startswith(HEAD + ROWS[1] + "\n" + ROWS[2] + "\n")
    again = ingest.load(store, [file("again.csv", text)], OPTIONS)
    assert (again.events_added, again.imports[0].rejected) == (0, 4)


def test_a_mended_row_comes_in_with_the_options_of_its_import(store, broken):
    rows = mended(store, 1, " 25:", " 15:")
    looked = mend.would_be(store, 1, rows)
    assert (looked.sampled, looked.refused) == (1, 0)
    report = mend.mend(store, 1, rows)
    assert (report.events_added, report.imports[0].rejected, report.imports[0].source) == (1, 0, "shop")
    assert report.imports[0].file == "shop mended.csv"
    assert asked(store, "SELECT name, CAST(time AS VARCHAR), properties FROM events WHERE import_id = 2") == [
        ("page_view", "2026-03-02 14:00:00", json.dumps({"note": 'say "hi";\nthere'}, separators=(",", ":")))
    ]


def test_a_row_is_mended_once_and_again_when_that_was_taken_back(store, broken):
    mend.mend(store, 1, mended(store, 1, " 25:", " 15:"))
    assert [row.line for row in mend.refused(store, 1)] == [3, 5, 6]
    mend.mend(store, 1, mended(store, 1, "never", "nevermore"))
    assert [row.line for row in mend.refused(store, 1)] == [5, 6]
    assert [(row.line, row.text) for row in mend.refused(store, 3)] == [(2, "nevermore;pageview;u1;x")], "refused again"
    ingest.undo(store, [2])
    assert [row.line for row in mend.refused(store, 1)] == [4, 5, 6]


def test_what_is_here_already_is_not_counted_twice(store, file):
    head = "event_id,timestamp,event,user_id\n"
    ingest.load(store, [file("a.csv", head + "e1,never,a,u1\ne2,2026-03-02 09:00:00,a,u1\n")])
    ingest.load(store, [file("b.csv", head + "e1,2026-03-02 09:00:01,a,u1\n")])
    report = mend.mend(store, 1, mended(store, 1, "never", "2026-03-02 09:00:01"))
    assert (report.events_added, report.imports[0].duplicates) == (0, 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param(
            "a.jsonl",
            '{"timestamp":"never","event":"a","user_id":"u1"}\n{"timestamp":"2026-03-02T09:00:00Z","event":"a","user_id":"u1"}\n',
            id="JSON lines",
        ),
        pytest.param(
            "a.json",
            '[{"timestamp":"never","event":"a","user_id":"u1"},{"timestamp":"2026-03-02T09:00:00Z","event":"a","user_id":"u1"}]',
            id="a JSON document",
        ),
        pytest.param("a.tsv", "timestamp\tevent\tuser_id\nnever\ta\tu1\n2026-03-02 09:00:00\ta\tu1\n", id="tabs"),
    ],
)
def test_other_forms(store, file, name, content):
    assert ingest.load(store, [file(name, content)]).events_added == 1
    report = mend.mend(store, 1, mended(store, 1, "never", "2026-03-02 09:00:01"))
    assert (report.events_added, report.imports[0].rejected) == (1, 0)


def test_rows_of_a_table_are_mended_as_json(store, tmp_path):
    path = tmp_path / "a.parquet"
    duckdb.execute(
        "COPY (SELECT * FROM (VALUES ('never', 'a', 'u1', 1.5), ('2026-03-02 09:00:00', 'a', 'u1', 2.5)) AS t(timestamp, event, user_id, value)) "
        f"TO '{path}' (FORMAT parquet)"
    )
    assert ingest.load(store, [path]).events_added == 1
    report = mend.mend(store, 1, mended(store, 1, "never", "2026-03-02 09:00:01"))
    assert report.events_added == 1
    assert asked(store, "SELECT value FROM events ORDER BY time") == [(2.5,), (1.5,)]


def test_what_cannot_be_mended_gets_a_sentence(store, broken):
    with pytest.raises(InvalidQuestion, match="no row to bring in"):
        mend.mend(store, 1, [])
    with pytest.raises(InvalidQuestion, match="no import 9"):
        mend.mend(store, 9, mend.refused(store, 1))
    with pytest.raises(InvalidQuestion, match="no row to bring in"):
        mend.mend(store, 1, [mend.Refused(3, "x", " ")])
