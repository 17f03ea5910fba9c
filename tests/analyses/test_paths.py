"""Paths: small stories, peers' cases, and an oracle of plain Python on random sessions."""

import json
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.analyses import path_sessions, paths
from analytics.analyses.path_sessions import PathSessions
from analytics.analyses.paths import HIDDEN, Paths
from analytics.conditions import Filter, Matcher
from analytics.errors import InvalidQuestion
from analytics.grouping import matches, named
from analytics.registry import parse
from analytics.scope import Scope

CASES = Path(__file__).parents[1] / "cases"
ALL = Scope()


def links(result):
    return {(link.depth, link.source, link.target): link.sessions for link in result.links}


def nodes(result):
    return {(node.depth, node.item): (node.sessions, node.left, node.cut) for node in result.nodes}


# --- Stories ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        pytest.param(
            Paths(),
            {(1, "/a", "/b"): 2, (2, "/b", "/c"): 1, (2, "/b", "/a"): 1, (3, "/a", "/c"): 1},
            id="equal neighbours are one stay",
        ),
        pytest.param(
            Paths(collapse_repeats=False),
            {(1, "/a", "/b"): 2, (2, "/b", "/b"): 1, (2, "/b", "/a"): 1, (3, "/b", "/c"): 1, (3, "/a", "/c"): 1},
            id="repeats count when they are asked for",
        ),
        pytest.param(Paths(steps=2), {(1, "/a", "/b"): 2}, id="steps counts items, not links"),
        pytest.param(
            Paths(exclude=("/b",)), {(1, "/a", "/c"): 2}, id="what is left out joins its neighbours, equal ones too"
        ),
        pytest.param(Paths(include=("/a", "/c")), {(1, "/a", "/c"): 2}, id="include is the same from the other side"),
        pytest.param(
            Paths(start=Matcher(page="/b")),
            {(1, "/b", "/c"): 1, (1, "/b", "/a"): 1, (2, "/a", "/c"): 1},
            id="start cuts what lies before its first occurrence",
        ),
        pytest.param(
            Paths(end=Matcher(page="/a")), {}, id="end cuts after its first occurrence: the path is one item long"
        ),
        pytest.param(
            Paths(start=Matcher(page="/a"), end=Matcher(page="/a")),
            {(1, "/a", "/b"): 1, (2, "/b", "/a"): 1},
            id="start and end alike: the end is the next one",
        ),
        pytest.param(Paths(min_sessions=2), {(1, "/a", "/b"): 2}, id="rare links are left out of the links"),
        pytest.param(
            Paths(min_item_sessions=2), {(1, "/a", "/b"): 2}, id="and those to and from rare items, when asked so"
        ),
        pytest.param(Paths(groups=("/*",)), {}, id="a group of all pages leaves one stay"),
        pytest.param(
            Paths(level="event"), {(1, "page_view", "pay"): 1}, id="by event every event counts, pages do not"
        ),
    ],
)
def test_links(journeys, params, expected):
    store = journeys("/a /b /b /c pay", "/a /b /a /c", "/a")
    assert links(paths.run(store, params, ALL)) == expected


def test_every_node_says_who_left_and_who_goes_on_undrawn(journeys):
    store = journeys("/a /b /c", "/a /b", "/a", "/b")
    result = paths.run(store, Paths(steps=2), ALL)
    assert nodes(result) == {(1, "/a"): (3, 1, 0), (1, "/b"): (1, 1, 0), (2, "/b"): (2, 1, 1)}
    assert [(total.depth, total.sessions, total.left, total.cut) for total in result.totals] == [
        (1, 4, 2, 0),
        (2, 2, 1, 1),
    ]
    assert result.sessions == 4


def test_rare_items_are_counted_in_the_totals_only(journeys):
    store = journeys("/a /b", "/a /c", "/a /b")
    result = paths.run(store, Paths(min_item_sessions=2), ALL)
    assert nodes(result) == {(1, "/a"): (3, 0, 0), (2, "/b"): (2, 2, 0)}
    assert [total.sessions for total in result.totals] == [3, 3]


def test_who_had_been_there_before(journeys):
    store = journeys("/a /b /a /b", "/a /c /a", "/b /a")
    result = paths.run(store, Paths(returns=True), ALL)
    assert {(node.depth, node.item): node.returning for node in result.nodes} == {
        (1, "/a"): 0,
        (1, "/b"): 0,
        (2, "/a"): 0,
        (2, "/b"): 0,
        (2, "/c"): 0,
        (3, "/a"): 2,
        (4, "/b"): 1,
    }
    assert paths.run(store, Paths(), ALL).nodes[0].returning is None


