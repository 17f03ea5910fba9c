"""The one door to an engine. An analysis knows `Store`; who opens one knows `DuckStore`."""

from analytics.store.base import Store
from analytics.store.duck import DuckStore

__all__ = ["DuckStore", "Store"]
