"""Kinds of sessions: planted ones are found exactly, nearest means nearest, lists are as long as the figures."""

import json
import math
import random
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from analytics import clustering, ingest, registry
from analytics.analyses import cluster_sessions, clusters, funnel, sessions
from analytics.analyses.cluster_sessions import ClusterSessions
from analytics.analyses.clusters import Clusters
from analytics.analyses.funnel import Funnel
from analytics.cluster_names import Trait, naming
from analytics.clustering import Cluster, Feature
from analytics.conditions import Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope, Segment
from analytics.stats import kinds
from analytics.store import DuckStore
from analytics.workspace import segments

ALL = Scope()
START = datetime(2026, 3, 2, 9)
GOAL = Matcher(name="order")


def told(story, seconds=lambda n: 1):
    """`[(30, "/a /b order"), ...]`: so many sessions of these events each; words as in `journeys`.

    Between events of session n are `seconds(n)`.
    """
    rows, n = [], 0
    for count, words in story:
        for _ in range(count):
            n += 1
            for place, word in enumerate(words.split()):
                event = {"event": "page_view", "page": word} if word.startswith("/") else {"event": word}
                time = START + timedelta(minutes=n, seconds=place * seconds(n))
                rows.append(event | {"timestamp": time, "user_id": f"u{n}", "session_id": f"s{n:03}"})
    return rows


LOOKERS = "/home"
READERS = "/blog/a /blog/b /blog/c /blog/d /blog/e /blog/f /blog/g"
PLANTED = [(60, LOOKERS), (25, READERS), (10, "/shop cart cart cart order"), (5, "/shop cart cart cart focus")]


@pytest.fixture
def planted(store_of):
    """Three kinds; within each no two are quite alike, and each kind's own spread has no gap."""
    return store_of(told(PLANTED, seconds=lambda n: 1 + n % 5 / 4))


def test_planted_kinds_are_found_exactly(planted):
    result = clusters.run(planted, Clusters(goal=GOAL), ALL)
    assert [(kind.sessions, kind.converted) for kind in result.kinds] == [(60, 0), (25, 0), (15, 10)]
    assert result.silhouette == max(one.value for one in result.silhouettes) > 0.9
    assert result.sessions == result.sample == 100
    assert [kind.median_pages for kind in result.kinds] == [1, 7, 1]
    assert [kind.median_ms for kind in result.kinds] == [0, 9000, 6000]
    buyers = result.kinds[2]
    assert 0.41 < buyers.low < 10 / 15 < buyers.high < 0.86  # Wilson's of 10 of 15 is 0.417 to 0.848
    assert Feature("event", "order") not in result.features, "the goal is no reason to be of a kind"
    assert [kind.name for kind in result.kinds] == [
        "Of one moment, few pages, no cart",
        "Many pages, long, no cart",
        "Long, few pages with cart",
    ]


def test_each_kind_has_just_its_sessions(planted):
    result = clusters.run(planted, Clusters(goal=GOAL), ALL)
    expected = [range(1, 61), range(61, 86), range(86, 101)]
    for kind, numbers in zip(result.kinds, expected, strict=True):
        listed = cluster_sessions.run(planted, ClusterSessions(result.rule(kind), limit=None), ALL)
        assert {row.session_id for row in listed.rows} == {f"s{n:03}" for n in numbers}
        assert listed.total == kind.sessions


def test_the_same_scope_gives_the_same_kinds(sample):
    one, other = (clusters.run(sample, clusters.EXAMPLE, ALL) for _ in range(2))
    assert one == other


def test_lists_and_scopes_are_as_long_as_the_figures(sample):
    phones = Scope(devices=("phone",))
    result = clusters.run(sample, Clusters(k=4), phones)
    assert len(result.kinds) == 4
    assert result.sessions == registry.sessions_in(sample, phones)
    for kind in result.kinds:
        rule = result.rule(kind)
        for order in ("typical", "latest"):
            asked = ClusterSessions(rule, order, limit=3)
            assert cluster_sessions.run(sample, asked, phones).total == kind.sessions
        inside = phones.narrowed(Scope(cluster=rule))
        assert registry.sessions_in(sample, inside) == kind.sessions
        assert cluster_sessions.run(sample, ClusterSessions(rule, limit=0, offset=10**6), phones).total == kind.sessions


