"""The quick form of a funnel whose steps are event names and no more: over each unit's string of names.

Every unit is one row: its names, one character per event, and the times of its events. Forwards from the first event
of step 1: how far it gets, and where first. Backwards from there: the start that lies nearest. Forwards from that
start: the attempt that is timed. With a window, units whose attempt took too long try again from every start that
could do better: the last one before each event of step 2.

A person's string is stored (`journeys`) where its order is that of the sessions; the others take the general form.
"""

from collections.abc import Callable, Sequence

Moment = Callable[[str], str]

SYMBOLS = """WITH symbols AS (
    SELECT
        {symbols}
    FROM codes
    WHERE kind = 'name'
),"""
SYMBOL = "max(CASE WHEN value = $step_{n}_name THEN symbol END) AS symbol_{n}"

OF_SESSIONS = """
walks AS (
    SELECT session_key AS unit, name_string AS names, event_times AS times{value}
    FROM scoped_sessions
)"""
OF_PERSONS = """
walks AS (
    SELECT user_key AS unit, name_string AS names, event_times AS times
    FROM journeys
)"""
OF_PERSONS_IN_SCOPE = """
walks AS (
    SELECT unit, array_to_string(list_transform(parts, lambda part: part.names), '') AS names,
        flatten(list_transform(parts, lambda part: part.times)) AS times
    FROM (
        SELECT user_key AS unit,
            list_sort(list({'start': start, 'names': name_string, 'times': event_times})) AS parts
        FROM scoped_sessions
        WHERE user_key IN (SELECT user_key FROM journeys)
        GROUP BY user_key
    ) AS gathered
)"""
NO_JOURNEY = "user_key NOT IN (SELECT user_key FROM journeys)"

MET_1 = """,
met_1 AS (
    SELECT walks.*, symbols.*, strpos(names, symbol_1) AS first_1
    FROM walks CROSS JOIN symbols
    WHERE strpos(names, symbol_1) > 0
)"""
MET_N = """,
met_{n} AS (
    SELECT *, {place} AS first_{n}
    FROM {source}
)"""
# The last event of step n before the next step's; there is one, as `first_n` is one.
LAST_N = """,
last_{n} AS (
    SELECT *,
        CASE
            WHEN {until} IS NULL THEN NULL
            WHEN {until} = first_{n} + 1 THEN first_{n}
            ELSE {until} - strpos(reverse(substr(names, first_{n}, {until} - first_{n})), symbol_{n})
        END AS last_{n}
    FROM {source}
)"""
PLACED_N = """,
placed_{n} AS (
    SELECT *, CASE WHEN {known} THEN first_{n} ELSE {place} END AS place_{n}
    FROM {source}
)"""
WALKED = """,
walked AS{kept} (
    SELECT {columns}
    FROM {source}
)"""
AGAIN = """,
again AS (
    SELECT walks.*, symbols.*, string_split(names, symbol_2) AS pieces
    FROM walks CROSS JOIN symbols
    WHERE unit IN (SELECT unit FROM walked WHERE is_late)
),
pieces_of AS (
    SELECT *, unnest(generate_series(1, array_length(pieces) - 1)) AS nth
    FROM again
),
ended AS (
    SELECT *, list_extract(pieces, nth) AS piece,
        CAST(sum(length(list_extract(pieces, nth)) + 1) OVER so_far AS BIGINT) AS place_2
    FROM pieces_of
    WINDOW so_far AS (PARTITION BY unit ORDER BY nth ROWS UNBOUNDED PRECEDING)
),
starts AS (
    SELECT *, {place_1} AS place_1
    FROM ended
),
attempt_2 AS (
    SELECT {carried}, place_1, CASE WHEN {in_time} THEN place_2 END AS place_2
    FROM starts
    WHERE place_1 > 0
)"""
ATTEMPT_N = """,
attempt_{n} AS (
    SELECT *, CASE WHEN {in_time} THEN following_{n} END AS place_{n}
    FROM (SELECT *, {place} AS following_{n} FROM attempt_{before}) AS followed_{n}
)"""
SETTLED = """,
attempts AS (
    SELECT {columns}, coalesce({there}) AS got_there, place_1
    FROM attempt_{last}
),
best_attempt AS (
    SELECT {kept}
    FROM attempts
    QUALIFY row_number() OVER (PARTITION BY unit ORDER BY furthest DESC, got_there, place_1 DESC) = 1
),
settled AS (
    SELECT {kept}
    FROM walked
    WHERE NOT is_late
    UNION ALL
    SELECT {kept}
    FROM best_attempt
)"""


