"""Recordings of rrweb, and of those built on it: one recording is one session, and can be played as recorded pages.

A file is an array of rrweb's events, lines of them, or objects that hold them (`events`, PostHog's `data.snapshots`);
events may be packed. What a person did becomes events (`recording_story`); the recording itself is kept beside them
without what could run, load or tell what was typed (`recording_safe`).
"""

import datetime as dt
import gzip
import hashlib
import json
import math
import re
import uuid
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analytics import words
from analytics.errors import UnreadableSource
from analytics.ingest.files import UNREADABLE, Sample, unpacked
from analytics.ingest.readers import recording_safe
from analytics.ingest.readers.base import Column, Table, Workbench, literal
from analytics.ingest.readers.recording_story import MOVES_PER_SECOND, Act, Story, acts

LARGEST = 128_000_000  # bytes of JSON
KEPT_BYTES = 64_000_000  # of one recording's JSON; a larger one would not play
KEPT_NODES, KEPT_DEPTH = 300_000, 700
FIRST_MS, LAST_MS = 1_000_000_000_000, 7_258_118_400_000  # 13 digits, up to the year 2199
OUTER_KEYS = ("events", "snapshots", "data", "snapshotsByWindowId", "rrweb_events", "recording")
SESSION_KEYS = ("session_id", "sessionId", "$session_id", "visit_id")
USER_KEYS = ("user_id", "userId", "distinct_id", "distinctId")
WINDOW_KEYS = ("windowId", "window_id", "$window_id")
MOST_ALIKE = 100  # events of one moment among which a repeated one is looked for
DEEPEST = 6  # objects within objects until there are events
EVENTS_FOLLOW = re.compile(
    r'"(?:events|snapshots|data|rrweb_events|recording)"\s*:\s*\[|"snapshotsByWindowId"\s*:\s*\{\s*"[^"]*"\s*:\s*\['
)
NODES = ('"childNodes"', '"tagName"')
SNAPSHOT = re.compile(r'"type"\s*:\s*2\b|"node"\s*:\s*\{')

Event = dict[str, Any]
EVENTS = pa.schema(
    [
        ("event_id", pa.string()),
        ("timestamp", pa.timestamp("us", tz="UTC")),
        ("event", pa.string()),
        ("user_id", pa.string()),
        ("session_id", pa.string()),
        ("page", pa.string()),
        ("element", pa.string()),
        ("element_tag", pa.string()),
        ("text", pa.string()),
        ("x", pa.float64()),
        ("y", pa.float64()),
        ("viewport_width", pa.float64()),
        ("viewport_height", pa.float64()),
        ("properties", pa.string()),
        ("broken", pa.string()),
        ("raw", pa.string()),
    ]
)
RECORDINGS = pa.schema(
    [
        ("session_id", pa.string()),
        ("first", pa.timestamp("us")),
        ("last", pa.timestamp("us")),
        ("events", pa.int32()),
        ("bytes", pa.int64()),
        ("sha256", pa.string()),
        ("packed", pa.binary()),
    ]
)


@dataclass(frozen=True)
class RecordedTable(Table):
    """A recording's acts, as rows in canonical columns."""

    def rest(self, used: Sequence[str], *, by_name: bool = False) -> tuple[str, ...]:
        """Nothing: a column that somebody maps to no field is left out."""
        return ()


@dataclass(frozen=True)
class Owner:
    """What is around events: whose they are, and in which window they happened."""

    session: str | None = None
    user: str | None = None
    window: str | None = None

    def within(self, outer: Event) -> "Owner":
        """The owner of what is in `outer`."""
        person = outer.get("person")
        person = person if isinstance(person, dict) else {}
        named = person.get("distinct_ids")
        user = _named(outer, USER_KEYS) or _named(person, USER_KEYS)
        if user is None and isinstance(named, list) and named and isinstance(named[0], str):
            user = named[0]
        session = _named(outer, SESSION_KEYS)
        if session is None and not {"snapshots", "snapshotsByWindowId"}.isdisjoint(outer):
            session = _named(outer, ("id",))  # PostHog's recording is called as its session
        return Owner(session or self.session, user or self.user, _named(outer, WINDOW_KEYS) or self.window)


