"""One session as people would tell it: words for its events, the sentence that sums it up, what the player draws.

What somebody typed is never shown: fields are named by their selector, not by their text, and a change never says to
what.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from analytics import grouping, vocabulary, words
from analytics.analyses.timeline import Event
from analytics.charts.theme import Palette
from analytics.workspace.pictures import Picture

FLAGS = {"rage": "Rage click", "dead": "Dead click", "error": "Click with an error", "u_turn": "U-turn"}
"""Worst first; where an event has several the first one is drawn."""
GLYPHS = {"rage": "▲", "dead": "●", "error": "✕", "u_turn": "↩"}

TOUCHED = ("phone", "tablet", "mobile")
FIELD_TAGS = ("input", "textarea", "select")
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
    except ValueError:
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


def player(
    palette: Palette,
    events: Sequence[Event],
    device: str | None,
    pictures: Mapping[str, Picture],
    sections: Mapping[str, str],
) -> dict[str, Any]:
    """What the player draws: `columns` with one entry an event, words and pages by number, the rest as JSON holds it.

    `pictures` by page; `sections`: the colour of each part of the product, others are grey. Scroll positions are worked
    out here: from how deep the page was seen and from where clicks landed. A place off the page is moved to its edge
    and marked as `beside`. One pass, since a long session has 200,000 events.
    """
    teller = Teller.of(events, device)
    said: dict[str, int] = {}
    numbers: dict[str, int] = {}
    told: dict[tuple[object, ...], tuple[int, int]] = {}  # events that are alike are told alike, and told once
    kinds = list(dict.fromkeys([*KINDS.values(), "own"]))
    flags = list(FLAGS)
    flag_of = {given: min((flags.index(one) for one in given), default=NONE) for given in {e.flags for e in events}}
    words_of: list[tuple[int, int]] = []
    tops: list[float] = []
    screens: list[_Screen] = []
    changed: list[int] = []  # at which event each screen begins
    usual = _usual(events, device)
    page, top, view = "", 0.0, _Screen(*usual)
    seen: object = None
    for n, event in enumerate(events):
        name, y = event.event, None if event.fixed else event.y
        if event.page and event.page != page:
            page, top = event.page, 0.0
        elif name == vocabulary.PAGE_VIEW:
            top = 0.0
        if seen != (seen := (page, event.viewport_width, event.viewport_height, event.page_height)):
            view = view.seen(event, page, pictures.get(page))
            numbers.setdefault(page, len(numbers))
            screens.append(view)
            changed.append(n)
        if name == vocabulary.SCROLL or (y is not None and not top <= y <= top + view.height):
            top = _scrolled(event, top, view)
        tops.append(top)
        alike: tuple[object, ...] = (name,)
        if name != vocabulary.MOVE:
            alike = name, event.element, event.text, event.element_tag, event.value, event.scroll_depth
            alike += (event.properties, event.page) if name in TELLING else ()
        if alike not in told:
            word = said.setdefault(teller.say(event), len(said))
            told[alike] = kinds.index(KINDS.get(name, "own")), word
        words_of.append(told[alike])
    lasts = np.diff([*changed, len(events)])

    def each(of: Callable[[_Screen], int]) -> np.ndarray:
        return np.repeat(np.array([of(screen) for screen in screens], "i8"), lasts)

    width, height, here = each(lambda s: s.width), each(lambda s: s.height), each(lambda s: numbers[s.page])
    x = np.array([MISSING if event.x is None else event.x for event in events], "i8")
    y_ = np.array([MISSING if event.y is None else event.y for event in events], "i8")
    placed = (x != MISSING) & (y_ != MISSING)
    y_ = y_ + np.where([bool(event.fixed) for event in events], np.round(tops), 0).astype("i8")
    inside = np.clip(x, 0, width), np.clip(y_, 0, each(lambda s: s.page_height or TALLEST))
    sizes = list(dict.fromkeys(screen.inner for screen in screens))
    spoken = np.array(words_of, "i4").reshape(-1, 2)
    columns = {
        "t": [event.offset_ms for event in events],
        "kind": spoken[:, 0],
        "say": spoken[:, 1],
        "flag": [flag_of[event.flags] for event in events],
        "page": here,
        "x": np.where(placed, inside[0], NOWHERE),
        "y": np.where(placed, inside[1], NOWHERE),
        "beside": placed & ((inside[0] != x) | (inside[1] != y_)),
        "top": np.round(tops),
        "width": width,
        "height": height,
        "screen": each(lambda s: sizes.index(s.inner)),
    }
    sketches = _sketches(events, columns, [name not in pictures for name in numbers])
    images = list(dict.fromkeys(pictures[name].uri for name in numbers if name in pictures))  # many pages share one
    return {
        "columns": {name: np.asarray(values).astype(COLUMNS[name]) for name, values in columns.items()},
        "kinds": kinds,
        "words": list(said),
        "flags": [
            {"name": name, "glyph": GLYPHS[name], "note": NOTES[name], "colour": flag_colours(palette)[name]}
            for name in flags
        ],
        "pictures": images,
        "pages": [
            {
                "name": name,
                "colour": sections.get(grouping.section(name), palette.context),
                "picture": images.index(pictures[name].uri) if name in pictures else None,
                "width": pictures[name].width if name in pictures else None,
                "height": pictures[name].height if name in pictures else None,
                "drawn": name in pictures and pictures[name].media.endswith("svg+xml"),
                "sketch": sketches[number],
            }
            for name, number in numbers.items()
        ],
        "troubles": [{"at": trouble.at, "flag": flags.index(trouble.flag)} for trouble in troubles(events)],
        "touch": teller.touch,
        "fold": fold_ms(events),
        "screen": usual,
        "screens": sizes,
        "stage": any(event.x is not None for event in events) or any(name in pictures for name in numbers),
        "colours": {
            name: getattr(palette, name) for name in ("paper", "panel", "rule", "ink", "muted", "context", "bad")
        }
        | {"trail": palette.series[0], "failure": flag_colours(palette)["error"], "refusal": palette.bad},
    }


NONE, NOWHERE = -1, -(2**31)  # no flag; no place
MISSING = -(2**40)  # while NOWHERE may still be a place far off the page
COLUMNS = {
    "t": "f8", "kind": "u1", "say": "i4", "flag": "i1", "page": "i4", "x": "i4", "y": "i4", "beside": "u1", "top": "i4",
    "width": "i4", "height": "i4", "screen": "i4",
}  # fmt: skip
"""What the player knows of each event, and how it travels. `t`: ms since the start, which may be more than 32 bits."""
TELLING = (vocabulary.PAGE_VIEW, vocabulary.PAGE_LEAVE, vocabulary.ERROR, vocabulary.FORM_ERROR)
"""Events whose page or properties are in their words."""
MOST_BOXES = 200
WIDEST, TALLEST = 20_000, 10_000_000  # px of a window and of a page: beyond is a mistake, not a screen


def _sketches(events: Sequence[Event], columns: Mapping[str, Any], wanted: Sequence[bool]) -> list[list[list[object]]]:
    """Where this session touched each page, as boxes with a name: what is drawn when there is no picture of it."""
    touched: list[dict[str, tuple[Event, list[int], list[int]]]] = [{} for _ in wanted]
    for n in np.flatnonzero(columns["x"] != NOWHERE).tolist() if any(wanted) else ():
        element, page = events[n].element, int(columns["page"][n])
        if element and wanted[page] and (len(touched[page]) < MOST_BOXES or element in touched[page]):
            _, xs, ys = touched[page].setdefault(element, (events[n], [], []))
            xs.append(int(columns["x"][n]))
            ys.append(int(columns["y"][n]))
    return [
        [
            [min(xs) - 40, min(ys) - 18, max(xs) - min(xs) + 80, max(ys) - min(ys) + 36,
             label(element, event.text, event.element_tag)]
            for element, (event, xs, ys) in boxes.items()
        ]
        for boxes in touched
    ]  # fmt: skip


@dataclass(frozen=True)
class _Screen:
    """What is seen of a page at once, in CSS pixels of the page as it is drawn: a window of `inner` pixels, zoomed to
    fit where the page is laid out wider. `page_height` is None where nothing has told it."""

    width: int
    height: int
    page_height: int | None = None
    page: str = ""
    inner: tuple[int, int] = (0, 0)

    def seen(self, event: Event, page: str, picture: Picture | None) -> "_Screen":
        """After `event` on `page`; what it does not tell is as before."""
        last = self.inner if self.inner[0] else (self.width, self.height)
        width = _sane(event.viewport_width) or last[0]
        height = _sane(event.viewport_height) or last[1]
        drawn = max(width, picture.width) if picture else width
        tall = event.page_height if event.page_height and 0 < event.page_height <= TALLEST else None
        tall = tall or (self.page_height if page == self.page else None) or (picture.height if picture else None)
        return _Screen(drawn, round(height * drawn / width), tall, page, (width, height))


def _sane(pixels: int | None) -> int | None:
    return pixels if pixels and 16 <= pixels <= WIDEST else None


def _usual(events: Sequence[Event], device: str | None) -> tuple[int, int]:
    """The window that most events happened in."""
    sizes = Counter((event.viewport_width, event.viewport_height) for event in events)
    for (width, height), _ in sizes.most_common():
        if _sane(width) and _sane(height):
            return width or 0, height or 0
    return (390, 664) if (device or "").lower() == "phone" else (1280, 800)


def _scrolled(event: Event, top: float, screen: _Screen) -> float:
    """The page's first visible pixel after this event."""
    if event.event == vocabulary.SCROLL and event.scroll_depth is not None and screen.page_height:
        top = event.scroll_depth * screen.page_height - screen.height
    elif event.y is not None and not event.fixed and not top <= event.y <= top + screen.height:
        top = event.y - 0.6 * screen.height  # they must have scrolled there
    lowest = max(0, (screen.page_height or TALLEST) - screen.height)
    return min(max(0.0, top), lowest)


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
