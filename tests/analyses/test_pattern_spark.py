"""Every form of a pattern's statements gives equal answers on Spark; the one EXAMPLE is of the general form only."""

import pytest

from analytics import registry
from analytics.analyses import pattern, pattern_sessions
from analytics.analyses.pattern import Pattern
from analytics.analyses.pattern_sessions import PatternSessions
from analytics.scope import Scope, Segment
from tests.analyses.test_pattern_oracle import world_in

pytestmark = pytest.mark.spark
FORMS = {
    "names in their order": "a -> b -> c",
    "alternatives, none of, runs of names": "(start) -> !c -> (a | b){1,2} => any",
    "pages": "page:/p -> !page:/q -> page:*",
    "wildcards, times, both levels": 'a* -> !"a b" -> page:/p* within 5s -> any after 400ms => (end)',
    "runs, a group, filters": "(b+ -> any[value > 50]) within 1m -> page:*{1,2}",
}


@pytest.fixture(scope="module")
def engines(on_spark, tmp_path_factory):
    store = world_in(tmp_path_factory.mktemp("patterns")).store
    yield store, on_spark(store)
    store.close()


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_equal_answers(engines, text):
    here, there = (pattern_sessions.run(engine, PatternSessions(text, limit=500), Scope()) for engine in engines)
    assert here.rows == there.rows
    assert here.total > 5, "the form finds something"
    assert len({registry.sessions_in(engine, Scope(pattern=text)) for engine in engines}) == 1


def test_equal_figures(engines):
    here, there = (pattern.run(engine, Pattern("b => any", every=True), Scope()) for engine in engines)
    assert (here.counts, here.median_ms, here.matches) == (there.counts, there.median_ms, there.matches)


def test_equal_sessions_in_and_outside_of_segments(engines):
    """The names stand for scopes with patterns of their own, as `workspace.segments` looks them up."""
    general = Segment("general", Scope(pattern=FORMS["wildcards, times, both levels"]))
    named = Segment("named", Scope(pattern=FORMS["names in their order"], outside=general))
    everybody = registry.sessions_in(engines[0], Scope())
    for segment in (general, named):
        inside, outside = (
            {registry.sessions_in(engine, scope) for engine in engines}
            for scope in (Scope(segment=segment), Scope(outside=segment))
        )
        assert len(inside) == len(outside) == 1
        assert inside.pop() + outside.pop() == everybody
