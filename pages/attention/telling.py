"""A session as its page tells it: worked out beside the page's own thread, and remembered without its events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from analytics import words
from analytics.analyses import sessions, timeline, values
from analytics.charts import paths, session_player, session_summary
from analytics.charts import timeline as chart
from analytics.charts.theme import DARK, Palette
from analytics.scope import Scope
from analytics.store import Store
from analytics.workspace import pictures
from pages.shared import escape, palette, zone
from pages.shared.waiting import answer

MOST_EVENTS = 300_000  # of one session; robots have more
MOST_PICTURES = 12_000_000  # bytes that travel to the browser; further pages are sketched


@dataclass(frozen=True)
class Told:
    """What the page says of a session, without its events: little enough to be remembered, however long it was."""

    story: str
    summary: session_summary.Summary
    drawn: dict[str, Any]
    marks: tuple[str, ...]
    screen: str | None
    shown: int
    total: int


def question(session: sessions.Row) -> tuple[timeline.Timeline, Scope]:
    """What is asked of the session's events, on its own day alone."""
    day = session.start_local.date()
    return timeline.Timeline(session.session_id, limit=MOST_EVENTS), Scope(day, day + timedelta(1))


def tell(session: sessions.Row, asked: timeline.Timeline, within: Scope) -> Told:
    """The session, read once per state of the data and colours of the page."""
    colours, here = palette(), zone()
    key = (__name__, colours is DARK, here, tuple(query.key for query in timeline.queries(asked, within)))
    return answer(key, lambda reader: _told(reader, session, asked, within, colours, here))


def _told(
    reader: Store, session: sessions.Row, asked: timeline.Timeline, within: Scope, colours: Palette, here: str
) -> Told:
    with timeline.unswept():
        result = timeline.run(reader, asked, within)
        events = result.events
        traffic = values.run(reader, values.Values("page"), Scope()).values
        sections = paths.section_colours(colours, paths.order(traffic, ()))
        size = next((event for event in events if event.viewport_width and event.viewport_height), None)
        return Told(
            chart.story(events, result.total, escape),
            session_summary.of(session, events, result.total, here),
            session_player.player(colours, events, session.device, shown(reader, events), sections),
            chart.marks(events),
            f"{size.viewport_width} × {size.viewport_height}{words.SPACE}px" if size else None,
            len(events),
            result.total,
        )


def shown(reader: Store, events: Sequence[timeline.Event]) -> dict[str, pictures.Picture]:
    """The pictures of the pages that were seen."""
    width = next((event.viewport_width for event in events if event.viewport_width), None)
    found, size = {}, 0
    for name in dict.fromkeys(event.page for event in events if event.page):
        picture = pictures.for_page(reader, name, width)
        if picture and (size := size + len(picture.bytes)) <= MOST_PICTURES:
            found[name] = picture
    return found
