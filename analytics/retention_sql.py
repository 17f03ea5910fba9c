"""The statements behind retention, stickiness and lifecycle: in which intervals people do an event.

An interval is an hour, day, week or month of the event's own time on a clock of the reporting zone. It has a number
that counts from a fixed one (see `numbered`), and a place, which counts from 0 in the range that is looked at. The
range ends with the interval that holds the scope's last day, else the last stored event's.

Who is counted is a unit: a person, or a value of a field. A unit's intervals are kept as bits, `WORD` of them to a
number, so that a person is one row, people who did alike are one row together, and a cell of the triangle is an
AND of numbers. Only our own identifiers and numbers are written into the text.
"""

# ruff: noqa: S608 - a statement builder: what it joins are its own names, numbers and the conditions of conditions.py

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from textwrap import indent
from typing import Literal

from analytics.conditions import Column, Condition, merged
from analytics.scope import Scope

Period = Literal["hour", "day", "week", "month"]
WeekStart = Literal["monday", "sunday"]

WORD = 62  # bits of a BIGINT that can be shifted without a thought for its sign
ZERO = date(1900, 1, 1)  # a Monday before anybody's events
LATEST = "SELECT max(local) AS latest FROM all_events"

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

    @property
    def _shift(self) -> int:
        return 0 if self.week_start == "monday" else 1


