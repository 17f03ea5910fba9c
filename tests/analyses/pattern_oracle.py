"""A plain reading of what a pattern means: every way to place its parts on a session's events is tried."""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Event:
    """`ms` since the session's start; events are listed in order."""

    name: str
    ms: int
    page: str | None = None
    element: str | None = None
    value: float | None = None


def stays(events):
    """The events (by index) that begin a stay on a page that counts as viewed, with the page."""
    found, page, viewed = [], None, False
    for n, event in enumerate(events):
        if event.page is None:
            continue
        view = event.name == "page_view"
        if event.page != page or (view and viewed):
            page, viewed = event.page, view
            found.append([n, page, viewed])
        elif view:
            viewed = found[-1][2] = True
    if any(viewed for *_, viewed in found):
        found = [stay for stay in found if stay[2]]
    return {n: page for n, page, _ in found}


def fits(name, text):
    if name is None:
        return text is not None
    if name.exact:
        return text == name.pieces[0]
    escaped = ["".join(f"[{c}]" if c in "*?[" else c for c in piece) for piece in name.pieces]
    return text is not None and fnmatchcase(text, "*".join(escaped))


def passes(where, event):
    """Only filters of `value` with `gt` are asked here."""
    return where is None or (event.value is not None and event.value > where.value)


class Session:
    """Places: 0 is the session's start, 1 to n its events, n + 1 its end."""

    def __init__(self, events):
        self.events, self.stays = events, stays(events)
        self.end = len(events) + 1

    def ms(self, place):
        return 0 if place == 0 else self.events[min(place, self.end - 1) - 1].ms

    def serves(self, atoms, place):
        return any(self.serves_one(atom, place) for atom in atoms)

    def serves_one(self, atom, place):
        if not 1 <= place < self.end:
            return False
        event = self.events[place - 1]
        if not passes(atom.where, event):
            return False
        if atom.of == "page":
            return place - 1 in self.stays and fits(atom.name, self.stays[place - 1])
        if atom.of == "element":
            return fits(atom.name, event.element)
        return atom.of == "any" or fits(atom.name, event.name)

    def next_to(self, one, other, kind):
        """Nothing of this kind lies between the two."""
        between = range(one + 1, other)
        return not between if kind == "event" else not any(place - 1 in self.stays for place in between)

    def runs(self, step, kind, first):
        """The last place of every run of this step that begins at `first`."""
        place, count = first, 1
        while True:
            if count >= step.least:
                yield place
            if step.most is not None and count >= step.most:
                return
            following = [p for p in range(place + 1, self.end) if kind == "event" or p - 1 in self.stays]
            if not following or not self.serves(step.choice, following[0]):
                return
            place, count = following[0], count + 1

    def ways(self, pattern, n=0, chain=()):
        """Every match: the first and last place of each step."""
        if n == len(pattern.steps):
            yield chain
            return
        step, kind = pattern.steps[n], pattern.kind(n)
        before = chain[-1][1] if chain else 0 if pattern.from_start else None
        begun = 0 if pattern.from_start else chain[0][0] if chain else None
        for first in range(1 if before is None else before + 1, self.end + 1):
            if step.choice and not self.serves(step.choice, first):
                continue
            if not step.choice and first != self.end:
                continue
            if before is not None and not self.may_follow(step, kind, before, first, begun):
                continue
            for last in self.runs(step, kind, first) if step.choice else [first]:
                longer = (*chain, (first, last))
                if all(self.in_time(span, longer) for span in pattern.spans if span.last == n):
                    yield from self.ways(pattern, n + 1, longer)

    def may_follow(self, step, kind, before, first, begun):
        if step.directly and not self.next_to(before, first, kind):
            return False
        if any(self.serves(step.without, place) for place in range(before + 1, first)):
            return False
        ms = self.ms(first) - self.ms(before)
        if ms < step.at_least_ms or (step.at_most_ms is not None and ms > step.at_most_ms):
            return False
        if step.at_most_events is not None and first - before > step.at_most_events:
            return False
        return step.of_start_ms is None or self.ms(first) - self.ms(begun) <= step.of_start_ms

    def in_time(self, span, chain):
        begin = 0 if span.first < 0 else chain[span.first][0]
        return self.ms(chain[-1][1]) - self.ms(begin) <= span.at_most_ms

    def first_match(self, pattern):
        """Where the match that counts begins and ends: it ends first, and of those it begins last; None without."""
        found = [(way[-1][1], -(0 if pattern.from_start else way[0][0])) for way in self.ways(pattern)]
        if not found:
            return None
        end, begin = min(found)
        return -begin, end

    def count(self, pattern):
        """How many matches there are that do not overlap: each time the next one that ends first."""
        found = sorted((way[-1][1], 0 if pattern.from_start else way[0][0]) for way in self.ways(pattern))
        count, done = 0, -1
        for end, begin in found:
            if begin > done:
                count, done = count + 1, end
        return count
