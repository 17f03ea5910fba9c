"""Element twins: one name came as the other went."""

from datetime import timedelta

import pytest

from analytics.analyses import element_twins
from analytics.analyses.element_twins import ElementTwins
from analytics.errors import InvalidQuestion
from analytics.scope import Scope
from analytics.workspace import remaps
from tests.conftest import START


def clicks(element, first, last, text="Pay now", page="/pay", **more):
    """One a day from day `first` to day `last`, each in a session of its own."""
    return [
        {
            "timestamp": START + timedelta(days=day), "event": "click", "session_id": f"{element}{text}{page}{day}",
            "user_id": "u", "page": page, "element": element, "text": text, **more,
        }
        for day in range(first, last + 1)
    ]  # fmt: skip


def found(store, **params):
    twins = element_twins.run(store, ElementTwins(least=3, **params), Scope()).twins
    return [(one.earlier, one.later, one.earlier_clicks, one.later_clicks) for one in twins]


def test_what_came_as_the_other_went(store_of):
    store = store_of(clicks("#pay", 0, 9) + clicks("#pay-now", 8, 20))
    assert found(store) == [("#pay", "#pay-now", 10, 13)]
    assert found(store, overlap_days=0) == []
    (twin,) = element_twins.run(store, ElementTwins(), Scope()).twins
    assert (twin.text, twin.page) == ("Pay now", "/pay")
    assert (twin.last_seen - twin.first_seen).days == 1
    remaps.save(store, "Pay", ["#pay*"])
    assert found(store) == [], "they are one now"


@pytest.mark.parametrize(
    "other",
    [
        clicks("#pay-now", 2, 20),  # side by side
        clicks("#pay-now", 10, 11),  # too few
        clicks("#pay-now", 10, 20, text="Pay"),
        clicks("#pay-now", 10, 20, page="/other"),
        clicks("#pay-now", 10, 20, text=None),
        clicks("#pay-now", 10, 20) + clicks("#pay-now", 12, 13, text="Pay later"),
        clicks("input#pay", 10, 20),
    ],
    ids=["side by side", "few", "another text", "another page", "no text", "several texts", "a field"],
)
def test_what_is_no_twin(store_of, other):
    assert found(store_of(clicks("#pay", 0, 9) + other)) == []


def test_what_cannot_be_asked():
    with pytest.raises(InvalidQuestion, match="0 clicks"):
        ElementTwins(least=0)
