"""Which of the rows that arrive are new? The view `arriving` over the files of a load, and the table `skipped`.

A repeated event id counts once within its source: the first row read is kept, whatever its time. The rows of a file
whose very bytes came before in the same source are all repeats. With `dedupe exact`, a row without an id that equals
another row of its source in every field is one too.

`"row"` is a row's place in reading order over all imports: import_id * 2^40 + line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from analytics.ingest import order
from analytics.ingest.canonical import EVENT_UUID, KEYS
from analytics.ingest.fields import FIELDS
from analytics.ingest.readers.base import literal
from analytics.ingest.report import CameBefore
from analytics.ingest.staging import Staged
from analytics.store.bulk import Bulk

NAMES = {"timestamp": "time", "event": "name"}  # a canonical name -> the store's, where they differ
COLUMNS = tuple(NAMES.get(field.name, field.name) for field in FIELDS if field.name != "event_id")
_KEYS = "id, id_text, user_id_key, anonymous_key, context_hash"
PASS_ROWS = 40_000_000  # ids compared at a time: a 64-bit hash each must fit into memory

NOTHING = (
    'CREATE OR REPLACE TEMP VIEW arriving AS SELECT CAST(NULL AS BIGINT) AS "row", CAST(NULL AS INTEGER) AS import_id, '
    + ", ".join(f"CAST(NULL AS {field.type}) AS {NAMES.get(field.name, field.name)}" for field in FIELDS)
    + ", CAST(NULL AS UUID) AS id, CAST(NULL AS VARCHAR) AS id_text, CAST(NULL AS UUID) AS same, "
    "CAST(NULL AS BIGINT) AS user_id_key, CAST(NULL AS BIGINT) AS anonymous_key, CAST(NULL AS BIGINT) AS context_hash "
    "WHERE false"
)
"""For what makes sessions again without anything new."""

SKIPPED = 'CREATE OR REPLACE TEMP TABLE skipped ("row" BIGINT)'
WHOLE_FILES = 'SELECT "row" FROM arriving WHERE list_contains($repeats, import_id)'
# Two narrow passes beat one window: which ids come twice by their hash, then which rows those are, exactly.
TWICE = """
CREATE OR REPLACE TEMP TABLE twice AS
SELECT hash(same) AS h FROM arriving
WHERE same IS NOT NULL AND list_contains($imports, import_id) AND hash(same) & $mask = $share
GROUP BY h HAVING count(*) > 1
"""
TWICE_IN_ALL = """
CREATE OR REPLACE TEMP TABLE twice AS
SELECT hash(same) AS h FROM arriving WHERE same IS NOT NULL GROUP BY h HAVING count(*) > 1
"""
REPEATED = """
SELECT "row" FROM (
  SELECT "row", row_number() OVER (PARTITION BY same ORDER BY "row") AS copy
  FROM arriving
  WHERE same IS NOT NULL AND hash(same) IN (SELECT h FROM twice) AND list_contains($imports, import_id))
WHERE copy > 1 AND "row" NOT IN (SELECT "row" FROM skipped)
"""
STORED = """
CREATE OR REPLACE TEMP TABLE known AS
SELECT "row"
FROM (SELECT "row", id FROM arriving WHERE id IS NOT NULL AND list_contains($imports, import_id)) AS a
SEMI JOIN (
  SELECT event_id AS id FROM events
  WHERE event_id IS NOT NULL AND import_id IN (SELECT import_id FROM imports WHERE source = $source)) AS e USING (id)
ANTI JOIN skipped USING ("row")
"""

_FACTS = (
    "time", "name", "page", "element", "element_tag", "text", "x", "y", "fixed", "viewport_width", "viewport_height",
    "page_height", "scroll_depth", "value", "referrer", "properties", "user_properties", "user_id_key",
    "anonymous_key", "context_key", "session_id",
)  # fmt: skip
# every row of the source without an id, new and stored, in reading order
LOOKALIKES = f"""
CREATE OR REPLACE TEMP TABLE lookalikes AS
SELECT "row", is_new, hash({", ".join(_FACTS)}) AS h, {", ".join(_FACTS)} FROM (
  SELECT "row", true AS is_new, {", ".join(_FACTS)}
  FROM arriving JOIN arriving_contexts USING (context_hash)
  ANTI JOIN skipped USING ("row")
  WHERE id IS NULL AND list_contains($imports, import_id)
  UNION ALL
  SELECT (CAST(import_id AS BIGINT) << 40) + line, false, {", ".join(f"e.{fact}" for fact in _FACTS[:-1])}, own_id
  FROM events AS e
  JOIN (SELECT session_key, CASE WHEN given THEN session_id END AS own_id FROM sessions) USING (session_key)
  WHERE event_id IS NULL AND import_id IN (SELECT import_id FROM imports WHERE source = $source))
"""
LOOKS_REPEATED = f"""
SELECT "row" FROM (
  SELECT "row", is_new, row_number() OVER (PARTITION BY {", ".join(_FACTS)} ORDER BY "row") AS copy
  FROM lookalikes WHERE h IN (SELECT h FROM lookalikes GROUP BY h HAVING count(*) > 1))
