"""Which column means which field, and what the report and the preview say of it."""

import pytest

from analytics import ingest
from analytics.errors import UnreadableSource


def asked(store, statement):
    with store.reading_cursor() as cursor:
        return cursor.execute(statement).fetchall()


def test_synonyms_whatever_their_case_and_separators(events):
    content = "Event Name,eventTime,UserID,Page-URL\na,2024-01-01,u,https://s.de/x\n"
    assert events(content, "name, page") == [("a", "/x")]


def test_the_exact_name_wins_over_a_synonym(events):
    content = "event_name,event,timestamp,time,user_id\nwrong,right,2024-01-01,1999-01-01,u\n"
    assert events(content, "name, year(time)") == [("right", 2024)]


def test_two_columns_that_fit_are_said_and_can_be_chosen(store, file):
    path = file("a.csv", "timestamp,event,user_id,url,path\n2024-01-01,a,u,https://s.de/by-url,/by-path\n")
    warning = "page is read from url; path would fit too: --map page=path takes that one instead."
    assert ingest.preview(path).warnings == (warning,)
    (report,) = ingest.load(store, [path]).imports
    assert report.notes == (warning,)
    ingest.load(store, [path], ingest.Options(mapping={"page": "path"}, source="again"))
    assert asked(store, "SELECT page FROM events ORDER BY import_id") == [("/by-url",), ("/by-path",)]


def test_days_and_milliseconds_are_added(events):
    content = "session_id;item;frame;day\ns;1;526309;2016-05-09\ns;2;late;2016-05-09\n"
    options = {"mapping": {"timestamp": "day+frame:ms", "page": "item"}, "constants": {"event": "page_view"}}
    assert events(content, "CAST(time AS VARCHAR), name, page", **options) == [
        ("2016-05-09 00:08:46.309", "page_view", "1")
    ]


def test_a_unit_says_what_a_number_is(events):
    assert events("t,event,user_id\n86400,a,u\n", "CAST(time AS VARCHAR)", mapping={"timestamp": "t:s"}) == [
        ("1970-01-02 00:00:00",)
    ]


def test_columns_of_an_id_are_joined(events):
    content = "timestamp,event,device_id,n\n2024-01-01,a,d,1\n2024-01-01,a,e,1\n"
    assert events(content, "session_id", mapping={"session_id": "device_id+n"}) == [("d 1",), ("e 1",)]


def test_constants_renames_and_columns_left_out(events):
    content = "timestamp,event,user_id,device\n2024-01-01,pv,u,phone\n2024-01-01,other,u,phone\n"
    options = {"renames": {"pv": "page_view"}, "constants": {"release": "1.0"}, "mapping": {"device": ""}}
    assert events(content, "name, release, device, properties", **options) == [
        ("page_view", "1.0", None, '{"device":"phone"}'),
        ("other", "1.0", None, '{"device":"phone"}'),
    ]


def test_a_preview_shows_columns_fields_and_rows(file):
    path = file("a.csv", "when,event,user_id,colour,ip\n2024-01-01,$pageview,u,red,203.0.113.7\nnever,b,u,,\n")
    seen = ingest.preview(path, ingest.Options(mapping={"timestamp": "when"}))
    assert [(c.name, c.field, c.filled) for c in seen.columns] == [
        ("when", "timestamp", 1.0), ("event", "event", 1.0), ("user_id", "user_id", 1.0), ("colour", None, 0.5), ("ip", "ip", 0.5),
    ]  # fmt: skip
    assert (seen.format, seen.missing, seen.sampled, seen.refused) == ("csv", (), 2, 1)
    assert seen.reasons == (("unreadable timestamp", 1),)
    assert seen.rows[0]["timestamp"] == "2024-01-01 00:00:00"
    assert seen.rows[1]["reason"] == "unreadable timestamp"
    assert "$pageview as page_view" in seen.warnings[-1]
    assert seen.columns[-1].examples == ()  # an address is not shown


def test_a_preview_of_what_is_not_yet_mapped_says_what_is_missing(file):
    seen = ingest.preview(file("a.csv", "a,b\n1,2\n"))
    assert seen.missing == ("timestamp", "event", "user_id")
    assert "--map timestamp=COLUMN" in seen.warnings[-1]


def test_a_preview_reads_the_head_of_a_large_file_only(file):
    row = "2024-01-01 10:00:00,a,user\n"
    seen = ingest.preview(file("a.csv", "timestamp,event,user_id\n" + row * 400_000))
    assert (seen.sampled, seen.refused) == (1000, 0)
    array = "[" + ",".join(['{"timestamp": "2024-01-01", "event": "a", "user_id": "u"}'] * 100_000) + "]"
    assert ingest.preview(file("a.json", array)).sampled == 1000


