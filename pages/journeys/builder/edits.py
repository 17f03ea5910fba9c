"""What may be done with a funnel: each edit is a new one, with what no longer fits let go.

What cannot be (no step left, a twenty-first, an optional step without an order) raises `InvalidQuestion`.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from analytics.analyses.funnel import PRESETS, Funnel, OptionalStep, PatternStep, Preset
from analytics.conditions import Matcher

Step = Matcher | OptionalStep


def changed(params: Funnel, **changes: Any) -> Funnel:
    """`params` with other values.

    What only another choice allows goes with it: equal times without their order, an attribution without a breakdown,
    a limit's beginning without a limit; and a preset's name when it is not what that product does any more.
    """
    now = {**vars(params), **changes}
    steps = now["steps"] = _required_first(now["steps"])
    if now["order"] == "strict" or any(may_be_left_out(step) for step in steps):
        now["simultaneous_s"] = None
    if now["breakdown"] is None:
        now |= {"attribution": "first_touch", "attribution_step": None}
    elif now["attribution"] != "step":
        now["attribution_step"] = None
    elif not 1 <= (now["attribution_step"] or 0) <= len(steps):
        now["attribution_step"] = 1
    if now["window_s"] is None:
        now["window_from"] = "first"
    if now["count_like"] and not _like(now):
        now["count_like"] = None
    return Funnel(**now)


def like(params: Funnel, preset: Preset | None) -> Funnel:
    """Counted like another product: order, limit, equal times and whom to count as there; None is as we count."""
    now = {**vars(params), "order": "ordered", "window_from": "first", "count_like": preset}
    for name in ("by", "window_s", "simultaneous_s"):
        del now[name]
    return Funnel(**now)


def add(params: Funnel, step: Step) -> Funnel:
    """With one more step at the end."""
    return changed(params, steps=(*params.steps, step))


def put(params: Funnel, n: int, step: Step) -> Funnel:
    """With another step `n`."""
    return changed(params, steps=(*params.steps[: n - 1], step, *params.steps[n:]))


def copy(params: Funnel, n: int) -> Funnel:
    """With step `n` twice."""
    return _numbered(params, [*range(1, n + 1), n, *range(n + 1, len(params.steps) + 1)])


def drop(params: Funnel, n: int) -> Funnel:
    """Without step `n`."""
    return _numbered(params, [m for m in range(1, len(params.steps) + 1) if m != n])


def move(params: Funnel, n: int, to: int) -> Funnel:
    """With step `n` at place `to`; what lies between two places stays between them."""
    steps = list(params.steps)
    steps.insert(to - 1, steps.pop(n - 1))
    return changed(params, steps=tuple(steps))


def with_flag(step: Step, optional: bool) -> Step:
    """The step, allowed to be left out or not."""
    if isinstance(step, PatternStep):
        return replace(step, optional=optional)
    plain = {field.name: getattr(step, field.name) for field in fields(Matcher)}
    return OptionalStep(**plain) if optional else Matcher(**plain)


def _numbered(params: Funnel, order: Sequence[int]) -> Funnel:
    """The steps of these numbers; what names a step by its number follows it, or goes when its steps are gone."""
    place = {n: order.index(n) + 1 for n in reversed(order)}
    last = len(order)

    def start(n: int) -> int:
        return place.get(n, min(n, last))

    def stop(n: int) -> int:
        return place.get(n, n - 1)

    between = [
        replace(one, from_step=start(one.from_step), to_step=stop(one.to_step))
        for one in params.exclusions
        if start(one.from_step) < stop(one.to_step)
    ]
    bars = params.histogram
    if bars is not None:
        ends = start(bars.from_step), stop(bars.to_step)
        bars = replace(bars, from_step=ends[0], to_step=ends[1]) if ends[0] < ends[1] else None
    at = params.attribution_step
    return changed(
        params,
        steps=tuple(params.steps[n - 1] for n in order),
        exclusions=tuple(between),
        histogram=bars,
        attribution_step=None if at is None else start(at),
    )


def _required_first(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return (with_flag(steps[0], False), *steps[1:]) if steps and may_be_left_out(steps[0]) else steps


def may_be_left_out(step: Step) -> bool:
    """Whether it is optional."""
    return isinstance(step, OptionalStep) and step.optional


def _like(now: dict[str, Any]) -> bool:
    usual = {"order": "ordered", "window_from": "first", "window_s": None, "simultaneous_s": None}
    usual |= PRESETS[now["count_like"]]
    return all(now[name] == value for name, value in usual.items())
