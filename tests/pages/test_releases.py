"""The page of releases: what it says of each, what it keeps, and where it leads."""

import json
from datetime import date, datetime, timedelta

import pytest

from analytics import ingest
from analytics.store import DuckStore
from analytics.workspace import notes, releases
from pages.changes import went_out
from pages.changes.went_out import WentOut
from tests.pages.conftest import link, marks, said
from tests.pages.test_journeys import answer, control, plain

PAGE = "changes/releases.py"
FIRST = date(2026, 3, 2)


def asked(opened, store, sel=None, **more):
    link = {name: json.dumps(value) for name, value in more.items() if name != "device"}
    if sel is not None:
        link["sel"] = json.dumps(sel)
    return opened(store, PAGE, **link, **({"device": more["device"]} if "device" in more else {}))


def title(at):
    assert not at.exception
    return plain(at.title[0].value)


def button(at, name):
    return next(one for one in at.button if one.key == name)


def table(at, nth):
    return at.dataframe[nth].value


def lines(at):
    """What changed most, as rows."""
    rows = table(at, 1).to_dict("records")
    return [{name: str(value).replace("\u00a0", " ") for name, value in row.items()} for row in rows]


@pytest.fixture
def weeks(store_of):
    """Six weeks from Monday, 2 March, ten sessions a day, none with a release; half of them order from the fourth."""
    rows = []
    for day in range(42):
        for n in range(10):
            start = datetime(2026, 3, 2, 9, n) + timedelta(days=day)
            own = {"user_id": f"u{day}-{n}", "session_id": f"s{day}-{n}"}
            rows.append(own | {"event": "page_view", "page": "/", "timestamp": start})
            if n < (5 if day >= 21 else 2):
                rows.append(own | {"event": "order", "timestamp": start + timedelta(minutes=1)})
    return store_of(rows)


# ------------------------------------------------------------------------------------------------- from the sessions


def test_it_opens_on_the_latest_release(opened, shop):
    at = asked(opened, shop)
    assert title(at) == "What did release 2 change?"
    assert answer(at).startswith("No. Sessions with order fell by 50 %")
    assert answer(at).endswith("Most of all, on phones sessions with order: 30 sessions in 1, none in 2.")
    assert list(table(at, 0)["Release"]) == ["2", "1"]
    assert list(table(at, 0)["Sessions"]) == [180, 180]
    first = lines(at)[0]
    assert (first["What"], first["Among"], first["After"], first["In words"]) == (
        "Event order",
        "phones",
        "0.0 %",
        "gone",
    )


def test_the_list_is_as_long_as_the_figure(opened, shop):
    at = asked(opened, shop, view={"among": "Everybody", "item": ["event", "order", None], "side": "before"})
    heads = [plain(one.value) for one in at.subheader]
    assert "Event order: 60 sessions" in heads
    at = asked(opened, shop, view={"among": "Everybody", "item": ["event", "order", None]})
    assert "Event order: 30 sessions" in [plain(one.value) for one in at.subheader]
    assert json.loads(link(at)["sel"][0]) == {"release": "2"}


def test_the_first_release_has_nothing_before_it(opened, shop):
    at = asked(opened, shop, {"release": "1"})
    assert title(at) == "What did release 1 change?"
    assert answer(at) == (
        "Nothing to compare. Release 1 is the first in this store, so there is nothing to compare with."
    )
    assert len(at.dataframe) == 1


@pytest.mark.parametrize("sel", [{"release": "9"}, {"went_out": "Never"}, {"x": 1}])
def test_a_release_that_is_not_there_gives_way_to_the_latest(opened, shop, sel):
    assert title(asked(opened, shop, sel)) == "What did release 2 change?"


