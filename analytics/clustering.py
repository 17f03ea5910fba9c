"""Kinds of sessions as a rule: what is measured of a session, how that is scaled, and the centre of each kind.

A session is of the kind whose centre is nearest; of two equally near, of the one with the lower number. The rule holds
for any session, not only for those that the kinds were found in, and every measure is SQL over one session's row.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from pydantic import with_config

from analytics import vocabulary
from analytics.conditions import STRICT, Condition, glob, merged
from analytics.errors import InvalidQuestion
from analytics.patterns.strings import SYMBOL

MOST = 30  # features of a rule, and kinds

# Nested rather than named, so that it may stand in a test of one row of `sessions`.
# Of two centres the one with the larger product less half its own square is nearer: what is left of the squared
# distances. Differences too small to tell count as none, so that engines that add in another order agree.
NEAREST = """
SELECT {shown}, CASE {nearest} END AS nearest
FROM (
    SELECT *,
        {scores}
    FROM (
        SELECT {kept},
            {measures}
        FROM {sessions}{stays}
    ) AS measured
) AS scored"""
MEASURED = """
SELECT {kept},
    {measures}
FROM {sessions}{stays}"""
STAYS = """
LEFT JOIN (
    SELECT session_key AS stays_key,
        {counted}
    FROM {visits}
    WHERE {days}viewed AND ({any})
    GROUP BY session_key
) AS stays ON stays_key = session_key"""
THOSE = "(SELECT * FROM {those}) AS those"
COUNTED = "count(CASE WHEN {test} THEN 1 END) AS {name}"
MEMBER = """session_key IN (
    SELECT session_key FROM ({settled}
    ) AS kinds
    WHERE nearest = ${name}
)"""

Of = Literal["duration", "pages", "events", "clicks", "errors", "turns", "event", "page"]


class Fact(NamedTuple):
    """An amount as SQL over one row, and words: the feature, much, little, some where others have none, none of it.

    `{}` is the name of an event, or of a place.
    """

    sql: str
    words: str
    much: str
    little: str
    some: str
    none: str


FACTS: dict[Of, Fact] = {
    "duration": Fact("duration_ms / 1e3", "length", "long", "short", "long", "of one moment"),
    "pages": Fact("page_views", "pages", "many pages", "few pages", "pages", "no page"),
    "events": Fact("events", "events", "many events", "few events", "events", "no event"),
    "clicks": Fact("clicks", "clicks", "many clicks", "few clicks", "clicks", "no click"),
    "errors": Fact("errors", "errors", "many errors", "few errors", "errors", "no error"),
    # to the page they came from: A, B, A
    "turns": Fact("coalesce(turns, 0)", "turns back", "back and forth", "seldom back", "", "never back"),
    "event": Fact("", "{}", "much {}", "little {}", "{}", "no {}"),
    "page": Fact("", "{}", "much of {}", "little of {}", "{}", "none of {}"),
}
CANONICAL = {
    vocabulary.SCROLL: "scrolling",
    vocabulary.CHANGE: "filling in",
    vocabulary.SUBMIT: "sending forms",
    vocabulary.FORM_ERROR: "refused fields",
    vocabulary.LOGIN_FAILED: "refused logins",
}
TURNS = "previous_page = next_page"


@with_config(STRICT)
@dataclass(frozen=True)
class Feature:
    """What is counted in a session: `{"of": "duration"}` in seconds, `{"of": "event", "name": "order"}`, or
    `{"of": "page", "name": "Products", "pages": ["/product/*"]}`, the stays on pages that fit one of these patterns.

    Its measure is the logarithm of one more than the amount, so that 0 to 1 weighs as much as 9 to 19.
    """

    of: Of
    name: str = ""
    pages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.of in ("event", "page")) != bool(self.name) or (self.of == "page") != bool(self.pages):
            needs = {"event": "a name and no pages", "page": "a name and pages"}.get(self.of, "no name and no pages")
            raise InvalidQuestion(f"A feature of {self.of!r} has {needs}; this one is {self.name!r}, {self.pages!r}.")

    @property
    def called(self) -> str:
        """Of an event or a place, as a person says it: `add_to_cart` is "add to cart"."""
        if self.of != "event":
            return self.name
        return CANONICAL.get(self.name) or " ".join(self.name.replace("_", " ").split()) or self.name

    @property
    def words(self) -> str:
        """What is counted."""
        return FACTS[self.of].words.format(self.called)


@with_config(STRICT)
@dataclass(frozen=True)
class Cluster:
    """Sessions of kind `number`, from 1, under a `name` for people.

    `scales` divide the measures of `features`; `centres`, one per kind, are in these units.
    """

    features: tuple[Feature, ...]
    scales: tuple[float, ...]
    centres: tuple[tuple[float, ...], ...]
    number: int
    name: str = ""

    def __post_init__(self) -> None:
        width = len(self.features)
        numbers = [*self.scales, *(one for centre in self.centres for one in centre)]
        if not (0 < width <= MOST and 0 < len(self.centres) <= MOST):
            raise InvalidQuestion(
                f"A rule of kinds has 1 to {MOST} features and kinds, not {width} and {len(self.centres)}."
            )
        if len(self.scales) != width or any(len(centre) != width for centre in self.centres):
            raise InvalidQuestion(f"Each of the {width} features needs one scale and one number in every centre.")
        if not all(map(math.isfinite, numbers)) or not all(scale > 0 for scale in self.scales):
            raise InvalidQuestion("Scales of features are above 0, and centres are numbers.")
        if not 1 <= self.number <= len(self.centres):
            raise InvalidQuestion(f"There are kinds 1 to {len(self.centres)}; {self.number} is none of them.")

    @property
    def words(self) -> str:
        """As a scope says it."""
        return f"kind of sessions {self.said}"

    @property
    def said(self) -> str:
        """Its name, set off."""
        return f"“{self.name or self.number}”"

    def of(self, number: int, name: str = "") -> "Cluster":
        """The same rule's kind `number`."""
        return replace(self, number=number, name=name)

    def member(self, prefix: str, days: str) -> Condition:
        """As a test of one row of `sessions`; `days` narrows where its stays are looked for."""
        those = f"sessions WHERE {days.removesuffix(' AND ')}" if days else "sessions"
        settled = _nearest(self, prefix, ("session_key",), THOSE.format(those=those), "visits", days, False)
        sql = MEMBER.format(settled=settled.sql.replace("\n", "\n        "), name=f"{prefix}_kind")
        return Condition(sql, settled.params | {f"{prefix}_kind": self.number}, self.words)


