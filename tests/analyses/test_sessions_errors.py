"""What errors said: counted by session, and each choice gives just the sessions that it counts."""

from analytics.analyses import error_messages, sessions
from analytics.analyses.error_messages import ErrorMessages
from analytics.analyses.sessions import Sessions
from analytics.scope import Scope

SAID = [
    ("a", {"text": "Card declined"}),
    ("a", {"text": "Card declined"}),
    ("b", {"text": "Card declined", "message": "code 4"}),
    ("c", {"message": "Card declined"}),
    ("d", {"message": "code 4", "reason": "Card declined"}),
    ("e", {"reason": "O'Brien"}),
    ("f", {}),
]


def told(store_of):
    rows = [
        {"timestamp": f"2026-03-02T09:{n:02}", "session_id": name, "event": "error", **more}
        for n, (name, more) in enumerate(SAID)
    ]
    rows.append({"timestamp": "2026-03-02T10:00", "session_id": "g", "event": "click", "text": "Card declined"})
    return store_of(rows)


def test_messages_by_where_they_are_said(store_of):
    found = error_messages.run(told(store_of), ErrorMessages(), Scope()).messages
    assert [(one.field, one.message, one.sessions) for one in found] == [
        ("text", "Card declined", 2),
        ("properties.message", "Card declined", 1),
        ("properties.reason", "O'Brien", 1),
        ("properties.message", "code 4", 1),
    ]


def test_a_choice_lists_as_many_sessions_as_it_says(store_of, sample):
    for store in (told(store_of), sample):
        found = error_messages.run(store, ErrorMessages(), Scope()).messages
        for one in found[:8]:
            listed = sessions.run(store, Sessions(did=(one.matcher,), limit=None), Scope())
            rest = sessions.run(store, Sessions(did_not=(one.matcher,), limit=0), Scope())
            everything = sessions.run(store, Sessions(limit=0), Scope()).total
            assert len(listed.rows) == listed.total == one.sessions == everything - rest.total
