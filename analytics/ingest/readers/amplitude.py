"""Amplitude: its raw export, JSON lines, packed or not."""

from analytics.ingest.readers.declared import Declared

OWN = "event_properties.[Amplitude] "
READER = Declared(
    name="amplitude",
    product="Amplitude",
    signatures=(("event_type", "event_time", "amplitude_id"), ("event_type", "event_time", "device_id", "$insert_id")),
    opened=("event_properties",),
    fields={
        "event_id": ("uuid", "$insert_id"),
        "timestamp": "event_time",
        "event": """CASE `event_type`
          WHEN '[Amplitude] Page Viewed' THEN 'page_view'
          WHEN '[Amplitude] Element Clicked' THEN 'click'
          WHEN '[Amplitude] Element Changed' THEN 'change'
          WHEN '[Amplitude] Form Submitted' THEN 'submit'
          ELSE `event_type` END""",
        "user_id": "user_id",
        "anonymous_id": ("device_id", "amplitude_id"),
        # of one device only; -1 is outside of any
        "session_id": """CASE WHEN `session_id` NOT IN ('', '-1')
          THEN coalesce(nullif(`device_id`, ''), `amplitude_id`, '') || ' ' || `session_id` END""",
        "page": (f"{OWN}Page Location", f"{OWN}Page URL", f"{OWN}Page Path"),
        "referrer": "event_properties.referrer",
        "element": f"""coalesce(nullif(`{OWN}Element Selector`, ''), `{OWN}Element Tag` || CASE
          WHEN coalesce(`{OWN}Element ID`, '') <> '' THEN '#' || `{OWN}Element ID` ELSE '' END)""",
        "element_tag": f"{OWN}Element Tag",
        "text": f"{OWN}Element Text",
        "x": f"try(json_extract_string(`{OWN}Clicks`, '$[0].X'))",
        "y": f"try(json_extract_string(`{OWN}Clicks`, '$[0].Y'))",
        "viewport_width": f"{OWN}Viewport Width",
        "viewport_height": f"{OWN}Viewport Height",
        "value": "CAST(try_cast(`event_properties.$revenue` AS DOUBLE) AS VARCHAR)",
        "device": ("device_type", "device_family"),
        # on the web its os_name is the browser
        "browser": "CASE WHEN lower(`platform`) = 'web' THEN `os_name` END",
        "os": "CASE WHEN coalesce(lower(`platform`), '') <> 'web' THEN `os_name` END",
        "country": "country",
        "release": "version_name",
        "campaign": "user_properties.utm_campaign",
        "ip": "ip_address",
        "user_properties": "user_properties",
    },
    kept=(
        "event_type",
        "amplitude_id",
        "$insert_id",
        "platform",
        "device_family",
        f"{OWN}Clicks",
        "event_properties.$revenue",
    ),
)
