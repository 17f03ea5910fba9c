"""The report of an import: what is doubtful about it, and the rules of redaction that can be switched on there."""

import pytest

from analytics import ingest
from analytics.store import DuckStore
from tests.pages.conftest import HOSTILE, marks, said

BRING = "data/bring.py"
HEAD = "timestamp,event,user_id,page,note,event_id\n"


def texts(at) -> str:
    return said(at).replace("\u00a0", " ").replace("\\", "").replace("\u2060", "")


@pytest.fixture
def brought(tmp_path):
    """`brought("row", ...)`: a store that holds those rows."""
    store = DuckStore.open(":memory:", threads=1)

    def make(*rows: str, head: str = HEAD, **options):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(head + "\n".join(rows) + "\n")
        ingest.load(store, [path], ingest.Options(**options))
        return store

    yield make
    store.close()


def test_an_import_in_order_says_so(opened, brought):
    at = opened(
        brought("2026-03-02 09:00:00.5,page_view,u1,/,x,e1", "2026-03-02 11:00:00.5,page_view,u1,/,x,e2"),
        BRING,
        load="1",
    )
    assert not at.exception
    assert "Nothing doubtful was found" in texts(at)
    assert "every row has an id of its own" in texts(at)
    assert "2, cut after a pause of 30 minutes: the files name none." in texts(at)


def test_doubts_come_with_a_figure_and_what_to_do(opened, brought):
    rows = [f"2026-03-02 09:00:00,page_view,u{n},/?sid=x,jane{n}@example.com,e{n}" for n in range(998)]
    rows += ["2099-03-02 09:00:00,page_view,u1,/,x,e998", "never,page_view,u1,/,x,e999"]
    at = opened(brought(*rows), BRING, load="1")
    assert not at.exception
    shown = texts(at)
    assert "3 things to look at" in shown
    assert "1 event after the day of the import" in shown
    assert "0.csv has exactly 1,000 rows, where exports like to stop" in shown
    assert "E-mail addresses in 998 events (properties), such as j••••@e••••••.c••." in shown
    assert "Secrets in addresses in page (998 rows)." in shown
    assert "jane1@" not in shown


def test_a_rule_is_switched_on_where_something_was_seen(opened, brought):
    store = brought("2026-03-02 09:00:00,page_view,u1,/,jane@example.com,e1")
    at = opened(store, BRING, load="1")
    next(button for button in at.button if button.label == "Take e-mail addresses out from now on").click().run()
    assert not at.exception
    assert store.setting("redact") == '["cards", "secrets", "email"]'
    brought("2026-03-02 09:00:01,page_view,u1,/,jo@example.com,e2")
    with store.reading_cursor() as cursor:
        kept = cursor.execute("SELECT properties FROM events ORDER BY time").fetchall()
    assert kept == [('{"note":"jane@example.com"}',), ('{"note":"[email]"}',)]


def test_text_in_the_file_is_shown_as_text(opened, brought):
    names = ",".join('"' + f"{text} sample".replace('"', '""') + '"' for text in HOSTILE.values())
    head = HEAD.strip() + f",{names}\n"
    at = opened(
        brought("2026-03-02 09:00:00,a,<b>@x.de,/a|b@c.de," + "," * (len(HOSTILE) + 1), head=head), BRING, load="1"
    )
    assert not at.exception
    assert marks(at) == []


def test_what_is_taken_out_is_chosen_with_the_file_and_kept(opened, brought, tmp_path, monkeypatch):
    store = brought("2026-03-02 09:00:00,page_view,u1,/,x,e1")
    folder = tmp_path / "offered"
    folder.mkdir()
    (folder / "b.csv").write_text(HEAD + "2026-03-02 09:00:01,page_view,jo@example.com,/,x,e2\n")
    monkeypatch.setattr("analytics.places.offered", lambda: [folder])
    at = opened(store, BRING)
    at.multiselect[0].set_value(["offered/b.csv"]).run()
    assert not at.exception
    assert "In the first rows, and kept as it is: e-mail addresses in person, signed in (1 row)." in texts(at)
    at.multiselect(key="import-redact").set_value(["cards", "email"]).run()
    assert "kept as it is" not in texts(at)
    assert "jo@" not in str(at.dataframe[1].value)
    next(button for button in at.button if button.label.startswith("Bring in")).click().run()
    at.session_state["import-job"].ended.wait(60)
    assert store.setting("redact") == '["cards", "email"]'


def test_refused_rows_are_mended_and_come_in(opened, brought):
    rows = ["2026-03-02 09:00:00,page_view,u1,/,x,e1", "2026-13-02 09:00:00,page_view,u1,/,x,e2", "never,a,u1,/,x,e3"]
    store = brought(*rows)
    at = opened(store, BRING, load="1")
    assert not at.exception
    [which] = [box for box in at.selectbox if box.label == "Rows"]
    assert which.options == ["The time cannot be read: 2\u00a0rows of 0.csv"]
    bring = at.button(key="mend-bring")
    assert bring.disabled
    next(box for box in at.text_input if box.label == "Replace in all of them").set_value("-13-").run()
    next(box for box in at.text_input if box.label == "by").set_value("-03-").run()
    assert not at.exception
    assert "1 of 1 would come in now." in texts(at)
    assert at.button(key="mend-bring").label.replace("\u00a0", " ") == "Bring 1 mended row in"
    [key] = [key for key in at.session_state if str(key).startswith("mend-table-")]
    at.session_state[key] = {
        "edited_rows": {1: {"Row": "2026-03-02 09:00:01,a,u1,/,x,e3"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    at.run()
    assert "2 of 2 would come in now." in texts(at)
    at.button(key="mend-bring").click().run()
    at.session_state["import-job"].ended.wait(60)
    at.run()
    assert not at.exception
    assert "2 of 2 rows came in" in texts(at).replace("**", "")
    with store.reading_cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM events").fetchone() == (3,)
    at = opened(store, BRING, load="1")
    assert not [box for box in at.selectbox if box.label == "Rows"], "they are mended"
