"""What is doubtful about the events of a load? Facts to be looked at before a figure is believed.

They are asked of the store, once, when somebody looks: nothing of it is kept. A load is told by its imports, whose
numbers follow one another. None of it says that data is wrong, only where it may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.ingest.redaction import ADDRESS, CARD, EMAIL, PARAMETER
from analytics.ingest.rules import RULES
from analytics.query import Query
from analytics.store.base import Store

JUMP_MS = 12 * 3600 * 1000
LONG_MS = 24 * 3600 * 1000
ROUND = tuple(digit * 10**power for power in range(3, 8) for digit in (1, 2, 5))
"""Numbers of rows at which exports stop: 1,000, 2,000, 5,000, 10,000 ..."""

TIMES = """
SELECT count(*) AS events,
  count(CASE WHEN time < TIMESTAMP '2000-01-01 00:00:00' THEN 1 END) AS ancient,
  count(CASE WHEN time > started + INTERVAL 1 DAY THEN 1 END) AS future,
  count(CASE WHEN time = date_trunc('day', time) THEN 1 END) AS midnight,
  count(CASE WHEN time = date_trunc('second', time) THEN 1 END) AS whole_seconds,
  count(CASE WHEN hour(local) >= 1 AND hour(local) < 5 THEN 1 END) AS night,
  count(CASE WHEN hour(local) >= 11 AND hour(local) < 15 THEN 1 END) AS noon,
  count(CASE WHEN gap_ms > $jump_ms THEN 1 END) AS jumps