def test_the_sidebar_narrows_the_sessions_not_the_days_of_taking_over(opened, shop):
    at = asked(opened, shop, device="phone")
    assert answer(at).startswith("No. Sessions with order fell")
    assert "90 sessions of release 1" in plain(at.caption[0].value)
    assert list(table(at, 0)["Sessions"]) == [180, 180]
    nobody = opened(shop, PAGE, w='[{"field":"page","op":"is","value":"/nowhere"}]')
    assert answer(nobody).startswith("No session on either side to compare that fits the sidebar's filters")


def test_it_leads_to_before_and_after_for_the_pair(opened, shop):
    at = asked(opened, shop)
    (to,) = [one for one in at.get("page_link") if one.proto.label == "Before and after"]
    own = json.loads(dict(part.split("=", 1) for part in to.proto.query_string.split("&"))["p"].replace("%22", '"')
                     .replace("%7B", "{").replace("%7D", "}").replace("%5B", "[").replace("%5D", "]")
                     .replace("%3A", ":").replace("%2C", ",").replace("+", " ").replace("%20", " "))  # fmt: skip
    assert (own["before"], own["after"]) == ({"releases": ["1"]}, {"releases": ["2"]})


def test_one_that_was_tried_out_is_marked(opened, store_of):
    rows = [
        {
            "event": "open" if n else "order",
            "timestamp": datetime(2026, 3, 2, 9, n) + timedelta(days=day),
            "user_id": f"u{day}-{n}",
            "release": "beta" if day == 9 and n < 4 else "1",
        }
        for day in range(14)
        for n in range(20)
    ]
    at = asked(opened, store_of(rows), {"release": "beta"})
    assert table(at, 0).to_dict("list")[""] == ["tried out", ""]
    assert "It was only tried out: on no day did most sessions have it, on 11 Mar 20.0 % did." in answer(at)
    assert title(asked(opened, store_of(rows))) == "What did release beta change?"


def test_text_from_data_is_text(opened, hostile):
    at = opened(hostile, PAGE)
    assert not at.exception
    assert marks(at) == []


# ------------------------------------------------------------------------------------------------ defined by a person


def test_without_a_release_the_page_says_so_and_one_is_defined(opened, weeks):
    at = opened(weeks, PAGE)
    assert answer(at).startswith("No session says which release it had. Name a release and the day")
    control(at, "text_input", "Name of the release").set_value("New checkout")
    control(at, "date_input", "Went out on").set_value(FIRST + timedelta(days=21))
    button(at, "release-define").click().run()
    assert title(at) == "What did New checkout change?"
    assert "210 sessions from 2 Mar to 22 Mar 2026 against 210 from 23 Mar to 12 Apr 2026" in plain(at.caption[0].value)
    assert answer(at).startswith("Yes. Sessions with order rose by 150 %")
    assert "What changed most against the 3 weeks before" in [plain(one.value) for one in at.subheader]
    assert lines(at)[0]["What"] == "Event order"
    assert answer(at).endswith("Most of all, sessions with order rose from 20.0 % to 50.0 %.")
    assert title(asked(opened, weeks, {"went_out": "New checkout"})) == "What did New checkout change?"


def test_a_name_that_cannot_be_is_refused_in_words(opened, weeks):
    releases.define(weeks, "Spring", FIRST + timedelta(days=21))
    at = opened(weeks, PAGE)
    for name, why in (("Spring", "There is a release called 'Spring' already"), ("", "A name is needed")):
        control(at, "text_input", "Name of the release").set_value(name)
        button(at, "release-define").click().run()
        assert why in plain(at.warning[0].value)
    assert len(releases.known(weeks)) == 1


def test_a_release_too_near_to_an_end_is_not_compared(opened, weeks):
    releases.define(weeks, "Spring", FIRST + timedelta(days=39))
    assert answer(opened(weeks, PAGE)) == (
        "Nothing to compare. Spring went out on 10 Apr 2026: there are 3 days with sessions from it on, and a "
        "comparison needs a whole week."
    )


