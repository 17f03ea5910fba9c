"""How sure a funnel's shares are, as tables and in words: values against all the others, and one scope against
another."""

from collections.abc import Callable, Sequence

from analytics import words
from analytics.analyses.funnel_shares import Against, Changed, FunnelSharesResult, Share


def range_of(share: Share) -> str:
    """A share with its interval: "4.8 % (4.3 to 5.3)"."""
    if share.share is None:
        return "–"
    return f"{words.percent(share.share)} ({100 * share.low:.1f} to {100 * share.high:.1f})"


def points(change: Against | Changed) -> str:
    """A difference in points with its interval."""
    if change.difference is None or change.low is None or change.high is None:
        return "–"
    low, high = words.signed(100 * change.low), words.signed(100 * change.high)
    return f"{words.signed(100 * change.difference)} ({low} to {high})"


def verdict(change: Against | Changed, than: str) -> str:
    """In words what the figures allow to say; `than`: what it is compared with, such as "the others"."""
    if change.difference is None:
        return "too few to say"
    if not change.clear:
        return "no clear difference"
    return f"{'higher' if change.difference > 0 else 'lower'} than {than}"


def chance(q: float | None) -> str:
    """A q-value."""
    return "–" if q is None else "below 0.001" if q < 0.001 else f"{q:.3f}"


def values(result: FunnelSharesResult, others: int) -> list[dict[str, str]]:
    """A row per value of the breakdown, `others` being how many the rest holds; the words are ready to be shown."""
    rows = []
    for share in result.shares:
        name = "All" if share.kind == "whole" else value_name(share, others)
        against = share.others
        rows.append(
            {
                "Value": name,
                "Went": f"{words.count(share.went)} of {words.count(share.n)}",
                "Share, 95 % interval": range_of(share),
                "All others": f"{words.count(against.went)} of {words.count(against.n)}" if against else "",
                "Difference, points": points(against) if against else "",
                "q": chance(against.q) if against else "",
                "In words": verdict(against, "the others") if against else "",
            }
        )
    return rows


def value_name(share: Share, others: int) -> str:
    """A value as a table names it."""
    if share.kind == "rest":
        return words.many(others, "other value")
    return "unknown" if share.value is None else share.value


def said_of_values(result: FunnelSharesResult, said: Callable[[str], str]) -> str:
    """Which values stand out, as a sentence in markdown."""
    clear = [share for share in result.shares if share.others and share.others.clear and share.kind == "value"]
    if not clear:
        return "no value is **clearly** above or below the others."
    parts = []
    for word, sign in (("lower", -1), ("higher", 1)):
        some = [share for share in clear if share.others and sign * (share.others.difference or 0) > 0]
        if some:
            names = [
                f"{said('unknown' if one.value is None else one.value)} ({words.percent(one.share)})" for one in some
            ]
            parts.append(f"clearly **{word}** for {words.listed(names[:4])}")
    return f"{', '.join(parts)}, each against all others together."


def steps(changes: Sequence[Changed], names: Sequence[str], before: str, after: str) -> list[dict[str, str]]:
    """A row per share that is compared; `before` and `after` are the sides' names."""
    rows = []
    for change in changes:
        share = change.before
        rows.append(
            {
                "From": names[share.from_step - 1],
                "To": names[share.to_step - 1],
                _head(before): f"{range_of(share)}, {words.count(share.went)} of {words.count(share.n)}",
                _head(after): f"{range_of(change.after)}, {words.count(change.after.went)} of "
                f"{words.count(change.after.n)}",
                "Difference, points": points(change),
                "q": chance(change.q),
                "In words": verdict(change, before),
            }
        )
    return rows


def _head(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}"


def said_of_change(
    changes: Sequence[Changed], names: Sequence[str], before: str, after: str, said: Callable[[str], str], counted: str
) -> str:
    """What changed over all and where most, in markdown."""
    last = len(names)
    whole = next(change for change in changes if (change.before.from_step, change.before.to_step) == (1, last))
    one, other = whole.before, whole.after
    if one.share is None or other.share is None:
        empty = before if one.share is None else after
        return f"**None of the {counted}** of {said(empty)} did the first step, {said(names[0])}."
    text = (
        f"**{words.percent(other.share)}** of the {words.count(other.n)} {counted} of {said(after)} that began with "
        f"{said(names[0])} reached {said(names[-1])}, **{words.percent(one.share)}** of the {words.count(one.n)} of "
        f"{said(before)}: "
    )
    if whole.difference is None:
        return f"{text}too few to say."
    text += f"{points(whole)} points, {'no clear difference' if not whole.clear else verdict(whole, said(before))}."
    clear = [change for change in changes if change.clear and change.before.to_step - change.before.from_step == 1]
    if clear and last > 2:
        most = max(clear, key=lambda change: abs(change.difference or 0))
        came, went = said(names[most.before.from_step - 1]), said(names[most.before.to_step - 1])
        text += (
            f" They part most between {came} and {went}: **{words.percent(most.after.share, 0)}** go on of "
            f"{said(after)}, **{words.percent(most.before.share, 0)}** of {said(before)}."
        )
    return text
