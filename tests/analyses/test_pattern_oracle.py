"""Random patterns over random sessions: the statement finds what trying everything finds, and so does a scope."""

import json
import random
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import ingest, patterns
from analytics.analyses import pattern as pattern_analysis
from analytics.analyses import pattern_sessions
from analytics.analyses.pattern import Pattern
from analytics.analyses.pattern_sessions import PatternSessions
from analytics.query import Query
from analytics.scope import Scope
from analytics.store import DuckStore
from tests.analyses.pattern_oracle import Event, Session

START = datetime(2026, 3, 2, 9, 0)
SESSIONS = 400
NAMES = ["a", "a", "b", "b", "c", "within", "a b"]
PAGES = ["/p", "/q", "/p/1", "/p/2"]


def random_session(rng):
    events, ms = [], 0
    views = rng.random() < 0.85  # some sessions never view a page, only act on one
    for _ in range(rng.choice([1, 2, 3, 4, 5, 6, 7, 8])):
        page = rng.choice(PAGES)
        if views and rng.random() < 0.4:
            events.append(Event("page_view", ms, page))
        else:
            element = rng.choice([None, None, "#pay", "#buy"])
            value = rng.choice([None, 1.0, 60.0])
            events.append(Event(rng.choice(NAMES), ms, page if rng.random() < 0.3 else None, element, value))
        ms += rng.choice([0, 0, 400, 1000, 1000, 5000, 60_000])
    return events


class World:
    def __init__(self, store, sessions):
        self.store, self.sessions = store, sessions


RARE = {"a": "\U00020000", "c": "\u4e00", "/p": "\U00020001", "/q": "\u4e01"}  # characters of names that are not usual


def world_in(folder):
    """Random sessions, imported, and read plainly."""
    rng = random.Random(8)
    sessions = {f"s{n}": random_session(rng) for n in range(SESSIONS)}
    rows = []
    for n, (session, events) in enumerate(sessions.items()):
        for event in events:
            row = {key: value for key, value in vars(event).items() if value is not None and key not in ("ms", "name")}
            time = START + timedelta(hours=n, milliseconds=event.ms)
            rows.append(row | {"event": event.name, "timestamp": time, "session_id": session, "user_id": f"u{n % 50}"})
    file = folder / "events.jsonl"
    file.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
    store = DuckStore.open(":memory:", threads=1)
    ingest.load(store, [file], ingest.Options())
    with store.writing() as cursor:
        for value, symbol in RARE.items():
            column = "page_string" if value.startswith("/") else "name_string"
            named = {"value": value, "symbol": symbol}
            old = "(SELECT symbol FROM codes WHERE value = $value)"
            cursor.execute(f"UPDATE sessions SET {column} = replace({column}, {old}, $symbol)", named)
            cursor.execute("UPDATE codes SET symbol = $symbol WHERE value = $value", named)
    return World(store, {session: Session(events) for session, events in sessions.items()})


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    found = world_in(tmp_path_factory.mktemp("patterns"))
    yield found
    found.store.close()


# --- Patterns, as text ----------------------------------------------------------------------------------------------

event_atoms = st.sampled_from(["a", "b", "c", '"a b"', "event:within", "a*", "any", "page_view", "element:#pay",
    "element:#*", "a[value > 50]", "any[value > 50]", "nobody"])  # fmt: skip
page_atoms = st.sampled_from(["page:/p", "page:/q", "page:/p/*", "page:*", "page:/p*[value > 50]", 'page:"/q"'])
lengths = st.sampled_from(["0s", "500ms", "1s", "1.5s", "5s", "1m", "1m 5s"])
repeats = st.sampled_from(["+", "{2}", "{1,2}", "{2,}", "{2,3}", "{1}"])


@st.composite
def choices(draw):
    atoms = draw(st.sampled_from([event_atoms, event_atoms, page_atoms]))
    found = draw(st.lists(atoms, min_size=1, max_size=2))
    return found[0] if len(found) == 1 else f"({' | '.join(found)})"


