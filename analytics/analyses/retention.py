"""Retention: how many of those who did something in an hour, day, week or month come back in later ones.

A cohort is a row: the people that did the start event in its interval. Value 0 is their number; value j > 0 are those
of them that did the return event in the interval j later, at least `minimum_occurrences` times in it.

    recurring    in every row whose interval has their start event
    first_time   only in the row of their first start event ever (of all stored events, in scope or not)
    rolling      in that interval or any later one of the range
    brackets     several intervals together: [1, 2, 4] is 1, then 2 to 3, then 4 to 7 later
    breakdown    cohorts by the value at the first start event in the interval

Intervals are those of the event's own time on a clock of the reporting zone. The last one holds the scope's last day
(without one, the last stored event). Only events of sessions in scope count.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, with_config

from analytics import intervals, retention_sql, stats
from analytics.conditions import STRICT, Condition, Matcher, column
from analytics.errors import InvalidQuestion
from analytics.intervals import Grid, Period, WeekStart
from analytics.query import Query
from analytics.retention_sql import Shape
from analytics.scope import Scope
from analytics.stats import Sums
from analytics.store import Store

ANY = Matcher()
MOST, MOST_OF_VALUES = 366, 100  # intervals; with a breakdown each value has as many cells
ALIASED = STRICT | ConfigDict(serialize_by_alias=True, validate_by_name=False)

CELLS = """,
cohorts AS (
    SELECT lane, of_place, slot, CAST(sum(people) AS BIGINT) AS people
    FROM started JOIN cells ON of_place = place AND (slot = 0 OR {back})
    GROUP BY lane, of_place, slot
)
SELECT lane, {value} AS value, {known} AS known, of_place AS place, slot, people,
    0 AS total, 0 AS of, 0 AS squares, 0 AS crosses, 0 AS counts
