"""Waiting for an answer: off the page's own thread, once for all who ask, and never longer than somebody waits."""

import time
from collections.abc import Callable, Hashable
from typing import Any, NoReturn, TypeVar

import streamlit as st

from analytics import words
from analytics.errors import AnalyticsError
from analytics.store import Store
from pages.shared.ending import end
from pages.shared.stores import store
from pages.shared.text import escape

T = TypeVar("T")
PATIENCE_S = 1.0  # a bar that flashes by tells nobody anything


def answer(key: Hashable, run: Callable[[Store], T]) -> T:
    """What `run` says, remembered under `key`.

    After a second a bar shows how far it is; when the page is left, the question stops. What cannot be answered is
    said in a sentence, and the page ends there.
    """
    waiting = _Waiting()
    try:
        return store().answer(key, run, waiting)
    except AnalyticsError as error:
        waiting.over()
        explain(error)
    except Exception as error:
        waiting.over()
        if sentence := _engine_says(error):
            explain(sentence)
        raise
    finally:
        waiting.over()


def explain(error: AnalyticsError | str) -> NoReturn:
    """Says what is wrong, in its own sentence, and ends the page."""
    st.error(escape(error), icon=":material/error:")
    end()


class _Waiting:
    """The bar. Every call goes through Streamlit, which is where a page that was left is noticed."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._place: Any = None

    def __call__(self, share: float | None) -> None:
        if self._place is None:
            self._place = st.empty()
        waited = time.monotonic() - self._began
        if waited < PATIENCE_S:
            self._place.empty()
            return
        done = f"{words.percent(share, 0)} done" if share else "a moment"
        self._place.progress(min(max(share or 0.0, 0.0), 1.0), f"Reading the events: {done}, {words.duration(waited)}.")

    def over(self) -> None:
        """Takes the bar away."""
        if self._place is not None:
            self._place.empty()
            self._place = None


def _engine_says(error: Exception) -> str | None:
    """What a reader can do about the engine's refusal; by name, since pages do not know the engine."""
    return {
        "InterruptException": "This took longer than two minutes and was stopped. Choose fewer days or a filter.",
        "OutOfMemoryException": "This needs more memory than the store may use. Choose fewer days or a filter.",
    }.get(type(error).__name__)
