"""The benchmark's events, and that what is timed is right: Sessionscope answers like plain SQL over the file."""

import math
from collections import Counter, defaultdict
from datetime import date

import duckdb
import pyarrow.parquet as pq
import pytest

from benchmarks import generate, growing, questions, report, with_sessionscope

EVENTS = 20_000

CLEANED = """
CREATE TABLE rows_of AS
WITH first_copies AS (
    SELECT *
    FROM read_parquet($file, file_row_number = true)
    QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY file_row_number) = 1
),
joins AS (
    SELECT anonymous_id, min(user_id) AS joined
    FROM first_copies
    WHERE user_id IS NOT NULL AND anonymous_id IS NOT NULL
    GROUP BY anonymous_id
),
owned AS (
    SELECT first_copies.*, coalesce(user_id, joined, anonymous_id) AS person
    FROM first_copies LEFT JOIN joins USING (anonymous_id)
),
cut AS (
    SELECT *, sum(CAST(begins AS INTEGER)) OVER (PARTITION BY person ORDER BY timestamp, file_row_number) AS part
    FROM (
        SELECT *, coalesce(timestamp - lag(timestamp) OVER by_person > INTERVAL 30 MINUTE, true) AS begins
        FROM owned
        WHERE session_id IS NULL
        WINDOW by_person AS (PARTITION BY person ORDER BY timestamp, file_row_number)
    )
),
sessions AS (
    SELECT * EXCLUDE (begins, part), person || ' ' || part AS session FROM cut
    UNION ALL
    SELECT *, session_id FROM owned WHERE session_id IS NOT NULL
)
SELECT
    session, person, event, page, element, x, y, viewport_height, page_height, scroll_depth,
    country, epoch_ms(timestamp) AS ms, file_row_number AS nth,
    CAST(min(timestamp) OVER (PARTITION BY session) AS DATE) AS day,
    row_number() OVER (PARTITION BY session ORDER BY timestamp, file_row_number) AS position
FROM sessions
"""
SLICED = """
CREATE OR REPLACE TEMP VIEW chosen AS
SELECT * FROM rows_of
WHERE ({start} IS NULL OR day >= {start}) AND ({stop} IS NULL OR day < {stop})
    AND ({country} IS NULL OR country = {country})
"""
OVERVIEW = """
WITH gaps AS (
    SELECT *, ms - lag(ms) OVER (PARTITION BY session ORDER BY position) AS gap FROM chosen
),
sessions AS (
    SELECT day, session, count(*) AS events, count(*) FILTER (event = 'page_view') AS views,
        count(*) FILTER (event = 'error') AS errors, max(ms) - min(ms) AS duration,
        coalesce(sum(CASE WHEN gap > 30000 THEN 30000 ELSE gap END), 0) AS active,
        count(*) FILTER (event IN ('click', 'submit', 'product_viewed', 'add_to_cart', 'purchase')) AS acts
    FROM gaps
    GROUP BY day, session
)
SELECT {day}, count(*), (SELECT count(DISTINCT person) FROM chosen WHERE {same}), sum(events), sum(views), sum(errors),
    count(*) FILTER (views = 1 AND acts = 0 AND duration < 10000), sum(duration), sum(active)
FROM sessions
GROUP BY ALL
"""
CELLS = """
SELECT x // 20, y // 20, count(*), count(DISTINCT session) FROM chosen WHERE event = 'click' AND page = '/' GROUP BY ALL
"""
ELEMENTS = """
SELECT element, count(*), count(DISTINCT session) FROM chosen WHERE event = 'click' AND page = '/' GROUP BY ALL
"""
CLICKED = """
SELECT element, count(*), count(DISTINCT session), count(DISTINCT person)
FROM chosen WHERE event = 'click' AND element IS NOT NULL GROUP BY ALL
"""
SEEN = """
SELECT session, page, event, scroll_depth, viewport_height / page_height FROM chosen
WHERE page IS NOT NULL ORDER BY session, position
"""
ITEMS = """
CREATE OR REPLACE TEMP VIEW items AS
SELECT session, page, row_number() OVER (PARTITION BY session ORDER BY position) AS depth,
    lead(page) OVER (PARTITION BY session ORDER BY position) AS following
FROM (
    SELECT *, lead(page) OVER (PARTITION BY session ORDER BY position) AS after FROM chosen WHERE event = 'page_view'
)
WHERE after IS NULL OR after <> page
"""
LINKS = "SELECT depth, page, following, count(*) FROM items WHERE depth < 5 AND following IS NOT NULL GROUP BY ALL"
AROUND = """
CREATE OR REPLACE TEMP VIEW items AS
WITH firsts AS (SELECT session, min(depth) AS first_at FROM all_items WHERE page = '/' GROUP BY session)
SELECT session, page, depth - first_at + 4 AS depth, CASE WHEN depth < first_at + 4 THEN following END AS following,
    following IS NULL AS ended
FROM all_items JOIN firsts USING (session)
WHERE depth BETWEEN first_at - 3 AND first_at + 4
"""
MOVES = "SELECT page, coalesce(following, '(end)'), count(*) FROM items GROUP BY ALL"
BEGUN = "SELECT '(start)', page, count(*) FROM items WHERE depth = 1 GROUP BY ALL"
WHOLE = """
SELECT path, count(*) AS sessions FROM (SELECT session, list(page ORDER BY depth) AS path FROM items GROUP BY session)
GROUP BY path ORDER BY sessions DESC LIMIT 30
"""
AT_ITEMS = "SELECT depth, page, count(*), count(*) FILTER (following IS NULL) FROM items WHERE depth <= 5 GROUP BY ALL"
PER_SESSION = """
CREATE OR REPLACE TEMP VIEW per_session AS
SELECT day, session, arg_min(person, position) AS person, count(*) AS events, max(ms) - min(ms) AS duration,
    count(*) FILTER (event = 'page_view') AS page_views,
    CAST(count(*) FILTER (event = 'error') > 0 AS INTEGER) AS error_rate,
    CAST(count(*) FILTER (event = 'purchase') > 0 AS INTEGER) AS conversion
FROM chosen
GROUP BY day, session
"""
ON_SIDES = """
CREATE OR REPLACE TEMP VIEW sided AS
SELECT *, CAST(day >= '{turn}' AS INTEGER) AS side FROM per_session WHERE day >= '{first}' AND day < '{stop}'
"""
PEOPLE = """
SELECT count(*) FILTER (last_side = 0), count(*) FILTER (first_side = 1), count(*) FILTER (first_side < last_side)
FROM (SELECT person, min(side) AS first_side, max(side) AS last_side FROM sided GROUP BY person)
"""
IN_ORDER = "SELECT session, person, country, event, ms FROM chosen ORDER BY ms, nth"
WEEKS = "SELECT DISTINCT person, (epoch_ms(ms)::DATE - DATE '2026-01-05') // 7 AS week FROM chosen"
LAST_WEEK = "SELECT max((epoch_ms(ms)::DATE - DATE '2026-01-05') // 7) FROM rows_of"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("benchmark") / "events.parquet"
    generate.write(path, EVENTS, seed=3)
    return path


