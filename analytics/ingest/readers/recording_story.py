"""What did a person do in a recording? rrweb's events as events of ours, and the rest counted.

- `page_view`: the address (Meta) when it is the first, another one, or comes after the page was loaded anew; a picture
  taken again of the same page (a checkpoint) is none. PostHog's own events for a change of address count likewise.
- `click`: Click, by mouse, pen or finger; and a short touch that no Click follows within a second.
- `move`: every position of MouseMove, TouchMove and Drag at its own time, at most `MOVES_PER_SECOND`.
- `scroll`: with the offset in `properties`; of the page, or of the element that was scrolled. Recordings do not say how
  high a page is, so there is no depth.
- `focus`; `change`: one for all that was entered in a field before the person went elsewhere, never what it was.
- `page_leave`: the recording's end, within `STAYS_MS` of the last act. Later, nobody may have looked: a page that ticks
  on in a forgotten window is recorded too.
- `error`: an error in the console (`rrweb/console@1`). A custom event goes by its tag, its payload as `properties`.

`x` and `y` are those in the window plus the page's scroll; within a frame of the page there are none.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics import vocabulary
from analytics.ingest.readers.recording_page import Node, Page, label, selector

MOVES_PER_SECOND = 50  # rrweb takes 20; a recorder set to more tells no more of where somebody went
TAP_MS = 1000
STAYS_MS = 30_000  # as long as a pause counts as active
LATEST_OFFSET_MS = 60_000
LONGEST_MESSAGE = 1000
PAGE_TAGS = frozenset({"$pageview", "$url_changed"})
HOUSEKEEPING = frozenset(
    """$session_options $posthog_config $remote_config_received $session_id_change $session_starting $session_ending
    sessionIdle sessionNoLongerIdle recordingStarted""".split()
)
"""Custom events by which recorders note what they do themselves."""
POINTERS = {1: "pen", 2: "touch"}


@dataclass
class Act:
    """One event of ours; `time` in ms since 1970. The names are those of `ingest.fields`."""

    time: float
    event: str
    page: str | None = None
    element: str | None = None
    element_tag: str | None = None
    text: str | None = None
    x: float | None = None
    y: float | None = None
    viewport_width: float | None = None
    viewport_height: float | None = None
    properties: dict[str, Any] = field(default_factory=dict)


class Story:
    """Takes rrweb's events in their order. `others` counts what is no act, `thinned` the moves among it."""

    def __init__(self) -> None:
        self.page = Page()
        self.acts: list[Act] = []
        self.others = 0
        self.thinned = 0
        self._href: str | None = None
        self._is_loaded = False  # the page was loaded since its address was told
        self._width: float | None = None
        self._height: float | None = None
        self._offset = (0.0, 0.0)
        self._last_move = -math.inf
        self._change: tuple[object, Act] | None = None
        self._tap: Act | None = None
        self._silent_at: float | None = None  # when the last event was, if it was no act

    def take(self, event: Mapping[str, Any]) -> None:
        """One event, whose `type` and `timestamp` are known to be numbers."""
        time = float(event["timestamp"])
        data = event.get("data")
        data = data if isinstance(data, dict) else {}
        if self._tap and (time > self._tap.time + TAP_MS or (data.get("source"), data.get("type")) == (2, 7)):
            self._end_tap()
        before = len(self.acts)
        if (kind := _TYPES.get(event["type"])) is not None:
            kind(self, time, data)
        self._silent_at = None if len(self.acts) > before else time
        if self._silent_at is not None:
            self.others += 1

    def end(self) -> None:
        """The recording is over."""
        if self._tap:
            self._end_tap()
        last = max((act.time for act in self.acts), default=-math.inf)
        if self._href is not None and self._silent_at is not None and 0 < self._silent_at - last <= STAYS_MS:
            self._add(self._silent_at, vocabulary.PAGE_LEAVE)
            self.others -= 1  # the last event has become one

    def _add(self, time: float, event: str, node: Node | None = None, **more: Any) -> Act:
        act = Act(time, event, self._href, viewport_width=self._width, viewport_height=self._height, **more)
        if node is not None:
            act.element, act.element_tag = selector(node), node.tag
        self.acts.append(act)
        return act

    def _end_tap(self) -> None:
        if self._tap:
            self.acts.append(self._tap)
            self.others -= 1  # it was counted as none when it came
            self._tap = None

    def _place(self, data: Mapping[str, Any]) -> dict[str, float]:
        """Where on the page, as far as it can be told."""
        x, y = number(data.get("x")), number(data.get("y"))
        if x is None or y is None or not self.page.is_in_window(data.get("id")):
            return {}
        return {"x": x + self._offset[0], "y": y + self._offset[1]}

    # ------------------------------------------------------------------------------------------------ by type

    def _loaded(self, time: float, data: Mapping[str, Any]) -> None:
        self._is_loaded = True

    def _snapshot(self, time: float, data: Mapping[str, Any]) -> None:
        self.page.reset(data.get("node"))
        offset = data.get("initialOffset")
        offset = offset if isinstance(offset, dict) else {}
        self._offset = (number(offset.get("left")) or 0.0, number(offset.get("top")) or 0.0)

    def _meta(self, time: float, data: Mapping[str, Any]) -> None:
        self._resized(data)
        self._at(time, data.get("href"), is_new=self._is_loaded)
        self._is_loaded = False

    def _at(self, time: float, href: object, *, is_new: bool = False) -> None:
        if not isinstance(href, str) or not href.strip():
            return
        if is_new or href != self._href:
            self._href = href
            self._change = None
            self._add(time, vocabulary.PAGE_VIEW)

    def _custom(self, time: float, data: Mapping[str, Any]) -> None:
        tag, payload = data.get("tag"), data.get("payload")
        if not isinstance(tag, str) or not tag.strip() or tag in HOUSEKEEPING:
            return
        if tag in PAGE_TAGS:
            self._at(time, payload.get("href") if isinstance(payload, dict) else None)
            return
        properties = payload if isinstance(payload, dict) else {} if payload is None else {"payload": payload}
        self._add(time, tag, properties=properties)

    def _plugin(self, time: float, data: Mapping[str, Any]) -> None:
        if str(data.get("plugin", "")).startswith("rrweb/console@") and isinstance(data.get("payload"), dict):
            self._log(time, data["payload"])

    def _log(self, time: float, data: Mapping[str, Any]) -> None:
        if data.get("level") not in ("error", "assert"):
            return
        trace = data.get("trace")
        first = [one for one in trace if isinstance(one, str)][:5] if isinstance(trace, list) else []
        properties = {"trace": "\n".join(first)[:LONGEST_MESSAGE]} if first else {}
        self._add(time, vocabulary.ERROR, text=_message(data.get("payload")), properties=properties)

    def _incremental(self, time: float, data: Mapping[str, Any]) -> None:
        source = data.get("source")
        if isinstance(source, int) and (kind := _SOURCES.get(source)):
            kind(self, time, data)

    # ---------------------------------------------------------------------------------------------- by source

    def _mutated(self, time: float, data: Mapping[str, Any]) -> None:
        self.page.mutate(data)

    def _moved(self, time: float, data: Mapping[str, Any]) -> None:
        self._tap = None if data.get("source") == 6 else self._tap
        given = data.get("positions")
        positions = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
        before = len(self.acts)
        for position in positions:
            offset = number(position.get("timeOffset")) or 0.0
            at = time + max(-LATEST_OFFSET_MS, min(LATEST_OFFSET_MS, offset))
            if 0 <= at - self._last_move < 1000 / MOVES_PER_SECOND:
                self.thinned += 1
                continue
            self._last_move = at
            self._add(at, vocabulary.MOVE, self.page.element(position.get("id")), **self._place(position))
        # every position is a row of its own; `take` counts one where none has become an event
        self.others += len(positions) - (len(self.acts) - before)
        if positions and len(self.acts) == before:
            self.others -= 1

    def _acted(self, time: float, data: Mapping[str, Any]) -> None:
        kind = data.get("type")
        node = self.page.element(data.get("id"))
        if kind == 2:  # Click
            self._tap = None
            given = data.get("pointerType")
            pointer = POINTERS.get(given) if isinstance(given, int) else None
            self._left(data.get("id"))
            self._add(time, vocabulary.CLICK, node, **self._click(node, data, pointer))
        elif kind == 7:  # TouchStart
            tap = Act(time, vocabulary.CLICK, self._href, viewport_width=self._width, viewport_height=self._height)
            if node is not None:
                tap.element, tap.element_tag = selector(node), node.tag
            for name, value in self._click(node, data, "touch").items():
                setattr(tap, name, value)
            self._tap = tap
        elif kind in (8, 10):  # TouchMove_Departed, TouchCancel
            self._tap = None
        elif kind == 5:  # Focus
            self._left(data.get("id"))
            self._add(time, vocabulary.FOCUS, node)
        elif kind == 6:  # Blur
            self._change = None

    def _click(self, node: Node | None, data: Mapping[str, Any], pointer: str | None) -> dict[str, Any]:
        found: dict[str, Any] = {"text": label(node) if node is not None else None, **self._place(data)}
        return found | ({"properties": {"pointer": pointer}} if pointer else {})

    def _scrolled(self, time: float, data: Mapping[str, Any]) -> None:
        x, y = number(data.get("x")), number(data.get("y"))
        if x is None or y is None:
            return
        self._tap = None
        is_page = self.page.root is None or data.get("id") == self.page.root
        if is_page:
            self._offset = (x, y)
        node = None if is_page else self.page.element_itself(data.get("id"))
        self._add(time, vocabulary.SCROLL, node, properties={"scroll_x": round(x), "scroll_y": round(y)})

    def _resized(self, data: Mapping[str, Any]) -> None:
        width, height = number(data.get("width")), number(data.get("height"))
        if width and height and 0 < width < 100_000 and 0 < height < 100_000:
            self._width, self._height = width, height

    def _resize(self, time: float, data: Mapping[str, Any]) -> None:
        self._resized(data)

    def _entered(self, time: float, data: Mapping[str, Any]) -> None:
        node = self.page.get(data.get("id"))
        if data.get("userTriggered") is False:
            return  # the page itself set it
        if node is not None and node.get("type") == "radio" and data.get("isChecked") is False:
            return  # the choice that was left
        if self._change and self._change[0] == data.get("id"):
            act = self._change[1]
            act.time = time
            act.properties["inputs"] += 1
            return
        act = self._add(time, vocabulary.CHANGE, node if node is not None and node.tag else None)
        act.properties["inputs"] = 1
        self._change = (data.get("id"), act)

    def _left(self, number: object) -> None:
        if self._change and self._change[0] != number:
            self._change = None


