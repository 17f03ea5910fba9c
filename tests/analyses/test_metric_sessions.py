"""The sessions behind each metric: as many as its figure says."""

import pytest

from analytics.analyses import compare, metric_sessions, sessions
from analytics.analyses.compare import Compare
from analytics.analyses.metric_sessions import MetricSessions
from analytics.conditions import Matcher
from analytics.errors import InvalidQuestion
from analytics.metrics import FunnelGoal
from analytics.scope import Scope

PHONES = Scope(releases=("1.0",), devices=("phone",)), Scope(releases=("1.1",), devices=("phone",))


@pytest.mark.parametrize(
    "goal",
    [
        pytest.param(Matcher(name="order"), id="an event"),
        pytest.param(FunnelGoal((Matcher(name="add_to_cart"), Matcher(name="order"))), id="steps"),
    ],
)
def test_every_list_is_as_long_as_its_figure(sample, goal):
    for change in compare.run(sample, Compare(*PHONES, goal=goal), Scope()).metrics:
        for scope, side in zip(PHONES, (change.before, change.after), strict=True):
            asked = MetricSessions(change.metric, goal, limit=0)
            total = metric_sessions.run(sample, asked, scope).total
            if change.kind != "share":
                assert total == side.n, change.metric
                continue
            others = metric_sessions.run(sample, MetricSessions(change.metric, goal, others=True, limit=0), scope).total
            assert total == round((side.value or 0) * side.n), change.metric
            assert total + others == side.n, change.metric


def test_the_largest_value_is_first(sample):
    found = metric_sessions.run(sample, MetricSessions("duration", limit=3), PHONES[0])
    asked = sessions.Sessions(order_by="-duration_s", limit=3)
    most = sessions.run(sample, asked, PHONES[0]).rows
    assert [row.session_id for row in found.rows] == [row.session_id for row in most]


def test_only_a_share_has_others():
    with pytest.raises(InvalidQuestion, match="'duration'"):
        MetricSessions("duration", others=True)
