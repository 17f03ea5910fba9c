"""Matomo: the visits of its API `Live.getLastVisitsDetails`, as JSON, XML or flat CSV (UTF-16); an action is an event.

An action's `timestamp` counts; a visit is a session and Matomo's ids count within a site. What Matomo writes for people
to look at (icons, spans and sizes in words) is left out.
"""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from analytics.ingest.files import Sample
from analytics.ingest.readers.base import Column, Table, Workbench, literal
from analytics.ingest.readers.declared import Declared, Unfolded
from analytics.ingest.readers.delimited import Delimited
from analytics.ingest.readers.json_lines import lines_of, objects
from analytics.ingest.readers.markup import Element, is_markup, write_lines
from analytics.ingest.readers.shape import Shape, shape_of

VISIT = "concat_ws(' ', `idSite`, `idVisit`)"
# a goal and an order have no id of their own
KEY = """coalesce(nullif(`action.pageId`, ''), nullif(`action.goalPageId`, ''), nullif(`action.orderId`, ''),
  nullif(`action.timestamp`, ''))"""
# keys that a visit has, too, are called after what they belong to
RENAMED = {
    "customVariables": "actionCustomVariables",
    "referrerType": "goalReferrerType",
    "referrerName": "goalReferrerName",
    "referrerKeyword": "goalReferrerKeyword",
}
KEPT_AS = "'{old}', NULL, '{new}', coalesce(json_extract(one, '$.{old}'), json_extract(one, '$.{new}'))"
OWN_NAMES = "json_object({})".format(", ".join(KEPT_AS.format(old=old, new=new) for old, new in RENAMED.items()))
# a list that PHP has numbered with gaps is written as an object
ACTIONS = f"""try(list_transform(CASE left(ltrim(`actionDetails`), 1)
    WHEN '[' THEN json_extract(`actionDetails`, '$[*]') WHEN '{{' THEN json_extract(`actionDetails`, '$.*') END,
  lambda one: CAST(json_merge_patch(one, {OWN_NAMES}) AS VARCHAR)))"""
FLAT = re.compile(r"actionDetails_(\d+)_(.+)")
XML_VISIT = re.compile(r"<row>\s*(?:<(\w+)\s*/>\s*|<(\w+)>[^<]*</\2>\s*)*<idVisit>")
FOR_THE_EYE = tuple(
    """
visitorTypeIcon visitConvertedIcon visitEcommerceStatusIcon visitDurationPretty referrerSearchEngineIcon
referrerSocialNetworkIcon deviceTypeIcon operatingSystemIcon browserIcon countryFlag pluginsIcons serverTimePretty
serverDatePretty serverTimePrettyFirstAction serverDatePrettyFirstAction siteCurrencySymbol
action.icon action.iconSVG action.timeSpentPretty action.bandwidth_pretty action.serverTimePretty
""".split()
)


class Matomo(Declared):
    """Visits in other writings than JSON are made alike."""

    def knows(self, shape: Shape, sample: Sample) -> bool:
        if is_markup(sample):
            return XML_VISIT.search(sample.text) is not None
        return super().knows(shape, sample) or {"idVisit", "actionDetails_0_type"} <= shape.names

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        """Raises `UnreadableSource`."""
        if is_markup(sample):
            target = bench.folder / f"{uuid.uuid4().hex}.text"
            write_lines(path, sample, target, "result/row", _visit, bench.check, bench.most_bytes)
            visits = objects(path, lines_of(target), bench.connection, ())
            return self.over(visits, Shape(None, frozenset(column.name for column in visits.columns)))
        if not isinstance(shape_of(path, sample).container, Delimited):
            return super().table(path, sample, bench)
        table = Delimited().table(path, sample, bench)
        if not (slots := _slots(table.columns)):
            return super().table(path, sample, bench)
        actions = ", ".join(
            f"CASE WHEN coalesce(`actionDetails_{slot}_type`, '') <> '' THEN {_object(names)} END"
            for slot, names in slots.items()
        )
        flat = replace(
            self,
            unfolds=Unfolded("action", f"list_filter([{actions}], lambda one: one IS NOT NULL)"),
            dropped=(*self.dropped, *(name for names in slots.values() for name in names.values())),
        )
        return flat.over(table, Shape(None, frozenset(column.name for column in table.columns)))


def _slots(columns: Sequence[Column]) -> dict[int, dict[str, str]]:
    """The columns of the visit's first, second, ... action: key -> name, by the action's number."""
    slots: dict[int, dict[str, str]] = {}
    for column in columns:
        if found := FLAT.fullmatch(column.name):
            slots.setdefault(int(found[1]), {})[found[2]] = column.name
    return {slot: names for slot, names in sorted(slots.items()) if "type" in names}


def _object(names: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{literal(RENAMED.get(key, key))}, nullif(`{name}`, '')" for key, name in names.items())
    return f"CAST(json_object({pairs}) AS VARCHAR)"


def _visit(row: Element) -> Iterator[Any]:
    yield _value(row)


def _value(element: Element) -> Any:
    """Matomo's XML as its JSON: rows are a list, other elements an object or a text."""
    if not element.children:
        return element.text.strip()
    if all(child.name == "row" for child in element.children):
        return [_value(child) for child in element.children]
    return {child.name: _value(child) for child in element.children}


READER = Matomo(
    name="matomo",
    product="Matomo",
    signatures=(("idVisit", "actionDetails"),),
    unfolds=Unfolded("action", ACTIONS, within="actionDetails"),
    opened=("action",),
    fields={
        "event_id": f"CASE WHEN {KEY} <> '' THEN concat_ws(' ', {VISIT}, `action.type`, `action.goalId`, {KEY}) END",
        "timestamp": "action.timestamp",
        "event": """CASE `action.type` WHEN 'action' THEN 'page_view' WHEN 'outlink' THEN 'click'
          WHEN 'event' THEN coalesce(nullif(`action.eventAction`, ''), 'event')
          WHEN 'goal' THEN coalesce(nullif(`action.goalName`, ''), 'goal') ELSE `action.type` END""",
        "user_id": "userId",
        "anonymous_id": "visitorId",
        "session_id": f"nullif({VISIT}, '')",
        # of a way out and of a download it is where they lead
        "page": "CASE WHEN `action.type` NOT IN ('outlink', 'download') THEN nullif(`action.url`, '') END",
        "element": "CASE WHEN `action.type` IN ('outlink', 'download') THEN nullif(`action.url`, '') END",
        "referrer": "referrerUrl",
        "value": """CAST(coalesce(try_cast(`action.eventValue` AS DOUBLE), try_cast(`action.revenue` AS DOUBLE))
          AS VARCHAR)""",
        "device": "deviceType",
        "browser": ("browserName", "browser"),
        "os": ("operatingSystemName", "operatingSystem"),
        "country": "CASE WHEN `countryCode` <> 'xx' THEN `countryCode` END",
        "campaign": """coalesce(nullif(`campaignName`, ''),
          CASE WHEN `referrerType` = 'campaign' THEN nullif(`referrerName`, '') END)""",
        "ip": "visitIp",
    },
    kept=(
        *("idSite", "idVisit", "countryCode", "referrerType", "referrerName"),
        *("browser", "operatingSystem"),
        *(f"action.{key}" for key in ("type", "pageId", "goalPageId", "goalId", "goalName", "orderId")),
        *(f"action.{key}" for key in ("eventAction", "eventValue", "revenue")),
    ),
    dropped=("actionDetails", *FOR_THE_EYE),
    passed=(("visits without an action", "`action` IS NULL AND `idVisit` IS NOT NULL"),),
)
