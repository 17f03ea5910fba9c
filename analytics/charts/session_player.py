"""What the player of one session draws: columns with an entry an event, and everything else as JSON holds it.

A long session has 200,000 events. So what is alike is told once, what lasts is worked out once for as long as it lasts,
and the columns travel as small arrays.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics import grouping, vocabulary
from analytics.analyses.timeline import Event
from analytics.charts.theme import Palette
from analytics.charts.timeline import FLAGS, GLYPHS, KINDS, NOTES, Teller, flag_colours, fold_ms, label, troubles
from analytics.workspace.pictures import Picture

NONE = NOWHERE = -1  # no flag; no place
COLUMNS = ("t", "kind", "say", "flag", "page", "x", "y", "beside", "top", "view")
"""What is known of each event. `t`: ms since the start; `kind`, `say`, `flag`, `page`, `view` number what is listed."""

FLAG_NAMES = list(FLAGS)
KIND_NAMES = [*dict.fromkeys(KINDS.values()), "own"]
TELLING = (vocabulary.PAGE_VIEW, vocabulary.PAGE_LEAVE, vocabulary.ERROR, vocabulary.FORM_ERROR)
"""Events whose page or properties are in their words."""
MOST_BOXES = 200
WIDEST, TALLEST = 20_000, 10_000_000  # px of a window and of a page: beyond is a mistake, not a screen
MISSING = -(2**40)  # while -1 may still be a place beside the page


def player(
    palette: Palette,
    events: Sequence[Event],
    device: str | None,
    pictures: Mapping[str, Picture],
    sections: Mapping[str, str],
) -> dict[str, Any]:
    """All that the player needs: `columns` (arrays, see `COLUMNS`), and the words, pages and views that they number.

    `pictures` by page; `sections`: the colour of each part of the product, others are grey. Scroll positions are worked
    out here: from how deep the page was seen and from where clicks landed. A place off the page is moved to its edge
    and marked as `beside`.
    """
    teller, usual = Teller.of(events, device), _usual(events, device)
    kinds, says, said = _spoken(events, teller)
    parts = list(_parts(events, _Screen(*usual), pictures))
    lasts = [part.stop - part.start for part in parts]

    def each(of: Callable[[_Screen], int]) -> np.ndarray:
        return np.repeat(np.array([of(part.screen) for part in parts], "i8"), lasts)

    pages = {name: number for number, name in enumerate(dict.fromkeys(part.screen.page for part in parts))}
    views = list(dict.fromkeys(part.screen.view for part in parts))
    tops = _tops(events, parts)
    edges = each(lambda screen: screen.width), each(lambda screen: screen.page_height or TALLEST)
    alike = {event.flags for event in events}
    flag_of = {given: min((FLAG_NAMES.index(one) for one in given), default=NONE) for given in alike}
    whole = _places(events, tops, *edges) | {
        "t": [event.offset_ms for event in events],
        "kind": kinds,
        "say": says,
        "flag": [flag_of[event.flags] for event in events],
        "page": each(lambda screen: pages[screen.page]),
        "top": tops,
        "view": each(lambda screen: views.index(screen.view)),
    }
    columns = {name: _small(np.array(whole[name], "i8")) for name in COLUMNS}
    sketches = _sketches(events, columns, [name not in pictures for name in pages])
    images = list(dict.fromkeys(pictures[name].uri for name in pages if name in pictures))  # many pages share one
    colours = flag_colours(palette)
    return {
        "columns": columns,
        "kinds": KIND_NAMES,
        "words": said,
        "flags": [
            {"name": name, "glyph": GLYPHS[name], "note": NOTES[name], "colour": colours[name]} for name in FLAG_NAMES
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
            for name, number in pages.items()
        ],
        "troubles": [{"at": one.at, "flag": FLAG_NAMES.index(one.flag)} for one in troubles(events)],
        "touch": teller.touch,
        "fold": fold_ms(events),
        "screen": usual,
        "views": views,
        "stage": bool(images) or any(event.x is not None for event in events),
        "colours": {
            name: getattr(palette, name) for name in ("paper", "panel", "rule", "ink", "muted", "context", "bad")
        }
        | {"trail": palette.series[0], "failure": colours["error"], "refusal": palette.bad},
    }


def packed(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The columns as they travel: for `t`, `gap`, the ms since the event before, which needs fewer bytes."""
    gaps = np.diff(columns["t"].astype("i8"), prepend=0)
    return {name: column for name, column in columns.items() if name != "t"} | {"gap": _small(gaps)}


def _small(numbers: np.ndarray) -> np.ndarray:
    """In the fewest bytes that hold them: what is remembered, and what travels, is small."""
    low, high = (int(numbers.min()), int(numbers.max())) if numbers.size else (0, 0)
    for kind in ("u1", "i1", "u2", "i2", "i4"):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return numbers.astype(kind)
    return numbers.astype("f8")


