"""ClickHouse in a process (chdb), asked twice.

`tables`: the tables that Sessionscope prepares, each as a MergeTree in the order that serves its questions, with small
types and dictionaries for repeated texts. `events`: one table of events alone, by day, session and position, as
products on ClickHouse keep it; everything else is worked out when asked.
Both start from sessions, order and people as Sessionscope has settled them, which is not part of their time.
"""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from chdb import engine_version
from chdb.session import Session

from benchmarks import measure, questions

TABLES = {
    "events": """
        CREATE TABLE events (
            day Date, session_key UInt32, position UInt32, offset_ms Int64, gap_ms Int64, user_key Int64,
            name LowCardinality(String), page LowCardinality(String), element LowCardinality(String),
            text LowCardinality(String), x Nullable(Int32), y Nullable(Int32), viewport_width Int32, page_height Int32,
            viewport_height Nullable(Int32), scroll_depth Nullable(Float64), visit_no UInt32,
            country LowCardinality(String), time_ms UInt64, person_place UInt32
        ) ENGINE = MergeTree ORDER BY (day, session_key, position)""",
    "visits": """
        CREATE TABLE visits (
            day Date, session_key UInt32, visit_no UInt32, viewed Bool, page LowCardinality(String), entered_ms Int64,
            previous_page LowCardinality(String), next_page LowCardinality(String), deepest_scroll Nullable(Float64),
            first_screen Nullable(Float64)
        ) ENGINE = MergeTree ORDER BY (day, session_key, visit_no)""",
    "clicks": """
        CREATE TABLE clicks (
            page LowCardinality(String), day Date, session_key UInt32, user_key Int64, x Nullable(Int32),
            y Nullable(Int32),
            viewport_width Int32, page_height Int32, element LowCardinality(String), text LowCardinality(String)
        ) ENGINE = MergeTree ORDER BY (page, day, session_key)""",
    "sessions": """
        CREATE TABLE sessions (
            day Date, session_key UInt32, user_key Int64, people UInt32, events UInt32, page_views UInt32,
            errors UInt32, bounce Nullable(Bool), duration_ms Int64, active_ms Int64, country LowCardinality(String)
        ) ENGINE = MergeTree ORDER BY (day, session_key)""",
}
RAW = """
    CREATE TABLE raw ENGINE = MergeTree ORDER BY (session_id, timestamp) SETTINGS allow_nullable_key = 1
    AS SELECT * FROM file('{file}', Parquet)"""