def number(value: object) -> float | None:
    """A finite number that a place or an offset can be."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e9:
        return None
    return float(value)


def _message(payload: object) -> str | None:
    """What the console printed: each value is JSON of its own."""
    values = payload if isinstance(payload, list) else [payload]
    words = []
    for value in values[:10]:
        if isinstance(value, str):
            try:
                read = json.loads(value)
            except (ValueError, RecursionError):
                read = value
            value = read if isinstance(read, str) else value
        words.append(value if isinstance(value, str) else json.dumps(value))
    return " ".join(" ".join(words).split())[:LONGEST_MESSAGE] or None


_TYPES: dict[int, Any] = {
    0: Story._loaded,
    1: Story._loaded,
    2: Story._snapshot,
    3: Story._incremental,
    4: Story._meta,
    5: Story._custom,
    6: Story._plugin,
}
_SOURCES: dict[int, Any] = {
    0: Story._mutated,
    1: Story._moved,
    2: Story._acted,
    3: Story._scrolled,
    4: Story._resize,
    5: Story._entered,
    6: Story._moved,
    11: Story._log,
    12: Story._moved,
}


def acts(story: Story) -> Iterator[Act]:
    """What was done, by time; equal times in the order of the recording."""
    yield from sorted(story.acts, key=lambda act: act.time)
