"""Another scope to compare with: a segment, those who reached a goal, a release, the days before, or any other value of
what the scope holds."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from analytics import registry, words
from analytics.analyses import funnel_shares, values
from analytics.analyses.funnel import Funnel
from analytics.analyses.funnel_shares import Changed, FunnelShares
from analytics.charts import funnel_shares as chart
from analytics.charts.timeline import own as said_as
from analytics.conditions import Filter
from analytics.errors import AnalyticsError
from analytics.query import Query
from analytics.scope import Scope
from analytics.vocabulary import CANONICAL_EVENTS
from pages.changes import sides
from pages.journeys import steps, view
from pages.overview.goals import likely
from pages.shared import ask, current_scope, escape, extent, key, read_view, segments
from pages.shared.lists import ROW

NOTHING = "Compare with …"
BEFORE = '{"previous":true}'
GOAL = "goal"
MOST = 8  # values of a field that are offered
FIELDS = {"releases": ("release", "Release"), "devices": ("device", "Device"), "countries": ("country", "Country")}


@dataclass(frozen=True)
class Pair:
    """Two scopes without a session in common, and their names; `here` is what the sidebar says, without the other."""

    here: Scope
    there: Scope
    here_name: str
    there_name: str


def choose() -> Pair | None:
    """Draws the choice, kept in the link; None for nothing to compare with."""
    options = {"": NOTHING} | _offered()
    given = read_view().get("with", "")
    if given and given not in options and _parsed(given) is not None:
        options[given] = _name(given)
    chosen = view.choose("with", "Compare with", options, "", 190, label_visibility="collapsed")
    return _pair(chosen) if chosen else None


def side(pair: Pair) -> tuple[Scope, str]:
    """Draws the choice of the side whose sessions are listed, kept in the link; its scope, and its name in words."""
    names = {"here": pair.here_name, "there": pair.there_name}
    given = view.read("side")
    chosen = st.segmented_control(
        "On which side",
        list(names),
        default=given if given in names else "here",
        format_func=lambda name: escape(_large(names[name]), 60),
        required=True,
        key=key("side"),
    )
    scopes = {"here": pair.here, "there": pair.there}
    name = str(view.keep("side", chosen or "here", "here"))
    return scopes[name], names[name]


def _large(name: str) -> str:
    return name[:1].upper() + name[1:]


def _offered() -> dict[str, str]:
    base = current_scope()
    found = {}
    if _before(base):
        found[BEFORE] = _name(BEFORE)
    for own in _segments(base):
        text = json.dumps(own, ensure_ascii=False, separators=(",", ":"))
        found[text] = _name(text)
    for name in _goals(base):
        text = json.dumps({GOAL: name}, ensure_ascii=False, separators=(",", ":"))
        found[text] = _name(text)
    for field, (column, _) in FIELDS.items():
        own = getattr(base, field)
        known = sides.releases() if field == "releases" else _values(column)
        if len(known) > 1:
            for value in known[:MOST] if field != "releases" else reversed(known[-MOST:]):
                if own != (value,):
                    text = json.dumps({field: [value]}, ensure_ascii=False, separators=(",", ":"))
                    found[text] = _name(text)
    return found


def _segments(base: Scope) -> list[dict[str, str]]:
    """Those to be compared with all other sessions; once one is chosen, all others than that."""
    if base.segment or base.outside:
        return [{"outside": str(base.segment)}] if base.segment and not base.outside else []
    return [{"segment": name} for name in list(segments.known())[:MOST]]


def _goals(base: Scope) -> list[str]:
    """The event that looks most like success, then others of the product's own; without those the scope asks for."""
    names = [value.value for value in steps.seen("event")]
    goal = likely(names)
    own = [name for name in names if name not in CANONICAL_EVENTS][:MOST]
    first = [goal.name] if goal is not None and goal.only_name else []
    return [name for name in dict.fromkeys([*first, *own]) if not _asks_for(base, name)]


def _asks_for(base: Scope, name: str) -> bool:
    return any(Filter("event", op, name) in base.where for op in ("is", "is_not"))


def _values(column: str) -> list[str]:
    return [value.value for value in ask(values, values.Values(column, MOST), Scope()).values]


