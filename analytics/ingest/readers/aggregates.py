"""Which exports hold sums instead of events? They are refused with the reason: events are never made up from counts."""

from pathlib import Path

from analytics.errors import UnreadableSource
from analytics.ingest.fields import plain
from analytics.ingest.files import Sample
from analytics.ingest.readers.shape import Shape

SUMS: tuple[tuple[str, frozenset[str], str], ...] = (
    ("Plausible", frozenset({"date", "visitors", "pageviews"}), "the rows of its ClickHouse table events_v2"),
    ("Plausible", frozenset({"date", "visitors", "visits"}), "the rows of its ClickHouse table events_v2"),
    ("Plausible", frozenset({"date", "visitors", "events", "name"}), "the rows of its ClickHouse table events_v2"),
    ("Plausible", frozenset({"name", "visitors", "pageviews"}), "the rows of its ClickHouse table events_v2"),
    ("Plausible", frozenset({"name", "visitors", "bounce_rate"}), "the rows of its ClickHouse table events_v2"),
    ("Microsoft Clarity", frozenset({"metric_name", "information"}), "another tool's events, as Clarity exports none"),
    ("Google Analytics", frozenset({"event_name", "event_count", "total_users"}), "the rows of its BigQuery export"),
    ("Google Analytics", frozenset({"views", "active_users"}), "the rows of its BigQuery export"),
    ("Google Analytics", frozenset({"sessions", "engaged_sessions"}), "the rows of its BigQuery export"),
)
"""Product, columns that tell its sums, and what to export instead."""


def refuse(path: Path, shape: Shape, sample: Sample) -> None:
    """Raises `UnreadableSource` for a file of sums."""
    names = {plain(name) for name in shape.names}
    for product, columns, instead in SUMS:
        if columns <= names and not names & {"timestamp", "user_id", "session_id", "event_id"}:
            raise UnreadableSource(_sentence(path, product, instead))
    if names == {"zip"} or (sample.text.lstrip().startswith('{"zip"') and "UEsD" in sample.text[:40]):
        raise UnreadableSource(_sentence(path, "Umami", "the rows of its table website_event"))
    comments = [line for line in sample.lines[:20] if line.startswith("#")]
    if comments and any("Start date:" in line or "Account:" in line for line in comments):
        raise UnreadableSource(_sentence(path, "Google Analytics", "the rows of its BigQuery export"))


def _sentence(path: Path, product: str, instead: str) -> str:
    return f"{path.name} holds sums of {product}, and events cannot be made from sums; import {instead}."
