"""The funnel that a bare link shows: the way that most of those who reach the goal have taken."""

from collections.abc import Sequence
from itertools import pairwise

from analytics import grouping, vocabulary
from analytics.analyses import funnel, step_counts, values
from analytics.analyses.funnel import Funnel
from analytics.analyses.step_counts import StepCounts
from analytics.conditions import AnyOf, Filter, Matcher, Where
from analytics.path_items import AnyGroup
from analytics.scope import Scope
from pages.journeys import steps
from pages.journeys.builder import anyof
from pages.overview.goals import likely
from pages.shared import ask, current_scope

MOST = 6  # steps
LONGEST = 10  # steps of which the best are taken
SHARE = 0.6  # of those who reach the goal have taken a step of the funnel
LARGEST = 3  # groups of pages that are counted
FEWER = 0.98  # of the step before: what nearly all of them do anyway is no step


def way(groups: Sequence[AnyGroup], goal: Matcher | None = None) -> tuple[Matcher, ...]:
    """The steps: what most converting sessions share, from what most sessions do to what fewest do, then the goal.

    Without a `goal`, the likely one; without an event that could be one, the places most sessions come by. Fewer than
    two of them is no funnel.
    """
    scope = current_scope()
    everybody = Scope(start=scope.start, stop=scope.stop)  # filters of the sidebar do not change the question
    goal = goal or likely([value.value for value in steps.seen("event", everybody)])
    if goal is None:
        counts = _counts(everybody, groups)
        return tuple(sorted(counts, key=lambda step: -counts[step])[:3])
    reached = everybody.also((_reached(goal),))
    of_all, of_them = _counts(everybody, groups, goal), _counts(reached, groups, goal)
    whole, last = of_them.pop(goal), of_all.pop(goal)
    if not whole:
        return (goal,)
    shared = [
        step for step, number in of_them.items() if number >= SHARE * whole and of_all.get(step, 0) * FEWER > last
    ]
    shared.sort(key=lambda step: (-of_all[step], step.label))
    found = [step for n, step in enumerate(shared) if n == 0 or of_all[step] < FEWER * of_all[shared[n - 1]]]
    found = _in_order(found[:LONGEST], goal, reached)
    while len(found) >= MOST:  # the step that fewest stop before says least
        kept = [of_all[step] / of_all[before] for before, step in pairwise(found)]
        found.pop(1 + kept.index(max(kept)))
    return (*found, goal)


def _in_order(found: list[Matcher], goal: Matcher, reached: Scope) -> list[Matcher]:
    """Without the steps that those who reach the goal do not take in this order."""
    while len(found) > 1:
        counts = [step.count for step in ask(funnel, Funnel((*found, goal)), reached).steps]
        lost = [before - after for before, after in pairwise(counts)]
        if counts[-1] >= SHARE * counts[0]:
            break
        found = found[:]
        found.pop(min(1 + lost.index(max(lost)), len(found) - 1))
    return found


def _reached(goal: Matcher) -> Where:
    if isinstance(goal.name, str) and goal.page is None:
        return Filter("event", "is", goal.name)
    pages = goal.page if isinstance(goal.page, tuple) else (goal.page or "*",)
    tests = tuple(anyof.is_like("page", page) for page in pages)
    return tests[0] if len(tests) == 1 else AnyOf(tests)


def _counts(scope: Scope, groups: Sequence[AnyGroup], goal: Matcher | None = None) -> dict[Matcher, int]:
    """Sessions in `scope` that view each page or group, or do each event that is the product's own, or the goal."""
    pages = ask(values, values.Values("page", 200), scope).values
    names = ask(values, values.Values("event", 200), scope).values
    own = [value for value in names if value.value not in vocabulary.CANONICAL_EVENTS]
    viewed = vocabulary.PAGE_VIEW if any(value.value == vocabulary.PAGE_VIEW for value in names) else None
    found = {Matcher(name=value.value): value.sessions for value in own}
    for value in pages:
        if grouping.named(value.value, groups) == value.value:
            found[Matcher(name=viewed, page=value.value)] = value.sessions
    others = [Matcher(name=viewed, page=steps.patterns(group)) for group in groups[:LARGEST]]
    if goal is not None and goal not in found and goal not in others:
        others.append(goal)
    if others:
        counted = ask(step_counts, StepCounts(tuple(others), people=False), scope).steps
        found |= {place: count.sessions for place, count in zip(others, counted, strict=True)}
    return found
