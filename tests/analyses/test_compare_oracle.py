"""Every metric of two scopes, which may share people and sessions, against plain Python over the stored sessions."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from analytics import metrics, stats
from analytics.analyses import compare, compare_people, funnel, metric_series
from analytics.analyses.compare import Compare
from analytics.conditions import Filter, Matcher
from analytics.metrics import METRICS, FunnelGoal
from analytics.scope import Scope
from analytics.stats import Sums

ORDER = Matcher(name="order")
CLICK = Matcher(name="click")
STEPS = FunnelGoal((Matcher(name="cart"), ORDER))
START = datetime(2026, 3, 2, 8)


@pytest.fixture(scope="module")
def days_of_shop(tmp_path_factory):
    """Events of forty people over twenty days under three releases; some of them only once."""
    dice = random.Random(11)
    rows = []
    for person in range(40):
        for n in range(dice.choice((1, 1, 2, 3, 6))):
            day = dice.randrange(20)
            time = START + timedelta(days=day, hours=dice.randrange(12), seconds=dice.randrange(3600))
            release = f"1.{min(2, day // 6)}"
            who = {"user_id": f"p{person}", "session_id": f"{person}-{n}", "release": release}
            for _ in range(dice.choice((1, 1, 2, 4, 9))):
                event = dice.choice(("page_view", "page_view", "click", "cart", "order", "error", "form_error"))
                row = {"timestamp": time, "event": event, "page": dice.choice("/abc"), **who}
                rows.append(row | ({"value": dice.choice((5, 20.5, 99))} if event == "order" else {}))
                time += timedelta(seconds=dice.choice((0, 3, 20, 90, 700)))
    return rows


SIDES = {
    "releases": (Scope(releases=("1.0",)), Scope(releases=("1.1",))),
    "the same sessions on both": (Scope(releases=("1.0", "1.1")), Scope(releases=("1.1", "1.2"))),
    "days": (Scope(stop=date(2026, 3, 12)), Scope(start=date(2026, 3, 12))),
    "what they did": (
        Scope(where=(Filter("event", "is", "click"),)),
        Scope(where=(Filter("event", "is_not", "click"),), pattern="page_view"),
    ),
}


def told(store, scope):
    """The sessions of a side as dictionaries, with what the metrics need beside the columns."""
    query = scope.query(
        """
SELECT s.*, first_seen, id,
    (SELECT list((name, offset_ms) ORDER BY position) FROM events AS e WHERE e.session_key = s.session_key) AS done
