"""Which format is a file in? The one whose signature it has; names of files say nothing.

A product's export is told before the bare table it is written as: `PRODUCTS` declare their columns, `READERS` read any.
"""

from pathlib import Path

from analytics import words
from analytics.errors import InvalidQuestion, UnreadableSource
from analytics.ingest.files import Sample
from analytics.ingest.readers import (
    access_log,
    aggregates,
    amplitude,
    auth_log,
    balancer_log,
    fullstory,
    ga4,
    json_log,
    matomo,
    matomo_requests,
    mixpanel,
    posthog,
    segment,
    snowplow,
    w3c_log,
    web_counters,
    xes,
)
from analytics.ingest.readers.base import Reader
from analytics.ingest.readers.declared import Declared
from analytics.ingest.readers.delimited import Delimited
from analytics.ingest.readers.json_document import JsonDocument
from analytics.ingest.readers.json_lines import JsonLines
from analytics.ingest.readers.markup import is_markup
from analytics.ingest.readers.parquet import Parquet
from analytics.ingest.readers.rrweb import Rrweb
from analytics.ingest.readers.shape import shape_of

READERS: tuple[Reader, ...] = (Parquet(), Rrweb(), JsonLines(), JsonDocument(), Delimited())
PRODUCTS: tuple[Declared, ...] = (
    access_log.READER,
    w3c_log.READER,
    balancer_log.READER,
    json_log.CADDY_LOG,
    json_log.NGINX_LOG,
    matomo_requests.READER,
    auth_log.READER,
    posthog.EVENTS,
    posthog.HEATMAPS,
    segment.CALLS,
    segment.WAREHOUSE,
    mixpanel.READER,
    amplitude.READER,
    web_counters.UMAMI,
    web_counters.RYBBIT,
    web_counters.PLAUSIBLE,
    ga4.READER,
    snowplow.READER,
    matomo.READER,
    fullstory.EXPORT,
    fullstory.EVENTS,
    xes.READER,
)


BARE = {"parquet": "Parquet", "rrweb": "a recording", "jsonl": "JSON lines", "json": "JSON", "csv": "CSV"}


def said(format: str) -> str:
    """What a file of that format is, in words: "CSV", "an export of PostHog"."""
    return next((reader.said for reader in PRODUCTS if reader.name == format), BARE.get(format, format))


def reader_for(path: Path, sample: Sample, format: str | None) -> Reader:
    """The reader of the named `format`, else of the file's signature."""
    if format is not None:
        return _named(path, sample, format)
    shape = shape_of(path, sample)
    aggregates.refuse(path, shape, sample)
    products = [reader for reader in PRODUCTS if reader.knows(shape, sample)]
    if len(products) > 1:
        names = [reader.name for reader in products]
        raise UnreadableSource(
            f"{path.name} may come from {words.listed([reader.product for reader in products], 'or')}: "
            f"say which with {words.listed([f'--format {name}' for name in names], 'or')}."
        )
    if products:
        return products[0]
    if is_markup(sample):
        raise UnreadableSource(
            f"{path.name} is XML or HTML of no kind known here; visits of Matomo and event logs (XES) are read."
        )
    for reader in READERS:
        if reader.recognises(sample):
            return reader
    raise UnreadableSource(
        f"{path.name} is in no format known here: it is no Parquet and no JSON, and as CSV its first line has one column."  # noqa: E501
    )


def _named(path: Path, sample: Sample, format: str) -> Reader:
    known: tuple[Reader, ...] = (*READERS, *PRODUCTS)
    for reader in known:
        if reader.name == format:
            if reader in READERS and (sample.head[:4] == b"PAR1") != (reader.name == Parquet.name):
                raise UnreadableSource(f"{path.name} cannot be read as {format}.")
            return reader
    raise InvalidQuestion(f"There is no format {format!r}; there are {', '.join(reader.name for reader in known)}.")
