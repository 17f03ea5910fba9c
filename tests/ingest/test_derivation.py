"""Any way to the same events gives the same store, and it is the one a plain reading of the definitions gives."""

import datetime as dt
import os
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.ingest import Options, load, undo
from analytics.ingest.fields import FIELDS
from analytics.store import DuckStore
from tests.ingest.import_dump import differences, dump
from tests.ingest.import_oracle import Row, expected

TYPES = {
    "BOOLEAN": pa.bool_(),
    "VARCHAR": pa.string(),
    "TIMESTAMP": pa.timestamp("us"),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
}
ARROW = pa.schema([(field.name, TYPES[field.type]) for field in FIELDS])
START = dt.datetime(2026, 3, 28, 22, 0)  # the clocks of Berlin go forward in the first night
UUIDS = ("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0")


def maybe(value: st.SearchStrategy[Any], weight: int = 2) -> st.SearchStrategy[Any]:
    return st.one_of(*[st.none()] * weight, value)


steps = st.integers(0, 40).map(lambda n: START + dt.timedelta(minutes=7.5 * n))
moments = st.one_of(
    steps,
    steps,
    st.tuples(steps, st.integers(0, 40_000_000)).map(lambda pair: pair[0] + dt.timedelta(microseconds=pair[1])),
)
events = st.fixed_dictionaries(
    {
        "event_id": maybe(st.sampled_from([*(f"e{n}" for n in range(12)), *UUIDS])),
        "timestamp": st.one_of(*[moments] * 15, st.none()),
        "event": st.one_of(
            st.sampled_from(["page_view", "page_view", "click", "scroll", "error", "bought", "page_leave"]),
            st.sampled_from(["page_view", "", None]),
        ),
        "user_id": maybe(st.sampled_from(["u1", "u2", "u3", ""])),
        "anonymous_id": st.sampled_from([None, "a1", "a1", "a2"]),
        "session_id": maybe(st.sampled_from(["s1", "s2", ""]), 3),
        "page": st.sampled_from([None, "/a", "/a", "/b"]),
        "referrer": maybe(st.sampled_from(["https://r/", "https://q/"])),
        "element": maybe(st.sampled_from(["#x", "button#x", "Pay now"])),
        "element_tag": maybe(st.just("A"), 5),
        "x": maybe(st.integers(0, 9)),
        "y": st.just(3),
        "text": maybe(st.sampled_from(["Pay", "Go"])),
        "fixed": maybe(st.booleans()),
        "viewport_width": maybe(st.sampled_from([390, 1280])),
        "viewport_height": maybe(st.just(800)),
        "page_height": maybe(st.sampled_from([600, 2000])),
        "scroll_depth": maybe(st.sampled_from([0.1, 0.5])),
        "value": maybe(st.sampled_from([0.5, 2.0])),
        "device": st.sampled_from([None, "mobile", "desktop"]),
        "country": st.sampled_from([None, "DE"]),
        "ip": maybe(st.sampled_from(["10.0.0.1", "10.0.0.2"])),
        "user_properties": maybe(st.sampled_from(['{"plan":"a"}', '{"plan":"b"}'])),
    }
).map(lambda event: {**dict.fromkeys(field.name for field in FIELDS), **event})


class Loads:
    """A store in memory and the rows it was given, call by call and file by file."""

    def __init__(self, folder: Path, part_events: int, zone: str, dedupe: str = "none") -> None:
        self.store = DuckStore.open(":memory:", threads=1, memory_limit="1GB")
        self.folder, self.part_events, self.zone, self.dedupe = folder, part_events, zone, dedupe
        self.offsets: dict[int, int] = {}
        self.rows: list[Row] = []

    def load(self, files: list[list[Row]], source: str) -> None:
        paths = []
        for rows in files:
            number = len(self.offsets) + 1
            self.offsets[number] = len(self.rows)
            self.rows += [dict(row, source=source) for row in rows]
            paths.append(self.folder / f"{id(self)}-{number}.parquet")
            # a column more makes every file another file: the same bytes would be a repeat
            schema = ARROW.append(pa.field(f"file{number}", pa.string()))
            pq.write_table(pa.Table.from_pylist(rows, schema=schema), paths[-1])
        options = Options(source=source, reporting_zone=self.zone, dedupe=self.dedupe)
        load(self.store, paths, options, part_events=self.part_events)

    def expected(self) -> Any:
        return expected(self.rows, self.zone, self.dedupe)


@given(st.data())
@settings(
    max_examples=int(os.environ.get("EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
def test_pieces_equal_one_import_and_the_plain_reading(data: st.DataObject) -> None:
    rows = data.draw(st.lists(events, min_size=2, max_size=24))
    pieces = data.draw(st.integers(2, 4))
    home = data.draw(st.lists(st.integers(0, pieces - 1), min_size=len(rows), max_size=len(rows)))
    split = [piece for n in range(pieces) if (piece := [row for row, h in zip(rows, home, strict=True) if h == n])]
    sources = data.draw(st.lists(st.sampled_from(["shop", "shop", "app"]), min_size=len(split), max_size=len(split)))
    part_events = data.draw(st.sampled_from([3, 1000]))
    zone = data.draw(st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"]))
    dedupe = data.draw(st.sampled_from(["none", "none", "exact"]))
    with tempfile.TemporaryDirectory() as folder:
        one = Loads(Path(folder), part_events, zone, dedupe)
        one.load([rows], "shop")
        assert differences(one.expected(), dump(one.store, one.offsets)) == []

        many = Loads(Path(folder), part_events, zone, dedupe)
        at_once = data.draw(st.integers(1, 2))
        for n in range(0, len(split), at_once):
            for source in dict.fromkeys(sources[n : n + at_once]):
                many.load([p for p, s in zip(split[n : n + at_once], sources[n:], strict=False) if s == source], source)
        assert differences(many.expected(), dump(many.store, many.offsets)) == []

        gone = data.draw(st.sampled_from(sorted(many.offsets)))
        ends = {**many.offsets, len(many.offsets) + 1: len(many.rows)}
        lost = many.rows[ends[gone] : ends[gone + 1]]
        undo(many.store, [gone], part_events=part_events)
        later = many.rows[ends[gone + 1] :]
        if dedupe == "none" and not {r["event_id"] for r in lost if r["event_id"]} & {r["event_id"] for r in later}:
            nothing = dict.fromkeys([*lost[0], "source"])
            left = [nothing if ends[gone] <= n < ends[gone + 1] else row for n, row in enumerate(many.rows)]
            want, got = expected(left, zone), dump(many.store, many.offsets)
            want.counts = got.counts
            assert differences(want, got) == []
        one.store.close()
        many.store.close()
