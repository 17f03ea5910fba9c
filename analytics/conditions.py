"""Filters and matchers: each is SQL, values and words at once, so that the three cannot disagree.

A `Filter` compares one field. `AnyOf` and `AllOf` join filters. A `Matcher` picks events: by name, page, element,
filters. Here and in scope.py (and in the funnel's step builder) SQL text is joined; nowhere else. Only our own
identifiers and numbers are ever written into it; what people or data say travels as `$name`.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

from pydantic import ConfigDict, Discriminator, Tag, with_config

from analytics import vocabulary, words
from analytics.errors import InvalidQuestion
from analytics.query import JsonKey
from analytics.vocabulary import Kind, Level

STRICT = ConfigDict(extra="forbid", strict=True)

Op = Literal[
    "is",
    "is_not",
    "contains",
    "not_contains",
    "regex",
    "not_regex",
    "gt",
    "gte",
    "lt",
    "lte",
    "in",
    "not_in",
    "is_set",
    "is_not_set",
]
Scalar = str | bool | int | float
Value = Scalar | tuple[Scalar, ...] | None


class Condition(NamedTuple):
    """One test of a row: its SQL, the values it needs, and the words a reader sees."""

    sql: str
    params: dict[str, object]
    words: str


class Column(NamedTuple):
    """A field as SQL over one row of `level`, with the values that the SQL needs."""

    level: Level
    sql: str
    params: dict[str, object]
    kind: Kind
    words: str

    @property
    def text(self) -> str:
        """As text: how filters compare and how a breakdown shows it; missing is NULL."""
        return self.sql if self.kind in ("text", "address") else f"CAST({self.sql} AS VARCHAR)"


def column(name: str, prefix: str) -> Column:
    """The field called `name`; names of its values begin with `prefix`. Raises `InvalidQuestion` for an unknown one."""
    head, _, rest = name.partition(".")
    if head == "properties" and rest:
        return Column("event", _property(prefix), {f"{prefix}_key": JsonKey(rest)}, "text", rest)
    if head == "user" and rest:
        return Column("person", _property(prefix), {f"{prefix}_key": JsonKey(rest)}, "text", f"the person's {rest}")
    facts = vocabulary.FORCED_SESSION_FIELDS if head == "session" and rest else vocabulary.FIELDS
    fact = facts.get(rest if head == "session" and rest else name)
    if fact is None:
        near = difflib.get_close_matches(name, [*vocabulary.FIELDS, "properties.NAME", "user.NAME"], 1, 0.5)
        hint = f"did you mean {near[0]!r}" if near else "a property of an event is 'properties.NAME'"
        raise InvalidQuestion(f"There is no field {name!r}; {hint}?")
    return Column(fact.level, fact.sql, {}, fact.kind, fact.words)


def _property(prefix: str) -> str:
    # empty text is missing, as everywhere
    return f"nullif(properties ->> ${prefix}_key, '')"


@dataclass(frozen=True)
class _Operator:
    """`text` and `number` are templates over {c} (the field) and {v} (the value); `negates` names the positive twin."""

    words: str
    text: str = ""
    number: str = ""
    takes: Literal["one", "many", "none"] = "one"
    negates: Op | None = None


_OPERATORS: dict[Op, _Operator] = {
    "is": _Operator("is", "{c} = {v}", "{c} = {v}"),
    "is_not": _Operator("is not", negates="is"),
    "contains": _Operator("contains", "strpos(lower({c}), lower({v})) > 0"),
    "not_contains": _Operator("does not contain", negates="contains"),
    "regex": _Operator("matches", "regexp_matches({c}, {v})"),
    "not_regex": _Operator("does not match", negates="regex"),
    "gt": _Operator("is above", "{c} > {v}", "{c} > {v}"),
    "gte": _Operator("is at least", "{c} >= {v}", "{c} >= {v}"),
    "lt": _Operator("is below", "{c} < {v}", "{c} < {v}"),
    "lte": _Operator("is at most", "{c} <= {v}", "{c} <= {v}"),
    "in": _Operator("is one of", "list_contains({v}, {c})", "list_contains({v}, {c})", takes="many"),
    "not_in": _Operator("is none of", takes="many", negates="in"),
    "is_set": _Operator("is known", "{c} IS NOT NULL", takes="none"),
    "is_not_set": _Operator("is unknown", takes="none", negates="is_set"),
}
MANY, ONE_OF_MANY = 20, "{c} IN (SELECT unnest({v}))"  # a longer list is hashed once instead of read for every row
NEGATIVE: frozenset[Op] = frozenset(op for op, operator in _OPERATORS.items() if operator.negates)
_ORDER = ("gt", "gte", "lt", "lte")


@with_config(STRICT)
@dataclass(frozen=True)
class Filter:
    """A field compared with a value: `{"field": "country", "op": "is", "value": "DE"}`.

    Values compare as text (true is `true`); `gt` to `lte` against a number compare numbers and skip what is none. A
    missing field passes only the negative operators.
    """

    field: str
    op: Op
    value: Value = None

    def __post_init__(self) -> None:
        takes = _OPERATORS[self.op].takes
        if takes == "many" and not isinstance(self.value, tuple):
            raise InvalidQuestion(f"The filter {self.field!r} {self.op} needs a list of values, not {self.value!r}.")
        if takes == "one" and (self.value is None or isinstance(self.value, tuple)):
            raise InvalidQuestion(f"The filter {self.field!r} {self.op} needs one value, not {self.value!r}.")
        if takes == "none" and self.value is not None:
            raise InvalidQuestion(f"The filter {self.field!r} {self.op} takes no value; it has {self.value!r}.")
        column(self.field, "x")  # an unknown field is refused where it is written, not where it is used

    @property
    def negative(self) -> bool:
        """Asks that something is not so; a missing field passes it."""
        return self.op in NEGATIVE

    @property
    def positive(self) -> "Filter":
        """The same filter without its "not"."""
        return Filter(self.field, _OPERATORS[self.op].negates or self.op, self.value)

    def test(self, prefix: str) -> Condition:
        """Over one row of the field's own level; never NULL."""
        if self.negative:
            sql, params, _ = self.positive.test(prefix)
            return Condition(f"NOT {sql}", params, self.words)
        at = column(self.field, prefix)
        operator = _OPERATORS[self.op]
        if operator.takes == "none":
            return Condition(f"({at.sql} IS NOT NULL)", at.params, self.words)
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        numbers = [_as_number(value) for value in values]
        value: object
        if self.op in _ORDER and isinstance(self.value, int | float) and not isinstance(self.value, bool):
            left, template = at.sql if at.kind == "number" else f"try_cast({at.text} AS DOUBLE)", operator.number
            value = numbers
        elif at.kind == "number" and operator.number and None not in numbers:
            left, template, value = f"CAST({at.sql} AS DOUBLE)", operator.number, numbers
        else:
            left, template, value = at.text, operator.text, [_as_text(value) for value in values]
        name = f"{prefix}_value"
        if operator.takes == "one":
            value = value[0]
        elif len(values) > MANY:
            template = ONE_OF_MANY
        sql = template.format(c=left, v=f"${name}")
        return Condition(f"coalesce({sql}, false)", {**at.params, name: value}, self.words)

    @property
    def words(self) -> str:
        """As a page says it: "country is DE"."""
        values = self.value if isinstance(self.value, tuple) else () if self.value is None else (self.value,)
        shown = words.listed([_as_text(value) for value in values], "or")
        return f"{column(self.field, 'x').words} {_OPERATORS[self.op].words} {shown}".rstrip()


