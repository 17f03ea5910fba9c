"""Properties: which properties events carry in scope, and their people: what a choice of fields on a page offers."""

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from analytics.conditions import STRICT
from analytics.errors import InvalidQuestion
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import Store

NAMED = """
SELECT level, name, count(*) AS events
FROM (
    SELECT 'event' AS level, unnest(json_keys(properties)) AS name
    FROM scoped
    WHERE properties IS NOT NULL AND session_key % $every = 0
    UNION ALL
    SELECT 'person' AS level, unnest(json_keys(user_properties)) AS name
    FROM scoped
    WHERE user_properties IS NOT NULL AND session_key % $every = 0
) AS named
GROUP BY level, name
ORDER BY events DESC, level, name
LIMIT $limit
"""


@with_config(STRICT)
@dataclass(frozen=True)
class Properties:
    """The question: the `limit` most usual names, looked for in one session of `every`."""

    every: int = 1
    limit: int = 200

    def __post_init__(self) -> None:
        if self.every < 1 or not 1 <= self.limit <= 1000:
            raise InvalidQuestion(
                f"Names are looked for in one session of 1 or more, at most 1,000 of them; "
                f"these are {self.every} and {self.limit}."
            )


@dataclass(frozen=True)
class Property:
    """`events` of those looked at carry a property called `name`, of the event itself or of its person."""

    level: Literal["event", "person"]
    name: str
    events: int

    @property
    def field(self) -> str:
        """As filters and breakdowns name it."""
        return f"{'properties' if self.level == 'event' else 'user'}.{self.name}"


@dataclass(frozen=True)
class PropertiesResult:
    """The answer."""

    properties: tuple[Property, ...]
    queries: tuple[Query, ...]


EXAMPLE = Properties(every=10)


def queries(params: Properties, scope: Scope) -> tuple[Query, ...]:
    """One statement."""
    return (scope.query(NAMED, every=params.every, limit=params.limit),)


def run(store: Store, params: Properties, scope: Scope) -> PropertiesResult:
    """Ask `store`; events without properties have none."""
    asked = queries(params, scope)
    return PropertiesResult(tuple(store.rows(asked[0], Property)), asked)
