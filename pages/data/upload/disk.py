"""Where dropped files lie until they are brought in: a folder of this process below the data folder, for its eyes only.

Whoever drops files holds a ticket, 32 hexadecimal digits that nobody can guess; without it no file can be added to,
asked about or removed. What nobody has touched for `ABANDONED_S` goes, and all of it when the app stops.
"""

import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from analytics import places, words
from analytics.errors import AnalyticsError

ABANDONED_S = 12 * 3600
MOST_FILES = 2000  # of one ticket
SPARE = 500_000_000  # bytes that the disk keeps free beside what is sent
LONGEST_NAME = 200  # bytes; file systems stop at 255
LIMIT = "SESSIONSCOPE_UPLOAD_GB"
STALE_S = 2 * 24 * 3600  # for systems that do not tell whether another process lives
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\<>:"|?*]' if os.name == "nt" else r"[\x00-\x1f\x7f/]")
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


class UploadRefused(AnalyticsError):  # noqa: N818
    """A file that cannot be taken: too large, one too many, or in use; the message says what to do."""


@dataclass
class Upload:
    """One file. `modified` is the browser's, in ms; with name and size it tells whether a file is dropped again."""

    id: str
    name: str
    size: int
    modified: int
    path: Path
    busy: threading.Lock = field(default_factory=threading.Lock, repr=False)  # one slice at a time
    readers: int = 0  # imports that are reading it
    seen: int = 0  # bytes received when somebody last looked

    @property
    def received(self) -> int:
        """Bytes on the disk: where the next slice begins."""
        try:
            self.seen = self.path.stat().st_size
        except OSError:
            self.seen = 0
        return self.seen

    @property
    def same(self) -> tuple[str, int, int]:
        """What a file that is dropped again has in common with itself."""
        return self.name, self.size, self.modified

    @property
    def is_whole(self) -> bool:
        return self.path.exists() and self.received == self.size


@dataclass
class _Bundle:
    folder: Path
    files: dict[str, Upload] = field(default_factory=dict)
    by_sameness: dict[tuple[str, int, int], Upload] = field(default_factory=dict)
    touched: float = field(default_factory=time.monotonic)