@with_config(STRICT)
@dataclass(frozen=True)
class AnyOf:
    """At least one of these holds."""

    any: tuple["Where", ...]


@with_config(STRICT)
@dataclass(frozen=True)
class AllOf:
    """All of these hold."""

    all: tuple["Where", ...]


def _which(value: object) -> str:
    if isinstance(value, dict):
        return next((key for key in ("any", "all") if key in value), "filter")
    return {AnyOf: "any", AllOf: "all"}.get(type(value), "filter")


Where = Annotated[
    Annotated[Filter, Tag("filter")] | Annotated[AnyOf, Tag("any")] | Annotated[AllOf, Tag("all")],
    Discriminator(_which),
]
Leaf = Callable[[Filter, str], Condition]


def combine(where: Filter | AnyOf | AllOf, prefix: str, leaf: Leaf) -> Condition:
    """A tree of filters as one condition, `leaf` saying what a single filter means there."""
    if isinstance(where, Filter):
        return leaf(where, prefix)
    parts, joint, word = (where.any, " OR ", " or ") if isinstance(where, AnyOf) else (where.all, " AND ", " and ")
    made = [combine(part, f"{prefix}_{n}", leaf) for n, part in enumerate(parts, 1)]
    if not made:  # nothing of nothing holds; all of nothing does
        return Condition("false" if isinstance(where, AnyOf) else "true", {}, "nothing" if joint == " OR " else "all")
    if len(made) == 1:
        return made[0]
    params = merged(condition.params for condition in made)
    return Condition(
        f"({joint.join(condition.sql for condition in made)})",
        params,
        f"({word.join(condition.words for condition in made)})",
    )


