"""Snowplow: enriched events as 131 columns between tabs without a header, and its atomic table (CSV, JSON, Parquet)."""

from pathlib import Path

from analytics.ingest.files import Sample, plain_text
from analytics.ingest.readers.base import Column, Table, Workbench, literal
from analytics.ingest.readers.declared import Declared
from analytics.ingest.readers.delimited import LONGEST_LINE, REASONS, DelimitedTable
from analytics.ingest.readers.shape import Shape

COLUMNS = tuple(
    """
app_id platform etl_tstamp collector_tstamp dvce_created_tstamp event event_id txn_id name_tracker v_tracker v_collector
v_etl user_id user_ipaddress user_fingerprint domain_userid domain_sessionidx network_userid geo_country geo_region
geo_city geo_zipcode geo_latitude geo_longitude geo_region_name ip_isp ip_organization ip_domain ip_netspeed page_url
page_title page_referrer page_urlscheme page_urlhost page_urlport page_urlpath page_urlquery page_urlfragment
refr_urlscheme refr_urlhost refr_urlport refr_urlpath refr_urlquery refr_urlfragment refr_medium refr_source refr_term
mkt_medium mkt_source mkt_term mkt_content mkt_campaign contexts se_category se_action se_label se_property se_value
unstruct_event tr_orderid tr_affiliation tr_total tr_tax tr_shipping tr_city tr_state tr_country ti_orderid ti_sku
ti_name ti_category ti_price ti_quantity pp_xoffset_min pp_xoffset_max pp_yoffset_min pp_yoffset_max useragent br_name
br_family br_version br_type br_renderengine br_lang br_features_pdf br_features_flash br_features_java
br_features_director br_features_quicktime br_features_realplayer br_features_windowsmedia br_features_gears
br_features_silverlight br_cookies br_colordepth br_viewwidth br_viewheight os_name os_family os_manufacturer
os_timezone dvce_type dvce_ismobile dvce_screenwidth dvce_screenheight doc_charset doc_width doc_height tr_currency
tr_total_base tr_tax_base tr_shipping_base ti_currency ti_price_base base_currency geo_timezone mkt_clickid mkt_network
etl_tags dvce_sent_tstamp refr_domain_userid refr_device_tstamp derived_contexts domain_sessionid derived_tstamp
event_vendor event_name event_format event_version event_fingerprint true_tstamp
""".split()
)
RAW = "concat_ws(chr(9), " + ", ".join(f"coalesce({name}, '')" for name in COLUMNS) + ")"
VENDOR = "com_snowplowanalytics"
SCREEN = f"unstruct_event_{VENDOR}_mobile_screen_view_1_0_0"
ACTIONS = ("link_click", "button_click", "submit_form", "change_form", "focus_form")
# of the event's own column (the warehouse's, the SDK's), else of the self-describing `unstruct_event`
ACTED = "coalesce({}, `unstruct_event.data.data`)".format(
    ", ".join(f"`unstruct_event_{VENDOR}_snowplow_{kind}_1`" for kind in ACTIONS)
)


def context(vendor: str, name: str) -> str:
    """The data of a context: of its own column, else of the self-describing `contexts` and `derived_contexts`."""
    own = ", ".join(f"`contexts_{vendor}_{name}_{version}.0`" for version in ("1", "1_0_0"))
    within = ", ".join(
        f"""try(json_extract_string(list_filter(try(CAST(json_extract(`{column}`, '$.data[*]') AS JSON[])),
          lambda one: contains(coalesce(json_extract_string(one, '$.schema'), ''), '/{name}/'))[1], '$.data'))"""
        for column in ("contexts", "derived_contexts")
    )
    return f"coalesce({own}, {within})"