def walk(
    last: int,
    moment: Moment,
    source: str,
    *,
    window_from: str | None = None,
    value: bool = False,
) -> tuple[str, str]:
    """The CTEs of a funnel of `last` steps, step n being the event called `$step_n_name`, and the name of the last one:
    a row per unit that did step 1, with `furthest` and `moment_1` ... `moment_n` (and `value`, where `source` has it).

    `moment` turns a time into a number, `source` is one of the texts above; `window_from` None: however long it takes.
    """
    steps = range(1, last + 1)
    sql = SYMBOLS.format(symbols=",\n        ".join(SYMBOL.format(n=n) for n in steps)) + source + MET_1
    before = "met_1"
    for n in steps[1:]:
        sql += MET_N.format(n=n, place=_after(f"first_{n - 1}", n), source=before)
        before = f"met_{n}"
    for n in range(last - 1, 0, -1):
        until = f"first_{last}" if n == last - 1 else f"coalesce(last_{n + 1}, first_{n + 1})"
        sql += LAST_N.format(n=n, until=until, source=before)
        before = f"last_{n}"
    for n in range(2, last):
        # its furthest step is where the first walk found it
        known = f"first_{n + 1} IS NULL OR last_1 = first_1"
        place = _after("last_1" if n == 2 else f"place_{n - 1}", n)
        sql += PLACED_N.format(n=n, known=known, place=place, source=before)
        before = f"placed_{n}"
    places = ["coalesce(last_1, first_1)" if last > 1 else "first_1", *(f"place_{n}" for n in steps[1:-1])]
    places += [f"first_{last}"] if last > 1 else []
    moments = [moment(f"list_extract(times, {place})") for place in places]
    kept = ["unit", "furthest", *(f"moment_{n}" for n in steps), *(["value"] if value else [])]
    columns = ["unit", f"{_furthest([f'first_{n}' for n in steps])} AS furthest"]
    columns += [f"{one} AS moment_{n}" for n, one in enumerate(moments, 1)] + (["value"] if value else [])
    if window_from is None or last == 1:
        return sql + WALKED.format(kept="", columns=", ".join(columns), source=before), "walked"
    columns.append(f"{_late(moments, window_from)} AS is_late")
    sql += WALKED.format(kept=" MATERIALIZED", columns=", ".join(columns), source=before)
    return sql + _again(last, moment, window_from, kept, value), "settled"


def _again(last: int, moment: Moment, window_from: str, kept: Sequence[str], value: bool) -> str:
    """From every start that no later one beats, step by step while in time; the best attempt of each unit."""
    steps = range(1, last + 1)

    def in_time(n: int, place: str) -> str:
        since = "place_1" if window_from == "first" else f"place_{n - 1}"
        return f"{moment(f'list_extract(times, {place})')} - {moment(f'list_extract(times, {since})')} <= $window_us"

    same = "CASE WHEN nth > 1 THEN place_2 - length(piece) - 1 ELSE 0 END"
    within = "CASE WHEN strpos(piece, symbol_1) > 0 THEN place_2 - strpos(reverse(piece), symbol_1) ELSE 0 END"
    carried = ["unit", "names", "times", *(["value"] if value else []), *(f"symbol_{n}" for n in steps)]
    sql = AGAIN.format(
        place_1=f"CASE WHEN symbol_1 = symbol_2 THEN {same} ELSE {within} END",
        carried=", ".join(carried),
        in_time=in_time(2, "place_2"),
    )
    for n in steps[2:]:
        sql += ATTEMPT_N.format(
            n=n, before=n - 1, place=_after(f"place_{n - 1}", n), in_time=in_time(n, f"following_{n}")
        )
    # who does nothing in time did step 1 first where it did it first
    first = "CASE WHEN place_2 IS NULL THEN strpos(names, symbol_1) ELSE place_1 END"
    moments = [moment(f"list_extract(times, {first})"), *(moment(f"list_extract(times, place_{n})") for n in steps[1:])]
    columns = ["unit", f"{_furthest([f'place_{n}' for n in steps])} AS furthest"]
    columns += [f"{one} AS moment_{n}" for n, one in enumerate(moments, 1)] + (["value"] if value else [])
    return sql + SETTLED.format(
        columns=", ".join(columns),
        there=", ".join(f"place_{n}" for n in reversed(steps)),
        last=last,
        kept=", ".join(kept),
    )


def _after(place: str, n: int) -> str:
    """The place of the first event of step n after `place`; NULL: there is none, or no such place."""
    return f"CASE WHEN {place} IS NOT NULL THEN {place} + nullif(strpos(substr(names, {place} + 1), symbol_{n}), 0) END"


def _late(moments: Sequence[str], window_from: str) -> str:
    whole = [
        f"coalesce(moment_{n} - moment_{1 if window_from == 'first' else n - 1} > $window_us, false)"
        for n in range(2, len(moments) + 1)
    ]
    return " OR ".join(whole)


def _furthest(places: Sequence[str]) -> str:
    whens = " ".join(f"WHEN {place} IS NOT NULL THEN {n}" for n, place in reversed([*enumerate(places, 1)][1:]))
    return f"CASE {whens} ELSE 1 END" if whens else "1"
