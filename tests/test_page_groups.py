"""Groups of pages that the team keeps: their order, their names, and how the command line asks by name."""

import json

import pytest

from analytics import cli
from analytics.analyses import paths
from analytics.analyses.paths import Paths
from analytics.analyses.top_paths import TopPaths
from analytics.errors import InvalidQuestion
from analytics.grouping import ordered
from analytics.path_items import Group, KeptGroup
from analytics.scope import Scope
from analytics.store import DuckStore
from analytics.workspace import groups, saved

PRODUCTS = Group("Products", ("/product/*", "/p/*"))
HELP = Group("/help/*", ("/help/*",))


def names(store):
    return [one.group.name for one in groups.known(store)]


def test_kept_in_an_order(journeys):
    store = journeys("/a")
    one, other = groups.save(store, PRODUCTS), groups.save(store, HELP)
    assert [(kept.place, kept.asked) for kept in groups.known(store)] == [(1, PRODUCTS), (2, "/help/*")]
    groups.arrange(store, [other])
    assert names(store) == ["/help/*", "Products"]
    groups.save(store, Group("Cart", ("/cart",)))
    groups.change(store, one, Group("Things", ("/thing/*",)))
    assert names(store) == ["/help/*", "Things", "Cart"]
    saved.remove(store, other)
    assert [kept.asked for kept in groups.known(store)] == [Group("Things", ("/thing/*",)), Group("Cart", ("/cart",))]


def test_what_cannot_be_kept(journeys):
    store = journeys("/a")
    made = groups.save(store, PRODUCTS)
    with pytest.raises(InvalidQuestion, match="There is a page group called 'Products' already"):
        groups.save(store, Group("Products", ("/x",)))
    for wrong in (lambda: Group("A", ()), lambda: groups.save(store, Group("(end)", ("/a",)))):
        with pytest.raises(InvalidQuestion, match=r"needs pages|\(end\) is not an item"):
            wrong()
    saved.remove(store, made)
    with pytest.raises(InvalidQuestion, match="somebody has deleted it"):
        groups.change(store, made, PRODUCTS)
    saved.save(store, "page_group", "from the future", {"rules": []})
    with pytest.raises(InvalidQuestion, match="'from the future' was saved by another version"):
        groups.known(store)


def test_what_names_one_follows_its_new_name(journeys):
    store = journeys("/a")
    made = groups.save(store, PRODUCTS)
    saved.save(store, "view", "Ways", {"paths": {"groups": [{"page_group": "Products"}]}})
    assert [one.name for one in saved.users_of(store, "page_group", "Products")] == ["Ways"]
    groups.change(store, made, Group("Goods", PRODUCTS.pages))
    [view] = saved.all_of(store, "view")
    assert view.value == {"paths": {"groups": [{"page_group": "Goods"}]}}


def test_looked_up_by_name(journeys):
    store = journeys("/a")
    groups.save(store, PRODUCTS)
    groups.save(store, HELP)
    asked = Paths(groups=(KeptGroup("/help/*"), "/x*", KeptGroup("Products")))
    assert groups.resolved(asked, lambda: groups.known(store)).groups == ("/help/*", "/x*", PRODUCTS)
    plain = TopPaths(groups=("/x*", PRODUCTS))
    assert groups.resolved(plain, lambda: pytest.fail("nothing is named")) is plain
    with pytest.raises(InvalidQuestion, match="no group of pages 'Gone'; there are 'Products' and '/help/\\*'."):
        groups.resolved(Paths(groups=(KeptGroup("Gone"),)), lambda: groups.known(store))
    with pytest.raises(InvalidQuestion, match="'Products' are kept in the store"):
        paths.queries(Paths(groups=(KeptGroup("Products"),)), Scope())


def test_the_command_line_names_them(tmp_path, capsys):
    file = tmp_path / "events.jsonl"
    pages = ["/product/1", "/p/2", "/cart"]
    file.write_text(
        "".join(
            json.dumps(
                {"event": "page_view", "page": page, "user_id": "u", "timestamp": f"2026-03-02T09:0{minute}:00Z"}
            )
            + "\n"
            for minute, page in enumerate(pages)
        )
    )
    path = str(tmp_path / "store.duckdb")
    assert cli.main(["import", str(file), "--store", path]) == 0
    store = DuckStore.open(tmp_path / "store.duckdb")
    groups.save(store, PRODUCTS)
    store.close()
    capsys.readouterr()
    asked = ["ask", "top_paths", "--store", path, "--params"]
    assert cli.main([*asked, '{"groups": [{"page_group": "Products"}]}']) == 0
    assert json.loads(capsys.readouterr().out)["paths"][0]["items"] == ["Products", "/cart"]
    assert cli.main([*asked, '{"groups": [{"page_group": "Product"}]}']) == 2
    assert capsys.readouterr().err == "There is no group of pages 'Product'; there is 'Products'.\n"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["/product/*", "/product/new"], ("/product/new", "/product/*")),
        (["/product/*", "/cart", "/product/*"], ("/product/*", "/cart")),
        (["/p/*", PRODUCTS], ("/p/*", PRODUCTS)),
        (["/a/*", "/:a", "/a", "/a/:id", "/a/:id/b"], ("/a/:id", "/a/:id/b", "/a/*", "/a", "/:a")),
        (["/a*", "/b*", "/b/c", "/a/c"], ("/a/c", "/a*", "/b/c", "/b*")),
    ],
)
def test_special_ones_come_first(given, expected):
    assert ordered(given) == expected
    assert ordered(ordered(given)) == ordered(given)
