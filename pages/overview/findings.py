"""What stands out in the scope, as far as counting and comparing can tell: each with figures and the page to look at.

Compared are each release with the one before, or, where there are none, the later half of the days with the earlier,
altogether and by device. So many comparisons find something by chance alone: their p-values are corrected together
(Benjamini and Hochberg) before any is called a change.
"""

import datetime as dt
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import streamlit as st

from analytics import metrics, registry, stats, words
from analytics.analyses import compare, event_sessions, metric_series, overview, values
from analytics.charts import overview as chart
from analytics.conditions import Filter, Matcher
from analytics.scope import Scope
from pages.overview.selected import of_page
from pages.shared import ask, escape, link_of, link_to, palette, write_selection
from pages.shared.text import many_of

MOST = 5
WATCHED = ("error_rate", "bounce_rate", "value_per_buyer")  # besides the goal; each may be better or worse
ABOUT_THE_GOAL = 100  # the weight from which on
PAIRS = 3  # comparisons of releases, the latest
CANDIDATES = 5  # pages looked at for each kind of error
ENOUGH = 10  # sessions with an error on a page before it is worth a line


@dataclass(frozen=True)
class Finding:
    """One line: `title` and `detail` are markdown; `weight` ranks it, from 100 on it is about reaching the goal.

    `amount` and `interval` say how much, `relative` is (low, change, high), from -1. `weeks` is the course of what is
    measured, `sentence` what the page's answer says of it. It leads to a
    `comparison` within a scope, or to a `selection` of the overview.
    """

    title: str
    detail: str
    weight: float
    good: bool | None = None
    relative: tuple[float, float, float] | None = None
    sentence: str = ""
    amount: str = ""
    interval: str = ""
    weeks: tuple[float | None, ...] = ()
    comparison: tuple[compare.Compare, Scope] | None = None
    selection: Mapping[str, str] | None = None


@dataclass(frozen=True)
class _Pair:
    """Two sides to compare; `since` says of the later one when it began, `back` what it is called."""

    before: Scope
    after: Scope
    since: str
    name: str


@dataclass
class _Tested:
    """One metric of one pair on one device ("" for all), and whether it is a change after correction."""

    pair: _Pair
    device: str
    change: compare.Change
    clear: bool = field(default=False)


def found(
    scope: Scope, goal: Matcher | None, goal_words: str, releases: Mapping[str, dt.date], devices: Sequence[str]
) -> list[Finding]:
    """The strongest first, at most `MOST`."""
    tested = list(_compared(scope, goal, _pairs(scope, releases), devices))
    all_found = [
        *_changes(tested, scope, goal, goal_words),
        *_between_devices(scope, goal, goal_words, devices),
        *_errors(scope, "error", "Errors on", "met an error there"),
        *_errors(scope, "form_error", "Refused forms on", "had a field refused there"),
    ]
    return sorted(all_found, key=lambda one: -one.weight)[:MOST]


def answer(totals: overview.Totals, goal: str, findings: Sequence[Finding]) -> str:
    """The page's answer: the goal's figures, and what changed them most."""
    if not goal:
        return (
            f"**{words.many(totals.sessions, 'session')}** of **{words.many(totals.people, 'person', 'people')}**; "
            f"**{words.percent(totals.bounce_rate)}** left at once after one page."
        )
    reached = totals.converted_sessions or 0
    first = (
        f"**{words.percent(reached / totals.sessions if totals.sessions else None)}** of the sessions reached {goal}: "
        f"**{words.count(reached)}** of {words.count(totals.sessions)}."
    )
    return " ".join([first, *(one.sentence for one in findings if one.weight >= ABOUT_THE_GOAL)][:2])


