"""Does a staged file lie in order of time? One that does not is laid by day, before parts of a load read it.

A part reads its range of time from the file (`events`), which costs little where groups of rows hold little time each.
In a file without order every part would read all of it.
"""

from pathlib import Path

import duckdb

from analytics.ingest.readers.base import identifier

MOST_ROWS = 2_500_000  # read for one moment; a part itself has as many
PLACE, OWN_PLACE = "file_row_number", "place_in_file"
# how many rows lie in the groups that cover a moment, on average
AT_A_MOMENT = """
SELECT sum(epoch_us(latest) - epoch_us(earliest)) / nullif(epoch_us(max(latest)) - epoch_us(min(earliest)), 0) * avg(group_rows)
FROM (
  SELECT try_cast(stats_min_value AS TIMESTAMP) AS earliest, try_cast(stats_max_value AS TIMESTAMP) AS latest,
    row_group_num_rows AS group_rows
  FROM parquet_metadata($staged) WHERE path_in_schema = $time)
"""  # noqa: E501
BY_DAY = f"""
COPY (
  SELECT * EXCLUDE ({PLACE}), {PLACE} AS {OWN_PLACE} FROM read_parquet($staged, {PLACE} = true)
  ORDER BY CAST({{time}} AS DATE)
) TO $target (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 200000)
"""


def lay_by_day(staging: duckdb.DuckDBPyConnection, staged: Path, time: str, rows: int) -> Path | None:
    """Another file with the `rows` of `staged` by day, and what `PLACE` was as `OWN_PLACE`; None where order is good.

    `time` is the column of times. `staged` goes when it is replaced.
    """
    if rows <= MOST_ROWS:  # as in most files: nothing to look up
        return None
    found = staging.execute(AT_A_MOMENT, {"staged": str(staged), "time": time}).fetchone()
    if not found or (found[0] or 0) <= MOST_ROWS:
        return None
    target = staged.with_suffix(".by-day.parquet")
    staging.execute(BY_DAY.format(time=identifier(time)), {"staged": str(staged), "target": str(target)})
    staged.unlink()
    return target