@dataclass(frozen=True)
class Shape:
    """What is asked of people's intervals. `back` None: returning is the start event itself.

    `slots` are the first and last interval, after the start's, of each value but the first (place 0); `reach` the one,
    of all of them, that must be over for the value to be settled. `by` None counts people. `whole`: start and return
    are any event, so that sessions tell all. `field` parts the cohorts by its value at the unit's first start event in
    the interval: the `top` ones with most, and the rest.
    """

    grid: Grid
    start: Condition
    back: Condition | None
    slots: tuple[tuple[int, int], ...]
    reach: tuple[int, ...]
    rolling: bool = False
    by: Column | None = None
    minimum: int = 1
    first_ever: bool = False
    whole: bool = False
    field: Column | None = None
    top: int = 0

    @property
    def words(self) -> range:
        """The numbers, from 1, that hold a unit's bits."""
        return range(1, (self.grid.count - 1) // WORD + 2)

    @property
    def params(self) -> dict[str, object]:
        """Values of the conditions."""
        conditions = [self.start, *([self.back] if self.back else [])]
        columns = [column for column in (self.by, self.field) if column]
        return merged([*(condition.params for condition in conditions), *(column.params for column in columns)])


@dataclass(frozen=True)
class Range:
    """The intervals looked at, as statements need them: known beforehand, or found by the statement's CTE `ends`."""

    grid: Grid
    known: tuple[int, int] | None
    last: datetime | None = None  # hours end with the last stored event's, and here at the latest
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
    return Range(grid, (last - grid.count + 1, last))


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


def people(shape: Shape, scope: Scope) -> Condition:
    """The CTEs up to `people`: per unit `starts_1` ... and `returns_1` ..., a bit per place of the range."""
    range_ = range_of(shape.grid, scope)
    whole = shape.whole and shape.by is None and shape.grid.period != "hour"
    ctes = [*range_.ctes]
    if whole:
        ctes += [
            days_of(range_),
            cte("started_at", f"SELECT unit, {range_.place('active_on')} AS place\nFROM active{range_.also}"),
        ]
    else:
        ctes.append(_done("started_at", shape, shape.start, range_))
    same = shape.back is None and shape.minimum == 1
    starts = [f"bit_or({bit}) AS starts_{word}" for word, bit in _bits(shape)]
    if same and not shape.first_ever:
        starts += [f"bit_or({bit}) AS returns_{word}" for word, bit in _bits(shape)]
    begun = "everybody" if shape.first_ever else "people" if same else "starters"
    ctes.append(cte(begun, f"SELECT {lines(['unit', *starts])}\nFROM started_at\nGROUP BY unit"))
    if shape.first_ever:
        ctes += [firsts(shape.start.sql, shape.by, range_), _newcomers(shape, "people" if same else "starters")]
    if not same:
        ctes += _returned(shape, range_)
    values: list[dict[str, object]] = [range_.params, shape.params]
    if shape.minimum > 1:
        values.append({"minimum": shape.minimum})
    return Condition("WITH " + ",\n".join(ctes), merged(values), "")


def _bits(shape: Shape) -> list[tuple[int, str]]:
    """Per word the bit of `place`, or 0 where it is in another one."""
    found = []
    for word in shape.words:
        low, high = WORD * (word - 1), WORD * word - 1
        bit = f"CAST(1 AS BIGINT) << (place - {low})" if low else "CAST(1 AS BIGINT) << place"
        found.append(
            (word, bit if len(shape.words) == 1 else f"CASE WHEN place BETWEEN {low} AND {high} THEN {bit} ELSE 0 END")
        )
    return found


def days_of(range_: Range) -> str:
    """The CTE `active`: `unit` did something on the day `active_on`; a pair may come several times."""
    return cte(
        "active",
        f"""
SELECT user_key AS unit, day AS active_on  -- its first day is a session's own
FROM scoped_sessions{range_.also}
WHERE people = 1 AND {range_.inside("day")}
UNION ALL
SELECT user_key, CAST(local AS DATE)
FROM scoped{range_.also}
WHERE CAST(local AS DATE) <> day AND {range_.inside("local")}
UNION ALL
SELECT user_key, CAST(local AS DATE)
FROM scoped{range_.also}
WHERE session_key IN (SELECT session_key FROM scoped_sessions WHERE people > 1) AND {range_.inside("local")}""",
    )


def active(test: Condition, range_: Range) -> str:
    """The CTE `active`: the days, several times, on which a person (`unit`) did an event that passes."""
    if test.sql == "true":
        return days_of(range_)
    return cte(
        "active",
        f"""
SELECT user_key AS unit, CAST(local AS DATE) AS active_on
FROM scoped{range_.also}
WHERE ({test.sql}) AND {range_.inside("local")}""",
    )


def moments(test: Condition, range_: Range) -> str:
    """The same with the time itself, for hours."""
    tests = [*([] if test.sql == "true" else [f"({test.sql})"]), range_.inside("local")]
    return cte(
        "active",
        f"""
SELECT user_key AS unit, local AS active_on
FROM scoped{range_.also}
WHERE {" AND ".join(tests)}""",
    )


def _done(name: str, shape: Shape, test: Condition, range_: Range) -> str:
    """A row per event that passes: its unit, and the place of its interval."""
    unit, joined = unit_of(shape.by)
    tests = [*([] if test.sql == "true" else [f"({test.sql})"]), range_.inside("local")]
    if shape.by is not None:
        tests.append(f"{unit} IS NOT NULL")
    return cte(
        name,
        f"""
SELECT {unit} AS unit, {range_.place("local")} AS place
FROM scoped{joined}{range_.also}
WHERE {" AND ".join(tests)}""",
    )


def _returned(shape: Shape, range_: Range) -> list[str]:
    ctes = [_done("returned_at", shape, shape.back or shape.start, range_)]
    source = "returned_at"
    if shape.minimum > 1:
        text = "SELECT unit, place\nFROM returned_at\nGROUP BY unit, place\nHAVING count(*) >= $minimum"
        ctes.append(cte("enough", text))
        source = "enough"
    returns = [f"bit_or({bit}) AS back_{word}" for word, bit in _bits(shape)]
    ctes.append(cte("returners", f"SELECT {lines(['unit', *returns])}\nFROM {source}\nGROUP BY unit"))
    columns = ["starters.*", *(f"coalesce(back_{word}, 0) AS returns_{word}" for word in shape.words)]
    text = f"SELECT {lines(columns)}\nFROM starters LEFT JOIN returners ON returners.unit = starters.unit"
    return [*ctes, cte("people", text)]


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


def _newcomers(shape: Shape, name: str) -> str:
    """Everybody whose first start event ever is in the range, with its place as their only start."""
    columns = ["everybody.unit"]
    for word, bit in _bits(shape):
        columns.append(f"starts_{word} & ({bit.replace('place', 'first_place')}) AS starts_{word}")
        columns += [f"starts_{word} AS returns_{word}"] if name == "people" else []
    return cte(
        name,
        f"""
SELECT {lines(columns)}
FROM everybody JOIN firsts ON firsts.unit = everybody.unit
WHERE first_place BETWEEN 0 AND {shape.grid.count - 1}""",
    )


def started(shape: Shape, range_: Range, alone: bool) -> list[str]:
    """The CTEs up to `started`, a row per cohort (`place`) a unit is in: `lane`, its bits, and `people`.

    `alone` keeps units apart, else those with the same intervals are one row. `lane` is the rank of the breakdown's
    value, one more than `top` for the rest, and 0 without a breakdown.
    """
    returns = [f"returns_{word}" for word in shape.words]
    if shape.field is not None:
        return [*_valued(shape, range_), _started_of(shape, returns, alone)]
    source, unit, number = ("people", "unit, ", "1 AS people") if alone else ("patterns", "", "people")
    text = f"""
SELECT {unit}0 AS lane, place, {", ".join(returns)}, {number}
FROM {source} JOIN places ON {has(shape, "starts")}"""
    return [cte("started", text)]


def patterns(shape: Shape) -> str:
    """The CTE `patterns`: people who did alike together."""
    columns = ", ".join(f"{name}_{word}" for name in ("starts", "returns") for word in shape.words)
    return cte("patterns", f"SELECT {columns}, count(*) AS people\nFROM people\nGROUP BY {columns}", materialized=True)


def curve(shape: Shape, range_: Range) -> list[str]:
    """The CTEs up to `curve`: per `lane` and `slot` sums over people, of the cells that are over.

    `of` is the sum of each person's cohorts m, `total` of those x in which they came back; then the sums of x * x,
    x * m and m * m, from which the mean's variance follows. Only where a person's bits are one number.
    """
    lanes = "SELECT 0 AS lane, starts_1, returns_1, people\nFROM patterns"
    if shape.field is not None:
        lane = f"CAST(least(rank, {shape.top + 1}) AS INTEGER)"
        lanes += f"""
UNION ALL
SELECT lane, starts_1, returns_1, count(*)
FROM (
    SELECT unit, {lane} AS lane, bit_or(CAST(1 AS BIGINT) << place) AS starts_1, max(returns_1) AS returns_1
    FROM kept JOIN ranked ON ranked.value = kept.value
    GROUP BY unit, {lane}
) AS of_lanes
GROUP BY lane, starts_1, returns_1"""
    over = f"CAST(least(greatest({range_.grid.numbered('latest')} - {range_.first}, 0), {shape.grid.count}) AS INTEGER)"
    return [
        cte("lanes", lanes, materialized=True),
        cte("ended", f"SELECT {over} AS over_place\nFROM ({LATEST}) AS stored{range_.also}"),
        cte("tried", "\nUNION ALL\n".join(_tried(shape))),
        cte(
            "curve",
            """
SELECT lane, slot, CAST(sum(people) AS BIGINT) AS people, CAST(sum(people * x) AS BIGINT) AS total,
    CAST(sum(people * m) AS BIGINT) AS of, CAST(sum(people * x * x) AS BIGINT) AS squares,
    CAST(sum(people * x * m) AS BIGINT) AS crosses, CAST(sum(people * m * m) AS BIGINT) AS counts
FROM tried
WHERE m > 0
GROUP BY lane, slot""",
        ),
    ]


def _tried(shape: Shape) -> list[str]:
    """Per pattern and slot: `m` cohorts whose cell is over, in `x` of them there was a return."""
    form = """
SELECT lane, {slot} AS slot, people,
    CAST(bit_count(starts_1 & ((CAST(1 AS BIGINT) << greatest(over_place - {reach}, 0)) - 1)) AS BIGINT) AS m,
    CAST(bit_count(starts_1 & ((CAST(1 AS BIGINT) << greatest(over_place - {reach}, 0)) - 1) & ({back})) AS BIGINT) AS x
FROM {source}"""
    source = "lanes CROSS JOIN ended"
    if _even(shape.slots) and shape.slots:
        series = f"{source} CROSS JOIN (SELECT {_series(1, len(shape.slots))} AS slot) AS slots_later"
        if shape.slots[0] == (1, 1):
            return [form.format(slot="slot", reach="slot", back="returns_1 >> slot", source=series).strip()]
        return [form.format(slot="slot", reach="slot", back=f"({_or_later()}) >> slot", source=series).strip()]
    found = []
    for slot, (since, till) in enumerate(shape.slots, 1):
        shifts = " | ".join(f"(returns_1 >> {n})" for n in range(since, till + 1))
        back = f"({_or_later()}) >> {since}" if shape.rolling else shifts
        found.append(form.format(slot=slot, reach=shape.reach[slot], back=back, source=source).strip())
    return found or [form.format(slot=0, reach=0, back="0", source=f"{source}\nWHERE false").strip()]


def _or_later() -> str:
    """Every bit up to the highest one that is set: in that interval or any later one."""
    text = "returns_1"
    for shift in (1, 2, 4, 8, 16, 32):
        text = f"({text} | ({text} >> {shift}))"
    return text


def has(shape: Shape, name: str) -> str:
    """Whether the bit of `place` is set, beside the CTE `places`."""
    return " OR ".join(f"({name}_{word} & bit_{word}) <> 0" for word in shape.words)


def places(shape: Shape) -> str:
    """The CTE `places`: each place of the range, and its bit in each word."""
    columns = ["place", *(f"{bit} AS bit_{word}" for word, bit in _bits(shape))]
    return cte(
        "places",
        f"SELECT {lines(columns)}\nFROM (SELECT {_series(0, shape.grid.count - 1)} AS place) AS x",
    )


def cells(shape: Shape) -> list[str]:
    """The CTEs up to `cells`: per cohort `of_place` and `slot` the bits of the intervals in it that the range has."""
    last = shape.grid.count - 1
    slots = ["SELECT 0 AS slot, 0 AS since, 0 AS till"]
    if _even(shape.slots):
        till = "slot" if shape.slots and shape.slots[0][1] == 1 else str(last)
        if shape.slots:
            series = _series(1, len(shape.slots))
            slots.append(f"SELECT slot, slot AS since, {till} AS till\nFROM (SELECT {series} AS slot) AS x")
    else:
        slots += [f"SELECT {n}, {since}, {till}" for n, (since, till) in enumerate(shape.slots, 1)]
    columns = ["of_place", "slot"]
    for word in shape.words:
        low, high = WORD * (word - 1), WORD * word - 1
        begin, end = (
            (f"greatest(begin_place, {low})", f"least(end_place, {high})")
            if low
            else ("begin_place", f"least(end_place, {high})")
        )
        mask = f"((CAST(1 AS BIGINT) << ({end} - {begin} + 1)) - 1) << ({begin} - {low})"
        columns.append(f"CASE WHEN {begin} <= {end} THEN {mask} ELSE 0 END AS mask_{word}")
    return [
        cte("slots", "\nUNION ALL\n".join(slots)),
        cte(
            "bounds",
            f"""
SELECT place AS of_place, slot, place + since AS begin_place, least(place + till, {last}) AS end_place
FROM places CROSS JOIN slots
WHERE place + since <= {last}""",
        ),
        cte("cells", f"SELECT {lines(columns)}\nFROM bounds"),
    ]


def _series(first: int, last: int) -> str:
    return f"CAST(unnest(generate_series({first}, {last})) AS INTEGER)"


def _even(slots: Sequence[tuple[int, int]]) -> bool:
    """Whether every slot begins one interval after the one before, and all end alike."""
    single = all(since == till for since, till in slots)
    return all(since == n for n, (since, _) in enumerate(slots, 1)) and (
        single or len({till for _, till in slots}) == 1
    )


def came_back(shape: Shape) -> str:
    """Whether a row of `started` has an interval of the cell."""
    return " OR ".join(f"(returns_{word} & mask_{word}) <> 0" for word in shape.words)


def _valued(shape: Shape, range_: Range) -> list[str]:
    field = shape.field
    if field is None:
        raise TypeError("a breakdown has a field")
    unit, joined = unit_of(shape.by)
    value, also = text_of(field, "valued")
    test = shape.start.sql
    if shape.whole and shape.by is None and shape.grid.period != "hour":
        test = EARLIEST  # a person's first event of an interval is one of these
    return [
        cte(
            "valued",
            f"""
SELECT {unit} AS unit, {range_.place("local")} AS at_place, coalesce({value}, '') AS value
FROM scoped{joined}{also}{range_.also}
WHERE ({test}) AND {unit} IS NOT NULL AND {range_.inside("local")}
QUALIFY row_number() OVER (PARTITION BY {unit}, {range_.place("local")} ORDER BY time, import_id, line) = 1""",
        ),
        cte(
            "kept",
            f"""
SELECT people.*, place, value
FROM people
    JOIN valued ON valued.unit = people.unit
    JOIN places ON place = at_place
WHERE {has(shape, "starts")}""",
            True,
        ),
        cte(
            "ranked",
            """
SELECT value, row_number() OVER (ORDER BY number DESC, value = '', value) AS rank, count(*) OVER () AS known
FROM (SELECT value, count(*) AS number FROM kept GROUP BY value) AS counted_values""",
        ),
    ]


def _started_of(shape: Shape, returns: Sequence[str], alone: bool) -> str:
    lane = f"CAST(least(rank, {shape.top + 1}) AS INTEGER)"
    columns = ", ".join(["place", *returns])
    select = f"unit, rank, kept.value, {columns}" if alone else f"{lane} AS lane, {columns}, count(*) AS people"
    group = "" if alone else f"\nGROUP BY {lane}, {columns}"
    return cte("started", f"SELECT {select}\nFROM kept JOIN ranked ON ranked.value = kept.value{group}")


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