def test_the_same_bytes_again_add_nothing_and_the_report_says_so(store, file):
    content = "timestamp,event,user_id\n2024-01-01,a,u\n2024-01-01,a,u\nnever,a,u\n"
    first = ingest.load(store, [file("a.csv", content)])
    again = ingest.load(store, [file("other name.csv", content)])
    assert (first.events_added, again.events_added) == (2, 0)
    (figures,) = again.imports
    assert (figures.rows_read, figures.duplicates, figures.rejected) == (3, 2, 1)
    assert figures.came_before is not None
    assert figures.came_before.file == "a.csv"
    assert figures.notes[0].startswith("The same bytes came before, as a.csv on ")
    twice = ingest.load(
        store, [file("b.csv", content + "2024-01-02,b,u\n"), file("c.csv", content + "2024-01-02,b,u\n")]
    )
    assert [f.events_added for f in twice.imports] == [3, 0]
    assert ingest.load(store, [file("a.csv", content)], ingest.Options(source="elsewhere")).events_added == 2


def test_ids_are_compared_within_one_source(store, file):
    def load(name: str, source: str) -> int:
        content = f"event_id,timestamp,event,user_id\n1,2024-01-01,{name},u\n"
        return ingest.load(store, [file(f"{name}.csv", content)], ingest.Options(source=source)).events_added

    assert [load("a", "shop"), load("b", "shop"), load("c", "app"), load("d", "app")] == [1, 0, 1, 0]


def test_one_call_is_one_load_in_the_order_given(store, file):
    head = "timestamp,event,user_id\n2024-01-01,"
    file("folder/b.csv", head + "b,u\n")
    folder = file("folder/a.csv", head + "a,u\n").parent
    report = ingest.load(store, [file("z.csv", head + "z,u\n"), folder])
    assert [f.file for f in report.imports] == ["z.csv", "a.csv", "b.csv"]
    assert report.numbers == (1, 2, 3)
    assert asked(store, "SELECT name FROM events ORDER BY position") == [("z",), ("a",), ("b",)]
    assert asked(store, "SELECT DISTINCT load_id FROM imports") == [(1,)]


def test_a_store_keeps_its_zone_and_its_timeout(store, file):
    path = file("a.csv", "timestamp,event,user_id\n2024-01-01 23:30:00,a,u\n")
    ingest.load(store, [path], ingest.Options(reporting_zone="Europe/Berlin", session_timeout_s=600))
    assert asked(store, "SELECT CAST(day AS VARCHAR), weekday, hour FROM sessions") == [("2024-01-02", 2, 0)]
    for options, sentence in (
        (ingest.Options(reporting_zone="UTC"), "This store cuts its days in Europe/Berlin, not in UTC"),
        (
            ingest.Options(session_timeout_s=1800),
            "This store ends sessions after a pause of 10 m 00 s, not of 30 m 00 s",
        ),
    ):
        with pytest.raises(
            Exception, match=sentence.replace(" m ", "\u00a0m ").replace(" s,", "\u00a0s,").removesuffix(" s")
        ):
            ingest.load(store, [path], options)


def test_the_document_of_the_contract(store, file):
    report = ingest.load(store, [file("a.csv", "timestamp,event,user_id\n2024-01-01,a,u\nnever,b,u\n")]).to_json()
    (figures,) = report["imports"]
    contract = [
        "file",
        "format",
        "rows_read",
        "events_added",
        "duplicates",
        "rejected",
        "not_events",
        "sessions",
        "users",
        "seconds",
    ]
    assert list(figures)[:10] == contract
    assert [figures[name] for name in contract[:9]] == ["a.csv", "csv", 2, 1, 0, 1, 0, 1, 1]
    assert report["rejects"] == [{"file": "a.csv", "line": 3, "reason": "unreadable timestamp", "row": "never,b,u"}]


def test_a_file_that_lacks_a_mapped_column_is_named(store, file):
    with pytest.raises(UnreadableSource, match="a.csv has no column 'when'; it has timestamp, event, user_id."):
        ingest.load(store, [file("a.csv", "timestamp,event,user_id\n")], ingest.Options(mapping={"timestamp": "when"}))


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_json_finds_synonyms_too(store, file, name):
    rows = [
        '{"action": "a", "ts": "2024-01-01", "uid": "u"}',
        '{"action": "b", "ts": "2024-01-02", "uid": "u", "x": 3}',
    ]
    content = "\n".join(rows) if name.endswith("l") else f"[{','.join(rows)}]"
    report = ingest.load(store, [file(name, content)])
    assert (report.events_added, report.rejects) == (2, ())
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT name, x FROM events ORDER BY line").fetchall() == [("a", None), ("b", 3)]
