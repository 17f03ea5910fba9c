"""How far is the import, and does anybody still want it?"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import duckdb

from analytics import words
from analytics.errors import AnalyticsError

POLL_S = 0.1


class ImportCancelled(AnalyticsError):  # noqa: N818
    """The person who imports stopped it; nothing was stored."""

    exit_code = 1


@dataclass(frozen=True)
class Progress:
    """`what` is being done, as in "reading shop.csv"; `share` of the whole load, 0 to 1, never falling."""

    what: str
    share: float

    def text(self) -> str:
        """For one line of a terminal."""
        return f"{words.percent(self.share, 0)} {self.what}"


class Watch:
    """Reports progress, and turns a wish to cancel into an interrupted statement and `ImportCancelled`."""

    def __init__(self, progress: Callable[[Progress], None], cancelled: Callable[[], bool]) -> None:
        self._progress, self._cancelled = progress, cancelled
        self._share = 0.0
        self._span = (0.0, 0.0)
        self._what = ""
        self._lock = threading.Lock()

    def begin(self, what: str, start: float, stop: float) -> None:
        """Names the work that takes the load from share `start` to `stop`. Raises `ImportCancelled`."""
        self._what, self._span = what, (start, stop)
        self.reached(0.0)
        self.check()

    def check(self) -> None:
        """Raises `ImportCancelled` when nobody wants the import any more."""
        if self._cancelled():
            raise ImportCancelled("The import was cancelled; the store is as it was.")

    def reached(self, part: float) -> None:
        """`part` of the work that was begun is done, 0 to 1."""
        start, stop = self._span
        with self._lock:
            self._share = max(self._share, start + (stop - start) * min(max(part, 0.0), 1.0))
            self._progress(Progress(self._what, self._share))

    @contextmanager
    def over(self, connection: duckdb.DuckDBPyConnection, *, statement_is_work: bool = False) -> Iterator[None]:
        """Inside, statements on `connection` end early when the import is cancelled.

        `statement_is_work`: a statement's own progress is the progress of the work begun.
        """
        done = threading.Event()

        def poll() -> None:
            while not done.wait(POLL_S):
                if self._cancelled():
                    connection.interrupt()
                elif statement_is_work:
                    with suppress(duckdb.Error):
                        percent = connection.query_progress()
                        if 0 < percent <= 100:
                            self.reached(percent / 100)

        thread = threading.Thread(target=poll, daemon=True)
        thread.start()
        try:
            yield
        except duckdb.InterruptException as error:
            self.check()
            raise error
        finally:
            done.set()
            thread.join()
