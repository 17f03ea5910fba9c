"""A pattern asked of events and stays: the general form, with times, wildcards, filters and both levels.

Marks are the events that any part names; they go through the parts one after the other. A part is reached at an event
that fits it if the latest event before at which the part before was reached lies within all its bounds. That one
decides: every bound but `after` is a lower one (the very next, none in between, within a time), and so the latest
serves best; `after` and repeats limit from above, by a bound that grows with the event's own place. By induction the
partial match that takes the latest event at every part is, place by place, the latest of all that end at this event:
if any match ends here, this one does, and it begins last. So one window per part finds what trying everything would,
in a time that is n log n in the number of events, however long a session is.
"""

from collections.abc import Iterator, Sequence
from textwrap import indent
from typing import NamedTuple

from analytics.conditions import Condition, combine, merged, of_event
from analytics.patterns.strings import string_tests
from analytics.patterns.syntax import Atom, Pattern, Step

# A window that a step looks back through
BEFORE = "(PARTITION BY session_key ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
UP_TO = "(PARTITION BY session_key ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
LONG_BEFORE = "(PARTITION BY session_key ORDER BY ms RANGE BETWEEN UNBOUNDED PRECEDING AND {ms} PRECEDING)"
RUN_BEFORE = "(PARTITION BY session_key ORDER BY {nth} RANGE BETWEEN UNBOUNDED PRECEDING AND {count} PRECEDING)"

# When and where at once: a single number that grows with an event's place. No session has as many events.
PLACES = 2**24
AT = f"ms * {PLACES} + position"

LAST_PAGE = "SELECT session_key AS of_session, first_position FROM {visits} WHERE from_end = 1"
PAGE_BEFORE = "coalesce(lag(first_position) OVER (PARTITION BY session_key ORDER BY visit_no), 0)"


class Tables(NamedTuple):
    """Where to look: names of tables or CTEs with the columns of `sessions`, `events` and `visits`."""

    sessions: str
    events: str
    visits: str


class Cte(NamedTuple):
    """A common table expression."""

    name: str
    sql: str
    materialized: bool = False

    @property
    def text(self) -> str:
        """As it stands behind WITH."""
        return f"{self.name} AS {'MATERIALIZED ' * self.materialized}(\n{indent(self.sql.strip(), '    ')}\n)"


def listed(ctes: Sequence[Cte]) -> str:
    """As they stand behind WITH."""
    return ",\n".join(cte.text for cte in ctes)


class Found(NamedTuple):
    """The last of `ctes` is `name`: one row per session that matches, with the match that ends first.

    `from_position` and `from_ms` are where it begins, `to_position` and `to_ms` where it ends; of several that end
    there it is the one that begins last. The session's start is 0, its end `events` + 1.
    """

    name: str
    ctes: tuple[Cte, ...]
    params: dict[str, object]

    @property
    def ends(self) -> str:
        """One row per event (`position`, `ms`) at which a match ends, with where the latest of these begins."""
        return self.ctes[-2].name


def matches(pattern: Pattern, tables: Tables, prefix: str) -> Found:
    """All sessions of `tables` that match, each with its first match; names of CTEs and values begin with `prefix`."""
    return _Statement(pattern, tables, prefix).found()


