"""Hours, days, weeks and months: which one an event is in, and in which of them people do it.

An interval is one of the event's own time on a clock of the reporting zone. It has a number that counts from a fixed
one (see `Grid.numbered`), and a place, which counts from 0 in the range that is looked at. The range ends with the
interval that holds the scope's last day, else the last stored event's. Who does an event is a unit: a person, or a
value of a field.
"""

# ruff: noqa: S608 - a statement builder: what it joins are its own names, numbers and the conditions of conditions.py

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from textwrap import indent
from typing import Literal

from analytics.conditions import Column, Condition
from analytics.scope import Scope

Period = Literal["hour", "day", "week", "month"]
WeekStart = Literal["monday", "sunday"]

ZERO = date(1900, 1, 1)  # a Monday before anybody's events
LATEST = "SELECT max(local) AS latest FROM all_events"

# Sessions with events on another day than their first, or of several people.
MOVED = """
SELECT session_key
FROM scoped
WHERE CAST(local AS DATE) <> day
UNION
SELECT session_key
FROM scoped_sessions
WHERE people > 1"""

# Of these nobody has an event in the session before it, so that a person's first ones, in all and per day, are among
# them; all others can be left out.
EARLIEST = (
    "position = 1 OR CAST(local AS DATE) <> day OR session_key IN (SELECT session_key FROM sessions WHERE people > 1)"
)