def test_a_release_of_a_day_is_moved_renamed_and_deleted(opened, weeks):
    id = releases.define(weeks, "Spring", FIRST + timedelta(days=21))
    at = opened(weeks, PAGE)
    control(at, "text_input", "Name").set_value("Summer")
    at.date_input(key=f"release-day-{id}").set_value(FIRST + timedelta(days=14))
    button(at, "release-change").click().run()
    assert title(at) == "What did Summer change?"
    assert [(one.name, one.day) for one in releases.known(weeks)] == [("Summer", FIRST + timedelta(days=14))]
    button(at, "release-delete").click().run()
    assert answer(at).startswith("No session says which release it had.")


def test_a_release_of_the_data_gets_a_name(opened, shop):
    at = opened(shop, PAGE)
    control(at, "text_input", "Name").set_value("New checkout")
    button(at, "release-rename").click().run()
    assert title(at) == "What did release New checkout change?"
    assert list(table(at, 0)["Release"]) == ["New checkout", "1"]
    assert "New checkout" in at.get("plotly_chart")[0].proto.spec
    control(at, "text_input", "Name").set_value("1")
    button(at, "release-rename").click().run()
    assert "The data know another release as '1' already" in plain(at.warning[0].value)
    control(at, "text_input", "Name").set_value("")
    button(at, "release-rename").click().run()
    assert title(at) == "What did release 2 change?"


DAYS = [WentOut(name, FIRST + timedelta(days=n)) for name, n in (("a", 14), ("b", 28), ("c", 31))]


@pytest.mark.parametrize(
    ("one", "last", "weeks", "remark"),
    [
        (DAYS[0], 41, 2, False),  # up to the next one, and from the first day on
        (DAYS[1], 41, 1, True),  # the next one is only three days later
        (DAYS[2], 41, 1, True),
        (DAYS[0], 20, 1, False),
        (DAYS[0], 19, 0, False),
    ],
)
def test_as_many_whole_weeks_before_as_after(one, last, weeks, remark):
    found = went_out.weeks_around(one, DAYS, FIRST, FIRST + timedelta(days=last))
    assert bool(found.remark) == remark
    if not weeks:
        assert found.sides is None
        return
    before, after = found.sides.before, found.sides.after
    assert (before.stop, after.start) == (one.day, one.day)
    assert before.stop - before.start == after.stop - after.start == timedelta(weeks=weeks)


# --------------------------------------------------------------------------------------------------------------- notes


def test_notes_are_kept_drawn_and_deleted(opened, shop):
    at = opened(shop, PAGE)
    control(at, "text_input", "What happened").set_value("Newsletter to :red[all]")
    control(at, "date_input", "On").set_value(FIRST + timedelta(days=10))
    button(at, "note-add").click().run()
    (note,) = notes.known(shop)
    assert (note.day, note.text) == (FIRST + timedelta(days=10), "Newsletter to :red[all]")
    assert "12 Mar 2026: Newsletter to :red[all]" in plain(said(at))
    assert marks(at) == []
    assert "Newsletter to :red[all]" in at.get("plotly_chart")[0].proto.spec
    control(at, "text_input", "What happened").set_value("Newsletter to :red[all]")
    control(at, "date_input", "On").set_value(FIRST + timedelta(days=10))
    button(at, "note-add").click().run()
    assert "There is a note" in plain(at.warning[0].value)
    button(at, f"note-delete-{note.id}").click().run()
    assert notes.known(shop) == ()


def test_nothing_is_kept_in_a_store_that_is_only_read(opened, tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_text('{"event":"open","user_id":"u","timestamp":"2026-03-02"}\n')
    store = DuckStore.open(tmp_path / "s.duckdb", threads=1)
    ingest.load(store, [file], ingest.Options())
    store.close()
    store = DuckStore.open(tmp_path / "s.duckdb", threads=1, read_only=True)
    at = opened(store, PAGE)
    assert any("opened for reading only, so nothing can be kept" in plain(one.value) for one in at.caption)
    assert not {"What happened", "Name of the release"} & {one.label for one in at.text_input}
    store.close()
