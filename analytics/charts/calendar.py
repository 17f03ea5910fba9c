"""A calendar of squares: weeks across, weekdays down, coloured from the day of fewest sessions to that of most, and
two ranges marked on it.

Up to a year and a day is one strip; what is longer is a strip per year. A square's customdata begins with its day.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import plotly.graph_objects as go

from analytics import words
from analytics.charts import base
from analytics.charts.theme import Palette, with_alpha

PITCH, SQUARE = 20, 17  # px: from square to square, and a square
LEFT, TOP, RIGHT = 40, 22, 8
ONE_STRIP, ROWS = 53, 8.4  # weeks; from strip to strip in squares: seven days and room for the months' names
LEAST = 8  # weeks that there is room for
LIGHT = 6  # shades of ten: frames and letters have to stand out from them
MONTH = 2  # weeks that a month's name needs
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Range = tuple[dt.date, dt.date]
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Marked:
    """A range that is marked: its letter, its colour, and its first and last day."""

    letter: str
    colour: str
    days: Range


@dataclass(frozen=True)
class _Strip:
    """The days that stand in one strip, whose first square begins at `top` squares from the top."""

    first: dt.date
    last: dt.date
    top: float

    def place(self, day: dt.date) -> tuple[int, int]:
        """Which week and weekday, from 0."""
        monday = self.first - self.first.weekday() * DAY
        return (day - monday).days // 7, day.weekday()

    def within(self, days: Range) -> Range | None:
        """What of a range stands here."""
        first, last = max(days[0], self.first), min(days[1], self.last)
        return (first, last) if first <= last else None

    @property
    def weeks(self) -> int:
        """How many columns it has."""
        return self.place(self.last)[0] + 1


def colours(palette: Palette) -> tuple[str, str]:
    """Those of the range before and the one after; the squares hold every shade of brown."""
    return palette.ink, palette.series[0]


def width(first: dt.date, last: dt.date) -> int:
    """Of the picture of these days, px."""
    return LEFT + PITCH * max(LEAST, *(strip.weeks for strip in _strips(first, last))) + RIGHT


def figure(palette: Palette, sessions: Mapping[dt.date, int], marked: Sequence[Marked]) -> go.Figure:
    """`sessions` by day, at least one; days without any are empty squares."""
    strips = _strips(min(sessions), max(sessions))
    rows = strips[-1].top + 7
    drawn = base.new(
        palette,
        round(TOP + PITCH * rows + 8),
        width=width(min(sessions), max(sessions)),
        margin={"l": LEFT, "r": RIGHT, "t": TOP, "b": 8},
        dragmode="select",
        selectdirection="d",  # else a drag along a week or a weekday takes all of them
        hovermode="closest",
        newselection={"line": {"color": palette.ink, "width": 1, "dash": "solid"}},
        activeselection={"fillcolor": palette.ink, "opacity": 0.08},
        shapes=[shape for one in marked for strip in strips for shape in _frame(strip, one)],
        annotations=[*_names(palette, strips), *_letters(palette, strips, marked)],
    )
    placed = [(strip, day) for strip in strips for day in _days(strip)]
    least, most = min(sessions.values()), max(sessions.values())
    colour = {day: palette.amounts[LIGHT * (n - least) // (most - least + 1)] for day, n in sessions.items()}
    shown = [colour.get(day, palette.panel) for _, day in placed]
    drawn.add_scatter(
        x=[strip.place(day)[0] for strip, day in placed],
        y=[strip.top + strip.place(day)[1] for strip, day in placed],
        mode="markers",
        marker={"symbol": "square", "size": SQUARE, "opacity": 1, "color": shown},
        customdata=[[day.isoformat(), _hover(day, sessions.get(day, 0), marked)] for _, day in placed],
        hovertemplate="%{customdata[1]}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
    across = (drawn.layout.width - LEFT - RIGHT) / PITCH
    drawn.update_xaxes(range=[-0.5, across - 0.5], visible=False)
    drawn.update_yaxes(
        range=[rows - 0.5, -0.5],
        showgrid=False,
        tickvals=[strip.top + n for strip in strips for n in range(7)],
        ticktext=[name for _ in strips for name in WEEKDAYS],
    )
    return drawn


def _strips(first: dt.date, last: dt.date) -> list[_Strip]:
    whole = _Strip(first, last, 0)
    if whole.weeks <= ONE_STRIP:
        return [whole]
    years = range(first.year, last.year + 1)
    return [
        _Strip(max(first, dt.date(year, 1, 1)), min(last, dt.date(year, 12, 31)), ROWS * n)
        for n, year in enumerate(years)
    ]


def _days(strip: _Strip) -> Iterator[dt.date]:
    return (strip.first + n * DAY for n in range((strip.last - strip.first).days + 1))


def _hover(day: dt.date, sessions: int, marked: Sequence[Marked]) -> str:
    within = [one.letter for one in marked if one.days[0] <= day <= one.days[1]]
    where = f", in {words.listed(within)}" if within else ""
    return f"{WEEKDAYS[day.weekday()]}, {words.day(day, year=True)}: {words.many(sessions, 'session')}{where}"


def _frame(strip: _Strip, one: Marked) -> Iterator[dict[str, Any]]:
    """The outline of the range's squares, week by week as they stand, as far as they are in this strip."""
    if not (days := strip.within(one.days)):
        return
    (week, begin), (last_week, end) = strip.place(days[0]), strip.place(days[1])
    left, right, top = week - 0.5, last_week + 0.5, strip.top - 0.5
    if week == last_week:
        corners = [(left, begin), (right, begin), (right, end + 1), (left, end + 1)]
    else:
        corners = [
            (left, begin), (left + 1, begin), (left + 1, 0), (right, 0),
            (right, end + 1), (right - 1, end + 1), (right - 1, 7), (left, 7),
        ]  # fmt: skip
    path = "L".join(f"{x:g},{top + y:g}" for x, y in corners)
    yield {
        "type": "path",
        "path": f"M{path}Z",
        "line": {"color": one.colour, "width": 3},
        "fillcolor": with_alpha(one.colour, 0.18),
    }


