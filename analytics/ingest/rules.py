"""Which rules of redaction are there, which are on, and what did they take away? `redaction` applies them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analytics import words
from analytics.errors import InvalidQuestion
from analytics.store.duck import DuckStore

RULES = {
    "cards": "payment card numbers",
    "secrets": "secrets in addresses",
    "email": "e-mail addresses",
    "user_ids": "user ids",
    "addresses": "network addresses in texts",
    "free_text": "free text",
}
"""Every rule, and what it takes away, as a report says it."""
USUAL = ("cards", "secrets")
"""Those that a new store begins with."""
SETTING = "redact"  # in `settings`: the rules that are on, a JSON list
SET = "INSERT INTO settings (key, value) VALUES ($key, $value) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
REFUSED, RECORDED = "refused rows", "recorded pages"  # stand for a field in `Redacted`


@dataclass(frozen=True)
class Redacted:
    """What `rule` took out of `field`, in how many `rows`; `REFUSED` and `RECORDED` stand in a field's place."""

    rule: str
    field: str
    rows: int


def chosen(stored: str | None, wanted: Mapping[str, bool]) -> tuple[str, ...]:
    """The rules that are on: the store's (`stored` as in `settings`; None: the usual ones), changed as wanted."""
    on = set(USUAL if stored is None else json.loads(stored))
    return tuple(rule for rule in RULES if wanted.get(rule, rule in on))


def kept(rules: Iterable[str]) -> str:
    """As `settings` keeps them."""
    return json.dumps(list(rules))


def demand_known(rules: Iterable[str]) -> None:
    """Raises `InvalidQuestion` for a rule that there is not."""
    for rule in rules:
        if rule not in RULES:
            raise InvalidQuestion(f"There is no rule of redaction {rule!r}; the rules are {', '.join(RULES)}.")


def said(found: Iterable[Redacted]) -> str:
    """What was taken away, in one sentence; empty when nothing was."""
    by_rule: dict[str, list[Redacted]] = {}
    for one in found:
        by_rule.setdefault(one.rule, []).append(one)
    places = {rule: [f"{one.field} ({words.many(one.rows, 'row')})" for one in of] for rule, of in by_rule.items()}
    parts = [f"{RULES[rule]} in {words.listed(where)}" for rule, where in places.items()]
    return f"Redacted before anything was stored: {'; '.join(parts)}." if parts else ""


def switch(store: DuckStore, wanted: Mapping[str, bool]) -> tuple[str, ...]:
    """Switches rules of the store on or off, for every import to come; returns those that are on then."""
    demand_known(wanted)
    with store.writing() as cursor:
        found = cursor.execute("SELECT value FROM settings WHERE key = $key", {"key": SETTING}).fetchone()
        on = chosen(found[0] if found else None, wanted)
        cursor.execute(SET, {"key": SETTING, "value": kept(on)})
    return on