def test_the_time_of_the_last_of_equal_neighbours_counts(journeys):
    # /a at minutes 0 and 1, /b at 2: the step took one minute, as counted from the second view of /a
    (link,) = paths.run(journeys("/a /a /b"), Paths(), ALL).links
    assert link.mean_ms == 60_000


def test_a_session_without_any_page_view_still_has_its_stays(store_of):
    rows = [
        {"timestamp": f"2026-03-02T09:0{minute}:00", "event": "click", "user_id": "u", "session_id": "s", "page": page}
        for minute, page in enumerate(("/a", "/a", "/b"))
    ]
    assert links(paths.run(store_of(rows), Paths(), ALL)) == {(1, "/a", "/b"): 1}


def test_a_page_that_was_only_clicked_on_is_no_stop_where_pages_were_viewed(store_of):
    rows = [
        {"timestamp": f"2026-03-02T09:0{minute}:00", "event": event, "user_id": "u", "session_id": "s", "page": page}
        for minute, (event, page) in enumerate((("page_view", "/a"), ("click", "/x"), ("page_view", "/b")))
    ]
    assert links(paths.run(store_of(rows), Paths(), ALL)) == {(1, "/a", "/b"): 1}


def test_a_page_starts_a_path_by_any_of_its_events(journeys):
    store = journeys("/a /b add /c", "/a /c")
    result = paths.run(store, Paths(start=Matcher(name="add")), ALL)
    assert links(result) == {(1, "/b", "/c"): 1}
    assert result.sessions == 1


def test_too_long_between_start_and_end_hides_the_middle(journeys):
    store = journeys("/1 /2 /3 /4 /5 /6 /7")
    result = paths.run(store, Paths(start=Matcher(page="/2"), end=Matcher(page="/6"), steps=4), ALL)
    assert sorted(links(result)) == [(1, "/2", "/3"), (2, "/3", HIDDEN), (3, HIDDEN, "/5"), (4, "/5", "/6")]
    assert all(link.mean_ms == 60_000 for link in result.links)


def test_a_name_is_text_however_it_looks(journeys):
    store = journeys("/o'brien /100% /a_b", "/o'brien /100x /axb")
    assert links(paths.run(store, Paths(exclude=("/100%",)), ALL)) == {
        (1, "/o'brien", "/a_b"): 1,
        (1, "/o'brien", "/100x"): 1,
        (2, "/100x", "/axb"): 1,
    }


def test_people_are_counted_once(store_of):
    rows = [
        {"timestamp": f"2026-03-0{day}T09:0{minute}:00", "event": "page_view", "page": page, "user_id": user,
         "session_id": f"{user}{day}"}
        for user, day in (("u1", 2), ("u1", 3), ("u2", 2))
        for minute, page in enumerate(("/a", "/b"))
    ]  # fmt: skip
    store = store_of(rows)
    assert links(paths.run(store, Paths(), ALL)) == {(1, "/a", "/b"): 3}
    result = paths.run(store, Paths(by="user"), ALL)
    assert links(result) == {(1, "/a", "/b"): 2}
    assert result.sessions == 2


def test_an_empty_scope_is_an_answer(journeys):
    nowhere = Scope(countries=("XX",))
    result = paths.run(journeys("/a /b"), Paths(returns=True), nowhere)
    assert (result.links, result.nodes, result.totals, result.sessions) == ((), (), (), 0)


@pytest.mark.parametrize("steps", [1, 21])
def test_a_path_has_2_to_20_items(steps):
    with pytest.raises(InvalidQuestion, match="2 to 20 items"):
        Paths(steps=steps)


def test_returns_are_counted_by_session():
    with pytest.raises(InvalidQuestion, match="by session"):
        Paths(returns=True, by="user")


def test_only_a_link_has_a_target():
    with pytest.raises(InvalidQuestion, match="have a target"):
        PathSessions(Paths(), 1, "/a", target="/b")
    with pytest.raises(InvalidQuestion, match="numbered from 1"):
        PathSessions(Paths(), 0)