@st.composite
def parts(draw, first=False):
    mixed = first is None  # behind -> an event may be either
    text = draw(st.just("(a | page:/p)") if mixed and draw(st.integers(0, 9)) == 0 else choices())
    if "| page:/p)" not in text and draw(st.integers(0, 3)) == 0:
        text += draw(repeats)
    if not first:
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
            word = draw(st.sampled_from(["within", "under", "after", "over", "within of", "events"]))
            if word == "events":
                text += f" within {draw(st.sampled_from(['1 event', '2 events', '4 events']))}"
                continue
            length = draw(lengths if word != "under" else lengths.filter(lambda length: length != "0s"))
            text += f" {word.split()[0]} {length}" + (" of start" if " " in word else "")
    return text


@st.composite
def sequences(draw, depth=0):
    count = draw(st.integers(1, 3))
    text = draw(parts(first=True))
    for _ in range(count - 1):
        negated = [f" -> !{draw(choices())}" for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2])))]
        joint = " -> " if negated else draw(st.sampled_from([" -> ", " -> ", " => "]))
        kind = draw(st.integers(0, 5))
        if kind == 0 and depth == 0:
            text += "".join(negated) + joint + f"({draw(sequences(depth=1))}) within {draw(lengths)}"
        else:
            text += "".join(negated) + joint + draw(parts(first=None if joint == " -> " else False))
    return text


@st.composite
def texts(draw):
    text = draw(sequences())
    if draw(st.integers(0, 4)) == 0:
        text = f"({text} -> any) under {draw(lengths.filter(lambda length: length != '0s'))}"
    head = draw(st.sampled_from(["", "", "", "(start) => ", "(start) -> ", "!b -> ", "(start) -> !page:/q -> "]))
    tail = draw(st.sampled_from(["", "", "", " => (end)", " -> (end) within 1s", " -> !a", " -> !page:/p -> (end)"]))
    return head + text + tail


SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(texts())
def test_finds_what_trying_everything_finds(world, text):
    store, sessions = world.store, world.sessions
    pattern = patterns.parse(text)
    assert_found(world, text, pattern)
    figures = pattern_analysis.run(store, Pattern(text, every=True), Scope())
    assert figures.matches == sum(session.count(pattern) for session in sessions.values())


def assert_found(world, text, pattern):
    store, sessions = world.store, world.sessions
    expected = {key: match for key, session in sessions.items() if (match := session.first_match(pattern))}
    answer = pattern_sessions.run(store, PatternSessions(text, limit=None), Scope())
    found = {row.session_id: (row.from_position, row.to_position) for row in answer.rows}
    assert found == expected
    assert answer.total == len(expected)
    for row in answer.rows:
        session = sessions[row.session_id]
        assert (row.from_ms, row.to_ms) == (session.ms(row.from_position), session.ms(row.to_position))
    assert in_scope(store, Scope(pattern=text)) == set(expected)
    assert pattern_analysis.run(store, Pattern(text), Scope()).sessions == len(expected)


# Only names or only pages, no times: the string decides
plain = st.sampled_from(
    ["a", "b", '"a b"', "any", "(a | b)", "(b | c | nobody)", "nobody", "page_view", "event:within"]
)
plain_pages = st.sampled_from(["page:/p", "page:/q", "page:*", "(page:/p | page:/p/1)", "page:/none"])


@st.composite
def plain_texts(draw):
    atoms = draw(st.sampled_from([plain, plain_pages]))
    text = draw(st.sampled_from(["", "", "(start) => ", "(start) -> ", f"!{draw(atoms)} -> "]))
    text += draw(atoms) + draw(st.sampled_from(["", "", "+", "{2,3}", "{2}"]))
    for _ in range(draw(st.integers(0, 3))):
        negated = draw(st.sampled_from(["", "", f" -> !{draw(atoms)}"]))
        joint = " -> " if negated else draw(st.sampled_from([" -> ", " => "]))
        text += negated + joint + draw(atoms) + draw(st.sampled_from(["", "", "", "+", "{2,3}", "{2}"]))
    return text + draw(st.sampled_from(["", "", " => (end)", " -> (end)", f" -> !{draw(atoms)}"]))


@SLOW
@given(plain_texts())
def test_a_string_says_the_same(world, text):
    pattern = patterns.parse(text)
    tables = patterns.Tables("sessions", "events", "visits")
    assert not patterns.membership(pattern, tables, "x").ctes, "the string decides"
    assert_found(world, text, pattern)


def in_scope(store, scope):
    query = scope.query("SELECT session_id FROM scoped_sessions")
    return {session for batch in list(store.batches(Query(query.sql, query.params)))[1:] for (session,) in batch}
