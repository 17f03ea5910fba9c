"""The step matrix as a heat table: items by steps, of one scope or as the difference of two."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from analytics import words
from analytics.analyses.step_matrix import Cell, Changed, StepMatrix, StepMatrixResult
from analytics.charts import heat_table
from analytics.charts.funnel_shares import chance
from analytics.charts.paths import Order, short
from analytics.charts.theme import Palette
from analytics.charts.transitions import WHO, name
from analytics.transition_sql import END, OTHER


def items(cells: Sequence[Cell | Changed], order: Order) -> list[str]:
    """The rows: in our order, then the rest, then those that have ended."""
    found = {cell.item for cell in cells}
    return [*sorted(found - {OTHER, END}, key=order.key), *(one for one in (OTHER, END) if one in found)]


def row(item: str, level: str) -> str:
    """What a row is called."""
    return "Ended before" if item == END else name(item, level)


def said(cell: Cell | Changed, level: str) -> str:
    """A cell in words."""
    if cell.item == END:
        return f"Ended before step {cell.step}"
    return f"Step {cell.step}: {name(cell.item, level)}"


def figure(palette: Palette, result: StepMatrixResult, order: Order, asked: StepMatrix) -> go.Figure:
    """Shares of all sessions, or people."""
    level = asked.level
    rows = items(result.cells, order)
    top = max((cell.share for cell in result.cells if cell.item != END), default=1.0)
    cells = []
    for cell in result.cells:
        ground, ink = heat_table.amount(palette, min(cell.share, top), top)
        if cell.item == END:
            ground, ink = palette.panel, palette.ink
        text = f"{100 * cell.share:.0f}{words.SPACE}%" if cell.share >= 0.005 else "·"
        lines = (said(cell, level), f"{words.many(cell.sessions, *WHO[asked.by])}, {words.percent(cell.share)} of all")
        cells.append(heat_table.Cell(rows.index(cell.item), cell.step - 1, ground, ink, text, lines))
    return heat_table.figure(palette, [row(item, level) for item in rows], _steps(result.cells), cells, "Step")


def difference(
    palette: Palette, changes: Sequence[Changed], order: Order, level: str, names: tuple[str, str]
) -> go.Figure:
    """Points after minus before, faint where within noise."""
    rows = items(changes, order)
    top = max((abs(each.change) for each in changes if each.clear), default=0.0)
    cells = []
    for each in changes:
        ground, ink = heat_table.change(palette, each.change, top) if each.clear else (palette.panel, palette.muted)
        lines = (
            said(each, level),
            *(
                f"{words.percent(share)} ({words.count(count)}): {side}"
                for side, share, count in zip(names, (each.before, each.after), each.sessions, strict=True)
            ),
            f"{words.signed(100 * each.change)} points, {verdict(each)}",
        )
        text = words.signed(100 * each.change)
        cells.append(heat_table.Cell(rows.index(each.item), each.step - 1, ground, ink, text, lines))
    return heat_table.figure(palette, [row(item, level) for item in rows], _steps(changes), cells, "Step")


def verdict(change: Changed) -> str:
    """What the figures allow to say."""
    if change.q is None:
        return "too few to say"
    return ("more" if change.change > 0 else "less") if change.clear else "within noise"


def _steps(cells: Sequence[Cell | Changed]) -> list[str]:
    return [str(step) for step in range(1, max((cell.step for cell in cells), default=1) + 1)]


def clicked(place: tuple[int, int] | None, cells: Sequence[Cell | Changed], order: Order) -> int | None:
    """Which of the cells a click means."""
    rows = items(cells, order)
    found = ((rows.index(cell.item), cell.step - 1) for cell in cells)
    return next((n for n, there in enumerate(found) if there == place), None)


def sentence(result: StepMatrixResult, asked: StepMatrix, said_: Callable[[str], str]) -> str:
    """What the matrix shows, in markdown; names go through `said_`."""
    level = asked.level
    first = max((cell for cell in result.cells if cell.step == 1), key=lambda cell: (cell.sessions, cell.item))
    last = max(cell.step for cell in result.cells)
    gone = next((cell for cell in result.cells if cell.step == 2 and cell.item == END), None)
    going = next((cell for cell in result.cells if cell.step == last and cell.item == END), None)
    text = (
        f"**{words.percent(first.share)}** of {words.many(result.sessions, *WHO[asked.by])} begin with "
        f"**{said_(short(name(first.item, level), 60))}**."
    )
    if gone:
        text += f" **{words.percent(gone.share)}** have ended before their second {level}"
        text += f", {words.percent(going.share)} before step {last}." if going and last > 2 else "."
    return text


def sentence_of_changes(
    changes: Sequence[Changed], level: str, names: tuple[str, str], said_: Callable[[str], str]
) -> str:
    """What differs, in markdown."""
    clear = [each for each in changes if each.clear]
    tested = words.count(sum(each.q is not None for each in changes))
    before, after = (said_(text) for text in names)
    if not clear:
        return f"**No step** clearly differs between {before} and {after}: all {tested} differences are within noise."
    first = clear[0]
    return (
        f"**{words.count(len(clear))} of {tested} cells** differ by more than noise. Most of all "
        f"**{said_(said(first, level))}**: {words.percent(first.before)} in {before}, "
        f"**{words.percent(first.after)}** in {after}."
    )


def table(cells: Sequence[Cell]) -> list[dict[str, object]]:
    """The figures, for a file."""
    return [{"step": c.step, "item": c.item, "sessions": c.sessions, "share": c.share} for c in cells]


def rows(changes: Sequence[Changed], level: str, names: tuple[str, str]) -> list[dict[str, str]]:
    """The table of changes, the surest and largest first."""
    before, after = (text[:1].upper() + text[1:] for text in names)
    return [
        {
            "Cell": said(each, level),
            before: words.percent(each.before),
            after: words.percent(each.after),
            "Points": words.signed(100 * each.change),
            "95 % interval": "–"
            if each.low is None or each.high is None
            else f"{words.signed(100 * each.low)} to {words.signed(100 * each.high)}",
            "q": chance(each.q),
            "In words": verdict(each),
        }
        for each in changes
    ]
