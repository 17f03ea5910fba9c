"""Files that no sane tool writes, and that come all the same: a clear sentence or a counted reject, never a half import."""

import gzip
import json
import os
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics import ingest
from analytics.errors import AnalyticsError, InvalidQuestion, UnreadableSource

HEAD = "timestamp,event,user_id\n"
GOOD = HEAD + "2024-01-01 10:00:00,a,u\n2024-01-01 10:00:01,b,u\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
TABLES = "SELECT (SELECT count(*) FROM imports), (SELECT count(*) FROM events), (SELECT count(*) FROM rejects), (SELECT count(*) FROM settings WHERE key <> 'format')"


def parquet(table: pa.Table, folder) -> bytes:
    pq.write_table(table, folder / "made.parquet")
    return (folder / "made.parquet").read_bytes()


def asked(store, statement):
    with store.reading_cursor() as cursor:
        return cursor.execute(statement).fetchall()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "bad.csv is empty.", id="nothing"),
        pytest.param(b" \n\n\r\n", "bad.csv is empty.", id="blank lines only"),
        pytest.param(gzip.compress(b""), "bad.csv is empty.", id="nothing, packed"),
        pytest.param(PNG, r"bad.csv is a picture \(PNG\).", id="a picture"),
        pytest.param(b"%PDF-1.7\n...", "bad.csv is a PDF document.", id="a document"),
        pytest.param(b"PK\x03\x04" + bytes(100), "bad.csv is no whole archive: it breaks off or is damaged; fetch it again.", id="a false zip"),
        pytest.param(b"SQLite format 3\0" + bytes(100), "is an SQLite database; export its table as CSV.", id="a database"),
        pytest.param(random.Random(1).randbytes(5000), "is a binary file of no format known here", id="noise"),
        pytest.param(bytes(5000), "is a binary file", id="NUL bytes alone"),
        pytest.param(gzip.compress((GOOD * 5000).encode())[:-200], "breaks off in the middle; fetch it again.", id="half a gz"),
        pytest.param(gzip.compress(GOOD.encode())[:12], "cannot be read", id="the first bytes of a gz"),
        pytest.param(json.dumps([{"timestamp": "2024-01-01", "event": "a", "user_id": "u"}] * 3)[:-20], "cannot be read as JSON", id="half an array"),
        pytest.param(b"PAR1" + bytes(50), "bad.csv is no whole Parquet file", id="a false Parquet"),
        pytest.param("just a sentence of text, with a comma\n", "has no column for the time", id="prose"),
        pytest.param("one column\n1\n2\n", "is in no format known here", id="one column"),
        pytest.param("a,b\n1,2\n", r"has no column for the time \('timestamp'\), event's name \('event'\) and person or session \('user_id'\); it has a, b. Say which it is: --map timestamp=COLUMN.", id="no column that we know"),
        pytest.param("event,user_id\na,u\n", "has no column for the time .*--map timestamp=COLUMN", id="no time column"),
        pytest.param("timestamp,user_id\n2024-01-01,u\n", "has no column for the event's name .*--map event=COLUMN or --set event=TEXT", id="no name column"),
        pytest.param("timestamp,event\n2024-01-01,a\n", "has no column for the person or session", id="nobody"),
        pytest.param('{"a": 1}\n{"b": 2}\n', "has no column for the time .*; it has a, b.", id="objects that are no events"),
        pytest.param("[1, 2, 3]", "has no column for the time .*; it has none.", id="an array of numbers"),
        pytest.param("{}", "has no column for the time", id="an empty object"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_said_by_name_and_changes_nothing(store, file, content, sentence):
    before = asked(store, TABLES)
    with pytest.raises(UnreadableSource, match=sentence):
        ingest.load(store, [file("good.csv", GOOD), file("bad.csv", content)])
    assert asked(store, TABLES) == before
    assert list(store.spool.glob("load-*")) == []


def test_a_half_parquet(store, file, tmp_path):
    whole = parquet(
        pa.table({"timestamp": ["2024-01-01"] * 50_000, "event": ["a"] * 50_000, "user_id": ["u"] * 50_000}), tmp_path
    )
    with pytest.raises(UnreadableSource, match="half.parquet is no whole Parquet file"):
        ingest.load(store, [file("half.parquet", whole[: len(whole) // 2])])
    broken = whole[:60] + bytes(400) + whole[460:]
    with pytest.raises(UnreadableSource, match=r"broken.parquet cannot be read"):
        ingest.load(store, [file("broken.parquet", broken)])
    assert asked(store, TABLES) == [(0, 0, 0, 0)]


def test_a_missing_file_and_an_empty_folder(store, tmp_path):
    with pytest.raises(UnreadableSource, match="There is no file .*nowhere.csv"):
        ingest.load(store, [tmp_path / "nowhere.csv"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableSource, match="There is no file in the folder .*empty"):
        ingest.load(store, [tmp_path / "empty"])
    with pytest.raises(InvalidQuestion, match="There is no file to import"):
        ingest.load(store, [])


def test_what_is_unreadable_can_be_left_out(store, file):
    report = ingest.load(
        store, [file("a.csv", PNG), file("b.csv", GOOD), file("c.csv", "")], ingest.Options(skip_unreadable=True)
    )
    assert [(f.file, f.events_added) for f in report.imports] == [("b.csv", 2)]
    assert [(s.file, s.reason) for s in report.skipped] == [
        ("a.csv", "a.csv is a picture (PNG)."),
        ("c.csv", "c.csv is empty."),
    ]
    with pytest.raises(UnreadableSource, match=r"a.csv is a picture \(PNG\); c.csv is empty."):
        ingest.load(store, [file("a.csv", PNG), file("c.csv", "")], ingest.Options(skip_unreadable=True))


def test_a_header_alone_is_a_file_without_rows(store, file):
    report = ingest.load(store, [file("quiet-day.csv", HEAD)])
    assert (report.imports[0].rows_read, report.imports[0].events_added) == (0, 0)
    assert asked(store, "SELECT count(*) FROM imports") == [(1,)]


def test_every_bad_row_is_counted_and_kept_with_its_line(store, file):
    content = HEAD + (
        "2024-01-01,a,u\n"
        "never,b,u\n"
        "2024-01-01,,u\n"
        "2024-01-01,d,\n"
        "2024-01-01,e\n"
        "2024-01-01,f,u,more\n"
        '2024-01-01,"g"x,u\n'
        ",h,u\n"
        "2024-01-01,i,u\n"
    )
    report = ingest.load(store, [file("bad.csv", content)])
    (figures,) = report.imports
    assert (figures.rows_read, figures.events_added, figures.rejected) == (9, 2, 7)
    assert [(r.line, r.reason, r.row) for r in report.rejects] == [
        (3, "unreadable timestamp", "never,b,u"),
        (4, "no event name", "2024-01-01,,u"),
        (5, "nobody: no user, anonymous or session id", "2024-01-01,d,"),
        (6, "too few columns", "2024-01-01,e"),
        (7, "too many columns", "2024-01-01,f,u,more"),
        (8, "a quote is not closed, or something follows it", '2024-01-01,"g"x,u'),
        (9, "no time", ",h,u"),
    ]
    assert asked(store, 'SELECT line, reason, "row" FROM rejects ORDER BY line') == [
        (r.line, r.reason, r.row) for r in report.rejects
    ]
    assert figures.rows_read == figures.events_added + figures.duplicates + figures.rejected + figures.not_events


def test_bad_json_lines(store, file):
    rows = [
        '{"timestamp": "2024-01-01", "event": "a", "user_id": "u"}',
        '{"timestamp": "2024-',
        "[1]",
        "",
        "null",
        '"text"',
        "{}",
    ]
    report = ingest.load(store, [file("bad.jsonl", "\n".join(rows))])
    assert [(r.line, r.reason, r.row) for r in report.rejects] == [
        (2, "not a JSON object", '{"timestamp": "2024-'),
        (3, "not a JSON object", "[1]"),
        (5, "not a JSON object", "null"),
        (6, "not a JSON object", '"text"'),
        (7, "no time", "{}"),
    ]
    assert report.imports[0].rows_read == 6  # a blank line is no row


def test_bad_elements_of_an_array(store, file):
    rows = [{"timestamp": "2024-01-01", "event": "a", "user_id": "u"}, 5, None, {"event": "b"}]
    report = ingest.load(store, [file("bad.json", json.dumps(rows))])
    assert [(r.line, r.reason) for r in report.rejects] == [
        (2, "not a JSON object"),
        (3, "not a JSON object"),
        (4, "no time"),
    ]


def test_bad_rows_of_a_parquet_file(store, file, tmp_path):
    table = pa.table({"timestamp": pa.array([0, None], pa.timestamp("us")), "event": ["a", "b"], "user_id": ["u", "v"]})
    report = ingest.load(store, [file("a.parquet", parquet(table, tmp_path))])
    assert [(r.line, r.reason, json.loads(r.row)["event"]) for r in report.rejects] == [(2, "no time", "b")]
    assert report.events_added == 1


def test_a_store_of_rejects_alone(store, file):
    report = ingest.load(store, [file("a.csv", HEAD + "never,a,u\n" * 3)])
    assert (report.events_added, report.imports[0].rejected) == (0, 3)
    again = ingest.load(
        store, [file("a.csv", HEAD + "never,a,u\n" * 3)], ingest.Options(constants={"timestamp": "2024-01-01"})
    )
    assert again.events_added == 3  # nothing of these bytes was kept before, so they are no repeats


STRANGE_NAMES = [
    "it's", 'say "no"', "<img src=x onerror=alert(1)>", "🛒 bought", "a\tb", "naïve — “quoted”", "ünïcödé", "%s {0} $name",
    "'; DROP TABLE events; --", "\\", "a\u202eb", "x" * 10_000, "日本語", "NULL",
]  # fmt: skip


def test_strange_names_come_through_as_they_are(store, file):
    rows = [{"timestamp": "2024-01-01", "event": name, "user_id": "u", "page": name} for name in STRANGE_NAMES]
    ingest.load(store, [file("a.json", json.dumps(rows))])
    assert asked(store, "SELECT name, page FROM events ORDER BY line") == [(name, name) for name in STRANGE_NAMES]


def test_strange_names_of_columns(store, file):
    names = ['it"s', "a'b", "select", "x; --", "{y}", "$z", "", "same", "same"]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in [*names, "timestamp", "event", "user_id"])
    ingest.load(store, [file("a.csv", header + "\n1,2,3,4,5,6,7,8,9,2024-01-01,a,u\n")])
    ((properties,),) = asked(store, "SELECT properties FROM events")
    assert json.loads(properties) == {
        'it"s': "1", "a'b": "2", "select": "3", "x; --": "4", "{y}": "5", "$z": "6", "column 7": "7", "same": "8", "same 2": "9",
    }  # fmt: skip


def test_strange_names_of_files(store, file):
    for name in ("it's.csv", "a b.csv", "*.csv", "x[1].csv", "naïve.csv", "$HOME.csv", "{a}.csv", ";.csv"):
        report = ingest.load(store, [file(name, HEAD + f"2024-01-01,{name},u\n")])
        assert (report.imports[0].file, report.events_added) == (name, 1)


def test_mixed_encodings(store, file):
    lines = [
        HEAD.encode(),
        "2024-01-01,käse,u\n".encode(),
        "2024-01-01,fromage à la crème,u\n".encode("cp1252"),
        b"2024-01-01,\x81,u\n",
    ]
    report = ingest.load(store, [file("mixed.csv", b"".join(lines))])
    assert asked(store, "SELECT name FROM events ORDER BY line") == [("käse",), ("fromage à la crème",), ("\x81",)]
    assert report.imports[0].notes == ("2\u00a0lines not in UTF-8 were read as Windows-1252.",)


def test_windows_1252_throughout(events):
    content = (HEAD + "2024-01-01,Größe wählen – 5 €,u\n").encode("cp1252")
    assert events(content) == [("Größe wählen – 5 €",)]


def test_half_a_character_of_utf_16(store, file):
    with pytest.raises(UnreadableSource, match="cannot be read to its end"):
        ingest.load(store, [file("a.csv", GOOD.encode("utf-16")[:-1])])


def test_nul_bytes_are_replaced_and_counted(store, file):
    report = ingest.load(store, [file("a.csv", HEAD + "2024-01-01,a\0b\0,u\n")])
    assert asked(store, "SELECT name FROM events") == [("a\ufffdb\ufffd",)]
    assert report.imports[0].notes == ("2\u00a0NUL bytes were replaced by \ufffd.",)
    ingest.load(store, [file("a.jsonl", '{"timestamp": "2024-01-02", "event": "c\\u0000d", "user_id": "u"}')])
    assert asked(store, "SELECT name FROM events ORDER BY time DESC LIMIT 1") == [("c\ufffdd",)]


@pytest.mark.parametrize("field", ["event", "page", "properties"])
def test_ten_megabytes_in_one_field(store, file, field):
    long = "x" * 10_000_000
    rows = {"timestamp": "2024-01-01", "event": "a", "user_id": "u", "page": "/"} | {field: long}
    table = (
        ",".join(rows)
        + "\n"
        + ",".join(rows.values())
        + "\n"
        + ",".join(["2024-01-01", "b", "u", "/", "{}"][: len(rows)])
        + "\n"
    )
    for name, content in (("a.csv", table), ("a.jsonl", json.dumps(rows))):
        report = ingest.load(store, [file(name, content)])
        assert [(r.reason, len(r.row)) for r in report.rejects] == [(f"{field} is longer than 1 MB", 100_000)]


def test_no_line_is_ever_lost_in_silence(store, file):
    long = HEAD + "2024-01-01,a,u\n2024-01-01," + "x" * 50_000_000 + ",u\n2024-01-01,b,u\n"
    with pytest.raises(
        UnreadableSource, match="a.csv cannot be read whole: 1\u00a0line would be lost. One of them may be larger"
    ):
        ingest.load(store, [file("a.csv", long)])
    open_quote = HEAD + '2024-01-01,a,u\n2024-01-01,"b,u\n' + "2024-01-01,c,somebody with a long name\n" * 1_200_000
    with pytest.raises(
        UnreadableSource, match=r"cannot be read whole: [\d,]+\u00a0lines would be lost. Look at line 3: a quote"
    ):
        ingest.load(store, [file("b.csv", open_quote)])
    assert asked(store, TABLES) == [(0, 0, 0, 0)]


def test_lines_inside_values_are_no_lost_lines(store, file):
    content = HEAD + '2024-01-01,"a\n\nb\n",u\n\n2024-01-01,c,"u\n"\n2024-01-01,"x\ny",u,too many\n\n\n'
    report = ingest.load(store, [file("a.csv", content)])
    assert (report.events_added, report.imports[0].rejected) == (2, 1)


def test_a_quote_that_is_never_closed(store, file):
    report = ingest.load(store, [file("a.csv", HEAD + '2024-01-01,a,u\n2024-01-01,"b,u\n2024-01-01,c,u\n')])
    (figures,) = report.imports
    assert (figures.events_added, figures.rejected) == (1, 1)
    assert report.rejects[0].line == 3


def test_options_that_make_no_sense(store, file):
    for options, sentence in (
        ({"mapping": {"colour": "a"}}, "There is no field 'colour'; the fields are event_id, timestamp"),
        ({"timezone": "Berlin"}, "There is no time zone 'Berlin'"),
        ({"timezone": "../../etc/passwd"}, "There is no time zone"),
        ({"reporting_zone": "Mars/Olympus"}, "There is no time zone 'Mars/Olympus'"),
        ({"session_timeout_s": 0}, "A session timeout lies between"),
        ({"mapping": {"timestamp": "timestamp:weeks"}}, "has the unit 'weeks'; the units of a time are ns, us, ms, s"),
        (
            {"mapping": {"timestamp": "timestamp+nothing:ms"}},
            "a.csv has no column 'nothing'; it has timestamp, event, user_id.",
        ),
        ({"mapping": {"event": "event"}, "constants": {"event": "x"}}, "event cannot be both a column and a constant"),
    ):
        with pytest.raises(AnalyticsError, match=sentence):
            ingest.load(store, [file("a.csv", GOOD)], ingest.Options(**options))
    assert asked(store, TABLES) == [(0, 0, 0, 0)]


def test_addresses_are_kept_as_keyed_hashes_only(store, file):
    content = "timestamp,event,user_id,ip\n2024-01-01,a,u,203.0.113.7\nnever,b,u,203.0.113.7\n2024-01-01,c,u,203.0.113.7,more\n"
    report = ingest.load(store, [file("a.csv", content)])
    ((address,),) = asked(store, "SELECT address FROM sessions")
    assert len(address) == 32
    assert [r.row for r in report.rejects] == [f"never,b,u,{address}", "2024-01-01,c,u,[address],more"]
    dumped = "".join(
        str(asked(store, f"SELECT * FROM {table}"))
        for table in ("events", "sessions", "users", "contexts", "identities", "rejects", "imports", "codes")
    )
    assert "203.0.113" not in dumped


def test_the_key_of_addresses_is_the_owners_alone(tmp_path, file):
    from analytics.store import DuckStore

    store = DuckStore.open(tmp_path / "s.duckdb")
    try:
        ingest.load(store, [file("a.csv", "timestamp,event,user_id,ip\n2024-01-01,a,u,203.0.113.7\n")])
        key = tmp_path / "s.duckdb.key"
        assert os.stat(key).st_mode & 0o777 == 0o600
        key.unlink()
        with pytest.raises(UnreadableSource, match=r"their key .*s.duckdb.key is gone"):
            ingest.load(store, [file("b.csv", "timestamp,event,user_id,ip\n2024-01-02,a,u,203.0.113.7\n")])
        report = ingest.load(
            store,
            [file("b.csv", "timestamp,event,user_id,ip\n2024-01-02,a,u,203.0.113.7\n")],
            ingest.Options(mapping={"ip": ""}),
        )
        assert report.imports[0].other_columns == ("ip",)
    finally:
        store.close()


@pytest.mark.parametrize("packed", [False, True], ids=["bare", "packed"])
def test_a_file_that_changes_or_vanishes_while_it_is_read(store, file, packed):
    """What was counted, hashed and read would not be the same."""
    content = gzip.compress(GOOD.encode()) if packed else GOOD.encode()
    path = file("a.csv", content)

    def within(act):
        """Acts when the import asks for the second time whether it is still wanted: while it reads the text."""
        asked = iter(range(10_000))
        return lambda: bool(next(asked) == 1 and act()) and False

    with pytest.raises(
        UnreadableSource, match="^a.csv was changed while it was read; import it when nobody writes to it.$"
    ):
        ingest.load(store, [path], cancelled=within(lambda: path.write_bytes(content + content)))
    path.write_bytes(content)
    with pytest.raises(UnreadableSource, match="^a.csv was changed while it was read"):
        ingest.load(store, [path], cancelled=within(path.unlink))
    assert asked(store, TABLES) == [(0, 0, 0, 0)]
    assert list(store.spool.glob("load-*")) == []


DEEP = 100_000
NESTED = '{"a":' * DEEP + "1" + "}" * DEEP
EVENT = '{"timestamp": "2024-01-01", "event": "a", "user_id": "u"}'
DEEP_EVENT = EVENT[:-1] + f', "note": {NESTED}}}'


@pytest.mark.parametrize(
    ("name", "content", "rows", "rejected"),
    [
        pytest.param("a.jsonl", f"{DEEP_EVENT}\n{EVENT}\n{EVENT}", 3, 0, id="a line, the first"),
        pytest.param("a.jsonl", f"{EVENT}\n{EVENT}\n{DEEP_EVENT}", 3, 0, id="a line, the last"),
        pytest.param("a.jsonl", f"{EVENT}\n" + '{"a":' * DEEP + f"\n{EVENT}", 2, 1, id="a line that is never closed"),
        pytest.param("a.json", f"[{EVENT},{DEEP_EVENT}]", 2, 0, id="an element"),
        pytest.param("a.csv", "timestamp,event,user_id,properties\n2024-01-01,a,u,{}\n2024-01-01,a,u,\"" + NESTED.replace('"', '""') + '"\n', 2, 0, id="a value"),
        pytest.param("a.json", NESTED, None, 0, id="nothing but depth"),
        pytest.param("a.json", "[" * DEEP + "]" * DEEP, None, 0, id="nothing but arrays"),
        pytest.param("a.json", f'{{"events": [{DEEP_EVENT}]}}', None, 0, id="a document"),
    ],
)  # fmt: skip
def test_json_nested_beyond_all_measure(store, file, name, content, rows, rejected):
    path = file(name, content)
    ingest.preview(path)
    if rows is None:
        with pytest.raises(UnreadableSource, match="has no column for the time"):
            ingest.load(store, [path])
        return
    (figures,) = ingest.load(store, [path]).imports
    assert (figures.events_added, figures.rejected) == (rows, rejected)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_one_bad_line_in_a_million(store, tmp_path, kind):
    million, bad = 1_000_000, 654_321
    path = tmp_path / f"a.{kind}"
    with path.open("w", encoding="utf-8") as out:
        out.write(HEAD if kind == "csv" else "")
        for n in range(million):
            line = (
                f"2024-01-01,a,u{n}"
                if kind == "csv"
                else f'{{"timestamp": "2024-01-01", "event": "a", "user_id": "u{n}"}}'
            )
            out.write((line[: len(line) // 2] if n == bad else line) + "\n")
    report = ingest.load(store, [path])
    (figures,) = report.imports
    assert (figures.rows_read, figures.events_added, figures.rejected) == (million, million - 1, 1)
    assert [reject.line for reject in report.rejects] == [bad + (2 if kind == "csv" else 1)]
