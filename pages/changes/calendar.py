"""The calendar of the two ranges: dragging over days sets the one that is chosen to be set; whole weeks are offered.

Streamlit hears no clicks on a picture on which boxes are drawn, so a single day is a short drag too.
"""

import datetime as dt
from dataclasses import dataclass, replace

import streamlit as st

from analytics import words
from analytics.analyses.compare import Compare
from analytics.charts import calendar as chart
from analytics.errors import InvalidQuestion
from analytics.scope import Scope
from pages.changes import ranges
from pages.changes.ranges import DAY
from pages.changes.sides import Sides
from pages.shared import current_scope, extent, key, legend, legend_ramp, open_params, palette, plotly
from pages.shared.waiting import answer

PER_DAY = "SELECT day, count(*) AS sessions FROM scoped_sessions GROUP BY day ORDER BY day"
LETTERS = {"before": "A", "after": "B"}
TARGET, REFUSED = "compare-range", "compare-range-refused"
WIDE = 600  # px: beyond that the controls stand below, and the picture may scroll


@dataclass(frozen=True)
class PerDay:
    """The sessions that began on a day."""

    day: dt.date
    sessions: int


def choose_target() -> str:
    """Draws which range a drag sets."""
    return st.segmented_control(
        "The calendar sets",
        list(LETTERS),
        default="after",
        required=True,
        format_func=lambda side: f"{LETTERS[side]}, {side}",
        key=TARGET,
        help="Drag over days in the calendar: the range goes from the first of them to the last.",
    )


def draw(sides: Sides, target: str, asked: Compare, usual: Compare) -> None:
    """The picture. `asked` is the question so far: what the callback opens with another range."""
    counts = per_day()
    both = {side: (getattr(sides, side).start, getattr(sides, side).stop - DAY) for side in LETTERS}
    colours = dict(zip(LETTERS, chart.colours(palette()), strict=True))
    told = [(f"{LETTERS[side]}, {side}: {words.days(*both[side])}", colours[side]) for side in LETTERS]
    legend(told)
    figure = chart.figure(
        palette(), counts, [chart.Marked(LETTERS[side], colours[side], both[side]) for side in LETTERS]
    )
    widget = key(f"calendar-{target}-{both}")  # another one per answer: Plotly forgets a selection, Streamlit does not
    now = replace_sides(asked, sides)
    with st.container(key="wide-calendar" if width() > WIDE else "calendar"):
        plotly(
            figure,
            widget,
            lambda: _picked(widget, target, now, usual),
            selection_mode="box",
            width="content",
            alt="Sessions a day on a calendar, both ranges marked; the fields beside it set the same days",
        )
    least, most = words.count(min(counts.values())), words.count(max(counts.values()))
    legend_ramp(least, f"{most} sessions a day", palette().amounts[: chart.LIGHT])
    st.caption("Drag over days to set a range.")


def remarks(sides: Sides, asked: Compare, usual: Compare) -> None:
    """What may mislead, and the nearest whole weeks at a button."""
    if refused := st.session_state.pop(REFUSED, ""):
        st.warning(refused, icon=":material/error:")
    found = ranges.remarks(sides.before, sides.after)
    cut = any(ranges.length(side) % 7 for side in (sides.before, sides.after))
    if not found:
        st.caption("Both are the same number of whole weeks.")
        return
    st.markdown(f":orange-badge[not whole weeks] {' '.join(found)}" if cut else " ".join(found))
    whole = extent()
    pair = ranges.whole_weeks(sides.before, sides.after, whole.first, whole.last)
    if pair is None:
        st.caption("These data hold no two whole weeks to offer instead.")
        return
    one, other = (words.days(side.start, side.stop - DAY) for side in pair)
    st.button(
        f"Use whole weeks: {one} against {other}",
        icon=":material/date_range:",
        on_click=_open,
        args=(asked, Sides(*pair), usual),
        key="whole-weeks",
    )


def width() -> int:
    """Of the picture, px."""
    whole = extent()
    return chart.width(whole.first, whole.last)


def per_day() -> dict[dt.date, int]:
    """Sessions of every day, with the sidebar's filters and without its days."""
    scope = replace(current_scope(), start=None, stop=None)
    asked = scope.query(PER_DAY)
    found = answer(("per-day", asked.key), lambda reader: reader.rows(asked, PerDay))
    whole = extent()
    return {whole.first: 0, whole.last: 0} | {one.day: one.sessions for one in found}


def _picked(widget: str, target: str, now: Compare, usual: Compare) -> None:
    points = st.session_state[widget].selection.points
    days = sorted(dt.date.fromisoformat(point["customdata"][0]) for point in points if point.get("customdata"))
    if not days:
        return
    dragged = Scope(start=days[0], stop=days[-1] + DAY)
    _open(now, Sides(**(vars(Sides(now.before, now.after)) | {target: dragged})), usual)


def _open(now: Compare, sides: Sides, usual: Compare) -> None:
    try:
        open_params(replace(now, before=sides.before, after=sides.after), usual)
    except InvalidQuestion:
        st.session_state[REFUSED] = "Those are the days of the other range already; choose others."


def replace_sides(asked: Compare, sides: Sides) -> Compare:
    """The question with these sides; as it was while they are the same."""
    return asked if sides.before == sides.after else replace(asked, before=sides.before, after=sides.after)
