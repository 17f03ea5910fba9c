"""Segments: the same as their filters written out, in every question; nested, changed, renamed, gone."""

import json

import pytest

from analytics import cli, registry
from analytics.conditions import Filter
from analytics.errors import InvalidQuestion
from analytics.scope import Scope, Segment
from analytics.store import DuckStore
from analytics.workspace import saved, segments

PHONES = Scope(releases=("1.1",), devices=("phone",), where=(Filter("page", "is_not", "/help"),))
ORDERED = Scope(pattern="page:/cart -> order within 30m")


def resolved(store, asked):
    return segments.resolved(asked, lambda: segments.known(store))


def count(store, scope):
    return registry.sessions_in(store, resolved(store, scope))


@pytest.fixture
def store(journeys):
    """s1 buys, s2 asks for help and buys, s3 looks, s4 buys twice."""
    return journeys("/cart order", "/cart /help order", "/cart", "/cart order order")


def test_a_segment_is_asked_as_its_filters(store):
    segments.save(store, "buyers", Scope(where=(Filter("event", "is", "order"),)))
    assert count(store, Scope(segment="buyers")) == 3
    both = Scope(segment="buyers", where=(Filter("page", "is_not", "/help"),))
    assert count(store, both) == 2
    assert resolved(store, both).describe() == "segment buyers, page is not /help"
    assert registry.dump(resolved(store, both))["segment"] == "buyers"
    assert registry.dump(resolved(store, both).segment) == "buyers"


def test_one_may_build_on_another(store):
    segments.save(store, "buyers", Scope(where=(Filter("event", "is", "order"),)))
    segments.save(store, "helped", Scope(segment="buyers", where=(Filter("page", "is", "/help"),)))
    segments.save(store, "patterned", Scope(segment="buyers", pattern="order -> order"))
    assert count(store, Scope(segment="helped")) == 1
    assert count(store, Scope(segment="patterned", pattern="page:/cart -> order within 1m")) == 1
    assert count(store, Scope(segment="patterned", pattern="page:/help -> order")) == 0


def test_names_of_values_do_not_meet(store):
    """Scope and segment filter the same fields: each by its own values."""
    segments.save(store, "one", Scope(imports=(1,), where=(Filter("page", "is", "/cart"), Filter("errors", "lt", 1))))
    here = Scope(segment="one", imports=(2,), where=(Filter("page", "is", "/help"),))
    assert count(store, here) == 0
    assert count(store, Scope(segment="one", imports=(1,), where=here.where)) == 1
    assert {"scope_imports", "scope_segment_imports"} <= resolved(store, here).query(registry.COUNT).params.keys()


def test_days_are_no_part_of_it(store):
    segments.save(store, "buyers", Scope(**DAY, where=(Filter("event", "is", "order"),)))
    assert saved.all_of(store, "segment")[0].value.keys() == {"where"}
    assert count(store, Scope(segment="buyers")) == 3
    assert count(store, Scope(segment="buyers", **DAY)) == 0
    with pytest.raises(InvalidQuestion, match="days alone are no segment"):
        segments.save(store, "the day", Scope(**DAY))


def test_all_others(store):
    segments.save(store, "buyers", Scope(where=(Filter("event", "is", "order"),)))
    segments.save(store, "twice", Scope(pattern="order -> order"))
    segments.save(store, "once", Scope(segment="buyers", outside="twice"))
    everybody = registry.sessions_in(store, Scope())
    for name, sessions in (("buyers", 3), ("twice", 1), ("once", 2)):
        inside, outside = Scope(segment=name), Scope(outside=name)
        assert (count(store, inside), count(store, outside)) == (sessions, everybody - sessions)
        assert count(store, Scope(segment=name, outside=name)) == 0
        assert count(store, Scope(outside=name, where=(Filter("page", "is", "/cart"),))) == everybody - sessions
    assert count(store, Scope(outside="twice", pattern="page:/help -> order")) == 1
    assert resolved(store, Scope(outside="once")).describe() == "not in segment once"
    assert [one.name for one in saved.users_of(store, "segment", "twice")] == ["once"]
    saved.rename(store, saved.users_of(store, "segment", "twice")[0].id, "one order")
    with pytest.raises(InvalidQuestion, match="'twice' builds on 'one order' builds on 'twice'"):
        segments.save(store, "twice", Scope(outside="one order"), replace=True)


DAY = {"start": registry.scope('{"start": "2026-03-03"}').start}


@pytest.mark.parametrize("name", ["funnel", "paths", "retention", "heatmap", "sessions", "pattern"])
def test_every_analysis_says_the_same_as_with_the_filters_written_out(two_weeks_kept, name):
    module, store = registry.analysis(name), two_weeks_kept
    alone, patterned = (resolved(store, Scope(segment=each)) for each in ("phones", "ordered phones"))
    written = Scope(**{**vars(PHONES), "pattern": ORDERED.pattern})
    for asked, same in (
        (alone, PHONES),
        (patterned, written),
        (resolved(store, Scope(segment="phones", pattern=ORDERED.pattern)), written),
    ):
        found, wanted = (registry.answer(store, module, module.EXAMPLE, scope) for scope in (asked, same))
        assert found["sessions_in_scope"] > 0
        for answer in (found, wanted):
            answer.pop("scope"), answer.pop("scope_in_words")
        assert found == wanted


@pytest.fixture(scope="module")
def two_weeks_kept(two_weeks):
    segments.save(two_weeks, "phones", PHONES, replace=True)
    segments.save(two_weeks, "ordered phones", Scope(segment="phones", pattern=ORDERED.pattern), replace=True)
    return two_weeks