@pytest.mark.parametrize(
    ("more", "expected", "began"),
    [
        pytest.param({}, {(1, "/a", "/b"): 1, (2, "/b", "/a"): 2, (2, "/b", "/c"): 1}, {(2, "/b"): 2}, id="first"),
        pytest.param(
            {"occurrence": "last"},
            {(1, "/a", "/b"): 2, (2, "/b", "/c"): 2, (2, "/b", "/a"): 1},
            {(2, "/b"): 1},
            id="last",
        ),
        pytest.param(
            {"occurrence": "every"},
            {(1, "/a", "/b"): 2, (2, "/b", "/a"): 2, (2, "/b", "/c"): 2},
            {(2, "/b"): 2},
            id="every one is a path of its own",
        ),
        pytest.param({"before": 0}, {(1, "/b", "/a"): 2, (1, "/b", "/c"): 1}, {(1, "/b"): 2}, id="nothing before"),
    ],
)
def test_what_comes_before_and_after_an_event(journeys, more, expected, began):
    store = journeys("/b /a /b /c", "/a /b /c", "/b /a", "/a")
    result = paths.run(store, Paths(around=Matcher(page="/b"), **{"before": 1, "steps": 2} | more), ALL)
    assert links(result) == expected
    assert {(node.depth, node.item): node.began for node in result.nodes if node.began and node.item == "/b"} == began
    assert result.sessions == 3
    assert result.paths == (4 if more.get("occurrence") == "every" else 3)


def test_a_goal_is_met_from_an_item_on(journeys):
    store = journeys("/a pay /b /c", "/a /b pay", "/a /b")
    result = paths.run(store, Paths(goal=Matcher(name="pay")), ALL)
    assert {(link.source, link.target): link.goals for link in result.links} == {("/a", "/b"): 1, ("/b", "/c"): 0}
    assert {(node.depth, node.item): node.goals for node in result.nodes} == {(1, "/a"): 2, (2, "/b"): 1, (3, "/c"): 0}
    assert paths.run(store, Paths(), ALL).links[0].goals is None


def test_around_an_event_is_one_place():
    with pytest.raises(InvalidQuestion, match="leave out one of them"):
        Paths(around=Matcher(page="/a"), start=Matcher(page="/b"))
    with pytest.raises(InvalidQuestion, match="not 11 before it"):
        Paths(around=Matcher(page="/a"), before=11)
    with pytest.raises(InvalidQuestion, match="21 in all"):
        Paths(around=Matcher(page="/a"), before=6, steps=15)


# --- Peers' cases -----------------------------------------------------------------------------------------------------


def cases(file):
    return [pytest.param(case, id=case["id"]) for case in json.loads((CASES / file).read_text("utf-8"))["cases"]]


@pytest.mark.parametrize("case", cases("posthog_paths.json"))
def test_paths_as_posthog_counts_them(store_of, case):
    store = store_of([event | {"user_id": event["user"]} for event in case["events"]])
    asked = parse(Paths, json.dumps(case["params"] | {"level": "event"}), "the case")
    result = paths.run(store, asked, parse(Scope, json.dumps(case["scope"]), "the scope"))
    expected = {(depth, source, target): sessions for depth, source, target, sessions, _ in case["links"]}
    assert links(result) == expected
    timed = {(depth, source, target): ms for depth, source, target, _, ms in case["links"] if ms is not None}
    assert {key: ms for key, ms in _times(result).items() if key in timed} == pytest.approx(timed)


def _times(result):
    return {(link.depth, link.source, link.target): link.mean_ms for link in result.links}


@pytest.mark.parametrize("case", cases("retentioneering_steps.json"))
def test_items_by_step_as_retentioneering_counts_them(store_of, case):
    rows = [event | {"user_id": event["user"], "session_id": event["session"]} for event in case["events"]]
    asked = Paths(level="event", collapse_repeats=False, steps=case["steps"])
    result = paths.run(store_of(rows), asked, parse(Scope, json.dumps(case["scope"]), "the scope"))
    found = nodes(result)
    for item, shares in case["shares"].items():
        for step, share in enumerate(shares, 1):
            if item == "path_end":
                at = result.sessions - sum(counts[0] for (depth, _), counts in found.items() if depth == step)
            else:
                at = found.get((step, item), (0, 0, 0))[0]
            assert at / result.sessions == pytest.approx(share), (item, step)


# --- An oracle --------------------------------------------------------------------------------------------------------

PAGES = ("/", "/p/1", "/p/2", "/cart")
NAMES = ("page_view", "page_view", "page_view", "click", "go")


