"""The rule of a kind, in a scope and outside of a segment, holds the same sessions on Spark."""

import pytest

from analytics import registry
from analytics.analyses import sessions
from analytics.clustering import Cluster
from analytics.scope import Scope, Segment
from tests.analyses.test_clusters import FEATURES, PLANTED, told

pytestmark = pytest.mark.spark
RULE = Cluster(
    FEATURES,
    (1.0, 0.5, 0.7, 1.0, 1.0, 0.5, 0.5, 1.0, 0.5, 0.5),
    (
        (0.0,) * 10,
        (1.5, 3.0, 2.0, 0.0, 0.0, 0.5, 0.0, 0.0, 1.0, 0.0),
        (2.0, 1.0, 2.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 2.0),
    ),
    1,
)


def test_equal_sessions(store_of, on_spark):
    story = [*PLANTED, (9, "/a go go /b /a error"), (6, "/b/c /a click click /b go go go")]
    store = store_of(told(story, seconds=lambda n: 1 + n % 5 / 4))
    there = on_spark(store)
    found = []
    for number in (1, 2, 3):
        rule = RULE.of(number)
        scopes = Scope(cluster=rule), Scope(outside=Segment("of it", Scope(cluster=rule)))
        for scope in scopes:
            asked = sessions.Sessions(limit=200)
            here = [row.session_id for row in sessions.run(store, asked, scope).rows]
            assert here == [row.session_id for row in sessions.run(there, asked, scope).rows]
        found.append(registry.sessions_in(store, scopes[0]))
    assert sum(found) == 115
    assert all(found)
