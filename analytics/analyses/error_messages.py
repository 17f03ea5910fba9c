"""Error messages: what errors said, and in how many sessions: what a choice among errors offers."""

from dataclasses import dataclass

from pydantic import with_config

from analytics import vocabulary
from analytics.conditions import STRICT, Filter, Matcher, column, merged
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

FIELDS = ("text", "properties.message", "properties.reason", "properties.error", "properties.description")
"""Where an error says what it is; the first that has something is meant."""

SQL = """
WITH said AS (
    SELECT session_key, CASE {whens} END AS field, coalesce({texts}) AS message
    FROM scoped
    WHERE name = $error
)
SELECT field, message, count(DISTINCT session_key) AS sessions
FROM said
WHERE message IS NOT NULL
GROUP BY field, message
ORDER BY sessions DESC, message, field
LIMIT $limit
"""


@with_config(STRICT)
@dataclass(frozen=True)
class ErrorMessages:
    """The question: the `limit` messages that most sessions met, most first."""

    limit: int = 200

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= 10_000:
            raise InvalidQuestion(f"A list has a limit from 1 to 10,000, not {self.limit}.")


@dataclass(frozen=True)
class Message:
    """`field` is one of `FIELDS`: where the errors say it."""

    field: str
    message: str
    sessions: int

    @property
    def matcher(self) -> Matcher:
        """The errors that say just this, there."""
        before = FIELDS[: FIELDS.index(self.field)]
        silent = tuple(Filter(field, "is_not_set") for field in before)
        return Matcher(name=vocabulary.ERROR, where=(*silent, Filter(self.field, "is", self.message)))


@dataclass(frozen=True)
class ErrorMessagesResult:
    """The answer; errors that say nothing are in none of them."""

    messages: tuple[Message, ...]
    queries: tuple[Query, ...]


EXAMPLE = ErrorMessages(limit=20)


def queries(params: ErrorMessages, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    places = {field: column(field, f"said_{n}") for n, field in enumerate(FIELDS, 1)}
    whens = " ".join(f"WHEN {at.sql} IS NOT NULL THEN '{field}'" for field, at in places.items())
    sql = SQL.format(whens=whens, texts=", ".join(at.sql for at in places.values()))
    values = merged([at.params for at in places.values()])
    return (scope.query(sql, error=vocabulary.ERROR, limit=params.limit, **values),)


def run(store: Store, params: ErrorMessages, scope: Scope) -> ErrorMessagesResult:
    """Ask `store`; a scope without errors gives none."""
    asked = queries(params, scope)
    return ErrorMessagesResult(tuple(store.rows(asked[0], Message)), asked)