# Tables of events, visits, clicks and sessions made from the raw file. That is less than Sessionscope makes: the first
# user whom an anonymous id met counts for all of its events, ties in time fall by id, and devices, people, journeys and
# elements are not kept.
MADE = (
    """
    CREATE TABLE owned ENGINE = MergeTree ORDER BY (person, timestamp) SETTINGS allow_nullable_key = 1 AS
    WITH joins AS (
        SELECT anonymous_id, min(user_id) AS joined FROM file('{file}', Parquet)
        WHERE user_id IS NOT NULL AND anonymous_id IS NOT NULL GROUP BY anonymous_id
    )
    SELECT rows.*, coalesce(user_id, joined, anonymous_id) AS person
    FROM (SELECT * FROM file('{file}', Parquet) LIMIT 1 BY event_id) AS rows
    LEFT JOIN joins ON rows.anonymous_id = joins.anonymous_id""",
    """
    CREATE TABLE sessioned ENGINE = MergeTree ORDER BY (session, timestamp) SETTINGS allow_nullable_key = 1 AS
    SELECT * EXCEPT part, assumeNotNull(coalesce(session_id, concat(person, ' ', toString(part)))) AS session
    FROM (
        SELECT * EXCEPT begins, sum(begins) OVER (PARTITION BY person ORDER BY timestamp, event_id) AS part
        FROM (
            SELECT *, dateDiff('second', lagInFrame(timestamp) OVER (
                PARTITION BY person ORDER BY timestamp, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ), timestamp) > 1800 AS begins
            FROM owned WHERE session_id IS NULL
        )
        UNION ALL SELECT *, 0 FROM owned WHERE session_id IS NOT NULL
    )""",
    """
    CREATE TABLE heads ENGINE = Memory AS
    SELECT session, toDate(start) AS day, start,
        toUInt32(row_number() OVER (ORDER BY toDate(start), start, session)) AS session_key
    FROM (SELECT session, min(timestamp) AS start FROM sessioned GROUP BY session)""",
    """
    CREATE TABLE made_events ENGINE = MergeTree ORDER BY (day, session_key, position) SETTINGS allow_nullable_key = 1 AS
    SELECT * EXCEPT (starts, session, start), sum(starts) OVER (PARTITION BY session_key ORDER BY position) AS visit_no
    FROM (
        SELECT sessioned.*, day, start, session_key, row_number() OVER places AS position,
            dateDiff('millisecond', start, timestamp) AS offset_ms,
            dateDiff('millisecond', lagInFrame(timestamp, 1, timestamp) OVER places, timestamp) AS gap_ms,
            event = 'page_view' OR page != lagInFrame(page, 1, '') OVER places AS starts
        FROM sessioned JOIN heads ON sessioned.session = heads.session
        WINDOW places AS (
            PARTITION BY session_key ORDER BY timestamp, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )""",
    """
    CREATE TABLE made_visits ENGINE = MergeTree ORDER BY (day, session_key, visit_no) SETTINGS allow_nullable_key = 1 AS
    SELECT *, lagInFrame(page) OVER places AS previous_page, leadInFrame(page) OVER places AS next_page
    FROM (
        SELECT any(day) AS day, session_key, visit_no, any(page) AS page, min(offset_ms) AS entered_ms,
            max(offset_ms) AS last_ms, countIf(event = 'click') AS clicks, max(scroll_depth) AS deepest_scroll
        FROM made_events GROUP BY session_key, visit_no
    )
    WINDOW places AS (
        PARTITION BY session_key ORDER BY visit_no ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)""",
    """
    CREATE TABLE made_clicks ENGINE = MergeTree ORDER BY (page, day, session_key) SETTINGS allow_nullable_key = 1 AS
    SELECT page, day, session_key, position, person, element, text, x, y, viewport_width, page_height
    FROM made_events WHERE event = 'click'""",
    """
    CREATE TABLE made_sessions ENGINE = MergeTree ORDER BY (day, session_key) SETTINGS allow_nullable_key = 1 AS
    SELECT any(day) AS day, session_key, argMin(person, position) AS person, min(timestamp) AS start,
        max(offset_ms) AS duration_ms, sum(least(gap_ms, 30000)) AS active_ms, count() AS events,
        countIf(event = 'page_view') AS page_views, countIf(event = 'click') AS clicks,
        countIf(event = 'error') AS errors, argMin(page, position) AS entry_page, argMax(page, position) AS exit_page,
        any(device) AS device, any(country) AS country, any(release) AS release,
        arrayMap(pair -> pair.2, arraySort(groupArray((position, event)))) AS names
    FROM made_events GROUP BY session_key""",
)

OVERVIEW = """
WITH persons AS (
    SELECT day, grouping(day) AS whole, uniqExact(user_key) AS people
    FROM (
        SELECT day, user_key FROM sessions WHERE people = 1 AND {slice}
        UNION ALL
        SELECT day, user_key FROM events
        WHERE session_key IN (SELECT session_key FROM sessions WHERE people > 1 AND {slice})
    )
    GROUP BY GROUPING SETS ((day), ())
),
totals AS (
    SELECT day, grouping(day) AS whole, count() AS sessions, sum(events) AS events, sum(page_views) AS page_views,
        sum(errors) AS errors, countIf(bounce) AS bounces, sum(duration_ms) AS duration_ms, sum(active_ms) AS active_ms
    FROM sessions
    WHERE {slice}
    GROUP BY GROUPING SETS ((day), ())
)
SELECT if(totals.whole = 1, NULL, totals.day), sessions, people, events, page_views, errors, bounces, duration_ms,
    active_ms
FROM totals JOIN persons ON persons.whole = totals.whole AND persons.day = totals.day"""

