"""Random journeys: whatever a funnel shows opens exactly what it counts, and nobody is counted twice or lost."""

from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analytics.analyses import correlated, dropouts, funnel, funnel_correlation, funnel_shares
from analytics.analyses.correlated import Correlated
from analytics.analyses.dropouts import Dropouts
from analytics.analyses.funnel import ROUND, Funnel, Histogram
from analytics.analyses.funnel_correlation import FunnelCorrelation
from analytics.analyses.funnel_shares import FunnelShares
from analytics.conditions import Matcher
from analytics.scope import Scope
from tests.analyses import test_funnel_oracle as oracle
from tests.analyses.test_funnel_oracle import (
    SECOND,
    Event,
    broken_down,
    common,
    counted,
    fields,
    journeys,
    questions,
    stored,
)

EVERYTHING = Scope()
store = oracle.store
fewer = settings(common, max_examples=40)


def split(params, field, attribution):
    assume(attribution[1] is None or attribution[1] <= len(params.steps))
    return replace(params, breakdown=field, attribution=attribution[0], attribution_step=attribution[1])


def named(params):
    """How a list names what is counted."""
    return {"session": ("session_id", "s{}"), "user": ("user", "u{}")}.get(params.by, ("value", "{}"))


def opened(store, asked):
    answer = dropouts.run(store, asked, EVERYTHING)
    name, _ = named(asked)
    assert answer.total == len(answer.rows)
    return sorted(getattr(row, name) for row in answer.rows)


@fewer
@given(events=journeys(), params=questions(), field=fields, attribution=broken_down, limit=st.integers(1, 3))
def test_values_and_their_rest_add_up(store, events, params, field, attribution, limit):
    params = split(params, field, attribution)
    stored(store, events)
    every = funnel.run(store, params, EVERYTHING).breakdowns
    limited = replace(params, breakdown_limit=limit)
    some = funnel.run(store, limited, EVERYTHING)
    assert some.breakdowns == every[:limit]
    assert (some.rest is None) == (len(every) <= limit)
    if some.rest is None:
        return
    assert some.rest.values == len(every) - limit
    counts = [step.count for step in some.rest.steps]
    assert counts == [sum(one.steps[n].count for one in every[limit:]) for n in range(len(params.steps))]
    _, form = named(params)
    left = {one.value for one in every[limit:]}
    found = counted(events, params)
    for step, count in enumerate(counts, 1):
        expected = sorted(
            form.format(unit) for (unit, value), served in found.items() if value in left and step in served
        )
        assert len(expected) == count
        assert opened(store, Dropouts(**vars(limited), step=step, converted=True, rest=True, limit=None)) == expected


@fewer
@given(events=journeys(), params=questions(), grain=st.sampled_from(["day", "week"]), data=st.data())
def test_a_period_opens_who_began_in_it(store, events, params, grain, data):
    params = replace(params, trend=grain)
    stored(store, events)
    trend = funnel.run(store, params, EVERYTHING).trend
    assume(trend)
    period = data.draw(st.sampled_from(trend))
    listed = []
    for step, count in enumerate(period.counts, 1):
        of = {"step": step, "period": period.start, "limit": None}
        listed.append(opened(store, Dropouts(**vars(params), **of, converted=True)))
        assert len(listed[-1]) == len(set(listed[-1])) == count
        stopped = opened(store, Dropouts(**vars(params), **of))
        assert set(stopped) <= set(listed[-1])
    assert all(set(later) <= set(listed[0]) for later in listed)


@fewer
@given(events=journeys(), params=questions())
def test_round_bars_hold_everybody_who_made_it(store, events, params):
    assume(len(params.steps) > 1)
    last = len(params.steps)
    params = replace(params, histogram=Histogram(1, last, even=False))
    stored(store, events)
    found = {unit: served for (unit, _), served in counted(events, params).items() if last in served}
    times = {unit: max(served[last].at - served[1].at, 0) / SECOND for unit, served in found.items()}
    answer = funnel.run(store, params, EVERYTHING)
    assert sum(bar.count for bar in answer.histogram) == len(times) == (answer.spent.count if answer.spent else 0)
    if answer.spent:
        assert oracle.close(answer.spent.mean_seconds, sum(times.values()) / len(times))
        assert oracle.close(answer.spent.median_seconds, oracle.statistics.median(times.values()))
    _, form = named(params)
    for n, bar in enumerate(answer.histogram, 1):
        assert bar.seconds == ROUND[n - 1]
        inside = sorted(form.format(unit) for unit, time in times.items() if ROUND[n - 1] <= time < ROUND[n])
        assert len(inside) == bar.count
        assert opened(store, Dropouts(**vars(params), bin=n, limit=None)) == inside


