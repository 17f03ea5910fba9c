"""Random journeys against a plain reading of what a funnel means, every combination of its parameters."""

import json
import statistics
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from analytics.analyses import dropouts, funnel
from analytics.analyses.dropouts import Dropouts
from analytics.analyses.funnel import Excluded, Funnel, Histogram, OptionalStep
from analytics.conditions import Matcher
from analytics.scope import Scope
from analytics.store import DuckStore

EVERYTHING, ALL_DAYS, ON_PHONE = Scope(), Scope(start=date(2026, 1, 1)), Scope(devices=("phone",))
MIDNIGHT = datetime(2026, 3, 1, 23, 59, 50)  # ten seconds before: attempts begin on two days, of two weeks
SECOND = 1_000_000
SYMBOLS = {"a": "a", "b": "7", "c": "\U00020000", "d": "\u4e02", "x": "\U00020001"}  # one, three and four bytes long


@dataclass(frozen=True)
class Event:
    """`at` in microseconds since MIDNIGHT; events are listed in the order in which they were read."""

    session: int
    person: int
    at: int
    name: str
    plan: str | None
    device: str | None  # its session's


# --- The plain reading ----------------------------------------------------------------------------------------------


def names(matcher):
    return {matcher.name} if isinstance(matcher.name, str) else set(matcher.name or "abcdx")


def matches(matcher, event):
    return event.name in names(matcher)


def field_of(event, field):
    return {"properties.plan": event.plan, "device": event.device}[field]


def numbered(events):
    return [(place, event) for place, event in enumerate(events) if event is not None]


def most_at_once(events, tests):
    """How many different steps these events can do, each one step: augmenting paths."""
    serves = {}

    def find(n, seen):
        for k, test in enumerate(tests):
            if k not in seen and test(events[n]):
                seen.add(k)
                if k not in serves or find(serves[k], seen):
                    serves[k] = n
                    return True
        return False

    return sum(find(n, set()) for n in range(len(events)))


def tries(events, params, steps):
    """Every attempt as a list of (place, event), from its first step on. `steps` are pairs of number and test."""
    us = params.window_s * SECOND if params.window_s is not None else None

    def in_time(attempt, event):
        since = attempt[0] if params.window_from == "first" else attempt[-1]
        return us is None or event.at - since[1].at <= us

    listed = numbered(events)
    for start in listed:
        if params.order == "unordered":
            if not any(test(start[1]) for test in steps):
                continue
            attempt = [start]
            for later in [one for one in listed if one[0] > start[0]]:
                sofar = [event for _, event in attempt]
                if most_at_once([*sofar, later[1]], steps) > len(sofar):
                    if not in_time(attempt, later[1]):
                        break
                    attempt.append(later)
            yield attempt
            continue
        if not steps[0](start[1]):
            continue
        attempt = [start]
        for test in steps[1:]:
            if params.order == "strict":
                found = [one for one in listed if one[0] == attempt[-1][0] + 1]
            elif params.count_like == "clickhouse":
                found = [one for one in listed if one[1].at >= attempt[-1][1].at]
            elif params.simultaneous_s is not None:
                latest = max(event.at for _, event in attempt)
                found = [
                    one for one in listed if one not in attempt and one[1].at >= latest - params.simultaneous_s * SECOND
                ]
            else:
                found = [one for one in listed if one[0] > attempt[-1][0]]
            following = next((one for one in found if test(one[1])), None)
            if following is None or not in_time(attempt, following[1]):
                break
            attempt.append(following)
        yield attempt


def spoiled(attempt, events, params, chain, tests):
    us = params.window_s * SECOND if params.window_s is not None else None
    for excluded, test in zip(params.exclusions, tests, strict=True):
        for j, (place, event) in enumerate(attempt):
            step = chain[j]
            if not excluded.from_step <= step < excluded.to_step:
                continue
            found = numbered(events)
            if params.order == "strict":
                found = [one for one in found if one[0] == place + 1]
            for _, out in found:
                since = attempt[0][1] if params.window_from == "first" else event
                if (
                    test(out)
                    and out.at > event.at
                    and (j + 1 == len(attempt) or out.at < attempt[j + 1][1].at)
                    and (us is None or out.at - since.at <= us)
                ):
                    return True
    return False


