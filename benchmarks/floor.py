"""The least that any import must do: the file read, sorted by session and time, and written, by the same engine."""

from pathlib import Path
from typing import Any

import duckdb

from benchmarks import measure

WRITE = "CREATE TABLE floor AS FROM read_parquet($path)"
SORT = WRITE + " ORDER BY session_id, timestamp"


def run(events: Path, folder: Path, sort: bool, memory: str = "3GB") -> dict[str, Any]:
    """Into a database of its own, which is removed again."""
    database = folder / "floor.duckdb"
    database.unlink(missing_ok=True)
    spill = folder / "floor.spill"
    connection = duckdb.connect(str(database), config={"memory_limit": memory, "temp_directory": str(spill)})
    connection.execute("SET enable_progress_bar = false")

    def work() -> int:
        (rows,) = connection.execute(SORT if sort else WRITE, {"path": str(events)}).fetchone() or (0,)
        connection.execute("CHECKPOINT")
        return int(rows)

    rows, cost = measure.once(work)
    connection.close()
    size = database.stat().st_size
    database.unlink()
    return {"rows": rows, "bytes": size, **cost}