OVERVIEW_OF_EVENTS = """
WITH chosen AS (
    SELECT day, session_key, count() AS events, countIf(name = 'page_view') AS page_views,
        countIf(name = 'error') AS errors,
        page_views = 1 AND max(offset_ms) < 10000 AND countIf({acts}) = 0 AS bounce,
        max(offset_ms) AS duration_ms, sum(least(gap_ms, 30000)) AS active_ms
    FROM events
    WHERE {slice}
    GROUP BY day, session_key
),
persons AS (
    SELECT day, grouping(day) AS whole, uniqExact(user_key) AS people
    FROM events
    WHERE {slice}
    GROUP BY GROUPING SETS ((day), ())
),
totals AS (
    SELECT day, grouping(day) AS whole, count() AS sessions, sum(events) AS events, sum(page_views) AS page_views,
        sum(errors) AS errors, countIf(bounce) AS bounces, sum(duration_ms) AS duration_ms, sum(active_ms) AS active_ms
    FROM chosen
    GROUP BY GROUPING SETS ((day), ())
)
SELECT if(totals.whole = 1, NULL, totals.day), sessions, people, events, page_views, errors, bounces, duration_ms,
    active_ms
FROM totals JOIN persons ON persons.whole = totals.whole AND persons.day = totals.day"""
ACTS = "name NOT IN ('page_view', 'scroll', 'move', 'focus', 'change', 'page_leave', 'form_error', 'error', 'login', "
ACTS += "'login_failed', 'logout')"

CELLS = """
SELECT toInt32(floor(x / {cell})) AS column_no, toInt32(floor(y / {cell})) AS row_no, count() AS events,
    uniqExact(session_key) AS sessions
FROM {source}
WHERE {slice} AND page = '{page}' AND x IS NOT NULL AND y IS NOT NULL
GROUP BY column_no, row_no
ORDER BY events DESC, row_no, column_no"""
ELEMENTS = """
SELECT element, count() AS events, uniqExact(session_key) AS sessions, max(text), quantileExactInclusive(0.5)(x),
    quantileExactInclusive(0.5)(y)
FROM {source}
WHERE {slice} AND page = '{page}' AND element <> ''
GROUP BY element
ORDER BY events DESC, element
LIMIT 1000"""
VIEWERS = """
SELECT
    (SELECT uniqExact(session_key) FROM {viewed} WHERE {slice} AND page = '{page}') AS viewers,
    count() AS events, count(x + y) AS placed, uniqExact(session_key) AS sessions, max(page_height),
    min(viewport_width), max(viewport_width)
FROM {source}
WHERE {slice} AND page = '{page}'"""

SCROLL = """
SELECT toInt32(floor(100 * greatest(ifNull(deepest_scroll, 0), ifNull(first_screen, 0)) + 0.001)) AS depth, count()
FROM {viewed}
WHERE {slice} AND viewed AND page = '{page}' AND (deepest_scroll IS NOT NULL OR first_screen IS NOT NULL)
GROUP BY depth"""
VIEWS_OF_EVENTS = """(
    SELECT max(scroll_depth) AS deepest_scroll, true AS viewed, page,
        max(if(viewport_height > 0 AND page_height > 0, least(viewport_height / page_height, 1), NULL)) AS first_screen
    FROM events
    WHERE {slice} AND page = '{page}'
    GROUP BY day, session_key, visit_no, page
    HAVING countIf(name = 'page_view') > 0)"""
CLICKED = """
SELECT element, count() AS clicks, uniqExact(session_key), uniqExact(user_key)
FROM {source}
WHERE {slice} AND element <> ''
GROUP BY element
ORDER BY clicks DESC, element
LIMIT 1000"""

