"""The scope bar in the link: written, and read with a sentence for whatever this store does not know."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from analytics import patterns, registry, words
from analytics.analyses import values
from analytics.clustering import Cluster
from analytics.conditions import Where
from analytics.errors import AnalyticsError
from analytics.query import Query
from analytics.scope import Scope
from pages.shared import links, segments
from pages.shared.bar.choice import (
    CLUSTER,
    IMPORTS,
    LISTS,
    NAMES,
    OUTSIDE,
    PATTERN,
    RANGE,
    SEGMENT,
    WHERE,
    Choice,
    Extent,
)
from pages.shared.text import escape
from pages.shared.waiting import answer

MOST = 1000  # values offered; a value beyond them is taken from a link as it is
WHAT = {
    RANGE: "range of days",
    IMPORTS: "list of imports",
    WHERE: "list of filters",
    PATTERN: "pattern",
    CLUSTER: "kind of sessions",
}
OF_IMPORT = "SELECT import_id, file FROM imports ORDER BY import_id"


@dataclass(frozen=True)
class Import:
    """A file that was brought in."""

    import_id: int
    file: str


def link_of(scope: Scope) -> dict[str, list[str]]:
    """`scope` as parameters of a link, for `link_to` and `go_to`."""
    last = scope.stop - dt.timedelta(days=1) if scope.stop else None
    found = {
        RANGE: [day.isoformat() for day in (scope.start, last) if day],
        SEGMENT: [str(scope.segment)] if scope.segment else [],
        OUTSIDE: [str(scope.outside)] if scope.outside else [],
        "release": list(scope.releases),
        "device": list(scope.devices),
        "country": list(scope.countries),
        IMPORTS: [str(number) for number in scope.imports],
        WHERE: [json.dumps(registry.plain(scope.where), ensure_ascii=False, separators=(",", ":"))]
        if scope.where
        else [],
        PATTERN: [scope.pattern] if scope.pattern else [],
        CLUSTER: [json.dumps(links.lean(scope.cluster), ensure_ascii=False, separators=(",", ":"))]
        if scope.cluster
        else [],
    }
    return {name: given for name, given in found.items() if given}


def given() -> dict[str, list[str]]:
    """What the link says of the scope."""
    return {name: texts for name in NAMES if (texts := links.given(name))}


def read(given: Mapping[str, list[str]], whole: Extent, options: Mapping[str, list[str]]) -> Choice:
    """The choice in a link; what cannot be read, or is not in this store, is said and left out."""
    return Choice(
        days=_read_part(given, RANGE, lambda texts: _read_days(texts, whole), None),
        segment=_read_part(given, SEGMENT, _read_segment, None),
        outside=_read_part(given, OUTSIDE, _read_segment, None),
        imports=_read_part(given, IMPORTS, _read_imports, ()),
        where=_read_part(given, WHERE, _read_where, ()),
        pattern=_read_part(given, PATTERN, _read_pattern, None),
        cluster=_read_part(given, CLUSTER, _read_cluster, None),
        **{name: _read_values(given.get(name, []), label, options[name]) for name, label in LISTS.items()},
    )


def _read_part(given: Mapping[str, list[str]], name: str, read: Callable[[list[str]], Any], usual: Any) -> Any:
    if name not in given:
        return usual
    try:
        return read(given[name])
    except AnalyticsError as error:
        say(f"{escape(error, 300)} It is left out.")
    except (ValueError, TypeError, RecursionError):
        what = WHAT[name]
        say(f"The link's {what}, {escape(' to '.join(given[name]), 80)}, cannot be read, so it is left out.")
    return usual


def _read_days(texts: list[str], whole: Extent) -> tuple[dt.date, dt.date] | None:
    first, last = dt.date.fromisoformat(texts[0]), dt.date.fromisoformat(texts[-1])
    if last < first or len(texts) > 2:
        raise ValueError("the last day is before the first")
    return None if (first, last) == (whole.first, whole.last) else (first, last)


def _read_segment(texts: list[str]) -> str:
    segments.resolved(Scope(segment=texts[-1]))
    return texts[-1]


def _read_imports(texts: list[str]) -> tuple[int, ...]:
    wanted = tuple(int(text) for text in texts)
    known = {one.import_id for one in every_import()}
    if strange := [number for number in wanted if number not in known]:
        many = words.listed([str(number) for number in strange])
        say(f"This store has no import {escape(many, 80)}, so it is left out.")
    return tuple(number for number in wanted if number in known)


def _read_where(texts: list[str]) -> tuple[Where, ...]:
    found: tuple[Where, ...] = registry.parse(tuple[Where, ...], texts[-1], "the link's filters")
    Scope(where=found).query("SELECT 1 FROM scoped_sessions")  # what no statement can be made of is refused here
    return found


def _read_pattern(texts: list[str]) -> str:
    patterns.parse(texts[-1])
    return texts[-1]


def _read_cluster(texts: list[str]) -> Cluster:
    found: Cluster = registry.parse(Cluster, texts[-1], "the link's kind of sessions")
    return found


def _read_values(texts: list[str], label: str, options: list[str]) -> tuple[str, ...]:
    strange = [text for text in texts if text not in options and len(options) < MOST]
    if strange:
        many = words.listed([escape(text, 60) for text in strange[:5]], "or")
        say(f"No session in this store has the {label.lower()} {many}, so it is left out.")
    return tuple(text for text in dict.fromkeys(texts) if text not in strange)


def say(sentence: str) -> None:
    """That a part of the scope is left out."""
    st.warning(sentence, icon=":material/link_off:")


def every_import() -> tuple[Import, ...]:
    """The files that were brought in."""
    return answer("imports", lambda reader: tuple(reader.rows(Query(OF_IMPORT, {}), Import)))


def options(name: str) -> list[str]:
    """The values that sessions have, releases in order."""
    asked = values.Values(name, limit=MOST)
    found = answer(("values", name), lambda reader: values.run(reader, asked, Scope()).values)
    texts = [value.value for value in found]
    return sorted(texts, key=_natural) if name == "release" else texts


def _natural(text: str) -> list[tuple[bool, int, str]]:
    """1.9 before 1.10"""
    parts = text.replace("-", ".").replace("+", ".").split(".")
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]
