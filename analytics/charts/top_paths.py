"""Top paths: their table in words, the sentence above it, and how sessions are spread over lengths and times."""

from collections import Counter
from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from analytics import stats, words
from analytics.analyses.top_paths import LONG, SPANS, Path, Spread, TopPaths, TopPathsResult
from analytics.charts import base
from analytics.charts.paths import called, short
from analytics.charts.theme import Palette

RANKS = {"usual": "Most usual", "time": "Longest", "errors": "Most errors"}
BARS = 190  # px


def text(path: Path, level: str, most: int = 10_000) -> str:
    """A path in words, its middle left out where it has more than seven items."""
    items = [short(called(item, level), 40) for item in path.items]
    if len(items) > 7:
        items = [*items[:4], f"{len(items) - 6} more", *items[-2:]]
    return base.cut(" > ".join(items), most)


def sentence(result: TopPathsResult, params: TopPaths, goal: str, said: Callable[[str], str]) -> str:
    """What the table shows, in markdown; names go through `said`."""
    first = result.paths[0]
    way = said(text(first, params.level, 120))
    share = words.percent(first.sessions / result.sessions)
    those = f"paths with {words.count(params.least)} sessions or more" if params.least > 1 else "all paths"
    if params.rank == "time":
        return (
            f"Of {those}, **{way}** takes longest: "
            f"**{words.duration(first.median_ms / 1000)}** in the median, in {words.many(first.sessions, 'session')}."
        )
    if params.rank == "errors":
        return (
            f"Of {those}, **{way}** has most errors: "
            f"**{words.number(first.errors / first.sessions)} a session**, in {words.many(first.sessions, 'session')}."
        )
    ten = sum(path.sessions for path in result.paths[:10])
    reached = f" {words.percent(first.converted / first.sessions)} of these reach {goal}." if goal else ""
    return (
        f"The most usual whole session is **{way}**: {words.many(first.sessions, 'session')}, **{share}**.{reached} "
        f"The first {words.count(min(10, len(result.paths)))} paths are **{words.percent(ten / result.sessions)}** of "
        f"{words.many(result.sessions, 'session')}."
    )


def rows(result: TopPathsResult, params: TopPaths) -> list[dict[str, str]]:
    """The table; the words are ready to be shown."""
    found = []
    for path in result.paths:
        row = {
            "Path": text(path, params.level),
            "Sessions": words.count(path.sessions),
            "Share": words.percent(path.sessions / result.sessions),
            "Median time": words.duration(path.median_ms / 1000),
            "Errors a session": words.number(path.errors / path.sessions, 2),
        }
        if params.goal is not None:
            low, high = (100 * end for end in stats.wilson(path.converted, path.sessions))
            row["Reach the goal"] = f"{words.percent(path.converted / path.sessions)} ({low:.1f} to {high:.1f})"
        found.append(row)
    return found


def table(result: TopPathsResult) -> list[dict[str, object]]:
    """The figures, for a file."""
    return [
        {
            "path": path.text,
            "items": len(path.items),
            "sessions": path.sessions,
            "share": path.sessions / result.sessions,
            "median seconds": path.median_ms / 1000,
            "errors": path.errors,
            "reach the goal": path.converted,
        }
        for path in result.paths
    ]


def lengths(palette: Palette, spread: Sequence[Spread], level: str) -> go.Figure:
    """How many sessions have how many items."""
    count: Counter[int] = Counter()
    for one in spread:
        count[one.items] += one.sessions
    places = list(range(1, max(count, default=1) + 1))
    names = [f"{n}+" if n == LONG else str(n) for n in places]
    return _bars(palette, [count[n] for n in places], names, f"Sessions by number of {level}s")


def times(palette: Palette, spread: Sequence[Spread]) -> go.Figure:
    """How many sessions take how long."""
    count: Counter[int] = Counter()
    for one in spread:
        count[one.span] += one.sessions
    ends = [f"{end} s" if end < 60 else f"{end // 60} min" for end in SPANS]
    names = [f"< {ends[0]}", *(f"to {end}" for end in ends[1:]), "longer"]
    return _bars(palette, [count[n] for n in range(len(names))], names, "Sessions by time")


def _bars(palette: Palette, counts: Sequence[int], names: Sequence[str], head: str) -> go.Figure:
    figure = base.new(palette, BARS, margin={"l": 52, "r": 8, "t": 30, "b": 28}, bargap=0.15)
    total = sum(counts) or 1
    figure.add_bar(
        x=list(range(len(counts))),
        y=list(counts),
        marker={"color": palette.series[0]},
        customdata=[
            f"{name}: {words.many(n, 'session')}, {words.percent(n / total)}"
            for name, n in zip(names, counts, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.update_xaxes(tickvals=list(range(len(names))), ticktext=list(names), tickangle=0)
    figure.update_yaxes(rangemode="tozero", nticks=4, tickformat=",d")
    base.heading(figure, head, palette, xshift=-48)
    return figure
