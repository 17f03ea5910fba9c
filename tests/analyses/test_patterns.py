"""What a pattern means, in small stories; what is said of one that cannot be read."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import cli, patterns, registry
from analytics.analyses import funnel, pattern, pattern_sessions
from analytics.analyses.pattern import Pattern
from analytics.analyses.pattern_sessions import PatternSessions
from analytics.conditions import Matcher
from analytics.errors import InvalidPattern, InvalidQuestion
from analytics.scope import Scope
from analytics.store import DuckStore


def those(store, text):
    """The sessions a pattern finds, as a list and as a scope."""
    rows = pattern_sessions.run(store, PatternSessions(text), Scope()).rows
    found = " ".join(sorted(row.session_id for row in rows))
    assert registry.sessions_in(store, Scope(pattern=text)) == len(rows)
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("cart", "s1 s2 s3 s5", id="one event"),
        pytest.param("cart -> pay", "s1 s2 s5", id="later, whatever lies between"),
        pytest.param("cart => pay", "s1 s5", id="the very next"),
        pytest.param("cart -> !help -> pay", "s1 s5", id="nothing of that in between"),
        pytest.param("!help -> pay", "s1 s3 s5", id="none before, from the start on"),
        pytest.param("cart -> !pay", "s3", id="none after, up to the end"),
        pytest.param("!cart", "s4", id="none at all"),
        pytest.param("(help | pay) -> cart", "s3", id="one or the other"),
        pytest.param("help | pay -> cart", "s3", id="| binds closer than ->"),
        pytest.param("(start) => cart", "s1 s2", id="the first event"),
        pytest.param("pay => (end)", "s2 s5", id="the last event"),
        pytest.param("pay -> (end)", "s1 s2 s3 s5", id="the end comes later, always"),
        pytest.param("cart{2}", "s5", id="twice in a row"),
        pytest.param("cart -> cart", "s5", id="one event serves one part"),
        pytest.param("any{4,}", "s5", id="at least four"),
        pytest.param("h* -> pay", "s2 s5", id="a wildcard"),
        pytest.param("home -> cart+ => pay", "s5", id="a run up to the next"),
        pytest.param("car -> pay", "", id="a name without a wildcard is whole"),
        pytest.param("(start) -> (end) within 1m", "s3 s4", id="how long a session took"),
        pytest.param("cart -> pay within 60s", "s1 s5", id="the limit is inside"),
        pytest.param("cart -> pay under 60s", "", id="under leaves it out"),
        pytest.param("cart -> pay over 1m", "s2 s5", id="over looks for a later or an earlier one"),
        pytest.param("cart -> pay after 2m", "s2 s5", id="after has its limit inside"),
        pytest.param("cart -> pay within 1 event", "s1 s5", id="counted in events"),
        pytest.param("nobody -> cart", "", id="an event nobody sent"),
    ],
)
def test_which_sessions(journeys, text, found):
    store = journeys("cart pay help", "cart help pay", "pay cart", "help home", "home cart cart pay")
    assert those(store, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("page:/cart => page:/pay", "s1 s3", id="the very next page, whatever was clicked"),
        pytest.param("page:/cart => click", "s1", id="the very next event"),
        pytest.param("page:/p* -> click", "s2", id="a page by a wildcard, then an event"),
        pytest.param("page:/cart -> !click -> page:/pay", "s3", id="no click before the next page"),
        pytest.param("page:/pay => (end)", "s1 s2 s3", id="the last page, whatever was clicked there"),
        pytest.param("page:/pay -> !any", "s1 s3", id="nothing at all afterwards"),
        pytest.param("(start) => page:/pay", "s2", id="the first page"),
        pytest.param("page:*{2}", "s1 s3", id="two pages in a row"),
        pytest.param("(page:/cart | click) -> page:/pay", "s1 s2 s3", id="a page or an event"),
        pytest.param("page_view -> click", "s1 s2", id="a page view is an event, too"),
        pytest.param("click => page:/pay", "s1 s2", id="the next page after an event"),
    ],
)
def test_pages_and_events(journeys, text, found):
    store = journeys("/cart click /pay", "click /pay click", "/cart scroll /pay")
    assert those(store, text) == found


def test_the_latest_part_before_is_not_always_the_one(journeys):
    # greedy reading takes the first cart and finds no pay within a minute; the second one does
    store = journeys("cart home cart pay", "cart home home pay")
    assert those(store, "cart -> pay within 1m") == "s1"
    # and a greedy start is too long ago
    assert those(store, "(cart -> any -> pay) within 2m") == ""
    assert those(store, "(cart -> home -> pay) within 3m") == "s1 s2"


def test_which_match_counts(journeys):
    store = journeys("cart cart pay cart pay")
    [row] = pattern_sessions.run(store, PatternSessions("cart -> pay"), Scope()).rows
    assert (row.from_position, row.from_ms, row.to_position, row.to_ms) == (2, 60_000, 3, 120_000)
    result = pattern.run(store, Pattern("cart -> pay", every=True), Scope())
    assert (result.matches, result.median_ms) == (2, 60_000)


def test_shares_have_their_denominator(journeys):
    store = journeys("cart pay", "cart", "home")
    result = pattern.run(store, Pattern("cart -> pay"), Scope())
    assert [(count.by, count.matching, count.in_scope) for count in result.counts] == [
        ("session", 1, 3),
        ("user", 1, 3),
    ]
    assert result.counts[0].share == pytest.approx(1 / 3)
    nobody = pattern.run(store, Pattern("nobody"), Scope())
    assert (nobody.sessions, nobody.median_ms) == (0, None)


def test_filters_and_elements(store_of):
    at = "2026-03-02T09:00:0"
    rows = [
        {"session_id": "s1", "event": "order", "value": 60, "timestamp": f"{at}1Z", "user_id": "u1", "plan": "pro"},
        {"session_id": "s2", "event": "order", "value": 40, "timestamp": f"{at}1Z", "user_id": "u2", "device": "phone"},
        {"session_id": "s3", "event": "click", "element": "a#b", "timestamp": f"{at}1Z", "user_id": "u3"},
        {"session_id": "s3", "event": "Add to cart", "timestamp": f"{at}2Z", "user_id": "u3"},
        {"session_id": "s4", "event": "a -> b", "timestamp": f"{at}2Z", "user_id": "u3", "page": "/x y"},
        {"session_id": "s4", "event": 'say "*"', "timestamp": f"{at}3Z", "user_id": "u3", "page": "/x y"},
    ]
    store = store_of(rows)
    assert those(store, "order[value > 50]") == "s1"
    assert those(store, "order[value <= 40 or properties.plan is pro]") == "s1 s2"
    assert those(store, "order[device is phone and value in (40, 50)]") == "s2"
    assert those(store, "order[device is unknown]") == "s1"
    assert those(store, "order[properties.plan contains PR]") == "s1"
    assert those(store, "element:a#* -> Add*") == "s3"
    assert those(store, '"Add to cart"') == "s3"
    assert those(store, '"a -> b" => page_view') == ""
    assert those(store, '"a -> b"') == "s4"
    assert those(store, 'page:"/x y" -> "say \\"\\*\\""') == "s4"
    assert those(store, 'page:"/x y"[event is "a -> b"]') == "s4"
    assert those(store, 'page:"/x y"[event is order]') == ""


def test_a_scope_with_a_pattern(sample):
    scope = registry.scope('{"devices": ["phone"], "pattern": "page:/cart -> page:/checkout/* within 10m"}')
    listed = pattern_sessions.run(sample, PatternSessions(scope.pattern, limit=None), Scope(devices=("phone",)))
    assert registry.sessions_in(sample, scope) == listed.total == len(listed.rows) > 100
    assert scope.describe() == "on phone, with the pattern (/cart, later /checkout/* at most 10\u00a0m after it)"
    asked = funnel.Funnel((Matcher(name="add_to_cart"), Matcher(name="order")))
    assert funnel.run(sample, asked, scope).steps[0].count <= listed.total
    assert registry.scope(json.dumps(registry.dump(scope))) == scope


def test_a_scope_within_a_scope():
    one, other = Scope(pattern="a -> b"), Scope(devices=("phone",))
    assert one.narrowed(other) == Scope(devices=("phone",), pattern="a -> b")
    assert other.narrowed(one) == Scope(devices=("phone",), pattern="a -> b")
    with pytest.raises(InvalidQuestion, match="one pattern"):
        one.narrowed(Scope(pattern="b"))


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        (
            "page:/cart -> within 10m",
            14,
            "At character 15, after '->', an event, page: or '(' was expected, not 'within'.",
        ),
        ("", 0, "The pattern is empty; an event, page: or '(' was expected."),
        ("cart ->", 7, "At character 8, where the pattern ends, after '->', an event, page: or '(' was expected."),
        ("cart pay", 5, "'->', '=>', a time such as 'within 10m' or '|' was expected, not 'pay'."),
        ("cart -> page: /pay", 14, "after 'page:', a name without a space before it was expected, not '/pay'."),
        ("page:", 5, "after 'page:', a page, as in page:/cart, was expected"),
        ('cart -> "Add', 8, 'a name in quotes begins that has no closing "'),
        ("cart within 5m", 5, "'within' measures from the part before, and the first part has none"),
        ("cart -> pay within 10", 19, "a length of time such as 10m was expected, not '10'."),
        ("cart{0}", 5, "a repeat is 1 to 100 times, not 0"),
        ("cart{3,2}", 7, "a repeat of at least 3 cannot be at most 2"),
        ("(a -> b){2}", 9, "a repeat belongs behind one event"),
        ("a => !b", 2, "before '!', '->' was expected, not '=>'"),
        ("a -> !b => c", 8, "after '!', '->' was expected, not '=>'"),
        ("a -> (end) -> c", 14, "nothing can stand after (end)"),
        ("a -> (start)", 5, "(start) can only stand at the very beginning"),
        ("(start)", 7, "after '(start)', an event, page: or element: was expected"),
        ("(end)", 0, "before (end), an event, page: or (start) was expected"),
        ("a => (page:/b | c)", 6, "what follows '=>' is all pages or all events, not both"),
        ("(page:/b | c)+", 13, "what is repeated in a row is all pages or all events, not both"),
        ("order[valu > 5]", 6, "There is no field 'valu'; did you mean 'value'?"),
        ("order[value > 5", 15, "where the pattern ends, after '5', ']', ',' or 'and' was expected"),
        ('order[text matches "("]', 19, "is no regular expression"),
        ("a -> b within 999999h", 14, "the time is longer than a year"),
        ("a -> b after 5s of start", 7, "leave out 'of start'"),
        ("(a -> b) after 5s", 9, "behind a group only 'within' or 'under' a time can stand"),
        ("a" * 2001, 2000, "the pattern is 2,001 characters long; 2,000 are read"),
        ("(" * 21, 20, "more than 20 parentheses are open"),
        (" -> ".join("a" * 21), 100, "a pattern has 20 parts at most"),
    ],
)
def test_what_is_wrong_is_pointed_at(text, position, said):
    with pytest.raises(InvalidPattern) as raised:
        patterns.parse(text)
    assert raised.value.position == position
    assert said in str(raised.value)
    for ask in (Scope, Pattern, PatternSessions):
        with pytest.raises(InvalidQuestion):
            ask(pattern=text)


PIECES = [*"""a page: page:/x " -> => ! ( ) | (start) (end) within 10m { 2 , } + [ ] value > is not in of start 5 * \\ é
    events under any""".split(), '"a b"', " ", "\n"]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(PIECES)).map(" ".join), st.lists(st.sampled_from(PIECES)).map("".join)
    )
)
def test_nothing_but_a_position_comes_of_any_text(text):
    try:
        found = patterns.parse(text)
    except InvalidPattern as error:
        assert 0 <= error.position <= len(text)
        assert str(error).endswith((".", "?"))
    else:
        assert found.words
        assert Scope(pattern=text).query("SELECT count(*) AS n FROM scoped_sessions").to_spark()


def test_what_the_manual_writes_can_be_read():
    manual = (Path(__file__).parents[2] / "docs" / "patterns.md").read_text(encoding="utf-8")
    cells = [
        line.replace("\\|", "¦").split("|")[1].replace("¦", "|")
        for line in manual.splitlines()
        if line.startswith("| `")
    ]
    written = [text for cell in cells for text in re.findall(r"`([^`]+)`", cell) if not re.match("under|over", text)]
    written += re.findall(r'"pattern": "([^"]+)"', manual)
    assert len(written) > 30
    for text in written:
        patterns.parse(text)


def test_one_endless_session(store_of):
    """100,000 events are a matter of seconds, not of every pair."""
    rows = [
        {"session_id": "s1", "event": "ab"[n % 2], "timestamp": 1_700_000_000_000 + n, "user_id": "u1"}
        for n in range(100_000)
    ]
    store = store_of(rows)
    result = pattern.run(store, Pattern("a -> b within 1s -> a => b -> (end) within 5s", every=True), Scope())
    assert (result.sessions, result.matches) == (1, 1)
    assert pattern.run(store, Pattern("a => b", every=True), Scope()).matches == 50_000


def test_from_the_command_line(tmp_path, capsys):
    file = tmp_path / "events.csv"
    file.write_text("timestamp,event,user_id\n2026-03-02,cart,u1\n2026-03-02,pay,u1\n2026-03-02,cart,u2\n", "utf-8")
    store = tmp_path / "store.duckdb"
    assert cli.main(["import", str(file), "--store", str(store)]) == 0
    capsys.readouterr()
    assert cli.main(["ask", "pattern", "--store", str(store), "--params", '{"pattern": "cart -> pay"}']) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["counts"][0] == {"by": "session", "matching": 1, "in_scope": 2}
    scoped = ["ask", "sessions", "--store", str(store), "--scope", '{"pattern": "cart -> pay"}']
    assert cli.main(scoped) == 0
    assert json.loads(capsys.readouterr().out)["sessions_in_scope"] == 1
    assert cli.main(["ask", "pattern", "--store", str(store), "--params", '{"pattern": "cart -> -> pay"}']) == 2
    assert capsys.readouterr().err.startswith("At character 9, after '->', an event")
    DuckStore.open(store, read_only=True).close()


def test_a_pattern_says_itself():
    text = "(start) => a -> !(b | c) -> page:*{2,} within 1h 30m -> (d => e) under 2s"
    text += " -> order[value > 5] within 3 events => (end)"
    said = (
        "the session's start, right after it a, later any page 2 times or more in a row at most 1 h 30 m after it, "
        "no b or c in between, later d, right after it e, later order (value is above 5) at most 3 events after it, "
        "right after it the session's end, d to e within 1 s 999 ms"
    )
    assert patterns.parse(text).words.replace("\u00a0", " ") == said


def test_a_pattern_within_a_pattern(journeys):
    store = journeys("cart help pay", "cart pay", "help pay cart")
    scope = Scope(pattern="help -> !cart -> pay within 1m")
    result = pattern.run(store, Pattern("cart -> pay after 1m", every=True), scope)
    assert [(count.matching, count.in_scope) for count in result.counts] == [(1, 2), (1, 2)]
    assert result.matches == 1
    rows = pattern_sessions.run(store, PatternSessions("cart -> pay"), scope).rows
    assert [row.session_id for row in rows] == ["s1"]
