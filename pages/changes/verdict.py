"""The answer in a sentence: yes, no or not clearly, with figures; and what is not known is not said."""

from collections.abc import Sequence

from analytics import metrics, words
from analytics.analyses.compare import Change
from analytics.charts.compare import CLEAR, apart, difference, ordered, percents, written
from pages.shared.text import escape


def sentence(changes: Sequence[Change], days_after: int = 0, names: tuple[str, str] | None = None) -> str:
    """Markdown. `days_after`: how many days the side after covers, 0 for unknown. `names`: those of sides of which
    none follows the other; these differ, and nothing changed."""
    if names:
        before, after = names
        return _difference(changes, escape(before, 40), escape(after[:1].upper() + after[1:], 40))
    goal = next((change for change in changes if change.metric == metrics.GOAL), None)
    others = [change for change in ordered(changes) if change is not goal]
    clear = [change for change in others if change.verdict in CLEAR]
    if all(change.p is None for change in changes):
        return _nothing(goal, changes)
    if goal is None:
        if not clear:
            number = words.many(len(changes), "metric")
            return f"**No clear change** in any of {number}: chance alone could give every difference."
        return f"{_of_all(clear)} {_rest(others, clear[1:])}".strip()
    if goal.verdict in CLEAR:
        word = "Yes" if goal.verdict == "better" else "No"
        first = f"**{word}. {_moved(goal)}**, {_from(goal)}{_a_week(goal, days_after)}."
        return f"{first} {_rest(others, clear)}".strip()
    if goal.p is None:
        first = f"**Not enough data on {_small(goal)}:** {goal.note or ''}"
    else:
        first = f"**No clear change in {_small(goal)}**: {_unclear(goal, len(changes))}."
    return f"{first} {_rest(others, clear)}".strip()


def _nothing(goal: Change | None, changes: Sequence[Change]) -> str:
    """Why no metric can be judged: too few people, or nothing that varies."""
    few = [change.note for change in changes if (change.note or "").startswith(("Only", "Too few"))]
    if why := goal.note if goal else few[0] if len(few) == len(changes) else None:
        return f"**Not enough data to say.** {why}"
    number = words.many(len(changes), "metric")
    return f"**No difference to judge** in any of {number}: what they count is too rare, or alike in every session."


def _difference(changes: Sequence[Change], before: str, after: str) -> str:
    rows = ordered(changes)
    goal = next((change for change in changes if change.metric == metrics.GOAL), None)
    if all(change.p is None for change in changes):
        return _nothing(goal, changes)
    first = [goal] if goal else []
    clear = [
        *(one for one in first if one.verdict in CLEAR),
        *(one for one in rows if one is not goal and one.verdict in CLEAR),
    ]
    if not clear:
        number = words.many(len(rows), "metric")
        return f"**{after} and {before} do not differ clearly** in any of {number}: chance alone could give it all."
    told = [f"**{_compared(change)}**" for change in clear[:3]]
    more = f"; {words.count(len(clear) - 3)} more metrics differ clearly" if len(clear) > 3 else ""
    begin = f"{after} against {before}: {'; '.join(told)}{more}."
    unclear = sum(row.verdict == "no clear change" for row in rows)
    return f"{begin} {words.many(unclear, 'metric does', 'metrics do')} not differ clearly." if unclear else begin


def _compared(change: Change) -> str:
    """Sessions with order 30 % lower (20 to 40 %), 3.4 % against 4.9 %"""
    label = escape(change.label, 80)
    lower = "lower" if (change.difference or 0) < 0 else "higher"
    values = f"{written(change.unit, change.after.value)} against {written(change.unit, change.before.value)}"
    if (shown := percents(change)) is None:
        return f"{label} {lower}, {values}: {difference(change)}"
    size, between = _size(shown, lower == "lower")
    return f"{label} {size} {lower} ({between}), {values}"


def _size(shown: tuple[str, str, str], down: bool) -> tuple[str, str]:
    """30 %, 20 to 40 %: without signs, the smaller end first"""
    size, *ends = (text.lstrip(f"+{words.MINUS}") for text in shown)
    low, high = reversed(ends) if down else ends
    unit = f"{words.SPACE}%"
    return f"{size}{unit}", f"{low} to {high}{unit}"


def _of_all(clear: Sequence[Change]) -> str:
    """Without a goal: what the clear changes say together."""
    verdicts = {change.verdict for change in clear}
    word = "Not only" if {"better", "worse"} <= verdicts else "No" if "worse" in verdicts else "Yes"
    if verdicts == {"changed"}:
        word = "Neither better nor worse"
    return f"**{word}. {_moved(clear[0])}**, {_from(clear[0])}."


