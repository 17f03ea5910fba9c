"""Retention, stickiness and lifecycle against plain Python, on random events of few people over weeks."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import stats
from analytics.analyses import lifecycle, retention, returners, stickiness
from analytics.analyses.lifecycle import Lifecycle
from analytics.analyses.retention import Retention
from analytics.analyses.returners import Returners
from analytics.analyses.stickiness import Stickiness
from analytics.conditions import Matcher
from analytics.scope import Scope
from analytics.stats import Sums

ZERO = datetime(2024, 2, 20, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York")
NAMES = ("a", "b", "c")
OFTEN = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# a person, minutes since ZERO, a name, a plan, which device the session has; session ids are shared now and then
EVENT = st.tuples(
    st.sampled_from(["p1", "p2", "p3", "p4"]),
    st.integers(0, 75 * 24 * 60),
    st.sampled_from(NAMES),
    st.sampled_from([None, "free", "pro", "team"]),
    st.integers(0, 3),
)
STORIES = st.lists(EVENT, max_size=40), st.sampled_from(ZONES)
MATCHER = st.sampled_from([Matcher(), Matcher("a"), Matcher("b"), Matcher(("a", "c")), Matcher("b", first_time=True)])
SCOPE = st.builds(
    lambda start, days, devices: Scope(
        (ZERO + timedelta(days=start)).date() if start is not None else None,
        (ZERO + timedelta(days=(start or 0) + days)).date() if days is not None else None,
        devices=devices,
    ),
    st.one_of(st.none(), st.integers(0, 40)),
    st.one_of(st.none(), st.integers(1, 60)),
    st.sampled_from([(), ("phone",), ("phone", "tablet")]),
)
QUESTION = st.builds(
    Retention,
    period=st.sampled_from(["hour", "day", "week", "month"]),
    start=MATCHER,
    returning=MATCHER,
    mode=st.sampled_from(["recurring", "first_time"]),
    rolling=st.booleans(),
    minimum_occurrences=st.sampled_from([1, 1, 2]),
    intervals=st.sampled_from([1, 2, 5, 9, 63, 70]),
    week_start=st.sampled_from(["monday", "sunday"]),
    brackets=st.sampled_from([(), (), (1, 2, 4), (3,), (2, 60)]),
    breakdown=st.sampled_from([None, None, "properties.plan", "device", "user.plan"]),
    top=st.integers(1, 3),
)


def rows_of(story):
    """Sessions are a day's events of a person and device in UTC; device 3 is a session that all people share."""
    rows = []
    for person, minute, name, plan, device in story:
        time = ZERO + timedelta(minutes=minute)
        session = f"{time:%m%d}-{device}" + ("" if device == 3 else f"-{person}")
        row = {"timestamp": time.isoformat(), "event": name, "user_id": person, "session_id": session}
        row |= {"device": ["phone", "tablet", "desktop", None][device]}
        rows.append(row | ({"properties": {"plan": plan}, "user_properties": {"plan": plan}} if plan else {}))
    return rows


class World:
    """The events as they are stored, in a person's order, and what a scope keeps of them."""

    def __init__(self, story, zone):
        self.events = []
        for line, (person, minute, name, plan, device) in enumerate(story):
            time = ZERO + timedelta(minutes=minute)
            local = time.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            session = (f"{time:%m%d}", device, None if device == 3 else person)
            kind = ["phone", "tablet", "desktop", None][device]
            self.events.append((time, line, person, name, plan, session, kind, local))
        self.events.sort(key=lambda event: event[:2])
        self.day = {}
        for event in self.events:
            self.day.setdefault(event[5], event[7].date())
        self.latest = max((event[7] for event in self.events), default=None)
        self.plan = {}
        for event in self.events:
            if event[4]:
                self.plan[event[2]] = event[4]

    def inside(self, scope):
        for event in self.events:
            day = self.day[event[5]]
            within = (scope.start is None or day >= scope.start) and (scope.stop is None or day < scope.stop)
            if within and (not scope.devices or event[6] in scope.devices):
                yield event

    def matching(self, matcher, events):
        names = NAMES if matcher.name is None else (matcher.name,) if isinstance(matcher.name, str) else matcher.name
        firsts = {}
        for event in self.events:
            if event[3] in names:
                firsts.setdefault(event[2], event[:2])
        for event in events:
            if event[3] in names and (not matcher.first_time or firsts[event[2]] == event[:2]):
                yield event


