"""What else could explain it: the ways in which the two sides differ beside the change itself."""

from dataclasses import dataclass, replace
from typing import Literal

import streamlit as st

from analytics import words
from analytics.analyses import compare, values
from analytics.analyses.compare import Change, Compare
from analytics.charts.compare import difference, percents
from analytics.conditions import Filter
from analytics.scope import Scope
from analytics.stats import Sums, of_shares
from pages.changes.sides import Reach, Sides, reach
from pages.shared import ask, escape

MIX = {"device": "Devices", "country": "Countries", "campaign": "Campaigns"}
ENOUGH = 0.02  # of the sessions: a smaller shift moves no metric by much
BADGES = {"matters": ":orange-badge[matters]", "unknown": ":orange-badge[unknown]", "does not": ":gray-badge[does not]"}


@dataclass(frozen=True)
class Cause:
    """`why` is markdown; `weight` whether it can matter: unknown is what the data cannot tell."""

    weight: Literal["matters", "unknown", "does not"]
    what: str
    why: str


def causes(params: Compare, caveats: tuple[str, ...], change: Change) -> list[Cause]:
    """Those that matter first. Both sides hold sessions. Where the mix of sessions moved, `change` is measured again
    without what moved most."""
    sides = Sides(params.before, params.after)
    scopes = tuple(side.narrowed(sides.within) for side in (params.before, params.after))
    before, after = (reach(scope) for scope in scopes)
    found = [_time(before, after)]
    found += [Cause("matters", "Whole weeks", caveat) for caveat in caveats]
    if sides.either is None:
        found.append(Cause("unknown", "The same people", "who is on both sides was not counted for these two."))
    else:
        found += _same(params, (before, after), reach(sides.either.narrowed(sides.within)))
    found += [_weekend(scopes, (before, after))]
    found += [cause for field in MIX if not _chosen(field, params) and (cause := _mix(field, params, scopes, change))]
    return sorted(found, key=lambda cause: list(BADGES).index(cause.weight))


def draw(found: list[Cause]) -> None:
    """A line each."""
    for n, cause in enumerate(found):
        with st.container(horizontal=True, key=f"quiet-cause-{n}", gap="xsmall"):
            st.markdown(BADGES[cause.weight], width=76)
            st.container(gap=None).markdown(f"**{cause.what}:** {cause.why}")


def _time(before: Reach, after: Reach) -> Cause:
    if before.last and after.first and (before.last - after.first).days > 7:
        return Cause("does not", "Time", "both sides ran side by side for a while.")
    return Cause(
        "unknown", "Time", "the sides are different weeks; what else happened in them is not in these sessions."
    )


def _same(params: Compare, sides: tuple[Reach, Reach], either: Reach) -> list[Cause]:
    before, after = sides
    found = []
    if sessions := before.sessions + after.sessions - either.sessions:
        why = f"{words.many(sessions, 'session')} are on both sides, so a difference looks smaller than it is."
        found.append(Cause("matters", "The same sessions", why))
    people = before.people + after.people - either.people
    smaller = min(before.people, after.people)
    who = f"{words.many(people, 'person is', 'people are')} on both sides ({words.percent(people / smaller, 0)})"
    if params.by == "session":
        why = f"{who}; intervals by session take every session as another person's and are too narrow."
        found.append(Cause("matters" if people else "does not", "The same people", why))
    else:
        why = f"{who}; the intervals count people and are, if anything, too wide for that."
        found.append(Cause("does not", "The same people", why if people else "nobody is on both sides."))
    return found


def _weekend(scopes: tuple[Scope, ...], sides: tuple[Reach, Reach]) -> Cause:
    counts = []
    for scope in scopes:
        days = {value.value: value.sessions for value in ask(values, values.Values("weekday"), scope).values}
        counts.append(days.get("6", 0) + days.get("7", 0))
    why = f"Saturdays and Sundays hold {_shares(counts, sides)}."
    return Cause("matters" if _shifted(counts, sides) else "does not", "Weekdays", why)


def _chosen(field: str, params: Compare) -> bool:
    """Whether the sides differ by this field on purpose."""
    return any({"device": side.devices, "country": side.countries}.get(field) for side in (params.before, params.after))


def _mix(field: str, params: Compare, scopes: tuple[Scope, ...], change: Change) -> Cause | None:
    """The value whose share moved most; None where the field says nothing."""
    sides = reach(scopes[0]), reach(scopes[1])
    found = [
        {value.value: value.sessions for value in ask(values, values.Values(field, limit=50), scope).values}
        for scope in scopes
    ]
    both = list(dict.fromkeys([*found[0], *found[1]]))
    if not both:
        return None
    moved = max(both, key=lambda one: abs(_share(found[1], one, sides[1]) - _share(found[0], one, sides[0])))
    counts = [side.get(moved, 0) for side in found]
    if counts == [side.sessions for side in sides]:  # every session has the same
        return None
    why = f"{escape(moved, 40)} has {_shares(counts, sides)}"
    if not _shifted(counts, sides):
        return Cause("does not", MIX[field], f"{why}, the largest shift.")
    return Cause("matters", MIX[field], f"{why}. {_without(params, change, Filter(field, 'is_not', moved))}")


def _without(params: Compare, change: Change, rest: Filter) -> str:
    """What the change is among the other sessions."""
    within = Sides(params.before, params.after).within.also((rest,))
    (again,) = ask(compare, replace(params, metrics=(change.metric,)), within).metrics
    if again.difference is None or change.difference is None:
        return "Without it there is not enough data."
    return f"Without it, the change is {_size(again)} instead of {_size(change).partition(' (')[0]}."


def _size(change: Change) -> str:
    if (shown := percents(change)) is None:
        return difference(change)
    relative, low, high = shown
    return f"{relative}{words.SPACE}% ({low} to {high}{words.SPACE}%)"


def _share(found: dict[str, int], one: str, side: Reach) -> float:
    return found.get(one, 0) / side.sessions


def _shares(counts: list[int], sides: tuple[Reach, Reach]) -> str:
    before, after = (words.percent(count / side.sessions) for count, side in zip(counts, sides, strict=True))
    return f"{before} of sessions before and {after} after"


def _shifted(counts: list[int], sides: tuple[Reach, Reach]) -> bool:
    """Whether a share moved enough to matter, and by more than chance."""
    sums = [Sums(side.sessions, count, count, 0, 0, 0, 0) for count, side in zip(counts, sides, strict=True)]
    change = of_shares(*sums)
    return abs(change.change) >= ENOUGH and change.p < 0.01
