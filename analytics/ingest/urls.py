"""Which page does an http address mean, and what of the address may be kept?

An expression `url` holds the parts; the other expressions read it. A path loses its query, its fragment and one
trailing slash; a fragment that is a route (`#/cart`, `#!cart`) is kept, without its own query. Credentials, values of
parameters with a private name, mail addresses and long random words are replaced by `…` in what is kept.
"""

_URL = r"'(?is)^https?://(?:[^/?#@]*@)?([^/?#]*)([^?#]*)([?][^#]*)?(#.*)?$'"
_PRIVATE = "token|key|secret|pass|pwd|auth|session|sid|code|mail|phone|name|user|street|zip|iban|card|signature|otp|pin"
_REDACTIONS = (
    (r"(?i)^(https?://)[^/?#@]*@", r"\1"),
    (rf"(?i)([?&#;][^=&#;]*({_PRIVATE})[^=&#;]*=)[^&#;]*", r"\1…"),
    (r"[^/?&#=;]*(@|%40)[^/?&#;]*", "…"),
    (r"([=/])[A-Za-z0-9_.~-]{32,}", r"\1…"),
)
_PATH = "regexp_replace(url.path, '/$', '')"
_ROUTE = r"regexp_replace(regexp_replace(url.fragment, '[?].*$', ''), '([^/])/$', '\1')"

PAGE = f"""CASE WHEN {_PATH} = '' THEN '/' ELSE {_PATH} END
  || CASE WHEN regexp_matches(url.fragment, '^#[/!]') THEN {_ROUTE} ELSE '' END"""
HOST = "nullif(lower(url.host), '')"


def decoded(text: str) -> str:
    """A part of a query as it reads; as it is written where its percents are no text."""
    # nothing else stands within the TRY: what two of them have in common the engine computes outside of both
    return f"coalesce(try(url_decode(replace({text}, '+', ' '))), {text})"


CAMPAIGN = "nullif({}, '')".format(decoded("regexp_extract(url.query, '[?&]utm_campaign=([^&]*)', 1)"))


def is_url(text: str) -> str:
    return f"regexp_matches({text}, '(?i)^https?://')"


def parts(text: str) -> str:
    return f"CASE WHEN {is_url(text)} THEN regexp_extract({text}, {_URL}, ['host', 'path', 'query', 'fragment']) END"


def redacted(text: str) -> str:
    """The address without what may tell who a person is or let somebody in."""
    for pattern, kept in _REDACTIONS:
        text = f"regexp_replace({text}, '{pattern}', '{kept}', 'g')"
    return text
