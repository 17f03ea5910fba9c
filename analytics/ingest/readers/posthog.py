"""PostHog: its batch export (JSON lines, Parquet), the CSV of its SQL editor, and the rows of its table of heatmaps."""

from analytics.ingest.readers.declared import Declared, Unfolded

CHAIN = """coalesce(nullif(`elements_chain`, ''), CASE WHEN contains(`properties`, '$elements_chain')
  THEN try(json_extract_string(`properties`, '/$elements_chain')) END)"""
FIRST = f"""regexp_extract({CHAIN}, '^(?:[^";]|"(?:[^"\\\\]|\\\\.)*")*')"""
ATTRIBUTE = """([A-Za-z_][A-Za-z0-9_:.-]*?)="((?:[^"\\\\]|\\\\.)*)\""""
# elements are parted by `;`, the one acted on is the first; a quoted value may hold `;`, `:` and escaped quotes
ELEMENT = f"""CASE WHEN {CHAIN} <> '' THEN CAST(json_merge_patch(
  json_object(
    'tag', nullif(regexp_extract({FIRST}, '^[A-Za-z0-9-]+'), ''),
    'class', nullif(regexp_extract({FIRST}, '^[A-Za-z0-9-]+[.]([^":.]+)', 1), '')),
  coalesce(try(to_json(map(
    regexp_extract_all(regexp_replace({FIRST}, '^[^":]*:', ''), '{ATTRIBUTE}', 1),
    list_transform(regexp_extract_all(regexp_replace({FIRST}, '^[^":]*:', ''), '{ATTRIBUTE}', 2),
      lambda v: replace(replace(v, '\\"', '"'), '\\\\', '\\'))))), '{{}}'))
  AS VARCHAR) END"""
SELECTOR = """CASE WHEN `clicked.tag` IS NOT NULL THEN `clicked.tag` || CASE
  WHEN coalesce(`clicked.attr__data-attr`, '') <> '' THEN '[data-attr="' || `clicked.attr__data-attr` || '"]'
  WHEN coalesce(`clicked.attr__data-testid`, '') <> '' THEN '[data-testid="' || `clicked.attr__data-testid` || '"]'
  WHEN coalesce(`clicked.attr_id`, '') <> '' THEN '#' || `clicked.attr_id`
  WHEN `clicked.class` IS NOT NULL THEN '.' || `clicked.class`
  ELSE '' END END"""
# `$$heatmap` holds {address: [{x, y, target_fixed, type}]}, places in pixels; each is an event of its own
PLACES = """CASE WHEN `event` = '$$heatmap' THEN list_transform(flatten(list_transform(
  CAST(try(json_keys(`properties`, '/$heatmap_data')) AS VARCHAR[]),
  lambda url: list_transform(
    json_extract(json_extract(`properties`, '/$heatmap_data/' || replace(replace(url, '~', '~0'), '/', '~1')), '$[*]'),
    lambda one: json_object('url', url, 'x', one -> '$.x', 'y', one -> '$.y', 'fixed', one -> '$.target_fixed',
      'type', one ->> '$.type')))),
  lambda one, place: CAST(json_merge_patch(one, json_object('place', place)) AS VARCHAR)) END"""
PLACE = """CASE `place.type` WHEN 'mousemove' THEN 'move' WHEN 'rageclick' THEN '$rageclick'
    WHEN 'deadclick' THEN '$dead_click' ELSE coalesce(nullif(`place.type`, ''), `event`) END"""
NAME = f"""CASE `event`
  WHEN '$$heatmap' THEN {PLACE}
  WHEN '$autocapture' THEN coalesce(nullif(`properties.$event_type`, ''), 'click')
  WHEN '$pageview' THEN 'page_view'
  WHEN '$screen' THEN 'page_view'
  WHEN '$pageleave' THEN 'page_leave'
  WHEN '$exception' THEN 'error'
  ELSE `event` END"""
CONTEXT: dict[str, str | tuple[str, ...]] = {
    "referrer": "nullif(`properties.$referrer`, '$direct')",
    "viewport_width": "properties.$viewport_width",
    "viewport_height": "properties.$viewport_height",
    "device": ("properties.$device_type",),
    "browser": ("properties.$browser",),
    "os": ("properties.$os",),
    "country": ("properties.$geoip_country_code", "properties.$geoip_country_name"),
    "release": ("properties.$app_version",),
    "campaign": ("properties.utm_campaign",),
    "ip": ("properties.$ip",),
    "user_agent": ("properties.$raw_user_agent", "properties.$useragent"),
}

EVENTS = Declared(
    name="posthog",
    product="PostHog",
    signatures=(
        ("uuid", "event", "distinct_id", "properties", "timestamp"),
        ("event", "timestamp", "distinct_id", "$session_id", "properties"),
        ("event", "distinct_id", "timestamp", "properties.$session_id"),
        ("event", "distinct_id", "timestamp", "elements_chain"),
    ),
    unfolds=Unfolded("place", PLACES),
    made={"clicked": ELEMENT},
    opened=("properties",),
    fields={
        "event_id": "CASE WHEN `place.place` > '1' THEN `uuid` || ' ' || `place.place` ELSE `uuid` END",
        "timestamp": "timestamp",
        "event": NAME,
        "user_id": "CASE WHEN `properties.$is_identified` = 'true' THEN `distinct_id` END",
        "anonymous_id": ("properties.$device_id", "person_id", "distinct_id"),
        "session_id": ("$session_id", "properties.$session_id"),
        "page": ("place.url", "properties.$current_url", "properties.$pathname", "properties.$screen_name"),
        "element": SELECTOR,
        "element_tag": "clicked.tag",
        "text": ("properties.$el_text", "clicked.text"),
        "x": "place.x",
        "y": "place.y",
        "fixed": "place.fixed",
        "scroll_depth": "properties.$prev_pageview_max_scroll_percentage",
        **CONTEXT,
        "user_properties": "person_properties",
    },
    kept=("event", "person_id", "distinct_id", "properties.$event_type", "properties.$is_identified"),
    dropped=("properties.$heatmap_data",),
    passed=(
        ("depths of scrolling, which say no moment", "`event` = '$$heatmap' AND `place.type` = 'scrolldepth'"),
        ("heatmaps without a place", "`event` = '$$heatmap' AND `place` IS NULL"),
    ),
)

# places and sizes lie on a grid
IN_PIXELS = "CAST(try_cast(`{0}` AS DOUBLE) * coalesce(try_cast(`scale_factor` AS DOUBLE), 1) AS VARCHAR)"
HEATMAPS = Declared(
    name="posthog-heatmaps",
    product="PostHog's heatmaps",
    signatures=(("session_id", "distinct_id", "x", "y", "scale_factor", "current_url", "type"),),
    fields={
        "timestamp": "timestamp",
        "event": """CASE `type` WHEN 'mousemove' THEN 'move' WHEN 'rageclick' THEN '$rageclick'
          WHEN 'deadclick' THEN '$dead_click' ELSE `type` END""",
        "anonymous_id": "distinct_id",
        "session_id": "session_id",
        "page": "current_url",
        "x": IN_PIXELS.format("x"),
        "y": IN_PIXELS.format("y"),
        "fixed": "pointer_target_fixed",
        "viewport_width": IN_PIXELS.format("viewport_width"),
        "viewport_height": IN_PIXELS.format("viewport_height"),
    },
    kept=("type",),
    passed=(("depths of scrolling, which say no moment", "`type` = 'scrolldepth'"),),
)
