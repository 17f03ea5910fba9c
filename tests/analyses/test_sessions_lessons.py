"""What a session would teach: each fact with its points, whose turn it is, and an oracle in plain Python."""

import math
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.analyses import lessons
from analytics.analyses.lessons import Lessons
from analytics.analyses.sessions import Among
from analytics.conditions import Filter, Matcher
from analytics.errors import InvalidQuestion
from analytics.metrics import FunnelGoal
from analytics.scope import Scope
from tests.conftest import START

EVERYTHING = Scope()
ORDER = Matcher(name="order")
BUYS, LEAVES = "/ /cart /pay order /thanks", "/ /help"
SPACE = "\u00a0"


@pytest.fixture
def told(store_of):
    """As `journeys`; `error@/pay` is an event that says its page."""

    def make(*sessions):
        rows = []
        for n, session in enumerate(sessions, 1):
            for minute, word in enumerate(session.split()):
                name, _, page = word.partition("@")
                event = {"event": "page_view", "page": word} if word.startswith("/") else {"event": name, "page": page}
                time = START + timedelta(hours=n, minutes=minute)
                rows.append(event | {"timestamp": time, "user_id": f"u{n}", "session_id": f"s{n}"})
        return store_of(rows)

    return make


def asked(store, goal=None, scope=EVERYTHING, **more):
    return lessons.run(store, Lessons(goal, **more), scope)


def scores(store, goal=None, **more):
    return {row.session_id: row.score for row in asked(store, goal, limit=None, **more).rows}


@pytest.mark.parametrize(
    ("walk", "score"),
    [
        pytest.param("/ /a", None, id="nothing to learn"),
        pytest.param("/ error", 2.0, id="an error"),
        pytest.param("/ error error error", 3.0, id="three errors"),
        pytest.param("/ error error error error error error error", 4.0, id="an error more than five adds nothing"),
        pytest.param("/ form_error", 1.5, id="a refused form"),
        pytest.param("/ login_failed form_error", 2.0, id="a refused form and a failed login are two refusals"),
        pytest.param("/ login_failed login_failed login_failed login_failed login_failed", 3.0, id="at most three"),
        pytest.param("/ error login_failed", 3.5, id="points add up"),
    ],
)
def test_points_of_what_went_wrong(journeys, walk, score):
    assert scores(journeys(walk, "/ /a")).get("s1") == score


def test_a_lost_goal_is_that_of_who_was_at_the_step_before(journeys):
    """Of four who reach /pay three order; /thanks is left by nobody before the order, and / is viewed by everybody."""
    store = journeys(BUYS, BUYS, BUYS, "/ /cart /pay", *[LEAVES] * 4)
    result = asked(store, ORDER)
    assert [(row.session_id, row.score, row.reason, row.page, row.at_ms) for row in result.rows] == [
        ("s4", 3.0, "lost", "/pay", 120_000)
    ]
    assert result.rows[0].why == f"lost at /pay after 2{SPACE}m 00{SPACE}s"
    assert result.total == 1


def test_a_page_that_tells_nothing_of_the_goal_is_no_step_before_it(journeys):
    store = journeys("/ order", "/", "/", "/")
    assert scores(store, ORDER) == {}


def test_who_reached_the_goal_has_lost_nothing(journeys):
    store = journeys(BUYS, BUYS, f"{BUYS} /pay", "/ /cart /pay", *[LEAVES] * 5)
    assert scores(store, ORDER) == {"s4": 3.0}


def test_the_goal_may_be_the_steps_of_a_funnel(journeys):
    store = journeys(BUYS, BUYS, BUYS, "/ /cart /pay", *[LEAVES] * 4)
    assert scores(store, FunnelGoal((Matcher(page="/cart"), ORDER))) == {"s4": 3.0}
    with pytest.raises(InvalidQuestion, match="one goal of steps"):
        Lessons(FunnelGoal((ORDER,)), Among(did=(FunnelGoal((ORDER,)),)))


def test_an_unusual_way_is_one_in_twenty_or_rarer_of_its_length(journeys):
    """39 go the one way and one goes another of as many pages; a shorter one is compared with nobody."""
    store = journeys(*["/a /b /c /d"] * 39, "/a /d /b /c", "/x /y /z")
    result = asked(store)
    assert [(row.session_id, row.score, row.reason, row.page) for row in result.rows] == [("s40", 1.6, "unusual", "/a")]
    assert result.rows[0].why == "its way is one in 40"


def test_two_that_are_as_unusual_are_one_in_half_as_many(journeys):
    store = journeys(*["/a /b /c /d"] * 48, "/a /d /b /c", "/a /d /b /c")
    assert scores(store) == {"s49": 1.39, "s50": 1.39}


def test_long_and_without_the_goal(journeys):
    store = journeys(*["/ /a"] * 30, "/ " + "x " * 30, "/ " + "order " * 30)
    assert scores(store, ORDER) == {"s31": 1.0}
    assert asked(store, ORDER).rows[0].why == f"15{SPACE}m 00{SPACE}s active without the goal"
    assert scores(store) == {}, "without a goal nobody is without it"


