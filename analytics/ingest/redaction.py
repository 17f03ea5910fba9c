"""What of a row must not be stored? Rules that are applied before anything is: to events, people, ids and refused rows.

A rule replaces what it finds by a word in brackets or by `…`. An id cannot lose its value, or strangers would become
one person: where a rule finds something in an id, the id as a whole becomes a keyed hash (`addresses`), the same in
every import of the store. Card numbers count where the issuer's digits, the length and the check digit (Luhn) fit.

What is found is counted before anything is rewritten: `regexp_extract` over a bare column runs once per entry of a
Parquet dictionary, so that a file without findings costs little.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.ingest import canonical
from analytics.ingest.addresses import HASHED, Key
from analytics.ingest.fields import BY_NAME, CONTEXT, FIELDS, Field
from analytics.ingest.readers.base import Column, identifier, literal, text
from analytics.ingest.rules import RECORDED, Redacted

IDS = ("event_id", "user_id", "anonymous_id", "session_id")
AGENTS = ("user_agent", "browser", "os", "release", "device")  # numbers of versions look like network addresses
LEAST, MOST = 14, 23  # bytes of an id that may be a card number

_GAP = "(?:[ +-]|%20)"
_HEAD = "(?:4[0-9]{3}|5[1-5][0-9]{2}|2[2-7][0-9]{2}|6[0-9]{3}|35[0-9]{2})"
_AMERICAN, _DINERS = "3[47][0-9]{2}", "3[0689][0-9]{2}"
# in groups or in one piece, never half of it: ids of eight, four and four digits are no cards
_CARD = (
    f"(?:{_HEAD}(?:[0-9]{{12}}|(?:{_GAP}[0-9]{{4}}){{3}})|{_AMERICAN}(?:[0-9]{{11}}|{_GAP}[0-9]{{6}}{_GAP}[0-9]{{5}})"
    f"|{_DINERS}(?:[0-9]{{10}}|{_GAP}[0-9]{{6}}{_GAP}[0-9]{{4}})|62[0-9]{{15,17}})"
)
_ESCAPE = r"\\u[0-9a-fA-F]{4}|\\[bfnrt]"  # in JSON; its letters belong to no word
_BEFORE = rf"(?:^|[^0-9A-Za-z_.%+-]|{_ESCAPE}|%20)"  # a decimal, an id's tail or a phone number is no card
CARD = rf"{_BEFORE}({_CARD})\b"
CARD_ID = f"^(?:{_CARD})$"

_NAMES = (
    "[a-z0-9_.$-]*(?:token|secret|passw|pwd|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key|signature|"
    "session[_-]?id|sessid|jwt|credential|authorization)[a-z0-9_.$-]*|auth|oauth|sid|sig|pass|key|code|otp|pin"
)
_KEYS = (
    "password|passwd|pwd|passphrase|secret|client_secret|api_?key|access_?token|refresh_?token|id_?token|"
    "auth_?token|authorization|private_?key|cvc|cvv"
)
_STOP = r"&#\"\x27\\\s<>"  # what ends a value in an address
PARAMETER = rf"(?i)((?:[?&#]|%3f|%26|%23|\\u0026)(?:{_NAMES})(?:=|%3d|\\u003d))[^{_STOP}…][^{_STOP}…]*"
CREDENTIALS = r'(?i)(https?://)[^/?#@\s"\x27]*:[^/?#@\s"\x27]*@'
KEYED = rf'(?i)("(?:{_KEYS})"\s*:\s*")(?:[^"\\…]|\\.)(?:[^"\\]|\\.)*'
KEYED_WITHIN = rf'(?i)(\\"(?:{_KEYS})\\"\s*:\s*\\")[^"\\…][^"\\]*'  # JSON as a text in JSON
# a JSON Web Token, wherever it stands
JSON_WEB = rf"(^|[^A-Za-z0-9_]|{_ESCAPE})eyJ[A-Za-z0-9_-]{{8,}}\.eyJ[A-Za-z0-9_-]{{8,}}(?:\.[A-Za-z0-9_-]*)?"
EMAIL = (
    rf"({_ESCAPE})?[A-Za-z0-9._+-]{{1,64}}(?:@|%40|\\u0040)"
    r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}\b"
)
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
ADDRESS = (
    rf"(?:^|[^0-9A-Za-z.])((?:{_OCTET}\.){{3}}{_OCTET}|(?:[0-9a-fA-F]{{1,4}}:){{7}}[0-9a-fA-F]{{1,4}}"
    r"|[0-9a-fA-F]{2,4}(?::[0-9a-fA-F]{1,4}){0,6}::(?:[0-9a-fA-F]{1,4}:){0,6}[0-9a-fA-F]{1,4})\b"
)
TYPED = (
    r'(?i)("[a-z0-9_.$-]*(?:text|typed|input|message|comment|query|search|keywords?|search_term|note)"\s*:\s*")'
    r'(?:[^"\\…]|\\.)(?:[^"\\]|\\.)*'
)
SEARCHED = rf"(?i)((?:[?&]|%26|%3f)(?:q|query|search|s|keywords?|term)(?:=|%3d))[^{_STOP}…][^{_STOP}…]*"

_SECRETS = (
    (PARAMETER, r"\1…"),
    (CREDENTIALS, r"\1"),
    (KEYED, r"\1…"),
    (KEYED_WITHIN, r"\1…"),
    (JSON_WEB, r"\1[token]"),
)
PATTERNS: dict[str, tuple[tuple[str, str], ...]] = {
    "secrets": _SECRETS,
    "email": ((EMAIL, r"\1[email]"),),
    "free_text": ((TYPED, r"\1…"), (SEARCHED, r"\1…")),
}
"""Rule -> (pattern, what remains); `cards` and `addresses` check what their patterns find."""
KEY_OF = {"event_id": "id", "user_id": "user_id_key", "anonymous_id": "anonymous_key"}
KEYS_AGAIN = {
    "id": "CASE WHEN id_text IS NULL THEN id ELSE CAST(md5(id_text) AS UUID) END",
    "user_id_key": f"CASE WHEN user_id IS NOT NULL THEN {canonical.USER_KEY.format('user_id')} END",
    "anonymous_key": f"CASE WHEN anonymous_id IS NOT NULL THEN {canonical.ANONYMOUS_KEY.format('anonymous_id')} END",
    "context_hash": canonical.CONTEXT_HASH,
}
"""As `canonical.KEYS`, over ids that a rule changed; an event's id that is a UUID holds nothing."""
LONG_NUMBERS = ("BIGINT", "UBIGINT", "HUGEINT", "DOUBLE")  # types that can hold a card number
TIMES = ("DATE", "TIME", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE")
SHORT = (*canonical.NUMBERS, *TIMES, "BOOLEAN", "UUID")
HASHED_ID = f"'id-' || {HASHED}"
IS_HASHED = "regexp_full_match({0}, 'id-[0-9a-f]{{32}}')"
# A page's address is redacted where it is taken apart (`urls`); what it left is counted here.
IN_PAGE_ADDRESS = (
    """CASE WHEN contains(properties, '…') THEN regexp_matches(properties, '"url":"http[^"]*…') ELSE false END"""
)
PATTERN_RULES = ("cards", "secrets", "email", "addresses")  # that need to know no field
UNTELLABLE = "[not kept: what is private in this row cannot be told apart]"


def hashed_id(key: Key, text: str) -> str:
    """What is kept of an id that a rule hashes. The import computes the same in SQL."""
    return f"id-{key.hash(text)}"


@dataclass(frozen=True)
class Redaction:
    """The rules over rows in canonical columns; `column` tells what a field's column is called there."""

    rules: tuple[str, ...]
    column: Callable[[str], str] = lambda field: field

    def fields(self, there: Iterable[str]) -> list[Field]:
        """Those of the fields `there` that a rule may change."""
        wanted = set(there)
        return [field for field in FIELDS if field.name in wanted and field.type == "VARCHAR" and field.name != "ip"]

    def may_have(self, field: Field, text: str) -> str:
        """Whether a pattern fits the value of `text`, a bare column: cheap, and true wherever a rule changes it."""
        if always := self._always(field):
            return f"coalesce({self._changes(text, always)}, false)"
        pattern = self._any(field)
        if pattern is None:
            return "false"
        seen = f"regexp_extract({text}, {literal(pattern)})"
        if field.kind == "id":  # ids differ in every row, so most are to be told by a glance
            short = f"strlen({text}) BETWEEN {LEAST} AND {MOST}"
            glance = [("cards", short), ("email", f"contains({text}, '@')")]
            worth = " OR ".join(sql for rule, sql in glance if rule in self.rules)
            seen = f"CASE WHEN {worth} THEN {seen} ELSE '' END"
        return f"{seen} <> ''"

    def has(self, field: Field, text: str) -> str:
        """Whether a rule changes the value of `text`, a bare column."""
        fits = self.may_have(field, text)
        if self._always(field) or fits == "false":
            return fits
        changes = self._hits(text) if field.kind == "id" else f"{self._without(field, text)} IS DISTINCT FROM {text}"
        return f"CASE WHEN {fits} THEN {changes} ELSE false END"

    def counts(self, fields: Iterable[Field], relation: str) -> tuple[str, list[tuple[str, str]]]:
        """The statement that counts, in one row, what every rule changes in every field; and which count is which."""
        asked: list[tuple[str, str]] = []
        counts = []
        for field in fields:
            for rule in self.rules:
                test = self.only(rule).has(field, self.column(field.name))
                if test != "false":
                    asked.append((rule, field.name))
                    counts.append(f"count(CASE WHEN {test} THEN 1 END)")
        return f"SELECT {', '.join(counts) or '0'} FROM {relation}", asked

    def candidates(self, fields: Iterable[Field], relation: str) -> str:
        """The statement that counts, per field, the rows that a rule may change."""
        counts = [f"count(CASE WHEN {self.may_have(field, self.column(field.name))} THEN 1 END)" for field in fields]
        return f"SELECT {', '.join(counts) or '0'} FROM {relation}"

    def candidate(self, fields: Iterable[Field], relation: str) -> str:
        """The statement that says whether a rule may change anything: for few rows, where patterns cost most."""
        there = list(fields)
        if not there or not self.rules:
            return f"SELECT false FROM {relation} LIMIT 1"
        if any(self._always(field) for field in there):
            return f"SELECT count(*) > 0 FROM {relation}"
        patterns = "|".join(f"(?:{_plain(pattern)})" for rule in self.rules for pattern in _patterns(rule))
        together = f"concat_ws(chr(10), {', '.join(self.column(field.name) for field in there)})"
        fits = f"regexp_matches({together}, {literal(patterns)})"
        return f"SELECT coalesce(bool_or({fits}), false) FROM {relation}"

    def value(self, field: Field) -> str:
        """The field's value as it may be stored."""
        text = self.column(field.name)
        fits = self.has(field, text) if field.kind == "id" else self.may_have(field, text)
        return f"CASE WHEN {fits} THEN {self._without(field, text)} ELSE {text} END"

    def rows(self, fields: Iterable[Field], relation: str) -> str:
        """The rows of `relation` with the values of `fields` as they may be stored, and with the keys that follow."""
        changed = [field.name for field in fields]
        keys = {KEY_OF[name] for name in changed if name in KEY_OF}
        keys |= {"context_hash"} if any(name in CONTEXT for name in changed) else set()
        again = ", ".join(f"{KEYS_AGAIN[key]} AS {key}" for key in sorted(keys))
        values = self.values(BY_NAME[name] for name in changed)
        return f"SELECT * REPLACE ({again}) FROM ({values} FROM {relation})" if again else f"{values} FROM {relation}"

    def values(self, fields: Iterable[Field]) -> str:
        """All columns of rows, those of `fields` as they may be stored: what stands before FROM."""
        replaced = ", ".join(f"{self.value(field)} AS {self.column(field.name)}" for field in fields)
        return f"SELECT * REPLACE ({replaced})" if replaced else "SELECT *"

    def hides(self, field: str | None, column: str) -> bool:
        """Whether no value of a file's `column` may be shown, which is read as `field` or kept as a property."""
        return field == "ip" or (self._is_private(column) if field is None else bool(self._always(BY_NAME[field])))

    def shown(self) -> str:
        """The statement that yields, in their order, the texts of the list `$texts` as they may be shown."""
        value = replace(self._but("free_text"), column=lambda field: "given").value(BY_NAME["referrer"])
        return f"SELECT {value} FROM (SELECT unnest($texts) AS given)"

    def in_others(self, columns: Iterable[Column]) -> list[str]:
        """For columns of a file that become properties as they are: conditions under which a rule may change them."""
        tests = []
        for column in columns:
            name = identifier(column.name)
            if self._is_private(column.name):
                tests.append(f"{name} IS NOT NULL")
            elif column.type in LONG_NUMBERS:
                seen = self._but("free_text").has(BY_NAME["referrer"], f"CAST({name} AS VARCHAR)")
                long = f"{name} BETWEEN {10 ** (LEAST - 1)} AND {10**19 - 1}"
                tests.append(f"CASE WHEN {long} THEN {seen} ELSE false END")
            elif column.type not in SHORT:
                bare = replace(column, sql=name)
                tests.append(self._but("free_text").has(BY_NAME["referrer"], text(bare)))
        return tests

    def only(self, rule: str) -> "Redaction":
        """This one rule of them."""
        return replace(self, rules=(rule,))

    def _but(self, rule: str) -> "Redaction":
        return replace(self, rules=tuple(other for other in self.rules if other != rule))

    def _is_private(self, name: str) -> bool:
        """Whether a rule goes by the name of a property alone."""
        as_json = json.dumps({name: "x"})
        by_name = {"secrets": KEYED, "free_text": TYPED}
        return any(rule in self.rules and re.search(pattern, as_json) for rule, pattern in by_name.items())

    def refused(self, *, has_columns: bool) -> str:
        """The columns `raw`, a refused row as it may be kept, and `by_RULE`, whether the rule changes it.

        `has_columns`: its canonical columns stand beside it.
        """
        flags = [f"{self.only(rule)._raw('raw', has_columns)} IS DISTINCT FROM raw AS by_{rule}" for rule in self.rules]
        return ", ".join([f"{self._raw('raw', has_columns)} AS raw", *flags])

    def _raw(self, text: str, has_columns: bool) -> str:
        for rule in ("user_ids", "free_text"):
            if rule not in self.rules:
                continue
            name = "user_id" if rule == "user_ids" else "text"
            column = self.column(name)
            if not has_columns:
                return literal(UNTELLABLE)
            told = f"coalesce({', '.join(self.column(n) for n in (*IDS[1:], 'event', 'page'))}) IS NOT NULL"
            instead = HASHED_ID.format(column) if rule == "user_ids" else "'[text]'"
            whole = f"'(^|[^0-9A-Za-z_])' || regexp_escape({column}) || '($|[^0-9A-Za-z_])'"
            done = text
            for _ in range(2):  # neighbours share what stands between them
                done = rf"regexp_replace({done}, {whole}, '\1' || {instead} || '\2', 'g')"
            text = (
                f"CASE WHEN {IS_HASHED.format(column)} THEN {text} "
                f"WHEN {column} IS NOT NULL AND regexp_matches({text}, {whole}) THEN {done} "
                f"WHEN {column} IS NULL AND {told} THEN {text} ELSE {literal(UNTELLABLE)} END"
            )
        for rule in self.rules:
            text = _pattern(rule, text, is_raw=True)
        return text

    def _always(self, field: Field) -> str | None:
        """The rule under which this field never stays as it is."""
        if field.name == "user_id" and "user_ids" in self.rules:
            return "user_ids"
        return "free_text" if field.name == "text" and "free_text" in self.rules else None

    @staticmethod
    def _changes(text: str, rule: str) -> str:
        return f"NOT {IS_HASHED.format(text)}" if rule == "user_ids" else f"{text} IS NOT NULL"

    def _any(self, field: Field) -> str | None:
        """One pattern of whatever a rule may change in the field."""
        if field.kind == "id":
            patterns = [pattern for rule, pattern in (("cards", CARD_ID), ("email", EMAIL)) if rule in self.rules]
        else:
            patterns = [_plain(pattern) for rule in self._textual(field) for pattern in _patterns(rule)]
        return "|".join(f"(?:{pattern})" for pattern in patterns) or None

    def _textual(self, field: Field) -> list[str]:
        return [
            rule for rule in self.rules if rule != "user_ids" and not (rule == "addresses" and field.name in AGENTS)
        ]

    def _hits(self, text: str) -> str:
        """Whether the id `text` is to be hashed, given that a pattern fits."""
        mail = f"regexp_matches({text}, {literal(EMAIL)})"
        tests = [sql for rule, sql in (("cards", f"len({_cards(text)}) > 0"), ("email", mail)) if rule in self.rules]
        return f"({' OR '.join(tests)}) AND NOT {IS_HASHED.format(text)}"

    def _without(self, field: Field, text: str) -> str:
        if self._always(field) == "free_text":
            return "CAST(NULL AS VARCHAR)"
        if field.kind == "id":
            return HASHED_ID.format(text)
        changed = text
        for rule in self._textual(field):
            changed = _pattern(rule, changed, is_json=field.kind == "object")
        return changed


def _patterns(rule: str) -> list[str]:
    checked = {"cards": [CARD], "addresses": [ADDRESS]}
    return checked.get(rule) or [pattern for pattern, _ in PATTERNS.get(rule, ())]


def _plain(pattern: str) -> str:
    """With its flag for itself alone."""
    return f"(?i:{pattern.removeprefix('(?i)')})" if pattern.startswith("(?i)") else pattern


def _pattern(rule: str, text: str, *, is_json: bool = False, is_raw: bool = False) -> str:
    if rule == "cards":
        return _fold(text, _cards(text), "[card]", is_json)
    if rule == "addresses":
        found = f"list_filter(regexp_extract_all({text}, {literal(ADDRESS)}, 1), lambda a: NOT ends_with(a, '.0.0.0'))"
        return _fold(text, found, "[address]", is_json)
    for pattern, remains in PATTERNS.get(rule, ()):
        pattern = pattern.replace(_STOP, _STOP + ",;|") if is_raw else pattern  # the next value of a line may follow
        text = f"regexp_replace({text}, {literal(pattern)}, {literal(remains)}, 'g')"
    return text


def _fold(text: str, found: str, word: str, is_json: bool) -> str:
    """`text` with every text of the list `found` replaced. A card number may be a number in JSON: it becomes a text."""
    plain = f"list_reduce(list_prepend({text}, {found}), lambda done, one: replace(done, one, '{word}'))"
    if not is_json:
        return plain
    number = rf"""regexp_replace(done, '([:\[,]\s*)' || regexp_replace(one, '[^0-9]', '', 'g') || '(?:[.]0+)?(\s*[,\]}}])', '\1"{word}"\2', 'g')"""  # noqa: E501
    typed = f"list_reduce(list_prepend({text}, {found}), lambda done, one: replace({number}, one, '{word}'))"
    return (
        f"CASE WHEN NOT json_valid({text}) OR json_valid({plain}) THEN {plain} "
        f'WHEN json_valid({typed}) THEN {typed} ELSE \'{{"redacted":"{word}"}}\' END'
    )


def _cards(text: str) -> str:
    """The card numbers in a text, each as it stands there."""
    digits = "regexp_replace(c, '%20|[^0-9]', '', 'g')"
    digit = f"CAST(substr({digits}, strlen({digits}) - i, 1) AS INTEGER)"
    doubled = f"CASE WHEN i % 2 = 1 THEN ({digit} * 2) // 10 + ({digit} * 2) % 10 ELSE {digit} END"
    luhn = f"list_sum(list_transform(range(0, strlen({digits})), lambda i: {doubled})) % 10 = 0"
    return f"list_filter(regexp_extract_all({text}, {literal(CARD)}, 1), lambda c: {luhn})"


def recorded(connection: duckdb.DuckDBPyConnection, redaction: Redaction, path: Path) -> tuple[Redacted, ...]:
    """Applies the rules to the recorded pages in the Parquet file at `path`, in the columns of the store's table.

    Rules that go by fields do not know a page's texts; whoever wants no free text keeps no recordings either.
    """
    field = BY_NAME["properties"]  # JSON, as a recording is
    patterned = replace(redaction, rules=tuple(rule for rule in redaction.rules if rule in PATTERN_RULES))
    if not patterned.rules:
        return ()
    columns = ", ".join(
        f"{replace(patterned, rules=(rule,)).has(field, field.name)} AS {rule}" for rule in patterned.rules
    )
    statement = f"SELECT {patterned.value(field)}, {columns} FROM (SELECT $text AS properties)"
    table = pq.read_table(path)
    rows, found = table.to_pylist(), dict.fromkeys(patterned.rules, 0)
    for row in rows:
        given = zlib.decompress(row["packed"]).decode()
        left, *by_rule = connection.execute(statement, {"text": given}).fetchone() or (given,)
        for rule, is_found in zip(patterned.rules, by_rule, strict=False):
            found[rule] += bool(is_found)
        if left != given:
            text = left.encode()
            row |= {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest(), "packed": zlib.compress(text, 6)}
    if any(found.values()):
        pq.write_table(pa.Table.from_pylist(rows, table.schema), path, compression="none")
    return tuple(Redacted(rule, RECORDED, count) for rule, count in found.items() if count)
