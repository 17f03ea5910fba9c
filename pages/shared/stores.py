"""The store that this run of the page reads."""

from analytics.store import DuckStore, holder


def store() -> DuckStore:
    """The process's current store."""
    return holder.current()


def zone() -> str:
    """The zone in which the store's days and hours are cut, such as Europe/Berlin."""
    return store().setting("reporting_zone") or "UTC"
