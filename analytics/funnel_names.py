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
# Whose sessions in scope follow one another without a gap, as in a range of days, are a part of their string: `skipped`
# events lie before it. Of the others the sessions in scope are put one after another.
OF_PERSONS_IN_SCOPE = """
spans_in_scope AS (
    SELECT user_key, min(start) AS begun, max(stop) AS ended, CAST(sum(events) AS INTEGER) AS events
    FROM scoped_sessions
    GROUP BY user_key
),
strings_in_scope AS (
    SELECT user_key, name_string, event_times, CAST(array_position(event_times, begun) AS INTEGER) - 1 AS skipped,
        events, ended
    FROM journeys JOIN spans_in_scope USING (user_key)
),
parts_in_scope AS (
    SELECT user_key, substr(name_string, skipped + 1, events) AS names, event_times AS times, skipped,
        list_extract(event_times, skipped + events) = ended AND (
            skipped + events = array_length(event_times)
            OR list_extract(event_times, least(skipped + events + 1, array_length(event_times))) > ended
        ) AS is_whole
    FROM strings_in_scope
),
walks AS (
    SELECT user_key AS unit, names, times, skipped
    FROM parts_in_scope
    WHERE is_whole
    UNION ALL
    SELECT unit, array_to_string(list_transform(each, lambda one: one.names), '') AS names,
        flatten(list_transform(each, lambda one: one.times)) AS times, 0 AS skipped
    FROM (
        SELECT user_key AS unit,
            list_sort(list({'start': start, 'names': name_string, 'times': event_times})) AS each
        FROM scoped_sessions
        WHERE user_key IN (SELECT user_key FROM parts_in_scope WHERE NOT is_whole)
        GROUP BY user_key
    ) AS gathered
)"""
NO_JOURNEY = "user_key IN (SELECT user_key FROM users ANTI JOIN journeys USING (user_key))"

# Who never does step 1 stays in: to leave them out here would copy everybody else's lists.
MET_1 = """,
met_1 AS (
    SELECT walks.*, symbols.*, nullif(strpos(names, symbol_1), 0) AS first_1
    FROM walks CROSS JOIN symbols
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
walked_names AS MATERIALIZED (
    SELECT {columns}
    FROM {source}
)"""
# A list of attempts per unit, each a struct of places; cutting at step 2 finds the start before each of its events.
AGAIN = """,
again AS (
    SELECT walks.*, symbols.*, string_split(names, symbol_2) AS pieces
    FROM walks CROSS JOIN symbols
    WHERE unit IN (SELECT unit FROM walked_names WHERE is_late)
),
ended AS (
    SELECT *, list_transform(
        generate_series(1, array_length(pieces) - 1),
        lambda nth: {{
            'piece': list_extract(pieces, nth),
            'place_2': length(array_to_string(list_slice(pieces, 1, nth), '')) + nth
        }}
    ) AS ends
    FROM again
),
started AS (
    SELECT {kept}, list_filter(
        list_transform(ends, lambda one: {{'place_1': {place_1}, 'following': one.place_2}}),
        lambda one: one.place_1 > 0
    ) AS attempts
    FROM ended
),
attempts_2 AS (
    SELECT {kept}, list_transform(attempts, lambda one: {{'place_1': one.place_1, 'place_2': {in_time}}}) AS attempts
    FROM started
)"""
ATTEMPTS_N = """,
attempts_{n} AS (
    SELECT {kept}, list_transform(
        list_transform(attempts, lambda one: {{{so_far}, 'following': {place}}}),
        lambda one: {{{so_far}, 'place_{n}': {in_time}}}
    ) AS attempts
    FROM attempts_{before}
)"""
# Of structs the greatest is the first by its fields in turn: furthest, there first, begun last.
SETTLED = """,
chosen AS (
    SELECT {kept}, list_max(list_transform(
        attempts, lambda one: {{'furthest': {furthest}, 'there': -coalesce({there}), {so_far}}}
    )) AS best
    FROM attempts_{last}
),
settled AS (
    SELECT {columns}
    FROM walked_names
    WHERE NOT is_late
    UNION ALL
    SELECT unit, best.furthest AS furthest, {moments}{value}
    FROM chosen
)"""
IN_TIME = "CASE WHEN {until} - {since} <= $window_us THEN one.following END"


