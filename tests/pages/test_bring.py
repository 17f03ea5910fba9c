"""The import page: what a file would become, bringing it in, and the report of what became of it."""

import datetime as dt
import json
from dataclasses import dataclass

import pytest

from analytics import places
from analytics.charts import bring as chart
from analytics.errors import StoreBusy
from analytics.ingest import Options, Preview, PreviewColumn
from analytics.ingest.fields import BY_NAME
from analytics.query import Query
from analytics.store import DuckStore, holder
from pages.data import choosing, jobs, reports
from pages.data.naming import LABELS
from pages.data.upload.disk import uploads
from tests.pages.conftest import HOSTILE, link, marks, said

BRING = "data/bring.py"
FILE = "\n".join(
    [
        "when,what,uid,url,note",
        "2026-03-02 09:00:00,pageview,u1,/home,=1+1",
        "2026-03-02 09:00:05,order,u1,/done,[a](https://evil.example)",
        "never,order,u1,/done,",
        "2026-03-02 10:00:00,pageview,u2,/home,<b>",
    ]
).encode()


def texts(at) -> str:
    return said(at).replace("\u00a0", " ").replace("\\", "")


def upload(at, *files: tuple[str, bytes]):
    """As the browser's slices would leave them on the disk."""
    for name, content in files:
        uploads.begin(at.session_state["upload-ticket"], name, len(content)).path.write_bytes(content)
    return at.run()


def finished(at):
    """Waits for the job, then runs the page as the browser would."""
    at.session_state["import-job"].ended.wait(60)
    return at.run()


def columns(at, **means: str):
    """Says in the table what columns mean."""
    [key] = [key for key in at.session_state if str(key).startswith("mapping-")]
    table = at.dataframe[0].value
    rows = {list(table["Column in the file"]).index(name): {"Means": field} for name, field in means.items()}
    at.session_state[key] = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}
    return at.run()


@pytest.fixture
def empty():
    store = DuckStore.open(":memory:", threads=1)
    yield store
    store.close()


def test_a_file_goes_in_and_its_report_opens(opened, empty):
    at = upload(opened(empty, BRING, timezone="Europe/Berlin"), ("shop.csv", FILE))
    assert not at.exception
    assert "No column says when it happened (Time)" in texts(at), "`when` and `what` are nobody's usual names"
    columns(at, when="Time", what="Event")
    assert not at.exception
    assert not [one for one in at.warning if "No column" in one.value]
    next(button for button in at.button if button.label.startswith("Bring in")).click().run()
    finished(at)
    assert not at.exception
    assert link(at)["load"] == ["1"]
    assert "3 of 4 rows came in, 2 Mar 2026." in texts(at).replace("**", "")
    assert "1 was refused because the time cannot be read." in texts(at).replace("**", "")
    assert empty.setting("reporting_zone") == "Europe/Berlin", "the browser's, since the store was new"


def test_a_report_can_be_opened_by_its_link_and_taken_back(opened, shop):
    at = opened(shop, BRING, load="1")
    assert not at.exception
    assert "816 of 816 rows came in" in texts(at).replace("**", "")
    next(button for button in at.button if button.label == "Take it back now").click().run()
    finished(at)
    assert not at.exception
    assert "The import was taken back: 816 events left the store." in texts(at)
    assert "load" not in link(at)


@pytest.mark.parametrize("load", ["99", "x", "-1", "1e9"])
def test_a_link_to_no_import_says_so(opened, shop, load):
    at = opened(shop, BRING, load=load)
    assert not at.exception
    assert "not in this store" in texts(at)


def test_the_page_lists_what_was_brought_in_before(opened, shop):
    at = opened(shop, BRING)
    assert not at.exception
    assert "What was brought in before" in texts(at)
    assert list(at.dataframe[0].value["Files"]) == ["events-1.jsonl"]