def _parsed(text: str) -> Mapping[str, Any] | None:
    """What the other scope has instead, by field of a scope."""
    try:
        own = json.loads(text)
        if own == {"previous": True}:
            return own if _before(current_scope()) else None
        if isinstance(own, dict) and own.keys() == {GOAL}:
            return own if isinstance(own[GOAL], str) and not _asks_for(current_scope(), own[GOAL]) else None
        other = segments.resolved(registry.scope(text))
        base = current_scope()
        if (other.segment and (base.segment or base.outside)) or (other.outside and other.outside != base.segment):
            return None  # the two sides would have sessions in common, or be the same
    except (AnalyticsError, ValueError, TypeError):
        return None
    return {name: getattr(other, name) for name in own} if own else None


def _name(text: str) -> str:
    own = json.loads(text)
    if own == {"previous": True}:
        earlier = _before(current_scope())
        return f"The {words.many((earlier.stop - earlier.start).days, 'day')} before" if earlier else "The days before"
    if GOAL in own:
        return f"Sessions with {said_as(own[GOAL])}"
    if "segment" in own:
        return f"Segment {own['segment']}"
    if "outside" in own:
        return "All other sessions"
    parts = [f"{label} {value}" for field, (_, label) in FIELDS.items() for value in own.get(field, ())]
    return words.listed(parts) or registry.scope(text).describe()


def _before(base: Scope) -> Scope | None:
    """As many days, right before; None where the store holds none of them."""
    if base.start is None or extent().first is None or base.start <= extent().first:
        return None
    stop = base.stop or extent().last + dt.timedelta(days=1)
    return replace(base, start=base.start - (stop - base.start), stop=base.start)


def _pair(text: str) -> Pair | None:
    base, own = current_scope(), _parsed(text)
    if own is None:
        return None
    if own == {"previous": True}:
        there = _before(base)
        return Pair(base, there, words_of(base), words_of(there)) if there else None
    name = _name(text)
    if GOAL in own:
        without, with_ = (base.also((Filter("event", op, own[GOAL]),)) for op in ("is_not", "is"))
        return Pair(without, with_, f"sessions without {said_as(own[GOAL])}", _small(name))
    if "segment" in own:
        return Pair(replace(base, outside=own["segment"]), replace(base, **own), "all other sessions", _small(name))
    if "outside" in own:
        return Pair(base, replace(base, segment=None, **own), f"segment {base.segment}", _small(name))
    there = replace(base, **own)
    here = base
    for field, wanted in own.items():
        if field not in FIELDS:
            continue
        mine = getattr(base, field)
        left = tuple(value for value in mine if value not in wanted)
        if mine and left:
            here = replace(here, **{field: left})
        elif not mine:  # everything but the other
            here = here.also(tuple(Filter(FIELDS[field][0], "is_not", value) for value in wanted))
    return Pair(here, there, _here_name(here, base, own), _small(name))


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def _here_name(here: Scope, base: Scope, own: Mapping[str, Any]) -> str:
    field = next((field for field in own if field in FIELDS), None)
    if field is None:
        return "these sessions"
    label = FIELDS[field][1].lower()
    if getattr(base, field):
        return words.listed([f"{label} {value}" for value in getattr(here, field)])
    return f"every other {label}"


def words_of(scope: Scope) -> str:
    """A range of days in words."""
    return replace(Scope(), start=scope.start, stop=scope.stop).describe()


def compared(params: Funnel, pair: Pair) -> tuple[tuple[Changed, ...], bool, tuple[Query, ...]]:
    """Each share of the funnel on both scopes; whether by person; what was asked."""
    asked = FunnelShares(**vars(params))
    there, here = ask(funnel_shares, asked, pair.there), ask(funnel_shares, asked, pair.here)
    by_person = there.by_person or here.by_person
    return funnel_shares.changed(there.shares, here.shares), by_person, (*there.queries, *here.queries)


def draw(changes: tuple[Changed, ...], names: list[str], pair: Pair, by_person: bool) -> None:
    """The table of what differs, step by step."""
    st.subheader("What differs, step by step", anchor=False)
    rows = chart.steps(changes, names, pair.there_name, pair.here_name)
    st.dataframe(
        pd.DataFrame(rows),
        key=key("funnel-changed"),
        hide_index=True,
        row_height=ROW,
        height=ROW * min(len(rows), 20) + 32,
        alt="Each share on both sides with its difference",
    )
    how = (
        "Sessions of one person are not independent: intervals are by person. "
        if by_person
        else "Intervals by Wilson and Newcombe. "
    )
    st.caption(
        f"{how}In brackets the 95{words.SPACE}% interval. q: how often chance alone would give so large a difference, "
        f"corrected for {words.many(len(rows), 'share')} at once."
    )
