"""A store in memory, and a way to say in one line what a file holds and what became of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics import ingest
from analytics.store import DuckStore


@pytest.fixture
def store() -> Iterator[DuckStore]:
    store = DuckStore.open(":memory:", threads=2)
    yield store
    store.close()


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """`file("name.csv", "a,b\\n1,2\\n")`: a file of that text (UTF-8) or of those bytes."""

    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


@pytest.fixture
def events(store: DuckStore, file: Callable[..., Path]) -> Callable[..., list[tuple[Any, ...]]]:
    """`events("timestamp,event,user_id\\n...", columns="name, page", timezone="Europe/Berlin")`: those columns, in reading order."""

    def read(
        content: str | bytes, columns: str = "name", name: str = "events.csv", **options: Any
    ) -> list[tuple[Any, ...]]:
        ingest.load(store, [file(name, content)], ingest.Options(**options))
        return asked(
            store, f"SELECT {columns} FROM events AS e JOIN sessions AS s USING (session_key) ORDER BY import_id, line"
        )

    return read


def asked(store: DuckStore, statement: str) -> list[tuple[Any, ...]]:
    with store.reading_cursor() as cursor:
        return cursor.execute(statement).fetchall()