class Rrweb:
    name = "rrweb"

    def recognises(self, sample: Sample) -> bool:
        text = sample.text.lstrip()
        if text[:1] not in ("[", "{", '"'):
            return False
        return _shows(text) or any(_shows(text[start:].lstrip()) for start in _arrays(text))

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        """Raises `UnreadableSource` for a recording that breaks off, is too large or holds nothing."""
        reading = _Reading(path, bench.check)
        try:
            reading.read(_text(path, sample))
            return reading.table(bench.folder)
        except RecursionError as error:
            raise UnreadableSource(f"{path.name} holds nodes within nodes too deep to be read.") from error


# --------------------------------------------------------------------------------------------------- signature


def _arrays(text: str) -> Iterator[int]:
    """Where, at the head of a file, events may begin."""
    if text.startswith("["):
        yield 1
    for found in list(EVENTS_FOLLOW.finditer(text[:20_000]))[:10]:
        yield found.end()


def _shows(text: str) -> bool:
    """Whether a text begins with events of rrweb, as far as it goes."""
    decoder, place, telling = json.JSONDecoder(), 0, False
    for _ in range(20):
        while text[place : place + 1] in (" ", "\t", "\r", "\n", ","):
            place += 1
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            rest = text[place:]
            return telling or (bool(SNAPSHOT.search(rest[:2000])) and all(word in rest for word in NODES))
        if isinstance(value, list) and len(value) == 2:
            value = value[1]
        event = _event(value, _Budget())
        if event is None:
            return False
        telling = telling or _tells(event)
        if telling:
            return True
        place = end
    return False


def _tells(event: Event) -> bool:
    """An event that is rrweb's by more than two common names."""
    data = event.get("data")
    if "cv" in event and isinstance(data, (str, dict)):
        return True
    if not isinstance(data, dict):
        return False
    return {2: "node", 3: "source", 4: "href", 5: "tag", 6: "plugin"}.get(event["type"], "") in data


# ------------------------------------------------------------------------------------------------------ events


class _Budget:
    """How much may yet come out of packed texts: a small file can hold an immense one."""

    def __init__(self, left: int = LARGEST) -> None:
        self.left = left

    def unpack(self, text: str) -> bytes:
        """Raises ValueError when it is not packed, or holds more than is left."""
        packed = text.encode("latin-1")
        try:
            opened = zlib.decompressobj(47)  # zlib or gzip, as it says
            out = opened.decompress(packed, self.left + 1)
        except zlib.error as error:
            raise ValueError(str(error)) from error
        self.left -= len(out)
        if self.left < 0:
            raise OverflowError
        if not opened.eof:
            raise ValueError("it breaks off")
        return out


def _event(value: object, budget: _Budget) -> Event | None:
    """An event of rrweb, unpacked; None for anything else."""
    try:
        if isinstance(value, str):
            value = _json(budget.unpack(value))
        if not isinstance(value, dict):
            return None
        kind, time = value.get("type"), value.get("timestamp")
        if type(kind) is not int or not 0 <= kind <= 7 or not _is_number(time):
            return None
        if "cv" in value:
            value = _decompressed(value, budget)
    except (ValueError, UnicodeError, RecursionError):
        return None
    return value


def _decompressed(event: Event, budget: _Budget) -> Event:
    """PostHog packs the large parts of an event one by one."""

    def opened(value: object) -> object:
        return _json(budget.unpack(value)) if isinstance(value, str) else value

    data = event.get("data")
    if isinstance(data, str):
        return event | {"data": opened(data)}
    if isinstance(data, dict):
        parts = ("texts", "attributes", "removes", "adds")
        return event | {"data": data | {key: opened(data[key]) for key in parts if key in data}}
    return event


