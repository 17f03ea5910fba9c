"""Saved funnels as goals: a session reaches one that does all its steps, in order, within its window."""

from analytics import registry
from analytics.analyses.funnel import Funnel
from analytics.conditions import Matcher
from analytics.errors import AnalyticsError
from analytics.metrics import FunnelGoal
from analytics.workspace import saved
from analytics.workspace.saved import Saved
from pages.shared.waiting import answer


def kept() -> dict[str, FunnelGoal]:
    """By name, those that a session alone can do: ordered, every step needed, nothing that spoils it."""
    found = answer("saved-funnels", lambda reader: tuple(saved.all_of(reader, "funnel")))
    goals = {f"Funnel {one.name}": _goal(one) for one in found}
    return {name: goal for name, goal in goals.items() if goal is not None}


def _goal(one: Saved) -> FunnelGoal | None:
    try:
        funnel = registry.parse(Funnel, one.body, "the saved funnel")
    except AnalyticsError:  # of another version; the funnel page says so where it is opened
        return None
    plain = all(type(step) is Matcher for step in funnel.steps) and not funnel.exclusions
    if funnel.order != "ordered" or funnel.window_from != "first" or funnel.constant or not plain:
        return None
    return FunnelGoal(funnel.steps, funnel.window_s)
