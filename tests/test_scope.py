"""Scope and filters: SQL, values and words as a table; no data is needed. Their meaning on data follows below."""

import json
from datetime import date, datetime, timedelta

import pytest

from analytics import grouping, registry
from analytics.conditions import Filter, Matcher, glob
from analytics.errors import InvalidQuestion
from analytics.query import JsonKey
from analytics.scope import Scope


@pytest.mark.parametrize(
    ("filter_", "sql", "values", "words"),
    [
        (Filter("country", "is", "DE"), "coalesce(country = $f_value, false)", {"f_value": "DE"}, "country is DE"),
        (
            Filter("country", "is_not", "DE"),
            "NOT coalesce(country = $f_value, false)",
            {"f_value": "DE"},
            "country is not DE",
        ),
        (
            Filter("page", "contains", "Pay"),
            "coalesce(strpos(lower(page), lower($f_value)) > 0, false)",
            {"f_value": "Pay"},
            "page contains Pay",
        ),
        (
            Filter("value", "is", "10"),  # a number is compared as one, however it is written
            "coalesce(CAST(value AS DOUBLE) = $f_value, false)",
            {"f_value": 10.0},
            "value is 10",
        ),
        (
            Filter("properties.a.b", "gt", 3),  # one literal key, dot included; what is no number is skipped
            "coalesce(try_cast(nullif(properties ->> $f_key, '') AS DOUBLE) > $f_value, false)",
            {"f_key": JsonKey("a.b"), "f_value": 3.0},
            "a.b is above 3",
        ),
        (
            Filter("properties.plan", "is", True),
            "coalesce(nullif(properties ->> $f_key, '') = $f_value, false)",
            {"f_key": JsonKey("plan"), "f_value": "true"},
            "plan is true",
        ),
        (
            Filter("browser", "in", ("Safari", "Edge")),
            "coalesce(list_contains($f_value, browser), false)",
            {"f_value": ["Safari", "Edge"]},
            "browser is one of Safari or Edge",
        ),
        (Filter("campaign", "is_not_set"), "NOT (campaign IS NOT NULL)", {}, "campaign is unknown"),
    ],
)
def test_a_filter_is_sql_values_and_words(filter_, sql, values, words):
    assert filter_.test("f") == (sql, values, words)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"where": [{"field": "pge", "op": "is", "value": "x"}]}', "There is no field 'pge'; did you mean 'page'?"),
        ('{"where": [{"field": "page", "op": "near", "value": "x"}]}', '"near"'),
        ('{"where": [{"field": "page", "op": "in", "value": "x"}]}', "needs a list of values, not 'x'"),
        ('{"where": [{"field": "page", "op": "is"}]}', "needs one value, not None"),
        ('{"start": "yesterday"}', '"yesterday"'),
        ('{"start": "2026-03-02", "stop": "2026-03-02"}', "stops (2026-03-02) before it has a day"),
        ('{"segment": 7}', "segment is 7"),
        ('{"device": ["phone"]}', "device"),
        ("{", "the scope"),
    ],
)
def test_a_wrong_scope_is_told_with_its_value(text, sentence):
    with pytest.raises(InvalidQuestion) as error:
        registry.scope(text)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


TEXTS = ["/a", "/a/b", "/a%", "/a_c", "/abc", "a!b", "b"]


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("/a*", ["/a", "/a/b", "/a%", "/a_c", "/abc"]),
        ("*b", ["/a/b", "a!b", "b"]),
        ("/a%", ["/a%"]),
        ("/a_c", ["/a_c"]),
        ("/a_*", ["/a_c"]),
        ("*!*", ["a!b"]),
        ("a!b", ["a!b"]),
        ("*", TEXTS),
        ("/A", []),
    ],
)
def test_in_a_glob_only_the_star_is_special(pattern, matches, store_of):
    assert fitting(store_of([]), pattern, TEXTS) == sorted(matches)


