"""A funnel from its first step to a copied link, in a real Chromium: by mouse and by keys."""

import re

import pytest

from tests.browser.test_a_newcomer import number_in, open_row, title

pytestmark = pytest.mark.browser

ANSWER = ".st-key-answer"
NAMES, GRIPS, CAME = ".steps .name", ".steps .grip", ".steps li .came"


def names(one) -> list[str]:
    """The steps, as their rows say them."""
    return [text.split("\n")[0] for text in one.page.locator(NAMES).all_inner_texts()]


def came(one) -> list[int]:
    """How many come to each step."""
    texts = one.page.locator(CAME).all_inner_texts()
    return [int(re.match(r"[\d,]+", text)[0].replace(",", "")) for text in texts]


def take(one, label: str, text: str) -> None:
    """Searches in a list and takes the first that is found."""
    box = one.page.get_by_role("combobox", name=label, exact=True)
    box.click()
    box.fill(text)
    one.page.keyboard.press("Enter")
    one.settle()


def behind(one, button: str):
    """Opens what is behind a button."""
    one.page.get_by_role("button", name=button).click()
    one.settle()


def closed(one) -> None:
    one.page.keyboard.press("Escape")
    one.settle()


def drag(one, row: int, to: int) -> None:
    """Takes a row by its grip to the place of another."""
    grips, mouse = one.page.locator(GRIPS), one.page.mouse
    begin, end = grips.nth(row).bounding_box(), grips.nth(to).bounding_box()
    past = 4 if to > row else -4
    mouse.move(begin["x"] + 6, begin["y"] + 10)
    mouse.down()
    mouse.move(begin["x"] + 6, begin["y"] + 10 + 3 * past, steps=3)
    mouse.move(end["x"] + 6, end["y"] + 10 + past, steps=6)
    mouse.up()
    one.settle()


def built(one) -> None:
    """Three steps: a product, the cart, an order."""
    one.open("/funnel")
    while len(names(one)) > 1:
        one.page.locator(".steps .drop").last.click()
        one.settle()
    for step in ("Add to cart", "Order"):
        take(one, "Add a step", step)
    assert names(one) == ["/product/*", "Add to cart", "Order"]


def heading(one) -> str:
    """What the list of sessions is of."""
    return next(text for text in one.page.locator("h3").all_inner_texts() if re.search(r": [\d,]+\s(session|pe)", text))


def test_a_funnel_is_built_and_followed_to_a_session(visitor):
    one = visitor()
    built(one)
    plain = came(one)
    assert plain[0] > plain[1] > plain[2] > 0

    drag(one, 1, 2)
    assert names(one) == ["/product/*", "Order", "Add to cart"]
    one.page.keyboard.press("Alt+ArrowUp")  # the row that was dragged has the focus
    one.settle()
    assert names(one) == ["/product/*", "Add to cart", "Order"]
    assert came(one) == plain
    one.page.keyboard.press("Alt+ArrowUp")
    one.settle()
    one.page.keyboard.press("Alt+ArrowDown")
    one.settle()
    assert names(one) == ["/product/*", "Add to cart", "Order"]

    behind(one, "More")
    take(one, "Leave out who, on the way, did", "Search")
    one.page.get_by_role("button", name="Exclude").click()
    one.settle()
    closed(one)
    less = came(one)
    assert less[0] < plain[0] and 0 < less[2] < plain[2]
    assert one.page.get_by_role("button", name="More: 1 exclusion").count()

    take(one, "Split by", "Device")
    assert came(one) == less
    bars = one.page.locator(".js-plotly-plot .barlayer .point path")
    bars.nth(1).click(force=True)
    one.settle()
    stopped = heading(one)
    assert "stopped after" in stopped and number_in(stopped) > 0

    behind(one, "Saved funnels")
    one.page.get_by_role("textbox", name="Name").fill("To an order")
    one.page.keyboard.press("Enter")
    one.settle()
    one.page.get_by_role("button", name="Save", exact=True).click()
    one.settle()
    closed(one)
    assert one.page.get_by_role("button", name="To an order").count()

    other = visitor(800)
    other.open(one.page.url)
    assert (names(other), came(other), heading(other)) == (names(one), less, stopped)
    assert other.page.get_by_role("button", name="To an order").count()

    other.open("/funnel")
    behind(other, "Saved funnels")
    take(other, "Open", "To an order")
    closed(other)
    assert (names(other), came(other)) == (names(one), less)

    take(one, "Compare with", "Release 1.1")
    said = one.page.inner_text(ANSWER)
    assert "release 1.1" in said
    other.open(one.page.url)
    assert other.page.inner_text(ANSWER) == said

    one.page.get_by_role("radio", name="Sessions", exact=True).last.click()  # from the differences to the sessions
    one.settle()
    open_row(one)
    assert "What happened here?" in title(one)


def test_a_step_is_any_of_several_things(visitor):
    one = visitor(800, "dark")
    built(one)
    before = came(one)
    one.page.locator(NAMES).nth(1).click()
    one.settle()
    take(one, "Step 2 is any of", "/cart")
    closed(one)  # the list stays open for more
    assert names(one)[1] == "Add to cart or /cart"
    assert came(one)[1] >= before[1]
    one.page.get_by_role("button", name="Done").click()
    one.settle()
    assert not one.page.get_by_role("combobox", name="Step 2 is any of").count()
