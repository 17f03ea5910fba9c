"""What does the clock on the wall say? The macro `local_time` from UTC to a store's reporting zone.

A zone has few changes, and an import few of them: comparing with those few costs a tenth of asking the engine's calendar
for every event. They are found in that calendar, so both ways agree.
"""  # noqa: E501

import datetime as dt
import itertools

import duckdb

from analytics.ingest.readers.base import literal

FEW = 8
CALENDAR_SINCE = dt.datetime(1972, 1, 1)  # before it, zones were off by odd seconds
STEP = dt.timedelta(days=1)
MACRO = "CREATE OR REPLACE TEMP MACRO local_time(utc) AS "
SHIFTS = """
SELECT t, shift FROM (
  SELECT t, shift, lag(shift) OVER (ORDER BY t) AS before FROM (
    SELECT t, epoch_us(timezone($zone, timezone('UTC', t))) - epoch_us(t) AS shift
    FROM (SELECT unnest(generate_series($start, $stop, to_minutes($minutes))) AS t)))
WHERE before IS NULL OR before <> shift ORDER BY t
"""


def set_clock(cursor: duckdb.DuckDBPyConnection, zone: str, start: dt.datetime, stop: dt.datetime) -> None:
    """Makes the macro, right for `start` to `stop` (UTC)."""
    cursor.execute(MACRO + _expression(cursor, zone, start, stop))


def _expression(cursor: duckdb.DuckDBPyConnection, zone: str, start: dt.datetime, stop: dt.datetime) -> str:
    if zone in ("UTC", "Etc/UTC"):
        return "utc"
    shifts = _shifts(cursor, zone, start, stop) if start >= CALENDAR_SINCE else []
    if not 1 <= len(shifts) <= FEW:
        return f"timezone({literal(zone)}, timezone('UTC', utc))"
    *changes, last = shifts
    cases = "".join(
        f" WHEN utc < TIMESTAMP '{until}' THEN {shift}"
        for (_, shift), (until, _) in zip(changes, shifts[1:], strict=True)
    )
    return f"utc + to_microseconds(CASE{cases} ELSE {last[1]} END)" if changes else f"utc + to_microseconds({last[1]})"


def _shifts(
    cursor: duckdb.DuckDBPyConnection, zone: str, start: dt.datetime, stop: dt.datetime
) -> list[tuple[dt.datetime, int]]:
    """From when on which difference to UTC, in microseconds; days with a change are looked at minute by minute."""
    first = start.replace(hour=0, minute=0, second=0, microsecond=0)
    days = _changes(cursor, zone, first, stop + STEP, 24 * 60)
    exact = days[:1]
    for (_, before), (day, shift) in itertools.pairwise(days):
        within = _changes(cursor, zone, day - STEP, day, 1)
        exact += list(within[1:]) or [(day, shift)]
        assert within[0][1] == before  # noqa: S101
    return exact


def _changes(
    cursor: duckdb.DuckDBPyConnection, zone: str, start: dt.datetime, stop: dt.datetime, minutes: int
) -> list[tuple[dt.datetime, int]]:
    values = {"zone": zone, "start": start, "stop": stop, "minutes": minutes}
    return cursor.execute(SHIFTS, values).fetchall()
