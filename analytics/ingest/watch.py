"""How far is the import, and does anybody still want it?"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import duckdb

from analytics import words
from analytics.errors import AnalyticsError

POLL_S = 0.1
PACE_S = 10.0  # over which a rate is taken
SOONEST_S, SOONEST_SHARE = 3.0, 0.02  # before, nothing can be said about the time that is left


class ImportCancelled(AnalyticsError):  # noqa: N818
    """The person who imports stopped it; nothing was stored."""

    exit_code = 1


@dataclass(frozen=True)
class Progress:
    """`what` is being done, as in "reading shop.csv"; `share` of the whole load, 0 to 1, never falling.

    `rows` of the work named are done, `rows_per_s` of late; None where the work does not go by rows, or cannot say yet.
    `left_s` until the load ends, an estimate; None at the beginning.
    """

    what: str
    share: float
    rows: int | None = None
    rows_per_s: float | None = None
    left_s: float | None = None

    def text(self) -> str:
        """For one line of a terminal; what matters most comes first, since the line may be cut."""
        return f"{self.reached()}: {', '.join(filter(None, (self.what, self.pace())))}"

    def reached(self) -> str:
        """42 %, about 1 m 20 s left"""
        share = self.share if self.share == 1 else min(self.share, 0.99)  # 100 % only when it is
        left = f", about {_about(self.left_s)} left" if self.left_s is not None and self.share < 1 else ""
        return words.percent(share, 0) + left

    def pace(self) -> str:
        """4,210,000 rows, 310,000 a second; empty while there are none."""
        if not self.rows:
            return ""
        rate = f", {words.count(_leading(self.rows_per_s))} a second" if self.rows_per_s else ""
        return f"{words.count(self.rows)} rows{rate}"


class Watch:
    """Reports progress, and turns a wish to cancel into an interrupted statement and `ImportCancelled`.

    `work` begins the sentence that says so.
    """

    def __init__(
        self, progress: Callable[[Progress], None], cancelled: Callable[[], bool], work: str = "The import"
    ) -> None:
        self._progress, self._cancelled, self._work = progress, cancelled, work
        self._began = self._moved = time.monotonic()
        self._share = self._shown = 0.0  # what is known to be done, and that with a guess since then
        self._span = (0.0, 0.0)
        self._what = ""
        self._rows: int | None = None
        self._base = self._done = 0  # rows: of the works before, and with those of this one
        self._counts = True
        self._paces: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()

    @property
    def share(self) -> float:
        """Of the whole load, known to be done."""
        return self._share

    def begin(self, what: str, start: float, stop: float, *, rows: int | None = None, goes_on: bool = False) -> None:
        """Names the work that takes the load from share `start` to `stop`, over `rows`. Raises `ImportCancelled`.

        `goes_on`: its rows are counted on from those of the work before, as one file's after another's. A statement's
        own progress counts only after `over_rows`: before it, a reader looks at samples.
        """
        with self._lock:
            self._base = self._base + (self._rows or 0) if goes_on else 0
            self._what, self._span, self._rows, self._done = what, (start, stop), rows, self._base
            self._counts = False
            if not goes_on:
                self._paces.clear()
        self.reached(0.0)
        self.check()

    def over_rows(self, rows: int | None) -> None:
        """The work begun goes through so many rows, as is known now (None: as far as can be known)."""
        with self._lock:
            self._rows, self._counts = rows, True

    def check(self) -> None:
        """Raises `ImportCancelled` when nobody wants the import any more."""
        if self._cancelled():
            raise ImportCancelled(f"{self._work} was cancelled; the store is as it was.")

    def reached(self, part: float) -> None:
        """`part` of the work that was begun is done, 0 to 1."""
        start, stop = self._span
        with self._lock:
            part = min(max(part, 0.0), 1.0)
            share = start + (stop - start) * part
            if share > self._share:
                self._share, self._moved = share, time.monotonic()
            if self._rows is not None and self._base + round(part * self._rows) >= self._done:
                self._done = self._base + round(part * self._rows)
                self._paces.append((time.monotonic(), self._done))
                while len(self._paces) > 2 and self._paces[-1][0] - self._paces[1][0] > PACE_S:
                    self._paces.popleft()
            self._tell()

    def _tell(self) -> None:
        """Long statements do not say how far they are: in between, the load is taken to go on as it did so far."""
        now = time.monotonic()
        took = self._moved - self._began
        left = self._span[1] - self._share
        guess = 0.0
        if took > 0 and left > 0:
            guess = left * (1 - math.exp(-self._share / took * (now - self._moved) / left))
        self._shown = max(self._shown, self._share + guess)
        elapsed = now - self._began
        known = elapsed >= SOONEST_S and self._shown >= SOONEST_SHARE
        left_s = elapsed * (1 - self._shown) / self._shown if known else None
        self._progress(Progress(self._what, self._shown, self._done or None, self._rate(), left_s))

    def _rate(self) -> float | None:
        if len(self._paces) < 2:
            return None
        (since, before), (until, after) = self._paces[0], self._paces[-1]
        return (after - before) / (until - since) if until - since >= 1 and after > before else None

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
                    continue
                if statement_is_work and self._counts:
                    with suppress(duckdb.Error):
                        percent = connection.query_progress()
                        if 0 < percent <= 100:
                            self.reached(percent / 100)
                            continue
                with self._lock:
                    self._tell()

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


def _about(seconds: float) -> str:
    """An estimate, no finer than it can be: 8 -> 10 s, 83 -> 1 m 25 s, 1234 -> 21 m 00 s"""
    step = 5 if seconds < 600 else 60
    rounded = max(step, math.ceil(seconds / step) * step)
    return words.duration(rounded) if rounded >= 60 else f"{rounded}{words.SPACE}s"


def _leading(value: float) -> int:
    """Two figures are enough: 312,345 -> 310,000"""
    step = 10 ** max(0, math.floor(math.log10(max(value, 1))) - 1)
    return int(round(value / step) * step)