# A path as an array: in order, equal neighbours as one (the last), the first items and whether there are more.
PATHS = """
WITH {items} AS first_items,
chosen AS (
    SELECT arraySort(groupArray(({place}, page, {at_ms}))) AS visits,
        arrayFilter(
            (visit, nth) -> nth = length(visits) OR visits[nth + 1].2 <> visit.2, visits, arrayEnumerate(visits)
        ) AS items
    FROM {source}
    WHERE {slice} AND {viewed}
    GROUP BY {session}
),
hops AS (
    SELECT depth, item.2 AS source, if(depth < least(length(items), first_items), items[depth + 1].2, '') AS target,
        if(depth < least(length(items), first_items), items[depth + 1].3 - item.3, NULL) AS ms,
        depth = length(items) AS left, depth = first_items AND length(items) > first_items AS cut
    FROM chosen
    ARRAY JOIN arraySlice(items, 1, first_items) AS item, arrayEnumerate(arraySlice(items, 1, first_items)) AS depth
)
SELECT depth, source, target, grouping(target) AS node, count() AS sessions, countIf(left) AS left, countIf(cut) AS cut,
    avg(ms), quantileExactInclusive(0.5)(ms)
FROM hops
GROUP BY GROUPING SETS ((depth, source, target), (depth, source))
ORDER BY depth, sessions DESC, source, target"""

# Around a page: the items from some before its first place to some after it.
AROUND = """
WITH {before} AS most_before, {items} AS items_from,
chosen AS (
    SELECT arraySort(groupArray(({place}, page, {at_ms}))) AS visits,
        arrayFilter(
            (visit, nth) -> nth = length(visits) OR visits[nth + 1].2 <> visit.2, visits, arrayEnumerate(visits)
        ) AS items,
        arrayFirstIndex(item -> item.2 = '{page}', items) AS at,
        greatest(1, toInt32(at) - most_before) AS first, least(length(items), at + items_from - 1) AS last
    FROM {source}
    WHERE {slice} AND {viewed}
    GROUP BY {session}
    HAVING at > 0
),
hops AS (
    SELECT nth - at + most_before + 1 AS depth, items[nth].2 AS source,
        if(nth < last, items[nth + 1].2, '') AS target, if(nth < last, items[nth + 1].3 - items[nth].3, NULL) AS ms,
        nth = length(items) AS left, nth = last AND nth < length(items) AS cut
    FROM chosen
    ARRAY JOIN range(toUInt64(first), toUInt64(last) + 1) AS nth
)
SELECT depth, source, target, grouping(target) AS node, count() AS sessions, countIf(left) AS left, countIf(cut) AS cut,
    avg(ms), quantileExactInclusive(0.5)(ms)
FROM hops
GROUP BY GROUPING SETS ((depth, source, target), (depth, source))
ORDER BY depth, sessions DESC, source, target"""

# From neighbours that are stored, a first page being one without another before it; or from the events' order.
MOVES = """
SELECT page AS source, if(next_page = '', '(end)', next_page) AS target, count() AS count
FROM visits
WHERE {slice} AND viewed AND page <> next_page
GROUP BY source, target
UNION ALL
SELECT '(start)' AS source, page AS target, count() AS count
FROM visits
WHERE {slice} AND viewed AND previous_page = ''
GROUP BY target"""
MOVES_OF_EVENTS = """
SELECT move.1 AS source, move.2 AS target, count() AS count
FROM (
    SELECT arrayMap(place -> place.2, arraySort(groupArray((position, page)))) AS pages
    FROM events
    WHERE {slice} AND name = 'page_view'
    GROUP BY day, session_key
)
ARRAY JOIN arrayZip(arrayPushFront(pages, '(start)'), arrayPushBack(pages, '(end)')) AS move
WHERE source <> target
GROUP BY source, target"""
WHOLE = """
SELECT items, count() AS sessions
FROM (
    SELECT arrayCompact(arrayMap(place -> place.2, arraySort(groupArray(({place}, page))))) AS items
    FROM {source}
    WHERE {slice} AND {viewed}
    GROUP BY {session}
)
GROUP BY items
ORDER BY sessions DESC, items
LIMIT {most}"""
PATTERN = """
SELECT count()
FROM (
    SELECT sequenceMatch('{parts}')(position, {steps}) AS matches
    FROM events
    WHERE {slice} AND name IN ({names})
    GROUP BY day, session_key
)
WHERE matches
SETTINGS optimize_aggregation_in_order = 1"""