def best(groups, params, tests, outs, begun=lambda event: True):
    """What counts of a unit: {step: event} of the attempt that is timed; None when the unit is not counted.

    `groups` are the unit's events, taken apart where all of an attempt's must carry one value.
    """
    chain = [n for n in range(1, len(tests) + 1) if n not in params.optional]
    found = []
    for events in groups:
        for attempt in tries(events, params, [tests[n - 1] for n in chain]):
            if begun(attempt[0][1]):
                found.append((attempt, spoiled(attempt, events, params, chain, outs), events))
    if not found:
        return None
    clean = [one for one in found if not one[1]]
    if params.order == "unordered" and not clean:
        return {1: min((one[0] for one in found), key=lambda attempt: attempt[0][1].at)[0][1]}
    furthest = max(len(one[0]) for one in found)
    if params.order != "unordered":
        clean = [one for one in clean if len(one[0]) == furthest]
        if not clean:
            return None

    def rank(one):
        attempt = one[0]
        there = max(attempt, key=lambda served: served[0]) if params.simultaneous_s is not None else attempt[-1]
        order = there[1].at if params.count_like == "clickhouse" else there[0]
        return (-len(attempt), order, -attempt[0][0])

    attempt, _, events = min(clean, key=rank)
    served = dict(zip(chain, attempt, strict=False))
    for n in params.optional:
        earlier = served[max(m for m in served if m < n)] if any(m < n for m in served) else None
        required = max(m for m in chain if m < n)
        if required not in served:
            continue
        following = next((served[m] for m in chain if m > n and m in served), None)
        us = params.window_s * SECOND if params.window_s is not None else None
        since = served[chain[0]] if params.window_from == "first" else earlier
        for place, event in numbered(events):
            if (
                tests[n - 1](event)
                and place > earlier[0]
                and (following is None or place < following[0])
                and (us is None or event.at - since[1].at <= us)
            ):
                served[n] = (place, event)
                break
    return {n: event for n, (_, event) in sorted(served.items())}


def unit_of(event, params):
    if params.by == "session":
        return event.session
    return event.person if params.by == "user" else field_of(event, params.by)


def apart(events, params):
    """By value of the constant; events without one serve nothing."""
    if params.constant is None:
        return [events]
    values = {field_of(event, params.constant) for event in events} - {None}
    return [[event if field_of(event, params.constant) == value else None for event in events] for value in values]


def checks(matchers, guard=lambda n, event: True):
    def one(n, matcher):
        return lambda event: event is not None and matches(matcher, event) and guard(n, event)

    return [one(n, matcher) for n, matcher in enumerate(matchers, 1)]


def units(events, params):
    """The events by unit, in order: time, then as read."""
    known = defaultdict(list)
    for event in sorted(events, key=lambda one: one.at):  # stable
        if (unit := unit_of(event, params)) is not None:
            known[unit].append(event)
    return known


def only(params, value):
    """Which events serve the chosen step: those that carry the value."""
    return lambda n, event: n != params.attribution_step or field_of(event, params.breakdown) == value


def counted(events, params):
    """{(unit, value): {step: event}}; without a breakdown the value is always None."""
    outs = checks([excluded.matcher for excluded in params.exclusions])
    plain = checks(params.steps)
    answer = {}
    for unit, own in units(events, params).items():
        if params.breakdown is None or params.attribution.endswith("_touch"):
            value = None
            if params.breakdown:
                carried = [field_of(event, params.breakdown) for event in own if any(test(event) for test in plain)]
                carried = [one for one in carried if one is not None]
                if carried:
                    value = carried[0 if params.attribution == "first_touch" else -1]
            lanes = {value: (own, plain)}
        elif params.attribution == "all_steps":
            values = {field_of(event, params.breakdown) for event in own}
            lanes = {
                value: ([event for event in own if field_of(event, params.breakdown) == value], plain)
                for value in values
            }
        else:
            step = params.attribution_step
            held = [event for event in own if params.constant is None or field_of(event, params.constant) is not None]
            able = [event for event in held if plain[step - 1](event)]
            values = {field_of(event, params.breakdown) for event in able} or {None}

            lanes = {value: (own, checks(params.steps, only(params, value))) for value in values}
        for value, (mine, tests) in lanes.items():
            if (found := best(apart(mine, params), params, tests, outs)) is not None:
                answer[unit, value] = found
    return answer