def test_reasons_and_pages_take_turns(told):
    """Five errors at one place, one at another: the second place comes second, not sixth."""
    store = told("error@/a error@/a", "error@/a", "error@/a", "error@/b", "form_error@/b", "error@/a error@/b")
    rows = asked(store).rows
    assert [row.session_id for row in rows] == ["s6", "s4", "s5", "s1", "s3", "s2"]
    grouped = asked(store, groups=("/*",)).rows
    assert [row.session_id for row in grouped] == ["s6", "s5", "s1", "s4", "s3", "s2"]


def test_words_say_where_it_went_wrong_first(told):
    store = told("/ /cart form_error@/cart /pay error@/pay error@/cart login_failed")
    assert asked(store).rows[0].why == (
        f"2{SPACE}errors, the first on /pay after 4{SPACE}m 00{SPACE}s; "
        f"1{SPACE}refused form and 1{SPACE}failed login, the first on /cart after 2{SPACE}m 00{SPACE}s"
    )


def test_only_those_that_are_listed_and_by_pages(journeys):
    store = journeys(*["/a error"] * 5, "/a /b error")
    among = Among(did=(Matcher(page="/b"),))
    assert scores(store, among=among) == {"s6": 2.0}
    assert scores(store, among=Among(where=(Filter("session_id", "in", ("s1", "s2")),))) == {"s1": 2.0, "s2": 2.0}
    whole = asked(store, limit=None).rows
    pages = [asked(store, limit=4, offset=n) for n in (0, 4, 8)]
    assert [row for page in pages for row in page.rows] == list(whole)
    assert [page.total for page in pages] == [6, 6, 6]


def test_the_sample_loses_orders_where_release_1_1_broke_them(sample):
    result = asked(sample, ORDER, limit=None)
    lost = {row.page for row in result.rows if row.reason == "lost"}
    assert lost == {"/checkout/payment"}
    assert result.total == len(result.rows) == len({row.session_id for row in result.rows})


# --------------------------------------------------------------------------------------------------------- an oracle

words_ = st.sampled_from(["/a", "/b", "/c", "/d", "error", "form_error", "order", "x"])
walks = st.lists(st.lists(words_, min_size=1, max_size=9).map(" ".join), min_size=1, max_size=8)


def pages_of(walk):
    return [word for word in walk.split() if word.startswith("/")]


def most_useful_page(many, goal, symbols):
    """The step before the goal, as the docstring of the analysis defines it."""
    reaching = [walk for walk in many if goal in walk.split()]
    counts = Counter(page for walk in reaching for page in set(pages_of(walk)))
    best = None
    for page, n in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:8]:
        viewing = sum(page in pages_of(walk) for walk in many)
        if viewing - n < 0.05 * viewing or n * len(many) < 2 * len(reaching) * viewing:
            continue
        place = sum(pages_of(walk).index(page) + 1 for walk in reaching if page in pages_of(walk)) / n
        rank = (-n / (viewing + len(reaching)), -place, symbols[page])
        if best is None or rank < best[0]:
            best = (rank, page)
    return best[1] if best else None


def usual_ways(many):
    """By session, the share of those of as many pages whose way is at least as unlikely."""
    long = {n: pages_of(walk) for n, walk in enumerate(many) if 4 <= len(pages_of(walk)) <= 50}
    moves = Counter(move for pages in long.values() for move in pairwise(pages))
    of = defaultdict(int)
    for (page, _), often in moves.items():
        of[page] += often
    bits = {
        n: sum(round(-1000 * math.log2(moves[move] / of[move[0]])) for move in pairwise(pages))
        for n, pages in long.items()
    }
    peers = {n: [m for m in long if len(long[m]) == len(long[n])] for n in long}
    return {n: sum(bits[m] >= bits[n] for m in peers[n]) / len(peers[n]) for n in long}


def expected(many, goal, symbols):
    gate, ways = most_useful_page(many, goal, symbols), usual_ways(many)
    active = [30_000 * (len(walk.split()) - 1) for walk in many]
    place = 0.95 * (len(active) - 1)
    low, ordered = math.floor(place), sorted(active)
    long_from = ordered[low] + (place - low) * (ordered[math.ceil(place)] - ordered[low])
    found = {}
    for n, walk in enumerate(many):
        events = walk.split()
        errors, refused, reached = events.count("error"), events.count("form_error"), goal in events
        points = min(150 + 50 * errors, 400) if errors else 0
        points += min(100 + 50 * refused, 300) if refused else 0
        points += 300 if not reached and gate in pages_of(walk) else 0
        points += min(math.floor(-100 * math.log10(ways[n])), 300) if ways.get(n, 1) <= 1 / 20 else 0
        points += 100 if not reached and active[n] > long_from else 0
        if points:
            found[f"s{n + 1}"] = points / 100
    return found


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walks)
def test_scores_are_those_of_a_plain_reading(journeys, many):
    many = [*many, *["/a /b /c /d"] * 20, "/b /d /a /c"]  # so that a way can be unusual
    store = journeys(*many)
    with store.reading_cursor() as cursor:
        symbols = dict(cursor.execute("SELECT value, symbol FROM codes WHERE kind = 'page'").fetchall())
    assert scores(store, ORDER) == expected(many, "order", symbols)