def test_the_most_typical_come_first(planted):
    rule = clusters.run(planted, Clusters(goal=GOAL), ALL).cluster.of(3)
    typical = cluster_sessions.run(planted, ClusterSessions(rule, limit=None), ALL).rows
    assert {row.session_id for row in typical[:6]} <= {f"s{n:03}" for n in range(86, 101) if n % 5 in (1, 2, 3)}
    latest = cluster_sessions.run(planted, ClusterSessions(rule, "latest", limit=2), ALL).rows
    assert [row.session_id for row in latest] == ["s100", "s099"]


# ------------------------------------------------------------------------------------------------- a kind in a scope


def test_any_question_can_be_asked_of_a_kind(planted):
    rule = clusters.run(planted, Clusters(goal=GOAL), ALL).cluster.of(3, "Buyers")
    asked = Funnel((Matcher(name="cart"), GOAL))
    steps = funnel.run(planted, asked, Scope(cluster=rule)).steps
    assert [step.count for step in steps] == [15, 10]
    assert Scope(cluster=rule).describe() == "kind of sessions “Buyers”"
    first = Scope(start=START.date(), stop=START.date() + timedelta(days=1), cluster=rule)
    assert registry.sessions_in(planted, first) == 15


def test_saved_as_a_segment(planted):
    rule = clusters.run(planted, Clusters(goal=GOAL), ALL).cluster.of(3, "Buyers")
    segments.save(planted, "buyers", Scope(cluster=rule))
    inside, outside = (
        segments.resolved(Scope(**{side: "buyers"}), lambda: segments.known(planted)) for side in ("segment", "outside")
    )
    assert (registry.sessions_in(planted, inside), registry.sessions_in(planted, outside)) == (15, 85)
    assert inside.segment.members.cluster == rule
    # within a segment of one kind, another kind can be asked for
    lookers = Scope(segment=inside.segment, cluster=rule.of(1))
    assert registry.sessions_in(planted, lookers) == 0


def test_a_scope_has_one_kind():
    one, other = (Scope(cluster=rule(number)) for number in (1, 2))
    assert one.narrowed(Scope(devices=("phone",))).cluster == rule(1)
    assert Scope(devices=("phone",)).narrowed(one).cluster == rule(1)
    with pytest.raises(InvalidQuestion, match="one kind of sessions; these two have one each, “1” and “2”"):
        one.narrowed(other)


def test_a_scope_with_a_kind_survives_json():
    scope = Scope(cluster=rule(2))
    assert registry.scope(json.dumps(registry.dump(scope))) == scope


def rule(number, name=""):
    return Cluster((Feature("pages"), Feature("event", "go")), (1.0, 2.0), ((0.0, 0.5), (1.0, 0.0)), number, name)


# ------------------------------------------------------------------------------- the nearest centre, in plain Python

ITEMS = ("/a", "/b", "/b/c", "go", "stop", "error", "click")
FEATURES = (
    *(Feature(of) for of in ("duration", "pages", "events", "clicks", "errors", "turns")),
    Feature("event", "go"),
    Feature("event", "never"),
    Feature("page", "/b/*", ("/b/*", "/b")),
    Feature("page", "/a", ("/a",)),
)


def amounts(words):
    """Of the features, for a session of these events, a second apart."""
    pages = [word for word in words if word.startswith("/")]  # each page view begins a stay
    turns = sum(before == after for before, after in zip(pages, pages[2:], strict=False))
    return [
        len(words) - 1,
        len(pages),
        len(words),
        words.count("click"),
        words.count("error"),
        turns,
        words.count("go"),
        0,
        sum(page in ("/b", "/b/c") for page in pages),
        pages.count("/a"),
    ]


def nearest(words, centres, scales):
    place = [math.log1p(amount) / scale for amount, scale in zip(amounts(words), scales, strict=True)]
    distances = [math.dist(place, centre) ** 2 for centre in centres]
    return next(n for n, one in enumerate(distances, 1) if one <= min(distances) + 1e-8)


@pytest.fixture(scope="module")
def random_sessions(tmp_path_factory):
    draw = random.Random(7)
    story = {f"s{n:03}": draw.choices(ITEMS, k=draw.randint(1, 9)) for n in range(1, 80)}
    rows = told([(1, " ".join(words)) for words in story.values()])
    file = tmp_path_factory.mktemp("kinds") / "events.jsonl"
    file.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
    store = DuckStore.open(":memory:", threads=1)
    ingest.load(store, [file], ingest.Options())
    yield story, store
    store.close()


