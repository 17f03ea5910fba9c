"""Remembered answers: each question runs once however many ask, stops when nobody waits any more, and is forgotten by
size.

A key holds the data version, so a committed change makes new keys: nothing stale is ever found, nothing must be
cleared. Only who asks to be forgotten is not to be remembered here either.
"""

import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import duckdb

Run = Callable[[duckdb.DuckDBPyConnection], Any]
Waiting = Callable[[float | None], None]

KEEP_BYTES = 64 << 20
POLL_S = 0.1


class _Job:
    """One running question: a thread, its cursor, and how many wait for it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, run: Run) -> None:
        self.cursor, self.run = cursor, run
        self.waiters = 0
        self.left = False
        self.done = threading.Event()
        self.answer: Any = None
        self.error: BaseException | None = None

    def start(self) -> None:
        threading.Thread(target=self._work, daemon=True, name="question").start()

    def _work(self) -> None:
        try:
            if not self.left:
                self.answer = self.run(self.cursor)
        except BaseException as error:  # handed to whoever waits, never swallowed
            self.error = error
        finally:
            self.done.set()

    def progress(self) -> float | None:
        """The share done, 0 to 1; None while the engine cannot tell."""
        share = self.cursor.query_progress() / 100
        return share if 0 <= share <= 1 else None

    def stop(self) -> None:
        """Interrupts until the thread is gone: an interrupt before the statement has begun would be lost."""
        self.left = True

        def until_done() -> None:
            while not self.done.wait(0.02):
                self.cursor.interrupt()
            self.cursor.close()

        threading.Thread(target=until_done, daemon=True, name="question-stop").start()


class Answers:
    """At most `limit` bytes of answers; the least recently asked go first. Errors and interrupts are never kept."""

    def __init__(self, cursor: Callable[[], duckdb.DuckDBPyConnection], limit: int = KEEP_BYTES) -> None:
        self._cursor, self.limit, self.size = cursor, limit, 0
        self.kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self.jobs: dict[Hashable, _Job] = {}
        self._lock = threading.Lock()

    def ask(self, key: Hashable, run: Run, waiting: Waiting = lambda share: None) -> Any:
        """The answer under `key`, made by `run(cursor)` if nobody has it.

        `waiting` is called about ten times a second with the share done (None: unknown). What it raises (a page that
        was left) ends this wait, and the job when it was the last to wait.
        """
        with self._lock:
            if key in self.kept:
                self.kept.move_to_end(key)
                return self.kept[key][0]
            job = self.jobs.get(key)
            if job is None:
                job = self.jobs[key] = _Job(self._cursor(), run)
                job.start()
            job.waiters += 1
        try:
            while not job.done.wait(POLL_S):
                waiting(job.progress())
        finally:
            self._leave(key, job)
        if job.error is not None:
            raise job.error
        return job.answer

    def clear(self) -> None:
        """Keeps nothing of what was answered."""
        with self._lock:
            self.kept.clear()
            self.size = 0

    def _leave(self, key: Hashable, job: _Job) -> None:
        with self._lock:
            job.waiters -= 1
            finished = job.done.is_set()
            if job.waiters == 0:
                if self.jobs.get(key) is job:
                    del self.jobs[key]
                if finished:
                    job.cursor.close()
                else:
                    job.stop()
            if finished and job.error is None and key not in self.kept:
                self._keep(key, job.answer)

    def _keep(self, key: Hashable, answer: Any) -> None:
        size = len(pickle.dumps(answer))
        if size > self.limit // 4:
            return
        self.kept[key] = (answer, size)
        self.size += size
        while self.size > self.limit:
            _, (_, gone) = self.kept.popitem(last=False)
            self.size -= gone