def test_a_segment_in_the_parameters(two_weeks_kept):
    module, store = registry.analysis("compare"), two_weeks_kept
    asked = registry.params(module, '{"before": {"segment": "phones"}, "after": {"devices": ["desktop"]}}')
    found = resolved(store, asked)
    assert isinstance(found.before.segment, Segment)
    assert found.after is asked.after
    assert resolved(store, found) is found
    written = registry.params(module, json.dumps({"before": registry.dump(PHONES), "after": {"devices": ["desktop"]}}))
    by_segment, by_filters = (
        [(metric.metric, metric.before.n, metric.after.people) for metric in module.run(store, each, Scope()).metrics]
        for each in (found, written)
    )
    assert by_segment == by_filters


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("buyer", "There is no segment 'buyer'; there are 'builds', 'buyers', 'ring' and 'round'."),
        ("builds", "There is no segment 'gone', which 'builds' builds on; there are"),
        ("ring", "A segment cannot build on itself: 'ring' builds on 'round' builds on 'ring'."),
    ],
)
def test_what_cannot_be_resolved_is_a_sentence(store, name, sentence):
    segments.save(store, "buyers", Scope(where=(Filter("event", "is", "order"),)))
    for other, body in (("builds", "gone"), ("ring", "round"), ("round", "ring")):
        saved.save(store, "segment", other, {"segment": body})
    with pytest.raises(InvalidQuestion) as error:
        resolved(store, Scope(segment=name))
    assert sentence in str(error.value)


def test_one_that_comes_back_to_itself_is_not_saved(store):
    segments.save(store, "a", PHONES)
    segments.save(store, "b", Scope(segment="a", devices=("phone",)))
    with pytest.raises(InvalidQuestion, match="'a' builds on 'b' builds on 'a'"):
        segments.save(store, "a", Scope(segment="b"), replace=True)
    with pytest.raises(InvalidQuestion, match="There is no segment 'c', which 'd' builds on; there are 'a' and 'b'"):
        segments.save(store, "d", Scope(segment="c"))


def test_a_change_makes_new_answers(store):
    segments.save(store, "s", Scope(where=(Filter("event", "is", "order"),)))
    before = resolved(store, Scope(segment="s")).query(registry.COUNT).key
    segments.save(store, "s", Scope(segment="s", where=(Filter("page", "is", "/help"),)), replace=True)
    after = resolved(store, Scope(segment="s"))
    assert after.query(registry.COUNT).key != before
    assert count(store, after) == 1  # filters built on itself are added to what it said


def test_a_name_that_was_not_looked_up_is_refused():
    with pytest.raises(InvalidQuestion, match="'buyers' is only a name here"):
        Scope(segment="buyers").query(registry.COUNT)


def test_two_scopes_of_one_segment_each(store):
    for name in ("a", "b"):
        segments.save(store, name, Scope(where=(Filter("event", "is", "order"),)))
    one, other = (resolved(store, Scope(segment=name)) for name in ("a", "b"))
    assert one.narrowed(Scope(devices=("phone",))).segment == "a"
    assert Scope(devices=("phone",)).narrowed(one).segment == "a"
    with pytest.raises(InvalidQuestion, match="one segment; these two have one each, a and b"):
        one.narrowed(other)


def test_what_uses_it_follows_its_name(store):
    made = segments.save(store, "buyers", Scope(where=(Filter("event", "is", "order"),)))
    segments.save(store, "helped", Scope(segment="buyers", devices=("phone",)))
    saved.save(store, "view", "a view", {"link": {"segment": ["buyers"]}})
    saved.save(store, "funnel", "none", {"steps": [{"name": "buyers"}]})
    assert [one.name for one in saved.users_of(store, "segment", "buyers")] == ["helped", "a view"]
    saved.rename(store, made, "people who buy")
    assert [one.value for one in saved.users_of(store, "segment", "people who buy")] == [
        {"devices": ["phone"], "segment": "people who buy"},
        {"link": {"segment": ["people who buy"]}},
    ]
    assert saved.users_of(store, "segment", "buyers") == []
    assert count(store, Scope(segment="helped")) == 0


def test_of_another_version(store):
    saved.save(store, "segment", "old", {"colour": "red"})
    with pytest.raises(InvalidQuestion, match="'old' was saved by another version"):
        resolved(store, Scope(segment="old"))


def test_on_the_command_line(kept_file, capsys):
    capsys.readouterr()
    steps = '{"steps": [{"name": "order"}, {"name": "order"}]}'
    ask = ["ask", "funnel", "--store", str(kept_file), "--params", steps]
    assert cli.main([*ask, "--scope", '{"segment": "phones"}']) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["scope"]["segment"], answer["scope_in_words"]) == ("phones", "segment phones")
    assert answer["sessions_in_scope"] == 1
    assert cli.main([*ask, "--scope", '{"segment": "phones"}', "--format", "sql"]) == 0
    assert "scope_segment_device" in capsys.readouterr().out
    assert cli.main([*ask, "--scope", '{"segment": "x"}']) == 2
    assert capsys.readouterr().err == "There is no segment 'x'; there is 'phones'.\n"


@pytest.fixture
def kept_file(tmp_path):
    rows = [
        {"timestamp": "2026-03-02T09:00:00Z", "event": "order", "user_id": "u1", "device": "phone"},
        {"timestamp": "2026-03-02T09:01:00Z", "event": "order", "user_id": "u2", "device": "desktop"},
    ]
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert cli.main(["import", str(tmp_path / "events.jsonl"), "--store", str(tmp_path / "s.duckdb")]) == 0
    store = DuckStore.open(tmp_path / "s.duckdb")
    segments.save(store, "phones", Scope(devices=("phone",)))
    store.close()
    return tmp_path / "s.duckdb"
