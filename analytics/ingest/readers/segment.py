"""Segment: its calls as JSON lines, and the tables of pages and tracks it writes into a warehouse.

`page` and `screen` are page views, a `track` has its own name. `identify`, `group` and `alias` stay events of their
name: they say who somebody is, and when.
"""

from analytics.ingest.readers.declared import Declared

CALLS = Declared(
    name="segment",
    product="Segment",
    signatures=(
        ("messageId", "type", "anonymousId"),
        ("messageId", "type", "userId"),
        ("messageId", "type", "context"),
    ),
    opened=("properties",),
    fields={
        "event_id": "messageId",
        "timestamp": ("timestamp", "originalTimestamp"),
        "event": "CASE `type` WHEN 'track' THEN `event` WHEN 'page' THEN 'page_view' WHEN 'screen' THEN 'page_view' ELSE `type` END",  # noqa: E501
        "user_id": "userId",
        "anonymous_id": "anonymousId",
        "page": """coalesce(
          nullif(`context.page.url`, ''), nullif(`properties.url`, ''), nullif(`context.page.path`, ''),
          CASE WHEN `type` = 'screen' THEN `name` END)""",
        "referrer": ("context.page.referrer", "properties.referrer"),
        "value": "CAST(coalesce(try_cast(`properties.revenue` AS DOUBLE), try_cast(`properties.value` AS DOUBLE)) AS VARCHAR)",  # noqa: E501
        "device": "context.device.type",
        "os": "context.os.name",
        "release": "context.app.version",
        "campaign": "context.campaign.name",
        "ip": "context.ip",
        "user_agent": "context.userAgent",
        "user_properties": "CASE WHEN `type` = 'identify' THEN `traits` ELSE `context.traits` END",
    },
    kept=("type", "name", "traits", "originalTimestamp", "properties.revenue", "properties.value"),
)

WAREHOUSE = Declared(
    name="segment-warehouse",
    product="Segment's warehouse",
    signatures=(("id", "anonymous_id", "received_at", "sent_at", "timestamp"),),
    fields={
        "event_id": "id",
        "timestamp": ("timestamp", "original_timestamp"),
        "event": "coalesce(nullif(`event`, ''), 'page_view')",
        "user_id": "user_id",
        "anonymous_id": "anonymous_id",
        "page": ("context_page_url", "url", "context_page_path", "path"),
        "referrer": ("context_page_referrer", "referrer"),
        "device": "context_device_type",
        "os": "context_os_name",
        "release": "context_app_version",
        "campaign": "context_campaign_name",
        "ip": "context_ip",
        "user_agent": "context_user_agent",
    },
    kept=("original_timestamp",),
)