def begin(period, week_start, local):
    """The interval that holds it, by its beginning."""
    if period == "hour":
        return local.replace(minute=0, second=0, microsecond=0)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "week":
        return day - timedelta(days=(day.weekday() + (week_start == "sunday")) % 7)
    return day.replace(day=1) if period == "month" else day


def step(period, start, number):
    if period == "month":
        months = start.year * 12 + start.month - 1 + number
        return datetime(months // 12, months % 12 + 1, 1)
    return start + number * {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}[period]


def range_of(world, scope, period, week_start, count):
    last = begin(period, week_start, world.latest)
    if scope.stop is not None:
        end = begin(period, week_start, datetime.combine(scope.stop, datetime.min.time()) - timedelta(seconds=1))
        last = min(end, last) if period == "hour" else end
    return [step(period, last, place - count + 1) for place in range(count)]


def inside_range(period, start, scope):
    """Whether the scope's days have all of the interval."""
    end = step(period, start, 1)
    return (scope.start is None or start.date() >= scope.start) and (
        scope.stop is None or period == "hour" or end.date() <= scope.stop
    )


def expected(world, params, scope):
    """Cohorts as {start: (members with their value, {slot: who came back}, complete)}."""
    grid = range_of(world, scope, params.period, params.week_start, params.intervals)
    inside = list(world.inside(scope))
    starts, value, returns = defaultdict(set), {}, defaultdict(lambda: defaultdict(int))
    for event in world.matching(params.start, inside):
        at = begin(params.period, params.week_start, event[7])
        starts[at].add(event[2])
        of = {"properties.plan": event[4], "device": event[6], "user.plan": world.plan.get(event[2])}
        value.setdefault((event[2], at), of.get(params.breakdown))
    for event in world.matching(params.returning, inside):
        returns[begin(params.period, params.week_start, event[7])][event[2]] += 1
    if params.mode == "first_time":
        first = {}
        for event in world.matching(params.start, world.events):
            first.setdefault(event[2], begin(params.period, params.week_start, event[7]))
        for at in starts:
            starts[at] = {person for person in starts[at] if first[person] == at}
    sums = list(accumulate(params.brackets)) or list(range(1, params.intervals))
    found = {}
    for place, at in enumerate(grid):
        members = {person: value[person, at] for person in starts[at]}
        back, complete, whole, settled = [set(members)], [], [], True
        for since, till in zip([1, *(end + 1 for end in sums)], sums, strict=False):
            if place + since < params.intervals:
                places = grid[place + since :] if params.rolling else grid[place + since : place + till + 1]
                back.append(
                    {one for one in members for there in places if returns[there][one] >= params.minimum_occurrences}
                )
        reach = [0, *sums] if params.brackets else list(range(params.intervals))
        for slot in range(len(back)):
            there = place + reach[slot]
            over = there < params.intervals and step(params.period, grid[there], 1) <= world.latest
            settled = settled and over
            complete.append(settled)
            whole.append(settled and inside_range(params.period, grid[there], Scope(stop=scope.stop)))
        found[at] = (members, back, sum(complete), sum(whole))
    return found


@OFTEN
@given(*STORIES, QUESTION, SCOPE)
def test_the_triangle(store_of, story, zone, params, scope):
    store = store_of(rows_of(story), reporting_zone=zone)
    result = retention.run(store, params, scope)
    if not story:
        assert result.cohorts == () or not any(cohort.size for cohort in result.cohorts)
        return
    world = World(story, zone)
    want = expected(world, params, scope)
    for cohort, (at, (members, back, complete, settled)) in zip(result.cohorts, want.items(), strict=True):
        assert datetime.fromisoformat(cohort.start) == at
        assert cohort.size == len(members)
        assert list(cohort.returned) == [len(people) for people in back]
        assert (cohort.complete, cohort.settled) == (complete, settled)
    check_curve(result.curve, params, [(set(members), back, settled) for members, back, _, settled in want.values()])
    if params.breakdown is not None:
        check_values(result, params, want)


def check_curve(curve, params, rows):
    """The mean of what is settled, and the interval from each person's own sums."""
    for point in curve:
        settled = [(members, back[point.slot]) for members, back, complete in rows if point.slot < complete]
        tried, came = Counter(), Counter()
        for members, back in settled:
            tried.update(members)
            came.update(back)
        assert (point.returned, point.of) == (came.total(), tried.total())
        assert point.cohorts == sum(bool(members) for members, _ in settled)
        if not tried or params.intervals > 62:
            assert (point.low, point.high) == (None, None)
            continue
        squares = [(came[one] ** 2, came[one] * tried[one], tried[one] ** 2) for one in tried]
        of, total = tried.total(), came.total()
        sums = Sums(of, total, total, len(tried), *(sum(column) for column in zip(*squares, strict=True)))
        assert (point.low, point.high) == stats.share_interval(sums)


def check_values(result, params, want):
    number = defaultdict(int)
    for members, _, _, _ in want.values():
        for value in members.values():
            number[value] += 1
    ranked = sorted(number, key=lambda value: (-number[value], value is None, value or ""))
    lanes = [{value} for value in ranked[: params.top]]
    if ranked[params.top :]:
        lanes.append(set(ranked[params.top :]))
    assert len(result.breakdowns) == len(lanes)
    for n, (part, lane) in enumerate(zip(result.breakdowns, lanes, strict=True)):
        if n < params.top:
            assert {part.value} == lane
            assert part.others == 0
        else:
            assert part.others == len(lane)
        for cohort, (members, back, _, _) in zip(part.cohorts, want.values(), strict=True):
            mine = {person for person, value in members.items() if value in lane}
            assert list(cohort.returned) == [len(people & mine) for people in back]
        theirs = [
            ({one for one, value in members.items() if value in lane}, back, settled)
            for members, back, _, settled in want.values()
        ]
        check_curve(part.curve, params, [(mine, [one & mine for one in back], till) for mine, back, till in theirs])


@pytest.mark.parametrize("zone", ZONES)
def test_an_empty_store_has_no_cohorts(store_of, zone):
    assert retention.run(store_of([], reporting_zone=zone), Retention(), Scope()).cohorts == ()


def listed(store, scope, **asked):
    found = returners.run(store, Returners(limit=None, **asked), scope)
    assert len(found.rows) == found.total
    return {row.user for row in found.rows}


@OFTEN
@given(*STORIES, QUESTION, SCOPE, st.randoms())
def test_the_list_behind_a_cell(store_of, story, zone, params, scope, random):
    if not story:
        return
    store = store_of(rows_of(story), reporting_zone=zone)
    want = expected(World(story, zone), params, scope)
    full = [at for at, (members, _, _, _) in want.items() if members] or list(want)
    for at in random.sample(full, min(2, len(full))):
        members, back, _, _ = want[at]
        slot = random.randrange(len(back))
        asked = {"start": at.isoformat(), "retention": params, "interval": slot}
        assert listed(store, scope, **asked) == back[slot]
        if slot:
            assert listed(store, scope, **asked, returned=False) == set(members) - back[slot]
        if params.breakdown is None:
            continue
        value = random.choice([None, "free", "pro", "phone", *members.values()])
        assert listed(store, scope, **asked, value=value) == {one for one in back[slot] if members[one] == value}
        for n, part in enumerate(retention.run(store, params, scope).breakdowns):
            if n == params.top:
                here = next(one for one in part.cohorts if datetime.fromisoformat(one.start) == at)
                assert len(listed(store, scope, **asked, rest=True)) == here.returned[slot]


@OFTEN
@given(*STORIES, MATCHER, st.sampled_from(["week", "month"]), st.sampled_from(["monday", "sunday"]), SCOPE)
def test_days_of_a_period(store_of, story, zone, matcher, period, week_start, scope):
    if not story:
        return
    store = store_of(rows_of(story), reporting_zone=zone)
    world = World(story, zone)
    params = Stickiness(period, matcher, 4, week_start)
    result = stickiness.run(store, params, scope)
    days = defaultdict(lambda: defaultdict(set))
    for event in world.matching(matcher, world.inside(scope)):
        days[begin(period, week_start, event[7])][event[2]].add(event[7].date())
    for at, found in zip(range_of(world, scope, period, week_start, 4), result.periods, strict=True):
        assert datetime.fromisoformat(found.start) == at
        assert found.complete == (step(period, at, 1) <= world.latest and inside_range(period, at, scope))
        assert len(found.days) == (step(period, at, 1) - at).days
        for n, people in enumerate(found.days, 1):
            want = {person for person, on in days[at].items() if len(on) == n}
            assert people == len(want)
            if want:
                assert listed(store, scope, start=found.start, stickiness=params, days=n) == want


@OFTEN
@given(*STORIES, MATCHER, st.sampled_from(["hour", "day", "week", "month"]), st.sampled_from([1, 4, 80]), SCOPE)
def test_new_returning_resurrected_dormant(store_of, story, zone, matcher, period, count, scope):
    if not story:
        return
    store = store_of(rows_of(story), reporting_zone=zone)
    world = World(story, zone)
    params = Lifecycle(period, matcher, count)
    result = lifecycle.run(store, params, scope)
    active = defaultdict(set)
    for event in world.matching(matcher, world.inside(scope)):
        active[begin(period, "monday", event[7])].add(event[2])
    if scope.start is not None:  # the period before the first one, of sessions that began in it
        first = begin(period, "monday", datetime.combine(scope.start, datetime.min.time()))
        before = step(period, first, -1)
        earlier = Scope(before.date(), scope.stop, devices=scope.devices)
        for event in world.matching(matcher, world.inside(earlier)):
            at = begin(period, "monday", event[7])
            if at < first and at >= before:
                active[at].add(event[2])
    ever = {}
    for event in world.matching(matcher, world.events):
        ever.setdefault(event[2], begin(period, "monday", event[7]))
    for at, found in zip(range_of(world, scope, period, "monday", count), result.stages, strict=True):
        assert datetime.fromisoformat(found.start) == at
        assert found.complete == (step(period, at, 1) <= world.latest and inside_range(period, at, scope))
        now, before = active[at], active[step(period, at, -1)]
        new = {person for person in now if ever[person] == at}
        want = {
            "new": new,
            "returning": (now & before) - new,
            "resurrected": now - before - new,
            "dormant": before - now,
        }
        for kind, people in want.items():
            assert getattr(found, kind) == len(people)
            if people:
                assert listed(store, scope, start=found.start, lifecycle=params, kind=kind) == people


def test_a_single_bracket_ends_where_it_ends(store_of):
    """It is no rolling one: who comes back after its last week has not come back in it."""
    story = [("p1", 0, "a", None, 0), ("p1", 27 * 24 * 60, "a", None, 0)]  # four weeks later by the calendar
    store = store_of(rows_of(story))
    for size, returned in ((3, 0), (4, 1)):
        params = retention.Retention("week", Matcher(), Matcher(), intervals=5, brackets=(size,))
        first = retention.run(store, params, Scope()).cohorts[0]
        assert (first.size, first.returned) == (1, (1, returned))
