"""The statements behind retention: a person's intervals as bits, and a cell of the triangle as an AND of numbers.

A unit (see `intervals`) is one row, its intervals bits, `WORD` of them to a number; units that did alike are one row
together. Only our own identifiers and numbers are written into the text.
"""

# ruff: noqa: S608 - a statement builder: what it joins are its own names, numbers and the conditions of conditions.py

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.conditions import Column, Condition, merged
from analytics.intervals import (
    EARLIEST,
    LATEST,
    Grid,
    Range,
    active,
    cte,
    firsts,
    lines,
    range_of,
    text_of,
    unit_of,
)
from analytics.scope import Scope

WORD = 62  # bits of a BIGINT that can be shifted without a thought for its sign


@dataclass(frozen=True)
class Shape:
    """What is asked of people's intervals. `back` None: returning is the start event itself.

    `slots` are the first and last interval, after the start's, of each value but the first (place 0); `reach` the one,
    of all of them, that must be over for the value to be settled. `by` None counts people. `field` parts the cohorts by
    its value at the unit's first start event in the interval: the `top` ones with most, and the rest.
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


def people(shape: Shape, scope: Scope) -> Condition:
    """The CTEs up to `people`: per unit `starts_1` ... and `returns_1` ..., a bit per place of the range."""
    range_ = range_of(shape.grid, scope)
    ctes = [*range_.ctes, *_done("started", shape, shape.start, range_)]
    same = shape.back is None and shape.minimum == 1
    starts = [f"bit_or({bit}) AS starts_{word}" for word, bit in _bits(shape)]
    if same and not shape.first_ever:
        starts += [f"bit_or({bit}) AS returns_{word}" for word, bit in _bits(shape)]
    begun = "everybody" if shape.first_ever else "people" if same else "starters"
    ctes.append(cte(begun, f"SELECT {lines(['unit', *starts])}\nFROM started_at\nGROUP BY unit"))
    if shape.first_ever:
        ctes += [firsts(shape.start.sql, shape.by, range_), _newcomers(shape, "people" if same else "starters")]
    if not same:
        moved = any(one.startswith("moved AS") for one in ctes)
        ctes += [one for one in _returned(shape, range_) if not (moved and one.startswith("moved AS"))]
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


def _done(what: str, shape: Shape, test: Condition, range_: Range, once: bool = True) -> list[str]:
    """The CTEs up to `WHAT_at`: the places in which a unit did an event that passes; `once`: how often is no matter."""
    if once and shape.by is None and shape.grid.period != "hour":
        days = f"{what}_on"
        text = f"SELECT unit, {range_.place('active_on')} AS place\nFROM {days}{range_.also}"
        return [*active(days, test, range_), cte(f"{what}_at", text)]
    unit, joined = unit_of(shape.by)
    tests = [*([] if test.sql == "true" else [f"({test.sql})"]), range_.inside("local")]
    if shape.by is not None:
        tests.append(f"{unit} IS NOT NULL")
    text = f"""
SELECT {unit} AS unit, {range_.place("local")} AS place
FROM scoped{joined}{range_.also}
WHERE {" AND ".join(tests)}"""
    return [cte(f"{what}_at", text)]


def _returned(shape: Shape, range_: Range) -> list[str]:
    ctes = _done("returned", shape, shape.back or shape.start, range_, once=shape.minimum == 1)
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
    number = f"{range_.grid.numbered('latest')} - {range_.first}"
    over = f"CAST(least(greatest({number}, 0), {shape.grid.count - range_.cut}) AS INTEGER)"
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
    if _even(shape) and shape.slots:
        series = f"{source} CROSS JOIN {_series('slot', 1, len(shape.slots))}"
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
        f"SELECT {lines(columns)}\nFROM {_series('place', 0, shape.grid.count - 1)}",
    )


def cells(shape: Shape) -> list[str]:
    """The CTEs up to `cells`: per cohort `of_place` and `slot` the bits of the intervals in it that the range has."""
    last = shape.grid.count - 1
    slots = ["SELECT 0 AS slot, 0 AS since, 0 AS till"]
    if _even(shape):
        till = "slot" if shape.slots and shape.slots[0][1] == 1 else str(last)
        if shape.slots:
            slots.append(f"SELECT slot, slot AS since, {till} AS till\nFROM {_series('slot', 1, len(shape.slots))}")
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


def _series(name: str, first: int, last: int) -> str:
    """A table of the whole numbers from `first` to `last`, called `name`."""
    numbers = f"SELECT unnest(generate_series({first}, {last})) AS number_"
    return f"(SELECT CAST(number_ AS INTEGER) AS {name} FROM ({numbers}) AS numbers) AS of_{name}"


def _even(shape: Shape) -> bool:
    """Whether every slot begins one interval after the one before, and is that one alone or reaches to the end."""
    single = all(since == till for since, till in shape.slots)
    return all(since == n for n, (since, _) in enumerate(shape.slots, 1)) and (single or shape.rolling)


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
    if test == "true" and shape.by is None and shape.grid.period != "hour":
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
