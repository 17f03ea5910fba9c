"""Did the release help? Somebody reads the verdict, doubts it, looks at the sessions, and then compares days."""

import re

import pytest

pytestmark = pytest.mark.browser

PLOT = ".js-plotly-plot"
SQUARE = 20  # px, of the calendar


def answer(one) -> str:
    return one.page.locator(".st-key-answer").inner_text().replace("\u00a0", " ")


def title(one) -> str:
    return one.page.locator("h1").first.inner_text().replace("\u00a0", " ")


def read(one) -> str:
    return one.text.replace("\u00a0", " ")


def counted(heading: str) -> int:
    return int(re.search(r": ([\d,]+) session", heading)[1].replace(",", ""))


def listed(one) -> str:
    """What the list of sessions is of."""
    found = (text.replace("\u00a0", " ") for text in one.page.locator("h3").all_inner_texts())
    return next(text for text in found if re.search(r": [\d,]+ session", text))


def choose(one, name: str) -> None:
    """An option of a row of them."""
    one.page.get_by_role("radio", name=name, exact=True).click()
    one.settle()


def picture(one, alt: str):
    """The picture whose description begins so."""
    return one.page.locator(f'[aria-label^="{alt}"]')


def written(one, alt: str) -> list[str]:
    return [text.replace("\u00a0", " ") for text in picture(one, alt).locator(".annotation-text").all_text_contents()]


def click_mark(one, label: str) -> None:
    """Clicks in the forest plot on the mark of the metric of that name."""
    row = picture(one, "Relative change").locator(".annotation-text", has_text=re.compile(f"^{label}$")).bounding_box()
    marks = [mark.bounding_box() for mark in picture(one, "Relative change").locator(".points path").all()]
    middle = row["y"] + row["height"]  # between the name and the values below it
    mark = min(marks, key=lambda box: abs(box["y"] + box["height"] / 2 - middle))
    at = mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2
    one.page.mouse.move(at[0] - 4, at[1])
    one.page.wait_for_timeout(150)
    one.page.mouse.move(*at)
    one.page.wait_for_timeout(150)
    one.page.mouse.click(*at)
    one.page.wait_for_url("**sel=**")
    one.settle()


def drag_days(one, first: tuple[int, int], last: tuple[int, int]) -> None:
    """Over the calendar, from (week, weekday) to (week, weekday), both from 0."""
    picture(one, "Sessions a day").scroll_into_view_if_needed()
    box = picture(one, "Sessions a day").locator(".nsewdrag").bounding_box()
    ends = [
        (box["x"] + SQUARE * (week + share), box["y"] + SQUARE * (day + share))
        for (week, day), share in ((first, 0.2), (last, 0.8))
    ]
    before = one.page.url
    one.page.mouse.move(*ends[0])
    one.page.mouse.down()
    one.page.mouse.move(*ends[1], steps=4)
    one.page.mouse.up()
    one.page.wait_for_url(lambda url: url != before)
    one.settle()


def test_did_the_release_help_and_were_the_weeks_better(visitor):
    one = visitor()
    one.open("/")
    one.page.get_by_role("link", name="Before and after", exact=True).click()
    one.page.wait_for_url("**/compare**")
    one.settle()
    choose(one, "1.0 → 1.1")
    assert title(one) == "Did release 1.1 help?"
    assert re.match(r"No\. Sessions with order fell by \d+ % \(\d+ to \d+ %\), from [\d.]+ % to [\d.]+ %", answer(one))
    forest = written(one, "Relative change")
    at = forest.index("Sessions with order")
    assert re.match(r"[\d.]+ % → [\d.]+ %", forest[at + 1])
    assert forest[at + 2].startswith("−") and re.match(r"−\d+ to −\d+$", forest[at + 3])

    click_mark(one, "Sessions with a value")  # a metric that fell opens: its days, what else could explain it
    assert picture(one, "Sessions with a value by day").is_visible()
    assert "What else could explain it" in one.text and "do not matter" in one.text
    with_value = counted(listed(one))
    assert listed(one).startswith("Sessions with a value, release 1.1: ")
    choose(one, "All others")  # and those that show it: who bought nothing
    assert listed(one).startswith("Not among sessions with a value, release 1.1: ")
    whole = re.search(rf"{with_value} of ([\d,]+) after", read(one))
    assert with_value + counted(listed(one)) == int(whole[1].replace(",", ""))
    choose(one, "Dates")  # two ranges on the calendar that are no whole weeks, and it says so
    drag_days(one, (6, 1), (7, 2))
    assert title(one) == "Was it better from 15 Sep to 23 Sep 2026?"
    choose(one, "A, before")
    drag_days(one, (4, 0), (4, 3))
    assert "Before covers 4 days, after 9: not whole weeks" in read(one)
    one.page.locator(".st-key-whole-weeks button").click()
    one.settle()
    assert title(one) == "Was it better from 14 Sep to 20 Sep 2026?"
    assert "31 Aug to 6 Sep 2026" in read(one)

    other = visitor(width=900, theme="dark")  # a copied link opens the same view
    other.open(one.page.url)
    assert (title(other), answer(other), listed(other)) == (title(one), answer(one), listed(one))
    assert written(other, "Relative change") == written(one, "Relative change")
