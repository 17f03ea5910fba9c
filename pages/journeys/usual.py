"""The funnel that a bare link shows: the way that most of those who reach the goal have taken."""

from collections.abc import Sequence
from itertools import pairwise

from analytics import grouping, vocabulary
from analytics.analyses import event_sessions, funnel, values
from analytics.analyses.event_sessions import EventSessions
from analytics.analyses.funnel import Funnel
from analytics.conditions import Filter, Matcher
from analytics.scope import Scope
from pages.journeys import steps
from pages.overview.goals import likely
from pages.shared import ask, current_scope

MOST = 6  # steps
LONGEST = 10  # steps of which the best are taken
SHARE = 0.6  # of those who reach the goal have taken a step of the funnel
LARGEST = 3  # groups of pages that are counted
FEWER = 0.98  # of the step before: what nearly all of them do anyway is no step


def way(groups: Sequence[str]) -> tuple[Matcher, ...]:
    """The steps: what most converting sessions share, from what most sessions do to what fewest do, then the goal.

    Without an event that could be a goal, the places most sessions come by. Fewer than two of them is no funnel.
    """
    scope = current_scope()
    everybody = Scope(start=scope.start, stop=scope.stop)  # filters of the sidebar do not change the question
    goal = likely([value.value for value in steps.seen("event", everybody)])
    if goal is None:
        counts = _counts(everybody, groups)
        return tuple(sorted(counts, key=lambda step: -counts[step])[:3])
    reached = everybody.also((Filter("event", "is", str(goal.name)),))
    of_all, of_them = _counts(everybody, groups), _counts(reached, groups)
    whole = of_them.pop(goal, 0)
    last = of_all.pop(goal, 0)
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


def _counts(scope: Scope, groups: Sequence[str]) -> dict[Matcher, int]:
    """Sessions in `scope` that view each page or group, or do each event that is the product's own."""
    pages = ask(values, values.Values("page", 200), scope).values
    names = ask(values, values.Values("event", 200), scope).values
    own = [value for value in names if value.value not in vocabulary.CANONICAL_EVENTS]
    viewed = vocabulary.PAGE_VIEW if any(value.value == vocabulary.PAGE_VIEW for value in names) else None
    found = {Matcher(name=value.value): value.sessions for value in own}
    for value in pages:
        if grouping.named(value.value, groups) == value.value:
            found[Matcher(name=viewed, page=value.value)] = value.sessions
    for group in groups[:LARGEST]:
        place = Matcher(name=viewed, page=group)
        found[place] = ask(event_sessions, EventSessions(place, limit=0), scope).total
    return found