class Snowplow(Declared):
    """Without a header the columns are told by their number."""

    def knows(self, shape: Shape, sample: Sample) -> bool:
        return super().knows(shape, sample) or self._is_bare(sample)

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        if not self._is_bare(sample):
            return super().table(path, sample, bench)
        text = plain_text(path, sample, bench.folder, bench.check, bench.most_bytes)
        types = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
        relation = (
            f"read_csv({literal(str(text.path))}, columns = {{{types}}}, delim = '\\t', quote = '', escape = '', "
            f"header = false, auto_detect = false, new_line = '\\n', store_rejects = true, "
            f"max_line_size = {LONGEST_LINE}, buffer_size = {2 * LONGEST_LINE})"
        )
        table = DelimitedTable(
            relation,
            tuple(Column(name, name) for name in COLUMNS),
            RAW,
            COLUMNS,
            notes=text.notes,
            refusals=REASONS,
            lines=text.lines - text.blank_lines if bench.most_bytes is None else None,
        )
        rows = [line.split("\t") for line in sample.lines[:50]]
        shown = tuple({name: v for name, v in zip(COLUMNS, row, strict=False) if v} for row in rows)
        return self.over(table, Shape(None, frozenset(name for row in shown for name in row), shown))

    @staticmethod
    def _is_bare(sample: Sample) -> bool:
        lines = [line for line in sample.lines[:50] if line.strip()]
        whole = sum(line.count("\t") == len(COLUMNS) - 1 for line in lines)
        return whole > 0 and 2 * whole >= len(lines) and not lines[0].startswith("app_id\t")


READER = Snowplow(
    name="snowplow",
    product="Snowplow",
    signatures=(
        ("collector_tstamp", "event_id", "event_name", "domain_userid"),
        ("collector_tstamp", "event_id", "event_name", "event_vendor"),
    ),
    made={
        "acted": ACTED,
        "session": context(f"{VENDOR}_snowplow", "client_session"),
        "agent": context("nl_basjes", "yauaa_context"),
        "parsed": context(f"{VENDOR}_snowplow", "ua_parser_context"),
        "app": context(f"{VENDOR}_mobile", "application"),
    },
    fields={
        "event_id": "event_id",
        "timestamp": ("derived_tstamp", "collector_tstamp"),
        "event": """CASE WHEN `event` = 'struct' THEN coalesce(nullif(`se_action`, ''), 'struct')
          ELSE CASE coalesce(nullif(`event_name`, ''), `event`)
            WHEN 'link_click' THEN 'click'
            WHEN 'button_click' THEN 'click'
            WHEN 'submit_form' THEN 'submit'
            WHEN 'change_form' THEN 'change'
            WHEN 'focus_form' THEN 'focus'
            WHEN 'screen_view' THEN 'page_view'
            WHEN 'application_error' THEN 'error'
            ELSE coalesce(nullif(`event_name`, ''), `event`) END END""",
        "user_id": "user_id",
        "anonymous_id": ("domain_userid", "network_userid", "session.userId"),
        "session_id": ("domain_sessionid", "session.sessionId"),
        "page": ("page_url", "page_urlpath", f"{SCREEN}.name"),
        "referrer": "page_referrer",
        "element": """coalesce('#' || nullif(`acted.elementId`, ''), '#' || nullif(`acted.id`, ''),
          nullif(`acted.formId`, ''), nullif(`acted.targetUrl`, ''))""",
        "text": ("acted.elementContent", "acted.label"),
        "viewport_width": "br_viewwidth",
        "viewport_height": "br_viewheight",
        "page_height": "doc_height",
        "value": "CAST(try_cast(`se_value` AS DOUBLE) AS VARCHAR)",
        "device": ("dvce_type", "agent.deviceClass", "agent.device_class"),
        "browser": ("br_family", "br_name", "agent.agentName", "agent.agent_name", "parsed.useragentFamily"),
        "os": ("os_family", "os_name", "agent.operatingSystemName", "agent.operating_system_name", "parsed.osFamily"),
        "country": "geo_country",
        "release": "app.version",
        "campaign": "mkt_campaign",
        "ip": "user_ipaddress",
        "user_agent": "useragent",
    },
    kept=(
        *("event", "event_name", "collector_tstamp", "network_userid", "page_urlpath", "se_action", "se_value"),
        *(f"{SCREEN}.name", "br_name", "os_name"),
    ),
)
