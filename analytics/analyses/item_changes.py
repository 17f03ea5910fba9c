"""Item changes: the pages, events, clicked elements, errors and funnel steps that more, or fewer, sessions hold after.

A share is of all sessions of its side: those with at least one view of the page, event of the name, click on the
element, error of the message, or that reach the step. With `split` the same is asked of each part of the sessions, such
as of those on a phone, as a share of that part. People may have sessions on both sides; the interval knows (delta
method, `stats.overlapping`). q corrects for the whole list. Too few is said where a side has fewer than ten people, or
both sides together fewer than ten such sessions.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pydantic import with_config

from analytics import changed_items, conditions, stats
from analytics.changed_items import Kind
from analytics.conditions import STRICT, Matcher
from analytics.errors import InvalidQuestion
from analytics.metrics import FunnelGoal
from analytics.path_items import Groups, check_groups
from analytics.query import Query
from analytics.scope import Scope
from analytics.stats import Crossing, Sums
from analytics.store import Store
from analytics.two_sides import TwoSides, check_sides

ENOUGH = 10
OFTEN = 100  # stored sessions of a person

LOOKED = """
WITH looked AS (
    SELECT session_key AS key_, side, user_key AS person, {part} AS part, 1 AS weight, page_string, name_string
    FROM sided_sessions
),
"""
# Who has very many sessions is always looked at; whoever else is stands for others too.
SOME = """
WITH looked AS (
    SELECT session_key AS key_, side, sided_sessions.user_key AS person, {part} AS part,
        CASE WHEN often.user_key IS NULL THEN $one_of ELSE 1 END AS weight, page_string, name_string
    FROM sided_sessions
    LEFT JOIN (SELECT user_key FROM users WHERE sessions > $often) AS often ON often.user_key = sided_sessions.user_key
    WHERE often.user_key IS NOT NULL OR sided_sessions.user_key % $one_of = 0
),
"""
THEIRS = {"scoped": "some_events", "scoped_sessions": "some_sessions", "scoped_visits": "some_visits"}
OF_SOME = """{name} AS NOT MATERIALIZED (
    SELECT * FROM {table} WHERE session_key IN (SELECT key_ FROM looked)
),
"""
COUNTED = """,
counted AS (
    SELECT kind, item, part, grouping(part) AS whole, sum(1 - side) AS before, sum(side) AS after
    FROM seen
    GROUP BY GROUPING SETS ((kind, item), (kind, item, part))
),
usual AS (
    SELECT *, max(CASE WHEN whole = 1 THEN before + after END) OVER (PARTITION BY kind, item) AS sessions
    FROM counted
),
placed AS (
    SELECT *, dense_rank() OVER (PARTITION BY kind ORDER BY sessions DESC, item) AS place
    FROM usual
)
SELECT kind, item, part, whole, CAST(before AS BIGINT) AS before, CAST(after AS BIGINT) AS after, known
FROM (SELECT *, max(place) OVER (PARTITION BY kind) AS known FROM placed) AS every
WHERE place <= $most AND (whole = 1 OR (part IS NOT NULL AND before + after >= $enough))
ORDER BY kind, place, whole DESC, part
"""
# Of a person: so many sessions with the item before (b) and after (a), of all sessions before (m) and after (n)
SUMMED = """,
own AS (
    SELECT person AS whose, part AS of_part, grouping(part) AS of_whole, CAST(sum(1 - side) AS DOUBLE) AS m,
        CAST(sum(side) AS DOUBLE) AS n
    FROM looked
    GROUP BY GROUPING SETS ((person), (person, part))
),
of_person AS (
    SELECT person, weight, kind, item, part, grouping(part) AS whole, CAST(sum(1 - side) AS DOUBLE) AS b,
        CAST(sum(side) AS DOUBLE) AS a
    FROM seen
    GROUP BY GROUPING SETS ((person, weight, kind, item), (person, weight, kind, item, part))
),
said AS (
    SELECT item AS about, CASE WHEN min(text) = max(text) THEN max(text) END AS text
    FROM acts
    WHERE kind = 'element'
    GROUP BY item
)
SELECT kind, item, part, whole, max(CASE WHEN kind = 'element' THEN text END) AS text,
    sum(weight * b) AS before, sum(weight * a) AS after,
    sum(weight * b * b) AS before_squares, sum(weight * a * a) AS after_squares,
    sum(weight * b * m) AS before_cross, sum(weight * a * n) AS after_cross,
    sum(CASE WHEN m > 0 THEN weight ELSE 0 END) * 1e0 AS before_people,
    sum(CASE WHEN n > 0 THEN weight ELSE 0 END) * 1e0 AS after_people,
    sum(weight * b * a) AS totals, sum(weight * b * n) AS total_count, sum(weight * m * a) AS count_total