class _Reading:
    """Reads one file: its events by whose they are, then what they tell."""

    def __init__(self, path: Path, check: Callable[[], None]) -> None:
        self.path, self.check = path, check
        self.budget = _Budget()
        self.owned: dict[tuple[str | None, str | None], list[Event]] = {}
        self.users: dict[str | None, str] = {}
        self.bad: list[tuple[str, str]] = []
        self.others = 0
        self.thinned = 0
        self.notes: list[str] = []

    def read(self, text: str) -> None:
        """Takes in all events of the file."""
        for document in self._documents(text):
            self._take(document, Owner(), 0)

    def _documents(self, text: str) -> Iterator[object]:
        try:
            yield _json(text)
            return
        except ValueError as error:
            lines = [line for line in text.split("\n") if line.strip()]
            if len(lines) < 2 or _parsed(lines[0]) is None:
                place = getattr(error, "pos", 0)
                end = "breaks off" if place >= len(text.rstrip()) - 1 or "Unterminated" in str(error) else "is no JSON"
                raise UnreadableSource(
                    f"{self.path.name} {end} at character {words.count(place + 1)} of {words.count(len(text))}; "
                    "record or export it again."
                ) from error
        for line in lines:
            self.check()
            document = _parsed(line)
            if document is None:
                self.bad.append(("no JSON", "a line that breaks off or is no JSON"))
            else:
                yield document

    def _take(self, value: object, owner: Owner, depth: int) -> None:
        if depth > DEEPEST:
            self._refuse(value)
        elif isinstance(value, str):
            self._one(value, owner)
        elif isinstance(value, list):
            if len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict):
                self._take(value[1], replace(owner, window=value[0]), depth + 1)  # PostHog's [window, event]
                return
            for one in value:
                self._take(one, owner, depth + 1)
        elif isinstance(value, dict) and not isinstance(value.get("type"), int):
            inner = owner.within(value)
            there = [key for key in OUTER_KEYS if isinstance(value.get(key), (list, dict, str))]
            if not there:
                self._refuse(value)
            for key in there:
                found = value[key]
                if key == "snapshotsByWindowId" and isinstance(found, dict):
                    for window, events in found.items():
                        self._take(events, replace(inner, window=window), depth + 1)
                else:
                    self._take(found, inner, depth + 1)
        else:
            self._one(value, owner)

    def _one(self, value: object, owner: Owner) -> None:
        try:
            event = _event(value, self.budget)
        except OverflowError as error:
            raise UnreadableSource(
                f"{self.path.name} unpacks to more than {_megabytes(LARGEST)}, which is more than a recording may hold."
            ) from error
        if event is None:
            self._refuse(value)
            return
        if not FIRST_MS <= event["timestamp"] < LAST_MS:
            self.bad.append(("timestamp is no milliseconds since 1970", _told(event)))
            return
        owner = owner.within(event)
        if owner.user:
            self.users.setdefault(owner.session, owner.user)
        self.owned.setdefault((owner.session, owner.window), []).append(event)
        if not len(self.owned) % 10_000:
            self.check()

    def _refuse(self, value: object) -> None:
        self.bad.append(("no event of rrweb", _told(value)))

    # -------------------------------------------------------------------------------------------- what they tell

    def table(self, folder: Path) -> RecordedTable:
        """The acts as a table in `folder`, the recordings to be kept beside it."""
        rows: dict[str, list[Any]] = {name: [] for name in EVENTS.names}
        kept: list[dict[str, Any]] = []
        for (session, window), events in self.owned.items():
            self.check()
            self._recording(session, window, events, rows, kept)
        acts_told = len(rows["event"])
        if not acts_told:
            why = f", such as {self.bad[0][1]}" if self.bad else ""
            reason = f"none of its {words.many(len(self.bad), 'entry', 'entries')} is an event with a time{why}"
            nothing = "it shows no page and nothing that a person did"
            raise UnreadableSource(
                f"{self.path.name} is a recording of which nothing can be read: {nothing if self.owned else reason}."
            )
        for reason, raw in self.bad:
            for name in rows:
                rows[name].append({"broken": reason, "raw": raw}.get(name))
        name = uuid.uuid4().hex
        target = folder / f"{name}.acts"
        pq.write_table(pa.table(rows, EVENTS), target)
        recordings = folder / f"{name}.recordings" if kept else None
        if recordings:
            table = {key: [one[key] for one in kept] for key in RECORDINGS.names}
            pq.write_table(pa.table(table, RECORDINGS), recordings, compression="none")
        if self.thinned:
            self.notes.append(
                f"Of the pointer's places at most {MOVES_PER_SECOND} a second were taken: {words.count(self.thinned)} "
                "were left out."
            )
        if kept:
            size = sum(len(one["packed"]) for one in kept)
            self.notes.append(
                f"{words.many(len(kept), 'recording')} of {words.many(round(size / 1000), 'kilobyte')} can be played; what was typed is masked."  # noqa: E501
            )
        return RecordedTable(
            f"read_parquet({literal(str(target))})",
            tuple(
                Column(
                    name,
                    name,
                    "TIMESTAMP WITH TIME ZONE" if name == "timestamp" else _type(name),
                    not _some(rows[name]),
                )
                for name in EVENTS.names
                if name not in ("broken", "raw")
            ),
            "coalesce(raw, event)",
            tuple(EVENTS.names),
            broken="broken",
            notes=tuple(self.notes),
            not_events=self.others,
            recordings=recordings,
        )

    def _recording(
        self,
        session: str | None,
        window: str | None,
        events: list[Event],
        rows: dict[str, list[Any]],
        kept: list[dict[str, Any]],
    ) -> None:
        events.sort(key=lambda event: event["timestamp"])
        session_id = _clean(session) or _made_up(self.path, events[0])
        user = self.users.get(session)
        story, safe = Story(), []
        once = _once(events)
        self.others += len(events) - len(once)
        for place, event in enumerate(once):
            if not place % 1000:
                self.check()
            story.take(event)
            if story.page.most <= KEPT_NODES and story.page.deepest <= KEPT_DEPTH:
                found = recording_safe.kept(event, story.page)
                if found is not None:
                    safe.append(found)
        story.end()
        self.others += story.others
        self.thinned += story.thinned
        for place, act in enumerate(acts(story), 1):
            _add(rows, act, session_id, user, f"{session_id}\n{window or ''}\n{place}\n{act.time}\n{act.event}")
        if not story.acts:
            return
        if story.page.most > KEPT_NODES or story.page.deepest > KEPT_DEPTH:
            self.notes.append(
                f"The recorded page of session {session_id} cannot be played: it has more than "
                f"{words.count(KEPT_NODES)} parts, or parts within more than {words.count(KEPT_DEPTH)} others."
            )
            return
        self._keep(session_id, safe, kept)

    def _keep(self, session_id: str, events: list[Event], kept: list[dict[str, Any]]) -> None:
        first = next((place for place, event in enumerate(events) if event["type"] == 2), None)
        if first is None:
            self.notes.append(
                f"The recorded page of session {session_id} cannot be played: the recording never shows the whole page."
            )
            return
        if not any(event["type"] == 4 for event in events[: first + 1]):  # the player takes the window's size from it
            meta = {"href": "", "width": 1280, "height": 800}
            events.insert(first, {"type": 4, "data": meta, "timestamp": events[first]["timestamp"]})
        if len(events) < 2:
            return
        try:
            text = json.dumps(events, separators=(",", ":"), allow_nan=False).encode()
        except ValueError:  # a number beyond all numbers, such as 1e999
            self.notes.append(f"The recorded page of session {session_id} cannot be played: it holds endless numbers.")
            return
        if len(text) > KEPT_BYTES:
            self.notes.append(
                f"The recorded page of session {session_id} cannot be played: it has "
                f"{_megabytes(len(text))}, and at most {_megabytes(KEPT_BYTES)} are kept."
            )
            return
        kept.append(
            {
                "session_id": session_id,
                "first": _time(events[0]["timestamp"]),
                "last": _time(events[-1]["timestamp"]),
                "events": len(events),
                "bytes": len(text),
                "sha256": hashlib.sha256(text).hexdigest(),
                "packed": zlib.compress(text, 6),
            }
        )


