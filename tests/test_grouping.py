"""Page groups: what is proposed, and that naming in Python is naming in SQL."""

import re
from itertools import pairwise

import pytest

from analytics import registry
from analytics.analyses import paths, top_paths, transitions
from analytics.analyses.paths import Paths
from analytics.analyses.top_paths import TopPaths
from analytics.analyses.transitions import Transitions
from analytics.errors import InvalidQuestion
from analytics.grouping import matches, named, propose, section
from analytics.path_items import Group
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


PRODUCTS_BY_NAME = Group("Products", ("/product/*", "/p/*"))
HERE_AND_THERE = (Group("/a", ("/b",)), Group("/b", ("/a",)))


@pytest.mark.parametrize(
    ("session", "groups", "expected"),
    [
        ("/product/1 /p/2 /cart", (PRODUCTS_BY_NAME,), ["Products", "Products", "/cart"]),
        ("/product/1 /p/2 /cart", ("/p/*", PRODUCTS_BY_NAME), ["Products", "/p/*", "/cart"]),
        ("/u/7/orders /u/7/8/orders", ("/u/:id/orders",), ["/u/:id/orders", "/u/7/8/orders"]),
        pytest.param("/a /b /a", HERE_AND_THERE, ["/b", "/a", "/b"], id="a group is applied once, so a circle ends"),
        pytest.param("/a /b", (Group('it\'s "x" → ✓', ("/a",)),), ['it\'s "x" → ✓', "/b"], id="any name"),
    ],
)
def test_groups_with_names(journeys, session, groups, expected):
    assert [named(page, groups) for page in session.split()] == expected
    store = journeys(session)
    result = paths.run(store, Paths(groups=groups, collapse_repeats=False), Scope())
    assert [node.item for node in result.nodes] == expected
    whole = top_paths.run(store, TopPaths(groups=groups, collapse_repeats=False), Scope())
    assert whole.paths[0].items == tuple(expected)
    for each in (False, True):  # counted from pairs, and one by one
        asked = Transitions(groups=groups, norm="sessions" if each else "count")
        links = {(link.source, link.target) for link in transitions.run(store, asked, Scope()).links}
        assert links == set(pairwise(["(start)", *expected, "(end)"]))


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ('[{"name": "", "pages": ["/a*"]}]', "A group needs a name; the one of /a* has none."),
        ('[{"name": "A", "pages": []}]', "The group 'A' needs pages"),
        ('[{"name": "A", "pages": ["/a", ""]}]', "The group 'A' needs pages"),
        ('[{"name": "A"}]', "In the parameters of paths, groups.0.pages is"),
        ("[7]", "In the parameters of paths, groups.0 is 7"),
        ('[""]', "A group without a pattern has no pages"),
        ('["(other)"]', "(other) is not an item of a path; it has that meaning already."),
        ('[{"name": "...", "pages": ["/a"]}]', "... is not an item of a path; it has that meaning already."),
        (
            '[{"name": "A", "pages": ["/a"]}, {"name": "A", "pages": ["/b"]}]',
            "Two groups are called 'A'; put their pages into one, or rename one of them.",
        ),
    ],
)
def test_groups_that_cannot_be(groups, message):
    with pytest.raises(InvalidQuestion, match=re.escape(message)):
        registry.params(paths, f'{{"groups": {groups}}}')


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
