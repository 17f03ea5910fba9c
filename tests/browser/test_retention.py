"""Somebody reads the triangle, opens a cell, and hands the link to a colleague."""

import re

import pytest

from analytics import demo
from analytics.analyses import retention
from analytics.analyses.retention import Retention
from analytics.scope import Scope

pytestmark = pytest.mark.browser

CELLS = ".main-svg .bars .point"
TEXTS = ".main-svg .bars .point text"


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory):
    """What the analysis says of the same sample, asked directly."""
    store = demo.open_demo(tmp_path_factory.mktemp("sample") / "demo.duckdb")
    found = retention.run(store, Retention("week", intervals=12), Scope()).cohorts
    store.close()
    return found


def texts(one, many):
    """What the first `many` cells say, once they are drawn."""
    one.page.locator(TEXTS).nth(many - 1).wait_for(state="attached")
    return [text.replace("\u00a0", " ") for text in one.page.locator(TEXTS).all_text_contents()[:many]]


def heading(one):
    return one.page.locator("h3").first.inner_text().replace("\u00a0", " ")


def test_a_cell_of_the_triangle_and_its_link(visitor, cohorts):
    one = visitor()
    one.open("/retention")
    assert one.page.locator("h1").first.inner_text() == "Do people come back?"
    cells = [(place, slot) for place, cohort in enumerate(cohorts) for slot in range(len(cohort.returned))]
    shares = [f"{100 * cohorts[place].returned[slot] / cohorts[place].size:.0f} %" for place, slot in cells]
    first = one.page.locator(".js-plotly-plot").first
    assert texts(one, len(cells)) == shares
    sizes = first.locator(".ytick text").all_text_contents()
    assert [int(text.split()[-1].replace(",", "")) for text in sizes] == [cohort.size for cohort in cohorts]

    place, slot = 3, 4
    box = first.locator(".bars .point").nth(cells.index((place, slot))).bounding_box()
    one.page.mouse.click(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    one.page.wait_for_url("**sel=**")
    one.settle()
    assert (
        heading(one)
        == f"Began in the week of 24 Aug, came back 4 weeks later: {cohorts[place].returned[slot]:,} people"
    )

    other = visitor()
    other.open(one.page.url)
    assert heading(other) == heading(one)
    assert texts(other, len(cells)) == shares

    for name, question in (("Stickiness", "days of it"), ("Lifecycle", "the last that is over")):
        other.page.get_by_text(name, exact=True).first.click()
        other.page.wait_for_url(f"**{name.lower()}**")
        other.settle()
        assert question in other.text
        assert re.search(r": [\d,]+.(people|person)$", heading(other))
