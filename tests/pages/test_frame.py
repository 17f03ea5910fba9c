"""The frame: the scope in the sidebar and in the link, pages that share it, and stores that hold nothing."""

import json

import pytest

from analytics.store import DuckStore
from pages.shared import navigation
from tests.pages.conftest import HOSTILE, link, marks, said

SESSIONS = "attention/sessions.py"
WHOLE = ["2026-03-02", "2026-04-12"]


def sessions_of(at) -> str:
    """The number of sessions, as the scope line says it."""
    return at.caption[0].value.split("\u00a0")[0]


def test_the_range_is_always_in_the_link_as_first_and_last_day(opened, shop):
    at = opened(shop)
    assert not at.exception
    assert link(at)["range"] == WHOLE
    assert sessions_of(at) == "360"


@pytest.mark.parametrize(
    ("query", "sessions"),
    [
        pytest.param({"range": ["2026-03-02", "2026-03-08"]}, "60", id="a week, both ends inside"),
        pytest.param({"range": ["2026-03-02"]}, "9", id="one day"),
        pytest.param({"device": ["phone"]}, "180", id="a device"),
        pytest.param({"device": ["phone", "desktop"]}, "360", id="two devices"),
        pytest.param({"release": ["2"], "country": ["AT"]}, "60", id="a release and a country"),
        pytest.param({"w": ['[{"field":"page","op":"is","value":"/done"}]']}, "90", id="a filter"),
        pytest.param({"imports": ["1"]}, "360", id="an import"),
    ],
)
def test_a_link_opens_its_scope_and_keeps_it(opened, shop, query, sessions):
    at = opened(shop, SESSIONS, **query)
    assert sessions_of(at) == sessions
    for name, texts in query.items():
        assert link(at)[name] == (texts if name != "range" else [texts[0], texts[-1]])
    again = opened(shop, SESSIONS, **link(at))  # a copied link, in another browser
    assert (sessions_of(again), link(again)) == (sessions, link(at))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"range": ["yesterday"]}, "range of days"),
        ({"range": ["2026-04-12", "2026-03-02"]}, "range of days"),
        ({"range": ["2026-03-02", "2026-03-03", "2026-03-04"]}, "range of days"),
        ({"device": ["toaster"]}, "No session in this store has the device toaster"),
        ({"release": ["<script>"]}, "release \\<script\\>"),
        ({"imports": ["x"]}, "list of imports"),
        ({"imports": ["99"]}, "no import 99"),
        ({"w": ["nonsense"]}, "filters"),
        ({"w": ['[{"field":"nope","op":"is","value":"1"}]']}, "no field"),
        ({"w": ['[{"field":"page","op":"gt"}]']}, "one value"),
        ({"w": ["[" * 5000]}, "filters"),
    ],
)
def test_what_cannot_be_read_is_said_and_left_out(opened, shop, query, sentence):
    at = opened(shop, SESSIONS, **query)
    assert not at.exception
    assert [one.value for one in at.warning if sentence in one.value]
    assert sessions_of(at) == "360"
    assert link(at) == {"range": WHOLE}


def test_one_bad_value_does_not_take_the_good_ones_along(opened, shop):
    at = opened(shop, SESSIONS, device=["toaster", "phone"], range=["bad"])
    assert sessions_of(at) == "180"
    assert len(at.warning) == 2


def test_the_scope_stays_when_the_page_is_changed(opened, shop):
    at = opened(shop, device=["phone"])
    at.switch_page(str(navigation.PAGES / SESSIONS)).run()
    assert sessions_of(at) == "180"
    assert link(at) == {"range": WHOLE, "device": ["phone"]}
    at.switch_page(str(navigation.PAGES / "data/bring.py")).run()
    assert not at.multiselect, "a page that counts no sessions has no scope bar"
    at.switch_page(str(navigation.PAGES / SESSIONS)).run()
    assert sessions_of(at) == "180"


def test_choosing_in_the_bar_writes_the_link(opened, shop):
    at = opened(shop, SESSIONS)
    at.multiselect(key="scope-device").set_value(["desktop"]).run()
    assert link(at)["device"] == ["desktop"]
    assert sessions_of(at) == "180"
    at.multiselect(key="scope-device").set_value([]).run()
    assert "device" not in {name for name, texts in link(at).items() if texts}
    assert sessions_of(at) == "360"


def test_a_filter_is_added_shown_and_taken_out(opened, shop):
    at = opened(shop, SESSIONS)
    at.selectbox(key="filter-field").set_value("Page visited").run()
    at.selectbox(key="filter-test-text").set_value("contains").run()
    at.text_input(key="filter-text").set_value("DON").run()
    at.button(key="filter-add").click().run()
    assert sessions_of(at) == "90"
    assert json.loads(link(at)["w"][0]) == [{"field": "page", "op": "contains", "value": "DON"}]
    at.button(key="scope-remove-where-0").click().run()
    assert sessions_of(at) == "360"


def test_a_scope_of_imports_says_so_and_can_be_left(opened, shop):
    at = opened(shop, SESSIONS, imports=["1"])
    assert any("brought in" in one.value for one in at.caption)
    at.button(key="scope-remove-imports").click().run()
    assert not link(at).get("imports")


def test_a_range_without_sessions_offers_all_of_them(opened, shop):
    at = opened(shop, SESSIONS, range=["2030-01-01", "2030-01-31"])
    assert not at.exception
    assert "No session" in said(at)
    next(button for button in at.button if button.label == "Show every session").click().run()
    assert sessions_of(at) == "360"


def test_a_page_that_ends_early_has_its_link(opened, shop):
    steps = json.dumps({"steps": [{"name": "nobody"}, {"name": "order"}]})
    at = opened(shop, "journeys/funnel.py", p=steps)
    assert "None of the sessions" in said(at)
    assert link(at)["range"] == WHOLE


@pytest.mark.parametrize("page", ["", SESSIONS, "data/bring.py"])
def test_an_empty_store_says_so_and_shows_the_way(opened, page):
    store = DuckStore.open(":memory:", threads=1)
    at = opened(store, page)
    assert not at.exception
    if page != "data/bring.py":
        assert at.title[0].value == "Nothing has been brought in yet"
        assert at.get("page_link")
    store.close()


@pytest.mark.parametrize("url", sorted(navigation.registered()))
def test_every_page_opens_on_the_sample(opened, sample, url):
    at = opened(sample, navigation.registered()[url].file)
    assert not at.exception
    assert at.title


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_text_from_data_in_the_scope_is_shown_as_text(opened, hostile, name):
    at = opened(hostile, SESSIONS, device=[" ".join(HOSTILE[name].split())] if name == "quotes" else [HOSTILE[name]])
    assert not at.exception
    assert marks(at) == []


def test_another_store_brings_its_own_releases(opened, shop, hostile):
    at = opened(shop, SESSIONS, release=["2"])
    assert sessions_of(at) == "180"
    opened(hostile)  # the app moves on to another store
    at.run()
    assert not at.exception
    assert sessions_of(at) == "8"