def walk(
    last: int,
    moment: Moment,
    source: str,
    *,
    window_from: str | None = None,
    value: bool = False,
    skipped: bool = False,
) -> tuple[str, str]:
    """The CTEs of a funnel of `last` steps, step n being the event called `$step_n_name`, and the name of the last one:
    a row per unit, with `furthest` (NULL: not even step 1) and `moment_1` ... `moment_n` (and `value`, where `source`
    has it).

    `moment` turns a time into a number, `source` is one of the texts above (with `skipped`: a column of it);
    `window_from` None: however long it takes.
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
    moments = [_at(place, moment, skipped) for place in places]
    kept = ["unit", "furthest", *(f"moment_{n}" for n in steps), *(["value"] if value else [])]
    columns = ["unit", f"{_furthest([f'first_{n}' for n in steps])} AS furthest"]
    columns += [f"{one} AS moment_{n}" for n, one in enumerate(moments, 1)] + (["value"] if value else [])
    if window_from is None or last == 1:
        return sql + WALKED.format(columns=", ".join(columns), source=before), "walked_names"
    columns.append(f"{_late(moments, window_from)} AS is_late")
    sql += WALKED.format(columns=", ".join(columns), source=before)
    return sql + _again(last, moment, window_from, kept, value, skipped), "settled"


def _again(last: int, moment: Moment, window_from: str, columns: Sequence[str], value: bool, skipped: bool) -> str:
    """From every start that no later one beats, step by step while in time; the best attempt of each unit."""
    steps = range(1, last + 1)
    also = ["value"] * value + ["skipped"] * skipped
    kept = ", ".join(["unit", "names", "times", *(f"symbol_{n}" for n in steps), *also])

    def at(place: str) -> str:
        return _at(place, moment, skipped)

    def in_time(n: int) -> str:
        since = "one.place_1" if window_from == "first" else f"one.place_{n - 1}"
        return IN_TIME.format(until=at("one.following"), since=at(since))

    def so_far(n: int) -> str:
        return ", ".join(f"'place_{m}': one.place_{m}" for m in range(1, n + 1))

    again = "CASE WHEN length(one.piece) + 1 < one.place_2 THEN one.place_2 - length(one.piece) - 1 ELSE 0 END"
    within = (
        "CASE WHEN strpos(one.piece, symbol_1) > 0 THEN one.place_2 - strpos(reverse(one.piece), symbol_1) ELSE 0 END"
    )
    place_1 = f"CASE WHEN symbol_1 = symbol_2 THEN {again} ELSE {within} END"
    sql = AGAIN.format(kept=kept, place_1=place_1, in_time=in_time(2))
    for n in steps[2:]:
        place = _after(f"one.place_{n - 1}", n)
        sql += ATTEMPTS_N.format(n=n, before=n - 1, kept=kept, so_far=so_far(n - 1), place=place, in_time=in_time(n))
    # who does nothing in time did step 1 first where it did it first
    first = "CASE WHEN best.place_2 IS NULL THEN strpos(names, symbol_1) ELSE best.place_1 END"
    moments = [at(first), *(at(f"best.place_{n}") for n in steps[1:])]
    places = [f"one.place_{n}" for n in steps]
    return sql + SETTLED.format(
        kept=kept,
        furthest=_furthest(places),
        there=", ".join(reversed(places)),
        so_far=so_far(last),
        last=last,
        columns=", ".join(columns),
        moments=", ".join(f"{one} AS moment_{n}" for n, one in enumerate(moments, 1)),
        value=", value" if value else "",
    )


def _at(place: str, moment: Moment, skipped: bool) -> str:
    return moment(f"list_extract(times, {place}{' + skipped' * skipped})")


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
    whens = [f"WHEN {place} IS NOT NULL THEN {n}" for n, place in enumerate(places, 1)]
    return f"CASE {' '.join(reversed(whens))} END"
