"""Shares of paths: their sums equal to plain Python over people, what adds up, and what differs."""

from collections import Counter, defaultdict
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.analyses import path_changes, paths
from analytics.analyses.path_changes import PathChanges, Way, changed
from analytics.conditions import Matcher
from analytics.errors import InvalidQuestion
from analytics.path_sql import Walk
from analytics.scope import Scope
from tests.analyses.test_paths import ANCHORED, QUESTIONS, drawn, many

__all__ = ["many"]
ALL = Scope()
GROUPS = ("/product/*", "/category/*")
SHOWN = st.just(()) | st.lists(st.sampled_from([("/",), ("/cart", "/p/*"), (), ("page_view", "/p/1")]), max_size=3)


def asked(params, **more):
    return PathChanges(**{one.name: getattr(params, one.name) for one in fields(Walk)}, **more)


def ways(path, params):
    """What one path does, item by item."""

    def called(depth, item):
        if not params.shown:
            return item
        return item if depth <= len(params.shown) and item in params.shown[depth - 1] else None

    for (depth, item, _, nth, more), after in zip(path, [*path[1:], None], strict=True):
        source = called(depth, item)
        yield Way(depth, source, "pass")
        if after:
            yield Way(depth, source, "link", called(after[0], after[1]))
        else:
            yield Way(depth, source, "cut" if more else "left")
            if not more:
                yield Way(depth, None, "gone")
        if params.around and nth == 0:
            yield Way(depth, source, "began")
            yield Way(depth, None, "entered")
        elif params.around and depth == 1:
            yield Way(depth, source, "earlier")


@settings(max_examples=40, deadline=None)
@given(params=QUESTIONS | ANCHORED, shown=SHOWN)
def test_sums_over_people_as_in_plain_python(many, params, shown):
    sessions, store = many
    params = asked(params, shown=tuple(shown))
    taken, whole = defaultdict(Counter), Counter()
    for _, user, _, events in sessions:
        for path in drawn(events, params):
            whole[user] += 1
            for way in ways(path, params):
                taken[way][user] += 1
    result = path_changes.run(store, params, ALL)
    assert {share.way for share in result.shares} == set(taken)
    assert len({share.way for share in result.shares}) == len(result.shares)
    assert result.base.n == whole.total()
    for share in result.shares:
        n, sums = taken[share.way], share.sums
        assert (share.paths, sums.n, sums.total, sums.people) == (n.total(), whole.total(), n.total(), len(whole))
        assert sums.person_squares == sum(one * one for one in n.values())
        assert sums.person_cross == sum(n[who] * whole[who] for who in whole)
        assert sums.person_counts == sum(one * one for one in whole.values())


@settings(max_examples=25, deadline=None)
@given(params=QUESTIONS | ANCHORED, shown=SHOWN)
def test_at_every_item_the_shares_in_and_out_add_up_on_both_sides(many, params, shown):
    _, store = many
    params = asked(params, shown=tuple(shown))
    sides = [path_changes.run(store, params, Scope(releases=(release,))) for release in ("1.0", "1.1")]
    changes = changed(*sides)
    for side in (0, 1):
        into, out, at, gone, left = Counter(), Counter(), Counter(), Counter(), Counter()
        for each in changes:
            way, count = each.way, each.counts[side]
            if way.how == "pass":
                at[way.depth, way.source] += count
            elif way.how == "gone":
                gone[way.depth] += count
            elif way.how in ("began", "earlier"):
                into[way.depth, way.source] += count
            elif way.how != "entered":
                out[way.depth, way.source] += count
                left[way.depth] += count * (way.how == "left")
            if way.how == "link":
                into[way.depth + 1, way.target] += count
        assert out == at
        assert gone == left
        for (depth, source), count in at.items():
            if depth > 1 or params.around:
                assert into[depth, source] == count


def test_shares_are_those_of_the_paths(sample):
    plain = paths.run(sample, paths.Paths(groups=GROUPS), ALL)
    found = {share.way: share.paths for share in path_changes.run(sample, PathChanges(groups=GROUPS), ALL).shares}
    for link in plain.links:
        assert found[Way(link.depth, link.source, "link", link.target)] == link.sessions
    for node in plain.nodes:
        assert found[Way(node.depth, node.item, "pass")] == node.sessions
        assert found.get(Way(node.depth, node.item, "left"), 0) == node.left


def test_what_a_release_changed_is_clear_and_the_rest_is_noise(sample):
    params = PathChanges(groups=GROUPS, around=Matcher(page="/checkout/payment"), before=1, steps=2)
    sides = [path_changes.run(sample, params, Scope(releases=(release,))) for release in ("1.0", "1.1", "1.1")]
    first = changed(*sides[:2])[0]
    assert (first.way.source, first.clear) == ("/checkout/payment", True)
    assert first.low <= first.change <= first.high
    assert not any(one.clear for one in changed(*sides[1:]))


def test_some_people_tell_nearly_what_all_tell(sample):
    some, every = (
        changed(*(path_changes.run(sample, params, Scope(releases=(release,))) for release in ("1.0", "1.1")))
        for params in (PathChanges(groups=GROUPS, one_of=4), PathChanges(groups=GROUPS))
    )
    exact = {each.way: each for each in every}
    assert len(some) == len(every)
    for each in some:
        assert (each.before, each.after, each.counts) == (
            exact[each.way].before,
            exact[each.way].after,
            exact[each.way].counts,
        )
        if sum(each.counts) > 500:
            width = exact[each.way].high - exact[each.way].low
            assert each.high - each.low == pytest.approx(width, rel=0.1)


def test_a_way_that_a_side_lacks_is_none_of_its_paths(journeys):
    store = journeys(*["/a /b"] * 12, *["/a /c"] * 12)
    early, late = (
        path_changes.run(store, PathChanges(), Scope(pattern=f"page:/a -> page:/{page}")) for page in ("b", "c")
    )
    found = {each.way: each for each in changed(early, late)}
    new = found[Way(1, "/a", "link", "/c")]
    assert (new.before, new.after, new.counts, new.clear) == (0, 1, (0, 12), True)
    same = found[Way(1, "/a", "pass")]
    assert (same.change, same.p, same.clear) == (0, 1, False)


def test_too_few_is_said(journeys):
    side = path_changes.run(journeys("/a /b", "/a /c"), PathChanges(), ALL)
    assert changed(side, side)
    assert all(each.q is None and not each.clear for each in changed(side, side))


def test_a_side_without_a_path_has_no_shares(journeys):
    store = journeys("/a")
    none = path_changes.run(store, PathChanges(), Scope(countries=("XX",)))
    assert (none.shares, none.base.n) == ((), 0)
    assert changed(none, path_changes.run(store, PathChanges(), ALL)) == ()


def test_at_least_everybody_is_looked_at():
    with pytest.raises(InvalidQuestion, match="not one of 0"):
        PathChanges(one_of=0)
