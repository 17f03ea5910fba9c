"""What was brought in: a line a file, as the page of the data sources lists them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from analytics import words
from analytics.query import Query
from pages.shared.waiting import answer

IMPORTS = """
SELECT import_id, load_id, file, format, source, bytes, repeats, rows_read, events_added, duplicates, rejected,
    not_events, started, first_event, last_event
FROM imports
ORDER BY import_id DESC
"""


@dataclass(frozen=True)
class Brought:
    """A line of `imports`. Times are UTC; `repeats` is the import that had the very same bytes."""

    import_id: int
    load_id: int
    file: str
    format: str
    source: str
    bytes: int
    repeats: int | None
    rows_read: int
    events_added: int
    duplicates: int
    rejected: int
    not_events: int
    started: dt.datetime
    first_event: dt.datetime | None
    last_event: dt.datetime | None


def imports() -> tuple[Brought, ...]:
    """Every file, the last one first."""
    return answer("imports-sources", lambda reader: tuple(reader.rows(Query(IMPORTS, {}), Brought)))


def days(files: Sequence[Brought]) -> str:
    """From the first to the last event, in UTC; a dash when there is none."""
    first = min((one.first_event for one in files if one.first_event), default=None)
    last = max((one.last_event for one in files if one.last_event), default=None)
    return words.days(first.date(), last.date()) if first and last else "–"
