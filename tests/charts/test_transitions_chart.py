"""The pictures of transitions: what is drawn adds up, ways are told apart, names stay text."""

from analytics.analyses.transitions import Link, Transitions, TransitionsResult
from analytics.charts import heat_table
from analytics.charts import transitions as chart
from analytics.charts.paths import Order
from analytics.charts.theme import DARK, LIGHT
from analytics.transition_sql import END, OTHER, START

ORDER = Order({"/a": 0, "/b": 1, "<b>": 2}, ("/a", "/b", "<b>"))
COUNTS = {
    (START, "/a"): 10, ("/a", "/a"): 4, ("/a", "/b"): 12, ("/b", "/a"): 6, ("/b", "<b>"): 3, ("<b>", OTHER): 3,
    ("/a", END): 4, ("/b", END): 3, (OTHER, END): 3,
}  # fmt: skip
LINKS = tuple(Link(source, target, count, count) for (source, target), count in COUNTS.items())
DRAWN = chart.drawn(Transitions(norm="count"), TransitionsResult(LINKS, 48, ()), ORDER)


def test_items_stand_in_the_order_of_the_store_and_the_rest_comes_last():
    assert DRAWN.items == ("/a", "/b", "<b>", OTHER)
    assert DRAWN.rows[0] == START and DRAWN.columns[-1] == END


def test_ways_are_told_apart():
    ways = {(link.source, link.target): DRAWN.way(link) for link in DRAWN.links}
    assert (ways["/a", "/a"], ways["/b", "/a"], ways["/a", "/b"]) == ("loop", "back", "on")


def test_a_click_means_the_link_that_the_cell_draws():
    for n, (_, _, about) in enumerate(chart.matrix(LIGHT, DRAWN).data[0].customdata):
        place = chart.matrix(LIGHT, DRAWN).data[0].customdata[n]
        assert chart.cell_clicked([{"customdata": place}], DRAWN) == n
        assert "<b>" not in about.replace("<br>", "")
    assert chart.cell_clicked([], DRAWN) is None
    assert heat_table.clicked([{"customdata": "text"}]) is None


def test_the_graph_folds_weak_links_and_says_so():
    marks = chart.graph(DARK, DRAWN, ORDER, 0.1).data[-1].customdata
    numbers = {number for number, _ in marks}
    assert numbers == {n for n, link in enumerate(LINKS) if link.count >= 4.8}
    folded = sum(link.count for n, link in enumerate(LINKS) if n not in numbers)
    assert f"{100 * folded / 48:.1f}" in chart.note(DRAWN, 0.1)
    assert chart.note(DRAWN, 0).startswith("All 9")


def test_changes_have_the_colours_of_their_side():
    more, _ = heat_table.change(LIGHT, 0.2, 0.2)
    less, _ = heat_table.change(LIGHT, -0.2, 0.2)
    assert (less, more) == (LIGHT.changes[0], LIGHT.changes[-1])


def test_the_sentence_names_the_most_frequent_step():
    assert "most go from **/a** to **/b**: 12" in chart.sentence(DRAWN, str)
    assert "to and fro is between /a and /b: 12 there, 6 back" in chart.sentence(DRAWN, str)
