"""The fields that a funnel may be split, held or counted by, and a step filtered by: those that exist in the store."""

from analytics import conditions
from analytics.analyses import properties, values
from analytics.analyses.properties import Properties
from analytics.scope import Scope
from pages.shared import ask, extent

WELL_KNOWN = ("device", "release", "country", "browser", "os", "campaign")
OF_SESSIONS = ("entry_page", "exit_page", "weekday", "hour", "session.referrer", "page_views", "clicks", "errors")
OF_EVENTS = ("page", "element", "text", "value", "referrer")
OF_PEOPLE = ("user_id", "anonymous_id")
LOOKED_AT = 20_000  # sessions in which names of properties are looked for


def differing() -> list[str]:
    """The well-known ones of which there is more than one value."""
    return [field for field in WELL_KNOWN if len(ask(values, values.Values(field, 2), Scope()).values) > 1]


def own() -> list[str]:
    """The properties that events and people carry, most usual first."""
    every = max(1, extent().sessions // LOOKED_AT)
    return [one.field for one in ask(properties, Properties(every), Scope()).properties]


def splitting() -> list[str]:
    """What a funnel may be split by, and held constant by."""
    return [*differing(), *OF_SESSIONS, *OF_EVENTS, *own()]


def counting() -> list[str]:
    """What may be counted instead of sessions and people."""
    return [*OF_PEOPLE, *splitting()]


def filtering() -> list[str]:
    """What a step may be filtered by: the event's own first."""
    return [*own(), *OF_EVENTS, *differing(), *OF_SESSIONS]


def said(field: str) -> str:
    """A field as a choice names it: "Device", "Coupon code (property)"."""
    head, _, rest = field.partition(".")
    if rest and head == "properties":
        return f"{rest} (property)"
    if rest and head == "user":
        return f"{rest} (of the person)"
    shown = conditions.column(field, "x").words
    return shown[:1].upper() + shown[1:]


def kind(field: str) -> str:
    """`number` where it is compared as one, else `text`."""
    return "number" if conditions.column(field, "x").kind == "number" else "text"
