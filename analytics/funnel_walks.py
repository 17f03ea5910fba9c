"""The quick form of a funnel within a session, whatever happens between its steps: over the events that serve a step.

Forwards from the first event of step 1: how far a session gets, and where first. Backwards from there: the start that
lies nearest. Forwards from that start: the attempt that is timed.
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