FROM cohorts{joined}"""
CURVE = """
UNION ALL
SELECT lane, CAST(NULL AS VARCHAR), 0, -1, slot, people, total, of, squares, crosses, counts
FROM curve"""
IN_ORDER = "\nORDER BY lane, place, slot"


@with_config(ALIASED)
@dataclass(frozen=True)
class Retention:
    """The question: `intervals` of a `period`, the last ones of the scope.

    `start` and `returning` (in JSON: `return`) are any event unless said. `brackets` are numbers of intervals, taken
    together from the first one after the start. `breakdown` names a field; its `top` values have cohorts of their own.
    `by` is `user` or a field whose values are counted instead of people.
    """

    period: Period = "week"
    start: Matcher = ANY
    returning: Annotated[Matcher, Field(alias="return")] = ANY
    mode: Literal["recurring", "first_time"] = "recurring"
    rolling: bool = False
    minimum_occurrences: int = 1
    intervals: int = 12
    week_start: WeekStart = "monday"
    brackets: tuple[int, ...] = ()
    breakdown: str | None = None
    top: int = 5
    by: str = "user"

    def __post_init__(self) -> None:
        most = MOST_OF_VALUES if self.breakdown is not None else MOST
        if not 1 <= self.intervals <= most:
            how = " with a breakdown" if self.breakdown is not None else ""
            raise InvalidQuestion(f"Retention has 1 to {most} intervals{how}, not {self.intervals}.")
        if self.minimum_occurrences < 1:
            raise InvalidQuestion(f"Returning takes at least 1 event in an interval, not {self.minimum_occurrences}.")
        if any(size < 1 for size in self.brackets):
            raise InvalidQuestion(f"A bracket has 1 interval or more, not {min(self.brackets)}.")
        if not 1 <= self.top <= 20:
            raise InvalidQuestion(f"A breakdown shows 1 to 20 values, not {self.top}.")
        if self.breakdown is not None:
            column(self.breakdown, "x")
        if self.by != "user" and column(self.by, "x").level == "session" and self.mode == "first_time":
            raise InvalidQuestion(
                f"First time looks at all stored events, and {self.by!r} is of sessions; count people instead."
            )

    @property
    def grid(self) -> Grid:
        """The intervals."""
        return Grid(self.period, self.intervals, self.week_start)

    @property
    def slots(self) -> tuple[tuple[int, int], ...]:
        """First and last interval after the start of each value from 1 on."""
        ends = tuple(accumulate(self.brackets)) if self.brackets else tuple(range(1, self.intervals))
        begins = (1, *(end + 1 for end in ends))
        pairs = [(begin, end) for begin, end in zip(begins, ends, strict=False) if begin < self.intervals]
        return tuple((begin, self.intervals - 1 if self.rolling else end) for begin, end in pairs)

    @property
    def reach(self) -> tuple[int, ...]:
        """Per value the last interval after the start that must be over for it to be settled."""
        if not self.brackets:
            return tuple(range(self.intervals))
        return (0, *(end for end in accumulate(self.brackets)))[: len(self.slots) + 1]


@dataclass(frozen=True)
class Row:
    """`people` of the cohort at `place` (from 0) that came back in `slot` (0: the cohort itself).

    `lane` 0 is everybody, else the rank of `value`, of `known` ones; beyond the top ones: all the rest. At place -1
    stand the curve's sums over people; see `retention_sql.curve`.
    """

    lane: int
    value: str | None
    known: int
    place: int
    slot: int
    people: int
    total: int
    of: int
    squares: int
    crosses: int
    counts: int


@dataclass(frozen=True)
class Latest:
    """The last stored event on a clock of the reporting zone."""

    latest: datetime | None


@dataclass(frozen=True)
class Cohort:
    """`size` did the start event in the interval from `start` (ISO 8601, on a clock of the reporting zone).

    `returned` begins with `size` itself. Of its values the first `complete` are of intervals that were over at the last
    stored event. The first `settled` are also in the scope's range whole: those after them may still look like a fall.
    """

    start: str
    size: int
    returned: tuple[int, ...]
    complete: int
    settled: int


@dataclass(frozen=True)
class Point:
    """Of the `of` memberships of `cohorts` cohorts whose value `slot` is settled, `returned` came back in it.

    `share` is their mean, each cohort by its size (None where nobody had the time), with its 95 % interval, for
    which people are independent and their cohorts are not. The interval is None beyond 62 intervals.
    """

    slot: int
    returned: int
    of: int
    cohorts: int
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        """From 0 to 1."""
        return self.returned / self.of if self.of else None


@dataclass(frozen=True)
class Breakdown:
    """The cohorts of those of one `value` (None: without one), or of `others` values together."""

    value: str | None
    others: int
    cohorts: tuple[Cohort, ...]
    curve: tuple[Point, ...]

    @property
    def people(self) -> int:
        """Their memberships of cohorts."""
        return sum(cohort.size for cohort in self.cohorts)


@dataclass(frozen=True)
class RetentionResult:
    """The answer: a cohort per interval, from the first to the last, also where nobody began; then by value.

    `curve` has their mean for each value but the first.
    """

    cohorts: tuple[Cohort, ...]
    curve: tuple[Point, ...] = ()
    breakdowns: tuple[Breakdown, ...] = ()
    queries: tuple[Query, ...] = field(default=(), repr=False)


EXAMPLE = Retention("week", Matcher(name="page_view"), Matcher(name="order"), intervals=8, breakdown="device", top=2)


def shape(params: Retention) -> Shape:
    """The question as the statements need it."""
    start, back = params.start.test("start"), params.returning.test("return")
    same = params.start == params.returning
    return Shape(
        params.grid,
        start,
        None if same else back,
        params.slots,
        params.reach,
        params.rolling,
        by=None if params.by == "user" else column(params.by, "by"),
        minimum=params.minimum_occurrences,
        first_ever=params.mode == "first_time",
        field=column(params.breakdown, "breakdown") if params.breakdown is not None else None,
        top=params.top,
    )


def started(params: Retention, scope: Scope, alone: bool = False) -> Condition:
    """The CTEs up to `started` and `cells`; see `retention_sql`."""
    asked = shape(params)
    range_ = intervals.range_of(asked.grid, scope)
    ctes = retention_sql.people(asked, scope)
    rest = [] if alone else [retention_sql.patterns(asked)]
    rest += [retention_sql.places(asked), *retention_sql.started(asked, range_, alone), *retention_sql.cells(asked)]
    if not alone and len(asked.words) == 1:
        rest += retention_sql.curve(asked, range_)
    return Condition(",\n".join([ctes.sql, *rest]), ctes.params, "")


def queries(params: Retention, scope: Scope) -> tuple[Query, ...]:
    """The people of every cell and the curve's sums, and the last stored event."""
    asked = shape(params)
    ctes = started(params, scope)
    value, known, joined = "CAST(NULL AS VARCHAR)", "0", ""
    if params.breakdown is not None:
        value, known, joined = "nullif(value, '')", "CAST(known AS INTEGER)", " LEFT JOIN ranked ON rank = lane"
    counted = CELLS.format(back=retention_sql.came_back(asked), value=value, known=known, joined=joined)
    counted += (CURVE if len(asked.words) == 1 else "") + IN_ORDER
    return scope.query(ctes.sql + counted, **ctes.params), scope.query(intervals.LATEST)


