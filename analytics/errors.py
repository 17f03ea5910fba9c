"""Every error this package raises on purpose.

AnalyticsError
  |-- InvalidQuestion    the parameters cannot be answered (one funnel step, stop before start, no such field)
  |     `-- InvalidPattern   a pattern cannot be read at `position`
  |-- UnreadableSource   a file or a store is missing, broken, or lacks what we need
  |-- StoreBusy          another process owns the store's file
  |-- DiskFull           there is no room for what is to be written (ingest/room.py)
  |-- ImportCancelled    who imports stopped it (ingest/watch.py)
  `-- MislaidRows        a bulk insert cannot be read back (store/bulk.py)
"""


class AnalyticsError(Exception):
    """Base class. The message is one full sentence that a page or the command line shows as it is."""

    exit_code = 2


class InvalidQuestion(AnalyticsError):  # noqa: N818 - what is wrong reads better than "Error"
    """The parameters are understood and cannot be answered; the message names the value and says what would be."""


class InvalidPattern(InvalidQuestion):
    """A pattern cannot be read; `position` is the character, from 0, at which something else was expected."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class UnreadableSource(AnalyticsError):  # noqa: N818
    """A file cannot be read, or lacks what we need; the message names both."""


class StoreBusy(AnalyticsError):  # noqa: N818
    """Another process has the store open; the message names it and, where it is our app, its address."""

    exit_code = 1
