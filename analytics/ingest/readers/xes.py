"""Event logs of process mining: XES (XML, also packed), and its tables as pm4py writes them (`case:concept:name`).

A case is a session: what the analyses call a path is what process mining calls a trace. Attributes of the case become
properties named `case:...` of each of its events.
"""

import math
import re
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from analytics.ingest.files import Sample
from analytics.ingest.readers.base import Table, Workbench
from analytics.ingest.readers.declared import Declared
from analytics.ingest.readers.json_lines import lines_of, objects
from analytics.ingest.readers.markup import Element, is_markup, write_lines
from analytics.ingest.readers.shape import Shape

LOG = re.compile(r"<(?:\w+:)?log\b")
SIGNS = re.compile(r"xes[.-]|<(?:\w+:)?trace\b")
NUMBERS = {"int": int, "float": float}


class Xes(Declared):
    """Traces that are no rows are made so."""

    def knows(self, shape: Shape, sample: Sample) -> bool:
        if is_markup(sample):
            return bool(LOG.search(sample.text) and SIGNS.search(sample.text))
        return super().knows(shape, sample)

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        """Raises `UnreadableSource`."""
        if not is_markup(sample):
            return super().table(path, sample, bench)
        target = bench.folder / f"{uuid.uuid4().hex}.text"
        write_lines(path, sample, target, "log/trace", _events, bench.check, bench.most_bytes)
        events = objects(path, lines_of(target), bench.connection, ())
        return self.over(
            events, Shape(None, frozenset(column.name for column in events.columns if not column.is_assumed))
        )


def _events(trace: Element) -> Iterator[Any]:
    case = {f"case:{key}": value for key, value in _attributes(trace).items()}
    for event in trace.children:
        if event.name == "event":
            yield {**_attributes(event), **case}


def _attributes(element: Element) -> dict[str, Any]:
    """`<string key="..." value="..."/>`: attributes may have attributes of their own."""
    return {
        child.attributes["key"]: _value(child)
        for child in element.children
        if child.name != "event" and "key" in child.attributes
    }


def _value(attribute: Element) -> Any:
    given: Any = attribute.attributes.get("value")
    if given is not None and (number := NUMBERS.get(attribute.name)):
        with suppress(ValueError, OverflowError):  # else it is kept as it is written
            given = number(given) if math.isfinite(number(given)) else given
    if attribute.name == "boolean" and given in ("true", "false"):
        given = given == "true"
    inner = _attributes(attribute)
    for child in attribute.children:
        if child.name == "values":
            inner["values"] = [{one.attributes.get("key", ""): _value(one)} for one in child.children]
    return {**({} if given is None else {"value": given}), **inner} if inner else given


READER = Xes(
    name="xes",
    product="process mining",
    called="an event log (XES)",
    signatures=(("case:concept:name", "concept:name", "time:timestamp"),),
    fields={
        "event_id": "identity:id",
        "timestamp": "time:timestamp",
        "event": "concept:name",
        "session_id": "case:concept:name",
        "value": "CAST(try_cast(`cost:total` AS DOUBLE) AS VARCHAR)",
    },
    kept=("cost:total",),
)