def run(store: Store, params: Retention, scope: Scope) -> RetentionResult:
    """Ask `store`; a scope that nobody is in gives cohorts of nobody, a store without events none."""
    latest = store.rows(scope.query(intervals.LATEST), Latest)[0].latest
    asked = queries(params, intervals.bounded(scope, latest))
    rows = store.rows(asked[0], Row)
    sums = {(row.lane, row.slot): row for row in rows if row.place < 0}
    cells = [row for row in rows if row.place >= 0]
    lanes: dict[int, dict[tuple[int, int], int]] = defaultdict(dict)
    whole: dict[tuple[int, int], int] = defaultdict(int)
    for cell in cells:
        lanes[cell.lane][cell.place, cell.slot] = cell.people
        whole[cell.place, cell.slot] += cell.people
    found = _cohorts(params, scope, whole, latest)
    curve = _curve(params, found, sums, 0)
    if params.breakdown is None:
        return RetentionResult(found, curve, queries=asked)
    values = {cell.lane: cell.value for cell in cells}
    known = max((cell.known for cell in cells), default=0)
    parts = []
    for lane in sorted(lanes):
        own = _cohorts(params, scope, lanes[lane], latest)
        rest = lane > params.top
        value, others = (None, max(known - params.top, 0)) if rest else (values[lane], 0)
        parts.append(Breakdown(value, others, own, _curve(params, own, sums, lane)))
    return RetentionResult(found, curve, tuple(parts), asked)


def _cohorts(
    params: Retention, scope: Scope, counts: Mapping[tuple[int, int], int], latest: datetime | None
) -> tuple[Cohort, ...]:
    grid = params.grid
    last = grid.last(scope, latest)
    if last is None:
        return ()
    first = last - params.intervals + 1
    over = min(grid.over(latest), last + 1)
    cut = intervals.range_of(grid, scope).cut
    found = []
    for place in range(params.intervals):
        slots = [0, *(n for n, (since, _) in enumerate(params.slots, 1) if place + since < params.intervals)]
        returned = tuple(counts.get((place, slot), 0) for slot in slots)
        complete = sum(first + place + params.reach[slot] < over for slot in slots)
        settled = sum(first + place + params.reach[slot] < min(over, last + 1 - cut) for slot in slots)
        found.append(Cohort(grid.said(first + place), returned[0], returned, complete, settled))
    return tuple(found)


def _curve(
    params: Retention, cohorts: Sequence[Cohort], sums: Mapping[tuple[int, int], Row], lane: int
) -> tuple[Point, ...]:
    points = []
    for slot in range(1, len(params.slots) + 1):
        settled = [cohort for cohort in cohorts if slot < cohort.settled and cohort.size]
        returned, of = sum(one.returned[slot] for one in settled), sum(one.size for one in settled)
        low, high = None, None
        if row := sums.get((lane, slot)):
            low, high = stats.share_interval(
                Sums(row.of, row.total, row.total, row.people, row.squares, row.crosses, row.counts)
            )
        points.append(Point(slot, returned, of, len(settled), low, high))
    return tuple(points)