PAGES = [
    *("/user/1/orders", "/user/a.b/orders", "/user//orders", "/user/1/2/orders", "/user/1/orders/", "/user/1/orders\n"),
    *("/user/:id/orders", "/en/user/1", "/en/user/1/x", "/user/:id%", "/user/12%"),
]


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        pytest.param("/user/:id/orders", ["/user/1/orders", "/user/a.b/orders", "/user/:id/orders"], id="one segment"),
        pytest.param("/:lang/user/*", ["/en/user/1", "/en/user/1/x"], id="with a star"),
        pytest.param(
            "/:a/:b_2/:c3",
            ["/user/1/orders", "/user/a.b/orders", "/user/1/orders\n", "/user/:id/orders", "/en/user/1"],
            id="three",
        ),
        pytest.param("/user/:id%", ["/user/:id%"], id="a name ends with its segment"),
        pytest.param("/user/:1/orders", [], id="a name begins with a letter"),
        pytest.param("/user/1*:id/orders", [], id="a name is the whole segment"),
    ],
)
def test_a_segment_by_name_is_any_one_segment(pattern, matches, store_of):
    assert fitting(store_of([]), pattern, PAGES) == sorted(matches)
    assert [page for page in sorted(PAGES) if grouping.matches(page, pattern)] == sorted(matches)


def fitting(store, pattern, texts):
    condition = glob("value", pattern, "p")
    sql = f"SELECT value FROM (SELECT unnest($texts) AS value) WHERE {condition.sql} ORDER BY value"
    with store.reading_cursor() as cursor:
        return [value for (value,) in cursor.execute(sql, {"texts": texts, **condition.params}).fetchall()]


STORY = [
    # session s1: a buyer on a phone; s2: looked twice on a desktop; s3: without a device
    {"session_id": "s1", "user_id": "u1", "event": "page_view", "page": "/", "device": "phone",
     "properties": {"plan": "a"}},
    {"session_id": "s1", "user_id": "u1", "event": "order", "value": 10, "user_properties": {"tier": "gold"}},
    {"session_id": "s2", "user_id": "u2", "event": "page_view", "page": "/", "device": "desktop"},
    {"session_id": "s2", "user_id": "u2", "event": "page_view", "page": "/cart", "properties": {"plan": "b", "n": "7"}},
    {"session_id": "s3", "anonymous_id": "a3", "event": "page_view", "page": "/it's <b>", "properties": {"n": "many"}},
]  # fmt: skip


@pytest.fixture
def story(store_of):
    start = datetime(2026, 3, 2, 9)
    return store_of([row | {"timestamp": start + timedelta(minutes=n)} for n, row in enumerate(STORY)])


LONG = ["a", "b", *(f"x{n}" for n in range(30))]  # hashed, not read value by value


@pytest.mark.parametrize(
    ("scope", "sessions"),
    [
        pytest.param({}, "s1 s2 s3", id="everything"),
        pytest.param({"start": "2026-03-02", "stop": "2026-03-03"}, "s1 s2 s3", id="the day itself"),
        pytest.param({"start": "2026-03-03"}, "", id="the day after"),
        pytest.param({"stop": "2026-03-02"}, "", id="stop is outside"),
        pytest.param({"devices": ["phone"]}, "s1", id="device"),
        pytest.param({"devices": ["phone", "desktop"]}, "s1 s2", id="either device"),
        pytest.param({"imports": [1]}, "s1 s2 s3", id="the import"),
        pytest.param({"imports": [2]}, "", id="no such import"),
        pytest.param([("page", "is", "/cart")], "s2", id="at least one event"),
        pytest.param([("page", "is_not", "/cart")], "s1 s3", id="none that is"),
        pytest.param([("page", "is", "/it's <b>")], "s3", id="a quote is part of the name"),
        pytest.param([("event", "is_set", None)], "s1 s2 s3", id="known"),
        pytest.param([("value", "is_not_set", None)], "s2 s3", id="nowhere known"),
        pytest.param([("page", "contains", "CART")], "s2", id="contains ignores case"),
        pytest.param([("page", "regex", "^/c.rt$")], "s2", id="regex"),
        pytest.param([("page", "not_regex", "cart|it")], "s1", id="no event that matches"),
        pytest.param([("value", "is", 10)], "s1", id="a number is a number"),
        pytest.param([("value", "gte", 10)], "s1", id="at least"),
        pytest.param([("properties.n", "gt", 5)], "s2", id="what is no number is skipped"),
        pytest.param([("properties.plan", "in", ["a", "b"])], "s1 s2", id="one of"),
        pytest.param([("properties.plan", "in", LONG)], "s1 s2", id="one of many"),
        pytest.param([("properties.n", "in", [7, *range(50, 80)])], "s2", id="one of many numbers"),
        pytest.param([("device", "not_in", LONG)], "s1 s2 s3", id="none of many"),
        pytest.param([("device", "not_in", ["phone", *LONG])], "s2 s3", id="none of many, unknown passes"),
        pytest.param([("user.tier", "is", "gold")], "s1", id="the person's latest"),
        pytest.param([("user.tier", "is_not", "gold")], "s2 s3", id="a person without it passes"),
        pytest.param([("user_id", "is", "u2")], "s2", id="user id"),
        pytest.param([("anonymous_id", "is", "a3")], "s3", id="anonymous id"),
        pytest.param([("device", "is_not", "phone")], "s2 s3", id="an unknown device passes is_not"),
        pytest.param([("device", "is_not_set", None)], "s3", id="unknown device"),
        pytest.param([("duration_s", "gte", 60)], "s1 s2", id="duration in seconds"),
        pytest.param([("session.value", "is", 10)], "s1", id="the session's own value"),
        pytest.param([("page", "is", "/"), ("page", "is", "/cart")], "s2", id="each filter by itself"),
    ],
)
def test_which_sessions_are_in_scope(scope, sessions, story):
    if isinstance(scope, list):
        where = [{"field": field, "op": op} | ({} if value is None else {"value": value}) for field, op, value in scope]
        scope = {"where": where}
    assert listed(story, registry.scope(json.dumps(scope))) == sessions.split()


