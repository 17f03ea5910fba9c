"""What is this file really, whatever its name says: packed how, in which encoding, text at all?

Text is read by the engine as plain UTF-8 with line feeds. A file that is such a text is read where it lies; anything
else is rewritten so into a folder of the load, once, and what had to be changed is said.
"""

import bz2
import codecs
import gzip
import hashlib
import io
import json
import lzma
import re
import shutil
import threading
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from analytics import words
from analytics.errors import UnreadableSource

BLOCK = 1 << 20
SAMPLE = 1 << 16
LONGEST_LINE = 1 << 26
LARGEST_RATIO = 250  # exports of events shrink to a tenth; only a bomb shrinks to this part
RATIO_FROM = 1_000_000_000  # bytes: what unpacks to less does no harm
DELIMITERS = b"\x01\x1e\x1f"  # control characters that some tools put between values
KNOWN_BINARIES = (
    (b"PK\x03\x04", "an archive within an archive; unpack it and import the files inside"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"SQLite format 3", "an SQLite database; export its table as CSV"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old Office document; save it as CSV"),
    (b"Obj\x01", "an Avro file; export it as Parquet or JSON lines"),
    (b"ORC", "an ORC file; export it as Parquet or JSON lines"),
)
UNPACKERS = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"))
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
BLANK = re.compile(rb"\n(?=\n)")
UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError, UnicodeError)


@dataclass(frozen=True)
class Sample:
    """The head of a file, unpacked and decoded: enough to tell its format."""

    head: bytes
    text: str
    packing: str | None
    encoding: str

    @property
    def lines(self) -> list[str]:
        """Its whole lines: the last one only if the file ends with it."""
        lines = self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return lines if self.is_whole or len(lines) < 2 else lines[:-1]

    @property
    def is_whole(self) -> bool:
        return len(self.head) < SAMPLE


@dataclass(frozen=True)
class Plain:
    """A text as the engine reads it. `notes` say what was done to it; `lines` and `blank_lines` count what is in it."""

    path: Path
    lines: int
    blank_lines: int
    notes: tuple[str, ...] = ()


@dataclass
class _Lines:
    """Counts lines of a text that comes in pieces, a last one without its line feed too."""

    feeds: int = 0
    blank: int = 0
    last: bytes = b"\n"

    def add(self, piece: bytes) -> None:
        if piece:
            self.feeds += piece.count(b"\n")
            joined = self.last + piece if piece.startswith(b"\n") else piece
            if b"\n\n" in joined:
                self.blank += len(BLANK.findall(joined))
            self.last = piece[-1:]

    @property
    def total(self) -> int:
        return self.feeds + (self.last != b"\n")


class Digest:
    """SHA-256 and size of a file's bytes as they lie on the disk, computed beside the reading."""

    def __init__(self, path: Path) -> None:
        self.size = 0
        self._hash = hashlib.sha256()
        self._error: OSError | None = None
        self._thread: threading.Thread | None = None
        if path.is_file() and path.stat().st_size > BLOCK:
            self._thread = threading.Thread(target=self._read, args=(path,), daemon=True)
            self._thread.start()
        else:
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                while block := file.read(BLOCK):
                    self._hash.update(block)
                    self.size += len(block)
        except OSError as error:
            self._error = error

    def hex(self) -> str:
        if self._thread:
            self._thread.join()
        if self._error:
            raise self._error
        return self._hash.hexdigest()