def draw(findings: Sequence[Finding]) -> None:
    """A row each: what it is, its course, its size, and where to look."""
    st.subheader("What stands out", anchor=False)
    if not findings:
        st.caption("No clear change between releases, devices or halves of the range, and no page with many errors.")
        return
    with st.container(horizontal=True, key="finding-heads", gap="small"):
        st.container(gap=None).caption("Changes that chance does not explain, and pages with errors")
        st.caption("By week", width=128)
        st.caption("How much, 95 % interval", width=150)
        st.html(chart.scale(palette()), width=128)
        st.caption("", width=120)
    for number, one in enumerate(findings):
        with st.container(horizontal=True, vertical_alignment="center", key=f"finding-{number}", gap="small"):
            st.container(gap=None).markdown(f"#### {one.title}\n{one.detail}", anchors=False)
            bars = chart.week_bars(palette(), one.weeks) if len(one.weeks) > 1 else EMPTY
            st.image(bars, width=128)
            amount = f"#### {one.amount}\n:gray[{one.interval}]"
            st.container(width=150, gap=None, key=f"amount-{number}").markdown(amount, anchors=False)
            picture = EMPTY if one.relative is None else chart.change(palette(), *one.relative, one.good)
            st.image(picture, width=128)
            with st.container(width=120, gap=None):
                _way_on(one, number)


def _way_on(one: Finding, number: int) -> None:
    if one.comparison:
        question, within = one.comparison
        link_to("compare", "Compare", link_of(within) | {"p": [link_to_comparison(question)]})
    elif one.selection:
        st.button(
            "Sessions",
            key=f"finding-sessions-{number}",
            icon=":material/view_list:",
            type="tertiary",
            on_click=write_selection,
            args=(dict(one.selection),),
        )


EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" width="128" height="38"></svg>'


# ------------------------------------------------------------------------------------------------------- comparisons


