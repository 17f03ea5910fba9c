"""Logs in the extended form of the W3C, as IIS and CloudFront write them: a line `#Fields:` names the columns."""

import re
from collections.abc import Mapping
from pathlib import Path

from analytics.errors import UnreadableSource
from analytics.ingest import urls
from analytics.ingest.files import Sample, plain_text
from analytics.ingest.readers.base import Column, Table, Workbench, literal
from analytics.ingest.readers.delimited import DelimitedTable
from analytics.ingest.readers.json_lines import lines_of
from analytics.ingest.readers.requests import Form, Parts, first_of, log
from analytics.ingest.readers.shape import Shape

FIELDS = "#Fields:"
UNLIKE = f"not as many values as {FIELDS} names"
NEEDED = ("cs-method", "cs-uri-stem", "c-ip")
VALUES = """regexp_extract_all(doc, '"[^"]*"|[^ \\t]+')"""
HEADERS = f"SELECT DISTINCT doc FROM {{lines}} WHERE starts_with(doc, '{FIELDS}') LIMIT 1000"


def fits(shape: Shape, sample: Sample) -> bool:
    """Whether the first lines name the columns of a request."""
    return any(set(NEEDED) <= set(_names(line)) for line in sample.lines[:50] if line.startswith(FIELDS))


def table(path: Path, sample: Sample, bench: Workbench) -> Table:
    """The columns as they are named. A file whose columns change is read by how many values a line has."""
    text = plain_text(path, sample, bench.folder, bench.check, bench.most_bytes)
    lines = lines_of(text.path)
    layouts: dict[int, list[str]] = {}
    for (header,) in bench.connection.execute(HEADERS.format(lines=lines)).fetchall():
        names = _names(header)
        if layouts.setdefault(len(names), names) != names:
            raise UnreadableSource(
                f"{path.name} names its {len(names)} columns in two ways; cut it at its lines '{FIELDS}'."
            )
    if not layouts:
        raise UnreadableSource(f"{path.name} has no line '{FIELDS}' that names its columns.")
    names = list(dict.fromkeys(name for layout in layouts.values() for name in layout))
    own = [f"w{number}" for number in range(1, len(names) + 1)]
    values = ", ".join(
        f"nullif(nullif(trim({_place(name, layouts)}, '\"'), '-'), '') AS {w}"
        for name, w in zip(names, own, strict=True)
    )
    is_request = f"NOT starts_with(doc, '#') AND len(line) IN ({', '.join(map(str, layouts))})"
    relation = f"(SELECT doc, {is_request} AS is_request, {values} FROM (SELECT doc, {VALUES} AS line FROM {lines}))"
    return DelimitedTable(
        relation,
        tuple(Column(name, w) for name, w in zip(names, own, strict=True)),
        "doc",
        ("doc", "is_request", *own),
        broken=f"CASE WHEN NOT is_request AND NOT starts_with(doc, '#') THEN {literal(UNLIKE)} END",
        blank="doc IS NULL OR trim(doc, ' ' || chr(9)) = ''",
        notes=text.notes,
        lines=text.lines if bench.most_bytes is None else None,
    )


def _place(name: str, layouts: Mapping[int, list[str]]) -> str:
    """The value of a column, in a line of any length."""
    cases = (f"WHEN {size} THEN line[{names.index(name) + 1}]" for size, names in layouts.items() if name in names)
    return f"CASE len(line) {' '.join(cases)} END"


def _names(header: str) -> list[str]:
    return re.split(r"\s+", header.removeprefix(FIELDS).strip())


FORM = Form(
    Parts(
        time="`date` || ' ' || `time`",  # always UTC
        address="`c-ip`",
        method="`cs-method`",
        target="`cs-uri-stem` || coalesce('?' || `cs-uri-query`, '')",
        status="`sc-status`",
        agent=urls.decoded("`cs(User-Agent)`"),
        referrer="`cs(Referer)`",
        host=first_of("x-host-header", "cs-host", "cs(Host)"),
        user="`cs-username`",
        size="`sc-bytes`",
        is_request="is_request",
    ),
    fits,
    table,
)
READER = log("w3c-log", "a web server (W3C)", "a web server's log (W3C)", FORM)
