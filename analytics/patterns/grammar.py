"""The pattern language's grammar, and what is said where a text does not follow it.

It is LALR(1), read by lark: linear in the text's length, and at every character it knows what may stand there.
"""

import re
from typing import NoReturn

from lark import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from analytics import words
from analytics.errors import InvalidPattern

GRAMMAR = r"""
start: sequence
sequence: element (joint element)*
?element: START -> at_start
    | END time* -> at_end
    | "!" atom -> none_of
    | "!" "(" atom ("|" atom)* ")" -> none_of
    | choice again? time* -> part
    | "(" sequence ")" again? time* -> group
!joint: "->" | "=>"
choice: atom ("|" atom)*
atom: ATOM ("[" conditions "]")?
again: PLUS -> once_or_more
    | "{" COUNT "}" -> exactly
    | "{" COUNT "," "}" -> at_least
    | "{" COUNT "," COUNT "}" -> between
time: TIME DURATION OF_START?
    | TIME EVENTS -> among_events

conditions: every ("or" every)*
every: condition (("and" | ",") condition)*
?condition: FIELD COMPARE value -> compared
    | FIELD "is" value -> equal
    | FIELD "is" "not" value -> not_equal
    | FIELD "is" "known" -> known
    | FIELD "is" "unknown" -> unknown
    | FIELD "contains" value -> contains
    | FIELD "not" "contains" value -> lacks
    | FIELD "matches" value -> matches
    | FIELD "not" "matches" value -> differs
    | FIELD "in" "(" value ("," value)* ")" -> among
    | FIELD "not" "in" "(" value ("," value)* ")" -> not_among
value: VALUE

START.3: /\(\s*start\s*\)/
END.3: /\(\s*end\s*\)/
TIME.2: /(within|under|after|over)(?![^\s()\[\]{}|!+"])/
OF_START.2: /of\s+start(?![^\s()\[\]{}|!+"])/
ATOM: /(page|element|event):("(\\.|[^"\\])*"|((?!->|=>)[^\s()\[\]{}|!+"])*)/
    | /"(\\.|[^"\\])*"/
    | /(?!(within|under|after|over|of)(?![^\s()\[\]{}|!+"]))((?!->|=>)[^\s()\[\]{}|!+"])+/
PLUS: "+"
COUNT: /[0-9]+/
EVENTS: /[0-9]+\s+events?(?![^\s()\[\]{}|!+"])/
DURATION: /([0-9]+(\.[0-9]+)?\s*(ms|sec|s|min|m|h|d)(?![a-z])\s*)+/
COMPARE: ">=" | "<=" | "!=" | ">" | "<" | "="
FIELD: /[^\s()\[\]{}|!+"<>=,]+|"(\\.|[^"\\])*"/
VALUE: /[^\s()\[\]",]+|"(\\.|[^"\\])*"/
%ignore /\s+/
"""

WORD = re.compile(r""""(?:\\.|[^"\\])*"|->|=>|[^\s()\[\]{}|!+",]+|\S""", re.DOTALL)
SAID = {  # what may stand somewhere, in the order in which it is worth saying
    "ATOM": "an event, page:",
    "LPAR": "'('",
    "__ANON_0": "'->'",
    "__ANON_1": "'=>'",
    "TIME": "a time such as 'within 10m'",
    "DURATION": "a length of time such as 10m",
    "FIELD": "a field such as value or device",
    "COMPARE": "a comparison such as '>' or 'is'",
    "VALUE": "a value",
    "COUNT": "a number",
    "VBAR": "'|'",
    "RPAR": "')'",
    "RSQB": "']'",
    "RBRACE": "'}'",
    "COMMA": "','",
    "AND": "'and'",
    "$END": "the end of the pattern",
}


def refuse(at: int, why: str) -> NoReturn:
    """Raises; `at` counts characters from 0, and readers from 1."""
    raise InvalidPattern(f"At character {at + 1}, {why}.", at)


def unexpected(text: str, error: UnexpectedInput) -> InvalidPattern:
    """What was expected where, and what stands there."""
    expected: set[str] = set()
    at = len(text)
    if isinstance(error, UnexpectedToken):
        expected = set(error.accepts or error.expected)
        at = len(text) if error.token.type == "$END" or error.token.start_pos is None else error.token.start_pos
    elif isinstance(error, UnexpectedCharacters):
        expected, at = set(error.allowed or ()), error.pos_in_stream or 0
    wanted = words.listed([said for name, said in SAID.items() if name in expected][:4], "or") or "something else"
    before = re.search(rf"({WORD.pattern})\s*\Z", text[:at])
    after = f"after '{short(before[1])}', " if before else ""
    if before and before[1] in ("page:", "element:", "event:"):
        wanted = "a name without a space before it"
    where = f"At character {at + 1}"
    found = WORD.match(text, at)
    if not text.strip():
        return InvalidPattern(f"The pattern is empty; {wanted} was expected.", 0)
    if found is None:
        return InvalidPattern(f"{where}, where the pattern ends, {after}{wanted} was expected.", at)
    if found[0] == '"':
        return InvalidPattern(f'{where}, a name in quotes begins that has no closing ".', at)
    return InvalidPattern(f"{where}, {after}{wanted} was expected, not '{short(found[0])}'.", at)


def short(text: str) -> str:
    """As much of a text as a sentence can hold."""
    return text if len(text) <= 40 else text[:39] + "…"
