"""Everybody's events as one table under the canonical names."""

import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

import numpy as np
import pyarrow as pa

from .draws import Bools
from .parameters import FIRST_DAY, PEOPLE, RELEASES, TAKEOVERS
from .shop import CAMPAIGNS, QUERIES, SOURCES
from .stage import Stage
from .things import ELEMENTS, KINDS, NAMES, PATHS, PRODUCTS, PROPERTIES, TEXTS, Words, path
from .visitors import COUNTRY_NAMES, PLATFORM_LIST, SCREEN_NAMES, SOURCE_NAMES, Sessions
from .wireframes import PAGES, SCREENS, layout

EVENT_COLUMNS = (
    "time", "session", "user", "name", "page", "page_height", "element", "text", "properties", "x", "y", "depth",
    "value",
)  # fmt: skip
STRANGERS = 500  # more than there are machines and staff
USERS = Words()


class Export:
    """Events of all actors as columns, and the facts of their sessions.

    Every device and every stranger gets an anonymous id from one shuffled pool, so that no id tells who is who.
    """

    def __init__(self, random: np.random.Generator) -> None:
        self.facts: list[dict[str, object]] = []
        self.parts: list[dict[str, np.ndarray]] = []
        devices = 2 * PEOPLE + len(TAKEOVERS)
        self.pool = [f"a{number}" for number in (random.permutation(devices + STRANGERS) + 10_000).tolist()]
        self.free = iter(self.pool[devices:])
        self.strangers: dict[str, str] = {}

    def stranger(self, name: str) -> str:
        """The anonymous id of somebody who is no visitor of the shop, the same for the same name."""
        if name not in self.strangers:
            self.strangers[name] = next(self.free)
        return self.strangers[name]

    def session(self, **facts: object) -> int:
        self.facts.append(facts)
        return len(self.facts) - 1

    def add(self, **columns: Any) -> None:
        """Columns of one length; a single value holds for all rows."""
        length = len(np.atleast_1d(columns["time"]))
        empty = {"x": -1, "y": -1, "depth": -1.0, "value": -1.0}
        self.parts.append(
            {name: np.broadcast_to(columns.get(name, empty.get(name, 0)), (length,)) for name in EVENT_COLUMNS}
        )

    def joined(self) -> dict[str, np.ndarray]:
        """All events in order of time; what one actor did at the same moment stays in its order."""
        events = {name: np.concatenate([part[name] for part in self.parts]) for name in EVENT_COLUMNS}
        events["time"] = np.round(events["time"]).astype(np.int64)
        order = np.argsort(events["time"], kind="stable")
        return {name: column[order] for name, column in events.items()}


def campaign_of(source: str, day: int) -> str | None:
    return next((name for since, name in reversed(CAMPAIGNS.get(source, ())) if since <= day), None)


def export_people(export: Export, sessions: Sessions, stage: Stage) -> None:
    """The shop's visitors: visits one after the other from each session's start."""
    v, events = stage.v, stage.log.joined()
    before = np.cumsum(stage.clock) - stage.clock
    first = np.flatnonzero(v["step"] == 0)
    entered = sessions.start[v["session"]] + before - np.repeat(before[first], np.diff(np.append(first, len(v))))
    for n in range(len(sessions)):
        screen, source = SCREEN_NAMES[sessions.screen[n]], SOURCE_NAMES[sessions.source[n]]
        _, platform = PLATFORM_LIST[sessions.platform[n]]
        export.session(
            anonymous_id=export.pool[sessions.device[n]], device=screen, browser=platform.browser, os=platform.os,
            user_agent=platform.agent,
            viewport_width=int(sessions.width[n]), viewport_height=int(sessions.height[n]),
            country=COUNTRY_NAMES[sessions.country[n]],
            release=RELEASES[sessions.release[n]][0], ip=sessions.address[n], referrer=SOURCES[source].referrer or None,
            campaign=campaign_of(source, int(sessions.day[n])),
        )  # fmt: skip
    visit = events["visit"]
    pages = np.unique(np.stack([v["kind"], v["item"]]).astype(int), axis=1).T
    page = np.zeros((len(KINDS), max(len(PRODUCTS), len(QUERIES))), int)
    for kind, item in pages.tolist():
        page[kind, item] = PATHS[path(kind, item)]
    height = np.array([[layout(kind, screen)[1] for screen in SCREENS] for kind in PAGES])
    session = v["session"][visit]
    signed = v["signed"][visit] | (events["name"] == NAMES["login"])
    user = USERS.all([f"c{1001 + person}" for person in range(PEOPLE)])[sessions.person[session]]
    order = np.lexsort((events["at"], visit))
    columns = {
        "time": entered[visit] + events["at"], "session": session, "user": np.where(signed, user, 0),
        "name": events["name"],
        "page": page[v["kind"][visit], v["item"][visit]], "page_height": height[stage.kind, stage.screen][visit],
        "element": events["element"], "text": events["text"], "properties": events["properties"], "x": events["x"],
        "y": events["y"],
        "depth": events["depth"], "value": events["value"],
    }  # fmt: skip
    export.add(**{name: column[order] for name, column in columns.items()})


