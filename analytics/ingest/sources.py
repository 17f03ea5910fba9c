"""Where do the files of an import come from? Each ends as a file on the disk, wherever it was.

An archive (zip; tar, packed or not) is told by its first bytes. Its members are unpacked one at a time into the load's
folder, under names made here, so no path within an archive is ever one on the disk.
"""

import glob
import lzma
import re
import shutil
import stat
import tarfile
import uuid
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from analytics import words
from analytics.errors import UnreadableSource
from analytics.ingest.files import BLOCK, packing_of, refuse_bomb, unpacked
from analytics.ingest.remote import Remote, fetch, find, is_address
from analytics.ingest.watch import Watch

LEFT_OUT = ("_SUCCESS", "Thumbs.db", "desktop.ini")  # what other programs leave in folders
MOST_MEMBERS = 100_000
ENCRYPTED = 0x1
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
TAR = slice(257, 262)
BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)


@dataclass(frozen=True)
class Place:
    """A file as it was named: `name` in reports; with its size in bytes, 0 when it is missing or not yet known.

    A `remote` one is fetched when it is read; its `path` then means nothing.
    """

    name: str
    path: Path
    bytes: int = 0
    remote: Remote | None = None


@dataclass(frozen=True)
class Source:
    """One file to read. `name` is what reports call it, `archive.zip/member` within an archive.

    It takes the reading of its place from share `start` to `stop`. `is_left_out` says why it is not to be read.
    """

    name: str
    path: Path
    start: float = 0.0
    stop: float = 1.0
    is_left_out: str = ""

    @contextmanager
    def told(self) -> Iterator[None]:
        """Sentences about `path` speak of `name`."""
        try:
            yield
        except UnreadableSource as error:
            said = str(error)
            if self.name == self.path.name or not said.startswith(self.path.name):
                raise
            raise UnreadableSource(self.name + said.removeprefix(self.path.name)) from error


@dataclass(frozen=True)
class Member:
    """A file of an archive, before it is unpacked; its size in bytes."""

    name: str
    bytes: int


def places(paths: Iterable[Path | str], without: Callable[[Path], bool] = lambda path: False) -> Iterator[Place]:
    """The files that `paths` name, in their order; those of a folder or a pattern by name, without hidden ones.

    Only a text may be an address (`remote`) or a pattern (`*`, `?`, `[a-z]`, `**` for any depth), and a pattern only where
    no file has that very name. So nothing is fetched for who may name paths alone.
    Files for which `without` answers true are passed over. Raises `UnreadableSource` when a folder or pattern holds none.
    """  # noqa: E501
    for given in paths:
        if isinstance(given, str) and is_address(given):
            yield from (Place(file.shown, Path(file.name), file.bytes, file) for file in find(given))
            continue
        path = Path(given).expanduser() if isinstance(given, str) else given
        if path.is_dir():
            found, root, kind = _inside(path), path, "in the folder"
        elif isinstance(given, str) and glob.has_magic(given) and not path.exists():
            found, root, kind = _matching(path), _fixed(path), "that fits"
        else:
            yield Place(path.name, path, _size(path))
            continue
        files = [file for file in found if not without(file)]
        if not files:
            raise UnreadableSource(f"There is no file {kind} {given}.")
        for file in files:
            yield Place(file.relative_to(root).as_posix(), file, _size(file))


def read(place: Place, folder: Path, watch: Watch) -> Generator[Source, None, None]:
    """The files at a place: itself, or each member of the archive it is, there until the next is asked for.

    Raises `UnreadableSource` for what cannot be fetched, and for an archive that is broken, encrypted, or made to do harm.
    """  # noqa: E501
    if place.remote is not None:
        path = fetch(place.remote, folder, lambda what: watch.begin(what, 0, 0))
    elif (
        place.path.is_fifo()
    ):  # what another program writes, as in <(zcat day.gz): it comes once, and is looked at twice
        path = _named(folder, place.path.name)
        with place.path.open("rb") as stream:
            _copy(stream, path, watch.check)
    else:
        yield from _read(place, folder, watch.check)
        return
    try:
        yield from _read(Place(place.name, path, path.stat().st_size), folder, watch.check)
    finally:
        shutil.rmtree(path.parent, ignore_errors=True)


