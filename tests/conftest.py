"""What most tests need: small stores from stories, and the sample shop."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from analytics import demo, ingest
from analytics.store import DuckStore
from analytics.store.spark import SparkStore

START = datetime(2026, 3, 2, 9, 0)  # a Monday
Journeys = Callable[..., DuckStore]
ON_SPARK = ("events", "sessions", "visits", "clicks", "users", "journeys", "identities", "codes", "elements")


@pytest.fixture
def store_of(tmp_path: Path) -> Iterator[Callable[..., DuckStore]]:
    """`store_of([{"timestamp": ..., "event": ...}, ...])`: those events, through the real import."""
    stores: list[DuckStore] = []

    def make(rows: Sequence[Mapping[str, Any]], **options: Any) -> DuckStore:
        store = DuckStore.open(":memory:", threads=1)
        stores.append(store)
        if rows:
            file = tmp_path / f"events-{len(stores)}.jsonl"
            file.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
            ingest.load(store, [file], ingest.Options(**options))
        return store

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def journeys(store_of: Callable[..., DuckStore]) -> Journeys:
    """`journeys("home /cart pay", "home")`: a string is a session, s1, s2, ... of persons u1, u2, ...

    A word is an event of that name, a word with a slash in front a page view of that page. Events are a minute
    apart, sessions an hour.
    """

    def make(*sessions: str) -> DuckStore:
        rows = []
        for n, session in enumerate(sessions, 1):
            for minute, word in enumerate(session.split()):
                event = {"event": "page_view", "page": word} if word.startswith("/") else {"event": word}
                time = START + timedelta(hours=n - 1, minutes=minute)
                rows.append(event | {"timestamp": time, "user_id": f"u{n}", "session_id": f"s{n}"})
        return store_of(rows)

    return make


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample shop's store, made once, closed, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    demo.open_demo(folder / "demo.duckdb").close()
    return folder


@pytest.fixture(scope="session")
def sample(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckStore]:
    """The sample shop; nobody writes to it."""
    folder = shutil.copytree(sample_folder, tmp_path_factory.mktemp("sample"), dirs_exist_ok=True)
    store = demo.open_demo(folder / "demo.duckdb")
    yield store
    store.close()


@pytest.fixture(scope="session")
def two_weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckStore]:
    """The sample shop's fortnight around release 1.1: enough for engines to differ, not for a test to take minutes."""
    folder = tmp_path_factory.mktemp("two-weeks")
    events = pq.read_table(demo.SAMPLE / "events.parquet")
    time = events["timestamp"]
    inside = pc.and_(pc.greater_equal(time, datetime(2026, 8, 31)), pc.less(time, datetime(2026, 9, 14)))
    pq.write_table(events.filter(inside), folder / "events.parquet")
    store = DuckStore.open(folder / "two-weeks.duckdb")
    ingest.load(store, [folder / "events.parquet"], ingest.Options(reporting_zone="Europe/Berlin"))
    yield store
    store.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spark's files and the browser's take longest: begun first, two workers end at about the same time."""
    items.sort(key=lambda item: item.get_closest_marker("spark") is None and "browser" not in item.path.parts)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-snapshots", action="store_true", help="write the SQL snapshots again")


@pytest.fixture(scope="session")
def spark_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A local Spark, one for all; where there is no Java, its tests are skipped (in CI they fail)."""
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        if os.environ.get("SESSIONSCOPE_CI"):
            pytest.fail("CI needs Java for Spark")
        pytest.skip("no Java: Spark cannot start")
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.codegen.wholeStage", "false")  # compiling takes longer than these few rows do
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("spark")))
        .config("spark.driver.memory", "2g")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="module")
def on_spark(spark_session: Any) -> Iterator[Callable[[DuckStore], SparkStore]]:
    """`on_spark(store)`: the same tables on Spark, until the file's tests are over."""
    shown: list[str] = []

    def copy(store: DuckStore) -> SparkStore:
        folder = store.spool / "spark"
        folder.mkdir(exist_ok=True)
        with store.reading_cursor() as cursor:
            for table in ON_SPARK:
                columns = "* REPLACE (CAST(event_id AS VARCHAR) AS event_id)" if table == "events" else "*"
                file = folder / f"{table}.parquet"
                cursor.execute(f"COPY (SELECT {columns} FROM {table}) TO '{file}' (FORMAT parquet)")
                spark_session.read.parquet(str(file)).createOrReplaceTempView(table)
                shown.append(table)
        return SparkStore(spark_session)

    yield copy
    for table in shown:
        spark_session.catalog.dropTempView(table)
