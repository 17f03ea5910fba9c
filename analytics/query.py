"""A SQL statement and its values, kept apart from first to last."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.transforms import move_ctes_to_top_level


@dataclass(frozen=True)
class JsonKey:
    """One literal key of a JSON object (`a.b` is one key, not a path). Each engine has its own way to say it."""

    name: str

    @property
    def pointer(self) -> str:
        """As a JSON pointer (RFC 6901), which DuckDB's `->>` reads."""
        return "/" + self.name.replace("~", "~0").replace("/", "~1")


@dataclass(frozen=True)
class Query:
    """One statement in DuckDB's dialect, with `$named` values.

    `sql` is exactly what runs and exactly what "Show SQL" prints. `params` holds one value per name in it and no
    more: DuckDB refuses a surplus one, so the two cannot drift apart.
    """

    sql: str
    params: Mapping[str, object]

    @property
    def key(self) -> Hashable:
        """What tells this question from another: its text and its values."""
        return self.sql, tuple(sorted((name, _frozen(value)) for name, value in self.params.items()))

    def to_duckdb(self) -> dict[str, object]:
        """The values as DuckDB takes them."""
        return {name: value.pointer if isinstance(value, JsonKey) else value for name, value in self.params.items()}

    def to_spark(self) -> tuple[str, dict[str, Any]]:
        """The same statement for Spark SQL (`$name` becomes `:name`) and the values as Spark takes them."""
        tree = _each_once(sqlglot.parse_one(self.sql, dialect="duckdb").transform(_spark_fixes))
        values = {name: value.name if isinstance(value, JsonKey) else value for name, value in self.params.items()}
        return tree.sql(dialect="spark", pretty=True), values

    def text(self) -> str:
        """The statement with its values listed above it, for people to read or to paste."""
        values = [f"-- ${name} = {_literal(value)}" for name, value in sorted(self.params.items())]
        return "\n".join([*values, self.sql])


def _frozen(value: object) -> Hashable:
    return tuple(value) if isinstance(value, list) else repr(value)


def _literal(value: object) -> str:
    if isinstance(value, JsonKey):
        value = value.pointer
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    if value is None or isinstance(value, bool | int | float):
        return str(value).lower() if value is not None else "NULL"
    return "'" + str(value).replace("'", "''").replace("\n", "\\n") + "'"


_OF_SPARK = {
    "LIST_EXTRACT": "ELEMENT_AT",  # both count from 1; a slice begins there
    "LIST_SLICE": "SLICE",
    "HASH": "XXHASH64",  # 64 bits each; other ones
}

# Spark pushes filters into a CTE, where they grow with each step that they pass, unless its columns may be others each
# time. Only where that is needed: semi-joins with such a CTE lost rows on Spark 4.3.
_KEPT = {"walked_names"}
_ONCE = sqlglot.parse_one(
    "SELECT * EXCEPT (once) FROM (SELECT *, rand() AS once FROM body) WHERE once < 2", dialect="spark"
)
_BODY = exp.to_table("body")


def _each_once(tree: exp.Expr) -> exp.Expr:
    """CTEs within subqueries moved to the front, where one that is written twice has to be there once."""
    tree = move_ctes_to_top_level(tree)
    if front := tree.args.get("with_"):
        once: dict[str, exp.Expr] = {}
        for cte in front.expressions:
            once.setdefault(cte.alias, cte)
        front.set("expressions", list(once.values()))
    return tree


def _spark_fixes(node: exp.Expr) -> exp.Expr:
    """What sqlglot 30 leaves wrong for Spark; each branch has a parity case in tests/test_spark.py."""
    if isinstance(node, exp.PercentileCont) and node.expression:
        return exp.func("percentile", node.this, node.expression, dialect="spark")
    if isinstance(node, exp.JSONExtractScalar):
        objects = exp.func("from_json", node.this, exp.Literal.string("map<string,string>"), dialect="spark")
        return exp.Bracket(this=objects, expressions=[node.expression])
    if isinstance(node, exp.Anonymous) and node.name.upper() in _OF_SPARK:
        node.set("this", _OF_SPARK[node.name.upper()])
    if isinstance(node, exp.CTE) and node.args.get("materialized") is not None:
        if node.alias in _KEPT:
            node.set("this", _ONCE.transform(lambda part: node.this.subquery("body") if part == _BODY else part))
        node.set("materialized", None)
    return node
