"""A step that is any of several things, as one matcher, and the things of a matcher again.

What all of them share stays plain (name, page, element); where they differ is a filter in front of the step's own:
`{"any": [...]}` of names, pages and elements, a pattern being a regular expression.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from analytics.conditions import AllOf, AnyOf, Filter, Matcher, Where, exact, regex

FIELDS = {"name": "event", "page": "page", "element": "element"}
PATTERN = re.compile(r"\(\?s\)\^(.*)\$", re.DOTALL)


def parts(step: Matcher) -> tuple[Matcher, ...]:
    """The things that `step` is any of, without filters: one of most steps."""
    names = step.name if isinstance(step.name, tuple) else (step.name,)
    told = _told(step.where[0]) if step.where else None
    if told is None:
        pages = step.page if isinstance(step.page, tuple) else (step.page,)
        return tuple(Matcher(name=name, page=page, element=step.element) for name in names for page in pages)
    common = Matcher(name=step.name if isinstance(step.name, str) else None, page=step.page, element=step.element)
    return tuple(replace(common, **one) for one in told)


def filters(step: Matcher) -> tuple[Where, ...]:
    """The filters that hold for all of them."""
    return step.where[1:] if step.where and _told(step.where[0]) is not None else step.where


def joined(things: Sequence[Matcher], step: Matcher) -> Matcher:
    """`step` as any of `things` (plain ones, at least one), with the filters and flags that it has."""
    things = list(dict.fromkeys(things))
    common = {name: getattr(things[0], name) for name in FIELDS if len({getattr(one, name) for one in things}) == 1}
    differing = [name for name in FIELDS if name not in common]
    names = tuple(str(one.name) for one in things) if all(one.name is not None for one in things) else None
    if "name" not in common and names:
        common["name"] = tuple(dict.fromkeys(names))  # also where a filter says more: names are found fast
    bare = replace(step, name=None, page=None, element=None)
    own = filters(step)
    if not differing or (differing == ["name"] and names):
        return replace(bare, **common, where=own)
    return replace(bare, **common, where=(AnyOf(tuple(_one(thing, differing) for thing in things)), *own))


def _one(thing: Matcher, names: Sequence[str]) -> Where:
    tests = tuple(is_like(FIELDS[name], value) for name in names if (value := getattr(thing, name)) is not None)
    return tests[0] if len(tests) == 1 else AllOf(tests)


def is_like(field: str, pattern: str) -> Filter:
    """A field that fits a pattern, as `conditions.glob` reads it; an event's name is no pattern."""
    if field == "event" or exact(pattern):
        return Filter(field, "is", pattern)
    return Filter(field, "regex", f"(?s)^{regex(pattern)}$")


def _told(where: Where) -> list[dict[str, str]] | None:
    """What `_one` has made, taken apart; None for another filter."""
    if not isinstance(where, AnyOf):
        return None
    found = []
    for one in where.any:
        tests = one.all if isinstance(one, AllOf) else (one,)
        read = {}
        for test in tests:
            value = _pattern(test) if isinstance(test, Filter) else None
            if value is None:
                return None
            read[next(name for name, field in FIELDS.items() if field == test.field)] = value
        found.append(read)
    return found


def _pattern(test: Filter) -> str | None:
    if test.field not in FIELDS.values() or not isinstance(test.value, str):
        return None
    if test.op == "is":
        return test.value
    if test.op == "regex" and (whole := PATTERN.fullmatch(test.value)):
        text = whole[1].replace("[^/]+", ":id")
        return "*".join(re.sub(r"\\(.)", r"\1", piece, flags=re.DOTALL) for piece in text.split(".*"))
    return None