def sample(path: Path) -> Sample:
    """The head of `path`. Raises `UnreadableSource` when it is missing, empty, or neither Parquet nor text."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
        if not start:
            raise UnreadableSource(f"{path.name} is empty.")
        if start[:4] == b"PAR1":
            return Sample(start, "", None, "")
        packing = packing_of(start)
        with unpacked(path, packing) as stream:
            head = stream.read(SAMPLE)
    except FileNotFoundError as error:
        raise UnreadableSource(f"There is no file {path}.") from error
    except UNREADABLE as error:
        raise UnreadableSource(f"{path.name} cannot be read: {_reason(error)}.") from error
    if not head.strip():
        raise UnreadableSource(f"{path.name} is empty.")
    for magic, kind in KNOWN_BINARIES:
        if head.startswith(magic):
            raise UnreadableSource(f"{path.name} is {kind}.")
    encoding = _encoding(head)
    text = head[len(_bom(head)) :].decode(encoding, errors="replace")
    if encoding == "utf-8" and _controls(head) > max(len(head) * 0.02, 10):
        raise UnreadableSource(
            f"{path.name} is a binary file of no format known here; events come as CSV, JSON or Parquet."
        )
    return Sample(head, text, packing, encoding)


def packing_of(start: bytes) -> str | None:
    """How a file that begins so is packed; None: not at all."""
    return next((name for magic, name in UNPACKERS if start.startswith(magic)), None)


def unpacked(file: Path | IO[bytes], packing: str | None) -> IO[bytes]:
    """The file's content as a stream of bytes."""
    if packing == "gzip":
        return cast(IO[bytes], gzip.open(file, "rb"))
    if packing == "bzip2":
        return bz2.open(file, "rb")
    if packing == "xz":
        return lzma.open(file, "rb")
    if packing == "zstd":
        import pyarrow as pa  # Python has no zstd of its own before 3.14

        raw = pa.OSFile(str(file)) if isinstance(file, Path) else pa.PythonFile(file, "r")
        return cast(IO[bytes], io.BufferedReader(cast(Any, pa.CompressedInputStream(raw, "zstd")), BLOCK))
    return file.open("rb") if isinstance(file, Path) else file


def refuse_bomb(name: str, whole: int, packed: int) -> None:
    """Raises `UnreadableSource` when `packed` bytes unpack to so many that no export can be meant."""
    if whole > RATIO_FROM and whole > LARGEST_RATIO * packed:
        raise UnreadableSource(
            f"{name} would unpack to more than {LARGEST_RATIO} times its size, as no export does; if you trust it, "
            "unpack it and import what is inside."
        )


def plain_text(
    path: Path, sample: Sample, folder: Path, check: Callable[[], None] = lambda: None, most_bytes: int | None = None
) -> Plain:
    """`path` as UTF-8 text with line feeds, copied into `folder` if need be; at most about `most_bytes` of it.

    `check` is called now and then and may raise. Lines that are not UTF-8 are read as Windows-1252, NUL bytes become U+FFFD; `notes` count both.
    Raises `UnreadableSource` for a file that breaks off.
    """  # noqa: E501
    try:
        as_it_is = sample.packing is None and sample.encoding == "utf-8" and most_bytes is None
        if as_it_is and (lines := _clean_lines(path, check)):
            return Plain(plainly_named(path, folder), lines.total, lines.blank)
        return _rewritten(path, sample, folder / f"{uuid.uuid4().hex}.text", check, most_bytes)
    except UNREADABLE as error:
        raise UnreadableSource(f"{path.name} cannot be read to its end: {_reason(error)}.") from error


def plainly_named(path: Path, folder: Path) -> Path:
    """`path`, or another way to it in `folder` where its name would be a pattern to the engine."""
    if not set("*?[{\\") & set(str(path)):
        return path
    other = folder / f"{uuid.uuid4().hex}.text"
    try:
        other.symlink_to(path.absolute())
    except OSError:  # Windows allows links to few
        shutil.copyfile(path, other)
    return other


