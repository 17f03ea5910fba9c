"""A session for a ticket: who, what they did page by page, where it went wrong and how it ended, from facts alone.

Markdown or plain text. Whatever comes from data stands between backticks in Markdown, where a tracker neither formats
it nor makes a link, a mention or the number of a ticket of it. What somebody typed is not in it: fields go by their
name.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from analytics import vocabulary, words
from analytics.analyses.sessions import Row
from analytics.analyses.timeline import Event
from analytics.charts.timeline import FLAGS, NOTES, Teller, Trouble, label, message, short, troubles

MOST_PAGES, MOST_WRONG = 40, 40  # lines; how many are left out is said
DAY_S = 86_400


class Quoted(str):
    """Text from data, as opposed to our own words."""


@dataclass(frozen=True)
class Line:
    """What happened `ms` after the start, in `parts` that follow one another."""

    ms: int
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """What a ticket says. `pages` and `wrong` hold the first lines, `more_pages` and `more_wrong` count the others.

    Of the `total` events of the session the first `told` were looked at; `ended` is empty where these are not all.
    """

    session: Row
    stop: datetime  # its last event, on a wall clock of `zone`
    zone: str
    screen: str
    pages: tuple[Line, ...]
    more_pages: int
    wrong: tuple[Line, ...]
    more_wrong: int
    ended: tuple[Line, ...]
    told: int
    total: int


def of(session: Row, events: Sequence[Event], total: int, zone: str) -> Summary:
    """The summary of a session from its first `events` of `total`, in order; its times are of `zone`."""
    teller = Teller.of((), session.device)
    pages = list(_pages(events))
    wrong = sorted(_wrong(events, teller), key=lambda line: line.ms)
    whole = len(events) == total
    ended = _ended(events, teller) if whole else ()
    # the clocks may have been changed meanwhile, which only the events know
    stop = events[-1].local if whole and events else session.start_local + (session.end - session.start)
    return Summary(
        session,
        stop,
        zone,
        _screen(events),
        tuple(pages[:MOST_PAGES]),
        len(pages[MOST_PAGES:]),
        tuple(wrong[:MOST_WRONG]),
        len(wrong[MOST_WRONG:]),
        tuple(ended),
        len(events),
        total,
    )


def markdown(summary: Summary, link: Callable[[int], str]) -> str:
    """For a tracker; `link` gives the absolute address of the moment so many ms after the start."""
    return _written(summary, link, _Markdown(link))


def plain(summary: Summary, link: Callable[[int], str]) -> str:
    """For a mail or a chat, without any markup."""
    return _written(summary, link, _Plain(link))


def during(summary: Summary) -> str:
    """From when to when: "9 Sep 2026, 10:12 to 10:15"."""
    session, stop = summary.session, summary.stop
    began = words.moment(session.start_local)
    if session.duration_s < 60:
        return began
    return f"{began} to {stop:%H:%M}" if session.duration_s < DAY_S else f"{began} to {words.moment(stop)}"


# --------------------------------------------------------------------------------------------------------- what is said


def _screen(events: Sequence[Event]) -> str:
    sizes = dict.fromkeys(
        (event.viewport_width, event.viewport_height)
        for event in events
        if event.viewport_width and event.viewport_height
    )
    shown = [f"{width} × {height} px" for width, height in sizes]
    return f"window {' then '.join(shown[:4])}" if shown else ""


def _pages(events: Sequence[Event]) -> Iterable[Line]:
    """Stays in order, each with how long it lasted; a page that was loaded anew is the same stay."""
    stays: list[tuple[int, str]] = []
    for event in events:
        if event.event == vocabulary.PAGE_VIEW and event.page and (not stays or stays[-1][1] != event.page):
            stays.append((event.offset_ms, event.page))
    for (ms, page), (after, _) in pairwise([*stays, (events[-1].offset_ms if events else 0, "")]):
        yield Line(ms, (Quoted(page), f" for {words.duration((after - ms) / 1000)}"))


def _wrong(events: Sequence[Event], teller: Teller) -> Iterable[Line]:
    for trouble in troubles(events):
        yield _pressed(trouble, events[trouble.at[0]], "Tapped " if teller.touch else "Clicked ")
    for event in events:
        match event.event:
            case vocabulary.ERROR:
                yield Line(event.offset_ms, _saying("Error", message(event)))
            case vocabulary.FORM_ERROR:
                refused = _saying(" was refused", message(event))
                yield Line(event.offset_ms, (Quoted(label(event.element, None)), *refused))
            case vocabulary.LOGIN_FAILED:
                yield Line(event.offset_ms, ("Could not log in",))
            case vocabulary.PAGE_VIEW if "u_turn" in event.flags:
                yield Line(event.offset_ms, ("Turned back at once from ", Quoted(event.page or "a page")))


def _saying(what: str, said: str) -> tuple[str, ...]:
    return (f"{what}: ", Quoted(said)) if said else (what,)


def _pressed(trouble: Trouble, first: Event, pressed: str) -> Line:
    flags = [flag for flag in FLAGS if flag in trouble.flags]
    often = f" {len(trouble.at)} times in {words.duration(trouble.ms / 1000)}" if len(trouble.at) > 1 else ""
    where = (" on ", Quoted(first.page)) if first.page else ()
    why = words.listed([NOTES[flag] for flag in flags if flag != "rage"])
    kind = words.listed([FLAGS[flag].lower() for flag in flags])
    return Line(first.offset_ms, (pressed, Quoted(trouble.what), often, *where, f": {kind}{f', {why}' if why else ''}"))


def _ended(events: Sequence[Event], teller: Teller) -> Iterable[Line]:
    own = next((event for event in reversed(events) if event.event not in vocabulary.CANONICAL_EVENTS), None)
    page = next((event.page for event in reversed(events) if event.page), None)
    if own:
        yield Line(own.offset_ms, ("Got as far as ", Quoted(teller.say(own))))
    if events:
        last = events[-1]
        yield Line(last.offset_ms, ("Left from ", Quoted(page)) if page else ("Last: ", Quoted(teller.say(last))))


# -------------------------------------------------------------------------------------------------------- how it is put


class _Markdown:
    """Titles, lists, and moments as links."""

    def __init__(self, link: Callable[[int], str]) -> None:
        self.link = link

    def quote(self, said: str) -> str:
        """As code: a longer fence than any run of backticks within, a space where one stands at an end."""
        said = short(said)
        fence = "`" * (1 + max(map(len, re.findall("`+", said)), default=0))
        pad = " " if said[:1] == "`" or said[-1:] == "`" else ""
        return f"{fence}{pad}{said}{pad}{fence}"

    def heading(self, said: str, level: int) -> str:
        return f"{'#' * level} {said}"

    def line(self, said: str) -> str:
        return f"- {said}"

    def moment(self, line: Line, said: str) -> str:
        return f"[{words.clock(line.ms)}]({self.link(line.ms)}) {said}"


class _Plain(_Markdown):
    """Nothing but text; the address of a moment stands behind what happened there."""

    def quote(self, said: str) -> str:
        return f"“{short(said)}”"

    def heading(self, said: str, level: int) -> str:
        return said if level == 2 else f"{said}:"

    def line(self, said: str) -> str:
        return f"  {said}"

    def moment(self, line: Line, said: str) -> str:
        return f"{words.clock(line.ms)}  {said}  {self.link(line.ms)}"


def _written(summary: Summary, link: Callable[[int], str], style: _Markdown) -> str:
    session = summary.session
    who = style.quote(session.user) if session.user else "an unknown person"
    told, total = words.count(summary.told), words.count(summary.total)
    part = f"Told from the first {told} of {total} events." if summary.told < summary.total else ""
    blocks = [
        style.heading(f"Session of {who}, {during(summary)} ({summary.zone})", 2),
        link(0),
        "\n".join(style.line(fact) for fact in _facts(summary, style)),
        part,
        _block(style, "What went wrong", summary.wrong, summary.more_wrong, "Nothing that was noticed."),
        _block(style, "Pages", summary.pages, summary.more_pages, "None was named."),
        _block(style, "How it ended", summary.ended, 0, ""),
    ]
    return "\n\n".join(filter(None, blocks)).replace(words.SPACE, " ") + "\n"


def _block(style: _Markdown, name: str, lines: Sequence[Line], more: int, empty: str) -> str:
    said = [style.moment(line, "".join(_part(style, part) for part in line.parts)) for line in lines]
    said += [f"and {words.count(more)} more"] if more else []
    said = said or ([empty] if empty else [])
    return "\n".join([style.heading(name, 3), *map(style.line, said)]) if said else ""


def _part(style: _Markdown, part: str) -> str:
    return style.quote(part) if isinstance(part, Quoted) else part


def _facts(summary: Summary, style: _Markdown) -> Iterable[str]:
    session = summary.session
    setting = [style.quote(text) for text in (session.device, session.browser, session.os, session.country) if text]
    for what, text in (("release", session.release), ("campaign", session.campaign)):
        setting += [f"{what} {style.quote(text)}"] if text else []
    setting += [summary.screen] if summary.screen else []
    if setting:
        yield ", ".join(setting)
    counts = ["page view", "event", "click", "error"]
    numbers = [session.page_views, session.events, session.clicks, session.errors]
    yield ", ".join(
        [
            f"{words.duration(session.duration_s)}, {words.duration(session.active_s)} of it active",
            *(words.many(number, count) for number, count in zip(numbers, counts, strict=True)),
            *([f"worth {words.number(session.value, 2)}"] if session.value is not None else []),
        ]
    )
    yield f"session {style.quote(session.session_id)}"
