"""Which fields does an event have, and under which names do other tools' tables carry them?

A column is found by its exact canonical name first, then by a synonym, whatever its case and separators: `Event Time`,
`event_time` and `eventTime` are one.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["text", "id", "time", "pixels", "number", "share", "flag", "page", "object"]


@dataclass(frozen=True)
class Field:
    """`kind` says how a value is read (see `canonical`); `type` is the store's; `synonyms`, the likeliest first."""

    name: str
    kind: Kind
    meaning: str
    synonyms: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        return TYPES[self.kind]


TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "id": "VARCHAR",
    "time": "TIMESTAMP",
    "pixels": "INTEGER",
    "number": "DOUBLE",
    "share": "DOUBLE",
    "flag": "BOOLEAN",
    "page": "VARCHAR",
    "object": "VARCHAR",
}

FIELDS: tuple[Field, ...] = (
    Field(
        "event_id",
        "id",
        "the event's own id; a repeated one counts once",
        ("uuid", "message_id", "insert_id", "event_uuid"),
    ),
    Field(
        "timestamp",
        "time",
        "when it happened",
        (
            "event_time",
            "event_timestamp",
            "time",
            "ts",
            "datetime",
            "date_time",
            "occurred_at",
            "created_at",
            "server_time",
            "date",
        ),
    ),
    Field(
        "event",
        "text",
        "what happened: page_view, click, ... or a name of your own",
        ("event_name", "event_type", "action", "activity", "name", "type"),
    ),
    Field(
        "user_id",
        "id",
        "who did it, when signed in",
        ("uid", "userid", "customer_id", "member_id", "account_id", "user", "distinct_id"),
    ),
    Field(
        "anonymous_id",
        "id",
        "the browser or device that did it",
        ("anon_id", "device_id", "visitor_id", "visitor", "client_id", "cookie_id", "user_pseudo_id", "domain_userid"),
    ),
    Field(
        "session_id",
        "id",
        "the session it belongs to",
        ("session", "sid", "visit_id", "session_key", "sessionid", "domain_sessionid"),
    ),
    Field(
        "page",
        "page",
        "the page's path or address, or the screen",
        (
            "page_url",
            "url",
            "current_url",
            "page_location",
            "location",
            "href",
            "page_path",
            "path",
            "pathname",
            "url_path",
            "screen_name",
            "screen",
        ),
    ),
    Field("referrer", "text", "the address before", ("referer", "page_referrer", "referring_url", "referrer_url")),
    Field(
        "element",
        "text",
        "what was acted on: a selector or a name",
        ("selector", "css_selector", "element_selector", "target_selector", "element_id"),
    ),
    Field("element_tag", "text", "its tag, such as button", ("tag_name", "el_tag_name")),
    Field(
        "text",
        "text",
        "what a person reads there",
        ("element_text", "el_text", "inner_text", "target_text", "button_text"),
    ),
    Field("x", "pixels", "CSS pixels from the page's left", ("page_x", "click_x", "pos_x")),
    Field("y", "pixels", "CSS pixels from the page's top", ("page_y", "click_y", "pos_y")),
    Field(
        "fixed",
        "flag",
        "whether it stays in the window when the page scrolls; y is then from the window's top",
        ("target_fixed", "pointer_target_fixed", "is_fixed"),
    ),
    Field(
        "viewport_width",
        "pixels",
        "the window's width",
        ("window_width", "browser_width", "inner_width", "br_viewwidth"),
    ),
    Field(
        "viewport_height",
        "pixels",
        "the window's height",
        ("window_height", "browser_height", "inner_height", "br_viewheight"),
    ),
    Field("page_height", "pixels", "the whole page's height", ("document_height", "doc_height", "scroll_height")),
    Field(
        "scroll_depth",
        "share",
        "deepest share of the page seen",
        ("scroll_percent", "scroll_percentage", "percent_scrolled"),
    ),
    Field("value", "number", "what it is worth", ("event_value", "revenue", "amount", "purchase_value")),
    Field("device", "text", "desktop, phone, tablet", ("device_type", "device_category", "platform")),
    Field("browser", "text", "the browser's name", ("browser_name", "br_name")),
    Field("os", "text", "the operating system", ("operating_system", "os_name")),
    Field("country", "text", "the country", ("country_code", "geo_country", "country_name")),
    Field(
        "release",
        "text",
        "the product's version",
        ("app_version", "release_version", "version_name"),
    ),
    Field("campaign", "text", "what brought the person", ("utm_campaign", "campaign_name", "mkt_campaign")),
    Field(
        "ip",
        "text",
        "the network address; only a keyed hash of it is kept",
        ("ip_address", "client_ip", "context_ip", "remote_addr", "remote_ip", "user_ip", "user_ipaddress"),
    ),
    Field("user_agent", "text", "the browser's full name", ("useragent", "ua", "raw_user_agent", "context_user_agent")),
    Field(
        "properties",
        "object",
        "anything else, as a JSON object",
        ("event_properties", "props", "params", "attributes", "metadata"),
    ),
    Field(
        "user_properties",
        "object",
        "what is known of the person, as a JSON object",
        ("person_properties", "user_attributes", "traits"),
    ),
)
"""In the order of the report. A column that is none of them goes into `properties`."""

BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}
CONTEXT = ("device", "browser", "os", "country", "release", "campaign", "user_agent", "ip")
"""What a device says of itself; kept once per combination."""
SOMEBODY = ("user_id", "anonymous_id", "session_id")
PERCENT_NAMES = ("scroll_percent", "scroll_percentage", "percent_scrolled")
"""Columns whose name says that 100 is the whole."""


@lru_cache(10_000)
def plain(name: str) -> str:
    """`Event Time`, `eventTime`, `$event_time` and `event-time` as one text."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[\s_.$-]+", "_", spaced.lower()).strip("_")
