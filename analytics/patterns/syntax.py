"""The tree of a pattern: what its parts are and how each stands to the one before, in SQL's terms and in words."""

from dataclasses import dataclass, field
from typing import Literal

from analytics import words
from analytics.conditions import AllOf, AnyOf, Condition, Filter, combine, of_event

Kind = Literal["event", "page"]


@dataclass(frozen=True)
class Name:
    """A name with wildcards: `pieces` are the literal texts around them, so one piece is an exact name."""

    pieces: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Without a wildcard."""
        return len(self.pieces) == 1

    @property
    def anything(self) -> bool:
        """Nothing but wildcards."""
        return not self.exact and not any(self.pieces)

    def test(self, column: str, value: str) -> Condition:
        """Over a row that has `column`; case counts. The value travels as `$value`."""
        if self.exact:
            return Condition(f"{column} = ${value}", {value: self.pieces[0]}, str(self))
        escaped = [piece.replace("!", "!!").replace("%", "!%").replace("_", "!_") for piece in self.pieces]
        return Condition(f"{column} LIKE ${value} ESCAPE '!'", {value: "%".join(escaped)}, str(self))

    def __str__(self) -> str:
        return "*".join(self.pieces)


@dataclass(frozen=True)
class Atom:
    """One kind of event: by its name, by the element acted on, any at all, or the begin of a stay on a page.

    `name` None is any event; `where` are filters that it must also pass.
    """

    of: Literal["event", "page", "element", "any"]
    name: Name | None = None
    where: Filter | AnyOf | AllOf | None = None

    @property
    def kind(self) -> Kind:
        """Which order "the very next" is meant in: among events, or among the pages."""
        return "page" if self.of == "page" else "event"

    @property
    def words(self) -> str:
        """As a page says it: "add_to_cart, value is above 50"."""
        what = "any event" if self.name is None else str(self.name)
        if self.of == "page" and self.name is not None and self.name.anything:
            what = "any page"
        if self.of == "element":
            what = f"something on {what}"
        return f"{what} ({combine(self.where, 'x', of_event).words.strip('()')})" if self.where else what


@dataclass(frozen=True)
class Step:
    """A part of a pattern: an event of `choice`, or `least` to `most` of them in a row (None: any number).

    `directly`: the very next one after the part before, else any later one; none of `without` lies in between. Times
    run from the last event of the part before to the first of this one, whole milliseconds, ends inside;
    `of_start_ms` from the pattern's start; `at_most_events` counts places instead. A step without a
    choice is the session's end.
    """

    choice: tuple[Atom, ...] = ()
    least: int = 1
    most: int | None = 1
    directly: bool = False
    without: tuple[Atom, ...] = ()
    at_least_ms: int = 0
    at_most_ms: int | None = None
    of_start_ms: int | None = None
    at_most_events: int | None = None

    @property
    def repeated(self) -> bool:
        """More than one event, or any number."""
        return (self.least, self.most) != (1, 1)

    @property
    def timed(self) -> bool:
        """Its distance from other parts is limited."""
        limits = (self.at_most_ms, self.of_start_ms, self.at_most_events)
        return bool(self.at_least_ms) or any(limit is not None for limit in limits)

    @property
    def words(self) -> str:
        """The part itself: "click or submit, 3 times in a row"."""
        if not self.choice:
            return "the session's end"
        what = words.listed([atom.words for atom in self.choice], "or")
        if not self.repeated:
            return what
        if self.most is None:
            often = f"{self.least} times or more" if self.least > 1 else "once or more"
        else:
            often = f"{self.least} times" if self.least == self.most else f"{self.least} to {self.most} times"
        return f"{what} {often} in a row"


@dataclass(frozen=True)
class Span:
    """From the first event of step `first` (-1: the session's start) to the last of step `last`, `at_most_ms` pass."""

    first: int
    last: int
    at_most_ms: int


@dataclass(frozen=True)
class Pattern:
    """A whole pattern. `from_start`: the session's start stands before the first step."""

    text: str = field(compare=False)
    steps: tuple[Step, ...]
    from_start: bool = False
    spans: tuple[Span, ...] = ()

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """Every event that is named anywhere, once."""
        found = [atom for step in self.steps for atom in (*step.choice, *step.without)]
        return tuple(dict.fromkeys(found))

    def kind(self, n: int) -> Kind:
        """Among what step `n` is the next one; the session's end is what stands before it."""
        step = self.steps[n]
        if step.choice:
            return "page" if all(atom.kind == "page" for atom in step.choice) else "event"
        return self.kind(n - 1) if n else "event"

    @property
    def words(self) -> str:
        """The whole as one sentence's part: "/cart, later /pay at most 10 m after it, no support* in between"."""
        said = []
        for n, step in enumerate(self.steps):
            before = n > 0 or self.from_start
            how = [("right after it " if step.directly else "later ") if before else ""]
            how.append(step.words)
            if step.at_most_ms is not None:
                how.append(f" at most {words.limit(step.at_most_ms)} after it")
            if step.at_most_events is not None:
                how.append(f" at most {words.many(step.at_most_events, 'event')} after it")
            if step.at_least_ms:
                how.append(f" at least {words.limit(step.at_least_ms)} after it")
            if step.of_start_ms is not None:
                how.append(f" at most {words.limit(step.of_start_ms)} after the start")
            if step.without:
                how.append(f", no {words.listed([atom.words for atom in step.without], 'or')} in between")
            said.append("".join(how))
        if self.from_start:
            said.insert(0, "the session's start")
        for span in self.spans:
            said.append(f"{self._ends(span)} within {words.limit(span.at_most_ms)}")
        return ", ".join(said)

    def _ends(self, span: Span) -> str:
        if span.first <= 0 and span.last == len(self.steps) - 1:
            return "all of it"
        first = "the start" if span.first < 0 else self.steps[span.first].words
        return f"{first} to {self.steps[span.last].words}" if span.first != span.last else first
