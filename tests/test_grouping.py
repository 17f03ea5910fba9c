"""Page groups: what is proposed, and that naming in Python is naming in SQL."""

import pytest

from analytics.analyses import paths
from analytics.analyses.paths import Paths
from analytics.grouping import matches, named, propose, section
from analytics.scope import Scope

PRODUCTS = [f"/product/{n}" for n in range(9)]
HELP = [f"/help/{n}" for n in range(8)]


@pytest.mark.parametrize(
    ("pages", "groups"),
    [
        pytest.param(["/", "/cart", *PRODUCTS, *HELP], ("/product/*", "/help/*"), id="most pages first"),
        pytest.param(["/", "/cart", *HELP[:7]], (), id="seven pages are seven pages"),
        pytest.param(["/", "/product", *PRODUCTS[:7], "/cart"], (), id="the segment's own page is not below it"),
        pytest.param([f"/en{page}" for page in ["/", "/cart", *PRODUCTS]], ("/en/product/*",), id="shared start"),
        pytest.param([f"/a/{n}/edit" for n in range(9)] + ["/b"], ("/a/*",), id="deeper pages count too"),
        pytest.param(["home", "cart", "#/x", ""], (), id="screens without a path"),
        pytest.param([], (), id="no pages"),
        pytest.param(["/only"], (), id="one page"),
    ],
)
def test_proposed_groups(pages, groups):
    assert propose(pages) == groups


@pytest.mark.parametrize(
    ("item", "pattern", "fits"),
    [
        ("/product/1", "/product/*", True),
        ("/product/", "/product/*", True),
        ("/product", "/product/*", False),
        ("/Product/1", "/product/*", False),
        ("/a.b", "/a.b", True),
        ("/axb", "/a.b", False),
        ("/a\nb", "/a*", True),
        ("/100%_!", "/100%_!", True),
        ("/100x", "/100%", False),
        ("x/cart/y", "*cart*", True),
    ],
)
def test_a_glob_means_in_python_what_it_means_in_sql(journeys, item, pattern, fits):
    assert matches(item, pattern) is fits
    if item.startswith("/") and " " not in item and "\n" not in item and not item.endswith("/"):
        result = paths.run(journeys(f"{item} /end"), Paths(groups=(pattern,)), Scope())
        assert (result.nodes[0].item == pattern) is fits


def test_the_first_group_names_an_item():
    assert named("/help/pay", ("/help/*", "/help/pay")) == "/help/*"
    assert named("/cart", ("/help/*",)) == "/cart"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("/checkout/done", "/checkout"),
        ("/checkout/*", "/checkout"),
        ("/cart", "/cart"),
        ("/", "/"),
        ("/prod*", "/prod"),
        ("order", "order"),
        ("#/cart/x", "#/cart/x"),
    ],
)
def test_section(item, expected):
    assert section(item) == expected
