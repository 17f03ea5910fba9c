"""What a store that holds events already costs to grow: a new day, late events, taking them back; and texts."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from analytics import ingest
from analytics.ingest import addresses
from analytics.store import DuckStore
from benchmarks import measure

TEXT_ROWS = 2_000_000
# the fortieth day once more, behind the last one, with people who were there before
NEW_DAY = """
COPY (
  SELECT * REPLACE (CAST(uuid() AS VARCHAR) AS event_id, timestamp + to_days(CAST($days AS INTEGER)) AS timestamp, 'n' || session_id AS session_id)
  FROM read_parquet($events)
  WHERE timestamp >= $day AND timestamp < $day + INTERVAL 1 DAY ORDER BY timestamp
) TO $target (FORMAT parquet)
"""  # noqa: E501
# one event in a hundred once more, a second later: nearly every tenth session gets one
LATE = """
COPY (
  SELECT * REPLACE (CAST(uuid() AS VARCHAR) AS event_id, timestamp + INTERVAL 1 SECOND AS timestamp)
  FROM read_parquet($events) WHERE session_id IS NOT NULL AND hash(event_id) % 108 = 1 ORDER BY timestamp
) TO $target (FORMAT parquet)
"""
SPAN = """
SELECT CAST(min(timestamp) AS DATE) + 40, date_diff('day', min(timestamp), max(timestamp)) - 38
FROM read_parquet($events)
"""
TEXTS = {
    "CSV": "COPY (FROM read_parquet($events) LIMIT $rows) TO $target (FORMAT csv)",
    "JSON lines": """
        COPY (
          SELECT * REPLACE (
            strftime(timestamp, '%Y-%m-%dT%H:%M:%S.%gZ') AS timestamp, CAST(properties AS JSON) AS properties)
          FROM read_parquet($events) LIMIT $rows) TO $target (FORMAT json)""",
}


def run(events: Path, store: Path, folder: Path) -> dict[str, Any]:
    """The costs by what was done; `rows` is how many were read, or taken back."""
    making = duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(folder / "growing.spill")})
    making.execute("SET enable_progress_bar = false")
    day, days = making.execute(SPAN, {"events": str(events)}).fetchone() or (None, 0)
    found: dict[str, Any] = {}
    for name, select, values in (("a new day", NEW_DAY, {"day": day, "days": days}), ("late events", LATE, {})):
        file = folder / "more.parquet"
        making.execute(select, {"events": str(events), "target": str(file), **values})
        found |= _appended(name, file, _copied(store, folder))
    for name, select in TEXTS.items():
        file = folder / f"text.{name[:3].lower()}"
        making.execute(select, {"events": str(events), "target": str(file), "rows": TEXT_ROWS})
        report, cost = _done(folder / "text.duckdb", lambda opened, file=file: ingest.load(opened, [file]))
        found[name] = {"rows": report.imports[0].rows_read, "bytes": file.stat().st_size, **cost}
        file.unlink()
        (folder / "text.duckdb").unlink()
    return found


def _appended(name: str, file: Path, store: Path) -> dict[str, Any]:
    report, appended = _done(store, lambda opened: ingest.load(opened, [file]))
    rows, undone = _done(store, lambda opened: ingest.undo(opened, report.numbers))
    return {
        name: {"rows": report.imports[0].rows_read, "sessions": report.imports[0].sessions, **appended},
        f"{name}, taken back": {"rows": rows, **undone},
    }


def _done(store: Path, work: Callable[[DuckStore], Any]) -> tuple[Any, dict[str, float]]:
    """What `work` gives on the store, and its cost until the store's file is whole again."""

    def whole() -> Any:
        opened = DuckStore.open(store)
        try:
            return work(opened)
        finally:
            opened.close()

    return measure.once(whole)


def _copied(store: Path, folder: Path) -> Path:
    target = folder / "grown.duckdb"
    for source, copy in ((store, target), (addresses.key_file(store, folder), addresses.key_file(target, folder))):
        shutil.copyfile(source, copy)
    return target
