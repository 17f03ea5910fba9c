"""What an analysis needs of an engine."""

from collections.abc import Iterator
from typing import Protocol, TypeVar

from analytics.query import Query

Row = TypeVar("Row")
MOST_ROWS = 100_000  # a picture or a page never needs more; lists have limits, downloads use `batches`


class Store(Protocol):
    """Answers statements. Implementations: `DuckStore` (and its `reading`), `SparkStore`."""

    def rows(self, query: Query, row: type[Row]) -> list[Row]:
        """Run `query`; each result row becomes one `row` (a dataclass or NamedTuple), its columns being `row`'s fields.

        Raises `InvalidQuestion` above `MOST_ROWS` rows: a silent cut would be a wrong answer.
        """
        ...

    def batches(self, query: Query, size: int = 10_000) -> Iterator[list[tuple[object, ...]]]:
        """Run `query`; first its column names as one tuple, then its rows, `size` at a time, however many there are."""
        ...
