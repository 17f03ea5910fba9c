"""What changes the store, in the background: it goes on when the page is left, and everybody sees how far it is.

One at a time, since a store has one writer. A job never touches a page.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analytics import ingest, words
from analytics.errors import AnalyticsError, StoreBusy
from analytics.ingest import Options, Progress
from analytics.store import DuckStore, holder
from pages.data.upload.disk import Upload, uploads

Work = Callable[["Job"], int | str]
WAITING = Progress("waiting", 0.0)
_lock = threading.Lock()
_latest: "Job | None" = None


@dataclass
class Job:
    """What is under way, and how far: `now`.

    At the end it has a `load` to report on, a sentence that says what was done (`said`), an `error`, or was `stopped`.
    `short` is its title while it goes on, in few words.
    """

    title: str
    work: Work
    short: str = ""
    now: Progress = WAITING
    load: int | None = None
    said: str = ""
    error: str = ""
    stopped: bool = False
    is_unwanted: bool = False
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until the end, whichever."""
        try:
            found = self.work(self)
            if isinstance(found, str):
                self.said = found
            else:
                self.load = found
        except ingest.ImportCancelled:
            self.stopped = True
        except AnalyticsError as error:
            self.error = str(error)
        except Exception as error:  # a thread that dies in silence would leave the page waiting
            self.error = f"That failed, and nothing was changed: {error}"
        finally:
            self.ended.set()

    def cancel(self) -> None:
        """Asks it to stop; the store is then as it was."""
        self.is_unwanted = True

    def progress(self, now: Progress) -> None:
        """As `ingest.load` reports it."""
        self.now = now

    @property
    def wanted(self) -> dict[str, Any]:
        """How `ingest` reports to this job, and asks whether it is to stop."""
        return {"progress": self.progress, "cancelled": lambda: self.is_unwanted}


def start(title: str, work: Work, short: str = "") -> Job:
    """Begins a job. Raises `StoreBusy` while another one is under way in this app."""
    global _latest
    with _lock:
        if running() is not None:
            raise StoreBusy("Another change to the store is under way; wait until it has ended, or cancel it.")
        job = _latest = Job(title, work, short or title)
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
                report = ingest.load(target, paths, options, **job.wanted)
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

    def work(job: Job) -> str:
        events = ingest.undo(holder.current(), imports, **job.wanted)
        what = "The import was" if len(imports) == 1 else f"{words.many(len(imports), 'import')} were"
        return f"{what} taken back: {words.many(events, 'event')} left the store."

    return work


def forget(user: str, kind: str) -> Work:
    """Forgets the person of the current store whom an id of that kind names."""

    def work(job: Job) -> str:
        return ingest.forget(holder.current(), user, kind=kind, **job.wanted).text()

    return work


def rezone(zone: str) -> Work:
    """Cuts the current store's days in another zone."""

    def work(job: Job) -> str:
        return ingest.rezone(holder.current(), zone, **job.wanted).text()

    return work


def _opened(path: Path | None) -> DuckStore:
    assert path is not None  # noqa: S101 - without a path the current store is meant
    path.parent.mkdir(parents=True, exist_ok=True)
    return DuckStore.open(path)
