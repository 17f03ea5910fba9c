"""Somebody follows a way through the shop: from the overview to a start, its sessions, groups and two releases."""

import re

import pytest

pytestmark = pytest.mark.browser

NODES = ".st-key-wide-flow svg"


def heading(one) -> str:
    """What the list of sessions is of."""
    found = (text.replace("\u00a0", " ") for text in one.page.locator("h3").all_inner_texts())
    return next(text for text in found if re.search(r": [\d,]+ session", text))


def counted(text) -> int:
    return int(re.search(r": ([\d,]+) session", text)[1].replace(",", ""))


def answer(one) -> str:
    return one.page.locator(".st-key-answer").inner_text().replace("\u00a0", " ")


def labels(one) -> list[str]:
    """What is written beside the nodes of the picture, without the figures."""
    one.page.locator(f"{NODES} text").first.wait_for()
    return [text.replace("\u200b", "").strip() for text in one.page.locator(f"{NODES} text").all_text_contents()]


def click_node(one, name: str) -> int:
    """Clicks on the first node of that name, left of its label; what its label counts, which stands right of it."""
    boxes = [text.bounding_box() for text in one.page.locator(f"{NODES} text").all()]
    said = labels(one)
    at = boxes[said.index(name)]
    right = [n for n, box in enumerate(boxes) if abs(box["y"] - at["y"]) < 5 and box["x"] > at["x"]]
    figure = said[min(right, key=lambda n: boxes[n]["x"])]
    one.page.mouse.click(at["x"] - 9, at["y"] + at["height"] / 2)
    one.page.wait_for_url("**sel=**")
    one.settle()
    return int(re.match(r"[\d,]+", figure)[0].replace(",", ""))


def click_widest_stream(one) -> str:
    """Clicks in its middle; the tooltip that it had there."""
    x, y = one.page.evaluate(
        """() => [...document.querySelectorAll('.st-key-wide-flow svg path[fill-opacity]')]
            .map(path => [path, path.getAttribute('d').match(/C[^L]* ([\\d.]+)L[\\d.]+ ([\\d.]+)/)])
            .filter(([_, ends]) => ends).sort(([_, a], [__, b]) => (b[2] - b[1]) - (a[2] - a[1]))
            .map(([path]) => path.getBoundingClientRect())
            .map(box => [box.x + box.width / 2, box.y + box.height / 2])[0]"""
    )
    one.page.mouse.move(x - 9, y)
    one.page.mouse.move(x, y)
    found = one.page.locator("div", has_text="of those at its start").last
    found.wait_for()
    tip = found.inner_text().replace("\u00a0", " ")
    before = one.page.url
    one.page.mouse.click(x, y)
    one.page.wait_for_url(lambda url: url != before)
    one.settle()
    return tip


def press(one, label: str) -> None:
    one.page.get_by_role("button", name=label).click()
    one.settle()


def test_a_way_from_the_overview_to_two_releases(visitor):
    one = visitor()
    one.open("/")
    one.page.get_by_role("link", name="Paths", exact=True).click()
    one.page.wait_for_url("**/paths**")
    one.settle()
    assert one.page.locator("h1").first.inner_text() == "Which way do people go?"

    size = click_node(one, "/cart")  # a node becomes the start
    assert heading(one).startswith("Second: /cart: ") and counted(heading(one)) == size
    press(one, "Start at /cart")
    assert "come by /cart" in answer(one)
    assert "From here" in labels(one)

    tip = click_widest_stream(one)  # a stream opens its sessions, as many as it says
    assert " → " in tip and counted(heading(one)) == int(re.search(r"([\d,]+) session", tip)[1].replace(",", ""))
    assert tip.startswith(heading(one).split(": ")[1])

    one.open("/paths")
    assert "/product/*" in labels(one) and "/category/*" in labels(one)
    press(one, "Groups")  # pages are one place, or each its own
    one.page.get_by_role("combobox", name="Pages that are one place").press("Backspace")
    one.settle()
    one.page.keyboard.press("Escape")
    one.settle()
    assert "/product/*" in labels(one) and "/category/*" not in labels(one)
    one.page.go_back()
    one.settle()
    assert "/category/*" in labels(one)

    one.open("/paths?release=1.1")
    one.page.get_by_role("combobox", name="Compare with").click()
    one.page.get_by_role("option", name="Release 1.0", exact=True).click()
    one.settle()
    assert "n release 1.1" in answer(one) and "within noise, or too few to say" in one.text
    assert "What differs, link by link" in one.text

    other = visitor(width=900, theme="dark")  # a copied link opens the same view
    other.open(one.page.url)
    assert (answer(other), heading(other)) == (answer(one), heading(one))
    assert sorted(labels(other)) == sorted(labels(one))