# What the function takes for a time is the place itself, or, with a window, time and place in one number.
FUNNEL = """
SELECT {value}{counts}
FROM (
    SELECT {value}windowFunnel({window})({place}, {steps}) AS reached
    FROM events
    WHERE {slice} AND name IN ({names})
    GROUP BY {value}{unit}
)
{by}
SETTINGS optimize_aggregation_in_order = {in_order}"""
ANY, STRETCH = 4_294_967_295, 65_536  # nobody has as many events

RETENTION = """
SELECT week, back - week AS later, count() AS people
FROM (
    SELECT user_key, groupUniqArray(intDiv(time_ms - {first_ms}, 604800000)) AS weeks
    FROM events
    WHERE {slice}
    GROUP BY user_key
)
ARRAY JOIN weeks AS week
ARRAY JOIN weeks AS back
WHERE back >= week AND back <= {last}
GROUP BY week, later
ORDER BY week, later"""


PER_SESSION = """
    SELECT day, session_key, user_key, errors > 0 AS error_rate, events, page_views, duration_ms AS duration
    FROM sessions
    WHERE {slice}"""
PER_SESSION_OF_EVENTS = """
    SELECT day, session_key, argMin(user_key, position) AS user_key, countIf(name = 'error') > 0 AS error_rate,
        count() AS events, countIf(name = 'page_view') AS page_views, max(offset_ms) AS duration
    FROM events
    WHERE {slice}
    GROUP BY day, session_key"""
# The sums, squares and products over people are worked out as they are for Sessionscope, though not compared.
COMPARE = """
WITH sided AS (
    SELECT *, day >= '{turn}' AS side,
        session_key IN (SELECT session_key FROM events WHERE name = '{goal}' AND {days}) AS conversion
    FROM ({per_session}) AS per_session
),
people AS (
    SELECT user_key, toFloat64(countIf(NOT side)) AS n_0, toFloat64(countIf(side)) AS n_1, {sums}
    FROM sided
    GROUP BY user_key
)
SELECT countIf(n_1 = 0), countIf(n_0 = 0), countIf(n_0 > 0 AND n_1 > 0),
    sum(n_0), sum(n_1), countIf(n_0 > 0), countIf(n_1 > 0), sum(n_0 * n_0), sum(n_1 * n_1), sum(n_0 * n_1), {totals}
FROM people"""
SUMS = "toFloat64(sumIf({0}, NOT side)) AS s_{0}_0, toFloat64(sumIf({0}, side)) AS s_{0}_1"
TOTALS = """sum(s_{0}_0), sum(s_{0}_1), sum(s_{0}_0 * s_{0}_0), sum(s_{0}_1 * s_{0}_1), sum(s_{0}_0 * n_0),
    sum(s_{0}_1 * n_1), sum(s_{0}_0 * s_{0}_1), sum(s_{0}_0 * n_1), sum(n_0 * s_{0}_1)"""
PLACEBO = """
SELECT day, count(), {totals}
FROM (
    SELECT *, session_key IN (SELECT session_key FROM events WHERE name = '{goal}') AS conversion
    FROM ({per_session}) AS per_session
)
GROUP BY day"""