FROM scoped_sessions AS s JOIN users ON users.user_key = s.user_key
"""
    )
    (names,), *batches = store.batches(query)
    return [dict(zip(names, row, strict=True)) for batch in batches for row in batch]


def reached(session, names):
    """Milliseconds to the last of `names`, done one after the other; the start that lies nearest is of no matter."""
    at = 0
    for name in names:
        place = next((n for n in range(at, len(session["done"])) if session["done"][n][0] == name), None)
        if place is None:
            return None
        at = place + 1
    return session["done"][at - 1][1]


def number(metric, session, goal):
    """What one session adds to the numerator and to the denominator; None where it does not count."""
    views, value = session["page_views"], session["value"]
    seconds, active = session["duration_ms"] / 1000, session["active_ms"] / 1000
    to_goal = reached(session, [step.name for step in (goal.steps if isinstance(goal, FunnelGoal) else [goal])])
    has = {name for name, _ in session["done"]}
    whole = {
        "conversion": to_goal is not None,
        "value_per_session": value or 0,
        "valued": value is not None,
        "one_page": views == 1,
        "error_rate": session["errors"] > 0,
        "errors": session["errors"],
        "refused": "form_error" in has,
        "clicked": session["clicks"] > 0,
        "long": seconds > 600,
        "hardly": session["events"] <= 2,
        "new": session["start"] == session["first_seen"],
        "duration": seconds,
        "duration_median": seconds,
        "duration_p90": seconds,
        "active_time": active,
        "active_median": active,
        "page_views": views,
        "clicks": session["clicks"],
        "events": session["events"],
    }
    known = {
        "time_to_goal": (None if to_goal is None else to_goal / 1000, 1),
        "value_per_buyer": (value, 1),
        "value_median": (value, 1),
        "bounce_rate": (session["bounce"], 1),
        "errors_per_view": (session["errors"], views),
        "active_share": (active, seconds),
        "seconds_per_view": (active, views),
        "clicks_per_view": (session["clicks"], views),
    }
    found, per = (whole[metric], 1) if metric in whole else known[metric]
    return None if found is None else (float(found), per)


def plainly(metric, sides, goal, who):
    """The sums of both sides by `who`, and the cross sums, as `stats` takes them."""
    own = []
    marks = []
    for sessions in sides:
        counted = [(session[who], number(metric.name, session, goal)) for session in sessions]
        counted = [(key, *pair) for key, pair in counted if pair is not None]
        mark = None
        if metric.kind == "quantile":
            mark = float(np.quantile([x for _, x, _ in counted], metric.at)) if counted else None
            counted = [(key, float(x <= mark), 1) for key, x, _ in counted]
        marks.append(mark)
        people = {}
        for key, x, n in counted:
            s, m = people.get(key, (0.0, 0))
            people[key] = (s + x, m + n)
        own.append((people, len(counted)))
    sums = [
        Sums(
            n=sum(n for _, n in people.values()),
            total=sum(s for s, _ in people.values()),
            squares=0,
            people=sum(n > 0 for _, n in people.values()),
            person_squares=sum(s * s for s, _ in people.values()),
            person_cross=sum(s * n for s, n in people.values()),
            person_counts=sum(n * n for _, n in people.values()),
        )
        for people, _ in own
    ]
    pairs = [(own[0][0][key], own[1][0][key]) for key in own[0][0].keys() & own[1][0].keys()]
    crossing = stats.Crossing(
        sum(a[0] * b[0] for a, b in pairs),
        sum(a[0] * b[1] for a, b in pairs),
        sum(a[1] * b[0] for a, b in pairs),
        sum(a[1] * b[1] for a, b in pairs),
    )
    return sums, crossing, marks, [number for _, number in own]


@pytest.mark.parametrize("goal", [ORDER, STEPS], ids=["an event", "a funnel"])
@pytest.mark.parametrize("by", ["user", "session"])
@pytest.mark.parametrize("sides", SIDES)
def test_as_plain_python_counts(store_of, days_of_shop, sides, by, goal):
    store = store_of(days_of_shop)
    params = Compare(*SIDES[sides], by=by, goal=goal)
    wanted = metrics.chosen(None, goal)
    held = [told(store, side) for side in SIDES[sides]]
    assert all(len(side) > 10 for side in held)
    who = "user_key" if by == "user" else "session_key"
    rows = {(row.metric, row.side): row for row in store.rows(compare.queries(params, Scope())[0], compare.Row)}
    result = compare.run(store, params, Scope())
    for nth, (metric, change) in enumerate(zip(wanted, result.metrics, strict=True), 1):
        sums, crossing, marks, counted = plainly(metric, held, goal, who)
        for side, shown in enumerate((change.before, change.after)):
            found = replace(rows[nth, side].sums, squares=0)
            assert vars(found) == pytest.approx(vars(sums[side])), (metric.name, side)
            assert shown.n == counted[side]
            value = marks[side] if metric.kind == "quantile" else sums[side].mean if sums[side].n else None
            assert shown.value == pytest.approx(value), metric.name
        assert vars(rows[nth, 0].crossing) == pytest.approx(vars(crossing)), metric.name
        if change.difference is not None and metric.kind != "quantile" and (by == "user" or crossing.counts):
            expected = stats.overlapping(*sums, crossing)
            assert (change.difference, change.low, change.high, change.p) == pytest.approx(
                (expected.change, expected.low, expected.high, expected.p)
            )
    people = [{session["user_key"] for session in side} for side in held]
    assert vars(result.people) == {
        "before_only": len(people[0] - people[1]),
        "after_only": len(people[1] - people[0]),
        "both": len(people[0] & people[1]),
    }
    keys = [{session["session_key"] for session in side} for side in held]
    assert result.same_sessions == len(keys[0] & keys[1])


def test_the_metrics_are_all_asked_here(days_of_shop):
    assert len(METRICS) >= 25
    session = {"page_views": 1, "value": None, "duration_ms": 0, "active_ms": 0, "done": [], "errors": 0, "clicks": 0,
               "events": 1, "start": 1, "first_seen": 1, "bounce": None}  # fmt: skip
    for name in [*METRICS, *metrics.OF_GOAL]:
        number(name, session, ORDER)


@pytest.mark.parametrize("window_s", [None, 0, 40, 100])
@pytest.mark.parametrize(
    "steps", [(Matcher(name="page_view"), CLICK), (Matcher(page="a"), Matcher(page="b"), CLICK), (ORDER,)]
)
def test_a_goal_of_steps_is_reached_by_those_of_the_funnel(store_of, days_of_shop, steps, window_s):
    store = store_of(days_of_shop)
    sides = SIDES["the same sessions on both"]
    asked = Compare(*sides, metrics=("conversion", "time_to_goal"), goal=FunnelGoal(steps, window_s))
    reached, timed = compare.run(store, asked, Scope()).metrics
    for scope, share, time in zip(sides, (reached.before, reached.after), (timed.before, timed.after), strict=True):
        counted = funnel.run(store, funnel.Funnel(steps, window_s=window_s), scope).steps[-1].count
        assert round((share.value or 0) * share.n) == time.n == counted
    assert reached.after.value > 0 or window_s == 0


def test_a_series_is_the_metric_day_by_day(store_of, days_of_shop):
    store = store_of(days_of_shop)
    held = told(store, Scope())
    for metric in metrics.chosen(None, STEPS):
        asked = metric_series.MetricSeries(metric.name, "day", STEPS)
        for point in metric_series.run(store, asked, Scope()).series:
            own = [session for session in held if session["day"] == point.start]
            pairs = [pair for session in own if (pair := number(metric.name, session, STEPS)) is not None]
            assert point.sessions == len(pairs)
            assert point.total == pytest.approx(sum(x for x, _ in pairs))
            if metric.kind == "quantile":
                assert point.value == (pytest.approx(np.quantile([x for x, _ in pairs], metric.at)) if pairs else None)
            else:
                whole = sum(n for _, n in pairs)
                assert point.value == (pytest.approx(point.total / whole) if whole else None)


def test_people_are_those_of_the_list(store_of, days_of_shop):
    store = store_of(days_of_shop)
    before, after = SIDES["the same sessions on both"]
    found = compare.run(store, Compare(before, after), Scope()).people
    listed = compare_people.run(store, compare_people.ComparePeople(before, after), Scope())
    assert [part.people for part in listed.parts] == [found.before_only, found.both, found.after_only]
