"""The quick forms of a funnel: steps in order within a session, whatever happens between and however long it takes.

Forwards from the first event of step 1: how far a session gets, and where first. Backwards from there: the start that
lies nearest. Forwards from that start: the attempt that is timed. `by_events` walks so over the events that serve a
step. Where every step is an event's name and no more, `by_names` walks over each session's string of names, one
character per event, and asks the events for their times only.
"""

from collections.abc import Sequence

from analytics.conditions import Condition

FIRST_1 = """
first_1 AS MATERIALIZED (
    SELECT session_key AS unit, min(position) AS place, min(time) AS time_1
    FROM scoped
    WHERE {test}
    GROUP BY session_key
)"""
FIRST_N = """,
first_{n} AS MATERIALIZED (
    SELECT unit, min(position) AS place, min(time) AS time_{n}
    FROM scoped JOIN (SELECT unit, place FROM first_{before}) AS earlier ON session_key = unit
    WHERE position > place AND {test}
    GROUP BY unit
)"""
BACK_N = """,
back_{n} AS (
    SELECT unit, max(position) AS place, max(time) AS time_{n}
    FROM scoped JOIN (
        {later}
    ) AS later ON session_key = unit
    WHERE position < place AND {test}
    GROUP BY unit
)"""
LAST = "SELECT unit, place FROM first_{after}"
LATER = """SELECT unit, place FROM back_{after}
        UNION ALL
        SELECT unit, place FROM first_{after} ANTI JOIN first_{beyond} USING (unit)"""
TIMED_N = """,
timed_{n} AS (
    SELECT unit, min(position) AS place, min(time) AS time_{n}
    FROM scoped JOIN (
        SELECT unit, place FROM {earlier} SEMI JOIN first_{n} USING (unit)
    ) AS earlier ON session_key = unit
    WHERE position > place AND {test}
    GROUP BY unit
)"""
# The attempt that is timed ends where its furthest step was first reached, which the first walk knows.
WALKED = """,
walked AS MATERIALIZED (
    SELECT first_2.unit, {furthest} AS furthest, {moments}
    FROM first_2
    JOIN back_1 ON back_1.unit = first_2.unit{joins}
    UNION ALL
    SELECT unit, 1 AS furthest, {moment_1} AS moment_1{nothing}
    FROM first_1 ANTI JOIN first_2 USING (unit)
)"""
WALKED_1 = """,
walked AS MATERIALIZED (
    SELECT unit, 1 AS furthest, {moment_1} AS moment_1
    FROM first_1
)"""


def by_events(tests: Sequence[Condition], moment: str) -> str:
    """The CTEs up to `walked`; `moment` turns the column `time` into a number."""
    last = len(tests)
    sql = "WITH" + FIRST_1.format(test=tests[0].sql)
    moment_1 = moment.replace("time)", "time_1)")
    if last == 1:
        return sql + WALKED_1.format(moment_1=moment_1)
    sql += "".join(FIRST_N.format(n=n, before=n - 1, test=tests[n - 1].sql) for n in range(2, last + 1))
    for n in range(last - 1, 0, -1):
        later = (LAST if n == last - 1 else LATER).format(after=n + 1, beyond=n + 2)
        sql += BACK_N.format(n=n, later=later, test=tests[n - 1].sql)
    for n in range(2, last):
        earlier = "back_1" if n == 2 else f"timed_{n - 1}"
        sql += TIMED_N.format(n=n, earlier=earlier, test=tests[n - 1].sql)
    times = ["back_1.time_1"]
    times += [f"coalesce(timed_{n}.time_{n}, first_{n}.time_{n})" for n in range(2, last)]
    times += [f"first_{last}.time_{last}"]
    joined = [*(f"first_{n}" for n in range(3, last + 1)), *(f"timed_{n}" for n in range(2, last))]
    whens = " ".join(f"WHEN first_{n}.unit IS NOT NULL THEN {n}" for n in range(last, 2, -1))
    return sql + WALKED.format(
        furthest=f"CASE {whens} ELSE 2 END" if whens else "2",
        moments=", ".join(f"{moment.replace('time)', time + ')')} AS moment_{n}" for n, time in enumerate(times, 1)),
        joins="".join(f"\n    LEFT JOIN {name} ON {name}.unit = first_2.unit" for name in joined),
        moment_1=moment_1,
        nothing="".join(f", CAST(NULL AS BIGINT) AS moment_{n}" for n in range(2, last + 1)),
    )


# --- Over the names of a session, one character each ------------------------------------------------------------------