places = some.lists(some.sampled_from([0.0, 0.5, 1.0, math.log(2), 2.0, -1.0]), min_size=10, max_size=10)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    centres=some.lists(places, min_size=1, max_size=5),
    scales=some.lists(some.sampled_from([0.5, 1.0, 1.7]), min_size=10, max_size=10),
)
def test_nearest_centre_as_in_plain_python(random_sessions, centres, scales):
    story, store = random_sessions
    expected = {session_id: nearest(words, centres, scales) for session_id, words in story.items()}
    whole = Cluster(FEATURES, tuple(scales), tuple(map(tuple, centres)), 1)
    for number in range(1, len(centres) + 1):
        found = sessions.run(store, sessions.Sessions(limit=1000), Scope(cluster=whole.of(number))).rows
        assert {row.session_id for row in found} == {one for one, kind in expected.items() if kind == number}


def test_of_two_equally_near_the_lower_number(journeys):
    store = journeys("/a", "/a /b", "/a /b /a /b")
    twins = Cluster((Feature("pages"),), (1.0,), ((math.log(3) - 1,), (math.log(3) + 1,), (math.log(3) + 1,)), 1)
    assert listed(store, twins) == ["s1", "s2"]
    assert listed(store, twins.of(2)) == ["s3"]
    assert listed(store, twins.of(3)) == []


def listed(store, rule):
    return sorted(row.session_id for row in sessions.run(store, sessions.Sessions(), Scope(cluster=rule)).rows)


# ------------------------------------------------------------------------------------------------ what there is not


def no_nan(result):
    json.dumps(registry.plain(tuple(result.kinds)) + registry.plain(result.silhouettes), allow_nan=False)
    return result


@pytest.mark.parametrize(
    ("story", "sample"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([(1, READERS)], 1, id="one session"),
        pytest.param([(30, LOOKERS), (19, READERS)], 49, id="too few"),
        pytest.param([(80, READERS)], 80, id="all alike"),
    ],
)
def test_no_kinds_where_there_are_none(story, sample, store_of):
    result = no_nan(clusters.run(store_of(told(story)), Clusters(goal=GOAL), ALL))
    assert (result.kinds, result.sample, result.silhouettes) == ((), sample, ())


def test_more_kinds_than_different_sessions(store_of):
    result = no_nan(clusters.run(store_of(told([(40, LOOKERS), (20, READERS)])), Clusters(k=8), ALL))
    assert [kind.sessions for kind in result.kinds] == [40, 20]


def test_a_goal_that_never_occurs(planted):
    result = no_nan(clusters.run(planted, Clusters(goal=Matcher(name="never"), k=3), ALL))
    assert [kind.converted for kind in result.kinds] == [0, 0, 0]
    assert all(kind.low < 1e-9 < kind.high for kind in result.kinds)


def test_sessions_that_are_only_names(store_of):
    result = no_nan(
        clusters.run(
            store_of(told([(40, "open"), (20, "open play play play"), (5, "open load save")])), Clusters(), ALL
        )
    )
    assert sum(kind.sessions for kind in result.kinds) == 65
    assert all(feature.of != "page" for feature in result.features)


def test_names_as_data_has_them(store_of):
    odd = "it's_<b>"
    story = [(40, "/a%_"), (30, f"/a%_ {odd} {odd} {odd}"), (9, "/a%_ /O'B!/x /O'B!/y /O'B!/x")]
    result = clusters.run(store_of(told(story)), Clusters(), ALL)
    assert sorted(kind.sessions for kind in result.kinds) == [9, 30, 40]
    assert Feature("event", odd) in result.features


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"features": ()}, "1 to 30 features and kinds, not 0 and 2"),
        ({"number": 3}, "There are kinds 1 to 2; 3 is none of them."),
        ({"scales": (1.0,)}, "Each of the 2 features needs one scale"),
        ({"scales": (1.0, 0.0)}, "Scales of features are above 0"),
        ({"centres": ((0.0, math.inf), (0.0, 1.0))}, "centres are numbers"),
    ],
)
def test_a_wrong_rule_is_refused(wrong, sentence):
    with pytest.raises(InvalidQuestion, match=sentence):
        replace(rule(1), **wrong)