def run(prepared: Path, raw: Path | None, folder: Path, times: int) -> dict[str, Any]:
    """Loads the prepared tables (and the raw file, to see what that alone takes) and asks."""
    session = Session(str(folder / "clickhouse"))
    try:
        found: dict[str, Any] = {"version": engine_version}
        if raw:
            found["raw"] = measure.once(lambda: session.query(RAW.format(file=raw)))[1]
            session.query("DROP TABLE raw SYNC")
            found["made"] = measure.once(lambda: [session.query(sql.format(file=raw)) for sql in MADE])[1]
            for table in ("owned", "sessioned", "heads", "made_events", "made_visits", "made_clicks", "made_sessions"):
                session.query(f"DROP TABLE {table} SYNC")
        found["load"] = measure.once(lambda: _load(session, prepared))[1]
        for way in ("tables", "events"):
            found[way] = {
                name: {one.name: _asked(session, way, name, one, times) for one in questions.SLICES}
                for name in questions.QUESTIONS
            }
        return found
    finally:
        session.close()


def _load(session: Session, prepared: Path) -> None:
    for table, create in TABLES.items():
        session.query(create)
        session.query(f"INSERT INTO {table} SELECT * FROM file('{prepared / table}.parquet', Parquet)")
        session.query(f"OPTIMIZE TABLE {table} FINAL")


def _asked(session: Session, way: str, name: str, one: questions.Slice, times: int) -> dict[str, Any]:
    statements = _statements(way, name, one)
    texts, cost = measure.warm(lambda: [session.query(sql, "JSONCompact").bytes() for sql in statements], times)
    return {**cost, "answer": _answer(name, [json.loads(text)["data"] for text in texts])}


