"""What a step of a funnel, or the start and end of a path, may be: the pages, events and elements that were seen."""

from collections import Counter
from collections.abc import Mapping, Sequence

from analytics import vocabulary, words
from analytics.analyses import values
from analytics.analyses.funnel import Funnel, PatternStep
from analytics.analyses.values import Value
from analytics.charts.paths import called
from analytics.charts.timeline import named, own
from analytics.conditions import Matcher, Where, combine, of_event
from analytics.path_items import AnyGroup, name_of, pages_of
from analytics.scope import Scope
from pages.journeys.builder import anyof
from pages.shared import ask

MOST = 1000  # of each kind that a choice offers
KNOWN = 10_000  # asked for, as the groups of pages are made of so many: it is one question
LONGEST = 60  # letters of a name in a choice
FIRST = {False: "every time", True: "first time", "name": "first of its name"}


def seen(field: str, scope: Scope | None = None) -> tuple[Value, ...]:
    """The values of `field` in `scope`, most sessions first; by default in all sessions, whatever the sidebar says.

    So a choice stays the same when a filter changes, and costs nothing then.
    """
    found: tuple[Value, ...] = ask(values, values.Values(field, KNOWN), scope or Scope()).values
    return found[:MOST]


def pages(groups: Sequence[AnyGroup] = (), by_view: bool = True, at_all: bool = True) -> dict[Matcher, str]:
    """Groups and pages with what a choice says of them; `by_view`: a view of the page, else anything on it.

    Without `at_all` only the groups.
    """
    viewed = (
        vocabulary.PAGE_VIEW if by_view and vocabulary.PAGE_VIEW in {value.value for value in seen("event")} else None
    )
    found = {Matcher(name=viewed, page=patterns(group)): f"{name_of(group)}, all of them" for group in groups}
    if not at_all:
        return found
    return found | {
        Matcher(name=viewed, page=one.value): _counted(called(one.value, "page"), one) for one in seen("page")
    }


def place(item: str, groups: Sequence[AnyGroup] = ()) -> Matcher:
    """Anything on what paths call `item`: a page, or the pages of the group of that name."""
    return Matcher(page=next((patterns(group) for group in groups if name_of(group) == item), item))


def patterns(group: AnyGroup) -> str | tuple[str, ...]:
    """The pages of a group, as a matcher asks for them."""
    found = pages_of(group)
    return found[0] if len(found) == 1 else found


def events() -> dict[Matcher, str]:
    """Event names, the product's own first; page views are found under pages."""
    found = [one for one in seen("event") if one.value != vocabulary.PAGE_VIEW]
    found.sort(key=lambda one: one.value in vocabulary.CANONICAL_EVENTS)
    return {Matcher(name=one.value): _counted(own(one.value), one) for one in found}


def elements() -> dict[Matcher, str]:
    """Elements that were clicked on, by name."""
    clicked = {Matcher(name=vocabulary.CLICK, element=one.value): one for one in seen("element")}
    often = Counter(said(matcher) for matcher in clicked)
    return {
        matcher: _counted(said(matcher) + (f" ({one.value})" if often[said(matcher)] > 1 else ""), one)
        for matcher, one in clicked.items()
    }


def typed(text: str, offered: Mapping[Matcher, str]) -> Matcher:
    """What somebody has written instead of choosing.

    "/help/*" is pages, "button#*" clicks, "search -> page:/cart" a pattern; else what is offered by that name, best by
    all of it, then by its beginning, then by a part; else an event of just that name. Raises `InvalidPattern`.
    """
    text = text.strip()
    if "->" in text or "=>" in text:
        return PatternStep(pattern=text)
    if text.startswith(("/", "*")):
        return next(iter(pages((text,), at_all=False)))
    if set(text) & set("*#"):
        return Matcher(name=vocabulary.CLICK, element=text)
    wanted = text.lower()
    known = [(one, said(one).lower()) for one in offered]
    for fits in (str.__eq__, str.startswith, str.__contains__):
        if found := [one for one, words_of_it in known if fits(words_of_it, wanted)]:
            return found[0]
    return Matcher(name=text)


def chosen(one: Matcher | str, offered: Mapping[Matcher, str]) -> Matcher:
    """What was chosen or written; raises `InvalidPattern`."""
    return typed(one, offered) if isinstance(one, str) else one


def said(matcher: Matcher) -> str:
    """A step in words: "/cart", "Add to cart or Order, value is above 50, first time"."""
    if isinstance(matcher, PatternStep):
        return matcher.label
    what = words.listed([_simply(one) for one in anyof.parts(matcher)], "or")
    filters = [filtered(where) for where in anyof.filters(matcher)]
    return ", ".join([what, *filters, *([FIRST[matcher.first_time]] if matcher.first_time else [])])


def filtered(where: Where) -> str:
    """A filter of a step in words: "plan is pro"."""
    return combine(where, "x", of_event).words.removeprefix("(").removesuffix(")")


def _simply(matcher: Matcher) -> str:
    """A step of one thing: "/cart", "Add to cart", "Click on Pay now"."""
    by_name = isinstance(matcher.name, str) and matcher == Matcher(name=matcher.name)
    if by_name and matcher.name != vocabulary.PAGE_VIEW:
        return own(str(matcher.name))
    if isinstance(matcher.page, str) and matcher in (
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