def _once(events: Sequence[Event]) -> list[Event]:
    """Without those that came before at the same moment: PostHog's are delivered more than once."""
    once: list[Event] = []
    same = 0  # how many at the end have one time
    for event in events:
        same = same if once and once[-1]["timestamp"] == event["timestamp"] else 0
        if event not in once[len(once) - min(same, MOST_ALIKE) :]:
            once.append(event)
            same += 1
    return once


def _add(rows: dict[str, list[Any]], act: Act, session_id: str, user: str | None, identity: str) -> None:
    given: dict[str, Any] = dict(vars(act)) | {
        "event_id": str(
            uuid.UUID(bytes=hashlib.md5(identity.encode("utf-8", "replace"), usedforsecurity=False).digest())
        ),
        "timestamp": _time(act.time),
        "session_id": session_id,
        "user_id": _clean(user),
        "properties": json.dumps(act.properties) if act.properties else None,
    }
    for name, column in rows.items():
        value = given.get(name)
        column.append(_clean(value) if isinstance(value, str) else value)


def _text(path: Path, sample: Sample) -> str:
    """The whole file as text; raises `UnreadableSource` above `LARGEST`."""
    try:
        with unpacked(path, sample.packing) as stream:
            content = stream.read(LARGEST + 1)
    except (*UNREADABLE, gzip.BadGzipFile) as error:
        raise UnreadableSource(f"{path.name} cannot be read to its end: it breaks off; fetch it again.") from error
    if len(content) > LARGEST:
        raise UnreadableSource(f"{path.name} is a recording of more than {_megabytes(LARGEST)}; cut it into sessions.")
    return content.decode(sample.encoding, errors="replace").lstrip("\ufeff")


