"""The statements behind a funnel: who gets how far, and when.

Who is counted is a unit: a session, a person or a value of a field. Every form ends in the CTE `reached`, one row per
unit that did step 1 (with `lane`, per unit and value; with `period`, per unit and first day or week of an attempt):
`furthest`, the last step it reached (NULL of a unit that did not begin, which the quickest form keeps), and `moment_1`
... `moment_n`, the times of the attempt that is timed, in microseconds since 1970 and NULL where it did not do the
step. What is counted, timed and listed reads that.

The general form follows every attempt: sorting each unit's events once tells for each the next one of every step, so
that an attempt goes from step to step by a join on equal places. Only step numbers and our own identifiers are written
into the text.
"""

# ruff: noqa: S608 - a step builder: what it joins are its own names, numbers and the conditions of conditions.py

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from textwrap import indent
from typing import Literal

from analytics import funnel_names, funnel_walks
from analytics.conditions import Column, Condition, merged

MOMENT = "date_diff('microsecond', TIMESTAMP '1970-01-01 00:00:00', time)"
ORDER = "time, import_id, line"  # of a person's events over sessions


@dataclass(frozen=True)
class Exclusion:
    """An event that spoils an attempt between two steps."""

    test: Condition
    from_step: int
    to_step: int


@dataclass(frozen=True)
class Shape:
    """A funnel as the statements need it. `by` None counts sessions, a `Column` its values as texts.

    `held`: all of an attempt's events carry one value of it. `parted`: a funnel per value, over the events that carry
    it, or with `parted_step` one in which only they serve that step. `shared`: one event may serve several steps.
    `named`: every step is an event of the name `$step_n_name` and no more. `overlaps`: groups of steps that one event
    may match; steps of different groups cannot share an event. `everything`: no session is out of scope. `carried`: a
    field of sessions that the quickest form adds to `reached` as `value`.
    """

    tests: tuple[Condition, ...]
    by: Column | Literal["session", "user"] = "session"
    order: Literal["ordered", "strict", "unordered"] = "ordered"
    window_us: int | None = None
    window_from: Literal["first", "previous"] = "first"
    simultaneous_us: int | None = None
    shared: bool = False
    optional: tuple[int, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    named: bool = False
    overlaps: tuple[tuple[int, ...], ...] = ()
    held: Column | None = None
    parted: Column | None = None
    parted_step: int | None = None
    period: Literal["day", "week"] | None = None
    everything: bool = False
    carried: Column | None = None

    @property
    def chain(self) -> tuple[int, ...]:
        """The steps that an attempt has to take, by number."""
        return tuple(n for n in range(1, len(self.tests) + 1) if n not in self.optional)

    @property
    def keys(self) -> tuple[str, ...]:
        """Whose events are looked at together."""
        return ("unit", *(["held"] if self.held else []), *(["lane"] if self.parted else []))

    @property
    def walked(self) -> bool:
        """In order within a session, at most with a window: `funnel_walks` knows it, or nearly all of it."""
        return self.by == "session" and self._plain

    @property
    def by_names(self) -> bool:
        """The same with names alone for steps, of sessions or people: `funnel_names` knows it."""
        return self.named and self.by in ("session", "user") and self._plain

    @property
    def _plain(self) -> bool:
        return self == Shape(
            self.tests,
            by=self.by,
            named=self.named,
            overlaps=self.overlaps,
            window_us=self.window_us,
            window_from=self.window_from,
            everything=self.everything,
            carried=self.carried,
        )


def reached(shape: Shape) -> Condition:
    """The CTEs up to `reached`, and their values."""
    params: list[dict[str, object]] = [test.params for test in shape.tests]
    if shape.by_names:
        sql = _by_names(shape)
        params += [shape.carried.params] if shape.carried else []
    elif shape.walked:
        sql = funnel_walks.by_events(shape.tests, MOMENT) + _in_time(shape)
    else:
        params += [out.test.params for out in shape.exclusions]
        params += [field.params for field in (shape.by, shape.held, shape.parted) if isinstance(field, Column)]
        sql = "WITH " + ",\n".join([*_marked(shape), *_tries(shape), *_best(shape, "reached")])
    own = {"window_us": shape.window_us, "simultaneous_us": shape.simultaneous_us, "period": shape.period}
    # a funnel of one step has no use for a window
    params.append({name: value for name, value in own.items() if f"${name}" in sql})
    return Condition(sql, merged(params), "")


def _by_names(shape: Shape) -> str:
    last = len(shape.tests)
    if shape.by == "session":
        value = f", {_clean(shape.carried)} AS value" if shape.carried else ""
        source = funnel_names.OF_SESSIONS.format(value=value)
    else:
        source = funnel_names.OF_PERSONS if shape.everything else funnel_names.OF_PERSONS_IN_SCOPE
    columns = ["unit", "furthest", *(f"moment_{n}" for n in range(1, last + 1)), *(["value"] if shape.carried else [])]
    sql, name = funnel_names.walk(
        last,
        lambda time: MOMENT.replace("time)", f"{time})"),
        source,
        window_from=shape.window_from if shape.window_us is not None else None,
        value=shape.carried is not None,
        skipped=source == funnel_names.OF_PERSONS_IN_SCOPE,
    )
    whole = f"SELECT {', '.join(columns)}\nFROM {name}"
    ctes = []
    if shape.by == "user":
        ctes = [*_marked(shape, funnel_names.NO_JOURNEY), *_tries(shape), *_best(shape, "shared")]
        whole += f"\nUNION ALL\nSELECT {', '.join(columns)}\nFROM shared"
    return sql + "".join(",\n" + cte for cte in [*ctes, _cte("reached", whole)])


def _in_time(shape: Shape) -> str:
    """`reached` from `walked`: whose timed attempt took no longer than the window is settled, the others try anew."""
    steps = range(2, len(shape.tests) + 1)
    if shape.window_us is None or not steps:
        return ",\n" + _cte("reached", "SELECT *\nFROM walked")
    since = {n: "moment_1" if shape.window_from == "first" else f"moment_{n - 1}" for n in steps}
    late = " OR ".join(f"coalesce(moment_{n} - {since[n]} > $window_us, false)" for n in steps)
    columns = ", ".join(["unit", "furthest", *(f"moment_{n}" for n in range(1, len(shape.tests) + 1))])
    ctes = [
        _cte("late", f"SELECT unit\nFROM walked\nWHERE {late}"),
        *_marked(shape, "session_key IN (SELECT unit FROM late)"),
        *_tries(shape),
        *_best(shape, "retried"),
        _cte(
            "reached",
            f"""
SELECT {columns}
FROM walked ANTI JOIN late USING (unit)
UNION ALL
SELECT {columns}
FROM retried""",
            materialized=True,
        ),
    ]
    return "".join(",\n" + cte for cte in ctes)


def touched(shape: Shape, field: Column, last: bool) -> str:
    """The CTE `touched`: each unit's value in its first (last) event that matches any step and has one."""
    if shape.by == "session" and field.level == "session":  # the same for all of a session's events
        return _cte("touched", f"SELECT session_key AS unit, {_clean(field)} AS value\nFROM scoped_sessions")
    unit, joined = _unit(shape)
    value, also = _text(field, "valued")
    order = "position" if shape.by == "session" else ORDER
    found = f"""
SELECT {unit} AS unit, {value} AS value, {order}
FROM scoped{joined}{also}
WHERE {_any(test.sql for test in shape.tests)}"""
    place = ", ".join(f"{name} DESC" for name in order.split(", ")) if last else order
    return _cte(
        "touched",
        f"""
SELECT unit, value
FROM ({indent(found, "    ")}
) AS served
WHERE unit IS NOT NULL AND value IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY unit ORDER BY {place}) = 1""",
    )


# --- The events that matter: keys, place, moment, which steps (is_n) and exclusions (out_n) they match ----------------


def _marked(shape: Shape, among: str = "") -> list[str]:
    unit, joins = _unit(shape)
    columns = [f"{unit} AS unit"]
    own = []
    if shape.held:
        text, also = _text(shape.held, "held_field")
        joins += also
        own.append("held")
        columns.append(f"{text} AS held")
    if shape.parted:
        text, also = _text(shape.parted, "lane_field")
        joins += also
        own.append("own" if shape.parted_step else "lane")
        columns.append(f"coalesce({text}, '') AS {own[-1]}")
    order = "position" if shape.by == "session" else ORDER
    columns += [order, f"{MOMENT} AS moment"]
    marks = [f"is_{n}" for n in range(1, len(shape.tests) + 1)]
    outs = [f"out_{n}" for n in range(1, len(shape.exclusions) + 1)]
    columns += [f"{test.sql} AS {name}" for name, test in zip(marks, shape.tests, strict=True)]
    columns += [f"{out.test.sql} AS {name}" for name, out in zip(outs, shape.exclusions, strict=True)]
    if shape.period:
        columns.append("CAST(date_trunc($period, local) AS DATE) AS period")
    kept = ["unit", *own, "place", "moment", *_period(shape), *marks, *outs]

    # a place counts the events that matter, which is less to sort; strict, it counts every event
    place = "position"
    if shape.by != "session" or "lane" in own:
        place = f"row_number() OVER (PARTITION BY {'unit, lane' if 'lane' in own else 'unit'} ORDER BY {order})"
    selected = ", ".join(f"{place} AS place" if name == "place" and place != name else name for name in kept)
    matters = [f"({_any([*marks, *outs])})", *(["held IS NOT NULL"] if shape.held else [])]
    known = [] if shape.by == "session" else ["unit IS NOT NULL"]
    ctes = [_cte("tested", f"SELECT\n    {_lines(columns)}\nFROM scoped{joins}" + f"\nWHERE {among}" * bool(among))]
    source = "tested"
    if shape.order == "strict" and place != "position":
        text = f"SELECT {selected}\nFROM tested" + ("\nWHERE " + known[0] if known else "")
        ctes.append(_cte("numbered", text))
        source, selected, known = "numbered", "*", []
    name = "single" if shape.shared and not shape.parted_step else "marked"
    ctes.append(_cte(name, f"SELECT {selected}\nFROM {source}\nWHERE {' AND '.join([*matters, *known])}"))
    if shape.parted_step:
        ctes += _laned(shape, kept, "single" if shape.shared else "laned")
    if shape.shared:
        ctes.append(_together(shape, [*marks, *outs]))
    return ctes


def _laned(shape: Shape, kept: Sequence[str], name: str) -> list[str]:
    """Each unit's events once per value that its events of the chosen step carry; only those serve it there."""
    mark = f"is_{shape.parted_step}"
    served = f"{mark} AND own = coalesce(lanes.lane, '') AS {mark}"
    columns = ["marked.unit", *(name for name in kept if name not in ("unit", "own", mark))]
    return [
        _cte("lanes", f"SELECT DISTINCT unit, own AS lane\nFROM marked\nWHERE {mark}"),
        _cte(
            name,
            f"""
SELECT {", ".join(columns)}, coalesce(lanes.lane, '') AS lane,
    {served}
FROM marked LEFT JOIN lanes ON lanes.unit = marked.unit""",
        ),
    ]


def _together(shape: Shape, marks: Iterable[str]) -> str:
    """Events of one moment as one: where an event may serve several steps, their order does not matter."""
    columns = [*shape.keys, "moment AS place", "moment", *(["min(period) AS period"] if shape.period else [])]
    columns += [f"bool_or({mark}) AS {mark}" for mark in marks]
    return _cte("together", f"SELECT {', '.join(columns)}\nFROM single\nGROUP BY {', '.join(shape.keys)}, moment")


# --- Every start is an attempt ---------------------------------------------------------------------------------------

WINDOWS = {
    "later": "ORDER BY place DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
    "here": "ORDER BY place DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
    "past": "ORDER BY moment DESC RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
    "following": "ORDER BY place",
}


def _source(shape: Shape) -> str:
    return "together" if shape.shared else "laned" if shape.parted_step else "marked"


def _next(shape: Shape, n: int) -> str:
    """The place of the next event of step n after this one."""
    if shape.order == "strict":
        at_once = f"lead(place) OVER following = place + 1 AND lead(is_{n}) OVER following"
        return f"CASE WHEN {at_once} THEN place + 1 END AS next_{n}"
    window = "past" if shape.simultaneous_us is not None else "here" if shape.shared else "later"
    return f"min(CASE WHEN is_{n} THEN place END) OVER {window} AS next_{n}"


def _hit(shape: Shape, n: int) -> str:
    """The moment at which exclusion n would strike an attempt that stands here."""
    if shape.order != "strict":
        return f"min(CASE WHEN out_{n} THEN moment END) OVER past AS hit_{n}"
    at_once = f"lead(place) OVER following = place + 1 AND lead(out_{n}) OVER following"
    later = "lead(moment) OVER following"
    return f"CASE WHEN {at_once} AND {later} > moment THEN {later} END AS hit_{n}"


def _ahead(shape: Shape, columns: Iterable[str]) -> str:
    listed = [*shape.keys, "place", "moment", *_period(shape), *columns]
    listed += [_hit(shape, n) for n in range(1, len(shape.exclusions) + 1)]
    used = [name for name in WINDOWS if any(f" OVER {name}" in column for column in listed)]
    windows = [f"{name} AS (PARTITION BY {', '.join(shape.keys)} {WINDOWS[name]})" for name in used]
    clause = "\nWINDOW\n    " + _lines(windows) if windows else ""
    text = f"SELECT\n    {_lines(listed)}\nFROM {_source(shape)}{clause}"
    return _cte("ahead", text, materialized=True)


def _tries(shape: Shape) -> list[str]:
    if shape.order == "unordered":
        return _tries_unordered(shape)
    if shape.simultaneous_us is not None:
        return _tries_simultaneous(shape)
    chain = shape.chain
    first, *rest = chain
    ahead = [f"is_{first}", *(_next(shape, n) for n in rest)]
    starts = f"is_{first}"
    if rest and shape.order == "ordered" and not (shape.exclusions or shape.period or shape.optional):
        # a start with another one before its step 2 gets no further than that other, and to no step after it earlier
        ahead.append(f"min(CASE WHEN is_{first} THEN place END) OVER later AS again")
        step_2 = f"next_{rest[0]}"
        starts += f" AND (again IS NULL OR {step_2} IS NULL OR again {'>' if shape.shared else '>='} {step_2})"
    begun = [*_head(shape), *(f"next_{n}" for n in rest[:1]), *_stop(shape, first, "ahead")]
    ctes = [_ahead(shape, ahead), _cte(f"try_{first}", f"SELECT {', '.join(begun)}\nFROM ahead\nWHERE {starts}")]
    for before, n, after in zip(chain, rest, [*rest[1:], None], strict=False):
        columns = [f"so_far.*, ahead.place AS place_{n}, ahead.moment AS moment_{n}"]
        columns += [f"ahead.next_{after}"] if after else []
        columns += _stop(shape, n, "ahead")
        ctes.append(_cte(f"try_{n}", _step(shape, before, n, columns, f"next_{n}")))
    return ctes


def _head(shape: Shape) -> list[str]:
    """What an attempt has from its start."""
    first = shape.chain[0]
    return [
        *(f"ahead.{key}" for key in [*shape.keys, *_period(shape)]),
        f"place AS place_{first}",
        f"moment AS moment_{first}",
    ]


def _step(shape: Shape, before: int, n: int, columns: Sequence[str], place: str, source: str | None = None) -> str:
    """The attempts so far, each with the event that serves its next step, if there is one in time."""
    match = " AND ".join(f"ahead.{key} = so_far.{key}" for key in shape.keys)
    within = ""
    if shape.window_us is not None:
        since = shape.chain[0] if shape.window_from == "first" else before
        within = f"\n    AND ahead.moment - so_far.moment_{since} <= $window_us"
    return f"""
SELECT {", ".join(columns)}
FROM {source or f"try_{before}"} AS so_far LEFT JOIN ahead
    ON {match} AND ahead.place = so_far.{place}{within}"""


def _stop(shape: Shape, n: int, row: str) -> list[str]:
    """The moment at which the first exclusion after step n would strike."""
    hits = [f"{row}.hit_{k}" for k, out in enumerate(shape.exclusions, 1) if out.from_step <= n < out.to_step]
    return [f"{_least(hits)} AS stop_{n}"] if hits else []


def _tries_simultaneous(shape: Shape) -> list[str]:
    """Ordered, but an event may lie before those of earlier steps by so much time at most.

    `latest_n` is the latest moment so far, `next_m_at_n` the next event of step m strictly later than it: what lies
    within the tolerance is looked up among the events themselves, without those that already serve a step.
    """
    chain = shape.chain
    first, *rest = chain
    ahead = [*(f"is_{n}" for n in chain), *(_next(shape, n) for n in rest)]
    begun = [*_head(shape), f"moment AS latest_{first}", *(f"next_{n} AS next_{n}_at_{first}" for n in rest)]
    begun += _stop(shape, first, "ahead")
    ctes = [
        _ahead(shape, ahead),
        _cte(f"try_{first}", f"SELECT {', '.join(begun)}\nFROM ahead\nWHERE is_{first}"),
    ]
    same = [*shape.keys, f"place_{first}"]
    for at, (before, n) in enumerate(zip(chain, rest, strict=False), 1):
        latest = f"so_far.latest_{before}"
        span = f"BETWEEN {latest} - $simultaneous_us AND {latest}" if shape.simultaneous_us else f"= {latest}"
        used = " AND ".join(f"ahead.place <> so_far.place_{m}" for m in chain[:at])
        near = f"""
SELECT {", ".join(f"so_far.{name}" for name in same)}, min(ahead.place) AS place
FROM try_{before} AS so_far JOIN ahead
    ON {" AND ".join(f"ahead.{key} = so_far.{key}" for key in shape.keys)} AND ahead.moment {span}
WHERE ahead.is_{n} AND {used}
GROUP BY {", ".join(f"so_far.{name}" for name in same)}"""
        chosen = f"""(
    SELECT try_{before}.*, coalesce(near_{n}.place, next_{n}_at_{before}) AS next_{n}
    FROM try_{before} LEFT JOIN near_{n}
        ON {" AND ".join(f"near_{n}.{name} = try_{before}.{name}" for name in same)}
)"""
        columns = [f"so_far.*, ahead.place AS place_{n}, ahead.moment AS moment_{n}"]
        columns.append(f"greatest(ahead.moment, {latest}) AS latest_{n}")
        for m in rest[at:]:
            older = f"CASE WHEN ahead.moment <= {latest} THEN so_far.next_{m}_at_{before} ELSE ahead.next_{m} END"
            columns.append(f"{older} AS next_{m}_at_{n}")
        columns += _stop(shape, n, "ahead")
        ctes += [
            _cte(f"near_{n}", near),
            _cte(f"try_{n}", _step(shape, before, n, columns, f"next_{n}", chosen)),
        ]
    return ctes


def _tries_unordered(shape: Shape) -> list[str]:
    """An attempt from any event; the k-th step is done by the k-th event that lets k different steps be done.

    Steps that cannot share an event are done at their first one. Where some can (`overlaps`), the earliest place at
    which a set of them is done follows from the sets with one less: the last event serves one of them, and the others
    were done before it.
    """
    count = len(shape.tests)
    steps = range(1, count + 1)
    ahead = [f"is_{n}" for n in steps]
    ahead += [f"min(CASE WHEN is_{n} THEN place END) OVER here AS first_{n}" for n in steps]
    shared = [group for group in shape.overlaps if len(group) > 1]
    ahead += [f"{_next(shape, n)}" for group in shared for n in group]
    source = "ahead"
    ctes = [_ahead(shape, ahead)]
    done: dict[tuple[int, ...], str] = {(n,): f"first_{n}" for n in steps}
    for size in range(1, max(map(len, shared), default=1)):
        sets = [some for group in shared if len(group) > size for some in combinations(group, size)]
        larger = [some for group in shared for some in combinations(group, size + 1)]
        columns, joins = [f"{source}.*"], ""
        for some in sets:
            name = "at_" + "_".join(map(str, some))
            on = " AND ".join(f"{name}.{key} = {source}.{key}" for key in shape.keys)
            joins += f"\nLEFT JOIN ahead AS {name} ON {on} AND {name}.place = {source}.{done[some]}"
        for some in larger:
            ways = [(tuple(m for m in some if m != n), n) for n in some]
            after = [f"at_{'_'.join(map(str, rest))}.next_{n}" for rest, n in ways]
            done[some] = "done_" + "_".join(map(str, some))
            columns.append(f"{_least(after)} AS {done[some]}")
        name = f"sets_{size + 1}"
        ctes.append(_cte(name, f"SELECT {', '.join(columns)}\nFROM {source}{joins}"))
        source = name
    places = [
        _least([done[some] for some in combinations(group, size)])
        for group in shape.overlaps
        for size in range(1, len(group) + 1)
    ]
    begun = [
        *_head(shape),
        *_stop(shape, 1, "ahead"),
        *(f"{place} AS done_at_{k}" for k, place in enumerate(places, 1)),
    ]
    after_start = [f"CASE WHEN {place} > place THEN {place} END" for place in places]
    begun.append(f"{_least(after_start)} AS next_2")
    ctes.append(
        _cte("try_1", f"SELECT {', '.join(begun)}\nFROM {source} AS ahead\nWHERE {_any(f'is_{n}' for n in steps)}")
    )
    for n in range(2, count + 1):
        after = [f"CASE WHEN so_far.done_at_{k} > ahead.place THEN so_far.done_at_{k} END" for k in steps]
        columns = [
            f"so_far.*, ahead.place AS place_{n}, ahead.moment AS moment_{n}",
            f"{_least(after)} AS next_{n + 1}",
        ]
        columns += _stop(shape, n, "ahead")
        ctes.append(_cte(f"try_{n}", _step(shape, n - 1, n, columns, f"next_{n}")))
    return ctes


# --- The attempt that counts -----------------------------------------------------------------------------------------


def _best(shape: Shape, name: str) -> list[str]:
    chain = shape.chain
    first, last = chain[0], chain[-1]
    furthest = _furthest(chain, "place")
    whose = ["unit", *(["lane"] if shape.parted else []), *_period(shape)]
    kept = ["unit", *shape.keys[1:], *_period(shape)]
    places = [f"place_{n}" for n in chain]
    moments = [f"moment_{n}" for n in chain]
    if shape.simultaneous_us is not None and len(chain) > 1:
        got_there = f"greatest({', '.join(places)})"
    else:
        got_there = f"coalesce({', '.join(reversed(places))})"
    columns = [*kept, f"{furthest} AS furthest", f"{got_there} AS got_there", *places, *moments]
    columns.append(f"{_spoiled(shape)} AS spoiled")
    tries = _cte("tries", f"SELECT\n    {_lines(columns)}\nFROM try_{last}")
    # of the attempts that get furthest the clean ones; of these who is there first, of several the one begun last
    rank = ["furthest DESC", "got_there", f"place_{first} DESC"]
    rank.insert(0 if shape.order == "unordered" else 1, "spoiled")
    first_of = f"row_number() OVER (PARTITION BY {', '.join(whose)} ORDER BY {', '.join(rank)}) = 1"
    best = _cte("best", f"SELECT *\nFROM tries\nQUALIFY {first_of}")
    if shape.order == "unordered" and shape.exclusions:
        # who has no clean attempt stays at its first step
        done = [f"CASE WHEN spoiled THEN NULL ELSE moment_{n} END AS moment_{n}" for n in chain[1:]]
        columns = [*kept, "CASE WHEN spoiled THEN 1 ELSE furthest END AS furthest", f"moment_{first}", *done]
        text = f"SELECT {', '.join(columns)}\nFROM best"
    else:
        also = places if shape.optional else []
        text = f"SELECT {', '.join([*kept, 'furthest', *moments, *also])}\nFROM best"
        text += "\nWHERE NOT spoiled" if shape.exclusions else ""
    if not shape.optional:
        return [tries, best, _cte(name, text, materialized=True)]
    return [tries, best, _cte("required", text, materialized=True), *_optional(shape, kept)]


def _spoiled(shape: Shape) -> str:
    struck = []
    for n, after in zip(shape.chain, shape.chain[1:], strict=False):
        if any(out.from_step <= n < out.to_step for out in shape.exclusions):
            in_time = f" AND (moment_{after} IS NULL OR stop_{n} < moment_{after})"
            if shape.window_us is not None:
                since = shape.chain[0] if shape.window_from == "first" else n
                in_time += f" AND stop_{n} - moment_{since} <= $window_us"
            struck.append(f"(stop_{n} IS NOT NULL{in_time})")
    return f"coalesce({' OR '.join(struck)}, false)" if struck else "false"


def _optional(shape: Shape, kept: Sequence[str]) -> list[str]:
    """Optional steps of the attempt that counts: each is done by its first event between its neighbours, if there is
    one."""
    ctes, source = [], "required"
    on = " AND ".join(f"{_source(shape)}.{key} = so_far.{key}" for key in shape.keys)
    whose = [f"so_far.{name}" for name in kept]
    for n in shape.optional:
        before = max(m for m in shape.chain if m < n)
        after = next((m for m in shape.chain if m > n), None)
        between = [m for m in shape.optional if before < m < n]
        since = f"coalesce({', '.join([*(f'place_{m}' for m in reversed(between)), f'place_{before}'])})"
        until = f" AND (place_{after} IS NULL OR place < place_{after})" if after else ""
        within = ""
        if shape.window_us is not None:
            moments = [*(f"moment_{m}" for m in reversed(between)), f"moment_{before}"]
            start = f"moment_{shape.chain[0]}" if shape.window_from == "first" else f"coalesce({', '.join(moments)})"
            within = f" AND moment - {start} <= $window_us"
        found = f"""
SELECT {", ".join(whose)}, min(place) AS place_{n}, min(moment) AS moment_{n}
FROM {source} AS so_far JOIN {_source(shape)} ON {on}
WHERE is_{n} AND place > {since}{until}{within}
GROUP BY {", ".join(whose)}"""
        same = " AND ".join(f"so_far.{name} = found.{name}" for name in kept)
        text = f"""
SELECT so_far.*, place_{n}, moment_{n}
FROM {source} AS so_far LEFT JOIN ({indent(found, "    ")}
) AS found ON {same}"""
        source = f"with_{n}"
        ctes.append(_cte(source, text))
    steps = range(1, len(shape.tests) + 1)
    moments = [f"moment_{n}" for n in steps]
    columns = [*kept, f"{_furthest(steps, 'moment')} AS furthest", *moments]
    ctes.append(_cte("reached", f"SELECT {', '.join(columns)}\nFROM {source}", materialized=True))
    return ctes


# --- Text ------------------------------------------------------------------------------------------------------------


def _furthest(steps: Sequence[int], column: str) -> str:
    whens = " ".join(f"WHEN {column}_{n} IS NOT NULL THEN {n}" for n in reversed(steps[1:]))
    return f"CASE {whens} ELSE {steps[0]} END" if whens else str(steps[0])


def _period(shape: Shape) -> list[str]:
    return ["period"] if shape.period else []


def _unit(shape: Shape) -> tuple[str, str]:
    if isinstance(shape.by, Column):
        return _text(shape.by, "counted")
    return ("session_key" if shape.by == "session" else "user_key"), ""


def _clean(field: Column) -> str:
    return f"nullif({field.text}, '')"  # empty text is missing


def _text(field: Column, name: str) -> tuple[str, str]:
    """A field over the rows of `scoped`: its SQL, and the join it needs."""
    if field.level == "event":
        return _clean(field), ""
    key, table = ("session_key", "scoped_sessions") if field.level == "session" else ("user_key", "users")
    known = f"SELECT {key} AS {name}_of, {_clean(field)} AS {name}_text FROM {table}"
    return f"{name}_text", f"\nLEFT JOIN ({known}) AS {name} ON {name}_of = {key}"


def _any(tests: Iterable[str]) -> str:
    return " OR ".join(tests)


def _least(values: Sequence[str]) -> str:
    return f"least({', '.join(values)})" if len(values) > 1 else values[0]


def _lines(columns: Iterable[str]) -> str:
    return ",\n    ".join(columns)


def _cte(name: str, text: str, materialized: bool = False) -> str:
    return f"{name} AS {'MATERIALIZED ' * materialized}(\n{indent(text.strip(), '    ')}\n)"
