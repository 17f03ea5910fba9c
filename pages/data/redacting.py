"""What is to be taken out of the files before anything is stored: the rules, and what they would find."""

from collections.abc import Sequence

import streamlit as st

from analytics import words
from analytics.ingest import rules
from analytics.ingest.rules import RULES, Redacted
from pages.data.naming import LABELS
from pages.shared import escape

SHOWN = ("email", "cards", "addresses", "secrets")  # rules whose findings are said when they are off
HELP = (
    "Kept by the store: later imports do the same. Ids become keyed hashes, so that people stay apart and come "
    "together across imports; anything else is replaced by a word in brackets or by `…`. "
    "What is stored already stays as it is."
)


def choose(stored: str | None, private: Sequence[Redacted]) -> dict[str, bool]:
    """Draws the rules, those chosen that the store has (`stored` as in `settings`), and returns which are on.

    `private` is what all rules find in the first rows of a file.
    """
    on = rules.chosen(stored, {})
    picked = st.multiselect(
        "Taken out before anything is stored",
        list(RULES),
        list(on),
        key="import-redact",
        format_func=lambda rule: RULES[rule].capitalize(),
        help=HELP,
        placeholder="Nothing",
    )
    if left := _left(private, picked):
        st.caption(f"In the first rows, and kept as it is: {left}.")
    return {rule: rule in picked for rule in RULES}


def _left(private: Sequence[Redacted], picked: Sequence[str]) -> str:
    """What was seen and would be stored."""
    seen: dict[str, list[str]] = {}
    for one in private:
        if one.rule in SHOWN and one.rule not in picked:
            field = escape(LABELS.get(one.field, one.field).lower(), 40)
            seen.setdefault(one.rule, []).append(f"{field} ({words.many(one.rows, 'row')})")
    return "; ".join(f"{RULES[rule]} in {words.listed(where)}" for rule, where in seen.items())