def told_at_login(user: str) -> str:
    """What the shop knows of a customer; staff belong to no club."""
    number = int(user[1:]) if user[1:].isdigit() else 0
    return json.dumps({"club": number % 3 == 1, "customer_since": 2019 + number % 8})


def frame(export: Export) -> tuple[pa.Table, list[str]]:
    """The events under their canonical names, and the session ids by the number of the session."""
    events = export.joined()
    session = events["session"].astype(int)
    _, first = np.unique(session, return_index=True)
    names = np.empty(len(export.facts), object)
    names[session[np.sort(first)]] = [f"s{n:05d}" for n in range(1, len(first) + 1)]
    landing = np.zeros(len(session), bool)
    landing[first] = True

    def coded(codes: np.ndarray, texts: Sequence[str | None]) -> pa.Array:
        """Texts by number; None is missing."""
        known = [text for text in texts if text is not None]
        place = np.full(len(texts), -1)
        place[[n for n, text in enumerate(texts) if text is not None]] = np.arange(len(known))
        found = place[codes]
        return pa.DictionaryArray.from_arrays(
            pa.array(found.astype(np.int32), mask=found < 0), pa.array(known, pa.string())
        )

    def fact(name: str, keep: Bools | None = None) -> pa.Array:
        """What a session says of itself, on all its events or only on those to `keep`."""
        texts = Words()
        codes = np.array([texts[str(facts[name] or "")] for facts in export.facts])[session]
        return coded(codes if keep is None else np.where(keep, codes, 0), texts.texts)

    def number(values: np.ndarray, kind: pa.DataType, empty: float = -1) -> pa.Array:
        return pa.array(values, mask=values == empty).cast(kind)

    def size(name: str) -> pa.Array:
        return number(np.array([facts[name] or -1 for facts in export.facts])[session], pa.int16())

    known_of = Words()
    customers = np.array([0, *(known_of[told_at_login(user)] for user in USERS.texts if user)])
    midnight = int(FIRST_DAY.replace(tzinfo=UTC).timestamp() * 1000)
    columns = {
        "timestamp": pa.array(events["time"] + midnight).cast(pa.timestamp("ms")),
        "event": coded(events["name"], NAMES.texts),
        "session_id": coded(session, names.tolist()),
        "anonymous_id": fact("anonymous_id"),
        "user_id": coded(events["user"], USERS.texts),
        "page": coded(events["page"], PATHS.texts),
        "element": coded(events["element"], ELEMENTS.texts),
        "text": coded(events["text"], TEXTS.texts),
        "x": number(events["x"], pa.int16()),
        "y": number(events["y"], pa.int16()),
        "scroll_depth": number(events["depth"], pa.float32()),
        "value": number(events["value"], pa.float64()),
        "properties": coded(events["properties"], PROPERTIES.texts),
        "user_properties": coded(customers[events["user"]] * (events["name"] == NAMES["login"]), known_of.texts),
        "page_height": number(events["page_height"], pa.int16(), 0),
        "viewport_width": size("viewport_width"),
        "viewport_height": size("viewport_height"),
        "referrer": fact("referrer", landing),
        "campaign": fact("campaign", landing),
    }  # fmt: skip
    columns |= {name: fact(name) for name in ("device", "browser", "os", "country", "release", "ip", "user_agent")}
    return pa.table(columns), names.tolist()
