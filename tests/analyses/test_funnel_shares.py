"""How sure a funnel's shares are: exact stories, and that people who come back are not taken for many."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from analytics import stats
from analytics.analyses import funnel_shares
from analytics.analyses.funnel_shares import FunnelShares
from analytics.conditions import Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope
from analytics.stats import Sums

EVERYTHING = Scope()
STEPS = (Matcher(name="cart"), Matcher(name="pay"), Matcher(name="done"))
ASKED = FunnelShares(STEPS, breakdown="device", pairs=((1, 3),))


def sessions(*groups, people=None):
    rows, number = [], 0
    for count, story, device in groups:
        for _ in range(count):
            number += 1
            start = datetime(2026, 3, 2) + timedelta(hours=number)
            for minute, name in enumerate(story.split()):
                own = {"user_id": f"u{people(number) if people else number}", "session_id": f"s{number}"}
                rows.append(own | {"timestamp": start + timedelta(minutes=minute), "event": name, "device": device})
    return rows


GROUPS = (
    (56, "cart pay done", "desktop"),
    (14, "cart pay", "desktop"),
    (48, "cart pay done", "phone"),
    (32, "cart", "phone"),
)


def by_value(result):
    return {share.value if share.kind == "value" else share.kind: share for share in result.shares}


def test_a_value_against_all_others(store_of):
    result = funnel_shares.run(store_of(sessions(*GROUPS)), ASKED, EVERYTHING)
    assert not result.by_person
    found = by_value(result)
    assert [share.kind for share in result.shares] == ["whole", "value", "value"]
    assert (found["whole"].went, found["whole"].n) == (104, 150)
    desktop = found["desktop"]
    # Newcombe (1998), method 10: 56 of 70 against 48 of 80
    assert (desktop.share, desktop.others.n, desktop.others.went) == (0.8, 80, 48)
    figures = (desktop.others.difference, desktop.others.low, desktop.others.high)
    assert figures == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert (desktop.low, desktop.high) == stats.wilson(56, 70)
    assert desktop.others.q == pytest.approx(desktop.others.p)  # the other value asks the same
    assert found["phone"].others.difference == pytest.approx(-0.2)
    assert desktop.others.clear and found["phone"].others.clear


def test_people_who_come_back_say_less(store_of):
    often = funnel_shares.run(store_of(sessions(*GROUPS, people=lambda number: number // 5)), ASKED, EVERYTHING)
    once = funnel_shares.run(store_of(sessions(*GROUPS)), ASKED, EVERYTHING)
    assert often.by_person
    for kind in ("whole", "desktop", "phone"):
        one, other = by_value(once)[kind], by_value(often)[kind]
        assert one.share == other.share
        assert other.low < one.low and other.high > one.high
    one, other = by_value(once)["phone"].others, by_value(often)["phone"].others
    assert other.difference == one.difference and other.p > one.p


def test_too_few_is_said(store_of):
    groups = (*GROUPS, (9, "cart pay done", "watch"), (12, "cart", None))
    rows = [{key: value for key, value in row.items() if value is not None} for row in sessions(*groups)]
    found = by_value(funnel_shares.run(store_of(rows), ASKED, EVERYTHING))
    assert (found["watch"].others.note, found["watch"].others.difference) == ("too few", None)
    assert not found["watch"].others.clear
    assert found[None].others.note == "too few"  # twelve sessions, but fewer than five expected to stop
    assert found["phone"].others.note is None


def test_the_rest_of_many_values(store_of):
    groups = [(20 - n, "cart pay done" if n % 2 else "cart", f"d{n:02}") for n in range(12)]
    store = store_of(sessions(*groups))
    result = funnel_shares.run(store, replace(ASKED, breakdown_limit=3), EVERYTHING)
    assert [(share.kind, share.value) for share in result.shares] == [
        ("whole", None), ("value", "d00"), ("value", "d01"), ("value", "d02"), ("rest", None),
    ]  # fmt: skip
    whole, *parts = result.shares
    assert (sum(part.n for part in parts), sum(part.went for part in parts)) == (whole.n, whole.went)


def test_pairs_of_steps(store_of):
    store = store_of(sessions(*GROUPS))
    asked = FunnelShares(STEPS)
    assert asked.asked == ((1, 2), (1, 3), (2, 3))
    shares = funnel_shares.run(store, asked, EVERYTHING).shares
    assert [(share.went, share.n) for share in shares] == [(118, 150), (104, 150), (104, 118)]
    with pytest.raises(InvalidQuestion, match="not 3 and 2"):
        FunnelShares(STEPS, pairs=((3, 2),))
    with pytest.raises(InvalidQuestion, match="one step"):
        FunnelShares(STEPS[:1])


def test_two_scopes(store_of):
    store = store_of(sessions(*GROUPS))
    asked = FunnelShares(STEPS)
    there, here = (funnel_shares.run(store, asked, Scope(devices=(name,))) for name in ("phone", "desktop"))
    changes = funnel_shares.changed(there.shares, here.shares)
    whole = next(change for change in changes if (change.before.from_step, change.before.to_step) == (1, 3))
    assert (whole.difference, whole.low, whole.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert [change.q for change in changes] == list(stats.q_values([change.p for change in changes]))
    nobody = funnel_shares.run(store, asked, Scope(devices=("watch",)))
    assert {change.note for change in funnel_shares.changed(nobody.shares, here.shares)} == {"too few"}


def test_the_same_people_under_two_values(store_of):
    # 40 people, each with a session of either device; who converts does so on both: nothing is known of a difference
    rows = []
    for n in range(40):
        for device in ("desktop", "phone"):
            start = datetime(2026, 3, 2) + timedelta(hours=n, minutes=30 * (device == "phone"))
            for minute, name in enumerate(["cart", "pay", "done"] if n < 20 else ["cart"]):
                own = {"user_id": f"u{n}", "session_id": f"s{n}-{device}", "device": device}
                rows.append(own | {"timestamp": start + timedelta(minutes=minute), "event": name})
    found = by_value(funnel_shares.run(store_of(rows), ASKED, EVERYTHING))
    phone = found["phone"].others
    assert (phone.difference, phone.p) == (0, 1)
    assert phone.high < 1e-6  # they never differ within a person
    assert found["whole"].sums == Sums(80, 40, 40, 40, 80, 80, 160)
