"""A file in no order of time is laid by day first; the store is what it would have been."""

import datetime as dt
import random

import duckdb
import pytest

from analytics import ingest
from analytics.ingest import order
from analytics.store import DuckStore
from tests.ingest.import_dump import dump

ROWS = 3_000


@pytest.fixture
def shuffled(tmp_path):
    """The same events as CSV with a bad row, and as Parquet, at random within 20 days."""
    rng, began = random.Random(7), dt.datetime(2026, 3, 1)
    lines = [
        f"{began + dt.timedelta(seconds=rng.randrange(20 * 86_400))},{rng.choice(['page_view', 'click'])},u{rng.randrange(90)},"
        f"{'' if rng.random() < 0.3 else f's{rng.randrange(400)}'},/p{rng.randrange(5)}"
        for _ in range(ROWS)
    ]
    text = tmp_path / "shuffled.csv"
    text.write_text(
        "timestamp,event,user_id,session_id,page\n" + "\n".join([*lines[:9], "never,click,u1,s1,/p1", *lines[9:]])
    )
    parquet = tmp_path / "shuffled.parquet"
    duckdb.sql(
        f"COPY (SELECT * REPLACE (CAST(timestamp AS TIMESTAMP) AS timestamp) FROM read_csv('{text}', all_varchar = true) "
        f"WHERE timestamp <> 'never') TO '{parquet}'"
    )
    return text, parquet


@pytest.mark.parametrize("place", [0, 1], ids=["csv", "parquet"])
def test_a_shuffled_file_is_laid_by_day(shuffled, place, monkeypatch, tmp_path):
    stores = []
    for most in (order.MOST_ROWS, 500):
        monkeypatch.setattr(order, "MOST_ROWS", most)
        laid = []
        lay = order.lay_by_day
        monkeypatch.setattr(
            order, "lay_by_day", lambda *given, lay=lay, laid=laid: laid.append(lay(*given)) or laid[-1]
        )
        store = DuckStore.open(tmp_path / f"{most}.duckdb")
        report = ingest.load(store, [shuffled[place]], part_events=400)
        assert (report.events_added, report.imports[0].rejected) == (ROWS, 1 - place)
        assert (laid != [None]) is (most == 500)
        stores.append(dump(store, {1: 0}))
        store.close()
        monkeypatch.setattr(order, "lay_by_day", lay)
    assert vars(stores[0]) == vars(stores[1])


def test_a_file_in_order_is_read_as_it_lies(tmp_path):
    staging = duckdb.connect()
    file = tmp_path / "sorted.parquet"
    staging.sql(
        "COPY (SELECT TIMESTAMP '2026-01-01' + to_seconds(i) AS time FROM range(20000) AS r(i)) "
        f"TO '{file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)"
    )
    (rows,) = staging.execute(order.AT_A_MOMENT, {"staged": str(file), "time": "time"}).fetchone()
    assert rows < 2100
    assert order.lay_by_day(staging, file, "time", order.MOST_ROWS + 1) is None
    assert file.exists()