@pytest.fixture(scope="module")
def asked(file):
    store = file.with_name("store.duckdb")
    loaded = with_sessionscope.load(file, store)
    assert loaded["report"]["events_added"] == EVENTS
    return with_sessionscope.ask(store, times=1)


@pytest.fixture(scope="module")
def cleaned(file):
    with duckdb.connect() as connection:
        connection.execute(CLEANED, {"file": str(file)})
        yield connection


def plain(cleaned, one, name):
    def rows(sql):
        return cleaned.execute(sql).fetchall()

    ends = {"start": one.start, "stop": one.stop, "country": one.country}
    cleaned.execute(SLICED.format(**{key: f"'{value}'" if value else "NULL" for key, value in ends.items()}))
    if name == "overview":
        days = rows(OVERVIEW.format(day="day", same="chosen.day = sessions.day"))
        return questions.overview(days + rows(OVERVIEW.format(day="NULL", same="true")))
    if name == "heatmap":
        return questions.heatmap(rows(CELLS), rows(ELEMENTS))
    if name == "elements":
        return questions.elements(rows(CLICKED))
    if name == "scroll":
        return questions.scroll(Counter(depths(rows(SEEN))).items())
    if name == "paths":
        cleaned.execute(ITEMS)
        return questions.paths(rows(LINKS), rows(AT_ITEMS))
    if name == "paths around":
        cleaned.execute(ITEMS.replace("VIEW items", "VIEW all_items"))
        cleaned.execute(AROUND)
        links = "SELECT depth, page, following, count(*) FROM items WHERE following IS NOT NULL GROUP BY ALL"
        return questions.paths(
            rows(links), rows("SELECT depth, page, count(*), count(*) FILTER (ended) FROM items GROUP BY ALL")
        )
    if name == "moves":
        cleaned.execute(ITEMS)
        return questions.moves(rows(MOVES) + rows(BEGUN))
    if name == "whole":
        cleaned.execute(ITEMS)
        return questions.whole(rows(WHOLE))
    if name == "pattern":
        return questions.pattern(Counter(progress(rows(IN_ORDER), name))[None, 4])
    if name in ("compare", "placebo"):
        first, turn, stop = questions.sides(one)
        cleaned.execute(PER_SESSION)
        if name == "placebo":
            return questions.placebo(
                row
                for metric in questions.METRICS
                for row in rows(f"SELECT '{metric}', day, count(*), sum({metric}) FROM per_session GROUP BY day")
            )
        cleaned.execute(ON_SIDES.format(first=first, turn=turn, stop=stop))
        each = (
            f"SELECT '{metric}', side, count(*), count(DISTINCT person), sum({metric}) FROM sided GROUP BY side"
            for metric in questions.METRICS
        )
        return questions.compare(rows(PEOPLE)[0], [row for sql in each for row in rows(sql)])
    if name == "retention":
        last = (date.fromisoformat(one.stop) - date(2026, 1, 6)).days // 7 if one.stop else rows(LAST_WEEK)[0][0]
        weeks = defaultdict(set)
        for person, week in rows(WEEKS):
            weeks[person].add(week)
        pairs = [(week, back - week) for own in weeks.values() for week in own for back in own if week <= back <= last]
        return questions.retention((*pair, count) for pair, count in Counter(pairs).items())
    furthest = Counter(progress(rows(IN_ORDER), name))
    values = sorted({value for value, _ in furthest})
    counts = [(value, *(sum(furthest[value, n] for n in range(step, 5)) for step in range(1, 5))) for value in values]
    return questions.funnels(counts) if name == "funnel breakdown" else questions.funnel(counts[0][1:])