def _clean_lines(path: Path, check: Callable[[], None]) -> _Lines | None:
    """The lines of a text that needs no rewriting; None when it does."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = _Lines()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if b"\r" in block or b"\0" in block or (not lines.feeds and block.startswith(codecs.BOM_UTF8)):
                return None
            check()
            lines.add(block)
            if not block.isascii() or decoder.getstate()[0]:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    return None
    return None if decoder.getstate()[0] else lines


def _rewritten(path: Path, sample: Sample, target: Path, check: Callable[[], None], most_bytes: int | None) -> Plain:
    other_lines = nuls = written = 0
    lines = _Lines()
    packed = path.stat().st_size
    with target.open("wb") as out:
        for line, is_other in _lines(path, sample):
            other_lines += is_other
            if "\0" in line:
                nuls += line.count("\0")
                line = line.replace("\0", "\ufffd")
            encoded = line.encode("utf-8", errors="replace")
            out.write(encoded)
            lines.add(encoded)
            written += len(encoded)
            refuse_bomb(path.name, written, packed)
            check()
            if most_bytes is not None and written > most_bytes:
                break
    notes = []
    if sample.encoding != "utf-8":
        notes.append(f"It was read as {sample.encoding.upper()}.")
    if other_lines:
        notes.append(
            f"{words.many(other_lines, 'line')} not in UTF-8 {'was' if other_lines == 1 else 'were'} read as Windows-1252."  # noqa: E501
        )
    if nuls:
        notes.append(f"{words.many(nuls, 'NUL byte')} {'was' if nuls == 1 else 'were'} replaced by \ufffd.")
    return Plain(target, lines.total, lines.blank, tuple(notes))


def _lines(path: Path, sample: Sample) -> Iterator[tuple[str, bool]]:
    """Decoded pieces of whole lines, each with whether it is a line in Windows-1252 instead of UTF-8."""
    with unpacked(path, sample.packing) as stream:
        stream.read(len(_bom(sample.head)))
        if sample.encoding != "utf-8":
            yield from ((_line_feeds(piece, "\n" in sample.text), False) for piece in _wide(stream, sample.encoding))
            return
        has_line_feeds = b"\n" in sample.head
        for piece in _pieces(stream, b"\n" if has_line_feeds else b"\r"):
            yield from _decoded(piece, has_line_feeds)


def _pieces(stream: IO[bytes], end: bytes) -> Iterator[bytes]:
    """The bytes, cut behind ends of lines; a line beyond `LONGEST_LINE` is cut between two characters."""
    parts: list[bytes] = []
    while block := stream.read(BLOCK):
        cut = block.rfind(end) + 1
        parts.append(block[:cut] if cut else block)
        if not cut and sum(map(len, parts)) > LONGEST_LINE:
            cut = next(at for at in range(len(block) - 1, 0, -1) if block[at] & 0xC0 != 0x80)
            parts[-1] = block[:cut]
        if cut:
            yield b"".join(parts)
            parts = [block[cut:]]
    yield b"".join(parts)


def _wide(stream: IO[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    parts: list[str] = []
    while block := stream.read(BLOCK):
        text = decoder.decode(block)
        cut = text.rfind("\n") + 1
        parts.append(text[:cut] if cut else text)
        if cut:
            yield "".join(parts)
            parts = [text[cut:]]
    yield "".join([*parts, decoder.decode(b"", final=True)])


def _decoded(block: bytes, has_line_feeds: bool) -> Iterator[tuple[str, bool]]:
    try:
        yield _line_feeds(block.decode("utf-8"), has_line_feeds), False
    except UnicodeDecodeError:
        for line in block.splitlines(keepends=True):
            try:
                yield _line_feeds(line.decode("utf-8"), has_line_feeds), False
            except UnicodeDecodeError:
                yield _line_feeds(_windows(line), has_line_feeds), True


def _windows(line: bytes) -> str:
    """Windows-1252, its five undefined bytes as in Latin-1."""
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in line)


def _line_feeds(text: str, has_line_feeds: bool) -> str:
    if "\r" not in text:
        return text
    text = text.replace("\r\n", "\n")
    return text.replace("\r", " " if has_line_feeds else "\n")  # a lone one within a text is no end of a line


def _bom(head: bytes) -> bytes:
    return next((bom for bom, _ in BOMS if head.startswith(bom)), b"")


def _encoding(head: bytes) -> str:
    for bom, name in BOMS:
        if head.startswith(bom):
            return name
    even, odd = head[0::2].count(0), head[1::2].count(0)  # ASCII in UTF-16 has a NUL at every other place
    if odd > len(head) * 0.2 and even < len(head) * 0.02:
        return "utf-16-le"
    if even > len(head) * 0.2 and odd < len(head) * 0.02:
        return "utf-16-be"
    return "utf-8"


def _controls(head: bytes) -> int:
    """Bytes that have no place in a text."""
    text = bytes(range(32, 127)) + bytes(range(128, 256))
    return len(head.translate(None, text + b"\t\n\r\f" + DELIMITERS))


def _reason(error: BaseException) -> str:
    text = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
    if isinstance(error, EOFError) or "ended before" in text:
        return "it breaks off in the middle; fetch it again"
    if isinstance(error, PermissionError):
        return "it may not be opened by this user"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    return text[:200]


def is_json(text: str) -> bool:
    """Whether `text` is one whole JSON value."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
