"""Is there room on the disk? Where there is none, one sentence says so, whichever library noticed."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from analytics import words
from analytics.errors import AnalyticsError

NUMBERS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} if hasattr(errno, "EDQUOT") else {errno.ENOSPC, errno.EFBIG}
SAID = ("no space left", "not enough space", "quota exceeded", "file too large", "max_temp_directory_size")


class DiskFull(AnalyticsError):  # noqa: N818
    """The disk has no room for what is to be written; nothing was changed."""

    exit_code = 1


@contextmanager
def room(folder: Path) -> Iterator[None]:
    """Inside, an error that comes of a full disk becomes `DiskFull`, with what is free where `folder` lies."""
    try:
        yield
    except (AnalyticsError, duckdb.Error, OSError) as error:
        if not is_lacking(error):
            raise
        free = words.size(shutil.disk_usage(folder).free)
        raise DiskFull(
            f"The disk is full: {folder} has {free} left, and that is too little. The store is as it was; make room and try again."  # noqa: E501
        ) from error


def is_lacking(error: BaseException | None) -> bool:
    """Whether an error, or one behind it, says that a disk is full."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in NUMBERS:
            return True
        if isinstance(error, duckdb.Error) and any(text in str(error).lower() for text in SAID):
            return True
        error = error.__cause__ or error.__context__
    return False
