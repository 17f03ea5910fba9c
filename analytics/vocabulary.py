"""The domain's words: event names, the fields one can filter by, and the glossary.

The README's glossary and the pages' tooltips are `GLOSSARY`, word for word (tests/test_words.py).
"""

from dataclasses import dataclass
from typing import Literal

PAGE_VIEW, CLICK, SCROLL, MOVE = "page_view", "click", "scroll", "move"
FOCUS, CHANGE, SUBMIT, PAGE_LEAVE = "focus", "change", "submit", "page_leave"
FORM_ERROR, ERROR, LOGIN, LOGIN_FAILED, LOGOUT = "form_error", "error", "login", "login_failed", "logout"

CANONICAL_EVENTS = (
    PAGE_VIEW,
    CLICK,
    SCROLL,
    MOVE,
    FOCUS,
    CHANGE,
    SUBMIT,
    PAGE_LEAVE,
    FORM_ERROR,
    ERROR,
    LOGIN,
    LOGIN_FAILED,
    LOGOUT,
)
"""Names every tool's events are mapped to; any other name is the product's own ("custom")."""

Level = Literal["event", "session", "person"]
Kind = Literal["text", "number", "truth", "time", "address"]


@dataclass(frozen=True)
class FieldFact:
    """Where a field of filters lives: `sql` over one row of `level`; `words` is its name on a page."""

    level: Level
    sql: str
    kind: Kind
    words: str


def _identity(key: str) -> str:
    # the aggregate satisfies Spark, which wants a correlated subquery to be one; keys are unique
    return f"(SELECT max(id) FROM identities WHERE identity_key = {key})"  # noqa: S608 - our own column


NEW = "(user_key, start) IN (SELECT user_key, first_seen FROM users)"  # it begins with the person's first event ever

EVENT_FIELDS: dict[str, FieldFact] = {
    "event": FieldFact("event", "name", "text", "event"),
    "event_id": FieldFact("event", "coalesce(event_id_text, CAST(event_id AS VARCHAR))", "text", "event id"),
    "timestamp": FieldFact("event", "time", "time", "time"),
    "user_id": FieldFact("event", _identity("user_id_key"), "text", "user id"),
    "anonymous_id": FieldFact("event", _identity("anonymous_key"), "text", "anonymous id"),
    "page": FieldFact("event", "page", "text", "page"),
    "element": FieldFact("event", "element", "text", "element"),
    "element_tag": FieldFact("event", "element_tag", "text", "element's tag"),
    "text": FieldFact("event", "text", "text", "element's text"),
    "x": FieldFact("event", "x", "number", "x"),
    "y": FieldFact("event", "y", "number", "y"),
    "viewport_width": FieldFact("event", "viewport_width", "number", "screen width"),
    "viewport_height": FieldFact("event", "viewport_height", "number", "screen height"),
    "page_height": FieldFact("event", "page_height", "number", "page height"),
    "scroll_depth": FieldFact("event", "scroll_depth", "number", "scroll depth"),
    "value": FieldFact("event", "value", "number", "value"),
    "referrer": FieldFact("event", "referrer", "text", "referrer"),
}
"""Of one event; `properties.NAME` is one too."""

SESSION_FIELDS: dict[str, FieldFact] = {
    "session_id": FieldFact("session", "session_id", "text", "session"),
    "user": FieldFact("session", _identity("user_key"), "text", "person"),
    "start": FieldFact("session", "start_local", "time", "start"),
    "day": FieldFact("session", "day", "time", "day"),
    "weekday": FieldFact("session", "weekday", "number", "weekday"),
    "hour": FieldFact("session", "hour", "number", "hour"),
    "duration_s": FieldFact("session", "duration_ms / 1e3", "number", "duration in seconds"),
    "active_s": FieldFact("session", "active_ms / 1e3", "number", "active time in seconds"),
    "events": FieldFact("session", "events", "number", "events"),
    "page_views": FieldFact("session", "page_views", "number", "page views"),
    "visits": FieldFact("session", "visits", "number", "stays on a page"),
    "clicks": FieldFact("session", "clicks", "number", "clicks"),
    "errors": FieldFact("session", "errors", "number", "errors"),
    "people": FieldFact("session", "people", "number", "people"),
    "new": FieldFact("session", NEW, "truth", "first session of the person"),
    "bounce": FieldFact("session", "bounce", "truth", "bounce"),
    "entry_page": FieldFact("session", "entry_page", "text", "entry page"),
    "exit_page": FieldFact("session", "exit_page", "text", "exit page"),
    "device": FieldFact("session", "device", "text", "device"),
    "browser": FieldFact("session", "browser", "text", "browser"),
    "os": FieldFact("session", "os", "text", "operating system"),
    "country": FieldFact("session", "country", "text", "country"),
    "release": FieldFact("session", "release", "text", "release"),
    "campaign": FieldFact("session", "campaign", "text", "campaign"),
    "user_agent": FieldFact("session", "user_agent", "text", "browser's full name"),
    "ip": FieldFact("session", "address", "address", "network address"),
}
"""Of a whole session. Where both levels have a name (`value`, `referrer`), the event's wins; `session.NAME` forces
this one."""

