"""What must not be stored is not: rule by rule, field by field, refused rows and previews included."""

import hashlib
import json
import random
import zlib
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import ingest
from analytics.errors import InvalidQuestion
from analytics.ingest.addresses import Key, key_file, read_key
from analytics.ingest.fields import BY_NAME
from analytics.ingest.redaction import UNTELLABLE, Redaction, hashed_id
from analytics.ingest.rules import RECORDED, REFUSED, RULES, USUAL, chosen, kept
from analytics.store import DuckStore
from tests.ingest.conftest import asked
from tests.ingest.recorded import Numbers, at, page

KEY = Key(b"k" * 32)
CARD = "4111111111111111"
HEAD = "timestamp,event,user_id,page,text,note,event_id\n"


@pytest.fixture(scope="module")
def connection():
    connection = duckdb.connect(":memory:")
    yield connection
    connection.close()


@pytest.fixture
def redacted(connection):
    """`redacted("text", "a@b.de", "email")`: what is kept of a field's value under these rules."""

    def value(field: str, text: str | None, *rules: str) -> str | None:
        statement = f"SELECT {Redaction(rules).value(BY_NAME[field])} FROM (SELECT $text AS {field})"
        values = KEY.values if "$inner" in statement else {}
        return connection.execute(statement, {"text": text, **values}).fetchone()[0]

    return value


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param(f"paid with {CARD}.", "paid with [card].", id="in one piece"),
        pytest.param("4111 1111 1111 1111, 5500-0000-0000-0004", "[card], [card]", id="in groups"),
        pytest.param("378282246310005 and 3782 822463 10005", "[card] and [card]", id="fifteen digits"),
        pytest.param("30569309025904", "[card]", id="fourteen digits"),
        pytest.param(f"a%20{CARD}%20b 4111%201111%201111%201111", "a%20[card]%20b [card]", id="in an address"),
        pytest.param("4111111111111112", "4111111111111112", id="a wrong check digit"),
        pytest.param("1234567812345670", "1234567812345670", id="nobody's first digits"),
        pytest.param("0.4111111111111111", "0.4111111111111111", id="a decimal"),
        pytest.param(f"x{CARD} {CARD}0", f"x{CARD} {CARD}0", id="a part of something longer"),
        pytest.param("45171234-1111-4111-8123-b66a22788c60", "45171234-1111-4111-8123-b66a22788c60", id="a UUID"),
        pytest.param("2026-03-02 09:00:00, 1772442000000", "2026-03-02 09:00:00, 1772442000000", id="times"),
        pytest.param(f"[{CARD},{CARD}]", "[[card],[card]]", id="side by side"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_card_numbers(redacted, text, left):
    assert redacted("text", text, "cards") == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("/reset?token=abc&step=2", "/reset?token=…&step=2", id="a token"),
        pytest.param("/a?x=1&api_key=k%2Fz#top", "/a?x=1&api_key=…#top", id="a key, the fragment stays"),
        pytest.param("/#access_token=abc&state=1", "/#access_token=…&state=1", id="in the fragment"),
        pytest.param("https://jane:pw@x.de/a", "https://x.de/a", id="credentials"),
        pytest.param("/a?next=%2Fb%3Fcode%3Dabc", "/a?next=%2Fb%3Fcode%3D…", id="an address in an address"),
        pytest.param("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.x-y_z", "[token]", id="a JSON web token"),
        pytest.param("/search?author=jane&keyword=shoes", "/search?author=jane&keyword=shoes", id="like, but none"),
        pytest.param("/reset?token=…&step=2", "/reset?token=…&step=2", id="done before"),
        pytest.param("/reset?token=&step=2", "/reset?token=&step=2", id="empty"),
    ],
)
def test_secrets_in_addresses(redacted, text, left):
    assert redacted("referrer", text, "secrets") == left
    assert redacted("referrer", left, "secrets") == left


