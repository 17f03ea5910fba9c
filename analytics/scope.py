"""Scope: which sessions an analysis looks at.

A session is in scope as a whole or not at all, so no analysis ever sees half of one. Every statement reads the CTEs
that `Scope.query` puts in front of it, and only those it names:

    scoped            events of the sessions in scope       scoped_visits   their stays on a page
    scoped_sessions   the sessions                          scoped_clicks   their clicks, ordered by page
    all_events        every stored event: for "first ever" and baselines only; all_clicks likewise
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from textwrap import dedent, indent
from typing import Any, NamedTuple

from pydantic import GetCoreSchemaHandler, with_config
from pydantic_core import CoreSchema

from analytics import patterns, words
from analytics.clustering import Cluster
from analytics.conditions import STRICT, Condition, Filter, Where, column, combine, merged
from analytics.errors import InvalidQuestion
from analytics.query import Query

# NOT MATERIALIZED: a CTE that is named twice would else be copied whole before the filters of its readers are known
TABLES = {"scoped": "events", "scoped_visits": "visits", "scoped_clicks": "clicks"}
BASELINES = {"all_events": "events", "all_clicks": "clicks"}
WITH_EVENT = "session_key {negation}IN (SELECT session_key FROM events WHERE {days}{test})"
WITH_PERSON = "user_key {negation}IN (SELECT user_key FROM users WHERE {test})"
ONCE = ("imports", "pattern", "segment", "outside", "cluster")  # what a scope has at most one of
VALUES = {"releases": "release", "devices": "device", "countries": "country"}
OF_IMPORTS = "session_key IN (SELECT session_key FROM events WHERE list_contains(${name}, import_id))"
OUTSIDE = "session_key NOT IN (SELECT session_key FROM sessions WHERE {tests})"


class Segment(str):
    """The name of a saved scope that knows its `members`: what `workspace.segments.resolved` makes of a bare name."""

    members: "Scope"

    def __new__(cls, name: str, members: "Scope") -> "Segment":
        """`members` has no days, and its own segment, if it builds on one, is resolved too."""
        self = super().__new__(cls, name)
        self.members = members
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """In JSON it is its name."""
        return handler(str)


@with_config(STRICT)
@dataclass(frozen=True)
class Scope:
    """The sessions that began on `start <= day < stop` (days of the reporting zone) and match every filter.

    None and empty mean any. A filter on an event's field keeps sessions with at least one event that passes it; with a
    negative operator those with none that fails it. Each filter of `where` is asked by itself. `pattern` is what a
    session has to do, in the language of docs/patterns.md. `segment` names a saved scope that they must be in as well,
    `outside` one that they must not be in. `cluster` is the kind of sessions that they are.
    """

    start: date | None = None
    stop: date | None = None
    imports: tuple[int, ...] = ()
    releases: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    segment: str | None = None
    where: tuple[Where, ...] = ()
    pattern: str | None = None
    outside: str | None = None
    cluster: Cluster | None = None

    def __post_init__(self) -> None:
        if self.start and self.stop and self.stop <= self.start:
            raise InvalidQuestion(f"The range stops ({self.stop}) before it has a day: it starts on {self.start}.")
        if self.pattern is not None:
            patterns.parse(self.pattern)  # refused where it is written

    def days(self, prefix: str = "scope") -> Iterator[Condition]:
        """The range alone; `day` is on every clustered table, so it prunes all of them."""
        if self.start:
            yield Condition(f"day >= ${prefix}_start", {f"{prefix}_start": self.start}, "")
        if self.stop:
            yield Condition(f"day < ${prefix}_stop", {f"{prefix}_stop": self.stop}, "")

    def filters(self) -> Iterator[Condition]:
        """What else a session must be, over one row of `sessions`, as far as no pattern is needed to know it."""
        yield from self._asked("scope", list(self.days()), _tables("scope")).plain

    def tests(self, prefix: str = "scope") -> "Tests":
        """All that a session must be, and the CTEs that say so; names of values and CTEs begin with `prefix`."""
        days, tables = list(self.days(prefix)), _tables(prefix)
        asked = self._asked(prefix, days, tables)
        ctes = []
        if asked.ctes:
            text = "\n".join(one.sql for one in asked.ctes)
            ctes.append(cte(tables.sessions, "sessions", [*days, *asked.plain]))
            ctes += [cte(name, table, days) for name, table in _stored(tables) if name in text]
            ctes += [one.text for one in asked.ctes]
        return Tests(days, [*asked.plain, *asked.patterned], ctes)

    def _asked(self, prefix: str, days: list[Condition], tables: patterns.Tables) -> "_Asked":
        """All that a session must be but its days; patterns are looked for in `tables`."""
        asked = _Asked(list(self._own(prefix, days)), [], [])
        if self.pattern is not None:
            found = patterns.membership(patterns.parse(self.pattern), tables, f"{prefix}_pattern")
            asked.patterned.append(Condition(found.sql, found.params, ""))
            asked.ctes.extend(found.ctes)
        if self.segment is not None:
            inside = _members(self.segment)._asked(f"{prefix}_segment", days, tables)
            asked.plain.extend(inside.plain)
            asked.patterned.extend(inside.patterned)
            asked.ctes.extend(inside.ctes)
        if self.outside is not None:
            inside = _members(self.outside)._asked(f"{prefix}_outside", days, tables)
            tests = [*inside.plain, *inside.patterned]
            sql = OUTSIDE.format(tests=" AND ".join(condition.sql for condition in (*days, *tests)))
            others = Condition(sql, merged(condition.params for condition in tests), "")
            (asked.patterned if inside.patterned else asked.plain).append(others)
            asked.ctes.extend(inside.ctes)
        return asked

    def _own(self, prefix: str, days: list[Condition]) -> Iterator[Condition]:
        """The filters of this scope alone. A new filter is a new field and one more `yield`."""
        if self.imports:
            numbers, name = words.listed([str(number) for number in self.imports]), f"{prefix}_imports"
            yield Condition(OF_IMPORTS.format(name=name), {name: list(self.imports)}, f"import {numbers}")
        for name, plural, values in (
            ("release", "release", self.releases),
            ("device", "on", self.devices),
            ("country", "from", self.countries),
        ):
            if values:
                key = f"{prefix}_{name}"
                yield Condition(
                    f"coalesce(list_contains(${key}, {name}), false)",
                    {key: list(values)},
                    f"{plural} {words.listed(values, 'or')}",
                )
        pruned = "".join(f"{condition.sql} AND " for condition in days)
        for n, where in enumerate(self.where, 1):
            yield combine(where, f"{prefix}_where_{n}", lambda filter_, name: _of_session(filter_, name, pruned))
        if self.cluster is not None:
            yield self.cluster.member(f"{prefix}_cluster", pruned)

    def describe(self) -> str:
        """The filters in words, for captions: "3 Aug to 25 Oct 2026, release 1.1, on phone"."""
        parts = [condition.words for condition in self._own("scope", [])]
        if self.segment is not None:
            parts.insert(0, f"segment {self.segment}")
        if self.outside is not None:
            parts.append(f"not in segment {self.outside}")
        if self.start and self.stop:
            parts.insert(0, words.days(self.start, self.stop - timedelta(days=1)))
        elif self.start or self.stop:
            parts.insert(0, _open_range(self.start, self.stop))
        if self.pattern is not None:
            parts.append(f"with the pattern ({patterns.parse(self.pattern).words})")
        return ", ".join(parts) or "everything"

    def narrowed(self, other: "Scope") -> "Scope":
        """The sessions that are in both scopes."""
        starts = [start for start in (self.start, other.start) if start]
        stops = [stop for stop in (self.stop, other.stop) if stop]
        start, stop = max(starts, default=None), min(stops, default=None)
        if start and stop and stop <= start:
            raise InvalidQuestion(f"{self.describe()} and {other.describe()} have no day in common.")
        if self.pattern and other.pattern and self.pattern != other.pattern:
            raise InvalidQuestion("A scope has one pattern; these two have one each.")
        for one, two in ((self.segment, other.segment), (self.outside, other.outside)):
            if one and two and one != two:
                raise InvalidQuestion(f"A scope has one segment; these two have one each, {one!s} and {two!s}.")
        if self.cluster and other.cluster and self.cluster != other.cluster:
            names = f"{self.cluster.said} and {other.cluster.said}"
            raise InvalidQuestion(f"A scope has one kind of sessions; these two have one each, {names}.")
        if self.imports and other.imports and self.imports != other.imports:
            raise InvalidQuestion("A scope names its imports once; these two name others each. Leave one out.")
        either = {name: getattr(other, name) or getattr(self, name) for name in (*ONCE, *VALUES)}
        both = replace(other, start=start, stop=stop, **either)
        return both.also(tuple(one for one in self._further(other) if one not in other.where))

    def also(self, where: tuple[Where, ...]) -> "Scope":
        """This scope with further filters."""
        return replace(self, where=(*self.where, *where)) if where else self

    def _further(self, other: "Scope") -> Iterator[Where]:
        """The filters that `other` cannot say in its own fields, since it says something else there."""
        for name, field in VALUES.items():
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine and theirs and mine != theirs:
                yield Filter(field, "in", mine)
        yield from self.where

    def query(self, sql: str, **values: object) -> Query:
        """Puts an analysis behind this scope: `sql` reads `scoped` and its like, never the tables themselves."""
        body = dedent(sql).strip()
        named = set(re.findall(r"\b(?:scoped(?:_sessions|_visits|_clicks)?|all_events|all_clicks)\b", body))
        tests = self.tests()
        wanted = [*tests.days, *tests.filters] if named - BASELINES.keys() else []
        ctes = [*tests.ctes] if wanted else []
        if "scoped_sessions" in named or (tests.filters and named & TABLES.keys()):
            ctes.append(cte("scoped_sessions", "sessions", wanted))
        among = [Condition("session_key IN (SELECT session_key FROM scoped_sessions)", {}, "")] if tests.filters else []
        ctes += [cte(name, table, [*tests.days, *among]) for name, table in TABLES.items() if name in named]
        ctes += [cte(name, table, []) for name, table in BASELINES.items() if name in named]
        return statement(body, ctes, [*(condition.params for condition in wanted), dict(values)])


class Tests(NamedTuple):
    """What a session must be, as conditions over its row: its `days`, and the `filters`, which may read the `ctes`."""

    days: list[Condition]
    filters: list[Condition]
    ctes: list[str]


def statement(body: str, ctes: Iterable[str], values: Iterable[dict[str, object]]) -> Query:
    """`body`, which may begin with CTEs of its own, with `ctes` in front."""
    front = ",\n".join(ctes)
    own = re.sub(r"\AWITH\s+", "", body)
    joined = body if not front else f"WITH {front},\n{own}" if own != body else f"WITH {front}\n{body}"
    return Query(joined, merged(values))


class _Asked(NamedTuple):
    """Tests of a row of `sessions`, those of patterns apart, and what these read: found once, however often named."""

    plain: list[Condition]
    patterned: list[Condition]
    ctes: list[patterns.Cte]


def _members(named: str) -> Scope:
    if not isinstance(named, Segment):
        raise InvalidQuestion(f"The segment {named!r} is only a name here; its store has to be asked for it.")
    return named.members


def _of_session(filter_: Filter, prefix: str, days: str) -> Condition:
    """A filter as a test of one row of `sessions`; `days` narrows where its events are looked for."""
    level = column(filter_.field, prefix).level
    if level == "session":
        return filter_.test(prefix)
    # "none that is": a negative filter leaves out the sessions that have what it denies
    sql, params, _ = filter_.positive.test(prefix)
    template = WITH_EVENT if level == "event" else WITH_PERSON
    negation = "NOT " if filter_.negative else ""
    return Condition(template.format(negation=negation, days=days, test=sql), params, filter_.words)


def _open_range(start: date | None, stop: date | None) -> str:
    return f"from {words.day(start, year=True)}" if start else f"before {words.day(stop, year=True)}" if stop else ""


def _tables(prefix: str) -> patterns.Tables:
    """What a scope's patterns are looked for in: of its days."""
    return patterns.Tables(*(f"{prefix}_pattern_{table}" for table in ("sessions", "events", "visits")))


def _stored(tables: patterns.Tables) -> tuple[tuple[str, str], ...]:
    return (tables.events, "events"), (tables.visits, "visits")


def cte(name: str, table: str, conditions: list[Condition]) -> str:
    """The rows of a stored table that fit all `conditions`."""
    text = f"SELECT * FROM {table}"  # noqa: S608  our own names
    if conditions:
        text += "\nWHERE " + "\n  AND ".join(condition.sql for condition in conditions)
    return f"{name} AS NOT MATERIALIZED (\n{indent(text, '    ')}\n)"
