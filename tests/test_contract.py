"""What every analysis promises. A new module is picked up by existing."""

from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from analytics import registry
from analytics.analyses import event_sessions, overview
from analytics.errors import InvalidQuestion
from analytics.scope import Scope

SNAPSHOTS = Path(__file__).parent / "snapshots"
# A scope with every kind of filter, so that the snapshots show them
SCOPE = registry.scope(
    """{"start": "2026-08-03", "stop": "2026-10-26", "devices": ["phone"], "releases": ["1.0", "1.1"],
        "where": [{"field": "event", "op": "is_not", "value": "logout"},
                  {"any": [{"field": "properties.plan", "op": "is", "value": true},
                           {"field": "duration_s", "op": "gt", "value": 5}]}]}"""
)
MAY_READ = {"events", "sessions", "visits", "clicks"}
MEASURED = ("compare", "metric_days", "mix", "explanations")  # metrics of refused forms, and of new people
ALSO = {  # and why
    "codes": {  # which character of a session's string stands for a name
        *("pattern", "pattern_sessions", "retention", "stickiness", "lifecycle", "returners"),
        *("cluster_sessions", "item_changes", "item_sessions", "sessions", "session_totals", "lessons"),
        *MEASURED,
    },
    "users": {  # the person's id in a list; who has very many sessions
        *("sessions", "timeline", "dropouts", "correlated", "returners"),
        *("path_changes", "item_changes"),
        *MEASURED,
    },
    # what clicks call what they clicked
    "elements": {
        *("heatmap", "heatmap_sessions", "heatmap_changes", "element_twins"),
        *("elements", "element_outcomes", "outcome_sessions", "timeline"),
    },
    "identities": {"funnel", "dropouts"},  # a person's or user's id as a text
}
BASELINE = {  # all_events or all_clicks, and why
    "timeline",  # which elements usually do something
    *("retention", "stickiness", "lifecycle", "returners"),  # the first event ever; the last, which says what is over
}

NOTHING = {"element_twins"}  # in the sample no element's markup changes

each_analysis = pytest.mark.parametrize("name", registry.modules())


@each_analysis
def test_answers_on_the_sample(name, sample):
    module = registry.analysis(name)
    answer = registry.answer(sample, module, module.EXAMPLE, Scope())
    assert answer["sessions_in_scope"] > 20_000
    rows = registry.table(module.run(sample, module.EXAMPLE, Scope()))
    assert rows or name in NOTHING, "the example has an answer in the sample"


@each_analysis
def test_an_empty_scope_is_an_answer(name, sample):
    module = registry.analysis(name)
    answer = registry.answer(sample, module, module.EXAMPLE, Scope(date(1999, 1, 1), date(1999, 1, 2)))
    assert answer["sessions_in_scope"] == 0


@each_analysis
def test_parameters_survive_json(name):
    module = registry.analysis(name)
    import json

    assert registry.params(module, json.dumps(registry.dump(module.EXAMPLE))) == module.EXAMPLE
    assert registry.schema(module)["type"] == "object"
    with pytest.raises(InvalidQuestion, match="no_such_thing"):
        registry.params(module, '{"no_such_thing": 1}')


@each_analysis
def test_reads_only_what_is_in_scope(name):
    module = registry.analysis(name)
    for query in module.queries(module.EXAMPLE, SCOPE):
        tree = sqlglot.parse_one(query.sql, dialect="duckdb")
        own = {cte.alias for cte in tree.find_all(exp.CTE)}
        read = {table.name for table in tree.find_all(exp.Table)} - own
        extra = {table for table, names in ALSO.items() if name in names}
        assert read <= MAY_READ | extra
        assert not own & {"all_events", "all_clicks"} or name in BASELINE


@each_analysis
@pytest.mark.parametrize("dialect", ["duckdb", "spark"])
def test_sql_snapshot(name, dialect, request):
    module = registry.analysis(name)
    queries = module.queries(module.EXAMPLE, SCOPE)
    texts = [query.sql if dialect == "duckdb" else query.to_spark()[0] for query in queries]
    text = "\n;\n".join(texts) + "\n"
    file = SNAPSHOTS / f"{name}.{dialect}.sql"
    if request.config.getoption("--renew-snapshots"):
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text, "renew with pytest --renew-snapshots and read the difference"


@each_analysis
def test_says_what_it_is(name):
    module = registry.analysis(name)
    assert module.__doc__
    assert len(registry.question(module)) > 20
    assert is_dataclass(module.EXAMPLE)
    assert module.EXAMPLE.__dataclass_params__.frozen
    result = module.run.__annotations__["return"]
    assert "queries" in {field.name for field in fields(result)}


def test_there_is_no_analysis_of_that_name():
    with pytest.raises(InvalidQuestion, match="'funel'"):
        registry.analysis("funel")


def test_the_list_behind_a_goal_is_as_long_as_its_figure(sample):
    scope = Scope(devices=("phone",))
    total = overview.run(sample, overview.EXAMPLE, scope).totals.converted_sessions
    asked = event_sessions.EventSessions(overview.EXAMPLE.goal, limit=None)
    listed = event_sessions.run(sample, asked, scope)
    assert len(listed.rows) == listed.total == total > 0
