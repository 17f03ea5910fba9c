"""A plain reading of what the numbers mean: rows in, everything the store should hold out, by the ids of the data.

Slow and obvious on purpose. It knows nothing of keys, parts, SQL or recalled sessions.
"""

import datetime as dt
import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
ACTS = {"click", "submit"}
CANONICAL = {
    "page_view", "click", "scroll", "move", "focus", "change", "submit", "page_leave", "form_error", "error", "login",
    "login_failed", "logout",
}  # fmt: skip
CONTEXT = ("device", "browser", "os", "country", "release", "campaign", "user_agent", "ip")
TIMEOUT = dt.timedelta(minutes=30)


@dataclass
class Visit:
    page: str
    entered_ms: int
    first_position: int
    events: list[Row] = field(default_factory=list)

    @property
    def holds_view(self) -> bool:
        return any(e["event"] == "page_view" and e["page"] for e in self.events)


@dataclass
class Expected:
    """`counts`: read, added, duplicates, rejected. The rest: rows of the tables by natural ids."""

    counts: tuple[int, int, int, int]
    events: set[tuple[Any, ...]] = field(default_factory=set)
    sessions: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    visits: set[tuple[Any, ...]] = field(default_factory=set)
    clicks: set[tuple[Any, ...]] = field(default_factory=set)
    users: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)
    journeys: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)


def expected(rows: list[Row], zone: str = "UTC", dedupe: str = "none") -> Expected:
    """`rows` in reading order; each has every canonical field and `source`."""
    kept, rejected, duplicates = admitted(rows, dedupe)
    kept.sort(key=lambda e: (e["timestamp"], e["place"]))
    settle_persons(kept)
    result = Expected((len(rows), len(kept), duplicates, rejected))
    people: dict[tuple[str, str], list[Row]] = defaultdict(list)
    listed: dict[tuple[str, str], int] = defaultdict(int)
    sessions = into_sessions(kept)
    for (is_given, session_id), events in sessions.items():
        owner = next((e["person"] for e in events if e["person"]), ("session", session_id))
        listed[owner] += 1
        for e in events:
            e["person"] = e["person"] or owner
            people[e["person"]].append(e)
        describe(result, session_id, is_given, owner, events, zone)
    for person, events in people.items():
        events.sort(key=lambda e: (e["timestamp"], e["place"]))
        known = [e["user_properties"] for e in events if e["user_properties"] is not None]
        result.users[person] = (
            events[0]["timestamp"], events[-1]["timestamp"], len(events), listed[person], known[-1] if known else None,
        )  # fmt: skip
        own = [session for session in sessions.values() if any(e["person"] == person for e in session)]
        own.sort(key=lambda session: session[0]["timestamp"])
        follow = all(a[-1]["timestamp"] < b[0]["timestamp"] for a, b in itertools.pairwise(own))
        if follow and {e["person"] for session in own for e in session} == {person}:
            result.journeys[person] = (tuple(e["event"] for e in events), tuple(e["timestamp"] for e in events))
    return result


def admitted(rows: list[Row], dedupe: str) -> tuple[list[Row], int, int]:
    kept, seen, rejected, duplicates = [], set(), 0, 0
    for place, row in enumerate(rows):
        if (
            row["timestamp"] is None
            or not row["event"]
            or not (row["user_id"] or row["anonymous_id"] or row["session_id"])
        ):
            rejected += 1
            continue
        mark = None
        if row["event_id"]:
            mark = (row["source"], row["event_id"])
        elif dedupe == "exact":
            mark = tuple((name, value or None if isinstance(value, str) else value) for name, value in row.items())
        if mark in seen:
            duplicates += 1
            continue
        if mark:
            seen.add(mark)
        kept.append(dict(row, place=place))
    return kept, rejected, duplicates


def settle_persons(kept: list[Row]) -> None:
    """Gives every event its `person`: (kind, id), or None when it has a session id alone."""
    joins: dict[str, list[tuple[dt.datetime, int, str]]] = defaultdict(list)
    for e in kept:
        if e["anonymous_id"] and e["user_id"]:
            joins[e["anonymous_id"]].append((e["timestamp"], e["place"], e["user_id"]))
    for e in kept:
        if e["user_id"]:
            e["person"] = ("user", e["user_id"])
        elif e["anonymous_id"] in joins:
            met = joins[e["anonymous_id"]]
            until = [user for time, place, user in met if (time, place) <= (e["timestamp"], e["place"])]
            e["person"] = ("user", until[-1] if until else met[0][2])
        else:
            e["person"] = ("anonymous", e["anonymous_id"]) if e["anonymous_id"] else None


