"""How is an import taken back? The sessions it touched are made again from the events of the others.

Rows that were refused as repeats of the undone import do not come back by themselves: import their files again.
"""

from collections.abc import Callable, Sequence

from analytics.errors import InvalidQuestion
from analytics.ingest import arrivals, derive
from analytics.ingest.load import settings_of
from analytics.ingest.room import room
from analytics.ingest.watch import Progress, Watch
from analytics.store.bulk import Bulk
from analytics.store.duck import DuckStore

UNDONE = "CREATE OR REPLACE TEMP TABLE undone AS SELECT import_id FROM imports WHERE list_contains($imports, import_id)"
GONE = """
CREATE OR REPLACE TEMP TABLE gone AS
SELECT session_key, anonymous_key, user_id_key FROM events SEMI JOIN undone USING (import_id)
"""
REMAINING = "CREATE OR REPLACE TEMP VIEW remaining AS SELECT * FROM events ANTI JOIN undone USING (import_id)"
OF_UNDONE = "import_id IN (SELECT import_id FROM undone)"
WITHOUT_SESSION = "session_id NOT IN (SELECT session_id FROM sessions)"  # a recording that came again with nothing new


def undo(
    store: DuckStore,
    imports: Sequence[int],
    *,
    progress: Callable[[Progress], None] = lambda progress: None,
    cancelled: Callable[[], bool] = lambda: False,
    part_events: int = derive.PART_EVENTS,
) -> int:
    """Takes `imports` back in one transaction and returns how many events went.

    Raises `InvalidQuestion` for an import not there, `ImportCancelled`, `DiskFull`: the store is then as it was.
    """
    watch = Watch(progress, cancelled, "Taking back")
    with room(store.spool), store.writing() as cursor, watch.over(cursor):
        cursor.execute(UNDONE, {"imports": list(imports)})
        known = {row[0] for row in cursor.execute("SELECT import_id FROM undone").fetchall()}
        if missing := sorted(set(imports) - known):
            raise InvalidQuestion(f"There is no import {missing[0]} in this store.")
        cursor.execute(GONE)
        cursor.execute(REMAINING)
        cursor.execute(arrivals.NOTHING)
        cursor.execute(arrivals.SKIPPED)
        bulk = Bulk(cursor)
        watch.begin("making sessions again", 0.0, 1.0)
        derive.derive(
            cursor,
            bulk,
            settings_of(cursor, part_events),
            watch,
            is_stored=True,
            has_addresses=False,
            is_removal=True,
        )
        bulk.delete("rejects", OF_UNDONE)
        bulk.delete("recordings", f"{OF_UNDONE} OR {WITHOUT_SESSION}")
        bulk.delete("imports", OF_UNDONE)
        bulk.verify()
        events = cursor.execute("SELECT count(*) FROM gone").fetchone()
    return int(events[0]) if events else 0