def depths(events):
    """How deep each view of the busiest page came, in whole percent; a page anew or another one ends it."""
    now, viewed, deepest, is_view = (None, None), None, 0.0, False
    for session, page, event, depth, shown in [*events, (None, None, None, None, None)]:
        if session != now[0]:
            viewed = None
        if (session, page) != now or (event == "page_view" and viewed == page):
            if is_view and now[1] == questions.PAGE:
                yield math.floor(100 * deepest + 0.001)
            now, deepest, is_view = (session, page), 0.0, False
        if event == "page_view":
            viewed, is_view = page, True
        deepest = max(deepest, depth or 0, min(shown or 0, 1))


def progress(events, name):
    """The value and the furthest step of each session or person that begins: from every start, by the next event."""
    units = defaultdict(list)
    for session, person, country, event, ms in events:
        if event in questions.FUNNEL:
            units[person if name in questions.BY_PERSON else session].append((event, ms, country))
    limit = questions.WINDOW_S.get(name, 10**9) * 1000
    for own in units.values():
        best = 0
        for n, (event, start, _) in enumerate(own):
            if event == questions.FUNNEL[0]:
                done = 1
                for later, ms, _ in own[n + 1 :]:
                    if done < 4 and later == questions.FUNNEL[done] and ms - start <= limit:
                        done += 1
                best = max(best, done)
        if best:
            yield own[0][2] if name == "funnel breakdown" else None, best


LEAST = {"retention": 1, "pattern": 1, "whole": 1, "compare": 11}  # keys of an answer


@pytest.mark.parametrize("name", questions.QUESTIONS)
@pytest.mark.parametrize("one", questions.SLICES, ids=lambda one: one.name)
def test_answers_equal_plain_sql(cleaned, asked, name, one):
    there = plain(cleaned, one, name)
    assert questions.differences(asked[name][one.name]["answer"], there) == []
    assert len(there) >= (
        1
        if name in ("retention", "pattern", "whole")
        else 4
        if name in questions.FUNNELS
        else 11
        if name == "compare"
        else 15
    )


