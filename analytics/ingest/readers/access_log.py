"""Access logs of web servers, common and combined, with a virtual host before them or not: a site with no tracker."""

import re
from pathlib import Path

from analytics.ingest.files import Sample, plain_text
from analytics.ingest.readers.base import Column, Table, Workbench, literal
from analytics.ingest.readers.delimited import DelimitedTable
from analytics.ingest.readers.json_lines import lines_of
from analytics.ingest.readers.requests import Form, Parts, log
from analytics.ingest.readers.shape import Shape

QUOTED = r'((?:[^"\\]|\\.)*)'
LINE = (
    r'^"?(?:(\S+) )?(\S+) (\S+) (\S+|"[^"]*") \[(\d{1,2}/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] '
    rf'"{QUOTED}" (\d{{3}}) (\d+|-)(?: "{QUOTED}" "{QUOTED}"?)?(?: .*|"*)$'
)
PARTS = ("host", "address", "ident", "user", "time", "request", "status", "bytes", "referrer", "user_agent")


def fits(shape: Shape, sample: Sample) -> bool:
    """Whether most lines are requests in the common form."""
    return matching(LINE, sample)


def matching(pattern: str, sample: Sample) -> bool:
    """Whether most lines that are no comments are of a pattern."""
    lines = [line for line in sample.lines[:50] if line.strip() and not line.startswith("#")]
    return bool(lines) and 2 * sum(bool(re.match(pattern, line)) for line in lines) >= len(lines)


def table(path: Path, sample: Sample, bench: Workbench) -> Table:
    """A line's parts as columns."""
    return parted(path, sample, bench, LINE, PARTS, kept=("user_agent",), what="a line of an access log")


def parted(
    path: Path,
    sample: Sample,
    bench: Workbench,
    pattern: str,
    names: tuple[str, ...],
    kept: tuple[str, ...],
    what: str,
) -> DelimitedTable:
    """The lines of a text, each as the parts that a pattern finds; a dash is none, but for the `kept` parts."""
    text = plain_text(path, sample, bench.folder, bench.check, bench.most_bytes)
    parts = ", ".join(f"nullif(line['{name}'], '') AS {name}" for name in names)
    relation = f"""(
  SELECT doc, line['time'] <> '' AS is_request, {parts}
  FROM (SELECT doc, regexp_extract(doc, {literal(pattern)}, [{", ".join(map(literal, names))}]) AS line
    FROM {lines_of(text.path)}))"""
    return DelimitedTable(
        relation,
        tuple(Column(name, name if name in kept else f"nullif({name}, '-')") for name in names),
        "doc",
        ("doc", "is_request", *names),
        broken=f"CASE WHEN NOT is_request AND NOT starts_with(doc, '#') THEN {literal(f'not {what}')} END",
        blank="doc IS NULL OR trim(doc) = ''",
        notes=text.notes,
        lines=text.lines if bench.most_bytes is None else None,
    )


FORM = Form(
    Parts(
        time="`time`",
        address="`address`",
        method="split_part(`request`, ' ', 1)",
        target="split_part(`request`, ' ', 2)",
        status="`status`",
        agent="`user_agent`",
        referrer="`referrer`",
        host="`host`",
        user="`user`",
        size="`bytes`",
        is_request="is_request",
    ),
    fits,
    table,
)
READER = log("access-log", "a web server", "a web server's log", FORM)
