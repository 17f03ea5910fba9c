"""Sums of metrics by value and by day: small stores with exact counts, and the comparison they must add up to."""

from datetime import date, datetime, timedelta

import pytest

from analytics import metrics
from analytics.analyses import compare, metric_days, mix
from analytics.analyses.compare import Compare
from analytics.analyses.metric_days import MetricDay, MetricDays
from analytics.analyses.mix import FIELDS, Mix
from analytics.conditions import Filter, Matcher
from analytics.errors import InvalidQuestion
from analytics.scope import Scope

ORDER = Matcher(name="order")
OLD, NEW = Scope(releases=("1.0",)), Scope(releases=("1.1",))
START = datetime(2026, 3, 2, 9)
ADDING = [name for name, metric in metrics.METRICS.items() if metric.kind != "quantile"]


@pytest.fixture
def visits(store_of):
    """`visits((day, person, "home order", fields), ...)`: a session each, its events a minute apart."""

    def make(*sessions):
        rows = []
        for n, (day, person, names, fields) in enumerate(sessions):
            for minute, name in enumerate(names.split()):
                time = START + timedelta(days=day, minutes=10 * n + minute)
                rows.append({"timestamp": time, "event": name, "user_id": person, "session_id": f"s{n}"} | fields)
        return store_of(rows)

    return make


def by_value(store, field, before=OLD, after=NEW, **more):
    found = mix.run(store, Mix(before, after, "conversion", (field,), ORDER, **more), Scope()).shares
    return {(share.side, share.value): (share.n, share.total, share.weight) for share in found}


def test_sums_by_device(visits):
    old, new = {"release": "1.0"}, {"release": "1.1"}
    store = visits(
        (0, "a", "home order", old | {"device": "phone"}),
        (0, "b", "home", old | {"device": "phone"}),
        (0, "c", "home", old),
        (7, "a", "home order", new | {"device": "phone"}),
        (7, "d", "home order", new | {"device": "it's"}),
    )
    assert by_value(store, "device") == {
        (0, "phone"): (2, 1, 2),
        (0, ""): (1, 0, 1),  # nobody says
        (1, "phone"): (1, 1, 1),
        (1, "it's"): (1, 1, 1),
    }


def test_what_is_rarer_than_the_limit_comes_together(visits):
    pages = ["/", "/", "/", "/a", "/a", "/b", "/c"]
    sessions = [(0, f"u{n}", "page_view", {"page": page, "release": "1.0"}) for n, page in enumerate(pages)]
    store = visits(*sessions, (7, "x", "page_view order", {"page": "/c", "release": "1.1"}))
    assert by_value(store, "entry_page", limit=2) == {
        (0, "/"): (3, 0, 3),
        (0, "/a"): (2, 0, 2),
        (0, None): (2, 0, 2),
        (1, None): (1, 1, 1),
    }


def test_new_is_who_was_never_seen_before(visits):
    store = visits(
        (0, "a", "home", {"release": "1.0"}),
        (1, "a", "home order", {"release": "1.0"}),
        (7, "a", "home", {"release": "1.1"}),
        (7, "b", "home", {"release": "1.1"}),
    )
    assert by_value(store, "new") == {
        (0, "new"): (1, 0, 1),
        (0, "returning"): (1, 1, 1),
        (1, "new"): (1, 0, 1),
        (1, "returning"): (1, 0, 1),
    }


def test_a_session_on_both_sides_counts_on_both(visits):
    store = visits((0, "a", "home order", {"device": "phone"}), (1, "b", "home", {"device": "phone"}))
    both, second = Scope(start=date(2026, 3, 2)), Scope(start=date(2026, 3, 3))
    assert by_value(store, "device", both, second) == {(0, "phone"): (2, 1, 2), (1, "phone"): (1, 0, 1)}


@pytest.mark.parametrize("name", ["conversion", "value_per_buyer", "bounce_rate", "clicks_per_view", "duration"])
def test_every_field_adds_up_to_the_comparison(sample, name):
    """Squares and products too: the variance by session is that of the comparison by session."""
    scope = Scope(where=(Filter("country", "is_not", "DE"),))
    asked = Compare(OLD, NEW, (name,), "session", ORDER)
    (change,) = compare.run(sample, asked, scope).metrics
    shares = mix.run(sample, Mix(OLD, NEW, name, goal=ORDER), scope).shares
    for field in FIELDS:
        for side, whole in enumerate((change.before, change.after)):
            own = [share for share in shares if (share.field, share.side) == (field, side)]
            total, weight, n = (sum(getattr(share, part) for share in own) for part in ("total", "weight", "n"))
            assert (n, total / weight) == pytest.approx((whole.n, whole.value))
            squares, products, weights = (
                sum(getattr(share, part) for share in own) for part in ("squares", "products", "weight_squares")
            )
            assert min(squares, products, weights) >= 0
            assert products**2 <= squares * weights * (1 + 1e-9)  # Cauchy and Schwarz


def test_one_value_is_what_a_narrower_scope_gives(sample):
    shares = mix.run(sample, Mix(OLD, NEW, "value_per_buyer"), Scope()).shares
    phone = next(share for share in shares if (share.side, share.field, share.value) == (1, "device", "phone"))
    on_phone = Scope(devices=("phone",))
    (change,) = compare.run(sample, Compare(OLD, NEW, ("value_per_buyer",)), on_phone).metrics
    assert (phone.n, phone.total / phone.weight) == (change.after.n, pytest.approx(change.after.value))


def test_what_has_no_mix_is_told():
    with pytest.raises(InvalidQuestion, match="'duration_median' is a quantile"):
        Mix(OLD, NEW, "duration_median")
    with pytest.raises(InvalidQuestion, match="needs a goal"):
        Mix(OLD, NEW, "conversion")
    with pytest.raises(InvalidQuestion, match="at least one field"):
        Mix(OLD, NEW, "duration", ())
    with pytest.raises(InvalidQuestion, match="from 1 to 1,000 values"):
        Mix(OLD, NEW, "duration", limit=0)


# --- By day -----------------------------------------------------------------------------------------------------------


def test_sums_by_day(visits):
    store = visits(
        (0, "a", "home order", {}),
        (0, "b", "home", {}),
        (3, "a", "home", {}),
    )
    days = metric_days.run(store, MetricDays(("conversion", "events"), ORDER), Scope()).days
    assert days == (
        MetricDay("conversion", date(2026, 3, 2), 2, 1, 2),
        MetricDay("conversion", date(2026, 3, 5), 1, 0, 1),
        MetricDay("events", date(2026, 3, 2), 2, 3, 2),
        MetricDay("events", date(2026, 3, 5), 1, 1, 1),
    )
    assert metric_days.run(store, MetricDays(), Scope(start=date(2027, 1, 1))).days == ()


def test_days_of_every_metric_add_up_to_the_comparison(sample):
    days = metric_days.run(sample, MetricDays(goal=ORDER), NEW).days
    changes = compare.run(sample, Compare(OLD, NEW, ("conversion", *ADDING), goal=ORDER), Scope()).metrics
    assert list(dict.fromkeys(day.metric for day in days)) == ["conversion", *ADDING]
    for change in changes:
        own = [day for day in days if day.metric == change.metric]
        assert [day.day for day in own] == sorted({day.day for day in own})
        assert sum(day.n for day in own) == change.after.n
        assert sum(day.total for day in own) / sum(day.weight for day in own) == pytest.approx(change.after.value)


def test_a_quantile_has_no_days():
    with pytest.raises(InvalidQuestion, match="'active_median' is a quantile"):
        MetricDays(("events", "active_median"))
