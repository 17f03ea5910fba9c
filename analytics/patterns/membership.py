"""Which sessions match a pattern, as a test of sessions: by their strings where these decide, else by their events."""

from dataclasses import dataclass

from analytics.conditions import merged
from analytics.patterns.steps import Cte, Tables, matches
from analytics.patterns.strings import string_tests
from analytics.patterns.syntax import Pattern


@dataclass(frozen=True)
class Membership:
    """`sql` over one row of `sessions` (or of what stands for it), once `ctes` stand in front."""

    sql: str
    ctes: tuple[Cte, ...]
    params: dict[str, object]


def membership(pattern: Pattern, tables: Tables, prefix: str) -> Membership:
    """The cheapest test that is exact."""
    conditions, exact = string_tests(pattern, prefix)
    if exact:
        sql = " AND ".join(condition.sql for condition in conditions) or "true"
        return Membership(sql, (), merged(condition.params for condition in conditions))
    found = matches(pattern, tables, prefix)
    return Membership(f"session_key IN (SELECT session_key FROM {found.name})", found.ctes, found.params)
