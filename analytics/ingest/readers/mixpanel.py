"""Mixpanel: the raw export, `{"event", "properties"}`, and the rows its pipelines write. It knows no sessions."""

from analytics.ingest.readers.declared import Declared

READER = Declared(
    name="mixpanel",
    product="Mixpanel",
    signatures=(
        ("event", "properties.time", "properties.distinct_id"),
        ("event", "properties.time", "properties.$insert_id"),
        ("event_name", "distinct_id", "insert_id", "time", "properties"),
    ),
    opened=("properties",),
    fields={
        "event_id": ("properties.$insert_id", "insert_id"),
        "timestamp": ("properties.time", "time"),
        "event": """CASE coalesce(nullif(`event`, ''), `event_name`)
          WHEN '$mp_web_page_view' THEN 'page_view'
          WHEN '$mp_click' THEN 'click'
          WHEN '$mp_input_change' THEN 'change'
          WHEN '$mp_submit' THEN 'submit'
          WHEN '$mp_scroll' THEN 'scroll'
          WHEN '$mp_page_leave' THEN 'page_leave'
          ELSE coalesce(nullif(`event`, ''), `event_name`) END""",
        "user_id": ("properties.$user_id", "user_id"),
        "anonymous_id": ("properties.$device_id", "device_id", "properties.distinct_id", "distinct_id"),
        "page": ("properties.$current_url", "properties.current_url_path", "properties.$pathname"),
        "referrer": "properties.$referrer",
        "element": "properties.$target",
        "element_tag": "properties.$el_tag_name",
        "text": "properties.$el_text",
        "x": "properties.$pageX",
        "y": "properties.$pageY",
        "viewport_width": "properties.$viewportWidth",
        "viewport_height": "properties.$viewportHeight",
        "page_height": "properties.$pageHeight",
        "scroll_depth": "CAST(try_cast(`properties.$scroll_percentage` AS DOUBLE) / 100 AS VARCHAR)",
        "device": "properties.$device",
        "browser": "properties.$browser",
        "os": "properties.$os",
        "country": "properties.mp_country_code",
        "release": ("properties.$app_version_string",),
        "campaign": "properties.utm_campaign",
        "ip": ("properties.$ip", "properties.ip"),
    },
    kept=("event", "distinct_id", "properties.distinct_id", "properties.$scroll_percentage"),
    note="Projects of Mixpanel made before 2023 write their times in their own zone; they were read as UTC.",
)