@dataclass(frozen=True)
class Event:
    name: str
    page: str | None
    ms: int


def random_sessions(seed, number):
    """Sessions of up to nine events, some without a page; a person has about three."""
    dice = random.Random(seed)
    sessions = []
    for n in range(number):
        ms, events = 0, []
        for _ in range(dice.randint(1, 9)):
            name = dice.choice(NAMES)
            page = dice.choice(PAGES) if name == "page_view" or dice.random() < 0.4 else None
            events.append(Event(name, page, ms))
            ms += dice.choice((0, 1_000, 2_500))
        sessions.append((f"s{n}", f"u{dice.randrange(number // 3)}", dice.choice(("1.0", "1.1")), events))
    return sessions


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """The same sessions as plain Python and as a store."""
    from analytics import ingest
    from analytics.store import DuckStore

    sessions = random_sessions(7, 300)
    start = datetime(2026, 3, 2)
    rows = []
    for n, (session, user, release, events) in enumerate(sessions):
        for event in events:
            row = {"timestamp": start + timedelta(hours=n, milliseconds=event.ms), "event": event.name}
            row |= {"session_id": session, "user_id": user, "release": release}
            rows.append(row | ({"page": event.page} if event.page else {}))
    file = tmp_path_factory.mktemp("paths") / "events.jsonl"
    file.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
    store = DuckStore.open(":memory:", threads=1)
    ingest.load(store, [file])
    yield sessions, store
    store.close()


def stays(events):
    """(page, time of entering, its events): a new one where the page changes or is viewed again."""
    found, page, viewed = [], None, False
    for event in events:
        if event.page is not None and (event.page != page or (event.name == "page_view" and viewed)):
            page, viewed = event.page, False
            found.append((page, event.ms, []))
        viewed = viewed or (event.name == "page_view" and event.page is not None)
        if found:
            found[-1][2].append(event)
    seen = [stay for stay in found if any(event.name == "page_view" for event in stay[2])]
    return seen or found


def picks(matcher, event):
    if matcher is None:
        return False
    name = matcher.name is None or event.name == matcher.name
    return name and (matcher.page is None or (event.page is not None and matches(event.page, matcher.page)))


def drawn(events, params):
    """What SEMANTICS says of one session: its paths, each item as (depth, item, ms, place in the session, more)."""
    if params.level == "page":
        raw = [(page, ms, its) for page, ms, its in stays(events)]
    else:
        raw = [(event.name, event.ms, [event]) for event in events]
    items = []
    for item, ms, its in raw:
        item = named(item, params.groups)
        if params.include and not any(matches(item, pattern) for pattern in params.include):
            continue
        if any(matches(item, pattern) for pattern in params.exclude):
            continue
        start = any(picks(params.start or params.around, event) for event in its)
        end = any(picks(params.end, event) for event in its)
        if items and items[-1][0] == item and params.collapse_repeats:
            start, end = start or items[-1][2], end or items[-1][3]
            items[-1] = (item, ms, start, end)
        else:
            items.append((item, ms, start, end))
    return [
        [(depth, labels.get(n, items[n][0]), items[n][1], n, n < len(items) - 1) for depth, n in shown]
        for shown, labels in cut(items, params)
    ]


def cut(items, params):
    """The paths of these items: each as (depth, place) of what is shown, and what is called otherwise."""
    if not items:
        return
    starts = [n for n, item in enumerate(items) if item[2]]
    if params.around:
        chosen = {"first": starts[:1], "last": starts[-1:], "every": starts}[params.occurrence]
        for pivot in chosen:
            shown = range(max(0, pivot - params.before), min(len(items), pivot + params.steps))
            yield [(n - pivot + params.before + 1, n) for n in shown], {}
        return
    if params.start and not starts:
        return
    first = starts[0] if params.start else 0
    after = first + 1 if params.start else 0
    ends = [n for n, item in enumerate(items) if n >= after and item[3]]
    if params.end and not ends:
        return
    shown, labels = list(range(first, (ends[0] if params.end else len(items) - 1) + 1)), {}
    if len(shown) > params.steps:
        if params.start and params.end:
            half = params.steps // 2
            labels[shown[half]] = HIDDEN
            shown = shown[: half + 1] + shown[len(shown) - half :]
        elif params.end:
            shown = shown[-params.steps :]
        else:
            shown = shown[: params.steps]
    yield list(enumerate(shown, 1)), labels