WHERE copy > 1 AND is_new
"""


@dataclass(frozen=True)
class Arrival:
    """A staged file with the number of its import; `repeats` is the import whose very bytes it has."""

    import_id: int
    staged: Staged
    source: str
    repeats: CameBefore | None


def arrive(cursor: duckdb.DuckDBPyConnection, arrivals: Sequence[Arrival]) -> None:
    """Makes the view `arriving` over the files' good rows."""
    as_they_are = [arrival for arrival in arrivals if arrival.staged.read.expressions]
    rewritten = [arrival for arrival in arrivals if not arrival.staged.read.expressions and arrival.staged.read.rows]
    # raw ids are compared where no file was rewritten: making UUIDs of them costs a pass more
    same = "event_id" if not rewritten else "id"
    branches = [_as_it_is(arrival, same) for arrival in as_they_are if arrival.staged.read.rows]
    for place in (order.PLACE, order.OWN_PLACE):
        if alike := [arrival for arrival in rewritten if arrival.staged.read.place == place]:
            branches.append(_rewritten(alike, place))
    cursor.execute(
        "CREATE OR REPLACE TEMP VIEW arriving AS\n" + "\nUNION ALL\n".join(branches) if branches else NOTHING
    )


def skip_repeats(
    cursor: duckdb.DuckDBPyConnection, bulk: Bulk, arrivals: Sequence[Arrival], is_exact: bool, *, is_stored: bool
) -> None:
    """Fills `skipped` with the rows that are repeats. `is_stored`: the store holds anything before."""
    cursor.execute(SKIPPED)
    if whole := [arrival.import_id for arrival in arrivals if arrival.repeats is not None]:
        bulk.insert("skipped", WHOLE_FILES, {"repeats": whole})
    sources = _by_source(arrivals)
    for source, imports in sources.items():
        values: dict[str, object] = {"source": source, "imports": imports}
        rows = sum(arrival.staged.read.rows for arrival in arrivals if arrival.source == source)
        shares = 1 << (rows // PASS_ROWS).bit_length()
        for share in range(shares):
            if shares == 1 and len(sources) == 1:
                cursor.execute(TWICE_IN_ALL)
            else:
                cursor.execute(TWICE, {"imports": imports, "mask": shares - 1, "share": share})
            bulk.insert("skipped", REPEATED, {"imports": imports}, some="SELECT count(*) > 0 FROM twice")
        if is_stored:
            cursor.execute(STORED, values)
            bulk.insert("skipped", 'SELECT "row" FROM known')
        if is_exact:
            cursor.execute(LOOKALIKES, values)
            bulk.insert("skipped", LOOKS_REPEATED)


def _by_source(arrivals: Iterable[Arrival]) -> dict[str, list[int]]:
    sources: dict[str, list[int]] = {}
    for arrival in arrivals:
        sources.setdefault(arrival.source, []).append(arrival.import_id)
    return sources


def _as_it_is(arrival: Arrival, same: str) -> str:
    staged, place = arrival.staged, arrival.staged.read.place
    names = {field.name: NAMES.get(field.name, field.name) for field in FIELDS}
    columns = ", ".join(f"{sql} AS {name}" for name, sql in (staged.read.expressions or {}).items())
    values = {name: name for name in names} | {
        "scroll_depth": _depth("scroll_depth / 100" if staged.read.is_percent else "scroll_depth")
    }
    shown = ", ".join(f"{values[field]} AS {name}" for field, name in names.items() if name != "event_id")
    return f"""SELECT {arrival.import_id << 40} + {place} + 1 AS "row", {arrival.import_id} AS import_id, event_id, {shown}, {same} AS same, {_KEYS}
FROM (SELECT *, {KEYS} FROM (SELECT *, {EVENT_UUID} AS event_uuid FROM (
  SELECT {place}, {columns} FROM read_parquet({literal(str(staged.read.path))}, file_row_number = true))))"""  # noqa: E501


def _rewritten(arrivals: Sequence[Arrival], place: str) -> str:
    """Files of one layout, so one scan reads them all; `origin` is (number of the file << 40) + its first line."""
    first = arrivals[0].import_id - arrivals[0].staged.number
    files = ", ".join(literal(str(arrival.staged.read.path)) for arrival in arrivals)
    percent = [arrival.staged.number for arrival in arrivals if arrival.staged.read.is_percent]
    depth = (
        f"CASE WHEN (origin >> 40) IN ({', '.join(map(str, percent))}) THEN scroll_depth / 100 ELSE scroll_depth END"
    )
    limited = f"{_depth(depth if percent else 'scroll_depth')} AS scroll_depth"
    shown = ", ".join(limited if name == "scroll_depth" else name for name in COLUMNS)
    good = "WHERE reason IS NULL" if any(arrival.staged.read.has_bad_rows for arrival in arrivals) else ""
    return f"""SELECT {first << 40} + origin + {place} AS "row", CAST({first} + (origin >> 40) AS INTEGER) AS import_id,
  CAST(NULL AS VARCHAR) AS event_id, {shown}, id AS same, {_KEYS}
FROM read_parquet([{files}], file_row_number = true) {good}"""


def _depth(share: str) -> str:
    """Within 0 and 1: a page that bounces is scrolled beyond its ends."""
    return f"CASE WHEN {share} < 0 THEN 0 WHEN {share} > 1 THEN 1 ELSE {share} END"
