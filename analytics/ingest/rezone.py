"""How does a store get its days, weekdays and hours in another zone? What is on a clock is written anew, nothing else.

Which events make a session, and what a session without an id is called, does not depend on the zone. So this equals a
fresh import with that zone, at the cost of a few columns instead of everything.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from analytics import words
from analytics.ingest import zone as clock
from analytics.ingest.load import first_row, settings_of
from analytics.ingest.options import known_zone
from analytics.ingest.room import room
from analytics.ingest.watch import Progress, Watch
from analytics.store.bulk import MislaidRows
from analytics.store.duck import DuckStore

SPAN = "SELECT min(start), max(stop) FROM sessions"
DAYS = """
CREATE OR REPLACE TEMP TABLE days AS
SELECT session_key, day AS before, CAST(local_time(start) AS DATE) AS day FROM sessions
"""
MOVED = "SELECT count(CASE WHEN before <> day THEN 1 END), count(DISTINCT day) FROM days"
SESSIONS = """
UPDATE sessions SET start_local = local_time(start), day = CAST(local_time(start) AS DATE),
  weekday = CAST(isodow(local_time(start)) AS INTEGER), hour = CAST(hour(local_time(start)) AS INTEGER)
"""
EVENTS = """
UPDATE events SET local = local_time(time), day = days.day FROM days WHERE days.session_key = events.session_key
"""
VISITS = (
    "UPDATE visits SET day = days.day FROM days WHERE days.session_key = visits.session_key AND days.before <> days.day"
)
CLICKS = (
    "UPDATE clicks SET day = days.day FROM days WHERE days.session_key = clicks.session_key AND days.before <> days.day"
)
# read back, as after every bulk write: rows that are no longer what was written, or in no session
AMISS = """
SELECT (SELECT count(*) FROM events AS e LEFT JOIN sessions AS s USING (session_key)
    WHERE s.day IS DISTINCT FROM e.day OR e.local IS DISTINCT FROM local_time(e.time))
  + (SELECT count(*) FROM visits AS v LEFT JOIN sessions AS s USING (session_key) WHERE s.day IS DISTINCT FROM v.day)
  + (SELECT count(*) FROM clicks AS c LEFT JOIN sessions AS s USING (session_key) WHERE s.day IS DISTINCT FROM c.day)
"""
SET = """
INSERT INTO settings (key, value) VALUES ('reporting_zone', $zone)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""


@dataclass(frozen=True)
class Rezoned:
    """`sessions` lie on another day than `before`, the zone until now; all of them lie on `days` different ones."""

    sessions: int
    days: int
    before: str
    zone: str

    def text(self) -> str:
        """One sentence."""
        if self.zone == self.before:
            return f"Days are cut in {self.zone} already."
        lie = "lies" if self.sessions == 1 else "lie"
        return (
            f"Days are cut in {self.zone} now, not in {self.before}: {words.many(self.sessions, 'session')} {lie} on "
            "another day than before."
        )


def rezone(
    store: DuckStore,
    zone: str,
    *,
    progress: Callable[[Progress], None] = lambda progress: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Rezoned:
    """Cuts the store's days in `zone` (such as Europe/Berlin), in one transaction.

    Raises `InvalidQuestion` for a zone that is none, `ImportCancelled`, `DiskFull`; the store is then as it was.
    """
    known_zone(zone)
    watch = Watch(progress, cancelled, "Moving to another zone")
    with room(store.spool), store.writing() as cursor, watch.over(cursor):
        before = settings_of(cursor).zone
        start, stop = first_row(cursor, SPAN)
        clock.set_clock(cursor, zone, start or dt.datetime(2000, 1, 1), stop or dt.datetime(2000, 1, 1))
        cursor.execute(DAYS)
        sessions, days = first_row(cursor, MOVED)
        for what, statement, since, until in (
            ("moving sessions", SESSIONS, 0.0, 0.1),
            ("moving events", EVENTS, 0.1, 0.7),
            ("moving visits", VISITS, 0.7, 0.8),
            ("moving clicks", CLICKS, 0.8, 0.9),
        ):
            watch.begin(what, since, until)
            cursor.execute(statement)
        watch.begin("checking", 0.9, 1.0)
        if amiss := first_row(cursor, AMISS)[0]:
            raise MislaidRows(f"{amiss:,} rows are not on the day they should be on; nothing was stored.")
        cursor.execute(SET, {"zone": zone})
        watch.check()
    watch.reached(1.0)
    return Rezoned(sessions, days, before, zone)
