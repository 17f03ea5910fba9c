"""Which format is a file in? The first reader that knows its signature; names of files say nothing."""

from pathlib import Path

from analytics.errors import InvalidQuestion, UnreadableSource
from analytics.ingest.files import Sample
from analytics.ingest.readers.base import Reader
from analytics.ingest.readers.delimited import Delimited
from analytics.ingest.readers.json_document import JsonDocument
from analytics.ingest.readers.json_lines import JsonLines
from analytics.ingest.readers.parquet import Parquet
from analytics.ingest.readers.rrweb import Rrweb

READERS: tuple[Reader, ...] = (Parquet(), Rrweb(), JsonLines(), JsonDocument(), Delimited())


def reader_for(path: Path, sample: Sample, format: str | None) -> Reader:
    """The reader of the named `format`, else of the file's signature."""
    if format is not None:
        for reader in READERS:
            if reader.name == format:
                if (sample.head[:4] == b"PAR1") != (reader.name == Parquet.name):
                    raise UnreadableSource(f"{path.name} cannot be read as {format}.")
                return reader
        raise InvalidQuestion(
            f"There is no format {format!r}; there are {', '.join(reader.name for reader in READERS)}."
        )
    for reader in READERS:
        if reader.recognises(sample):
            return reader
    raise UnreadableSource(
        f"{path.name} is in no format known here: it is no Parquet and no JSON, and as CSV its first line has one column."  # noqa: E501
    )
