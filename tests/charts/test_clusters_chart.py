"""The picture of kinds: a row each, nothing but text from data, words for every amount."""

import pytest

from analytics.analyses.clusters import ClustersResult, Kind
from analytics.charts import clusters as chart
from analytics.charts.theme import DARK, LIGHT
from analytics.cluster_names import Trait
from analytics.clustering import Cluster, Feature
from analytics.stats.kinds import Silhouette

FEATURES = (Feature("duration"), Feature("event", "<b>add_to_cart</b>"))
AVERAGE = (Trait(60.0, 1.0, 0.0), Trait(0.5, 0.25, 0.0))


def kind(number, sessions, converted, *traits):
    low, high = (None, None) if converted is None else (converted / sessions / 2, converted / sessions + 0.1)
    name = f"Kind {number} <i>"
    return Kind(number, name, sessions, sessions, converted, low, high, 5000.0, 2.0, 4.5, 3, 2, traits)


def result(goal=True, value=0.4):
    kinds = (
        kind(1, 60, 6 if goal else None, Trait(12.0, 1.0, -0.5), Trait(0.0, 0.0, -0.4)),
        kind(2, 40, 20 if goal else None, Trait(200.0, 1.0, 3.5), Trait(2.5, 0.9, 0.9)),
    )
    rule = Cluster(FEATURES, (1.0, 0.5), ((0.0, 0.0), (3.0, 1.0)), 1)
    return ClustersResult(kinds, FEATURES, AVERAGE, (Silhouette(2, value), Silhouette(3, -0.1)), 100, rule, ())


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_a_row_for_each_kind(palette):
    sizes, goals, strip = chart.figure(palette, result(), "“order”").data
    assert list(sizes.x) == [0.6, 0.4]
    assert list(goals.x) == [0.1, 0.5]
    assert list(strip.text) == ["12 s", "0.0", "3 m", "2.5"]
    assert strip.marker.color[2] == palette.changes[-1], "far above is as far as the colours go"
    assert [data[0] for data in strip.customdata] == [0, 0, 1, 1]
    assert chart.clicked([{"customdata": [1, "about"]}]) == 1
    assert chart.clicked([]) is chart.clicked([{"customdata": None}]) is None


def test_without_a_goal_there_is_no_conversion():
    figure = chart.figure(LIGHT, result(goal=False), "")
    assert len(figure.data) == 2
    assert tuple(figure.layout.xaxis3.domain) == chart.STRIP_ALONE
    assert "reach" not in chart.sentence(result(goal=False), "", None, str)


def test_text_from_data_is_text():
    text = chart.figure(LIGHT, result(), "<u>o</u>").to_json() + chart.clearness(LIGHT, result()).to_json()
    for mark in ("<i>", "<u>", "<b>add"):
        assert mark not in text.replace("\\u003c", "<")


def test_the_answer_says_how_clear_it_is():
    assert "shade into one another" not in chart.sentence(result(), "“order”", None, str)
    said = chart.sentence(result(value=0.2), "“order”", 2, str)
    assert said.startswith(
        "**2\u00a0kinds of sessions** are asked for. The largest is **Kind 1 <i>**: 60\u00a0sessions, "
    )
    assert "Of **Kind 2 <i>**, **50.0\u00a0%** reach “order”, most of all kinds." in said
    assert "shade into one another" in said


def test_the_table_and_the_file():
    assert chart.rows(result())[1] == {
        "Kind": "Kind 2 <i>",
        "People": "40",
        "Median length": "5.0\u00a0s",
        "Median pages": "2",
        "With an error": "5.0\u00a0%",
    }
    first = chart.table(result())[0]
    assert (first["sessions"], first["share"], first["reach the goal"], first["mean length"]) == (60, 0.6, 6, 12.0)