class _Statement:
    def __init__(self, pattern: Pattern, tables: Tables, prefix: str) -> None:
        self.pattern, self.tables, self.prefix = pattern, tables, prefix
        self.tests = {atom: self._test(atom, f"{prefix}_{n}") for n, atom in enumerate(pattern.atoms, 1)}
        self.used: set[Atom] = set()
        steps = pattern.steps
        self.pages = any(atom.kind == "page" for atom in pattern.atoms)
        self.next_pages = any(step.directly and pattern.kind(n) == "page" for n, step in enumerate(steps))
        self.runs = {n for n, step in enumerate(steps, 1) if step.repeated and not self._alone(n)}
        self.runs_of_pages = any(pattern.kind(n - 1) == "page" for n in self.runs)
        self.ends = not steps[-1].choice
        conditions, _ = string_tests(pattern, prefix)
        self.cheap = [*conditions, *self._needed()]

    def _alone(self, n: int) -> bool:
        """Where a run may be one event and is bound to the parts on one side at most, one event always does as well."""
        before, *after = [step.directly or step.without or step.timed for step in self.pattern.steps[n - 1 : n + 1]]
        bound_after = any(after) or any(span.last == n - 1 for span in self.pattern.spans)
        return self.pattern.steps[n - 1].least == 1 and not (before and bound_after)

    def found(self) -> Found:
        name = self.prefix
        ctes = [self._likely(), self._places(), self._marks(), *self._steps()]
        begun = "0 AS from_position, 0 AS from_ms"
        if not self.pattern.from_start:
            begun = f"{_place('begun')} AS from_position, {_ms('begun')} AS from_ms"
        ends = f"SELECT session_key, {begun}, position, ms\nFROM {ctes[-1].name}\nWHERE reached"
        ctes.append(Cte(f"{name}_ends", ends))
        # a match that ends later begins no earlier
        sql = f"""
SELECT
    session_key,
    min(from_position) AS from_position, min(from_ms) AS from_ms,
    min(position) AS to_position, min(ms) AS to_ms
FROM {name}_ends
GROUP BY session_key"""
        tests = [test.params for atom, test in self.tests.items() if atom in self.used]
        params = merged([*(condition.params for condition in self.cheap), *tests])
        return Found(name, (*ctes, Cte(name, sql, True)), params)

    # --- which sessions, which events

    def _needed(self) -> Iterator[Condition]:
        """Without an event that only wildcards or elements name, a session cannot match: a test of its own each."""
        for n, step in enumerate(self.pattern.steps, 1):
            loose = [atom for atom in step.choice if (atom.name and not atom.name.exact) or atom.of == "element"]
            if not loose or any(atom.of == "any" or (atom.name and atom.name.anything) for atom in step.choice):
                continue
            kinds = {atom.kind for atom in step.choice}
            if len(kinds) > 1:
                continue
            table = f"{self.tables.visits} WHERE viewed AND" if kinds == {"page"} else f"{self.tables.events} WHERE"
            named = [self._named(atom, f"{self.prefix}_needed_{n}_{m}") for m, atom in enumerate(step.choice, 1)]
            sql = " OR ".join(test.sql for test in named)
            yield Condition(
                f"session_key IN (SELECT session_key FROM {table} ({sql}))", merged(t.params for t in named), ""
            )

    def _likely(self) -> Cte:
        columns = "session_key, events, duration_ms" if self.ends else "session_key"
        where = "\n  AND ".join(condition.sql for condition in self.cheap)
        sql = f"SELECT {columns}\nFROM {self.tables.sessions}" + (f"\nWHERE {where}" if where else "")
        return Cte(f"{self.prefix}_likely", sql, True)

    @property
    def _among(self) -> str:
        return f"session_key IN (SELECT session_key FROM {self.prefix}_likely)"

    def _named(self, atom: Atom, value: str) -> Condition:
        if atom.name is None or atom.name.anything:
            known = {"page": "page IS NOT NULL", "element": "element IS NOT NULL"}.get(atom.of, "true")
            return Condition(known, {}, "")
        return atom.name.test({"page": "page", "element": "element"}.get(atom.of, "name"), value)

    def _test(self, atom: Atom, value: str) -> Condition:
        """Over one row of events, or, of a page, of stays."""
        named = self._named(atom, f"{value}_name")
        if atom.where is None:
            sql = named.sql if atom.of != "element" else f"coalesce({named.sql}, false)"
            return Condition(sql, named.params, "")
        where = combine(atom.where, f"{value}_where", of_event)
        passing = where.sql
        if atom.of == "page":
            passing = f"""(session_key, first_position) IN (
        SELECT session_key, position FROM {self.tables.events} WHERE {self._among} AND {where.sql}
    )"""
        return Condition(f"(coalesce({named.sql}, false) AND {passing})", merged([named.params, where.params]), "")

    def _any(self, atoms: Sequence[Atom]) -> str:
        self.used |= set(atoms)
        tests = list(dict.fromkeys(self.tests[atom].sql for atom in atoms))
        return tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})" if tests else "false"

    def _flags(self, kind: str) -> Iterator[str]:
        """Which parts an event fits (`is_n`) and which it spoils (`not_n`)."""
        for n, step in enumerate(self.pattern.steps, 1):
            for word, atoms in (("is", step.choice), ("not", step.without)):
                if word == "is" or atoms:
                    yield f"{self._any([atom for atom in atoms if atom.kind == kind])} AS {word}_{n}"

    def _places(self) -> Cte:
        """The events that matter; of a stay on a page the event with which it begins."""
        atoms = self.pattern.atoms
        branches = []
        if any(atom.kind == "event" for atom in atoms):
            mine = self._any([atom for atom in atoms if atom.kind == "event"])
            columns = ["session_key", "position", "offset_ms AS ms"]
            columns += ["CAST(NULL AS INTEGER) AS nth"] if self.runs_of_pages else []
            columns += ["CAST(NULL AS INTEGER) AS page_before"] if self.next_pages else []
            columns += self._flags("event")
            where = f"{self._among} AND {mine}" if self.cheap else mine
            branches.append(f"SELECT{_lines(columns)}\nFROM {self.tables.events}\nWHERE {where}")
        if self.pages:
            mine = self._any([atom for atom in atoms if atom.kind == "page"])
            columns = ["session_key", "first_position AS position", "entered_ms AS ms"]
            columns += ["position_in_path AS nth"] if self.runs_of_pages else []
            columns += ["page_before"] if self.next_pages else []
            columns += self._flags("page")
            stays = f"{self._among} AND viewed" if self.cheap else "viewed"
            if self.next_pages:
                ordered = f"SELECT *, {PAGE_BEFORE} AS page_before\nFROM {self.tables.visits}\nWHERE {stays}"
                branches.append(f"SELECT{_lines(columns)}\nFROM (\n{indent(ordered, '    ')}\n) AS stays\nWHERE {mine}")
            else:
                branches.append(f"SELECT{_lines(columns)}\nFROM {self.tables.visits}\nWHERE {stays} AND {mine}")
        if len(branches) == 2:  # one event may be both: an event of its name, and the begin of a stay
            columns = ["session_key", "position", "min(ms) AS ms"]
            columns += ["max(nth) AS nth"] if self.runs_of_pages else []
            columns += ["max(page_before) AS page_before"] if self.next_pages else []
            columns += [f"bool_or({flag}) AS {flag}" for flag in self._flag_names()]
            together = indent("\nUNION ALL\n".join(branches), "    ")
            branches = [f"SELECT{_lines(columns)}\nFROM (\n{together}\n) AS together\nGROUP BY session_key, position"]
        if self.ends:
            columns = ["session_key", "events + 1 AS position", "duration_ms AS ms"]
            columns += ["CAST(NULL AS INTEGER) AS nth"] if self.runs_of_pages else []
            columns += ["coalesce(first_position, 0) AS page_before"] if self.next_pages else []
            last = f"is_{len(self.pattern.steps)}"
            columns += [f"{'true' if flag == last else 'false'} AS {flag}" for flag in self._flag_names()]
            table = f"{self.prefix}_likely"
            if self.next_pages:
                table += (
                    f" LEFT JOIN ({LAST_PAGE.format(visits=self.tables.visits)}) AS last ON of_session = session_key"
                )
            branches.append(f"SELECT{_lines(columns)}\nFROM {table}")
        return Cte(f"{self.prefix}_places", "\nUNION ALL\n".join(branches))

    def _flag_names(self) -> list[str]:
        return [flag.rpartition(" AS ")[2] for flag in self._flags("event")]

    def _marks(self) -> Cte:
        """With what has to be known of the events before: the last that spoils a part, and runs of one part."""
        columns = ["*"]
        for n, step in enumerate(self.pattern.steps, 1):
            if step.without:
                columns.append(f"coalesce(max(CASE WHEN not_{n} THEN position END) OVER before, 0) AS spoilt_{n}")
            if n in self.runs:  # equal within a run of neighbours, larger in the next
                columns.append(f"{self._nth(n)} - count(CASE WHEN is_{n} THEN 1 END) OVER up_to AS run_{n}")
        windows = [f"{name} AS {text}" for name, text in (("before", BEFORE), ("up_to", UP_TO))]
        used = [window for window in windows if any(f" OVER {window.split()[0]}" in column for column in columns)]
        clause = "\nWINDOW " + ",\n    ".join(used) if used else ""
        return Cte(f"{self.prefix}_marks", f"SELECT{_lines(columns)}\nFROM {self.prefix}_places{clause}")

    def _nth(self, n: int) -> str:
        """The place that counts neighbours: among the pages, or among all events."""
        return "nth" if self.pattern.kind(n - 1) == "page" else "position"

    # --- from part to part

    def _steps(self) -> Iterator[Cte]:
        source = f"{self.prefix}_marks"
        for n, step in enumerate(self.pattern.steps, 1):
            name = f"{self.prefix}_step_{n}"
            yield Cte(name, self._first(n, step, source))
            if n in self.runs:
                source, name = name, f"{name}_last"
                yield Cte(name, self._last(n, step, source))
            source = name

    def _carried(self, n: int) -> list[str]:
        """What a partial match that has reached part n still has to know, besides where it is."""
        open_spans = [s for s, span in enumerate(self.pattern.spans, 1) if 0 <= span.first < n <= span.last + 1]
        return ["begun", *(f"span_{s}_ms" for s in open_spans)]

    def _kept(self, n: int) -> list[str]:
        """Columns of `places` and `marks` that parts after n need."""
        kept = ["session_key", "position", "ms"]
        kept += ["nth"] if self.runs_of_pages else []
        kept += ["page_before"] if self.next_pages else []
        for m, step in enumerate(self.pattern.steps, 1):
            if m > n:
                kept.append(f"is_{m}")
                kept += [f"spoilt_{m}"] if step.without else []
            if m in self.runs and m > n:
                kept.append(f"run_{m}")
        return kept

    def _first(self, n: int, step: Step, source: str) -> str:
        """Part n reached, by its first event if it is a run."""
        conditions = [f"is_{n}"]
        anchored = n == 1 and self.pattern.from_start
        came, begun = ("0", "0") if anchored else ("came", "came_begun")
        if step.directly:
            conditions.append(
                f"{_place(came)} >= {'page_before' if self.pattern.kind(n - 1) == 'page' else 'position - 1'}"
            )
        if step.without:
            conditions.append(f"{_place(came)} >= spoilt_{n}")
        if step.at_least_ms and anchored:
            conditions.append(f"ms >= {step.at_least_ms}")
        if step.at_most_ms is not None:
            conditions.append(f"ms - {_ms(came)} <= {step.at_most_ms}")
        if step.at_most_events is not None:
            conditions.append(f"position - {_place(came)} <= {step.at_most_events}")
        if step.of_start_ms is not None:
            conditions.append(f"ms - {_ms(begun)} <= {step.of_start_ms}")
        if n not in self.runs:
            conditions += self._ending(n, "came_span_{s}_ms")
        columns = self._kept(n) + ([f"is_{n}", f"run_{n}"] if n in self.runs else [])
        columns.append(f"({' AND '.join(conditions)}) AS reached")
        for name in self._carried(n):
            if name.startswith("span_") and self.pattern.spans[int(name.split("_")[1]) - 1].first == n - 1:
                columns.append(f"ms AS {name}")
            elif n > 1:
                columns.append(f"came_{name} AS {name}")
            else:
                columns.append(f"{'0' if anchored else AT} AS {name}")
        wanted = [f"is_{n}"] if n in self.runs else []
        if n == 1:
            return self._pruned(n, f"SELECT{_lines(columns)}\nFROM {source}", wanted)
        window = LONG_BEFORE.format(ms=step.at_least_ms) if step.at_least_ms else BEFORE
        looked = ["*", f"max(CASE WHEN reached THEN {AT} END) OVER before AS came"]
        looked += [
            f"max(CASE WHEN reached THEN {name} END) OVER before AS came_{name}" for name in self._carried(n - 1)
        ]
        inner = f"SELECT{_lines(looked)}\nFROM {source}\nWINDOW before AS {window}"
        sql = f"SELECT{_lines(columns)}\nFROM (\n{indent(inner, '    ')}\n) AS looked\nWHERE came IS NOT NULL"
        return self._pruned(n, sql, wanted)

    def _last(self, n: int, step: Step, source: str) -> str:
        """The last event of a run: its first one in reach is of the same run."""
        nth = self._nth(n)
        came = [f"run_{n}", *([nth] if step.most is not None else []), *self._carried(n)]
        looked = ["*", *(f"max(CASE WHEN reached THEN {name} END) OVER before AS came_{name}" for name in came)]
        window = RUN_BEFORE.format(nth=nth, count=step.least - 1)
        inner = f"SELECT{_lines(looked)}\nFROM {source}\nWINDOW before AS {window}"
        conditions = [f"is_{n}", f"came_run_{n} = run_{n}"]
        conditions += [f"came_{nth} >= {nth} - {step.most - 1}"] if step.most is not None else []
        conditions += self._ending(n, "came_span_{s}_ms")
        columns = [*self._kept(n), f"({' AND '.join(conditions)}) AS reached"]
        columns += [f"came_{name} AS {name}" for name in self._carried(n)]
        return self._pruned(n, f"SELECT{_lines(columns)}\nFROM (\n{indent(inner, '    ')}\n) AS looked")

    def _ending(self, n: int, column: str) -> list[str]:
        """The spans that end with part n have not taken too long."""
        found = []
        for s, span in enumerate(self.pattern.spans, 1):
            if span.last == n - 1 and (span.first < n - 1 or n in self.runs):
                found.append(f"ms - {column.format(s=s) if span.first >= 0 else '0'} <= {span.at_most_ms}")
        return found

    def _pruned(self, n: int, sql: str, wanted: Sequence[str] = ()) -> str:
        """Without the events that no further part needs."""
        flags = ["reached", *wanted, *(f"is_{m}" for m in range(n + 1, len(self.pattern.steps) + 1))]
        return f"SELECT *\nFROM (\n{indent(sql, '    ')}\n) AS seen\nWHERE {' OR '.join(flags)}"


def _place(at: str) -> str:
    return f"{at} % {PLACES}" if at != "0" else at


def _ms(at: str) -> str:
    return f"{at} // {PLACES}" if at != "0" else at


def _lines(columns: Sequence[str] | Iterator[str]) -> str:
    return "\n    " + ",\n    ".join(columns)
