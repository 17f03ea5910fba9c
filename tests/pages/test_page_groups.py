"""Groups of pages: chosen on a page of journeys, kept for the team, changed, put in order, deleted; in every link."""

import json

import pytest

from analytics.path_items import Group
from analytics.workspace import groups
from tests.pages.conftest import HOSTILE, link
from tests.pages.test_journeys import answer, control, params, plain

PAGE, MOVES = "data/groups.py", "journeys/transitions.py"
PRODUCTS = Group("Products", ("/product/*", "/p/*"))


@pytest.fixture
def site(journeys):
    """Ten products under one name and two under another, and a cart."""
    return journeys(*(f"/product/{n} /product/{n + 1} /cart" for n in range(1000, 1010)), "/p/1 /p/2 /cart")


def button(at, name):
    return next(one for one in at.button if one.key == name)


def kept(store):
    return [one.asked for one in groups.known(store)]


def test_proposals_apply_until_the_team_keeps_a_group(opened, site):
    at = opened(site, MOVES)
    assert params(at)["groups"] == ["/product/*"]
    assert control(at, "multiselect", "Pages that are one place").value == ["/product/*"]
    groups.save(site, PRODUCTS)
    assert params(opened(site, MOVES))["groups"] == [{"name": "Products", "pages": ["/product/*", "/p/*"]}]
    again = opened(site, MOVES, **link(at))
    assert answer(again) == answer(at)  # a link has its own groups
    assert params(again)["groups"] == ["/product/*"]
    control(again, "multiselect", "Pages that are one place").set_value(["Products"]).run()
    assert params(again)["groups"] == [{"name": "Products", "pages": ["/product/*", "/p/*"]}]
    assert "Products" in answer(again)


def test_none_is_a_choice_too(opened, site):
    at = opened(site, MOVES)
    control(at, "multiselect", "Pages that are one place").set_value([]).run()
    assert params(at)["groups"] == []
    groups.save(site, PRODUCTS)
    assert params(opened(site, MOVES, **link(at)))["groups"] == []


@pytest.mark.parametrize("page", [MOVES, "journeys/paths.py", "journeys/top_paths.py"])
def test_kept_from_where_they_are_looked_at(opened, site, page):
    at = opened(site, page)
    control(at, "multiselect", "Pages that are one place").set_value(["/product/*", "/p/*"]).run()
    button(at, "page-groups-keep").click().run()
    assert not at.exception
    assert kept(site) == ["/product/*", "/p/*"]
    assert not any(one.key == "page-groups-keep" for one in at.button)


def test_a_special_one_is_asked_first(opened, site):
    at = opened(site, MOVES)
    control(at, "multiselect", "Pages that are one place").set_value(["/product/*", "/product/1003"]).run()
    assert params(at)["groups"] == ["/product/1003", "/product/*"]
    again = opened(site, MOVES, **link(at))
    assert params(again)["groups"] == ["/product/1003", "/product/*"]


def test_what_cannot_be_a_group_is_said(opened, site):
    at = opened(site, MOVES)
    control(at, "multiselect", "Pages that are one place").set_value(["(end)", "/p/*"]).run()
    assert not at.exception
    assert params(at)["groups"] == ["/p/*"]
    assert any("(end) is not an item of a path" in plain(one.value) for one in at.caption)


def test_a_link_may_name_a_group_of_the_team(opened, site):
    groups.save(site, PRODUCTS)
    at = opened(site, MOVES, p=json.dumps({"groups": [{"page_group": "Products"}]}))
    assert params(at)["groups"] == [{"name": "Products", "pages": ["/product/*", "/p/*"]}]
    gone = opened(site, MOVES, p=json.dumps({"groups": [{"page_group": "Gone"}]}))
    assert any("There is no group of pages 'Gone'" in plain(one.value) for one in gone.warning)


def test_the_page_of_the_team(opened, site):
    at = opened(site, PAGE)
    assert answer(at) == "The team keeps no group yet. 1 proposal makes 4 places of 14 pages."
    assert any("numbers, 11 pages, 20 events" in plain(one.value) for one in at.caption)
    button(at, "keep-/product/*").click().run()
    assert kept(site) == ["/product/*"]
    assert answer(at).startswith("1 group of the team makes 4 places of 14 pages.")
    at.text_input(key="group-name-new").input("Other products")
    at.text_area(key="group-of-new").input(" /p/* \n\n/p/*").run()
    button(at, "group-make").click().run()
    assert kept(site) == ["/product/*", Group("Other products", ("/p/*",))]
    one, other = (each.id for each in groups.known(site))
    button(at, f"group-up-{other}").click().run()
    assert [each.id for each in groups.known(site)] == [other, one]
    at.text_input(key=f"group-name-{other}").input("Products").run()
    at.text_area(key=f"group-of-{other}").input("/product/*\n/p/*").run()
    button(at, f"group-change-{other}").click().run()
    assert kept(site) == [PRODUCTS, "/product/*"]
    assert any("It is asked before Products" in plain(each.value) for each in at.caption)
    button(at, f"group-delete-{one}").click().run()
    assert kept(site) == [PRODUCTS]
    assert not at.exception


def test_a_refusal_is_said(opened, site):
    groups.save(site, PRODUCTS)
    at = opened(site, PAGE)
    at.text_input(key="group-name-new").input("Products").run()
    at.text_area(key="group-of-new").input("/x").run()
    button(at, "group-make").click().run()
    assert any("There is a page group called 'Products' already" in plain(one.value) for one in at.warning)
    at.text_input(key="group-name-new").input("").run()
    at.text_area(key="group-of-new").input("").run()
    button(at, "group-make").click().run()
    assert any("A group needs a name" in plain(one.value) for one in at.warning)


def test_names_are_text(opened, store_of):
    rows = [
        {"timestamp": f"2026-03-02T09:{n:02}:00", "event": "page_view", "page": f"/{n}", "user_id": "u"}
        for n, _ in enumerate(HOSTILE)
    ]
    store = store_of(rows)
    for n, name in enumerate(HOSTILE.values()):
        groups.save(store, Group(" ".join(name.split())[:80], (f"/{n}", name)))
    for page in (PAGE, MOVES, "journeys/paths.py", "journeys/top_paths.py", "journeys/funnel.py"):
        at = opened(store, page)
        assert not at.exception
        for one in (*at.markdown, *at.caption):
            assert "](https" not in one.value and "![" not in one.value