FROM events CROSS JOIN (SELECT max(started) AS started FROM imports WHERE import_id BETWEEN $first AND $last)
WHERE import_id BETWEEN $first AND $last
"""
# `gap_ms` is rounded to a millisecond, so the end before a long pause is known to one.
SESSIONS = """
WITH met AS (
  SELECT DISTINCT session_key FROM events WHERE import_id BETWEEN $first AND $last
), theirs AS (
  SELECT session_key, user_key, start, stop, duration_ms FROM sessions SEMI JOIN met USING (session_key) WHERE given
), pauses AS (
  SELECT session_key, time AS begins, time - to_milliseconds(gap_ms) AS ends
  FROM events SEMI JOIN theirs USING (session_key) WHERE gap_ms > $timeout_ms
), pieces AS (
  SELECT user_key, begins AS start, coalesce(lead(ends) OVER (PARTITION BY session_key ORDER BY begins), stop) AS stop
  FROM (
    SELECT session_key, user_key, start AS begins, CAST(NULL AS TIMESTAMP) AS ends, stop FROM theirs
    UNION ALL
    SELECT session_key, user_key, begins, ends, stop FROM pauses JOIN theirs USING (session_key))
), ours AS (
  SELECT start, max(stop) OVER (PARTITION BY user_key ORDER BY start, stop ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    AS before
  FROM pieces
)
SELECT (SELECT count(*) FROM met) AS sessions, (SELECT count(*) FROM theirs) AS theirs,
  (SELECT count(*) FROM ours WHERE before IS NULL OR start > before + to_milliseconds($timeout_ms)) AS ours,
  (SELECT count(DISTINCT session_key) FROM pauses) AS paused,
  (SELECT count(*) FROM theirs WHERE duration_ms > $long_ms) AS long,
  (SELECT count(*) FROM sessions SEMI JOIN met USING (session_key) WHERE events = 1) AS of_one_event
"""  # noqa: E501
# per field and rule; `contains` and `regexp_extract` run once per entry of a column's dictionary
IN_TEXTS = """
SELECT '{field}' AS field, '{rule}' AS rule, count(CASE WHEN found <> '' THEN 1 END) AS rows,
  min(CASE WHEN found <> '' THEN found END) AS example
FROM (SELECT CASE WHEN {glance} THEN regexp_extract({field}, ${rule}) ELSE '' END AS found
  FROM events WHERE import_id BETWEEN $first AND $last)
"""
IN_IDS = """
SELECT '{kind}' AS field, '{rule}' AS rule, count(*) AS rows, min(regexp_extract(id, ${rule})) AS example
FROM (SELECT {key} AS identity_key FROM events WHERE import_id BETWEEN $first AND $last)
JOIN (SELECT identity_key, id FROM identities WHERE kind = '{kind}' AND regexp_extract(id, ${rule}) <> '') USING (identity_key)
"""  # noqa: E501
IDS = (("user", "user_id_key"), ("anonymous", "anonymous_key"))
TEXTS = ("name", "page", "element", "text", "referrer", "properties", "user_properties")
PATTERN = {"email": EMAIL, "addresses": ADDRESS, "cards": CARD, "secrets": PARAMETER}
GLANCE = {
    "email": "contains({0}, '@') OR contains({0}, '%40')",
    "addresses": "contains({0}, '.') OR contains({0}, ':')",
    "cards": "{0} IS NOT NULL",
    "secrets": "contains({0}, '=')",
}


@dataclass(frozen=True)
class Times:
    """Of so many `events`, how many: before 2000 (`ancient`), later than a day after the import (`future`), exactly at
    midnight (UTC), on a whole second, from 1 to 5 and from 11 to 15 o'clock of the store's zone (`night`, `noon`), and
    more than `JUMP_MS` after the one before them in their session (`jumps`)."""

    events: int
    ancient: int
    future: int
    midnight: int
    whole_seconds: int
    night: int
    noon: int
    jumps: int


@dataclass(frozen=True)
class Sessions:
    """Of the `sessions` with events of the load: `theirs` carry an id of the export and would be `ours` by the store's
    rule (a pause ends a session, whatever its id); `paused` of theirs hold a longer pause, `long` last over 24 hours,
    `of_one_event` hold a single one."""

    sessions: int
    theirs: int
    ours: int
    paused: int
    long: int
    of_one_event: int


@dataclass(frozen=True)
class Private:
    """What `rule` of redaction would take out of `field`, in so many rows; `example` as it is stored: see `veiled`."""

    field: str
    rule: str
    rows: int
    example: str | None


def times(store: Store, imports: Sequence[int]) -> Times:
    """About the times of a load."""
    return store.rows(Query(TIMES, {**_of(imports), "jump_ms": JUMP_MS}), Times)[0]


def sessions(store: Store, imports: Sequence[int], timeout_s: int) -> Sessions:
    """About the sessions of a load; `timeout_s` is the store's pause."""
    values = {**_of(imports), "timeout_ms": timeout_s * 1000, "long_ms": LONG_MS}
    return store.rows(Query(SESSIONS, values), Sessions)[0]


def private(store: Store, imports: Sequence[int], on: Sequence[str]) -> tuple[Private, ...]:
    """Personal data that a load left in the store, most rows first; rules that are `on` found theirs before."""
    rules = [rule for rule in RULES if rule in PATTERN and rule not in on]
    statements = [
        IN_TEXTS.format(field=field, rule=rule, glance=GLANCE[rule].format(field)) for rule in rules for field in TEXTS
    ]
    statements += [
        IN_IDS.format(kind=kind, key=key, rule=rule) for rule in rules if rule != "addresses" for kind, key in IDS
    ]
    found = []
    for statement in statements:
        rule = next(rule for rule in rules if f"${rule}" in statement)
        found += store.rows(Query(statement, {**_of(imports), rule: PATTERN[rule]}), Private)
    return tuple(sorted((one for one in found if one.rows), key=lambda one: (-one.rows, one.rule, one.field)))


def veiled(text: str) -> str:
    """An example that shows what was found and not whose it is: the first character of every part."""
    shown, fresh = [], True
    for symbol in text.strip()[:60]:
        is_word = symbol.isalnum()
        shown.append(symbol if not is_word or fresh else "•")
        fresh = not is_word
    return "".join(shown)


def is_round(rows: int) -> bool:
    """Whether exports like to stop at that number of rows."""
    return rows in ROUND


def _of(imports: Sequence[int]) -> dict[str, object]:
    return {"first": min(imports), "last": max(imports)}
