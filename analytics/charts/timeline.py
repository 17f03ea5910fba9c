"""One session as people would tell it: words for its events, the sentence that sums it up, what the player draws.

What somebody typed is never shown: fields are named by their selector, not by their text, and a change never says to
what.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from analytics import vocabulary, words
from analytics.analyses.timeline import Event
from analytics.charts.theme import Palette
from analytics.element_names import FIELD_TAGS

FLAGS = {"rage": "Rage click", "dead": "Dead click", "error": "Click with an error", "u_turn": "U-turn"}
"""Worst first; where an event has several the first one is drawn."""
GLYPHS = {"rage": "▲", "dead": "●", "error": "✕", "u_turn": "↩"}

TOUCHED = ("phone", "tablet", "mobile")
TAG_WORDS = {
    "a": "a link", "button": "a button", "img": "a picture", "html": "the page", "body": "the page", "div": "the page",
    "span": "a text", "p": "a text", "svg": "a symbol", "input": "a field", "textarea": "a field", "select": "a choice",
    "form": "the form", "li": "an entry", "td": "a cell", "label": "a label", "video": "a film", "canvas": "a drawing",
}  # fmt: skip
LONGEST = 140  # letters of a row
FOLDS_MS = (8_000, 15_000, 30_000, 60_000, 120_000, 300_000, 900_000, 3_600_000)
TOGETHER_MS = 6000  # presses of one thing that are less apart belong together


# ---------------------------------------------------------------------------------------------------------- words


def short(text: str, most: int = LONGEST) -> str:
    """On one line, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def named(selector: str) -> str:
    """A selector as a name: `button#pay-now` is "Pay now", `input[name="card_no"]` "Card no", `div > a` "a link"."""
    last = re.split(r"\s*[>+~]\s*|\s+(?![^\[]*\])", selector.strip())[-1]
    given = (
        re.search(r"\[(?:name|id|title|placeholder|aria-label|data-[a-z-]+)\s*[~|^$*]?=\s*['\"]?([^'\"\]]+)", last)
        or re.search(r"#([\w-]+)", last)
        or re.search(r"\.([\w-]+)", last)
    )
    if not given and (tag := re.fullmatch(r"([a-zA-Z][a-zA-Z0-9]*)(?:[:\[].*)?", last)) and tag[1].lower() in TAG_WORDS:
        return TAG_WORDS[tag[1].lower()]
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[-_.\s]+", " ", given[1] if given else selector).strip()
    return short(plain[:1].upper() + plain[1:], 60) or selector[:60]


def label(element: str | None, text: str | None, tag: str | None = None) -> str:
    """What was acted on. A field's text may be what somebody typed, so fields go by their selector."""
    if text and text.strip() and _tag(element, tag) not in FIELD_TAGS:
        return short(text, 60)
    return named(element) if element else "the page"


def _tag(element: str | None, tag: str | None) -> str:
    found = re.match(r"[A-Za-z][A-Za-z0-9]*", element or "")
    return tag or (found[0].lower() if found else "")


def message(event: Event) -> str:
    """What an error says: its text, else what its properties hold for one."""
    if event.text:
        return short(event.text)
    try:
        properties = json.loads(event.properties or "{}")
    except (ValueError, RecursionError):  # nested a thousand deep
        return ""
    found = (properties.get(key) for key in ("message", "reason", "error", "description"))
    return short(next((text for text in found if isinstance(text, str)), ""))