def test_the_same_seed_gives_the_same_events(tmp_path):
    tables = []
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        generate.write(tmp_path / name, 2_000, seed)
        tables.append(pq.read_table(tmp_path / name))
    one, again, other = tables
    assert one.equals(again)
    assert not one.equals(other)


def test_repeats_come_on_top_and_rows_in_order_of_arrival(file):
    with duckdb.connect() as connection:
        (rows, ids, latest) = connection.execute(
            """
            SELECT count(*), count(DISTINCT event_id), max(behind)
            FROM (
                SELECT event_id, max(timestamp) OVER (ORDER BY file_row_number) - timestamp AS behind
                FROM read_parquet($file, file_row_number = true)
            )
            """,
            {"file": str(file)},
        ).fetchone()
    assert ids == EVENTS
    assert 1.01 < rows / ids < 1.03
    assert latest.total_seconds() < 606  # a repeat comes up to ten minutes after the event, itself up to 5 s late


@pytest.mark.parametrize(
    ("ours", "theirs", "wrong"),
    [
        pytest.param({"step 1": [3]}, {"step 1": [3]}, [], id="equal"),
        pytest.param({"step 1": [3]}, {"step 1": [2]}, ["step 1: [3] here, [2] there"], id="another figure"),
        pytest.param({"item 1 /": [3, 1]}, {"item 1 /": [3]}, [], id="fewer figures are compared as far as they go"),
        pytest.param({"item 1 /": [3], "link 1 / /a": [2]}, {"item 1 /": [3]}, [], id="links that it does not know"),
        pytest.param({"item 1 /": [3]}, {}, ["no answer"], id="nothing is no answer"),
        pytest.param(
            {"item 1 /": [3], "item 1 /a": [1]},
            {"item 1 /": [3]},
            ["item 1 /a: [1] here, [] there"],
            id="an item missing",
        ),
    ],
)
def test_what_counts_as_equal(ours, theirs, wrong):
    assert questions.differences(ours, theirs) == wrong


def test_the_report_says_what_was_reached():
    answered = {"seconds": 0.2, "first_s": 0.3, "peak_mb": 900, "answer": 4}
    slices = {one.name: answered for one in questions.SLICES}
    slower = {one.name: answered | {"seconds": 0.5} for one in questions.SLICES}
    floor = {"rows": 100, "seconds": 10.0, "cpu_s": 19.0, "peak_mb": 2_000}
    told = {"events_added": 98, "duplicates": 2, "rejected": 0, "sessions": 10, "users": 3}
    run = {
        "machine": {"processor": "P", "cores": 2, "memory_gb": 16.0, "system": "Linux", "python": "3.11", "load": 0.1},
        "events": 98,
        "seed": 1,
        "date": "2026-01-01",
        "times": 5,
        "floor": {"write": floor, "sort": floor, "again": floor | {"seconds": 14.0}},
        "load": floor | {"seconds": 30.0, "report": told},
        "ours": dict.fromkeys(questions.QUESTIONS, slices),
        "clickhouse": "did not answer: clickhouse: no module named chdb",
        "retentioneering": {"tables": {"funnel": slower}},
        "compared": 3,
        "unequal": [],
    }
    text = report.markdown(run)
    assert "| import at most 2.0 times the floor | 2.50 | not reached |" in text
    assert "| every question under 1 s | 0.20 s" in text
    assert "500 (× 2.5)" in text
    assert "no module named chdb" in text


def test_a_store_that_grows_is_the_same_store_again(asked, file, monkeypatch):
    monkeypatch.setattr(growing, "TEXT_ROWS", 1_000)
    store = file.with_name("store.duckdb")
    found = growing.run(file, store, file.parent)
    assert {name: one["rows"] for name, one in found.items()} == {
        "a new day": found["a new day, taken back"]["rows"],
        "a new day, taken back": pytest.approx(EVENTS / 90, rel=0.6),
        "late events": found["late events, taken back"]["rows"],
        "late events, taken back": pytest.approx(EVENTS / 108, rel=0.5),
        "CSV": 1_000,
        "JSON lines": 1_000,
    }
    assert found["late events"]["sessions"] > 0.8 * found["late events"]["rows"]
