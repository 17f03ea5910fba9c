"""What stands beside a funnel gives equal answers on Spark."""

from dataclasses import fields, replace
from datetime import date

import pytest

from analytics.analyses import correlated, dropouts, funnel, funnel_correlation, funnel_shares
from analytics.analyses.correlated import Correlated
from analytics.analyses.dropouts import Dropouts
from analytics.analyses.funnel import Funnel, Histogram
from analytics.analyses.funnel_correlation import FunnelCorrelation
from analytics.analyses.funnel_shares import FunnelShares
from analytics.scope import Scope
from tests.analyses import test_funnel_spark as forms
from tests.analyses.test_funnel_spark import A_OR_B, PLAN, A, B, C

pytestmark = pytest.mark.spark
engines = forms.engines
FEW = Funnel((A, B, C), breakdown=PLAN, breakdown_limit=1)
PARTS = FunnelCorrelation((A_OR_B, B), fields=("device", PLAN), window_s=60)
ASKED = {
    "a rest": (funnel, FEW),
    "a rest of several values a person": (funnel, replace(FEW, by="user", attribution="all_steps")),
    "round bars": (funnel, Funnel((A, B), by="user", histogram=Histogram(1, 2, even=False))),
    "who is in the rest": (dropouts, Dropouts(**vars(FEW), step=2, converted=True, rest=True, limit=500)),
    "who began on a day": (
        dropouts,
        Dropouts((A, B), by="user", trend="day", step=1, converted=True, period=date(2026, 3, 1), limit=500),
    ),
    "shares of sessions": (funnel_shares, FunnelShares((A, B, C), breakdown="device")),
    "shares with a rest": (funnel_shares, FunnelShares(**vars(FEW), pairs=((1, 3),))),
    "what parts sessions": (funnel_correlation, PARTS),
    "what parts people": (funnel_correlation, replace(PARTS, by="user", within_s=20)),
    "who had it": (correlated, Correlated(**vars(PARTS), kind=PLAN, value="free", limit=500)),
}


def near(one, other):
    """Equal, numbers to nine digits: sums are added in another order."""
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-9)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(near(*pair) for pair in zip(one, other, strict=True))
    if hasattr(one, "__dataclass_fields__"):
        names = [field.name for field in fields(one) if field.name != "queries"]
        return type(one) is type(other) and all(near(getattr(one, name), getattr(other, name)) for name in names)
    return bool(one == other)


@pytest.mark.parametrize(("module", "params"), ASKED.values(), ids=ASKED)
def test_both_engines_say_the_same(engines, module, params):
    duck, spark = engines
    here, there = (module.run(engine, params, Scope()) for engine in (duck, spark))
    assert near(here, there), (here, there)
