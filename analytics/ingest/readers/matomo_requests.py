"""The calls of Matomo's tracker in a web server's log (`/matomo.php?idsite=1&rec=1&url=...`), in any form of log.

What the call says becomes an event of the visitor it names. Other requests of the same log are no events.
"""

from dataclasses import replace
from pathlib import Path

from analytics.errors import UnreadableSource
from analytics.ingest import urls
from analytics.ingest.files import Sample
from analytics.ingest.readers import access_log, balancer_log, json_log, w3c_log
from analytics.ingest.readers.base import Table, Workbench, literal
from analytics.ingest.readers.declared import Declared
from analytics.ingest.readers.requests import COOKIES, TRACKER, Parts, is_of_tracker, over
from analytics.ingest.readers.shape import Shape, shape_of

# a call may hold spaces as they are, so the request's line is cut at its ends
WHOLE_TARGET = (
    "coalesce(nullif(regexp_extract(`request`, '^\\S+ (.*) HTTP/[0-9.]+$', 1), ''), split_part(`request`, ' ', 2))"
)
FORMS = (
    replace(access_log.FORM, parts=replace(access_log.FORM.parts, target=WHOLE_TARGET)),
    w3c_log.FORM,
    balancer_log.FORM,
    json_log.CADDY,
    json_log.NGINX,
)
NOT_KEPT = ("url", "urlref", "uid", "cid", "_id", "ua", "cip", "token_auth")
"""Parameters that are fields, an address, and a key to Matomo."""


def parameter(name: str, target: str) -> str:
    """A parameter's value, the last one of that name as the server reads it; NULL when it is empty."""
    found = f"list_last(regexp_extract_all({target}, '[?&]{name}=([^&]*)', 1))"
    return f"nullif({urls.decoded(found)}, '')"


class MatomoRequests(Declared):
    """Its fields are those of the form that the log has."""

    def knows(self, shape: Shape, sample: Sample) -> bool:
        return is_of_tracker(sample) and any(form.fits(shape, sample) for form in FORMS)

    def table(self, path: Path, sample: Sample, bench: Workbench) -> Table:
        """Raises `UnreadableSource` for a log in no form known."""
        shape = shape_of(path, sample)
        form = next((form for form in FORMS if form.fits(shape, sample)), None)
        if form is None:
            raise UnreadableSource(f"{path.name} is no log of a web server in a form known here.")
        return over(_reading(form.parts), form.table(path, sample, bench), shape)


def _reading(of: Parts) -> MatomoRequests:
    target = f"({of.target})"

    def said(name: str) -> str:
        return parameter(name, target)

    def visitor(name: str) -> str:
        return f"CASE WHEN regexp_full_match({said(name)}, '[0-9a-fA-F]{{16}}') THEN lower({said(name)}) END"

    campaign = f"regexp_extract({said('url')}, '[?&](?:mtm|pk|utm)_campaign=([^&]*)', 1)"
    key, value = urls.decoded("split_part(one, '=', 1)"), urls.decoded("substr(one, strpos(one, '=') + 1)")
    pairs = f"""list_transform(list_filter(regexp_extract_all({target}, '[?&]([^&=]+=[^&]*)', 1),
        lambda one: NOT list_contains([{", ".join(map(literal, NOT_KEPT))}], split_part(one, '=', 1))),
      lambda one: json_object({key}, {value}))"""
    return MatomoRequests(
        name="matomo-requests",
        product="Matomo's tracker",
        called="calls of Matomo's tracker in a web server's log",
        signatures=(),
        fields={
            "timestamp": of.time,
            "event": f"""CASE WHEN {said("ping")} IS NOT NULL THEN 'page_ping'
              WHEN {said("e_a")} IS NOT NULL THEN {said("e_a")} WHEN {said("link")} IS NOT NULL THEN 'click'
              WHEN {said("download")} IS NOT NULL THEN 'download' WHEN {said("search")} IS NOT NULL THEN 'search'
              WHEN {said("ec_id")} IS NOT NULL THEN 'ecommerceOrder' WHEN {said("idgoal")} IS NOT NULL THEN 'goal'
              WHEN {said("c_n")} IS NOT NULL THEN 'content' ELSE 'page_view' END""",
            "user_id": said("uid"),
            "anonymous_id": f"coalesce({visitor('cid')}, {visitor('_id')}, {of.visitor})",
            "page": said("url"),
            "element": f"coalesce({said('link')}, {said('download')})",
            "referrer": said("urlref"),
            "value": f"""CAST(coalesce(try_cast({said("e_v")} AS DOUBLE), try_cast({said("revenue")} AS DOUBLE))
              AS VARCHAR)""",
            "ip": of.address,
            "user_agent": f"coalesce({said('ua')}, nullif({of.agent}, '-'))",
            "campaign": f"nullif({urls.decoded(campaign)}, '')",
        },
        # of a parameter that comes twice the last one counts
        made={"call": f"CAST(list_reduce({pairs}, lambda a, b: json_merge_patch(a, b), json_object()) AS VARCHAR)"},
        opened=("call",),
        dropped=("host", *COOKIES),  # the host is the one of the tracker
        passed=(
            ("comments", f"NOT ({of.is_request})"),
            ("other requests", f"NOT coalesce(regexp_matches({target}, {literal(TRACKER)}), false)"),
        ),
    )


READER = _reading(access_log.FORM.parts)