def measured(features: Sequence[Feature], prefix: str, kept: Sequence[str], sessions: str, visits: str) -> Condition:
    """The statement of each session's measures, `measure_1` and so on, beside the columns `kept` of `sessions`."""
    parts = _parts(features, [1.0] * len(features), prefix, visits, "")
    sql = MEASURED.format(kept=", ".join(kept), measures=parts.measures, sessions=sessions, stays=parts.stays)
    return Condition(sql, parts.params, "")


def nearest(
    rule: Cluster, prefix: str, kept: Sequence[str], sessions: str, visits: str, measures: bool = False
) -> Condition:
    """The statement of each session's `nearest` kind, whatever `rule.number`, beside `kept` (and the measures)."""
    return _nearest(rule, prefix, kept, sessions, visits, "", measures)


def _nearest(
    rule: Cluster, prefix: str, kept: Sequence[str], sessions: str, visits: str, days: str, measures: bool
) -> Condition:
    parts = _parts(rule.features, rule.scales, prefix, visits, days)
    numbers = range(1, len(rule.centres) + 1)
    whens = [f"WHEN score_{n} >= {_greatest(numbers[n:])} - 1e-9 THEN {n}" for n in numbers[:-1]]
    shown = [*kept, *(f"measure_{n}" for n in range(1, len(rule.features) + 1))] if measures else kept
    sql = NEAREST.format(
        shown=", ".join(shown),
        kept=", ".join(kept),
        nearest=" ".join([*(whens or ["WHEN true THEN 1"]), f"ELSE {numbers[-1]}"]),
        scores=",\n        ".join(f"{_score(centre)} AS score_{n}" for n, centre in enumerate(rule.centres, 1)),
        measures=parts.measures.replace("\n", "\n        "),
        sessions=sessions,
        stays=parts.stays.replace("\n", "\n        "),
    )
    return Condition(sql, parts.params, "")


def distance(rule: Cluster) -> str:
    """The squared distance from the centre of kind `rule.number`, as SQL over a row of its measures."""
    centre = rule.centres[rule.number - 1]
    return " + ".join(_square(f"(measure_{n} - {_number(at)})") for n, at in enumerate(centre, 1))


class _Parts(NamedTuple):
    measures: str
    stays: str
    params: dict[str, object]


def _parts(features: Sequence[Feature], scales: Sequence[float], prefix: str, visits: str, days: str) -> _Parts:
    measures: list[str] = []
    counted: list[str] = []
    tests: list[str] = []
    params: list[dict[str, object]] = []
    for n, (feature, scale) in enumerate(zip(features, scales, strict=True), 1):
        amount, name = FACTS[feature.of].sql, f"{prefix}_feature_{n}"
        if feature.of == "event":
            symbol = SYMBOL.format(kind="name", value=name)
            amount = f"coalesce(length(name_string) - length(replace(name_string, {symbol}, '')), 0)"
            params.append({name: feature.name})
        elif feature.of == "page":
            globs = [glob("page", one, f"{name}_{m}") for m, one in enumerate(feature.pages, 1)]
            tests.append(" OR ".join(one.sql for one in globs))
            counted.append(COUNTED.format(test=tests[-1], name=f"stays_{n}"))
            params += [one.params for one in globs]
            amount = f"coalesce(stays_{n}, 0)"
        elif feature.of == "turns":
            tests.append(TURNS)
            counted.append(COUNTED.format(test=TURNS, name="turns"))
        divided = "" if scale == 1 else f" / {_number(scale)}"
        measures.append(f"ln(1 + {amount}){divided} AS measure_{n}")
    stays = STAYS.format(counted=",\n        ".join(counted), visits=visits, days=days, any=" OR ".join(tests))
    return _Parts(",\n    ".join(measures), stays if counted else "", merged(params))


def _score(centre: Sequence[float]) -> str:
    products = [f"{_number(at)} * measure_{n}" for n, at in enumerate(centre, 1)]
    return " + ".join([*products, _number(round(-sum(at * at for at in centre) / 2, 12))])


def _greatest(numbers: Sequence[int]) -> str:
    scores = [f"score_{n}" for n in numbers]
    return scores[0] if len(scores) == 1 else f"greatest({', '.join(scores)})"


def _square(sql: str) -> str:
    return f"{sql} * {sql}"


def _number(value: float) -> str:
    """As SQL: with an exponent, since Spark would take it for a decimal, and in brackets if there is a minus."""
    text = repr(float(value))
    text = text if "e" in text else f"{text}e0"
    return f"({text})" if text.startswith("-") else text