FROM of_person JOIN own ON whose = person AND of_whole = whole AND coalesce(of_part, '') = coalesce(part, '')
LEFT JOIN said ON about = item
WHERE whole = 1 OR part IS NOT NULL
GROUP BY kind, item, part, whole
ORDER BY before + after DESC, kind, item, whole, part
LIMIT 50000
"""


@with_config(STRICT)
@dataclass(frozen=True)
class ItemChanges:
    """The question: what changed from the sessions `before` to those `after`, of the `most` most usual of each kind.

    `funnel` is whose steps are looked at. `groups` put pages into one, as in paths. `split` is a field of sessions
    whose values are looked at as well. Counts are of all sessions; how a person's sessions go together, which the
    intervals need, is looked up for one of `one_of` people, drawn by their keys, and for everybody with more than 100.
    """

    before: Scope
    after: Scope
    funnel: FunnelGoal | None = None
    groups: Groups = ()
    split: str | None = None
    most: int = 200
    one_of: int = 1

    def __post_init__(self) -> None:
        check_sides(self.before, self.after)
        if not 1 <= self.most <= 1000:
            raise InvalidQuestion(f"The most usual items of a kind are 1 to 1,000, not {self.most}.")
        if self.one_of < 1:
            raise InvalidQuestion(f"One of how many people is looked at? At least one of 1, not one of {self.one_of}.")
        if self.split is not None and conditions.column(self.split, "split").level != "session":
            raise InvalidQuestion(f"Sessions are split by what holds for all of one; {self.split!r} does not.")
        check_groups(self.groups)


@dataclass(frozen=True)
class Total:
    """As the first statement gives it: so many sessions of either side; `known` items are of that kind."""

    kind: str
    item: str
    part: str | None
    whole: int
    before: int
    after: int
    known: int


@dataclass(frozen=True)
class Some:
    """The same of the people looked at, as sums over them, all weighted."""

    kind: str
    item: str
    part: str | None
    whole: int
    text: str | None
    before: float
    after: float
    before_squares: float
    after_squares: float
    before_cross: float
    after_cross: float
    before_people: float
    after_people: float
    totals: float
    total_count: float
    count_total: float


@dataclass(frozen=True)
class Item:
    """One item on both sides: `counts` of `sizes` sessions, before and after; without p where it is too little to say.

    `part`: only of the sessions that have this value of the field split by. `text`: what an element says, if it
    always says the same.
    """

    kind: Kind
    item: str
    part: str | None
    text: str | None
    counts: tuple[int, int]
    sizes: tuple[int, int]
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None

    @property
    def before(self) -> float | None:
        """The share of sessions that hold it; None of no session."""
        return self.counts[0] / self.sizes[0] if self.sizes[0] else None

    @property
    def after(self) -> float | None:
        """Likewise."""
        return self.counts[1] / self.sizes[1] if self.sizes[1] else None

    @property
    def change(self) -> float:
        """After minus before; 0 where a side has no session."""
        return 0.0 if self.before is None or self.after is None else self.after - self.before

    @property
    def clear(self) -> bool:
        """Whether it is more than noise."""
        return (
            self.q is not None and self.q < 0.05 and self.low is not None and self.high is not None
            and not self.low <= 0 <= self.high
        )  # fmt: skip


@dataclass(frozen=True)
class Known:
    """There are so many items of a kind; if they are more than asked for, only the most usual are compared."""

    kind: Kind
    items: int


@dataclass(frozen=True)
class ItemChangesResult:
    """The answer, what changed clearly and most first: among those, by how sure the change is at least."""

    items: tuple[Item, ...]
    sessions: tuple[int, int]
    known: tuple[Known, ...]
    queries: tuple[Query, ...]


EXAMPLE = ItemChanges(
    before=Scope(releases=("1.0",)),
    after=Scope(releases=("1.1",)),
    funnel=FunnelGoal((Matcher(name="add_to_cart"), Matcher(name="page_view", page="/cart"), Matcher(name="order"))),
    groups=("/product/*", "/category/*"),
    split="device",
)


def queries(params: ItemChanges, scope: Scope) -> tuple[Query, ...]:
    """How many sessions hold what; then how those of a person go together. Both sides are narrowed to `scope`."""
    sides = TwoSides.within(params.before, params.after, scope)
    items = changed_items.seen(params.groups, params.funnel)
    part, values = "CAST(NULL AS VARCHAR)", dict(items.params)
    if params.split is not None:
        field = conditions.column(params.split, "split")
        part, values = field.text, values | field.params
    own = re.sub(r"\bscoped(_sessions|_visits)?\b", lambda found: THEIRS[found[0]], items.sql)
    some = SOME.format(part=part) + "".join(
        OF_SOME.format(name=name, table=table) for table, name in THEIRS.items() if re.search(rf"\b{name}\b", own)
    )
    return (
        sides.query(LOOKED.format(part=part) + items.sql + COUNTED, most=params.most, enough=ENOUGH, **values),
        sides.query(some + own + SUMMED, one_of=params.one_of, often=OFTEN, **values),
    )


def run(store: Store, params: ItemChanges, scope: Scope) -> ItemChangesResult:
    """Ask `store`; where a side is empty, everything is too little to say."""
    asked = queries(params, scope)
    rows = store.rows(asked[0], Total)
    some = {_key(row): row for row in store.rows(asked[1], Some)}
    bases = {row.part: row for row in rows if row.kind == "all"}
    if not bases:
        return ItemChangesResult((), (0, 0), (), asked)
    known = {row.kind: row.known for row in rows if row.kind != "all"}
    found = [_item(row, bases[row.part], some) for row in rows if row.kind != "all" and row.part in bases]
    return ItemChangesResult(
        tuple(sorted(stats.corrected(found), key=_surest)),
        (bases[None].before, bases[None].after),
        tuple(Known(kind, items) for kind, items in known.items()),  # type: ignore[arg-type]  # the statement's words
        asked,
    )


def _key(row: Total | Some) -> tuple[object, ...]:
    return row.kind, row.item, row.part, row.whole


def _surest(each: Item) -> tuple[object, ...]:
    least = min(abs(each.low or 0), abs(each.high or 0)) if each.clear else 0.0
    return not each.clear, -least, -abs(each.change), each.kind, each.item, each.part or ""


def _item(row: Total, base: Total, some: Mapping[tuple[object, ...], Some]) -> Item:
    looked, whole = some.get(_key(row)), some.get(_key(base))
    counts, sizes = (row.before, row.after), (base.before, base.after)
    found = Item(row.kind, row.item, row.part, looked and looked.text, counts, sizes)  # type: ignore[arg-type]
    if whole is None or min(sizes) == 0 or sum(counts) < ENOUGH:
        return found
    before, after, crossing = _sums(row, base, looked or _like_all(whole), whole)
    if min(before.people, after.people) < ENOUGH:
        return found
    figures = stats.overlapping(before, after, crossing)
    return replace(found, low=figures.low, high=figures.high, p=figures.p)


def _like_all(whole: Some) -> Some:
    """Of an item that nobody who was looked at has: taken to be as spread as all sessions are."""
    return replace(whole, totals=0.0, total_count=0.0, count_total=0.0)


def _sums(row: Total, base: Total, some: Some, whole: Some) -> tuple[Sums, Sums, Crossing]:
    """Over all people. What stands for them is weighted, then scaled so that its counts are those of all.

    A ratio estimate (Cochran 1977, Sampling Techniques, chapter 6): of the sum of (b - share * m) squared, and of the
    product of these on both sides, with the shares of the people looked at. Where all are looked at, nothing is scaled.
    """
    one, more = _side(row.before, base.before, some.before, whole.before, some.before_squares, some.before_cross,
                      whole.before_squares, whole.before_people)  # fmt: skip
    two, most = _side(row.after, base.after, some.after, whole.after, some.after_squares, some.after_cross,
                      whole.after_squares, whole.after_people)  # fmt: skip
    larger = base.before / whole.before if whole.before else 1.0, base.after / whole.after if whole.after else 1.0
    scale = math.sqrt(more * most)
    p, q = larger[0] / more if more else 1.0, larger[1] / most if most else 1.0
    crossing = Crossing(
        some.totals * scale, some.total_count * scale * q, some.count_total * scale * p, whole.totals * scale * p * q
    )
    return one, two, crossing


def _side(
    count: int, size: int, some: float, whole: float, squares: float, cross: float, counts: float, people: float
) -> tuple[Sums, float]:
    """Of one side, and how many times what was looked at stands for all with the item."""
    if not whole:
        return Sums(size, count, count, 0, 0, 0, 0), 1.0
    larger = size / whole
    if not count:
        return Sums(size, 0, 0, round(people * larger), 0, 0, counts * larger), larger
    if not some:
        each = count * counts / whole
        return Sums(size, count, count, round(people * larger), each, each, counts * larger), larger
    more = count / some
    return (
        Sums(size, count, count, round(people * larger), squares * more, cross * larger, counts * larger**2 / more),
        more,
    )


def compared(items: Iterable[Item]) -> int:
    """How many of them could be tested."""
    return sum(item.q is not None for item in items)
