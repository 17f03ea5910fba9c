"""Google Analytics 4: the rows of its BigQuery export, JSON lines or Parquet, with their nested parameters.

An event has an id only where the batch it came in is known: nothing else tells two alike events from one sent twice.
"""

from dataclasses import replace

from analytics.ingest.readers.base import Table
from analytics.ingest.readers.declared import Declared, DeclaredTable
from analytics.ingest.readers.shape import Shape

VALUES = '[{"key":"VARCHAR","value":{"string_value":"VARCHAR","int_value":"VARCHAR","float_value":"VARCHAR","double_value":"VARCHAR"}}]'  # noqa: E501
# `[{"key", "value": {"string_value", ...}}]` as one object; an array that has a key twice is kept as it is
PAIRS = f"""coalesce(
  try(CAST(to_json(map_from_entries(list_transform(from_json(`{{0}}`, '{VALUES}'), lambda p: struct_pack(k := p.key,
    v := coalesce(p.value.string_value, p.value.int_value, p.value.double_value, p.value.float_value))))) AS VARCHAR)),
  try(CAST(json_object('{{0}}', CAST(`{{0}}` AS JSON)) AS VARCHAR)))"""


def pairs(name: str) -> str:
    """The array in a column, as an object."""
    return PAIRS.replace("{0}", name)


NO_PLACE = (
    "Its rows do not say their place in a batch, so an event exported twice (by day and within the day) cannot be told "
    "from two; --dedupe exact counts rows that are equal in everything once."
)


class Ga4(Declared):
    """Says so when rows have nothing to tell them by."""

    def over(self, inner: Table, shape: Shape) -> DeclaredTable:
        table = super().over(inner, shape)
        return table if shape.has("batch_event_index") else replace(table, notes=(*table.notes, NO_PLACE))


READER = Ga4(
    name="ga4",
    product="Google Analytics 4",
    signatures=(("event_timestamp", "event_name", "user_pseudo_id"),),
    made={"params": pairs("event_params"), "person": pairs("user_properties")},
    opened=("params",),
    fields={
        "event_id": """CASE WHEN coalesce(`batch_event_index`, '') <> '' THEN md5(concat_ws('|', `stream_id`,
          `user_pseudo_id`, `event_name`, `event_timestamp`, `batch_page_id`, `batch_ordering_id`,
          `batch_event_index`)) END""",
        "timestamp": "event_timestamp",
        "event": """CASE `event_name` WHEN 'screen_view' THEN 'page_view' WHEN 'form_submit' THEN 'submit'
          WHEN 'app_exception' THEN 'error' ELSE `event_name` END""",
        "user_id": "user_id",
        "anonymous_id": "user_pseudo_id",
        "session_id": """CASE WHEN coalesce(`params.ga_session_id`, '') <> ''
          THEN concat_ws(' ', `user_pseudo_id`, nullif(`stream_id`, ''), `params.ga_session_id`) END""",
        "page": ("params.page_location", "params.firebase_screen"),
        "referrer": "params.page_referrer",
        "element": "CASE WHEN coalesce(`params.link_id`, '') <> '' THEN '#' || `params.link_id` ELSE nullif(`params.link_url`, '') END",  # noqa: E501
        "text": "params.link_text",
        "scroll_depth": "CAST(try_cast(`params.percent_scrolled` AS DOUBLE) / 100 AS VARCHAR)",
        "value": "CAST(coalesce(try_cast(`event_value_in_usd` AS DOUBLE), try_cast(`params.value` AS DOUBLE)) AS VARCHAR)",  # noqa: E501
        "device": "device.category",
        "browser": ("device.web_info.browser", "device.browser"),
        "os": "device.operating_system",
        "country": "geo.country",
        "release": "app_info.version",
        "campaign": ("collected_traffic_source.manual_campaign_name", "params.campaign"),
        "user_properties": "person",
    },
    kept=(
        "event_name",
        "event_timestamp",
        "stream_id",
        "batch_event_index",
        "batch_page_id",
        "batch_ordering_id",
        "event_value_in_usd",
        "params.ga_session_id",
        "params.percent_scrolled",
        "params.value",
        "params.link_id",
        "params.link_url",
    ),
)