def seconds(served, n, params):
    before = n - 1
    while before in params.optional and before not in served:
        before -= 1
    return max(served[n].at - served[before].at, 0) / SECOND


def figures(those, params):
    rows = []
    for n in range(1, len(params.steps) + 1):
        made = [served for served in those if n in served]
        times = [seconds(served, n, params) for served in made] if n > 1 else []
        rows.append(
            (len(made), statistics.median(times) if times else None, statistics.fmean(times) if times else None)
        )
    return rows


# --- The question ---------------------------------------------------------------------------------------------------


OF_SESSION = "user_key, start, device, name_string, event_times, stop, events"


def stored(store, events):
    """The events in an otherwise empty store, as an import would leave them."""
    by_session = defaultdict(list)
    for line, event in sorted(enumerate(events), key=lambda one: one[1].at):
        by_session[event.session].append((line, event))
    rows, sessions, times_of = [], [], {}
    for key, own in by_session.items():
        day = (MIDNIGHT + timedelta(microseconds=own[0][1].at)).date()
        for position, (line, event) in enumerate(own, 1):
            time = MIDNIGHT + timedelta(microseconds=event.at)
            plan = json.dumps({"plan": event.plan} if event.plan else {})
            rows.append((day, key, position, time, time, event.person, event.name, plan, 1, line))
        symbols = "".join(SYMBOLS[event.name] for _, event in own)
        times_of[key] = [MIDNIGHT + timedelta(microseconds=event.at) for _, event in own]
        start, stop = times_of[key][0], times_of[key][-1]
        whose = own[0][1]
        facts = (whose.person, start, whose.device, symbols, times_of[key], stop, len(own))
        sessions.append((day, key, f"s{key}", *facts))
    people, users = [], []
    for person in {event.person for event in events}:
        mine = sorted((one for one in sessions if one[3] == person), key=lambda one: one[4])
        users.append((person, "user", f"u{person}", len(mine)))
        if all(one[7][-1] < other[4] for one, other in pairwise(mine)):
            people.append((person, "".join(one[6] for one in mine), [time for one in mine for time in one[7]]))
    with store.writing() as cursor:
        for table in ("events", "sessions", "users", "journeys", "codes"):
            cursor.execute(f"DELETE FROM {table}")
        for table, columns, values in (
            ("events", "day, session_key, position, time, local, user_key, name, properties, import_id, line", rows),
            ("sessions", f"day, session_key, session_id, {OF_SESSION}", sessions),
            ("journeys", "user_key, name_string, event_times", people),
            ("codes", "kind, value, symbol", [("name", *code) for code in SYMBOLS.items()]),
            ("users", "user_key, kind, id, sessions", users),
        ):
            if values:
                marks = ", ".join("(" + ", ".join("?" * len(values[0])) + ")" for _ in values)
                flat = [value for row in values for value in row]
                cursor.execute(f"INSERT INTO {table} ({columns}) VALUES {marks}", flat)


@pytest.fixture(scope="module")
def store():
    store = DuckStore.open(":memory:", threads=1)
    yield store
    store.close()


devices = st.sampled_from([None, "phone", "desktop"])


@st.composite
def journeys(draw):
    plans = draw(st.lists(devices, min_size=4, max_size=4))
    whose = draw(st.lists(st.sampled_from([1, 2]), min_size=4, max_size=4))
    gaps = st.sampled_from([0, 0, 1, 1, 2, 3, 8])
    in_turn = draw(st.booleans())  # one session after another: then a person has a string of names
    events = []
    at = session = 0
    for _ in range(draw(st.integers(0, 22))):
        at += draw(gaps) * SECOND
        if not in_turn:
            session = draw(st.integers(0, 3))
        elif session < 3 and draw(st.integers(0, 3)) == 0:
            session += 1
            at += SECOND
        name = draw(st.sampled_from("aabbccdx"))
        plan = draw(st.sampled_from([None, "free", "paid"]))
        events.append(Event(session, whose[session], at, name, plan, plans[session]))
    return events


