"""The statements behind a funnel: who (a session or a person, the "unit") gets how far, and when.

Every form ends in the CTE `reached`, one row per unit that did step 1: `unit`, `furthest` (the last step it reached)
and `moment_1` ... `moment_n`, the times of the attempt that is timed, NULL beyond its furthest step. What is counted,
timed and listed reads that. Only step numbers and our own identifiers are written into the text.
"""

from collections.abc import Sequence

from analytics.conditions import Condition, merged

# --- Within a session and without a limit: three walks over the events, which lie in the order of their sessions ------
# Forwards from the first event of step 1 finds how far a session gets, and where first. Backwards from there finds the
# start that lies nearest; forwards from that start is the attempt that is timed.
FIRST_1 = """
WITH first_1 AS MATERIALIZED (
    SELECT session_key AS unit, min(position) AS place, min(time) AS moment
    FROM scoped
    WHERE {test}
    GROUP BY session_key
)"""
FIRST_N = """,
first_{n} AS MATERIALIZED (
    SELECT unit, min(position) AS place, min(time) AS moment
    FROM scoped JOIN first_{before} ON session_key = unit
    WHERE position > place AND {test}
    GROUP BY unit
)"""
BACK_LAST = """,
back_{n} AS (
    SELECT unit, max(position) AS place, max(time) AS moment
    FROM scoped JOIN first_{after} ON session_key = unit
    WHERE position < place AND {test}
    GROUP BY unit
)"""
BACK_N = """,
back_{n} AS (
    SELECT unit, max(position) AS place, max(time) AS moment
    FROM scoped JOIN (
        SELECT unit, place FROM back_{after}
        UNION ALL
        SELECT unit, place FROM first_{after} ANTI JOIN first_{beyond} USING (unit)
    ) AS later ON session_key = unit
    WHERE position < place AND {test}
    GROUP BY unit
)"""
TIMED_N = """,
timed_{n} AS (
    SELECT unit, min(position) AS place, min(time) AS moment
    FROM scoped JOIN (SELECT unit, place FROM {earlier} SEMI JOIN first_{after} USING (unit)) AS earlier
        ON session_key = unit
    WHERE position > place AND {test}
    GROUP BY unit
)"""
REACHED = """,
reached AS MATERIALIZED (
    SELECT first_1.unit, {furthest} AS furthest, {times}
    FROM first_1
    {joins}
)"""

# --- With a window, or over sessions: every start is an attempt -------------------------------------------------------
SESSIONS = """
WITH marked AS (
    SELECT session_key AS unit, position AS place, time AS moment, {marks}
    FROM (SELECT *, {tests} FROM scoped) AS tested
    WHERE {any}
)"""
PERSONS = """
WITH marked AS (
    SELECT user_key AS unit, row_number() OVER (PARTITION BY user_key ORDER BY time, import_id, line) AS place,
        time AS moment, {marks}
    FROM (SELECT *, {tests} FROM scoped) AS tested
    WHERE {any}
)"""
# Running backwards, the place of the next event of each step. A start with another one before its step 2 never gets
# further nor later than that other one.
AHEAD = """,
ahead AS MATERIALIZED (
    SELECT unit, place, moment, is_1, {nexts}
    FROM marked
    WINDOW later AS (PARTITION BY unit ORDER BY place DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
try_1 AS (
    SELECT unit, place AS place_1, moment AS moment_1, next_2
    FROM ahead
    WHERE is_1 AND (next_1 IS NULL OR next_1 >= next_2)
)"""
NEXT = "min(CASE WHEN is_{n} THEN place END) OVER later AS next_{n}"
TRY_N = """,
try_{n} AS (
    SELECT try_{before}.*, ahead.place AS place_{n}, ahead.moment AS moment_{n}{then}
    FROM try_{before} LEFT JOIN ahead
        ON ahead.unit = try_{before}.unit AND ahead.place = try_{before}.next_{n}{within}
)"""
WITHIN = """
        AND date_diff('microsecond', moment_1, ahead.moment) <= $window_us"""
BEST = """,
tries AS (
    SELECT unit, {furthest} AS furthest, place_1, {last} AS place_last, {times}
    FROM try_{n}
),
reached AS MATERIALIZED (
    SELECT unit, furthest, {times}
    FROM tries
    QUALIFY row_number() OVER (PARTITION BY unit ORDER BY furthest DESC, place_last, place_1 DESC) = 1
)"""


def reached(tests: Sequence[Condition], by: str, window_us: int | None) -> Condition:
    """The CTEs up to `reached` for these steps, and their values."""
    if by == "session" and window_us is None:
        return Condition(_earliest(tests), merged(test.params for test in tests), "")
    window: dict[str, object] = {} if window_us is None else {"window_us": window_us}
    return Condition(_attempts(tests, by, window_us), merged([*(test.params for test in tests), window]), "")


def _earliest(tests: Sequence[Condition]) -> str:
    last = len(tests)
    sql = FIRST_1.format(test=tests[0].sql)
    sql += "".join(FIRST_N.format(n=n, before=n - 1, test=tests[n - 1].sql) for n in range(2, last + 1))
    for n in range(last - 1, 0, -1):
        form = BACK_LAST if n == last - 1 else BACK_N
        sql += form.format(n=n, after=n + 1, beyond=n + 2, test=tests[n - 1].sql)
    for n in range(2, last):
        earlier = "back_1" if n == 2 else f"timed_{n - 1}"
        sql += TIMED_N.format(n=n, earlier=earlier, after=n, test=tests[n - 1].sql)
    names = [f"first_{n}" for n in range(1, last + 1)]
    whens = " ".join(f"WHEN first_{n}.unit IS NOT NULL THEN {n}" for n in range(last, 1, -1))
    # the attempt that is timed ends where its furthest step was first reached, which the first walk knows
    times = ["coalesce(back_1.moment, first_1.moment) AS moment_1"]
    times += [f"coalesce(timed_{n}.moment, first_{n}.moment) AS moment_{n}" for n in range(2, last)]
    times += [f"first_{last}.moment AS moment_{last}"]
    joined = [*names[1:], "back_1", *(f"timed_{n}" for n in range(2, last))]
    joins = "\n    ".join(f"LEFT JOIN {name} ON {name}.unit = first_1.unit" for name in joined)
    return sql + REACHED.format(furthest=f"CASE {whens} ELSE 1 END", times=", ".join(times), joins=joins)


def _attempts(tests: Sequence[Condition], by: str, window_us: int | None) -> str:
    last = len(tests)
    steps = range(1, last + 1)
    form = SESSIONS if by == "session" else PERSONS
    sql = form.format(
        marks=", ".join(f"is_{n}" for n in steps),
        tests=", ".join(f"{test.sql} AS is_{n}" for n, test in enumerate(tests, 1)),
        any=" OR ".join(f"is_{n}" for n in steps),
    )
    sql += AHEAD.format(nexts=", ".join(NEXT.format(n=n) for n in steps))
    for n in range(2, last + 1):
        then = f", ahead.next_{n + 1}" if n < last else ""
        sql += TRY_N.format(n=n, before=n - 1, then=then, within=WITHIN if window_us is not None else "")
    whens = " ".join(f"WHEN place_{n} IS NOT NULL THEN {n}" for n in range(last, 1, -1))
    places = ", ".join(f"place_{n}" for n in range(last, 0, -1))
    return sql + BEST.format(
        n=last,
        furthest=f"CASE {whens} ELSE 1 END",
        last=f"coalesce({places})",
        times=", ".join(f"moment_{n}" for n in steps),
    )
