"""Patterns: what a session has to do, in which order and how fast: `page:/cart -> !support* -> page:/pay within 10m`.

`parse` reads the text into a tree (grammar.py, reading.py, parser.py), which says itself in words (syntax.py).
strings.py asks it of a session kept as a string, steps.py of its events and stays; `membership` chooses.
docs/patterns.md is the language's manual.
"""

from analytics.patterns.membership import Membership, first_matches, membership
from analytics.patterns.parser import parse
from analytics.patterns.steps import Cte, Found, Tables, listed, matches
from analytics.patterns.syntax import Pattern

__all__ = [
    "Cte",
    "Found",
    "Membership",
    "Pattern",
    "Tables",
    "first_matches",
    "listed",
    "matches",
    "membership",
    "parse",
]