def merged(params: Iterable[dict[str, object]]) -> dict[str, object]:
    """All values together; a name given twice is our mistake."""
    together: dict[str, object] = {}
    for some in params:
        if clash := together.keys() & some.keys():
            raise TypeError(f"values named twice: {sorted(clash)}")
        together |= some
    return together


PERSONS = "user_key {negation}IN (SELECT user_key FROM users WHERE {test})"
SESSIONS = "session_key {negation}IN (SELECT session_key FROM sessions WHERE {test})"


def _elsewhere(template: str, filter_: Filter, prefix: str) -> Condition:
    sql, params, _ = filter_.positive.test(prefix)
    return Condition(template.format(negation="NOT " if filter_.negative else "", test=sql), params, filter_.words)


def of_event(filter_: Filter, prefix: str) -> Condition:
    """A filter asked of one event; what belongs to its session or person is looked up there."""
    level = column(filter_.field, prefix).level
    if level == "event":
        return filter_.test(prefix)
    return _elsewhere(SESSIONS if level == "session" else PERSONS, filter_, prefix)


SEGMENT = re.compile(r"(?<=/):[A-Za-z]\w*(?![^/])")  # `:id` in /user/:id/orders


def exact(pattern: str) -> bool:
    """Whether only one text fits the pattern: itself."""
    return "*" not in pattern and not SEGMENT.search(pattern)


def regex(pattern: str) -> str:
    """What the whole text fits; for Python and both engines, where a dot is to match any character."""
    return "[^/]+".join(".*".join(map(re.escape, piece.split("*"))) for piece in SEGMENT.split(pattern))


def glob(column_sql: str, pattern: str, name: str) -> Condition:
    """The whole text against a pattern: `*` is any text, a segment like `:id` is any one segment; case counts."""
    if exact(pattern):
        return Condition(f"{column_sql} = ${name}", {name: pattern}, pattern)
    escaped = [piece.replace("!", "!!").replace("%", "!%").replace("_", "!_") for piece in SEGMENT.split(pattern)]
    like = f"{column_sql} LIKE ${name} ESCAPE '!'"
    values: dict[str, object] = {name: "_%".join(escaped).replace("*", "%")}
    if len(escaped) == 1:
        return Condition(like, values, pattern)
    if "*" not in pattern:  # as many slashes as the pattern has are all its own, so no segment has one
        values[f"{name}_deeper"] = "%" + "/%" * (pattern.count("/") + 1)
        return Condition(f"({like} AND {column_sql} NOT LIKE ${name}_deeper)", values, pattern)
    # LIKE is quick and leaves few to the regular expression, which alone knows that a segment has no slash
    sql = f"({like} AND regexp_matches({column_sql}, ${name}_regex))"
    return Condition(sql, values | {f"{name}_regex": rf"(?s)^{regex(pattern)}\z"}, pattern)


def any_page(pages: str | tuple[str, ...]) -> Condition:
    """The column `page` against a pattern, or several of which one is to fit; NULL where no page is told."""
    if isinstance(pages, str):
        return glob("page", pages, "page")
    each = [glob("page", pattern, f"page_{n}") for n, pattern in enumerate(pages, 1)]
    sql = " OR ".join(page.sql for page in each) or "false"
    return Condition(f"({sql})", merged(page.params for page in each), words.listed(pages or ("no page",), "or"))


