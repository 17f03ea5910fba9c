"""The rows of three small counters of visits, as they lie in their tables: Umami, Rybbit, Plausible."""

from analytics.ingest.readers.declared import Declared

UMAMI = Declared(
    name="umami",
    product="Umami",
    signatures=(("website_id", "session_id", "visit_id", "url_path", "created_at"),),
    fields={
        "event_id": "event_id",
        "timestamp": "created_at",
        "event": """CASE WHEN coalesce(`event_name`, '') <> '' THEN `event_name`
          ELSE CASE `event_type` WHEN '3' THEN 'link' WHEN '4' THEN 'pixel' WHEN '5' THEN 'performance'
            ELSE 'page_view' END END""",
        "user_id": "distinct_id",
        "anonymous_id": "session_id",  # Umami's session is a visitor of a month, its visit a session
        "session_id": "visit_id",
        "page": """CASE WHEN coalesce(`hostname`, '') = '' THEN `url_path` ELSE 'https://' || `hostname` || `url_path`
          || CASE WHEN coalesce(`url_query`, '') <> '' THEN '?' || `url_query` ELSE '' END END""",
        "referrer": """CASE WHEN coalesce(`referrer_domain`, '') <> ''
          THEN 'https://' || `referrer_domain` || coalesce(`referrer_path`, '') END""",
        "device": "device",
        "browser": "browser",
        "os": "os",
        "country": "country",
        "release": "tag",
        "campaign": "utm_campaign",
    },
    kept=("event_type",),
)

RYBBIT = Declared(
    name="rybbit",
    product="Rybbit",
    signatures=(
        ("site_id", "session_id", "pathname", "type", "props"),
        ("site_id", "identified_user_id", "pathname", "type"),
    ),
    opened=("props",),
    fields={
        "timestamp": "coalesce(nullif(nullif(`timestamp_ms`, ''), '0'), `timestamp`)",
        "event": """CASE `type` WHEN 'pageview' THEN 'page_view'
          WHEN 'custom_event' THEN coalesce(nullif(`event_name`, ''), 'custom_event')
          WHEN 'form_submit' THEN 'submit' WHEN 'button_click' THEN 'click' ELSE `type` END""",
        "user_id": "identified_user_id",
        "anonymous_id": "user_id",
        "session_id": "session_id",
        "page": """CASE WHEN coalesce(`hostname`, '') = '' THEN `pathname`
          ELSE 'https://' || `hostname` || `pathname` || coalesce(`querystring`, '') END""",
        "referrer": "referrer",
        "device": "device_type",
        "browser": "browser",
        "os": "operating_system",
        "country": "country",
        "campaign": "url_parameters.utm_campaign",
        "ip": "ip",
    },
    kept=("type", "event_name"),
)

PLAUSIBLE = Declared(
    name="plausible",
    product="Plausible",
    signatures=(("name", "site_id", "hostname", "pathname", "user_id", "session_id", "timestamp"),),
    fields={
        "timestamp": "timestamp",
        "event": "CASE `name` WHEN 'pageview' THEN 'page_view' ELSE `name` END",
        "anonymous_id": "user_id",  # of one day
        "session_id": "session_id",
        "page": """CASE WHEN coalesce(`hostname`, '') = '' THEN `pathname`
          ELSE 'https://' || `hostname` || `pathname` END""",
        "referrer": "referrer",
        "device": "screen_size",
        "browser": "browser",
        "os": "operating_system",
        "country": "country_code",
        "campaign": "utm_campaign",
    },
)
