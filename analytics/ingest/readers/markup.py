"""XML as a stream of records, one at a time in memory; what XML can be made to do beside holding data is refused.

No entity of a document's own is ever expanded (of those a few lines make gigabytes), nothing outside of it is fetched.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from analytics.errors import UnreadableSource
from analytics.ingest.files import BLOCK, UNREADABLE, Sample, refuse_bomb, unpacked

DEEPEST = 100
LARGEST_RECORD = 64_000_000  # characters and attributes


@dataclass
class Element:
    """An element; its name is without the prefix of a namespace, its children are in the document's order."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    text: str = ""


def is_markup(sample: Sample) -> bool:
    """Whether a text begins as XML or HTML does."""
    return sample.text.lstrip().startswith("<")


def write_lines(
    path: Path,
    sample: Sample,
    target: Path,
    record: str,
    rows: Callable[[Element], Iterator[Any]],
    check: Callable[[], None],
    most_bytes: int | None,
) -> None:
    """Writes the `rows` of each element at the place `record` (`result/row`) into `target`, as JSON lines.

    At most about `most_bytes` of the document are read. Raises `UnreadableSource`.
    """
    records = _Records(path, record.split("/"))
    read, written, size = 0, 0, path.stat().st_size
    try:
        with unpacked(path, sample.packing) as stream, target.open("w", encoding="utf-8") as out:
            block = stream.read(BLOCK)
            while True:
                read += len(block)
                records.feed(block, is_last=not block)
                if sample.packing:
                    refuse_bomb(path.name, read, size)
                if records.waiting(read) > LARGEST_RECORD:
                    raise UnreadableSource(
                        f"{path.name} has a name or a value of more than {LARGEST_RECORD // 1_000_000} MB."
                    )
                for line in (json.dumps(row) + "\n" for element in records.taken() for row in rows(element)):
                    written += out.write(line)
                    refuse_bomb(path.name, written, read)  # what is said once of many events is written with each
                check()
                if not block or (most_bytes is not None and read >= most_bytes):
                    return
                block = stream.read(BLOCK)
    except expat.ExpatError as error:
        what = expat.errors.messages[error.code]
        raise UnreadableSource(f"{path.name} cannot be read as XML: {what} in line {error.lineno}.") from error
    except (*UNREADABLE, ValueError, LookupError) as error:
        raise UnreadableSource(
            f"{path.name} cannot be read to its end: {str(error).rstrip('.') or 'it breaks off'}."
        ) from error


class _Records:
    def __init__(self, path: Path, wanted: list[str]) -> None:
        self.path, self.wanted = path, wanted
        self.open: list[Element] = []
        self.is_inside = False  # of a record
        self.size = 0
        self.found: list[Element] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def feed(self, block: bytes, *, is_last: bool = False) -> None:
        self.parser.Parse(block, is_last)

    def waiting(self, read: int) -> int:
        """Bytes of a tag that is not yet whole."""
        return read - int(self.parser.CurrentByteIndex)

    def taken(self) -> list[Element]:
        taken, self.found = self.found, []
        return taken

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= DEEPEST:
            raise UnreadableSource(f"{self.path.name} has elements within elements, more than {DEEPEST} deep.")
        element = Element(name.rpartition(":")[2], attributes)
        if self.is_inside:
            self.open[-1].children.append(element)
            self._grow(len(name) + sum(len(key) + len(value) for key, value in attributes.items()))
        self.open.append(element)
        if not self.is_inside and [one.name for one in self.open] == self.wanted:
            self.is_inside, self.size = True, 0

    def _text(self, text: str) -> None:
        if self.is_inside:
            self._grow(len(text))
            self.open[-1].text += text

    def _end(self, name: str) -> None:
        element = self.open.pop()
        if self.is_inside and len(self.open) + 1 == len(self.wanted):
            self.found.append(element)
            self.is_inside = False

    def _grow(self, more: int) -> None:
        self.size += more
        if self.size > LARGEST_RECORD:
            raise UnreadableSource(
                f"{self.path.name} has a {self.wanted[-1]} of more than {LARGEST_RECORD // 1_000_000} MB."
            )

    def _refuse(self, *_: object) -> int:
        raise UnreadableSource(
            f"{self.path.name} declares entities of its own or names other files; such XML is not read."
        )