@dataclass(frozen=True)
class Grid:
    """`count` intervals up to the last one; a week begins on `week_start`."""

    period: Period
    count: int
    week_start: WeekStart = "monday"

    def numbered(self, time: str) -> str:
        """SQL for the number of the interval that holds `time`, a local timestamp (or day, if no hour is asked)."""
        if self.period == "month":
            return f"(year({time}) * 12 + month({time}))"
        if self.period == "hour":
            return f"date_diff('hour', TIMESTAMP '{ZERO} 00:00:00', date_trunc('hour', {time}))"
        days = f"date_diff('day', DATE '{ZERO}', CAST({time} AS DATE))"
        return days if self.period == "day" else f"(({days} + {self._shift}) // 7)"

    def day_in(self, day: str) -> str:
        """SQL for the place, from 0, of a day in its week or month."""
        if self.period == "month":
            return f"(day({day}) - 1)"
        return f"((date_diff('day', DATE '{ZERO}', {day}) + {self._shift}) % 7)"

    def number(self, time: datetime) -> int:
        """The number of the interval that holds `time`."""
        if self.period == "month":
            return time.year * 12 + time.month
        days = (time.date() - ZERO).days
        if self.period == "hour":
            return days * 24 + time.hour
        return days if self.period == "day" else (days + self._shift) // 7

    def begins(self, number: int) -> datetime:
        """When the interval of that number begins, on the reporting zone's clock."""
        if self.period == "month":
            return datetime((number - 1) // 12, (number - 1) % 12 + 1, 1)
        zero = datetime.combine(ZERO, datetime.min.time())
        if self.period == "hour":
            return zero + timedelta(hours=number)
        return zero + timedelta(days=number if self.period == "day" else number * 7 - self._shift)

    def said(self, number: int) -> str:
        """Its beginning in ISO 8601: a day, or a time of day where hours are asked."""
        begins = self.begins(number)
        return begins.isoformat() if self.period == "hour" else begins.date().isoformat()

    def last(self, scope: Scope, latest: datetime | None) -> int | None:
        """The number of the range's last interval; None where nothing tells.

        Hours that are still to come on the scope's last day are none yet: they end with the last stored event's.
        """
        if scope.stop is None:
            return self.number(latest) if latest else None
        end = self.number(datetime.combine(scope.stop, datetime.min.time()) - timedelta(microseconds=1))
        return min(end, self.number(latest)) if self.period == "hour" and latest else end

    def over(self, latest: datetime | None) -> int:
        """The first number whose interval is not over at the last stored event."""
        return self.number(latest) if latest else 0

    def whole(self, number: int, scope: Scope) -> bool:
        """Whether the scope's range has all of that interval; a part of it would look like a fall."""
        begins, ends = self.begins(number).date(), self.begins(number + 1).date()
        return (scope.start is None or begins >= scope.start) and (
            scope.stop is None or ends <= scope.stop or self.period == "hour"
        )

    @property
    def _shift(self) -> int:
        return 0 if self.week_start == "monday" else 1


@dataclass(frozen=True)
class Range:
    """The intervals looked at, as statements need them: known beforehand, or found by the statement's CTE `ends`."""

    grid: Grid
    known: tuple[int, int] | None
    last: datetime | None = None  # hours end with the last stored event's, and here at the latest
    cut: bool = False  # the scope's range stops within the last interval
    since: date | None = None  # the scope's own first day, when it was moved back to see the interval before

    @property
    def ctes(self) -> list[str]:
        """`ends`, one row: the numbers of the first and last interval."""
        if self.known:
            return []
        found = f"SELECT {self.grid.numbered('max(local)')} AS last_no FROM all_events"
        if self.last is not None:
            found = found.replace("max(local)", "least(max(local), $range_last)")
        return [cte("ends", f"SELECT last_no - {self.grid.count - 1} AS first_no, last_no\nFROM ({found}) AS stored")]

    @property
    def params(self) -> dict[str, object]:
        """The values it needs."""
        values: dict[str, object] = {}
        if self.known:
            first, last = self.known
            values |= {"first_no": first}
            values |= {"range_begin": self.grid.begins(first), "range_over": self.grid.begins(last + 1)}
        elif self.last is not None:
            values["range_last"] = self.last
        if self.since is not None:
            begins = self.grid.begins(self.grid.number(datetime.combine(self.since, datetime.min.time())))
            values |= {"since": self.since, "since_begin": begins}
        return values

    @property
    def also(self) -> str:
        """What stands after the table that is read."""
        return "" if self.known else " CROSS JOIN ends"

    @property
    def first(self) -> str:
        """SQL for the number of the first interval."""
        return f"{'$' * bool(self.known)}first_no"

    def inside(self, time: str) -> str:
        """Whether `time` is in the range."""
        before = f" AND (day >= $since OR {time} < $since_begin)" if self.since else ""
        if self.known:
            return f"{time} >= $range_begin AND {time} < $range_over{before}"
        return f"{self.grid.numbered(time)} BETWEEN first_no AND last_no{before}"

    def place(self, time: str) -> str:
        """The place, from 0, of the interval that holds `time`."""
        return f"CAST({self.grid.numbered(time)} - {self.first} AS INTEGER)"


def range_of(grid: Grid, scope: Scope) -> Range:
    """The intervals of a scope."""
    if scope.stop is None:
        return Range(grid, None)
    stop = datetime.combine(scope.stop, datetime.min.time())
    if grid.period == "hour":
        return Range(grid, None, stop - timedelta(microseconds=1))
    last = grid.number(stop - timedelta(microseconds=1))
    return Range(grid, (last - grid.count + 1, last), cut=grid.begins(last + 1) > stop)


def looking_back(grid: Grid, scope: Scope) -> tuple[Scope, Range]:
    """The scope with the interval before its first one, of which nobody counts who is in a later one only by that."""
    if scope.start is None:
        return scope, range_of(grid, scope)
    number = grid.number(datetime.combine(scope.start, datetime.min.time()))
    earlier = replace(scope, start=grid.begins(number - 1).date())
    return earlier, replace(range_of(grid, scope), since=scope.start)


def bounded(scope: Scope, latest: datetime | None) -> Scope:
    """The same sessions, with the stop that is quicker than looking for the last event: its day is the last of all."""
    if scope.stop is not None or latest is None:
        return scope
    stop = latest.date() + timedelta(days=1)
    return scope if scope.start and scope.start >= stop else replace(scope, stop=stop)


def active(name: str, test: Condition, range_: Range) -> list[str]:
    """The CTEs up to `name`: the days (`active_on`), each perhaps several times, on which a person (`unit`) did it.

    An event of any kind, or of one name, is looked for in the sessions, of which a tenth as many are stored: what one
    of one person, over before midnight, holds was done on its own day.
    """
    named = re.fullmatch(r"name = (\$\w+)", test.sql)
    if test.sql != "true" and named is None:
        text = f"""
SELECT user_key AS unit, CAST(local AS DATE) AS active_on
FROM scoped{range_.also}
WHERE ({test.sql}) AND {range_.inside("local")}"""
        return [cte(name, text)]
    if named is None:
        text = f"""
SELECT user_key AS unit, day AS active_on
FROM scoped_sessions{range_.also}
WHERE people = 1 AND {range_.inside("day")}
UNION ALL
SELECT user_key, CAST(local AS DATE)
FROM scoped{range_.also}
WHERE CAST(local AS DATE) <> day AND {range_.inside("local")}
UNION ALL
SELECT user_key, CAST(local AS DATE)
FROM scoped{range_.also}
WHERE session_key IN (SELECT session_key FROM scoped_sessions WHERE people > 1) AND {range_.inside("local")}"""
        return [cte(name, text)]
    text = f"""
SELECT user_key AS unit, day AS active_on
FROM scoped_sessions ANTI JOIN moved USING (session_key)
    CROSS JOIN (SELECT symbol FROM codes WHERE kind = 'name' AND value = {named[1]}) AS code{range_.also}
WHERE strpos(name_string, symbol) > 0 AND {range_.inside("day")}
UNION ALL
SELECT user_key, CAST(local AS DATE)
FROM scoped{range_.also}
WHERE {test.sql} AND session_key IN (SELECT session_key FROM moved) AND {range_.inside("local")}"""
    return [cte("moved", MOVED, materialized=True), cte(name, text)]


def moments(test: Condition, range_: Range) -> list[str]:
    """The CTE `active` with the time itself, for hours."""
    tests = [*([] if test.sql == "true" else [f"({test.sql})"]), range_.inside("local")]
    text = f"""
SELECT user_key AS unit, local AS active_on
FROM scoped{range_.also}
WHERE {" AND ".join(tests)}"""
    return [cte("active", text)]


def firsts(test: str, by: Column | None, range_: Range) -> str:
    """The CTE `firsts`: the place of each unit's first event ever that passes, which may lie before the range."""
    unit, joined = unit_of(by)
    test = EARLIEST if test == "true" and by is None else test
    where = "" if test == "true" else f"\n    WHERE {test}"
    return cte(
        "firsts",
        f"""
SELECT unit, {range_.place("first_local")} AS first_place
FROM (
    SELECT {unit} AS unit, arg_min(local, time) AS first_local
    FROM all_events{joined}{where}
    GROUP BY unit
) AS ever{range_.also}""",
    )


def unit_of(by: Column | None) -> tuple[str, str]:
    """Who does an event: its SQL over the rows of `scoped`, and the join it needs."""
    return ("user_key", "") if by is None else text_of(by, "counted_by")


def text_of(field: Column, name: str) -> tuple[str, str]:
    """A field over the rows of `scoped`: its SQL, and the join it needs; empty text is missing."""
    clean = f"nullif({field.text}, '')"
    if field.level == "event":
        return clean, ""
    key, table = ("session_key", "scoped_sessions") if field.level == "session" else ("user_key", "users")
    known = f"SELECT {key} AS {name}_of, {clean} AS {name}_text FROM {table}"
    return f"{name}_text", f"\nLEFT JOIN ({known}) AS {name} ON {name}_of = {key}"


def lines(columns: Iterable[str]) -> str:
    """A SELECT list of several lines."""
    return ",\n    ".join(columns)


def cte(name: str, text: str, materialized: bool = False) -> str:
    """`text` under a name."""
    return f"{name} AS {'MATERIALIZED ' * materialized}(\n{indent(text.strip(), '    ')}\n)"
