"""Every analysis gives equal answers on DuckDB and on Spark. Transpiling is no proof; running both is."""

import math
from dataclasses import fields, is_dataclass

import pytest

from analytics import registry
from analytics.query import JsonKey, Query

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def spark(two_weeks, on_spark):
    return on_spark(two_weeks)


PLAINLY = '{"start": "2026-09-02", "stop": "2026-09-12", "devices": ["phone", "desktop"]}'
FILTERED = """{"start": "2026-09-02", "stop": "2026-09-12", "devices": ["phone", "desktop"],
    "where": [{"field": "page", "op": "is_not", "value": "/help"},
              {"any": [{"field": "clicks", "op": "gt", "value": 1},
                       {"field": "page", "op": "regex", "value": "^/product/.*a"}]}]}"""
# A scope is the same SQL in front of each; one of each kind of table, and of two scopes at once, is asked with filters
# of events, too.
ALSO_FILTERED = ("overview", "heatmap", "paths", "sessions", "compare_people")
# these name the funnel's CTEs again, each of which Spark works out anew, and two weeks of events are too many for that:
# analyses/test_funnel_results_spark.py has fewer
MOST_OFTEN_NAMED = ("correlated", "funnel_correlation")
CASES = [
    pytest.param(name, scope, id=f"{name}-{word}")
    for name in registry.modules()
    if name not in MOST_OFTEN_NAMED
    for word, scope in (("plain", PLAINLY), ("filtered", FILTERED))
    if word == "plain" or name in ALSO_FILTERED
]


@pytest.mark.parametrize(("name", "scope"), CASES)
def test_equal_answers(name, scope, two_weeks, spark):
    module = registry.analysis(name)
    here = module.run(two_weeks, module.EXAMPLE, registry.scope(scope))
    there = module.run(spark, module.EXAMPLE, registry.scope(scope))
    assert equal(here, there), first_difference(here, there)


VALUES = """
SELECT
    nullif(properties ->> $key, '') AS found,
    strpos(lower(text), lower($part)) > 0 AS contains,
    text LIKE $like ESCAPE '!' AS likes,
    regexp_matches(text, $regex) AS matches,
    coalesce(list_contains($list, text), false) AS listed,
    try_cast(text AS DOUBLE) AS number
FROM (SELECT CAST($properties AS VARCHAR) AS properties, CAST($text AS VARCHAR) AS text) AS one
"""


@pytest.mark.parametrize(
    ("properties", "key", "text"),
    [
        ('{"$a": "x"}', "$a", "it's 50 %"),
        ('{"a.b": 1.0}', "a.b", "12.5"),
        ('{"a/b": true}', "a/b", "a_b"),
        ('{"a\\"b": "q"}', 'a"b', "1e3"),
        ('{"a": {"b": 1}}', "a", "<b>"),
        ('{"a": null}', "a", ""),
        ('{"a": 12345678901234567890}', "a", "it's"),
        ("{}", "missing", "50 %"),
        ('{"a": ""}', "a", "É"),
    ],
)
def test_values_are_read_alike(properties, key, text, two_weeks, spark):
    values = {"key": JsonKey(key), "part": "IT'S", "like": "%50 !%%", "regex": "^[a-z]+.s", "list": ["it's", "x"]}
    query = Query(VALUES, values | {"properties": properties, "text": text})
    assert list(two_weeks.batches(query)) == list(spark.batches(query))


def equal(one, other):
    if is_dataclass(one) and type(one) is type(other):
        return all(equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)  # sums of doubles have no order
    return one == other


def first_difference(one, other):
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if not equal(mine, theirs) and isinstance(mine, tuple):
            pairs = [pair for pair in zip(mine, theirs, strict=False) if not equal(*pair)]
            return f"{field.name}: {len(mine)} and {len(theirs)} rows, first different {pairs[:1]}"
    return "elsewhere"
