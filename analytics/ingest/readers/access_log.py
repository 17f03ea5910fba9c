"""Access logs of web servers, common and combined, with a virtual host before them or not: a site without any tracker.

A person's `GET` of a page is a `page_view`, any other answer of 400 or more an `error`, a `POST`, `PUT`, `PATCH` or
`DELETE` an event of that name: the log does not say whether somebody sent a form. Requests of files (pictures, styles,
scripts, feeds), of programs (bots, by what they call themselves), redirects and questions such as `HEAD` are no events.
Who asks is told by address and browser together, as a keyed hash: people behind one address with one browser are one.
"""

import re
from pathlib import Path

from analytics.ingest import addresses, urls
from analytics.ingest.files import Sample, plain_text
from analytics.ingest.readers.base import Column, Table, Workbench, literal
from analytics.ingest.readers.declared import Declared
from analytics.ingest.readers.delimited import DelimitedTable
from analytics.ingest.readers.json_lines import lines_of
from analytics.ingest.readers.shape import Shape

QUOTED = r'((?:[^"\\]|\\.)*)'
LINE = (
    r'^"?(?:(\S+) )?(\S+) (\S+) (\S+|"[^"]*") \[(\d{1,2}/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] '
    rf'"{QUOTED}" (\d{{3}}) (\d+|-)(?: "{QUOTED}" "{QUOTED}"?)?(?: .*|"*)$'
)
PARTS = ("host", "address", "ident", "user", "time", "request", "status", "bytes", "referrer", "user_agent")
FILES = (
    "avif|bmp|css|csv|eot|gif|ico|jpe?g|js|json|map|mjs|mp3|mp4|mpe?g|ogg|otf|pdf|png|svgz?|tiff?|ttf|txt|wasm|wav|"
    "webm|webmanifest|webp|woff2?|xml|rss|atom|rdf|zip|gz|tgz|bz2|xz|7z|rar|exe|dmg|deb|rpm|iso|jar"
)
PROGRAMS = (
    "(^|[^u])bot\\b|bot[/_;-]|crawl|spider|slurp|scan|fetch|feed|rss|monitor|uptime|pingdom|check|curl|wget|python|perl|ruby|"
    "java/|go-http|okhttp|httpclient|http_client|libwww|axios|node-fetch|headless|phantomjs|facebookexternalhit|"
    "archive|mediapartners|bingpreview|lighthouse|postman|validator|reader|aggregator|^-?$|^[a-z]+/[0-9.]+$"
)
METHOD, TARGET = "upper(split_part(`request`, ' ', 1))", "split_part(`request`, ' ', 2)"
PATH = f"regexp_replace(split_part({TARGET}, '?', 1), '^(?i)https?://[^/]*', '')"
PAGE = f"CASE WHEN {PATH} IN ('', '/') THEN '/' ELSE regexp_replace({PATH}, '/$', '') END"
QUERY = f"nullif(regexp_extract({TARGET}, '[?].*$'), '')"
CAMPAIGN = f"nullif(url_decode(replace(regexp_extract({TARGET}, '[?&]utm_campaign=([^&]*)', 1), '+', ' ')), '')"
ADDRESS_AND_BROWSER = addresses.HASHED.format("`address` || ' ' || coalesce(`user_agent`, '')")
STATUS = "CAST(`status` AS INTEGER)"


class AccessLog(Declared):
    """Its columns are the parts of a line."""

    def knows(self, shape: Shape, sample: Sample) -> bool:
        lines = [line for line in sample.lines[:50] if line.strip() and not line.startswith("#")]
        return bool(lines) and 2 * sum(bool(re.match(LINE, line)) for line in lines) >= len(lines)

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        text = plain_text(path, sample, bench.folder, bench.check, bench.most_bytes)
        names = ", ".join(map(literal, PARTS))
        relation = f"""(
  SELECT doc, line['time'] <> '' AS is_request, {", ".join(f"nullif(line['{name}'], '') AS {name}" for name in PARTS)}
  FROM (SELECT doc, regexp_extract(doc, {literal(LINE)}, [{names}]) AS line FROM {lines_of(text.path)}))"""
        table = DelimitedTable(
            relation,
            tuple(Column(name, name if name == "user_agent" else f"nullif({name}, '-')") for name in PARTS),
            "doc",
            ("doc", "is_request", *PARTS),
            broken="CASE WHEN NOT is_request AND NOT starts_with(doc, '#') THEN 'not a line of an access log' END",
            blank="doc IS NULL OR trim(doc) = ''",
            notes=text.notes,
            lines=text.lines if bench.most_bytes is None else None,
        )
        return self.over(table, Shape(None, frozenset(PARTS)))


READER = AccessLog(
    name="access-log",
    product="a web server",
    signatures=(),
    fields={
        "timestamp": "time",
        "event": f"CASE WHEN {STATUS} >= 400 THEN 'error' WHEN {METHOD} = 'GET' THEN 'page_view' ELSE lower({METHOD}) END",  # noqa: E501
        "user_id": "user",
        "anonymous_id": ADDRESS_AND_BROWSER,
        "page": f"CASE WHEN `host` IS NULL THEN {PAGE} ELSE 'http://' || `host` || {PATH} || coalesce({QUERY}, '') END",
        "referrer": "referrer",
        "ip": "address",
        "user_agent": "nullif(`user_agent`, '-')",
        "campaign": CAMPAIGN,
    },
    made={
        "answer": f"""CAST(json_object('status', {STATUS}, 'bytes', try_cast(`bytes` AS BIGINT),
          'query', CASE WHEN `host` IS NULL THEN {urls.redacted(QUERY)} END) AS VARCHAR)"""
    },
    opened=("answer",),
    passed=(
        ("comments", "NOT is_request"),
        ("lines without a request", f"NOT regexp_matches({TARGET}, '^(/|(?i)https?://)')"),
        (
            "requests of bots and other programs",
            f"`user_agent` IS NOT NULL AND regexp_matches(lower(`user_agent`), {literal(PROGRAMS)})",
        ),
        ("requests of files", f"regexp_matches(lower({PATH}), {literal(f'[.]({FILES})$')})"),
        (
            "HEAD, OPTIONS and the like",
            f"{METHOD} NOT IN ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')",
        ),
        ("redirects", f"{METHOD} = 'GET' AND {STATUS} BETWEEN 300 AND 399 AND {STATUS} <> 304"),
    ),
)