def _json(text: str | bytes) -> Any:
    """NaN and the like are no JSON in a browser, so they are nothing here."""
    return json.loads(text, parse_constant=lambda _: None)


def _parsed(line: str) -> object:
    try:
        return _json(line)
    except (ValueError, RecursionError):
        return None


def _named(given: Event, keys: Sequence[str]) -> str | None:
    for key in keys:
        value = given.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()[:200]
        if type(value) is int:
            return str(value)
    return None


def _made_up(path: Path, first: Event) -> str:
    """A session's id from the file's name and its first moment: the same one when it is imported again."""
    stem = re.sub(r"[^\w-]+", "-", path.name.split(".")[0]).strip("-")[:60]
    told = hashlib.sha256(f"{first['timestamp']}".encode()).hexdigest()[:8]
    return f"{stem or 'recording'}-{told}"


def _told(value: object) -> str:
    """What came instead of an event, without anything that somebody may have typed."""
    if isinstance(value, dict):
        return json.dumps({key: value[key] for key in ("type", "timestamp") if _is_number(value.get(key))})
    return f"a {type(value).__name__}"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _time(milliseconds: float) -> dt.datetime:
    return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=round(milliseconds * 1000))


def _clean(text: str | None) -> str | None:
    """Without NUL and halves of characters, which no table takes."""
    if text is None:
        return None
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _megabytes(size: int) -> str:
    return f"{words.count(round(size / 1e6))}{words.SPACE}MB"


def _some(column: Sequence[object]) -> bool:
    return any(value is not None for value in column)


def _type(name: str) -> str:
    return "DOUBLE" if EVENTS.field(name).type == pa.float64() else "VARCHAR"
