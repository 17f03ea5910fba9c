"""Groups of pages by mouse: one is looked at, kept for the team, seen by somebody else, and in a link as it was."""

import json
import re
from urllib.parse import parse_qs, urlparse

import pytest

pytestmark = pytest.mark.browser


def groups(visitor):
    """The groups in the link."""
    return json.loads(parse_qs(urlparse(visitor.page.url).query)["p"][0])["groups"]


def said(visitor):
    return visitor.page.locator(".st-key-answer").first.inner_text().replace("\u00a0", " ")


def test_a_proposal_becomes_the_teams(visitor):
    me = visitor()
    me.open("/transitions")
    assert groups(me) == ["/admin/customers/*", "/product/*", "/category/*"]
    assert "most go from /category/* to /product/*" in said(me)
    before = me.page.url

    me.page.get_by_role("link", name="Groups of pages").click()
    me.page.wait_for_url("**/page-groups**")
    me.settle()
    assert "The team keeps no group yet. 3 proposals make 22 places of 1,543 pages." in said(me)
    me.page.locator(".st-key-proposal--product--").get_by_role("button", name="Keep").click()
    me.settle()
    assert said(me).startswith("1 group of the team makes ")
    me.page.get_by_label("Name", exact=True).last.fill("Looking around")
    me.page.get_by_label("Pages", exact=True).last.fill("/category/*\n/search")
    me.page.keyboard.press("Control+Enter")
    me.settle()
    me.page.get_by_role("button", name="Keep it").click()
    me.settle()
    assert said(me).startswith("2 groups of the team make ")

    other = visitor()
    other.open("/transitions")
    looking = {"name": "Looking around", "pages": ["/category/*", "/search"]}
    assert groups(other) == ["/product/*", looking]
    assert "most go from Looking around to /product/*" in said(other)
    other.open(before)  # a link says what it said
    assert "most go from /category/* to /product/*" in said(other)

    other.page.get_by_role("button", name="Groups", exact=True).click()
    other.settle()
    body = other.page.locator('[data-testid="stPopoverBody"]')
    assert re.search(r"/product/\*\s+60\s+146,002", body.inner_text())
    assert "Not applied: Looking around" in body.inner_text()
