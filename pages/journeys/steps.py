"""What a step of a funnel, or the start and end of a path, may be: the pages, events and elements that were seen."""

from collections.abc import Mapping, Sequence

from analytics import vocabulary, words
from analytics.analyses import values
from analytics.analyses.funnel import Funnel
from analytics.analyses.values import Value
from analytics.charts.paths import called
from analytics.charts.timeline import named, own
from analytics.conditions import Matcher
from analytics.scope import Scope
from pages.shared import ask

MOST = 1000  # of each kind that a choice offers
LONGEST = 60  # letters of a name in a choice


def seen(field: str, scope: Scope | None = None) -> tuple[Value, ...]:
    """The values of `field` in `scope`, by default the sidebar's; most sessions first."""
    found: tuple[Value, ...] = ask(values, values.Values(field, MOST), scope).values
    return found


def pages(groups: Sequence[str] = (), by_view: bool = True) -> dict[Matcher, str]:
    """Groups and pages with what a choice says of them; `by_view`: a view of the page, else anything on it."""
    viewed = (
        vocabulary.PAGE_VIEW if by_view and vocabulary.PAGE_VIEW in {value.value for value in seen("event")} else None
    )
    found = {Matcher(name=viewed, page=group): f"{group}, all of them" for group in groups}
    return found | {
        Matcher(name=viewed, page=one.value): _counted(called(one.value, "page"), one) for one in seen("page")
    }


def events() -> dict[Matcher, str]:
    """Event names, the product's own first; page views are found under pages."""
    found = [one for one in seen("event") if one.value != vocabulary.PAGE_VIEW]
    found.sort(key=lambda one: one.value in vocabulary.CANONICAL_EVENTS)
    return {Matcher(name=one.value): _counted(own(one.value), one) for one in found}


def elements() -> dict[Matcher, str]:
    """Elements that were clicked on, by name."""
    clicked = {Matcher(name=vocabulary.CLICK, element=one.value): one for one in seen("element")}
    return {matcher: _counted(said(matcher), one) for matcher, one in clicked.items()}


def said(matcher: Matcher) -> str:
    """A step in words: "/cart", "Add to cart", "Click on Pay now"."""
    by_name = isinstance(matcher.name, str) and matcher == Matcher(name=matcher.name)
    if by_name and matcher.name != vocabulary.PAGE_VIEW:
        return own(str(matcher.name))
    if matcher.page is not None and matcher in (
        Matcher(name=vocabulary.PAGE_VIEW, page=matcher.page),
        Matcher(page=matcher.page),
    ):
        return called(matcher.page, "page")
    if matcher.element is not None and matcher == Matcher(name=vocabulary.CLICK, element=matcher.element):
        return f"Click on {named(matcher.element)}"
    return matcher.label


def names(params: Funnel) -> list[str]:
    """The steps of a funnel in words; without an order step k is k different ones of them."""
    if params.order == "unordered":
        return [f"{n} of them" for n in range(1, len(params.steps) + 1)]
    return [said(step) for step in params.steps]


def labels(offered: Mapping[Matcher, str], chosen: Sequence[Matcher | None]) -> dict[Matcher, str]:
    """`offered`, and after it what is chosen though nobody offers it (a link may ask anything)."""
    return {**offered, **{one: said(one) for one in chosen if one is not None and one not in offered}}


def _counted(name: str, value: Value) -> str:
    text = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    return f"{text}, {words.many(value.sessions, 'session')}"