def test_a_file_that_is_none_of_events_gets_a_sentence(opened, empty):
    at = upload(opened(empty, BRING), ("picture.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 100))
    assert not at.exception
    assert len(at.error) == 1
    assert "picture" in texts(at)


def test_text_in_the_file_is_shown_as_text(opened, empty):
    rows = [{"timestamp": "2026-03-02T09:00:00Z", "event": text, "user_id": text} for text in HOSTILE.values()]
    content = "\n".join(json.dumps(row) for row in rows).encode()
    at = upload(opened(empty, BRING), ("[x](https://evil.example).jsonl", content))
    assert not at.exception
    assert marks(at) == []
    next(button for button in at.button if button.label.startswith("Bring in")).click().run()
    finished(at)
    assert not at.exception
    assert marks(at) == []


def test_from_the_sample_one_goes_on_to_a_store_of_ones_own(opened, tmp_path, monkeypatch):
    monkeypatch.setenv("SESSIONSCOPE_DATA", str(tmp_path))
    monkeypatch.delenv("SESSIONSCOPE_STORE", raising=False)
    sample = DuckStore.open(places.demo_store(), threads=1)
    at = opened(sample, BRING)
    assert "store of your own" in texts(at)
    content = b"timestamp,event,user_id\n2026-03-02 09:00:00,order,u1\n"
    upload(at, ("own.csv", content))
    next(button for button in at.button if button.label.startswith("Bring in")).click().run()
    finished(at)
    assert not at.exception
    own = holder.current()
    assert own.path == places.own_store()
    assert "1 of 1 row came in" in texts(at).replace("**", "")
    holder._stores.remove(own)
    own.close()
    sample.close()


def test_files_of_offered_folders_can_be_chosen_and_no_others(opened, empty, tmp_path, monkeypatch):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "a.csv").write_text("timestamp,event,user_id\n2026-03-02 09:00:00,order,u1\n")
    (outside / "secret.csv").write_text("x")
    (inside / "way-out.csv").symlink_to(outside / "secret.csv")
    monkeypatch.setattr(places, "_offered", [inside.resolve()])
    assert list(choosing.offered_files()) == ["in/a.csv"]
    at = opened(empty, BRING)
    box = next(box for box in at.multiselect if box.label == "Or files of this machine")
    box.set_value(["in/a.csv"]).run()
    assert not at.exception
    assert "a.csv is CSV" in texts(at).replace("**", "")
    assert "were recognised" in texts(at)


# ------------------------------------------------------------------------------------------------------------- jobs


@dataclass(frozen=True)
class Counted:
    events: int


COUNT = Query("SELECT count(*) AS events FROM events", {})


def test_one_import_at_a_time_and_it_can_be_cancelled(empty, tmp_path):
    holder.use(empty)
    file = tmp_path / "many.csv"
    lines = [f"2026-03-02 09:00:00,order,u{n}" for n in range(200_000)]
    file.write_text("timestamp,event,user_id\n" + "\n".join(lines))
    job = jobs.start("a large file", jobs.bring([file], Options(), None))
    job.cancel()
    if not job.ended.is_set():
        with pytest.raises(StoreBusy, match="under way"):
            jobs.start("another", jobs.bring([file], Options(), None))
    assert job.ended.wait(60)
    assert job.stopped
    assert empty.rows(COUNT, Counted) == [Counted(0)]
    holder._stores.remove(empty)


def test_a_job_that_fails_says_why(empty, tmp_path):
    holder.use(empty)
    job = jobs.start("nothing", jobs.bring([tmp_path / "missing.csv"], Options(), None))
    assert job.ended.wait(60)
    assert "missing.csv" in job.error
    assert jobs.running() is None
    holder._stores.remove(empty)


# ---------------------------------------------------------------------------------------------------------- mapping


def preview(**columns: str | None) -> Preview:
    found = tuple(PreviewColumn(name, field, 1.0, ()) for name, field in columns.items())
    return Preview("x", "csv", found, {}, (), (), 0, 0, (), None, "", (), ())


@pytest.mark.parametrize(
    ("wanted", "mapping"),
    [
        pytest.param({"ts": "timestamp", "a": None}, {}, id="nothing changed"),
        pytest.param({"ts": "timestamp", "a": "page"}, {"page": "a"}, id="a property becomes a field"),
        pytest.param({"ts": None, "a": None}, {"timestamp": ""}, id="a field becomes a property"),
        pytest.param({"ts": None, "a": "timestamp"}, {"timestamp": "a"}, id="another column is the field"),
        pytest.param({"ts": "page", "a": None}, {"page": "ts", "timestamp": ""}, id="the column is another field"),
    ],
)
def test_only_what_differs_is_mapped(wanted, mapping):
    assert choosing.differing(preview(ts="timestamp", a=None), wanted) == mapping


@pytest.mark.parametrize("wanted", [{"ts": "timestamp", "a": "timestamp"}, {"ts": "page", "a": "page"}])
def test_two_columns_cannot_be_one_field(wanted):
    with pytest.raises(ValueError, match="one column only"):
        choosing.differing(preview(ts="timestamp", a=None), wanted)


# ---------------------------------------------------------------------------------------------------------- pictures


def hours(days: int, silent: set[int]) -> list[tuple[dt.datetime, int]]:
    start = dt.datetime(2026, 3, 2)
    return [(start + dt.timedelta(hours=n), 40) for n in range(24 * days) if n not in silent]


@pytest.mark.parametrize(
    ("silent", "said"),
    [
        pytest.param(set(), [], id="no hole"),
        pytest.param({50, 51, 52}, ["no events, 4 Mar, 02:00 to 05:00"], id="three hours"),
        pytest.param({47, 48}, ["no events, 3 Mar, 23:00 to 4 Mar, 01:00"], id="over midnight"),
        pytest.param({2, 26, 50, 74, 98}, [], id="an hour that is always silent is no hole"),
    ],
)
def test_a_hole_is_called_out(silent, said):
    found = [chart.said(*hole).replace("\u00a0", " ") for hole in chart.gaps(hours(5, silent))]
    assert found == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("unreadable timestamp", "the time cannot be read"),
        ("unreadable viewport_width", "the window's width cannot be read"),
        ("no time", "there is no time"),
        ("nobody: no user, anonymous or session id", "nobody is named: no person, browser or session"),
        ("timestamp is a number of 12 digits, not of 10, 13", "the time is a number of 12 digits, not of 10, 13"),
        ("text is longer than 1 MB", "the element's text is longer than 1 MB"),
        ("not a JSON object", "the line is no JSON object"),
        ("Expected 3 columns", "expected 3 columns"),
    ],
)
def test_a_reason_goes_on_after_because(reason, said):
    assert reports.why(reason) == said


def test_every_field_has_a_name_on_the_page():
    """A field without one would read as a property, and come in as one."""
    assert set(LABELS) == set(BY_NAME)
