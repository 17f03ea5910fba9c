"""Every form of a funnel's statements gives equal answers on Spark; the one EXAMPLE is of the quick form only."""

import random

import pytest

from analytics.analyses import dropouts, funnel
from analytics.analyses.dropouts import Dropouts
from analytics.analyses.funnel import Excluded, Funnel, Histogram, OptionalStep, PatternStep
from analytics.conditions import Filter, Matcher
from analytics.scope import Scope
from analytics.store import DuckStore
from tests.analyses.test_funnel_oracle import SECOND, Event, stored

pytestmark = pytest.mark.spark
EVERYTHING = Scope()
A, B, C = (Matcher(name=name) for name in "abc")
A_OR_B = Matcher(name=("a", "b"))
PLAN = "properties.plan"
OUT = (Excluded(Matcher(name="x"), 1, 3), Excluded(Matcher(name="d"), 2, 3))
FORMS = {
    "over names": Funnel((A, B, A, C)),
    "over names, window": Funnel((A, B, C), window_s=20),
    "over events, window": Funnel((A_OR_B, A, C), window_s=20, window_from="previous"),
    "one step": Funnel((A,)),
    "by person": Funnel((A, B, C), by="user"),
    "by person, window": Funnel((A, B, A), by="user", window_s=4),
    "value of a session": Funnel((A, B, C), breakdown="device"),
    "by a session's field": Funnel((A, B, C), by="device"),
    "by an event's field, window": Funnel((A, B, C), by=PLAN, window_s=20, window_from="previous"),
    "strict": Funnel((A, B), order="strict", exclusions=(Excluded(Matcher(name="x"), 1, 2),)),
    "strict by person": Funnel((A, B), order="strict", by="user", window_s=5),
    "exclusions": Funnel((A, B, C), by="user", window_s=60, exclusions=OUT),
    "simultaneous": Funnel((A, B, C), simultaneous_s=2),
    "like PostHog": Funnel((A, B, C), count_like="posthog", exclusions=OUT),
    "like ClickHouse": Funnel((A, A, A_OR_B, C), count_like="clickhouse"),
    "unordered": Funnel((A, B, C), order="unordered", window_s=30, exclusions=OUT),
    "unordered, shared events": Funnel((A_OR_B, A, A, C), order="unordered", by="user"),
    "optional steps": Funnel((A, OptionalStep(name="b"), OptionalStep(name="d"), C), by="user", window_s=100),
    "a pattern": Funnel((A, PatternStep(pattern="b -> !d -> c within 1m"), PatternStep(pattern="a => (end)"))),
    "constant": Funnel((A, B, C), by="user", constant=PLAN),
    "first time": Funnel((Matcher(name="a", first_time=True), B, C), by="user"),
    "filters": Funnel((Matcher(where=(Filter("device", "is", "phone"),)), Matcher(where=(Filter(PLAN, "is_set"),)))),
    "first touch": Funnel((A, B, C), breakdown=PLAN),
    "last touch of a person": Funnel((A, B, C), by="user", breakdown="device", attribution="last_touch"),
    "all steps": Funnel((A, B, C), by="user", breakdown=PLAN, attribution="all_steps"),
    "all steps, strict": Funnel((A, B), order="strict", breakdown=PLAN, attribution="all_steps"),
    "step": Funnel((A, B, C), by="user", breakdown="device", attribution="step", attribution_step=2),
    "histogram": Funnel((A, B, C), by="user", histogram=Histogram(1, 3)),
    "trend": Funnel((A, B, C), by="user", window_s=30, trend="day"),
    "weekly trend": Funnel((A, B, C), order="unordered", trend="week"),
}


# what an ordinary run asks; each costs seconds on Spark, and the others are made of the same parts
FIRST = (
    "over names, window",
    "by person, window",
    "value of a session",
    "strict by person",
    "like PostHog",
    "unordered, shared events",
    "optional steps",
    "a pattern",
    "step",
)


def each_form():
    for name, params in FORMS.items():
        yield pytest.param(params, id=name, marks=() if name in FIRST else pytest.mark.slow)


@pytest.fixture(scope="module")
def engines(on_spark):
    dice = random.Random(8)
    plans = [None, "free", "paid"]
    devices = [dice.choice([None, "phone", "desktop"]) for _ in range(40)]
    events, at = [], 0
    for _ in range(400):
        at += dice.choice([0, 0, 1, 2, 5]) * SECOND
        where = dice.randrange(40)
        events.append(Event(where, where % 15, at, dice.choice("aabbccdx"), dice.choice(plans), devices[where]))
    for where in range(40, 60):  # of people whose sessions follow one another
        for _ in range(8):
            at += dice.choice([0, 1, 2, 5]) * SECOND
            events.append(Event(where, where % 5 + 15, at, dice.choice("aabbccdx"), dice.choice(plans), "phone"))
        at += SECOND
    store = DuckStore.open(":memory:", threads=1)
    stored(store, events)
    yield store, on_spark(store)
    store.close()


@pytest.mark.parametrize("params", list(each_form()))
def test_equal_answers(engines, params):
    equal(engines, params, EVERYTHING)


def test_people_of_some_sessions(engines):
    equal(engines, FORMS["by person, window"], Scope(where=(Filter("device", "is", "phone"),)))


def equal(engines, params, scope):
    here, there = (funnel.run(engine, params, scope) for engine in engines)
    assert here.steps[0].count > 1, "the form counts something"
    for name in ("breakdowns", "histogram", "trend"):
        assert rounded(getattr(here, name)) == rounded(getattr(there, name))
    assert rounded(here.steps) == rounded(there.steps)
    asked = Dropouts(**vars(params), **({"bin": 1} if params.histogram else {"step": 1}), limit=1000)
    lists = [dropouts.run(engine, asked, scope) for engine in engines]
    assert lists[0].rows == lists[1].rows


def rounded(value):
    """Means of doubles have no order; to a microsecond they agree."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, tuple):
        return tuple(map(rounded, value))
    return tuple(map(rounded, vars(value).values())) if hasattr(value, "__dict__") else value
