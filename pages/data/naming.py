"""What the pages of data call a field, and how they say why a row was refused."""

import re

from pages.shared.text import spoken

LABELS = {
    "event_id": "Event's id",
    "timestamp": "Time",
    "event": "Event",
    "user_id": "Person, signed in",
    "anonymous_id": "Browser or device id",
    "session_id": "Session",
    "page": "Page",
    "referrer": "Address before",
    "element": "Element",
    "element_tag": "Element's tag",
    "text": "Element's text",
    "x": "Position from left",
    "y": "Position from top",
    "fixed": "Stays in the window",
    "viewport_width": "Window's width",
    "viewport_height": "Window's height",
    "page_height": "Page's height",
    "scroll_depth": "Scroll depth",
    "value": "Value",
    "device": "Device",
    "browser": "Browser",
    "os": "Operating system",
    "country": "Country",
    "release": "Release",
    "campaign": "Campaign",
    "ip": "Network address",
    "user_agent": "Browser's full name",
    "properties": "Properties",
    "user_properties": "About the person",
}
"""A field of an event as the pages name it."""


def label(field: str) -> str:
    """A field's or a property's name for a reader."""
    return LABELS.get(field, spoken(field))


SAID = {
    "no time": "there is no time",
    "no event name": "there is no name of an event",
    "nobody": "nobody is named: no person, browser or session",
    "not a JSON object": "the line is no JSON object",
}
"""The import's reasons, by how they begin, as a page says them."""


def why(reason: str) -> str:
    """Why a row was refused, for a sentence that goes on after "because"."""
    for begin, words_of_it in SAID.items():
        if reason.startswith(begin):
            return words_of_it
    if found := re.match(r"unreadable (\w+)$", reason):
        return f"the {_name(found[1])} cannot be read"
    if found := re.match(r"(\w+) is (longer|a number) (.*)", reason):
        return f"the {_name(found[1])} is {found[2]} {found[3]}"
    return reason[:1].lower() + reason[1:] if reason[1:2].islower() else reason


def _name(field: str) -> str:
    named = label(field)
    return named[:1].lower() + named[1:]