FIRST_EVER = """(session_key, position) IN (
        SELECT session_key, position
        FROM (
            SELECT session_key, position, {test} AS fits,
                row_number() OVER (PARTITION BY user_key ORDER BY time, import_id, line) AS nth
            FROM all_events
            WHERE {of}
        ) AS firsts
        WHERE nth = 1 AND fits
    )"""


@with_config(STRICT)
@dataclass(frozen=True)
class Matcher:
    """Which events: `{"name": str|list|null, "page": glob|list|null, "element": glob|null, "where": [FILTER...],
    "first_time"}`.

    Null matches any. With `first_time: true` only the person's first event ever that matches the whole matcher counts;
    with `"name"` the first of that name counts, if it matches the rest. First ever looks at all stored events.
    """

    name: str | tuple[str, ...] | None = None
    page: str | tuple[str, ...] | None = None
    element: str | None = None
    where: tuple[Where, ...] = ()
    first_time: Literal["name"] | bool = False

    @property
    def only_name(self) -> str | None:
        """The one name that it asks for, if it asks for nothing else: a session's string of names then tells."""
        more = self.page is not None or self.element is not None or self.where or self.first_time
        return self.name if isinstance(self.name, str) and not more else None

    @property
    def only_page(self) -> bool:
        """Whether it asks for a page and nothing else: then a stay on it tells as much as its events."""
        return self.page is not None and self == Matcher(page=self.page)

    def test(self, prefix: str) -> Condition:
        """Over one row of `scoped` (or of `events`); values are named after `prefix`."""
        named = list(self._named(prefix))
        rest = list(self._rest(prefix))
        sql = _all(condition.sql for condition in (*named, *rest))
        if self.first_time:
            of = named if self.first_time == "name" else [*named, *rest]
            sql = FIRST_EVER.format(test=sql, of=_all(condition.sql for condition in of))
        return Condition(sql, merged(condition.params for condition in (*named, *rest)), self.label)

    def _named(self, prefix: str) -> Iterator[Condition]:
        if isinstance(self.name, str):
            yield Condition(f"name = ${prefix}_name", {f"{prefix}_name": self.name}, self.name)
        elif self.name is not None:
            names = list(self.name)
            yield Condition(f"list_contains(${prefix}_names, name)", {f"{prefix}_names": names}, " or ".join(names))

    def _rest(self, prefix: str) -> Iterator[Condition]:
        if isinstance(self.page, tuple):
            pages = [glob("page", pattern, f"{prefix}_page_{n}") for n, pattern in enumerate(self.page, 1)]
            sql = " OR ".join(page.sql for page in pages) or "false"
            yield Condition(f"coalesce({sql}, false)", merged(page.params for page in pages), self._pages)
        for column_name, pattern in (("page", self.page), ("element", self.element)):
            if isinstance(pattern, str):
                sql, params, shown = glob(column_name, pattern, f"{prefix}_{column_name}")
                yield Condition(f"coalesce({sql}, false)", params, shown)
        for n, where in enumerate(self.where, 1):
            yield combine(where, f"{prefix}_where_{n}", of_event)

    @property
    def _pages(self) -> str:
        return self.page if isinstance(self.page, str) else words.listed(self.page or ("no page",), "or")

    @property
    def label(self) -> str:
        """In words, for a step or a goal: "click on button#pay at /checkout/payment"."""
        names = [self.name] if isinstance(self.name, str) else list(self.name or ())
        what = words.listed(names, "or") if names else ""
        if self.element is not None:
            what = f"{what or 'something'} on {self.element}"
        if self.page is not None:
            page_alone = names == [vocabulary.PAGE_VIEW] and self.element is None
            what = self._pages if page_alone or not what else f"{what} at {self._pages}"
        what = what or "any event"
        if self.where:
            parts = [combine(where, "x", of_event).words for where in self.where]
            what = f"{what}, {' and '.join(parts)}"
        return f"{what}, first time" if self.first_time else what


def _all(parts: Iterable[str]) -> str:
    return " AND ".join(parts) or "true"


def _as_number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


__all__ = [
    "AllOf",
    "AnyOf",
    "Column",
    "Condition",
    "Filter",
    "Matcher",
    "Where",
    "column",
    "combine",
    "exact",
    "glob",
    "merged",
    "regex",
]
