"""What of a web server's requests is an event, whose is it, and what is not? The same for every form of log.

A person's `GET` of a page is a `page_view`, any other answer of 400 or more an `error`, a `POST`, `PUT`, `PATCH` or
`DELETE` an event of that name: the log does not say whether somebody sent a form. Requests of files (pictures, styles,
scripts, feeds), of programs (bots, by what they call themselves), redirects and questions such as `HEAD` are no events.
Who asks is told by address and browser together, as a keyed hash: people behind one address with one browser are one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from analytics.ingest import addresses, urls
from analytics.ingest.files import Sample
from analytics.ingest.readers.base import Table, Workbench, literal
from analytics.ingest.readers.declared import Declared
from analytics.ingest.readers.json_lines import ObjectTable
from analytics.ingest.readers.shape import Shape, shape_of

FILES = (
    "avif|bmp|css|csv|eot|gif|ico|jpe?g|js|json|map|mjs|mp3|mp4|mpe?g|ogg|otf|pdf|png|svgz?|tiff?|ttf|txt|wasm|wav|"
    "webm|webmanifest|webp|woff2?|xml|rss|atom|rdf|zip|gz|tgz|bz2|xz|7z|rar|exe|dmg|deb|rpm|iso|jar"
)
PROGRAMS = (
    "(^|[^u])bot\\b|bot[/_;-]|crawl|spider|slurp|scan|fetch|feed|rss|monitor|uptime|pingdom|check|curl|wget|python|perl|ruby|"
    "java/|go-http|okhttp|httpclient|http_client|libwww|axios|node-fetch|headless|phantomjs|facebookexternalhit|"
    "archive|mediapartners|bingpreview|lighthouse|postman|validator|reader|aggregator|^-?$|^[a-z]+/[0-9.]+$"
)
TRACKER = r"(?:matomo|piwik)[.]php[?]"
COOKIES = ("cs(Cookie)", "request.headers.Cookie", "request.headers.Authorization", "resp_headers.Set-Cookie")
"""What lets somebody in, wherever a form of log may have it."""
WITHOUT_PORT = r"regexp_replace({0}, '^(?:([0-9.]+)|\[([0-9a-fA-F:.]+)\]):[0-9]+$', '\1\2')"


@dataclass(frozen=True)
class Parts:
    """Where a log says what, each as SQL over paths in backticks, NULL for what is not said.

    `target` is what was asked for, with or without a host. `is_request` tells a row from a comment.
    """

    time: str
    address: str
    method: str
    target: str
    status: str
    agent: str
    referrer: str = "NULL"
    host: str = "NULL"
    user: str = "NULL"
    size: str = "NULL"
    is_request: str = "true"

    @property
    def visitor(self) -> str:
        """Address and browser, as a keyed hash."""
        return addresses.HASHED.format(f"({self.address}) || ' ' || coalesce({self.agent}, '')")


@dataclass(frozen=True)
class Form:
    """A way of writing requests down: whether a file is so, and its rows with the columns that `parts` name."""

    parts: Parts
    fits: Callable[[Shape, Sample], bool]
    table: Callable[[Path, Sample, Workbench], Table]


@dataclass(frozen=True)
class Log(Declared):
    """A log in one form; where most requests are those of a tracker, the reader of these has it."""

    form: Form | None = field(default=None)

    def knows(self, shape: Shape, sample: Sample) -> bool:
        return self.form is not None and self.form.fits(shape, sample) and not is_of_tracker(sample)

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        """Raises `UnreadableSource`."""
        assert self.form is not None  # noqa: S101
        return over(self, self.form.table(path, sample, bench), shape_of(path, sample))


def over(reader: Declared, table: Table, shape: Shape) -> Table:
    """The rows of a log as `reader` says them; `shape` is the file's, which has no columns unless it is JSON."""
    columns = Shape(None, frozenset(column.name for column in table.columns))
    return reader.over(table, shape if isinstance(table, ObjectTable) else columns)


def is_of_tracker(sample: Sample) -> bool:
    """Whether at least half of the requests are calls of Matomo's tracker."""
    lines = [line for line in sample.lines[:50] if line.strip() and not line.startswith("#")]
    return 0 < len(lines) <= 2 * sum(bool(re.search(TRACKER, line)) for line in lines)


def log(name: str, product: str, called: str, form: Form) -> Log:
    """The reader of the requests in a log of that form."""
    of = form.parts
    method, target = f"upper({of.method})", f"({of.target})"
    status = f"try_cast(try_cast({of.status} AS DOUBLE) AS INTEGER)"
    path = f"regexp_replace(split_part({target}, '?', 1), '^(?i)https?://[^/]*', '')"
    page = f"CASE WHEN {path} IN ('', '/') THEN '/' ELSE regexp_replace({path}, '/$', '') END"
    query = f"nullif(regexp_extract({target}, '[?].*$'), '')"
    whole = f"regexp_replace({target}, '^((?i)https?://[^/?:]+)(:80|:443)?', '\\1')"
    with_host = f"'http://' || {of.host} || {path} || coalesce({query}, '')"
    has_host = f"regexp_matches({target}, '^(?i)https?://')"
    campaign = urls.decoded(f"regexp_extract({target}, '[?&]utm_campaign=([^&]*)', 1)")
    hidden = f"CASE WHEN {of.host} IS NULL AND NOT {has_host} THEN {urls.redacted(query)} END"
    agent = f"lower({of.agent})"
    return Log(
        name=name,
        product=product,
        called=called,
        form=form,
        signatures=(),
        fields={
            "timestamp": of.time,
            "event": f"""CASE WHEN {status} >= 400 THEN 'error' WHEN {method} = 'GET' THEN 'page_view'
              ELSE lower({of.method}) END""",
            "user_id": of.user,
            "anonymous_id": of.visitor,
            "page": f"CASE WHEN {has_host} THEN {whole} WHEN {of.host} IS NOT NULL THEN {with_host} ELSE {page} END",
            "referrer": of.referrer,
            "ip": of.address,
            "user_agent": f"nullif({of.agent}, '-')",
            "campaign": f"nullif({campaign}, '')",
        },
        made={
            "answer": f"""CAST(json_object('status', {status}, 'bytes', try_cast({of.size} AS BIGINT),
              'query', {hidden}) AS VARCHAR)"""
        },
        opened=("answer",),
        dropped=COOKIES,
        passed=(
            ("comments", f"NOT ({of.is_request})"),
            ("lines without a request", f"NOT coalesce(regexp_matches({target}, '^(/|(?i)https?://)'), false)"),
            ("calls of a tracker", f"regexp_matches({target}, {literal(TRACKER)})"),
            (
                "requests of bots and other programs",
                f"{of.agent} IS NOT NULL AND regexp_matches({agent}, {literal(PROGRAMS)})",
            ),
            ("requests of files", f"regexp_matches(lower({path}), {literal(f'[.]({FILES})$')})"),
            ("HEAD, OPTIONS and the like", f"{method} NOT IN ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')"),
            ("redirects", f"{method} = 'GET' AND {status} BETWEEN 300 AND 399 AND {status} <> 304"),
        ),
    )


def first_of(*paths: str) -> str:
    """The first of some paths that holds more than nothing or a dash."""
    known = ", ".join(f"nullif(nullif(`{path}`, '-'), '')" for path in paths)
    return f"coalesce({known})" if len(paths) > 1 else known