@dataclass
class Counted:
    """Of one item or link: who, how many paths, how many begin, end, are cut and return; who meets the goal."""

    who: set
    met: set
    paths: int = 0
    left: int = 0
    cut: int = 0
    began: int = 0
    earlier: int = 0
    returning: int = 0


def expected(sessions, params):
    times, found, of_links = defaultdict(list), {}, {}
    reached = set()
    for session, user, _, events in sessions:
        who = user if params.by == "user" else session
        met = max((event.ms for event in events if picks(params.goal, event)), default=-1)
        for path in drawn(events, params):
            reached.add(who)
            seen = set()
            for (depth, item, ms, n, more), following in zip(path, [*path[1:], None], strict=True):
                node = found.setdefault((depth, item), Counted(set(), set()))
                node.who.add(who)
                node.paths += 1
                node.returning += item in seen
                node.began += n == 0
                node.earlier += depth == 1 and n > 0
                seen.add(item)
                if met >= ms:
                    node.met.add(who)
                if following is None:
                    node.cut += more
                    node.left += not more
                    continue
                link = of_links.setdefault((depth, item, following[1]), Counted(set(), set()))
                link.who.add(who)
                link.paths += 1
                times[depth, item, following[1]].append(following[2] - ms)
                if met >= following[2]:
                    link.met.add(who)
    return of_links, times, found, len(reached)


MATCHERS = st.sampled_from(
    [None, None, Matcher(page="/cart"), Matcher(page="/p/*"), Matcher(name="go"), Matcher(name="click", page="/")]
)
GLOBS = st.sampled_from(["/p/*", "/p/1", "/", "/cart", "*a*", "go", "page_view", "nothing"])
QUESTIONS = st.builds(
    Paths,
    level=st.sampled_from(["page", "event"]),
    start=MATCHERS,
    end=MATCHERS,
    steps=st.integers(2, 7),
    collapse_repeats=st.booleans(),
    include=st.just(()) | st.lists(GLOBS, min_size=1, max_size=3).map(tuple),
    exclude=st.lists(GLOBS, max_size=2).map(tuple),
    groups=st.lists(GLOBS, max_size=2).map(tuple),
    by=st.sampled_from(["session", "session", "user"]),
    goal=MATCHERS,
    medians=st.booleans(),
)
ANCHORED = st.builds(
    Paths,
    level=st.sampled_from(["page", "event"]),
    around=MATCHERS.filter(bool),
    occurrence=st.sampled_from(["first", "last", "every"]),
    before=st.integers(0, 4),
    steps=st.integers(2, 5),
    collapse_repeats=st.booleans(),
    exclude=st.lists(GLOBS, max_size=1).map(tuple),
    groups=st.lists(GLOBS, max_size=2).map(tuple),
    by=st.sampled_from(["session", "session", "user"]),
    goal=MATCHERS,
)


@settings(max_examples=60, deadline=None)
@given(params=QUESTIONS | ANCHORED)
def test_random_sessions_count_as_plain_python_counts_them(many, params):
    sessions, store = many
    result = paths.run(store, params, ALL)
    of_links, times, found, reached = expected(sessions, params)

    def goals(counted):
        return len(counted.met) if params.goal else None

    assert {
        (link.depth, link.source, link.target): (link.sessions, link.paths, link.goals) for link in result.links
    } == {key: (len(link.who), link.paths, goals(link)) for key, link in of_links.items()}
    assert _times(result) == pytest.approx({key: sum(ms) / len(ms) for key, ms in times.items()})
    if params.medians:
        assert {(link.depth, link.source, link.target): link.median_ms for link in result.links} == pytest.approx(
            {key: median(ms) for key, ms in times.items()}
        )
    assert {
        (node.depth, node.item): (
            node.sessions, node.paths, node.left, node.cut, node.began, node.earlier, node.goals
        )
        for node in result.nodes
    } == {
        key: (len(node.who), node.paths, node.left, node.cut, node.began, node.earlier, goals(node))
        for key, node in found.items()
    }  # fmt: skip
    assert result.sessions == reached


@settings(max_examples=15, deadline=None)
@given(params=QUESTIONS | ANCHORED, release=st.sampled_from(["1.0", "1.1"]))
def test_a_scope_counts_its_sessions_whole(many, params, release):
    sessions, store = many
    of_links, _, _, reached = expected([session for session in sessions if session[2] == release], params)
    result = paths.run(store, params, Scope(releases=(release,)))
    assert (links(result), result.sessions) == ({key: len(link.who) for key, link in of_links.items()}, reached)