def _read(place: Place, folder: Path, check: Callable[[], None]) -> Iterator[Source]:
    if place.path.is_char_device() or place.path.is_block_device() or place.path.is_socket():
        raise UnreadableSource(f"{place.path} is a device and no file.")
    kind = _kind(place.path)
    if kind is None:
        yield Source(place.name, place.path)
        return
    own = folder / f"members-{uuid.uuid4().hex}"
    own.mkdir()
    try:
        any_file = False
        for source in (_zip if kind == "zip" else _tar)(place, own, check):
            any_file = True
            yield source
        if not any_file:
            raise UnreadableSource(f"There is no file in {place.name}.")
    finally:
        shutil.rmtree(own, ignore_errors=True)


def members(path: Path, most: int = 1000) -> tuple[Member, ...]:
    """The first files of an archive, hidden ones left out; none when `path` is no archive. Raises `UnreadableSource`.

    Those of a packed tar are found by reading it.
    """
    kind, place = _kind(path), Place(path.name, path)
    if kind is None:
        return ()
    with _readable(path.name):
        if kind == "zip":
            with zipfile.ZipFile(path) as archive:
                return tuple(Member(_inner(place, info.filename), info.file_size) for info in _files_of(archive)[:most])
        with _tar_stream(path) as (archive, _):
            found = []
            for info in archive:
                if info.isreg() and not _is_hidden(PurePosixPath(info.name)):
                    found.append(Member(_inner(place, info.name), info.size))
                if len(found) >= most:
                    break
            return tuple(found)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _inside(folder: Path) -> list[Path]:
    return sorted(
        file for file in folder.rglob("*") if file.is_file() and not _is_hidden(PurePosixPath(file.relative_to(folder)))
    )


def _matching(pattern: Path) -> list[Path]:
    """Every file a pattern names, and those of the folders it names; a file once."""
    found: dict[Path, None] = {}
    for name in sorted(glob.glob(str(pattern), recursive=True)):
        path = Path(name)
        found |= dict.fromkeys(_inside(path) if path.is_dir() else [path])
    return list(found)


def _fixed(pattern: Path) -> Path:
    """The folder that a pattern begins with."""
    parts = pattern.parts
    varied = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    return Path(*parts[:varied])


def _is_hidden(path: PurePosixPath) -> bool:
    return path.name in LEFT_OUT or any(part != ".." and part.startswith((".", "__MACOSX")) for part in path.parts)


def _kind(path: Path) -> str | None:
    """Which archive a file is, by its first bytes; None for any other file, and for one that cannot be opened."""
    try:
        with path.open("rb") as file:
            head = file.read(512)
        if head[:4] in ZIP:
            return "zip"
        if packing := packing_of(head):
            with unpacked(path, packing) as stream:
                head = stream.read(512)
    except BROKEN:
        return None  # whoever reads it says what is wrong
    return "tar" if head[TAR] == b"ustar" else None


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except UnreadableSource:
        raise
    except NotImplementedError as error:
        raise UnreadableSource(
            f"{name} is packed in a way not known here; unpack it and import the files inside."
        ) from error
    except BROKEN as error:
        raise UnreadableSource(f"{name} is no whole archive: it breaks off or is damaged; fetch it again.") from error


def _zip(place: Place, own: Path, check: Callable[[], None]) -> Iterator[Source]:
    with _readable(place.name):
        archive = zipfile.ZipFile(place.path)
    with archive:
        files = _files_of(archive)
        _refuse_documents(place, archive)
        _refuse_bombs(place, files, own)
        names = [_inner(place, info.filename) for info in files]
        packed, whole = 0, sum(info.compress_size for info in files) or 1
        for name, info in zip(names, files, strict=True):
            start = packed / whole
            packed += info.compress_size
            if stat.S_ISLNK(info.external_attr >> 16):
                yield Source(name, own, is_left_out="it is a link, and only files are read from an archive.")
                continue
            target = _named(own, info.filename)
            with _readable(name), archive.open(info) as stream:
                _copy(stream, target, check)
            yield _unpacked(Source(name, target, start, packed / whole))
            target.unlink()


