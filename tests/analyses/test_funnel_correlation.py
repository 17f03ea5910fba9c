"""What parts those who stopped from those who went on, in small stories with exact numbers."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from scipy.stats import chi2_contingency

from analytics.analyses import correlated, funnel_correlation
from analytics.analyses.correlated import Correlated
from analytics.analyses.funnel_correlation import FunnelCorrelation
from analytics.conditions import Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope

EVERYTHING = Scope()
STEPS = (Matcher(name="cart"), Matcher(name="pay"))
ASKED = FunnelCorrelation(STEPS, fields=("device",))


def sessions(*groups, people=None):
    """`(20, "cart error", "phone")`: so many sessions of these events, a minute apart, on this device."""
    rows, number = [], 0
    for count, story, device in groups:
        for _ in range(count):
            number += 1
            start = datetime(2026, 3, 2) + timedelta(hours=number)
            for minute, name in enumerate(story.split()):
                name, _, text = name.partition(":")
                own = {"user_id": f"u{people(number) if people else number}", "session_id": f"s{number}"}
                time = start + timedelta(minutes=minute)
                event = {"timestamp": time, "event": name, "device": device, "text": text or None}
                rows.append(own | {key: value for key, value in event.items() if value is not None})
    return rows


@pytest.fixture
def shop(store_of):
    """On 30 phones of 40 paying fails after an error; 2 desktops of 60 see it too, and half of all look at help."""
    return store_of(
        sessions(
            (30, "cart error:declined help", "phone"),
            (10, "cart pay", "phone"),
            (2, "cart error:declined help pay", "desktop"),
            (8, "cart", "desktop"),
            (25, "cart help pay", "desktop"),
            (25, "cart pay help error:late", "desktop"),
        )
    )


def things(store, asked=ASKED):
    result = funnel_correlation.run(store, asked, EVERYTHING)
    return result, {(thing.kind, thing.value): thing for thing in result.things}


def test_the_table_of_a_thing_and_what_it_says(shop):
    result, found = things(shop)
    assert (result.stopped, result.went_on) == (38, 62)
    error = found["error", "declined"]
    assert (error.stopped, error.went_on) == (30, 2)
    assert error.ratio == pytest.approx(30 * 60 / (2 * 8))
    assert error.p == pytest.approx(chi2_contingency([[30, 2], [8, 60]], correction=False).pvalue)
    assert error.clear and result.things[0] in (error, found["event", "error"])
    assert (found["device", "phone"].stopped, found["device", "phone"].went_on) == (30, 10)


def test_what_lies_after_the_next_step_is_not_looked_at(shop):
    _, found = things(shop)
    assert ("error", "late") not in found  # 25 who went on had it, after they had
    assert (found["event", "help"].stopped, found["event", "help"].went_on) == (30, 27)


def test_too_few_are_counted_and_not_judged(store_of):
    store = store_of(
        sessions((20, "cart pay", "a"), (20, "cart", "a"), (1, "cart odd", "b"), (3, "cart rare pay", "a"))
    )
    result, found = things(store)
    assert found == {}
    # odd, rare, and the two devices: none is expected five times in each cell
    assert (result.tried, result.too_few) == (0, 4)


def test_what_all_had_parts_nobody(store_of):
    result, found = things(store_of(sessions((20, "cart look pay", "a"), (20, "cart look", "a"))))
    assert (found, result.tried, result.too_few) == ({}, 0, 0)


def test_an_empty_cell_is_no_infinite_ratio(store_of):
    _, found = things(store_of(sessions((20, "cart pay", "a"), (20, "cart error:x", "a"))))
    assert found["error", "x"].ratio == pytest.approx(20.5 * 20.5 / (0.5 * 0.5))
    assert found["error", "x"].low > 1


def test_q_corrects_for_all_that_were_tried_also_those_not_listed(shop):
    result, found = things(shop)
    cut, _ = things(shop, replace(ASKED, most=2))
    assert len(cut.things) == 2 and cut.tried == result.tried == len(found)
    for thing in cut.things:
        assert thing.q >= found[thing.kind, thing.value].q
    assert all(thing.q >= thing.p for thing in result.things)


def test_only_so_long_after_the_step(store_of):
    store = store_of(sessions((20, "cart x error:late", "a"), (20, "cart pay", "a")))
    assert ("error", "late") in things(store)[1]
    result, found = things(store, replace(ASKED, within_s=60))  # a minute, inclusive: x is in it
    assert ("event", "x") in found and ("error", "late") not in found
    assert (result.stopped_seconds, result.went_on_seconds) == (pytest.approx(60), pytest.approx(60))


def test_sessions_of_one_person_are_not_independent(store_of):
    groups = ((40, "cart error:x", "a"), (20, "cart", "a"), (40, "cart pay", "a"), (20, "cart error:x pay", "a"))
    alone, _ = things(store_of(sessions(*groups)))
    again, _ = things(store_of(sessions(*groups, people=lambda number: number // 10)))
    assert alone.design_effect == 1
    assert again.design_effect > 5
    one, other = (next(thing for thing in side.things if thing.kind == "error") for side in (alone, again))
    assert (one.stopped, one.ratio) == (other.stopped, other.ratio)
    assert other.p > one.p and other.low < one.low


@pytest.mark.parametrize("stopped", [True, False])
def test_the_list_is_as_long_as_the_figure_and_opens_at_the_step(shop, stopped):
    asked = Correlated(**vars(ASKED), kind="event", value="help", stopped=stopped, limit=10)
    listed = correlated.run(shop, asked, EVERYTHING)
    assert (len(listed.rows), listed.total) == (10, 30 if stopped else 27)
    assert {row.at_ms for row in listed.rows} == {0}
    beyond = correlated.run(shop, replace(asked, offset=100), EVERYTHING)
    assert (beyond.rows, beyond.total) == ((), listed.total)


def test_people(shop):
    asked = replace(ASKED, by="user")
    result, found = things(shop, asked)
    assert (result.stopped, result.went_on, result.stopped_seconds) == (38, 62, None)
    assert (found["error", "declined"].stopped, found["device", "phone"].stopped) == (30, 30)
    listed = correlated.run(shop, Correlated(**vars(asked), kind="device", value="phone", limit=None), EVERYTHING)
    assert len({row.user for row in listed.rows}) == listed.total == 30


def test_nobody_came(shop):
    result, _ = things(shop, FunnelCorrelation((Matcher(name="gone"), Matcher(name="pay"))))
    assert (result.stopped, result.went_on, result.things, result.tried) == (0, 0, (), 0)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"step": 2}, "no going on from step 2"),
        ({"by": "device"}, "not values of 'device'"),
        ({"within_s": 0}, "1 second or more"),
        ({"most": 0}, "1 to 10,000"),
        ({"fields": ("user.plan",)}, "belongs to a person"),
    ],
)
def test_what_cannot_be_asked(asked, says):
    with pytest.raises(InvalidQuestion, match=says):
        FunnelCorrelation(STEPS, **asked)


def test_a_list_of_an_unknown_kind_is_refused():
    with pytest.raises(InvalidQuestion, match="no kind 'colour'"):
        Correlated(STEPS, kind="colour", value="red")
