"""Shares of transitions: equal to the transitions, their sums equal to plain Python over people, and what differs."""

from collections import Counter, defaultdict

import pytest

from analytics.analyses import transition_shares, transitions
from analytics.analyses.transition_shares import TransitionShares, changed
from analytics.analyses.transitions import Transitions
from analytics.scope import Scope
from analytics.transition_sql import START
from tests.analyses.test_paths import many
from tests.analyses.test_transitions import walked

__all__ = ["many"]
NORMS = ("count", "from", "to", "sessions")


@pytest.mark.parametrize("level", ["page", "event"])
@pytest.mark.parametrize("norm", NORMS)
def test_sums_over_people_as_in_plain_python(many, norm, level):
    sessions, store = many
    params = TransitionShares(level=level, norm=norm)
    person = {session: user for session, user, _, _ in sessions}
    x, seen = defaultdict(Counter), set()
    for session, source, target, _ in walked(sessions, params):
        if norm != "sessions" or (session, source, target) not in seen:
            x[source, target][person[session]] += 1
        seen.add((session, source, target))
    result = transition_shares.run(store, params, Scope())
    assert {(share.source, share.target) for share in result.shares} == set(x)
    for share in result.shares:
        m = Counter()
        for (source, target), counts in x.items():
            same = {"from": source == share.source, "to": target == share.target, "sessions": source == START}
            if same.get(norm, True):
                m.update(counts)
        n = x[share.source, share.target]
        sums = share.sums
        assert (share.count, share.base, sums.people) == (n.total(), m.total(), len(m))
        assert sums.person_squares == sum(one * one for one in n.values())
        assert sums.person_cross == sum(n[who] * m[who] for who in m)
        assert sums.person_counts == sum(one * one for one in m.values())


@pytest.mark.parametrize("by", ["session", "user"])
@pytest.mark.parametrize("norm", NORMS)
def test_shares_are_those_of_the_transitions(sample, norm, by):
    params = Transitions(norm=norm, by=by, groups=("/product/*", "/category/*"))
    plain = {(link.source, link.target): link.value for link in transitions.run(sample, params, Scope()).links}
    found = transition_shares.run(sample, TransitionShares(**vars(params)), Scope()).shares
    if norm in ("from", "to"):
        assert {(one.source, one.target): one.share for one in found} == pytest.approx(plain)
    else:
        assert {(one.source, one.target): one.count for one in found} == plain


def test_what_a_release_changed_is_clear_and_the_rest_is_noise(sample):
    params = TransitionShares(norm="from", groups=("/product/*", "/category/*"))
    sides = [transition_shares.run(sample, params, Scope(releases=(release,))) for release in ("1.0", "1.1", "1.1")]
    changes = changed(*sides[:2])
    first = changes[0]
    assert first.source == "/checkout/payment"
    assert first.clear and first.low <= first.change <= first.high
    assert sum(one.clear for one in changes) < len(changes) / 2
    assert not any(one.clear for one in changed(*sides[1:]))


def test_a_link_that_a_side_lacks_is_a_share_of_nothing_there(journeys):
    store = journeys(*["/a /b"] * 12, *["/a /c"] * 12)
    early, late = (
        transition_shares.run(store, TransitionShares(norm="from"), scope)
        for scope in (Scope(pattern="page:/a -> page:/b"), Scope(pattern="page:/a -> page:/c"))
    )
    found = {(one.source, one.target): one for one in changed(early, late)}
    assert (found["/a", "/c"].before, found["/a", "/c"].after) == (0, 1)
    assert found["/b", "(end)"].after is None and found["/b", "(end)"].q is None


def test_too_few_is_said(journeys):
    store = journeys("/a /b", "/a /c")
    side = transition_shares.run(store, TransitionShares(), Scope())
    assert all(one.q is None and not one.clear for one in changed(side, side))


def test_an_empty_scope_has_no_shares(journeys):
    result = transition_shares.run(journeys("/a"), TransitionShares(norm="sessions"), Scope(countries=("XX",)))
    assert (result.shares, result.bases) == ((), ())