def own(name: str) -> str:
    """One of the product's own names: `add_to_cart` is "Add to cart"."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_\s]+", " ", name).strip()
    return short(plain[:1].upper() + plain[1:], 80) or name[:80]


def amount(event: Event) -> str:
    return "" if event.value is None else words.number(event.value, 0 if event.value == int(event.value) else 2)


@dataclass(frozen=True)
class Teller:
    """How the events of one session are said: `touch` people tap, others click; typing follows a focus where a session
    knows any."""

    touch: bool = False
    focused: frozenset[str] = frozenset()

    @classmethod
    def of(cls, events: Iterable[Event], device: str | None) -> "Teller":
        """For these events on that device."""
        entered = (event.element for event in events if event.event == vocabulary.FOCUS and event.element)
        return cls((device or "").lower() in TOUCHED, frozenset(entered))

    def say(self, event: Event) -> str:
        """One event as a person says it: "Tapped Pay now"."""
        what = label(event.element, event.text, event.element_tag)
        field = label(event.element, None)
        match event.event:
            case vocabulary.PAGE_VIEW:
                return short(event.page or "A page")
            case vocabulary.CLICK:
                return f"{'Tapped' if self.touch else 'Clicked'} {what}"
            case vocabulary.SCROLL:
                depth = event.scroll_depth
                return "Scrolled" if depth is None else f"Scrolled to {words.percent(depth, 0)}"
            case vocabulary.MOVE:
                return "Moved the pointer"
            case vocabulary.FOCUS:
                return f"Went into {field}"
            case vocabulary.CHANGE:
                typed = not self.focused or event.element in self.focused
                return f"{'Filled in' if typed else 'Chose'} {field}"
            case vocabulary.SUBMIT:
                return f"Sent the form {field}" if event.element else "Sent the form"
            case vocabulary.PAGE_LEAVE:
                return short(f"Left {event.page or 'the page'}")
            case vocabulary.FORM_ERROR:
                return short(f"{field} was refused: {message(event)}".rstrip(": "))
            case vocabulary.ERROR:
                return short(f"Error: {message(event)}".rstrip(": "))
            case vocabulary.LOGIN:
                return "Logged in"
            case vocabulary.LOGIN_FAILED:
                return "Could not log in"
            case vocabulary.LOGOUT:
                return "Logged out"
        return f"{own(event.event)}, {amount(event)}" if event.value is not None else own(event.event)


KINDS = {
    vocabulary.PAGE_VIEW: "view",
    vocabulary.CLICK: "click",
    vocabulary.SCROLL: "scroll",
    vocabulary.MOVE: "move",
    vocabulary.FOCUS: "focus",
    vocabulary.CHANGE: "type",
    vocabulary.SUBMIT: "send",
    vocabulary.PAGE_LEAVE: "leave",
    vocabulary.FORM_ERROR: "refusal",
    vocabulary.ERROR: "failure",
    vocabulary.LOGIN_FAILED: "refusal",
}
"""How the player marks an event; any other is the product's own."""
NOTES = {
    "rage": "pressed again and again",
    "dead": "nothing happened",
    "error": "an error followed",
    "u_turn": "back at once",
}


# ---------------------------------------------------------------------------------------------------- what went wrong


@dataclass(frozen=True)
class Trouble:
    """Presses of one thing in close succession, at least one of them flagged: `at` are indices into the events."""

    at: tuple[int, ...]
    what: str
    flags: frozenset[str]
    ms: int

    @property
    def flag(self) -> str:
        """The worst of them."""
        return next(flag for flag in FLAGS if flag in self.flags)


def troubles(events: Sequence[Event]) -> tuple[Trouble, ...]:
    """Clicks that went wrong, pressed together where they belong together; in the order of the session."""
    runs: list[list[int]] = []
    for n, event in enumerate(events):
        if event.event != vocabulary.CLICK:
            continue
        last = events[runs[-1][-1]] if runs else None
        same = last is not None and (last.page, last.element) == (event.page, event.element)
        if last and same and event.offset_ms - last.offset_ms <= TOGETHER_MS:
            runs[-1].append(n)
        else:
            runs.append([n])
    found = []
    for run in runs:
        flags = frozenset(flag for n in run for flag in events[n].flags)
        if flags:
            first, last = events[run[0]], events[run[-1]]
            found.append(
                Trouble(
                    tuple(run),
                    label(first.element, first.text, first.element_tag),
                    flags,
                    last.offset_ms - first.offset_ms,
                )
            )
    return tuple(found)


def story(events: Sequence[Event], total: int, escape: Callable[[str], str]) -> str:
    """The session in one or two sentences of Markdown: what they did, where it went wrong, how far they got.

    `escape` makes text from data safe for Markdown. `total` counts the events after these too; with any, the story is
    of the first ones and says so.
    """
    if not events:
        return "This session has no events."

    def bold(text: str) -> str:
        return f"**{escape(short(text, 80))}**"

    views = [event for event in events if event.event == vocabulary.PAGE_VIEW and event.page]
    pages = {event.page for event in views}
    lasted = f"in {words.duration(events[-1].offset_ms / 1000)}"
    if total > len(events):
        lasted = f"in the first {words.count(len(events))} of {words.count(total)} events"
    if total == 1:
        only = events[0]
        did = f"saw {bold(only.page or 'a page')}" if only.event == vocabulary.PAGE_VIEW else bold(Teller().say(only))
        return f"A single event: {did}."
    if len(pages) == 1:
        did = f"Saw only {bold(views[0].page or '')} {lasted}"
    elif pages:
        did = f"Saw {words.many(len(pages), 'page')} {lasted}"
    else:
        did = f"Did {words.many(len(events), 'thing')} {lasted}"
    first = ", ".join([did, *list(_wrong(events, bold, escape))[:2]])
    return f"{first}. {_ending(events, bold) if total == len(events) else ''}".rstrip()