def test_any_and_all_nest(story):
    scope = registry.scope(
        """{"where": [{"any": [{"field": "page", "op": "is", "value": "/cart"},
                               {"all": [{"field": "device", "op": "is", "value": "phone"},
                                        {"field": "event", "op": "is", "value": "order"}]}]}]}"""
    )
    assert listed(story, scope) == ["s1", "s2"]
    assert scope.describe() == "(page is /cart or (device is phone and event is order))"


@pytest.mark.parametrize(
    ("matcher", "events"),
    [
        pytest.param(Matcher(), 5, id="any event"),
        pytest.param(Matcher(name="page_view"), 4, id="by name"),
        pytest.param(Matcher(name=("order", "page_view")), 5, id="either name"),
        pytest.param(Matcher(page="/*"), 4, id="an event without a page has none"),
        pytest.param(Matcher(where=(Filter("device", "is", "phone"),)), 2, id="the session's device"),
        pytest.param(Matcher(where=(Filter("page", "is_not", "/cart"),)), 4, id="a missing page passes is_not"),
        pytest.param(Matcher(where=(Filter("user.tier", "is", "gold"),)), 2, id="the person's latest"),
        pytest.param(Matcher(name="page_view", first_time=True), 3, id="each person's first"),
        pytest.param(Matcher(page="/cart", first_time=True), 1, id="first that matches it all"),
        pytest.param(
            Matcher(name="page_view", page="/cart", first_time="name"), 0, id="first of the name, then the rest"
        ),
    ],
)
def test_which_events_a_matcher_picks(matcher, events, story):
    condition = matcher.test("m")
    query = Scope().query(f"SELECT count(*) AS sessions FROM scoped WHERE {condition.sql}", **condition.params)
    assert story.rows(query, registry.InScope)[0].sessions == events


def test_two_scopes_narrow_to_what_is_in_both():
    ours = Scope(date(2026, 3, 1), date(2026, 4, 1), devices=("phone",))
    theirs = Scope(date(2026, 3, 15), None, releases=("1.1",))
    both = ours.narrowed(theirs)
    assert (both.start, both.stop) == (date(2026, 3, 15), date(2026, 4, 1))
    assert both.describe() == "15 Mar to 31 Mar 2026, release 1.1, on phone".replace(" Mar", "\u00a0Mar").replace(
        "Mar 2026", "Mar\u00a02026"
    )
    with pytest.raises(InvalidQuestion, match="no day in common"):
        ours.narrowed(Scope(date(2026, 5, 1), None))
    both = ours.narrowed(Scope(devices=("phone", "tablet"), imports=(3,)))
    assert (both.devices, both.where, both.imports) == (
        ("phone", "tablet"), (Filter("device", "in", ("phone",)),), (3,),
    )  # fmt: skip
    assert both.narrowed(both) == both
    with pytest.raises(InvalidQuestion, match="imports once"):
        both.narrowed(Scope(imports=(4,)))


def listed(store, scope):
    from analytics.analyses import sessions

    return sorted(row.session_id for row in sessions.run(store, sessions.Sessions(), scope).rows)
