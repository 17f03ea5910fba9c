"""Imports in the background: they go on when the page is left, and whoever comes back sees how far they are.

One at a time, since a store has one writer. A job never touches a page.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analytics import ingest
from analytics.errors import AnalyticsError, StoreBusy
from analytics.ingest import Options, Progress
from analytics.store import DuckStore, holder
from pages.data.upload.disk import Upload, uploads

Work = Callable[["Job"], int | None]
_lock = threading.Lock()
_latest: "Job | None" = None


@dataclass
class Job:
    """What is under way, and how far. At the end it has a `load` to report on, an `error`, or was `stopped`."""

    title: str
    work: Work
    what: str = "waiting"
    share: float = 0.0
    load: int | None = None
    error: str = ""
    stopped: bool = False
    is_unwanted: bool = False
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until the end, whichever."""
        try:
            self.load = self.work(self)
        except ingest.ImportCancelled:
            self.stopped = True
        except AnalyticsError as error:
            self.error = str(error)
        except Exception as error:  # a thread that dies in silence would leave the page waiting
            self.error = f"The import failed, and nothing was stored: {error}"
        finally:
            self.ended.set()

    def cancel(self) -> None:
        """Asks it to stop; nothing of it is stored then."""
        self.is_unwanted = True

    def progress(self, now: Progress) -> None:
        """As `ingest.load` reports it."""
        self.what, self.share = now.what, now.share


def start(title: str, work: Work) -> Job:
    """Begins a job. Raises `StoreBusy` while another one is under way in this app."""
    global _latest
    with _lock:
        if running() is not None:
            raise StoreBusy("Another import is under way; wait until it has ended, or cancel it.")
        job = _latest = Job(title, work)
        threading.Thread(target=job.run, daemon=True, name="import").start()
    return job


def running() -> Job | None:
    """The job that is under way, whoever began it."""
    return _latest if _latest and not _latest.ended.is_set() else None


def bring(paths: Sequence[Path], options: Options, path: Path | None, dropped: Sequence[Upload] = ()) -> Work:
    """Brings `paths` into the store at `path`, which the app then shows; None is the one it shows already.

    `dropped` are those of the files that were dropped on the page; they go when they are in.
    """

    def work(job: Job) -> int:
        with uploads.held(dropped):
            there = holder.current() if path is None else holder.opened(path)
            target = there or _opened(path)
            try:
                report = ingest.load(target, paths, options, progress=job.progress, cancelled=lambda: job.is_unwanted)
            except BaseException:
                if there is None:
                    target.close()
                raise
            if path is not None:
                holder.use(target)
        uploads.clear(dropped)
        return report.load_id

    return work


def take_back(imports: Sequence[int]) -> Work:
    """Takes imports of the current store back."""

    def work(job: Job) -> None:
        ingest.undo(holder.current(), imports, progress=job.progress, cancelled=lambda: job.is_unwanted)

    return work


def _opened(path: Path | None) -> DuckStore:
    assert path is not None  # noqa: S101 - without a path the current store is meant
    path.parent.mkdir(parents=True, exist_ok=True)
    return DuckStore.open(path)
