"""Top paths: equal to plain Python on random sessions, lists as long as the figures, ranks as they say."""

from collections import Counter, defaultdict
from itertools import groupby

import pytest

from analytics.analyses import top_path_sessions, top_paths
from analytics.analyses.top_path_sessions import TopPathSessions
from analytics.analyses.top_paths import EXAMPLE, TopPaths
from analytics.conditions import Matcher
from analytics.errors import InvalidQuestion
from analytics.grouping import named
from analytics.scope import Scope
from tests.analyses.test_paths import many, stays

__all__ = ["many"]
ALL = Scope()


@pytest.mark.parametrize("level", ["page", "event"])
@pytest.mark.parametrize("collapse", [True, False])
@pytest.mark.parametrize("groups", [(), ("/p/*",)])
def test_equal_to_plain_python(many, level, collapse, groups):
    sessions, store = many
    count, goals = Counter(), Counter()
    times = defaultdict(list)
    for _, _, _, events in sessions:
        raw = [page for page, _, _ in stays(events)] if level == "page" else [event.name for event in events]
        items = [named(item, groups) for item in raw]
        path = tuple(item for item, _ in groupby(items)) if collapse else tuple(items)
        if path:
            count[path] += 1
            goals[path] += any(event.name == "go" for event in events)
            times[path].append(events[-1].ms)
    asked = TopPaths(level=level, collapse_repeats=collapse, groups=groups, goal=Matcher(name="go"), limit=1000)
    result = top_paths.run(store, asked, ALL)
    assert {path.items: path.sessions for path in result.paths} == count
    assert {path.items: path.converted for path in result.paths} == goals
    assert result.sessions == count.total()
    middle = {path: sorted(those) for path, those in times.items()}
    assert {path.items: path.median_ms for path in result.paths} == {
        path: (those[(len(those) - 1) // 2] + those[len(those) // 2]) / 2 for path, those in middle.items()
    }


def test_most_usual_first_and_of_ties_the_one_that_came_first(journeys):
    result = top_paths.run(journeys("/a /b", "/a /a /b", "/c", "/b", "go"), TopPaths(), ALL)
    assert [(path.text, path.sessions) for path in result.paths] == [("/a > /b", 2), ("/c", 1), ("/b", 1)]
    assert {(one.items, one.span): one.sessions for one in result.spread} == {(1, 0): 2, (2, 3): 2}
    assert result.sessions == 4


def test_costly_ones_are_ranked_by_time_or_errors(journeys):
    store = journeys("/a /b /c", "/d error", "/a", "/a")
    by_time = top_paths.run(store, TopPaths(rank="time"), ALL).paths
    assert by_time[0].text == "/a > /b > /c"
    by_errors = top_paths.run(store, TopPaths(rank="errors"), ALL).paths
    assert (by_errors[0].text, by_errors[0].errors) == ("/d", 1)
    assert [path.text for path in top_paths.run(store, TopPaths(rank="time", least=2), ALL).paths] == ["/a"]


def test_lists_are_as_long_as_the_figures(sample):
    for path in top_paths.run(sample, EXAMPLE, ALL).paths[:4]:
        listed = top_path_sessions.run(sample, TopPathSessions(EXAMPLE, path.items, None), ALL)
        assert len(listed.rows) == listed.total == path.sessions


def test_what_cannot_be_asked():
    with pytest.raises(InvalidQuestion, match="whole session"):
        TopPaths(by="user")
    with pytest.raises(InvalidQuestion, match="1 to 1,000"):
        TopPaths(limit=0)
    with pytest.raises(InvalidQuestion, match="at least one item"):
        TopPathSessions(TopPaths(), ())
