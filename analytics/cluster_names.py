"""What a kind of sessions is called: the features in which it lies farthest from all sessions, in words."""

from collections import Counter
from dataclasses import dataclass

from analytics import words
from analytics.clustering import FACTS, Feature

TOLD, CLEAR = 3, 0.3  # features in a name, and how far from all sessions one is then, in its scale


@dataclass(frozen=True)
class Trait:
    """Of one feature, in the sample: the `mean` amount a session, and the `share` of sessions with any.

    `above`: how far the mean of the measure lies above that of all sessions, in the feature's scale; below: negative.
    """

    mean: float
    share: float
    above: float


def naming(
    features: tuple[Feature, ...], traits: tuple[tuple[Trait, ...], ...], average: tuple[Trait, ...]
) -> tuple[str, ...]:
    """A name for each kind: the features that lie farthest from all sessions, as many as tell it from the others."""
    ranked = []
    for own in traits:
        order = sorted(range(len(features)), key=lambda n: (-round(abs(own[n].above), 6), n))
        ranked.append([n for n in order if abs(own[n].above) >= CLEAR])
    names: list[str] = []
    for most in range(TOLD, len(features) + TOLD):
        names = [
            _name([_said(features[n], own[n], average[n]) for n in order[:most]])
            for own, order in zip(traits, ranked, strict=True)
        ]
        if len(set(names)) == len(names):
            return tuple(names)
    widest = max(range(len(features)), key=lambda n: (max(own[n].above for own in traits), -n))
    alike = [name for name, count in Counter(names).items() if count > 1]
    told = [
        f"{name}, {_amount(features[widest], own[widest].mean)}" if name in alike else name
        for name, own in zip(names, traits, strict=True)
    ]
    return tuple(told if len(set(told)) == len(told) else [f"{name}, {n}" for n, name in enumerate(told, 1)])


def _amount(feature: Feature, mean: float) -> str:
    return words.duration(mean) if feature.of == "duration" else f"{words.number(mean)} {feature.words}"


def _said(feature: Feature, own: Trait, average: Trait) -> tuple[bool, str]:
    """The words, and whether they stand after "with"."""
    fact = FACTS[feature.of]
    if own.above < 0:
        return False, (fact.none if own.share < 0.05 else fact.little).format(feature.called)
    some = feature.of in ("event", "page", "errors") and average.share < 0.5 <= own.share
    return some, (fact.some if some else fact.much).format(feature.called)


def _name(said: list[tuple[bool, str]]) -> str:
    plain = ", ".join(text for after, text in said if not after)
    some = words.listed([text for after, text in said if after])
    whole = f"{plain} with {some}" if plain and some else f"with {some}" if some else plain or "like most"
    return whole[:1].upper() + whole[1:]