class Uploads:
    """All files on their way or waiting, by ticket. Safe for threads; `root` is made when the first file comes."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._own: Path | None = None
        self._bundles: dict[str, _Bundle] = {}
        self._lock = threading.RLock()
        self._made = 0

    @property
    def root(self) -> Path:
        return self._root or places.data_folder() / "uploads"

    def issue(self) -> str:
        """A new ticket."""
        ticket = secrets.token_hex(16)
        with self._lock:
            self.sweep()
            self._made += 1
            self._bundles[ticket] = _Bundle(Path(str(self._made)))
        return ticket

    def knows(self, ticket: str) -> bool:
        """Whether `ticket` was issued by this process and has not run out; it is used again by that."""
        with self._lock:
            if bundle := self._bundles.get(ticket):
                bundle.touched = time.monotonic()
            return bundle is not None

    def files(self, ticket: str) -> list[Upload]:
        """In the order they were dropped; none for a ticket that is not known."""
        with self._lock:
            bundle = self._bundles.get(ticket)
            return list(bundle.files.values()) if bundle else []

    def find(self, ticket: str, number: str) -> Upload | None:
        """The file `number` of that ticket."""
        with self._lock:
            bundle = self._bundles.get(ticket)
            return bundle.files.get(number) if bundle else None

    def begin(self, ticket: str, name: str, size: int, modified: int = 0) -> Upload:
        """Makes room for a file, or finds the one that was begun before. Raises `UploadRefused`."""
        with self._lock:
            bundle = self._bundles[ticket]
            bundle.touched = time.monotonic()
            name = safe_name(name)
            if known := bundle.by_sameness.get((name, size, modified)):
                return known
            self._demand_room(bundle, name, size)
            folder = self._folder() / bundle.folder / str(len(bundle.files)) / secrets.token_hex(4)
            folder.mkdir(parents=True, mode=0o700)
            upload = Upload(secrets.token_hex(16), name, size, modified, folder / name)
            os.close(os.open(upload.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            bundle.files[upload.id] = bundle.by_sameness[upload.same] = upload
            return upload

    def remove(self, ticket: str, number: str) -> None:
        """Forgets a file. Raises `UploadRefused` while an import reads it."""
        with self._lock:
            upload = self.find(ticket, number)
            if upload is None:
                return
            if upload.readers:
                raise UploadRefused(f"{upload.name} is being brought in; cancel that first.")
            del self._bundles[ticket].files[number]
            del self._bundles[ticket].by_sameness[upload.same]
            shutil.rmtree(upload.path.parent, ignore_errors=True)

    def clear(self, uploads: Iterable[Upload]) -> None:
        """Forgets files that have been brought in, whoever dropped them."""
        gone = {upload.id for upload in uploads}
        with self._lock:
            for ticket, bundle in self._bundles.items():
                for number in gone & set(bundle.files):
                    with suppress(UploadRefused):
                        self.remove(ticket, number)

    @contextmanager
    def held(self, uploads: Iterable[Upload]) -> Iterator[None]:
        """Inside, the files stay."""
        uploads = list(uploads)
        with self._lock:
            for upload in uploads:
                upload.readers += 1
        try:
            yield
        finally:
            with self._lock:
                for upload in uploads:
                    upload.readers -= 1

    def sweep(self, older_than_s: float = ABANDONED_S) -> None:
        """Forgets tickets that nobody has used for so long, and their files."""
        with self._lock:
            for ticket, bundle in list(self._bundles.items()):
                if any(upload.readers for upload in bundle.files.values()):
                    bundle.touched = time.monotonic()
                elif time.monotonic() - bundle.touched >= older_than_s:
                    del self._bundles[ticket]
                    if self._own:
                        shutil.rmtree(self._own / bundle.folder, ignore_errors=True)

    def open(self) -> None:
        """Clears away what earlier processes left behind, killed ones too."""
        with suppress(OSError):
            for left in self.root.iterdir():
                if left != self._own and left.is_dir() and not left.is_symlink() and _is_left(left):
                    shutil.rmtree(left, ignore_errors=True)

    def close(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._bundles.clear()
            if self._own:
                shutil.rmtree(self._own, ignore_errors=True)
                self._own = None
            with suppress(OSError):
                self.root.rmdir()  # if no other process has files there

    def _folder(self) -> Path:
        if self._own is None or not self._own.is_dir():
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._own = self.root / f"{os.getpid()}-{secrets.token_hex(4)}"
            self._own.mkdir(mode=0o700)
        return self._own

    def _demand_room(self, bundle: _Bundle, name: str, size: int) -> None:
        if len(bundle.files) >= MOST_FILES:
            raise UploadRefused(
                f"{name} is one too many: {words.count(MOST_FILES)} files can be dropped at once. Bring these in first."
            )
        most = _limit()
        if most is not None and size > most:
            raise UploadRefused(
                f"{name} has {words.size(size)}, and whoever runs this app allows {words.size(most)} ({LIMIT})."
            )
        folder = self._folder()
        coming = sum(one.size - one.seen for each in self._bundles.values() for one in each.files.values())
        free = shutil.disk_usage(folder).free - coming - SPARE
        if size > free:
            raise UploadRefused(
                f"{name} has {words.size(size)}, and the disk of the app has room for {words.size(max(free, 0))}. "
                "Make room there, or let SESSIONSCOPE_DATA name a folder on a larger disk."
            )


def safe_name(name: str) -> str:
    """The last part of a browser's name for a file, as any file system takes it; its end stays, it says the format."""
    plain = FORBIDDEN.sub("_", re.split(r"[/\\]", name)[-1]).strip()
    if plain.strip(". ") == "":
        plain = "file"
    if os.name == "nt":
        plain = ("_" + plain if RESERVED.match(plain) else plain).rstrip(". ")
    encoded = plain.encode("utf-8", "replace")
    if len(encoded) > LONGEST_NAME:
        suffix = "".join(Path(plain).suffixes[-2:]).encode()[-40:]
        encoded = encoded[: LONGEST_NAME - len(suffix)] + suffix
    return encoded.decode("utf-8", "ignore")


def _limit() -> float | None:
    with suppress(KeyError, ValueError):
        return float(os.environ[LIMIT]) * 1e9
    return None


def _is_left(folder: Path) -> bool:
    """The process that made it has ended. A container's processes have the same numbers every time: one's own, too."""
    number = folder.name.partition("-")[0]
    if not number.isdecimal() or int(number) == os.getpid():
        return True
    if os.name == "nt":  # there, os.kill ends the process that it is asked about
        return time.time() - folder.stat().st_mtime > STALE_S
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


uploads = Uploads()
"""Those of this process."""
