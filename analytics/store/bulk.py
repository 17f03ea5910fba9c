"""How do many rows get into a table without DuckDB losing sight of them?

DuckDB (seen on 1.4, 1.5 and 2.0) mislays rows when one transaction holds an INSERT that adds nothing and a large INSERT
into the same table: they read as absent until the next checkpoint, often even after COMMIT, and no error is raised.
Small tables never take that path, so small tests never see it. Hence every insert of unknown size goes through
`Bulk`, which asks before it inserts, keeps count, and compares the count with the table before the commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from analytics.errors import AnalyticsError

ALWAYS = True


class MislaidRows(AnalyticsError):  # noqa: N818
    """A table does not hold what was inserted into it. Raised before the commit, so nothing is stored."""

    exit_code = 1


@dataclass
class _Table:
    before: int
    added: int = 0
    removed: int = 0


@dataclass
class Bulk:
    """The bulk writes of one transaction. Call `verify` last; an exception there must roll back.

    `guarded=False` is for the test that shows what happens without the guard.
    """

    cursor: duckdb.DuckDBPyConnection
    guarded: bool = True
    _tables: dict[str, _Table] = field(default_factory=dict)

    def insert(
        self, table: str, rows: str, values: Mapping[str, object] | None = None, *, some: str | bool | None = None
    ) -> int:
        """Inserts what the statement `rows` (SELECT, FROM or WITH) yields and returns how many rows that were.

        `table` may end with BY NAME: columns are then told by their names, not by their order.

        `some` says cheaply whether there are any: a statement whose first value is true or false, or `ALWAYS` where
        there must be some by construction. Without it, `rows` itself is run for its first row.
        """
        values = values or {}
        if self.guarded and some is not True and not self._any(rows if some is None else some, values, some is None):
            return 0
        into = self._table(table.split()[0])
        added = self._count(self.cursor.execute(f"INSERT INTO {table}\n{rows}", _named(rows, values)))
        if added == 0 and self.guarded:
            raise MislaidRows(f"An insert into {table} was to add rows and added none; nothing was stored.")
        into.added += added
        return added

    def delete(self, table: str, where: str, values: Mapping[str, object] | None = None) -> int:
        """Deletes the rows of `table` for which `where` holds and returns how many."""
        of = self._table(table)
        statement = f"DELETE FROM {table} WHERE {where}"  # noqa: S608 - our own table names and conditions
        removed = self._count(self.cursor.execute(statement, _named(where, values or {})))
        of.removed += removed
        return removed

    def verify(self) -> None:
        """Reads back the size of every table written; raises `MislaidRows` where it is not what was written."""
        for name, table in self._tables.items():
            there, expected = self._size(name), table.before + table.added - table.removed
            if there != expected:
                raise MislaidRows(f"{name} should hold {expected:,} rows and reads as {there:,}; nothing was stored.")

    def _table(self, name: str) -> _Table:
        if name not in self._tables:
            self._tables[name] = _Table(self._size(name))
        return self._tables[name]

    def _size(self, name: str) -> int:
        return self._count(self.cursor.execute(f"SELECT count(*) FROM {name}"))  # noqa: S608 - our own table names

    def _any(self, question: str | bool, values: Mapping[str, object], is_rows: bool) -> bool:
        if isinstance(question, bool):
            return question
        text = f"SELECT count(*) > 0 FROM (SELECT 1 FROM ({question}) LIMIT 1)" if is_rows else question  # noqa: S608 - our own text
        found = self.cursor.execute(text, _named(text, values)).fetchone()
        return bool(found and found[0])

    @staticmethod
    def _count(result: duckdb.DuckDBPyConnection) -> int:
        row = result.fetchone()
        return int(row[0]) if row else 0


def _named(statement: str, values: Mapping[str, object]) -> dict[str, object]:
    """Those of `values` that the statement names: DuckDB refuses a surplus one."""
    return {name: value for name, value in values.items() if f"${name}" in statement}
