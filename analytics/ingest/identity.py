"""Who is who: which person does an anonymous id belong to, from when on?

An event with both an anonymous and a user id joins the two, from then on and, if it is the first, backwards. One
anonymous id with several users gives its anonymous events to the user last joined at or before them. Links are derived
from the events that carry both ids and from nothing else, so that more or fewer events give what they would have given
at once.

Statements read `arriving` without `skipped` (what is new) and `remaining` (what is stored and stays).
"""

import duckdb

from analytics.errors import AnalyticsError
from analytics.ingest.canonical import ANONYMOUS_KEY, USER_KEY
from analytics.store.bulk import Bulk

NEW_IDS = f"""
CREATE OR REPLACE TEMP TABLE new_ids AS
SELECT {USER_KEY.format("id")} AS identity_key, 'user' AS kind, id
FROM (SELECT DISTINCT user_id AS id FROM arriving WHERE user_id IS NOT NULL)
UNION ALL
SELECT {ANONYMOUS_KEY.format("id")}, 'anonymous', id
FROM (SELECT DISTINCT anonymous_id AS id FROM arriving WHERE anonymous_id IS NOT NULL)
"""
# Two ids with one key, or an id whose stored key is another: then this DuckDB hashes otherwise than the store's first.
CLASHES = """
SELECT (SELECT count(*) - count(DISTINCT identity_key) FROM new_ids)
  + (SELECT count(*) FROM new_ids AS n JOIN identities AS i USING (identity_key) WHERE n.kind <> i.kind OR n.id <> i.id)
  + (SELECT count(*) FROM new_ids AS n JOIN identities AS i USING (kind, id) WHERE n.identity_key <> i.identity_key)
"""
UNKNOWN_IDS = "SELECT identity_key, kind, id FROM new_ids ANTI JOIN identities USING (identity_key)"

PAIRS = """
CREATE OR REPLACE TEMP TABLE pairs AS
SELECT DISTINCT anonymous_key, user_id_key AS user_key FROM arriving ANTI JOIN skipped USING ("row")
WHERE anonymous_key IS NOT NULL AND user_id_key IS NOT NULL
"""
TOUCHED = "CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT anonymous_key FROM pairs"
# After something was taken away every remaining pair of the ids it touched is known, so stored links count for nothing.
TOUCHED_BY_GONE = """
CREATE OR REPLACE TEMP TABLE touched AS
SELECT DISTINCT anonymous_key FROM gone WHERE anonymous_key IS NOT NULL AND user_id_key IS NOT NULL
"""
PAIRS_LEFT = """
CREATE OR REPLACE TEMP TABLE pairs AS
SELECT DISTINCT anonymous_key, user_id_key AS user_key FROM remaining SEMI JOIN touched USING (anonymous_key)
WHERE user_id_key IS NOT NULL
"""
OLD_LINKS = """
CREATE OR REPLACE TEMP TABLE old_links AS
SELECT anonymous_key, since, since_row, user_key FROM identity_links SEMI JOIN touched USING (anonymous_key)
"""
# ids with several users, where the order of the joins matters
SHARED = """
CREATE OR REPLACE TEMP TABLE shared AS
SELECT anonymous_key FROM (
  SELECT anonymous_key, user_key FROM pairs UNION SELECT anonymous_key, user_key FROM old_links WHERE $links_count)
GROUP BY anonymous_key HAVING count(*) > 1
"""
MEETINGS = """
CREATE OR REPLACE TEMP TABLE meetings AS
SELECT anonymous_key, user_id_key AS user_key, time, "row"
FROM arriving ANTI JOIN skipped USING ("row") SEMI JOIN shared USING (anonymous_key)
WHERE user_id_key IS NOT NULL
UNION ALL
SELECT anonymous_key, user_id_key, time, (CAST(import_id AS BIGINT) << 40) + line
FROM remaining SEMI JOIN shared USING (anonymous_key)
WHERE user_id_key IS NOT NULL
"""
NEW_LINKS = """
CREATE OR REPLACE TEMP TABLE new_links AS
SELECT anonymous_key, CASE WHEN before IS NULL THEN TIMESTAMP '-infinity' ELSE time END AS since,
  CASE WHEN before IS NULL THEN 0 ELSE "row" END AS since_row, user_key
FROM (
  SELECT *, lag(user_key) OVER (PARTITION BY anonymous_key ORDER BY time, "row") AS before FROM meetings)
WHERE before IS NULL OR before <> user_key
UNION ALL
SELECT anonymous_key, TIMESTAMP '-infinity', 0, user_key FROM pairs ANTI JOIN shared USING (anonymous_key)
UNION ALL
SELECT anonymous_key, TIMESTAMP '-infinity', 0, user_key
FROM old_links ANTI JOIN shared USING (anonymous_key) ANTI JOIN pairs USING (anonymous_key) WHERE $links_count
"""
RELINKED = """
CREATE OR REPLACE TEMP TABLE relinked AS
SELECT DISTINCT anonymous_key FROM (
  (SELECT * FROM new_links EXCEPT SELECT * FROM old_links)
  UNION ALL
  (SELECT * FROM old_links EXCEPT SELECT * FROM new_links))
"""
# one row per stay of an anonymous id with a user: [since, until) in (time, row)
SPANS = """
CREATE OR REPLACE TEMP TABLE spans AS
SELECT anonymous_key, user_key, since, since_row,
  lead(since, 1, TIMESTAMP 'infinity') OVER stays AS until, lead(since_row, 1, 0) OVER stays AS until_row
FROM identity_links
WINDOW stays AS (PARTITION BY anonymous_key ORDER BY since, since_row)
"""
AT = """s.anonymous_key = {0}.anonymous_key
  AND ({0}.time, {0}."row") >= (s.since, s.since_row) AND ({0}.time, {0}."row") < (s.until, s.until_row)"""
"""The join condition under which span `s` holds for a row of the given alias."""


def learn(cursor: duckdb.DuckDBPyConnection, bulk: Bulk) -> None:
    """Keeps the ids that arrive."""
    cursor.execute(NEW_IDS)
    clashes = cursor.execute(CLASHES).fetchone()
    if clashes and clashes[0]:
        raise AnalyticsError(
            "Two ids have one key, or this DuckDB makes other keys than the one the store was begun with; "
            "nothing was stored. Import the files into a new store."
        )
    bulk.insert("identities", UNKNOWN_IDS)


def link(cursor: duckdb.DuckDBPyConnection, bulk: Bulk, *, after_removal: bool) -> None:
    """Derives the links of the anonymous ids that were touched; afterwards `spans` holds all and `relinked` the changed."""  # noqa: E501
    for statement in (TOUCHED_BY_GONE, PAIRS_LEFT) if after_removal else (PAIRS, TOUCHED):
        cursor.execute(statement)
    values = {"links_count": not after_removal}
    cursor.execute(OLD_LINKS)
    cursor.execute(SHARED, values)
    cursor.execute(MEETINGS)
    cursor.execute(NEW_LINKS, values)
    cursor.execute(RELINKED)
    bulk.delete("identity_links", "anonymous_key IN (SELECT anonymous_key FROM touched)")
    bulk.insert("identity_links", "SELECT anonymous_key, since, since_row, user_key FROM new_links")
    cursor.execute(SPANS)
