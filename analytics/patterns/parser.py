"""Text in, tree out. Items are lined up as steps, and checked for what a grammar cannot say."""

from dataclasses import replace
from functools import lru_cache
from typing import cast

from lark import Lark, UnexpectedInput
from lark.exceptions import VisitError

from analytics.patterns.grammar import GRAMMAR, refuse, unexpected
from analytics.patterns.reading import Anchor, Group, Item, Limit, Part, Reader, Without
from analytics.patterns.syntax import Atom, Pattern, Span, Step

LONGEST, DEEPEST, MOST_STEPS = 2000, 20, 20
_LARK = Lark(GRAMMAR, parser="lalr", lexer="contextual", transformer=Reader(), maybe_placeholders=False)


def parse(text: str) -> Pattern:
    """The tree of `text`. Raises `InvalidPattern`, with the character's position, for what is none."""
    return _parsed(text)


@lru_cache(maxsize=256)
def _parsed(text: str) -> Pattern:
    if len(text) > LONGEST:
        refuse(LONGEST, f"the pattern is {len(text):,} characters long; {LONGEST:,} are read")
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth > DEEPEST:
            refuse(at, f"more than {DEEPEST} parentheses are open")
    try:
        items = _LARK.parse(text)
    except UnexpectedInput as error:
        raise unexpected(text, error) from None
    except VisitError as error:
        raise error.orig_exc from None
    return _Builder(text).build(cast(tuple[Item, ...], items))


class _Builder:
    """Lines the items up as steps and checks what the grammar cannot."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.steps: list[Step] = []
        self.spans: list[Span] = []
        self.from_start = False
        self.ended = False
        self.without: list[Atom] = []
        self.without_at = 0

    def build(self, items: tuple[Item, ...]) -> Pattern:
        self._sequence(items, None)
        if self.without:  # "and not afterwards": up to the session's end
            self._step(Anchor(self.without_at, joint="->", end=True), Step(), ())
        if not self.steps:
            refuse(len(self.text), "after '(start)', an event, page: or element: was expected")
        return Pattern(self.text, tuple(self.steps), self.from_start, tuple(self.spans))

    def _sequence(self, items: tuple[Item, ...], joint: Item | None) -> None:
        """`joint`: the item whose joint stands before the first one."""
        for n, item in enumerate(items):
            if n == 0 and joint is not None:
                item = replace(item, joint=joint.joint, joint_at=joint.joint_at)
            if self.ended:
                refuse(item.at, "nothing can stand after (end)")
            if isinstance(item, Group):
                self._group(item)
            elif isinstance(item, Without):
                self._none(item)
            elif isinstance(item, Part):
                self._step(item, item.step, item.times)
            elif isinstance(item, Anchor) and item.end:
                self._step(item, Step(), item.times)
            else:
                self._start(item)

    def _start(self, item: Item) -> None:
        if self.steps or self.without or self.from_start:
            refuse(item.at, "(start) can only stand at the very beginning")
        self.from_start = True

    def _none(self, item: Without) -> None:
        if item.joint == "=>":
            refuse(item.joint_at, "before '!', '->' was expected, not '=>'")
        if not self.steps and not self.from_start:
            self.from_start = True
        self.without += [atom for atom in item.atoms if atom not in self.without]
        self.without_at = item.at

    def _group(self, item: Group) -> None:
        anchored = isinstance(item.items[0], Anchor) and not item.items[0].end
        negated = isinstance(item.items[0], Without)
        if isinstance(item.items[-1], Without) and item.times:
            refuse(item.items[-1].at, "a group with a time cannot end with '!'")
        first = -1 if (anchored or negated) and not self.steps else len(self.steps)
        if negated and first == -1 and item.times:
            refuse(item.items[0].at, "a group with a time cannot begin with '!'; put it before the group")
        self._sequence(item.items, item)
        for time in item.times:
            if time.of_start or time.events or time.word in ("after", "over"):
                refuse(time.at, "behind a group only 'within' or 'under' a time can stand, without 'of start'")
            self.spans.append(Span(first, len(self.steps) - 1, time.ms - (time.word == "under")))

    def _step(self, item: Item, step: Step, times: tuple[Limit, ...]) -> None:
        first = not self.steps and not self.from_start
        directly = item.joint == "=>"
        if directly and self.without:
            refuse(item.joint_at, "after '!', '->' was expected, not '=>'")
        if directly and len({atom.kind for atom in step.choice}) > 1:
            refuse(item.at, "what follows '=>' is all pages or all events, not both")
        if len(self.steps) >= MOST_STEPS:
            refuse(item.at, f"a pattern has {MOST_STEPS} parts at most")
        if isinstance(item, Anchor) and first:
            refuse(item.at, "before (end), an event, page: or (start) was expected")
        least = 0
        events: int | None = None
        most: int | None = None
        of_start: int | None = None
        for time in times:
            if first:
                refuse(time.at, f"'{time.word}' measures from the part before, and the first part has none")
            if time.word in ("after", "over"):
                if time.of_start:
                    refuse(time.at, f"'{time.word}' measures from the part before; leave out 'of start'")
                least = max(least, time.ms + (time.word == "over"))
                continue
            if time.events:
                events = time.events if events is None else min(events, time.events)
                continue
            limit = time.ms - (time.word == "under")
            if time.of_start:
                of_start = limit if of_start is None else min(of_start, limit)
            else:
                most = limit if most is None else min(most, limit)
        without, self.without = tuple(self.without), []
        self.steps.append(
            replace(
                step,
                directly=directly,
                without=without,
                at_least_ms=least,
                at_most_ms=most,
                at_most_events=events,
                of_start_ms=of_start,
            )
        )
        self.ended = isinstance(item, Anchor)
