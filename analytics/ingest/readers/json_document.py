"""One JSON document: an array of events, one event, or an object that holds an array of them."""

import json
import uuid
from pathlib import Path

import duckdb

from analytics.errors import UnreadableSource
from analytics.ingest.files import Sample, plain_text, unpacked
from analytics.ingest.readers.base import Table, Workbench, literal
from analytics.ingest.readers.json_lines import holds_rows, objects

LARGEST_OBJECT = 64_000_000
LARGEST_DOCUMENT = 256_000_000  # of the kind that must be read in one piece


class JsonDocument:
    name = "json"

    def recognises(self, sample: Sample) -> bool:
        return sample.text.lstrip()[:1] in ("[", "{")

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        if bench.most_bytes is not None and not sample.is_whole and sample.text.lstrip().startswith("["):
            return objects(path, self._first(path, sample, bench.folder, bench.most_bytes), bench.connection, ())
        text = plain_text(path, sample, bench.folder, bench.check)
        file = literal(str(text.path))
        if sample.text.lstrip().startswith("["):
            rows = _objects(file, "array", LARGEST_OBJECT)
        else:
            size = max(text.path.stat().st_size + 1, 1 << 20)
            if size > LARGEST_DOCUMENT:
                raise UnreadableSource(
                    f"{path.name} is one JSON object of {size // 1_000_000} MB; write its events as JSON lines."
                )
            rows = _objects(file, "unstructured", size)
            if key := _events_key(bench.connection, path, rows):
                rows = f"(SELECT unnest(json_extract(doc, {literal(f'$.{json.dumps(key)}[*]')})) AS doc FROM {rows})"
                rows = f"(SELECT CAST(doc AS VARCHAR) AS doc FROM {rows})"
        return objects(path, rows, bench.connection, text.notes)

    @staticmethod
    def _first(path: Path, sample: Sample, folder: Path, most_bytes: int) -> str:
        """The first elements of a long array, as lines: a preview does not read to the end."""
        with unpacked(path, sample.packing) as stream:
            text = stream.read(most_bytes).decode(sample.encoding, errors="replace").lstrip("\ufeff \t\r\n")
        decoder, place, target = json.JSONDecoder(), 1, folder / f"{uuid.uuid4().hex}.text"
        with target.open("w", encoding="utf-8") as out:
            while True:
                while text[place : place + 1] in (" ", "\t", "\r", "\n", ","):
                    place += 1
                try:
                    value, place = decoder.raw_decode(text, place)
                except (ValueError, RecursionError):
                    break
                out.write(json.dumps(value) + "\n")
        return _objects(literal(str(target)), "newline_delimited", LARGEST_OBJECT)


def _objects(file: str, kind: str, largest: int) -> str:
    return (
        f"(SELECT CAST(json AS VARCHAR) AS doc FROM read_json_objects({file}, format = '{kind}', "
        f"maximum_object_size = {largest}))"
    )


def _events_key(staging: duckdb.DuckDBPyConnection, path: Path, rows: str) -> str | None:
    """The only key that holds an array of objects, when the document is one object and no event itself."""
    try:
        found = staging.execute(f"SELECT doc FROM {rows} LIMIT 2").fetchall()
    except duckdb.Error as error:
        raise UnreadableSource(f"{path.name} cannot be read as JSON: {str(error).splitlines()[0]}.") from error
    return holds_rows(found[0][0]) if len(found) == 1 else None