FORCED_SESSION_FIELDS: dict[str, FieldFact] = SESSION_FIELDS | {
    "value": FieldFact("session", "value", "number", "value of the session"),
    "referrer": FieldFact("session", "referrer", "text", "referrer of the session"),
}
"""What `session.NAME` may name."""

FIELDS: dict[str, FieldFact] = SESSION_FIELDS | EVENT_FIELDS

GLOSSARY: dict[str, str] = {
    "event": (
        "One thing that happened: a page view, a click, an order, with its time, its name and somebody who did it."
    ),
    "session": (
        "What one person did in one go: the export's own session, else events of a person without a pause of more "
        "than 30 minutes. It belongs to the day on which it began."
    ),
    "person": (
        "The user id where there is one, else the anonymous id. An anonymous id that is later seen with a user id "
        "belongs to that user, backwards too."
    ),
    "scope": (
        "The sessions that a page counts: those that began in the range and match the filters. A session is in "
        "scope as a whole or not at all."
    ),
    "visit": "A stay on a page, from entering it until another page or a reload begins the next.",
    "element": "What was clicked or filled in, as the export names it: a selector or a name, whatever the page, "
    "without what changes from build to build; the team may name it.",
    "fixed": "Stays in the window when the page scrolls, such as a bar or a chat.",
    "bounce": (
        "A session with exactly one page view, no click, submit or event of the product's own, and shorter than 10 s."
    ),
    "bounce rate": "Bounces among the sessions that had a page view.",
    "duration": "Last event minus first.",
    "active time": "The sum of the pauses between events, each counted up to 30 s at most.",
    "conversion": "People who reached the goal at least once, among all people in scope.",
    "goal": "The event that counts as success, such as an order.",
    "funnel": (
        "How many sessions or people did the first step, then the second after it, and so on; anything may happen "
        "in between."
    ),
    "step": "One event of a funnel, numbered from 1.",
    "breakdown": (
        "A figure taken apart by the values of a field. Many values are shown as the most usual ones and the rest."
    ),
    "odds ratio": ("How many times higher the odds of stopping are with a thing than without it; 1 is no association."),
    "design effect": "How many times larger a variance is because sessions of one person resemble each other.",
    "path": (
        "The pages of a session in the order in which they were viewed; a page viewed twice in a row counts once."
    ),
    "cohort": "The people who did the start event in the same hour, day, week or month.",
    "retention": "The share of a cohort that comes back, by how many intervals later.",
    "rolling": "Counted as back are also those who come back later still.",
    "stickiness": "Of the people active in a week or month, how many were so on one day of it, on two, and so on.",
    "lifecycle": (
        "A period's people by where they come from: new, returning from the period before, or back after a pause; and "
        "those of the period before who stayed away."
    ),
    "release": "The version of the product that a session began with.",
    "95 % interval": "The range that holds the true value in 95 of 100 such measurements.",
    "p-value": "How often chance alone would give a difference at least as large.",
    "q-value": "The p-value corrected for asking about several metrics at once (Benjamini and Hochberg).",
    "smallest detectable change": "The smallest true change that would be seen in 80 of 100 such comparisons.",
    "mix": (
        "Which sessions there are: how many from phones, from which country. A figure can change because the mix did."
    ),
    "placebo date": "An earlier date, at which nothing was done, looked at as if something had been.",
    "rage click": "Three or more clicks in a row on nearly the same spot, each within 1 s of the one before.",
    "dead click": "A click on something that usually does something, after which nothing happened for 2.5 s.",
    "error click": "A click that was followed by an error on the same page within 2 s.",
    "u-turn": "Going to a page and back to the one before within 7 s.",
    "reject": "A row that could not be read as an event. It is kept with its line and the reason, and counted.",
}
