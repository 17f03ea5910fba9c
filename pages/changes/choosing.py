"""The controls of before and after: what is compared with what, what is counted, and what counts as success."""

from dataclasses import replace
from itertools import pairwise

import streamlit as st

from analytics import words
from analytics.analyses.compare import Compare
from analytics.metrics import Goal
from analytics.scope import Scope
from pages.changes import calendar, kept_goals, ranges
from pages.changes.ranges import DAY
from pages.changes.sides import BY, LENGTHS, Sides, begin_days, goals, releases
from pages.shared import escape, extent, key, segments

RELEASES, DATES, SEGMENTS, LINK = "Releases", "Dates", "Segments", "As linked"
OTHER, OWN, REST = "Other releases", "Own days", "Everybody else"
PAIRS = 3  # of releases that are one click away


def kind(given: Compare) -> str:
    """Draws the choice of what the sides are."""
    now = Sides(given.before, given.after)
    begin = RELEASES if now.of_releases else DATES if now.of_days else SEGMENTS if now.of_segments else LINK
    options = [*([RELEASES] if len(releases()) > 1 or begin == RELEASES else []), DATES, SEGMENTS]
    return st.segmented_control(
        "Compare",
        [*options, *([LINK] if begin == LINK else [])],
        default=begin,
        required=True,
        key=key("kind"),
    )


def sides(what: str, asked: Compare, usual: Compare) -> Sides | None:
    """Draws what the two sides are chosen with; they begin as `asked`. None while there is none to choose."""
    now = Sides(asked.before, asked.after)
    if what == RELEASES:
        return _releases(now)
    if what == DATES:
        return _ranges(now, asked, usual)
    return _segments(now) if what == SEGMENTS else now


def _releases(now: Sides) -> Sides:
    names = releases()
    pairs = {" → ".join(pair): pair for pair in list(pairwise(releases(led=True)))[-PAIRS:]}
    begin = next(reversed(pairs), OTHER)
    if now.of_releases:
        linked = f"{now.before.releases[0]} → {now.after.releases[0]}"
        begin = linked if linked in pairs else OTHER
    options = [*pairs, *([OTHER] if len(names) > 2 or begin == OTHER else [])]
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-sides"):
        chosen = begin
        if len(options) > 1:
            chosen = st.segmented_control(
                "Releases",
                options,
                default=begin,
                required=True,
                format_func=lambda option: escape(option, 40),
                key=key("releases"),
            )
        if chosen in pairs:
            return Sides(*(Scope(releases=(each,)) for each in pairs[chosen]))
        found = []
        for label, side, nth in (("Before", now.before, -2), ("After", now.after, -1)):
            wanted = side.releases[0] if now.of_releases else names[nth]
            options = list(dict.fromkeys([*names, wanted]))
            found.append(st.selectbox(label, options, options.index(wanted), key=key(label), width=150))
        return Sides(*(Scope(releases=(each,)) for each in found))


def _ranges(now: Sides, asked: Compare, usual: Compare) -> Sides:
    """The calendar, and beside it (above a wide one) the same choice for keyboards."""
    beside = calendar.width() <= calendar.WIDE
    with st.container(horizontal=beside, gap="medium", key="quiet-sides"):
        picture = st.container(width=max(calendar.width(), 300), gap="xsmall") if beside else None
        with st.container(gap="small"):
            target = calendar.choose_target()
            with st.container(horizontal=True, vertical_alignment="bottom"):
                chosen = _by_length(now)
            calendar.remarks(chosen, asked, usual)
        with picture or st.container(gap="xsmall"):
            calendar.draw(chosen, target, asked, usual)
    return chosen


def _by_length(now: Sides) -> Sides:
    lengths: list[int | str] = [weeks for weeks in LENGTHS if begin_days(weeks)]
    weeks, begin = (lengths[-1] if lengths else OWN), None
    if now.of_days:
        begin = now.after.start
        days = ranges.length(now.after)
        whole = (now.before, now.after) == ranges.adjacent(begin, days) and days % 7 == 0
        weeks = days // 7 if whole and begin in begin_days(days // 7) else OWN
    chosen = st.selectbox(
        "Length",
        [*lengths, OWN],
        [*lengths, OWN].index(weeks if weeks in lengths else OWN),
        format_func=lambda each: each if isinstance(each, str) else words.many(each, "week"),
        key=key("length"),
        width=120,
    )
    if chosen == OWN:
        return _own_days(now)
    options = begin_days(int(chosen))
    starts = st.selectbox(
        "After begins on",
        options,
        options.index(begin) if begin in options else 0,
        format_func=lambda day: f"Mon, {words.day(day, year=True)}",
        help="Before is as long, and ends the day before.",
        key=key(f"begins-{chosen}"),
        width=160,
    )
    return Sides(*ranges.adjacent(starts, 7 * int(chosen)))


def _own_days(now: Sides) -> Sides:
    whole = extent()
    found = []
    begin = now if now.of_days else Sides(*ranges.adjacent(whole.last, 1))
    for label, side in (("Before", begin.before), ("After", begin.after)):
        first, last = side.start, side.stop - DAY
        shown = st.date_input(
            label,
            (first, last),
            min_value=min(first, whole.first),
            max_value=max(last, whole.last),
            format="YYYY-MM-DD",
            key=key(f"days-{label}"),
            width=210,
        )
        complete = isinstance(shown, tuple) and len(shown) == 2  # else the second day is still to come
        found.append(Scope(start=shown[0], stop=shown[1] + DAY) if complete else side)
    return Sides(*found)


def _segments(now: Sides) -> Sides | None:
    """One against everybody else, or against another; a link may say one that is not there any more."""
    named = [str(one) for one in (now.after.segment, now.before.segment) if one and now.of_segments]
    known = list(dict.fromkeys([*segments.known(), *named]))
    if not known:
        return None
    after_now = str(now.after.segment) if now.of_segments else known[0]
    before_now = str(now.before.segment) if now.of_segments and now.before.segment else REST
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-sides"):
        after = st.selectbox("Segment", known, known.index(after_now), key=key("segment-after"), width=200)
        others = [None, *known]  # None: a segment may be called like everybody else
        before = st.selectbox(
            "Against",
            others,
            0 if before_now == REST else others.index(before_now),
            format_func=lambda name: name or REST,
            key=key("segment-before"),
            width=200,
        )
    found = Sides(Scope(segment=before) if before else Scope(outside=after), Scope(segment=after))
    return segments.resolved(found)


def by(given: Compare) -> str:
    """Draws the choice of what is counted."""
    return st.segmented_control(
        "Count by",
        list(BY),
        default=given.by,
        required=True,
        format_func=BY.get,
        help="One person's sessions resemble each other. By person the intervals know that; by session they do not.",
        key=key("by"),
    )


def goal(given: Compare) -> Goal | None:
    """Draws the choice of the goal: an event, or all steps of a saved funnel."""
    options: dict[str, Goal | None] = {**goals(), **kept_goals.kept()}
    if given.goal not in options.values() and given.goal is not None:
        options |= {given.goal.label: given.goal}
    begin = next(label for label, goal in options.items() if goal == given.goal)
    chosen = st.selectbox(
        "Goal", list(options), list(options).index(begin), key=key("goal"), help="What counts as success.", width=170
    )
    return options[chosen]


def asked(given: Compare, chosen: Sides, **more: object) -> Compare:
    """The question as the controls say it."""
    return replace(given, before=chosen.before, after=chosen.after, **more)
