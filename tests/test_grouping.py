"""Page groups: what is proposed, and that naming in Python is naming in SQL."""

import random
import re
import time
from itertools import pairwise
from uuid import UUID, uuid4

import pytest

from analytics import registry
from analytics.analyses import paths, top_paths, transitions
from analytics.analyses.paths import Paths
from analytics.analyses.top_paths import TopPaths
from analytics.analyses.transitions import Transitions
from analytics.errors import InvalidQuestion
from analytics.grouping import Proposal, matches, named, proposals, propose, section
from analytics.path_items import Group
from analytics.scope import Scope

PRODUCTS = [f"/product/{n}" for n in range(9)]
HELP = [f"/help/{n}" for n in range(8)]


NAMES = [f"{one}-{other}" for one in ("red", "blue", "wool") for other in ("hat", "shoes", "tent")]
ACCOUNT = ["orders", "addresses", "security", "profile", "payment", "wishlist", "settings", "reviews", "x"]


@pytest.mark.parametrize(
    ("pages", "groups"),
    [
        pytest.param(["/", "/cart", *PRODUCTS, *HELP], ("/product/*", "/help/*"), id="most pages first"),
        pytest.param(["/", "/cart", *HELP[:7]], (), id="seven pages are seven pages"),
        pytest.param(["/", "/product", *PRODUCTS[:7], "/cart"], (), id="the segment's own page is not below it"),
        pytest.param([f"/en{page}" for page in ["/", "/cart", *PRODUCTS]], ("/en/product/*",), id="shared start"),
        pytest.param([f"/a/{n}/edit" for n in range(9)] + ["/b"], ("/a/:id/edit",), id="what follows an id is kept"),
        pytest.param(
            [f"/user/{n}/{page}" for n in (1017, 1018, 1034) for page in ("orders", "settings")] + ["/b"],
            ("/user/:id/orders", "/user/:id/settings"),
            id="three long numbers are ids, three short ones may be steps of a form",
        ),
        pytest.param([f"/form/{n}" for n in range(1, 6)] + ["/b"], (), id="steps of a form"),
        pytest.param([*(f"/p/{uuid4()}" for _ in range(3)), "/b"], ("/p/*",), id="unique ids"),
        pytest.param([f"/p/{n:07x}1c" for n in (1, 2, 3)] + ["/b"], ("/p/*",), id="hashes"),
        pytest.param(
            [f"/news/2026/{month:02}/{name}" for month in range(1, 9) for name in ("a", "b")] + ["/b"],
            ("/news/2026/:id/a", "/news/2026/:id/b"),
            id="one year is no date, its months vary",
        ),
        pytest.param(
            [f"/news/{day}/{name}" for day in ("2026-03-01", "2026-03-02", "2025-12-24") for name in NAMES] + ["/b"],
            ("/news/:date/*",),
            id="dates, and names below them",
        ),
        pytest.param(["/b", *(f"/account/{page}" for page in ACCOUNT)], (), id="places by hand, as products call them"),
        pytest.param(["/b", *(f"/blog/{name}" for name in NAMES)], ("/blog/*",), id="names of one kind"),
        pytest.param(
            [f"/{lang}{page}" for lang in ("en", "de", "pt-BR") for page in ("/cart", "/help", "/product/1001")],
            ("/:lang/cart", "/:lang/help", "/:lang/product/1001"),
            id="languages in front",
        ),
        pytest.param(["/it/jobs", "/hr/people", "/cart"], (), id="two letters alone are no language"),
        pytest.param(
            ["/product/new", *(f"/product/{n}" for n in range(1000, 1003)), "/b"],
            ("/product/new", "/product/:id"),
            id="a place among ids stays apart, and is asked first",
        ),
        pytest.param(
            ["/cart", "/login", *(f"/a-post-about-{n}-things" for n in "abcdefgh" for n in (n, 2 * n, 3 * n, 4 * n))]
            + [f"/post-{n}x" for n in range(30)],
            ("/cart", "/login", "/:name"),
            id="posts right below the root",
        ),
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


def test_a_proposal_says_what_it_covers():
    pages = [("/", 50), *((f"/product/{n}", n) for n in range(1000, 1010)), ("/product/new", 7)]
    [found] = proposals(pages)
    assert found == Proposal(
        "/product/:id", "number", 10, sum(range(1000, 1010)), ("/product/1009", "/product/1008", "/product/1007"),
        ("/product/new",),
    )  # fmt: skip
    assert found.groups == ("/product/new", "/product/:id")


def test_a_site_of_many_addresses_becomes_a_readable_number_of_places():
    chance = random.Random(7)
    adjectives, things = NAMES, ["pack", "lamp", "stove", "mat", "boot"]

    def slug():
        return f"{chance.choice(adjectives)}-{chance.choice(things)}-{chance.choice(things)}"

    def number():
        return chance.randrange(1, 90_000)

    made = [
        lambda: f"/product/{number()}-{slug()}",
        lambda: f"/product/{number()}/reviews",
        lambda: f"/blog/20{chance.randint(15, 26)}/{chance.randint(1, 12):02}/{slug()}-{number()}",
        lambda: f"/user/{UUID(int=chance.getrandbits(128))}/{chance.choice(ACCOUNT)}",
        lambda: f"/share/{chance.getrandbits(64):016x}",
        lambda: f"/category/{slug()}",
        lambda: chance.choice(["/cart", "/help", "/about", "/checkout/address", "/checkout/payment"]),
    ]
    pages = {chance.choice(("/en", "/de", "/fr")) + chance.choice(made)() for _ in range(40_000)}
    assert len(pages) > 25_000
    before = time.process_time()
    groups = propose(pages)
    taken = time.process_time() - before
    assert taken < 3 * len(pages) / 40_000  # 200,000 addresses take two seconds where nothing else runs
    items = {named(page, groups) for page in pages}
    assert len(items) < 40
    assert {"/:lang/product/:id", "/:lang/product/:id/reviews", "/:lang/category/*", "/:lang/cart"} <= items
    assert "/:lang/blog/:date/:date/*" in items


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