matchers = st.one_of(
    st.sampled_from("abcd").map(lambda name: Matcher(name=name)),
    st.lists(st.sampled_from("abcd"), min_size=2, max_size=3, unique=True).map(
        lambda some: Matcher(name=tuple(sorted(some)))
    ),
)
fields = st.sampled_from(["properties.plan", "device"])


@st.composite
def questions(draw):
    count = draw(st.integers(1, 4))
    steps = [draw(matchers) for _ in range(count)]
    order = draw(st.sampled_from(["ordered", "ordered", "strict", "unordered"]))
    asked = {"steps": tuple(steps), "order": order}
    if draw(st.booleans()):
        asked["window_s"] = draw(st.sampled_from([0, 1, 3, 10]))
        asked["window_from"] = draw(st.sampled_from(["first", "previous"]))
    asked["by"] = draw(st.sampled_from(["session", "session", "user", "device", "properties.plan"]))
    special = draw(st.sampled_from(["", "", "simultaneous", "optional", "clickhouse"]))
    if special == "simultaneous" and order != "strict":
        asked["simultaneous_s"] = draw(st.sampled_from([0, 1, 2]))
    if special == "clickhouse" and order == "ordered":
        asked["count_like"] = "clickhouse"
    optional = set()
    if special == "optional" and order == "ordered" and count > 1:
        optional = draw(st.sets(st.integers(2, count), min_size=1))
        asked["steps"] = tuple(
            OptionalStep(name=step.name) if n in optional else step for n, step in enumerate(steps, 1)
        )
    ends = [n for n in range(1, count + 1) if n not in optional]
    if len(ends) > 1 and draw(st.booleans()):
        pairs = st.lists(st.sampled_from(ends), min_size=2, max_size=2, unique=True).map(sorted)
        asked["exclusions"] = tuple(
            Excluded(Matcher(name=draw(st.sampled_from("xdc"))), *draw(pairs)) for _ in range(draw(st.integers(1, 2)))
        )
    if draw(st.integers(0, 3)) == 0:
        asked["constant"] = draw(fields)
    return Funnel(**asked)


@st.composite
def in_sessions(draw):
    """What the quick forms answer, over names and over events."""
    names = st.sampled_from("abc").map(lambda name: Matcher(name=name))
    steps = draw(st.lists(draw(st.sampled_from([names, matchers])), min_size=1, max_size=5))
    window = {
        "window_s": draw(st.sampled_from([0, 1, 3, 10])),
        "window_from": draw(st.sampled_from(["first", "previous"])),
    }
    by = draw(st.sampled_from(["session", "user"]))
    return Funnel(tuple(steps), by=by, **(window if draw(st.booleans()) else {}))


broken_down = st.sampled_from(
    [("first_touch", None), ("last_touch", None), ("all_steps", None), ("step", 1), ("step", 2), ("step", 3)]
)


def close(one, other):
    return one == other or (one is not None and other is not None and one == pytest.approx(other, abs=1e-6))


def same(rows, expected):
    got = [(row.count, row.median_seconds, row.mean_seconds) for row in rows]
    assert len(got) == len(expected)
    assert all(close(*pair) for a, b in zip(got, expected, strict=True) for pair in zip(a, b, strict=True)), (
        got,
        expected,
    )


common = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@common
@given(events=journeys(), params=in_sessions(), scope=st.sampled_from([EVERYTHING, ALL_DAYS, ON_PHONE]))
def test_quick_forms(store, events, params, scope):
    stored(store, events)
    inside = [event for event in events if scope is not ON_PHONE or event.device == "phone"]
    same(funnel.run(store, params, scope).steps, figures(counted(inside, params).values(), params))