def _wrong(events: Sequence[Event], bold: Callable[[str], str], escape: Callable[[str], str]) -> Iterable[str]:
    ranked = sorted(troubles(events), key=lambda one: (list(FLAGS).index(one.flag), -len(one.at)))
    for trouble in ranked[:2]:
        times = len(trouble.at)
        span = f" {times} times in {words.duration(trouble.ms / 1000)}" if times > 1 else ""
        whys = {"dead": " and nothing happened", "error": " and met an error"}
        why = next((text for flag, text in whys.items() if flag in trouble.flags), "")
        yield f"pressed {bold(f'“{trouble.what}”{span}')}{why}"
    refused = [event for event in events if event.event == vocabulary.FORM_ERROR]
    if refused:
        last = refused[-1]
        said = f" ({escape('“' + message(last) + '”')})" if message(last) else ""
        often = f" {len(refused)} times" if len(refused) > 1 else ""
        yield f"was refused{often}, last at {bold(label(last.element, None))}{said}"
    tries = [event.event for event in events if event.event in (vocabulary.LOGIN, vocabulary.LOGIN_FAILED)]
    denied = tries.count(vocabulary.LOGIN_FAILED)
    if denied and tries[-1] == vocabulary.LOGIN_FAILED:
        yield "could not log in" + (f" {bold(f'{denied} times')}" if denied > 1 else "")
    failed = [event for event in events if event.event == vocabulary.ERROR]
    if failed and not any("error" in event.flags for event in events):
        said = f" ({escape('“' + message(failed[-1]) + '”')})" if message(failed[-1]) else ""
        yield f"met {bold(words.many(len(failed), 'error'))}{said}"
    turned = [event for event in events if "u_turn" in event.flags]
    if turned:
        yield f"turned back at once from {bold(turned[0].page or 'a page')}"


def _ending(events: Sequence[Event], bold: Callable[[str], str]) -> str:
    far = next((event for event in reversed(events) if event.event not in vocabulary.CANONICAL_EVENTS), None)
    page = next((event.page for event in reversed(events) if event.page), None)
    left = f"left from {bold(page)}" if page else ""
    reached = f"got as far as {bold(Teller().say(far))}" if far else ""
    both = " and ".join(part for part in (reached, left) if part)
    return f"{both[:1].upper()}{both[1:]}." if both else ""


# ---------------------------------------------------------------------------------------------------------- the player


def flag_colours(palette: Palette) -> dict[str, str]:
    """All are bad news, told apart by shape first and by strength."""
    return dict(zip(FLAGS, (palette.bad, palette.series[1], palette.series[3], palette.series[6]), strict=True))


def marks(events: Sequence[Event]) -> tuple[str, ...]:
    """What went wrong in these events, as the legend of the player names it."""
    flagged = {flag for event in events for flag in event.flags}
    happened = {event.event for event in events}
    found = [FLAGS[flag] for flag in FLAGS if flag in flagged]
    if vocabulary.ERROR in happened:
        found = [name for name in found if name != FLAGS["error"]]
        found.append(ERRORS if "error" in flagged else "Error")
    return (*found, "Refused") if happened & {vocabulary.FORM_ERROR, vocabulary.LOGIN_FAILED} else tuple(found)


ERRORS = "Error, or a click with one"


def mark_looks(palette: Palette) -> dict[str, tuple[str, str]]:
    """Colour and glyph of each of `marks`."""
    colours = flag_colours(palette)
    looks = {FLAGS[flag]: (colours[flag], GLYPHS[flag]) for flag in FLAGS}
    return looks | dict.fromkeys(("Error", ERRORS), looks[FLAGS["error"]]) | {"Refused": (palette.bad, "!")}


class Rows(Sequence[Mapping[str, Any]]):
    """The events as a download has them, with their words; what may have been typed stays out.

    `read` gives the `total` events and is called once, when the first row is wanted: most pages are never downloaded.
    """

    def __init__(self, total: int, read: Callable[[], Sequence[Event]], device: str | None) -> None:
        self.total, self._read, self._device = total, read, device

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, at: Any) -> Any:
        return self._rows[at]

    @cached_property
    def _rows(self) -> list[Mapping[str, Any]]:
        events = self._read()
        teller = Teller.of(events, self._device)
        return [_row(event, teller) for event in events]


def _row(event: Event, teller: Teller) -> Mapping[str, Any]:
    typed = event.event == vocabulary.CHANGE or _tag(event.element, event.element_tag) in FIELD_TAGS
    row = {"position": event.position, "what": teller.say(event)}
    row |= {field.name: getattr(event, field.name) for field in fields(event)}
    return row | {"flags": " ".join(event.flags)} | ({"text": None} if typed else {})


def fold_ms(events: Sequence[Event], most: int = 20) -> int:
    """Pauses longer than this are folded on the time axis: 8 s, and more where a session pauses more often than `most`
    times so long."""
    gaps = np.diff([event.offset_ms for event in events])
    return next((limit for limit in FOLDS_MS if np.count_nonzero(gaps > limit) <= most), FOLDS_MS[-1])