@settings(max_examples=20, deadline=None)
@given(params=(QUESTIONS | ANCHORED).filter(lambda params: params.by == "session"), least=st.integers(2, 60))
def test_what_arrives_goes_on_leaves_or_is_cut(many, params, least):
    sessions, store = many
    result = paths.run(store, params, ALL)
    into, out = Counter(), Counter()
    for link in result.links:
        out[link.depth, link.source] += link.paths
        into[link.depth + 1, link.target] += link.paths
    for node in result.nodes:
        assert out[node.depth, node.item] + node.left + node.cut == node.paths
        assert into[node.depth, node.item] + node.began + node.earlier == node.paths
    by_depth = Counter()
    for node in result.nodes:
        by_depth[node.depth] += node.paths
    assert by_depth == {total.depth: total.paths for total in result.totals}
    fewer = paths.run(store, Paths(**vars(params) | {"min_item_sessions": least, "returns": True}), ALL)
    usual = {key: sizes for key, sizes in nodes(result).items() if sizes[0] >= least}
    assert nodes(fewer) == usual
    assert links(fewer) == {
        (depth, source, target): sessions
        for (depth, source, target), sessions in links(result).items()
        if (depth, source) in usual and (depth + 1, target) in usual
    }
    assert fewer.totals == result.totals
    returned = expected(sessions, params)[2]
    assert all(node.returning == returned[node.depth, node.item].returning for node in fewer.nodes)


@settings(max_examples=15, deadline=None)
@given(
    params=(QUESTIONS | ANCHORED).filter(lambda params: params.by == "session"), dice=st.randoms(use_true_random=False)
)
def test_a_list_is_as_long_as_what_it_stands_behind(many, params, dice):
    _, store = many
    result = paths.run(store, params, ALL)

    def listed(*asked, **more):
        found = path_sessions.run(store, PathSessions(params, *asked, limit=1000, **more), ALL)
        ids = [row.session_id for row in found.rows]
        assert len(set(ids)) == len(ids) == found.total
        return found.total

    for link in dice.sample(result.links, min(3, len(result.links))):
        assert listed(link.depth, link.source, "link", link.target) == link.sessions
    for node in dice.sample(result.nodes, min(3, len(result.nodes))):
        assert listed(node.depth, node.item) == node.sessions
        if node.paths == node.sessions:
            assert listed(node.depth, node.item, "left") == node.left
            assert listed(node.depth, node.item, "cut") == node.cut
            assert listed(node.depth, node.item, "began") == node.began
            assert listed(node.depth, node.item, "earlier") == node.earlier
    if params.occurrence == "every":  # a session may be in several nodes of a column
        return
    for total in result.totals[:2]:
        of_depth = [node for node in result.nodes if node.depth == total.depth]
        shown = tuple(node.item for node in of_depth[:2])
        rest = sum(node.sessions for node in of_depth[2:])
        assert listed(total.depth) == total.sessions
        assert listed(total.depth, then="left") == total.left
        assert listed(total.depth, other_than=shown) == rest
        onwards = [link for link in result.links if link.depth == total.depth and link.source not in shown]
        assert listed(total.depth, other_than=shown, then="link") == sum(link.sessions for link in onwards)
        assert listed(total.depth, other_than=shown, then="link", target_other_than=("/cart", "/")) == sum(
            link.sessions for link in onwards if link.target not in ("/cart", "/")
        )


def test_a_page_of_the_list_and_its_whole_length(journeys):
    store = journeys("/a /b", "/a /b", "/a /b", "/a")
    page = path_sessions.run(store, PathSessions(Paths(), 1, "/a", "link", "/b", limit=2), ALL)
    assert ([row.session_id for row in page.rows], page.total) == (["s3", "s2"], 3)
    beyond = path_sessions.run(store, PathSessions(Paths(), 1, "/a", "link", "/b", limit=2, offset=9), ALL)
    assert (beyond.rows, beyond.total) == ((), 3)


def test_a_scope_on_events_keeps_whole_paths(journeys):
    store = journeys("/a /b pay", "/a /b")
    asked = Scope(where=(Filter("event", "is", "pay"),))
    assert links(paths.run(store, Paths(), asked)) == {(1, "/a", "/b"): 1}