def _statements(way: str, name: str, one: questions.Slice) -> list[str]:
    alone = way == "events"
    days = [f"day >= '{one.start}'"] if one.start else []
    days += [f"day < '{one.stop}'"] if one.stop else []
    country = [f"country = '{one.country}'"] if one.country else []
    of_sessions = " AND ".join([*days, *country]) or "true"
    among = [f"session_key IN (SELECT session_key FROM sessions WHERE {of_sessions})"] if country else []
    part = of_sessions if alone else " AND ".join([*days, *among]) or "true"
    if name == "overview":
        return [(OVERVIEW_OF_EVENTS if alone else OVERVIEW).format(slice=of_sessions, acts=ACTS)]
    if name == "heatmap":
        source, viewed = ("events", "events") if alone else ("clicks", "visits")
        click = f"{part} AND name = 'click'" if alone else part
        values = {"source": source, "slice": click, "page": questions.PAGE, "cell": questions.CELL}
        views = f"{part} AND name = 'page_view'" if alone else f"{part} AND viewed"
        viewers = VIEWERS.replace("{slice}", "{views}", 1).format(viewed=viewed, views=views, **values)
        return [CELLS.format(**values), ELEMENTS.format(**values), viewers]
    if name == "scroll":
        stays = VIEWS_OF_EVENTS.format(slice=part, page=questions.PAGE) if alone else "visits"
        return [SCROLL.format(viewed=stays, slice="true" if alone else part, page=questions.PAGE)]
    if name == "elements":
        click = f"{part} AND name = 'click'" if alone else part
        return [CLICKED.format(source="events" if alone else "clicks", slice=click)]
    if name == "moves":
        return [(MOVES_OF_EVENTS if alone else MOVES).format(slice=part)]
    if name == "pattern":
        steps = [f"name = '{step}'" for step in questions.FUNNEL]
        parts = ".*".join(f"(?{n})" for n in range(1, len(steps) + 1))
        names = ", ".join(f"'{step}'" for step in questions.FUNNEL)
        return [PATTERN.format(parts=parts, steps=", ".join(steps), names=names, slice=part)]
    if name in (*questions.PATHS, "whole"):
        columns = {"place": "position", "at_ms": "offset_ms", "source": "events", "viewed": "name = 'page_view'"}
        if not alone:
            columns = {"place": "visit_no", "at_ms": "entered_ms", "source": "visits", "viewed": "viewed"}
        values = {"slice": part, "session": "day, session_key", **columns}
        if name == "whole":
            return [WHOLE.format(most=questions.MOST, **values)]
        statement = PATHS if name == "paths" else AROUND
        return [statement.format(items=questions.ITEMS, before=questions.BEFORE, page=questions.PAGE, **values)]
    if name == "retention":
        first = dt.datetime.combine(questions.FIRST_WEEK, dt.time(), dt.UTC)
        last = questions.WEEKS - 1
        if one.stop:
            last = ((dt.date.fromisoformat(one.stop) - questions.FIRST_WEEK).days - 1) // 7
        return [RETENTION.format(first_ms=int(first.timestamp()) * 1000, slice=part, last=last)]
    if name in ("compare", "placebo"):
        first, turn, stop = questions.sides(one)
        within = f"day >= '{first}' AND day < '{stop}'" if name == "compare" else "true"
        per_session = (PER_SESSION_OF_EVENTS if alone else PER_SESSION).format(slice=f"{of_sessions} AND {within}")
        values = {"goal": questions.GOAL, "per_session": per_session}
        if name == "placebo":
            return [PLACEBO.format(totals=", ".join(f"sum({metric})" for metric in questions.METRICS), **values)]
        each = [[text.format(metric) for metric in questions.METRICS] for text in (SUMS, TOTALS)]
        return [COMPARE.format(turn=turn, days=within, sums=", ".join(each[0]), totals=", ".join(each[1]), **values)]
    by_person, window = name in questions.BY_PERSON, questions.WINDOW_S.get(name)
    place, value = "person_place" if by_person else "position", "country, " if name == "funnel breakdown" else ""
    return [
        FUNNEL.format(
            value=value,
            counts=", ".join(f"countIf(reached >= {step})" for step in range(1, len(questions.FUNNEL) + 1)),
            window=window * 1000 * STRETCH + STRETCH - 1 if window else ANY,
            place=f"time_ms * {STRETCH} + {place}" if window else place,
            steps=", ".join(f"name = '{step}'" for step in questions.FUNNEL),
            names=", ".join(f"'{step}'" for step in questions.FUNNEL),
            slice=part,
            unit="user_key" if by_person else "day, session_key",
            by="GROUP BY country" if value else "",
            in_order=0 if by_person or value else 1,
        )
    ]


def _answer(name: str, found: list[list[Any]]) -> questions.Answer:
    if name == "overview":
        return questions.overview(found[0])
    if name == "heatmap":
        return questions.heatmap(found[0], [row[:3] for row in found[1]])
    if name == "scroll":
        return questions.scroll(found[0])
    if name == "elements":
        return questions.elements(found[0])
    if name == "moves":
        return questions.moves(found[0])
    if name == "whole":
        return questions.whole(found[0])
    if name == "pattern":
        return questions.pattern(found[0][0][0])
    if name in questions.PATHS:
        links = [(depth, source, target, count) for depth, source, target, node, count, *_ in found[0] if not node]
        items = [(depth, source, count, left) for depth, source, _, node, count, left, *_ in found[0] if node]
        return questions.paths([link for link in links if link[2]], items)
    if name == "compare":
        people, sessions, per, totals = found[0][0][:3], found[0][0][3:5], found[0][0][5:7], found[0][0][10:]
        return questions.compare(
            people,
            [
                (metric, side, sessions[side], per[side], totals[9 * n + side])
                for n, metric in enumerate(questions.METRICS)
                for side in (0, 1)
            ],
        )
    if name == "placebo":
        return questions.placebo(
            (metric, day, sessions, total)
            for day, sessions, *totals in found[0]
            for metric, total in zip(questions.METRICS, totals, strict=True)
        )
    if name == "retention":
        return questions.retention(found[0])
    if name == "funnel breakdown":
        return questions.funnels(found[0])
    return questions.funnel(found[0][0])
