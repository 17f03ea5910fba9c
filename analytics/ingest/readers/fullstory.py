"""FullStory: its data export (`EventStart`, `EventType`) and the events of its later model (`event_time`, `view_id`).

What somebody typed or copied stands in the text of a `change` or a `copy`; it is read nowhere and kept nowhere.
"""

from analytics.ingest.readers.declared import Declared

NAMES = {"navigate": "page_view", "exception": "error", "crashed": "error"}
TYPED = "('change', 'copy', 'cut', 'paste', 'keyboard')"


def named(kind: str, own: str) -> str:
    """The name of an event: of a custom one its own."""
    cases = " ".join(f"WHEN '{theirs}' THEN '{ours}'" for theirs, ours in NAMES.items())
    return f"CASE `{kind}` WHEN 'custom' THEN coalesce(nullif({own}, ''), 'custom') {cases} ELSE `{kind}` END"


EXPORT = Declared(
    name="fullstory",
    product="FullStory",
    signatures=(("EventStart", "EventType", "UserId", "SessionId"), ("EventStart", "EventType", "IndvId", "PageId")),
    made={
        "person": """CAST(json_merge_patch('{}', json_object('email', nullif(`UserEmail`, ''),
          'name', nullif(`UserDisplayName`, ''))) AS VARCHAR)"""
    },
    fields={
        "timestamp": "EventStart",
        "event": named("EventType", "`EventCustomName`"),
        "user_id": "UserAppKey",
        "anonymous_id": ("IndvId", "UserId"),
        # a session's number counts within a browser
        "session_id": "CASE WHEN `SessionId` <> '' THEN concat_ws(':', nullif(`UserId`, ''), `SessionId`) END",
        "page": ("PageUrl", "PageName"),
        "referrer": "PageRefererUrl",
        "element": ("EventTargetSelector", "EventTargetSelectorTok"),
        "text": f"CASE WHEN `EventType` NOT IN {TYPED} THEN nullif(`EventTargetText`, '') END",
        "viewport_width": "PageViewportWidth",
        "viewport_height": "PageViewportHeight",
        "scroll_depth": "CAST(try_cast(`PageMaxScrollDepthPercent` AS DOUBLE) / 100 AS VARCHAR)",
        "device": "PageDevice",
        "browser": "PageBrowser",
        "os": "PageOperatingSystem",
        "release": "AppVersion",
        "ip": "PageIp",
        "user_agent": "PageUserAgent",
        "user_properties": "nullif(`person`, '{}')",
    },
    kept=("EventType", "UserId", "SessionId", "PageName"),
    dropped=("UserEmail", "UserDisplayName"),
)
EVENTS = Declared(
    name="fullstory-events",
    product="FullStory's events",
    signatures=(("device_id", "session_id", "view_id", "event_time", "event_type", "source_type"),),
    opened=("event_properties",),
    fields={
        "event_id": "event_id",
        "timestamp": "event_time",
        "event": named("event_type", "`event_properties.event_name`"),
        "user_id": ("event_properties.user_id", "user_id"),
        "anonymous_id": "device_id",
        "session_id": "CASE WHEN `session_id` <> '' THEN concat_ws(':', nullif(`device_id`, ''), `session_id`) END",
        "page": ("source_properties.url.full_url", "source_properties.url.path", "source_properties.screen_name"),
        "referrer": "source_properties.initial_referrer.full_url",
        "element": ("event_properties.target_selector", "event_properties.target_raw_selector"),
        "text": f"CASE WHEN `event_type` NOT IN {TYPED} THEN nullif(`event_properties.target_text`, '') END",
        "device": "source_properties.user_agent.device",
        "browser": "source_properties.user_agent.browser",
        "os": "source_properties.user_agent.operating_system",
        "country": "source_properties.location.country",
        "release": "source_properties.app.version",
        "ip": ("source_properties.location.ip_address", "source_properties.ip_address"),
        "user_agent": "source_properties.user_agent.raw_user_agent",
    },
    kept=("event_type", "device_id", "session_id"),
)
