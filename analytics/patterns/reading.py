"""From what the grammar finds to items: events, what must not happen, groups, each with its times and its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lark import Token, Transformer

from analytics.conditions import AllOf, AnyOf, Filter, Op
from analytics.errors import InvalidPattern, InvalidQuestion
from analytics.patterns.grammar import refuse, short
from analytics.patterns.syntax import Atom, Name, Step

MOST_TIMES = 100
LONGEST_MS = 366 * 24 * 3600 * 1000
OPERATORS: dict[str, Op] = {"=": "is", "!=": "is_not", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
UNITS = {"ms": 1, "s": 1000, "sec": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True)
class Item:
    """One thing in a sequence, where it stands in the text, and the joint before it."""

    at: int
    joint: str | None = None
    joint_at: int = 0


@dataclass(frozen=True)
class Anchor(Item):
    end: bool = False
    times: tuple["Limit", ...] = ()


@dataclass(frozen=True)
class Without(Item):
    atoms: tuple[Atom, ...] = ()


@dataclass(frozen=True)
class Part(Item):
    step: Step = Step()  # noqa: RUF009  it is frozen
    times: tuple["Limit", ...] = ()


@dataclass(frozen=True)
class Group(Item):
    items: tuple[Item, ...] = ()
    times: tuple["Limit", ...] = ()


@dataclass(frozen=True)
class Limit:
    """`word` is within, under, after or over; `events` stands instead of a time."""

    at: int
    word: str
    ms: int = 0
    of_start: bool = False
    events: int | None = None


@dataclass(frozen=True)
class Again:
    at: int
    least: int
    most: int | None


def _name(text: str, at: int) -> Name:
    """`*` is a wildcard; in quotes a backslash takes the meaning from the character behind it."""
    pieces, quoted = [""], text.startswith('"')
    body = iter(text[1:-1] if quoted else text)
    for character in body:
        if quoted and character == "\\":
            pieces[-1] += next(body)
        elif character == "*":
            pieces.append("")
        else:
            pieces[-1] += character
    if pieces == [""]:
        refuse(at, "a name is empty")
    middle = [piece for piece in pieces[1:-1] if piece]  # ** is *
    return Name((pieces[0], *middle, *pieces[-1:]) if len(pieces) > 1 else (pieces[0],))


def _plain(token: Token) -> str:
    text = str(token)
    if not text.startswith('"'):
        return text
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def _value(token: Token) -> str | bool | int | float:
    """A number, true or false where it looks like one and is not quoted; else a text."""
    text = str(token)
    if text.startswith('"'):
        return _plain(token)
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?[0-9]{1,18}\.[0-9]{1,18}", text) else text


def _at(token: Token) -> int:
    return token.start_pos or 0


class Reader(Transformer[Token, Any]):
    """Makes items of what the grammar finds, from the inside out."""

    def start(self, children: list[Any]) -> tuple[Item, ...]:
        return children[0]  # type: ignore[no-any-return]

    def sequence(self, children: list[Any]) -> tuple[Item, ...]:
        items = [children[0]]
        for joint, item in zip(children[1::2], children[2::2], strict=True):
            items.append(replace(item, joint=str(joint), joint_at=_at(joint)))
        return tuple(items)

    def joint(self, children: list[Token]) -> Token:
        return children[0]

    def at_start(self, children: list[Token]) -> Item:
        return Anchor(_at(children[0]))

    def at_end(self, children: list[Any]) -> Item:
        return Anchor(_at(children[0]), end=True, times=tuple(children[1:]))

    def none_of(self, children: list[tuple[int, Atom]]) -> Item:
        return Without(children[0][0], atoms=tuple(atom for _, atom in children))

    def choice(self, children: list[tuple[int, Atom]]) -> tuple[int, tuple[Atom, ...]]:
        return children[0][0], tuple(dict.fromkeys(atom for _, atom in children))

    def part(self, children: list[Any]) -> Item:
        (at, atoms), *rest = children
        return Part(at, step=_repeated(Step(atoms), rest), times=_times(rest))

    def group(self, children: list[Any]) -> Item:
        items, *rest = children
        alone: Item = items[0]
        plain = len(items) == 1 and isinstance(alone, Part) and not alone.times and not alone.step.repeated
        again = [one for one in rest if isinstance(one, Again)]
        if again and not plain:
            refuse(again[0].at, "a repeat belongs behind one event or behind alternatives such as (a | b)")
        if plain and isinstance(alone, Part):
            return replace(alone, step=_repeated(alone.step, rest), times=_times(rest))
        return Group(alone.at, items=items, times=_times(rest))

    def atom(self, children: list[Any]) -> tuple[int, Atom]:
        token, *where = children
        at, text = _at(token), str(token)
        of, colon, rest = text.partition(":")
        if not colon or of not in ("page", "element", "event"):
            if text == "any":
                return at, Atom("any", where=where[0] if where else None)
            return at, Atom("event", _name(text, at), where[0] if where else None)
        if not rest:
            what = {"page": "a page, as in page:/cart,", "element": "an element, as in element:#pay,"}
            refuse(at + len(text), f"after '{of}:', {what.get(of, 'a name, as in event:order,')} was expected")
        return at, Atom(of, _name(rest, at + len(of) + 1), where[0] if where else None)  # type: ignore[arg-type]

    def once_or_more(self, children: list[Token]) -> Again:
        return Again(_at(children[0]), 1, None)

    def exactly(self, children: list[Token]) -> Again:
        return _again(children[0], children[0])

    def at_least(self, children: list[Token]) -> Again:
        return _again(children[0], None)

    def between(self, children: list[Token]) -> Again:
        return _again(children[0], children[1])

    def time(self, children: list[Token]) -> Limit:
        word, length, *of_start = children
        parts = re.findall(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)", str(length))
        ms = round(sum(float(number) * UNITS[unit] for number, unit in parts)) if len(str(length)) < 100 else 2e18
        if ms > LONGEST_MS:
            refuse(_at(length), "the time is longer than a year")
        if str(word) == "under" and not ms:
            refuse(_at(length), "nothing takes less than no time")
        return Limit(_at(word), str(word), int(ms), bool(of_start))

    def among_events(self, children: list[Token]) -> Limit:
        word, count = children
        if str(word) != "within":
            refuse(_at(word), f"a number of events stands behind 'within', not behind '{word}'")
        digits = str(count).split()[0]
        if len(digits) > 6 or not int(digits):
            refuse(_at(count), f"'within' 1 to 999,999 events is possible, not {short(digits)}")
        return Limit(_at(word), str(word), events=int(digits))

    def conditions(self, children: list[Any]) -> Any:
        return children[0] if len(children) == 1 else AnyOf(tuple(children))

    def every(self, children: list[Any]) -> Any:
        return children[0] if len(children) == 1 else AllOf(tuple(children))

    def value(self, children: list[Token]) -> Token:
        return children[0]

    def compared(self, children: list[Token]) -> Filter:
        field, comparison, value = children
        return _filter(field, OPERATORS[str(comparison)], _value(value))

    def equal(self, children: list[Token]) -> Filter:
        return _filter(children[0], "is", _value(children[1]))

    def not_equal(self, children: list[Token]) -> Filter:
        return _filter(children[0], "is_not", _value(children[1]))

    def known(self, children: list[Token]) -> Filter:
        return _filter(children[0], "is_set", None)

    def unknown(self, children: list[Token]) -> Filter:
        return _filter(children[0], "is_not_set", None)

    def contains(self, children: list[Token]) -> Filter:
        return _filter(children[0], "contains", _plain(children[1]))

    def lacks(self, children: list[Token]) -> Filter:
        return _filter(children[0], "not_contains", _plain(children[1]))

    def matches(self, children: list[Token]) -> Filter:
        return _filter(children[0], "regex", _regex(children[1]))

    def differs(self, children: list[Token]) -> Filter:
        return _filter(children[0], "not_regex", _regex(children[1]))

    def among(self, children: list[Token]) -> Filter:
        return _filter(children[0], "in", tuple(map(_value, children[1:])))

    def not_among(self, children: list[Token]) -> Filter:
        return _filter(children[0], "not_in", tuple(map(_value, children[1:])))


def _filter(field: Token, op: Op, value: Any) -> Filter:
    try:
        return Filter(_plain(field), op, value)
    except InvalidQuestion as error:
        raise InvalidPattern(f"At character {_at(field) + 1}: {error}", _at(field)) from None


def _regex(token: Token) -> str:
    text = _plain(token)
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        refuse(_at(token), f"'{short(text)}' is no regular expression: {error}")
    return text


def _again(least: Token, most: Token | None) -> Again:
    for token in (least, most):
        if token is not None and (len(token) > 3 or not 1 <= int(token) <= MOST_TIMES):
            refuse(_at(token), f"a repeat is 1 to {MOST_TIMES} times, not {short(str(token))}")
    if most is not None and int(most) < int(least):
        refuse(_at(most), f"a repeat of at least {least} cannot be at most {most}")
    return Again(_at(least), int(least), None if most is None else int(most))


def _repeated(step: Step, rest: Sequence[Any]) -> Step:
    again = next((one for one in rest if isinstance(one, Again)), None)
    if again is None:
        return step
    if len({atom.kind for atom in step.choice}) > 1:
        refuse(again.at, "what is repeated in a row is all pages or all events, not both")
    return replace(step, least=again.least, most=again.most)


def _times(rest: Sequence[Any]) -> tuple[Limit, ...]:
    return tuple(one for one in rest if isinstance(one, Limit))