def test_a_wrong_question_is_refused():
    with pytest.raises(InvalidQuestion, match="2 to 8 kinds of sessions can be told apart, not 9"):
        Clusters(k=9)
    with pytest.raises(InvalidQuestion, match="'event' has a name and no pages; this one is ''"):
        Feature("event")
    with pytest.raises(InvalidQuestion, match="'pages' has no name and no pages; this one is 'x'"):
        Feature("pages", "x")


# ------------------------------------------------------------------------------------------------------ the numbers


def test_columns_that_say_nothing_are_left_out():
    rng = np.random.default_rng(3)
    length = rng.poisson(4, 500).astype(float)
    rare = np.zeros(500)
    rare[:5] = 1
    rows = np.stack([length, length * 2 + 1, np.ones(500), rare, rng.poisson(1, 500), rng.poisson(2, 500)], axis=1)
    assert kinds.telling(rows, list("aaaaaa"), {}) == [0, 4, 5]
    assert kinds.telling(rows, list("aaaabb"), {"b": 1}) == [0, 5], "of a kind those that differ most"
    assert kinds.telling(rows[:0], list("aaaaaa"), {}) == []


def test_silhouettes_are_those_of_a_plain_reading():
    rng = np.random.default_rng(5)
    rows = np.concatenate([rng.normal(at, 0.3, (12, 2)) for at in ((0, 0), (3, 0), (0, 3))])
    found = {one.k: one.value for one in kinds.silhouettes(rows)}
    groups = kinds.nearest(rows, kinds.centres(rows, 3))
    assert found[3] == pytest.approx(silhouette(rows, groups))
    assert max(found, key=found.get) == 3


def silhouette(rows, groups):
    """Rousseeuw's, word for word."""
    total = 0.0
    for n, row in enumerate(rows):
        means = {}
        for group in set(groups):
            others = [math.dist(row, rows[m]) for m in range(len(rows)) if groups[m] == group and m != n]
            means[group] = sum(others) / len(others)
        own = means.pop(groups[n])
        total += (min(means.values()) - own) / max(own, min(means.values()))
    return total / len(rows)


def test_names_are_different_and_short():
    features = (Feature("duration"), Feature("event", "add_to_cart"), Feature("errors"))
    average = (Trait(30, 1, 0), Trait(1, 0.2, 0), Trait(0.1, 0.1, 0))
    traits = (
        (Trait(5, 1, -0.8), Trait(0, 0.01, -0.5), Trait(0, 0, -0.1)),
        (Trait(60, 1, 0.6), Trait(2, 0.9, 1.5), Trait(0.1, 0.1, 0)),
        (Trait(31, 1, 0.1), Trait(1, 0.2, 0), Trait(0.1, 0.1, 0.1)),
        (Trait(31, 1, 0.1), Trait(1.2, 0.2, 0), Trait(0.1, 0.1, 0.1)),
    )
    named = naming(features, traits[:3], average)
    assert named == ("Short, no add to cart", "Long with add to cart", "Like most")
    named = naming(features, traits, average)  # two cannot be told apart in words
    assert named == (
        "Short, no add to cart",
        "Long with add to cart",
        "Like most, 1.0 add to cart",
        "Like most, 1.2 add to cart",
    )
    named = naming(features, (*traits, traits[3]), average)
    assert len(set(named)) == 5


def test_the_fewest_of_those_that_are_as_clear():
    def of(*values):
        return [kinds.Silhouette(k, value) for k, value in enumerate(values, 2)]

    assert kinds.clearest(of(0.38, 0.40, 0.2)) == 3
    assert kinds.clearest(of(0.395, 0.40, 0.2)) == 2
    assert kinds.clearest(of(0.1, 0.2, 0.5, 0.505)) == 4
    assert kinds.clearest(of(-0.2)) == 2
    assert kinds.clearest([]) == 2


def test_every_feature_says_what_it_is():
    assert set(clustering.FACTS) == {"duration", "pages", "events", "clicks", "errors", "turns", "event", "page"}
    assert [feature.words for feature in (Feature("event", "add_to_cart"), Feature("page", "Shop", ("/s/*",)))] == [
        "add to cart",
        "Shop",
    ]


def test_a_segment_of_a_kind_within_a_segment():
    named = Segment("a kind", Scope(cluster=rule(1)))
    sql = Scope(segment=named, outside=Segment("b", Scope(cluster=rule(2))), cluster=rule(2)).query(registry.COUNT)
    assert {"scope_cluster_kind", "scope_segment_cluster_kind", "scope_outside_cluster_kind"} <= set(sql.params)
