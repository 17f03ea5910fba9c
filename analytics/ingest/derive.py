"""How does everything in the store follow from the events? One derivation for all: a first import, more data, undo, forget.

What arrives (view `arriving` without `skipped`), what leaves (`gone`) and what stays (`remaining`) settle who is who,
which sessions are touched, and these are made again in parts of whole sessions. So any way to the same events in the
same reading order gives the same store.
"""  # noqa: E501

import datetime as dt
from dataclasses import dataclass
from typing import Any

import duckdb

from analytics import element_names
from analytics.errors import AnalyticsError
from analytics.ingest import events, identity, sessions, summaries, zone
from analytics.ingest.watch import Watch
from analytics.store.bulk import ALWAYS, Bulk

PART_EVENTS = 2_500_000  # sorted at a time: fits into memory, and is a step of progress
PARTS = """
SELECT min(session_key), max(session_key), min(before), min(start), max(stop) FROM numbered
GROUP BY before // $size ORDER BY 1
"""


@dataclass(frozen=True)
class Settings:
    """What holds for the whole store."""

    timeout_us: int
    zone: str
    part_events: int = PART_EVENTS


def derive(
    cursor: duckdb.DuckDBPyConnection,
    bulk: Bulk,
    settings: Settings,
    watch: Watch,
    *,
    is_stored: bool,
    has_addresses: bool,
    is_removal: bool = False,
) -> None:
    """Makes the store what it is with `arriving` and without `gone`. `is_stored`: it holds anything before."""
    if not is_removal:
        identity.learn(cursor, bulk)
    identity.link(cursor, bulk, after_removal=is_removal)
    if not is_removal:
        events.learn_codes(cursor, bulk)
    base = _one(cursor, "SELECT coalesce(max(session_key), 0) FROM sessions")[0]
    sessions.find(cursor, bulk, settings.timeout_us, is_stored=is_stored)
    start, stop = _one(cursor, "SELECT min(start), max(stop) FROM heads")
    zone.set_clock(cursor, settings.zone, start or dt.datetime(2000, 1, 1), stop or dt.datetime(2000, 1, 1))
    sessions.number(cursor, base)
    view = events.view_rows(cursor, has_addresses=has_addresses)
    parts = cursor.execute(PARTS, {"size": settings.part_events}).fetchall()
    for nth, (low, high, before, first, last) in enumerate(parts):
        watch.check()
        zone.set_clock(cursor, settings.zone, first, last)
        cursor.execute(events.PART, {"low": low, "high": high, "before": before})
        of_part: dict[str, object] = {"low": low, "high": high, "first": first, "last": last, "view": view}
        bulk.insert("events BY NAME", events.EVENTS, of_part, some=ALWAYS)
        watch.reached((nth + 0.6) / len(parts))
        bulk.insert("visits BY NAME", summaries.VISITS, of_part, some=summaries.ANY_VISIT)
        watch.reached((nth + 0.75) / len(parts))
        bulk.insert("sessions BY NAME", summaries.SESSIONS, of_part, some=ALWAYS)
        bulk.insert("elements BY NAME", element_names.NEW, of_part)
        bulk.insert("clicks BY NAME", summaries.CLICKS, of_part, some=summaries.ANY_CLICK)
        watch.reached((nth + 1) / len(parts))
    if _one(cursor, element_names.CLASHES)[0]:
        raise AnalyticsError("Two elements have one key, which should never be; nothing was stored.")
    if is_stored:
        cursor.execute(summaries.PEOPLE, {"base": base})
        bulk.delete("users", summaries.OF_PEOPLE)
        bulk.delete("journeys", summaries.OF_PEOPLE)
        bulk.insert("users BY NAME", summaries.USERS_AGAIN)
    else:
        bulk.insert("users BY NAME", summaries.USERS)
    cursor.execute(summaries.APART_AGAIN if is_stored else summaries.APART)
    (events_of_them,) = _one(
        cursor, "SELECT coalesce(sum(events), 0) FROM users WHERE user_key IN (SELECT user_key FROM apart)"
    )
    lots = events_of_them // settings.part_events + 1
    for lot in range(lots):  # a part of the people at a time: lists of many people do not spill
        watch.check()
        of_lot = {"parts": lots, "part": lot}
        bulk.insert("journeys BY NAME", summaries.JOURNEYS, of_lot, some=summaries.ANY_APART)


def _one(cursor: duckdb.DuckDBPyConnection, statement: str) -> tuple[Any, ...]:
    row = cursor.execute(statement).fetchone()
    return tuple(row) if row else ()