SYMBOLS = """WITH symbols AS (
    SELECT
        {symbols}
    FROM codes
    WHERE kind = 'name'
),
met_1 AS (
    SELECT session_key AS unit, {start} AS began, name_string AS names, symbols.*,
        strpos(name_string, symbol_1) AS first_1
    FROM scoped_sessions CROSS JOIN symbols
    WHERE strpos(name_string, symbol_1) > 0
)"""
SYMBOL = "max(CASE WHEN value = $step_{n}_name THEN symbol END) AS symbol_{n}"
# Kept for both who stopped and who went on; without the symbols, which would be copied for every session.
MET_2 = """,
met_2 AS MATERIALIZED (
    SELECT unit, began, names, first_1, {place} AS first_2
    FROM met_1
),
went_on AS (
    SELECT unit, names, first_1, first_2, symbols.*
    FROM met_2 CROSS JOIN symbols
    WHERE first_2 IS NOT NULL
)"""
MET_N = """,
met_{n} AS (
    SELECT *, {place} AS first_{n}
    FROM {before}
)"""
# The last event of step n before the next step's; `gap_n` is what lies between the first one and that.
BETWEEN_N = """,
between_{n} AS (
    SELECT *, substr(names, first_{n} + 1, {until} - first_{n} - 1) AS gap_{n}
    FROM {source}
)"""
LAST_N = """,
last_{n} AS (
    SELECT *,
        CASE
            WHEN {until} IS NULL THEN NULL
            WHEN strpos(gap_{n}, symbol_{n}) = 0 THEN first_{n}
            ELSE first_{n} + length(gap_{n}) - strpos(reverse(gap_{n}), symbol_{n}) + 1
        END AS last_{n}
    FROM between_{n}
)"""
NAMED_N = """,
named_{n} AS (
    SELECT *, CASE WHEN last_1 = first_1 OR {done} THEN first_{n} ELSE {place} END AS place_{n}
    FROM {source}
)"""
TIME_N = """,
at_{n} AS (
    SELECT unit, {moment} AS moment_{n}
    FROM named JOIN scoped ON session_key = unit AND position = place_{n}
    WHERE {test}
)"""
NAMED = """,
named AS MATERIALIZED (
    SELECT unit, {furthest} AS furthest, {places}
    FROM {source}
)"""
# Who went no further than step 1 has no time to show: the session's start stands there.
WALKED_NAMES = """,
walked AS MATERIALIZED (
    SELECT named.unit, furthest, {moments}
    FROM named JOIN at_1 ON at_1.unit = named.unit{joins}
    UNION ALL
    SELECT unit, 1 AS furthest, began AS moment_1{nothing}
    FROM met_2
    WHERE first_2 IS NULL
)"""
WALKED_NAME = """,
walked AS MATERIALIZED (
    SELECT unit, 1 AS furthest, began AS moment_1
    FROM met_1
)"""


def by_names(tests: Sequence[Condition], moment: str) -> str:
    """The CTEs up to `walked` where step n is the event called `$step_n_name`, as its test in `tests` says."""
    last = len(tests)
    steps = range(1, last + 1)
    symbols = ",\n        ".join(SYMBOL.format(n=n) for n in steps)
    sql = SYMBOLS.format(symbols=symbols, start=moment.replace("time)", "start)"))
    if last == 1:
        return sql + WALKED_NAME
    for n in range(2, last + 1):
        place = f"first_{n - 1} + nullif({_after(f'first_{n - 1}', n)}, 0)"
        sql += (MET_2 if n == 2 else MET_N).format(n=n, before="went_on" if n == 3 else f"met_{n - 1}", place=place)
    source = f"met_{last}" if last > 2 else "went_on"
    for n in range(last - 1, 0, -1):
        until = f"first_{last}" if n == last - 1 else f"coalesce(last_{n + 1}, first_{n + 1})"
        sql += BETWEEN_N.format(n=n, until=until, source=source) + LAST_N.format(n=n, until=until)
        source = f"last_{n}"
    for n in range(2, last):
        # its furthest step is where the first walk found it
        before = "last_1" if n == 2 else f"place_{n - 1}"
        place = f"{before} + {_after(before, n)}"
        sql += NAMED_N.format(n=n, done=f"first_{n + 1} IS NULL", place=place, source=source)
        source = f"named_{n}"
    whens = " ".join(f"WHEN first_{n} IS NOT NULL THEN {n}" for n in range(last, 2, -1))
    places = ["last_1", *(f"place_{n}" for n in range(2, last)), f"first_{last}"]
    places = [f"CAST({place} AS INTEGER) AS place_{n}" for n, place in enumerate(places, 1)]  # as events.position
    sql += NAMED.format(furthest=f"CASE {whens} ELSE 2 END" if whens else "2", places=", ".join(places), source=source)
    sql += "".join(TIME_N.format(n=n, moment=moment, test=tests[n - 1].sql) for n in steps)
    kinds = [f"\n    {'JOIN' if n == 2 else 'LEFT JOIN'} at_{n} ON at_{n}.unit = named.unit" for n in steps[1:]]
    return sql + WALKED_NAMES.format(
        moments=", ".join(f"moment_{n}" for n in steps),
        joins="".join(kinds),
        nothing="".join(f", CAST(NULL AS BIGINT) AS moment_{n}" for n in steps[1:]),
    )


def _after(place: str, n: int) -> str:
    return f"strpos(substr(names, {place} + 1), symbol_{n})"
