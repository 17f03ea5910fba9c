"""What the scope bar says: as one value, and where it is kept between runs."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import streamlit as st

from analytics.clustering import Cluster
from analytics.conditions import Where
from analytics.query import Query
from analytics.scope import Scope
from pages.shared.stores import store
from pages.shared.waiting import answer

RANGE, SEGMENT, OUTSIDE, IMPORTS, WHERE, PATTERN = "range", "segment", "outside", "imports", "w", "pattern"
CLUSTER = "kind"
LISTS = {"release": "Release", "device": "Device", "country": "Country"}
NAMES = (RANGE, SEGMENT, OUTSIDE, *LISTS, IMPORTS, WHERE, PATTERN, CLUSTER)
EXTENT = "SELECT min(day) AS first, max(day) AS last, count(*) AS sessions FROM sessions"
STATE = "scope"
EVERYTHING = Scope()


@dataclass(frozen=True)
class Extent:
    """The first and last day with a session (None in an empty store), and the number of sessions."""

    first: dt.date | None
    last: dt.date | None
    sessions: int


@dataclass(frozen=True)
class Choice:
    """What the bar says. `days` is None for the whole store, so that it grows with it."""

    days: tuple[dt.date, dt.date] | None = None
    segment: str | None = None
    outside: str | None = None
    release: tuple[str, ...] = ()
    device: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    imports: tuple[int, ...] = ()
    where: tuple[Where, ...] = ()
    pattern: str | None = None
    cluster: Cluster | None = None
    edited: str | None = None  # the segment whose filters these were, to be changed

    @classmethod
    def of(cls, scope: Scope, **own: Any) -> "Choice":
        """The filters of `scope`; days and what else the bar says are given apart."""
        return cls(
            segment=scope.segment,
            outside=scope.outside,
            release=scope.releases,
            device=scope.devices,
            country=scope.countries,
            imports=scope.imports,
            where=scope.where,
            pattern=scope.pattern,
            cluster=scope.cluster,
            **own,
        )

    def scope(self, whole: Extent) -> Scope:
        """As a question takes it; the range always has both ends."""
        first, last = self.days or (whole.first, whole.last)
        return Scope(
            start=first,
            stop=last + dt.timedelta(days=1) if last else None,
            imports=self.imports,
            releases=self.release,
            devices=self.device,
            countries=self.country,
            segment=self.segment,
            outside=self.outside,
            where=self.where,
            pattern=self.pattern,
            cluster=self.cluster,
        )


@dataclass
class Bar:
    """Between runs: what was chosen, in which store, and what the link said when the last run ended."""

    choice: Choice
    store: str
    link: dict[str, list[str]] | None = None
    now: Scope = EVERYTHING


def extent() -> Extent:
    """How far the store reaches."""
    return answer("extent", lambda reader: reader.rows(Query(EXTENT, {}), Extent)[0])


def bar() -> Bar:
    """The one of this session."""
    here = str(store().path or id(store()))
    now: Bar | None = st.session_state.get(STATE)
    if now is None or now.store != here:  # another store has other releases and other days
        now = st.session_state[STATE] = Bar(Choice(), here, now.link if now else None)
        forget()
    return now


def choose(choice: Choice) -> None:
    """The bar now says this; for callbacks."""
    bar().choice = choice
    forget()


def forget() -> None:
    """What the widgets of the bar hold."""
    for name in (RANGE, SEGMENT, *LISTS):  # the widgets then begin with what is chosen
        st.session_state.pop(f"scope-{name}", None)