def _letters(palette: Palette, strips: Sequence[_Strip], marked: Sequence[Marked]) -> Iterator[dict[str, Any]]:
    """On the first square of each range; of two that begin on one day, the second on its last."""
    begun = set()
    for one in marked:
        for strip in strips:
            if not (days := strip.within(one.days)):
                continue
            day = days[1] if days[0] in begun else days[0]
            begun.add(days[0])
            week, weekday = strip.place(day)
            font = {"size": base.SMALL, "color": palette.paper, "weight": 700}
            yield base.words_at(
                week, strip.top + weekday, one.letter, palette.paper, xanchor="center", font=font, bgcolor=one.colour,
                borderpad=1, captureevents=False,
            )  # fmt: skip


def _names(palette: Palette, strips: Sequence[_Strip]) -> Iterator[dict[str, Any]]:
    """Months above the week in which they begin, the first of a year with it; none that would touch the next."""
    place: dict[str, Any] = {"xshift": -PITCH / 2, "yanchor": "bottom", "yshift": PITCH / 2}
    for strip in strips:
        begins = [next(days) for _, days in groupby(_days(strip), lambda day: (day.year, day.month))]
        named = [(strip.place(day)[0], day) for day in begins]
        for n, (week, day) in enumerate(named):
            with_year = n == 0 or day.month == 1
            room = named[n + 1][0] - week if n + 1 < len(named) else MONTH + 2
            if room < MONTH:
                continue
            text = f"{day:%b}{words.SPACE}{day.year}" if with_year and room > MONTH else f"{day:%b}"
            yield base.words_at(week, strip.top, text, palette.muted, **place)