def into_sessions(kept: list[Row]) -> dict[tuple[bool, str], list[Row]]:
    sessions: dict[tuple[bool, str], list[Row]] = defaultdict(list)
    last: dict[tuple[str, str], tuple[tuple[bool, str], dt.datetime]] = {}
    for e in kept:
        if e["session_id"]:
            key = (True, e["session_id"])
        else:
            before = last.get(e["person"])
            if before and e["timestamp"] - before[1] <= TIMEOUT:
                key = before[0]
            else:
                key = (False, f"{e['person'][1]} {e['timestamp']:%Y-%m-%dT%H:%M:%S.%f}")
            last[e["person"]] = (key, e["timestamp"])
        sessions[key].append(e)
    return sessions


def describe(
    result: Expected, session_id: str, is_given: bool, owner: tuple[str, str], events: list[Row], zone: str
) -> None:
    start = events[0]["timestamp"]
    day = local(start, zone).date()
    visits: list[Visit] = []
    presses: list[tuple[Any, ...]] = []
    page = viewed_page = gap = None
    before = 0
    for position, e in enumerate(events, 1):
        ms = (e["timestamp"] - start) // dt.timedelta(milliseconds=1)
        gap = ms - before if position > 1 else None
        before = ms
        is_view = e["event"] == "page_view"
        if e["page"]:
            if e["page"] != page or (is_view and viewed_page == e["page"]):
                visits.append(Visit(e["page"], ms, position))
            page = e["page"]
            if is_view:
                viewed_page = e["page"]
        if visits:
            visits[-1].events.append(e)
        e.update(ms=ms, gap=gap, visit=len(visits))
        result.events.add((
            e["place"], session_id, position, e["timestamp"], local(e["timestamp"], zone), ms, gap, len(visits), e["person"], day,
            e["event"], e["page"], e["element"], tag(e), e["x"], e["referrer"], e["event_id"] or None, e["scroll_depth"], e["value"],
        ))  # fmt: skip
        if e["event"] == "click":
            what = (e["element"], tag(e), e["text"]) if e["element"] else (None, None, None)
            presses.append((position, e["page"], len(visits), e["x"], e["y"], what))
    for position, at, visit, x, y, what in presses:
        later = (e["ms"] for e in events[position:] if e["event"] not in ("click", "scroll", "move", "page_leave"))
        answer, own = next(later, None), events[position - 1]
        reacts = None if answer is None else answer - own["ms"]
        result.clicks.add((at, day, session_id, position, visit, *own["person"], reacts, x, y, *what))
    path = [v for v in visits if v.holds_view] or visits
    for number, v in enumerate(visits, 1):
        end = visits[number].entered_ms if number < len(visits) else v.events[-1]["ms"]
        place = next((n for n, other in enumerate(path) if other is v), None)
        after = path[place + 1] if place is not None and place + 1 < len(path) else None
        sizes = [(e["viewport_height"] or 0, e["page_height"] or 0) for e in v.events]
        screens = [min(window / page, 1.0) for window, page in sizes if window > 0 and page > 0]
        first_width = next((e["viewport_width"] for e in v.events if e["viewport_width"] is not None), None)
        depths = [e["scroll_depth"] for e in v.events if e["scroll_depth"] is not None]
        result.visits.add((
            session_id, day, number, None if place is None else place + 1, None if place is None else len(path) - place,
            place is not None, v.page, v.entered_ms, end - v.entered_ms, after.entered_ms - v.entered_ms if after else None,
            path[place - 1].page if place else None, after.page if after else None, v.first_position, len(v.events),
            sum(e["event"] == "click" for e in v.events), max(depths, default=None), max(screens, default=None), first_width,
        ))  # fmt: skip
    views = sum(e["event"] == "page_view" for e in events)
    acts = sum(e["event"] in ACTS or e["event"] not in CANONICAL for e in events)
    values = [e["value"] for e in events if e["value"] is not None]
    wall = local(start, zone)

    def first(name: str, among: list[Row] = events) -> Any:
        return next((e[name] for e in among if e[name]), None)

    result.sessions[session_id] = (
        day, is_given, owner, start, events[-1]["timestamp"], wall, wall.isoweekday(), wall.hour, before,
        sum(min(e["gap"] or 0, 30_000) for e in events), len({e["person"] for e in events}), len(events), views, len(visits),
        sum(e["event"] == "click" for e in events), sum(e["event"] == "error" for e in events),
        (views == 1 and acts == 0 and before < 10_000) if views else None, sum(values) if values else None,
        path[0].page if path else None, path[-1].page if path else None,
        first("referrer", [e for e in events if e["visit"] <= 1]), *(first(name) for name in CONTEXT),
        tuple(v.page for v in path) or None, tuple(e["event"] for e in events), tuple(e["timestamp"] for e in events),
    )  # fmt: skip


def tag(e: Row) -> str | None:
    if e["element_tag"]:
        return e["element_tag"].lower()
    letters = ""
    for char in e["element"] or "":
        if not (char.isascii() and char.isalpha()):
            break
        letters += char
    return letters.lower() or None


def local(time: dt.datetime, zone: str) -> dt.datetime:
    return time.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
