"""The same store on Apache Spark: proof that the analyses' SQL does not hang on one engine."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from analytics.query import Query
from analytics.store.base import Row


class SparkStore:
    """Reads tables or views named as in schema.sql from a `pyspark.sql.SparkSession`, whose time zone must be UTC."""

    def __init__(self, session: Any) -> None:
        self._session = session  # pyspark is no dependency of the product

    def rows(self, query: Query, row: type[Row]) -> list[Row]:
        """See `Store.rows`."""
        return [row(*_plain(record)) for record in self._frame(query).collect()]

    def batches(self, query: Query, size: int = 10_000) -> Iterator[list[tuple[object, ...]]]:
        """See `Store.batches`."""
        frame = self._frame(query)
        yield [tuple(frame.columns)]
        batch: list[tuple[object, ...]] = []
        for record in frame.toLocalIterator():
            batch.append(_plain(record))
            if len(batch) == size:
                yield batch
                batch = []
        if batch:
            yield batch

    def _frame(self, query: Query) -> Any:
        sql, values = query.to_spark()
        return self._session.sql(sql, args=values)


def _plain(record: Iterable[object]) -> tuple[object, ...]:
    # 1000.0 is a decimal to Spark, and so is what is divided by it
    return tuple(float(value) if isinstance(value, Decimal) else value for value in record)