@pytest.mark.parametrize(
    ("rule", "text", "left"),
    [
        ("email", "write to jane.doe+x@mail.example.com!", "write to [email]!"),
        ("email", "/u/jane%40example.com/x", "/u/[email]/x"),
        ("email", "@jane, a@b, 3@4.5", "@jane, a@b, 3@4.5"),
        ("addresses", "from 10.1.2.3 to 2001:db8::1", "from [address] to [address]"),
        ("addresses", "Chrome/120.0.0.0, 1.2.3, 300.1.1.1, 12:30:45", "Chrome/120.0.0.0, 1.2.3, 300.1.1.1, 12:30:45"),
    ],
)
def test_other_patterns(redacted, rule, text, left):
    assert redacted("referrer", text, rule) == left


@pytest.mark.parametrize(
    ("rule", "given", "left"),
    [
        pytest.param("cards", {"n": int(CARD), "s": CARD}, {"n": "[card]", "s": "[card]"}, id="a number in JSON"),
        pytest.param("cards", {"a": [int(CARD), 1.5], "b": {"c": CARD}}, {"a": ["[card]", 1.5], "b": {"c": "[card]"}}, id="nested"),
        pytest.param("secrets", {"password": 'a"b', "u": "/x?sid=1"}, {"password": "…", "u": "/x?sid=…"}, id="a password"),
        pytest.param("secrets", {"j": '{"password":"x","k":1}'}, {"j": '{"password":"…","k":1}'}, id="JSON in JSON"),
        pytest.param("free_text", {"comment": "hi", "n": 1, "u": "/s?q=a"}, {"comment": "…", "n": 1, "u": "/s?q=…"}, id="what is typed"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("space", [(",", ":"), (", ", ": ")])
def test_json_stays_json(redacted, rule, given, left, space):
    assert json.loads(redacted("properties", json.dumps(given, separators=space), rule)) == left


def test_an_id_becomes_a_hash_as_a_whole(redacted):
    assert redacted("user_id", CARD, *USUAL) == hashed_id(KEY, CARD)
    assert redacted("anonymous_id", "jane@example.com", "email") == hashed_id(KEY, "jane@example.com")
    assert redacted("user_id", "jane@example.com", *USUAL) == "jane@example.com"
    assert redacted("user_id", "u1", "user_ids") == hashed_id(KEY, "u1")
    assert redacted("user_id", hashed_id(KEY, "u1"), "user_ids") == hashed_id(KEY, "u1"), "a hash is not hashed again"
    assert redacted("session_id", "u1", "user_ids") == "u1"


def luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(n // 10 + n % 10 for n in doubled) % 10 == 0


def test_check_digits_are_told_as_by_hand(redacted):
    random.seed(7)
    numbers = [random.choice(["4", "51", "2221", "6011", "35", "34", "36", "9"]) for _ in range(300)]
    numbers = [
        (begin + "".join(random.choices("0123456789", k=16)))[: {"34": 15, "36": 14}.get(begin, 16)]
        for begin in numbers
    ]
    for number in numbers:
        is_card = luhn(number) and (number[0] in "456" or number[:2] in ("34", "36", "22") or number[:2] == "35")
        if number[:2] == "35" and not luhn(number):
            is_card = False
        assert (redacted("text", number, "cards") == "[card]") == is_card, number


PIECES = st.sampled_from(
    [CARD, "a@b.de", "?token=x", "&", '"', "\\", "{", "\n", " ", "é", "10.0.0.1", "https://u:p@h/", "eyJ", "=", "%40"]
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=8))
def test_json_stays_json_whatever_is_in_it(connection, pieces):
    text = json.dumps({"a": "".join(pieces), "b": {"c": pieces}})
    rules = tuple(rule for rule in RULES if rule != "user_ids")
    statement = f"SELECT {Redaction(rules).value(BY_NAME['properties'])} FROM (SELECT $text AS properties)"
    (left,) = connection.execute(statement, {"text": text}).fetchone()
    json.loads(left)


# ------------------------------------------------------------------------------------------------------------- loads


def test_nothing_private_is_in_the_store(store, file):
    rows = (
        f"2026-03-02 09:00:00,page_view,jane@example.com,https://shop.de/x?token=abc&a=1,,my card {CARD},e1\n"
        f"2026-03-02 09:00:01,page_view,u1,/pay?session_id=123,hello,{CARD},e2\n"
        f"2026-03-02 09:00:02,click,{CARD},/pay,hello,jane@example.com,{CARD}\n"
        f"never,click,{CARD},/pay?token=1,hello,jane@example.com,e4\n"
        f"2026-03-02 09:00:02,click,u1,/pay?token=1,{CARD},x@y.de,e5,extra\n"
    )
    report = ingest.load(store, [file("a.csv", HEAD + rows)])
    redacted = {(one.rule, one.field): one.rows for one in report.imports[0].redacted}
    assert redacted == {
        ("secrets", "page"): 2,
        ("cards", "event_id"): 1,
        ("cards", "user_id"): 1,
        ("cards", "properties"): 2,
        ("cards", REFUSED): 2,
        ("secrets", REFUSED): 2,
    }
    assert "payment card numbers in event_id (1 row)" in report.text().replace("\u00a0", " ")
    assert everything(store, CARD) == everything(store, "token=1") == everything(store, "session_id=1") == []
    assert asked(store, "SELECT page FROM events ORDER BY line") == [("/x",), ("/pay?session_id=…",), ("/pay",)]
    assert asked(store, 'SELECT line, "row" FROM rejects ORDER BY line') == [
        (5, "never,click,[card],/pay?token=…,hello,jane@example.com,e4"),
        (6, "2026-03-02 09:00:02,click,u1,/pay?token=…,[card],x@y.de,e5,extra"),
    ]
    assert json.loads(asked(store, "SELECT details FROM imports")[0][0])["redacted"][0]["rows"] == 1


def test_an_event_keeps_its_id_apart_under_a_hash(store, file):
    rows = [f"2026-03-02 09:00:0{n},click,u1,/,,,{id}" for n, id in enumerate([CARD, "5500000000000004", CARD])]
    report = ingest.load(store, [file("a.csv", HEAD + "\n".join(rows))])
    assert (report.events_added, report.imports[0].duplicates) == (2, 1)
    again = ingest.load(store, [file("b.csv", HEAD + rows[1])])
    assert (again.events_added, again.imports[0].duplicates) == (0, 1)


def test_hashed_people_stay_apart_and_come_together_in_later_imports(store, file):
    first = HEAD + "2026-03-02 09:00:00,click,u1,/,a,,\n2026-03-02 09:00:01,click,u2,/,b,,\n"
    later = HEAD + "2026-03-03 09:00:00,click,u1,/,c,,\nnever,click,u1,/,c,,\nx,click,,/,d,,\n"
    ingest.load(store, [file("a.csv", first)], ingest.Options(redact={"user_ids": True, "free_text": True}))
    report = ingest.load(store, [file("b.csv", later)])
    key = read_key(key_file(store.path, store.spool))
    assert asked(store, "SELECT id, events FROM users ORDER BY events DESC") == [
        (hashed_id(key, "u1"), 2),
        (hashed_id(key, "u2"), 1),
    ]
    assert [(one.rule, one.field, one.rows) for one in report.imports[0].redacted] == [
        ("user_ids", "user_id", 1),
        ("free_text", "text", 1),
        ("user_ids", REFUSED, 1),
        ("free_text", REFUSED, 2),
    ]
    assert asked(store, 'SELECT "row" FROM rejects ORDER BY line') == [
        (f"never,click,{hashed_id(key, 'u1')},/,[text],,",),
        ("x,click,,/,[text],,",),
    ]
    assert everything(store, "u1") == []


def test_a_row_that_cannot_be_told_apart_is_not_kept(store, file):
    lines = '{"timestamp":"2026-03-02T09:00:00Z","event":"a","user_id":"secret-u1"}\n{"user_id":"secret-u2", oops\n'
    ingest.load(store, [file("a.jsonl", lines)], ingest.Options(redact={"user_ids": True}))
    assert asked(store, 'SELECT "row" FROM rejects') == [(UNTELLABLE,)]


def test_a_rule_is_kept_by_the_store_and_can_be_switched_off(store, file):
    row = "2026-03-02 09:00:0{},click,u1,/,jane@example.com,,\n"
    ingest.load(store, [file("a.csv", HEAD + row.format(0))], ingest.Options(redact={"email": True}))
    ingest.load(store, [file("b.csv", HEAD + row.format(1))])
    ingest.load(store, [file("c.csv", HEAD + row.format(2))], ingest.Options(redact={"email": False}))
    texts = [text for (text,) in asked(store, "SELECT text FROM events ORDER BY time")]
    assert texts == ["[email]", "[email]", "jane@example.com"]
    assert store.setting("redact") == kept(USUAL)


def test_a_parquet_file_is_read_as_it_is_unless_something_is_found(store, tmp_path):
    def parquet(name: str, note: str, **extra: str):
        columns = {
            "timestamp": "TIMESTAMP '2026-03-02 09:00:00'",
            "event": "'a'",
            "user_id": "'u1'",
            "text": f"'{note}'",
        }
        listed = ", ".join(f"{sql} AS {column}" for column, sql in (columns | extra).items())
        duckdb.execute(f"COPY (SELECT {listed}) TO '{tmp_path / name}' (FORMAT parquet)")
        return tmp_path / name

    files = [
        parquet("plain.parquet", "4111111111111112"),
        parquet("found.parquet", CARD),
        parquet("person.parquet", "x", user_id=f"'{CARD}'"),
        parquet("number.parquet", "x", card=f"CAST({CARD} AS BIGINT)"),
        parquet("float.parquet", "x", card=f"CAST({CARD} AS DOUBLE)"),
        parquet("named.parquet", "x", password="'hunter2'"),
        parquet("other.parquet", "x", referred="'/a?token=x'"),
    ]
    report = ingest.load(store, files)
    found = [[(one.rule, one.field) for one in file.redacted] for file in report.imports]
    assert found == [
        [],
        [("cards", "text")],
        [("cards", "user_id")],
        [("cards", "properties")],
        [("cards", "properties")],
        [("secrets", "properties")],
        [("secrets", "properties")],
    ]
    key = read_key(key_file(store.path, store.spool))
    assert asked(store, "SELECT id FROM identities ORDER BY id") == [(hashed_id(key, CARD),), ("u1",)]
    assert everything(store, CARD) == everything(store, "hunter2") == everything(store, "token=x") == []


def test_a_preview_shows_nothing_that_would_be_redacted(file):
    content = HEAD + f"2026-03-02 09:00:00,click,jane@example.com,/a?token=x,{CARD},10.1.2.3,\n"
    shown = ingest.preview(file("a.csv", content))
    assert CARD not in repr(shown)
    assert "token=x" not in repr(shown)
    assert {(one.rule, one.field) for one in shown.private} == {
        ("cards", "text"),
        ("secrets", "page"),
        ("email", "user_id"),
        ("user_ids", "user_id"),
        ("addresses", "properties"),
        ("free_text", "text"),
        ("free_text", "properties"),
    }
    hidden = ingest.preview(file("a.csv", content), ingest.Options(redact=dict.fromkeys(RULES, True)))
    for secret in ("jane", CARD, "10.1.2.3"):
        assert secret not in repr(hidden)


def test_rules_that_are_none_get_a_sentence():
    with pytest.raises(InvalidQuestion, match="no rule of redaction 'mail'; the rules are cards, secrets, email"):
        ingest.Options(redact={"mail": True})


def test_what_is_on():
    assert chosen(None, {}) == USUAL
    assert chosen(None, {"email": True, "cards": False}) == ("secrets", "email")
    assert chosen(kept(["email"]), {"cards": True}) == ("cards", "email")
    assert chosen(kept([]), {}) == ()


def everything(store: DuckStore, text: str) -> list[tuple[str, str]]:
    """Where in the store a text stands: (table, column)."""
    columns = asked(
        store,
        "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE data_type = 'VARCHAR' "
        "AND table_schema IN ('main', 'workspace')",
    )
    found = []
    for schema, table, column in columns:
        with store.reading_cursor() as cursor:
            query = f'SELECT count(*) FROM {schema}.{table} WHERE contains("{column}", $text)'
            (rows,) = cursor.execute(query, {"text": text}).fetchone()
        if rows:
            found.append((table, column))
    return found


def test_recorded_pages_are_redacted_too(store, file):
    new = Numbers()
    body = new.element("body", new.element("p", f"Card {CARD}, jane@example.com"), new.element("p", "naïve text"))
    events = [*page("https://shop.example/pay", new.document(new.element("html", body))), at(500, 0), at(900, 1)]
    path = file("visit.json", json.dumps(events))
    report = ingest.load(store, [path], ingest.Options(redact={"email": True}))
    assert {(one.rule, one.field, one.rows) for one in report.imports[0].redacted} == {
        ("cards", RECORDED, 1),
        ("email", RECORDED, 1),
    }
    [(packed, size, digest)] = asked(store, "SELECT packed, bytes, sha256 FROM recordings")
    kept_text = zlib.decompress(packed)
    assert (len(kept_text), hashlib.sha256(kept_text).hexdigest()) == (size, digest)
    assert "Card [card], [email]" in json.dumps(json.loads(kept_text), ensure_ascii=False)
    assert "naïve text" in json.dumps(json.loads(kept_text), ensure_ascii=False)


def test_who_wants_no_free_text_keeps_no_recordings(store, file):
    new = Numbers()
    events = [*page("https://shop.example/pay", new.document(new.element("html", new.element("body")))), at(500, 0)]
    report = ingest.load(store, [file("visit.json", json.dumps(events))], ingest.Options(redact={"free_text": True}))
    assert "Its recorded pages were not kept: they show free text." in report.imports[0].notes
    assert asked(store, "SELECT count(*) FROM recordings") == [(0,)]


def test_every_rule_is_documented():
    told = (Path(__file__).parents[2] / "docs" / "redaction.md").read_text(encoding="utf-8")
    assert [rule for rule in RULES if f"| `{rule}` |" not in told] == []


PARTS = (
    CARD,
    "jane@example.com",
    "?token=abc",
    "/a",
    "x",
    "10.1.2.3",
    "hello",
    "&sid=9",
    "https://u:p@h.de/",
    "é",
    " ",
)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_rows_leave_the_same_whatever_their_form(tmp_path, seed):
    """A Parquet file that is taken as it is, one that is rewritten, and a text."""
    pick = random.Random(seed)

    def text() -> str:
        return "".join(pick.choices(PARTS, k=pick.randint(1, 3)))

    rows = [
        {
            "event_id": pick.choice([CARD, f"e{n}"]),
            "timestamp": f"2026-03-02T09:{n:02d}:00",
            "event": pick.choice(["a", "b", text()]),
            "user_id": pick.choice(["jane@example.com", CARD, "u1"]),
            "page": "/p" + text().replace("://", "").replace(" ", ""),
            "text": text(),
            "referrer": text(),
            "properties": json.dumps(
                {"a": text(), "n": pick.choice([1, int(CARD)])}, separators=(",", ":"), ensure_ascii=False
            ),
        }
        for n in range(30)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in rows[0])
    duckdb.execute(
        f"CREATE OR REPLACE TEMP TABLE given AS FROM read_json('{tmp_path}/a.jsonl', columns = {{{columns}}})"
    )
    typed = "SELECT * REPLACE (CAST(timestamp AS TIMESTAMP) AS timestamp) FROM given"
    duckdb.execute(f"COPY given TO '{tmp_path}/b.csv' (HEADER)")
    duckdb.execute(f"COPY given TO '{tmp_path}/c.parquet' (FORMAT parquet)")  # its times are texts: rewritten
    duckdb.execute(f"COPY ({typed}) TO '{tmp_path}/d.parquet' (FORMAT parquet)")
    rules = {rule: pick.random() < 0.6 for rule in RULES}
    left = []
    for path in sorted(tmp_path.glob("?.*")):
        store = DuckStore.open(":memory:", threads=1)
        try:
            store.spool.mkdir(parents=True, exist_ok=True)
            key_file(store.path, store.spool).write_bytes(KEY.secret)
            report = ingest.load(store, [path], ingest.Options(redact=rules))
            found = {(one.rule, one.field, one.rows) for one in report.imports[0].redacted}
            facts = "name, page, text, referrer, properties, event_id, event_id_text, user_key, user_id_key"
            left.append(
                (
                    found,
                    asked(store, f"SELECT {facts} FROM events ORDER BY time"),
                    asked(store, "SELECT kind, id FROM identities ORDER BY ALL"),
                )
            )
        finally:
            store.close()
    assert left[0][0], "something was found"
    assert left[1:] == left[:-1]
