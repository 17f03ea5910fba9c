"""Access logs as JSON lines: Caddy's, and nginx's in the usual names of its variables.

nginx writes bytes beyond ASCII as `\\xFA`, which is no JSON; they are read as characters of Latin-1.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from analytics.ingest.files import Sample, plain_text
from analytics.ingest.readers.base import Table, Workbench
from analytics.ingest.readers.json_lines import JsonLines, lines_of, objects
from analytics.ingest.readers.requests import WITHOUT_PORT, Form, Parts, first_of, log
from analytics.ingest.readers.shape import Shape

MENDED = r"""(SELECT CASE WHEN contains(doc, '\x') AND NOT json_valid(doc)
    THEN regexp_replace(doc, '\\x([0-9A-Fa-f]{2})', '\\u00\1', 'g') ELSE doc END AS doc FROM {lines})"""


def table(path: Path, sample: Sample, bench: Workbench) -> Table:
    """A line's keys as columns."""
    text = plain_text(path, sample, bench.folder, bench.check, bench.most_bytes)
    found = objects(path, MENDED.replace("{lines}", lines_of(text.path)), bench.connection, text.notes)
    return found if bench.most_bytes is not None else replace(found, lines=text.lines)


def _with(*signatures: tuple[str, ...]) -> Callable[[Shape, Sample], bool]:
    return lambda shape, sample: isinstance(shape.container, JsonLines) and any(map(shape.fits, signatures))


CADDY = Form(
    Parts(
        time="`ts`",
        address=WITHOUT_PORT.format(first_of("request.client_ip", "request.remote_ip", "request.remote_addr")),
        method="`request.method`",
        target="`request.uri`",
        status="`status`",
        agent="`request.headers.User-Agent.0`",
        referrer="`request.headers.Referer.0`",
        host="`request.host`",
        user="nullif(`user_id`, '')",
        size="`size`",
    ),
    _with(("ts", "request.uri", "request.method", "status")),
    table,
)
REQUEST_METHOD = "nullif(split_part(`request`, ' ', 1), '')"
REQUEST_TARGET = "nullif(split_part(`request`, ' ', 2), '')"
NGINX = Form(
    Parts(
        time=first_of("date", "time_iso8601", "msec", "time_local", "timestamp", "@timestamp", "time"),
        address=first_of("ip", "remote_addr"),
        method=f"coalesce({first_of('request_method', 'method')}, {REQUEST_METHOD}, 'GET')",
        target=f"coalesce({first_of('path', 'request_uri', 'uri')}, {REQUEST_TARGET})",
        status="`status`",
        agent=first_of("user_agent", "http_user_agent"),
        referrer=first_of("referrer", "http_referrer", "http_referer"),
        host=first_of("host", "http_host", "server_name"),
        user=first_of("remote_user"),
        size=first_of("length", "body_bytes_sent", "bytes_sent"),
    ),
    _with(
        ("ip", "host", "path", "status", "date"),
        ("remote_addr", "request", "status"),
        ("remote_addr", "request_uri", "status"),
        ("remote_addr", "uri", "status"),
    ),
    table,
)
CADDY_LOG = log("caddy-log", "Caddy", "a web server's log (Caddy)", CADDY)
NGINX_LOG = log("nginx-log", "nginx", "a web server's log (nginx, JSON)", NGINX)
