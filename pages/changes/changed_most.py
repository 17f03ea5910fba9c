"""What changed most from one release to the next, and the sessions behind each line."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics import words
from analytics.analyses import item_changes, item_sessions
from analytics.analyses.item_changes import Item, ItemChanges, ItemChangesResult
from analytics.analyses.item_sessions import ItemSessions
from analytics.charts import releases as chart
from analytics.conditions import Filter, Matcher
from analytics.metrics import FunnelGoal
from analytics.scope import Scope
from pages.changes.sides import Sides, reach
from pages.journeys import grouped
from pages.journeys.usual import way
from pages.shared import escape, key, read_view, sessions_behind, write_view
from pages.shared.lists import ROW
from pages.shared.text import spoken

PEOPLE = 50_000  # sessions, about, whose people tell how sure a change is
TALL, LISTED = 12, 8  # rows in view, sessions in view
STRONGEST, EVERYBODY = "Where it shows most", "Everybody"
ALL, AMONG, SIDE, CHOSEN = "all", "among", "side", "item"


def asked(sides: Sides, goal: Matcher | None) -> ItemChanges:
    """The question, both sides holding sessions."""
    groups = grouped.usual()
    steps = way(groups, goal) if goal is not None else ()
    funnel = FunnelGoal(steps) if len(steps) > 1 else None
    sessions = sum(reach(side.narrowed(sides.within)).sessions for side in (sides.before, sides.after))
    return ItemChanges(sides.before, sides.after, funnel, groups, split="device", one_of=max(1, sessions // PEOPLE))


def sentence(found: ItemChangesResult, params: ItemChanges, names: tuple[str, str]) -> str:
    """What stands out, in markdown; nothing where nothing does. `names` of the sides are plain text."""
    clear = [item for item in chart.strongest(found.items) if item.clear]
    if not clear:
        return ""
    told = [_told(clear[0], params, names)]
    error = next((item for item in clear[1:] if item.kind == "error"), None)
    if error is not None and clear[0].kind != "error":
        told.append(_told(error, params, names))
    return f"Most of all, {'; '.join(told)}."


def _told(item: Item, params: ItemChanges, names: tuple[str, str]) -> str:
    before, after = (name if name in ("before", "after") else f"in {escape(name, 40)}" for name in names)
    part = "" if item.part is None else f"on {escape(chart.among(item.part), 40)} "
    what = escape(chart.named(item, params.funnel, spoken), 60)
    shown = {
        "page": f"sessions that view **{what}**",
        "event": f"sessions with **{what}**",
        "element": f"sessions with a click on **{what}**",
        "error": f"sessions with the error **{what}**",
        "step": f"sessions that reach step **{what}**",
    }[item.kind]
    if 0 in item.counts:
        number = words.many(max(item.counts), "session")
        has, without = (after, before) if item.counts[0] == 0 else (before, after)
        return f"{part}{shown}: {number} {has}, none {without}"
    went = "rose" if item.change > 0 else "fell"
    return f"{part}{shown} {went} from {words.percent(item.before)} to {words.percent(item.after)}"


def draw(found: ItemChangesResult, params: ItemChanges, sides: Sides, names: tuple[str, str], of: str) -> list[Item]:
    """The table, and the sessions of the line that is chosen in it; returns the lines. `of` tells tables apart."""
    view = read_view()
    parts = list(dict.fromkeys(item.part for item in found.items if item.part))
    options = [STRONGEST, EVERYBODY, *parts] if len(parts) > 1 else [EVERYBODY]
    begin = view.get(AMONG) if view.get(AMONG) in options else options[0]
    with st.container(horizontal=True, vertical_alignment="bottom", key="quiet-changed"):
        among = st.segmented_control(
            "Among",
            options,
            default=begin,
            required=True,
            format_func=lambda each: each if each in (STRONGEST, EVERYBODY) else escape(chart.among(each), 40),
            key=key("among"),
        )
        place = st.container()
    every = _of(found.items, among)
    few = chart.foremost(every)
    with place:
        rest = len(every) - len(few)
        shown_all = bool(rest) and st.toggle(
            f"Show {words.count(rest)} within noise", bool(view.get(ALL)), key=key("all-items")
        )
    shown = every if shown_all else few
    if not shown:
        st.caption("No page, event, click or error is there to compare.")
        return []
    chosen = _table(shown, params, view.get(CHOSEN), f"{of}-{among}-{shown_all}", names)
    st.caption(_note(found, sides))
    side = _behind(shown[chosen], params, sides, names, view.get(SIDE))
    item = shown[chosen]
    write_view(
        ({AMONG: among} if among != options[0] else {})
        | ({ALL: True} if shown_all else {})
        | ({CHOSEN: [item.kind, item.item, item.part]} if chosen else {})
        | ({SIDE: side} if side != _usual(item) else {})
    )
    return shown


def _of(items: Sequence[Item], among: str) -> list[Item]:
    if among == STRONGEST:
        return chart.strongest(items)
    part = None if among == EVERYBODY else among
    return [item for item in items if item.part == part]


def _table(shown: Sequence[Item], params: ItemChanges, given: object, of: str, names: tuple[str, str]) -> int:
    """The table; which of its rows is looked at."""
    links = [[item.kind, item.item, item.part] for item in shown]
    rows = chart.rows(shown, params.funnel, spoken)
    titles: dict[str, str] = {"Before": f"In {names[0]}" if names[0] != "before" else "Before"}
    titles |= {"Points": f"Points (95{words.SPACE}% interval)"}
    titles["After"] = f"In {names[1]}" if names[1] != "after" else "After"
    st.dataframe(
        pd.DataFrame(rows),
        key=(name := key(f"changed-{of}")),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        row_height=ROW,
        height=ROW * min(len(rows), TALL) + 32,
        alt="Pages, events, clicks and errors with their shares of sessions on both sides",
        column_config={
            "What": st.column_config.TextColumn(width=150),
            "Among": st.column_config.TextColumn(width=64),
            **{
                column: st.column_config.TextColumn(titles.get(column), alignment="right", width=width)
                for column, width in (("Points", 126), ("Before", 58), ("After", 58), ("q", 84))
            },
            "In words": st.column_config.TextColumn(width=90),
        },
    )
    selected = st.session_state[name].selection.rows
    if selected and selected[0] < len(shown):
        return int(selected[0])
    return links.index(given) if given in links else 0


def _note(found: ItemChangesResult, sides: Sides) -> str:
    tested = item_changes.compared(found.items)
    cut = [
        f"{words.count(one.items)} {chart.PLURALS[one.kind]}"
        for one in found.known
        if one.items > ItemChanges(sides.before, sides.after).most
    ]
    more = f" Of {words.listed(cut)} the most usual 200 each are compared." if cut else ""
    return (
        "Shares of all sessions with it at least once; choose a line for its sessions. Intervals are by person. q: "
        f"how often chance alone would give so large a difference, corrected for {words.many(tested, 'line')} at once."
        f"{more}"
    )


def _usual(item: Item) -> str:
    return "after" if item.counts[1] else "before"


def _behind(item: Item, params: ItemChanges, sides: Sides, names: tuple[str, str], given: object) -> str:
    """The sessions of the line, of the side that is chosen."""
    options = {
        side: f"{name.capitalize() if name in ('before', 'after') else name}: {words.count(count)}"
        for side, name, count in zip(("before", "after"), names, item.counts, strict=True)
    }
    label = escape(chart.named(item, params.funnel, spoken), 80)
    side = st.segmented_control(
        "Sessions of",
        list(options),
        default=given if given in options else _usual(item),
        required=True,
        format_func=lambda each: escape(options[each], 60),
        key=key(f"side-{item.kind}-{item.item}-{item.part}"),
    )
    scope: Scope = {"before": sides.before, "after": sides.after}[side].narrowed(sides.within)
    if item.part is not None:
        scope = scope.also((Filter("device", "is", item.part),))
    where = f", {escape(chart.among(item.part), 40)}" if item.part else ""
    funnel = params.funnel if item.kind == "step" else None
    title = f"{chart.KINDS[item.kind]} {label}{where}"
    asked = ItemSessions(item.kind, item.item, params.groups, funnel)
    sessions_behind("released", title, item_sessions, asked, scope, rows=LISTED)
    return side