def _spoken(events: Sequence[Event], teller: Teller) -> tuple[list[int], list[int], list[str]]:
    """The kind of each event, and the number of its words among all that are said."""
    told: dict[object, tuple[int, int]] = {}
    said: dict[str, int] = {}

    def tell(event: Event) -> tuple[int, int]:
        name = event.event
        alike: object = name
        if name != vocabulary.MOVE:
            more = (event.properties, event.page) if name in TELLING else ()
            alike = name, event.element, event.text, event.element_tag, event.value, event.scroll_depth, more
        if alike not in told:
            word = said.setdefault(teller.say(event), len(said))
            told[alike] = KIND_NAMES.index(KINDS.get(name, "own")), word
        return told[alike]

    both = [tell(event) for event in events]
    return [kind for kind, _ in both], [word for _, word in both], list(said)


@dataclass(frozen=True)
class _Screen:
    """What is seen of a page at once, in CSS pixels of the page as it is drawn: a window of `inner` pixels, zoomed to
    fit where the page is laid out wider. `page_height` is None where nothing has told it."""

    width: int
    height: int
    page_height: int | None = None
    page: str = ""
    inner: tuple[int, int] = (0, 0)

    @property
    def view(self) -> tuple[int, int, int, int]:
        """What of the page is seen, and the window it is seen in."""
        return self.width, self.height, *self.inner

    def seen(self, event: Event, page: str, picture: Picture | None) -> "_Screen":
        """After `event` on `page`; what it does not tell is as before."""
        last = self.inner if self.inner[0] else (self.width, self.height)
        width = _sane(event.viewport_width) or last[0]
        height = _sane(event.viewport_height) or last[1]
        drawn = max(width, picture.width) if picture else width
        tall = event.page_height if event.page_height and 0 < event.page_height <= TALLEST else None
        tall = tall or (self.page_height if page == self.page else None) or (picture.height if picture else None)
        return _Screen(drawn, round(height * drawn / width), tall, page, (width, height))


@dataclass(frozen=True)
class _Part:
    """The events from `start` to before `stop`, over which the screen stays as it is."""

    screen: _Screen
    start: int
    stop: int


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


def _parts(events: Sequence[Event], first: _Screen, pictures: Mapping[str, Picture]) -> Iterator[_Part]:
    """The session cut where the page or the window changes."""
    page, screen, start = "", first, 0
    seen: object = None
    for n, event in enumerate(events):
        page = event.page or page
        if seen != (seen := (page, event.viewport_width, event.viewport_height, event.page_height)):
            if n:
                yield _Part(screen, start, n)
            screen, start = screen.seen(event, page, pictures.get(page)), n
    if events:
        yield _Part(screen, start, len(events))


def _tops(events: Sequence[Event], parts: Iterable[_Part]) -> np.ndarray:
    """The page's first visible pixel at each event: at its top when a page is entered, then wherever they scrolled."""
    tops: list[float] = []
    top, page = 0.0, ""
    for part in parts:
        screen = part.screen
        if screen.page != page:
            top, page = 0.0, screen.page
        for event in events[part.start : part.stop]:
            name, y = event.event, event.y
            if name == vocabulary.PAGE_VIEW:
                top = 0.0
            if name == vocabulary.SCROLL or (y is not None and not top <= y <= top + screen.height):
                top = _scrolled(event, top, screen)
            tops.append(top)
    return np.round(np.array(tops, "f8")).astype("i8")


def _places(events: Sequence[Event], tops: np.ndarray, width: np.ndarray, height: np.ndarray) -> dict[str, Any]:
    """Where each event happened on its page, moved to the page's edge if that is off the page."""
    x = np.array([MISSING if event.x is None else event.x for event in events], "i8")
    y = np.array([MISSING if event.y is None else event.y for event in events], "i8")
    placed = (x != MISSING) & (y != MISSING)
    fixed = [n for n, event in enumerate(events) if event.fixed]  # counted from the window's top
    y[fixed] += tops[fixed]
    inside_x, inside_y = np.clip(x, 0, width), np.clip(y, 0, height)
    return {
        "x": np.where(placed, inside_x, NOWHERE),
        "y": np.where(placed, inside_y, NOWHERE),
        "beside": placed & ((inside_x != x) | (inside_y != y)),
    }


def _sketches(events: Sequence[Event], columns: Mapping[str, Any], wanted: Sequence[bool]) -> list[list[list[object]]]:
    """Where this session touched each page, as boxes with a name: what is drawn when there is no picture of it."""
    touched: list[dict[str, tuple[Event, list[int], list[int]]]] = [{} for _ in wanted]
    named = [n for n, event in enumerate(events) if event.element] if any(wanted) else []
    pages, all_x, all_y = (columns[name][named].tolist() for name in ("page", "x", "y"))
    for n, page, x, y in zip(named, pages, all_x, all_y, strict=True):
        element = events[n].element or ""
        if x != NOWHERE and wanted[page] and (len(touched[page]) < MOST_BOXES or element in touched[page]):
            _, xs, ys = touched[page].setdefault(element, (events[n], [], []))
            xs.append(x)
            ys.append(y)
    return [
        [
            [min(xs) - 40, min(ys) - 18, max(xs) - min(xs) + 80, max(ys) - min(ys) + 36,
             label(element, event.text, event.element_tag)]
            for element, (event, xs, ys) in boxes.items()
        ]
        for boxes in touched
    ]  # fmt: skip