@fewer
@given(events=journeys(), params=questions(), converted=st.booleans(), data=st.data())
def test_a_session_opens_where_it_did_the_step(store, events, params, converted, data):
    assume(params.by == "session" and params.count_like is None)
    step = data.draw(st.integers(1, len(params.steps)))
    stored(store, events)
    begun = {}
    for event in events:
        begun[event.session] = min(begun.get(event.session, event.at), event.at)
    found = {f"s{unit}": served for (unit, _), served in counted(events, params).items()}
    answer = dropouts.run(store, Dropouts(**vars(params), step=step, converted=converted, limit=None), EVERYTHING)
    for row in answer.rows:
        session = int(row.session_id[1:])
        assert row.at_ms == (found[row.session_id][step].at - begun[session]) // 1000


@fewer
@given(events=journeys(), params=questions(), field=st.none() | fields, attribution=broken_down, data=st.data())
def test_shares_are_those_of_the_people(store, events, params, field, attribution, data):
    assume(len(params.steps) > 1)
    if field:
        params = split(params, field, attribution)
    limit = data.draw(st.none() | st.integers(1, 2)) if field else None
    stored(store, events)
    asked = FunnelShares(**vars(replace(params, breakdown_limit=limit)))
    person = {event.session: event.person for event in sorted(events, key=lambda one: -one.at)}  # of its first event
    found = counted(events, params)
    order = Counter(value for _, value in found)
    shown = sorted(order, key=lambda value: (-order[value], value is None, value or ""))[:limit]
    for share in funnel_shares.run(store, asked, EVERYTHING).shares:
        group = {"whole": set(order), "value": {share.value}, "rest": set(order) - set(shown)}[share.kind]
        sums = defaultdict(lambda: [0, 0])
        for (unit, value), served in found.items():
            if value in group and share.from_step in served:
                own = sums[person[unit] if params.by == "session" else unit]
                own[0] += 1
                own[1] += share.to_step in served
        n = [own[0] for own in sums.values()]
        s = [own[1] for own in sums.values()]
        assert (share.n, share.went, share.people) == (sum(n), sum(s), len(n))
        got = share.sums
        assert got.person_squares == sum(b * b for b in s)
        assert got.person_cross == sum(a * b for a, b in zip(n, s, strict=True))
        assert got.person_counts == sum(a * a for a in n)
        assert 0 <= share.low <= share.high <= 1


@fewer
@given(events=journeys(), params=questions(), within=st.none() | st.sampled_from([1, 3]), data=st.data())
def test_what_parts_them_and_who_had_it(store, events, params, within, data):
    params = replace(params, by=data.draw(st.sampled_from(["session", "user"])))
    steps = [n for n in range(1, len(params.steps)) if n not in params.optional]
    assume(steps)
    step = data.draw(st.sampled_from(steps))
    stored(store, events)
    had = defaultdict(set)
    sides = Counter()
    for (unit, _), served in counted(events, params).items():
        if step not in served:
            continue
        stopped = max(served) == step
        sides[stopped] += 1
        since = served[step].at
        ends = [served[n].at for n in sorted(served) if n > step][:1]
        if params.window_s is not None:
            ends.append(served[1 if params.window_from == "first" else step].at + params.window_s * SECOND + 1)
        if within is not None:
            ends.append(since + within * SECOND + 1)
        until = min(ends, default=float("inf"))
        for event in events:
            if unit == (event.session if params.by == "session" else event.person) and since <= event.at < until:
                if event.at > since:
                    had["event", event.name].add((unit, stopped))
                if event.plan:
                    had["properties.plan", event.plan].add((unit, stopped))
    asked = FunnelCorrelation(**vars(params), step=step, fields=("properties.plan",), within_s=within)
    answer = funnel_correlation.run(store, asked, EVERYTHING)
    assert (answer.stopped, answer.went_on) == (sides[True], sides[False])
    parting = [units for units in had.values() if len(units) < sum(sides.values())]
    assert answer.tried + answer.too_few == len(parting)
    name, form = named(params)
    for (kind, value), units in had.items():
        for stopped in (True, False):
            question = Correlated(**vars(asked), kind=kind, value=value, stopped=stopped, limit=None)
            listed = correlated.run(store, question, EVERYTHING)
            expected = sorted(form.format(unit) for unit, gone in units if gone == stopped)
            assert sorted(getattr(row, name) for row in listed.rows) == expected
            assert listed.total == len(expected)


@pytest.mark.parametrize("by", ["session", "user"])
def test_who_never_went_on_stopped_where_they_first_did_the_step(store, by):
    """What they did again after it is a thing they did."""
    stored(store, [Event(0, 1, at * SECOND, name, None, None) for at, name in ((0, "a"), (0, "d"), (1, "d"))])
    params = Funnel(steps=(Matcher("d"), Matcher(("a", "b"))), by=by)
    question = Correlated(**vars(params), step=1, fields=(), kind="event", value="d", stopped=True)
    assert correlated.run(store, question, EVERYTHING).total == 1