def _pairs(scope: Scope, releases: Mapping[str, dt.date]) -> list[_Pair]:
    if len(releases) > 1:
        return [
            _Pair(Scope(releases=(before,)), Scope(releases=(after,)), f"with release {escape(after, 24)}", after)
            for before, after in pairwise(releases)
        ][-PAIRS:]
    if not scope.start or not scope.stop or (scope.stop - scope.start).days < 14 or scope.imports:
        return []
    half = scope.start + dt.timedelta(days=7 * ((scope.stop - scope.start).days // 14))
    whole = Scope(start=scope.start, stop=scope.stop)
    return [_Pair(replace(whole, stop=half), replace(whole, start=half), f"since {words.day(half)}", "")]


def _compared(scope: Scope, goal: Matcher | None, pairs: Sequence[_Pair], devices: Sequence[str]) -> Iterator[_Tested]:
    tested = []
    for pair in pairs:
        for device in ("", *(devices if len(devices) > 1 else ())):
            within = replace(scope, devices=(device,)) if device else scope
            answer = ask(compare, _question(pair, goal), within)
            tested += [_Tested(pair, device, change) for change in answer.metrics if change.p is not None]
    qs = stats.q_values([one.change.p or 1.0 for one in tested])
    for one, q in zip(tested, qs, strict=True):
        low, high = one.change.low, one.change.high
        one.clear = q < 0.05 and low is not None and high is not None and not low <= 0 <= high
        yield one


def _question(pair: _Pair, goal: Matcher | None) -> compare.Compare:
    asked = WATCHED if goal is None else (metrics.GOAL, *WATCHED)
    return compare.Compare(pair.before, pair.after, metrics=asked, goal=goal)


def _changes(tested: Sequence[_Tested], scope: Scope, goal: Matcher | None, goal_words: str) -> Iterator[Finding]:
    """One per pair and metric: altogether, or on the one device where it happened."""
    names = list(dict.fromkeys(one.change.metric for one in tested))
    later = list(dict.fromkeys(one.pair for one in tested)) if tested else []
    said: set[tuple[int, str]] = set()
    for n, pair in enumerate(later):
        for name in names:
            if (n, name) in said:
                continue
            group = [one for one in tested if one.pair == pair and one.change.metric == name]
            clear = [one for one in group if one.clear and one.change.relative is not None]
            if not clear:
                continue
            on = [one for one in clear if one.device]
            chosen = on[0] if len(on) == 1 else next((one for one in clear if not one.device), clear[0])
            after = _turned_back(tested, later[n + 1 :], chosen)
            if after:
                said.add((later.index(after.pair), name))
            yield _change(chosen, group, after, scope, goal, goal_words)


def _turned_back(tested: Sequence[_Tested], later: Sequence[_Pair], chosen: _Tested) -> _Tested | None:
    """The next pair in which the same metric, on the same device, clearly went the other way."""
    for one in tested:
        if one.pair in later[:1] and one.device == chosen.device and one.change.metric == chosen.change.metric:
            opposite = (one.change.difference or 0) * (chosen.change.difference or 0) < 0
            return one if one.clear and opposite else None
    return None


def _change(
    chosen: _Tested,
    group: Sequence[_Tested],
    after: _Tested | None,
    scope: Scope,
    goal: Matcher | None,
    goal_words: str,
) -> Finding:
    change, device = chosen.change, chosen.device
    grew = (change.difference or 0) > 0
    about_goal = change.metric == metrics.GOAL
    label = f"Sessions with {goal_words}" if about_goal else change.label.split(",")[0]
    verb, where = "rose" if grew else "fell", f" on {many_of(device)}" if device else ""
    now, then = _amount(change.after.value, change.unit), _amount(change.before.value, change.unit)
    others = [one for one in group if one.device and one.device != device]
    same = device and others and not any(one.clear for one in others)
    names = words.listed([many_of(one.device) for one in others])
    back = f"{after.pair.since} it went back to **{_amount(after.change.after.value, change.unit)}**" if after else ""
    detail = f"**{now}** instead of **{then}** ({_difference(change)})."
    if same:
        detail += f" No clear change on {names}."
    if back:
        detail += f" {back[0].upper()}{back[1:]}."
    sentence = f"It {verb}{where} {chosen.pair.since} from **{then}** to **{now}**{f'; {back}' if back else ''}."
    if same:
        sentence += f" No clear change on {names}."
    good = grew == change.higher_is_better
    low, relative, high = change.relative_low or 0.0, change.relative or 0.0, change.relative_high or 0.0
    within = replace(scope, devices=(device,)) if device else scope
    return Finding(
        f"{label} {verb}{where} {chosen.pair.since}",
        detail,
        (ABOUT_THE_GOAL if about_goal else 20) + (5 if good else 10) * abs(math.log(max(1 + relative, 1e-3))),
        good,
        (low, relative, high),
        sentence,
        *_relative(low, relative, high),
        weeks=_weeks(change.metric, goal, within),
        comparison=(compare.Compare(chosen.pair.before, chosen.pair.after, goal=goal), within),
    )


def _relative(low: float, relative: float, high: float) -> tuple[str, str]:
    """How much, and its interval: ("−81 %", "−88 to −74 %")"""
    ends = f"{words.signed(100 * low, 0)} to {words.signed(100 * high, 0)}{words.SPACE}%"
    return f"{words.signed(100 * relative, 0)}{words.SPACE}%", ends


def _between_devices(scope: Scope, goal: Matcher | None, goal_words: str, devices: Sequence[str]) -> Iterator[Finding]:
    """The two most used devices against each other, at the goal."""
    if goal is None or len(devices) < 2:
        return
    first, second = devices[:2]
    asked = compare.Compare(Scope(devices=(first,)), Scope(devices=(second,)), metrics=(metrics.GOAL,), goal=goal)
    [change] = ask(compare, asked, scope).metrics
    if change.verdict not in ("better", "worse") or change.relative is None:
        return
    if change.verdict == "better":
        first, second = second, first
        asked = replace(asked, before=asked.after, after=asked.before)
        [change] = ask(compare, asked, scope).metrics
        if change.relative is None:
            return
    low, high = change.relative_low or 0.0, change.relative_high or 0.0
    yield Finding(
        f"Less {goal_words} on {many_of(second)} than on {many_of(first)}",
        f"**{_amount(change.after.value, 'share')}** of the sessions on {many_of(second)}, "
        f"**{_amount(change.before.value, 'share')}** on {many_of(first)} ({_difference(change)}).",
        15 + abs(change.relative),
        None,
        (low, change.relative, high),
        "",
        *_relative(low, change.relative, high),
        comparison=(asked, scope),
    )


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return "nothing"
    if unit == "share":
        return words.percent(value)
    return words.duration(value) if unit == "seconds" else words.number(value, 2 if unit == "value" else 1)


def _difference(change: compare.Change) -> str:
    """The difference with its 95 % interval: −3.3 points, −4.0 to −2.7"""
    low, high, by = change.low or 0.0, change.high or 0.0, change.difference or 0.0
    if change.unit == "share":
        digits = 2 if abs(by) < 0.001 else 1
        return f"{words.signed(100 * by, digits)} points, {_ends(100 * low, 100 * high, digits)}"
    digits, unit = 2 if change.unit == "value" else 1, f"{words.SPACE}s" if change.unit == "seconds" else ""
    return f"{words.signed(by, digits)}{unit}, {_ends(low, high, digits)}"


def _ends(low: float, high: float, digits: int) -> str:
    return f"{words.signed(low, digits)} to {words.signed(high, digits)}"


def _weeks(metric: str, goal: Matcher | None, scope: Scope) -> tuple[float | None, ...]:
    asked = metric_series.MetricSeries(metric, "week", goal if metric == metrics.GOAL else None)
    points = {point.start: point for point in ask(metric_series, asked, scope).series}
    if not points:
        return ()
    first, last = min(points), max(points)
    weeks = [first + dt.timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    return tuple(points[week].total / points[week].n if week in points and points[week].n else None for week in weeks)


def link_to_comparison(question: compare.Compare) -> str:
    """The question as the link parameter of its page: without what is as usual."""
    whole, bare = registry.dump(question), registry.dump(Scope())
    for side in ("before", "after"):
        whole[side] = {name: value for name, value in whole[side].items() if value != bare[name]}
    usual = {"metrics": None, "by": "user", "goal": None}
    own = {name: value for name, value in whole.items() if name not in usual or value != usual[name]}
    return json.dumps(own, ensure_ascii=False, separators=(",", ":"))


# ------------------------------------------------------------------------------------------------------------ errors


def _errors(scope: Scope, name: str, title: str, happened: str) -> Iterator[Finding]:
    """The page on which the largest part of the sessions that came met such an event."""
    there = {one.value: one.sessions for one in ask(values, values.Values("page"), scope).values}
    erring = scope.also((Filter("event", "is", name),))
    met = {one.value: one.sessions for one in ask(values, values.Values("page", limit=200), erring).values}
    # sessions with an error anywhere: an upper bound, good enough to choose which pages to count exactly
    likely = sorted((page for page in met if there.get(page)), key=lambda page: -(met[page] ** 2) / there[page])
    counted = []
    for page in likely[:CANDIDATES]:
        asked = event_sessions.EventSessions(of_page(name, page), limit=0)
        if (hit := ask(event_sessions, asked, scope).total) >= ENOUGH:
            counted.append((hit / there[page], hit, page))
    if not counted:
        return
    share, hit, page = max(counted)
    low, high = stats.wilson(hit, there[page])
    yield Finding(
        f"{title} {escape(page, 60)}",
        f"**{words.count(hit)}** of the **{words.many(there[page], 'session')}** that came {happened}.",
        weight=10 + 10 * share,
        selection={"event": name, "page": page},
        amount=words.percent(share),
        interval=words.interval(100 * low, 100 * high, 1),
    )
