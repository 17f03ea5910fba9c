"""What elements are called: by the rule, and by the names that people give."""

from datetime import timedelta

import duckdb
import pytest

from analytics import element_names, ingest
from analytics.analyses import element_outcomes, elements, heatmap, heatmap_sessions
from analytics.errors import InvalidQuestion
from analytics.scope import Scope
from analytics.store import DuckStore
from analytics.workspace import remaps, saved
from tests.conftest import START


@pytest.mark.parametrize(
    ("element", "text", "called"),
    [
        ("button#pay-now", "Pay now", "button#pay-now"),
        ("Pay now", "Pay now", "Pay now"),
        ("div > button", "Pay now", "button “Pay now”"),
        ("a", "Returns", "link “Returns”"),
        ("A", "Returns", "link “Returns”"),
        ("li:nth-child(3) > a", "Tent", "link “Tent”"),
        ("button[2]", "Next", "button “Next”"),
        ("div > input", "what somebody typed", "div > input"),
        ("textarea", "what somebody typed", "textarea"),
        ("p", "An article's paragraph. " * 9, "p"),
        ("svg:nth-of-type(2)", None, "svg"),
        (".Button_pay__x7Gh2", "Pay", ".Button_pay"),
        ("button.Button-module_pay__3kD9a", "Pay", "button.Button-module_pay"),
        (".card__title", "Tent", ".card__title"),
        (".card__title--big2", "Tent", ".card__title--big2"),
        ("div.MuiButton-root.css-15abcx", "Hi", "div.MuiButton-root"),
        (".css-1x2y3z", "Hi", ".css-1x2y3z"),
        ("#item-12345", "Tent", "#item-*"),
        ("#step-12", "Next", "#step-12"),
        ('[data-id="0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"] > a', "Tent", '[data-id="*"] > a'),
        ("checkout", "Pay", "checkout"),
        (".a'b", "x", ".a'b"),
    ],
)
def test_the_rule(element, text, called):
    connection = duckdb.connect()
    connection.execute("CREATE TABLE e (page VARCHAR, element VARCHAR, element_tag VARCHAR, text VARCHAR)")
    connection.execute("INSERT INTO e VALUES ('/p', $element, NULL, $text)", {"element": element, "text": text})
    assert connection.sql(f"SELECT ruled FROM ({element_names.ruled('e')})").fetchall() == [(called,)]


def click(n, element, page="/pay", text="Pay now", **more):
    return {
        "timestamp": START + timedelta(hours=n), "event": "click", "session_id": f"s{n}", "user_id": f"u{n}",
        "page": page, "element": element, "text": text, "x": 10, "y": 10, **more,
    }  # fmt: skip


@pytest.fixture
def store(store_of):
    return store_of([click(1, "#pay"), click(2, "#pay-now"), click(3, "#pay-now"), click(4, "#pay", page="/tip")])


def clicked(store, page="/pay"):
    return {
        one.called: (one.element, one.events, one.sessions)
        for one in heatmap.run(store, heatmap.Heatmap(page), Scope()).elements
    }


def everywhere(store):
    return {one.called: one.clicks for one in elements.run(store, elements.Elements(), Scope()).elements}


def test_two_become_one_and_two_again(store):
    assert clicked(store) == {"#pay": ("#pay", 1, 1), "#pay-now": ("#pay-now", 2, 2)}
    made = remaps.save(store, "Pay button", ["#pay", "#pay-now"], "/pay")
    assert clicked(store) == {"Pay button": ("Pay button", 3, 3)}
    assert everywhere(store) == {"Pay button": 3, "#pay": 1}, "another page's stays apart"
    behind = heatmap_sessions.HeatmapSessions("/pay", element="Pay button")
    assert heatmap_sessions.run(store, behind, Scope()).total == 3
    outcomes = element_outcomes.run(store, element_outcomes.ElementOutcomes("Pay button"), Scope())
    assert (outcomes.totals.clicks, [one.page for one in outcomes.pages]) == (3, ["/pay"])
    remaps.change(store, made, "Pay", ["#pay*"])
    assert everywhere(store) == {"Pay": 4}
    remaps.remove(store, made)
    assert everywhere(store) == {"#pay": 2, "#pay-now": 2}


def test_what_comes_later_has_the_name_too(store, tmp_path):
    remaps.save(store, "Pay button", ["#pay*"])
    file = tmp_path / "later.jsonl"
    file.write_text(
        '{"timestamp": "2026-03-09", "event": "click", "user_id": "u", "page": "/x", "element": "#pay-2"}\n'
    )
    ingest.load(store, [file])
    assert everywhere(store) == {"Pay button": 5}


def test_the_first_name_wins_and_signs_mean_themselves(store_of):
    store = store_of([click(1, "#a_b"), click(2, "#axb"), click(3, "50%"), click(4, "505")])
    remaps.save(store, "One", ["#a_b"])
    remaps.save(store, "Another", ["#a_b", "50%"])
    assert everywhere(store) == {"One": 1, "#axb": 1, "Another": 1, "505": 1}


def test_names_that_cannot_be(store):
    remaps.save(store, "Pay button", ["#pay"])
    with pytest.raises(InvalidQuestion, match="There is a name of elements called 'Pay button' already"):
        remaps.save(store, "Pay button", ["#pay-now"])
    with pytest.raises(InvalidQuestion, match="needs elements"):
        remaps.save(store, "Nothing", [" "])
    with pytest.raises(InvalidQuestion, match="has 2,000"):
        remaps.save(store, "Long", ["x" * 2000])
    saved.save(store, "remap", "from the future", {"rules": []})
    with pytest.raises(InvalidQuestion, match="'from the future'"):
        remaps.known(store)


def test_a_store_for_reading_keeps_none(store_of, tmp_path):
    path = tmp_path / "s.duckdb"
    DuckStore.open(path).close()
    store = DuckStore.open(path, read_only=True)
    try:
        with pytest.raises(InvalidQuestion, match="for reading only"):
            remaps.save(store, "Pay", ["#pay"])
    finally:
        store.close()