@common
@given(events=journeys(), params=questions())
def test_steps_and_times(store, events, params):
    stored(store, events)
    same(funnel.run(store, params, EVERYTHING).steps, figures(counted(events, params).values(), params))


@common
@given(events=journeys(), params=questions(), field=fields, attribution=broken_down)
def test_breakdowns(store, events, params, field, attribution):
    assume(attribution[1] is None or attribution[1] <= len(params.steps))
    params = replace(params, breakdown=field, attribution=attribution[0], attribution_step=attribution[1])
    stored(store, events)
    found = counted(events, params)
    values = {value for _, value in found}
    got = funnel.run(store, params, EVERYTHING).breakdowns
    assert {one.value for one in got} == values and len(got) == len(values)
    for one in got:
        same(one.steps, figures([served for (_, value), served in found.items() if value == one.value], params))


@common
@given(events=journeys(), params=questions(), grain=st.sampled_from(["day", "week"]))
def test_trend(store, events, params, grain):
    def start_of(event):
        day = (MIDNIGHT + timedelta(microseconds=event.at)).date()
        return day - timedelta(days=day.weekday() if grain == "week" else 0)

    params = replace(params, trend=grain)
    stored(store, events)
    plain = checks(params.steps)
    outs = checks([excluded.matcher for excluded in params.exclusions])
    expected = defaultdict(lambda: [0] * len(params.steps))
    for own in units(events, params).values():
        for start in {start_of(event) for event in own}:
            found = best(apart(own, params), params, plain, outs, lambda event, start=start: start_of(event) == start)
            for n in found or ():
                expected[start][n - 1] += 1
    got = funnel.run(store, params, EVERYTHING).trend
    assert {one.start: list(one.counts) for one in got if any(one.counts)} == dict(expected)
    assert [one.start for one in got] == sorted(one.start for one in got)


@common
@given(events=journeys(), params=questions(), bins=st.sampled_from([None, 1, 3]))
def test_histogram(store, events, params, bins):
    assume(len(params.steps) > 1)
    params = replace(params, histogram=Histogram(1, len(params.steps), bins))
    stored(store, events)
    those = counted(events, params).values()
    times = [
        max(served[len(params.steps)].at - served[1].at, 0) / SECOND for served in those if len(params.steps) in served
    ]
    bars = funnel.run(store, params, EVERYTHING).histogram
    assert sum(bar.count for bar in bars) == len(times)
    if times:
        chosen = bins or next(n for n in range(1, 100) if n**3 >= len(times))
        assert len(bars) == chosen + 1
        assert bars[0].seconds == int(min(times))
        edges = [bar.seconds for bar in bars] + [float("inf")]
        for n, bar in enumerate(bars):
            assert bar.count == sum(edges[n] <= time < edges[n + 1] for time in times)
            asked = Dropouts(**vars(params), bin=n + 1, limit=None)
            assert len(dropouts.run(store, asked, EVERYTHING).rows) == bar.count


@common
@given(events=journeys(), params=questions(), field=st.none() | fields, attribution=broken_down, data=st.data())
def test_a_list_is_what_its_bar_counts(store, events, params, field, attribution, data):
    if field:
        assume(attribution[1] is None or attribution[1] <= len(params.steps))
        params = replace(params, breakdown=field, attribution=attribution[0], attribution_step=attribution[1])
    stored(store, events)
    found = counted(events, params)
    asked = {"step": data.draw(st.integers(1, len(params.steps))), "converted": data.draw(st.booleans()), "limit": None}
    if field:
        asked["value"] = data.draw(st.sampled_from([None, "free", "paid", "phone", "desktop"]))
    step = asked["step"]
    expected = {
        unit
        for (unit, value), served in found.items()
        if value == asked.get("value") and (step in served if asked["converted"] else step == max(served))
    }
    named = {"session": "s{}", "user": "u{}"}.get(params.by, "{}")
    answer = dropouts.run(store, Dropouts(**vars(params), **asked), EVERYTHING)
    name = {"session": "session_id", "user": "user"}.get(params.by, "value")
    assert sorted(getattr(row, name) for row in answer.rows) == sorted(named.format(unit) for unit in expected)
    assert answer.total == len(expected)