def _moved(change: Change) -> str:
    """Sessions with order fell by 30 % (20 to 40 %)"""
    label = escape(change.label, 80)
    if (shown := percents(change)) is not None:
        down = (change.relative or 0) < 0
        size, between = _size(shown, down)
        return f"{label} {'fell' if down else 'rose'} by {size} ({between})"
    down = (change.difference or 0) < 0
    size = apart(change.unit, change.difference or 0).lstrip(f"+{words.MINUS}")
    between = f"{apart(change.unit, change.low or 0)} to {apart(change.unit, change.high or 0)}"
    return f"{label} {'fell' if down else 'rose'} by {size} ({between})"


def _from(change: Change) -> str:
    return f"from {written(change.unit, change.before.value)} to {written(change.unit, change.after.value)}"


def _a_week(change: Change, days: int) -> str:
    """, about 31 fewer a week (20 to 42): a share's change in sessions, at the pace of the side after."""
    if change.unit != "share" or days < 7 or None in (change.difference, change.low, change.high):
        return ""
    pace = change.after.n * 7 / days
    size, one, two = (pace * abs(bound or 0) for bound in (change.difference, change.low, change.high))
    if size < 1:
        return ""
    more = "more" if (change.difference or 0) > 0 else "fewer"
    return f", about {words.count(size)} {more} a week ({words.count(min(one, two))} to {words.count(max(one, two))})"


def _unclear(change: Change, asked: int) -> str:
    """+4 % (−9 to +19 %), from 4.9 % to 5.1 %, which chance alone could give; what would have been seen"""
    shown = percents(change)
    unit = f"{words.SPACE}%"
    size = (
        f"{shown[0]}{unit} ({shown[1]} to {shown[2]}{unit})"
        if shown
        else f"{apart(change.unit, change.difference or 0)} "
        f"({apart(change.unit, change.low or 0)} to {apart(change.unit, change.high or 0)})"
    )
    at_once = "" if _crosses_zero(change) else f" where {words.many(asked, 'metric')} are asked at once"
    return f"**{size}**, {_from(change)}, which chance alone could give{at_once}{_would(change)}"


def _crosses_zero(change: Change) -> bool:
    return change.low is None or change.high is None or change.low <= 0 <= change.high


def _would(change: Change) -> str:
    """; a change of 20 % would most likely have been seen"""
    before, smallest = change.before.value, change.smallest_detectable
    if not smallest or not before or before <= 0:
        return ""
    return f"; a change of {words.percent(smallest / before, 0)} would most likely have been seen"


def seen(change: Change, where: tuple[str, str] = ("before", "after")) -> str:
    """What stands under one metric: how many sessions it counts on each side, and how small a change would have been
    seen. Markdown, as is `where`."""
    if change.smallest_detectable is None:
        return change.note or ""
    before, after = change.before, change.after
    one, other = where
    counted = f"{words.many(before.n, 'session')} {one}, {words.count(after.n)} {other}"
    if change.unit == "share" and before.value is not None and after.value is not None:
        counted = (
            f"{words.count(before.value * before.n)} of {words.many(before.n, 'session')} {one}, "
            f"{words.count(after.value * after.n)} of {words.count(after.n)} {other}"
        )
    if not (smallest := change.smallest_detectable) or not before.value or before.value <= 0:
        return f"{counted}."
    size = words.percent(smallest / before.value, 0)
    return f"{counted}. A true change of {size} would have been seen in four of five such comparisons."


def _rest(others: Sequence[Change], clear: Sequence[Change]) -> str:
    """The clear changes beside the first, and what is left."""
    told = [f"{_moved(change)}" for change in clear[:2]]
    more = f", and {words.count(len(clear) - 2)} more changed clearly" if len(clear) > 2 else ""
    unclear = sum(change.verdict == "no clear change" for change in others)
    parts = [f"{' and '.join([told[0], *(text[:1].lower() + text[1:] for text in told[1:])])}{more}."] if told else []
    if unclear and not told:
        parts.append(f"None of the other {words.many(unclear, 'metric')} changed clearly.")
    elif unclear:
        verb = "shows" if unclear == 1 else "show"
        parts.append(f"The other {words.many(unclear, 'metric')} {verb} no clear change.")
    return " ".join(parts)


def _small(change: Change) -> str:
    label = change.label
    return escape(label[:1].lower() + label[1:], 80)