def _files_of(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [info for info in archive.infolist() if not info.is_dir() and not _is_hidden(_relative(info.filename))]


def _refuse_documents(place: Place, archive: zipfile.ZipFile) -> None:
    if {"[Content_Types].xml", "mimetype"} & set(archive.namelist()):
        raise UnreadableSource(f"{place.name} is an Office document; save its table as CSV.")


def _refuse_bombs(place: Place, files: Sequence[zipfile.ZipInfo], own: Path) -> None:
    """The sizes that an archive declares hold: more than a member declares is never unpacked of it."""
    _refuse_many(place, len(files))
    if any(info.flag_bits & ENCRYPTED for info in files):
        raise UnreadableSource(f"{place.name} is encrypted; unpack it with its password and import the files inside.")
    whole = sum(info.file_size for info in files)
    refuse_bomb(place.name, whole, place.bytes)
    _refuse_what_does_not_fit(place.name, whole, own)


def _refuse_many(place: Place, files: int) -> None:
    if files > MOST_MEMBERS:
        raise UnreadableSource(
            f"{place.name} holds more than {words.count(MOST_MEMBERS)} files; unpack it and import its folder."
        )


def _refuse_what_does_not_fit(name: str, size: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise UnreadableSource(f"{name} takes {words.size(size)}, and the store's disk has {words.size(free)} free.")


def _tar(place: Place, own: Path, check: Callable[[], None]) -> Iterator[Source]:
    """A tar is read as a stream, once from end to end."""
    with _readable(place.name), _tar_stream(place.path) as (archive, raw):
        reached = 0.0
        for count, info in enumerate(archive):
            check()
            _refuse_many(place, count)
            name = _inner(place, info.name)
            refuse_bomb(place.name, info.offset_data + info.size, place.bytes)
            if info.isdir() or _is_hidden(_relative(info.name)):
                continue
            stream = archive.extractfile(info) if info.isreg() else None
            if stream is None:
                yield Source(
                    name, own, is_left_out="it is a link or a device, and only files are read from an archive."
                )
                continue
            _refuse_what_does_not_fit(name, info.size, own)
            target = _named(own, info.name)
            _copy(stream, target, check)
            start, reached = reached, raw.tell() / max(place.bytes, 1)
            yield _unpacked(Source(name, target, start, reached))
            target.unlink()


@contextmanager
def _tar_stream(path: Path) -> Iterator[tuple[tarfile.TarFile, IO[bytes]]]:
    """The archive, and the file it is read from: where that stands says how far the reading is."""
    with path.open("rb") as raw:
        packing = packing_of(raw.read(16))
        raw.seek(0)
        with unpacked(raw, packing) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            yield archive, raw


def _unpacked(source: Source) -> Source:
    if _kind(source.path) is not None:
        raise UnreadableSource(
            f"{source.name} is an archive within an archive; unpack the outer one and import what is inside."
        )
    return source


def _copy(stream: IO[bytes], target: Path, check: Callable[[], None]) -> None:
    with target.open("wb") as out:
        while block := stream.read(BLOCK):
            check()
            out.write(block)


def _relative(name: str) -> PurePosixPath:
    """A member's path without a root, a drive, or the backslashes of some writers."""
    return PurePosixPath(re.sub(r"^([A-Za-z]:)?/+", "", name.replace("\\", "/")))


def _inner(place: Place, name: str) -> str:
    """What reports call a member. Raises `UnreadableSource` for a path that leaves the archive."""
    path = _relative(name)
    if ".." in path.parts:
        raise UnreadableSource(
            f"{place.name} holds a file with the path {name[:200]}, which leaves the archive; it was not unpacked."
        )
    return f"{place.name}/{path}"


def _named(own: Path, name: str) -> Path:
    """A new file of that name in `own`, as far as it can be a file's name everywhere."""
    folder = own / uuid.uuid4().hex
    folder.mkdir()
    return folder / (re.sub(r"[^\w. -]", "_", _relative(name).name)[-100:].strip(" .") or "member")
